"""Every number of the outcome rules, by name: change one and ask "what if"."""

from dataclasses import dataclass

# An inclusive window of whole days, counted from the index day (day 0).
DayWindow = tuple[int, int]


@dataclass(frozen=True)
class Rules:
    """A rule set. The defaults are version 1; another set names itself by another version."""

    rule_set: str = "mmn-outcomes"
    version: str = "1"

    # Conventions (section 0)
    month_days: float = 30.4375
    year_days: float = 365.25
    weeks_per_month: float = 4.348
    point_thirds: int = 3  # grades are integer thirds, so that "one point" is exact
    normal_grade_thirds: int = 15  # grade 5
    leave_out_carried_forward: bool = False  # True: a grade copied from an earlier visit is none
    carried_forward_origins: tuple[str, ...] = ("carried_forward",)

    # Treatment history, courses, index (section 1)
    home_routes: tuple[str, ...] = ("SC", "FSC")
    course_gap_days: int = 3
    course_span_days: int = 6
    intervals_used: int = 4
    default_interval_days: int = 28
    treatment_gap_factor: float = 1.5
    treatment_gap_min_days: int = 45

    # Examinations used (section 2)
    counting_share: float = 0.5
    baseline_days: DayWindow = (-90, 0)
    month_6_days: DayWindow = (122, 243)
    month_6_target_day: int = 183
    trough_days: DayWindow = (0, 3)
    peak_days: DayWindow = (7, 28)

    # Short-term response (section 3)
    affected_below_thirds: int = 15
    improvable_up_to_thirds: int = 12
    muscles_needed: int = 2
    early_courses_needed: int = 2
    early_courses_by_day: int = 183
    primary_route: str = "IV"
    reference_proportion: float = 0.20
    grip_change_kpa: float = 8.0
    mrc_sum_change_points: float = 2.0
    mmn_rods_change_points: float = 4.0

    # Long-term status (section 4)
    short_follow_up_days: int = 183
    remission_days: int = 183
    reference_examination_days: int = 28
    relapse_muscles: int = 2
    relapse_grip_kpa: float = 8.0
    dependency_gap_factor: float = 1.5
    lost_after_days: int = 396

    # Conduction block (section 5)
    criteria: str = "EFNS/PNS 2010"
    distal_amplitude_min_mv: float = 1.0
    distal_amplitude_min_lln_share: float = 0.20
    definite_area_loss: float = 0.50
    probable_area_loss: float = 0.30
    duration_increase_max: float = 0.30
    utrecht_definite_area_loss: float = 0.50
    utrecht_amplitude_loss: float = 0.30
    short_segment_mm: float = 25.0
    first_study_days: int = 30

    # Dose (section 6)
    pause_factor: float = 2.0
    pause_min_days: int = 120
    maintenance_days: int = 182
    maintenance_from_day: int = 91
    reference_window_days: DayWindow = (91, 272)
    stale_weight_days: int = 180
    ratio_decimals: int = 9
    escalated_from_ratio: float = 1.25
    reduced_to_ratio: float = 0.80
    declining_days: DayWindow = (0, 365)
    declining_points: float = 2.0
    declining_grip_kpa: float = 8.0
    plausible_course_g: tuple[float, float] = (2.0, 300.0)
    plausible_infusion_g_per_kg: tuple[float, float] = (0.2, 2.1)
    plausible_interval_days: tuple[int, int] = (5, 121)
    plausible_weekly_g: tuple[float, float] = (4.0, 114.0)

    # Predictors (section 8)
    group_needed: int = 3
    exact_up_to: int = 25

    @property
    def rule_id(self) -> str:
        """How a result names the rules it was derived by."""
        return f"{self.rule_set}/{self.version}"


RULES = Rules()
