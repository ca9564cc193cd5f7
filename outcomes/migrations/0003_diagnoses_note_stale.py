"""A diagnosis by a clinician leaves a mark, like every record, although no rule reads it yet."""

from importlib import import_module

from django.db import migrations

staleness = import_module("outcomes.migrations.0002_staleness")


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0002_staleness"),
        ("patients", "0013_diagnosis_override_guarded"),
    ]

    operations = [
        staleness.notes_stale("patients_diagnosisoverride", "patient_id", staleness.ITSELF),
    ]
