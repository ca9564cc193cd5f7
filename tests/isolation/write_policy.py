"""Write policy.csv anew, as everything is answered now: to be read line by line before it is kept.

``pytest tests/isolation/write_policy.py``; no part of the suite, whose files begin with "test".
"""

import pytest

from .permission_matrix import PEOPLE, Cell, People, answers, write_policy
from .two_centres import store_two_centres


@pytest.mark.django_db
def test_the_policy_is_written(tmp_path, settings):
    settings.SECOND_FACTOR = True
    store_two_centres(tmp_path)
    people = People()

    cells: dict[Cell, dict[str, str]] = {}
    for person in PEOPLE:
        for cell, answer in answers(people, person).items():
            cells.setdefault(cell, {})[person] = answer.told
    write_policy(cells)
