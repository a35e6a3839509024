"""The log folded again: seeding, history awards, verify, rebuild, checkpoints."""
