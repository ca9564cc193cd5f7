"""The demonstration's web server: it finishes what it began, and never outlives its front."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from mmn_registry.postgres import processes
from mmn_registry.postgres.places import CHECKOUT
from mmn_registry.web_server import PortTaken, listen

SERVE = """
import sys, time
from mmn_registry.web_server import WebServer, listen

def application(environ, start_response):
    time.sleep(float(environ["PATH_INFO"].strip("/") or 0))
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]

server = WebServer(application, listen(int(sys.argv[1])))
server.start()
server.wait()
print("finished" if server.finishing else "died")
"""


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def front(port):
    """The process that a person started; it may be killed, its children must follow."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert answer_after(port, seconds=0) == b"done"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def answer_after(port, *, seconds):
    """What the server says to a request that takes so long."""
    deadline = time.monotonic() + 20
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", f"/{seconds}")
            return connection.getresponse().read()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            connection.close()


class Request(threading.Thread):
    """A request that is under way while the server is told to stop."""

    def __init__(self, port, *, seconds):
        super().__init__()
        self.port, self.seconds, self.answer = port, seconds, None
        self.start()
        time.sleep(0.3)

    def run(self):
        try:
            self.answer = answer_after(self.port, seconds=self.seconds)
        except (OSError, http.client.HTTPException):
            self.answer = b"cut off"


def eventually(condition, *, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def children_of(pid):
    """All its descendants that are alive."""
    said = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    parents = [tuple(map(int, line.split())) for line in said.stdout.splitlines()]
    found = {pid}
    for _ in range(3):
        found |= {child for child, parent in parents if parent in found}
    return found - {pid}


def test_ctrl_c_lets_a_running_request_finish(front, port):
    request = Request(port, seconds=1)

    began = time.monotonic()
    os.kill(front.pid, signal.SIGINT)
    front.wait(timeout=10)

    request.join()
    assert request.answer == b"done"
    assert front.stdout.read().strip() == "finished"
    assert time.monotonic() - began < 5  # 2 s, and room for a busy machine


def test_a_request_that_takes_too_long_does_not_hold_the_server(front, port):
    request = Request(port, seconds=15)

    began = time.monotonic()
    os.kill(front.pid, signal.SIGINT)
    front.wait(timeout=10)

    assert time.monotonic() - began < 6
    request.join()
    assert request.answer == b"cut off"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a kill -9")
def test_a_killed_front_leaves_no_orphan(front, port):
    gunicorn_and_two_workers = 3
    assert eventually(lambda: len(children_of(front.pid)) == gunicorn_and_two_workers)
    children = children_of(front.pid)

    front.kill()
    front.wait()

    assert eventually(lambda: not any(map(processes.is_alive, children)))


def test_the_server_listens_on_this_machine_alone(port):
    with listen(port) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_named_with_a_way_out(port):
    with listen(port), pytest.raises(PortTaken, match=rf"Port {port} .*make demo PORT={port + 1}"):
        listen(port)
