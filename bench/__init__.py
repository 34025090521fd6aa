"""Figures on development data: what the product reaches, beside its peers."""
