"""Processes that make batches and write them, side by side, in the order of their numbers."""

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Any

import psycopg

from .batch import World
from .copying import write_batch
from .making import make_batch
from .offers import Plan

Counts = dict[str, int]
_SECONDS_TO_END = 5


class Failed(Exception):
    """A process could not go on; the sentence says why."""


def write_all(plan: Plan, database: str, workers: int) -> Iterator[tuple[int, Counts]]:
    """Write every batch of a plan; yield how many customers and rows each had, when it is there.

    With one worker, or one batch, all is done in this very process. Raises Failed or an error of
    the database.
    """
    workers = min(workers, len(plan.batches))
    if workers > 1:
        yield from _write_side_by_side(plan, database, workers)
        return
    world = World(plan)
    with psycopg.connect(database, autocommit=True) as connection:
        for number, customers in enumerate(plan.batches):
            yield len(customers), write_batch(connection, make_batch(world, number))


def _write_side_by_side(plan: Plan, database: str, workers: int) -> Iterator[tuple[int, Counts]]:
    with _started(plan, database, workers) as pipes:
        for number, customers in enumerate(plan.batches):
            pipe = pipes[number % workers]
            try:
                pipe.send(number)
                answer = pipe.recv()
            except (EOFError, OSError):
                raise Failed("A process that was making customers has died.")
            if isinstance(answer, str):
                raise Failed(answer)
            yield len(customers), answer


@contextmanager
def _started(plan: Plan, database: str, workers: int) -> Iterator[list[Connection]]:
    """Start processes that know nothing of ours, and end them in the end."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    try:
        for first in range(workers):
            ours, theirs = context.Pipe()
            numbers = range(first, len(plan.batches), workers)
            arguments = (plan, database, numbers, theirs)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            theirs.close()
            pipes.append(ours)
            processes.append(process)
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(_SECONDS_TO_END)
            process.kill()
            process.join()
            process.close()


def _work(plan: Plan, database: str, numbers: range, pipe: Connection) -> None:
    """Make and write some batches, each when it is told that those before it are there.

    When nobody is there to tell any more, what is not committed is undone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        try:
            _write_some(plan, database, numbers, pipe)
        except psycopg.Error as error:
            pipe.send(" ".join(str(error).split()))


def _write_some(plan: Plan, database: str, numbers: range, pipe: Any) -> None:
    world = World(plan)
    with psycopg.connect(database, autocommit=True) as connection:
        for number in numbers:
            batch = make_batch(world, number)
            counts = write_batch(connection, batch, wait=pipe.recv)
            pipe.send(counts)
