"""Buttons for a colleague who cannot get in."""

from django.utils.translation import gettext_lazy as _

from config.admin.buttons import Button

from ..signing_in.actions import reset_second_factor, unlock_staff
from ..signing_in.factors import has_factor
from ..signing_in.lockout import is_locked_out

WAYS_IN = (
    Button(
        name="factor",
        label=_("Reset second factor"),
        done=_("rid of the second factor"),
        asks=_(
            "For a colleague whose phone is lost: the app on it and the recovery codes stop "
            "working, and they are signed out everywhere. Be sure that it is them who asks. They "
            "sign in with the password alone next time; where their company requires a second "
            "factor, they set up a new one at once."
        ),
        act=lambda staff, actor: reset_second_factor(staff, by=actor.credential_id),
        fits=has_factor,
        icon="phonelink_erase",
        danger=True,
        many=False,
    ),
    Button(
        name="unlock",
        label=_("Unlock"),
        done=_("unlocked"),
        asks=_(
            "They missed their password or code too often and would have to wait. Unlocked, they "
            "may try again at once."
        ),
        act=lambda staff, actor: unlock_staff(staff),
        fits=is_locked_out,
        icon="lock_open",
        many=False,
    ),
)
