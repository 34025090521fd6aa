"""Work on a finished report: restoring pages, writing the HTML report, and recognising our own output files."""
