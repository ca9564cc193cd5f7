"""Rows of what was given, for its FHIR resources."""

import json
from typing import Any

from django.db.models import F, OuterRef, Q, Value

from infusions import fhir
from infusions.fhir import ATC_OF_ROUTES, IMMUNOGLOBULIN, MEDICATION, REACTION
from infusions.models import AdverseReaction, Infusion, InfusionLot
from mmn_registry.disclosure import pseudonymised_fields
from mmn_registry.fhir.search import Token
from mmn_registry.fhir.sources import Part, Source, columns
from mmn_registry.rest.parts import JsonObject, JsonRows
from patients.fhir_sources import code_of, codes_of, recorded

LOT_COLUMNS = ("id", "version", "lot_number", "dose_g")


def _lots() -> JsonRows:
    lots = InfusionLot.objects.filter(infusion=OuterRef("pk")).order_by("lot_number")
    named = [part for name in LOT_COLUMNS for part in (Value(name), F(name))]
    return JsonRows(lots.values_list(JsonObject(*named)))


def _coarsely(text: str) -> list[dict[str, Any]]:
    shows = pseudonymised_fields("infusions.InfusionLot")
    return [{name: shows[name](value) for name, value in lot.items()} for lot in json.loads(text)]


INFUSIONS = Source(
    resource_type="MedicationAdministration",
    model=Infusion,
    columns=columns("given_on", "route", "product", "dose_g"),
    parts={"lots": Part(_lots, json.loads, _coarsely)},
    to_resource=fhir.infusion,
    dated_by="given_on",
    codes=(
        *code_of(MEDICATION, IMMUNOGLOBULIN),
        *(
            (Token(code["system"], code["code"]), Q(route=route))
            for route, code in ATC_OF_ROUTES.items()
        ),
    ),
)
REACTIONS = Source(
    resource_type="AdverseEvent",
    model=AdverseReaction,
    columns=columns(
        *("occurred_on", "reaction", "severity", "serious", "route", "product", "lot_number"),
        *("onset_hours", "action", "outcome"),
    ),
    to_resource=fhir.adverse_reaction,
    dated_by="occurred_on",
    codes=codes_of(REACTION, "reaction"),
    can_be_voided=False,
)
RECORDED = (recorded(INFUSIONS), recorded(REACTIONS))
