"""Campaigns: the list, the budget dashboard, coupons, the simulator."""
