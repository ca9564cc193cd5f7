"""Which views stand at which addresses: a list, its records, and where they are voided."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mmn_registry.rest.operations import Write
from mmn_registry.rest.rendering import CsvRenderer, JsonRenderer
from mmn_registry.rest.views import RegistryView

from .bulk import RECORDS, AddingMany
from .columns import (
    ManyWrittenSerializer,
    VoidedSerializer,
    VoidSerializer,
    amendment_serializer,
    answer_serializer,
    document_serializer,
    many_serializer,
    new_serializer,
)
from .history import History
from .kind import Kind
from .lists import list_of
from .views import Adding, One, Voiding

BOTH_FORMS = (JsonRenderer, CsvRenderer)
SLIP = "A slip of the keyboard."


def addresses_of(
    kind: Kind, reading: type[RegistryView] | None = None, one: type[One] = One
) -> dict[str, type[RegistryView]]:
    """Routes with their views; ``reading`` is the list where it is more than the bundle's table."""
    listed = reading or list_of(kind.table, name=kind.name)
    here = f"{kind.address}/{kind.key_in_address}/"
    record, *amend = _writes(kind)
    many, void = _of_many(kind), _void(kind)
    described = {} if one.serializer_class else {"serializer_class": document_serializer(kind)}
    return {
        f"{kind.address}/": _view(
            (Adding, listed), kind, kind.name, {"POST": record}, renderer_classes=BOTH_FORMS
        ),
        here: _view(
            (one,), kind, kind.one, dict(zip(("PATCH", "PUT"), amend, strict=True)), **described
        ),
        f"{here}void/": _view((Voiding,), kind, f"{kind.one}_void", {"POST": void}),
        f"{here}history/": _view((History,), kind, f"{kind.one}_history", {}),
        f"bulk/{kind.address}/": _view((AddingMany,), kind, f"{kind.name}_bulk", {"POST": many}),
    }


def _view(
    bases: tuple[type, ...], kind: Kind, name: str, writes: Mapping[str, Write], **more: Any
) -> type[RegistryView]:
    about = {"kind": kind, "name": name, "writes": writes, **more}
    about["__doc__"] = bases[-1].__doc__ if len(bases) > 1 else _told(bases[0], kind)
    return type(f"{kind.model.__name__}{bases[0].__name__}", bases, about)


def _told(view: type, kind: Kind) -> str:
    if view is History:
        words = view.__doc__ or ""
        return words.replace("a record", _a(kind))
    if view is not One:
        return view.__doc__ or ""
    return f"One {kind.model._meta.verbose_name}, as it stands now, with what belongs to it."


def _writes(kind: Kind) -> tuple[Write, Write, Write]:
    """To record one, to change what is named, to replace all."""
    a, model = _a(kind), kind.model.__name__
    lasting = {n: v for n, v in kind.example.items() if n not in kind.said_once}
    changed = {name: lasting[name] for name in [*lasting][:1]}
    answered = answer_serializer(kind)
    return (
        Write(
            kind.one,
            f"create{model}",
            f"Records {a}",
            new_serializer(kind),
            answered,
            HTTPStatus.CREATED,
            kind.example,
            needs_key=True,
        ),
        Write(
            kind.one,
            f"amend{model}",
            f"Amends what is named of {a}; lists that are named are all there is of them",
            amendment_serializer(kind, whole=False),
            answered,
            example=changed | {"reason": SLIP},
            needs_version=True,
            has_key=True,
        ),
        Write(
            kind.one,
            f"replace{model}",
            f"Amends all of {a}: what is left out is not recorded",
            amendment_serializer(kind, whole=True),
            answered,
            example=lasting | {"reason": SLIP},
            needs_version=True,
            has_key=True,
        ),
    )


def _void(kind: Kind) -> Write:
    return Write(
        kind.one,
        f"void{kind.model.__name__}",
        f"Says that {_a(kind)} does not count, nor what belongs to it",
        VoidSerializer,
        VoidedSerializer,
        example={"reason": "Of another patient."},
        needs_version=True,
        has_key=True,
        is_of_one=False,
    )


def _of_many(kind: Kind) -> Write:
    return Write(
        kind.one,
        f"create{kind.model.__name__}Many",
        f"Records many {kind.model._meta.verbose_name_plural} at once: all of them, or none",
        many_serializer(kind),
        ManyWrittenSerializer,
        HTTPStatus.CREATED,
        {RECORDS: [kind.example]},
        needs_key=True,
        is_of_one=False,
    )


def _a(kind: Kind) -> str:
    name = str(kind.model._meta.verbose_name)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
