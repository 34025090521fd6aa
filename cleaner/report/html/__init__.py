"""The report as pages for a browser: an overview, and files for some of the pages cleaned. No script is in them."""
