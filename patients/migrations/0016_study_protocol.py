"""What each centre examines in every nerve conduction study."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_trail_of_addresses"),
        ("patients", "0015_transfers_guarded"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProtocolSegment",
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
                ("sides", models.CharField(max_length=40)),
                ("distal_site", models.CharField(max_length=40)),
                ("proximal_site", models.CharField(max_length=40)),
                ("place", models.SmallIntegerField()),
                (
                    "centre",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="protocol",
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
                "verbose_name": "segment of the protocol",
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
                        name="protocolsegment_void_has_reason",
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
                        name="protocolsegment_reasons_readable",
                        violation_error_code="unreadable_character",
                        violation_error_message="A reason contains a character that cannot be read.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("voided_at__isnull", True)),
                        fields=("centre", "nerve", "sides", "distal_site", "proximal_site"),
                        name="protocolsegment_once",
                        violation_error_code="duplicate_record",
                        violation_error_message="The protocol has this segment already. Keep one.",
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
                        name="protocolsegment_nerve_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: median, ulnar, radial, musculocutaneous, fibular, tibial.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sides__in", ["both", "right", "left"])),
                        name="protocolsegment_sides_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: both, right, left.",
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
                        name="protocolsegment_distal_site_known",
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
                        name="protocolsegment_proximal_site_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="This is not a known code here. Use one of: wrist, below_elbow, elbow, above_elbow, axilla, erb, ankle, fibular_head_below, fibular_head_above, popliteal_fossa.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("place__gte", 1), ("place__lte", 99)),
                        name="protocolsegment_place_plausible",
                        violation_error_code="implausible_place",
                        violation_error_message="A place in the protocol lies between 1 and 99.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("distal_site", models.F("proximal_site")), _negated=True
                        ),
                        name="protocolsegment_between_two_sites",
                        violation_error_code="one_site_twice",
                        violation_error_message="A segment runs between two sites. Correct one of them.",
                    ),
                ],
            },
        ),
    ]
