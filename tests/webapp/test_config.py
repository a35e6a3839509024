"""A bad setting stops the program with its name."""

import json
import os
import re

import pytest

from tests.house_rules.tree import ROOT
from webapp.config import HEARTBEATS, InstanceConfig, Settings, SettingsError
from webapp.runtime import heartbeat
from webapp.runtime.secrets_file import secret
from webapp.supervisor import paths, records

INTERNAL = {"LAUREL_BATCH_MAX", "LAUREL_FAILPOINTS", "LAUREL_INSTALLATION", "LAUREL_LIVE_PORT"}
"""What only tests or the supervisor set, and what is ignored."""
SERVERS = {"LAUREL_DATABASE_URL": "postgresql:///x", "LAUREL_QUEUE_URL": "redis://q"}


@pytest.mark.parametrize("name", ["LAUREL_PORT", "LAUREL_REQUESTS_PER_ADDRESS", "LAUREL_WORKERS"])
@pytest.mark.parametrize("value", ["0", "-1", "eighty", "99999999", "８０"])
def test_a_bad_number_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(SERVERS | {name: value})


def test_a_bad_address_is_refused_by_name(tmp_path):
    with pytest.raises(SettingsError, match="LAUREL_QUEUE_URL"):
        Settings.from_environment(SERVERS | {"LAUREL_QUEUE_URL": "http://q", "LAUREL_DATA_DIR": str(tmp_path)})


def test_the_live_port_of_earlier_versions_is_ignored():
    assert InstanceConfig.from_environment({"LAUREL_PORT": "9000", "LAUREL_LIVE_PORT": "x"}).port == 9000


def test_a_command_in_another_shell_speaks_of_the_installation_as_it_was_started(tmp_path):
    started = {"LAUREL_PORT": "8640", "LAUREL_BIND": "127.0.0.2", "LAUREL_PUBLIC_URL": "https://laurel.example.org"}
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "servers.json").write_text(json.dumps({"started_with": started}))
    settings = Settings.from_environment(SERVERS | {"LAUREL_DATA_DIR": str(tmp_path)})
    assert (settings.port, settings.bind, settings.public_url) == (8640, "127.0.0.2", "https://laurel.example.org")
    assert Settings.from_environment(SERVERS | {"LAUREL_DATA_DIR": str(tmp_path), "LAUREL_PORT": "9"}).port == 9


def test_every_folder_that_is_made_is_private_and_so_are_those_above_it(tmp_path):
    data_dir = tmp_path / "srv" / "laurel"
    os.close(records.lock(data_dir))
    secret(data_dir, "anything")
    heartbeat.clear(data_dir / HEARTBEATS)
    paths.installation_name(data_dir)
    folders = [path for path in (tmp_path / "srv").glob("**/") if path.is_dir()]
    assert len(folders) >= 4
    assert {path: oct(path.stat().st_mode & 0o777) for path in folders} == dict.fromkeys(folders, "0o700")


def test_a_data_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="LAUREL_DATA_DIR: cannot write"):
        records.lock(tmp_path / "file" / "laurel")


def test_every_setting_is_in_readme():
    """All that Laurel reads from the environment, and nothing else."""
    source = "".join(path.read_text("utf-8") for part in ("engine", "webapp") for path in (ROOT / part).rglob("*.py"))
    read = set(re.findall(r'"(LAUREL_[A-Z0-9_]+)"', source)) - INTERNAL
    documented = set(re.findall(r"`(LAUREL_[A-Z0-9_]+)`", (ROOT / "README.md").read_text("utf-8")))
    assert (read - documented, documented - read) == (set(), set())


def test_without_servers_the_error_says_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match="laurel up"):
        Settings.from_environment({"LAUREL_DATA_DIR": str(tmp_path)})


def test_the_cache_is_the_queues_server_unless_told(tmp_path):
    settings = Settings.from_environment(SERVERS | {"LAUREL_DATA_DIR": str(tmp_path)})
    assert settings.cache_url == "redis://q"


def test_the_secret_key_stays_the_same(tmp_path):
    environment = SERVERS | {"LAUREL_DATA_DIR": str(tmp_path)}
    keys = {Settings.from_environment(environment).secret_key for _ in range(2)}
    assert len(keys) == 1


def test_secrets_are_not_shown(tmp_path):
    settings = Settings.from_environment(SERVERS | {"LAUREL_DATA_DIR": str(tmp_path), "LAUREL_SECRET_KEY": "hush"})
    assert "hush" not in repr(settings)
    assert "postgresql" not in repr(settings)
