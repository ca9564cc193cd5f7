"""Pages that begin after a key, so that a row added meanwhile moves nothing."""

from rest_framework.pagination import CursorPagination


class RowCursorPagination(CursorPagination):
    """Keyset paging over rows read as dicts; the view names its order."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
    cursor_query_param = "cursor"
    page_size_query_description = "Rows a page, 1 to 1000. Default 100."
    cursor_query_description = "Where the page begins: taken from `next` or `previous`, not made."

    def get_ordering(self, request, queryset, view):
        return view.ordering

    def get_paginated_response_schema(self, schema):
        """What the schema says of every list: the page inside the envelope."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["as_of", "rules", "next", "previous", "results"],
            "properties": {
                "as_of": {"type": "string", "format": "date", "examples": ["2008-12-31"]},
                "rules": {
                    "type": "object",
                    "description": "The rule set that derived results follow, and its version.",
                    "required": ["name", "version"],
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
                },
                "next": {**link, "description": "The next page, null at the end."},
                "previous": {**link, "description": "The page before, null at the beginning."},
                "results": schema,
            },
        }
