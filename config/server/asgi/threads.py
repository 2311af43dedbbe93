"""The threads that answer requests, and their fair use by many companies."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple

# A thread that has had no work for so long ends.
SECONDS_IDLE = 30


class Stranger(NamedTuple):
    """A group of requests whose company is not known yet: those of a credential or an address."""

    mark: str


class Task:
    """A function of a group that waits for a thread, or runs in one. Its future has the result."""

    def __init__(self, function: Callable[[], Any], group: Hashable) -> None:
        self.function, self.group = function, group
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.has_begun = False


class Turns:
    """Decides which tasks may use the threads: those of one company never use all of them.

    A quarter of the threads is kept for groups of tasks that use none, an eighth for companies
    that are known, since one company can have many credentials. When a thread becomes free, the
    group that uses the fewest is next.
    """

    def __init__(self, threads: int) -> None:
        self._free = threads
        self._kept = threads // 4
        self._left_to_strangers = threads - threads // 8
        self._used: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[Task]] = {}

    def take(self, task: Task) -> bool:
        """Take a thread for a task. Where there is none, the task waits, and this returns False."""
        if self._may_take(task.group):
            self._use(task)
        else:
            self._waiting.setdefault(task.group, deque()).append(task)
        return task.has_begun

    def give_back(self, group: Hashable) -> list[Task]:
        """Give a thread back, and return the tasks that take one now."""
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
        """Let the first task of a group take a thread that nobody has given up."""
        tasks = self._waiting.pop(group)
        begun: list[Task] = []
        while tasks and not begun:
            task = tasks.popleft()
            if not task.future.done():
                self._use(task)
                begun.append(task)
        if tasks:
            # Behind the other groups, so that those with as many threads take turns.
            self._waiting[group] = tasks
        return begun


class Threads:
    """Up to `most` daemon threads, started as they are needed and shared by turns.

    Each calls `at_end` when it ends, to give back what it holds.
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
        """End a task with an error, unless it has begun."""
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
                    # `_start` adds a task under the same lock, so none is left without a thread.
                    if self._tasks.empty():
                        self._count -= 1
                        break
            else:
                while task is not None:
                    task = self._do(task)
        self.at_end()

    def _do(self, task: Task) -> Task | None:
        """Run a task, and return the one that this thread is to run next."""
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
        # The loop is closed when the server stops before its last request is answered.
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
