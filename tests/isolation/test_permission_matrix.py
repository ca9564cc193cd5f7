"""Who gets what at which address: as policy.csv says."""

import pytest

from .permission_matrix import PEOPLE, People, addresses, answers, read_policy
from .two_centres import store_two_centres

SAME_FOR_EVERYBODY = {  # strangers, too
    "api:schema",
    *("fhir:metadata", "fhir:CodeSystem", "fhir:CodeSystem-read"),
    *("fhir:ValueSet", "fhir:ValueSet-read"),
}
# A stranger, one person and one program ask every cell. Whether an address knows a method at all
# does not depend on who asks: the others ask what it answers.
ASK_ALL = ("stranger", "coordinator", "token")


def depends(cell, told) -> bool:
    method = cell[2]
    return method in ("GET", "POST") or (method != "HEAD" and told[:3] not in ("204", "405"))


def test_every_address_has_its_lines_and_every_line_its_address():
    assert {name for name, _ in addresses()} == {address for address, _, _ in read_policy()}


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_every_cell_is_as_stated(person, tmp_path, settings):
    settings.SECOND_FACTOR = True
    store_two_centres(tmp_path)
    policy = {cell: line[person] for cell, line in read_policy().items()}
    stated = {c: told for c, told in policy.items() if person in ASK_ALL or depends(c, told)}

    found = answers(People(), person, asks=stated.__contains__)

    told = {cell: answer.told for cell, answer in found.items()}
    assert told == stated
    assert not [cell for cell, status in told.items() if status.startswith("5")]
    # What belongs to others is as unknown as what does not exist, where it is not to be seen.
    foreign = {cell: seen for cell, seen in found.items() if cell[1] == "foreign"}
    for (address, _, method), seen in foreign.items():
        if seen.told.startswith("404") and (address, "absent", method) in found:
            assert seen == found[address, "absent", method], address
    # Ward computers are shared: nothing that was shown to somebody is kept.
    if person not in ("stranger", "token"):
        kept = {cell[0] for cell, seen in found.items() if seen.told == "200" and seen.may_be_kept}
        assert kept <= SAME_FOR_EVERYBODY
