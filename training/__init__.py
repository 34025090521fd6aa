"""Fits the weights of the product on labelled pages. Run by us, not shipped in the wheel."""

import os

# One thread for linear algebra, set before numpy is imported: sums run in one order, the same bytes on every run.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
