"""Reading the report of a run on an engine, which is a Parquet table."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from cleaner.errors import InputError, requires_extra
from cleaner.files.opening import open_regular

#: Rows that are in memory at once.
_BATCH_ROWS = 100


def json_rows(path: Path) -> Iterator[bytes]:
    """The rows of a report as lines of JSON. Raises InputError when it cannot be read, or pyarrow is missing."""
    with requires_extra("arrow", f"{path} is a table, which needs pyarrow", str(path)):
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        with open_regular(path, str(path)) as file:
            for batch in parquet.ParquetFile(file).iter_batches(_BATCH_ROWS, columns=["json"], use_threads=False):
                for value in batch.column(0):
                    yield str(value.as_py()).encode("utf-8")
    except (OSError, arrow.ArrowException) as error:
        message = f"{path} cannot be read as a report ({error}); run clean-scrape again"
        raise InputError(message, source=str(path)) from error
