"""Coupon pool: codes that rules grant and rewards are fulfilled with."""

from engine.documents import shape
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import optional
from engine.kinds.kind import Kind
from engine.kinds.shared_parts import ABOUT, COUPON_EXPIRY, EXPIRY_FIELDS, coupon_stock, document

_FORM = (
    FormSection(
        "then",
        "Coupons",
        (
            FormField("/brand", "choice", "Brand", choices_from="brands"),
            FormField("/coupons/generate/count", "whole", "Make", unit="coupons", least=1, most=1_000_000),
            FormField("/coupons/generate/pattern", "text", "Pattern", "# is a random character.", most=60),
            FormField("/coupons/codes", "texts", "Or these codes", "One per line."),
            *EXPIRY_FIELDS,
        ),
    ),
    ABOUT,
)

COUPON_POOL = Kind(
    key="coupon_pool",
    icon="list-check",
    purpose="Codes that rules can give out",
    shape=document({"brand": optional(shape.key), "coupons": optional(coupon_stock), **COUPON_EXPIRY}),
    form=_FORM,
)
