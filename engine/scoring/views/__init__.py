"""A player's state as it is read: profile, facts for explanations, and when time alone changes it next."""
