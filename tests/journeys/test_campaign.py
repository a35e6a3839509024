"""A campaign in a real browser: written, approved, simulated, filled from files, played, watched, ended, audited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.editing import LINK, PATIENCE, enter
from tests.journeys.visiting import SERIOUS, violations
from tests.running import RunningLaurel, running_laurel

expect.set_options(timeout=PATIENCE)
DIRTY = "code\nCUP-0001\nCUP-0002\nCUP-0001\n=SUM(A1)\n\nCUP-0003\n"
CLEAN = "code\nMUG-0001\nMUG-0002\n"


@dataclass
class Fair:
    """One Laurel with an author, an admin who approves, and an app with players."""

    laurel: RunningLaurel
    key: str
    author: BrowserContext
    approver: BrowserContext

    def play_page(self, browser: Browser, player: str) -> Page:
        """The hosted page of one player, in a browser of their own that wants little motion."""
        with self.laurel.client(self.key) as client:
            token = client.post("/v1/games/night_reel/tokens", json={"player": player}).json()
        page = browser.new_context(base_url=self.laurel.url, reduced_motion="reduce").new_page()
        page.goto(token["url"])
        return page


@pytest.fixture(scope="module")
def fair(browser: Browser) -> Iterator[Fair]:
    with running_laurel(1) as laurel:
        approver = enter(browser, laurel, LINK.findall(laurel.log.read_text())[-1])
        invited = laurel.laurel("operator", "new", "tomas@campus.example", "--role", "author").stdout
        yield Fair(laurel, laurel.key("plays:write"), enter(browser, laurel, LINK.findall(invited)[-1]), approver)


def test_a_campaign_goes_from_its_first_field_to_its_audit(fair, browser):
    author, approver = fair.author.new_page(), fair.approver.new_page()
    write(author)
    send(author)
    approve(approver)
    simulate(author)
    fill_from_files(approver)
    play(fair, browser, approver)
    pause_and_top_up(approver)
    end(approver)
    assert "clean: 3 plays" in fair.laurel.laurel("campaigns", "audit", "friday_weekend").stdout
    fair.laurel.laurel("verify")


def write(page: Page) -> None:
    """Build the campaign from an empty form, by words and fields."""
    page.goto("/rules/new-rule")
    page.get_by_role("button", name=re.compile("^Campaign")).click()
    type_in(page, "Name", "Friday Weekend")
    type_in(page, "Key", "friday_weekend")
    page.wait_for_url("**/rules/friday_weekend/edit*")
    page.get_by_role("button", name="Add game").click()
    for name, value in game_fields().items():
        type_in(page, f"/games/0/{name}", value)
    page.locator("[name='/games/0/pacing/strategy']").select_option("odds")
    type_in(page, "/games/0/pacing/chance", "1")
    page.get_by_role("button", name="Add budget").click()
    type_in(page, "/games/0/budgets/0/brand", "acme_coffee")
    type_in(page, "/games/0/budgets/0/brand_name", "Acme Coffee")
    expect(page.locator("#sentence")).to_contain_text("coupons of Acme Coffee")
    expect(page.locator("#sentence")).to_contain_text("at fixed odds of 100 %")
    assert_accessible(page)


def game_fields() -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "name": "Night reel",
        "key": "night_reel",
        "starts_at": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "reel_seconds": "1",
    }


def type_in(page: Page, name: str, value: str) -> None:
    """Type into a field, by its label or its place in the document, and wait until the server knows it."""
    field = page.locator(f"[name='{name}']") if name.startswith("/") else page.get_by_label(name, exact=True).first
    field.fill(value)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        field.blur()
    expect(page.locator("#editor[aria-busy]")).to_have_count(0)


def send(page: Page) -> None:
    page.locator("a, button").filter(has_text="Review and publish").click()
    page.get_by_label("Comment").fill("For the weekend.")
    page.get_by_role("button", name="Send for approval").click()
    expect(page.get_by_text("Now a publisher decides.")).to_be_visible()


def approve(page: Page) -> None:
    page.goto("/rules/friday_weekend/review")
    page.get_by_role("button", name="Approve and publish").click()
    page.goto("/campaigns/friday_weekend")
    expect(page.get_by_role("heading", level=1)).to_have_text("Friday Weekend")
    expect(page.locator(".lr-head")).to_contain_text("Running")


def simulate(page: Page) -> None:
    page.goto("/campaigns/friday_weekend")
    page.get_by_role("link", name="Simulate").click()
    page.get_by_label("Plays", exact=True).fill("5000")
    page.get_by_label("Coupons").fill("50")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Moments")).to_be_visible()
    expect(page.locator("#simulation")).to_contain_text("5,000 plays with each strategy")
    assert_accessible(page)


def fill_from_files(page: Page) -> None:
    """A dirty file is told line by line and thrown away; its good lines are taken from a second one."""
    read_file(page, "cups.csv", DIRTY)
    table = page.get_by_role("region", name="Left out")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table).to_contain_text("is already on line 2")
    assert_accessible(page)
    page.get_by_role("button", name="Discard the file").click()
    expect(page.get_by_text("No coupons were added")).to_be_visible()
    read_file(page, "mugs.csv", CLEAN)
    page.get_by_role("button", name="Add 2 coupons").click()
    expect(page.get_by_text("2 coupons added to Acme Coffee")).to_be_visible()


def read_file(page: Page, name: str, text: str) -> None:
    page.goto("/campaigns/friday_weekend")
    page.get_by_role("link", name="Coupons").click()
    page.get_by_label("CSV file of codes").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Good codes")).to_be_visible()


def play(fair: Fair, browser: Browser, dashboard: Page) -> None:
    """Two people win the two coupons, the third hears that all are gone; the dashboard moves by itself."""
    dashboard.goto("/campaigns/friday_weekend")
    expect(dashboard.locator("#budget")).to_contain_text("2 = 2 + 0 + 0 + 0 + 0 + 0")
    ada, grace, linus = (fair.play_page(browser, player) for player in ("ada", "grace", "linus"))
    assert_accessible(ada)
    codes = {press(page).locator(".lr-voucher code").inner_text() for page in (ada, grace)}
    assert codes == {"MUG-0001", "MUG-0002"}
    expect(ada.locator(".lr-voucher")).to_be_focused()
    linus.get_by_role("button", name="Play").click()
    expect(linus.get_by_role("heading", level=1)).to_have_text("All prizes are gone")
    expect(dashboard.locator("#budget")).to_contain_text("2 = 0 + 0 + 2 + 0 + 0 + 0")
    expect(dashboard.locator("#budget")).to_contain_text("ada")
    assert_accessible(dashboard)


def press(page: Page) -> Page:
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You won")
    return page


def pause_and_top_up(page: Page) -> None:
    page.get_by_role("button", name="Pause plays").click()
    page.locator("#pausing").get_by_role("button", name="Pause plays").click()
    expect(page.locator(".lr-head")).to_contain_text("Paused")
    page.get_by_role("button", name="Resume plays").click()
    page.get_by_role("button", name="Top up").click()
    page.locator("#top-up").get_by_label("Coupons").fill("5")
    page.locator("#top-up").get_by_label("Code pattern").fill("CUP-########")  # none are made up for a brand of files
    page.get_by_role("button", name="Add coupons").click()
    expect(page.locator("#budget")).to_contain_text("7 = 5 + 0 + 2 + 0 + 0 + 0")


def end(page: Page) -> None:
    page.get_by_text("Void coupons or end the campaign").click()
    page.get_by_role("button", name="End Friday Weekend").click()
    assert_accessible(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert_accessible(page)
    page.get_by_label("Type Friday Weekend to go on").fill("Friday Weekend")
    page.get_by_role("button", name="End the campaign").click()
    expect(page.get_by_text("was published on")).to_be_visible()


def assert_accessible(page: Page) -> None:
    assert [violation["id"] for violation in violations(page) if violation["impact"] in SERIOUS] == []
