# -*- coding: utf-8 -*-
# Copyright: Arda Cards
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's template engine, which compiles each template of a process once, and resolves each variable of a task once.

Compiling takes most of the time of a template, and the hosts of a look have the same ones. The variables of a task stay
as they are while its arguments are resolved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from ansible._internal._templating._engine import TemplateEngine, TemplateOptions
from ansible._internal._templating._jinja_bits import AnsibleEnvironment, TemplateContext
from ansible._internal._templating._lazy_containers import _AnsibleLazyTemplateMixin, _LazyValue


class CachingEngine(TemplateEngine):
    """Templates of one process; they are kept by their text and by what changes how it is compiled."""

    _compiled: ClassVar[dict[tuple[Any, ...], Callable[[Any], Any]]] = {}
    _shared: ClassVar[dict[str, AnsibleEnvironment]] = {}

    def keep(self, variables: dict[str, Any]) -> None:
        """Use these variables: each is resolved when it is first used, and keeps its value."""
        with TemplateContext(template_value="", templar=self, options=TemplateOptions.DEFAULT, stop_on_template=False):
            self.available_variables = _AnsibleLazyTemplateMixin._try_create(variables)

    def value_of(self, name: str) -> Any:
        """The value of a variable, which is kept."""
        return self.template(self.available_variables[name])

    def resolved(self, names: Iterable[str]) -> dict[str, Any]:
        """Of the variables with these names those that were resolved so far."""
        kept = {name: dict.get(self.available_variables, name) for name in names}
        return {name: value for name, value in kept.items() if not isinstance(value, _LazyValue)}

    @property
    def environment(self) -> AnsibleEnvironment:
        return self._shared.setdefault(self.basedir, super().environment)

    def _compile_template(self, template: str, options: Any) -> Callable[[Any], Any]:
        key = ("template", self.basedir, str(template), options.escape_backslashes, options.overrides)
        if key not in self._compiled:
            self._compiled[key] = super()._compile_template(template, options)
        return self._compiled[key]

    def _compile_expression(self, expression: str, options: Any) -> Callable[[Any], Any]:
        key = ("expression", self.basedir, str(expression), options.escape_backslashes)
        if key not in self._compiled:
            self._compiled[key] = super()._compile_expression(expression, options)
        return self._compiled[key]
