"""A patient on one page, for a letter or an immunoglobulin panel: named by study id alone."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.cards import OutcomeCard, result_cards
from outcomes.dashboards.patient import PatientDashboard, Visit
from outcomes.derivation.work_list import REVIEW_EVERY_DAYS
from outcomes.figures.records import header, treatment_rows
from outcomes.numbers import points_text, rounded
from outcomes.reports.document import PdfTable, Report, Section, lines, said_on_every_page
from outcomes.sentences import day_text
from patients.vocabulary import MUSCLE_SETS, GripDevice

# What one page holds: the latest; how many are earlier is said.
ATTEMPTS_SHOWN = 6
TREATMENTS_SHOWN = 5
SENTENCE_LONGEST = 300
NOTE_LONGEST = 140
YEAR = timedelta(days=365)


def patient_report(dashboard: PatientDashboard) -> Report:
    """Of a pseudonymised dashboard every day reads as its month, those worked out from it too."""
    head = header(dashboard)
    told = [(fact.name, fact.value) for fact in head.facts]
    return Report(
        title=_("Patient %s") % dashboard.study_id,
        subtitle=_("Summary for a letter or an immunoglobulin review panel, as of %s")
        % day_text(dashboard.as_of),
        facts=lines(
            [
                (_("Patient"), f"{head.who}, {head.born}"),
                (_("Centre"), _centre(head.centre, head.centre_name)),
                *told,
                (_("To note"), "; ".join(head.warnings)),
            ]
        ),
        sections=(
            _results(dashboard),
            _strength(dashboard),
            _treatment(dashboard),
            _reductions(dashboard),
            _next(dashboard),
        ),
        foot=_("MMN registry, rules %(rules)s (%(criteria)s), as of %(day)s")
        % {
            "rules": dashboard.rules.rule_id,
            "criteria": dashboard.rules.criteria,
            "day": day_text(dashboard.as_of),
        },
        **said_on_every_page(),
    )


def _centre(code: str, name: str) -> str:
    return f"{code}, {name}" if name else code


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _results(dashboard: PatientDashboard) -> Section:
    rows = [_result_row(card) for card in result_cards(dashboard)]
    columns = (_("Result"), _("Value"), _("Because"))
    caption = _("Derived results, each by its rule")
    table = PdfTable(caption, columns, rows, numbers=False, widths=(4, 6, 13))
    return Section(_("Response and status"), tables=(table,))


def _result_row(card: OutcomeCard) -> tuple[str, str, str]:
    value = f"{card.value} ({card.qualifier})" if card.qualifier else card.value
    return card.label, value, _shortened(card.sentence, SENTENCE_LONGEST)


def _strength(dashboard: PatientDashboard) -> Section:
    names = [*MUSCLE_SETS]
    columns = (
        *(_("Visit"), _("Day"), *names, _("ONLS")),
        *(_("Grip right [kPa]"), _("Grip left [kPa]"), _("MMN-RODS")),
    )
    rows = [_visit_row(name, visit, names) for name, visit in _three(dashboard.visits)]
    if not rows:
        return Section(_("Strength and disability"), (_("No visit is recorded."),))
    caption = _("Sum scores of named muscle sets; – where a grade is missing")
    return Section(_("Strength and disability"), tables=(PdfTable(caption, columns, rows),))


def _three(visits: Sequence[Visit]) -> Iterator[tuple[str, Visit]]:
    for visit in visits:
        if visit.examination and visit.examination.is_baseline:
            yield _("Baseline"), visit
        if visit.examination and visit.examination.is_month_6:
            yield _("Month 6"), visit
    if visits:
        yield _("Last"), max(visits, key=lambda visit: visit.on)


def _visit_row(name: str, visit: Visit, sets: Sequence[str]) -> tuple[str, ...]:
    sums = (visit.sums.get(one) for one in sets)
    recorded, device = visit.recorded, GripDevice.VIGORIMETER_KPA
    onls = [recorded.onls_arm, recorded.onls_leg]
    grips = (visit.grip(side, device) for side in ("right", "left"))
    return (
        name,
        day_text(visit.on),
        *("–" if one is None else points_text(one) for one in sums),
        "–" if None in onls else rounded(sum(onls)),
        *("–" if grip is None else rounded(grip) for grip in grips),
        "–" if recorded.mmn_rods is None else rounded(recorded.mmn_rods),
    )


def _treatment(dashboard: PatientDashboard) -> Section:
    facts = tuple(_dose_sentences(dashboard))
    attempt = _("Dose attempt")
    rows = [row for row in treatment_rows(dashboard) if row.kind != attempt]
    shown = [
        (day_text(row.on), row.kind, _shortened(row.what, NOTE_LONGEST), row.until)
        for row in rows[:TREATMENTS_SHOWN]
    ]
    columns = (_("From"), _("What"), _("Which"), _("Until, or how it went"))
    table = PdfTable(
        _("Regimens, other drugs and reactions, the latest first"),
        columns,
        shown,
        numbers=False,
        note=_earlier(len(rows) - len(shown)),
        widths=(3, 4, 9, 7),
    )
    return Section(
        _("Immunoglobulin and other treatment"),
        (" ".join(facts),) if facts else (),
        (table,) if shown else (),
    )


def _dose_sentences(dashboard: PatientDashboard) -> Iterator[str]:
    told, last = dashboard.outcome, dashboard.outcome["last_contact_on"]
    if told["weekly_dose_g"] is not None:
        words = {"day": day_text(last), "g": rounded(told["weekly_dose_g"])}
        text = _("Weekly dose at the last contact, %(day)s: %(g)s g/week") % words
        if told["weekly_dose_g_per_kg"] is not None:
            text += ", " + _("%s g/kg per week") % rounded(told["weekly_dose_g_per_kg"], 2)
        yield f"{text}."
    if dashboard.courses:
        recent = [c.dose_g for c in dashboard.courses if last - YEAR < c.started_on <= last]
        words = {"g": rounded(sum(recent)), "n": len(recent)}
        yield _("Given in the 365 days up to then: %(g)s g in %(n)s courses.") % words


def _earlier(n: int) -> str:
    return _("%s earlier are not shown.") % n if n > 0 else ""


def _reductions(dashboard: PatientDashboard) -> Section:
    attempts = sorted(dashboard.dose_attempts, key=lambda a: a.attempted_on, reverse=True)
    if not attempts:
        text = _("No attempt to reduce, to lengthen the interval or to stop is recorded.")
        return Section(_("Attempts to reduce"), (text,))
    rows = [
        (
            day_text(attempt.attempted_on),
            str(labels.DOSE_ATTEMPT[attempt.kind]),
            str(labels.ATTEMPT_OUTCOME[attempt.outcome]),
        )
        for attempt in attempts[:ATTEMPTS_SHOWN]
    ]
    note = _earlier(len(attempts) - len(rows))
    columns = (_("Day"), _("Attempt"), _("Outcome"))
    caption = _("Attempts, the latest first")
    return Section(
        _("Attempts to reduce"),
        tables=(PdfTable(caption, columns, rows, numbers=False, note=note),),
    )


def _next(dashboard: PatientDashboard) -> Section:
    if dashboard.recorded["deceased_on"]:
        text = _("None: the patient died.")
    else:
        what, on = next_review(dashboard)
        overdue = on < dashboard.as_of
        words = _("%(what)s, due since %(day)s.") if overdue else _("%(what)s, due on %(day)s.")
        text = words % {"what": capfirst(what), "day": day_text(on)}
    return Section(_("Next review"), (text,))


def next_review(dashboard: PatientDashboard) -> tuple[str, date]:
    """The six-month review while its window is open, else a year after the last visit: the
    registry's own reminders, as on the work list."""
    outcome, rules = dashboard.outcome, dashboard.rules
    index_on = outcome["index_on"]
    if index_on and outcome["month6_on"] is None:
        window_ends = index_on + timedelta(days=rules.month_6_days[1])
        if window_ends >= dashboard.as_of:
            return _("six-month review"), index_on + timedelta(days=rules.month_6_target_day)
    seen = [visit.on for visit in dashboard.visits]
    last = max(seen, default=dashboard.recorded["included_on"])
    return _("yearly review"), last + timedelta(days=REVIEW_EVERY_DAYS)
