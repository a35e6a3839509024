"""Leaderboards over time: runs that have ended are finalised."""
