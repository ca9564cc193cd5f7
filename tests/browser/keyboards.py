"""Keyboards of three countries: the same character lies under another key, with or without Shift.

Keys are sent to Chromium as its own windows send them: by place, modifiers and character.
"""

from dataclasses import dataclass, field

from playwright.sync_api import Page

SHIFT, CTRL = 8, 2
DIGITS = "0123456789"
# Character → place of its key and modifiers; letters are added below.
PLACES = {
    "US": {
        **{d: (f"Digit{d}", 0) for d in DIGITS},
        "+": ("Equal", SHIFT),
        "-": ("Minus", 0),
        ".": ("Period", 0),
    },
    "French": {
        **{d: (f"Digit{d}", SHIFT) for d in DIGITS},
        "+": ("Equal", SHIFT),
        "-": ("Digit6", 0),
        ".": ("Comma", SHIFT),
    },
    "German": {
        **{d: (f"Digit{d}", 0) for d in DIGITS},
        "+": ("BracketRight", 0),
        "-": ("Slash", 0),
        ".": ("Period", 0),
    },
}
NAMED = {"Enter": "\r", "ArrowRight": "", "ArrowLeft": "", "ArrowDown": "", "ArrowUp": ""}
NAMED |= {"PageDown": "", "Tab": "", "Escape": "", "Backspace": "", " ": " "}


@dataclass
class Keyboard:
    """Counts what is pressed: a character with its Shift is one keystroke, as for a hand."""

    page: Page
    layout: str
    pressed: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._session = self.page.context.new_cdp_session(self.page)

    def type(self, *keys: str) -> None:
        for key in keys:
            self._press(key)
            self.pressed.append(key)

    def _press(self, key: str) -> None:
        if key in NAMED:
            self._send(key, key, NAMED[key], 0)
        elif key.startswith("Ctrl+"):
            self._send(key[-1], f"Key{key[-1].upper()}", "", CTRL)
        elif key.isalpha():
            self._send(key, f"Key{key.upper()}", key, SHIFT if key.isupper() else 0)
        else:
            place, modifiers = PLACES[self.layout][key]
            self._send(key, place, key, modifiers)

    def _send(self, key: str, place: str, text: str, modifiers: int) -> None:
        event = {"key": key, "code": place, "modifiers": modifiers}
        down = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self._session.send("Input.dispatchKeyEvent", {**event, **down, **_virtual(key)})
        self._session.send("Input.dispatchKeyEvent", {**event, "type": "keyUp", **_virtual(key)})


# Without it Chromium does nothing of its own with these keys, such as leaving a field.
_CODES = {" ": 32, "Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "PageDown": 34}


def _virtual(key: str) -> dict[str, int]:
    return {"windowsVirtualKeyCode": _CODES[key]} if key in _CODES else {}
