"""The patient under a study id, and what the patient consented to."""

from functools import partial

from django.db import models
from django.db.models import F, Max, Min, Q
from django.utils.translation import gettext_lazy as _

from patients.validators import (
    STUDY_ID_MISFIT,
    STUDY_ID_SENTENCE,
    Limits,
    collect,
    validate_diagnosed_after_onset,
    validate_partial_date,
    validate_study_id,
    validate_withdrawn_after_given,
    validate_within_life,
)
from patients.vocabulary import ConsentScope, DatePrecision, Sex, YesNoUnknown

from . import fields
from .constraints import dated, fit, known, once, plausible, rule
from .record import PatientRecord, Record

# The end is open: a year of birth lies before inclusion, and inclusion is not after today.
BIRTH_YEAR = Limits("implausible_birth_year", _("A year of birth"), 1900, 2200)
DATES = ("onset_on", "diagnosed_on", "included_on", "deceased_on")


def _partial_date_rules(date: str, precision: str) -> list[models.CheckConstraint]:
    """Both or neither; a month is its first day, a year its first of January."""
    neither = Q(**{f"{date}__isnull": True, precision: ""})
    both = Q(**{f"{date}__isnull": False}) & ~Q(**{precision: ""})
    not_a_month = ~Q(**{precision: DatePrecision.MONTH.value})
    not_a_year = ~Q(**{precision: DatePrecision.YEAR.value})
    first_day = (not_a_month | Q(**{f"{date}__day": 1})) & (
        not_a_year | Q(**{f"{date}__month": 1, f"{date}__day": 1})
    )
    return [
        rule(
            f"patient_{date}_with_precision",
            neither | both,
            "incomplete_partial_date",
            _("Give the date together with how much of it is known (year, month or day)."),
        ),
        rule(
            f"patient_{date}_is_first_day",
            first_day,
            "not_its_first_day",
            _("A date known to the month or year only is written as its first day."),
        ),
    ]


def _not_before_birth(date: str) -> models.CheckConstraint:
    return rule(
        f"patient_{date}_not_before_birth",
        Q(**{f"{date}__year__gte": F("birth_year")}),
        "before_birth",
        _("This date lies before the patient's year of birth. Correct one of the two."),
    )


class Patient(Record):
    """A person with multifocal motor neuropathy; identity lives elsewhere."""

    centre_path = "centre"
    parent_key = ""

    # Bytewise order, as everywhere that files and pages depend on it.
    study_id = fields.name(_("study id"), extra_validators=[validate_study_id], db_collation="C")
    centre = models.ForeignKey(
        "accounts.Centre",
        on_delete=models.PROTECT,
        verbose_name=_("centre"),
        related_name="patients",
    )
    sex = fields.code(_("sex"), Sex)
    birth_year = fields.count(_("year of birth"), BIRTH_YEAR)
    onset_on = fields.day(_("onset"), optional=True)
    onset_precision = fields.code(_("onset known to the"), DatePrecision, optional=True)
    diagnosed_on = fields.day(_("diagnosis"), optional=True)
    diagnosed_precision = fields.code(_("diagnosis known to the"), DatePrecision, optional=True)
    included_on = fields.day(_("inclusion"))
    prior_immunoglobulin = fields.code(_("immunoglobulin before inclusion"), YesNoUnknown)
    clinician_response = fields.code(
        _("response in the clinician's opinion"), YesNoUnknown, optional=True
    )
    atrophy_at_baseline = fields.code(_("atrophy at baseline"), YesNoUnknown, optional=True)
    deceased_on = fields.day(_("death"), optional=True)

    class Meta(Record.Meta):
        verbose_name = _("patient")
        constraints = [
            *Record.Meta.constraints,
            once(
                "patient",
                ["study_id"],
                _("There is a patient with this study id already. Use another one."),
            ),
            *dated("patient", *DATES),
            fit("patient", "study_id"),
            rule(
                "patient_study_id_in_address",
                ~Q(study_id__regex=STUDY_ID_MISFIT),
                "unfit_study_id",
                STUDY_ID_SENTENCE,
            ),
            known("patient", "sex", Sex),
            plausible("patient", "birth_year", BIRTH_YEAR),
            known("patient", "onset_precision", DatePrecision, optional=True),
            known("patient", "diagnosed_precision", DatePrecision, optional=True),
            *_partial_date_rules("onset_on", "onset_precision"),
            *_partial_date_rules("diagnosed_on", "diagnosed_precision"),
            rule(
                "patient_diagnosed_after_onset",
                ~Q(onset_precision=F("diagnosed_precision")) | Q(diagnosed_on__gte=F("onset_on")),
                "diagnosed_before_onset",
                _("The diagnosis lies before the onset. Correct one of the dates."),
            ),
            known("patient", "prior_immunoglobulin", YesNoUnknown),
            known("patient", "clinician_response", YesNoUnknown, optional=True),
            known("patient", "atrophy_at_baseline", YesNoUnknown, optional=True),
            *(_not_before_birth(date) for date in DATES),
        ]

    def __str__(self):
        return self.study_id

    def clean(self):
        collect(
            super().clean,
            *(partial(self._validate_partial_date, kind) for kind in ("onset", "diagnosed")),
            partial(
                validate_diagnosed_after_onset,
                onset_on=self.onset_on,
                onset_precision=self.onset_precision,
                diagnosed_on=self.diagnosed_on,
                diagnosed_precision=self.diagnosed_precision,
            ),
            *(partial(self._validate_not_before_birth, date) for date in DATES),
            self._validate_records_within_life,
        )

    def _validate_partial_date(self, kind: str) -> None:
        day, precision = getattr(self, f"{kind}_on"), getattr(self, f"{kind}_precision")
        validate_partial_date(f"{kind}_on", day=day, precision=precision)

    def _validate_not_before_birth(self, date: str) -> None:
        day = getattr(self, date)
        validate_within_life(date, day=day, deceased_on=None, birth_year=self.birth_year)

    def _validate_records_within_life(self) -> None:
        """A death or a year of birth that stored records contradict."""
        if self._state.adding or (self.deceased_on is None and self.birth_year is None):
            return
        earliest, latest = self._days_of_records()
        validate_within_life(
            "deceased_on", day=latest, deceased_on=self.deceased_on, birth_year=None
        )
        validate_within_life(
            "birth_year", day=earliest, deceased_on=None, birth_year=self.birth_year
        )

    def _days_of_records(self):
        """The first and the last day of the patient's life that a record tells of."""
        spans = [
            model.objects.filter(patient=self)
            .values("patient")
            .annotate(first=Min(model.dated_by), last=Max(model.dated_by))
            .values_list("first", "last")
            for model in (relation.related_model for relation in self._meta.related_objects)
            if issubclass(model, PatientRecord)
        ]
        days = [day for span in spans[0].union(*spans[1:]) for day in span]
        return (min(days), max(days)) if days else (None, None)


class Consent(Record):
    """What a patient agreed to, in which version of the form; silent about it after withdrawal."""

    patient = fields.parent(Patient, _("patient"), "consents")
    scope = fields.code(_("scope"), ConsentScope)
    # The bundle's column ``version``; a record's own version is another thing.
    form_version = fields.name(_("version of the form"))
    given_on = fields.day(_("given"))
    withdrawn_on = fields.day(_("withdrawn"), optional=True)

    class Meta(Record.Meta):
        verbose_name = _("consent")
        constraints = [
            *Record.Meta.constraints,
            once(
                "consent",
                ["patient", "scope", "form_version", "given_on"],
                _("This consent is recorded already. Amend that one instead."),
            ),
            *dated("consent", "given_on"),
            known("consent", "scope", ConsentScope),
            fit("consent", "form_version"),
            rule(
                "consent_withdrawn_after_given",
                Q(withdrawn_on__gte=F("given_on")),
                "withdrawn_before_given",
                _("This consent was withdrawn before it was given. Correct one of the dates."),
            ),
        ]

    def __str__(self):
        return f"{self.get_scope_display()} {self.form_version}, {self.given_on}"

    def clean(self):
        super().clean()
        validate_withdrawn_after_given(given_on=self.given_on, withdrawn_on=self.withdrawn_on)
