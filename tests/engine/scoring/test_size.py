"""A heavy player among fifty rules: a document of at most 8 KiB; what left it is asked for, or outcomes differ."""

from typing import Any

import pytest

from engine.scoring.rulebook import preload
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.memory import Player
from engine.scoring.state.player_state import BYTES_MAX, encode
from engine.vocabulary.entry import Entry
from tests import presets
from tests.builders import DAY, HOUR, Shell, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import board, earning, metric, rule, streak

AGGREGATES = ("count", "count", "sum", "max", "min", "last", "distinct", "sum", "count", "distinct", "last", "sum")
READ = [f"metric.m{index}.{window}" for index, window in enumerate(["last_60_days", "this_month", "last_90_days"])]
START = moment("2025-01-01")


def fifty_rules() -> list[dict[str, Any]]:
    """About as many live rules as a lively product has, and of every kind that keeps something of a player."""
    limits = {"max_xp_per_day": 1000, "cooldown_seconds": 60}
    return [
        *(metric(f"m{index}", aggregate) for index, aggregate in enumerate(AGGREGATES)),
        *presets.lifecycle(),
        *(streak(f"s{period}", period, initial=1, max=3, earn_every=5) for period in ("day", "week", "month")),
        presets.doubling_levels(),
        *(earning(f"capped_{index}", {"xp": 7, "coins": 1}, limits=limits) for index in range(8)),
        *(earning(f"once_{index}", 3, limits={"once_per": ["event.properties.item"]}) for index in range(2)),
        *(earning(f"reads_{index}", {"coins": {"var": path}}) for index, path in enumerate(READ)),
        *(rule("badge", f"badge_{index}", condition=None, repeat="day" if index % 2 else "once") for index in range(8)),
        *(
            rule("mission", f"mission_{index}", goal={"target": 3}, period=period)
            for index, period in enumerate(["day", "week", "month", "once", "day", "week"])
        ),
        *(board(f"board_{window}", "xp", window) for window in ("day", "week", "month", "all_time")),
        board("by_metric", "metric.m2", "day", segment_by="player.level", finalise_after_hours=744),
        rule("player_limits", "limits", max_events_per_minute=100, flag_above_usual=50),
    ]


BOOK = make_book(fifty_rules())


def events(count: int, every: int = 2 * HOUR) -> list[Entry]:
    """A long history, every twentieth event three days late; an item comes twice."""
    entries = []
    for seq in range(count):
        late = 3 * DAY if seq % 20 == 19 else 0
        plain = {"score": seq % 97 + 0.25, "item": f"item-{seq // 2}"}
        entries.append(make_entry("visit", START + seq * every - late, seq=seq, properties=plain))
    return entries


def test_fifty_rules_are_fifty() -> None:
    assert len(fifty_rules()) >= 50


def test_after_ten_thousand_events_and_five_thousand_keys_the_document_is_small() -> None:
    player = ada()
    sizes = [
        size_after(player, page) for page in (events(10_000)[start : start + 500] for start in range(0, 10_000, 500))
    ]
    assert max(sizes) <= BYTES_MAX
    assert sum(name == "o:once_0" for name, _ in player.memory.keys) == 5000


def size_after(player: Player, page: list[Entry]) -> int:
    """The size of the document; its memory goes on whole."""
    apply(player, page, BOOK)
    return len(encode(player.state))


def outcomes_through_storage(book: Rulebook, entries: list[Entry]) -> list[Any]:
    shell = Shell()
    return [outcome for entry in entries for outcome in shell.batch([entry], book)]


PLANTED = {
    "days that rules look back to": ("days_missing", lambda *_: None),
    "periods that left the document": ("is_bucket_missing", lambda *_: False),
    "keys that were used": ("digest", lambda *_: b""),
}


@pytest.mark.pure_engine
@pytest.mark.parametrize("bug", sorted(PLANTED))
def test_the_memory_refuses_keys_that_were_not_preloaded(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = events(240, every=9 * HOUR)
    expected = apply(ada(), entries, BOOK)
    assert outcomes_through_storage(BOOK, entries) == expected
    monkeypatch.setattr(preload, *PLANTED[bug])
    assert outcomes_through_storage(BOOK, entries) != expected
