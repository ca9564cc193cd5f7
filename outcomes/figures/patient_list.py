"""Rows of the patient list in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outcomes import labels
from outcomes.dashboards.patient_list import PatientRow
from outcomes.figures.cohort.reasons import (
    BLOCK_CHANGE_REASON,
    DOSE_REASON,
    LONG_TERM_REASON,
    SHORT_TERM_REASON,
)
from outcomes.numbers import fixed
from outcomes.sentences import day_text


@dataclass(frozen=True)
class ListRow:
    """A patient as the list shows them; a mark of "" means that there is no result."""

    study_id: str
    query: str
    who: str
    centre: str
    history: str
    index: str
    response: str
    response_mark: str
    response_note: str
    status: str
    status_mark: str
    status_note: str
    blocks: str
    blocks_mark: str
    blocks_note: str
    dose: str
    dose_note: str
    contact: str
    is_lost: bool


RESPONSE_MARKS = {"responder": "responder", "non_responder": "non-responder"}
BLOCK_MARKS = {"decreased": "fewer", "unchanged": "steady", "increased": "more"}
HISTORY = {
    "naive": gettext_lazy("naive"),
    "pretreated": gettext_lazy("pretreated"),
    "unknown": gettext_lazy("history unknown"),
}


def list_rows(
    rows: Iterable[PatientRow], as_of: date, usual_days: Mapping[str, date]
) -> list[ListRow]:
    """``usual_days`` by centre: a patient's page looks as of these unless asked otherwise."""
    return [_list_row(row, as_of, usual_days.get(row.centre)) for row in rows]


def _list_row(row: PatientRow, as_of: date, usual_day: date | None) -> ListRow:
    is_classified = row.long_term_group != "not_classified"
    status = labels.LONG_TERM_STATUS[row.long_term_status]
    return ListRow(
        study_id=row.study_id,
        query="" if as_of == usual_day else f"?as_of={as_of.isoformat()}",
        who=_who(row, as_of),
        centre=row.centre,
        history=str(HISTORY[row.treatment_history]),
        index=day_text(row.index_on) if row.index_on else "",
        response=capfirst(str(labels.SHORT_TERM_RESPONSE[row.short_term_response])),
        response_mark=RESPONSE_MARKS.get(row.short_term_response, ""),
        response_note=str(SHORT_TERM_REASON.get(row.short_term_reason, "")),
        status=capfirst(str(status if is_classified else labels.LONG_TERM_GROUP["not_classified"])),
        status_mark=_status_mark(row),
        status_note="" if is_classified else str(LONG_TERM_REASON[row.long_term_status]),
        blocks=_blocks(row),
        blocks_mark=BLOCK_MARKS.get(row.block_change, ""),
        blocks_note=str(BLOCK_CHANGE_REASON.get(row.block_change_reason, "")),
        dose=_dose(row.weekly_dose_g),
        dose_note=str(labels.DOSE_TREND.get(row.dose_trend) or DOSE_REASON[row.dose_reason]),
        contact=day_text(row.last_contact_on) if row.last_contact_on else "",
        is_lost=bool(row.lost_to_follow_up),
    )


def _who(row: PatientRow, as_of: date) -> str:
    """male, 61 y: the age is the one reached in the year looked at."""
    sex = str(labels.SEX[row.sex])
    if row.birth_year is None:
        if row.age_band:
            return _("%(sex)s, %(band)s y at inclusion") % {"sex": sex, "band": row.age_band}
        return sex
    return _("%(sex)s, %(age)s y") % {"sex": sex, "age": as_of.year - int(row.birth_year)}


def _status_mark(row: PatientRow) -> str:
    if row.long_term_status == "treated_without_response":
        return "dependent-no-response"
    return "" if row.long_term_group == "not_classified" else row.long_term_group


def _blocks(row: PatientRow) -> str:
    if row.blocks_first is None or row.blocks_last is None:
        return ""
    return f"{row.blocks_first} → {row.blocks_last}"


def _dose(weekly_g: float | None) -> str:
    """One decimal, so that the column's points stand below each other; none at all is 0."""
    if weekly_g is None:
        return ""
    return fixed(weekly_g, 1) if weekly_g else "0"
