"""What the API says of outcomes: every column of a patient's derived row, in published order."""

from rest_framework import serializers

from infusions.vocabulary import Route
from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.dose import DoseReason, DoseTrend
from outcomes.derivation.long_term import LongTermGroup, LongTermStatus
from outcomes.derivation.response import Response, ResponseReason

EMPTY = "Empty text where there is no value."


def code(words, help_text: str = "") -> serializers.ChoiceField:
    """A code that the rules give; empty where they give none."""
    return serializers.ChoiceField(
        [word.value for word in words], allow_blank=True, help_text=f"{help_text} {EMPTY}".strip()
    )


def day(help_text: str = "") -> serializers.DateField:
    return serializers.DateField(allow_null=True, help_text=help_text)


def count(help_text: str = "") -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, help_text=help_text)


def number(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


def truth(help_text: str = "") -> serializers.BooleanField:
    return serializers.BooleanField(allow_null=True, help_text=help_text)


class OutcomeSerializer(serializers.Serializer):
    study_id = serializers.CharField()
    centre = serializers.CharField(help_text="Code of the treating centre.")
    treatment_history = serializers.ChoiceField(["naive", "pretreated", "unknown"])
    index_on = day("First day of the first course.")
    baseline_on = day()
    month6_on = day()
    affected = count("Muscles below grade 5 at baseline.")
    improvable = count("Muscles at grade 4 or less at baseline.")
    improved = count("Improvable muscles that gained at least a point.")
    worsened = count("Muscles that lost at least a point.")
    short_term_response = code(Response)
    short_term_reason = code(ResponseReason, "The line of the rule that decided.")
    strict_response = truth("A response without a muscle that lost a point.")
    provisional = truth("The month-6 window is still open.")
    last_contact_on = day("Latest visit or recorded infusion.")
    follow_up_days = count("Days from index to last contact.")
    off_days = count("Days from the last infusion to the last visit.")
    long_term_status = code(LongTermStatus)
    long_term_group = code(LongTermGroup)
    dependency_proven = truth()
    relapsed_after_remission = truth()
    lost_to_follow_up = truth()
    blocks_first = count()
    blocks_last = count()
    block_change = code(BlockChange)
    block_change_reason = code(BlockChangeReason)
    courses = count()
    weekly_dose_g = number("g/week, over the 182 days to the last contact.")
    weekly_dose_g_per_kg = number("g/kg/week")
    dose_ratio = number("Weekly dose now against days 91–272 after index.")
    dose_trend = code(DoseTrend)
    dose_reason = code(DoseReason, "Why a dose value is missing.")
    declining_responsiveness = truth()
    first_route = code(Route, "Route of the index course.")
    in_primary_table = serializers.BooleanField(
        help_text="Naive and first treated by IV, or naive without any infusion."
    )


class RuleSetSerializer(serializers.Serializer):
    name = serializers.CharField()
    version = serializers.CharField()


class CohortSummarySerializer(serializers.Serializer):
    """The tables of the cohort; a proportion stands with its denominator and 95 % interval."""

    as_of = serializers.DateField()
    rules = RuleSetSerializer()
    patients = serializers.IntegerField()
    naive = serializers.IntegerField()
    pretreated = serializers.IntegerField()
    unknown_history = serializers.IntegerField()
    short_term = serializers.DictField(
        help_text="`naive` is the primary table; the secondary tables stand beside it."
    )
    long_term = serializers.DictField()
    block_change = serializers.DictField()
    follow_up_years = serializers.DictField()
    dose = serializers.DictField()
    time_to_remission = serializers.DictField()
    time_to_relapse = serializers.DictField()
    predictors = serializers.ListField(child=serializers.DictField())
