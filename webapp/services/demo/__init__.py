"""The demo: real events and a campaign to look at."""
