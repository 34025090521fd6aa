"""Checking and fixing files where they stand: what check, fix and the pre-commit hooks do."""
