"""The URLs of the sign-in pages, under the names that allauth and Django expect."""

from django.contrib.auth.decorators import login_required
from django.urls import path

from . import pages

urlpatterns = [
    path("login/", pages.SignIn.as_view(), name="account_login"),
    path("login/code/", pages.Code.as_view(), name="mfa_authenticate"),
    path("again/", login_required(pages.PasswordAgain.as_view()), name="account_reauthenticate"),
    path("again/code/", login_required(pages.CodeAgain.as_view()), name="mfa_reauthenticate"),
    path("second-factor/", login_required(pages.SecondFactor.as_view()), name="mfa_index"),
    path("second-factor/set-up/", login_required(pages.SetUp.as_view()), name="mfa_activate_totp"),
    path(
        "second-factor/remove/", login_required(pages.Remove.as_view()), name="mfa_deactivate_totp"
    ),
    path(
        "second-factor/recovery-codes/",
        login_required(pages.RecoveryCodes.as_view()),
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factor/new-recovery-codes/",
        login_required(pages.NewRecoveryCodes.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    path("forgotten/", pages.Forgotten.as_view(), name="password_reset"),
    path("forgotten/sent/", pages.LinkSent.as_view(), name="password_reset_done"),
    path("forgotten/<uidb64>/<token>/", pages.NewPassword.as_view(), name="password_reset_confirm"),
    path("invitation/<uidb64>/<token>/", pages.Invitation.as_view(), name="invitation"),
    path("still-here/", pages.still_here, name="still_here"),
]
