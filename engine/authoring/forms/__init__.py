"""Every kind of rule as a form: fields, choices, blanks, and reading what was typed."""
