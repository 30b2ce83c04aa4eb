# %% [markdown] lang="en"
# # Lecture 7 · Classification
#
# A regression network answers with one number. Ask it *cat, dog or bird?* and that number gets in the way:
# with cat = 1, dog = 2, bird = 3, a network that hesitates between cat and bird answers "dog".
#
# The lecture repairs this in three steps, and you will write each of them:
#
# 1. the label becomes a **one-hot vector** $\hat y$, one place for each class;
# 2. the network's outputs, the **logits** $y$, go through **softmax** and become probabilities $y'$;
# 3. a **loss** $e$ measures how far $y'$ is from $\hat y$: squared error, or **cross-entropy**.
#
# $$x \;\longrightarrow\; \text{network} \;\longrightarrow\; y \;\xrightarrow{\ \text{softmax}\ }\; y'
# \;\overset{e}{\longleftrightarrow}\; \hat y$$
#
# The third step holds a puzzle. Both losses are 0 for exactly the same prediction, so why does everyone take
# cross-entropy? At the end you will have drawn the answer, and watched one of the two get stuck on real
# handwritten digits.
#
# > **Notation.** In these lectures the hat sits on the *label*: $\hat y$ is the truth, $y'$ the prediction.
# > Most textbooks do the reverse. The arguments are called `y_hat` and `y_prime` accordingly. $N$ is the
# > number of samples in a batch, $C$ the number of classes; a sample is a row. Labels given as numbers run
# > from 0 to $C-1$.

# %% [markdown] lang="zh"
# # 第 7 讲 · 分类
#
# 回归网络的回答是一个数。可要是问它“是猫、狗还是鸟？”，这个数反而碍事：
# 如果猫 = 1、狗 = 2、鸟 = 3，那么在猫和鸟之间犹豫的网络就会回答“狗”。
#
# 这一讲分三步解决这个问题，每一步都由你来写：
#
# 1. 标签变成**独热向量** $\hat y$，每个类别占一个位置；
# 2. 网络的输出叫 **logits**，记作 $y$，经过 **softmax** 变成概率 $y'$；
# 3. 用**损失** $e$ 衡量 $y'$ 离 $\hat y$ 有多远：可以用平方误差，也可以用**交叉熵**。
#
# $$x \;\longrightarrow\; \text{网络} \;\longrightarrow\; y \;\xrightarrow{\ \text{softmax}\ }\; y'
# \;\overset{e}{\longleftrightarrow}\; \hat y$$
#
# 第三步里藏着一个谜：两种损失都在同一个预测上等于 0，为什么大家偏偏都用交叉熵？
# 学完这一讲，你会亲手把答案画出来，还会看到其中一种损失在真实的手写数字上寸步难行。
#
# > **记号。** 在这门课里，帽子戴在*标签*头上：$\hat y$ 是真实答案，$y'$ 是预测，与多数教科书正好相反。
# > 参数名也照此叫做 `y_hat` 和 `y_prime`。$N$ 是一个批次的样本数，$C$ 是类别数，一行是一个样本。
# > 用数字表示的标签从 0 数到 $C-1$。

# %%
import math

import torch
from torch import Tensor

from autograder import say

# %% [markdown] lang="en"
# ## 1 · One-hot labels
#
# As numbers, classes 0 and 1 are close and classes 0 and 3 far apart, which means nothing for cats and birds.
# As one-hot vectors all classes are equally far from each other:
#
# $$\text{class 2 of 4} \;\longrightarrow\; \hat y = (0, 0, 1, 0)$$
#
# How long is the vector? As long as there are *classes*, and not every batch contains all of them.

# %% [markdown] lang="zh"
# ## 1 · 独热标签
#
# 写成数字时，类别 0 和 1 挨得近，0 和 3 隔得远，而对猫和鸟来说这毫无意义。
# 写成独热向量之后，任意两个类别之间的距离都相等：
#
# $$\text{4 个类别中编号为 2 的} \;\longrightarrow\; \hat y = (0, 0, 1, 0)$$
#
# 向量有多长？一共有多少个*类别*就有多长，而一个批次里未必每个类别都出现。

# %% exercise="one_hot" points=8 difficulty=1 minutes=8 vectorised=true forbidden=["one_hot"]
def one_hot(labels: Tensor, C: int) -> Tensor:
    """One row for each label: 1 in the label's column, 0 elsewhere. (Lecture 7)

    ``labels``: int64 of shape (N,), values from 0 to C − 1; not every class need occur. The result is
    float32, has the shape (N, C), and lies on the device of ``labels``. No Python loop over the samples, and
    no library ``one_hot``.

    每个标签变成一行：标签所在的列为 1，其余为 0。（第 7 讲）

    ``labels``：形状 (N,) 的 int64 张量，取值从 0 到 C − 1；不一定每个类别都出现。结果是 float32，
    形状 (N, C)，与 ``labels`` 在同一设备上。不要用 Python 循环逐个处理样本，也不要调用库里的 ``one_hot``。
    """
    ### BEGIN SOLUTION
    return (labels[:, None] == torch.arange(C, device=labels.device)).float()
    ### END SOLUTION

# %% [markdown] hint="one_hot" lang="en"
# 1. Each row must sum to 1, there must be exactly `C` columns even if the last class never occurs, and the
#    result must be float32. Look at `one_hot(torch.tensor([2, 0]), 4)`: shape (2, 4), with the ones in
#    columns 2 and 0.
# 2. Section 1 of the lesson: place i of ŷ is 1 exactly when i is the label. That is a comparison
#    of every label with every class number 0, 1, …, C − 1.
# 3. A column of labels beside a row of class numbers: `(labels[:, None] == …)`, and then turn truth values
#    into numbers.

# %% [markdown] hint="one_hot" lang="zh"
# 1. 每行之和应为 1；即使最后一个类别没有出现，也必须恰好有 `C` 列；结果应为 float32。
#    看看 `one_hot(torch.tensor([2, 0]), 4)`：形状 (2, 4)，1 在第 2 列和第 0 列。
# 2. 见本讲第 1 节：当且仅当 i 就是标签时，ŷ 的第 i 个位置为 1。
#    也就是说，把每个标签与类别编号 0、1、……、C − 1 逐一比较。
# 3. 让一列标签去比一行类别编号：`(labels[:, None] == …)`，再把真假值变成数。

# %% demo=true
# The distance between classes: as numbers, and as one-hot vectors.
# 类别之间的距离：写成数字，和写成独热向量。
classes = torch.arange(4)
rows = one_hot(classes, 4)
print(say("distances between the class numbers", "类别编号之间的距离"))
print((classes[:, None] - classes).abs())
print(say("distances between the one-hot vectors", "独热向量之间的距离"))
print((rows[:, None] - rows).norm(dim=2))

# %% [markdown] lang="en"
# ## 2 · Softmax
#
# Logits can be any numbers, a label's entries are 0 and 1. Softmax brings the two together:
#
# $$y'_i = \frac{\exp(y_i)}{\sum_j \exp(y_j)}$$
#
# * Every $y'_i$ lies between 0 and 1, and together they sum to 1: probabilities.
# * $y'_a / y'_b = \exp(y_a - y_b)$: a *difference* of logits becomes a *ratio* of probabilities. The
#   lecture's example $y = (3, 1, -3)$ becomes $(0.88, 0.12, 0.002)$.
# * Add the same constant to all logits and it cancels; $y'$ stays as it was.
#
# The last point is more than a curiosity: $\exp(1000)$ is `inf` on a computer, and `inf / inf` is `nan`. You
# may choose the constant so that nothing overflows. Which one makes the largest exponential exactly 1?
#
# > **Where the notes slip.** They type $\exp(y_i)$ in the denominator's sum too; then every class would get
# > $1/C$. The sum runs over $j$. And "softmax widens the gap between large and small" holds for ratios, not
# > for differences.

# %% [markdown] lang="zh"
# ## 2 · Softmax
#
# logits 可以是任何数，标签里却只有 0 和 1。softmax 让两者可以相比：
#
# $$y'_i = \frac{\exp(y_i)}{\sum_j \exp(y_j)}$$
#
# * 每个 $y'_i$ 都在 0 和 1 之间，加起来等于 1：它们是概率。
# * $y'_a / y'_b = \exp(y_a - y_b)$：logits 的*差*变成了概率的*比*。
#   课上的例子 $y = (3, 1, -3)$ 变成 $(0.88, 0.12, 0.002)$。
# * 给所有 logits 加上同一个常数，它会约掉，$y'$ 不变。
#
# 最后一条不只是有趣：在计算机里 $\exp(1000)$ 是 `inf`，而 `inf / inf` 是 `nan`。
# 这个常数随你选，只要不溢出就好。选哪一个，能让最大的那个指数恰好等于 1？
#
# > **笔记的笔误。** 笔记把分母的求和里也写成了 $\exp(y_i)$，那样每一类都会得到 $1/C$；求和应对 $j$ 进行。
# > 另外，“将大值与小值的差距变大”说的是比值，不是差值。

# %% exercise="softmax" points=15 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["softmax"]
def softmax(y: Tensor, dim: int = -1) -> Tensor:
    """Probabilities along ``dim``: exp(y_i) / Σ_j exp(y_j). (Lecture 7)

    ``y``: floating, of one or more dimensions; ``dim`` may be any of them, also counted from the end. The
    result is a new tensor with the shape, dtype and device of ``y``; along ``dim`` it sums to 1. ``y`` itself
    stays as it was. Values and gradients are finite and right for logits of ±1000 too, also when some slices
    lie near 0 and others near 1000.

    Differentiable: gradients flow through all of it. No Python loop over the samples, and no library softmax.

    沿 ``dim`` 方向的概率：exp(y_i) / Σ_j exp(y_j)。（第 7 讲）

    ``y``：一维或更高维的浮点张量；``dim`` 可以是任意一维，也可以从末尾数起。结果是新的张量，
    形状、dtype 和设备都与 ``y`` 相同，沿 ``dim`` 求和为 1；``y`` 本身不变。
    logits 到 ±1000 时，数值和梯度也要有限且正确，哪怕有的切片在 0 附近、有的在 1000 附近。

    可微：梯度要流过整个计算。不要用 Python 循环逐个处理样本，也不要调用库里的 softmax。
    """
    ### BEGIN SOLUTION
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)
    ### END SOLUTION

# %% [markdown] hint="softmax" lang="en"
# 1. Look at `softmax(torch.tensor([[3.0, 1.0, -3.0]])).sum(dim=1)`: it must be 1. Then at
#    `softmax(torch.tensor([1000.0, 1001.0]))`: it must be (0.269, 0.731), the same as for (0, 1). A `nan`
#    there means that an exponential overflowed.
# 2. Section 2 of the lesson: exp(y_i) / Σ_j exp(y_j), with the sum along `dim` only. A constant taken
#    from all logits of a slice changes nothing; choose it for each slice so that its
#    largest exponential is 1.
# 3. Two lines: `e = (y - …).exp()`, then `return e / …`. In both, `keepdim=True` keeps the reduced dimension
#    for broadcasting.

# %% [markdown] hint="softmax" lang="zh"
# 1. 看看 `softmax(torch.tensor([[3.0, 1.0, -3.0]])).sum(dim=1)`：应当是 1。
#    再看 `softmax(torch.tensor([1000.0, 1001.0]))`：应当是 (0.269, 0.731)，与 (0, 1) 的结果相同。
#    若出现 `nan`，说明指数溢出了。
# 2. 见本讲第 2 节：exp(y_i) / Σ_j exp(y_j)，只沿 `dim` 求和。
#    同一切片的 logits 减去同一个常数，结果不变；给每个切片各选一个常数，让它最大的指数等于 1。
# 3. 两行：`e = (y - …).exp()`，然后 `return e / …`。两处都用 `keepdim=True` 保留被归约的那一维，以便广播。

# %% demo=true
import matplotlib.pyplot as plt

# Left: the lecture's example. Right: with two classes, softmax is the sigmoid of the logits' difference.
# 左：课上的例子。右：只有两类时，softmax 就是 logits 之差的 sigmoid。
y = torch.tensor([3.0, 1.0, -3.0])
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3), layout="constrained")
for axis, values, title in (
    (left, y, say("logits y", "logits y")),
    (middle, softmax(y), say("probabilities y'", "概率 y'")),
):
    bars = axis.bar(["y1", "y2", "y3"], values, color=["tab:blue", "tab:orange", "tab:green"])
    axis.bar_label(bars, [f"{v:.3g}" for v in values.tolist()])
    axis.axhline(0, color="black", linewidth=0.8)
    axis.margins(y=0.15)
    axis.set_title(title)
gap = torch.linspace(-6, 6, 101)
pair = torch.stack([gap, torch.zeros_like(gap)], dim=1)
right.plot(gap, softmax(pair)[:, 0], label="softmax", linewidth=5, alpha=0.4)
right.plot(gap, torch.sigmoid(gap), "--", label="sigmoid", color="black")
right.set_title(say("two classes: y1' against y1 − y2", "两类：y1' 随 y1 − y2 的变化"))
right.legend()
plt.show()

# %% [markdown] lang="en"
# ## 3 · The logarithm of softmax
#
# The losses to come want $\ln y'_i$. Taking the logarithm of your softmax works, until the model is
# confident: for the logits $(0, -200)$ in float32, $y'_2 = e^{-200}$ rounds to 0, and $\ln 0 = -\infty$. The
# true value is a harmless $-200$. The information was lost on the way, and no later line can bring it back.
# So take the logarithm on paper:
#
# $$\ln y'_i = y_i - \ln \sum_j \exp(y_j)$$
#
# The sum can still overflow. The constant that saved softmax helps here as well; mind where it has to come
# back.

# %% [markdown] lang="zh"
# ## 3 · softmax 的对数
#
# 后面的损失要用到 $\ln y'_i$。对你写的 softmax 取对数就行，直到模型变得自信：
# 在 float32 里，logits 为 $(0, -200)$ 时 $y'_2 = e^{-200}$ 会舍入成 0，而 $\ln 0 = -\infty$。
# 真实值不过是 $-200$。信息在半路上丢了，后面哪一行都找不回来。所以，先在纸上把对数算掉：
#
# $$\ln y'_i = y_i - \ln \sum_j \exp(y_j)$$
#
# 这个求和仍可能溢出。救过 softmax 的那个常数在这里同样管用；留意它要在哪里还回来。

# %% exercise="log_softmax" points=12 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["softmax", "logsumexp"]
def log_softmax(y: Tensor, dim: int = -1) -> Tensor:
    """Natural logarithm of the probabilities along ``dim``: y_i − ln Σ_j exp(y_j). (Lecture 7)

    ``y``: floating, of one or more dimensions; ``dim`` may be any of them, also counted from the end. The
    result is a new tensor with the shape, dtype and device of ``y``. Values and gradients are finite and
    right for logits of ±1000 too: logits (0, −1000) give (0, −1000), not −inf and no stand-in for it.

    Differentiable. No Python loop over the samples, and no library softmax, log_softmax or logsumexp.

    沿 ``dim`` 方向的概率的自然对数：y_i − ln Σ_j exp(y_j)。（第 7 讲）

    ``y``：一维或更高维的浮点张量；``dim`` 可以是任意一维，也可以从末尾数起。结果是新的张量，
    形状、dtype 和设备都与 ``y`` 相同。logits 到 ±1000 时，数值和梯度也要有限且正确：
    logits (0, −1000) 得到 (0, −1000)，不是 −inf，也不是近似的替代值。

    可微。不要用 Python 循环逐个处理样本，也不要调用库里的 softmax、log_softmax 或 logsumexp。
    """
    ### BEGIN SOLUTION
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log()
    ### END SOLUTION

# %% [markdown] hint="log_softmax" lang="en"
# 1. Every result is ≤ 0, and `log_softmax(y).exp()` sums to 1. Then look at
#    `log_softmax(torch.tensor([0.0, -1000.0]))`: it must be (0, −1000). A `-inf` means that a probability was
#    rounded to 0 before its logarithm was taken.
# 2. Section 3 of the lesson: y_i − ln Σ_j exp(y_j). With m = max_j y_j the sum is
#    exp(m) · Σ_j exp(y_j − m), so its logarithm is m + ln Σ_j exp(y_j − m).
# 3. Two lines: `shifted = y - …`, then `return shifted - ….log()`; both reductions along `dim` with
#    `keepdim=True`.

# %% [markdown] hint="log_softmax" lang="zh"
# 1. 结果都 ≤ 0，且 `log_softmax(y).exp()` 之和为 1。再看 `log_softmax(torch.tensor([0.0, -1000.0]))`：
#    应当是 (0, −1000)。若出现 `-inf`，说明概率在取对数之前已经舍入成了 0。
# 2. 见本讲第 3 节：y_i − ln Σ_j exp(y_j)。令 m = max_j y_j，求和等于 exp(m) · Σ_j exp(y_j − m)，
#    它的对数就是 m + ln Σ_j exp(y_j − m)。
# 3. 两行：`shifted = y - …`，然后 `return shifted - ….log()`；两次归约都沿 `dim`，并且 `keepdim=True`。

# %% demo=true
# The less likely of two classes, in float32: where does the logarithm of softmax break?
# 两类中概率较小的那一类，用 float32 计算：对 softmax 取对数，会在哪里坏掉？
gap = torch.linspace(0, 160, 321)
pair = torch.stack([gap, torch.zeros_like(gap)], dim=1)
naive, exact = softmax(pair)[:, 1].log(), log_softmax(pair)[:, 1]
last = gap[naive.isfinite()][-1].item()
plt.figure(figsize=(6, 3.2), layout="constrained")
plt.plot(gap, exact, label="log_softmax", linewidth=5, alpha=0.4)
plt.plot(gap, naive, label="softmax(…).log()", color="tab:red")
plt.axvline(last, color="tab:red", linestyle=":")
plt.annotate(say("from here on −inf", "从这里起是 −inf"), (last + 2, -20), color="tab:red")
plt.xlabel(say("difference of the logits", "两个 logit 之差"))
plt.ylabel("ln y'")
plt.legend(loc="lower left")
plt.show()

# %% [markdown] lang="en"
# ## 4 · Cross-entropy
#
# $$e = -\sum_i \hat y_i \ln y'_i$$
#
# With a one-hot label a single term is left: $e = -\ln y'_{\text{label}}$, the "surprise" at the truth. Being
# sure and right costs 0, guessing among 10 classes costs $\ln 10 \approx 2.30$, and ruling out what then
# happens costs $\infty$. Summed over a data set it is minus the logarithm of the probability that the model
# gives to all labels: **minimising cross-entropy is maximising likelihood**.
#
# The label may also be soft, say $(0.7, 0.3, 0)$ where people disagree. One thing to settle: what is
# $0 \cdot \ln 0$? A class that the label gives no weight must cost nothing, so it is 0. A computer says
# `0 * -inf = nan`.

# %% [markdown] lang="zh"
# ## 4 · 交叉熵
#
# $$e = -\sum_i \hat y_i \ln y'_i$$
#
# 标签是独热向量时只剩一项：$e = -\ln y'_{\text{标签}}$，也就是看到真实答案时的“惊讶程度”。
# 有把握又答对，损失为 0；在 10 类里瞎猜，损失为 $\ln 10 \approx 2.30$；把真实答案完全排除，损失为 $\infty$。
# 在整个数据集上求和，它就是“模型给全部标签的概率”的负对数：**最小化交叉熵，就是最大化似然**。
#
# 标签也可以是软的，比如标注者意见不一时的 $(0.7, 0.3, 0)$。还有一点要说定：$0 \cdot \ln 0$ 是多少？
# 标签没有给权重的类别不该有代价，所以它是 0。可计算机会说 `0 * -inf = nan`。

# %% exercise="cross_entropy" points=12 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["loss"]
def cross_entropy(y_prime: Tensor, y_hat: Tensor) -> Tensor:
    """Cross-entropy of each sample: −Σ_i ŷ_i ln y'_i, with the natural logarithm. (Lecture 7)

    ``y_prime``: predicted probabilities, floating, (N, C). ``y_hat``: labels, one-hot or soft, of the same
    shape and dtype. The result has the shape (N,), one loss for each sample, not averaged, and the dtype of
    ``y_prime``. A class with ŷ_i = 0 costs 0, even where y'_i = 0 (0 · ln 0 = 0). Where ŷ_i > 0 and y'_i = 0
    the loss is +inf. Add no ε and clamp nothing: y' = 1e-30 at the true class costs 69.08.

    Differentiable in ``y_prime`` (wherever y' > 0). No Python loop over the samples, and no library loss.

    每个样本的交叉熵：−Σ_i ŷ_i ln y'_i，用自然对数。（第 7 讲）

    ``y_prime``：预测的概率，浮点，(N, C)。``y_hat``：独热或软的标签，形状和 dtype 都相同。
    结果的形状是 (N,)，每个样本一个损失，不求平均，dtype 与 ``y_prime`` 相同。
    ŷ_i = 0 的类别代价为 0，哪怕 y'_i = 0（0 · ln 0 = 0）。若 ŷ_i > 0 而 y'_i = 0，损失为 +inf。
    不要加 ε，也不要截断：真实类别的 y' = 1e-30 时损失为 69.08。

    对 ``y_prime`` 可微（在 y' > 0 处）。不要用 Python 循环逐个处理样本，也不要调用库里的损失函数。
    """
    ### BEGIN SOLUTION
    return torch.xlogy(-y_hat, y_prime).sum(dim=1)
    ### END SOLUTION

# %% [markdown] hint="cross_entropy" lang="en"
# 1. For `y_prime = [[0.25, 0.75]]` and `y_hat = [[1, 0]]` the loss is `[1.386]`, positive and of shape (1,).
#    For `y_prime = [[1, 0]]` and the same label it is 0; a `nan` there comes from `0 * log(0)`.
# 2. Section 4 of the lesson: −Σ_i ŷ_i ln y'_i, summed over the classes of each sample. The label
#    is outside the logarithm.
# 3. `return -(…).sum(dim=1)`, where the product must be 0 wherever `y_hat` is 0:
#    `torch.where(y_hat > 0, …, …)` can choose, and there is a function of torch for exactly this product,
#    x·ln(y).

# %% [markdown] hint="cross_entropy" lang="zh"
# 1. `y_prime = [[0.25, 0.75]]`、`y_hat = [[1, 0]]` 时，损失是 `[1.386]`：正数，形状 (1,)。
#    同样的标签配上 `y_prime = [[1, 0]]`，损失是 0；如果得到 `nan`，它来自 `0 * log(0)`。
# 2. 见本讲第 4 节：−Σ_i ŷ_i ln y'_i，对每个样本的各个类别求和。标签在对数的外面。
# 3. `return -(…).sum(dim=1)`，其中凡是 `y_hat` 为 0 的地方，乘积必须为 0：
#    可以用 `torch.where(y_hat > 0, …, …)` 来选，torch 里也有专门计算 x·ln(y) 的函数。

# %% demo=true
# What does a prediction cost? The label is class 0.
# 一个预测要付出多大代价？标签是第 0 类。
predictions = torch.tensor(
    [[1.0, 0.0, 0.0], [0.8, 0.1, 0.1], [1 / 3, 1 / 3, 1 / 3], [0.01, 0.98, 0.01], [0.0, 1.0, 0.0]]
)
costs = cross_entropy(predictions, one_hot(torch.zeros(5, dtype=torch.int64), 3))
for prediction, cost in zip(predictions.tolist(), costs.tolist(), strict=True):
    print(", ".join(f"{p:.2f}" for p in prediction), "→", f"{abs(cost):.3f}")

# %% [markdown] lang="en"
# ## 5 · Cross-entropy from logits
#
# In practice nobody computes $y'$ and then $\ln y'$: the two are fused, and you have the safe logarithm
# already. That is how PyTorch's own cross-entropy works: **the softmax is inside the loss**, so a network for
# it ends with plain logits. Whoever puts one more softmax at the end of the network trains on probabilities
# of probabilities, and no error message appears.

# %% [markdown] lang="zh"
# ## 5 · 直接由 logits 求交叉熵
#
# 实际上没有人先算 $y'$ 再算 $\ln y'$：两步合成一步，而安全的对数你已经有了。
# PyTorch 自带的交叉熵也是如此：**softmax 就在损失里面**，所以网络的最后一层直接输出 logits。
# 谁要是在网络末尾再加一个 softmax，训练的就是“概率的概率”，而且不会有任何报错。

# %% exercise="cross_entropy_logits" points=15 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["softmax", "loss"]
def cross_entropy_logits(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of a batch: −ln softmax(logits) at the label, averaged over the samples. (Lecture 7)

    ``logits``: floating, (N, C), before any softmax. ``labels``: int64, (N,), values from 0 to C − 1.
    The result is a tensor of shape () with the dtype of ``logits``. Value and gradient are finite and right
    for logits of ±1000 too: logits (1000, 0) with label 1 cost 1000.

    Differentiable in ``logits``. Your own functions may be called, and ``torch.logsumexp`` too. No Python
    loop over the samples, and no library softmax, log_softmax or loss.

    一个批次的平均交叉熵：−ln softmax(logits) 在标签处的值，对样本求平均。（第 7 讲）

    ``logits``：浮点，(N, C)，还没有经过 softmax。``labels``：int64，(N,)，取值从 0 到 C − 1。
    结果是形状 () 的张量，dtype 与 ``logits`` 相同。logits 到 ±1000 时，数值和梯度也要有限且正确：
    logits 为 (1000, 0)、标签为 1 时，损失是 1000。

    对 ``logits`` 可微。可以调用你自己写的函数，也可以用 ``torch.logsumexp``。不要用 Python 循环逐个处理样本，
    也不要调用库里的 softmax、log_softmax 或损失函数。
    """
    ### BEGIN SOLUTION
    log_p = log_softmax(logits, dim=1)
    return -log_p.gather(1, labels[:, None]).mean()
    ### END SOLUTION

# %% [markdown] hint="cross_entropy_logits" lang="en"
# 1. Equal logits must cost ln C whatever the label:
#    `cross_entropy_logits(torch.zeros(2, 4), torch.tensor([0, 3]))` is 1.386. And
#    `cross_entropy_logits(torch.tensor([[1000.0, 0.0]]), torch.tensor([1]))` is 1000, not `inf`.
# 2. Sections 4 and 5 of the lesson: one term is left, −ln y'_label, with the logarithm from
#    section 3. The mean is over the N samples, not over all N · C entries.
# 3. `log_p = …(logits, dim=1)`, then from row n the entry in column `labels[n]`: `log_p.gather(1, …)` or two
#    index lists `log_p[…, labels]`; and at last the sign and the mean.

# %% [markdown] hint="cross_entropy_logits" lang="zh"
# 1. logits 全相等时，不论标签是什么，损失都是 ln C：
#    `cross_entropy_logits(torch.zeros(2, 4), torch.tensor([0, 3]))` 是 1.386。
#    而 `cross_entropy_logits(torch.tensor([[1000.0, 0.0]]), torch.tensor([1]))` 是 1000，不是 `inf`。
# 2. 见本讲第 4、5 节：只剩一项 −ln y'_label，对数用第 3 节的。
#    平均是对 N 个样本，不是对全部 N · C 个元素。
# 3. `log_p = …(logits, dim=1)`，然后取第 n 行第 `labels[n]` 列：用 `log_p.gather(1, …)`，
#    或者用两组下标 `log_p[…, labels]`；最后加负号、求平均。

# %% demo=true
# One softmax too many: the network is right, and surer and surer of it. Which loss notices?
# 多了一个 softmax：网络答对了，而且越来越有把握。哪个损失看得出来？
label = torch.tensor([0])
for height in (0.0, 2.0, 5.0, 20.0):
    logits = torch.tensor([[height, 0.0, 0.0]])
    once, twice = cross_entropy_logits(logits, label), cross_entropy_logits(softmax(logits), label)
    print(say(f"right logit {height:2.0f}: loss {abs(once):.4f}, with one softmax too many {twice:.4f}",
              f"正确的 logit 为 {height:2.0f}：损失 {abs(once):.4f}，多一次 softmax 则为 {twice:.4f}"))
floor = math.log(1 + 2 / math.e)
print(say(f"With one softmax too many and 3 classes it never falls below {floor:.4f}.",
          f"多了一次 softmax，又有 3 个类别时，损失永远降不到 {floor:.4f} 以下。"))

# %% [markdown] lang="en"
# ## 6 · The rival: squared error
#
# $$e = \sum_i (\hat y_i - y'_i)^2$$
#
# A sum over the classes, as the lecture writes it (the "mean" in MSE is over the samples). It also is 0 only
# for $y' = \hat y$, and it too wants the right class up and the others down. But look at its worst case: sure
# and wrong costs 2, and no more.

# %% [markdown] lang="zh"
# ## 6 · 对手：平方误差
#
# $$e = \sum_i (\hat y_i - y'_i)^2$$
#
# 按课上的写法，对类别是求和（MSE 里的“平均”是对样本而言）。它同样只在 $y' = \hat y$ 时为 0，
# 同样希望正确的类别升上去、其他的降下来。但看看最坏的情形：十拿九稳地答错，代价是 2，到此为止。

# %% exercise="squared_error" points=6 difficulty=1 minutes=5 vectorised=true differentiable=true forbidden=["loss"]
def squared_error(y_prime: Tensor, y_hat: Tensor) -> Tensor:
    """Squared error of each sample: Σ_i (ŷ_i − y'_i)², summed over the classes. (Lecture 7)

    ``y_prime``: predicted probabilities, floating, (N, C). ``y_hat``: labels, one-hot or soft, of the same
    shape and dtype. The result has the shape (N,), one value for each sample, not averaged, and the dtype of
    ``y_prime``.

    Differentiable in ``y_prime``. No Python loop over the samples, and no library loss.

    每个样本的平方误差：Σ_i (ŷ_i − y'_i)²，对类别求和。（第 7 讲）

    ``y_prime``：预测的概率，浮点，(N, C)。``y_hat``：独热或软的标签，形状和 dtype 都相同。
    结果的形状是 (N,)，每个样本一个值，不求平均，dtype 与 ``y_prime`` 相同。

    对 ``y_prime`` 可微。不要用 Python 循环逐个处理样本，也不要调用库里的损失函数。
    """
    ### BEGIN SOLUTION
    return ((y_hat - y_prime) ** 2).sum(dim=1)
    ### END SOLUTION

# %% [markdown] hint="squared_error" lang="en"
# 1. `y_prime = [[0, 1, 0]]` with `y_hat = [[1, 0, 0]]` must give `[2.0]`: shape (1,), and neither 0.667 (a
#    mean) nor 1.414 (a root).
# 2. Section 6 of the lesson: Σ_i (ŷ_i − y'_i)², where i runs over the classes. `y_prime` holds
#    probabilities already.
# 3. `return ((…) ** 2).sum(dim=…)`

# %% [markdown] hint="squared_error" lang="zh"
# 1. `y_prime = [[0, 1, 0]]`、`y_hat = [[1, 0, 0]]` 应得到 `[2.0]`：
#    形状 (1,)，不是 0.667（求了平均），也不是 1.414（开了方）。
# 2. 见本讲第 6 节：Σ_i (ŷ_i − y'_i)²，i 取遍各个类别。`y_prime` 里已经是概率了。
# 3. `return ((…) ** 2).sum(dim=…)`

# %% [markdown] lang="en"
# ## 7 · The slope of cross-entropy
#
# Training sees nothing of a loss but its slope, so let us compare slopes. Each probability depends on *every*
# logit, because of the denominator. The derivative of softmax is a matrix:
#
# $$\frac{\partial y'_i}{\partial y_k} = y'_i\,(\delta_{ik} - y'_k), \qquad
# \delta_{ik} = 1 \text{ if } i = k \text{, else } 0$$
#
# For cross-entropy, $\partial e/\partial y'_i = -\hat y_i / y'_i$. Multiply the two with a pencil: almost
# everything cancels, and for one sample with a one-hot label there remains
#
# $$\frac{\partial e}{\partial y_k} = y'_k - \hat y_k$$
#
# *Prediction minus label.* A sure mistake gets a slope near 1, the largest there is: the more wrong, the
# harder it pulls.

# %% [markdown] lang="zh"
# ## 7 · 交叉熵的斜率
#
# 训练只看得见损失的斜率，那就来比一比斜率。
# 因为有分母，每个概率都依赖于*所有的* logits，所以 softmax 的导数是一个矩阵：
#
# $$\frac{\partial y'_i}{\partial y_k} = y'_i\,(\delta_{ik} - y'_k), \qquad
# i = k \text{ 时 } \delta_{ik} = 1 \text{，否则为 } 0$$
#
# 对交叉熵，$\partial e/\partial y'_i = -\hat y_i / y'_i$。拿支铅笔把两者乘起来：几乎全部约掉，
# 对一个带独热标签的样本，只剩下
#
# $$\frac{\partial e}{\partial y_k} = y'_k - \hat y_k$$
#
# *预测减标签。* 十拿九稳的错误，斜率接近 1，已是最大：错得越狠，拉得越用力。

# %% exercise="softmax_ce_grad" points=14 difficulty=2 minutes=12 vectorised=true forbidden=["autograd", "loss"]
def softmax_ce_grad(logits: Tensor, labels: Tensor) -> Tensor:
    """Gradient of ``cross_entropy_logits(logits, labels)`` with respect to ``logits``. (Lecture 7)

    ``logits``: floating, (N, C). ``labels``: int64, (N,), values from 0 to C − 1. The result has the shape
    and dtype of ``logits``. The loss is a mean over the N samples, and its gradient accordingly. Finite and
    right for logits of ±1000.

    Write its formula. Your own functions may be called, and torch's softmax too. No automatic
    differentiation, no library loss, and no Python loop over the samples.

    ``cross_entropy_logits(logits, labels)`` 对 logits 的梯度。（第 7 讲）

    ``logits``：浮点，(N, C)。``labels``：int64，(N,)，取值从 0 到 C − 1。
    结果的形状和 dtype 与 ``logits`` 相同。损失是 N 个样本的平均，梯度也要与之对应。
    logits 到 ±1000 时，结果也要有限且正确。

    请直接写出公式。可以调用你自己写的函数，也可以用 torch 的 softmax。不要用自动求导和库里的损失函数，
    也不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    N, C = logits.shape
    return (softmax(logits, dim=1) - one_hot(labels, C)) / N
    ### END SOLUTION

# %% [markdown] hint="softmax_ce_grad" lang="en"
# 1. Each row sums to 0; the entry at the label is negative and all others are positive. For equal logits of 2
#    classes and one sample with label 0 it is (−0.5, 0.5), and with two such samples half of that in each
#    row.
# 2. Section 7 of the lesson: y' − ŷ for one sample. The loss is the *mean* over the batch, and so is
#    its gradient.
# 3. `return (… - one_hot(…)) / …`

# %% [markdown] hint="softmax_ce_grad" lang="zh"
# 1. 每行之和为 0；标签处为负，其余都为正。两类 logits 相等、只有一个标签为 0 的样本时，梯度是 (−0.5, 0.5)；
#    有两个这样的样本时，每行各为它的一半。
# 2. 见本讲第 7 节：单个样本是 y' − ŷ。损失是对批次的*平均*，梯度也一样。
# 3. `return (… - one_hot(…)) / …`

# %% demo=true
# Your formula against PyTorch's automatic differentiation of your loss.
# 用你的公式，对照 PyTorch 对你的损失自动求导的结果。
torch.manual_seed(0)
logits = torch.randn(5, 3, requires_grad=True)
labels = torch.tensor([2, 0, 1, 1, 2])
cross_entropy_logits(logits, labels).backward()
difference = (softmax_ce_grad(logits.detach(), labels) - logits.grad).abs().max().item()
print(say(f"largest difference: {difference:.1e}", f"最大的差：{difference:.1e}"))

# %% [markdown] lang="en"
# ## 8 · The slope of squared error
#
# The same chain rule, another loss: $\partial e/\partial y'_i = 2\,(y'_i - \hat y_i)$, so
#
# $$\frac{\partial e}{\partial y_k} = \sum_i 2\,(y'_i - \hat y_i)\; y'_i\,(\delta_{ik} - y'_k)$$
#
# This time nothing cancels: the factors $y'$ stay. Before you write it down, guess: what is the slope for a
# network that is sure and wrong, with the right class at $y' \approx 0$ and another at $y' \approx 1$?

# %% [markdown] lang="zh"
# ## 8 · 平方误差的斜率
#
# 同样的链式法则，换一个损失：$\partial e/\partial y'_i = 2\,(y'_i - \hat y_i)$，于是
#
# $$\frac{\partial e}{\partial y_k} = \sum_i 2\,(y'_i - \hat y_i)\; y'_i\,(\delta_{ik} - y'_k)$$
#
# 这一次什么也约不掉：因子 $y'$ 留了下来。动笔之前先猜一猜：一个自信却*答错*的网络，
# 正确的类别 $y' \approx 0$，某个错误的类别 $y' \approx 1$，斜率是多少？

# %% exercise="softmax_mse_grad" points=12 difficulty=3 minutes=18 vectorised=true forbidden=["autograd", "loss"]
def softmax_mse_grad(logits: Tensor, y_hat: Tensor) -> Tensor:
    """Gradient of the mean ``squared_error(softmax(logits), y_hat)`` with respect to ``logits``. (Lecture 7)

    ``logits``: floating, (N, C). ``y_hat``: labels, one-hot or soft, of the same shape and dtype. The result
    has the shape and dtype of ``logits``. The loss is summed over the classes and averaged over the N
    samples. Finite and right for logits of ±1000.

    Write its formula. Your own functions may be called, and torch's softmax too. No automatic
    differentiation, no library loss, and no Python loop over the samples.

    ``squared_error(softmax(logits), y_hat)`` 在批次上的平均值对 logits 的梯度。（第 7 讲）

    ``logits``：浮点，(N, C)。``y_hat``：独热或软的标签，形状和 dtype 都相同。
    结果的形状和 dtype 与 ``logits`` 相同。损失对类别求和，对 N 个样本求平均。
    logits 到 ±1000 时，结果也要有限且正确。

    请直接写出公式。可以调用你自己写的函数，也可以用 torch 的 softmax。不要用自动求导和库里的损失函数，
    也不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    p = softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True)) / len(logits)
    ### END SOLUTION

# %% [markdown] hint="softmax_mse_grad" lang="en"
# 1. Each row sums to 0, as a constant added to all logits changes nothing. For equal logits of 2 classes and
#    one sample with the label (1, 0) the result is (−0.5, 0.5).
# 2. Section 8 of the lesson. Split the sum over i at δ_ik: with d = y' − ŷ the first part
#    is 2 d_k y'_k, the second is −2 y'_k times a sum over the classes that is the same for every k.
# 3. `d = p - y_hat`, then `return 2 * p * (d - (…).sum(dim=1, keepdim=True)) / …`

# %% [markdown] hint="softmax_mse_grad" lang="zh"
# 1. 每行之和为 0，因为给所有 logits 加上同一个常数，损失不变。两类 logits 相等、
#    只有一个标签为 (1, 0) 的样本时，结果是 (−0.5, 0.5)。
# 2. 见本讲第 8 节。把对 i 的求和按 δ_ik 拆开：令 d = y' − ŷ，第一部分是 2 d_k y'_k，
#    第二部分是 −2 y'_k 乘以一个对类别的求和，它对每个 k 都相同。
# 3. `d = p - y_hat`，然后 `return 2 * p * (d - (…).sum(dim=1, keepdim=True)) / …`

# %% demo=true
# Two classes, the label is the first: loss and slope, from sure and wrong (left) to sure and right.
# 两类，标签是第一类：损失和斜率，从自信地答错（左）到自信地答对。
margin = torch.linspace(-10, 10, 201, dtype=torch.float64)
logits = torch.stack([margin, torch.zeros_like(margin)], dim=1)
labels = torch.zeros(len(margin), dtype=torch.int64)
y_hat = one_hot(labels, 2).double()
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
left.plot(margin, cross_entropy(softmax(logits), y_hat), label=say("cross-entropy", "交叉熵"))
left.plot(margin, squared_error(softmax(logits), y_hat), label=say("squared error", "平方误差"))
left.set_title(say("loss", "损失"))
# The gradients are of a mean over N samples; times N, they are each sample's own.
# 梯度是对 N 个样本的平均求的；乘以 N，就是每个样本自己的梯度。
N = len(margin)
right.plot(margin, -N * softmax_ce_grad(logits, labels)[:, 0], label=say("cross-entropy", "交叉熵"))
right.plot(margin, -N * softmax_mse_grad(logits, y_hat)[:, 0], label=say("squared error", "平方误差"))
right.set_title(say("pull on the right class's logit", "对正确类别的 logit 的拉力"))
remark = say("wrong, and no pull", "答错了，却没有拉力")
right.annotate(remark, (-8, 0.01), (-9.5, 0.3), arrowprops={"arrowstyle": "->"})
for axis in (left, right):
    axis.set_xlabel(say("logit of the right class − logit of the other", "正确类别的 logit − 另一类的 logit"))
    axis.legend()
plt.show()

# %% [markdown] lang="en"
# ### The lecture's picture: two landscapes
#
# Three classes, the label is the first, and $y_3 = -1000$ is out of the way. Each point of the plane is a
# pair $(y_1, y_2)$. Top left is the worst corner, bottom right the valley. Two walkers start at the same
# place in the corner and follow *your* gradients with the same learning rate.

# %% [markdown] lang="zh"
# ### 课上的那张图：两种地形
#
# 三个类别，标签是 $y_1$ 那一类，$y_3 = -1000$，不参与竞争。平面上每个点是一对 $(y_1, y_2)$。
# 左上是最糟的角落，右下是山谷。两个人从角落里的同一点出发，用同样的学习率沿着*你写的*梯度往下走。

# %% demo=true
# A hundred updates on each landscape.
# 在两种地形上各做一百次更新。
side = torch.linspace(-10, 10, 81, dtype=torch.float64)
y1, y2 = torch.meshgrid(side, side, indexing="xy")
plane = torch.stack([y1, y2, torch.full_like(y1, -1000)], dim=2).reshape(-1, 3)
target = one_hot(torch.zeros(len(plane), dtype=torch.int64), 3).double()
landscapes = {
    say("cross-entropy", "交叉熵"): (cross_entropy, lambda z: softmax_ce_grad(z, torch.tensor([0]))),
    say("squared error", "平方误差"): (squared_error, lambda z: softmax_mse_grad(z, target[:1])),
}
figure, axes = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained", sharey=True)
for axis, (title, (loss, gradient)) in zip(axes, landscapes.items(), strict=True):
    height = loss(softmax(plane), target).reshape(81, 81)
    surface = axis.contourf(side, side, height, levels=24, cmap="viridis")
    figure.colorbar(surface, ax=axis)
    walker = torch.tensor([[-7.0, 7.0, -1000.0]], dtype=torch.float64)
    path = [walker]
    for _ in range(100):
        walker = walker - 0.3 * gradient(walker)
        path.append(walker)
    steps = torch.cat(path)
    axis.plot(steps[:, 0], steps[:, 1], "o-", color="white", markersize=3, linewidth=1)
    axis.plot(-7, 7, "o", color="tab:red", markersize=9)
    moved = (steps[-1] - steps[0]).norm().item()
    axis.set_title(say(f"{title}: walked {moved:.2g}", f"{title}：走了 {moved:.2g}"))
    axis.set_xlabel("y1")
axes[0].set_ylabel("y2")
plt.show()

# %% [markdown] lang="en"
# On the left the slope is steepest where things are worst. On the right the corner is a plateau: high, and
# flat. The walker is as wrong as can be, and is told nothing. (An optimiser with an adaptive learning rate
# may still creep out, as the lecture remarks; but the loss does not help it.)
#
# ## 9 · Accuracy
#
# Accuracy is what we want in the end: the share of samples whose largest logit is at the label. Why not train
# on it? Its slope is 0 almost everywhere, flatter than any plateau above.

# %% [markdown] lang="zh"
# 左图中，越糟的地方坡越陡。右图的角落却是一片高原：又高又平。人已经错得不能再错，却得不到任何指引。
# （课上说，有适应性学习率的优化器也许还能慢慢爬出来，但损失本身帮不上忙。）
#
# ## 9 · 准确率
#
# 我们最终要的是准确率：最大的 logit 恰在标签处的样本所占的比例。为什么不直接用它来训练？
# 因为它的斜率几乎处处为 0，比上面的高原还要平。

# %% exercise="accuracy" points=6 difficulty=1 minutes=5 vectorised=true
def accuracy(logits: Tensor, labels: Tensor) -> float:
    """The share of samples whose largest logit is at the label, between 0 and 1. (Lecture 7)

    ``logits``: floating, (N, C); the largest of a row is unique. ``labels``: int64, (N,). The result is a
    Python number or a tensor of shape (). No Python loop over the samples.

    最大的 logit 恰在标签处的样本所占的比例，在 0 和 1 之间。（第 7 讲）

    ``logits``：浮点，(N, C)，每行的最大值唯一。``labels``：int64，(N,)。结果是 Python 数，
    或形状 () 的张量。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return int((logits.argmax(dim=1) == labels).sum()) / len(labels)
    ### END SOLUTION

# %% [markdown] hint="accuracy" lang="en"
# 1. For `logits = [[2, 1, 0], [0, 1, 2]]` and `labels = [0, 1]` one of the two is right: 0.5, neither 1 (a
#    count) nor 50.
# 2. Section 9 of the lesson: the prediction is the *place* of the largest logit in each row, not its value.
#    Softmax keeps the order of a row, so it is not needed.
# 3. `(logits.argmax(dim=…) == labels)`, and then the share of `True` in it.

# %% [markdown] hint="accuracy" lang="zh"
# 1. `logits = [[2, 1, 0], [0, 1, 2]]`、`labels = [0, 1]` 时，两个里对了一个：0.5，不是 1（个数），也不是 50。
# 2. 见本讲第 9 节：预测是每行中最大 logit 的*位置*，不是它的值。
#    softmax 不改变一行内的大小次序，所以用不着它。
# 3. `(logits.argmax(dim=…) == labels)`，然后求其中 `True` 的比例。

# %% [markdown] lang="en"
# ## Capstone · A bad start on real digits
#
# 1797 handwritten digits of 8 × 8 pixels, and the smallest network there is: $y = xW + b$. The start is bad
# on purpose: large random weights, so that the network is sure of its answers from the beginning, and mostly
# wrong. Cross-entropy and squared error start from the *same* weights, with the same learning rate, for 300
# updates. A third run trains squared error from a good start, $W = 0$.
#
# Make your bet before you run the cell: which of the three curves lies flat?

# %% [markdown] lang="zh"
# ## 综合实践 · 在真实的数字上，从糟糕的起点出发
#
# 1797 个 8 × 8 像素的手写数字，和最小的网络：$y = xW + b$。起点故意选得很糟：随机权重很大，
# 网络一开始就很自信，而且大多答错。交叉熵和平方误差从*同一组*权重出发，学习率相同，各做 300 次更新。
# 第三次训练用平方误差，但起点很好：$W = 0$。
#
# 运行之前先押个注：三条曲线里，哪一条躺平了？

# %% demo=true
from sklearn.datasets import load_digits

# Only your functions: one_hot, both gradients, and accuracy.
# 只用你写的函数：one_hot、两个梯度和 accuracy。
digits = load_digits()
X, labels = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
train, validation = order[:1297], order[1297:]
y_hat = one_hot(labels[train], 10)


def fit(gradient, W: Tensor, updates: int = 300, learning_rate: float = 1.0):
    b, accuracies, norms = torch.zeros(10), [], []
    for _ in range(updates):
        slope = gradient(X[train] @ W + b)
        dW = X[train].T @ slope
        W, b = W - learning_rate * dW, b - learning_rate * slope.sum(dim=0)
        accuracies.append(float(accuracy(X[validation] @ W + b, labels[validation])))
        norms.append(dW.norm().item())
    return accuracies, norms


bad = 3 * torch.randn(64, 10, generator=torch.Generator().manual_seed(0))


def by_cross_entropy(y: Tensor) -> Tensor:
    return softmax_ce_grad(y, labels[train])


def by_squared_error(y: Tensor) -> Tensor:
    return softmax_mse_grad(y, y_hat)


runs = {
    say("cross-entropy, bad start", "交叉熵，糟糕的起点"): fit(by_cross_entropy, bad),
    say("squared error, bad start", "平方误差，糟糕的起点"): fit(by_squared_error, bad),
    say("squared error, W = 0", "平方误差，W = 0"): fit(by_squared_error, torch.zeros(64, 10)),
}
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
for (name, (accuracies, norms)), style in zip(runs.items(), ("tab:blue", "tab:red", "tab:gray"), strict=True):
    left.plot(accuracies, color=style, label=f"{name}: {accuracies[-1]:.3f}")
    right.semilogy(norms, color=style)
    print(say(f"{name}: accuracy {accuracies[-1]:.3f}, first gradient {norms[0]:.3f}",
              f"{name}：准确率 {accuracies[-1]:.3f}，第一次的梯度 {norms[0]:.3f}"))
left.set_title(say("validation accuracy", "验证集准确率"))
right.set_title(say("length of the gradient", "梯度的长度"))
for axis in (left, right):
    axis.set_xlabel(say("updates", "更新次数"))
left.set_ylim(0, 1)
left.legend(fontsize="small")
plt.show()

# %% [markdown] lang="en"
# From the same bad start, cross-entropy reaches about 0.85 and squared error stays near 0.22: its first
# gradient is 50 times shorter, because there the landscape is flat. From $W = 0$ squared error does well: it
# is not a wrong goal, it is a bad guide to those far away.
#
# **What you take along.** Labels are one-hot; the hat is on the label. Softmax turns differences into ratios
# and does not care about a constant, so subtract the largest logit. Never take the logarithm of a rounded
# probability. The softmax belongs inside the loss, once. The slope of cross-entropy is prediction minus
# label, large where the mistake is large, and that is why it won.

# %% [markdown] lang="zh"
# 从同样糟糕的起点出发，交叉熵达到约 0.85，平方误差停在 0.22 左右：
# 它的第一次梯度短了约 50 倍，因为那里的地形是平的。而从 $W = 0$ 出发，平方误差表现不错：
# 它的目标没有错，只是不会给远处的人指路。
#
# **本讲要点。** 标签用独热向量，帽子戴在标签上。softmax 把差变成比，对常数无动于衷，所以先减去最大的 logit。
# 绝不要对舍入过的概率取对数。softmax 放在损失里面，而且只放一次。
# 交叉熵的斜率是“预测减标签”，错得越多斜率越大，这就是它胜出的原因。
