"""Management commands: their output for people and for scripts, and their error messages."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connections
from django.utils import timezone

from config.access.models import ApiClient, ApiKey, Staff
from config.access.scopes import SCOPES
from config.commands import Verb
from config.tenancy.companies import Company
from tests.callers import Caller

Answer = tuple[int, str, str]
Run = Callable[..., Answer]
Ask = Callable[..., Any]
CLIENT = ("create_api_client", "--company", "studio", "--name", "Till", "--scopes")
KEY = ("create_api_key", "--company", "studio", "--name", "Web", "--scopes", "notes:read")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as in a shell; return the exit code, stdout and stderr."""
    # The connections hold the test's own transaction, so they must stay open.
    monkeypatch.setattr(type(connections), "close_all", lambda self: None)

    def run_verb(name: str, *arguments: str) -> Answer:
        verb = load_command_class(get_commands()[name], name)
        try:
            verb.run_from_argv(["manage.py", name, *arguments])
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, *capsys.readouterr()

    return run_verb


@pytest.fixture
def ask(run: Run) -> Ask:
    """Run a command with `--json` and return its document."""

    def ask_for(*words: str) -> Any:
        code, out, err = run(*words, "--json")
        assert (code, err) == (0, "")
        assert out.count("\n") == 1
        return json.loads(out)

    return ask_for


def token_status(client_id: str, secret: str) -> int:
    return Caller().post("/token", {"client_id": client_id, "client_secret": secret}).status


def key_status(text: str) -> int:
    return Caller({"X-API-Key": text}).get("/v1/customers").status


def test_a_company_is_opened(ask: Ask, run: Run) -> None:
    made = ask("create_company", "Café Nord", "--currency", "sek", "--country", "se")
    company = Company.objects.get()
    told = {"slug": "cafe-nord", "name": "Café Nord", "currency": "SEK", "country": "SE"}
    assert made == {"id": str(company.id), "timezone": "Europe/London", **told}
    assert (company.slug, company.currency, company.country) == ("cafe-nord", "SEK", "SE")
    assert run("create_company", "Yen", "--currency", "JPY", "--credit-limit", "5000")[0] == 0
    assert run("create_company", "Pound", "--credit-limit", "50.00")[0] == 0
    limits = dict(Company.objects.values_list("slug", "credit_limit"))
    assert limits == {"cafe-nord": company.credit_limit, "yen": 5_000, "pound": 5_000}


def test_people_are_answered_in_words(run: Run) -> None:
    assert run("create_company", "Studio Nine", "--slug", "nine") == (0, OPEN, "")


OPEN = """\
Studio Nine is open.

  slug      nine
  name      Studio Nine
  currency  GBP
  timezone  Europe/London
  country   GB

Other commands name the company by its slug. Next, let a person in, and a system:

  uv run manage.py create_staff EMAIL --company nine
  uv run manage.py create_api_client --company nine --name NAME --scopes SCOPES
"""


def test_staff_sign_in_as_is_shown(ask: Ask, run: Run, studio: Company, rival: Company) -> None:
    for name, options in (("eve", []), ("root", ["--superuser"])):
        email = f"{name}@studio.example"
        made = ask("create_staff", email, "--company", "studio", *options)
        assert made.keys() == {"email", "password"}
        staff = Staff.objects.get(email=email)
        assert staff.check_password(made["password"])
        assert staff.is_superuser is (name == "root")
        assert list(staff.companies.all()) == [studio]
    code, out, _ = run("create_staff", "Root@Studio.example", "--company", "rival")
    sentence = "root@studio.example works for Rival Spa now, and keeps their password.\n"
    assert (code, out) == (0, sentence)
    assert Staff.objects.get(email="root@studio.example").check_password(made["password"])


def test_an_api_client_is_made_suspended_and_rotated(ask: Ask, run: Run, studio: Company) -> None:
    made = ask(*CLIENT, "notes:read customers:read")
    assert made.keys() == {"client_id", "client_secret", "scopes"}
    assert made["scopes"] == ["customers:read", "notes:read"]
    id, secret = made["client_id"], made["client_secret"]
    assert token_status(id, secret) == 200
    assert ask("suspend_api_client", id) == {"client_id": id, "suspended": True}
    assert token_status(id, secret) == 401
    assert ask("resume_api_client", id) == {"client_id": id, "suspended": False}
    assert token_status(id, secret) == 200
    rotated = ask("rotate_api_client", id)
    assert rotated.keys() == {"client_id", "client_secret"}
    assert rotated["client_id"] == id
    assert token_status(id, secret) == 401
    assert token_status(id, rotated["client_secret"]) == 200
    assert ask(*CLIENT, "*")["scopes"] == list(SCOPES)
    assert "\n  scopes         everything\n" in run(*CLIENT, "*")[1]


def test_an_api_key_is_made_replaced_and_revoked(ask: Ask, studio: Company) -> None:
    made = ask(*KEY[:-1], "customers:read", "--expires-in-days", "30")
    assert made.keys() == {"id", "key", "scopes"}
    assert made["scopes"] == ["customers:read"]
    expires_at = ApiKey.objects.get(pk=made["id"]).expires_at
    assert expires_at
    assert abs(expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    successor = ask("rotate_api_key", made["id"])
    assert successor.keys() == {"id", "key", "scopes"}
    assert [key_status(made["key"]), key_status(successor["key"])] == [200, 200]
    assert ask("revoke_api_key", made["id"]) == {"id": made["id"], "revoked": True}
    assert [key_status(made["key"]), key_status(successor["key"])] == [401, 200]


def see(verb: str) -> str:
    return f"(see manage.py {verb} --help)."


COMPANY = ["create_company", "X"]
EXPIRES = [*KEY, "--expires-in-days"]
UNKNOWN_KEY = "There is no API key “{}”: give the id that create_api_key showed, not the key."
REFUSED = [
    (["create_company"], f"The following arguments are required: NAME {see('create_company')}"),
    ([*COMPANY, "--bogus"], f"Unrecognized arguments: --bogus {see('create_company')}"),
    ([*COMPANY, "--slug", "studio"], "Another company has the short name “studio”."),
    (
        [*COMPANY, "--timezone", "Mars/Base"],
        "timezone: “Mars/Base” is not a time zone. Use a name such as Europe/London.",
    ),
    (
        [*COMPANY, "--currency", "JPY", "--credit-limit", "0.5"],
        "JPY has no coin as small as that of 0.5.",
    ),
    (
        [*COMPANY, "--credit-limit", "much"],
        "Argument --credit-limit: “much” is not an amount, such as 50.00 " + see("create_company"),
    ),
    ([*COMPANY, "--credit-limit=-5"], "credit_limit: Give an amount of zero or more, or none."),
    (["create_company", "a\udcffb"], "What you typed is not valid UTF-8 text."),
    (["create_company", "a\x00b"], "What you typed is not valid UTF-8 text."),
    (
        ["create_staff", "eve@studio.example", "--company", "nowhere"],
        "There is no company “nowhere”: make it with create_company.",
    ),
    (
        ["create_staff", "eve", "--company", "studio"],
        "“eve” is not an e-mail address, such as ann@example.com.",
    ),
    ([*CLIENT, "x:y"], f"There is no scope “x:y”. Choose from: {', '.join(SCOPES)}."),
    (
        [*CLIENT, "notes:read customer:reed"],
        "There is no scope “customer:reed”. Did you mean “customers:read”?",
    ),
    ([*CLIENT, " "], "Name at least one scope."),
    ([*EXPIRES, "-1"], "The key would have expired."),
    ([*EXPIRES, "9" * 30], "A key expires within 36500 days, or never."),
    (
        [*EXPIRES, "soon"],
        f"Argument --expires-in-days: “soon” is not a whole number, such as 12 {see(KEY[0])}",
    ),
    *(
        ([f"{verb}_api_client", "nobody"], "There is no API client “nobody”.")
        for verb in ("suspend", "resume", "rotate")
    ),
    *(
        ([f"{verb}_api_key", key], UNKNOWN_KEY.format(key))
        for verb in ("revoke", "rotate")
        for key in ("reg_live_x", "01a1f85b-41c2-7072-8ee7-2b894adb0684")
    ),
    (["up", "--port", "x"], f"Argument --port: “x” is not a whole number, such as 12 {see('up')}"),
    (["up", "--port", "0"], "0 is not a port: choose one from 1 to 65535, such as 8000."),
    (["up", "--data-dir", ""], "--data-dir needs a folder, such as --data-dir ./var."),
    (["up", "--json"], f"Unrecognized arguments: --json {see('up')}"),
    (
        ["up", "--workers", "0"],
        "--workers 0 is not possible: with 8 threads in each (REGULARS_THREADS), choose 1 to 18.",
    ),
    (
        ["up", "--host", "192.0.2.1"],
        "192.0.2.1 is not an address of this machine: try --host 127.0.0.1 or --host 0.0.0.0.",
    ),
]


def test_what_cannot_be_done_is_one_sentence_and_exit_code_1(run: Run, studio: Company) -> None:
    for words, sentence in REFUSED:
        assert run(*words) == (1, "", sentence + "\n"), words
    assert not ApiClient.objects.exists()
    assert not ApiKey.objects.exists()
    assert not Staff.objects.exists()


def test_what_an_action_refuses_is_told_so(ask: Ask, run: Run, studio: Company) -> None:
    client = ask(*CLIENT, "*")["client_id"]
    assert run("resume_api_client", client)[::2] == (1, "This API client is not suspended.\n")
    key = ask(*KEY)["id"]
    ask("rotate_api_key", key)
    assert run("rotate_api_key", key, "--json")[::2] == (
        1,
        "“Web” has two live keys already. Revoke one first.\n",
    )
    ask("revoke_api_key", key)
    assert run("revoke_api_key", key)[::2] == (1, "This API key is revoked already.\n")


def test_a_database_without_tables_says_what_to_do(run: Run, monkeypatch: Any) -> None:
    Company.objects.filter(slug="studio").exists()  # caches the columns' table before the patch
    monkeypatch.setattr(Company._meta, "db_table", "not_there_yet")
    code, _, err = run("create_staff", "eve@studio.example", "--company", "studio")
    assert code == 1
    assert err == (
        "The database is not what this version needs (relation “not_there_yet” does not exist): "
        "run manage.py migrate first.\n"
    ).replace("“", '"').replace("”", '"')


def test_every_verb_of_ours_answers_machines_and_explains_itself() -> None:
    ours = {name for name, app in get_commands().items() if app in ("config.access", "customers")}
    assert len(ours) >= 9
    for name in ours:
        verb = load_command_class(get_commands()[name], name)
        assert isinstance(verb, Verb), name
        assert "--json" in verb.create_parser("manage.py", name).format_help()
        assert verb.help.endswith("."), name
