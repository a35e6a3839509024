"""Awarding: from formulas, boosts and caps to the ledger; what limits refuse is noted. See ROUNDING.md."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from engine.language.facts import MissingFact
from engine.scoring.evaluation import holds, matches, note_no_answer, note_refusal, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import Amount, CompiledRule, FormulaAmount, Grant
from engine.scoring.rulebook.modifiers import CompiledBoost
from engine.scoring.state.player_state import digest
from engine.scoring.state.series import new_buckets, put_bucket, read_bucket
from engine.vocabulary.outcome import (
    AmountOrigin,
    AppliedBoost,
    CouponClaim,
    Currency,
    CutBy,
    GrantRecord,
    LedgerEntry,
    RefusalReason,
)

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
    except MissingFact as unanswered:
        note_no_answer(context, source, unanswered)
        return None
    return ComputedGrant(xp, coins, grant.pool)


def compute_amount(context: EvaluationContext, rule: str, amount: Amount, currency: str) -> int:
    """A formula's result × the boosts in force, rounded to 6 places, then down; never below 0.

    Where it is not simply what the rule says, its origin is kept in the context until it is paid.
    """
    value = _calculated(context, amount) if isinstance(amount, FormulaAmount) else amount
    boosts = _boosts(context, rule, currency) if context.book.boosts else ()
    if not boosts and type(value) is int:  # nearly all amounts: no need for decimals
        return max(0, min(AMOUNT_MAX, value))
    if value <= 0:
        return 0
    context.origins[rule, currency] = AmountOrigin(value, boosts)
    product = Decimal(value)
    for boost in boosts:
        product = _EXACT.multiply(product, boost.multiplier)
    if product >= AMOUNT_MAX:
        return AMOUNT_MAX
    return int(_EXACT.quantize(product, _PLACES).to_integral_value(ROUND_DOWN))


def _calculated(context: EvaluationContext, amount: FormulaAmount) -> Decimal | int:
    context.facts.steps += amount.compiled.steps
    return amount.compiled.number(context.facts)


def _boosts(context: EvaluationContext, rule: str, currency: str) -> tuple[AppliedBoost, ...]:
    """The boosts in force at the moment of the entry."""
    cached = (rule, currency)
    if cached not in context.boosts:
        context.boosts[cached] = tuple(
            AppliedBoost(boost.key, boost.version, boost.multiplier)
            for boost in context.book.boosts
            if currency in boost.currencies
            and (not boost.targets or rule in boost.targets)
            and _is_in_force(context, boost)
        )
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
            missing = rule.once_per[values.index(None)]
            note_refusal(context, rule, RefusalReason.MISSING_FACT, missing)
            return False
        member = (f"o:{rule.key}", digest(*values))
        if member in context.player.memory.keys:
            note_refusal(context, rule, RefusalReason.ONCE_PER)
            return False
    if rule.cooldown and is_cooling_down(context, rule):
        note_refusal(context, rule, RefusalReason.COOLDOWN)
        return False
    # Only now: a grant that the cooldown refuses uses no key.
    if member is not None:
        context.player.memory.add(*member)
    return True


def is_cooling_down(context: EvaluationContext, rule: CompiledRule) -> bool:
    """Whether the cooldown after a rule's last grant covers the entry."""
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
    paid_that_day = paid_on_day(context, rule)
    xp_by_day = context.state.setdefault("caps", {}).setdefault(rule.key, new_buckets())
    xp = max(0, min(granted.xp, rule.max_xp_per_day - paid_that_day))
    if xp < granted.xp:
        note_refusal(context, rule, RefusalReason.DAILY_CAP)
    if xp:
        put_bucket(xp_by_day, context.clock.day, paid_that_day + xp, rule.retention, context.player.memory)
    # Coins and coupons are paid in full: the cap is one of XP.
    pay(context, rule, granted, xp_max=xp)


def paid_on_day(context: EvaluationContext, rule: CompiledRule) -> int:
    """How much XP a rule with a daily cap has paid on the day of the entry."""
    xp_by_day = context.state.get("caps", {}).get(rule.key)
    return read_bucket(xp_by_day, context.clock.day, rule.retention.series, context.player.memory) or 0


def pay_grant(context: EvaluationContext, source: CompiledRule | LedgerSource, grant: Grant) -> None:
    """Pay what comes with a badge, a mission or a level; nothing if a formula breaks or meets a missing fact."""
    if grant.is_empty:
        return
    for _, granted in run_isolated(context, [source], lambda at, giving: compute_grant(at, giving, grant)):
        if granted is not None:
            pay(context, source, granted)


def pay(
    context: EvaluationContext,
    source: CompiledRule | LedgerSource,
    granted: ComputedGrant,
    xp_max: int = AMOUNT_MAX,
) -> None:
    """Write what is granted into the ledger and the balances; a coupon pool becomes a claim.

    More than `xp_max` XP are cut off: the daily cap leaves no more.
    """
    _pay_amount(context, source, Currency.XP, granted.xp, xp_max)
    _pay_amount(context, source, Currency.COINS, granted.coins, AMOUNT_MAX)
    if granted.pool:
        context.outcome.claims.append(CouponClaim(source.key, source.version, granted.pool))


def _pay_amount(
    context: EvaluationContext,
    source: CompiledRule | LedgerSource,
    currency: Currency,
    amount: int,
    most: int,
) -> None:
    """Pay an amount, and record how it came about unless it is what the rule says."""
    origin = context.origins.pop((source.key, str(currency)), None) if context.origins else None
    if amount == 0 and origin is None:
        return
    due = min(amount, most)
    line = len(context.outcome.ledger)
    paid = change_balance(context, currency, due, source)
    if origin is None and paid == amount:
        return
    cut_by = None
    if paid < amount:
        cut_by = CutBy.DAILY_CAP if paid == due else CutBy.BALANCE_MAX
    context.outcome.grants.append(
        GrantRecord(
            rule=source.key,
            rule_version=source.version,
            currency=currency,
            base=origin.base if origin else amount,
            boosts=origin.boosts if origin else (),
            cut_off=amount - paid,
            cut_by=cut_by,
            line=line if paid else None,
            total=context.state.get(currency, 0),
        )
    )


def change_balance(
    context: EvaluationContext,
    currency: Currency,
    change: int,
    source: CompiledRule | LedgerSource | None,
    reason: str | None = None,
) -> int:
    """Change a balance by one ledger entry, and return the change; nothing is written for 0.

    `source` is None for manual changes. What would raise the balance above `BALANCE_MAX` is lost. The caller makes sure
    that it does not fall below 0.
    """
    before = context.state.get(currency, 0)
    change = min(change, max(0, BALANCE_MAX - before))
    if change == 0:
        return 0
    balance = before + change
    assert balance >= 0, "the caller bounds what it takes"
    context.state[str(currency)] = balance
    key, version = (source.key, source.version) if source else (MANUAL_SOURCE, None)
    context.outcome.ledger.append(LedgerEntry(currency, change, balance, key, version, reason))
    return change
