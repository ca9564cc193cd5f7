"""One action of one person: one transaction, one line of the trail."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import transaction

from mmn_registry import principal

from .selectors import principal_for


@contextmanager
def acting(by, verb: str, *, reason: str = "") -> Iterator[None]:
    """Meanwhile rows are written together, under this verb.

    Whoever is in force acts: a request's person, an operator's command. Where nobody is, as in a
    script, ``by`` does.
    """
    nobody = principal.current() is None
    someone = principal.in_force(principal_for(by)) if nobody and by else nullcontext()
    with someone, principal.named_action(verb, reason), transaction.atomic():
        yield
