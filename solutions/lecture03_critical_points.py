# %% [markdown] lang="en"
# # Lecture 3 · Critical points
# Training has stopped: the gradient is (nearly) zero and the loss is still high. Are we at the bottom of a
# valley, with nowhere to go, or on a **saddle**, where a way down exists and gradient descent cannot see
# it?
#
# The gradient cannot tell: it is zero in both cases. The second derivatives can. Close to a point $\theta'$,
# $$L(\theta) \approx L(\theta') + (\theta-\theta')^\top g +
# \tfrac12 (\theta-\theta')^\top H (\theta-\theta')$$
# At a critical point $g = 0$, and the Hessian $H$ alone decides what the landscape looks like. In this
# lesson you compute $g$ and $H$, read $H$ through its eigenvalues, and then use an eigenvector to free a
# network that gradient descent would leave stuck for ever.

# %% [markdown] lang="zh"
# # 第 3 讲 · 局部极小值与鞍点
# 训练停住了：梯度（几乎）为零，损失却还很高。我们是走到了谷底、无路可走，还是卡在了**鞍点**上——
# 明明有路可下，只是梯度下降看不见？
#
# 光看梯度分不出来：两种情况下它都是零。二阶导可以。在一点 $\theta'$ 附近，
# $$L(\theta) \approx L(\theta') + (\theta-\theta')^\top g +
# \tfrac12 (\theta-\theta')^\top H (\theta-\theta')$$
# 在临界点上 $g = 0$，地形长什么样就全由海塞矩阵 $H$ 决定。
# 这一讲里，你会算出 $g$ 和 $H$，用特征值读懂 $H$，最后用一个特征向量，
# 救出一个靠梯度下降会永远卡住的网络。

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from autograder import say

# A loss takes all parameters as one tensor and returns a 0-dim tensor.
# 损失函数接收装着全部参数的一个张量，返回一个 0 维张量。
Loss = Callable[[Tensor], Tensor]


# The smallest "deep network": y = w1·w2·x with one sample x = 1, ŷ = 1; theta = (w1, w2).
# 最小的“深层网络”：y = w1·w2·x，只有一个样本 x = 1、ŷ = 1；theta = (w1, w2)。
def toy_loss(theta: Tensor) -> Tensor:
    return (1 - theta[0] * theta[1]) ** 2


# %% [markdown] lang="en"
# ## A network with two weights
# Lee's example: two linear neurons in a row and one sample, $x = 1$ with label $1$. The loss is $L(w_1,
# w_2) = (1 - w_1 w_2)^2$. It is small enough to differentiate with a pencil, so do that first: the two
# slopes, then the slopes of the slopes. $w_1 w_2$ is a product, and $w_1$ appears inside *and* outside of
# the bracket once you have differentiated: the mixed derivative has two terms.

# %% [markdown] lang="zh"
# ## 只有两个权重的网络
# 李宏毅老师的例子：两个线性神经元串在一起，只有一个样本 $x = 1$，标签是 $1$。
# 损失是 $L(w_1, w_2) = (1 - w_1 w_2)^2$。它小到可以用纸笔求导，那就先手算一遍：
# 先求两个一阶导，再对它们求导。注意 $w_1 w_2$ 是乘积，求过一次导之后，
# 括号里面和外面**都**有权重：混合二阶导有两项。

# %% exercise="toy_loss_derivatives" points=10 difficulty=1 minutes=10 forbidden=["autograd"]
def toy_loss_derivatives(w1: Tensor, w2: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Value, gradient and Hessian of L(w1, w2) = (1 − w1·w2)², by your own formulas. (Lecture 3)

    ``w1``, ``w2``: 0-dim floating tensors. Returns ``(L, g, H)``, tensors of shapes (), (2,) and (2, 2)
    with the dtype and device of the inputs: ``g = (∂L/∂w1, ∂L/∂w2)`` and ``H[i][j]`` the second derivative
    by the i-th and the j-th weight. No automatic differentiation here.

    用你自己推出的公式，求 L(w1, w2) = (1 − w1·w2)² 的值、梯度和海塞矩阵。（第 3 讲）

    ``w1``、``w2``：0 维浮点张量。返回 ``(L, g, H)``，形状分别是 ()、(2,) 和 (2, 2)，
    dtype 和设备与输入相同：``g = (∂L/∂w1, ∂L/∂w2)``，``H[i][j]`` 是对第 i 个和第 j 个权重的二阶导。
    这里不能用自动求导。
    """
    ### BEGIN SOLUTION
    rest = 1 - w1 * w2
    g = torch.stack([-2 * rest * w2, -2 * rest * w1])
    mixed = 2 * w1 * w2 - 2 * rest
    H = torch.stack([2 * w2**2, mixed, mixed, 2 * w1**2]).reshape(2, 2)
    return rest**2, g, H
    ### END SOLUTION

# %% [markdown] hint="toy_loss_derivatives" lang="en"
# 1. At w1 = w2 = 0 you should find L = 1, g = (0, 0), zeros on the diagonal of H and −2 beside it. At w1 = 2,
#    w2 = 0.5 the bracket is 0: L and g vanish, H does not. Which of these numbers differs from yours?
# 2. Write u = 1 − w1·w2, so L = u². Chain rule: ∂L/∂w1 = 2u · ∂u/∂w1. For the mixed derivative differentiate
#    that by w2 with the product rule: u depends on w2, and so does the other factor.
# 3. `u = 1 - w1 * w2`, `g = torch.stack([… * u * w2, … * u * w1])`, then `mixed = (one term with u) + (one
#    with w1 * w2)`, and `H = torch.stack([…, mixed, mixed, …]).reshape(2, 2)`.

# %% [markdown] hint="toy_loss_derivatives" lang="zh"
# 1. 在 w1 = w2 = 0 处，应当得到 L = 1、g = (0, 0)，H 的对角线是 0，旁边是 −2。
#    在 w1 = 2、w2 = 0.5 处括号为 0：L 和 g 都为零，H 却不是。你的哪个数字对不上？
# 2. 记 u = 1 − w1·w2，则 L = u²。链式法则：∂L/∂w1 = 2u · ∂u/∂w1。求混合二阶导时，
#    把这个式子再对 w2 求导，用乘积法则：u 里有 w2，另一个因子里也有。
# 3. `u = 1 - w1 * w2`，`g = torch.stack([… * u * w2, … * u * w1])`，
#    然后 `mixed = （含 u 的一项） + （含 w1 * w2 的一项）`，
#    最后 `H = torch.stack([…, mixed, mixed, …]).reshape(2, 2)`。

# %% demo=true
import matplotlib.pyplot as plt

# The landscape of the toy loss (dark is low; the colours are those of √L, which shows the valleys better).
# The arrows point downhill, along minus your gradient.
# 玩具损失的地形（颜色越深越低；着色用的是 √L，山谷看得更清楚）。箭头沿着你算出的负梯度，指向下坡。
side = torch.linspace(-2, 2, 81)
W1, W2 = torch.meshgrid(side, side, indexing="ij")
plt.figure(figsize=(5.6, 5))
plt.contourf(W1, W2, (1 - W1 * W2).abs(), levels=15, cmap="YlGnBu_r")
for a in torch.linspace(-1.75, 1.75, 8):
    for b in torch.linspace(-1.75, 1.75, 8):
        g = toy_loss_derivatives(a, b)[1]
        dx, dy = (-0.22 * g / g.norm()).tolist()
        plt.arrow(float(a), float(b), dx, dy, head_width=0.07, color="white", length_includes_head=True)
s = torch.linspace(0.5, 2, 50)
plt.plot(s, 1 / s, color="tab:orange", lw=2, label=say("minima: w1·w2 = 1", "极小值：w1·w2 = 1"))
plt.plot(-s, -1 / s, color="tab:orange", lw=2)
plt.plot(0, 0, "o", color="tab:red", markersize=9, label=say("g = 0, but no minimum", "g = 0，但不是极小值"))
plt.xlabel("w1")
plt.ylabel("w2")
plt.legend(loc="upper left")
plt.title("L = (1 − w1·w2)²")
plt.show()
L, g, H = toy_loss_derivatives(torch.tensor(0.0), torch.tensor(0.0))
print(say("at the origin: eigenvalues of H", "原点处 H 的特征值："), torch.linalg.eigvalsh(H).tolist())

# %% [markdown] lang="en"
# ## The gradient, by trying
# A slope is "how much does $f$ change when I move a little?". Try both directions and divide by the
# distance between the two trials, one coordinate at a time:
# $$\frac{\partial f}{\partial \theta_i} \approx \frac{f(\theta + h e_i) - f(\theta - h e_i)}{2h}$$
# It costs two evaluations per parameter, so nobody trains with it; everybody *checks* a backward pass with
# it. You can check your pencil with it, too.

# %% [markdown] lang="zh"
# ## 试出来的梯度
# 斜率就是“挪一小步，$f$ 变多少”。每次只动一个坐标，两边各试一次，再除以两次尝试之间的距离：
# $$\frac{\partial f}{\partial \theta_i} \approx \frac{f(\theta + h e_i) - f(\theta - h e_i)}{2h}$$
# 每个参数要算两次 $f$，所以没有人用它来训练；但人人都用它来**检查**反向传播。
# 刚才的手算对不对，也可以用它来验证。

# %% exercise="numerical_gradient" points=12 difficulty=2 minutes=15 forbidden=["autograd"]
def numerical_gradient(f: Loss, theta: Tensor, h: float = 1e-5) -> Tensor:
    """The gradient of ``f`` at ``theta`` by central differences (f(θ + h·eᵢ) − f(θ − h·eᵢ)) / 2h. (Lecture 3)

    ``f`` takes a tensor shaped like ``theta`` and returns a 0-dim tensor. ``theta``: any shape with at
    least one axis, contiguous in memory or not. The result has the shape, dtype and device of ``theta``; an
    integer ``theta`` is moved by ``h`` all the same, and the result is then floating (of any floating
    dtype). ``theta`` itself still holds exactly the same values afterwards. No automatic differentiation
    here.

    用中心差分 (f(θ + h·eᵢ) − f(θ − h·eᵢ)) / 2h 求 ``f`` 在 ``theta`` 处的梯度。（第 3 讲）

    ``f`` 接收与 ``theta`` 同形状的张量，返回 0 维张量。``theta``：至少一维的任意形状，内存连续与否都可以。
    结果的形状、dtype 和设备与 ``theta`` 相同；``theta`` 是整数时同样要挪动 ``h``，
    结果是浮点数（任何浮点类型都行）。
    调用之后 ``theta`` 里的值必须与之前完全一样。这里不能用自动求导。
    """
    ### BEGIN SOLUTION
    point = theta.flatten()
    if not point.is_floating_point():
        point = point.float()
    slopes = []
    for i in range(len(point)):
        move = torch.zeros_like(point)
        move[i] = h
        above = f((point + move).reshape(theta.shape))
        below = f((point - move).reshape(theta.shape))
        slopes.append((above - below) / (2 * h))
    return torch.stack(slopes).reshape(theta.shape)
    ### END SOLUTION

# %% [markdown] hint="numerical_gradient" lang="en"
# 1. Take f = (t ** 2).sum() at θ = (3, −1) with h = 0.5: central differences give exactly (6, −2). A result
#    of (6.5, −1.5) looks to one side only; (12, −4) or (3, −1) divides by the wrong distance; twice the
#    same number moves all coordinates together. And is θ still exactly (3, −1)?
# 2. The formula above, section "The gradient, by trying": e_i has a 1 in place i and 0 elsewhere, so each
#    coordinate starts again from the original θ, of floating type.
# 3. For every i: `move = torch.zeros_like(…)`, `move[i] = h`, then `(f(… + move) - f(… - move)) / (…)`.
#    Work on a flattened floating copy, give f the shape it expects, and give the result that shape too.

# %% [markdown] hint="numerical_gradient" lang="zh"
# 1. 取 f = (t ** 2).sum()，θ = (3, −1)，h = 0.5：中心差分恰好得到 (6, −2)。
#    得到 (6.5, −1.5) 是只看了一边；(12, −4) 或 (3, −1) 是除错了距离；两个数一样，是所有坐标一起动了。
#    还有，θ 仍然恰好是 (3, −1) 吗？
# 2. 看“试出来的梯度”一节的公式：e_i 只有第 i 个位置是 1，其余是 0，
#    所以每个坐标都要从原来的 θ 重新出发，而且用浮点类型。
# 3. 对每个 i：`move = torch.zeros_like(…)`，`move[i] = h`，然后 `(f(… + move) - f(… - move)) / (…)`。
#    在展平的浮点副本上做，交给 f 时恢复成它要的形状，结果也恢复成那个形状。

# %% demo=true
# How small should h be? Too large: the curve bends. Too small: the digits run out.
# h 该取多小？太大，曲线会弯；太小，有效数字不够用。
sizes = 10.0 ** torch.arange(-12.0, 0.5, 0.5, dtype=torch.float64)


def wavy(t: Tensor) -> Tensor:
    return (torch.sin(t) * t.exp()).sum()


def one_sided(f: Loss, t: Tensor, h: float) -> Tensor:
    return (f(t + h) - f(t)) / h


plt.figure(figsize=(6, 4))
for name, difference, dtype, style in [
    (say("forward difference, float64", "前向差分，float64"), one_sided, torch.float64, "s--"),
    (say("yours, float64", "你的，float64"), numerical_gradient, torch.float64, "o-"),
    (say("yours, float32", "你的，float32"), numerical_gradient, torch.float32, "^-"),
]:
    t = torch.tensor([0.7], dtype=dtype)
    exact = (t.double().sin() + t.double().cos()) * t.double().exp()
    errors = [abs(float(difference(wavy, t, float(h))) - float(exact)) for h in sizes]
    plt.loglog(sizes, [max(e, 1e-12) for e in errors], style, markersize=4, label=name)
plt.xlabel("h")
plt.ylabel(say("error of the slope", "斜率的误差"))
plt.ylim(1e-13, 1e3)
plt.legend(loc="upper right")
plt.title(say("Two-sided is far better; float32 wants a larger h", "两边都试好得多；float32 要用更大的 h"))
plt.show()

# %% [markdown] lang="en"
# ## The Hessian
# $H_{ij} = \partial^2 L / \partial\theta_i \partial\theta_j$: row $i$ is the gradient of the $i$-th
# component of the gradient. autograd can differentiate its own result, if it is told to keep the
# computation of the first gradient as a graph. A network with $d$ parameters has a $d \times d$ Hessian:
# this is why nobody computes it for real networks, and why it is such a good microscope for small ones.

# %% [markdown] lang="zh"
# ## 海塞矩阵
# $H_{ij} = \partial^2 L / \partial\theta_i \partial\theta_j$：第 $i$ 行是梯度第 $i$ 个分量的梯度。
# autograd 可以对自己的结果再求导，前提是让它把第一次求梯度的计算也保留成计算图。
# 有 $d$ 个参数的网络，海塞矩阵是 $d \times d$ 的：
# 所以没有人对真正的大网络算它，而对小网络，它是一台极好的显微镜。

# %% exercise="hessian" points=16 difficulty=2 minutes=20 forbidden=["hessian"]
def hessian(f: Loss, theta: Tensor) -> Tensor:
    """The matrix of second derivatives of ``f`` at ``theta``, by autograd applied twice. (Lecture 3)

    ``theta``: floating, shape (d,); it need not require a gradient. ``f`` returns a 0-dim tensor, and its
    gradient depends on ``theta``. Returns (d, d) with the dtype and device of ``theta``; row and column of
    a parameter that ``f`` does not use are zeros. It is exact, so no finite differences; and not by the
    library's ``hessian``, ``jacobian`` and the like: ``torch.autograd.grad`` (or ``backward``) is all you
    need.

    用 autograd 求导两次，得到 ``f`` 在 ``theta`` 处的二阶导矩阵。（第 3 讲）

    ``theta``：形状 (d,) 的浮点张量，不一定带 requires_grad。``f`` 返回 0 维张量，它的梯度与 ``theta`` 有关。
    返回 (d, d) 的张量，dtype 和设备与 ``theta`` 相同；``f`` 没有用到的参数，对应的行和列是零。
    结果要精确，所以不能用差分；也不能用库里的 ``hessian``、``jacobian`` 之类：
    有 ``torch.autograd.grad``（或 ``backward``）就够了。
    """
    ### BEGIN SOLUTION
    point = theta.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(point), point, create_graph=True)
    rows = [torch.autograd.grad(slope, point, retain_graph=True)[0] for slope in g]
    return torch.stack(rows)
    ### END SOLUTION

# %% [markdown] hint="hessian" lang="en"
# 1. For f = t[0]**2 · t[1] at (1, 3) the Hessian is [[6, 2], [2, 0]]. Zeros beside the diagonal: mixed
#    derivatives are missing. Rows that grow: gradients are being accumulated. A RuntimeError about "does
#    not require grad": the first gradient carries no graph.
# 2. Section "The Hessian": row i is the gradient of the number g[i]. So: one gradient of f that stays
#    differentiable, then one more gradient for each of its d components.
# 3. `t = theta.detach().clone().requires_grad_()`, `(g,) = torch.autograd.grad(f(t), t, create_graph=…)`,
#    and then for each `g[i]` one `torch.autograd.grad(g[i], t, retain_graph=…)[0]`; stack them.

# %% [markdown] hint="hessian" lang="zh"
# 1. 对 f = t[0]**2 · t[1]，在 (1, 3) 处海塞矩阵是 [[6, 2], [2, 0]]。对角线以外全是零：少了混合导数。
#    一行比一行大：梯度被累加了。报 RuntimeError “does not require grad”：第一次的梯度没有计算图。
# 2. 看“海塞矩阵”一节：第 i 行是 g[i] 这个数的梯度。
#    所以先求一次仍可求导的梯度，再对它的 d 个分量各求一次梯度。
# 3. `t = theta.detach().clone().requires_grad_()`，`(g,) = torch.autograd.grad(f(t), t, create_graph=…)`，
#    然后对每个 `g[i]` 求一次 `torch.autograd.grad(g[i], t, retain_graph=…)[0]`，叠起来。

# %% demo=true
# Three ways to the same numbers: your pencil, your differences, your autograd.
# 三条路，同一组数：你的手算、你的差分、你的 autograd。
where = torch.tensor([1.5, -0.5], dtype=torch.float64)
L, g, H = toy_loss_derivatives(where[0], where[1])
print(say("gradient, by hand       ", "梯度，手算："), g.tolist())
print(say("gradient, by differences", "梯度，差分："), numerical_gradient(toy_loss, where).tolist())
print(say("Hessian, by hand        ", "海塞矩阵，手算："), H.tolist())
print(say("Hessian, by autograd    ", "海塞矩阵，autograd："), hessian(toy_loss, where).tolist())

# %% [markdown] lang="en"
# ## The landscape nearby
# Value, slope and curvature at one point predict the loss around it, with $\delta = \theta - \theta'$:
# $$L(\theta' + \delta) \approx L(\theta') + \delta^\top g + \tfrac12\, \delta^\top H \delta$$
# The first term is where you stand, the second the slope under your feet, the third how the ground bends.

# %% [markdown] lang="zh"
# ## 附近的地形
# 知道一点的高度、斜率和弯曲，就能预测它周围的损失。记 $\delta = \theta - \theta'$：
# $$L(\theta' + \delta) \approx L(\theta') + \delta^\top g + \tfrac12\, \delta^\top H \delta$$
# 第一项是你站的高度，第二项是脚下的坡，第三项是地面怎样弯。

# %% exercise="taylor2" points=10 difficulty=1 minutes=8 differentiable=true
def taylor2(L0: Tensor, g: Tensor, H: Tensor, delta: Tensor) -> Tensor:
    """The second-order prediction of L(θ' + δ) from value, gradient and Hessian at θ'. (Lecture 3)

    ``L0``: (), ``g``: (d,), ``H``: (d, d) symmetric, ``delta``: (d,), all floating and of one dtype.
    Returns a tensor of shape () in that dtype. Gradients flow back to ``L0``, ``g`` and ``delta``.

    由 θ' 处的值、梯度和海塞矩阵，对 L(θ' + δ) 作二阶预测。（第 3 讲）

    ``L0``：()，``g``：(d,)，``H``：(d, d) 对称，``delta``：(d,)，都是同一 dtype 的浮点张量。
    返回形状为 () 的张量，dtype 不变。梯度能流回 ``L0``、``g`` 和 ``delta``。
    """
    ### BEGIN SOLUTION
    return L0 + delta @ g + delta @ H @ delta / 2
    ### END SOLUTION

# %% [markdown] hint="taylor2" lang="en"
# 1. Try δ = 0: the answer is L0 exactly. Try H = 0: you get L0 + δ·g, one number. Try L0 = 0, g = 0, H =
#    identity: half the squared length of δ. The first of these that fails names the term to look at.
# 2. The formula of section "The landscape nearby": three terms, the last one with ½ and with all entries
#    of H.
# 3. `L0 + (a dot product) + … * (delta @ … @ delta)`; in PyTorch `a @ b` of two vectors is their dot product.

# %% [markdown] hint="taylor2" lang="zh"
# 1. 取 δ = 0：答案恰好是 L0。取 H = 0：得到 L0 + δ·g，是一个数。取 L0 = 0、g = 0、H 为单位矩阵：
#    得到 δ 长度平方的一半。最先对不上的那一个，就指出了该检查哪一项。
# 2. “附近的地形”一节的公式：共三项，最后一项带 ½，而且用到 H 的所有元素。
# 3. `L0 + （一个内积） + … * (delta @ … @ delta)`；在 PyTorch 里两个向量的 `a @ b` 就是内积。

# %% demo=true
# What the slope knows, and what the curvature adds, along a straight walk from one point.
# 从一点出发走直线：斜率知道什么，弯曲又补上了什么。
start = torch.tensor([1.6, 0.2])
direction = torch.tensor([-0.6, 0.8])
L0, g, H = toy_loss_derivatives(start[0], start[1])
walk = torch.linspace(-1.0, 1.6, 80)
flat = torch.zeros_like(H)
plt.figure(figsize=(6, 4))
truth = [toy_loss(start + s * direction) for s in walk]
plt.plot(walk, truth, "k", lw=2.5, label=say("the loss", "真实的损失"))
slope_only = [taylor2(L0, g, flat, s * direction) for s in walk]
parabola = [taylor2(L0, g, H, s * direction) for s in walk]
plt.plot(walk, slope_only, "--", label=say("first order", "一阶近似"))
plt.plot(walk, parabola, label=say("second order", "二阶近似"))
plt.plot(0, float(L0), "o", color="tab:red", label="θ'")
plt.ylim(-1.2, 3)
plt.xlabel(say("steps along the direction", "沿这个方向走的距离"))
plt.ylabel("L")
plt.legend()
plt.title(say("The parabola hugs the loss near θ', and only there", "抛物线只在 θ' 附近贴合真实的损失"))
plt.show()

# %% [markdown] lang="en"
# ## Minimum, maximum, saddle, or not to be told
# At a critical point $L(\theta' + \delta) - L(\theta') \approx \tfrac12 \delta^\top H \delta$. Along an
# eigenvector of $H$ this is $\tfrac12 \lambda \|\delta\|^2$: a positive eigenvalue is a direction in which
# the loss rises, a negative one a direction in which it falls.
#
# * every $\lambda > 0$ ($H$ positive definite): **minimum**
# * every $\lambda < 0$ (negative definite): **maximum**
# * some positive and some negative: **saddle**, whatever the rest
# * otherwise some eigenvalue is zero, and the second order does not know: **degenerate**
#
# > Where the notes slip: "neither positive nor negative definite: saddle". $x^2 + y^4$ is a minimum at 0 and
# > $x^2 - y^4$ is a saddle, yet both have the eigenvalues 2 and 0.
#
# Computed eigenvalues are hardly ever exactly zero, so whatever stays within `tol` counts as zero.

# %% [markdown] lang="zh"
# ## 极小值、极大值、鞍点，还是说不准
# 在临界点上，$L(\theta' + \delta) - L(\theta') \approx \tfrac12 \delta^\top H \delta$。
# 沿着 $H$ 的特征向量，它等于 $\tfrac12 \lambda \|\delta\|^2$：
# 特征值为正，沿那个方向损失上升；特征值为负，沿那个方向损失下降。
#
# * 所有 $\lambda > 0$（$H$ 正定）：**极小值**，返回 `"minimum"`
# * 所有 $\lambda < 0$（$H$ 负定）：**极大值**，返回 `"maximum"`
# * 有正也有负：**鞍点**，不管其余的是多少，返回 `"saddle"`
# * 其他情况都含有零特征值，二阶信息不足：返回 `"degenerate"`（退化）
#
# > 笔记的小疏漏：“既不是正定也不是负定：鞍点”。$x^2 + y^4$ 在 0 处是极小值，
# > $x^2 - y^4$ 在 0 处是鞍点，可它们的特征值都是 2 和 0。
#
# 算出来的特征值几乎不会恰好是零，所以绝对值不超过 `tol` 的都当作零。

# %% exercise="classify_critical_point" points=16 difficulty=2 minutes=12
def classify_critical_point(H: Tensor, tol: float = 1e-6) -> str:
    """What the Hessian says of a critical point: minimum, maximum, saddle or degenerate. (Lecture 3)

    ``H``: symmetric, floating, (d, d). An eigenvalue λ counts as positive if λ > tol, as negative if λ <
    −tol, and as zero otherwise; ``tol`` is absolute. Returns exactly one of these strings: ``"minimum"`` if
    all are positive, ``"maximum"`` if all are negative, ``"saddle"`` if there are positive and negative
    ones (zeros beside them change nothing), ``"degenerate"`` in every other case.

    海塞矩阵怎样判断一个临界点：极小值、极大值、鞍点，还是退化。（第 3 讲）

    ``H``：形状 (d, d) 的对称浮点矩阵。特征值 λ > tol 算正，λ < −tol 算负，其余算零；``tol`` 是绝对的。
    恰好返回这几个字符串之一：全为正返回 ``"minimum"``，全为负返回 ``"maximum"``，
    有正也有负返回 ``"saddle"``（另外还有零也不影响），其他情况一律返回 ``"degenerate"``。
    """
    ### BEGIN SOLUTION
    eigenvalues = torch.linalg.eigvalsh(H)
    rises, falls = eigenvalues > tol, eigenvalues < -tol
    if rises.all():
        return "minimum"
    if falls.all():
        return "maximum"
    return "saddle" if rises.any() and falls.any() else "degenerate"
    ### END SOLUTION

# %% [markdown] hint="classify_critical_point" lang="en"
# 1. Four matrices tell most mistakes: [[1, 2], [2, 1]] is a saddle (its eigenvalues are 3 and −1, its
#    diagonal looks innocent); diag(2, 0) is degenerate, and so is diag(2, 1e−9); diag(2, 0, −3) is a
#    saddle.
# 2. The list in section "Minimum, maximum, saddle, or not to be told": all, all, some and some, everything
#    else. And the last sentence there, for `tol`.
# 3. `lam = torch.linalg.eigvalsh(H)`, two masks `up = lam > …` and `down = lam < …`, then `if up.all(): …`,
#    `if down.all(): …`, `if … and …: …`, and one answer that is left.

# %% [markdown] hint="classify_critical_point" lang="zh"
# 1. 四个矩阵能看出大多数错误：[[1, 2], [2, 1]] 是鞍点（特征值是 3 和 −1，对角线却看不出破绽）；
#    diag(2, 0) 是退化，diag(2, 1e−9) 也是；diag(2, 0, −3) 是鞍点。
# 2. 看“极小值、极大值、鞍点，还是说不准”一节的列表：全部、全部、有正有负、其余。
#    `tol` 怎么用，看那一节的最后一句。
# 3. `lam = torch.linalg.eigvalsh(H)`，两个掩码 `up = lam > …` 和 `down = lam < …`，
#    然后 `if up.all(): …`，`if down.all(): …`，`if … and …: …`，最后剩下一种答案。

# %% demo=true
# Five critical points at the origin, and what your functions say of each.
# 原点处的五种临界点，以及你的函数对它们的判断。
surfaces = [
    ("x² + y²", lambda t: t[0] ** 2 + t[1] ** 2),
    ("−x² − y²", lambda t: -(t[0] ** 2) - t[1] ** 2),
    ("x² − y²", lambda t: t[0] ** 2 - t[1] ** 2),
    ("x² + y⁴", lambda t: t[0] ** 2 + t[1] ** 4),
    ("x² − y⁴", lambda t: t[0] ** 2 - t[1] ** 4),
]
side = torch.linspace(-1, 1, 31)
grid = torch.stack(torch.meshgrid(side, side, indexing="ij"))
figure = plt.figure(figsize=(13, 3))
for i, (name, surface) in enumerate(surfaces, 1):
    axes = figure.add_subplot(1, 5, i, projection="3d")
    axes.plot_surface(grid[0].numpy(), grid[1].numpy(), surface(grid).numpy(), cmap="viridis", alpha=0.9)
    answer = classify_critical_point(hessian(surface, torch.zeros(2)))
    axes.set_title(f"{name}\n{answer}")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_zticks([])
figure.suptitle(say("The last two share one Hessian", "最后两个的海塞矩阵一模一样"), y=0.1, fontsize=11)
plt.show()

# %% [markdown] lang="en"
# ## How close to a minimum?
# A network has thousands of eigenvalues and is hardly ever at a pure minimum. Lee therefore plots the
# **minimum ratio**: the share of the eigenvalues that are positive. 1 is a minimum; 0.5 means that half of
# the eigenvectors do not lead up.

# %% [markdown] lang="zh"
# ## 离极小值有多近
# 一个网络有成千上万个特征值，几乎不可能恰好是纯粹的极小值。
# 所以李宏毅老师画的是 **minimum ratio**：正特征值占全部特征值的比例。
# 等于 1 是极小值；等于 0.5，说明有一半的特征向量并不往上走。

# %% exercise="minimum_ratio" points=8 difficulty=1 minutes=5
def minimum_ratio(H: Tensor) -> float:
    """The number of positive eigenvalues of ``H`` divided by the number of all its eigenvalues. (Lecture 3)

    ``H``: symmetric, floating, (d, d). An eigenvalue that is exactly zero is not positive.
    Returns a number between 0 and 1: a Python float or a 0-dim tensor, as you like.

    ``H`` 的正特征值个数，除以全部特征值的个数。（第 3 讲）

    ``H``：形状 (d, d) 的对称浮点矩阵。恰好为零的特征值不算正。
    返回 0 到 1 之间的数：Python 浮点数或 0 维张量都可以。
    """
    ### BEGIN SOLUTION
    eigenvalues = torch.linalg.eigvalsh(H)
    return int((eigenvalues > 0).sum()) / len(eigenvalues)
    ### END SOLUTION

# %% [markdown] hint="minimum_ratio" lang="en"
# 1. diag(3, −1, 0, 0) has the ratio 1/4: zeros are not positive, but they are counted below the line. And
#    [[1, 2], [2, 1]] has the ratio 1/2, although its diagonal is positive.
# 2. Section "How close to a minimum?": positive eigenvalues over all eigenvalues.
# 3. `lam = torch.linalg.eigvalsh(H)`, a mask of the positive ones, its sum, divided by `len(…)`.

# %% [markdown] hint="minimum_ratio" lang="zh"
# 1. diag(3, −1, 0, 0) 的比例是 1/4：零不算正，但要算进分母。
#    [[1, 2], [2, 1]] 的比例是 1/2，尽管它的对角线都是正的。
# 2. “离极小值有多近”一节：正特征值的个数，除以全部特征值的个数。
# 3. `lam = torch.linalg.eigvalsh(H)`，取正数的掩码，求和，再除以 `len(…)`。

# %% demo=true
# "A minimum in few dimensions may be a saddle in more": symmetric matrices drawn at random.
# “低维空间中的局部极小值，到了更高维说不定就是鞍点”：随机抽取对称矩阵来看看。
generator = torch.Generator().manual_seed(3)
dimensions = list(range(1, 8))
share = {"minimum": [], "saddle": []}
ratios = []
for d in dimensions:
    A = torch.randn(300, d, d, generator=generator)
    kinds = [classify_critical_point(matrix) for matrix in A + A.mT]
    for kind in share:
        share[kind].append(kinds.count(kind) / len(kinds))
    ratios.append(sum(float(minimum_ratio(matrix)) for matrix in A + A.mT) / len(A))
plt.figure(figsize=(6, 4))
plt.bar([d - 0.2 for d in dimensions], share["minimum"], 0.4, label=say("share of minima", "极小值所占比例"))
plt.bar([d + 0.2 for d in dimensions], share["saddle"], 0.4, label=say("share of saddles", "鞍点所占比例"))
plt.plot(dimensions, ratios, "ko-", label=say("mean minimum ratio", "平均 minimum ratio"))
plt.xlabel(say("number of parameters", "参数个数"))
plt.ylim(0, 1.35)
plt.legend(loc="upper center", ncols=2)
plt.title(say("With every dimension, minima get rarer", "维度越高，极小值越罕见"))
plt.show()

# %% [markdown] lang="en"
# ## The way out
# At a saddle take the eigenvector $v$ of a negative eigenvalue: $L(\theta' \pm s v) \approx L(\theta') +
# \tfrac12 \lambda s^2$ lies *below* $L(\theta')$, on both sides. The most negative eigenvalue falls
# fastest. An eigenvector has no sign: $v$ and $-v$ are equally good, and either is accepted.

# %% [markdown] lang="zh"
# ## 出路
# 在鞍点上，取负特征值的特征向量 $v$：$L(\theta' \pm s v) \approx L(\theta') + \tfrac12 \lambda s^2$，
# 两边都**低于** $L(\theta')$。最小的（负得最多的）特征值下降得最快。
# 特征向量没有正负之分：$v$ 和 $-v$ 一样好，返回哪个都算对。

# %% exercise="escape_direction" points=14 difficulty=2 minutes=12
def escape_direction(H: Tensor) -> Tensor | None:
    """The unit eigenvector that belongs to the most negative eigenvalue of ``H``. (Lecture 3)

    ``H``: symmetric, floating, (d, d). Returns (d,), real, of length 1, with the dtype and device of ``H``,
    with either sign; or ``None`` if no eigenvalue is negative (a zero eigenvalue is not negative).

    ``H`` 最小的负特征值所对应的单位特征向量。（第 3 讲）

    ``H``：形状 (d, d) 的对称浮点矩阵。返回形状 (d,)、长度为 1 的实向量，dtype 和设备与 ``H`` 相同，
    正负号不限；如果没有负特征值（零不算负），返回 ``None``。
    """
    ### BEGIN SOLUTION
    eigenvalues, eigenvectors = torch.linalg.eigh(H)
    return eigenvectors[:, 0] if eigenvalues[0] < 0 else None
    ### END SOLUTION

# %% [markdown] hint="escape_direction" lang="en"
# 1. Three checks: `v @ v` is 1; `H @ v` equals λ·v with λ = the smallest eigenvalue; for H = diag(2, 0) the
#    answer is None. If the second fails although the first holds, you hold another vector than you think.
# 2. Section "The way out". The documentation of `torch.linalg.eigh` says in which order eigenvalues come, and
#    whether eigenvectors are the rows or the columns of what it returns.
# 3. `lam, V = torch.linalg.eigh(H)`, then `V[…]` if `lam[…] < 0`, else `None`.

# %% [markdown] hint="escape_direction" lang="zh"
# 1. 三个检查：`v @ v` 是 1；`H @ v` 等于 λ·v，其中 λ 是最小的特征值；对 H = diag(2, 0) 应当返回 None。
#    如果第一个成立、第二个不成立，说明你拿到的不是你以为的那个向量。
# 2. 看“出路”一节。再看 `torch.linalg.eigh` 的文档：特征值按什么顺序排？特征向量是返回矩阵的行还是列？
# 3. `lam, V = torch.linalg.eigh(H)`，如果 `lam[…] < 0` 就返回 `V[…]`，否则返回 `None`。

# %% demo=true
# The origin of the toy loss, seen along its two eigenvectors: a valley one way, a ridge the other way.
# 沿两个特征向量看玩具损失的原点：一个方向是谷底，另一个方向是山脊。
origin = torch.zeros(2)
down = escape_direction(hessian(toy_loss, origin)).detach()
across = torch.stack([-down[1], down[0]])
walk = torch.linspace(-1.8, 1.8, 100)
plt.figure(figsize=(6, 4))
label = say("λ = +2: in this direction alone, a minimum", "λ = +2：只看这个方向，是极小值")
plt.plot(walk, [toy_loss(s * across) for s in walk], "--", label=label)
label = say("λ = −2: your escape direction", "λ = −2：你找到的逃离方向")
plt.plot(walk, [toy_loss(s * down) for s in walk], lw=2.5, label=label)
plt.plot(0, 1, "o", color="tab:red", markersize=8)
plt.ylim(0, 5.2)
plt.xlabel(say("distance from the origin", "离原点的距离"))
plt.ylabel("L")
plt.legend(loc="upper center")
plt.show()

# %% [markdown] lang="en"
# ## One step that cannot get stuck on a saddle
# Now put it together. While there is a slope, follow it. Where there is none, ask the Hessian for a way
# down, try both sides, and take the lower one; if there is no way down, stay: you have arrived. (The
# lecture calls it the most expensive way to leave a saddle. It is: one Hessian costs $d$ backward passes.)

# %% [markdown] lang="zh"
# ## 不会卡在鞍点的一步
# 现在把它们合起来。有坡就顺着坡走；没有坡，就向海塞矩阵问一条下山的路，两边都试试，走更低的一边；
# 如果没有下山的路，就留在原地：你已经到了。
# （笔记里说这是走出鞍点的方法中运算量最大的。确实：算一次海塞矩阵要 $d$ 次反向传播。）

# %% exercise="escape_step" points=14 difficulty=3 minutes=20
def escape_step(f: Loss, theta: Tensor, lr: float, step: float, tol: float) -> Tensor:
    """One step of gradient descent that leaves saddles. Call your earlier functions. (Lecture 3)

    ``f``: smooth, returns a 0-dim tensor; ``theta``: floating, (d,). With g the gradient of ``f`` at
    ``theta``, by autograd, and ‖g‖ its Euclidean length:

    if ‖g‖ > tol, return θ − lr·g. Otherwise let v be the ``escape_direction`` of the Hessian at ``theta``.
    Without a v, return the values of ``theta`` unchanged; else return θ + step·v or θ − step·v, the one
    where ``f`` is lower (either one on a tie). The result has the shape, dtype and device of ``theta``,
    which itself is not changed.

    能离开鞍点的一步梯度下降。请调用前面写好的函数。（第 3 讲）

    ``f``：光滑，返回 0 维张量；``theta``：形状 (d,) 的浮点张量。
    设 g 是 ``f`` 在 ``theta`` 处的梯度（用 autograd 求），‖g‖ 是它的欧几里得长度：

    如果 ‖g‖ > tol，返回 θ − lr·g。否则设 v 是 ``theta`` 处海塞矩阵的 ``escape_direction``。
    没有 v 时，原样返回 ``theta`` 的值；有 v 时，返回 θ + step·v 和 θ − step·v 中 ``f`` 更低的那个
    （相等时任取其一）。结果的形状、dtype 和设备与 ``theta`` 相同，``theta`` 本身不变。
    """
    ### BEGIN SOLUTION
    point = theta.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(point), point)
    if g.norm() > tol:
        return theta - lr * g
    v = escape_direction(hessian(f, theta))
    if v is None:
        return theta
    return min(theta + step * v, theta - step * v, key=f)
    ### END SOLUTION

# %% [markdown] hint="escape_step" lang="en"
# 1. On the toy loss at (0, 0) the gradient is exactly 0: a step along −g goes nowhere, and yours must have
#    length `step`. At 0, the minimum of f = (t ** 2).sum(), it must have length 0. At (1.5, −0.5) it is
#    −lr·g. Which of the three is off?
# 2. Section "One step that cannot get stuck on a saddle": slope first; then the way down, tried on both
#    sides, as an eigenvector has no sign and beyond the second order the two sides differ.
# 3. `if g.norm() > tol: return …`; `v = escape_direction(hessian(…))`; `if v is None: return …`; then compare
#    `f(theta + …)` with `f(theta - …)`.

# %% [markdown] hint="escape_step" lang="zh"
# 1. 玩具损失在 (0, 0) 处梯度恰好是 0：沿 −g 走哪儿也去不了，而你这一步的长度必须是 `step`。
#    在 f = (t ** 2).sum() 的极小值 0 处，长度必须是 0。在 (1.5, −0.5) 处，这一步是 −lr·g。三个里哪一个不对？
# 2. 看“不会卡在鞍点的一步”一节：先看坡；再找下山的路，而且两边都要试，
#    因为特征向量没有正负之分，而二阶以外的部分会让两边不一样。
# 3. `if g.norm() > tol: return …`；`v = escape_direction(hessian(…))`；`if v is None: return …`；
#    然后比较 `f(theta + …)` 和 `f(theta - …)`。

# %% [markdown] lang="en"
# ## Capstone, part 1 · Stuck at the origin
# Gradient descent that starts on the saddle of the toy loss never moves. Started a hair beside it, it
# wastes dozens of updates on the plateau. Your step leaves at once.

# %% [markdown] lang="zh"
# ## 综合实验（一）· 卡在原点
# 从玩具损失的鞍点出发，梯度下降一步也动不了。从鞍点旁边一点点出发，也要在平台上浪费几十次更新。
# 而你的这一步，马上就能离开。

# %% demo=true
def path(start: list[float], updates: int, escape: bool) -> Tensor:
    """The points that gradient descent visits, with or without your ``escape_step``.

    梯度下降经过的点，可选是否使用你的 ``escape_step``。
    """
    theta = torch.tensor(start)
    visited = [theta]
    while len(visited) <= updates and toy_loss(theta) > 1e-6:
        gradient = toy_loss_derivatives(theta[0], theta[1])[1]
        theta = escape_step(toy_loss, theta.clone(), 0.1, 0.5, 1e-4) if escape else theta - 0.1 * gradient
        theta = theta.detach()
        visited.append(theta)
    return torch.stack(visited)


stuck, slow, free = path([0.0, 0.0], 60, False), path([0.002, -0.001], 60, False), path([0.0, 0.0], 60, True)
runs = [
    (say("gradient descent from (0, 0)", "从 (0, 0) 梯度下降"), stuck, "tab:red", 9),
    (say("your escape_step from (0, 0)", "从 (0, 0) 用你的 escape_step"), free, "tab:orange", 7),
    (say("gradient descent from (0.002, −0.001)", "从 (0.002, −0.001) 梯度下降"), slow, "tab:purple", 3),
]
side = torch.linspace(-1.6, 1.6, 81)
W1, W2 = torch.meshgrid(side, side, indexing="ij")
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4))
left.contourf(W1, W2, (1 - W1 * W2).abs(), levels=15, cmap="YlGnBu_r")
for name, points, color, size in runs:
    left.plot(points[:, 0], points[:, 1], "o-", color=color, markersize=size)
    right.plot([toy_loss(point) for point in points], "o-", color=color, markersize=3, label=name)
left.set_xlabel("w1")
left.set_ylabel("w2")
right.set_xlabel(say("update", "更新次数"))
right.set_ylabel(say("loss", "损失"))
right.set_ylim(-0.05, 1.45)
right.legend(loc="upper right")
plt.show()
for name, points, _, _ in runs:
    end = f"L = {float(toy_loss(points[-1])):.6f}"
    print(say(f"{name}: {end}", f"{name}：{end}"))

# %% [markdown] lang="en"
# ## Capstone, part 2 · A real network, stuck for ever
# 150 irises, 4 features, 3 classes; a network with 4 tanh neurons and 35 parameters. Initialise it with
# **zeros**: every hidden neuron says 0, the three classes are equally frequent, and the gradient is zero
# for all 35 parameters. The loss is $\ln 3 \approx 1.0986$, plain guessing, and gradient descent will stay
# there until the lights go out. What does your Hessian say about this place?

# %% [markdown] lang="zh"
# ## 综合实验（二）· 永远卡住的真实网络
# 150 朵鸢尾花，4 个特征，3 个类别；网络有 4 个 tanh 神经元，共 35 个参数。把它们全部初始化为**零**：
# 每个隐藏神经元都输出 0，三个类别又一样多，于是 35 个参数的梯度全是零。
# 损失是 $\ln 3 \approx 1.0986$，等于瞎猜，梯度下降会一直待在那里，直到天荒地老。
# 你的海塞矩阵对这个地方怎么说？

# %% demo=true
import time

from sklearn.datasets import load_iris

began = time.perf_counter()
iris = load_iris()
features = torch.tensor(iris.data, dtype=torch.float64)
features = (features - features.mean(0)) / features.std(0)
labels = torch.tensor(iris.target)


def scores(theta: Tensor) -> Tensor:
    W1, b1, W2, b2 = theta.split([16, 4, 12, 3])
    return torch.tanh(features @ W1.reshape(4, 4) + b1) @ W2.reshape(4, 3) + b2


def iris_loss(theta: Tensor) -> Tensor:
    return torch.nn.functional.cross_entropy(scores(theta), labels)


def gradient_of(theta: Tensor) -> Tensor:
    point = theta.clone().requires_grad_()
    return torch.autograd.grad(iris_loss(point), point)[0]


def accuracy(theta: Tensor) -> float:
    return float((scores(theta).argmax(1) == labels).double().mean())


zeros = torch.zeros(35, dtype=torch.float64)
H = hessian(iris_loss, zeros.clone()).detach()
print(say("gradient at zero:", "零点处梯度的长度："), f"{float(gradient_of(zeros).norm()):.1e}")
print(say("your verdict:", "你的判断："), classify_critical_point(H))
print(say("the lowest eigenvalue:", "最小的特征值："), f"{float(torch.linalg.eigvalsh(H)[0]):.3f}")

plain, clever = [zeros], [zeros]
for _ in range(400):
    plain.append(plain[-1] - 0.5 * gradient_of(plain[-1]))
    clever.append(escape_step(iris_loss, clever[-1].clone(), 0.5, 0.5, 1e-3).detach())
runs = [
    (say("gradient descent", "梯度下降"), plain, "tab:red"),
    (say("your escape_step", "你的 escape_step"), clever, "tab:orange"),
]
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
for name, run, color in runs:
    left.plot([float(iris_loss(theta)) for theta in run], color=color, label=name)
    loss, share = float(iris_loss(run[-1])), accuracy(run[-1])
    print(say(f"{name}: loss {loss:.4f}, accuracy {share:.3f}", f"{name}：损失 {loss:.4f}，准确率 {share:.3f}"))
left.set_xlabel(say("update", "更新次数"))
left.set_ylabel(say("loss", "损失"))
left.legend(loc="center right")
left.set_title(say("One step along an eigenvector sets it free", "沿特征向量走一步，就自由了"))
for at, marker in [(0, "o"), (20, "s"), (400, "^")]:
    spectrum = torch.linalg.eigvalsh(hessian(iris_loss, clever[at].clone()).detach())
    label = say(f"after {at} updates", f"{at} 次更新后")
    right.plot(range(1, 36), spectrum, marker, markersize=4, label=label)
right.axhline(0, color="grey", lw=0.8)
right.set_yscale("symlog", linthresh=1e-3)
right.set_xlabel(say("eigenvalue, from the lowest to the highest", "特征值，从小到大"))
right.legend()
right.set_title(say("The Hessian's eigenvalues along the way", "一路上海塞矩阵的特征值"))
plt.show()
print(f"{time.perf_counter() - began:.1f} s")

# %% [markdown] lang="en"
# ## Capstone, part 3 · Lee's plot
# Train the same network from four random starts and look at the Hessian on the way down. Lee's claim: as
# the loss falls and training slows, the minimum ratio never reaches 1. There is always a way down left:
# what stops us is hardly ever a true minimum.
#
# Read the ratio with care. Adding one number to all three scores changes no probability, so this network
# has five flat directions (four rows of weights and one row of biases): five of its 35 eigenvalues are zero,
# rounding decides whether they look positive, and even a perfect minimum would promise no more than
# 30/35 ≈ 0.86. Trust the eigenvalues that are clearly negative; they are counted below the picture.

# %% [markdown] lang="zh"
# ## 综合实验（三）· 李宏毅老师的那张图
# 从四个随机起点训练同一个网络，看看一路上的海塞矩阵。李宏毅老师的结论是：
# 损失降下来、训练慢下来，minimum ratio 却从来到不了 1。
# 总还剩着往下的路：挡住我们的，几乎从来不是真正的极小值。
#
# 不过这个比例要小心地读。给三个类别的得分加上同一个数，概率不变，所以这个网络有五个平坦的方向
# （四行权重加一行偏置）：35 个特征值里有五个是零，它们看起来是不是正的，全凭舍入误差；
# 哪怕是完美的极小值，也只能保证 30/35 ≈ 0.86。真正可信的是明显为负的那些特征值，图的下面数出了它们的个数。

# %% demo=true
began = time.perf_counter()
losses, ratios, slopes, falling = [], [], [], []
for seed in range(4):
    theta = torch.randn(35, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) / 2
    for update in range(401):
        gradient = gradient_of(theta)
        if update in (0, 3, 6, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400):
            losses.append(float(iris_loss(theta)))
            H = hessian(iris_loss, theta.clone()).detach()
            ratios.append(float(minimum_ratio(H)))
            falling.append(int((torch.linalg.eigvalsh(H) < -1e-6).sum()))
            slopes.append(float(gradient.norm()))
        theta = theta - 0.5 * gradient
plt.figure(figsize=(6.5, 4.2))
plt.scatter(ratios, losses, c=slopes, norm="log", cmap="plasma")
plt.colorbar(label=say("length of the gradient", "梯度的长度"))
plt.axvline(1, color="grey", ls="--")
plt.axvline(30 / 35, color="grey", ls=":")
plt.text(30 / 35 + 0.01, 1.2, "30/35", color="grey")
plt.yscale("log")
plt.xlim(0.48, 1.03)
plt.xlabel("minimum ratio")
plt.ylabel(say("training loss", "训练损失"))
plt.title(say("All the way down, never a pure minimum", "一路向下，却从来不是纯粹的极小值"))
plt.show()
between = [r for r, loss in zip(ratios, losses, strict=True) if 0.05 <= loss <= 0.30]
low, mean, high = min(between), sum(between) / len(between), max(between)
print(say("minimum ratio where the loss is between .05 and .30", "损失在 .05 到 .30 之间时的 minimum ratio"))
print(say(f"{low:.2f} to {high:.2f}, mean {mean:.2f}", f"{low:.2f} 到 {high:.2f}，平均 {mean:.2f}"))
few, many = min(falling), max(falling)
print(say(f"eigenvalues below −1e−6: {few} to {many} of 35", f"小于 −1e−6 的特征值：35 个里有 {few} 到 {many} 个"))
print(f"{time.perf_counter() - began:.1f} s")

# %% [markdown] lang="en"
# ### What to take home
# * Zero gradient means *critical point*, not *minimum*; in many dimensions it is most likely a saddle.
# * The eigenvalues of $H$ say which; an eigenvector with a negative eigenvalue is a way out.
# * For large networks the Hessian is too expensive. The next lecture frees us more cheaply: with noise from
#   **small batches** and with **momentum**.

# %% [markdown] lang="zh"
# ### 小结
# * 梯度为零只说明是**临界点**，不说明是极小值；维度一高，它多半是鞍点。
# * 是哪一种，由 $H$ 的特征值决定；负特征值的特征向量就是一条出路。
# * 对大网络来说海塞矩阵太贵了。下一讲用更便宜的办法脱身：**小批次**带来的噪声，还有**动量**。
