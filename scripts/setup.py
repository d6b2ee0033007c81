"""Make the two environments of this clone: .venv (the controller) and sandbox/.venv (the embedded AWS).

Runs on any Python 3.8+, needs no root, and writes into the clone only. The interpreter of the environments is the
first Python 3.12+ found on PATH or among pyenv's versions, else a Python 3.11, with the last ansible-core for it
(2.19), else one that uv brings.
"""

import json
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
CACHE = ROOT / ".cache"
UV_VERSION = "0.13.9"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
OLDEST, NEWEST = (3, 12), (3, 14)
FALLBACK = (3, 11)


def find_python():
    """The path of a Python that the environments can use, or None."""
    names = [f"python{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], NEWEST[1] + 1)]
    fallback = None
    # Without the clone's own environment, which make puts first: an environment cannot be made from itself.
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if not folder.startswith(str(ROOT))]
    path = os.pathsep.join(folders)
    candidates = [shutil.which(name, path=path) for name in [*names, "python3", "python3.11"]]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += sorted(str(path) for path in pyenv.glob("3.*/bin/python3"))
    for candidate in filter(None, candidates):
        # A pyenv shim answers for a version that is not selected with an error: ask before believing.
        probe = [candidate, "-c", "import sys; print(*sys.version_info[:2])"]
        answer = subprocess.run(probe, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        version = tuple(int(part) for part in answer.stdout.split()) if answer.returncode == 0 else ()
        if OLDEST <= version <= NEWEST:
            return candidate
        if version == FALLBACK:
            fallback = fallback or candidate
    return fallback


def find_uv():
    """The path of uv: the one on PATH, the one set up before, else one installed into .tools now."""
    ours = TOOLS / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(ours)):
        if candidate and Path(candidate).exists():
            return candidate
    TOOLS.mkdir(exist_ok=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(TOOLS), "uv==" + UV_VERSION]
    installed = subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if installed.returncode != 0 or not ours.exists():
        unpack_uv_wheel(ours)
    return str(ours)


def unpack_uv_wheel(target):
    """Take uv's program out of its wheel: for a Python without pip, as Debian's is without python3-pip."""
    with urllib.request.urlopen(f"https://pypi.org/pypi/uv/{UV_VERSION}/json", timeout=60) as answer:
        files = json.load(answer)["urls"]
    pattern = re.compile(rf"manylinux.*_{platform.machine()}\.whl$")
    url = next(item["url"] for item in files if pattern.search(item["filename"]))
    wheel = TOOLS / "uv.whl"
    with urllib.request.urlopen(url, timeout=120) as answer, wheel.open("wb") as out:
        shutil.copyfileobj(answer, out)
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(member))
    target.chmod(target.stat().st_mode | stat.S_IXUSR)
    wheel.unlink()


def sync(uv, project, python):
    environment = dict(os.environ)
    environment.setdefault("UV_CACHE_DIR", str(CACHE / "uv"))
    environment.setdefault("UV_PYTHON_INSTALL_DIR", str(CACHE / "python"))
    environment.pop("VIRTUAL_ENV", None)
    if SYSTEM_CERTIFICATES.exists():  # a proxy's certificate, which uv's own list cannot know, is among them
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    command = [uv, "sync", "--quiet", "--frozen", "--project", str(project), "--python", python or "3.12"]
    subprocess.run(command, env=environment, check=True)


def main():
    python = find_python()
    try:
        uv = find_uv()
        for project in (ROOT, ROOT / "sandbox"):
            sync(uv, project, python)
    except (OSError, subprocess.CalledProcessError, StopIteration) as error:
        sys.exit(
            "Set-up failed: {}\nIt needs the Python package index (or a mirror that pip and uv are configured for) "
            "and, for lack of a Python {}.{}+ here ({}), a Python that uv can fetch.".format(
                error, *OLDEST, "found " + python if python else "none found"
            )
        )


if __name__ == "__main__":
    main()
