"""Working on a draft: edits, test cases, and trying it on a sample."""
