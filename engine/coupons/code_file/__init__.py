"""Files of coupon codes as people send them: rows, how they are meant, and which lines may become coupons."""
