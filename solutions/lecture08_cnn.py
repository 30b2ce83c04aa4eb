# %% [markdown] lang="en"
# # Lecture 8 · Convolutional networks (CNN)
#
# A network for images could be fully connected: every neuron looks at every pixel. It could learn anything,
# it would need thirty million weights for one layer, and it would not even notice that two pixels are
# neighbours. The lecture builds a better layer by *leaving things out*, after three observations:
#
# 1. a pattern (a beak, an eye) is much smaller than the picture, so a neuron only looks at a small
#    **receptive field**;
# 2. the same pattern can be anywhere, so neurons at different places **share** their weights;
# 3. a smaller picture shows the same thing, so we may **pool**.
#
# $$\text{fully connected} + \text{receptive fields} + \text{shared weights} = \text{convolutional layer}$$
#
# You will write each piece, see that the equation above is literally true, and at the end train your CNN on
# handwritten digits against a fully connected network with half as many parameters again. Then we move
# every digit by one pixel, and see what each of the two has really learned.
#
# > **Notation.** A batch of images is a tensor of shape $(N, C, H, W)$: images, channels, height, width. The
# > filters of a layer are one tensor of shape $(O, C, k_h, k_w)$: $O$ filters, each as deep as the image has
# > channels. Rows are counted from the top, columns from the left, both from 0.

# %% [markdown] lang="zh"
# # 第 8 讲 · 卷积神经网络（CNN）
#
# 处理图像的网络可以是全连接的：每个神经元看每一个像素。它什么都学得会，但一层就要三千万个权重，
# 而且连“哪两个像素相邻”都不知道。这一讲根据三个观察，靠*做减法*造出更好的层：
#
# 1. 一个模式（鸟嘴、眼睛）比整张图小得多，所以一个神经元只看一小块**感受野**；
# 2. 同样的模式会出现在任何地方，所以不同位置的神经元**共享**参数；
# 3. 图片缩小了，看到的还是同一个东西，所以可以做**池化**。
#
# $$\text{全连接层} + \text{感受野} + \text{参数共享} = \text{卷积层}$$
#
# 每一块都由你来写；你会看到上面这个等式一字不差地成立。最后在手写数字上训练你的 CNN，
# 对手是参数多出一半的全连接网络。然后把每个数字平移一个像素，看看两者各自真正学到了什么。
#
# > **记号。** 一个批次的图像是形状为 $(N, C, H, W)$ 的张量：图像数、通道数、高、宽（笔记里把通道叫做“信道”）。
# > 一层的过滤器（filter）是形状为 $(O, C, k_h, k_w)$ 的张量：$O$ 个过滤器，图像有几个通道，过滤器就有多深。
# > 行从上往下数，列从左往右数，都从 0 开始。

# %%
import math

import torch
from torch import Tensor

from autograder import say

# %% [markdown] lang="en"
# ## 1 · Flatten
#
# An image is a tensor with three axes: channels, rows, columns. A fully connected layer wants a vector. So
# we line the numbers up, channel after channel, in each channel row after row:
#
# $$(N, C, H, W) \;\longrightarrow\; (N, C \cdot H \cdot W)$$
#
# Each image stays a row of its own. This is also the last step of a CNN, before its fully connected layer.

# %% [markdown] lang="zh"
# ## 1 · 拉直（Flatten）
#
# 一张图片是三维的张量：通道、行、列。全连接层要的却是向量。
# 那就把数排成一列：先排完一个通道再排下一个，通道内先排完一行再排下一行：
#
# $$(N, C, H, W) \;\longrightarrow\; (N, C \cdot H \cdot W)$$
#
# 每张图片仍然单独占一行。CNN 在进入全连接层之前，最后一步也是它。

# %% exercise="flatten" points=4 difficulty=1 minutes=4 vectorised=true differentiable=true
def flatten(x: Tensor) -> Tensor:
    """Each image as one row of numbers. (Lecture 8)

    ``x``: (N, C, H, W). The result has the shape (N, C·H·W) and the dtype and device of ``x``; in a row
    stands channel 0, then channel 1, …, and each channel row by row. ``x`` may be any tensor, also one that
    is not contiguous in memory (after ``permute`` or a slice). Batches of one and images of one pixel are no
    exceptions.

    Differentiable. Any function of torch may be used, but no Python loop over the images.

    把每张图片变成一行数。（第 8 讲）

    ``x``：(N, C, H, W)。结果的形状是 (N, C·H·W)，dtype 和设备与 ``x`` 相同；一行里先是第 0 个通道，
    然后是第 1 个通道，……，每个通道内按行排列。``x`` 可以是任何张量，包括在内存中不连续的
    （例如经过 ``permute`` 或切片）。只有一张图片的批次、只有一个像素的图片也不例外。

    可微。可以使用 torch 的任何函数，但不要用 Python 循环逐张处理。
    """
    ### BEGIN SOLUTION
    return x.reshape(x.shape[0], math.prod(x.shape[1:]))
    ### END SOLUTION

# %% [markdown] hint="flatten" lang="en"
# 1. For `x = torch.arange(24).reshape(2, 3, 2, 2)` the result must have the shape (2, 12), with 0 to 11 in
#    the first row. For `x.permute(0, 1, 3, 2)` it must begin with 0, 2, 1, 3; an error there means that a
#    `view` met a tensor that is not contiguous.
# 2. Section 1 of the lesson: only the last three axes melt into one, in the order C, H, W; the axis N stays.
# 3. One line: `return x.reshape(…, …)`

# %% [markdown] hint="flatten" lang="zh"
# 1. `x = torch.arange(24).reshape(2, 3, 2, 2)` 时，结果形状应为 (2, 12)，第一行是 0 到 11。
#    换成 `x.permute(0, 1, 3, 2)`，应以 0、2、1、3 开头；若在这里报错，说明 `view` 遇到了不连续的张量。
# 2. 见本讲第 1 节：只有后三维按 C、H、W 的次序合成一维；N 那一维保持不变。
# 3. 一行：`return x.reshape(…, …)`

# %% demo=true
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

# Top: digits. Bottom: the same digits, with their 64 numbers in another order (the same for all).
# 上：数字。下：同样的数字，64 个数换了一种排列（每张图换法相同）。
images = torch.tensor(load_digits().images[:6] / 16, dtype=torch.float32)[:, None]
order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
mixed = flatten(images)[:, order].reshape(6, 8, 8)
figure, axes = plt.subplots(2, 6, figsize=(8, 2.8), layout="constrained")
for above, below, image, other in zip(axes[0], axes[1], images[:, 0], mixed, strict=True):
    above.imshow(image, cmap="gray_r")
    below.imshow(other, cmap="gray_r")
for axis in axes.flat:
    axis.set_xticks([])
    axis.set_yticks([])
figure.suptitle(
    say(
        "To a fully connected layer the two rows are equally easy",
        "对全连接层来说，两行的难度完全一样",
    )
)
plt.show()

# %% [markdown] lang="en"
# A fully connected layer gives each of the 64 numbers its own weight, so their order means nothing to it. You
# see shapes only in the top row, because you know which pixels are neighbours. A CNN will know it too.
#
# ## 2 · What full connection costs
#
# The lecture's image has $100 \times 100$ pixels and 3 channels. One layer of 1000 neurons, each connected to
# every number: $100 \cdot 100 \cdot 3 \cdot 1000 = 3 \cdot 10^7$ weights. Each neuron also has one bias. So
# many parameters take long to train, and overfit easily.
#
# > **Where the notes round.** Their $3 \cdot 10^7$ leaves the biases out. Here they are counted.

# %% [markdown] lang="zh"
# 全连接层给这 64 个数各配一个权重，所以它们怎么排列，对它毫无意义。
# 只有上面一行你能看出形状，因为你知道哪些像素相邻。CNN 也会知道。
#
# ## 2 · 全连接的代价
#
# 课上的图片有 $100 \times 100$ 个像素、3 个通道。一层 1000 个神经元，每个都连到所有的数：
# $100 \cdot 100 \cdot 3 \cdot 1000 = 3 \cdot 10^7$ 个权重；每个神经元还有一个偏置。
# 参数这么多，训练时间长，又容易过拟合。
#
# > **笔记的近似。** $3 \cdot 10^7$ 没有算偏置；这里要算上。

# %% exercise="fc_param_count" points=4 difficulty=1 minutes=4
def fc_param_count(in_shape: tuple[int, ...], n: int) -> int:
    """How many parameters a fully connected layer has: weights and biases. (Lecture 8)

    ``in_shape``: the shape of one input, without the batch: an image (C, H, W), a matrix, or a vector (D,);
    it is flattened first. ``n``: the number of neurons; each is connected to every number of the input and
    has one bias. The result is an int.

    全连接层有多少个参数：权重加偏置。（第 8 讲）

    ``in_shape``：一个输入的形状，不含批次那一维：图片 (C, H, W)、矩阵，或向量 (D,)；输入会先被拉直。
    ``n``：神经元的个数；每个神经元都连到输入的所有数，并有一个偏置。结果是 int。
    """
    ### BEGIN SOLUTION
    return n * (math.prod(in_shape) + 1)
    ### END SOLUTION

# %% [markdown] hint="fc_param_count" lang="en"
# 1. `fc_param_count((2,), 3)` must be 9: three neurons, each with 2 weights and 1 bias. And
#    `fc_param_count((3, 100, 100), 1000)` must be 30 001 000.
# 2. Section 2 of the lesson: every neuron has as many weights as the flattened input has numbers, which is
#    the *product* of the shape. Then count its bias.
# 3. `return n * (math.prod(…) + …)`

# %% [markdown] hint="fc_param_count" lang="zh"
# 1. `fc_param_count((2,), 3)` 应为 9：三个神经元，各有 2 个权重和 1 个偏置。
#    `fc_param_count((3, 100, 100), 1000)` 应为 30 001 000。
# 2. 见本讲第 2 节：拉直后的输入有多少个数，每个神经元就有多少个权重，也就是形状各维的*乘积*；再算上它的偏置。
# 3. `return n * (math.prod(…) + …)`

# %% [markdown] lang="en"
# ## 3 · Observation 1: receptive fields
#
# To spot a beak, a neuron need not see the whole bird. In simplification 1 each neuron looks only at its
# **receptive field**. The classic arrangement:
#
# * the field sees **all channels**, so only its height and width are named: the *kernel size*, often 3 × 3;
# * it moves by a **stride** of 1 or 2 pixels; fields may overlap, so that no pattern falls between them;
# * where it would leave the picture, the picture gets **padding**, usually zeros.
#
# How many fields fit side by side? Take one direction: $n$ pixels, $p$ more on *each* side, a kernel of $k$.
# The first field lies at the left end. Then it can move on by $s$ as often as there is room:
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$

# %% [markdown] lang="zh"
# ## 3 · 观察 1：感受野
#
# 要认出鸟嘴，神经元不必看到整只鸟。简化 1：每个神经元只关心自己的**感受野**。经典的安排方式：
#
# * 感受野看**所有的通道**，所以只需说它的高和宽，合起来叫 *kernel size*，常用 3 × 3；
# * 每次移动的距离叫**步幅**（stride，笔记叫“步长”），一般为 1 或 2；感受野可以重叠，免得模式落在缝里；
# * 移出图片的部分要**填充**（padding），一般补 0。
#
# 一个方向上放得下几个感受野？设有 $n$ 个像素，*两边各*填充 $p$ 个，kernel 大小为 $k$。
# 第一个感受野在最左端，之后只要还放得下，就再移动 $s$：
#
# $$n' = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$

# %% exercise="conv_output_size" points=7 difficulty=1 minutes=6
def conv_output_size(n: int, k: int, stride: int = 1, padding: int = 0) -> int:
    """How many windows fit in one direction: ⌊(n + 2·padding − k) / stride⌋ + 1. (Lecture 8)

    ``n``: pixels in this direction. ``k``: the window's size; it fits, so k ≤ n + 2·padding. ``padding``:
    pixels added on each of the two sides. A window that would stick out at the end is dropped. All are ints,
    and so is the result.

    一个方向上放得下几个窗口：⌊(n + 2·padding − k) / stride⌋ + 1。（第 8 讲）

    ``n``：这个方向上的像素数。``k``：窗口的大小；它一定放得下，即 k ≤ n + 2·padding。
    ``padding``：两边各加多少个像素。末尾会伸出去的窗口不要。参数都是 int，结果也是 int。
    """
    ### BEGIN SOLUTION
    return (n + 2 * padding - k) // stride + 1
    ### END SOLUTION

# %% [markdown] hint="conv_output_size" lang="en"
# 1. Count by hand: `conv_output_size(5, 3)` is 3, for windows that start at pixels 0, 1, 2. With stride 2 it
#    is 2; `conv_output_size(6, 3, 2)` is 2 as well, since the third window would stick out.
# 2. Section 3 of the lesson: one window always fits, and it can move (n + 2p − k) pixels further, in whole
#    steps of the stride only.
# 3. One line, in integers: `return (…) // stride + …`

# %% [markdown] hint="conv_output_size" lang="zh"
# 1. 用手数：`conv_output_size(5, 3)` 是 3，窗口从第 0、1、2 个像素开始。步幅为 2 时是 2；
#    `conv_output_size(6, 3, 2)` 也是 2，因为第三个窗口会伸出去。
# 2. 见本讲第 3 节：第一个窗口总放得下，它还能再移动 (n + 2p − k) 个像素，但只能按步幅整步整步地走。
# 3. 一行，用整数运算：`return (…) // stride + …`

# %% demo=true
# One direction of a picture: pixels (blue), padding (grey), and the windows that fit (orange).
# 图片的一个方向：像素（蓝）、填充（灰）和放得下的窗口（橙）。
figure, axes = plt.subplots(1, 3, figsize=(11, 2.4), layout="constrained", sharey=True)
for axis, (n, k, stride, padding) in zip(axes, ((7, 3, 2, 0), (6, 3, 2, 0), (6, 3, 2, 1)), strict=True):
    for pixel in range(-padding, n + padding):
        color = "tab:blue" if 0 <= pixel < n else "lightgray"
        axis.add_patch(plt.Rectangle((pixel, 0), 1, 1, facecolor=color, edgecolor="white"))
    size = conv_output_size(n, k, stride, padding)
    for i in range(size):
        start = i * stride - padding
        axis.plot([start + 0.15, start + k - 0.15], [-0.5 - 0.5 * i] * 2, color="tab:orange", linewidth=6)
    axis.set(xlim=(-1.2, 7.2), ylim=(-2, 1.2))
    axis.axis("off")
    axis.set_title(
        say(f"n={n}, k={k}, stride={stride}, padding={padding}: {size}",
            f"n={n}, k={k}, 步幅={stride}, 填充={padding}：{size} 个")
    )
plt.show()

# %% [markdown] lang="en"
# In the middle the last pixel is seen by no window at all. With padding (right) every pixel is seen.
#
# ## 4 · Zero padding
#
# With a padding of $p$ an image grows by $p$ pixels on all four sides; the channels and the number of images
# stay. Careful with Python's negative slices: `x[p:-p]` is fine, until someone asks for no padding at all.
# What is `x[0:-0]`?

# %% [markdown] lang="zh"
# 中间那种情况，最后一个像素没有任何窗口看到。有了填充（右），每个像素都被看到了。
#
# ## 4 · 补零填充
#
# 填充 $p$ 时，图片在上下左右四边各长出 $p$ 个像素；通道数和图片数不变。
# 小心 Python 的负数切片：`x[p:-p]` 用得好好的，直到有人完全不要填充。`x[0:-0]` 是什么？

# %% exercise="zero_pad2d" points=8 difficulty=1 minutes=8 vectorised=true differentiable=true forbidden=["padding"]
def zero_pad2d(x: Tensor, p: int) -> Tensor:
    """The images with ``p`` pixels of 0 on each of their four sides. (Lecture 8)

    ``x``: (N, C, H, W) of any dtype, integers too. ``p``: an int ≥ 0, which may be larger than the image. The
    result has the shape (N, C, H + 2p, W + 2p) and the dtype and device of ``x``, which itself stays as it
    was.

    Differentiable. No Python loop over the images, and no library padding.

    在图片的上下左右四边各补 ``p`` 个像素的 0。（第 8 讲）

    ``x``：(N, C, H, W)，dtype 任意，也可以是整数。``p``：不小于 0 的 int，可以比图片还大。
    结果的形状是 (N, C, H + 2p, W + 2p)，dtype 和设备与 ``x`` 相同；``x`` 本身不变。

    可微。不要用 Python 循环逐张处理，也不要调用库里的填充函数。
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    padded = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    padded[:, :, p : p + H, p : p + W] = x
    return padded
    ### END SOLUTION

# %% [markdown] hint="zero_pad2d" lang="en"
# 1. A 2 × 3 image with `p=1` becomes 4 × 5, with its sum unchanged and zeros all around. With `p=0` it stays
#    exactly as it was; an error about shapes there comes from a slice that ends at `-0`.
# 2. Section 4 of the lesson: only the last two axes grow, each by 2p, and the image lies in the middle: its
#    first pixel is at row p and column p.
# 3. Zeros of the new size like `x.new_zeros(N, C, …, …)`, then `padded[:, :, p : …, p : …] = x`

# %% [markdown] hint="zero_pad2d" lang="zh"
# 1. 一张 2 × 3 的图片，`p=1` 时变成 4 × 5，总和不变，四周全是 0。`p=0` 时应与原图完全一样；
#    若在这里报形状错误，是因为切片以 `-0` 结尾。
# 2. 见本讲第 4 节：只有最后两维变大，各增加 2p；原图放在正中，它的第一个像素在第 p 行、第 p 列。
# 3. 先建新尺寸的全 0 张量 `x.new_zeros(N, C, …, …)`，再 `padded[:, :, p : …, p : …] = x`

# %% [markdown] lang="en"
# ## 5 · What the neurons see
#
# A receptive field of 3 × 3 in a picture with 3 channels holds 27 numbers. The lecture straightens them into
# a vector of 27, the input of one neuron. Let us do this for all fields at once: each row of the result is
# what one place sees.
#
# $$(N, C, H, W) \;\longrightarrow\; (N,\; L,\; C \cdot k_h \cdot k_w), \qquad L = H' \cdot W'$$
#
# The $L = H' W'$ places go row by row over the picture. Within one vector the numbers stand as `flatten`
# would put them: channel, then row, then column. (This matrix is often called *im2col*.)
#
# A loop over all places would be slow. There is a cheaper way: all top left corners of all fields together
# are *one* slice of the image with a step; so are all their neighbours to the right, and so on. (In the rules
# below, `F` stands for `torch.nn.functional`.)

# %% [markdown] lang="zh"
# ## 5 · 神经元看到了什么
#
# 图片有 3 个通道时，3 × 3 的感受野里有 27 个数。课上把它拉直成 27 维的向量，作为一个神经元的输入。
# 我们一次为所有感受野做这件事：结果的每一行，就是一个位置看到的东西。
#
# $$(N, C, H, W) \;\longrightarrow\; (N,\; L,\; C \cdot k_h \cdot k_w), \qquad L = H' \cdot W'$$
#
# $L = H' W'$ 个位置在图片上一行一行地排。一个向量内部的次序与 `flatten` 一样：先通道，再行，再列。
# （这个矩阵常被叫做 *im2col*。）
#
# 逐个位置循环会很慢。有个省事的办法：所有感受野的左上角合在一起，就是图片的*一个*带步长的切片；
# 所有左上角右边的那个邻居也是，依此类推。（下面规则里的 `F` 指 `torch.nn.functional`。）

# %% exercise="extract_patches" points=14 difficulty=3 minutes=20 vectorised=true differentiable=true forbidden=["unfold", "convolution"]
def extract_patches(x: Tensor, kh: int, kw: int, stride: int = 1, padding: int = 0) -> Tensor:
    """Every receptive field, straightened into a vector: (N, L, C·kh·kw). (Lecture 8)

    ``x``: floating, (N, C, H, W). Fields have ``kh`` rows and ``kw`` columns, move by ``stride`` in both
    directions, and lie in the image with ``padding`` zeros on each of its four sides. With H' and W' places
    in the two directions (see ``conv_output_size``), L = H'·W', and field number i·W' + j is the one at place
    (i, j), whose top row is row i·stride of the padded image. In a vector come first the numbers of channel
    0, row by row, then those of channel 1, and so on.

    Differentiable. No Python loop over the images or over the places; a loop over the kh·kw pixels of a field
    is fine. Not allowed: the library's convolution and im2col (``F.unfold``). Allowed: your own functions,
    ``F.pad``, and the method ``Tensor.unfold``, which makes windows along one axis.

    把每个感受野拉直成向量：(N, L, C·kh·kw)。（第 8 讲）

    ``x``：浮点，(N, C, H, W)。感受野有 ``kh`` 行、``kw`` 列，在两个方向上每次都移动 ``stride``；
    图片四边先各补 ``padding`` 个 0。设两个方向上各有 H' 和 W' 个位置（见 ``conv_output_size``），
    则 L = H'·W'；第 i·W' + j 个感受野在位置 (i, j)，它的最上一行是填充后图片的第 i·stride 行。
    一个向量里先是第 0 个通道的数（按行），然后是第 1 个通道的，依此类推。

    可微。不要用 Python 循环逐张图片或逐个位置处理；对感受野里的 kh·kw 个像素循环没有问题。
    不可以用库里的卷积和 im2col（``F.unfold``）；可以用你自己的函数、``F.pad``，
    以及沿一维取窗口的方法 ``Tensor.unfold``。
    """
    ### BEGIN SOLUTION
    x = zero_pad2d(x, padding)
    N, C, H, W = x.shape
    rows, cols = conv_output_size(H, kh, stride), conv_output_size(W, kw, stride)
    pixels = [
        x[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride]
        for i in range(kh)
        for j in range(kw)
    ]
    return torch.stack(pixels, dim=2).reshape(N, C * kh * kw, rows * cols).transpose(1, 2)
    ### END SOLUTION

# %% [markdown] hint="extract_patches" lang="en"
# 1. Take the image of 3 × 3 with the numbers 0 to 8 and fields of 2 × 2. The four rows must be (0, 1, 3, 4),
#    (1, 2, 4, 5), (3, 4, 6, 7), (4, 5, 7, 8). Then try two channels: a row starts with all of channel 0.
# 2. Section 5 of the lesson: the numbers at (i, j) of all fields are one slice of the padded image that
#    starts at row i and column j and steps by the stride; it has H' × W' numbers for each channel.
# 3. `pixels = [x[:, :, i : i + stride * rows : stride, …] for i in … for j in …]` are kh·kw tensors (N, C,
#    H', W'). Stack them right after the axis C, merge (C, kh·kw) and (H', W'), and exchange the two.

# %% [markdown] hint="extract_patches" lang="zh"
# 1. 取一张 3 × 3、数值为 0 到 8 的图片，感受野 2 × 2。四行应当是 (0, 1, 3, 4)、(1, 2, 4, 5)、(3, 4, 6, 7)、
#    (4, 5, 7, 8)。再试两个通道：一行的开头应当是第 0 个通道的全部。
# 2. 见本讲第 5 节：所有感受野中位于 (i, j) 的数，合起来是填充后图片的一个切片，
#    从第 i 行、第 j 列开始，步长为 stride；每个通道有 H' × W' 个数。
# 3. `pixels = [x[:, :, i : i + stride * rows : stride, …] for i in … for j in …]`
#    是 kh·kw 个 (N, C, H', W') 的张量。把它们堆叠在 C 那一维之后，合并 (C, kh·kw) 和 (H', W')，再交换这两维。

# %% demo=true
# A digit of 8 × 8, its 36 receptive fields of 3 × 3, and the matrix that holds them.
# 一个 8 × 8 的数字、它的 36 个 3 × 3 感受野，以及装着它们的矩阵。
fields = extract_patches(images[:1], 3, 3)[0]
mosaic = torch.full((6, 4, 6, 4), math.nan)
mosaic[:, :3, :, :3] = fields.reshape(6, 6, 3, 3).transpose(1, 2)
figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained", width_ratios=[3, 4, 1.4])
pictures = (
    (images[0, 0], say("image, 8 × 8", "图片，8 × 8")),
    (mosaic.reshape(24, 24)[:23, :23], say("its 36 receptive fields", "它的 36 个感受野")),
    (fields, say("as rows: 36 × 9", "排成行：36 × 9")),
)
for axis, (picture, title) in zip(axes, pictures, strict=True):
    axis.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
    axis.set_title(title)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_facecolor("lavender")
plt.show()

# %% [markdown] lang="en"
# ## 6 · Observation 2: shared weights, and the convolution
#
# A beak can be anywhere. Should every place train a beak detector of its own? Simplification 2: all places
# use the *same* weights. Such a set of weights is a **filter**; a layer has many, 64 or 128 of them.
#
# Filter $o$ at place $(i, j)$ takes the inner product of its weights with what that place sees, plus its
# bias:
#
# $$y_{o,i,j} = b_o + \sum_{c}\sum_{u}\sum_{v} w_{o,c,u,v}\; x_{c,\; i s + u,\; j s + v}$$
#
# ($x$ is the padded image, $s$ the stride.) All the answers of one filter form its **feature map**. You have
# all fields as rows already; straighten the filters too, and the whole layer is one matrix product.
#
# > **Two words to be careful with.** What deep learning calls *convolution* is, in mathematics, a
# > *cross-correlation*: the filter is laid on the image as it is and **not flipped**. And where the notes say
# > that the next layer's "height" is the number of filters, they mean its depth, the channels: 64 filters
# > give an "image" with 64 channels, and the filters of the next layer are 64 deep.

# %% [markdown] lang="zh"
# ## 6 · 观察 2：参数共享，以及卷积
#
# 鸟嘴可能在任何地方。难道每个位置都要自己训练一个侦测鸟嘴的神经元？简化 2：所有位置用*同一组*权重。
# 这样一组权重叫做一个**过滤器**（filter）；一层有很多个，64 或 128 个。
#
# 过滤器 $o$ 在位置 $(i, j)$，把自己的权重与那里看到的东西做内积，再加上自己的偏置：
#
# $$y_{o,i,j} = b_o + \sum_{c}\sum_{u}\sum_{v} w_{o,c,u,v}\; x_{c,\; i s + u,\; j s + v}$$
#
# （$x$ 是填充后的图片，$s$ 是步幅。）一个过滤器的所有回答构成它的**特征图**（feature map，笔记叫“特征映射图”）。
# 你已经把所有感受野排成了行；再把过滤器也拉直，整个一层就是一次矩阵乘法。
#
# > **两个要留神的词。** 深度学习里说的“卷积”，在数学上是*互相关*：过滤器原样放在图片上，**不翻转**。
# > 另外，笔记说后一层的“高度”等于前一层的 filter 个数，指的是深度，也就是通道数：
# > 64 个过滤器得到一张有 64 个通道的“图片”，下一层的过滤器就有 64 层深。

# %% exercise="conv2d" points=16 difficulty=3 minutes=20 vectorised=true differentiable=true forbidden=["convolution", "unfold"]
def conv2d(x: Tensor, w: Tensor, b: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    """A convolutional layer: every filter on every receptive field, plus its bias. (Lecture 8)

    ``x``: floating, (N, C, H, W). ``w``: the filters, (O, C, kh, kw), of the same dtype. ``b``: one bias for
    each filter, (O,). Fields move by ``stride`` in both directions, in the image with ``padding`` zeros on
    each side. The result has the shape (N, O, H', W') and the dtype and device of ``x``: channel o is the
    feature map of filter o. Filters are not flipped, and nothing follows the sum (no activation).

    Differentiable in x, w and b. No Python loop over the images or over the places of the picture; loops over
    the kh·kw pixels of a field are fine. Not allowed: the library's convolution and im2col (``F.unfold``).
    Allowed: your own functions, ``F.pad`` and the method ``Tensor.unfold``.

    卷积层：每个过滤器作用于每个感受野，再加上自己的偏置。（第 8 讲）

    ``x``：浮点，(N, C, H, W)。``w``：过滤器，(O, C, kh, kw)，dtype 相同。``b``：每个过滤器一个偏置，(O,)。
    感受野在两个方向上每次都移动 ``stride``；图片四边先各补 ``padding`` 个 0。
    结果的形状是 (N, O, H', W')，dtype 和设备与 ``x`` 相同：第 o 个通道是过滤器 o 的特征图。
    过滤器不翻转，求和之后不再做别的（没有激活函数）。

    对 x、w、b 可微。不要用 Python 循环逐张图片或逐个位置处理；对感受野里的 kh·kw 个像素循环没有问题。
    不可以用库里的卷积和 im2col（``F.unfold``）；可以用你自己的函数、``F.pad`` 和方法 ``Tensor.unfold``。
    """
    ### BEGIN SOLUTION
    O, _, kh, kw = w.shape
    rows = conv_output_size(x.shape[2], kh, stride, padding)
    cols = conv_output_size(x.shape[3], kw, stride, padding)
    y = extract_patches(x, kh, kw, stride, padding) @ w.reshape(O, -1).T + b
    return y.transpose(1, 2).reshape(x.shape[0], O, rows, cols)
    ### END SOLUTION

# %% [markdown] hint="conv2d" lang="en"
# 1. Take an image with a single 1 in the middle, and a filter with the numbers 1 to 9: the feature map shows
#    the filter turned by 180°, as it should. If it shows the filter upright, you flipped it. With an image of
#    zeros each feature map must be its bias everywhere.
# 2. Section 6 of the lesson: with `extract_patches` each place is a row (N, L, C·kh·kw); a filter as a vector
#    of the same order makes the sum over c, u, v an inner product, for all filters one matrix product: (N, L,
#    O). The axis O has to move before L *by exchanging axes*; a bare reshape would mix filters and places.
# 3. `y = extract_patches(…) @ w.reshape(O, -1).T + b`, then `return y.transpose(…, …).reshape(N, O, …, …)`

# %% [markdown] hint="conv2d" lang="zh"
# 1. 取一张正中间有一个 1、其余为 0 的图片，过滤器填 1 到 9：特征图上应是旋转了 180° 的过滤器。
#    若看到的是正着的过滤器，说明你翻转了它。图片全为 0 时，每张特征图处处等于自己的偏置。
# 2. 见本讲第 6 节：用 `extract_patches`，每个位置是一行，(N, L, C·kh·kw)；把过滤器按同样次序拉直，
#    对 c、u、v 的求和就是内积，所有过滤器合起来是一次矩阵乘法：(N, L, O)。
#    O 那一维要*交换*到 L 之前；直接 reshape 会把过滤器和位置搅在一起。
# 3. `y = extract_patches(…) @ w.reshape(O, -1).T + b`，然后 `return y.transpose(…, …).reshape(N, O, …, …)`

# %% demo=true
# The lecture's image of 6 × 6 and its two filters: where does a feature map light up?
# 课上的 6 × 6 图片和两个过滤器：特征图在哪里亮起来？
lecture_image = torch.tensor(
    [[1, 0, 0, 0, 0, 1], [0, 1, 0, 0, 1, 0], [0, 0, 1, 1, 0, 0],
     [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 1, 0]], dtype=torch.float32
)[None, None]
filters = torch.tensor(
    [[[1, -1, -1], [-1, 1, -1], [-1, -1, 1]], [[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]]], dtype=torch.float32
)[:, None]


def show_numbers(axis, picture: Tensor, title: str, **options) -> None:
    """The picture with its numbers written on it.

    画出图片，并把数值写在上面。
    """
    axis.imshow(picture, **options)
    for i, row in enumerate(picture.tolist()):
        for j, value in enumerate(row):
            axis.text(j, i, f"{value:g}", ha="center", va="center")
    axis.set_title(title)
    axis.set_xticks([])
    axis.set_yticks([])


maps = conv2d(lecture_image, filters, torch.zeros(2))
figure, axes = plt.subplots(1, 5, figsize=(12, 2.8), layout="constrained", width_ratios=[6, 3, 4, 3, 4])
colors = {"cmap": "RdYlGn", "vmin": -4, "vmax": 4, "alpha": 0.6}
show_numbers(axes[0], lecture_image[0, 0], say("image", "图片"), cmap="gray_r", vmin=0, vmax=4)
for o in range(2):
    show_numbers(axes[1 + 2 * o], filters[o, 0], say(f"filter {o + 1}", f"过滤器 {o + 1}"), **colors)
    show_numbers(axes[2 + 2 * o], maps[0, o], say(f"feature map {o + 1}", f"特征图 {o + 1}"), **colors)
plt.show()

# %% [markdown] lang="en"
# Filter 1 looks for a diagonal that falls to the right and finds it twice, top left and bottom left: the same
# pattern, two places, one set of weights. Filter 2 looks for a vertical line and finds it bottom right.
#
# In a trained network the filters are learned, not designed. But designed ones show on a photo what a layer
# can see:

# %% [markdown] lang="zh"
# 过滤器 1 找的是向右下的对角线，在左上和左下各找到一处：同样的模式，两个地方，一组权重。
# 过滤器 2 找的是竖线，在右下找到了。
#
# 在训练好的网络里，过滤器是学出来的，不是设计的。不过用设计好的过滤器看一张照片，很能说明一层能看到什么：

# %% demo=true
from sklearn.datasets import load_sample_image

# Each filter sees all three channels of the photo and answers with one feature map.
# 每个过滤器都看照片的全部三个通道，回答是一张特征图。
photo = torch.tensor(load_sample_image("china.jpg") / 255, dtype=torch.float32).permute(2, 0, 1)[None]
edge = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
designs = {
    say("vertical edges", "竖直的边缘"): torch.stack([edge] * 3) / 3,
    say("horizontal edges", "水平的边缘"): torch.stack([edge.T] * 3) / 3,
    say("red minus blue", "红减蓝"): torch.tensor([1.0, 0, -1])[:, None, None] * torch.ones(3, 3) / 4,
}
maps = conv2d(photo, torch.stack(list(designs.values())), torch.zeros(3), stride=2, padding=1)
figure, axes = plt.subplots(1, 4, figsize=(12, 2.4), layout="constrained")
axes[0].imshow(photo[0].permute(1, 2, 0))
axes[0].set_title(say("photo", "照片"))
for axis, title, picture in zip(axes[1:], designs, maps[0], strict=True):
    axis.imshow(picture, cmap="gray", vmin=-1, vmax=1)
    axis.set_title(title)
for axis in axes:
    axis.axis("off")
plt.show()

# %% [markdown] lang="en"
# ## 7 · What sharing saves
#
# A convolutional layer's parameters are its filters and their biases. How large the picture is does not
# matter. Each filter is as deep as its input has channels.

# %% [markdown] lang="zh"
# ## 7 · 共享省下了多少
#
# 卷积层的参数就是过滤器和它们的偏置，图片多大无关紧要。输入有多少个通道，每个过滤器就有多深。

# %% exercise="conv_param_count" points=5 difficulty=1 minutes=4
def conv_param_count(c_in: int, c_out: int, kh: int, kw: int, bias: bool = True) -> int:
    """How many parameters a convolutional layer has. (Lecture 8)

    ``c_in``: channels of the input. ``c_out``: the number of filters. ``kh``, ``kw``: rows and columns of a
    filter. With ``bias`` each filter has one bias, without it none. The result is an int.

    卷积层有多少个参数。（第 8 讲）

    ``c_in``：输入的通道数。``c_out``：过滤器的个数。``kh``、``kw``：过滤器的行数和列数。
    ``bias`` 为真时每个过滤器有一个偏置，否则没有偏置。结果是 int。
    """
    ### BEGIN SOLUTION
    return c_out * (c_in * kh * kw + bool(bias))
    ### END SOLUTION

# %% [markdown] hint="conv_param_count" lang="en"
# 1. The lecture's first layer: 64 filters of 3 × 3 on 3 channels have 64 · 27 = 1728 weights, and 1792
#    parameters with the biases. `conv_param_count(2, 3, 1, 1)` is 9.
# 2. Section 7 of the lesson, and the shape of `w` in section 6: (O, C, kh, kw), and of `b`: (O,).
# 3. `return c_out * (… + …)`, where the last term depends on `bias`

# %% [markdown] hint="conv_param_count" lang="zh"
# 1. 课上的第一层：64 个 3 × 3 的过滤器，3 个通道，有 64 · 27 = 1728 个权重，加上偏置共 1792 个参数。
#    `conv_param_count(2, 3, 1, 1)` 是 9。
# 2. 见本讲第 7 节，以及第 6 节里 `w` 的形状 (O, C, kh, kw) 和 `b` 的形状 (O,)。
# 3. `return c_out * (… + …)`，最后一项取决于 `bias`

# %% demo=true
# The lecture's image again, 100 × 100 with 3 channels.
# 还是课上的图片，100 × 100，3 个通道。
full, shared = fc_param_count((3, 100, 100), 1000), conv_param_count(3, 64, 3, 3)
unshared = 64 * conv_output_size(100, 3, 1, 1) ** 2 * (27 + 1)
print(say(f"1000 neurons that see everything:                {full:>12,}",
          f"1000 个什么都看的神经元：                 {full:>12,}"))
print(say(f"64 neurons a place, each with weights of its own: {unshared:>11,}",
          f"每个位置 64 个神经元，各有各的权重：      {unshared:>12,}"))
print(say(f"64 filters that all places share:                {shared:>12,}",
          f"64 个过滤器，所有位置共享：               {shared:>12,}"))

# %% [markdown] lang="en"
# ## 8 · The equation, taken at its word
#
# *Fully connected + receptive fields + shared weights = convolution.* If this is true, there must be a fully
# connected layer, a matrix $M$, that does what your filters do:
#
# $$\operatorname{flatten}(\operatorname{conv2d}(x)) = M \, \operatorname{flatten}(x)$$
#
# $M$ has a row for each neuron, that is for each filter and place, and a column for each number of the image.
# Outside the receptive field the row is 0. And the same few weights appear in row after row, a little further
# on each time.

# %% [markdown] lang="zh"
# ## 8 · 把那个等式当真
#
# *全连接层 + 感受野 + 参数共享 = 卷积层。* 如果这话是真的，就一定有一个全连接层，也就是一个矩阵 $M$，
# 做的事和你的过滤器一样：
#
# $$\operatorname{flatten}(\operatorname{conv2d}(x)) = M \, \operatorname{flatten}(x)$$
#
# $M$ 的每一行是一个神经元，即一个过滤器在一个位置上；每一列是图片的一个数。
# 感受野之外，这一行都是 0；而同样那几个权重在一行又一行里出现，每次挪开一点。

# %% exercise="conv_as_dense" points=10 difficulty=3 minutes=20 forbidden=["convolution"]
def conv_as_dense(w: Tensor, H: int, W: int) -> Tensor:
    """The matrix M of the fully connected layer that does what a convolution does. (Lecture 8)

    ``w``: the filters, floating, (O, C, kh, kw). They work on an image (C, H, W) with stride 1, no padding
    and no bias, so that H' = H − kh + 1 and W' = W − kw + 1. The result has the shape (O·H'·W', C·H·W) and
    the dtype and device of ``w``, and ``M @ x.flatten()`` is the flattened output of the convolution for any
    image x. Rows are in the order (filter, row, column) and columns in the order (channel, row, column), as
    ``flatten`` puts them.

    Loops are fine here. The library's convolution is not; your own functions are.

    与卷积做同一件事的全连接层的矩阵 M。（第 8 讲）

    ``w``：过滤器，浮点，(O, C, kh, kw)。它们作用于一张图片 (C, H, W)，步幅 1，不填充，没有偏置，
    所以 H' = H − kh + 1，W' = W − kw + 1。结果的形状是 (O·H'·W', C·H·W)，dtype 和设备与 ``w`` 相同；
    对任何图片 x，``M @ x.flatten()`` 就是卷积的输出拉直后的样子。
    行的次序是（过滤器、行、列），列的次序是（通道、行、列），与 ``flatten`` 一致。

    这里可以用循环，也可以用你自己的函数；不可以用库里的卷积。
    """
    ### BEGIN SOLUTION
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    M = w.new_zeros(O, rows, cols, C, H, W)
    for i in range(rows):
        for j in range(cols):
            M[:, i, j, :, i : i + kh, j : j + kw] = w
    return M.reshape(O * rows * cols, C * H * W)
    ### END SOLUTION

# %% [markdown] hint="conv_as_dense" lang="en"
# 1. One filter of 1 × 2 with the weights (5, 7), and an image of 1 × 3: M must be [[5, 7, 0], [0, 5, 7]].
#    Each row holds the C·kh·kw weights of one filter and zeros.
# 2. Section 8 of the lesson: the row of filter o and place (i, j), seen as an image (C, H, W), is 0 except in
#    the receptive field, rows i to i + kh − 1 and columns j to j + kw − 1, where it is w[o].
# 3. Build M with six axes, `w.new_zeros(O, rows, cols, C, H, W)`; for each place one assignment
#    `M[:, i, j, :, …, …] = w`; then reshape to two axes.

# %% [markdown] hint="conv_as_dense" lang="zh"
# 1. 一个 1 × 2 的过滤器，权重 (5, 7)，图片 1 × 3：M 应为 [[5, 7, 0], [0, 5, 7]]。
#    每一行都是某个过滤器的 C·kh·kw 个权重，其余是 0。
# 2. 见本讲第 8 节：过滤器 o 在位置 (i, j) 的那一行，还原成图片 (C, H, W) 来看，
#    只有感受野（第 i 到 i + kh − 1 行，第 j 到 j + kw − 1 列）里是 w[o]，其余都是 0。
# 3. 先建六维的 M：`w.new_zeros(O, rows, cols, C, H, W)`；每个位置赋值一次：
#    `M[:, i, j, :, …, …] = w`；最后 reshape 成两维。

# %% demo=true
# From full connection to convolution: two simplifications, 16 neurons, 36 pixels.
# 从全连接到卷积：两次简化，16 个神经元，36 个像素。
random = torch.Generator().manual_seed(1)
dense = torch.randn(16, 36, generator=random)
convolution = conv_as_dense(torch.randn(1, 1, 3, 3, generator=random), 6, 6)
steps = (
    (dense, say("fully connected", "全连接")),
    (dense * (convolution != 0), say("+ receptive fields", "+ 感受野")),
    (convolution, say("+ shared weights", "+ 参数共享")),
)
figure, axes = plt.subplots(1, 3, figsize=(12, 2.5), layout="constrained", sharey=True)
for axis, (M, title) in zip(axes, steps, strict=True):
    axis.imshow(M, cmap="RdBu", vmin=-2.5, vmax=2.5)
    weights = len(M[M != 0].unique())
    axis.set_title(say(f"{title}: {weights} weights", f"{title}：{weights} 个权重"))
    axis.set_xlabel(say("pixel", "像素"))
axes[0].set_ylabel(say("neuron", "神经元"))
plt.show()

# %% [markdown] lang="en"
# The right-hand layer can do *less* than the left one: its bias is larger, in the words of lecture 2. But
# what it cannot do, no picture asks for. That is why a CNN overfits less on images, and why it makes little
# sense for a table of numbers whose columns are no neighbours.
#
# ## 9 · Deep layers see wide
#
# With kernels of 3 × 3, how can a network see a pattern of 24 × 24? By stacking. A number of the second
# feature map looks at 3 × 3 numbers of the first, and these together at 5 × 5 pixels.
#
# In general: let $r$ be the size of what one number sees, in pixels, and $d$ the distance in pixels between
# two neighbours of the current map. At the image itself $r = d = 1$. A layer with kernel $k$ takes $k$
# neighbours, $k - 1$ steps of $d$ apart; its stride then widens the steps of the *next* layer:
#
# $$r \leftarrow r + (k - 1)\, d, \qquad d \leftarrow s \cdot d$$

# %% [markdown] lang="zh"
# 右边的层能做的事比左边的*少*：用第 2 讲的话说，它的模型偏差更大。但它做不到的那些事，图片也用不着。
# 所以 CNN 在图像上不容易过拟合；而对于各列没有邻居关系的数据表，用它就没有道理。
#
# ## 9 · 层数越深，看得越广
#
# kernel 只有 3 × 3，网络怎么看得到 24 × 24 的模式？靠叠加。
# 第二张特征图上的一个数，看的是第一张上的 3 × 3 个数，合起来就是 5 × 5 个像素。
#
# 一般地：设 $r$ 是一个数看到的范围（以像素计），$d$ 是当前这张图上相邻两个数之间相隔的像素数。
# 在原图上 $r = d = 1$。kernel 为 $k$ 的一层取 $k$ 个相邻的数，头尾相隔 $k - 1$ 步，每步 $d$ 个像素；
# 而它的步幅会让*下一层*的步子变大：
#
# $$r \leftarrow r + (k - 1)\, d, \qquad d \leftarrow s \cdot d$$

# %% exercise="receptive_field" points=8 difficulty=2 minutes=10
def receptive_field(layers: list[tuple[int, int]]) -> int:
    """How wide a region a number of the last layer sees, in pixels, in one direction. (Lecture 8)

    ``layers``: (kernel size, stride) of each convolution or pooling, from the image to the last layer. The
    region goes from the first to the last pixel that the number depends on; pixels in between count, also
    where a stride larger than the next kernel skips some. No layer at all means the image itself, of which a
    number sees 1 pixel. The edges of the picture play no role. The result is an int, and ``layers`` stays as
    it was.

    最后一层的一个数，在一个方向上看到图片上多宽的一块，以像素计。（第 8 讲）

    ``layers``：每个卷积或池化的（kernel 大小，步幅），从图片一侧排到最后一层。
    这一块从那个数所依赖的第一个像素算到最后一个像素；中间的像素都算，哪怕步幅太大、跳过了其中一些。
    一层也没有时就是图片本身，一个数只看到 1 个像素。不考虑图片的边缘。结果是 int，``layers`` 本身不变。
    """
    ### BEGIN SOLUTION
    size, distance = 1, 1
    for k, stride in layers:
        size += (k - 1) * distance
        distance *= stride
    return size
    ### END SOLUTION

# %% [markdown] hint="receptive_field" lang="en"
# 1. Two layers of 3 × 3 with stride 1 see 5 pixels; `receptive_field([(3, 2), (3, 1)])` is 7, for the second
#    layer's three inputs start at pixels 0, 2, 4 and are 3 wide. The stride of the last layer changes
#    nothing.
# 2. Section 9 of the lesson: r ← r + (k − 1)·d, *then* d ← s·d; both start at 1.
# 3. `for k, stride in layers:` and in it `size += (…) * distance`, then `distance *= …`

# %% [markdown] hint="receptive_field" lang="zh"
# 1. 两层 3 × 3、步幅 1，看到 5 个像素；`receptive_field([(3, 2), (3, 1)])` 是 7：第二层的三个输入
#    从第 0、2、4 个像素开始，各宽 3。最后一层的步幅不起作用。
# 2. 见本讲第 9 节：r ← r + (k − 1)·d，*然后* d ← s·d；两者都从 1 开始。
# 3. `for k, stride in layers:`，循环里 `size += (…) * distance`，然后 `distance *= …`

# %% demo=true
# Ask the gradient: which pixels can change the number in the middle of the last map, and how much?
# 问问梯度：哪些像素能改变最后一张图正中间的那个数？影响多大？
stacks = {
    "3×3": [(3, 1)],
    "3×3 → 3×3": [(3, 1)] * 2,
    "3×3 → 3×3 → 3×3": [(3, 1)] * 3,
    say("3×3 → 2×2, stride 2 → 3×3", "3×3 → 2×2（步幅 2）→ 3×3"): [(3, 1), (2, 2), (3, 1)],
}
figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained")
for axis, (title, layers) in zip(axes, stacks.items(), strict=True):
    image = torch.zeros(1, 1, 16, 16, requires_grad=True)
    y = image
    for k, stride in layers:
        y = conv2d(y, torch.ones(1, 1, k, k) / k**2, torch.zeros(1), stride)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    influence = image.grad[0, 0]
    seen, computed = int((influence > 0).any(dim=0).sum()), receptive_field(layers)
    axis.imshow(influence, cmap="Blues")
    axis.set_xticks([])
    axis.set_yticks([])
    counted = say(f"counted {seen}, computed {computed}", f"数出来 {seen}，算出来 {computed}")
    axis.set_title(f"{title}\n{counted}", fontsize="medium")
plt.show()

# %% [markdown] lang="en"
# ## 10 · Observation 3: pooling
#
# Drop every other row and every other column of a photo, and you still see what it shows. **Max pooling**
# shrinks a feature map in that spirit: it puts windows of $k \times k$ on each channel and keeps the largest
# number of each, the clearest sign of the pattern. It has nothing to learn, which is why the notes do not
# count it as a layer.
#
# Windows usually do not overlap: the stride is $k$ unless something else is said. As with convolutions, a
# window that would stick out is dropped.
#
# > **A half or a quarter?** The notes: take away half of the pixels, and the image shrinks to ¼. Half of the
# > *rows* and half of the *columns* go; a quarter of the pixels stays.

# %% [markdown] lang="zh"
# ## 10 · 观察 3：池化
#
# 把照片隔行隔列地去掉，你仍看得出那是什么。**最大池化**就是照这个想法缩小特征图：
# 在每个通道上放 $k \times k$ 的窗口，每个窗口只留下最大的那个数，也就是模式最明显的迹象。
# 它没有什么要学的，所以笔记说它不算一个层。
#
# 窗口通常不重叠：没有特别说明时，步幅就是 $k$。和卷积一样，会伸出去的窗口不要。
#
# > **是一半还是四分之一？** 笔记说把一半像素拿掉，图片缩小为 1/4。准确地说，是去掉一半的*行*和一半的*列*，
# > 留下四分之一的像素。

# %% exercise="max_pool2d" points=10 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["pooling"]
def max_pool2d(x: Tensor, k: int, stride: int | None = None) -> Tensor:
    """The largest number of each k × k window, channel by channel. (Lecture 8)

    ``x``: floating, (N, C, H, W); numbers may be negative, however large. Windows move by ``stride`` in both
    directions, by ``k`` where it is None; they may overlap or leave gaps. There is no padding, and a window
    that would stick out is dropped: the result has the shape (N, C, H', W') with the sizes of
    ``conv_output_size``, and the dtype and device of ``x``.

    Differentiable (where several numbers of a window are the largest, any choice is fine). No Python loop
    over images or places; a loop over the k·k pixels of a window is fine. No library pooling.

    每个 k × k 窗口里最大的数，逐个通道分别取。（第 8 讲）

    ``x``：浮点，(N, C, H, W)；可以有负数，多大都行。窗口在两个方向上每次都移动 ``stride``，
    为 None 时移动 ``k``；窗口可以重叠，也可以留出空隙。不填充，会伸出去的窗口不要：结果的形状是
    (N, C, H', W')，大小同 ``conv_output_size``，dtype 和设备与 ``x`` 相同。

    可微（窗口里有几个并列最大时，怎样分都可以）。不要用 Python 循环逐张图片或逐个位置处理；
    对窗口里的 k·k 个像素循环没有问题。不要调用库里的池化。
    """
    ### BEGIN SOLUTION
    stride = k if stride is None else stride
    rows, cols = conv_output_size(x.shape[2], k, stride), conv_output_size(x.shape[3], k, stride)
    pixels = [
        x[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride]
        for i in range(k)
        for j in range(k)
    ]
    return torch.stack(pixels).amax(dim=0)
    ### END SOLUTION

# %% [markdown] hint="max_pool2d" lang="en"
# 1. The lecture's feature map of 4 × 4 becomes [[3, 0], [3, 1]] with `k=2`. Then pool an image of −1
#    everywhere: the result must be −1 everywhere, not 0. With a height of 5 and `k=2` there are 2 rows, and
#    with `stride=1` there are 4.
# 2. Section 10 of the lesson. As in section 5, the numbers at (i, j) of all windows are one slice of `x` with
#    a step; here you need the largest of k·k slices.
# 3. `pixels = [x[:, :, i : … : stride, j : … : stride] for i in … for j in …]`, then the `amax` over the
#    list's axis of `torch.stack(pixels)`

# %% [markdown] hint="max_pool2d" lang="zh"
# 1. `k=2` 时，课上那张 4 × 4 的特征图变成 [[3, 0], [3, 1]]。再池化一张处处为 −1 的图片：
#    结果应处处是 −1，而不是 0。高为 5、`k=2` 时有 2 行；`stride=1` 时有 4 行。
# 2. 见本讲第 10 节。与第 5 节一样，所有窗口中位于 (i, j) 的数，是 `x` 的一个带步长的切片；
#    这里要的是 k·k 个切片中最大的。
# 3. `pixels = [x[:, :, i : … : stride, j : … : stride] for i in … for j in …]`，
#    然后对 `torch.stack(pixels)` 沿列表那一维取 `amax`

# %% demo=true
# Pooled once, three times, and five times: when do you stop recognising the place?
# 池化一次、三次、五次：到第几次，你就认不出这是哪里了？
small = [photo]
for _ in range(5):
    small.append(max_pool2d(small[-1], 2))
figure, axes = plt.subplots(1, 4, figsize=(12, 2.6), layout="constrained")
for axis, times in zip(axes, (0, 1, 3, 5), strict=True):
    picture = small[times][0]
    height, width = picture.shape[1:]
    axis.imshow(picture.permute(1, 2, 0))
    pixels = say(f"({height * width:,} pixels)", f"（{height * width:,} 个像素）")
    axis.set_title(f"{height} × {width} {pixels}")
    axis.axis("off")
plt.show()

# %% [markdown] lang="en"
# The picture also gets brighter: of four pixels the lightest always wins. Pooling keeps *that* something was
# there and forgets where exactly. Often a bargain; but where single pixels count it does harm (AlphaGo has no
# pooling), and with today's computing power many networks leave it out.
#
# ## 11 · Back through the pooling
#
# Training needs the gradient with respect to the image, and autograd would find it. Write it once by hand,
# and you know what it does. Only the largest number of a window decides the output, so it alone gets that
# window's gradient; the others get 0. Two questions remain:
#
# * Windows overlap, and one pixel is the largest in several of them. Each of them wants to be heard.
# * Two pixels of a window are equal and the largest. Like PyTorch, we give all to the *first* one, row by
#   row. (After ReLU, ties are everyday life: whole windows are 0.)

# %% [markdown] lang="zh"
# 图片还变亮了：四个像素里总是最亮的那个赢。池化记住了*有*什么，忘掉了究竟在哪里。这笔交易常常划算；
# 但在每个像素都要紧的地方它有害（AlphaGo 就没有池化），如今算力提升，许多网络也不再用它。
#
# ## 11 · 反向穿过池化
#
# 训练需要对图片的梯度，自动求导能替你算。不过亲手写一次，你才知道它做了什么。
# 窗口的输出只由最大的那个数决定，所以这个窗口的梯度全归它，其余的得 0。还剩两个问题：
#
# * 窗口重叠时，一个像素可能是好几个窗口里最大的。每个窗口的意见都要算。
# * 窗口里有两个像素并列最大。和 PyTorch 一样，全部给按行数的*第一个*。
#   （经过 ReLU 之后，并列是家常便饭：整个窗口都是 0。）

# %% exercise="max_pool2d_backward" points=14 difficulty=3 minutes=25 vectorised=true forbidden=["autograd", "pooling"]
def max_pool2d_backward(x: Tensor, dout: Tensor, k: int, stride: int | None = None) -> Tensor:
    """Gradient of max pooling with respect to ``x``. (Lecture 8)

    ``x``: floating, (N, C, H, W). ``dout``: the gradient of the loss with respect to the output of
    ``max_pool2d(x, k, stride)``, of its shape (N, C, H', W') and the dtype of ``x``. ``stride`` is ``k``
    where it is None. The result has the shape and dtype of ``x``: each number of ``dout`` goes to the place
    of the largest number of its window, the first one row by row where several are equal. A pixel that is the
    largest in several windows gets their sum, and one that is in no window gets 0. ``x`` and ``dout`` stay as
    they were.

    No automatic differentiation and no library pooling. No Python loop over images or places; a
    loop over the k·k pixels of a window is fine.

    最大池化对 ``x`` 的梯度。（第 8 讲）

    ``x``：浮点，(N, C, H, W)。``dout``：损失对 ``max_pool2d(x, k, stride)`` 的梯度，形状与它相同，
    即 (N, C, H', W')，dtype 与 ``x`` 相同。``stride`` 为 None 时等于 ``k``。结果的形状和 dtype 与 ``x`` 相同：
    ``dout`` 的每个数归它那个窗口里最大的数所在的位置；有几个并列时，归按行数的第一个。
    一个像素是好几个窗口里最大的，就得到它们的和；不在任何窗口里的像素得 0。``x`` 和 ``dout`` 本身不变。

    不要用自动求导和库里的池化。不要用 Python 循环逐张图片或逐个位置处理；
    对窗口里的 k·k 个像素循环没有问题。
    """
    ### BEGIN SOLUTION
    stride = k if stride is None else stride
    N, C, H, W = x.shape
    windows = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    rows, cols = windows.shape[2:4]
    first = windows.argmax(dim=4)
    row = stride * torch.arange(rows, device=x.device)[:, None] + first // k
    col = stride * torch.arange(cols, device=x.device) + first % k
    dx = x.new_zeros(N, C, H * W)
    return dx.scatter_add(2, (row * W + col).flatten(2), dout.flatten(2)).reshape(N, C, H, W)
    ### END SOLUTION

# %% [markdown] hint="max_pool2d_backward" lang="en"
# 1. Without overlap the sum of the result is the sum of `dout`, and with overlap too: if something is
#    missing, a later window has overwritten an earlier one. For an image of zeros everything must land in the
#    first pixel of each window.
# 2. Section 11 of the lesson: find the place of the first largest number in each window (`argmax` over the
#    window's pixels gives the first), turn it into a place in the image, and *add* the gradient there.
# 3. With `first` the index in the window, its row in the image is `stride * i + first // k`, its column …;
#    then `x.new_zeros(N, C, H * W).scatter_add(2, …, dout.flatten(2))`. Or go through the k·k slices with
#    `dx[:, :, i : … : stride, …] += dout * (…)`, and remember which windows have already given.

# %% [markdown] hint="max_pool2d_backward" lang="zh"
# 1. 不管窗口是否重叠，结果之和都等于 `dout` 之和：若少了，就是后面的窗口覆盖了前面的。
#    图片全为 0 时，一切都应落在每个窗口的第一个像素上。
# 2. 见本讲第 11 节：找到每个窗口里第一个最大值的位置（对窗口的像素取 `argmax`，给出的就是第一个），
#    换算成图片上的位置，再把梯度*加*上去。
# 3. 设 `first` 是窗口内的编号，它在图片上的行是 `stride * i + first // k`，列是……；然后
#    `x.new_zeros(N, C, H * W).scatter_add(2, …, dout.flatten(2))`。或者逐个处理 k·k 个切片：
#    `dx[:, :, i : … : stride, …] += dout * (…)`，并记住哪些窗口已经给出过梯度。

# %% demo=true
# The lecture's feature map, windows of 2 × 2. Every window sends back a 1: who gets how much?
# 课上的特征图，窗口 2 × 2。每个窗口都送回一个 1：谁得到多少？
feature_map = torch.tensor([[3.0, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]])[None, None]
figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
show_numbers(axes[0], feature_map[0, 0], say("feature map", "特征图"), cmap="RdYlGn", vmin=-4, vmax=4, alpha=0.6)
for axis, stride in zip(axes[1:], (2, 1), strict=True):
    ones = torch.ones_like(max_pool2d(feature_map, 2, stride))
    back = max_pool2d_backward(feature_map, ones, 2, stride)[0, 0]
    show_numbers(axis, back, say(f"gradient, stride {stride}", f"梯度，步幅 {stride}"), cmap="Blues", vmax=8)
plt.show()

# And a check against PyTorch's automatic differentiation of your max_pool2d, with overlapping windows.
# 再与 PyTorch 对你的 max_pool2d 自动求导的结果对照，窗口有重叠。
x = torch.randn(2, 3, 9, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
y = max_pool2d(x, 3, 2)
dout = torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
y.backward(dout)
difference = (max_pool2d_backward(x.detach(), dout, 3, 2) - x.grad).abs().max().item()
print(say(f"largest difference from autograd: {difference:.1e}", f"与自动求导最大的差：{difference:.1e}"))

# %% [markdown] lang="en"
# ## Capstone · The same digit, one pixel to the left
#
# Everything together, with your functions:
#
# $$\text{image} \to \text{conv} \to \text{pool} \to \text{conv} \to \text{pool} \to \text{flatten} \to
# \text{fully connected} \to \text{softmax}$$
#
# The opponent is fully connected, with one hidden layer of 128 neurons. Both train for 12 epochs on 1297
# digits of 8 × 8 pixels; 500 others are for validation. Then the validation digits move by one pixel, left,
# right, up and down; neither network has ever seen that.
#
# Make your bet before you run the cell: how many right answers will each of the two keep? (It takes some
# seconds: your convolution is at work, forwards, and through autograd backwards.) Under the scores you will
# see what the CNN learned: its first filters, and what they answer to one digit.

# %% [markdown] lang="zh"
# ## 综合实践 · 同一个数字，向左一个像素
#
# 现在把一切合在一起，全用你写的函数：
#
# $$\text{图片} \to \text{卷积} \to \text{池化} \to \text{卷积} \to \text{池化} \to \text{拉直} \to
# \text{全连接} \to \text{softmax}$$
#
# 对手是全连接网络，一个隐藏层，128 个神经元。两者都在 1297 个 8 × 8 的数字上训练 12 轮，另外 500 个用来验证。
# 然后把验证集的数字向左、右、上、下各平移一个像素，这是两个网络都没见过的。
#
# 运行之前先押个注：两个网络各能保住多少正确答案？
# （要等几秒钟：你的卷积正在工作，前向是它，自动求导的反向也穿过它。）
# 成绩下面还有 CNN 学到的东西：第一层的过滤器，以及它们对一个数字的回答。

# %% demo=true
digits = load_digits()
X, labels = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None], torch.tensor(digits.target)
order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
train, validation = order[:1297], order[1297:]


def cnn(x: Tensor, parameters: list[Tensor]) -> Tensor:
    w1, b1, w2, b2, W, b = parameters
    h = max_pool2d(conv2d(x, w1, b1, padding=1).relu(), 2)
    h = max_pool2d(conv2d(h, w2, b2, padding=1).relu(), 2)
    return flatten(h) @ W + b


def fully_connected(x: Tensor, parameters: list[Tensor]) -> Tensor:
    W1, b1, W2, b2 = parameters
    return (flatten(x) @ W1 + b1).relu() @ W2 + b2


def accuracy(model, parameters: list[Tensor], x: Tensor) -> float:
    with torch.no_grad():
        return (model(x, parameters).argmax(dim=1) == labels[validation]).float().mean().item()


def train_model(model, shapes: list[tuple[int, ...]], fans: list[int], epochs: int = 12):
    """Weights are random with variance 2 / fan (how many numbers a neuron sees); biases are 0.

    权重随机，方差为 2 / fan，fan 是一个神经元看到多少个数；偏置为 0。
    """
    random = torch.Generator().manual_seed(0)
    parameters = []
    for shape, fan in zip(shapes, fans, strict=True):
        parameters += [torch.randn(shape, generator=random) * (2 / fan) ** 0.5]
        parameters += [torch.zeros(shape[0] if len(shape) == 4 else shape[1])]
    parameters = [p.requires_grad_() for p in parameters]
    optimizer = torch.optim.Adam(parameters, lr=0.005)
    curve = []
    for _ in range(epochs):
        for batch in torch.randperm(len(train), generator=random).split(64):
            logits = model(X[train[batch]], parameters)
            loss = torch.nn.functional.cross_entropy(logits, labels[train[batch]])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        curve.append(accuracy(model, parameters, X[validation]))
    return parameters, curve


cnn_parameters, cnn_curve = train_model(cnn, [(16, 1, 3, 3), (32, 16, 3, 3), (128, 10)], [9, 144, 128])
fc_parameters, fc_curve = train_model(fully_connected, [(64, 128), (128, 10)], [64, 128])
cnn_count = conv_param_count(1, 16, 3, 3) + conv_param_count(16, 32, 3, 3) + fc_param_count((32, 2, 2), 10)
fc_count = fc_param_count((1, 8, 8), 128) + fc_param_count((128,), 10)

# A digit moves when it is padded and cut out again at another place.
# 先填充，再从别的位置剪下来，数字就平移了。
wide = zero_pad2d(X[validation], 1)
shifts = {
    say("none", "不动"): (1, 1), say("left", "左"): (1, 2), say("right", "右"): (1, 0),
    say("up", "上"): (2, 1), say("down", "下"): (0, 1),
}
moved = {name: wide[:, :, i : i + 8, j : j + 8] for name, (i, j) in shifts.items()}
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
networks = (
    (say("fully connected", "全连接"), fully_connected, fc_parameters, fc_curve, fc_count),
    ("CNN", cnn, cnn_parameters, cnn_curve, cnn_count),
)
for place, (name, model, parameters, curve, count) in enumerate(networks):
    label = say(f"{name}, {count} parameters", f"{name}，{count} 个参数")
    left.plot(range(1, 13), curve, "o-", label=label)
    scores = [accuracy(model, parameters, x) for x in moved.values()]
    bars = right.bar([i + 0.4 * place - 0.2 for i in range(5)], scores, 0.38, label=name)
    right.bar_label(bars, [f"{s:.2f}" for s in scores], fontsize="small")
    mean = sum(scores[1:]) / 4
    print(say(f"{label}: accuracy {scores[0]:.3f}, moved by one pixel {mean:.3f}",
              f"{label}：准确率 {scores[0]:.3f}，平移一个像素后 {mean:.3f}"))
left.set(xlabel=say("epoch", "轮"), title=say("validation accuracy", "验证集准确率"))
left.legend()
right.set_xticks(range(5), list(moved))
right.set(ylim=(0, 1.2), title=say("accuracy on moved digits", "数字平移后的准确率"))
right.legend(loc="upper right", ncols=2)
plt.show()

# The 16 learned filters of the first layer, and what they answer to one digit.
# 第一层学到的 16 个过滤器，以及它们对一个数字的回答。
digit = X[validation[:1]]
w1, b1 = (p.detach() for p in cnn_parameters[:2])
maps = conv2d(digit, w1, b1, padding=1).relu()
figure = plt.figure(figsize=(10, 3.6), layout="constrained")
panels = figure.subfigures(1, 3)
panels[0].suptitle(say("a digit", "一个数字"))
axis = panels[0].subplots()
axis.imshow(digit[0, 0], cmap="gray_r")
axis.axis("off")
panels[1].suptitle(say("learned filters, 3 × 3", "学到的过滤器，3 × 3"))
panels[2].suptitle(say("their feature maps, after ReLU", "它们的特征图，ReLU 之后"))
colors = {"cmap": "RdBu", "vmin": -1.5, "vmax": 1.5}
for panel, pictures, options in ((panels[1], w1[:, 0], colors), (panels[2], maps[0], {"cmap": "viridis"})):
    for axis, picture in zip(panel.subplots(4, 4).flat, pictures, strict=True):
        axis.imshow(picture, **options)
        axis.axis("off")
plt.show()

# %% [markdown] lang="en"
# With a third fewer parameters the CNN is better on the digits where they were, and far better where they
# moved: about 0.67 against 0.47. A filter finds its stroke one pixel further on just as well. Yet it is not
# *perfect* there, and should it be? Convolution moves along with the picture; but at the end `flatten` and
# the fully connected layer give every place weights of its own again, and pooling forgives only small moves.
#
# Nobody designed the filters, and yet some are edge detectors like the ones above: blue on one side, red on
# the other.
#
# **What you take along.** A convolutional layer is a fully connected one with most weights struck out and the
# rest shared. Its size does not depend on the picture's. Filters are not flipped, and see all channels.
# Stacked layers see wide. Pooling learns nothing and forgets where. Less freedom is no loss where what is
# left fits the data.

# %% [markdown] lang="zh"
# CNN 的参数少了三分之一，在没有平移的数字上更准，平移之后更是好得多：约 0.67 对 0.47。
# 笔画挪了一个像素，过滤器照样找得到。但它也没有*毫发无伤*，这应该吗？卷积会跟着图片一起移动；
# 可是到了最后，`flatten` 和全连接层又给每个位置配上了各自的权重，而池化只能容忍小小的移动。
#
# 没有人设计过这些过滤器，其中却有几个像前面用过的边缘侦测器：一边蓝，一边红。
#
# **本讲要点。** 卷积层是一个划掉了大部分权重、其余权重共享的全连接层，它的参数量与图片大小无关。
# 过滤器不翻转，看所有的通道。层叠得越多，看得越广。池化不学习任何东西，并且会忘掉位置。
# 只要留下来的恰好适合数据，自由度少并不是损失。
