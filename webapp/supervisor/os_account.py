"""The account that the embedded servers run as: ours or, when we are root, an existing unprivileged one."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from webapp.config import SettingsError
from webapp.runtime.folders import make_private

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user id and its group id."""

    uid: int
    gid: int

    @classmethod
    def for_servers(cls) -> Self | None:
        """None means our own account. PostgreSQL refuses to run as root, and initdb needs an account with a name."""
        if os.geteuid() != 0:
            return None
        for name in CANDIDATES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise SettingsError("LAUREL_DATABASE_URL", "running as root needs an account named `postgres` or `nobody`")


def private_folder(path: Path, account: Account | None) -> Path:
    """Create a folder that only the account can enter; an existing one must already belong to it."""
    make_private(path)
    if account:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    status = path.lstat()
    if path.is_symlink() or status.st_uid != (account.uid if account else os.geteuid()):
        raise SettingsError("LAUREL_DATA_DIR", f"{path} belongs to another user")
    path.chmod(0o700)
    return path
