"""Rules in plain English: operands, conditions, and the clauses of sentences."""
