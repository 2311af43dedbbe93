"""How much the load of other companies slows one company down (threats 31 and 33).

    uv run python tests/benchmarks/neighbours.py FOLDER [--rounds N] [--seconds N]

FOLDER holds the embedded database, and is filled if it is empty. In short rounds, one company
requests a page of its customers at a steady rate: alone, while wrong secrets are sent to the token
endpoint, and while another company sends ten times its rate limit. The table shows the median of
the rounds' p99. Times count from when a request was due, so a server that stalls does not get
fewer requests. Load, server and PostgreSQL share the machine: the last column shows how busy its
cores were. A control sends the same number of requests to a server that only answers 404, which
is the cost of sending the noise itself.
"""

import argparse
import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.load import Requests, ask
from tests.benchmarks.report import say, share

OURS = "config.asgi:application"
PAGE = "/v1/customers?per_page=25"
# The rate limit of the noisy company, per minute; it sends ten times as many requests.
ADMITTED = 1_200


class Ask(NamedTuple):
    """A port, and the requests to send to it repeatedly."""

    port: int
    requests: Requests


def main() -> None:
    """Measure, and print a table."""
    asked = arguments()
    from tests.benchmarks.serving import serving, set_up

    set_up(asked.folder)
    from tests.benchmarks.filling import filled

    quiet, noisy = filled("quiet", 1_000), filled("noisy", 1_000)
    with ExitStack() as stack:
        port = stack.enter_context(serving(OURS, "config.settings"))
        idle = stack.enter_context(serving("tests.benchmarks.neighbours:nothing", ""))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        guess = ["grant_type=client_credentials&client_id=a&client_secret=b"]
        guesses = Requests(["/oauth/token"], "POST", form, guess)
        ours, theirs = (
            Ask(port, Requests([PAGE], headers=token_of(company, port, limit)))
            for company, limit in ((quiet, None), (noisy, ADMITTED))
        )
        beside: dict[str, Ask | None] = {
            "alone": None,
            "bad secrets, 200 a second": Ask(port, guesses),
            "a company at 10 times its limit": theirs,
            "control: 200 a second, answered by nothing": Ask(idle, guesses),
        }
        rounds = [
            {name: one_round(ours, noise, asked) for name, noise in beside.items()}
            for _ in range(asked.rounds + 1)
        ]
    # The first round fills caches and does not count.
    report(rounds[1:])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pace", type=int, default=50, help="Requests a second of the company.")
    parser.add_argument("--noise", type=int, default=200, help="Requests a second beside it.")
    return parser.parse_args()


def token_of(company: Any, port: int, limit: int | None = None) -> dict[str, str]:
    """Return the authorization header of a company, and set its rate limit."""
    from config.access.actions import change_company
    from config.tenancy.actors import Actor
    from tests.benchmarks.filling import credential
    from tests.benchmarks.serving import token

    change_company(company, changes={"requests_per_minute": limit}, actor=Actor.command(company))
    return {"Authorization": f"Bearer {token(port, '/oauth/token', credential(company))}"}


def nothing(environment: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """Answer every request with 404, as a WSGI application."""
    start("404 Not Found", [("Content-Length", "0")])
    return [b""]


class Round(NamedTuple):
    """A round of measurements; `p50` and `p99` in milliseconds, `busy` as a share of all cores."""

    p50: float
    p99: float
    busy: float
    statuses: Counter[int]
    noise: Counter[int]


def one_round(ours: Ask, noise: Ask | None, asked: argparse.Namespace) -> Round:
    with beside(noise, asked.noise) as answered:
        # The first and the later refusals cost different amounts: wait until the noise is steady.
        time.sleep(1)
        before = cpu()
        answers = ask(*ours, asked.seconds, rate=asked.pace)
        after = cpu()
    busy = 1 - (after[1] - before[1]) / (after[0] - before[0])
    times = [taken for _, taken in answers]
    statuses = Counter(status for status, _ in answers)
    return Round(statistics.median(times), share(times, 0.99), busy, statuses, answered)


@contextmanager
def beside(noise: Ask | None, rate: int) -> Iterator[Counter[int]]:
    """Send noise from another process during the block; count the statuses of its responses."""
    answered: Counter[int] = Counter()
    if noise is None:
        yield answered
        return
    there, here = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_make_noise, args=(noise, rate, there)
    )
    process.start()
    try:
        yield answered
    finally:
        here.send("enough")
        answered.update(here.recv())
        process.join()


def _make_noise(noise: Ask, rate: int, pipe: Any) -> None:
    stopped = threading.Event()
    threading.Thread(target=lambda: (pipe.recv(), stopped.set()), daemon=True).start()
    answers = ask(*noise, 3600, rate=rate, stopped=stopped)
    pipe.send(Counter(status for status, _ in answers))


def cpu() -> tuple[int, int]:
    """Return the total and the idle time that all cores have counted so far."""
    numbers = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return sum(numbers), numbers[3] + numbers[4]


def report(rounds: list[dict[str, Round]]) -> None:
    cores = os.cpu_count()
    say(f"{len(rounds)} rounds in turn, milliseconds, {cores} cores; ratios of p99 to alone.\n")
    say("| beside it | p50 | p99 | ratio | least and most | answered | cores busy |")
    say("| --- | ---: | ---: | ---: | ---: | --- | ---: |")
    for name in rounds[0]:
        found = [one[name] for one in rounds]
        ratios = [one[name].p99 / one["alone"].p99 for one in rounds]
        noise = sum((one.noise for one in found), Counter[int]())
        told = ", ".join(f"{count:,} × {status}" for status, count in sorted(noise.items()))
        say(
            f"| {name} | {statistics.median(one.p50 for one in found):.1f} "
            f"| {statistics.median(one.p99 for one in found):.1f} "
            f"| {statistics.median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} "
            f"| {told or '–'} | {statistics.median(one.busy for one in found):.0%} |"
        )
        if bad := {status for one in found for status in one.statuses} - {200}:
            say(f"The company itself was answered {bad}: this round says nothing.")


if __name__ == "__main__":
    main()
