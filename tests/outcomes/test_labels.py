"""Every code that may be stored or derived has its word."""

import pytest

from outcomes import labels, sentences
from outcomes.cards.short_term import SHORT_TERM_QUALIFIERS
from outcomes.derivation.block_change import BlockChange, BlockChangeReason, SegmentChange
from outcomes.derivation.block_criteria import BlockReason
from outcomes.derivation.diagnosis import QUESTIONS, DiagnosisCategory, DiagnosisReason
from outcomes.derivation.dose import DoseTrend
from outcomes.derivation.long_term import LongTermGroup, LongTermStatus
from outcomes.derivation.response import Response, ResponseReason

WORDS = [
    *labels.WORDS_OF.items(),
    (Response, labels.SHORT_TERM_RESPONSE),
    (LongTermStatus, labels.LONG_TERM_STATUS),
    (LongTermGroup, labels.LONG_TERM_GROUP),
    (BlockChange, labels.BLOCK_CHANGE),
    (BlockReason, labels.BLOCK_REASON),
    (SegmentChange, labels.SEGMENT_CHANGE),
    (DoseTrend, labels.DOSE_TREND),
    (DiagnosisCategory, labels.DIAGNOSIS),
    (DiagnosisReason, labels.DIAGNOSIS_REASON),
    (ResponseReason, sentences.SHORT_TERM),
    (LongTermStatus, sentences.LONG_TERM),
    (BlockChangeReason, sentences.BLOCKS_NOT_COMPARED),
    (ResponseReason, SHORT_TERM_QUALIFIERS),
]


@pytest.mark.parametrize(("codes", "words"), WORDS, ids=lambda part: getattr(part, "__name__", ""))
def test_no_code_is_without_its_word(codes, words):
    assert {code.value for code in codes} - {str(code) for code in words} == set()


def test_every_answer_that_a_diagnosis_may_lack_has_its_word():
    assert set(QUESTIONS) - {str(code) for code in labels.DIAGNOSTIC_QUESTION} == set()
