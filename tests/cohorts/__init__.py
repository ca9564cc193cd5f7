"""Cohorts that sit on the edges of the outcome rules, drawn by hypothesis or at random.

A drawn cohort is a bundle of text cells, ``{table: [{column: text}, …]}``, valid by bundle.md: it
could be written to a folder and loaded. Days land on the first and last days of the rules' windows
and one day beyond them.

Every drawing function asks a source of choices: hypothesis (which shrinks a failure to its core) or
a seeded random generator (a thousand patients a second, for comparing whole cohorts).
"""

from datetime import date, timedelta
from random import Random

from hypothesis import strategies as st

from tests.oracles.records import COLUMNS

from .choices import HypothesisChoices, RandomChoices
from .measurements import lower_limits
from .patients import patient, predictable_patient

BASE = date(2012, 2, 20)
FAR_FUTURE = 5000  # days: later than everything drawn
AS_OF = [-1, 0, 30, 121, 122, 182, 183, 184, 242, 243, 244, 272, 273, 365, 396, 397, 454, 600]
AS_OF += [900, 1200]


def assembled(drawn_patients, limits=()):
    """Drawn patients as one bundle of text cells; days become dates, everyone gets an id.

    Ids are chosen so that their bytewise order is neither that of drawing nor a dictionary's.
    """
    bundle = {table: [] for table in COLUMNS}
    bundle["lower_limits"] = [_as_texts(row) for row in limits]
    for number, tables in enumerate(drawn_patients):
        study_id = f"{'bBaÉz'[number % 5]}{number:03d}"
        for table, rows in tables.items():
            bundle[table] += [{"study_id": study_id, **_as_texts(row)} for row in rows]
    return bundle


def _as_texts(row):
    return {
        column: "" if value is None else day_text(value) if isinstance(value, int) else value
        for column, value in row.items()
    }


def day_text(offset):
    return day_of(offset).isoformat()


def day_of(offset):
    return BASE + timedelta(days=offset)


@st.composite
def cohorts(draw, max_patients=4):
    """(bundle of texts, as_of): a few patients, seen after everything or in the midst of it."""
    pick = HypothesisChoices(draw)
    drawn = [patient(pick) for _ in range(pick.number(1, max_patients))]
    offset = pick.one_of(AS_OF) if pick.once_in(3) else FAR_FUTURE
    return assembled(drawn, lower_limits(pick)), day_of(offset)


def random_cohort(seed, patients):
    """A bundle of many patients, the same for the same seed."""
    pick = RandomChoices(seed)
    return assembled([patient(pick) for _ in range(patients)], lower_limits(pick, at_most=16))


def predictable_cohort(seed, patients):
    """Evaluable patients of the primary table, for the table of predictors."""
    pick = RandomChoices(seed)
    return assembled([predictable_patient(pick) for _ in range(patients)], lower_limits(pick))


def shuffled(bundle, seed):
    """The same rows in another order."""
    random = Random(seed)
    return {table: random.sample(rows, len(rows)) for table, rows in bundle.items()}


def renamed(bundle, names):
    """The same records under other study ids."""
    return {
        table: [
            row | {"study_id": names[row["study_id"]]} if "study_id" in row else row for row in rows
        ]
        for table, rows in bundle.items()
    }


def only(bundle, chosen):
    """The records of some patients; the centres' lower limits stay."""
    return {
        table: [row for row in rows if "study_id" not in row or row["study_id"] in chosen]
        for table, rows in bundle.items()
    }


def study_ids(bundle):
    return [row["study_id"] for row in bundle["patients"]]
