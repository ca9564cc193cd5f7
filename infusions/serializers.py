"""What the API says of treatment: names, types and units of every column, in order."""

from rest_framework import serializers

from infusions.vocabulary import Route
from mmn_registry.rest.columns import code, day, number, text


class InfusionSerializer(serializers.Serializer):
    study_id = text("Study id of the patient.", source="patient.study_id")
    centre = text("Code of the treating centre.", source="patient.centre.code")
    given_on = day("Day of the infusion.")
    route = code(Route, "IV, SC (subcutaneous) or FSC (facilitated subcutaneous).")
    product = text("Name on the box.")
    dose_g = number("Immunoglobulin given that day by that route and product [g].")
    id = text("Its own id, which stays: by it the address of the infusion names it.")
