"""Seals: every entry once, whatever writers do meanwhile, and no false alarm."""

import hashlib
import json
import threading
from datetime import UTC, timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections

from mmn_registry import principal
from mmn_registry.accounts.models import Centre
from mmn_registry.audit import anchors, sealing
from mmn_registry.audit.hashes import ENTRY_HASH
from mmn_registry.audit.models import Entry, Seal
from mmn_registry.audit.sealing import MayNotSeal, seal
from mmn_registry.audit.verifying import verify
from mmn_registry.management.commands.worker import chores
from tests.audit.told import above

pytestmark = [
    pytest.mark.alone,
    pytest.mark.django_db(transaction=True, databases=["default", "owner", "audit"]),
]


def write(count: int = 1, prefix: str = "C") -> None:
    known = Centre.objects.filter(code__startswith=prefix).count()
    for number in range(known, known + count):
        Centre.objects.create(code=f"{prefix}{number:04}")


def sealed_numbers() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generate_series(lower(r), upper(r) - 1) FROM audit_seal, "
            "unnest(entries::int8multirange) AS r"
        )
        return [seq for (seq,) in cursor.fetchall()]


def numbers() -> list[int]:
    return list(Entry.objects.order_by("seq").values_list("seq", flat=True))


def test_what_was_written_is_sealed_once():
    write(3)
    assert seal() == 3
    assert seal() == 0
    write(2)
    assert seal() == 2

    assert sorted(sealed_numbers()) == numbers()
    assert list(Seal.objects.order_by("batch").values_list("batch", "count")) == [(1, 3), (2, 2)]


def test_a_seal_continues_the_one_before():
    for _twice in range(2):
        write()
        seal()

    first, second = Seal.objects.order_by("batch")
    assert bytes(first.previous) == b""
    assert bytes(second.previous) == bytes(first.hash)
    told = (
        f"{second.sealed_at.astimezone(UTC).isoformat(timespec='microseconds')} {second.entries} "
        f"2 1 1 {second.last_seq} {second.settled} {second.drawn} {second.horizon}"
    )
    expected = hashlib.sha256(bytes(second.previous) + bytes(second.root) + told.encode())
    assert bytes(second.hash) == expected.digest()


def test_the_hash_of_an_entry_covers_every_column():
    """Computed once more, outside PostgreSQL."""
    write()
    with above() as session:
        session.execute("SET timezone = 'UTC'")
        names = [
            name
            for (name,) in session.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_entry'::regclass "
                "AND attnum > 0 AND NOT attisdropped ORDER BY attname"
            ).fetchall()
        ]
        row = session.execute(
            f"SELECT {', '.join(names)}, old::text, new::text, {ENTRY_HASH} FROM audit_entry AS e"
        ).fetchone()
    *values, _old, new, found = row
    entry = dict(zip(names, values, strict=True))
    entry["at"] = int(entry["at"].timestamp() * 1_000_000)
    in_order = [
        "seq",
        "at",
        "xid",
        "database_role",
        "kind",
        "actor_kind",
        "actor_id",
        "actor_name",
        "action_id",
        "verb",
        "reason",
        "request_id",
        "route",
        "table_name",
        "operation",
        "record_id",
        "patient_id",
        "study_id",
        "centre_id",
        "changed",
        "rows",
        "old",
    ]
    assert sorted([*in_order, "new"]) == names
    parts = [json.dumps(entry[name], default=str) for name in in_order]
    text = "[" + ", ".join([*parts, new]) + "]"
    assert bytes(found) == hashlib.sha256(text.encode()).digest()


def test_entries_that_appear_late_are_sealed_late():
    """A transaction that drew its numbers first may be the last to commit."""
    with above() as slow:
        write()
        slow.execute("BEGIN")
        slow.execute("INSERT INTO accounts_centre (code, name) VALUES ('SLOW', '')")
        write()
        assert seal() == 2
        write()
        assert seal() == 1
        slow.execute("COMMIT")
        write()

    assert seal() == 2
    assert sorted(sealed_numbers()) == numbers()
    assert verify().findings == []


def test_numbers_that_were_never_used_are_settled_in_time():
    with above() as session:
        session.execute("BEGIN")
        session.execute("INSERT INTO accounts_centre (code, name) VALUES ('GONE', '')")
        session.execute("ROLLBACK")
    for _pass in range(3):
        write()
        seal()

    last = Seal.objects.latest("batch")
    assert last.settled == last.last_seq - 1  # all that was drawn when the seal before was made


def test_a_running_transaction_holds_back_what_is_settled():
    with above() as slow:
        slow.execute("BEGIN")
        slow.execute("INSERT INTO accounts_centre (code, name) VALUES ('SLOW', '')")
        for _pass in range(3):
            write()
            seal()
        assert Seal.objects.latest("batch").settled == 0
        slow.execute("COMMIT")
    for _pass in range(2):
        write()
        seal()

    assert Seal.objects.latest("batch").settled > 0
    assert sorted(sealed_numbers()) == numbers()


def test_more_than_fits_one_seal_takes_several(monkeypatch):
    monkeypatch.setattr(sealing, "ENTRIES_PER_SEAL", 4)
    write(10)

    assert seal() == 10

    assert list(Seal.objects.order_by("batch").values_list("count", flat=True)) == [4, 4, 2]
    assert sorted(sealed_numbers()) == numbers()
    assert verify().findings == []


def test_two_sealers_do_not_seal_anything_twice():
    write(20)
    at_once = threading.Barrier(3)

    def also():
        with principal.in_force(principal.operator("tests")):
            at_once.wait()
            seal()
            connections.close_all()

    sealers = [threading.Thread(target=also) for _ in range(3)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()

    assert sorted(sealed_numbers()) == numbers()


def test_nobody_is_alarmed_while_others_write_and_seal(tmp_path):
    """Some commit late, some never; a check sees one moment."""
    done = threading.Event()
    problems = []

    def writing(name: str):
        parameters = connections["owner"].get_connection_params()
        with psycopg.connect(**parameters, autocommit=True) as session:
            number = 0
            while not done.is_set():
                number += 1
                with session.transaction(force_rollback=number % 5 == 0):
                    session.execute(
                        "INSERT INTO accounts_centre (code, name) VALUES (%s, '')",
                        [f"{name}{number:06}"],
                    )
                    if number % 3 == 0:
                        session.execute("SELECT pg_sleep(0.02)")

    def sealing_too():
        with principal.in_force(principal.operator("tests")):
            try:
                while not done.is_set():
                    seal()
                    anchors.append(anchors.last_anchor(), tmp_path / "anchors.txt")
            except Exception as problem:  # noqa: BLE001 — told by the test's own thread
                problems.append(problem)
            connections.close_all()

    write()
    others = [threading.Thread(target=writing, args=(name,)) for name in ("A", "B", "D")]
    others.append(threading.Thread(target=sealing_too))
    for other in others:
        other.start()
    try:
        found = [verify(*tmp_path.glob("anchors.txt")) for _check in range(25)]
    finally:
        done.set()
        for other in others:
            other.join()
    seal()

    assert problems == []
    assert [check.findings for check in found] == [[]] * 25
    assert found[-1].seals > 3
    assert found[-1].entries > found[0].entries
    assert verify(tmp_path / "anchors.txt").findings == []
    assert sorted(sealed_numbers()) == numbers()


def test_the_command_seals_and_tells_the_end_of_the_chain(settings, tmp_path, capsys):
    settings.ANCHOR_FILE = tmp_path / "elsewhere" / "anchors.txt"
    write(2)

    call_command("seal_audit")
    assert capsys.readouterr().out == "2 new entries sealed.\n"
    assert not settings.ANCHOR_FILE.exists()

    call_command("seal_audit", "--anchor", "--print")
    call_command("seal_audit", "--anchor")
    write()
    call_command("seal_audit", "--anchor")

    first, second = Seal.objects.order_by("batch")
    lines = settings.ANCHOR_FILE.read_text().splitlines()
    assert [line.split()[1:] for line in lines] == [
        ["1", bytes(first.hash).hex()],
        ["2", bytes(second.hash).hex()],
    ]
    assert capsys.readouterr().out.startswith(lines[0])
    assert settings.ANCHOR_FILE.stat().st_mode & 0o777 == 0o600


def test_an_empty_trail_has_no_end_to_anchor(settings, tmp_path, capsys):
    settings.ANCHOR_FILE = tmp_path / "anchors.txt"

    call_command("seal_audit", "--anchor", "--print")

    assert not settings.ANCHOR_FILE.exists()
    assert verify().findings == []


def test_a_role_that_may_not_seal_is_told_so(settings):
    write()
    connections["audit"].close()
    usual = dict(connections["audit"].settings_dict)
    connections["audit"].settings_dict.update(
        {name: connections["default"].settings_dict[name] for name in ("USER", "PASSWORD")}
    )
    try:
        with pytest.raises(MayNotSeal, match="may not seal the trail"):
            call_command("seal_audit")
    finally:
        connections["audit"].close()
        connections["audit"].settings_dict.update(usual)


def test_the_worker_seals_each_minute_and_anchors_each_quarter(settings, tmp_path):
    settings.ANCHOR_FILE = tmp_path / "anchors.txt"
    write()
    todo = {chore.name: chore for chore in chores()}

    todo["seal the trail"].do()
    assert Seal.objects.count() == 1
    todo["anchor the trail"].do()
    assert len(settings.ANCHOR_FILE.read_text().splitlines()) == 1

    minutes = [
        todo[name].every / timedelta(minutes=1) for name in ("seal the trail", "anchor the trail")
    ]
    assert minutes == [1, 15]
