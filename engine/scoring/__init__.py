"""How an entry scores: judge, award, rank. Each step is a function from values to values."""
