"""Implementations of lecture 1 that are right, accepted, and wrong."""

import math

import numpy as np
import torch
from torch.nn import functional

from autograder.variant import right, wrong


def same_shape(y, y_hat):
    """The guard of both losses, for the variants whose mistake is elsewhere."""
    if y.shape != y_hat.shape:
        raise ValueError("shapes differ")


# --- mae ----------------------------------------------------------------------------------------------------


@right
def mae__by_where(y, y_hat):
    if y.size() != y_hat.size():
        raise ValueError("y and y_hat must have the same shape")
    error = y - y_hat
    return torch.where(error < 0, -error, error).sum() / error.numel()


@right
def mae__by_norm(y, y_hat):
    if list(y.shape) != list(y_hat.shape):
        raise ValueError
    return torch.linalg.vector_norm((y_hat - y).flatten(), ord=1) / max(y.numel(), 1)


@right
def mae__by_maximum(y, y_hat):
    same_shape(y, y_hat)
    return torch.mean(torch.maximum(y, y_hat) - torch.minimum(y, y_hat))


@wrong(
    en="Positive and negative errors cancel: predictions that miss by +1 and by −1 have a loss of 0.",
    zh="正负误差互相抵消了：一个偏 +1、一个偏 −1，损失竟然是 0。",
)
def mae__signed(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).mean()


@wrong(
    en=(
        "The size of the mean error is not the mean size of the errors: errors +1 and −1 cancel before |·| "
        "sees them."
    ),
    zh="“平均误差的绝对值”不是“误差绝对值的平均”：+1 和 −1 在取绝对值之前就抵消了。",
)
def mae__absolute_of_mean(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).mean().abs()


@wrong(
    en="The absolute errors are added up but not averaged: repeat the data, and your loss doubles.",
    zh="忘了除以 N：只把绝对误差加了起来。把数据重复一遍，你的损失就翻倍。",
)
def mae__sum(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().sum()


@wrong(
    en="This is the MSE. An error of 3 counts 9 here; in the MAE it counts 3.",
    zh="这是 MSE：误差 3 在这里算成了 9，而在 MAE 里就算 3。",
)
def mae__squared(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).mean()


@wrong(
    en=(
        "This is the root of the mean square. It agrees with the MAE only where all errors are of one size; "
        "try errors 1 and 7."
    ),
    zh="这是均方根误差（RMSE）。只有所有误差大小相同时，它才等于 MAE；试试误差 1 和 7。",
)
def mae__rmse(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).mean().sqrt()


@wrong(
    en=(
        "Shapes (N,) and (N, 1) broadcast to N × N: every prediction is compared with every label. Look at "
        "(y - y_hat).shape."
    ),
    zh="形状 (N,) 和 (N, 1) 相减广播成了 N×N：每个预测都和每个标签比了一遍。打印 (y - y_hat).shape 看看。",
)
def mae__broadcast_NxN(y, y_hat):
    return (y - y_hat).abs().mean()


@wrong(
    en="Only the first dimension is compared: (N,) and (N, 1) still slip through and broadcast.",
    zh="只比较了第一维：(N,) 和 (N, 1) 照样能通过检查，然后被广播。",
)
def mae__compares_length_only(y, y_hat):
    if y.dim() and y_hat.dim() and len(y) != len(y_hat):
        raise ValueError("lengths differ")
    return (y - y_hat).abs().mean()


@wrong(
    en="Only the number of elements is compared: (2, 3) and (3, 2) have six each, but are different shapes.",
    zh="只比较了元素个数：(2, 3) 和 (3, 2) 都有六个元素，形状却不同。",
)
def mae__compares_numel_only(y, y_hat):
    if y.numel() != y_hat.numel():
        raise ValueError("sizes differ")
    return (y - y_hat).abs().mean()


@wrong(
    en=(
        "Tensors of different shapes are flattened and paired up silently. A wrong shape is to be refused, "
        "not repaired by guessing."
    ),
    zh="形状不同的张量被悄悄拉平后配对了。形状不对应当报错，而不是靠猜来补救。",
)
def mae__flattens(y, y_hat):
    y, y_hat = y.reshape(-1), y_hat.reshape(-1)
    same_shape(y, y_hat)
    return (y - y_hat).abs().mean()


@wrong(
    en=(
        "Different shapes raise an AssertionError; the docstring promises a ValueError (and `python -O` "
        "skips assert altogether)."
    ),
    zh="形状不同时抛出的是 AssertionError，而文档约定的是 ValueError（而且 `python -O` 会跳过 assert）。",
)
def mae__asserts(y, y_hat):
    assert y.shape == y_hat.shape
    return (y - y_hat).abs().mean()


@wrong(
    en="Only one dimension is averaged, so that a vector comes back; a loss is one number.",
    zh="只对一个维度取了平均，返回的是向量；损失应该是一个数。",
)
def mae__first_dimension_only(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().mean(0)


@wrong(
    en=(
        "The sum is divided by the number of rows, not by the number of elements: with two columns the loss "
        "is twice too large."
    ),
    zh="除以的是行数，而不是元素个数：有两列时，损失就大了一倍。",
)
def mae__divides_by_rows(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().sum() / (len(y) if y.dim() else 1)


@wrong(
    en="`.item()` makes a Python number: the gradient ends here, and the model cannot learn from this loss.",
    zh="`.item()` 把结果变成了 Python 数：梯度到此中断，模型没法从这个损失中学习。",
)
def mae__item(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().mean().item()


@wrong(
    en="The result is detached from the computation: the value is right, but no gradient flows back.",
    zh="结果脱离了计算图：数值对，但梯度传不回去。",
)
def mae__detached(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().mean().detach()


@wrong(
    en=(
        "The errors are taken relative to the labels (that is the MAPE). An error of 1 must count 1, "
        "whatever the label."
    ),
    zh="误差除以了标签（那是 MAPE）。不论标签多大，误差 1 就该算 1。",
)
def mae__relative(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) / y_hat).abs().mean()


@wrong(
    en=(
        "This is the median of the absolute errors, which ignores how large the large ones are; the MAE is "
        "their mean."
    ),
    zh="这是绝对误差的中位数，它不在乎大误差有多大；MAE 是平均值。",
)
def mae__median(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().median()


@wrong(
    en=(
        "The difference of the absolute values is not the size of the difference: a prediction −2 for the "
        "label 2 is wrong by 4."
    ),
    zh="“绝对值之差”不是“差的绝对值”：标签是 2，预测成 −2，误差是 4，不是 0。",
)
def mae__difference_of_absolutes(y, y_hat):
    same_shape(y, y_hat)
    return (y.abs() - y_hat.abs()).abs().mean()


@wrong(
    en="The result is always float32; where the inputs are float64, half of the digits are lost.",
    zh="结果总是 float32；输入是 float64 时，一半的有效数字丢掉了。",
)
def mae__float32(y, y_hat):
    same_shape(y, y_hat)
    return (y.float() - y_hat.float()).abs().mean()


# --- mse ----------------------------------------------------------------------------------------------------


@right
def mse__by_dot(y, y_hat):
    if y.shape != y_hat.shape:
        raise ValueError("shapes differ")
    error = (y_hat - y).reshape(-1)
    return error @ error / error.numel()


@right
def mse__by_einsum(y, y_hat):
    same_shape(y, y_hat)
    error = torch.flatten(y - y_hat)
    return torch.einsum("i,i->", error, error).div(len(error))


@right
def mse__expanded(y, y_hat):
    same_shape(y, y_hat)
    return torch.mean(y * y - 2 * y * y_hat + y_hat * y_hat)


@wrong(
    en="The squares are added up but not averaged. That is the SSE, and it grows with the number of samples.",
    zh="只求了平方和，没有取平均。那是 SSE，会随样本数增长。",
)
def mse__sum_of_squares(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).sum()


@wrong(
    en="There is a factor ½ too many: a single error of 3 must give 9.",
    zh="多了一个 ½：只有一个误差 3 时，结果应该是 9。",
)
def mse__half(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).mean() / 2


@wrong(
    en="A root is taken at the end: that is the RMSE. A single error of 3 must give 9, not 3.",
    zh="最后又开了根号，那是 RMSE。只有一个误差 3 时，结果应该是 9，而不是 3。",
)
def mse__rmse(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).mean().sqrt()


@wrong(
    en="The errors are averaged first and squared after that: errors +1 and −1 cancel, and the loss is 0.",
    zh="先平均、后平方了：误差 +1 和 −1 互相抵消，损失成了 0。",
)
def mse__square_of_mean(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).mean() ** 2


@wrong(
    en=(
        "The sum is divided by the number of rows only, not by the columns too: with three columns the loss "
        "is three times too large."
    ),
    zh="只除以了行数，没有除以列数：有三列时，损失就大了三倍。",
)
def mse__per_column_only(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).sum() / (len(y) if y.dim() else 1)


@wrong(
    en=(
        "Shapes (N,) and (N, 1) broadcast to N × N: every prediction is compared with every label. Look at "
        "(y - y_hat).shape."
    ),
    zh="形状 (N,) 和 (N, 1) 相减广播成了 N×N：每个预测都和每个标签比了一遍。打印 (y - y_hat).shape 看看。",
)
def mse__broadcast_NxN(y, y_hat):
    return ((y - y_hat) ** 2).mean()


@wrong(
    en="Only the first dimension is compared: (N,) and (N, 1) still slip through and broadcast.",
    zh="只比较了第一维：(N,) 和 (N, 1) 照样能通过检查，然后被广播。",
)
def mse__compares_length_only(y, y_hat):
    if y.dim() and y_hat.dim() and y.shape[0] != y_hat.shape[0]:
        raise ValueError("lengths differ")
    return ((y - y_hat) ** 2).mean()


@wrong(
    en="Only the number of elements is compared: (2, 3) and (3, 2) have six each, but are different shapes.",
    zh="只比较了元素个数：(2, 3) 和 (3, 2) 都有六个元素，形状却不同。",
)
def mse__compares_numel_only(y, y_hat):
    if y.numel() != y_hat.numel():
        raise ValueError("sizes differ")
    return ((y - y_hat) ** 2).mean()


@wrong(
    en=(
        "A label of another shape is reshaped silently. A wrong shape is to be refused, not repaired by "
        "guessing."
    ),
    zh="形状不同的标签被悄悄改了形状。形状不对应当报错，而不是靠猜来补救。",
)
def mse__reshapes(y, y_hat):
    if y.numel() != y_hat.numel():
        raise ValueError("sizes differ")
    return ((y - y_hat.reshape(y.shape)) ** 2).mean()


@wrong(
    en=(
        "Different shapes raise an AssertionError; the docstring promises a ValueError (and `python -O` "
        "skips assert altogether)."
    ),
    zh="形状不同时抛出的是 AssertionError，而文档约定的是 ValueError（而且 `python -O` 会跳过 assert）。",
)
def mse__asserts(y, y_hat):
    assert y.shape == y_hat.shape, "shapes differ"
    return ((y - y_hat) ** 2).mean()


@wrong(
    en="Only one dimension is averaged, so that a vector comes back; a loss is one number.",
    zh="只对一个维度取了平均，返回的是向量；损失应该是一个数。",
)
def mse__first_dimension_only(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).mean(dim=0)


@wrong(
    en="This is the MAE. In the MSE an error of 3 counts 9.",
    zh="这是 MAE。在 MSE 里，误差 3 要算 9。",
)
def mse__absolute(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).abs().mean()


@wrong(
    en=(
        "The sum of squares is divided by N − 1, as for a variance; with a single element that is a "
        "division by zero. A mean divides by N."
    ),
    zh="平方和除以了 N − 1（那是方差的做法）；只有一个元素时就成了除以零。平均要除以 N。",
)
def mse__n_minus_1(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).sum() / (y.numel() - 1)


@wrong(
    en=(
        "This is the variance of the errors. A model that is wrong by the same 5 everywhere gets 0 from it; "
        "the MSE is 25."
    ),
    zh="这是误差的方差。处处都偏 5 的模型会得到 0，而 MSE 应该是 25。",
)
def mse__variance(y, y_hat):
    same_shape(y, y_hat)
    return (y - y_hat).var(unbiased=False)


@wrong(
    en="The difference of the squares is not the square of the difference: it can even be negative.",
    zh="“平方之差”不是“差的平方”：它甚至可能是负数。",
)
def mse__difference_of_squares(y, y_hat):
    same_shape(y, y_hat)
    return (y**2 - y_hat**2).mean()


@wrong(
    en="`.item()` makes a Python number: the gradient ends here, and the model cannot learn from this loss.",
    zh="`.item()` 把结果变成了 Python 数：梯度到此中断，模型没法从这个损失中学习。",
)
def mse__item(y, y_hat):
    same_shape(y, y_hat)
    return ((y - y_hat) ** 2).mean().item()


@wrong(
    en="The predictions are detached: the value is right, but no gradient reaches them.",
    zh="预测值被 detach 了：数值对，但梯度传不到它那里。",
)
def mse__detached(y, y_hat):
    same_shape(y, y_hat)
    return ((y.detach() - y_hat) ** 2).mean()


# --- linear_mse_grad ----------------------------------------------------------------------------------------


@right
def linear_mse_grad__by_einsum(X, y, w, b):
    error = torch.einsum("nd,d->n", X, w) + b - y
    return torch.einsum("n,nd->d", error, X) * (2 / X.shape[0]), error.sum() * (2 / X.shape[0])


@right
def linear_mse_grad__by_sums(X, y, w, b):
    error = (X * w).sum(dim=1) + b - y
    dw = (2 * error.unsqueeze(1) * X).mean(dim=0)
    db = (2 * error).mean()
    return dw, db


@right
def linear_mse_grad__expanded_normal_equations(X, y, w, b):
    n = len(y)
    dw = 2 / n * (X.T @ X @ w + X.sum(0) * b - X.T @ y)
    db = 2 / n * (X.sum(0) @ w + n * b - y.sum())
    return [dw, db]


@right
def linear_mse_grad__feature_by_feature(X, y, w, b):
    error = torch.mv(X, w).add(b).sub(y)
    return torch.stack([2 * (error * X[:, j]).mean() for j in range(X.shape[1])]), 2 * error.mean()


@wrong(
    en=(
        "The sign is reversed: the gradient points uphill, to where the loss grows. Compare with a small "
        "difference quotient."
    ),
    zh="符号反了：梯度指向上坡，也就是损失变大的方向。用一个小的差商比一比。",
)
def linear_mse_grad__sign(X, y, w, b):
    error = y - X @ w - b
    return 2 * X.T @ error / len(X), 2 * error.mean()


@wrong(
    en=(
        "The factor 2 from the square is missing: both gradients are half as large as a difference quotient "
        "says."
    ),
    zh="少了平方求导得到的因子 2：两个梯度都只有差商的一半。",
)
def linear_mse_grad__no_2(X, y, w, b):
    error = X @ w + b - y
    return X.T @ error / len(X), error.mean()


@wrong(
    en=(
        "The terms are summed, not averaged: repeat the data and your gradient doubles, though the loss "
        "stays the same."
    ),
    zh="求和之后没有除以 N：把数据重复一遍，损失不变，你的梯度却翻倍了。",
)
def linear_mse_grad__sum(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error, 2 * error.sum()


@wrong(
    en="db is a sum over the samples, dw a mean: both come from the same mean, so both need the 1/N.",
    zh="dw 取了平均，db 却只求了和：两者来自同一个平均，都需要 1/N。",
)
def linear_mse_grad__db_mean_missing_n(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), 2 * error.sum()


@wrong(
    en="dw is a sum over the samples, db a mean: `X.T @ error` adds up N terms.",
    zh="db 取了平均，dw 却只求了和：`X.T @ error` 里加了 N 项。",
)
def linear_mse_grad__dw_mean_missing_n(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error, 2 * error.mean()


@wrong(
    en=(
        "db is always 0, so the bias never moves. Raise b a little: every prediction rises, and the loss "
        "changes."
    ),
    zh="db 总是 0，偏置永远不会动。把 b 加大一点：每个预测都变大，损失也会变。",
)
def linear_mse_grad__db_forgotten(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), torch.zeros_like(b)


@wrong(
    en="dw comes back as a column (D, 1). w has shape (D,), and w − η·dw would broadcast to D × D.",
    zh="dw 是一列 (D, 1)，而 w 的形状是 (D,)：w − η·dw 会广播成 D×D。",
)
def linear_mse_grad__column(X, y, w, b):
    error = (X @ w + b - y).reshape(-1, 1)
    return 2 * X.T @ error / len(X), 2 * error.mean()


@wrong(
    en="db comes back with shape (1,); b has shape ().",
    zh="db 的形状是 (1,)，而 b 的形状是 ()。",
)
def linear_mse_grad__db_shape_1(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), 2 * error.mean(0, keepdim=True)


@wrong(
    en="db comes back as a Python number in place of a tensor of shape ().",
    zh="db 是一个 Python 数，而不是形状为 () 的张量。",
)
def linear_mse_grad__db_item(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), 2 * error.mean().item()


@wrong(
    en=(
        "The division is by N·D in place of N: the mean of the loss runs over the samples only. Compare one "
        "feature with three."
    ),
    zh="除以了 N·D 而不是 N：损失只对样本取平均。比较一个特征和三个特征的情况就能看出来。",
)
def linear_mse_grad__divides_by_numel(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error / X.numel(), 2 * error.mean()


@wrong(
    en="dw is divided by the number of features D in place of the number of samples N.",
    zh="dw 除以了特征数 D，而不是样本数 N。",
)
def linear_mse_grad__divides_by_features(X, y, w, b):
    error = X @ w + b - y
    return 2 * X.T @ error / len(w), 2 * error.mean()


@wrong(
    en=(
        "The bias is missing from the prediction, so the error is not the one of the loss. Change b: your "
        "gradients stay the same."
    ),
    zh="预测里漏了偏置 b，误差就不是损失里的那个误差。改变 b，你的梯度却不变。",
)
def linear_mse_grad__error_without_bias(X, y, w, b):
    error = X @ w - y
    return 2 * X.T @ error / len(X), 2 * error.mean()


@wrong(
    en=(
        "The inner derivative is missing: dw must weigh each error with its feature x_nj, as db weighs it "
        "with 1."
    ),
    zh="漏了内层导数：算 dw 时，每个误差要乘上对应的特征 x_nj，正如算 db 时乘 1。",
)
def linear_mse_grad__no_inner_derivative(X, y, w, b):
    error = X @ w + b - y
    return 2 * error.mean() * torch.ones_like(w), 2 * error.mean()


@wrong(
    en="The mean error times the mean feature is not the mean of their products.",
    zh="“平均误差乘以平均特征”不等于“乘积的平均”。",
)
def linear_mse_grad__product_of_means(X, y, w, b):
    error = X @ w + b - y
    return 2 * error.mean() * X.mean(0), 2 * error.mean()


@wrong(
    en=(
        "This is the gradient of the mean absolute error: every error counts with its sign only, large or "
        "small."
    ),
    zh="这是平均绝对误差的梯度：每个误差不论大小，只用到了符号。",
)
def linear_mse_grad__of_mae(X, y, w, b):
    sign = (X @ w + b - y).sign()
    return X.T @ sign / len(X), sign.mean()


@wrong(
    en="The two are returned in the wrong order: (dw, db) is asked for.",
    zh="两个返回值的顺序反了：要求的是 (dw, db)。",
)
def linear_mse_grad__swapped(X, y, w, b):
    error = X @ w + b - y
    return 2 * error.mean(), 2 * X.T @ error / len(X)


@wrong(
    en=(
        "The prediction is a column (N, 1), and minus y of shape (N,) it broadcasts to N × N. Print the "
        "shape of the error."
    ),
    zh="预测是一列 (N, 1)，减去形状 (N,) 的 y 时广播成了 N×N。打印误差的形状看看。",
)
def linear_mse_grad__broadcast_NxN(X, y, w, b):
    error = X @ w.reshape(-1, 1) + b - y
    return 2 * (X.T @ error).mean(1) / len(X), 2 * error.mean()


@wrong(
    en=(
        "X is not transposed: X @ error sums over the features, where the samples are meant. For N ≠ D it "
        "fails."
    ),
    zh="X 没有转置：X @ error 是对特征求和，而应该对样本求和。N ≠ D 时会直接报错。",
)
def linear_mse_grad__no_transpose(X, y, w, b):
    error = X @ w + b - y
    return 2 * X @ error / len(X), 2 * error.mean()


@wrong(
    en=(
        "One sample at a time in a Python loop: the values are right, but the work grows with the batch. A "
        "product of matrices does it at once."
    ),
    zh="用 Python 循环逐个样本计算：数值对，但工作量随批次增大。一次矩阵乘法就够了。",
)
def linear_mse_grad__sample_loop(X, y, w, b):
    dw, db = torch.zeros_like(w), torch.zeros_like(b)
    for x_n, y_n in zip(X, y, strict=True):
        error = x_n @ w + b - y_n
        dw, db = dw + 2 * error * x_n / len(X), db + 2 * error / len(X)
    return dw, db


@wrong(
    en="Automatic differentiation does the work here. The exercise asks for the formula, written out.",
    zh="这里是自动求导在干活。练习要求把公式亲手写出来。",
)
def linear_mse_grad__autograd(X, y, w, b):
    w, b = w.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()
    loss = ((X @ w + b - y) ** 2).mean()
    return torch.autograd.grad(loss, (w, b))


# --- gd_step ------------------------------------------------------------------------------------------------


@right
def gd_step__by_sub(theta, grad, lr):
    return torch.sub(theta, grad, alpha=lr)


@right
def gd_step__on_a_copy(theta, grad, lr):
    new = theta.clone()
    new -= grad * lr
    return new


@right
def gd_step__no_grad(theta, grad, lr):
    with torch.no_grad():
        return theta + (-lr) * grad


@wrong(
    en="The step goes uphill: with a positive gradient the parameter must become smaller.",
    zh="往上坡走了：梯度为正时，参数应该变小。",
)
def gd_step__ascent(theta, grad, lr):
    return theta + lr * grad


@wrong(
    en="The learning rate is not used: lr = 0.1 and lr = 10 give the same step.",
    zh="没有用学习率：lr = 0.1 和 lr = 10 走的步子一样大。",
)
def gd_step__no_lr(theta, grad, lr):
    return theta - grad


@wrong(
    en="This returns the step alone, −lr·grad, and not where it leads to from theta.",
    zh="返回的只是这一步的位移 −lr·grad，而不是从 theta 出发走到的位置。",
)
def gd_step__returns_delta(theta, grad, lr):
    return -lr * grad


@wrong(
    en=(
        "`-=` writes into the tensor that the caller still holds: the old parameters are lost. Look at "
        "theta after the call."
    ),
    zh="`-=` 直接改写了调用者手里的张量，旧参数丢了。看看调用之后的 theta。",
)
def gd_step__in_place(theta, grad, lr):
    theta -= lr * grad
    return theta


@wrong(
    en=(
        "theta.data is written to: that changes the caller's tensor just as `-=` does, only behind "
        "autograd's back."
    ),
    zh="改写了 theta.data：这和 `-=` 一样改动了调用者的张量，只是绕过了自动求导。",
)
def gd_step__writes_data(theta, grad, lr):
    theta.data = theta.data - lr * grad
    return theta.clone()


@wrong(
    en="The gradient that was passed in is overwritten (`mul_`): a second use of it would be scaled twice.",
    zh="传入的梯度被 `mul_` 改写了：再用一次就会被缩放两次。",
)
def gd_step__scales_grad_in_place(theta, grad, lr):
    return theta - grad.mul_(lr)


@wrong(
    en="Only the sign of the gradient is used: a steep and a gentle slope give the same step.",
    zh="只用了梯度的符号：陡坡和缓坡走的步子一样大。",
)
def gd_step__sign(theta, grad, lr):
    return theta - lr * grad.sign()


@wrong(
    en="The gradient is scaled to length 1 first: its size no longer matters, and a zero gradient gives NaN.",
    zh="先把梯度归一化成了长度 1：梯度的大小不再起作用，零梯度还会得到 NaN。",
)
def gd_step__normalised(theta, grad, lr):
    return theta - lr * grad / grad.norm()


@wrong(
    en="The gradient is divided by the learning rate: a smaller lr must make a smaller step.",
    zh="梯度除以了学习率：lr 越小，步子应该越小。",
)
def gd_step__divides(theta, grad, lr):
    return theta - grad / lr if lr else theta.clone()


@wrong(
    en=(
        "The learning rate shrinks theta too: lr·(theta − grad) in place of theta − lr·grad. With lr = 0 "
        "nothing should move."
    ),
    zh="学习率把 theta 也缩小了：写成了 lr·(theta − grad)。lr = 0 时应该原地不动。",
)
def gd_step__bracket(theta, grad, lr):
    return lr * (theta - grad)


@wrong(
    en=(
        "The gradient is clipped to ±1: a gradient of 40 must move the parameter forty times as far as a "
        "gradient of 1."
    ),
    zh="梯度被截断到 ±1：梯度 40 走的距离应该是梯度 1 的四十倍。",
)
def gd_step__clips(theta, grad, lr):
    return theta - lr * grad.clamp(-1, 1)


@wrong(
    en="The learning rate is squared: with lr = 0.1 the step is ten times too short.",
    zh="学习率乘了两次：lr = 0.1 时，步子短了十倍。",
)
def gd_step__lr_squared(theta, grad, lr):
    return theta - lr * (lr * grad)


@wrong(
    en="The two are swapped: gradient minus lr times parameter.",
    zh="参数和梯度弄反了：写成了梯度减去 lr 乘参数。",
)
def gd_step__swapped(theta, grad, lr):
    return grad - lr * theta


@wrong(
    en="`.float()` makes float32: where theta is float64, half of the digits are lost.",
    zh="`.float()` 得到的是 float32；theta 是 float64 时，一半的有效数字丢掉了。",
)
def gd_step__float32(theta, grad, lr):
    return theta.float() - torch.tensor(lr) * grad.float()


# --- num_updates --------------------------------------------------------------------------------------------


@right
def num_updates__by_ceil(n, batch_size, epochs, drop_last=False):
    if drop_last:
        return epochs * math.floor(n / batch_size)
    return epochs * math.ceil(n / batch_size)


@right
def num_updates__by_counting(n, batch_size, epochs, drop_last=False):
    starts = range(0, n, batch_size)
    if drop_last:
        starts = [s for s in starts if s + batch_size <= n]
    return len(starts) * epochs


@right
def num_updates__by_rounding_up(n, batch_size, epochs, drop_last=False):
    return (n + (0 if drop_last else batch_size - 1)) // batch_size * epochs


@right
def num_updates__numpy(n, batch_size, epochs, drop_last=False):
    rounding = np.floor if drop_last else np.ceil
    return int(rounding(n / batch_size)) * epochs


@wrong(
    en="These are the updates of one epoch. The data are gone through `epochs` times.",
    zh="这只是一轮的更新次数。数据一共要过 `epochs` 遍。",
)
def num_updates__forgets_epochs(n, batch_size, epochs, drop_last=False):
    return n // batch_size if drop_last else -(-n // batch_size)


@wrong(
    en=(
        "The batch size is taken for the number of batches. 10 000 samples in batches of 10 are 1 000 "
        "batches, not 10."
    ),
    zh="把 batch size 当成了 batch 的个数。10 000 个样本，每批 10 个，是 1 000 个批次，而不是 10 个。",
)
def num_updates__batch_size_as_count(n, batch_size, epochs, drop_last=False):
    return batch_size * epochs


@wrong(
    en=(
        "All epochs are cut into batches as one long run. Each epoch has its own short last batch: round "
        "before you multiply."
    ),
    zh="把所有轮连起来切批次了。每一轮都有自己不满的最后一批：应该先取整，再乘轮数。",
)
def num_updates__ceil_total(n, batch_size, epochs, drop_last=False):
    total = n * epochs
    return total // batch_size if drop_last else -(-total // batch_size)


@wrong(
    en="drop_last is ignored: the short batch is counted even where it should be dropped.",
    zh="没有理会 drop_last：该丢弃的不满批次也被算了进去。",
)
def num_updates__ignores_drop_last(n, batch_size, epochs, drop_last=False):
    return -(-n // batch_size) * epochs


@wrong(
    en=(
        "The short last batch is always left out. Unless drop_last is set, it makes an update too: 10 "
        "samples in batches of 4 are 3."
    ),
    zh="总是漏掉最后不满的一批。没有设 drop_last 时它也要更新一次：10 个样本、每批 4 个，是 3 次。",
)
def num_updates__always_floor(n, batch_size, epochs, drop_last=False):
    return n // batch_size * epochs


@wrong(
    en=(
        "Rounding to the nearest drops a short batch that is less than half full, and keeps one that "
        "drop_last should drop."
    ),
    zh="四舍五入会漏掉不到半满的批次；而 drop_last 该丢弃的，它又留下了。",
)
def num_updates__round(n, batch_size, epochs, drop_last=False):
    return round(n / batch_size) * epochs


@wrong(
    en="Without drop_last you round to the nearest: a short batch that is less than half full is lost.",
    zh="没有设 drop_last 时用了四舍五入：不到半满的批次就丢了。",
)
def num_updates__round_unless_dropped(n, batch_size, epochs, drop_last=False):
    return (n // batch_size if drop_last else round(n / batch_size)) * epochs


@wrong(
    en="drop_last works the wrong way round: set, it keeps the short batch; not set, it drops it.",
    zh="drop_last 用反了：设了反而保留不满的批次，没设反而丢弃。",
)
def num_updates__drop_last_inverted(n, batch_size, epochs, drop_last=False):
    return (-(-n // batch_size) if drop_last else n // batch_size) * epochs


@wrong(
    en=(
        "One is always added for a last short batch, even where the batches come out even: 10 000 / 10 is 1 "
        "000, not 1 001."
    ),
    zh="总是多加一个“最后的不满批次”，哪怕正好分完：10 000 / 10 是 1 000，不是 1 001。",
)
def num_updates__always_plus_one(n, batch_size, epochs, drop_last=False):
    return (n // batch_size + (not drop_last)) * epochs


@wrong(
    en=(
        "With drop_last one batch is always dropped, even a full one: 60 samples in batches of 12 are five "
        "full batches."
    ),
    zh="drop_last 时总是丢掉一批，哪怕它是满的：60 个样本、每批 12 个，是五个满的批次。",
)
def num_updates__drops_a_full_batch(n, batch_size, epochs, drop_last=False):
    return (-(-n // batch_size) - drop_last) * epochs


@wrong(
    en="The short batch is dropped once in the whole run, but every epoch has one.",
    zh="整个训练只丢弃了一次不满的批次，但每一轮都有一个。",
)
def num_updates__drops_once(n, batch_size, epochs, drop_last=False):
    total = -(-n // batch_size) * epochs
    return total - 1 if drop_last and n % batch_size and epochs else total


@wrong(
    en=(
        "At least one update an epoch is assumed. With drop_last and fewer samples than a batch holds there "
        "is none."
    ),
    zh="默认每轮至少更新一次。可是设了 drop_last、样本又不够一批时，一次也没有。",
)
def num_updates__at_least_one(n, batch_size, epochs, drop_last=False):
    per_epoch = n // batch_size if drop_last else -(-n // batch_size)
    return max(1, per_epoch) * epochs


@wrong(
    en="Where a batch could hold more than all samples, you count no update; there is one short batch.",
    zh="一批装得下全部样本时，你算成了零次更新；其实还有一个不满的批次。",
)
def num_updates__none_for_a_big_batch(n, batch_size, epochs, drop_last=False):
    if batch_size > n:
        return 0
    return (n // batch_size if drop_last else -(-n // batch_size)) * epochs


@wrong(
    en="The result is a float. A number of updates is counted: the docstring asks for an int.",
    zh="结果是浮点数。更新次数是数出来的：文档要求返回整数。",
)
def num_updates__float(n, batch_size, epochs, drop_last=False):
    return (float(n // batch_size) if drop_last else np.ceil(n / batch_size)) * epochs


@wrong(
    en="Samples are counted, not updates: a whole batch makes one update.",
    zh="数的是样本，不是更新：一整个批次才更新一次。",
)
def num_updates__counts_samples(n, batch_size, epochs, drop_last=False):
    return (n - n % batch_size if drop_last else n) * epochs


# --- hard_sigmoid -------------------------------------------------------------------------------------------


@right
def hard_sigmoid__two_relus(x, w, b, c):
    z = w * x + b
    return c * (torch.relu(z) - torch.relu(z - 1))


@right
def hard_sigmoid__by_hardtanh(x, w, b, c):
    return functional.hardtanh(x * w + b, 0.0, 1.0) * c


@right
def hard_sigmoid__by_where(x, w, b, c):
    z = x * w + b
    ramp = torch.where(z > 1, torch.ones_like(z), torch.where(z < 0, torch.zeros_like(z), z))
    return c * ramp


@right
def hard_sigmoid__by_minimum(x, w, b, c):
    z = b + w * x
    return c * torch.minimum(torch.maximum(z, z.new_zeros(())), z.new_ones(()))


@wrong(
    en=(
        "This is PyTorch's hardsigmoid, with the ramp z/6 + 1/2. Here the ramp is z itself: it starts at z "
        "= 0 and ends at z = 1."
    ),
    zh="这是 PyTorch 的 hardsigmoid，斜坡是 z/6 + 1/2。这里的斜坡就是 z：从 z = 0 开始，到 z = 1 结束。",
)
def hard_sigmoid__torch_hardsigmoid(x, w, b, c):
    return c * functional.hardsigmoid(w * x + b)


@wrong(
    en="The clip is to [−1, 1]: that is the hard tanh. Left of the ramp the step should be 0, not −c.",
    zh="截断到了 [−1, 1]，那是 hard tanh。斜坡左边应该是 0，而不是 −c。",
)
def hard_sigmoid__clamp_pm1(x, w, b, c):
    return c * (w * x + b).clamp(-1, 1)


@wrong(
    en=(
        "The clip comes after the multiplication with c: steps higher than 1 are cut off, and negative ones "
        "vanish."
    ),
    zh="先乘 c 再截断了：高于 1 的台阶被削平，负的台阶直接消失。",
)
def hard_sigmoid__clamp_c(x, w, b, c):
    return (c * (w * x + b)).clamp(0, 1)


@wrong(
    en=(
        "The line is clipped between 0 and c without being multiplied by c: the ramp has slope w in place "
        "of c·w."
    ),
    zh="把直线截断到 0 和 c 之间，却没有乘 c：斜坡的斜率成了 w，而不是 c·w。",
)
def hard_sigmoid__clip_to_c(x, w, b, c):
    z = w * x + b
    return torch.maximum(torch.minimum(z, c.clamp(min=0)), c.clamp(max=0))


@wrong(
    en=(
        "c·(wx + b) is clipped between 0 and c. For a negative c the bounds stand the wrong way round, and "
        "clip returns c everywhere: look at c = −2."
    ),
    zh="把 c·(wx + b) 截断到 0 和 c 之间。c 为负时上下界颠倒了，clip 处处返回 c：看看 c = −2。",
)
def hard_sigmoid__bounds_turned_round(x, w, b, c):
    return torch.clip(c * (w * x + b), torch.zeros_like(c), c)


@wrong(
    en="There is no upper end: right of the ramp the value climbs on without limit (that is a ReLU).",
    zh="没有上限：过了斜坡还在一直升（那是 ReLU）。",
)
def hard_sigmoid__no_upper_clip(x, w, b, c):
    return c * (w * x + b).clamp(min=0)


@wrong(
    en="There is no lower end: left of the ramp the value falls on without limit.",
    zh="没有下限：斜坡左边一直往下掉。",
)
def hard_sigmoid__no_lower_clip(x, w, b, c):
    return c * (w * x + b).clamp(max=1)


@wrong(
    en="Nothing is clipped: this is a straight line.",
    zh="完全没有截断：这是一条直线。",
)
def hard_sigmoid__linear(x, w, b, c):
    return c * (w * x + b)


@wrong(
    en=(
        "This is the soft sigmoid, with round corners. The hard one is exactly 0 and exactly 1 beyond its "
        "ramp."
    ),
    zh="这是柔和的 sigmoid，拐角是圆的。hard sigmoid 在斜坡之外恰好等于 0 和 1。",
)
def hard_sigmoid__soft(x, w, b, c):
    return c * torch.sigmoid(w * x + b)


@wrong(
    en="b is added after the clip: it lifts the whole step where it should shift it sideways.",
    zh="b 是在截断之后才加的：它把整个台阶抬高了，而不是左右平移。",
)
def hard_sigmoid__bias_outside(x, w, b, c):
    return c * ((w * x).clamp(0, 1) + b)


@wrong(
    en="b is multiplied by w too: w·(x + b) in place of w·x + b. Where w = 1 you cannot see it.",
    zh="b 也被乘了 w：写成了 w·(x + b)，而不是 w·x + b。w = 1 时看不出来。",
)
def hard_sigmoid__bias_times_w(x, w, b, c):
    return c * (w * (x + b)).clamp(0, 1)


@wrong(
    en="The sign of b is reversed: the step is shifted the other way.",
    zh="b 的符号反了：台阶朝相反的方向平移。",
)
def hard_sigmoid__bias_sign(x, w, b, c):
    return c * (w * x - b).clamp(0, 1)


@wrong(
    en="c is added, not multiplied: it should set how high the step is.",
    zh="c 是加上去的，而不是乘上去的：它应该决定台阶有多高。",
)
def hard_sigmoid__adds_c(x, w, b, c):
    return c + (w * x + b).clamp(0, 1)


@wrong(
    en="The height c is missing: every step ends at 1.",
    zh="漏了高度 c：每个台阶都停在 1。",
)
def hard_sigmoid__no_c(x, w, b, c):
    return (w * x + b).clamp(0, 1) + 0 * c


@wrong(
    en="A negative height is made positive: with c = −2 the step must go down.",
    zh="负的高度被变成了正的：c = −2 时，台阶应该朝下。",
)
def hard_sigmoid__absolute_c(x, w, b, c):
    return c.abs() * (w * x + b).clamp(0, 1)


@wrong(
    en=(
        "The parameters are detached (`.item()`, `.detach()`): the values are right, but w, b and c get no "
        "gradient and cannot be learned."
    ),
    zh="参数被 detach 了：数值对，但 w、b、c 得不到梯度，没法学习。",
)
def hard_sigmoid__detached(x, w, b, c):
    return c.detach() * (w.detach() * x + b.detach()).clamp(0, 1)


@wrong(
    en="This jumps from 0 to c at once: a threshold in place of a ramp, with no gradient anywhere on it.",
    zh="这是从 0 一下跳到 c 的阈值函数，没有斜坡，处处梯度为零。",
)
def hard_sigmoid__threshold(x, w, b, c):
    return c * ((w * x + b) > 0.5).to(x.dtype)


# --- sigmoid_model ------------------------------------------------------------------------------------------


@right
def sigmoid_model__by_einsum(x, b, c, bs, W):
    return torch.einsum("h,nh->n", c, torch.sigmoid(torch.einsum("nd,hd->nh", x, W) + bs)) + b


@right
def sigmoid_model__unit_by_unit(x, b, c, bs, W):
    y = b
    for c_i, b_i, w_i in zip(c, bs, W, strict=True):
        y = y + c_i * torch.sigmoid(b_i + x @ w_i)
    return y


@right
def sigmoid_model__by_exp(x, b, c, bs, W):
    z = functional.linear(x, W, bs)
    return (c / (1 + torch.exp(-z))).sum(dim=-1) + b


@right
def sigmoid_model__by_tanh(x, b, c, bs, W):
    z = (W @ x.T).T + bs.unsqueeze(0)
    return torch.matmul(0.5 + 0.5 * torch.tanh(z / 2), c.unsqueeze(1)).squeeze(1) + b


@wrong(
    en="The inner biases bs are missing: all sigmoids bend where Wx = 0, and none can be shifted.",
    zh="漏了内层偏置 bs：所有 sigmoid 都在 Wx = 0 处拐弯，没法平移。",
)
def sigmoid_model__no_inner_bias(x, b, c, bs, W):
    return b + torch.sigmoid(x @ W.T) @ c


@wrong(
    en="The outer bias b is missing: where all of c is 0 the model should still return b.",
    zh="漏了外层偏置 b：c 全为 0 时，模型仍应返回 b。",
)
def sigmoid_model__no_outer_bias(x, b, c, bs, W):
    return torch.sigmoid(x @ W.T + bs) @ c


@wrong(
    en="There is no σ. Without an activation function the model is a line, however many layers are stacked.",
    zh="忘了 σ：没有激活函数，叠多少层都还是线性的。",
)
def sigmoid_model__linear(x, b, c, bs, W):
    return b + (x @ W.T + bs) @ c


@wrong(
    en=(
        "σ stands around everything, so that y stays between 0 and 1. It belongs around each bs_i + Σ_j "
        "W_ij x_j."
    ),
    zh="σ 套在了最外面，y 只能在 0 和 1 之间。它应该套在每个 bs_i + Σ_j W_ij x_j 上。",
)
def sigmoid_model__sigmoid_outside(x, b, c, bs, W):
    return torch.sigmoid(b + (x @ W.T + bs) @ c)


@wrong(
    en="The sigmoids are averaged, not summed: the result is H times too small before b is added.",
    zh="对各个 sigmoid 取了平均，而不是求和：加 b 之前小了 H 倍。",
)
def sigmoid_model__mean_not_sum(x, b, c, bs, W):
    return b + (torch.sigmoid(x @ W.T + bs) * c).mean(1)


@wrong(
    en=(
        "c is multiplied inside the sigmoid: there it changes the steepness. It should scale the height, "
        "outside."
    ),
    zh="c 乘到了 sigmoid 里面：那样改变的是陡峭程度。它应该在外面决定高度。",
)
def sigmoid_model__c_inside(x, b, c, bs, W):
    return b + torch.sigmoid(c * (x @ W.T + bs)).sum(1)


@wrong(
    en="The heights c are missing: every sigmoid counts the same.",
    zh="漏了高度 c：每个 sigmoid 的分量都一样。",
)
def sigmoid_model__no_c(x, b, c, bs, W):
    return b + torch.sigmoid(x @ W.T + bs).sum(1)


@wrong(
    en="b is added once for each sigmoid: the sum holds H times b.",
    zh="每个 sigmoid 都加了一次 b：总和里有 H 个 b。",
)
def sigmoid_model__b_in_every_term(x, b, c, bs, W):
    return (b + torch.sigmoid(x @ W.T + bs) * c).sum(1)


@wrong(
    en="The inner biases are added after the sigmoid: there they lift, where they should shift.",
    zh="内层偏置加在了 sigmoid 之后：那样只是抬高，而不是平移。",
)
def sigmoid_model__bias_after_sigmoid(x, b, c, bs, W):
    return b + (torch.sigmoid(x @ W.T) + bs) @ c


@wrong(
    en=(
        "W is not transposed. It holds one sigmoid in each row, (H, D); `x @ W` fails for H ≠ D, and is "
        "wrong for H = D."
    ),
    zh="W 没有转置。它每行对应一个 sigmoid，形状 (H, D)；H ≠ D 时 `x @ W` 会报错，H = D 时则算错。",
)
def sigmoid_model__no_transpose(x, b, c, bs, W):
    return b + torch.sigmoid(x @ W + bs) @ c


@wrong(
    en="The result is a column (N, 1). Minus labels of shape (N,) it would broadcast to N × N.",
    zh="结果是一列 (N, 1)。和形状 (N,) 的标签相减会广播成 N×N。",
)
def sigmoid_model__column(x, b, c, bs, W):
    return b + torch.sigmoid(x @ W.T + bs) @ c.unsqueeze(1)


@wrong(
    en=(
        "`squeeze()` removes every dimension of size 1, the batch too: with one sample the result has shape "
        "() where (1,) is promised."
    ),
    zh="`squeeze()` 会去掉所有大小为 1 的维度，包括批次维：只有一个样本时，结果成了 ()，而不是 (1,)。",
)
def sigmoid_model__squeezes_batch(x, b, c, bs, W):
    return (b + torch.sigmoid(x @ W.T + bs) @ c.unsqueeze(1)).squeeze()


@wrong(
    en="e^z / (1 + e^z) overflows: for z = 1000 it is inf / inf, which is NaN.",
    zh="e^z / (1 + e^z) 会溢出：z = 1000 时是 inf / inf，得到 NaN。",
)
def sigmoid_model__overflows(x, b, c, bs, W):
    e = (x @ W.T + bs).exp()
    return b + (e / (1 + e)) @ c


@wrong(
    en="The exponent has the wrong sign: 1 / (1 + e^z) falls where σ climbs.",
    zh="指数的符号反了：σ 应该上升的地方，1 / (1 + e^z) 却在下降。",
)
def sigmoid_model__exponent_sign(x, b, c, bs, W):
    return b + (1 / (1 + torch.exp(x @ W.T + bs))) @ c


@wrong(
    en="This uses tanh. It runs from −1 to 1; σ runs from 0 to 1, and σ(0) = ½.",
    zh="用成了 tanh：它的范围是 −1 到 1；σ 的范围是 0 到 1，σ(0) = ½。",
)
def sigmoid_model__tanh(x, b, c, bs, W):
    return b + torch.tanh(x @ W.T + bs) @ c


@wrong(
    en="This uses ReLU: its values are not bounded by 1.",
    zh="用成了 ReLU：它的值不会被限制在 1 以内。",
)
def sigmoid_model__relu(x, b, c, bs, W):
    return b + torch.relu(x @ W.T + bs) @ c


@wrong(
    en="Hard sigmoids are used: with corners in place of the smooth curve. Compare at bs + Wx = 2.",
    zh="用成了 hard sigmoid：有棱角，而不是光滑曲线。看看 bs + Wx = 2 处的值。",
)
def sigmoid_model__hard(x, b, c, bs, W):
    return b + (x @ W.T + bs).clamp(0, 1) @ c


@wrong(
    en=(
        "A softmax over the units makes them compete and add up to 1; each sigmoid is to be computed for "
        "itself."
    ),
    zh="对各单元做了 softmax，让它们互相竞争、总和为 1；每个 sigmoid 应该各算各的。",
)
def sigmoid_model__softmax(x, b, c, bs, W):
    return b + torch.softmax(x @ W.T + bs, dim=1) @ c


@wrong(
    en="The parameters are detached, so that they cannot be learned: only x gets a gradient.",
    zh="参数被 detach 了，没法学习：只有 x 得到梯度。",
)
def sigmoid_model__detached(x, b, c, bs, W):
    return b.detach() + torch.sigmoid(x @ W.detach().T + bs.detach()) @ c.detach()


@wrong(
    en="One sample at a time in a Python loop: the values are right, but the work grows with the batch.",
    zh="用 Python 循环逐个样本计算：数值对，但工作量随批次增大。",
)
def sigmoid_model__sample_loop(x, b, c, bs, W):
    return torch.stack([b + torch.sigmoid(W @ row + bs) @ c for row in x])


# --- relu_model ---------------------------------------------------------------------------------------------


@right
def relu_model__by_where(x, b, c, bs, W):
    z = torch.einsum("nd,hd->nh", x, W) + bs
    return torch.where(z > 0, z, torch.zeros_like(z)).mul(c).sum(1) + b


@right
def relu_model__masked_in_place(x, b, c, bs, W):
    z = x @ W.T + bs
    z[z < 0] = 0
    return z @ c + b


@right
def relu_model__unit_by_unit(x, b, c, bs, W):
    y = b
    for i in range(len(c)):
        y = y + c[i] * torch.relu(functional.linear(x, W[i : i + 1], bs[i : i + 1]))[:, 0]
    return y


@right
def relu_model__by_mask(x, b, c, bs, W):
    z = x.matmul(W.t()) + bs
    return torch.matmul(z * (z > 0), c) + b


@right
def relu_model__slope_one_at_corner(x, b, c, bs, W):
    # At z = 0 clamp has slope 1, where relu has 0: the lecture allows every subgradient.
    return b + (x @ W.T + bs).clamp(min=0) @ c


@right
def relu_model__slope_half_at_corner(x, b, c, bs, W):
    # torch.maximum shares the gradient of a tie.
    z = x @ W.T + bs
    return b + torch.maximum(z, torch.zeros_like(z)) @ c


@wrong(
    en="The inner biases bs are missing: all corners lie where Wx = 0.",
    zh="漏了内层偏置 bs：所有拐点都在 Wx = 0 处。",
)
def relu_model__no_inner_bias(x, b, c, bs, W):
    return b + torch.relu(x @ W.T) @ c


@wrong(
    en="The outer bias b is missing: where every ReLU is off the model should still return b.",
    zh="漏了外层偏置 b：所有 ReLU 都关闭时，模型仍应返回 b。",
)
def relu_model__no_outer_bias(x, b, c, bs, W):
    return torch.relu(x @ W.T + bs) @ c


@wrong(
    en=(
        "There is no max(0, ·). Without an activation function the model is a line, however many layers are "
        "stacked."
    ),
    zh="忘了 max(0, ·)：没有激活函数，叠多少层都还是线性的。",
)
def relu_model__linear(x, b, c, bs, W):
    return b + (x @ W.T + bs) @ c


@wrong(
    en=(
        "ReLU stands around everything, so that y is never negative. It belongs around each bs_i + Σ_j W_ij "
        "x_j."
    ),
    zh="ReLU 套在了最外面，y 永远不会是负数。它应该套在每个 bs_i + Σ_j W_ij x_j 上。",
)
def relu_model__relu_outside(x, b, c, bs, W):
    return torch.relu(b + (x @ W.T + bs) @ c)


@wrong(
    en="The ReLUs are averaged, not summed: the result is H times too small before b is added.",
    zh="对各个 ReLU 取了平均，而不是求和：加 b 之前小了 H 倍。",
)
def relu_model__mean_not_sum(x, b, c, bs, W):
    return b + (torch.relu(x @ W.T + bs) * c).mean(1)


@wrong(
    en=(
        "c is multiplied inside the ReLU: a negative height then turns the ReLU around instead of making it "
        "fall."
    ),
    zh="c 乘到了 ReLU 里面：高度为负时，ReLU 会掉转方向，而不是往下走。",
)
def relu_model__c_inside(x, b, c, bs, W):
    return b + torch.relu(c * (x @ W.T + bs)).sum(1)


@wrong(
    en="The heights c are missing: every ReLU counts the same, and none can go down.",
    zh="漏了高度 c：每个 ReLU 的分量都一样，也没法往下走。",
)
def relu_model__no_c(x, b, c, bs, W):
    return b + torch.relu(x @ W.T + bs).sum(1)


@wrong(
    en="b is added once for each ReLU: the sum holds H times b.",
    zh="每个 ReLU 都加了一次 b：总和里有 H 个 b。",
)
def relu_model__b_in_every_term(x, b, c, bs, W):
    return (b + torch.relu(x @ W.T + bs) * c).sum(1)


@wrong(
    en=(
        "The inner biases are added after the ReLU: there they lift the curve, where they should shift its "
        "corner."
    ),
    zh="内层偏置加在了 ReLU 之后：那样只是抬高曲线，而不是移动拐点。",
)
def relu_model__bias_after_relu(x, b, c, bs, W):
    return b + (torch.relu(x @ W.T) + bs) @ c


@wrong(
    en=(
        "`torch.max(z, 0)` takes the largest value along dim 0, over the samples; max(0, z) compares each "
        "element with 0."
    ),
    zh="`torch.max(z, 0)` 是沿第 0 维、也就是在样本之间取最大值；max(0, z) 是逐个元素和 0 比。",
)
def relu_model__max_over_samples(x, b, c, bs, W):
    z = x @ W.T + bs
    return b + torch.max(z, 0).values @ c


@wrong(
    en=(
        "`torch.max(z, 0)` returns a pair (values, indices), which cannot be multiplied by c; nor is it the "
        "maximum with 0."
    ),
    zh="`torch.max(z, 0)` 返回的是一对 (values, indices)，不能再和 c 相乘；它也不是“和 0 取最大值”。",
)
def relu_model__max_returns_pair(x, b, c, bs, W):
    return b + torch.max(x @ W.T + bs, 0) @ c


@wrong(
    en=(
        "The largest unit of each sample is taken (a maximum along dim 1) in place of max(0, ·) for every "
        "unit."
    ),
    zh="取了每个样本中最大的那个单元（沿第 1 维取最大值），而不是对每个单元取 max(0, ·)。",
)
def relu_model__max_over_units(x, b, c, bs, W):
    z = x @ W.T + bs
    return b + torch.max(z, 1, keepdim=True).values.clamp(min=0).expand_as(z) @ c


@wrong(
    en=(
        "`x[x < 0] = 0` writes into the caller's data, and it cuts the inputs where bs + Wx is meant. Print "
        "x after the call."
    ),
    zh="`x[x < 0] = 0` 改写了调用者的数据，而且截断的是输入，而不是 bs + Wx。调用之后打印 x 看看。",
)
def relu_model__clips_input_in_place(x, b, c, bs, W):
    x.data[x < 0] = 0
    return b + (x @ W.T + bs) @ c


@wrong(
    en="The ReLU is applied to the input x, and not to bs + Wx.",
    zh="ReLU 用在了输入 x 上，而不是 bs + Wx 上。",
)
def relu_model__relu_on_input(x, b, c, bs, W):
    return b + (torch.relu(x) @ W.T + bs) @ c


@wrong(
    en="The negative part is kept and the positive cut off: min(0, z) in place of max(0, z).",
    zh="留下了负的、截掉了正的：写成了 min(0, z)，而不是 max(0, z)。",
)
def relu_model__minimum(x, b, c, bs, W):
    return b + (x @ W.T + bs).clamp(max=0) @ c


@wrong(
    en="Negative values are made positive (|z|) where they should become 0.",
    zh="负值变成了正值（|z|），而它们应该变成 0。",
)
def relu_model__absolute(x, b, c, bs, W):
    return b + (x @ W.T + bs).abs() @ c


@wrong(
    en=(
        "This is a leaky ReLU: negative values leak through with a small slope, where they should be "
        "exactly 0."
    ),
    zh="这是 leaky ReLU：负值还漏出一点，而它们应该恰好是 0。",
)
def relu_model__leaky(x, b, c, bs, W):
    return b + functional.leaky_relu(x @ W.T + bs) @ c


@wrong(
    en="The values are cut at 1 as well: that is the hard sigmoid. A ReLU climbs on without end.",
    zh="上面也截断到 1 了，那是 hard sigmoid。ReLU 会一直上升。",
)
def relu_model__cut_at_1(x, b, c, bs, W):
    return b + (x @ W.T + bs).clamp(0, 1) @ c


@wrong(
    en="The values are cut at 6 (relu6). A ReLU climbs on without end; try x = 1000.",
    zh="上面截断到 6 了（relu6）。ReLU 会一直上升；试试 x = 1000。",
)
def relu_model__relu6(x, b, c, bs, W):
    return b + functional.relu6(x @ W.T + bs) @ c


@wrong(
    en=(
        "W is not transposed. It holds one ReLU in each row, (H, D); `x @ W` fails for H ≠ D, and is wrong "
        "for H = D."
    ),
    zh="W 没有转置。它每行对应一个 ReLU，形状 (H, D)；H ≠ D 时 `x @ W` 会报错，H = D 时则算错。",
)
def relu_model__no_transpose(x, b, c, bs, W):
    return b + torch.relu(x @ W + bs) @ c


@wrong(
    en="The result is a column (N, 1). Minus labels of shape (N,) it would broadcast to N × N.",
    zh="结果是一列 (N, 1)。和形状 (N,) 的标签相减会广播成 N×N。",
)
def relu_model__column(x, b, c, bs, W):
    return b + torch.relu(x @ W.T + bs) @ c.reshape(-1, 1)


@wrong(
    en=(
        "`squeeze()` removes every dimension of size 1, the batch too: with one sample the result has shape "
        "() where (1,) is promised."
    ),
    zh="`squeeze()` 会去掉所有大小为 1 的维度，包括批次维：只有一个样本时，结果成了 ()，而不是 (1,)。",
)
def relu_model__squeezes_batch(x, b, c, bs, W):
    return (b + torch.relu(x @ W.T + bs) @ c.reshape(-1, 1)).squeeze()


@wrong(
    en=(
        "The values are right, but the ReLU's gradient is lost: the mask multiplies a detached copy, and no "
        "gradient gets through to x, bs and W."
    ),
    zh="数值对，但经过 ReLU 的梯度丢了：掩码乘的是 detach 之后的副本，梯度传不到 x、bs 和 W。",
)
def relu_model__detached_units(x, b, c, bs, W):
    z = (x @ W.T + bs).detach()
    return b + (z * (z > 0)) @ c


@wrong(
    en="One sample at a time in a Python loop: the values are right, but the work grows with the batch.",
    zh="用 Python 循环逐个样本计算：数值对，但工作量随批次增大。",
)
def relu_model__sample_loop(x, b, c, bs, W):
    return torch.stack([b + torch.relu(W @ row + bs) @ c for row in x])


# --- piecewise_to_relu --------------------------------------------------------------------------------------


@right
def piecewise_to_relu__pairs(kx, ky):
    # A hard sigmoid for each piece, made of two ReLUs.
    w = 1 / (kx[1:] - kx[:-1])
    rise = ky[1:] - ky[:-1]
    bs = -w * kx[:-1]
    return ky[0], torch.cat([rise, -rise]), torch.cat([bs, bs - 1]), torch.cat([w, w])


@right
def piecewise_to_relu__knot_by_knot(kx, ky):
    c, before = [], torch.zeros_like(ky[0])
    for k in range(len(kx) - 1):
        slope = (ky[k + 1] - ky[k]) / (kx[k + 1] - kx[k])
        c.append(slope - before)
        before = slope
    c.append(-before)
    return ky[0].clone(), torch.stack(c), -kx, kx.new_ones(len(kx))


@right
def piecewise_to_relu__from_the_right(kx, ky):
    slopes = (ky[1:] - ky[:-1]) / (kx[1:] - kx[:-1])
    zero = torch.zeros(1, dtype=kx.dtype, device=kx.device)
    changes = torch.cat([slopes, zero]) - torch.cat([zero, slopes])
    return ky[-1], changes, kx.clone(), -torch.ones_like(kx)


@right
def piecewise_to_relu__solved(kx, ky):
    # The ReLUs that start at the knots but the last must meet the values; the last one levels the curve.
    A = torch.relu(kx[1:, None] - kx[None, :-1])
    c = torch.linalg.solve(A, ky[1:] - ky[0])
    return ky[0], torch.cat([c, -c.sum().reshape(1)]), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "Each ReLU is given the slope of its piece. ReLUs add up: what started earlier goes on, so each one "
        "only brings the *change* of slope."
    ),
    zh="每个 ReLU 用了那一段的斜率。但 ReLU 会累加：前面的还在继续，每个 ReLU 只负责“斜率的变化量”。",
)
def piecewise_to_relu__slopes_not_diffs(kx, ky):
    slopes = ky.diff() / kx.diff()
    return ky[0], torch.cat([slopes, slopes.new_zeros(1)]), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "Each ReLU is given the slope of its piece, and the last one takes off only the last slope. ReLUs "
        "add up: what started earlier goes on, so each one only brings the *change* of slope."
    ),
    zh=(
        "每个 ReLU 用了那一段的斜率，最后一个也只减掉了最后一段的斜率。但 ReLU 会累加：前面的还在继续，"
        "每个 ReLU 只负责“斜率的变化量”。"
    ),
)
def piecewise_to_relu__slopes_with_an_end(kx, ky):
    slopes = ky.diff() / kx.diff()
    return ky[0], torch.cat([slopes, -slopes[-1:]]), -kx, torch.ones_like(kx)


@wrong(
    en="Right of the last knot the curve goes on climbing or falling; it should stay constant there.",
    zh="最后一个节点右边，曲线还在继续升降；那里应该保持不变。",
)
def piecewise_to_relu__no_right_clip(kx, ky):
    slopes = ky.diff() / kx.diff()
    c = torch.cat([slopes[:1], slopes.diff()])
    return ky[0], c, -kx[:-1], torch.ones_like(kx[:-1])


@wrong(
    en=(
        "Left of the first knot the curve is 0, and all of it is shifted: far on the left every ReLU is "
        "off, and only b is left."
    ),
    zh="第一个节点左边成了 0，整条曲线也跟着错位：最左边所有 ReLU 都关着，只剩下 b。",
)
def piecewise_to_relu__clip_left_zero(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return torch.zeros_like(ky[0]), torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "Left of the first knot the first piece goes on as a straight line; the curve should be constant "
        "there."
    ),
    zh="第一个节点左边沿着第一段的直线延伸出去了；那里应该是常数。",
)
def piecewise_to_relu__no_left_clip(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    changes = torch.cat([zero, slopes, zero]).diff()
    # relu(x − k) − relu(k − x) = x − k: a straight line through the first knot.
    # relu(x − k) − relu(k − x) = x − k：一条经过第一个节点的直线。
    c = torch.cat([changes, -slopes[:1]])
    return ky[0], c, torch.cat([-kx, kx[:1]]), torch.cat([torch.ones_like(kx), -torch.ones_like(kx[:1])])


@wrong(
    en="The corners lie at −kx: relu(x + k) turns on at x = −k.",
    zh="拐点跑到了 −kx：relu(x + k) 在 x = −k 处才打开。",
)
def piecewise_to_relu__corner_sign(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return ky[0], torch.cat([zero, slopes, zero]).diff(), kx.clone(), torch.ones_like(kx)


@wrong(
    en=(
        "The rise of a piece is taken for its slope: it must be divided by the width of the piece. With "
        "knots one apart you cannot see it."
    ),
    zh="把每段的升幅当成了斜率，没有除以这段的宽度。节点间距都是 1 时看不出来。",
)
def piecewise_to_relu__rise_not_slope(kx, ky):
    zero = ky.new_zeros(1)
    return ky[0], torch.cat([zero, ky.diff(), zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en="Every piece is taken to be as wide as the first one. The knots are not evenly spaced.",
    zh="把每段的宽度都当成和第一段一样了。节点的间距并不相等。",
)
def piecewise_to_relu__even_spacing(kx, ky):
    slopes = ky.diff() / (kx[1] - kx[0])
    zero = slopes.new_zeros(1)
    return ky[0], torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en="The slope is upside down: Δx/Δy where Δy/Δx is meant.",
    zh="斜率颠倒了：算成了 Δx/Δy，而应该是 Δy/Δx。",
)
def piecewise_to_relu__slope_inverted(kx, ky):
    slopes = kx.diff() / ky.diff()
    zero = slopes.new_zeros(1)
    return ky[0], torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en="The changes have the wrong sign: the curve is mirrored at the height of the first knot.",
    zh="变化量的符号反了：曲线以第一个节点的高度为轴翻了过来。",
)
def piecewise_to_relu__mirrored(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return ky[0], -torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "The change of slope went into w, inside the ReLU, with c = 1: a negative change then turns the "
        "ReLU to the left. ReLUs with c = 1 never go down."
    ),
    zh=(
        "把斜率的变化量放进了 ReLU 里面的 w，而 c = 1：变化量为负时，ReLU 会朝左开。"
        "c = 1 的 ReLU 永远不会让曲线下降。"
    ),
)
def piecewise_to_relu__change_inside(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    w = torch.cat([zero, slopes, zero]).diff()
    return ky[0], torch.ones_like(kx), -w * kx, w


@wrong(
    en="The first change is missing: the curve stays level until the second knot.",
    zh="漏了第一个变化量：曲线到第二个节点之前一直是平的。",
)
def piecewise_to_relu__first_change_missing(kx, ky):
    slopes = ky.diff() / kx.diff()
    c = torch.cat([slopes, slopes.new_zeros(1)]).diff()
    return ky[0], c, -kx[1:], torch.ones_like(kx[1:])


@wrong(
    en=(
        "The changes are attached to the wrong knots, one too late: the slope changes by the amount that "
        "belongs to the knot before."
    ),
    zh="变化量错了一位：每个节点用的是前一个节点的变化量。",
)
def piecewise_to_relu__one_knot_late(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    changes = torch.cat([zero, slopes, zero]).diff()
    return ky[0], changes[:-1], -kx[1:], torch.ones_like(kx[1:])


@wrong(
    en="b is the value at the last knot. With ReLUs that open to the right, b is the value far on the left.",
    zh="b 取了最后一个节点的值。ReLU 向右打开时，b 是最左边的值。",
)
def piecewise_to_relu__starts_at_last_value(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return ky[-1], torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "b is the height where the first piece would meet x = 0. No ReLU is on at the left end: there the "
        "curve is b itself."
    ),
    zh="b 取了第一段延长到 x = 0 处的高度。而最左端没有一个 ReLU 打开，曲线就等于 b。",
)
def piecewise_to_relu__intercept_at_zero(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return ky[0] - slopes[0] * kx[0], torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "The heights of the ReLUs are the values at the knots. A ReLU's height says how the slope changes, "
        "not how high the curve is."
    ),
    zh="把节点处的值当成了 ReLU 的高度。ReLU 的高度说的是斜率变化多少，而不是曲线有多高。",
)
def piecewise_to_relu__values_as_heights(kx, ky):
    return ky[0], ky.clone(), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "The curve is levelled at the last knot by the last change of slope; what must be taken away there "
        "is the whole slope of the last piece."
    ),
    zh="在最后一个节点只减去了最后一次的斜率变化量；要变平，得减去最后一段的全部斜率。",
)
def piecewise_to_relu__levels_by_last_change(kx, ky):
    slopes = ky.diff() / kx.diff()
    changes = torch.cat([slopes[:1], slopes.diff()])
    return ky[0], torch.cat([changes, -changes[-1:]]), -kx, torch.ones_like(kx)


@wrong(
    en="Negative slopes are taken as positive: the curve climbs where it should fall.",
    zh="负的斜率被当成了正的：该下降的地方在上升。",
)
def piecewise_to_relu__absolute_slopes(kx, ky):
    slopes = (ky.diff() / kx.diff()).abs()
    zero = slopes.new_zeros(1)
    return ky[0], torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en="b comes back with shape (1,); the docstring asks for ().",
    zh="b 的形状是 (1,)，文档要求的是 ()。",
)
def piecewise_to_relu__b_shape_1(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return ky[:1], torch.cat([zero, slopes, zero]).diff(), -kx, torch.ones_like(kx)


@wrong(
    en=(
        "`torch.zeros(1)` and `torch.ones(n)` are float32: where the knots are float64, digits are lost or "
        "the types do not fit."
    ),
    zh="`torch.zeros(1)`、`torch.ones(n)` 是 float32：节点是 float64 时会丢精度，或者类型对不上。",
)
def piecewise_to_relu__float32(kx, ky):
    slopes = (ky.diff() / kx.diff()).float()
    c = torch.cat([torch.zeros(1), slopes, torch.zeros(1)]).diff()
    return ky[0].float(), c, -kx.float(), torch.ones(len(kx))


@wrong(
    en="The order is (b, c, bs, w); w and bs are swapped.",
    zh="返回的顺序应为 (b, c, bs, w)；w 和 bs 弄反了。",
)
def piecewise_to_relu__order(kx, ky):
    slopes = ky.diff() / kx.diff()
    zero = slopes.new_zeros(1)
    return ky[0], torch.cat([zero, slopes, zero]).diff(), torch.ones_like(kx), -kx


# --- mlp_forward --------------------------------------------------------------------------------------------


@right
def mlp_forward__by_index(x, layers, activation):
    h = x
    for i, (W, b) in enumerate(layers):
        h = h.matmul(W.t()) + b
        if i < len(layers) - 1:
            h = activation(h)
    return h


@right
def mlp_forward__recursive(x, layers, activation):
    def run(h, W, b, *rest):
        z = functional.linear(h, W, b)
        return run(activation(z), *rest) if rest else z

    return run(x, *(parameter for layer in layers for parameter in layer))


@right
def mlp_forward__columns(x, layers, activation):
    h = x.T
    for W, b in layers[:-1]:
        h = activation(torch.mm(W, h) + b[:, None])
    W, b = layers[-1]
    return (torch.mm(W, h) + b[:, None]).T


@right
def mlp_forward__by_einsum(x, layers, activation):
    out = None
    for W, b in layers:
        h = x if out is None else activation(out)
        out = torch.einsum("ni,oi->no", h, W) + b
    return out


@wrong(
    en=(
        "The activation stands after the last layer too: with ReLU the network could never return a "
        "negative number."
    ),
    zh="最后一层之后也用了激活函数：如果是 ReLU，网络就永远输出不了负数。",
)
def mlp_forward__activation_after_last(x, layers, activation):
    for W, b in layers:
        x = activation(x @ W.T + b)
    return x


@wrong(
    en="The activation is never called: all the layers together are one linear layer.",
    zh="一次也没有用激活函数：这么多层合起来还是一个线性层。",
)
def mlp_forward__linear(x, layers, activation):
    for W, b in layers:
        x = x @ W.T + b
    return x


@wrong(
    en="The biases are not added.",
    zh="没有加偏置。",
)
def mlp_forward__no_bias(x, layers, activation):
    for W, _ in layers[:-1]:
        x = activation(x @ W.T)
    return x @ layers[-1][0].T


@wrong(
    en="The hidden layers have their biases, the last layer does not.",
    zh="隐藏层都加了偏置，最后一层却没有加。",
)
def mlp_forward__no_last_bias(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W.T + b)
    return x @ layers[-1][0].T


@wrong(
    en="W is not transposed. It is (out, in); `x @ W` fails for out ≠ in, and is wrong for out = in.",
    zh="W 没有转置。它的形状是 (out, in)；out ≠ in 时 `x @ W` 会报错，out = in 时则算错。",
)
def mlp_forward__no_transpose(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W + b)
    W, b = layers[-1]
    return x @ W + b


@wrong(
    en="Only the first hidden layer is used; the other hidden layers are skipped.",
    zh="只用了第一个隐藏层，其他隐藏层都跳过了。",
)
def mlp_forward__first_hidden_only(x, layers, activation):
    if len(layers) > 1:
        W, b = layers[0]
        x = activation(x @ W.T + b)
    W, b = layers[-1]
    return x @ W.T + b


@wrong(
    en="Every layer reads the input x again, in place of what the layer before it returned.",
    zh="每一层读的都是最初的输入 x，而不是前一层的输出。",
)
def mlp_forward__reads_input_again(x, layers, activation):
    h = x
    for W, b in layers[:-1]:
        h = activation(x @ W.T + b)
    W, b = layers[-1]
    return h @ W.T + b


@wrong(
    en="The last layer is missing: what comes back is the last hidden layer.",
    zh="漏了最后一层：返回的是最后一个隐藏层。",
)
def mlp_forward__last_layer_missing(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W.T + b)
    return x


@wrong(
    en="The activation is applied to the input of each layer: it hits x itself before the first layer.",
    zh="激活函数用在了每一层的输入上：还没进第一层，x 就被激活了。",
)
def mlp_forward__activates_input(x, layers, activation):
    for W, b in layers:
        x = activation(x) @ W.T + b
    return x


@wrong(
    en="ReLU is built in, whatever activation is passed. Try another function.",
    zh="写死了 ReLU，不管传入什么激活函数。换一个函数试试。",
)
def mlp_forward__always_relu(x, layers, activation):
    for W, b in layers[:-1]:
        x = torch.relu(x @ W.T + b)
    W, b = layers[-1]
    return x @ W.T + b


@wrong(
    en="Sigmoid is built in, whatever activation is passed. Try another function.",
    zh="写死了 sigmoid，不管传入什么激活函数。换一个函数试试。",
)
def mlp_forward__always_sigmoid(x, layers, activation):
    for W, b in layers[:-1]:
        x = torch.sigmoid(x @ W.T + b)
    W, b = layers[-1]
    return x @ W.T + b


@wrong(
    en="The bias is added after the activation: activation(Wx) + b in place of activation(Wx + b).",
    zh="偏置加在了激活之后：写成了 activation(Wx) + b，而不是 activation(Wx + b)。",
)
def mlp_forward__bias_after_activation(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W.T) + b
    W, b = layers[-1]
    return x @ W.T + b


@wrong(
    en="The activation is called after the first layer alone; every hidden layer needs it.",
    zh="只在第一层之后用了激活函数；每个隐藏层之后都需要。",
)
def mlp_forward__activates_first_only(x, layers, activation):
    for i, (W, b) in enumerate(layers):
        x = x @ W.T + b
        if i == 0 and len(layers) > 1:
            x = activation(x)
    return x


@wrong(
    en="The activation is called before the last layer alone; every hidden layer needs it.",
    zh="只在最后一层之前用了激活函数；每个隐藏层之后都需要。",
)
def mlp_forward__activates_last_hidden_only(x, layers, activation):
    for W, b in layers[:-1]:
        x = x @ W.T + b
    W, b = layers[-1]
    return (activation(x) if len(layers) > 1 else x) @ W.T + b


@wrong(
    en="A single layer is given an activation, as if it were hidden; it is the last one, and has none.",
    zh="只有一层时也用了激活函数，把它当成了隐藏层；可它就是最后一层，不该用。",
)
def mlp_forward__activates_single_layer(x, layers, activation):
    W, b = layers[0]
    x = activation(x @ W.T + b)
    for W, b in layers[1:-1]:
        x = activation(x @ W.T + b)
    if len(layers) > 1:
        W, b = layers[-1]
        x = x @ W.T + b
    return x


@wrong(
    en="The layers are run from the last to the first.",
    zh="层的顺序反了，从最后一层算到了第一层。",
)
def mlp_forward__reversed(x, layers, activation):
    for W, b in layers[:0:-1]:
        x = activation(x @ W.T + b)
    W, b = layers[0]
    return x @ W.T + b


@wrong(
    en="The activation is called twice after each hidden layer.",
    zh="每个隐藏层之后激活了两次。",
)
def mlp_forward__activates_twice(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(activation(x @ W.T + b))
    W, b = layers[-1]
    return x @ W.T + b


@wrong(
    en="Exactly two layers are assumed: `(W1, b1), (W2, b2) = layers` fails for any other number.",
    zh="假定了恰好有两层：层数不是 2 时，`(W1, b1), (W2, b2) = layers` 就会报错。",
)
def mlp_forward__two_layers_only(x, layers, activation):
    (W1, b1), (W2, b2) = layers
    return activation(x @ W1.T + b1) @ W2.T + b2


@wrong(
    en=(
        "`layers.pop()` takes the last layer out of the caller's list: after one call the network has lost "
        "a layer."
    ),
    zh="`layers.pop()` 从调用者的列表里取走了最后一层：调用一次，网络就少一层。",
)
def mlp_forward__pops_layers(x, layers, activation):
    W_last, b_last = layers.pop()
    for W, b in layers:
        x = activation(x @ W.T + b)
    return x @ W_last.T + b_last


@wrong(
    en=(
        "`squeeze()` removes every dimension of size 1: with one output or one sample the shape (N, out) is "
        "lost."
    ),
    zh="`squeeze()` 去掉了所有大小为 1 的维度：只有一个输出或一个样本时，形状就不是 (N, out) 了。",
)
def mlp_forward__squeezes(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W.T + b)
    W, b = layers[-1]
    return (x @ W.T + b).squeeze()


@wrong(
    en="The weights are detached (`.data`): the values are right, but no W and no b gets a gradient.",
    zh="权重被 `.data` 从计算图里取了出来：数值对，但 W 和 b 都得不到梯度。",
)
def mlp_forward__detached(x, layers, activation):
    for W, b in layers[:-1]:
        x = activation(x @ W.data.T + b.data)
    W, b = layers[-1]
    return x @ W.data.T + b.data


@wrong(
    en="One sample at a time in a Python loop: the values are right, but the work grows with the batch.",
    zh="用 Python 循环逐个样本计算：数值对，但工作量随批次增大。",
)
def mlp_forward__sample_loop(x, layers, activation):
    rows = []
    for h in x:
        for W, b in layers[:-1]:
            h = activation(W @ h + b)
        rows.append(layers[-1][0] @ h + layers[-1][1])
    return torch.stack(rows)
