"""A refused action is never shown as a success, and no page of the back-office deletes rows.

The tests press every button and send every form, with an action that refuses.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages import get_messages
from django.db import connection
from django.forms.utils import ErrorDict
from django.urls import reverse

from config.admin.buttons import Button
from config.admin.forms import add_refusal
from config.changes.models import Change
from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.admin_routes import PAGES, answer_of, ids_of, make_rows, sent_for, text_of
from tests.backoffice import Browser, Form
from tests.factories import make_staff
from tests.jobs import finish_all
from tests.shares import undone
from tests.test_two_companies import UNKNOWN, everything

BUTTONS = [(kind, one) for kind, pages in PAGES.items() for one in pages.buttons]
SENTENCE = "The moon is in the wrong house."


class WrongMoon(Refusal):
    """A refusal that no action of the software raises."""

    message = SENTENCE


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise WrongMoon


class Office:
    """A company with rows of every kind, a superuser's browser, and actions made to refuse."""

    def __init__(
        self, studio: Company, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = make_staff(studio, email="root@studio.example", superuser=True)
        self.studio, self.browser = studio, Browser(root, studio)
        self.own = ids_of(studio, make_rows(studio), "Own")
        self.subtests, self.monkeypatch = subtests, monkeypatch
        self.before = self.written()

    @contextmanager
    def trying(self, name: str) -> Iterator[pytest.MonkeyPatch]:
        """Run one case, and undo its patches and its writes."""
        with self.subtests.test(name), undone(), self.monkeypatch.context() as patch:
            yield patch

    def send(self, address: str, /, **fields: str) -> Any:
        return answer_of(self.browser, "POST", address, **fields)

    def written(self) -> int:
        """Return the number of changes that are recorded for the company."""
        with acting_for(self.studio.id):
            return Change.objects.visible_to(Actor.command(self.studio)).count()


@pytest.fixture
def office(studio: Company, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(studio, subtests, monkeypatch)


def address_of(kind: str, page: str, *keys: str) -> str:
    return reverse(f"admin:{kind.replace('.', '_')}_{page}", args=keys)


def is_told(answer: Any) -> bool:
    """Return whether a response shows the refusal and no message of success."""
    levels = {message.level for message in get_messages(answer.wsgi_request)}
    return messages.SUCCESS not in levels and SENTENCE in text_of(answer)


def agreeable(form: Any) -> Any:
    """Make a form accept any values."""
    form.is_valid, form.answers, form.why = lambda: True, dict, str
    return form


def agree(patch: pytest.MonkeyPatch, button: Button, act: Any = refuse) -> None:
    """Make a button's form accept any values, and its action refuse."""
    known = button.__dict__
    patch.setitem(known, "act", act)
    for name in ("form", "many_form"):
        if make := known[name]:
            patch.setitem(known, name, lambda *given, make=make: agreeable(make(*given)))


def test_a_button_that_is_refused_says_so_alone(office: Office) -> None:
    for kind, button in BUTTONS:
        if button.one:
            with office.trying(f"{kind} {button.name}") as patch:
                agree(patch, button)
                address = address_of(kind, button.name, office.own[kind])
                assert is_told(office.send(address, **sent_for(office.studio)))
                assert office.written() == office.before
        if button.many:
            with office.trying(f"{kind} many {button.name}") as patch:
                agree(patch, button)
                sent = sent_for(office.studio) | {"ids": office.own[kind], "once": UNKNOWN}
                answer = office.send(address_of(kind, f"many_{button.name}"), **sent)
                if answer.status_code == 200:
                    assert is_told(answer)
                    continue
                (job,) = finish_all(office.studio, "bulk")
                assert (job.result, job.refused) == ({"done": 0, "refused": 1}, 1)
                assert is_told(office.browser.get(answer["Location"]))


def forgiving(form: type[Any], request: Any) -> type[Any]:
    """Return a form that finds no errors in its values, but shows the refusal of the action."""

    class Forgiving(form):  # type: ignore[misc]
        means = option = None
        refusal = getattr(request, "refusal", None)

        def full_clean(self) -> None:
            self._errors, self.cleaned_data = ErrorDict(), defaultdict(str)
            if self.refusal:
                add_refusal(self, self.refusal)

        def save(self, commit: bool = True) -> Any:
            return self.instance

    return Forgiving


def test_a_form_that_is_refused_says_so_alone(office: Office) -> None:
    own = office.own
    for kind in sorted(PAGES):
        pages, name = PAGES[kind], f"{kind.rpartition('.')[2]}_form"
        picked = f"?customer={own['customers.customer']}&coupon={own['credits.coupon']}"
        forms = [("creates", address_of(kind, "add") + picked)] if pages.creates else []
        if pages.changes:
            page = "edit" if kind == "customers.customer" else "change"
            forms.append(("changes", address_of(kind, page, own[kind])))
        for action, address in forms:
            with office.trying(address) as patch:
                sent = Form(office.browser.get(address).text, name).values
                patch.setattr(pages, action, refuse)
                if action == "creates":
                    make = pages.get_form
                    patch.setattr(
                        pages, "get_form", lambda *a, m=make, **kw: forgiving(m(*a, **kw), a[0])
                    )
                answer = office.send(address, **sent)
                assert answer.status_code == 200
                assert is_told(answer)
                assert office.written() == office.before


# An action removes memberships. A sweep removes API requests after 30 days, and pairs of likely
# duplicates as soon as their two customers differ.
REMOVED_BY_ACTIONS = {"access.membership", "requests.apirequest", "customers.duplicate"}


def test_nothing_can_be_deleted(office: Office) -> None:
    browser, before, sure = office.browser, everything(office.studio), sent_for(office.studio)
    for kind, pages in PAGES.items():
        with office.subtests.test(kind):
            key, listed = office.own[kind], address_of(kind, "changelist")
            assert not pages.has_delete_permission(None)
            assert browser.client.delete(address_of(kind, "change", key)).status_code != 500
            assert browser.post(address_of(kind, "delete", key), **sure).status_code == 403
            assert "delete" not in browser.get(listed).text.lower()
            browser.post(listed, action="delete_selected", index=0, _selected_action=key, **sure)
            with acting_for(office.studio.id):
                assert pages.model._default_manager.filter(pk=key).exists()
    assert everything(office.studio) == before


def test_the_database_lets_nobody_delete_what_has_a_page() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name"
            " WHERE has_table_privilege(current_user, name, 'DELETE')",
            [[pages.model._meta.db_table for pages in PAGES.values()]],
        )
        may = {table for (table,) in cursor.fetchall()}
    assert may == {kind.replace(".", "_") for kind in REMOVED_BY_ACTIONS}


SAYS = {
    "/admin/credits/credit/add/": "Issue credit",
    "/admin/credits/passpurchase/add/": "Sell pass",
    "/admin/billing/subscription/add/": "Sign up",
    "/admin/billing/invoice/add/": "Create invoice",
    "/admin/bookings/booking/add/": "Book",
    "/admin/bookings/mediapurchase/add/": "Sell",
    "/admin/access/membership/add/": "Invite",
    "/admin/access/apiclient/add/": "Create API client",
    "/admin/access/apikey/add/": "Create API key",
    "/admin/changes/webhookendpoint/add/": "Create webhook",
    "/admin/customers/customer/add/": "Save",
}


def word_on_the_button(page: str) -> str:
    _, _, after = page.partition('name="_save"')
    return after.partition(">")[2].partition("</button>")[0].strip()


def test_a_form_says_what_its_button_does(office: Office) -> None:
    picked = {"coupon": office.own["credits.coupon"], "customer": office.own["customers.customer"]}
    for path, word in SAYS.items():
        assert word_on_the_button(office.browser.get(path, **picked).text) == word, path
