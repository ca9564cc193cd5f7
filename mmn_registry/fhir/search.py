"""What a search asks for, read strictly: what cannot be understood is refused, never left out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from mmn_registry.rest.filters import WHOLE_NUMBER, shown

PREFIXES = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb")
DATE = re.compile(r"(eq|ne|gt|ge|lt|le|sa|eb)?([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)")
INSTANT = re.compile(
    r"(eq|ne|gt|ge|lt|le|sa|eb)?"
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2}))"
)
MONTH_CHARACTERS = len("2008-12")
MOST_VALUES = 100  # of a list with commas
USUAL_COUNT, MOST_COUNT = 100, 1000
CURSOR = "_cursor"


class Token(NamedTuple):
    """A code of a system; a search may leave out the system, and then means any."""

    system: str | None
    code: str

    def means(self, other: "Token") -> bool:
        return self.code == other.code and self.system in (None, other.system)


class Span(NamedTuple):
    """How what is looked for lies to [low, high)."""

    prefix: str
    low: Any
    high: Any

    def condition(self, path: str) -> Q:
        low, high = Q(**{f"{path}__gte": self.low}), Q(**{f"{path}__lt": self.high})
        return {
            "eq": low & high,
            "ne": ~(low & high),
            "gt": ~high,
            "sa": ~high,
            "ge": low,
            "lt": ~low,
            "eb": ~low,
            "le": high,
        }[self.prefix] & Q(**{f"{path}__isnull": False})


Moments = Sequence[Span]


@dataclass(frozen=True)
class Asked:
    """One search, read: what each source is asked."""

    patient: UUID | None = None
    study_ids: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    urls: Sequence[str] | None = None
    target: str | None = None  # of which resource a Provenance is asked for
    codes: Sequence[Token] | None = None
    dates: Moments = ()
    changed: Moments = ()
    voided: bool = False
    permitted: QuerySet | None = None  # the centres, where reading alone is not enough
    includes: frozenset[str] = frozenset()
    types: Sequence[str] | None = None
    count: int = USUAL_COUNT
    cursor: str | None = None

    @property
    def is_of_many(self) -> bool:
        """Whether it is about whoever there is, and not about somebody or something named."""
        named = (self.patient, self.study_ids, self.ids, self.target)
        return all(one is None for one in named)

    def on_days(self, path: str) -> Q:
        return _all_of(self.dates, path)

    def at_moments(self, path: str) -> Q:
        return _all_of(self.changed, path)


def _all_of(spans: Moments, path: str) -> Q:
    wanted = Q()
    for span in spans:
        wanted &= span.condition(path)
    return wanted


class Refused(Exception):
    """Of one value, before it is known whose."""

    def __init__(self, code: str, sentence: str):
        super().__init__(sentence)
        self.detail = ErrorDetail(sentence, code)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a search: how its values are read into what is asked.

    ``type_`` and ``says`` stand in the CapabilityStatement.
    """

    name: str
    type_: str
    says: str
    read: Callable[[list[str], "Reading"], Mapping[str, Any]]
    repeats: bool = False
    definition: str = ""


@dataclass(frozen=True)
class Reading:
    """What the values of parameters are read with."""

    by_months: bool = False  # who asks sees months: days are not asked for either
    base: str = ""  # the address of the server, which references may begin with
    statuses: tuple[str, str] = ("", "")
    includes: Sequence[str] = ()
    types: Sequence[str] = field(default_factory=tuple)


def read_search(sent: QueryDict, parameters: Mapping[str, Parameter], reading: Reading) -> Asked:
    """What is asked for; ValidationError names each parameter that cannot be."""
    values: dict[str, Any] = {}
    refused: dict[str, list[ErrorDetail]] = {}
    for name in sent:
        if name == "_format":
            continue  # read where the form of the answer is chosen
        try:
            parameter = _known(name, parameters)
            values |= parameter.read(_said(sent.getlist(name), parameter), reading)
        except Refused as problem:
            refused[name] = [problem.detail]
    if refused:
        raise ValidationError(refused)
    return Asked(**values)


def _known(name: str, parameters: Mapping[str, Parameter]) -> Parameter:
    if name in parameters:
        return parameters[name]
    message = _("There is no such parameter here. There are: %(known)s.")
    known = ", ".join(parameters) or "_format"
    raise Refused("unknown_parameter", message % {"known": known})


def _said(values: list[str], parameter: Parameter) -> list[str]:
    if not all(values):
        raise Refused("no_value", _("Given without a value. Give one, or leave it out."))
    if len(values) > 1 and not parameter.repeats:
        message = _("Given %(times)s times. Give it once, with commas between values.")
        raise Refused("given_twice", message % {"times": len(values)})
    if len(values) > MOST_VALUES or any(v.count(",") >= MOST_VALUES for v in values):
        message = _("That is more than %(most)s values. Ask in several steps.")
        raise Refused("too_many_values", message % {"most": MOST_VALUES})
    return values


# ── Values ───────────────────────────────────────────────────────────────────────────────────


def read_dates(values: list[str], reading: Reading) -> list[Span]:
    return [_date(value, reading) for value in values]


def _date(value: str, reading: Reading) -> Span:
    found = DATE.fullmatch(value)
    span = _days(found[2]) if found else None
    if span is None:
        message = _(
            "“%(value)s” is no date. Write it like 2008, 2008-12 or 2008-12-31, with one of "
            "%(prefixes)s before it if you want."
        )
        told = {"value": shown(value), "prefixes": ", ".join(PREFIXES)}
        raise Refused("invalid_date", message % told)
    _refuse_days(found[2], reading)
    return Span(found[1] or "eq", *span)


def read_instants(values: list[str], reading: Reading) -> list[Span]:
    return [_instant(value, reading) for value in values]


def _instant(value: str, reading: Reading) -> Span:
    """A moment; a day, month or year stands for all moments in it, in the registry's time."""
    # A plus in an address is a blank to whoever reads it.
    found = INSTANT.fullmatch(value.replace(" ", "+"))
    if found is None:
        whole = _date(value, reading)
        return Span(whole.prefix, _midnight(whole.low), _midnight(whole.high))
    _refuse_days(found[2], reading)
    try:
        moment = datetime.fromisoformat(found[2]).astimezone(UTC)
        if moment.year == MAXYEAR:
            raise ValueError
    except (ValueError, OverflowError):
        raise Refused(
            "invalid_date", _("“%(value)s” is no time.") % {"value": shown(value)}
        ) from None
    seconds, fraction = found[3], found[4]
    width = timedelta(microseconds=1) if fraction else timedelta(seconds=1 if seconds else 60)
    return Span(found[1] or "eq", moment, moment + width)


def _refuse_days(written: str, reading: Reading) -> None:
    if reading.by_months and len(written) > MONTH_CHARACTERS:
        message = _("You read by months: ask for one, like %(month)s, or for a year.")
        raise Refused("within_month", message % {"month": written[:MONTH_CHARACTERS]})


def _days(written: str) -> tuple[date, date] | None:
    """From the first day to the one after the last."""
    year, *rest = map(int, written.split("-"))
    if not 1 <= year < MAXYEAR:
        return None
    try:
        first = date(year, *[*rest, 1, 1][:2])
    except ValueError:
        return None
    if not rest:
        return first, date(year + 1, 1, 1)
    if len(rest) == 1:
        return first, date(year + rest[0] // 12, rest[0] % 12 + 1, 1)
    return first, first + timedelta(days=1)


def _midnight(of: date) -> datetime:
    return timezone.make_aware(datetime.combine(of, time()))


def read_token(value: str) -> Token:
    """`code`, `|code` or `system|code`."""
    system, bar, code = value.rpartition("|")
    return Token((system or None) if bar else None, code)


def read_tokens(values: list[str], _reading: Reading) -> list[Token]:
    return [read_token(one) for one in values[0].split(",")]


def read_patient(values: list[str], reading: Reading) -> dict[str, Any]:
    """Of one patient: `Patient/…`, the whole address of it, or the id by itself.

    An id that cannot be one's is nobody's, as any other unknown one.
    """
    written = values[0].removeprefix(reading.base).removeprefix("Patient/")
    try:
        return {"patient": UUID(written)}
    except ValueError:
        return {"patient": NOBODY}


NOBODY = UUID(int=0)


def read_count(values: list[str], _reading: Reading) -> dict[str, Any]:
    [value] = values
    if WHOLE_NUMBER.fullmatch(value) and 1 <= int(value) <= MOST_COUNT:
        return {"count": int(value)}
    message = _("“%(value)s” is not a size of a page. Ask for 1 to %(most)s resources.")
    raise Refused("impossible_size", message % {"value": shown(value), "most": MOST_COUNT})


def read_status(values: list[str], reading: Reading) -> dict[str, Any]:
    [value] = values
    if value not in reading.statuses:
        message = _("“%(value)s” is no status here. Use one of: %(statuses)s.")
        told = {"value": shown(value), "statuses": ", ".join(reading.statuses)}
        raise Refused("unknown_code", message % told)
    return {"voided": value == reading.statuses[1]}


def read_includes(values: list[str], reading: Reading) -> dict[str, Any]:
    unknown = [one for one in values if one not in reading.includes]
    if unknown:
        message = _("“%(value)s” cannot be included here. There are: %(known)s.")
        told = {"value": shown(unknown[0]), "known": ", ".join(reading.includes) or _("none")}
        raise Refused("unknown_include", message % told)
    return {"includes": frozenset(values)}


def read_types(values: list[str], reading: Reading) -> dict[str, Any]:
    types = list(dict.fromkeys(one for value in values for one in value.split(",")))
    unknown = [one for one in types if one not in reading.types]
    if unknown:
        message = _("“%(value)s” is no type here. There are: %(known)s.")
        told = {"value": shown(unknown[0]), "known": ", ".join(reading.types)}
        raise Refused("unknown_type", message % told)
    return {"types": types}


NDJSON_NAMES = ("application/fhir+ndjson", "application/ndjson", "ndjson")


def read_output(values: list[str], _reading: Reading) -> dict[str, Any]:
    # A plus in an address is a blank to whoever reads it.
    if values[0].replace(" ", "+") in NDJSON_NAMES:
        return {}
    message = _("“%(value)s” is not written here. There is: %(known)s.")
    told = {"value": shown(values[0]), "known": NDJSON_NAMES[0]}
    raise Refused("unknown_format", message % told)
