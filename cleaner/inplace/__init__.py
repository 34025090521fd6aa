"""Checks and fixes files in place, as the commands ``check`` and ``fix`` and the pre-commit hooks do."""
