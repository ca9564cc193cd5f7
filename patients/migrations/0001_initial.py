import datetime
import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Patient",
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
                ("study_id", models.CharField(db_collation="C", max_length=60)),
                ("sex", models.CharField(max_length=40)),
                ("birth_year", models.SmallIntegerField(blank=True, null=True)),
                ("onset_on", models.DateField(blank=True, null=True)),
                (
                    "onset_precision",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                ("diagnosed_on", models.DateField(blank=True, null=True)),
                (
                    "diagnosed_precision",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                ("included_on", models.DateField()),
                ("prior_immunoglobulin", models.CharField(max_length=40)),
                (
                    "clinician_response",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                (
                    "atrophy_at_baseline",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                ("deceased_on", models.DateField(blank=True, null=True)),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patients",
                        to="accounts.centre",
                        verbose_name="centre",
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
                "verbose_name": "patient",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NerveConductionStudy",
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
                ("studied_on", models.DateField()),
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
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nerve_conduction_studies",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "nerve conduction study",
                "verbose_name_plural": "nerve conduction studies",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LaboratoryResult",
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
                ("taken_on", models.DateField()),
                ("test", models.CharField(max_length=40)),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                ("unit", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "interpretation",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                ("method", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("cutoff", models.CharField(blank=True, db_default="", default="", max_length=200)),
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
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="laboratory_results",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "laboratory result",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Finding",
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
                ("observed_on", models.DateField()),
                ("finding", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=40)),
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
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Consent",
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
                ("scope", models.CharField(max_length=40)),
                ("form_version", models.CharField(max_length=60)),
                ("given_on", models.DateField()),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
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
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Visit",
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
                ("visited_on", models.DateField()),
                (
                    "weight_kg",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                ("onls_arm", models.SmallIntegerField(blank=True, null=True)),
                ("onls_leg", models.SmallIntegerField(blank=True, null=True)),
                ("incat_arm", models.SmallIntegerField(blank=True, null=True)),
                ("incat_leg", models.SmallIntegerField(blank=True, null=True)),
                ("mmn_rods", models.SmallIntegerField(blank=True, null=True)),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
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
                "verbose_name": "visit",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MuscleScore",
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
                ("muscle", models.CharField(max_length=40)),
                ("side", models.CharField(max_length=40)),
                ("mrc_grade", models.CharField(max_length=40)),
                (
                    "mrc_thirds",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(mrc_grade="0", then=models.Value(0)),
                            models.When(mrc_grade="1", then=models.Value(3)),
                            models.When(mrc_grade="2-", then=models.Value(5)),
                            models.When(mrc_grade="2", then=models.Value(6)),
                            models.When(mrc_grade="2+", then=models.Value(7)),
                            models.When(mrc_grade="3-", then=models.Value(8)),
                            models.When(mrc_grade="3", then=models.Value(9)),
                            models.When(mrc_grade="3+", then=models.Value(10)),
                            models.When(mrc_grade="4-", then=models.Value(11)),
                            models.When(mrc_grade="4", then=models.Value(12)),
                            models.When(mrc_grade="4+", then=models.Value(13)),
                            models.When(mrc_grade="5-", then=models.Value(14)),
                            models.When(mrc_grade="5", then=models.Value(15)),
                            output_field=models.SmallIntegerField(),
                        ),
                        output_field=models.SmallIntegerField(
                            verbose_name="MRC grade in thirds of a point"
                        ),
                    ),
                ),
                (
                    "not_tested_reason",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                ("not_due_to_mmn", models.BooleanField(blank=True, null=True)),
                ("origin", models.CharField(blank=True, db_default="", default="", max_length=40)),
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
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="muscle_scores",
                        to="patients.visit",
                        verbose_name="visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "muscle score",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="GripStrength",
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
                ("side", models.CharField(max_length=40)),
                ("device", models.CharField(max_length=40)),
                ("value", models.DecimalField(decimal_places=9, max_digits=18)),
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
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grip_strengths",
                        to="patients.visit",
                        verbose_name="visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "grip strength",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LowerLimit",
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
                ("nerve", models.CharField(max_length=40)),
                ("valid_from", models.DateField()),
                ("distal_amplitude_lln_mv", models.DecimalField(decimal_places=9, max_digits=18)),
                (
                    "centre",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lower_limits",
                        to="accounts.centre",
                        verbose_name="centre",
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
                "verbose_name": "lower limit of normal",
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
                        name="lowerlimit_void_has_reason",
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
                        name="lowerlimit_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("centre", "nerve", "valid_from"),
                        name="lowerlimit_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="This centre has a limit for this nerve from this day already. Amend that one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_from__gte", datetime.date(1900, 1, 1))),
                        name="lowerlimit_valid_from_plausible",
                        violation_error_code="implausible_date",
                        violation_error_message="A date before 1900 is not possible here. Check the year.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "nerve__in",
                                [
                                    "median",
                                    "ulnar",
                                    "radial",
                                    "musculocutaneous",
                                    "fibular",
                                    "tibial",
                                ],
                            )
                        ),
                        name="lowerlimit_nerve_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: median, ulnar, radial, musculocutaneous, fibular, tibial.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_amplitude_lln_mv__gt", 0), ("distal_amplitude_lln_mv__lte", 50)
                        ),
                        name="lowerlimit_distal_amplitude_lln_mv_plausible",
                        violation_error_code="implausible_amplitude",
                        violation_error_message="A lower limit of normal is more than 0 mV and at most 50 mV.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NerveSegment",
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
                ("nerve", models.CharField(max_length=40)),
                ("side", models.CharField(max_length=40)),
                ("distal_site", models.CharField(max_length=40)),
                ("proximal_site", models.CharField(max_length=40)),
                (
                    "distal_amplitude_mv",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "proximal_amplitude_mv",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "distal_area_mv_ms",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "proximal_area_mv_ms",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "distal_duration_ms",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "proximal_duration_ms",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "distal_amplitude_lln_mv",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "distance_mm",
                    models.DecimalField(blank=True, decimal_places=9, max_digits=18, null=True),
                ),
                (
                    "excluded",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
                ),
                (
                    "reported_block",
                    models.CharField(blank=True, db_default="", default="", max_length=40),
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
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segments",
                        to="patients.nerveconductionstudy",
                        verbose_name="study",
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
                "verbose_name": "nerve segment",
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
                        name="nervesegment_void_has_reason",
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
                        name="nervesegment_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("study", "nerve", "side", "distal_site", "proximal_site"),
                        name="nervesegment_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="This segment was recorded twice in this study. Keep one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "nerve__in",
                                [
                                    "median",
                                    "ulnar",
                                    "radial",
                                    "musculocutaneous",
                                    "fibular",
                                    "tibial",
                                ],
                            )
                        ),
                        name="nervesegment_nerve_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: median, ulnar, radial, musculocutaneous, fibular, tibial.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["right", "left"])),
                        name="nervesegment_side_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: right, left.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "distal_site__in",
                                [
                                    "wrist",
                                    "below_elbow",
                                    "elbow",
                                    "above_elbow",
                                    "axilla",
                                    "erb",
                                    "ankle",
                                    "fibular_head_below",
                                    "fibular_head_above",
                                    "popliteal_fossa",
                                ],
                            )
                        ),
                        name="nervesegment_distal_site_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: wrist, below_elbow, elbow, above_elbow, axilla, erb, ankle, fibular_head_below, fibular_head_above, popliteal_fossa.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "proximal_site__in",
                                [
                                    "wrist",
                                    "below_elbow",
                                    "elbow",
                                    "above_elbow",
                                    "axilla",
                                    "erb",
                                    "ankle",
                                    "fibular_head_below",
                                    "fibular_head_above",
                                    "popliteal_fossa",
                                ],
                            )
                        ),
                        name="nervesegment_proximal_site_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: wrist, below_elbow, elbow, above_elbow, axilla, erb, ankle, fibular_head_below, fibular_head_above, popliteal_fossa.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("excluded__in", ["anastomosis", "submaximal", "cold", "other", ""])
                        ),
                        name="nervesegment_excluded_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: anastomosis, submaximal, cold, other.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reported_block__in", ["none", "probable", "definite", ""])
                        ),
                        name="nervesegment_reported_block_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: none, probable, definite.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_amplitude_mv__gte", 0), ("distal_amplitude_mv__lte", 50)
                        ),
                        name="nervesegment_distal_amplitude_mv_plausible",
                        violation_error_code="implausible_amplitude",
                        violation_error_message="An amplitude lies between 0 and 50 mV.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proximal_amplitude_mv__gte", 0), ("proximal_amplitude_mv__lte", 50)
                        ),
                        name="nervesegment_proximal_amplitude_mv_plausible",
                        violation_error_code="implausible_amplitude",
                        violation_error_message="An amplitude lies between 0 and 50 mV.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_area_mv_ms__gte", 0), ("distal_area_mv_ms__lte", 1000)
                        ),
                        name="nervesegment_distal_area_mv_ms_plausible",
                        violation_error_code="implausible_area",
                        violation_error_message="The area of a response lies between 0 and 1000 mV·ms.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proximal_area_mv_ms__gte", 0), ("proximal_area_mv_ms__lte", 1000)
                        ),
                        name="nervesegment_proximal_area_mv_ms_plausible",
                        violation_error_code="implausible_area",
                        violation_error_message="The area of a response lies between 0 and 1000 mV·ms.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_duration_ms__gte", 0), ("distal_duration_ms__lte", 200)
                        ),
                        name="nervesegment_distal_duration_ms_plausible",
                        violation_error_code="implausible_duration",
                        violation_error_message="The duration of a response lies between 0 and 200 ms.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proximal_duration_ms__gte", 0), ("proximal_duration_ms__lte", 200)
                        ),
                        name="nervesegment_proximal_duration_ms_plausible",
                        violation_error_code="implausible_duration",
                        violation_error_message="The duration of a response lies between 0 and 200 ms.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_amplitude_lln_mv__gt", 0), ("distal_amplitude_lln_mv__lte", 50)
                        ),
                        name="nervesegment_distal_amplitude_lln_mv_plausible",
                        violation_error_code="implausible_amplitude",
                        violation_error_message="A lower limit of normal is more than 0 mV and at most 50 mV.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("distance_mm__gt", 0), ("distance_mm__lte", 2000)),
                        name="nervesegment_distance_mm_plausible",
                        violation_error_code="implausible_distance",
                        violation_error_message="The length of a segment is more than 0 mm and at most 2000 mm.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_site", models.F("proximal_site")), _negated=True
                        ),
                        name="nervesegment_between_two_sites",
                        violation_error_code="one_site_twice",
                        violation_error_message="A segment runs between two sites. Correct one of them.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="patient",
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
                name="patient_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
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
                name="patient_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("study_id",),
                name="patient_once",
                violation_error_code="duplicate_record",
                violation_error_message="There is a patient with this study id already. Use another one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("onset_on__gte", datetime.date(1900, 1, 1))),
                name="patient_onset_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("diagnosed_on__gte", datetime.date(1900, 1, 1))),
                name="patient_diagnosed_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("included_on__gte", datetime.date(1900, 1, 1))),
                name="patient_included_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("deceased_on__gte", datetime.date(1900, 1, 1))),
                name="patient_deceased_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("study_id__regex", "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z")
                ),
                name="patient_study_id_fit",
                violation_error_code="unfit_name",
                violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("study_id__regex", "[/\\\\?#%]|^\\.+$"), _negated=True),
                name="patient_study_id_in_address",
                violation_error_code="unfit_study_id",
                violation_error_message="A study id stands in addresses: it has no / \\ ? # or percent sign and is not dots alone. Use another one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["female", "male", "other", "unknown"])),
                name="patient_sex_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: female, male, other, unknown.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("birth_year__gte", 1900), ("birth_year__lte", 2200)),
                name="patient_birth_year_plausible",
                violation_error_code="implausible_birth_year",
                violation_error_message="A year of birth lies between 1900 and 2200.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("onset_precision__in", ["year", "month", "day", ""])),
                name="patient_onset_precision_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: year, month, day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("diagnosed_precision__in", ["year", "month", "day", ""])),
                name="patient_diagnosed_precision_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: year, month, day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("onset_on__isnull", True), ("onset_precision", "")),
                    models.Q(
                        ("onset_on__isnull", False),
                        models.Q(("onset_precision", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="patient_onset_on_with_precision",
                violation_error_code="incomplete_partial_date",
                violation_error_message="Give the date together with how much of it is known (year, month or day).",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("onset_precision", "month"), _negated=True),
                        ("onset_on__day", 1),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("onset_precision", "year"), _negated=True),
                        models.Q(("onset_on__day", 1), ("onset_on__month", 1)),
                        _connector="OR",
                    ),
                ),
                name="patient_onset_on_is_first_day",
                violation_error_code="not_its_first_day",
                violation_error_message="A date known to the month or year only is written as its first day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("diagnosed_on__isnull", True), ("diagnosed_precision", "")),
                    models.Q(
                        ("diagnosed_on__isnull", False),
                        models.Q(("diagnosed_precision", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="patient_diagnosed_on_with_precision",
                violation_error_code="incomplete_partial_date",
                violation_error_message="Give the date together with how much of it is known (year, month or day).",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("diagnosed_precision", "month"), _negated=True),
                        ("diagnosed_on__day", 1),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("diagnosed_precision", "year"), _negated=True),
                        models.Q(("diagnosed_on__day", 1), ("diagnosed_on__month", 1)),
                        _connector="OR",
                    ),
                ),
                name="patient_diagnosed_on_is_first_day",
                violation_error_code="not_its_first_day",
                violation_error_message="A date known to the month or year only is written as its first day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("onset_precision", models.F("diagnosed_precision")), _negated=True),
                    ("diagnosed_on__gte", models.F("onset_on")),
                    _connector="OR",
                ),
                name="patient_diagnosed_after_onset",
                violation_error_code="diagnosed_before_onset",
                violation_error_message="The diagnosis lies before the onset. Correct one of the dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("prior_immunoglobulin__in", ["yes", "no", "unknown"])),
                name="patient_prior_immunoglobulin_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: yes, no, unknown.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("clinician_response__in", ["yes", "no", "unknown", ""])),
                name="patient_clinician_response_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: yes, no, unknown.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("atrophy_at_baseline__in", ["yes", "no", "unknown", ""])),
                name="patient_atrophy_at_baseline_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: yes, no, unknown.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("onset_on__year__gte", models.F("birth_year"))),
                name="patient_onset_on_not_before_birth",
                violation_error_code="before_birth",
                violation_error_message="This date lies before the patient's year of birth. Correct one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("diagnosed_on__year__gte", models.F("birth_year"))),
                name="patient_diagnosed_on_not_before_birth",
                violation_error_code="before_birth",
                violation_error_message="This date lies before the patient's year of birth. Correct one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("included_on__year__gte", models.F("birth_year"))),
                name="patient_included_on_not_before_birth",
                violation_error_code="before_birth",
                violation_error_message="This date lies before the patient's year of birth. Correct one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("deceased_on__year__gte", models.F("birth_year"))),
                name="patient_deceased_on_not_before_birth",
                violation_error_code="before_birth",
                violation_error_message="This date lies before the patient's year of birth. Correct one of the two.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nerveconductionstudy",
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
                name="nerveconductionstudy_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nerveconductionstudy",
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
                name="nerveconductionstudy_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nerveconductionstudy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "studied_on"),
                name="nerveconductionstudy_once",
                violation_error_code="duplicate_record",
                violation_error_message="This patient has a study on this day already. Add its segments to that one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="nerveconductionstudy",
            constraint=models.CheckConstraint(
                condition=models.Q(("studied_on__gte", datetime.date(1900, 1, 1))),
                name="nerveconductionstudy_studied_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
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
                name="laboratoryresult_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
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
                name="laboratoryresult_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "taken_on", "test"),
                name="laboratoryresult_once",
                violation_error_code="duplicate_record",
                violation_error_message="This test of this day is recorded already. Amend that result instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("taken_on__gte", datetime.date(1900, 1, 1))),
                name="laboratoryresult_taken_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "test__in",
                        [
                            "anti_gm1_igm",
                            "csf_protein",
                            "ck",
                            "igg_pre",
                            "igg_post",
                            "iga",
                            "haemoglobin",
                            "creatinine",
                        ],
                    )
                ),
                name="laboratoryresult_test_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: anti_gm1_igm, csf_protein, ck, igg_pre, igg_post, iga, haemoglobin, creatinine.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("interpretation__in", ["negative", "borderline", "positive", "high", ""])
                ),
                name="laboratoryresult_interpretation_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: negative, borderline, positive, high.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0), ("value__lte", 99999999)),
                name="laboratoryresult_value_plausible",
                violation_error_code="implausible_result",
                violation_error_message="A result lies between 0 and 99999999.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit__regex", "\\A[^\\u0001-\\u001f\\u007f-\\u009f]*\\Z")),
                name="laboratoryresult_unit_readable",
                violation_error_code="unreadable_character",
                violation_error_message="This contains a character that cannot be read. Type the text again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__regex", "\\A[^\\u0001-\\u001f\\u007f-\\u009f]*\\Z")),
                name="laboratoryresult_method_readable",
                violation_error_code="unreadable_character",
                violation_error_message="This contains a character that cannot be read. Type the text again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratoryresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("cutoff__regex", "\\A[^\\u0001-\\u001f\\u007f-\\u009f]*\\Z")),
                name="laboratoryresult_cutoff_readable",
                violation_error_code="unreadable_character",
                violation_error_message="This contains a character that cannot be read. Type the text again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
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
                name="finding_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
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
                name="finding_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "observed_on", "finding"),
                name="finding_once",
                violation_error_code="duplicate_record",
                violation_error_message="This finding of this day is recorded already. Amend that one instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("observed_on__gte", datetime.date(1900, 1, 1))),
                name="finding_observed_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "finding__in",
                        [
                            "weakness_over_1_month",
                            "weakness_in_2_nerves",
                            "sensory_loss_beyond_vibration",
                            "upper_motor_neuron_signs",
                            "marked_bulbar_involvement",
                            "diffuse_symmetric_onset",
                            "reflexes_reduced_or_absent",
                            "cramps_or_fasciculations",
                            "plexus_mri_t2",
                            "sensory_conduction_normal",
                            "improved_after_immunoglobulin",
                        ],
                    )
                ),
                name="finding_finding_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: weakness_over_1_month, weakness_in_2_nerves, sensory_loss_beyond_vibration, upper_motor_neuron_signs, marked_bulbar_involvement, diffuse_symmetric_onset, reflexes_reduced_or_absent, cramps_or_fasciculations, plexus_mri_t2, sensory_conduction_normal, improved_after_immunoglobulin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["present", "absent", "not_examined"])),
                name="finding_state_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: present, absent, not_examined.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
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
                name="consent_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
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
                name="consent_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "scope", "form_version", "given_on"),
                name="consent_once",
                violation_error_code="duplicate_record",
                violation_error_message="This consent is recorded already. Amend that one instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("given_on__gte", datetime.date(1900, 1, 1))),
                name="consent_given_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["registry", "research", "contact"])),
                name="consent_scope_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: registry, research, contact.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "form_version__regex",
                        "\\A(?![=+@ -])[^\\u0001-\\u001f\\u007f-\\u009f]+(?<! )\\Z",
                    )
                ),
                name="consent_form_version_fit",
                violation_error_code="unfit_name",
                violation_error_message="A name has no = + - or @ at its start and no space at either end. Correct the name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_on__gte", models.F("given_on"))),
                name="consent_withdrawn_after_given",
                violation_error_code="withdrawn_before_given",
                violation_error_message="This consent was withdrawn before it was given. Correct one of the dates.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
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
                name="visit_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
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
                name="visit_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("patient", "visited_on"),
                name="visit_once",
                violation_error_code="duplicate_record",
                violation_error_message="This patient has a visit on this day already. Amend that one instead.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("visited_on__gte", datetime.date(1900, 1, 1))),
                name="visit_visited_on_plausible",
                violation_error_code="implausible_date",
                violation_error_message="A date before 1900 is not possible here. Check the year.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight_kg__gte", 1), ("weight_kg__lte", 300)),
                name="visit_weight_kg_plausible",
                violation_error_code="implausible_weight",
                violation_error_message="A weight lies between 1 and 300 kg.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("onls_arm__gte", 0), ("onls_arm__lte", 5)),
                name="visit_onls_arm_plausible",
                violation_error_code="implausible_score",
                violation_error_message="The arm score of ONLS lies between 0 and 5.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("onls_leg__gte", 0), ("onls_leg__lte", 7)),
                name="visit_onls_leg_plausible",
                violation_error_code="implausible_score",
                violation_error_message="The leg score of ONLS lies between 0 and 7.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("incat_arm__gte", 0), ("incat_arm__lte", 5)),
                name="visit_incat_arm_plausible",
                violation_error_code="implausible_score",
                violation_error_message="The arm score of INCAT lies between 0 and 5.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("incat_leg__gte", 0), ("incat_leg__lte", 5)),
                name="visit_incat_leg_plausible",
                violation_error_code="implausible_score",
                violation_error_message="The leg score of INCAT lies between 0 and 5.",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(("mmn_rods__gte", 0), ("mmn_rods__lte", 50)),
                name="visit_mmn_rods_plausible",
                violation_error_code="implausible_score",
                violation_error_message="The total of MMN-RODS lies between 0 and 50.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
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
                name="musclescore_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
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
                name="musclescore_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("visit", "muscle", "side"),
                name="musclescore_once",
                violation_error_code="duplicate_record",
                violation_error_message="This muscle was scored twice on this side at this visit. Keep one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "muscle__in",
                        [
                            "shoulder_abduction",
                            "elbow_flexion",
                            "elbow_extension",
                            "wrist_extension",
                            "wrist_flexion",
                            "finger_extension",
                            "finger_flexion",
                            "first_dorsal_interosseous",
                            "thumb_abduction",
                            "thumb_adduction",
                            "thumb_flexion",
                            "thumb_extension",
                            "hip_flexion",
                            "knee_extension",
                            "knee_flexion",
                            "ankle_dorsiflexion",
                            "ankle_plantarflexion",
                            "great_toe_extension",
                        ],
                    )
                ),
                name="musclescore_muscle_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: shoulder_abduction, elbow_flexion, elbow_extension, wrist_extension, wrist_flexion, finger_extension, finger_flexion, first_dorsal_interosseous, thumb_abduction, thumb_adduction, thumb_flexion, thumb_extension, hip_flexion, knee_extension, knee_flexion, ankle_dorsiflexion, ankle_plantarflexion, great_toe_extension.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["right", "left"])),
                name="musclescore_side_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: right, left.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "mrc_grade__in",
                        [
                            "0",
                            "1",
                            "2-",
                            "2",
                            "2+",
                            "3-",
                            "3",
                            "3+",
                            "4-",
                            "4",
                            "4+",
                            "5-",
                            "5",
                            "NT",
                        ],
                    )
                ),
                name="musclescore_mrc_grade_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: 0, 1, 2-, 2, 2+, 3-, 3, 3+, 4-, 4, 4+, 5-, 5, NT.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "not_tested_reason__in",
                        ["pain", "immobilised", "absent_limb", "refused", "not_done", ""],
                    )
                ),
                name="musclescore_not_tested_reason_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: pain, immobilised, absent_limb, refused, not_done.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin__in", ["graded", "carried_forward", "rest_normal", ""])
                ),
                name="musclescore_origin_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: graded, carried_forward, rest_normal.",
            ),
        ),
        migrations.AddConstraint(
            model_name="musclescore",
            constraint=models.CheckConstraint(
                condition=models.Q(("not_tested_reason", ""), ("mrc_grade", "NT"), _connector="OR"),
                name="musclescore_reason_only_if_not_tested",
                violation_error_code="reason_although_tested",
                violation_error_message="A muscle with a grade has no reason for not being tested. Remove the reason, or record NT.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gripstrength",
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
                name="gripstrength_void_has_reason",
                violation_error_code="reason_needed",
                violation_error_message="Say why this record does not count.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gripstrength",
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
                name="gripstrength_reasons_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gripstrength",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voided_at__isnull", True)),
                fields=("visit", "side", "device"),
                name="gripstrength_once",
                violation_error_code="duplicate_record",
                violation_error_message="This hand was measured twice with this device at this visit. Keep one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gripstrength",
            constraint=models.CheckConstraint(
                condition=models.Q(("side__in", ["right", "left"])),
                name="gripstrength_side_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: right, left.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gripstrength",
            constraint=models.CheckConstraint(
                condition=models.Q(("device__in", ["vigorimeter_kpa", "jamar_kg"])),
                name="gripstrength_device_known",
                violation_error_code="invalid_choice",
                violation_error_message="This is not a known code here. Use one of: vigorimeter_kpa, jamar_kg.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gripstrength",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0), ("value__lte", 200)),
                name="gripstrength_value_plausible",
                violation_error_code="implausible_grip",
                violation_error_message="A grip lies between 0 and 200 kPa or kg.",
            ),
        ),
    ]
