"""Compiles a rulebook from the versions that are live at a moment."""

from collections.abc import Sequence

from engine.kinds import KINDS
from engine.kinds.metric import METRIC
from engine.scoring.rulebook.lookback import days_kept_in_state
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion, Zones, index


def build_rulebook(number: int, versions: Sequence[RuleVersion], zones: Zones) -> Rulebook:
    """Compile a rulebook from checked documents; the order of `versions` does not matter."""
    aggregates = (version.document["aggregate"] for version in versions if version.document["kind"] == METRIC.key)
    book = Rulebook(number, zones, days_kept_in_state(aggregates))
    for version in sorted(versions, key=lambda version: version.key):
        compile_into = KINDS[version.document["kind"]].compile
        if compile_into is not None:
            compile_into(version, book)
    index(book)
    return book
