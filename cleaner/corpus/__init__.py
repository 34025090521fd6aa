"""Runs: finding and reading inputs, cleaning them in workers, and writing outputs, report and journal."""
