"""Folders that only their owner can enter."""

from pathlib import Path

PRIVATE = 0o700


def make_private(path: Path) -> Path:
    """Make a folder and those above it that are missing, all of them private; existing ones stay as they are.

    `Path.mkdir(mode, parents=True)` makes the folders above with the default mode, which lets everybody read.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=PRIVATE, exist_ok=True)
    return path
