"""Counting and cleaning of tables, for Arrow, Ray and Spark."""
