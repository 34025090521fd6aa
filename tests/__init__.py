"""Tests of clean-scrape."""
