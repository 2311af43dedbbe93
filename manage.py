#!/usr/bin/env python
"""The command line for developers: `uv run manage.py help`."""

import os
import sys
from argparse import ArgumentError, ArgumentParser
from pathlib import Path

from django.core.management import execute_from_command_line

from config.server.entry import exit_on_terminate, join_database, read_settings

# Commands that need no database, or that start it themselves.
WITHOUT_DATABASE = {"help", "version", "up"}
ASKS_FOR_HELP = {"--help", "-h", "--version"}


def main(argv: list[str]) -> None:
    exit_on_terminate()
    _choose_data_dir(argv)
    command = argv[1] if len(argv) > 1 else "help"
    # A command runs one thread and needs no pool; a pool would hide why a connection fails.
    read_settings().DATABASES["default"]["OPTIONS"].pop("pool", None)
    if command not in WITHOUT_DATABASE and not ASKS_FOR_HELP.intersection(argv):
        join_database()
    execute_from_command_line(argv)


def _choose_data_dir(argv: list[str]) -> None:
    """Set the data folder from `--data-dir` before the settings read it from the environment."""
    parser = ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--data-dir", default="")
    try:
        folder = parser.parse_known_args(argv[1:])[0].data_dir
    except ArgumentError:
        return
    if folder:
        os.environ["REGULARS_DATA"] = str(Path(folder).expanduser().resolve())


if __name__ == "__main__":
    try:
        main(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
