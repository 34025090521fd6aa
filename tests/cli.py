"""The command line called in this process: the same exit code and output as a process of its own, without its start.

Only what a process has of its own needs one: signals, streams that are closed, terminals, what is imported, the end
of the interpreter. See ``tests.runs`` for those.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from cleaner.cli import main

#: What the environment says about output, which must not depend on where the tests are started.
PLAIN = {"NO_COLOR": None, "FORCE_COLOR": None, "PRE_COMMIT": None, "COLUMNS": "80"}


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


@contextmanager
def environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Change variables of the environment for a while; None takes one away."""
    before = {name: os.environ.get(name) for name in changes}
    try:
        _set(changes)
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def run(
    *arguments: object, input: bytes | str = b"", cwd: Path | str = ".", mixed: bool = False, **env: str | None
) -> Ended:
    """Call the command line as ``python -m cleaner`` does, in a folder and with variables of the environment.

    With ``mixed`` the error output stands in the output, as with ``2>&1``.
    """
    assert not any(name.startswith("PYTHON") for name in env), "only a process that starts reads these"
    given = input.encode() if isinstance(input, str) else input
    stdin = io.TextIOWrapper(io.BytesIO(given), "utf-8")
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    errors = stdout if mixed else stderr
    outer, on_stop = sys.stdin, signal.getsignal(signal.SIGTERM)
    try:
        sys.stdin = stdin
        with (
            chdir(cwd),
            environment(PLAIN | env),
            redirect_stdout(stdout),
            redirect_stderr(errors),
        ):
            main([str(argument) for argument in arguments])
    except SystemExit as ended:
        stdout.flush()
        stderr.flush()
        written = [stream.buffer.getvalue().decode("utf-8", "surrogateescape") for stream in (stdout, stderr)]
        assert not any("Traceback" in output for output in written), "".join(written)
        return Ended(ended.code, *written)
    finally:
        sys.stdin = outer
        signal.signal(signal.SIGTERM, on_stop)
    raise AssertionError("the command line ended without an exit code")
