"""Rewards: what players redeem for coins, and what waits to be handed out."""
