"""What people do in a real browser, on a real Laurel: sign in, watch a board move, read why."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.editing import LINK, PASSWORD, PATIENCE
from tests.journeys.laurels import apply_rules
from tests.journeys.visiting import VIEWS, Watched, pages_of
from tests.running import RunningLaurel, running_laurel
from tests.webapp.campaigns.friday_weekend import friday
from tests.webapp.rewards.shop import MUG

expect.set_options(timeout=PATIENCE)
# The list of rules, the library and the editor: in test_library and test_editor_states, in each of their states.
PAGES = (
    "/", "/events", "/rules?q=friday", "/rules/strong_finish", "/players", "/players/ada", "/players/ada/ledger",
    "/leaderboards", "/leaderboards/weekly_xp?around=ada", "/parked", "/audit", "/apps", "/operators", "/account",
    "/rules/strong_finish/review", "/rules/strong_finish/cases", "/rules/strong_finish/cases/new",
    "/rules/strong_finish/versions", "/rules/strong_finish/json",
    "/campaigns", "/campaigns/friday", "/campaigns/friday/games/reel/codes", "/campaigns/friday/games/reel/simulation",
    "/rewards", "/rewards/mug", "/help", "/help/facts", "/help/operators", "/help/speed",
    "/jump?q=ada", "/sign-in/spent",
)  # fmt: skip


@dataclass
class Place:
    """One Laurel for all journeys: signed in once, with a key."""

    laurel: RunningLaurel
    link: str
    key: str
    state: Any = None

    def post(self, event_id: str, player: str, **properties: Any) -> None:
        """Send one submission and return when it is applied."""
        event = {"id": event_id, "type": "assessment_submitted", "player": player, "properties": properties}
        with self.laurel.client(self.key) as client:
            answer = client.post("/v1/events", json=event, headers={"Prefer": "wait=10"})
        assert answer.status_code in {200, 202}, answer.text


@pytest.fixture(scope="module")
def place(browser: Browser) -> Iterator[Place]:
    with running_laurel(1) as laurel:
        for pack in ("starter", "assessments"):
            laurel.laurel("pack", "install", pack, "--publish")
        apply_rules(laurel, [friday(), MUG])
        link = LINK.findall(laurel.log.read_text())[-1]
        place = Place(laurel, link, laurel.key("events:write"))
        place.state = enter(browser, place)
        place.post("ev-1", "ada", assessment="a1", module="FFF", score=91, weight=25)
        place.post("ev-2", "grace", assessment="a1", module="FFF", score=55, weight=25)
        yield place


def enter(browser: Browser, place: Place) -> Any:
    """Use the one-time link as the first operator does, and keep the browser's cookies."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(place.link)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Set password and sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Welcome to Laurel")
        return context.storage_state()


@pytest.fixture
def open_page(browser: Browser, place: Place) -> Iterator[Callable[..., Page]]:
    """Open a page signed in: `open_page("/rules", color_scheme="dark")`."""
    with pages_of(browser, place.laurel, place.state) as open_page:
        yield open_page


def test_the_link_opens_once_and_the_password_from_then_on(place, browser):
    with browser.new_context(base_url=place.laurel.url) as context:
        page = context.new_page()
        page.goto(place.link)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
        page.goto("/rules")
        page.get_by_label("E-mail").fill("admin@localhost")
        page.get_by_label("Password").fill("not this one, surely")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("E-mail and password do not match")).to_be_visible()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Rules")


def test_a_board_moves_when_an_event_is_posted_and_the_player_says_why(place, open_page):
    page = open_page("/leaderboards/weekly_xp")
    first_row = page.locator("#board tbody tr").first
    expect(first_row).to_contain_text("ada")
    for number in range(3):
        place.post(f"ev-grace-{number}", "grace", assessment=f"b{number}", module="FFF", score=60, weight=25)
    expect(first_row).to_contain_text("grace")
    page.get_by_role("link", name="ada").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ada")
    page.get_by_role("link", name="Strong Finish").click()
    expect(page.locator("#why")).to_contain_text("ada earned Strong Finish")
    page.get_by_label("Rule").select_option("module_marathon")
    expect(page.locator("#why")).to_contain_text("Still needed:")
    expect(page.locator("#why .lr-trace.is-fail").first).to_contain_text("1 of ")


def test_a_new_key_comes_with_an_example_and_the_page_tells_what_its_event_did(place, open_page):
    page = open_page("/apps")
    page.get_by_label("Name").first.fill("a web shop")
    page.get_by_role("button", name="Create key").click()
    secret = page.locator("#secret").inner_text().strip()
    event_id = re.search(r"first-[0-9a-f]{8}", page.locator("#snippet-1").inner_text())
    assert event_id
    assert secret in page.locator("#snippet-1").inner_text()
    with place.laurel.client(secret) as client:
        client.post("/v1/events", json={"id": event_id[0], "type": "lesson_completed", "player": "ken"})
    expect(page.locator("#waiting")).to_contain_text("Your first event is here")
    expect(page.locator("#waiting")).to_contain_text("ken")


def test_home_follows_what_happens_until_somebody_holds_it(place, open_page):
    page = open_page("/")
    expect(page.locator("[data-live-state]")).to_have_text("Live")
    place.post("ev-held-1", "radia", assessment="a1", module="FFF", score=50, weight=5)
    expect(page.locator("#feed")).to_contain_text("radia")
    page.get_by_role("button", name="Hold").click()
    place.post("ev-held-2", "hedy", assessment="a1", module="FFF", score=50, weight=5)
    expect(open_page("/").locator("#feed")).to_contain_text("hedy")
    expect(page.locator("#feed")).not_to_contain_text("hedy")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#feed")).to_contain_text("hedy")


def test_rules_are_filtered_in_the_address_and_walked_by_keys(open_page):
    page = open_page("/rules")
    page.keyboard.press("/")
    page.keyboard.type("perfect quiz")
    expect(page.locator("#rules tbody tr")).to_have_count(1)
    assert "q=perfect" in page.url
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Perfect Quiz")
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Jump to")).to_be_focused()


def test_a_publisher_pauses_a_rule_in_a_sheet_and_lets_it_go_on(open_page):
    page = open_page("/rules/perfect_quiz")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Pause Perfect Quiz").click()
    expect(page.get_by_role("status")).to_contain_text("Perfect Quiz is paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status")).to_contain_text("Perfect Quiz is live again")


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_page_is_accessible_obeys_the_policy_and_fits(open_page, width, scheme):
    page = open_page("/", color_scheme=scheme, viewport={"width": width, "height": 800})
    watched = Watched(page, refused="/sign-in/spent")
    flaws_by_address = {address: flaws for address in PAGES if (flaws := watched.flaws(partial(settle_at, address)))}
    assert flaws_by_address == {}


def settle_at(address: str, page: Page) -> None:
    page.goto(address)
    page.wait_for_function("document.readyState === 'complete' && window.htmx")
