"""What somebody above the database could do to a sealed trail: each a function that does it.

Every kind picks its victim at random, so that a drill can do a thousand of them; each leaves the
triggers as they were, as somebody would who wants to be found by nobody.
"""

import hashlib
from collections.abc import Callable
from random import Random

import psycopg

from mmn_registry.audit.hashes import ROOT, Sealed
from tests.audit.told import looking_away

TABLES = ("audit_entry", "audit_seal")
Kind = Callable[[psycopg.Connection, Random], None]


def _sealed_seq(session, random: Random) -> int:
    last = session.execute("SELECT max(last_seq) FROM audit_seal").fetchone()[0]
    at = random.randint(1, last)
    return session.execute("SELECT max(seq) FROM audit_entry WHERE seq <= %s", [at]).fetchone()[
        0
    ] or _sealed_seq(session, random)


def edit_a_value(session, random):
    seq = _sealed_seq(session, random)
    session.execute(
        "UPDATE audit_entry SET new = coalesce(new, '{}') || jsonb_build_object('value', %s::text) "
        "WHERE seq = %s",
        [str(random.random()), seq],
    )


def blame_somebody_else(session, random):
    session.execute(
        "UPDATE audit_entry SET actor_id = gen_random_uuid(), actor_name = actor_name || 'x' "
        "WHERE seq = %s",
        [_sealed_seq(session, random)],
    )


def backdate_by_a_microsecond(session, random):
    session.execute(
        "UPDATE audit_entry SET at = at - interval '1 microsecond' WHERE seq = %s",
        [_sealed_seq(session, random)],
    )


def delete_an_entry(session, random):
    session.execute("DELETE FROM audit_entry WHERE seq = %s", [_sealed_seq(session, random)])


def insert_an_entry(session, random):
    """Between others, as if it had always been there."""
    _copy_entry(session, _sealed_seq(session, random), "0")


def insert_an_entry_into_a_seal(session, random):
    """In the place of a number that was never used, with its seal saying so."""
    batch, entries = session.execute(
        "SELECT batch, entries FROM audit_seal ORDER BY random() LIMIT 1"
    ).fetchone()
    _copy_entry(session, _sealed_seq(session, random), "0")
    session.execute(
        "UPDATE audit_seal SET count = count + 1, "
        "entries = (%s::int8multirange + '{[0,1)}')::text WHERE batch = %s",
        [entries, batch],
    )


def backdate_a_new_entry(session, random):
    """With the next free number, so that it will be sealed as if it were genuine."""
    seq = _copy_entry(session, _sealed_seq(session, random), "nextval('audit_entry_seq_seq')")
    session.execute("UPDATE audit_entry SET at = at - interval '1 year' WHERE seq = %s", [seq])


def swap_two_entries(session, random):
    one, other = _sealed_seq(session, random), _sealed_seq(session, random)
    while other == one:
        one, other = _sealed_seq(session, random), _sealed_seq(session, random)
    for old, new in ((one, -1), (other, one), (-1, other)):
        session.execute("UPDATE audit_entry SET seq = %s WHERE seq = %s", [new, old])


def move_an_entry_to_another_seal(session, random):
    batches = [b for (b,) in session.execute("SELECT batch FROM audit_seal").fetchall()]
    here, there = random.sample(batches, 2)
    session.execute(
        "WITH moved AS (SELECT lower(entries::int8multirange) AS seq FROM audit_seal "
        "WHERE batch = %(here)s), "
        "one AS (SELECT int8multirange(int8range(seq, seq, '[]')) AS range FROM moved) "
        "UPDATE audit_seal SET entries = (CASE batch WHEN %(here)s "
        "THEN entries::int8multirange - (SELECT range FROM one) "
        "ELSE entries::int8multirange + (SELECT range FROM one) END)::text, "
        "count = count + CASE batch WHEN %(here)s THEN -1 ELSE 1 END "
        "WHERE batch IN (%(here)s, %(there)s)",
        {"here": here, "there": there},
    )


def drop_the_tail(session, random):
    """Everything after some seal, entries and seals."""
    last = session.execute("SELECT max(batch) FROM audit_seal").fetchone()[0]
    _drop_after(session, random.randint(0, last - 1))


def go_on_from_an_older_state(session, random):
    """A backup brought back, and other work done and sealed until there are as many seals."""
    last = session.execute("SELECT max(batch) FROM audit_seal").fetchone()[0]
    kept = random.randint(1, last - 1)
    _drop_after(session, kept)
    for batch in range(kept + 1, last + 1):
        source = _sealed_seq(session, random)
        seq = _copy_entry(session, source, "(SELECT max(seq) + 1 FROM audit_entry)")
        names = ", ".join(Sealed.columns())
        values = names.replace("last_seq", "%(seq)s").replace("batch", "%(batch)s")
        values = values.replace("entries", "%(entries)s").replace("count", "1")
        session.execute(
            f"INSERT INTO audit_seal ({names}, hash) SELECT {values}, hash FROM audit_seal "
            "WHERE batch = %(batch)s - 1",
            {"seq": seq, "batch": batch, "entries": f"{{[{seq},{seq + 1})}}"},
        )
    _chain_anew(session)


def _drop_after(session, batch: int) -> None:
    session.execute("DELETE FROM audit_seal WHERE batch > %s", [batch])
    session.execute(
        "DELETE FROM audit_entry WHERE seq > coalesce((SELECT max(last_seq) FROM audit_seal), 0)"
    )


def drop_a_seal(session, random):
    last = session.execute("SELECT max(batch) FROM audit_seal").fetchone()[0]
    session.execute("DELETE FROM audit_seal WHERE batch = %s", [random.randint(1, last)])


def rewrite_everything(session, random):
    """Edit an entry and make the whole chain anew, without a fault."""
    edit_a_value(session, random)
    _chain_anew(session)


def _chain_anew(session) -> None:
    """Only what differs is written, as somebody would who leaves few traces."""
    names = ", ".join(Sealed.columns())
    previous = b""
    seals = session.execute(f"SELECT {names}, hash FROM audit_seal ORDER BY batch").fetchall()
    for *told, before in seals:
        values = dict(zip(Sealed.columns(), told, strict=True))
        (values["root"],) = session.execute(
            f"SELECT {ROOT} FROM unnest(%s::int8multirange) AS numbers JOIN audit_entry AS e "
            "ON seq >= lower(numbers) AND seq < upper(numbers)",
            [values["entries"]],
        ).fetchone()
        seal = Sealed(**values | {"previous": previous})
        previous = seal.chain_hash()
        if previous != before:
            session.execute(
                "UPDATE audit_seal SET root = %s, previous = %s, hash = %s WHERE batch = %s",
                [seal.root, seal.previous, previous, seal.batch],
            )


def begin_a_chain_anew(session, _random):
    """All seals gone: the next pass would seal everything as new."""
    session.execute("DELETE FROM audit_seal")


def break_a_hash(session, random):
    last = session.execute("SELECT max(batch) FROM audit_seal").fetchone()[0]
    session.execute(
        "UPDATE audit_seal SET hash = %s WHERE batch = %s",
        [hashlib.sha256(random.randbytes(8)).digest(), random.randint(1, last)],
    )


def _copy_entry(session, seq: int, new_seq: str) -> int:
    columns = ", ".join(
        name
        for (name,) in session.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_entry'::regclass "
            "AND attnum > 0 AND attname <> 'seq' AND NOT attisdropped"
        ).fetchall()
    )
    return session.execute(
        f"INSERT INTO audit_entry (seq, {columns}) SELECT {new_seq}, {columns} "
        "FROM audit_entry WHERE seq = %s RETURNING seq",
        [seq],
    ).fetchone()[0]


KINDS: tuple[Kind, ...] = (
    edit_a_value,
    blame_somebody_else,
    backdate_by_a_microsecond,
    delete_an_entry,
    insert_an_entry,
    insert_an_entry_into_a_seal,
    swap_two_entries,
    move_an_entry_to_another_seal,
    drop_the_tail,
    go_on_from_an_older_state,
    drop_a_seal,
    rewrite_everything,
    begin_a_chain_anew,
    break_a_hash,
)


def tampered(session: psycopg.Connection, kind: Kind, random: Random) -> None:
    with looking_away(session, *TABLES):
        kind(session, random)
