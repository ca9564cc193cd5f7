"""How a note names a request and the centre it is of interest to."""

from uuid import UUID

from django.http import HttpRequest

from mmn_registry.principal import EVERYWHERE, Principal


def route_of(request: HttpRequest | None) -> str:
    """The name of the page, never its address, which may hold anything."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else ""


def home_centre(person: Principal) -> UUID | None:
    """The centre of somebody who works in one alone."""
    reaches = list(person.reach.values())
    if not reaches or EVERYWHERE in reaches:
        return None
    centres = frozenset().union(*reaches)
    return next(iter(centres)) if len(centres) == 1 else None
