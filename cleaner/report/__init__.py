"""What a run reports: rows, patches, lines and sums, all computed from the verdicts."""
