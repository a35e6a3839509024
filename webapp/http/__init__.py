"""What every HTTP request meets first: permissions, keys, headers, CSRF, forms, health."""
