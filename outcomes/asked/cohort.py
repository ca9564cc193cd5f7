"""The cohort that was asked for: who, as of which day, by which criteria; and who is out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from outcomes.asked.form import written
from outcomes.asked.recorded import with_recorded
from outcomes.asked.sentence import sentence
from outcomes.asked.what_if import MOST_PATIENTS, what_if_pairs, what_if_words
from outcomes.cohorts import Cohort, derive_cohort, load_cohort
from outcomes.derivation.criteria import Chosen, Criteria, Out, choose, columns_asked
from outcomes.derivation.rules import Rules
from outcomes.derivation.what_if import THE_RULE, WhatIf, other_rules
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
    what_if: WhatIf = THE_RULE  # other numbers than the registry's rules have

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """What differs from asking for everybody, usually; in one order."""
        day = "" if self.day == self.usual_day else self.day.isoformat()
        return [*written(self.criteria, self.centre, as_of=day), *what_if_pairs(self.what_if)]

    @property
    def address(self) -> str:
        """``history=naive&included_from=2018``; "" where nothing is asked."""
        return urlencode(self.pairs)

    @property
    def sentence(self) -> str:
        return sentence(
            self.criteria,
            self.day,
            centre=self.centre,
            centres=self.centres,
            others=_("WHAT IF %(said)s") % {"said": what_if_words(self.what_if)}
            if self.what_if
            else "",
        )

    @property
    def rules(self) -> Rules:
        """The rules its results follow: the registry's, unless other numbers are asked for."""
        return other_rules(self.what_if)

    @property
    def by_rule(self) -> "AskedCohort":
        """The same question by the registry's own rules."""
        return replace(self, what_if=THE_RULE)

    def load(self, columns: Iterable[str]) -> FoundCohort:
        """The outcomes of who is in, in these columns; two queries, and one more per kind of
        record that the criteria ask for."""
        return self.chosen_from(self.load_everybody(columns))

    def load_everybody(self, columns: Iterable[str]) -> Cohort:
        """Whoever was included by the day, with what the criteria ask beside these columns."""
        wanted = [*columns, *columns_asked(self.criteria)]
        if self.what_if:
            # What is kept was derived by the registry's rules.
            cohort = derive_cohort(self.patients, self.day, wanted, self.rules)
        else:
            cohort = load_cohort(self.patients, self.day, wanted)
        rows = with_recorded(cohort.rows, self.patients, self.criteria, self.day)
        return replace(cohort, rows=rows)

    def chosen_from(self, everybody: Cohort) -> FoundCohort:
        chosen = self.choose(everybody)
        return FoundCohort(
            replace(everybody, rows=everybody.rows[chosen.is_in]), len(chosen.is_in), chosen.out
        )

    def choose(self, everybody: Cohort) -> Chosen:
        return choose(everybody.rows, self.criteria)

    def compared(self, columns: Iterable[str]) -> tuple[Cohort, Cohort]:
        """The same patients by the registry's rules, which also say who they are, and by others."""
        found = self.by_rule.load(columns).cohort
        those = self.patients.filter(study_id__in=list(found.rows.index))
        others = derive_cohort(those, self.day, columns, self.rules)
        return found, replace(others, rows=others.rows.loc[found.rows.index])


def too_many(asked: AskedCohort) -> str:
    """Why other rules cannot be asked of so many; "" where they can."""
    n = asked.patients.filter(included_on__lte=asked.day).count()
    if n <= MOST_PATIENTS:
        return ""
    return _(
        "What if is worked out for at most %(most)s patients at a time, and these centres have "
        "%(n)s. Ask for one centre."
    ) % {"most": f"{MOST_PATIENTS:,}", "n": f"{n:,}"}
