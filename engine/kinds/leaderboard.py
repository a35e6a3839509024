"""Leaderboard: a ranking of players by one score within a day, a week, a month or ever."""

from collections.abc import Iterator

from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import choice, optional, required, text, whole_number
from engine.kinds.kind import Kind, Neighbours
from engine.kinds.shared_parts import ABOUT, PERIODS, TIME_ZONE, ZONE_FIELD, document
from engine.language.check import unknown_fact_message
from engine.language.words.clauses import ClauseWords
from engine.scoring.rulebook.leaderboard import LATE_HOURS_DEFAULT, CompiledLeaderboard, runs_kept
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.series import SeriesRetention
from engine.vocabulary.fact import PLAYER_ATTRIBUTE, humanise
from engine.vocabulary.problem import Problem, pointer

WINDOWS = ("all_time", *PERIODS)
SEGMENTING_FACTS = ("player.level", "player.state")

_SHAPE = document(
    {
        "score": required(text(80)),
        "window": required(choice(*WINDOWS)),
        "timezone": optional(TIME_ZONE),
        "segment_by": optional(text(200)),
        "limit": optional(whole_number(1, 1_000_000)),
        "finalise_after_hours": optional(whole_number(0, 24 * 31)),
    }
)
_WINDOW_CHOICES = choice_pairs("all_time=Of all time", "day=Each day", "week=Each week", "month=Each month")
_FORM = (
    FormSection(
        "then",
        "What is ranked",
        (
            FormField("/score", "choice", "Score", choices_from="scores", default="xp", is_required=True),
            FormField("/window", "choice", "Within", choices=_WINDOW_CHOICES, default="week", is_required=True),
            ZONE_FIELD,
            FormField("/segment_by", "choice", "Separate board for each", choices_from="segment_by"),
        ),
    ),
    FormSection(
        "limits",
        "Limits",
        (
            FormField("/limit", "whole", "Places listed", default=1000, least=1, most=1_000_000),
            FormField(
                "/finalise_after_hours",
                "whole",
                "Final after",
                unit="hours",
                default=LATE_HOURS_DEFAULT,
                least=0,
                most=744,
            ),
        ),
    ),
    ABOUT,
)


def _references(raw: Raw, at: str, neighbours: Neighbours) -> Iterator[Problem]:
    score = raw["score"]
    if score.startswith("metric."):
        yield from neighbours.lacks("metric", score.removeprefix("metric."), pointer(at, "score"))
    elif score not in ("xp", "coins"):
        yield Problem(pointer(at, "score"), "must be xp, coins or metric.KEY")
    segment = raw.get("segment_by")
    if segment is None or segment in SEGMENTING_FACTS:
        return
    if not segment.startswith(PLAYER_ATTRIBUTE):
        yield Problem(pointer(at, "segment_by"), "must be player.attributes.NAME, player.level or player.state")
    elif neighbours.catalogue.fact(segment) is None:
        yield Problem(pointer(at, "segment_by"), unknown_fact_message(segment, neighbours.catalogue))


_WINDOW_WORDS = {"day": "today", "week": "this week", "month": "this month", "all_time": "of all time"}


def _sentence(raw: Raw, say: ClauseWords) -> str:
    score = str(raw.get("score") or "xp")
    figure = {"xp": "XP earned", "coins": "coins earned"}.get(score) or say.metric(score)
    window = str(raw.get("window") or "all_time")
    segments = f", within each {humanise(str(raw['segment_by']).split('.')[-1])}" if raw.get("segment_by") else ""
    return f"ranks players by {figure} {_WINDOW_WORDS.get(window, humanise(window))}{segments}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    late_hours = raw.get("finalise_after_hours")
    late_hours = LATE_HOURS_DEFAULT if late_hours is None else late_hours
    book.boards[version.key] = CompiledLeaderboard(
        key=version.key,
        version=version.version,
        name=raw["name"],
        score=raw["score"],
        window=raw["window"],
        zone=raw.get("timezone") or "UTC",
        tz=book.zone(raw.get("timezone")),
        segment_by=raw.get("segment_by"),
        limit=raw.get("limit"),
        late_hours=late_hours,
        retention=SeriesRetention(f"b:{version.key}", runs_kept(raw["window"], late_hours)),
        generation=version.generation,
    )


LEADERBOARD = Kind(
    key="leaderboard",
    icon="trophy",
    purpose="Who is ahead, today or of all time",
    shape=_SHAPE,
    form=_FORM,
    sentence=_sentence,
    references=_references,
    compile=_compile,
    measured_members=("score", "window", "timezone", "finalise_after_hours"),
)
