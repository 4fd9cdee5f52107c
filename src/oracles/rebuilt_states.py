#!/usr/bin/env python3
"""Holds folded state dicts against fuse_modules on modules that are rebuilt from the state dicts before: their classes by shapes and by what was listed, eps as it was reported.

check FOLDER [BEFORE AFTER]
               each folder in it has before.pth, after.pth (or BEFORE, AFTER) and report.json; prints, by folder, what differs from what fuse_modules makes of the reported groups (names, order, types, bits),
               and what load_state_dict(strict=True) of the fused module objects to: nothing
"""
import collections, json, os, pickle, re, sys, types, warnings

warnings.filterwarnings("ignore")
import torch
from torch import nn
from torch.ao.quantization import fuse_modules

class AnyAttribute(type):
    def __getattr__(cls, name):
        if name.startswith("__"): raise AttributeError(name)
        return Unknown

class Unknown(metaclass=AnyAttribute):
    """An object of a class that is not here: its state."""
    def __init__(self, *arguments, **named): pass
    def __call__(self, *arguments, **named): return Unknown()
    def __setstate__(self, state): self.__dict__.update(state if isinstance(state, dict) else {})

class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try: return super().find_class(module, name) if module.split(".")[0] in ("torch", "collections", "builtins", "__builtin__", "numpy") else Unknown
        except (ImportError, AttributeError): return Unknown

READ = types.ModuleType("reading"); READ.__dict__.update(pickle.__dict__); READ.Unpickler = Unpickler; READ.load = lambda file, **options: Unpickler(file, **options).load()

def load(path):
    try: return torch.jit.load(path).state_dict()
    except RuntimeError: pass
    torch.serialization.pickle = READ  # torch 1 does not heed pickle_module.
    return torch.load(path, map_location="cpu", weights_only=False)

def state_of(module):
    """As state_dict() names it, of an object of any class."""
    if isinstance(module, dict): return module
    state, own = collections.OrderedDict(), module.__dict__
    for name, tensor in [*own["_parameters"].items(), *((n, t) for n, t in own["_buffers"].items() if n not in own.get("_non_persistent_buffers_set", ()))]:
        if tensor is not None: state[name] = tensor
    for name, child in own["_modules"].items():
        if child is not None: state.update((name + "." + key, value) for key, value in state_of(child).items())
    return state

def at(value, scope):
    for step in re.findall(r"[^.\[\]]+", scope): value = value[int(step)] if isinstance(value, (list, tuple)) else value[step]
    return state_of(value)

def rebuilt(state, fusions):
    """A tree of modules with these parameters."""
    root, owners = nn.Module(), collections.OrderedDict()
    for key, value in state.items(): owners.setdefault(key.rpartition(".")[0], collections.OrderedDict())[key.rpartition(".")[2]] = value
    norms = {f["nodes"][1]: f for f in fusions if f["result"] == "folded"}
    for name, own in owners.items():
        if name: place(root, name, module(name, own, state, fusions, norms))
        else: fill(root, own)
    for fusion in fusions:
        for name in fusion["nodes"]:
            if name not in owners: place(root, name, nn.ReLU())
    return root.eval()

def module(name, own, state, fusions, norms):
    is_transposed = any(f["nodes"][0] == name and f["module"].startswith("ConvTranspose") for f in fusions)
    if name in norms:
        dimensions = state[norms[name]["nodes"][0] + ".weight"].dim() - 2
        made = {0: nn.BatchNorm1d, 1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[dimensions](own["running_var"].numel(), eps=norms[name]["epsilon"], affine="weight" in own)
        for key in ("weight", "bias"): made._parameters[key] = parameter(own.get(key))
        for key in ("running_mean", "running_var", "num_batches_tracked"): made._buffers[key] = own.get(key)
        return made
    if any(f["nodes"][0] == name for f in fusions):
        weight = own["weight"]
        made = nn.Linear(1, 1) if weight.dim() == 2 else getattr(nn, "Conv%s%dd" % ("Transpose" if is_transposed else "", weight.dim() - 2))(1, 1, 1)
        for key in ("weight", "bias"): made._parameters[key] = parameter(own.get(key))
        if weight.dim() == 2: made.out_features = weight.shape[0]
        return made
    return fill(nn.Module(), own)

def parameter(tensor): return None if tensor is None else nn.Parameter(tensor.detach(), requires_grad=False)

def fill(owner, own):
    for key, value in own.items(): owner.register_buffer(key, value.detach())
    return owner

def place(root, name, made):
    *parents, last = name.split(".")
    for parent in parents:
        if parent not in root._modules: root.add_module(parent, nn.Module())
        root = root._modules[parent]
    if last in root._modules:
        # A container whose children stand before its own parameters.
        for key, child in root._modules[last]._modules.items(): made.add_module(key, child)
    root._modules[last] = made

def bits(tensor): return tensor.detach().clone().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""

def differences(before, after, fusions):
    others = {k for k, v in before.items() if not isinstance(v, torch.Tensor)}
    if others - set(after): return ["lost " + ", ".join(sorted(others - set(after)))]
    ours = collections.OrderedDict((k, v) for k, v in after.items() if k not in others)
    model = rebuilt(collections.OrderedDict((k, v) for k, v in before.items() if k not in others), fusions)
    fused = fuse_modules(model, [f["nodes"] for f in fusions])
    theirs = fused.state_dict()
    found = []
    if list(theirs) != list(ours): found.append("order" if set(theirs) == set(ours) else "names: %s" % sorted(set(theirs) ^ set(ours))[:4])
    for key in theirs:
        if key in ours and (theirs[key].dtype, theirs[key].shape, bits(theirs[key])) != (ours[key].dtype, ours[key].shape, bits(ours[key])): found.append("bits of " + key)
    try: fused.load_state_dict(ours, strict=True)
    except RuntimeError as error: found.append(str(error))
    return found

def check(folder, first="before.pth", second="after.pth"):
    report = {}
    for name in sorted(os.listdir(folder)):
        if not os.path.isdir(f"{folder}/{name}"): continue
        fusions = json.load(open(f"{folder}/{name}/report.json"))["fusions"]
        before, after = load(f"{folder}/{name}/{first}"), load(f"{folder}/{name}/{second}")
        found = [] if fusions else ["nothing was fused"]
        for scope in sorted({f["scope"] for f in fusions}): found += differences(at(before, scope), at(after, scope), [f for f in fusions if f["scope"] == scope])
        report[name] = {"folds": sum(f["result"] == "folded" for f in fusions), "differences": found}
    print(json.dumps(report))

if __name__ == "__main__": check(*sys.argv[2:])
