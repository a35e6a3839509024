"""Measurements of the running product: `make bench` prints them as tables and asserts nothing."""
