"""Review of removed lines: the lines that a person judges, the answers, and the sums of the answers."""
