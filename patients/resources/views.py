"""The addresses of records that are written: lists to which one is added, and single records."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from mmn_registry.accounts.roles import Permission
from mmn_registry.accounts.selectors import check_can
from mmn_registry.disclosure import is_pseudonymised, left_out, pseudonymised
from mmn_registry.rest.bodies import read_object
from mmn_registry.rest.etags import etag, versions_read
from mmn_registry.rest.filters import read_filter
from mmn_registry.rest.idempotency import Answer, key_of, once
from mmn_registry.rest.refusals import Refused, refused, refused_by_others
from mmn_registry.rest.rendering import JsonRenderer
from mmn_registry.rest.rights import check_may_write, check_may_write_somewhere
from mmn_registry.rest.views import AnswerView
from patients.actions import StaleRecord
from patients.calendar import registry_today
from patients.models.record import Record
from patients.selectors import list_confirmations

from .drafts import Desk, asked
from .kind import Draft, Kind, Part, Stored

NOT_HERE = gettext_lazy("There is no such record in your centres.")


class NoFilter(forms.Form):
    """A record is answered as it stands now."""


class Writing(AnswerView):
    """What reading and writing records by REST have in common."""

    kind: ClassVar[Kind]
    parser_classes = (JSONParser,)

    def _no_filter(self) -> None:
        read_filter(NoFilter, self.request.query_params)

    def _once(self, sent: Any, *, needed: bool, work: Callable[[], Answer]) -> HttpResponse:
        return once(self.request, key_of(self.request, needed=needed), sent, work)

    def _answer(self, status: HTTPStatus, stored: Stored, **more: Any) -> Answer:
        is_new = status == HTTPStatus.CREATED
        return Answer(
            status,
            self._around(self.kind.document(stored)) | more,
            etag(stored.version),
            self._address_of(stored.record) if is_new else "",
        )

    def _around(self, result: Any) -> dict[str, Any]:
        day = registry_today().isoformat()
        return {"as_of": day, "rules": self.rules._asdict(), "result": result}

    def _address_of(self, record: Record) -> str:
        return reverse(f"api:{self.kind.one}", kwargs=self.kind.key_of(record))

    def _refuse_open_questions(self, desk: Desk, draft: Draft, sent: dict) -> list:
        """Questions that were answered; those that were not are a refusal."""
        questions = list(self.kind.questions(draft))
        if draft.stored and questions:
            known = {answer.key for answer in list_confirmations(draft.stored.record)}
            questions = [one for one in questions if one.key not in known]
        confirmed = desk.confirmed(sent)
        if desk.wrong:
            raise refused(desk.wrong)
        unanswered = [one for one in questions if one.key not in confirmed]
        if unanswered:
            # What is there already is no question.
            refusing(draft.record.validate_constraints)
            raise unconfirmed(asked(self.kind, draft, unanswered))
        return questions


def unconfirmed(questions: list[dict[str, Any]]) -> Refused:
    """Values that are possible, but seldom right."""
    message = _(
        "These values are unusual: %(sentence)s Correct them, or send the key of each question "
        "in `confirm` if they are right."
    )
    return Refused(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "unconfirmed",
        message % {"sentence": questions[0]["sentence"]},
        questions=questions,
    )


def refusing(write: Callable[[], Any]) -> Any:
    """What only the database knew, as a refusal."""
    try:
        return write()
    except ValidationError as error:
        raise refused_by_others(error) from error


class Adding(Writing):
    """A list to which a record is added."""

    def post(self, request: Request, **_key: str) -> HttpResponse:
        check_may_write_somewhere()
        self._no_filter()
        key = key_of(request, needed=True)
        sent = read_object(request)
        return once(request, key, sent, lambda: self._added(sent))

    def _added(self, sent: dict[str, Any]) -> Answer:
        desk = Desk(self.kind)
        record = self.kind.begin(sent, desk, self.request.user)
        if record is None:
            raise refused(desk.wrong)
        draft = desk.new(sent, record)
        confirmed = self._refuse_open_questions(desk, draft, sent) if desk.is_clean else []
        if desk.wrong:
            raise refused(desk.wrong)
        by = self.request.user
        stored = refusing(lambda: self.kind.record(draft, confirmed=confirmed, by=by))
        return self._answer(HTTPStatus.CREATED, stored)


class OfOne(Writing):
    """What is done at the address of one record."""

    renderer_classes = (JsonRenderer,)
    not_found = NOT_HERE

    def _record(self, **key: Any) -> Record:
        """The record, also where it was voided; another centre's is as unknown as none."""
        found = self.kind.find(self.request.user, **key)
        if found is None:
            raise Http404(self.not_found)
        return found

    def _record_to_write(self, **key: Any) -> Record:
        self._no_filter()
        record = self._record(**key)
        centre = self.kind.centre_of(record)
        check_may_write(centre.pk)
        if self.kind.permission is not Permission.WRITE_RECORDS:
            check_can(self.request.user, self.kind.permission, centre)
        return record

    def _stored(self, record: Record) -> Stored:
        stored = None if record.voided_at else self.kind.read(record)
        if stored is None:
            raise voided()
        return stored

    def _as_read(self, record: Record, versions: frozenset[str]) -> Stored:
        stored = self._stored(record)
        if stored.version not in versions:
            raise self._stale(stored)
        return stored

    def _unless_stale(self, record: Record, write: Callable[[], Any]) -> Any:
        try:
            return refusing(write)
        except StaleRecord:
            raise self._stale(self._stored(record)) from None

    def _stale(self, stored: Stored) -> Refused:
        message = _(
            "Somebody changed this record since you read it. Nothing was overwritten: `current` is "
            "how it stands now."
        )
        return Refused(
            HTTPStatus.PRECONDITION_FAILED,
            "stale_version",
            message,
            headers={"ETag": etag(stored.version)},
            etag=etag(stored.version),
            current=self.kind.document(stored),
        )


class One(OfOne):
    """One record, by its key."""

    serializer_class = None  # said where its address is: the document of its kind
    is_of_one = True
    filter_form = NoFilter

    def get(self, request: Request, **key: Any) -> HttpResponse:
        self._no_filter()
        stored = self._stored(self._record(**key))
        record = stored.record
        document = self.kind.document(stored)
        centre = self.kind.centre_of(record)
        if is_pseudonymised(centre.pk):
            document = coarse(self.kind, document)
        patient = self.kind.patient_of(record)
        self._noted = patient.study_id if patient else ""
        answer = self.as_json({"as_of": timezone.localdate()}, result=document)
        answer["ETag"] = etag(stored.version)
        return answer

    def _subject(self, asked: dict) -> dict[str, str]:
        return {"route": self.request.resolver_match.view_name, "study_id": self._noted}

    def patch(self, request: Request, **key: Any) -> HttpResponse:
        return self._amend(key, whole=False)

    def put(self, request: Request, **key: Any) -> HttpResponse:
        return self._amend(key, whole=True)

    def _amend(self, key: dict[str, Any], *, whole: bool) -> HttpResponse:
        record = self._record_to_write(**key)
        versions = versions_read(self.request)
        sent = read_object(self.request)
        return self._once(
            sent, needed=False, work=lambda: self._amended(record, sent, versions, whole=whole)
        )

    def _amended(
        self, record: Record, sent: dict[str, Any], versions: frozenset[str], *, whole: bool
    ) -> Answer:
        stored = self._as_read(record, versions)
        desk = Desk(self.kind)
        draft = desk.amended(sent, stored, whole=whole)
        reason = desk.reason(sent)
        if desk.wrong:
            raise refused(desk.wrong)
        confirmed = self._refuse_open_questions(desk, draft, sent)
        has_changed = self._unless_stale(
            record,
            lambda: self.kind.amend(
                draft,
                as_read=stored.version,
                confirmed=confirmed,
                by=self.request.user,
                reason=reason,
            ),
        )
        return self._answer(HTTPStatus.OK, self._stored(record), changed=has_changed)


def voided() -> Refused:
    message = _("This record was voided and does not count any more. Record it anew if it should.")
    return Refused(HTTPStatus.GONE, "voided_record", message)


class Voiding(OfOne):
    """A record is voided by saying why; it can be read in the history for ever."""

    def post(self, request: Request, **key: Any) -> HttpResponse:
        record = self._record_to_write(**key)
        versions = versions_read(request)
        sent = read_object(request)
        return self._once(sent, needed=False, work=lambda: self._voided(record, sent, versions))

    def _voided(self, record: Record, sent: dict[str, Any], versions: frozenset[str]) -> Answer:
        stored = self._as_read(record, versions)
        desk = Desk(self.kind)
        reason = desk.reason(sent)
        desk.only(sent, "reason")
        if desk.wrong:
            raise refused(desk.wrong)
        self._unless_stale(
            record,
            lambda: self.kind.void(
                stored.record, as_read=stored.version, by=self.request.user, reason=reason
            ),
        )
        told = {"id": str(record.pk), "voided": True, "reason": reason}
        return Answer(HTTPStatus.OK, self._around(told))


def coarse(kind: Kind, document: dict[str, Any]) -> dict[str, Any]:
    """A document for who reads pseudonymised."""
    told = dict(document)
    for column in kind.columns:
        told[column.name] = pseudonymised(kind.model, column.path)(told[column.name])
    for part in kind.parts:
        told[part.name] = [_coarse_part(part, one) for one in told[part.name]]
    told["recorded_at"] = left_out(told["recorded_at"])
    return told


def _coarse_part(part: Part, one: dict[str, Any]) -> dict[str, Any]:
    columns = {column.name: column for column in part.columns}
    return {
        name: pseudonymised(part.model, columns[name].path)(value) if name in columns else value
        for name, value in one.items()
    }
