"""What every HTTP request meets first: permissions, keys, headers, forms, health."""
