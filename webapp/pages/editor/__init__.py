"""The editor's Build page: a rule as words that are controls; each control is one edit of its draft."""
