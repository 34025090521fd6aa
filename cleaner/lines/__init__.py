"""What one line of a page is, in any language: its shape, its phrases, its dates, and how a terminal shows it."""
