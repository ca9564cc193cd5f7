"""How much each field about people who work here, and their centres, gives away."""

from mmn_registry.disclosure import Disclosure, Fields

SECRET, ADMINISTRATIVE = Disclosure.SECRET, Disclosure.ADMINISTRATIVE
QUASI = Disclosure.QUASI_IDENTIFYING


def administrative(*names: str) -> Fields:
    return dict.fromkeys(names, ADMINISTRATIVE)


FIELDS: dict[str, Fields] = {
    "accounts.User": {
        "password": SECRET,
        "session_stamp": SECRET,
        **administrative("id", "email", "full_name", "is_active", "joined_at", "last_login"),
    },
    "accounts.Centre": administrative("id", "code", "name", "data_closed_on"),
    "accounts.AccessToken": {
        "digest": SECRET,
        "token_key": SECRET,
        **administrative("user", "created", "expiry", "identifier", "name", "scope", "centre"),
        **administrative("last_used_at", "revoked_at"),
    },
    "accounts.Invitation": {
        "digest": SECRET,
        **administrative("id", "email", "full_name", "role", "centre", "invited_by", "invited_at"),
        **administrative("expires_at", "accepted_at", "accepted_by", "cancelled_at"),
    },
    # What one program was told of what it wrote: nobody else ever reads it.
    "accounts.KeptAnswer": {
        **administrative("id", "owner", "token", "key", "fingerprint", "status"),
        **administrative("etag", "location"),
        **dict.fromkeys(("body", "kept_at"), QUASI),
    },
    "accounts.Membership": administrative("id", "user", "centre", "role", "valid_from", "valid_to"),
}
