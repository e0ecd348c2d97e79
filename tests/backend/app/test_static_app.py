"""The built app is served from memory, compressed where it can be, kept for ever where its names change with its content."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server_thread import Served, serving

from backend.web.static_app import CONTENT_SECURITY_POLICY

FILES = {
    "index.html": b"<!doctype html><title>app</title>",
    "sw.js": b"// worker",
    "sw.js.gz": b"gzipped worker",
    "assets/main-1a2b.js": b"// main",
    "assets/main-1a2b.js.br": b"brotli main",
    "assets/main-1a2b.js.gz": b"gzipped main",
    "manifest.webmanifest": b"{}",
    "rt/1/python.wasm": b"\0asm",
    "rt/1/model.onnx": b"onnx",
    "ort/1.30.0/runtime.mjs": b"// runtime",
    "ort/1.30.0/runtime.wasm": b"\0asm runtime",
    "ort/1.30.0/runtime.wasm.br": b"brotli runtime",
    "lone.gz": b"a file that is itself compressed",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("static")
    for name, data in FILES.items():
        (folder / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "dist" / name).write_bytes(data)
    with serving(folder / "data", static_dir=folder / "dist") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/designs/d1", "/studio", "/index.html"])
def test_a_page_of_the_app_is_the_page(app: Served, path: str) -> None:
    response = app.get(path)
    assert response.content == FILES["index.html"]
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing.js", "/assets/nothing", "/assets", "/rt/nothing", "/ort/nothing"),
        *("/schema/x", "/../pyproject.toml", "/sw.js.gz"),
    ],
)
def test_a_missing_file_is_never_the_page(app: Served, path: str) -> None:
    response = app.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "kind", "kept"),
    [
        ("/assets/main-1a2b.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/rt/1/python.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/ort/1.30.0/runtime.mjs", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/ort/1.30.0/runtime.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/rt/1/model.onnx", "application/octet-stream", "public, max-age=31536000, immutable"),
    ],
)
def test_each_kind_of_file_has_its_headers(app: Served, path: str, kind: str, kept: str) -> None:
    response = app.get(path, headers={"accept-encoding": "identity"})
    assert response.content == FILES[path[1:]]
    assert (response.headers["content-type"], response.headers["cache-control"]) == (kind, kept)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("", None), ("deflate", None)],
)
def test_a_compressed_form_is_sent_when_it_is_accepted(app: Served, accepted: str, coding: str | None) -> None:
    request = app.build_request("GET", "/assets/main-1a2b.js", headers={"accept-encoding": accepted})
    with app.stream("GET", request.url, headers=request.headers) as response:
        suffix = {"br": ".br", "gzip": ".gz", None: ""}[coding]
        assert b"".join(response.iter_raw()) == FILES["assets/main-1a2b.js" + suffix]
        assert response.headers.get("content-encoding") == coding
        assert response.headers["vary"] == "accept-encoding"


def test_an_unchanged_file_is_not_sent_again(app: Served) -> None:
    etag = app.get("/").headers["etag"]
    response = app.get("/", headers={"if-none-match": etag})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == etag
    assert app.get("/", headers={"if-none-match": '"other"'}).status_code == 200


def test_head_sends_no_body_and_nothing_can_be_written(app: Served) -> None:
    response = app.head("/")
    assert (response.content, response.headers["content-length"]) == (b"", str(len(FILES["index.html"])))
    assert app.post("/").status_code == 405


def test_without_a_built_app_the_api_still_answers(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        assert client.get("/api/health").status_code == 200
        assert "make build" in client.get("/").json()["detail"]
