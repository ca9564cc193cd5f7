"""How much each field of the trail gives away.

An entry's values are no fields: who may read them is asked value by value.
"""

from mmn_registry.disclosure import Disclosure, Fields

ADMINISTRATIVE, QUASI = Disclosure.ADMINISTRATIVE, Disclosure.QUASI_IDENTIFYING


def administrative(*names: str) -> Fields:
    return dict.fromkeys(names, ADMINISTRATIVE)


FIELDS: dict[str, Fields] = {
    "audit.Entry": {
        "at": QUASI,  # often the day of what was recorded
        "reason": QUASI,
        **administrative("seq", "xid", "database_role", "kind", "actor_kind", "actor_id"),
        **administrative("actor_name", "action_id", "verb", "request_id", "route", "table_name"),
        **administrative("operation", "record_id", "patient_id", "study_id", "centre_id"),
        **administrative("changed", "rows"),
    },
    "audit.Seal": administrative(
        "batch",
        "sealed_at",
        "formula",
        "entries",
        "count",
        "last_seq",
        "settled",
        "drawn",
        "horizon",
        "root",
        "previous",
        "hash",
    ),
}
