"""A rule document as one plain sentence: when, under which condition, what happens, within which limits."""

from collections.abc import Mapping
from typing import Any

from engine.documents.document import Raw
from engine.kinds import KINDS
from engine.language.words.clauses import ClauseWords
from engine.language.words.conditions import ConditionWords
from engine.language.words.wording import OperandWords
from engine.vocabulary.fact import Catalogue


def rule_sentence(document: Any, catalogue: Catalogue) -> str:
    """The whole rule in one sentence. `document` is a checked rule document: a dict, or anything with a `.raw` dict.

    A kind without a sentence of its own is represented by the document's description, else by its name.
    """
    raw: Raw = document if isinstance(document, Mapping) else document.raw
    return sentence_of(raw, ClauseWords(ConditionWords(OperandWords(catalogue))))


def sentence_of(raw: Raw, say: ClauseWords) -> str:
    """The sentence of a rule document by these clauses."""
    kind = KINDS.get(str(raw.get("kind")))
    if kind is None or kind.sentence is None:
        return str(raw.get("description") or raw.get("name") or raw.get("key") or "")
    words = kind.sentence(raw, say)
    return f"{words[:1].upper()}{words[1:]}."
