"""The page that players see: a reel, and the real outcome."""
