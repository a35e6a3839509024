"""Home: what happens now, or the first steps."""
