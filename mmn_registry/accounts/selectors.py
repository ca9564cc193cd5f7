"""Which centres and rights a person has, asked of the database each time: an ended role is over."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from mmn_registry.principal import EVERYWHERE, Kind, Principal, Reach, Right

from .models import AccessToken, Centre, Membership, Scope, User
from .roles import RIGHTS, ROLES_OF_ONE_CENTRE, Permission, Role, roles_with


def _memberships(user, permission: Permission) -> QuerySet[Membership]:
    if not (user.is_authenticated and user.is_active):
        return Membership.objects.none()
    running = Membership.objects.running_on(timezone.localdate())
    return running.filter(user_id=user.pk, role__in=roles_with(permission))


def principal_for(user, token: AccessToken | None = None) -> Principal:
    """Who a signed-in person or their token is to the database, from the roles that run today.

    One query. A token reaches what its owner does, within its scope and its centre.
    """
    running = Membership.objects.running_on(timezone.localdate()).filter(user_id=user.pk)
    reach: dict[Right, Reach] = {}
    for role, centre_id in running.values_list("role", "centre_id") if user.is_active else ():
        for right in RIGHTS[Role(role)]:
            known = reach.get(right, frozenset())
            everywhere = centre_id is None or known == EVERYWHERE
            reach[right] = EVERYWHERE if everywhere else known | {centre_id}
    if token is None:
        return Principal(Kind.USER, user.pk, reach=reach)
    return Principal(Kind.TOKEN, user.pk, str(token.identifier), _within(reach, token))


def _within(reach: dict[Right, Reach], token: AccessToken) -> dict[Right, Reach]:
    """What is left of a reach for a token."""
    left = {right: reach[right] for right in Scope(token.scope).rights if right in reach}
    if token.centre_id is None:
        return left
    only = frozenset({token.centre_id})
    return {right: only if far == EVERYWHERE else only & far for right, far in left.items()}


def needs_second_factor(user) -> bool:
    """Whether a role that somebody holds today asks for it; one query."""
    running = Membership.objects.running_on(timezone.localdate())
    asking = [role for role in Role if role.needs_second_factor]
    return running.filter(user_id=user.pk, role__in=asking).exists()


def visible_centres(user, permission: Permission) -> QuerySet[Centre]:
    """Centres in which a user has a permission; one query, also as part of another."""
    granting = _memberships(user, permission)
    in_this_centre = Q(centre__isnull=True) | Q(centre=OuterRef("pk"))
    return Centre.objects.filter(Exists(granting.filter(in_this_centre)))


def can(user, permission: Permission, centre: Centre | None = None) -> bool:
    """Whether a user has a permission in a centre; without one, in any."""
    granting = _memberships(user, permission)
    if centre is not None:
        granting = granting.filter(Q(centre__isnull=True) | Q(centre=centre))
    return granting.exists()


def check_can(user, permission: Permission, centre: Centre | None = None) -> None:
    """The same as ``can``, as a refusal that names the missing right."""
    if not can(user, permission, centre):
        needed = _("This needs a right that you do not have here: %(right)s")
        raise PermissionDenied(needed % {"right": permission.description})


def coordinators_of(centre: Centre) -> QuerySet[User]:
    """Who looks after a centre's data today."""
    running = Membership.objects.running_on(timezone.localdate())
    of_centre = running.filter(user=OuterRef("pk"), centre=centre, role=Role.COORDINATOR)
    return User.objects.filter(Exists(of_centre), is_active=True).order_by("email")


# ── Who administers whom ─────────────────────────────────────────────────────────────────────


def manages_people(user) -> bool:
    """Whether somebody decides about anybody: in the own centre, or everywhere."""
    return can(user, Permission.INVITE_PEOPLE) or can(user, Permission.MANAGE_PEOPLE)


def manages_everywhere(user) -> bool:
    """Whether somebody decides about people and roles of all centres."""
    return _memberships(user, Permission.MANAGE_PEOPLE).filter(centre__isnull=True).exists()


def administered_centres(user) -> QuerySet[Centre]:
    """Centres whose people somebody may invite, and whose roles they may end."""
    managed = visible_centres(user, Permission.MANAGE_PEOPLE)
    return managed | visible_centres(user, Permission.INVITE_PEOPLE)


def administers(user, role: Role, centre: Centre | None) -> bool:
    """Whether somebody may give and take this role here.

    Who manages people does so with every role; who invites to a centre, with those of its wards.
    """
    if centre is None:
        return manages_everywhere(user)
    if can(user, Permission.MANAGE_PEOPLE, centre):
        return True
    return role in ROLES_OF_ONE_CENTRE and can(user, Permission.INVITE_PEOPLE, centre)


def running_administrators() -> QuerySet[Membership]:
    """Who decides about people of all centres today."""
    running = Membership.objects.running_on(timezone.localdate())
    return running.filter(
        role__in=roles_with(Permission.MANAGE_PEOPLE), centre__isnull=True, user__is_active=True
    )


def list_national_coordinators() -> QuerySet[User]:
    """Whom a centre asks about what it may not see itself."""
    running = Membership.objects.running_on(timezone.localdate())
    asked = running.filter(role=Role.NATIONAL_COORDINATOR, user__is_active=True)
    return User.objects.filter(pk__in=asked.values("user")).order_by("full_name")


def account_of(email: str) -> User | None:
    """The account that signs in with an address, open or closed."""
    return User.objects.filter(email=email.lower()).first()
