"""What the documents at the root name is there: files, folders, pictures, sections of each other."""

import re

import pytest

from tests.house_rules.tree import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md")  # DECISIONS.md also tells of what was
TOP = ("engine", "webapp", "rules_library", "templates", "static", "tests", ".pictures")
IN_TICKS = re.compile(r"`((?:" + "|".join(re.escape(name) for name in TOP) + r")/[\w./-]*)`")
LINKED = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")
WALKED = re.compile(r"^\| [^|]+ \| (`.*`[^|]*)\|$", re.MULTILINE)


def missing_paths(text):
    return sorted({path for path in (*IN_TICKS.findall(text), *LINKED.findall(text)) if not (ROOT / path).exists()})


def missing_neighbours(text):
    """Of a row that walks through files, the names without a folder: each is beside the path before it."""
    missing = []
    for row in WALKED.findall(text):
        folder = None
        for name in re.findall(r"`([\w./]+\.(?:py|sql))`", row):
            if "/" in name:
                folder = (ROOT / name).parent
            elif folder is not None and not (folder / name).exists():
                missing.append(name)
    return missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document):
    text = (ROOT / document).read_text()
    assert missing_paths(text) == []
    assert missing_neighbours(text) == []


@pytest.mark.parametrize(
    "planted", ["see `webapp/jobs/beat.py`", "![A picture](.pictures/none.png)", "[the page](engine/none.md)"]
)
def test_a_path_that_is_not_there_is_found(planted):
    assert len(missing_paths(planted)) == 1


def test_a_wrong_neighbour_file_is_found():
    assert missing_neighbours("| fold | `webapp/services/pipeline/apply_batch.py`, `none.py` |") == ["none.py"]
