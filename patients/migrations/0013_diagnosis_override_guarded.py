"""Guards, row-level security and trail of diagnoses by a clinician.

A migration of its own: foreign keys are checked when one ends, and must see the rows then.
"""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from mmn_registry.postgres.isolation import isolate_part
from patients.migrations._guards import guard


class Migration(migrations.Migration):
    dependencies = [("patients", "0012_diagnosis_override"), ("audit", "0001_trail")]

    operations = [
        guard(
            "patients_diagnosisoverride",
            dates=["decided_on"],
            dated_by="decided_on",
            parent="patients_patient",
            parent_column="patient_id",
        ),
        isolate_part("patients_diagnosisoverride", way=[PATIENT]),
        audited("patients_diagnosisoverride", patient=[PATIENT]),
    ]
