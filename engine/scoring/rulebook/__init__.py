"""Rules ready to run: documents compiled, indexed by event type, and what folding under them has to load."""
