"""The objects of awx/: their fields are those of infra.aap_configuration, and what they name is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.arda.image_upload.plugins.module_utils._permissions_of_roles import ROLES
from dateutil.rrule import rrulestr

from .helpers.awx import ROOT, answers, objects, role_of, template

OBJECTS = objects()
#: The fields of each kind. https://github.com/redhat-cop/infra.aap_configuration (roles/*/meta/argument_specs.yml)
FIELDS = {
    "aap_organizations": "name description",
    "controller_instance_groups": "name policy_instance_minimum max_concurrent_jobs",
    "controller_execution_environments": "name description image pull",
    "controller_projects": "name organization scm_type scm_url scm_branch scm_update_on_launch default_environment",
    "controller_inventories": "name organization description instance_groups",
    "controller_inventory_sources": "name organization inventory source source_project source_path "
    "execution_environment overwrite overwrite_vars update_on_launch",
    "controller_notifications": "name organization notification_type notification_configuration",
    "controller_credential_types": "name description kind inputs injectors",
    "controller_credentials": "name organization credential_type inputs",
    "controller_templates": "name description organization project inventory execution_environment credentials "
    "playbook job_type extra_vars ask_job_type_on_launch ask_limit_on_launch ask_diff_mode_on_launch diff_mode forks "
    "timeout allow_simultaneous survey_enabled survey_spec job_slice_count notification_templates_error",
    "controller_workflows": "name description organization inventory allow_simultaneous ask_limit_on_launch "
    "survey_enabled survey_spec notification_templates_approvals notification_templates_error "
    "simplified_workflow_nodes",
    "controller_schedules": "name organization unified_job_template rrule",
}
NODE = "identifier unified_job_template approval_node limit job_type success_nodes failure_nodes"
QUESTION = "question_name question_description variable type choices default required new_question"
#: What a field names: the kind of object.
REFERENCES = {
    "organization": "aap_organizations",
    "project": "controller_projects",
    "source_project": "controller_projects",
    "inventory": "controller_inventories",
    "execution_environment": "controller_execution_environments",
    "default_environment": "controller_execution_environments",
    "credential_type": "controller_credential_types",
    "credentials": "controller_credentials",
    "instance_groups": "controller_instance_groups",
    "unified_job_template": "controller_templates",
    "notification_templates_error": "controller_notifications",
    "notification_templates_approvals": "controller_notifications",
}
TEMPLATES = {one["name"]: one for one in OBJECTS["controller_templates"]}


def names(kind: str) -> set[str]:
    return {one["name"] for one in OBJECTS[kind]}


def every() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, items in OBJECTS.items():
        for item in items:
            yield kind, item
            yield from ((kind, node) for node in item.get("simplified_workflow_nodes", []))


def test_object_has_the_fields_of_its_kind_only() -> None:
    for kind, item in every():
        allowed = NODE if "identifier" in item else FIELDS[kind]
        assert set(item) <= set(allowed.split()), f"{kind} {item}"


def test_every_reference_resolves() -> None:
    count = 0
    for kind, item in every():
        for name, of in REFERENCES.items():
            for value in [item[name]] if isinstance(item.get(name), str) else item.get(name, []):
                assert value in names(of), f"{kind} {item.get('name', item.get('identifier'))}: {name} {value}"
                count += 1
    assert count > 80


def test_playbooks_and_inventory_are_there() -> None:
    assert all((ROOT / one["playbook"]).is_file() for one in TEMPLATES.values())
    assert all((ROOT / one["source_path"] / "hosts.yml").is_file() for one in OBJECTS["controller_inventory_sources"])


def test_credential_names_a_role_of_the_policies() -> None:
    field = OBJECTS["controller_credential_types"][0]["inputs"]["fields"][-1]
    assert field["choices"] == [role.short_name for role in ROLES if role.account == "infrastructure"]
    assert {role_of(one["name"]) for one in OBJECTS["controller_credentials"]} == set(field["choices"])


def test_no_secret_is_in_a_file() -> None:
    secret = [one["id"] for one in OBJECTS["controller_credential_types"][0]["inputs"]["fields"] if one.get("secret")]
    assert secret == ["secret_access_key"]
    assert all(one["inputs"].startswith("{{ image_upload_keys.") for one in OBJECTS["controller_credentials"])


@pytest.mark.parametrize(
    "item", [one for _kind, one in every() if one.get("survey_enabled")], ids=lambda one: str(one["name"])
)
def test_question_sets_an_input_of_a_role(item: dict[str, Any]) -> None:
    options: dict[str, Any] = {}
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            options |= entry["options"]
    for question in item["survey_spec"]["spec"]:
        assert set(question) <= set(QUESTION.split())
        option = options[question["variable"]]
        if question["type"] == "multiplechoice":
            known = {"true", "false"} if option["type"] == "bool" else set(option["choices"])
            assert set(question["choices"]) <= known
            assert question["default"] in question["choices"]
        else:
            assert (question["type"], option["type"]) == ("text", "str")


@pytest.mark.parametrize("workflow", OBJECTS["controller_workflows"], ids=lambda one: one["name"])
def test_workflow_reaches_each_node_and_asks_only_for_what_a_template_prompts(workflow: dict[str, Any]) -> None:
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
    reached, todo = [], [next(iter(nodes))]
    while todo:
        node = nodes[todo.pop()]
        assert node["identifier"] not in reached, "a node is run once"
        reached.append(node["identifier"])
        todo += node.get("success_nodes", []) + node.get("failure_nodes", [])
        if "unified_job_template" in node:
            job = TEMPLATES[node["unified_job_template"]]
            assert job["ask_limit_on_launch"] or not ("limit" in node or workflow.get("ask_limit_on_launch"))
            assert job["ask_job_type_on_launch"] or "job_type" not in node
            asked = set(answers(workflow.get("survey_spec", {})))
            assert asked <= set(answers(job.get("survey_spec", {}))), "AWX drops what the job template does not ask for"
    assert set(reached) == set(nodes)


def test_roll_out_goes_through_all_partitions_ring_by_ring() -> None:
    inventory = yaml.safe_load((ROOT / "inventories/arda/hosts.yml").read_text())["partitions"]["children"]
    rings = {host: values["rollout_ring"] for group in inventory.values() for host, values in group["hosts"].items()}
    workflow = next(one for one in OBJECTS["controller_workflows"] if "Roll out" in one["name"])
    hosts = [node["limit"] for node in workflow["simplified_workflow_nodes"] if "limit" in node]
    assert hosts == sorted(rings, key=lambda host: rings[host])


def test_schedule_has_a_rule_that_comes_again() -> None:
    for schedule in OBJECTS["controller_schedules"]:
        start, rule = schedule["rrule"].split(" ")
        assert rrulestr(f"{start}\n{rule}").after(rrulestr(f"{start}\n{rule}")[5]) is not None


def test_reader_reads_and_no_template_has_more_than_it_needs() -> None:
    roles = {name: role_of(one["credentials"][0]) for name, one in TEMPLATES.items()}
    assert roles["Image upload | Drift"] == "Reader"
    assert roles["Image upload | Rotate"] == "Rotator"
    assert roles["Image upload | Verify"] == "Verifier"
    assert [name for name, role in roles.items() if role == "Retirer"] == ["Image upload | Retire"]
    assert template("Image upload | Deploy in slices")["job_slice_count"] == 2
