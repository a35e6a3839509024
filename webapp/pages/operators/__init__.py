"""Operators: the people who sign in here."""
