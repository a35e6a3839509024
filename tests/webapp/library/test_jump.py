"""Jump to: everything that has a name is found, and what one may not do is not offered."""

import re

import pytest

from webapp.services.drafts import draft_editing
from webapp.store.system.connection import connect

PLACE = re.compile(r'href="([^"]+)" data-walk>([^<]+)<')


def places(browser, query: str) -> list[tuple[str, str]]:
    return PLACE.findall(browser.client.get("/jump", query_string={"q": query}, headers={"HX-Request": "true"}).text)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("week on", ("/rules/week_on_fire", "Week on Fire")),
        ("on_fire", ("/rules/week_on_fire", "Week on Fire")),
        ("weekly xp", ("/leaderboards/weekly_xp", "Weekly XP")),
        ("AD", ("/players/ada", "ada")),
        ("leader", ("/leaderboards", "Leaderboards")),
        ("export", ("/chosen-rules/export", "Export all rules")),
    ],
)
def test_everything_with_a_name_is_found(world, sign_in, query, place):
    assert place in places(sign_in("viewer"), query)


def test_names_that_begin_with_the_query_come_first(packs, sign_in):
    names = [name for _, name in places(sign_in("viewer"), "five")]
    assert names[0] == "Five a week"


def test_a_draft_of_a_new_rule_is_found(settings, sign_in):
    with connect(settings.database_url) as conn:
        draft_editing.new_draft(conn, "badge", "ada@campus.example", name="Night owl")
        conn.commit()
    assert places(sign_in("author"), "owl") == [("/rules/night_owl", "Night owl")]


def test_forbidden_actions_are_not_offered(sign_in):
    assert "Invite an operator" not in sign_in("author").open("/jump").text
    assert "Invite an operator" in sign_in("admin").open("/jump").text


def test_the_palette_is_the_same_search_as_a_sheet(packs, sign_in):
    sheet = sign_in("viewer").open("/jump/palette").text
    assert 'hx-get="/jump"' in sheet
    assert "<html" not in sheet


def test_the_keys_are_a_page_and_a_sheet(sign_in):
    browser = sign_in("viewer")
    assert "Jump to a page" in browser.open("/jump/keys").text
    assert "<html" not in browser.client.get("/jump/keys", headers={"HX-Request": "true"}).text
