"""What people may be, and what each may do: a closed list, so that a review can read it whole.

A right always stands with its description; a page that grants a role shows these sentences.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from mmn_registry.principal import Right


class Permission(StrEnum):
    READ_RECORDS = "read_records"
    WRITE_RECORDS = "write_records"
    READ_IDENTITY = "read_identity"
    SET_STANDARDS = "set_standards"
    IMPORT_RECORDS = "import_records"
    EXPORT_RECORDS = "export_records"
    INVITE_PEOPLE = "invite_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_CENTRES = "manage_centres"
    READ_TRAIL = "read_trail"

    @property
    def description(self):
        return DESCRIPTIONS[self]


DESCRIPTIONS = {
    Permission.READ_RECORDS: _("See patients under their study id, and what follows from them."),
    Permission.WRITE_RECORDS: _("Record, amend and void what was observed and given."),
    Permission.READ_IDENTITY: _("See who a patient is: name, birth date, hospital number."),
    Permission.SET_STANDARDS: _(
        "Say what a centre examines and judges by: its protocol, its lower limits of normal."
    ),
    Permission.IMPORT_RECORDS: _("Load many records at once."),
    Permission.EXPORT_RECORDS: _("Take records out of the registry."),
    Permission.INVITE_PEOPLE: _("Invite colleagues to one's own centre."),
    Permission.MANAGE_PEOPLE: _("Open and close accounts, grant and end roles."),
    Permission.MANAGE_CENTRES: _("Open centres and name them."),
    Permission.READ_TRAIL: _("See who read or changed what, and when."),
}


class Role(StrEnum):
    NEUROLOGIST = "neurologist"
    COORDINATOR = "coordinator"
    NATIONAL_COORDINATOR = "national_coordinator"
    STATISTICIAN = "statistician"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def permissions(self) -> frozenset[Permission]:
        return PERMISSIONS[self]

    @property
    def needs_second_factor(self) -> bool:
        return not self.permissions <= ONE_FACTOR_IS_ENOUGH


_CLINICAL = frozenset({Permission.READ_RECORDS, Permission.WRITE_RECORDS, Permission.READ_IDENTITY})
PERMISSIONS = {
    Role.NEUROLOGIST: _CLINICAL,
    Role.COORDINATOR: _CLINICAL
    | {
        Permission.SET_STANDARDS,
        Permission.INVITE_PEOPLE,
        Permission.IMPORT_RECORDS,
        Permission.EXPORT_RECORDS,
    },
    Role.NATIONAL_COORDINATOR: frozenset({Permission.READ_RECORDS}),
    Role.STATISTICIAN: frozenset({Permission.READ_RECORDS, Permission.EXPORT_RECORDS}),
    Role.AUDITOR: frozenset({Permission.READ_TRAIL}),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE, Permission.MANAGE_CENTRES}),
}

# What each role may do with patients' rows, as the database tells it apart. Who does not treat
# reads for research: under the study id, and only of those who did not withdraw from it.
RIGHTS = {
    Role.NEUROLOGIST: frozenset({Right.READ, Right.WRITE, Right.IDENTITY}),
    Role.COORDINATOR: frozenset({Right.READ, Right.WRITE, Right.IDENTITY}),
    Role.NATIONAL_COORDINATOR: frozenset({Right.RESEARCH}),
    Role.STATISTICIAN: frozenset({Right.RESEARCH}),
    Role.AUDITOR: frozenset({Right.TRAIL}),
    Role.ADMINISTRATOR: frozenset(),
}

# Whoever may write, export, see identity or decide about people shows a second factor. Reading
# what is pseudonymised, or the trail, does without.
ONE_FACTOR_IS_ENOUGH = frozenset({Permission.READ_RECORDS, Permission.READ_TRAIL})

# These write or see identity: nobody holds them for all centres at once.
ROLES_OF_ONE_CENTRE = (Role.NEUROLOGIST, Role.COORDINATOR)


def roles_with(permission: Permission) -> list[Role]:
    """Roles that include a permission."""
    return [role for role in Role if permission in role.permissions]
