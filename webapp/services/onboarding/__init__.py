"""The first steps in an empty installation."""
