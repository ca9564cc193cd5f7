"""A patient is offered to another centre, and what became of it."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_trail_of_addresses"),
        ("patients", "0013_diagnosis_override_guarded"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Transfer",
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
                ("study_id", models.CharField(max_length=60)),
                (
                    "offered_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="offered",
                    ),
                ),
                ("outcome", models.CharField(blank=True, db_default="", default="", max_length=40)),
                (
                    "decided_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="decided"),
                ),
                (
                    "decided_by",
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
                    "from_centre",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.centre",
                        verbose_name="from",
                    ),
                ),
                (
                    "offered_by",
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
                    "patient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="patients.patient",
                    ),
                ),
                (
                    "to_centre",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.centre",
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "transfer",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("patient",),
                        name="transfer_one_open",
                        violation_error_code="duplicate_record",
                        violation_error_message="This patient is offered to a centre already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["accepted", "declined", "withdrawn", ""])
                        ),
                        name="transfer_outcome_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: accepted, declined, withdrawn.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_centre", models.F("to_centre")), _negated=True),
                        name="transfer_between_two_centres",
                        violation_error_code="one_centre_twice",
                        violation_error_message="This patient is treated there already. Choose another centre.",
                    ),
                ],
            },
        ),
    ]
