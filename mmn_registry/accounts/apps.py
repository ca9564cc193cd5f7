from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mmn_registry.accounts"
    label = "accounts"
