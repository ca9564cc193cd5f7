"""What pages of records show of the trail."""

from django import template

register = template.Library()


@register.inclusion_tag("audit/_record_history.html")
def record_history(record) -> dict[str, object]:
    """A link to who changed a record of a patient, when and why."""
    return {
        "thing": record._meta.verbose_name,
        "table": record._meta.db_table,
        "record_id": record.pk,
        "patient_id": getattr(record, "patient_id", record.pk),  # or the patient itself
    }
