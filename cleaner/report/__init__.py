"""The report of a run: rows, patches, lines and sums, all computed from the verdicts."""
