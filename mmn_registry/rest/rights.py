"""Whether who asks may write: their roles say it, and a token's scope and centre limit it."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from mmn_registry import principal
from mmn_registry.accounts.roles import Permission
from mmn_registry.principal import NOWHERE, Kind, Right

NEEDED = "This needs a right that you do not have here: %(right)s"


def check_may_write_somewhere() -> None:
    """Before a body is even read."""
    who = principal.current()
    if who is None or not who.reach.get(Right.WRITE, NOWHERE):
        raise PermissionDenied(_missing(who))


def check_may_write(centre_id: UUID) -> None:
    who = principal.current()
    if who is None or not who.reaches(Right.WRITE, centre_id):
        raise PermissionDenied(_missing(who))


def _missing(who: principal.Principal | None) -> str:
    said = _(NEEDED) % {"right": Permission.WRITE_RECORDS.description}
    if who is not None and who.kind is Kind.TOKEN:
        said += " " + _("A token writes only if it was made to, and only in its centre.")
    return said
