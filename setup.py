"""Builds Laurel; `python setup.py compile_engine` compiles the engine for this virtual environment.

A wheel contains the compiled engine if LAUREL_COMPILE is set while it is built (`make wheel`).
"""

import io
import os
import shutil
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from setuptools import Command, Extension, setup
from setuptools.command.build_py import build_py
from setuptools.errors import CompileError

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from engine import compiled  # noqa: E402 -- the checkout need not be on the path

COPIES_KEPT = 3
ASSETS = ("templates", "static")


class BuildWithAssets(build_py):
    """Builds the packages, and puts the templates and the static files of the top level into `webapp`."""

    def run(self) -> None:
        """Build; an editable installation finds both where they are."""
        super().run()
        if not self.editable_mode:
            for folder in ASSETS:
                shutil.copytree(ROOT / folder, Path(self.build_lib) / "webapp" / folder, dirs_exist_ok=True)


def compiled_modules(folder: Path) -> list[Extension]:
    """The engine's modules as extensions; their C sources go into `folder`."""
    from mypyc.build import mypycify

    paths = [str(path.relative_to(ROOT)) for path in compiled.modules()]
    remarks = io.StringIO()
    try:
        with redirect_stdout(remarks), redirect_stderr(remarks):
            # Little is gained by more optimisation, and it takes the C compiler three times as long.
            return mypycify([*paths, "--no-error-summary"], opt_level="1", debug_level="0", target_dir=str(folder))
    except SystemExit:
        raise CompileError(remarks.getvalue()) from None


class CompileEngine(Command):
    """Compiles the engine into a copy that exactly these sources use, unless there is one; says why if it cannot."""

    description = "compile the engine for this virtual environment"
    user_options: list[tuple[str, str | None, str]] = []  # noqa: RUF012 -- setuptools wants it so

    def initialize_options(self) -> None:
        """Nothing can be chosen."""

    def finalize_options(self) -> None:
        """Nothing can be chosen."""

    def run(self) -> None:
        """Compile, or say in one line why the engine runs as pure Python."""
        copy, began_at = compiled.copy_folder(), time.monotonic()
        if copy.is_dir():
            return
        try:
            self._compile_into(copy)
        except Exception as error:  # noqa: BLE001 -- whatever is missing, Laurel runs without a compiled engine
            print(f"The engine was not compiled and runs as pure Python: {error}", file=sys.stderr)
        else:
            print(f"compiled the engine in {time.monotonic() - began_at:.0f} s")

    def _compile_into(self, copy: Path) -> None:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=copy.parent, prefix="building-") as name:
            building, finished = Path(name), Path(name) / "copy"
            shutil.copytree(compiled.SOURCES, finished / "engine", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
            self.distribution.ext_modules = compiled_modules(building)
            build = self.get_finalized_command("build_ext")
            build.build_lib, build.build_temp = str(finished), str(building / "objects")
            build.run()
            finished.rename(copy)
        copies = sorted(copy.parent.glob("[0-9a-f]*"), key=lambda folder: folder.stat().st_mtime)
        for outdated in copies[:-COPIES_KEPT]:  # a server that still runs may import from the copy before
            shutil.rmtree(outdated)


if __name__ == "__main__":
    for_a_wheel = bool(os.environ.get("LAUREL_COMPILE"))
    setup(
        ext_modules=compiled_modules(ROOT / "build") if for_a_wheel else [],
        cmdclass={"build_py": BuildWithAssets, "compile_engine": CompileEngine},
    )
