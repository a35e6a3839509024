"""Everything that draws: geometry for the SVG of the pages."""
