"""The service over a real socket, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from small_world import SmallWorld

HERE = Path(__file__).resolve().parent
WAIT_S = 60


@contextmanager
def running(world: SmallWorld) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A serving process and its URL."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE)])}
    command = [sys.executable, str(HERE / "serving_process.py"), str(world.auditor), str(world.trust_file)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=world.folder
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()  # it prints this once it listens
        assert url.startswith("http://127.0.0.1:"), process.communicate(timeout=WAIT_S)
        yield url, process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=WAIT_S)


def test_a_process_serves_and_stops_when_told(world: SmallWorld) -> None:
    with running(world) as (url, process):
        with httpx2.Client(base_url=url, timeout=WAIT_S) as client:
            assert client.get("/health/ready").json()["status"] == "ready"
            answer = client.post(
                "/v1/verify", content=world.signed(world.cell), headers={"Content-Type": "application/vc"}
            )
            assert (answer.status_code, answer.json()["verdict"]) == (200, "passed")
            assert "server" not in answer.headers
            missing = client.get("/v1/passports/nothing")
            assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
        with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=WAIT_S) as broken:
            broken.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            assert b" 413 " in broken.recv(4096).partition(b"\r\n")[0]
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=WAIT_S)
    assert process.returncode in (0, -signal.SIGTERM)
    lines = [json.loads(line.partition(" api.requests ")[2]) for line in log.splitlines() if " api.requests " in line]
    assert [(line["path"], line["status"]) for line in lines] == [
        ("/health/ready", 200),
        ("/v1/verify", 200),
        ("/v1/passports/nothing", 404),
        ("/v1/verify", 413),
    ]
    assert "Traceback" not in log
