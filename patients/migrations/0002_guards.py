"""Today, the patient's life, standing parents and versions, held by PostgreSQL."""

from django.db import migrations

from patients.calendar import settle_time_zone
from patients.migrations._guards import DROP_FUNCTIONS, FUNCTIONS, guard

PATIENT = {"parent": "patients_patient", "parent_column": "patient_id"}
VISIT = {"parent": "patients_visit", "parent_column": "visit_id"}
STUDY = {"parent": "patients_nerveconductionstudy", "parent_column": "study_id"}


def tell_time_zone(_apps, schema_editor):
    settle_time_zone(using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [
        migrations.RunPython(tell_time_zone, migrations.RunPython.noop),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        guard("patients_patient", dates=["onset_on", "diagnosed_on", "included_on", "deceased_on"]),
        guard("patients_consent", dates=["given_on", "withdrawn_on"], **PATIENT),
        guard("patients_visit", dates=["visited_on"], dated_by="visited_on", **PATIENT),
        guard("patients_musclescore", dates=[], **VISIT),
        guard("patients_gripstrength", dates=[], **VISIT),
        guard(
            "patients_nerveconductionstudy", dates=["studied_on"], dated_by="studied_on", **PATIENT
        ),
        guard("patients_nervesegment", dates=[], **STUDY),
        guard("patients_laboratoryresult", dates=["taken_on"], dated_by="taken_on", **PATIENT),
        guard("patients_finding", dates=["observed_on"], dated_by="observed_on", **PATIENT),
        guard("patients_lowerlimit", dates=["valid_from"], parent_column="centre_id"),
    ]
