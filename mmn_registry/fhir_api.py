"""The addresses of FHIR, and all that is served under them."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from infusions import fhir as infusions_fhir
from infusions import fhir_sources as given
from mmn_registry.fhir.export import Export, ExportFile, ExportStatus
from mmn_registry.fhir.server import ResourceType, Server
from mmn_registry.fhir.views import (
    Metadata,
    NothingHere,
    PatientEverything,
    Read,
    Search,
    TerminologyRead,
    TerminologySearch,
)
from outcomes import fhir as outcomes_fhir
from outcomes import fhir_sources as derived
from patients import fhir as patients_fhir
from patients import fhir_sources as observed
from patients.fhir import VOIDED

BASE = "/fhir/"
PATIENT = ResourceType(
    "Patient",
    "A person with multifocal motor neuropathy under a study id: sex, year of birth for who "
    "treats, the age at inclusion as a band for everybody.",
    "patient_id",
    [observed.PATIENTS],
    patient_names=(),
)
CONDITION = ResourceType(
    "Condition",
    "Multifocal motor neuropathy. How sure it is follows from the criteria of EFNS/PNS 2010 and "
    "all records: definite is confirmed, probable and possible are provisional, the rest is "
    "unconfirmed. It has no time of its own.",
    "patient_id",
    [derived.CONDITIONS],
    codes="code",
)
ENCOUNTER = ResourceType(
    "Encounter",
    "A visit, or a nerve conduction study. Infusions are none: many are given at home.",
    "encounter_id",
    observed.ENCOUNTERS,
    codes="type",
    dates=("date",),
    statuses=("finished", VOIDED),
)
OBSERVATION = ResourceType(
    "Observation",
    "Muscle grades and their sums, grip, weight, ONLS, INCAT, MMN-RODS, segments of nerves, "
    "laboratory results and findings.",
    "observation_id",
    [*observed.OBSERVATIONS[:1], *derived.OBSERVATIONS, *observed.OBSERVATIONS[1:]],
    patient_names=("patient", "subject"),
    codes="code",
    dates=("date",),
    statuses=("final", VOIDED),
    has_encounter=True,
)
ADMINISTRATION = ResourceType(
    "MedicationAdministration",
    "Immunoglobulin that was given: dose, route, product and lots.",
    "infusion_id",
    [given.INFUSIONS],
    patient_names=("patient", "subject"),
    codes="code",
    dates=("effective-time", "date"),
    statuses=("completed", VOIDED),
)
ADVERSE_EVENT = ResourceType(
    "AdverseEvent",
    "A reaction, with its severity and what was suspected.",
    "adverse_reaction_id",
    [given.REACTIONS],
    patient_names=("subject", "patient"),
    codes="event",
    dates=("date",),
)
CONSENT = ResourceType(
    "Consent",
    "What a patient agreed to; inactive once it was withdrawn.",
    "consent_id",
    [observed.CONSENTS],
    dates=("date",),
)
PROVENANCE = ResourceType(
    "Provenance",
    "When the version of a record that stands was recorded, and by whom: by an opaque id, for who "
    "treats the patient only.",
    "provenance_id",
    [*observed.RECORDED, *given.RECORDED],
)
SERVER = Server(
    (
        *(PATIENT, CONDITION, ENCOUNTER, OBSERVATION, ADMINISTRATION, ADVERSE_EVENT, CONSENT),
        PROVENANCE,
    ),
    (*patients_fhir.VOCABULARIES, *infusions_fhir.VOCABULARIES, *outcomes_fhir.VOCABULARIES),
)


def _page(route: str, view: type, name: str, **given_to: object):
    """The views of REST framework answer a stranger themselves: with 401 and how to sign in."""
    made = view.as_view(server=SERVER, base=BASE, **given_to)
    return path(route, login_not_required(made), name=name)


def _of_type(one: ResourceType):
    yield _page(one.name, Search, one.name, resource_type=one)
    yield _page(f"{one.name}/<str:{one.id_name}>", Read, f"{one.name}-read", resource_type=one)


def _of_terminology(kind: str):
    yield _page(kind, TerminologySearch, kind, kind=kind)
    yield _page(f"{kind}/<str:vocabulary>", TerminologyRead, f"{kind}-read", kind=kind)


app_name = "fhir"
urlpatterns = [
    _page("metadata", Metadata, "metadata"),
    _page("$export", Export, "export"),
    _page("$export/<str:job>", ExportStatus, "export-status"),
    _page("$export/<str:job>/<str:file>", ExportFile, "export-file"),
    *(page for one in SERVER.types for page in _of_type(one)),
    _page("Patient/<str:patient_id>/$everything", PatientEverything, "Patient-everything"),
    *(page for kind in ("CodeSystem", "ValueSet") for page in _of_terminology(kind)),
    re_path(
        r"^.*$", login_not_required(NothingHere.as_view(server=SERVER, base=BASE)), name="nothing"
    ),
]
