"""Cleaning as a step of the libraries that pages come from or go to: one file for each, behind an extra."""
