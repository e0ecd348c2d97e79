"""Runs `serve --lan` in a network namespace with one interface, and prints what a phone there would find.

`unshare --net --uts python -m support.lan_namespace DIR` prints one JSON object. Nothing leaves the namespace.
"""

import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOSTNAME, FIRST, SECOND = "studio", "192.168.77.20", "192.168.77.21"
PORT, PAGE = 8443, 8444
WAIT_S = 60


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def set_up_network() -> None:
    socket.sethostname(HOSTNAME)
    ip("link", "set", "lo", "up")
    ip("link", "add", "lan0", "type", "veth", "peer", "name", "lan1")  # not every kernel has the type `dummy`
    ip("addr", "add", f"{FIRST}/24", "dev", "lan0")
    ip("link", "set", "lan1", "up")
    ip("link", "set", "lan0", "up", "multicast", "on")
    ip("route", "add", "default", "dev", "lan0")


@contextmanager
def serving_lan(data: Path) -> Iterator[tuple[str, float]]:
    """The server; yields its output and how long that took."""
    command = [
        sys.executable,
        "-m",
        "backend.cli",
        "serve",
        "--lan",
        "--data-dir",
        str(data),
        "--measure-after",
        "0",
        "--no-preload",
    ]
    start = time.monotonic()
    with (
        (data.parent / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            killer = threading.Timer(WAIT_S, process.kill)
            killer.start()
            said = ""
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if "Fingerprint" in said and len(re.findall(r"(?:[0-9A-F]{2}:){15}[0-9A-F]{2}", said)) == 2:
                    break
                if "devices pair" in said and "Scan" not in said:
                    break
            yield said, time.monotonic() - start
        finally:
            killer.cancel()
            process.terminate()
            process.wait(WAIT_S)


def get(url: str, context: ssl.SSLContext | None = None, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10, context=context) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_for_page(url: str) -> bytes:
    end = time.monotonic() + WAIT_S
    while True:
        try:
            return get(url)[1]
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.02)


def pair(context: ssl.SSLContext, code: str) -> str:
    body = json.dumps({"code": code, "name": "phone"}).encode()
    request = urllib.request.Request(f"https://{FIRST}:{PORT}/api/pair", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return str(answer.headers["set-cookie"]).partition(";")[0]


def names_in(context: ssl.SSLContext, address: str, server_name: str) -> list[str]:
    plain = socket.create_connection((address, PORT), timeout=10)
    with context.wrap_socket(plain, server_hostname=server_name) as tls:
        certificate: Any = tls.getpeercert()
    return [value for _, value in certificate["subjectAltName"]]


def strict(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def refuses_without_trust() -> bool:
    try:
        get(f"https://{FIRST}:{PORT}/api/health", ssl.create_default_context())
    except urllib.error.URLError as error:
        return isinstance(error.reason, ssl.SSLCertVerificationError)
    return False


def main(folder: Path) -> dict[str, Any]:
    """Start the server, send the requests of a phone, and start it again with another address."""
    set_up_network()
    data = folder / "data"
    found: dict[str, Any] = {}
    with serving_lan(data) as (said, seconds):
        found |= {"said": said, "seconds": seconds}
        page = wait_for_page(f"http://{FIRST}:{PAGE}/").decode()
        found["page"] = page
        authority = folder / "phone-ca.pem"
        authority.write_text(ssl.DER_cert_to_PEM_cert(get(f"http://{FIRST}:{PAGE}/ca.crt")[1]))
        context = strict(authority)
        found["refuses_without_trust"] = refuses_without_trust()
        found["names"] = [names_in(context, FIRST, name) for name in (FIRST, f"{HOSTNAME}.local", f"{HOSTNAME}.lan")]
        found["health"] = get(f"https://{FIRST}:{PORT}/api/health", context)[1].decode()
        found["by_name"] = get(f"https://{FIRST}:{PORT}/api/health", context, host=f"{HOSTNAME}.local:{PORT}")[0]
        found["rebound"] = get(f"https://{FIRST}:{PORT}/api/health", context, host="evil.example")[0]
        found["unpaired"] = get(f"https://{FIRST}:{PORT}/api/designs", context)[0]
        code = re.search(r"\w{4}-\w{4}-\w{4}", said)
        cookie = pair(context, code[0]) if code else ""
        found["paired"] = get(f"https://{FIRST}:{PORT}/api/designs", context, cookie=cookie)[0]
    ip("addr", "add", f"{SECOND}/24", "dev", "lan0")
    with serving_lan(data) as (said, _):
        found["said_again"] = said
        found["names_again"] = names_in(context, SECOND, SECOND)
        found["still_paired"] = get(f"https://{SECOND}:{PORT}/api/designs", context, cookie=cookie)[0]
    found["log"] = (folder / "log").read_text()
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
