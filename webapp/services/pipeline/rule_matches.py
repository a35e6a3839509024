"""Which rules an entry matched: those that gave something, that a limit kept from giving, or that counted it."""

from engine.scoring.rulebook.rulebook import Rulebook
from engine.vocabulary.outcome import Outcome, RefusalReason

UNMATCHED = frozenset((RefusalReason.MISSING_FACT, RefusalReason.NOT_IN_SCHEDULE, RefusalReason.RULE_FAULT))
"""RefusalReasons for giving nothing that also mean: the rule did not match."""


def matched(outcome: Outcome, book: Rulebook) -> set[str]:
    """The keys of all rules that an entry matched; manual changes match none."""
    keys = {*outcome.metrics, *outcome.streaks, *outcome.missions, *outcome.entered}
    keys.update([line.rule for line in outcome.ledger if line.rule_version])
    keys.update([change.board for change in outcome.boards])
    if outcome.badges:
        keys.update([badge.badge for badge in outcome.badges if badge.rule_version])
    if outcome.claims:
        keys.update([claim.rule for claim in outcome.claims])
    if outcome.not_awarded:
        keys.update([no.rule for no in outcome.not_awarded if no.rule_version and no.reason not in UNMATCHED])
    if outcome.level and book.levels:
        keys.add(book.levels.key)
    if outcome.lifecycle and book.lifecycle:
        keys.add(book.lifecycle.key)
    return keys
