"""From what was sent to records that could be saved, and all that is wrong with it."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mmn_registry.interchange import Column, Table
from mmn_registry.rest.filters import shown
from mmn_registry.rest.refusals import Wrong, pointed, wrongs_of
from mmn_registry.rest.rights import check_may_write
from mmn_registry.rest.values import Reader
from patients.models import Patient
from patients.models.record import Record
from patients.selectors import get_patient_for, part_key
from patients.unusual import Unusual

from .kind import Draft, Kind, Part, Stored, part_document

UNKNOWN_PATIENT = gettext_lazy("There is no such patient in your centres.")
REASON, CONFIRM = "reason", "confirm"
LONGEST_REASON = 400
MOST_PARTS = 500


@dataclass
class Desk:
    """Where one request's documents are read: what is wrong so far, and at which of them."""

    kind: Kind
    at: str = ""
    wrong: list[Wrong] = field(default_factory=list)
    reader: Reader = field(default_factory=Reader)
    _found: dict[tuple[str, str], Any] = field(default_factory=dict)
    _begun: int = 0

    def turn_to(self, at: str) -> None:
        """The next of many documents."""
        self.at, self._begun = at, len(self.wrong)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong with the document that is read now."""
        return len(self.wrong) == self._begun

    def note(self, place: str, code: str, detail: object, value: str | None = None) -> None:
        self.wrong.append(Wrong(f"{self.at}{place}", code, str(detail), value))

    def once_found(self, key: tuple[str, str], find: Callable[[tuple[str, str]], Any]) -> Any:
        """What was looked up for one document is known for the others."""
        if key not in self._found:
            self._found[key] = find(key)
        return self._found[key]

    def patient_named(self, study_id: Any, user) -> Patient | None:
        """Whose record it is; the same words for a foreign patient as for nobody."""
        key = ("patient", study_id if isinstance(study_id, str) else "")
        found = self.once_found(key, lambda _key: self._find_patient(key[1], user))
        if found is None:
            self.note("/study_id", "unknown_patient", UNKNOWN_PATIENT)
        return found

    def _find_patient(self, study_id: str, user) -> Patient | None:
        try:
            patient = get_patient_for(user, study_id)
        except Http404:
            return None
        check_may_write(patient.centre_id)
        return patient

    # ── Documents ────────────────────────────────────────────────────────────────────────────

    def new(self, sent: Mapping[str, Any], record: Record) -> Draft:
        draft = Draft(record, self.kind.patient_of(record))
        self.read_columns(self.kind.table, self.kind.columns, sent, record, "", is_new=True)
        for part in self.kind.parts:
            draft.parts[part.name] = self._read_part(part, sent.get(part.name), draft)
        self._known_names(sent, read_only={})
        self._check(draft)
        return draft

    def amended(self, sent: Mapping[str, Any], stored: Stored, *, whole: bool) -> Draft:
        """A stored record as it would be; ``whole``: what is not said is not recorded."""
        record = copy(stored.record)
        draft = Draft(record, self.kind.patient_of(record), stored=stored)
        kept = self.kind.parts_of(stored)
        self.read_columns(self.kind.table, self.kind.columns, sent, record, "", is_new=whole)
        for part in self.kind.parts:
            if whole or part.name in sent:
                draft.parts[part.name] = self._read_part(part, sent.get(part.name), draft)
            else:
                draft.parts[part.name] = self.kind.moved_along(part, kept[part.name], record)
        self._known_names(sent, read_only=self._read_only(stored))
        self._check(draft)
        return draft

    def _check(self, draft: Draft) -> None:
        """Rules about several values; asked only once each of them can be read."""
        if self.is_clean:
            self._ask(draft.record.clean, "")
            for part in self.kind.parts:
                for place, one in enumerate(draft.parts[part.name]):
                    self._ask(one.clean, f"/{part.name}/{place}")
            self._ask(lambda: self.kind.check(draft), "")

    def _ask(self, rule, place: str) -> None:
        try:
            rule()
        except ValidationError as refused:
            self.wrong += wrongs_of(refused, f"{self.at}{place}")

    # ── Values ───────────────────────────────────────────────────────────────────────────────

    def read_columns(
        self,
        table: Table,
        columns: Iterable[Column],
        sent: Mapping[str, Any],
        record: Record,
        place: str = "",
        *,
        is_new: bool = True,
    ) -> None:
        for column in columns:
            if column.name not in sent and not is_new:
                continue
            try:
                values = self.reader.read(table, column, sent.get(column.name))
            except ValidationError as refused:
                code, detail = refused.error_list[0].code, " ".join(refused.messages)
                self.note(f"{place}/{column.name}", code or "refused", detail)
            else:
                for name, value in values.items():
                    setattr(record, name, value)

    def _read_part(self, part: Part, sent: Any, draft: Draft) -> list[Record]:
        if sent is None:
            return []
        if not isinstance(sent, list) or len(sent) > MOST_PARTS:
            message = _("This is a list of objects, at most %(most)s.") % {"most": MOST_PARTS}
            self.note(f"/{part.name}", "wrong_type", message)
            return []
        seen: set[tuple[str, ...]] = set()
        found = []
        for number, one in enumerate(sent):
            place = f"/{part.name}/{number}"
            record = self._read_one_part(part, one, place)
            if record is None:
                continue
            self.kind.said_by_whole(part, record, draft.record)
            key = part_key(record)
            if key in seen:
                self.note(place, "duplicate_record", _twice(part))
            seen.add(key)
            found.append(record)
        return found

    def _read_one_part(self, part: Part, sent: Any, place: str) -> Record | None:
        if not isinstance(sent, dict):
            self.note(place, "wrong_type", _("This is an object: names with their values."))
            return None
        record, before = part.model(), len(self.wrong)
        self.read_columns(part.table, part.columns, sent, record, place, is_new=True)
        known = [column.name for column in part.columns]
        self._unknown(sent, [*known, *part.derived], place)
        if len(self.wrong) > before:
            return None
        follows = part_document(part, record)
        for name in part.derived:
            if name in sent and not _same(sent[name], follows[name]):
                self._not_yours(name, place)
        return record

    # ── Names ────────────────────────────────────────────────────────────────────────────────

    def _known_names(self, sent: Mapping[str, Any], read_only: Mapping[str, Any]) -> None:
        own = [column.name for column in self.kind.columns]
        parts = [part.name for part in self.kind.parts]
        parent = [] if read_only else self.kind.said_once
        meta = [REASON, CONFIRM] if read_only else [CONFIRM]
        self._unknown(sent, [*parent, *own, *parts, *meta, *read_only], "")
        for name, stands in read_only.items():
            if name in sent and name not in own and not _same(sent[name], stands):
                self._not_yours(name, "")

    def _read_only(self, stored: Stored) -> dict[str, Any]:
        told = self.kind.document(stored)
        own = {column.name for column in self.kind.columns}
        return {n: v for n, v in told.items() if n not in own and not isinstance(v, list)}

    def _not_yours(self, name: str, place: str) -> None:
        message = _("This cannot be changed by writing it. Leave it out, or send it as it was.")
        self.note(f"{place}/{pointed(name)}", "read_only", message)

    def _unknown(self, sent: Mapping[str, Any], known: Iterable[str], place: str) -> None:
        for name in sent:
            if name not in known:
                message = _("There is no “%(name)s” here. There are: %(known)s.")
                params = {"name": shown(name), "known": ", ".join(known)}
                self.note(f"{place}/{pointed(name)}", "unknown_name", message % params)

    # ── What stands beside the record ────────────────────────────────────────────────────────

    def reason(self, sent: Mapping[str, Any]) -> str:
        """Why something is amended or voided."""
        reason = sent.get(REASON)
        if not isinstance(reason, str) or not reason.strip():
            self.note(f"/{REASON}", "reason_needed", _("Say why, in a few words."))
            return ""
        if len(reason) > LONGEST_REASON:
            message = _("A reason has at most %(most)s characters.") % {"most": LONGEST_REASON}
            self.note(f"/{REASON}", "too_long", message)
        return reason

    def only(self, sent: Mapping[str, Any], *names: str) -> None:
        """Nothing else is said here."""
        self._unknown(sent, names, "")

    def confirmed(self, sent: Mapping[str, Any]) -> set[str]:
        """The keys of the questions that were answered with yes."""
        keys = sent.get(CONFIRM) or []
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            message = _("This is a list of texts: the keys of questions.")
            self.note(f"/{CONFIRM}", "wrong_type", message)
            return set()
        return set(keys)


def asked(kind: Kind, draft: Draft, questions: Iterable[Unusual], at: str = "") -> list[dict]:
    """Questions as a program reads them; their keys go into `confirm`."""
    return [
        {
            "key": one.key,
            "code": str(one.code),
            "field": f"{at}{kind.pointer(one, draft)}",
            "value": one.value,
            "sentence": one.sentence,
            "suggestion": one.suggestion or None,
        }
        for one in questions
    ]


def _same(sent: Any, stands: Any) -> bool:
    if isinstance(stands, float) and not isinstance(sent, bool | str | list | dict | None):
        return float(sent) == stands
    return type(sent) is type(stands) and sent == stands


def _twice(part: Part) -> str:
    rules = part.model._meta.constraints
    once = next(rule for rule in rules if rule.violation_error_code == "duplicate_record")
    return str(once.get_violation_error_message())
