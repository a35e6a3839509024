"""Rewards: what it costs and who fulfils it."""

from tests.engine.kinds.kind_laws import CONDITION, KindLaws


class TestReward(KindLaws):
    kind = "reward"
    least = {"cost": {"coins": 100}}
    needed = ("cost", "cost/coins")
    is_scheduled = True
    members = [
        ("cost/coins", [0, 10**9], [-1, 10**9 + 1, 0.5, None]),
        ("stock", [None, 0, 10**9], [-1, 10**9 + 1, 0.5]),
        ("condition", [None, CONDITION], [5]),
        ("limits/per_player", [None, 1], [0, 0.5]),
        ("fulfilment", [None, {"by": "hand"}, {"by": "webhook", "url": "https://shop.example/hook"}], [5]),
        ("fulfilment", [], [{"by": "coupon_pool", "coupon_pool": "nonesuch"}]),
        ("fulfilment/by", ["hand"], ["post", None]),
    ]
    misfits = [
        ({"fulfilment": {"by": "coupon_pool"}}, "fulfilment/coupon_pool"),
        ({"fulfilment": {"by": "webhook"}}, "fulfilment/url"),
    ]
