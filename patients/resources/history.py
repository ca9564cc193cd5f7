"""Who changed what of a record, when and why: what the trail tells of it."""

from typing import Any

from django.http import Http404, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from mmn_registry.accounts.trail.records import RecordHistory, Step
from mmn_registry.accounts.trail.words import Change
from mmn_registry.disclosure import is_pseudonymised
from mmn_registry.rest import columns as told
from mmn_registry.rest.envelopes import AnswerSerializer
from patients.calendar import registry_today

from .views import NOT_HERE, NoFilter, OfOne


class ChangeSerializer(serializers.Serializer):
    """One field of one row: what it was and what it is."""

    field = told.text("The column.")
    old = told.text("What it was, in words.")
    new = told.text("What it is, in words.")
    is_shown = told.truth("False: you may know that it changed, but not from what to what.")


class ChangedPartSerializer(serializers.Serializer):
    """A record that belongs to the record."""

    name = told.text("Which one, in words.")
    changes = ChangeSerializer(many=True, help_text="What changed in it.")


class StepSerializer(serializers.Serializer):
    """What one action did."""

    at = serializers.DateTimeField(help_text="When, by the database's clock.")
    who = told.text("In whose name.")
    action = told.text("What was done, in words.")
    reason = told.text("Why, as it was said; empty where nobody was asked.")
    changes = ChangeSerializer(many=True, help_text="What changed in the record itself.")
    parts = ChangedPartSerializer(many=True, help_text="What changed in its parts.")
    more = serializers.ListField(
        child=serializers.CharField(), help_text="Parts that came or went, counted, in words."
    )


class HistorySerializer(AnswerSerializer):
    results = StepSerializer(many=True, help_text="Step by step, the last one first.")


class History(OfOne):
    """Who changed what of a record and of its parts, when and why; also after it was voided.

    PostgreSQL decides which steps, and which of their values, you see.
    """

    serializer_class = HistorySerializer
    filter_form = NoFilter
    answered = "The steps, the last one first."

    def get(self, request: Request, **key: Any) -> HttpResponse:
        self._no_filter()
        record = self._record(**key)
        if is_pseudonymised(self.kind.centre_of(record).pk):
            # Moments, names and reasons are for who treats; as on the pages, there is none.
            raise Http404(NOT_HERE)
        patient = self.kind.patient_of(record)
        self._noted = patient.study_id if patient else ""
        history = RecordHistory(
            record._meta.db_table, str(record.pk), patient.pk if patient else None
        )
        steps = [_step(one) for one in history.steps()]
        return self.as_json({"as_of": registry_today()}, results=steps)

    def _subject(self, asked: dict) -> dict[str, str]:
        return {"route": self.request.resolver_match.view_name, "study_id": self._noted}


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": step.entry.at,
        "who": str(step.who),
        "action": step.entry.verb,
        "reason": step.entry.reason,
        "changes": [_change(one) for one in step.changes],
        "parts": [
            {"name": str(part.name), "changes": [_change(one) for one in part.changes]}
            for part in step.parts
        ],
        "more": [str(words) for words in step.much],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "field": change.column,
        "old": str(change.old),
        "new": str(change.new),
        "is_shown": change.is_shown,
    }
