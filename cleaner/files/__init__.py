"""Files: opening them safely, unpacking gzip and zstd, rows of JSON, and writing whole files."""
