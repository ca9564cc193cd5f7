"""The registry's own web server before a benchmark's database, asked over HTTP by who signed in."""

import http.client
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.conf import settings
from django.test import Client

from benchmarks.beside import serve
from tests.accounts.signing_in import sign_in

LONGEST_WAIT_SECONDS = 60


class Visitor:
    """A browser that keeps its session; each request begins with a connection."""

    def __init__(self, port: int, user) -> None:
        client = Client(SERVER_NAME="localhost")
        sign_in(client, user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self._headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        self._port = port

    def seconds(self, address: str) -> float:
        """Until the last byte of an answer."""
        began = time.perf_counter()
        connection = http.client.HTTPConnection("localhost", self._port, timeout=600)
        connection.request("GET", address, headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - began
        connection.close()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {answer.status}: that is not what is timed.")
        return seconds


@contextmanager
def served(database: str) -> Iterator[int]:
    """The port at which it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(database, port))
    server.start()
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.join()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        try:
            connection = http.client.HTTPConnection("localhost", port, timeout=60)
            connection.request("GET", "/sign-in/")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            connection.close()
