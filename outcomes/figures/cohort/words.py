"""Numbers of the cohort as people read them."""

from django.utils.translation import gettext as _

from outcomes.derivation.cohort import Table
from outcomes.numbers import fixed, percent, rounded

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST_P = 1e-300  # below it a computer's number runs out of room and turns into 0


def p_text(p: float | None) -> str:
    """0.038, or 1.8 × 10⁻⁶; a p-value is never printed as 0."""
    if p is None:
        return "–"
    if p >= 0.0995:
        return fixed(p, 2)
    if p >= 0.00095:
        return fixed(p, 3)
    if p < SMALLEST_P:
        return f"< {_power_of_ten(SMALLEST_P)}"
    return _power_of_ten(p)


def p_sentence(p: float) -> str:
    """p = 0.038, or p < 10⁻³⁰⁰."""
    text = p_text(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def _power_of_ten(p: float) -> str:
    mantissa, exponent = f"{p:.1e}".split("e")
    power = f"10{str(int(exponent)).translate(SUPERSCRIPT)}"
    return power if p == SMALLEST_P else f"{mantissa} × {power}"


def unbroken(sentence: str) -> str:
    """A sentence whose lines never begin with a lonely % sign."""
    return sentence.replace(" %", "\u00a0%")


def interval_text(table: Table) -> str:
    """46–88, in per cent; empty where there is nobody."""
    if table["ci_low"] is None:
        return ""
    return f"{percent(table['ci_low'])}–{percent(table['ci_high'])}"


def share_and_interval(table: Table) -> str:
    """70 (46–88), in per cent; – where there is nobody."""
    if table["ci_low"] is None:  # of nobody, or hidden
        return "–"
    return f"{percent(table['proportion'])} ({interval_text(table)})"


def years_text(years: float | None) -> str:
    return "–" if years is None else fixed(years, 1)


def follow_up_text(follow_up: Table) -> str:
    """2.2 ± 2.0 years, median 1.3 (IQR 0.8–3.3)."""
    spread = "" if follow_up["sd"] is None else f" ± {years_text(follow_up['sd'])}"
    return _("%(mean)s%(spread)s years, median %(median)s (IQR %(q1)s–%(q3)s)") % {
        "mean": years_text(follow_up["mean"]),
        "spread": spread,
        **{name: years_text(follow_up[name]) for name in ("median", "q1", "q3")},
    }


def number_text(value: float | None, decimals: int = 2) -> str:
    return "–" if value is None else rounded(value, decimals).replace("-", "−")
