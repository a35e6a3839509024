"""Beside the Build page: a draft tried on one case, and on history."""
