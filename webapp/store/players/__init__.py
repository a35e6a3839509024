"""SQL of players: states, profiles, standings, checkpoints."""
