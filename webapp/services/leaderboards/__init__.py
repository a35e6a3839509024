"""Leaderboards over time: finalised runs and each day's opening ranks."""
