"""The road of a coupon: campaigns are launched, games drained, coupons stocked, claims filled, outcomes audited."""
