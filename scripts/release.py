"""Make the files of a release in build/release/VERSION: the collection, its bill of materials and their checksums.

The version must be that of galaxy.yml and of the changelog, the clone clean, and the tag vVERSION, if there is one, at
this commit. Nothing is published: the last lines say how.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
#: https://semver.org: what Galaxy takes as the version of a collection.
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


class ReleaseError(Exception):
    """Why there is no release: what was expected, what was found, and what to do."""


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def check(version: str) -> None:
    """Raise ReleaseError unless this commit can be released as ``version``."""
    if not VERSION.fullmatch(version):
        raise ReleaseError(
            f"Expected a semantic version, such as 1.0.0, found {version!r}. Run make release VERSION=1.0.0."
        )
    declared = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]
    if declared != version:
        raise ReleaseError(f"Expected version {version} in galaxy.yml, found {declared}. Enter it, and commit.")
    released = yaml.safe_load((ROOT / "changelogs/changelog.yaml").read_text())["releases"]
    if version not in released:
        raise ReleaseError(
            f"Expected release {version} in the changelog, found {', '.join(released) or 'none'}. Run "
            f"antsibull-changelog release --version {version}, and commit."
        )
    if changed := git("status", "--porcelain"):
        raise ReleaseError(f"Expected a clean clone, found changes:\n{changed}\nCommit or stash them.")
    tag = f"v{version}"
    if tag in git("tag", "--list", tag).split() and git("rev-list", "-n1", tag) != git("rev-parse", "HEAD"):
        raise ReleaseError(
            f"Expected tag {tag} at this commit, found it at {git('rev-list', '-n1', tag)}. Check it out."
        )


def requirements() -> Iterator[importlib.metadata.Distribution]:
    """The Python packages that the collection needs, and those that they need, as installed in this environment."""
    texts = (ROOT / "requirements.txt").read_text().splitlines()
    todo = [Requirement(text).name for text in texts if text and not text.startswith("#")]
    seen: set[str] = set()
    while todo:
        name = todo.pop(0)
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        package = importlib.metadata.distribution(name)
        yield package
        needed = [Requirement(text) for text in package.requires or []]
        todo += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]


def collection_version(name: str) -> str:
    """The version of an installed collection."""
    spec = importlib.util.find_spec(f"ansible_collections.{name}")
    folder = next(iter(spec.submodule_search_locations or [])) if spec else ""
    return json.loads((Path(folder) / "MANIFEST.json").read_text())["collection_info"]["version"]


def bill_of_materials(version: str) -> str:
    """The collection and what it needs, in CycloneDX's JSON. https://cyclonedx.org/docs/1.6/json/"""
    bom = Bom()
    url = PackageURL("generic", "arda", "image_upload", version)
    own = Component(type=ComponentType.LIBRARY, group="arda", name="image_upload", version=version, purl=url)
    bom.metadata.component = own
    needed = [
        Component(
            type=ComponentType.LIBRARY,
            name=package.name,
            version=package.version,
            purl=PackageURL("pypi", None, package.name.lower(), package.version),
        )
        for package in requirements()
    ]
    for name in yaml.safe_load((ROOT / "galaxy.yml").read_text())["dependencies"]:
        group, _dot, short = name.partition(".")
        found = collection_version(name)
        url = PackageURL("generic", group, short, found)
        needed.append(Component(type=ComponentType.LIBRARY, group=group, name=short, version=found, purl=url))
    for component in needed:
        bom.components.add(component)
    bom.register_dependency(own, needed)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if invalid := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ReleaseError(f"The bill of materials is no valid CycloneDX: {invalid}")
    return text + "\n"


def make(version: str) -> Path:
    """The folder with the files of the release."""
    folder = ROOT / "build/release" / version
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    build = ["ansible-galaxy", "collection", "build", "--output-path", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (folder / f"arda-image_upload-{version}.cdx.json").write_text(bill_of_materials(version))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def main() -> int:
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        check(version)
        folder = make(version)
    except ReleaseError as error:
        print(f"make release: FAILED\n{error}")
        return 1
    where = folder.relative_to(ROOT)
    for path in sorted(folder.iterdir()):
        print(f"  {path.relative_to(ROOT)}")
    print("\nmake release: SUCCESS, and nothing is published. To publish:")
    print(f"  git tag --annotate v{version} && git push --tags")
    print(f"  ansible-galaxy collection publish {where}/arda-image_upload-{version}.tar.gz")
    return 0


if __name__ == "__main__":
    sys.exit(main())
