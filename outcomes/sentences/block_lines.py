"""The lines of the criteria sets in words: which condition decided a segment (rules, section 5)."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from outcomes.derivation.block_criteria import EFNS_PNS_2010, UTRECHT
from outcomes.derivation.rules import RULES, Rules
from outcomes.numbers import percent, rounded


def block_line(criteria: str, line: str, reason: str = "", rules: Rules = RULES) -> str:
    """The condition of the line that decided, with the rule's numbers.

    ``reason`` tells apart what a line of one number may say.
    """
    lines = _LINES[criteria]
    words = lines.get((line, reason)) or lines[line, ""]
    return words(rules)


def _percent(share: float) -> str:
    return f"{percent(share)} %"


def _excluded(_rules: Rules) -> str:
    return _("the segment is marked as excluded")


def _other_nerve(_rules: Rules) -> str:
    return _("the nerve is not in the criteria")


def _no_distal_amplitude(_rules: Rules) -> str:
    return _("the distal amplitude is missing")


def _entrapment(_rules: Rules) -> str:
    return _("the segment spans a common entrapment site")


def _too_small(rules: Rules) -> str:
    return _("distal amplitude ≤ %(mv)s mV, or ≤ %(share)s of its lower limit") % {
        "mv": rounded(rules.distal_amplitude_min_mv),
        "share": _percent(rules.distal_amplitude_min_lln_share),
    }


def _values_missing(_rules: Rules) -> str:
    return _("an area or a duration is missing")


def _definite(rules: Rules) -> str:
    return _("area loss ≥ %(loss)s, duration increase ≤ %(longer)s") % {
        "loss": _percent(rules.definite_area_loss),
        "longer": _percent(rules.duration_increase_max),
    }


def _dispersed(rules: Rules) -> str:
    return _("area loss ≥ %(loss)s, but duration increase > %(longer)s") % {
        "loss": _percent(rules.definite_area_loss),
        "longer": _percent(rules.duration_increase_max),
    }


def _lesser(rules: Rules) -> str:
    return _(
        "area loss ≥ %(loss)s over a long segment of an arm, duration increase ≤ %(longer)s"
    ) % {
        "loss": _percent(rules.probable_area_loss),
        "longer": _percent(rules.duration_increase_max),
    }


def _otherwise(_rules: Rules) -> str:
    return _("no line before applies")


def _nothing_tested(_rules: Rules) -> str:
    return _("neither both areas nor both amplitudes are known")


def _utrecht_area(rules: Rules) -> str:
    return _("area loss ≥ %(loss)s over a long segment of an arm") % {
        "loss": _percent(rules.utrecht_definite_area_loss)
    }


def _utrecht_short(rules: Rules) -> str:
    return _("amplitude loss ≥ %(loss)s over ≤ %(mm)s mm") % {
        "loss": _percent(rules.utrecht_amplitude_loss),
        "mm": rounded(rules.short_segment_mm),
    }


def _utrecht_long(rules: Rules) -> str:
    return _("amplitude loss ≥ %(loss)s over a long segment of an arm") % {
        "loss": _percent(rules.utrecht_amplitude_loss)
    }


Words = Callable[[Rules], str]
_SHARED: dict[tuple[str, str], Words] = {
    ("0", "EXCLUDED"): _excluded,
    ("0", "NERVE_NOT_IN_CRITERIA"): _other_nerve,
    ("1", ""): _no_distal_amplitude,
    ("2", ""): _entrapment,
    ("3", ""): _too_small,
    ("8", ""): _otherwise,
}
_LINES: dict[str, dict[tuple[str, str], Words]] = {
    EFNS_PNS_2010.name: {
        **_SHARED,
        ("4", ""): _values_missing,
        ("5", ""): _definite,
        ("6", ""): _dispersed,
        ("7", ""): _lesser,
    },
    UTRECHT.name: {
        **_SHARED,
        ("4", ""): _nothing_tested,
        ("5", ""): _utrecht_area,
        ("6", ""): _utrecht_short,
        ("7", ""): _utrecht_long,
    },
}
