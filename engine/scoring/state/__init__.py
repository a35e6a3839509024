"""What is remembered of a player: one JSON document, and the sets and series beside it."""
