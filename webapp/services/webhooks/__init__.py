"""Messages to servers outside."""
