"""The model: word scores, structure scores, trees, and how they are stored."""
