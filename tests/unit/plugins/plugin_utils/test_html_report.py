"""The HTML report: everything is said, in the order of its urgency, and whatever a value holds is text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.plugin_utils._html_report import Html, element, page, text
from hypothesis import given
from hypothesis import strategies as st

RUN: dict[str, Any] = {
    "command": "ansible-playbook site.yml -l dev",
    "started": "2026-11-29T10:00:00+00:00",
    "written": "2026-11-29T10:02:00+00:00",
    "files": [],
    "waits": [],
    "versions": {"ansible-core": "2.21.5"},
}


def check(criterion: str, status: str, **more: Any) -> dict[str, Any]:
    plain = {"expected": 1, "observed": 2, "command": "aws s3 ls", "remedy": "run again: ansible-playbook site.yml"}
    return {"criterion": criterion, "status": status, "ok": status == "passed", **plain, **more}


def gate(host: str, *checks: dict[str, Any], name: str = "gate", **more: Any) -> dict[str, Any]:
    passed = all(one["status"] != "failed" for one in checks)
    return {"name": name, "host": host, "passed": passed, "checks": list(checks), **more}


class Outline(HTMLParser):
    """The elements of a page, its text, and what a browser would do with it."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._heading = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if self._heading_of(tag):
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        if self._heading_of(tag):
            self._heading = False

    def _heading_of(self, tag: str) -> bool:
        self._heading = tag in ("h1", "h2", "h3")
        return self._heading

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._heading:
            self.headings[-1] += data


def test_page_shows_failed_checks_first_then_the_partition_that_has_them() -> None:
    documents = {
        "gate-a.json": gate("a", check("fine", "passed")),
        "gate-b.json": gate("b", check("good", "passed"), check("broken", "failed")),
    }
    found = Outline(page(RUN, documents))
    assert found.headings[1] == "1 failed check"
    assert [heading for heading in found.headings if heading in ("a", "b")] == ["b", "a"]
    assert "FAIL: something needs attention" in found.text
    assert ("aria-label", "Copy the command: ansible-playbook site.yml") in found.attributes


@pytest.mark.parametrize(
    ("documents", "told"),
    [
        ({"gate-a.json": gate("a", check("fine", "passed"))}, "PASS: every check that was made passed"),
        ({}, "No result: the run has not ended"),
        ({"stopped-a.json": {"host": "a", "task": "Make it", "error": "AccessDenied"}}, "FAIL: something needs"),
        (
            {"plan.json": {"kind": "plan", "result": "differs", "errors": [], "sections": []}},
            "Something is to be changed",
        ),
    ],
)
def test_page_begins_with_how_the_run_went(documents: dict[str, Any], told: str) -> None:
    assert told in Outline(page(RUN, documents)).text


def test_page_shows_plans_keys_exports_waits_artifacts_and_orphans() -> None:
    field = {"field": "tags.x", "before": "old", "after": "new"}
    row = {"type": "bucket", "name": "images", "action": "update", "changes": [], "fields": [field], "unmanaged": []}
    key = {
        "key_pair_id": "K1",
        "stage": "replaced",
        "created": "2026-11-01",
        "replaced": "2026-11-28",
        "retires": "soon",
    }
    summary = {
        "ring": 1,
        "cdn_domain_name": "dev.example",
        "bucket_name": "images",
        "changes": ["create the bucket"],
        "exports": {"Dev-Bucket": "images"},
        "public_keys": [key],
    }
    orphan = {"kind": "key group", "name": "old", "id": "ID7", "reason": "nobody's", "monthly_usd": -1}
    handed = {"status": "passed", "name": "zone id", "observed": "Z1", "producer": "Run 1", "consumer": "Run 2"}
    documents = {
        "drift.json": {
            "kind": "drift",
            "result": "differs",
            "errors": [],
            "sections": [{"title": "Partition a", "resources": [row]}],
        },
        "summary.json": {"a": summary},
        "keys-b.json": [{**key, "key_pair_id": "K2"}],
        "artifacts.json": [handed],
        "orphans-Acc.json": [orphan],
    }
    waits = [{"host": "a", "what": "ISSUED", "started": 1795946460.0, "elapsed": 30.0, "state": "ISSUED"}]
    found = Outline(page({**RUN, "waits": waits}, documents))
    for expected in ("tags.x", "old", "new", "K1", "K2", "Dev-Bucket", "create the bucket", "30 s", "ID7", "zone id"):
        assert expected in found.text
    assert found.headings[1:] == ["Drift", "a", "b", "Waits", "What is handed over", "Orphans of Acc", "Versions"]


def test_page_shows_images_of_known_types_only() -> None:
    images = [
        {"content_type": "image/png", "bytes": 3, "base64": "AAAA"},
        {"content_type": "image/svg+xml", "bytes": 3, "base64": "AAAA"},
        {"content_type": "image/png", "bytes": 3, "base64": '"><script>'},
    ]
    found = Outline(page(RUN, {"verify-a.json": gate("a", name="verify", images=images)}))
    assert [value for name, value in found.attributes if name == "src"] == ["data:image/png;base64,AAAA"]


def test_page_needs_no_network_and_runs_its_own_script_only() -> None:
    found = Outline(page(RUN, {}))
    policy = next(value for name, value in found.attributes if value and value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-")
    assert not {"link", "iframe", "object"} & set(found.tags)


HOSTILE = st.one_of(
    st.sampled_from(["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\x1b[2J", "{{ 1 + 1 }}", "&lt;"]),
    st.text(max_size=30),
)


@given(HOSTILE, HOSTILE)
def test_page_of_hostile_values_has_the_elements_of_one_of_harmless_values(one: str, two: str) -> None:
    def of(first: str, second: str) -> Outline:
        failed = check(first, "failed", observed={second: first}, command=second, remedy="see", cause=first)
        documents = {
            "gate.json": gate(second, failed, name=first),
            "diagnosis.json": {"host": first, "cause": {**failed, "layer": second}, "effect": first, "checks": []},
            "stopped-a.json": {"host": first, "task": second, "error": second},
        }
        return Outline(page({**RUN, "command": first}, documents))

    found, harmless = of(f"x{one}", f"x{two}"), of("x", "y")
    assert sorted(found.tags) == sorted(harmless.tags)
    assert sorted(name for name, _value in found.attributes) == sorted(name for name, _value in harmless.attributes)


@given(st.text())
def test_text_survives_a_browser_but_for_control_characters(value: str) -> None:
    assert Outline(f"<p>{text(value)}</p>").text.isprintable() or "\n" in value
    if value.isprintable():
        assert Outline(f"<p>{text(value)}</p>").text == value


def test_element_escapes_text_and_attributes_but_not_elements() -> None:
    assert element("p", "<b>", Html("<i></i>"), title='"') == '<p title="&quot;">&lt;b&gt;<i></i></p>'
    assert text({"a": None}) == json.dumps({"a": None}).replace('"', "&quot;")
