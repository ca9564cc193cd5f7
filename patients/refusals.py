"""What PostgreSQL refused, in the words of the rule: code and sentence as ``full_clean()`` says."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import BaseConstraint

# Raised by our triggers, which name the code as the constraint and the sentence as the detail.
FROM_TRIGGERS = frozenset(
    {
        "after_death",
        "before_birth",
        "date_after_today",
        "moved_record",
        "signed_visit",
        "stale_record",
        "standing_parts",
        "voided_parent",
        "voided_record",
    }
)


@contextmanager
def explained() -> Iterator[None]:
    """A broken rule becomes the ValidationError that states it; the transaction is its caller's."""
    try:
        yield
    except IntegrityError as error:
        refusal = explain(error)
        if refusal is None:
            raise
        raise refusal from error


def explain(error: IntegrityError) -> ValidationError | None:
    """The rule behind an error of the database; None where it was not a rule about records."""
    diagnosis = error.__cause__.diag  # psycopg's own error, with what PostgreSQL said
    if diagnosis.constraint_name in FROM_TRIGGERS:
        return ValidationError(diagnosis.message_detail, diagnosis.constraint_name)
    constraint = _constraints().get(diagnosis.constraint_name)
    if constraint is None:
        return None
    return ValidationError(
        constraint.get_violation_error_message(), constraint.violation_error_code
    )


def _constraints() -> dict[str, BaseConstraint]:
    return {rule.name: rule for model in apps.get_models() for rule in model._meta.constraints}
