"""Forked processes: what they inherit, what they do not, and how their end is seen. Run in a Python without threads."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from webapp.supervisor import forked_process
log, how, arguments = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
secret = open(__file__ if "__file__" in globals() else os.devnull)
signal.signal(signal.SIGTERM, lambda *_: None)
module = "tests.webapp.supervisor.worker_to_fork"
forked_process.preload([module])
child = forked_process.fork(module, arguments, {"ONLY": "this"}, log, lambda: None)
if how == "kill":
    while not (log.exists() and log.read_text()):
        time.sleep(0.01)
    child.kill()
print(child.wait(20), child.poll())
"""


def run(tmp_path, how, *arguments):
    """Fork a child with these arguments; gives its status, and what it wrote to its log."""
    log = tmp_path / "child.log"
    command = [sys.executable, "-c", PROGRAM, str(log), how, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split(), log.read_text()


@pytest.mark.parametrize(
    ("how", "arguments", "status"),
    [
        ("wait", [], 0),
        ("wait", ["exit", "3"], 3),
        ("wait", ["exit", "0"], 0),
        ("wait", ["raise"], 1),
        ("kill", ["sleep"], -9),
    ],
)
def test_its_end_is_reported_as_the_system_saw_it(tmp_path, how, arguments, status):
    assert run(tmp_path, how, *arguments)[0] == [str(status), str(status)]


def test_an_error_is_written_to_its_log_and_never_returns_into_the_supervisor(tmp_path):
    _, log = run(tmp_path, "wait", "raise")
    assert "ValueError: on purpose" in log


def test_it_has_its_own_environment_session_and_handlers_and_no_file_of_the_supervisor(tmp_path):
    _, log = run(tmp_path, "wait")
    assert json.loads(log.splitlines()[0]) == {
        "environment": {"ONLY": "this"},
        "files": [0, 1, 2],
        "leads_its_session": True,
        "has_default_handlers": True,
    }


def test_what_it_printed_is_in_the_log_even_if_it_is_killed(tmp_path):
    _, log = run(tmp_path, "kill", "sleep")
    assert json.loads(log)["leads_its_session"]
