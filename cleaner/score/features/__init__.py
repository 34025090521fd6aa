"""The features that the model sees: what each means, and how it is computed from the lines of a page."""
