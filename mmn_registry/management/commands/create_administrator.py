import os

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.urls import reverse

from mmn_registry.accounts import actions
from mmn_registry.accounts.models import Invitation
from mmn_registry.accounts.roles import Role
from mmn_registry.operating import OperatorCommand


class Command(OperatorCommand):
    help = "Let somebody in who then invites everybody else: prints a link that works once."

    def add_arguments(self, parser):
        parser.add_argument("email", help="their e-mail address")
        parser.add_argument("name", help="their name, as it stands beside what they do")

    def handle(self, *, email, name, **options):
        email = email.lower()
        # A link that was lost: the new one takes its place.
        role = {"email": email, "role": Role.ADMINISTRATOR, "centre": None}
        for older in Invitation.objects.open().filter(**role):
            actions.cancel_invitation(older)
        try:
            secret = actions.invite(Invitation(full_name=name, **role))
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        link = f"{_address()}{reverse('accounts:invitation_link', args=[secret])}"
        days = actions.INVITATION_LASTS.days
        self.stdout.write(
            f"Give this link to {name} ({email}) and to nobody else.\n"
            f"It works once, within {days} days:\n\n  {link}\n"
        )


def _address() -> str:
    """Where this registry is reached."""
    if settings.PRODUCTION:
        return f"https://{settings.ALLOWED_HOSTS[0].lstrip('.')}"
    return f"http://localhost:{os.environ.get('PORT') or 8000}"
