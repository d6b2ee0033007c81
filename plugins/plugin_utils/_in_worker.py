# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of this collection in a fork of the task's worker instead of in a new Python process.

Ansible packs a module into an archive and starts a Python for it, which imports boto3 and reads the models of the AWS
services again: nine tenths of a task's time. Ansible imports this file before it forks its workers, so boto3 and the
models are read once for a whole run.

ansible-core builds the arguments and reads the result, as in ordinary execution. The fork is a process of its own, so a
module cannot change or end the worker.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NoReturn

from ansible import constants
from ansible._internal import _display_utils
from ansible.module_utils import _internal
from ansible.module_utils._internal import _traceback
from ansible.module_utils._internal._ansiballz import _loader
from ansible.module_utils.common.json import Direction, get_module_encoder
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.display import Display

from ._artifacts import write_failure
from ._engine import CachingEngine

try:
    import boto3
    import botocore.session
    from botocore.exceptions import UnknownServiceError
except ImportError:
    pass  # AnsibleAWSModule reports the missing library

display = Display()

#: Turns execution in the worker off: the variable of a play, and of the environment.
SWITCH = "arda_image_upload_in_worker"
PROFILE = "legacy"  # of the serialization, as ansible-core chooses it for Python modules
SERVICES = ("acm", "cloudformation", "cloudfront", "iam", "route53", "s3", "secretsmanager", "sts")
COLLECTION = "arda.image_upload."
PR_SET_PDEATHSIG = 1


def preload() -> Any:
    """Read what modules need from botocore's files once, for all forks: a data loader with the models in its cache."""
    loader = botocore.session.create_loader()
    for service in SERVICES:
        loader.load_service_model(service, "service-2")
        loader.load_service_model(service, "endpoint-rule-set-1")
        with contextlib.suppress(UnknownServiceError):  # sts has no listings
            loader.load_service_model(service, "paginators-1")
    for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
        loader.load_data(name)
    boto3.session  # noqa: B018 its import reads the rest
    importlib.import_module("boto3.s3.inject")  # what a client of S3 imports
    return loader


_LOADER = preload() if "boto3" in sys.modules else None
# The first filter and the first test of a process read all of Ansible's.
for plugins, name in ((filter_loader, "ansible.builtin.default"), (test_loader, "ansible.builtin.defined")):
    plugins.get(name)
# What is loaded now lasts as long as the process: neither it nor its forks look through it for garbage again.
# https://docs.python.org/3/library/gc.html#gc.freeze
gc.freeze()


def module_path(name: str) -> str:
    """The Python module of a module, ``namespace.collection.name``."""
    collection, _dot, module = name.rpartition(".")
    return f"ansible_collections.{collection}.plugins.modules.{module}"


def module_side() -> list[tuple[Any, str, Any]]:
    """What tells module code that it runs in a module, not in the controller: attributes of ansible-core and botocore.

    It is what ansible-core's own loader finds in the process of a module.
    """
    found: list[tuple[Any, str, Any]] = [
        (_internal, "is_controller", False),
        (_internal, "import_controller_module", lambda _name: None),
        (_internal, "get_controller_serialize_map", dict),
        (_traceback, "_is_traceback_enabled", _traceback._is_module_traceback_enabled),
    ]
    if _LOADER is not None:
        found.append((botocore.session, "create_loader", lambda _search_path=None: _LOADER))
    return found


class InWorkerAction(ActionBase):
    """The base of action plugins whose module runs in the worker, where that is the same as ordinary execution."""

    #: The modules that an action plugin runs besides the one of its name.
    modules: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Load the modules of an action plugin with the plugin, which Ansible does before it forks its workers."""
        super().__init_subclass__(**options)
        package, _dot, name = cls.__module__.rpartition(".")
        own = [COLLECTION + name] if package == f"ansible_collections.{COLLECTION}plugins.action" else []
        for module in (*own, *cls.modules):
            with contextlib.suppress(ImportError):  # the task says what is missing
                importlib.import_module(module_path(module))

    @classmethod
    @contextlib.contextmanager
    def get_finalize_task_args_context(cls) -> Iterator[dict[str, CachingEngine]]:
        """What the arguments of one task share: an engine that resolves each variable once for all of them."""
        yield {}

    @classmethod
    def finalize_task_arg(cls, name: str, value: Any, templar: Any, context: dict[str, CachingEngine]) -> Any:
        """An argument with its templates resolved. The roles' variables rest on each other in many layers."""
        if "engine" not in context:
            context["engine"] = CachingEngine(loader=templar._loader)
            context["engine"].keep(templar.available_variables)
        return context["engine"].template(value)

    def _execute_module(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        result = self._run_module(*arguments, **options)
        if not result.get("changed") and not result.get("failed") and not self._task.no_log:
            show_warnings()
        if result.get("failed"):
            self._keep_failure(str(result.get("msg", "")), options.get("task_vars") or {})
        return result

    def _run_module(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The result of a module, which is not the end of the task where it failed."""
        self._in_worker = self._may_run_in_worker(options.get("task_vars") or {}, bool(options.get("wrap_async")))
        return super()._execute_module(*arguments, **options)

    def _keep_failure(self, error: str, task_vars: Mapping[str, Any]) -> None:
        """Write why this task failed to the artifacts, unless the play goes on all the same."""
        task = self._task
        if task.check_mode or task.failed_when or task.ignore_errors or task.no_log:
            return
        directory = self._templar.template(task_vars.get("artifacts_directory", "artifacts"))
        write_failure(directory, str(task_vars.get("inventory_hostname", "")), task.get_name(), error)

    def _may_run_in_worker(self, task_vars: Mapping[str, Any], wrap_async: bool) -> bool:
        """Whether the task runs on the controller, as the same user, in the same Python, and not in the background."""
        switch = self._templar.template(task_vars.get(SWITCH, os.environ.get(SWITCH.upper(), "true")))
        interpreter = self._templar.template(task_vars.get("ansible_python_interpreter", ""))
        return (
            str(switch).lower() not in ("false", "no", "0", "off")
            and self._connection.transport == "local"
            and self._connection.become is None
            and not wrap_async
            and not self._task.async_val
            and not self._task.delegate_to
            and interpreter == sys.executable
            and "_ANSIBLE_ANSIBALLZ_COVERAGE_CONFIG" not in os.environ
        )

    def _is_pipelining_enabled(self, module_style: str, wrap_async: bool = False) -> bool:
        """On the controller always: without it a file on disk has the options of a module, credentials among them."""
        here = self._connection.transport == "local" and self._connection.become is None and module_style == "new"
        here = here and not (wrap_async or constants.DEFAULT_KEEP_REMOTE_FILES)
        return self._in_worker or here or super()._is_pipelining_enabled(module_style, wrap_async)

    def _configure_module(self, module_name: str, module_args: dict[str, Any], task_vars: Any) -> tuple[Any, str]:
        if not self._in_worker:
            return super()._configure_module(module_name, module_args, task_vars)
        found = self._shared_loader_obj.module_loader.find_plugin_with_context(module_name, ".py")
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
        self._parameters = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}, cls=encoder).encode()
        self._environment = {name: str(value) for name, value in environment.items()}
        self._module = module_path(found.resolved_fqcn)
        bits = SimpleNamespace(
            module_style="new",
            shebang=f"#!{sys.executable}",
            b_module_data=b"",
            serialization_profile=PROFILE,
            has_async=False,
            has_become=False,
            has_environment=False,
            get_command_args=lambda _path: None,
            process_result=None,
        )
        return bits, found.plugin_resolved_path

    def _low_level_execute_command(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        if not self._in_worker:
            return super()._low_level_execute_command(*arguments, **options)
        code, out, error = run_in_fork(lambda: run_module(self._module, self._parameters, self._environment))
        return {
            "rc": code,
            "stdout": out,
            "stdout_lines": out.splitlines(),
            "stderr": error if code >= 0 else f"{error}The module was ended by signal {signal.Signals(-code).name}.\n",
            "stderr_lines": error.splitlines(),
        }


def show_warnings() -> None:
    """Show the warnings of a task that changed nothing so far.

    A callback that does not show such tasks (display_ok_hosts) does not show their warnings either. Ansible shows a
    warning once, whoever asks for it.
    """
    context = _display_utils.DeferredWarningContext.current(optional=True)
    for warning in context.get_warnings() if context else ():
        display._warning(warning)


def run_module(name: str, parameters: bytes, environment: Mapping[str, str]) -> None:
    """In the fork: run a module as ansible-core's own loader does, which ends the process."""
    # It is loaded already: its code is not compiled again, and runs as that of a script.
    warnings.filterwarnings("ignore", ".*prior to execution", RuntimeWarning, "runpy")
    os.environ.update(environment)
    for place, attribute, value in module_side():
        setattr(place, attribute, value)
    _loader.run_module(json_params=parameters, profile=PROFILE, module_fqn=name, modlib_path="", extensions={})


def end_with_parent() -> None:
    """In a worker or a fork of one: end if the parent is killed, where the system can do so. It would go on otherwise.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


os.register_at_fork(after_in_child=end_with_parent)


def run_in_fork(function: Callable[[], None]) -> tuple[int, str, str]:
    """The exit code (minus the signal's number), the standard output and the standard error of a function in a fork."""
    out, error = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        _run_child(function, out[1], error[1])
    os.close(out[1])
    os.close(error[1])
    printed, reported = (text.decode(errors="surrogateescape") for text in _read_all(out[0], error[0]))
    _pid, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), printed, reported


def _run_child(function: Callable[[], None], out: int, error: int) -> NoReturn:
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))  # it may hold a key
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        for descriptor, target in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (error, 2)):
            os.dup2(descriptor, target)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 it lasts as long as the process
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        function()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _read_all(*descriptors: int) -> list[bytes]:
    texts = {descriptor: bytearray() for descriptor in descriptors}
    with selectors.DefaultSelector() as selector:
        for descriptor in descriptors:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            for key, _events in selector.select():
                if data := os.read(key.fd, 65536):
                    texts[key.fd] += data
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return [bytes(text) for text in texts.values()]
