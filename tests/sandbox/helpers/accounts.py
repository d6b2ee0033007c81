"""New AWS accounts on the sandbox, and modules run in them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, ClassVar

from arda_sandbox.faults import READS
from arda_sandbox.settings import ROOT_SECRET

from .module_process import ModuleProcess
from .sandbox import Sandbox

_NUMBERS = (f"1{number:011d}" for number in itertools.count(1))
_OUTPUTS = itertools.count(1)


@dataclass
class Account:
    """A new AWS account, empty but for what a test puts into it."""

    sandbox: Sandbox
    number: str = field(default_factory=lambda: next(_NUMBERS))
    #: Where a module is measured, as ``ModuleProcess`` has it.
    measurement: dict[str, str] | None = None
    #: The options that a module is always run with, by its name; the first one is run where none is named.
    defaults: ClassVar[dict[str, dict[str, Any]]] = {}

    def client(self, service: str, region: str = "us-east-1") -> Any:
        return self.sandbox.client(self.number, service, region)

    def start(self, module: str = "", **options: Any) -> ModuleProcess:
        module = module or next(iter(self.defaults))
        arguments = {
            "region": "us-east-1",
            "endpoint_url": self.sandbox.endpoint,
            "access_key": self.number,
            "secret_key": ROOT_SECRET,
            **self.defaults.get(module, {}),
            **options,
        }
        output = self.sandbox.directory / f"module-{next(_OUTPUTS)}"
        return ModuleProcess(module, arguments, output, self.measurement)

    def run(self, module: str = "", **options: Any) -> dict[str, Any]:
        return self.start(module, **options).result()

    def make(self, module: str = "", **options: Any) -> dict[str, Any]:
        """Run the module, which must succeed."""
        result = self.run(module, **options)
        assert result["rc"] == 0, result["output"]
        return result

    def faults(self, *faults: dict[str, Any]) -> None:
        """Let calls of this account fail from now on."""
        self.sandbox.faults(*({"account": self.number, **fault} for fault in faults))

    def calls(self) -> list[str]:
        """Every call of this account that the sandbox has seen."""
        return [call["operation"] for call in self.sandbox.journal() if call["account"] == self.number]

    def writes(self) -> list[str]:
        """Every call of this account that changes something."""
        return [call for call in self.calls() if not call.split(":")[1].startswith(READS)]
