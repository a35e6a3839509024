"""Rewards redeemed for coins."""
