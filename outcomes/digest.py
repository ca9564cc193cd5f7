"""Once a month, by mail: how much is open at a centre, for its coordinators. It names nobody."""

from dataclasses import dataclass
from datetime import date

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mmn_registry.accounts.models import Centre, User
from outcomes.dashboards.questions import open_questions
from outcomes.dashboards.work_list import work_list
from patients.models import Patient


@dataclass(frozen=True)
class CentreDigest:
    """What is open at one centre: reminders of the work list, and questions about the data."""

    centre: Centre
    reminders: int
    questions: int


def centre_digest(centre: Centre, as_of: date) -> CentreDigest:
    patients = Patient.objects.filter(centre=centre)
    return CentreDigest(centre, len(work_list(patients, as_of)), len(open_questions(patients)))


def digest_mail(user: User, digests: list[CentreDigest]) -> EmailMessage | None:
    """None where nothing is open: a mail that says nothing trains to read none."""
    open_somewhere = [one for one in digests if one.reminders or one.questions]
    if not open_somewhere:
        return None
    text = render_to_string("outcomes/mail/digest.txt", {"digests": open_somewhere})
    return EmailMessage(_("MMN registry: what is open"), text, to=[user.email])
