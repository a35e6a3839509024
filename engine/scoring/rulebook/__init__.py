"""The rulebook: all rule versions live at a moment, compiled once, and what each of them reads."""
