"""Every code that a column of the bundle may hold, with its words."""

from collections.abc import Iterable

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mmn_registry.interchange import Table
from mmn_registry.rest import columns as told
from mmn_registry.rest.envelopes import AnswerSerializer
from mmn_registry.rest.filters import read_filter
from mmn_registry.rest.rendering import JsonRenderer
from mmn_registry.rest.views import AnswerView
from patients.calendar import registry_today

from .views import NoFilter


class WordSerializer(serializers.Serializer):
    """One code of one column."""

    table = told.text("The table of the bundle, and of the list here, with - for _.")
    column = told.text("Its column.")
    code = told.text("The code, as it is sent and answered.")
    words = told.text("What it means, in words.")


class VocabularySerializer(AnswerSerializer):
    results = WordSerializer(many=True, help_text="Column by column, in the order of the codes.")


class Vocabulary(AnswerView):
    """Every code that a column may hold, with its words."""

    serializer_class = VocabularySerializer
    filter_form = NoFilter
    renderer_classes = (JsonRenderer,)
    name = "vocabulary"
    answered = "All codes."
    tables: tuple[Table, ...] = ()  # injected where the addresses are wired

    def get(self, request: Request) -> Response:
        read_filter(NoFilter, request.query_params)
        rows = [row for table in self.tables for row in _words(table)]
        return self.as_json({"as_of": registry_today()}, results=rows)


def _words(table: Table) -> Iterable[dict[str, str]]:
    for column in table.own:
        for code, words in table.field(column).choices or ():
            yield {
                "table": table.name,
                "column": column.name,
                "code": str(code),
                "words": str(words),
            }
