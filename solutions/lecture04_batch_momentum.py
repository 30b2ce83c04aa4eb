# %% [markdown] lang="en"
# # Lecture 4 · Batch & momentum
#
# Gradient descent leaves two things open:
#
# * **How much data do we look at before each step?** All of it, one sample, or a *batch* in between.
# * **What do we do with the step before?** Forget it, or let it carry us on: *momentum*.
#
# Two words that this lecture keeps apart: one batch gives one **update** of the parameters; one pass over
# all the data is one **epoch**. With $n$ samples and batches of $B$ an epoch has $\lceil n / B \rceil$
# updates.
#
# > The notes call an epoch an “iteration”. Elsewhere an iteration is often one update; read it with care.

# %% [markdown] lang="zh"
# # 第 4 讲 · 批次与动量
#
# 梯度下降还留着两个问题：
#
# * **走一步之前看多少数据？** 全部看完，只看一个样本，还是折中地看一个**批次**（batch）？
# * **上一步怎么办？** 忘掉它，还是让它继续推我们一把？后者就是**动量**（momentum）。
#
# 这一讲要分清两个词：用一个批次算一次梯度、动一次参数，叫一次**更新**（update）；
# 把全部数据看一遍，叫一**轮**（epoch）。$n$ 个样本、批次大小为 $B$ 时，一轮有 $\lceil n / B \rceil$ 次更新。
#
# > 笔记里的“一次迭代”指一轮（epoch）；别处的“迭代”常常指一次更新，读的时候要留意。

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from autograder import say

# %% [markdown] lang="en"
# ## 1. Cutting the data into batches
#
# Before every epoch the data is **shuffled** and cut into batches, so that no two epochs have the same
# batches. What is dealt out is not the samples but their row numbers: `X[idx]` and `y[idx]` then pick the
# same rows.
#
# Randomness that can be repeated comes from a generator that you own. `torch.Generator().manual_seed(0)`
# makes one; torch's random functions take it as `generator=…`, and it moves on with every draw.

# %% [markdown] lang="zh"
# ## 1. 把数据分成批次
#
# 每一轮开始前都要**洗牌**（shuffle），再切成批次，这样每一轮的批次都不一样。
# 真正要分的不是样本本身，而是行号：有了 `idx`，`X[idx]` 和 `y[idx]` 取到的就是同样的那几行。
#
# 想让随机可以重现，就用自己的随机数生成器：`torch.Generator().manual_seed(0)` 造一个，
# 传给 torch 的随机函数（`generator=…`）；每抽一次，它的状态就往前走一步。

# %% exercise="shuffled_batches" points=14 difficulty=1 minutes=8
def shuffled_batches(n: int, batch_size: int, generator: torch.Generator) -> list[Tensor]:
    """The row numbers 0 … n-1 in a fresh random order, cut into batches. (Lecture 4)

    Returns a list of 1-dimensional int64 tensors. All have ``batch_size`` entries, except that the last one
    is shorter where ``batch_size`` does not divide ``n`` (it is kept, and it may be the only one). Every
    row number is in exactly one batch.

    Every order of the rows is equally likely. All randomness comes from ``generator``, which is used as it
    comes (never re-seeded): equal generators give equal batches, and the next call with the same generator,
    that is the next epoch, gives other batches.

    把行号 0 … n-1 随机打乱，再切成批次。（第 4 讲）

    返回一个列表，元素是一维的 int64 张量。每个批次有 ``batch_size`` 个行号；
    ``n`` 不能整除时最后一个批次短一些（保留它；也可能只有它一个）。每个行号恰好出现在一个批次里。

    行号的每一种排列都同样可能。所有随机性都来自 ``generator``，直接使用，不要重新设种子：
    状态相同的生成器给出相同的批次；用同一个生成器再调用一次（也就是下一轮），批次就不同了。
    """
    ### BEGIN SOLUTION
    order = torch.randperm(n, generator=generator)
    return list(order.split(batch_size))
    ### END SOLUTION

# %% [markdown] hint="shuffled_batches" lang="en"
# 1. Print two epochs of `shuffled_batches(5, 2, g)`. Do the sizes read 2, 2, 1? Sorted together, is it
#    0 1 2 3 4? Do both epochs differ, and does a new generator with the same seed bring them back?
# 2. Shuffle the rows first, then cut (not the other way round). A random order of 0 … n-1 is a *permutation*:
#    a torch function makes one.
# 3. `order = torch.rand…(n, generator=…)`, then a list of its pieces: `list(order.split(…))`.

# %% [markdown] hint="shuffled_batches" lang="zh"
# 1. 打印两轮 `shuffled_batches(5, 2, g)`：各批次的大小是 2、2、1 吗？合起来排序是 0 1 2 3 4 吗？
#    两轮是否不同？换一个种子相同的新生成器，结果能重现吗？
# 2. 先把行打乱，再切块，顺序不能反。0 … n-1 的随机排列叫 permutation，torch 里有现成的函数。
# 3. `order = torch.rand…(n, generator=…)`，再把它切成块放进列表：`list(order.split(…))`。

# %% [markdown] lang="en"
# ## 2. The gradient of one batch
#
# We take the linear model of lecture 1, $\hat y = Xw + b$, with the mean squared error. One batch
# $\mathcal B$ with $B$ rows has the loss
#
# $$L_{\mathcal B} = \frac 1 B \sum_{i \in \mathcal B} (\hat y_i - y_i)^2 .$$
#
# Its gradient is an *estimate* of the gradient of the whole loss: cheap, noisy, and right on average. It is
# a **mean**, so its size does not depend on $B$, and a learning rate that suits one batch size is not
# absurd for another.
#
# When the batch is all the data, it is as if there were no batches; when $B = 1$, every sample moves the
# parameters.

# %% [markdown] lang="zh"
# ## 2. 一个批次的梯度
#
# 沿用第 1 讲的线性模型 $\hat y = Xw + b$ 和均方误差。一个有 $B$ 行的批次 $\mathcal B$，损失是
#
# $$L_{\mathcal B} = \frac 1 B \sum_{i \in \mathcal B} (\hat y_i - y_i)^2 。$$
#
# 它的梯度是整体梯度的一个**估计**：便宜、有噪声、平均来看是对的。它是**平均值**，所以大小不随 $B$ 变化；
# 这样为某个批次大小调好的学习率，换一个批次大小也不至于离谱。
#
# 批次就是全部数据时，相当于没有分批；$B = 1$ 时，每看一个样本就更新一次参数。

# %% exercise="batch_gradient" points=16 difficulty=2 minutes=12 vectorised=true
def batch_gradient(X: Tensor, y: Tensor, w: Tensor, b: Tensor, idx: Tensor) -> tuple[Tensor, Tensor]:
    """The gradient of the mean squared error over the rows ``idx`` alone. (Lecture 4)

    The model is ``X @ w + b``; the loss is the mean over the batch of (prediction - label)², without a
    factor 1/2.

    ``X`` (n, D), ``y`` (n,), ``w`` (D,), ``b`` (): floating; ``idx`` (B,): int64, distinct row numbers in
    any order, B ≥ 1. Returns ``(grad_w, grad_b)`` of shapes (D,) and (), with the dtype and device of
    ``X``. No loop over the rows. Write the formula or use torch.autograd, as you like; ``w`` and ``b`` come
    without ``requires_grad``.

    只用 ``idx`` 这些行，求均方误差的梯度。（第 4 讲）

    模型是 ``X @ w + b``；损失是批次内（预测 - 标签）² 的平均值，前面没有 1/2。

    ``X`` (n, D)、``y`` (n,)、``w`` (D,)、``b`` ()：浮点张量；``idx`` (B,)：int64，B ≥ 1 个互不相同的行号，
    顺序任意。返回 ``(grad_w, grad_b)``，形状为 (D,) 和 ()，dtype 和设备与 ``X`` 相同。不要逐行循环。
    手写公式或用 torch.autograd 都可以；传入的 ``w`` 和 ``b`` 没有 ``requires_grad``。
    """
    ### BEGIN SOLUTION
    inputs = X[idx]
    error = inputs @ w + b - y[idx]
    return 2 * error @ inputs / len(idx), 2 * error.mean()
    ### END SOLUTION

# %% [markdown] hint="batch_gradient" lang="en"
# 1. Compare with autograd on three rows: is yours 3 times too large (a sum), 2 times too small, of the other
#    sign, or equal to the gradient of *all* rows?
# 2. Section 2: differentiate (1/B) Σ (ŷᵢ − yᵢ)² by w and by b. The error of row i meets that row's inputs;
#    for b it meets a 1.
# 3. `error = X[idx] @ w + … - y[…]`, then `2 * error @ … / …` and `2 * error.…`.

# %% [markdown] hint="batch_gradient" lang="zh"
# 1. 取三行，和自动求导的结果比：你的是大了 3 倍（求和了）、小了 2 倍、符号相反，还是等于**全部**数据的梯度？
# 2. 见第 2 节：对 (1/B) Σ (ŷᵢ − yᵢ)² 分别求 w 和 b 的导数。第 i 行的误差乘上这一行的输入；对 b 来说乘的是 1。
# 3. `error = X[idx] @ w + … - y[…]`，然后是 `2 * error @ … / …` 和 `2 * error.…`。

# %% demo=true
import matplotlib.pyplot as plt

# Two hundred points on a noisy line. Left: the gradients of many batches at one place. Right: one epoch
# from there.
# 一条带噪声的直线上取 200 个点。左图：同一处，许多批次各自的梯度。右图：从这里出发走完一轮。
source = torch.Generator().manual_seed(4)
line_x = torch.randn(200, 1, generator=source)
line_y = 1.5 * line_x[:, 0] + 0.5 + 0.8 * torch.randn(200, generator=source)
here_w, here_b = torch.tensor([-0.5]), torch.tensor(-0.8)
colours = {1: "#e6a04b", 10: "#3f8fc4", 200: "#b3262b"}

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2))
for B in (1, 10):
    cloud = [batch_gradient(line_x, line_y, here_w, here_b, idx) for idx in shuffled_batches(200, B, source)]
    left.scatter(*zip(*[(gw.item(), gb.item()) for gw, gb in cloud], strict=True), s=14, alpha=0.7,
                 color=colours[B], label=say(f"batches of {B}", f"批次大小 {B}"))
full = batch_gradient(line_x, line_y, here_w, here_b, torch.arange(200))
left.plot(full[0].item(), full[1].item(), "*", ms=16, color=colours[200],
          label=say("all the data", "全部数据"))
left.set(xlabel=r"$\partial L/\partial w$", ylabel=r"$\partial L/\partial b$",
         title=say("The gradient of a batch is an estimate", "批次的梯度是一个估计"))
left.legend()

grid_w, grid_b = torch.meshgrid(torch.linspace(-1, 2.4, 60), torch.linspace(-1.2, 1.6, 60), indexing="ij")
surface = ((grid_w[..., None] * line_x[:, 0] + grid_b[..., None] - line_y) ** 2).mean(-1)
right.contour(grid_w, grid_b, surface, levels=14, colors="0.8", linewidths=0.8)
for B in (1, 10, 200):
    w, b = here_w, here_b
    path = [(w.item(), b.item())]
    for idx in shuffled_batches(200, B, source):
        grad_w, grad_b = batch_gradient(line_x, line_y, w, b, idx)
        w, b = w - 0.05 * grad_w, b - 0.05 * grad_b
        path.append((w.item(), b.item()))
    label = say(f"B = {B}: {len(path) - 1} updates", f"B = {B}：{len(path) - 1} 次更新")
    right.plot(*zip(*path, strict=True), ".-", ms=4, lw=1.2, color=colours[B], label=label)
right.set(xlabel="$w$", ylabel="$b$", title=say("One epoch, the same learning rate", "走一轮，学习率相同"))
right.legend(loc="lower right")
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# One epoch costs the same arithmetic in each case. With $B = 200$ it buys one careful step, with $B = 1$
# two hundred nervous ones that arrive and then keep trembling around the minimum.

# %% [markdown] lang="zh"
# 三种情况下，一轮的计算量是一样的：$B = 200$ 换来稳稳的一步；$B = 1$ 换来两百步，虽然颠簸，却已经到了谷底，
# 只是到了之后还在附近抖个不停。

# %% [markdown] lang="en"
# ## 3. Flat minima and sharp ones
#
# Small batches often do better on test data *even when the training loss is the same*. The lecture's
# explanation: not all minima are equal. Test data shifts the loss a little; in a **flat** valley that
# hardly matters, in a **sharp** one the loss shoots up. The noise of small batches throws us out of narrow
# valleys; large batches tend to settle in them.
#
# > This is an explanation, not a law, and the evidence for it is weak: the picture below is drawn to show the
# > idea, and the capstone shows how much depends on where one looks.
#
# To measure it, step a distance away from $\theta$ along some directions $u$ and take the worst rise:
#
# $$\text{sharpness} = \max_u\; f(\theta + \varepsilon u) - f(\theta)$$

# %% [markdown] lang="zh"
# ## 3. 平坦的极小值与尖锐的极小值
#
# 小批次常常在测试集上表现更好，**哪怕训练损失一样低**。课上的解释是：极小值也有好坏之分。
# 测试集会让损失曲线稍微移动一点。在**平坦**的谷里这无关紧要，在**尖锐**的谷里损失会猛地升高。
# 小批次的噪声会把我们从狭窄的谷里震出来，大批次则容易停在里面。
#
# > 这是一种解释，不是定律，证据也不强：下面的图只是画出来说明这个想法的；
# > 往哪里看、怎么看，结论会差很多，综合练习里会见到。
#
# 怎么度量？从 $\theta$ 出发，沿若干方向 $u$ 走开一点，看损失最多上升多少：
#
# $$\text{sharpness} = \max_u\; f(\theta + \varepsilon u) - f(\theta)$$

# %% exercise="sharpness" points=14 difficulty=2 minutes=10
def sharpness(f: Callable[[Tensor], Tensor], theta: Tensor, dirs: Tensor, eps: float) -> Tensor:
    """The largest change f(θ + ε·u) - f(θ) over the given directions u. (Lecture 4)

    ``f`` takes one point, a tensor of the shape of ``theta`` (any shape), and returns its loss, a tensor of
    shape (). ``dirs`` (k, *theta.shape): k ≥ 1 directions, each used exactly as given: not normalised, and
    not reversed. Returns a tensor of shape () with the dtype and device of ``theta``. It is negative where
    f falls in every direction.

    在给定的各个方向 u 上，f(θ + ε·u) - f(θ) 的最大值。（第 4 讲）

    ``f`` 接受一个点，也就是形状和 ``theta`` 一样的张量（任意形状），返回它的损失，一个形状为 () 的张量。
    ``dirs`` (k, *theta.shape)：k ≥ 1 个方向，原样使用：不归一化，也不取反方向。
    返回形状为 () 的张量，dtype 和设备与 ``theta`` 相同。如果 f 沿每个方向都下降，结果就是负数。
    """
    ### BEGIN SOLUTION
    base = f(theta)
    return torch.stack([f(theta + eps * u) - base for u in dirs]).max()
    ### END SOLUTION

# %% [markdown] hint="sharpness" lang="en"
# 1. Take f(t) = Σt² at θ = (1, 0) with ε = 1: along (1, 0) the change is 3, along (-1, 0) it is -1. What do
#    you get for one direction, and for both?
# 2. Section 3: the *worst rise* is a maximum of differences. f sees one point at a time; `dirs` has one
#    direction per row.
# 3. `torch.stack([f(theta + …) - f(…) for u in dirs]).…()`.

# %% [markdown] hint="sharpness" lang="zh"
# 1. 取 f(t) = Σt²、θ = (1, 0)、ε = 1：沿 (1, 0) 的变化是 3，沿 (-1, 0) 是 -1。只给一个方向时你得到多少？
#    两个都给呢？
# 2. 见第 3 节：**最坏的上升**是差值的最大值。f 一次只接受一个点；`dirs` 的每一行是一个方向。
# 3. `torch.stack([f(theta + …) - f(…) for u in dirs]).…()`。

# %% demo=true
import matplotlib.pyplot as plt

# A curve with a sharp and a flat minimum of equal depth; dashed, the same curve shifted, as on test data.
# 一条曲线，有一尖一平两个同样深的极小值；虚线是它稍微平移之后的样子，就像换成了测试集。

def two_valleys(t: Tensor) -> Tensor:
    return -(torch.exp(-8 * (t + 1.5) ** 2) + torch.exp(-0.5 * (t - 1.5) ** 2)).sum() + 1

axis = torch.linspace(-3, 4.5, 300)
both_ways = torch.tensor([[1.0], [-1.0]])
fig, ax = plt.subplots(figsize=(8, 3.8))
ax.plot(axis, [two_valleys(t).item() for t in axis], color="#3f8fc4", label=say("training loss", "训练损失"))
ax.plot(axis, [two_valleys(t - 0.3).item() for t in axis], "--", color="#b3262b",
        label=say("test loss", "测试损失"))
for place in (-1.5, 1.5):
    theta = torch.tensor([place])
    trained, tested = two_valleys(theta).item(), two_valleys(theta - 0.3).item()
    value = sharpness(two_valleys, theta, both_ways, 0.3).item()
    ax.annotate("", (place, tested), (place, trained), arrowprops={"arrowstyle": "->", "lw": 1.8})
    ax.text(place + 0.1, trained - 0.17, say(f"sharpness {value:.2f}", f"尖锐程度 {value:.2f}"), ha="center")
ax.set(ylim=(-0.25, 1.45), xlabel=r"$\theta$", ylabel=say("loss", "损失"),
       title=say("Equally deep, not equally good", "一样深，但好坏不同"))
ax.legend(loc="upper right")
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# ## 4. Momentum
#
# A ball that rolls down a hill does not stop at the first dent. Let every step be the step before, slowed
# down by $\lambda$, plus a push against the gradient:
#
# $$m^0 = 0, \qquad m^{i+1} = \lambda m^i - \eta g^i, \qquad \theta^{i+1} = \theta^i + m^{i+1}$$
#
# Here $m$ is a *displacement*: the learning rate $\eta$ and the minus sign are already in it.

# %% [markdown] lang="zh"
# ## 4. 动量
#
# 小球滚下山坡，不会遇到第一个小坑就停下。让每一步等于上一步（乘上 $\lambda$，打个折扣）再加上逆着梯度的一推：
#
# $$m^0 = 0, \qquad m^{i+1} = \lambda m^i - \eta g^i, \qquad \theta^{i+1} = \theta^i + m^{i+1}$$
#
# 这里的 $m$ 是**位移**：学习率 $\eta$ 和负号都已经在里面了。

# %% exercise="momentum_step" points=14 difficulty=1 minutes=8 forbidden=["optimizer"]
def momentum_step(theta: Tensor, m: Tensor, g: Tensor, lr: float, lam: float) -> tuple[Tensor, Tensor]:
    """One update with momentum as the lecture writes it: m ← λm - ηg, then θ ← θ + m. (Lecture 4)

    ``theta``, ``m``, ``g``: the parameters, the displacement of the update before, the gradient at
    ``theta``; floating, of one shape (any). ``lr`` is η, ``lam`` is λ. Returns the new ``(theta, m)``, with
    the shape, dtype and device of ``theta``; the arguments stay as they were. Written out, without
    torch.optim.

    按课上的写法做一次带动量的更新：m ← λm - ηg，然后 θ ← θ + m。（第 4 讲）

    ``theta``、``m``、``g``：参数、上一次更新的位移、``theta`` 处的梯度；浮点张量，三者形状相同（任意形状）。
    ``lr`` 是 η，``lam`` 是 λ。返回新的 ``(theta, m)``，形状、dtype 和设备与 ``theta`` 相同；
    传入的参数保持不变。自己写出来，不用 torch.optim。
    """
    ### BEGIN SOLUTION
    m = lam * m - lr * g
    return theta + m, m
    ### END SOLUTION

# %% [markdown] hint="momentum_step" lang="en"
# 1. With g = 0 the ball coasts: m shrinks to λm and θ moves by exactly that. With λ = 0 it is plain gradient
#    descent. Which of the two fails?
# 2. Section 4, the three formulas: θ moves by the *new* m, and the sign and η live inside m.
# 3. `m = lam * … - lr * …`, then `return theta …, m`.

# %% [markdown] hint="momentum_step" lang="zh"
# 1. g = 0 时小球滑行：m 缩成 λm，θ 恰好移动这么多；λ = 0 时就是普通的梯度下降。这两种情况哪个不对？
# 2. 见第 4 节的三个式子：θ 移动的是**新的** m；负号和 η 都在 m 里面。
# 3. `m = lam * … - lr * …`，然后 `return theta …, m`。

# %% demo=true
import matplotlib.pyplot as plt

# The lecture's picture: a ball meets a local minimum, without momentum and with it.
# 课上的那张图：小球遇到一个局部极小值，没有动量会怎样，有动量又会怎样。

def hill(x: Tensor) -> Tensor:
    return 0.12 * (x - 3.2) ** 2 - 0.9 * torch.exp(-2.2 * (x + 0.9) ** 2)

line = torch.linspace(-3.2, 6, 400)
fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), sharey=True)
for ax, lam in zip(axes, (0.0, 0.9), strict=True):
    x, m, track = torch.tensor(-3.0), torch.tensor(0.0), []
    for _ in range(80):
        track.append(x.item())
        position = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(hill(position), position)
        x, m = momentum_step(x, m, slope, 0.1, lam)
    track = torch.tensor(track)
    ax.plot(line, hill(line), color="0.6")
    dots = ax.scatter(track, hill(track), c=range(len(track)), cmap="viridis", s=26, zorder=3)
    ax.plot(x, hill(x), "*", ms=17, color="#b3262b", zorder=4, label=say("after 80 updates", "80 次更新之后"))
    name = say("without momentum", "没有动量") if lam == 0 else say("with momentum", "有动量")
    ax.set(title=rf"{name} ($\lambda$ = {lam})", xlabel=r"$\theta$")
    ax.legend(loc="upper right")
axes[0].set_ylabel(say("loss", "损失"))
plt.tight_layout()
fig.colorbar(dots, ax=axes, label=say("update", "第几次更新"), pad=0.02)
plt.show()

# %% [markdown] lang="en"
# ## 5. What m remembers
#
# Put the formula into itself and the recursion disappears. After $t$ updates with a constant learning rate
#
# $$m^t = -\eta \sum_{i=0}^{t-1} \lambda^{\,t-1-i}\, g^i
# = -\eta\,(g^{t-1} + \lambda g^{t-2} + \lambda^2 g^{t-3} + \dots)$$
#
# So the step is a weighted sum of **all** gradients so far: the newest with weight 1, each older one with
# $\lambda$ times less.

# %% [markdown] lang="zh"
# ## 5. m 记住了什么
#
# 把式子一层层代入自己，递推就消失了。学习率不变时，$t$ 次更新之后
#
# $$m^t = -\eta \sum_{i=0}^{t-1} \lambda^{\,t-1-i}\, g^i
# = -\eta\,(g^{t-1} + \lambda g^{t-2} + \lambda^2 g^{t-3} + \dots)$$
#
# 所以这一步是至今**所有**梯度的加权和：最新的梯度权重是 1，每往前一个就再乘一次 $\lambda$。

# %% exercise="momentum_unrolled" points=14 difficulty=2 minutes=12
def momentum_unrolled(grads: Tensor, lr: float, lam: float) -> Tensor:
    """m^t after t updates from m⁰ = 0, from the gradients alone: -η Σ_i λ^(t-1-i) g^i. (Lecture 4)

    ``grads`` (t, d): floating, row i is g^i, so the last row is the newest. 0 ≤ λ ≤ 1, and λ⁰ = 1 also for
    λ = 0. t may be 0: the result is then m⁰, that is zeros. Returns shape (d,), dtype and device of
    ``grads``, computed in that dtype throughout (float64 gradients want float64 weights).

    从 m⁰ = 0 出发更新 t 次之后的位移 m^t，只由梯度算出：-η Σ_i λ^(t-1-i) g^i。（第 4 讲）

    ``grads`` (t, d)：浮点张量，第 i 行是 g^i，所以最后一行最新。0 ≤ λ ≤ 1；λ = 0 时也有 λ⁰ = 1。
    t 可以是 0，这时结果就是 m⁰，即全零。返回形状 (d,)，dtype 和设备与 ``grads`` 相同，
    并且全程用这个 dtype 计算（梯度是 float64，权重也要是 float64）。
    """
    ### BEGIN SOLUTION
    t = len(grads)
    age = torch.arange(t - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return -lr * (lam**age @ grads)
    ### END SOLUTION

# %% [markdown] hint="momentum_unrolled" lang="en"
# 1. With t = 1 the result is -η g⁰, whatever λ is. With λ = 0 only the *last* row counts. Compare yours with
#    a few calls of `momentum_step`.
# 2. Section 5: the exponent is the gradient's age, t-1-i: t-1 for the first row, 0 for the last. It is a sum;
#    nothing is divided.
# 3. `age = torch.arange(t - 1, …, -1, dtype=grads.dtype)`, then `-lr * (lam**age @ …)`.

# %% [markdown] hint="momentum_unrolled" lang="zh"
# 1. t = 1 时结果是 -η g⁰，和 λ 无关；λ = 0 时只有**最后**一行起作用。
#    再和连续几次 `momentum_step` 的结果比一比。
# 2. 见第 5 节：指数是梯度的“年龄” t-1-i：第一行是 t-1，最后一行是 0。这是求和，不除以任何东西。
# 3. `age = torch.arange(t - 1, …, -1, dtype=grads.dtype)`，然后 `-lr * (lam**age @ …)`。

# %% [markdown] lang="en"
# ## 6. The same idea in PyTorch
#
# `torch.optim.SGD(momentum=…)` keeps a buffer of *gradients* and multiplies by the learning rate at the
# end:
#
# $$\text{buf} \leftarrow \mu\,\text{buf} + g, \qquad \theta \leftarrow \theta - \eta\,\text{buf}$$
#
# With a constant $\eta$ both give the same path ($m = -\eta\,\text{buf}$). **Once $\eta$ changes they
# part**: in the lecture's form old steps keep the size that they had, in PyTorch's form the new $\eta$
# rescales the whole past as well.
#
# > The notes give the lecture's form, in which η is inside m; most code you will meet has PyTorch's.

# %% [markdown] lang="zh"
# ## 6. PyTorch 里的写法
#
# `torch.optim.SGD(momentum=…)` 里存的是**梯度**的累积，最后才乘学习率：
#
# $$\text{buf} \leftarrow \mu\,\text{buf} + g, \qquad \theta \leftarrow \theta - \eta\,\text{buf}$$
#
# $\eta$ 不变时两种写法走的路线相同（$m = -\eta\,\text{buf}$）。**$\eta$ 一变，它们就分道扬镳**：
# 课上的写法里，旧的位移保持当时的大小；PyTorch 的写法里，新的 $\eta$ 连过去的累积也一起缩放。
#
# > 笔记里是课上的写法，η 在 m 里面；以后读到的代码大多是 PyTorch 的写法。

# %% exercise="torch_sgd_momentum_step" points=10 difficulty=1 minutes=6 forbidden=["optimizer"]
def torch_sgd_momentum_step(
    theta: Tensor, buf: Tensor, g: Tensor, lr: float, mu: float
) -> tuple[Tensor, Tensor]:
    """One update as torch.optim.SGD does it: buf ← μ·buf + g, then θ ← θ - η·buf. (Lecture 4)

    ``theta``, ``buf``, ``g``: floating, of one shape (any); before the first update ``buf`` is zeros. No
    dampening, no Nesterov. Returns the new ``(theta, buf)``, with the shape, dtype and device of ``theta``;
    the arguments stay as they were. Written out, without calling torch.optim.

    按 torch.optim.SGD 的写法做一次更新：buf ← μ·buf + g，然后 θ ← θ - η·buf。（第 4 讲）

    ``theta``、``buf``、``g``：浮点张量，形状相同（任意形状）；第一次更新前 ``buf`` 全为零。不用 dampening，
    也不用 Nesterov。返回新的 ``(theta, buf)``，形状、dtype 和设备与 ``theta`` 相同；传入的参数保持不变。
    自己写出来，不要调用 torch.optim。
    """
    ### BEGIN SOLUTION
    buf = mu * buf + g
    return theta - lr * buf, buf
    ### END SOLUTION

# %% [markdown] hint="torch_sgd_momentum_step" lang="en"
# 1. From buf = 0 the new buf is g itself, neither -ηg nor (1-μ)g. Is yours? And does θ move by η times the
#    *new* buf?
# 2. Section 6: the learning rate appears once, in the second formula, outside the buffer.
# 3. `buf = mu * … + …`, then `return theta - … * buf, buf`.

# %% [markdown] hint="torch_sgd_momentum_step" lang="zh"
# 1. 从 buf = 0 出发，新的 buf 就是 g 本身，不是 -ηg，也不是 (1-μ)g。你的呢？θ 移动的是 η 乘**新的** buf 吗？
# 2. 见第 6 节：学习率只出现一次，在第二个式子里，在 buf 外面。
# 3. `buf = mu * … + …`，然后 `return theta - … * buf, buf`。

# %% demo=true
import matplotlib.pyplot as plt

# Left: how much each past gradient counts. Right: both conventions on f = θ²/2; the learning rate drops
# at update 12.
# 左图：过去的每个梯度占多大分量。右图：两种写法走在 f = θ²/2 上，学习率在第 12 次更新时变小。
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8))
for lam, colour in ((0.5, "#e6a04b"), (0.9, "#3f8fc4"), (0.99, "#b3262b")):
    # With the identity as gradients, entry i of the result is the weight of gradient i.
    # 梯度取单位矩阵，结果的第 i 个元素就是第 i 个梯度的权重。
    weights = -momentum_unrolled(torch.eye(40), 1.0, lam)
    left.plot(weights, ".-", color=colour, label=rf"$\lambda$ = {lam}")
left.set(xlabel=say("gradient number i (the newest is 39)", "第 i 个梯度（39 是最新的）"),
         ylabel=say("weight in the step", "在这一步里的权重"), title=say("What m remembers", "m 记住了什么"))
left.legend()

lecture_theta, lecture_m = torch.tensor(1.0), torch.tensor(0.0)
torch_theta, torch_buf = torch.tensor(1.0), torch.tensor(0.0)
lecture_path, torch_path = [1.0], [1.0]
for update in range(40):
    rate = 0.02 if update < 12 else 0.002
    lecture_theta, lecture_m = momentum_step(lecture_theta, lecture_m, lecture_theta, rate, 0.9)
    torch_theta, torch_buf = torch_sgd_momentum_step(torch_theta, torch_buf, torch_theta, rate, 0.9)
    lecture_path.append(lecture_theta.item())
    torch_path.append(torch_theta.item())
right.axvline(12, color="0.7", lw=1)
right.text(12.4, 0.93, say("learning rate ÷ 10", "学习率 ÷ 10"), color="0.4")
right.plot(lecture_path, ".-", color="#3f8fc4",
           label=say("the lecture's form: glides on", "课上的写法：继续滑行"))
right.plot(torch_path, ".-", color="#b3262b",
           label=say("PyTorch's form: brakes at once", "PyTorch 的写法：立刻刹车"))
right.set(xlabel=say("update", "更新次数"), ylabel=r"$\theta$",
          title=say("Equal until the rate changes", "学习率一变就不同"))
right.legend()
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# ## 7. A whole epoch
#
# Now all of it together: shuffle, take one batch after another, note its loss, update with momentum. The
# momentum is **not** reset, neither between batches nor between epochs: the caller passes in the $m$ that
# the epoch before ended with.

# %% [markdown] lang="zh"
# ## 7. 走完一轮
#
# 现在把它们合在一起：洗牌，一个批次接一个批次地取，记下损失，再带着动量更新。动量**不清零**：
# 批次之间不清，轮与轮之间也不清；调用者会把上一轮结束时的 $m$ 传进来。

# %% exercise="sgd_epoch" points=18 difficulty=3 minutes=20 forbidden=["optimizer"]
def sgd_epoch(
    X: Tensor,
    y: Tensor,
    params: tuple[Tensor, Tensor],
    m: tuple[Tensor, Tensor],
    lr: float,
    lam: float,
    batch_size: int,
    generator: torch.Generator,
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor], list[float]]:
    """One epoch of gradient descent with momentum on the linear model of ``batch_gradient``. (Lecture 4)

    ``X`` (n, D), ``y`` (n,); ``params`` is ``(w, b)`` of shapes (D,) and (); ``m`` has the displacement of
    each, of the same shapes.

    The batches are those of one call of ``shuffled_batches(n, batch_size, generator)``, taken in that
    order. For each of them: note the mean squared error of this batch with the parameters *before* its
    update; find its gradient at these parameters (``batch_gradient``); update w and b, each with its own m
    (``momentum_step``).

    Returns ``(params, m, losses)``: the last ``(w, b)``, the last ``(m_w, m_b)``, and a list of Python
    floats, one for each update. Dtype and device are those of ``X``; the arguments stay as they were.
    No torch.optim here.

    在 ``batch_gradient`` 的线性模型上，用带动量的梯度下降走完一轮。（第 4 讲）

    ``X`` (n, D)，``y`` (n,)；``params`` 是 ``(w, b)``，形状为 (D,) 和 ()；``m`` 是它们各自的位移，形状相同。

    批次由 ``shuffled_batches(n, batch_size, generator)`` 给出，只调用一次，按它给的顺序使用。对每个批次：
    先用**更新前**的参数算出这个批次的均方误差并记下来；在这组参数处求这个批次的梯度（``batch_gradient``）；
    再更新 w 和 b，各用各的 m（``momentum_step``）。

    返回 ``(params, m, losses)``：最后的 ``(w, b)``、最后的 ``(m_w, m_b)``，
    以及每次更新一个 Python 浮点数的列表。dtype 和设备与 ``X`` 相同；传入的参数保持不变。
    不用 torch.optim。
    """
    ### BEGIN SOLUTION
    (w, b), (m_w, m_b) = params, m
    losses = []
    for idx in shuffled_batches(len(X), batch_size, generator):
        losses.append(((X[idx] @ w + b - y[idx]) ** 2).mean().item())
        grad_w, grad_b = batch_gradient(X, y, w, b, idx)
        w, m_w = momentum_step(w, m_w, grad_w, lr, lam)
        b, m_b = momentum_step(b, m_b, grad_b, lr, lam)
    return (w, b), (m_w, m_b), losses
    ### END SOLUTION

# %% [markdown] hint="sgd_epoch" lang="en"
# 1. With n = 7 and batches of 3 there are 3 losses. The first is the loss of the *starting* parameters. Run
#    two epochs: does m go on from where it was?
# 2. Section 7: shuffle once, before the loop. In the loop: loss, gradient, update, in this order, and all
#    three on the same batch.
# 3. `for idx in shuffled_batches(…):`, and in it `losses.append(…)`, `grad_w, grad_b = batch_gradient(…)`,
#    `w, m_w = momentum_step(…)`, and once more for b.

# %% [markdown] hint="sgd_epoch" lang="zh"
# 1. n = 7、批次大小 3 时有 3 个损失，第一个是**起始**参数的损失。走两轮试试：m 是接着上一轮的吗？
# 2. 见第 7 节：洗牌只做一次，在循环之前。循环里依次是：损失、梯度、更新，三者用的都是同一个批次。
# 3. `for idx in shuffled_batches(…):`，里面依次是 `losses.append(…)`、`grad_w, grad_b = batch_gradient(…)`、
#    `w, m_w = momentum_step(…)`，再对 b 做一次。

# %% [markdown] lang="en"
# ## Capstone · How large should a batch be?
#
# A small network reads handwritten digits (64 pixels, 1300 training images), with your `shuffled_batches`
# and `momentum_step`.
#
# First the stopwatch. *Per update* a batch of 100 takes hardly longer than a single sample, because its
# rows are computed in parallel; only with all 1300 does your CPU run out of room. So *per epoch* small
# batches are far slower. Then the other side of the coin: what is learned in that epoch.
#
# > "Batch size 1 or 1000 takes nearly the same time" in the notes is meant per update, and on a GPU. Per
# > epoch it differs by orders of magnitude.

# %% [markdown] lang="zh"
# ## 综合练习 · 批次该取多大？
#
# 用你写的 `shuffled_batches` 和 `momentum_step`，训练一个小网络认手写数字（64 个像素，1300 张训练图片）。
#
# 先掐表。**每次更新**，100 个样本的批次并不比 1 个样本慢多少，因为各行是并行算的；
# 到了全部 1300 张，CPU 才忙不过来。于是**每一轮**反而是小批次慢得多。再看另一面：这一轮里究竟学到了多少。
#
# > 笔记说“Batch size 为 1 还是 1000，所需时间相差无几”，指的是每次更新，而且是在 GPU 上；按每一轮算，
# > 相差好几个数量级。

# %% demo=true
import time

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

# Matrices this small are quickest on one thread.
# 矩阵这么小，单线程最快。
torch.set_num_threads(1)
digits = load_digits()
images, labels = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
train_x, train_y = images[order[:1300]], labels[order[:1300]]
val_x, val_y = images[order[1300:]], labels[order[1300:]]

# All parameters of the network (64 -> 64 -> 10) in one vector θ.
# 网络（64 -> 64 -> 10）的全部参数放在一个向量 θ 里。
layer_shapes = [(64, 64), (64,), (64, 10), (10,)]
layer_sizes = [64 * 64, 64, 64 * 10, 10]
source = torch.Generator().manual_seed(1)
start = torch.cat([torch.randn(64 * 64, generator=source) / 8, torch.zeros(64),
                   torch.randn(64 * 10, generator=source) / 8, torch.zeros(10)])

def digit_logits(theta: Tensor, x: Tensor) -> Tensor:
    parts = zip(theta.split(layer_sizes), layer_shapes, strict=True)
    W1, b1, W2, b2 = (part.view(shape) for part, shape in parts)
    return (x @ W1 + b1).relu() @ W2 + b2

def digit_gradient(theta: Tensor, idx: Tensor) -> Tensor:
    point = theta.clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(digit_logits(point, train_x[idx]), train_y[idx])
    return torch.autograd.grad(loss, point)[0]

def val_accuracy(theta: Tensor) -> float:
    return (digit_logits(theta, val_x).argmax(1) == val_y).float().mean().item()

def train_digits(batch_size: int, epochs: int, lr: float, lam: float) -> tuple[list[float], list[float]]:
    theta, m, generator = start, torch.zeros_like(start), torch.Generator().manual_seed(2)
    accuracies, seconds = [val_accuracy(theta)], []
    for _ in range(epochs):
        for idx in shuffled_batches(len(train_x), batch_size, generator):
            begin = time.perf_counter()
            theta, m = momentum_step(theta, m, digit_gradient(theta, idx), lr, lam)
            seconds.append(time.perf_counter() - begin)
        accuracies.append(val_accuracy(theta))
    return accuracies, seconds

batch_sizes = [1, 10, 100, 1300]
train_digits(100, 1, 0.06, 0.0)  # warms up the clock
per_update, per_epoch, after_epoch = [], [], []
for B in batch_sizes:
    # The full batch runs some more epochs, for a steadier stopwatch.
    # 全批次多走几轮，计时更稳。
    accuracies, seconds = train_digits(B, 10 if B == 1300 else 1, 0.06, 0.0)
    updates = -(-1300 // B)
    per_update.append(1000 * torch.tensor(seconds).median().item())
    per_epoch.append(per_update[-1] * updates / 1000)
    after_epoch.append(accuracies[1])
    print(say(
        f"B = {B:4}: {updates:4} updates an epoch, {per_update[-1]:.2f} ms each, "
        f"{per_epoch[-1]:.3f} s an epoch; validation accuracy after 1 epoch {after_epoch[-1]:.2f}",
        f"B = {B:4}：每轮 {updates:4} 次更新，每次 {per_update[-1]:.2f} 毫秒，一轮 {per_epoch[-1]:.3f} 秒；"
        f"1 轮之后验证集准确率 {after_epoch[-1]:.2f}",
    ))

names = [str(B) for B in batch_sizes]
fig, axes = plt.subplots(1, 3, figsize=(12, 3.6))
columns = (per_update, per_epoch, after_epoch)
for ax, values, unit in zip(axes, columns, ("{:.2f}", "{:.3f}", "{:.2f}"), strict=True):
    bars = ax.bar(names, values, color=["#e6a04b", "#3f8fc4", "#5a9e6f", "#b3262b"])
    ax.bar_label(bars, [unit.format(v) for v in values])
    ax.set_xlabel(say("batch size", "批次大小"))
    ax.margins(y=0.15)
axes[0].set_title(say("milliseconds per update", "每次更新的毫秒数"))
axes[1].set_title(say("seconds per epoch", "每一轮的秒数"))
axes[2].set_title(say("validation accuracy after 1 epoch", "1 轮之后的验证集准确率"))
plt.tight_layout()
plt.show()

# Momentum is worth a lot when updates are few: batches of 200, so 7 updates an epoch.
# 更新次数少的时候，动量很管用：批次大小 200，每轮只有 7 次更新。
fig, ax = plt.subplots(figsize=(7, 3.6))
for lam, colour in ((0.9, "#b3262b"), (0.0, "#3f8fc4")):
    accuracies, _ = train_digits(200, 10, 0.03, lam)
    ax.plot(accuracies, "o-", color=colour, label=rf"$\lambda$ = {lam}")
    ax.annotate(f"{accuracies[-1]:.2f}", (10, accuracies[-1]), (10.15, accuracies[-1] - 0.01), color=colour)
    print(say(f"momentum {lam}: validation accuracy {accuracies[-1]:.2f} after 10 epochs",
              f"动量 {lam}：10 轮之后验证集准确率 {accuracies[-1]:.2f}"))
ax.set(xlabel=say("epoch", "轮"), ylabel=say("validation accuracy", "验证集准确率"), xlim=(-0.3, 11),
       title=say("The same learning rate, with and without momentum", "学习率相同，有动量和没有动量"))
ax.legend(loc="lower right")
plt.tight_layout()
plt.show()

# %% [markdown] lang="en"
# And the lecture's claim about valleys: do small batches end in flatter places? We train with $B = 5$ and
# with all 1300 images, with the same learning rate and down to the same training loss, and look around with
# your `sharpness`: in steep directions (the gradients of small batches), far away (ε = 0.5) and close by
# (ε = 0.1), and in random ones (ε = 0.5).

# %% [markdown] lang="zh"
# 再来检验课上关于山谷的说法：小批次真的会停在更平坦的地方吗？分别用 $B = 5$ 和全部 1300 张图片训练，
# 学习率相同，训练损失降到同样低就停。再用你写的 `sharpness` 环顾四周：沿陡的方向（小批次的梯度）
# 看远一点（ε = 0.5）和近一点（ε = 0.1），再沿随机方向看（ε = 0.5）。

# %% demo=true
def train_loss(theta: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(digit_logits(theta, train_x), train_y)

def descend(batch_size: int, target: float) -> Tensor:
    theta, m, generator, update = start, torch.zeros_like(start), torch.Generator().manual_seed(3), 0
    while True:
        for idx in shuffled_batches(1300, batch_size, generator):
            theta, m = momentum_step(theta, m, digit_gradient(theta, idx), 0.3, 0.0)
            update += 1
            if (update % 20 == 0 and train_loss(theta) < target) or update == 4000:
                return theta

source = torch.Generator().manual_seed(5)
random_dirs = torch.randn(25, len(start), generator=source)
random_dirs = random_dirs / random_dirs.norm(dim=1, keepdim=True)
for B in (5, 1300):
    theta = descend(B, target=0.05)
    steep_dirs = torch.stack([digit_gradient(theta, idx) for idx in torch.arange(250).split(10)])
    steep_dirs = steep_dirs / steep_dirs.norm(dim=1, keepdim=True)
    far, near, any_way = (
        sharpness(train_loss, theta, dirs, eps).item()
        for dirs, eps in ((steep_dirs, 0.5), (steep_dirs, 0.1), (random_dirs, 0.5))
    )
    print(say(
        f"B = {B:4}: training loss {train_loss(theta):.3f}; sharpness in steep directions {far:.3f} (ε = 0.5), "
        f"{near:.4f} (ε = 0.1), in random ones {any_way:.4f}; validation accuracy {val_accuracy(theta):.3f}",
        f"B = {B:4}：训练损失 {train_loss(theta):.3f}；沿陡的方向尖锐程度 {far:.3f}（ε = 0.5）、"
        f"{near:.4f}（ε = 0.1），沿随机方向 {any_way:.4f}；验证集准确率 {val_accuracy(theta):.3f}",
    ))

# %% [markdown] lang="en"
# Far away in steep directions the small batch sits in the flatter place, as the lecture says. But this
# setting (directions, ε, batch sizes, learning rate) **was chosen among several**, because it shows the
# effect. Close by there is much less of it, in random directions it is rather the other way round, and the
# validation accuracy is about the same. So this is weak evidence: keep it in mind when you read about
# sharpness.
#
# | | small batch | large batch |
# |---|---|---|
# | time per update | about equal, while the hardware has room | about equal |
# | time per epoch | long | short |
# | gradient | noisy | steady |
# | updates needed to learn | many, but they come cheap | few, but each must count |
# | ends in (weak evidence) | flatter places, it is said | sharper places, it is said |

# %% [markdown] lang="zh"
# 沿陡的方向看远一点，小批次停的地方更平坦，和课上说的一样。但这组设置（方向、ε、批次大小、学习率）
# 是**从好几组里挑出来的**，挑的就是能看出效果的那一组。看近一点，差别就小得多；沿随机方向，结果往往反过来；
# 验证集准确率也差不多。所以这只是很弱的证据：以后读到“尖锐程度”时，不妨想一想这一点。
#
# | | 小批次 | 大批次 |
# |---|---|---|
# | 每次更新的时间 | 差不多（硬件还有余力时） | 差不多 |
# | 每一轮的时间 | 长 | 短 |
# | 梯度 | 噪声大 | 平稳 |
# | 学会所需的更新 | 次数多，但每次便宜 | 次数少，但每次都要算数 |
# | 容易停在（证据不强） | 据说是比较平坦的地方 | 据说是比较尖锐的地方 |
