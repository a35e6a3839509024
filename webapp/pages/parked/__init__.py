"""Parked work: what failed, and its replay."""
