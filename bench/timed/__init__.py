"""Bounds on CPU time. They depend on the machine and its load, so they are measured here and not in the tests."""
