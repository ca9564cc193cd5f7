"""Today, the patient's life, standing parents and versions, held by PostgreSQL."""

from django.db import migrations

from patients.migrations._guards import guard

PATIENT = {"parent": "patients_patient", "parent_column": "patient_id"}
INFUSION = {"parent": "infusions_infusion", "parent_column": "infusion_id"}


class Migration(migrations.Migration):
    dependencies = [("infusions", "0001_initial"), ("patients", "0002_guards")]

    operations = [
        guard("infusions_infusion", dates=["given_on"], dated_by="given_on", **PATIENT),
        guard("infusions_infusionlot", dates=[], **INFUSION),
        guard(
            "infusions_regimen",
            dates=["started_on", "ended_on"],
            dated_by="started_on",
            **PATIENT,
        ),
        guard("infusions_doseattempt", dates=["attempted_on"], dated_by="attempted_on", **PATIENT),
        guard(
            "infusions_immunosuppressant",
            dates=["started_on", "ended_on"],
            dated_by="started_on",
            **PATIENT,
        ),
        guard(
            "infusions_adversereaction", dates=["occurred_on"], dated_by="occurred_on", **PATIENT
        ),
    ]
