"""Every operation of the API by the endpoint of its route: what its own code does not say about it."""

from collections.abc import Mapping
from typing import Any, Final

from engine.kinds import KINDS
from webapp.api import campaigns, leaderboards, rewards, rules
from webapp.api.events import event_batch, event_body
from webapp.api.events import responses as event_responses
from webapp.api.games import play_batches
from webapp.api.games import responses as game_responses
from webapp.api.games import routes as game_routes
from webapp.api.openapi.operation import PAGE, Operation, PageOf, Parameter, choice_parameter, text_parameter
from webapp.api.players import manual_changes
from webapp.api.players import responses as player_responses
from webapp.services.coupons import issued_coupons
from webapp.services.players import explanations
from webapp.services.publishing.publish import PASTS

WAIT = Parameter(
    "Prefer", "`wait=SECONDS` (at most 10): answer 200 with the outcomes.", {"type": "string"}, place="header"
)
EVENT = {"id": "ev-1", "type": "lesson_completed", "player": "ada", "properties": {"course": "py", "score": 95}}
DAYS = {"from": "2026-12-24", "to": "2026-12-27"}

EVENTS: Final = {
    "v1_events.accept": Operation(
        "Events",
        {202: event_responses.Receipt, 200: event_responses.Receipt},
        bodies=(event_body.EventBody, event_batch.EventBatchBody),
        parameters=(WAIT,),
        conflict_codes=("conflict",),
        example=EVENT,
    ),
    "v1_events.show": Operation("Events", {200: event_responses.EventStatus}),
}

PLAYERS: Final = {
    "v1_players.search": Operation(
        "Players",
        {200: PageOf(player_responses.PlayerSummary)},
        parameters=(text_parameter("query", "The beginning of their ids."), *PAGE),
    ),
    "v1_players.show": Operation("Players", {200: player_responses.PlayerProfile}),
    "v1_players.ledger": Operation("Players", {200: PageOf(player_responses.LedgerEntryView)}, parameters=PAGE),
    "v1_players.timeline": Operation("Players", {200: PageOf(player_responses.TimelineEntryView)}, parameters=PAGE),
    "v1_players.badges": Operation("Players", {200: PageOf(player_responses.BadgeProgress)}, parameters=PAGE),
    "v1_players.explanation": Operation(
        "Players",
        {200: explanations.RuleExplanation},
        parameters=(text_parameter("event", "Explain the award that this event brought, instead of the newest one."),),
    ),
    "v1_players_write.put": Operation(
        "Players",
        {200: player_responses.PlayerProfile},
        bodies=(event_body.ProfileBody,),
        example={"timezone": "Europe/London"},
    ),
    "v1_players_write.delete": Operation("Players", {204: None}),
}


def _manual_change(body: type[Any], example: Any, *codes: str) -> Operation:
    answers = {201: player_responses.ManualChange, 200: player_responses.ManualChange}
    codes = ("conflict", *codes, "no_effect")
    return Operation("Manual changes", answers, bodies=(body,), conflict_codes=codes, example=example)


MANUAL_CHANGES: Final = {
    "v1_players_write.grant": _manual_change(
        manual_changes.GrantBody, {"xp": 50, "reason": "helped at the fair"}, "already_held"
    ),
    "v1_players_write.revoke": _manual_change(
        manual_changes.RevocationBody, {"coins": 5, "reason": "granted twice"}, "not_held"
    ),
    "v1_players_write.give_freezes": _manual_change(manual_changes.FreezeBody, {"count": 1}, "limit_reached"),
    "v1_players_write.pause_streak": _manual_change(manual_changes.PauseBody, DAYS, "limit_reached"),
    "v1_players_write.restore_streak": _manual_change(
        manual_changes.RestorationBody, {"reason": "the app was down"}, "not_broken", "limit_reached"
    ),
}

LEADERBOARDS: Final = {
    "v1_leaderboards.every": Operation("Leaderboards", {200: PageOf(leaderboards.Leaderboard)}, parameters=PAGE),
    "v1_leaderboards.show": Operation(
        "Leaderboards",
        {200: leaderboards.Standings},
        parameters=(
            text_parameter("window", "`current`, `previous` or the id of a window, such as `2026-W47`."),
            text_parameter("around", "A player: 51 rows with that player in the middle."),
            text_parameter("segment", "Only players of this segment."),
            *PAGE,
        ),
    ),
}

RULES: Final = {
    "v1_rules.list_rules": Operation(
        "Rules",
        {200: PageOf(rules.Rule)},
        parameters=(
            choice_parameter("kind", "Only rules of this kind.", *KINDS),
            choice_parameter("status", "Only rules with this status.", *rules.STATUSES),
            *PAGE,
        ),
    ),
    "v1_rules.show_rule": Operation("Rules", {200: rules.Rule}),
    "v1_rules.apply_rules": Operation(
        "Rules",
        {200: rules.AppliedRules, 202: rules.AppliedRules},
        bodies=("Documents",),
        parameters=(
            choice_parameter("publish", "Whether to publish at once; otherwise save as drafts.", "true", "false"),
            choice_parameter(
                "past",
                "What to do with history on publishing: `award` gives badges and earning rules to everybody who would"
                " have earned them for an earlier event and did not, whatever was live then.",
                *PASTS,
            ),
        ),
        conflict_codes=("conflict",),
        example=[
            {
                "kind": "metric",
                "key": "lessons",
                "name": "Lessons",
                "events": ["lesson_completed"],
                "aggregate": "count",
            }
        ],
    ),
    "v1_rules.show_publication": Operation("Rules", {200: rules.Publication}),
    "v1_rules.pause_rule": Operation("Rules", {200: rules.Rule}, conflict_codes=("conflict",)),
    "v1_rules.resume_rule": Operation(
        "Rules", {200: rules.AppliedRules, 202: rules.AppliedRules}, conflict_codes=("conflict",)
    ),
    "v1_rules.archive_rule": Operation("Rules", {204: None}, conflict_codes=("conflict",)),
}

PLAYS: Final = {
    "v1_games.make_token": Operation(
        "Plays", {201: game_responses.GameToken}, bodies=(game_routes.TokenBody,), example={"player": "ada"}
    ),
    "v1_games.accept": Operation(
        "Plays",
        {202: game_responses.PlayReceipts},
        bodies=(play_batches.PlayBody, play_batches.PlayBatchBody),
        conflict_codes=("conflict", "game_not_open"),
        example={"play_id": "play-1", "player": "ada"},
    ),
    "v1_games.show": Operation(
        "Plays",
        {200: game_responses.PlayView},
        parameters=(
            Parameter("wait", "Seconds to wait for the outcome, at most 10.", {"type": "integer", "minimum": 0}),
        ),
    ),
    "v1_campaigns.budget": Operation("Coupons", {200: campaigns.CampaignBudgets}),
    "v1_campaigns.of_player": Operation("Coupons", {200: PageOf(campaigns.PlayerCoupon)}, parameters=PAGE),
    "v1_campaigns.redeem_coupon": Operation(
        "Coupons",
        {200: campaigns.RedeemedCoupon},
        bodies=(campaigns.CouponRedemptionBody,),
        conflict_codes=tuple(dict.fromkeys(code for code, _ in issued_coupons.REFUSALS.values())),
        example={"redemption_id": "till-7-0042"},
    ),
}

NOT_REDEEMED_CODES = ("insufficient_coins", "out_of_stock", "not_eligible", "limit_reached", "conflict")

REWARDS: Final = {
    "v1_rewards.list_rewards": Operation(
        "Rewards",
        {200: PageOf(rewards.Reward)},
        parameters=(text_parameter("player", "Say whether this player can redeem each reward now."), *PAGE),
    ),
    "v1_rewards.redeem_reward": Operation(
        "Rewards",
        {201: rewards.RedemptionView, 200: rewards.RedemptionView},
        bodies=(rewards.RedemptionBody,),
        conflict_codes=NOT_REDEEMED_CODES,
        example={"player": "ada", "redemption_id": "order-1"},
    ),
    "v1_rewards.show": Operation("Rewards", {200: rewards.RedemptionView}),
    "v1_rewards.send_again": Operation("Rewards", {202: rewards.RedemptionView}, conflict_codes=("nothing_to_send",)),
    "v1_rewards.refund_redemption": Operation(
        "Rewards",
        {200: rewards.RedemptionView},
        bodies=(rewards.RefundBody,),
        conflict_codes=("not_refundable",),
        example={"reason": "the mug was broken"},
    ),
    "v1_rewards.of_player": Operation("Rewards", {200: PageOf(rewards.RedemptionView)}, parameters=PAGE),
}

OPERATIONS: Final = {**EVENTS, **PLAYERS, **MANUAL_CHANGES, **LEADERBOARDS, **RULES, **PLAYS, **REWARDS}
"""Endpoint of the route → what is described of it; in reading order."""
OPERATION_IDS: Final = {
    "v1_events.accept": "send_events",
    "v1_events.show": "get_event",
    "v1_players.search": "list_players",
    "v1_players.show": "get_player",
    "v1_players.ledger": "list_ledger",
    "v1_players.timeline": "list_timeline",
    "v1_players.badges": "list_badges",
    "v1_players.explanation": "explain_rule",
    "v1_players_write.put": "update_player",
    "v1_players_write.delete": "erase_player",
    "v1_players_write.grant": "grant",
    "v1_players_write.revoke": "revoke",
    "v1_players_write.give_freezes": "give_freezes",
    "v1_players_write.pause_streak": "pause_streak",
    "v1_players_write.restore_streak": "restore_streak",
    "v1_leaderboards.every": "list_leaderboards",
    "v1_leaderboards.show": "get_leaderboard",
    "v1_rules.list_rules": "list_rules",
    "v1_rules.show_rule": "get_rule",
    "v1_rules.apply_rules": "apply_rules",
    "v1_rules.show_publication": "get_publication",
    "v1_rules.pause_rule": "pause_rule",
    "v1_rules.resume_rule": "resume_rule",
    "v1_rules.archive_rule": "archive_rule",
    "v1_games.make_token": "make_player_token",
    "v1_games.accept": "play",
    "v1_games.show": "get_play",
    "v1_campaigns.budget": "get_campaign_budget",
    "v1_campaigns.of_player": "list_coupons",
    "v1_campaigns.redeem_coupon": "redeem_coupon",
    "v1_rewards.list_rewards": "list_rewards",
    "v1_rewards.redeem_reward": "redeem_reward",
    "v1_rewards.show": "get_redemption",
    "v1_rewards.send_again": "resend_webhook",
    "v1_rewards.refund_redemption": "refund_redemption",
    "v1_rewards.of_player": "list_redemptions",
}
"""Endpoint → the name that generated clients give to the operation."""

UNDESCRIBED: Final[Mapping[str, frozenset[str]]] = {
    "v1_openapi.show": frozenset(),
    "v1_live.of_play": frozenset({"token"}),
    "v1_live.live": frozenset({"token"}),
}
"""Endpoints that OpenAPI 3.1 cannot describe, with the parameters that they take; the help page of the API does."""


def parameter_names() -> dict[str, frozenset[str]]:
    """Endpoint → the parameters that its query may have."""
    described = {
        name: frozenset(parameter.name for parameter in operation.parameters if parameter.place == "query")
        for name, operation in OPERATIONS.items()
    }
    return {**described, **UNDESCRIBED}
