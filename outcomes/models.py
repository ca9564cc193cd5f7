"""Outcomes as they were derived last: a copy of what the rules say, rebuilt and never a source.

And what somebody keeps: questions about cohorts, and cohorts as they were.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from mmn_registry.accounts.models import Centre
from patients.models import Patient

CODE_LENGTH = 40
COHORT_NAME_LENGTH = 80


def _code() -> models.CharField:
    """A word of the rules; empty for none."""
    return models.CharField(max_length=CODE_LENGTH)


def _day() -> models.DateField:
    return models.DateField(null=True)


def _count() -> models.IntegerField:
    return models.IntegerField(null=True)


def _number() -> models.FloatField:
    """As it was computed, to the last bit; its unit stands in its name."""
    return models.FloatField(null=True)


def _truth() -> models.BooleanField:
    return models.BooleanField()


def _answer() -> models.BooleanField:
    """Yes, no, or NULL where the question does not arise."""
    return models.BooleanField(null=True)


class PatientOutcome(models.Model):
    """What follows from the records of one patient, from the last of them on.

    The columns of ``outcomes.derivation.lasting.lasting_rows`` under their names; what depends on
    the day asked about is finished by ``as_on`` when they are read. Only ``mmn_derive`` writes.
    """

    # No constraint: its check would lock the patient's row, for which somebody else may wait.
    patient = models.OneToOneField(
        Patient,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,
        related_name="outcome",
    )
    rule_id = _code()
    recorded_until = models.DateField()

    # Treatment (rules, section 1)
    treatment_history = _code()
    index_on = _day()
    onset_to_treatment_years = _number()
    first_route = _code()
    in_primary_table = _truth()
    courses = _count()
    last_infusion_on = _day()
    expected_interval_days = _number()
    last_contact_on = _day()

    # Short-term response (sections 2 and 3)
    baseline_on = _day()
    month6_on = _day()
    affected = _count()
    improvable = _count()
    improved = _count()
    ungraded = _count()
    worsened = _count()
    short_term_response = _code()
    short_term_reason = _code()
    strict_response = _answer()
    provisional = _answer()
    stopped_for_inefficacy_on = _day()
    few_courses = _truth()
    co_treated = _truth()
    month6_at_trough = _truth()
    carried_forward_month6 = _truth()
    uncarried_response = _code()
    uncarried_reason = _code()
    mrc_sum_response = _code()
    mrc_sum_reason = _code()
    mrc_sum_baseline = _number()
    mrc_sum_month6 = _number()
    grip_response = _code()
    grip_reason = _code()

    # Long-term status (section 4)
    follow_up_days = _count()
    off_days = _count()
    long_term_status = _code()
    long_term_group = _code()
    response = _code()
    response_by = _code()
    dependency_proven = _answer()
    relapsed_after_remission = _answer()
    lost_to_follow_up = _answer()
    on_treatment = _truth()
    reference_on = _day()
    relapse_on = _day()
    remission_on = _day()
    remission_days = _number()
    remission_event = _truth()
    relapse_days = _number()
    relapse_event = _truth()
    death_days = _number()

    # Conduction block (section 5)
    study_first_on = _day()
    study_last_on = _day()
    blocks_first = _count()
    blocks_last = _count()
    nerves_blocked_first = _count()
    nerves_blocked_last = _count()
    blocks_lost_to_axonal_loss = _count()
    block_change = _code()
    block_change_reason = _code()

    # Dose (section 6)
    weekly_dose_g = _number()
    weekly_dose_g_per_kg = _number()
    weight_kg = _number()
    weight_on = _day()
    stale_weight = _answer()
    reference_weekly_dose_g = _number()
    dose_ratio = _number()
    dose_trend = _code()
    dose_reason = _code()
    median_course_g = _number()
    median_interval_days = _number()
    reference_median_course_g = _number()
    reference_median_interval_days = _number()
    dose_from_regimen = _truth()
    declining_responsiveness = _answer()

    # Predictors (section 8)
    age_at_onset_years = _number()
    affected_limb_regions = _number()
    mrc_140 = _number()
    atrophy = _answer()
    conduction_blocks = _number()
    anti_gm1_igm = _answer()
    csf_protein_g_per_l = _number()
    ck_u_per_l = _number()
    reflexes_lost = _answer()

    # Courses over the years, a letter per value (derivation.kept_courses reads them)
    strength_course = models.TextField()
    block_course = models.TextField()
    status_course = models.TextField()
    switched_to_sc_on = _day()
    last_route = _code()
    infusions_given = models.TextField()

    # Diagnosis (section 9)
    diagnosis_category = _code()
    diagnosis_reason = _code()
    diagnosis_missing = models.TextField()  # the questions, in one text

    # What was recorded at all
    visits = _count()
    weighed_visits = _count()
    has_onls = _truth()
    has_anti_gm1 = _truth()
    has_grip = _truth()
    has_mmn_rods = _truth()

    # All of them once more, as PostgreSQL generates it (migrations/_packed.py); outcomes/stored.py
    # reads it.
    packed = models.BinaryField(editable=False, null=True)

    def __str__(self):
        return f"Outcomes of {self.patient}"


class StaleMark(models.Model):
    """Something was recorded of a patient since the outcomes were derived; written by triggers.

    Marks are only added and taken away: two people who record at once never wait for each other.
    """

    # No foreign key: who notes it must not wait for the patient's row.
    patient_id = models.UUIDField(db_index=True)
    noted_at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return f"Outcomes of {self.patient_id} are stale since {self.noted_at}"


class SavedCohort(models.Model):
    """A question about patients, kept by name: what was asked, never who answered to it then.

    Its owner's, and of whoever reads the patients of the centre that it is shared with.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # No index of its own: the unique one begins with it.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
    )
    name = models.CharField(
        _("name"),
        max_length=COHORT_NAME_LENGTH,
        validators=[ProhibitNullCharactersValidator()],
        error_messages={"blank": _("Give the cohort a name, so that it is found again.")},
    )
    # As it stands in an address, in its one shortest form; empty asks for everybody.
    query = models.TextField(blank=True, editable=False)
    shared_with = models.ForeignKey(
        Centre,
        on_delete=models.PROTECT,
        verbose_name=_("shared with"),
        related_name="+",
        null=True,
        blank=True,
    )
    saved_at = models.DateTimeField(_("saved"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("saved cohort")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="savedcohort_name_once",
                violation_error_code="duplicate_record",
                violation_error_message=_(
                    "You have a cohort of this name already. Choose another name, or delete that "
                    "one."
                ),
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="savedcohort_has_name",
                violation_error_message=_("Give the cohort a name, so that it is found again."),
            ),
        ]

    def __str__(self):
        return self.name


class FrozenCut(models.Model):
    """A cohort as it was on the day it was frozen: the very bytes of its file, and their hash.

    Read by whoever reads the patients of all its centres as its maker did: a file with full days
    is none for pseudonymised readers. Nothing of it ever changes; it can only be sealed, when it
    was issued anew without somebody, and is then no longer handed out.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    name = models.CharField(
        _("name"),
        max_length=COHORT_NAME_LENGTH,
        validators=[ProhibitNullCharactersValidator()],
        error_messages={"blank": _("Give the cut a name, so that it is found again.")},
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        verbose_name=_("made by"),
        related_name="+",
        db_index=False,
        editable=False,
    )
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    as_of = models.DateField(_("as of"), editable=False)
    # As it stands in an address, and as a person reads it.
    query = models.TextField(blank=True, editable=False)
    sentence = models.TextField(_("cohort"), editable=False)
    rule_id = _code()
    centre_ids = ArrayField(models.UUIDField(), verbose_name=_("centres"), editable=False)
    is_coarse = models.BooleanField(_("in months and bands"), editable=False)
    patients = models.PositiveIntegerField(_("patients"), editable=False)
    content = models.BinaryField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    # Issued anew from which one, without somebody.
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        related_name="replaced_by",
        null=True,
        editable=False,
    )
    sealed_at = models.DateTimeField(_("sealed"), null=True, editable=False)

    class Meta:
        verbose_name = _("frozen cut")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="frozencut_has_name",
                violation_error_message=_("Give the cut a name, so that it is found again."),
            ),
        ]

    def __str__(self):
        return self.name
