"""The library's pages, where this registry asks for more."""

from allauth.account import views as account_views
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..actions import end_access
from ..adapters import SecondFactorAdapter
from ..second_factor import must_stay, note_enrolment
from ..session_time import background, can_be_extended, extend, seconds_left


class NewPassword(account_views.PasswordResetFromKeyView):
    def form_valid(self, form):
        """Whoever had the old password has nothing any more, not even a token."""
        if self.request.user.is_authenticated:
            self.logout()
        response = super().form_valid(form)
        end_access(self.reset_user)
        get_adapter(self.request).forget_failures(self.request, self.reset_user)
        return response


class ActivateApp(totp_views.ActivateTOTPView):
    def form_valid(self, form):
        response = super().form_valid(form)
        note_enrolment(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(webauthn_views.AddWebAuthnView):
    def form_valid(self, form):
        response = super().form_valid(form)
        note_enrolment(self.request, Authenticator.Type.WEBAUTHN)
        return response


class RemovePasskey(webauthn_views.RemoveWebAuthnView):
    def form_valid(self, form):
        if must_stay(self.object):
            refused = SecondFactorAdapter.error_messages["cannot_delete_authenticator"]
            messages.error(self.request, refused)
            return HttpResponseRedirect(self.get_success_url())
        return super().form_valid(form)


class ConfirmWithPasskey(webauthn_views.ReauthenticateWebAuthnView):
    def form_invalid(self, form):
        """Back to this page, which knows what was to be confirmed."""
        messages.error(self.request, _("The passkey was not accepted. Try again."))
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))


@background
@require_http_methods(["GET", "HEAD", "POST"])
def session(request):
    """How many seconds the session lasts; asking does not make it longer, POST does."""
    if not request.user.is_authenticated:
        return JsonResponse({"seconds_left": 0, "can_be_extended": False})
    if request.method == "POST":
        extend(request.session)
    return JsonResponse(
        {
            "seconds_left": seconds_left(request.session),
            "can_be_extended": can_be_extended(request.session),
        }
    )
