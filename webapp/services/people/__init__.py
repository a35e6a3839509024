"""What is done with operators and API keys: each function is one transaction, noted in the audit log."""
