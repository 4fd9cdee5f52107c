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
"""Runs TorchScript archives for the process that started it: the protocol of dev.fusewright.io.runtime.

  torch_runner.py MOST_BYTES THREADS

MOST_BYTES: of the inputs, and of the outputs, of one run. Requests come on standard input, answers go to file descriptor 3; the end of the input is the end.
"""
import os, queue, struct, sys, threading

MOST_BYTES, THREADS = int(sys.argv[1]), int(sys.argv[2])
OPEN, RUN, CLOSE = 1, 2, 3
LONGEST_MESSAGE = 2000


class Failure(Exception):
    """A request that fails: the name of a RunFailure, and a message."""


chunks = queue.Queue(maxsize=4)
answers = os.fdopen(3, "wb")


def read_requests():
    """Beside a run, so that the parent's end is noticed in the middle of one that never ends."""
    while chunk := os.read(0, 1 << 16):
        chunks.put(chunk)
    os._exit(0)


class Requests:
    def __init__(self):
        self.chunk, self.at = b"", 0

    def read(self, count):
        read = bytearray()
        while len(read) < count:
            if self.at == len(self.chunk):
                self.chunk, self.at = chunks.get(), 0
            part = self.chunk[self.at : self.at + count - len(read)]
            self.at += len(part)
            read += part
        return read

    def skip(self, count):
        while count:
            count -= len(self.read(min(count, 1 << 16)))

    def byte(self):
        return self.read(1)[0]

    def int(self):
        return struct.unpack(">i", self.read(4))[0]

    def long(self):
        return struct.unpack(">q", self.read(8))[0]

    def text(self):
        return self.read(self.int()).decode()


def write_int(value):
    answers.write(struct.pack(">i", value))


def write_text(text):
    data = text.encode(errors="replace")
    write_int(len(data))
    answers.write(data)


def answer(*texts):
    answers.write(b"\1")
    for text in texts:
        write_text(text)


def fail(failure, message):
    answers.write(b"\0")
    write_text(failure)
    write_text(message[:LONGEST_MESSAGE])


def types():
    """Element types by their names, as far as this torch has them."""
    names = {
        "FLOAT": "float32", "DOUBLE": "float64", "FLOAT16": "float16", "BFLOAT16": "bfloat16", "BOOL": "bool", "UINT8": "uint8", "INT8": "int8",
        "INT16": "int16", "INT32": "int32", "INT64": "int64", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64",
    }
    return {name: getattr(torch, own) for name, own in names.items() if hasattr(torch, own)}


def read_tensor(requests, left):
    """A tensor, or what is wrong with it; all its bytes are read."""
    name = requests.text()
    dims = [requests.long() for _ in range(requests.int())]
    dtype = TYPES.get(name)
    if dtype is None:
        raise SystemExit("an input of the type " + name)  # How many bytes follow is not known.
    count = torch.empty(0, dtype=dtype).element_size()
    for dim in dims:
        count *= dim
    if count > left:
        requests.skip(count)
        return None, Failure("OUT_OF_MEMORY", "an input of %d bytes does not fit into the runner's memory" % count), 0
    data = requests.read(count)
    if not count:
        return torch.zeros(dims, dtype=dtype), None, 0
    return torch.frombuffer(data, dtype=dtype).reshape(dims), None, count


def tensors(value):
    """The tensors of a result, in their order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in tensors(item)]
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in tensors(item)]
    raise Failure("UNSUPPORTED_TYPE", "forward answers a value of the type %s, which is not compared" % type(value).__name__)


SCALARS = {"int": ("INT64", int), "float": ("DOUBLE", float), "bool": ("BOOL", bool)}


class Server:
    def __init__(self):
        self.requests = Requests()
        self.path = self.model = None

    def serve(self):
        kind = self.requests.byte()
        if kind == OPEN:
            self.open()
        elif kind == RUN:
            self.run()
        else:
            self.model = None
            answer()

    def open(self):
        self.path, self.is_plain, self.outputs = self.requests.text(), self.requests.text() == "PLAIN", self.requests.int()
        model = self.load()
        methods = model._c._method_names()
        others = [name for name in methods if name != "forward" and not name.startswith("_")]
        if others or "forward" not in methods:
            raise Failure("UNSUPPORTED_TYPE", "callers may call more than forward: " + ", ".join(others or methods))
        self.kinds = []
        for argument in model.forward.schema.arguments[1:]:
            kind = str(argument.type)
            if kind not in ("Tensor", "Optional[Tensor]") and kind not in SCALARS:
                raise Failure("UNSUPPORTED_TYPE", "input '%s' is a %s, of which none are made" % (argument.name, kind))
            self.kinds.append(kind)
        answer()
        write_int(len(self.kinds))
        for kind in self.kinds:
            write_text(SCALARS[kind][0] if kind in SCALARS else "UNDEFINED")

    def load(self):
        self.model = None
        try:
            model = torch.jit.load(self.path, map_location="cpu")
        except RuntimeError as e:
            if is_memory(e):
                raise
            raise Failure("NO_KERNEL" if "Unknown builtin op" in str(e) else "INVALID_MODEL", str(e))
        self.model = model
        return model

    def run(self):
        inputs, left, wrong = [], MOST_BYTES, None
        for _ in range(self.requests.int()):
            tensor, failure, count = read_tensor(self.requests, left)
            left -= count
            wrong = wrong or failure
            inputs.append(tensor)
        wanted = [self.requests.int() for _ in range(self.requests.int())]
        if wrong:
            raise wrong
        inputs = [SCALARS[kind][1](tensor.item()) if kind in SCALARS else tensor for tensor, kind in zip(inputs, self.kinds)]
        # A model may keep what it saw: each run begins with what the file says.
        model = self.load()
        torch.manual_seed(0)
        with torch.no_grad(), torch.jit.optimized_execution(False), torch.backends.mkldnn.flags(not self.is_plain):
            results = tensors(model(*inputs))
        if len(results) != self.outputs or len({id(result) for result in results}) != self.outputs:
            raise Failure("UNSUPPORTED_TYPE", "forward answers %d tensors, some perhaps the same, and its code was read as answering %d" % (len(results), self.outputs))
        names = {dtype: name for name, dtype in TYPES.items()}
        heads, left = [], MOST_BYTES
        for place in wanted:
            result = results[place].detach()
            if result.is_quantized or result.layout != torch.strided or result.dtype not in names:
                raise Failure("UNSUPPORTED_TYPE", "output %d is %s, which is not compared" % (place, result.dtype))
            left -= result.numel() * result.element_size()
            if left < 0:
                raise Failure("OUT_OF_MEMORY", "the outputs do not fit into %d bytes" % MOST_BYTES)
            heads.append((names[result.dtype], list(result.shape), data(result)))
        # From here on nothing may fail.
        answer()
        for name, dims, content in heads:
            write_text(name)
            write_int(len(dims))
            answers.write(struct.pack(">%dq" % len(dims), *dims))
            answers.write(content)


def data(tensor):
    """Its bytes, little-endian as those of the machines that torch runs on."""
    flat = tensor.resolve_conj().resolve_neg().contiguous().reshape(-1).view(torch.uint8) if tensor.numel() else None
    return b"" if flat is None else ctypes.string_at(flat.data_ptr(), flat.numel())


def is_memory(error):
    return isinstance(error, MemoryError) or any(words in str(error) for words in ("can't allocate memory", "bad_alloc", "Cannot allocate memory"))


threading.Thread(target=read_requests, daemon=True).start()
for name in "OMP_NUM_THREADS", "MKL_NUM_THREADS":
    os.environ[name] = str(THREADS)
os.environ["TMPDIR"] = os.getcwd()
try:
    import ctypes, torch

    torch.set_num_threads(THREADS)
    torch.set_num_interop_threads(1)
    TYPES = types()
    if sys.byteorder != "little":
        raise ImportError("a big-endian machine")
except Exception as e:
    fail("UNAVAILABLE", "%s: %s" % (type(e).__name__, e))
    answers.flush()
    sys.exit(1)
answer(str(torch.__version__))
answers.flush()
server = Server()
while True:
    try:
        server.serve()
    except Failure as e:
        fail(*e.args)
    except MemoryError as e:
        fail("OUT_OF_MEMORY", "the runner's memory is exhausted: %s" % e)
    except Exception as e:
        fail("OUT_OF_MEMORY" if is_memory(e) else "RUN_ERROR", "%s: %s" % (type(e).__name__, e))
    answers.flush()
