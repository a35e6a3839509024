"""A bad setting stops the program with its name."""

import pytest

from webapp.config import InstanceConfig, Settings, SettingsError

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
