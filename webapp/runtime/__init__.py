"""What every process needs: clock, time zones, logs, shutdown, secrets, failpoints."""
