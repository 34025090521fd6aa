"""Measures the weights of the rules on labelled pages. Run by us, not shipped in the wheel."""
