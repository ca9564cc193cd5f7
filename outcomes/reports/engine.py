"""From a report to a tagged PDF (PDF/UA-1), by templates of ours and data that are only data.

Whatever a user typed reaches the engine as JSON and is set as text: no mark in it means anything.
Fonts are those that come with the engine; nothing is fetched, nothing of the machine is read.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

TEMPLATES = Path(__file__).with_name("templates")
STANDARD = "ua-1"


def pdf(template: str, report: Any, *, at: datetime | None = None) -> bytes:
    """The report, set by ``templates/<template>.typ``; the same report at the same time is the
    same bytes."""
    data = asdict(report) if is_dataclass(report) else report
    return typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        sys_inputs=_inputs(data),
        ignore_system_fonts=True,
        pdf_standards=[STANDARD],
        timestamp=(at or timezone.now()).replace(microsecond=0),
    )


def _inputs(data: Mapping[str, Any]) -> dict[str, str]:
    return {"report": json.dumps(data, ensure_ascii=False, allow_nan=False)}
