"""The page that books classes for a customer, next to the form that books services."""

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from config.admin.forms import add_refusal
from config.admin.money import company_currency
from config.admin.pages import Pages
from config.admin.tables import page_name
from config.errors import Refusal
from config.tenancy.ids import read_id
from config.times import check_day, database_now, day_begins
from customers.models import Customer

from ..models import Booking, EventDate
from .booking_classes import SHOWN_DATES, ClassesForm, booked_sentence, offers_for
from .paying import ways_to_pay


class BooksForCustomer(Pages):
    """Adds the page of classes; the form for a new booking is the page of services."""

    change_form_outer_before_template = "admin/bookings/what_to_book.html"

    def get_urls(self) -> list[Any]:
        return [self.page_at("classes/", self.classes_view, "classes"), *super().get_urls()]

    def classes_view(self, request: Any) -> HttpResponse:
        """Show the classes that the customer can book, or book the ticked ones."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        customer = self._customer(request)
        if customer is None:
            return HttpResponseRedirect(reverse(page_name(Booking, "add")))
        sent = request.POST if request.method == "POST" else None
        offers = offers_for(
            customer,
            request.actor,
            words=_words(request),
            begin=_begin(request),
            ticked=sent.getlist("dates") if sent else (),
            ways=ways_to_pay(customer, thing="", currency=company_currency(), actor=request.actor),
        )
        form = ClassesForm(customer, offers, sent)
        if sent is not None and form.is_valid() and (answer := self._book(request, form)):
            return answer
        if not offers and not (_words(request) or _day(request)):
            return HttpResponseRedirect(_address("add", customer))
        return self._classes(request, customer, form)

    def _customer(self, request: Any) -> Customer | None:
        key = read_id(Customer.id_prefix, request.GET.get("customer", ""))
        rows = Customer.objects.visible_to(request.actor).defer("search_words")
        return rows.filter(pk=key).first() if key else None

    def _book(self, request: Any, form: ClassesForm) -> HttpResponse | None:
        """Book the ticked dates; a refusal becomes an error of the form."""
        try:
            with transaction.atomic():
                places = form.book(request.actor)
        except Refusal as refusal:
            add_refusal(form, refusal)
            return None
        messages.success(request, booked_sentence(places))
        return HttpResponseRedirect(_page_of(form.customer))

    def _classes(self, request: Any, customer: Customer, form: ClassesForm) -> HttpResponse:
        offers = list(form.offers.values())
        query = {"customer": str(customer.pk), "q": _words(request)}
        more = f"?{urlencode(query | {'after': offers[-1].key})}" if offers else ""
        context = {
            "title": _("Book for %(customer)s") % {"customer": customer},
            "original": customer,
            "form": form,
            "offers": offers,
            "words": _words(request),
            "day": _day(request),
            "more": more if len(offers) >= SHOWN_DATES else "",
            "at_classes": True,
            "back": _page_of(customer),
        }
        return self.render_page(request, "admin/bookings/classes.html", context)


def _address(page: str, customer: Customer) -> str:
    return f"{reverse(page_name(Booking, page))}?customer={customer.pk}"


def _page_of(customer: Customer) -> str:
    return reverse(page_name(Customer, "change"), args=[customer.pk])


def _words(request: Any) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:200]


def _day(request: Any) -> datetime.date | None:
    """Return the first day of the classes to show, None if absent or invalid."""
    try:
        day = parse_date(request.GET.get("day", ""))
        if day is not None:
            check_day(day)
    except (ValueError, ValidationError):
        return None
    return day


def _begin(request: Any) -> Q:
    """Return the filter on the start of classes: after a class, from a day on, or from now on."""
    now = database_now()
    key = read_id(EventDate.id_prefix, request.GET.get("after", ""))
    last = EventDate.objects.visible_to(request.actor).filter(pk=key).first() if key else None
    if last is not None:
        return Q(starts_at__gt=last.starts_at) | Q(starts_at=last.starts_at, pk__gt=last.pk)
    if day := _day(request):
        return Q(starts_at__gte=max(now, day_begins(day)))
    return Q(starts_at__gt=now)
