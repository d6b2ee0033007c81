# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run as one HTML file, from the JSON files that the run has written and nothing else.

The file needs no network: its style, script and images are in it, and its Content-Security-Policy allows no other ones.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from ._html_style import SCRIPT, STYLE
from ._terminal import printable

Documents = Mapping[str, Any]
#: A remedy that is a command as a whole, or ends with one after a colon.
COMMAND = re.compile(r"(?:^|: )((?:ansible-\w+|aws|dig|make|sudo) \S.*)$")
ORDER = {"failed": 0, "skipped": 1, "passed": 2}
LABELS = {"failed": "FAIL", "skipped": "SKIP", "passed": "PASS"}
#: Media types that an image of the report may have.
IMAGES = ("image/jpeg", "image/png", "image/webp")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: Any) -> Html:
    """A value as HTML text: a string as it is, another one as JSON; control characters as escapes."""
    if isinstance(value, Html):
        return value
    plain = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return Html(escape("\n".join(map(printable, plain.split("\n")))))


def element(name: str, *content: Any, **attributes: str) -> Html:
    """An element with its content. A trailing underscore of an attribute's name is left out, others become hyphens."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(printable(value))}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{given}>{''.join(map(text, content))}</{name}>")


def page(run: Mapping[str, Any], documents: Documents) -> str:
    """The whole file. ``run`` is run.json, ``documents`` the other files of the run by their names."""
    gates = [doc for doc in documents.values() if isinstance(doc, dict) and {"name", "host", "checks"} <= set(doc)]
    diagnoses = [doc for doc in documents.values() if isinstance(doc, dict) and "cause" in doc]
    plans = [documents[name] for name in ("plan.json", "drift.json") if name in documents]
    summary = documents.get("summary.json", {})
    keys = {name[5:-5]: doc for name, doc in documents.items() if name.startswith("keys-")}
    stopped = [doc for name, doc in documents.items() if name.startswith("stopped-")]
    failed = [(gate, check) for gate in gates for check in gate["checks"] if check["status"] == "failed"]
    verdict = _verdict([*stopped, *failed], diagnoses, plans, gates)
    parts = [
        element("header", element("h1", "Image upload: report of a run"), _status(verdict), _asked(run)),
        element(
            "main",
            *_stops(stopped),
            *_failures(failed),
            *(_diagnosis(doc) for doc in diagnoses),
            *(_plan(doc) for doc in plans),
            *_hosts(gates, summary, keys),
            *_waits(run),
            *_map(documents.get("artifacts.json", [])),
            *_orphans({name: doc for name, doc in documents.items() if name.startswith("orphans-")}),
        ),
        _footer(run, documents),
    ]
    return _file(parts)


def _file(parts: Iterable[Html]) -> str:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>Image upload: report of a run</title><style>{STYLE}</style>"
    )
    body = "\n".join(parts)
    body = f"{body}\n<script>{SCRIPT}</script>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>'


def _verdict(failed: Sequence[Any], diagnoses: Sequence[Any], plans: Sequence[Any], gates: Sequence[Any]) -> str:
    """The first words of the report: failed, differs, or passed."""
    if failed or any(doc["cause"] for doc in diagnoses) or any(doc["result"] == "error" for doc in plans):
        return "failed"
    if any(doc["result"] == "differs" for doc in plans):
        return "differs"
    return "passed" if gates or diagnoses or plans else "written"


def _status(verdict: str) -> Html:
    told = {
        "failed": "FAIL: something needs attention",
        "differs": "Something is to be changed",
        "passed": "PASS: every check that was made passed",
        "written": "No result: the run has not ended, or it stopped before its first check",
    }
    return element("p", told[verdict], class_=f"status {verdict}")


def _asked(run: Mapping[str, Any]) -> Html:
    return element(
        "dl",
        *_pairs(
            {
                "Command": _command(run["command"]),
                "Started": element("time", run["started"], datetime=run["started"]),
                "Report written": element("time", run["written"], datetime=run["written"]),
            }
        ),
        class_="facts",
    )


def _pairs(facts: Mapping[str, Any]) -> Iterator[Html]:
    for name, value in facts.items():
        yield element("div", element("dt", name), element("dd", value))


def _command(command: str) -> Html:
    """A command with a button that copies it."""
    button = element("button", "Copy", type="button", class_="copy", aria_label=f"Copy the command: {command[:60]}")
    return element("span", element("code", " ".join(command.split())), button, class_="command")


def _prose(remedy: str) -> Html:
    """A remedy: words, and the command that they end with."""
    found = COMMAND.search(remedy)
    if not found:
        return text(remedy)
    return Html(text(remedy[: found.start(1)]) + _command(found[1]))


def _stops(stopped: Sequence[Mapping[str, Any]]) -> Iterator[Html]:
    for doc in stopped:
        facts = {"Task": doc["task"], "Error": _prose(doc["error"])}
        yield _section(f"Stopped at {doc['host']}", element("dl", *_pairs(facts), class_="facts cause"))


def _failures(failed: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Html]:
    if failed:
        cards = [_check(check, f"{gate['name']} of {gate['host']}") for gate, check in failed]
        yield _section(f"{len(failed)} failed check{'' if len(failed) == 1 else 's'}", *cards)


def _section(title: str, *content: Html) -> Html:
    return element("section", element("h2", title), *content)


def _check(check: Mapping[str, Any], gate: str = "") -> Html:
    """One check with what was expected and observed, the command that shows it, and the remedy."""
    facts: dict[str, Any] = {"Gate": gate} if gate else {}
    facts["Expected"], facts["Observed"] = _value(check.get("expected", "")), _value(check.get("observed", ""))
    if check.get("cause"):
        facts["Follows from"] = check["cause"]
    if check.get("command"):
        facts["Command"] = _command(check["command"])
    if check.get("remedy") and check["status"] != "passed":
        facts["Remedy"] = _prose(check["remedy"])
    title = element("h3", _label(check["status"]), " ", check["criterion"])
    return element("article", title, element("dl", *_pairs(facts), class_="facts"), class_=f"check {check['status']}")


def _label(status: str) -> Html:
    return element("span", LABELS[status], class_=f"label {status}")


def _value(value: Any) -> Html:
    return element("code", value)


def _diagnosis(doc: Mapping[str, Any]) -> Html:
    cause = doc["cause"]
    title = f"Diagnosis of {doc['host']}"
    if not cause:
        return _section(title, element("p", "Nothing that was observed fails."))
    facts = {"Cause": f"It does not hold that {cause['criterion']}", "Expected": _value(cause["expected"])}
    facts |= {"Observed": _value(cause["observed"])}
    if cause.get("command"):
        facts["Evidence"] = _command(cause["command"])
    facts |= {"Remedy": _prose(cause["remedy"]), "Effect": doc["effect"]}
    layers = itertools.groupby(doc["checks"], key=lambda check: check["layer"])
    rows = [[layer, _worst([check["status"] for check in checks])] for layer, checks in layers]
    return _section(
        title,
        element("dl", *_pairs(facts), class_="facts cause"),
        _folded("Every layer", _table(["Layer", "Result"], rows, f"Layers of {doc['host']}")),
    )


def _worst(statuses: Sequence[str]) -> Html:
    return _label(min(statuses, key=lambda status: ORDER[status]))


def _folded(title: Any, *content: Html, open_: bool = False) -> Html:
    inner = "".join((element("summary", title), *content))
    return Html(f"<details{' open' if open_ else ''}>{inner}</details>")


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]], caption: str) -> Html:
    top = element("tr", *(element("th", head, scope="col") for head in heads))
    body = [
        element("tr", *(element("td", cell, data_label=head) for head, cell in zip(heads, row, strict=True)))
        for row in rows
    ]
    return element("table", element("caption", caption), element("thead", top), element("tbody", *body), class_="wide")


def _plan(doc: Mapping[str, Any]) -> Html:
    """A plan, or a report of drift."""
    before, after = ("Found", "Declared") if doc["kind"] == "drift" else ("Before", "After")
    content: list[Html] = [element("p", error["error"], class_="check failed") for error in doc["errors"]]
    for section in doc["sections"]:
        rows: list[Sequence[Any]] = []
        for resource in section["resources"]:
            fields = [*resource["fields"], *(resource["unmanaged"] if doc["kind"] == "drift" else [])]
            if resource["action"] == "none" and not fields:
                continue
            name = f"{resource['type']} {resource['name']}"
            if not fields or resource["action"] == "create":
                rows.append([resource["action"], name, "; ".join(resource["changes"]), "", ""])
                continue
            rows += [
                [resource["action"], name, field["field"], _value(field["before"]), _value(field["after"])]
                for field in fields
            ]
        if rows:
            content.append(_table(["Action", "Resource", "Field", before, after], rows, section["title"]))
    if not content:
        content = [element("p", "Nothing: everything is as declared.")]
    return _section("Drift" if doc["kind"] == "drift" else "Plan", *content)


def _hosts(gates: Sequence[Mapping[str, Any]], summary: Mapping[str, Any], keys: Mapping[str, Any]) -> Iterator[Html]:
    """A section for each partition, those with a failed check first."""

    def failures(host: str) -> tuple[bool, str]:
        return all(gate["passed"] for gate in gates if gate["host"] == host), host

    for host in sorted({*(gate["host"] for gate in gates), *summary, *keys}, key=failures):
        content: list[Html] = []
        own = summary.get(host, {})
        if own:
            content.append(element("dl", *_pairs(_outputs(own)), class_="facts"))
            if own["changes"]:
                items = [element("li", change) for change in own["changes"]]
                content.append(_folded(f"{len(items)} changes", element("ul", *items)))
            rows = [[_value(name), _value(value)] for name, value in own["exports"].items()]
            content.append(_folded("Exports", _table(["Export", "Value"], rows, f"Exports of {host}")))
        stages = keys.get(host) or own.get("public_keys")
        if stages:
            content.append(_keys(host, stages))
        for gate in gates:
            if gate["host"] == host:
                content += [*_thumbnails(gate), _gate(gate)]
        yield _section(host, *content)


def _outputs(own: Mapping[str, Any]) -> dict[str, Any]:
    url = f"https://{own['cdn_domain_name']}/"
    return {"CDN": _value(url), "Bucket": _value(own["bucket_name"]), "Ring": str(own["ring"])}


def _keys(host: str, keys: Sequence[Mapping[str, Any]]) -> Html:
    heads = ["Key pair id", "Stage", "Created", "Replaced", "Trusted until"]
    times = ("created", "replaced", "retires")
    rows = [[_value(key["key_pair_id"]), key["stage"], *(key.get(time) or "-" for time in times)] for key in keys]
    return _table(heads, rows, f"Public keys of {host}")


def _gate(gate: Mapping[str, Any]) -> Html:
    """A gate or a verification: a line, and its checks with the failed ones first."""
    checks = sorted(gate["checks"], key=lambda check: ORDER[check["status"]])
    counts = {status: sum(check["status"] == status for check in checks) for status in ORDER}
    told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
    title = Html(f"{_label('passed' if gate['passed'] else 'failed')} {text(gate['name'])}: {text(told)}")
    return _folded(title, *map(_check, checks), open_=not gate["passed"])


def _thumbnails(gate: Mapping[str, Any]) -> Iterator[Html]:
    """The images that a verification has read through the CDN."""
    figures = []
    for image in gate.get("images", []):
        if image["content_type"] in IMAGES and re.fullmatch(r"[A-Za-z0-9+/=]+", image["base64"]):
            told = f"{image['content_type']}, {image['bytes']} bytes"
            source = f"data:{image['content_type']};base64,{image['base64']}"
            picture = Html(f'<img src="{source}" alt="{escape(f"Test image, {told}")}">')
            figures.append(element("figure", picture, element("figcaption", told)))
    if figures:
        yield element("div", *figures, class_="images")


def _waits(run: Mapping[str, Any]) -> Iterator[Html]:
    """The waits of the run on one line of time."""
    waits = run["waits"]
    if not waits:
        return
    begin = datetime.fromisoformat(run["started"]).timestamp()
    whole = max(datetime.fromisoformat(run["written"]).timestamp() - begin, 1.0)
    rows = []
    for wait in waits:
        at = max(wait["started"] - begin, 0.0)
        left, width = min(100 * at / whole, 99.5), max(100 * wait["elapsed"] / whole, 0.5)
        drawn = Html(
            '<svg viewBox="0 0 100 4" preserveAspectRatio="none" role="presentation">'
            f'<rect x="{left:.1f}" width="{min(width, 100 - left):.1f}" height="4"></rect></svg>'
        )
        when = datetime.fromtimestamp(wait["started"], UTC).strftime("%H:%M:%S")
        rows.append([wait["host"], wait["what"], f"{when} UTC", f"{wait['elapsed']:.0f} s", wait["state"], drawn])
    yield _section(
        "Waits", _table(["Host", "For", "From", "Elapsed", "Last state", "In the run"], rows, "What the run waited for")
    )


def _map(rows: Sequence[Mapping[str, Any]]) -> Iterator[Html]:
    if rows:
        heads = ["Result", "Artifact", "Value", "Made by", "Read by"]
        cells = [
            [_label(row["status"]), row["name"], _value(row["observed"]), row["producer"], row["consumer"]]
            for row in rows
        ]
        yield _section("What is handed over", _table(heads, cells, "Artifacts"))


def _orphans(accounts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Html]:
    heads = ["Kind", "Name", "Id", "Reason", "USD a month"]
    for name, rows in accounts.items():
        title = f"Orphans of {name.removeprefix('orphans-').removesuffix('.json')}"
        cells = [
            [
                row["kind"],
                row["name"],
                _value(row["id"]),
                row["reason"],
                "-" if row["monthly_usd"] < 0 else row["monthly_usd"],
            ]
            for row in rows
        ]
        yield _section(title, _table(heads, cells, title) if cells else element("p", "None."))


def _footer(run: Mapping[str, Any], documents: Documents) -> Html:
    versions = element(
        "dl", *_pairs({name: _value(version) for name, version in run["versions"].items()}), class_="facts"
    )
    files = ", ".join(sorted(["run.json", *documents]))
    return element("footer", element("h2", "Versions"), versions, element("p", "Made from: ", element("code", files)))
