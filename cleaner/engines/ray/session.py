"""A session of Ray without output and telemetry: started here and ended with all its processes, or on a cluster."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from cleaner.errors import CleanScrapeError, EngineError, InputError, requires_extra

#: Bytes of Ray's shared memory on this machine; more data spill to the disk.
OBJECT_STORE_BYTES = 1024 * 1024 * 1024

#: How often a task whose process or machine ended is started again. Pages cannot cause that: they have processes of
#: their own.
MAX_RETRIES = 3

#: Seconds that a cluster may take to answer.
CONNECT_SECONDS = 10.0

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_task_oom_retries": str(MAX_RETRIES),  # by default without end
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def import_ray() -> Any:
    """The package ray; it takes a second and most runs do without.

    Raises InputError when it is not installed.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with requires_extra("ray", "the engine ray needs ray and pyarrow"):
        ray = import_module("ray")
        import_module("ray.data")
    return ray


@contextmanager
def session(address: str | None, cores: int) -> Iterator[Any]:
    """The package ray, connected: to the cluster at ``address``, or to a Ray of our own that uses ``cores``.

    Ours ends with all its processes and files. Raises InputError when no Ray answers at the address, EngineError when
    no Ray can be started here.
    """
    ray = import_ray()
    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    # Ray makes sockets below it, whose paths must be short.
    files = None if address else tempfile.mkdtemp(prefix="ray-", dir="/tmp" if os.path.isdir("/tmp") else None)  # noqa: PTH112, S108
    stopping = signal.getsignal(signal.SIGTERM)
    try:
        _connect(ray, address, cores, files)
        if stopping is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, stopping)  # the handler of Ray would not end its processes
        silence(ray)
        yield ray
    finally:
        ray.shutdown()
        if files:
            shutil.rmtree(files, ignore_errors=True)


def _connect(ray: Any, address: str | None, cores: int, files: str | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            _check_reachable(address)
            ray.init(address=address, **quiet)
        else:
            own = {"num_cpus": cores, "object_store_memory": OBJECT_STORE_BYTES, "_temp_dir": files}
            ray.init(address="local", include_dashboard=False, **own, **quiet)
    except Exception as error:  # Ray raises errors of its libraries as well
        if address:
            message = (
                f"no Ray of a compatible version answers at {address} ({_short(error)}); start one with "
                "`ray start --head`, with the same versions of Ray and Python, or leave --ray-address out"
            )
            raise InputError(message, reason="ray-address") from error
        message = f"Ray could not be started ({_short(error)}); are memory, /dev/shm or ports short?"
        raise EngineError(message, reason="ray-start") from error


def _check_reachable(address: str) -> None:
    """Raise OSError when nobody listens at HOST:PORT; Ray itself asks again for minutes."""
    host, found, port = address.rpartition("://")[2].rpartition(":")
    if found and port.isascii() and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()


def silence(ray: Any) -> None:
    """Switch off the progress bars and plans that Ray prints."""
    context = ray.data.DataContext.get_current()
    for name in ("enable_progress_bars", "enable_operator_progress_bars", "print_on_execution_start"):
        if hasattr(context, name):
            setattr(context, name, False)


def hide_main_module() -> None:
    """For tasks: processes that they start need nothing of Ray's main module.

    Without this each would import it again, which takes forty times as long as a start.
    """
    main = sys.modules["__main__"]
    if Path(getattr(main, "__file__", None) or "").name == "default_worker.py":
        main.__file__ = None


def translate_error(error: Exception, doing: str) -> Exception:
    """Convert an error of a task or of Ray itself."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, CleanScrapeError):
        return cause
    if isinstance(cause, OSError):
        return OSError(*cause.args)
    message = (
        f"Ray failed while {doing} ({type(error).__name__}: {_short(error)}); the same command resumes where this one "
        "stopped; where memory is short, take fewer --jobs"
    )
    return EngineError(message, reason="ray")


def _short(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:300]
