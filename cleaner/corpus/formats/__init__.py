"""Readers of inputs that hold many pages."""
