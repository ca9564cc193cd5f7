"""Other definitions than the registry's: what would be, if the rules had other numbers.

Never stored, never the registry's rule: the rule set that comes out names itself by its version,
so that no result of it passes for one of the registry's.
"""

from collections import Counter
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TypeVar

import pandas as pd

from outcomes.derivation.block_criteria import CRITERIA
from outcomes.derivation.rules import RULES, DayWindow, Rules

Number = TypeVar("Number", int, float)

# Gains and losses that may count: a third of a point up to three points. [thirds]
GAINS_THIRDS = (1, 2, 3, 6, 9)
MOST_MUSCLES = 10
WINDOW_LIMITS: DayWindow = (1, 730)
BLOCK_CRITERIA = tuple(CRITERIA)


@dataclass(frozen=True)
class WhatIf:
    """Numbers of the rules that are asked for; None asks for the registry's own.

    ``gain``: so much counts as gained or lost [thirds of a point]. ``muscles``: so many have to
    gain. ``window_from``, ``window_to``: an examination of these days counts as month 6 [days since
    index]. ``criteria``: those of conduction block. ``reference``: the proportion that the response
    is tested against.
    """

    gain: int | None = None
    muscles: int | None = None
    window_from: int | None = None
    window_to: int | None = None
    criteria: str | None = None
    reference: float | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))


THE_RULE = WhatIf()


def other_rules(asked: WhatIf, rules: Rules = RULES) -> Rules:
    """Take over what is asked; the rule set names itself by it.

    Parameters
    ----------
    asked : WhatIf
    rules : Rules
        What holds where nothing is asked.

    Returns
    -------
    Rules. A muscle is improvable if it can gain as much as counts (grade 5 less the gain). Where
    nothing differs, the same rules.
    """
    first, last = rules.month_6_days
    window = (_or(asked.window_from, first), _or(asked.window_to, last))
    gain = _or(asked.gain, rules.point_thirds)
    other = replace(
        rules,
        point_thirds=gain,
        improvable_up_to_thirds=rules.improvable_up_to_thirds
        if gain == rules.point_thirds
        else rules.normal_grade_thirds - gain,
        muscles_needed=_or(asked.muscles, rules.muscles_needed),
        month_6_days=window,
        criteria=asked.criteria or rules.criteria,
        reference_proportion=_or(asked.reference, rules.reference_proportion),
    )
    if other == rules:
        return rules
    said = "; ".join(
        f"{field.name} {getattr(asked, field.name)}"
        for field in fields(WhatIf)
        if getattr(asked, field.name) is not None
    )
    return replace(other, version=f"{rules.version} what if: {said}")


def _or(asked: Number | None, own: Number) -> Number:
    return own if asked is None else asked


class Compared(StrEnum):
    """The results that are compared, by their column."""

    RESPONSE = "short_term_response"
    GROUP = "long_term_group"
    BLOCKS = "block_change"


def changed(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Name the patients whose class another definition changes.

    Parameters
    ----------
    rows, others : DataFrame by ``study_id``, of the same patients
        Outcomes by the registry's rules and by others.

    Returns
    -------
    DataFrame by ``study_id`` of those with a change in any: bool columns, one per `Compared`.
    """
    found = pd.DataFrame(
        {c.value: (rows[c.value] != others[c.value]).to_numpy(dtype=bool) for c in Compared},
        index=rows.index,
    )
    return found[found.any(axis=1)]


def transitions(
    rows: pd.DataFrame, others: pd.DataFrame, column: str
) -> dict[tuple[str, str], int]:
    """Count the patients from each class to each other one, the unchanged left out.

    Parameters
    ----------
    rows, others : DataFrame by ``study_id``, of the same patients
    column : a word of `Compared`

    Returns
    -------
    dict from (class by the rule, class by the other) to patients.
    """
    pairs = Counter(zip(rows[column], others[column], strict=True))
    return {(str(one), str(two)): n for (one, two), n in pairs.most_common() if one != two}
