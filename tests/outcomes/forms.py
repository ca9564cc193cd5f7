"""Forms as a browser sends them: what stands in the inputs, with what somebody types over it."""

import re
from html import unescape

HIDDEN = r'<input type="hidden" name="([^"]*)" value="([^"]*)"'
TYPED = r"<(?:input|textarea)\b[^>]*>"
SELECT = r'<select\b[^>]*\bname="([^"]*)".*?</select>'


def inputs(answer) -> dict[str, str]:
    """Every input of the form, as it stands on the page; boxes are not ticked."""
    page = answer.content.decode()
    found = re.search(r'<form id="record".*?</form>', page, re.DOTALL).group()
    values = dict(re.findall(HIDDEN, found))
    for tag in re.findall(TYPED, page):
        said = dict(re.findall(r'\b(name|value|type|form)="([^"]*)"', tag))
        if said.get("form") == "record" and "name" in said and said.get("type") != "checkbox":
            values.setdefault(said["name"], said.get("value", ""))
    for name, options in re.findall(SELECT.replace(".*?", "(.*?)"), page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = chosen.group(1) if chosen else ""
    return {name: unescape(value) for name, value in values.items()}


def hidden_inputs(answer) -> dict[str, str]:
    """Hidden inputs of a whole page, as of one that compares two versions."""
    found = re.findall(HIDDEN, answer.content.decode())
    return {name: unescape(value) for name, value in found}


def send(client, address: str, **typed):
    """Open a page, type, and save it."""
    return client.post(address, inputs(client.get(address)) | typed)
