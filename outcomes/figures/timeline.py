"""The course of the disease in words: both drawings, and the table that the cursor reads."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infusions.vocabulary import Route
from mmn_registry.months import whole_months
from outcomes import labels
from outcomes.charts import strength_map as charts_map
from outcomes.charts import timeline as charts
from outcomes.dashboards.patient import (
    Course,
    PatientDashboard,
    Regimen,
    Visit,
    affected_muscles,
)
from outcomes.numbers import points_text, rounded
from outcomes.sentences import day_text, joined
from patients.vocabulary import MUSCLE_SETS

# More alternations of route than these are one stretch of mixed treatment.
MOST_ROUTE_CHANGES = 4


@dataclass(frozen=True)
class Reading:
    """All values of one day, as the cursor reads them and the table beside lists them."""

    on: date
    percent: float
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ReadingColumn:
    name: str
    unit: str = ""


@dataclass(frozen=True)
class TimelineFigure:
    """Both drawings, the table beside them, and what could not be drawn, in words."""

    wide: charts.Timeline
    narrow: charts.Timeline
    columns: tuple[ReadingColumn, ...]
    readings: tuple[Reading, ...]
    subtitle: str
    events: tuple[charts.Event, ...]

    @property
    def last_reading(self) -> tuple[tuple[ReadingColumn, str], ...]:
        """What the readout says before anybody moves the cursor."""
        return tuple(zip(self.columns, self.readings[-1].cells, strict=True))


def timeline_figure(dashboard: PatientDashboard) -> TimelineFigure | None:
    """The course of disease; None where nothing dated is recorded."""
    days = list(_days_seen(dashboard))
    if not days:
        return None
    course = timeline_course(dashboard, *whole_months(min(days), max(days)))
    wide = charts.timeline(course, charts.WIDE)
    columns, readings = _readings(dashboard, wide)
    return TimelineFigure(
        wide=wide,
        narrow=charts.timeline(course, charts.NARROW),
        columns=columns,
        readings=readings,
        subtitle=_subtitle(dashboard, course),
        events=tuple(sorted(course.events, key=lambda event: event.on)),
    )


def _days_seen(dashboard: PatientDashboard) -> Iterator[date]:
    yield from (visit.on for visit in dashboard.visits)
    yield from (study.on for study in dashboard.studies)
    for course in dashboard.courses:
        yield from (course.started_on, course.ended_on)
    yield from (drug.started_on for drug in dashboard.immunosuppressants)
    yield from (event.on for event in _events(dashboard))


def timeline_course(dashboard: PatientDashboard, first_on: date, last_on: date) -> charts.Course:
    """All that the timeline shows, in words."""
    return charts.Course(
        first_on=first_on,
        last_on=last_on,
        dose_lane=(_("Immunoglobulin dose"), _("g/week, weekly equivalent")),
        infusion_note=_infusion_note(dashboard),
        dose_steps=tuple(
            charts.DoseStep(s.route, s.started_on, s.ended_before, s.weekly_dose_g)
            for s in dashboard.dose_steps
        ),
        infusion_days=tuple(
            charts.InfusionDay(c.started_on, c.route, c.from_regimen) for c in dashboard.courses
        ),
        treatment=_treatment(dashboard),
        lanes=tuple(_lanes(dashboard)),
        other_drugs=_other_drugs(dashboard, last_on),
        other_drugs_lane=(_("Other drugs"), _("immunosuppressants")),
        events=tuple(_events(dashboard)),
        events_lane=(_("Events"), "" if dashboard.reactions else _("no reaction recorded")),
        landmarks=_landmarks(dashboard),
        window=dashboard.month_6_window,
        visits=tuple(visit.on for visit in dashboard.visits),
    )


def _infusion_note(dashboard: PatientDashboard) -> str:
    signs = {Route.IV: "|", Route.SC: "○", Route.FSC: "□"}
    used = {course.route for course in dashboard.courses}
    return _("courses (%s)") % joined(f"{signs[r]} {labels.ROUTE[r]}" for r in Route if r in used)


def _treatment(dashboard: PatientDashboard) -> tuple[charts.Stretch, ...]:
    """The band on top: on treatment, by route, and off it."""
    off = dashboard.days_off_treatment
    stretches = [_off(start, end) for start, end in off]
    for courses in _between(dashboard.courses, off):
        stretches += _on(courses)
    on_until = dashboard.outcome["last_contact_on"]
    stretches.sort(key=lambda stretch: stretch.started_on)
    if stretches and dashboard.outcome["on_treatment"] and on_until:
        last = stretches[-1]
        ended = max(last.ended_on, on_until)
        stretches[-1] = charts.Stretch(last.code, last.started_on, ended, last.names)
    return tuple(stretches)


def _between(courses: Iterable[Course], off: Iterable[tuple[date, date]]) -> Iterator[list[Course]]:
    """Courses in groups, a time off treatment between one group and the next."""
    ends = [end for _, end in off]

    def times_off_before(course: Course) -> int:
        return sum(end <= course.started_on for end in ends)

    for _times, group in groupby(courses, key=times_off_before):
        yield list(group)


def _off(start: date, end: date) -> charts.Stretch:
    n = {"n": (end - start).days}
    names = (_("%(n)s days off treatment") % n, _("%(n)s d off") % n, _("off"))
    return charts.Stretch("off", start, end, names)


def _on(courses: list[Course]) -> list[charts.Stretch]:
    runs = [list(run) for _route, run in groupby(courses, key=lambda course: course.route)]
    if len(runs) > MOST_ROUTE_CHANGES:
        runs = [courses]
    ends = [*(run[0].started_on for run in runs[1:]), max(course.ended_on for course in courses)]
    return [_on_route(run, end) for run, end in zip(runs, ends, strict=True)]


def _on_route(courses: list[Course], end: date) -> charts.Stretch:
    routes = [route for route in Route if any(course.route == route for course in courses)]
    route = " + ".join(str(labels.ROUTE[route]) for route in routes)
    n = len(courses)
    told = ngettext("%(n)s course", "%(n)s courses", n) % {"n": n}
    names = (
        _("on %(route)s immunoglobulin, %(courses)s") % {"route": route, "courses": told},
        f"{route}, {told}",
        route,
    )
    code = "on" if routes[0] == Route.IV else f"on-{routes[0].lower()}"
    return charts.Stretch(code, courses[0].started_on, max(end, courses[0].started_on), names)


def _lanes(dashboard: PatientDashboard) -> Iterator[charts.Lane]:
    cut_note = _("axis from {floor}")
    if dashboard.muscle_set:
        yield _sum_lane(dashboard, dashboard.muscle_set, cut_note)
    affected = len(affected_muscles(dashboard.muscle_changes, dashboard.rules))
    if affected:
        highest = 5 * affected
        note = ngettext("%(n)s muscle, of %(highest)s", "%(n)s muscles, of %(highest)s", affected)
        seen = [v for v in dashboard.visits if v.affected_points is not None or v.examination]
        yield charts.Lane(
            "affected",
            _("Affected muscles"),
            note % {"n": affected, "highest": highest},
            (charts.Series("affected", "", _observed(seen, lambda v: v.affected_points)),),
            ceiling=highest,
            cut_note=cut_note,
            written=points_text,
        )
    for device in dashboard.grip_devices:
        yield _grip_lane(dashboard, device, cut_note)
    if dashboard.studies:
        counts = tuple(charts.Observation(study.on, study.blocks) for study in dashboard.studies)
        yield charts.Lane(
            "blocks",
            _("Conduction blocks"),
            _("segments per study, %s") % dashboard.rules.criteria,
            (charts.Series("blocks", "", counts),),
            from_zero=True,
            unobserved_between=True,
        )


def _sum_lane(dashboard: PatientDashboard, muscle_set: str, cut_note: str) -> charts.Lane:
    highest = _highest(muscle_set)
    seen = [visit for visit in dashboard.visits if visit.examination]
    return charts.Lane(
        "mrc",
        _("%s sum") % muscle_set,
        _("of %s") % highest,
        (charts.Series("mrc", "", _observed(seen, lambda v: v.sums.get(muscle_set))),),
        ceiling=highest,
        cut_note=cut_note,
        written=points_text,
    )


def _highest(muscle_set: str) -> int:
    """Grade 5 in every muscle of the set, on both sides."""
    return 2 * 5 * len(MUSCLE_SETS[muscle_set].muscles)


def _observed(
    visits: Iterable[Visit], value: Callable[[Visit], float | None]
) -> tuple[charts.Observation, ...]:
    return tuple(charts.Observation(visit.on, value(visit)) for visit in visits)


def _grip_lane(dashboard: PatientDashboard, device: str, cut_note: str) -> charts.Lane:
    unit = labels.GRIP_UNIT[device]
    series = []
    for side in charts_map.SIDES:
        measured = [v for v in dashboard.visits if v.grip(side, device) is not None]
        letter = str(labels.SIDE_LETTER[side])
        values = _observed(measured, lambda v, side=side: v.grip(side, device))
        series.append(charts.Series(f"grip-{side}", str(labels.SIDE[side]), values, letter))
    name = _("Grip, %(unit)s") % {"unit": unit}
    return charts.Lane("grip", name, _("● right, ○ left"), tuple(series), cut_note=cut_note)


def _other_drugs(dashboard: PatientDashboard, last_on: date) -> tuple[charts.Stretch, ...]:
    return tuple(
        charts.Stretch(
            "drug",
            drug.started_on,
            min(drug.ended_on or last_on, last_on),
            (drug.drug,),
            open_ended=drug.ended_on is None,
        )
        for drug in dashboard.immunosuppressants
        if drug.started_on <= last_on
    )


def _landmarks(dashboard: PatientDashboard) -> tuple[charts.Landmark, ...]:
    outcome = dashboard.outcome
    found = (
        (outcome["baseline_on"], _("Baseline"), _("Base")),
        (outcome["month6_on"], _("Month 6"), _("M 6")),
    )
    return tuple(
        charts.Landmark(day, name, short, day_text(day).rsplit(" ", 1)[0])
        for day, name, short in found
        if day
    )


def _events(dashboard: PatientDashboard) -> Iterator[charts.Event]:
    outcome = dashboard.outcome
    single = (
        ("start", outcome["index_on"], _("First infusion"), False),
        ("relapse", outcome["relapse_on"], _("Relapse off treatment"), True),
        ("death", dashboard.recorded["deceased_on"], _("Died"), False),
    )
    for code, day, name, ruled in single:
        if day:
            yield charts.Event(code, day, name, day_text(day), ruled)
    if outcome["remission_event"]:
        name = _("Remission, %s days off") % dashboard.rules.remission_days
        day = outcome["remission_on"]
        yield charts.Event("remission", day, name, day_text(day), ruled=True)
    for regimen in dashboard.regimens:
        if regimen.ended_on:
            yield _regimen_event(regimen, regimen.ended_on, dashboard.regimens)
    for attempt in dashboard.dose_attempts:
        kind, result = labels.DOSE_ATTEMPT[attempt.kind], labels.ATTEMPT_OUTCOME[attempt.outcome]
        name = capfirst(f"{kind}: {result}")
        yield charts.Event("attempt", attempt.attempted_on, name, day_text(attempt.attempted_on))
    for reaction in dashboard.reactions:
        words = [labels.REACTION[reaction.reaction], labels.SEVERITY[reaction.severity]]
        if reaction.serious:
            words.append(_("serious"))
        name = capfirst(joined(map(str, words)))
        yield charts.Event("reaction", reaction.occurred_on, name, day_text(reaction.occurred_on))


def _regimen_event(regimen: Regimen, ended_on: date, regimens: Iterable[Regimen]) -> charts.Event:
    """A regimen's end; where another begins that day, what it changed into."""
    following = [r for r in regimens if r.started_on == ended_on and r is not regimen]
    route = labels.ROUTE[regimen.route]
    detail = day_text(ended_on)
    if not following:
        reason = labels.REGIMEN_END.get(regimen.end_reason, _("reason not recorded"))
        name = _("%(route)s stopped: %(reason)s") % {"route": route, "reason": reason}
        return charts.Event("stop", ended_on, name, detail, ruled=True)
    new = following[0]
    if new.route == regimen.route:
        name = _("%(route)s changed: %(plan)s") % {"route": route, "plan": plan_text(new)}
    else:
        name = _("%(old)s → %(new)s") % {"old": route, "new": labels.ROUTE[new.route]}
    return charts.Event("change", ended_on, name, detail)


def plan_text(regimen: Regimen) -> str:
    """97.5 g every 42 days, as far as it is recorded."""
    dose, every = regimen.planned_dose_g, regimen.planned_interval_days
    parts = []
    if dose is not None:
        parts.append(_("%s g") % rounded(dose))
    if every is not None:
        parts.append(_("every %s days") % rounded(every))
    return " ".join(parts) or _("plan not recorded")


def _subtitle(dashboard: PatientDashboard, course: charts.Course) -> str:
    years = f"{course.first_on.year}–{course.last_on.year}"
    if course.first_on.year == course.last_on.year:
        years = str(course.first_on.year)
    parts = [years]
    if course.window:
        first, last = dashboard.rules.month_6_days
        parts.append(
            _("Grey band: month-6 window, days %(first)s–%(last)s") % {"first": first, "last": last}
        )
    if dashboard.visits:
        parts.append(_("Triangles on the axis: visits"))
    if any(o.value is None for lane in course.lanes for s in lane.series for o in s.observations):
        parts.append(_("×: a value that is missing"))
    parts += _not_drawn(dashboard)
    return ". ".join(parts) + "."


def _not_drawn(dashboard: PatientDashboard) -> list[str]:
    """Lanes without data shrink to words."""
    absent = []
    if not dashboard.courses:
        absent.append(_("Immunoglobulin: no infusion recorded"))
    if not any(visit.examination for visit in dashboard.visits):
        absent.append(_("Strength: no examination recorded"))
    elif not dashboard.muscle_set:
        absent.append(_("MRC sum: no visit has every muscle of a set"))
    if not dashboard.grip_devices:
        absent.append(_("Grip strength: never recorded"))
    if not dashboard.studies:
        absent.append(_("Nerve conduction: never recorded"))
    return absent


def _readings(
    dashboard: PatientDashboard, drawing: charts.Timeline
) -> tuple[tuple[ReadingColumn, ...], tuple[Reading, ...]]:
    """One row per day on which something was observed."""
    visits = {visit.on: visit for visit in dashboard.visits}
    studies = {study.on: study for study in dashboard.studies}
    muscle_set = dashboard.muscle_set
    affected = 5 * len(affected_muscles(dashboard.muscle_changes, dashboard.rules))
    columns = [ReadingColumn(_("Day")), ReadingColumn(_("Dose"), _("g/week"))]
    if muscle_set:
        columns.append(ReadingColumn(muscle_set, _("of %s") % _highest(muscle_set)))
    if affected:
        columns.append(ReadingColumn(_("Affected muscles"), _("of %s") % affected))
    hands = [(side, device) for device in dashboard.grip_devices for side in charts_map.SIDES]
    for side, device in hands:
        name = _("Grip %s") % labels.SIDE_LETTER[side]
        columns.append(ReadingColumn(name, str(labels.GRIP_UNIT[device])))
    if studies:
        columns.append(ReadingColumn(_("Blocks"), _("segments")))
    columns.append(ReadingColumn(_("Visit"), _("of %s") % len(visits)))

    def cells(day: date) -> Iterator[str]:
        visit, study = visits.get(day), studies.get(day)
        yield _day_number(dashboard, day)
        yield _dose_on(dashboard, day)
        if muscle_set:
            yield _sum_text(visit, visit and visit.sums.get(muscle_set))
        if affected:
            yield _sum_text(visit, visit and visit.affected_points)
        for side, device in hands:
            value = visit and visit.grip(side, device)
            yield "" if value is None else rounded(value)
        if studies:
            yield "" if study is None else _blocks_text(study.blocks, study.assessable)
        yield str(visit.number) if visit else ""

    readings = tuple(
        Reading(day, drawing.percent_of(day), tuple(cells(day)))
        for day in sorted({*visits, *studies})
    )
    return tuple(columns), readings


def _day_number(dashboard: PatientDashboard, day: date) -> str:
    index_on = dashboard.outcome["index_on"]
    return "" if index_on is None else str((day - index_on).days).replace("-", "−")


def _dose_on(dashboard: PatientDashboard, day: date) -> str:
    running = [s for s in dashboard.dose_steps if s.started_on <= day < s.ended_before]
    return rounded(sum(step.weekly_dose_g for step in running)) if dashboard.dose_steps else ""


def _sum_text(visit: Visit | None, points: float | None) -> str:
    if visit is None or visit.examination is None:
        return ""
    return _("a grade is missing") if points is None else points_text(points)


def _blocks_text(blocks: int | None, assessable: int) -> str:
    if blocks is None:
        return _("none assessable")
    return _("%(blocks)s of %(assessable)s") % {"blocks": blocks, "assessable": assessable}
