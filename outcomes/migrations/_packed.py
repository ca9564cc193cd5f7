"""The values of a kept row a second time, as bytes: one column to read instead of a hundred.

PostgreSQL keeps it true of the others. Applied migrations stand on this file; one that adds or
removes a column of the table says `pack_rows` behind it.
"""

from django.db import migrations, models

TABLE = "outcomes_patientoutcome"
MISSING_WHOLE = -(2**31)


def _bytes(field: models.Field) -> str:
    """SQL: a value in a number of bytes that is the same for all values of its kind."""
    column = f'"{field.column}"'
    if isinstance(field, models.FloatField):
        return f"float8send(coalesce({column}, 'NaN'))"
    if isinstance(field, models.DateField):
        return f"int4send(coalesce({column} - DATE '1970-01-01', {MISSING_WHOLE}))"
    if isinstance(field, models.IntegerField):
        return f"int4send(coalesce({column}, {MISSING_WHOLE}))"
    if isinstance(field, models.BooleanField):
        return f"coalesce(boolsend({column}), '\\xff'::bytea)"
    # A word by its hash: a new one needs no migration.
    return f"substr(sha256({column}::text::bytea), 1, 2)"


def _pack(apps, schema_editor) -> None:
    fields = apps.get_model("outcomes", "PatientOutcome")._meta.concrete_fields
    apart = {"patient", "rule_id", "packed"}
    fixed = {f.name: f for f in fields if not isinstance(f, models.TextField)}
    packed = " || ".join(_bytes(fixed[name]) for name in sorted({*fixed} - apart))
    schema_editor.execute(f"ALTER TABLE {TABLE} DROP COLUMN IF EXISTS packed")
    schema_editor.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN packed bytea GENERATED ALWAYS AS ({packed}) STORED"
    )


pack_rows = migrations.RunPython(_pack, migrations.RunPython.noop, elidable=False)
