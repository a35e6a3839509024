"""Games simulated with synthetic traffic: how a budget burns down, before anybody plays."""
