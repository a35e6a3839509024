"""`laurel key`: keys are printed once, alone; revoked ones open nothing."""

import pytest

from tests.webapp.api.events import an_event


def use(client, key):
    return client.post("/v1/events", json=an_event(), headers={"Authorization": f"Bearer {key}"}).status_code


def test_prints_the_key_alone(laurel, client):
    done = laurel("key", "new", "web", "--scope", "events:write")
    assert done.stdout == done.output
    assert use(client, done.stdout.strip()) == 202


@pytest.mark.parametrize(
    "words", [("--scope", "events:write", "players:read"), ("--scope", "players:read", "--scope", "events:write")]
)
def test_takes_several_scopes(laurel, client, words):
    assert use(client, laurel("key", "new", "web", *words).stdout.strip()) == 202


def test_a_key_may_do_only_what_its_scopes_allow(laurel, client):
    assert use(client, laurel("key", "new", "web", "--scope", "players:read").stdout.strip()) == 403


def test_the_admin_scope_allows_everything(laurel, client):
    assert use(client, laurel("key", "new", "web", "--scope", "admin").stdout.strip()) == 202


def test_a_revoked_key_is_refused(laurel, client):
    key = laurel("key", "new", "web", "--scope", "events:write").stdout.strip()
    assert laurel("key", "revoke", "1").exit_code == 0
    assert use(client, key) == 401
    assert laurel("key", "revoke", "1").exit_code == 1


def test_lists_keys_without_giving_them_away(laurel):
    key = laurel("key", "new", "web", "--app", "shop", "--scope", "events:write").stdout.strip()
    listed = laurel("key", "list").stdout
    assert listed.split("\t")[:3] == ["1", "shop", "web"]
    assert key not in listed


@pytest.mark.parametrize(
    "words",
    [("--scope", "everything"), (), ("--app", "laurel", "--scope", "admin"), ("--app", "A/b", "--scope", "admin")],
)
def test_refuses(laurel, words):
    assert laurel("key", "new", "web", *words).exit_code == 2


def test_audits_who_created_and_revoked_keys(laurel, conn):
    laurel("key", "new", "web", "--scope", "events:write")
    laurel("key", "revoke", "1")
    rows = conn.execute("SELECT actor, action, subject FROM audit_entry ORDER BY id").fetchall()
    assert rows == [("command line", "key.made", "web"), ("command line", "key.revoked", "web")]


def test_keys_are_kept_as_hashes(laurel, conn):
    key = laurel("key", "new", "web", "--scope", "events:write").stdout.strip()
    assert key not in str(conn.execute("SELECT * FROM api_key").fetchall())
