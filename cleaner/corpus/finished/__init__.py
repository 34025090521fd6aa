"""What reads a finished report: restoring pages, the HTML report, and knowing files that we wrote ourselves."""
