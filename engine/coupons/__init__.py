"""The path of a coupon: who may play, how a play is decided, how a budget is paced. Pure functions of values."""
