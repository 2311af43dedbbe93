"""The threads that answer requests, and their fair use by many companies."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple

# A thread that has had no work for so long ends, and its database connection goes back to the pool.
SECONDS_IDLE = 30

type Task = tuple[Callable[[], Any], asyncio.Future[Any]]


class Threads:
    """Up to `most` daemon threads, started as they are needed."""

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._lock = Lock()
        self._count = self._busy = 0

    def run(self, function: Callable[[], Any]) -> asyncio.Future[Any]:
        """Run a function in a thread; cancelling the future does not stop the function."""
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            self._busy += 1
            self._tasks.put((function, future))
            if self._count < min(self._busy, self._most):
                self._count += 1
                Thread(target=self._work, name=self._name, daemon=True).start()
        return future

    def _work(self) -> None:
        while True:
            try:
                self._do(*self._tasks.get(timeout=SECONDS_IDLE))
            except Empty:
                with self._lock:
                    # `run` adds a task under the same lock, so none is left without a thread.
                    if self._tasks.empty():
                        self._count -= 1
                        return

    def _do(self, function: Callable[[], Any], future: asyncio.Future[Any]) -> None:
        result = error = None
        try:
            result = function()
        except BaseException as raised:
            error = raised
        with self._lock:
            self._busy -= 1
        # The loop is closed when the server stops before its last request is answered.
        with suppress(RuntimeError):
            future.get_loop().call_soon_threadsafe(_settle, future, result, error)


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


class Stranger(NamedTuple):
    """A group of requests whose company is not known yet: those of a credential or an address."""

    mark: str


class Turns:
    """Decides which requests may use the threads: those of one company never use all of them.

    A quarter of the threads is kept for groups of requests that use none, an eighth for companies
    that are known, since one company can have many credentials. When a thread becomes free, the
    group that uses the fewest is next.
    """

    def __init__(self, threads: int) -> None:
        self._free = threads
        self._kept = threads // 4
        self._left_to_strangers = threads - threads // 8
        self._used: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    def take(self, group: Hashable) -> asyncio.Future[None] | None:
        """Take a thread for a group: None if there is one, else a future that is done with it.

        Cancel the future, or end it with an exception, to wait no longer.
        """
        if self._may_take(group):
            self._use(group)
            return None
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, deque()).append(turn)
        return turn

    def give_back(self, group: Hashable) -> None:
        """Give a thread back, and let those take it that wait."""
        self._free += 1
        self._left_to_strangers += isinstance(group, Stranger)
        self._used[group] -= 1
        if not self._used[group]:
            del self._used[group]
        while able := [one for one in self._waiting if self._may_take(one)]:
            self._next(min(able, key=self._used.__getitem__))

    def _may_take(self, group: Hashable) -> bool:
        if isinstance(group, Stranger) and not self._left_to_strangers:
            return False
        return self._free > (self._kept if self._used[group] else 0)

    def _use(self, group: Hashable) -> None:
        self._free -= 1
        self._left_to_strangers -= isinstance(group, Stranger)
        self._used[group] += 1

    def _next(self, group: Hashable) -> None:
        turns = self._waiting.pop(group)
        while turns:
            turn = turns.popleft()
            if not turn.done():
                self._use(group)
                turn.set_result(None)
                break
        if turns:
            # Behind the other groups, so that those with as many threads take turns.
            self._waiting[group] = turns
