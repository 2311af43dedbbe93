"""Whatever refuses, the back-office never says success, and nothing of it can be deleted.

Every button of every page and every form is tried, with its action made to refuse.
"""

from collections import defaultdict
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages import get_messages
from django.db import connection
from django.forms.utils import ErrorDict
from django.urls import reverse

from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from config.admin.buttons import Button
from config.admin.forms import tell
from config.changes.models import Change
from config.errors import Refusal
from tests.backoffice import Browser, Form
from tests.factories import make_staff
from tests.jobs import finish_all
from tests.office import PAGES, answer_of, ids_of, make_rows, sent_for, text_of
from tests.shares import shares, undone
from tests.test_two_companies import UNKNOWN, everything

BUTTONS = [(kind, one) for kind, pages in PAGES.items() for one in pages.buttons]
SENTENCE = "The moon is in the wrong house."


class WrongMoon(Refusal):
    """What no action ever refuses for."""

    message = SENTENCE


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise WrongMoon


@pytest.fixture
def root(studio: Company) -> Staff:
    return make_staff(studio, email="root@studio.example", superuser=True)


@pytest.fixture
def own(studio: Company) -> dict[str, str]:
    """Ids of a row of every kind."""
    return ids_of(studio, make_rows(studio), "Own")


def address_of(kind: str, page: str, *keys: str) -> str:
    return reverse(f"admin:{kind.replace('.', '_')}_{page}", args=keys)


def written(company: Company) -> int:
    """Return how many changes of anything of a company were recorded."""
    with acting_for(company.id):
        return Change.objects.visible_to(Actor.command(company)).count()


def is_told(answer: Any) -> bool:
    """Whether an answer tells the refusal, and claims nothing beside it."""
    levels = {message.level for message in get_messages(answer.wsgi_request)}
    return messages.SUCCESS not in levels and SENTENCE in text_of(answer)


def agreeable(form: Any) -> Any:
    """Make a form that says all is well with what it was sent, whatever that was."""
    form.is_valid, form.answers, form.why = lambda: True, dict, str
    return form


def agree(patch: pytest.MonkeyPatch, button: Button, act: Any = refuse) -> None:
    """Have a button refuse, whatever it asks for being answered well."""
    known = button.__dict__
    patch.setitem(known, "act", act)
    for name in ("form", "many_form"):
        if make := known[name]:
            patch.setitem(known, name, lambda *given, make=make: agreeable(make(*given)))


@pytest.mark.parametrize("share", shares([one for one in BUTTONS if one[1].one]))
def test_a_button_that_is_refused_says_so_alone(
    studio: Company,
    root: Staff,
    own: dict[str, str],
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
    share: list[tuple[str, Button]],
) -> None:
    browser, before = Browser(root, studio), written(studio)
    for kind, button in share:
        with subtests.test(f"{kind} {button.name}"), undone(), monkeypatch.context() as patch:
            agree(patch, button)
            answer = answer_of(
                browser, "POST", address_of(kind, button.name, own[kind]), **sent_for(studio)
            )
            assert is_told(answer)
            assert written(studio) == before


@pytest.mark.parametrize("share", shares([one for one in BUTTONS if one[1].many]))
def test_many_rows_that_are_refused_are_reported_so(
    studio: Company,
    root: Staff,
    own: dict[str, str],
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
    share: list[tuple[str, Button]],
) -> None:
    browser = Browser(root, studio)
    for kind, button in share:
        with subtests.test(f"{kind} {button.name}"), undone(), monkeypatch.context() as patch:
            agree(patch, button)
            sent = sent_for(studio) | {"ids": own[kind], "once": UNKNOWN}
            address = address_of(kind, f"many_{button.name}")
            answer = answer_of(browser, "POST", address, **sent)
            if answer.status_code == 200:
                assert is_told(answer)
                continue
            (job,) = finish_all(studio, "bulk")
            assert (job.result, job.refused) == ({"done": 0, "refused": 1}, 1)
            assert is_told(browser.get(answer["Location"]))


def forgiving(form: type[Any], request: Any) -> type[Any]:
    """Return a form that finds nothing wrong and holds nothing, but tells what was refused."""

    class Forgiving(form):  # type: ignore[misc]
        means = option = None
        refusal = getattr(request, "refusal", None)

        def full_clean(self) -> None:
            self._errors, self.cleaned_data = ErrorDict(), defaultdict(str)
            if self.refusal:
                tell(self, self.refusal)

        def save(self, commit: bool = True) -> Any:
            return self.instance

    return Forgiving


@pytest.mark.parametrize("share", shares(sorted(PAGES)))
def test_a_form_that_is_refused_says_so_alone(
    studio: Company,
    root: Staff,
    own: dict[str, str],
    subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
    share: list[str],
) -> None:
    browser, before = Browser(root, studio), written(studio)
    for kind in share:
        pages, name = PAGES[kind], f"{kind.rpartition('.')[2]}_form"
        picked = f"?customer={own['customers.customer']}&coupon={own['credits.coupon']}"
        forms = [("creates", address_of(kind, "add") + picked)] if pages.creates else []
        if pages.changes:
            page = "edit" if kind == "customers.customer" else "change"
            forms.append(("changes", address_of(kind, page, own[kind])))
        for action, address in forms:
            with subtests.test(address), undone(), monkeypatch.context() as patch:
                sent = Form(browser.get(address).text, name).values
                patch.setattr(pages, action, refuse)
                if action == "creates":
                    make = pages.get_form
                    patch.setattr(
                        pages, "get_form", lambda *a, m=make, **kw: forgiving(m(*a, **kw), a[0])
                    )
                answer = answer_of(browser, "POST", address, **sent)
                assert answer.status_code == 200
                assert is_told(answer)
                assert written(studio) == before


# --- Nothing is deleted -------------------------------------------------------------------------


# Who works for a company is removed from it by an action of its own.
REMOVED_BY_ACTIONS = {"access.membership"}


def test_nothing_can_be_deleted(
    studio: Company, root: Staff, own: dict[str, str], subtests: pytest.Subtests
) -> None:
    browser, before = Browser(root, studio), everything(studio)
    for kind, pages in PAGES.items():
        with subtests.test(kind):
            assert not pages.has_delete_permission(None)
            for page in ("delete", "change"):
                assert browser.client.delete(address_of(kind, page, own[kind])).status_code != 500
            address, listed = address_of(kind, "delete", own[kind]), address_of(kind, "changelist")
            assert browser.get(address).status_code == 403
            assert browser.post(address, **sent_for(studio)).status_code == 403
            assert "delete" not in browser.get(listed).text.lower()
            sent = {"action": "delete_selected", "index": 0, "_selected_action": own[kind]}
            browser.post(listed, **sent | sent_for(studio))
            with acting_for(studio.id):
                assert pages.model._default_manager.filter(pk=own[kind]).exists()
    assert everything(studio) == before


def test_the_database_lets_nobody_delete_what_has_a_page() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name"
            " WHERE has_table_privilege(current_user, name, 'DELETE')",
            [[pages.model._meta.db_table for pages in PAGES.values()]],
        )
        may = {table for (table,) in cursor.fetchall()}
    assert may == {kind.replace(".", "_") for kind in REMOVED_BY_ACTIONS}
