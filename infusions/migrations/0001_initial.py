import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("patients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Infusion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="recorded",
                    ),
                ),
                (
                    "amend_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "voided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="voided"
                    ),
                ),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                ("given_on", models.DateField()),
                ("route", models.CharField(max_length=40)),
                ("product", models.CharField(max_length=60)),
                ("dose_g", models.DecimalField(decimal_places=9, max_digits=18)),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="infusions",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "infusion",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InfusionLot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="recorded",
                    ),
                ),
                (
                    "amend_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "voided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="voided"
                    ),
                ),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                ("lot_number", models.CharField(max_length=60)),
                (
                    "dose_g",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "infusion",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="infusions.infusion",
                        verbose_name="infusion",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "lot of an infusion",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Regimen",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="recorded",
                    ),
                ),
                (
                    "amend_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "voided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="voided"
                    ),
                ),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                ("started_on", models.DateField()),
                ("route", models.CharField(max_length=40)),
                ("product", models.CharField(blank=True, db_default="", default="", max_length=60)),
                (
                    "planned_dose_g",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                ("planned_interval_days", models.SmallIntegerField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "end_reason",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="regimens",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "regimen",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AdverseReaction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="recorded",
                    ),
                ),
                (
                    "amend_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "voided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="voided"
                    ),
                ),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                ("occurred_on", models.DateField()),
                ("reaction", models.CharField(max_length=40)),
                ("severity", models.CharField(max_length=40)),
                ("serious", models.BooleanField()),
                ("route", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("product", models.CharField(blank=True, db_default="", default="", max_length=60)),
                (
                    "lot_number",
                    models.CharField(blank=True, db_default="", default="", max_length=60),
                ),
                (
                    "onset_hours",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                ("action", models.TextField(blank=True, db_default="", default="")),
                ("outcome", models.TextField(blank=True, db_default="", default="")),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adverse_reactions",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "adverse reaction",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("void_reason", ""),
                                ("voided_at__isnull", True),
                                ("voided_by__isnull", True),
                            ),
                            models.Q(
                                ("voided_at__isnull", False),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="adversereaction_void_has_reason",
                        violation_error_code="reason_needed",
                        violation_error_message="Say why this record does not count.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amend_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            ),
                            (
                                "void_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            ),
                        ),
                        name="adversereaction_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("patient", "occurred_on", "reaction"),
                        name="adversereaction_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="This reaction of this day is recorded already. Amend that one instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("occurred_on__gte", datetime.date(1900, 1, 1))),
                        name="adversereaction_occurred_on_plausible",
                        violation_error_code="implausible_date",
                        violation_error_message="A date before 1900 is not possible here. Check the year.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reaction__in",
                                [
                                    "headache",
                                    "flushing_or_chills",
                                    "fever",
                                    "nausea_or_vomiting",
                                    "fatigue",
                                    "myalgia_or_back_pain",
                                    "hypotension",
                                    "hypertension",
                                    "tachycardia",
                                    "chest_tightness",
                                    "rash_or_pruritus",
                                    "local_site_reaction",
                                    "aseptic_meningitis",
                                    "haemolysis",
                                    "thromboembolism",
                                    "renal_failure",
                                    "anaphylaxis",
                                    "raised_transaminases",
                                    "neutropenia",
                                    "lung_injury",
                                    "other",
                                ],
                            )
                        ),
                        name="adversereaction_reaction_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: headache, flushing_or_chills, fever, nausea_or_vomiting, fatigue, myalgia_or_back_pain, hypotension, hypertension, tachycardia, chest_tightness, rash_or_pruritus, local_site_reaction, aseptic_meningitis, haemolysis, thromboembolism, renal_failure, anaphylaxis, raised_transaminases, neutropenia, lung_injury, other.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["mild", "moderate", "severe"])),
                        name="adversereaction_severity_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: mild, moderate, severe.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("route__in", ["IV", "SC", "FSC", ""])),
                        name="adversereaction_route_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: IV, SC, FSC.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "product__regex",
                                "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z",
                            ),
                            ("product", ""),
                            _connector="OR",
                        ),
                        name="adversereaction_product_fit",
                        violation_error_code="unfit_name",
                        violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "lot_number__regex",
                                "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z",
                            ),
                            ("lot_number", ""),
                            _connector="OR",
                        ),
                        name="adversereaction_lot_number_fit",
                        violation_error_code="unfit_name",
                        violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("onset_hours__gte", 0), ("onset_hours__lte", 10000)),
                        name="adversereaction_onset_hours_plausible",
                        violation_error_code="implausible_onset",
                        violation_error_message="The onset of a reaction lies between 0 and 10000 hours.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            )
                        ),
                        name="adversereaction_action_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="This contains a character that cannot be read. Type the text again.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            )
                        ),
                        name="adversereaction_outcome_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="This contains a character that cannot be read. Type the text again.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoseAttempt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="recorded",
                    ),
                ),
                (
                    "amend_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "voided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="voided"
                    ),
                ),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                ("attempted_on", models.DateField()),
                ("kind", models.CharField(max_length=40)),
                ("outcome", models.CharField(max_length=40)),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dose_attempts",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "dose attempt",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("void_reason", ""),
                                ("voided_at__isnull", True),
                                ("voided_by__isnull", True),
                            ),
                            models.Q(
                                ("voided_at__isnull", False),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="doseattempt_void_has_reason",
                        violation_error_code="reason_needed",
                        violation_error_message="Say why this record does not count.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amend_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            ),
                            (
                                "void_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            ),
                        ),
                        name="doseattempt_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("patient", "attempted_on"),
                        name="doseattempt_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="An attempt of this day is recorded already. Amend that one instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attempted_on__gte", datetime.date(1900, 1, 1))),
                        name="doseattempt_attempted_on_plausible",
                        violation_error_code="implausible_date",
                        violation_error_message="A date before 1900 is not possible here. Check the year.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["reduction", "longer_interval", "stop"])),
                        name="doseattempt_kind_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: reduction, longer_interval, stop.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["tolerated", "failed", "unknown"])),
                        name="doseattempt_outcome_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: tolerated, failed, unknown.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Immunosuppressant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="recorded",
                    ),
                ),
                (
                    "amend_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "voided_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="voided"
                    ),
                ),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                ("drug", models.CharField(max_length=60)),
                ("started_on", models.DateField()),
                ("ended_on", models.DateField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="immunosuppressants",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "immunosuppressant",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("void_reason", ""),
                                ("voided_at__isnull", True),
                                ("voided_by__isnull", True),
                            ),
                            models.Q(
                                ("voided_at__isnull", False),
                                models.Q(("void_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="immunosuppressant_void_has_reason",
                        violation_error_code="reason_needed",
                        violation_error_message="Say why this record does not count.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amend_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            ),
                            (
                                "void_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            ),
                        ),
                        name="immunosuppressant_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("patient", "drug", "started_on"),
                        name="immunosuppressant_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="This drug is recorded from this day already. Amend that one instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("started_on__gte", datetime.date(1900, 1, 1))),
                        name="immunosuppressant_started_on_plausible",
                        violation_error_code="implausible_date",
                        violation_error_message="A date before 1900 is not possible here. Check the year.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "drug__regex",
                                "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z",
                            )
                        ),
                        name="immunosuppressant_drug_fit",
                        violation_error_code="unfit_name",
                        violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_on__gte", models.F("started_on"))),
                        name="immunosuppressant_ended_after_start",
                        violation_error_code="ends_before_start",
                        violation_error_message="This ends before it began. Correct one of the dates.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("void_reason", ""),
                        ("voided_at__isnull", True),
                        ("voided_by__isnull", True),
                    ),
                    models.Q(
                        ("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="infusion_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amend_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    ),
                    (
                        "void_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    ),
                ),
                name="infusion_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "given_on", "route", "product"),
                name="infusion_once",
                violation_error_code="duplicate_record",
                violation_error_message="This product is recorded for this day and route already. Amend that infusion.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_on__gte", datetime.date(1900, 1, 1))),
                name="infusion_given_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.CheckConstraint(
                condition=models.Q(("route__in", ["IV", "SC", "FSC"])),
                name="infusion_route_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: IV, SC, FSC.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("product__regex", "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z")
                ),
                name="infusion_product_fit",
                violation_error_code="unfit_name",
                violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusion",
            constraint=models.CheckConstraint(
                condition=models.Q(("dose_g__gt", 0), ("dose_g__lte", 400)),
                name="infusion_dose_g_plausible",
                violation_error_code="implausible_dose",
                violation_error_message="A dose is more than 0 g and at most 400 g.",
            ),
        ),
        migrations.AddIndex(
            model_name="infusionlot",
            index=models.Index(fields=["lot_number"], name="infusionlot_by_number"),
        ),
        migrations.AddConstraint(
            model_name="infusionlot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("void_reason", ""),
                        ("voided_at__isnull", True),
                        ("voided_by__isnull", True),
                    ),
                    models.Q(
                        ("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="infusionlot_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusionlot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amend_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    ),
                    (
                        "void_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    ),
                ),
                name="infusionlot_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusionlot",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("infusion", "lot_number"),
                name="infusionlot_once",
                violation_error_code="duplicate_record",
                violation_error_message="This lot is recorded for this infusion already. Keep one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusionlot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "lot_number__regex",
                        "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z",
                    )
                ),
                name="infusionlot_lot_number_fit",
                violation_error_code="unfit_name",
                violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="infusionlot",
            constraint=models.CheckConstraint(
                condition=models.Q(("dose_g__gt", 0), ("dose_g__lte", 400)),
                name="infusionlot_dose_g_plausible",
                violation_error_code="implausible_dose",
                violation_error_message="A dose is more than 0 g and at most 400 g.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("void_reason", ""),
                        ("voided_at__isnull", True),
                        ("voided_by__isnull", True),
                    ),
                    models.Q(
                        ("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="regimen_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amend_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    ),
                    (
                        "void_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    ),
                ),
                name="regimen_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "started_on", "route"),
                name="regimen_once",
                violation_error_code="duplicate_record",
                violation_error_message="A regimen of this route begins on this day already. Amend that one instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(("started_on__gte", datetime.date(1900, 1, 1))),
                name="regimen_started_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                expressions=[
                    ("patient", "="),
                    ("route", "="),
                    (
                        models.Func(
                            "started_on",
                            "ended_on",
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="regimen_of_one_route_at_a_time",
                violation_error_code="overlapping_regimens",
                violation_error_message="Another regimen of this route runs at the same time. End that one first, or correct the dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(("route__in", ["IV", "SC", "FSC"])),
                name="regimen_route_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: IV, SC, FSC.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("product__regex", "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z"),
                    ("product", ""),
                    _connector="OR",
                ),
                name="regimen_product_fit",
                violation_error_code="unfit_name",
                violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(("planned_dose_g__gt", 0), ("planned_dose_g__lte", 1000)),
                name="regimen_planned_dose_g_plausible",
                violation_error_code="implausible_dose",
                violation_error_message="A planned dose is more than 0 g and at most 1000 g.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("planned_interval_days__gte", 1), ("planned_interval_days__lte", 1000)
                ),
                name="regimen_planned_interval_days_plausible",
                violation_error_code="implausible_interval",
                violation_error_message="A planned interval lies between 1 and 1000 days.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "end_reason__in",
                        [
                            "inefficacy",
                            "remission",
                            "adverse_event",
                            "patient_choice",
                            "access",
                            "switch",
                            "other",
                            "",
                        ],
                    )
                ),
                name="regimen_end_reason_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: inefficacy, remission, adverse_event, patient_choice, access, switch, other.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_on__gte", models.F("started_on"))),
                name="regimen_ended_after_start",
                violation_error_code="ends_before_start",
                violation_error_message="This ends before it began. Correct one of the dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="regimen",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_reason", ""), ("ended_on__isnull", False), _connector="OR"
                ),
                name="regimen_reason_only_if_ended",
                violation_error_code="end_reason_without_end",
                violation_error_message="A reason for ending needs the day of the end. Give it, or remove the reason.",
            ),
        ),
    ]
