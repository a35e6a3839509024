"""What is done to one player: erasure."""
