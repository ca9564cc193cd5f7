"""Files of a backup: what is not exactly what was written does not open."""

from contextlib import suppress

import pytest

from mmn_registry.backup import BackupProblem, sealed
from mmn_registry.backup.sealed import Damaged, opened, written

KEY, OTHER = "k" * 40, "o" * 40


def kept(folder, content, key=KEY, name="wal/1"):
    path = folder / name.replace("/", "-")
    with written(path, name, key) as file:
        file.write(content)
    return path


def read(path, key=KEY, name="wal/1"):
    with opened(path, name, key) as file:
        return file.read()


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(sealed, "CHUNK_BYTES", 16)


@pytest.mark.parametrize("key", [KEY, ""])
@pytest.mark.parametrize("length", [0, 1, 100, 5_000_000])
def test_what_was_written_is_read(tmp_path, key, length):
    content = bytes(range(251)) * (length // 251 + 1)

    assert read(kept(tmp_path, content[:length], key), key) == content[:length]


def test_an_encrypted_file_says_nothing_of_what_is_in_it(tmp_path):
    path = kept(tmp_path, b"MMN-001,4+")

    assert b"MMN-001" not in path.read_bytes()
    for key in ("", OTHER):
        with pytest.raises(Damaged):
            read(path, key)


@pytest.mark.parametrize("key", [KEY, ""])
@pytest.mark.usefixtures("small_chunks")
def test_every_bit_that_is_changed_is_found(tmp_path, key):
    path = kept(tmp_path, b"a visit, and its grades; another, without any", key)
    whole = path.read_bytes()
    assert len(whole) > sealed.HEADER_BYTES + 2 * (16 + sealed.TAG_BYTES)  # of several chunks

    for bit in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(Damaged):
            read(path, key)


@pytest.mark.usefixtures("small_chunks")
def test_a_file_that_was_cut_lengthened_or_put_together_otherwise_is_found(tmp_path):
    path = kept(tmp_path, bytes(range(100)))
    whole, head, chunk = path.read_bytes(), sealed.HEADER_BYTES, 16 + sealed.TAG_BYTES
    chunks = [whole[start : start + chunk] for start in range(head, len(whole), chunk)]
    header = whole[:head]
    others = {
        "empty": b"",
        "a header alone": header,
        "without its last chunk": header + b"".join(chunks[:-1]),
        "without one in between": header + b"".join(chunks[:1] + chunks[2:]),
        "two exchanged": header + b"".join([chunks[1], chunks[0], *chunks[2:]]),
        "one twice": header + b"".join([chunks[0], *chunks]),
        "a byte less": whole[:-1],
        "a byte more": whole + b"\0",
    }
    opened_all_the_same = []
    for what, content in others.items():
        path.write_bytes(content)
        with suppress(Damaged):
            read(path)
            opened_all_the_same.append(what)
    assert opened_all_the_same == []


def test_a_file_is_not_another_ones(tmp_path):
    path = kept(tmp_path, b"of Monday", name="monday")

    with pytest.raises(Damaged):
        read(path, name="tuesday")


def test_nothing_is_overwritten_and_a_killed_attempt_is_in_nobodys_way(tmp_path):
    (tmp_path / "wal-1.partial").write_bytes(b"half of it")
    path = kept(tmp_path, b"first")

    with pytest.raises(BackupProblem, match="overwritten"):
        kept(tmp_path, b"second")

    assert read(path) == b"first"
    with suppress(RuntimeError), written(tmp_path / "broken", "broken", KEY) as file:
        file.write(b"half")
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["wal-1"]
