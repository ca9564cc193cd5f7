"""What every page offers somebody, by their rights; without asking the database."""

from django.http import HttpRequest

from mmn_registry import principal
from mmn_registry.principal import Right


def offered(_request: HttpRequest) -> dict[str, bool]:
    who = principal.current()
    return {"offers_work_list": who is not None and bool(who.reach.get(Right.WRITE))}
