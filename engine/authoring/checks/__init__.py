"""What checks find in a draft: mistakes, warnings, overlaps, costs."""
