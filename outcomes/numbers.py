"""Numbers and grades as people write them; no words, so that figures may use it too."""

from decimal import ROUND_HALF_UP, Decimal

from outcomes.derivation.masking import SIGN as NOT_TOLD
from outcomes.derivation.masking import Hidden

THIRDS_SIGNS = ("-", "", "+")
FRACTIONS = ("", "⅓", "⅔")
THIRDS_PER_POINT = 3


def rounded(value: float | None, decimals: int = 1) -> str:
    """Half up, as on paper: 16.25 is 16.3. A trailing .0 is left out; no number is a dash."""
    if value is None or isinstance(value, Hidden):
        return NOT_TOLD
    exact = Decimal(repr(round(value, 9)))
    text = str(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(value: float | None, decimals: int) -> str:
    """Half up, with all decimals, for columns of numbers."""
    if value is None or isinstance(value, Hidden):
        return NOT_TOLD
    exact = Decimal(repr(round(value, 9)))
    return str(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def grade_text(thirds: float) -> str:
    """An MRC grade as it is written: 11 thirds are 4-, 12 are 4."""
    digit, sign = divmod(round(thirds) + 1, THIRDS_PER_POINT)
    return f"{digit}{THIRDS_SIGNS[sign]}"


def points_text(points: float) -> str:
    """A sum of grades: 15⅓ where refined grades left a third."""
    whole, thirds = divmod(round(points * THIRDS_PER_POINT), THIRDS_PER_POINT)
    return f"{whole}{FRACTIONS[thirds]}"


def percent(share: float | None) -> str:
    """A share as whole per cent, without the sign."""
    return NOT_TOLD if share is None else rounded(share * 100, 0)
