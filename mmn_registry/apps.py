from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "mmn_registry"
