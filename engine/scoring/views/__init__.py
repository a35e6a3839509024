"""A player's state as it is read: the profile, facts for explanations, and when time alone changes it next."""
