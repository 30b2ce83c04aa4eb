"""Hidden graders of lecture 2, general guidance."""

import math

import torch

from autograder.probe import attempt, gradients, judge, probe

PLAIN = ("float64",)  # Python numbers and indices: the dtype changes nothing

# --- diagnose -----------------------------------------------------------------------------------------------
# Arguments: training, validation, test, the small model's training loss, target, gap.
# Ties are exact binary fractions.


@probe(public=True, dtypes=PLAIN)
def test_diagnose_large_training_loss(impl, make):
    """a training loss above the target: the small model tells the cause

    训练损失高于目标：由小模型来分辨原因
    """
    return {
        "the small model is better": impl.diagnose(2.0, 2.1, 2.2, 1.0, 0.5, 0.3),
        "the small model is worse": impl.diagnose(1.0, 1.1, 1.2, 2.0, 0.5, 0.3),
    }


@probe(public=True, dtypes=PLAIN)
def test_diagnose_small_training_loss(impl, make):
    """a training loss below the target: look at validation, then at test

    训练损失低于目标：先看验证，再看测试
    """
    return {
        "val far above train": impl.diagnose(0.2, 0.9, 1.0, 0.4, 0.5, 0.3),
        "test far above val": impl.diagnose(0.2, 0.3, 1.4, 0.4, 0.5, 0.3),
        "all near": impl.diagnose(0.2, 0.3, 0.4, 0.35, 0.5, 0.3),
    }


@probe(weight=2, dtypes=PLAIN)
def test_diagnose_training_loss_first(impl, make):
    """the training loss comes first, however large the other gaps are

    先看训练损失，不管后面的差距有多大
    """
    return {
        "bad in training, worse later": impl.diagnose(2.0, 7.0, 9.0, 1.0, 0.5, 0.3),
        "bad in training, worse in validation": impl.diagnose(1.0, 6.0, 6.1, 1.5, 0.5, 0.3),
        "bad in training, worse in the test": impl.diagnose(1.0, 1.1, 6.1, 1.5, 0.5, 0.3),
        "good in training, a better small model": impl.diagnose(0.4, 0.5, 0.6, 0.1, 0.5, 0.3),
        "overfitting and mismatch": impl.diagnose(0.2, 1.0, 3.0, 0.4, 0.5, 0.3),
        "both gaps small, their sum large": impl.diagnose(0.2, 0.4, 0.6, 0.4, 0.5, 0.3),
    }


@probe(dtypes=PLAIN)
def test_diagnose_small_model_above_target(impl, make):
    """the small model is compared with the large one, not with the target

    小模型要和大模型比，而不是和目标比
    """
    return {
        "smaller, above the target": impl.diagnose(2.0, 2.1, 2.2, 1.9, 0.5, 0.3),
        "smaller, at the target": impl.diagnose(2.0, 2.1, 2.2, 0.5, 0.5, 0.3),
        "a little worse": impl.diagnose(2.0, 2.1, 2.2, 2.01, 0.5, 0.3),
    }


@probe(dtypes=PLAIN)
def test_diagnose_ties(impl, make):
    """equal is not greater

    相等不算大于
    """
    return {
        "train = target": impl.diagnose(0.5, 0.625, 0.75, 0.25, 0.5, 0.25),
        "small model = train": impl.diagnose(1.0, 1.125, 1.25, 1.0, 0.5, 0.25),
        "val - train = gap": impl.diagnose(0.25, 0.5, 0.625, 0.5, 0.5, 0.25),
        "test - val = gap": impl.diagnose(0.25, 0.375, 0.625, 0.5, 0.5, 0.25),
    }


@probe(dtypes=PLAIN)
def test_diagnose_signed_differences(impl, make):
    """a loss far below the one before it is no problem

    某个损失比前一个低很多，并不算问题
    """
    return {
        "val far below train": impl.diagnose(1.5, 0.5, 0.6, 2.0, 1.75, 0.3),
        "test far below val": impl.diagnose(1.0, 1.2, 0.1, 2.0, 1.75, 0.3),
        "test near train, far above val": impl.diagnose(1.5, 0.5, 1.5, 2.0, 1.75, 0.3),
    }


@probe(dtypes=PLAIN)
def test_diagnose_other_scales(impl, make):
    """differences count, not ratios; losses of any size, negative ones too

    看的是差，不是比值；损失可大可小，也可以是负的
    """
    return {
        "tiny losses, huge ratio": impl.diagnose(0.001, 0.01, 0.2, 0.002, 0.5, 0.3),
        "large losses, small ratio": impl.diagnose(100.0, 101.0, 101.5, 99.0, 120.0, 0.5),
        "large losses in the test": impl.diagnose(100.0, 100.25, 101.5, 99.0, 120.0, 0.5),
        "negative losses": impl.diagnose(-3.0, -2.0, -1.9, -2.5, -1.0, 0.5),
        "negative losses, bias": impl.diagnose(-3.0, -2.0, -1.9, -2.5, -4.0, 0.5),
    }


@probe(weight=2, dtypes=PLAIN)
def test_diagnose_many(impl, make):
    """thirty models of all kinds

    三十个各种各样的模型
    """
    found = []
    for _ in range(30):
        train, val, test = make.number(0, 1.6), make.number(-0.5, 0.9), make.number(-0.5, 0.9)
        small, target, gap = make.number(0, 2), make.number(0.3, 1.5), make.number(0.1, 0.5)
        found.append(impl.diagnose(train, train + val, train + val + test, small, target, gap))
    return found


# --- train_val_split ----------------------------------------------------------------------------------------


def indices(part):
    """The indices in a list, range, array, or integer tensor, sorted; a mask or floats are none and raise."""
    if isinstance(part, torch.Tensor):
        part = part.reshape(-1).tolist() if part.numel() else []
    found = list(part)
    if any(isinstance(i, bool) for i in found):
        raise TypeError("a mask of True and False is not a list of indices")
    return sorted(i.__index__() for i in found)


def split(impl, n, ratio, generator):
    train, val = impl.train_val_split(n, ratio, generator)
    return {"train": indices(train), "val": indices(val)}


def sizes_of(impl, make, *cases):
    """The numbers of training and validation indices."""
    sizes = {}
    for n, ratio in cases:
        parts = split(impl, n, ratio, make.generator())
        sizes[f"train_val_split({n}, {ratio}, …)"] = [len(parts["train"]), len(parts["val"])]
    return sizes


@judge
def same_splits(got, want):
    for name, (one, other) in got.items():
        if one["train"] != other["train"] or one["val"] != other["val"]:
            first, second = _short(one["val"]), _short(other["val"])
            return (
                f"{name}, generators of the same seed give different splits: val {first} and val {second}",
                f"{name}：两个种子相同的 generator 给出了不同的划分：val {first} 和 val {second}",
            )
    return None


@judge
def always_new_splits(got, want):
    """60 splits of 7 indices, 2 of them to val: 21 sets are possible; fair draws show 15 or more."""
    distinct = {tuple(_plain(val)) for val in got}
    never = sorted(set(range(7)) - {i for val in distinct for i in val})
    if len(distinct) == 1:
        return (
            f"{len(got)} splits with one generator all have the same validation indices {_short(got[0])}",
            f"用同一个 generator 划分 {len(got)} 次，选出的验证下标全都是 {_short(got[0])}",
        )
    if len(distinct) < 10:
        return (
            f"{len(got)} splits show only {len(distinct)} different validation sets of the 21 possible ones",
            f"划分了 {len(got)} 次，只出现过 {len(distinct)} 种验证集，而可能的有 21 种",
        )
    if never:
        return (
            f"in {len(got)} splits the indices {never} are never in val",
            f"划分了 {len(got)} 次，下标 {never} 从来没有进过 val",
        )
    return None


@judge
def not_all_alike(got, want):
    if len({tuple(_plain(val)) for val in got}) == 1:
        return (
            f"{len(got)} generators of different seeds all give the validation indices {_short(got[0])}",
            f"{len(got)} 个种子不同的 generator，选出的验证下标全都是 {_short(got[0])}",
        )
    return None


@judge
def no_block(got, want):
    """Half of 40 indices are one block, perhaps around the end, once in some 10⁹ fair splits."""
    val = set(_plain(got))
    if sum((i + 1) % 40 not in val for i in val) <= 1:
        return (
            f"the validation indices {_short(sorted(val))} lie in one block: neighbouring rows stay together",
            f"验证下标 {_short(sorted(val))} 连成一整段：相邻的行总在一起",
        )
    return None


@judge
def _plain(values):
    return [int(i) for i in values]


@judge
def _short(values):
    shown = _plain(values)
    return str(shown[:8])[:-1] + ", …]" if len(shown) > 8 else str(shown)


# A split may be of tensors, arrays, or lists, and of any indices: the calls' own results cannot be compared with the
# reference's, so that judges say what is wrong. The message shows a probe's last call; judges begin with that one.
@judge
def right_sizes(got, want):
    for call, sizes in reversed(want.items()):
        (train, val), (right_train, right_val) = _plain(got[call]), _plain(sizes)
        if (train, val) != (right_train, right_val):
            return (
                f"{call}: the sizes of train and val are {train} and {val}, and should be {right_train} and {right_val}",
                f"{call}：train 和 val 的大小是 {train} 和 {val}，应当是 {right_train} 和 {right_val}",
            )
    return None


@judge
def each_index_once(got, want):
    for call, everything in reversed(want.items()):
        found, wanted = _plain(got[call]), _plain(everything)
        for problem, chinese, wrong in (
            ("are in neither part", "两部分里都没有", sorted(set(wanted) - set(found))),
            ("are in the split more than once", "出现了不止一次", sorted({i for i in found if found.count(i) > 1})),
            ("do not exist", "根本不存在", sorted(set(found) - set(wanted))),
        ):
            if wrong:
                return f"{call}: the indices {_short(wrong)} {problem}", f"{call}：下标 {_short(wrong)} {chinese}"
    return None


@judge
def untouched(got, want):
    if any(abs(g - w) > 1e-12 for g, w in zip(got, want, strict=True)):
        return (
            "after the call the global generator gives other random numbers than without it: it was used, or seeded",
            "调用之后，全局随机数生成器给出的随机数变了：它被用过，或者被重新设了种子",
        )
    return None


@probe(public=True, dtypes=PLAIN, judge=right_sizes)
def test_train_val_split_sizes(impl, make):
    """round(n * ratio) indices for validation, the others for training

    验证部分有 round(n * ratio) 个下标，其余用于训练
    """
    return sizes_of(impl, make, (5, 0.4))


@probe(public=True, dtypes=PLAIN, weight=2, judge=each_index_once)
def test_train_val_split_every_index_once(impl, make):
    """both parts together hold every index exactly once

    两部分合起来，每个下标恰好出现一次
    """
    seen = {}
    for n, ratio in ((11, 0.3), (8, 0.75), (23, 0.5)):
        parts = split(impl, n, ratio, make.generator(n))
        seen[f"train_val_split({n}, {ratio}, …)"] = sorted(parts["train"] + parts["val"])
    return seen


@probe(dtypes=PLAIN, judge=right_sizes)
def test_train_val_split_rounding(impl, make):
    """n * ratio is rounded to the nearest, neither down nor up

    n * ratio 四舍五入取整，不是一律舍去或进位
    """
    return sizes_of(impl, make, (29, 0.9), (6, 0.6), (10, 0.13), (10, 0.17), (13, 0.25), (11, 0.25))


@probe(dtypes=PLAIN, judge=right_sizes)
def test_train_val_split_empty_parts(impl, make):
    """ratio 0, ratio 1, and so few samples that a part is empty

    ratio 为 0、为 1，以及样本太少导致某一部分为空
    """
    return sizes_of(impl, make, (7, 0.0), (7, 1.0), (3, 0.1), (1, 0.3), (1, 0.8))


@probe(weight=2, dtypes=PLAIN, judge=always_new_splits)
def test_train_val_split_shuffled(impl, make):
    """each call draws a new random split from the generator

    每次调用都从 generator 得到一种新的随机划分
    """
    generator = make.generator()
    return [split(impl, 7, 0.3, generator)["val"] for _ in range(60)]


@probe(dtypes=PLAIN, judge=no_block)
def test_train_val_split_mixed(impl, make):
    """the validation indices come from all over, not from one block

    验证下标来自各处，而不是连续的一段
    """
    return split(impl, 40, 0.5, make.generator())["val"]


@probe(dtypes=PLAIN, judge=not_all_alike)
def test_train_val_split_other_seeds(impl, make):
    """generators with other seeds give other splits

    种子不同的 generator 给出不同的划分
    """
    return [split(impl, 19, 0.3, make.generator(i))["val"] for i in range(6)]


@probe(weight=2, dtypes=PLAIN, judge=same_splits)
def test_train_val_split_reproducible(impl, make):
    """the same seed gives the same split, whatever the global generator does

    种子相同，划分就相同，与全局随机数生成器无关
    """
    pairs = {}
    for n in (17, 40):
        one = split(impl, n, 0.4, make.generator(n))
        torch.rand(3)
        other = split(impl, n, 0.4, make.generator(n))
        pairs[f"n={n}"] = [one, other]
    return pairs


@probe(dtypes=PLAIN, judge=untouched)
def test_train_val_split_global_generator(impl, make):
    """the global generator is left as it was

    全局随机数生成器保持原样
    """
    torch.manual_seed(make.seed)
    impl.train_val_split(13, 0.4, make.generator())
    return torch.rand(3, dtype=torch.float64)


# --- kfold_indices ------------------------------------------------------------------------------------------


def folds(impl, n, k):
    return [{"train": indices(train), "val": indices(val)} for train, val in impl.kfold_indices(n, k)]


@judge
def same_folds(got, want):
    """Fold by fold, the validation part first: it decides, and the training part follows from it."""
    for call, wanted in reversed(want.items()):
        if len(got[call]) != len(wanted):
            return (
                f"{call}: there are {len(got[call])} folds, and should be {len(wanted)}",
                f"{call}：有 {len(got[call])} 折，应当有 {len(wanted)} 折",
            )
        for part in ("val", "train"):
            for i, (found, right) in enumerate(zip(got[call], wanted, strict=True)):
                if _plain(found[part]) != _plain(right[part]):
                    shown, should = _plain(found[part]), _plain(right[part])
                    return (
                        f"{call}[{i}]: {part} has the indices {shown}, and should have {should}",
                        f"{call}[{i}]：{part} 里的下标是 {shown}，应当是 {should}",
                    )
    return None


@judge
def all_validated(got, want):
    for call, everything in reversed(want.items()):
        found, wanted = _plain(got[call]), _plain(everything)
        for problem, chinese, wrong in (
            ("are never validated", "从来没有被验证过", sorted(set(wanted) - set(found))),
            ("are validated more than once", "被验证了不止一次", sorted({i for i in found if found.count(i) > 1})),
            ("do not exist", "根本不存在", sorted(set(found) - set(wanted))),
        ):
            if wrong:
                return f"{call}: the indices {_short(wrong)} {problem}", f"{call}：下标 {_short(wrong)} {chinese}"
    return None


@judge
def right_fold_sizes(got, want):
    for call, wanted in reversed(want.items()):
        if len(got[call]) != len(wanted):
            return (
                f"{call}: there are {len(got[call])} folds, and should be {len(wanted)}",
                f"{call}：有 {len(got[call])} 折，应当有 {len(wanted)} 折",
            )
        for name, place in (("val", 1), ("train", 0)):
            sizes = [int(fold[place]) for fold in got[call]]
            right = [int(fold[place]) for fold in wanted]
            if sizes != right:
                return (
                    f"{call}: the sizes of the {name} parts are {sizes}, and should be {right}",
                    f"{call}：各 {name} 部分的大小是 {sizes}，应当是 {right}",
                )
    return None


@judge
def no_leak(got, want):
    for call, wanted in reversed(want.items()):
        both, joined, everything = (_plain(x) for x in (got[call]["in both"], got[call]["joined"], wanted["joined"]))
        if both:
            return f"{call}: train and val share the indices {_short(both)}", f"{call}：train 和 val 都有下标 {_short(both)}"
        if lost := sorted(set(everything) - set(joined)):
            return f"{call}: the indices {_short(lost)} are in neither part", f"{call}：下标 {_short(lost)} 两部分里都没有"
        if joined != everything:
            return f"{call}: together, train and val are {joined}", f"{call}：train 和 val 合起来是 {joined}"
    return None


@probe(public=True, dtypes=PLAIN, judge=same_folds)
def test_kfold_indices_small(impl, make):
    """four samples, two folds

    4 个样本，2 折
    """
    return {"kfold_indices(4, 2)": folds(impl, 4, 2)}


@probe(public=True, dtypes=PLAIN, judge=same_folds)
def test_kfold_indices_remainder(impl, make):
    """10 samples in 3 folds: the first fold is one larger

    10 个样本分 3 折：第一折多一个
    """
    return {"kfold_indices(10, 3)": folds(impl, 10, 3)}


@probe(weight=2, dtypes=PLAIN, judge=all_validated)
def test_kfold_indices_every_index_validated(impl, make):
    """every index is validated exactly once

    每个下标恰好被验证一次
    """
    seen = {}
    for n, k in ((12, 3), (17, 5), (11, 4)):
        seen[f"kfold_indices({n}, {k})"] = sorted(i for fold in folds(impl, n, k) for i in fold["val"])
    return seen


@probe(dtypes=PLAIN, judge=right_fold_sizes)
def test_kfold_indices_sizes(impl, make):
    """sizes of the parts: the first n % k folds are one larger

    各部分的大小：前 n % k 折各多一个
    """
    cases = ((18, 6), (100, 11), (30, 4), (9, 2), (19, 7), (20, 6), (23, 5))
    return {
        f"kfold_indices({n}, {k})": [[len(fold["train"]), len(fold["val"])] for fold in folds(impl, n, k)]
        for n, k in cases
    }


@probe(weight=2, dtypes=PLAIN, judge=no_leak)
def test_kfold_indices_no_leak(impl, make):
    """training and validation share nothing, and together they are everything

    训练和验证没有公共下标，合起来就是全部
    """
    seen = {}
    for n, k in ((13, 4), (7, 3)):
        for i, fold in enumerate(folds(impl, n, k)):
            shared = sorted(set(fold["train"]) & set(fold["val"]))
            joined = sorted(fold["train"] + fold["val"])
            seen[f"kfold_indices({n}, {k})[{i}]"] = {"in both": shared, "joined": joined}
    return seen


@probe(dtypes=PLAIN, judge=same_folds)
def test_kfold_indices_leave_one_out(impl, make):
    """as many folds as samples: each is validated alone

    折数等于样本数：每个样本单独验证一次
    """
    return {"kfold_indices(5, 5)": folds(impl, 5, 5)}


@probe(weight=2, dtypes=PLAIN, judge=same_folds)
def test_kfold_indices_blocks(impl, make):
    """the folds in full, for several n and k

    不同 n、k 下完整的各折
    """
    return {f"kfold_indices({n}, {k})": folds(impl, n, k) for n, k in ((11, 10), (2, 2), (15, 5), (8, 3), (14, 4))}


# --- select_model -------------------------------------------------------------------------------------------


@probe(public=True)
def test_select_model_small(impl, make):
    """two models, three folds

    2 个模型，3 折
    """
    return impl.select_model(make.tensor([[0.5, 0.9, 0.7], [0.6, 0.4, 0.5]]))


@probe(public=True)
def test_select_model_lucky_fold(impl, make):
    """the best on average, not the luckiest on one fold

    选平均最好的，而不是某一折上最走运的
    """
    return impl.select_model(
        make.tensor([[0.1, 0.9, 0.8, 0.8], [0.5, 0.1, 0.9, 0.9], [0.4, 0.5, 0.5, 0.4], [0.6, 0.6, 0.6, 0.05]])
    )


@probe(weight=2)
def test_select_model_many(impl, make):
    """twelve tables of random losses

    12 张随机的损失表
    """
    return [impl.select_model(make.uniform(7, 4, low=0.1)) for _ in range(12)]


@probe()
def test_select_model_skewed(impl, make):
    """losses with rare large values: the mean decides, not the median, the best or the worst fold

    偶尔出现很大的损失：由平均值决定，不是中位数，也不是最好或最差的一折
    """
    return [impl.select_model(make.normal(6, 5, scale=1.2).exp()) for _ in range(12)]


@probe()
def test_select_model_ties(impl, make):
    """of several equal averages the first

    平均值并列时取第一个
    """
    return {
        "two": impl.select_model(make.tensor([[4.0, 2.0], [1.0, 3.0], [2.0, 2.0]])),
        "all": impl.select_model(make.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])),
    }


@probe()
def test_select_model_edges(impl, make):
    """a single fold, a single model, more folds than models, a model that diverged

    只有一折、只有一个模型、折数多于模型数、有模型发散
    """
    return {
        "one fold": impl.select_model(make.tensor([[0.9], [0.3], [0.7], [0.5]])),
        "one model": impl.select_model(make.tensor([[0.9, 0.2, 0.4]])),
        "wide": [impl.select_model(make.uniform(3, 9, low=0.1)) for _ in range(4)],
        "diverged": impl.select_model(make.tensor([[0.1, math.inf, 0.1], [9.0, 8.0, 9.0], [7.0, 9.0, 8.0]])),
    }


@probe()
def test_select_model_scales(impl, make):
    """large losses, and negative ones (log-likelihoods)

    很大的损失，以及负的损失（对数似然）
    """
    return {
        "large": [impl.select_model(make.normal(5, 3, scale=900.0, shift=5000.0)) for _ in range(4)],
        "negative": [impl.select_model(make.normal(5, 3, scale=2.0, shift=-4.0)) for _ in range(4)],
    }


# --- l2_penalty_loss ----------------------------------------------------------------------------------------


@probe(public=True)
def test_l2_penalty_loss_small(impl, make):
    """loss + λ times the sum of the squared weights

    损失加上 λ 乘以权重的平方和
    """
    W = make.tensor([[1.0, -2.0, 0.5], [3.0, 0.0, -1.0]])
    return impl.l2_penalty_loss(make.tensor(1.5), W, make.tensor([0.5, -4.0]), 0.1)


@probe(public=True)
def test_l2_penalty_loss_bias_is_free(impl, make):
    """the bias is not penalised, however large it is

    偏置再大也不惩罚
    """
    return impl.l2_penalty_loss(make.tensor(0.7), make.normal(3, 4), make.normal(3, scale=10), 0.3)


@probe()
def test_l2_penalty_loss_values(impl, make):
    """several weights, λ above 1, an integer λ

    不同的权重，大于 1 的 λ，整数的 λ
    """
    return {
        "λ = 1.7": impl.l2_penalty_loss(make.tensor(2.5), make.normal(2, 5, scale=3), make.normal(2), 1.7),
        "λ = 2": impl.l2_penalty_loss(make.tensor(-0.4), make.normal(4, 3), make.normal(4), 2),
        "1 × 1": impl.l2_penalty_loss(make.tensor(0.2), make.normal(1, 1), make.normal(1), 0.01),
        "transposed": impl.l2_penalty_loss(make.tensor(0.3), make.normal(5, 2).t(), make.normal(2), 0.6),
    }


@probe(weight=2)
def test_l2_penalty_loss_gradients(impl, make):
    """the penalty's gradient reaches the weights, and no gradient the bias

    惩罚项的梯度传到权重，而偏置没有梯度
    """
    loss, W, b = make.tensor(1.2, grad=True), make.normal(3, 2, grad=True), make.normal(3, grad=True)
    found = gradients(impl.l2_penalty_loss(loss, W, b, 0.4), loss, W, b)
    return dict(zip(("of loss", "of W", "of b"), found, strict=True))


@probe(weight=2)
def test_l2_penalty_loss_in_training(impl, make):
    """gradients of a linear model's regularised loss

    线性模型加正则化后，损失的梯度
    """
    x, target = make.normal(5, 3), make.normal(5, 2)
    W, b = make.normal(2, 3, grad=True), make.normal(2, grad=True)
    loss = ((x @ W.T + b - target) ** 2).mean()
    found = gradients(impl.l2_penalty_loss(loss, W, b, 0.25), W, b)
    return dict(zip(("of W", "of b"), found, strict=True))


@probe()
def test_l2_penalty_loss_two_layers(impl, make):
    """two layers, one call after the other

    两层，依次各调用一次
    """
    first = impl.l2_penalty_loss(make.tensor(0.9), make.normal(3, 4), make.normal(3), 0.2)
    return impl.l2_penalty_loss(first, make.normal(2, 3), make.normal(2), 0.05)


@probe()
def test_l2_penalty_loss_nothing_to_add(impl, make):
    """λ = 0, and weights that are all zero

    λ = 0，以及全为零的权重
    """
    zeros = make.tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    return {
        "λ = 0": impl.l2_penalty_loss(make.tensor(1.1), make.normal(3, 2), make.normal(3), 0.0),
        "zero weights": impl.l2_penalty_loss(make.tensor(1.3), zeros, make.normal(3), 0.5),
    }


# --- dropout ------------------------------------------------------------------------------------------------


@probe(public=True)
def test_dropout_training(impl, make):
    """training: kept where u >= p and scaled up, 0 elsewhere

    训练时：u >= p 的保留并放大，其余为 0
    """
    x = make.tensor([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
    u = make.tensor([[0.1, 0.9, 0.3], [0.7, 0.2, 0.6]])
    return impl.dropout(x, 0.25, True, u)


@probe(public=True)
def test_dropout_evaluation(impl, make):
    """evaluation: the values of x

    使用模型时：值就是 x
    """
    return impl.dropout(make.normal(2, 3), 0.4, False, make.uniform(2, 3))


@probe(weight=2)
def test_dropout_batch(impl, make):
    """a batch, each element with its own noise

    一个批次，每个元素各有自己的噪声
    """
    return impl.dropout(make.normal(make.batch(4), 5), 0.3, True, make.uniform(make.batch(4), 5))


@probe(weight=2)
def test_dropout_gradient(impl, make):
    """the gradient flows through the kept elements, scaled like them

    梯度流过保留下来的元素，并同样放大
    """
    x = make.normal(3, 5, grad=True)
    kept = gradients(impl.dropout(x, 0.4, True, make.uniform(3, 5)), x)
    return {"training": kept, "evaluation": gradients(impl.dropout(x, 0.4, False, make.uniform(3, 5)), x)}


@probe()
def test_dropout_boundary(impl, make):
    """u exactly p is kept

    u 恰好等于 p 时保留
    """
    x = make.normal(6)
    return impl.dropout(x, 0.25, True, make.tensor([0.25, 0.0, 0.75, 0.25, 0.2421875, 0.2578125]))


@probe()
def test_dropout_extremes(impl, make):
    """p = 0 changes nothing; p = 0.9 drops most and scales by 10

    p = 0 时什么都不变；p = 0.9 时丢掉大部分，留下的乘 10
    """
    with_zeros = make.tensor([[0.0, 0.2, 0.5, 0.99], [0.1, 0.0, 0.7, 0.4]])
    return {
        "p = 0": impl.dropout(make.normal(2, 4), 0.0, True, with_zeros),
        "p = 0.9": impl.dropout(make.normal(3, 7), 0.9, True, make.uniform(3, 7, low=0.7)),
        "all dropped": impl.dropout(make.normal(2, 3), 0.8, True, make.uniform(2, 3, high=0.7)),
        "p = 0.9, evaluation": impl.dropout(make.normal(2, 3), 0.9, False, make.uniform(2, 3)),
    }


@probe()
def test_dropout_shapes(impl, make):
    """any shape: one dimension, four, one sample, a transposed tensor

    任意形状：一维、四维、单个样本、转置过的张量
    """
    return {
        "(7,)": impl.dropout(make.normal(7), 0.35, True, make.uniform(7)),
        "(2, 3, 2, 4)": impl.dropout(make.normal(2, 3, 2, 4), 0.6, True, make.uniform(2, 3, 2, 4)),
        "(1, 6)": impl.dropout(make.normal(1, 6), 0.5, True, make.uniform(1, 6)),
        "transposed": impl.dropout(make.normal(5, 3).t(), 0.4, True, make.uniform(5, 3).t()),
    }


# --- early_stopping -----------------------------------------------------------------------------------------


@probe(public=True, dtypes=PLAIN)
def test_early_stopping_small(impl, make):
    """two epochs without a new best, then stop

    连续两轮没有新低，就停
    """
    return impl.early_stopping([0.9, 0.5, 0.6, 0.7, 0.8], 2)


@probe(public=True, dtypes=PLAIN)
def test_early_stopping_new_best_resets(impl, make):
    """a new best puts the counter back to zero

    出现新低，计数归零
    """
    return impl.early_stopping([0.9, 0.8, 0.85, 0.6, 0.65, 0.62, 0.7, 0.3], 3)


@probe(weight=2, dtypes=PLAIN)
def test_early_stopping_best_so_far(impl, make):
    """compared with the best so far, not with the epoch before

    和历史最好比，而不是和上一轮比
    """
    return {
        "down again, but no new best": impl.early_stopping([0.5, 0.9, 0.8, 0.7, 0.6, 0.55, 0.4], 4),
        "zigzag": impl.early_stopping([0.6, 0.8, 0.7, 0.9, 0.65, 0.95, 0.61, 0.5], 5),
    }


@probe(dtypes=PLAIN)
def test_early_stopping_ties(impl, make):
    """reaching the best again is no improvement

    再次达到最低值不算改善
    """
    return {
        "plateau": impl.early_stopping([0.5, 0.5, 0.5, 0.5, 0.4], 3),
        "tie later": impl.early_stopping([0.9, 0.6, 0.7, 0.6, 0.8, 0.6, 0.9], 9),
        "tie, then better": impl.early_stopping([0.9, 0.6, 0.6, 0.5, 0.5, 0.5], 2),
    }


@probe(dtypes=PLAIN)
def test_early_stopping_never_stops(impl, make):
    """patience is not used up: the last epoch of the list

    耐心没有用完：停在列表的最后一轮
    """
    return {
        "still falling": impl.early_stopping([0.9, 0.8, 0.7, 0.6], 2),
        "rising at the end": impl.early_stopping([0.9, 0.3, 0.4, 0.5], 3),
        "best first": impl.early_stopping([0.2, 0.4, 0.5], 7),
        "one epoch": impl.early_stopping([0.4], 1),
    }


@probe(dtypes=PLAIN)
def test_early_stopping_end_of_list(impl, make):
    """patience used up just at the last epoch, or at once

    耐心恰好在最后一轮用完，或者立刻用完
    """
    return {
        "at the last epoch": impl.early_stopping([0.9, 0.3, 0.4, 0.5, 0.6], 3),
        "patience 1": impl.early_stopping([0.5, 0.4, 0.45, 0.1], 1),
        "worse from the start": impl.early_stopping([0.1, 0.4, 0.3, 0.2, 0.05], 3),
    }


@probe(dtypes=PLAIN)
def test_early_stopping_future(impl, make):
    """what comes after the stop is not known yet

    停下之后的损失谁也看不到
    """
    return impl.early_stopping([0.8, 0.6, 0.7, 0.9, 0.1, 0.05, 0.2], 2)


@probe(dtypes=PLAIN)
def test_early_stopping_scales(impl, make):
    """large losses, and negative ones

    很大的损失，以及负的损失
    """
    return {
        "large": impl.early_stopping([52000.0, 41000.0, 43000.0, 40500.0, 40900.0, 47000.0, 3.0], 2),
        "negative": impl.early_stopping([-1.0, -3.0, -2.5, -2.0, -1.5, -9.0], 3),
    }


@probe(dtypes=PLAIN)
def test_early_stopping_tiny_improvements(impl, make):
    """an improvement counts, however small it is

    改善再小也算数
    """
    return impl.early_stopping([0.5, 0.4999, 0.4998, 0.4997, 0.6, 0.4996, 0.7, 0.8, 0.2], 2)


@probe(weight=2, dtypes=PLAIN)
def test_early_stopping_noisy_curves(impl, make):
    """eight noisy curves

    8 条带噪声的曲线
    """
    found = {}
    for i in range(8):
        noise = make.uniform(24).tolist()
        curve = [round(math.exp(-t / 5) + 0.02 * t + 0.4 * u, 1) for t, u in enumerate(noise)]
        found[f"curve {i}, patience {i % 4 + 2}"] = impl.early_stopping(curve, i % 4 + 2)
    return found


# --- mismatch_score -----------------------------------------------------------------------------------------


@probe(public=True)
def test_mismatch_score_small(impl, make):
    """one number for each feature

    每个特征一个数
    """
    train = make.tensor([[1.0, 0.0, 5.0], [3.0, 4.0, 1.0]])
    return impl.mismatch_score(train, make.tensor([[10.0, 2.0, 1.0], [12.0, 1.0, 3.0], [8.0, 0.0, 2.0]]))


@probe(public=True)
def test_mismatch_score_constant_feature(impl, make):
    """a feature that never changes in the training data is divided by 1

    训练集里从不变化的特征改为除以 1
    """
    train = make.tensor([[2.0, 1.0, 0.0], [2.0, 3.0, 0.0], [2.0, 6.0, 0.0], [2.0, 4.0, 0.0]])
    return impl.mismatch_score(train, make.tensor([[5.0, 1.0, 0.0], [4.0, 2.0, 0.0]]))


@probe(weight=2)
def test_mismatch_score_batch(impl, make):
    """more training rows than test rows, features of different size

    训练和测试行数不同，各特征大小不同
    """
    size = make.tensor([1.0, 0.1, 5.0, 2.0])
    train = make.normal(make.batch(9), 4) * size + 1
    return impl.mismatch_score(train, make.normal(make.batch(5), 4) * 3 - 0.5)


@probe()
def test_mismatch_score_same_data(impl, make):
    """the same data in another order: no mismatch

    同样的数据换个顺序：没有偏移
    """
    train = make.tensor([[1.0, 5.0], [2.0, 0.0], [6.0, 4.0]])
    return impl.mismatch_score(train, make.tensor([[6.0, 4.0], [1.0, 5.0], [2.0, 0.0]]))


@probe()
def test_mismatch_score_scale_of_features(impl, make):
    """the unit of a feature does not matter

    特征换个单位，得分不变
    """
    train, test = make.normal(6, 3), make.normal(4, 3, shift=2.0)
    units = make.tensor([0.01, 1.0, 300.0])
    return {
        "as they are": impl.mismatch_score(train, test),
        "other units": impl.mismatch_score(train * units, test * units),
    }


@probe()
def test_mismatch_score_edges(impl, make):
    """a single row on either side, a single feature, a small spread

    任意一边只有一行、只有一个特征、离散程度很小
    """
    return {
        "one training row": attempt(impl.mismatch_score, make.normal(1, 3), make.normal(4, 3)),
        "one test row": impl.mismatch_score(make.normal(5, 3), make.normal(1, 3)),
        "one feature": impl.mismatch_score(make.normal(5, 1), make.normal(3, 1)),
        "small spread": impl.mismatch_score(make.normal(5, 2, scale=0.01), make.normal(3, 2, scale=0.01)),
    }
