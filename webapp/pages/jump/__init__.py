"""Jump to: one search over pages, players, rules and boards."""
