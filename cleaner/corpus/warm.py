"""Loads the data that all workers need, in the process from which they are forked.

Importing this module cleans one page of each kind, which loads weights, phrases and detectors. The workers share
that memory.
"""

from __future__ import annotations

import gc

from cleaner.pipeline import clean

_LINE = "The harbour office of the town kept a ledger of every barge that passed the lock before noon, he said."

clean(f"<html lang=en><title>Ledger</title><p>{_LINE}</p><ul><li><a href='/'>Home</a></li></ul></html>", kind="html")
clean(f"{_LINE}\nHome | News\n", kind="text")
gc.collect()
gc.freeze()
