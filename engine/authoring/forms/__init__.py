"""Rules as forms: new documents, choices, starter templates, and reading what was typed."""
