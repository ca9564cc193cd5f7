"""Which views stand at which addresses: a list, its records, and where they are voided."""

from typing import Any

from mmn_registry.rest.rendering import CsvRenderer, JsonRenderer
from mmn_registry.rest.views import RegistryView

from .bulk import AddingMany
from .kind import Kind
from .lists import list_of
from .views import Adding, One, Voiding


def addresses_of(
    kind: Kind, reading: type[RegistryView] | None = None, one: type[One] = One
) -> dict[str, type[RegistryView]]:
    """Routes with their views; ``reading`` is the list where it is more than the bundle's table."""
    listed = reading or list_of(kind.table, name=kind.name)
    here = f"{kind.address}/{kind.key_in_address}/"
    return {
        f"{kind.address}/": _view(
            (Adding, listed), kind, kind.name, renderer_classes=(JsonRenderer, CsvRenderer)
        ),
        f"bulk/{kind.address}/": _view((AddingMany,), kind, f"{kind.name}_bulk"),
        here: _view((one,), kind, kind.one),
        f"{here}void/": _view((Voiding,), kind, f"{kind.one}_void"),
    }


def _view(bases: tuple[type, ...], kind: Kind, name: str, **more: Any) -> type[RegistryView]:
    documented = next((base.__doc__ for base in reversed(bases) if base.__doc__), "")
    about = {"kind": kind, "name": name, "__doc__": documented, **more}
    return type(f"{kind.model.__name__}{bases[0].__name__}", bases, about)
