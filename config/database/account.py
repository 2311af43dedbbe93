"""The system account that the server runs under."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from config.database.errors import Unavailable
from config.database.locks import FileLock

ACCOUNT_NAME = "regulars"
# Used only as root: the copied programs, and the lock that is held while they are copied.
SYSTEM_FOLDER = Path("/var/lib/regulars")
_SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


class Identity(TypedDict, total=False):
    """The arguments with which `subprocess` runs as an account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user and group id that PostgreSQL accepts: anything but root's."""

    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs under the account."""
        return self.uid == os.geteuid()

    @property
    def identity(self) -> Identity:
        """The arguments that make a child process run under the account."""
        if self.is_ours:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(cluster: Path) -> Account:
    """Return our own account; as root, the owner of the cluster, or else `regulars`.

    Using the owner keeps a data folder usable if `regulars` has another user id on this machine, or
    if an ordinary user created the folder.
    """
    owner = cluster.stat() if cluster.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise Unavailable.because(
                f"The database in {cluster} belongs to another account (uid {owner.st_uid})",
                do="Run this as that account, choose another data folder",
            )
        return Account(os.geteuid(), os.getegid())
    if owner and owner.st_uid == 0 and any(cluster.iterdir()):
        raise Unavailable.because(
            f"The database in {cluster} belongs to root, which PostgreSQL does not accept",
            do=f"Give that folder and all in it to the account {ACCOUNT_NAME} (chown -R)",
        )
    if owner and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    return _known_account() or _make_account()


def system_lock() -> FileLock:
    """Return the lock for files that all data folders of this machine share; used only as root."""
    SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
    if SYSTEM_FOLDER.stat().st_uid != 0:
        raise Unavailable.because(
            f"The folder {SYSTEM_FOLDER} does not belong to root", do="Remove it"
        )
    # A strict umask makes the folder private, but the database's account has to enter it.
    SYSTEM_FOLDER.chmod(0o755)
    return FileLock(SYSTEM_FOLDER / "lock")


def _known_account() -> Account | None:
    try:
        known = pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None
    return Account(known.pw_uid, known.pw_gid) if known.pw_uid != 0 else None


def _make_account() -> Account:
    # useradd fails at once while another process holds the lock of /etc/passwd.
    with system_lock():
        complaint = "" if _known_account() else _add_user()
    account = _known_account()
    if account is None:
        raise Unavailable.because(
            f"PostgreSQL does not run as root, and the system account {ACCOUNT_NAME} "
            f"cannot be made: {complaint or 'no useradd or adduser here makes one'}",
            do=f"Make the account {ACCOUNT_NAME}, run this as an ordinary user",
        )
    return account


def _add_user() -> str:
    """Create the account with the system's own tool; return the tool's error message."""
    for tool, *options in (
        ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"),
        # Busybox, as in Alpine.
        ("adduser", "-S", "-D", "-H", "-h", "/nonexistent"),
    ):
        if path := shutil.which(tool, path=_SYSTEM_PATH):
            line = [path, *options, "-s", "/sbin/nologin", ACCOUNT_NAME]
            done = subprocess.run(line, capture_output=True, text=True, check=False)
            return "" if done.returncode == 0 else " ".join(done.stderr.split())
    return ""
