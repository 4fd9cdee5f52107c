"""Archives of nets that could be folded wrongly (tricky_nets.py), and what is computed by others that were made of them.

tricky_archives.py make FOLDER: saves each net as NAME.script.pt, NAME.trace.pt, NAME.frozen.pt (scripted and frozen, nothing optimized),
NAME.export.pt2 and NAME.core.pt2 (run_decompositions).
tricky_archives.py compare FOLDER FUSED: for each archive of FUSED, prints as one JSON object how far its outputs are off those of FOLDER's,
called twice with the net's input and once with another; or what it fails with.
"""
import glob
import json
import os
import sys
import warnings

import torch

warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tricky_nets import NETS  # noqa: E402


def made(kind):
    torch.manual_seed(7)
    net = kind()
    for norm in net.modules():
        if isinstance(norm, torch.nn.modules.batchnorm._BatchNorm):
            norm.running_mean.normal_(0, 0.5)
            norm.running_var.uniform_(0.3, 3)
            norm.weight.normal_(1, 0.5)
            norm.bias.normal_(0, 0.5)
    net.eval()
    getattr(net, "prepare", lambda: None)()
    return net


def given(name):
    torch.manual_seed(11)
    return torch.randn(*NETS[name][1])


def make(folder):
    for name, (kind, _) in NETS.items():
        path, x = os.path.join(folder, name), given(name)
        torch.jit.script(made(kind)).save(path + ".script.pt")
        torch.jit.trace(made(kind), x.clone(), check_trace=False).save(path + ".trace.pt")
        if name != "OneInTraining":
            torch.jit.freeze(torch.jit.script(made(kind)), optimize_numerics=False).save(path + ".frozen.pt")
        program = torch.export.export(made(kind), (x.clone(),))
        torch.export.save(program, path + ".export.pt2")
        torch.export.save(program.run_decompositions(), path + ".core.pt2")


def tensors(y):
    return [y] if isinstance(y, torch.Tensor) else [t for part in y for t in tensors(part)]


def outputs(file, x):
    model = torch.export.load(file).module() if file.endswith(".pt2") else torch.jit.load(file)
    return [t.clone() for given in (x, x, x * 0.5 + 0.3) for t in tensors(model(given.clone()))]


def compare(folder, fused):
    found = {}
    for file in sorted(glob.glob(os.path.join(fused, "*.pt*"))):
        name = os.path.basename(file)
        x = given(name.split(".")[0])
        try:
            pairs = zip(outputs(os.path.join(folder, name), x), outputs(file, x), strict=True)
            found[name] = max(float(((a - b).abs() / (1 + a.abs())).max()) for a, b in pairs)
        except Exception as e:
            found[name] = str(e).strip().splitlines()[-1]
    print(json.dumps(found))


with torch.no_grad():
    {"make": make, "compare": compare}[sys.argv[1]](*sys.argv[2:])
