"""Which rules an entry matched: what gave or was kept from giving by a limit, and what counted it."""

from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.outcome import Outcome, RefusalReason

UNMATCHED = frozenset((RefusalReason.MISSING_FACT, RefusalReason.NOT_IN_SCHEDULE, RefusalReason.RULE_FAULT))
"""Why a rule gave nothing that did not match either."""


def matched(outcome: Outcome, book: Rulebook) -> set[str]:
    """The keys of all rules that an entry matched; of what was written by hand, none."""
    found = {*outcome.metrics, *outcome.streaks, *outcome.missions, *outcome.entered}
    found.update([line.rule for line in outcome.ledger if line.rule_version])
    found.update([change.board for change in outcome.boards])
    if outcome.badges:
        found.update([badge.badge for badge in outcome.badges if badge.rule_version])
    if outcome.claims:
        found.update([claim.rule for claim in outcome.claims])
    if outcome.not_awarded:
        found.update([no.rule for no in outcome.not_awarded if no.rule_version and no.reason not in UNMATCHED])
    if outcome.level and book.levels:
        found.add(book.levels.key)
    if outcome.lifecycle and book.lifecycle:
        found.add(book.lifecycle.key)
    return found
