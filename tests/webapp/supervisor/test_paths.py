"""Where embedded servers stand, and what is never believed about a pid."""

import os
import subprocess
import sys

import psutil
import pytest

from webapp.config import SettingsError
from webapp.supervisor import paths, reap, records
from webapp.supervisor.child import INSTALLATION_VARIABLE
from webapp.supervisor.os_account import private_folder


def test_an_installation_keeps_its_name(tmp_path):
    assert paths.installation_name(tmp_path / "data") == paths.installation_name(tmp_path / "data")


def test_a_long_folder_gets_a_short_path_for_its_sockets(tmp_path):
    sockets = paths._sockets(tmp_path / ("long" * 30), "0123456789ab", None)
    assert len(os.fsencode(sockets)) <= paths.SOCKET_NAME_MAX
    sockets.rmdir()


def test_a_folder_of_another_user_is_not_used_for_sockets(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with pytest.raises(SettingsError, match="belongs to another user"):
        private_folder(tmp_path / "link", None)


def test_only_one_laurel_uses_a_folder_at_a_time(tmp_path):
    lock = records.lock(tmp_path)
    with pytest.raises(SettingsError, match="already running"):
        records.lock(tmp_path)
    os.close(lock)
    os.close(records.lock(tmp_path))


def test_a_stale_pid_that_belongs_to_another_program_is_left_alone(tmp_path):
    stranger = sleeper({})
    (tmp_path / "run").mkdir()
    records.write_children(tmp_path, {"supervisor": 1, "web": stranger.pid}, {stranger.pid: 1.0})
    assert reap.reap_orphans("0123456789ab", tmp_path / "cluster", tmp_path) == 0
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("marks", [{}, {INSTALLATION_VARIABLE: "0123456789ab"}])
def test_a_child_left_by_a_dead_supervisor_is_ended(tmp_path, marks):
    """It is known by its mark or, where it was forked and has none, by the time of its creation."""
    orphan = sleeper(marks)
    (tmp_path / "run").mkdir()
    created_at = 1.0 if marks else psutil.Process(orphan.pid).create_time()
    records.write_children(tmp_path, {"supervisor": 1, "worker": [orphan.pid]}, {orphan.pid: created_at})
    assert reap.reap_orphans("0123456789ab", tmp_path / "cluster", tmp_path) == 1
    assert orphan.wait(10) != 0


def sleeper(marks):
    words = [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(600)"]
    process = subprocess.Popen(words, env=os.environ | marks, start_new_session=True, stdout=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    return process
