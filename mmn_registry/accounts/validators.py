"""What a name may look like: one rule for Python and for PostgreSQL."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Spreadsheets run a cell that begins with one of these. Tab and CR, which they run too, are
# refused with all control characters.
FORMULA_STARTS = "=+-@"
# Both dialects read these patterns alike; a backslash-u is always four digits.
NAME_PATTERN = r"\A(?![=+@ -])[^\u0001-\u001f\u007f-\u009f]+(?<! )\Z"
LINE_PATTERN = r"\A[^\u0001-\u001f\u007f-\u009f]*\Z"
NOTE_PATTERN = r"\A[^\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*\Z"

# PostgreSQL cannot hold these at all, so only Python has to refuse them.
_NEVER_STORED = re.compile("[\u0000\ud800-\udfff]")
_LINE = re.compile(LINE_PATTERN)
_NOTE = re.compile(NOTE_PATTERN)

NAME_SENTENCE = _(
    "A name has no = + - or @ at its start and no space at either end. Correct the name."
)
CHARACTERS_SENTENCE = _("This contains a character that cannot be read. Type the text again.")


def validate_line(value: str) -> None:
    """One line of readable characters."""
    if _NEVER_STORED.search(value) or not _LINE.match(value):
        raise ValidationError(CHARACTERS_SENTENCE, "unreadable_character")


def validate_note(value: str) -> None:
    """Lines of readable characters."""
    if _NEVER_STORED.search(value) or not _NOTE.match(value):
        raise ValidationError(CHARACTERS_SENTENCE, "unreadable_character")


def validate_name(value: str) -> None:
    """A name or identifier that a spreadsheet will not run, and that equals itself on sight."""
    params = {"value": value, "start": value[:1]}
    if _NEVER_STORED.search(value) or not _LINE.match(value):
        raise ValidationError(CHARACTERS_SENTENCE, "unfit_name")
    if value.startswith(tuple(FORMULA_STARTS)):
        message = _(
            "“%(value)s” begins with %(start)s, which a spreadsheet would run as a formula. "
            "Leave that character out."
        )
        raise ValidationError(message, "unfit_name", params)
    if value != value.strip(" "):
        message = _("“%(value)s” begins or ends with a space. Leave the space out.")
        raise ValidationError(message, "unfit_name", params)
