"""The journal of a run: what was done, so that a run can resume, and the files of its report."""
