"""A reason: the code of the line that decided, its parameters, and the sentence made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outcomes.derivation.rules import Rules

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Reason:
    """Why a result is what it is. Prints as its sentence."""

    code: str
    parameters: Values
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Line:
    """What a code says, and what it says it with.

    ``words`` is given those columns of the patient's derived row and those numbers of the rule set
    that stand here, under their own names, and nothing else: a sentence cannot be told apart from
    the parameters beside it. What it names further are the records used.
    """

    words: Callable[[Values, Sequence[Any]], str]
    columns: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def reason(self, code: str, outcome: Values, records: Sequence[Any], rules: Rules) -> Reason:
        parameters = {column: outcome[column] for column in self.columns}
        parameters |= {number: getattr(rules, number) for number in self.numbers}
        return Reason(code, parameters, self.words(parameters, records))
