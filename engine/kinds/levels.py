"""Levels: names for how much XP a player has, by thresholds or by a formula."""

from collections.abc import Iterator
from typing import Any

from engine.documents.condition_places import LogicPlace, amounts, own_places
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import choice, list_of, object_with, optional, required, text, whole_number
from engine.kinds.kind import Kind
from engine.kinds.shared_parts import ABOUT, GRANT, GRANT_FIELDS, document
from engine.language.check import Scope
from engine.language.words.clauses import ClauseWords
from engine.language.words.wording import value_text, word_list
from engine.scoring.rulebook.levels import compile_levels
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.views.standings import levels_standing
from engine.vocabulary.fact import humanise
from engine.vocabulary.problem import Problem, named, pointer

FORMULAS = ("doubling", "traders")


def _formula(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from choice(*FORMULAS)(value, at)


_LEVEL = object_with({"name": required(text(80)), "xp": required(whole_number(0, 10**15)), "grant": optional(GRANT)})
_SHAPE = document(
    {
        "thresholds": optional(list_of(_LEVEL, 1, 200)),
        "formula": optional(_formula),
        "max_level": optional(whole_number(1, 1000)),
        "grant": optional(GRANT),
    },
    one_of=("thresholds", "formula"),
)
_FORM = (
    FormSection(
        "then",
        "Levels",
        (
            FormField(
                "/thresholds",
                "table",
                "Level",
                "The first level starts at 0 XP.",
                columns=(
                    FormField("/name", "text", "Name", is_required=True, most=80),
                    FormField("/xp", "whole", "From", unit="XP", least=0, is_required=True),
                    FormField("/grant/coins", "amount", "Coins", unit="coins"),
                ),
                excludes=("/formula",),
            ),
            FormField(
                "/formula",
                "choice",
                "Or by a formula",
                choices=choice_pairs(
                    "doubling=Each level takes twice the XP", "traders=Trader levels, from Rookie to Legend"
                ),
                excludes=("/thresholds",),
            ),
            FormField("/max_level", "whole", "Highest level", least=1, most=1000),
        ),
    ),
    FormSection("limits", "Each new level gives", GRANT_FIELDS),
    ABOUT,
)


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    thresholds = raw.get("thresholds") or []
    if thresholds and raw.get("formula") is not None:
        yield Problem(pointer(at, "formula"), f"cannot be combined with {named('thresholds')}")
    for index, level in enumerate(thresholds):
        here = pointer(at, "thresholds", index, "xp")
        if index == 0 and level["xp"] != 0:
            yield Problem(here, "the first level must start at 0 XP")
        if index and level["xp"] <= thresholds[index - 1]["xp"]:
            yield Problem(here, "must be more XP than the previous level")


def _places(raw: Raw, at: str) -> Iterator[LogicPlace]:
    yield from own_places(raw, at)
    if raw.get("formula") is not None and not isinstance(raw["formula"], str):
        yield LogicPlace(raw["formula"], pointer(at, "formula"), Scope.LEVEL, ("*",))
    for index, level in enumerate(raw.get("thresholds") or ()):
        yield from amounts(level.get("grant"), pointer(at, "thresholds", index, "grant"), ("*",))


def _reads(_raw: Raw) -> list[str]:
    return ["player.xp"]


def _sentence(raw: Raw, say: ClauseWords) -> str:
    thresholds = raw.get("thresholds")
    if not thresholds:
        return f"levels: {_formula_words(raw.get('formula'), say)}{say.also(raw.get('grant'), 'each new level')}"
    steps = [
        f"{level.get('name') or index} from {value_text(level.get('xp', 0))} XP"
        for index, level in enumerate(thresholds, 1)
    ]
    return f"levels: {word_list(steps, 'and')}{say.also(raw.get('grant'), 'each new level')}"


def _formula_words(formula: Any, say: ClauseWords) -> str:
    if formula == "doubling":
        return "each level takes twice the XP of the one before"
    return humanise(formula) if isinstance(formula, str) else say.amount(formula)


def _compile(version: RuleVersion, book: Rulebook) -> None:
    book.levels = compile_levels(version.document, version.version, version.earlier)


LEVELS = Kind(
    key="levels",
    icon="stairs-up",
    purpose="Names for how much XP a player has",
    shape=_SHAPE,
    form=_FORM,
    first_members={"thresholds": [{"name": "Rookie", "xp": 0}, {"name": "Expert", "xp": 100}]},
    sentence=_sentence,
    consistency=_consistency,
    places=_places,
    is_single=True,
    compile=_compile,
    standing=levels_standing,
    grants=True,
    measures_players=True,
    reads=_reads,
)
