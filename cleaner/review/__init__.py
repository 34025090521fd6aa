"""Review of what a run removed: the lines to ask a person about, the answers, and the sums of the answers."""
