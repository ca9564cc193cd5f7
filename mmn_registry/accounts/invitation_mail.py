"""The mail that carries an invitation's link."""

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from .models import Invitation


def invitation_mail(invitation: Invitation, link: str) -> EmailMessage:
    text = render_to_string(
        "accounts/mail/invitation.txt", {"invitation": invitation, "link": link}
    )
    return EmailMessage(_("Your invitation to the MMN registry"), text, to=[invitation.email])
