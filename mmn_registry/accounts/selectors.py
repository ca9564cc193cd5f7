"""Which centres and rights a person has, asked of the database each time: an ended role is over."""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from mmn_registry.principal import EVERYWHERE, Kind, Principal, Reach, Right

from .models import Centre, Membership
from .roles import RIGHTS, Permission, Role, roles_with


def _memberships(user, permission: Permission) -> QuerySet[Membership]:
    if not (user.is_authenticated and user.is_active):
        return Membership.objects.none()
    running = Membership.objects.running_on(timezone.localdate())
    return running.filter(user_id=user.pk, role__in=roles_with(permission))


def principal_for(user) -> Principal:
    """Who a signed-in person is to the database, from the roles that run today; one query."""
    running = Membership.objects.running_on(timezone.localdate()).filter(user_id=user.pk)
    reach: dict[Right, Reach] = {}
    for role, centre_id in running.values_list("role", "centre_id") if user.is_active else ():
        for right in RIGHTS[Role(role)]:
            known = reach.get(right, frozenset())
            everywhere = centre_id is None or known == EVERYWHERE
            reach[right] = EVERYWHERE if everywhere else known | {centre_id}
    return Principal(Kind.USER, user.pk, reach=reach)


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
