"""The files of a run: written whole or not at all, and the report made from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.arda.image_upload.plugins.plugin_utils import _artifacts as artifacts
from ansible_collections.arda.image_upload.plugins.plugin_utils import _run as run


@pytest.fixture(autouse=True)
def own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of its own for each test."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(run.constants, "DEFAULT_LOCAL_TMP", str(tmp_path / "tmp"))


def test_write_artifact_new_folder_holds_whole_file_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for text in ("one", "two"):
        artifacts.write_artifact(folder, "report.json", text)
        assert (folder / "report.json").read_text() == f"{text}\n"
    assert [path.name for path in folder.iterdir()] == ["report.json"]


def test_folder_that_cannot_be_written_is_replaced_by_one_of_ansible_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(artifacts.display, "warning", warnings.append)
    monkeypatch.setattr(artifacts, "own_folder", lambda: tmp_path / "image_upload")
    (tmp_path / "file").write_text("")
    other = artifacts.writable(tmp_path / "file" / "artifacts")
    assert other.parts[-2:] == ("image_upload", "artifacts")
    assert str(other) in warnings[0]
    assert artifacts.writable(tmp_path / "artifacts") == tmp_path / "artifacts"
    assert len(warnings) == 1
    assert artifacts.write_files(str(tmp_path / "file/artifacts"), {}) == other
    assert (other / artifacts.REPORT).exists()


def gate(host: str) -> str:
    return json.dumps({"name": "g", "host": host, "passed": True, "checks": []})


def test_write_two_files_makes_a_report_of_both_and_of_no_earlier_run(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "g-earlier.json").write_text(gate("earlier"))
    for host in ("one", "two"):
        assert artifacts.write_files(str(folder), {f"g-{host}.json": gate(host), f"g-{host}.xml": "<a/>"}) == folder
    written = json.loads((folder / "run.json").read_text())
    assert written["files"] == ["g-one.json", "g-one.xml", "g-two.json", "g-two.xml"]
    text = (folder / artifacts.REPORT).read_text()
    assert [host in text for host in ("one", "two", "earlier")] == [True, True, False]


def test_report_is_written_at_the_end_of_the_run_where_it_is_older_than_a_file(tmp_path: Path) -> None:
    report = tmp_path / artifacts.REPORT
    artifacts.write_files(str(tmp_path), {})
    artifacts.write_files(str(tmp_path), {"g-one.json": gate("alpha")}, report=False)
    assert "alpha" not in report.read_text()
    artifacts._write_last_report()
    assert "alpha" in report.read_text()
    report.unlink()
    artifacts.write_files(str(tmp_path), {"g-two.json": gate("two")})
    before = report.stat().st_ino
    artifacts._write_last_report()
    assert report.stat().st_ino == before


def test_write_failure_is_in_the_report(tmp_path: Path) -> None:
    artifacts.write_failure(str(tmp_path), "host", "Make it", "AWS refuses")
    text = (tmp_path / artifacts.REPORT).read_text()
    assert "Stopped at host" in text
    assert "AWS refuses" in text


def test_report_of_a_file_that_somebody_removed_is_written_without_it(tmp_path: Path) -> None:
    artifacts.write_files(str(tmp_path), {"g-one.json": gate("one")})
    (tmp_path / "g-one.json").unlink()
    artifacts.write_files(str(tmp_path), {"g-two.json": gate("two")})
    assert "two" in (tmp_path / artifacts.REPORT).read_text()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"args": ("site.yml",)}, "ansible-playbook site.yml"),
        (
            {"args": ("site.yml",), "inventory": ("a b",), "subset": "dev", "check": True, "tags": ("all",)},
            "ansible-playbook -i 'a b' site.yml -l dev --check",
        ),
        (
            {
                "args": ("site.yml",),
                "extra_vars": ("password=secret", "@file.yml", '{"token": "secret"}'),
                "diff": True,
            },
            "ansible-playbook site.yml --diff -e password=... -e ... -e ...",
        ),
        ({"args": ("site.yml",), "skip_tags": ("verify", "x")}, "ansible-playbook site.yml --skip-tags verify,x"),
    ],
)
def test_command_is_repeated_without_the_values_of_variables(options: dict, expected: str) -> None:
    assert run.command(options) == expected


def test_versions_name_the_collection_and_what_it_runs_on() -> None:
    found = run.versions()
    assert found["arda.image_upload"].endswith("(clone)")
    assert found["amazon.aws"][0].isdigit()
    assert run.collection_version("arda.none") == "unknown"
