"""What partitions cannot share, compared among the hosts of an inventory."""

from __future__ import annotations

from typing import Any

from ansible_collections.arda.image_upload.plugins.plugin_utils import _role_inputs as inputs
from hypothesis import given
from hypothesis import strategies as st


class Hostvars(dict[str, dict[str, Any]]):
    """The variables of hosts, and how often some were asked for."""

    asked = 0

    def __getitem__(self, host: str) -> dict[str, Any]:
        self.asked += 1
        return super().__getitem__(host)


ROLES = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["one", "two", "three", ""]), min_size=1)


@given(ROLES)
def test_role_that_two_hosts_have_is_a_fault_of_both_and_each_host_is_read_once(roles: dict[str, str]) -> None:
    hostvars = Hostvars({host: {inputs.UNSHARED: role} for host, role in roles.items()})
    owned: dict[str, dict[str, Any]] = {}
    for host, role in roles.items():
        variables = {"inventory_hostname": host, "hostvars": hostvars, "groups": {"partitions": list(roles)}}
        found = inputs._shared(variables, lambda value: value, owned)
        assert found == inputs._shared(variables, lambda value: value, {})
        others = sorted(other for other, its in roles.items() if its == role and other != host)
        assert bool(found) == bool(role and others)
        assert all(fault.endswith(f"also that of {', '.join(others)}") for fault in found)
    assert hostvars.asked == len(roles) + len(roles) ** 2  # once for all, and once each for whoever keeps nothing
