"""Nerve conduction, laboratory and findings, drawn at the edges of sections 5, 8 and 9."""

LONG_SITES = ["median wrist elbow", "median elbow axilla", "radial axilla erb"]
LONG_SITES += ["ulnar wrist below_elbow", "ulnar above_elbow axilla"]
OTHER_SITES = [
    *("median wrist axilla", "ulnar below_elbow above_elbow", "ulnar wrist erb"),
    *("musculocutaneous elbow erb", "fibular ankle fibular_head_below", "fibular wrist elbow"),
    *("fibular fibular_head_below popliteal_fossa", "fibular fibular_head_above popliteal_fossa"),
    *("tibial ankle popliteal_fossa", "median elbow above_elbow", "ulnar elbow wrist"),
]
# Distal and proximal values whose losses are exactly 0.50 or 0.30 in decimals, or just beside.
AREAS = ["20 10", "20 10.01", "20 9.99", "0.3 0.21", "1.1 0.77", "4.7 3.29", "4.7 3.291", "20 14"]
AREAS += ["20 14.02", "20 0", "20 20", "20 18", "9.4 4.7", "0 0", "0 3", "20 ", " 10", " "]
AREAS += ["0.7 0.49", "20 19", "20 8", "20 12"]
DURATIONS = ["10 13", "10 13.01", "10 12.9", "5.3 6.89", "0.7 0.91", "10 10", "6.1 7.93", "0 5"]
DURATIONS += ["10 ", " 10", " ", "10 8"]
AMPLITUDES = ["8 8", "8 4", "10 7", "0.3 0.21", "1 0.5", "1.01 0.7", "1.58 1", "1.59 1"]
AMPLITUDES += ["1.24 0.868", "1.0001 1", " 3", "5 ", "4.7 3.29", "0 0", "6 5", "6 4.2", "7 6"]
LIMITS = ["", "", "", "5.05", "5", "7.9", "6.2", "7.95"]

LABORATORY = [
    *[("anti_gm1_igm", "", "", text) for text in ("negative", "borderline", "positive", "high")],
    *(("anti_gm1_igm", "", "", ""), ("csf_protein", "0.6", "g/L", "high")),
    *(("csf_protein", "1.2", "g/L", "high"), ("csf_protein", "60", "mg/dL", "")),
    *(("csf_protein", "0.4", "g/L", "negative"), ("ck", "180", "U/L", "")),
    *(("ck", "420.5", "U/L", "high"), ("ck", "3", "µkat/L", "")),
]
FINDINGS = {  # with the usual answer
    "weakness_over_1_month": "present",
    "weakness_in_2_nerves": "present",
    "sensory_loss_beyond_vibration": "absent",
    "upper_motor_neuron_signs": "absent",
    "marked_bulbar_involvement": "absent",
    "diffuse_symmetric_onset": "absent",
    "reflexes_reduced_or_absent": "absent",
    "plexus_mri_t2": "absent",
    "sensory_conduction_normal": "present",
    "improved_after_immunoglobulin": "present",
}
STATES = ["present", "absent", "not_examined"]


def segments(pick, first):
    """One to three studies of the same few segments, so that keys meet again."""
    days = pick.some_of([-200, -40, 0, 29, 30, 31, 100, 400, 401], 3)
    keys = [*pick.some_of([*LONG_SITES, *OTHER_SITES], 2), pick.one_of(LONG_SITES)]
    rows = []
    for day in days:
        for key in dict.fromkeys(keys):
            if not pick.once_in(8):
                rows.append({"studied_on": first + day, **segment(pick, key)})
    return rows


def segment(pick, key):
    nerve, distal_site, proximal_site = key.split()
    amplitude = pick.one_of(AMPLITUDES) if pick.once_in(3) else "6 5"
    duration = pick.one_of(DURATIONS) if pick.once_in(2) else "10 10"
    pairs = (("amplitude_mv", amplitude), ("area_mv_ms", pick.one_of(AREAS)))
    row = {"nerve": nerve, "side": "left" if pick.once_in(12) else "right"}
    row |= {"distal_site": distal_site, "proximal_site": proximal_site}
    for name, pair in (*pairs, ("duration_ms", duration)):
        row[f"distal_{name}"], row[f"proximal_{name}"] = pair.split(" ")
    row["distal_amplitude_lln_mv"] = pick.one_of(LIMITS)
    row["distance_mm"] = pick.one_of(["", "", "25", "25.1", "20", "220"])
    row["excluded"] = "cold" if pick.once_in(16) else ""
    return row


def laboratory(pick, first):
    rows = {}
    for _ in range(pick.number(0, 4)):
        test, value, unit, interpretation = pick.one_of(LABORATORY)
        day = first + pick.one_of([-120, -90, -10, 0, 1, 100, 300])
        rows[test, day] = {
            "taken_on": day,
            "test": test,
            "value": value,
            "unit": unit,
            "interpretation": interpretation,
        }
    return list(rows.values())


def findings(pick, first):
    """Either a few findings at random or a whole sheet of mostly usual answers."""
    states = {}
    if not pick.once_in(3):
        for finding, usual in FINDINGS.items():
            states[first - 10, finding] = pick.one_of(STATES) if pick.once_in(16) else usual
    for _ in range(pick.number(0, 3)):
        day = first + pick.one_of([-90, -10, 0, 1, 200])
        states[day, pick.one_of(FINDINGS)] = pick.one_of(STATES)
    return [
        {"observed_on": day, "finding": finding, "state": state}
        for (day, finding), state in states.items()
    ]


def lower_limits(pick, at_most=4):
    rows = {}
    for _ in range(pick.number(at_most // 2, at_most)):
        key = {
            "centre": pick.one_of(["A01", "B02"]),
            "nerve": pick.one_of(["median", "ulnar", "radial"]),
            "valid_from": pick.one_of([-4000, -50, 0, 30, 31, 400]),
        }
        limit = pick.one_of(["5", "5.05", "6.2", "7.9", "30"])
        rows[tuple(key.values())] = {**key, "distal_amplitude_lln_mv": limit}
    return list(rows.values())
