"""History replayed against a draft, shard by shard."""
