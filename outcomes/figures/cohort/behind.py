"""The lists behind the numbers of a page, asked for within the cohort that the page shows."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from outcomes.derivation.masking import Hidden
from outcomes.figures.cohort.counts import Count

Panel = TypeVar("Panel")
Link = Callable[[str], str]  # from the question of a number to the address of its list


def with_links(panel: Panel, link: Link) -> Panel:
    """The panel with every number's question asked within the page's own."""
    return _linked(panel, link)


def _linked(part: Any, link: Link) -> Any:
    if isinstance(part, Count):
        if not part.query:
            return part
        return replace(part, query="" if isinstance(part.n, Hidden) else link(part.query))
    if is_dataclass(part) and not isinstance(part, type):
        found = {f.name: getattr(part, f.name) for f in fields(part) if f.init}
        linked = {name: _linked(value, link) for name, value in found.items()}
        changed = {n: v for n, v in linked.items() if v is not found[n]}
        return replace(part, **changed) if changed else part
    if isinstance(part, tuple):
        linked_parts = tuple(_linked(one, link) for one in part)
        return (
            linked_parts
            if any(a is not b for a, b in zip(linked_parts, part, strict=True))
            else part
        )
    return part
