"""Reading and searching resources: who asks, what they may see, and how it is bundled."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from mmn_registry.audit.notes import note_rows
from mmn_registry.audit.vocabulary import EntryKind
from mmn_registry.disclosure import pseudonymised_somewhere, withheld_count
from mmn_registry.rest.cursors import Cursor, Side
from mmn_registry.rest.views import RegistryView

from .capability import capability_statement
from .elements import Element
from .refusals import issue, operation_outcome, refusal
from .rendering import FhirRenderer, Negotiation, PlainJsonRenderer
from .search import CURSOR, Asked, Parameter, Reading, read_search
from .server import ENCOUNTER, EVERYTHING, PATIENT, TERMINOLOGY, ResourceType, Server
from .sources import Place, Source, walk
from .terminology import Vocabulary

Found = Sequence[tuple[Source, dict[str, Any]]]


class FhirView(RegistryView):
    """What every address of FHIR has in common; who may ask is as in the rest of REST."""

    content_negotiation_class = Negotiation
    renderer_classes = (FhirRenderer, PlainJsonRenderer)
    schema = None  # described by the CapabilityStatement
    server = Server((), ())  # what is served; injected where the addresses are wired
    base = ""  # the path under which

    def get_exception_handler(self):
        return refusal

    def address(self, path: str = "") -> str:
        return self.request.build_absolute_uri(self.base + path)

    def asked(self, parameters: Mapping[str, Parameter], **reading: Any) -> Asked:
        by_months = pseudonymised_somewhere()
        told = Reading(by_months=by_months, base=self.address(), **reading)
        return read_search(self.request.query_params, parameters, told)

    def note(self, kind: EntryKind, study_id: str = "", *, rows: int) -> None:
        route = self.request.resolver_match.view_name
        note_rows(kind, route=route, study_id=study_id, rows=rows)


class NothingHere(FhirView):
    def get(self, request, *args, **kwargs):
        raise Http404(_("There is nothing at this address. /metadata names all there are."))


class Metadata(FhirView):
    """What this server can do. It tells of nobody, so everybody may read it."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request):
        return Response(capability_statement(self.server, self.address()))


def unknown_page() -> ValidationError:
    message = _("This page is none of this search's. Take the address in the link `next`.")
    return ValidationError({CURSOR: [ErrorDetail(message, "unknown_cursor")]})


class Paged(FhirView):
    """Pages of what is found along some sources."""

    def page(self, sources: Sequence[Source], asked: Asked) -> tuple[Found, str | None]:
        """What stands on the page that is asked for, and the address of the next one."""
        begin = self._begin(asked.cursor, len(sources))
        found, ahead = walk(sources, self.request.user, asked, begin=begin, most=asked.count)
        return found, self._next(ahead)

    def _begin(self, written: str | None, sources: int) -> Place:
        if written is None:
            return Place(0)
        try:
            cursor = Cursor.read(written)
            where, number, key = cursor.key
            place = Place(int(number), UUID(key) if key else None)
        except ValueError:
            raise unknown_page() from None
        if where != self._here() or place.source >= sources:
            raise unknown_page()
        return place

    def _here(self) -> str:
        return f"fhir:{self.request.resolver_match.view_name}"

    def _next(self, place: Place | None) -> str | None:
        if place is None:
            return None
        key = (self._here(), str(place.source), str(place.after or ""))
        address = self.request.build_absolute_uri()
        return replace_query_param(address, CURSOR, str(Cursor(Side.AFTER, key)))

    def bundle(
        self,
        matches: Sequence[Element],
        ahead: str | None,
        included: Sequence[Element] = (),
        more: Sequence[Element] = (),
    ) -> Response:
        here = self.request.build_absolute_uri()
        entries = [
            *(self._entry(one, "match") for one in matches),
            *(self._entry(one, "include") for one in included),
            *({"resource": one, "search": {"mode": "outcome"}} for one in more),
        ]
        links = [{"relation": "self", "url": here}]
        if CURSOR in self.request.query_params:
            links.append({"relation": "first", "url": remove_query_param(here, CURSOR)})
        if ahead:
            links.append({"relation": "next", "url": ahead})
        bundle = {"resourceType": "Bundle", "type": "searchset", "link": links}
        return Response(bundle | ({"entry": entries} if entries else {}))

    def _entry(self, resource: Element, mode: str) -> Element:
        where = f"{resource['resourceType']}/{resource['id']}"
        return {
            "fullUrl": self.address(where),
            "resource": resource,
            "search": {"mode": mode},
        }

    def withheld(self) -> list[Element]:
        """Said where it is so: how many are left out who withdrew their consent to research."""
        count = withheld_count(timezone.localdate())
        if not count:
            return []
        message = _("%(count)s patients are left out: they withdrew their consent to research.")
        told = issue("suppressed", message % {"count": count}, severity="information")
        return [operation_outcome(told)]


class Search(Paged):
    """Resources of a type."""

    resource_type: ResourceType | None = None

    def get(self, request):
        kind = self.resource_type
        statuses = kind.statuses or ("", "")
        asked = self.asked(kind.parameters, statuses=statuses, includes=kind.includes)
        found, ahead = self.page(kind.sources, asked)
        matches = [source.to_resource(row) for source, row in found]
        included = self._included(asked, found, matches)
        self.note(EntryKind.READ, self._whose(asked, found), rows=len(matches) + len(included))
        more = self.withheld() if asked.is_of_many and asked.cursor is None else ()
        return self.bundle(matches, ahead, included, more)

    def _whose(self, asked: Asked, found: Found) -> str:
        """The patient of whom was asked. Of one without such records nothing was read."""
        return found[0][1]["study_id"] if found and asked.patient is not None else ""

    def _included(self, asked: Asked, found: Found, matches: Sequence[Element]) -> list[Element]:
        """What matches refer to, each once: a query per source of it, however many there are."""
        wanted: dict[str, dict[str, None]] = {}
        for include in sorted(asked.includes):
            _type, _colon, name = include.partition(":")
            if name == "encounter":
                references = (one.get("encounter", {}).get("reference") for one in matches)
            else:
                references = (f"{PATIENT}/{row['patient_id']}" for _source, row in found)
            for reference in filter(None, references):
                type_, _slash, key = reference.partition("/")
                wanted.setdefault(type_, {})[key] = None
        return [
            source.to_resource(row)
            for type_ in (PATIENT, ENCOUNTER)
            if type_ in wanted
            for source, row in self._with_ids(type_, list(wanted[type_]))
        ]

    def _with_ids(self, type_: str, ids: list[str]) -> Found:
        sources = self.server.by_name[type_].sources
        found, _rest = walk(
            sources, self.request.user, Asked(ids=ids), begin=Place(0), most=len(ids)
        )
        return found


class Read(FhirView):
    """One resource by its id; not yours, voided and none at all are the same: not found."""

    resource_type: ResourceType | None = None

    def get(self, request, **key):
        [resource_id] = key.values()
        self.asked({})
        asked = Asked(ids=[resource_id])
        sources = self.resource_type.sources
        found, _rest = walk(sources, request.user, asked, begin=Place(0), most=1)
        if not found:
            raise Http404(_("There is no such resource of a patient in your centres."))
        [(source, row)] = found
        self.note(EntryKind.READ, row["study_id"], rows=1)
        return versioned(request, source.to_resource(row))


def versioned(request, resource: Element) -> Response:
    """With its version; nothing but that to who has it already."""
    tag = f'W/"{resource["meta"]["versionId"]}"'
    known = [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]
    if tag in known:
        return Response(status=304, headers={"ETag": tag})
    return Response(resource, headers={"ETag": tag})


class PatientEverything(Paged):
    """A patient, and all that is recorded of them and follows from it."""

    def get(self, request, patient_id):
        asked = self.asked(EVERYTHING, types=self.server.names)
        patients = self.server.by_name[PATIENT].sources
        one = Asked(ids=[patient_id])
        whose, _rest = walk(patients, request.user, one, begin=Place(0), most=1)
        if not whose:
            raise Http404(_("There is no such resource of a patient in your centres."))
        [(_source, patient)] = whose
        asked = Asked(
            patient=patient["id"],
            changed=asked.changed,
            types=asked.types,
            count=asked.count,
            cursor=asked.cursor,
        )
        found, ahead = self.page(self.server.sources(asked.types), asked)
        self.note(EntryKind.READ, patient["study_id"], rows=len(found))
        return self.bundle([source.to_resource(row) for source, row in found], ahead)


class Terminology(FhirView):
    """Code systems and value sets of our own. They tell of nobody: everybody may read them."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    kind = ""  # CodeSystem or ValueSet

    def resource(self, known: Vocabulary) -> Element:
        return known.code_system() if self.kind == "CodeSystem" else known.value_set()


class TerminologySearch(Terminology, Paged):
    def get(self, request):
        asked = self.asked(TERMINOLOGY)
        found = [self.resource(known) for known in self.server.vocabularies]
        for name, values in (("id", asked.ids), ("url", asked.urls)):
            found = [one for one in found if values is None or one[name] in values]
        return self.bundle(found, None)


class TerminologyRead(Terminology):
    def get(self, request, **key):
        [wanted] = key.values()
        self.asked({})
        for known in self.server.vocabularies:
            if known.id == wanted:
                return versioned(request, self.resource(known))
        raise Http404(_("There is no such code system here. A search names all there are."))
