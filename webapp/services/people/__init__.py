"""Operators, their sign-ins, apps and API keys: each function is one transaction; changes go into the audit log."""
