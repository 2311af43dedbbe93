from typing import Any, cast

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCode
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django import forms
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from config.times import database_now

from ..models import Staff
from ..tasks import send_password_link
from .lockout import Kind, may_try, note_failure

NOT_RIGHT = _("This code is not right. Wait for the next one and try that.")


class SignInForm(AuthenticationForm):
    """The admin's sign-in form, but allauth signs users in, in steps."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "The e-mail address or the password is wrong. Passwords are case-sensitive."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget.attrs["inputmode"] = "email"
        self.fields["username"].widget.attrs["spellcheck"] = "false"

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Continue to the second factor, or to the back-office if the user has none."""
        login = Login(user=self.get_user(), redirect_url=redirect_url)
        return cast(HttpResponse, perform_password_login(request, {}, login))


class _CodeField(forms.CharField):
    def __init__(self) -> None:
        attrs = {
            "autocomplete": "one-time-code",
            "autofocus": True,
            "autocapitalize": "off",
            "inputmode": "numeric",
            "spellcheck": "false",
            "maxlength": 20,
        }
        super().__init__(
            label=_("Code"), max_length=20, widget=UnfoldAdminTextInputWidget(attrs=attrs)
        )


class _CountsAttempts:
    """Check one code of a staff member at a time, after counting the attempt."""

    user: Staff
    authenticator: Authenticator
    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        with transaction.atomic():
            Staff.objects.select_for_update(no_key=True).get(pk=self.user.pk)
            try:
                return self._checked()
            except ValidationError as error:
                # Raised after the transaction, so that the count is committed.
                refused = error
        raise refused

    def _checked(self) -> str:
        if not may_try(context.request, Kind.CODE, self.user.email):
            raise ValidationError(NOT_RIGHT)
        code = self.cleaned_data["code"]
        for factor in Authenticator.objects.filter(user=self.user):
            is_app = factor.type == Authenticator.Type.TOTP
            if use_once(factor, code) if is_app else factor.wrap().validate_code(code):
                self.authenticator = factor
                return code
        note_failure(context.request, Kind.CODE, self.user.email)
        raise ValidationError(NOT_RIGHT)


def fitting_steps(secret: str, code: str) -> list[int]:
    """Return the TOTP time steps around now, by the database's clock, that a code matches."""
    now = int(database_now().timestamp()) // app_settings.TOTP_PERIOD
    steps = range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1)
    codes = {step: totp.format_hotp_value(totp.hotp_value(secret, step)) for step in steps}
    return [step for step in steps if compare_user_code(actual=code, expected=codes[step])]


def use_once(authenticator: Authenticator, code: str) -> bool:
    """Save the time step of a code; return False for a wrong or an already used code."""
    steps = fitting_steps(decrypt(authenticator.data["secret"]), code)
    if not steps or max(steps) <= authenticator.data.get("last_step", 0):
        return False
    authenticator.data["last_step"] = max(steps)
    authenticator.save(update_fields=["data"])
    return True


class CodeForm(_CountsAttempts, AuthenticateForm):
    """A code from the app, or a recovery code, while signing in."""

    code = _CodeField()


class CodeAgainForm(_CountsAttempts, ReauthenticateByCode):
    """A code of a user who is signed in already, to confirm who they are."""

    code = _CodeField()


class PasswordAgainForm(ReauthenticateForm):
    """The password of a user who is signed in already, to confirm who they are."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(
            attrs={"autocomplete": "current-password", "autofocus": True}
        ),
    )

    def clean_password(self) -> str:
        try:
            return str(super().clean_password())
        except ValidationError:
            raise ValidationError(_("This is not your password."))


class SetUpForm(ActivateTOTPForm):
    """The first code from an authenticator app that was just set up."""

    code = _CodeField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        known = session.get(totp.SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if known:
            # Keep the secret if the page is opened again: the user's app may have it already.
            self.secret = session[totp.SECRET_SESSION_KEY] = known

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not fitting_steps(self.secret, code):
            raise ValidationError(
                _("This code is not right. Check that the clock of your phone is set by itself.")
            )
        return code


class ForgottenForm(PasswordResetForm):
    """Ask for a password reset link; the response does not show whether the address is known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {**self.fields["email"].widget.attrs, "autofocus": True, "inputmode": "email"}
        self.fields["email"].widget = UnfoldAdminTextInputWidget(attrs=attrs)
        self.fields["email"].label = _("E-mail address")

    def clean(self) -> dict[str, Any]:
        """Count every request, to limit e-mails to one address and guesses of addresses."""
        if not may_try(context.request, Kind.LINK, self.cleaned_data.get("email", "")):
            raise ValidationError(_("You have asked too often. Wait for the e-mail."))
        return self.cleaned_data

    def save(self, **options: Any) -> None:  # type: ignore[override]
        """Send the link in the background, to take equally long for unknown addresses."""
        send_password_link.defer(email=self.cleaned_data["email"])


class NewPasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("new_password1", "new_password2"):
            attrs = self.fields[name].widget.attrs
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs=attrs)
