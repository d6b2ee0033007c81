"""No AWS call without a session whose account was compared, and the causes why there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from arda_sandbox.settings import ROOT_SECRET

from .helpers.inventory import writes
from .helpers.sample import sample
from .helpers.sandbox import ACCOUNTS, ROOT_USER, Sandbox

WRONG = {"region": "us-east-1", "access_key": ACCOUNTS["kyle"], "secret_key": ROOT_SECRET, "profile": ""}
BUCKET = "arda.image_upload.image_partition : bucket | Create the bucket"
PARTITION, FOUNDATION = "playbooks/image_partition.yml", "playbooks/dns_foundation.yml"


def words_of(output: str) -> str:
    return " ".join(output.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    sample(
        [
            pytest.param(
                ["site.yml", "--start-at-task", BUCKET], "Not connected to AWS account 009765408297", id="resumed"
            ),
            pytest.param(
                [PARTITION, "--start-at-task", BUCKET], "Not connected to AWS account 009765408297", id="one play"
            ),
            pytest.param(
                [FOUNDATION, "--start-at-task", "arda.image_upload.dns_foundation : root | Create the hosted zone"],
                "",  # no host is in the group of the root account
                id="resumed at the root zone",
            ),
            pytest.param(
                ["site.yml", "--skip-tags", "always"], "Not connected to AWS account", id="preflight without the tag"
            ),
            pytest.param(
                [PARTITION, "--skip-tags", "always"], "Not connected to AWS account", id="play without the tag"
            ),
            pytest.param(
                [FOUNDATION, "--skip-tags", "always"], "Not connected to AWS account", id="Run 1 without the tag"
            ),
            pytest.param(["site.yml", "--tags", "verify"], "Wrong AWS account: expected 009765408297", id="tag verify"),
            pytest.param([PARTITION], "Wrong AWS account: expected 009765408297", id="playbook alone"),
            pytest.param(["playbooks/verify.yml"], "Wrong AWS account: expected 009765408297", id="verification alone"),
            pytest.param(["playbooks/rotate_signing_key.yml", "--skip-tags", "always"], "AWS account", id="rotation"),
        ],
        3,
    ),
)
def test_run_with_credentials_of_another_account_writes_nothing(
    sandbox: Sandbox, arguments: list[str], words: str
) -> None:
    """Issue 12147 of Ansible: a resumed run must not trust what an earlier one has checked."""
    sandbox.reset()
    connection = json.dumps({"aws_connection": {**WRONG, "endpoint_url": sandbox.endpoint, "session_token": ""}})
    run = sandbox.play(*arguments, "-l", "alpha001_prod", "-e", connection, *ROOT_USER)
    assert run.code != 0 or not words, run.output[-3000:]
    assert words in words_of(run.output), run.output[-3000:]
    assert writes(sandbox) == []


@pytest.mark.parametrize("role", ["dns_foundation", "image_partition", "image_verification"])
@pytest.mark.parametrize("session", ["", "{account_id: '009765408297', connection: {region: us-east-1}}"])
def test_role_in_a_play_of_others_makes_no_call_without_its_session(
    sandbox: Sandbox, tmp_path: Path, role: str, session: str
) -> None:
    """The shell has credentials that would do: they are not used, for nobody compared them with the account."""
    sandbox.reset()
    facts = f"  vars: {{aws_session: {session}}}\n" if session else ""
    roles = ["image_partition", role] if role == "image_verification" else [role]
    play = f"- hosts: alpha002_dev\n  gather_facts: false\n{facts}  roles:\n"
    (tmp_path / "play.yml").write_text(play + "".join(f"    - arda.image_upload.{name}\n" for name in roles))
    shell = {"AWS_ACCESS_KEY_ID": ACCOUNTS["alpha002"], "AWS_SECRET_ACCESS_KEY": ROOT_SECRET}
    run = sandbox.play(str(tmp_path / "play.yml"), **shell, AWS_ENDPOINT_URL=sandbox.endpoint)
    assert run.code != 0
    assert "Not connected to AWS account 139852620346" in words_of(run.output), run.output[-3000:]
    assert writes(sandbox) == []


def test_strategy_of_the_shell_is_not_used(sandbox: Sandbox) -> None:
    """With the strategy free, the other hosts would go on."""
    sandbox.reset()
    key = f"{{{{ '{ACCOUNTS['kyle']}' if inventory_hostname == 'alpha001_prod' else aws_account_id }}}}"
    connection = {**WRONG, "endpoint_url": sandbox.endpoint, "session_token": "", "access_key": key}
    wrong = json.dumps({"aws_connection": connection})
    run = sandbox.play("site.yml", "-l", "alpha001_prod:alpha002_dev", "-e", wrong, *ROOT_USER, ANSIBLE_STRATEGY="free")
    assert run.code != 0
    assert "Wrong AWS account: expected 009765408297" in words_of(run.output), run.output[-3000:]
    assert writes(sandbox) == []


CONFIG = f"""
[profile mfa]
role_arn = arn:aws:iam::139852620346:role/Operator
source_profile = base
mfa_serial = arn:aws:iam::139852620346:mfa/operator
[profile base]
aws_access_key_id = 139852620346
aws_secret_access_key = {ROOT_SECRET}
[profile gone]
role_arn = arn:aws:iam::139852620346:role/Operator
source_profile = nowhere
[profile missing]
credential_process = /nowhere/credentials
[profile failing]
credential_process = false
[profile nonsense]
credential_process = echo nonsense
[profile sso]
sso_session = work
sso_account_id = 139852620346
sso_role_name = Operator
[sso-session work]
sso_region = us-east-1
sso_start_url = https://example.awsapps.com/start
sso_registration_scopes = sso:account:access
"""


@pytest.mark.parametrize(
    ("profile", "words"),
    sample(
        [
            ("mfa", "asks for an MFA code"),
            ("gone", "the AWS profile is incomplete"),
            ("missing", "the command or file that the AWS profile names does not exist"),
            ("failing", "the AWS credentials cannot be retrieved"),
            ("nonsense", "does not print JSON"),
            ("sso", "the AWS single sign-on session is over"),
            ("nobody", "this AWS profile does not exist"),
            ("", "there are no AWS credentials"),
        ],
        3,
    ),
)
def test_credentials_that_cannot_be_had_name_account_cause_and_remedy(
    sandbox: Sandbox, tmp_path: Path, profile: str, words: str
) -> None:
    sandbox.reset()
    (tmp_path / "config").write_text(CONFIG)
    shell = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": str(tmp_path),
    }
    run = sandbox.play(
        "playbooks/preflight.yml",
        "-i",
        "inventories/arda",
        "-l",
        "alpha002_dev",
        "-e",
        f"aws_profile={profile}",
        **shell,
    )
    output = words_of(run.output)
    assert run.code != 0
    for word in ("Account 139852620346 cannot be reached", words, "Nothing was written", "aws_profile", "aws_role_arn"):
        assert word in output, run.output[-3000:]
    assert profile == "" or "aws_profile=''" in output
    assert "Module failed" not in output


@pytest.mark.parametrize("arguments", [["site.yml"], ["site.yml", "--tags", "verify"], [FOUNDATION]])
def test_refused_role_names_the_role_before_any_write(sandbox: Sandbox, arguments: list[str]) -> None:
    sandbox.reset()
    role = "arn:aws:iam::139852620346:role/Nobody"
    run = sandbox.play(*arguments, "-l", "alpha002_dev", "-e", f"aws_role_arn={role}")
    assert run.code != 0
    for word in ("Account 139852620346 cannot be reached through role", role, "Nothing was written", "aws_role_arn"):
        assert word in words_of(run.output), run.output[-3000:]
    assert writes(sandbox) == []


def test_refused_delegation_role_stops_before_the_root_zone(sandbox: Sandbox) -> None:
    sandbox.reset()
    role = "arn:aws:iam::841876193886:role/Nobody"
    run = sandbox.play("site.yml", "-l", "alpha002_dev", "-e", f"delegation_role_arn={role}")
    assert run.code != 0
    for word in ("Account 841876193886 cannot be reached", role, "Nothing was written", "delegation_role_arn"):
        assert word in words_of(run.output), run.output[-3000:]
    assert writes(sandbox) == []


def test_session_leaves_no_secret_in_output_or_fact_cache(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    facts = {
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "facts"),
    }
    run = sandbox.play(FOUNDATION, "-l", "alpha002_dev", "-vvvv", **facts).succeeded()
    kept = "".join(path.read_text() for path in (tmp_path / "facts").glob("*"))
    # A command that the gate prints has the sandbox's own key, which inventories/sandbox has in the open.
    output = re.sub(r"AWS_SECRET_ACCESS_KEY=\S+ ", "", run.output)
    for text in (output, kept):
        assert ROOT_SECRET not in text
        assert not re.search(r"session_token[\"']?: [\"'][^\"']", text)
