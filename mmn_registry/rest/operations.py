"""What writing at an address is, for the schema: what is sent, what is answered, what refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.serializers import Serializer

Words = str | Promise
KEY_EXAMPLE = "3f1b6c1e-6f0e-4b0c-9d2a-5a1f0e6b7c8d"
VERSION_EXAMPLE = '"bcb7a466a4248f108e982b2a6287a4e1"'


class Refusal(NamedTuple):
    """When an answer is refused, and an example of the words."""

    when: Words
    detail: Words
    errors: tuple[dict[str, Any], ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Write:
    """One method at one address. ``of`` is the kind of record, ``sent`` the body."""

    of: str
    operation: str
    summary: str
    sent: type[Serializer]
    answered: type[Serializer]
    status: HTTPStatus = HTTPStatus.OK
    example: Mapping[str, Any] = field(default_factory=dict)
    has_key: bool = False  # or may have
    needs_key: bool = False
    needs_version: bool = False
    is_of_one: bool = True  # the answer has the version of one record

    @property
    def refusals(self) -> dict[HTTPStatus, Refusal]:
        left_out = set()
        if not self.needs_version:
            left_out |= {
                HTTPStatus.NOT_FOUND,
                HTTPStatus.GONE,
                HTTPStatus.PRECONDITION_FAILED,
                HTTPStatus.PRECONDITION_REQUIRED,
            }
        return {status: told for status, told in REFUSALS.items() if status not in left_out}


def _one(field_: str, code: str, detail: str) -> tuple[dict[str, Any], ...]:
    return ({"field": field_, "code": code, "value": None, "detail": detail},)


_TOO_HEAVY = "812 is not possible. A weight lies between 1 and 300 kg. Check the decimal point and "
_TOO_HEAVY += "the unit."
_SAME_DAY = "This patient has a visit on this day already. Amend that one instead."
REFUSALS: dict[HTTPStatus, Refusal] = {
    HTTPStatus.BAD_REQUEST: Refusal(
        _("The body is no JSON that could be read, or the request has no `Idempotency-Key`."),
        "This is not JSON: it cannot be read at line 1, column 17.",
        _one("", "not_json", "This is not JSON: it cannot be read at line 1, column 17."),
        "not_json",
    ),
    HTTPStatus.FORBIDDEN: Refusal(
        _("You may read the record, but not write it; or your token may not."),
        "This needs a right that you do not have here: Record, amend and void what was observed "
        "and given.",
        (),
        "permission_denied",
    ),
    HTTPStatus.NOT_FOUND: Refusal(
        _("Somebody else's, or nobody's."),
        "There is no such record in your centres.",
        (),
        "not_found",
    ),
    HTTPStatus.CONFLICT: Refusal(
        _("Another record stands against it: one of the same key, a signed visit."),
        _SAME_DAY,
        _one("", "duplicate_record", _SAME_DAY),
        "duplicate_record",
    ),
    HTTPStatus.GONE: Refusal(
        _("The record was voided."),
        "This record was voided and does not count any more. Record it anew if it should.",
        (),
        "voided_record",
    ),
    HTTPStatus.PRECONDITION_FAILED: Refusal(
        _("Somebody changed the record since you read it; `current` is how it stands."),
        "Somebody changed this record since you read it. Nothing was overwritten: `current` is "
        "how it stands now.",
        (),
        "stale_version",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Refusal(
        _("The body has more than 10 MB."),
        "A body has at most 10 MB. Send it in parts.",
        (),
        "too_large",
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Refusal(
        _("The body is something else than JSON, or compressed."),
        "Send JSON, with the header “Content-Type: application/json”.",
        (),
        "not_json",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: Refusal(
        _(
            "A value breaks a rule, or is unusual and not confirmed (`questions`); or the key was "
            "used for another request."
        ),
        f"/weight_kg: {_TOO_HEAVY}",
        _one("/weight_kg", "implausible_weight", _TOO_HEAVY),
        "implausible_weight",
    ),
    HTTPStatus.PRECONDITION_REQUIRED: Refusal(
        _("The header `If-Match` is missing."),
        "Say which version you read: send its ETag in the header `If-Match`. Then nobody's change "
        "is overwritten.",
        (),
        "if_match_needed",
    ),
}
