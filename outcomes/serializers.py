"""What the API says of outcomes: a patient's derived row, and the tables of the cohort.

Proportions lie between 0 and 1 and are not rounded; intervals are exact 95 % intervals
(Clopper-Pearson) unless said otherwise. A number without a denominator is null.
"""

from drf_spectacular.utils import extend_schema_field
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
from outcomes.sentences import RecordKind, Result, UsedAs

FOUR_DECIMALS = "to 4 decimals"
LOW = "Lower end of the exact 95 % interval (Clopper-Pearson)."
HIGH = "Upper end of the exact 95 % interval (Clopper-Pearson)."


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


@extend_schema_field({"type": ["string", "number", "null"]})
class CodeOrNumber(serializers.Field):
    """A word of a vocabulary, a number, or null."""


class UsedRecordSerializer(serializers.Serializer):
    """A recorded row that a result rests on: look it up by its kind, day and key."""

    kind = code(RecordKind, "Table of the record, as a bundle and the lists here are called.")
    used_as = code(UsedAs, "What the record was to the result.")
    on = day_or_null("Day of the record; null for the patient's own row.")
    until = day_or_null("Last day of what lasts several. Null: it is of one day, or goes on.")
    key = serializers.DictField(
        child=serializers.CharField(),
        help_text="The other columns that tell the record apart, e.g. muscle and side. "
        "None: every row of that day.",
    )
    value = CodeOrNumber(
        help_text="What the result took from it: an MRC grade, a strength [kPa], a dose [g], a "
        "weight [kg], a grade of block; null where the day is all."
    )


class RuleNumberSerializer(serializers.Serializer):
    """A number of the rule, in words."""

    name = text("What it is about.")
    value = text("The number, with its unit.")
    choice = truth("The literature is silent here, and the registry chose.")


class AppliedRuleSerializer(serializers.Serializer):
    section = count("Section of the rules.")
    name = text("Name of the rule set.")
    version = text("Its version.")
    criteria = text("Criteria; null where there is one set only.", allow_null=True)
    numbers = RuleNumberSerializer(many=True, help_text="The numbers that the rule works with.")


class ResultSerializer(serializers.Serializer):
    """One derived result, and why it is what it is."""

    result = code(Result, "The result, by its column in the list of outcomes.")
    value = CodeOrNumber(help_text="What that column has; null where there is no result.")
    evaluable = truth("Whether there is a result. If not, code and sentence say what is missing.")
    code = text(
        "The line of the rule that decided: the reason that the list of outcomes has for it, "
        "else its word there."
    )
    parameters = serializers.DictField(
        help_text="What the sentence is made of: columns of the outcome and numbers of the rules, "
        "by their names. Days as text, windows as two numbers, missing ones null."
    )
    sentence = text("The reason for a clinician, in English.")
    flags = serializers.ListField(
        child=serializers.CharField(), help_text="Reservations, in words, that change no result."
    )
    rule = AppliedRuleSerializer(help_text="The rule that was applied.")
    records = UsedRecordSerializer(many=True, help_text="The records that the result rests on.")


class PatientOutcomesSerializer(AnswerSerializer):
    study_id = text("Study id of the patient.")
    centre = text("Code of the treating centre.")
    results = ResultSerializer(many=True, help_text="Response, status, blocks, dose, diagnosis.")


class ProportionSerializer(serializers.Serializer):
    n = count("So many …")
    of = count("… of so many.")
    proportion = number_or_null("`n` divided by `of`, 0–1.")
    ci_low = number_or_null(LOW)
    ci_high = number_or_null(HIGH)


class ShareSerializer(serializers.Serializer):
    """A proportion whose denominator stands beside the table it belongs to."""

    n = count("Patients.")
    proportion = number_or_null("Their part of the denominator, 0–1.")
    ci_low = number_or_null(LOW)
    ci_high = number_or_null(HIGH)


class DistributionSerializer(serializers.Serializer):
    n = count("Patients who have a value.")
    mean = number_or_null("Arithmetic mean.")
    sd = number_or_null("Standard deviation with n − 1; null where n < 2.")
    median = number_or_null("Half of the values are below it.")
    q1 = number_or_null("Lower quartile, by linear interpolation.")
    q3 = number_or_null("Upper quartile, by linear interpolation.")


def counts(help_text: str) -> serializers.DictField:
    """Patients by a code; codes that nobody has are left out."""
    return serializers.DictField(child=serializers.IntegerField(), help_text=help_text)


class ResponseTableSerializer(serializers.Serializer):
    patients = count("Patients in this table.")
    evaluable = count("Patients whose response is known: the denominator.")
    responders = count("Patients who responded.")
    proportion = number_or_null("Responders of the evaluable, 0–1.")
    ci_low = number_or_null(LOW)
    ci_high = number_or_null(HIGH)
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
    pretreated = ResponseTableSerializer(help_text="Patients treated before inclusion.")
    unknown_history = ResponseTableSerializer(
        help_text="Patients of whom it is not known whether they were treated before."
    )
    naive_first_subcutaneous = ResponseTableSerializer(
        help_text="Naive patients first treated under the skin: not in the primary table."
    )
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
    remission = ShareSerializer(help_text="Off treatment for 183 days or more, without relapse.")
    dependent = DependentShareSerializer(help_text="On periodic immunoglobulin.")
    other = ShareSerializer(help_text="Non-responders, and relapsed without treatment.")
    not_classified = counts("Patients in no group, by status.")
    statuses = serializers.DictField(
        child=StatusShareSerializer(), help_text="Statuses that somebody has, of all patients."
    )
    dependency_proven = ProportionSerializer(
        help_text="Of the dependent: by a failed dose attempt, or a relapse in a long interval."
    )
    relapsed_after_remission = ProportionSerializer(
        help_text="Of the treated: an infusion after 183 days or more without."
    )
    lost_to_follow_up = ProportionSerializer(
        help_text="Of those with a contact: alive, and none for more than 396 days."
    )


class FirstAndLastSerializer(serializers.Serializer):
    first = count("At the first study.")
    last = count("At the last study.")


class BlockTableSerializer(serializers.Serializer):
    decreased = count("Patients with fewer blocked segments than at first.")
    unchanged = count("Patients with as many.")
    increased = count("Patients with more.")
    not_evaluable = counts("Patients without two comparable studies, by reason.")
    patients = count("Patients in this table.")
    evaluable = count("Patients with two comparable studies.")
    decreased_or_unchanged = ProportionSerializer(help_text="Of the evaluable.")
    segments_with_block = FirstAndLastSerializer(help_text="All evaluable patients together.")
    nerves_with_block = FirstAndLastSerializer(help_text="All evaluable patients together.")


class BlockChangeSerializer(serializers.Serializer):
    naive = BlockTableSerializer(help_text="All naive patients.")
    all = BlockTableSerializer(help_text="All patients.")


class DoseSerializer(serializers.Serializer):
    weekly_dose_g = DistributionSerializer(help_text="Weekly dose [g/week].")
    weekly_dose_g_per_kg = DistributionSerializer(
        help_text="Weekly dose per body weight [g/kg per week]."
    )
    trend = counts("Patients by trend of their dose.")
    declining_responsiveness = ProportionSerializer(
        help_text="Of those of whom it is known: the dose escalated although strength fell."
    )
    incomplete = counts("Patients of whom a dose value is missing, by reason.")


class WithoutEventSerializer(serializers.Serializer):
    survival = number("Proportion without the event (Kaplan-Meier).")
    ci_low = number_or_null("Lower end of the 95 % interval (log-log).")
    ci_high = number_or_null("Upper end of the 95 % interval (log-log).")


class IncidenceSerializer(serializers.Serializer):
    incidence = number("Proportion with the event, death competing (Aalen-Johansen).")
    ci_low = number_or_null("Lower end of the 95 % interval (log-log).")
    ci_high = number_or_null("Upper end of the 95 % interval (log-log).")


class AtYearSerializer(serializers.Serializer):
    years = count("Whole years since the beginning.")
    at_risk = count("Patients still at risk.")
    without_event = WithoutEventSerializer(help_text="Who has had no event yet.")
    incidence = IncidenceSerializer(help_text="Who has had it.")


class CurveSerializer(serializers.Serializer):
    patients = count("Patients at the beginning of the curve.")
    events = count("Patients who had the event.")
    deaths = count("Deaths before the event.")
    median_days = number_or_null("Median time to the event [days].")
    ci_low = number_or_null("Lower end of its 95 % interval [days].")
    ci_high = number_or_null("Upper end of its 95 % interval [days].")
    at_years = AtYearSerializer(many=True, help_text="While somebody is at risk.")


class LevelSerializer(serializers.Serializer):
    n = count("Patients of this level.")
    responders = count("Responders among them.")
    proportion = number_or_null("Their part of them, 0–1.")


class PredictorSerializer(serializers.Serializer):
    """What was known at the start, against short-term response in the primary table."""

    name = text("What was asked, like `age_at_onset_years`.")
    test = text("`fisher_exact` or `mann_whitney`.")
    method = text("`exact` or `asymptotic`; null where too few patients to test.", allow_null=True)
    n = count("Patients with a value.")
    missing = count("Patients without one.")
    p_value = number_or_null("Two-sided.")
    q_value = number_or_null("Benjamini-Hochberg, over the predictors with a p-value.")
    effect = text("`odds_ratio`, or `difference` of responders minus non-responders.")
    unit = text("Of a difference.", allow_null=True)
    estimate = number_or_null("The effect. Beside a p-value null means without bound.")
    ci_low = number_or_null("Lower end of its interval.")
    ci_high = number_or_null("Upper end. Beside a p-value null means without bound.")
    ci_level = number_or_null("Level that the interval reaches, 0–1.")
    levels = serializers.DictField(
        child=LevelSerializer(), required=False, help_text="Of a predictor with two levels."
    )
    groups = serializers.DictField(
        child=DistributionSerializer(),
        required=False,
        help_text="Of a predictor that is a number: by `responder` and `non_responder`.",
    )


class OutSerializer(serializers.Serializer):
    name = text("Criterion that leaves them out; `-not-known` where it cannot be answered.")
    patients = count("Patients, each counted at the first criterion that leaves them out.")
    words = text("The same in words.")


class AskedCohortSerializer(serializers.Serializer):
    query = text("What was asked, as it stands in addresses; empty if everybody was.")
    sentence = text("What was asked, in words.")
    everybody = count("Patients included by the day in the centres asked for, in or out.")
    out = OutSerializer(many=True, help_text="Who is out and why; with `patients`, everybody.")


class SavedCohortSerializer(serializers.Serializer):
    id = text("Its own number, which stays when it is renamed.")
    name = text("How its owner calls it.")
    query = text("What it asks, as it stands in addresses; empty if it asks for everybody.")
    sentence = text("What it asks, in words.")
    shared_with = text("Code of the centre that it is shared with.", allow_null=True)
    is_own = serializers.BooleanField(help_text="Whether it is yours.")


class SavedCohortsSerializer(AnswerSerializer):
    results = SavedCohortSerializer(many=True, help_text="By name.")


class CohortSummarySerializer(AnswerSerializer):
    cohort = AskedCohortSerializer(help_text="Whom the tables are about.")
    patients = count("Patients of the cohort.")
    naive = count("Patients without immunoglobulin before inclusion.")
    pretreated = count("Patients who had some.")
    unknown_history = count("Patients of whom it is not known.")
    diagnosis = counts("Patients by how sure the diagnosis is, by EFNS/PNS 2010.")
    short_term = ShortTermSerializer(help_text="Response at six months.")
    long_term = LongTermSerializer(help_text="Where patients stand at their last contact.")
    block_change = BlockChangeSerializer(help_text="Conduction block, from first to last study.")
    follow_up_years = DistributionSerializer(help_text="From index to last contact [years].")
    dose = DoseSerializer(help_text="Immunoglobulin at the last contact.")
    time_to_remission = CurveSerializer(help_text="From index; naive patients.")
    time_to_relapse = CurveSerializer(help_text="From the last infusion before remission.")
    predictors = PredictorSerializer(
        many=True, help_text="What was known at the start, against short-term response."
    )


def _may_be_hidden(part: type[serializers.Serializer]) -> None:
    """Numbers of a summary are null where they are hidden from who reads for research."""
    for field in part._declared_fields.values():
        inner = getattr(field, "child", field)
        if isinstance(inner, serializers.Serializer):
            _may_be_hidden(type(inner))
        elif isinstance(inner, serializers.IntegerField | serializers.FloatField):
            inner.allow_null = True


_may_be_hidden(CohortSummarySerializer)
