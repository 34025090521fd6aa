"""Deciding: one verdict per line from the evidence on it, and pages with too many lines to decide."""
