"""Campaigns before their launch: drafts and saved documents, to be listed and simulated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.kinds.campaign import CAMPAIGN
from engine.vocabulary.fact import humanise
from webapp.services.drafts import draft_editing
from webapp.services.drafts.check_draft import check_draft
from webapp.store.campaigns import campaign_rows
from webapp.store.rules import drafts, rule_versions, submissions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """A campaign that was never published, so that nobody can play it; `is_sent` while its draft waits for approval."""

    key: str
    document: Mapping[str, Any]
    is_sent: bool = False

    @property
    def name(self) -> str:
        """Its name, or its key while it has none."""
        return str(self.document.get("name") or self.key)

    @property
    def games(self) -> list[Mapping[str, Any]]:
        """Its games that have a key and a name by now."""
        return [game for game in self.document.get("games") or [] if game.get("key") and game.get("name")]

    @property
    def unstocked(self) -> list[tuple[str, str]]:
        """(game, brand) of budgets without coupon, code or provider: their codes are uploaded after the launch."""
        return [
            (str(game["name"]), str(budget.get("brand_name") or humanise(str(budget.get("brand")))))
            for game in self.games
            for budget in game.get("budgets") or []
            if not budget.get("provider") and not any((budget.get("coupons") or {}).values())
        ]


def planned_campaigns(conn: Connection) -> list[PlannedCampaign]:
    """Every campaign that is not launched: drafts, the last changed first, then documents that were only saved."""
    launched = {campaign.key for campaign in campaign_rows.campaigns(conn)}
    sent = {submission.key for submission in submissions.waiting(conn)}
    in_editing = [
        PlannedCampaign(draft.key, draft_editing.document_of(draft), is_sent=draft.key in sent)
        for draft in drafts.all_drafts(conn)
        if draft.kind == CAMPAIGN.key and draft.key not in launched
    ]
    known = launched | {planned.key for planned in in_editing}
    saved = [
        PlannedCampaign(rule.key, rule.document)
        for rule in rule_versions.all_rules(conn, kind=CAMPAIGN.key, status="draft")
        if rule.key not in known
    ]
    return [*in_editing, *saved]


def planned_campaign(conn: Connection, key: str) -> PlannedCampaign | None:
    """One campaign as it stands in its draft, or as it was saved; None if there is neither, or it was launched."""
    if campaign_rows.campaign(conn, key) is not None:
        return None
    draft = drafts.of_rule(conn, key)
    if draft is not None and draft.kind == CAMPAIGN.key:
        return PlannedCampaign(key, draft_editing.document_of(draft))
    rule = rule_versions.rule(conn, key)
    if rule is not None and rule.kind == CAMPAIGN.key and rule.status == "draft":
        return PlannedCampaign(key, rule.document)
    return None


def is_complete(conn: Connection, key: str) -> bool:
    """Whether the draft of a campaign, if there is one, has no errors, so that it can be simulated."""
    draft = drafts.of_rule(conn, key)
    if draft is None:
        return True
    return not check_draft(conn, draft, draft_editing.catalogue_for(conn, draft.document)).errors
