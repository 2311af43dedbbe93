"""Five failed attempts lock sign-in for a while (threats 30, 32, 41, 48 and 49)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, PBKDF2PasswordHasher
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.models import F
from django.test import Client, RequestFactory

from config.access.models import AttemptCount, Staff
from config.access.signing_in import lockout
from config.access.signing_in.actions import mail_password_link
from config.access.signing_in.addresses import client_address
from config.access.tasks import clear_misses
from config.tenancy.companies import Company
from tests.backoffice import Browser, said
from tests.doors import CODE, LOGIN, enrol, sign_in, visit
from tests.factories import PASSWORD, make_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def miss(
    times: int, email: str = "olive@studio.example", at: str = "192.0.2.1", **more: str
) -> Any:
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=at, **more)
    for _ in range(times):
        answer = client.post(LOGIN, {"username": email, "password": "wrong"})
    return answer


def get_in(at: str = "192.0.2.1") -> int:
    answer: int = sign_in(Client(SERVER_NAME="localhost", REMOTE_ADDR=at)).status_code
    return answer


def signed_in(at: str) -> Client:
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR=at)
    sign_in(client)
    return client


def pass_time(minutes: int) -> None:
    AttemptCount.objects.update(latest_at=F("latest_at") - timedelta(minutes=minutes))


def test_the_fifth_miss_locks_and_says_until_when(owner: Staff) -> None:
    assert miss(4).status_code == 200
    answer = miss(1)
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Try again in 15 minutes." in answer.text
    assert get_in() == 429, "the right password is not listened to either"
    assert get_in("198.51.100.7") == 302, "nobody is locked out from elsewhere"
    pass_time(10)
    assert "Try again in 5 minutes." in miss(1).text, "to try meanwhile makes it no longer"
    pass_time(6)
    for _ in range(3):
        assert get_in() == 302
        assert miss(4).status_code == 200, "misses before a success are forgotten"
    assert get_in() == 302
    miss(2, HTTP_USER_AGENT="one")
    miss(2, " OLIVE@studio.example", HTTP_USER_AGENT="two")
    answer = miss(1, HTTP_USER_AGENT="three")
    assert answer.status_code == 429, "another browser or spelling has no tries of its own"


def test_who_tries_many_addresses_from_one_place_is_locked_there(owner: Staff) -> None:
    for number in range(49):
        assert miss(1, f"someone{number}@studio.example").status_code == 200
    assert miss(1, "last@studio.example").status_code == 429
    assert get_in() == 429
    assert get_in("192.0.2.2") == 302


def test_an_unknown_address_is_told_the_same_as_a_wrong_password(owner: Staff) -> None:
    inactive = make_staff(email="gone@studio.example")
    inactive.is_active = False
    inactive.save()

    def told(email: str, password: str, at: str) -> list[Any]:
        client = Client(SERVER_NAME="localhost", REMOTE_ADDR=at)
        answers = [client.post(LOGIN, {"username": email, "password": password}) for _ in range(5)]
        return [(one.status_code, one.context.get("form") and one.context["form"].errors)
                for one in answers]  # fmt: skip

    wrong = told(owner.email, "wrong", "192.0.2.1")
    assert wrong == told("nobody@studio.example", "wrong", "192.0.2.2")
    assert wrong == told(inactive.email, PASSWORD, "192.0.2.3")


def test_an_unknown_address_costs_as_much_work_as_a_wrong_password(
    owner: Staff, monkeypatch: Any, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    owner.set_password(PASSWORD)
    owner.save()
    work: list[int] = []
    encode = PBKDF2PasswordHasher.encode

    def counted(self: Any, password: str, salt: str, iterations: int | None = None) -> str:
        work.append(iterations or self.iterations)
        return encode(self, password, salt, iterations)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counted)
    spent = []
    for email in (owner.email, "nobody@studio.example"):
        miss(1, email)
        spent.append(sum(work))
        work.clear()
    assert spent[0] == spent[1] > 0


def test_five_wrong_codes_lock_the_second_step_from_everywhere(owner: Staff) -> None:
    _, recovery = enrol()
    for place, codes in (("192.0.2.1", 3), ("192.0.2.2", 2)):
        client = signed_in(place)
        statuses = [client.post(CODE, {"code": "000000"}).status_code for _ in range(codes)]
    assert statuses == [200, 429]
    client = signed_in("192.0.2.3")
    assert client.post(CODE, {"code": recovery[0]}).status_code == 429
    pass_time(16)
    assert client.post(CODE, {"code": recovery[0]}).status_code == 302


def test_no_name_that_a_stranger_enters_locks_the_owner_out(owner: Staff) -> None:
    _, recovery = enrol()
    names = ("code of {}", "link for {}", "code:{}", "code", "{}")
    for number, (name, code) in enumerate(zip(names, recovery, strict=False)):
        miss(6, name.format(owner.email), at=f"198.51.100.{number}")
        client = Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.1")
        assert sign_in(client).status_code == 302, name
        assert client.post(CODE, {"code": code}).status_code == 302, name


def checked_at_once(monkeypatch: pytest.MonkeyPatch) -> int:
    """Send 30 wrong passwords at the same time; return how many of them were hashed."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def slow(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        sleep(0.2)
        return encode(self, password, salt)

    def attempt(number: int) -> None:
        try:
            miss(1)
        finally:
            connections.close_all()

    with monkeypatch.context() as patched, ThreadPoolExecutor(30) as threads:
        patched.setattr(MD5PasswordHasher, "encode", slow)
        list(threads.map(attempt, range(30)))
    return len(hashed)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_30_guesses_at_once_5_are_checked(owner: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked_at_once(monkeypatch) == 5
    # The negative control counts after the check, and so accepts more attempts.
    AttemptCount.objects.all().delete()
    count = lockout.may_try

    def is_below_limits(*attempt: Any) -> bool:
        return all(lockout._attempts(found) < most for found, most in lockout._counts(*attempt))

    monkeypatch.setattr(lockout, "may_try", is_below_limits)
    monkeypatch.setattr(lockout, "note_failure", count)
    assert checked_at_once(monkeypatch) > 5


def test_an_owner_unlocks_a_colleague(owner: Staff, studio: Company) -> None:
    root = make_staff(studio, email="root@studio.example", superuser=True)
    page = f"/admin/access/staff/{owner.pk}/change/"
    browser = Browser(root)
    assert "/unlock/" not in browser.get(page).text
    miss(5)
    assert "/unlock/" in browser.get(page).text
    assert said(browser.press(page, "unlock")) == ["Olive Owner can try to sign in again."]
    assert get_in() == 302
    assert "not locked out" in said(browser.press(page, "unlock"))[-1]


def test_the_verbs_let_in_the_only_owner(owner: Staff, capsys: Any) -> None:
    enrol()
    miss(5)
    call_command("unlock_staff", "OLIVE@studio.example")
    call_command("reset_second_factor", owner.email, json=True)
    told = capsys.readouterr().out
    assert "may try again now" in told
    assert '{"email": "olive@studio.example", "has_second_factor": false}' in told
    assert get_in() == 302
    for verb in ("unlock_staff", "reset_second_factor"):
        with pytest.raises(CommandError, match=r"^They "):
            call_command(verb, owner.email)
        with pytest.raises(CommandError, match="Nobody signs in as no@one"):
            call_command(verb, "no@one")


def test_what_locks_nobody_out_any_more_is_removed(owner: Staff) -> None:
    miss(2)
    pass_time(16)
    miss(1, at="192.0.2.9")
    clear_misses(0)
    assert [one.address for one in AttemptCount.objects.all()] == ["192.0.2.9"]


def test_the_callers_address_is_what_our_own_proxies_noted(settings: Any) -> None:
    for proxies, forwarded, remote, address in (
        (0, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9", "10.0.0.1", "203.0.113.9"),
        (1, "spoofed, 198.51.100.1, 203.0.113.9", "10.0.0.1", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9,10.0.0.2", "10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1", "10.0.0.1"),
        (1, "", "10.0.0.1", "10.0.0.1"),
        (1, "'; DROP TABLE", "10.0.0.1", "0.0.0.0"),
        (0, "", "", "0.0.0.0"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (0, "", "::ffff:192.0.2.1", "192.0.2.1"),
    ):
        settings.PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
        assert client_address(request) == address, (proxies, forwarded, remote)


def test_a_forgotten_password_is_replaced_by_a_link(owner: Staff, mailoutbox: Any) -> None:
    elsewhere = visit()
    sign_in(elsewhere)
    client = visit()
    pages = [
        client.post("/admin/forgotten/", {"email": email}, follow=True).text
        for email in (owner.email, "nobody@studio.example")
    ]
    assert len(pages[0]) == len(pages[1])
    assert "on its way" in pages[0]
    mail_password_link("nobody@studio.example")
    assert mail.outbox == []
    mail_password_link("OLIVE@studio.example")
    (sent,) = mail.outbox
    assert sent.to == [owner.email]
    assert "Studio Nine" in sent.body
    link = next(line for line in sent.body.splitlines() if "/forgotten/" in line)
    path = link.removeprefix("http://localhost:8000")
    form = client.get(path)["Location"]
    weak = client.post(form, {"new_password1": "short", "new_password2": "short"})
    assert weak.context["form"].errors
    new = "correct horse battery"
    done = client.post(form, {"new_password1": new, "new_password2": new})
    assert done["Location"] == LOGIN
    assert elsewhere.get("/admin/").status_code == 302, "signed out elsewhere"
    assert sign_in(visit(), password=new).status_code == 302
    assert "It was used" in visit().get(path).text


def test_an_invalid_link_says_so_and_too_many_requests_are_told_to_wait(owner: Staff) -> None:
    for path in ("x/x/", "NTU/set-password/", "%00/x/", "_/a-b/"):
        assert "It was used" in visit().get(f"/admin/forgotten/{path}").text, path
    client = visit()
    answers = [client.post("/admin/forgotten/", {"email": owner.email}) for _ in range(6)]
    assert [one.status_code for one in answers] == [302, 302, 302, 302, 302, 429]
    assert get_in("127.0.0.1") == 302
