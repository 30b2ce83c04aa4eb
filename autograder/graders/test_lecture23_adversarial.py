"""Hidden graders of lecture 23, adversarial attack."""

import torch

from autograder.probe import gradients, probe


def literal(tensor):
    """A tensor as code."""
    text = str(rounded(tensor.tolist()))
    return f"torch.tensor({text}, dtype=torch.float64)" if tensor.dtype == torch.float64 else f"torch.tensor({text})"


def rounded(values):
    return [rounded(v) for v in values] if isinstance(values, list) else round(values, 6)


class TinyNet(torch.nn.Module):
    """The notebook's TinyNet: logits = bend(x W + b) V + c."""

    def __init__(self, W, b, V, c, bend=torch.tanh):
        super().__init__()
        self.W, self.b, self.V, self.c = (torch.nn.Parameter(t) for t in (W, b, V, c))
        self.bend = bend
        how = ", torch.sin" if bend is torch.sin else ""
        self.code = f"TinyNet({', '.join(literal(t.detach()) for t in (W, b, V, c))}{how})"

    def forward(self, x):
        return self.bend(x.flatten(1) @ self.W + self.b) @ self.V + self.c


class Dropping(TinyNet):
    """In training mode its first hidden unit is dropped: dropout without chance."""

    def __init__(self, W, b, V, c):
        super().__init__(W, b, V, c)
        self.code = "...  # a TinyNet with dropout"

    def forward(self, x):
        h = self.bend(x.flatten(1) @ self.W + self.b)
        keep = torch.ones_like(h)
        if self.training:
            keep[:, 0] = 0
        return (h * keep) @ self.V + self.c


def network(make, d, c, hidden=4, kind=TinyNet):
    return kind(make.normal(d, hidden), make.normal(hidden), make.normal(hidden, c), make.normal(c))


def wavy(make, d, c, hidden=9):
    """A network whose gradient turns within a short way: many steps, and each must look anew."""
    W, b = make.normal(d, hidden, scale=5), make.normal(hidden)
    return TinyNet(W, b, make.normal(hidden, c), make.normal(c), torch.sin)


def linear(make, W):
    """A network as good as linear (tanh of small numbers), with a column of weights for each class."""
    zeros = make.tensor([0.0] * len(W[0]))
    return TinyNet(0.125 * make.tensor(W), zeros, 8 * make.tensor(torch.eye(len(zeros)).tolist()), zeros.clone())


def cross_entropy(y):
    """A loss of the logits, as a function of them alone."""

    def loss(logits):
        return torch.nn.functional.cross_entropy(logits, y)

    loss.code = f"lambda z: torch.nn.functional.cross_entropy(z, torch.tensor({y.tolist()}))"
    return loss


def squares(logits):
    """A loss that couples the samples of a batch: each counts by its place."""
    place = torch.arange(1, len(logits) + 1, device=logits.device)[:, None]
    return (place * logits.square()).sum() + logits.prod(dim=1).sum()


squares.code = "lambda z: (torch.arange(1, len(z) + 1)[:, None] * z.square()).sum() + z.prod(dim=1).sum()"


def guessed(model, x):
    """What the model thinks of each sample."""
    with torch.no_grad():
        return model(x).argmax(dim=1)


def labels_for(make, model, x, c):
    """True labels that the model gets right for every second sample only."""
    miss = torch.arange(len(x), device=x.device) % 2
    return (guessed(model, x) + miss * make.integers(1, c, len(x))) % c


def state(model, x):
    """What an attack must leave as it was."""
    parameters = list(model.parameters())
    return {
        "each parameter's grad": [p.grad for p in parameters],
        "each parameter's requires_grad": [p.requires_grad for p in parameters],
        "parameters": [p.detach() for p in parameters],
        "training mode": model.training,
        "x.requires_grad": x.requires_grad,
        "x.grad": x.grad,
    }


def traces(attack, model, x):
    """The result of ``attack`` and the state after it."""
    result = attack()
    return {"result": result, "result.requires_grad": getattr(result, "requires_grad", False), "afterwards": state(model, x)}


# --- linf_dist ------------------------------------------------------------------------------------


@probe(public=True)
def test_linf_dist_two(impl, make):
    """the largest absolute difference of each sample

    每个样本最大的差的绝对值
    """
    return impl.linf_dist(make.tensor([[0, 0, 0], [1, 1, 1]]), make.tensor([[0.1, -0.3, 0.2], [1, 1.5, 0.75]]))


@probe(public=True)
def test_linf_dist_images(impl, make):
    """images with channels, rows and columns

    带通道、行、列的图像
    """
    n = make.batch(3)
    return impl.linf_dist(make.uniform(n, 2, 4, 5), make.uniform(n, 2, 4, 5))


@probe(public=True)
def test_linf_dist_darker(impl, make):
    """every pixel gets darker, then every pixel brighter

    所有像素都变暗；所有像素都变亮
    """
    x0, change = make.uniform(3, 4), make.uniform(3, 4, low=0.1, high=0.9)
    return {"darker": impl.linf_dist(x0, x0 - change), "brighter": impl.linf_dist(x0, x0 + change)}


@probe()
def test_linf_dist_shapes(impl, make):
    """one dimension a sample, one pixel, two, four; a batch of one

    每个样本一维、只有一个像素、两维、四维；只有一个样本的批次
    """
    return {
        str(shape): impl.linf_dist(make.normal(*shape), make.normal(*shape))
        for shape in ((4, 7), (3, 1), (2, 5, 3), (2, 2, 1, 3, 4), (1, 3, 2), (1, 1))
    }


@probe()
def test_linf_dist_square(impl, make):
    """as many pixels as samples

    像素数等于样本数
    """
    return impl.linf_dist(make.normal(4, 4), make.normal(4, 4))


@probe()
def test_linf_dist_same(impl, make):
    """one of the images is unchanged: its distance is 0

    有一张图像没变：它的距离是 0
    """
    x0 = make.uniform(3, 2, 4)
    x = x0.clone()
    x[::2] += make.normal(2, 2, 4)
    return impl.linf_dist(x0, x)


@probe()
def test_linf_dist_one_pixel(impl, make):
    """a single pixel changes, in the first, the last, and a middle place

    只有一个像素变了：在开头、末尾和中间
    """
    x0 = make.uniform(4, 2, 3, 4)
    x = x0.clone()
    for sample, place in enumerate(((0, 0, 0), (1, 2, 3), (1, 0, 2), (0, 2, 1))):
        x[(sample, *place)] += (-1) ** sample * (0.25 + sample / 8)
    return impl.linf_dist(x0, x)


@probe()
def test_linf_dist_large(impl, make):
    """pixels from 0 to 255, and negative ones

    像素从 0 到 255；像素为负
    """
    return {
        "0 to 255": impl.linf_dist(make.uniform(2, 3, 4, high=255), make.uniform(2, 3, 4, high=255)),
        "negative": impl.linf_dist(make.uniform(3, 4, low=-9, high=-5), make.uniform(3, 4, low=-4, high=-1)),
    }


@probe()
def test_linf_dist_permuted(impl, make):
    """images stored with the channel last, and brought to (N, C, H, W)

    按通道在后存放、再换成 (N, C, H, W) 的图像
    """
    x0, x = make.uniform(2, 4, 5, 3), make.uniform(2, 4, 5, 3)
    return impl.linf_dist(x0.permute(0, 3, 1, 2), x.permute(0, 3, 1, 2))


# --- l2_dist --------------------------------------------------------------------------------------


@probe(public=True)
def test_l2_dist_two(impl, make):
    """the length of each sample's change

    每个样本的改动的长度
    """
    return impl.l2_dist(make.tensor([[0, 0, 0], [1, 1, 1]]), make.tensor([[0.3, -0.4, 0], [3, 2, -1]]))


@probe(public=True)
def test_l2_dist_images(impl, make):
    """images with channels, rows and columns

    带通道、行、列的图像
    """
    n = make.batch(3)
    return impl.l2_dist(make.uniform(n, 2, 4, 5), make.uniform(n, 2, 4, 5))


@probe(public=True)
def test_l2_dist_same(impl, make):
    """one of the images is unchanged: its distance is 0

    有一张图像没变：它的距离是 0
    """
    x0 = make.uniform(3, 2, 4)
    x = x0.clone()
    x[::2] += make.normal(2, 2, 4)
    return impl.l2_dist(x0, x)


@probe()
def test_l2_dist_shapes(impl, make):
    """one dimension a sample, one pixel, two, four; a batch of one

    每个样本一维、只有一个像素、两维、四维；只有一个样本的批次
    """
    return {
        str(shape): impl.l2_dist(make.normal(*shape), make.normal(*shape))
        for shape in ((4, 7), (3, 1), (2, 5, 3), (2, 2, 1, 3, 4), (1, 3, 2), (1, 1))
    }


@probe()
def test_l2_dist_square(impl, make):
    """as many pixels as samples

    像素数等于样本数
    """
    return impl.l2_dist(make.normal(4, 4), make.normal(4, 4))


@probe()
def test_l2_dist_small_and_large(impl, make):
    """tiny changes, and pixels from 0 to 255

    微小的改动；像素从 0 到 255
    """
    x0 = make.tensor([[0.0] * 4] * 3)
    return {
        "tiny": impl.l2_dist(x0, make.normal(3, 4, scale=0.001)),
        "0 to 255": impl.l2_dist(make.uniform(2, 3, 4, high=255), make.uniform(2, 3, 4, high=255)),
    }


@probe()
def test_l2_dist_opposite(impl, make):
    """changes that cancel in a sum do not cancel in a length

    求和时会抵消的改动，在长度里不会抵消
    """
    return impl.l2_dist(make.tensor([[0.5] * 4] * 2), make.tensor([[0.6, 0.4, 0.6, 0.4], [0.8, 0.5, 0.5, 0.2]]))


@probe()
def test_l2_dist_permuted(impl, make):
    """images stored with the channel last, and brought to (N, C, H, W)

    按通道在后存放、再换成 (N, C, H, W) 的图像
    """
    x0, x = make.uniform(2, 4, 5, 3), make.uniform(2, 4, 5, 3)
    return impl.l2_dist(x0.permute(0, 3, 1, 2), x.permute(0, 3, 1, 2))


# --- untargeted_loss ------------------------------------------------------------------------------


@probe(public=True)
def test_untargeted_loss_two(impl, make):
    """the mean over two samples

    两个样本的平均
    """
    return impl.untargeted_loss(make.tensor([[3, 1, -3], [0, 2, 1]]), make.long([0, 2]))


@probe(public=True)
def test_untargeted_loss_batch(impl, make):
    """random logits and labels

    随机的 logits 和标签
    """
    n = make.batch(5)
    return impl.untargeted_loss(make.normal(n, 3, scale=2), make.integers(0, 3, n))


@probe(public=True)
def test_untargeted_loss_equal(impl, make):
    """equal logits give −ln C

    logits 全相等时，损失是 −ln C
    """
    return impl.untargeted_loss(make.tensor([[0.0] * 4, [5.0] * 4, [-2.0] * 4]), make.long([1, 0, 3]))


@probe()
def test_untargeted_loss_sure(impl, make):
    """a network that is sure: right, and wrong

    网络很有把握：答对时，答错时
    """
    logits = make.tensor([[9, 0, 0], [0, -1, 11]])
    return {
        "right": impl.untargeted_loss(logits, make.long([0, 2])),
        "wrong": impl.untargeted_loss(logits, make.long([1, 0])),
    }


@probe(weight=2)
def test_untargeted_loss_large(impl, make):
    """logits of ±1000 give a finite and right loss

    logits 到 ±1000 时，损失有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [-1000, -1001, -998], [0, 1, -1], [1000, 1001, 999]])
    return {
        "mean": impl.untargeted_loss(logits, make.long([1, 0, 2, 1])),
        "first": impl.untargeted_loss(logits[:1], make.long([2])),
    }


@probe()
def test_untargeted_loss_shapes(impl, make):
    """a batch of one, a square, two classes

    只有一个样本的批次、方阵、两个类别
    """
    return {
        "one sample": impl.untargeted_loss(make.normal(1, 4), make.long([2])),
        "square": impl.untargeted_loss(make.normal(3, 3), make.long([1, 2, 0])),
        "two classes": impl.untargeted_loss(make.normal(5, 2), make.long([0, 1, 1, 1, 1])),
    }


@probe(weight=2)
def test_untargeted_loss_gradient(impl, make):
    """the gradient with respect to the logits

    对 logits 的梯度
    """
    logits = make.normal(4, 3, grad=True)
    return gradients(impl.untargeted_loss(logits, make.long([2, 0, 1, 1])), logits)


@probe()
def test_untargeted_loss_gradient_large(impl, make):
    """the gradient is finite and right for large logits

    logits 很大时，梯度也有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [-1000, -1001, -998]], grad=True)
    return gradients(impl.untargeted_loss(logits, make.long([2, 0])), logits)


# --- targeted_loss --------------------------------------------------------------------------------


@probe(public=True)
def test_targeted_loss_two(impl, make):
    """the mean over two samples

    两个样本的平均
    """
    return impl.targeted_loss(make.tensor([[3, 1, -3], [0, 2, 1]]), make.long([0, 2]), make.long([1, 0]))


@probe(public=True)
def test_targeted_loss_batch(impl, make):
    """random logits and labels

    随机的 logits 和标签
    """
    n = make.batch(5)
    return impl.targeted_loss(make.normal(n, 4, scale=2), make.integers(0, 4, n), make.integers(0, 4, n))


@probe(public=True)
def test_targeted_loss_before_and_after(impl, make):
    """positive while the network is for the truth, negative once it is for the target

    网络偏向正确答案时为正，偏向目标之后为负
    """
    y, y_target = make.long([0]), make.long([2])
    return {
        "for the truth": impl.targeted_loss(make.tensor([[3.0, 0.5, 1.0]]), y, y_target),
        "for the target": impl.targeted_loss(make.tensor([[1.0, 0.5, 3.5]]), y, y_target),
        "for a third class": impl.targeted_loss(make.tensor([[1.0, 4.0, 0.5]]), y, y_target),
    }


@probe()
def test_targeted_loss_same_labels(impl, make):
    """0 where the target is the truth

    目标就是正确答案时为 0
    """
    logits, y = make.normal(3, 4), make.long([2, 0, 3])
    return {
        "all": impl.targeted_loss(logits, y, y.clone()),
        "one of three": impl.targeted_loss(logits, y, make.long([1, 0, 2])),
    }


@probe(weight=2)
def test_targeted_loss_large(impl, make):
    """logits of ±1000 give a finite and right loss

    logits 到 ±1000 时，损失有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [-1000, -1001, -998], [0, 1, -1], [1000, 1001, 999]])
    return {
        "mean": impl.targeted_loss(logits, make.long([1, 0, 2, 1]), make.long([0, 1, 1, 2])),
        "first": impl.targeted_loss(logits[:1], make.long([2]), make.long([0])),
    }


@probe()
def test_targeted_loss_shapes(impl, make):
    """a batch of one, a square, two classes

    只有一个样本的批次、方阵、两个类别
    """
    return {
        "one sample": impl.targeted_loss(make.normal(1, 4), make.long([2]), make.long([1])),
        "square": impl.targeted_loss(make.normal(3, 3), make.long([1, 2, 0]), make.long([0, 0, 2])),
        "two classes": impl.targeted_loss(make.normal(5, 2), make.long([0, 1, 1, 1, 1]), make.long([1, 0, 0, 0, 0])),
    }


@probe(weight=2)
def test_targeted_loss_gradient(impl, make):
    """the gradient with respect to the logits

    对 logits 的梯度
    """
    logits = make.normal(4, 5, grad=True)
    return gradients(impl.targeted_loss(logits, make.long([2, 0, 1, 4]), make.long([0, 3, 2, 1])), logits)


@probe()
def test_targeted_loss_gradient_large(impl, make):
    """the gradient is finite and right for large logits

    logits 很大时，梯度也有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [-1000, -1001, -998]], grad=True)
    return gradients(impl.targeted_loss(logits, make.long([2, 0]), make.long([1, 2])), logits)


# --- input_gradient -------------------------------------------------------------------------------


@probe(public=True)
def test_input_gradient_two(impl, make):
    """the gradient of a cross-entropy with respect to each pixel

    交叉熵对每个像素的梯度
    """
    model = network(make, 3, 2, hidden=2)
    return impl.input_gradient(model, make.uniform(2, 3), cross_entropy(make.long([0, 1])))


@probe(public=True)
def test_input_gradient_images(impl, make):
    """images with channels, rows and columns

    带通道、行、列的图像
    """
    n = make.batch(3)
    model, x = network(make, 12, 5), make.uniform(n, 2, 3, 2)
    return impl.input_gradient(model, x, cross_entropy(make.integers(0, 5, n)))


@probe(public=True, weight=2)
def test_input_gradient_leaves_no_trace(impl, make):
    """parameters' .grad stays None, x asks for no gradient, the result is detached

    参数的 .grad 仍是 None，x 不要求梯度，结果已脱离计算图
    """
    model, x = network(make, 3, 2, hidden=2), make.uniform(2, 3)
    loss = cross_entropy(make.long([1, 0]))
    return traces(lambda: impl.input_gradient(model, x, loss), model, x)


@probe(weight=2)
def test_input_gradient_keeps_gradients(impl, make):
    """gradients that the parameters had before are still there

    参数原来的梯度原样保留
    """
    model, x = network(make, 4, 3), make.uniform(3, 4)
    for p in model.parameters():
        p.grad = make.normal(*p.shape)
    loss = cross_entropy(make.long([1, 0, 2]))
    return traces(lambda: impl.input_gradient(model, x, loss), model, x)


@probe()
def test_input_gradient_other_loss(impl, make):
    """a loss that is no cross-entropy, in which later samples count more

    不是交叉熵的损失，越靠后的样本分量越重
    """
    return impl.input_gradient(network(make, 6, 3), make.uniform(4, 2, 3), squares)


@probe()
def test_input_gradient_frozen(impl, make):
    """a model whose parameters (all, or some) are frozen

    参数（全部或部分）被冻结的模型
    """
    found = {}
    for name, frozen in (("all", (0, 1, 2, 3)), ("some", (0, 2))):
        model, x = network(make, 4, 3), make.uniform(2, 4)
        for i, p in enumerate(model.parameters()):
            p.requires_grad_(i not in frozen)
        loss = cross_entropy(make.long([1, 2]))
        found[name] = traces(lambda m=model, x=x, f=loss: impl.input_gradient(m, x, f), model, x)
    return found


@probe()
def test_input_gradient_mode(impl, make):
    """a model with dropout: in training mode, and in evaluation mode

    带 dropout 的模型：训练模式；评估模式
    """
    model, x, loss = network(make, 4, 3, kind=Dropping), make.uniform(2, 4), cross_entropy(make.long([1, 0]))
    return {
        "training": traces(lambda: impl.input_gradient(model.train(), x, loss), model, x),
        "evaluation": traces(lambda: impl.input_gradient(model.eval(), x, loss), model, x),
    }


@probe()
def test_input_gradient_one_sample(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    return impl.input_gradient(network(make, 6, 3), make.uniform(1, 1, 2, 3), cross_entropy(make.long([2])))


@probe()
def test_input_gradient_twice(impl, make):
    """called twice, it gives the same both times

    调用两次，两次结果相同
    """
    model, x = network(make, 4, 3), make.uniform(3, 4)
    loss = cross_entropy(make.long([1, 0, 2]))
    return [impl.input_gradient(model, x, loss), impl.input_gradient(model, x, loss)]


# --- fgsm -----------------------------------------------------------------------------------------


@probe(public=True)
def test_fgsm_two(impl, make):
    """two samples of three pixels, a linear model of three classes

    两个三像素的样本，三个类别的线性模型
    """
    model = linear(make, [[1.0, 0.25, -0.75], [-0.5, 0.75, 0.5], [0.25, -1.0, 1.25]])
    x = make.tensor([[0.5, 0.25, 0.75], [0.25, 0.5, 0.5]])
    return impl.fgsm(model, x, make.long([0, 1]), 0.125)


@probe(public=True)
def test_fgsm_images(impl, make):
    """images; the model gets every second one wrong already

    图像；其中每隔一张，模型本来就认错
    """
    n = make.batch(4)
    model, x = network(make, 12, 5), make.uniform(n, 2, 3, 2, low=0.2, high=0.8)
    return impl.fgsm(model, x, labels_for(make, model, x, 5), 0.1)


@probe(public=True)
def test_fgsm_range(impl, make):
    """pixels near black and white stay within 0 and 1

    接近黑和白的像素，仍在 0 和 1 之间
    """
    x = make.uniform(3, 8, high=0.15)
    x[:, ::2] = 1 - x[:, ::2]
    model = network(make, 8, 4)
    return impl.fgsm(model, x, make.long([0, 3, 1]), 0.25)


@probe()
def test_fgsm_other_range(impl, make):
    """other ranges of pixels: −1 to 1, 0 to 255, and an odd one

    别的像素范围：−1 到 1、0 到 255，以及一个古怪的范围
    """
    found = {}
    for lo, hi, eps in ((-1, 1, 0.25), (0, 255, 16), (-2.125, 2.625, 0.5)):
        model = network(make, 6, 4)
        with torch.no_grad():
            model.W /= hi - lo  # pixels of 255 would saturate the hidden units
        x = make.uniform(3, 6, low=lo, high=hi)
        x[:, 0], x[:, 1] = lo, hi
        found[f"{lo} to {hi}"] = impl.fgsm(model, x, make.long([3, 0, 2]), eps, lo, hi)
    return found


@probe(weight=2)
def test_fgsm_true_labels(impl, make):
    """the labels are the true ones, also where the model disagrees

    标签是真实标签，哪怕模型的判断与它不同
    """
    model, x = network(make, 10, 4, hidden=6), make.uniform(5, 10, low=0.3, high=0.7)
    return impl.fgsm(model, x, (guessed(model, x) + make.integers(1, 4, 5)) % 4, 0.125)


@probe(weight=2)
def test_fgsm_classes(impl, make):
    """seven classes, and a network whose gradient turns quickly

    七个类别，梯度变化很快的网络
    """
    model, x = wavy(make, 12, 7), make.uniform(5, 3, 4, low=0.3, high=0.7)
    return impl.fgsm(model, x, labels_for(make, model, x, 7), 0.0625)


@probe()
def test_fgsm_small_gradient(impl, make):
    """every pixel moves by eps, however small its gradient; a pixel that the model ignores stays

    梯度再小，像素也移动 eps；模型不看的像素不动
    """
    model = linear(make, [[0.5, -0.25, 0.75], [0.001, -0.002, 0.003], [0.0, 0.0, 0.0], [-2.0, 1.0, 0.5]])
    x = make.tensor([[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.25]])
    return impl.fgsm(model, x, make.long([2, 0]), 0.1875)


@probe()
def test_fgsm_sizes(impl, make):
    """eps 0, and an eps larger than the range

    eps 为 0；eps 比整个范围还大
    """
    model, x, y = network(make, 6, 3), make.uniform(2, 6), make.long([2, 1])
    return {"0": impl.fgsm(model, x, y, 0.0), "2": impl.fgsm(model, x, y, 2.0), "1/255": impl.fgsm(model, x, y, 1 / 255)}


@probe()
def test_fgsm_one_sample(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    return impl.fgsm(network(make, 6, 3), make.uniform(1, 1, 2, 3), make.long([2]), 0.125)


@probe(weight=2)
def test_fgsm_leaves_no_trace(impl, make):
    """model and x are as they were, the result is detached

    模型和 x 保持原样，结果已脱离计算图
    """
    model, x, y = network(make, 4, 3), make.uniform(3, 4), make.long([1, 0, 2])
    fresh = traces(lambda: impl.fgsm(model, x, y, 0.125), model, x)
    for p in model.parameters():
        p.grad = make.normal(*p.shape)
    return {"without gradients": fresh, "with gradients": traces(lambda: impl.fgsm(model.eval(), x, y, 0.125), model, x)}


# --- project_linf ---------------------------------------------------------------------------------


@probe(public=True)
def test_project_linf_two(impl, make):
    """too bright, too dark, within; and a box that reaches beyond the range

    太亮、太暗、在界内；以及超出范围的盒子
    """
    x0 = make.tensor([[0.5, 0.5, 0.5], [0.9375, 0.0625, 0.5]])
    return impl.project_linf(make.tensor([[0.875, 0.25, 0.5625], [2, -1, 0.125]]), x0, 0.125, 0, 1)


@probe(public=True)
def test_project_linf_images(impl, make):
    """images, with x on either side of the box

    图像；x 在盒子的两侧都有
    """
    n = make.batch(3)
    return impl.project_linf(make.uniform(n, 2, 3, 4), make.uniform(n, 2, 3, 4), 0.2, 0, 1)


@probe(public=True)
def test_project_linf_inside(impl, make):
    """within both bounds everything stays

    两个界限都满足时，一切不变
    """
    x0 = make.uniform(3, 5, low=0.4, high=0.6)
    return impl.project_linf(x0 + make.uniform(3, 5, low=-0.1, high=0.1), x0, 0.25, 0, 1)


@probe(weight=2)
def test_project_linf_range(impl, make):
    """the range is the tighter bound near black and white

    在黑和白附近，范围更紧
    """
    x0 = make.uniform(2, 7, high=0.1)
    x0[:, ::2] = 1 - x0[:, ::2]
    return impl.project_linf(make.normal(2, 7, shift=0.5), x0, 0.3, 0, 1)


@probe()
def test_project_linf_other_range(impl, make):
    """other ranges: −1 to 1, 0 to 255

    别的范围：−1 到 1，0 到 255
    """
    return {
        "−1 to 1": impl.project_linf(make.normal(3, 5), make.uniform(3, 5, low=-1), 0.375, -1, 1),
        "0 to 255": impl.project_linf(
            make.uniform(2, 5, low=-50, high=300), make.uniform(2, 5, high=255), 16, 0, 255
        ),
        "2.5 to 3": impl.project_linf(
            make.normal(2, 5, shift=2.75), make.uniform(2, 5, low=2.5, high=3.0), 0.125, 2.5, 3.0
        ),
    }


@probe()
def test_project_linf_one_pixel_outside(impl, make):
    """one pixel is far outside; the others do not care

    只有一个像素远在界外，别的像素不受影响
    """
    x0 = make.uniform(2, 3, 4, low=0.3, high=0.7)
    x = x0 + make.uniform(2, 3, 4, low=-0.05, high=0.05)
    x[0, 1, 2] += 3
    x[1, 2, 0] -= 0.3
    return impl.project_linf(x, x0, 0.0625, 0, 1)


@probe()
def test_project_linf_shapes(impl, make):
    """a single pixel, one dimension, five; a transposed image

    单个像素、一维、五维；转置过的图像
    """
    found = {
        str(shape): impl.project_linf(make.normal(*shape), make.uniform(*shape), 0.25, 0, 1)
        for shape in ((1,), (6,), (2, 1, 3, 2, 2))
    }
    found["transposed"] = impl.project_linf(make.normal(4, 3).T, make.uniform(4, 3).T, 0.25, 0, 1)
    return found


@probe()
def test_project_linf_eps(impl, make):
    """eps 0 gives x0, a huge eps only the range

    eps 为 0 时得到 x0；eps 极大时只剩范围
    """
    x, x0 = make.normal(3, 4), make.uniform(3, 4)
    return {"0": impl.project_linf(x, x0, 0.0, 0, 1), "9": impl.project_linf(x, x0, 9.0, 0, 1)}


# --- pgd ------------------------------------------------------------------------------------------


@probe(public=True)
def test_pgd_two(impl, make):
    """two samples of three pixels, three steps

    两个三像素的样本，走三步
    """
    model, x = network(make, 3, 3, hidden=2), make.uniform(2, 3, low=0.3, high=0.7)
    return impl.pgd(model, x, make.long([0, 2]), 0.25, 0.125, 3)


@probe(public=True)
def test_pgd_images(impl, make):
    """images, untargeted; the model gets every second one wrong already

    图像，无目标；其中每隔一张，模型本来就认错
    """
    n = make.batch(4)
    model, x = network(make, 12, 5), make.uniform(n, 2, 3, 2)
    return impl.pgd(model, x, labels_for(make, model, x, 5), 0.2, 0.06, 5)


@probe(public=True)
def test_pgd_target(impl, make):
    """images, with a target for each

    图像，每张各有一个目标
    """
    model, x = network(make, 12, 5), make.uniform(4, 3, 4)
    y = labels_for(make, model, x, 5)
    return impl.pgd(model, x, y, 0.2, 0.06, 5, (y + make.integers(1, 5, 4)) % 5)


@probe(weight=2)
def test_pgd_box(impl, make):
    """far more steps than the box allows, away from black and white

    步数远多于盒子所允许的，离黑和白都远
    """
    model, x = network(make, 8, 4), make.uniform(3, 8, low=0.4, high=0.6)
    return impl.pgd(model, x, make.long([1, 0, 3]), 0.15, 0.05, 8)


@probe()
def test_pgd_range(impl, make):
    """pixels near black and white stay within 0 and 1

    接近黑和白的像素，仍在 0 和 1 之间
    """
    x = make.uniform(3, 8, high=0.1)
    x[:, ::2] = 1 - x[:, ::2]
    return impl.pgd(network(make, 8, 4), x, make.long([2, 3, 1]), 0.3, 0.08, 4)


# float64 alone: a gradient that turns so often may be near 0 somewhere, where the sign in float32 is chance.
@probe(weight=2, dtypes=("float64",))
def test_pgd_turns(impl, make):
    """a gradient that turns quickly: each step must look anew

    梯度变化很快：每一步都要重新看
    """
    model, x = wavy(make, 10, 6), make.uniform(4, 2, 5, low=0.2, high=0.8)
    return impl.pgd(model, x, labels_for(make, model, x, 6), 0.2, 0.04, 9)


@probe(weight=2, dtypes=("float64",))
def test_pgd_turns_target(impl, make):
    """a gradient that turns quickly, with targets

    梯度变化很快，并且有目标
    """
    model, x = wavy(make, 10, 6), make.uniform(4, 2, 5, low=0.2, high=0.8)
    y = labels_for(make, model, x, 6)
    return impl.pgd(model, x, y, 0.2, 0.04, 9, (y + make.integers(1, 6, 4)) % 6)


@probe(dtypes=("float64",))
def test_pgd_target_zero(impl, make):
    """a batch of one, with class 0 as its target

    只有一个样本的批次，目标是类别 0
    """
    model, x = wavy(make, 8, 4), make.uniform(1, 8, low=0.2, high=0.8)
    return impl.pgd(model, x, make.long([2]), 0.125, 0.03, 4, make.long([0]))


@probe()
def test_pgd_steps(impl, make):
    """no step, one step, one step that is longer than eps

    零步；一步；比 eps 还长的一步
    """
    model, x, y = network(make, 6, 3), make.uniform(2, 6), make.long([2, 1])
    return {
        "0 steps": impl.pgd(model, x, y, 0.25, 0.125, 0),
        "1 step": impl.pgd(model, x, y, 0.25, 0.125, 1),
        "1 long step": impl.pgd(model, x, y, 0.125, 0.5, 1),
    }


@probe()
def test_pgd_small_gradient(impl, make):
    """every pixel moves by alpha, however small its gradient; a pixel that the model ignores stays

    梯度再小，像素也移动 alpha；模型不看的像素不动
    """
    model = linear(make, [[0.5, -0.25, 0.75], [0.001, -0.002, 0.003], [0.0, 0.0, 0.0], [-2.0, 1.0, 0.5]])
    x = make.tensor([[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.375]])
    return impl.pgd(model, x, make.long([2, 0]), 0.1875, 0.0625, 2)


@probe(weight=2)
def test_pgd_leaves_no_trace(impl, make):
    """model and x0 are as they were, the result is detached

    模型和 x0 保持原样，结果已脱离计算图
    """
    model, x, y = network(make, 4, 3), make.uniform(3, 4), make.long([1, 0, 2])
    fresh = traces(lambda: impl.pgd(model, x, y, 0.125, 0.05, 3), model, x)
    for p in model.parameters():
        p.grad = make.normal(*p.shape)
    later = traces(lambda: impl.pgd(model.eval(), x, y, 0.125, 0.05, 3, make.long([2, 1, 0])), model, x)
    return {"without gradients": fresh, "with gradients": later}


# --- attack_success_rate --------------------------------------------------------------------------


def predictions(make, n, c, right, fooled, lucky):
    """Labels, and predictions before and after: ``fooled`` of the ``right`` ones turn wrong, ``lucky`` wrong ones right."""
    y = make.integers(0, c, n)
    rank = torch.arange(n, device=y.device)
    off = 1 + torch.arange(n, device=y.device) % (c - 1)
    clean = (y + (rank >= right) * off) % c
    still_right = ((rank >= fooled) & (rank < right)) | ((rank >= right) & (rank < right + lucky))
    adv = (y + ~still_right * off.flip(0)) % c
    order = make.permutation(n)
    return clean[order], adv[order], y[order]


@probe(public=True, dtypes=("float64",))
def test_attack_success_rate_four(impl, make):
    """three were right, one of them is wrong now

    原来对了三个，其中一个现在错了
    """
    return impl.attack_success_rate(make.long([0, 1, 2, 0]), make.long([5, 1, 2, 0]), make.long([0, 1, 2, 3]))


@probe(public=True, dtypes=("float64",))
def test_attack_success_rate_batch(impl, make):
    """many samples, of which some were wrong before

    很多样本，其中一些原来就错
    """
    n = make.batch(8)
    return impl.attack_success_rate(*predictions(make, n, 4, right=n * 5 // 8, fooled=n // 4, lucky=n // 8))


@probe(public=True, dtypes=("float64",))
def test_attack_success_rate_none_right(impl, make):
    """no sample was right before: 0

    原来没有一个答对：0
    """
    return {
        "three": impl.attack_success_rate(make.long([1, 2, 0]), make.long([2, 2, 1]), make.long([0, 1, 2])),
        "one": impl.attack_success_rate(make.long([3]), make.long([0]), make.long([1])),
    }


@probe(dtypes=("float64",))
def test_attack_success_rate_all_and_nothing(impl, make):
    """all fooled, none fooled

    全部骗过；一个也没骗过
    """
    return {
        "all": impl.attack_success_rate(*predictions(make, 5, 3, right=5, fooled=5, lucky=0)),
        "all that were right": impl.attack_success_rate(*predictions(make, 7, 3, right=4, fooled=4, lucky=0)),
        "none": impl.attack_success_rate(*predictions(make, 6, 3, right=4, fooled=0, lucky=0)),
    }


@probe(dtypes=("float64",))
def test_attack_success_rate_lucky(impl, make):
    """some that were wrong before are right now: they do not count

    有些原来错的现在对了：不计入
    """
    return {
        "some": impl.attack_success_rate(*predictions(make, 11, 5, right=6, fooled=2, lucky=3)),
        "more than fooled": impl.attack_success_rate(*predictions(make, 9, 3, right=3, fooled=1, lucky=5)),
    }


@probe(dtypes=("float64",))
def test_attack_success_rate_wrong_before(impl, make):
    """wrong before, and wrong in another way now: no success

    原来就错，现在错得不一样：不算成功
    """
    y = make.long([0, 1, 2, 0, 1])
    return impl.attack_success_rate(make.long([1, 2, 2, 0, 1]), make.long([2, 0, 2, 0, 2]), y)


@probe(dtypes=("float64",))
def test_attack_success_rate_one_sample(impl, make):
    """a batch of one: fooled, and not

    只有一个样本：骗过了；没骗过
    """
    return {
        "fooled": impl.attack_success_rate(make.long([2]), make.long([0]), make.long([2])),
        "not fooled": impl.attack_success_rate(make.long([0]), make.long([0]), make.long([0])),
    }


# --- mifgsm ---------------------------------------------------------------------------------------


@probe(public=True)
def test_mifgsm_two(impl, make):
    """two samples of three pixels, three steps

    两个三像素的样本，走三步
    """
    model, x = network(make, 3, 3, hidden=2), make.uniform(2, 3, low=0.3, high=0.7)
    return impl.mifgsm(model, x, make.long([0, 2]), 0.25, 0.125, 3, 0.75)


@probe(public=True, dtypes=("float64",))
def test_mifgsm_images(impl, make):
    """images, and a gradient that turns quickly

    图像；梯度变化很快
    """
    n = make.batch(3)
    model, x = wavy(make, 12, 5), make.uniform(n, 2, 3, 2, low=0.2, high=0.8)
    return impl.mifgsm(model, x, labels_for(make, model, x, 5), 0.25, 0.05, 8, 0.9)


@probe()
def test_mifgsm_range(impl, make):
    """pixels near black and white, more steps than the box allows

    接近黑和白的像素，步数多于盒子所允许的
    """
    x = make.uniform(3, 8, high=0.1)
    x[:, ::2] = 1 - x[:, ::2]
    return impl.mifgsm(network(make, 8, 4), x, make.long([2, 3, 1]), 0.15, 0.05, 5, 0.5)


# float64 alone: a gradient that turns so often may be near 0 somewhere, where the sign in float32 is chance.
@probe(weight=2, dtypes=("float64",))
def test_mifgsm_decays(impl, make):
    """decay 0, a half, and nearly 1

    decay 为 0、一半、接近 1
    """
    model, x = wavy(make, 14, 4), make.uniform(4, 14, low=0.2, high=0.8)
    y = labels_for(make, model, x, 4)
    return {f"decay {d}": impl.mifgsm(model, x, y, 0.25, 0.03, 12, d) for d in (0.0, 0.5, 0.95)}


@probe(weight=2, dtypes=("float64",))
def test_mifgsm_sure(impl, make):
    """the network is sure at first, and its gradients grow on the way

    网络起初很有把握，一路上梯度越来越大
    """
    model, x = wavy(make, 10, 4), make.uniform(4, 2, 5, low=0.2, high=0.8)
    with torch.no_grad():
        model.V *= 3
    return impl.mifgsm(model, x, guessed(model, x), 0.3, 0.04, 10, 0.9)


@probe(dtypes=("float64",))
def test_mifgsm_alone_and_together(impl, make):
    """an image comes out the same, alone or within a batch

    一张图像单独攻击和放在批次里攻击，结果一样
    """
    model, x = wavy(make, 10, 4), make.uniform(3, 10, low=0.2, high=0.8)
    y = labels_for(make, model, x, 4)
    return {
        "together": impl.mifgsm(model, x, y, 0.25, 0.05, 8, 0.9),
        "alone": impl.mifgsm(model, x[1:2], y[1:2], 0.25, 0.05, 8, 0.9),
        "no step": impl.mifgsm(model, x, y, 0.25, 0.05, 0, 0.9),
    }


@probe()
def test_mifgsm_small_gradient(impl, make):
    """every pixel moves by alpha, however small its gradient; a pixel that the model ignores stays

    梯度再小，像素也移动 alpha；模型不看的像素不动
    """
    model = linear(make, [[0.5, -0.25, 0.75], [0.001, -0.002, 0.003], [0.0, 0.0, 0.0], [-2.0, 1.0, 0.5]])
    x = make.tensor([[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.375]])
    return impl.mifgsm(model, x, make.long([2, 0]), 0.1875, 0.0625, 2, 0.25)


@probe()
def test_mifgsm_leaves_no_trace(impl, make):
    """model and x0 are as they were, the result is detached

    模型和 x0 保持原样，结果已脱离计算图
    """
    model, x, y = network(make, 4, 3), make.uniform(3, 4), make.long([1, 0, 2])
    fresh = traces(lambda: impl.mifgsm(model, x, y, 0.125, 0.05, 3, 0.5), model, x)
    for p in model.parameters():
        p.grad = make.normal(*p.shape)
    later = traces(lambda: impl.mifgsm(model.eval(), x, y, 0.125, 0.05, 3, 0.5), model, x)
    return {"without gradients": fresh, "with gradients": later}
