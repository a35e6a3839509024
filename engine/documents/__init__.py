"""What every rule document is made of: shapes of members, fields of forms, places of conditions, the typed document."""
