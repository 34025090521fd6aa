"""Workers: order is kept, and whatever happens to one costs its own item only."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cleaner.workers import pool as workers
from cleaner.workers import processes
from cleaner.workers.limits import Limits
from cleaner.workers.pool import BATCHES_PER_WORKER, MAX_BATCH_ITEMS, Failure, map_in_order
from tests.poisoned import gentle

#: Limits for tests: nobody wants to wait.
QUICK = Limits(seconds=0.5, seconds_per_mb=0, memory=500_000_000, grace=0)


def poison(item: str) -> str:
    """Do to this process what the item says."""
    if item == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "exit":
        os._exit(0)
    if item == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    while item == "loop":
        pass
    if item == "memory":
        bytearray(QUICK.memory * 2)
    if item == "hang":
        time.sleep(600)
    return gentle(item)


def test_poison_costs_its_own_item_only():
    items = [f"good{n}" for n in range(20)]
    bad = ("kill", "hang", "exit", "typed", "bug", "memory", "loop", "crash")
    for at, one in enumerate(bad, 1):
        items.insert(3 * at, one)
    found = list(map_in_order(poison, items, 2, QUICK))
    assert [item for item, _ in found] == items
    failed = {item: result for item, result in found if isinstance(result, Failure)}
    assert {item: failure.reason for item, failure in failed.items()} == {
        "kill": "worker-died",
        "hang": "time-budget",
        "exit": "worker-died",
        "loop": "time-budget",
        "crash": "worker-died",
        "typed": "binary",
        "bug": "internal",
        "memory": "memory",
    }
    assert failed["loop"].message == "took more than 0.5 seconds of CPU time"
    assert [result for _, result in found if isinstance(result, str)] == [f"GOOD{n}" for n in range(20)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_order_and_failures_are_the_same_for_any_jobs(jobs):
    items = ["slow1", "b", "typed", "slow2", "memory", "bug", "c"]
    found = [result for _, result in map_in_order(gentle, items, jobs)]
    assert found[:2] == ["SLOW1", "B"] and found[3] == "SLOW2" and found[6] == "C"
    assert found[2] == Failure("binary", "is a picture")
    assert found[5] == Failure("internal", "KeyError: 'x'; please report this page")
    assert isinstance(found[4], Failure)


def test_a_pool_that_cannot_start_says_what_to_do(monkeypatch):
    def refused():
        raise OSError("no process is left")

    monkeypatch.setattr(processes, "worker_context", refused)
    with pytest.raises(OSError, match=r"no process is left.*fewer --jobs"):
        list(map_in_order(str, range(3), 2))


def unwilling():
    os._exit(5)


def test_workers_that_end_before_their_first_item_stop_the_run(monkeypatch):
    """Else all pages would be blamed for it."""
    monkeypatch.setattr(workers.limiting, "limit_memory", lambda limits: unwilling())
    monkeypatch.setattr(processes, "worker_context", lambda: multiprocessing.get_context("fork"))
    with pytest.raises(OSError, match="exit code 5"):
        list(map_in_order(gentle, ["a", "b", "c"], 2))


def test_no_more_workers_start_than_there_are_items(monkeypatch):
    begun = []
    monkeypatch.setattr(workers, "Worker", lambda *what: begun.append(what) or processes.Worker(*what))
    assert [result for _, result in map_in_order(gentle, ["a", "b"], 50)] == ["A", "B"]
    assert list(map_in_order(gentle, [], 50)) == []
    assert len(begun) == 2


def test_workers_that_are_killed_at_any_time_cost_only_what_they_have_in_hand(monkeypatch):
    """While they work, while they answer, and while they rest; the answers are larger than a pipe holds.

    Fewer are killed while they start than a process is started in all, as that many would stop the run.
    """
    dice, stop, ready = random.Random(3), threading.Event(), set()
    start = processes.Worker._start_process

    def start_and_note(worker):
        start(worker)
        ready.add(worker._process.pid)

    def kill():
        early = 0
        while not stop.wait(dice.uniform(0.1, 0.4)):
            for one in multiprocessing.active_children()[-1:]:
                early += one.pid not in ready
                if one.pid in ready or early < processes.START_ATTEMPTS:
                    os.kill(one.pid, signal.SIGKILL)

    monkeypatch.setattr(processes.Worker, "_start_process", start_and_note)
    killing = threading.Thread(target=kill)
    items = [f"slow{number}" + "x" * 100_000 for number in range(150)]
    found = []
    with workers.WorkerPool(gentle, 2, Limits()) as pool:
        assert pool.run_one("first") == "FIRST"  # from here on, starting a process takes little time
        killing.start()
        try:
            for item, result in pool.map(items):
                assert result == item.upper() or result.reason == "worker-died"  # it was hit twice over the same item
                found.append(result == item.upper())
        finally:
            stop.set()
            killing.join()
    assert len(found) == 150 and found.count(True) > 100


def test_only_a_window_of_items_is_taken_ahead():
    taken = []

    def endless() -> Iterator[str]:
        for number in range(10_000):
            taken.append(number)
            yield f"item{number}"

    results = map_in_order(gentle, endless(), 2)
    for _ in range(5):
        next(results)
    results.close()
    assert len(taken) <= 5 + 2 * BATCHES_PER_WORKER * MAX_BATCH_ITEMS


#: A program without a guard for its main module; ``{}`` is what it does after its workers have answered.
PROGRAM = """
import os
from cleaner.workers.pool import map_in_order
print("started", flush=True)
print(*(result for _, result in map_in_order(str.upper, ["a", "b"], 2)), flush=True)
{}
"""


def output_of(program: str, tmp_path: Path) -> str:
    """What a program prints that is a file, as the programs of users are."""
    (tmp_path / "program.py").write_text(program)
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_worker_does_not_run_the_program_it_works_for(tmp_path):
    assert output_of(PROGRAM.format(""), tmp_path) == "started\nA B\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_starts_workers_of_its_own(tmp_path):
    forked = """
if os.fork() == 0:
    print(*(result for _, result in map_in_order(str.upper, ["c", "d"], 2)), flush=True)
    os._exit(0)
_, status = os.wait()
raise SystemExit(os.waitstatus_to_exitcode(status))
"""
    assert output_of(PROGRAM.format(forked), tmp_path) == "started\nA B\nC D\n"
