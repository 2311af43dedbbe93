"""Buttons for a colleague who cannot sign in, on the pages of owners and of superusers."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.admin.buttons import Button

from ..models import Staff
from ..signing_in.actions import reset_colleagues_factor, reset_second_factor, unlock_staff
from ..signing_in.factors import has_factor
from ..signing_in.lockout import is_locked_out


def ways_in(person: Callable[[Any], Staff], reset: Callable[..., None]) -> tuple[Button, Button]:
    """Return the buttons; `person` returns the staff member of a row."""
    return (
        Button(
            name="factor",
            label=_("Reset second factor"),
            done=_("left without a second factor"),
            asks=_("Reset the second factor of %(name)s?"),
            says=_("Second factor of %(name)s reset."),
            confirm_text=_(
                "For a colleague whose phone is lost: the app on it and the recovery codes stop "
                "working, and they are signed out everywhere. Make sure that they are the one "
                "who asks. They sign in with the password alone next time; where their company "
                "requires a second factor, they set up a new one at once."
            ),
            act=reset,
            is_available=lambda row: has_factor(person(row)),
            icon="phonelink_erase",
            danger=True,
            many=False,
        ),
        Button(
            name="unlock",
            label=_("Unlock"),
            done=_("unlocked"),
            asks=_("Unlock %(name)s?"),
            says=_("%(name)s can try to sign in again."),
            confirm_text=_(
                "They entered a wrong password or code too often. After this they can "
                "try again at once."
            ),
            act=lambda row, actor: unlock_staff(person(row), actor=actor),
            is_available=lambda row: is_locked_out(person(row)),
            icon="lock_open",
            many=False,
        ),
    )


OF_STAFF = ways_in(lambda staff: staff, reset_second_factor)
OF_COLLEAGUES = ways_in(lambda membership: membership.staff, reset_colleagues_factor)
