"""Rule documents of all kinds together: checked, read, put into words, compiled into a rulebook."""
