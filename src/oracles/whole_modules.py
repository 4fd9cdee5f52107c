#!/usr/bin/env python3
"""Whole modules, saved and fused, held against fuse_modules on what was saved.

1 make FOLDER FORM...  saves nets as torch.save(module) does, each with a list of groups: large ones in the first two forms, nets in train mode (train_NET) in the first and the last, all others in every one; big is zip3 of a big-endian machine, which torch 1 cannot load; optimized2, 4 and 5 are those of zip without the memo of what is named once
2 (fusewright)   fuses FOLDER/NET/FORM.pth to FORM.fused.pth, in mode qat to FORM.qat.pth, with --qat-prepare BACKEND to FORM.BACKEND.pth
3 check FOLDER   loads both, runs fuse_modules, fuse_modules_qat or prepare_qat on the first, and prints by file what differs: nothing. What is prepared it also trains a little, and converts
fixtures FOLDER  writes the small files of pipeline/src/test/resources/cases/modules
"""
import argparse, copy, json, os, sys, warnings
from collections import OrderedDict

warnings.filterwarnings("ignore")
import numpy as np
import torch
from torch import nn
from torch.ao.quantization import fuse_modules

CALLS = []

def first_hook(module, args): CALLS.append("first")
def inner_hook(module, args, result): CALLS.append("inner")
def last_hook(module, args, result): CALLS.append("last")
def norm_hook(module, args, result): CALLS.append("norm")
def other_hook(module, args, result): CALLS.append("other")

class Counter:
    """A hook that is an object."""
    def __init__(self): self.name = "object"
    def __call__(self, module, args, result): CALLS.append(self.name)

class Net(nn.Module):
    """Every sequence that eval mode knows, with eps that differ, some of them NumPy's."""
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False); self.bn1 = nn.BatchNorm2d(8, eps=1e-3); self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, groups=2); self.bn2 = nn.BatchNorm2d(8, eps=np.float64(1e-4), affine=False)
        self.up = nn.ConvTranspose2d(8, 6, 2, 2); self.bnu = nn.BatchNorm2d(6, eps=np.float32(0.01))
        self.norm = nn.BatchNorm2d(6); self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(6, 4, 1); self.relu3 = nn.ReLU()
        self.block = nn.Sequential(OrderedDict(c=nn.Conv2d(4, 4, 1), b=nn.BatchNorm2d(4), r=nn.ReLU()))
        self.fc = nn.Linear(4, 5); self.bnf = nn.BatchNorm1d(5); self.head = nn.Linear(5, 2); self.relu4 = nn.ReLU()
    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(x)))
        x = self.bn2(self.conv2(x)) + x
        x = self.relu2(self.norm(self.bnu(self.up(x))))
        x = self.block(self.relu3(self.conv3(x)))
        return self.relu4(self.head(self.bnf(self.fc(x.mean((2, 3))))))

NET = [["conv1", "bn1", "relu1"], ["conv2", "bn2"], ["up", "bnu"], ["norm", "relu2"], ["conv3", "relu3"], ["block.c", "block.b", "block.r"], ["fc", "bnf"], ["head", "relu4"]]

class Volume(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(2, 4, 3); self.b1 = nn.BatchNorm1d(4); self.r1 = nn.ReLU()
        self.c3 = nn.Conv3d(1, 2, 1); self.b3 = nn.BatchNorm3d(2); self.r3 = nn.ReLU()
        self.tied = nn.Conv1d(2, 4, 3); self.tied.weight = self.c1.weight
    def forward(self, x):
        y = self.r1(self.b1(self.c1(x))) + self.tied(x)
        return self.r3(self.b3(self.c3(y[:, None, None])))

class YoloConv(nn.Module):
    """A convolution as YOLOv5 has it: conv, bn and act."""
    def __init__(self, i, o):
        super().__init__()
        self.conv = nn.Conv2d(i, o, 3, bias=False); self.bn = nn.BatchNorm2d(o, eps=1e-3, momentum=0.03); self.act = nn.SiLU()
    def forward(self, x): return self.act(self.bn(self.conv(x)))

class Yolo(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(YoloConv(3, 4), YoloConv(4, 4)); self.names = ["a", "b"]; self.stride = torch.tensor([8.0])
    def forward(self, x): return self.model(x)

def settled(module):
    """With statistics that no fold gets right by chance."""
    torch.manual_seed(1)
    for m in module.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.running_mean.uniform_(-1, 1); m.running_var.uniform_(0.5, 2)
            if m.affine:
                nn.init.uniform_(m.weight, 0.5, 1.5); nn.init.uniform_(m.bias, -1, 1)
    return module.eval()

def hooked():
    net = settled(Net())
    net.conv1.register_forward_pre_hook(first_hook); net.conv1.register_forward_hook(inner_hook); net.relu1.register_forward_hook(last_hook); net.bn1.register_forward_hook(norm_hook)
    net.conv2.register_forward_pre_hook(first_hook); net.bn2.register_forward_hook(last_hook)
    net.conv3.register_forward_pre_hook(first_hook); net.relu3.register_forward_hook(Counter())
    net.block.register_forward_hook(other_hook)
    return net

def resnet_groups(net):
    groups = [["conv1", "bn1", "relu"]]
    for name, m in net.named_modules():
        if type(m).__name__ == "BasicBlock":
            groups += [[name + ".conv1", name + ".bn1"], [name + ".conv2", name + ".bn2"]]
            if m.downsample is not None: groups.append([name + ".downsample.0", name + ".downsample.1"])
    return groups

def neighbours(net):
    """Conv and BatchNorm that stand beside each other in a Sequential."""
    groups = []
    for name, m in net.named_modules():
        if isinstance(m, nn.Sequential):
            children = list(m.named_children())
            groups += [[name + "." + a, name + "." + b] for (a, x), (b, y) in zip(children, children[1:]) if isinstance(x, nn.Conv2d) and isinstance(y, nn.BatchNorm2d)]
    return groups

def nets():
    import torchvision
    image = torch.randn(1, 3, 64, 64); small = torch.randn(3, 3, 8, 8)
    resnet = settled(torchvision.models.resnet18(num_classes=10)); mobile = settled(torchvision.models.mobilenet_v2(num_classes=10))
    yolo = settled(Yolo()); ema = settled(copy.deepcopy(yolo)); yolo.train()
    optimizer = torch.optim.SGD(yolo.parameters(), 0.1, momentum=0.9)
    yield "resnet18", resnet, resnet_groups(resnet), image
    yield "mobilenet_v2", mobile, neighbours(mobile), image
    yield "net", settled(Net()), NET, small
    yield "hooks", hooked(), NET, small
    yield "volume", settled(Volume()), [["c1", "b1", "r1"], ["c3", "b3", "r3"]], torch.randn(2, 2, 9)
    yield "twice", settled(Net()), [["conv1", "bn1"], ["conv1", "relu1"], ["conv2", "bn2"]], small
    yield "parallel", nn.DataParallel(settled(Net())).eval(), NET, small
    yield "yolo", {"epoch": 3, "best_fitness": 0.5, "model": yolo, "ema": ema, "updates": 7, "optimizer": optimizer.state_dict(), "opt": argparse.Namespace(lr=0.1), "date": None}, [["model.0.conv", "model.0.bn"], ["model.1.conv", "model.1.bn"]], small

FORMS = [("zip%d" % p, dict(pickle_protocol=p)) for p in (2, 3, 4, 5)] + [("legacy%d" % p, dict(pickle_protocol=p, _use_new_zipfile_serialization=False)) for p in (2, 3, 4, 5)]

def big_endian(source, target):
    """As torch.save writes an archive on a big-endian machine."""
    import pickle, zipfile
    widths = {}
    class Anything:
        def __init__(self, *args, **kwargs): pass
        def __call__(self, *args, **kwargs): return Anything()
        def __setstate__(self, state): pass
        def __setitem__(self, key, value): pass
        def append(self, value): pass
    class Storages(pickle.Unpickler):
        def find_class(self, module, name): return name if name.endswith("Storage") else OrderedDict if name == "OrderedDict" else Anything
        def persistent_load(self, id): widths[id[2]] = {"FloatStorage": 4, "LongStorage": 8, "DoubleStorage": 8}[id[1]]
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        Storages(before.open(next(n for n in before.namelist() if n.endswith("data.pkl")))).load()
        for name in before.namelist():
            data, key = before.read(name), name.split("/")[-1]
            if "/data/" in name: data = b"".join(data[i:i + widths[key]][::-1] for i in range(0, len(data), widths[key]))
            after.writestr(name, b"big" if key == "byteorder" else data)

LARGE = ("resnet18", "mobilenet_v2")

def optimized(source, target):
    """Without the memo of what the pickle names once."""
    import pickletools
    repickled(source, target, pickletools.optimize)

def slot_twice(pickle):
    """With a slot of the memo that is written twice, as Python never does."""
    import pickletools
    operations = [(op.name, at) for op, _, at in pickletools.genops(pickle)] + [("", len(pickle))]
    start, end = next((at, after) for (name, at), (_, after) in zip(operations, operations[1:]) if name == "BINPUT")
    return pickle[:end] + pickle[start:end] + pickle[end:]

def repickled(source, target, change):
    import zipfile
    with zipfile.ZipFile(source) as whole: entries = [(name, whole.read(name)) for name in whole.namelist()]
    with zipfile.ZipFile(target, "w") as changed:
        for name, data in entries: changed.writestr(name, change(data) if name.endswith("data.pkl") else data)

def make(folder, wanted):
    options = dict(FORMS)
    for name, value, groups, example in [*nets(), *training_nets()]:
        forms = wanted[:2] if name in LARGE else wanted
        if name.startswith("train_"):
            forms = [wanted[0], wanted[-1]]
            (value["model"] if isinstance(value, dict) else value).train()
        os.makedirs(f"{folder}/{name}")
        json.dump(groups, open(f"{folder}/{name}/groups.json", "w"))
        torch.save(example, f"{folder}/{name}/example.pt")
        for form in forms:
            if form.startswith("optimized"): torch.save(value, f"{folder}/{name}/{form}.pth", pickle_protocol=int(form[-1])); optimized(f"{folder}/{name}/{form}.pth", f"{folder}/{name}/{form}.pth")
            elif form == "big": big_endian(f"{folder}/{name}/zip3.pth", f"{folder}/{name}/big.pth")
            else: torch.save(value, f"{folder}/{name}/{form}.pth", **options[form])

class Kinds(nn.Module):
    """Modules that prepare_qat treats each in its own way."""
    def __init__(self):
        super().__init__()
        from torch.ao.quantization import QuantStub, DeQuantStub
        self.quant = QuantStub(); self.conv = nn.Conv2d(3, 4, 3, padding=1); self.norm = nn.BatchNorm2d(4, eps=1e-3, momentum=0.2); self.relu = nn.ReLU()
        self.lone = nn.Conv2d(4, 4, 3, padding="same", padding_mode="reflect", bias=False); self.six = nn.ReLU6(); self.prelu = nn.PReLU()
        self.group = nn.GroupNorm(2, 4); self.instance = nn.InstanceNorm2d(4, affine=True); self.swish = nn.Hardswish(); self.sigmoid = nn.Sigmoid()
        self.up = nn.ConvTranspose2d(4, 4, 2, 2); self.bn = nn.BatchNorm2d(4); self.r2 = nn.ReLU(); self.add = torch.ao.nn.quantized.FloatFunctional() if hasattr(torch.ao.nn, "quantized") else torch.nn.quantized.FloatFunctional()
        self.c1 = nn.Conv1d(4, 4, 1); self.r1 = nn.ReLU(); self.layer = nn.LayerNorm(4); self.tanh = nn.Tanh(); self.fc = nn.Linear(4, 5, bias=False); self.b1 = nn.BatchNorm1d(5); self.head = nn.Linear(5, 3); self.r3 = nn.ReLU(); self.out = nn.Linear(3, 2); self.dequant = DeQuantStub()
    def forward(self, x):
        x = self.relu(self.norm(self.conv(self.quant(x))))
        x = self.add.add(x, self.sigmoid(self.swish(self.instance(self.group(self.prelu(self.six(self.lone(x))))))))
        x = self.r2(self.bn(self.up(x))).mean(3)
        x = self.tanh(self.layer(self.r1(self.c1(x)).mean(2)))
        return self.dequant(self.out(self.r3(self.head(self.b1(self.fc(x))))))

KINDS = [["conv", "norm", "relu"], ["bn", "r2"], ["c1", "r1"], ["fc", "b1"], ["head", "r3"]]

def training_nets():
    import torchvision
    mobile = settled(torchvision.models.mobilenet_v2(num_classes=10, dropout=0.0, width_mult=0.25)); image = torch.randn(3, 3, 8, 8)
    yield "train_mobilenet", mobile, neighbours(mobile), torch.randn(2, 3, 32, 32)
    yield "train_hooks", hooked(), [g for g in NET if g[0] not in ("up", "conv2")], image
    yield "train_volume", settled(Volume()), [["c1", "b1", "r1"], ["c3", "b3", "r3"]], torch.randn(2, 2, 9)
    yield "train_kinds", {"epoch": 3, "model": settled(Kinds()), "ema": settled(Kinds())}, KINDS, image

def facts(module):
    """What an object of torch's own has, without what a pickle cannot name."""
    return [(n, {k: repr(v) for k, v in m.__dict__.items() if not k.startswith("_") and k not in ("qconfig", "is_dynamic")}) for n, m in module.named_modules()]

def trained(net, example):
    """Outputs in train mode, what was learned, and the outputs of the converted module."""
    torch.manual_seed(3); CALLS.clear()
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    outputs = []
    for _ in range(2):
        optimizer.zero_grad(); y = net(example); outputs.append(bits(y)); y.square().mean().backward(); optimizer.step()
    learned = [(n, bits(t)) for n, t in net.state_dict().items()]
    calls = list(CALLS)
    try: converted = repr(torch.ao.quantization.convert(net.eval()))
    except Exception as e: converted = repr(e)
    return outputs, learned, calls, converted

def prepared(before, after, groups, example, backend):
    from torch.ao.quantization import fuse_modules_qat, get_default_qat_qconfig, prepare_qat
    theirs = before["model"] if isinstance(before, dict) else before; ours = after["model"] if isinstance(before, dict) else after
    theirs = fuse_modules_qat(theirs, groups)
    theirs.qconfig = get_default_qat_qconfig(backend)
    theirs = prepare_qat(theirs)
    found = []
    def same(what, a, b):
        if a != b: found.append(what)
    same("repr", repr(theirs), repr(ours))
    same("bits", [(n, bits(t), t.dtype, t.shape) for n, t in theirs.state_dict().items()], [(n, bits(t), t.dtype, t.shape) for n, t in ours.state_dict().items()])
    same("classes", [(n, type(m)) for n, m in theirs.named_modules()], [(n, type(m)) for n, m in ours.named_modules()])
    same("facts", facts(theirs), facts(ours))
    names = lambda m: [getattr(h, "__qualname__", "") for h in m._forward_hooks.values()]
    same("hooks", [(n, names(m), len(m._forward_pre_hooks)) for n, m in theirs.named_modules()], [(n, names(m), len(m._forward_pre_hooks)) for n, m in ours.named_modules()])
    same("parameters", [n for n, _ in theirs.named_parameters()], [n for n, _ in ours.named_parameters()])
    torch.save(ours, os.devnull)
    for what, a, b in zip(("outputs", "learned", "calls", "converted"), trained(theirs, example), trained(ours, example)): same(what, a, b)
    if isinstance(before, dict): same("ema", repr(before["ema"]), repr(after["ema"]))
    return found

def load(path):
    try: return torch.load(path, weights_only=False)
    except TypeError: return torch.load(path)

def modules_of(value):
    return {k: v for k, v in value.items() if isinstance(v, nn.Module)} if isinstance(value, dict) else {"": value}

def bits(tensor): return tensor.detach().clone().contiguous().reshape(-1).numpy().tobytes() if tensor.numel() else b""

def hooks_of(module): return [(n, len(m._forward_pre_hooks), len(m._forward_hooks)) for n, m in module.named_modules()]

def differences(theirs, ours, example, modern):
    found = []
    def same(what, a, b):
        if a != b: found.append(what)
    same("repr", repr(theirs), repr(ours))
    same("order", list(theirs.state_dict()), list(ours.state_dict()))
    same("parameters", [n for n, _ in theirs.named_parameters()], [n for n, _ in ours.named_parameters()])
    same("bits", [(n, bits(t), t.dtype, t.shape) for n, t in theirs.state_dict().items()], [(n, bits(t), t.dtype, t.shape) for n, t in ours.state_dict().items()])
    same("classes", [(n, type(m)) for n, m in theirs.named_modules()], [(n, type(m)) for n, m in ours.named_modules()])
    same("training", [(n, m.training) for n, m in theirs.named_modules()], [(n, m.training) for n, m in ours.named_modules()])
    same("hooks", hooks_of(theirs), hooks_of(ours))
    if modern: same("gradients", [(n, p.requires_grad) for n, p in theirs.named_parameters()], [(n, p.requires_grad) for n, p in ours.named_parameters()])
    called = []
    for net in (theirs, ours):
        CALLS.clear()
        with torch.no_grad(): net.result = net(example)
        called.append(list(CALLS))
    same("calls", *called)
    same("output", bits(theirs.result), bits(ours.result))
    del theirs.result, ours.result
    # What one does with a module works on it.
    copy.deepcopy(ours).train().eval().half()
    torch.save(ours, os.devnull)
    return found

def fused(before, ours, groups, example, fuse, leaves_training):
    modern = int(torch.__version__.split(".")[0]) > 1
    found = []
    if isinstance(before, dict):
        if list(before) != list(ours): found.append("keys")
        if repr(before.get("optimizer")) != repr(ours.get("optimizer")): found.append("optimizer")
    for key, module in modules_of(before).items():
        prefix = "module." if isinstance(module, nn.DataParallel) else ""
        is_left = module.training and leaves_training
        theirs = module if is_left else fuse(module, [[prefix + n for n in group] for group in groups])
        found += [key + " " + d for d in differences(theirs, modules_of(ours)[key], example, modern)] if not is_left else ([] if repr(module) == repr(modules_of(ours)[key]) else ["left"])
    return found

def check(folder):
    from torch.ao.quantization import fuse_modules_qat
    report = {}
    for name in sorted(os.listdir(folder)):
        groups = json.load(open(f"{folder}/{name}/groups.json")); example = load(f"{folder}/{name}/example.pt")
        for file in sorted(f for f in os.listdir(f"{folder}/{name}") if f.count(".") == 2):
            form, kind, _ = file.split(".")
            before, ours = load(f"{folder}/{name}/{form}.pth"), load(f"{folder}/{name}/{file}")
            report[f"{name}/{file}"] = fused(before, ours, groups, example, fuse_modules, True) if kind == "fused" else fused(before, ours, groups, example, fuse_modules_qat, False) if kind == "qat" else prepared(before, ours, groups, example, kind)
    print(json.dumps(report))

def fixtures(folder):
    def sequence(): return nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4, eps=1e-3), nn.ReLU(), nn.Sequential(nn.Conv2d(4, 2, 1), nn.BatchNorm2d(2)), nn.ReLU6())
    def save(name, value): torch.save(value, f"{folder}/{name}.t2.pth")
    plain = settled(sequence()); save("sequential", plain); save("train", settled(sequence()).train())
    hooks = settled(sequence()); hooks[0].register_forward_pre_hook(nn.init.calculate_gain); hooks[2].register_forward_hook(nn.init.calculate_gain); save("hooks", hooks)
    torch.save(hooks, f"{folder}/legacy.t2.pth", _use_new_zipfile_serialization=False)
    shared = settled(sequence()); shared.again = shared[0]; save("shared", shared)
    class_of = settled(sequence()); class_of[0].register_forward_hook(nn.init.calculate_gain, with_kwargs=True); save("keywords", class_of)
    partial = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ConvTranspose2d(4, 4, 1, groups=2), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4, track_running_stats=False), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
    for m in partial: m.eval()
    save("partial", partial.eval())
    tied = settled(sequence()); tied.append(nn.Conv2d(3, 4, 3)); tied[5].weight = tied[0].weight; save("tied", tied)
    six = settled(sequence()).train(); six.append(six[4]); save("shared_six", six)
    own = settled(sequence()).train(); own[4].qconfig = None; save("own_qconfig", own)
    save("both", {"model": settled(sequence()).train(), "ema": plain, "epoch": 3, "loss": object})
    optimized(f"{folder}/sequential.t2.pth", f"{folder}/optimized.t2.pth"); repickled(f"{folder}/sequential.t2.pth", f"{folder}/slot_twice.t2.pth", slot_twice)
    torch.save(plain, f"{folder}/optimized4.t2.pth", pickle_protocol=4); optimized(f"{folder}/optimized4.t2.pth", f"{folder}/optimized4.t2.pth")

if __name__ == "__main__":
    if sys.argv[1] == "make": make(sys.argv[2], sys.argv[3:])
    elif sys.argv[1] == "fixtures": fixtures(sys.argv[2])
    else: check(sys.argv[2])
