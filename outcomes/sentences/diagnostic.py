"""Diagnostic category (rule 9)."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels
from outcomes.derivation.diagnosis import DiagnosisReason
from outcomes.derivation.rules import RULES, Rules
from outcomes.sentences.parts import joined
from outcomes.sentences.reason import Line, Reason, Values


def diagnosis(outcome: Values, rules: Rules = RULES) -> Reason:
    """The category and the line that decides it, or the answers that are missing."""
    code = outcome["diagnosis_reason"]
    listed = {**outcome, "diagnosis_missing": tuple(outcome["diagnosis_missing"].split())}
    return DIAGNOSIS[code].reason(code, listed, (), rules)


def _decided(values: Values, _records: Sequence[Any]) -> str:
    return _("%(category)s: %(reason)s.") % {
        "category": _category(values),
        "reason": labels.DIAGNOSIS_REASON[values["diagnosis_reason"]],
    }


def _undecided(values: Values, _records: Sequence[Any]) -> str:
    questions = values["diagnosis_missing"]
    return _("%(category)s; missing: %(missing)s.") % {
        "category": _category(values),
        "missing": joined(str(labels.DIAGNOSTIC_QUESTION[question]) for question in questions),
    }


def _category(values: Values) -> str:
    return capfirst(labels.DIAGNOSIS[values["diagnosis_category"]])


_DECIDED = Line(_decided, ("diagnosis_category", "diagnosis_reason"))
DIAGNOSIS: dict[str, Line] = {
    **dict.fromkeys(map(str, DiagnosisReason), _DECIDED),
    "MISSING_ANSWERS": Line(_undecided, ("diagnosis_category", "diagnosis_missing")),
}
