"""Two changes to ``multiprocessing`` that hold for the whole process, as the standard library has no public means.

1. A worker must not run the program that it works for. ``multiprocessing`` sends each new process the path of the main
   module, and the process runs that from its first line, under the name ``__mp_main__``. A script without ``if
   __name__ == "__main__"`` would start all over in each worker. ``leave_out_main`` wraps
   ``spawn.get_preparation_data``, which collects what is sent. Only processes named ``WORKER_NAME`` are affected.

2. A process that was forked from this one must forget the fork server. After ``os.fork``, which engines call, the copy
   still knows the id of the server process, but the server is not its child. ``forkserver.ensure_running`` then raises
   ChildProcessError instead of starting a server. ``forget_fork_server`` calls ``__init__`` of the only ``ForkServer``
   again, as if no server had been started.

What this relies on, by version of Python:

- 3.11, 3.12, 3.13: ``spawn.get_preparation_data(name)`` is called by its full name from ``popen_forkserver`` and
  ``popen_spawn_posix``, and returns ``init_main_from_name`` or ``init_main_from_path``. ``__init__`` of
  ``forkserver._forkserver`` has no arguments.
- 3.14: the same, and ``ForkServer`` has a key for authentication as well, which ``__init__`` resets. The fork server is
  the default on Linux and imports the main module, unless another preload is set, as ``worker_context`` does.

Where a later version differs, ``test_a_worker_does_not_run_the_program_it_works_for`` or
``test_a_forked_process_starts_workers_of_its_own`` fails.
"""

from __future__ import annotations

import os
from multiprocessing import spawn
from typing import Any

#: The name of all our processes.
WORKER_NAME = "clean-scrape worker"

_get_preparation_data = spawn.get_preparation_data


def leave_out_main() -> None:
    """Make processes named ``WORKER_NAME`` start without the main module. Calling it again does no harm."""
    spawn.get_preparation_data = _preparation_data


def _preparation_data(name: str) -> dict[str, Any]:
    """Return what a new process is sent; without the main module for one of ours."""
    data = _get_preparation_data(name)
    return {key: data[key] for key in data if name != WORKER_NAME or not key.startswith("init_main")}


def forget_fork_server() -> None:
    """Make this process, which was forked, start a fork server of its own when it needs one."""
    from multiprocessing import forkserver  # noqa: PLC0415 (Windows has none)

    forkserver._forkserver.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_fork_server)
