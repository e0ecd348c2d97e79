"""The command line."""

import json
from pathlib import Path

import pytest
from support.server_thread import serving

from backend.cli import main
from backend.settings import Settings
from shared_py.templates import load_templates


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("model-studio 0.")


def test_stored_designs_are_written_as_files(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as client:
        design = client.new_design()
        assert main(["dump-designs", "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path / "data")]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{design['id']}.json"]
    assert json.loads((tmp_path / "out" / f"{design['id']}.json").read_text()) == design
    assert main(["schema-lint", str(tmp_path / "out" / f"{design['id']}.json")]) == 0


def test_without_a_database_the_templates_are_written_and_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODEL_STUDIO_DATA", str(tmp_path / "nothing"))
    assert main(["dump-designs", "--out", str(tmp_path / "out")]) == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {design.id for design in load_templates()}
    assert not (tmp_path / "nothing").exists()
    assert "these are the templates" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "setting", "value"),
    [
        ([], "run_memory_bytes", None),
        (["--run-memory", "300"], "run_memory_bytes", 300_000_000),
        ([], "prepare_exports", True),
        (["--no-prepare"], "prepare_exports", False),
        ([], "preload", True),
        (["--no-preload"], "preload", False),
        (["--push-contact", "mailto:me@studio.example"], "push_contact", "mailto:me@studio.example"),
        (["--push-contact", "https://studio.example"], "push_contact", "https://studio.example"),
        ([], "test_push_authority", None),
    ],
)
def test_an_option_of_serve_changes_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], setting: str, value: object
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("backend.serve.serve", lambda settings, *_: served.append(settings) or 0)
    assert main(["serve", "--data-dir", str(tmp_path), *options]) == 0
    assert getattr(served[0], setting) == value


@pytest.mark.parametrize("contact", ["", "me@studio.example", "mailto:me", "https://localhost", "https://studio.example/path"])
def test_a_contact_that_push_services_refuse_is_refused(contact: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--push-contact={contact}"])
    assert ended.value.code == 2
    assert "is no contact" in capsys.readouterr().err


def test_the_contact_has_one_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("backend.serve.serve", lambda settings, *_: served.append(settings) or 0)
    assert main(["serve", "--data-dir", str(tmp_path)]) == 0
    assert served[0].push_contact == Settings().push_contact


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2
    assert "fly" in capsys.readouterr().err
