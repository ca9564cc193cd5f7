"""A second implementation of the outcome rules: slow, plain and written from their text alone.

One patient at a time, in lists, dates and exact fractions, without NumPy or pandas and without
sharing a line with ``outcomes.derivation``. What both say is what the text says; where they
differ, the text decides. Every function names its section of the rules.

This module is the oracle's face: typed rows, text rows, the summary and Kaplan-Meier inputs.
"""

from .cohort import summarise
from .outcomes import TEXT_COLUMNS, as_text, outcome_row, outcome_rows, outcome_texts
from .records import from_frames, from_texts, patients_known_on, read_bundle, read_texts

__all__ = [
    "TEXT_COLUMNS",
    "as_text",
    "from_frames",
    "from_texts",
    "outcome_row",
    "outcome_rows",
    "outcome_texts",
    "patients_known_on",
    "read_bundle",
    "read_texts",
    "summarise",
]
