"""Documents kept with a patient."""

import datetime
import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0017_study_protocol_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
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
                ("kind", models.CharField(max_length=40)),
                ("dated_on", models.DateField()),
                (
                    "media_type",
                    models.CharField(default="application/pdf", editable=False, max_length=40),
                ),
                ("size_bytes", models.PositiveIntegerField(editable=False)),
                ("sha256", models.CharField(editable=False, max_length=64)),
                ("content", models.BinaryField()),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("voided_at", models.DateTimeField(editable=False, null=True)),
                (
                    "void_reason",
                    models.TextField(blank=True, db_default="", default="", editable=False),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.identitykey",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="patients.patient",
                        verbose_name="patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "voided_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "indexes": [models.Index(fields=["patient"], name="attachment_of_patient")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "emg_report",
                                    "laboratory_report",
                                    "imaging_report",
                                    "letter",
                                    "other",
                                ],
                            )
                        ),
                        name="attachment_kind_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: emg_report, laboratory_report, imaging_report, letter, other.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dated_on__gte", datetime.date(1900, 1, 1))),
                        name="attachment_dated_on_plausible",
                        violation_error_code="implausible_date",
                        violation_error_message="A date before 1900 is not possible here. Check the year.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("media_type", "application/pdf")),
                        name="attachment_is_a_pdf",
                        violation_error_code="not_a_pdf",
                        violation_error_message="Only PDF documents are kept.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size_bytes__gte", 1), ("size_bytes__lte", 10485760)),
                        name="attachment_size",
                        violation_error_code="implausible_size",
                        violation_error_message="A document lies between 1 and 10485760 bytes.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="attachment_checksum",
                        violation_error_code="no_checksum",
                        violation_error_message="A document has its checksum.",
                    ),
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
                        name="attachment_void_has_reason",
                        violation_error_code="reason_needed",
                        violation_error_message="Say why this record does not count.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "void_reason__regex",
                                "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                            )
                        ),
                        name="attachment_reason_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                ],
            },
        ),
    ]
