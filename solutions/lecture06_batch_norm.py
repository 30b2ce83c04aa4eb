# %% [markdown] lang="en"
# # Lecture 6 · Batch normalisation
#
# Earlier lectures climbed down difficult error surfaces with better optimisers. This one asks something
# bolder: can we *reshape the surface* so that it is easy?
#
# Why is it difficult in the first place? Take $y = w_1 x_1 + w_2 x_2$ with $x_1$ around 1 and $x_2$ around
# 100. A small change of $w_2$ moves the output a hundred times as much as the same change of $w_1$: the
# surface is a canyon, steep across and flat along. Give all features the same range, and it becomes a bowl.
#
# You will write this idea three times, each time deeper in the network:
#
# 1. **standardise the input features**, once, before training;
# 2. **standardise inside the network**, where the features change with every update and the statistics can
#    only come from the batch at hand;
# 3. **at test time**, where there is no batch, live off averages kept during training.
#
# At the end a network of sigmoid layers that learns *nothing* on real handwritten digits learns to read them
# because of your layer. Then you will break it with two samples.
#
# > **Notation.** $N$ samples in a batch, $D$ features; a sample is a row. The tilde marks what is
# > standardised, $\tilde z$; the hat what comes out in the end, $\hat z$; the bar the averages for the test,
# > $\bar\mu$ and $\bar\sigma^2$. Everything happens feature by feature, that is, column by column.

# %% [markdown] lang="zh"
# # 第 6 讲 · 批次归一化
#
# 前几讲都在想办法用更好的优化器走过崎岖的误差曲面。这一讲的想法更大胆：能不能干脆*把山铲平*？
#
# 误差曲面为什么难走？设 $y = w_1 x_1 + w_2 x_2$，$x_1$ 在 1 上下，$x_2$ 在 100 上下。
# $w_2$ 变一点点，输出的变化是 $w_1$ 变同样多时的一百倍：曲面成了一道峡谷，横着陡，顺着平。
# 如果让所有特征的范围都一样，它就变成一只圆碗。
#
# 这个想法你会写三遍，一遍比一遍深入网络：
#
# 1. 训练之前，把**输入特征标准化**，做一次就够；
# 2. 在**网络内部**做标准化：那里的特征每次更新都在变，统计量只能取自手头的这个批次；
# 3. **测试时**没有批次可用，靠训练期间攒下的平均值。
#
# 最后，一个用 sigmoid 的多层网络在真实的手写数字上*什么也学不到*，加上你写的层，它就学会了认数字。
# 然后，你会用两个样本把它弄坏。
#
# > **记号。** 一个批次有 $N$ 个样本、$D$ 个特征，一行是一个样本。波浪线表示标准化之后的量 $\tilde z$，
# > 帽子表示最终的输出 $\hat z$，横线表示留给测试用的平均值 $\bar\mu$ 和 $\bar\sigma^2$。
# > 所有计算都是逐个特征进行的，也就是逐列进行。

# %%
import torch
from torch import Tensor, nn

from autograder import say

# %% [markdown] lang="en"
# ## 1 · Standardising the features
#
# For each feature $i$, take its mean $m_i$ and standard deviation $\sigma_i$ over all training samples
# $x^1, \dots, x^N$, and replace
#
# $$\tilde x_i^r = \frac{x_i^r - m_i}{\sigma_i}$$
#
# Afterwards each feature has mean 0 and standard deviation 1. Here $\sigma_i$ is the standard deviation *of
# these samples*, so it divides by $N$. And a feature that never changes has $\sigma_i = 0$. It carries no
# information, but it must not bring a division by zero: give it $\sigma_i = 1$.

# %% [markdown] lang="zh"
# ## 1 · 特征标准化
#
# 对每个特征 $i$，在全部训练样本 $x^1, \dots, x^N$ 上求均值 $m_i$ 和标准差 $\sigma_i$，再做替换
#
# $$\tilde x_i^r = \frac{x_i^r - m_i}{\sigma_i}$$
#
# 之后每个特征的均值都是 0，标准差都是 1。这里的 $\sigma_i$ 就是*这些样本*的标准差，所以除以 $N$。
# 如果某个特征从不变化，$\sigma_i = 0$：它不含信息，但也不能因此除以零。给它 $\sigma_i = 1$。

# %% exercise="standardize_fit" points=10 difficulty=1 minutes=8 vectorised=true
def standardize_fit(X: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each feature of the training set. (Lecture 6)

    ``X``: floating, (N, D), with N ≥ 1; a sample is a row. Returns the pair (mean, std), both of shape (D,),
    with the dtype and device of ``X``. The standard deviation divides by N. Where it is 0 (a feature with the
    same value in every sample, or N = 1) it is replaced by 1; every other value stays exactly as it is,
    however small. ``X`` itself stays as it was. No Python loop over the samples.

    训练集每个特征的均值和标准差。（第 6 讲）

    ``X``：浮点，(N, D)，N ≥ 1，一行是一个样本。返回一对 (mean, std)，形状都是 (D,)，
    dtype 和设备与 ``X`` 相同。标准差除以 N。标准差为 0 的地方（特征在所有样本中取值相同，或 N = 1）
    换成 1；其余的值不管多小，都保持原样。``X`` 本身不变。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    mean = X.mean(dim=0)
    std = (X - mean).square().mean(dim=0).sqrt()
    return mean, torch.where(std == 0, torch.ones_like(std), std)
    ### END SOLUTION

# %% [markdown] hint="standardize_fit" lang="en"
# 1. For `X = torch.tensor([[1.0, 5.0], [3.0, 5.0]])` the mean is (2, 5) and std is (1, 1): the first 1 is the
#    spread of 1 and 3, the second stands in for 0. A std of 1.414 means division by $N - 1$.
# 2. Section 1 of the lesson: one mean and one standard deviation *for each feature*, taken over the samples.
#    The standard deviation is the root of the mean of the squared distances from the mean.
# 3. `mean = X.mean(dim=…)`, `std = (…).square().mean(dim=…).sqrt()`, and at last
#    `torch.where(std == 0, …, std)`.

# %% [markdown] hint="standardize_fit" lang="zh"
# 1. `X = torch.tensor([[1.0, 5.0], [3.0, 5.0]])` 时，均值是 (2, 5)，std 是 (1, 1)：
#    第一个 1 是 1 和 3 的离散程度，第二个 1 用来代替 0。若得到 1.414，说明除的是 $N - 1$。
# 2. 见本讲第 1 节：*每个特征*一个均值、一个标准差，都是在样本之间求的。
#    标准差就是“到均值的距离的平方”的平均，再开方。
# 3. `mean = X.mean(dim=…)`，`std = (…).square().mean(dim=…).sqrt()`，最后用 `torch.where(std == 0, …, std)`。

# %% [markdown] lang="en"
# ### Whose mean?
#
# The test set gets the *training set's* $m$ and $\sigma$. Statistics taken from the test set, or from both
# sets together, are **leakage**: the test would help to prepare itself. It would also be impossible for the
# single sample that arrives tomorrow. This is why fitting and applying are two functions.

# %% [markdown] lang="zh"
# ### 用谁的均值？
#
# 测试集要用*训练集的* $m$ 和 $\sigma$。如果统计量取自测试集，或者把两个集合混在一起算，就是**泄漏**：
# 等于让考题参与备考。何况明天只来一个样本时，根本没法算它的统计量。
# 所以“拟合”和“应用”要分成两个函数。

# %% exercise="standardize_apply" points=6 difficulty=1 minutes=5 vectorised=true
def standardize_apply(X: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Standardise every feature with a given mean and standard deviation: (x − mean) / std. (Lecture 6)

    ``X``: floating, (N, D), with N ≥ 1: training, validation or test samples. ``mean`` and ``std``: (D,), of
    the same dtype, as ``standardize_fit`` returned them for the training set. ``std`` has no zeros, so add
    nothing to it. The result is a new tensor with the shape, dtype and device of ``X``. No Python loop over
    the samples.

    用给定的均值和标准差，把每个特征标准化：(x − mean) / std。（第 6 讲）

    ``X``：浮点，(N, D)，N ≥ 1，可以是训练、验证或测试样本。``mean`` 和 ``std``：形状 (D,)，dtype 相同，
    是 ``standardize_fit`` 在训练集上得到的。``std`` 里没有 0，所以什么也不要加。
    结果是新的张量，形状、dtype 和设备与 ``X`` 相同。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return (X - mean) / std
    ### END SOLUTION

# %% [markdown] hint="standardize_apply" lang="en"
# 1. `X = [[5.0, 30.0]]` with mean (1, 10) and std (2, 10) gives (2, 2): first subtract, then divide. Only
#    the training set itself comes out with mean exactly 0; other samples need not.
# 2. Section 1 of the lesson: $\tilde x_i = (x_i - m_i)/\sigma_i$, with the $m$ and $\sigma$ that are given.
# 3. `return (X - …) / …`: broadcasting lines up the last dimension, D, by itself.

# %% [markdown] hint="standardize_apply" lang="zh"
# 1. `X = [[5.0, 30.0]]`，mean 为 (1, 10)，std 为 (2, 10)，结果是 (2, 2)：先减，后除。
#    只有训练集自己标准化后均值恰好为 0，别的样本不一定。
# 2. 见本讲第 1 节：$\tilde x_i = (x_i - m_i)/\sigma_i$，$m$ 和 $\sigma$ 用传进来的。
# 3. `return (X - …) / …`：广播会自动对齐最后一维 D。

# %% demo=true
import matplotlib.pyplot as plt

# The same data and the same optimiser, before and after your standardisation.
# 同样的数据、同样的优化器，标准化之前和之后。
generator = torch.Generator().manual_seed(0)
raw = torch.randn(100, 2, generator=generator) * torch.tensor([1.0, 4.0])
scaled = standardize_apply(raw, *standardize_fit(raw))
target = raw @ torch.tensor([2.0, 0.5])
figure, axes = plt.subplots(1, 2, figsize=(10.5, 4.2), layout="constrained")
for axis, X, rate, title in (
    (axes[0], raw, 0.055, say("raw features: a canyon", "原始特征：峡谷")),
    (axes[1], scaled, 0.35, say("standardised: a bowl", "标准化之后：圆碗")),
):
    A = X.T @ X / len(X)
    best = torch.linalg.solve(A, X.T @ target / len(X))
    side = torch.linspace(-3, 3, 81)
    off1, off2 = torch.meshgrid(side, side, indexing="xy")
    off = torch.stack([off1, off2], dim=2)
    height = (off @ A * off).sum(dim=2).sqrt()
    axis.contour(best[0] + off1, best[1] + off2, height, levels=14, cmap="viridis")
    w = best + torch.tensor([-2.6, 1.0])
    path = [w]
    for _ in range(15):
        w = w - rate * 2 * A @ (w - best)
        path.append(w)
    steps = torch.stack(path)
    axis.plot(steps[:, 0], steps[:, 1], "o-", color="tab:red", markersize=4)
    axis.plot(*best, "*", color="black", markersize=14)
    axis.set_title(title)
    axis.set_xlabel("w1")
    axis.set_ylabel("w2")
    left_over = (w - best).norm().item()
    print(say(f"{title}: after 15 updates {left_over:.4f} away", f"{title}：15 次更新后还差 {left_over:.4f}"))
plt.show()

# %% [markdown] lang="en"
# Left, the learning rate is about as large as it can be: a little more and the path would jump out of the
# canyon. Across it oscillates, along it crawls. Right, one learning rate suits both directions.
#
# ## 2 · Batch normalisation
#
# A deep network has features of its own: the output of layer 1 is the input of layer 2, and layer 2 has the
# same trouble with ranges as before. So standardise there too: usually the vector $z = Wx$ just before the
# activation function, where a sigmoid wants its inputs near 0, the place where it has a slope.
#
# But $W$ changes with every update, and with it the mean and variance of $z$. To take them over all the
# training data each time is hopeless; take them over the batch:
#
# $$\mu = \frac1N\sum_r z^r, \qquad \sigma^2 = \frac1N\sum_r (z^r - \mu)^2, \qquad
# \tilde z^r = \frac{z^r - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad
# \hat z^r = \gamma \odot \tilde z^r + \beta$$
#
# all of it element by element. Two things are new:
#
# * **$\gamma$ and $\beta$ are learned.** Mean 0 and variance 1 is a good start, but perhaps not what the next
#   layer wants in the end. They start as $\gamma = 1$ and $\beta = 0$.
# * **$\mu$ and $\sigma$ are part of the network.** They are computed from $z$, so the gradient must flow
#   through them. One sample now has a say in the output of all others: the batch has become one big network.
#
# > **Where the notes slip.** They speak of an *inner* product with $\gamma$; it is the element-wise product
# > $\odot$, otherwise $D$ features would become one number. They also leave out the small $\varepsilon$ that
# > keeps the root away from 0.

# %% [markdown] lang="zh"
# 左图的学习率差不多已经大到极限：再大一点，路径就会跳出峡谷。横着来回震荡，顺着慢慢爬。
# 右图里，同一个学习率对两个方向都合适。
#
# ## 2 · 批次归一化
#
# 深层网络有自己的特征：第 1 层的输出是第 2 层的输入，第 2 层同样会碰到范围不一的麻烦。所以在那里也做标准化，
# 通常是对激活函数之前的向量 $z = Wx$：sigmoid 喜欢输入在 0 附近，那里才有斜率。
#
# 可是每次更新之后 $W$ 都变了，$z$ 的均值和方差也跟着变。每次都在全部训练数据上重算是不现实的，
# 那就只看这个批次：
#
# $$\mu = \frac1N\sum_r z^r, \qquad \sigma^2 = \frac1N\sum_r (z^r - \mu)^2, \qquad
# \tilde z^r = \frac{z^r - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad
# \hat z^r = \gamma \odot \tilde z^r + \beta$$
#
# 全部都是逐元素的运算。有两点是新的：
#
# * **$\gamma$ 和 $\beta$ 是学出来的。** 均值 0、方差 1 是个好起点，但未必是下一层最终想要的。
#   初始值是 $\gamma = 1$、$\beta = 0$。
# * **$\mu$ 和 $\sigma$ 是网络的一部分。** 它们由 $z$ 算出来，所以梯度也要流过它们。
#   一个样本从此会影响其他所有样本的输出：整个批次变成了一个大网络。
#
# > **笔记的笔误。** 笔记说与 $\gamma$ 做*内积*，其实是逐元素相乘 $\odot$，否则 $D$ 个特征会变成一个数。
# > 笔记还漏掉了那个小小的 $\varepsilon$，它让根号里的数不会是 0。

# %% exercise="batchnorm_train" points=20 difficulty=2 minutes=15 vectorised=true differentiable=true forbidden=["batch_norm", "layer_norm"]
def batchnorm_train(z: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Normalise each feature over the batch, then scale and shift: γ ⊙ (z − μ) / √(σ² + ε) + β. (Lecture 6)

    ``z``: floating, (N, D), a batch of N ≥ 1 samples. ``gamma`` and ``beta``: (D,), of the same dtype.
    ``eps``: a number > 0, added to the variance inside the root. μ and σ² are the mean and the variance of
    each feature over this batch; the variance divides by N. The result is a new tensor with the shape, dtype
    and device of ``z``. A batch of one gives β.

    Differentiable in ``z``, ``gamma`` and ``beta``. Gradients flow through μ and σ² too, and are finite and
    right also for a feature that has the same value in the whole batch. No Python loop over the samples, and
    no library normalisation.

    在批次上把每个特征归一化，再缩放、平移：γ ⊙ (z − μ) / √(σ² + ε) + β。（第 6 讲）

    ``z``：浮点，(N, D)，一个批次，N ≥ 1 个样本。``gamma`` 和 ``beta``：形状 (D,)，dtype 相同。
    ``eps``：大于 0 的数，加在根号里面的方差上。μ 和 σ² 是每个特征在这个批次上的均值和方差，方差除以 N。
    结果是新的张量，形状、dtype 和设备与 ``z`` 相同。批次里只有一个样本时，结果就是 β。

    对 ``z``、``gamma`` 和 ``beta`` 可微。梯度也要流过 μ 和 σ²；如果某个特征在整个批次里取值都相同，
    梯度也要有限且正确。不要用 Python 循环逐个处理样本，也不要调用库里的归一化。
    """
    ### BEGIN SOLUTION
    mu = z.mean(dim=0)
    var = z.var(dim=0, correction=0)
    return gamma * (z - mu) / (var + eps).sqrt() + beta
    ### END SOLUTION

# %% [markdown] hint="batchnorm_train" lang="en"
# 1. With γ = 1, β = 0 and a tiny ε, every *column* of the result has mean 0 and a mean square of 1. With
#    `z = [[1.0], [3.0]]` and ε = 3 the result is (−0.5, 0.5): the variance is 1 and the root of 1 + 3 is 2.
#    If the values are right and the gradients are not, look for `.detach()`, `.item()`, `no_grad`, or for a
#    root taken of something that may be exactly 0.
# 2. Section 2 of the lesson: μ, σ², then $\tilde z$, then $\gamma \odot \tilde z + \beta$. The variance
#    divides by $N$; torch's `var` and `std` divide by $N - 1$ unless told otherwise (`correction=0`).
# 3. `mu = z.mean(dim=…)`, `var = z.var(dim=…, correction=…)`, and then
#    `return gamma * (…) / (… + eps).sqrt() + …`.

# %% [markdown] hint="batchnorm_train" lang="zh"
# 1. γ = 1、β = 0、ε 很小时，结果的每一*列*均值为 0，平方的平均为 1。
#    `z = [[1.0], [3.0]]`、ε = 3 时，结果是 (−0.5, 0.5)：方差是 1，1 + 3 开方得 2。
#    如果数值对而梯度不对，找找有没有 `.detach()`、`.item()`、`no_grad`，或者对可能恰好为 0 的数开了方。
# 2. 见本讲第 2 节：先 μ 和 σ²，再 $\tilde z$，再 $\gamma \odot \tilde z + \beta$。方差除以 $N$；
#    而 torch 的 `var` 和 `std` 默认除以 $N - 1$，除非另行说明（`correction=0`）。
# 3. `mu = z.mean(dim=…)`，`var = z.var(dim=…, correction=…)`，然后
#    `return gamma * (…) / (… + eps).sqrt() + …`。

# %% demo=true
# Left: one feature of five samples. Only sample 5 moves; watch the other four.
# Right: what the next sigmoid gets to see, without and with batch normalisation.
# 左：五个样本的同一个特征。只有样本 5 在移动，请看另外四个。
# 右：没有和有批次归一化时，下一个 sigmoid 看到的输入。
one, zero = torch.ones(1), torch.zeros(1)
moving = torch.linspace(-4, 4, 81)
four = torch.tensor([[-1.0], [-0.3], [0.4], [1.0]])
outputs = torch.cat([batchnorm_train(torch.cat([four, v.reshape(1, 1)]), one, zero, 1e-5).T for v in moving])
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
for sample in range(5):
    color = "tab:red" if sample == 4 else f"C{9 - sample}"
    left.plot(moving, outputs[:, sample], color=color, linewidth=3 if sample == 4 else 1.5,
              label=say(f"sample {sample + 1}", f"样本 {sample + 1}"))
left.set_xlabel(say("z of sample 5", "样本 5 的 z"))
left.set_ylabel(say("normalised", "归一化之后"))
left.set_ylim(-2.1, 3.2)
left.legend(fontsize="small", ncols=3, loc="upper center")
left.set_title(say("one sample moves, all outputs change", "一个样本动，所有输出都变"))
z = 5 + 3 * torch.randn(2000, 1, generator=torch.Generator().manual_seed(0))
shown = {
    say("z", "z"): z,
    say("γ = 1, β = 0", "γ = 1，β = 0"): batchnorm_train(z, one, zero, 1e-5),
    say("γ = 0.5, β = 2", "γ = 0.5，β = 2"): batchnorm_train(z, one / 2, zero + 2, 1e-5),
}
for label, values in shown.items():
    right.hist(values[:, 0].numpy(), bins=60, range=(-6, 15), alpha=0.55, density=True, label=label)
grid = torch.linspace(-6, 15, 200)
right.plot(grid, torch.sigmoid(grid), color="black", label="sigmoid")
right.legend(fontsize="small")
right.set_title(say("where the sigmoid's inputs lie", "sigmoid 的输入落在哪里"))
plt.show()

# %% [markdown] lang="en"
# Left: when sample 5 runs away, it squeezes the other four together, although nothing about them has changed.
# That is the price of the batch. It must be large enough to stand for the whole data set.
#
# Right: most of the raw $z$ lie where the sigmoid is flat. After normalisation they lie on its slope.
#
# ## 3 · The test has no batch
#
# A sample that arrives alone has no mean over its batch, and a service cannot wait until 64 users have asked.
# So during training, after each update $t$, keep a moving average of what the batches showed:
#
# $$\bar\mu \leftarrow p\,\bar\mu + (1 - p)\,\mu^t$$
#
# and the same for the variance. The old value has the weight $p = 0.9$, say: one batch moves the average a
# little, and what was seen long ago (when the weights were different) is forgotten.
#
# One detail. To normalise the batch itself, the variance divides by $N$: it is about *these* samples. The
# moving average estimates the variance of *all* samples, and there $N$ gives too little on average: the mean
# was fitted to the very same samples. Dividing by $N - 1$ repairs it. PyTorch does this as well: $N$ for
# normalising, $N - 1$ for the average.
#
# > **Where the notes slip.** On the right they write $\hat\mu$ for the old average, and they mention only
# > $\mu$: the variance needs its average too. And "p is 0.1 in PyTorch" belongs to another formula:
# > PyTorch's `momentum=0.1` is the weight of the *new* batch, so it corresponds to $p = 0.9$ here. Whenever
# > you meet a momentum in a library, look up which side it multiplies.

# %% [markdown] lang="zh"
# 左图：样本 5 跑远时，另外四个被挤到一起，尽管它们自己什么也没变。这就是依赖批次的代价：
# 批次要足够大，才能代表整个数据集。
#
# 右图：原来的 $z$ 大多落在 sigmoid 的平坦处；归一化之后，它们落在斜坡上。
#
# ## 3 · 测试时没有批次
#
# 单独到来的一个样本，没有什么批次均值可言；线上服务也不能等凑齐 64 个用户再回答。
# 所以在训练期间，每次更新 $t$ 之后，都记下各批次统计量的滑动平均：
#
# $$\bar\mu \leftarrow p\,\bar\mu + (1 - p)\,\mu^t$$
#
# 方差也一样。旧值的权重比如是 $p = 0.9$：一个批次只让平均值挪动一点，
# 很久以前看到的（那时网络的权重还不一样）会被逐渐忘掉。
#
# 还有一个细节。归一化批次本身时，方差除以 $N$，因为说的就是*这些*样本。而滑动平均要估计的是*所有*样本的方差，
# 除以 $N$ 平均来说会偏小，因为均值正是用这些样本算出来的；除以 $N - 1$ 就补上了。
# PyTorch 也是这样：归一化用 $N$，滑动平均用 $N - 1$。
#
# > **笔记的笔误。** 右边的旧平均值，笔记写成了 $\hat\mu$；而且只提到 $\mu$，其实方差也需要滑动平均。
# > 至于“p 在 PyTorch 中默认为 0.1”，那说的是另一个式子：PyTorch 的 `momentum=0.1` 乘的是*新*批次，
# > 对应这里的 $p = 0.9$。以后在任何库里遇到 momentum，都先查清楚它乘在哪一边。

# %% exercise="update_running_stats" points=15 difficulty=2 minutes=10 vectorised=true
def update_running_stats(mu_bar: Tensor, var_bar: Tensor, z: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """Moving averages of mean and variance after one more batch: p · old + (1 − p) · batch. (Lecture 6)

    ``mu_bar`` and ``var_bar``: (D,), the averages so far. ``z``: (N, D) of the same dtype, the batch, with
    N ≥ 2. ``p``: a number from 0 to 1, the weight of the *old* value. The variance of the batch divides by
    N − 1 (unbiased). Returns the pair (mu_bar, var_bar) of new tensors of shape (D,) with the dtype and
    device of the old ones, which stay as they were. The averages are records, not a part of the model: the
    results require no gradient, even where ``z`` does. No Python loop over the samples.

    再看一个批次之后，均值和方差的滑动平均：p · 旧值 + (1 − p) · 批次的值。（第 6 讲）

    ``mu_bar`` 和 ``var_bar``：形状 (D,)，到目前为止的平均值。``z``：(N, D)，dtype 相同，是这个批次，N ≥ 2。
    ``p``：0 到 1 之间的数，是*旧*值的权重。批次的方差除以 N − 1（无偏）。
    返回一对新的张量 (mu_bar, var_bar)，形状都是 (D,)，dtype 和设备与旧的相同；旧的张量保持不变。
    滑动平均只是记录，不是模型的一部分：哪怕 ``z`` 需要梯度，结果也不需要梯度。
    不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    z = z.detach()
    return p * mu_bar + (1 - p) * z.mean(dim=0), p * var_bar + (1 - p) * z.var(dim=0, correction=1)
    ### END SOLUTION

# %% [markdown] hint="update_running_stats" lang="en"
# 1. From `mu_bar = [0.0]`, `var_bar = [1.0]`, the batch `[[1.0], [3.0]]` and p = 0.9 you get 0.2 and
#    1.1: the batch has mean 2 and unbiased variance 2. With p = 1 nothing changes, with p = 0 the old value
#    is forgotten. And `requires_grad` of both results is False even if `z` requires a gradient.
# 2. Section 3 of the lesson: $\bar\mu \leftarrow p\,\bar\mu + (1-p)\,\mu^t$, the same for the variance, which
#    divides by $N - 1$ here.
# 3. First cut `z` off from the graph, then `p * mu_bar + … * z.mean(dim=…)`, and the same line with
#    `z.var(dim=…)`.

# %% [markdown] hint="update_running_stats" lang="zh"
# 1. 从 `mu_bar = [0.0]`、`var_bar = [1.0]` 出发，批次为 `[[1.0], [3.0]]`，p = 0.9，应得到 0.2 和 1.1：
#    批次的均值是 2，无偏方差是 2。p = 1 时什么都不变，p = 0 时旧值完全忘掉。
#    即使 `z` 需要梯度，两个结果的 `requires_grad` 也都是 False。
# 2. 见本讲第 3 节：$\bar\mu \leftarrow p\,\bar\mu + (1-p)\,\mu^t$，方差也一样，只是这里除以 $N - 1$。
# 3. 先把 `z` 从计算图上断开，然后 `p * mu_bar + … * z.mean(dim=…)`，再写同样的一行，换成 `z.var(dim=…)`。

# %% demo=true
# Sixty batches of eight samples with mean 3; from batch 30 on the mean is 1, as if the weights had changed.
# 六十个批次，每批八个样本，均值为 3；从第 30 批起均值变成 1，就像权重变了一样。
generator = torch.Generator().manual_seed(1)
batches = [(3.0 if t < 30 else 1.0) + 2 * torch.randn(8, 1, generator=generator) for t in range(60)]
plt.figure(figsize=(8, 3.6), layout="constrained")
means = [float(z.mean()) for z in batches]
plt.plot(means, ".", color="gray", label=say("means of the batches", "各批次的均值"))
plt.step([0, 30, 59], [3, 1, 1], ":", where="post", color="black", label=say("true mean", "真实均值"))
for p in (0.5, 0.9, 0.98):
    mu_bar, var_bar, track = torch.zeros(1), torch.ones(1), []
    for z in batches:
        mu_bar, var_bar = update_running_stats(mu_bar, var_bar, z, p)
        track.append(mu_bar.item())
    plt.plot(track, linewidth=2, label=f"p = {p}")
plt.xlabel(say("updates", "更新次数"))
plt.legend(ncols=2, fontsize="small")
plt.title(say("small p: nervous; large p: slow to forget", "p 小：一惊一乍；p 大：迟迟不忘"))
plt.show()

# %% [markdown] lang="en"
# ### Using them
#
# At test time $\bar\mu$ and $\bar\sigma^2$ take the places of $\mu$ and $\sigma^2$. They are constants now,
# so every sample gets its own answer, whoever else is in the batch.

# %% [markdown] lang="zh"
# ### 用上它们
#
# 测试时，$\bar\mu$ 和 $\bar\sigma^2$ 取代 $\mu$ 和 $\sigma^2$。它们现在是常数，
# 所以每个样本得到自己的答案，与批次里还有谁无关。

# %% exercise="batchnorm_eval" points=11 difficulty=1 minutes=8 vectorised=true differentiable=true forbidden=["batch_norm", "layer_norm"]
def batchnorm_eval(
    z: Tensor, gamma: Tensor, beta: Tensor, mu_bar: Tensor, var_bar: Tensor, eps: float
) -> Tensor:
    """Normalise with the moving averages, then scale and shift: γ ⊙ (z − μ̄) / √(σ̄² + ε) + β. (Lecture 6)

    ``z``: floating, (N, D), with N ≥ 1. ``gamma``, ``beta``, ``mu_bar`` and ``var_bar``: (D,), of the same
    dtype; ``var_bar`` is a variance (σ̄², not σ̄) and may hold zeros. ``eps``: a number > 0, added to the
    variance inside the root. The result is a new tensor with the shape, dtype and device of ``z``. A sample's
    result does not depend on the other samples, and the arguments stay as they were.

    Differentiable in ``z``, ``gamma`` and ``beta``. No Python loop over the samples, and no library
    normalisation.

    用滑动平均归一化，再缩放、平移：γ ⊙ (z − μ̄) / √(σ̄² + ε) + β。（第 6 讲）

    ``z``：浮点，(N, D)，N ≥ 1。``gamma``、``beta``、``mu_bar`` 和 ``var_bar``：形状 (D,)，dtype 相同；
    ``var_bar`` 是方差（σ̄²，不是 σ̄），可能含有 0。``eps``：大于 0 的数，加在根号里面的方差上。
    结果是新的张量，形状、dtype 和设备与 ``z`` 相同。一个样本的结果不依赖于其他样本，各个参数保持不变。

    对 ``z``、``gamma`` 和 ``beta`` 可微。不要用 Python 循环逐个处理样本，也不要调用库里的归一化。
    """
    ### BEGIN SOLUTION
    return gamma * (z - mu_bar) / (var_bar + eps).sqrt() + beta
    ### END SOLUTION

# %% [markdown] hint="batchnorm_eval" lang="en"
# 1. `z = [[5.0]]` with γ = 2, β = 1, μ̄ = 1, σ̄² = 3 and ε = 1 gives 2 · 4 / 2 + 1 = 5. And a batch of
#    samples gives row by row the same as the samples alone.
# 2. Section 3 of the lesson: the formula of section 2, with $\bar\mu$ and $\bar\sigma^2$ in the places of
#    $\mu$ and $\sigma^2$. No statistic of `z` is needed.
# 3. `return gamma * (z - …) / (… + eps).sqrt() + …`

# %% [markdown] hint="batchnorm_eval" lang="zh"
# 1. `z = [[5.0]]`，γ = 2，β = 1，μ̄ = 1，σ̄² = 3，ε = 1，结果是 2 · 4 / 2 + 1 = 5。
#    把几个样本放在一个批次里算，逐行的结果与单独算相同。
# 2. 见本讲第 3 节：第 2 节的公式，只是用 $\bar\mu$ 和 $\bar\sigma^2$ 取代 $\mu$ 和 $\sigma^2$。
#    不需要 `z` 的任何统计量。
# 3. `return gamma * (z - …) / (… + eps).sqrt() + …`

# %% [markdown] lang="en"
# ## 4 · The layer
#
# Now put the parts together into a layer that can stand in any network. What has to be remembered comes in
# two kinds, and PyTorch wants to know which is which:
#
# * **parameters** (`nn.Parameter`): $\gamma$ and $\beta$. The optimiser changes them by their gradients.
# * **buffers** (`self.register_buffer(name, tensor)`): $\bar\mu$ and $\bar\sigma^2$. No optimiser touches
#   them, but they are saved in `state_dict()` and travel with `.to(device)` and `.double()`. A plain tensor
#   attribute would be left behind: a classic bug that shows only after loading a saved model.
#
# And the layer behaves differently in training and in testing. `model.train()` and `model.eval()` set
# `self.training` to True and False in every layer; read it in `forward`.

# %% [markdown] lang="zh"
# ## 4 · 组装成层
#
# 现在把各部分组装成一个层，放进任何网络都能用。要记住的东西有两种，得告诉 PyTorch 哪个是哪种：
#
# * **参数**（`nn.Parameter`）：$\gamma$ 和 $\beta$。优化器会按梯度更新它们。
# * **缓冲区**（`self.register_buffer(名字, 张量)`）：$\bar\mu$ 和 $\bar\sigma^2$。优化器不碰它们，
#   但它们会存进 `state_dict()`，也会跟着 `.to(device)` 和 `.double()` 一起走。
#   如果只是普通的张量属性，就会被落下：这是一个经典的 bug，要到重新载入模型时才会露馅。
#
# 另外，这个层在训练和测试时的行为不同。`model.train()` 和 `model.eval()` 会把每一层的 `self.training`
# 设为 True 和 False；在 `forward` 里读它就行。

# %% exercise="BatchNorm1d" points=20 difficulty=2 minutes=20 vectorised=true differentiable=true forbidden=["batch_norm", "layer_norm"]
class BatchNorm1d(nn.Module):
    """A batch normalisation layer for D features: ``layer(z)`` maps (N, D) to (N, D). (Lecture 6)

    Parameters, each of shape (D,): ``gamma``, at first ones, and ``beta``, at first zeros; there are no
    others. Buffers, each of shape (D,) and part of ``state_dict()``: ``mu_bar``, at first zeros, and
    ``var_bar``, at first ones. ``p`` and ``eps`` are Python numbers, as in the functions above. All tensors
    start as float32 and follow ``.double()`` and ``.to(…)``.

    In training mode (``self.training``) the layer normalises with the statistics of the batch, like
    ``batchnorm_train``, and each call updates ``mu_bar`` and ``var_bar`` once, like ``update_running_stats``;
    they never require a gradient. A batch of one raises ``ValueError`` and updates nothing. In evaluation
    mode it normalises with ``mu_bar`` and ``var_bar``, like ``batchnorm_eval``, also a single sample, and
    updates nothing. Differentiable in ``z``, ``gamma`` and ``beta`` in both modes.

    Your own functions may be called. No Python loop over the samples, and no library normalisation.

    D 个特征的批次归一化层：``layer(z)`` 把 (N, D) 变成 (N, D)。（第 6 讲）

    参数，形状都是 (D,)：``gamma``，初始全 1；``beta``，初始全 0；没有别的参数。
    缓冲区（buffer），形状都是 (D,)，属于 ``state_dict()``：``mu_bar``，初始全 0；``var_bar``，初始全 1。
    ``p`` 和 ``eps`` 是 Python 数，含义与前面的函数相同。所有张量一开始都是 float32，
    并跟随 ``.double()`` 和 ``.to(…)``。

    训练模式下（``self.training``），用批次的统计量归一化，与 ``batchnorm_train`` 相同；
    每次调用都更新一次 ``mu_bar`` 和 ``var_bar``，与 ``update_running_stats`` 相同；它们永远不需要梯度。
    批次里只有一个样本时抛出 ``ValueError``，什么也不更新。评估模式下，用 ``mu_bar`` 和 ``var_bar`` 归一化，
    与 ``batchnorm_eval`` 相同，单个样本也可以；什么也不更新。
    两种模式下，对 ``z``、``gamma`` 和 ``beta`` 都可微。

    可以调用你自己写的函数。不要用 Python 循环逐个处理样本，也不要调用库里的归一化。
    """

    def __init__(self, D: int, p: float = 0.9, eps: float = 1e-5) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))
        self.register_buffer("mu_bar", torch.zeros(D))
        self.register_buffer("var_bar", torch.ones(D))
        ### END SOLUTION

    def forward(self, z: Tensor) -> Tensor:
        ### BEGIN SOLUTION
        if not self.training:
            return batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a training batch needs at least two samples: one alone has no variance")
        self.mu_bar, self.var_bar = update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return batchnorm_train(z, self.gamma, self.beta, self.eps)
        ### END SOLUTION

# %% [markdown] hint="BatchNorm1d" lang="en"
# 1. `sorted(BatchNorm1d(3).state_dict())` must be `['beta', 'gamma', 'mu_bar', 'var_bar']`, and
#    `len(list(BatchNorm1d(3).parameters()))` 2. After `layer.eval()` two calls with different batches leave
#    `layer.mu_bar` as it was; after `layer.train()` each call moves it.
# 2. Section 4 of the lesson: `nn.Parameter` for what is learned, `register_buffer` for what is recorded. In
#    `forward` there are two ways, chosen by `self.training`, and your three functions do the work.
# 3. In `__init__`: `self.gamma = nn.Parameter(torch.ones(D))`, `self.register_buffer("mu_bar", …)`, and so
#    on. In `forward`: `if not self.training: return batchnorm_eval(…)`; then the check of `len(z)`, then
#    `self.mu_bar, self.var_bar = …`, then `return batchnorm_train(…)`.

# %% [markdown] hint="BatchNorm1d" lang="zh"
# 1. `sorted(BatchNorm1d(3).state_dict())` 应为 `['beta', 'gamma', 'mu_bar', 'var_bar']`，
#    `len(list(BatchNorm1d(3).parameters()))` 应为 2。`layer.eval()` 之后，用不同的批次调用两次，
#    `layer.mu_bar` 不变；`layer.train()` 之后，每调用一次它都会移动。
# 2. 见本讲第 4 节：学出来的用 `nn.Parameter`，记录下来的用 `register_buffer`。
#    `forward` 里按 `self.training` 分两条路，具体计算由你的三个函数完成。
# 3. 在 `__init__` 里：`self.gamma = nn.Parameter(torch.ones(D))`、`self.register_buffer("mu_bar", …)` 等等。
#    在 `forward` 里：`if not self.training: return batchnorm_eval(…)`，接着检查 `len(z)`，
#    接着 `self.mu_bar, self.var_bar = …`，最后 `return batchnorm_train(…)`。

# %% demo=true
# Your layer beside PyTorch's. Its momentum is the weight of the new batch: 1 − p.
# 你的层，和 PyTorch 自带的层。它的 momentum 是新批次的权重，也就是 1 − p。
torch.manual_seed(0)
yours, theirs = BatchNorm1d(4, p=0.9), nn.BatchNorm1d(4, momentum=0.1)
for _ in range(20):
    z = 3 + 2 * torch.randn(32, 4)
    in_training = (yours(z) - theirs(z)).abs().max().item()
yours.eval()
theirs.eval()
in_testing = (yours(z[:1]) - theirs(z[:1])).abs().max().item()
print(say(f"largest difference in training: {in_training:.1e}, in testing: {in_testing:.1e}",
          f"最大的差：训练时 {in_training:.1e}，测试时 {in_testing:.1e}"))
print(say("mean kept for the test (the truth is 3):", "留给测试的均值（真值是 3）："), yours.mu_bar)

# %% [markdown] lang="en"
# Twenty batches, and the average has not quite arrived: it started at 0, and $0.9^{20} \approx 0.12$ of that
# start is still in it.
#
# ## 5 · What the gradient sees
#
# PyTorch went backwards through $\mu$ and $\sigma$ for you. Do it once by hand. The gradient
# $\partial L/\partial \hat z$ comes from above; write $s = \sqrt{\sigma^2 + \varepsilon}$, let
# $\langle\cdot\rangle$ be the mean over the batch, and $d = \gamma \odot \partial L/\partial \hat z$. Three
# paths lead from $z^r$ to the loss:
#
# | path | its part of $\partial L / \partial z^r$ |
# |---|---|
# | directly | $d^r / s$ |
# | through $\mu$, which moves all samples | $-\langle d \rangle / s$ |
# | through $\sigma^2$, which stretches all samples | $-\tilde z^r\,\langle d \odot \tilde z\rangle / s$ |
#
# $$\frac{\partial L}{\partial z^r} =
# \frac{1}{s}\Bigl(d^r - \langle d\rangle - \tilde z^r \langle d \odot \tilde z\rangle\Bigr)$$
#
# Read it as a sentence: *take from the gradient its mean, and whatever of it is proportional to $\tilde z$*.
# Shifting or stretching a whole feature would change nothing in the output, so no gradient is wasted on it.
# $\gamma$ and $\beta$ are simpler. They act on every sample, so their gradients are sums over the batch; find
# them yourself from $\hat z = \gamma \odot \tilde z + \beta$.

# %% [markdown] lang="zh"
# 过了二十个批次，平均值还没有完全到位：它从 0 出发，起点的 $0.9^{20} \approx 0.12$ 还留在里面。
#
# ## 5 · 梯度看到了什么
#
# 刚才 PyTorch 替你穿过 $\mu$ 和 $\sigma$ 做了反向传播。现在亲手做一次。
# 上面传来的梯度是 $\partial L/\partial \hat z$；记 $s = \sqrt{\sigma^2 + \varepsilon}$，
# $\langle\cdot\rangle$ 是对批次求平均，$d = \gamma \odot \partial L/\partial \hat z$。
# 从 $z^r$ 到损失有三条路：
#
# | 路径 | 对 $\partial L / \partial z^r$ 的贡献 |
# |---|---|
# | 直接 | $d^r / s$ |
# | 经过 $\mu$：它平移所有样本 | $-\langle d \rangle / s$ |
# | 经过 $\sigma^2$：它伸缩所有样本 | $-\tilde z^r\,\langle d \odot \tilde z\rangle / s$ |
#
# $$\frac{\partial L}{\partial z^r} =
# \frac{1}{s}\Bigl(d^r - \langle d\rangle - \tilde z^r \langle d \odot \tilde z\rangle\Bigr)$$
#
# 把它读成一句话：*从梯度里去掉均值，再去掉与 $\tilde z$ 成比例的部分*。
# 整个特征一起平移或伸缩，输出都不变，所以不必把梯度浪费在这上面。
# $\gamma$ 和 $\beta$ 更简单。它们作用在每个样本上，所以梯度是对批次求和；
# 请从 $\hat z = \gamma \odot \tilde z + \beta$ 自己推出来。

# %% exercise="batchnorm_backward" points=18 difficulty=3 minutes=25 vectorised=true forbidden=["autograd", "batch_norm", "layer_norm"]
def batchnorm_backward(z: Tensor, gamma: Tensor, dout: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of a loss through ``batchnorm_train(z, gamma, beta, eps)``, by formula. (Lecture 6)

    ``z``: floating, (N, D), with N ≥ 1. ``gamma``: (D,). ``dout``: (N, D), the gradient of the loss by the
    output of ``batchnorm_train``. ``eps``: a number > 0. Returns (dz, dgamma, dbeta), the gradients of the
    loss by ``z`` (N, D), by ``gamma`` (D,) and by ``beta`` (D,), all in the dtype of ``z``. μ and σ² depend
    on ``z``, and dz takes this into account. The arguments stay as they were.

    No automatic differentiation, no Python loop over the samples, and no library normalisation.

    按公式计算损失穿过 ``batchnorm_train(z, gamma, beta, eps)`` 的梯度。（第 6 讲）

    ``z``：浮点，(N, D)，N ≥ 1。``gamma``：(D,)。``dout``：(N, D)，损失对 ``batchnorm_train`` 输出的梯度。
    ``eps``：大于 0 的数。返回 (dz, dgamma, dbeta)：损失对 ``z`` 的梯度 (N, D)、对 ``gamma`` 的梯度 (D,)、
    对 ``beta`` 的梯度 (D,)，dtype 都与 ``z`` 相同。μ 和 σ² 也是 z 的函数，dz 要把这一点算进去。
    各个参数保持不变。

    不要用自动求导，不要用 Python 循环逐个处理样本，也不要调用库里的归一化。
    """
    ### BEGIN SOLUTION
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    dz = (d - d.mean(dim=0) - z_tilde * (d * z_tilde).mean(dim=0)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)
    ### END SOLUTION

# %% [markdown] hint="batchnorm_backward" lang="en"
# 1. Every column of `dz` sums to 0. If `dout` is the same in every row, `dz` is 0. With a tiny ε also the sum
#    of `dz * z` in each column is 0. See which of the three fails: the first belongs to the path through μ,
#    the last to the path through σ².
# 2. Section 5 of the lesson: the table of three paths, with *means* over the batch. For γ and β start from
#    $\hat z^r = \gamma \odot \tilde z^r + \beta$: each of them acts on all N samples, and gradients add up.
# 3. `s = …`, `z_tilde = …`, `d = gamma * dout`, then `dz = (d - … - z_tilde * (…).mean(dim=0)) / s` and
#    `return dz, (…).sum(dim=0), dout.sum(dim=0)`.

# %% [markdown] hint="batchnorm_backward" lang="zh"
# 1. `dz` 每一列之和都是 0。如果 `dout` 的每一行都相同，`dz` 就是 0。ε 很小时，`dz * z` 每一列之和也是 0。
#    看看三条里哪条不成立：第一条对应经过 μ 的路径，最后一条对应经过 σ² 的路径。
# 2. 见本讲第 5 节的三条路径，里面是对批次求*平均*。γ 和 β 从 $\hat z^r = \gamma \odot \tilde z^r + \beta$
#    出发：它们各自作用在全部 N 个样本上，梯度要加起来。
# 3. `s = …`，`z_tilde = …`，`d = gamma * dout`，然后 `dz = (d - … - z_tilde * (…).mean(dim=0)) / s`，
#    最后 `return dz, (…).sum(dim=0), dout.sum(dim=0)`。

# %% demo=true
# One feature, seven samples. Left: the gradient from above, with the line of best fit through it.
# Right: what reaches z is what the line does not explain, divided by s.
# 一个特征，七个样本。左：上面传来的梯度，以及它的最佳拟合直线。
# 右：传到 z 的，正是直线解释不了的部分，再除以 s。
generator = torch.Generator().manual_seed(4)
z = 2 * torch.randn(7, 1, generator=generator, dtype=torch.float64)
dout = 0.5 * z + 1.5 * torch.randn(7, 1, generator=generator, dtype=torch.float64) + 2
unit, none = torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
z_tilde = batchnorm_train(z, unit, none, 1e-12)
dz, dgamma, dbeta = batchnorm_backward(z, unit, dout, 1e-12)
level, slope = dbeta.item() / len(z), dgamma.item() / len(z)
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 3.6), layout="constrained")
ends = torch.tensor([z_tilde.min() - 0.3, z_tilde.max() + 0.3])
line = say("the line", "直线") + " $\\langle d\\rangle + \\tilde z\\,\\langle d\\,\\tilde z\\rangle$"
left.plot(ends, level + slope * ends, color="gray", label=line)
left.vlines(z_tilde[:, 0], (level + slope * z_tilde)[:, 0], dout[:, 0], color="tab:red", linewidth=2)
left.plot(z_tilde[:, 0], dout[:, 0], "o", label=say("gradient from above", "上面传来的梯度"))
left.legend(fontsize="small")
right.vlines(z_tilde[:, 0], 0, dz[:, 0], color="tab:red", linewidth=2)
right.plot(z_tilde[:, 0], dz[:, 0], "o", color="tab:red")
right.axhline(0, color="black", linewidth=0.8)
right.set_title(say("what reaches z: no mean, no slope", "传到 z 的梯度：没有均值，没有斜率"))
for axis in (left, right):
    axis.set_xlabel("$\\tilde z$")
plt.show()
z_grad = z.clone().requires_grad_()
batchnorm_train(z_grad, unit, none, 1e-12).backward(dout)
difference = (z_grad.grad - dz).abs().max().item()
print(say(f"against automatic differentiation: {difference:.0e}", f"与自动求导相比的差：{difference:.0e}"))

# %% [markdown] lang="en"
# ## 6 · Images (bonus)
#
# A convolution applies the same filter everywhere in an image, so a channel is *one* feature that is seen at
# $N \times H \times W$ places. Its mean and variance are taken over all of them, and each channel has one
# $\gamma$ and one $\beta$:
#
# $$\mu_c = \frac{1}{NHW}\sum_{n,h,w} x_{nchw}$$

# %% [markdown] lang="zh"
# ## 6 · 图像（附加题）
#
# 卷积在图像的每个位置用的都是同一个滤波器，所以一个通道就是*一个*特征，在 $N \times H \times W$ 个位置上
# 都能看到。它的均值和方差要在所有这些位置上求，每个通道有一个 $\gamma$ 和一个 $\beta$：
#
# $$\mu_c = \frac{1}{NHW}\sum_{n,h,w} x_{nchw}$$

# %% exercise="batchnorm2d" points=5 difficulty=2 minutes=10 bonus=true vectorised=true differentiable=true forbidden=["batch_norm", "layer_norm"]
def batchnorm2d(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Batch normalisation of images, in training: one mean and one variance for each channel. (Lecture 6)

    ``x``: floating, (N, C, H, W), each size ≥ 1. ``gamma`` and ``beta``: (C,), of the same dtype. ``eps``: a
    number > 0, added to the variance inside the root. Mean and variance of a channel are taken over all
    samples and all pixels; the variance divides by N·H·W. Then the channel is scaled by its γ and shifted by
    its β. The result is a new tensor with the shape, dtype and device of ``x``.

    Differentiable in ``x``, ``gamma`` and ``beta``. Your own functions may be called. No Python loop over the
    samples, and no library normalisation.

    图像的批次归一化（训练时）：每个通道一个均值、一个方差。（第 6 讲）

    ``x``：浮点，(N, C, H, W)，各个大小都 ≥ 1。``gamma`` 和 ``beta``：形状 (C,)，dtype 相同。
    ``eps``：大于 0 的数，加在根号里面的方差上。一个通道的均值和方差，取遍所有样本和所有像素，方差除以 N·H·W。
    然后用该通道的 γ 缩放，用它的 β 平移。结果是新的张量，形状、dtype 和设备与 ``x`` 相同。

    对 ``x``、``gamma`` 和 ``beta`` 可微。可以调用你自己写的函数。
    不要用 Python 循环逐个处理样本，也不要调用库里的归一化。
    """
    ### BEGIN SOLUTION
    mu = x.mean(dim=(0, 2, 3), keepdim=True)
    var = x.var(dim=(0, 2, 3), correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]
    ### END SOLUTION

# %% [markdown] hint="batchnorm2d" lang="en"
# 1. With γ = 1, β = 0 and a tiny ε, `out.mean(dim=(0, 2, 3))` is C zeros, and
#    `out.square().mean(dim=(0, 2, 3))` is C ones. If the sizes are right but the numbers are not, see whether
#    pixels of different channels were mixed: `reshape(-1, C)` without moving C to the end does that.
# 2. Section 6 of the lesson: a sum over $n$, $h$ and $w$, for each $c$. The rest is section 2.
# 3. `mu = x.mean(dim=…, keepdim=True)`, the variance likewise, and γ and β as `gamma[:, None, None]`, so that
#    they stand at the place of C.

# %% [markdown] hint="batchnorm2d" lang="zh"
# 1. γ = 1、β = 0、ε 很小时，`out.mean(dim=(0, 2, 3))` 是 C 个 0，
#    `out.square().mean(dim=(0, 2, 3))` 是 C 个 1。如果形状对而数值不对，看看是不是把不同通道的像素
#    混在了一起：没有把 C 移到最后就 `reshape(-1, C)`，正会如此。
# 2. 见本讲第 6 节：对每个 $c$，在 $n$、$h$、$w$ 上求和。其余与第 2 节相同。
# 3. `mu = x.mean(dim=…, keepdim=True)`，方差也一样；γ 和 β 写成 `gamma[:, None, None]`，让它们对齐 C 那一维。

# %% [markdown] lang="en"
# ## Capstone · The network that could not learn
#
# 1797 handwritten digits, spoiled on purpose: each of the 64 pixels is multiplied by its own factor between
# 0.03 and 30, as if they were measured in different units. The network has four hidden layers of sigmoids,
# which were the standard before ReLU. Plain gradient descent, a linearly decaying learning rate, 20 epochs.
#
# Four runs from the same weights: as it is; with standardised input (section 1); with your `BatchNorm1d`
# before each sigmoid; with both.
#
# Make your bet before you run it: is it enough to repair the input?

# %% [markdown] lang="zh"
# ## 综合实践 · 学不动的网络
#
# 1797 个手写数字，故意弄坏：64 个像素各乘以一个 0.03 到 30 之间的倍数，好像它们的单位各不相同。
# 网络有四个隐藏层，用 sigmoid（ReLU 之前大家都用它）。普通的梯度下降，学习率线性下降，20 轮。
#
# 从同一组权重出发，训练四次：原样不动；输入做标准化（第 1 节）；
# 每个 sigmoid 之前加上你的 `BatchNorm1d`；两样都用。
#
# 运行之前先押个注：只把输入修好，够不够？

# %% demo=true
from sklearn.datasets import load_digits

# Data whose 64 features have very different ranges; 1297 samples to train, 500 to validate.
# 64 个特征的范围相差悬殊的数据；1297 个样本用来训练，500 个用来验证。
digits = load_digits()
generator = torch.Generator().manual_seed(0)
order = torch.randperm(len(digits.target), generator=generator)
factors = 10 ** torch.linspace(-1.5, 1.5, 64)[torch.randperm(64, generator=generator)]
data, labels = torch.tensor(digits.data / 16, dtype=torch.float32) * factors, torch.tensor(digits.target)
training, validation = order[:1297], order[1297:]
standardised = standardize_apply(data, *standardize_fit(data[training]))


def network(with_batchnorm: bool) -> nn.Sequential:
    torch.manual_seed(0)
    linears = [nn.Linear(64, 64) for _ in range(4)]
    layers = []
    for linear in linears:
        layers += [linear, BatchNorm1d(64), nn.Sigmoid()] if with_batchnorm else [linear, nn.Sigmoid()]
    return nn.Sequential(*layers, nn.Linear(64, 10))


def score(net: nn.Module, inputs: Tensor, batch_size: int = 500) -> float:
    with torch.no_grad():
        hits = [(net(inputs[i]).argmax(dim=1) == labels[i]).sum() for i in validation.split(batch_size)]
    return int(sum(hits)) / len(validation)


def fit(net: nn.Sequential, inputs: Tensor, epochs: int = 20, rate: float = 0.5):
    parameters = list(net.parameters())
    updates, t, accuracies, first = epochs * 26, 0, [], []
    for _ in range(epochs):
        net.train()
        for i in training[torch.randperm(len(training))].split(50):
            loss = nn.functional.cross_entropy(net(inputs[i]), labels[i])
            slopes = torch.autograd.grad(loss, parameters)
            first = first or [slope.norm().item() for slope in slopes if slope.dim() == 2]
            with torch.no_grad():
                for parameter, slope in zip(parameters, slopes, strict=True):
                    parameter -= rate * (1 - t / updates) * slope
            t += 1
        net.eval()
        accuracies.append(score(net, inputs))
    return accuracies, first


runs = {
    say("as it is", "原样"): (network(False), data),
    say("standardised input", "输入标准化"): (network(False), standardised),
    say("batch normalisation", "批次归一化"): (network(True), data),
    say("both", "两样都用"): (network(True), standardised),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.9), layout="constrained")
colors = ("gray", "tab:orange", "tab:blue", "tab:green")
for (name, (net, inputs)), color in zip(runs.items(), colors, strict=True):
    accuracies, first = fit(net, inputs)
    left.plot(range(1, 21), accuracies, color=color, label=f"{name}: {accuracies[-1]:.2f}")
    right.semilogy(range(1, 6), first, "o-", color=color, label=name)
    final = accuracies[-1]
    print(say(f"{name}: validation accuracy {final:.3f}", f"{name}：验证集准确率 {final:.3f}"))
left.set(ylim=(0, 1), xticks=range(0, 21, 5), xlabel=say("epochs", "轮"))
left.set_title(say("validation accuracy", "验证集准确率"))
left.legend(fontsize="small", loc="center right")
right.set(xticks=range(1, 6), xlabel=say("layer, counted from the input", "从输入数起的第几层"))
right.set_title(say("length of the first gradient, by layer", "各层第一次梯度的长度"))
right.legend(fontsize="small")
plt.show()

# %% [markdown] lang="en"
# The network that is left alone guesses to the end: about 0.1. Repairing the input does not help it either.
# The right picture shows why: each sigmoid layer passes on only a part of the gradient, and at the first
# layer less than a hundredth is left. With batch normalisation all layers get gradients of about
# the same length, and the network learns, although its input is as bad as before.
#
# ### And now break it
#
# What if somebody forgets `model.eval()`? Then the statistics at test time come from the test batch. Below,
# the network with batch normalisation is asked about the same 500 samples in batches of different sizes.

# %% [markdown] lang="zh"
# 原样不动的网络到最后都在瞎猜：0.1 左右。只修好输入也救不了它。右图说明了原因：
# 每个 sigmoid 层都只把一部分梯度往回传，传到第一层，剩下的还不到百分之一。
# 有了批次归一化，各层梯度的长度都差不多，网络就学起来了，尽管它的输入还是那么糟。
#
# ### 现在把它弄坏
#
# 如果有人忘了写 `model.eval()` 呢？那么测试时的统计量就取自测试的批次。
# 下面让用了批次归一化的网络回答同样的 500 个样本，每次的批次大小不同。

# %% demo=true
# In evaluation mode the batch size plays no role. In training mode (which also moves the averages, so it
# comes last here) each sample is normalised with its neighbours.
# 评估模式下，批次大小无关紧要。训练模式下（它还会改动滑动平均，所以放在最后），每个样本都与邻居一起归一化。
net, inputs = runs[say("batch normalisation", "批次归一化")]
sizes = (2, 4, 10, 50, 500)
net.eval()
steady = [score(net, inputs, size) for size in sizes]
net.train()
neighbours = [score(net, inputs, size) for size in sizes]
places = torch.arange(len(sizes))
plt.figure(figsize=(8, 3.6), layout="constrained")
for shift, values, label in (
    (-0.2, steady, say("eval(): moving averages", "eval()：滑动平均")),
    (0.2, neighbours, say("train(): statistics of the batch", "train()：批次的统计量")),
):
    plt.bar_label(plt.bar(places + shift, values, width=0.38, label=label), [f"{v:.2f}" for v in values])
plt.xticks(places, [str(size) for size in sizes])
plt.xlabel(say("batch size at test time", "测试时的批次大小"))
plt.ylabel(say("accuracy", "准确率"))
plt.ylim(0, 1.3)
plt.legend(loc="upper left", ncols=2)
plt.show()
try:
    net(inputs[:1])
except ValueError as error:
    print(say("a batch of one, in training mode:", "训练模式下，只有一个样本的批次："), error)

# %% [markdown] lang="en"
# With two samples in a batch every standardised feature is about +1 or −1: all that is left is which of the
# two is larger. The accuracy falls to about half. With large batches the batch's own statistics are as good
# as the moving averages, and this is what makes the bug so well hidden.
#
# **Why does it work?** The original paper gave as a reason that the inputs of each layer stop drifting during
# training ("internal covariate shift"). Later experiments did not confirm it: networks with artificial drift
# learn just as well. What holds up is that the error surface becomes smoother, as in the first picture of
# this lecture. The lecture compares it to penicillin: found by accident, and useful all the same.
#
# **What you take along.** Give all features the same range. Fit statistics on training data alone. Inside the
# network they come from the batch, divide by $N$, and the gradient flows through them. For the test keep
# moving averages, in buffers, and call `model.eval()`. Look up what a library's momentum multiplies.

# %% [markdown] lang="zh"
# 一个批次只有两个样本时，每个标准化后的特征差不多不是 +1 就是 −1，只剩下“两个里面谁大”这点信息，
# 准确率跌到一半左右。批次很大时，批次自己的统计量和滑动平均一样好用，所以这个 bug 才那么难发现。
#
# **它为什么有效？** 原论文的解释是，训练时各层的输入不再漂移（internal covariate shift）。
# 后来的实验并不支持这个说法：人为加上漂移，网络照样学得好。站得住脚的是：误差曲面变平滑了，
# 就像本讲的第一张图。课上把它比作盘尼西林：意外的发现，但确实管用。
#
# **本讲要点。** 让所有特征的范围一致。统计量只在训练数据上拟合。在网络内部，统计量取自批次，方差除以 $N$，
# 梯度要流过它们。为测试保留滑动平均，放在缓冲区里，并且记得调用 `model.eval()`。
# 用任何库的 momentum 之前，先查清楚它乘在哪一边。
