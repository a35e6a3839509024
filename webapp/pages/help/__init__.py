"""Help, generated from what the engine knows."""
