"""Awarding: from formulas, boosts and caps to the ledger; what limits refuse is noted. See ROUNDING.md."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from engine.language.facts import MissingFact
from engine.scoring.evaluation import holds, matches, note_refusal, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import Amount, CompiledRule, FormulaAmount, Grant
from engine.scoring.rulebook.modifiers import CompiledBoost
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary.outcome import CouponClaim, Currency, LedgerEntry, RefusalReason

AMOUNT_MAX = 10**15
BALANCE_MAX = 9 * 10**15
"""The most that anybody can have of a currency: every reader of JSON still reads it exactly."""
MANUAL_SOURCE = "by hand"
_PLACES = Decimal("0.000001")
# A formula has up to 40 digits; 60 leave room for the boosts, so that rounding happens once, at the very end.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LedgerSource:
    """Which document gives or takes, for the ledger."""

    key: str
    version: int


@dataclass(frozen=True, slots=True)
class ComputedGrant:
    """What a rule gives after formula, boosts and rounding, before caps."""

    xp: int
    coins: int
    pool: str | None


def apply_earning_rules(context: EvaluationContext, rules: list[CompiledRule]) -> None:
    """Let earning rules give, in the order of their keys; all of them see the balances before any has given."""
    computed = run_isolated(context, rules, _grant_if_matching)
    for rule, granted in computed:
        if granted is not None and _limits_allow(context, rule):
            _pay_within_cap(context, rule, granted)


def _grant_if_matching(context: EvaluationContext, rule: CompiledRule) -> ComputedGrant | None:
    return compute_grant(context, rule, rule.grant) if matches(context, rule) else None


def compute_grant(
    context: EvaluationContext, source: CompiledRule | LedgerSource, grant: Grant
) -> ComputedGrant | None:
    """What a grant amounts to at this moment; None, and noted, if a formula meets a missing fact."""
    try:
        xp = compute_amount(context, source.key, grant.xp, "xp") if grant.xp != 0 else 0
        coins = compute_amount(context, source.key, grant.coins, "coins") if grant.coins != 0 else 0
    except MissingFact:
        note_refusal(context, source, RefusalReason.MISSING_FACT)
        return None
    return ComputedGrant(xp, coins, grant.pool)


def compute_amount(context: EvaluationContext, rule: str, amount: Amount, currency: str) -> int:
    """A formula's result × the boosts in force, rounded to 6 places, then down; never below 0."""
    value = _calculated(context, amount) if isinstance(amount, FormulaAmount) else amount
    multiplier = _boost(context, rule, currency) if context.book.boosts else None
    if multiplier is None and type(value) is int:  # nearly all amounts: no need for decimals
        return max(0, min(AMOUNT_MAX, value))
    if value <= 0:
        return 0
    product = _EXACT.multiply(Decimal(value), multiplier or Decimal(1))
    if product >= AMOUNT_MAX:
        return AMOUNT_MAX
    return int(_EXACT.quantize(product, _PLACES).to_integral_value(ROUND_DOWN))


def _calculated(context: EvaluationContext, amount: FormulaAmount) -> Decimal | int:
    context.facts.steps += amount.compiled.steps
    return amount.compiled.number(context.facts)


def _boost(context: EvaluationContext, rule: str, currency: str) -> Decimal | None:
    """The product of the boosts in force at the moment of the entry; None if there are none."""
    cached = (rule, currency)
    if cached not in context.boosts:
        product = None
        for boost in context.book.boosts:
            applies = currency in boost.currencies and (not boost.targets or rule in boost.targets)
            if applies and _is_in_force(context, boost):
                product = boost.multiplier if product is None else _EXACT.multiply(product, boost.multiplier)
        context.boosts[cached] = product
    return context.boosts[cached]


def _is_in_force(context: EvaluationContext, boost: CompiledBoost) -> bool:
    if not boost.schedule.includes(context.entry.occurred_at):
        return False
    if boost.segment is not None and boost.segment not in context.state.get("in", ()):
        return False
    return holds(context, boost.condition)


def _limits_allow(context: EvaluationContext, rule: CompiledRule) -> bool:
    """Whether once-per and cooldown let a rule give; if they do, the once-per key is used."""
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
    if rule.cooldown and _is_cooling_down(context, rule):
        note_refusal(context, rule, RefusalReason.COOLDOWN)
        return False
    # Only now: a grant that the cooldown refuses uses no key.
    if member is not None:
        context.player.memory.add(*member)
    return True


def _is_cooling_down(context: EvaluationContext, rule: CompiledRule) -> bool:
    # In both directions: a late event must not slip in just before the grant that has started the cooldown.
    last_grant = context.state.get("cool", {}).get(rule.key)
    return last_grant is not None and abs(context.entry.occurred_at - last_grant) < rule.cooldown


def _pay_within_cap(context: EvaluationContext, rule: CompiledRule, granted: ComputedGrant) -> None:
    # A grant of which the cap leaves nothing starts the cooldown all the same.
    if rule.cooldown:
        context.state.setdefault("cool", {})[rule.key] = context.entry.occurred_at
    if rule.max_xp_per_day is None or not granted.xp:
        pay(context, rule, granted)
        return
    xp_by_day = context.state.setdefault("caps", {}).setdefault(rule.key, new_buckets())
    day, memory = context.clock.day, context.player.memory
    paid_that_day = read_bucket(xp_by_day, day, rule.retention.series, memory) or 0
    xp = max(0, min(granted.xp, rule.max_xp_per_day - paid_that_day))
    if xp < granted.xp:
        note_refusal(context, rule, RefusalReason.DAILY_CAP)
    if xp:
        put_bucket(xp_by_day, day, paid_that_day + xp, rule.retention, memory)
    # Coins and coupons are paid in full: the cap is one of XP.
    pay(context, rule, ComputedGrant(xp, granted.coins, granted.pool))


def pay_grant(context: EvaluationContext, source: CompiledRule | LedgerSource, grant: Grant) -> None:
    """Pay what comes with a badge, a mission or a level; nothing if a formula breaks or meets a missing fact."""
    if grant.is_empty:
        return
    for _, granted in run_isolated(context, [source], lambda at, giving: compute_grant(at, giving, grant)):
        if granted is not None:
            pay(context, source, granted)


def pay(context: EvaluationContext, source: CompiledRule | LedgerSource, granted: ComputedGrant) -> None:
    """Write what is granted into the ledger and the balances; a coupon pool becomes a claim."""
    change_balance(context, Currency.XP, granted.xp, source)
    change_balance(context, Currency.COINS, granted.coins, source)
    if granted.pool:
        context.outcome.claims.append(CouponClaim(source.key, source.version, granted.pool))


def change_balance(
    context: EvaluationContext,
    currency: Currency,
    change: int,
    source: CompiledRule | LedgerSource | None,
    reason: str | None = None,
) -> None:
    """Change a balance by one ledger entry; nothing is written for 0. `source` is None for manual changes.

    What would raise the balance above `BALANCE_MAX` is lost. The caller makes sure that it does not fall below 0.
    """
    before = context.state.get(currency, 0)
    change = min(change, max(0, BALANCE_MAX - before))
    if change == 0:
        return
    balance = before + change
    assert balance >= 0, "the caller bounds what it takes"
    context.state[str(currency)] = balance
    key, version = (source.key, source.version) if source else (MANUAL_SOURCE, None)
    context.outcome.ledger.append(LedgerEntry(currency, change, balance, key, version, reason))
