"""A player's state: one document, counters by bucket, and the calendar that cuts time into buckets."""
