"""SQL of campaigns: games, plays, pools, coupons, claims, rewards."""
