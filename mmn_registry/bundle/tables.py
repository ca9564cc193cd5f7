"""All tables of the bundle, in the order in which they depend on each other."""

from infusions import interchange as infusions
from mmn_registry.interchange import Table
from patients import interchange as patients

TABLES: tuple[Table, ...] = (
    patients.CENTRES,
    patients.PATIENTS,
    patients.VISITS,
    patients.MUSCLE_SCORES,
    patients.GRIP_STRENGTHS,
    infusions.INFUSIONS,
    infusions.INFUSION_LOTS,
    infusions.REGIMENS,
    infusions.DOSE_ATTEMPTS,
    infusions.IMMUNOSUPPRESSANTS,
    patients.STUDIES,
    patients.NERVE_SEGMENTS,
    patients.LABORATORY,
    patients.FINDINGS,
    infusions.ADVERSE_REACTIONS,
    patients.CONSENTS,
    patients.LOWER_LIMITS,
)
FILES = tuple(table.file for table in TABLES if table.has_file)

_TABLE_OF = {table.model: table for table in TABLES}


def parent_of(table: Table) -> Table | None:
    """The table of the rows that this one's belong to."""
    return _TABLE_OF[table.parent.related_model] if table.parent else None


def ancestors_of(table: Table) -> list[Table]:
    """Parent, its parent, and so on."""
    parent = parent_of(table)
    return [parent, *ancestors_of(parent)] if parent else []
