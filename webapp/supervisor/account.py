"""Whom the embedded servers run as: ourselves, or, as root, an existing account without rights."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from webapp.config import SettingsError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its group by number."""

    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> Self | None:
        """None means ourselves. PostgreSQL refuses to run as root, and initdb wants an account that has a name."""
        if os.geteuid() != 0:
            return None
        for name in CANDIDATES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise SettingsError("LAUREL_DATABASE_URL", "as root there must be an account `postgres` or `nobody`")


def private_folder(path: Path, account: Account | None) -> Path:
    """Make a folder that only the account can enter; an existing one must already be just that."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != (account.uid if account else os.geteuid()):
        raise SettingsError("LAUREL_DATA_DIR", f"{path} belongs to somebody else")
    path.chmod(0o700)
    return path
