"""What is done to a player by hand, in any order and under changing rules: state, awards and ledger never disagree."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.rehearsal.rehearse import HistoryStep, rebuild
from engine.scoring import held_badges
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import date_of_day
from engine.scoring.state.player_state import BYTES_MAX, encode
from engine.vocabulary.outcome import Outcome, RefusalReason
from tests.builders import DAY, HOUR, Shell, ada, apply, make_book, make_entry, moment
from tests.engine.scoring.world import earning, metric, streak
from tests.engine.scoring.world import rule as document
from tests.lengths import brief_or_long

START = moment("2026-11-02")
KEYS = ("thanks", "daily_thanks", "every_thanks", "wealthy")
PERIODS = st.sampled_from(["", "2026-11-02", "2026-11-03", "2026-W45", "default/ev-1", "default/ev-2"])
SHORT_SPANS = st.tuples(st.integers(-6, 6), st.integers(0, 4))


def badge(key: str, **members: Any) -> dict[str, Any]:
    return document("badge", key, **{"trigger": {"events": ["thanked"]}, "condition": None, **members})


BADGES = {
    "thanks": badge("thanks", grant={"xp": 30, "coins": 3}),
    "daily_thanks": badge("daily_thanks", repeat="day", grant={"coins": 1}),
    "every_thanks": badge("every_thanks", repeat="always", grant={"xp": 1}),
    "wealthy": badge("wealthy", condition={">=": [{"var": "player.xp"}, 60]}, repeat="week", grant={"coins": 9}),
}
OTHERS = [
    metric("events"),
    streak("daily", initial=1, max=2, earn_every=3),
    streak("weekly", "week"),
    earning("pays", {"xp": 10, "coins": 2}, limits={"once_per": ["event.properties.score"]}),
    document("mission", "pair", goal={"target": 2}, period="day", grant={"xp": 5}),
    document("levels", "levels", thresholds=[{"name": "A", "xp": 0}, {"name": "B", "xp": 50, "grant": {"coins": 4}}]),
]


class OwnEntries(RuleBasedStateMachine):
    """One player, folded at once and through storage; beside it, awards and ledger as the tables would hold them."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.seq = START, 0
        self.live = dict(BADGES)
        self.player, self.shell = ada(), Shell()
        self.steps: list[HistoryStep] = []
        self.awarded: Counter[tuple[str, str]] = Counter()
        self.ever_awarded: set[tuple[str, str]] = set()
        self.sums: Counter[str] = Counter()

    @property
    def book(self) -> Rulebook:
        return make_book([*OTHERS, *self.live.values()])

    def put(self, kind: str, *, at: int | None = None, **properties: Any) -> Outcome:
        """Apply one entry in both ways, and write what came of it into the tables."""
        self.seq += 1
        moment_of_entry = self.now if at is None else at
        app = "laurel" if kind.startswith("laurel.") else "default"
        entry = make_entry(kind, moment_of_entry, seq=self.seq, app=app, received_at=self.now, properties=properties)
        book = self.book
        self.steps.append(HistoryStep(entry, book))
        outcome = apply(self.player, [entry], book)[0]
        assert self.shell.batch([entry], book) == [outcome]
        assert not outcome.faults
        self.write(outcome)
        return outcome

    def write(self, outcome: Outcome) -> None:
        for award in outcome.badges:
            place = (award.badge, award.period)
            assert self.awarded[place] == 0, "held twice"
            assert award.rule_version is None or place not in self.ever_awarded, "a rule gave it again"
            self.awarded[place] += 1
            self.ever_awarded.add(place)
        for revocation in outcome.revoked:
            assert self.awarded[revocation.badge, revocation.period] == 1, "taken back without being held"
            self.awarded[revocation.badge, revocation.period] -= 1
        for line in outcome.ledger:
            self.sums[line.currency] += line.amount

    @rule(hours=st.sampled_from([1, 7, 24, 30, 75]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(
        score=st.integers(0, 3), days_late=st.sampled_from([0, 0, 0, 1, 3]), kind=st.sampled_from(["thanked", "seen"])
    )
    def an_event_comes(self, score: int, days_late: int, kind: str) -> None:
        self.put(kind, at=self.now - days_late * DAY, score=score)

    @rule(amounts=st.sampled_from([{"xp": 25}, {"coins": 7}, {"xp": 60, "coins": 1}]), takes=st.booleans())
    def balances_change_by_hand(self, amounts: dict[str, int], takes: bool) -> None:
        self.put("laurel.revocation" if takes else "laurel.grant", reason="kind", **amounts)

    @rule(key=st.sampled_from(KEYS), period=PERIODS)
    def a_badge_is_granted(self, key: str, period: str) -> None:
        book = self.book
        entry = make_entry("laurel.grant", self.now, seq=self.seq + 1, app="laurel")
        content = {"badge": key, "period": period}
        meant = held_badges.period_named(content, book.rules.get(key), entry, self.now // DAY)
        was_held = self.awarded[key, meant] == 1
        outcome = self.put("laurel.grant", xp=1, reason="kind", **content)
        assert was_refused(outcome, key, RefusalReason.ALREADY_HELD) == was_held
        by_hand = [(award.badge, award.period) for award in outcome.badges if award.rule_version is None]
        assert by_hand == ([] if was_held else [(key, meant)])

    @rule(key=st.sampled_from([*KEYS, "nonesuch"]), period=PERIODS, grant=st.sampled_from([{}, {"xp": 30, "coins": 3}]))
    def a_badge_is_revoked(self, key: str, period: str, grant: dict[str, int]) -> None:
        was_held = self.awarded[key, period] == 1
        outcome = self.put("laurel.revocation", badge=key, period=period, grant=grant, reason="error")
        assert was_refused(outcome, key, RefusalReason.NOT_HELD) == (not was_held)
        assert [revocation.period for revocation in outcome.revoked] == ([period] if was_held else [])

    @precondition(lambda self: self.ever_awarded)
    @rule(data=st.data(), gives_back=st.booleans())
    def an_award_is_revoked_or_given_back(self, data: st.DataObject, gives_back: bool) -> None:
        key, period = data.draw(st.sampled_from(sorted(self.ever_awarded)))
        self.put(f"laurel.{'grant' if gives_back else 'revocation'}", badge=key, period=period, reason="appeal")

    @rule(key=st.sampled_from(KEYS), period=PERIODS)
    def history_is_awarded(self, key: str, period: str) -> None:
        # A rule that gives once gives nothing to whoever was ever given the badge, for a period or not.
        was_given = any(badge == key and period in ("", given) for badge, given in self.ever_awarded)
        content = {"rule": key, "version": 1, "badge": key, "period": period, "grant": {"xp": 2}}
        assert bool(self.put("laurel.history_award", **content).ledger) != was_given

    @rule(key=st.sampled_from(KEYS))
    def a_badge_goes_out_of_force_or_comes_back(self, key: str) -> None:
        if self.live.pop(key, None) is None:
            self.live[key] = BADGES[key]

    @rule(key=st.sampled_from(KEYS), repeat=st.sampled_from(["once", "day", "week", "always"]))
    def a_badge_repeats_in_another_way(self, key: str, repeat: str) -> None:
        self.live[key] = {**BADGES[key], "repeat": repeat}

    @rule(count=st.integers(1, 3))
    def freezes_are_given(self, count: int) -> None:
        self.put("laurel.streak_freeze", streak="daily", count=count)

    @rule(span=SHORT_SPANS)
    def a_streak_is_paused(self, span: tuple[int, int]) -> None:
        first = self.now + span[0] * DAY
        dates = [date_of_day(first // DAY), date_of_day(first // DAY + span[1])]
        self.put("laurel.streak_pause", streak="daily", **{"from": dates[0], "to": dates[1]})

    @rule()
    def a_reward_is_redeemed(self) -> None:
        self.put("laurel.redemption", reward="mug", version=1, coins=3, redemption="r")

    @invariant()
    def storage_comes_to_the_same_bytes(self) -> None:
        if self.steps:
            assert self.shell.state == encode(self.player.state)
            assert self.shell.keys == self.player.memory.keys
            assert len(self.shell.state) <= BYTES_MAX

    @invariant()
    def the_state_counts_what_the_tables_hold(self) -> None:
        held = Counter[str]()
        for (key, period), count in self.awarded.items():
            held[key] += count
            assert held_badges.is_held(self.player, key, period) == bool(count)
        counted = self.player.state.get("badges", {})
        assert all(counted.get(key, 0) == held[key] for key in (*held, *counted))
        assert all(self.sums[name] == self.player.state.get(name, 0) >= 0 for name in ("xp", "coins"))

    def teardown(self) -> None:
        again = ada()
        for _ in rebuild(again, self.steps):
            pass
        assert encode(again.state) == encode(self.player.state)
        assert again.memory.keys == self.player.memory.keys
        assert set(again.memory.added_keys) == again.memory.keys, "what a rebuild writes is what there is"


def was_refused(outcome: Outcome, key: str, reason: RefusalReason) -> bool:
    return any(refusal.rule == key and refusal.reason == reason for refusal in outcome.not_awarded)


TestOwnEntries = OwnEntries.TestCase
TestOwnEntries.settings = settings(max_examples=brief_or_long(25, 400), stateful_step_count=brief_or_long(20, 60))
