"""All input and output of a run: what is read, who does the work, what is written."""
