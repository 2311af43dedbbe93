"""The speed of the API, compared with its peers and with the limit that PostgreSQL sets.

    uv run python tests/benchmarks/run.py [FOLDER] [--customers N] [--huge N] [--only WORDS …]

FOLDER (var/benchmark) holds the embedded database. If it is empty, it is filled once, which takes
long. Each round sends requests in turn to four servers over the same database: this software behind
granian, with everything on; DRF with the OAuth toolkit (plain/); FastAPI with asyncpg (fast.py);
and our own statements behind a bare WSGI function (bare.py), which is the limit. Streams and
imports are compared with PostgreSQL's COPY. The tables show the median of the rounds' ratios,
with the lowest and the highest.
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Measure, print the tables, and draw the plot if a file for it is given."""
    asked = arguments()
    if not importlib.util.find_spec("fastapi"):
        command = ["uv", "run", "--group", "benchmarks", "python", *sys.argv]
        os.execvp("uv", command)
    from tests.benchmarks.serving import set_up

    set_up(asked.folder)
    from tests.benchmarks import bulk, report, scenery
    from tests.benchmarks.operations import operations

    def is_asked(name: str) -> bool:
        return any(words in name for words in asked.only)

    scene = scenery.prepare(asked.customers, asked.small, asked.huge)
    with scenery.servers(scene) as ports:
        for operation in operations(scene):
            if is_asked(operation.name):
                report.tell(operation, operation.measure(ports, asked.rounds, asked.seconds))
        for name, measure in bulk.figures(scene, ports, asked.rounds).items():
            if is_asked(name):
                report.tell_figure(name, measure())
    report.draw(asked.plot)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", metavar="FOLDER", nargs="?", default=str(ROOT / "var/benchmark"))
    parser.add_argument("--customers", type=int, default=1_000_000, help="of the large company")
    parser.add_argument("--small", type=int, default=10_000, help="of the small one")
    parser.add_argument("--huge", type=int, default=10_000_000, help="of the huge one")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each server in a round")
    parser.add_argument("--only", nargs="*", default=[""], help="what has one of these in its name")
    parser.add_argument("--plot", help="a file to draw into, .png or .svg")
    return parser.parse_args()


if __name__ == "__main__":
    main()
