"""Changes the strategy that paces a game, as a new version of its campaign."""

from typing import Any

from webapp.config import Settings
from webapp.services.publishing import publish
from webapp.services.publishing.publish import PublicationResult
from webapp.services.publishing.rule_changes import UnknownRule
from webapp.store.rules import rule_versions
from webapp.store.system.connection import connect


def choose_strategy(settings: Settings, campaign: str, game: str, strategy: str, by: str) -> PublicationResult:
    """Pace a game by another strategy from now on; with problems nothing is changed. Raises UnknownRule."""
    with connect(settings.database_url) as conn:
        rule_versions.lock(conn)  # so that no other change of the campaign is lost
        rule = rule_versions.rule(conn, campaign)
        if rule is None:
            raise UnknownRule(campaign)
        applied = publish.apply_documents(conn, [_with_strategy(rule.document, game, strategy)], by, publish=True)
        if not applied.problems:
            conn.commit()
    return applied


def _with_strategy(document: dict[str, Any], game: str, strategy: str) -> dict[str, Any]:
    games = [
        raw if raw["key"] != game else raw | {"pacing": (raw.get("pacing") or {}) | {"strategy": strategy}}
        for raw in document["games"]
    ]
    return document | {"games": games}
