"""What is wrong with something that was sent to be written, all of it at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from .filters import shown

# What stands against other records: mended there, or by reading again, not in what was sent.
CONFLICTS = frozenset(
    {
        "cancelled",
        "duplicate_record",
        "given_already",
        "moved_record",
        "overlapping_regimens",
        "signed_already",
        "signed_visit",
        "standing_parts",
        "voided_parent",
    }
)


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: where in the body (a JSON pointer), which, and in a sentence."""

    field: str
    code: str
    detail: str
    value: str | None = None

    def told(self) -> dict[str, str | None]:
        return {
            "field": self.field,
            "code": self.code,
            "value": self.value,
            "detail": self.detail,
        }


class Refused(APIException):
    """Nothing was written, and why; ``more`` are further members of the problem."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        wrong: Iterable[Wrong] = (),
        *,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ):
        self.status_code = int(status)
        self.code, self.sentence, self.wrong = code, str(detail), list(wrong)
        self.headers, self.more = dict(headers or {}), more
        super().__init__(self.sentence, code)


def unreadable(code: str, detail: str, *, field: str = "") -> Refused:
    """A body that cannot be read at all."""
    return Refused(HTTPStatus.BAD_REQUEST, code, detail, [Wrong(field, code, detail)])


def refused(wrong: Iterable[Wrong], **more: object) -> Refused:
    """Values that cannot be stored as they are."""
    return _of(HTTPStatus.UNPROCESSABLE_ENTITY, [*wrong], **more)


def refused_by_others(error: ValidationError) -> Refused:
    """What stored records, or the database, say: 409 where they stand against what was sent."""
    wrong = wrongs_of(error)
    conflicts = [one for one in wrong if one.code in CONFLICTS]
    rest = [one for one in wrong if one.code not in CONFLICTS]
    return _of(HTTPStatus.CONFLICT, conflicts + rest) if conflicts else refused(wrong)


def _of(status: HTTPStatus, wrong: list[Wrong], **more: object) -> Refused:
    first = wrong[0]
    detail = f"{first.field}: {first.detail}" if first.field else first.detail
    if len(wrong) > 1:
        detail += " " + _("And %(more)s more, in `errors`.") % {"more": len(wrong) - 1}
    return Refused(status, first.code, detail, wrong, **more)


def wrongs_of(error: ValidationError, at: str = "") -> list[Wrong]:
    """What a rule of ours says, under the place that it speaks of."""
    named = getattr(error, "error_dict", None) or {NON_FIELD_ERRORS: error.error_list}
    return [
        Wrong(
            at if field == NON_FIELD_ERRORS else f"{at}/{pointed(field)}",
            one.code or "refused",
            " ".join(one.messages),
        )
        for field, errors in named.items()
        for one in errors
    ]


def pointed(name: str) -> str:
    """A name as JSON pointers write it (RFC 6901), shortened if nobody could know it again."""
    return shown(name).replace("~", "~0").replace("/", "~1")
