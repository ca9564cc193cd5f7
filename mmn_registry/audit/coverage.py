"""Which tables the trail watches, and which it leaves alone, each with its reason."""

from dataclasses import dataclass

from .audited import TRIGGERS, TRUNCATE_TRIGGER

# Everything else in the database is watched, or verify_audit and a test say so.
NOT_WATCHED = {
    "django_migrations": "How the tables came about; the same in every registry.",
    "django_content_type": "Names of models; written by migrations.",
    "auth_permission": "Django's permissions, which the registry does not use.",
    "auth_group": "Django's groups, which the registry does not use.",
    "auth_group_permissions": "Django's groups, which the registry does not use.",
    "django_session": "Sessions: who signed in and out is noted, not each page's stamp.",
    "usersessions_usersession": "The list of one's sessions, a copy of the same.",
    "accounts_cache": "Counts of failed sign-ins; a lock-out is noted.",
    "account_emailconfirmation": "Keys sent by mail, which are worth nothing once used.",
    "socialaccount_socialapp": "Single sign-on is set up by the environment; no row is ever made.",
    "socialaccount_socialtoken": "Tokens of other services are not kept.",
    "accounts_keptanswer": "Answers to programs, kept two days; the record itself is watched.",
    "accounts_requestcount": "How often a program asked in this minute.",
    "patients_draft": "What somebody typed and has not saved; their own, and no record yet.",
    "patients_submission": "Keys of forms that were saved; the record itself is watched.",
    "registry_person_key": "Follows from the identities, by a trigger; of use to one function.",
    "registry_person_question": "When somebody asked whether a person is known; each is noted.",
    "registry_withheld_patient": "Follows from the consents, by a trigger.",
    "outcomes_patientoutcome": "Follows from the records, and is derived again at will.",
    "outcomes_stalemark": "Whose outcomes are to be derived again.",
    "mmn_registry_birth": "One row, which never changes.",
    "registry_context_key": "The key that signs who is acting; no one's data.",
    "audit_entry": "The trail itself, which only grows.",
    "audit_seal": "The seals of the trail, which only grow.",
}
ALWAYS = "A"

TABLES = """
SELECT c.relname, array_agg(t.tgname || ' ' || t.tgenabled::text)
    FILTER (WHERE t.tgname LIKE 'trail_%')
FROM pg_class AS c LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f')
GROUP BY c.relname ORDER BY c.relname
"""
WATCHES = {*TRIGGERS.values(), TRUNCATE_TRIGGER}
GROWS = {"trail_append_only", TRUNCATE_TRIGGER}
ONLY_GROW = {"audit_entry", "audit_seal"}


@dataclass(frozen=True)
class Gap:
    """Triggers that a table should have, firing always, and has not."""

    table: str
    missing: frozenset[str]

    def __str__(self):
        return f"{self.table} is not watched: {', '.join(sorted(self.missing))}"


def gaps(cursor) -> list[Gap]:
    """Tables that are neither watched whole nor left alone by name."""
    found = []
    for table, triggers in cursor.execute(TABLES).fetchall():
        needed = GROWS if table in ONLY_GROW else WATCHES
        standing = {name for name in needed if f"{name} {ALWAYS}" in (triggers or ())}
        if standing != needed and (table in ONLY_GROW or table not in NOT_WATCHED):
            found.append(Gap(table, frozenset(needed - standing)))
    return found
