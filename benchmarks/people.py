"""Who asks in the benchmarks."""

from mmn_registry.accounts.actions import grant_role, open_account
from mmn_registry.accounts.models import Centre, User
from mmn_registry.accounts.roles import Role


def coordinator(*centres: Centre) -> User:
    """Somebody who records and reads at these centres, else at all of them."""
    user = open_account("coordinator@hospital.example", "Anne Example")
    for centre in centres or Centre.objects.all():
        grant_role(user, Role.COORDINATOR, centre=centre)
    return user
