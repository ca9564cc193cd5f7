"""Records on which the derivation and the oracle once disagreed, shrunk to what showed it.

``{sentence: (bundle of texts, as of, column, what the rules say)}``
"""

from datetime import date, timedelta

from tests.oracles.records import COLUMNS

FIRST_DAY = date(2012, 1, 1)


def _day(offset):
    return (FIRST_DAY + timedelta(days=offset)).isoformat()


def _bundle(**tables):
    """Records of one patient, A; what is not given was not recorded."""
    patient = {
        "centre": "C",
        "sex": "female",
        "included_on": _day(0),
        "prior_immunoglobulin": "no",
    }
    rows = {"patients": [patient], **tables}
    return {table: [{"study_id": "A", **row} for row in rows.get(table, [])] for table in COLUMNS}


def _infusions(doses):
    """{offset: grams}, by vein."""
    given = {"route": "IV", "product": "Kiovig"}
    return [{"given_on": _day(day), **given, "dose_g": dose} for day, dose in doses.items()]


# 0.1 g a month is far from any treatment, and allowed. Grams of a window rounded to 9 decimals
# before dividing made the ratio 1.249999999.
TINY = {day: "0.1" if day <= 272 else "0.125" for day in range(0, 481, 30)}
# Rounded to 11 decimals, this one was written 5264.1510.
TINY_REFERENCE = {0: "62.5", 270: "0.01", 1060: "310"}

COUNTEREXAMPLES = {
    "a ratio of exactly 1.25 is escalated, however small the doses": (
        _bundle(infusions=_infusions(TINY), visits=[{"visited_on": _day(490)}]),
        date(2014, 1, 1),
        "dose_trend",
        "escalated",
    ),
    "a ratio is the quotient of the exact doses, however small the reference": (
        _bundle(infusions=_infusions(TINY_REFERENCE)),
        date(2020, 1, 1),
        "dose_ratio",
        "5264.1509",
    ),
}
