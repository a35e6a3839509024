"""SQL of rules: versions, rulebooks, drafts, submissions, test cases, backtests."""
