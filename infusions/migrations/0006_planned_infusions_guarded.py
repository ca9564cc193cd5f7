"""Plans are guarded, seen and told as what was given is; their day may lie ahead.

A migration of its own: foreign keys are checked when one ends.
"""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from mmn_registry.postgres.isolation import isolate_part
from patients.migrations._guards import guard

TABLE = "infusions_plannedinfusion"


class Migration(migrations.Migration):
    dependencies = [("infusions", "0005_planned_infusions"), ("patients", "0004_trail")]

    operations = [
        guard(TABLE, dates=[], parent="patients_patient", parent_column="patient_id"),
        isolate_part(TABLE, way=[PATIENT]),
        audited(TABLE, patient=[PATIENT]),
    ]
