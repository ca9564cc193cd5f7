"""That an identity was written is in the trail, as ciphertext; keys and hashes never are."""

from django.db import migrations

from mmn_registry.audit.audited import PATIENT, audited

HASHES = ["family_name_index", "given_name_index", "born_on_index", "hospital_number_index"]


class Migration(migrations.Migration):
    dependencies = [("patients", "0005_identity"), ("patients", "0004_trail")]

    operations = [
        audited("patients_identity", patient=[PATIENT], left_out=HASHES),
        audited("patients_identitykey", patient=[PATIENT], secret=["wrapped_key"]),
    ]
