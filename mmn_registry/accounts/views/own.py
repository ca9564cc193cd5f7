"""Somebody's own account: what they may do here, and the tokens of their programs."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import second_factor
from ..actions import make_token, revoke_token
from ..forms import TokenForm, name_of
from ..models import AccessToken, Scope
from ..roles import Permission, Role
from ..selectors import can, manages_people
from ..step_up import step_up

FIRST = "patients:list"


@require_safe
def home(request):
    """Whoever sees no patients, but decides about people or reads the trail, begins there."""
    if can(request.user, Permission.READ_RECORDS):
        return redirect(FIRST)
    if manages_people(request.user):
        return redirect("accounts:people")
    return redirect("trail:activity" if can(request.user, Permission.READ_TRAIL) else FIRST)


@require_safe
def overview(request):
    running = request.user.memberships.running_on(timezone.localdate()).select_related("centre")
    roles = [(m, name_of(Role(m.role)), _descriptions(Role(m.role))) for m in running]
    context = {
        "roles": roles,
        "reads": can(request.user, Permission.READ_RECORDS),
        "has_second_factor": _kinds_of(request.user),
        "second_factor_asked_for": second_factor.is_asked_for(),
        "token_count": AccessToken.objects.filter(user=request.user).live().count(),
    }
    return render(request, "accounts/overview.html", context)


def _descriptions(role: Role) -> list:
    return [permission.description for permission in Permission if permission in role.permissions]


def _kinds_of(user) -> bool:
    return second_factor.Authenticator.objects.filter(
        user=user, type__in=second_factor.KINDS
    ).exists()


@require_safe
def tokens(request):
    mine = AccessToken.objects.filter(user=request.user).select_related("centre")
    context = {
        "live": mine.live().order_by("-created"),
        "ended": mine.exclude(pk__in=mine.live().values("pk")).order_by("-created")[:20],
        "reads": can(request.user, Permission.READ_RECORDS),
        # Shown once: whoever reloads the page does not see it again.
        "text": request.session.pop("new_token", None),
    }
    return render(request, "accounts/tokens.html", context)


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def token_create(request):
    form = TokenForm(request.POST or None, by=request.user)
    if form.is_valid():
        asked = form.cleaned_data
        _token, text = make_token(
            request.user,
            asked["name"],
            days=asked["days"],
            centre=asked["centre"],
            scope=Scope(asked["scope"]),
        )
        request.session["new_token"] = text
        return redirect("accounts:tokens")
    return render(request, "accounts/token_create.html", {"form": form})


@step_up
@require_POST
def token_revoke(request, identifier):
    mine = AccessToken.objects.filter(user=request.user).live()
    token = get_object_or_404(mine, identifier=identifier)
    revoke_token(token, by=request.user)
    messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
    return redirect("accounts:tokens")
