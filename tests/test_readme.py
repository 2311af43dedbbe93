"""The README and the operators' manual name only existing things, and the manual is complete."""

import re
from pathlib import Path

from django.core.management import get_commands, load_command_class

from config.docs import guide
from tests.source_files import APPS, ROOT, tracked

README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = sorted(guide.OPERATING.glob("*.md"))
LONGEST = 160
LINK = re.compile(r"!?\[[^\]]+\]\(([^)\s]+)\)")
SHELL = re.compile(r"```(?:bash|sh)\n(.*?)```", re.DOTALL)
MANAGE = re.compile(r"manage\.py ([a-z_]+)([^\n|)]*)")
OPTION = re.compile(r"(?<!\S)--[a-z-]+")
CODE = re.compile(r"`([^`]+)`")
VARIABLE = re.compile(r"\"((?:REGULARS|DATABASE)_[A-Z_]+)\"")
# Settings for developers of Regulars: full error pages, a database without durability.
FOR_DEVELOPERS = {"REGULARS_DEBUG", "REGULARS_THROWAWAY"}


def manual(slug: str) -> str:
    return guide.pages(guide.OPERATING)[slug].text


def first_cells(text: str) -> list[str]:
    """Return the names (in backticks) in the first column of each table in a text."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [name for line in lines for name in CODE.findall(line.split("|")[1])]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= LONGEST


def test_a_link_or_a_picture_of_the_readme_is_a_file_of_the_repository() -> None:
    files = {str(file) for file in tracked()}
    links = [link.partition("#")[0] for link in LINK.findall(README)]
    assert links
    assert [link for link in links if link not in files] == []
    pictures = {file for file in files if file.startswith(".pictures/")}
    assert pictures <= set(links), "a picture that nothing shows"


def test_the_readme_leads_to_every_page_of_the_manual_by_its_title() -> None:
    assert MANUAL
    for file in MANUAL:
        title = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        assert f"[{title}]({file.relative_to(ROOT)})" in README, file


def test_ci_runs_the_test_commands_of_the_readme() -> None:
    steps = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    for command in ("uv run pytest", "uv run pytest -m long"):
        assert command in README
        assert command in steps


def test_every_setting_is_in_the_table_of_settings() -> None:
    read = {
        name
        for file in ("config/settings.py", "config/environment.py")
        for name in VARIABLE.findall((ROOT / file).read_text(encoding="utf-8"))
    }
    listed = first_cells(manual("settings"))
    assert sorted(listed) == sorted(read - FOR_DEVELOPERS)


def ours() -> dict[str, str]:
    """Return the app of each management command of ours, by the command's name."""
    roots = {"config", *APPS}
    return {name: app for name, app in get_commands().items() if app.split(".")[0] in roots}


def test_every_command_of_ours_is_in_the_table_of_commands() -> None:
    assert sorted(first_cells(manual("commands"))) == sorted(ours())


def options_of(command: str) -> set[str]:
    app = get_commands()[command]
    parser = load_command_class(app, command).create_parser("manage.py", command)
    return {option for action in parser._actions for option in action.option_strings}


def test_all_commands_but_those_named_answer_with_json() -> None:
    assert "All but `up` and `migrate` answer with one JSON document" in manual("commands")
    assert {name for name in ours() if "--json" not in options_of(name)} == {"up", "migrate"}


def test_every_command_line_has_a_command_of_ours_and_options_that_it_takes() -> None:
    seen = set()
    for file in [Path("README.md"), *MANUAL]:
        for block in SHELL.findall((ROOT / file).read_text(encoding="utf-8")):
            for command, rest in MANAGE.findall(block):
                assert command in ours(), (file, command)
                assert set(OPTION.findall(rest)) <= options_of(command), (file, command)
                seen.add(command)
    assert {"up", "migrate", "check_ledger", "replay_erasures", "rotate_secret_key"} <= seen
