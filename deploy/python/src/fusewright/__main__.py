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
"""The command ``fusewright``: becomes the program that this package brings."""

import os
import subprocess
import sys

from fusewright import _java


def main() -> int:
    """Runs the program with the arguments of this process; its exit code is ours."""
    try:
        command, environment = _java.command(sys.argv[1:])
    except _java.JavaNotFoundError as error:
        print(f"fusewright: {error}", file=sys.stderr)
        return 1
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(command[0], command, environment)
    return subprocess.call(command, env=environment)


if __name__ == "__main__":
    sys.exit(main())
