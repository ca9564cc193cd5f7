"""Tables of the patient page: studies, courses, visits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.charts.strength_map import SIDES
from outcomes.dashboards.patient import (
    Course,
    PatientDashboard,
    SegmentChange,
    SegmentValues,
    Visit,
)
from outcomes.numbers import fixed, percent, points_text, rounded
from outcomes.sentences import joined

SEGMENTS_SHOWN = 8
NONE = "–"
# Columns of values that have room on a phone.
ON_PHONES = 2


@dataclass(frozen=True)
class SegmentRow:
    nerve: str
    side: str
    stretch: str
    first: str
    last: str
    is_blocked_first: bool
    is_blocked_last: bool
    verdict: str
    tone: str  # "gain", "loss", "strong", "third": how the verdict is printed


@dataclass(frozen=True)
class ConductionTable:
    """Area loss at the compared studies, segment by segment; the last column is their verdict."""

    first_on: date
    last_on: date | None
    rows: tuple[SegmentRow, ...]
    more_rows: tuple[SegmentRow, ...]


_TONES = {
    "resolved": "gain",
    "new": "loss",
    "persistent": "strong",
    "lost_to_axonal_loss": "loss",
    "no_block": "third",
    "first_seen": "second",
    "not_retested": "second",
    "not_compared": "third",
}


def conduction_table(dashboard: PatientDashboard) -> ConductionTable | None:
    """First against last study; None without a study."""
    first_on = dashboard.outcome["study_first_on"]
    if first_on is None:
        return None
    last_on = dashboard.outcome["study_last_on"]
    by_day = {study.on: {s.key: s for s in study.segments} for study in dashboard.studies}
    first, last = by_day[first_on], by_day[last_on] if last_on else {}
    changes = {change.key: change for change in dashboard.segment_changes}
    keys = sorted({*first, *last}, key=_segment_order)
    rows = [_segment_row(key, first.get(key), last.get(key), changes.get(key)) for key in keys]
    if len(rows) <= SEGMENTS_SHOWN:
        return ConductionTable(first_on, last_on, tuple(rows), ())
    blocked = [row for row in rows if row.is_blocked_first or row.is_blocked_last]
    shown = blocked or rows[:SEGMENTS_SHOWN]
    more = [row for row in rows if row not in shown]
    return ConductionTable(first_on, last_on, tuple(shown), tuple(more))


_NERVE_ORDER = {nerve: place for place, nerve in enumerate(labels.NERVE)}
_SITE_ORDER = {site: place for place, site in enumerate(labels.SITE)}


def _segment_order(key: tuple[str, str, str, str]) -> tuple[int, int, int, int]:
    nerve, side, distal, proximal = key
    sides = SIDES
    return _NERVE_ORDER[nerve], sides.index(side), _SITE_ORDER[distal], _SITE_ORDER[proximal]


def _segment_row(
    key: tuple[str, str, str, str],
    first: SegmentValues | None,
    last: SegmentValues | None,
    change: SegmentChange | None,
) -> SegmentRow:
    nerve, side, distal, proximal = key
    if change is not None:
        verdict, tone = str(labels.SEGMENT_CHANGE[change.change]), _TONES[change.change]
    else:
        verdict, tone = _grade_words(first or last)
    return SegmentRow(
        nerve=capfirst(labels.NERVE[nerve]),
        side=str(labels.SIDE_LETTER[side]),
        stretch=f"{labels.SITE[distal]}–{labels.SITE[proximal]}",
        first=_area_loss(first),
        last=_area_loss(last),
        is_blocked_first=bool(first and first.is_blocked),
        is_blocked_last=bool(last and last.is_blocked),
        verdict=verdict,
        tone=tone,
    )


def _grade_words(segment: SegmentValues | None) -> tuple[str, str]:
    if segment is None:
        return "", "third"
    tone = "strong" if segment.is_blocked else "third"
    if segment.grade_reason:
        return str(labels.BLOCK_REASON[segment.grade_reason]), tone
    return str(labels.BLOCK_GRADE[segment.grade]), tone


def _area_loss(segment: SegmentValues | None) -> str:
    if segment is None or segment.area_loss is None:
        return "–"
    return percent(segment.area_loss).replace("-", "−")


@dataclass(frozen=True)
class StudyRow:
    """One segment of one study with all that was measured, and the line that decided it."""

    segment: str
    values: tuple[str, ...]
    grade: str
    line: str
    reported: str


@dataclass(frozen=True)
class StudyTable:
    on: date
    rows: tuple[StudyRow, ...]
    address: str  # of the study's own page, for who may amend it


def study_tables(
    dashboard: PatientDashboard, addresses: Mapping[date, str] | None = None
) -> tuple[StudyTable, ...]:
    """Every study with its values, the latest first."""
    return tuple(
        StudyTable(
            study.on,
            tuple(_study_row(s) for s in _in_order(study.segments)),
            (addresses or {}).get(study.on, ""),
        )
        for study in reversed(dashboard.studies)
    )


def _in_order(segments: Iterable[SegmentValues]) -> list[SegmentValues]:
    return sorted(segments, key=lambda segment: _segment_order(segment.key))


def _study_row(s: SegmentValues) -> StudyRow:
    longer = "–" if s.duration_increase is None else percent(s.duration_increase)
    nerve = f"{capfirst(labels.NERVE[s.nerve])} {labels.SIDE_LETTER[s.side]}"
    return StudyRow(
        segment=f"{nerve} {labels.SITE[s.distal_site]}–{labels.SITE[s.proximal_site]}",
        values=(
            _pair(s.distal_amplitude_mv, s.proximal_amplitude_mv),
            _pair(s.distal_area_mv_ms, s.proximal_area_mv_ms),
            _pair(s.distal_duration_ms, s.proximal_duration_ms),
            _area_loss(s),
            longer.replace("-", "−"),
        ),
        grade=_grade_words(s)[0],
        line=s.line,
        reported=str(labels.BLOCK_GRADE.get(s.reported_block, "")),
    )


def _pair(distal: float | None, proximal: float | None) -> str:
    """Distal / proximal; a dash for what was not recorded."""
    if distal is None and proximal is None:
        return "–"
    return " / ".join("–" if value is None else rounded(value, 2) for value in (distal, proximal))


@dataclass(frozen=True)
class CourseRow:
    started_on: date
    route: str
    days: int
    dose: str
    interval_days: int | None
    is_planned: bool
    address: str  # of its infusion or infusions, for who may amend them


def course_rows(
    courses: Iterable[Course], addresses: Mapping[tuple[str, date], str] | None = None
) -> tuple[CourseRow, ...]:
    """The latest first; the interval counts from the course before it by the same route.

    ``addresses`` are of what was given by a route on a day.
    """
    before: dict[str, date] = {}
    rows = []
    for course in sorted(courses, key=lambda course: course.started_on):
        earlier = before.get(course.route)
        rows.append(
            CourseRow(
                started_on=course.started_on,
                route=str(labels.ROUTE[course.route]),
                days=course.days,
                dose=fixed(course.dose_g, 1),
                interval_days=(course.started_on - earlier).days if earlier else None,
                is_planned=course.from_regimen,
                address=(addresses or {}).get((course.route, course.started_on), ""),
            )
        )
        before[course.route] = course.started_on
    return tuple(reversed(rows))


@dataclass(frozen=True)
class VisitColumn:
    name: str
    on_phones: bool


@dataclass(frozen=True)
class RecordedVisit:
    """Where a visit is amended, and whether somebody stands for it."""

    address: str
    is_signed: bool


@dataclass(frozen=True)
class VisitRow:
    on: date
    cells: tuple[tuple[str, VisitColumn], ...]
    used_as: str
    recorded: RecordedVisit | None  # for who may amend it


@dataclass(frozen=True)
class VisitTable:
    """Visits, the latest first; a column that no visit fills is left out."""

    columns: tuple[VisitColumn, ...]
    rows: tuple[VisitRow, ...]


def visit_table(
    dashboard: PatientDashboard, recorded: Mapping[date, RecordedVisit] | None = None
) -> VisitTable:
    muscle_set = dashboard.muscle_set or ""
    visits = list(reversed(dashboard.visits))
    cells = {
        muscle_set: [_points(v.sums.get(muscle_set)) for v in visits],
        _("Affected"): [_points(v.affected_points) for v in visits],
        _("Grip R / L"): [_two_hands(dashboard, v) for v in visits],
        _("ONLS arm + leg"): [
            _two_scores(v.recorded.onls_arm, v.recorded.onls_leg) for v in visits
        ],
        _("INCAT arm + leg"): [
            _two_scores(v.recorded.incat_arm, v.recorded.incat_leg) for v in visits
        ],
        _("MMN-RODS"): [_points(v.recorded.mmn_rods) for v in visits],
        _("Weight, kg"): [_decimal(v.recorded.weight_kg) for v in visits],
    }
    filled = [name for name, texts in cells.items() if any(text != NONE for text in texts)]
    columns = tuple(VisitColumn(name, place < ON_PHONES) for place, name in enumerate(filled))
    return VisitTable(
        columns,
        tuple(
            VisitRow(
                visit.on,
                tuple((cells[column.name][i], column) for column in columns),
                joined(_uses(dashboard, visit)),
                (recorded or {}).get(visit.on),
            )
            for i, visit in enumerate(visits)
        ),
    )


def _points(points: float | None) -> str:
    return NONE if points is None else points_text(points)


def _decimal(value: float | None) -> str:
    return NONE if value is None else rounded(value)


def _two_scores(arm: float | None, leg: float | None) -> str:
    if arm is None and leg is None:
        return NONE
    return " + ".join(_decimal(score) for score in (arm, leg))


def _two_hands(dashboard: PatientDashboard, visit: Visit) -> str:
    if not dashboard.grip_devices or not visit.grips:
        return NONE
    device = dashboard.grip_devices[0]
    hands = [visit.grip(side, device) for side in SIDES]
    return NONE if hands == [None, None] else " / ".join(map(_decimal, hands))


def _uses(dashboard: PatientDashboard, visit: Visit) -> Iterator[str]:
    exam = visit.examination
    if exam:
        if exam.is_baseline:
            yield _("Baseline")
        if exam.is_month_6:
            yield _("Month 6")
        if exam.is_reference and dashboard.falls + dashboard.days_off_treatment:
            yield _("Relapse reference")
        if exam.counting_baseline is False or exam.counting_month_6 is False:
            yield _("Too partial")
    else:
        yield _("No grades")
    if visit.on == dashboard.outcome["last_contact_on"]:
        yield _("Last contact")
