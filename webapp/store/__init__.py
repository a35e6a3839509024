"""All SQL: functions that take a connection, say what is so or make it so, and leave the commit to their caller."""
