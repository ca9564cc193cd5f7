"""What is recorded of treatment is in the trail."""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited

INFUSION = ("infusions_infusion", "infusion_id")


class Migration(migrations.Migration):
    dependencies = [("infusions", "0003_isolation"), ("patients", "0004_trail")]

    operations = [
        audited("infusions_infusion", patient=[PATIENT]),
        audited("infusions_infusionlot", patient=[INFUSION, PATIENT]),
        audited("infusions_regimen", patient=[PATIENT]),
        audited("infusions_doseattempt", patient=[PATIENT]),
        audited("infusions_immunosuppressant", patient=[PATIENT]),
        audited("infusions_adversereaction", patient=[PATIENT]),
    ]
