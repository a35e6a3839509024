"""Rehearsals: the same fold as in production, on history or on a draft."""
