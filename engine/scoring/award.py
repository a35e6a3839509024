"""Awarding: amounts from formulas, boosts and caps into the ledger; what limits refuse is noted. See ROUNDING.md."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from engine.language.missing_facts import MissingFact
from engine.scoring.evaluation import guarded, holds, matches, refuse
from engine.scoring.evaluation_context import Scene
from engine.scoring.rulebook.compiled_rules import Amount, CompiledRule, FormulaAmount, Grant
from engine.scoring.rulebook.modifiers import CompiledBoost
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary.outcome import Claim, Currency, LedgerLine, Reason

AMOUNT_MAX = 10**15
BALANCE_MAX = 9 * 10**15
"""The most that anybody has of a currency: every reader of JSON still reads it exactly."""
_PLACES = Decimal("0.000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Payer:
    """Which rule gives, for the ledger."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class Gift:
    """What a rule gives after formula, boosts and rounding, before caps."""

    xp: int
    coins: int
    pool: str | None


def earn(scene: Scene, rules: list[CompiledRule]) -> None:
    """Let earning rules give, in the order of their keys; each sees the balances before any of them."""
    gifts = guarded(scene, rules, _offer)
    for rule, gift in gifts:
        if gift is not None and _is_allowed(scene, rule):
            _pay_within_cap(scene, rule, gift)


def _offer(scene: Scene, rule: CompiledRule) -> Gift | None:
    return gift_of(scene, rule, rule.grant) if matches(scene, rule) else None


def gift_of(scene: Scene, rule: CompiledRule | Payer, grant: Grant) -> Gift | None:
    """What a grant comes to at this moment; None, and noted, where a formula meets what is missing."""
    try:
        xp = amount(scene, rule.key, grant.xp, "xp") if grant.xp != 0 else 0
        coins = amount(scene, rule.key, grant.coins, "coins") if grant.coins != 0 else 0
    except MissingFact:
        refuse(scene, rule, Reason.MISSING_FACT)
        return None
    return Gift(xp, coins, grant.pool)


def amount(scene: Scene, rule: str, written: Amount, currency: str) -> int:
    """A formula's result × the boosts in force, rounded to 6 places, then down; below 0 it is 0."""
    value = written.compiled.number(scene.facts) if isinstance(written, FormulaAmount) else written
    factor = _boost(scene, rule, currency) if scene.book.boosts else None
    if factor is None and type(value) is int:
        return max(0, min(AMOUNT_MAX, value))
    if value <= 0:
        return 0
    product = _EXACT.multiply(Decimal(value), factor or Decimal(1))
    if product >= AMOUNT_MAX:
        return AMOUNT_MAX
    return int(_EXACT.quantize(product, _PLACES).to_integral_value(ROUND_DOWN))


def _boost(scene: Scene, rule: str, currency: str) -> Decimal | None:
    """The product of the boosts in force at the moment of the entry; None for none."""
    place = (rule, currency)
    if place not in scene.boosts:
        product = None
        for boost in scene.book.boosts:
            is_meant = currency in boost.currencies and (not boost.targets or rule in boost.targets)
            if is_meant and _is_in_force(scene, boost):
                product = boost.multiplier if product is None else _EXACT.multiply(product, boost.multiplier)
        scene.boosts[place] = product
    return scene.boosts[place]


def _is_in_force(scene: Scene, boost: CompiledBoost) -> bool:
    if not boost.schedule.includes(scene.entry.occurred_at):
        return False
    if boost.segment is not None and boost.segment not in scene.state.get("in", ()):
        return False
    return holds(scene, boost.condition)


def _is_allowed(scene: Scene, rule: CompiledRule) -> bool:
    """Whether once-per and cooldown let a rule give; if so the once-per key is used."""
    member = None
    if rule.once_per:
        values = [scene.facts[path] for path in rule.once_per]
        if None in values:
            refuse(scene, rule, Reason.MISSING_FACT)
            return False
        member = (f"o:{rule.key}", digest(*values))
        if member in scene.player.memory.keys:
            refuse(scene, rule, Reason.ONCE_PER)
            return False
    if rule.cooldown and _is_cooling(scene, rule):
        refuse(scene, rule, Reason.COOLDOWN)
        return False
    if member is not None:
        scene.player.memory.add(*member)
    return True


def _is_cooling(scene: Scene, rule: CompiledRule) -> bool:
    last = scene.state.get("cool", {}).get(rule.key)
    return last is not None and abs(scene.entry.occurred_at - last) < rule.cooldown


def _pay_within_cap(scene: Scene, rule: CompiledRule, gift: Gift) -> None:
    if rule.cooldown:
        scene.state.setdefault("cool", {})[rule.key] = scene.entry.occurred_at
    if rule.max_xp_per_day is None or not gift.xp:
        pay(scene, rule, gift)
        return
    days = scene.state.setdefault("caps", {}).setdefault(rule.key, new_buckets())
    day, memory = scene.clock.day, scene.player.memory
    given = read_bucket(days, day, rule.retention.series, memory) or 0
    xp = max(0, min(gift.xp, rule.max_xp_per_day - given))
    if xp < gift.xp:
        refuse(scene, rule, Reason.DAILY_CAP)
    if xp:
        put_bucket(days, day, given + xp, rule.retention, memory)
    pay(scene, rule, Gift(xp, gift.coins, gift.pool))


def grant(scene: Scene, rule: CompiledRule | Payer, granted: Grant) -> None:
    """Pay what comes with a badge, a mission or a level; nothing where a formula breaks or meets what is missing."""
    if granted.is_empty:
        return
    for _, gift in guarded(scene, [rule], lambda its, giving: gift_of(its, giving, granted)):
        if gift is not None:
            pay(scene, rule, gift)


def pay(scene: Scene, rule: CompiledRule | Payer, gift: Gift) -> None:
    """Write a gift into the ledger and the balances; a coupon pool it names becomes a claim."""
    move(scene, Currency.XP, gift.xp, rule)
    move(scene, Currency.COINS, gift.coins, rule)
    if gift.pool:
        scene.outcome.claims.append(Claim(rule.key, rule.version, gift.pool))


def move(
    scene: Scene, currency: Currency, change: int, rule: CompiledRule | Payer | None, reason: str | None = None
) -> None:
    """Change a balance by one ledger line; nothing is written for 0. `rule` is None for what was done by hand.

    What would lead above `BALANCE_MAX` is lost.
    """
    before = scene.state.get(currency, 0)
    change = min(change, max(0, BALANCE_MAX - before))
    if change == 0:
        return
    balance = before + change
    assert balance >= 0, "the caller bounds what it takes"
    scene.state[str(currency)] = balance
    key, version = (rule.key, rule.version) if rule else (BY_HAND, None)
    scene.outcome.ledger.append(LedgerLine(currency, change, balance, key, version, reason))


BY_HAND = "by hand"
