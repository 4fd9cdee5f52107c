"""Loads, runs and saves again what was made of TorchScript archives.

script_archives.py FOLDER: for each NAME.pt in it, with NAME's input and output beside (STEM.x.npy, STEM.y.npy; STEM is NAME up to its first
dot), prints as one JSON object: how far the result is off, the BatchNorms that are left, the keys of the state dict, and which of
STEM.fused.npz's arrays it has bit for bit. The net called control takes a number too.
"""
import glob
import io
import json
import os
import sys
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")


def facts(file):
    stem = os.path.join(os.path.dirname(file), os.path.basename(file).split(".")[0])
    model = torch.jit.load(file)
    inputs = [torch.from_numpy(np.load(stem + ".x.npy"))] + ([3] if stem.endswith("control") else [])
    expected = np.load(stem + ".y.npy")
    with torch.no_grad():
        y = model(*inputs).numpy()
        again = io.BytesIO()
        torch.jit.save(model, again)
        again.seek(0)
        resaved = torch.jit.load(again)(*inputs).numpy()
    state = model.state_dict()
    fused = np.load(stem + ".fused.npz") if os.path.exists(stem + ".fused.npz") else {}
    return {
        "difference": float(abs(y - expected).max()),
        "resaved": bool(np.array_equal(y, resaved)),
        "norms": str(model.inlined_graph).count("aten::batch_norm("),
        "keys": list(state),
        "fused": list(fused),
        "different": [k for k in fused if k not in state or not np.array_equal(fused[k], state[k].numpy())],
    }


print(json.dumps({os.path.basename(f): facts(f) for f in sorted(glob.glob(os.path.join(sys.argv[1], "*.pt")))}))
