"""What is built for others to install contains all that Laurel reads at run time."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.house_rules.tree import ROOT

PACKAGES = ("engine", "rules_library", "webapp")
READ_THE_ASSETS = """
from pathlib import Path
from webapp.application import ASSETS, build
from webapp.config import Settings
postgres, redis = "postgresql://127.0.0.1:1/laurel", "redis://127.0.0.1:1"
app = build(Settings(Path("unused"), 8000, 1, "127.0.0.1", postgres, postgres, redis, redis, "secret" * 6))
assert ASSETS.name == "webapp" and ASSETS.parent.name == "built", ASSETS
for name in app.jinja_env.list_templates():
    app.jinja_env.get_template(name)
with app.test_client() as client:
    assert client.get("/static/css/tokens.css").status_code == 200
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The tree of a wheel, its engine not compiled."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ["build", "--build-base", folder / "base", "--build-lib", folder / "built"]
    words = [sys.executable, "setup.py", "-q", "egg_info", "--egg-base", folder, *build]
    subprocess.run(words, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)}, check=True)
    return folder / "built"


def files(folder: Path) -> set[str]:
    """All files below a folder, but for what Python and the compiler leave there."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in paths if "__pycache__" not in path.parts and path.suffix not in {".so", ".pyc"}}


def missing_files(built: Path) -> set[str]:
    expected = {f"{package}/{name}" for package in PACKAGES for name in files(ROOT / package)}
    expected |= {f"webapp/{folder}/{name}" for folder in ("static", "templates") for name in files(ROOT / folder)}
    return {name for name in expected - files(built) if not name.endswith(".md")}


def test_a_wheel_contains_every_file_of_the_packages_the_templates_and_the_static_files(built):
    assert missing_files(built) == set()


def test_a_file_that_the_wheel_lacks_is_noticed(built, tmp_path):
    (built / "webapp/templates/layouts/app.html").rename(tmp_path / "app.html")
    try:
        assert missing_files(built) == {"webapp/templates/layouts/app.html"}
    finally:
        (tmp_path / "app.html").rename(built / "webapp/templates/layouts/app.html")


def test_an_installed_laurel_finds_its_templates_and_static_files(built):
    words = [sys.executable, "-c", READ_THE_ASSETS]
    subprocess.run(words, cwd=built.parent, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(built)}, check=True)


def test_an_installed_laurel_can_be_told_to_run_the_pure_engine(built):
    compiled = built / f"engine/scoring/fold{sysconfig.get_config_var('EXT_SUFFIX')}"
    compiled.write_bytes(b"no library at all")
    with (built / "engine/compiled.py").open("a") as source:  # else a copy that this environment has compiled would do
        source.write("# changed\n")
    words = [sys.executable, "-c", "from engine import compiled; print(compiled.describe())"]

    def run(**choice: str) -> "subprocess.CompletedProcess[bytes]":
        environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(built)} | choice
        return subprocess.run(words, cwd=built.parent, env=environment, capture_output=True, check=False)

    assert b"ImportError" in run().stderr
    assert run(LAUREL_ENGINE="pure").stdout == b"pure (LAUREL_ENGINE=pure)\n"
    compiled.unlink()
