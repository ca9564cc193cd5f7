from mmn_registry.accounts.roles import Permission, Role, roles_with


def test_every_right_is_described_in_a_sentence():
    assert {str(right.description)[-1] for right in Permission} == {"."}


def test_what_each_role_may_do():
    granted = {role: sorted(role.permissions) for role in Role}

    clinical = ["read_identity", "read_records", "write_records"]
    assert granted == {
        "neurologist": clinical,
        "coordinator": sorted(
            [*clinical, "set_standards", "invite_people", "import_records", "export_records"]
        ),
        "national_coordinator": ["read_records"],
        "statistician": ["export_records", "read_records"],
        "auditor": ["read_trail"],
        "administrator": ["manage_centres", "manage_people"],
    }


def test_who_may_write():
    assert roles_with(Permission.WRITE_RECORDS) == [Role.NEUROLOGIST, Role.COORDINATOR]
