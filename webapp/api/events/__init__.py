"""`/v1/events`: reading, checking and accepting events."""
