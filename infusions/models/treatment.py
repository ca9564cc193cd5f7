"""What was prescribed, what was tried with the dose, and what else was taken."""

from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from infusions.validators import validate_reason_only_if_ended
from infusions.vocabulary import DoseAttemptKind, DoseAttemptOutcome, RegimenEndReason, Route
from patients.models import Patient, fields
from patients.models.constraints import STANDING, dated, fit, known, once, plausible, rule
from patients.models.record import PatientRecord, Record
from patients.validators import Limits, collect, validate_ended_after_start

# Of a whole course, which may be more than one day's dose.
PLANNED_DOSE_G = Limits("implausible_dose", _("A planned dose"), 0, 1000, "g", above_low=True)
INTERVAL_DAYS = Limits("implausible_interval", _("A planned interval"), 1, 1000, _("days"))


def _ended_after_start(model: str) -> models.CheckConstraint:
    return rule(
        f"{model}_ended_after_start",
        Q(ended_on__gte=F("started_on")),
        "ends_before_start",
        _("This ends before it began. Correct one of the dates."),
    )


class Regimen(PatientRecord):
    """What was prescribed by one route, from its first day up to the day before ``ended_on``."""

    dated_by = "started_on"

    patient = fields.parent(Patient, _("patient"), "regimens")
    started_on = fields.day(_("start"))
    route = fields.code(_("route"), Route)
    product = fields.name(_("product"), optional=True)
    planned_dose_g = fields.quantity(_("planned dose of a course [g]"), PLANNED_DOSE_G)
    planned_interval_days = fields.count(_("planned interval [days]"), INTERVAL_DAYS)
    ended_on = fields.day(_("end"), optional=True)
    end_reason = fields.code(_("why it ended"), RegimenEndReason, optional=True)

    class Meta(Record.Meta):
        verbose_name = _("regimen")
        constraints = [
            *Record.Meta.constraints,
            once(
                "regimen",
                ["patient", "started_on", "route"],
                _("A regimen of this route begins on this day already. Amend that one instead."),
            ),
            *dated("regimen", "started_on"),
            ExclusionConstraint(
                name="regimen_of_one_route_at_a_time",
                expressions=[
                    ("patient", "="),
                    ("route", "="),
                    (
                        Func(
                            "started_on",
                            "ended_on",
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                condition=STANDING,
                violation_error_code="overlapping_regimens",
                violation_error_message=_(
                    "Another regimen of this route runs at the same time. "
                    "End that one first, or correct the dates."
                ),
            ),
            known("regimen", "route", Route),
            fit("regimen", "product", optional=True),
            plausible("regimen", "planned_dose_g", PLANNED_DOSE_G),
            plausible("regimen", "planned_interval_days", INTERVAL_DAYS),
            known("regimen", "end_reason", RegimenEndReason, optional=True),
            _ended_after_start("regimen"),
            rule(
                "regimen_reason_only_if_ended",
                Q(end_reason="") | Q(ended_on__isnull=False),
                "end_reason_without_end",
                _("A reason for ending needs the day of the end. Give it, or remove the reason."),
            ),
        ]

    def __str__(self):
        return f"{self.route} from {self.started_on}"

    def clean(self):
        collect(
            super().clean,
            partial(
                validate_ended_after_start,
                started_on=self.started_on,
                ended_on=self.ended_on,
                what=_("regimen"),
            ),
            partial(
                validate_reason_only_if_ended, ended_on=self.ended_on, end_reason=self.end_reason
            ),
        )


class DoseAttempt(PatientRecord):
    """An attempt to give less: the proof of dependency, or of its end."""

    dated_by = "attempted_on"

    patient = fields.parent(Patient, _("patient"), "dose_attempts")
    attempted_on = fields.day(_("attempt"))
    kind = fields.code(_("kind"), DoseAttemptKind)
    outcome = fields.code(_("outcome"), DoseAttemptOutcome)

    class Meta(Record.Meta):
        verbose_name = _("dose attempt")
        constraints = [
            *Record.Meta.constraints,
            once(
                "doseattempt",
                ["patient", "attempted_on"],
                _("An attempt of this day is recorded already. Amend that one instead."),
            ),
            *dated("doseattempt", "attempted_on"),
            known("doseattempt", "kind", DoseAttemptKind),
            known("doseattempt", "outcome", DoseAttemptOutcome),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.attempted_on}"


class Immunosuppressant(PatientRecord):
    """Another immunotherapy, from its first day on."""

    dated_by = "started_on"

    patient = fields.parent(Patient, _("patient"), "immunosuppressants")
    drug = fields.name(_("drug"))
    started_on = fields.day(_("start"))
    ended_on = fields.day(_("end"), optional=True)

    class Meta(Record.Meta):
        verbose_name = _("immunosuppressant")
        constraints = [
            *Record.Meta.constraints,
            once(
                "immunosuppressant",
                ["patient", "drug", "started_on"],
                _("This drug is recorded from this day already. Amend that one instead."),
            ),
            *dated("immunosuppressant", "started_on"),
            fit("immunosuppressant", "drug"),
            _ended_after_start("immunosuppressant"),
        ]

    def __str__(self):
        return f"{self.drug} from {self.started_on}"

    def clean(self):
        collect(
            super().clean,
            partial(
                validate_ended_after_start,
                started_on=self.started_on,
                ended_on=self.ended_on,
                what=_("treatment"),
            ),
        )
