"""What is done to one player, and explained to one: erasure, standings, explanations."""
