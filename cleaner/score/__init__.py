"""From what was found on a page to evidence with weights, and the numbers for deciding."""
