"""Who is out and why, in words, and how the list is asked for them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from outcomes.asked.words import NOT_KNOWN, OTHERWISE
from outcomes.derivation.criteria import Criteria, Out, asked

_UNKNOWN = "-not-known"


@dataclass(frozen=True)
class OutBecause:
    """A criterion that leaves patients out: because it is not met, or cannot be answered."""

    criterion: str
    is_not_known: bool

    @property
    def code(self) -> str:
        return f"{self.criterion}{_UNKNOWN if self.is_not_known else ''}"

    @property
    def words(self) -> str:
        return str((NOT_KNOWN if self.is_not_known else OTHERWISE)[self.criterion])


def read_out(query: Mapping[str, str], criteria: Criteria) -> OutBecause | None:
    """Whom an address asks for of those who are out; None where no criterion leaves them out."""
    code = query.get("out", "")
    found = OutBecause(code.removesuffix(_UNKNOWN), code.endswith(_UNKNOWN))
    return found if found.criterion in asked(criteria) else None


def reasons_out(out: Iterable[Out]) -> Iterator[tuple[OutBecause, int]]:
    """Each reason why somebody is out, with how many; together all who are out."""
    for one in out:
        for is_not_known, n in ((False, one.patients - one.not_known), (True, one.not_known)):
            if n:
                yield OutBecause(one.criterion, is_not_known), n
