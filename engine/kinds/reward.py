"""Reward: something that players redeem for coins."""

from collections.abc import Iterator, Mapping

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import Member, choice, object_with, optional, required, whole_number
from engine.kinds.kind import Kind, Overlap
from engine.kinds.shared_parts import (
    ABOUT,
    COINS_MAX,
    LIMIT,
    LOGIC,
    PLAYERS_SECTION,
    SCHEDULE_SECTION,
    document,
    web_address,
)
from engine.language.words.clauses import ClauseWords
from engine.language.words.wording import value_text
from engine.vocabulary.problem import Problem, named, pointer

_FULFILMENT = object_with(
    {
        "by": required(choice("hand", "coupon_pool", "webhook")),
        "coupon_pool": optional(shape.key),
        "url": optional(web_address),
    }
)
_SHAPE = document(
    {
        "cost": required(object_with({"coins": required(whole_number(0, COINS_MAX))})),
        "stock": optional(whole_number(0, COINS_MAX)),
        "condition": LOGIC,
        "limits": optional(object_with({"per_player": Member(LIMIT)})),
        "fulfilment": optional(_FULFILMENT),
    },
    scheduled=True,
)
_FORM = (
    PLAYERS_SECTION,
    FormSection(
        "then",
        "What it costs and gives",
        (
            FormField(
                "/cost/coins", "whole", "Cost", unit="coins", default=0, least=0, most=COINS_MAX, is_required=True
            ),
            FormField("/stock", "whole", "In stock", "If empty: unlimited.", least=0, most=COINS_MAX),
            FormField(
                "/fulfilment/by",
                "choice",
                "Fulfilled",
                choices=choice_pairs("hand=By hand", "coupon_pool=As a coupon", "webhook=By another system"),
                default="hand",
            ),
            FormField(
                "/fulfilment/coupon_pool",
                "choice",
                "Coupon from",
                choices_from="pools",
                when=("/fulfilment/by", ("coupon_pool",)),
            ),
            FormField("/fulfilment/url", "url", "URL", most=500, when=("/fulfilment/by", ("webhook",))),
        ),
    ),
    FormSection(
        "limits", "Within these limits", (FormField("/limits/per_player", "whole", "At most per player", least=1),)
    ),
    SCHEDULE_SECTION,
    ABOUT,
)


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    fulfilment = raw.get("fulfilment") or {}
    if fulfilment.get("by") == "coupon_pool" and not fulfilment.get("coupon_pool"):
        yield Problem(pointer(at, "fulfilment", "coupon_pool"), f"is required for {named('coupon_pool')}")
    if fulfilment.get("by") == "webhook" and not fulfilment.get("url"):
        yield Problem(pointer(at, "fulfilment", "url"), f"is required for {named('webhook')}")


def _sentence(raw: Raw, say: ClauseWords) -> str:
    cost = raw.get("cost")
    coins = value_text(cost.get("coins", 0)) if isinstance(cost, Mapping) else "0"
    stock = f", {value_text(raw['stock'])} in stock" if raw.get("stock") is not None else ""
    return f"{raw.get('name')} for {coins} coins{say.only_if(raw.get('condition'))}{stock}{say.limits(raw)}"


REWARD = Kind(
    key="reward",
    icon="gift",
    purpose="Something to redeem for coins",
    shape=_SHAPE,
    form=_FORM,
    tab="Rewards",
    sentence=_sentence,
    consistency=_consistency,
    overlap=Overlap("Both are available to the same players.", needs_same_event=False),
)
