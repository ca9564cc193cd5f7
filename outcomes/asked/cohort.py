"""The cohort that was asked for: who, as of which day, by which criteria; and who is out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet

from outcomes.asked.form import written
from outcomes.asked.recorded import with_recorded
from outcomes.asked.sentence import sentence
from outcomes.cohorts import Cohort, load_cohort
from outcomes.derivation.criteria import Chosen, Criteria, Out, choose, columns_asked
from patients.models import Patient


@dataclass(frozen=True)
class FoundCohort:
    """Outcomes of those who are in; of everybody else, why they are out.

    ``everybody`` were included by the day in the centres asked for: those who are in, and all
    who are out, add up to them.
    """

    cohort: Cohort
    everybody: int
    out: tuple[Out, ...]


@dataclass(frozen=True)
class AskedCohort:
    """What was asked, in one form for page, list, export, interface and saved cohorts.

    ``patients`` are those of the centres asked for whom the asker may read, before any criterion;
    ``usual_day`` is the day that is meant where none is asked for.
    """

    patients: QuerySet[Patient]
    day: date
    usual_day: date
    criteria: Criteria
    centre: str  # its code; "" for all of `centres`
    centres: tuple[str, ...]  # codes

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What differs from asking for everybody, usually; in one order."""
        day = "" if self.day == self.usual_day else self.day.isoformat()
        return written(self.criteria, self.centre, as_of=day)

    @property
    def address(self) -> str:
        """``history=naive&included_from=2018``; "" where nothing is asked."""
        return urlencode(self.pairs)

    @property
    def sentence(self) -> str:
        return sentence(self.criteria, self.day, centre=self.centre, centres=self.centres)

    def load(self, columns: Iterable[str]) -> FoundCohort:
        """The outcomes of who is in, in these columns; two queries, and one more per kind of
        record that the criteria ask for."""
        return self.chosen_from(self.load_everybody(columns))

    def load_everybody(self, columns: Iterable[str]) -> Cohort:
        """Whoever was included by the day, with what the criteria ask beside these columns."""
        cohort = load_cohort(self.patients, self.day, [*columns, *columns_asked(self.criteria)])
        rows = with_recorded(cohort.rows, self.patients, self.criteria, self.day)
        return replace(cohort, rows=rows)

    def chosen_from(self, everybody: Cohort) -> FoundCohort:
        chosen = self.choose(everybody)
        return FoundCohort(
            replace(everybody, rows=everybody.rows[chosen.is_in]), len(chosen.is_in), chosen.out
        )

    def choose(self, everybody: Cohort) -> Chosen:
        return choose(everybody.rows, self.criteria)
