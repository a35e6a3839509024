"""Segment: the players for whom a condition holds."""

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormSection
from engine.documents.shape import required
from engine.kinds.kind import Kind, Listening, Overlap
from engine.kinds.shared_parts import ABOUT, document
from engine.language.words.clauses import ClauseWords
from engine.scoring.rulebook.compiled_rules import compile_condition
from engine.scoring.rulebook.modifiers import CompiledSegment
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.views.standings import segment_standing

_SHAPE = document({"condition": required(shape.any_value)})
_FORM = (FormSection("who", "Players for whom", tree="/condition"), ABOUT)


def _sentence(raw: Raw, say: ClauseWords) -> str:
    return f"players for whom {say.condition(raw.get('condition')) or 'nothing is required'}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    book.segments.append(CompiledSegment(raw["key"], version.version, compile_condition(raw["condition"])))


SEGMENT = Kind(
    key="segment",
    icon="users-group",
    purpose="Players who have something in common",
    shape=_SHAPE,
    form=_FORM,
    sentence=_sentence,
    needs_condition=True,
    compile=_compile,
    standing=segment_standing,
    listening=Listening.EVERY,
    provides=("player.segments",),
    overlap=Overlap("Players are in both.", needs_same_event=False),
)
