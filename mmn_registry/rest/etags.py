"""Which version of a record somebody read, and that nobody writes over another one."""

import re
from http import HTTPStatus

from django.utils.translation import gettext as _
from rest_framework.request import Request

from .refusals import Refused

HEADER = "If-Match"
TAG = re.compile(r'\s*"([0-9a-zA-Z._-]{1,64})"\s*')


def etag(version: str) -> str:
    return f'"{version}"'


def versions_read(request: Request) -> frozenset[str]:
    """The versions that the header names.

    Raises
    ------
    Refused
        428 where it is missing, or says “whichever”: then somebody else's change could be lost.
    """
    said = request.headers.get(HEADER, "").strip()
    if said in ("", "*"):
        message = _(
            "Say which version you read: send its ETag in the header `If-Match`. "
            "Then nobody's change is overwritten."
        )
        raise Refused(HTTPStatus.PRECONDITION_REQUIRED, "if_match_needed", message)
    # What is no strong tag of ours matches nothing (RFC 9110, 13.1.1).
    found = (TAG.fullmatch(one) for one in said[:10_000].split(","))
    return frozenset(one[1] for one in found if one)
