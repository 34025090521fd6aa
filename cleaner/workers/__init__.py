"""Worker processes: a pool that gives results in order, and the limits on what one page may cost."""
