"""Everything that goes out over the network: signed messages to servers that an author named."""
