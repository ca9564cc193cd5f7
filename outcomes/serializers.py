"""What the API says of outcomes: a patient's derived row, and the tables of the cohort.

Proportions lie between 0 and 1 and are not rounded; intervals are exact 95 % intervals
(Clopper-Pearson) unless said otherwise. A number without a denominator is null.
"""

from rest_framework import serializers

from infusions.vocabulary import Route
from mmn_registry.rest.columns import (
    code,
    code_or_null,
    count,
    count_or_null,
    day_or_null,
    number,
    number_or_null,
    text,
    truth,
    truth_or_null,
)
from mmn_registry.rest.envelopes import AnswerSerializer
from outcomes.derivation.block_change import BlockChange, BlockChangeReason
from outcomes.derivation.cohort import TreatmentHistory
from outcomes.derivation.diagnosis import DiagnosisCategory, DiagnosisReason
from outcomes.derivation.dose import DoseReason, DoseTrend
from outcomes.derivation.long_term import LongTermGroup, LongTermStatus
from outcomes.derivation.response import Response, ResponseReason

FOUR_DECIMALS = "to 4 decimals"


class OutcomeSerializer(serializers.Serializer):
    study_id = text("Study id of the patient.")
    centre = text("Code of the treating centre.")
    treatment_history = code(TreatmentHistory, "Immunoglobulin before inclusion: naive had none.")
    index_on = day_or_null("First day of the first course. Null without an infusion.")
    baseline_on = day_or_null("Examination before treatment: the last of days −90 to 0.")
    month6_on = day_or_null("Examination nearest to day 183 among days 122 to 243.")
    affected = count_or_null("Muscles below grade 5 at baseline.")
    improvable = count_or_null("Muscles at grade 4 or less at baseline.")
    improved = count_or_null("Improvable muscles that gained at least a point by month 6.")
    worsened = count_or_null("Muscles that lost at least a point by month 6.")
    short_term_response = code(
        Response, "Responder: at least 2 improvable muscles gained a point by month 6."
    )
    short_term_reason = code_or_null(ResponseReason, "The line of the rule that decided.")
    strict_response = truth_or_null("Responder without a muscle that lost a point.")
    provisional = truth_or_null("The window of month 6 is still open.")
    last_contact_on = day_or_null("Latest visit or recorded infusion.")
    follow_up_days = count_or_null("From index to last contact [days].")
    off_days = count_or_null("From the last infusion day to the last visit [days].")
    long_term_status = code(LongTermStatus, "Where the patient stands at the last contact.")
    long_term_group = code(LongTermGroup, "The same in the groups that Léger et al. printed.")
    dependency_proven = truth_or_null("A failed dose attempt, or a relapse in a long interval.")
    relapsed_after_remission = truth_or_null("An infusion after 183 days or more without.")
    lost_to_follow_up = truth_or_null("Alive, and no contact for more than 396 days.")
    blocks_first = count_or_null("Nerve segments with block at the first study.")
    blocks_last = count_or_null("Nerve segments with block at the last study.")
    block_change = code(BlockChange, "From the first to the last study.")
    block_change_reason = code_or_null(BlockChangeReason, "Why the change is not evaluable.")
    courses = count("Courses of immunoglobulin, all routes.")
    weekly_dose_g = number_or_null(f"Weekly dose at the last contact [g/week], {FOUR_DECIMALS}.")
    weekly_dose_g_per_kg = number_or_null(
        f"The same per body weight [g/kg per week], {FOUR_DECIMALS}."
    )
    dose_ratio = number_or_null(
        f"Weekly dose now against that of days 91 to 272 after index, {FOUR_DECIMALS}."
    )
    dose_trend = code_or_null(DoseTrend, "The ratio in a word.")
    dose_reason = code_or_null(DoseReason, "Why a dose value is missing.")
    declining_responsiveness = truth_or_null("The dose escalated although strength fell.")
    first_route = code_or_null(Route, "Route of the index course.")
    in_primary_table = truth("Naive, and first treated by IV or not at all.")
    diagnosis_category = code(DiagnosisCategory, "How sure the diagnosis is, by EFNS/PNS 2010.")
    diagnosis_reason = code_or_null(DiagnosisReason, "The line of the criteria that decided.")


class ProportionSerializer(serializers.Serializer):
    n = count("So many …")
    of = count("… of so many.")
    proportion = number_or_null()
    ci_low = number_or_null()
    ci_high = number_or_null()


class ShareSerializer(serializers.Serializer):
    """A proportion whose denominator stands beside the table it belongs to."""

    n = count()
    proportion = number_or_null()
    ci_low = number_or_null()
    ci_high = number_or_null()


class DistributionSerializer(serializers.Serializer):
    n = count("Patients who have a value.")
    mean = number_or_null()
    sd = number_or_null("Standard deviation with n − 1; null where n < 2.")
    median = number_or_null()
    q1 = number_or_null("Quartile, by linear interpolation.")
    q3 = number_or_null("Quartile, by linear interpolation.")


def counts(help_text: str) -> serializers.DictField:
    """Patients by a code; codes that nobody has are left out."""
    return serializers.DictField(child=serializers.IntegerField(), help_text=help_text)


class ResponseTableSerializer(serializers.Serializer):
    patients = count("Patients in this table.")
    evaluable = count("Patients whose response is known: the denominator.")
    responders = count()
    proportion = number_or_null("Responders of the evaluable.")
    ci_low = number_or_null()
    ci_high = number_or_null()
    reference = number("Proportion that the test compares with.")
    p_value = number_or_null("Exact binomial test, two-sided.")
    not_evaluable = counts("Patients whose response is not known, by reason.")
    stopped_for_inefficacy = count("Non-responders without a month-6 examination.")
    provisional = count("Patients whose window of month 6 is still open.")
    worst_case = ProportionSerializer(help_text="If nobody not evaluable had responded.")
    best_case = ProportionSerializer(help_text="If everybody not evaluable had responded.")


class ResponseVariantsSerializer(serializers.Serializer):
    strict = ProportionSerializer(help_text="Responders without a muscle that lost a point.")
    grip = ProportionSerializer(help_text="By grip of the weaker hand.")
    mrc_sum = ProportionSerializer(help_text="By MRC sum score.")


class ShortTermSerializer(serializers.Serializer):
    naive = ResponseTableSerializer(help_text="The primary table: naive and first treated by IV.")
    pretreated = ResponseTableSerializer()
    unknown_history = ResponseTableSerializer()
    naive_first_subcutaneous = ResponseTableSerializer()
    naive_without_other_immunotherapy = ResponseTableSerializer(
        help_text="The primary table without patients who began another one before month 6."
    )
    naive_without_carried_forward = ResponseTableSerializer(
        help_text="The primary table, as if grades carried forward had not been graded."
    )
    naive_variants = ResponseVariantsSerializer(
        help_text="The primary table by other definitions of response."
    )
    naive_by_centre = serializers.DictField(
        child=ResponseTableSerializer(), help_text="The primary table by code of the centre."
    )


class DependentShareSerializer(ShareSerializer):
    without_response = count("Of these, treated without a response.")


class StatusShareSerializer(ShareSerializer):
    group = text("The group that the status belongs to.")


class LongTermSerializer(serializers.Serializer):
    classified = count("Patients in one of the three groups: their denominator.")
    remission = ShareSerializer()
    dependent = DependentShareSerializer()
    other = ShareSerializer()
    not_classified = counts("Patients in no group, by status.")
    statuses = serializers.DictField(
        child=StatusShareSerializer(), help_text="Statuses that somebody has, of all patients."
    )
    dependency_proven = ProportionSerializer()
    relapsed_after_remission = ProportionSerializer()
    lost_to_follow_up = ProportionSerializer()


class FirstAndLastSerializer(serializers.Serializer):
    first = count("At the first study.")
    last = count("At the last study.")


class BlockTableSerializer(serializers.Serializer):
    decreased = count()
    unchanged = count()
    increased = count()
    not_evaluable = counts("Patients without two comparable studies, by reason.")
    patients = count()
    evaluable = count()
    decreased_or_unchanged = ProportionSerializer()
    segments_with_block = FirstAndLastSerializer(help_text="All evaluable patients together.")
    nerves_with_block = FirstAndLastSerializer(help_text="All evaluable patients together.")


class BlockChangeSerializer(serializers.Serializer):
    naive = BlockTableSerializer(help_text="All naive patients.")
    all = BlockTableSerializer(help_text="All patients.")


class DoseSerializer(serializers.Serializer):
    weekly_dose_g = DistributionSerializer(help_text="[g/week]")
    weekly_dose_g_per_kg = DistributionSerializer(help_text="[g/kg per week]")
    trend = counts("Patients by trend of their dose.")
    declining_responsiveness = ProportionSerializer()
    incomplete = counts("Patients of whom a dose value is missing, by reason.")


class WithoutEventSerializer(serializers.Serializer):
    survival = number("Proportion without the event (Kaplan-Meier).")
    ci_low = number_or_null("Log-log interval.")
    ci_high = number_or_null("Log-log interval.")


class IncidenceSerializer(serializers.Serializer):
    incidence = number("Proportion with the event, death competing (Aalen-Johansen).")
    ci_low = number_or_null()
    ci_high = number_or_null()


class AtYearSerializer(serializers.Serializer):
    years = count("Whole years since the beginning.")
    at_risk = count("Patients still at risk.")
    without_event = WithoutEventSerializer()
    incidence = IncidenceSerializer()


class CurveSerializer(serializers.Serializer):
    patients = count()
    events = count()
    deaths = count("Deaths before the event.")
    median_days = number_or_null("Median time to the event [days].")
    ci_low = number_or_null("[days]")
    ci_high = number_or_null("[days]")
    at_years = AtYearSerializer(many=True, help_text="While somebody is at risk.")


class LevelSerializer(serializers.Serializer):
    n = count()
    responders = count()
    proportion = number_or_null()


class PredictorSerializer(serializers.Serializer):
    """What was known at the start, against short-term response in the primary table."""

    name = text()
    test = text("`fisher_exact` or `mann_whitney`.")
    method = text("`exact` or `asymptotic`; null where too few patients to test.", allow_null=True)
    n = count("Patients with a value.")
    missing = count("Patients without one.")
    p_value = number_or_null("Two-sided.")
    q_value = number_or_null("Benjamini-Hochberg, over the predictors with a p-value.")
    effect = text("`odds_ratio`, or `difference` of responders minus non-responders.")
    unit = text("Of a difference.", allow_null=True)
    estimate = number_or_null("Beside a p-value null means without bound.")
    ci_low = number_or_null()
    ci_high = number_or_null("Beside a p-value null means without bound.")
    ci_level = number_or_null("Level that the interval reaches, 0–1.")
    levels = serializers.DictField(
        child=LevelSerializer(), required=False, help_text="Of a predictor with two levels."
    )
    groups = serializers.DictField(
        child=DistributionSerializer(),
        required=False,
        help_text="Of a predictor that is a number: by `responder` and `non_responder`.",
    )


class CohortSummarySerializer(AnswerSerializer):
    patients = count("Patients of the cohort.")
    naive = count("Patients without immunoglobulin before inclusion.")
    pretreated = count()
    unknown_history = count()
    diagnosis = counts("Patients by how sure the diagnosis is, by EFNS/PNS 2010.")
    short_term = ShortTermSerializer(help_text="Response at six months.")
    long_term = LongTermSerializer(help_text="Where patients stand at their last contact.")
    block_change = BlockChangeSerializer(help_text="Conduction block, from first to last study.")
    follow_up_years = DistributionSerializer(help_text="From index to last contact [years].")
    dose = DoseSerializer(help_text="Immunoglobulin at the last contact.")
    time_to_remission = CurveSerializer(help_text="From index; naive patients.")
    time_to_relapse = CurveSerializer(help_text="From the last infusion before remission.")
    predictors = PredictorSerializer(many=True)
