"""Brands: whose coupons they are."""

from tests.engine.kinds.kind_laws import KindLaws


class TestBrand(KindLaws):
    kind = "brand"
    least = {}
    members = [
        ("website", [None, "https://acme.example"], ["", "x" * 501]),
    ]
