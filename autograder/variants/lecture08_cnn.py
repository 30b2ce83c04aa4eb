"""Implementations of lecture 8, convolutional networks, that are right, accepted, and wrong."""

import math

import torch
from torch import nn

from autograder.course import reference
from autograder.variant import right, wrong

ref = reference("lecture08_cnn")

# --- flatten ---------------------------------------------------------------------------------------


@right
def flatten__torch_flatten(x):
    return torch.flatten(x, start_dim=1)


@right
def flatten__contiguous_view(x):
    N, C, H, W = x.shape
    return x.contiguous().view(N, C * H * W)


@right
def flatten__channels_side_by_side(x):
    channels = [x[:, c].reshape(len(x), -1) for c in range(x.shape[1])]
    return torch.cat(channels, dim=1)


@wrong(
    en=(
        "The batch was flattened too: all images became one vector. Each image must stay a row of its own; "
        "look at the shape for two images."
    ),
    zh="连批次也拉直了：所有图片成了一个向量。每张图片应当单独占一行；看看两张图片时的形状。",
)
def flatten__whole_batch(x):
    return x.reshape(-1)


@wrong(
    en=(
        "The channels were moved to the end before flattening: a row begins with pixel (0, 0) of every channel. "
        "It should begin with all of channel 0."
    ),
    zh="拉直之前把通道挪到了最后：一行的开头是各通道的 (0, 0) 像素。开头应当是整个第 0 通道。",
)
def flatten__nhwc(x):
    return x.permute(0, 2, 3, 1).reshape(len(x), -1)


@wrong(
    en=(
        "`view` needs a tensor that lies in memory in one piece, and raises an error otherwise: try "
        "x.permute(0, 1, 3, 2). Another method makes a copy where it has to."
    ),
    zh="`view` 要求张量在内存中连续，否则报错：试试 x.permute(0, 1, 3, 2)。有另一个方法会在需要时自动复制。",
)
def flatten__view(x):
    return x.view(x.shape[0], -1)


@wrong(
    en="Rows and columns are exchanged: the result is (C·H·W, N). Each row must be one image.",
    zh="行列颠倒了：结果是 (C·H·W, N)。每一行应当是一张图片。",
)
def flatten__transposed(x):
    return x.reshape(len(x), -1).T


@wrong(
    en="Only height and width were merged; the channels are still an axis of their own. The result needs two axes.",
    zh="只合并了高和宽，通道仍是单独的一维。结果应当只有两维。",
)
def flatten__keeps_channels(x):
    return x.flatten(2)


@wrong(
    en="Each channel was read column by column. Within a channel the order is row by row.",
    zh="每个通道是按列读的。通道内应当按行排列。",
)
def flatten__column_major(x):
    return x.transpose(2, 3).reshape(len(x), -1)


@wrong(
    en=(
        "The numbers were regrouped across the images: reshape(-1, N) followed by a transpose puts numbers of "
        "several images in one row. The first row must be the first image only."
    ),
    zh="不同图片的数混到了一起：先 reshape(-1, N) 再转置，一行里就有好几张图片的数。第一行只该是第一张图片。",
)
def flatten__mixes_images(x):
    return x.reshape(-1, x.shape[0]).T


@wrong(
    en="An axis of size 1 was dropped, the batch among them: with a single image the row of its own is gone.",
    zh="大小为 1 的维被去掉了，连批次那一维也没放过：只有一张图片时，“单独占一行”就没有了。",
)
def flatten__squeezed(x):
    return x.reshape(x.shape[0], -1).squeeze()


@wrong(
    en="The channels were averaged to grey first. Flattening keeps every number: C·H·W of them in each row.",
    zh="先把各通道平均成了灰度。拉直要保留每一个数：每行 C·H·W 个。",
)
def flatten__grey(x):
    return x.to(torch.get_default_dtype() if not x.is_floating_point() else x.dtype).mean(dim=1).flatten(1)


@wrong(
    en=(
        "The result was cut off from its input (`detach`, `.data` or a detour through NumPy): no gradient flows "
        "back to the image."
    ),
    zh="结果与输入断开了（`detach`、`.data`，或绕道 NumPy）：梯度流不回图片。",
)
def flatten__detached(x):
    return x.detach().reshape(x.shape[0], -1)


@wrong(
    en="The result is always float32. It must have the dtype of x: float64 stays float64, integers stay integers.",
    zh="结果总是 float32。dtype 应与 x 相同：float64 仍是 float64，整数仍是整数。",
)
def flatten__float32(x):
    return x.reshape(x.shape[0], -1).float()


@wrong(
    en=(
        "The images are handled one by one in a Python loop: with twice as many images it takes twice as many "
        "operations. One reshape does all at once."
    ),
    zh="用 Python 循环逐张处理图片：图片多一倍，操作也多一倍。一次 reshape 就能全部做完。",
)
def flatten__loop(x):
    rows = []
    for image in x:
        rows.append(image.reshape(-1))
    return torch.stack(rows)


# --- fc_param_count --------------------------------------------------------------------------------


@right
def fc_param_count__loop(in_shape, n):
    inputs = 1
    for size in in_shape:
        inputs = inputs * size
    weights = inputs * n
    return weights + n


@right
def fc_param_count__by_numel(in_shape, n):
    W = torch.empty(*in_shape, n, device="meta")
    return W.numel() + n


@right
def fc_param_count__tensor_product(in_shape, n):
    return int(torch.tensor(in_shape).prod()) * n + n


@wrong(
    en="The biases are missing. Each neuron adds one to its weighted sum: (2,) with 3 neurons is 9, not 6.",
    zh="没算偏置。每个神经元都要在加权和上再加一个偏置：(2,) 配 3 个神经元是 9，不是 6。",
)
def fc_param_count__no_bias(in_shape, n):
    return math.prod(in_shape) * n


@wrong(
    en="There is a single bias for the whole layer. Each neuron has one of its own.",
    zh="整层只算了一个偏置。每个神经元都有自己的偏置。",
)
def fc_param_count__one_bias(in_shape, n):
    return math.prod(in_shape) * n + 1


@wrong(
    en="Every weight got a bias, which doubles the count. It is the neuron that has a bias.",
    zh="给每个权重都算了一个偏置，数目翻了倍。有偏置的是神经元。",
)
def fc_param_count__bias_per_weight(in_shape, n):
    return 2 * math.prod(in_shape) * n


@wrong(
    en="The sizes of the input were added. An image of 3 × 100 × 100 has far more than 203 numbers.",
    zh="把输入的各维大小加了起来。3 × 100 × 100 的图片远不止 203 个数。",
)
def fc_param_count__sum_of_sizes(in_shape, n):
    return (sum(in_shape) + 1) * n


@wrong(
    en="Only the last axis was counted. Fully connected here means: every neuron is connected to every number.",
    zh="只算了最后一维。这里的全连接，是每个神经元连到每一个数。",
)
def fc_param_count__last_axis(in_shape, n):
    return (in_shape[-1] + 1) * n


@wrong(
    en="Only the first axis was counted, as if an image had as many numbers as channels.",
    zh="只算了第一维，好像图片有几个通道就只有几个数。",
)
def fc_param_count__first_axis(in_shape, n):
    return (in_shape[0] + 1) * n


@wrong(
    en="The channels were left out: only height times width was counted. Compare (1, 5, 4) and (3, 5, 4).",
    zh="漏了通道：只算了高乘宽。比较一下 (1, 5, 4) 和 (3, 5, 4)。",
)
def fc_param_count__no_channels(in_shape, n):
    return (math.prod(in_shape[-2:]) + 1) * n


@wrong(
    en="Each input has a bias here. The biases belong to the neurons: there are n of them.",
    zh="这里是每个输入一个偏置。偏置属于神经元：一共 n 个。",
)
def fc_param_count__bias_per_input(in_shape, n):
    return math.prod(in_shape) * n + math.prod(in_shape)


@wrong(
    en="The shape is always unpacked into three sizes; a vector (D,) raises an error. Any number of axes may come.",
    zh="总是把形状拆成三个数；遇到向量 (D,) 就报错。形状可以有任意多维。",
)
def fc_param_count__only_images(in_shape, n):
    C, H, W = in_shape
    return C * H * W * n + n


@wrong(
    en="The result is a floating number. A count of parameters is an int.",
    zh="结果是浮点数。参数的个数应当是 int。",
)
def fc_param_count__float(in_shape, n):
    return float(math.prod(in_shape)) * n + n


@wrong(
    en=(
        "The product was taken in float32, which holds only some seven digits: large counts are off by a few. "
        "Count in integers."
    ),
    zh="乘积是用 float32 算的，只有约七位有效数字：数目一大，就差了几个。请用整数来数。",
)
def fc_param_count__rounded(in_shape, n):
    return int((torch.tensor(in_shape, dtype=torch.float32).prod() + 1) * n)


# --- conv_output_size ------------------------------------------------------------------------------


@right
def conv_output_size__count_starts(n, k, stride=1, padding=0):
    return len(range(0, n + 2 * padding - k + 1, stride))


@right
def conv_output_size__ceiling_of_starts(n, k, stride=1, padding=0):
    starts = (n + 2 * padding) - (k - 1)
    return math.ceil(starts / stride)


@right
def conv_output_size__walk(n, k, stride=1, padding=0):
    left, count = -padding, 0
    while left + k <= n + padding:
        count += 1
        left += stride
    return count


@right
def conv_output_size__floor(n, k, stride=1, padding=0):
    return math.floor((n - k + padding * 2) / stride) + 1


@wrong(
    en="The padding plays no role here. 100 pixels with a window of 3 and a padding of 1 keep their 100 places.",
    zh="没有用到填充。100 个像素、窗口为 3、填充 1，应当仍有 100 个位置。",
)
def conv_output_size__no_2p(n, k, stride=1, padding=0):
    return (n - k) // stride + 1


@wrong(
    en="The padding was counted once. It is added on both sides of the picture.",
    zh="填充只算了一次。它加在图片的两边。",
)
def conv_output_size__one_p(n, k, stride=1, padding=0):
    return (n + padding - k) // stride + 1


@wrong(
    en=(
        "The first window is missing: what you count is how often the window can *move*. A window as large as the "
        "picture fits once, not 0 times."
    ),
    zh="漏了第一个窗口：你数的是窗口能*移动*几次。与图片一样大的窗口放得下一个，不是 0 个。",
)
def conv_output_size__no_plus1(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) // stride


@wrong(
    en="Rounded up: the last window sticks out of the picture. Draw 6 pixels and windows of 3 with stride 2.",
    zh="向上取整了：最后一个窗口伸出了图片。画一画 6 个像素、窗口为 3、步幅为 2 的情形。",
)
def conv_output_size__ceil(n, k, stride=1, padding=0):
    return math.ceil((n + 2 * padding - k) / stride) + 1


@wrong(
    en="Rounded to the nearest whole number: now and then the last window sticks out. It has to be dropped.",
    zh="四舍五入了：最后一个窗口有时会伸出去。伸出去的窗口不要。",
)
def conv_output_size__rounded(n, k, stride=1, padding=0):
    return int((n + 2 * padding - k) / stride + 0.5) + 1


@wrong(
    en="The stride plays no role here: with stride 2 about half as many windows fit.",
    zh="没有用到步幅：步幅为 2 时，放得下的窗口大约只有一半。",
)
def conv_output_size__ignores_stride(n, k, stride=1, padding=0):
    return n + 2 * padding - k + 1


@wrong(
    en="`/` makes a floating number, even 4 / 2. A number of windows is an int, rounded down.",
    zh="`/` 得到的是浮点数，4 / 2 也不例外。窗口的个数应当是 int，向下取整。",
)
def conv_output_size__float_div(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) / stride + 1


@wrong(
    en=(
        "The 1 was added before the division. With stride 1 there is no difference; try n=5, k=3, stride=2, where 2 "
        "windows fit."
    ),
    zh="1 加在了除法之前。步幅为 1 时看不出差别；试试 n=5, k=3, stride=2，应放得下 2 个窗口。",
)
def conv_output_size__plus1_inside(n, k, stride=1, padding=0):
    return (n + 2 * padding - k + 1) // stride


@wrong(
    en="Only k is divided by the stride: `//` binds tighter than `-`. The whole difference has to be divided.",
    zh="只有 k 被步幅除了：`//` 的优先级比 `-` 高。应当除的是整个差。",
)
def conv_output_size__precedence(n, k, stride=1, padding=0):
    return n + 2 * padding - k // stride + 1


@wrong(
    en="The windows were laid side by side without overlap: the picture was divided by k. They move by the stride.",
    zh="把窗口一个挨一个不重叠地摆：用 k 去除图片了。窗口每次移动的是步幅。",
)
def conv_output_size__side_by_side(n, k, stride=1, padding=0):
    return (n + 2 * padding) // k


@wrong(
    en=(
        "The picture was divided by the stride, whatever the window's size. That holds only where the padding "
        "happens to make up for the window."
    ),
    zh="不管窗口多大，直接用步幅去除图片。只有填充恰好抵得上窗口时才对。",
)
def conv_output_size__same_rule(n, k, stride=1, padding=0):
    return math.ceil(n / stride)


@wrong(
    en="Only half of the window was taken off. A window of k needs k pixels: it can move by n + 2·padding − k.",
    zh="只减去了半个窗口。窗口要占 k 个像素：它能移动的距离是 n + 2·padding − k。",
)
def conv_output_size__half_window(n, k, stride=1, padding=0):
    return (n + 2 * padding - k // 2) // stride + 1


@wrong(
    en="The padding was taken off. It makes the picture larger, and so the number of windows.",
    zh="填充被减掉了。填充让图片变大，窗口也就更多。",
)
def conv_output_size__padding_subtracted(n, k, stride=1, padding=0):
    return (n - 2 * padding - k) // stride + 1


@wrong(
    en=(
        "This is the formula the other way round, from a small map to a large one (the size of a *transposed* "
        "convolution): n is multiplied by the stride."
    ),
    zh="这是反方向的公式，从小图算大图（*转置*卷积的大小）：n 被乘上了步幅。",
)
def conv_output_size__transposed(n, k, stride=1, padding=0):
    return (n - 1) * stride - 2 * padding + k


@wrong(
    en="One window too many: the first one is already counted by the + 1.",
    zh="多了一个窗口：+ 1 已经把第一个窗口算进去了。",
)
def conv_output_size__plus2(n, k, stride=1, padding=0):
    return (n + 2 * padding - k) // stride + 2


@wrong(
    en="The kernel is taken off after the division. It takes its k pixels first; only the room left is in steps of s.",
    zh="先除以步幅，后减的 kernel。应当先减去 kernel 占的 k 个像素，剩下的空间才按步幅来走。",
)
def conv_output_size__kernel_after_stride(n, k, stride=1, padding=0):
    return (n + 2 * padding) // stride - k + 1


# --- zero_pad2d ------------------------------------------------------------------------------------


@right
def zero_pad2d__cat(x, p):
    N, C, H, W = x.shape
    side = x.new_zeros(N, C, H, p)
    wide = torch.cat([side, x, side], dim=3)
    bar = x.new_zeros(N, C, p, W + 2 * p)
    return torch.cat([bar, wide, bar], dim=2)


@right
def zero_pad2d__slices_from_the_end(x, p):
    if p == 0:
        return x.clone()
    N, C, H, W = x.shape
    out = torch.zeros((N, C, H + 2 * p, W + 2 * p), dtype=x.dtype, device=x.device)
    out[..., p:-p, p:-p] = x
    return out


@right
def zero_pad2d__row_by_row(x, p):
    N, C, H, W = x.shape
    zero_row = x.new_zeros(N, C, W + 2 * p)
    gap = x.new_zeros(N, C, p)
    rows = [zero_row] * p
    rows += [torch.cat([gap, x[:, :, i], gap], dim=2) for i in range(H)]
    rows += [zero_row] * p
    return torch.stack(rows, dim=2)


@right
def zero_pad2d__where_inside(x, p):
    H, W = x.shape[-2:]
    row = torch.arange(-p, H + p, device=x.device)
    col = torch.arange(-p, W + p, device=x.device)
    inside = ((row >= 0) & (row < H))[:, None] & ((col >= 0) & (col < W))
    looked_up = x[:, :, row.clamp(0, H - 1)][:, :, :, col.clamp(0, W - 1)]
    return torch.where(inside, looked_up, torch.zeros_like(looked_up))


@wrong(
    en=(
        "A slice that ends at -p is empty for p = 0, as -0 is 0. Padding by nothing must give back the image: try "
        "zero_pad2d(x, 0)."
    ),
    zh="p=0 时切片 p:-p 是空的，因为 -0 就是 0。填充 0 应得到原图：试试 zero_pad2d(x, 0)。",
)
def zero_pad2d__negative_slice(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    out[:, :, p:-p, p:-p] = x
    return out


@wrong(
    en="The zeros were only added below and on the right. All four sides get p pixels.",
    zh="只在下边和右边补了 0。四边都应补 p 个像素。",
)
def zero_pad2d__one_side(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + p, W + p)
    out[:, :, :H, :W] = x
    return out


@wrong(
    en="The size is right, but the image sits in the top left corner. It belongs in the middle.",
    zh="大小对了，但图片待在左上角。它应当在正中。",
)
def zero_pad2d__top_left(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    out[:, :, :H, :W] = x
    return out


@wrong(
    en="The size is right, but the image sits in the bottom right corner. It belongs in the middle.",
    zh="大小对了，但图片待在右下角。它应当在正中。",
)
def zero_pad2d__bottom_right(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    out[:, :, 2 * p :, 2 * p :] = x
    return out


@wrong(
    en="The channels were padded too: there are 2p channels of zeros more. Only height and width grow.",
    zh="连通道也填充了：多出 2p 个全 0 的通道。只有高和宽变大。",
)
def zero_pad2d__pads_channels(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C + 2 * p, H + 2 * p, W + 2 * p)
    out[:, p : p + C, p : p + H, p : p + W] = x
    return out


@wrong(
    en="The batch was padded too: there are 2p images of zeros more. Only height and width grow.",
    zh="连批次也填充了：多出 2p 张全 0 的图片。只有高和宽变大。",
)
def zero_pad2d__pads_batch(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N + 2 * p, C, H + 2 * p, W + 2 * p)
    out[p : p + N, :, p : p + H, p : p + W] = x
    return out


@wrong(
    en="Only rows were added, above and below. The left and the right side get zeros too.",
    zh="只在上下加了行。左右两边也要补 0。",
)
def zero_pad2d__rows_only(x, p):
    N, C, _, W = x.shape
    bar = x.new_zeros(N, C, p, W)
    return torch.cat([bar, x, bar], dim=2)


@wrong(
    en="Only columns were added, left and right. The top and the bottom get zeros too.",
    zh="只在左右加了列。上下两边也要补 0。",
)
def zero_pad2d__columns_only(x, p):
    N, C, H, _ = x.shape
    bar = x.new_zeros(N, C, H, p)
    return torch.cat([bar, x, bar], dim=3)


@wrong(
    en="The image grew by p in all, half of it on each side. Each side must get p pixels.",
    zh="图片总共只长了 p，两边各一半。每一边都应补 p 个像素。",
)
def zero_pad2d__p_in_all(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + p, W + p)
    out[:, :, p // 2 : p // 2 + H, p // 2 : p // 2 + W] = x
    return out


@wrong(
    en="Each side got 2p pixels: the doubling was done twice.",
    zh="每一边补了 2p 个像素：翻倍做了两次。",
)
def zero_pad2d__twice(x, p):
    p = 2 * p
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    out[:, :, p : p + H, p : p + W] = x
    return out


@wrong(
    en="The pixels of the edge were repeated outwards. Zero padding adds zeros.",
    zh="把边缘的像素向外重复了。补零填充，补的是 0。",
)
def zero_pad2d__replicates(x, p):
    H, W = x.shape[2:]
    row = torch.arange(-p, H + p, device=x.device).clamp(0, H - 1)
    col = torch.arange(-p, W + p, device=x.device).clamp(0, W - 1)
    return x[:, :, row][:, :, :, col]


@wrong(
    en="The image continues from its opposite side, as if it were a ring. Zero padding adds zeros.",
    zh="图片从对边接了过来，好像首尾相连。补零填充，补的是 0。",
)
def zero_pad2d__wraps_around(x, p):
    H, W = x.shape[2:]
    row = torch.arange(-p, H + p, device=x.device) % H
    col = torch.arange(-p, W + p, device=x.device) % W
    return x[:, :, row][:, :, :, col]


@wrong(
    en="The border is 1. Zero padding adds zeros.",
    zh="边上是 1。补零填充，补的是 0。",
)
def zero_pad2d__ones(x, p):
    N, C, H, W = x.shape
    out = x.new_ones(N, C, H + 2 * p, W + 2 * p)
    out[:, :, p : p + H, p : p + W] = x
    return out


@wrong(
    en=(
        "The border holds whatever was in memory: `empty` does not clear it. Zero padding adds zeros; run it twice "
        "and compare."
    ),
    zh="边上是内存里残留的数：`empty` 不会清零。补零填充，补的是 0；运行两次比较一下。",
)
def zero_pad2d__not_cleared(x, p):
    N, C, H, W = x.shape
    # What lies in memory is not the same in each run; here it is 7 everywhere.
    out = x.new_empty(N, C, H + 2 * p, W + 2 * p).fill_(7)
    out[:, :, p : p + H, p : p + W] = x
    return out


@wrong(
    en="The image keeps its size and its own border became 0: pixels are lost. Padding adds pixels around it.",
    zh="图片大小没变，是它自己的边缘变成了 0：像素丢了。填充是在外面加像素。",
)
def zero_pad2d__erases_the_border(x, p):
    H, W = x.shape[2:]
    out = torch.zeros_like(x)
    out[:, :, p : H - p, p : W - p] = x[:, :, p : H - p, p : W - p]
    return out


@wrong(
    en="The zeros are float32 whatever the images are: float64 loses digits, integers turn into floats.",
    zh="不管图片是什么类型，0 总是 float32：float64 损失了精度，整数变成了浮点数。",
)
def zero_pad2d__float32(x, p):
    N, C, H, W = x.shape
    out = torch.zeros(N, C, H + 2 * p, W + 2 * p, device=x.device)
    out[:, :, p : p + H, p : p + W] = x
    return out


@wrong(
    en="Height and width of the new tensor are exchanged. Try an image that is not square.",
    zh="新张量的高和宽写反了。用一张不是正方形的图片试试。",
)
def zero_pad2d__h_w_swapped(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, W + 2 * p, H + 2 * p)
    out[:, :, p : p + H, p : p + W] = x
    return out


@wrong(
    en="The image was copied with its gradient cut off (`.data` or `detach`): nothing flows back to x.",
    zh="复制图片时切断了梯度（`.data` 或 `detach`）：没有梯度流回 x。",
)
def zero_pad2d__detached(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    out[:, :, p : p + H, p : p + W] = x.detach()
    return out


@wrong(
    en=(
        "The zeros go into the flattened memory and the shape is put on afterwards: the pixels slide out of their rows. "
        "Look at where the first row ends."
    ),
    zh="先在拉直的数据里补 0，之后再套上形状：像素滑出了自己的行。看看第一行到哪里结束。",
)
def zero_pad2d__reshaped(x, p):
    N, C, H, W = x.shape
    height, width = H + 2 * p, W + 2 * p
    missing = height * width - H * W
    before = x.new_zeros(N, C, missing // 2)
    after = x.new_zeros(N, C, missing - missing // 2)
    return torch.cat([before, x.reshape(N, C, -1), after], dim=2).reshape(N, C, height, width)


@wrong(
    en=(
        "The images are padded one by one in a Python loop: with twice as many images it takes twice as many "
        "operations. One assignment does all at once."
    ),
    zh="用 Python 循环逐张填充：图片多一倍，操作也多一倍。一次赋值就能全部做完。",
)
def zero_pad2d__loop(x, p):
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, H + 2 * p, W + 2 * p)
    for n in range(N):
        out[n, :, p : p + H, p : p + W] = x[n]
    return out


@wrong(
    en="The library's padding does the work. Here you write it yourself; a tensor of zeros and one assignment will do.",
    zh="填充是库里的函数做的。这里请自己写：一个全 0 的张量加一次赋值就够了。",
)
def zero_pad2d__library(x, p):
    return nn.functional.pad(x, (p, p, p, p))


# --- extract_patches -------------------------------------------------------------------------------


@right
def extract_patches__tensor_unfold(x, kh, kw, stride=1, padding=0):
    padded = nn.functional.pad(x, [padding] * 4)
    fields = padded.unfold(2, kh, stride).unfold(3, kw, stride)
    N, C, rows, cols = fields.shape[:4]
    return fields.permute(0, 2, 3, 1, 4, 5).reshape(N, rows * cols, C * kh * kw)


@right
def extract_patches__fancy_index(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    N, C, H, W = x.shape
    top = torch.arange(0, H - kh + 1, stride, device=x.device)
    left = torch.arange(0, W - kw + 1, stride, device=x.device)
    row = top[:, None] + torch.arange(kh, device=x.device)
    col = left[:, None] + torch.arange(kw, device=x.device)
    fields = x[:, :, row[:, None, :, None], col[None, :, None, :]]
    fields = fields.movedim(1, 3)
    return fields.reshape(N, len(top) * len(left), C * kh * kw)


@right
def extract_patches__fill_column_by_column(x, kh, kw, stride=1, padding=0):
    N, C, H, W = x.shape
    rows = (H + 2 * padding - kh) // stride + 1
    cols = (W + 2 * padding - kw) // stride + 1
    padded = ref.zero_pad2d(x, padding)
    out = x.new_zeros(N, rows, cols, C, kh, kw)
    for i in range(kh):
        for j in range(kw):
            pixel = padded[:, :, i:, j:][:, :, ::stride, ::stride][:, :, :rows, :cols]
            out[:, :, :, :, i, j] = pixel.permute(0, 2, 3, 1)
    return out.reshape(N, rows * cols, C * kh * kw)


@right
def extract_patches__as_strided(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding).contiguous()
    N, C, H, W = x.shape
    rows, cols = (H - kh) // stride + 1, (W - kw) // stride + 1
    sn, sc, sh, sw = x.stride()
    fields = x.as_strided((N, rows, cols, C, kh, kw), (sn, sh * stride, sw * stride, sc, sh, sw))
    return fields.flatten(3).flatten(1, 2)


@wrong(
    en=(
        "The channel varies fastest within a vector: (row, column, channel). All of channel 0 comes first, then "
        "channel 1. With one channel there is no difference."
    ),
    zh="向量内部变得最快的是通道：（行、列、通道）。应当先是整个第 0 通道，再是第 1 通道。单通道时看不出差别。",
)
def extract_patches__channels_last(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.permute(0, 2, 3, 4, 5, 1).flatten(3).flatten(1, 2)


@wrong(
    en="Within a channel the field was read column by column. It is read row by row.",
    zh="通道内的感受野是按列读的。应当按行读。",
)
def extract_patches__column_major_field(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.permute(0, 2, 3, 1, 5, 4).flatten(3).flatten(1, 2)


@wrong(
    en="The places go down the columns. They must go along the rows: the second field lies to the right of the first.",
    zh="位置是沿着列往下走的。应当沿着行走：第二个感受野在第一个的右边。",
)
def extract_patches__column_major_places(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.permute(0, 3, 2, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The stride plays no role here: the fields move by 1 whatever it is.",
    zh="没有用到步幅：不管它是多少，感受野每次都移动 1。",
)
def extract_patches__ignores_stride(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, 1).unfold(3, kw, 1)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The padding plays no role here: no field reaches over the edge of the picture.",
    zh="没有用到填充：没有一个感受野伸出图片边缘。",
)
def extract_patches__ignores_padding(x, kh, kw, stride=1, padding=0):
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The fields have kw rows and kh columns: the two are exchanged. Try fields that are not square.",
    zh="感受野成了 kw 行、kh 列：两者写反了。用不是正方形的感受野试试。",
)
def extract_patches__kh_kw_swapped(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kw, stride).unfold(3, kh, stride)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The fields lie side by side without overlap: they moved by their own size. They must move by the stride.",
    zh="感受野一个挨一个，没有重叠：它们移动的是自己的大小。应当移动的是步幅。",
)
def extract_patches__side_by_side(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, kh).unfold(3, kw, kw)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en=(
        "Each channel has vectors of its own. A neuron sees all channels at once: with 3 channels and 3 × 3 a vector "
        "has 27 numbers."
    ),
    zh="每个通道各有各的向量。神经元同时看所有通道：3 个通道、3 × 3 时，向量有 27 个数。",
)
def extract_patches__channel_by_channel(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.flatten(4).flatten(1, 3)


@wrong(
    en=(
        "The last two axes are exchanged: (N, C·kh·kw, L). Each row must be what one place sees: "
        "exchange the two axes once more."
    ),
    zh="最后两维颠倒了：(N, C·kh·kw, L)。每一行应当是一个位置看到的东西；还差一次维的交换。",
)
def extract_patches__transposed(x, kh, kw, stride=1, padding=0):
    return ref.extract_patches(x, kh, kw, stride, padding).transpose(1, 2)


@wrong(
    en=(
        "The shape is right, but the numbers were only regrouped: reshape does not move the place in front of the "
        "field. The axes have to be exchanged first."
    ),
    zh="形状对了，但数只是重新分了组：reshape 不会把“位置”移到“感受野”前面。要先交换维。",
)
def extract_patches__scrambled(x, kh, kw, stride=1, padding=0):
    patches = ref.extract_patches(x, kh, kw, stride, padding)
    N, L, D = patches.shape
    return patches.transpose(1, 2).reshape(N, L, D)


@wrong(
    en=(
        "The places were put in front of the channels, and then everything was reshaped at once, images and all: the "
        "vectors mix several images. With a single image all is well."
    ),
    zh="把位置移到了最前面，连图片一起 reshape：向量里混了好几张图片。只有一张图片时一切正常。",
)
def extract_patches__mixes_images(x, kh, kw, stride=1, padding=0):
    patches = ref.extract_patches(x, kh, kw, stride, padding)
    return patches.transpose(0, 1).reshape(patches.shape)


@wrong(
    en="Images and places share one axis: (N·L, C·kh·kw). The result has three axes.",
    zh="图片和位置合成了一维：(N·L, C·kh·kw)。结果应当有三维。",
)
def extract_patches__batch_merged(x, kh, kw, stride=1, padding=0):
    return ref.extract_patches(x, kh, kw, stride, padding).flatten(0, 1)


@wrong(
    en="Each field was flipped, as the mathematicians' convolution does. It is read as it lies in the image.",
    zh="每个感受野都被翻转了，就像数学里的卷积那样。应当按它在图片上原本的样子读。",
)
def extract_patches__flipped(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride).flip(4, 5)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The last row and column of places are missing: range(H - kh) stops one place too early.",
    zh="少了最后一行和最后一列的位置：range(H - kh) 早停了一个。",
)
def extract_patches__last_place_missing(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    N, C, H, W = x.shape
    top = torch.arange(0, H - kh, stride, device=x.device)
    left = torch.arange(0, W - kw, stride, device=x.device)
    row = top[:, None] + torch.arange(kh, device=x.device)
    col = left[:, None] + torch.arange(kw, device=x.device)
    fields = x[:, :, row[:, None, :, None], col[None, :, None, :]].movedim(1, 3)
    return fields.reshape(N, len(top) * len(left), C * kh * kw)


@wrong(
    en="The stride holds for the rows only; sideways the fields still move by 1.",
    zh="步幅只用在了行上；横向每次仍移动 1。",
)
def extract_patches__stride_on_rows_only(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    fields = x.unfold(2, kh, stride).unfold(3, kw, 1)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en=(
        "With a stride the fields are the first ones that fit, not every second: a dense list was cut short instead "
        "of being stepped through."
    ),
    zh="有步幅时，取的是最前面的那些感受野，而不是每隔一个取一个：列表被截短了，而不是跳着取。",
)
def extract_patches__cropped_instead_of_stepped(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    rows, cols = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    fields = x.unfold(2, kh, 1).unfold(3, kw, 1)[:, :, :rows, :cols]
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="Within a field every second pixel is skipped: the stride was used inside the field. It moves the field.",
    zh="感受野内部隔着像素取：步幅用到了感受野里面。步幅是用来移动感受野的。",
)
def extract_patches__dilated(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    N, C, H, W = x.shape
    rows, cols = (H - kh) // stride + 1, (W - kw) // stride + 1
    pixels = []
    for i in range(0, kh * stride, stride):
        for j in range(0, kw * stride, stride):
            pixels.append(x[:, :, i : i + rows, j : j + cols])
    return torch.stack(pixels, dim=2).reshape(N, C * kh * kw, rows * cols).transpose(1, 2)


@wrong(
    en="The padding was added on the top and left side only. All four sides get it.",
    zh="填充只加在了上边和左边。四边都要加。",
)
def extract_patches__pads_one_side(x, kh, kw, stride=1, padding=0):
    x = nn.functional.pad(x, (padding, 0, padding, 0))
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The padding repeats the pixels of the edge. Here it is zeros.",
    zh="填充时重复了边缘的像素。这里应当补 0。",
)
def extract_patches__pads_with_the_edge(x, kh, kw, stride=1, padding=0):
    x = nn.functional.pad(x, [padding] * 4, mode="replicate")
    fields = x.unfold(2, kh, stride).unfold(3, kw, stride)
    return fields.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@wrong(
    en="The channels were averaged: a vector has kh·kw numbers. It holds the numbers of all channels.",
    zh="各通道被平均了：向量只有 kh·kw 个数。它应当装着所有通道的数。",
)
def extract_patches__channels_averaged(x, kh, kw, stride=1, padding=0):
    return ref.extract_patches(x.mean(dim=1, keepdim=True), kh, kw, stride, padding)


@wrong(
    en="The result was filled from a detached copy of the image: no gradient flows back.",
    zh="结果是用与图片断开的副本填的：没有梯度流回图片。",
)
def extract_patches__detached(x, kh, kw, stride=1, padding=0):
    return ref.extract_patches(x.detach(), kh, kw, stride, padding)


@wrong(
    en=(
        "The result was collected in a float32 tensor (`torch.zeros` without a dtype): float64 images lose half of "
        "their digits. Ask for the dtype of x."
    ),
    zh="结果收集在 float32 的张量里（`torch.zeros` 没写 dtype）：float64 的图片丢了一半精度。要用 x 的 dtype。",
)
def extract_patches__float32(x, kh, kw, stride=1, padding=0):
    patches = ref.extract_patches(x, kh, kw, stride, padding)
    out = torch.zeros(patches.shape, device=x.device)
    out[:] = patches
    return out


@wrong(
    en=(
        "A Python loop goes over all places: a larger picture takes more operations. All fields' pixels at (i, j) are "
        "one slice; loop over the field, not over the picture."
    ),
    zh="Python 循环走遍了所有位置：图片越大，操作越多。所有感受野的 (i, j) 像素是一个切片；应对感受野循环，而不是对图片。",
)
def extract_patches__loop_over_places(x, kh, kw, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    N, C, H, W = x.shape
    vectors = []
    for i in range(0, H - kh + 1, stride):
        for j in range(0, W - kw + 1, stride):
            vectors.append(x[:, :, i : i + kh, j : j + kw].reshape(N, C * kh * kw))
    return torch.stack(vectors, dim=1)


@wrong(
    en=(
        "A Python loop goes over the images: with twice as many images it takes twice as many operations. The axis N "
        "can come along in every slice."
    ),
    zh="Python 循环逐张处理图片：图片多一倍，操作也多一倍。每次切片都可以带着 N 那一维一起做。",
)
def extract_patches__loop_over_images(x, kh, kw, stride=1, padding=0):
    return torch.cat([ref.extract_patches(image[None], kh, kw, stride, padding) for image in x])


@wrong(
    en="The library's im2col (`F.unfold`) does the work. Here you write it yourself, with slices.",
    zh="活儿是库里的 im2col（`F.unfold`）干的。这里请自己写，用切片就行。",
)
def extract_patches__library(x, kh, kw, stride=1, padding=0):
    return nn.functional.unfold(x, (kh, kw), stride=stride, padding=padding).transpose(1, 2)


# --- conv2d ----------------------------------------------------------------------------------------


@right
def conv2d__kernel_loop(x, w, b, stride=1, padding=0):
    O, _, kh, kw = w.shape
    x = nn.functional.pad(x, (padding, padding, padding, padding))
    rows = (x.shape[2] - kh) // stride + 1
    cols = (x.shape[3] - kw) // stride + 1
    y = b.view(1, O, 1, 1)
    for u in range(kh):
        for v in range(kw):
            pixels = x[:, :, u : u + stride * rows : stride, v : v + stride * cols : stride]
            y = y + torch.einsum("nchw,oc->nohw", pixels, w[:, :, u, v])
    return y


@right
def conv2d__windows_and_einsum(x, w, b, stride=1, padding=0):
    padded = ref.zero_pad2d(x, padding)
    fields = padded.unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
    return torch.einsum("ncijuv,ocuv->noij", fields, w) + b[:, None, None]


@right
def conv2d__tensordot(x, w, b, stride=1, padding=0):
    padded = ref.zero_pad2d(x, padding)
    fields = padded.unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
    y = torch.tensordot(fields, w, dims=([1, 4, 5], [1, 2, 3])) + b
    return y.permute(0, 3, 1, 2)


@right
def conv2d__filter_by_filter(x, w, b, stride=1, padding=0):
    rows = ref.conv_output_size(x.shape[2], w.shape[2], stride, padding)
    patches = ref.extract_patches(x, w.shape[2], w.shape[3], stride, padding)
    maps = [(patches * w[o].flatten()).sum(dim=2) + b[o] for o in range(len(w))]
    return torch.stack(maps, dim=1).reshape(len(x), len(w), rows, -1)


@wrong(
    en=(
        "The filters were flipped: the mathematicians' convolution. In deep learning the filter is laid on the image as "
        "it is; an asymmetric filter shows the difference."
    ),
    zh="过滤器被翻转了：那是数学里的卷积。深度学习里的卷积不翻转核；用不对称的过滤器就能看出差别。",
)
def conv2d__flipped(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w.flip(2, 3), b, stride, padding)


@wrong(
    en="The padding plays no role here: with padding the feature map must be larger.",
    zh="没有用到填充：有填充时特征图应当更大。",
)
def conv2d__ignores_padding(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, stride, 0)


@wrong(
    en="The stride plays no role here: with stride 2 the feature map has about half as many rows and columns.",
    zh="没有用到步幅：步幅为 2 时，特征图的行列数大约只有一半。",
)
def conv2d__ignores_stride(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, 1, padding)


@wrong(
    en=(
        "The channels were not added up: each filter gives a map for every channel. A filter sees all channels and "
        "answers with one map."
    ),
    zh="各通道没有加起来：每个过滤器对每个通道各给了一张图。过滤器看所有通道，回答只有一张图。",
)
def conv2d__depthwise_no_channel_sum(x, w, b, stride=1, padding=0):
    padded = ref.zero_pad2d(x, padding)
    fields = padded.unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
    maps = torch.einsum("ncijuv,ocuv->nocij", fields, w) + b[:, None, None, None]
    return maps.flatten(1, 2)


@wrong(
    en="The channels were averaged, not added: with three channels the sum comes out a third of what it should be.",
    zh="各通道取了平均，而不是相加：三个通道时，和只有应有的三分之一。",
)
def conv2d__channel_mean(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w / x.shape[1], b, stride, padding)


@wrong(
    en="Only the first channel is looked at. A filter is as deep as the image has channels and sums over all.",
    zh="只看了第一个通道。图片有几个通道，过滤器就有多深，要对所有通道求和。",
)
def conv2d__first_channel_only(x, w, b, stride=1, padding=0):
    return ref.conv2d(x[:, :1], w[:, :1], b, stride, padding)


@wrong(
    en="Height and width of the feature maps are exchanged. Try an image that is not square.",
    zh="特征图的高和宽颠倒了。用一张不是正方形的图片试试。",
)
def conv2d__transposed_out(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, stride, padding).transpose(2, 3)


@wrong(
    en=(
        "The shape given to the last reshape has H' and W' exchanged: the numbers are in order, but the rows break in "
        "the wrong places. On a square map nothing shows."
    ),
    zh="最后 reshape 时 H' 和 W' 写反了：数的次序没错，但换行的地方错了。特征图是正方形时看不出来。",
)
def conv2d__rows_broken_wrongly(x, w, b, stride=1, padding=0):
    y = ref.conv2d(x, w, b, stride, padding)
    N, O, rows, cols = y.shape
    return y.reshape(N, O, cols, rows)


@wrong(
    en=(
        "kh and kw were read off w in the wrong order, so the fields have kw rows and kh columns. With square filters "
        "nothing shows."
    ),
    zh="从 w 读出 kh 和 kw 时次序反了，感受野成了 kw 行、kh 列。过滤器是正方形时看不出来。",
)
def conv2d__kernel_hw_swapped(x, w, b, stride=1, padding=0):
    O, _, kw, kh = w.shape
    rows = ref.conv_output_size(x.shape[2], kh, stride, padding)
    cols = ref.conv_output_size(x.shape[3], kw, stride, padding)
    y = ref.extract_patches(x, kh, kw, stride, padding) @ w.reshape(O, -1).T + b
    return y.transpose(1, 2).reshape(len(x), O, rows, cols)


@wrong(
    en="The filter lies on the image transposed, its rows as columns. The lecture's filter 2 would find horizontal lines.",
    zh="过滤器是转置着放到图片上的，行成了列。这样课上的过滤器 2 找的就成了横线。",
)
def conv2d__filter_transposed(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w.transpose(2, 3), b, stride, padding)


@wrong(
    en="The filters were flipped upside down only. In deep learning a filter is laid on the image as it is.",
    zh="过滤器上下翻转了。深度学习里，过滤器按原样放在图片上。",
)
def conv2d__upside_down(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w.flip(2), b, stride, padding)


@wrong(
    en=(
        "`y + b` with maps (N, O, H', W') adds the biases along the columns, or raises an error where the sizes do not "
        "fit. The axis that b belongs to is O."
    ),
    zh="特征图是 (N, O, H', W') 时，`y + b` 会把偏置加到各列上，大小不合时就报错。b 属于 O 那一维。",
)
def conv2d__bias_per_column(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, torch.zeros_like(b), stride, padding) + b


@wrong(
    en=(
        "The bias is spread along the rows: b[:, None] lines up with H'. Each filter's bias belongs to its whole "
        "feature map."
    ),
    zh="偏置沿着行铺开了：b[:, None] 对上的是 H'。每个过滤器的偏置属于它的整张特征图。",
)
def conv2d__bias_per_row(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, torch.zeros_like(b), stride, padding) + b[:, None]


@wrong(
    en="The bias is missing. With an image of zeros each feature map must be its bias everywhere.",
    zh="没加偏置。图片全为 0 时，每张特征图应当处处等于自己的偏置。",
)
def conv2d__no_bias(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, torch.zeros_like(b), stride, padding)


@wrong(
    en="The bias was added once for every pixel of the field, inside the loop. It is added once to the whole sum.",
    zh="偏置在循环里加了，感受野有几个像素就加了几次。它只该在总和上加一次。",
)
def conv2d__bias_in_the_loop(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b * (w.shape[2] * w.shape[3]), stride, padding)


@wrong(
    en="The bias was added once for every channel. It is added once to the sum over all channels.",
    zh="偏置对每个通道各加了一次。它只该在所有通道的总和上加一次。",
)
def conv2d__bias_per_channel(x, w, b, stride=1, padding=0):
    maps = [ref.conv2d(x[:, c : c + 1], w[:, c : c + 1], b, stride, padding) for c in range(x.shape[1])]
    return sum(maps)


@wrong(
    en="The bias was subtracted. A neuron adds it to its weighted sum.",
    zh="偏置被减掉了。神经元是在加权和上加偏置。",
)
def conv2d__bias_subtracted(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, -b, stride, padding)


@wrong(
    en=(
        "The product (N, L, O) was reshaped to (N, O, H', W') without exchanging axes: filters and places are mixed up. "
        "With a single filter nothing shows."
    ),
    zh="(N, L, O) 没有交换维就直接 reshape 成 (N, O, H', W')：过滤器和位置搅在了一起。只有一个过滤器时看不出来。",
)
def conv2d__view_scrambled(x, w, b, stride=1, padding=0):
    O, _, kh, kw = w.shape
    rows = ref.conv_output_size(x.shape[2], kh, stride, padding)
    cols = ref.conv_output_size(x.shape[3], kw, stride, padding)
    y = ref.extract_patches(x, kh, kw, stride, padding) @ w.reshape(O, -1).T + b
    return y.reshape(len(x), O, rows, cols)


@wrong(
    en=(
        "The filters were reshaped to (C·kh·kw, O) instead of being straightened and transposed: each column mixes "
        "numbers of several filters. With a single filter nothing shows."
    ),
    zh="过滤器被直接 reshape 成 (C·kh·kw, O)，而不是拉直后转置：每一列混了好几个过滤器的数。只有一个过滤器时看不出来。",
)
def conv2d__filters_scrambled(x, w, b, stride=1, padding=0):
    O, C, kh, kw = w.shape
    mixed = w.reshape(-1, O).T.reshape(O, C, kh, kw)
    return ref.conv2d(x, mixed, b, stride, padding)


@wrong(
    en="The filters came last: (N, H', W', O). The maps of an image are its channels: (N, O, H', W').",
    zh="过滤器排到了最后：(N, H', W', O)。特征图是输出的通道：(N, O, H', W')。",
)
def conv2d__channels_last(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, stride, padding).permute(0, 2, 3, 1)


@wrong(
    en="The result is still (N, L, O), a row for each place. It must be put back into the shape of pictures.",
    zh="结果还是 (N, L, O)，一个位置一行。要还原成图片的形状。",
)
def conv2d__not_reshaped(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, stride, padding).flatten(2).transpose(1, 2)


@wrong(
    en="The sum was divided by the number of weights, as for an average. An inner product is a plain sum.",
    zh="和除以了权重的个数，成了平均。内积就是求和。",
)
def conv2d__mean_of_field(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w / w[0].numel(), b, stride, padding)


@wrong(
    en="All feature maps come from the first filter. Each filter has weights of its own.",
    zh="所有特征图都来自第一个过滤器。每个过滤器有自己的权重。",
)
def conv2d__one_filter_for_all(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w[:1].expand_as(w), b, stride, padding)


@wrong(
    en="With a stride, the dense map was cropped. Every second number should stay, not the first half of them.",
    zh="有步幅时，只是截取了密集特征图的一角。应当每隔一个留一个，而不是留下前一半。",
)
def conv2d__cropped_instead_of_stepped(x, w, b, stride=1, padding=0):
    rows = ref.conv_output_size(x.shape[2], w.shape[2], stride, padding)
    cols = ref.conv_output_size(x.shape[3], w.shape[3], stride, padding)
    return ref.conv2d(x, w, b, 1, padding)[:, :, :rows, :cols]


@wrong(
    en="The stride holds for the rows only; sideways the fields still move by 1.",
    zh="步幅只用在了行上；横向每次仍移动 1。",
)
def conv2d__stride_on_rows_only(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, 1, padding)[:, :, ::stride]


@wrong(
    en="The padding was added on the top and left side only. All four sides get it.",
    zh="填充只加在了上边和左边。四边都要加。",
)
def conv2d__pads_one_side(x, w, b, stride=1, padding=0):
    return ref.conv2d(nn.functional.pad(x, (padding, 0, padding, 0)), w, b, stride, 0)


@wrong(
    en="The padding was applied twice, once by hand and once more by the function that cuts the fields.",
    zh="填充做了两次：自己先填了一次，取感受野的函数又填了一次。",
)
def conv2d__pads_twice(x, w, b, stride=1, padding=0):
    return ref.conv2d(ref.zero_pad2d(x, padding), w, b, stride, padding)


@wrong(
    en="Negative answers became 0: a ReLU was applied. The layer ends with the bias; the activation comes after it.",
    zh="负的回答变成了 0：做了 ReLU。这一层到加偏置为止；激活函数在它之后。",
)
def conv2d__with_relu(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w, b, stride, padding).relu()


@wrong(
    en="The filters were detached: there is a gradient for the image but none for w. Then nothing is learned.",
    zh="过滤器断开了：图片有梯度，w 却没有。这样什么也学不到。",
)
def conv2d__weights_detached(x, w, b, stride=1, padding=0):
    return ref.conv2d(x, w.detach(), b, stride, padding)


@wrong(
    en="The image was detached: w gets a gradient, but nothing flows back to the layers before this one.",
    zh="图片断开了：w 有梯度，但没有梯度流回前面的层。",
)
def conv2d__image_detached(x, w, b, stride=1, padding=0):
    return ref.conv2d(x.detach(), w, b, stride, padding)


@wrong(
    en="The result was collected in a float32 tensor (`torch.zeros` without a dtype). Ask for the dtype of x.",
    zh="结果收集在 float32 的张量里（`torch.zeros` 没写 dtype）。要用 x 的 dtype。",
)
def conv2d__float32(x, w, b, stride=1, padding=0):
    y = ref.conv2d(x, w, b, stride, padding)
    out = torch.zeros(y.shape, device=x.device)
    out[:] = y
    return out


@wrong(
    en=(
        "`w.view` needs filters that lie in memory in one piece, and raises an error otherwise. Another method makes a "
        "copy where it has to."
    ),
    zh="`w.view` 要求过滤器在内存中连续，否则报错。有另一个方法会在需要时自动复制。",
)
def conv2d__view(x, w, b, stride=1, padding=0):
    O, _, kh, kw = w.shape
    rows = ref.conv_output_size(x.shape[2], kh, stride, padding)
    y = ref.extract_patches(x, kh, kw, stride, padding) @ w.view(O, -1).T + b
    return y.transpose(1, 2).reshape(len(x), O, rows, -1)


@wrong(
    en=(
        "A Python loop goes over all places of the picture: a larger picture takes more operations. With all fields as "
        "rows one matrix product does it."
    ),
    zh="Python 循环走遍了图片的所有位置：图片越大，操作越多。把感受野都排成行，一次矩阵乘法就够了。",
)
def conv2d__loop_over_places(x, w, b, stride=1, padding=0):
    x = ref.zero_pad2d(x, padding)
    O, _, kh, kw = w.shape
    rows, cols = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    y = x.new_zeros(len(x), O, rows, cols)
    for i in range(rows):
        for j in range(cols):
            field = x[:, None, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            y[:, :, i, j] = (field * w).sum(dim=(2, 3, 4)) + b
    return y


@wrong(
    en=(
        "A Python loop goes over the images: with twice as many images it takes twice as many operations. The matrix "
        "product can take the whole batch."
    ),
    zh="Python 循环逐张处理图片：图片多一倍，操作也多一倍。矩阵乘法可以一次处理整个批次。",
)
def conv2d__loop_over_images(x, w, b, stride=1, padding=0):
    return torch.stack([ref.conv2d(image[None], w, b, stride, padding)[0] for image in x])


@wrong(
    en="The library's convolution does the work. Here you write it yourself; your extract_patches is most of it.",
    zh="卷积是库里的函数做的。这里请自己写；你的 extract_patches 已经是一大半了。",
)
def conv2d__library(x, w, b, stride=1, padding=0):
    return nn.functional.conv2d(x, w, b, stride=stride, padding=padding)


@wrong(
    en="The library's im2col (`F.unfold`) does the work. Your own extract_patches does the same.",
    zh="活儿是库里的 im2col（`F.unfold`）干的。你自己的 extract_patches 也能做。",
)
def conv2d__library_unfold(x, w, b, stride=1, padding=0):
    O, _, kh, kw = w.shape
    rows = ref.conv_output_size(x.shape[2], kh, stride, padding)
    columns = nn.functional.unfold(x, (kh, kw), stride=stride, padding=padding)
    y = w.reshape(O, -1) @ columns + b[:, None]
    return y.reshape(len(x), O, rows, -1)


@wrong(
    en="The filter's height is used for its width as well. Filters need not be square: try one of 3 × 2.",
    zh="过滤器的高也当成了宽来用。过滤器不一定是正方形：试试 3 × 2 的。",
)
def conv2d__height_used_twice(x, w, b, stride=1, padding=0):
    k = w.shape[2]
    x = nn.functional.pad(x, (padding, padding, padding, padding))
    fields = x.unfold(2, k, stride).unfold(3, k, stride)
    return torch.einsum("nchwij,ocij->nohw", fields, w) + b.view(1, -1, 1, 1)


# --- conv_param_count ------------------------------------------------------------------------------


@right
def conv_param_count__weights_then_biases(c_in, c_out, kh, kw, bias=True):
    count = kh * kw * c_in * c_out
    if bias:
        count += c_out
    return count


@right
def conv_param_count__by_filter(c_in, c_out, kh, kw, bias=True):
    one_filter = sum(kh * kw for _ in range(c_in)) + (1 if bias else 0)
    return sum(one_filter for _ in range(c_out))


@right
def conv_param_count__by_numel(c_in, c_out, kh, kw, bias=True):
    w = torch.empty(c_out, c_in, kh, kw, device="meta")
    b = torch.empty(c_out if bias else 0, device="meta")
    return w.numel() + b.numel()


@wrong(
    en="The input's channels are missing: a filter of 3 × 3 on 3 channels has 27 weights, not 9.",
    zh="漏了输入的通道：3 个通道上的 3 × 3 过滤器有 27 个权重，不是 9 个。",
)
def conv_param_count__no_in_channels(c_in, c_out, kh, kw, bias=True):
    return c_out * (kh * kw + bool(bias))


@wrong(
    en="The number of filters is missing: this counts a single filter.",
    zh="漏了过滤器的个数：这里只数了一个过滤器。",
)
def conv_param_count__one_filter(c_in, c_out, kh, kw, bias=True):
    return c_in * kh * kw + bool(bias)


@wrong(
    en="Every weight got a bias, which doubles the count. A filter has one bias.",
    zh="给每个权重都算了一个偏置，数目翻了倍。一个过滤器只有一个偏置。",
)
def conv_param_count__bias_per_weight(c_in, c_out, kh, kw, bias=True):
    weights = c_in * c_out * kh * kw
    return 2 * weights if bias else weights


@wrong(
    en="The biases are never counted. With bias=True each filter has one.",
    zh="从来没算偏置。bias=True 时每个过滤器有一个。",
)
def conv_param_count__no_bias(c_in, c_out, kh, kw, bias=True):
    return c_in * c_out * kh * kw


@wrong(
    en="The biases are always counted; bias=False must leave them out.",
    zh="总是算上偏置；bias=False 时不该算。",
)
def conv_param_count__always_bias(c_in, c_out, kh, kw, bias=True):
    return c_out * (c_in * kh * kw + 1)


@wrong(
    en="There is a single bias for the whole layer. Each filter has one of its own.",
    zh="整层只算了一个偏置。每个过滤器都有自己的偏置。",
)
def conv_param_count__one_bias(c_in, c_out, kh, kw, bias=True):
    return c_in * c_out * kh * kw + bool(bias)


@wrong(
    en="Each input channel has a bias here. The biases belong to the filters, and so to the output channels.",
    zh="这里是每个输入通道一个偏置。偏置属于过滤器，也就是属于输出通道。",
)
def conv_param_count__bias_per_input_channel(c_in, c_out, kh, kw, bias=True):
    return c_in * c_out * kh * kw + (c_in if bias else 0)


@wrong(
    en="Each slice of a filter has a bias here, one for every channel. The whole filter has a single one.",
    zh="这里过滤器的每一片（每个通道）都有一个偏置。整个过滤器只有一个。",
)
def conv_param_count__bias_per_slice(c_in, c_out, kh, kw, bias=True):
    return c_in * c_out * (kh * kw + bool(bias))


@wrong(
    en="The filter was taken as square, kh × kh. Try kh=7, kw=2.",
    zh="把过滤器当成了正方形 kh × kh。试试 kh=7, kw=2。",
)
def conv_param_count__square_kernel(c_in, c_out, kh, kw, bias=True):
    return c_out * (c_in * kh * kh + bool(bias))


@wrong(
    en="The sides of the filter were added. A field of 3 × 3 has 9 pixels, not 6.",
    zh="把过滤器的两边加了起来。3 × 3 的感受野有 9 个像素，不是 6 个。",
)
def conv_param_count__sides_added(c_in, c_out, kh, kw, bias=True):
    return c_out * (c_in * (kh + kw) + bool(bias))


@wrong(
    en="The flag works the wrong way round: bias=False counts the biases and bias=True does not.",
    zh="开关用反了：bias=False 时算了偏置，bias=True 时反而没算。",
)
def conv_param_count__flag_inverted(c_in, c_out, kh, kw, bias=True):
    return c_out * (c_in * kh * kw + (not bias))


@wrong(
    en="The channels were added, not multiplied. Each of the c_out filters has weights for each of the c_in channels.",
    zh="通道数相加了，而不是相乘。c_out 个过滤器，每个对 c_in 个通道都有权重。",
)
def conv_param_count__channels_added(c_in, c_out, kh, kw, bias=True):
    return (c_in + c_out) * kh * kw + (c_out if bias else 0)


@wrong(
    en="The result is a floating number. A count of parameters is an int.",
    zh="结果是浮点数。参数的个数应当是 int。",
)
def conv_param_count__float(c_in, c_out, kh, kw, bias=True):
    return c_out * (c_in * kh * kw + (1.0 if bias else 0.0))


# --- conv_as_dense ---------------------------------------------------------------------------------


@right
def conv_as_dense__push_basis_images(w, H, W):
    C = w.shape[1]
    basis = torch.eye(C * H * W, dtype=w.dtype, device=w.device).reshape(-1, C, H, W)
    return ref.conv2d(basis, w, w.new_zeros(len(w)), 1, 0).reshape(C * H * W, -1).T


@right
def conv_as_dense__scatter(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    pixel = torch.arange(C * H * W, dtype=torch.float64, device=w.device).reshape(1, C, H, W)
    seen = ref.extract_patches(pixel, kh, kw)[0].long()
    M = w.new_zeros(O, rows * cols, C * H * W)
    values = w.reshape(O, 1, -1).expand(O, rows * cols, C * kh * kw)
    M.scatter_(2, seen.expand_as(values), values)
    return M.reshape(O * rows * cols, C * H * W)


@right
def conv_as_dense__entry_by_entry(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    M = torch.zeros(O * rows * cols, C * H * W, dtype=w.dtype, device=w.device)
    for o in range(O):
        for place in range(rows * cols):
            i, j = divmod(place, cols)
            for c in range(C):
                for u in range(kh):
                    start = (c * H + i + u) * W + j
                    M[o * rows * cols + place, start : start + kw] = w[o, c, u]
    return M


@wrong(
    en="M is transposed: (C·H·W, O·H'·W'). A row must be a neuron, so that M @ x.flatten() works.",
    zh="M 转置了：(C·H·W, O·H'·W')。每一行应当是一个神经元，这样才能做 M @ x.flatten()。",
)
def conv_as_dense__transposed(w, H, W):
    return ref.conv_as_dense(w, H, W).T


@wrong(
    en=(
        "The filter wraps around the borders: there is a row for each of the H·W pixels, and fields that leave the "
        "picture come in again on the other side. Only whole fields count."
    ),
    zh="过滤器绕过了边界：H·W 个像素每个都有一行，伸出图片的感受野从另一边又进来了。只有完整的感受野才算。",
)
def conv_as_dense__circulant(w, H, W):
    O, C, kh, kw = w.shape
    M = w.new_zeros(O, H, W, C, H, W)
    for i in range(H):
        for j in range(W):
            for u in range(kh):
                for v in range(kw):
                    M[:, i, j, :, (i + u) % H, (j + v) % W] = w[:, :, u, v]
    return M.reshape(O * H * W, C * H * W)


@wrong(
    en=(
        "Each row is the row above moved by one pixel, also at the end of a line: there the field breaks over the "
        "border of the picture. A new row of places begins with the next row of pixels."
    ),
    zh="每一行都只是上一行右移一个像素，到了行末也这样：感受野在那里跨过了图片边界。换到新一行位置时，应从下一行像素开始。",
)
def conv_as_dense__always_one_further(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    M = w.new_zeros(O, rows * cols, C, H * W)
    for place in range(rows * cols):
        for u in range(kh):
            start = place + u * W
            M[:, place, :, start : start + kw] = w[:, :, u]
    return M.reshape(O * rows * cols, C * H * W)


@wrong(
    en="The filters are flipped. A field is multiplied with the filter as it is: M's first row starts with w[0, 0, 0, 0].",
    zh="过滤器翻转了。感受野乘的是原样的过滤器：M 的第一行以 w[0, 0, 0, 0] 开头。",
)
def conv_as_dense__flipped(w, H, W):
    return ref.conv_as_dense(w.flip(2, 3), H, W)


@wrong(
    en="The rows are in the order (row, column, filter). All places of filter 0 come first.",
    zh="行的次序是（行、列、过滤器）。应当先排过滤器 0 的所有位置。",
)
def conv_as_dense__filters_last(w, H, W):
    O = w.shape[0]
    M = ref.conv_as_dense(w, H, W)
    return M.reshape(O, -1, M.shape[1]).transpose(0, 1).reshape(M.shape)


@wrong(
    en="The columns are in the order (row, column, channel). All pixels of channel 0 come first, as flatten puts them.",
    zh="列的次序是（行、列、通道）。应当先排第 0 通道的所有像素，与 flatten 一致。",
)
def conv_as_dense__channels_last(w, H, W):
    C = w.shape[1]
    M = ref.conv_as_dense(w, H, W)
    return M.reshape(len(M), C, H * W).transpose(1, 2).reshape(M.shape)


@wrong(
    en="The places go down the columns. They must go along the rows of the feature map.",
    zh="位置是沿着列往下走的。应当沿着特征图的行走。",
)
def conv_as_dense__column_major_places(w, H, W):
    O, _, kh, kw = w.shape
    M = ref.conv_as_dense(w, H, W)
    return M.reshape(O, H - kh + 1, W - kw + 1, -1).transpose(1, 2).reshape(M.shape)


@wrong(
    en="Only the first channel has weights; the columns of the others are 0. A filter sees all channels.",
    zh="只有第一个通道有权重，其他通道的列全是 0。过滤器看所有通道。",
)
def conv_as_dense__first_channel_only(w, H, W):
    first = torch.zeros_like(w)
    first[:, 0] = w[:, 0]
    return ref.conv_as_dense(first, H, W)


@wrong(
    en="Height and width of the image are exchanged. Try an image that is not square.",
    zh="图片的高和宽写反了。用一张不是正方形的图片试试。",
)
def conv_as_dense__h_w_swapped(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    M = w.new_zeros(O, rows, cols, C, W, H)
    for i in range(rows):
        for j in range(cols):
            M[:, i, j, :, i : i + kh, j : j + kw] = w
    return M.reshape(O * rows * cols, C * H * W)


@wrong(
    en=(
        "The filter's rows follow each other without a gap: its second row stands right behind its first. In the "
        "flattened image a whole row of W pixels lies between them."
    ),
    zh="过滤器的各行紧挨着排：第二行直接跟在第一行后面。在拉直的图片里，它们之间隔着整整一行 W 个像素。",
)
def conv_as_dense__rows_without_gap(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    M = w.new_zeros(O, rows, cols, C, H * W)
    for i in range(rows):
        for j in range(cols):
            start = i * W + j
            room = M[:, i, j, :, start : start + kh * kw]
            room[:] = w.reshape(O, C, -1)[:, :, : room.shape[2]]
    return M.reshape(O * rows * cols, C * H * W)


@wrong(
    en="Each place appears kh·kw times smaller, as in an average. The entries of M are the weights themselves.",
    zh="每个位置的数都除以了 kh·kw，成了平均。M 的元素就是权重本身。",
)
def conv_as_dense__averaged(w, H, W):
    return ref.conv_as_dense(w / (w.shape[2] * w.shape[3]), H, W)


@wrong(
    en="The fields lie side by side without overlap. The stride is 1: each field begins one pixel further.",
    zh="感受野一个挨一个，没有重叠。步幅是 1：每个感受野只挪一个像素。",
)
def conv_as_dense__side_by_side(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H // kh, W // kw
    M = w.new_zeros(O, rows, cols, C, H, W)
    for i in range(rows):
        for j in range(cols):
            M[:, i, j, :, i * kh : i * kh + kh, j * kw : j * kw + kw] = w
    return M.reshape(O * rows * cols, C * H * W)


@wrong(
    en="The last row and column of places are missing: there are H − kh + 1 rows of them, not H − kh.",
    zh="少了最后一行和最后一列的位置：一共有 H − kh + 1 行，不是 H − kh 行。",
)
def conv_as_dense__last_place_missing(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh, W - kw
    M = w.new_zeros(O, rows, cols, C, H, W)
    for i in range(rows):
        for j in range(cols):
            M[:, i, j, :, i : i + kh, j : j + kw] = w
    return M.reshape(O * rows * cols, C * H * W)


@wrong(
    en=(
        "There is a row for every pixel of the image, as if it had been padded. Without padding there are H'·W' places "
        "for each filter."
    ),
    zh="图片的每个像素都有一行，好像做了填充。不填充时，每个过滤器只有 H'·W' 个位置。",
)
def conv_as_dense__padded(w, H, W):
    O, C, kh, kw = w.shape
    M = w.new_zeros(O, H, W, C, H, W)
    for i in range(H):
        for j in range(W):
            room = M[:, i, j, :, i : i + kh, j : j + kw]
            room[:] = w[:, :, : room.shape[2], : room.shape[3]]
    return M.reshape(O * H * W, C * H * W)


@wrong(
    en="M still has its six axes. A fully connected layer's matrix has two: neurons and pixels.",
    zh="M 还是六维的。全连接层的矩阵只有两维：神经元和像素。",
)
def conv_as_dense__six_axes(w, H, W):
    O, C, kh, kw = w.shape
    return ref.conv_as_dense(w, H, W).reshape(O, H - kh + 1, W - kw + 1, C, H, W)


@wrong(
    en="M is float32 whatever the filters are. It must have their dtype.",
    zh="不管过滤器是什么类型，M 总是 float32。它的 dtype 应与过滤器相同。",
)
def conv_as_dense__float32(w, H, W):
    O, C, kh, kw = w.shape
    rows, cols = H - kh + 1, W - kw + 1
    M = torch.zeros(O, rows, cols, C, H, W, device=w.device)
    for i in range(rows):
        for j in range(cols):
            M[:, i, j, :, i : i + kh, j : j + kw] = w
    return M.reshape(O * rows * cols, C * H * W)


@wrong(
    en="The library's convolution does the work. Your own conv2d may be used, or a loop over the places.",
    zh="活儿是库里的卷积干的。可以用你自己的 conv2d，或者对位置写循环。",
)
def conv_as_dense__library(w, H, W):
    C = w.shape[1]
    basis = torch.eye(C * H * W, dtype=w.dtype, device=w.device).reshape(-1, C, H, W)
    return nn.functional.conv2d(basis, w).reshape(C * H * W, -1).T


# --- receptive_field -------------------------------------------------------------------------------


@right
def receptive_field__backwards(layers):
    size = 1
    for k, s in reversed(layers):
        size = (size - 1) * s + k
    return size


@right
def receptive_field__sum_over_layers(layers):
    strides = [s for _, s in layers]
    return 1 + sum((k - 1) * math.prod(strides[:i]) for i, (k, _) in enumerate(layers))


@right
def receptive_field__recursive(layers):
    def seen_by(k, stride, *deeper):
        return k + (field(deeper) - 1) * stride

    def field(rest):
        return seen_by(*rest[0], *rest[1:]) if rest else 1

    return field(layers)


@right
def receptive_field__set_of_pixels(layers):
    seen = {0}
    for k, s in reversed(layers):
        seen = {place * s + offset for place in seen for offset in range(k)}
    return max(seen) - min(seen) + 1


@wrong(
    en="The kernel sizes were added. Two layers of 3 × 3 overlap: together they see 5 pixels, not 6.",
    zh="把 kernel 大小加了起来。两层 3 × 3 有重叠：合起来看到 5 个像素，不是 6 个。",
)
def receptive_field__sum_kernels(layers):
    return sum(k for k, _ in layers) if layers else 1


@wrong(
    en="The strides play no role here. After a layer with stride 2 each further step spans two pixels.",
    zh="没有用到步幅。经过步幅为 2 的一层之后，每走一步就跨过两个像素。",
)
def receptive_field__ignores_stride(layers):
    return 1 + sum(k - 1 for k, _ in layers)


@wrong(
    en="The kernel sizes were multiplied. Two layers of 3 × 3 see 5 pixels, not 9, as their fields overlap.",
    zh="把 kernel 大小乘了起来。两层 3 × 3 看到 5 个像素，不是 9 个，因为感受野有重叠。",
)
def receptive_field__product(layers):
    return math.prod(k for k, _ in layers)


@wrong(
    en=(
        "A layer's stride already widens its own kernel. It spaces out its *results*, so it counts from the next layer "
        "on: one layer (4, 3) sees 4 pixels."
    ),
    zh="一层的步幅已经算到了它自己的 kernel 上。步幅拉开的是它的*结果*，要从下一层起才算：单独一层 (4, 3) 看到 4 个像素。",
)
def receptive_field__stride_before(layers):
    size, distance = 1, 1
    for k, s in layers:
        distance *= s
        size += (k - 1) * distance
    return size


@wrong(
    en="The layers were gone through from the last to the first with a rule for the other direction.",
    zh="从最后一层往第一层走，用的却是另一个方向的规则。",
)
def receptive_field__reversed(layers):
    size, distance = 1, 1
    for k, s in reversed(layers):
        size += (k - 1) * distance
        distance *= s
    return size


@wrong(
    en="The count starts at 0. A number of the image itself already sees one pixel, its own.",
    zh="从 0 开始数了。图片上的一个数本来就看到一个像素，就是它自己。",
)
def receptive_field__starts_at_zero(layers):
    size, distance = 0, 1
    for k, s in layers:
        size += (k - 1) * distance
        distance *= s
    return size


@wrong(
    en="Each layer adds k steps. Between k neighbours there are only k − 1 steps: a layer of 1 × 1 sees no further.",
    zh="每层加了 k 步。k 个相邻的数之间只有 k − 1 步：1 × 1 的层看得并不更远。",
)
def receptive_field__k_steps(layers):
    size, distance = 1, 1
    for k, s in layers:
        size += k * distance
        distance *= s
    return size


@wrong(
    en="The distance is always that of the last layer's stride. The strides of all layers before multiply.",
    zh="距离总是取上一层的步幅。应当把前面所有层的步幅乘起来。",
)
def receptive_field__last_stride_only(layers):
    size, distance = 1, 1
    for k, s in layers:
        size += (k - 1) * distance
        distance = s
    return size


@wrong(
    en="The strides were added up. Two layers with stride 2 put neighbours 4 pixels apart; three of them 8, not 6.",
    zh="把步幅加了起来。两层步幅 2，相邻的数相隔 4 个像素；三层就是 8 个，不是 6 个。",
)
def receptive_field__strides_added(layers):
    size, distance = 1, 0
    for k, s in layers:
        size += (k - 1) * max(distance, 1)
        distance += s
    return size


@wrong(
    en="Every layer's step is multiplied by its own stride, and the strides before it are forgotten.",
    zh="每层的步子只乘了自己的步幅，前面各层的步幅都忘了。",
)
def receptive_field__own_stride(layers):
    return 1 + sum((k - 1) * s for k, s in layers)


@wrong(
    en="Only the last layer's kernel is counted. What it looks at has receptive fields of its own.",
    zh="只算了最后一层的 kernel。它看的那些数各有自己的感受野。",
)
def receptive_field__last_layer(layers):
    return layers[-1][0] if layers else 1


@wrong(
    en="The width was multiplied by the whole stride product at the end. A stride spreads only the layers after it.",
    zh="最后把宽度乘上了全部步幅的乘积。步幅只会拉开它之后的层。",
)
def receptive_field__stride_at_the_end(layers):
    return (1 + sum(k - 1 for k, _ in layers)) * math.prod(s for _, s in layers)


@wrong(
    en="Pixels were counted in both directions: the square of the size. Asked is the size in one direction.",
    zh="数的是两个方向的像素：大小的平方。问的是一个方向上的大小。",
)
def receptive_field__squared(layers):
    return ref.receptive_field(layers) ** 2


@wrong(
    en="Kernel and stride are exchanged: a layer is (kernel size, stride).",
    zh="kernel 和步幅弄反了：一层是（kernel 大小，步幅）。",
)
def receptive_field__pair_swapped(layers):
    size, distance = 1, 1
    for s, k in layers:
        size += (k - 1) * distance
        distance *= s
    return size


@wrong(
    en="The list is emptied on the way (`pop`), and the caller's list with it. The argument must stay as it was.",
    zh="计算时把列表掏空了（`pop`），调用者的列表也就空了。参数应当保持原样。",
)
def receptive_field__empties_the_list(layers):
    size = 1
    while layers:
        k, s = layers.pop()
        size = (size - 1) * s + k
    return size


@wrong(
    en="With no layer at all there is an error. Then a number of the image sees one pixel: itself.",
    zh="一层也没有时就报错。这时图片上的一个数只看到一个像素：它自己。",
)
def receptive_field__no_layer_fails(layers):
    size, distance = layers[0]
    for k, s in layers[1:]:
        size += (k - 1) * distance
        distance *= s
    return size


@wrong(
    en="The width itself is multiplied by each stride. A stride only spreads the results: one layer (4, 3) sees 4 pixels.",
    zh="每一层都把看到的宽度乘上了步幅。步幅只是把结果隔开：只有一层 (4, 3) 时看到 4 个像素。",
)
def receptive_field__width_times_stride(layers):
    r = 1
    for k, s in layers:
        r = r * s + k - 1
    return r


# --- max_pool2d ------------------------------------------------------------------------------------


@right
def max_pool2d__windows_amax(x, k, stride=None):
    s = stride or k
    return x.unfold(2, k, s).unfold(3, k, s).amax(dim=(-2, -1))


@right
def max_pool2d__running_maximum(x, k, stride=None):
    if stride is None:
        stride = k
    rows = (x.shape[2] - k) // stride + 1
    cols = (x.shape[3] - k) // stride + 1
    out = torch.full((*x.shape[:2], rows, cols), -float("inf"), dtype=x.dtype, device=x.device)
    for i in range(k):
        for j in range(k):
            window = x[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride]
            out = torch.maximum(out, window)
    return out


@right
def max_pool2d__rows_then_columns(x, k, stride=None):
    stride = k if stride is None else stride
    tall = x.unfold(2, k, stride).max(dim=-1).values
    return tall.unfold(3, k, stride).max(dim=-1).values


@right
def max_pool2d__from_patches(x, k, stride=None):
    stride = k if stride is None else stride
    N, C, H, W = x.shape
    rows = ref.conv_output_size(H, k, stride)
    patches = ref.extract_patches(x.reshape(N * C, 1, H, W), k, k, stride)
    largest, _ = patches.sort(dim=2, descending=True)
    return largest[:, :, 0].reshape(N, C, rows, -1)


@wrong(
    en="The search for the largest starts at 0: where all numbers of a window are negative the result is 0.",
    zh="初值用 0 会吃掉负数：窗口里全是负数时，结果成了 0。",
)
def max_pool2d__zero_init(x, k, stride=None):
    return ref.max_pool2d(x, k, stride).clamp(min=0)


@wrong(
    en=(
        "The search for the largest starts at a number that is only rather small, say −10⁹. Where all numbers are "
        "below it, it wins."
    ),
    zh="找最大值时的初值只是“相当小”，比如 −10⁹。要是所有的数都比它还小，它就赢了。",
)
def max_pool2d__finite_init(x, k, stride=None):
    return ref.max_pool2d(x, k, stride).clamp(min=-1e9)


@wrong(
    en="There is a row or column too many: windows that stick out were kept. They are dropped.",
    zh="多了一行或一列：伸出去的窗口留了下来。它们应当被丢掉。",
)
def max_pool2d__ceil_mode(x, k, stride=None):
    stride = k if stride is None else stride
    rows = math.ceil((x.shape[2] - k) / stride) + 1
    cols = math.ceil((x.shape[3] - k) / stride) + 1
    bottom, right_side = (rows - 1) * stride + k - x.shape[2], (cols - 1) * stride + k - x.shape[3]
    padded = nn.functional.pad(x, (0, max(right_side, 0), 0, max(bottom, 0)), value=-float("inf"))
    return padded.unfold(2, k, stride).unfold(3, k, stride).amax(dim=(4, 5))


@wrong(
    en="The largest absolute value wins here. Of −4 and 3 the larger is 3.",
    zh="这里比的是绝对值。−4 和 3 中较大的是 3。",
)
def max_pool2d__abs_max(x, k, stride=None):
    return ref.max_pool2d(x.abs(), k, stride)


@wrong(
    en="The first number of each window was taken, whatever the others are. Compare all k·k of them.",
    zh="总是取每个窗口的第一个数，不管其他的是多少。要比较全部 k·k 个数。",
)
def max_pool2d__strided_slice(x, k, stride=None):
    stride = k if stride is None else stride
    rows, cols = (x.shape[2] - k) // stride + 1, (x.shape[3] - k) // stride + 1
    return x[:, :, ::stride, ::stride][:, :, :rows, :cols]


@wrong(
    en="The windows were averaged. Max pooling keeps the largest number.",
    zh="窗口取了平均。最大池化留下的是最大的数。",
)
def max_pool2d__average(x, k, stride=None):
    s = k if stride is None else stride
    return x.unfold(2, k, s).unfold(3, k, s).mean(dim=(4, 5))


@wrong(
    en="The smallest number of each window was kept.",
    zh="每个窗口留下的是最小的数。",
)
def max_pool2d__min(x, k, stride=None):
    return -ref.max_pool2d(-x, k, stride)


@wrong(
    en="The stride plays no role here: the windows always lie side by side. Try k=3, stride=1.",
    zh="没有用到步幅：窗口总是一个挨一个。试试 k=3, stride=1。",
)
def max_pool2d__ignores_stride(x, k, stride=None):
    return ref.max_pool2d(x, k, k)


@wrong(
    en="Without a stride the windows move by 1. The default is k: they lie side by side.",
    zh="不给步幅时窗口每次移动 1。默认应当是 k：一个挨一个。",
)
def max_pool2d__default_stride_one(x, k, stride=None):
    return ref.max_pool2d(x, k, 1 if stride is None else stride)


@wrong(
    en="A default stride of 2 fits only k = 2. Where none is given it is k.",
    zh="默认步幅写成了 2，只对 k = 2 合适。不给步幅时应当是 k。",
)
def max_pool2d__default_stride_two(x, k, stride=None):
    return ref.max_pool2d(x, k, 2 if stride is None else stride)


@wrong(
    en=(
        "The stride and the window changed roles: windows of `stride` moved by k. Try k=3, stride=2, where windows "
        "overlap."
    ),
    zh="步幅和窗口调换了：大小为 `stride` 的窗口每次移动 k。试试窗口重叠的 k=3, stride=2。",
)
def max_pool2d__roles_swapped(x, k, stride=None):
    return ref.max_pool2d(x, k if stride is None else stride, k)


@wrong(
    en="The channels were pooled too: one map is left. Pooling goes channel by channel.",
    zh="连通道也池化了：只剩一张图。池化是逐个通道分别做的。",
)
def max_pool2d__over_channels(x, k, stride=None):
    return ref.max_pool2d(x, k, stride).amax(dim=1, keepdim=True)


@wrong(
    en="The windows have k rows but only one column. They are k × k.",
    zh="窗口有 k 行，却只有一列。它应当是 k × k。",
)
def max_pool2d__rows_only(x, k, stride=None):
    s = k if stride is None else stride
    return x.unfold(2, k, s).amax(dim=-1)


@wrong(
    en="The windows are one row and one column too small: the loops stop at k − 1.",
    zh="窗口少了一行一列：循环到 k − 1 就停了。",
)
def max_pool2d__window_too_small(x, k, stride=None):
    s = k if stride is None else stride
    windows = x.unfold(2, k, s).unfold(3, k, s)
    small = max(k - 1, 1)
    return windows[..., :small, :small].amax(dim=(4, 5))


@wrong(
    en="Height and width of the result are exchanged. Try an image that is not square.",
    zh="结果的高和宽颠倒了。用一张不是正方形的图片试试。",
)
def max_pool2d__transposed(x, k, stride=None):
    return ref.max_pool2d(x, k, stride).transpose(2, 3)


@wrong(
    en=(
        "A reshape cut each row into windows of k·k neighbours. A window is a square: its k rows lie W numbers apart "
        "in memory."
    ),
    zh="用 reshape 把每行切成了 k·k 个连续的数。窗口是方的：它的 k 行在内存里相隔 W 个数。",
)
def max_pool2d__reshaped(x, k, stride=None):
    stride = k if stride is None else stride
    N, C, H, W = x.shape
    rows, cols = (H - k) // stride + 1, (W - k) // stride + 1
    return x.reshape(N, C, rows, cols, k * k).amax(dim=4)


@wrong(
    en=(
        "The picture was reshaped into blocks, which works only where height and width are multiples of k and the "
        "stride is k. Otherwise there is an error."
    ),
    zh="把图片 reshape 成了小块，这只在高和宽都是 k 的倍数、步幅又等于 k 时才行，否则报错。",
)
def max_pool2d__blocks_only(x, k, stride=None):
    N, C, H, W = x.shape
    return x.reshape(N, C, H // k, k, W // k, k).amax(dim=(3, 5))


@wrong(
    en="The whole map became one number. Each k × k window has a largest number of its own.",
    zh="整张图变成了一个数。每个 k × k 窗口都有自己的最大值。",
)
def max_pool2d__global(x, k, stride=None):
    return x.amax(dim=(2, 3), keepdim=True)


@wrong(
    en="The result says *where* in the window the largest number is. Asked is the number itself.",
    zh="结果说的是最大的数在窗口的*哪里*。要的是那个数本身。",
)
def max_pool2d__argmax(x, k, stride=None):
    s = k if stride is None else stride
    return x.unfold(2, k, s).unfold(3, k, s).flatten(4).argmax(dim=4).to(x.dtype)


@wrong(
    en="The picture was padded with zeros first. There is no padding in this pooling.",
    zh="先给图片补了 0。这里的池化不填充。",
)
def max_pool2d__pads(x, k, stride=None):
    return ref.max_pool2d(nn.functional.pad(x, [k // 2] * 4), k, stride)


@wrong(
    en="The result was filled from a detached copy: no gradient flows back to x.",
    zh="结果是用断开的副本填的：没有梯度流回 x。",
)
def max_pool2d__detached(x, k, stride=None):
    return ref.max_pool2d(x.detach(), k, stride)


@wrong(
    en="The result was collected in a float32 tensor (`torch.zeros` without a dtype). Ask for the dtype of x.",
    zh="结果收集在 float32 的张量里（`torch.zeros` 没写 dtype）。要用 x 的 dtype。",
)
def max_pool2d__float32(x, k, stride=None):
    y = ref.max_pool2d(x, k, stride)
    out = torch.zeros(y.shape, device=x.device)
    out[:] = y
    return out


@wrong(
    en=(
        "A Python loop goes over all places: a larger picture takes more operations. The pixels at (i, j) of all "
        "windows are one slice; loop over the window."
    ),
    zh="Python 循环走遍了所有位置：图片越大，操作越多。所有窗口的 (i, j) 像素是一个切片；应对窗口循环。",
)
def max_pool2d__loop_over_places(x, k, stride=None):
    s = k if stride is None else stride
    rows, cols = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
    out = x.new_zeros(*x.shape[:2], rows, cols)
    for i in range(rows):
        for j in range(cols):
            out[:, :, i, j] = x[:, :, i * s : i * s + k, j * s : j * s + k].amax(dim=(2, 3))
    return out


@wrong(
    en="The library's pooling does the work. Here you write it yourself, with slices.",
    zh="池化是库里的函数做的。这里请自己写，用切片就行。",
)
def max_pool2d__library(x, k, stride=None):
    return nn.functional.max_pool2d(x, k, stride)


# --- max_pool2d_backward ---------------------------------------------------------------------------


@right
def max_pool2d_backward__slice_by_slice(x, dout, k, stride=None):
    stride = k if stride is None else stride
    rows, cols = dout.shape[2:]
    dx = torch.zeros_like(x)
    best = x.unfold(2, k, stride).unfold(3, k, stride).amax(dim=(4, 5))
    waiting = torch.ones_like(best, dtype=torch.bool)
    for i in range(k):
        for j in range(k):
            here = (slice(None), slice(None), slice(i, i + stride * rows, stride), slice(j, j + stride * cols, stride))
            winner = waiting & (x[here] == best)
            dx[here] += torch.where(winner, dout, torch.zeros_like(dout))
            waiting = waiting & ~winner
    return dx


@right
def max_pool2d_backward__index_put(x, dout, k, stride=None):
    stride = stride or k
    rows, cols = dout.shape[2:]
    windows = x.unfold(2, k, stride).unfold(3, k, stride).reshape(*x.shape[:2], rows, cols, k * k)
    _, winner = windows.max(dim=-1)
    n, c, i, j = torch.meshgrid(*(torch.arange(m, device=x.device) for m in dout.shape), indexing="ij")
    dx = torch.zeros_like(x)
    dx.index_put_((n, c, i * stride + winner // k, j * stride + winner % k), dout, accumulate=True)
    return dx


@right
def max_pool2d_backward__one_hot(x, dout, k, stride=None):
    stride = k if stride is None else stride
    rows, cols = dout.shape[2:]
    windows = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    places = torch.arange(k * k, device=x.device)
    mask = windows.argmax(dim=4, keepdim=True) == places
    parts = mask * dout.unsqueeze(4)
    dx = torch.zeros_like(x)
    for place in range(k * k):
        i, j = divmod(place, k)
        dx[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride] += parts[..., place]
    return dx


@right
def max_pool2d_backward__bincount_of_pixels(x, dout, k, stride=None):
    stride = k if stride is None else stride
    pixel = torch.arange(x.numel(), device=x.device).reshape(x.shape)
    values = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    numbers = pixel.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    target = numbers.gather(4, values.argmax(dim=4, keepdim=True)).flatten()
    return x.new_zeros(x.numel()).index_add(0, target, dout.flatten()).reshape(x.shape)


@wrong(
    en=(
        "Where windows overlap, one of them wipes out what the others gave: the gradient is assigned with `=`, or with "
        "`+=` on a list of places, which counts a repeated place once. Compare the sums of the result and of dout."
    ),
    zh=(
        "窗口重叠时，一个窗口抹掉了其他窗口给的：梯度是用 `=` 赋值的，或者对一串位置用了 `+=`，"
        "而重复的位置只会算一次。比较一下结果之和与 dout 之和。"
    ),
)
def max_pool2d_backward__assign_not_accumulate(x, dout, k, stride=None):
    stride = k if stride is None else stride
    n, c, i, j = torch.meshgrid(*(torch.arange(m, device=x.device) for m in dout.shape), indexing="ij")
    first = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4).argmax(dim=4)
    dx = torch.zeros_like(x)
    dx[n, c, i * stride + first // k, j * stride + first % k] = dout
    return dx


def _give_back(x, shares, k, stride):
    """Adds each window's shares (N, C, H', W', k·k) to the pixels of the window."""
    rows, cols = shares.shape[2:4]
    dx = torch.zeros_like(x)
    for place in range(k * k):
        i, j = divmod(place, k)
        dx[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride] += shares[..., place]
    return dx


@wrong(
    en=(
        "Slice by slice the shares are assigned with `=`: where windows overlap, a pixel keeps only its share of the last "
        "window that sees it, be it 0. Compare the sums of the result and of dout."
    ),
    zh=(
        "逐个切片用 `=` 赋值：窗口重叠时，一个像素只留下了最后一个看到它的窗口给的那份，哪怕是 0。"
        "比较一下结果之和与 dout 之和。"
    ),
)
def max_pool2d_backward__slices_assigned(x, dout, k, stride=None):
    stride = k if stride is None else stride
    rows, cols = dout.shape[2:]
    first = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4).argmax(dim=4)
    dx = torch.zeros_like(x)
    for place in range(k * k):
        i, j = divmod(place, k)
        dx[:, :, i : i + stride * rows : stride, j : j + stride * cols : stride] = (first == place) * dout
    return dx


@wrong(
    en=(
        "Where several numbers are the largest, each of them gets the whole gradient: more comes out than went in. Try a "
        "window of zeros."
    ),
    zh="有几个并列最大时，每个都得到了全部梯度：出来的比进去的还多。试试全为 0 的窗口。",
)
def max_pool2d_backward__all_ties(x, dout, k, stride=None):
    stride = k if stride is None else stride
    windows = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    mask = windows == windows.amax(dim=4, keepdim=True)
    return _give_back(x, mask * dout.unsqueeze(4), k, stride)


@wrong(
    en="Where several numbers are the largest, they share the gradient. Here the first of them gets everything.",
    zh="有几个并列最大时，它们平分了梯度。这里应当由第一个得到全部。",
)
def max_pool2d_backward__ties_averaged(x, dout, k, stride=None):
    stride = k if stride is None else stride
    windows = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    mask = (windows == windows.amax(dim=4, keepdim=True)).to(x.dtype)
    return _give_back(x, mask / mask.sum(dim=4, keepdim=True) * dout.unsqueeze(4), k, stride)


@wrong(
    en="Where several numbers are the largest, the last one gets the gradient. It is the first: compare strictly.",
    zh="有几个并列最大时，最后一个得到了梯度。应当是第一个：比较时要严格大于。",
)
def max_pool2d_backward__last_tie(x, dout, k, stride=None):
    stride = k if stride is None else stride
    windows = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    last = k * k - 1 - windows.flip(4).argmax(dim=4, keepdim=True)
    mask = last == torch.arange(k * k, device=x.device)
    return _give_back(x, mask * dout.unsqueeze(4), k, stride)


@wrong(
    en="Among equal numbers the first one *column by column* was chosen. The window is read row by row.",
    zh="并列时选了*按列*数的第一个。窗口应当按行读。",
)
def max_pool2d_backward__first_by_column(x, dout, k, stride=None):
    stride = k if stride is None else stride
    windows = x.unfold(2, k, stride).unfold(3, k, stride)
    first = windows.transpose(4, 5).flatten(4).argmax(dim=4, keepdim=True)
    place = first % k * k + first // k
    mask = place == torch.arange(k * k, device=x.device)
    return _give_back(x, mask * dout.unsqueeze(4), k, stride)


@wrong(
    en="The gradient was spread over the whole window, as for average pooling. Only the largest number gets it.",
    zh="梯度摊给了整个窗口，那是平均池化的做法。只有最大的数得到它。",
)
def max_pool2d_backward__spread_like_avg(x, dout, k, stride=None):
    stride = k if stride is None else stride
    shares = (dout / (k * k)).unsqueeze(4).expand(*dout.shape, k * k)
    return _give_back(x, shares, k, stride)


@wrong(
    en="Every pixel of a window gets the whole gradient. Only the largest one decides the output; the others get 0.",
    zh="窗口的每个像素都得到了全部梯度。只有最大的那个决定输出，其余的应得 0。",
)
def max_pool2d_backward__everyone_everything(x, dout, k, stride=None):
    stride = k if stride is None else stride
    return _give_back(x, dout.unsqueeze(4).expand(*dout.shape, k * k), k, stride)


@wrong(
    en="The gradient always goes to the first pixel of the window, whatever its value. It goes to the largest.",
    zh="梯度总是给窗口的第一个像素，不管它多大。应当给最大的那个。",
)
def max_pool2d_backward__first_pixel(x, dout, k, stride=None):
    stride = k if stride is None else stride
    rows, cols = dout.shape[2:]
    dx = torch.zeros_like(x)
    dx[:, :, : stride * rows : stride, : stride * cols : stride] = dout
    return dx


@wrong(
    en="dout plays no role here: each window sends back a 1. It is the gradient that comes from above.",
    zh="没有用到 dout：每个窗口送回的都是 1。它是从上面传来的梯度，要用上。",
)
def max_pool2d_backward__ignores_dout(x, dout, k, stride=None):
    return ref.max_pool2d_backward(x, torch.ones_like(dout), k, stride)


@wrong(
    en="The gradient was multiplied with the largest value itself. The slope of max is 1 at the largest, not its value.",
    zh="梯度乘上了最大值本身。max 在最大处的斜率是 1，不是那个数的值。",
)
def max_pool2d_backward__times_value(x, dout, k, stride=None):
    return ref.max_pool2d_backward(x, dout, k, stride) * x


@wrong(
    en="The stride plays no role here: the windows are taken side by side. Try windows that overlap.",
    zh="没有用到步幅：窗口被当成一个挨一个。试试有重叠的窗口。",
)
def max_pool2d_backward__ignores_stride(x, dout, k, stride=None):
    return ref.max_pool2d_backward(x, dout, k, k)


@wrong(
    en=(
        "Row and column inside the window are exchanged: the index first % k is the column. The gradient lands on the "
        "mirrored pixel."
    ),
    zh="窗口内的行和列弄反了：first % k 是列。梯度落到了对称的那个像素上。",
)
def max_pool2d_backward__row_col_swapped(x, dout, k, stride=None):
    stride = k if stride is None else stride
    windows = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4)
    first = windows.argmax(dim=4, keepdim=True)
    place = first % k * k + first // k
    mask = place == torch.arange(k * k, device=x.device)
    return _give_back(x, mask * dout.unsqueeze(4), k, stride)


@wrong(
    en=(
        "The index within the window was used as an index in the image: all gradients end up in the first pixels. The "
        "window's place has to be added."
    ),
    zh="把窗口内的编号当成了图片上的编号：梯度全落在了开头几个像素上。还要加上窗口的位置。",
)
def max_pool2d_backward__local_index(x, dout, k, stride=None):
    stride = k if stride is None else stride
    N, C, H, W = x.shape
    first = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4).argmax(dim=4)
    dx = x.new_zeros(N, C, H * W)
    return dx.scatter_add(2, first.flatten(2), dout.flatten(2)).reshape(x.shape)


@wrong(
    en=(
        "The place in the flattened image was computed with the width of the *output*. A row of the image is W pixels "
        "long."
    ),
    zh="换算成拉直图片上的位置时，用的是*输出*的宽度。图片的一行有 W 个像素。",
)
def max_pool2d_backward__wrong_width(x, dout, k, stride=None):
    stride = k if stride is None else stride
    N, C, H, W = x.shape
    rows, cols = dout.shape[2:]
    first = x.unfold(2, k, stride).unfold(3, k, stride).flatten(4).argmax(dim=4)
    row = stride * torch.arange(rows, device=x.device)[:, None] + first // k
    col = stride * torch.arange(cols, device=x.device) + first % k
    index = (row * cols + col).clamp(max=H * W - 1)
    return x.new_zeros(N, C, H * W).scatter_add(2, index.flatten(2), dout.flatten(2)).reshape(x.shape)


@wrong(
    en=(
        "The rows and columns that no window reaches were cut off. The result has the shape of x, with 0 in places that "
        "decide nothing."
    ),
    zh="窗口够不到的行和列被切掉了。结果的形状应与 x 相同，不起作用的地方是 0。",
)
def max_pool2d_backward__cropped(x, dout, k, stride=None):
    s = k if stride is None else stride
    rows, cols = dout.shape[2:]
    return ref.max_pool2d_backward(x, dout, k, stride)[:, :, : (rows - 1) * s + k, : (cols - 1) * s + k]


@wrong(
    en=(
        "A pixel that wins several windows gets the mean of their gradients. It influences all of these outputs, so the "
        "gradients add up."
    ),
    zh="一个像素赢了好几个窗口，得到的却是它们梯度的平均。它影响了所有这些输出，所以梯度应当相加。",
)
def max_pool2d_backward__mean_of_windows(x, dout, k, stride=None):
    wins = ref.max_pool2d_backward(x, torch.ones_like(dout), k, stride)
    return ref.max_pool2d_backward(x, dout, k, stride) / wins.clamp(min=1)


@wrong(
    en=(
        "Maximum and gradient were enlarged by repeating them k times and compared with x. That works only for windows "
        "side by side, and ties all win."
    ),
    zh="把最大值和梯度重复 k 次放大，再与 x 比较。这只在窗口一个挨一个时才行，而且并列的全都赢了。",
)
def max_pool2d_backward__enlarged(x, dout, k, stride=None):
    best = ref.max_pool2d(x, k, stride).repeat_interleave(k, dim=2).repeat_interleave(k, dim=3)
    given = dout.repeat_interleave(k, dim=2).repeat_interleave(k, dim=3)
    dx = torch.zeros_like(x)
    H, W = best.shape[2:]
    dx[:, :, :H, :W] = (x[:, :, :H, :W] == best) * given
    return dx


@wrong(
    en=(
        "The largest absolute value gets the gradient. Of −4 and 3 the maximum is 3; pictures of negative numbers show "
        "it."
    ),
    zh="绝对值最大的数得到了梯度。−4 和 3 的最大值是 3；用负数的图片就能看出来。",
)
def max_pool2d_backward__abs_max(x, dout, k, stride=None):
    return ref.max_pool2d_backward(x.abs(), dout, k, stride)


@wrong(
    en="The smallest number of each window gets the gradient. Max pooling passed on the largest.",
    zh="每个窗口里最小的数得到了梯度。最大池化传下去的是最大的。",
)
def max_pool2d_backward__min(x, dout, k, stride=None):
    return ref.max_pool2d_backward(-x, dout, k, stride)


@wrong(
    en=(
        "Negative numbers never win: the search for the largest starts at 0. In a window of negative numbers the "
        "gradient is lost."
    ),
    zh="负数永远赢不了：找最大值是从 0 开始的。窗口里全是负数时，梯度就丢了。",
)
def max_pool2d_backward__negatives_lost(x, dout, k, stride=None):
    return ref.max_pool2d_backward(x, dout, k, stride) * (x >= 0)


@wrong(
    en=(
        "All channels share the place that the first channel found. Each channel has its own largest numbers, and so has "
        "each image."
    ),
    zh="所有通道都用了第一个通道找到的位置。每个通道、每张图片各有自己的最大值。",
)
def max_pool2d_backward__first_channel_decides(x, dout, k, stride=None):
    return ref.max_pool2d_backward(x[:, :1].expand_as(x), dout, k, stride)


@wrong(
    en="dout was changed on the way. The arguments must stay as they were.",
    zh="计算时改动了 dout。参数应当保持原样。",
)
def max_pool2d_backward__changes_dout(x, dout, k, stride=None):
    dx = ref.max_pool2d_backward(x, dout, k, stride)
    dout *= 0
    return dx


@wrong(
    en=(
        "The gradient was written into x itself, which is destroyed. Make a new tensor of zeros of its shape; x must "
        "stay as it was."
    ),
    zh="把梯度写进了 x 本身，x 就毁了。请新建一个同样形状的全 0 张量；x 应当保持原样。",
)
def max_pool2d_backward__overwrites_x(x, dout, k, stride=None):
    dx = ref.max_pool2d_backward(x, dout, k, stride)
    x.copy_(dx)
    return x


@wrong(
    en="The result is float32 whatever x is (`torch.zeros` without a dtype). Ask for the dtype of x.",
    zh="不管 x 是什么类型，结果总是 float32（`torch.zeros` 没写 dtype）。要用 x 的 dtype。",
)
def max_pool2d_backward__float32(x, dout, k, stride=None):
    dx = torch.zeros(x.shape, device=x.device)
    dx += ref.max_pool2d_backward(x, dout, k, stride)
    return dx


@wrong(
    en=(
        "A Python loop goes over all places: a larger picture takes more operations. Find all winners at once, or loop "
        "over the k·k pixels of the window."
    ),
    zh="Python 循环走遍了所有位置：图片越大，操作越多。请一次找出所有的赢家，或者只对窗口的 k·k 个像素循环。",
)
def max_pool2d_backward__loop_over_places(x, dout, k, stride=None):
    s = k if stride is None else stride
    N, C = x.shape[:2]
    rows, cols = dout.shape[2:]
    dx = torch.zeros_like(x)
    for i in range(rows):
        for j in range(cols):
            first = x[:, :, i * s : i * s + k, j * s : j * s + k].reshape(N, C, -1).argmax(dim=2, keepdim=True)
            mask = (first == torch.arange(k * k, device=x.device)).reshape(N, C, k, k)
            dx[:, :, i * s : i * s + k, j * s : j * s + k] += mask * dout[:, :, i, j, None, None]
    return dx


@wrong(
    en="Automatic differentiation does the work. Here you say yourself which pixel gets what.",
    zh="活儿是自动求导干的。这里请自己写出哪个像素得到什么。",
)
def max_pool2d_backward__autograd(x, dout, k, stride=None):
    s = k if stride is None else stride
    x = x.detach().clone().requires_grad_()
    y = x.unfold(2, k, s).unfold(3, k, s).flatten(4).max(dim=4).values
    return torch.autograd.grad(y, x, dout)[0]
