"""The bundle: how a cohort enters and leaves the registry, all tables at once."""

from mmn_registry.bundle.export import ExportReport, export_bundle
from mmn_registry.bundle.load import load_bundle
from mmn_registry.bundle.report import BundleRefusedError, Change, LoadReport, TableCount
from mmn_registry.bundle.tables import FILES, TABLES

__all__ = [
    "FILES",
    "TABLES",
    "BundleRefusedError",
    "Change",
    "ExportReport",
    "LoadReport",
    "TableCount",
    "export_bundle",
    "load_bundle",
]
