"""Many records at once: all of them, or none and why, each by its place in what was sent."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from mmn_registry.rest.bodies import read_object
from mmn_registry.rest.etags import etag
from mmn_registry.rest.idempotency import Answer, key_of, once
from mmn_registry.rest.refusals import Wrong, refused
from mmn_registry.rest.rendering import JsonRenderer
from mmn_registry.rest.rights import check_may_write_somewhere

from .drafts import CONFIRM, Desk, asked
from .kind import Draft
from .views import Writing, refusing, unconfirmed

RECORDS = "records"
MOST_RECORDS = 10_000
ALL = "*"  # in `confirm`: every unusual value is right, as who loads a bundle may say
MOST_TOLD = 100  # of what is wrong, and of questions: the rest shows when these are mended


class AddingMany(Writing):
    """Many records are recorded at once, as one action: all of them or none."""

    renderer_classes = (JsonRenderer,)

    def post(self, request: Request) -> HttpResponse:
        check_may_write_somewhere()
        self._no_filter()
        key = key_of(request, needed=True)
        sent = read_object(request)
        return once(request, key, sent, lambda: self._added(sent))

    def _added(self, sent: dict[str, Any]) -> Answer:
        desk = Desk(self.kind)
        drafts = self._drafts(sent, desk)
        confirmed = self._confirmed(drafts, desk, sent)
        by = self.request.user
        refusing(lambda: self.kind.record_many(drafts, confirmed=confirmed, by=by))
        results = [self._told(draft) for draft in drafts]
        return Answer(HTTPStatus.CREATED, self._around(results))

    def _told(self, draft: Draft) -> dict[str, str]:
        stored = self.kind.as_stored(draft)
        return {
            "id": str(stored.record.pk),
            "etag": etag(stored.version),
            "address": self._address_of(stored.record),
        }

    def _drafts(self, sent: dict[str, Any], desk: Desk) -> list[Draft]:
        desk.only(sent, RECORDS, CONFIRM)
        records = sent.get(RECORDS)
        if not isinstance(records, list) or not 0 < len(records) <= MOST_RECORDS:
            message = _("This is a list of 1 to %(most)s records.") % {"most": MOST_RECORDS}
            desk.note(f"/{RECORDS}", "wrong_type", message)
            raise refused(desk.wrong)
        drafts = [self._draft(one, number, desk) for number, one in enumerate(records)]
        desk.turn_to("")
        if not desk.wrong:
            desk.wrong += self._keys_twice([draft for draft in drafts if draft])
        if desk.wrong:
            raise refused(desk.wrong[:MOST_TOLD], wrong_in_all=len(desk.wrong))
        return [draft for draft in drafts if draft]

    def _draft(self, sent: Any, number: int, desk: Desk) -> Draft | None:
        desk.turn_to(f"/{RECORDS}/{number}")
        if not isinstance(sent, dict):
            desk.note("", "wrong_type", _("This is an object: names with their values."))
            return None
        record = self.kind.begin(sent, desk, self.request.user)
        if record is None:
            return None
        if CONFIRM in sent:
            desk.note(f"/{CONFIRM}", "unknown_name", _("Confirm beside the records, once for all."))
        return desk.new(sent, record)

    def _keys_twice(self, drafts: list[Draft]) -> list[Wrong]:
        """Two records of one key stand against each other before the database is asked."""
        found: dict[tuple[object, ...], int] = {}
        wrong = []
        for number, draft in enumerate(drafts):
            key = self.kind.natural_key(draft.record)
            if key in found:
                message = _("This is record %(number)s once more. Keep one of the two.")
                params = {"number": found[key]}
                wrong.append(Wrong(f"/{RECORDS}/{number}", "duplicate_record", message % params))
            found.setdefault(key, number)
        return wrong

    def _confirmed(self, drafts: list[Draft], desk: Desk, sent: dict[str, Any]) -> list:
        """Questions that were answered, each with its record; open ones are a refusal."""
        keys = desk.confirmed(sent)
        if desk.wrong:
            raise refused(desk.wrong)
        answered, open_questions = [], []
        for number, (draft, questions) in enumerate(
            zip(drafts, self.kind.questions_of_many(drafts), strict=True)
        ):
            for one in questions:
                # The same words about the same value of another record are another question.
                if ALL in keys or f"{number}:{one.key}" in keys:
                    answered.append((draft.record, one))
                    continue
                if len(open_questions) < MOST_TOLD:
                    (told,) = asked(self.kind, draft, [one], f"/{RECORDS}/{number}")
                    open_questions.append(told | {"key": f"{number}:{one.key}"})
        if open_questions:
            raise unconfirmed(open_questions)
        return answered
