"""What was recorded of a patient, in words: the page's header, treatment, laboratory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.dashboards.patient import LaboratoryResult, PatientDashboard, Values
from outcomes.figures.timeline import plan_text
from outcomes.numbers import rounded
from outcomes.sentences import day_text, joined, partial_date_text

# What every work-up of this disease asks for: named even where it was never recorded.
EXPECTED_TESTS = ("anti_gm1_igm", "csf_protein", "ck")


@dataclass(frozen=True)
class Fact:
    name: str
    value: str
    is_recorded: bool = True


@dataclass(frozen=True)
class Header:
    """Who the patient is, without identity, and what to know first."""

    who: str
    born: str
    centre: str
    centre_name: str
    facts: tuple[Fact, ...]
    warnings: tuple[str, ...]


def header(dashboard: PatientDashboard) -> Header:
    recorded = dashboard.recorded
    sex = capfirst(labels.SEX[recorded["sex"]])
    age = dashboard.age_years
    return Header(
        who=f"{sex}, {_('%s y') % age}" if age is not None else str(sex),
        born=_born(recorded),
        centre=recorded["centre"],
        centre_name=dashboard.centre_name,
        facts=tuple(_facts(dashboard)),
        warnings=tuple(_warnings(dashboard)),
    )


def _born(recorded: Values) -> str:
    if recorded["birth_year"] is not None:
        return _("born %s") % int(recorded["birth_year"])
    if recorded.get("age_band"):
        return _("%s y at inclusion") % recorded["age_band"]
    return _("age unknown")


def _facts(dashboard: PatientDashboard) -> Iterator[Fact]:
    recorded, outcome = dashboard.recorded, dashboard.outcome
    for name, column in ((_("Onset"), "onset"), (_("Diagnosed"), "diagnosed")):
        day = recorded[f"{column}_on"]
        if day is None:
            yield Fact(name, _("not recorded"), is_recorded=False)
        else:
            yield Fact(name, partial_date_text(day, recorded[f"{column}_precision"]))
    yield Fact(_("Included"), day_text(recorded["included_on"]))
    history = labels.TREATMENT_HISTORY[outcome["treatment_history"]]
    yield Fact(_("Before inclusion"), str(history))
    years = dashboard.follow_up_years
    if years is None:
        yield Fact(_("Follow-up"), _("no infusion yet"), is_recorded=False)
    else:
        yield Fact(_("Follow-up"), _("%s y") % rounded(years))


def _warnings(dashboard: PatientDashboard) -> Iterator[str]:
    recorded, outcome = dashboard.recorded, dashboard.outcome
    if recorded["deceased_on"]:
        yield _("Died %s") % day_text(recorded["deceased_on"])
    if outcome["lost_to_follow_up"]:
        last = day_text(outcome["last_contact_on"])
        yield _("Lost to follow-up: last contact %s") % last
    if outcome["treatment_history"] == "naive" and _given_before_inclusion(dashboard):
        yield _("Infusions before inclusion, although said to have had none")


def _given_before_inclusion(dashboard: PatientDashboard) -> bool:
    index_on = dashboard.outcome["index_on"]
    return index_on is not None and index_on < dashboard.recorded["included_on"]


# ---------- Treatment ----------


Key = tuple[object, ...]  # what tells a record of one patient from all others


@dataclass(frozen=True)
class Addresses:
    """Where a record is amended, and where one that runs is ended."""

    amend: str = ""
    end: str = ""


@dataclass(frozen=True)
class TreatmentRow:
    on: date
    kind: str
    what: str
    until: str
    key: Key
    runs: bool = False
    at: Addresses = Addresses()


def treatment_rows(
    dashboard: PatientDashboard, addresses: Mapping[Key, Addresses] | None = None
) -> tuple[TreatmentRow, ...]:
    """Regimens, dose attempts, other drugs and reactions, the latest first."""
    rows = [*_regimens(dashboard), *_attempts(dashboard), *_drugs(dashboard)]
    rows += _reactions(dashboard)
    linked = [replace(row, at=(addresses or {}).get(row.key, Addresses())) for row in rows]
    return tuple(sorted(linked, key=lambda row: row.on, reverse=True))


def _regimens(dashboard: PatientDashboard) -> Iterator[TreatmentRow]:
    for regimen in dashboard.regimens:
        what = [str(labels.ROUTE[regimen.route]), regimen.product, plan_text(regimen)]
        until = _("running")
        if regimen.ended_on:
            until = day_text(regimen.ended_on)
            if regimen.end_reason:
                until += f", {labels.REGIMEN_END[regimen.end_reason]}"
        yield TreatmentRow(
            regimen.started_on,
            _("Regimen"),
            joined(filter(None, what)),
            until,
            key=("regimen", regimen.started_on, regimen.route),
            runs=regimen.ended_on is None,
        )


def _attempts(dashboard: PatientDashboard) -> Iterator[TreatmentRow]:
    for attempt in dashboard.dose_attempts:
        yield TreatmentRow(
            attempt.attempted_on,
            _("Dose attempt"),
            str(labels.DOSE_ATTEMPT[attempt.kind]),
            str(labels.ATTEMPT_OUTCOME[attempt.outcome]),
            key=("dose_attempt", attempt.attempted_on),
        )


def _drugs(dashboard: PatientDashboard) -> Iterator[TreatmentRow]:
    for drug in dashboard.immunosuppressants:
        until = day_text(drug.ended_on) if drug.ended_on else _("running")
        yield TreatmentRow(
            drug.started_on,
            _("Other drug"),
            drug.drug,
            until,
            key=("immunosuppressant", drug.started_on, drug.drug),
            runs=drug.ended_on is None,
        )


def _reactions(dashboard: PatientDashboard) -> Iterator[TreatmentRow]:
    for reaction in dashboard.reactions:
        severity = str(labels.SEVERITY[reaction.severity])
        yield TreatmentRow(
            reaction.occurred_on,
            _("Reaction"),
            joined(filter(None, [str(labels.REACTION[reaction.reaction]), reaction.product])),
            f"{severity}, {_('serious')}" if reaction.serious else severity,
            key=("adverse_reaction", reaction.occurred_on, reaction.reaction),
        )


# ---------- Laboratory and findings ----------


@dataclass(frozen=True)
class LaboratoryRow:
    name: str
    value: str
    on: date | None
    is_recorded: bool = True
    address: str = ""  # of its own page, for who may amend it


def laboratory_rows(
    dashboard: PatientDashboard, addresses: Mapping[tuple[date, str], str] | None = None
) -> tuple[LaboratoryRow, ...]:
    """Tests, the latest first, then findings and what was never recorded.

    ``addresses`` of pages by day and test, or day and finding.
    """
    pages = addresses or {}
    rows = [
        LaboratoryRow(
            capfirst(labels.LABORATORY_TEST[r.test]),
            _result_text(r),
            r.taken_on,
            address=pages.get((r.taken_on, r.test), ""),
        )
        for r in sorted(dashboard.laboratory, key=lambda r: (-r.taken_on.toordinal(), r.test))
    ]
    rows += [
        LaboratoryRow(
            capfirst(labels.FINDING[f.finding]),
            str(labels.FINDING_STATE[f.state]),
            f.observed_on,
            address=pages.get((f.observed_on, f.finding), ""),
        )
        for f in sorted(dashboard.findings, key=lambda f: -f.observed_on.toordinal())
    ]
    atrophy = dashboard.recorded["atrophy_at_baseline"]
    if atrophy:
        baseline_on = dashboard.outcome["baseline_on"]
        words = str(labels.YES_NO[atrophy])
        rows.append(LaboratoryRow(_("Atrophy at baseline"), words, baseline_on))
    else:
        rows.append(LaboratoryRow(_("Atrophy at baseline"), _("not recorded"), None, False))
    done = {result.test for result in dashboard.laboratory}
    absent = [str(labels.LABORATORY_TEST[test]) for test in EXPECTED_TESTS if test not in done]
    if absent:
        rows.append(LaboratoryRow(capfirst(joined(absent)), _("not recorded"), None, False))
    return tuple(rows)


def _result_text(result: LaboratoryResult) -> str:
    """2.4 g/L, positive: as far as it is recorded."""
    parts = []
    if result.value is not None:
        parts.append(f"{rounded(result.value, 4)} {result.unit}".strip())
    if result.interpretation:
        parts.append(str(labels.INTERPRETATION[result.interpretation]))
    return joined(parts) or _("no value")
