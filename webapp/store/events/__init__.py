"""SQL of the log: events, inbox, shards, parked entries, history."""
