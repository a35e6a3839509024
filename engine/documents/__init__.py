"""The parts of every rule document: shapes of members, fields of forms, places of conditions, the typed document."""
