"""Awarding: amounts from formulas, boosts and caps into the ledger; what limits refuse is noted. See ROUNDING.md."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from engine.language.missing_facts import MissingFact
from engine.scoring.evaluation import holds, matches, note_refusal, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import Amount, CompiledRule, FormulaAmount, Grant
from engine.scoring.rulebook.modifiers import CompiledBoost
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary.outcome import CouponClaim, Currency, LedgerEntry, RefusalReason

AMOUNT_MAX = 10**15
BALANCE_MAX = 9 * 10**15
"""The most that anybody has of a currency: every reader of JSON still reads it exactly."""
_PLACES = Decimal("0.000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LedgerSource:
    """Which rule gives, for the ledger."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class ComputedGrant:
    """What a rule gives after formula, boosts and rounding, before caps."""

    xp: int
    coins: int
    pool: str | None


def apply_earning_rules(context: EvaluationContext, rules: list[CompiledRule]) -> None:
    """Let earning rules give, in the order of their keys; each sees the balances before any of them."""
    gifts = run_isolated(context, rules, _offer)
    for rule, gift in gifts:
        if gift is not None and _is_allowed(context, rule):
            _pay_within_cap(context, rule, gift)


def _offer(context: EvaluationContext, rule: CompiledRule) -> ComputedGrant | None:
    return compute_grant(context, rule, rule.grant) if matches(context, rule) else None


def compute_grant(
    context: EvaluationContext, rule: CompiledRule | LedgerSource, pay_grant: Grant
) -> ComputedGrant | None:
    """What a grant comes to at this moment; None, and noted, where a formula meets what is missing."""
    try:
        xp = compute_amount(context, rule.key, pay_grant.xp, "xp") if pay_grant.xp != 0 else 0
        coins = compute_amount(context, rule.key, pay_grant.coins, "coins") if pay_grant.coins != 0 else 0
    except MissingFact:
        note_refusal(context, rule, RefusalReason.MISSING_FACT)
        return None
    return ComputedGrant(xp, coins, pay_grant.pool)


def compute_amount(context: EvaluationContext, rule: str, written: Amount, currency: str) -> int:
    """A formula's result × the boosts in force, rounded to 6 places, then down; below 0 it is 0."""
    value = written.compiled.number(context.facts) if isinstance(written, FormulaAmount) else written
    factor = _boost(context, rule, currency) if context.book.boosts else None
    if factor is None and type(value) is int:
        return max(0, min(AMOUNT_MAX, value))
    if value <= 0:
        return 0
    product = _EXACT.multiply(Decimal(value), factor or Decimal(1))
    if product >= AMOUNT_MAX:
        return AMOUNT_MAX
    return int(_EXACT.quantize(product, _PLACES).to_integral_value(ROUND_DOWN))


def _boost(context: EvaluationContext, rule: str, currency: str) -> Decimal | None:
    """The product of the boosts in force at the moment of the entry; None for none."""
    place = (rule, currency)
    if place not in context.boosts:
        product = None
        for boost in context.book.boosts:
            is_meant = currency in boost.currencies and (not boost.targets or rule in boost.targets)
            if is_meant and _is_in_force(context, boost):
                product = boost.multiplier if product is None else _EXACT.multiply(product, boost.multiplier)
        context.boosts[place] = product
    return context.boosts[place]


def _is_in_force(context: EvaluationContext, boost: CompiledBoost) -> bool:
    if not boost.schedule.includes(context.entry.occurred_at):
        return False
    if boost.segment is not None and boost.segment not in context.state.get("in", ()):
        return False
    return holds(context, boost.condition)


def _is_allowed(context: EvaluationContext, rule: CompiledRule) -> bool:
    """Whether once-per and cooldown let a rule give; if so the once-per key is used."""
    member = None
    if rule.once_per:
        values = [context.facts[path] for path in rule.once_per]
        if None in values:
            note_refusal(context, rule, RefusalReason.MISSING_FACT)
            return False
        member = (f"o:{rule.key}", digest(*values))
        if member in context.player.memory.keys:
            note_refusal(context, rule, RefusalReason.ONCE_PER)
            return False
    if rule.cooldown and _is_cooling(context, rule):
        note_refusal(context, rule, RefusalReason.COOLDOWN)
        return False
    if member is not None:
        context.player.memory.add(*member)
    return True


def _is_cooling(context: EvaluationContext, rule: CompiledRule) -> bool:
    last = context.state.get("cool", {}).get(rule.key)
    return last is not None and abs(context.entry.occurred_at - last) < rule.cooldown


def _pay_within_cap(context: EvaluationContext, rule: CompiledRule, gift: ComputedGrant) -> None:
    if rule.cooldown:
        context.state.setdefault("cool", {})[rule.key] = context.entry.occurred_at
    if rule.max_xp_per_day is None or not gift.xp:
        pay(context, rule, gift)
        return
    days = context.state.setdefault("caps", {}).setdefault(rule.key, new_buckets())
    day, memory = context.clock.day, context.player.memory
    given = read_bucket(days, day, rule.retention.series, memory) or 0
    xp = max(0, min(gift.xp, rule.max_xp_per_day - given))
    if xp < gift.xp:
        note_refusal(context, rule, RefusalReason.DAILY_CAP)
    if xp:
        put_bucket(days, day, given + xp, rule.retention, memory)
    pay(context, rule, ComputedGrant(xp, gift.coins, gift.pool))


def pay_grant(context: EvaluationContext, rule: CompiledRule | LedgerSource, granted: Grant) -> None:
    """Pay what comes with a badge, a mission or a level; nothing where a formula breaks or meets what is missing."""
    if granted.is_empty:
        return
    for _, gift in run_isolated(context, [rule], lambda its, giving: compute_grant(its, giving, granted)):
        if gift is not None:
            pay(context, rule, gift)


def pay(context: EvaluationContext, rule: CompiledRule | LedgerSource, gift: ComputedGrant) -> None:
    """Write a gift into the ledger and the balances; a coupon pool it names becomes a claim."""
    change_balance(context, Currency.XP, gift.xp, rule)
    change_balance(context, Currency.COINS, gift.coins, rule)
    if gift.pool:
        context.outcome.claims.append(CouponClaim(rule.key, rule.version, gift.pool))


def change_balance(
    context: EvaluationContext,
    currency: Currency,
    change: int,
    rule: CompiledRule | LedgerSource | None,
    reason: str | None = None,
) -> None:
    """Change a balance by one ledger line; nothing is written for 0. `rule` is None for what was done by hand.

    What would lead above `BALANCE_MAX` is lost.
    """
    before = context.state.get(currency, 0)
    change = min(change, max(0, BALANCE_MAX - before))
    if change == 0:
        return
    balance = before + change
    assert balance >= 0, "the caller bounds what it takes"
    context.state[str(currency)] = balance
    key, version = (rule.key, rule.version) if rule else (MANUAL_SOURCE, None)
    context.outcome.ledger.append(LedgerEntry(currency, change, balance, key, version, reason))


MANUAL_SOURCE = "by hand"
