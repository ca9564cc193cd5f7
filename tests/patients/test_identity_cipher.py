"""Values that are readable with their patient's key alone, and found however they are spelt."""

from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from mmn_registry.identity_cipher import (
    DataKey,
    MasterKey,
    MasterKeys,
    Undecipherable,
    normalised,
)

OLD, NEW = "o" * 40, "n" * 40
LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.fixture
def key():
    return DataKey.made(uuid4())


@given(LETTERS)
def test_what_was_encrypted_is_read_again(value):
    key = DataKey.made(uuid4())

    assert key.decrypted("family_name", key.encrypted("family_name", value)) == value


def test_the_same_value_is_never_written_twice_alike(key):
    assert key.encrypted("family_name", "Okapi") != key.encrypted("family_name", "Okapi")


def test_nothing_stays_nothing(key):
    assert (key.encrypted("family_name", ""), key.decrypted("family_name", "")) == ("", "")


def test_lengths_tell_little(key):
    assert len({len(key.encrypted("given_name", "x" * n)) for n in range(1, 33)}) == 1


def test_a_value_cannot_be_moved_to_another_field_or_patient(key):
    stored = key.encrypted("family_name", "Okapi")

    for thief, field in ((key, "given_name"), (DataKey.made(uuid4()), "family_name")):
        with pytest.raises(Undecipherable):
            thief.decrypted(field, stored)


@pytest.mark.parametrize("changed", ["1:00", "1:00:!!!!", "nonsense", "1:00:AAAA"])
def test_what_is_no_ciphertext_is_refused_in_a_sentence(key, changed):
    with pytest.raises(Undecipherable, match="not written with this patient's key"):
        key.decrypted("family_name", changed)


def test_a_wrapped_key_opens_with_its_master_key_and_for_its_own_record_alone(key):
    master, key_id = MasterKey(OLD), uuid4()
    wrapped = DataKey.made(key_id).wrapped_by(master)

    assert master.unwrapped(wrapped, key_id)
    for other, its_id in ((MasterKey(NEW), key_id), (master, uuid4())):
        with pytest.raises(Undecipherable):
            other.unwrapped(wrapped, its_id)


def test_a_text_that_waits_is_opened_by_the_key_that_sealed_it():
    sealed = MasterKey(OLD).sealed("family_name=Okapi")

    assert "Okapi" not in sealed
    assert MasterKey(OLD).opened(sealed) == "family_name=Okapi"
    with pytest.raises(Undecipherable):
        MasterKey(NEW).opened(sealed)


def test_a_key_that_is_not_there_is_called_by_its_id():
    missing = MasterKey(OLD).id

    with pytest.raises(Undecipherable, match=missing):
        MasterKeys(NEW).called(missing)
    assert MasterKeys(NEW, [OLD]).called(missing).id == missing


def test_a_short_secret_is_refused_without_repeating_it():
    with pytest.raises(ImproperlyConfigured) as refused:
        MasterKey("short")

    assert "short:" in str(refused.value)
    assert "short " not in str(refused.value).replace("too short", "")


@pytest.mark.parametrize(
    "spelt",
    ["Müller-Lüdenscheid", "MULLER LUDENSCHEID", "Mu\u0308ller–Ludenscheid", " müllerludenscheid "],
)
def test_case_accents_hyphens_and_blanks_make_no_other_name(spelt):
    assert normalised(spelt) == "mullerludenscheid"


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("Ørsted", "orsted"),
        ("Łukasz", "lukasz"),
        ("O'Brien", "O’Brien"),
        ("Weiß", "WEISS"),
        ("Étienne", "etienne"),
        ("00-123/4", "001234"),
    ],
)
def test_letters_that_people_write_in_two_ways_are_one(one, same):
    assert normalised(one) == normalised(same)


def test_a_hash_tells_neither_value_nor_field_without_the_key():
    master = MasterKey(OLD)
    hashes = {
        master.index("family_name", "Okapi"),
        master.index("given_name", "Okapi"),
        MasterKey(NEW).index("family_name", "Okapi"),
    }

    assert len(hashes) == 3
    assert master.index("family_name", " - ") == ""
