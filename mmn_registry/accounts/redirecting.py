"""Sending somebody to another page, also when htmx asked for a part of one."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def redirect_to(request: HttpRequest, address: str) -> HttpResponse:
    """A redirect of the page; htmx would put what it is redirected to into the part."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def page_of(request: HttpRequest) -> str:
    """The address in the address bar: of the page, where a part of it was asked for."""
    current = urlsplit(request.headers.get("HX-Current-URL", ""))
    if is_htmx(request) and current.netloc == request.get_host():
        return current._replace(scheme="", netloc="").geturl()
    return request.get_full_path()
