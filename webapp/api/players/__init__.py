"""`/v1/players`: what a player has, why, and manual changes."""
