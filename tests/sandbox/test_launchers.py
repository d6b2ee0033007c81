"""The ways in which the product is started: other callbacks, shells, folders and installations."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from arda_sandbox.settings import ROOT_SECRET

from .helpers.sample import EXHAUSTIVE, exhaustive, sample
from .helpers.sandbox import ACCOUNTS, BIN, ROOT, Sandbox

PREFLIGHT = ("playbooks/preflight.yml", "-l", "alpha002_dev")


def launch(
    sandbox: Sandbox, *command: str, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of the controller, its output and its errors apart."""
    return subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=cwd,
        env=sandbox.environment if environment is None else environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("callback", ["ansible.posix.json", "json"] if EXHAUSTIVE else ["ansible.posix.json"])
def test_json_callback_writes_json_only(sandbox: Sandbox, callback: str) -> None:
    sandbox.reset()
    environment = {**sandbox.environment, "ANSIBLE_STDOUT_CALLBACK": callback}
    run = launch(
        sandbox, "ansible-playbook", "playbooks/dns_foundation.yml", "-l", "alpha002_dev", environment=environment
    )
    document = json.loads(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
    assert document["stats"]["alpha002_dev"]["failures"] == 0


def test_play_in_an_empty_environment_runs(sandbox: Sandbox) -> None:
    """env -i: no HOME, no PATH, no TERM, no locale."""
    kept = ("ARDA_SANDBOX_API_PORT", "ARDA_SANDBOX_DNS_PORT", "ARDA_SANDBOX_DIR")
    run = launch(
        sandbox, "ansible-playbook", *PREFLIGHT, environment={name: sandbox.environment[name] for name in kept}
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param({"LANG": "C"}, id="C locale"),
        pytest.param({"TERM": "dumb", "COLUMNS": "20"}, id="dumb terminal"),
        pytest.param(
            dict.fromkeys(
                ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9"
            ),
            id="proxy",
        ),
    ],
)
def test_play_in_an_odd_shell_runs(sandbox: Sandbox, shell: dict[str, str]) -> None:
    sandbox.play("playbooks/dns_foundation.yml", "-l", "alpha002_dev", **shell).succeeded()


def test_sandbox_behind_a_proxy_is_reached(sandbox: Sandbox) -> None:
    """Loopback is never proxied: the command line answers, and says so where the sandbox does not run."""
    proxied = Sandbox(
        sandbox.directory,
        sandbox.shared,
        {**sandbox.environment, "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
    )
    assert proxied.command("stop").returncode == 0
    absent = proxied.command("status")
    started = proxied.command("start")
    assert started.returncode == 0, started.stdout + started.stderr
    assert absent.returncode != 0
    assert "does not run" in absent.stderr
    assert proxied.command("status").returncode == 0


@pytest.mark.parametrize(
    "playbook", sample(["playbooks/verify.yml", "playbooks/rotate_signing_key.yml", "site.yml"], 3)
)
@pytest.mark.parametrize(
    ("hosts", "arguments"),
    [
        pytest.param("others: {hosts: {web: {ansible_connection: local}}}\n", (), id="no such group"),
        pytest.param("partitions: {hosts: {}}\n", (), id="empty group"),
        pytest.param(
            "partitions: {hosts: {a: {}}}\nothers: {hosts: {web: {}}}\n", ("-l", "web"), id="another host selected"
        ),
    ],
)
def test_run_without_a_partition_fails(
    sandbox: Sandbox, tmp_path: Path, playbook: str, hosts: str, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "hosts.yml").write_text(hosts)
    run = sandbox.play(playbook, "-i", str(tmp_path / "hosts.yml"), *arguments)
    assert run.code != 0, run.output
    assert "No partition is selected" in " ".join(run.output.split()), run.output


def test_artifact_built_without_distlib_ships_an_example_and_no_accounts(sandbox: Sandbox, tmp_path: Path) -> None:
    """ansible-galaxy builds what it installs from git with what ansible-core brings."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "distlib.py").write_text("raise ImportError\n")
    built = launch(
        sandbox, "ansible-galaxy", "collection", "build", "--output-path", str(tmp_path),
        environment={**sandbox.environment, "PYTHONPATH": str(blocked)},
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian's Python 3.11 has none
        archive.extractall(tmp_path / "built")
    found = [
        str(file)
        for file in (tmp_path / "built").rglob("*")
        if file.is_file() and any(number.encode() in file.read_bytes() for number in ACCOUNTS.values())
    ]
    assert found == []
    assert os.listdir(tmp_path / "built/inventories") == ["example"]
    listed = launch(
        sandbox, "ansible-inventory", "-i", "inventories/example", "--host", "shop001_dev", cwd=tmp_path / "built"
    )
    variables = json.loads(listed.stdout)
    assert variables["infrastructure"] == "Shop001"
    assert variables["aws_account_id"] == "444455556666"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact, installed into a path of its own."""
    home = tmp_path_factory.mktemp("installed")
    galaxy = [BIN / "ansible-galaxy", "collection"]
    subprocess.run([*galaxy, "build", ROOT, "--output-path", home], check=True, capture_output=True)
    (archive,) = home.glob("*.tar.gz")
    install = [*galaxy, "install", archive, "-p", home / "collections", "--no-deps", "--offline"]
    subprocess.run(install, check=True, capture_output=True, cwd=home)
    return home / "collections"


@exhaustive
def test_read_only_project_runs_from_a_writable_folder(sandbox: Sandbox, installed: Path, tmp_path: Path) -> None:
    """Nothing is written into the project: Ansible's own files go to ~/.ansible, the reports to the caller's folder."""
    sandbox.reset()
    before = sorted(str(path) for path in installed.rglob("*") if "__pycache__" not in path.parts)
    environment = {**sandbox.environment, "ANSIBLE_COLLECTIONS_PATH": str(installed), "HOME": str(tmp_path)}
    for name in ("ANSIBLE_HOME", "ANSIBLE_CONFIG"):
        environment.pop(name)
    playbook = installed / "ansible_collections/arda/image_upload/playbooks/dns_foundation.yml"
    run = launch(
        sandbox, "ansible-playbook", str(playbook), "-i", str(ROOT / "inventories/sandbox"),
        "-l", "alpha002_dev", cwd=tmp_path, environment=environment,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert sorted(str(path) for path in installed.rglob("*") if "__pycache__" not in path.parts) == before
    assert (tmp_path / ".ansible").is_dir()
    assert (tmp_path / "artifacts").is_dir()


def full_name(sandbox: Sandbox, cwd: Path, collections: Path, python: Path = BIN) -> subprocess.CompletedProcess[str]:
    """Run 1 by its full name, of what is installed at a path, with the ansible-playbook of an environment."""
    environment = {
        **sandbox.environment,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "PATH": f"{python}:/usr/bin:/bin",
    }
    environment.pop("ANSIBLE_CONFIG")
    command = ["arda.image_upload.dns_foundation", "-i", str(ROOT / "inventories/sandbox"), "-l", "alpha002_dev"]
    return subprocess.run(
        [python / "ansible-playbook", *command],
        cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("core", ["2.19", "2.21"] if EXHAUSTIVE else ["2.19"])
def test_installed_playbook_runs_by_its_full_name_under_each_ansible_core(
    sandbox: Sandbox, installed: Path, tmp_path: Path, core: str
) -> None:
    """Each in an environment with ansible-core alone, twice. The reports land in the caller's folder."""
    home = ROOT / f".cache/core-{core}-alone"
    needs = [f"ansible-core=={core}.*", "-r", "requirements.txt"]
    subprocess.run([ROOT / "scripts/environment", home, sys.executable, *needs], check=True)
    sandbox.reset()
    first = full_name(sandbox, tmp_path, installed, home / "bin")
    assert first.returncode == 0, first.stdout + first.stderr
    second = full_name(sandbox, tmp_path, installed, home / "bin")
    assert second.returncode == 0, second.stdout + second.stderr
    assert " changed=0 " in second.stdout
    assert (tmp_path / "artifacts/dns_foundation-alpha002_dev.json").exists()


@exhaustive
def test_collection_is_installed_from_git(sandbox: Sandbox, tmp_path: Path) -> None:
    """ansible-galaxy collection install git+https://..., here of this clone's last commit."""
    environment = {**sandbox.environment, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"}
    environment |= {"GIT_CONFIG_VALUE_0": "*", "HOME": str(tmp_path)}
    collections = tmp_path / "collections"
    done = launch(
        sandbox, "ansible-galaxy", "collection", "install", f"git+file://{ROOT}", "-p", str(collections), "--no-deps",
        cwd=tmp_path, environment=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    sandbox.reset()
    run = full_name(sandbox, tmp_path, collections)
    assert run.returncode == 0, run.stdout + run.stderr


def test_ansible_runner_with_a_private_data_directory_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    """As AWX starts a job: variables from env/extravars, events as JSON."""
    sandbox.reset()
    (tmp_path / "env").mkdir()
    reports = tmp_path / "reports"
    (tmp_path / "env/extravars").write_text(json.dumps({"artifacts_directory": str(reports)}))
    (tmp_path / "env/envvars").write_text(json.dumps({"ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}))
    where = ("--project-dir", str(ROOT), "--inventory", str(ROOT / "inventories/sandbox"), "--limit", "alpha002_dev")
    playbook = ("-p", "playbooks/dns_foundation.yml", "--ident", "job")
    environment = {name: value for name, value in sandbox.environment.items() if name != "ANSIBLE_CONFIG"}
    run = launch(sandbox, "ansible-runner", "run", str(tmp_path), *where, *playbook, environment=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    events = [json.loads(path.read_text()) for path in (tmp_path / "artifacts/job/job_events").glob("*.json")]
    changed = {
        event["event_data"]["task"] for event in events if event.get("event_data", {}).get("res", {}).get("changed")
    }
    assert "root | Create the hosted zone" in changed
    # A command that a gate prints has the sandbox's own key, which inventories/sandbox has in the open.
    assert not any(ROOT_SECRET in re.sub(r"AWS_SECRET_ACCESS_KEY=\S+ ", "", json.dumps(event)) for event in events)
    assert (reports / "dns_foundation-alpha002_dev.json").exists()


def test_read_only_clone_runs_and_says_where_the_reports_are(sandbox: Sandbox, tmp_path: Path) -> None:
    """A clone on a read-only mount, started in it: the reports go to Ansible's home."""
    namespace = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine allows no mount namespace: the read-only mount is not tried")
    sandbox.reset()
    clone = tmp_path / "clone"
    skipped = shutil.ignore_patterns(".*", "tests", "molecule", "__pycache__", "artifacts")
    shutil.copytree(ROOT, clone, symlinks=True, ignore=skipped)
    environment = {**sandbox.environment, "HOME": str(tmp_path / "home"), "ANSIBLE_CONFIG": str(clone / "ansible.cfg")}
    environment.pop("ANSIBLE_HOME")
    (tmp_path / "home").mkdir()
    play = f"{BIN}/ansible-playbook playbooks/dns_foundation.yml -l alpha002_dev"
    script = (
        f"mount --bind -o ro {clone} {clone} && mount -o remount,ro,bind {clone} && cd {clone} && ! touch x && {play}"
    )
    run = subprocess.run(
        [*namespace, "bash", "-c", script],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    reports = tmp_path / "home/.ansible/image_upload/artifacts"
    assert str(reports) in run.stderr.replace("\n", " ")
    assert (reports / "dns_foundation-alpha002_dev.json").exists()


def test_world_writable_clone_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    """Ansible does not read the ansible.cfg of a world-writable folder.

    https://docs.ansible.com/ansible/latest/reference_appendices/config.html
    """
    clone = tmp_path / "clone"
    skipped = shutil.ignore_patterns(".*", "tests", "molecule", "__pycache__", "artifacts")
    shutil.copytree(ROOT, clone, symlinks=True, ignore=skipped)
    clone.chmod(0o777)
    environment = {name: value for name, value in sandbox.environment.items() if name != "ANSIBLE_CONFIG"}
    run = launch(
        sandbox, "ansible-playbook", "-i", "inventories/sandbox", *PREFLIGHT, cwd=clone, environment=environment
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "world writable" in run.stdout + run.stderr


def test_dns_answer_carries_opt_and_is_never_authenticated(sandbox: Sandbox) -> None:
    """Asked with EDNS and the AD flag, as dig does (https://datatracker.ietf.org/doc/html/rfc6891#section-6.1.1)."""
    question = dns.message.make_query("nowhere.assets.arda.cards", "A", use_edns=0)
    question.flags |= dns.flags.AD
    answer = dns.query.udp(question, "127.0.0.1", port=int(sandbox.environment["ARDA_SANDBOX_DNS_PORT"]), timeout=5)
    assert answer.edns == 0
    assert not answer.flags & dns.flags.AD
    assert dns.rcode.to_text(answer.rcode()) == "NXDOMAIN"
    assert [rrset.rdtype for rrset in answer.authority] == [dns.rdatatype.SOA]


def test_dns_answer_without_records_of_the_type_carries_the_soa(sandbox: Sandbox) -> None:
    """NODATA (https://datatracker.ietf.org/doc/html/rfc2308#section-2.2)."""
    sandbox.reset()
    sandbox.client("root", "route53").create_hosted_zone(Name="assets.arda.cards", CallerReference="nodata")
    question = dns.message.make_query("assets.arda.cards", "TXT")
    answer = dns.query.udp(question, "127.0.0.1", port=int(sandbox.environment["ARDA_SANDBOX_DNS_PORT"]), timeout=5)
    assert dns.rcode.to_text(answer.rcode()) == "NOERROR"
    assert answer.answer == []
    assert [rrset.rdtype for rrset in answer.authority] == [dns.rdatatype.SOA]


def test_dns_question_for_any_type_is_answered_with_all_records(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.client("root", "route53").create_hosted_zone(Name="assets.arda.cards", CallerReference="any")
    question = dns.message.make_query("assets.arda.cards", "ANY")
    answer = dns.query.tcp(question, "127.0.0.1", port=int(sandbox.environment["ARDA_SANDBOX_DNS_PORT"]), timeout=5)
    assert {rrset.rdtype for rrset in answer.answer} >= {dns.rdatatype.SOA, dns.rdatatype.NS}
