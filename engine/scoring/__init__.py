"""How an event scores: judge, award, rank; each step a function from values to values."""
