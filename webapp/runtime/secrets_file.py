"""Secrets that Laurel makes for itself, in one file of the data folder that only its owner can read."""

import json
import os
import secrets
from pathlib import Path

FILE = "secrets.json"


def secret_key(data_dir: Path) -> str:
    """The key that signs cookies; made at the first call."""
    return secret(data_dir, "secret_key")


def secret(data_dir: Path, name: str) -> str:
    """One secret by name; made at the first call, the same for ever after. Two processes agree on it."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data_dir / FILE
    known = _read(file)
    if name not in known:
        _write(file, known | {name: secrets.token_urlsafe(32)})
        known = _read(file)
    return known[name]


def _read(file: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return found


def _write(file: Path, values: dict[str, str]) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    fresh = file.with_name(f"{FILE}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(values, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
