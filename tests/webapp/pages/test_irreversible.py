"""What cannot be undone asks for a name first, and nothing is done before it was typed."""

import re
from importlib import import_module

import pytest

from tests.webapp.campaigns.friday_weekend import friday, publish
from tests.webapp.pages.test_every_page import changing_routes
from webapp.services.campaigns import close_campaign
from webapp.services.coupons import budget_changes
from webapp.services.people import operator_changes

PAGE = "/campaigns/friday"
IRREVERSIBLE = {
    "apps.revoke", "campaigns.end", "campaigns.void", "drafts.discard", "operators.set_four_eyes", "rewards.give_back",
}  # fmt: skip
REVERSIBLE = {
    # changed back in the same place
    "account.change_password", "account.choose_theme", "apps.make_app", "apps.make_key", "campaigns.pause",
    "campaigns.resume", "home.change_demo", "home.dismiss_steps", "operators.change_role", "operators.disable",
    "operators.enable", "operators.invite", "operators.make_link", "rules.pause", "rules.resume", "simulator.choose",
    "synthetic_traffic.start", "synthetic_traffic.stop",
    # drafts keep their steps, rules their versions; an archived rule is published again; pauses list what they change
    "chosen.archive", "chosen.pause", "drafts.archive", "drafts.call_off", "drafts.copy",
    "drafts.edit_version", "drafts.publish", "drafts.roll_back", "drafts.send", "drafts.send_back", "drafts.take_over",
    "drafts.withdraw", "editor.be_present", "editor.begin", "editor.edit", "icons.upload", "library.apply_json",
    "library.begin", "library.find_flaws", "library.install", "library.preview_import", "library.take_import",
    # test cases and trials, which nothing depends on
    "drafts.add_case", "drafts.change_case", "drafts.import_cases", "drafts.remove_case", "drafts.save_event",
    "simulator.start", "simulator.stop", "tryout.choose", "tryout.replay", "tryout.save_case", "tryout.stop",
    # coupons that come can be voided; a file that was discarded can be uploaded again; a code to void is typed
    "campaigns.top_up", "code_files.choose_columns", "code_files.choose_date_order", "code_files.discard",
    "code_files.leave_out", "code_files.take", "coupons.send", "coupons.void",
    # a redemption that was marked by mistake can be refunded; a webhook carries the same id again
    "rewards.fulfil", "rewards.send_again",
    # only looks, signs in or out, sends one more event, tries again what had failed
    "account.end_others", "account.end_session", "code_reveal.reveal", "home.send_for_me", "parked.make_replays",
    "sign_in.enter", "sign_in.leave", "sign_in.spend_link",
}  # fmt: skip


def test_every_changing_route_is_known_to_be_reversible_or_asks(app):
    """A new route has to be put into one of the two sets, with the reason; only those that are marked may ask."""
    endpoints = set(changing_routes(app))
    assert endpoints == IRREVERSIBLE | REVERSIBLE
    marked = {endpoint for endpoint in endpoints if hasattr(app.view_functions[endpoint], "__irreversible__")}
    assert marked == IRREVERSIBLE


@pytest.fixture
def nothing_happens(monkeypatch):
    """Every service behind a route that asks breaks the test."""

    def fail(*_, **__):
        raise AssertionError("it was done without having been asked for")

    monkeypatch.setattr(close_campaign, "close_campaign", fail)
    monkeypatch.setattr(budget_changes, "void_from_budget", fail)
    monkeypatch.setattr(operator_changes, "switch_four_eyes", fail)
    for area, name in (("campaigns", "close_campaign"), ("apps", "revoke_api_key")):  # as the routes have imported them
        monkeypatch.setattr(import_module(f"webapp.pages.{area}.routes"), name, fail)


REQUESTS = [
    (f"{PAGE}/end", PAGE, {}, "Friday Weekend"),
    (f"{PAGE}/games/reel/voids", PAGE, {"brand": "coffee", "count": "2"}, "coffee"),
    ("/operators/four-eyes", "/operators", {"on": "no"}, "one person"),
    ("/apps/keys/1/revocation", "/apps", {}, "test"),
]


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("typed", [None, "", "friday weekend", "yes"])
@pytest.mark.usefixtures("nothing_happens")
def test_without_the_name_nothing_is_done_and_the_page_asks_for_it(conn, api_key, sign_in, request_, typed):
    address, page, fields, name = request_
    publish(conn, friday())
    api_key("events:write")
    confirmed = {} if typed is None else {"confirmed": typed}
    answer = sign_in("admin").send(address, page, **fields, **confirmed)
    assert answer.status_code == 422
    assert f"Type <strong>{name}</strong>" in answer.text
    assert ("This is not" in answer.text) == bool(typed)


def test_what_the_form_said_is_carried_on(conn, sign_in):
    publish(conn, friday())
    browser = sign_in("publisher")
    asked = browser.send(f"{PAGE}/games/reel/voids", PAGE, brand="coffee", count="2").text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked))
    assert (fields["brand"], fields["count"]) == ("coffee", "2")
    answer = browser.client.post(f"{PAGE}/games/reel/voids", data=fields | {"confirmed": "coffee"})
    assert answer.status_code == 303
    assert "2 coupons voided" in browser.open(PAGE).text
