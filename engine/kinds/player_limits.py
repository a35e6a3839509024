"""Player limits: how many events of one player earn something, and when a day of one player is flagged as unusual."""

from decimal import Decimal

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import optional, whole_number
from engine.kinds.kind import Kind, Listening
from engine.kinds.shared_parts import ABOUT, document
from engine.language.words.clauses import ClauseWords
from engine.language.words.wording import value_text, word_list
from engine.scoring.rulebook.modifiers import CompiledPlayerLimits
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion

_SHAPE = document(
    {
        "max_events_per_minute": optional(whole_number(1, 1_000_000)),
        "flag_above_usual": optional(shape.number(1, 10_000)),
    },
    one_of=("max_events_per_minute", "flag_above_usual"),
)
_FORM = (
    FormSection(
        "limits",
        "Limits for every player",
        (
            FormField("/max_events_per_minute", "whole", "At most", unit="events a minute", least=1, most=1_000_000),
            FormField(
                "/flag_above_usual", "number", "Flag players above", unit="times their usual", least=1, most=10_000
            ),
        ),
    ),
    ABOUT,
)


def _sentence(raw: Raw, _say: ClauseWords) -> str:
    most, usual = raw.get("max_events_per_minute"), raw.get("flag_above_usual")
    parts = [f"events beyond {value_text(most)} a minute earn nothing"] if most else []
    parts += [f"players with over {value_text(usual)} times their usual events are flagged"] if usual else []
    return word_list(parts, "and") or "players are not limited"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    above = raw.get("flag_above_usual")
    book.player_limits = CompiledPlayerLimits(
        key=raw["key"],
        version=version.version,
        max_events_per_minute=raw.get("max_events_per_minute"),
        flag_above_usual=None if above is None else Decimal(repr(above)),
    )


PLAYER_LIMITS = Kind(
    key="player_limits",
    icon="shield-check",
    purpose="How much is too much for one player",
    shape=_SHAPE,
    form=_FORM,
    sentence=_sentence,
    is_single=True,
    compile=_compile,
    listening=Listening.EVERY,
    decides_which_events_count=True,
)
