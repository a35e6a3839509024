"""Of some kinds there may be only one rule: whoever begins another is led to the one that there is."""

import pytest

from engine.kinds import KINDS
from tests.webapp.campaigns.friday_weekend import publish
from webapp.store.rules import drafts, rule_versions

SINGLE = [kind.key for kind in KINDS.values() if kind.is_single]
LIVE = {
    "levels": {"thresholds": [{"name": "Rookie", "xp": 0}]},
    "lifecycle": {"states": ["NEW"], "transitions": []},
    "player_limits": {"max_events_per_minute": 9},
}


@pytest.fixture
def live(conn, request):
    """One live rule of the kind, called “The one”."""
    publish(conn, {"kind": request.param, "key": "the_one", "name": "The one", **LIVE[request.param]})
    return request.param


def kinds_in_use(conn, kind):
    rules = {rule.key for rule in rule_versions.all_rules(conn, kind=kind)}
    return rules | {draft.key for draft in drafts.all_drafts(conn) if draft.kind == kind}


@pytest.mark.parametrize("live", SINGLE, indirect=True)
def test_a_new_rule_of_a_live_single_kind_opens_that_rule(live, conn, sign_in):
    browser = sign_in("author")
    page = browser.open("/rules/new-rule").text
    assert "Edit The one" in page
    assert f'value="{live}"' not in page
    assert browser.send("/rules/new-rule", kind=live).location == "/rules/the_one/edit"
    assert kinds_in_use(conn, live) == {"the_one"}


@pytest.mark.parametrize("live", SINGLE, indirect=True)
def test_a_copy_of_a_single_rule_is_that_rule(live, conn, sign_in):
    browser = sign_in("author")
    assert browser.send("/rules/the_one/copy", "/rules").location == "/rules/the_one/edit"
    assert "there can be no second one" in browser.open("/rules/the_one/edit").text
    assert kinds_in_use(conn, live) == {"the_one"}


@pytest.mark.parametrize("kind", SINGLE)
def test_a_draft_of_a_single_kind_is_the_only_one_too(kind, conn, build):
    builder = build(kind)
    assert builder.browser.send("/rules/new-rule", kind=kind).location == builder.address
    assert kinds_in_use(conn, kind) == {builder.key}


@pytest.mark.parametrize("live", SINGLE, indirect=True)
def test_an_archived_rule_of_a_single_kind_makes_room(live, conn, sign_in):
    rule_versions.set_status(conn, "the_one", "archived", "test")
    conn.commit()
    assert sign_in("author").send("/rules/new-rule", kind=live).location == f"/rules/new_{live}/edit"
