"""The state is a function of the entries: batches, spilling and what is loaded leave no trace."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.scoring.rulebook.preload import Preload, preload_for
from engine.scoring.state.player_state import BYTES_MAX, decode, encode
from engine.scoring.views.due import due_at
from engine.vocabulary.entry import Entry
from tests.builders import ADA, DAY, Shell, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import board, earning, everything, histories, metric, split, streak
from tests.lengths import brief_or_long

BOOK = make_book(everything())
START = moment("2026-01-05")
DAY_ZERO = START // DAY


@settings(max_examples=brief_or_long(60, 600))
@given(histories(), st.lists(st.integers(0, 100), max_size=6))
def test_any_batches_store_the_same_bytes_as_no_batches(entries: list[Entry], cuts: list[int]) -> None:
    player, shell = ada(), Shell()
    straight = apply(player, entries, BOOK)
    batched = [outcome for batch in split(entries, cuts) for outcome in shell.batch(batch, BOOK)]
    assert shell.state == encode(player.state)
    assert batched == straight
    assert shell.keys == player.memory.keys
    assert {place: value for place, value in shell.past.items() if value is not None} == {
        place: value for place, value in player.memory.past.items() if value is not None
    }


@settings(max_examples=brief_or_long(25, 240))
@given(histories())
def test_entry_by_entry_through_storage_gives_the_same_as_all_at_once(entries: list[Entry]) -> None:
    player, shell = ada(), Shell()
    straight = apply(player, entries, BOOK)
    assert [outcome for entry in entries for outcome in shell.batch([entry], BOOK)] == straight
    assert shell.state == encode(player.state)


@settings(max_examples=brief_or_long(25, 240))
@given(histories())
def test_ledger_lines_add_up_to_balances_that_are_never_negative(entries: list[Entry]) -> None:
    player = ada()
    sums = {"xp": 0, "coins": 0}
    for line in (line for outcome in apply(player, entries, BOOK) for line in outcome.ledger):
        sums[line.currency] += line.amount
        assert line.balance == sums[line.currency] >= 0
        assert line.amount != 0
    assert sums == {"xp": player.state.get("xp", 0), "coins": player.state.get("coins", 0)}


@settings(max_examples=brief_or_long(25, 240))
@given(histories())
def test_a_rule_gives_a_badge_at_most_once_a_period(entries: list[Entry]) -> None:
    outcomes = apply(ada(), entries, BOOK)
    given_by_rules = [(b.badge, b.period) for o in outcomes for b in o.badges if b.rule_version is not None]
    assert len(given_by_rules) == len(set(given_by_rules))


@settings(max_examples=brief_or_long(25, 240))
@given(histories())
def test_a_mission_is_completed_at_most_once_a_period(entries: list[Entry]) -> None:
    outcomes = apply(ada(), entries, BOOK)
    done = [(completion.mission, completion.period) for outcome in outcomes for completion in outcome.completions]
    assert len(done) == len(set(done))


@settings(max_examples=brief_or_long(25, 160))
@given(histories(most=120))
def test_the_state_stays_small_and_readable(entries: list[Entry]) -> None:
    player = ada()
    apply(player, entries, BOOK)
    assert len(encode(player.state)) <= BYTES_MAX
    assert decode(encode(player.state)) == player.state


@settings(max_examples=brief_or_long(25, 240))
@given(histories())
def test_no_rule_ever_fails(entries: list[Entry]) -> None:
    assert not [fault for outcome in apply(ada(), entries, BOOK) for fault in outcome.faults]


@settings(max_examples=brief_or_long(25, 240))
@given(histories())
def test_a_tick_when_due_changes_the_player_and_then_nothing_is_due_at_that_moment(entries: list[Entry]) -> None:
    player = ada()
    apply(player, entries, BOOK)
    due = due_at(player.state, BOOK)
    if due is None:
        return
    before = encode({**player.state, "v": 0})
    tick = Entry(99, 99, ADA, "laurel.tick", "t", "laurel", due, due, {})
    apply(player, [tick], BOOK)
    assert encode({**player.state, "v": 0}) != before
    next_due = due_at(player.state, BOOK)
    assert next_due is None or next_due > due


def test_the_common_event_needs_nothing_but_the_state() -> None:
    asking = ("scores", "explorer", "rich", "by_scores", "pass_xp", "pays_")
    book = make_book([document for document in everything() if not document["key"].startswith(asking)])
    player = ada()
    apply(player, [make_entry("lesson_completed", "2026-11-20", score=50)], book)
    assert preload_for(player.state, [make_entry("lesson_completed", "2026-11-21", score=50)], book) == Preload()


def test_runs_of_streaks_that_left_the_state_are_joined_there() -> None:
    book, shell, player = make_book([streak()]), Shell(), ada()
    entries = [make_entry("visit", START + 2 * index * DAY, seq=index + 1) for index in range(30)]
    late = [make_entry("visit", START + (2 * index + 1) * DAY, seq=index + 50) for index in (1, 0, 12, 28)]
    for entry in [*entries, *late]:
        shell.batch([entry], book)
    apply(player, [*entries, *late], book)
    assert shell.state == encode(player.state)
    assert player.state["streaks"]["daily"]["longest"] == 5


def test_a_batch_that_moves_runs_out_of_the_state_and_then_needs_them_comes_to_the_same() -> None:
    book, shell, player = make_book([streak()]), Shell(), ada()
    entries = [make_entry("visit", START + 2 * index * DAY, seq=index + 1) for index in range(25)]
    batch = [make_entry("visit", START + day * DAY, seq=day) for day in (60, 11)]  # day 11 joins the run that 60 moves
    for entries_at_once in (entries, batch):
        shell.batch(entries_at_once, book)
    apply(player, [*entries, *batch], book)
    assert shell.state == encode(player.state)


def test_scores_of_runs_that_left_the_state_are_continued_there() -> None:
    book = make_book([board("daily", window="day", finalise_after_hours=744), earning("xp", 10)])
    shell = Shell()
    days = [*range(12), 0, 0]
    entries = [
        make_entry("visit", START + day * DAY, seq=seq, received_at=START + 12 * DAY) for seq, day in enumerate(days)
    ]
    outcomes = [outcome for entry in entries for outcome in shell.batch([entry], book)]
    assert [change.score for outcome in outcomes[-2:] for change in outcome.boards] == [20, 30]


def test_counters_of_days_that_left_the_state_are_continued_there() -> None:
    book = make_book([metric("visits"), earning("xp", 60, limits={"max_xp_per_day": 100})])
    shell = Shell()
    for seq, day in enumerate([0, 40, 41, 42, 43, 0, 0]):
        outcome = shell.batch([make_entry("visit", START + day * DAY, seq=seq)], book)[0]
    assert (shell.past["m:visits", DAY_ZERO], outcome.ledger) == (3, [])
