"""Campaigns before their launch: everybody finds them, and they can be simulated as they stand."""

import re

import pytest

from tests.webapp.campaigns.friday_weekend import HOUR, budget, friday, moment, publish
from webapp.queue import slow_jobs
from webapp.services.drafts import draft_editing
from webapp.services.publishing.publish import apply_documents

FORM = {"shape": "steady", "plays": "500", "players": "50", "peak": "5", "coupons": "20", "seed": "1", "runs": "1"}


def as_draft(conn):
    """Begun in the editor."""
    return draft_editing.new_draft(conn, "campaign", "ada", friday()).key


def as_saved(conn):
    """Sent as a document that is not to be published."""
    assert not apply_documents(conn, [friday()], "ada", publish=False).problems
    return "friday"


@pytest.fixture(params=[as_draft, as_saved])
def planned(request, conn):
    """The key of a campaign that is not launched, however it came to be."""
    key = request.param(conn)
    conn.commit()
    return key


def test_a_planned_campaign_is_listed_and_can_be_simulated(planned, settings, conn, sign_in, monkeypatch):
    browser = sign_in("author")
    text = browser.open("/campaigns").text
    simulation = f"/campaigns/{planned}/games/reel/simulation"
    assert "Friday Weekend" in text.partition("Not launched yet")[2]
    assert simulation in text
    assert 'value="15"' in browser.open(simulation).text
    assert browser.send(simulation, **FORM).status_code == 303
    monkeypatch.setattr("webapp.config.Settings.from_environment", lambda: settings)
    slow_jobs.run_job(conn.execute("SELECT id::text FROM job WHERE status = 'queued'").fetchone()[0])
    result = browser.open(simulation).text
    assert "500 plays with each strategy" in result
    assert ">Use " not in result


def test_its_review_offers_to_simulate_it_and_says_what_the_launch_lacks(conn, sign_in):
    document = friday(game={"budgets": [budget("coffee", 5), {"brand": "bolt", "brand_name": "Bolt Bikes"}]})
    key = draft_editing.new_draft(conn, "campaign", "ada", document).key
    conn.commit()
    text = sign_in("author").open(f"/rules/{key}/review").text
    assert f"/campaigns/{key}/games/reel/simulation" in text
    assert re.findall(r"<strong>([^<]* has no coupons [^<]*)<", text) == [
        "Bolt Bikes has no coupons in Friday reel yet"
    ]
    assert "backtest" not in text.lower()


def test_a_draft_with_errors_is_corrected_before_it_is_simulated(conn, sign_in):
    broken = friday(game={"ends_at": moment(-5 * HOUR)})
    key = draft_editing.new_draft(conn, "campaign", "ada", broken).key
    conn.commit()
    browser = sign_in("author")
    assert "The draft has errors" in sign_in("viewer").open(f"/campaigns/{key}/games/reel/simulation").text
    assert "The draft has errors" in browser.open(f"/campaigns/{key}/games/reel/simulation").text
    assert browser.send(f"/campaigns/{key}/games/reel/simulation", "/campaigns", **FORM).status_code == 409


def test_what_is_launched_is_no_longer_planned(conn, sign_in):
    publish(conn, friday())
    assert "Not launched yet" not in sign_in("author").open("/campaigns").text


def test_a_changed_campaign_that_was_launched_is_not_planned_again(conn, sign_in):
    publish(conn, friday())
    draft = draft_editing.open_draft(conn, "friday", "ada")
    draft_editing.edit(conn, draft.id, draft.revision, {"op": "set_field", "pointer": "/name", "texts": "Fun"}, "ada")
    conn.commit()
    text = sign_in("author").open("/rules/friday/review").text
    assert "Fun" in text
    assert "Simulate" not in text
