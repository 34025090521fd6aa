"""What a run tells its user: rows, patches, lines and sums, read off the verdicts."""
