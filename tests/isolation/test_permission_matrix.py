"""Who gets what at which address: as policy.csv says, every cell of it."""

import pytest

from .permission_matrix import PEOPLE, People, addresses, answers, read_policy
from .two_centres import store_two_centres


def test_every_address_has_its_lines_and_every_line_its_address():
    assert {name for name, _ in addresses()} == {address for address, _, _ in read_policy()}


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_every_cell_is_as_stated(person, tmp_path, settings):
    settings.SECOND_FACTOR = True
    store_two_centres(tmp_path)

    found = answers(People(), person)

    told = {cell: answer.told for cell, answer in found.items()}
    assert told == {cell: line[person] for cell, line in read_policy().items()}
    assert not [cell for cell, status in told.items() if status.startswith("5")]
    # What belongs to others is as unknown as what does not exist, where it is not to be seen.
    foreign = {cell: seen for cell, seen in found.items() if cell[1] == "foreign"}
    for (address, _, method), seen in foreign.items():
        if seen.told.startswith("404"):
            assert seen == found[address, "absent", method], address
    # Ward computers are shared: nothing that was shown to somebody is kept.
    if person not in ("stranger", "token"):
        kept = {cell[0] for cell, seen in found.items() if seen.told == "200" and seen.may_be_kept}
        assert kept <= {"api:schema"}  # the same for everybody, strangers too
