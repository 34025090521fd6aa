"""Cleaning as a step in pipelines of other libraries: one file for each library, which is installed as an extra."""
