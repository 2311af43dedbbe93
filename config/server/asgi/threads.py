"""The threads that run requests, shared fairly between companies."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple

# A thread that is idle for this long ends.
SECONDS_IDLE = 30


class Stranger(NamedTuple):
    """A group of requests without a known company: those of one credential or one address."""

    mark: str


class Task:
    """A function of a group, which waits for a thread or runs in one. Its future has the result."""

    def __init__(self, function: Callable[[], Any], group: Hashable) -> None:
        self.function, self.group = function, group
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.has_begun = False


class Turns:
    """Decides which tasks may use threads, so that one company never uses all of them.

    A quarter of the threads is reserved for groups that use none. An eighth is reserved for known
    companies, because one company can have many credentials. A free thread goes to the group that
    uses the fewest.
    """

    def __init__(self, threads: int) -> None:
        self._free = threads
        self._kept = threads // 4
        self._left_to_strangers = threads - threads // 8
        self._used: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[Task]] = {}

    def take(self, task: Task) -> bool:
        """Give a thread to a task and return True; if none is free, queue it and return False."""
        if self._may_take(task.group):
            self._use(task)
        else:
            self._waiting.setdefault(task.group, deque()).append(task)
        return task.has_begun

    def give_back(self, group: Hashable) -> list[Task]:
        """Release a thread of a group, and return the tasks that get a thread now."""
        self._free += 1
        self._left_to_strangers += isinstance(group, Stranger)
        self._used[group] -= 1
        if not self._used[group]:
            del self._used[group]
        begun: list[Task] = []
        while able := [one for one in self._waiting if self._may_take(one)]:
            begun += self._next(min(able, key=self._used.__getitem__))
        return begun

    def _may_take(self, group: Hashable) -> bool:
        if isinstance(group, Stranger) and not self._left_to_strangers:
            return False
        return self._free > (self._kept if self._used[group] else 0)

    def _use(self, task: Task) -> None:
        task.has_begun = True
        self._free -= 1
        self._left_to_strangers -= isinstance(task.group, Stranger)
        self._used[task.group] += 1

    def _next(self, group: Hashable) -> list[Task]:
        """Give a thread to the first task of a group that is not cancelled."""
        tasks = self._waiting.pop(group)
        begun: list[Task] = []
        while tasks and not begun:
            task = tasks.popleft()
            if not task.future.done():
                self._use(task)
                begun.append(task)
        if tasks:
            # Put the group last, so that groups that use equally many threads take turns.
            self._waiting[group] = tasks
        return begun


class Threads:
    """Up to `most` daemon threads, started when they are needed and assigned by `Turns`.

    Each thread calls `at_end` when it ends, to release its resources.
    """

    def __init__(self, most: int, name: str, at_end: Callable[[], Any]) -> None:
        self._name, self.at_end = name, at_end
        self._turns = Turns(most)
        self._tasks: SimpleQueue[Task] = SimpleQueue()
        self._lock = Lock()
        self._count = self._busy = 0

    def run(self, function: Callable[[], Any], group: Hashable = None) -> Task:
        """Run a function in a thread as soon as one is free for its group."""
        task = Task(function, group)
        with self._lock:
            if self._turns.take(task):
                self._start(task)
        return task

    def give_up(self, task: Task, error: Exception) -> None:
        """End a task with an error, unless it has started."""
        with self._lock:
            if not (task.has_begun or task.future.done()):
                task.future.set_exception(error)

    def _start(self, task: Task) -> None:
        self._busy += 1
        self._tasks.put(task)
        if self._count < self._busy:
            self._count += 1
            Thread(target=self._work, name=self._name, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                task: Task | None = self._tasks.get(timeout=SECONDS_IDLE)
            except Empty:
                with self._lock:
                    # `_start` adds tasks under the same lock, so no task is left without a thread.
                    if self._tasks.empty():
                        self._count -= 1
                        break
            else:
                while task is not None:
                    task = self._do(task)
        self.at_end()

    def _do(self, task: Task) -> Task | None:
        """Run a task, and return the task that this thread runs next."""
        result = error = None
        try:
            result = task.function()
        except BaseException as raised:
            error = raised
        with self._lock:
            begun = self._turns.give_back(task.group)
            self._busy -= not begun
            for other in begun[1:]:
                self._start(other)
        # The loop is already closed if the server stops before its last response.
        with suppress(RuntimeError):
            task.future.get_loop().call_soon_threadsafe(_settle, task.future, result, error)
        return begun[0] if begun else None


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
