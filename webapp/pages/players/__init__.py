"""Players: the list and one player."""
