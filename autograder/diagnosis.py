"""From a mismatch to what a student reads: the smallest example, the named mistake, or the relation to the right answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from autograder import example, messages
from autograder.compare import Mismatch, alike, compare_values
from autograder.exam import Answers, Item, Known
from autograder.observation import Array, Call, Observation, Opaque, Plain, Raised
from autograder.operations import GROUPS
from autograder.report import Text
from autograder.verdict import Outcome, difference, grows


def explains(answers: Answers, known: Known, outcomes: Sequence[Outcome]) -> bool:
    """Whether a variant behaves as the submission did: alike where it failed, and failing nowhere else."""
    shown = [(o, answers.shown_by(known.id, o.item)) for o in outcomes if o.got is not None]
    return all(_alike(answers, o, seen) for o, seen in shown if seen is not None and o.failed) and all(
        _passes(answers, o, seen) for o, seen in shown if seen is not None and not o.failed
    )


def _alike(answers: Answers, outcome: Outcome, seen: Observation) -> bool:
    got, mismatch, item = outcome.got, outcome.mismatch, outcome.item
    assert got is not None and mismatch is not None
    if isinstance(got.value, Raised) or isinstance(seen.value, Raised):
        return alike(got, seen, item.dtype)
    if item.kind == "vectorised":
        return grows(seen) is not None  # how much more work tells no mistakes apart
    if item.kind == "forbidden":
        return bool(set(mismatch.details.get("names", ())) & set(_names(seen)))
    if mismatch.kind == "judged":
        # Two runs of the same mistake may differ in what chance made of them; the judge says the same of both.
        other = difference(answers, item, seen)
        return other is not None and other.details.get("verdict") == mismatch.details.get("verdict")
    return alike(got, seen, item.dtype)


def _names(seen: Observation) -> list[str]:
    return [n for n in seen.value if isinstance(n, str)] if isinstance(seen.value, list) else []


def _passes(answers: Answers, outcome: Outcome, seen: Observation) -> bool:
    return difference(answers, outcome.item, seen) is None


def name_mistake(answers: Answers, exercise: str, outcomes: Sequence[Outcome]) -> tuple[Known | None, dict[Item, Known]]:
    """The variant that explains the whole exercise, if one does, and per failed item the one that behaves alike there."""
    wrong = [k for k in answers.known(exercise) if k.kind == "wrong"]
    failed = [o for o in outcomes if o.failed and o.got is not None]
    probes = [o for o in failed if o.item.kind == "probe"]
    matches: dict[Item, list[Known]] = {}
    for outcome in failed:
        for known in wrong:
            seen = answers.shown_by(known.id, outcome.item)
            if seen is not None and _alike(answers, outcome, seen) and not _passes(answers, outcome, seen):
                matches.setdefault(outcome.item, []).append(known)
    everywhere = [k for k in wrong if failed and all(k in matches.get(o.item, ()) for o in failed)]
    exact = next((k for k in everywhere if explains(answers, k, outcomes)), None)
    if exact:
        return exact, {o.item: exact for o in failed}
    # A mistake beside others: it shows where several probes, or one with values, agree with it and no other variant does.
    counts = {k.id: sum(k in matches.get(o.item, ()) for o in probes) for k in wrong}
    by_item: dict[Item, Known] = {}
    for outcome in probes:
        if outcome.mismatch and outcome.mismatch.kind in ("values", "number", "shape", "text", "mutated", "judged"):
            candidates = matches.get(outcome.item, [])
            if candidates and not (outcome.mismatch.kind in ("shape", "judged") and len(candidates) > 1):
                by_item[outcome.item] = max(candidates, key=lambda k: counts[k.id])
    return None, by_item


def accepted_as(answers: Answers, exercise: str, outcomes: Sequence[Outcome]) -> Known | None:
    """The accepted variant that explains every failed probe, if there is one."""
    failed = [o for o in outcomes if o.failed and o.got is not None]
    if not failed or any(o.item.kind != "probe" for o in failed):
        return None
    for known in answers.known(exercise):
        if known.kind == "accepted":
            seen = [(o, answers.shown_by(known.id, o.item)) for o in failed]
            if all(s is not None and o.got is not None and alike(o.got, s, o.item.dtype) for o, s in seen):
                return known
    return None


# --- the message ---------------------------------------------------------------------------------------------------


def message(answers: Answers, outcome: Outcome, known: Known | None) -> Text:
    """What was called, got and should be, what differs, and the hint; parts are separated by blank lines."""
    mismatch, got, want = outcome.mismatch, outcome.got, outcome.want
    assert mismatch is not None and want is not None
    if outcome.item.kind != "probe" or mismatch.kind in ("not_started", "missing", "not_callable") or got is None:
        parts = [sentence(outcome.item, mismatch)]
    else:
        index, shown = failing_call(outcome)
        parts = [_block(answers, want.calls, index, shown), sentence(outcome.item, shown)]
        if mismatch.kind == "mutated":
            parts[1] = sentence(outcome.item, mismatch)
    hint = known.text if known else _relation_hint(parts, outcome)
    if hint:
        mark = messages.label("hint")
        parts.append(Text(en=f"{mark.en} {hint.en}", zh=f"{mark.zh}{hint.zh}"))
    return Text(en="\n\n".join(p.en for p in parts if p.en), zh="\n\n".join(p.zh for p in parts if p.zh))


def _relation_hint(parts: list[Text], outcome: Outcome) -> Text | None:
    if outcome.mismatch is None or outcome.mismatch.kind not in ("values", "shape", "number"):
        return None
    return relation(failing_call(outcome)[1])


# A probe may bring several valid forms of a result into one; then a call's form is not what is wrong.
_FORMS = {"type", "no_tensor", "numpy", "length", "keys"}


def failing_call(outcome: Outcome) -> tuple[int | None, Mismatch]:
    """The first call whose result is wrong, and its mismatch; else no call, and the mismatch of the whole."""
    got, want, mismatch = outcome.got, outcome.want, outcome.mismatch
    assert got is not None and want is not None and mismatch is not None
    if mismatch.kind == "mutated":
        return mismatch.details.get("call"), mismatch
    if outcome.item.judged:
        return (len(want.calls) - 1 if want.calls else None), mismatch
    for i, (seen, right) in enumerate(zip(got.calls, want.calls, strict=False)):
        if seen.function != right.function or isinstance(right.result, Opaque):
            continue
        if isinstance(seen.result, Raised) and isinstance(right.result, Raised):
            continue
        unseen = not isinstance(mismatch.got, Raised) or mismatch.kind == "malformed"
        if seen.result is None and right.result is not None and unseen and mismatch.kind != "none":
            continue  # too large to have been recorded
        found = compare_values(seen.result, right.result, outcome.item.dtype, outcome.item.factor)
        if found is not None and (found.kind not in _FORMS or mismatch.kind in _FORMS):
            return i, found
    if isinstance(mismatch.got, Raised) and got.calls:
        return min(len(got.calls), len(want.calls)) - 1, mismatch
    return None, mismatch


def _block(answers: Answers, calls: Sequence[Call], index: int | None, mismatch: Mismatch) -> Text:
    at = index if index is not None and index >= 0 else len(calls) - 1
    lines = example.code(calls[: at + 1], answers.parameters) if calls else []
    where = mismatch.details.get("index")
    texts = {}
    for lang in ("en", "zh"):
        block = list(lines)
        if mismatch.kind not in ("mutated", "judged") and not isinstance(mismatch.got, Raised):
            if mismatch.path:
                block.append(f"# {_where(mismatch.path)[lang].strip()}")
            block += _labelled("got", example.show(mismatch.got, mismatch.want, where), lang)
            block += _labelled("want", example.show(mismatch.want, mismatch.got, where), lang)
        texts[lang] = "\n".join(f"    {line}" for line in block)
    return Text(**texts)


def _labelled(key: str, value: str, lang: str) -> list[str]:
    """A value as comment lines under the call, the rows of a wide matrix below each other."""
    width = 10 if lang == "en" else 5  # of the longer label; Chinese characters are twice as wide
    head = f"# {messages.label(key)[lang]:<{width}} "
    if len(value) <= 90 or "], [" not in value:
        return [head + value]
    rows = value.replace("], [", "],\n[").split("\n")
    margin = " " * (len(head) + rows[0].rindex("[") - 1)
    return [head + rows[0], *(f"#{margin}{row}" for row in rows[1:])]


def sentence(item: Item, mismatch: Mismatch) -> Text:
    """What differs, in one sentence."""
    got, want = mismatch.got, mismatch.want
    parts: dict[str, object] = {
        "where": _where(mismatch.path), "function": item.exercise, "name": item.exercise,
        "got": example.show(list(got) if isinstance(got, dict) else got),
        "want": example.show(list(want) if isinstance(want, dict) else want),
        "got_type": _type(got), "want_type": _type(want),
    }  # fmt: skip
    if isinstance(got, Raised):
        line = messages.label("line", line=got.line) if got.line else Text(en="", zh="")
        parts |= {"type": got.type, "message": got.message.splitlines()[0] if got.message else "", "line": line}
        if got.type == "Missing":
            parts["name"] = got.message
    if isinstance(want, Raised):
        parts["want_type"] = want.type
    if isinstance(got, Array) and isinstance(want, Array):
        parts |= {
            "got_shape": got.shape, "want_shape": want.shape, "got_dtype": got.dtype, "want_dtype": want.dtype,
            "got_device": got.device, "want_device": want.device,
        }  # fmt: skip
    elif isinstance(want, Array):
        parts["want_shape"] = want.shape
    if isinstance(got, (list, tuple)) and isinstance(want, (list, tuple)):
        parts |= {"got_length": len(got), "want_length": len(want)}
    details = dict(mismatch.details)
    if mismatch.kind == "forbidden":
        groups = [GROUPS[g] for g in details.pop("groups")]
        parts["groups"] = Text(en=" and ".join(g.en for g in groups), zh="和".join(g.zh for g in groups))
    if "names" in details:
        parts["names"] = ", ".join(details.pop("names"))
    if details.get("index") == ():
        details["index"] = Text(en="its only element", zh="唯一的元素")
    return messages.found(mismatch.kind, **{**parts, **details})


def _where(path: tuple[str | int, ...]) -> Text:
    if not path:
        return Text(en="", zh="")
    shown = "".join(f"[{p}]" if isinstance(p, int) else (f" {p}" if i else str(p)) for i, p in enumerate(path))
    return messages.label("in_part", path=shown.strip())


def _type(value: Plain) -> str:
    names = {
        bool: "a bool",
        int: "an int",
        float: "a float",
        str: "a str",
        list: "a list",
        tuple: "a tuple",
        dict: "a dict",
    }
    if isinstance(value, Array):
        return f"a {'NumPy array' if value.kind == 'ndarray' else 'tensor'} of shape {value.shape}"
    if isinstance(value, Opaque):
        return f"a {value.type}"
    return names.get(type(value), "None" if value is None else type(value).__name__)


# --- relations -----------------------------------------------------------------------------------------------------


def relation(mismatch: Mismatch) -> Text | None:
    """How a wrong array (or number) relates to the right one: negated, scaled, transposed, shifted, ..."""
    got, want = mismatch.got, mismatch.want
    if isinstance(got, (int, float)) and isinstance(want, (int, float)):
        got, want = Array(np.asarray(float(got)), "float64"), Array(np.asarray(float(want)), "float64")
    if not isinstance(got, Array) or not isinstance(want, Array):
        return None
    if np.iscomplexobj(got.values) or np.iscomplexobj(want.values):
        return None
    g, w = got.values.astype(np.float64, copy=False), want.values.astype(np.float64, copy=False)
    if not np.isfinite(g).all() or not np.isfinite(w).all() or not w.size or not g.size:
        return None
    with np.errstate(all="ignore"):
        return _shape_relation(g, w) if g.shape != w.shape else _value_relation(g, w)


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-4, atol=1e-6 * max(1e-3, float(np.abs(b).max()))))


def _shape_relation(g: np.ndarray, w: np.ndarray) -> Text | None:
    if g.ndim == w.ndim and g.ndim >= 2 and _near(np.swapaxes(g, -1, -2), w):
        return messages.relation("transposed")
    if g.size == w.size and _near(g.squeeze(), w.squeeze()):
        return messages.relation("extra_dimension")
    if g.ndim == w.ndim and g.ndim >= 2 and sorted(g.shape) == sorted(w.shape):
        return messages.relation("wrong_axis")
    if w.ndim < g.ndim and w.size < g.size and (w.ndim == 0 or g.shape[: w.ndim] == w.shape):
        return messages.relation("not_reduced")
    return None


def _value_relation(g: np.ndarray, w: np.ndarray) -> Text | None:
    if not np.abs(w).max() > 1e-8 or not np.abs(g).max() > 1e-12:
        return None
    if _near(-g, w):
        return messages.relation("negated")
    index = int(np.argmax(np.abs(w)))
    factor = float(g.flat[index] / w.flat[index])
    if w.size > 1 and _near(g / factor, w) and abs(factor - 1) > 1e-4:
        return _scaled(factor, w)
    if w.size > 1:
        offset = float(g.flat[0] - w.flat[0])
        near = _near(g, w)  # wrong by little: only a shift that accounts for nearly all of it says more than that
        if abs(offset) > 1e-6 and (np.abs(g - w - offset).max() < 0.01 * abs(offset) if near else _near(g - offset, w)):
            return messages.relation("shifted", offset=f"{offset:.4g}")
        if near:
            return None
        for dim in range(w.ndim):
            if w.shape[dim] > 1 and _near(np.flip(g, dim), w):
                return messages.relation("reversed", dim=dim)
        for dim in range(w.ndim):
            for steps in range(1, w.shape[dim]):
                if _near(np.roll(g, -steps, dim), w):
                    return messages.relation("rolled", steps=steps, dim=dim)
        if w.ndim >= 2 and w.shape[-1] == w.shape[-2] and _near(np.swapaxes(g, -1, -2), w):
            return messages.relation("transposed")
        if w.size > 2 and _near(np.sort(g, axis=None), np.sort(w, axis=None)):
            return messages.relation("permuted")
        if _near(np.abs(g), np.abs(w)):
            return messages.relation("absolute")
    elif abs(factor - 1) > 1e-4 and _is_telling(factor):
        return _scaled(factor, w)
    for key, of_want in (
        ("squared", w**2), ("rooted", np.sqrt(w)), ("reciprocal", 1 / w), ("logarithm", np.log(w)), ("exponential", np.exp(w)),
    ):  # fmt: skip
        if w.size > 1 and np.isfinite(of_want).all() and _near(g, of_want):
            return messages.relation(key)
    return None


def _is_telling(factor: float) -> bool:
    return any(abs(f - round(f)) < 1e-4 and 2 <= round(abs(f)) <= 64 for f in (factor, 1 / factor if factor else 0.0))


def _scaled(factor: float, w: np.ndarray) -> Text:
    text = f"{factor:.4g}"
    inverse = 1 / factor
    if abs(inverse - round(inverse)) < 1e-3 and 1 < round(abs(inverse)) <= 64:
        text = re.sub("^", "-" if inverse < 0 else "", f"1/{round(abs(inverse))}")
    for n in w.shape:
        if n > 1 and (abs(factor - n) < 1e-3 or abs(inverse - n) < 1e-3):
            return messages.relation("scaled_by_size", factor=text, n=n)
    return messages.relation("scaled", factor=text)
