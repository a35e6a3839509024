"""`/v1/games` and `/v1/plays`: plays, single and in bursts."""
