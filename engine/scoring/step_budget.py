"""How much judging one entry may cost, over all its rules together: a number of steps, never of seconds.

Steps are counted as `engine.language.cost` explains. They depend on the entry, the player and the rulebook alone, so a
preview, a replay and production come to the same number.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

STEPS_MAX: Final = 200_000
"""Some twenty milliseconds at worst: three of the costliest rules that are admitted, or thousands of ordinary ones."""
UNLIMITED: Final = 2**62
NOTED_STEPS: Final = 1_000
"""It is noted which rules spend this many steps at once."""
SHARE_OF_CULPRITS: Final = 20
"""A rule that spent at least a twentieth of the noted steps is a culprit."""

RuleVersionKey: TypeAlias = tuple[str, int]
"""A rule's key and version."""


class StepBudgetSpent(Exception):  # noqa: N818 — it names what happened; the entry is parked
    """The rules cost more steps than an entry may; nobody may use what was folded of it.

    `culprits` are the rules (key, version) that spent most of them.
    """

    def __init__(self, culprits: list[RuleVersionKey]) -> None:
        super().__init__(message(key for key, _ in culprits))
        self.culprits = culprits


def message(keys: Iterable[str]) -> str:
    """What an author reads about an entry that was too costly."""
    return f"judging it takes more than {STEPS_MAX:,} steps, most of them in {', '.join(sorted(keys))}"


def culprits(spent: Mapping[RuleVersionKey, int]) -> list[RuleVersionKey]:
    """The rules with a large share in the steps that were spent."""
    total = sum(spent.values())
    return sorted(rule for rule, steps in spent.items() if steps * SHARE_OF_CULPRITS >= total)
