"""Who patients are: a table of its own, for those with the right to it and nobody else."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

from mmn_registry.postgres.isolation import reaches
from mmn_registry.postgres.roles import DERIVE, revoke

TABLES = ("patients_identity", "patients_identitykey")


def isolated(table: str) -> migrations.RunSQL:
    """A row is seen with the right to identity where its patient is, and written with both rights.

    No policy for owners' functions nor for who derives: neither has business here.
    """
    patient = f"SELECT FROM patients_patient WHERE patients_patient.id = {table}.patient_id AND "
    read = f"EXISTS ({patient}{reaches('identity', 'centre_id')})"
    write = (
        f"EXISTS ({patient}{reaches('identity', 'centre_id')} AND {reaches('write', 'centre_id')})"
    )
    return migrations.RunSQL(
        [
            f"CREATE POLICY reads ON {table} FOR SELECT USING ({read})",
            f"CREATE POLICY records ON {table} FOR INSERT WITH CHECK ({write})",
            f"CREATE POLICY amends ON {table} FOR UPDATE USING ({write}) WITH CHECK ({write})",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        ],
        [
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
            *(f"DROP POLICY {name} ON {table}" for name in ("reads", "records", "amends")),
        ],
    )


DESTROYED_FOR_GOOD = """
CREATE FUNCTION registry_destroyed_for_good() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.destroyed_at IS NOT NULL OR NEW.patient_id <> OLD.patient_id THEN
        RAISE EXCEPTION 'A destroyed key stays destroyed, and a key its patient''s.'
            USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registry_5_destroyed_for_good BEFORE UPDATE ON patients_identitykey
    FOR EACH ROW EXECUTE FUNCTION registry_destroyed_for_good();
ALTER TABLE patients_identitykey ENABLE ALWAYS TRIGGER registry_5_destroyed_for_good;
"""
UNDO_DESTROYED_FOR_GOOD = """
DROP TRIGGER registry_5_destroyed_for_good ON patients_identitykey;
DROP FUNCTION registry_destroyed_for_good;
"""

# The same as without arguments, of what a page or an answer is about.
WITHHELD_COUNT = """
CREATE FUNCTION registry_withheld_count(as_of date, centre_codes text[]) RETURNS bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FROM public.patients_patient AS patient
    JOIN public.registry_withheld_patient AS withheld ON withheld.patient_id = patient.id
    JOIN public.accounts_centre AS centre ON centre.id = patient.centre_id
    WHERE patient.voided_at IS NULL AND patient.included_on <= as_of
    AND (centre_codes IS NULL OR centre.code = ANY (centre_codes))
    AND NOT (SELECT public.registry_everywhere('read'))
    AND patient.centre_id <> ALL ((SELECT public.registry_centres('read'))::uuid[])
    AND ((SELECT public.registry_everywhere('research'))
        OR patient.centre_id = ANY ((SELECT public.registry_centres('research'))::uuid[]))
$$;
"""
DROP_WITHHELD_COUNT = "DROP FUNCTION registry_withheld_count(date, text[])"


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0003_isolation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("wrapped_key", models.TextField(blank=True)),
                ("master_key_id", models.CharField(max_length=16)),
                (
                    "made_at",
                    models.DateTimeField(db_default=Now()),
                ),
                ("destroyed_at", models.DateTimeField(null=True)),
                ("destroy_reason", models.TextField(blank=True, db_default="", default="")),
                (
                    "destroyed_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("family_name", models.TextField(blank=True, db_default="", default="")),
                ("given_name", models.TextField(blank=True, db_default="", default="")),
                ("born_on", models.TextField(blank=True, db_default="", default="")),
                ("hospital_number", models.TextField(blank=True, db_default="", default="")),
                (
                    "family_name_index",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
                (
                    "given_name_index",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
                (
                    "born_on_index",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
                (
                    "hospital_number_index",
                    models.CharField(blank=True, db_default="", default="", max_length=64),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1)),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=Now()),
                ),
                ("amend_reason", models.TextField(blank=True, db_default="", default="")),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "patient",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.identitykey",
                    ),
                ),
            ],
            options={
                "verbose_name": "identity",
            },
        ),
        migrations.AddConstraint(
            model_name="identitykey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("destroyed_at__isnull", True)),
                fields=("patient",),
                name="identitykey_one_in_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitykey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("destroy_reason", ""),
                        ("destroyed_at__isnull", True),
                        ("wrapped_key__regex", "^1:[A-Za-z0-9_-]{60,}={0,2}$"),
                    ),
                    models.Q(
                        ("destroyed_at__isnull", False),
                        ("wrapped_key", ""),
                        models.Q(("destroy_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="identitykey_wrapped_until_destroyed",
                violation_error_code="not_a_wrapped_key",
                violation_error_message="A key is stored wrapped, or destroyed with a reason.",
            ),
        ),
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(
                condition=models.Q(("family_name_index", ""), _negated=True),
                fields=["family_name_index"],
                name="identity_by_family_name",
            ),
        ),
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(
                condition=models.Q(("given_name_index", ""), _negated=True),
                fields=["given_name_index"],
                name="identity_by_given_name",
            ),
        ),
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(
                condition=models.Q(("born_on_index", ""), _negated=True),
                fields=["born_on_index"],
                name="identity_by_born_on",
            ),
        ),
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(
                condition=models.Q(("hospital_number_index", ""), _negated=True),
                fields=["hospital_number_index"],
                name="identity_by_hospital_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("family_name", ""),
                        ("family_name__regex", "^1:[0-9a-f]{32}:[A-Za-z0-9_-]{60,}={0,2}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("given_name", ""),
                        ("given_name__regex", "^1:[0-9a-f]{32}:[A-Za-z0-9_-]{60,}={0,2}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("born_on", ""),
                        ("born_on__regex", "^1:[0-9a-f]{32}:[A-Za-z0-9_-]{60,}={0,2}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("hospital_number", ""),
                        ("hospital_number__regex", "^1:[0-9a-f]{32}:[A-Za-z0-9_-]{60,}={0,2}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("family_name_index", ""),
                        ("family_name_index__regex", "^[0-9a-f]{64}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("given_name_index", ""),
                        ("given_name_index__regex", "^[0-9a-f]{64}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("born_on_index", ""),
                        ("born_on_index__regex", "^[0-9a-f]{64}$"),
                        _connector="OR",
                    ),
                    models.Q(
                        ("hospital_number_index", ""),
                        ("hospital_number_index__regex", "^[0-9a-f]{64}$"),
                        _connector="OR",
                    ),
                ),
                name="identity_is_ciphertext",
                violation_error_code="not_ciphertext",
                violation_error_message="Who a patient is, is never stored in clear.",
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("born_on", ""),
                        ("family_name", ""),
                        ("given_name", ""),
                        ("hospital_number", ""),
                        ("born_on_index", ""),
                        ("family_name_index", ""),
                        ("given_name_index", ""),
                        ("hospital_number_index", ""),
                    ),
                    _connector="OR",
                ),
                name="identity_erased_is_empty",
                violation_error_code="not_erased",
                violation_error_message="An erased identity holds no value.",
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amend_reason__regex",
                        "\\A[^\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*\\Z",
                    )
                ),
                name="identity_reason_readable",
                violation_error_code="unreadable_character",
                violation_error_message="A reason contains a character that cannot be read.",
            ),
        ),
        migrations.RunSQL(DESTROYED_FOR_GOOD, UNDO_DESTROYED_FOR_GOOD),
        *(isolated(table) for table in TABLES),
        *(
            migrations.RunSQL(revoke("ALL", on=table, from_=DERIVE), migrations.RunSQL.noop)
            for table in TABLES
        ),
        migrations.RunSQL(WITHHELD_COUNT, DROP_WITHHELD_COUNT),
    ]
