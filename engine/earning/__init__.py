"""The road of an event: ingest → judge → award → rank → notify, each a function from values to values."""
