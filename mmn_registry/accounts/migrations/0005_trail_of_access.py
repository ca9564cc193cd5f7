"""Invitations, tokens and second factors are in the trail; their secrets only as having changed."""

from django.db import migrations

from mmn_registry.audit.audited import EVENTS, TRIGGERS, audited

# As 0002 made them; a stamp that ends sessions is of no interest, who ended them is.
USER = {"secret": ["password"], "left_out": ["last_login"]}
DROP_OLD = [f"DROP TRIGGER {TRIGGERS[event]} ON accounts_user" for event in EVENTS]
OLD_TRUNCATE = "DROP TRIGGER trail_refuses_truncate ON accounts_user"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_shared_cache"), ("audit", "0001_trail")]

    operations = [
        migrations.RunSQL([*DROP_OLD, OLD_TRUNCATE], audited("accounts_user", **USER).sql),
        audited("accounts_user", secret=["password"], left_out=["last_login", "session_stamp"]),
        audited("accounts_invitation", centre="r.centre_id", secret=["digest"]),
        audited(
            "accounts_accesstoken",
            key="identifier",
            centre="r.centre_id",
            secret=["digest", "token_key"],
            left_out=["last_used_at"],
        ),
        audited("mfa_authenticator", secret=["data"], left_out=["last_used_at"]),
    ]
