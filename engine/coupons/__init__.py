"""The road of a coupon: who may play, what a draw decides, how a budget lasts. Values in, values out."""
