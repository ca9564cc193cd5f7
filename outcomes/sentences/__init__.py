"""Why a result is what it is, in one sentence or two that a clinician can check.

Results are stored as codes with parameters; their sentences are written on reading, in the
reader's language. Each function takes the derived row of one patient and the records it used, and
returns the code, the parameters, and the sentence that is made of them.
"""

from outcomes.sentences.block_lines import block_line
from outcomes.sentences.conduction import BLOCKS, BLOCKS_NOT_COMPARED, blocks, segment_name
from outcomes.sentences.diagnostic import DIAGNOSIS, diagnosis
from outcomes.sentences.dosing import DOSE, dose
from outcomes.sentences.parts import (
    day_text,
    joined,
    muscle_name,
    partial_date_text,
    two_days,
)
from outcomes.sentences.reason import Line, Reason
from outcomes.sentences.records import RecordKind, Result, UsedAs, UsedRecord
from outcomes.sentences.response import SHORT_TERM, short_term
from outcomes.sentences.status import LONG_TERM, long_term

__all__ = [
    "BLOCKS_NOT_COMPARED",
    "LINES",
    "LONG_TERM",
    "SHORT_TERM",
    "Reason",
    "RecordKind",
    "Result",
    "UsedAs",
    "UsedRecord",
    "block_line",
    "blocks",
    "day_text",
    "diagnosis",
    "dose",
    "joined",
    "long_term",
    "muscle_name",
    "partial_date_text",
    "segment_name",
    "short_term",
    "two_days",
]

# Every code that a result may have, with what it says.
LINES: dict[Result, dict[str, Line]] = {
    Result.SHORT_TERM_RESPONSE: SHORT_TERM,
    Result.LONG_TERM_STATUS: LONG_TERM,
    Result.BLOCK_CHANGE: BLOCKS,
    Result.WEEKLY_DOSE_G: DOSE,
    Result.DIAGNOSIS_CATEGORY: DIAGNOSIS,
}
