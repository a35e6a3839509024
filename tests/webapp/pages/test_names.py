"""Names, people and what they did on every page that links lead to: no key where a name exists, nothing internal."""

import re
from collections import defaultdict
from html import unescape
from typing import Any

import pytest

from engine.vocabulary import entry
from tests.webapp.campaigns.friday_weekend import ALWAYS, HOUR, moment, publish
from tests.webapp.campaigns.friday_weekend import drain as drain_games
from webapp import projections
from webapp.pages.entry_words import SYSTEM_ENTRIES
from webapp.pages.outcome_lines import RuleLabels
from webapp.pages.players.timeline import TimelineCursor, timeline_page
from webapp.runtime import clock
from webapp.services.coupons.fill_claims import fill_all_claims
from webapp.services.players.change_player import erase_player
from webapp.services.publishing.bulk_changes import change_rules
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import apply_documents
from webapp.services.rewards.redemptions import refund_redemption
from webapp.store.campaigns import rewards
from webapp.store.players import player_profiles
from webapp.store.rules import rulebooks

EVENT = {"trigger": {"events": ["visit"]}}
ONCE = {"limits": {"once_per": ["event.type"]}}
FAR = [
    {">=": [{"var": "metric.qq_stops.total"}, 90]},
    {">=": [{"var": "streak.qq_daily.current"}, 9]},
    {"in": ["qq_regular", {"var": "player.segments"}]},
    {">": [{"var": "mission.qq_three.progress"}, 2]},
    {">": [{"var": "event.properties.qq_size"}, 9]},
]
LOAD = {"type": "number", "label": "bags carried"}
BUDGET = {"brand": "qq_bean", "coupons": {"generate": {"count": 5, "pattern": "BEAN-########"}}}
OWL = {"in": ["qq_owl", {"var": "player.badges"}]}
RULES: list[dict[str, Any]] = [
    {"kind": "event_type", "key": "visit", "name": "Visit", "properties": {"qq_size": LOAD}},
    {"kind": "metric", "key": "qq_stops", "name": "Library stops", "events": ["visit"], "aggregate": "count"},
    {"kind": "streak", "key": "qq_daily", "name": "Days in a row", "events": ["visit"], "every": "day"}
    | {"freezes": {"initial": 1, "max": 5}},
    {"kind": "segment", "key": "qq_regular", "name": "Regulars"}
    | {"condition": {">": [{"var": "metric.qq_stops.total"}, 0]}},
    {"kind": "levels", "key": "qq_levels", "name": "Ranks"}
    | {"thresholds": [{"name": "Reader", "xp": 0}, {"name": "Scholar", "xp": 20}]},
    {"kind": "badge", "key": "qq_owl", "name": "Night Owl", "tier": "gold", "grant": {"xp": 10, "coins": 200}, **EVENT},
    {"kind": "badge", "key": "qq_fox", "name": "Quick Fox", "tier": "silver", "condition": OWL, **EVENT},
    {"kind": "badge", "key": "qq_bear", "name": "Calm Bear", "tier": "bronze", **EVENT},
    {"kind": "badge", "key": "qq_crane", "name": "Far Crane", "tier": "bronze", "condition": {"and": FAR}, **EVENT},
    {"kind": "mission", "key": "qq_three", "name": "Three stops", "goal": {"target": 3}, "period": "once", **EVENT},
    {"kind": "mission", "key": "qq_held", "name": "Nine stops", "goal": {"target": 9}, "period": "once", **EVENT},
    {"kind": "earning", "key": "qq_xp", "name": "XP for a stop", "grant": {"xp": 10}, **ONCE, **EVENT},
    {"kind": "earning", "key": "qq_ratio", "name": "XP for the load", **EVENT}
    | {"grant": {"xp": {"/": [10, {"var": "event.properties.qq_size"}]}}},
    {"kind": "earning", "key": "qq_voucher", "name": "A voucher", "grant": {"coupon_pool": "qq_pool"}, **ONCE, **EVENT},
    {"kind": "boost", "key": "qq_double", "name": "Double weekend", "multiplier": 2, "targets": ["qq_xp"]},
    {"kind": "leaderboard", "key": "qq_board", "name": "Most stops", "score": "metric.qq_stops", "window": "week"},
    {"kind": "coupon_pool", "key": "qq_pool", "name": "Library vouchers"}
    | {"coupons": {"generate": {"count": 3, "pattern": "SHOP-########"}}},
    {"kind": "reward", "key": "qq_mug", "name": "Laurel mug", "cost": {"coins": 10}, "fulfilment": {"by": "hand"}},
    {"kind": "brand", "key": "qq_bean", "name": "Bean House"},
    {"kind": "campaign", "key": "qq_friday", "name": "Friday Weekend"}
    | {"games": [{"key": "qq_reel", "name": "Friday reel", "budgets": [BUDGET], "pacing": ALWAYS}
                 | {"starts_at": moment(-HOUR), "ends_at": moment(HOUR)}]},
]  # fmt: skip
"""One of each kind; no key resembles its name, so that a key can be told from a name wherever it is read."""

SCOPES = ("events:write", "plays:write", "rewards:redeem", "players:write", "players:grant", "players:erase")


@pytest.fixture
def busy(conn, settings, client, api_key, post, drain) -> None:
    """Ada, to whom everything has happened, by events, by hand and by Laurel itself; some rules are out of force."""
    publish(conn, *RULES)
    projections.rebuild(settings)
    headers = {"Authorization": f"Bearer {api_key(*SCOPES)}"}

    def send(path: str, **body: Any) -> None:
        answer = client.post(f"/v1/{path}", json=body, headers=headers)
        assert answer.status_code in {200, 201, 202}, answer.text

    assert client.put("/v1/players/ada", json={"attributes": {"team": "blue"}}, headers=headers).status_code == 200
    for number, size in enumerate((2, 0)):
        post(f"ev-{number}", "ada", "visit", qq_size=size)
        post(f"of-grace-{number}", "grace", "visit")
        drain()
    fill_all_claims(settings)
    send("players/ada/revocations", badge="qq_owl", reason="a test of the alarm")
    send("players/ada/grants", badge="qq_owl", reason="it was Ada after all")
    send("players/ada/grants", coins=500, reason="a gift")
    send("players/ada/revocations", badge="qq_fox", reason="by mistake")
    send("players/ada/streaks/qq_daily/freezes", count=1, reason="holidays")
    send("players/ada/streaks/qq_daily/pauses", **{"from": "2026-01-01", "to": "2026-01-02"})
    for number in range(2):
        send("rewards/qq_mug/redemptions", player="ada", redemption_id=f"r{number}")
    send("games/qq_reel/plays", player="ada", play_id="p1")
    drain_games(settings)
    with_reward = next(iter(rewards.pending_redemptions(conn, 1)))
    conn.rollback()
    refund_redemption(settings, with_reward.number, "mira@campus.example", "it broke")
    late = {"kind": "badge", "key": "qq_late", "name": "Late Lark", "tier": "bronze", "grant": {"coins": 1}, **EVENT}
    applied = apply_documents(conn, [late], "mira", publish=True, past="award")
    conn.commit()
    finish_now(settings, applied.job)
    change_rules(conn, "pause", ["qq_bear", "qq_held"], "mira@campus.example")
    change_rules(conn, "archive", ["qq_owl", "qq_xp"], "mira@campus.example")
    erase_player(settings, "grace", "mira@campus.example")
    drain()


PER_ROUTE = 6
"""Pages of one route that are opened; the first of them lead to all others."""
ENTRANCES = (
    "/", "/events?own=yes", "/players/ada?rule=qq_late", "/players/ada?rule=qq_owl", "/players/ada/timeline",
    "/players/ada/ledger", "/parked/dry-run",
)  # fmt: skip
NOT_PAGES = ("/static", "/live", "/v1")


def pages_of(app, browser) -> dict[str, str]:
    """What each page shows that links lead to, by address."""
    router, opened, waiting = app.url_map.bind("localhost"), defaultdict(int), list(ENTRANCES)
    texts: dict[str, str] = {}
    seen = set(waiting)
    while waiting:
        address = waiting.pop(0)
        endpoint, _ = router.match(address.partition("?")[0].partition("#")[0])
        opened[endpoint] += 1
        if opened[endpoint] > PER_ROUTE:
            continue
        answer = browser.open(address)
        text = answer.text
        if answer.mimetype != "text/html":
            continue
        texts[address] = text
        links = re.findall(r'(?:href|hx-get)="(/[^"#]*)', text)
        fresh = [
            link for link in map(unescape, dict.fromkeys(links)) if link not in seen and not link.startswith(NOT_PAGES)
        ]
        seen.update(fresh)
        waiting += fresh
    return texts


HIDDEN = re.compile(r"<(script|style|code|pre|textarea|svg|template)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN = re.compile(r'(?:title|aria-label)="([^"]*)"')


def words_of(markup: str) -> str:
    """What people read or hear of a page; code is shown as it is, and so is an example of what may be typed."""
    rest = HIDDEN.sub(" ", markup)
    text = re.sub(r"<[^>]*>", " ", re.sub(r"</?(?:a|span|strong)\b[^>]*>", "", rest))
    return unescape(" ".join([*text.split(), *SPOKEN.findall(rest)]))


KEY = re.compile(r".{0,60}\bqq[ _]\w+.{0,30}|.{0,60}\blaurel\.\w+.{0,30}", re.IGNORECASE)


def test_no_page_shows_a_key_where_a_name_exists_or_the_type_of_an_entry(busy, app, sign_in):
    texts = pages_of(app, sign_in("admin"))
    assert len(texts) > 100
    flaws = {address: found for address, text in texts.items() if (found := KEY.findall(words_of(text)))}

    assert flaws == {}


def test_events_and_timeline_say_who_did_what_and_why(busy, sign_in):
    browser = sign_in("viewer")
    addresses = "/events?own=yes", "/players/ada/timeline", "/players/ada/ledger"
    events, timeline, ledger = (words_of(browser.open(address).text) for address in addresses)
    assert "revoked by hand from ada, by the key “test”: “a test of the alarm”" in events
    assert all(words in timeline for words in ("Lost Quick Fox", "Redeemed Laurel mug", "Got back 10 coins"))
    for words in (timeline, ledger):
        assert "revoked by hand by the key “test”: “a test of the alarm”" in words.lower()
        assert "redemption refunded by mira@campus.example: “it broke”" in words


def test_every_type_of_laurels_own_entries_has_words():
    types = {kind for name, kind in vars(entry).items() if name.isupper() and str(kind).startswith("laurel.")}
    assert types - {entry.SYSTEM_TYPE_PREFIX} == SYSTEM_ENTRIES.keys()


def test_a_timeline_has_what_was_won_and_loses_nothing_from_page_to_page(busy, conn):
    record = player_profiles.find_player(conn, "ada", rulebooks.live(conn), clock.now_micros())
    labels = RuleLabels.of(conn)
    whole = timeline_page(conn, record, TimelineCursor(), 50, labels)
    lines, cursor = [], TimelineCursor()
    while cursor:
        page = timeline_page(conn, record, cursor, 2, labels)
        lines, cursor = lines + page.lines, page.following
    assert whole.following is None
    assert lines == whole.lines
    assert [(line.lines[0].verb, line.lines[0].what, line.note) for line in lines].count(
        ("won", "a coupon of Bean House", "Friday reel")
    ) == 1
