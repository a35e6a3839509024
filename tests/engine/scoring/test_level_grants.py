"""A level is known by its name: put others in or take them out below it, and its grant is still paid once."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.build_rulebook import build_rulebook
from engine.scoring.rulebook.levels import compile_levels
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Player
from tests.builders import ZONES, ada, apply, make_entry
from tests.engine.scoring.world import rule
from tests.lengths import brief_or_long

COINS = {"Bronze": 1, "Silver": 20, "Gold": 300, "Platinum": 4000, "Mini": 50_000, "Midi": 600_000, "Maxi": 7_000_000}
Steps = Sequence[tuple[str, int]]


def ladder(*steps: tuple[str, int], **members: Any) -> dict[str, Any]:
    """Levels by name and XP above the first one, each with the coins that its name stands for."""
    above = [{"name": name, "xp": xp, "grant": {"coins": COINS.get(name, 9)}} for name, xp in steps]
    return rule("levels", "levels", thresholds=[{"name": "Start", "xp": 0}, *above], **members)


def books(*versions: dict[str, Any]) -> list[Rulebook]:
    """The rulebooks of successive versions of the levels."""
    return [
        build_rulebook(number, [RuleVersion(number, "levels", number, document, earlier=versions[: number - 1])], ZONES)
        for number, document in enumerate(versions, start=1)
    ]


def play(player: Player, book: Rulebook, xp: int) -> int:
    """Give XP by hand, or let just an event come, and return the coins that followed."""
    before = player.state.get("coins", 0)
    grant = make_entry("laurel.grant", app="laurel", properties={"xp": xp, "reason": "kind"})
    apply(player, [grant if xp else make_entry("visit")], book)
    coins: int = player.state.get("coins", 0) - before
    return coins


BEFORE, AFTER = ladder(("Silver", 50), ("Gold", 100)), ladder(("Mini", 10), ("Silver", 50), ("Gold", 100))


def test_a_level_put_in_below_pays_its_own_grant_and_no_other_again() -> None:
    player, (old, new) = ada(), books(BEFORE, AFTER)
    assert (play(player, old, 60), play(player, new, 0), play(player, new, 40)) == (20, 50_000, 300)


def test_a_level_taken_out_below_keeps_no_other_from_paying() -> None:
    player, (old, new) = ada(), books(AFTER, BEFORE)
    assert (play(player, old, 60), play(player, new, 0), play(player, new, 40)) == (50_020, 0, 300)


@pytest.mark.parametrize(
    "changed",
    [
        ladder(("Argent", 50), ("Gold", 100)),
        ladder(("Silver", 55), ("Gold", 100)),
        ladder(("Silver", 40), ("Gold", 59)),
    ],
    ids=["renamed", "raised", "lowered"],
)
def test_a_level_that_is_renamed_raised_or_lowered_has_paid(changed: dict[str, Any]) -> None:
    player, (old, new) = ada(), books(BEFORE, changed)
    assert play(player, old, 60) == 20
    assert play(player, new, 0) in (0, 300)  # Gold, where it is reached at 59
    assert player.state["coins"] in (20, 320)


def test_a_level_that_was_reached_before_its_levels_were_published_never_pays() -> None:
    player = ada()
    [old, new] = books(BEFORE, AFTER)
    play(player, build_rulebook(0, [], ZONES), 60)
    assert (play(player, old, 0), play(player, new, 0)) == (0, 50_000)
    revocation = make_entry("laurel.revocation", app="laurel", properties={"xp": 30, "reason": "error"})
    apply(player, [revocation], new)
    assert play(player, new, 30) == 0


def test_a_level_that_takes_the_number_of_another_one_pays_although_no_number_changes() -> None:
    player, versions = ada(), books(ladder(("Gold", 11)), ladder(("Bronze", 10)), ladder(("Gold", 11)))
    assert (play(player, versions[1], 10), play(player, versions[2], 1)) == (1, 300)


def test_unnamed_levels_of_a_formula_are_known_by_their_number() -> None:
    doubling, tripled = ({"key": "levels", "formula": "doubling", "max_level": most} for most in (5, 8))
    assert compile_levels(tripled, 2, [doubling]).ids == tuple(range(1, 9))
    assert not compile_levels(tripled, 2, [doubling]).was_renumbered


def test_levels_of_a_formula_that_get_names_are_the_same_at_the_same_xp() -> None:
    doubling = {"key": "levels", "formula": "doubling", "max_level": 3}  # at 0, 200 and 400 XP
    named = ladder(("Mini", 100), ("Silver", 200), ("Gold", 400))
    assert compile_levels(named, 2, [doubling]).ids == (1, 4, 2, 3)


def test_a_name_that_moved_on_to_another_level_is_that_level() -> None:
    versions = [ladder(("Silver", 50)), ladder(("Argent", 50)), ladder(("Silver", 30), ("Argent", 50))]
    assert compile_levels(versions[2], 3, versions[:2]).ids == (1, 3, 2)


NAMES = sorted(COINS)
# No two names are ever at the same XP, where one would look like the other one renamed.
LADDERS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 30), min_size=1, max_size=6).map(
        lambda tens: sorted(((name, 10 * ten + NAMES.index(name)) for name, ten in tens.items()), key=lambda at: at[1])
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=brief_or_long(80, 1500))
@given(LADDERS, st.lists(st.tuples(st.integers(0, 5), st.integers(0, 90)), min_size=1, max_size=15))
def test_each_name_pays_once_and_when_it_is_reached(ladders: list[Steps], gains: list[tuple[int, int]]) -> None:
    versions = [ladder(*steps) for steps in ladders]
    all_books, player, paid = books(*versions), ada(), set[str]()
    for place, xp in sorted(gains, key=lambda gain: gain[0]):
        steps = ladders[min(place, len(ladders) - 1)]
        coins = play(player, all_books[min(place, len(ladders) - 1)], xp)
        newly_reached = {name for name, at in steps if at <= player.state.get("xp", 0)} - paid
        assert coins == sum(COINS[name] for name in newly_reached)
        paid |= newly_reached
