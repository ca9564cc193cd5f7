"""Sending records to the REST interface."""

import json
from uuid import uuid4

VISIT = {
    "study_id": "P-1",
    "visited_on": "2021-07-20",
    "weight_kg": 70.5,
    "muscle_scores": [
        {"muscle": "wrist_extension", "side": "left", "mrc_grade": "4+"},
        {"muscle": "finger_extension", "side": "right", "mrc_grade": "NT"},
    ],
    "grip_strengths": [{"side": "left", "device": "jamar_kg", "value": 30}],
    "findings": [{"finding": "reflexes_reduced_or_absent", "state": "present"}],
}
INFUSION = {
    "study_id": "P-1",
    "given_on": "2021-01-15",
    "route": "IV",
    "product": "Privigen",
    "dose_g": 70,
    "lots": [{"lot_number": "P100", "dose_g": 70}],
}


def send(client, method, address, body=None, **headers):
    """A request as a program sends it; ``body`` may be bytes that nobody would write."""
    sent = body if isinstance(body, bytes) else json.dumps(body)
    return client.generic(
        method,
        address if address.startswith("/") else f"/api/v1/{address}",
        sent,
        content_type=headers.pop("Content_Type", "application/json"),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def create(client, address, body, *, key=None):
    return send(client, "POST", address, body, Idempotency_Key=key or str(uuid4()))


def amend(client, address, body, version, method="PATCH"):
    return send(client, method, address, body, If_Match=version)


def wrong(answer):
    """Where and what, of a refusal."""
    return [(one["field"], one["code"]) for one in answer.json()["errors"]]
