"""An expectation in plain English, the same wherever it is shown."""

from collections.abc import Sequence

from engine.language.words.wording import OperandWords, value_text, word_list
from engine.vocabulary.moment import Moments
from engine.vocabulary.prospect import Expectation, Obstacle, ObstacleReason, Prospect

_FINAL = {
    ObstacleReason.HELD: "It is awarded only once, and this player has it.",
    ObstacleReason.REVOKED: "It was revoked, and its rule does not award it again.",
    ObstacleReason.COMPLETED: "It can be completed only once, and this player has completed it.",
}
_FOR_THIS_PERIOD = {
    ObstacleReason.HELD: "It is awarded once a {period}; it can be earned again from {until}.",
    ObstacleReason.REVOKED: "It was revoked for {this}; it can be earned again from {until}.",
    ObstacleReason.COMPLETED: "It is completed for {this}; the next {period} begins on {until}.",
}
_TEXTS = {
    ObstacleReason.NOT_LIVE: "The rule is not live, so no event earns anything from it.",
    ObstacleReason.ENDED: "The rule ended on {until}.",
    ObstacleReason.NOT_STARTED: "The rule starts on {until}.",
    ObstacleReason.RATE_LIMITED: "{need} events count each minute; the next one counts from {until}.",
    ObstacleReason.COOLDOWN: "It pauses after each grant, this time until {until}.",
    ObstacleReason.DAILY_CAP: "The limit of {need} XP a day is used up; it grants XP again from {until}.",
    ObstacleReason.ONCE_PER: "It grants once for each {facts}, and has already granted for this one.",
    ObstacleReason.TOO_COSTLY: "Judging the event takes too many steps: it would be parked.",
    ObstacleReason.RULE_FAULT: "The rule fails with an error.",
    ObstacleReason.MISSING_FACT: "A fact that the rule needs is missing.",
    ObstacleReason.DIVISION_BY_ZERO: "The calculation divides by zero.",
    ObstacleReason.TOO_LARGE: "The result of the calculation is too large.",
    ObstacleReason.XP: "{need} XP are needed, {have} so far.",
    ObstacleReason.NOT_IN_SEGMENT: "The player is not in its segment.",
    ObstacleReason.NOT_REDEEMABLE: "It cannot be redeemed.",
    ObstacleReason.CONDITION: "The condition does not hold.",
    ObstacleReason.NOTHING_GRANTED: "The condition holds, but the grant comes to nothing.",
}
_WITHOUT_END = {
    ObstacleReason.COOLDOWN: "It pauses after each grant.",
    ObstacleReason.DAILY_CAP: "The day's limit of XP is used up.",
    ObstacleReason.NOT_STARTED: "The rule is not in force at that time.",
    ObstacleReason.RATE_LIMITED: "The player has sent more events than count.",
}


def obstacle_text(obstacle: Obstacle, words: OperandWords, moments: Moments) -> str:
    """One sentence on what stands between a player and an award."""
    if obstacle.reason is ObstacleReason.GOAL:
        return _goal_text(obstacle)
    if obstacle.reason is ObstacleReason.MISSING_FACT and obstacle.facts:
        return f"A fact that the rule needs is missing: {_labels(obstacle.facts, words)}."
    if obstacle.reason in _FINAL:
        text = _FINAL[obstacle.reason] if obstacle.is_final else _FOR_THIS_PERIOD[obstacle.reason]
    elif obstacle.until is None and obstacle.reason in _WITHOUT_END:
        text = _WITHOUT_END[obstacle.reason]
    else:
        text = _TEXTS[obstacle.reason]
    return text.format(
        period=obstacle.period,
        this=_this(obstacle.period),
        until="" if obstacle.until is None else moments(obstacle.until),
        have=value_text(obstacle.have),
        need=value_text(obstacle.need),
        facts=_labels(obstacle.facts, words),
    )


def _labels(paths: Sequence[str], words: OperandWords) -> str:
    return word_list([words.path(path) for path in paths], "and")


def _this(period: str) -> str:
    return "today" if period == "day" else f"this {period}"


def _goal_text(obstacle: Obstacle) -> str:
    have, need = obstacle.have or 0, obstacle.need or 0
    missing, period = need - have, f" {_this(obstacle.period)}" if obstacle.period else ""
    events = "matching event is" if missing == 1 else "matching events are"
    return f"{value_text(missing)} more {events} needed{period}: {value_text(have)} of {value_text(need)} so far."


def expectation_text(expectation: Expectation, example: str, words: OperandWords, moments: Moments) -> str:
    """What the next event brings, in one or two sentences; `example` is the id of the event it was tried with."""
    obstacles = " ".join(obstacle_text(obstacle, words, moments) for obstacle in expectation.obstacles)
    if expectation.prospect is Prospect.YES:
        return f"The next event that triggers it brings {_gift(expectation)}."
    if expectation.prospect is not Prospect.DEPENDS:
        return obstacles
    if not example:
        return "It depends on what the next event says."
    if expectation.would_award:
        return f"It depends on the next event: one like {example} would bring {_gift(expectation)}."
    return f"It depends on the next event: one like {example} would bring nothing. {obstacles}"


def _gift(expectation: Expectation) -> str:
    coins = "coin" if expectation.coins == 1 else "coins"
    amounts = [f"{value_text(expectation.xp)} XP"] if expectation.xp else []
    amounts += [f"{value_text(expectation.coins)} {coins}"] if expectation.coins else []
    amounts += ["a coupon"] if expectation.pool else []
    return f"it, with {word_list(amounts, 'and')}" if amounts else "it"
