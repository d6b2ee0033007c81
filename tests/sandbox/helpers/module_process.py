"""A module as a process of its own, forked from a server that has imported it: quick to start, real to kill."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import coverage
import pytest
from ansible.module_utils.testing import patch_module_args

MODULES = "ansible_collections.arda.image_upload.plugins.modules"
_CONTEXT = multiprocessing.get_context("forkserver")


def start_server() -> None:
    """Start the server with this process's import path, which it neither takes over by itself nor misses aloud."""
    _CONTEXT.set_forkserver_preload([f"{__name__}_preload"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


def preload() -> None:
    """In the server: import every module, and read the models of the services once for all children."""
    loader = botocore.session.create_loader()
    botocore.session.create_loader = lambda *_arguments: loader
    for service in ("acm", "cloudformation", "cloudfront", "route53", "s3", "secretsmanager", "sts"):
        boto3.client(service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    for module in pkgutil.iter_modules(importlib.import_module(MODULES).__path__, f"{MODULES}."):
        importlib.import_module(module.name)


@contextmanager
def measured(measurement: dict[str, str] | None) -> Iterator[None]:
    """Measure coverage: ``config`` is coverage's own, ``output`` how the files of the data begin."""
    if not measurement:
        yield
        return
    measuring = coverage.Coverage(data_file=f"{measurement['output']}=process", config_file=measurement["config"])
    measuring.start()
    try:
        yield
    finally:
        measuring.stop()
        measuring.save()


def _run(name: str, arguments: dict[str, Any], output: str, measurement: dict[str, str] | None) -> None:
    """In the child: everything that the module prints goes to a file."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    with measured(measurement), patch_module_args(arguments):
        importlib.import_module(f"{MODULES}.{name}").main()


class ModuleProcess:
    """A module that runs; ``arguments`` are its options. It is measured as told, else as Ansible is told to."""

    def __init__(
        self, name: str, arguments: dict[str, Any], output: Path, measurement: dict[str, str] | None = None
    ) -> None:
        self._output = output
        measurement = measurement or json.loads(os.environ.get("_ANSIBLE_ANSIBALLZ_COVERAGE_CONFIG", "null"))
        self._process = _CONTEXT.Process(target=_run, args=(name, arguments, str(output), measurement))
        self._process.start()

    @property
    def ended(self) -> bool:
        return not self._process.is_alive()

    def kill(self) -> None:
        """SIGKILL, as far as it has come."""
        self._process.kill()
        self._process.join()

    def result(self) -> dict[str, Any]:
        """What it returned, once it has ended; ``rc`` is its exit code and ``output`` its own words."""
        self._process.join(120)
        text = self._output.read_text()
        found = next((line for line in reversed(text.splitlines()) if line.startswith("{")), "{}")
        return {**json.loads(found), "rc": self._process.exitcode, "output": text}
