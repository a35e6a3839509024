"""Apps and their keys."""
