"""Loads, runs and saves again what was made of exported programs.

exported_programs.py FOLDER: for each NAME.pt2 in it, with NAME's input and output beside (STEM.x.npy, STEM.y.npy; STEM is NAME up to its
first dot), prints as one JSON object: how far the result is off, the BatchNorms that are left, the keys of the state dict, and which of
STEM.fused.npz's arrays it has bit for bit.
"""
import glob
import json
import os
import sys
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")


def facts(file):
    stem = os.path.join(os.path.dirname(file), os.path.basename(file).split(".")[0])
    program = torch.export.load(file)
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


print(json.dumps({os.path.basename(f): facts(f) for f in sorted(glob.glob(os.path.join(sys.argv[1], "*.pt2")))}))
