"""Implementations of lecture 2 that are right, accepted, and wrong."""

import math
import random

import numpy as np
import torch

from autograder.course import reference
from autograder.variant import accepted, equivalent, right, wrong

ref = reference("lecture02_guidance")
OPTIMISATION, BIAS, OVERFITTING = ref.OPTIMISATION, ref.BIAS, ref.OVERFITTING
MISMATCH, OK = ref.MISMATCH, ref.OK

# --- diagnose -----------------------------------------------------------------------------------------------


@right
def diagnose__one_expression(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    return (
        OPTIMISATION
        if train_loss > target and small_model_train_loss < train_loss
        else BIAS
        if train_loss > target
        else OVERFITTING
        if val_loss - train_loss > gap
        else MISMATCH
        if test_loss - val_loss > gap
        else OK
    )


@right
def diagnose__table_of_literals(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    underfits = train_loss > target
    table = [
        (underfits and train_loss > small_model_train_loss, "优化问题"),
        (underfits, "模型偏差"),
        (val_loss - train_loss > gap, "过拟合"),
        (test_loss - val_loss > gap, "mismatch"),
        (True, "ok"),
    ]
    return next(name for applies, name in table if applies)


@wrong(
    en="The test loss is judged before the training loss. With a bad training loss nothing else can be "
    "concluded: look at the training loss first.",
    zh="还没看训练损失，就凭测试损失下了结论。训练损失本身就不好的话，后面什么都说明不了——先看训练集！",
)
def diagnose__test_loss_first(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if test_loss - train_loss > gap:
        return OVERFITTING
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    return OK


@wrong(
    en="The validation gap is looked at before the training loss: a model that is bad in training already "
    "is called overfitted.",
    zh="先看了验证差距，才看训练损失：训练集上就已经很差的模型被说成了过拟合。先看训练集！",
)
def diagnose__gap_before_training_loss(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if val_loss - train_loss > gap:
        return OVERFITTING
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="A large model that trains worse than a small one is called overfitted. Overfitting shows in "
    "validation, while here already the training loss is bad.",
    zh="大模型训练得不如小模型，却被说成了过拟合。过拟合要在验证集上才看得出来，而这里训练损失就已经不行了。",
)
def diagnose__taken_for_overfitting(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OVERFITTING if small_model_train_loss < train_loss else BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="Every large training loss is called an optimisation problem. The small model's training loss is "
    "there to tell the two causes apart.",
    zh="只要训练损失大就说是优化问题。小模型的训练损失正是用来分清两种原因的，却没有用上。",
)
def diagnose__bias_as_optimisation(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="Every large training loss is called model bias. If a smaller model trains better, the large one is "
    "flexible enough.",
    zh="只要训练损失大就说是模型偏差。如果更小的模型训练得更好，说明大模型并不缺弹性。",
)
def diagnose__optimisation_as_bias(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="Optimisation problem and model bias have changed places. A smaller model that trains better shows "
    "that a good solution exists.",
    zh="优化问题和模型偏差弄反了。更小的模型训练得更好，说明好的解是存在的。",
)
def diagnose__causes_swapped(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return BIAS if small_model_train_loss < train_loss else OPTIMISATION
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="Overfitting and mismatch have changed places. Which of the two shows already on data of the "
    "training distribution?",
    zh="过拟合和 mismatch 弄反了。哪一个在和训练集同分布的数据上就能看出来？",
)
def diagnose__mismatch_swapped(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if val_loss - train_loss > gap:
        return MISMATCH
    return OVERFITTING if test_loss - val_loss > gap else OK


@wrong(
    en="Losses are compared by ratio instead of by difference. Try tiny losses: 0.001 and 0.01 are close, "
    "though one is ten times the other.",
    zh="比较损失用了比值，而不是差。试试很小的损失：0.001 和 0.01 相差无几，比值却是 10 倍。",
)
def diagnose__ratio(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if val_loss / train_loss > 1 + gap:
        return OVERFITTING
    return MISMATCH if test_loss / val_loss > 1 + gap else OK


@wrong(
    en="The absolute difference is compared: a validation loss far below the training loss is taken for a "
    "problem.",
    zh="比较的是差的绝对值：验证损失比训练损失低很多，也被当成了问题。",
)
def diagnose__absolute_difference(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if abs(val_loss - train_loss) > gap:
        return OVERFITTING
    return MISMATCH if abs(test_loss - val_loss) > gap else OK


@wrong(
    en="Mismatch is measured from the training loss. Two small steps up then look like one large one; the "
    "test loss belongs beside the validation loss.",
    zh="判断 mismatch 时拿测试损失和训练损失比。两个小差距加起来就像一个大差距；测试损失应当和验证损失比。",
)
def diagnose__mismatch_from_training(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - train_loss > gap else OK


@wrong(
    en="Mismatch is looked for before overfitting. A model with both gaps is overfitted first of all: read "
    "the table from the top.",
    zh="先查了 mismatch，再查过拟合。两个差距都大时，首先是过拟合：表要从上往下读。",
)
def diagnose__mismatch_first(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if test_loss - val_loss > gap:
        return MISMATCH
    return OVERFITTING if val_loss - train_loss > gap else OK


@wrong(
    en="Equal counts as greater. Look at a loss that lies exactly at the target, or a difference that is "
    "exactly the gap.",
    zh="把相等也算成了大于。看看损失恰好等于目标、差恰好等于 gap 的情况。",
)
def diagnose__not_strict(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss >= target:
        return OPTIMISATION if small_model_train_loss <= train_loss else BIAS
    if val_loss - train_loss >= gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss >= gap else OK


@wrong(
    en="The small model is compared with the target. The question is whether it trains better than the "
    "large model.",
    zh="拿小模型和目标比了。要问的是：它是不是训练得比大模型更好。",
)
def diagnose__small_against_target(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < target else BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="The small model is asked even where the training loss has reached the target. A good training loss "
    "needs no excuse.",
    zh="训练损失已经达标了，还在拿小模型来比。训练损失够好，就不存在优化问题。",
)
def diagnose__target_ignored(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if small_model_train_loss < train_loss:
        return OPTIMISATION
    if train_loss > target:
        return BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="A large test loss is called overfitting, although validation went well. Overfitting would have "
    "shown there.",
    zh="验证集上好好的，测试损失大就被说成过拟合。如果是过拟合，在验证集上就该看出来了。",
)
def diagnose__mismatch_is_overfitting(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    return OVERFITTING if val_loss - train_loss > gap or test_loss - val_loss > gap else OK


@wrong(
    en="The validation loss is compared with the target instead of with the training loss.",
    zh="验证损失是和目标比的，而不是和训练损失比。",
)
def diagnose__validation_against_target(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if val_loss - target > gap:
        return OVERFITTING
    return MISMATCH if test_loss - val_loss > gap else OK


@wrong(
    en="Where nothing is wrong the function returns None: the last line of the table is missing.",
    zh="没有问题时函数返回了 None：少了表的最后一行。",
)
def diagnose__no_ok(train_loss, val_loss, test_loss, small_model_train_loss, target, gap):
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    if test_loss - val_loss > gap:
        return MISMATCH
    return None


# --- train_val_split ----------------------------------------------------------------------------------------


@right
def train_val_split__sorted_noise(n, ratio, generator):
    order = torch.rand(n, generator=generator, dtype=torch.float64).argsort()
    n_train = n - round(n * ratio)
    return order[:n_train], order[n_train:]


@right
def train_val_split__python_lists(n, ratio, generator):
    chance = random.Random(int(torch.randint(2**60, (1,), generator=generator)))
    val = set(chance.sample(range(n), round(n * ratio)))
    return [i for i in range(n) if i not in val], sorted(val)


@right
def train_val_split__by_mask(n, ratio, generator):
    is_val = torch.zeros(n, dtype=torch.bool)
    is_val[torch.randperm(n, generator=generator)[: round(n * ratio)]] = True
    return (~is_val).nonzero()[:, 0], is_val.nonzero()[:, 0]


@right
def train_val_split__swapping(n, ratio, generator):
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(torch.randint(i + 1, (), generator=generator))
        order[i], order[j] = order[j], order[i]
    m = round(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="The split is not random: the first rows become the validation set. If the data are sorted by label, "
    "it holds labels that training never sees.",
    zh="划分不是随机的：直接拿最前面的几行做验证。数据按标签排序时，验证集里全是训练没见过的标签。",
)
def train_val_split__first_rows(n, ratio, generator):
    m = round(n * ratio)
    return torch.arange(m, n), torch.arange(m)


@wrong(
    en="Training and validation come from two different shuffles, so they overlap and other indices are "
    "lost. Join and sort them to see it.",
    zh="训练和验证来自两次不同的打乱，于是有的下标重叠、有的丢失。把两部分拼起来排个序就能看到。",
)
def train_val_split__two_shuffles(n, ratio, generator):
    m = round(n * ratio)
    train = torch.randperm(n, generator=generator)[m:]
    return train, torch.randperm(n, generator=generator)[:m]


@wrong(
    en="The validation samples are in the training set too: it holds all n indices. Validation then "
    "measures what was learnt by heart.",
    zh="验证样本也留在了训练集里：训练集包含全部 n 个下标。这样验证，测的只是背下来了多少。",
)
def train_val_split__val_in_train(n, ratio, generator):
    order = torch.randperm(n, generator=generator)
    return order, order[: round(n * ratio)]


@wrong(
    en="The global generator is used instead of the one passed in: two generators with the same seed give "
    "different splits.",
    zh="用的是全局随机数生成器，而不是传进来的那个：种子相同的两个 generator 给出了不同的划分。",
)
def train_val_split__global_rng(n, ratio, generator):
    order = torch.randperm(n)
    m = round(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="NumPy's global generator shuffles, not the generator passed in: two generators with the same seed "
    "give different splits.",
    zh="打乱用的是 NumPy 的全局随机数，而不是传进来的 generator：种子相同的两个 generator 给出了不同的划分。",
)
def train_val_split__numpy_rng(n, ratio, generator):
    order = torch.from_numpy(np.random.permutation(n))
    m = round(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="The seed is fixed inside: the split is the same for every generator. Try two generators with "
    "different seeds.",
    zh="种子在函数里写死了：换什么 generator，划分都一样。用两个种子不同的 generator 试试。",
)
def train_val_split__fixed_seed(n, ratio, generator):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(0))
    m = round(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="A new generator is made from the seed at each call, so the second call repeats the first one's "
    "split. Draw from the generator itself.",
    zh="每次调用都用种子重新造一个 generator，第二次调用就重复了第一次的划分。应当直接从传入的 generator "
    "里抽。",
)
def train_val_split__reseeds(n, ratio, generator):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(generator.initial_seed()))
    m = round(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="The global generator is re-seeded on the way: whatever the caller draws afterwards is changed. "
    "Compare torch.rand(3) after the call.",
    zh="顺手给全局随机数生成器重新设了种子，调用者后面抽的随机数全变了。比较调用之后的 torch.rand(3)。",
)
def train_val_split__seeds_global(n, ratio, generator):
    torch.manual_seed(int(torch.randint(2**40, (1,), generator=generator)))
    order = torch.randperm(n)
    m = round(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="The validation part is a block at a random place, not a random choice: neighbouring rows stay "
    "together. Look at several splits.",
    zh="验证部分是从随机位置开始的一整段，而不是随机挑出来的：相邻的行总在一起。多看几次划分就会发现。",
)
def train_val_split__random_block(n, ratio, generator):
    m = round(n * ratio)
    order = (torch.arange(n) + torch.randint(n, (1,), generator=generator)) % n
    return order[m:], order[:m]


@wrong(
    en="n · ratio is rounded down. For n = 11 and ratio = 0.25 it is 2.75, whose nearest integer is not 2.",
    zh="n · ratio 是直接舍去小数的。n = 11、ratio = 0.25 时是 2.75，最近的整数不是 2。",
)
def train_val_split__floor(n, ratio, generator):
    order = torch.randperm(n, generator=generator)
    m = int(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="n · ratio is rounded up. For n = 13 and ratio = 0.25 it is 3.25, whose nearest integer is not 4.",
    zh="n · ratio 是一律进位的。n = 13、ratio = 0.25 时是 3.25，最近的整数不是 4。",
)
def train_val_split__ceil(n, ratio, generator):
    order = torch.randperm(n, generator=generator)
    m = math.ceil(n * ratio)
    return order[m:], order[:m]


@wrong(
    en="ratio was taken for the training part: with ratio 0.4 of 5, two indices belong to validation.",
    zh="把 ratio 当成了训练部分的比例：5 个样本、ratio 0.4，应当有 2 个用于验证。",
)
def train_val_split__ratio_of_train(n, ratio, generator):
    order = torch.randperm(n, generator=generator)
    m = round(n * ratio)
    return order[:m], order[m:]


@wrong(
    en="When the validation part is empty, [-0:] takes everything. Try ratio = 0.",
    zh="验证部分为空时，[-0:] 取到的是全部。试试 ratio = 0。",
)
def train_val_split__minus_zero(n, ratio, generator):
    order = torch.randperm(n, generator=generator)
    m = round(n * ratio)
    return order[:-m], order[-m:]


@wrong(
    en="Indices are drawn with repetition: some appear twice in validation and others are lost. Sort both "
    "parts together to see it.",
    zh="下标是有放回地抽的：有的在验证集里出现两次，有的丢了。把两部分合在一起排序就能看到。",
)
def train_val_split__with_replacement(n, ratio, generator):
    m = round(n * ratio)
    drawn = torch.randint(n, (n,), generator=generator)
    return drawn[m:], drawn[:m]


@wrong(
    en="Each sample is sent to validation by its own coin, so the number of validation samples changes from "
    "call to call.",
    zh="每个样本各抛一次硬币决定去向，所以验证样本的个数每次都不一样。",
)
def train_val_split__coin_flips(n, ratio, generator):
    heads = torch.rand(n, generator=generator) < ratio
    return (~heads).nonzero()[:, 0], heads.nonzero()[:, 0]


@wrong(
    en="Masks of True and False are returned instead of indices.",
    zh="返回的是 True/False 的掩码，而不是下标。",
)
def train_val_split__masks(n, ratio, generator):
    is_val = torch.zeros(n, dtype=torch.bool)
    is_val[torch.randperm(n, generator=generator)[: round(n * ratio)]] = True
    return ~is_val, is_val


@wrong(
    en="A part is missing: only one tensor comes back, the shuffled indices before they are cut.",
    zh="少了一步：只返回了一个张量，也就是打乱之后还没切开的下标。",
)
def train_val_split__not_cut(n, ratio, generator):
    return torch.randperm(n, generator=generator)


# --- kfold_indices ------------------------------------------------------------------------------------------


@right
def kfold_indices__array_split(n, k):
    blocks = np.array_split(np.arange(n), k)
    return [(np.concatenate(blocks[:i] + blocks[i + 1 :]), blocks[i]) for i in range(k)]


@right
def kfold_indices__torch_masks(n, k):
    sizes = torch.full((k,), n // k)
    sizes[: n % k] += 1
    fold_of = torch.repeat_interleave(torch.arange(k), sizes)
    return [((fold_of != i).nonzero()[:, 0], (fold_of == i).nonzero()[:, 0]) for i in range(k)]


@right
def kfold_indices__closed_form(n, k):
    base, extra = divmod(n, k)
    edges = [i * base + min(i, extra) for i in range(k + 1)]
    everything = set(range(n))
    blocks = [range(edges[i], edges[i + 1]) for i in range(k)]
    return [(everything - set(block), block) for block in blocks]


@right
def kfold_indices__yields(n, k):
    start = 0
    for size in [n // k + 1] * (n % k) + [n // k] * (k - n % k):
        val = list(range(start, start + size))
        yield [i for i in range(n) if i not in val], val
        start += size


@wrong(
    en="Every fold has n // k samples, so the n % k last ones are never validated. Add up the sizes of the "
    "validation parts.",
    zh="每折都只有 n // k 个样本，最后 n % k 个样本从来没有被验证过。把各验证部分的大小加起来看看。",
)
def kfold_indices__drop_remainder(n, k):
    size = n // k
    folds = []
    for i in range(k):
        val = list(range(i * size, (i + 1) * size))
        folds.append(([j for j in range(n) if j not in val], val))
    return folds


@wrong(
    en="The whole remainder went into the last fold, which may be much larger than the others. Compare the "
    "sizes of the folds.",
    zh="余下的样本全塞进了最后一折，它可能比别的折大很多。比较一下各折的大小。",
)
def kfold_indices__remainder_last(n, k):
    size = n // k
    folds = []
    for i in range(k):
        stop = n if i == k - 1 else (i + 1) * size
        val = list(range(i * size, stop))
        folds.append(([j for j in range(n) if j not in val], val))
    return folds


@wrong(
    en="The folds are interleaved (every k-th index). They should be contiguous blocks.",
    zh="各折是交错取的（每隔 k 个取一个）。每一折应当是连续的一段。",
)
def kfold_indices__interleaved(n, k):
    return [([j for j in range(n) if j % k != i], list(range(i, n, k))) for i in range(k)]


@wrong(
    en="The validation samples stayed in the training set, a leak: every train holds all n indices.",
    zh="验证样本还留在训练集里，这就是泄漏：每个 train 都包含全部 n 个下标。",
)
def kfold_indices__val_in_train(n, k):
    return [(list(range(n)), val) for _, val in ref.kfold_indices(n, k)]


@wrong(
    en="The pair is in the wrong order: the training part comes first. Here the model would train on the "
    "smaller part.",
    zh="顺序反了：每一对应当是训练部分在前。现在这样，模型是在小的那一份上训练。",
)
def kfold_indices__swapped(n, k):
    return [(val, train) for train, val in ref.kfold_indices(n, k)]


@wrong(
    en="A fold trains only on the folds before it; what comes after its block is missing. For fold 0 "
    "nothing is left.",
    zh="每一折只用它前面的折来训练，后面的都丢了。第 0 折根本没有训练数据。",
)
def kfold_indices__only_earlier(n, k):
    return [([j for j in train if j < val[0]], val) for train, val in ref.kfold_indices(n, k)]


@wrong(
    en="A fold trains only on what comes after its block; the indices before it are missing. The last fold "
    "has none.",
    zh="每一折只用它后面的数据来训练，前面的都丢了。最后一折根本没有训练数据。",
)
def kfold_indices__only_later(n, k):
    return [([j for j in train if j > val[-1]], val) for train, val in ref.kfold_indices(n, k)]


@wrong(
    en="The larger folds are the last ones. The remainder belongs to the first n % k folds.",
    zh="多一个样本的是最后几折。余下的样本应当分给前 n % k 折。",
)
def kfold_indices__larger_last(n, k):
    sizes = [n // k] * (k - n % k) + [n // k + 1] * (n % k)
    folds, start = [], 0
    for size in sizes:
        val = list(range(start, start + size))
        folds.append(([j for j in range(n) if j not in val], val))
        start += size
    return folds


@wrong(
    en="The borders are i·n // k, which puts the larger folds anywhere. They belong to the front.",
    zh="分界用的是 i·n // k，多一个样本的折会出现在各处。它们应当排在最前面。",
)
def kfold_indices__proportional_borders(n, k):
    folds = []
    for i in range(k):
        val = list(range(i * n // k, (i + 1) * n // k))
        folds.append(([j for j in range(n) if j not in val], val))
    return folds


@wrong(
    en="Every fold has ceil(n / k) samples until they run out: the last one is too small, or even empty.",
    zh="每折都取 n / k 向上取整个，取完为止：最后一折太小，甚至是空的。",
)
def kfold_indices__ceil_size(n, k):
    size = math.ceil(n / k)
    folds = []
    for i in range(k):
        val = list(range(min(n, i * size), min(n, (i + 1) * size)))
        folds.append(([j for j in range(n) if j not in val], val))
    return folds


@wrong(
    en="k was taken for the size of a fold. It is the number of folds.",
    zh="把 k 当成了每折的大小。它是折数。",
)
def kfold_indices__k_is_size(n, k):
    folds = []
    for start in range(0, n, k):
        val = list(range(start, min(n, start + k)))
        folds.append(([j for j in range(n) if j not in val], val))
    return folds


@wrong(
    en="One index at the end of each block is lost between validation and training: the block ends one too "
    "early, the rest begins one too late.",
    zh="每段末尾有一个下标既不在验证里，也不在训练里：验证少取了一个，训练又从它后面才开始。",
)
def kfold_indices__end_lost(n, k):
    return [(train, val[:-1]) for train, val in ref.kfold_indices(n, k)]


@wrong(
    en="The first index of the following block is missing in training: the second range begins one too late.",
    zh="训练部分少了下一段的第一个下标：后半段从晚了一位的地方开始。",
)
def kfold_indices__gap_after_block(n, k):
    return [([j for j in train if j != val[-1] + 1], val) for train, val in ref.kfold_indices(n, k)]


@wrong(
    en="The larger folds do not push the later ones on: each block begins at i · (n // k), so neighbouring "
    "blocks overlap.",
    zh="前面的折变大了，后面的起点却没有跟着往后移：每段都从 i · (n // k) 开始，相邻两段就重叠了。",
)
def kfold_indices__start_not_moved(n, k):
    size, folds = n // k, []
    for i in range(k):
        val = list(range(i * size, (i + 1) * size + (i < n % k)))
        folds.append(([j for j in range(n) if j not in val], val))
    return folds


@wrong(
    en="The indices are shuffled. Here the folds are contiguous blocks, in order.",
    zh="下标被打乱了。这里每一折是按顺序的连续一段。",
)
def kfold_indices__shuffled(n, k):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(1)).tolist()
    return [([order[j] for j in train], [order[j] for j in val]) for train, val in ref.kfold_indices(n, k)]


@wrong(
    en="Only the validation parts are returned; each fold is a pair (train, val).",
    zh="只返回了验证部分；每一折应当是一对 (train, val)。",
)
def kfold_indices__only_val(n, k):
    return [val for _, val in ref.kfold_indices(n, k)]


@wrong(
    en="Only the first fold comes back: the return stands inside the loop.",
    zh="只返回了第一折：return 写在循环里面了。",
)
def kfold_indices__return_in_loop(n, k):
    folds = []
    for train, val in ref.kfold_indices(n, k):
        folds.append((train, val))
        return folds


@wrong(
    en="The folds count from 1: index 0 is missing, and n, which does not exist, is there.",
    zh="下标从 1 数起了：少了 0，却多了不存在的 n。",
)
def kfold_indices__from_one(n, k):
    return [([j + 1 for j in train], [j + 1 for j in val]) for train, val in ref.kfold_indices(n, k)]


# --- select_model -------------------------------------------------------------------------------------------


@right
def select_model__python(L):
    sums = [sum(row) for row in L.tolist()]
    return sums.index(min(sums))


@right
def select_model__running_best(L):
    best, best_average = 0, L[0].mean()
    for m in range(1, len(L)):
        average = L[m].mean()
        if average < best_average:
            best, best_average = m, average
    return best


@right
def select_model__numpy(L):
    return np.argmin(np.mean(L.numpy(), axis=1))


@right
def select_model__matrix_product(L):
    return (-(L @ L.new_ones(L.shape[1]))).argmax()


@wrong(
    en="The model with the highest average loss is chosen, the worst one.",
    zh="选的是平均损失最高的模型，也就是最差的那个。",
)
def select_model__argmax(L):
    return int(L.mean(1).argmax())


@wrong(
    en="The model with the single best fold is chosen. One lucky fold says little; average over all of them.",
    zh="选的是单独某一折最好的模型。一折走运说明不了什么，应当对所有折取平均。",
)
def select_model__best_single_fold(L):
    return int(L.min(dim=1).values.argmin())


@wrong(en="Only the first fold is looked at.", zh="只看了第一折。")
def select_model__first_fold(L):
    return int(L[:, 0].argmin())


@wrong(en="Only the last fold is looked at.", zh="只看了最后一折。")
def select_model__last_fold(L):
    return int(L[:, -1].argmin())


@wrong(
    en="The average runs over the models, so a fold is chosen and not a model. There must be one average "
    "for each row.",
    zh="平均是对模型取的，选出来的是某一折，而不是某个模型。应当每一行得到一个平均值。",
)
def select_model__wrong_axis(L):
    return int(L.mean(0).argmin())


@wrong(
    en="The position in the flattened table is returned (argmin without a dimension), not the number of a "
    "row.",
    zh="返回的是整张表拉平之后的位置（argmin 没有指定维度），而不是行号。",
)
def select_model__flat_argmin(L):
    return int(L.argmin())


@wrong(
    en="The model with the best worst fold is chosen. Average over the folds instead.",
    zh="选的是“最差一折”最好的模型。应当对各折取平均。",
)
def select_model__best_worst_fold(L):
    return int(L.max(dim=1).values.argmin())


@wrong(
    en="The median of the folds decides, where the mean should.",
    zh="比较的是各折的中位数，应当用平均值。",
)
def select_model__median(L):
    return int(L.median(dim=1).values.argmin())


@wrong(
    en="The model that wins the most folds is chosen. By how much it wins or loses does not count then; "
    "average instead.",
    zh="选的是赢下最多折的模型。这样就不管赢多少、输多少了；应当取平均。",
)
def select_model__most_wins(L):
    return int(torch.bincount(L.argmin(0), minlength=L.shape[0]).argmax())


@wrong(
    en="Of several equal averages the last one is taken. A comparison with <= lets later models displace "
    "earlier ones.",
    zh="平均值并列时取了最后一个。用 <= 比较，后面的模型会把前面的顶掉。",
)
def select_model__last_of_ties(L):
    best, best_average = 0, math.inf
    for m, row in enumerate(L.tolist()):
        if sum(row) <= best_average:
            best, best_average = m, sum(row)
    return best


@wrong(en="Models are counted from 1; the first row has number 0.", zh="模型从 1 数起了；第一行的编号是 0。")
def select_model__from_one(L):
    return int(L.mean(1).argmin()) + 1


@wrong(
    en="The lowest average itself is returned, not the number of the model that has it.",
    zh="返回的是最低的平均值本身，而不是哪个模型取得了它。",
)
def select_model__returns_loss(L):
    return float(L.mean(1).min())


@wrong(
    en="The model whose losses vary least is chosen. Steady does not mean good.",
    zh="选的是各折波动最小的模型。稳定不等于好。",
)
def select_model__steadiest(L):
    return int(L.std(dim=1, correction=0).argmin())


@wrong(
    en="The search starts from a best average of 1.0, so that models with larger losses can never be chosen.",
    zh="查找时把最好的平均值初始化成了 1.0，损失比它大的模型永远选不上。",
)
def select_model__starts_at_one(L):
    best, best_average = 0, 1.0
    for m, row in enumerate(L.tolist()):
        if sum(row) / len(row) < best_average:
            best, best_average = m, sum(row) / len(row)
    return best


@wrong(
    en="The average that is nearest to zero is chosen. A negative loss is lower than zero, not closer to it.",
    zh="选的是最接近零的平均值。负的损失比零更低，而不是看离零有多近。",
)
def select_model__absolute(L):
    return int(L.mean(1).abs().argmin())


# --- l2_penalty_loss ----------------------------------------------------------------------------------------


@right
def l2_penalty_loss__einsum(loss, W, b, lam):
    return lam * torch.einsum("oi,oi->", W, W) + loss


@right
def l2_penalty_loss__norm_squared(loss, W, b, lam):
    return loss + lam * torch.linalg.norm(W) ** 2


@right
def l2_penalty_loss__trace(loss, W, b, lam):
    return torch.add(loss, torch.trace(W @ W.T), alpha=lam)


@right
def l2_penalty_loss__row_by_row(loss, W, b, lam):
    for row in W:
        loss = loss + lam * (row @ row)
    return loss


@wrong(
    en="There is a factor ½ before the penalty. Other texts have it, this formula does not: compare 2λW "
    "with your gradient.",
    zh="惩罚项前面多了 ½。有的教材这样写，这里的公式没有：把梯度和 2λW 比一比。",
)
def l2_penalty_loss__half(loss, W, b, lam):
    return loss + 0.5 * lam * W.square().sum()


@wrong(
    en="This adds the absolute values of the weights, L1. L2 adds their squares.",
    zh="加的是权重的绝对值，那是 L1。L2 加的是平方。",
)
def l2_penalty_loss__l1(loss, W, b, lam):
    return loss + lam * W.abs().sum()


@wrong(
    en="The norm is added as it is; the formula has its square. Double all weights: the penalty must become "
    "four times as large.",
    zh="加的是范数本身，公式里是范数的平方。把权重都乘 2，惩罚应当变成 4 倍。",
)
def l2_penalty_loss__norm_not_squared(loss, W, b, lam):
    return loss + lam * W.norm()


@wrong(
    en="The squares are averaged. The formula sums them.",
    zh="对平方取了平均。公式里是求和。",
)
def l2_penalty_loss__mean(loss, W, b, lam):
    return loss + lam * W.square().mean()


@wrong(
    en="The penalty is subtracted: large weights are rewarded.",
    zh="惩罚项是减去的：大权重反而得到了奖励。",
)
def l2_penalty_loss__minus(loss, W, b, lam):
    return loss - lam * W.square().sum()


@wrong(
    en="The bias is penalised too. It only shifts the function; enlarge b, and the result must not change.",
    zh="偏置也被惩罚了。它只是平移函数；把 b 放大，结果不应当变。",
)
def l2_penalty_loss__bias_too(loss, W, b, lam):
    return loss + lam * (W.square().sum() + b.square().sum())


@wrong(
    en="The value is right, but the penalty is cut from the graph, so that no gradient of it reaches W. "
    "Look at W's gradient: 2λW is missing.",
    zh="数值是对的，但惩罚项从计算图上断开了，它的梯度传不到 W。看看 W 的梯度：少了 2λW。",
)
def l2_penalty_loss__detached(loss, W, b, lam):
    return loss + lam * W.detach().square().sum()


@wrong(
    en="The whole result is cut from the graph: nothing can be learnt from it. Keep tensors all the way, "
    "without detach or no_grad.",
    zh="整个结果都从计算图上断开了，没法用来学习。全程保持张量，不要用 detach 或 no_grad。",
)
def l2_penalty_loss__no_grad(loss, W, b, lam):
    with torch.no_grad():
        return loss + lam * W.square().sum()


@wrong(
    en="The loss that was passed in is changed in place (+=). The caller still needs it; return a new "
    "tensor.",
    zh="用 += 直接改了传进来的损失。调用者还要用它；应当返回新的张量。",
)
def l2_penalty_loss__in_place(loss, W, b, lam):
    loss += lam * W.square().sum()
    return loss


@wrong(
    en="λ is missing: the penalty has full weight whatever lam is. With lam = 0 the loss itself must come "
    "out.",
    zh="忘了 λ：不管 lam 是多少，惩罚都是全额的。lam = 0 时应当得到损失本身。",
)
def l2_penalty_loss__no_lam(loss, W, b, lam):
    return loss + W.square().sum()


@wrong(
    en="The weights are summed first and squared then: positive and negative ones cancel.",
    zh="先求和再平方了：正负权重互相抵消。",
)
def l2_penalty_loss__square_of_sum(loss, W, b, lam):
    return loss + lam * W.sum().square()


@wrong(
    en="Only the penalty is returned; the data's loss is missing.",
    zh="只返回了惩罚项，数据上的损失不见了。",
)
def l2_penalty_loss__penalty_alone(loss, W, b, lam):
    return lam * W.square().sum()


@wrong(
    en="The weights themselves are summed, without squares: negative weights are rewarded.",
    zh="直接把权重相加，没有平方：负的权重反而得到了奖励。",
)
def l2_penalty_loss__no_square(loss, W, b, lam):
    return loss + lam * W.sum()


@wrong(
    en="λ is squared together with the weights, as in Σ (λW)².",
    zh="λ 也跟着一起平方了，变成了 Σ (λW)²。",
)
def l2_penalty_loss__lam_squared(loss, W, b, lam):
    return loss + (lam * W).square().sum()


@wrong(
    en="The sum runs over one dimension only, so a vector comes out. The loss must be a single number, of "
    "shape ().",
    zh="只沿一个维度求和，得到的是向量。损失应当是一个数，形状为 ()。",
)
def l2_penalty_loss__per_row(loss, W, b, lam):
    return loss + lam * W.square().sum(dim=1)


@wrong(
    en="The loss is weighted with 1 − λ. It enters with its full weight.",
    zh="损失被乘上了 1 − λ。它应当原样计入。",
)
def l2_penalty_loss__convex_mix(loss, W, b, lam):
    return (1 - lam) * loss + lam * W.square().sum()


@wrong(
    en="The penalty multiplies the loss instead of being added to it.",
    zh="惩罚项是乘在损失上的，而不是加上去的。",
)
def l2_penalty_loss__multiplied(loss, W, b, lam):
    return loss * (1 + lam * W.square().sum())


@wrong(
    en="A Python number comes back (.item() or float()), through which no gradient flows.",
    zh="返回的是 Python 数字（.item() 或 float()），梯度流不过去。",
)
def l2_penalty_loss__python_float(loss, W, b, lam):
    return loss.item() + lam * W.square().sum().item()


# --- dropout ------------------------------------------------------------------------------------------------


@right
def dropout__where(x, p, training, u):
    return torch.where(u < p, torch.zeros_like(x), x / (1 - p)) if training else x.clone()


@right
def dropout__masked_fill(x, p, training, u):
    if training:
        x = x.masked_fill(~(u >= p), 0) * (1 / (1 - p))
    return x


@right
def dropout__scaled_mask(x, p, training, u):
    mask = torch.ones_like(x)
    if training:
        mask = (u >= p).to(x.dtype) / (1 - p)
    return mask * x


@right
def dropout__clone_and_zero(x, p, training, u):
    if not training:
        return x
    out = x.clone() / (1 - p)
    out[u < p] = 0
    return out


@wrong(
    en="p is used as the probability to keep. Here it is the probability to drop: with p = 0.25 about three "
    "quarters survive.",
    zh="把 p 当成了保留的概率。这里 p 是丢弃的概率：p = 0.25 时大约留下四分之三。",
)
def dropout__p_is_keep(x, p, training, u):
    if not training:
        return x
    return x * (u < p) / p if p > 0 else torch.zeros_like(x)


@wrong(
    en="The mask is the wrong way round: what should be dropped is kept. Compare the positions of the zeros "
    "with u < p.",
    zh="掩码反了：该丢的留下了。把 0 的位置和 u < p 对照一下。",
)
def dropout__inverted_mask(x, p, training, u):
    return x * (u < p) / (1 - p) if training else x


@wrong(
    en="The survivors are not scaled up, so that the expected value shrinks to 1 − p times x. Average many "
    "draws to see it.",
    zh="留下来的没有放大，期望值缩小成了 x 的 1 − p 倍。多抽几次取平均就能看到。",
)
def dropout__no_scale(x, p, training, u):
    return x * (u >= p) if training else x


@wrong(
    en="The survivors are divided by p. The expected value must stay x; with p = 0.2 it is now four times x.",
    zh="留下来的除以了 p。期望值应该不变；p = 0.2 时，E[dropout(x)] 现在是 x 的 4 倍。",
)
def dropout__divide_by_p(x, p, training, u):
    if not training:
        return x
    return x * (u >= p) / max(p, 1e-12)


@wrong(
    en="The survivors are multiplied by 1 − p. That makes them smaller, while the missing ones should be "
    "made up for.",
    zh="留下来的乘以了 1 − p。这样反而更小了，而本来是要补上丢掉的那些。",
)
def dropout__multiplies(x, p, training, u):
    return x * (u >= p) * (1 - p) if training else x


@wrong(
    en="The values are scaled in evaluation too. There dropout does nothing at all.",
    zh="使用模型时也放大了。那时 dropout 应当什么都不做。",
)
def dropout__scales_in_eval(x, p, training, u):
    return x * (u >= p) / (1 - p) if training else x / (1 - p)


@wrong(
    en="This is dropout without the inversion: training does not scale, evaluation shrinks by 1 − p. Here "
    "the scaling belongs to training, and evaluation is x.",
    zh="这是非 inverted 的写法：训练时不放大，使用时乘 1 − p。这里放大是训练时做的，使用时就是 x。",
)
def dropout__not_inverted(x, p, training, u):
    return x * (u >= p) if training else x * (1 - p)


@wrong(
    en="Elements are dropped in evaluation too: the training flag is not looked at.",
    zh="使用模型时也在丢：没有看 training 标志。",
)
def dropout__ignores_training_flag(x, p, training, u):
    return x * (u >= p) / (1 - p)


@wrong(
    en="The flag is the wrong way round: training leaves x alone and evaluation drops.",
    zh="标志用反了：训练时原样返回，使用时反而在丢。",
)
def dropout__flag_reversed(x, p, training, u):
    return x if training else x * (u >= p) / (1 - p)


@wrong(
    en="One decision is made for a whole row (the last dimension). Each element has its own u.",
    zh="一整行（最后一维）共用一次决定。每个元素都有自己的 u。",
)
def dropout__whole_rows(x, p, training, u):
    return x * (u[..., :1] >= p) / (1 - p) if training else x


@wrong(
    en="The noise of the first sample decides for the whole batch. Each element has its own u.",
    zh="整个批次都用第一个样本的噪声来决定。每个元素都有自己的 u。",
)
def dropout__same_mask_for_batch(x, p, training, u):
    return x * (u[:1] >= p) / (1 - p) if training else x


@wrong(
    en="The first elements are dropped, a share p of them, instead of those whose u is small.",
    zh="丢掉的是最前面的一批（比例为 p），而不是 u 小的那些。",
)
def dropout__first_elements(x, p, training, u):
    if not training:
        return x
    keep = torch.arange(x.numel(), device=x.device) >= round(p * x.numel())
    return x * keep.reshape(x.shape) / (1 - p)


@wrong(
    en="Exactly the share p is dropped, by sorting u. Each element is to be dropped on its own, so their "
    "number varies.",
    zh="把 u 排序后恰好丢掉比例为 p 的元素。应当每个元素各自决定，丢掉的个数是会变的。",
)
def dropout__exact_share(x, p, training, u):
    if not training:
        return x
    rank = u.reshape(-1).argsort().argsort().reshape(x.shape)
    return x * (rank >= round(p * x.numel())) / (1 - p)


@wrong(
    en="New random numbers are drawn; the noise u that is passed in is not used.",
    zh="自己又抽了随机数；传进来的噪声 u 没有用上。",
)
def dropout__own_noise(x, p, training, u):
    return x * (torch.rand_like(x) >= p) / (1 - p) if training else x


@wrong(
    en="An element with u exactly equal to p is dropped. The comparison that keeps is u >= p.",
    zh="u 恰好等于 p 的元素被丢掉了。保留的条件是 u >= p。",
)
def dropout__strict_comparison(x, p, training, u):
    return x * (u > p) / (1 - p) if training else x


@wrong(
    en="x itself is overwritten (x[…] = 0). The caller still needs it; make a new tensor.",
    zh="直接改写了 x（x[…] = 0）。调用者还要用它；应当生成新的张量。",
)
def dropout__in_place(x, p, training, u):
    if not training:
        return x
    with torch.no_grad():
        x[u < p] = 0
    return x * (u >= p) / (1 - p)


@wrong(
    en="The scale is taken from the share that happened to survive, not from p. A batch where everything is "
    "dropped becomes NaN.",
    zh="放大的倍数用的是这次恰好留下的比例，而不是 p。要是全被丢掉，就成了 NaN。",
)
def dropout__scale_by_survivors(x, p, training, u):
    if not training:
        return x
    mask = (u >= p).to(x.dtype)
    return x * mask / mask.mean()


@wrong(
    en="The values are right, but the result is cut from the graph (detach, .data or no_grad): no gradient "
    "flows back to x.",
    zh="数值是对的，但结果从计算图上断开了（detach、.data 或 no_grad）：梯度流不回 x。",
)
def dropout__detached(x, p, training, u):
    return x.detach() * (u >= p) / (1 - p) if training else x


@wrong(
    en="Nothing is dropped: the result is x in training too.",
    zh="什么都没有丢：训练时返回的也是 x。",
)
def dropout__identity(x, p, training, u):
    return x


@wrong(
    en="The mask itself is returned (scaled); it has not been multiplied with x.",
    zh="返回的是（放大过的）掩码，没有和 x 相乘。",
)
def dropout__mask_alone(x, p, training, u):
    return (u >= p).to(x.dtype) / (1 - p) if training else x


@wrong(
    en="The dropped elements are cut out, so the result is shorter. They must stay, as zeros.",
    zh="丢掉的元素被删去了，结果变短了。它们应当留在原位，值为 0。",
)
def dropout__cut_out(x, p, training, u):
    return x[u >= p] / (1 - p) if training else x


@wrong(
    en="A loop visits the rows one by one. PyTorch does the whole tensor at once; compare u with p as "
    "tensors.",
    zh="用循环一行一行地处理。PyTorch 可以一次处理整个张量；直接让张量 u 和 p 比较。",
)
def dropout__loop(x, p, training, u):
    if not training:
        return x
    if x.dim() == 1:
        return x * (u >= p) / (1 - p)
    return torch.stack([row * (noise >= p) / (1 - p) for row, noise in zip(x, u, strict=True)])


@wrong(
    en="The result has a fixed dtype (float32), whatever x's is.",
    zh="不管 x 是什么 dtype，结果都成了 float32。",
)
def dropout__float32(x, p, training, u):
    return (x * (u >= p) / (1 - p)).float() if training else x


# --- early_stopping -----------------------------------------------------------------------------------------


@right
def early_stopping__counter(val_losses, patience):
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited >= patience:
                return best_epoch, epoch
    return best_epoch, epoch


@right
def early_stopping__slices(val_losses, patience):
    for stop in range(patience, len(val_losses)):
        before = min(val_losses[: stop - patience + 1])
        if min(val_losses[stop - patience + 1 : stop + 1]) >= before:
            return val_losses.index(before), stop
    return val_losses.index(min(val_losses)), len(val_losses) - 1


@right
def early_stopping__tensors(val_losses, patience):
    losses = torch.tensor(val_losses, dtype=torch.float64)
    lowest = losses.cummin(0).values
    epochs = torch.arange(len(losses))
    is_best = torch.cat([torch.ones(1, dtype=torch.bool), losses[1:] < lowest[:-1]])
    last_best = torch.where(is_best, epochs, 0).cummax(0).values
    over = (epochs - last_best >= patience).nonzero()
    stop = int(over[0, 0]) if len(over) else len(losses) - 1
    return [int(last_best[stop]), stop]


@wrong(
    en="Reaching the best again counts as an improvement. Only a strictly lower loss does.",
    zh="再次达到最低值也被当成了改善。只有严格更低才算。",
)
def early_stopping__ties_reset(val_losses, patience):
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss <= best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="The loss is compared with the epoch before, not with the best so far. A curve that climbs and "
    "slowly falls again never stops then.",
    zh="是和上一轮比的。应该和“历史最好”比：升上去又慢慢降下来的曲线，现在永远不会停。",
)
def early_stopping__compares_previous(val_losses, patience):
    best_epoch, waited = 0, 0
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] < val_losses[best_epoch]:
            best_epoch = epoch
        waited = 0 if val_losses[epoch] < val_losses[epoch - 1] else waited + 1
        if waited == patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="Training stops one epoch too late: only when more than patience epochs brought nothing.",
    zh="晚停了一轮：要超过 patience 轮没有新低才停。",
)
def early_stopping__one_late(val_losses, patience):
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited > patience:
                return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="Training stops one epoch too early: the best epoch itself is counted as one without a new best.",
    zh="早停了一轮：把最好的那一轮自己也算成了没有新低。",
)
def early_stopping__one_early(val_losses, patience):
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch + 1 >= patience and epoch > best_epoch:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="The epoch of the stop is returned as the best one. The best lies before it; that is what one goes "
    "back to.",
    zh="把停下的那一轮当成了最好的一轮。最好的在它前面，早停之后要退回到那里。",
)
def early_stopping__returns_last(val_losses, patience):
    _, stop = ref.early_stopping(val_losses, patience)
    return stop, stop


@wrong(
    en="The counter is never put back to zero: all epochs without a new best are added up, not those in a "
    "row.",
    zh="计数从不归零：把所有没有新低的轮都加在一起了，而不是连续的。",
)
def early_stopping__counter_never_resets(val_losses, patience):
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch = loss, epoch
        else:
            waited += 1
            if waited == patience:
                return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="The best epoch is computed as stop − patience, also where the list ended before patience was used "
    "up.",
    zh="最好的一轮是用 stop − patience 算的；列表先结束、耐心还没用完时，这就不对了。",
)
def early_stopping__stop_minus_patience(val_losses, patience):
    _, stop = ref.early_stopping(val_losses, patience)
    return max(0, stop - patience), stop


@wrong(
    en="The best epoch is looked for in the whole list, also after the stop. Those epochs were never "
    "trained.",
    zh="最好的一轮是在整个列表里找的，包括停下之后的。那些轮根本没有训练。",
)
def early_stopping__sees_the_future(val_losses, patience):
    _, stop = ref.early_stopping(val_losses, patience)
    return val_losses.index(min(val_losses)), stop


@wrong(
    en="Where patience is not used up, the number of epochs is returned; the last epoch has one less, since "
    "they count from 0.",
    zh="耐心没用完时返回了总轮数；轮数从 0 数起，最后一轮的编号要小 1。",
)
def early_stopping__length_at_end(val_losses, patience):
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch == patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses)


@wrong(
    en="Where patience is not used up, None is returned for the stop. The last epoch of the list is asked "
    "for.",
    zh="耐心没用完时，停止的轮返回了 None。应当返回列表的最后一轮。",
)
def early_stopping__none_at_end(val_losses, patience):
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch == patience:
            return best_epoch, epoch
    return best_epoch, None


@wrong(en="The epochs count from 1. They count from 0.", zh="轮数从 1 数起了。应当从 0 数起。")
def early_stopping__from_one(val_losses, patience):
    best_epoch, stop = ref.early_stopping(val_losses, patience)
    return best_epoch + 1, stop + 1


@wrong(
    en="The pair is in the wrong order: the best epoch comes first.",
    zh="两个数的顺序反了：最好的那一轮在前。",
)
def early_stopping__swapped(val_losses, patience):
    best_epoch, stop = ref.early_stopping(val_losses, patience)
    return stop, best_epoch


@wrong(
    en="The best loss starts at 1.0, so that larger losses never become the best. The first epoch always is.",
    zh="最好损失初始化成了 1.0，比它大的损失永远成不了最好。第一轮总是新低。",
)
def early_stopping__starts_at_one(val_losses, patience):
    best, best_epoch, waited = 1.0, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="The highest loss is taken for the best one, as if it were an accuracy.",
    zh="把最高的损失当成了最好，就像它是正确率一样。",
)
def early_stopping__highest(val_losses, patience):
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if loss > val_losses[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch == patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="The best loss is returned, where its epoch is asked for.",
    zh="返回的是最低的损失，而要的是它在哪一轮。",
)
def early_stopping__returns_loss(val_losses, patience):
    best_epoch, stop = ref.early_stopping(val_losses, patience)
    return val_losses[best_epoch], stop


@wrong(
    en="Training never stops: the result is the best epoch of the whole list and its end. Where does "
    "patience come in?",
    zh="训练从来不停：返回的是整个列表里最好的一轮和列表末尾。patience 用在哪里了？",
)
def early_stopping__never_stops(val_losses, patience):
    return val_losses.index(min(val_losses)), len(val_losses) - 1


@wrong(
    en="The first loss that is worse than the best stops at once: patience is not looked at.",
    zh="一碰到比最好差的损失就停了：没有看 patience。",
)
def early_stopping__no_patience(val_losses, patience):
    best_epoch = 0
    for epoch, loss in enumerate(val_losses[1:], 1):
        if loss >= val_losses[best_epoch]:
            return best_epoch, epoch
        best_epoch = epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="Every epoch without a new best lets the counter grow, but a loss that only falls below the one "
    "before also puts it back.",
    zh="没有新低时计数会增加，但只要比上一轮低，计数也被归零了。",
)
def early_stopping__any_fall_resets(val_losses, patience):
    best_epoch, waited = 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best_epoch]:
            best_epoch, waited = epoch, 0
        elif epoch and loss < val_losses[epoch - 1]:
            waited = 0
        elif epoch:
            waited += 1
        if waited == patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


@wrong(
    en="Of several equal best losses the last epoch is returned. A tie is no new best; the first one counts.",
    zh="最低值并列时返回了最后一轮。打平不算新低，应当是最早的那一轮。",
)
def early_stopping__latest_of_ties(val_losses, patience):
    best_epoch, stop = ref.early_stopping(val_losses, patience)
    return max(e for e in range(stop + 1) if val_losses[e] == val_losses[best_epoch]), stop


@wrong(
    en="An improvement counts only if it is larger than some threshold. Here every strictly lower loss is a "
    "new best.",
    zh="改善超过某个阈值才算数。这里只要严格更低就是新低。",
)
def early_stopping__min_delta(val_losses, patience):
    best, best_epoch, waited = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best - 1e-3:
            best, best_epoch, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best_epoch, epoch
    return best_epoch, len(val_losses) - 1


# --- mismatch_score -----------------------------------------------------------------------------------------


@right
def mismatch_score__by_hand(X_train, X_test):
    mean = X_train.sum(0) / len(X_train)
    std = ((X_train - mean) ** 2).mean(0).sqrt()
    moved = (mean - X_test.mean(0)).abs()
    return torch.where(std > 0, moved / torch.where(std > 0, std, 1), moved)


@right
def mismatch_score__var_mean(X_train, X_test):
    var, mean = torch.var_mean(X_train, dim=0, correction=0)
    std = var.sqrt()
    std[std == 0] = 1
    return (X_test.mean(dim=0) - mean).div(std).abs()


@accepted(
    en="Your standard deviation divides by N − 1 (torch's default); the text asks for N. For a score like "
    "this the difference is harmless.",
    zh="你的标准差除以的是 N − 1（torch 的默认值），题目要的是 N。对这样一个得分来说，差别无关紧要。",
)
def mismatch_score__sample_std(X_train, X_test):
    mean = X_train.mean(dim=0)
    # As X_train.std(dim=0), which would warn of a single row.
    std = ((X_train - mean).square().sum(dim=0) / (len(X_train) - 1)).sqrt()
    std = torch.where(std == 0, torch.ones_like(std), std)
    return (mean - X_test.mean(dim=0)).abs() / std


@wrong(
    en="The difference keeps its sign. How far a mean moved is never negative.",
    zh="差没有取绝对值。均值移动了多远，不会是负数。",
)
def mismatch_score__signed(X_train, X_test):
    std = X_train.std(dim=0, correction=0)
    return (X_train.mean(0) - X_test.mean(0)) / torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en="A feature that never changes in the training data is divided by zero: inf or NaN comes out.",
    zh="训练集里从不变化的特征除以了零，得到 inf 或 NaN。",
)
def mismatch_score__no_guard(X_train, X_test):
    return (X_train.mean(0) - X_test.mean(0)).abs() / X_train.std(dim=0, correction=0)


@wrong(
    en="A tiny number is added to the standard deviation: a constant feature gets a gigantic score. It is "
    "to be divided by 1.",
    zh="给标准差加了一个很小的数：从不变化的特征得分就成了天文数字。应当改为除以 1。",
)
def mismatch_score__epsilon(X_train, X_test):
    return (X_train.mean(0) - X_test.mean(0)).abs() / (X_train.std(dim=0, correction=0) + 1e-8)


@wrong(
    en="1 is added to every standard deviation. Only where it is exactly 0 should 1 stand in its place.",
    zh="给每个标准差都加了 1。只有恰好为 0 的地方才换成 1。",
)
def mismatch_score__plus_one(X_train, X_test):
    return (X_train.mean(0) - X_test.mean(0)).abs() / (X_train.std(dim=0, correction=0) + 1)


@wrong(
    en="Standard deviations below 1 are raised to 1. Only an exact 0 is replaced; try features with a small "
    "spread.",
    zh="小于 1 的标准差都被抬到了 1。只有恰好为 0 才替换；试试离散程度很小的特征。",
)
def mismatch_score__clamped(X_train, X_test):
    return (X_train.mean(0) - X_test.mean(0)).abs() / X_train.std(dim=0, correction=0).clamp(min=1)


@wrong(
    en="A constant feature gets the score 0. If it moved in the test data, that is just what one wants to "
    "see.",
    zh="从不变化的特征得分成了 0。如果它在测试集里变了，那正是我们想看到的。",
)
def mismatch_score__constant_is_zero(X_train, X_test):
    std = X_train.std(dim=0, correction=0)
    moved = (X_train.mean(0) - X_test.mean(0)).abs()
    return torch.where(std == 0, torch.zeros_like(std), moved / std)


@wrong(
    en="The spread is that of the test data. The unit is the spread in the training data.",
    zh="用的是测试集的标准差。应当以训练集的标准差为单位。",
)
def mismatch_score__test_std(X_train, X_test):
    std = X_test.std(dim=0, correction=0)
    return (X_train.mean(0) - X_test.mean(0)).abs() / torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en="The spread is that of all data together. The unit is the spread in the training data alone.",
    zh="用的是训练集和测试集合在一起的标准差。应当只用训练集的。",
)
def mismatch_score__pooled_std(X_train, X_test):
    std = torch.cat([X_train, X_test]).std(dim=0, correction=0)
    return (X_train.mean(0) - X_test.mean(0)).abs() / torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en="The difference is divided by the variance; the square root is missing. Change a feature's unit: the "
    "score must stay.",
    zh="除以的是方差，忘了开根号。把特征换个单位，得分应当不变。",
)
def mismatch_score__variance(X_train, X_test):
    var = X_train.var(dim=0, correction=0)
    return (X_train.mean(0) - X_test.mean(0)).abs() / torch.where(var == 0, torch.ones_like(var), var)


@wrong(
    en="The difference of the means is not divided by the spread, so it depends on the feature's unit.",
    zh="均值之差没有除以标准差，结果会随特征的单位改变。",
)
def mismatch_score__not_divided(X_train, X_test):
    return (X_train.mean(0) - X_test.mean(0)).abs()


@wrong(
    en="Mean and spread run over all features together: one number comes out. There must be one for each "
    "feature.",
    zh="均值和标准差是对所有特征一起算的，只得到一个数。应当每个特征一个。",
)
def mismatch_score__over_everything(X_train, X_test):
    return (X_train.mean() - X_test.mean()).abs() / X_train.std(correction=0)


@wrong(
    en="The absolute value is taken before the mean: positive and negative values are confused. Take it of "
    "the difference of the means.",
    zh="先取绝对值再求均值，正负就分不清了。绝对值应当取在均值之差上。",
)
def mismatch_score__mean_of_absolutes(X_train, X_test):
    std = X_train.std(dim=0, correction=0)
    std = torch.where(std == 0, torch.ones_like(std), std)
    return (X_train.abs().mean(0) - X_test.abs().mean(0)).abs() / std


@wrong(
    en="The squared difference of the means is returned. How far it moved is the difference itself, without "
    "its sign.",
    zh="返回的是均值之差的平方。移动了多远，是差本身去掉符号。",
)
def mismatch_score__squared(X_train, X_test):
    std = X_train.std(dim=0, correction=0)
    return ((X_train.mean(0) - X_test.mean(0)) / torch.where(std == 0, torch.ones_like(std), std)).square()


@wrong(
    en="The features are averaged in the end. Which feature moved can then no longer be seen; return one "
    "score for each.",
    zh="最后又对特征取了平均，就看不出是哪个特征变了。应当每个特征返回一个得分。",
)
def mismatch_score__averaged(X_train, X_test):
    return ref.mismatch_score(X_train, X_test).mean()


@wrong(
    en="A loop visits the rows one by one. Let mean and std run over a dimension.",
    zh="用循环一行一行地累加。让 mean 和 std 沿一个维度去算。",
)
def mismatch_score__loop(X_train, X_test):
    mean, test_mean = torch.zeros_like(X_train[0]), torch.zeros_like(X_test[0])
    for row in X_train:
        mean = mean + row / len(X_train)
    for row in X_test:
        test_mean = test_mean + row / len(X_test)
    std = X_train.std(dim=0, correction=0)
    return (mean - test_mean).abs() / torch.where(std == 0, torch.ones_like(std), std)


EQUIVALENT = [
    equivalent("select_model", "line 13: L.mean -> L.sum", "every model has the same number of folds"),
]
