"""What is possible of a laboratory result, but seldom right; as `unusual`."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from . import labels
from .unusual import Unusual, UnusualCode, plain
from .vocabulary import LaboratoryTest

Band = tuple[Decimal, Decimal]


def _band(low: str, high: str) -> Band:
    return Decimal(low), Decimal(high)


_IMMUNOGLOBULIN_G = {"g/L": _band("1", "80"), "mg/dL": _band("100", "8000")}
# Generous: ill people and those under treatment, but no other unit.
SELDOM_OUTSIDE: dict[str, dict[str, Band]] = {
    LaboratoryTest.CSF_PROTEIN: {
        "g/L": _band("0.1", "5"),
        "mg/dL": _band("10", "500"),
        "mg/L": _band("100", "5000"),
    },
    LaboratoryTest.CK: {"U/L": _band("10", "20000"), "µkat/L": _band("0.17", "334")},
    LaboratoryTest.IGG_PRE: _IMMUNOGLOBULIN_G,
    LaboratoryTest.IGG_POST: _IMMUNOGLOBULIN_G,
    LaboratoryTest.IGA: {"g/L": _band("0", "20"), "mg/dL": _band("0", "2000")},
    LaboratoryTest.HAEMOGLOBIN: {
        "g/dL": _band("4", "22"),
        "g/L": _band("40", "220"),
        "mmol/L": _band("2.5", "13.7"),
    },
    LaboratoryTest.CREATININE: {
        "µmol/L": _band("15", "1500"),
        "umol/L": _band("15", "1500"),  # where no keyboard has a µ
        "mg/dL": _band("0.17", "17"),
    },
}
VALUE_LENGTH = 40  # as much of a text as a confirmation holds
GREEK_MU, MICRO_SIGN = "\u03bc", "\u00b5"  # they look alike


def unusual_result(*, test: str, value: Decimal | None, unit: str) -> Iterator[Unusual]:
    """A number without a unit that it can be compared in, or that fits another one better."""
    bands = SELDOM_OUTSIDE.get(test)
    if value is None or bands is None:
        return
    unit = unit.replace(GREEK_MU, MICRO_SIGN)
    written, name = plain(value), labels.LABORATORY_TEST[test]
    if not unit:
        sentence = _(
            "%(test)s %(value)s has no unit. Without one it cannot be compared: which one is it?"
        )
        code = UnusualCode.RESULT_WITHOUT_UNIT
        yield Unusual(code, "value", written, sentence % {"test": name, "value": written})
    elif unit not in bands:
        sentence = _("“%(unit)s” is none of the units that %(test)s is compared in: %(units)s.")
        params = {"unit": unit, "test": name, "units": ", ".join(bands)}
        same = next((known for known in bands if known.lower() == unit.lower()), "")
        code = UnusualCode.UNKNOWN_UNIT
        yield Unusual(code, "unit", unit[:VALUE_LENGTH], sentence % params, same)
    elif not _is_in(bands[unit], value):
        fitting = next((other for other, band in bands.items() if _is_in(band, value)), "")
        said = _("%(value)s %(unit)s is seldom found (%(test)s).") % {
            "value": written,
            "unit": unit,
            "test": name,
        }
        asked = _("Was it %(unit)s?") % {"unit": fitting} if fitting else _("Is that right?")
        yield Unusual(UnusualCode.SELDOM_RESULT, "value", written, f"{said} {asked}")


def _is_in(band: Band, value: Decimal) -> bool:
    low, high = band
    return low <= value <= high
