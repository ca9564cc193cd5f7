"""The tables of accounts."""

from .invitation import Invitation
from .kept_answer import KeptAnswer
from .people import Centre, Membership, User
from .token import AccessToken, Scope

__all__ = ["AccessToken", "Centre", "Invitation", "KeptAnswer", "Membership", "Scope", "User"]
