"""The sign-in pages: views of allauth and Django with templates of the back-office."""

from typing import Any

from allauth.account.internal.flows.login import clear_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as ReauthenticateByCodeView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib import admin, messages
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse, reverse_lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import ContextMixin, TemplateResponseMixin

from config.browser_policies import mark_secret

from ..invitations import LINK_TOKENS, InvitationTokens, invitation_of
from ..models import Staff
from . import forms
from .factors import has_factor, must_have_factor, note_factor
from .sessions import sign_out_elsewhere


class Door(ContextMixin):
    """A page without the menu; `title` is its heading."""

    title: Any = ""
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        following = get_next_redirect_url(self.request)
        return {
            **admin.site.each_context(self.request),
            **context,
            "title": self.title,
            "following": following or reverse("admin:index"),
            "query": f"?{urlencode({'next': following})}" if following else "",
        }


class ShowsSecret(TemplateResponseMixin):
    """A page that shows a secret; `mark_secret` protects the response."""

    def render_to_response(self, context: Any, **kwargs: Any) -> Any:
        return mark_secret(super().render_to_response(context, **kwargs))


class SignIn(Door, LoginView):
    title = gettext_lazy("Sign in")
    form_class = forms.SignInForm
    template_name = "admin/signing_in/sign_in.html"

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        """Restart the sign-in for a user who comes back from the second step."""
        clear_login(request)


class Code(Door, AuthenticateView):
    title = gettext_lazy("Second step")
    form_class = forms.CodeForm
    template_name = "admin/signing_in/code.html"


class PasswordAgain(Door, ReauthenticateView):
    title = gettext_lazy("Is it still you?")
    form_class = forms.PasswordAgainForm
    template_name = "admin/signing_in/password_again.html"


class CodeAgain(Door, ReauthenticateByCodeView):
    title = gettext_lazy("Second step")
    form_class = forms.CodeAgainForm
    template_name = "admin/signing_in/code_again.html"


class SecondFactor(Door, IndexView):
    title = gettext_lazy("Second factor")
    template_name = "admin/signing_in/second_factor.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        codes = context["authenticators"].get(Authenticator.Type.RECOVERY_CODES)
        return context | {
            "codes_left": len(codes.get_unused_codes()) if codes else 0,
            "is_required": must_have_factor(self.request.user),
        }


class SetUp(ShowsSecret, Door, ActivateTOTPView):
    title = gettext_lazy("Set up your second factor")
    form_class = forms.SetUpForm
    template_name = "admin/signing_in/set_up.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        return context | {
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "is_required": must_have_factor(self.request.user),
        }

    def form_valid(self, form: forms.SetUpForm) -> HttpResponse:
        answer = super().form_valid(form)
        factor = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        forms.use_once(factor, form.cleaned_data["code"])
        note_factor(self.request)
        sign_out_elsewhere(self.request)
        return answer

    def get_success_url(self) -> str:
        following = get_next_redirect_url(self.request)
        query = f"?{urlencode({'next': following})}" if following else ""
        return reverse("mfa_view_recovery_codes") + query


class Remove(Door, DeactivateTOTPView):
    title = gettext_lazy("Remove your second factor")
    template_name = "admin/signing_in/remove.html"

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        clear_authentication_records(self.request)
        messages.success(self.request, _("Your second factor is removed."))
        return answer


class RecoveryCodes(ShowsSecret, Door, ViewRecoveryCodesView):
    title = gettext_lazy("Recovery codes")
    template_name = "admin/signing_in/recovery_codes.html"


class NewRecoveryCodes(Door, GenerateRecoveryCodesView):
    title = gettext_lazy("New recovery codes")
    template_name = "admin/signing_in/new_recovery_codes.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not has_factor(request.user):  # type: ignore[arg-type]
            return HttpResponse(status=302, headers={"Location": reverse("mfa_index")})
        return super().dispatch(request, *args, **kwargs)


class Forgotten(Door, auth.PasswordResetView):
    title = gettext_lazy("Forgotten your password?")
    form_class = forms.ForgottenForm
    template_name = "admin/signing_in/forgotten.html"
    success_url = reverse_lazy("password_reset_done")


class LinkSent(Door, auth.PasswordResetDoneView):
    title = gettext_lazy("Check your e-mail")
    template_name = "admin/signing_in/link_sent.html"


class NewPassword(Door, auth.PasswordResetConfirmView):
    title = gettext_lazy("Choose a new password")
    form_class = forms.NewPasswordForm
    token_generator = LINK_TOKENS
    template_name = "admin/signing_in/new_password.html"
    success_url = reverse_lazy("account_login")

    def get_user(self, uidb64: str) -> Staff | None:
        """Return the staff member of the link, None if they no longer work for any company."""
        staff = super().get_user(uidb64)
        return staff if staff and staff.may_work else None

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is changed. Sign in with it."))
        return answer


class Invitation(NewPassword):
    """The page of an invitation link, whose URL has the id of the membership."""

    def get_user(self, uidb64: str) -> Staff | None:
        membership = invitation_of(uidb64)
        if membership is None:
            return None
        self.token_generator = InvitationTokens(membership)
        return membership.staff


def still_here(request: HttpRequest) -> HttpResponse:
    """Return whether the session is still valid, and the current CSRF token for open forms."""
    if not request.user.is_authenticated:
        return JsonResponse({"signed_in": False}, status=401)
    return JsonResponse({"signed_in": True, "token": get_token(request)})
