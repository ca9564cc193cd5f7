"""What the API says of treatment: names, types and units of every column, in order."""

from rest_framework import serializers

from infusions.vocabulary import Route


class InfusionSerializer(serializers.Serializer):
    study_id = serializers.CharField(source="patient.study_id")
    centre = serializers.CharField(source="patient.centre.code")
    given_on = serializers.DateField()
    route = serializers.ChoiceField([route.value for route in Route])
    product = serializers.CharField()
    dose_g = serializers.FloatField(help_text="Grams of immunoglobulin given that day.")
