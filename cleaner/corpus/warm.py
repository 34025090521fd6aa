"""Imported by the process from which workers are forked, so that no worker loads what all of them need.

Cleaning one page of each kind loads weights, phrases and detectors; the workers share that memory.
"""

from __future__ import annotations

import gc

from cleaner.pipeline import clean

_LINE = "The harbour office of the town kept a ledger of every barge that passed the lock before noon, he said."

clean(f"<html lang=en><title>Ledger</title><p>{_LINE}</p><ul><li><a href='/'>Home</a></li></ul></html>", kind="html")
clean(f"{_LINE}\nHome | News\n", kind="text")
gc.collect()
gc.freeze()
