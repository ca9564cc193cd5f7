"""A form that was sent after the sign-in had ended: kept until its person is back.

It waits in the session, for whoever had opened the form, whose signature is in it, and for nobody
else. A view that wants it says so with ``view.keeps_typing = True``.
"""

from django.core import signing
from django.http import HttpRequest, QueryDict

KEPT = "typed_before_sign_in"
# A form of ours is some thousands of characters.
LONGEST = 200_000


def keep(request: HttpRequest, view) -> None:
    if request.method == "POST" and getattr(view, "keeps_typing", False):
        typed = request.POST.urlencode()
        if len(typed) <= LONGEST:
            request.session[KEPT] = {"address": request.path, "typed": typed}


def take(request: HttpRequest) -> QueryDict | None:
    """What this person had typed at this address when the sign-in had ended; once."""
    kept = request.session.get(KEPT)
    if not kept or kept["address"] != request.path:
        return None
    del request.session[KEPT]
    typed = QueryDict(kept["typed"])
    try:
        owner = signing.Signer(salt=KEPT).unsign(typed.get("owner", ""))
    except signing.BadSignature:
        return None
    return typed if owner == str(request.user.pk) else None


def signed_owner(user) -> str:
    """Whose form it is; stands in the form."""
    return signing.Signer(salt=KEPT).sign(str(user.pk))
