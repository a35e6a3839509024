"""The nouns that every part of the engine shares."""
