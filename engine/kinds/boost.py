"""Boost: XP or coins multiplied for a while, for all rules or some, for all players or those of a segment."""

from collections.abc import Iterator
from decimal import Decimal

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import choice, list_of, optional, required
from engine.kinds.kind import Kind, Neighbours, Overlap
from engine.kinds.shared_parts import ABOUT, LOGIC, SCHEDULE_SECTION, document
from engine.language.words.clauses import ClauseWords
from engine.language.words.wording import value_text, word_list
from engine.scoring.rulebook.compiled_rules import Schedule, compile_condition
from engine.scoring.rulebook.modifiers import CompiledBoost
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.views.standings import boost_standing
from engine.vocabulary.problem import Problem, pointer

CURRENCIES = ("xp", "coins")

_SHAPE = document(
    {
        "multiplier": required(shape.number(0, 100)),
        "currencies": optional(list_of(choice(*CURRENCIES), 1, 2, distinct=True)),
        "targets": optional(list_of(shape.key, 1, 100, distinct=True)),
        "segment": optional(shape.key),
        "condition": LOGIC,
    },
    scheduled=True,
)
_FORM = (
    FormSection(
        "who", "For whom", (FormField("/segment", "choice", "Segment", choices_from="segments"),), tree="/condition"
    ),
    FormSection(
        "then",
        "Then multiply",
        (
            FormField(
                "/currencies",
                "choices",
                "What",
                "If none is chosen: XP and coins.",
                choices=choice_pairs("xp=XP", "coins=Coins"),
            ),
            FormField("/multiplier", "number", "By", default=2, least=0, most=100, is_required=True),
            FormField(
                "/targets", "choices", "From these rules", "If none is chosen: from all rules.", choices_from="granting"
            ),
        ),
    ),
    SCHEDULE_SECTION,
    ABOUT,
)


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    if raw["multiplier"] == 1:
        yield Problem(pointer(at, "multiplier"), "a multiplier of 1 changes nothing")


def _references(raw: Raw, at: str, neighbours: Neighbours) -> Iterator[Problem]:
    for index, key in enumerate(raw.get("targets") or ()):
        if key not in neighbours.granting:
            suggestion = neighbours.catalogue.did_you_mean(key, neighbours.granting)
            yield Problem(pointer(at, "targets", index), f"{key!r} is not a rule that grants something{suggestion}")
    if raw.get("segment") is not None:
        yield from neighbours.lacks("segment", raw["segment"], pointer(at, "segment"))


def _needs(raw: Raw) -> list[str]:
    return [raw["segment"]] if raw.get("segment") else []


def _multiplies(raw: Raw, key: str) -> bool:
    return not raw.get("targets") or key in raw["targets"]


def _sentence(raw: Raw, say: ClauseWords) -> str:
    earned = word_list([say.key(currency) for currency in raw.get("currencies") or CURRENCIES], "and")
    rules = [say.key(key) for key in raw.get("targets") or []]
    from_rules = f" from {word_list(rules, 'and')}" if rules else ""
    in_segment = f" for players in {say.key(raw['segment'])}" if raw.get("segment") else ""
    effect = f"multiplies {earned}{from_rules} by {value_text(raw.get('multiplier', 1))}{in_segment}"
    return f"{effect}{say.only_if(raw.get('condition'))}{say.schedule(raw)}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    book.boosts.append(
        CompiledBoost(
            key=raw["key"],
            version=version.version,
            multiplier=Decimal(repr(raw["multiplier"])),
            currencies=tuple(raw.get("currencies") or CURRENCIES),
            targets=frozenset(raw.get("targets") or ()),
            segment=raw.get("segment"),
            schedule=Schedule.from_document(raw),
            condition=compile_condition(raw.get("condition")),
        )
    )


BOOST = Kind(
    key="boost",
    icon="bolt",
    purpose="More XP or coins for a while",
    shape=_SHAPE,
    form=_FORM,
    sentence=_sentence,
    consistency=_consistency,
    references=_references,
    needs=_needs,
    multiplies=_multiplies,
    compile=_compile,
    standing=boost_standing,
    overlap=Overlap("Both multiply.", is_serious=True, needs_same_event=False),
)
