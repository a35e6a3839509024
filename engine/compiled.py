"""Chooses the engine that runs: a copy that mypyc has compiled, where there is one of exactly these sources.

The one module of the engine that looks at files and at the environment, and only to decide which code is imported. A
compiled copy is kept in the virtual environment, in a folder named after the content of the sources and the Python that
it is for: as soon as a source differs, the copy is another engine and is not used. Both come to the same state.
"""

import os
import sys
import sysconfig
from hashlib import sha256
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path

SOURCES = Path(__file__).parent
COMPILED_COPIES = Path(sys.prefix) / "laurel-engine"
CHOICE = "LAUREL_ENGINE"
"""The environment variable that insists on `pure` or on `compiled`; without it, the compiled engine runs if there is
one."""

MODULES = (
    "vocabulary/entry.py",
    "vocabulary/outcome.py",
    "language/arithmetic.py",
    "language/compile.py",
    "language/cost.py",
    "language/facts.py",
    "language/semantics.py",
    "scoring/*.py",
    "scoring/rulebook/*.py",
    "scoring/state/*.py",
)
"""What is compiled: what runs for each entry. Authoring, checks and words gain nothing by it."""
NOT_COMPILED = ("__init__.py", "probe.py", "seeding.py")


def modules() -> list[Path]:
    """The files to compile."""
    paths = (path for pattern in MODULES for path in SOURCES.glob(pattern) if path.name not in NOT_COMPILED)
    return sorted(paths)


def copy_folder() -> Path:
    """Where the compiled copy of these very sources is, or would be."""
    digest = sha256(str(sysconfig.get_config_var("EXT_SUFFIX")).encode())
    for path in sorted(SOURCES.rglob("*.py")):
        digest.update(f"\0{path.relative_to(SOURCES).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return COMPILED_COPIES / digest.hexdigest()[:32]


def chosen_path() -> list[str]:
    """Where the modules of the engine are imported from. Raises ImportError if a compiled one is missing."""
    choice = os.environ.get(CHOICE, "")
    if choice not in ("", "pure", "compiled"):
        raise ImportError(f"{CHOICE} must be pure or compiled, not {choice!r}")
    if choice != "pure" and COMPILED_COPIES.is_dir():
        folder = copy_folder()
        if (folder / "engine").is_dir():
            sys.path.append(str(folder))  # the modules of the copy share one library, which is at the top
            return [str(folder / "engine")]
    if choice == "compiled" and not is_compiled_in_place():
        raise ImportError(f"{CHOICE}=compiled, but these sources are not compiled: run `make setup`")
    if choice == "pure" and is_compiled_in_place():
        _pass_over_compiled_modules()
    return [str(SOURCES)]


def _pass_over_compiled_modules() -> None:
    """Import the sources of the engine also where compiled modules, which Python prefers, are beside them."""

    def source_finder(folder: str) -> FileFinder:
        if not Path(folder).is_relative_to(SOURCES):
            raise ImportError(f"not a folder of the engine: {folder}")
        return FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, source_finder)
    for folder in [cached for cached in sys.path_importer_cache if Path(cached).is_relative_to(SOURCES)]:
        del sys.path_importer_cache[folder]


def is_compiled_in_place() -> bool:
    """Whether compiled modules are beside the sources, as in an installed wheel."""
    return (SOURCES / "scoring" / f"fold{sysconfig.get_config_var('EXT_SUFFIX')}").is_file()


def describe() -> str:
    """Which engine runs in this process, and if it is the pure one, why."""
    from engine.scoring import fold

    if not str(fold.__file__).endswith(".py"):
        return "compiled"
    if os.environ.get(CHOICE) == "pure":
        return f"pure ({CHOICE}=pure)"
    if COMPILED_COPIES.is_dir() and any(COMPILED_COPIES.iterdir()):
        return "pure (the sources have changed since it was compiled)"
    return "pure (not compiled: there was no C compiler)"
