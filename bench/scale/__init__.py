"""What a corpus past one machine costs: CPU, bytes and memory, measured here and extrapolated where it says so."""
