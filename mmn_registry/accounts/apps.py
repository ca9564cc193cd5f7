from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mmn_registry.accounts"
    label = "accounts"

    def ready(self):
        from .trail import signing_in  # noqa: PLC0415 — it needs the models

        signing_in.connect()
