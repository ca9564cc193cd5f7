"""People of a centre, and for administrators of the registry: who may do what."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import actions, mail, second_factor
from ..forms import CentreForm, CentreNameForm, InviteForm, name_of
from ..invitation_mail import invitation_mail
from ..models import Centre, Invitation, Membership, User
from ..roles import Permission, Role
from ..selectors import administered_centres, administers, check_can, manages_everywhere
from ..step_up import step_up


@dataclass
class Group:
    """The people of one centre, or those of all."""

    centre: Centre | None
    members: list[Membership] = field(default_factory=list)
    invited: list[Invitation] = field(default_factory=list)


@require_safe
def people(request):
    everywhere = manages_everywhere(request.user)
    groups = {centre.pk: Group(centre) for centre in administered_centres(request.user)}
    if not groups and not everywhere:
        raise PermissionDenied
    if everywhere:
        groups[None] = Group(None)
    for membership in _members():
        if membership.centre_id in groups:
            groups[membership.centre_id].members.append(membership)
    for invitation in Invitation.objects.open().order_by("email"):
        if invitation.centre_id in groups:
            groups[invitation.centre_id].invited.append(invitation)
    context = {
        "groups": groups.values(),
        "everywhere": everywhere,
        "without_role": _without_role() if everywhere else None,
        "name_of": {role.value: name_of(role) for role in Role},
    }
    return render(request, "accounts/people.html", context)


def _members():
    factors = second_factor.Authenticator.objects.filter(
        user=OuterRef("user_id"), type__in=second_factor.KINDS
    )
    running = Membership.objects.running_on(timezone.localdate()).select_related("user")
    return running.annotate(has_second_factor=Exists(factors)).order_by("user__full_name", "role")


def _without_role():
    today = timezone.localdate()
    running = Membership.objects.running_on(today).filter(user=OuterRef("pk"))
    return User.objects.exclude(Exists(running)).order_by("full_name")


# ── Invitations ──────────────────────────────────────────────────────────────────────────────


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request):
    _check_administers_something(request.user)
    form = InviteForm(request.POST or None, by=request.user)
    if form.is_valid():
        try:
            secret = actions.invite(form.instance, by=request.user)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            _send(request, form.instance, secret)
            return redirect("accounts:people")
    roles = [
        (name_of(role), [p.description for p in Permission if p in role.permissions])
        for role in Role
        if role.value in dict(form.fields["role"].choices)
    ]
    return render(request, "accounts/invite.html", {"form": form, "roles": roles})


@step_up
@require_POST
def invitation_resend(request, invitation_id):
    invitation = _invitation(request, invitation_id)
    _try(request, lambda: _send(request, invitation, _renewed(request, invitation)))
    return redirect("accounts:people")


@step_up
@require_POST
def invitation_cancel(request, invitation_id):
    invitation = _invitation(request, invitation_id)
    if _try(request, lambda: actions.cancel_invitation(invitation, by=request.user)):
        told = _("The invitation of %(email)s is taken back.") % {"email": invitation.email}
        messages.success(request, told)
    return redirect("accounts:people")


def _renewed(request, invitation: Invitation) -> str:
    return actions.renew_invitation(invitation, by=request.user)


def _invitation(request, invitation_id) -> Invitation:
    """An open invitation that this person administers; another's is not found."""
    invitation = get_object_or_404(Invitation.objects.open(), pk=invitation_id)
    _found_if(administers(request.user, Role(invitation.role), invitation.centre))
    return invitation


def _send(request, invitation: Invitation, secret: str) -> None:
    link = request.build_absolute_uri(reverse("accounts:invitation_link", args=[secret]))
    if mail.send(invitation_mail(invitation, link)):
        told = _("A mail with the link is on its way to %(email)s.")
        messages.success(request, told % {"email": invitation.email})
    else:
        told = _("The mail to %(email)s could not be sent. Send it again in a while.")
        messages.error(request, told % {"email": invitation.email})


# ── Roles and accounts ───────────────────────────────────────────────────────────────────────


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def role_end(request, membership_id):
    running = Membership.objects.running_on(timezone.localdate())
    found = running.select_related("user", "centre")
    membership = get_object_or_404(found, pk=membership_id)
    _found_if(administers(request.user, Role(membership.role), membership.centre))
    if request.method == "POST" and _try(
        request, lambda: actions.end_role(membership, by=request.user)
    ):
        told = _("%(name)s is no longer %(role)s here.")
        shown = {"name": membership.user, "role": membership.get_role_display()}
        messages.success(request, told % shown)
        return redirect("accounts:people")
    return render(request, "accounts/role_end.html", {"membership": membership})


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def account_close(request, user_id):
    person = _person(request, user_id, is_active=True)
    if request.method == "POST" and _try(
        request, lambda: actions.close_account(person, by=request.user)
    ):
        messages.success(request, _("The account of %(name)s is closed.") % {"name": person})
        return redirect("accounts:people")
    return render(request, "accounts/account_close.html", {"person": person})


@step_up
@require_POST
def account_reopen(request, user_id):
    person = _person(request, user_id, is_active=False)
    if _try(request, lambda: actions.open_again(person, by=request.user)):
        told = _("%(name)s may sign in again. Invite them to a role.")
        messages.success(request, told % {"name": person})
    return redirect("accounts:people")


def _person(request, user_id, *, is_active: bool) -> User:
    _check_manages_everywhere(request.user)
    return get_object_or_404(User, pk=user_id, is_active=is_active)


# ── Centres ──────────────────────────────────────────────────────────────────────────────────


@require_safe
def centres(request):
    check_can(request.user, Permission.MANAGE_CENTRES)
    return render(request, "accounts/centres.html", {"centres": Centre.objects.all()})


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def centre_open(request):
    check_can(request.user, Permission.MANAGE_CENTRES)
    form = CentreForm(request.POST or None)
    if form.is_valid():
        actions.open_centre(form.instance, by=request.user)
        messages.success(request, _("The centre %(code)s is open.") % {"code": form.instance.code})
        return redirect("accounts:centres")
    return render(request, "accounts/centre_open.html", {"form": form})


@step_up
@require_http_methods(["GET", "HEAD", "POST"])
def centre_rename(request, centre_id):
    check_can(request.user, Permission.MANAGE_CENTRES)
    centre = get_object_or_404(Centre, pk=centre_id)
    form = CentreNameForm(request.POST or None, instance=centre)
    if form.is_valid():
        actions.rename_centre(centre, form.cleaned_data["name"], by=request.user)
        messages.success(request, _("The new name is kept."))
        return redirect("accounts:centres")
    return render(request, "accounts/centre_rename.html", {"form": form, "centre": centre})


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────


def _try(request, act) -> bool:
    """Whether it was done; a refusal is told beside the page it was asked on."""
    try:
        act()
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return False
    return True


def _found_if(administered: bool) -> None:
    if not administered:
        raise Http404


def _check_administers_something(user) -> None:
    if not manages_everywhere(user) and not administered_centres(user).exists():
        raise PermissionDenied


def _check_manages_everywhere(user) -> None:
    if not manages_everywhere(user):
        raise PermissionDenied
