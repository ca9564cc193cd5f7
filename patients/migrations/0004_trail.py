"""What is recorded of patients is in the trail."""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited
from patients.migrations._trail import CREATE, DROP

VISIT = ("patients_visit", "visit_id")
STUDY = ("patients_nerveconductionstudy", "study_id")


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_isolation"), ("audit", "0001_trail")]

    operations = [
        audited("patients_patient", patient=[]),
        audited("patients_consent", patient=[PATIENT]),
        audited("patients_visit", patient=[PATIENT]),
        audited("patients_musclescore", patient=[VISIT, PATIENT]),
        audited("patients_gripstrength", patient=[VISIT, PATIENT]),
        audited("patients_nerveconductionstudy", patient=[PATIENT]),
        audited("patients_nervesegment", patient=[STUDY, PATIENT]),
        audited("patients_laboratoryresult", patient=[PATIENT]),
        audited("patients_finding", patient=[PATIENT]),
        audited("patients_lowerlimit", centre="r.centre_id"),
        migrations.RunSQL(CREATE, DROP),
    ]
