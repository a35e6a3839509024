"""Why, why not, and how it came about: what pages say of a rule and a player is what was, and what will be."""

import re

import pytest

from webapp.services.pipeline.apply_now import NewSystemEntry, apply_now
from webapp.services.publishing.publish import apply_documents
from webapp.store.system.connection import connect


def publish(settings, *documents):
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, list(documents), "test", publish=True).problems == []
        conn.commit()


def words(page):
    """The text of the card that explains, without markup."""
    card = page.split('id="why"')[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", card).split())


SHARE = {
    "kind": "earning",
    "key": "share",
    "name": "Share",
    "trigger": {"events": ["assessment_submitted"]},
    "grant": {"xp": {"/": [100, {"var": "event.properties.weight"}]}},
    "limits": {"max_xp_per_day": 100},
}
DOUBLE = {"kind": "boost", "key": "double", "name": "Double weekend", "multiplier": 2, "targets": ["share"]}


def test_an_award_keeps_its_trace_when_later_events_say_otherwise(world, post, drain, sign_in):
    post("ev-3", "ada", "assessment_submitted", assessment="a2", module="FFF", score=12, weight=0)
    drain()
    text = words(sign_in("viewer").open("/players/ada?rule=strong_finish").text)
    assert "with the event ev-1 , by version 1" in text
    assert "Fail:" not in text
    assert "Next It is awarded only once, and this player has it." in text


def test_a_revoked_badge_is_told_with_its_reason(world, settings, sign_in):
    with connect(settings.database_url) as conn:
        content = {"badge": "strong_finish", "reason": "a mistake", "by": "op"}
        assert apply_now(conn, "ada", NewSystemEntry("laurel.revocation", "r-1", content))
        conn.commit()
    browser = sign_in("viewer")
    text = words(browser.open("/players/ada?rule=strong_finish").text)
    assert "Revoked on" in text
    assert "“a mistake”" in text
    assert "its rule does not award it again" in text
    assert "revoked" in browser.open("/players/ada").text.split('id="h-b"')[1].split("</section>")[0]


def test_an_event_a_ledger_and_a_player_say_how_an_amount_came_about(packs, post, drain, settings, sign_in):
    publish(settings, SHARE, DOUBLE)
    post("ev-1", "ada", "assessment_submitted", weight=1, score=10)
    drain()
    browser = sign_in("viewer")
    told = "100 × 2 Double weekend = 200, 100 over the day"
    assert told in browser.open("/players/ada/ledger").text
    address = browser.open("/events?player=ada").text.split('href="/events/')[1].split('"')[0]
    assert told in browser.open(f"/events/{address}").text


def test_a_division_by_zero_is_told_where_the_event_and_the_rule_are(packs, post, drain, settings, sign_in):
    publish(settings, SHARE)
    post("ev-1", "ada", "assessment_submitted", weight=0, score=10)
    post("ev-2", "ada", "assessment_submitted", score=10)
    drain()
    browser = sign_in("viewer")
    assert "one like ev-2 would bring nothing. A fact that the rule needs is missing: weight." in words(
        browser.open("/players/ada?rule=share").text
    )
    rule_page = browser.open("/rules/share").text
    assert "The calculation divides by zero" in rule_page
    assert "A fact that the rule needs is missing: weight" in rule_page


@pytest.mark.parametrize("rule", ["levels", "daily", "lifecycle", "needs_support"])
def test_other_kinds_are_offered_and_explained(world, sign_in, rule):
    page = sign_in("viewer").open(f"/players/ada?rule={rule}").text
    assert re.search(rf'<option\s+value="{rule}"\s+selected', page)
    assert "How it stands" in page
