"""The report in HTML: an overview, and a file for each of some pages that were cleaned. It contains no script."""
