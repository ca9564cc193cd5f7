"""Taking up an invitation: a new account, or another role for an existing one."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from .. import actions
from ..forms import TakeUpForm
from ..models import User
from ..selectors import account_of

SECRET = "invitation"  # noqa: S105 — where the link's secret stands in the session


@login_not_required
@require_safe
def invitation_link(request, secret):
    """Take the secret out of the address bar; mail programs that look at links take up nothing."""
    request.session[SECRET] = secret
    return redirect("accounts:invitation")


@login_not_required
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request):
    found = actions.find_invitation(request.session.get(SECRET, ""))
    if found is None:
        return render(request, "accounts/invitation_over.html", status=410)
    person = account_of(found.email)
    if person is None:
        return _new_account(request, found)
    return _existing_account(request, found, person)


def _new_account(request, found):
    user = User(email=found.email, full_name=found.full_name)
    initial = {"full_name": found.full_name}
    form = TakeUpForm(request.POST or None, initial=initial, invited=user)
    stranger = not request.user.is_authenticated
    if stranger and form.is_valid():
        user.full_name, password = form.cleaned_data["full_name"], form.cleaned_data["password1"]
        try:
            actions.take_up_with_new_account(found, user, password)
        except ValidationError as problem:
            form.add_error(None, " ".join(problem.messages))
        else:
            del request.session[SECRET]
            login = Login(user=user, email=user.email)
            return perform_password_login(request, {"email": user.email}, login)
    context = {"form": form, "invitation": found, "stranger": stranger}
    return render(request, "accounts/invitation_new.html", context)


def _existing_account(request, found, person):
    """Somebody who is known here signs in as always, and then says yes."""
    if request.method == "POST" and request.user == person:
        try:
            actions.take_up(found, request.user)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return redirect("accounts:invitation")
        del request.session[SECRET]
        # A new role ends sessions; this one goes on, for its owner has just said yes.
        update_session_auth_hash(request, request.user)
        UserSession.objects.create_from_request(request)
        messages.success(request, _("You have the new role."))
        return redirect("accounts:overview")
    context = {"invitation": found, "person": person}
    return render(request, "accounts/invitation_existing.html", context)
