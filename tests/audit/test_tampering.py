"""Whatever is done to a sealed and anchored trail from above is found."""

from random import Random

import pytest
from django.core.management import call_command

from mmn_registry.accounts.models import Centre
from mmn_registry.audit import anchors
from mmn_registry.audit.models import Entry
from mmn_registry.audit.sealing import seal
from mmn_registry.audit.verifying import verify
from tests.audit.tampering import KINDS, TABLES, backdate_a_new_entry, rewrite_everything, tampered
from tests.audit.told import above, looking_away

pytestmark = [
    pytest.mark.alone,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "audit"]),
]

SEALS, ENTRIES = 4, 5


@pytest.fixture
def anchor_file(tmp_path):
    """A trail of some seals, its end anchored."""
    for batch in range(SEALS):
        for number in range(ENTRIES):
            Centre.objects.create(code=f"C{batch}{number}")
        seal()
    file = tmp_path / "anchors.txt"
    anchors.append(anchors.last_anchor(), file)
    assert verify(file).findings == []
    return file


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_tampering_is_found_and_sealing_makes_nothing_good(anchor_file, kind):
    """`make prove` does a thousand of them."""
    with above() as session:
        tampered(session, kind, Random(7))

    assert verify(anchor_file).findings != []

    Centre.objects.create(code="LATER")
    seal()

    assert verify(anchor_file).findings != []


def test_a_new_entry_that_claims_to_be_old_is_found_once_it_is_sealed(anchor_file):
    with above() as session:
        tampered(session, backdate_a_new_entry, Random(1))
    seal()

    [finding] = verify(anchor_file).findings
    assert finding.batch == SEALS + 1
    assert "long before it was sealed" in finding.text


def test_an_older_state_brought_back_is_found(anchor_file):
    """As from a backup: everything is consistent, and too short."""
    with above() as session:
        old = {table: session.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    Centre.objects.create(code="LATER")
    seal()
    anchors.append(anchors.last_anchor(), anchor_file)

    with above() as session, looking_away(session, *TABLES):
        kept = [row[0] for row in old["audit_entry"]]
        session.execute("DELETE FROM audit_seal WHERE batch > %s", [SEALS])
        session.execute("DELETE FROM audit_entry WHERE NOT seq = ANY (%s)", [kept])
        session.execute("SELECT setval('audit_entry_seq_seq', %s)", [max(kept)])

    [finding] = verify(anchor_file).findings
    assert (finding.batch, "is gone" in finding.text) == (SEALS + 1, True)

    # Also when the registry has gone on since.
    Centre.objects.create(code="OTHER")
    seal()
    [finding] = verify(anchor_file).findings
    assert (finding.batch, "another one was anchored" in finding.text) == (SEALS + 1, True)


def test_without_anchors_who_rewrites_everything_is_not_found(anchor_file):
    """What anchors are for."""
    with above() as session:
        tampered(session, rewrite_everything, Random(3))

    assert verify().findings == []
    assert verify(anchor_file).first_bad_batch is not None


def test_the_first_bad_seal_is_named(anchor_file):
    seq = Entry.objects.order_by("seq")[ENTRIES + 1].seq
    with above() as session, looking_away(session, "audit_entry"):
        session.execute("UPDATE audit_entry SET verb = 'nothing' WHERE seq >= %s", [seq])

    found = verify(anchor_file)

    assert found.first_bad_batch == 2
    assert [finding.batch for finding in found.findings] == [2, 3, 4]


@pytest.mark.parametrize("last", [2, SEALS])
def test_of_seals_that_are_gone_the_first_is_named(anchor_file, last):
    """From between others, and as the chain's end, which only the anchor remembers."""
    with above() as session, looking_away(session, *TABLES):
        session.execute("DELETE FROM audit_seal WHERE batch BETWEEN 2 AND %s", [last])

    assert verify(anchor_file).first_bad_batch == 2


def test_a_silenced_trigger_is_found(anchor_file):
    with above() as session:
        session.execute("ALTER TABLE patients_visit DISABLE TRIGGER trail_update")
        try:
            findings = [str(finding) for finding in verify(anchor_file).findings]
        finally:
            session.execute("ALTER TABLE patients_visit ENABLE ALWAYS TRIGGER trail_update")

    assert findings == ["patients_visit is not watched: trail_update."]


def test_a_trigger_that_replication_would_skip_is_found(anchor_file):
    with above() as session:
        session.execute("ALTER TABLE patients_visit ENABLE TRIGGER trail_update")
        try:
            findings = [str(finding) for finding in verify(anchor_file).findings]
        finally:
            session.execute("ALTER TABLE patients_visit ENABLE ALWAYS TRIGGER trail_update")

    assert findings == ["patients_visit is not watched: trail_update."]


def test_a_line_that_is_no_anchor_is_found(anchor_file):
    text = anchor_file.read_text()
    anchor_file.write_text(f"{text}2026-01-01T00:00:00+00:00 4 {'zz' * 32}\n")

    [finding] = verify(anchor_file).findings

    assert str(finding) == f"{anchor_file}, line 2 is no anchor."


def test_the_command_says_what_it_looked_at(anchor_file, settings, capsys):
    settings.ANCHOR_FILE = anchor_file

    call_command("verify_audit")

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("20 entries, 20 of them in 4 seals, 1 anchors: ")
    assert said[1] == "Nothing was found."


def test_the_command_fails_and_names_the_first_bad_seal(anchor_file, settings, capsys):
    settings.ANCHOR_FILE = anchor_file
    with above() as session, looking_away(session, "audit_entry"):
        session.execute(
            "DELETE FROM audit_entry WHERE seq = (SELECT last_seq FROM audit_seal WHERE batch = 3)"
        )

    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")

    assert ended.value.code == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "Seal 3: 5 entries were sealed, 4 are there.",
        "First bad seal: 3.",
    ]


def test_the_command_compares_with_anchors_from_elsewhere(anchor_file, settings, tmp_path, capsys):
    settings.ANCHOR_FILE = tmp_path / "lost.txt"

    call_command("verify_audit")
    assert "No anchors in" in capsys.readouterr().err

    call_command("verify_audit", "--anchors", str(anchor_file))
    assert "1 anchors" in capsys.readouterr().out
