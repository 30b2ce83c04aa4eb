# %% [markdown] lang="en"
# # Lecture 5 · Adaptive learning rate
#
# Training stops improving, and we say: "the gradient has become zero". Look at it before you believe it.
# Often it is still large: the parameters jump from one wall of a valley to the other and get nowhere.
#
# A loss surface can be steep along one parameter and flat along another. **One learning rate $\eta$ cannot
# suit both**: what is safe on the steep side takes ages on the flat one. So this lecture gives every
# parameter $\theta_i$ a rate of its own:
#
# $$\theta_i^{t+1} \leftarrow \theta_i^t - \frac{\eta}{\sigma_i^t}\, g_i^t$$
#
# You will write the ways to choose $\sigma_i^t$ (root mean square, RMSProp, Adam), then the ways to let
# $\eta$ itself change over time (decay, warm-up), and at the end watch them race: first through a valley
# where plain gradient descent crawls, then on handwritten digits.
#
# > The notes write "fixed μ" where the learning rate η is meant.

# %% [markdown] lang="zh"
# # 第 5 讲 · 自适应学习率
#
# 训练到后来损失不再下降，我们常说“梯度变成零了”。先别急着相信，看一眼再说：很多时候梯度还很大，
# 参数只是在山谷的两壁之间来回跳，没有前进。
#
# 同一个误差曲面，可能沿着某个参数很陡，沿着另一个参数很平。**一个学习率 $\eta$ 照顾不了两边**：
# 在陡的方向上安全的步子，在平的方向上要走到地老天荒。所以这一讲给每个参数 $\theta_i$ 配一个自己的学习率：
#
# $$\theta_i^{t+1} \leftarrow \theta_i^t - \frac{\eta}{\sigma_i^t}\, g_i^t$$
#
# 你将写出选择 $\sigma_i^t$ 的几种方法（均方根、RMSProp、Adam），再写出让 $\eta$ 随时间变化的方法：
# 衰减与热身。最后让它们比一比：先走一个普通梯度下降走不动的山谷，再训练手写数字。
#
# > 笔记里“Fixed μ”的 μ 其实是学习率 η；“腐化”指的是 decay，即衰减。

# %%
import torch
from torch import Tensor

from autograder import say

# %% [markdown] lang="en"
# ## A valley
#
# Our playground, after the picture in the lecture: $L(\theta) = \frac12(\theta_0^2 + 100\,\theta_1^2)$.
# Along $\theta_0$ it is flat, along $\theta_1$ a hundred times more curved, and the minimum is at $(0, 0)$.

# %% [markdown] lang="zh"
# ## 一个山谷
#
# 我们的试验场，仿照课上的那张图：$L(\theta) = \frac12(\theta_0^2 + 100\,\theta_1^2)$。
# 沿 $\theta_0$ 很平，沿 $\theta_1$ 的弯曲程度是前者的一百倍，最低点在 $(0, 0)$。

# %%
CURVATURE = torch.tensor([1.0, 100.0], dtype=torch.float64)
START = torch.tensor([-4.0, 1.0], dtype=torch.float64)


def valley(theta: Tensor) -> Tensor:
    """The loss of points (…, 2).

    点 (…, 2) 处的损失。
    """
    return (CURVATURE * theta**2).sum(-1) / 2


def valley_gradient(theta: Tensor) -> Tensor:
    """The gradient of the loss at points (…, 2).

    损失在点 (…, 2) 处的梯度。
    """
    return CURVATURE * theta

# %% demo=true
import matplotlib.pyplot as plt


def draw_valley(axes, path, title):
    x, y = torch.meshgrid(torch.linspace(-4.6, 1.4, 120), torch.linspace(-1.45, 1.45, 120), indexing="ij")
    height = valley(torch.stack([x, y], dim=-1).double())
    axes.contour(x, y, height, levels=[0.1, 0.5, 2, 5, 10, 20, 40, 80], colors="0.75", linewidths=0.8)
    axes.plot(path[:, 0], path[:, 1], ".-", color="tab:blue", markersize=4, linewidth=0.9)
    axes.plot(0, 0, "*", color="tab:red", markersize=12)
    axes.set(xlim=(-4.6, 1.4), ylim=(-1.45, 1.45), title=title, xlabel="$\\theta_0$", ylabel="$\\theta_1$")


# Plain gradient descent, 200 updates, with two learning rates that are almost the same.
# 普通梯度下降走 200 次更新，用两个几乎一样的学习率。
figure, panels = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
for panel, rate in zip(panels, (0.019, 0.021), strict=True):
    path = [START]
    for _ in range(200):
        path.append(path[-1] - rate * valley_gradient(path[-1]))
    last = f"{valley(path[-1]):.2g}"
    title = say(f"η = {rate}: loss at the end {last}", f"η = {rate}：最后的损失 {last}")
    draw_valley(panel, torch.stack(path), title)
plt.show()
print(say(
    "Left: it crawls, and after 200 updates it has not arrived. Right: a hair more, and it flies away.",
    "左：慢慢爬，200 次更新后还没到。右：学习率只大一点点，就飞出了画面。",
))

# %% [markdown] lang="en"
# ## 1 · How large have the gradients been?
#
# Parameter $i$ should take small steps where its gradients are large, and large steps where they are small.
# The simplest measure of "how large" is the **root mean square** of all its gradients so far:
#
# $$\sigma_i^t = \sqrt{\frac{1}{t+1}\sum_{j=0}^{t} \left(g_i^j\right)^2}$$
#
# For gradients 3, then 4: $\sigma^0 = 3$ and $\sigma^1 = \sqrt{(9+16)/2} \approx 3.54$.

# %% [markdown] lang="zh"
# ## 1 · 梯度一直有多大？
#
# 参数 $i$ 的梯度一直很大，步子就该小一点；一直很小，步子就该大一点。衡量“有多大”最简单的办法，
# 是它到目前为止所有梯度的**均方根**：
#
# $$\sigma_i^t = \sqrt{\frac{1}{t+1}\sum_{j=0}^{t} \left(g_i^j\right)^2}$$
#
# 例如梯度先是 3、再是 4：$\sigma^0 = 3$，$\sigma^1 = \sqrt{(9+16)/2} \approx 3.54$。

# %% exercise="rms_sigma" points=12 difficulty=1 minutes=10 vectorised=true
def rms_sigma(grads: Tensor) -> Tensor:
    """Every σ of a training run: σ_i^t is the root mean square of g_i^0 … g_i^t. (Lecture 5)

    ``grads``: (T, d), floating, T ≥ 1. Row t = 0 … T−1 is the gradient of update t; a column is a parameter.
    Returns (T, d) with the dtype and device of ``grads``: row t is σ^t, made of the rows 0 … t alone.
    There is no ε here: where all gradients so far are 0, σ is 0.
    No loop over the parameters, please; a loop over the updates is fine. ``grads`` stays as it is.

    一次训练中所有的 σ：σ_i^t 是 g_i^0 … g_i^t 的均方根。（第 5 讲）

    ``grads``：形状 (T, d) 的浮点张量，T ≥ 1。第 t 行是第 t 次更新的梯度（t = 0 … T−1），每一列属于一个参数。
    返回形状 (T, d)，dtype 和设备与 ``grads`` 相同：第 t 行是 σ^t，只用第 0 … t 行算出。
    这里没有 ε：到目前为止梯度全为 0 的地方，σ 就是 0。
    不要对参数写循环（对更新写循环可以）；不要修改 ``grads``。
    """
    ### BEGIN SOLUTION
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    return (grads.square().cumsum(dim=0) / count[:, None]).sqrt()
    ### END SOLUTION

# %% [markdown] hint="rms_sigma" lang="en"
# 1. Try gradients 3, then 4 of one parameter: σ must be 3 and √12.5 ≈ 3.54. Which of the two is off? And
#    does a second column change the first one?
# 2. Section 1: square, mean over the updates so far (row t has t+1 of them), square root, in this order.
# 3. `total = grads.square().cumsum(dim=…)`, a column of counts `1 … T` of the same dtype, then
#    `(total / …).sqrt()`.

# %% [markdown] hint="rms_sigma" lang="zh"
# 1. 拿一个参数试试：梯度先 3 后 4，σ 应当是 3 和 √12.5 ≈ 3.54。哪一个不对？再加一列，第一列会变吗？
# 2. 第 1 节：先平方，再对到目前为止的更新求平均（第 t 行有 t+1 个），最后开方，顺序不能换。
# 3. `total = grads.square().cumsum(dim=…)`，再做一列同 dtype 的个数 `1 … T`，然后 `(total / …).sqrt()`。

# %% [markdown] lang="en"
# ## 2 · Adagrad, as the lecture has it
#
# Nobody stores all gradients: the sum of their squares $s$ and their number $t$ are enough. And one thing
# that the formula leaves out: a parameter whose gradients were all 0 would give $0/0$. So a small
# $\varepsilon$ is added to $\sigma$, **outside the root**:
#
# $$\theta_i^{t+1} \leftarrow \theta_i^t - \frac{\eta}{\sigma_i^t + \varepsilon}\, g_i^t$$
#
# > The notes call this σ Adagrad's. The original Adagrad (and `torch.optim.Adagrad`) has $\sqrt{\sum g^2}$
# > without $\frac{1}{t+1}$, so its steps shrink by a further $\sqrt{t+1}$. Here we write the lecture's
# > version.

# %% [markdown] lang="zh"
# ## 2 · 课上讲的 Adagrad
#
# 没有人会把所有梯度都存下来：只要记住平方和 $s$ 与个数 $t$ 就够了。公式里还漏了一件事：
# 如果某个参数的梯度一直是 0，就会出现 $0/0$。所以要给 $\sigma$ 加上一个很小的 $\varepsilon$，
# 加在**根号外面**：
#
# $$\theta_i^{t+1} \leftarrow \theta_i^t - \frac{\eta}{\sigma_i^t + \varepsilon}\, g_i^t$$
#
# > 笔记说这个 σ 用在 Adagrad 里。原版 Adagrad（以及 `torch.optim.Adagrad`）用的是 $\sqrt{\sum g^2}$，
# > 没有 $\frac{1}{t+1}$，步子会再缩小 $\sqrt{t+1}$ 倍。这里写的是课上的版本。

# %% exercise="adagrad_step" points=16 difficulty=2 minutes=15 vectorised=true forbidden=["optimizer"]
def adagrad_step(
    theta: Tensor, g: Tensor, state: tuple[Tensor, int], lr: float, eps: float
) -> tuple[Tensor, tuple[Tensor, int]]:
    """θ − lr/(σ+ε)·g, where σ is the root mean square of all gradients so far, ``g`` included. (Lecture 5)

    ``theta``, ``g``: parameters and gradient, floating, of one (any) shape; everything is elementwise.
    ``state``: ``(s, t)``. s is the sum of the squared gradients of the updates before this one, a tensor like
    ``theta``; t is how many they were, an int. A training run starts with ``(torch.zeros_like(theta), 0)``.
    Returns ``(theta, state)``, both new: the state now counts ``g`` too. The arguments stay as they are.
    ``eps`` is added to σ, outside the root. No loop over the entries of ``theta``.

    θ − lr/(σ+ε)·g，其中 σ 是到目前为止所有梯度（包括 ``g``）的均方根。（第 5 讲）

    ``theta``、``g``：参数和它的梯度，浮点张量，形状任意但两者相同；所有运算都逐元素进行。
    ``state``：``(s, t)``。s 是这次更新之前各次梯度的平方和，与 ``theta`` 同形的张量；t 是它们的次数，整数。
    训练开始时是 ``(torch.zeros_like(theta), 0)``。
    返回新的 ``(theta, state)``，新状态已经把 ``g`` 算进去；不要修改传入的参数。
    ``eps`` 加在 σ 上，在根号外面。不要对 ``theta`` 的元素写循环。
    """
    ### BEGIN SOLUTION
    s, t = state[0] + g.square(), state[1] + 1
    sigma = (s / t).sqrt()
    return theta - lr / (sigma + eps) * g, (s, t)
    ### END SOLUTION

# %% [markdown] hint="adagrad_step" lang="en"
# 1. Without ε, the very first update moves every parameter with a gradient by exactly lr, whatever the
#    gradient's size. Does yours? And with gradient 3, then 4, is the second step lr·4/√12.5?
# 2. Section 2. The σ that divides `g` has `g` itself in it, so first bring the state up to date, then use it.
# 3. `s, t = … + g.square(), … + 1`, then `sigma = (s / …).sqrt()`, then `theta - lr / (…) * g`.

# %% [markdown] hint="adagrad_step" lang="zh"
# 1. 不考虑 ε 时，第一次更新会让每个梯度不为零的参数恰好移动 lr，与梯度大小无关。你的是这样吗？
#    梯度先 3 后 4 时，第二步是 lr·4/√12.5 吗？
# 2. 第 2 节。用来除 `g` 的 σ 里已经包含 `g` 自己，所以先更新状态，再用它。
# 3. `s, t = … + g.square(), … + 1`，再 `sigma = (s / …).sqrt()`，再 `theta - lr / (…) * g`。

# %% [markdown] lang="en"
# ## 3 · RMSProp: forget the old gradients
#
# The same parameter can be on a steep slope now and on a flat one later. A mean over *all* gradients reacts
# slowly. RMSProp weights the newest gradient with $1-\alpha$ and lets older ones fade:
#
# $$\sigma_i^0 = \sqrt{(g_i^0)^2} = |g_i^0|$$
#
# $$\sigma_i^t = \sqrt{\alpha\,(\sigma_i^{t-1})^2 + (1-\alpha)\,(g_i^t)^2}$$
#
# > PyTorch's RMSprop starts from $\sigma = 0$ instead, so its first step is $1/\sqrt{1-\alpha}$ times
# > larger (3.16 for $\alpha=0.9$).

# %% [markdown] lang="zh"
# ## 3 · RMSProp：忘掉旧梯度
#
# 同一个参数，现在可能在陡坡上，过一会儿又到了平地。对*全部*梯度求平均，反应太慢。
# RMSProp 给最新的梯度权重 $1-\alpha$，让旧的逐渐淡出：
#
# $$\sigma_i^0 = \sqrt{(g_i^0)^2} = |g_i^0|$$
#
# $$\sigma_i^t = \sqrt{\alpha\,(\sigma_i^{t-1})^2 + (1-\alpha)\,(g_i^t)^2}$$
#
# > PyTorch 的 RMSprop 从 $\sigma = 0$ 开始，
# > 所以第一步是这里的 $1/\sqrt{1-\alpha}$ 倍（$\alpha=0.9$ 时是 3.16 倍）。

# %% exercise="rmsprop_step" points=16 difficulty=2 minutes=15 vectorised=true forbidden=["optimizer"]
def rmsprop_step(
    theta: Tensor, g: Tensor, sigma_prev: Tensor | None, lr: float, alpha: float, eps: float
) -> tuple[Tensor, Tensor]:
    """One RMSProp update θ − lr/(σ+ε)·g with σ = √(α·σ_prev² + (1−α)·g²). (Lecture 5)

    ``theta``, ``g``: parameters and gradient, floating, of one (any) shape; everything is elementwise.
    ``sigma_prev``: σ of the update before, a tensor like ``theta``. None at the very first: then σ = |g|.
    (A σ of zeros is not None: it is averaged like any other.)
    Returns ``(theta, sigma)``, both new; ``sigma`` is the σ above, without ε. The arguments stay as they are.
    ``eps`` is added to σ, outside the root. No loop over the entries of ``theta``.

    做一次 RMSProp 更新 θ − lr/(σ+ε)·g，其中 σ = √(α·σ_prev² + (1−α)·g²)。（第 5 讲）

    ``theta``、``g``：参数和它的梯度，浮点张量，形状任意但两者相同；所有运算都逐元素进行。
    ``sigma_prev``：上一次更新的 σ，与 ``theta`` 同形；第一次更新时是 None，这时 σ = |g|。
    （全零的 σ 不等于 None：它照样参与加权平均。）
    返回新的 ``(theta, sigma)``，``sigma`` 就是上面的 σ，不含 ε；不要修改传入的参数。
    ``eps`` 加在 σ 上，在根号外面。不要对 ``theta`` 的元素写循环。
    """
    ### BEGIN SOLUTION
    square = g.square()
    if sigma_prev is not None:
        square = alpha * sigma_prev.square() + (1 - alpha) * square
    sigma = square.sqrt()
    return theta - lr / (sigma + eps) * g, sigma
    ### END SOLUTION

# %% [markdown] hint="rmsprop_step" lang="en"
# 1. Take σ_prev = 3, g = 4: with α = 1 the new σ must be 3, with α = 0 it must be 4, with α = 0.5 it must
#    be √12.5. Which fails? And what comes out at the first update?
# 2. Section 3. The average is taken of the *squares*; what goes in and comes out as σ is a root.
# 3. `if sigma_prev is None: sigma = …`, else `sigma = (alpha * … + (1 - alpha) * …).sqrt()`, then the step
#    as in section 2.

# %% [markdown] hint="rmsprop_step" lang="zh"
# 1. 取 σ_prev = 3、g = 4：α = 1 时新的 σ 应当是 3，α = 0 时应当是 4，α = 0.5 时应当是 √12.5。哪一个不对？
#    第一次更新又得到什么？
# 2. 第 3 节。加权平均的是*平方*；作为 σ 传进来、返回去的都是开过方的。
# 3. `if sigma_prev is None: sigma = …`，否则 `sigma = (alpha * … + (1 - alpha) * …).sqrt()`，
#    再像第 2 节那样走一步。

# %% demo=true
# One parameter that meets a steep slope, then a flat stretch, then a steep slope again.
# 一个参数先遇到陡坡，再到平地，然后又遇到陡坡。
generator = torch.Generator().manual_seed(5)
size = torch.cat([torch.full((40,), 4.0), torch.full((80,), 0.3), torch.full((40,), 4.0)])
slopes = size * (1 + 0.25 * torch.randn(160, generator=generator))
everything = rms_sigma(slopes[:, None])[:, 0]
sigma, recent = None, []
for slope in slopes:
    _, sigma = rmsprop_step(torch.zeros(()), slope, sigma, lr=0.1, alpha=0.9, eps=1e-8)
    recent.append(sigma)

figure, (upper, lower) = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
upper.plot(slopes.abs(), color="0.75", label="|g|")
upper.plot(everything, color="tab:orange", label=say("σ, all gradients (Adagrad)", "σ，全部梯度（Adagrad）"))
upper.plot(torch.stack(recent), color="tab:blue", label=say("σ, α = 0.9 (RMSProp)", "σ，α = 0.9（RMSProp）"))
upper.set(ylabel="σ")
upper.legend(loc="upper center")
lower.plot(1 / everything, color="tab:orange")
lower.plot(1 / torch.stack(recent), color="tab:blue")
lower.set(ylabel=say("step per gradient, η/σ", "每单位梯度的步长 η/σ"), xlabel=say("update", "更新"))
plt.show()
print(say(
    "On the flat stretch RMSProp soon takes larger steps, and when the slope returns it brakes at once.\n"
    "The mean over all gradients does neither.",
    "到了平地，RMSProp 很快就放大步子；陡坡一来，它立刻刹车。\n"
    "对全部梯度求平均的那个，两样都做不到。",
))

# %% [markdown] lang="en"
# ## 4 · Adam: RMSProp + momentum
#
# Adam averages the gradient as well ($m$, the momentum of Lecture 4) and divides it by the root of the
# averaged squares ($v$, RMSProp). Both averages start from 0 and are too small at first; Adam repairs that
# exactly. With $t = 1, 2, 3, \dots$
#
# $$m \leftarrow \beta_1 m + (1-\beta_1) g \qquad v \leftarrow \beta_2 v + (1-\beta_2) g^2$$
#
# $$\hat m = \frac{m}{1-\beta_1^{\,t}} \qquad \hat v = \frac{v}{1-\beta_2^{\,t}}$$
#
# $$\theta \leftarrow \theta - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# The hats serve this one step only; $m$ and $v$ go on without them.
#
# > The notes only say "RMSProp + Momentum"; the bias correction is in Kingma & Ba's paper (Algorithm 1),
# > and we include it.

# %% [markdown] lang="zh"
# ## 4 · Adam：RMSProp + 动量
#
# Adam 对梯度本身也做加权平均（$m$，即第 4 讲的动量），再除以平方的加权平均的根（$v$，即 RMSProp）。
# 两个平均都从 0 开始，所以一开始偏小，Adam 恰好把这个偏差修正过来。$t = 1, 2, 3, \dots$：
#
# $$m \leftarrow \beta_1 m + (1-\beta_1) g \qquad v \leftarrow \beta_2 v + (1-\beta_2) g^2$$
#
# $$\hat m = \frac{m}{1-\beta_1^{\,t}} \qquad \hat v = \frac{v}{1-\beta_2^{\,t}}$$
#
# $$\theta \leftarrow \theta - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# 带帽子的量只用在这一步；传到下一步的是不带帽子的 $m$ 和 $v$。
#
# > 笔记只写了“RMSProp + Momentum”；偏差修正出自 Kingma 和 Ba 的论文（算法 1），这里补上。

# %% exercise="adam_step" points=22 difficulty=3 minutes=20 vectorised=true forbidden=["optimizer"]
def adam_step(
    theta: Tensor, g: Tensor, m: Tensor, v: Tensor, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Tensor, Tensor, Tensor]:
    """One Adam update with bias correction (Kingma & Ba, Algorithm 1). (Lecture 5)

    ``theta``, ``g``, ``m``, ``v``: parameters, gradient and the two averages, floating, of one (any) shape;
    everything is elementwise. A training run starts with ``m`` and ``v`` full of zeros.
    ``t``: the number of this update, 1 at the first. The caller counts; use it as it is.
    Returns ``(theta, m, v)``, all new: the moved parameters and the two averages *before* their correction.
    ``eps`` is added to √v̂, outside the root. The arguments stay as they are.
    No loop over the entries of ``theta``.

    做一次带偏差修正的 Adam 更新（Kingma 和 Ba，算法 1）。（第 5 讲）

    ``theta``、``g``、``m``、``v``：参数、梯度和两个加权平均，浮点张量，形状任意但都相同；
    所有运算都逐元素进行。训练开始时 ``m`` 和 ``v`` 全为 0。
    ``t``：这是第几次更新，第一次是 1。由调用者计数，直接用就行。
    返回新的 ``(theta, m, v)``：移动后的参数，以及*未经修正*的两个平均。
    ``eps`` 加在 √v̂ 上，在根号外面。不要对 ``theta`` 的元素写循环；不要修改传入的参数。
    """
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g.square()
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - lr * m_hat / (v_hat.sqrt() + eps), m, v
    ### END SOLUTION

# %% [markdown] hint="adam_step" lang="en"
# 1. At t = 1, starting from zeros, m̂ must be exactly g and v̂ exactly g², so θ moves by lr against the
#    sign of g. Print both. If the first step is right, feed g = 1, then g = −3: is m after two steps with
#    β1 = 0.9 equal to −0.21?
# 2. Section 4, one formula after the other: β1 and t belong to m, β2 and t to v; the correction is a
#    *division* by 1 − β^t.
# 3. `m = beta1 * … + (1 - beta1) * …`, `v = …`, `m_hat = m / (1 - …)`, `v_hat = …`,
#    `theta - lr * m_hat / (… + eps)`.

# %% [markdown] hint="adam_step" lang="zh"
# 1. t = 1、从零开始时，m̂ 应当恰好是 g，v̂ 恰好是 g²，所以 θ 逆着 g 的符号移动 lr。把两者打印出来看看。
#    第一步对了的话，再依次喂 g = 1、g = −3：β1 = 0.9 时，两步之后 m 等于 −0.21 吗？
# 2. 第 4 节，一个公式一个公式地对：β1 和 t 配 m，β2 和 t 配 v；修正是*除以* 1 − β^t。
# 3. `m = beta1 * … + (1 - beta1) * …`，`v = …`，`m_hat = m / (1 - …)`，`v_hat = …`，
#    `theta - lr * m_hat / (… + eps)`。

# %% [markdown] lang="en"
# ## 5 · The general form, and a trap
#
# The lecture ends with one formula that holds them all:
#
# $$\theta_i^{t+1} \leftarrow \theta_i^t - \frac{\eta}{\sigma_i^t}\, m_i^t$$
#
# $m$ gives the direction (with its sign), $\sigma$ only the size. **Here $m$ must be a weighted sum of the
# gradients themselves.**
#
# > In Lecture 4, $m^{i+1} = \lambda m^i - \eta g^i$ already holds $-\eta$. Put that $m$ into this formula,
# > and the two minus signs cancel: the parameters climb, with $\eta$ applied twice.

# %% [markdown] lang="zh"
# ## 5 · 通用的形式，和一个陷阱
#
# 课的最后，一个公式把它们都包了进来：
#
# $$\theta_i^{t+1} \leftarrow \theta_i^t - \frac{\eta}{\sigma_i^t}\, m_i^t$$
#
# $m$ 决定方向（带正负号），$\sigma$ 只管大小。**这里的 $m$ 必须是梯度本身的加权和。**
#
# > 第 4 讲的 $m^{i+1} = \lambda m^i - \eta g^i$ 里已经有 $-\eta$。把那个 $m$ 代进这个公式，两个负号抵消：
# > 参数会往山上爬，而且 $\eta$ 乘了两次。

# %% exercise="momentum_over_sigma" points=10 difficulty=1 minutes=5 vectorised=true
def momentum_over_sigma(theta: Tensor, m: Tensor, sigma: Tensor, lr: float, eps: float) -> Tensor:
    """The new parameters, θ − lr·m/(σ+ε). (Lecture 5)

    ``theta``, ``m``, ``sigma``: floating, of one (any) shape, σ ≥ 0; everything is elementwise.
    ``m`` is a weighted sum of the gradients themselves, such as λm + g: it points *uphill* and holds no
    learning rate. Returns a new tensor like ``theta``; the arguments stay as they are. No loop over the
    entries.

    新的参数 θ − lr·m/(σ+ε)。（第 5 讲）

    ``theta``、``m``、``sigma``：浮点张量，形状任意但都相同，σ ≥ 0；所有运算都逐元素进行。
    ``m`` 是梯度本身的加权和，例如 λm + g：它指向*上坡*方向，里面不含学习率。
    返回与 ``theta`` 同形的新张量；不要修改传入的参数，不要对元素写循环。
    """
    ### BEGIN SOLUTION
    return theta - lr * m / (sigma + eps)
    ### END SOLUTION

# %% [markdown] hint="momentum_over_sigma" lang="en"
# 1. With θ = 1, m = 2, σ = 4, ε = 0, lr = 0.1 the answer is 0.95: downhill, by lr·m/σ. What is yours?
# 2. Section 5. Look at how the docstring fixes the sign of m, and at what is (and is not) squared or rooted.
# 3. `return theta … lr * m / (…)`: mind the brackets around what divides.

# %% [markdown] hint="momentum_over_sigma" lang="zh"
# 1. θ = 1、m = 2、σ = 4、ε = 0、lr = 0.1 时，答案是 0.95：往下坡走 lr·m/σ。你的是多少？
# 2. 第 5 节。看看说明里怎样约定 m 的正负号，再看哪些量（不）需要平方或开方。
# 3. `return theta … lr * m / (…)`：注意分母要加括号。

# %% demo=true
# The same place, the same gradient, the same formula; only the m of another lecture.
# 同一个位置，同一个梯度，同一个公式；只是换成了另一讲的 m。
gradient = valley_gradient(START)
size = gradient.abs()
for name, m in (
    (say("m = g", "m = g"), gradient),
    (say("m = −η·g, of Lecture 4", "m = −η·g，第 4 讲的"), -0.1 * gradient),
):
    after = momentum_over_sigma(START, m, size, lr=0.1, eps=1e-8)
    print(f"{name}: " + say("the loss goes from", "损失从") + f" {valley(START):.2f} → {valley(after):.2f}")

# %% [markdown] lang="en"
# ## 6 · Let η change too
#
# Near the bottom of a valley, the steep direction has had small gradients for a while, σ has shrunk, and
# suddenly a step is far too large: the parameters shoot out sideways, then calm down again. You will see
# these bursts below. The cure is a **schedule** for η.
#
# **Decay**: the nearer the goal, the smaller the steps. The simplest one is a straight line from $\eta_0$
# at $t = 0$ to 0 at the end: $\eta^t = \eta_0\left(1 - \frac{t}{\text{total}}\right)$, counted in
# *updates*, not in epochs.

# %% [markdown] lang="zh"
# ## 6 · 让 η 也变起来
#
# 快到谷底时，陡的方向上已经有一阵子梯度都很小，σ 跟着缩小，于是某一步突然迈得太大：参数横着冲出去，
# 再慢慢安静下来。后面你会亲眼看到这种突然的震荡。解决办法是给 η 安排一个**调度**。
#
# **衰减**：离目标越近，步子越小。最简单的是一条直线，$t = 0$ 时为 $\eta_0$，结束时为 0：
# $\eta^t = \eta_0\left(1 - \frac{t}{\text{total}}\right)$，$t$ 数的是*更新*，不是轮。

# %% exercise="linear_decay" points=10 difficulty=1 minutes=5
def linear_decay(t: int, lr0: float, total: int) -> float:
    """The learning rate of update ``t``: lr0·(1 − t/total), and 0 from t = total on. (Lecture 5)

    ``t`` ≥ 0 counts updates, the first is 0; ``total`` ≥ 1.
    Returns a Python float: ``lr0`` at t = 0, never below 0.

    第 ``t`` 次更新的学习率：lr0·(1 − t/total)；从 t = total 起为 0。（第 5 讲）

    ``t`` ≥ 0 数的是更新，第一次是 0；``total`` ≥ 1。
    返回 Python 浮点数：t = 0 时是 ``lr0``，任何时候都不小于 0。
    """
    ### BEGIN SOLUTION
    return lr0 * max(0.0, 1 - t / total)
    ### END SOLUTION

# %% [markdown] hint="linear_decay" lang="en"
# 1. With lr0 = 1 and total = 4 the rates of t = 0 … 5 are 1, 0.75, 0.5, 0.25, 0, 0. Print yours. Which is
#    the first that differs?
# 2. Section 6, decay: a straight line in t, which ends at 0 and stays there.
# 3. `return lr0 * max(…, 1 - …)`.

# %% [markdown] hint="linear_decay" lang="zh"
# 1. lr0 = 1、total = 4 时，t = 0 … 5 的学习率依次是 1、0.75、0.5、0.25、0、0。打印你的，第一个不同的是哪个？
# 2. 第 6 节的衰减：关于 t 的一条直线，降到 0 之后就停在 0。
# 3. `return lr0 * max(…, 1 - …)`。

# %% [markdown] lang="en"
# **Warm-up**: start small, grow, then decay. At the very beginning σ has seen only a few gradients and is a
# poor guess, so we first look around with small steps. BERT, ResNet and the Transformer were all trained
# this way.

# %% [markdown] lang="zh"
# **热身**：先变大，再变小。刚开始时 σ 只见过几个梯度，估计得很不准，所以先用小步子探探路。
# BERT、ResNet、Transformer 都是这样训练出来的。

# %% exercise="warmup_linear_decay" points=14 difficulty=2 minutes=10
def warmup_linear_decay(t: int, lr_max: float, warmup: int, total: int) -> float:
    """The learning rate of update ``t``: up to lr_max in ``warmup`` updates, then down to 0. (Lecture 5)

    Up, for t < warmup: lr_max·(t+1)/warmup. Update 0 already moves; the last of the warm-up has lr_max.
    Down, for warmup ≤ t < total: the straight line that is lr_max at t = warmup and would be 0 at t = total.
    After, for t ≥ total: 0.
    Integers with t ≥ 0, total ≥ 1 and 0 ≤ warmup ≤ total. ``warmup`` = 0 means no warm-up, ``warmup`` = total
    means no way down; neither may divide by zero. Returns a Python float.

    第 ``t`` 次更新的学习率：先用 ``warmup`` 次更新升到 lr_max，再沿直线降到 0。（第 5 讲）

    上升段，t < warmup：lr_max·(t+1)/warmup。第一次更新（t = 0）就不为零，热身的最后一次正好是 lr_max。
    下降段，warmup ≤ t < total：一条直线，在 t = warmup 处为 lr_max，到 t = total 处为 0。
    之后，t ≥ total：0。
    都是整数，t ≥ 0，total ≥ 1，0 ≤ warmup ≤ total。
    ``warmup`` = 0 表示不热身，``warmup`` = total 表示没有下降段，两种情况都不能除以零。
    返回 Python 浮点数。
    """
    ### BEGIN SOLUTION
    if t >= total:
        return 0.0
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * (total - t) / (total - warmup)
    ### END SOLUTION

# %% [markdown] hint="warmup_linear_decay" lang="en"
# 1. With lr_max = 1, warmup = 2, total = 6 the rates of t = 0 … 7 are 0.5, 1, 1, 0.75, 0.5, 0.25, 0, 0.
#    Where do yours leave this row?
# 2. Section 6, warm-up: the docstring has one line per part. The way down takes total − warmup updates, and
#    its line starts at lr_max.
# 3. `if t >= total: …`, `if t < warmup: return lr_max * (…) / warmup`, then `lr_max * (total - …) / (…)`.

# %% [markdown] hint="warmup_linear_decay" lang="zh"
# 1. lr_max = 1、warmup = 2、total = 6 时，t = 0 … 7 的学习率依次是 0.5、1、1、0.75、0.5、0.25、0、0。
#    你的从哪里开始不一样？
# 2. 第 6 节的热身：说明里每段一行。下降段共 total − warmup 次更新，从 lr_max 开始。
# 3. `if t >= total: …`，`if t < warmup: return lr_max * (…) / warmup`，再 `lr_max * (total - …) / (…)`。

# %% [markdown] lang="en"
# **Bonus: the Transformer's schedule.** The paper "Attention is all you need" (Noam Shazeer's recipe) warms
# up in a straight line and then decays like $1/\sqrt{\text{step}}$, all in one formula:
#
# $$\eta = d^{-0.5}\cdot\min\left(\text{step}^{-0.5},\ \text{step}\cdot\text{warmup}^{-1.5}\right)$$

# %% [markdown] lang="zh"
# **加分题：Transformer 的调度。** 论文 “Attention is all you need”（Noam Shazeer 的配方）先沿直线热身，
# 再按 $1/\sqrt{\text{step}}$ 衰减，一个公式全包：
#
# $$\eta = d^{-0.5}\cdot\min\left(\text{step}^{-0.5},\ \text{step}\cdot\text{warmup}^{-1.5}\right)$$

# %% exercise="noam_lr" points=5 difficulty=1 minutes=5 bonus=true
def noam_lr(step: int, d_model: int, warmup: int) -> float:
    """The Transformer's rate, d_model^−0.5 · min(step^−0.5, step·warmup^−1.5). (Lecture 5, bonus)

    ``step`` ≥ 0, usually counted from 1. At step 0 the rate is 0, where the warm-up starts: no error there.
    ``d_model`` ≥ 1, ``warmup`` ≥ 1. Returns a Python float.

    Transformer 的学习率 d_model^−0.5 · min(step^−0.5, step·warmup^−1.5)。（第 5 讲，加分题）

    ``step`` ≥ 0，通常从 1 数起。step = 0 时学习率是 0（热身直线的起点），不能报错。
    ``d_model`` ≥ 1，``warmup`` ≥ 1。返回 Python 浮点数。
    """
    ### BEGIN SOLUTION
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)
    ### END SOLUTION

# %% [markdown] hint="noam_lr" lang="en"
# 1. With d_model = 1 and warmup = 4: the rates of step 1, 4, 16 are 0.125, 0.5, 0.25. The highest is at
#    step = warmup. And step 0?
# 2. The bonus in section 6: three negative powers, and the smaller of two candidates.
# 3. `if step == 0: …`, then `d_model**… * min(step**…, step * warmup**…)`.

# %% [markdown] hint="noam_lr" lang="zh"
# 1. d_model = 1、warmup = 4 时，step 为 1、4、16 的学习率是 0.125、0.5、0.25，最高点在 step = warmup。
#    step = 0 呢？
# 2. 第 6 节的加分题：三个负的幂次，两个候选中取较小的。
# 3. `if step == 0: …`，再 `d_model**… * min(step**…, step * warmup**…)`。

# %% demo=true
# The shapes of the schedules, each divided by its own peak.
# 几种调度的形状，各自除以自己的最高点。
updates = range(121)
straight = [linear_decay(t, 1.0, 100) for t in updates]
warmed = [warmup_linear_decay(t, 1.0, 20, 100) for t in updates]
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
axes.plot(updates, straight, label=say("linear decay", "线性衰减"))
axes.plot(updates, warmed, label=say("warm-up, then linear decay", "先热身，再线性衰减"))
axes.set(xlabel=say("update t", "更新 t"), ylabel="η / max η", ylim=(-0.03, 1.08))
axes.legend()
plt.show()

# %% demo=true
# For those who wrote the bonus: the Transformer's curve beside it.
# 写了加分题的同学：把 Transformer 的曲线也画出来。
noam = [noam_lr(t, 512, 20) for t in range(121)]
warmed = [warmup_linear_decay(t, 1.0, 20, 100) for t in range(121)]
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
axes.plot([r / max(noam) for r in noam], color="tab:green", label=say("the Transformer's", "Transformer 的"))
axes.plot(warmed, color="tab:orange", label=say("warm-up, then linear decay", "先热身，再线性衰减"))
axes.set(xlabel=say("update t", "更新 t"), ylabel="η / max η", ylim=(-0.03, 1.08))
axes.legend()
plt.show()

# %% [markdown] lang="en"
# ## Capstone, part one · Through the valley
#
# Your four rules start at the same point. $\eta = 0.1$ is five times what plain gradient descent could
# bear here. Look for two things: the adaptive rules turn towards the star at once; and RMSProp, left alone,
# keeps **bursting out** near the bottom, until a decaying η calms it.

# %% [markdown] lang="zh"
# ## 综合练习（一）· 走过山谷
#
# 你写的几种方法从同一点出发。$\eta = 0.1$，是普通梯度下降在这里能承受的五倍。注意两件事：
# 自适应的方法一开始就朝着星号走；而 RMSProp 不加管束时，在谷底附近会一再**突然震荡**，
# 直到用衰减的 η 才安静下来。

# %% demo=true
import matplotlib.pyplot as plt


def gd(theta, g, state, lr):
    return theta - lr * g, None


def adagrad(theta, g, state, lr):
    return adagrad_step(theta, g, state or (torch.zeros_like(theta), 0), lr, eps=1e-8)


def rmsprop(theta, g, state, lr):
    return rmsprop_step(theta, g, state, lr, alpha=0.9, eps=1e-8)


def adam(theta, g, state, lr):
    m, v, t = state or (torch.zeros_like(theta), torch.zeros_like(theta), 0)
    theta, m, v = adam_step(theta, g, m, v, t + 1, lr, beta1=0.9, beta2=0.999, eps=1e-8)
    return theta, (m, v, t + 1)


def walk(rule, rate_of, updates=200):
    theta, state, path = START, None, [START]
    for t in range(updates):
        theta, state = rule(theta, valley_gradient(theta), state, rate_of(t))
        path.append(theta)
    return torch.stack(path)


walks = {
    say("GD, η = 0.019", "GD，η = 0.019"): walk(gd, lambda t: 0.019),
    "Adagrad": walk(adagrad, lambda t: 0.1),
    "RMSProp": walk(rmsprop, lambda t: 0.1),
    say("RMSProp + decay", "RMSProp + 衰减"): walk(rmsprop, lambda t: linear_decay(t, 0.1, 200)),
    "Adam": walk(adam, lambda t: 0.1),
}

figure, panels = plt.subplots(2, 2, figsize=(11, 6.4), layout="constrained")
for panel, (name, path) in zip(panels.flat, list(walks.items())[:4], strict=True):
    last = f"{valley(path[-1]):.1e}"
    draw_valley(panel, path, say(f"{name}: loss at the end {last}", f"{name}：最后的损失 {last}"))
plt.show()

figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
for name, path in walks.items():
    axes.semilogy(valley(path), label=name, linewidth=1.2)
axes.set(xlabel=say("update", "更新"), ylabel=say("loss", "损失"), ylim=(1e-20, 1e3))
axes.legend(loc="lower left")
plt.show()
late = valley(walks["RMSProp"])[100:]
calm, burst = f"{late.min():.0e}", f"{late.max():.2f}"
print(say(
    f"RMSProp after update 100: the loss is now {calm}, now {burst}. These are the bursts.",
    f"RMSProp 在第 100 次更新之后：损失一会儿是 {calm}，一会儿是 {burst}。这就是突然的震荡。",
))

# %% [markdown] lang="en"
# ## Capstone, part two · Digits in different units
#
# Real data has such valleys too: one feature in metres, another in millimetres. Here are sklearn's
# handwritten digits, with each pixel measured in a unit of its own (they differ by a factor of 100). A
# small network, ten epochs, four learning rates. How much does each rule care which one you guessed?

# %% [markdown] lang="zh"
# ## 综合练习（二）· 单位不同的手写数字
#
# 真实数据里也有这样的山谷：一个特征以米为单位，另一个以毫米为单位。下面是 sklearn 的手写数字，
# 每个像素换上自己的单位（最多相差 100 倍）。一个小网络，训练十轮，试四个学习率。猜得准不准，
# 对每种方法影响有多大？

# %% demo=true
from sklearn.datasets import load_digits

# For matrices as small as these, one thread is faster than two.
# 矩阵这么小，单线程比双线程更快。
torch.set_num_threads(1)
digits = load_digits()
generator = torch.Generator().manual_seed(0)
order = torch.randperm(len(digits.target), generator=generator)
units = 10 ** torch.linspace(-1.5, 0.5, 64)[torch.randperm(64, generator=generator)]
X = (torch.tensor(digits.data, dtype=torch.float32) / 16 * units)[order]
y = torch.tensor(digits.target)[order]
X_train, y_train, X_val, y_val = X[:1300], y[:1300], X[1300:], y[1300:]


def network(x, parameters):
    W1, b1, W2, b2 = parameters
    return (x @ W1 + b1).relu() @ W2 + b2


def train(rule, rate_of, epochs=10, batch_size=100, hidden=32):
    """The accuracy on the validation set, and the loss at each update.

    返回验证集上的准确率，以及每次更新时的损失。
    """
    generator = torch.Generator().manual_seed(1)
    parameters = [
        torch.randn(64, hidden, generator=generator) * (2 / 64) ** 0.5,
        torch.zeros(hidden),
        torch.randn(hidden, 10, generator=generator) * (2 / hidden) ** 0.5,
        torch.zeros(10),
    ]
    states, losses = [None] * len(parameters), []
    for _ in range(epochs):
        for batch in torch.randperm(len(y_train), generator=generator).split(batch_size):
            parameters = [p.detach().requires_grad_() for p in parameters]
            loss = torch.nn.functional.cross_entropy(network(X_train[batch], parameters), y_train[batch])
            gradients = torch.autograd.grad(loss, parameters)
            rate = rate_of(len(losses))
            with torch.no_grad():
                moved = [rule(p, g, s, rate) for p, g, s in zip(parameters, gradients, states, strict=True)]
            parameters, states = [theta for theta, _ in moved], [state for _, state in moved]
            losses.append(loss.item())
    accuracy = (network(X_val, parameters).argmax(dim=1) == y_val).double().mean().item()
    return accuracy, losses


rates = (0.01, 0.03, 0.1, 0.3)
constant = lambda rate: lambda t: rate  # noqa: E731
scheduled = lambda rate: lambda t: warmup_linear_decay(t, rate, 20, 130)  # noqa: E731
entries = {
    "GD": (gd, constant),
    "Adagrad": (adagrad, constant),
    "RMSProp": (rmsprop, constant),
    "Adam": (adam, constant),
    say("Adam + warm-up + decay", "Adam + 热身 + 衰减"): (adam, scheduled),
}
results = {}
for name, (rule, schedule) in entries.items():
    results[name] = [train(rule, schedule(rate)) for rate in rates]

figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
for name, runs in results.items():
    best = max(range(len(rates)), key=lambda i: runs[i][0])
    left.semilogx(rates, [accuracy for accuracy, _ in runs], "o-", label=name)
    right.semilogy(torch.tensor(runs[best][1]).unfold(0, 13, 1).mean(1), label=f"{name}, η = {rates[best]}")
    print(f"{name}: " + say("best", "最好") + f" {runs[best][0]:.1%} (η = {rates[best]})")
left.set(xlabel="η", ylabel=say("accuracy on the validation set", "验证集准确率"), ylim=(0, 1))
right.set(xlabel=say("update", "更新"), ylabel=say("loss, mean of 13 updates", "损失（13 次更新的平均）"))
right.set(ylim=(0.015, 3))
left.legend(loc="lower center")
right.legend(loc="lower left")
plt.show()

# %% [markdown] lang="en"
# Plain gradient descent has no learning rate here that works well: what suits the large pixels starves the
# small ones. The adaptive rules give each weight its own. That is why Adam is what people reach for first;
# and a schedule lets it bear a larger rate and end lower.
#
# **To try**: `alpha=0.95` for RMSProp in the valley (when does it burst now?); the digits with `units = 1`
# (is GD still so bad?); Adam without its bias correction.

# %% [markdown] lang="zh"
# 普通梯度下降在这里没有一个好用的学习率：适合大像素的，饿坏了小像素。自适应的方法给每个权重配自己的学习率，
# 所以大家第一个想到的往往是 Adam；再加上调度，它能承受更大的学习率，最后的损失也更低。
#
# **试一试**：山谷里让 RMSProp 用 `alpha=0.95`（现在什么时候震荡？）；
# 手写数字用 `units = 1`（GD 还这么差吗？）；去掉 Adam 的偏差修正。
