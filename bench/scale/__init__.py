"""The cost of a corpus too large for one machine: CPU, bytes and memory, measured here and partly extrapolated."""
