"""Secrets that Laurel generates for itself, in one file of the data folder that only its owner can read."""

import json
import os
import secrets
from pathlib import Path

from webapp.runtime.folders import make_private

FILE = "secrets.json"


def secret_key(data_dir: Path) -> str:
    """The key that signs cookies; generated on the first call."""
    return secret(data_dir, "secret_key")


def secret(data_dir: Path, name: str) -> str:
    """A secret by name; generated on the first call and the same ever after. Two processes agree on it."""
    make_private(data_dir)
    file = data_dir / FILE
    secrets_by_name = _read(file)
    if name not in secrets_by_name:
        _write(file, secrets_by_name | {name: secrets.token_urlsafe(32)})
        secrets_by_name = _read(file)
    return secrets_by_name[name]


def _read(file: Path) -> dict[str, str]:
    try:
        secrets_by_name: dict[str, str] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return secrets_by_name


def _write(file: Path, values: dict[str, str]) -> None:
    """Replace the file atomically, so that a reader never sees half of it."""
    fresh = file.with_name(f"{FILE}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(values, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
