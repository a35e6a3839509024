"""Coupon pools: where its coupons come from."""

from tests.engine.kinds.kind_laws import EVENTS, KindLaws, wrong


class TestCouponPool(KindLaws):
    kind = "coupon_pool"
    least = {}
    members = [
        ("brand", [None, "acme"], ["Acme", ""]),
        ("coupons", [None, {"codes": ["A"]}, {"generate": {"count": 5, "pattern": "########"}}], [{}, 5]),
        ("expires_after_days", [None, 1, 3650], [0, 3651]),
        ("expires_at", [None, "2026-12-04T18:00:00Z"], ["2026-12-04"]),
    ]

    def test_a_grant_and_a_reward_may_name_it(self) -> None:
        badge = {"kind": "badge", "key": "owl", "name": "Owl", **EVENTS, "grant": {"coupon_pool": "it"}}
        fulfilment = {"by": "coupon_pool", "coupon_pool": "it"}
        reward = {"kind": "reward", "key": "mug", "name": "Mug", "cost": {"coins": 1}, "fulfilment": fulfilment}
        assert wrong(self.document(), badge, reward) == []
