"""What a comparison adds to a diagnosis, and the report that people read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._diagnosis.layers import ORDER, Fact, diagnosis
from ansible_collections.arda.image_upload.plugins.plugin_utils._diagnosis_report import LAYERS, compared, report
from ansible_collections.arda.image_upload.plugins.plugin_utils._look import Found, Report
from ansible_collections.arda.image_upload.plugins.plugin_utils._plan import RESOURCES, Prediction

LAUNCH = "ansible-playbook arda.image_upload.site -l shop_dev"


def prediction(
    before: Any, after: Any, *changes: str, part: str = "partition", module: str = "s3_private_bucket"
) -> Prediction:
    diff = {"before": before, "after": after}
    return Prediction(part, module, "images", {"changes": list(changes), "diff": diff})


def checks(*predictions: Prediction, **more: Any) -> list[dict[str, Any]]:
    return list(compared(Found(predictions=list(predictions), **more), LAUNCH))


def test_every_resource_has_a_layer() -> None:
    assert set(LAYERS.values()) <= set(ORDER)
    kinds = {kind for kind, _name in RESOURCES.values()}
    assert kinds - {"record"} == {kind for kind, _part in LAYERS} - {"record"}


@pytest.mark.parametrize(
    ("before", "after", "changes", "status", "observed"),
    [
        ({"a": 1}, {"a": 1}, [], "passed", "as declared"),
        (
            {"versioning": "Suspended"},
            {"versioning": "Enabled"},
            ["set it"],
            "failed",
            "versioning: Suspended, declared Enabled",
        ),
        ({}, {"versioning": "Enabled"}, ["create"], "failed", "missing: no run has got so far, or it was deleted"),
        ({"tags": {"a": "b"}}, {"tags": {}}, ["untag"], "passed", "as declared, but for tags and comments"),
        (
            {"policy": "x"},
            {"policy": "(known after apply)"},
            ["set it"],
            "skipped",
            "it is declared by the id of what is missing",
        ),
    ],
)
def test_resource_is_a_fact_of_its_layer(
    before: Any, after: Any, changes: list[str], status: str, observed: str
) -> None:
    (check,) = checks(prediction(before, after, *changes))
    assert (check["layer"], check["status"], check["observed"]) == ("bucket", status, observed)


def gate(name: str, service: str, **check: Any) -> Report:
    found = {
        "criterion": "c",
        "expected": 1,
        "observed": 2,
        "ok": False,
        "remedy": "r",
        "command": "x",
        "source": "aws",
    }
    return Report(
        {"name": name, "checks": [{"aws": {"service": service}}]}, {"checks": [{**found, **check}], "passed": False}
    )


@pytest.mark.parametrize(
    ("one", "layers"),
    [
        (gate("image_partition-entry", "s3"), ["platform"]),
        (gate("image_partition-entry", "acm"), ["certificate"]),
        (gate("image_partition", "s3"), ["run"]),
        (gate("image_partition", "s3", ok=True), []),
        (gate("image_partition", "s3", cause="another"), []),
        (gate("image_partition", "s3", observed="(known after apply)"), []),
    ],
)
def test_failed_check_of_a_gate_is_a_fact(one: Report, layers: list[str]) -> None:
    assert [check["layer"] for check in checks(reports=[one])] == layers


def test_run_that_would_stop_is_a_fact() -> None:
    (check,) = checks(failed="Create the zone (two zones)")
    assert (check["layer"], check["status"]) == ("run", "failed")
    assert "two zones" in check["observed"]


def told(*facts: Fact, verbose: bool = False) -> str:
    return report("shop_dev", diagnosis([fact.check() for fact in facts]), verbose)


def test_report_fits_80_columns_and_has_the_cause_with_its_remedy() -> None:
    long = "ns-1.awsdns-01.org " * 20
    broken = Fact("parent", "the parent delegates", "a", long, f"set it to {long}", "dig NS example")
    follows = Fact("certificate", "the certificate is issued", "ISSUED", "PENDING_VALIDATION")
    other = Fact("bucket", "the bucket is as declared", "x", "y")
    shown = told(Fact("clock", "the clock is right", 1, 1), broken, follows, other)
    assert max(map(len, shown.splitlines())) <= 80
    assert "  PASS  clock" in shown
    assert "SKIP  the certificate is issued" in shown
    assert "follows from: the parent delegates" in shown
    words = " ".join(shown.split())
    assert "Cause: it does not hold that the parent delegates" in words
    assert "evidence dig NS example" in words
    assert f"remedy set it to {long.strip()}" in words


def test_report_of_a_sound_partition_says_so_and_shows_values_if_asked() -> None:
    fact = Fact("clock", "the clock is right", "within 300 s", "within 300 s", command="date -u")
    assert told(fact).endswith("shop_dev is sound: nothing that was observed fails.")
    assert "within 300 s" not in told(fact)
    assert "found within 300 s" in told(fact, verbose=True)
    assert "date -u" in told(fact, verbose=True)
