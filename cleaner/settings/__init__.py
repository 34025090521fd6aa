"""The settings of a run: the record, the checks of its values, the files it comes from, and the allow-list."""
