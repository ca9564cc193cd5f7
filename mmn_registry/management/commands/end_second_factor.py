from django.core.management import CommandError

from mmn_registry.accounts import actions
from mmn_registry.accounts.selectors import account_of
from mmn_registry.operating import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Forget the second factors of somebody who lost theirs, after making sure who is asking. "
        "Their sessions and tokens end; at the next sign-in they set up another one."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="their e-mail address")

    def handle(self, *, email, **options):
        user = account_of(email)
        if user is None:
            raise CommandError(f"Nobody signs in with {email}. Check the address.")
        actions.end_second_factor(user)
        self.stdout.write(f"{user.full_name} signs in with the password and sets up another one.")
