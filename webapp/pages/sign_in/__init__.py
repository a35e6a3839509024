"""The door: signing in by password or one-time link, and out again."""
