"""What partitions cannot share, compared among the hosts of an inventory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager
from ansible_collections.arda.image_upload.plugins.module_utils._inputs_of_roles import EXPORTS, FOUNDATION
from ansible_collections.arda.image_upload.plugins.plugin_utils import _role_inputs as inputs
from hypothesis import given
from hypothesis import strategies as st

ROLE = Path(__file__).resolve().parents[4] / "roles/image_partition"


class Hostvars(dict[str, dict[str, Any]]):
    """The variables of hosts, and how often some were asked for."""

    asked = 0

    def __getitem__(self, host: str) -> dict[str, Any]:
        self.asked += 1
        return super().__getitem__(host)


ROLES = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["one", "two", "three", ""]), min_size=1)


def shared(host: str, hostvars: dict[str, dict[str, Any]], owners: inputs.Owners, selected: str = "") -> list[str]:
    variables = {
        "hostvars": hostvars,
        "groups": {"partitions": list(hostvars)},
        "ansible_play_hosts_all": list(selected),
    }
    return inputs.shared_faults(variables, [host], lambda value: value, owners)


@given(ROLES)
def test_role_that_two_hosts_have_is_a_fault_of_both(roles: dict[str, str]) -> None:
    hostvars = Hostvars({host: {inputs.UNSHARED: role} for host, role in roles.items()})
    owners = inputs.Owners()
    for host, role in roles.items():
        found = shared(host, hostvars, owners)
        assert found == shared(host, hostvars, inputs.Owners())
        others = sorted(other for other, its in roles.items() if its == role and other != host)
        assert bool(found) == bool(role and others)
        assert all(fault.endswith(f"also that of {', '.join(others)}") for fault in found)


def partition(name: str, **more: Any) -> dict[str, Any]:
    given = {"infrastructure": "Images", "partition": name, "account_id": "1", "region": "us-east-1", **more}
    return {f"image_partition_{option}": value for option, value in given.items()}


@pytest.mark.parametrize(
    ("a", "b", "fault"),
    [
        ({}, {}, None),
        ({"export_names": {"bucket_arn": "X"}}, {"export_names": {"secret_arn": "X"}}, ("bucket_arn", "b")),
        ({"export_names": {"bucket_arn": "Images-b-API-ImageAssetBucketName"}}, {}, ("bucket_arn", "b")),
        (
            {"export_names": {"bucket_arn": "Images-a-API-ImageAssetBucketName"}},
            {},
            ("bucket_arn", "image_partition_export_names.bucket_name"),
        ),
        ({"export_names": {"bucket_arn": "Images-I-AssetsHostedZoneId"}}, {}, ("bucket_arn", "b")),
        ({"export_names": {"bucket_arn": "X"}}, {"export_names": {"bucket_arn": "X"}, "region": "eu-west-1"}, None),
        ({"export_names": {"bucket_arn": "X"}}, {"export_names": {"bucket_arn": "X"}, "account_id": "2"}, None),
        ({"export_names": {"bucket_arn": ["X"]}}, {"export_names": ["X"]}, None),  # the form of each is refused
    ],
)
def test_export_name_is_of_one_partition_in_an_account_and_region(
    a: dict[str, Any], b: dict[str, Any], fault: tuple[str, str] | None
) -> None:
    hostvars = {"a": partition("a", **a), "b": partition("b", **b)}
    found = shared("a", hostvars, inputs.Owners(), selected="ab")
    assert bool(found) == bool(fault)
    if fault:
        (found,) = [
            one for one in found if one.startswith(f"a: image_partition_export_names.{fault[0]}: expected one of")
        ]
        assert fault[1] in found.rpartition("also that of ")[2]


@pytest.mark.parametrize(
    ("extra", "selected", "shared_with"),
    [
        ({}, "a", None),
        ({"bucket": "of-a-and-b"}, "a", None),  # b keeps its own, whatever -e says
        ({"bucket": "of-b"}, "a", "b"),
        ({"bucket": "of-a-and-b"}, "ab", "b"),
    ],
)
def test_host_that_is_not_selected_has_what_the_inventory_says(
    tmp_path: Path, extra: dict[str, str], selected: str, shared_with: str | None
) -> None:
    hosts = {name: partition(name, names={"bucket": "{{ bucket }}"}) | {"bucket": f"of-{name}"} for name in "ab"}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"partitions": {"hosts": hosts}}))
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(tmp_path / "hosts.yml")])
    manager = VariableManager(loader=loader, inventory=inventory)
    manager._extra_vars = extra
    variables = {
        "hostvars": HostVars(inventory, manager, loader),
        "groups": {"partitions": ["a", "b"]},
        "ansible_play_hosts_all": list(selected),
    }
    found = inputs.shared_faults(variables, ["a"], lambda value: value)
    assert [fault.rpartition("also that of ")[2] for fault in found] == ([shared_with] if shared_with else [])


def test_hosts_of_a_play_that_are_no_partitions_share_nothing() -> None:
    hostvars: dict[str, dict[str, Any]] = {"a": partition("a"), "b": {}, "c": {}, "d": {"infrastructure": "Images"}}
    variables = {"hostvars": hostvars, "groups": {"partitions": ["a"]}, "ansible_play_hosts_all": list("abcd")}
    assert inputs.shared_faults(variables, list("abcd"), lambda value: value) == []


def test_each_host_is_read_once() -> None:
    hostvars = Hostvars({name: partition(name) for name in "abcd"})
    owners = inputs.Owners()
    assert [shared(name, hostvars, owners, selected="abcd") for name in "abcd"] == [[], [], [], []]
    assert hostvars.asked == 4


def test_default_export_names_are_those_of_the_role() -> None:
    variables = yaml.safe_load((ROLE / "vars/main.yml").read_text())["__image_partition_default_export_names"]
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())["image_partition_foundation_exports"]
    assert variables == {key: f"{{{{ __image_partition_prefix }}}}-{suffix}" for key, suffix in EXPORTS.items()}
    assert defaults == {key: f"{{{{ image_partition_infrastructure }}}}-{suffix}" for key, suffix in FOUNDATION.items()}
