"""Drafts and saved forms, each person's own; and who confirmed an unusual value."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

PERSON = {
    "db_index": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": settings.AUTH_USER_MODEL,
}


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_identity_trail"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
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
                ("record_id", models.UUIDField(verbose_name="record")),
                ("code", models.CharField(max_length=40)),
                ("field", models.CharField(max_length=80, verbose_name="value of")),
                ("value", models.CharField(max_length=40, verbose_name="value")),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="confirmed",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(null=True, verbose_name="confirmed by", **PERSON),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("patient", "record_id", "code", "field", "value"),
                        name="confirmation_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="This was confirmed already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.UUIDField()),
                ("address", models.CharField(max_length=300)),
                ("typed", models.TextField(verbose_name="what was typed")),
                (
                    "saved_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("owner", models.ForeignKey(**PERSON)),
                (
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "key"), name="draft_of_one_form")
                ],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.UUIDField()),
                ("record_id", models.UUIDField()),
                (
                    "saved_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("owner", models.ForeignKey(**PERSON)),
            ],
            options={
                "verbose_name": "saved form",
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "key"), name="submission_of_one_form")
                ],
            },
        ),
    ]
