"""Loads, runs and saves again what was made of exported programs.

exported_programs.py FOLDER: for each NAME.pt2 in it, with NAME's input and output beside (STEM.x.npy, STEM.y.npy; STEM is NAME up to its
first dot), prints as one JSON object: how far the result is off, the BatchNorms that are left, the keys of the state dict, and which of
STEM.fused.npz's arrays it has bit for bit. Of an archive of several programs that is said of all of them; SEVERAL names their inputs and outputs.
"""
import glob
import json
import os
import sys
import warnings

import numpy as np
import torch
from torch.export.pt2_archive._package import load_pt2

warnings.filterwarnings("ignore")


SEVERAL = {"two.pt2": {"encoder": "conv1d", "decoder": "mlp"}}


def several(file):
    programs = load_pt2(file).exported_programs
    stems = SEVERAL[os.path.basename(file)]
    each = [facts(file, stems[name], programs[name]) for name in stems]
    return {
        "difference": max(one["difference"] for one in each),
        "resaved": all(one["resaved"] for one in each) and set(programs) == set(stems),
        "norms": sum(one["norms"] for one in each),
        "keys": [key for one in each for key in one["keys"]],
        "fused": [key for one in each for key in one["fused"]],
        "different": [key for one in each for key in one["different"]],
    }


def alone(file):
    return facts(file, os.path.basename(file).split(".")[0], torch.export.load(file))


def facts(file, stem, program):
    stem = os.path.join(os.path.dirname(file), stem)
    program.validate()
    x = torch.from_numpy(np.load(stem + ".x.npy"))
    expected = np.load(stem + ".y.npy")
    y = program.module()(x).detach().numpy()
    again = file + ".again"
    torch.export.save(program, again)
    resaved = torch.export.load(again).module()(x).detach().numpy()
    os.remove(again)
    program.run_decompositions()
    state = program.state_dict
    fused = np.load(stem + ".fused.npz") if os.path.exists(stem + ".fused.npz") else {}
    return {
        "difference": float(abs(y - expected).max()),
        "resaved": bool(np.array_equal(y, resaved)),
        "norms": sum("batch_norm" in str(node.target) for node in program.graph.nodes),
        "keys": list(state),
        "fused": list(fused),
        "different": [k for k in fused if k not in state or not np.array_equal(fused[k], state[k].detach().numpy())],
    }


found = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.pt2"))):
    found[os.path.basename(path)] = (several if os.path.basename(path) in SEVERAL else alone)(path)
print(json.dumps(found))
