"""Findings that are only typed so far, as some of the patient's records."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from outcomes.derivation.frames import Records, complete
from patients.models import Finding


def with_findings(records: Records, study_id: str, findings: Iterable[Finding]) -> Records:
    """Records of one patient as they would be with these as well."""
    rows = [
        {
            "study_id": study_id,
            "observed_on": finding.observed_on.isoformat(),
            "finding": finding.finding,
            "state": finding.state,
        }
        for finding in findings
    ]
    if not rows:
        return records
    typed = complete("findings", pd.DataFrame(rows, dtype="str"))
    both = [records.findings, typed] if len(records.findings) else [typed]
    return replace(records, findings=pd.concat(both, ignore_index=True))
