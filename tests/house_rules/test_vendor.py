"""Files of others stand as they came: each with its hash in the lock and its licence beside it."""

import hashlib
import json

from tests.house_rules.tree import ROOT

VENDOR = ROOT / "static" / "vendor"
LOCK = VENDOR / "LOCK.json"


def test_vendored_files_are_those_of_the_lock():
    hashes = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.parent != VENDOR
    }
    assert hashes == json.loads(LOCK.read_text())


def test_every_vendored_library_has_its_licence():
    assert [
        folder.name for folder in VENDOR.iterdir() if folder.is_dir() and not list(folder.glob("LICEN[CS]E*"))
    ] == []
