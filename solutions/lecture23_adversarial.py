# %% [markdown] lang="en"
# # Lecture 23 · Adversarial attack
#
# A network reads handwritten digits, and gets 98 of 100 right. Now somebody changes every pixel a little, so
# little that you still see a 3. The network sees an 8, and is quite sure of it.
#
# Spam filters, malware scanners and face recognition all have opponents who try this. To be *accurate* is not
# enough; a network must also withstand those who want to fool it. In this lecture you are the opponent.
#
# An attack is training turned inside out. Training holds the images fixed and moves the weights. An attack
# holds the weights fixed and moves the *image*:
#
# $$x^* = \arg\min_{d(x^0,\, x)\, \le\, \varepsilon} L(x)$$
#
# Three things have to be settled, and you will write each of them:
#
# 1. $d$, how far the changed image $x$ may be from the original $x^0$ (sections 1 and 2);
# 2. $L$, what the attacker wants (sections 3 and 4);
# 3. how to find the minimum without leaving the allowed region (sections 5 to 8).
#
# At the end your attack meets a convolutional network on real digits.
#
# > **Notation.** $x^0$ is the original image, $x$ the attacked one; $\hat y$ is the true label. In code the
# > labels are the argument `y`, and the network's outputs are `logits`. A batch has $N$ images; a pixel lies
# > between 0 (black) and 1 (white), and $\varepsilon$ is in the same unit. Papers with pixels from 0 to 255
# > write $\varepsilon = 8/255$, or just "8": always ask in which unit.

# %% [markdown] lang="zh"
# # 第 23 讲 · 对抗攻击
#
# 一个网络会认手写数字，100 个能认对 98 个。现在有人把每个像素都改动一点点，小到你看着仍然是 3，
# 网络看到的却是 8，而且信心十足。
#
# 垃圾邮件过滤、恶意软件检测、人脸识别，都有人想方设法要骗过它们。光是*准*还不够，
# 网络还得经得起存心捣乱的人。这一讲，你来当那个捣乱的人。
#
# 攻击就是把训练反过来做。训练时图像不动，改权重；攻击时权重不动，改*图像*：
#
# $$x^* = \arg\min_{d(x^0,\, x)\, \le\, \varepsilon} L(x)$$
#
# 有三件事要定下来，每一件都由你来写：
#
# 1. $d$：改过的图像 $x$ 可以离原图 $x^0$ 多远（第 1、2 节）；
# 2. $L$：攻击者想要什么（第 3、4 节）；
# 3. 怎样找到最小值，又不越出允许的范围（第 5 到 8 节）。
#
# 最后，你的攻击将在真实的数字图像上对阵一个卷积网络。
#
# > **记号。** $x^0$ 是原图，$x$ 是攻击后的图像，$\hat y$ 是真实标签。在代码里，标签是参数 `y`，
# > 网络的输出是 `logits`。一个批次有 $N$ 张图像；像素在 0（黑）到 1（白）之间，$\varepsilon$ 用同样的单位。
# > 有的论文像素从 0 到 255，就写 $\varepsilon = 8/255$，甚至只写“8”：看到 ε，先问单位。

# %%
from collections.abc import Callable

import torch
from torch import Tensor, nn

from autograder import say

F = nn.functional


class TinyNet(nn.Module):
    """A small network, given: logits = bend(x W + b) V + c. Images are flattened first.

    给定的一个小网络：logits = bend(x W + b) V + c。图像会先被展平。
    """

    def __init__(self, W: Tensor, b: Tensor, V: Tensor, c: Tensor, bend: Callable = torch.tanh):
        super().__init__()
        self.W, self.b, self.V, self.c = (nn.Parameter(t) for t in (W, b, V, c))
        self.bend = bend

    def forward(self, x: Tensor) -> Tensor:
        return self.bend(x.flatten(1) @ self.W + self.b) @ self.V + self.c

# %% [markdown] lang="en"
# ## 1 · How far is far? The ∞-norm
#
# The change must escape a human eye, so the distance should grow with what an eye notices. Take the
# difference $\Delta x = x - x^0$ as one long vector. The **∞-norm** looks at the pixel that changed most:
#
# $$d(x^0, x) = \lVert \Delta x \rVert_\infty = \max_i |\Delta x_i|$$
#
# $d \le \varepsilon$ then says: *no* pixel may change by more than $\varepsilon$, in either direction.
#
# > **Where the notes slip.** They say "the maximum"; it is the maximum of the *absolute* differences. A pixel
# > that gets much darker counts as well. (And 范式 should read 范数, "norm".)

# %% [markdown] lang="zh"
# ## 1 · 多远算远？∞-范数
#
# 改动要逃过人眼，所以距离应当随人眼的察觉程度而变大。把差 $\Delta x = x - x^0$ 看成一个长长的向量。
# **∞-范数**只看变化最大的那个像素：
#
# $$d(x^0, x) = \lVert \Delta x \rVert_\infty = \max_i |\Delta x_i|$$
#
# 于是 $d \le \varepsilon$ 的意思是：*任何*像素的变化都不超过 $\varepsilon$，变亮变暗都算。
#
# > **笔记的笔误。** 笔记写的是“最大值”，应为差的*绝对值*的最大值：一个像素变暗很多，同样要算。
# > （另外，“范式”应作“范数”。）

# %% exercise="linf_dist" points=8 difficulty=1 minutes=8 vectorised=true
def linf_dist(x0: Tensor, x: Tensor) -> Tensor:
    """∞-norm distance of each image from its original: the largest |x − x0| in the image. (Lecture 23)

    ``x0``, ``x``: floating, of the same shape (N, …): N samples with one or more dimensions each, such as
    (N, D) or (N, C, H, W). They need not be contiguous in memory. The result has the shape (N,), one distance
    for each sample, and the dtype and device of ``x``. No Python loop over the samples.

    每张图像到其原图的 ∞-范数距离：图像里最大的 |x − x0|。（第 23 讲）

    ``x0``、``x``：浮点，形状同为 (N, …)：N 个样本，每个样本有一维或多维，例如 (N, D) 或 (N, C, H, W)。
    它们在内存中不一定连续。结果的形状是 (N,)，每个样本一个距离，dtype 和设备与 ``x`` 相同。
    不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return (x - x0).flatten(1).abs().amax(dim=1)
    ### END SOLUTION

# %% [markdown] hint="linf_dist" lang="en"
# 1. For `x0 = [[0, 0, 0], [0, 0, 0]]` and `x = [[0.1, -0.3, 0.2], [0, 0, 0.1]]` the distances are (0.3, 0.1):
#    two numbers, never negative, and the −0.3 counts.
# 2. Section 1 of the lesson: max over i of |Δx_i|. The image as one long vector: all dimensions
#    after the first become one, whatever their number.
# 3. `(x - x0).flatten(…)`, then the absolute value, then the largest along the dimension that is left.

# %% [markdown] hint="linf_dist" lang="zh"
# 1. `x0 = [[0, 0, 0], [0, 0, 0]]`、`x = [[0.1, -0.3, 0.2], [0, 0, 0.1]]` 时，距离是 (0.3, 0.1)：
#    一共两个数，都不为负，那个 −0.3 也要算。
# 2. 见本讲第 1 节：对所有 i 取 |Δx_i| 的最大值。把图像看成一个长向量：第一维之后有几维，都合成一维。
# 3. `(x - x0).flatten(…)`，然后取绝对值，再沿剩下的那一维取最大值。

# %% [markdown] lang="en"
# ## 2 · The 2-norm
#
# The other choice is the ordinary length of $\Delta x$:
#
# $$d(x^0, x) = \lVert \Delta x \rVert_2 = \sqrt{\sum_i (\Delta x_i)^2}$$
#
# > **Where the notes slip.** They leave out the root. Without it the picture of "near" is the same, but
# > $\varepsilon$ means something else: twice the change gives four times the number.

# %% [markdown] lang="zh"
# ## 2 · 2-范数
#
# 另一种选择，是 $\Delta x$ 通常意义上的长度：
#
# $$d(x^0, x) = \lVert \Delta x \rVert_2 = \sqrt{\sum_i (\Delta x_i)^2}$$
#
# > **笔记的笔误。** 笔记漏掉了根号。没有根号，谁近谁远不变，但 $\varepsilon$ 的含义变了：
# > 改动变成两倍，这个数会变成四倍。

# %% exercise="l2_dist" points=8 difficulty=1 minutes=6 vectorised=true
def l2_dist(x0: Tensor, x: Tensor) -> Tensor:
    """2-norm distance of each image from its original: √ Σ (x − x0)² over the image. (Lecture 23)

    ``x0``, ``x``: floating, of the same shape (N, …): N samples with one or more dimensions each, such as
    (N, D) or (N, C, H, W). They need not be contiguous in memory. The result has the shape (N,), one distance
    for each sample, and the dtype and device of ``x``. No Python loop over the samples.

    每张图像到其原图的 2-范数距离：在整张图像上求 √ Σ (x − x0)²。（第 23 讲）

    ``x0``、``x``：浮点，形状同为 (N, …)：N 个样本，每个样本有一维或多维，例如 (N, D) 或 (N, C, H, W)。
    它们在内存中不一定连续。结果的形状是 (N,)，每个样本一个距离，dtype 和设备与 ``x`` 相同。
    不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return (x - x0).flatten(1).square().sum(dim=1).sqrt()
    ### END SOLUTION

# %% [markdown] hint="l2_dist" lang="en"
# 1. A change of (0.3, −0.4) has the length 0.5, not 0.25 and not 0.7. One number for each image.
# 2. Section 2 of the lesson: square every difference, sum over the whole image (a sum, not a mean),
#    and take the root at the end.
# 3. `(x - x0).flatten(…)`, then three more steps in the order of the formula, read from the inside out.

# %% [markdown] hint="l2_dist" lang="zh"
# 1. 改动为 (0.3, −0.4) 时，长度是 0.5，不是 0.25，也不是 0.7。每张图像一个数。
# 2. 见本讲第 2 节：每个差先平方，再在整张图像上求和（是求和，不是求平均），最后开根号。
# 3. `(x - x0).flatten(…)`，后面还有三步，顺序就是公式由里到外的顺序。

# %% demo=true
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

# The same 2-norm, spent in two ways: a little on every pixel, or all on a single one.
# 同样大小的 2-范数，两种花法：每个像素花一点，或者全花在一个像素上。
original = torch.tensor(load_digits().images[3] / 16, dtype=torch.float32)[None]
noise = torch.randint(0, 2, original.shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
# Towards the inside of [0, 1] where a pixel is at its border.
# 像素已在边界上时，朝 [0, 1] 里面改。
noise = torch.where(original < 0.1, 1, torch.where(original > 0.9, -1, noise))
spread, single = original + 0.1 * noise, original.clone()
single[0, 1, 1] += 0.8
figure, axes = plt.subplots(1, 3, figsize=(9, 3.8), layout="constrained")
titles = say("original", "原图"), say("every pixel by 0.1", "每个像素改 0.1"), say("one pixel by 0.8", "一个像素改 0.8")
for axis, image, title in zip(axes, (original, spread, single), titles, strict=True):
    axis.imshow(image[0], cmap="gray", vmin=0, vmax=1)
    far, length = linf_dist(original, image).item(), l2_dist(original, image).item()
    axis.set_title(say(f"{title}\n∞-norm {far:.2f}, 2-norm {length:.2f}", f"{title}\n∞-范数 {far:.2f}，2-范数 {length:.2f}"))
    axis.set_axis_off()
plt.show()

# %% [markdown] lang="en"
# To the 2-norm both are the same. The eye disagrees: it finds the single pixel at once. The ∞-norm sides with
# the eye, which is why the lecture, and most papers, bound it.
#
# ## 3 · What the attacker wants: anything but the truth
#
# The simplest wish is that the answer be *wrong*, no matter how. Cross-entropy $e$ is small when the network
# is right; an attacker wants it large, so the loss to be *minimised* is
#
# $$L(x) = -e(y, \hat y)$$
#
# Mind the sign, here and in the rest of the lecture: everything is written as a loss that goes **down**.

# %% [markdown] lang="zh"
# 在 2-范数看来两者一样，人眼却不同意：那个孤零零的像素一眼就能看到。∞-范数站在人眼这一边，
# 所以这一讲（以及多数论文）限制的是它。
#
# ## 3 · 攻击者想要什么：只要不是正确答案
#
# 最简单的愿望是让答案*错*，错成什么都行。网络答对时交叉熵 $e$ 很小，攻击者却希望它大，
# 所以要*最小化*的损失是
#
# $$L(x) = -e(y, \hat y)$$
#
# 留心符号，整讲都一样：一切都写成要往**下**走的损失。

# %% exercise="untargeted_loss" points=8 difficulty=1 minutes=6 vectorised=true differentiable=true
def untargeted_loss(logits: Tensor, y: Tensor) -> Tensor:
    """The loss that an untargeted attack minimises: minus the cross-entropy, mean over the batch. (Lecture 23)

    ``logits``: the network's outputs, floating, (N, C). ``y``: the true labels, int64, (N,), from 0 to C − 1.
    The result has the shape () and the dtype of ``logits``. Values and gradients are finite and right for
    logits of ±1000 too. Differentiable. The library's ``F.cross_entropy`` may be used. No Python loop over
    the samples.

    无目标攻击要最小化的损失：负的交叉熵，对批次取平均。（第 23 讲）

    ``logits``：网络的输出，浮点，(N, C)。``y``：真实标签，int64，(N,)，取值从 0 到 C − 1。
    结果的形状是 ()，dtype 与 ``logits`` 相同。logits 到 ±1000 时，数值和梯度也要有限且正确。可微。
    可以用库里的 ``F.cross_entropy``。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return -F.cross_entropy(logits, y)
    ### END SOLUTION

# %% [markdown] hint="untargeted_loss" lang="en"
# 1. The loss is never above 0. Equal logits of 4 classes give −ln 4 ≈ −1.386; a network that is sure and
#    right gives nearly 0, one that is sure and wrong a large negative number.
# 2. Section 3 of the lesson: L = −e. The cross-entropy is lecture 7's: softmax belongs inside it,
#    once, and it is a mean over the batch.
# 3. One line: a sign, and `F.cross_entropy(…, …)` of the logits as they are.

# %% [markdown] hint="untargeted_loss" lang="zh"
# 1. 这个损失不会大于 0。4 个类别的 logits 相等时是 −ln 4 ≈ −1.386；网络有把握又答对，接近 0；
#    有把握却答错，是绝对值很大的负数。
# 2. 见本讲第 3 节：L = −e。交叉熵就是第 7 讲的那个：softmax 在它里面，只做一次，并对批次取平均。
# 3. 一行：一个负号，再加对原样的 logits 求 `F.cross_entropy(…, …)`。

# %% [markdown] lang="en"
# ## 4 · A wish of its own: the targeted attack
#
# "Not a 3" is modest. A targeted attack names the wrong answer it wants, $y^{\text{target}}$:
#
# $$L(x) = -e(y, \hat y) + e(y, y^{\text{target}})$$
#
# Away from the truth, and towards the target. Write both terms, and then have a look at the cell below it:
# something in this formula cancels.

# %% [markdown] lang="zh"
# ## 4 · 指名道姓：有目标攻击
#
# “不是 3 就行”，这个愿望太谦虚了。有目标攻击会点名要哪个错误答案，即 $y^{\text{target}}$：
#
# $$L(x) = -e(y, \hat y) + e(y, y^{\text{target}})$$
#
# 远离正确答案，同时靠近目标。把两项都写出来，再看看后面那个单元格：这个公式里有东西会约掉。

# %% exercise="targeted_loss" points=10 difficulty=2 minutes=8 vectorised=true differentiable=true
def targeted_loss(logits: Tensor, y: Tensor, y_target: Tensor) -> Tensor:
    """The loss that a targeted attack minimises: −e(y, ŷ) + e(y, y_target), mean over the batch. (Lecture 23)

    ``logits``: floating, (N, C). ``y``: the true labels, ``y_target``: the wanted ones; both int64, (N,),
    from 0 to C − 1. e is the cross-entropy. The result has the shape () and the dtype of ``logits``. Values
    and gradients are finite and right for logits of ±1000 too. Differentiable. ``F.cross_entropy`` may be
    used. No Python loop over the samples.

    有目标攻击要最小化的损失：−e(y, ŷ) + e(y, y_target)，对批次取平均。（第 23 讲）

    ``logits``：浮点，(N, C)。``y``：真实标签；``y_target``：想要的标签；都是 int64，(N,)，取值从 0 到 C − 1。
    e 是交叉熵。结果的形状是 ()，dtype 与 ``logits`` 相同。logits 到 ±1000 时，数值和梯度也要有限且正确。
    可微。可以用 ``F.cross_entropy``。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return F.cross_entropy(logits, y_target) - F.cross_entropy(logits, y)
    ### END SOLUTION

# %% [markdown] hint="targeted_loss" lang="en"
# 1. Positive while the network is for the truth, negative once it is for the target, and 0 where both labels
#    are the same. For one sample with logits (2, 0, 0), true label 0 and target 1 it is 2.
# 2. Section 4 of the lesson: two cross-entropies of the same logits, with different labels. The one
#    to be made large carries the minus.
# 3. `F.cross_entropy(logits, …) - F.cross_entropy(logits, …)`

# %% [markdown] hint="targeted_loss" lang="zh"
# 1. 网络偏向正确答案时为正，偏向目标之后为负，两个标签相同时为 0。
#    只有一个样本，logits 为 (2, 0, 0)，真实标签 0，目标 1，结果是 2。
# 2. 见本讲第 4 节：同一组 logits、不同标签的两个交叉熵。想让哪个变大，哪个前面就带负号。
# 3. `F.cross_entropy(logits, …) - F.cross_entropy(logits, …)`

# %% demo=true
# Both cross-entropies contain the same ln Σ exp(y_j). It cancels: what is left is a difference of two logits.
# 两个交叉熵里都有同一个 ln Σ exp(y_j)，一减就约掉了：只剩两个 logit 之差。
torch.manual_seed(0)
logits = torch.randn(5, 10)
labels, wanted = torch.randint(0, 10, (5,)), torch.randint(0, 10, (5,))
rows = torch.arange(5)
print(say("your targeted loss:     ", "你的有目标损失：         "), targeted_loss(logits, labels, wanted))
print(say("logit[y] − logit[target]:", "logit[y] − logit[target]："), (logits[rows, labels] - logits[rows, wanted]).mean())

# %% [markdown] lang="en"
# ## 5 · The gradient with respect to the image
#
# Backpropagation does not care what it differentiates. In training we ask for $\partial L/\partial w$; now we
# ask for $\partial L/\partial x$: for each *pixel*, how the loss changes if that pixel gets a little brighter.
#
# PyTorch gives it readily, with two traps. `loss.backward()` fills the `.grad` of *everything*, the model's
# parameters too; if the owner of the model trains on, your attack has poisoned her next update.
# `torch.autograd.grad` returns just what you ask for. And `x` belongs to the caller: switch on
# `requires_grad` at a tensor of your own.

# %% [markdown] lang="zh"
# ## 5 · 对图像求梯度
#
# 反向传播不在乎对什么求导。训练时求的是 $\partial L/\partial w$，现在求的是 $\partial L/\partial x$：
# 每个*像素*变亮一点点时，损失怎样变化。
#
# PyTorch 随手就能给你，不过有两个坑。`loss.backward()` 会把*所有东西*的 `.grad` 都填上，模型参数也不例外；
# 模型的主人要是接着训练，下一次更新就被你的攻击污染了。`torch.autograd.grad` 则只返回你要的那一个。
# 另外，`x` 是调用者的东西：要打开 `requires_grad`，请在你自己的张量上打开。

# %% exercise="input_gradient" points=14 difficulty=2 minutes=15 vectorised=true
def input_gradient(model: nn.Module, x: Tensor, loss_fn: Callable[[Tensor], Tensor]) -> Tensor:
    """Gradient of ``loss_fn(model(x))`` with respect to ``x``. (Lecture 23)

    ``model``: takes a batch like ``x`` and returns logits (N, C). ``x``: floating, (N, …). ``loss_fn``: takes
    the logits of the whole batch and returns a loss of shape (). The result has the shape and dtype of ``x``
    and is detached: its ``requires_grad`` is False.

    Nobody notices the call. The model is used in the mode in which it is (training or evaluation), and left
    as it was: mode, parameters, and each parameter's ``requires_grad`` and ``.grad`` (None stays None, a
    gradient that was there stays). It works for parameters with ``requires_grad`` False as well. ``x`` keeps
    its values, its ``requires_grad`` of False, and a ``.grad`` of None. No Python loop over the samples.

    ``loss_fn(model(x))`` 对 ``x`` 的梯度。（第 23 讲）

    ``model``：输入 ``x`` 这样的一个批次，返回 logits (N, C)。``x``：浮点，(N, …)。``loss_fn``：
    输入整个批次的 logits，返回形状 () 的损失。结果的形状和 dtype 与 ``x`` 相同，
    并且已脱离计算图：它的 ``requires_grad`` 是 False。

    调用要不留痕迹。模型处于什么模式（训练或评估）就用什么模式，用完之后一切照旧：模式、参数，
    以及每个参数的 ``requires_grad`` 和 ``.grad``（原来是 None 仍是 None，原来有梯度就原样保留）。
    参数的 ``requires_grad`` 为 False 时也要能用。``x`` 的值不变，``requires_grad`` 仍是 False，
    ``.grad`` 仍是 None。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(loss_fn(model(x)), x)
    return gradient
    ### END SOLUTION

# %% [markdown] hint="input_gradient" lang="en"
# 1. The result has the shape of `x`. Afterwards `x.requires_grad` is still `False`, and
#    `[p.grad for p in model.parameters()]` shows exactly what it showed before.
# 2. Section 5 of the lesson: take a tensor of your own with the values of `x` (`detach()` gives one),
#    switch on its gradient, run model and loss on it, and ask for one gradient only.
# 3. `mine = x.detach().…`, then `torch.autograd.grad(loss_fn(…), …)`, which returns a tuple.

# %% [markdown] hint="input_gradient" lang="zh"
# 1. 结果的形状与 `x` 相同。调用之后，`x.requires_grad` 仍是 `False`，
#    `[p.grad for p in model.parameters()]` 与调用之前一模一样。
# 2. 见本讲第 5 节：先做一个值与 `x` 相同、但属于你自己的张量（`detach()` 就能给你），打开它的梯度，
#    让它通过模型和损失，然后只求这一个梯度。
# 3. `mine = x.detach().…`，然后 `torch.autograd.grad(loss_fn(…), …)`，它返回的是元组。

# %% demo=true
from sklearn.datasets import make_moons

# Images of two pixels, so that the space of all images is a plane: a network trained on two half moons.
# 只有两个像素的“图像”，这样所有图像就构成一个平面：在两个半月形上训练一个网络。
points, classes = make_moons(300, noise=0.12, random_state=0)
points = torch.tensor(points, dtype=torch.float32)
classes = torch.tensor(classes)
points = (points - points.amin(dim=0)) / (points.amax(dim=0) - points.amin(dim=0))
torch.manual_seed(0)
moons = TinyNet(3 * torch.randn(2, 16), torch.randn(16), torch.randn(16, 2) / 4, torch.zeros(2))
optimizer = torch.optim.Adam(moons.parameters(), lr=0.03)
for _ in range(200):
    optimizer.zero_grad()
    F.cross_entropy(moons(points), classes).backward()
    optimizer.step()
side = torch.linspace(0, 1, 81)
plane = torch.stack(torch.meshgrid(side, side, indexing="xy"), dim=2).reshape(-1, 2)


def draw_plane(axis):
    with torch.no_grad():
        probability = moons(plane).softmax(dim=1)[:, 1].reshape(81, 81)
    axis.contourf(side, side, probability, levels=20, cmap="RdBu", alpha=0.55, vmin=0, vmax=1)
    axis.contour(side, side, probability, levels=[0.5], colors="black", linewidths=1)
    axis.set_xlabel(say("pixel 1", "像素 1"))
    axis.set_ylabel(say("pixel 2", "像素 2"))
    axis.set_aspect("equal")


# For 40 images the way in which the attacker's loss falls, all arrows of the same length.
# 40 张图像上，攻击者的损失往哪边下降；箭头都画成一样长。
some = points[:40]
downhill = -input_gradient(moons, some, lambda z: untargeted_loss(z, classes[:40]))
downhill = downhill / l2_dist(torch.zeros_like(downhill), downhill)[:, None]
figure, axis = plt.subplots(figsize=(5.6, 5.2), layout="constrained")
draw_plane(axis)
colors = ["tab:blue" if c else "tab:red" for c in classes[:40].tolist()]
axis.quiver(some[:, 0], some[:, 1], downhill[:, 0], downhill[:, 1], angles="xy", scale=14, width=0.004)
axis.scatter(some[:, 0], some[:, 1], c=colors, s=28, edgecolors="white", zorder=3)
axis.set_title(say("the attacker's way: over the border", "攻击者要走的路：越过边界"))
plt.show()

# %% [markdown] lang="en"
# ## 6 · FGSM: one step to the corner
#
# How far do we walk along the gradient? With the ∞-norm every pixel may use up all of $\varepsilon$, whatever
# the others do. So even a pixel with a tiny slope should: only the **sign** of the gradient counts. That is
# the *fast gradient sign method*:
#
# $$x = x^0 - \varepsilon \cdot \text{sign}\big(\nabla_x L(x^0)\big), \qquad L = -e(y, \hat y)$$
#
# Then every pixel is clipped to the valid range $[lo, hi]$, for a screen shows nothing darker than black.
#
# Why does so little suffice? For a linear score $w \cdot x$ the step changes it by
# $\varepsilon \lVert w \rVert_1$: each of $D$ pixels adds its share, all in the same direction. The eye sees
# $\varepsilon$; the network feels the sum. The more pixels, the easier the attack.
#
# > **A sign slip that is often seen:** $x^0 + \varepsilon\, \text{sign} \nabla L$ with $L = -e$ makes the
# > network *surer of the truth*. Ascent on $e$ is descent on $L$.

# %% [markdown] lang="zh"
# ## 6 · FGSM：一步走到角上
#
# 沿着梯度该走多远？用 ∞-范数时，每个像素都可以把 $\varepsilon$ 用满，不必管别的像素。
# 既然如此，坡度再小的像素也应该用满：要紧的只有梯度的**符号**。这就是*快速梯度符号法*（FGSM）：
#
# $$x = x^0 - \varepsilon \cdot \text{sign}\big(\nabla_x L(x^0)\big), \qquad L = -e(y, \hat y)$$
#
# 然后把每个像素裁剪到合法范围 $[lo, hi]$，毕竟屏幕显示不出比黑更黑的颜色。
#
# 为什么这么一点点就够了？对线性的得分 $w \cdot x$，这一步会让它改变 $\varepsilon \lVert w \rVert_1$：
# $D$ 个像素各出一份力，方向全都一致。人眼看到的是 $\varepsilon$，网络感受到的是总和。像素越多，攻击越容易。
#
# > **常见的符号错误：** $L = -e$ 时写成 $x^0 + \varepsilon\, \text{sign} \nabla L$，
# > 反而会让网络*更确信正确答案*。让 $e$ 上升，就是让 $L$ 下降。

# %% exercise="fgsm" points=15 difficulty=2 minutes=15 vectorised=true
def fgsm(model: nn.Module, x: Tensor, y: Tensor, eps: float, lo: float = 0, hi: float = 1) -> Tensor:
    """Fast gradient sign method: one untargeted step of eps, then clipped to [lo, hi]. (Lecture 23)

    ``model``: takes a batch like ``x`` and returns logits (N, C). ``x``: the original images, floating,
    (N, …), pixels from ``lo`` to ``hi``. ``y``: their true labels, int64, (N,); the model may disagree.
    ``eps``: in the unit of the pixels. Every pixel moves by ``eps`` in the direction in which the
    cross-entropy of the true label grows; a pixel whose gradient is exactly 0 stays.

    The result has the shape and dtype of ``x`` and is detached (its ``requires_grad`` is False). Model and
    ``x`` are left as ``input_gradient`` leaves them; you may call it, and your other functions. No Python
    loop over the samples.

    快速梯度符号法：无目标地走一步，步长 eps，然后裁剪到 [lo, hi]。（第 23 讲）

    ``model``：输入 ``x`` 这样的一个批次，返回 logits (N, C)。``x``：原图，浮点，(N, …)，像素从 ``lo`` 到
    ``hi``。``y``：真实标签，int64，(N,)；模型的判断不一定与它相同。``eps``：与像素同单位。
    每个像素都移动 ``eps``，方向是让真实标签的交叉熵增大的方向；梯度恰好为 0 的像素不动。

    结果的形状和 dtype 与 ``x`` 相同，并且已脱离计算图（``requires_grad`` 是 False）。
    模型和 ``x`` 的状态要像 ``input_gradient`` 那样保持原样；可以调用它和你写的其他函数。
    不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    gradient = input_gradient(model, x, lambda logits: untargeted_loss(logits, y))
    return (x - eps * gradient.sign()).clamp(lo, hi)
    ### END SOLUTION

# %% [markdown] hint="fgsm" lang="en"
# 1. Compare `F.cross_entropy(model(x), y)` before and after: for a small `eps` it must grow. And
#    `linf_dist(x, fgsm(…))` is at most `eps`, mostly exactly that.
# 2. Section 6 of the lesson: x⁰ − ε · sign ∇L with L = −e, and then the valid range. The labels are
#    the true ones, not what the model thinks.
# 3. `g = input_gradient(model, x, lambda logits: …)`, then `(x … eps * g.sign()).clamp(…)`

# %% [markdown] hint="fgsm" lang="zh"
# 1. 比较攻击前后的 `F.cross_entropy(model(x), y)`：`eps` 较小时，它必须变大。
#    另外，`linf_dist(x, fgsm(…))` 最多是 `eps`，而且大多恰好等于它。
# 2. 见本讲第 6 节：x⁰ − ε · sign ∇L，其中 L = −e；然后是合法范围。标签用真实标签，而不是模型的判断。
# 3. `g = input_gradient(model, x, lambda logits: …)`，然后 `(x … eps * g.sign()).clamp(…)`

# %% demo=true
# How many of the 300 points does one step fool? The same step in random directions, for comparison.
# 走一步能骗过 300 个点中的多少个？再用同样大小、方向随机的一步来比较。
directions = torch.randint(0, 2, points.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
for eps in (0.05, 0.1, 0.15):
    fooled = (moons(fgsm(moons, points, classes, eps)).argmax(dim=1) != classes).sum().item()
    by_chance = (moons(points + eps * directions).argmax(dim=1) != classes).sum().item()
    print(say(f"eps = {eps}: fooled by FGSM {fooled}, by chance {by_chance}",
              f"eps = {eps}：被 FGSM 骗过 {fooled} 个，被随机扰动骗过 {by_chance} 个"))

# %% [markdown] lang="en"
# ## 7 · Back into the box
#
# FGSM trusts a single gradient over the whole way. Several small steps do better, but they may lead out of
# the allowed region. The remedy: after each step, take the *nearest allowed point*. For the ∞-norm the
# allowed region is a box around $x^0$, and the nearest point is found pixel by pixel:
#
# $$x_i \leftarrow \min\big(\max(x_i,\; x^0_i - \varepsilon),\; x^0_i + \varepsilon\big)$$
#
# and the valid range $[lo, hi]$ comes on top. The box is **around $x^0$**, not around 0, and each pixel has
# its own.

# %% [markdown] lang="zh"
# ## 7 · 拉回盒子里
#
# FGSM 一路上只信一个梯度。多走几小步效果更好，但可能走出允许的范围。
# 补救办法：每走一步，就换成*允许范围里最近的点*。对 ∞-范数来说，允许的范围是 $x^0$ 周围的一个盒子，
# 最近的点可以逐像素求出：
#
# $$x_i \leftarrow \min\big(\max(x_i,\; x^0_i - \varepsilon),\; x^0_i + \varepsilon\big)$$
#
# 再加上合法范围 $[lo, hi]$。盒子**以 $x^0$ 为中心**，不是以 0 为中心；每个像素都有自己的区间。

# %% exercise="project_linf" points=12 difficulty=2 minutes=10 vectorised=true
def project_linf(x: Tensor, x0: Tensor, eps: float, lo: float, hi: float) -> Tensor:
    """The nearest point to x within eps of x0 (∞-norm) and within [lo, hi], pixel by pixel. (Lecture 23)

    ``x``, ``x0``: floating, of the same shape, which may be any; all of ``x0`` lies in [lo, hi], ``x`` may
    lie anywhere. ``eps``, ``lo``, ``hi``: Python numbers in the unit of the pixels. The result is a new
    tensor with the shape and dtype of ``x``; pixels that are within both bounds stay. No Python loop over
    the samples.

    离 x 最近、且与 x0 的 ∞-范数距离不超过 eps、又在 [lo, hi] 之内的点，逐像素计算。（第 23 讲）

    ``x``、``x0``：浮点，形状相同，可以是任意形状；``x0`` 全在 [lo, hi] 之内，``x`` 可以在任何地方。
    ``eps``、``lo``、``hi``：Python 数，与像素同单位。结果是新的张量，形状和 dtype 与 ``x`` 相同；
    两个界限都满足的像素保持不变。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return x.clamp(x0 - eps, x0 + eps).clamp(lo, hi)
    ### END SOLUTION

# %% [markdown] hint="project_linf" lang="en"
# 1. With x0 = 0.5, eps = 0.1 and the range [0, 1], x = 0.9 becomes 0.6, x = 0.2 becomes 0.4, and 0.55 stays.
#    With x0 = 0.95, x = 2 becomes 1, not 1.05.
# 2. Section 7 of the lesson: the change x − x0 of each pixel is limited to ±ε, and then the pixel to
#    [lo, hi]. The other pixels do not matter.
# 3. Bounds for each pixel: `x.clamp(x0 - …, …)`, and a second `clamp` for the range.

# %% [markdown] hint="project_linf" lang="zh"
# 1. x0 = 0.5、eps = 0.1、范围 [0, 1] 时，x = 0.9 变成 0.6，x = 0.2 变成 0.4，0.55 不变。
#    x0 = 0.95 时，x = 2 变成 1，而不是 1.05。
# 2. 见本讲第 7 节：每个像素的改动 x − x0 限制在 ±ε 之内，然后像素本身限制在 [lo, hi] 之内。与其他像素无关。
# 3. 每个像素有自己的上下界：`x.clamp(x0 - …, …)`，再用一个 `clamp` 限制范围。

# %% [markdown] lang="en"
# ## 8 · PGD: many small steps
#
# Put the pieces together. *Projected gradient descent* starts at $x^0$ and repeats, `steps` times:
#
# $$x \leftarrow \text{project}\big(x - \alpha \cdot \text{sign}\, \nabla_x L(x)\big)$$
#
# Each step takes a *fresh* gradient, at the present $x$, and each step is projected. With a target, $L$ is
# the targeted loss, and nothing else changes. (Many start at a random point of the box; here we start at
# $x^0$, so that everybody gets the same result.)

# %% [markdown] lang="zh"
# ## 8 · PGD：许多小步
#
# 把零件装起来。*投影梯度下降*（PGD）从 $x^0$ 出发，重复 `steps` 次：
#
# $$x \leftarrow \text{project}\big(x - \alpha \cdot \text{sign}\, \nabla_x L(x)\big)$$
#
# 每一步都在当前的 $x$ 处*重新*求梯度，每一步都要投影。有目标时，$L$ 换成有目标损失，其余不变。
# （很多人从盒子里的随机一点出发；这里从 $x^0$ 出发，这样大家的结果都一样。）

# %% exercise="pgd" points=18 difficulty=3 minutes=20 vectorised=true
def pgd(
    model: nn.Module, x0: Tensor, y: Tensor, eps: float, alpha: float, steps: int, y_target: Tensor | None = None
) -> Tensor:
    """Projected gradient descent from x0, untargeted or, with y_target, targeted. (Lecture 23)

    ``model``: takes a batch like ``x0`` and returns logits (N, C). ``x0``: the original images, floating,
    (N, …), pixels from 0 to 1. ``y``: their true labels, int64, (N,); the model may disagree. ``y_target``:
    the wanted labels, int64, (N,), or None. Exactly ``steps`` times (0 is allowed, and leaves the images as
    they were), for all images: one step of ``alpha`` against the sign of the loss's gradient at the present
    point (sign 0 where the gradient is 0), then projected to within ``eps`` of ``x0`` and to [0, 1]. The
    first gradient is taken at ``x0`` itself. The loss is −e(y, ŷ), or −e(y, ŷ) + e(y, y_target).

    The result has the shape and dtype of ``x0`` and is detached (its ``requires_grad`` is False). Model and
    ``x0`` are left as ``input_gradient`` leaves them; you may call it, and your other functions. No Python
    loop over the samples.

    从 x0 出发的投影梯度下降：无目标；给了 y_target 则有目标。（第 23 讲）

    ``model``：输入 ``x0`` 这样的一个批次，返回 logits (N, C)。``x0``：原图，浮点，(N, …)，像素从 0 到 1。
    ``y``：真实标签，int64，(N,)；模型的判断不一定与它相同。``y_target``：想要的标签，int64，(N,)，或 None。
    对所有图像恰好重复 ``steps`` 次（可以是 0，此时图像不变）：在当前点处逆着损失梯度的符号走一步，
    步长 ``alpha``（梯度为 0 处符号取 0），然后投影到与 ``x0`` 相差不超过 ``eps``、且在 [0, 1] 之内的点。
    第一个梯度就在 ``x0`` 处求。损失是 −e(y, ŷ)，有目标时是 −e(y, ŷ) + e(y, y_target)。

    结果的形状和 dtype 与 ``x0`` 相同，并且已脱离计算图（``requires_grad`` 是 False）。
    模型和 ``x0`` 的状态要像 ``input_gradient`` 那样保持原样；可以调用它和你写的其他函数。
    不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    def loss(logits: Tensor) -> Tensor:
        return untargeted_loss(logits, y) if y_target is None else targeted_loss(logits, y, y_target)

    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, loss).sign(), x0, eps, 0, 1)
    return x
    ### END SOLUTION

# %% [markdown] hint="pgd" lang="en"
# 1. With `steps=1` and `alpha=eps` the result is FGSM's. With more steps the attacker's loss gets lower, while
#    `linf_dist(x0, …)` stays at most `eps`. With a target, the target's logit must rise.
# 2. Section 8 of the lesson: gradient at the present x, minus α times its sign, projection around
#    x⁰, and again. Choose the loss by `y_target is None`; a tensor's truth value says something else.
# 3. `x = x0`, then `for _ in range(steps): x = project_linf(x - alpha * ….sign(), x0, …)`

# %% [markdown] hint="pgd" lang="zh"
# 1. `steps=1` 且 `alpha=eps` 时，结果与 FGSM 相同。步数更多时，攻击者的损失更低，
#    而 `linf_dist(x0, …)` 始终不超过 `eps`。有目标时，目标的 logit 必须上升。
# 2. 见本讲第 8 节：在当前的 x 处求梯度，减去 α 乘以它的符号，在 x⁰ 周围投影，如此反复。
#    用 `y_target is None` 来选损失；张量的真假值是另一回事。
# 3. `x = x0`，然后 `for _ in range(steps): x = project_linf(x - alpha * ….sign(), x0, …)`

# %% demo=true
# One image of two pixels: FGSM jumps to a corner of the box, PGD follows the slope.
# 一张只有两个像素的图像：FGSM 跳到盒子的一个角上，PGD 顺着坡走。
here, label, eps = points[50:51], classes[50:51], 0.15
jump = fgsm(moons, here, label, eps)
path = torch.cat([pgd(moons, here, label, eps, 0.03, n) for n in range(13)])
figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.6), layout="constrained")
draw_plane(left)
left.add_patch(plt.Rectangle((here[0] - eps).tolist(), 2 * eps, 2 * eps, fill=False, linestyle="--"))
left.plot(*torch.cat([here, jump]).T, "s-", color="tab:purple", label="FGSM")
left.plot(*path.T, "o-", color="tab:green", markersize=4, label="PGD")
left.plot(*here.T, "o", color="white", markeredgecolor="black", markersize=9)
left.set_xlim(0, 0.75)
left.set_ylim(0.4, 1)
left.legend(loc="lower left")
left.set_title(say("the box around $x^0$", "$x^0$ 周围的盒子"))
with torch.no_grad():
    fall = [-F.cross_entropy(moons(p[None]), label).item() for p in path]
    level = -F.cross_entropy(moons(jump), label).item()
right.plot(fall, "o-", color="tab:green", label="PGD")
right.axhline(level, color="tab:purple", label="FGSM")
right.axhline(-torch.tensor(2.0).log(), color="black", linewidth=0.8, linestyle=":")
right.annotate(say("below: fooled", "在此之下：骗过了"), (8, -0.66))
right.set_xlabel(say("steps", "步数"))
right.set_title(say("the attacker's loss −e", "攻击者的损失 −e"))
right.legend(loc="lower left")
plt.show()

# %% [markdown] lang="en"
# The border is bent. FGSM trusted the slope at the white point and went to a corner past the hill, where the
# network is as right as before. PGD looked around after each step, and climbed over the border.
#
# ## 9 · How often did it succeed?
#
# An image that the network got wrong *before* the attack is no success of the attacker. So: of the images
# that were right, which share is wrong now?

# %% [markdown] lang="zh"
# 边界是弯的。FGSM 只信白点处的坡度，径直去了小山旁边的那个角，网络在那里照样答得对。
# PGD 每走一步都重新看一看，于是越过了边界。
#
# ## 9 · 成功了几次？
#
# 攻击*之前*网络就认错的图像，不算攻击者的功劳。所以要问的是：原来认对的图像里，现在认错的占多少？

# %% exercise="attack_success_rate" points=7 difficulty=1 minutes=6 vectorised=true
def attack_success_rate(clean_pred: Tensor, adv_pred: Tensor, y: Tensor) -> float:
    """Of the samples that were right before the attack, the share that is wrong after it. (Lecture 23)

    ``clean_pred``, ``adv_pred``: the predicted labels before and after; ``y``: the true labels; all int64,
    (N,). The result lies between 0 and 1, as a Python number or a tensor of shape (). If no sample was right
    before, it is 0. No Python loop over the samples.

    攻击之前答对的样本里，攻击之后答错的比例。（第 23 讲）

    ``clean_pred``、``adv_pred``：攻击前、后预测的标签；``y``：真实标签；都是 int64，(N,)。
    结果在 0 和 1 之间，是 Python 数，或形状 () 的张量。攻击前没有一个样本答对时，结果是 0。
    不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    correct = clean_pred == y
    fooled = correct & (adv_pred != y)
    return int(fooled.sum()) / max(int(correct.sum()), 1)
    ### END SOLUTION

# %% [markdown] hint="attack_success_rate" lang="en"
# 1. For `y = [0, 1, 2, 3]`, `clean_pred = [0, 1, 2, 0]` and `adv_pred = [5, 1, 2, 0]` it is 1/3: three were
#    right, one of them is wrong now. The last sample plays no part.
# 2. Section 9 of the lesson: the denominator counts the samples that were right before; the
#    numerator counts, among these, the ones that are wrong after. Nothing in the denominator: 0.
# 3. `correct = clean_pred == …`, `fooled = correct & …`, then one count through the other.

# %% [markdown] hint="attack_success_rate" lang="zh"
# 1. `y = [0, 1, 2, 3]`、`clean_pred = [0, 1, 2, 0]`、`adv_pred = [5, 1, 2, 0]` 时，结果是 1/3：
#    原来对了三个，其中一个现在错了。最后一个样本不参与。
# 2. 见本讲第 9 节：分母数的是攻击前答对的样本；分子数的是其中攻击后答错的。分母一个都没有时，结果是 0。
# 3. `correct = clean_pred == …`，`fooled = correct & …`，然后两个个数相除。

# %% [markdown] lang="en"
# ## 10 · Bonus: momentum for attackers
#
# Lecture 4's momentum helps an attacker, too: it evens out a gradient that swings to and fro, and attacks
# made with it fool *other* networks more often. MI-FGSM keeps a memory $m$ and, since gradients of different
# steps differ widely in size, first divides each image's gradient by its 1-norm, the sum of its absolute
# values:
#
# $$m \leftarrow \mu\, m + \frac{\nabla_x L}{\lVert \nabla_x L \rVert_1}, \qquad
# x \leftarrow \text{project}\big(x - \alpha \cdot \text{sign}\, m\big)$$
#
# > **Seen in the wild:** a widely copied homework solution writes $(1-\mu)\, m$ with $\mu = 1$ and leaves the
# > 1-norm out. Its memory is exactly 0, and the attack is PGD under another name.

# %% [markdown] lang="zh"
# ## 10 · 加分题：攻击者的动量
#
# 第 4 讲的动量对攻击者也有用：它能抚平来回摆动的梯度，用它做出的攻击也更容易骗过*别的*网络。
# MI-FGSM 保存一份记忆 $m$；各步梯度的大小相差很多，所以先把每张图像的梯度除以它自己的 1-范数，
# 也就是各元素绝对值之和：
#
# $$m \leftarrow \mu\, m + \frac{\nabla_x L}{\lVert \nabla_x L \rVert_1}, \qquad
# x \leftarrow \text{project}\big(x - \alpha \cdot \text{sign}\, m\big)$$
#
# > **真实的错误：** 一份流传很广的作业答案写成了 $(1-\mu)\, m$，而且取 $\mu = 1$，1-范数也没有除。
# > 它的记忆恒等于 0，这个攻击不过是换了个名字的 PGD。

# %% exercise="mifgsm" points=5 difficulty=3 minutes=15 bonus=true vectorised=true
def mifgsm(
    model: nn.Module, x0: Tensor, y: Tensor, eps: float, alpha: float, steps: int, decay: float
) -> Tensor:
    """Untargeted attack with momentum: m ← decay·m + g/‖g‖₁, then a step of alpha against sign m. (Lecture 23)

    Arguments and result as for ``pgd`` without a target, and ``decay``, a number of at least 0 and below 1.
    g is the gradient of −e(y, ŷ) at the present point; ‖g‖₁ is the sum of the absolute values of g over one
    image, for each image apart, and never 0 here. m starts at 0; a pixel whose m is exactly 0 stays. Each step
    is projected to within ``eps`` of ``x0`` and to [0, 1].

    The result is detached (its ``requires_grad`` is False); model and ``x0`` are left as ``input_gradient``
    leaves them. You may call your other functions. No Python loop over the samples.

    带动量的无目标攻击：m ← decay·m + g/‖g‖₁，然后逆着 sign m 走一步，步长 alpha。（第 23 讲）

    参数和结果与不带目标的 ``pgd`` 相同，另有 ``decay``，不小于 0 且小于 1 的数。
    g 是 −e(y, ŷ) 在当前点处的梯度；‖g‖₁ 是 g 在一张图像上的绝对值之和，每张图像各算各的，这里不会为 0。
    m 从 0 开始；m 恰好为 0 的像素不动。每一步都投影到与 ``x0`` 相差不超过 ``eps``、且在 [0, 1] 之内的点。

    结果已脱离计算图（``requires_grad`` 是 False）；模型和 ``x0`` 的状态要像 ``input_gradient`` 那样保持原样。
    可以调用你写的其他函数。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    x, memory = x0, torch.zeros_like(x0)
    for _ in range(steps):
        gradient = input_gradient(model, x, lambda logits: untargeted_loss(logits, y))
        size = gradient.abs().sum(dim=tuple(range(1, x0.dim())), keepdim=True)
        memory = decay * memory + gradient / size
        x = project_linf(x - alpha * memory.sign(), x0, eps, 0, 1)
    return x
    ### END SOLUTION

# %% [markdown] hint="mifgsm" lang="en"
# 1. With `decay=0` the result is PGD's. With `decay=0.9` an image must come out the same, whether it is
#    attacked alone or within a batch.
# 2. Section 10 of the lesson: the gradient is divided by its own 1-norm *before* it enters m. The
#    norm needs the shape (N, 1, 1, …), so that each image is divided by its own.
# 3. In the loop of `pgd`: `size = g.abs().sum(dim=…, keepdim=True)`, `m = decay * m + …`, and the sign of m.

# %% [markdown] hint="mifgsm" lang="zh"
# 1. `decay=0` 时结果与 PGD 相同。`decay=0.9` 时，一张图像单独攻击和放在批次里攻击，结果必须一样。
# 2. 见本讲第 10 节：梯度*先*除以自己的 1-范数，再进入 m。范数的形状应为 (N, 1, 1, …)，
#    这样每张图像除以的才是自己的范数。
# 3. 在 `pgd` 的循环里：`size = g.abs().sum(dim=…, keepdim=True)`，`m = decay * m + …`，然后取 m 的符号。

# %% [markdown] lang="en"
# ## Capstone · Fooling a convolutional network
#
# 1797 handwritten digits of 8 × 8 pixels, and a small convolutional network that reads 98 % of the test
# images correctly. How many are left under attack? For comparison there is noise of the same size: every
# pixel moves by $\pm\varepsilon$, with signs drawn by lot instead of computed.
#
# Guess before you run it: with $\varepsilon = 0.2$, a fifth of the way from black to white, how many of 100
# digits does the network still read under noise? And under your PGD?

# %% [markdown] lang="zh"
# ## 综合实践 · 骗过一个卷积网络
#
# 1797 个 8 × 8 像素的手写数字，和一个能认对 98% 测试图像的小卷积网络。受到攻击之后，还剩多少？
# 作为对照，再加同样大小的噪声：每个像素也移动 $\pm\varepsilon$，只是符号靠抽签，不靠计算。
#
# 运行之前先猜一猜：$\varepsilon = 0.2$，也就是从黑到白的五分之一，100 个数字里，
# 网络在噪声之下还能认对几个？在你的 PGD 之下呢？

# %% demo=true
# Such a small network is fastest on one thread.
# 这么小的网络，用一个线程最快。
torch.set_num_threads(1)
digits = load_digits()
X, labels = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None], torch.tensor(digits.target)
order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
train, test = order[:1297], order[1297:1497]
images, truth = X[test], labels[test]


def train_network(attack_eps: float = 0.0, epochs: int = 20) -> nn.Module:
    """A network trained on the digits; with ``attack_eps``, on digits that your FGSM has attacked.

    在数字上训练的网络；给了 ``attack_eps``，就用你的 FGSM 攻击过的数字来训练。
    """
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(256, 10),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(epochs):
        for batch in train[torch.randperm(len(train))].split(64):
            x = fgsm(network, X[batch], labels[batch], attack_eps) if attack_eps else X[batch]
            optimizer.zero_grad()
            F.cross_entropy(network(x), labels[batch]).backward()
            optimizer.step()
    return network.eval()


def predict(network: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return network(x).argmax(dim=1)


def accuracy(network: nn.Module, x: Tensor) -> float:
    return (predict(network, x) == truth).double().mean().item()


def with_noise(x: Tensor, eps: float) -> Tensor:
    signs = torch.randint(0, 2, x.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return project_linf(x + eps * signs, x, eps, 0, 1)


network = train_network()
clean = predict(network, images)
sizes = [0.0, 0.05, 0.1, 0.15, 0.2, 0.3]
curves = {
    say("noise", "噪声"): [accuracy(network, with_noise(images, e)) for e in sizes],
    "FGSM": [accuracy(network, fgsm(network, images, truth, e)) for e in sizes],
    "PGD": [accuracy(network, pgd(network, images, truth, e, e / 4, 10)) for e in sizes],
    "MI-FGSM": [accuracy(network, mifgsm(network, images, truth, e, e / 4, 10, 0.9)) for e in sizes],
}
wanted = (truth + 1) % 10
hits = [(predict(network, pgd(network, images, truth, e, e / 4, 10, wanted)) == wanted).double().mean() for e in sizes]
for i in (2, 4):
    figures = ", ".join(f"{name} {values[i]:.3f}" for name, values in curves.items())
    print(say(f"accuracy at eps = {sizes[i]}: {figures}", f"eps = {sizes[i]} 时的准确率：{figures}"))
rate = float(attack_success_rate(clean, predict(network, pgd(network, images, truth, 0.1, 0.025, 10)), truth))
print(say(f"PGD at eps = 0.1 succeeds on {rate:.3f} of what was right before",
          f"eps = 0.1 的 PGD，在原来认对的图像上成功率为 {rate:.3f}"))

figure, axis = plt.subplots(figsize=(8.4, 3.8), layout="constrained")
for (name, values), style in zip(curves.items(), ("o-", "s-", "D-", "x:"), strict=True):
    axis.plot(sizes, values, style, label=say(f"accuracy, {name}", f"准确率，{name}"))
axis.plot(sizes, hits, "^--", color="gray", label=say("targeted PGD: answers the target", "有目标 PGD：答成目标"))
axis.set_xlabel(say("ε (pixels from 0 to 1)", "ε（像素从 0 到 1）"))
axis.set_ylim(-0.03, 1.03)
figure.legend(fontsize="small", loc="outside right center")
plt.show()

# %% demo=true
# The same five digits four times, and what the network reads, at eps = 0.15.
# 同样的五个数字，四种样子，以及网络把它们认成什么；eps = 0.15。
eps = 0.15
strips = {
    say("original", "原图"): images,
    say("noise", "噪声"): with_noise(images, eps),
    "PGD": pgd(network, images, truth, eps, eps / 4, 10),
    say("PGD, target + 1", "PGD，目标加 1"): pgd(network, images, truth, eps, eps / 4, 10, wanted),
}
answers = {name: predict(network, strip) for name, strip in strips.items()}
# Digits that the last attack turned into its target.
# 选最后一种攻击成功变成目标的数字。
chosen = ((answers[list(strips)[-1]] == wanted) & (clean == truth)).nonzero()[:5, 0].tolist()
figure, axes = plt.subplots(len(strips), len(chosen), figsize=(7.5, 6.6), layout="constrained")
for row, (name, strip) in zip(axes, strips.items(), strict=True):
    for axis, i in zip(row, chosen, strict=True):
        axis.imshow(strip[i, 0], cmap="gray", vmin=0, vmax=1)
        answer = answers[name][i].item()
        color = "black" if answer == truth[i] else "tab:red"
        axis.set_title(say(f"reads {answer}", f"认成 {answer}"), color=color, fontsize=10)
        axis.set_xticks([])
        axis.set_yticks([])
    row[0].set_ylabel(name)
plt.show()

# %% [markdown] lang="en"
# Noise does next to nothing; a computed change of the same size is a catastrophe. The network is not simply
# sensitive: it is sensitive in one direction, and the gradient points there.
#
# **And the defence?** The best one known is to attack yourself: train on images that your own FGSM has just
# attacked, at every update anew. This is *adversarial training*.

# %% [markdown] lang="zh"
# 噪声几乎不起作用；同样大小、但经过计算的改动，却是一场灾难。网络并不是对什么都敏感：
# 它只对某一个方向敏感，而梯度恰好指着那里。
#
# **怎么防御呢？** 已知最好的办法是自己攻击自己：每一次更新都用你的 FGSM 刚刚攻击过的图像来训练。
# 这就是*对抗训练*。

# %% demo=true
# The same network and the same number of updates, on attacked images.
# 同样的网络、同样多次更新，换成受过攻击的图像。
hardened = train_network(attack_eps=0.15)
figure, axis = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for model, name in ((network, say("ordinary training", "普通训练")), (hardened, say("adversarial training", "对抗训练"))):
    values = [accuracy(model, pgd(model, images, truth, e, e / 4, 10)) for e in sizes]
    axis.plot(sizes, values, "D-", label=name)
    print(say(f"{name}: clean {values[0]:.3f}, PGD at 0.1 {values[2]:.3f}, at 0.2 {values[4]:.3f}",
              f"{name}：原图 {values[0]:.3f}，PGD 在 0.1 时 {values[2]:.3f}，在 0.2 时 {values[4]:.3f}"))
axis.set_xlabel(say("ε of the PGD attack", "PGD 攻击的 ε"))
axis.set_ylabel(say("accuracy", "准确率"))
axis.set_ylim(-0.03, 1.03)
axis.legend()
plt.show()

# %% [markdown] lang="en"
# **What you take along.** An attack is optimisation over the image. The ∞-norm bounds what the eye notices,
# and its allowed region is a box around $x^0$. The attacker's loss is minimised, so watch the sign: if the
# cross-entropy of the truth did not grow, the attack went the wrong way. FGSM takes one step by the sign of
# the gradient, PGD many, each from a fresh gradient and back into the box. Count successes only among what
# was right before. And a good attacker leaves the model as it was.

# %% [markdown] lang="zh"
# **本讲要点。** 攻击就是对图像做优化。∞-范数限制的是人眼的察觉，它允许的范围是 $x^0$ 周围的一个盒子。
# 攻击者的损失是要最小化的，所以要盯紧符号：如果正确答案的交叉熵没有变大，攻击就走反了。
# FGSM 按梯度的符号走一步；PGD 走许多步，每步重新求梯度，再拉回盒子里。
# 成功率只在原来认对的样本里算。还有，好的攻击者会让模型保持原样。
