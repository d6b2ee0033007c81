"""Write roles/*/README.md from the roles' argument specs, and the sandbox's delays into docs/architecture.md.

With --check only say which are stale.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
COLLECTION = "arda.image_upload"
DELAYS_BELOW = "<!-- scripts/role_pages.py writes the table from sandbox/arda_sandbox/settings.py -->"
sys.path.insert(0, str(ROOT / "sandbox"))


def plain(text: str) -> str:
    """Ansible's markup as Markdown, on one line."""
    text = re.sub(r"\b[CVO]\(([^)]*)\)", r"`\1`", text)
    text = re.sub(r"\bM\(([^)]*)\)", r"`\1`", text)
    text = re.sub(r"\bU\(([^)]*)\)", r"<\1>", text)
    return " ".join(text.split()).replace("|", "\\|")


def sentences(description: str | list[str]) -> str:
    return plain(" ".join([description] if isinstance(description, str) else description))


def rows(options: dict[str, Any], prefix: str = "") -> list[str]:
    """A table row for each option, and for what a dictionary holds."""
    found = []
    for name, option in options.items():
        kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
        if "choices" in option:
            kind += f": {', '.join(f'`{choice}`' for choice in option['choices'])}"
        if option.get("required"):
            default = "required"
        elif option.get("default") in (None, ""):
            default = ""
        else:
            default = f"`{yaml.safe_dump(option['default'], default_flow_style=True, width=10_000).split(chr(10))[0]}`"
        text = sentences(option["description"])
        found.append(f"| `{prefix}{name}` | {kind} | {default.replace('|', chr(92) + '|')} | {text} |")
        found.extend(rows(option.get("options", {}), f"{prefix}{name}."))
    return found


def page(name: str) -> str:
    specs = yaml.safe_load((ROOT / f"roles/{name}/meta/argument_specs.yml").read_text())["argument_specs"]
    main = specs["main"]
    lines = [f"# {COLLECTION}.{name}", "", f"{plain(main['short_description'])}.", ""]
    lines += ["## Entry points", "", "| entry point | what it does |", "|---|---|"]
    lines += [f"| `{entry}` | {sentences(spec['description'])} |" for entry, spec in specs.items()]
    lines += ["", "## Inputs", "", "| name | type | default | meaning |", "|---|---|---|---|", *rows(main["options"])]
    lines += [
        "",
        "Example:",
        "",
        "    - ansible.builtin.import_role:",
        f"        name: {COLLECTION}.{name}",
        "",
        "---",
        "",
        "Generated from `meta/argument_specs.yml` by `scripts/role_pages.py`; `make lint` fails if it is out of date.",
    ]
    return "\n".join(lines) + "\n"


def architecture() -> str:
    """docs/architecture.md with the sandbox's delays as they are."""
    from arda_sandbox.settings import DELAYS

    rows = [
        f"| `{name}` | {delay.step} ([source]({delay.source})) | {delay.quick:g} s | {delay.adverse:g} s |"
        for name, delay in sorted(DELAYS.items())
    ]
    table = "\n".join(["| delay | what AWS does | quick | adverse |", "|---|---|---|---|", *rows])
    before, after = (ROOT / "docs/architecture.md").read_text().split(DELAYS_BELOW)
    return before + DELAYS_BELOW + "\n\n" + table + "\n\n" + after[after.index("\n#") + 1 :]


def main() -> int:
    stale = []
    pages = {path / "README.md": page(path.name) for path in sorted((ROOT / "roles").iterdir())}
    for target, text in {**pages, ROOT / "docs/architecture.md": architecture()}.items():
        if target.exists() and target.read_text() == text:
            continue
        stale.append(str(target.relative_to(ROOT)))
        if "--check" not in sys.argv:
            target.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"Stale: {', '.join(stale)}. Run: python scripts/role_pages.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
