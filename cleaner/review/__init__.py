"""Reviewing what a run removed: what to ask a person about, what was answered, and what the answers come to."""
