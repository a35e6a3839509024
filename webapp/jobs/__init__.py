"""What runs behind the requests: drains, the beat, and the slow jobs."""
