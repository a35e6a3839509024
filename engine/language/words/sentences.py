"""Each kind of rule document as one plain sentence: when, under which condition, what happens, within which limits."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from engine.language.words.campaigns import say_campaign
from engine.language.words.clauses import Clauses
from engine.language.words.conditions import Conditions
from engine.language.words.wording import Words, listing, plain
from engine.vocabulary.fact import Catalogue, humanised

Raw: TypeAlias = Mapping[str, Any]

_PERIODS = {"day": "each day", "week": "each week", "month": "each month", "once": "once"}
_WINDOWS = {"day": "this day", "week": "this week", "month": "this month", "all_time": "of all time"}
_FIGURES = {"sum": "the sum of", "max": "the largest", "min": "the smallest", "last": "the latest"}


def sentence(document: Any, catalogue: Catalogue) -> str:
    """The whole rule in one sentence. `document` is a checked rule document: a dict, or anything with a `.raw` dict.

    A kind without a sentence of its own is told by its description, else by its name.
    """
    raw: Raw = document if isinstance(document, Mapping) else document.raw
    return spoken(raw, Clauses(Conditions(Words(catalogue))))


def spoken(raw: Raw, say: Clauses) -> str:
    """The sentence of a rule document by these clauses."""
    speak = _KINDS.get(str(raw.get("kind")))
    if speak is None:
        return str(raw.get("description") or raw.get("name") or raw.get("key") or "")
    words = speak(raw, say)
    return f"{words[:1].upper()}{words[1:]}."


def _metric(raw: Raw, say: Clauses) -> str:
    aggregate, name = str(raw.get("aggregate") or "count"), humanised(str(raw.get("property") or ""))
    events = listing([say.event(each) for each in raw.get("events") or ["*"]], "or")
    where = say.where(raw.get("filter"))
    if aggregate == "count":
        return f"counts how often {events}{where}"
    if aggregate == "distinct":
        return f"counts the different values of {name} when {events}{where}"
    return f"keeps {_FIGURES.get(aggregate, aggregate)} {name} when {events}{where}"


def _streak(raw: Raw, say: Clauses) -> str:
    every = str(raw.get("every") or "day")
    events = listing([say.event(each) for each in raw.get("events") or ["*"]], "or")
    words = f"counts {every}s in a row on which {events}{say.where(raw.get('filter') or raw.get('condition'))}"
    freezes = raw.get("freezes")
    most = freezes.get("max") if isinstance(freezes, Mapping) else None
    if not most or not isinstance(freezes, Mapping):
        return words
    words += f"; a freeze saves a missed {every}, at most {most} kept"
    return words + (f", one earned every {freezes['earn_every']} {every}s" if freezes.get("earn_every") else "")


def _levels(raw: Raw, say: Clauses) -> str:
    thresholds = raw.get("thresholds")
    if not thresholds:
        return f"levels: {_formula(raw.get('formula'), say)}{say.also(raw.get('grant'), 'each new level')}"
    steps = [
        f"{each.get('name') or index} from {plain(each.get('xp', 0))} XP" for index, each in enumerate(thresholds, 1)
    ]
    return f"levels: {listing(steps, 'and')}{say.also(raw.get('grant'), 'each new level')}"


def _formula(formula: Any, say: Clauses) -> str:
    settings: Raw = formula if isinstance(formula, Mapping) else {"preset": formula}
    preset = settings.get("preset")
    if preset == "doubling" or "base" in settings:
        return f"each level takes twice the XP of the one before{_first(settings)}"
    return humanised(str(preset)) if isinstance(preset, str) else say.amount(formula)


def _first(settings: Raw) -> str:
    return f", the second from {plain(settings['base'])} XP" if "base" in settings else ""


def _earning(raw: Raw, say: Clauses) -> str:
    return f"{say.when(raw)}, give {say.grant(raw.get('grant'))}{say.limits(raw)}{say.schedule(raw)}"


def _badge(raw: Raw, say: Clauses) -> str:
    tier = f"{raw['tier']} " if raw.get("tier") else ""
    repeat = str(raw.get("repeat") or "once")
    often = {"always": "every time", "once": "once"}.get(repeat, f"once a {repeat}")
    grant = f" and {say.grant(raw['grant'])}" if raw.get("grant") else ""
    return f"{say.when(raw)}, award the {tier}badge {raw.get('name')}{grant}, {often}{say.schedule(raw)}"


def _mission(raw: Raw, say: Clauses) -> str:
    goal = raw.get("goal")
    target = goal.get("target", 1) if isinstance(goal, Mapping) else 1
    period = str(raw.get("period") or "once")
    times = "once" if target == 1 else f"{plain(target)} times"
    condition = say.where(raw.get("condition"))
    grant = f", give {say.grant(raw['grant'])}" if raw.get("grant") else ""
    of_old = f"by {plain(target)} in {say.metric(goal)}" if isinstance(goal, Mapping) and goal.get("metric") else times
    when = f"{_PERIODS.get(period, humanised(period))}"
    return f"{when}, when {say.events(raw)} {of_old}{condition}{grant}{say.schedule(raw)}"


def _leaderboard(raw: Raw, say: Clauses) -> str:
    score = str(raw.get("score") or "xp")
    figure = {"xp": "XP earned", "coins": "coins earned"}.get(score) or say.metric({"metric": score})
    window = str(raw.get("window") or "all_time")
    segments = f", within each {humanised(str(raw['segment_by']).split('.')[-1])}" if raw.get("segment_by") else ""
    return f"ranks players by {figure} {_WINDOWS.get(window, humanised(window))}{segments}"


def _reward(raw: Raw, say: Clauses) -> str:
    cost = raw.get("cost")
    coins = plain(cost.get("coins", 0)) if isinstance(cost, Mapping) else "0"
    stock = f", {plain(raw['stock'])} in stock" if raw.get("stock") is not None else ""
    return f"{raw.get('name')} for {coins} coins{say.only_if(raw.get('condition'))}{stock}{say.limits(raw)}"


def _boost(raw: Raw, say: Clauses) -> str:
    earned = listing([say.key(each) for each in raw.get("currencies") or ["xp"]], "and")
    rules = [say.key(each) for each in raw.get("rules") or []]
    of_rules = f" of {listing(rules, 'and')}" if rules else ""
    factor = plain(raw.get("multiplier", 1))
    return f"multiplies {earned}{of_rules} by {factor}{say.only_if(raw.get('condition'))}{say.schedule(raw)}"


def _lifecycle(raw: Raw, say: Clauses) -> str:
    steps = [each for each in raw.get("transitions") or [] if isinstance(each, Mapping)]
    return "; ".join(say.transition(each) for each in steps) or "no transitions"


def _segment(raw: Raw, say: Clauses) -> str:
    return f"players for whom {say.condition(raw.get('condition')) or 'nothing is asked'}"


def _event_type(raw: Raw, _: Clauses) -> str:
    names = [humanised(str(name)) for name in raw.get("properties") or {}]
    event = humanised(str(raw.get("type") or raw.get("key")))
    return f"the event {event} carries {listing(names, 'and')}" if names else f"the event {event}"


def _player_limits(raw: Raw, _: Clauses) -> str:
    most, usual = raw.get("max_events_per_minute"), raw.get("flag_above_usual")
    parts = [f"events beyond {plain(most)} a minute earn nothing"] if most else []
    parts += [f"players with over {plain(usual)} times their usual events are flagged"] if usual else []
    return listing(parts, "and") or "players are not limited"


def _brand(raw: Raw, _: Clauses) -> str:
    return f"the brand {raw.get('name')}"


_KINDS: dict[str, Callable[[Raw, Clauses], str]] = {
    "metric": _metric,
    "streak": _streak,
    "levels": _levels,
    "earning": _earning,
    "badge": _badge,
    "mission": _mission,
    "leaderboard": _leaderboard,
    "reward": _reward,
    "campaign": say_campaign,
    "boost": _boost,
    "lifecycle": _lifecycle,
    "segment": _segment,
    "event_type": _event_type,
    "player_limits": _player_limits,
    "brand": _brand,
}
