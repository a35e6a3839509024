// The Build page with scripts.
