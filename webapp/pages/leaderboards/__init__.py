"""Leaderboards: the list and one board."""
