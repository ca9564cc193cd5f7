"""Diagnostic category (rule 9)."""

from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from outcomes import labels, sentences
from outcomes.cards.blocks import SEGMENT_KEY
from outcomes.cards.card import Evidence, EvidenceRow, OutcomeCard, Parameter, Why, applied_rule
from outcomes.dashboards.patient import PatientDashboard
from outcomes.derivation.derive import DIAGNOSTIC_CRITERIA
from outcomes.derivation.diagnosis import EFNS_PNS_2010, QUESTIONS
from outcomes.numbers import rounded
from outcomes.sentences import RecordKind, Result, UsedAs, UsedRecord, day_text

_ANSWERS = {"present", "absent"}


def diagnosis_card(dashboard: PatientDashboard) -> OutcomeCard:
    category = dashboard.outcome["diagnosis_category"]
    return OutcomeCard(
        key="diagnosis",
        result=Result.DIAGNOSIS_CATEGORY,
        label=_("Diagnosis"),
        value=capfirst(labels.DIAGNOSIS[category]),
        mark="" if category == "not_evaluable" else category,
        qualifier=DIAGNOSTIC_CRITERIA,
        rule=applied_rule(dashboard, 9, DIAGNOSTIC_CRITERIA),
        flags=(),
        why=Why(
            reason=sentences.diagnosis(dashboard.outcome, dashboard.rules),
            facts=(),
            evidence=_answers(dashboard),
            parameters=_parameters(),
        ),
    )


def _answers(dashboard: PatientDashboard) -> Evidence | None:
    lines = (*_findings(dashboard), *_samples(dashboard), *_blocks(dashboard))
    if not lines:
        return None
    return Evidence(_("Answers to the criteria"), (_("Question"), _("Answer"), _("Day")), lines)


def _findings(dashboard: PatientDashboard) -> Iterator[EvidenceRow]:
    """The latest answer to each clinical question; "not examined" takes none back."""
    latest = {f.finding: f for f in dashboard.findings if f.state in _ANSWERS}
    for question in QUESTIONS:
        if finding := latest.get(question):
            key = {"finding": question}
            yield _line(
                str(labels.FINDING[question]),
                str(labels.FINDING_STATE[finding.state]),
                UsedRecord(
                    RecordKind.FINDINGS,
                    UsedAs.ANSWER,
                    finding.observed_on,
                    key=key,
                    value=finding.state,
                ),
            )


def _samples(dashboard: PatientDashboard) -> Iterator[EvidenceRow]:
    """Every sample of the tests that are asked for: one that does not tell is passed over."""
    for sample in dashboard.laboratory:
        if sample.test in QUESTIONS:
            measured = "" if sample.value is None else f"{rounded(sample.value, 2)} {sample.unit}"
            word = labels.INTERPRETATION[sample.interpretation] if sample.interpretation else ""
            value = sample.interpretation or sample.value
            yield _line(
                str(labels.LABORATORY_TEST[sample.test]),
                " ".join(part for part in (measured, str(word)) if part) or "–",
                UsedRecord(
                    RecordKind.LABORATORY,
                    UsedAs.ANSWER,
                    sample.taken_on,
                    key={"test": sample.test},
                    value=value,
                ),
            )


def _blocks(dashboard: PatientDashboard) -> Iterator[EvidenceRow]:
    """Every study that could be assessed; of those with block, the blocked segments."""
    for study in dashboard.studies:
        if not study.assessable:
            continue
        for segment in study.segments:
            if segment.is_blocked:
                yield _line(
                    capfirst(sentences.segment_name(segment)),
                    str(labels.BLOCK_GRADE[segment.grade]),
                    UsedRecord(
                        RecordKind.NERVE_SEGMENTS,
                        UsedAs.ANSWER,
                        study.on,
                        key=dict(zip(SEGMENT_KEY, segment.key, strict=True)),
                        value=segment.grade,
                    ),
                )
        if not study.blocks:
            record = UsedRecord(RecordKind.NERVE_SEGMENTS, UsedAs.ANSWER, study.on, value="none")
            yield _line(_("Conduction block"), str(labels.BLOCK_GRADE["none"]), record)


def _line(question: str, answer: str, record: UsedRecord) -> EvidenceRow:
    return EvidenceRow((question, answer, day_text(record.on)), (record,))


def _parameters() -> tuple[Parameter, ...]:
    return (
        Parameter(_("Criteria"), DIAGNOSTIC_CRITERIA),
        Parameter(_("Supportive criteria needed"), str(EFNS_PNS_2010.supportive_needed)),
        Parameter(
            _("CSF protein"),
            _("raised, and below %s g/L") % rounded(EFNS_PNS_2010.csf_protein_below_g_per_l),
        ),
    )
