"""The bar of filters above a cohort: who is in, who is out and why, each number with its list."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.forms import BoundField

from outcomes.asked.form import CRITERIA_FIELDS, CriteriaForm, written
from outcomes.asked.what_if import what_if_pairs
from outcomes.derivation.cohort import Table
from outcomes.derivation.criteria import Criteria, both
from outcomes.derivation.masking import Hidden
from outcomes.figures.cohort.counts import Count
from outcomes.views.asked import AskedPage

# Asked often: they stand open where there is room.
OFTEN = (
    "centre",
    "history",
    "diagnosis",
    "included_from",
    "included_to",
    "route",
    "sex",
    "antibody",
)

Noted = tuple[BoundField, str]


@dataclass(frozen=True)
class FilterBar:
    """Fields with their notes; ``out`` counts everybody who is not in, each once."""

    often: tuple[Noted, ...]
    seldom: tuple[Noted, ...]
    asks_seldom: bool
    asks: bool
    sentence: str
    patients: int
    everybody: int
    out: tuple[Count, ...]
    beside: tuple[tuple[str, str], ...]  # asked besides, and kept by the form


def filter_bar(asked: AskedPage, patients: int = 0, told: Table | None = None) -> FilterBar:
    """``patients`` are in; ``told`` says of how many, and who is out and why."""
    noted = [(asked.form[name], asked.notes.get(name, "")) for name in CriteriaForm.base_fields]
    if len(asked.centres) < 2 and not asked.centre_is_unknown:
        noted = [(field, note) for field, note in noted if field.name != "centre"]
    often = tuple((field, note) for field, note in noted if field.name in OFTEN)
    seldom = tuple((field, note) for field, note in noted if field.name not in OFTEN)
    return FilterBar(
        often=often,
        seldom=seldom,
        asks_seldom=any(asked.form.initial.get(field.name) or note for field, note in seldom),
        asks=bool(asked.cohort.criteria),
        sentence=asked.cohort.sentence,
        patients=patients,
        everybody=told["everybody"] if told else 0,
        out=_out(asked, told["out"]) if told else (),
        beside=tuple(what_if_pairs(asked.cohort.what_if)),
    )


def _out(asked: AskedPage, out: list[Table]) -> tuple[Count, ...]:
    def query(code: str) -> str:
        return urlencode([*asked.cohort.pairs, ("out", code)])

    return tuple(
        Count(
            one["patients"],
            one["words"],
            "" if isinstance(one["patients"], Hidden) else query(one["name"]),
        )
        for one in out
    )


def listing(asked: AskedPage) -> Callable[[str], str]:
    """How the list is asked for the patients behind a number: within the cohort of the page.

    "" where no words say both: then the number stands without a list.
    """
    cohort = asked.cohort
    day = dict(cohort.pairs).get("as_of", "")

    def link(query: str) -> str:
        question = dict(parse_qsl(query))
        criteria = {name: question.pop(name) for name in CRITERIA_FIELDS if name in question}
        whose = both(cohort.criteria, Criteria(**criteria))
        if whose is None:
            return ""
        pairs = written(whose, cohort.centre, as_of=day, **question)
        return urlencode([*pairs, *what_if_pairs(cohort.what_if)])

    return link
