"""Every operation of the API by the name of its route: what its own code does not say of itself."""

from typing import Any, Final

from webapp.api import campaigns, rewards
from webapp.api.events import event_body
from webapp.api.games import play_bursts, routes
from webapp.api.openapi import event_shapes, player_shapes, prize_shapes
from webapp.api.openapi.operation import PAGE, Ask, Listed, Operation, choice, text
from webapp.api.players import manual_changes
from webapp.services.coupons import coupon_redemption
from webapp.services.publishing.publish import PASTS

WAIT = Ask("Prefer", "`wait=SECONDS` (at most 10): answer 200 with the outcomes.", {"type": "string"}, place="header")
EVENT = {"id": "ev-1", "type": "lesson_completed", "player": "ada", "properties": {"course": "py", "score": 95}}
SPAN = {"from": "2026-12-24", "to": "2026-12-27"}

EVENTS: Final = {
    "v1_events.accept": Operation(
        "Events",
        {202: event_shapes.Receipt, 200: event_shapes.Receipt},
        (event_body.Event, event_shapes.Batch),
        (WAIT,),
        ("conflict",),
        EVENT,
    ),
    "v1_events.show": Operation("Events", {200: event_shapes.EventStanding}),
}

PLAYERS: Final = {
    "v1_players.search": Operation(
        "Players", {200: Listed(player_shapes.FoundPlayer)}, asks=(text("query", "How their ids begin."), *PAGE)
    ),
    "v1_players.show": Operation("Players", {200: player_shapes.Portrait}),
    "v1_players.ledger": Operation("Players", {200: Listed(player_shapes.LedgerLine)}, asks=PAGE),
    "v1_players.timeline": Operation("Players", {200: Listed(player_shapes.TimelineEntry)}, asks=PAGE),
    "v1_players.badges": Operation("Players", {200: Listed(player_shapes.BadgeStanding)}, asks=PAGE),
    "v1_players.explanation": Operation("Players", {200: player_shapes.Explanation}),
    "v1_players_write.put": Operation(
        "Players", {200: player_shapes.Portrait}, (event_body.Profile,), example={"timezone": "Europe/London"}
    ),
    "v1_players_write.delete": Operation("Players", {204: None}),
}


def _by_hand(shape: type[Any], example: Any) -> Operation:
    answers = {201: player_shapes.AppliedByHand, 200: player_shapes.AppliedByHand}
    return Operation("By hand", answers, (shape,), conflicts=("conflict",), example=example)


BY_HAND: Final = {
    "v1_players_write.grant": _by_hand(manual_changes.Gift, {"xp": 50, "reason": "helped at the fair"}),
    "v1_players_write.revoke": _by_hand(manual_changes.Gift, {"coins": 5, "reason": "sent twice by mistake"}),
    "v1_players_write.give_freezes": _by_hand(manual_changes.Freezes, {"count": 1}),
    "v1_players_write.pause_streak": _by_hand(manual_changes.Pause, SPAN),
}

LEADERBOARDS: Final = {
    "v1_leaderboards.every": Operation("Leaderboards", {200: Listed(player_shapes.Board)}, asks=PAGE),
    "v1_leaderboards.show": Operation(
        "Leaderboards",
        {200: player_shapes.Standings},
        asks=(
            text("window", "`current`, `previous` or a window's id, such as `2026-W47`."),
            text("around", "A player: 51 rows with that player in the middle."),
            text("segment", "Only players of that segment."),
            *PAGE,
        ),
    ),
}

RULES: Final = {
    "v1_rules.list_rules": Operation(
        "Rules",
        {200: Listed(prize_shapes.Rule)},
        asks=(text("kind", "Only rules of that kind."), text("status", "Only rules of that status."), *PAGE),
    ),
    "v1_rules.show_rule": Operation("Rules", {200: prize_shapes.Rule}),
    "v1_rules.apply_rules": Operation(
        "Rules",
        {200: prize_shapes.Applied, 202: prize_shapes.Applied},
        ("Documents",),
        (
            choice("publish", "Whether to publish at once; else they are kept as drafts.", "true", "false"),
            choice("past", "What is done with history on publishing.", *PASTS),
        ),
        ("conflict",),
        [{"kind": "metric", "key": "lessons", "name": "Lessons", "events": ["lesson_completed"], "aggregate": "count"}],
    ),
    "v1_rules.show_publication": Operation("Rules", {200: prize_shapes.Publication}),
    "v1_rules.pause_rule": Operation("Rules", {200: prize_shapes.Rule}, conflicts=("conflict",)),
    "v1_rules.resume_rule": Operation(
        "Rules", {200: prize_shapes.Applied, 202: prize_shapes.Applied}, conflicts=("conflict",)
    ),
    "v1_rules.archive_rule": Operation("Rules", {204: None}, conflicts=("conflict",)),
}

PLAYS: Final = {
    "v1_games.make_token": Operation("Plays", {201: prize_shapes.Token}, (routes.Wanted,), example={"player": "ada"}),
    "v1_games.accept": Operation(
        "Plays",
        {202: prize_shapes.TakenPlays},
        (play_bursts.Sent, play_bursts.Burst),
        conflicts=("conflict", "game_not_open"),
        example={"play_id": "play-1", "player": "ada"},
    ),
    "v1_games.show": Operation(
        "Plays",
        {200: prize_shapes.Play},
        asks=(Ask("wait", "Seconds to wait for the outcome, at most 10.", {"type": "integer", "minimum": 0}),),
    ),
    "v1_campaigns.budget": Operation("Coupons", {200: prize_shapes.Budgets}),
    "v1_campaigns.redeem_coupon": Operation(
        "Coupons",
        {200: prize_shapes.UsedCoupon},
        (campaigns.Redemption,),
        conflicts=tuple(dict.fromkeys(code for code, _ in coupon_redemption.REFUSALS.values())),
        example={"redemption_id": "till-7-0042"},
    ),
}

REFUSED = ("insufficient_coins", "out_of_stock", "not_eligible", "limit_reached", "conflict")

REWARDS: Final = {
    "v1_rewards.list_rewards": Operation(
        "Rewards",
        {200: Listed(prize_shapes.Reward)},
        asks=(text("player", "Say of each whether this player may have it now."), *PAGE),
    ),
    "v1_rewards.redeem_reward": Operation(
        "Rewards",
        {201: prize_shapes.RedemptionStanding, 200: prize_shapes.RedemptionStanding},
        (rewards.Sent,),
        conflicts=REFUSED,
        example={"player": "ada", "redemption_id": "order-1"},
    ),
    "v1_rewards.show": Operation("Rewards", {200: prize_shapes.RedemptionStanding}),
    "v1_rewards.send_again": Operation(
        "Rewards", {202: prize_shapes.RedemptionStanding}, conflicts=("nothing_to_send",)
    ),
    "v1_rewards.refund_redemption": Operation(
        "Rewards",
        {200: prize_shapes.RedemptionStanding},
        (rewards.Reason,),
        conflicts=("not_refundable",),
        example={"reason": "the mug was broken"},
    ),
    "v1_rewards.of_player": Operation("Rewards", {200: Listed(prize_shapes.RedemptionStanding)}, asks=PAGE),
}

OPERATIONS: Final = {**EVENTS, **PLAYERS, **BY_HAND, **LEADERBOARDS, **RULES, **PLAYS, **REWARDS}
"""Name of the route → what is said of it; in the order in which people read."""
