"""Numbers of patients that open the list of exactly these patients."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from outcomes.labels import Words


@dataclass(frozen=True)
class Count:
    """A number of patients in words; `query` lists them, "" where there is nobody to list."""

    n: int
    words: str
    query: str = ""


def count(n: int, words: object, **asked: str) -> Count:
    """The patients of whom the list is asked this."""
    return Count(n, str(words), urlencode(asked) if n else "")


def reasons(
    counts: Mapping[str, int], words: Words, parameter: str, **asked: str
) -> tuple[Count, ...]:
    """2 no visit near month 6, 1 no baseline; each reason is asked for by its code."""
    return tuple(count(n, words[code], **asked, **{parameter: code}) for code, n in counts.items())
