from django.db import migrations

from mmn_registry.postgres.roles import APP, grant, revoke


class Migration(migrations.Migration):
    dependencies = [("mmn_registry", "0001_initial"), ("sessions", "0001_initial")]

    operations = [
        # Signing out deletes the session.
        migrations.RunSQL(
            grant("DELETE", on="django_session", to=APP),
            revoke("DELETE", on="django_session", from_=APP),
        ),
    ]
