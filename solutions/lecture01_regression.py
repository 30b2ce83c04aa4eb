# %% [markdown] lang="en"
# # Lecture 1 · Regression
#
# Machine learning looks for a function. In **regression** that function returns a number: tomorrow's
# temperature, the views of a video, the course of a disease. The lecture finds it in three steps, and comes
# back to them all term:
#
# 1. write down a function with unknown parameters, a **model**;
# 2. define a **loss**: how wrong is the model with these parameters?
# 3. **optimise**: change the parameters so that the loss falls.
#
# You will write each step yourself, make the model more and more flexible (a line, then a sum of sigmoids,
# then a deep network), and watch on real data what flexibility gives and what it costs.

# %% [markdown] lang="zh"
# # 第 1 讲 · 回归
#
# 机器学习就是找一个函数。如果这个函数输出一个数，就叫**回归**：明天的气温、视频的观看次数、病情的发展。
# 课上用三个步骤去找它，整门课都会反复用到：
#
# 1. 写出一个带有未知参数的函数，也就是**模型**；
# 2. 定义**损失**：参数取这些值时，模型错得有多离谱？
# 3. **优化**：调整参数，让损失下降。
#
# 这一讲你会亲手写出每一步，让模型越来越灵活（先是直线，再是许多 sigmoid 之和，最后是深度网络），
# 并在真实数据上看到：灵活性带来了什么，又付出了什么代价。

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from autograder import say

# %% [markdown] lang="en"
# ## 1 · The loss: how wrong are we?
#
# Write $y_n$ for what the model predicts and $\hat y_n$ for the label, the true value (the lecture's hat
# marks the truth). Two losses turn all the errors into one number:
#
# $$\text{MAE} = \frac1N\sum_n |y_n - \hat y_n| \qquad\qquad \text{MSE} = \frac1N\sum_n (y_n - \hat y_n)^2$$
#
# Both are **means**, so a loss does not grow merely because there are more data.
#
# > The notes describe the MSE as the *sum* of squared errors. It is the mean; the sum is called SSE.
#
# One trap deserves a guard. A tensor of shape `(N,)` minus one of shape `(N, 1)` is no error in PyTorch: it
# *broadcasts* to `(N, N)`, every prediction against every label, and the loss is silently wrong. Many a model
# has failed to learn because of it. So your losses refuse tensors of different shapes.

# %% [markdown] lang="zh"
# ## 1 · 损失：错得有多离谱？
#
# 用 $y_n$ 表示模型的预测，$\hat y_n$ 表示标签，也就是真实值（课上戴帽子的是真实值）。
# 有两种损失，都把所有误差汇总成一个数：
#
# $$\text{MAE} = \frac1N\sum_n |y_n - \hat y_n| \qquad\qquad \text{MSE} = \frac1N\sum_n (y_n - \hat y_n)^2$$
#
# 两者都是**平均值**，所以不会仅仅因为数据变多，损失就变大。
#
# > 笔记里把 MSE 写成了“误差的平方和”。其实应该是平均；平方和叫 SSE。
#
# 有一个陷阱值得专门防范：形状 `(N,)` 的张量减去 `(N, 1)` 的张量，PyTorch 不会报错，而是*广播*成 `(N, N)`，
# 每个预测和每个标签都减一遍，损失就悄悄错了。不少模型怎么也训练不好，原因就在这里。
# 所以你的损失函数要拒绝形状不同的张量。

# %% exercise="mae" points=6 difficulty=1 minutes=5 differentiable=true forbidden=["loss"]
def mae(y: Tensor, y_hat: Tensor) -> Tensor:
    """Mean absolute error: the mean of |y − ŷ| over all elements. (Lecture 1)

    ``y``, ``y_hat``: predictions and labels, floating, of the same shape; any shape, contiguous or not.
    Returns a tensor of shape () in their dtype, through which gradients flow.
    Raises ``ValueError`` where the two shapes differ, even if they would broadcast.

    平均绝对误差：对所有元素的 |y − ŷ| 取平均。（第 1 讲）

    ``y``、``y_hat``：预测值和标签，浮点张量，两者形状相同；形状任意，内存可以不连续。
    返回形状为 ()、dtype 与输入相同的张量，梯度能够流过它。
    只要两个形状不同，即使可以广播，也要抛出 ``ValueError``。
    """
    ### BEGIN SOLUTION
    if y.shape != y_hat.shape:
        raise ValueError(f"the shapes {tuple(y.shape)} and {tuple(y_hat.shape)} differ")
    return (y - y_hat).abs().mean()
    ### END SOLUTION


# %% [markdown] hint="mae" lang="en"
# 1. Try predictions 1 and 3 with labels 2 and 2. Both errors are 1 in size, so the MAE is 1. Did yours cancel
#    to 0, or add up to 2?
# 2. Section 1: MAE = (1/N) Σ |y − ŷ|, where N counts *all* elements. Before that, compare the two shapes; do
#    not let PyTorch broadcast.
# 3. `if y.shape != …: raise ValueError(…)`, then `return (y - y_hat).….…`: two short methods, one for |·| and
#    one for the mean.

# %% [markdown] hint="mae" lang="zh"
# 1. 试试预测值 1 和 3、标签 2 和 2：两个误差大小都是 1，所以 MAE 是 1。你的结果是不是抵消成了 0，
#    或者加成了 2？
# 2. 见第 1 节：MAE = (1/N) Σ |y − ŷ|，N 是*所有*元素的个数。在此之前先比较两个形状，别让 PyTorch 去广播。
# 3. `if y.shape != …: raise ValueError(…)`，然后 `return (y - y_hat).….…`：两个短方法，一个取绝对值，
#    一个取平均。

# %% exercise="mse" points=8 difficulty=1 minutes=5 differentiable=true forbidden=["loss"]
def mse(y: Tensor, y_hat: Tensor) -> Tensor:
    """Mean squared error: the mean of (y − ŷ)² over all elements. (Lecture 1)

    ``y``, ``y_hat``: predictions and labels, floating, of the same shape; any shape, contiguous or not.
    Returns a tensor of shape () in their dtype, through which gradients flow.
    Raises ``ValueError`` where the two shapes differ, even if they would broadcast.

    均方误差：对所有元素的 (y − ŷ)² 取平均。（第 1 讲）

    ``y``、``y_hat``：预测值和标签，浮点张量，两者形状相同；形状任意，内存可以不连续。
    返回形状为 ()、dtype 与输入相同的张量，梯度能够流过它。
    只要两个形状不同，即使可以广播，也要抛出 ``ValueError``。
    """
    ### BEGIN SOLUTION
    if y.shape != y_hat.shape:
        raise ValueError(f"the shapes {tuple(y.shape)} and {tuple(y_hat.shape)} differ")
    return (y - y_hat).square().mean()
    ### END SOLUTION


# %% [markdown] hint="mse" lang="en"
# 1. Errors 1 and −3 have the squares 1 and 9, so the MSE is 5: not 10 (a sum), not 2.5 (halved), not √5, not
#    1 (the mean error, squared).
# 2. Section 1: MSE = (1/N) Σ (y − ŷ)². Square each error first, average last; N counts all elements, whatever
#    the shape.
# 3. The guard on the shapes, then `return ((y - y_hat) ** …).…()`.

# %% [markdown] hint="mse" lang="zh"
# 1. 误差 1 和 −3 的平方是 1 和 9，MSE 是 5：不是 10（求和），不是 2.5（又除以 2），不是 √5，
#    也不是 1（先平均再平方）。
# 2. 见第 1 节：MSE = (1/N) Σ (y − ŷ)²。先把每个误差平方，最后再平均；不论形状如何，N 都是所有元素的个数。
# 3. 先检查形状，再 `return ((y - y_hat) ** …).…()`。

# %% [markdown] lang="en"
# **Which loss?** Predict seven measurements by a single constant. One measurement is an outlier. The MSE is
# lowest at the mean of the labels, and the outlier drags it along; the MAE is lowest at their median, which
# hardly notices.

# %% [markdown] lang="zh"
# **该用哪种损失？** 用同一个常数去预测七个测量值，其中一个是离群点。MSE 在标签的平均值处最小，
# 会被离群点拉走；MAE 在标签的中位数处最小，几乎不受影响。

# %% demo=true
import matplotlib.pyplot as plt

labels = torch.tensor([1.0, 1.4, 1.7, 2.0, 2.2, 2.6, 9.0])
guesses = torch.linspace(0, 6, 241)
losses = {
    "MAE": torch.stack([mae(g.expand(7), labels) for g in guesses]),
    "MSE": torch.stack([mse(g.expand(7), labels) for g in guesses]),
}
fig, ax = plt.subplots(figsize=(7, 3.8))
for name, curve in losses.items():
    best = guesses[curve.argmin()]
    (line,) = ax.plot(guesses, curve, label=name)
    ax.plot(best, curve.min(), "o", color=line.get_color())
    text = say(f"lowest at {best:.2f}", f"在 {best:.2f} 处最小")
    ax.annotate(text, (best, curve.min()), textcoords="offset points", xytext=(0, -16), ha="center")
ax.plot(labels, torch.full((7,), -3.0), "k|", markersize=10, label=say("the seven labels", "七个标签"))
ax.annotate(say("outlier", "离群点"), (9, -3), textcoords="offset points", xytext=(0, 9), ha="center")
ax.set(xlabel=say("the constant that is predicted", "预测的常数"), ylabel=say("loss", "损失"))
ax.set_ylim(-4.5, 18)
ax.legend(loc="upper right")
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# ## 2 · Optimisation: follow the gradient
#
# Start with the simplest model, a line: $y = b + \sum_j w_j x_j$. For $N$ samples at once, $y = Xw + b$ with
# one sample in each row of $X$. Its loss is $L(w, b) = \frac1N \sum_n (x_n \cdot w + b - \hat y_n)^2$.
#
# The **gradient** tells how $L$ changes when a parameter moves a little, one number per parameter. Take the
# derivative once by hand; afterwards you will know what `backward()` does for you. The chain rule has two
# factors: the outer one, $2\,(\text{error})$, and the inner one, the derivative of the prediction with
# respect to the parameter. (In the code below `y` holds the labels $\hat y$.)

# %% [markdown] lang="zh"
# ## 2 · 优化：跟着梯度走
#
# 从最简单的模型开始，一条直线：$y = b + \sum_j w_j x_j$。同时处理 $N$ 个样本就是 $y = Xw + b$，
# $X$ 的每一行是一个样本。它的损失是 $L(w, b) = \frac1N \sum_n (x_n \cdot w + b - \hat y_n)^2$。
#
# **梯度**告诉你：某个参数稍微动一动，$L$ 会怎样变；每个参数对应一个数。这里亲手求一次导，
# 以后就明白 `backward()` 替你做了什么。链式法则有两个因子：外层是 $2\,(\text{误差})$，
# 内层是预测值对参数的导数。（下面代码里的 `y` 是标签 $\hat y$。）

# %% exercise="linear_mse_grad" points=14 difficulty=2 minutes=15 vectorised=true forbidden=["autograd"]
def linear_mse_grad(X: Tensor, y: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The gradient of mean((Xw + b − y)²) with respect to w and to b, worked out by hand. (Lecture 1)

    ``X`` (N, D): one sample a row; ``y`` (N,): the labels; ``w`` (D,) and ``b`` (): the parameters, floating.
    Returns ``(dw, db)`` of shapes (D,) and (), in the dtype of ``X``.
    No automatic differentiation, no loop over samples.

    亲手推导的梯度：mean((Xw + b − y)²) 分别对 w 和 b 求导。（第 1 讲）

    ``X`` (N, D)：每行一个样本；``y`` (N,)：标签；``w`` (D,) 和 ``b`` ()：参数；都是浮点张量。
    返回 ``(dw, db)``，形状分别为 (D,) 和 ()，dtype 与 ``X`` 相同。不能用自动求导，也不要逐个样本循环。
    """
    ### BEGIN SOLUTION
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), 2 * error.mean()
    ### END SOLUTION


# %% [markdown] hint="linear_mse_grad" lang="en"
# 1. Compare with a difference quotient: move one w_j by 1e-4, see how far the loss moves, divide by 1e-4. Is
#    yours off by a factor of 2, of N, or in sign?
# 2. Section 2: with error_n = x_n·w + b − y_n, dL/dw_j = (1/N) Σ_n 2·error_n·x_nj. For b the inner derivative
#    is 1 in place of x_nj.
# 3. `error = X @ w + … - …` of shape (N,); then `dw = … * X.T @ error / …`, shape (D,), and
#    `db = … * error.…()`.

# %% [markdown] hint="linear_mse_grad" lang="zh"
# 1. 和差商比一比：把某个 w_j 加上 1e-4，看损失变了多少，再除以 1e-4。你的结果是差了 2 倍、差了 N 倍，
#    还是符号反了？
# 2. 见第 2 节：记 error_n = x_n·w + b − y_n，则 dL/dw_j = (1/N) Σ_n 2·error_n·x_nj。对 b 求导时，
#    内层导数是 1，而不是 x_nj。
# 3. `error = X @ w + … - …`，形状 (N,)；然后 `dw = … * X.T @ error / …`，形状 (D,)；`db = … * error.…()`。

# %% [markdown] lang="en"
# The gradient points uphill. **Gradient descent** takes a step the other way, of a length set by the learning
# rate $\eta$:
#
# $$\theta^{t+1} = \theta^{t} - \eta\, g^{t}$$
#
# Return a *new* tensor. Whoever called you may still need the old parameters, for instance to plot the path.

# %% [markdown] lang="zh"
# 梯度指向上坡。**梯度下降**朝相反方向走一步，步长由学习率 $\eta$ 决定：
#
# $$\theta^{t+1} = \theta^{t} - \eta\, g^{t}$$
#
# 请返回一个*新的*张量：调用你的人可能还需要旧参数，比如用来画出走过的路径。

# %% exercise="gd_step" points=6 difficulty=1 minutes=3
def gd_step(theta: Tensor, grad: Tensor, lr: float) -> Tensor:
    """One update of gradient descent: θ − lr · grad. (Lecture 1)

    ``theta``, ``grad``: floating tensors of one shape, any shape; ``lr``: a Python float.
    Returns a new tensor of the same shape and dtype; the arguments stay as they are.

    梯度下降的一次更新：θ − lr · grad。（第 1 讲）

    ``theta``、``grad``：形状相同的浮点张量，形状任意；``lr``：Python 浮点数。
    返回形状和 dtype 都相同的新张量；传入的参数保持不变。
    """
    ### BEGIN SOLUTION
    return theta - lr * grad
    ### END SOLUTION


# %% [markdown] hint="gd_step" lang="en"
# 1. From θ = 5 with gradient 2 and lr 0.1 the new θ is 4.8. Is yours 5.2, 3, or −0.2? And is the old tensor
#    still 5 after the call?
# 2. Section 2: θ ← θ − η·g, against the gradient. `-=` and `sub_` write into the tensor that you were given.
# 3. `return theta … lr … grad`: an expression, no assignment.

# %% [markdown] hint="gd_step" lang="zh"
# 1. θ = 5，梯度 2，lr 0.1，新的 θ 是 4.8。你得到的是 5.2、3，还是 −0.2？调用之后，旧张量还是 5 吗？
# 2. 见第 2 节：θ ← θ − η·g，朝梯度的反方向走。`-=` 和 `sub_` 会直接改写传进来的张量。
# 3. `return theta … lr … grad`：一个表达式就够了，不用赋值。

# %% [markdown] lang="en"
# **Your two functions at work.** The loss of a line over its two parameters is a valley. A small learning
# rate creeps, a good one arrives, a large one leaps from side to side, and one that is larger still would fly
# away.

# %% [markdown] lang="zh"
# **看看你的两个函数。** 直线的损失是关于两个参数的一个山谷。学习率太小，慢慢爬；合适，顺利到达；偏大，
# 在两侧来回跳；再大就飞出去了。

# %% demo=true
import matplotlib.pyplot as plt

generator = torch.Generator().manual_seed(1)
X = torch.rand(40, 1, generator=generator) * 2
y = 1.5 * X[:, 0] - 1 + 0.3 * torch.randn(40, generator=generator)

grid_w, grid_b = torch.linspace(-1.6, 3.6, 90), torch.linspace(-3.4, 2.4, 90)
surface = ((grid_w[:, None, None] * X[:, 0] + grid_b[:, None] - y) ** 2).mean(-1)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
levels = torch.logspace(-1, 1.5, 14).tolist()
left.contour(grid_w, grid_b, surface.T, levels=levels, cmap="Greys_r", linewidths=0.8)
for lr, color in ((0.43, "C1"), (0.1, "C0"), (0.005, "C2")):
    w, b = torch.tensor([3.2]), torch.tensor(1.0)
    path, curve = [(w.item(), b.item())], []
    for _ in range(60):
        curve.append(((X @ w + b - y) ** 2).mean().item())
        dw, db = linear_mse_grad(X, y, w, b)
        w, b = gd_step(w, dw, lr), gd_step(b, db, lr)
        path.append((w.item(), b.item()))
    name = f"$\\eta$ = {lr}"
    left.plot(*zip(*path, strict=True), ".-", color=color, markersize=5, linewidth=1, label=name)
    right.semilogy(curve, color=color, label=name)
left.set(xlabel="w", ylabel="b", title=say("60 updates on the loss surface", "损失曲面上的 60 次更新"))
right.set(xlabel=say("update", "更新次数"), ylabel="MSE", title=say("the loss on the way", "一路上的损失"))
left.legend(loc="lower left")
right.legend()
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# Could the path get stuck in a local minimum? The lecture calls that gradient descent's *false* problem: what
# really stops training is something else, and lecture 3 finds out what.
#
# ## 3 · Updates and epochs
#
# With much data one does not compute the gradient of all of it at each step. The dataset is cut into
# **batches**. Each batch gives one **update** of the parameters; when every batch has been seen once, one
# **epoch** is over. The lecture asks: 10,000 samples and batches of 10, how many updates are in one epoch?
# (1,000. But what if the numbers do not divide?)
#
# > The notes call an epoch 迭代, a word that elsewhere often means an update; here epoch = 轮, update = 更新.
# > And where the notes say "database" they mean the dataset.

# %% [markdown] lang="zh"
# 会不会卡在局部极小值里？课上说这是梯度下降的*假问题*：真正让训练停下来的另有其因，第 3 讲会揭晓。
#
# ## 3 · 更新与轮
#
# 数据很多时，不会每一步都用全部数据算梯度，而是把数据集切成一个个**批次**。每个批次让参数**更新**一次；
# 所有批次都看过一遍，就是一**轮**（epoch）。课上问：10 000 个样本，每批 10 个，一轮有多少次更新？
# （1 000 次。可要是除不尽呢？）
#
# > 笔记把 epoch 译作“迭代”，而“迭代”常常又指一次更新，容易混淆；笔记里的 database 应是 dataset（数据集）。
# > 这里统一：epoch = 轮，update = 更新。

# %% exercise="num_updates" points=8 difficulty=1 minutes=7
def num_updates(n: int, batch_size: int, epochs: int, drop_last: bool = False) -> int:
    """How many updates training makes: one for each batch of each epoch. (Lecture 1)

    ``n`` ≥ 0 samples are cut into batches of ``batch_size`` ≥ 1, afresh in each of ``epochs`` ≥ 0 epochs;
    a batch never spans two epochs. The last batch of an epoch may be short: it counts, unless ``drop_last``.
    ``batch_size`` may exceed ``n``.
    Returns a Python int.

    训练一共更新多少次：每一轮的每个批次各更新一次。（第 1 讲）

    ``n`` ≥ 0 个样本切成大小为 ``batch_size`` ≥ 1 的批次，共 ``epochs`` ≥ 0 轮，每轮重新切分；
    一个批次不会跨两轮。每轮的最后一批可能不满：它也算一次，除非 ``drop_last`` 为真。
    ``batch_size`` 可以大于 ``n``。
    返回 Python 整数。
    """
    ### BEGIN SOLUTION
    full, rest = divmod(n, batch_size)
    per_epoch = full if drop_last or rest == 0 else full + 1
    return per_epoch * epochs
    ### END SOLUTION


# %% [markdown] hint="num_updates" lang="en"
# 1. Cut 10 samples into batches of 4: 4, 4 and 2, so 3 updates an epoch; 2 with `drop_last`. Three epochs
#    make 9, not ⌈30/4⌉ = 8.
# 2. Section 3: count the batches of *one* epoch first. Rounding up or down happens there; then multiply by
#    the epochs.
# 3. `per_epoch = n // batch_size`, plus 1 if a short batch is left over and …; `return per_epoch * …`.

# %% [markdown] hint="num_updates" lang="zh"
# 1. 10 个样本、每批 4 个：4、4、2，每轮更新 3 次；`drop_last` 时是 2 次。三轮是 9 次，而不是 ⌈30/4⌉ = 8 次。
# 2. 见第 3 节：先数*一轮*有几个批次，取整就发生在这里；然后再乘以轮数。
# 3. `per_epoch = n // batch_size`，如果还剩一个不满的批次并且 …，就加 1；`return per_epoch * …`。

# %% [markdown] lang="en"
# ## 4 · Beyond the line: build any curve from pieces
#
# A line is a **model bias**: whatever its parameters, it never bends. The lecture's way out is that any
# piecewise linear curve is a constant plus a sum of simple steps. One step, the **hard sigmoid**, is flat,
# then a ramp, then flat again:
#
# $$c \cdot \operatorname{clip}(w x + b,\ 0,\ 1)$$
#
# $w$ sets how steep the ramp is (negative: it descends), $b$ shifts it, $c$ is the height of the step, and
# may be negative.
#
# > The notes never define the hard sigmoid. PyTorch's `hardsigmoid` is another one, with the ramp
# > `x/6 + 1/2`.

# %% [markdown] lang="zh"
# ## 4 · 告别直线：把任意曲线拼出来
#
# 直线有**模型偏差**：参数怎么取，它都不会拐弯。课上的办法是：
# 任何分段线性曲线都等于一个常数加上若干个简单的台阶。一个台阶就是 **hard sigmoid**：先平，再斜，再平：
#
# $$c \cdot \operatorname{clip}(w x + b,\ 0,\ 1)$$
#
# $w$ 决定斜坡有多陡（为负就是下坡），$b$ 让它左右平移，$c$ 是台阶的高度，可以是负数。
#
# > 笔记里没有给出 hard sigmoid 的定义。PyTorch 的 `hardsigmoid` 是另一种，斜坡是 `x/6 + 1/2`。

# %% exercise="hard_sigmoid" points=8 difficulty=1 minutes=5 differentiable=true
def hard_sigmoid(x: Tensor, w: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """One step of a piecewise linear curve: c · clip(w·x + b, 0, 1). (Lecture 1)

    ``x``: floating, any shape. ``w``, ``b``, ``c``: tensors of the same dtype, of shape () or of shapes that
    broadcast with ``x``; w and c may be negative or zero.
    Returns a tensor of the broadcast shape in the dtype of ``x``; gradients flow to all four arguments.

    分段线性曲线的一个台阶：c · clip(w·x + b, 0, 1)。（第 1 讲）

    ``x``：浮点张量，形状任意。``w``、``b``、``c``：dtype 相同的张量，形状为 () 或能与 ``x`` 广播；
    w 和 c 可以为负，也可以为零。
    返回广播后形状的张量，dtype 与 ``x`` 相同；梯度流向全部四个参数。
    """
    ### BEGIN SOLUTION
    return c * (w * x + b).clamp(0, 1)
    ### END SOLUTION


# %% [markdown] hint="hard_sigmoid" lang="en"
# 1. With w = 1, b = 0, c = 3 the values at x = −1, 0.5, 2 are 0, 1.5, 3. Where does yours leave the ramp, and
#    how high does it end?
# 2. Section 4: clip first, to between 0 and 1; the height c comes afterwards, or a step of height 3 or −2
#    could not be.
# 3. `ramp = (w * x + b).clamp(…, …)`, then `return … * ramp`.

# %% [markdown] hint="hard_sigmoid" lang="zh"
# 1. w = 1、b = 0、c = 3 时，x = −1、0.5、2 处的值是 0、1.5、3。你的斜坡在哪里变平？最后有多高？
# 2. 见第 4 节：先截断到 0 和 1 之间，再乘高度 c；否则就不可能有高 3 或 −2 的台阶。
# 3. `ramp = (w * x + b).clamp(…, …)`，然后 `return … * ramp`。

# %% [markdown] lang="en"
# **Steps add up.** On the left, what each parameter does. On the right, the lecture's red curve: a constant
# plus three steps.

# %% [markdown] lang="zh"
# **台阶相加。** 左图：每个参数起什么作用。右图：课上那条红色曲线，等于一个常数加三个台阶。

# %% demo=true
import matplotlib.pyplot as plt

x = torch.linspace(-1, 5, 301)
one = torch.tensor(1.0)
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
left.plot(x, hard_sigmoid(x, one, 0 * one, one), "k", linewidth=3, label="w = 1, b = 0, c = 1")
left.plot(x, hard_sigmoid(x, 0.4 * one, 0 * one, one), label=say("w = 0.4: gentler", "w = 0.4：更缓"))
left.plot(x, hard_sigmoid(x, one, -2 * one, one), label=say("b = −2: moved right", "b = −2：右移"))
left.plot(x, hard_sigmoid(x, one, 0 * one, -0.5 * one), label=say("c = −0.5: down", "c = −0.5：向下"))
left.set(xlabel="x", title=say("what w, b and c do", "w、b、c 的作用"), ylim=(-0.7, 1.75))
left.legend(fontsize=8, ncols=2, loc="upper left")

w, b, c = torch.tensor([1.0, 0.8, 2.0]), torch.tensor([0.0, -1.2, -7.0]), torch.tensor([1.5, -2.2, 1.8])
steps = hard_sigmoid(x[:, None], w, b, c)
right.plot(x, steps, "--", linewidth=1.2)
right.plot(x, 0.5 + steps.sum(1), "r", linewidth=3)
right.axhline(0.5, color="grey", linestyle=":", linewidth=1)
right.legend(
    [say(f"step {i + 1}", f"台阶 {i + 1}") for i in range(3)] + [say("0.5 + their sum", "0.5 + 三者之和")],
    fontsize=8,
)
right.set(xlabel="x", title=say("a constant and three steps", "一个常数加三个台阶"))
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# ### The soft version: sigmoids
#
# The **sigmoid** $\sigma(z) = 1 / (1 + e^{-z})$ is a hard sigmoid with rounded corners, so its gradient does
# not vanish abruptly. The lecture's model with $H$ sigmoids and $D$ features:
#
# $$y = b + \sum_{i=1}^{H} c_i\, \sigma\Big(b_i + \sum_{j=1}^{D} w_{ij} x_j\Big)$$
#
# For a batch, $X$ is (N, D) with a sample in each row, $W$ is (H, D), and the result is (N,): no loop.

# %% [markdown] lang="zh"
# ### 柔和的版本：sigmoid
#
# **Sigmoid** 函数 $\sigma(z) = 1 / (1 + e^{-z})$ 就是把 hard sigmoid 的棱角磨圆，梯度也就不会突然消失。
# 课上由 $H$ 个 sigmoid 组成、有 $D$ 个特征的模型：
#
# $$y = b + \sum_{i=1}^{H} c_i\, \sigma\Big(b_i + \sum_{j=1}^{D} w_{ij} x_j\Big)$$
#
# 对一个批次来说，$X$ 是 (N, D)，每行一个样本；$W$ 是 (H, D)；结果是 (N,)，不需要循环。

# %% exercise="sigmoid_model" points=12 difficulty=2 minutes=10 vectorised=true differentiable=true
def sigmoid_model(x: Tensor, b: Tensor, c: Tensor, bs: Tensor, W: Tensor) -> Tensor:
    """The lecture's model with one layer of sigmoids: y = b + Σ_i c_i σ(bs_i + Σ_j W_ij x_j). (Lecture 1)

    ``x`` (N, D): one sample a row; ``b`` (): outer bias; ``c`` (H,): heights; ``bs`` (H,): inner biases;
    ``W`` (H, D): weights.
    Returns (N,), also where N, D or H is 1; the dtype of ``x``. Gradients flow to every argument.
    Finite also where bs + Wx reaches ±1000. No loop over samples.

    课上的单层 sigmoid 模型：y = b + Σ_i c_i σ(bs_i + Σ_j W_ij x_j)。（第 1 讲）

    ``x`` (N, D)：每行一个样本；``b`` ()：外层偏置；``c`` (H,)：高度；``bs`` (H,)：内层偏置；
    ``W`` (H, D)：权重。
    返回 (N,)，N、D 或 H 为 1 时也一样；dtype 与 ``x`` 相同。梯度流向每个参数。
    bs + Wx 达到 ±1000 时，结果仍然是有限的数。不要逐个样本循环。
    """
    ### BEGIN SOLUTION
    return b + torch.sigmoid(x @ W.T + bs) @ c
    ### END SOLUTION


# %% [markdown] hint="sigmoid_model" lang="en"
# 1. Watch the shapes: x is (N, D), W is (H, D), so the inside of σ must come out as (N, H), and the result as
#    (N,). With W = 0 and bs = 0, y = b + ½ Σ c_i.
# 2. Section 4, the soft version: inside out. First bs + Wx, then σ, then the sum weighted by c, last the
#    outer b, once.
# 3. `z = x @ W.T + …`, then `return b + torch.sigmoid(…) @ …`.

# %% [markdown] hint="sigmoid_model" lang="zh"
# 1. 盯住形状：x 是 (N, D)，W 是 (H, D)，σ 里面应该得到 (N, H)，结果是 (N,)。当 W = 0、bs = 0 时，
#    y = b + ½ Σ c_i。
# 2. 见第 4 节“柔和的版本”：由内到外。先算 bs + Wx，再取 σ，再用 c 加权求和，最后加外层的 b，只加一次。
# 3. `z = x @ W.T + …`，然后 `return b + torch.sigmoid(…) @ …`。

# %% [markdown] lang="en"
# ### The popular version: ReLU
#
# The **rectified linear unit**, $\operatorname{ReLU}(z) = \max(0, z)$, is flat and then climbs forever. Two
# of them make one hard sigmoid. Hard sigmoid, sigmoid and ReLU are all **activation functions**; ReLU is what
# most networks use. The same model with ReLU:
#
# $$y = b + \sum_{i=1}^{H} c_i \max\Big(0,\ b_i + \sum_{j=1}^{D} w_{ij} x_j\Big)$$

# %% [markdown] lang="zh"
# ### 流行的版本：ReLU
#
# **线性整流单元** $\operatorname{ReLU}(z) = \max(0, z)$ 先平，然后一直上升。
# 两个 ReLU 就能拼出一个 hard sigmoid。hard sigmoid、sigmoid 和 ReLU 统称**激活函数**；大多数网络用的是 ReLU。
# 把刚才的模型换成 ReLU：
#
# $$y = b + \sum_{i=1}^{H} c_i \max\Big(0,\ b_i + \sum_{j=1}^{D} w_{ij} x_j\Big)$$

# %% exercise="relu_model" points=10 difficulty=2 minutes=6 vectorised=true differentiable=true
def relu_model(x: Tensor, b: Tensor, c: Tensor, bs: Tensor, W: Tensor) -> Tensor:
    """The same model with ReLU: y = b + Σ_i c_i max(0, bs_i + Σ_j W_ij x_j). (Lecture 1)

    ``x`` (N, D): one sample a row; ``b`` (): outer bias; ``c`` (H,): heights; ``bs`` (H,): inner biases;
    ``W`` (H, D): weights.
    Returns (N,), also where N, D or H is 1; the dtype of ``x``. Gradients flow to every argument;
    the slope of max(0, z) at exactly z = 0 may be anything from 0 to 1.
    No argument is changed. No loop over samples.

    换成 ReLU 的同一个模型：y = b + Σ_i c_i max(0, bs_i + Σ_j W_ij x_j)。（第 1 讲）

    ``x`` (N, D)：每行一个样本；``b`` ()：外层偏置；``c`` (H,)：高度；``bs`` (H,)：内层偏置；
    ``W`` (H, D)：权重。
    返回 (N,)，N、D 或 H 为 1 时也一样；dtype 与 ``x`` 相同。梯度流向每个参数；max(0, z) 恰好在 z = 0 处的斜率
    取 0 到 1 之间的任何值都可以。不要改动传入的参数，也不要逐个样本循环。
    """
    ### BEGIN SOLUTION
    return b + (x @ W.T + bs).relu() @ c
    ### END SOLUTION


# %% [markdown] hint="relu_model" lang="en"
# 1. ReLU keeps each positive entry of bs + Wx and turns each negative one into 0, entry by entry; the shape
#    (N, H) stays. Is yours still (N, H) there?
# 2. Section 4, the popular version: as in `sigmoid_model`, with max(0, z) in the place of σ.
#    `torch.max(z, 0)` is something else: the maximum along dim 0.
# 3. `z = x @ W.T + …`, then `return b + z.…() @ …`; `relu` and `clamp` both make new tensors.

# %% [markdown] hint="relu_model" lang="zh"
# 1. ReLU 对 bs + Wx 逐个元素处理：正的保留，负的变成 0，形状 (N, H) 不变。你的结果到这一步还是 (N, H) 吗？
# 2. 见第 4 节“流行的版本”：和 `sigmoid_model` 一样，只是把 σ 换成 max(0, z)。`torch.max(z, 0)` 是另一回事：
#    它沿第 0 维取最大值。
# 3. `z = x @ W.T + …`，然后 `return b + z.…() @ …`；`relu` 和 `clamp` 都会生成新张量。

# %% [markdown] lang="en"
# ### Any curve at all
#
# "Several such curves can imitate any function", the notes say. Here is the proof, and you construct it. Pick
# points (knots) on a curve and join them by straight lines. Walk along from the left: the slope changes only
# at the knots. A ReLU that starts at a knot contributes nothing before it and a constant extra slope after
# it. So each knot needs one ReLU, and its height is what the slope *changes* by. Remember both ends: the
# curve is constant left of the first knot and right of the last.

# %% [markdown] lang="zh"
# ### 任意一条曲线
#
# 笔记说“可以用多个曲线来模拟任意一个函数”。下面就由你构造出来，这就是证明。在曲线上取一些点（节点），
# 用直线段连起来。从左往右走，斜率只在节点处改变。一个从某节点开始的 ReLU，在它之前毫无影响，
# 在它之后贡献一份固定的额外斜率。所以每个节点用一个 ReLU，它的高度就是斜率在这里*变化*了多少。别忘了两端：
# 第一个节点左边和最后一个节点右边，曲线都是常数。

# %%
def drawn(kx: Tensor, ky: Tensor, x: Tensor) -> Tensor:
    # What the parameters of your piecewise_to_relu draw at the points x; the check below looks at this.
    # 你的 piecewise_to_relu 给出的参数在各点 x 处画出的值；下面的检查看的就是它。
    b, c, bs, w = piecewise_to_relu(kx, ky)
    return b + torch.relu(torch.outer(x, w) + bs) @ c


# %% exercise="piecewise_to_relu" points=16 difficulty=3 minutes=20
def piecewise_to_relu(kx: Tensor, ky: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Parameters with which a ReLU model draws the piecewise linear curve through the knots. (Lecture 1)

    The curve is straight between neighbouring knots (kx_k, ky_k), and constant left of the first knot and
    right of the last. The model, for a single feature x: y = b + Σ_i c_i max(0, bs_i + w_i x).
    ``kx``, ``ky`` (K,): floating, of one dtype, K ≥ 2; kx strictly ascending, the spacing uneven.
    Returns ``(b, c, bs, w)`` in the dtype of ``kx``: b of shape (), and c, bs, w of shape (H,); you choose H.
    Every choice of parameters that draws the curve is right.

    求一组参数，让 ReLU 模型画出经过所有节点的分段线性曲线。（第 1 讲）

    曲线在相邻节点 (kx_k, ky_k) 之间是直线，在第一个节点左边和最后一个节点右边是常数。
    模型（只有一个特征 x）：y = b + Σ_i c_i max(0, bs_i + w_i x)。
    ``kx``、``ky`` (K,)：dtype 相同的浮点张量，K ≥ 2；kx 严格递增，间距不一定相等。
    返回 ``(b, c, bs, w)``，dtype 与 ``kx`` 相同：b 的形状是 ()，c、bs、w 的形状都是 (H,)，H 由你决定。
    凡是能画出这条曲线的参数都算对。
    """
    ### BEGIN SOLUTION
    slopes = ky.diff() / kx.diff()
    flat = slopes.new_zeros(1)
    changes = torch.cat([flat, slopes, flat]).diff()
    return ky[0], changes, -kx, torch.ones_like(kx)
    ### END SOLUTION


# %% [markdown] hint="piecewise_to_relu" lang="en"
# 1. Knots (0, 1), (2, 5), (3, 4): the slopes are 0, 2, −1, 0, so they change by 2, −3 and 1. Check that your
#    curve is 1 at x = −5 and 4 at x = 9.
# 2. Section 4, any curve at all: one ReLU a knot, starting there, with the *change* of slope as its height.
#    What is y far on the left, where all ReLUs are 0?
# 3. `slopes = ky.diff() / …`; put a 0 before and after them and take `.diff()` once more for c; `bs = -…`,
#    `w = torch.ones_like(…)`, `b = ky[…]`.

# %% [markdown] hint="piecewise_to_relu" lang="zh"
# 1. 节点 (0, 1)、(2, 5)、(3, 4)：斜率依次是 0、2、−1、0，变化量是 2、−3、1。检查一下你的曲线：
#    x = −5 处应为 1，x = 9 处应为 4。
# 2. 见第 4 节“任意一条曲线”：每个节点一个 ReLU，从那里开始，高度是斜率的*变化量*。最左边所有 ReLU 都是 0，
#    那时 y 等于多少？
# 3. `slopes = ky.diff() / …`；前后各补一个 0，再取一次 `.diff()` 得到 c；`bs = -…`，
#    `w = torch.ones_like(…)`，`b = ky[…]`。

# %% [markdown] lang="en"
# **Watch a curve being imitated** by your `piecewise_to_relu` and `relu_model`, with more and more knots.
# Below, the same is tried with 1, 3 and 10 of your hard sigmoids, each spanning one piece of the curve.

# %% [markdown] lang="zh"
# **看你的 `piecewise_to_relu` 和 `relu_model` 怎样模仿一条曲线**，节点越来越多。
# 下面一行用 1、3、10 个你写的 hard sigmoid 做同样的事，每个负责曲线的一段。

# %% demo=true
import matplotlib.pyplot as plt


def target_curve(t: Tensor) -> Tensor:
    return torch.sin(2 * t) + 0.4 * t + 0.5 * torch.exp(-((t - 3.2) ** 2) * 6)


x = torch.linspace(-0.6, 4.6, 400)
fig, axes = plt.subplots(2, 3, figsize=(10, 5.2), sharex=True, sharey=True)
for ax, knots in zip(axes[0], (3, 6, 16), strict=True):
    kx = torch.linspace(0, 4, knots)
    b, c, bs, w = piecewise_to_relu(kx, target_curve(kx))
    ax.plot(x, target_curve(x), color="lightgrey", linewidth=5)
    ax.plot(x, relu_model(x[:, None], b, c, bs, w[:, None]), "r")
    ax.plot(kx, target_curve(kx), "k.", markersize=5)
    ax.set_title(say(f"{knots} knots, {len(c)} ReLUs", f"{knots} 个节点，{len(c)} 个 ReLU"))
for ax, steps in zip(axes[1], (1, 3, 10), strict=True):
    kx = torch.linspace(0, 4, steps + 1)
    ky = target_curve(kx)
    # A step per piece: its ramp lies between two knots, and its height is the rise of the curve there.
    # 每段一个台阶：斜坡正好在两个节点之间，高度就是曲线在这一段的升幅。
    w = 1 / kx.diff()
    imitation = ky[0] + hard_sigmoid(x[:, None], w, -w * kx[:-1], ky.diff()).sum(1)
    ax.plot(x, target_curve(x), color="lightgrey", linewidth=5)
    ax.plot(x, imitation, "C0")
    ax.plot(kx, ky, "k.", markersize=5)
    ax.set(xlabel="x", title=say(f"hard sigmoids: {steps}", f"{steps} 个 hard sigmoid"))
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# ## 5 · Deep: several hidden layers
#
# The activations of one layer can be the input of another. Layers between input and output are **hidden
# layers**; "many hidden layers, that is deep learning". With $h_0 = x$:
#
# $$h_{l} = \text{activation}(W_l h_{l-1} + b_l) \qquad\qquad y = W_L h_{L-1} + b_L$$
#
# The last layer has no activation: a regression must be able to return any number, also a negative one.

# %% [markdown] lang="zh"
# ## 5 · 深：多个隐藏层
#
# 一层的激活值可以作为下一层的输入。输入和输出之间的层叫**隐藏层**；“多个隐藏层叫深度学习”。记 $h_0 = x$：
#
# $$h_{l} = \text{activation}(W_l h_{l-1} + b_l) \qquad\qquad y = W_L h_{L-1} + b_L$$
#
# 最后一层没有激活函数：回归必须能输出任何数，包括负数。

# %% exercise="mlp_forward" points=12 difficulty=2 minutes=10 vectorised=true differentiable=true
def mlp_forward(
    x: Tensor, layers: list[tuple[Tensor, Tensor]], activation: Callable[[Tensor], Tensor]
) -> Tensor:
    """The output of a deep network: the activation between the layers, none after the last. (Lecture 1)

    ``x`` (N, in): one sample a row. ``layers``: a list of one or more pairs (W, b), W (out, in) and b (out,);
    each layer's ``in`` is the ``out`` of the layer before.
    ``activation``: a function that works on each element of a tensor.
    Returns (N, out of the last layer), also where N or out is 1; the dtype of ``x``.
    Gradients flow to ``x`` and to every W and b.
    ``layers`` and the tensors in it stay as they are. No loop over samples; one over layers is meant.

    深度网络的输出：层与层之间用激活函数，最后一层之后不用。（第 1 讲）

    ``x`` (N, in)：每行一个样本。``layers``：列表，含一对或多对 (W, b)，W 为 (out, in)，b 为 (out,)；
    每层的 ``in`` 等于前一层的 ``out``。
    ``activation``：对张量逐个元素作用的函数。
    返回 (N, 最后一层的 out)，N 或 out 为 1 时也一样；dtype 与 ``x`` 相同。梯度流向 ``x`` 以及每个 W 和 b。
    ``layers`` 和其中的张量保持不变。不要逐个样本循环；逐层循环是可以的。
    """
    ### BEGIN SOLUTION
    *hidden, (W_last, b_last) = layers
    for W, b in hidden:
        x = activation(x @ W.T + b)
    return x @ W_last.T + b_last
    ### END SOLUTION


# %% [markdown] hint="mlp_forward" lang="en"
# 1. Try one layer: the result is x Wᵀ + b and the activation is not called at all. With two layers it is
#    called once, with three twice.
# 2. Section 5: h = activation(W h + b) for every layer but the last. A row x of the batch meets W as x Wᵀ,
#    and the result of a layer is the next one's input.
# 3. `for W, b in layers[:-1]: x = activation(x @ … + …)`, then the last pair: `return x @ … + …`.

# %% [markdown] hint="mlp_forward" lang="zh"
# 1. 先试只有一层的情况：结果就是 x Wᵀ + b，激活函数一次都不调用。两层时调用一次，三层时两次。
# 2. 见第 5 节：除最后一层外，每层都是 h = activation(W h + b)。批次中的一行 x 与 W 相乘写作 x Wᵀ；
#    一层的结果是下一层的输入。
# 3. `for W, b in layers[:-1]: x = activation(x @ … + …)`，最后一对单独处理：`return x @ … + …`。

# %% [markdown] lang="en"
# **Why deep?** One layer of $H$ ReLUs in one dimension bends at most $H$ times. A layer of *two* ReLUs can
# fold the line once, like a sheet of paper; the next layer folds the folded sheet. Each layer doubles the
# number of straight pieces: 2, 4, 8, 16, ...

# %% [markdown] lang="zh"
# **为什么要深？** 一维输入时，一层 $H$ 个 ReLU 最多拐 $H$ 次弯。
# 而一层*两个* ReLU 就能把直线像纸一样对折一次；下一层再对折已经折过的纸。每加一层，直线段数翻一倍：
# 2、4、8、16……

# %% demo=true
import matplotlib.pyplot as plt

# A fold: 2·relu(x) − 4·relu(x − ½) climbs from 0 to 1 and comes back; the next layer reads it instead of x.
# 一次对折：2·relu(x) − 4·relu(x − ½) 从 0 升到 1 再回到 0；下一层把它当作输入。
bias = torch.tensor([0.0, -0.5])
first = (torch.ones(2, 1), bias)
fold_again = (torch.tensor([[2.0, -4.0], [2.0, -4.0]]), bias)
output = (torch.tensor([[2.0, -4.0]]), torch.zeros(1))
x = torch.linspace(0, 1, 513)
fig, axes = plt.subplots(1, 4, figsize=(11, 2.8), sharey=True)
for depth, ax in enumerate(axes, start=1):
    layers = [first, *[fold_again] * (depth - 1), output]
    y = mlp_forward(x[:, None], layers, torch.relu)[:, 0]
    pieces = int((y.diff().sign().diff() != 0).sum()) + 1
    ax.plot(x, y, "C3")
    size = say(f"depth {depth}, {2 * depth} ReLUs:", f"{depth} 个隐藏层，{2 * depth} 个 ReLU：")
    ax.set_title(say(f"{size}\n{pieces} pieces", f"{size}\n{pieces} 段"))
    ax.set_xlabel("x")
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# ## Capstone · Diabetes: what flexibility gives, and what it costs
#
# 442 patients, ten measurements each (age, blood pressure, ...), and how far their disease had gone a year
# later. We train your models with your own loss and your own updates: first the line, then 1, 3, 10 and 100
# sigmoids. Batches of 32, 150 epochs. 90 patients are kept aside; they are never trained on. The target is
# standardised, so a loss of 1 is what guessing the mean would get.
#
# Before you run it, guess: which model has the lowest loss on the training data? Which on the patients kept
# aside?

# %% [markdown] lang="zh"
# ## 综合实践 · 糖尿病：灵活性的收获与代价
#
# 442 位病人，每人十项指标（年龄、血压……），要预测一年后病情的发展。我们用你写的损失和更新来训练你的模型：
# 先是直线，再是 1、3、10、100 个 sigmoid。每批 32 个，共 150 轮。留出 90 位病人，绝不用来训练。
# 标签做过标准化，所以直接猜平均值的损失就是 1。
#
# 运行之前先猜一猜：哪个模型在训练数据上损失最低？在留出的病人上呢？

# %% demo=true
import matplotlib.pyplot as plt
from sklearn.datasets import load_diabetes

# Small matrices: a second thread would only wait.
# 矩阵很小，再多一个线程也只是等待。
torch.set_num_threads(1)
features, target = (torch.tensor(a, dtype=torch.float32) for a in load_diabetes(return_X_y=True))
order = torch.randperm(442, generator=torch.Generator().manual_seed(2))
train, held_out = order[:352], order[352:]
features = (features - features[train].mean(0)) / features[train].std(0)
target = (target - target[train].mean()) / target[train].std()


def train_model(sigmoids: int, lr: float = 0.05, epochs: int = 150, batch_size: int = 32):
    generator = torch.Generator().manual_seed(0)
    if sigmoids == 0:
        parameters = [torch.zeros(10), torch.zeros(())]
    else:
        parameters = [
            torch.zeros(()),
            0.5 / sigmoids**0.5 * torch.randn(sigmoids, generator=generator),
            torch.zeros(sigmoids),
            0.5 * torch.randn(sigmoids, 10, generator=generator),
        ]

    def predict(rows, parameters):
        if sigmoids == 0:
            w, b = parameters
            return features[rows] @ w + b
        return sigmoid_model(features[rows], *parameters)

    def gradient(rows, parameters):
        if sigmoids == 0:
            # The line: your own gradient.
            # 直线：用你自己写的梯度。
            return linear_mse_grad(features[rows], target[rows], *parameters)
        tracked = [p.detach().requires_grad_() for p in parameters]
        return torch.autograd.grad(mse(predict(rows, tracked), target[rows]), tracked)

    updates, curve = 0, []
    for _ in range(epochs):
        for rows in train[torch.randperm(len(train), generator=generator)].split(batch_size):
            gradients = gradient(rows, parameters)
            parameters = [gd_step(p, g, lr) for p, g in zip(parameters, gradients, strict=True)]
            updates += 1
        curve.append([mse(predict(rows, parameters), target[rows]).item() for rows in (train, held_out)])
    assert updates == num_updates(len(train), batch_size, epochs)
    return updates, curve


sizes = (0, 1, 3, 10, 100)
fig, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4))
final = []
for sigmoids, color in zip(sizes, ("k", "C0", "C2", "C1", "C3"), strict=True):
    updates, curve = train_model(sigmoids)
    final.append(curve[-1])
    name = say("line", "直线") if sigmoids == 0 else f"H = {sigmoids}"
    left.plot([t for t, _ in curve], color=color, label=name)
    left.plot([v for _, v in curve], "--", color=color, linewidth=1)
    fitted = say(f"training data {curve[-1][0]:.3f}", f"训练数据 {curve[-1][0]:.3f}")
    unseen = say(f"kept aside {curve[-1][1]:.3f}", f"留出数据 {curve[-1][1]:.3f}")
    count = say(f"{updates} updates", f"{updates} 次更新")
    print(f"{name:>8}   {fitted}   {unseen}   ({count})")
left.set(xlabel=say("epoch", "轮"), ylabel="MSE", ylim=(0.35, 0.75))
left.set_title(say("solid: training, dashed: kept aside", "实线：训练数据，虚线：留出数据"))
left.legend(fontsize=8, ncols=5, columnspacing=1, handlelength=1, loc="upper right")
right.plot([t for t, _ in final], "o-", label=say("training data", "训练数据"))
right.plot([v for _, v in final], "o--", label=say("kept aside", "留出数据"))
right.set_xticks(range(len(sizes)), [say("line", "直线"), *map(str, sizes[1:])])
right.set(xlabel=say("number of sigmoids", "sigmoid 的个数"), ylabel="MSE")
right.set_title(say("after the last epoch", "最后一轮之后"))
right.legend()
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# With more sigmoids the training loss falls and falls: model bias disappears. On the patients kept aside it
# hardly moves at first, and then it *rises*: with 100 sigmoids the model learns the training patients by
# heart. (Its curve is jagged because this learning rate is nearly too large for it: the loss surface of 100
# sigmoids has steep directions.) Which of these models would you use, and how would you find out without
# touching the test data? That is lecture 2.

# %% [markdown] lang="zh"
# sigmoid 越多，训练损失越低：模型偏差消失了。可在留出的病人上，损失起初几乎不动，后来反而*上升*：
# 有了 100 个 sigmoid，模型开始死记训练数据。
# （它的曲线有很多毛刺，因为 100 个 sigmoid 的损失曲面有很陡的方向，这个学习率对它来说几乎太大了。）
# 你会选哪个模型？不碰测试集，又怎样选出来？这就是第 2 讲的内容。
