"""What a clinician holds the diagnosis to be, beside what the criteria say."""

import datetime
import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0011_persons_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DiagnosisOverride",
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
                ("decided_on", models.DateField()),
                ("opinion", models.CharField(max_length=40)),
                ("grounds", models.TextField()),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="diagnosis_overrides",
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
                "verbose_name": "diagnosis by a clinician",
                "verbose_name_plural": "diagnoses by a clinician",
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
                        name="diagnosisoverride_void_has_reason",
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
                        name="diagnosisoverride_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("patient", "decided_on"),
                        name="diagnosisoverride_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="A diagnosis of this day is recorded already. Amend that one instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decided_on__gte", datetime.date(1900, 1, 1))),
                        name="diagnosisoverride_decided_on_plausible",
                        violation_error_code="implausible_date",
                        violation_error_message="A date before 1900 is not possible here. Check the year.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opinion__in", ["definite", "probable", "possible", "not_met"])
                        ),
                        name="diagnosisoverride_opinion_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: definite, probable, possible, not_met.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "grounds__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            )
                        ),
                        name="diagnosisoverride_grounds_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="This contains a character that cannot be read. Type the text again.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grounds", ""), _negated=True),
                        name="diagnosisoverride_grounds_said",
                        violation_error_code="reason_needed",
                        violation_error_message="Say why the diagnosis is another one than the criteria's.",
                    ),
                ],
            },
        ),
    ]
