"""Everything that the page of one patient shows, as of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from infusions.models import AdverseReaction
from mmn_registry.disclosure import is_pseudonymised
from outcomes.dashboards.pseudonymised import pseudonymised_dashboard
from outcomes.dashboards.rows import plain_values, rows_of
from outcomes.derivation.columns import Columns, together
from outcomes.derivation.derive import Outcomes, derive
from outcomes.derivation.frames import Records
from outcomes.derivation.rules import RULES, Rules
from outcomes.selectors import load_records
from patients.models import Patient
from patients.vocabulary import MUSCLE_SETS

Values = Mapping[str, Any]


@dataclass(frozen=True)
class MuscleChange:
    """A muscle graded at baseline, and what became of it; grades in thirds of a point."""

    muscle: str
    side: str
    baseline_thirds: float
    month6_thirds: float | None
    improvable: bool
    change: str


@dataclass(frozen=True)
class Fall:
    """What fell in a relapse: a muscle [thirds of a point] or a grip [kPa]."""

    visited_on: date
    kind: str
    muscle: str
    side: str
    reference_on: date
    reference_value: float
    value: float


@dataclass(frozen=True)
class Examination:
    visited_on: date
    graded: int
    counting_baseline: bool | None
    counting_month_6: bool | None
    days_since_infusion: float | None
    cycle_phase: str | None
    is_baseline: bool
    is_month_6: bool
    is_reference: bool


@dataclass(frozen=True)
class Score:
    visited_on: date
    muscle: str
    side: str
    mrc_grade: str
    mrc_thirds: float | None
    not_tested_reason: str
    not_due_to_mmn: str
    origin: str

    @property
    def counts(self) -> bool:
        """Whether it is a grade for the rules: tested, and weak for no other reason."""
        return self.mrc_thirds is not None and self.not_due_to_mmn != "yes"


@dataclass(frozen=True)
class Grip:
    visited_on: date
    side: str
    device: str
    value: float


@dataclass(frozen=True)
class RecordedVisit:
    visited_on: date
    weight_kg: float | None
    onls_arm: float | None
    onls_leg: float | None
    incat_arm: float | None
    incat_leg: float | None
    mmn_rods: float | None


@dataclass(frozen=True)
class Visit:
    """A visit with what was derived from it. Sums are None where a grade of the set is missing."""

    number: int
    recorded: RecordedVisit
    examination: Examination | None
    sums: Mapping[str, float | None]
    affected_points: float | None
    grips: tuple[Grip, ...]

    @property
    def on(self) -> date:
        return self.recorded.visited_on

    def grip(self, side: str, device: str) -> float | None:
        found = (g.value for g in self.grips if g.side == side and g.device == device)
        return next(found, None)


@dataclass(frozen=True)
class SegmentValues:
    """One segment of one study as recorded, beside its grade and the line that decided it."""

    studied_on: date
    nerve: str
    side: str
    distal_site: str
    proximal_site: str
    distal_amplitude_mv: float | None
    proximal_amplitude_mv: float | None
    distal_area_mv_ms: float | None
    proximal_area_mv_ms: float | None
    distal_duration_ms: float | None
    proximal_duration_ms: float | None
    excluded: str
    reported_block: str
    area_loss: float | None
    duration_increase: float | None
    lower_limit_mv: float | None
    grade: str
    grade_reason: str | None
    line: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.nerve, self.side, self.distal_site, self.proximal_site

    @property
    def is_blocked(self) -> bool:
        return self.grade in {"definite", "probable"}

    @property
    def is_assessable(self) -> bool:
        return self.grade != "not_assessable"


@dataclass(frozen=True)
class SegmentChange:
    nerve: str
    side: str
    distal_site: str
    proximal_site: str
    grade_first: str
    grade_last: str
    change: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.nerve, self.side, self.distal_site, self.proximal_site


@dataclass(frozen=True)
class Study:
    """All segments of one day."""

    on: date
    segments: tuple[SegmentValues, ...]

    @property
    def blocks(self) -> int | None:
        """Segments with definite or probable block; None where none could be assessed."""
        return sum(s.is_blocked for s in self.segments) if self.assessable else None

    @property
    def assessable(self) -> int:
        return sum(s.is_assessable for s in self.segments)


@dataclass(frozen=True)
class Course:
    route: str
    started_on: date
    ended_on: date
    dose_g: float
    days: int
    from_regimen: bool


@dataclass(frozen=True)
class DoseStep:
    route: str
    started_on: date
    ended_before: date
    weekly_dose_g: float


@dataclass(frozen=True)
class Regimen:
    started_on: date
    route: str
    product: str
    planned_dose_g: float | None
    planned_interval_days: float | None
    ended_on: date | None
    end_reason: str


@dataclass(frozen=True)
class DoseAttempt:
    attempted_on: date
    kind: str
    outcome: str


@dataclass(frozen=True)
class Immunosuppressant:
    drug: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class LaboratoryResult:
    taken_on: date
    test: str
    value: float | None
    unit: str
    interpretation: str
    method: str
    cutoff: str


@dataclass(frozen=True)
class Finding:
    observed_on: date
    finding: str
    state: str


@dataclass(frozen=True)
class Reaction:
    occurred_on: date
    reaction: str
    severity: str
    serious: bool
    product: str


@dataclass(frozen=True)
class PatientDashboard:
    """One patient as of a day: what was recorded, and what the rules say.

    ``recorded`` is the patient's own row, ``outcome`` the row of derived outcomes; codes are codes.
    """

    as_of: date
    rules: Rules
    centre_name: str
    recorded: Values
    outcome: Values
    visits: tuple[Visit, ...]
    scores: tuple[Score, ...]
    muscle_changes: tuple[MuscleChange, ...]
    falls: tuple[Fall, ...]
    studies: tuple[Study, ...]
    segment_changes: tuple[SegmentChange, ...]
    courses: tuple[Course, ...]
    dose_steps: tuple[DoseStep, ...]
    regimens: tuple[Regimen, ...]
    dose_attempts: tuple[DoseAttempt, ...]
    immunosuppressants: tuple[Immunosuppressant, ...]
    reactions: tuple[Reaction, ...]
    laboratory: tuple[LaboratoryResult, ...]
    findings: tuple[Finding, ...]

    @property
    def study_id(self) -> str:
        return self.recorded["study_id"]

    @property
    def age_years(self) -> int | None:
        """Age reached in the year asked about, or in that of death."""
        if self.recorded["birth_year"] is None:
            return None
        until = self.recorded["deceased_on"] or self.as_of
        return until.year - int(self.recorded["birth_year"])

    @property
    def follow_up_years(self) -> float | None:
        days = self.outcome["follow_up_days"]
        return None if days is None else days / self.rules.year_days

    @property
    def month_6_window(self) -> tuple[date, date] | None:
        index_on = self.outcome["index_on"]
        if index_on is None:
            return None
        first, last = self.rules.month_6_days
        return index_on + timedelta(days=first), index_on + timedelta(days=last)

    @property
    def muscle_set(self) -> str | None:
        """The named set that most visits have complete; of several, the largest."""
        complete = {
            name: sum(visit.sums.get(name) is not None for visit in self.visits)
            for name in MUSCLE_SETS
        }
        best = max(complete, key=lambda name: (complete[name], len(MUSCLE_SETS[name].muscles)))
        return best if complete[best] else None

    @property
    def grip_devices(self) -> tuple[str, ...]:
        """Devices used, the most used first; their units are never converted."""
        used = [grip.device for visit in self.visits for grip in visit.grips]
        return tuple(sorted(set(used), key=lambda device: (-used.count(device), device)))

    @property
    def days_off_treatment(self) -> tuple[tuple[date, date], ...]:
        """Times of 183 days or more without infusion, the last one up to the last contact."""
        ends = [course.ended_on for course in self.courses]
        starts = [course.started_on for course in self.courses]
        until = self.outcome["last_contact_on"]
        gaps = _gaps(starts, ends, self.rules.remission_days)
        if ends and until and not self.outcome["on_treatment"] and until > max(ends):
            gaps.append((max(ends), until))
        return tuple(gaps)


def patient_dashboard(
    patient: Patient,
    as_of: date,
    rules: Rules = RULES,
    *,
    records: Records | None = None,
    reactions: Iterable[AdverseReaction] | None = None,
) -> PatientDashboard | None:
    """Read and derive one patient as of a day; None where the patient was included later.

    For who reads the patient pseudonymised, days come back as months. ``records`` and
    ``reactions`` of the patient that were read already, perhaps with what is only typed so far, or
    as they were known once.
    """
    everything = records or load_records(Patient.objects.filter(pk=patient.pk))
    outcomes = derive(everything, as_of, rules)
    if not len(outcomes.by_patient):
        return None
    if reactions is None:
        reactions = AdverseReaction.objects.filter(patient=patient)
    until_then = [reaction for reaction in reactions if reaction.occurred_on <= as_of]
    dashboard = _gathered(patient, outcomes, until_then)
    return pseudonymised_dashboard(dashboard) if is_pseudonymised(patient.centre_id) else dashboard


def _gathered(
    patient: Patient,
    outcomes: Outcomes,
    reactions: Iterable[AdverseReaction],
) -> PatientDashboard:
    recorded = outcomes.facts.records.columns
    scores = rows_of(Score, recorded("muscle_scores").sorted_by("visited_on"))
    changes = rows_of(MuscleChange, outcomes.muscle_change_columns)
    return PatientDashboard(
        as_of=outcomes.as_of,
        rules=outcomes.rules,
        centre_name=patient.centre.name,
        recorded=_first_row(recorded("patients")),
        outcome=_first_row(outcomes.by_patient),
        visits=_visits(outcomes, scores, changes),
        scores=scores,
        muscle_changes=changes,
        falls=rows_of(Fall, outcomes.relapse_columns),
        studies=_studies(outcomes),
        segment_changes=rows_of(SegmentChange, outcomes.segment_change_columns),
        courses=rows_of(Course, outcomes.facts.courses.sorted_by("started_on", "route")),
        dose_steps=rows_of(DoseStep, outcomes.dose_step_columns),
        regimens=rows_of(Regimen, recorded("regimens").sorted_by("started_on")),
        dose_attempts=rows_of(DoseAttempt, recorded("dose_attempts").sorted_by("attempted_on")),
        immunosuppressants=rows_of(
            Immunosuppressant, recorded("immunosuppressants").sorted_by("started_on")
        ),
        reactions=tuple(
            Reaction(r.occurred_on, r.reaction, r.severity, r.serious, r.product)
            for r in sorted(reactions, key=lambda r: (r.occurred_on, r.reaction))
        ),
        laboratory=rows_of(LaboratoryResult, recorded("laboratory").sorted_by("taken_on", "test")),
        findings=rows_of(Finding, recorded("findings").sorted_by("observed_on", "finding")),
    )


def _first_row(columns: Columns) -> Values:
    return {name: plain_values(columns[name])[0] for name in columns.names}


def _visits(
    outcomes: Outcomes,
    scores: Sequence[Score],
    changes: Sequence[MuscleChange],
) -> tuple[Visit, ...]:
    records = outcomes.facts.records
    recorded = rows_of(RecordedVisit, records.columns("visits").sorted_by("visited_on"))
    examinations = {e.visited_on: e for e in rows_of(Examination, outcomes.examination_columns)}
    grips = rows_of(Grip, records.columns("grip_strengths"))
    sums = _sums_by_day(outcomes.sum_score_columns)
    affected = affected_points(scores, changes, outcomes.rules)
    return tuple(
        Visit(
            number=number,
            recorded=visit,
            examination=examinations.get(visit.visited_on),
            sums=sums.get(visit.visited_on, {}),
            affected_points=affected.get(visit.visited_on),
            grips=tuple(grip for grip in grips if grip.visited_on == visit.visited_on),
        )
        for number, visit in enumerate(recorded, start=1)
    )


def _sums_by_day(sum_scores: Columns) -> dict[date, dict[str, float | None]]:
    columns = (plain_values(sum_scores[c]) for c in ("visited_on", "muscle_set", "points"))
    sums: dict[date, dict[str, float | None]] = {}
    for day, muscle_set, points in zip(*columns, strict=True):
        sums.setdefault(day, {})[muscle_set] = points
    return sums


def affected_muscles(
    changes: Iterable[MuscleChange], rules: Rules = RULES
) -> frozenset[tuple[str, str]]:
    """Muscles below grade 5 at baseline, each side its own."""
    return frozenset(
        (c.muscle, c.side) for c in changes if c.baseline_thirds < rules.affected_below_thirds
    )


def affected_points(
    scores: Iterable[Score], changes: Iterable[MuscleChange], rules: Rules = RULES
) -> dict[date, float | None]:
    """Sum of the muscles affected at baseline, by visit; None where one of them has no grade.

    A visit that graded none of them has no sum and is not listed.
    """
    affected = affected_muscles(changes, rules)
    graded: dict[date, dict[tuple[str, str], float]] = {}
    for score in scores:
        if score.counts and (score.muscle, score.side) in affected:
            graded.setdefault(score.visited_on, {})[score.muscle, score.side] = (
                score.mrc_thirds or 0.0
            )
    return {
        day: sum(thirds.values()) / rules.point_thirds if len(thirds) == len(affected) else None
        for day, thirds in graded.items()
    }


def _studies(outcomes: Outcomes) -> tuple[Study, ...]:
    recorded = outcomes.facts.records.columns("nerve_segments")
    segments = rows_of(SegmentValues, together(recorded, outcomes.segment_columns))
    days = sorted({segment.studied_on for segment in segments})
    return tuple(Study(day, tuple(s for s in segments if s.studied_on == day)) for day in days)


def _gaps(
    starts: Sequence[date], ends: Sequence[date], at_least_days: int
) -> list[tuple[date, date]]:
    """Times without infusion between courses that follow each other, whatever their routes."""
    covered = sorted(zip(starts, ends, strict=True))
    gaps = []
    reached: date | None = None
    for (_, ended), (started, _) in pairwise(covered):
        reached = max(reached or ended, ended)
        if (started - reached).days >= at_least_days:
            gaps.append((reached, started))
    return gaps
