"""A page as its reader has it: words, links and the patients behind a link."""

import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LEGER = PROJECT / "mmn_registry" / "demo_data" / "leger_2008_synthetic"


@dataclass(frozen=True)
class Link:
    words: str
    address: str

    @property
    def number(self) -> int:
        """The number that a link begins with."""
        return int(re.match(r"\d+", self.words).group())


INLINE = r"</?(?:a|b|code|span)\b[^>]*>"


def words(html: str) -> str:
    """The text of a page or part of it, in one line."""
    text = re.sub(r"<[^>]+>", " ", re.sub(INLINE, "", html))
    return re.sub(r"\s+", " ", unescape(text)).strip()


def links(html: str, beginning: str) -> list[Link]:
    """Links whose address begins so, in the order of the page."""
    found = re.findall(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [
        Link(words(inside), unescape(address))
        for address, inside in found
        if address.startswith(beginning)
    ]


def card(html: str, name: str) -> str:
    """The HTML of the card that is labelled by a heading."""
    start = html.index(f'aria-labelledby="{name}"')
    return html[start : html.index("</section>", start)]
