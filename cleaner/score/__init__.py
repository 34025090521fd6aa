"""Evidence with weights: findings of detectors with their measured weights, and what the model and the site add."""
