"""Hidden graders of lecture 8, convolutional networks."""

from autograder.probe import gradients, probe


def counting(make, *shape, start=0):
    """The numbers start, start + 1, … in reading order."""
    n = 1
    for size in shape:
        n *= size
    return make.tensor(range(start, start + n)).reshape(shape)


def strided(make, n, c, h, w):
    """Images that are every second row and column of larger ones, which lie transposed in memory."""
    return make.normal(n, c, 2 * w, 2 * h).transpose(2, 3)[:, :, ::2, ::2]


def distinct(make, *shape):
    """Numbers of both signs, no two of them equal, in random order."""
    n = 1
    for size in shape:
        n *= size
    return ((make.permutation(n) - n // 2).to(make.dtype) * 0.75).reshape(shape)


LECTURE_IMAGE = [
    [1, 0, 0, 0, 0, 1],
    [0, 1, 0, 0, 1, 0],
    [0, 0, 1, 1, 0, 0],
    [1, 0, 0, 0, 1, 0],
    [0, 1, 0, 0, 1, 0],
    [0, 0, 1, 0, 1, 0],
]
LECTURE_FILTERS = [[[[1, -1, -1], [-1, 1, -1], [-1, -1, 1]]], [[[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]]]]
LECTURE_MAP = [[3, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]]

# --- flatten --------------------------------------------------------------------------------------


@probe(public=True)
def test_flatten_tiny(impl, make):
    """an image of 2 × 3 with one channel

    一张 2 × 3、单通道的图片
    """
    return impl.flatten(counting(make, 1, 1, 2, 3))


@probe(public=True)
def test_flatten_batch(impl, make):
    """images with three channels

    三个通道的图片
    """
    return impl.flatten(make.normal(make.batch(2), 3, 2, 4))


@probe(weight=2)
def test_flatten_not_contiguous(impl, make):
    """images that are not contiguous in memory: permuted, and sliced

    在内存中不连续的图片：permute 过的，切片得到的
    """
    return {
        "permuted": impl.flatten(make.normal(2, 4, 3, 2).permute(0, 3, 1, 2)),
        "sliced": impl.flatten(strided(make, 2, 3, 4, 2)),
    }


@probe()
def test_flatten_ones(impl, make):
    """a batch of one, one pixel, one channel, one row

    只有一张图片、一个像素、一个通道、一行
    """
    return {
        "one image": impl.flatten(make.normal(1, 2, 3, 4)),
        "one pixel": impl.flatten(make.normal(3, 2, 1, 1)),
        "one channel": impl.flatten(make.normal(2, 1, 3, 4)),
        "one row": impl.flatten(make.normal(2, 3, 1, 4)),
        "one number": impl.flatten(make.normal(1, 1, 1, 1)),
    }


@probe()
def test_flatten_cube(impl, make):
    """as many images as channels, rows and columns

    图片数、通道数、行数、列数都相等
    """
    return impl.flatten(make.normal(2, 2, 2, 2))


@probe()
def test_flatten_integers(impl, make):
    """integers stay integers

    整数仍是整数
    """
    return impl.flatten(make.integers(0, 256, 2, 3, 2, 4))


@probe()
def test_flatten_gradient(impl, make):
    """the gradient goes back to each pixel

    梯度回到每个像素
    """
    x = make.normal(2, 3, 2, 2, grad=True)
    return gradients(impl.flatten(x), x)


# --- fc_param_count -------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_fc_param_count_vector(impl, make):
    """two numbers in, three neurons

    输入两个数，三个神经元
    """
    return impl.fc_param_count((2,), 3)


@probe(public=True, dtypes=("float64",))
def test_fc_param_count_lecture(impl, make):
    """the lecture's image and 1000 neurons

    课上的图片和 1000 个神经元
    """
    return impl.fc_param_count((3, 100, 100), 1000)


@probe(weight=2, dtypes=("float64",))
def test_fc_param_count_shapes(impl, make):
    """vectors, matrices and images

    向量、矩阵和图片
    """
    shapes = ((7,), (5, 4), (2, 3, 7), (16, 5, 3))
    return {f"{shape}, {n} neurons": impl.fc_param_count(shape, n) for shape in shapes for n in (2, 11)}


@probe(dtypes=("float64",))
def test_fc_param_count_one_neuron(impl, make):
    """a single neuron; a single input

    只有一个神经元；只有一个输入
    """
    return [impl.fc_param_count((2, 3), 1), impl.fc_param_count((1,), 4), impl.fc_param_count((1, 1, 1), 1)]


@probe(dtypes=("float64",))
def test_fc_param_count_large(impl, make):
    """a large layer, counted exactly

    很大的一层，要数得一个不差
    """
    return impl.fc_param_count((3, 1001, 999), 4097)


# --- conv_output_size -----------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_conv_output_size_stride_one(impl, make):
    """5 pixels, windows of 3

    5 个像素，窗口为 3
    """
    return impl.conv_output_size(5, 3, 1, 0)


@probe(public=True, dtypes=("float64",))
def test_conv_output_size_floor(impl, make):
    """6 pixels, windows of 3, stride 2: the third would stick out

    6 个像素，窗口为 3，步幅为 2：第三个会伸出去
    """
    return impl.conv_output_size(6, 3, 2, 0)


@probe(public=True, dtypes=("float64",))
def test_conv_output_size_padding(impl, make):
    """100 pixels, windows of 3, padding 1 on each side

    100 个像素，窗口为 3，两边各填充 1
    """
    return {
        "stride 1": impl.conv_output_size(100, 3, 1, 1),
        "stride 2": impl.conv_output_size(100, 3, 2, 1),
    }


@probe(dtypes=("float64",))
def test_conv_output_size_defaults(impl, make):
    """stride 1 and no padding, unless said otherwise

    没有特别说明时，步幅为 1，不填充
    """
    return {
        "both": impl.conv_output_size(9, 4),
        "padding": impl.conv_output_size(9, 4, 3),
        "stride": impl.conv_output_size(9, 4, padding=2),
    }


@probe(dtypes=("float64",))
def test_conv_output_size_one_window(impl, make):
    """a window as large as the padded picture fits once

    窗口与填充后的图片一样大时，只放得下一个
    """
    return [
        impl.conv_output_size(4, 4, 1, 0),
        impl.conv_output_size(4, 4, 3, 0),
        impl.conv_output_size(3, 7, 2, 2),
        impl.conv_output_size(1, 1, 5, 0),
    ]


@probe(dtypes=("float64",))
def test_conv_output_size_large_stride(impl, make):
    """a stride larger than the window, and windows of one pixel

    步幅比窗口还大；窗口只有一个像素
    """
    return [
        impl.conv_output_size(11, 2, 5, 0),
        impl.conv_output_size(10, 1, 4, 1),
        impl.conv_output_size(12, 1, 1, 0),
        impl.conv_output_size(13, 1, 2, 0),
    ]


@probe(weight=2, dtypes=("float64",))
def test_conv_output_size_many(impl, make):
    """many sizes, strides and paddings

    多种大小、步幅和填充
    """
    return {
        f"n={n}, k={k}, stride={s}, padding={p}": impl.conv_output_size(n, k, s, p)
        for n in (7, 8, 12)
        for k in (2, 5)
        for s in (1, 2, 3, 4)
        for p in (0, 1, 3)
    }


# --- zero_pad2d -----------------------------------------------------------------------------------


@probe(public=True)
def test_zero_pad2d_tiny(impl, make):
    """an image of 2 × 3 with one pixel of 0 all around

    一张 2 × 3 的图片，四周各补一个像素的 0
    """
    return impl.zero_pad2d(counting(make, 1, 1, 2, 3, start=1), 1)


@probe(public=True, weight=2)
def test_zero_pad2d_no_padding(impl, make):
    """p=0 leaves the images as they are

    p=0 时，图片保持原样
    """
    return impl.zero_pad2d(make.normal(2, 1, 2, 3), 0)


@probe(public=True)
def test_zero_pad2d_batch(impl, make):
    """p=2, several images and channels

    p=2，多张图片，多个通道
    """
    return impl.zero_pad2d(make.normal(make.batch(2), 3, 2, 4), 2)


@probe()
def test_zero_pad2d_large(impl, make):
    """more padding than image

    填充比图片还大
    """
    return impl.zero_pad2d(make.normal(2, 1, 1, 2), 3)


@probe()
def test_zero_pad2d_integers(impl, make):
    """integers stay integers

    整数仍是整数
    """
    return impl.zero_pad2d(make.integers(0, 256, 1, 2, 3, 2), 1)


@probe()
def test_zero_pad2d_not_contiguous(impl, make):
    """images that are not contiguous in memory

    在内存中不连续的图片
    """
    return impl.zero_pad2d(strided(make, 1, 2, 3, 2), 1)


@probe(weight=2)
def test_zero_pad2d_gradient(impl, make):
    """the gradient of the inner pixels goes back to the image

    内部像素的梯度回到图片
    """
    x = make.normal(2, 1, 2, 3, grad=True)
    return gradients(impl.zero_pad2d(x, 1), x)


# --- extract_patches ------------------------------------------------------------------------------


@probe(public=True)
def test_extract_patches_tiny(impl, make):
    """the four fields of 2 × 2 in an image of 3 × 3

    3 × 3 的图片里的四个 2 × 2 感受野
    """
    return impl.extract_patches(counting(make, 1, 1, 3, 3), 2, 2)


@probe(public=True)
def test_extract_patches_lecture(impl, make):
    """fields of 3 × 3 with 3 channels become vectors of 27

    3 个通道、3 × 3 的感受野变成 27 维的向量
    """
    return impl.extract_patches(counting(make, 1, 3, 3, 4), 3, 3)


@probe(public=True)
def test_extract_patches_batch(impl, make):
    """several images, channels, and fields of 2 × 3

    多张图片、多个通道，感受野为 2 × 3
    """
    return impl.extract_patches(make.normal(make.batch(2), 2, make.batch(3), 5), 2, 3)


@probe()
def test_extract_patches_stride(impl, make):
    """stride 2, where a last row and column are left over, and a stride larger than the field

    步幅为 2，末尾余下一行一列；以及步幅比感受野还大
    """
    return {
        "stride 2": impl.extract_patches(make.normal(1, 2, 6, 8), 2, 3, 2),
        "stride 4": impl.extract_patches(make.normal(1, 1, 7, 10), 2, 3, 4),
    }


@probe()
def test_extract_patches_padding(impl, make):
    """fields that reach into the padding

    伸进填充里的感受野
    """
    return {
        "padding 1": impl.extract_patches(make.normal(1, 2, 2, 3), 3, 2, 1, 1),
        "padding 2": impl.extract_patches(make.normal(2, 1, 2, 1), 1, 3, 1, 2),
    }


@probe(weight=2)
def test_extract_patches_stride_and_padding(impl, make):
    """stride and padding together

    步幅和填充一起用
    """
    return {
        "2 and 1": impl.extract_patches(make.normal(2, 2, 5, 4), 3, 2, stride=2, padding=1),
        "3 and 2": impl.extract_patches(make.normal(1, 1, 4, 7), 2, 3, stride=3, padding=2),
    }


@probe()
def test_extract_patches_edges(impl, make):
    """fields of one pixel, the whole image as one field, a square of squares

    只有一个像素的感受野、整张图片就是一个感受野、处处是正方形
    """
    return {
        "one pixel": impl.extract_patches(make.normal(1, 3, 2, 4), 1, 1),
        "whole image": impl.extract_patches(make.normal(2, 2, 3, 2), 3, 2),
        "square": impl.extract_patches(make.normal(1, 4, 3, 3), 2, 2),
    }


@probe()
def test_extract_patches_not_contiguous(impl, make):
    """images that are not contiguous in memory

    在内存中不连续的图片
    """
    return {
        "plain": impl.extract_patches(strided(make, 1, 2, 3, 4), 2, 3),
        "padded": impl.extract_patches(strided(make, 2, 1, 2, 3), 2, 1, 1, 1),
    }


@probe(weight=2)
def test_extract_patches_gradient(impl, make):
    """a pixel gets the gradients of all the fields that see it

    一个像素得到所有看到它的感受野的梯度
    """
    x = make.normal(1, 2, 4, 3, grad=True)
    return gradients(impl.extract_patches(x, 2, 3, 1, 1), x)


# --- conv2d ---------------------------------------------------------------------------------------


@probe(public=True)
def test_conv2d_tiny(impl, make):
    """one filter of 2 × 2 on an image of 2 × 3

    一个 2 × 2 的过滤器，作用于一张 2 × 3 的图片
    """
    x, w = counting(make, 1, 1, 2, 3, start=1), make.tensor([[[[1, 10], [100, 1000]]]])
    return impl.conv2d(x, w, make.tensor([0]))


@probe(public=True)
def test_conv2d_lecture(impl, make):
    """the lecture's image and its two filters, without and with biases

    课上的图片和两个过滤器，先不加偏置，再加偏置
    """
    x, w = make.tensor([[LECTURE_IMAGE]]), make.tensor(LECTURE_FILTERS)
    return {
        "without": impl.conv2d(x, w, make.tensor([0, 0]), 1, 0),
        "with": impl.conv2d(x, w, make.tensor([0.5, -2]), 1, 0),
    }


@probe(public=True, weight=2)
def test_conv2d_batch(impl, make):
    """several images, channels and filters

    多张图片、多个通道、多个过滤器
    """
    x = make.normal(make.batch(2), 3, make.batch(4), 5)
    return impl.conv2d(x, make.normal(4, 3, 2, 3), make.normal(4))


@probe()
def test_conv2d_stride(impl, make):
    """stride 2, where a last row and column are left over, and a stride larger than the filter

    步幅为 2，末尾余下一行一列；以及步幅比过滤器还大
    """
    return {
        "stride 2": impl.conv2d(make.normal(1, 2, 6, 8), make.normal(3, 2, 2, 3), make.normal(3), 2, 0),
        "stride 4": impl.conv2d(make.normal(1, 1, 7, 10), make.normal(2, 1, 2, 3), make.normal(2), 4, 0),
    }


@probe()
def test_conv2d_padding(impl, make):
    """padding of 1 and 2

    填充 1 和 2
    """
    return {
        "padding 1": impl.conv2d(make.normal(1, 2, 4, 3), make.normal(2, 2, 3, 2), make.normal(2), 1, 1),
        "padding 2": impl.conv2d(make.normal(2, 1, 2, 1), make.normal(3, 1, 1, 3), make.normal(3), 1, 2),
    }


@probe(weight=2)
def test_conv2d_stride_and_padding(impl, make):
    """stride and padding together

    步幅和填充一起用
    """
    x, w, b = make.normal(2, 2, 5, 4), make.normal(3, 2, 3, 2), make.normal(3)
    return {
        "2 and 1": impl.conv2d(x, w, b, stride=2, padding=1),
        "3 and 2": impl.conv2d(x, w, b, stride=3, padding=2),
    }


@probe()
def test_conv2d_bias_per_filter(impl, make):
    """as many filters as output rows and columns: a bias belongs to a filter

    过滤器数等于输出的行数和列数：偏置属于过滤器
    """
    return impl.conv2d(make.normal(1, 2, 4, 3), make.normal(2, 2, 3, 2), make.normal(2, shift=3), 1, 0)


@probe()
def test_conv2d_square(impl, make):
    """as many images as channels, filters, rows and columns

    图片数、通道数、过滤器数、行数、列数都相等
    """
    return impl.conv2d(make.normal(2, 2, 2, 2), make.normal(2, 2, 2, 2), make.normal(2), 1, 1)


@probe()
def test_conv2d_edges(impl, make):
    """filters of one pixel, filters as large as the image, one image and one filter

    只有一个像素的过滤器、与图片一样大的过滤器、一张图片一个过滤器
    """
    return {
        "one pixel": impl.conv2d(make.normal(2, 3, 2, 4), make.normal(5, 3, 1, 1), make.normal(5), 1, 0),
        "whole image": impl.conv2d(make.normal(2, 2, 3, 4), make.normal(5, 2, 3, 4), make.normal(5), 1, 0),
        "one of each": impl.conv2d(make.normal(1, 1, 1, 1), make.normal(1, 1, 1, 1), make.normal(1), 1, 0),
    }


@probe()
def test_conv2d_not_contiguous(impl, make):
    """images and filters that are not contiguous in memory

    在内存中不连续的图片和过滤器
    """
    return impl.conv2d(strided(make, 1, 2, 4, 3), strided(make, 3, 2, 3, 2), make.normal(6)[::2], 1, 1)


@probe(weight=2)
def test_conv2d_gradient(impl, make):
    """the gradients of image, filters and biases

    对图片、过滤器和偏置的梯度
    """
    x, w = make.normal(2, 2, 4, 3, grad=True), make.normal(3, 2, 2, 3, grad=True)
    b = make.normal(3, grad=True)
    return gradients(impl.conv2d(x, w, b, 2, 1), x, w, b)


# --- conv_param_count -----------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_conv_param_count_tiny(impl, make):
    """three filters of one pixel, two channels

    三个只有一个像素的过滤器，两个通道
    """
    return impl.conv_param_count(2, 3, 1, 1)


@probe(public=True, dtypes=("float64",))
def test_conv_param_count_lecture(impl, make):
    """64 filters of 3 × 3 on three channels

    64 个 3 × 3 的过滤器，三个通道
    """
    return impl.conv_param_count(3, 64, 3, 3)


@probe(weight=2, dtypes=("float64",))
def test_conv_param_count_bias(impl, make):
    """with biases and without

    有偏置和没有偏置
    """
    return {
        "with": impl.conv_param_count(5, 7, 2, 3, True),
        "without": impl.conv_param_count(5, 7, 2, 3, False),
        "bias=False": impl.conv_param_count(2, 9, 4, 1, bias=False),
    }


@probe(dtypes=("float64",))
def test_conv_param_count_ones(impl, make):
    """one channel, one filter

    一个通道，一个过滤器
    """
    return [
        impl.conv_param_count(1, 6, 5, 2),
        impl.conv_param_count(6, 1, 2, 5),
        impl.conv_param_count(1, 1, 1, 1),
        impl.conv_param_count(1, 1, 1, 1, False),
    ]


@probe(dtypes=("float64",))
def test_conv_param_count_not_square(impl, make):
    """filters that are not square

    不是正方形的过滤器
    """
    return [
        impl.conv_param_count(4, 3, 7, 2),
        impl.conv_param_count(4, 3, 2, 7),
        impl.conv_param_count(3, 4, 1, 9),
    ]


# --- conv_as_dense --------------------------------------------------------------------------------


@probe(public=True)
def test_conv_as_dense_tiny(impl, make):
    """a filter of 1 × 2 on an image of 1 × 3

    一个 1 × 2 的过滤器，作用于 1 × 3 的图片
    """
    return impl.conv_as_dense(make.tensor([[[[5, 7]]]]), 1, 3)


@probe(public=True)
def test_conv_as_dense_plane(impl, make):
    """a filter of 2 × 2 on an image of 3 × 4

    一个 2 × 2 的过滤器，作用于 3 × 4 的图片
    """
    return impl.conv_as_dense(make.tensor([[[[1, 2], [3, 4]]]]), 3, 4)


@probe(public=True)
def test_conv_as_dense_channels(impl, make):
    """two filters on three channels

    两个过滤器，三个通道
    """
    return impl.conv_as_dense(make.normal(2, 3, 1, 2), 2, 3)


@probe(weight=2)
def test_conv_as_dense_sizes(impl, make):
    """all sizes different

    各个大小都不同
    """
    return impl.conv_as_dense(make.normal(2, 3, 2, 3), 4, 5)


@probe()
def test_conv_as_dense_edges(impl, make):
    """a filter of one pixel, a filter as large as the image, squares

    只有一个像素的过滤器、与图片一样大的过滤器、处处是正方形
    """
    return {
        "one pixel": impl.conv_as_dense(make.normal(2, 1, 1, 1), 2, 3),
        "whole image": impl.conv_as_dense(make.normal(3, 2, 2, 3), 2, 3),
        "square": impl.conv_as_dense(make.normal(2, 2, 2, 2), 3, 3),
    }


@probe()
def test_conv_as_dense_product(impl, make):
    """M times a flattened image

    M 乘以拉直的图片
    """
    return impl.conv_as_dense(make.normal(3, 2, 2, 3), 3, 5) @ make.normal(30)


@probe(weight=2)
def test_conv_as_dense_structure(impl, make):
    """how many entries of M are not 0, and how many different ones there are

    M 有多少个元素不为 0，其中有多少种不同的值
    """
    M = impl.conv_as_dense(distinct(make, 2, 2, 3, 2) + 0.1, 4, 4)
    found = M[M != 0]
    return {"not zero": len(found), "different": len(found.unique()), "in each row": (M != 0).sum(dim=1)}


# --- receptive_field ------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_receptive_field_two_layers(impl, make):
    """two layers of 3 × 3

    两层 3 × 3
    """
    return impl.receptive_field([(3, 1), (3, 1)])


@probe(public=True, dtypes=("float64",))
def test_receptive_field_stride(impl, make):
    """a stride of 2 in the first layer, or in the last

    步幅 2 在第一层，或在最后一层
    """
    return {
        "first": impl.receptive_field([(3, 2), (3, 1)]),
        "last": impl.receptive_field([(3, 1), (3, 2)]),
    }


@probe(dtypes=("float64",))
def test_receptive_field_none_and_one(impl, make):
    """no layer, and one layer

    没有层；只有一层
    """
    return [
        impl.receptive_field([]),
        impl.receptive_field([(1, 1)]),
        impl.receptive_field([(5, 1)]),
        impl.receptive_field([(4, 3)]),
    ]


@probe(weight=2, dtypes=("float64",))
def test_receptive_field_pooling(impl, make):
    """convolutions and poolings in turn

    卷积和池化交替
    """
    return impl.receptive_field([(3, 1), (2, 2), (5, 1), (3, 3), (3, 1), (2, 2)])


@probe(dtypes=("float64",))
def test_receptive_field_order(impl, make):
    """the same layers, in other orders

    同样的层，次序不同
    """
    layers = [(5, 1), (2, 3), (4, 2)]
    return {
        "as they are": impl.receptive_field(layers),
        "reversed": impl.receptive_field(layers[::-1]),
        "rotated": impl.receptive_field(layers[1:] + layers[:1]),
    }


@probe(dtypes=("float64",))
def test_receptive_field_one_pixel(impl, make):
    """layers of one pixel see no further, but their stride counts

    只有一个像素的层看得并不更远，但它的步幅算数
    """
    return {
        "1×1": impl.receptive_field([(3, 1), (1, 1), (3, 1)]),
        "1×1, stride 2": impl.receptive_field([(3, 1), (1, 2), (3, 1)]),
        "gaps": impl.receptive_field([(2, 4), (2, 1)]),
    }


@probe(dtypes=("float64",))
def test_receptive_field_deep(impl, make):
    """a deep network

    很深的网络
    """
    return impl.receptive_field([(7, 2), (3, 2)] + [(3, 1)] * 8 + [(3, 2)] + [(3, 1)] * 4)


# --- max_pool2d -----------------------------------------------------------------------------------


@probe(public=True)
def test_max_pool2d_tiny(impl, make):
    """one window of 2 × 2 on each of two channels

    两个通道，各一个 2 × 2 的窗口
    """
    return impl.max_pool2d(make.tensor([[[[1, 4], [3, 2]], [[-1, -4], [-3, -2]]]]), 2)


@probe(public=True)
def test_max_pool2d_lecture(impl, make):
    """the lecture's feature map, windows of 2 × 2

    课上的特征图，窗口 2 × 2
    """
    return impl.max_pool2d(make.tensor([[LECTURE_MAP]]), 2)


@probe(public=True)
def test_max_pool2d_batch(impl, make):
    """several images and channels, and a last column that is left over

    多张图片、多个通道，末尾余下一列
    """
    return impl.max_pool2d(make.normal(make.batch(2), 3, make.batch(4), 7), 2)


@probe(weight=2)
def test_max_pool2d_negative(impl, make):
    """negative numbers only, small and huge ones

    全是负数，有小的也有极大的
    """
    return {
        "near 0": impl.max_pool2d(make.uniform(1, 2, 4, 6, low=-3, high=-1), 2),
        "huge": impl.max_pool2d(make.tensor([[[[-3e12, -2e12], [-5e12, -7e12]]]]), 2),
    }


@probe(weight=2)
def test_max_pool2d_stride(impl, make):
    """windows that overlap, and windows with gaps

    重叠的窗口，以及留有空隙的窗口
    """
    x = make.normal(1, 2, 6, 8)
    return {
        "k=3, stride=1": impl.max_pool2d(x, 3, 1),
        "k=3, stride=2": impl.max_pool2d(x, 3, stride=2),
        "k=2, stride=3": impl.max_pool2d(x, 2, 3),
    }


@probe()
def test_max_pool2d_dropped(impl, make):
    """the largest number lies where no window reaches

    最大的数在窗口够不到的地方
    """
    x = counting(make, 1, 1, 5, 8)
    return {
        "k=2": impl.max_pool2d(x, 2),
        "k=3": impl.max_pool2d(x, 3),
        "k=3, stride=2": impl.max_pool2d(x, 3, 2),
    }


@probe()
def test_max_pool2d_edges(impl, make):
    """windows of one pixel, and a window as large as the image

    只有一个像素的窗口；与图片一样大的窗口
    """
    return {
        "k=1": impl.max_pool2d(make.normal(1, 2, 2, 3), 1),
        "k=1, stride=2": impl.max_pool2d(make.normal(1, 1, 3, 4), 1, 2),
        "whole image": impl.max_pool2d(make.normal(2, 3, 4, 4), 4),
        "one row of windows": impl.max_pool2d(make.normal(2, 1, 3, 7), 3, 2),
    }


@probe()
def test_max_pool2d_not_contiguous(impl, make):
    """images that are not contiguous in memory

    在内存中不连续的图片
    """
    return impl.max_pool2d(strided(make, 2, 1, 4, 6), 2)


@probe()
def test_max_pool2d_gradient(impl, make):
    """the gradient goes back to the largest numbers

    梯度回到最大的那些数
    """
    x = distinct(make, 1, 2, 5, 4).requires_grad_()
    return {
        "apart": gradients(impl.max_pool2d(x, 2), x),
        "overlapping": gradients(impl.max_pool2d(x, 3, 1), x),
    }


# --- max_pool2d_backward --------------------------------------------------------------------------


@probe(public=True)
def test_max_pool2d_backward_tiny(impl, make):
    """one window of 2 × 2: its largest number gets everything

    一个 2 × 2 的窗口：最大的数得到全部
    """
    return impl.max_pool2d_backward(make.tensor([[[[1, 4], [3, 2]]]]), make.tensor([[[[7]]]]), 2)


@probe(public=True)
def test_max_pool2d_backward_batch(impl, make):
    """several images and channels, and a last column that is in no window

    多张图片、多个通道，最后一列不在任何窗口里
    """
    n, rows = make.batch(2), make.batch(2)
    return impl.max_pool2d_backward(distinct(make, n, 3, 2 * rows, 7), make.normal(n, 3, rows, 3), 2)


@probe(public=True)
def test_max_pool2d_backward_lecture(impl, make):
    """the lecture's feature map, windows that overlap

    课上的特征图，窗口有重叠
    """
    return impl.max_pool2d_backward(make.tensor([[LECTURE_MAP]]), counting(make, 1, 1, 3, 3, start=1), 2, 1)


@probe(weight=2)
def test_max_pool2d_backward_overlap(impl, make):
    """a pixel that is the largest in several windows gets their sum

    一个像素在好几个窗口里都最大，就得到它们的和
    """
    x = distinct(make, 2, 2, 5, 7)
    return {
        "k=3, stride=1": impl.max_pool2d_backward(x, make.normal(2, 2, 3, 5), 3, 1),
        "k=3, stride=2": impl.max_pool2d_backward(x, make.normal(2, 2, 2, 3), 3, 2),
    }


@probe(weight=2)
def test_max_pool2d_backward_ties(impl, make):
    """of several largest numbers the first gets everything

    有几个并列最大时，第一个得到全部
    """
    x = make.integers(0, 2, 1, 2, 4, 6).to(make.dtype)
    return {
        "apart": impl.max_pool2d_backward(x, make.normal(1, 2, 2, 3), 2),
        "overlapping": impl.max_pool2d_backward(x, make.normal(1, 2, 2, 4), 3, 1),
    }


@probe()
def test_max_pool2d_backward_zeros(impl, make):
    """whole windows of 0, as after ReLU, and columns that decide the order

    整个窗口都是 0（就像 ReLU 之后）；以及看次序的一列
    """
    return {
        "zeros": impl.max_pool2d_backward(make.tensor([[[[0.0] * 6] * 3] * 2]), make.normal(1, 2, 1, 2), 3),
        "row before column": impl.max_pool2d_backward(
            make.tensor([[[[0, 5], [5, 0]]]]), make.tensor([[[[3]]]]), 2
        ),
    }


@probe()
def test_max_pool2d_backward_negative(impl, make):
    """negative numbers only, and gradients of both signs

    全是负数；梯度有正有负
    """
    return impl.max_pool2d_backward(distinct(make, 1, 2, 4, 6) - 1000, make.normal(1, 2, 2, 3), 2)


@probe()
def test_max_pool2d_backward_gaps(impl, make):
    """a stride larger than the window: pixels between the windows get 0

    步幅比窗口大：窗口之间的像素得 0
    """
    wide, small = distinct(make, 1, 2, 5, 9), distinct(make, 1, 1, 4, 3)
    return {
        "k=2, stride=3": impl.max_pool2d_backward(wide, make.normal(1, 2, 2, 3), 2, stride=3),
        "k=1, stride=2": impl.max_pool2d_backward(small, make.normal(1, 1, 2, 2), 1, 2),
    }


@probe()
def test_max_pool2d_backward_edges(impl, make):
    """a window as large as the image, windows of one pixel, gradients of 0

    与图片一样大的窗口、只有一个像素的窗口、为 0 的梯度
    """
    return {
        "whole image": impl.max_pool2d_backward(distinct(make, 2, 3, 3, 3), make.normal(2, 3, 1, 1), 3),
        "one pixel": impl.max_pool2d_backward(distinct(make, 1, 2, 2, 3), make.normal(1, 2, 2, 3), 1),
        "zero": impl.max_pool2d_backward(distinct(make, 1, 1, 4, 2), make.tensor([[[[0.0], [2.0]]]]), 2),
    }


@probe()
def test_max_pool2d_backward_not_contiguous(impl, make):
    """images and gradients that are not contiguous in memory

    在内存中不连续的图片和梯度
    """
    x = distinct(make, 2, 1, 6, 4).transpose(2, 3)
    return impl.max_pool2d_backward(x, strided(make, 2, 1, 2, 3), 2)
