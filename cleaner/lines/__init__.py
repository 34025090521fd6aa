"""Facts of the lines of a page, in any language: shape, phrases, dates, and their form for a terminal."""
