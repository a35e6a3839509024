"""Addresses of the installation: links, hosts and redirects, whatever a request says."""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.exceptions import MisdirectedRequest

from webapp.config import InstanceConfig, Settings, SettingsError, record_of_start
from webapp.http.own_urls import is_own_path, reject_foreign_host

SETTINGS = Settings(
    data_dir=None,  # type: ignore[arg-type]  # not used here
    port=8000,
    workers=1,
    bind="127.0.0.1",
    database_url="",
    owner_url="",
    queue_url="",
    cache_url="",
    secret_key="",
)
PUBLIC = replace(SETTINGS, own_url="https://laurel.example.org", allowed_hosts=("laurel.internal",))
HOME = "https://laurel.example.org/sign-in"
CHARACTERS = st.sampled_from("/\\\t\r\n\x00\x0b :@.?#%x") | st.characters(max_codepoint=0x300)


def browsers_destination(text: str) -> str:
    """Where a browser goes: it drops tabs and line breaks and takes backslashes for slashes (WHATWG's URL standard)."""
    stripped = text.strip("".join(map(chr, range(33))))
    return urljoin(HOME, "".join(stripped.split("\t")).replace("\n", "").replace("\r", "").replace("\\", "/"))


@given(st.text(CHARACTERS, max_size=20).map(lambda text: f"/{text}"))
@example("/\t/evil.example")
@example("//evil.example")
@example("/\\evil.example")
def test_no_path_that_counts_as_our_own_leads_a_browser_elsewhere(text: str) -> None:
    if is_own_path(text):
        assert urlsplit(browsers_destination(text)).netloc == "laurel.example.org"


@pytest.mark.parametrize("path", ["/", "/rules?kind=badge", "/players/a%2Fb", "/events?after=2026-11-30.7#top"])
def test_our_own_paths_are_our_own(path: str) -> None:
    assert is_own_path(path)


def is_answered(settings: Settings, host: str, path: str = "/sign-in") -> bool:
    try:
        reject_foreign_host(settings, host, path)
    except MisdirectedRequest:
        return False
    return True


@pytest.mark.parametrize(
    ("settings", "host", "answered"),
    [
        (SETTINGS, "anything.example", True),
        (PUBLIC, "laurel.example.org", True),
        (PUBLIC, "LAUREL.example.org:443", True),
        (PUBLIC, "laurel.internal:8000", True),
        (PUBLIC, "localhost:8000", True),
        (PUBLIC, "127.0.0.1:8000", True),
        (PUBLIC, "[::1]:8000", True),
        (PUBLIC, "evil.example", False),
        (PUBLIC, "localhost.evil.example", False),
        (PUBLIC, "laurel.example.org.evil.example", False),
        (replace(SETTINGS, allowed_hosts=("laurel.internal",)), "evil.example", False),
        (replace(PUBLIC, bind="192.0.2.7"), "192.0.2.7:8000", True),
    ],
)
def test_only_names_of_the_installation_are_answered(settings: Settings, host: str, *, answered: bool) -> None:
    assert is_answered(settings, host) is answered


def test_load_balancers_may_look_by_any_address() -> None:
    assert is_answered(PUBLIC, "10.0.0.7:8000", "/healthz")


@pytest.mark.parametrize(
    "url",
    ["laurel.example.org", "ftp://laurel.example.org", "https://", "https://laurel.example.org/laurel",
     "https://ada@laurel.example.org", "https://laurel.example.org?x", "https://laurel.example.org:99999"],
)  # fmt: skip
def test_a_bad_public_url_is_refused_by_name(tmp_path, url: str) -> None:
    servers = {"LAUREL_DATABASE_URL": "postgresql:///x", "LAUREL_QUEUE_URL": "redis://q"}
    with pytest.raises(SettingsError, match="LAUREL_PUBLIC_URL"):
        Settings.from_environment(servers | {"LAUREL_DATA_DIR": str(tmp_path), "LAUREL_PUBLIC_URL": url})


def test_links_are_made_from_the_public_url_or_from_the_address_listened_on() -> None:
    assert (SETTINGS.public_url, PUBLIC.public_url) == ("http://127.0.0.1:8000", "https://laurel.example.org")


def test_under_tls_cookies_are_bound_to_the_host() -> None:
    assert SETTINGS.cookie_name("laurel") == "laurel_8000"
    assert PUBLIC.cookie_name("laurel") == "__Host-laurel_8000"


def test_a_start_is_recorded_with_its_defaults() -> None:
    instance = InstanceConfig.from_environment({"LAUREL_PORT": "8640"})
    recorded = record_of_start(instance, {"LAUREL_PUBLIC_URL": "https://a.example", "LAUREL_SECRET_KEY": "hush"})
    assert recorded["LAUREL_PORT"] == "8640"
    assert recorded["LAUREL_PUBLIC_URL"] == "https://a.example"
    assert "LAUREL_SECRET_KEY" not in recorded
