#!/usr/bin/env python3
"""Exports models of torchvision with real torch, folds what was exported, and holds the results against torch's own folding.

  torch_graphs.py [MODEL]...     resnet18, mobilenet_v2, resnet50, efficientnet_b0, deeplabv3_mobilenet_v3_large, ssdlite320_mobilenet_v3_large
  torch_graphs.py --large LAYERS       a program of so many Linears of 16 MiB, each before a BatchNorm, folded in a heap of 256 MiB: 190 are 3 GB

Each model, with random weights and statistics, is saved as a trace, as a script and as an exported program, as far as torch can. Each file is
folded by Fusewright (proof included, and without), and each archive by `torch.jit.freeze` + save; `fuse_fx` is asked what it folds of the module. Printed
is one table in Markdown: BatchNorms before and left, how far the outputs are off in torch (of the largest value of each), seconds without the start of
Python and Java, and what the process held at most. Needs FUSEWRIGHT_PYTHON_TORCH2 with torchvision (see src/oracles/setup) and a command line:
FUSEWRIGHT, or ./fusewright beside the sources. FUSEWRIGHT_VERIFY is the proof that is timed (all).
"""

import copy
import json
import os
import pathlib
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parents[2]
MODELS = [
    "resnet18",
    "mobilenet_v2",
    "resnet50",
    "efficientnet_b0",
    "deeplabv3_mobilenet_v3_large",
    "ssdlite320_mobilenet_v3_large",
]
FORMS = ["trace.pt", "script.pt", "pt2"]


# ------------------------------------------------------------ in processes of torch


def made(name):
    import torch
    import torchvision

    torch.manual_seed(7)
    none = {"weights": None, "weights_backbone": None} if name.startswith(("deeplab", "ssd")) else {"weights": None}
    net = torchvision.models.get_model(name, **none).eval()
    for norm in net.modules():
        if isinstance(norm, torch.nn.modules.batchnorm._BatchNorm):
            norm.running_mean.normal_(0, 0.1)
            norm.running_var.uniform_(0.7, 1.5)
            norm.weight.normal_(1, 0.1)
            norm.bias.normal_(0, 0.1)
    size = 320 if name.startswith("ssd") else 224
    return net, torch.rand(1, 3, size, size)


def norms(module):
    import torch

    return sum(isinstance(m, torch.nn.modules.batchnorm._BatchNorm) for m in module.modules())


def make(folder, name):
    import torch
    from torch.ao.quantization.quantize_fx import fuse_fx

    net, x = made(name)
    found = {"norms": norms(net), "fuse_fx": None, "refused": {}}
    try:
        found["fuse_fx"] = norms(fuse_fx(copy.deepcopy(net)))
    except Exception as e:
        print(f"{name}: fuse_fx: {type(e).__name__}: {e}", file=sys.stderr)
    detects = name.startswith("ssd")
    given = [x[0]] if detects else x
    ways = {
        "trace.pt": lambda f: torch.jit.trace(net, (given,), strict=False, check_trace=False).save(f),
        "script.pt": lambda f: torch.jit.script(net).save(f),
        "pt2": lambda f: torch.export.save(torch.export.export(net, (given,), strict=False), f),
    }
    for form, way in ways.items():
        try:
            way(os.path.join(folder, f"{name}.{form}"))
        except Exception as e:
            found["refused"][form] = type(e).__name__
    print(json.dumps(found))


def make_large(target, layers):
    import torch

    torch.manual_seed(7)
    parts = []
    for _ in range(int(layers)):
        norm = torch.nn.BatchNorm1d(2048)
        norm.running_mean.normal_(0, 0.1)
        norm.running_var.uniform_(0.7, 1.5)
        parts += [torch.nn.Linear(2048, 2048, bias=False), norm, torch.nn.ReLU()]
        torch.nn.init.normal_(parts[-3].weight, 0, (2 / 2048) ** 0.5)
    x = torch.rand(2, 2048)
    torch.export.save(torch.export.export(torch.nn.Sequential(*parts).eval(), (x,), strict=False), target)
    print(json.dumps([]))


def check_large(before, after):
    import torch

    x = torch.rand(2, 2048, generator=torch.Generator().manual_seed(5))
    a = torch.export.load(before).module()(x)
    program = torch.export.load(after)
    b = program.module()(x)
    left = sum("batch_norm" in str(node.target) for node in program.graph.nodes)
    print(json.dumps([left, float((a - b).abs().max() / a.abs().max())]))


def freeze(source, target):
    import torch
    import torchvision  # noqa: F401: its operators

    start = time.perf_counter()
    torch.jit.save(torch.jit.freeze(torch.jit.load(source)), target)
    spent = time.perf_counter() - start
    print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def tensors(y):
    import torch

    if isinstance(y, torch.Tensor):
        return [y]
    return [t for part in (y.values() if isinstance(y, dict) else y) for t in tensors(part)]


def check(name, before, *after):
    import torch

    _, x = made(name)

    def answers(file):
        model = torch.export.load(file).module() if file.endswith(".pt2") else torch.jit.load(file)
        if not name.startswith("ssd"):
            return tensors(model(x))
        # Among boxes of random weights an ulp decides which is left out: what they are chosen from is compared, where it can be called.
        return tensors(model.backbone(x)) if hasattr(model, "backbone") else []

    def left(file):
        if file.endswith(".pt2"):
            return sum("batch_norm" in str(node.target) for node in torch.export.load(file).graph.nodes)
        return str(torch.jit.load(file).inlined_graph).count("aten::batch_norm(")

    truth = answers(before)
    found = []
    for file in after:
        is_ = answers(file)
        same = [len(is_) == len(truth)] + [a.shape == b.shape for a, b in zip(truth, is_)]
        off = [float((a - b).abs().max() / a.abs().max()) for a, b in zip(truth, is_) if a.is_floating_point() and a.numel()]
        found.append([left(file), max(off) if all(same) else None])
    print(json.dumps(found))


# ------------------------------------------------------------ the bench itself


def torch_process(*arguments):
    answer = subprocess.run(
        [os.environ["FUSEWRIGHT_PYTHON_TORCH2"], "-W", "ignore", __file__, "--in-torch", *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    print(answer.stderr[-500:], file=sys.stderr)
    if answer.returncode != 0:
        return None
    return json.loads(answer.stdout.splitlines()[-1])


def fuse(source, target, *options):
    """Seconds that the command names as elapsed, and the peak of its process in MiB, by the kernel's account of this one child."""
    command = shlex.split(os.environ.get("FUSEWRIGHT", str(HOME / "fusewright")))
    child = subprocess.Popen(
        [*command, "fuse", str(source), "-o", str(target), "--force", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    text = child.stdout.read()
    _, _, usage = os.wait4(child.pid, 0)
    elapsed = re.search(r"elapsed ([0-9.]+) (ms|s|min)", text)
    if not elapsed or not pathlib.Path(target).exists():
        print(text, file=sys.stderr)
        return None
    verdict = re.search(r"verdict +([A-Z_]+)", text)
    seconds = float(elapsed[1]) * {"ms": 0.001, "s": 1, "min": 60}[elapsed[2]]
    return seconds, usage.ru_maxrss / 1024, verdict[1] if verdict else "not checked"


def shown(value, form="{:.1f}"):
    return "–" if value is None else form.format(value)


def rows(name, folder):
    found = torch_process("make", folder, name)
    if found is None:
        return
    for form in FORMS:
        source = folder / f"{name}.{form}"
        if form in found["refused"] or not source.exists():
            print(f"| {name} {form} | {found['norms']} | torch cannot save it: {found['refused'].get(form)} | | | | | | | | |", flush=True)
            continue
        quick = fuse(source, folder / f"quick.{form}", "--verify", "none")
        ours = fuse(source, folder / f"fused.{form}", "--verify", os.environ.get("FUSEWRIGHT_VERIFY", "all"))
        frozen = None
        if form != "pt2":
            frozen = torch_process("freeze", source, folder / f"frozen.{form}")
        results = [folder / f"fused.{form}"] if ours else []
        results += [folder / f"frozen.{form}"] if frozen else []
        seen = torch_process("check", name, source, *results) or [[None, None]] * len(results)
        mine = seen[0] if ours else [None, None]
        theirs = seen[-1] if frozen else [None, None]
        ours, quick, frozen = ours or (None, None, "refused"), quick or (None, None), frozen or (None, None)
        cells = [
            f"{name} {form}",
            str(found["norms"]),
            shown(mine[0], "{}"),
            shown(theirs[0], "{}"),
            shown(found["fuse_fx"], "{}"),
            shown(mine[1], "{:.0e}"),
            ours[2],
            shown(quick[0]) + " / " + shown(ours[0]),
            shown(frozen[0]),
            shown(quick[1], "{:.0f}"),
            shown(frozen[1], "{:.0f}"),
        ]
        print("| " + " | ".join(cells) + " |", flush=True)
        for file in folder.glob(f"*.{form}"):
            file.unlink()


def large(layers):
    os.environ["FUSEWRIGHT_JAVA_OPTS"] = "-Xmx256m"
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "large.pt2"), pathlib.Path(folder, "fused.pt2")
        torch_process("make_large", source, layers)
        seconds, peak, verdict = fuse(source, target)
        left, off = torch_process("check_large", source, target)
        print(
            f"{source.stat().st_size / 1e9:.2f} GB, {layers} BatchNorms, {left} left, off {off:.0e}, {verdict}, {seconds:.0f} s, "
            f"heap 256 MiB, at most {peak:.0f} MiB resident"
        )


def main():
    if sys.argv[1:2] == ["--large"]:
        large(sys.argv[2])
        return
    print(
        "| | BatchNorms | left | by jit.freeze | by fuse_fx | off in torch | verdict | s, without / with proof | s, freeze + save | MiB | MiB, freeze |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or MODELS:
            rows(name, pathlib.Path(folder))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in-torch"]:
        import torch

        torch.set_num_threads(1)
        with torch.no_grad():
            {"make": make, "make_large": make_large, "check_large": check_large, "freeze": freeze, "check": check}[sys.argv[2]](*sys.argv[3:])
    else:
        main()
