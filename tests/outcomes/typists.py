"""People at forms, as their browsers would send them."""

import re
from html import unescape

from django.test import Client

FORM = re.compile(
    r'<form id="record".*?</form>|<form [^>]*class="card compare".*?</form>', re.DOTALL
)


def inputs(html: str) -> dict[str, str]:
    """What a browser would send of the form on a page: hidden, typed, ticked and chosen."""
    found = FORM.search(html).group()
    typed = {}
    for field in re.findall(r"<input [^>]*>", found):
        name = re.search(r'\sname="([^"]*)"', field)
        is_choice = re.search(r'type="(radio|checkbox)"', field) is not None
        if name is None or (is_choice and " checked" not in field):
            continue
        value = re.search(r'value="([^"]*)"', field)
        typed[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select [^>]*?name="([^"]*)".*?>(.*?)</select>', found, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        typed[name] = chosen.group(1) if chosen else ""
    return typed


class Typist:
    """Somebody who changes one field of one record, again and again, in a form opened before."""

    def __init__(self, client: Client, address: str, field: str) -> None:
        self.client, self.address, self.field = client, address, field
        self.open()

    def open(self) -> None:
        self.typed = inputs(self.client.get(self.address).content.decode())

    def save(self, value: str) -> bool:
        """Save it, with one's own value wherever one is asked; whether one was asked."""
        sent = self.typed | {self.field: value, "reason": "Corrected."}
        answer = self.client.post(self.address, sent)
        was_asked = answer.status_code != 302
        if was_asked:
            chosen = inputs(answer.content.decode()) | {f"choose-{self.field}": "mine"}
            answer = self.client.post(self.address, chosen)
        assert answer.status_code == 302, answer.content.decode()
        return was_asked


def edit_in_turns(two: tuple[Typist, Typist], edits: int) -> int:
    """Each saves a form that was opened before the other's last save; how often one was asked."""
    asked = 0
    for number in range(edits):
        typist = two[number % 2]
        asked += typist.save(str(number))
        typist.open()
    return asked
