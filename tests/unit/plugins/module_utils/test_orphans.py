"""Which certificates, zones and keys are nobody's."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.arda.image_upload.plugins.module_utils._account import Item
from ansible_collections.arda.image_upload.plugins.module_utils._orphans import PATTERNS, REMOVAL_ORDER, orphans

OPTIONS: dict[str, Any] = {
    "declared": [{"secret": "Shop-dev/image-signing-key", "stack": "Shop-dev-image-upload-exports"}],
    "domains": ["shop.assets.example"],
    "root_domain": "assets.example",
}
KINDS = {*PATTERNS, "certificate", "distribution", "public key", "zone"}


def found(exported: tuple[str, ...] = (), **kinds: list[Item]) -> list[str]:
    held = {kind: kinds.get(kind.replace(" ", "_"), []) for kind in KINDS}
    return [item.identifier for item, _reason in orphans(OPTIONS, held, list(exported))]


def certificate(identifier: str, name: str, status: str, used: bool = False, created: str = "") -> Item:
    return Item("certificate", identifier, name, created, {"Status": status, "InUse": used})


OURS = "*.shop.assets.example"


@pytest.mark.parametrize(
    ("certificates", "expected"),
    [
        ([certificate("a", OURS, "ISSUED")], []),
        ([certificate("a", OURS, "PENDING_VALIDATION")], []),
        ([certificate("a", OURS, "FAILED")], ["a"]),
        ([certificate("a", OURS, "ISSUED", True), certificate("b", OURS, "ISSUED")], ["b"]),
        ([certificate("a", OURS, "ISSUED", created="1"), certificate("b", OURS, "ISSUED", created="2")], ["b"]),
        ([certificate("a", OURS, "PENDING_VALIDATION", created="1"), certificate("b", OURS, "ISSUED")], ["a"]),
        ([certificate("a", "*.old.assets.example", "ISSUED")], ["a"]),
        ([certificate("a", "*.old.assets.example", "ISSUED", True)], []),
        ([certificate("a", "*.other.example", "ISSUED"), certificate("b", "www.assets.example", "ISSUED")], []),
    ],
)
def test_certificates(certificates: list[Item], expected: list[str]) -> None:
    assert found(certificate=certificates) == expected


def zone(identifier: str, name: str, records: int = 2, private: bool = False) -> Item:
    detail = {"ResourceRecordSetCount": records, "Config": {"PrivateZone": private}}
    return Item("zone", identifier, name, "", detail)


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        ([zone("Z1", "shop.assets.example", 4)], []),
        ([zone("Z1", "shop.assets.example")], []),
        ([zone("Z1", "shop.assets.example", 4), zone("Z2", "shop.assets.example")], ["Z2"]),
        ([zone("Z1", "shop.assets.example"), zone("Z2", "shop.assets.example")], ["Z2"]),
        ([zone("Z1", "old.assets.example"), zone("Z2", "used.assets.example", 3)], ["Z1"]),
        ([zone("Z1", "old.assets.example", private=True), zone("Z2", "other.example")], []),
    ],
)
def test_zones(zones: list[Item], expected: list[str]) -> None:
    assert found(exported=("Z1",) if "shop" in zones[0].name else (), zone=zones) == expected


def test_key_is_nobodys_only_without_a_group_that_stays() -> None:
    comment = {"Comment": "Private key in Secrets Manager: Old-x/image-signing-key"}
    keys = [Item("public key", name, name, "", comment) for name in ("K1", "K2")]
    keys.append(Item("public key", "K3", "K3", "", {"Comment": "theirs"}))

    def group(identifier: str, name: str, *members: str) -> Item:
        return Item("key group", identifier, name, "", {"KeyGroupConfig": {"Items": list(members)}})

    assert found(public_key=keys, key_group=[group("g", "theirs", "K1")]) == ["K2"]
    assert found(public_key=keys, key_group=[group("g", "Old-x-images", "K1")]) == ["g", "K1", "K2"]
    assert found(public_key=keys, key_group=[group("g", "Old-x-images", "K1", "K3")]) == ["K2"]


def test_secret_and_stack_of_a_declared_partition_are_its_own() -> None:
    deleted = Item(
        "secret", "s", "Shop-dev/image-signing-key", "", {"DeletedDate": "2026", "Tags": "arda.image_upload"}
    )
    own = Item("stack", "t", "Shop-dev-image-upload-exports", "", {"StackStatus": "CREATE_COMPLETE"})
    dead = Item("stack", "u", "Shop-dev-image-upload-exports", "", {"StackStatus": "ROLLBACK_COMPLETE"})
    gone = Item("stack", "v", "Old-image-upload-exports", "", {"StackStatus": "DELETE_COMPLETE"})
    assert found(secret=[deleted], stack=[own, dead, gone]) == ["s", "u"]


def test_every_kind_has_its_place_in_the_order() -> None:
    assert {*PATTERNS, "certificate", "public key", "zone"} == set(REMOVAL_ORDER)
