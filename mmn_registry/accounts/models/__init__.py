"""The tables of accounts."""

from .invitation import Invitation
from .people import Centre, Membership, User
from .token import AccessToken, Scope

__all__ = ["AccessToken", "Centre", "Invitation", "Membership", "Scope", "User"]
