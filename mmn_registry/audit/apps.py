from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "mmn_registry.audit"
    label = "audit"
