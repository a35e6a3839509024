"""Everything that pages draw: numbers in, coordinates for SVG out. Templates only print them."""
