"""Processes that make batches in parallel, and write them in the order of their numbers."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import django
import psycopg

if TYPE_CHECKING:
    from .batch import Run

Counts = dict[str, int]
_SECONDS_TO_END = 5


class Failed(Exception):
    """A worker process failed; the message says why."""


def write_all(run: "Run", database: str, workers: int) -> Iterator[tuple[int, Counts]]:
    """Write every batch of a run; yield its number of customers and of rows by table.

    A single worker, or a single batch, runs in this process. Raises Failed or a database error.
    """
    workers = min(workers, len(run.batches))
    if workers == 1:
        for number, counts in enumerate(_write(run, database, range(len(run.batches)))):
            yield len(run.batches[number]), counts
        return
    with _started(run, database, workers) as pipes:
        for number, customers in enumerate(run.batches):
            pipe = pipes[number % workers]
            try:
                pipe.send(None)
                answer = pipe.recv()
            except (EOFError, OSError):
                raise Failed("A process that was making customers has died.")
            if isinstance(answer, str):
                raise Failed(answer)
            yield len(customers), answer


@contextmanager
def _started(run: "Run", database: str, workers: int) -> Iterator[list[Connection]]:
    """Start worker processes, and stop them at the end."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    try:
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(database, theirs), daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        for first, pipe in enumerate(pipes):
            pipe.send((run, range(first, len(run.batches), workers)))
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(_SECONDS_TO_END)
            process.kill()
            process.join()
            process.close()


def _work(database: str, pipe: Connection) -> None:
    """Write some batches, each after the pipe reports that the batches before it are written.

    If the pipe closes, the open transaction is rolled back.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A run holds models, so it can only be received after Django is set up.
    django.setup()
    with suppress(EOFError, OSError):
        try:
            run, numbers = pipe.recv()
            for counts in _write(run, database, numbers, pipe.recv):
                pipe.send(counts)
        except psycopg.Error as error:
            pipe.send(" ".join(str(error).split()))


def _write(
    run: "Run", database: str, numbers: range, wait: Callable[[], object] = lambda: None
) -> Iterator[Counts]:
    from . import making, writing

    with psycopg.connect(database, autocommit=True) as connection:
        for number in numbers:
            yield writing.write_batch(connection, making.make_batch(run, number), wait)
