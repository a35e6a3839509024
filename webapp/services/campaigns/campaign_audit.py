"""Audits a campaign: derives every outcome again from seed and log, and compares it with what players were told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.coupons.audit import (
    AuditRecord,
    CouponIssued,
    DocumentChanged,
    GameOpened,
    GameRestocked,
    PlayDecided,
    WinnerRedrawn,
    WinReleased,
    audit,
)
from engine.coupons.decide_play import Decision, FailedIssue
from engine.coupons.draws import commitment
from engine.coupons.game import Game, PlayLimits
from engine.coupons.play import GameDay, Play, PlayCounts
from webapp.config import Settings
from webapp.services.campaigns.campaign_seeds import seed_of
from webapp.store.campaigns import campaign_rows, game_figures
from webapp.store.campaigns.campaign_rows import Campaign
from webapp.store.system.connection import Connection, connect

PAGE = 2000


@dataclass(slots=True)
class AuditReport:
    """The result of an audit; without differences, every outcome follows from the seed and the log."""

    campaign: str
    commitment: str
    seed: str | None
    games: int = 0
    plays: int = 0
    differences: list[str] = field(default_factory=list)


def audit_campaign(settings: Settings, key: str) -> AuditReport | None:
    """Audit all games of a campaign; None for an unknown one. Plays that arrive meanwhile are left out."""
    with connect(settings.database_url) as conn:
        campaign = campaign_rows.campaign(conn, key)
        if campaign is None:
            return None
        seed = seed_of(conn, settings, campaign)
        conn.commit()
        campaign = campaign_rows.campaign(conn, key) or campaign  # with the hash of a seed that was drawn just now
        published_seed = seed.hex() if campaign.seed_published_at else None
        report = AuditReport(key, campaign.seed_hash or "", published_seed)
        if commitment(seed) != campaign.seed_hash:
            report.differences.append("the seed is not the one whose hash was published")
        for game in campaign_rows.games_of(conn, key):
            report.games += 1
            _audit_game(conn, campaign, seed, game, report)
    return report


def _audit_game(conn: Connection, campaign: Campaign, seed: bytes, game: Game, report: AuditReport) -> None:
    until = game_figures.newest_log_number(conn, game.key)
    first, limits = game_figures.opening_rules(conn, game.key)
    rules = (Game.from_document(first), PlayLimits.from_document(limits)) if first else (game, campaign.limits)
    for difference in audit(*rules, seed, _records(conn, game.key, until, report)):
        written, derived = _in_words(difference.written), _in_words(difference.derived)
        where = f"{game.key} n {difference.n}: play {difference.play}"
        report.differences.append(f"{where}: written {written}, derived {derived}")
    contradictions = game_figures.log_contradictions(conn, game.key, until)
    report.differences += [f"{game.key}: {contradiction}" for contradiction in contradictions]
    conn.rollback()


def _records(conn: Connection, game: str, until: int, report: AuditReport) -> Iterator[AuditRecord]:
    after = 0
    while after < until:
        page = campaign_rows.game_log(conn, game, after, min(PAGE, until - after))
        conn.rollback()
        if len(page) != min(PAGE, until - after):
            report.differences.append(f"{game}: the log has gaps after n {after}")
            return
        for n, kind, _, content in page:
            record = _record(n, kind, content)
            report.plays += kind == "decided"
            if record is not None:
                yield record
        after = page[-1][0]


def _record(n: int, kind: str, content: Mapping[str, Any]) -> AuditRecord | None:
    if kind == "opened":
        return GameOpened(n, content["left"])
    if kind == "restocked":
        return GameRestocked(n, content["at"], content["changes"])
    if kind == "ruled":
        return DocumentChanged(
            n, content["at"], Game.from_document(content["game"]), PlayLimits.from_document(content["limits"])
        )
    return _record_of_play(n, kind, content)


def _record_of_play(n: int, kind: str, content: Mapping[str, Any]) -> AuditRecord | None:
    if kind == "redrawn":
        win = FailedIssue(content["name"], content["failed"], content["attempt"], tuple(content["may"]))
        return WinnerRedrawn(n, win, content["brand"])
    if kind == "released":
        return WinReleased(n, content["name"], content["brand"], content["at"])
    if kind == "decided" and "attempt" in content:
        return CouponIssued(n, content["name"], content["brand"])
    return PlayDecided(n, _play(content), _decision(content))


def _play(content: Mapping[str, Any]) -> Play:
    game, campaign = _counts(content["game"]), _counts(content["campaign"])
    return Play(content["name"], content["at"], GameDay(*content["day"]), content["eligible"], game, campaign)


def _counts(raw: list[Any]) -> PlayCounts:
    return PlayCounts(*raw)


def _decision(content: Mapping[str, Any]) -> Decision:
    above, below = content["chance"]
    outcome, reason, brand = content["outcome"], content["reason"], content["brand"]
    return Decision(outcome, reason, brand, (above, below), content["draw"], content["cause"])


def _in_words(decision: Decision | str | None) -> str:
    if not isinstance(decision, Decision):
        return decision or "nothing"
    brand = f", {decision.brand}" if decision.brand else ""
    return f"{decision.outcome} ({decision.reason}{brand})"
