"""Events: the newest ones, and what one of them did."""
