# %% [markdown] lang="en"
# # Lecture 2 · General guidance
#
# Your model is trained, and the test loss is bad. What now? A bigger network? More data? Less training?
# Guessing costs weeks. This lecture is a map for that moment, and it has one golden rule:
#
# **Look at the training loss first.** Only when it is small does it make sense to talk about overfitting.
#
# You will write the map as a function, then the tools that it sends you to: splitting data, N-fold
# cross-validation, choosing a model, and three ways to rein a model in (L2, dropout, early stopping). At the
# end the tools meet real data, and all the diseases of the map show up, one after another.

# %% [markdown] lang="zh"
# # 第 2 讲 · 整体指导
#
# 模型训练好了，测试损失却很难看。接下来怎么办？换更大的网络？多找些数据？还是少训练几轮？
# 瞎猜一次可能就是几个星期。这一讲给你一张“攻略地图”，其中最重要的一条规矩是：
#
# **先看训练损失。** 训练损失已经够小了，才轮得到谈过拟合。
#
# 你会先把这张地图写成一个函数，再写出它指向的各种工具：划分数据、N 折交叉验证、挑选模型，
# 以及约束模型的三种办法（L2 正则化、dropout、早停）。最后把这些工具用到真实数据上，
# 地图上的“病”会一个接一个地出现在你眼前。

# %%
import torch
from torch import Tensor

from autograder import say

# The five diagnoses, in the lecture's own words; `diagnose` returns one of them.
# 五种诊断结果；`diagnose` 返回其中之一。
OPTIMISATION = "优化问题"
BIAS = "模型偏差"
OVERFITTING = "过拟合"
MISMATCH = "mismatch"
OK = "ok"

# %% [markdown] lang="en"
# ## 1 · The map
#
# Read it from top to bottom and stop at the first line that applies:
#
# | what you see | diagnosis | what helps |
# |---|---|---|
# | training loss above the target; a **smaller** model trains better | `OPTIMISATION` | a better optimiser |
# | training loss above the target; a smaller one does not | `BIAS` | a more flexible model, more features |
# | validation loss far above the training loss | `OVERFITTING` | more data, a constrained model |
# | test loss far above the validation loss | `MISMATCH` | training data like the test data |
# | none of these | `OK` | celebrate |
#
# Why does the smaller model settle the first question? A big model can imitate a small one, so it *could*
# have had at least the small one's training loss. If it does worse **on the training data**, it is not too
# weak and not overfitted: the optimisation did not find what is there. (Lee's example: 56 layers train worse
# than 20.) That is why the lecture advises to try a small, shallow model first, even a linear one.
#
# "Far above" means: the **difference** is greater than `gap`.
#
# The constants hold the lecture's own words, and those are what a failed check shows: 优化问题 is
# `OPTIMISATION`, 模型偏差 is `BIAS`, 过拟合 is `OVERFITTING`.

# %% [markdown] lang="zh"
# ## 1 · 攻略地图
#
# 从上往下读，停在第一条符合的地方：
#
# | 看到的现象 | 诊断 | 对策 |
# |---|---|---|
# | 训练损失高于目标，而且**更小**的模型训练得更好 | `OPTIMISATION`（优化问题） | 换更好的优化方法 |
# | 训练损失高于目标，更小的模型也没有更好 | `BIAS`（模型偏差） | 更有弹性的模型、更多特征 |
# | 验证损失远高于训练损失 | `OVERFITTING`（过拟合） | 更多数据、给模型加限制 |
# | 测试损失远高于验证损失 | `MISMATCH`（分布不一致） | 找和测试集相似的训练数据 |
# | 都不是 | `OK` | 庆祝一下 |
#
# 为什么看看小模型就能分清前两种？大模型完全可以模仿小模型，它的训练损失*本来*至少能做到和小模型一样低。
# 如果它在**训练集**上反而更差，那就不是模型不够强，更不是过拟合，而是优化没能找到那个好的解。
# （李老师的例子：56 层网络的训练损失比 20 层的还高。）所以课上建议先试小而浅的模型，甚至线性模型。
#
# “远高于”的意思是：两者的**差**大于 `gap`。

# %% exercise="diagnose" points=14 difficulty=1 minutes=10
def diagnose(
    train_loss: float,
    val_loss: float,
    test_loss: float,
    small_model_train_loss: float,
    target: float,
    gap: float,
) -> str:
    """What ails a model, by the lecture's map: the first line below that applies. (Lecture 2)

    1. ``train_loss`` > ``target``: ``OPTIMISATION`` if ``small_model_train_loss`` < ``train_loss``, else
       ``BIAS``.
    2. ``val_loss`` − ``train_loss`` > ``gap``: ``OVERFITTING``.
    3. ``test_loss`` − ``val_loss`` > ``gap``: ``MISMATCH``.
    4. Otherwise ``OK``.

    All arguments are Python floats. Every comparison is strict: equal is not greater. The differences are
    signed: a validation loss far *below* the training loss is no problem. Return the constants defined above.

    按课上的攻略地图给模型“看病”：返回下面第一条符合的诊断。（第 2 讲）

    1. ``train_loss`` > ``target``：若 ``small_model_train_loss`` < ``train_loss``，返回
       ``OPTIMISATION``（"优化问题"），否则返回 ``BIAS``（"模型偏差"）。
    2. ``val_loss`` − ``train_loss`` > ``gap``：返回 ``OVERFITTING``（"过拟合"）。
    3. ``test_loss`` − ``val_loss`` > ``gap``：返回 ``MISMATCH``（"mismatch"）。
    4. 其余情况返回 ``OK``（"ok"）。

    所有参数都是 Python 浮点数。比较都是严格的：相等不算大于。差值带符号：
    验证损失远*低于*训练损失并不算问题。请返回上面定义好的常量。
    """
    ### BEGIN SOLUTION
    if train_loss > target:
        return OPTIMISATION if small_model_train_loss < train_loss else BIAS
    if val_loss - train_loss > gap:
        return OVERFITTING
    if test_loss - val_loss > gap:
        return MISMATCH
    return OK
    ### END SOLUTION

# %% [markdown] hint="diagnose" lang="en"
# 1. Take a training loss of 2.0 with target 0.5, and validation and test losses of 9.0. The differences are
#    huge, and yet it is not overfitting: the training loss is bad already. What does yours say?
# 2. Section 1, the table: the order of the lines is the algorithm. Inside the first line the small model
#    decides; the second and third lines compare *neighbours* (train with val, val with test) by difference.
# 3. `if train_loss > target: return … if … < train_loss else …`, then `if … - … > gap: return …` twice, and a
#    last `return`.

# %% [markdown] hint="diagnose" lang="zh"
# 1. 设训练损失 2.0、目标 0.5，验证和测试损失都是 9.0。差距很大，但这不是过拟合：训练损失本身就已经不行了。
#    你的函数怎么说？
# 2. 见第 1 节的表：从上到下的顺序就是算法。第一行内部由小模型决定；第二、三行比较的是*相邻*的两个损失
#    （训练和验证、验证和测试），用差来比。
# 3. `if train_loss > target: return … if … < train_loss else …`，接着两次 `if … - … > gap: return …`，
#    最后再来一个 `return`。

# %% demo=true
import matplotlib.pyplot as plt

# The map as a map: every point is a model with a training and a validation loss. The target is 0.5, the gap
# 0.3, a smaller model trains to 1.0, and the test loss is always 0.9.
# 把地图真的画成地图：每个点是一个模型，横纵坐标是它的训练损失和验证损失。
# 目标是 0.5，gap 是 0.3，更小的模型训练到 1.0，测试损失固定为 0.9。
NAMES = {
    OPTIMISATION: say("optimisation", "优化问题"),
    BIAS: say("model bias", "模型偏差"),
    OVERFITTING: say("overfitting", "过拟合"),
    MISMATCH: say("mismatch", "分布不一致"),
    OK: say("ok", "没问题"),
}
labels, axis = list(NAMES), torch.linspace(0.005, 1.495, 150).tolist()
regions = [[labels.index(diagnose(t, v, 0.9, 1.0, 0.5, 0.3)) for t in axis] for v in axis]
colours = plt.matplotlib.colors.ListedColormap(["#e8b4b8", "#f2d3a2", "#b9cfe8", "#d6c6e8", "#c5e3c1"])
plt.figure(figsize=(6, 4.6))
plt.imshow(regions, origin="lower", extent=(0, 1.5, 0, 1.5), cmap=colours, vmin=0, vmax=4, aspect="auto")
for x, y, label in [(1.25, 0.75, OPTIMISATION), (0.75, 0.75, BIAS), (0.2, 1.1, OVERFITTING),
                    (0.25, 0.2, MISMATCH), (0.4, 0.64, OK)]:
    plt.text(x, y, NAMES[label], ha="center", va="center")
plt.xlabel(say("training loss", "训练损失"))
plt.ylabel(say("validation loss", "验证损失"))
plt.title(say("Look at the training loss first", "先看训练损失"))
plt.show()

# %% [markdown] lang="en"
# ## 2 · A validation set of your own
#
# If you choose your model by its loss on the *public* test set, you will sooner or later choose one that is
# good there by luck. So hold some of the training data back, the **validation set**, and choose on that.
#
# The split must be **random**. Data often lie in order (all zeros, then all ones, …); whoever takes the first
# rows validates on digits that the model never saw. And it must be **reproducible**: all randomness comes
# from a `torch.Generator` that the caller passes in (`torch.randperm(n, generator=g)` is such a function).
#
# The function returns *indices*. So `X[train]` and `y[train]` stay matched; shuffle `X` and `y` one by one
# and every label belongs to some other sample.

# %% [markdown] lang="zh"
# ## 2 · 留出自己的验证集
#
# 如果靠*公开*测试集上的损失来挑模型，迟早会挑中一个只是碰巧在那上面表现好的模型。
# 所以要从训练数据里留出一部分作为**验证集**，用它来挑。
#
# 划分必须是**随机**的。数据常常是排好序的（先全是 0，再全是 1……）；直接拿前面几行做验证，
# 验证的就是模型从没见过的数字。划分还必须**可复现**：所有随机性都来自调用者传入的 `torch.Generator`
# （例如 `torch.randperm(n, generator=g)` 就接受它）。
#
# 函数返回的是*下标*，这样 `X[train]` 和 `y[train]` 才始终对得上；要是把 `X` 和 `y` 各自打乱，
# 每个标签就都配到别的样本上去了。

# %% exercise="train_val_split" points=14 difficulty=2 minutes=10
def train_val_split(n: int, ratio: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Split the indices 0 … n−1 at random into ``(train, val)``. (Lecture 2)

    ``val`` gets ``round(n * ratio)`` of them and ``train`` the others; ``round`` is Python's own.
    ``n`` ≥ 1; ``0 <= ratio <= 1``, so either part may be empty.

    ``generator``: a CPU ``torch.Generator``, the only source of randomness: the global generator is neither
    used nor changed, and the next call with the same generator gives another split.
    Returns two 1-D int64 tensors (lists of ints will do). Every index is in exactly one of them; every
    choice of validation indices is equally likely. The order within a part does not matter.

    把下标 0 … n−1 随机分成 ``(train, val)``。（第 2 讲）

    ``val`` 得到其中的 ``round(n * ratio)`` 个，其余归 ``train``；``round`` 就是 Python 自带的那个。
    ``n`` ≥ 1；``0 <= ratio <= 1``，所以任何一部分都可能为空。

    ``generator``：CPU 上的 ``torch.Generator``，是唯一的随机来源：不使用也不改变全局随机数生成器；
    用同一个 generator 再调用一次，会得到另一种划分。
    返回两个一维 int64 张量（整数列表也可以）。每个下标恰好在其中一个里出现一次；
    每种验证下标的选法机会均等。每一部分内部的顺序不限。
    """
    ### BEGIN SOLUTION
    shuffled = torch.randperm(n, generator=generator)
    n_val = round(n * ratio)
    return shuffled[n_val:], shuffled[:n_val]
    ### END SOLUTION

# %% [markdown] hint="train_val_split" lang="en"
# 1. Join both parts and sort: you must get 0 … n−1, each once. Then split twice with one generator: two
#    different splits. Then with two generators of the same seed: the same one. Which of these fails? And
#    `ratio=0`: is everything in `train`?
# 2. Section 2: *one* random permutation of the indices, cut in two. Two permutations would overlap.
# 3. `shuffled = torch.randperm(…, generator=…)`, `n_val = round(…)`, then
#    `return shuffled[…:], shuffled[:…]`. (Beware of `[-n_val:]` when `n_val` is 0.)

# %% [markdown] hint="train_val_split" lang="zh"
# 1. 把两部分拼起来排序，应当恰好得到 0 … n−1。用同一个 generator 划分两次，结果应当不同；用两个种子相同的
#    generator 各划分一次，结果应当相同。哪一条不成立？再看 `ratio=0`：是不是全都在 `train` 里？
# 2. 见第 2 节：只做*一次*随机排列，再切成两段。做两次排列，两段就会重叠。
# 3. `shuffled = torch.randperm(…, generator=…)`，`n_val = round(…)`，然后
#    `return shuffled[…:], shuffled[:…]`。（`n_val` 为 0 时要小心 `[-n_val:]`。）

# %% demo=true
from sklearn.datasets import load_digits

# Digits that lie sorted by label, as data often do. What is in the validation set?
# 按标签排好序的手写数字（数据常常就是这样放的）。验证集里都有什么？
sorted_labels = torch.tensor(load_digits().target).sort().values
train, val = train_val_split(len(sorted_labels), 0.2, torch.Generator().manual_seed(0))
first_rows = sorted_labels[: len(val)]
fig, axes = plt.subplots(1, 2, figsize=(9, 2.8), sharey=True)
for ax, chosen, title in [
    (axes[0], first_rows, say("the first 20 % of the rows", "直接取前 20% 的行")),
    (axes[1], sorted_labels[val], say("your train_val_split", "你的 train_val_split")),
]:
    ax.bar(range(10), torch.bincount(chosen, minlength=10).tolist(), color="tab:orange")
    ax.set(title=title, xlabel=say("digit in the validation set", "验证集中的数字"), xticks=range(10))
axes[0].set_ylabel(say("how many", "个数"))
plt.show()

# %% [markdown] lang="en"
# ## 3 · N-fold cross-validation
#
# One validation set can be unlucky. So cut the training data into $k$ equal parts, the **folds**; let each
# fold be the validation set once, train on all the others, and average the $k$ validation losses.
#
# With 10 samples and 3 folds: validate on 0-3, then on 4-6, then on 7-9.
#
# > The notes do not say what happens when $k$ does not divide $n$. We follow scikit-learn: no sample is lost,
# > the first $n \bmod k$ folds are one larger. Nor do they mention shuffling: here the folds are contiguous;
# > shuffle before, if the data are sorted.

# %% [markdown] lang="zh"
# ## 3 · N 折交叉验证
#
# 只用一个验证集，可能碰上运气不好。那就把训练数据切成 $k$ 等份（$k$ **折**），每一折轮流当一次验证集，
# 其余各折用来训练，最后把 $k$ 个验证损失平均。
#
# 例如 10 个样本、3 折：依次用 0-3、4-6、7-9 做验证。
#
# > 笔记没有说 $k$ 不能整除 $n$ 时怎么办。我们采用 scikit-learn 的规则：一个样本也不丢，前 $n \bmod k$
# > 折各多一个。笔记也没提要不要打乱：这里每一折都是连续的一段；如果数据是排好序的，请先打乱再用。

# %% exercise="kfold_indices" points=20 difficulty=2 minutes=15
def kfold_indices(n: int, k: int) -> list[tuple[list[int], list[int]]]:
    """The k pairs ``(train, val)`` of k-fold cross-validation on the indices 0 … n−1. (Lecture 2)

    The validation parts are contiguous blocks, in order: the first begins at 0, each begins where the one
    before ends, and together they cover all n indices, each once. Each has ``n // k`` indices; the first
    ``n % k`` of them have one more. ``train`` is every index that is not in ``val``, before *and* after the
    block. ``2 <= k <= n``.

    Returns a list of k pairs of lists of ints (1-D integer tensors will do); the order within a part does
    not matter.

    对下标 0 … n−1 做 k 折交叉验证，给出 k 对 ``(train, val)``。（第 2 讲）

    各个验证部分是按顺序排列的连续区间：第一段从 0 开始，后一段紧接前一段，合起来恰好覆盖全部 n 个下标，
    每个一次。每段有 ``n // k`` 个下标，其中前 ``n % k`` 段各多一个。``train`` 是不在 ``val`` 里的所有下标，
    这一段之前*和*之后的都要。``2 <= k <= n``。

    返回由 k 对整数列表组成的列表（一维整数张量也可以）；每一部分内部的顺序不限。
    """
    ### BEGIN SOLUTION
    folds, start = [], 0
    for i in range(k):
        stop = start + n // k + (i < n % k)
        folds.append(([*range(start), *range(stop, n)], [*range(start, stop)]))
        start = stop
    return folds
    ### END SOLUTION

# %% [markdown] hint="kfold_indices" lang="en"
# 1. For n=10, k=3 print the sizes of the validation parts: they must be 4, 3, 3. For each fold,
#    `len(train) + len(val)` must be 10, and the two may share nothing. Which of the two breaks?
# 2. Section 3: the base size is n // k, and the remainder n % k is handed out one by one to the *first*
#    folds. The training part is the whole rest, on both sides of the block.
# 3. `for i in range(k): stop = start + n // k + (1 if i < … else 0)`, then `val` is `range(start, stop)`,
#    `train` is what lies before `start` and from `stop` on; finally `start = …`.

# %% [markdown] hint="kfold_indices" lang="zh"
# 1. 取 n=10、k=3，打印各验证部分的大小，应当是 4、3、3。对每一折，`len(train) + len(val)` 应当等于 10，
#    并且两者没有公共下标。是哪一条不成立？
# 2. 见第 3 节：基本大小是 n // k，余下的 n % k 个逐一分给*最前面*的几折。训练部分是剩下的全部，
#    验证区间两侧的都要。
# 3. `for i in range(k): stop = start + n // k + (1 if i < … else 0)`，`val` 取 `range(start, stop)`，
#    `train` 取 `start` 之前和 `stop` 之后的；最后 `start = …`。

# %% demo=true
# Five folds of 23 samples: every column is orange exactly once.
# 23 个样本分成 5 折：每一列恰好有一个橙色格子。
grid = torch.zeros(5, 23)
for i, (_, val) in enumerate(kfold_indices(23, 5)):
    grid[i, val] = 1.0
plt.figure(figsize=(8, 2.2))
two_colours = plt.matplotlib.colors.ListedColormap(["#b9cfe8", "tab:orange"])
plt.pcolormesh(grid, cmap=two_colours, edgecolors="white", linewidth=1.5)
plt.gca().invert_yaxis()
plt.yticks([i + 0.5 for i in range(5)], [say(f"fold {i + 1}", f"第 {i + 1} 折") for i in range(5)])
plt.xticks([j + 0.5 for j in range(0, 23, 2)], range(0, 23, 2))
plt.xlabel(say("sample (orange: validation, blue: training)", "样本编号（橙：验证，蓝：训练）"))
plt.show()

# %% [markdown] lang="en"
# ## 4 · Choose the model
#
# Cross-validation fills a table $L$: one row for each model, one column for each fold. Choose the model with
# the lowest **average** over its folds. A model that shines on one fold may only have been lucky there.

# %% [markdown] lang="zh"
# ## 4 · 挑选模型
#
# 交叉验证会填出一张表 $L$：每行一个模型，每列一折。选各折**平均**损失最低的那个模型。
# 只在某一折上特别好的模型，也许只是那一次运气好。

# %% exercise="select_model" points=10 difficulty=1 minutes=5
def select_model(L: Tensor) -> int:
    """The row of ``L`` with the lowest average validation loss; of several equal ones the first. (Lecture 2)

    ``L`` (models, folds): floating, at least one of each; ``L[m, f]`` is the loss of model m on fold f. A
    model that diverged may have an infinite loss. Returns an int.

    返回 ``L`` 中平均验证损失最低的那一行的编号；有并列时取最前面的一个。（第 2 讲）

    ``L`` (模型数, 折数)：浮点张量，两维都至少为 1；``L[m, f]`` 是模型 m 在第 f 折上的损失。
    训练发散的模型损失可能是无穷大。返回一个整数。
    """
    ### BEGIN SOLUTION
    return int(L.mean(dim=1).argmin())
    ### END SOLUTION

# %% [markdown] hint="select_model" lang="en"
# 1. With `L = [[0.1, 0.9], [0.4, 0.4]]` the averages are 0.5 and 0.4, so the answer is 1, although the
#    smallest entry is in row 0. What is yours?
# 2. Section 4: first average each *row* over its folds, one number for each model; then ask *where* the
#    smallest is, not how small.
# 3. `averages = L.mean(dim=…)`, which has one entry a model; then `return int(averages.…())`.

# %% [markdown] hint="select_model" lang="zh"
# 1. 取 `L = [[0.1, 0.9], [0.4, 0.4]]`，平均是 0.5 和 0.4，所以答案是 1，尽管最小的那一格在第 0 行。
#    你的结果是多少？
# 2. 见第 4 节：先把每一*行*在各折上取平均，每个模型得到一个数；再问最小值*在哪里*，而不是它有多小。
# 3. `averages = L.mean(dim=…)`，每个模型一个数；然后 `return int(averages.…())`。

# %% [markdown] lang="en"
# ## 5 · Against overfitting: a price on large weights
#
# When the training loss is fine and the validation loss is not, **constrain the model**: fewer or shared
# parameters, fewer features, early stopping, regularisation, dropout. But not too much, or you are back at
# model bias.
#
# > The notes list "fully connected layer" under *fewer parameters*. It is the other way round: a fully
# > connected layer has the most parameters; a convolution (lecture 8) gets by with few, because it shares
# > them.
#
# **L2 regularisation** adds the squares of the weights to the loss, so that a weight must earn what it costs:
#
# $$L' = L + \lambda \sum_{ij} W_{ij}^2$$
#
# The bias is not penalised: it only shifts the function and does not make it wiggle.
#
# > The notes give no formula. Elsewhere you will see $\frac{\lambda}{2}\sum W^2$; here there is no ½.

# %% [markdown] lang="zh"
# ## 5 · 对付过拟合：给大权重标个价
#
# 训练损失没问题、验证损失却不行，这时就要**给模型加限制**：更少的或共享的参数、更少的特征、早停、正则化、
# dropout。但也不能限制得太狠，否则又回到模型偏差。
#
# > 笔记在“给较少的参数”后面写了“全连接层”，正好写反了：全连接层的参数最多；卷积层（第 8 讲）
# > 靠共享参数才用得少。
#
# **L2 正则化**把权重的平方加进损失，权重要“物有所值”才会变大：
#
# $$L' = L + \lambda \sum_{ij} W_{ij}^2$$
#
# 偏置不惩罚：它只是把函数整体平移，不会让函数变得弯弯绕绕。
#
# > 笔记没有给公式。别处常见的写法是 $\frac{\lambda}{2}\sum W^2$；这里没有 ½。

# %% exercise="l2_penalty_loss" points=12 difficulty=1 minutes=8 differentiable=true
def l2_penalty_loss(loss: Tensor, W: Tensor, b: Tensor, lam: float) -> Tensor:
    """The loss with L2 regularisation, ``loss`` + λ Σ W²: the bias is not penalised. (Lecture 2)

    ``loss`` (): the data's loss. ``W`` (out, in) and ``b`` (out,): the layer's weights and bias, all
    floating, of one dtype. ``lam`` ≥ 0 is λ, a Python number; the sum runs over all elements of ``W``.
    Returns a new tensor of shape () in their dtype, through which gradients flow to ``loss`` and to ``W``.
    The arguments stay as they are.

    带 L2 正则化的损失：``loss`` + λ Σ W²，偏置不惩罚。（第 2 讲）

    ``loss`` ()：数据上的损失。``W`` (out, in) 和 ``b`` (out,)：这一层的权重和偏置；都是浮点张量，
    dtype 相同。``lam`` ≥ 0 即 λ，是 Python 数字；求和遍历 ``W`` 的所有元素。
    返回形状为 ()、dtype 相同的新张量，梯度要能流回 ``loss`` 和 ``W``。参数本身不得改动。
    """
    ### BEGIN SOLUTION
    return loss + lam * W.square().sum()
    ### END SOLUTION

# %% [markdown] hint="l2_penalty_loss" lang="en"
# 1. Loss 1, W = [[1, 2], [3, 4]], λ = 0.1: the squares add up to 30, so the result is 4. Then call
#    `.backward()`: the gradient of W must be 2λW, that of b nothing. Which number differs?
# 2. Section 5: L' = L + λ Σ W², no ½, no square root, no mean; and the penalty must stay part of the graph
#    (no `.detach()`, no `.item()`).
# 3. `return loss + lam * W.….…`: two methods, one squares each element and one adds them up.

# %% [markdown] hint="l2_penalty_loss" lang="zh"
# 1. 损失为 1，W = [[1, 2], [3, 4]]，λ = 0.1：平方和是 30，所以结果是 4。再调用 `.backward()`：
#    W 的梯度应当是 2λW，b 没有梯度。哪个数对不上？
# 2. 见第 5 节：L' = L + λ Σ W²，没有 ½，不开根号，不取平均；惩罚项必须留在计算图里
#    （不要 `.detach()` 或 `.item()`）。
# 3. `return loss + lam * W.….…`：两个方法，一个把每个元素平方，一个求和。

# %% demo=true
# Ten noisy points, a polynomial of degree 9, and three prices on its weights.
# 十个带噪声的点，一个 9 次多项式，权重的三种“价格”。
g = torch.Generator().manual_seed(3)
x = torch.linspace(-1, 1, 10, dtype=torch.float64)
y = torch.sin(3 * x) + 0.3 * torch.randn(10, generator=g, dtype=torch.float64)
line = torch.linspace(-1, 1, 200, dtype=torch.float64)


def fit(lam):
    W = torch.zeros(1, 9, dtype=torch.float64, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([W, b], max_iter=2000, tolerance_change=0, line_search_fn="strong_wolfe")

    def predict(t):
        return (torch.stack([t**k for k in range(1, 10)], dim=1) @ W.T + b)[:, 0]

    def closure():
        optimizer.zero_grad()
        loss = l2_penalty_loss(((predict(x) - y) ** 2).mean(), W, b, lam)
        loss.backward()
        return loss

    optimizer.step(closure)
    return predict(line).detach(), float(W.detach().norm())


fig, axes = plt.subplots(1, 3, figsize=(11, 3), sharey=True)
for ax, lam in zip(axes, [0.0, 1e-3, 1.0], strict=True):
    curve, size = fit(lam)
    ax.plot(line, torch.sin(3 * line), "--", color="grey", label=say("truth", "真实函数"))
    ax.plot(line, curve, color="tab:red", label=say("fit", "拟合"))
    ax.plot(x, y, "o", color="black", markersize=4)
    ax.set(ylim=(-2.2, 2.2), title=f"λ = {lam:g}, ‖W‖ = {size:.3g}", xlabel="x")
axes[0].set_ylabel("y")
axes[2].legend(loc="upper left")
plt.show()

# %% [markdown] lang="en"
# ## 6 · Against overfitting: dropout
#
# While training, **dropout** switches off each unit with probability $p$, anew at every update; so no unit
# can rely on one other unit. To keep the expected value as it was, the survivors are scaled up:
#
# $$\text{dropout}(x)_i = \begin{cases} x_i / (1-p) & u_i \ge p \\ 0 & u_i < p \end{cases}
# \qquad u_i \sim U(0, 1), \qquad E[\text{dropout}(x)_i] = x_i$$
#
# When the model is *used*, dropout does nothing at all. Because of the scaling nothing needs mending then;
# this form is called *inverted* dropout.
#
# > The notes name dropout without a formula. Mind the meaning of $p$: here, as in PyTorch, $p$ is the
# > probability to **drop**. Some courses call the probability to *keep* $p$.

# %% [markdown] lang="zh"
# ## 6 · 对付过拟合：dropout（丢弃）
#
# 训练时，**dropout** 以概率 $p$ 关掉每个单元，每次更新都重新抽；这样谁也不能只依赖某一个别的单元。
# 为了让期望值保持不变，留下来的要放大：
#
# $$\text{dropout}(x)_i = \begin{cases} x_i / (1-p) & u_i \ge p \\ 0 & u_i < p \end{cases}
# \qquad u_i \sim U(0, 1), \qquad E[\text{dropout}(x)_i] = x_i$$
#
# 真正*使用*模型时，dropout 什么都不做。训练时已经放大过了，使用时就不需要任何补救；这种写法叫 *inverted*
# dropout。
#
# > 笔记只提了“丢弃”，没有公式。注意 $p$ 的含义：这里和 PyTorch 一样，$p$ 是**丢弃**的概率。
# > 有的课程把*保留*的概率叫做 $p$。

# %% exercise="dropout" points=16 difficulty=2 minutes=9 vectorised=true differentiable=true forbidden=["dropout"]
def dropout(x: Tensor, p: float, training: bool, u: Tensor) -> Tensor:
    """Inverted dropout with drop probability ``p`` and given noise ``u``. (Lecture 2)

    ``x``: any shape, floating; ``u``: x's shape and dtype, uniform in [0, 1); ``0 <= p < 1``.
    With ``training=True`` an element is kept where ``u >= p`` and divided by 1 − p; elsewhere it becomes 0.
    With ``training=False`` the values are those of ``x``, whatever ``u`` is.
    The result has x's shape and dtype; gradients flow to ``x``. ``x`` itself stays as it is. Draw no random
    numbers of your own, and treat the whole tensor at once, without a loop.

    丢弃概率为 ``p`` 的 inverted dropout，噪声 ``u`` 由外面给定。（第 2 讲）

    ``x``：任意形状的浮点张量；``u``：形状和 dtype 与 x 相同，均匀分布在 [0, 1) 上；``0 <= p < 1``。
    ``training=True`` 时，``u >= p`` 的元素保留并除以 1 − p，其余变成 0。
    ``training=False`` 时，不管 ``u`` 是什么，值都与 ``x`` 相同。
    结果的形状和 dtype 与 x 相同；梯度能够流回 ``x``。``x`` 本身不得改动。不要自己再抽随机数；
    整个张量一次算完，不要用循环。
    """
    ### BEGIN SOLUTION
    if not training:
        return x
    return x * (u >= p) / (1 - p)
    ### END SOLUTION

# %% [markdown] hint="dropout" lang="en"
# 1. Take x all ones, p = 0.2 and `u = torch.rand(1000)`: about 800 elements survive, each is 1.25, and the
#    mean is about 1. Which of the three numbers is off? And with `training=False`: is it x, exactly?
# 2. Section 6: p is the probability to *drop*, so u < p goes; what stays is divided by the probability to
#    stay, 1 − p.
# 3. `if not training: return …`, then `mask = u … p`, `return x * mask / …`.

# %% [markdown] hint="dropout" lang="zh"
# 1. 让 x 全为 1、p = 0.2、`u = torch.rand(1000)`：大约 800 个元素留下，每个是 1.25，平均约为 1。
#    三个数里哪个不对？`training=False` 时，结果是不是和 x 完全一样？
# 2. 见第 6 节：p 是*丢弃*的概率，所以 u < p 的丢掉；留下的要除以“留下的概率” 1 − p。
# 3. `if not training: return …`，然后 `mask = u … p`，`return x * mask / …`。

# %% demo=true
# A digit under dropout: each draw is a ruin, and their mean is the digit, because of the division by 1 − p.
# 对一个手写数字做 dropout：每次都残缺不全，平均起来却正是原图。这就是除以 1 − p 的作用。
g = torch.Generator().manual_seed(0)
digit = torch.tensor(load_digits().images[13])
draws = [dropout(digit, 0.5, True, torch.rand(8, 8, generator=g, dtype=torch.float64)) for _ in range(500)]
pictures = {
    say("the digit", "原图"): digit,
    say("p = 0.5, 1st draw", "p = 0.5，第 1 次"): draws[0],
    say("2nd draw", "第 2 次"): draws[1],
    say("mean of 10", "10 次平均"): sum(draws[:10]) / 10,
    say("mean of 500", "500 次平均"): sum(draws) / 500,
}
fig, axes = plt.subplots(1, 5, figsize=(10, 2.3))
for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
    ax.set_title(title, fontsize=10)
    ax.axis("off")
plt.show()

# %% [markdown] lang="en"
# ## 7 · Against overfitting: early stopping
#
# Watch the validation loss after every epoch. While it falls, all is well. When it has not reached a new best
# for `patience` epochs in a row, stop, and go back to the parameters of the best epoch.
#
# Example with `patience=2`, epochs counted from 0:
#
# | epoch | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | validation loss | 0.9 | 0.7 | 0.8 | 0.6 | 0.6 | 0.7 |
# | epochs without a new best | 0 | 0 | 1 | 0 | 1 | 2: stop |
#
# The result is `(3, 5)`: epoch 3 was the best, training stopped after epoch 5. Reaching 0.6 *again* in epoch
# 4 is not a new best.

# %% [markdown] lang="zh"
# ## 7 · 对付过拟合：早停
#
# 每轮之后看一次验证损失。还在下降就继续；如果连续 `patience` 轮都没有创下新的最低值，就停下来，
# 并退回到最好那一轮的参数。
#
# 例：`patience=2`，轮数从 0 数起：
#
# | 轮 | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | 验证损失 | 0.9 | 0.7 | 0.8 | 0.6 | 0.6 | 0.7 |
# | 连续几轮没有新低 | 0 | 0 | 1 | 0 | 1 | 2：停 |
#
# 结果是 `(3, 5)`：第 3 轮最好，训练在第 5 轮之后停下。第 4 轮*又*到 0.6，不算新低。

# %% exercise="early_stopping" points=14 difficulty=2 minutes=15
def early_stopping(val_losses: list[float], patience: int) -> tuple[int, int]:
    """Where early stopping would stop: ``(best_epoch, stop_epoch)``, epochs counted from 0. (Lecture 2)

    ``val_losses``: the validation loss after each epoch, a non-empty list of finite floats of any size or
    sign. A loss strictly below all earlier ones is a new best (the first always is). Training stops after
    the first epoch at which the last ``patience`` ≥ 1 epochs in a row brought no new best: that is
    ``stop_epoch``. If that never happens, ``stop_epoch`` is the last epoch of the list.
    ``best_epoch`` is the epoch of the best loss up to ``stop_epoch``; nobody knows the losses after it.

    早停会停在哪里：返回 ``(best_epoch, stop_epoch)``，轮数从 0 数起。（第 2 讲）

    ``val_losses``：每轮之后的验证损失，非空的有限浮点数列表，大小正负不限。
    严格低于之前所有值才算新低（第一轮总是新低）。如果到某一轮为止，已经连续 ``patience`` ≥ 1 轮没有新低，
    训练就在这一轮之后停下，首次出现这种情况的轮就是 ``stop_epoch``；如果始终没有出现，``stop_epoch``
    就是列表的最后一轮。``best_epoch`` 是到 ``stop_epoch`` 为止损失最低的那一轮；停下之后的损失谁也看不到。
    """
    ### BEGIN SOLUTION
    best_epoch = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best_epoch]:
            best_epoch = epoch
        if epoch - best_epoch == patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1
    ### END SOLUTION

# %% [markdown] hint="early_stopping" lang="en"
# 1. Follow the table of section 7 with your function, epoch by epoch: the counter must read 0, 0, 1, 0, 1, 2.
#    At which epoch does yours differ?
# 2. Section 7: compare with the *best so far*, strictly; a new best puts the counter back to 0; reaching
#    `patience` stops, not going beyond it.
# 3. `for epoch, loss in enumerate(val_losses):` … `if loss < …: best_epoch = …`; the counter is nothing but
#    `epoch - best_epoch`; after the loop `return best_epoch, …`.

# %% [markdown] hint="early_stopping" lang="zh"
# 1. 用你的函数把第 7 节的表一轮一轮走一遍：计数应当是 0、0、1、0、1、2。从哪一轮开始不同？
# 2. 见第 7 节：和*历史最好*比，而且是严格小于；一旦有新低，计数归零；达到 `patience` 就停，不是超过才停。
# 3. `for epoch, loss in enumerate(val_losses):` …… `if loss < …: best_epoch = …`；
#    计数其实就是 `epoch - best_epoch`；循环结束后 `return best_epoch, …`。

# %% demo=true
# A noisy validation curve. Little patience stops at the first bump, much patience finds the valley.
# 一条带噪声的验证损失曲线。耐心太小，碰到第一个小坎就停了；耐心大一些，才能走到谷底。
g = torch.Generator().manual_seed(1)
epochs = torch.arange(80)
losses = (1.2 * torch.exp(-epochs / 12) + 0.006 * epochs + 0.03 * torch.randn(80, generator=g)).tolist()
fig, axes = plt.subplots(1, 2, figsize=(10, 3), sharey=True)
for ax, patience in zip(axes, [2, 10], strict=True):
    best, stop = early_stopping(losses, patience)
    ax.plot(losses, color="lightgrey")
    ax.plot(losses[: stop + 1], color="tab:blue")
    ax.axvline(stop, color="tab:red", linestyle="--", label=say(f"stop: epoch {stop}", f"停止：第 {stop} 轮"))
    label = say(f"best: epoch {best}", f"最好：第 {best} 轮")
    ax.plot(best, losses[best], "o", color="tab:green", label=label)
    ax.set(title=f"patience = {patience}", xlabel=say("epoch", "轮"))
    ax.legend()
axes[0].set_ylabel(say("validation loss", "验证损失"))
plt.show()

# %% [markdown] lang="en"
# ## 8 · Mismatch (bonus)
#
# If the test data come from another distribution, no regularisation will help. How would you notice? One
# simple number for each feature: how far did its mean move, in units of its spread in the training data?
#
# $$s_d = \frac{|\bar x_d^{\text{train}} - \bar x_d^{\text{test}}|}{\sigma_d^{\text{train}}}$$
#
# A feature that never changes in the training data (a corner pixel that is always white) has $\sigma_d = 0$;
# then divide by 1 instead.

# %% [markdown] lang="zh"
# ## 8 · Mismatch：分布不一致（加分题）
#
# 如果测试数据来自另一种分布，怎么正则化都没用。怎样才能发现？给每个特征算一个简单的数：
# 它的均值移动了多远，以它在训练集中的标准差为单位：
#
# $$s_d = \frac{|\bar x_d^{\text{train}} - \bar x_d^{\text{test}}|}{\sigma_d^{\text{train}}}$$
#
# 有的特征在训练集里从不变化（比如永远是白色的角落像素），$\sigma_d = 0$；这时改为除以 1。

# %% exercise="mismatch_score" points=5 difficulty=2 minutes=10 bonus=true vectorised=true
def mismatch_score(X_train: Tensor, X_test: Tensor) -> Tensor:
    """How far each feature moved: |mean in train − mean in test| / standard deviation in train. (Lecture 2)

    ``X_train`` (N, D) and ``X_test`` (M, D): floating, N and M at least 1, in general different.
    The standard deviation is that of the N training rows, with 1/N under the root (not 1/(N − 1)). Where it
    is exactly 0, divide by 1 instead. Returns (D,), in their dtype. No loop over the rows.

    每个特征移动了多远：|训练均值 − 测试均值| / 训练标准差。（第 2 讲）

    ``X_train`` (N, D) 和 ``X_test`` (M, D)：浮点张量，N 和 M 至少为 1，一般不相等。
    标准差只用 N 行训练数据，根号里除以 N（不是 N − 1）。标准差恰好为 0 的地方改为除以 1。
    返回形状 (D,)，dtype 与输入相同。不要逐行循环。
    """
    ### BEGIN SOLUTION
    std = X_train.std(dim=0, correction=0)
    std = torch.where(std == 0, 1.0, std)
    return (X_train.mean(dim=0) - X_test.mean(dim=0)).abs() / std
    ### END SOLUTION

# %% [markdown] hint="mismatch_score" lang="en"
# 1. One feature, train 1 and 3, test 10: the means are 2 and 10, the spread is 1, the score is 8. Then train
#    5 and 5, test 7: the score is 2, not inf. Which one fails?
# 2. Section 8: means and spread run over the *rows*, one number for each feature; the spread is that of the
#    training data alone, divided by N under the root (`correction=0`).
# 3. `std = X_train.std(dim=…, correction=…)`, `std = torch.where(…, 1.0, std)`,
#    `return (… - …).abs() / std`.

# %% [markdown] hint="mismatch_score" lang="zh"
# 1. 只有一个特征，训练数据是 1 和 3，测试数据是 10：均值是 2 和 10，标准差是 1，得分是 8。
#    再看训练数据 5 和 5，测试数据 7：得分是 2，而不是 inf。哪个不对？
# 2. 见第 8 节：均值和标准差都沿*行*计算，每个特征一个数；标准差只看训练数据，根号里除以 N（`correction=0`）。
# 3. `std = X_train.std(dim=…, correction=…)`，`std = torch.where(…, 1.0, std)`，
#    `return (… - …).abs() / std`。

# %% [markdown] lang="en"
# ## 9 · Capstone: the whole map on real data
#
# **(a) From bias to overfitting.** 60 patients of the diabetes data, one feature (body-mass index),
# polynomials of degree 0 to 8, 5-fold cross-validation with *your* `kfold_indices`. The training loss can
# only fall with the degree. What does the validation loss do? *Your* `select_model` chooses, and *your*
# `diagnose` comments.

# %% [markdown] lang="zh"
# ## 9 · 综合实践：在真实数据上走完整张地图
#
# **(a) 从模型偏差到过拟合。** diabetes 数据集的 60 位病人，一个特征（体重指数），0 到 8 次多项式，
# 用*你的* `kfold_indices` 做 5 折交叉验证。次数越高，训练损失只会越低；验证损失呢？
# 由*你的* `select_model` 来挑，*你的* `diagnose` 来点评。

# %% demo=true
from sklearn.datasets import load_diabetes

data = load_diabetes()
bmi, disease = torch.tensor(data.data[:, 2]), torch.tensor(data.target)
bmi, disease = (bmi - bmi.mean()) / bmi.std(), (disease - disease.mean()) / disease.std()
bmi, disease = bmi[:60], disease[:60]


def powers(t, degree):
    return torch.stack([t**k for k in range(degree + 1)], dim=1)


def least_squares(rows, degree):
    return torch.linalg.lstsq(powers(bmi[rows], degree), disease[rows, None], driver="gelsd").solution[:, 0]


def mean_squared_error(w, rows):
    return float(((powers(bmi[rows], len(w) - 1) @ w - disease[rows]) ** 2).mean())


val_table, train_table = torch.zeros(9, 5), torch.zeros(9, 5)
for degree in range(9):
    for fold, (train, val) in enumerate(kfold_indices(60, 5)):
        w = least_squares(train, degree)
        val_table[degree, fold] = mean_squared_error(w, val)
        train_table[degree, fold] = mean_squared_error(w, train)
best = select_model(val_table)
train_mean, val_mean = train_table.mean(1).tolist(), val_table.mean(1).tolist()
print(say("degree   train     val   diagnosis (target 0.65, gap 0.2)",
          "次数     训练      验证   诊断（目标 0.65，gap 0.2）"))
for degree in range(9):
    smaller = train_mean[max(degree - 1, 0)]
    found = diagnose(train_mean[degree], val_mean[degree], val_mean[degree], smaller, 0.65, 0.2)
    mark = say("   <- your choice", "   <- 你的选择") if degree == best else ""
    print(f"{degree:4d} {train_mean[degree]:9.3f} {val_mean[degree]:9.3f}   {NAMES[found]}{mark}")

fig, axes = plt.subplots(1, 2, figsize=(11, 3.6))
axes[0].semilogy(train_mean, "o-", label=say("training", "训练"))
axes[0].semilogy(val_mean, "o-", label=say("validation", "验证"))
axes[0].axvline(best, color="grey", linestyle=":", label=say("select_model", "select_model 的选择"))
axes[0].set(xlabel=say("degree", "次数"), ylabel=say("mean squared error", "均方误差"))
axes[0].legend()
line = torch.linspace(float(bmi.min()), float(bmi.max()), 200, dtype=bmi.dtype)
train, val = kfold_indices(60, 5)[0]
for rows, colour, label in [
    (train, "grey", say("training", "训练部分")),
    (val, "tab:orange", say("validation", "验证部分")),
]:
    axes[1].plot(bmi[rows], disease[rows], "o", color=colour, markersize=4, label=label)
for degree in (0, best, 8):
    curve = powers(line, degree) @ least_squares(train, degree)
    axes[1].plot(line, curve, label=say(f"degree {degree}", f"{degree} 次"))
axes[1].set(ylim=(-3, 4), xlabel=say("body-mass index (standardised)", "体重指数（标准化后）"),
            ylabel=say("progression", "病情发展"))
axes[1].legend(fontsize=8, loc="upper left", ncol=2)
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# **(b) Reining in a network.** A network with 128 hidden units has 9,610 parameters, and we give it 100
# digits. It learns them by heart: the training loss goes to zero while the validation loss climbs. Then with
# *your* `l2_penalty_loss`, with *your* `dropout` (on pixels and hidden units), and cut short by *your*
# `early_stopping`. (Some seconds.)

# %% [markdown] lang="zh"
# **(b) 管住一个网络。** 网络有 128 个隐藏单元、9610 个参数，而我们只给它 100 个手写数字。
# 它会把它们背下来：训练损失降到零，验证损失却往上爬。然后分别加上*你的* `l2_penalty_loss`、
# *你的* `dropout`（像素和隐藏单元都用），或者用*你的* `early_stopping` 提前停下。（需要几秒钟。）

# %% demo=true
# For matrices this small, more threads cost more than they bring.
# 矩阵这么小，多线程反而更慢。
torch.set_num_threads(1)
cross_entropy = torch.nn.functional.cross_entropy
digits = load_digits()
pixels, labels = torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target)
order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
train_rows, val_rows, test_rows = order[:100], order[100:900], order[900:]


def train_network(hidden=128, lam=0.0, p_pixels=0.0, p_hidden=0.0, epochs=120):
    """The network as a function of pixels, and (training loss, validation loss) after every epoch.

    返回网络（输入像素的函数），以及每轮之后的（训练损失，验证损失）。
    """
    g = torch.Generator().manual_seed(2)
    W1 = (torch.randn(hidden, 64, generator=g) / 8).requires_grad_()
    W2 = (torch.randn(10, hidden, generator=g) / 8).requires_grad_()
    b1, b2 = torch.zeros(hidden, requires_grad=True), torch.zeros(10, requires_grad=True)
    optimizer = torch.optim.Adam([W1, b1, W2, b2], lr=0.01)

    def network(x, training=False):
        x = dropout(x, p_pixels, training, torch.rand(x.shape, generator=g))
        h = torch.relu(x @ W1.T + b1)
        return dropout(h, p_hidden, training, torch.rand(h.shape, generator=g)) @ W2.T + b2

    history = []
    for _ in range(epochs):
        for batch in train_rows[torch.randperm(100, generator=g)].split(25):
            loss = cross_entropy(network(pixels[batch], training=True), labels[batch])
            loss = l2_penalty_loss(l2_penalty_loss(loss, W1, b1, lam), W2, b2, lam)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            rows = (train_rows, val_rows)
            history.append([float(cross_entropy(network(pixels[r]), labels[r])) for r in rows])
    return network, history


runs = {
    say("nothing", "什么都不加"): train_network()[1],
    say("L2, λ = 0.003", "L2，λ = 0.003"): train_network(lam=0.003)[1],
    say("dropout, p = 0.2 and 0.5", "dropout，p = 0.2 和 0.5"): train_network(p_pixels=0.2, p_hidden=0.5)[1],
}
plain = [v for _, v in next(iter(runs.values()))]
best, stop = early_stopping(plain, patience=10)
fig, axes = plt.subplots(1, 2, figsize=(11, 3.6))
for name, history in runs.items():
    train_curve, val_curve = torch.tensor(history).T
    train_end, val_end = train_curve[-10:].mean(), val_curve[-10:].mean()
    axes[0].semilogy(train_curve, label=name)
    axes[1].plot(val_curve, label=name)
    print(say(f"{name}, last 10 epochs: training loss {train_end:.3f}, validation loss {val_end:.3f}",
              f"{name}，最后 10 轮平均：训练损失 {train_end:.3f}，验证损失 {val_end:.3f}"))
print(say(f"early stopping: stopped after epoch {stop}, validation loss {plain[best]:.3f} at epoch {best}",
          f"早停：第 {stop} 轮之后停下，最好的是第 {best} 轮，验证损失 {plain[best]:.3f}"))
axes[1].plot(best, plain[best], "o", color="black", label=say("early stopping", "早停"))
axes[1].axvline(stop, color="black", linestyle=":")
axes[0].set(xlabel=say("epoch", "轮"), ylabel=say("training loss", "训练损失"))
axes[1].set(xlabel=say("epoch", "轮"), ylabel=say("validation loss", "验证损失"), ylim=(0.35, 0.65))
axes[1].legend(fontsize=8)
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# **(c) Mismatch.** The network with L2 meets white digits on black instead of black ones on white.
# Everything else is the same; every human would still read them. What does the network do, and what does
# *your* `diagnose` say?

# %% [markdown] lang="zh"
# **(c) 分布不一致。** 让加了 L2 的网络去认黑底白字的数字，而不是白底黑字的。其他什么都没变，
# 人人都还认得出来。网络会怎样？*你的* `diagnose` 怎么说？

# %% demo=true
network, history = train_network(lam=0.003)
small_history = train_network(hidden=4)[1]
inverted = 1 - pixels[test_rows]
with torch.no_grad():
    usual, strange = network(pixels[test_rows]), network(inverted)
accuracy = [float((scores.argmax(1) == labels[test_rows]).float().mean()) for scores in (usual, strange)]
test_loss = float(cross_entropy(strange, labels[test_rows]))
(train_loss, val_loss), small_loss = history[-1], small_history[-1][0]
print(say(f"accuracy: {accuracy[0]:.1%} on usual digits, {accuracy[1]:.1%} on inverted ones",
          f"正确率：普通数字 {accuracy[0]:.1%}，反色数字 {accuracy[1]:.1%}"))
print(say(f"loss: training {train_loss:.3f}, validation {val_loss:.3f}, test {test_loss:.3f}",
          f"损失：训练 {train_loss:.3f}，验证 {val_loss:.3f}，测试 {test_loss:.3f}"))
verdict = NAMES[diagnose(train_loss, val_loss, test_loss, small_loss, 0.1, 0.5)]
print(say(f"diagnosis (target 0.1, gap 0.5): {verdict}", f"诊断（目标 0.1，gap 0.5）：{verdict}"))
fig, axes = plt.subplots(2, 6, figsize=(9, 3.2))
for row, (images, scores) in enumerate([(pixels[test_rows], usual), (inverted, strange)]):
    for ax, image, score in zip(axes[row], images, scores, strict=False):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(say(f"reads {int(score.argmax())}", f"认作 {int(score.argmax())}"), fontsize=9)
        ax.set(xticks=[], yticks=[])
plt.tight_layout()
plt.show()

# %% demo=true
# Could one have known without a label? The bonus function looks at the pixels alone.
# 没有标签，能不能提前看出来？加分题的函数只看像素就够了。
pairs = {
    say("usual", "普通数字"): mismatch_score(pixels[train_rows], pixels[test_rows]),
    say("inverted", "反色数字"): mismatch_score(pixels[train_rows], 1 - pixels[test_rows]),
}
for name, score in pairs.items():
    print(say(f"{name}: the typical pixel moved by {score.median():.2f} standard deviations",
              f"{name}：像素的均值一般移动了 {score.median():.2f} 个标准差"))

# %% [markdown] lang="en"
# ## What to take along
#
# - Training loss first. Then validation against training. Then test against validation.
# - A large training loss has two causes; a small model tells them apart.
# - Choose on validation data, averaged over folds; never on the test data.
# - L2, dropout and early stopping are three brakes against one disease, overfitting. None of them
#   cures bias, and none cures mismatch.

# %% [markdown] lang="zh"
# ## 带走这几句
#
# - 先看训练损失，再拿验证和训练比，最后拿测试和验证比。
# - 训练损失大有两种原因，用一个小模型就能分清。
# - 用验证集挑模型，在各折上取平均；绝不要用测试集来挑。
# - L2、dropout、早停是三种刹车，治的是同一种病：过拟合。它们治不了模型偏差，也治不了分布不一致。
