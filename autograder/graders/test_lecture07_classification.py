"""Hidden graders of lecture 7, classification."""

import numpy as np
import torch

from autograder.probe import gradients, probe


def probabilities(make, n, c, grad=False):
    """Rows that sum to 1, none of them near 0."""
    weights = make.uniform(n, c, low=0.1, high=1.0)
    return (weights / weights.sum(dim=1, keepdim=True)).detach().requires_grad_(grad)


def rows_of(make, labels, c):
    """One-hot rows in the probe's dtype, whatever the batch without a loop."""
    return make.tensor(np.eye(c))[labels]


def scored(make, n, c, right, shift=0.0):
    """Logits, and labels of which exactly ``right`` are at the largest logit."""
    logits = make.normal(n, c, shift=shift)
    labels = logits.argmax(dim=1)
    wrong = torch.arange(n, device=labels.device) >= right
    order = make.permutation(n)
    return logits[order], ((labels + wrong.long()) % c)[order]


# --- one_hot --------------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_one_hot_rows(impl, make):
    """a row for each label, with a 1 in the label's column

    每个标签一行，标签所在的列为 1
    """
    return impl.one_hot(make.long([2, 0]), 4)


@probe(public=True, dtypes=("float64",))
def test_one_hot_batch(impl, make):
    """more samples than classes

    样本比类别多
    """
    return impl.one_hot(make.integers(0, 3, make.batch(5)), 3)


@probe(public=True, weight=2, dtypes=("float64",))
def test_one_hot_absent_class(impl, make):
    """C columns even where the last classes do not occur

    后面的类别没有出现时，也有 C 列
    """
    return impl.one_hot(make.long([1, 0, 1]), 5)


@probe(dtypes=("float64",))
def test_one_hot_square(impl, make):
    """as many samples as classes: rows are samples

    样本数等于类别数：行是样本
    """
    return impl.one_hot(make.long([1, 2, 0]), 3)


@probe(dtypes=("float64",))
def test_one_hot_same_label(impl, make):
    """all labels alike, and a batch of one

    标签全都相同；以及只有一个样本的批次
    """
    return {"alike": impl.one_hot(make.long([3, 3]), 5), "one sample": impl.one_hot(make.long([0]), 3)}


@probe(dtypes=("float64",))
def test_one_hot_single_class(impl, make):
    """with a single class there is a single column

    只有一个类别时，只有一列
    """
    return impl.one_hot(make.long([0, 0, 0]), 1)


@probe(dtypes=("float64",))
def test_one_hot_every_second_label(impl, make):
    """labels taken with a stride from a longer list

    从更长的列表里隔一个取一个的标签
    """
    return impl.one_hot(make.integers(0, 6, 14)[::2], 6)


# --- softmax --------------------------------------------------------------------------------------


@probe(public=True)
def test_softmax_lecture(impl, make):
    """each row becomes probabilities (the lecture's example)

    每一行都变成概率（课上的例子）
    """
    return impl.softmax(make.tensor([[3.0, 1.0, -3.0], [0.0, 2.0, 1.0]]))


@probe(public=True)
def test_softmax_batch(impl, make):
    """random logits, dim=1

    随机的 logits，dim=1
    """
    return impl.softmax(make.normal(make.batch(4), 3, scale=2), dim=1)


@probe(public=True)
def test_softmax_dims(impl, make):
    """along any dimension of a tensor with three

    沿三维张量的任意一维
    """
    y = make.normal(2, 3, 4)
    return {f"dim={dim}": impl.softmax(y, dim) for dim in (0, 1, 2, -1, -2)}


@probe()
def test_softmax_shapes(impl, make):
    """a vector, a batch of one, a single class, a square

    一个向量、只有一个样本的批次、只有一个类别、方阵
    """
    return {
        "vector": impl.softmax(make.normal(5)),
        "one sample": impl.softmax(make.normal(1, 4)),
        "one class": impl.softmax(make.normal(3, 1), dim=1),
        "square, dim=0": impl.softmax(make.normal(3, 3), dim=0),
        "square, dim=1": impl.softmax(make.normal(3, 3), dim=1),
    }


@probe(weight=2)
def test_softmax_large_logits(impl, make):
    """logits of ±1000 give finite and right probabilities

    logits 到 ±1000 时，概率有限且正确
    """
    return impl.softmax(make.tensor([[1000, 1001, 999], [-1000, -1001, -998], [1000, 0, -1000]]), dim=1)


@probe()
def test_softmax_scales(impl, make):
    """one slice near 0 and another near 1000

    一个切片在 0 附近，另一个在 1000 附近
    """
    y = make.tensor([[0, 1, -1], [1000, 1001, 1003]])
    return {"dim=1": impl.softmax(y, dim=1), "dim=0": impl.softmax(y.T, dim=0)}


@probe(weight=2)
def test_softmax_gradient(impl, make):
    """the gradient flows through the denominator too

    梯度也要流过分母
    """
    y = make.normal(2, 5, grad=True)
    return gradients(impl.softmax(y, dim=1), y)


@probe()
def test_softmax_gradient_large(impl, make):
    """the gradient is finite and right for large logits

    logits 很大时，梯度也有限且正确
    """
    y = make.tensor([[1000, 1001, 999, -1000], [-1000, -999, -1001, -998]], grad=True)
    return gradients(impl.softmax(y, dim=1), y)


@probe()
def test_softmax_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.softmax(make.normal(4, 3).T, dim=1)


# --- log_softmax ----------------------------------------------------------------------------------


@probe(public=True)
def test_log_softmax_lecture(impl, make):
    """each row becomes logarithms of probabilities (the lecture's example)

    每一行都变成概率的对数（课上的例子）
    """
    return impl.log_softmax(make.tensor([[3.0, 1.0, -3.0], [0.0, 2.0, 1.0]]))


@probe(public=True)
def test_log_softmax_batch(impl, make):
    """random logits, dim=1

    随机的 logits，dim=1
    """
    return impl.log_softmax(make.normal(make.batch(4), 3, scale=2), dim=1)


@probe(public=True, weight=2)
def test_log_softmax_tiny_probability(impl, make):
    """a probability too small for the dtype has a finite logarithm

    概率小到 dtype 表示不了，它的对数仍然有限
    """
    return impl.log_softmax(make.tensor([[0.0, -1000.0], [800.0, 0.0]]), dim=1)


@probe()
def test_log_softmax_dims(impl, make):
    """along any dimension of a tensor with three

    沿三维张量的任意一维
    """
    y = make.normal(2, 3, 4)
    return {f"dim={dim}": impl.log_softmax(y, dim) for dim in (0, 1, 2, -1, -2)}


@probe()
def test_log_softmax_shapes(impl, make):
    """a vector, a batch of one, a single class, a square

    一个向量、只有一个样本的批次、只有一个类别、方阵
    """
    return {
        "vector": impl.log_softmax(make.normal(5)),
        "one sample": impl.log_softmax(make.normal(1, 4)),
        "one class": impl.log_softmax(make.normal(3, 1), dim=1),
        "square, dim=0": impl.log_softmax(make.normal(3, 3), dim=0),
        "square, dim=1": impl.log_softmax(make.normal(3, 3), dim=1),
    }


@probe(weight=2)
def test_log_softmax_large_logits(impl, make):
    """logits of ±1000, and slices of very different scale

    logits 到 ±1000，各切片的大小相差悬殊
    """
    y = make.tensor([[1000, 1001, 999], [-1000, -1001, -998], [1000, 0, -1000], [0, 1, -1]])
    return {"dim=1": impl.log_softmax(y, dim=1), "dim=0": impl.log_softmax(y.T, dim=0)}


@probe(weight=2)
def test_log_softmax_gradient(impl, make):
    """the gradient flows through the sum too

    梯度也要流过求和
    """
    y = make.normal(2, 5, grad=True)
    return gradients(impl.log_softmax(y, dim=1), y)


@probe()
def test_log_softmax_gradient_large(impl, make):
    """the gradient is finite and right for large logits

    logits 很大时，梯度也有限且正确
    """
    y = make.tensor([[1000, 1001, 999, -1000], [-1000, -999, -1001, -998]], grad=True)
    return gradients(impl.log_softmax(y, dim=1), y)


@probe()
def test_log_softmax_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.log_softmax(make.normal(4, 3).T, dim=1)


# --- cross_entropy --------------------------------------------------------------------------------


@probe(public=True, exercise="cross_entropy")
def test_cross_entropy_one_hot(impl, make):
    """one-hot labels: one loss for each sample

    独热标签：每个样本一个损失
    """
    y_prime = make.tensor([[0.25, 0.5, 0.25], [0.1, 0.1, 0.8]])
    return impl.cross_entropy(y_prime, make.tensor([[1, 0, 0], [0, 0, 1]]))


@probe(public=True)
def test_cross_entropy_batch(impl, make):
    """random predictions and one-hot labels

    随机的预测和独热标签
    """
    n = make.batch(5)
    return impl.cross_entropy(probabilities(make, n, 3), rows_of(make, make.integers(0, 3, n), 3))


@probe(public=True)
def test_cross_entropy_zero(impl, make):
    """0 · ln 0 counts as 0

    0 · ln 0 按 0 计
    """
    y_prime = make.tensor([[1, 0, 0], [0.5, 0.5, 0]])
    return impl.cross_entropy(y_prime, make.tensor([[1, 0, 0], [0, 1, 0]]))


@probe(weight=2)
def test_cross_entropy_soft_labels(impl, make):
    """soft labels: every class counts by its weight

    软标签：每个类别都按权重计入
    """
    return impl.cross_entropy(probabilities(make, 3, 4), probabilities(make, 3, 4))


@probe()
def test_cross_entropy_soft_labels_with_zeros(impl, make):
    """soft labels with zeros, of which some meet a probability of 0

    含 0 的软标签，其中有的遇上概率 0
    """
    y_prime = make.tensor([[0.6, 0.4, 0, 0], [0.1, 0.2, 0.3, 0.4]])
    return impl.cross_entropy(y_prime, make.tensor([[0.3, 0.7, 0, 0], [0.5, 0, 0.5, 0]]))


@probe()
def test_cross_entropy_tiny_probability(impl, make):
    """a probability of 1e-30 at the true class costs 69.08

    真实类别的概率为 1e-30 时，损失为 69.08
    """
    y_prime = make.tensor([[1e-30, 1.0, 0.0], [1e-6, 1e-4, 0.9998999]])
    return impl.cross_entropy(y_prime, make.tensor([[1, 0, 0], [0, 1, 0]]))


@probe()
def test_cross_entropy_ruled_out(impl, make):
    """a true class with probability 0 costs +inf (shown here as 1e30)

    真实类别的概率为 0 时，损失为 +inf（这里显示为 1e30）
    """
    y_prime = make.tensor([[0, 1, 0], [0.5, 0.25, 0.25], [0, 0, 1]])
    y_hat = make.tensor([[1, 0, 0], [0, 1, 0], [0.5, 0, 0.5]])
    loss = impl.cross_entropy(y_prime, y_hat)
    # nan_to_num, taken for 0 · −inf, makes inf the largest number of the dtype: as good.
    return loss.clamp(max=1e30) if isinstance(loss, torch.Tensor) else loss


@probe()
def test_cross_entropy_shapes(impl, make):
    """a batch of one, and as many samples as classes

    只有一个样本的批次；样本数等于类别数
    """
    return {
        "one sample": impl.cross_entropy(probabilities(make, 1, 4), rows_of(make, make.long([2]), 4)),
        "square": impl.cross_entropy(probabilities(make, 3, 3), rows_of(make, make.long([1, 2, 0]), 3)),
    }


@probe()
def test_cross_entropy_gradient(impl, make):
    """the gradient with respect to the probabilities

    对概率的梯度
    """
    y_prime = probabilities(make, 3, 4, grad=True)
    hard, soft = rows_of(make, make.long([3, 0, 2]), 4), probabilities(make, 3, 4)
    return {
        "one-hot": gradients(impl.cross_entropy(y_prime, hard), y_prime),
        "soft": gradients(impl.cross_entropy(y_prime, soft), y_prime),
    }


# --- cross_entropy_logits -------------------------------------------------------------------------


@probe(public=True)
def test_cross_entropy_logits_lecture(impl, make):
    """the mean loss of two samples

    两个样本的平均损失
    """
    return impl.cross_entropy_logits(make.tensor([[3, 1, -3], [0, 2, 1]]), make.long([0, 2]))


@probe(public=True)
def test_cross_entropy_logits_batch(impl, make):
    """random logits and labels

    随机的 logits 和标签
    """
    n = make.batch(5)
    return impl.cross_entropy_logits(make.normal(n, 3, scale=2), make.integers(0, 3, n))


@probe(public=True)
def test_cross_entropy_logits_equal(impl, make):
    """equal logits cost ln C

    logits 全相等时，损失是 ln C
    """
    return impl.cross_entropy_logits(make.tensor([[0.0] * 4, [5.0] * 4, [-2.0] * 4]), make.long([1, 0, 3]))


@probe(weight=2)
def test_cross_entropy_logits_large(impl, make):
    """logits of ±1000 give a finite and right loss

    logits 到 ±1000 时，损失有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [-1000, -1001, -998], [0, 1, -1], [1000, 1001, 999]])
    return {
        "mean": impl.cross_entropy_logits(logits, make.long([1, 0, 2, 1])),
        "first": impl.cross_entropy_logits(logits[:1], make.long([2])),
        "sure and right": impl.cross_entropy_logits(logits[:1], make.long([0])),
    }


@probe()
def test_cross_entropy_logits_sure(impl, make):
    """a network that is sure and right costs nearly nothing

    网络有把握又答对时，损失几乎为 0
    """
    return impl.cross_entropy_logits(make.tensor([[9, 0, 0], [0, -1, 11]]), make.long([0, 2]))


@probe()
def test_cross_entropy_logits_shapes(impl, make):
    """a batch of one, a square, two classes, one class

    只有一个样本的批次、方阵、两个类别、一个类别
    """
    return {
        "one sample": impl.cross_entropy_logits(make.normal(1, 4), make.long([2])),
        "square": impl.cross_entropy_logits(make.normal(3, 3), make.long([1, 2, 0])),
        "two classes": impl.cross_entropy_logits(make.normal(5, 2), make.long([0, 1, 1, 1, 1])),
        "one class": impl.cross_entropy_logits(make.normal(3, 1), make.long([0, 0, 0])),
    }


@probe(weight=2)
def test_cross_entropy_logits_gradient(impl, make):
    """the gradient with respect to the logits

    对 logits 的梯度
    """
    logits = make.normal(4, 3, grad=True)
    return gradients(impl.cross_entropy_logits(logits, make.long([2, 0, 1, 1])), logits)


@probe()
def test_cross_entropy_logits_gradient_large(impl, make):
    """the gradient is finite and right for large logits

    logits 很大时，梯度也有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [-1000, -1001, -998]], grad=True)
    return gradients(impl.cross_entropy_logits(logits, make.long([2, 0])), logits)


# --- squared_error --------------------------------------------------------------------------------


@probe(public=True)
def test_squared_error_one_hot(impl, make):
    """one-hot labels: one value for each sample

    独热标签：每个样本一个值
    """
    y_prime = make.tensor([[0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])
    return impl.squared_error(y_prime, make.tensor([[1, 0, 0], [0, 0, 1]]))


@probe(public=True)
def test_squared_error_batch(impl, make):
    """random predictions and one-hot labels

    随机的预测和独热标签
    """
    n = make.batch(5)
    return impl.squared_error(probabilities(make, n, 3), rows_of(make, make.integers(0, 3, n), 3))


@probe()
def test_squared_error_soft_labels(impl, make):
    """soft labels

    软标签
    """
    return impl.squared_error(probabilities(make, 3, 4), probabilities(make, 3, 4))


@probe()
def test_squared_error_perfect(impl, make):
    """a perfect prediction costs 0

    完美的预测，损失为 0
    """
    y_hat = make.tensor([[0, 1, 0], [0.5, 0.25, 0.25]])
    return impl.squared_error(y_hat.clone(), y_hat)


@probe()
def test_squared_error_shapes(impl, make):
    """a batch of one, and as many samples as classes

    只有一个样本的批次；样本数等于类别数
    """
    return {
        "one sample": impl.squared_error(probabilities(make, 1, 4), rows_of(make, make.long([2]), 4)),
        "square": impl.squared_error(probabilities(make, 3, 3), rows_of(make, make.long([1, 2, 0]), 3)),
    }


@probe()
def test_squared_error_gradient(impl, make):
    """the gradient with respect to the probabilities

    对概率的梯度
    """
    y_prime = probabilities(make, 3, 4, grad=True)
    return gradients(impl.squared_error(y_prime, rows_of(make, make.long([3, 0, 2]), 4)), y_prime)


# --- softmax_ce_grad ------------------------------------------------------------------------------


@probe(public=True)
def test_softmax_ce_grad_lecture(impl, make):
    """the gradient of two samples

    两个样本的梯度
    """
    return impl.softmax_ce_grad(make.tensor([[3, 1, -3], [0, 2, 1]]), make.long([1, 2]))


@probe(public=True)
def test_softmax_ce_grad_batch(impl, make):
    """random logits and labels

    随机的 logits 和标签
    """
    n = make.batch(5)
    return impl.softmax_ce_grad(make.normal(n, 3), make.integers(0, 3, n))


@probe(public=True)
def test_softmax_ce_grad_one_sample(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    return impl.softmax_ce_grad(make.normal(1, 4), make.long([2]))


@probe(weight=2)
def test_softmax_ce_grad_absent_class(impl, make):
    """fewer samples than classes, the last of which do not occur

    样本比类别少，而且后面的类别没有出现
    """
    return impl.softmax_ce_grad(make.normal(3, 5), make.long([1, 0, 1]))


@probe()
def test_softmax_ce_grad_square(impl, make):
    """as many samples as classes

    样本数等于类别数
    """
    return impl.softmax_ce_grad(make.normal(3, 3), make.long([1, 2, 0]))


@probe(weight=2)
def test_softmax_ce_grad_large_logits(impl, make):
    """logits of ±1000: sure and right gives 0, sure and wrong gives ±1/N

    logits 到 ±1000：自信地答对，梯度为 0；自信地答错，梯度为 ±1/N
    """
    logits = make.tensor([[1000, 0, -1000], [1000, 0, -1000], [-1000, -1001, -998], [0, 1, -1]])
    return impl.softmax_ce_grad(logits, make.long([0, 2, 1, 1]))


@probe()
def test_softmax_ce_grad_flat_logits(impl, make):
    """equal logits

    logits 全相等
    """
    return impl.softmax_ce_grad(make.tensor([[0.0] * 3, [7.0] * 3]), make.long([0, 2]))


# --- softmax_mse_grad -----------------------------------------------------------------------------


@probe(public=True)
def test_softmax_mse_grad_one_hot(impl, make):
    """the gradient of two samples

    两个样本的梯度
    """
    return impl.softmax_mse_grad(make.tensor([[3, 1, -3], [0, 2, 1]]), make.tensor([[0, 1, 0], [0, 0, 1]]))


@probe(public=True)
def test_softmax_mse_grad_batch(impl, make):
    """random logits and one-hot labels

    随机的 logits 和独热标签
    """
    n = make.batch(5)
    return impl.softmax_mse_grad(make.normal(n, 3), rows_of(make, make.integers(0, 3, n), 3))


@probe(public=True)
def test_softmax_mse_grad_one_sample(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    return impl.softmax_mse_grad(make.normal(1, 4), rows_of(make, make.long([2]), 4))


@probe(weight=2)
def test_softmax_mse_grad_soft_labels(impl, make):
    """soft labels

    软标签
    """
    return impl.softmax_mse_grad(make.normal(3, 4), probabilities(make, 3, 4))


@probe()
def test_softmax_mse_grad_square(impl, make):
    """as many samples as classes

    样本数等于类别数
    """
    return impl.softmax_mse_grad(make.normal(3, 3), rows_of(make, make.long([1, 2, 0]), 3))


@probe()
def test_softmax_mse_grad_plateau(impl, make):
    """sure and wrong: nearly flat, but not quite

    自信地答错：几乎是平的，但不完全是
    """
    return impl.softmax_mse_grad(make.tensor([[-4, 4, 0], [5, -2, 0]]), make.tensor([[1, 0, 0], [0, 0, 1]]))


@probe()
def test_softmax_mse_grad_large_logits(impl, make):
    """logits of ±1000 give a finite and right gradient

    logits 到 ±1000 时，梯度有限且正确
    """
    logits = make.tensor([[1000, 0, -1000], [1000, 1001, 999], [-1000, -1001, -998], [0, 1, -1]])
    return impl.softmax_mse_grad(logits, rows_of(make, make.long([1, 0, 0, 2]), 3))


# --- accuracy -------------------------------------------------------------------------------------


@probe(public=True)
def test_accuracy_half(impl, make):
    """one of two samples is right

    两个样本对了一个
    """
    return impl.accuracy(make.tensor([[2, 1, 0], [0, 1, 2]]), make.long([0, 1]))


@probe(public=True)
def test_accuracy_batch(impl, make):
    """random logits, 3 of 5 right

    随机的 logits，5 个对 3 个
    """
    n = make.batch(5)
    return impl.accuracy(*scored(make, n, 3, right=n * 3 // 5))


@probe(public=True)
def test_accuracy_all_and_none(impl, make):
    """all right, and none right

    全对；全错
    """
    return {
        "all": impl.accuracy(*scored(make, 3, 4, right=3)),
        "none": impl.accuracy(*scored(make, 3, 4, right=0)),
    }


@probe()
def test_accuracy_negative_logits(impl, make):
    """all logits negative, then all positive: only their order matters

    logits 全为负，然后全为正：只有大小次序要紧
    """
    return {
        "negative": impl.accuracy(*scored(make, 7, 4, right=4, shift=-9)),
        "positive": impl.accuracy(*scored(make, 7, 4, right=2, shift=9)),
    }


@probe()
def test_accuracy_small_gaps(impl, make):
    """no class has more than half of the probability

    没有哪个类别的概率超过一半
    """
    logits = make.tensor([[0.1, 0.3, 0.2], [0.3, 0.1, 0.2], [0.1, 0.2, 0.3]])
    return impl.accuracy(logits, make.long([1, 0, 0]))


@probe()
def test_accuracy_shapes(impl, make):
    """a batch of one, and fewer samples than classes

    只有一个样本的批次；样本比类别少
    """
    return {
        "one sample": impl.accuracy(*scored(make, 1, 3, right=1)),
        "few": impl.accuracy(*scored(make, 2, 6, right=1)),
    }


@probe()
def test_accuracy_square(impl, make):
    """as many samples as classes

    样本数等于类别数
    """
    return impl.accuracy(make.tensor([[0, 2, 1], [0, 1, 2], [5, 4, 3]]), make.long([1, 2, 1]))


@probe()
def test_accuracy_unequal_classes(impl, make):
    """every sample counts the same, however rare its class

    每个样本的分量都一样，不管它的类别多么少见
    """
    logits = make.tensor([[4, 1, 0], [5, 0, 1], [3, 2, 1], [2, 0, 1], [6, 2, 4]])
    return impl.accuracy(logits, make.long([0, 0, 0, 0, 2]))


@probe()
def test_accuracy_large_logits(impl, make):
    """logits of ±1000

    logits 到 ±1000
    """
    logits = make.tensor([[1000, 1001, 999], [-1000, -1001, -998], [1000, 0, -1000], [-999, -1000, -1001]])
    return impl.accuracy(logits, make.long([1, 2, 0, 1]))
