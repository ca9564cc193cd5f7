"""What was given is seen and written as the patient is, held by PostgreSQL."""

from django.db import migrations

from mmn_registry.postgres.isolation import isolate_part

PATIENT = ("patients_patient", "patient_id")
INFUSION = ("infusions_infusion", "infusion_id")


class Migration(migrations.Migration):
    dependencies = [("infusions", "0002_guards"), ("patients", "0003_isolation")]

    operations = [
        isolate_part("infusions_infusion", way=[PATIENT]),
        isolate_part("infusions_infusionlot", way=[INFUSION, PATIENT]),
        isolate_part("infusions_regimen", way=[PATIENT]),
        isolate_part("infusions_doseattempt", way=[PATIENT]),
        isolate_part("infusions_immunosuppressant", way=[PATIENT]),
        isolate_part("infusions_adversereaction", way=[PATIENT]),
    ]
