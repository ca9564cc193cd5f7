"""A patient's own data that are only typed so far, as one of the records."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from outcomes.derivation.frames import Records, complete


def with_patient_data(
    records: Records, study_id: str, centre: str, values: Mapping[str, str]
) -> Records:
    """Records of one patient as they would be with other data, written as in the bundle."""
    row = {"study_id": study_id, "centre": centre, **values}
    return replace(records, patients=complete("patients", pd.DataFrame([row], dtype="str")))
