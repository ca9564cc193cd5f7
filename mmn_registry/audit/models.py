"""The trail: who wrote, read, exported or was refused what, when and why; and its seals.

Both tables are append-only, also for their owner. PostgreSQL writes the entries; nothing here may.
An entry's values, ``old`` and ``new``, are no fields: the application's role cannot select them,
and reads them through ``registry_trail_values()``, which asks for the clinical right.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """One row written, or one thing noted."""

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()  # one instant for all rows of a statement
    xid = models.BigIntegerField()  # the transaction, in the cluster in which it ran
    database_role = models.TextField()  # as which the session signed in
    kind = models.TextField()
    actor_kind = models.TextField()
    # No foreign key: people stay in the trail whatever becomes of their accounts.
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField()
    # One for all that a person would call one thing done; raw SQL gets one per transaction.
    action_id = models.UUIDField()
    verb = models.TextField()
    reason = models.TextField()
    request_id = models.TextField()
    route = models.TextField()
    table_name = models.TextField()
    operation = models.TextField()
    record_id = models.TextField(db_collation="C")
    patient_id = models.UUIDField(null=True)
    study_id = models.TextField(db_collation="C")  # as the patient was called then
    centre_id = models.UUIDField(null=True)
    changed = ArrayField(models.TextField(), null=True)  # the columns that an update changed
    rows = models.BigIntegerField(null=True)  # how many were read or exported

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(
                fields=["patient_id"],
                condition=Q(patient_id__isnull=False),
                name="audit_entry_of_patient",
            ),
            # A patient's records are found by the patient, and need no index of their own.
            models.Index(
                fields=["table_name", "record_id", "seq"],
                condition=Q(patient_id__isnull=True),
                name="audit_entry_of_record",
            ),
            models.Index(fields=["action_id", "at"], name="audit_entry_of_action"),
            # An import's million rows are few steps of a walk along it: a statement's share `at`.
            models.Index(fields=["centre_id", "at", "action_id"], name="audit_entry_of_centre"),
        ]

    def __str__(self):
        return str(self.seq)


class Seal(models.Model):
    """Entries that were sealed together, chained to the seal before."""

    batch = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    sealed_at = models.DateTimeField()
    formula = models.SmallIntegerField()  # by which the hashes below were made
    entries = models.TextField()  # their numbers, as an int8multirange
    count = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    # All numbers up to `settled` are sealed by now, or were never used and never will be.
    settled = models.BigIntegerField()
    # Up to `drawn` numbers had been drawn, by transactions before `horizon`.
    drawn = models.BigIntegerField()
    horizon = models.BigIntegerField()
    root = models.BinaryField()  # hash of the entries' hashes
    previous = models.BinaryField()  # hash of the seal before; of the first, nothing
    hash = models.BinaryField()

    class Meta:
        db_table = "audit_seal"

    def __str__(self):
        return str(self.batch)
