"""A rule from nothing to a player's badge and back, in a real browser: by keys alone, and by mouse."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.journeys import editing_by_keys as by_keys
from tests.journeys import editing_by_mouse as by_mouse
from tests.journeys.editing import LINK, PATIENCE, Keys, enter
from tests.running import RunningLaurel, running_laurel

expect.set_options(timeout=PATIENCE)
SCORES = (91, 55, 72, 88)


@dataclass
class Campus:
    """One Laurel with two people: an author, and an admin who approves."""

    laurel: RunningLaurel
    key: str
    author: BrowserContext
    approver: BrowserContext

    def begin_with(self, *players: str) -> None:
        """Each of them hands something in, the last one last."""
        for player, score in zip(players, SCORES, strict=True):
            self.post(f"before-{player}", player, score)

    def post(self, event_id: str, player: str, score: int) -> dict[str, Any]:
        """Send one submission and return when it is applied."""
        properties = {"assessment": event_id, "module": "FFF", "kind": "TMA", "score": score, "weight": 25}
        event = {"id": event_id, "type": "assessment_submitted", "player": player, "properties": properties}
        with self.laurel.client(self.key) as client:
            answer = client.post("/v1/events", json=event, headers={"Prefer": "wait=10"})
        assert answer.status_code in {200, 202}, answer.text
        return dict(answer.json())


@pytest.fixture(scope="module")
def campus(browser: Browser) -> Iterator[Campus]:
    with running_laurel(1) as laurel:
        for pack in ("starter", "assessments"):
            laurel.laurel("pack", "install", pack, "--publish")
        approver = enter(browser, laurel, LINK.findall(laurel.log.read_text())[-1])
        invited = laurel.laurel("operator", "new", "tomas@campus.example", "--role", "author").stdout
        campus = Campus(laurel, laurel.key("events:write"), enter(browser, laurel, LINK.findall(invited)[-1]), approver)
        yield campus
        approver.close()
        campus.author.close()


def test_by_keys_alone_a_rule_goes_from_nothing_to_a_badge_and_back(campus):
    campus.begin_with("ada", "grace", "linus", "kay")
    page = campus.author.new_page()
    keys = Keys(page)
    by_keys.begin_a_badge(keys, "Sharp Eye")
    by_keys.build_three_levels(keys)
    keys.walk_through()
    by_keys.see_it_match_and_fail(keys)
    by_keys.replay_history(keys)
    by_keys.keep_two_test_cases(keys)
    by_keys.send_for_approval(keys)
    by_keys.approve(Keys(campus.approver.new_page()), "sharp_eye")
    campus.post("after-1", "mary", 95)
    by_keys.read_why(Keys(page), "mary", "Sharp Eye")
    by_keys.lower_to_58(keys, "sharp_eye")
    by_keys.approve(Keys(campus.approver.new_page()), "sharp_eye")
    by_keys.roll_back(Keys(campus.approver.new_page()), "sharp_eye")


def test_by_mouse_a_rule_goes_from_nothing_to_a_badge_and_back(campus):
    campus.begin_with("barbara", "jean", "betty", "frances")
    page, approver_page = campus.author.new_page(), campus.approver.new_page()
    by_mouse.begin_a_badge(page, "Keen Mind")
    by_mouse.build_three_levels(page)
    by_mouse.move_mute_note_and_undo(page)
    by_mouse.see_it_match_and_fail(page)
    by_mouse.replay_history(page)
    by_mouse.keep_two_test_cases(page)
    by_mouse.send_for_approval(page)
    by_mouse.approve(approver_page, "keen_mind")
    campus.post("after-2", "hedy", 95)
    by_mouse.read_why(page, "hedy", "Keen Mind")
    by_mouse.change_and_return(page, approver_page, "keen_mind")
