"""Rules in plain English: operands, conditions, clauses, and one sentence for each kind of rule."""
