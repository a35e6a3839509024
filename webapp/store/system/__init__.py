"""The connection pool, slow jobs, deliveries, and summaries for operators."""
