"""Awarding: amounts from formulas, boosts and caps into the ledger; what limits refuse is noted. See ROUNDING.md."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from engine.earning.calendar import SECOND
from engine.earning.judge import holds, matches, refuse
from engine.earning.ruled import Amount, Formula, Rule
from engine.earning.scene import Scene
from engine.earning.state import bucket, digest, put_bucket
from engine.logic.missing import MissingFact
from engine.vocabulary.outcome import Currency, LedgerLine, Reason

PLACES = Decimal("0.000001")
AMOUNT_MAX = 10**15


@dataclass(frozen=True, slots=True)
class Gift:
    """What a rule gives after formula, boosts and rounding, before caps."""

    xp: int
    coins: int


def earn(scene: Scene, rules: list[Rule]) -> None:
    """Let earning rules give, in the order of their keys; each sees the balances before any of them."""
    due = [(rule, _gift(scene, rule)) for rule in rules if matches(scene, rule)]
    for rule, gift in due:
        if gift is not None and _is_allowed(scene, rule):
            _pay_within_cap(scene, rule, gift)


def _gift(scene: Scene, rule: Rule) -> Gift | None:
    try:
        return Gift(amount(scene, rule, rule.xp, "xp"), amount(scene, rule, rule.coins, "coins"))
    except MissingFact:
        refuse(scene, rule, Reason.MISSING_FACT)
        return None


def amount(scene: Scene, rule: Rule, written: Amount, currency: str) -> int:
    """A formula's result × the boosts in force, rounded to 6 places, then down; below 0 it is 0."""
    if written == 0:
        return 0
    value = written.compiled.number(scene.facts) if isinstance(written, Formula) else written
    boosted = False
    for boost in scene.book.boosts if rule.kind == "earning" else ():
        is_meant = currency in boost.currencies and boost.is_in_force(scene.entry.occurred_at, rule.key)
        if is_meant and holds(scene, boost.condition):
            value, boosted = value * boost.multiplier, True
    if isinstance(value, int) and not boosted:
        return max(0, min(AMOUNT_MAX, value))
    rounded = Decimal(value).quantize(PLACES).to_integral_value(ROUND_DOWN)
    return max(0, min(AMOUNT_MAX, int(rounded)))


def _is_allowed(scene: Scene, rule: Rule) -> bool:
    """Whether once-per and cooldown let a rule give; the once-per key is used by this very question."""
    last = scene.state.get("cool", {}).get(rule.key)
    cooling = rule.cooldown and last is not None and abs(scene.entry.occurred_at - last) < rule.cooldown * SECOND
    if rule.once_per:
        values = [scene.facts[path] for path in rule.once_per]
        if any(value is None for value in values):
            refuse(scene, rule, Reason.MISSING_FACT)
            return False
        member = (f"o:{rule.key}", digest(*values))
        if member in scene.player.memory.keys:
            refuse(scene, rule, Reason.ONCE_PER)
            return False
        if not cooling:
            scene.player.memory.add(*member)
    if cooling:
        refuse(scene, rule, Reason.COOLDOWN)
        return False
    return True


def _pay_within_cap(scene: Scene, rule: Rule, gift: Gift) -> None:
    if rule.cooldown:
        scene.state.setdefault("cool", {})[rule.key] = scene.entry.occurred_at
    xp = gift.xp
    if rule.max_xp_per_day is not None:
        series, day = f"c:{rule.key}", scene.clock.day
        given = bucket(scene.player, series, day) or 0
        xp = max(0, min(xp, rule.max_xp_per_day - given))
        if xp < gift.xp:
            refuse(scene, rule, Reason.DAILY_CAP)
        if xp:
            put_bucket(scene.player, series, day, given + xp)
    pay(scene, rule, Gift(xp, gift.coins))


def grant_of(scene: Scene, rule: Rule) -> None:
    """Pay what comes with a badge, a mission or a level; a formula over what is missing gives nothing."""
    gift = _gift(scene, rule) if rule.gives else None
    if gift is not None:
        pay(scene, rule, gift)


def pay(scene: Scene, rule: Rule, gift: Gift) -> None:
    """Write a gift into the ledger and the balances; a coupon pool it names becomes a claim."""
    move(scene, Currency.XP, gift.xp, rule.key, rule.version)
    move(scene, Currency.COINS, gift.coins, rule.key, rule.version)
    if rule.pool:
        scene.outcome.claims.append((rule.key, rule.pool))


def move(
    scene: Scene, currency: Currency, change: int, rule: str, version: int | None, reason: str | None = None
) -> None:
    """Change a balance by one ledger line; nothing is written for 0."""
    if change == 0:
        return
    balance = scene.state.get(str(currency), 0) + change
    assert balance >= 0, "the caller bounds what it takes"
    scene.state[str(currency)] = balance
    scene.outcome.ledger.append(LedgerLine(currency, change, balance, rule, version, reason))
