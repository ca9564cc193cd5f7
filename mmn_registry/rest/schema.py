"""OpenAPI from what the views already declare: filter form, columns, envelope and forms."""

from functools import cache
from http import HTTPStatus

from django import forms
from drf_spectacular.authentication import BasicScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_parameter_type, get_doc
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.settings import patched_settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from mmn_registry import faults
from mmn_registry.accounts.authentication import PasswordSignIn, TokenSignIn

from .envelopes import ProblemSerializer, answer_with, page_of
from .filters import FORMAT, CodeField, CursorField, DayField, InstantField, SizeField
from .operations import KEY_EXAMPLE, VERSION_EXAMPLE, Refusal, Write
from .problems import MEDIA_TYPE
from .rendering import CsvRenderer
from .views import SIGN_IN, AnswerView, ListView, RegistryView, RowDetailView

DESCRIPTION = """\
Records of patients with multifocal motor neuropathy (MMN), and what follows from them.

**Signing in.** Send a token, as `Authorization: Bearer mmn_…`, or open an address in a browser that
is signed in. You make tokens on the page of your account. You see the patients of your centres.

**As of.** Every answer is given as of a day: only what is dated on or before it counts, and a
patient who was not yet included that day is not there. Ask with `as_of=2008-12-31`; the default is
today. The answer repeats the day (`as_of`) and names the rules that derived results follow
(`rules`): in JSON beside the rows, in CSV in the headers `MMN-As-Of` and `MMN-Rules`. CSV of
derived results carries both as its last columns too, because a saved file has no headers.

**JSON and CSV.** JSON is the default: numbers are numbers, yes and no are true and false, and what
is not recorded is null. `format=csv`, or `Accept: text/csv`, gives the whole list in one response:
UTF-8, a header row, ISO dates, decimal points, `yes` and `no`, empty where nothing is recorded.

**Pseudonymised.** Who reads a centre's patients for research, not for treatment, gets the same
columns: days as months (2008-12), year of birth and free texts null, the age at inclusion as a band
of ten years. Results are derived from the full days all the same, and what is counted in days
stays. Such answers say `pseudonymised`, and how many patients are `withheld` because they withdrew
their consent to research (in CSV the headers `MMN-Pseudonymised` and `MMN-Withheld`). A day that is
asked for is then the last of its month (`as_of`) or the first (`since`).

**Pages.** A list in JSON comes in pages of `page_size` rows. Follow `next` until it is null.

**Writing.** Records are written by the rules, and refused in the words, of the pages. `POST` to a
list records one and needs an `Idempotency-Key`: sent again with the same key, it writes nothing
twice. `PATCH` changes what it names, `PUT` all, `POST` to `void/` says that a record does not
count; each needs the version that you read in `If-Match`, and a `reason`. An unusual value is asked
about: the refusal holds `questions`, and the same request with their keys in `confirm` is stored.

**Refusals** are problem details (RFC 9457). A filter that does not exist, is empty or cannot be
understood is refused with 400, never left out: without it you would read another cohort's numbers.
Somebody else's patient is as unknown as one that does not exist.
"""
SUBJECTS = {
    "Records": "What was observed and given, as it was recorded.",
    "Outcomes": "What follows from the records, by the rules that the answer names.",
    "Writing": "Recording, amending and voiding, by the rules and in the words of the pages.",
}


# As the demonstration has them.
EXAMPLES = {"study_id": "SYN-010", "as_of": "2008-12-31"}
EXAMPLE_REQUEST = "6f1d3c0a5b7e4d5f9a1c2b3d4e5f6a7b"


REFUSALS = {
    HTTPStatus.BAD_REQUEST: Refusal(
        "A parameter is unknown, empty, given twice, or cannot be understood.",
        "as_of: “31.12.2008” is not a day. Write year, month and day like 2008-12-31.",
        (
            {
                "field": "as_of",
                "code": "invalid_day",
                "value": "31.12.2008",
                "detail": "“31.12.2008” is not a day. Write year, month and day like 2008-12-31.",
            },
        ),
    ),
    HTTPStatus.UNAUTHORIZED: Refusal(
        "Nobody is signed in.", str(SIGN_IN), code="not_authenticated"
    ),
    HTTPStatus.NOT_ACCEPTABLE: Refusal(
        "None of the accepted media types is spoken here.",
        "This cannot be answered as application/xml, only as: application/json, text/csv.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Refusal(
        "More requests in a minute than one may send. `Retry-After` says how long to wait.",
        "This is too often. Ask again in 24 seconds.",
        code="too_many_requests",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Refusal(
        "The database is away or too busy. `Retry-After` says in how many seconds to ask again.",
        faults.sentence(HTTPStatus.SERVICE_UNAVAILABLE),
    ),
}


ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
STUDY_ID = "Study id, as the list of patients has it."
RECORD_ID = "The record's own id, as its list has it."
ETAG = {
    "description": "The version of the record, for the header `If-Match`.",
    "schema": {"type": "string"},
}


class TokenSignInScheme(OpenApiAuthenticationExtension):
    target_class = TokenSignIn
    name = "tokenAuth"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": str(SIGN_IN)}


class PasswordSignInScheme(BasicScheme):
    """In demonstrations only, so it is not said of a registry's addresses."""

    target_class = PasswordSignIn

    def get_security_requirement(self, auto_schema):
        return None


class RegistrySchema(AutoSchema):
    """Describes the views that answer; no other view is part of the interface."""

    def is_excluded(self):
        return not isinstance(self.view, AnswerView)

    def _is_list_view(self, serializer=None):
        """Never as drf-spectacular means it: a page is described as the object that it is."""
        return False

    @property
    def write(self) -> Write | None:
        """What the method writes; None where it reads."""
        return getattr(self.view, "writes", {}).get(self.method)

    def get_operation_id(self):
        if self.write:
            return self.write.operation
        return self.view.verb + "".join(word.title() for word in self.view.name.split("_"))

    def get_tags(self):
        records, outcomes, writing = SUBJECTS
        if self.write:
            return [writing]
        return [outcomes if self.view.derived else records]

    def get_extensions(self):
        return {"x-record": self.write.of} if self.write else {}

    def get_summary(self):
        if self.write:
            return self.write.summary
        return get_doc(type(self.view)).splitlines()[0].removesuffix(".")

    def get_description(self):
        if self.write:
            return f"{self.write.summary}."
        return get_doc(type(self.view))

    def _resolve_path_parameters(self, variables):
        return [
            build_parameter_type(
                name=name,
                schema={"type": "string"} | ({} if name == "study_id" else {"format": "uuid"}),
                location=OpenApiParameter.PATH,
                required=True,
                description=STUDY_ID if name == "study_id" else RECORD_ID,
                examples=_example_of(name),
            )
            for name in variables
        ] + self._headers_of_writing()

    def _headers_of_writing(self):
        write = self.write
        if write is None:
            return []
        told = {}
        if write.needs_version:
            told["If-Match"] = ("The ETag of the version that you read.", True, VERSION_EXAMPLE)
        if write.has_key or write.needs_key:
            told["Idempotency-Key"] = (
                "A key of this request's own, kept 48 hours: sent again with the same key and "
                "body, it is answered as before and writes nothing twice.",
                write.needs_key,
                KEY_EXAMPLE,
            )
        return [
            build_parameter_type(
                name=name,
                schema={"type": "string"},
                location=OpenApiParameter.HEADER,
                required=required,
                description=described,
                examples={"demonstration": {"value": example}},
            )
            for name, (described, required, example) in told.items()
        ]

    def get_request_serializer(self):
        return self.write.sent if self.write else None

    def get_examples(self):
        if self.write is None or not self.write.example:
            return []
        return [OpenApiExample("Example", dict(self.write.example), request_only=True)]

    def _get_filter_parameters(self):
        if self.write:
            return []
        return [
            _query_parameter(name, _schema_of(field), str(field.help_text))
            for name, field in self.view.filter_form.base_fields.items()
        ]

    def _get_format_parameters(self):
        if self.write or CsvRenderer not in self.view.renderer_classes:
            return []
        schema = {"type": "string", "enum": self.map_renderers("format")}
        described = (
            "Form of the answer, whatever `Accept` says. Default: what that says, else json."
        )
        return [_query_parameter(FORMAT, schema, described)]

    def get_response_serializers(self):
        if self.write:
            return self._answers_to_writing(self.write)
        if CsvRenderer not in self.view.renderer_classes:
            return {
                (200, "application/json"): OpenApiResponse(
                    _answer(self.view), description=self.view.answered
                ),
                **_problems(_refusals(self.view)),
            }
        csv_columns = ", ".join(f"`{column}`" for column in self.view.csv_columns())
        return {
            (200, "application/json"): OpenApiResponse(
                _answer(self.view), description=f"As CSV, the columns are {csv_columns}."
            ),
            (200, CsvRenderer.media_type): {"type": "string"},
            **_problems(_refusals(self.view)),
        }

    def _answers_to_writing(self, write: Write):
        always = {status: REFUSALS[status] for status in ALWAYS}
        return {
            (int(write.status), "application/json"): OpenApiResponse(
                write.answered(), description="What stands now."
            ),
            **_problems(dict(sorted((always | write.refusals).items()))),
        }

    def _get_response_headers_for_code(self, status_code, direction="response"):
        if self.write:
            return self._headers_of_what_was_written(status_code)
        if status_code != "200":
            return {}
        version = {"ETag": ETAG} if self.view.is_of_one else {}
        return version | {
            "MMN-As-Of": {
                "description": "The day of the answer.",
                "schema": {"type": "string", "format": "date"},
            },
            "MMN-Rules": {
                "description": "Name and version of the rules, like mmn-outcomes/1.",
                "schema": {"type": "string"},
            },
        }

    def _headers_of_what_was_written(self, status_code):
        text = {"type": "string"}
        if status_code not in ("200", "201") or not self.write.is_of_one:
            return {}
        told = {"ETag": ETAG}
        if status_code == "201":
            told["Location"] = {"description": "The record's own address.", "schema": text}
        return told


def _answer(view: AnswerView):
    if isinstance(view, ListView):
        return page_of(view.serializer_class)
    if isinstance(view, RowDetailView) or view.is_of_one:
        return answer_with(view.serializer_class)
    return view.serializer_class()


def _refusals(view: AnswerView) -> dict[HTTPStatus, Refusal]:
    if view.not_found:
        unknown = Refusal("Somebody else's, or nobody's.", str(view.not_found))
        return REFUSALS | {HTTPStatus.NOT_FOUND: unknown}
    return REFUSALS


def _problems(refusals: dict[HTTPStatus, Refusal]) -> dict:
    return {(int(s), MEDIA_TYPE): _described(s, told) for s, told in refusals.items()}


def _described(status: HTTPStatus, refusal: Refusal) -> OpenApiResponse:
    example = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "code": refusal.code or status.name.lower(),
        "detail": str(refusal.detail),
        "errors": list(refusal.errors),
        "request_id": EXAMPLE_REQUEST,
    }
    return OpenApiResponse(
        ProblemSerializer,
        description=str(refusal.when),
        examples=[OpenApiExample(status.phrase, example)],
    )


def _query_parameter(name: str, schema: dict, description: str) -> dict:
    return build_parameter_type(
        name=name,
        schema=schema,
        location=OpenApiParameter.QUERY,
        description=description,
        examples=_example_of(name),
    )


def _example_of(name: str) -> dict | None:
    if name not in EXAMPLES:
        return None
    return {"demonstration": {"value": EXAMPLES[name]}}


def _schema_of(field: forms.Field) -> dict:
    match field:
        case DayField():
            return {"type": "string", "format": "date"}
        case InstantField():
            return {"type": "string"}
        case CodeField():
            return {"type": "string", "enum": [value for value, _label in field.choices]}
        case SizeField():
            return {"type": "integer", "minimum": field.least, "maximum": field.most}
        case CursorField():
            return {"type": "string", "description": "Not to be made, only to be followed."}
    return {"type": "string"}


class SchemaView(RegistryView):
    """The description of the interface. It tells of nobody, so everybody may read it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    renderer_classes = (
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    )

    def get(self, request):
        return Response(registry_schema())


@cache
def registry_schema() -> dict:
    """The same for everybody until the code changes, so it is written once."""
    told = {
        "DESCRIPTION": DESCRIPTION,
        "TAGS": [{"name": name, "description": text} for name, text in SUBJECTS.items()],
        # Ours are words already: a list of words that mean themselves tells nothing.
        "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
        # What PATCH takes is described as what it is.
        "COMPONENT_SPLIT_PATCH": False,
        "SORT_OPERATIONS": False,
        "SORT_OPERATION_PARAMETERS": False,
    }
    with patched_settings(told):
        return SchemaGenerator().get_schema(public=True)
