"""Brand: a sponsor whose coupons are given away."""

from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import optional, text
from engine.kinds.kind import Kind
from engine.kinds.shared_parts import ABOUT, document
from engine.language.words.clauses import ClauseWords


def _sentence(raw: Raw, _say: ClauseWords) -> str:
    return f"the brand {raw.get('name')}"


BRAND = Kind(
    key="brand",
    icon="books",
    purpose="Whose coupons they are",
    shape=document({"website": optional(text(500))}),
    form=(FormSection("then", "Brand", (FormField("/website", "text", "Website", most=500),)), ABOUT),
    sentence=_sentence,
)
