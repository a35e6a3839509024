"""Rules: the list and one rule, read-only."""
