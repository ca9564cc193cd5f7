"""The protocol of a centre is written by its own people; its changes are in the trail."""

from django.db import migrations

from mmn_registry.audit.audited import audited
from mmn_registry.postgres.isolation import isolate, reaches
from patients.migrations._guards import guard


class Migration(migrations.Migration):
    dependencies = [("patients", "0016_study_protocol")]

    operations = [
        guard("patients_protocolsegment", dates=[], parent_column="centre_id"),
        isolate("patients_protocolsegment", also_read=reaches("research", "centre_id")),
        audited("patients_protocolsegment", centre="r.centre_id"),
    ]
