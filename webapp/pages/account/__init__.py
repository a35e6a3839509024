"""One's own account: sessions, password, look."""
