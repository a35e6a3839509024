"""RQ and its hints: waking lanes, slow jobs, and what happens when Redis is away."""
