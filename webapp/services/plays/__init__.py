"""From a play to its outcome: admission, drain, decision, settlement."""
