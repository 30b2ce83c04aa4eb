"""Implementations of lecture 6, batch normalisation, that are right, accepted, and wrong."""

import numpy as np
import torch
from torch import nn

from autograder.course import reference
from autograder.variant import right, wrong

ref = reference("lecture06_batch_norm")

# --- standardize_fit -------------------------------------------------------------------------------


@right
def standardize_fit__library_std(X):
    std = X.std(dim=0, correction=0)
    std[std == 0] = 1
    return X.mean(dim=0), std


@right
def standardize_fit__masked_fill(X):
    variance, mean = torch.var_mean(X, 0, unbiased=False)
    std = torch.sqrt(variance)
    return mean, std.masked_fill(std == 0, 1.0)


@right
def standardize_fit__numpy(X):
    values = X.detach().cpu().numpy()
    std = np.std(values, axis=0)
    std = np.where(std > 0, std, 1).astype(values.dtype)
    return torch.from_numpy(values.mean(axis=0)).to(X.device), torch.from_numpy(std).to(X.device)


@right
def standardize_fit__feature_by_feature(X):
    N, D = X.shape
    mean, std = X.new_empty(D), X.new_empty(D)
    for i in range(D):
        column = X[:, i]
        mean[i] = column.sum() / N
        spread = torch.sqrt(((column - mean[i]) ** 2).sum() / N)
        std[i] = spread if spread != 0 else 1.0
    return mean, std


@right
def standardize_fit__norms(X):
    mean = X.sum(0) / X.shape[0]
    std = torch.linalg.vector_norm(X - mean, dim=0) / X.shape[0] ** 0.5
    return [mean, std + (std == 0).to(std.dtype)]


@wrong(
    en=(
        "The statistics are taken over the features of each sample. A sample's age and income have no "
        "common mean: every *feature* needs one, so the shapes must be (D,)."
    ),
    zh="统计量是对每个样本的各个特征求的。年龄和收入没有共同的均值：每个*特征*才该有一个，形状应为 (D,)。",
)
def standardize_fit__wrong_axis(X):
    mean, std = X.mean(dim=1), X.std(dim=1, correction=0)
    return mean, torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en=(
        "The standard deviation divides by N − 1: for 1 and 3 you get 1.414 where 1 is asked for, and one "
        "sample alone gives nan. Look at the default of torch's std."
    ),
    zh=(
        "标准差除以了 N − 1：对 1 和 3 得到 1.414，而要求的是 1；只有一个样本时还会得到 nan。"
        "看看 torch 的 std 默认怎么算。"
    ),
)
def standardize_fit__unbiased(X):
    std = X.std(dim=0)
    return X.mean(dim=0), torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en="This is the variance. For 0 and 4 it gives 4, where the standard deviation is 2: a root is missing.",
    zh="这是方差。对 0 和 4 它给出 4，而标准差是 2：少开了一次方。",
)
def standardize_fit__variance(X):
    variance = X.var(dim=0, correction=0)
    return X.mean(dim=0), torch.where(variance == 0, torch.ones_like(variance), variance)


@wrong(
    en="A feature that never changes keeps std 0, and standardising will divide 0 by 0. It should get 1.",
    zh="从不变化的特征，std 仍是 0，标准化时就会 0 除以 0。这里应当换成 1。",
)
def standardize_fit__keeps_zero(X):
    return X.mean(dim=0), X.std(dim=0, correction=0)


@wrong(
    en=(
        "A small number is added to every std instead of replacing the zeros by 1. For a constant feature a "
        "rounding error in x − mean would then be divided by almost nothing."
    ),
    zh=(
        "每个 std 都加了一个小数，而不是把 0 换成 1。这样一来，"
        "常数特征在 x − mean 中的舍入误差会除以一个几乎为 0 的数。"
    ),
)
def standardize_fit__adds_eps(X):
    return X.mean(dim=0), X.std(dim=0, correction=0) + 1e-8


@wrong(
    en="Zeros are raised to a tiny number, not to 1: look at the std of a feature that never changes.",
    zh="0 被抬到了一个很小的数，而不是 1：看看从不变化的特征的 std。",
)
def standardize_fit__clamps_to_tiny(X):
    return X.mean(dim=0), X.std(dim=0, correction=0).clamp(min=1e-6)


@wrong(
    en=(
        "Every std below 1 has become 1. Only a std of exactly 0 is replaced: a feature of small range "
        "needs it most."
    ),
    zh="所有小于 1 的 std 都变成了 1。只有恰好为 0 的才要替换：范围很小的特征最需要标准化。",
)
def standardize_fit__clamps_to_one(X):
    return X.mean(dim=0), X.std(dim=0, correction=0).clamp(min=1)


@wrong(
    en=(
        "One mean and one std for all features together: then the feature with the largest range decides "
        "for all."
    ),
    zh="所有特征共用一个均值和一个 std：这样范围最大的特征说了算。",
)
def standardize_fit__one_for_all(X):
    return X.mean().repeat(X.shape[1]), X.std(correction=0).repeat(X.shape[1])


@wrong(
    en="The means are per feature, but one std is used for all features. Each has a range of its own.",
    zh="均值是逐特征的，但所有特征共用了一个 std。每个特征的范围各不相同。",
)
def standardize_fit__pooled_std(X):
    mean = X.mean(dim=0)
    std = (X - mean).square().mean().sqrt()
    return mean, torch.where(std == 0, torch.ones_like(mean), std.expand_as(mean))


@wrong(
    en="The reduced dimension was kept: the shapes are (1, D), asked for is (D,).",
    zh="被归约的那一维保留下来了：形状是 (1, D)，要求的是 (D,)。",
)
def standardize_fit__keepdim(X):
    std = X.std(dim=0, correction=0, keepdim=True)
    return X.mean(dim=0, keepdim=True), torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en=(
        "This is the mean *absolute* distance from the mean. The standard deviation is the root of the "
        "mean square."
    ),
    zh="这是到均值的*绝对*距离的平均。标准差是距离平方的平均再开方。",
)
def standardize_fit__mean_absolute(X):
    mean = X.mean(dim=0)
    std = (X - mean).abs().mean(dim=0)
    return mean, torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en=(
        "This is largest minus smallest value, which a single outlier decides. Asked for is the standard "
        "deviation."
    ),
    zh="这是最大值减最小值，一个离群点就能左右它。要求的是标准差。",
)
def standardize_fit__range(X):
    spread = X.amax(dim=0) - X.amin(dim=0)
    return X.mean(dim=0), torch.where(spread == 0, torch.ones_like(spread), spread)


@wrong(
    en=(
        "The squares are not taken around the mean: add 100 to a feature and its std changes, which it "
        "must not."
    ),
    zh="求平方之前没有减去均值：给某个特征加上 100，它的 std 就变了，而它不该变。",
)
def standardize_fit__not_centred(X):
    std = X.square().mean(dim=0).sqrt()
    return X.mean(dim=0), torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en="The two results are exchanged: asked for is (mean, std), in this order.",
    zh="两个结果的顺序反了：要求的是 (mean, std)。",
)
def standardize_fit__swapped(X):
    mean, std = ref.standardize_fit(X)
    return std, mean


@wrong(
    en="As soon as one feature is constant, the std of *all* features becomes 1. Replace only the zeros.",
    zh="只要有一个特征是常数，*所有*特征的 std 就都变成了 1。只替换那些 0。",
)
def standardize_fit__all_or_nothing(X):
    std = X.std(dim=0, correction=0)
    if (std == 0).any():
        std = torch.ones_like(std)
    return X.mean(dim=0), std


@wrong(
    en="The result is float32 whatever comes in. Keep the dtype of X.",
    zh="不管输入是什么类型，结果都是 float32。应当保持 X 的 dtype。",
)
def standardize_fit__float32(X):
    mean, std = ref.standardize_fit(X.float())
    return mean.float(), std.float()


@wrong(
    en="`X -= …` changes the caller's own data: after the call the training set is not what it was.",
    zh="`X -= …` 改动了调用者手里的数据：调用之后，训练集就不是原来的样子了。",
)
def standardize_fit__in_place(X):
    mean = X.mean(dim=0)
    X -= mean
    std = X.square().mean(dim=0).sqrt()
    return mean, torch.where(std == 0, torch.ones_like(std), std)


@wrong(
    en="This is the middle between the largest and the smallest value, not the mean of all samples.",
    zh="取最大值和最小值的中点，并不是所有样本的均值。",
)
def standardize_fit__mid_range(X):
    _, std = ref.standardize_fit(X)
    return (X.amax(dim=0) + X.amin(dim=0)) / 2, std


@wrong(
    en="This is the median. The mean is pulled by every value, and the formula asks for it.",
    zh="这是中位数。均值受每个值的影响，公式要的是均值。",
)
def standardize_fit__median(X):
    _, std = ref.standardize_fit(X)
    return X.median(dim=0).values, std


# --- standardize_apply -----------------------------------------------------------------------------


@right
def standardize_apply__torch_functions(X, mean, std):
    return torch.div(torch.sub(X, mean), std)


@right
def standardize_apply__scale_and_offset(X, mean, std):
    scale = std.reciprocal()
    return torch.addcmul(-mean * scale, X, scale)


@right
def standardize_apply__columns(X, mean, std):
    return torch.stack([(X[:, i] - mean[i]) / std[i] for i in range(X.shape[1])], dim=1)


@right
def standardize_apply__matrix(X, mean, std):
    return (X - mean[None, :]) @ torch.diag(1 / std)


@wrong(
    en=(
        "The samples are standardised with their own mean and std; the given ones are not used. For a test "
        "set this is leakage, and one sample alone becomes nan or 0."
    ),
    zh=(
        "用的是这些样本自己的均值和标准差，没用传进来的。对测试集来说这就是泄漏；只有一个样本时，"
        "结果会是 nan 或 0。"
    ),
)
def standardize_apply__own_statistics(X, mean, std):
    return (X - X.mean(dim=0)) / X.std(dim=0, correction=0)


@wrong(
    en=(
        "Statistics of training and test set are mixed together: that is leakage. The result for a sample "
        "then depends on which others are tested with it."
    ),
    zh="训练集和测试集混在一起算了统计量，这就是泄漏。一个样本的结果会取决于和它一起测试的是谁。",
)
def standardize_apply__pooled(X, mean, std):
    return (X - (mean + X.mean(dim=0)) / 2) / std


@wrong(
    en="Divided by the variance: std is already the root. With std 2, a distance of 4 must become 2, not 1.",
    zh="除以了方差：std 已经开过方了。std 为 2 时，距离 4 应变成 2，不是 1。",
)
def standardize_apply__divides_by_variance(X, mean, std):
    return (X - mean) / std**2


@wrong(
    en="Divided by the root of std, as if std were a variance. It is the standard deviation already.",
    zh="除以了 std 的平方根，好像它是方差。它已经是标准差了。",
)
def standardize_apply__root_of_std(X, mean, std):
    return (X - mean) / std.sqrt()


@wrong(
    en="The mean is not subtracted: a sample that equals the mean must become 0.",
    zh="没有减均值：等于均值的样本应当变成 0。",
)
def standardize_apply__no_mean(X, mean, std):
    return X / std


@wrong(
    en="The mean is subtracted, but nothing is divided: features of large range stay large.",
    zh="减了均值，但没有除：范围大的特征还是那么大。",
)
def standardize_apply__no_std(X, mean, std):
    return X - mean


@wrong(
    en="Divided first, subtracted afterwards: `X - mean / std` or `X / std - mean` need parentheses.",
    zh="先除后减了：注意运算次序，应当先减均值，再把差除以 std。",
)
def standardize_apply__divides_first(X, mean, std):
    return X / std - mean


@wrong(
    en="Without parentheses only the mean is divided by std, and X keeps its range.",
    zh="少了括号：只有均值除以了 std，X 的范围没有变。",
)
def standardize_apply__no_parentheses(X, mean, std):
    return X - mean / std


@wrong(
    en="Multiplied by std: large ranges become larger. A feature with std 10 must shrink tenfold.",
    zh="乘以了 std：大的范围变得更大。std 为 10 的特征应当缩小到十分之一。",
)
def standardize_apply__multiplies(X, mean, std):
    return (X - mean) * std


@wrong(
    en=(
        "The mean is added: this is the way back, or half of it. A sample that equals the mean must become "
        "0."
    ),
    zh="加上了均值，方向反了：等于均值的样本应当变成 0。",
)
def standardize_apply__adds_mean(X, mean, std):
    return (X + mean) / std


@wrong(
    en="The sign is reversed: a sample above the mean must come out positive.",
    zh="符号反了：高于均值的样本，结果应为正。",
)
def standardize_apply__reversed(X, mean, std):
    return (mean - X) / std


@wrong(
    en=(
        "A small ε is added to std. It has no zeros by agreement, and for features of small range the "
        "error shows."
    ),
    zh="std 上加了一个小的 ε。按约定它没有 0；对范围很小的特征，误差会显出来。",
)
def standardize_apply__adds_eps(X, mean, std):
    return (X - mean) / (std + 1e-5)


@wrong(
    en="Mean and std have changed places.",
    zh="均值和 std 的位置对调了。",
)
def standardize_apply__swapped(X, mean, std):
    return (X - std) / mean


@wrong(
    en="Large values are cut off. Standardising changes the scale, and keeps outliers what they are.",
    zh="大的值被截断了。标准化只改变尺度，离群点还是离群点。",
)
def standardize_apply__clips(X, mean, std):
    return ((X - mean) / std).clamp(-3, 3)


@wrong(
    en=(
        "Mean and std are lined up with the samples, not with the features: as columns they subtract from "
        "whole rows, or do not fit at all."
    ),
    zh="mean 和 std 对齐到了样本上，而不是特征上：竖成一列之后，要么从整行里减，要么形状根本对不上。",
)
def standardize_apply__wrong_axis(X, mean, std):
    return (X - mean[:, None]) / std[:, None]


@wrong(
    en="`X -= …` and `X /= …` change the caller's own data. Return a new tensor.",
    zh="`X -= …` 和 `X /= …` 改动了调用者手里的数据。应当返回新的张量。",
)
def standardize_apply__in_place(X, mean, std):
    X -= mean
    X /= std
    return X


@wrong(
    en="The result is float32 whatever comes in. Keep the dtype of X.",
    zh="不管输入是什么类型，结果都是 float32。应当保持 X 的 dtype。",
)
def standardize_apply__float32(X, mean, std):
    return ((X - mean) / std).float()


@wrong(
    en="The features end up between 0 and 1, as a probability; the standardised values were right before.",
    zh="最后又把特征压到了 0 和 1 之间，像概率一样；在这一步之前，标准化的值本来是对的。",
)
def standardize_apply__squashes(X, mean, std):
    return torch.sigmoid((X - mean) / std)


# --- batchnorm_train -------------------------------------------------------------------------------


@right
def batchnorm_train__var_mean(z, gamma, beta, eps):
    var, mu = torch.var_mean(z, dim=0, unbiased=False, keepdim=True)
    return torch.addcmul(beta, gamma, (z - mu) * torch.rsqrt(var + eps))


@right
def batchnorm_train__by_hand(z, gamma, beta, eps):
    N = z.shape[0]
    mu = z.sum(0) / N
    centred = z - mu
    var = (centred**2).sum(0) / N
    z_tilde = centred / torch.sqrt(var + eps)
    return gamma * z_tilde + beta


@right
def batchnorm_train__einsum(z, gamma, beta, eps):
    N = len(z)
    centred = z - torch.einsum("nd->d", z) / N
    var = torch.einsum("nd,nd->d", centred, centred) / N
    return torch.einsum("nd,d,d->nd", centred, (var + eps) ** -0.5, gamma) + beta


@right
def batchnorm_train__feature_by_feature(z, gamma, beta, eps):
    columns = []
    for i in range(z.shape[1]):
        c = z[:, i] - z[:, i].mean()
        columns.append(gamma[i] * c / (c.dot(c) / len(c) + eps).sqrt() + beta[i])
    return torch.stack(columns, dim=1)


@right
def batchnorm_train__centring_matrix(z, gamma, beta, eps):
    N = z.shape[0]
    centring = torch.eye(N, dtype=z.dtype, device=z.device) - 1 / N
    centred = centring @ z
    return centred * (gamma / (centred.square().mean(dim=0) + eps).sqrt()) + beta


@right
def batchnorm_train__std_squared(z, gamma, beta, eps):
    return beta + gamma * (z - z.mean(0)) / torch.sqrt(z.std(0, correction=0) ** 2 + eps)


@right
def batchnorm_train__mean_of_squares(z, gamma, beta, eps):
    mu = z.mean(0)
    var = (z * z).mean(0) - mu * mu
    scale = gamma / (var + eps) ** 0.5
    return scale * z + (beta - scale * mu)


@wrong(
    en=(
        "One μ and one σ² for all features together. Look at the columns: with γ = 1, β = 0 each must have "
        "mean 0."
    ),
    zh="所有特征共用了一个 μ 和一个 σ²。看看各列：γ = 1、β = 0 时，每一列的均值都应为 0。",
)
def batchnorm_train__global_stats(z, gamma, beta, eps):
    return gamma * (z - z.mean()) / (z.var(correction=0) + eps).sqrt() + beta


@wrong(
    en=(
        "Each *sample* is normalised over its features: rows have mean 0, columns do not. This is layer "
        "normalisation; a batch is normalised feature by feature."
    ),
    zh="归一化的是每个*样本*的各个特征：行的均值为 0，列的却不是。那是层归一化；批次归一化要逐个特征进行。",
)
def batchnorm_train__per_sample(z, gamma, beta, eps):
    mu = z.mean(dim=1, keepdim=True)
    var = z.var(dim=1, correction=0, keepdim=True)
    return gamma * (z - mu) / (var + eps).sqrt() + beta


@wrong(
    en=(
        "The variance divides by N − 1. It is about the samples of this batch, so it divides by N: look at "
        "the default of torch's var, and at a batch of one."
    ),
    zh=(
        "方差除以了 N − 1。这里说的就是这个批次里的样本，所以除以 N：看看 torch 的 var 默认怎么算，"
        "再看看只有一个样本的批次。"
    ),
)
def batchnorm_train__unbiased(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.var(dim=0) + eps).sqrt() + beta


@wrong(
    en=(
        "The values are right, the gradients are not: μ and σ² are treated as constants. They are computed "
        "from z, and the gradient must flow through them."
    ),
    zh="前向对，但梯度没有流过 μ、σ：它们被当成了常数。它们由 z 算出来，梯度也要流过。",
)
def batchnorm_train__detached(z, gamma, beta, eps):
    with torch.no_grad():
        mu, var = z.mean(dim=0), z.var(dim=0, correction=0)
    return gamma * (z - mu) / (var + eps).sqrt() + beta


@wrong(
    en="The values are right, but no gradient flows through σ². It depends on z as μ does.",
    zh="数值对，但梯度没有流过 σ²。它和 μ 一样依赖于 z。",
)
def batchnorm_train__detached_var(z, gamma, beta, eps):
    var = z.var(dim=0, correction=0).detach()
    return gamma * (z - z.mean(dim=0)) / (var + eps).sqrt() + beta


@wrong(
    en="The values are right, but no gradient flows through μ. It depends on z as σ² does.",
    zh="数值对，但梯度没有流过 μ。它和 σ² 一样依赖于 z。",
)
def batchnorm_train__detached_mean(z, gamma, beta, eps):
    mu = z.mean(dim=0).detach()
    return gamma * (z - mu) / (z.var(dim=0, correction=0) + eps).sqrt() + beta


@wrong(
    en="The values are right, but γ and β were cut off from the graph: they could never be learned.",
    zh="数值对，但 γ 和 β 从计算图上断开了：它们永远学不到东西。",
)
def batchnorm_train__detached_affine(z, gamma, beta, eps):
    return ref.batchnorm_train(z, gamma.detach(), beta.detach(), eps)


@wrong(
    en=(
        "Divided by the variance instead of its root: double z, and the result is halved instead of "
        "unchanged."
    ),
    zh="除以了方差，没有开方：z 变成两倍（ε 很小）时，结果本该不变，现在却减半。",
)
def batchnorm_train__divides_by_var(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps) + beta


@wrong(
    en=(
        "ε is added to σ, outside the root. It belongs to the variance: √(σ² + ε). With σ² = 1 and ε = 3 "
        "the root is 2."
    ),
    zh="ε 加在了根号外面的 σ 上。它应当加在方差上：√(σ² + ε)。σ² = 1、ε = 3 时，根号等于 2。",
)
def batchnorm_train__eps_outside(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.std(dim=0, correction=0) + eps) + beta


@wrong(
    en="ε is missing. A feature with the same value in the whole batch becomes 0/0.",
    zh="缺了 ε。某个特征在整个批次里取值相同时，就成了 0/0。",
)
def batchnorm_train__no_eps(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / z.std(dim=0, correction=0) + beta


@wrong(
    en="ε is fixed at 1e-5; the argument `eps` has no effect.",
    zh="ε 写死成了 1e-5，参数 `eps` 不起作用。",
)
def batchnorm_train__fixed_eps(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + 1e-5).sqrt() + beta


@wrong(
    en="ε is added twice, inside the root and outside of it.",
    zh="ε 加了两次：根号里面一次，外面又一次。",
)
def batchnorm_train__eps_twice(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / ((z.var(dim=0, correction=0) + eps).sqrt() + eps) + beta


@wrong(
    en="ε enters squared: √(σ² + ε²). It is added to the variance as it is.",
    zh="ε 被平方了：√(σ² + ε²)。应当原样加在方差上。",
)
def batchnorm_train__eps_squared(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps**2).sqrt() + beta


@wrong(
    en=(
        "The inner product with γ adds all features into one number, and all columns look alike. "
        "γ multiplies element by element (here the notes slip)."
    ),
    zh="与 γ 做内积，把所有特征加成了一个数，各列都成了一个样。γ 是逐元素相乘（这里是笔记的笔误）。",
)
def batchnorm_train__inner_product(z, gamma, beta, eps):
    z_tilde = (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt()
    return (z_tilde @ gamma)[:, None] + beta


@wrong(
    en="γ and β are not used: try γ = 2, β = 1, and nothing changes.",
    zh="没有用到 γ 和 β：换成 γ = 2、β = 1 试试，结果不变。",
)
def batchnorm_train__no_affine(z, gamma, beta, eps):
    return (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt()


@wrong(
    en="γ is not used: the columns are shifted by β, but all have the same spread.",
    zh="没有用到 γ：各列按 β 平移了，但离散程度都一样。",
)
def batchnorm_train__no_gamma(z, gamma, beta, eps):
    return (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt() + beta


@wrong(
    en="β is not added: the mean of each column must be β, not 0.",
    zh="没有加 β：每一列的均值应当是 β，而不是 0。",
)
def batchnorm_train__no_beta(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt()


@wrong(
    en="γ and β have changed places: β scales, γ shifts. The mean of a column must be its β.",
    zh="γ 和 β 对调了：用 β 缩放、用 γ 平移。每一列的均值应当是它的 β。",
)
def batchnorm_train__swap_gb(z, gamma, beta, eps):
    return beta * (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt() + gamma


@wrong(
    en="β is inside the parentheses and gets multiplied by γ too: γ ⊙ (z̃ + β). It is added at the very end.",
    zh="β 在括号里面，也被乘上了 γ：γ ⊙ (z̃ + β)。它应当最后才加。",
)
def batchnorm_train__scales_beta(z, gamma, beta, eps):
    return gamma * ((z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt() + beta)


@wrong(
    en="Scaled and shifted first, normalised afterwards: then normalising undoes both.",
    zh="先缩放平移、后归一化：归一化把前面两步又抵消了。",
)
def batchnorm_train__affine_first(z, gamma, beta, eps):
    y = gamma * z + beta
    return (y - y.mean(dim=0)) / (y.var(dim=0, correction=0) + eps).sqrt()


@wrong(
    en="The mean is subtracted, but nothing is divided by the spread.",
    zh="减了均值，但没有除以离散程度。",
)
def batchnorm_train__mean_only(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) + beta


@wrong(
    en=(
        "Divided by the spread, but the mean was not subtracted: with γ = 1, β = 0 the columns' means must "
        "be 0."
    ),
    zh="除以了离散程度，但没有减均值：γ = 1、β = 0 时，各列均值应为 0。",
)
def batchnorm_train__no_mean(z, gamma, beta, eps):
    return gamma * z / (z.var(dim=0, correction=0) + eps).sqrt() + beta


@wrong(
    en="The squares are not taken around the mean: this is the mean square of z, not its variance.",
    zh="求平方之前没有减去均值：这是 z 的均方，不是方差。",
)
def batchnorm_train__square_not_centred(z, gamma, beta, eps):
    return gamma * (z - z.mean(dim=0)) / (z.square().mean(dim=0) + eps).sqrt() + beta


@wrong(
    en=(
        "The squares are summed, not averaged: the result shrinks as the batch grows. A variance divides "
        "by N."
    ),
    zh="平方只求了和，没有求平均：批次越大，结果越小。方差要除以 N。",
)
def batchnorm_train__sum_of_squares(z, gamma, beta, eps):
    centred = z - z.mean(dim=0)
    return gamma * centred / (centred.square().sum(dim=0) + eps).sqrt() + beta


@wrong(
    en=(
        "The values are right, but the gradient becomes nan where a feature has the same value in the "
        "whole batch: a root is taken of exactly 0, and its slope there is infinite. Squaring afterwards "
        "does not help."
    ),
    zh=(
        "数值对，但某个特征在整个批次里取值相同时，梯度成了 nan：对恰好为 0 的数开了方，那里的斜率是无穷大。"
        "事后再平方也无济于事。"
    ),
)
def batchnorm_train__root_twice(z, gamma, beta, eps):
    centred = z - z.mean(dim=0)
    std = centred.square().mean(dim=0).sqrt()
    return gamma * centred / (std**2 + eps).sqrt() + beta


@wrong(
    en="The computation was done in float32: float64 inputs lose half of their digits. Keep the dtype of z.",
    zh="计算是用 float32 做的：float64 的输入丢了一半的有效数字。应当保持 z 的 dtype。",
)
def batchnorm_train__float32(z, gamma, beta, eps):
    return ref.batchnorm_train(z.float(), gamma.float(), beta.float(), eps)


@wrong(
    en="`z -= …` changes the caller's tensor (and fails where z requires a gradient). Make a new one.",
    zh="`z -= …` 改动了调用者的张量（z 需要梯度时还会报错）。应当新建一个。",
)
def batchnorm_train__in_place(z, gamma, beta, eps):
    z -= z.mean(dim=0)
    return gamma * z / (z.square().mean(dim=0) + eps).sqrt() + beta


@wrong(
    en=(
        "The result has lost its graph: no gradient comes back at all. Look for .detach(), .data, NumPy or "
        "no_grad."
    ),
    zh="结果丢掉了计算图，完全没有梯度传回来。找找 .detach()、.data、NumPy 或 no_grad。",
)
def batchnorm_train__no_graph(z, gamma, beta, eps):
    with torch.no_grad():
        return ref.batchnorm_train(z, gamma, beta, eps)


@wrong(
    en="The library does the work here. Write the formula yourself: a mean, a variance, a root.",
    zh="这里是库在干活。请自己写出公式：均值、方差、开方。",
)
def batchnorm_train__library(z, gamma, beta, eps):
    if len(z) == 1:
        return z * 0 + gamma * 0 + beta
    return nn.functional.batch_norm(z, None, None, gamma, beta, training=True, eps=eps)


@wrong(
    en=(
        "The library's layer normalisation on the transposed batch is still the library. Write the formula "
        "yourself."
    ),
    zh="把批次转置后交给库里的层归一化，仍然是库在干活。请自己写出公式。",
)
def batchnorm_train__library_layer_norm(z, gamma, beta, eps):
    return nn.functional.layer_norm(z.T, (len(z),), eps=eps).T * gamma + beta


# --- update_running_stats --------------------------------------------------------------------------


@right
def update_running_stats__lerp(mu_bar, var_bar, z, p):
    with torch.no_grad():
        var, mu = torch.var_mean(z, dim=0)
        return torch.lerp(mu, mu_bar, float(p)), torch.lerp(var, var_bar, float(p))


@right
def update_running_stats__by_hand(mu_bar, var_bar, z, p):
    N = z.shape[0]
    data = z.detach()
    mu = data.sum(0) / N
    var = ((data - mu) ** 2).sum(0) / (N - 1)
    return mu_bar * p + mu * (1 - p), var_bar * p + var * (1 - p)


@right
def update_running_stats__step_towards(mu_bar, var_bar, z, p):
    z = z.data
    N = len(z)
    mu_new, var_new = mu_bar.clone(), var_bar.clone()
    mu_new += (1 - p) * (z.mean(0) - mu_bar)
    var_new += (1 - p) * (z.var(0, correction=0) * N / (N - 1) - var_bar)
    return [mu_new, var_new]


@right
def update_running_stats__feature_by_feature(mu_bar, var_bar, z, p):
    mu = torch.stack([column.detach().mean() for column in z.unbind(1)])
    std = torch.stack([column.detach().std() for column in z.unbind(1)])
    return torch.add(p * mu_bar, mu, alpha=1 - p), torch.add(p * var_bar, std**2, alpha=1 - p)


@wrong(
    en=(
        "p stands at the new value: with p = 0.9 one batch nearly replaces everything before. Here p is the "
        "weight of the old value; PyTorch's momentum is 1 − p."
    ),
    zh=(
        "p 乘在了新值上：p = 0.9 时，一个批次几乎就取代了以前的一切。这里 p 乘在旧值上；"
        "PyTorch 的 momentum = 1 − p。"
    ),
)
def update_running_stats__p_swapped(mu_bar, var_bar, z, p):
    z = z.detach()
    return (1 - p) * mu_bar + p * z.mean(dim=0), (1 - p) * var_bar + p * z.var(dim=0)


@wrong(
    en=(
        "The old averages are not used: the last batch replaces everything. Try p = 1, which must change "
        "nothing."
    ),
    zh="没有用到旧的平均值：最后一个批次取代了一切。试试 p = 1，本该什么都不变。",
)
def update_running_stats__replaces(mu_bar, var_bar, z, p):
    z = z.detach()
    return z.mean(dim=0), z.var(dim=0)


@wrong(
    en=(
        "Only the mean is updated, the variance stays as it was (the notes mention only μ). Both need "
        "their average."
    ),
    zh="只更新了均值，方差没有动（笔记只提到 μ）。两者都需要滑动平均。",
)
def update_running_stats__only_mean(mu_bar, var_bar, z, p):
    return p * mu_bar + (1 - p) * z.detach().mean(dim=0), var_bar.clone()


@wrong(
    en="The factor 1 − p is missing: the values add up and grow from batch to batch.",
    zh="缺了系数 1 − p：值一批一批累加，越来越大。",
)
def update_running_stats__cumulative(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * mu_bar + z.mean(dim=0), p * var_bar + z.var(dim=0)


@wrong(
    en="Old and new count half each, and p has no effect: try p = 1, which must change nothing.",
    zh="新旧各占一半，p 不起作用：试试 p = 1，本该什么都不变。",
)
def update_running_stats__half(mu_bar, var_bar, z, p):
    z = z.detach()
    return (mu_bar + z.mean(dim=0)) / 2, (var_bar + z.var(dim=0)) / 2


@wrong(
    en="p is fixed at 0.9; the argument has no effect.",
    zh="p 写死成了 0.9，参数不起作用。",
)
def update_running_stats__fixed_p(mu_bar, var_bar, z, p):
    z = z.detach()
    return 0.9 * mu_bar + 0.1 * z.mean(dim=0), 0.9 * var_bar + 0.1 * z.var(dim=0)


@wrong(
    en="Old and new value both have the weight p: the weights must sum to 1.",
    zh="新旧两个值的权重都是 p：权重之和应为 1。",
)
def update_running_stats__p_on_both(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * (mu_bar + z.mean(dim=0)), p * (var_bar + z.var(dim=0))


@wrong(
    en=(
        "The batch's variance divides by N. The average estimates the variance of all samples, and for "
        "that it divides by N − 1: with two samples the difference is a factor of 2."
    ),
    zh="批次的方差除以了 N。滑动平均要估计所有样本的方差，应除以 N − 1：只有两个样本时，两者相差一倍。",
)
def update_running_stats__biased(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * mu_bar + (1 - p) * z.mean(dim=0), p * var_bar + (1 - p) * z.var(dim=0, correction=0)


@wrong(
    en="The standard deviation is averaged where the variance is asked for.",
    zh="求平均的是标准差，而要求的是方差。",
)
def update_running_stats__std(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * mu_bar + (1 - p) * z.mean(dim=0), p * var_bar + (1 - p) * z.std(dim=0)


@wrong(
    en="The roots are averaged and then squared. The average is over the variances themselves.",
    zh="先对标准差求平均，再平方。应当直接对方差求平均。",
)
def update_running_stats__average_of_std(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * mu_bar + (1 - p) * z.mean(dim=0), (p * var_bar.sqrt() + (1 - p) * z.std(dim=0)) ** 2


@wrong(
    en=(
        "The squares are taken around the moving average, not around the mean of the batch: early in "
        "training, where μ̄ is still near 0, the variance comes out far too large."
    ),
    zh="平方是围绕滑动平均求的，不是围绕批次的均值：训练初期 μ̄ 还在 0 附近，方差会大得离谱。",
)
def update_running_stats__around_mu_bar(mu_bar, var_bar, z, p):
    z = z.detach()
    around = (z - mu_bar).square().sum(dim=0) / (len(z) - 1)
    return p * mu_bar + (1 - p) * z.mean(dim=0), p * var_bar + (1 - p) * around


@wrong(
    en=(
        "The numbers are right, but the result hangs on the graph of z: requires_grad is True, and every "
        "batch of the training would stay in memory."
    ),
    zh="数值对，但结果还挂在 z 的计算图上：requires_grad 是 True，训练中的每个批次都会一直留在内存里。",
)
def update_running_stats__builds_graph(mu_bar, var_bar, z, p):
    return p * mu_bar + (1 - p) * z.mean(dim=0), p * var_bar + (1 - p) * z.var(dim=0)


@wrong(
    en="The numbers are right, but the variance still hangs on the graph of z; only the mean was cut off.",
    zh="数值对，但方差还挂在 z 的计算图上，只断开了均值。",
)
def update_running_stats__half_detached(mu_bar, var_bar, z, p):
    return p * mu_bar + (1 - p) * z.mean(dim=0).detach(), p * var_bar + (1 - p) * z.var(dim=0)


@wrong(
    en="The reduced dimension was kept: the shapes become (1, D), asked for is (D,).",
    zh="被归约的那一维保留下来了：形状变成 (1, D)，要求的是 (D,)。",
)
def update_running_stats__keepdim(mu_bar, var_bar, z, p):
    z = z.detach()
    mu, var = z.mean(dim=0, keepdim=True), z.var(dim=0, keepdim=True)
    return p * mu_bar + (1 - p) * mu, p * var_bar + (1 - p) * var


@wrong(
    en="The statistics are over each sample's features. The averages are kept for each *feature*.",
    zh="统计量是对每个样本的各个特征求的。滑动平均应当是每个*特征*一个。",
)
def update_running_stats__wrong_axis(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * mu_bar + (1 - p) * z.mean(dim=1), p * var_bar + (1 - p) * z.var(dim=1)


@wrong(
    en="One mean and one variance for all features together. Each feature has its own.",
    zh="所有特征共用了一个均值和一个方差。每个特征应当各有一个。",
)
def update_running_stats__global_stats(mu_bar, var_bar, z, p):
    z = z.detach()
    return p * mu_bar + (1 - p) * z.mean(), p * var_bar + (1 - p) * z.var()


@wrong(
    en="The caller's tensors were changed in place (`*=`, `+=`, `mul_`). Return new ones.",
    zh="就地改动了调用者的张量（`*=`、`+=`、`mul_`）。应当返回新的张量。",
)
def update_running_stats__in_place(mu_bar, var_bar, z, p):
    z = z.detach()
    mu_bar *= p
    mu_bar += (1 - p) * z.mean(dim=0)
    var_bar *= p
    var_bar += (1 - p) * z.var(dim=0)
    return mu_bar, var_bar


@wrong(
    en="The two results are exchanged: asked for is (mu_bar, var_bar), in this order.",
    zh="两个结果的顺序反了：要求的是 (mu_bar, var_bar)。",
)
def update_running_stats__swapped(mu_bar, var_bar, z, p):
    mu, var = ref.update_running_stats(mu_bar, var_bar, z, p)
    return var, mu


@wrong(
    en="The batch counts by its number of samples instead of by 1 − p: the formula does not know N.",
    zh="新批次的权重用了样本数，而不是 1 − p：公式里的权重与 N 无关。",
)
def update_running_stats__weighted_by_size(mu_bar, var_bar, z, p):
    z = z.detach()
    q = 1 / (1 + len(z))
    return q * mu_bar + (1 - q) * z.mean(dim=0), q * var_bar + (1 - q) * z.var(dim=0)


@wrong(
    en="The result is float32 whatever comes in. Keep the dtype of the old averages.",
    zh="不管输入是什么类型，结果都是 float32。应当保持旧平均值的 dtype。",
)
def update_running_stats__float32(mu_bar, var_bar, z, p):
    mu, var = ref.update_running_stats(mu_bar, var_bar, z, p)
    return mu.float(), var.float()


# --- batchnorm_eval --------------------------------------------------------------------------------


@right
def batchnorm_eval__scale_and_offset(z, gamma, beta, mu_bar, var_bar, eps):
    scale = gamma * (var_bar + eps).rsqrt()
    return z * scale + (beta - mu_bar * scale)


@right
def batchnorm_eval__step_by_step(z, gamma, beta, mu_bar, var_bar, eps):
    z_tilde = torch.sub(z, mu_bar[None, :]) / torch.sqrt(torch.add(var_bar, eps))[None, :]
    return torch.addcmul(beta, gamma, z_tilde)


@right
def batchnorm_eval__columns(z, gamma, beta, mu_bar, var_bar, eps):
    columns = [
        g * (c - m) / (v + eps) ** 0.5 + b
        for c, g, b, m, v in zip(z.unbind(dim=1), gamma, beta, mu_bar, var_bar, strict=True)
    ]
    return torch.stack(columns, dim=1)


@right
def batchnorm_eval__linear_layer(z, gamma, beta, mu_bar, var_bar, eps):
    scale = gamma / torch.sqrt(var_bar + eps)
    return nn.functional.linear(z, torch.diag(scale), beta - scale * mu_bar)


@wrong(
    en=(
        "The statistics come from the batch, and μ̄ and σ̄² are not used: one sample alone gives β whatever "
        "it holds. At test time the moving averages take their place."
    ),
    zh="统计量取自批次，没有用到 μ̄ 和 σ̄²：只有一个样本时，不管它是什么，结果都是 β。测试时应当用滑动平均。",
)
def batchnorm_eval__uses_batch_stats(z, gamma, beta, mu_bar, var_bar, eps):
    return ref.batchnorm_train(z, gamma, beta, eps)


@wrong(
    en="The variance is σ̄², but the mean comes from the batch: one sample alone always gives β.",
    zh="方差用的是 σ̄²，均值却取自批次：只有一个样本时，结果总是 β。",
)
def batchnorm_eval__batch_mean(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - z.mean(dim=0)) / (var_bar + eps).sqrt() + beta


@wrong(
    en="The mean is μ̄, but the variance comes from the batch: a sample's result depends on its neighbours.",
    zh="均值用的是 μ̄，方差却取自批次：一个样本的结果会受邻居影响。",
)
def batchnorm_eval__batch_variance(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / (z.var(dim=0, correction=0) + eps).sqrt() + beta


@wrong(
    en="γ and β are not used: try γ = 2, β = 1, and nothing changes.",
    zh="没有用到 γ 和 β：换成 γ = 2、β = 1 试试，结果不变。",
)
def batchnorm_eval__no_affine(z, gamma, beta, mu_bar, var_bar, eps):
    return (z - mu_bar) / (var_bar + eps).sqrt()


@wrong(
    en="γ is not used: the features are shifted by β, but not scaled.",
    zh="没有用到 γ：特征按 β 平移了，但没有缩放。",
)
def batchnorm_eval__no_gamma(z, gamma, beta, mu_bar, var_bar, eps):
    return (z - mu_bar) / (var_bar + eps).sqrt() + beta


@wrong(
    en="β is not added: a sample that equals μ̄ must give β, not 0.",
    zh="没有加 β：等于 μ̄ 的样本，结果应为 β，而不是 0。",
)
def batchnorm_eval__no_beta(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / (var_bar + eps).sqrt()


@wrong(
    en="γ and β have changed places: a sample that equals μ̄ must give β.",
    zh="γ 和 β 对调了：等于 μ̄ 的样本，结果应为 β。",
)
def batchnorm_eval__swap_gb(z, gamma, beta, mu_bar, var_bar, eps):
    return beta * (z - mu_bar) / (var_bar + eps).sqrt() + gamma


@wrong(
    en=(
        "ε is missing: in training it was under the root, so it must be here too. A variance of 0 gives "
        "inf or nan."
    ),
    zh="缺了 ε：训练时它在根号里，这里也必须有。方差为 0 时会得到 inf 或 nan。",
)
def batchnorm_eval__no_eps(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / var_bar.sqrt() + beta


@wrong(
    en="ε is added to σ̄, outside the root. It belongs to the variance: √(σ̄² + ε).",
    zh="ε 加在了根号外面的 σ̄ 上。它应当加在方差上：√(σ̄² + ε)。",
)
def batchnorm_eval__eps_outside(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / (var_bar.sqrt() + eps) + beta


@wrong(
    en="ε is fixed at 1e-5; the argument `eps` has no effect.",
    zh="ε 写死成了 1e-5，参数 `eps` 不起作用。",
)
def batchnorm_eval__fixed_eps(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / (var_bar + 1e-5).sqrt() + beta


@wrong(
    en=(
        "Divided by the variance instead of its root: with σ̄² + ε = 4 the distance must be halved, not "
        "quartered."
    ),
    zh="除以了方差，没有开方：σ̄² + ε = 4 时，距离应当减半，而不是变成四分之一。",
)
def batchnorm_eval__divides_by_var(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / (var_bar + eps) + beta


@wrong(
    en="σ̄² is squared once more, as if it were a standard deviation.",
    zh="σ̄² 又被平方了一次，好像它是标准差。",
)
def batchnorm_eval__squares_variance(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) / (var_bar**2 + eps).sqrt() + beta


@wrong(
    en="The mean is subtracted, but nothing is divided by the spread.",
    zh="减了均值，但没有除以离散程度。",
)
def batchnorm_eval__mean_only(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * (z - mu_bar) + beta


@wrong(
    en="Divided by the spread, but μ̄ was not subtracted: a sample that equals μ̄ must give β.",
    zh="除以了离散程度，但没有减 μ̄：等于 μ̄ 的样本，结果应为 β。",
)
def batchnorm_eval__no_mean(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * z / (var_bar + eps).sqrt() + beta


@wrong(
    en="β is inside the parentheses and gets multiplied by γ too. It is added at the very end.",
    zh="β 在括号里面，也被乘上了 γ。它应当最后才加。",
)
def batchnorm_eval__scales_beta(z, gamma, beta, mu_bar, var_bar, eps):
    return gamma * ((z - mu_bar) / (var_bar + eps).sqrt() + beta)


@wrong(
    en=(
        "The averages are updated by the test batch before they are used: then the answer depends on what "
        "was asked before. Testing only reads them."
    ),
    zh="使用之前，先让测试批次更新了滑动平均：这样回答就取决于之前问过什么。测试时只读取它们。",
)
def batchnorm_eval__updates_first(z, gamma, beta, mu_bar, var_bar, eps):
    mu = 0.9 * mu_bar + 0.1 * z.mean(dim=0)
    var = 0.9 * var_bar + 0.1 * z.var(dim=0, correction=0)
    return gamma * (z - mu) / (var + eps).sqrt() + beta


@wrong(
    en="The caller's tensors were changed in place: after the call z is not what it was.",
    zh="就地改动了调用者的张量：调用之后 z 就不是原来的样子了。",
)
def batchnorm_eval__in_place(z, gamma, beta, mu_bar, var_bar, eps):
    z -= mu_bar
    z /= (var_bar + eps).sqrt()
    return gamma * z + beta


@wrong(
    en=(
        "The result has lost its graph: no gradient comes back. Evaluation mode is not `no_grad`; the "
        "caller chooses."
    ),
    zh="结果丢掉了计算图，没有梯度传回来。评估模式不等于 `no_grad`，要不要梯度由调用者决定。",
)
def batchnorm_eval__no_graph(z, gamma, beta, mu_bar, var_bar, eps):
    with torch.no_grad():
        return ref.batchnorm_eval(z, gamma, beta, mu_bar, var_bar, eps)


@wrong(
    en="The computation was done in float32. Keep the dtype of z.",
    zh="计算是用 float32 做的。应当保持 z 的 dtype。",
)
def batchnorm_eval__float32(z, gamma, beta, mu_bar, var_bar, eps):
    return ref.batchnorm_eval(z, gamma, beta, mu_bar, var_bar, eps).float()


@wrong(
    en="The library does the work here. It is one line; write it yourself.",
    zh="这里是库在干活。公式只有一行，请自己写。",
)
def batchnorm_eval__library(z, gamma, beta, mu_bar, var_bar, eps):
    return nn.functional.batch_norm(z, mu_bar, var_bar, gamma, beta, training=False, eps=eps)


# --- BatchNorm1d -----------------------------------------------------------------------------------


@right
class BatchNorm1d__by_hand(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.D, self.p, self.eps = D, p, eps
        self.gamma, self.beta = nn.Parameter(torch.ones(D)), nn.Parameter(torch.zeros(D))
        self.register_buffer("mu_bar", torch.zeros(D))
        self.register_buffer("var_bar", torch.ones(D))
        self.register_buffer("batches", torch.tensor(0))

    def forward(self, z):
        if self.training:
            if z.shape[0] <= 1:
                raise ValueError("at least two samples, please")
            var, mu = torch.var_mean(z, dim=0, unbiased=False)
            with torch.no_grad():
                n = z.shape[0]
                self.mu_bar.mul_(self.p).add_(mu, alpha=1 - self.p)
                self.var_bar.mul_(self.p).add_(var * n / (n - 1), alpha=1 - self.p)
                self.batches += 1
        else:
            mu, var = self.mu_bar, self.var_bar
        return self.gamma * (z - mu) * torch.rsqrt(var + self.eps) + self.beta


@right
class BatchNorm1d__copies_in_place(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.momentum = 1 - p
        self.eps = eps
        self.register_parameter("gamma", nn.Parameter(torch.empty(D)))
        self.register_parameter("beta", nn.Parameter(torch.empty(D)))
        self.register_buffer("mu_bar", torch.empty(D))
        self.register_buffer("var_bar", torch.empty(D))
        self.reset()

    def reset(self):
        nn.init.ones_(self.gamma)
        nn.init.zeros_(self.beta)
        self.mu_bar.zero_()
        self.var_bar.fill_(1)

    def normalise(self, z, mu, var):
        return torch.addcmul(self.beta, self.gamma, (z - mu) / torch.sqrt(var + self.eps))

    def forward(self, z):
        if not self.training:
            return self.normalise(z, self.mu_bar, self.var_bar)
        if len(z) == 1:
            raise ValueError(f"Expected more than 1 value per channel when training, got {z.shape}")
        out = self.normalise(z, z.mean(0), z.var(0, correction=0))
        z = z.detach()
        self.mu_bar.copy_((1 - self.momentum) * self.mu_bar + self.momentum * z.mean(0))
        self.var_bar.copy_((1 - self.momentum) * self.var_bar + self.momentum * z.var(0))
        return out


@right
class BatchNorm1d__own_functions(nn.Module):
    def __init__(self, D: int, p: float = 0.9, eps: float = 1e-5):
        super().__init__()
        self.p = p
        self.eps = eps
        self.beta = nn.Parameter(torch.zeros(D))
        self.gamma = nn.Parameter(torch.ones(D))
        self.register_buffer("var_bar", torch.ones(D))
        self.register_buffer("mu_bar", torch.zeros(D))

    def forward(self, z):
        if self.training and len(z) < 2:
            raise ValueError("batch of one")
        if self.training:
            out = ref.batchnorm_train(z, self.gamma, self.beta, self.eps)
            new = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
            self.mu_bar, self.var_bar = new
        else:
            out = ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        return out


@wrong(
    en=(
        "μ̄ and σ̄² are plain tensors. They are missing in state_dict() and do not follow .double() or "
        ".to(): a saved model forgets them. Look at `sorted(layer.state_dict())`."
    ),
    zh=(
        "μ̄ 和 σ̄² 只是普通张量：state_dict() 里没有它们，.double() 和 .to() 也带不走它们，"
        "保存的模型会忘掉它们。看看 `sorted(layer.state_dict())`。"
    ),
)
class BatchNorm1d__plain_tensors(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))
        self.mu_bar = torch.zeros(D)
        self.var_bar = torch.ones(D)

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en=(
        "The buffers are registered as not persistent: they follow .to(), but state_dict() does not save "
        "them."
    ),
    zh="缓冲区注册成了不持久的：它们跟随 .to()，但 state_dict() 不保存它们。",
)
class BatchNorm1d__not_persistent(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))
        self.register_buffer("mu_bar", torch.zeros(D), persistent=False)
        self.register_buffer("var_bar", torch.ones(D), persistent=False)

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="μ̄ and σ̄² are nn.Parameters: the optimiser would treat records as weights. Count the parameters.",
    zh="μ̄ 和 σ̄² 成了 nn.Parameter：优化器会把记录当作权重。数数有几个参数。",
)
class BatchNorm1d__parameters(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))
        self.mu_bar = nn.Parameter(torch.zeros(D))
        self.var_bar = nn.Parameter(torch.ones(D))

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        mu_bar, var_bar = ref.update_running_stats(self.mu_bar.data, self.var_bar.data, z, self.p)
        self.mu_bar.data, self.var_bar.data = mu_bar, var_bar
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en=(
        "μ̄ and σ̄² are parameters that ask for no gradient. They still stand in parameters(); they should "
        "be buffers."
    ),
    zh="μ̄ 和 σ̄² 成了不求梯度的参数，仍会出现在 parameters() 里。它们应当是缓冲区。",
)
class BatchNorm1d__frozen_parameters(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))
        self.mu_bar = nn.Parameter(torch.zeros(D), requires_grad=False)
        self.var_bar = nn.Parameter(torch.ones(D), requires_grad=False)

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar.data, self.var_bar.data = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="γ and β are plain tensors: no optimiser will ever see them. Look at `list(layer.parameters())`.",
    zh="γ 和 β 只是普通张量：优化器永远看不到它们。看看 `list(layer.parameters())`。",
)
class BatchNorm1d__affine_not_parameters(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.gamma = torch.ones(D, requires_grad=True)
        self.beta = torch.zeros(D, requires_grad=True)
        self.register_buffer("mu_bar", torch.zeros(D))
        self.register_buffer("var_bar", torch.ones(D))

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="γ and β are buffers: they are saved, but no optimiser learns them. Only parameters are learned.",
    zh="γ 和 β 成了缓冲区：会被保存，但优化器不会更新它们。只有参数才会被学习。",
)
class BatchNorm1d__affine_buffers(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.register_buffer("gamma", torch.ones(D))
        self.register_buffer("beta", torch.zeros(D))
        self.register_buffer("mu_bar", torch.zeros(D))
        self.register_buffer("var_bar", torch.ones(D))

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en=(
        "The averages are updated in evaluation mode too: testing changes the model. Call it twice and "
        "compare."
    ),
    zh="评估模式下也更新了滑动平均：测试竟然改变了模型。调用两次，比较一下。",
)
class BatchNorm1d__updates_in_eval(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            out = ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
            if len(z) > 1:
                self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
            return out
        return super().forward(z)


@wrong(
    en="In evaluation mode the batch's own statistics are used, and the averages are kept for nothing.",
    zh="评估模式下用的仍是批次自己的统计量，滑动平均白白保存了。",
)
class BatchNorm1d__eval_uses_batch(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)
        return super().forward(z)


@wrong(
    en=(
        "The layer never leaves training mode: a condition that is always true (`if self.train:` asks "
        "whether the *method* exists; the flag is self.training)."
    ),
    zh=(
        "这个层从不离开训练模式：有个条件永远为真（`if self.train:` 问的是这个*方法*在不在；"
        "标志是 self.training）。"
    ),
)
class BatchNorm1d__always_trains(ref.BatchNorm1d):
    def forward(self, z):
        if self.train:
            if len(z) < 2:
                raise ValueError("a batch of one")
            self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
            return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)
        return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)


@wrong(
    en="Training and evaluation are exchanged: in training mode the averages are used and never updated.",
    zh="训练和评估颠倒了：训练模式下用的是滑动平均，而且从不更新。",
)
class BatchNorm1d__modes_swapped(ref.BatchNorm1d):
    def forward(self, z):
        if self.training:
            return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en=(
        "In training the moving averages are used instead of the batch's own statistics. Then the batch is "
        "not normalised, and the gradient does not flow through μ and σ²."
    ),
    zh="训练时用了滑动平均，而不是批次自己的统计量。这样批次并没有归一化，梯度也没有流过 μ 和 σ²。",
)
class BatchNorm1d__trains_with_averages(ref.BatchNorm1d):
    def forward(self, z):
        if self.training:
            if len(z) < 2:
                raise ValueError("a batch of one")
            self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_eval(z, self.gamma, self.beta, self.mu_bar, self.var_bar, self.eps)


@wrong(
    en="The averages are never updated: after any training μ̄ is still 0 and σ̄² still 1.",
    zh="滑动平均从不更新：无论怎样训练，μ̄ 还是 0，σ̄² 还是 1。",
)
class BatchNorm1d__never_updates(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="The mean's average is updated, the variance's is not: σ̄² is 1 for ever.",
    zh="只更新了均值的滑动平均，方差没有更新：σ̄² 永远是 1。",
)
class BatchNorm1d__only_mean(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, _ = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="p stands at the new batch. Here it is the weight of the old value; PyTorch's momentum is 1 − p.",
    zh="p 乘在了新批次上。这里 p 是旧值的权重；PyTorch 的 momentum = 1 − p。",
)
class BatchNorm1d__p_swapped(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, 1 - self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="Only the last batch counts: the averages are replaced instead of moved a little.",
    zh="只有最后一个批次算数：滑动平均被整个替换，而不是挪动一点。",
)
class BatchNorm1d__replaces(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = z.detach().mean(dim=0), z.detach().var(dim=0)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="The variance that is recorded divides by N. The record estimates all samples and divides by N − 1.",
    zh="记录下来的方差除以了 N。它要估计所有样本的方差，应除以 N − 1。",
)
class BatchNorm1d__biased_record(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        data, p = z.detach(), self.p
        self.mu_bar = p * self.mu_bar + (1 - p) * data.mean(dim=0)
        self.var_bar = p * self.var_bar + (1 - p) * data.var(dim=0, correction=0)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="The batch is normalised with the variance that divides by N − 1. That one is for the record alone.",
    zh="归一化批次时用了除以 N − 1 的方差。那个只用于记录。",
)
class BatchNorm1d__unbiased_batch(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return self.gamma * (z - z.mean(dim=0)) / (z.var(dim=0) + self.eps).sqrt() + self.beta


@wrong(
    en=(
        "The averages keep the graph of every batch: requires_grad is True, and memory grows with each "
        "update."
    ),
    zh="滑动平均保留了每个批次的计算图：requires_grad 是 True，每更新一次，内存就多占一点。",
)
class BatchNorm1d__keeps_graph(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        if len(z) < 2:
            raise ValueError("a batch of one")
        p = self.p
        self.mu_bar = p * self.mu_bar + (1 - p) * z.mean(dim=0)
        self.var_bar = p * self.var_bar + (1 - p) * z.var(dim=0)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en=(
        "The whole forward pass runs without a graph: neither z nor γ and β get a gradient. Only the "
        "record should."
    ),
    zh="整个前向计算都没有计算图：z、γ 和 β 都得不到梯度。只有记录才不需要梯度。",
)
class BatchNorm1d__no_graph(ref.BatchNorm1d):
    def forward(self, z):
        with torch.no_grad():
            return super().forward(z)


@wrong(
    en=(
        "In training the gradient does not flow through μ and σ²: the output was computed from detached "
        "statistics."
    ),
    zh="训练时梯度没有流过 μ 和 σ²：输出是用断开了计算图的统计量算的。",
)
class BatchNorm1d__detached(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        super().forward(z)
        mu, var = z.detach().mean(dim=0), z.detach().var(dim=0, correction=0)
        return self.gamma * (z - mu) / (var + self.eps).sqrt() + self.beta


@wrong(
    en=(
        "A training batch of one is let through: its unbiased variance is 0/0, and σ̄² is nan from then on. "
        "It should raise ValueError."
    ),
    zh="训练时放过了只有一个样本的批次：它的无偏方差是 0/0，此后 σ̄² 一直是 nan。应当抛出 ValueError。",
)
class BatchNorm1d__allows_one_sample(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="The averages are updated before the batch is checked: after the ValueError they hold nan.",
    zh="检查批次之前就更新了滑动平均：抛出 ValueError 之后，里面已经是 nan。",
)
class BatchNorm1d__checks_too_late(ref.BatchNorm1d):
    def forward(self, z):
        if not self.training:
            return super().forward(z)
        self.mu_bar, self.var_bar = ref.update_running_stats(self.mu_bar, self.var_bar, z, self.p)
        if len(z) < 2:
            raise ValueError("a batch of one")
        return ref.batchnorm_train(z, self.gamma, self.beta, self.eps)


@wrong(
    en="A batch of one raises ValueError in evaluation mode too. There a single sample is quite all right.",
    zh="评估模式下，只有一个样本也抛出了 ValueError。那里单个样本完全没有问题。",
)
class BatchNorm1d__refuses_one_sample_always(ref.BatchNorm1d):
    def forward(self, z):
        if len(z) < 2:
            raise ValueError("a batch of one")
        return super().forward(z)


@wrong(
    en="γ starts at 0: then every output is β, and no gradient reaches z. It starts at 1.",
    zh="γ 从 0 开始：那样输出全是 β，也没有梯度传到 z。它应当从 1 开始。",
)
class BatchNorm1d__gamma_zero(ref.BatchNorm1d):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__(D, p, eps)
        self.gamma = nn.Parameter(torch.zeros(D))


@wrong(
    en="γ and β start at random values. They start as 1 and 0, so that at first the layer only normalises.",
    zh="γ 和 β 从随机值开始。它们应当从 1 和 0 开始，让这个层起初只做归一化。",
)
class BatchNorm1d__random_start(ref.BatchNorm1d):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__(D, p, eps)
        self.gamma = nn.Parameter(torch.randn(D))
        self.beta = nn.Parameter(torch.randn(D))


@wrong(
    en="σ̄² starts at 0: a layer that is tested before training divides by √ε. It starts at 1.",
    zh="σ̄² 从 0 开始：还没训练就测试时，会除以 √ε。它应当从 1 开始。",
)
class BatchNorm1d__variance_zero(ref.BatchNorm1d):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__(D, p, eps)
        self.var_bar.zero_()


@wrong(
    en="p is fixed at 0.9; the argument has no effect.",
    zh="p 写死成了 0.9，参数不起作用。",
)
class BatchNorm1d__fixed_p(ref.BatchNorm1d):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__(D, 0.9, eps)


@wrong(
    en="ε is fixed at 1e-5; the argument has no effect.",
    zh="ε 写死成了 1e-5，参数不起作用。",
)
class BatchNorm1d__fixed_eps(ref.BatchNorm1d):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__(D, p, 1e-5)


@wrong(
    en=(
        "p is 0.1 by default, as in PyTorch. But there it is the weight of the new batch; here the old "
        "value has 0.9."
    ),
    zh="p 默认成了 0.1，和 PyTorch 一样。但那里它是新批次的权重；这里旧值的权重是 0.9。",
)
class BatchNorm1d__torch_default(ref.BatchNorm1d):
    def __init__(self, D, p=0.1, eps=1e-5):
        super().__init__(D, p, eps)


@wrong(
    en="The tensors are created with the shape (1, D); asked for is (D,).",
    zh="张量的形状成了 (1, D)，要求的是 (D,)。",
)
class BatchNorm1d__row_shaped(ref.BatchNorm1d):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__(D, p, eps)
        self.gamma = nn.Parameter(torch.ones(1, D))
        self.beta = nn.Parameter(torch.zeros(1, D))
        self.mu_bar = torch.zeros(1, D)
        self.var_bar = torch.ones(1, D)


@wrong(
    en="The tensors are registered under other names: asked for are gamma, beta, mu_bar and var_bar.",
    zh="张量注册成了别的名字：要求的是 gamma、beta、mu_bar 和 var_bar。",
)
class BatchNorm1d__torch_names(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.weight = nn.Parameter(torch.ones(D))
        self.bias = nn.Parameter(torch.zeros(D))
        self.register_buffer("running_mean", torch.zeros(D))
        self.register_buffer("running_var", torch.ones(D))

    def forward(self, z):
        if not self.training:
            return ref.batchnorm_eval(
                z, self.weight, self.bias, self.running_mean, self.running_var, self.eps
            )
        if len(z) < 2:
            raise ValueError("a batch of one")
        new = ref.update_running_stats(self.running_mean, self.running_var, z, self.p)
        self.running_mean, self.running_var = new
        return ref.batchnorm_train(z, self.weight, self.bias, self.eps)


@wrong(
    en="`super().__init__()` is missing: an nn.Module cannot take parameters before it.",
    zh="缺了 `super().__init__()`：在它之前，nn.Module 还不能接收参数。",
)
class BatchNorm1d__no_super(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))


@wrong(
    en="PyTorch's own layer does the work inside. Build it from your functions.",
    zh="里面干活的是 PyTorch 自带的层。请用你自己的函数来搭。",
)
class BatchNorm1d__library(nn.Module):
    def __init__(self, D, p=0.9, eps=1e-5):
        super().__init__()
        self.p, self.eps = p, eps
        self.gamma = nn.Parameter(torch.ones(D))
        self.beta = nn.Parameter(torch.zeros(D))
        self.register_buffer("mu_bar", torch.zeros(D))
        self.register_buffer("var_bar", torch.ones(D))

    def forward(self, z):
        return nn.functional.batch_norm(
            z, self.mu_bar, self.var_bar, self.gamma, self.beta, self.training, 1 - self.p, self.eps
        )


# --- batchnorm_backward ----------------------------------------------------------------------------


@right
def batchnorm_backward__three_paths(z, gamma, dout, eps):
    N = z.shape[0]
    mu = z.mean(0)
    var = z.var(0, correction=0)
    z_tilde = (z - mu) / torch.sqrt(var + eps)
    d_tilde = dout * gamma
    d_var = (d_tilde * (z - mu)).sum(0) * -0.5 * (var + eps) ** -1.5
    d_mu = -(d_tilde / torch.sqrt(var + eps)).sum(0) + d_var * (-2 * (z - mu)).mean(0)
    dz = d_tilde / torch.sqrt(var + eps) + d_var * 2 * (z - mu) / N + d_mu / N
    return dz, (dout * z_tilde).sum(0), dout.sum(0)


@right
def batchnorm_backward__compact(z, gamma, dout, eps):
    N = len(z)
    inverse = torch.rsqrt(z.var(dim=0, unbiased=False) + eps)
    z_tilde = (z - z.mean(dim=0)) * inverse
    dbeta = torch.einsum("nd->d", dout)
    dgamma = torch.einsum("nd,nd->d", dout, z_tilde)
    dz = gamma * inverse / N * (N * dout - dbeta - z_tilde * dgamma)
    return [dz, dgamma, dbeta]


@right
def batchnorm_backward__jacobian(z, gamma, dout, eps):
    N = z.shape[0]
    unit = torch.eye(N, dtype=z.dtype, device=z.device)
    columns = []
    for i in range(z.shape[1]):
        c = z[:, i] - z[:, i].mean()
        s = (c @ c / N + eps).sqrt()
        jacobian = (unit - 1 / N) / s - torch.outer(c, c) / (N * s**3)
        columns.append(gamma[i] * (jacobian.T @ dout[:, i]))
    z_tilde = (z - z.mean(0)) / (z.var(0, correction=0) + eps).sqrt()
    return torch.stack(columns, dim=1), (dout * z_tilde).sum(0), dout.sum(0)


@right
def batchnorm_backward__statistics_first(z, gamma, dout, eps):
    var, mu = torch.var_mean(z, dim=0, correction=0, keepdim=True)
    s = (var + eps).sqrt()
    centred = z - mu
    dbeta = dout.sum(dim=0)
    dgamma = (dout * centred).sum(dim=0) / s.squeeze(0)
    centred_dout = dout - dout.mean(dim=0, keepdim=True)
    dz = gamma / s * (centred_dout - centred * (dout * centred).mean(dim=0) / s**2)
    return dz, dgamma, dbeta


@wrong(
    en=(
        "The path through μ is missing: every column of dz must sum to 0, because shifting a feature "
        "changes nothing."
    ),
    zh="漏了经过 μ 的路径：dz 每一列之和应为 0，因为整个特征一起平移，输出不变。",
)
def batchnorm_backward__forgets_mean_path(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    return (d - z_tilde * (d * z_tilde).mean(dim=0)) / s, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en=(
        "The path through σ² is missing: with a tiny ε the sum of dz · z in each column must be 0, because "
        "stretching a feature changes nothing."
    ),
    zh="漏了经过 σ² 的路径：ε 很小时，dz · z 每一列之和应为 0，因为整个特征一起伸缩，输出不变。",
)
def batchnorm_backward__forgets_var_path(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    return (d - d.mean(dim=0)) / s, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en="Only the direct path is there: μ and σ² were taken for constants. They depend on z as well.",
    zh="只有直接的那条路：μ 和 σ² 被当成了常数。它们也是 z 的函数。",
)
def batchnorm_backward__only_direct(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    return gamma * dout / s, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en="Sums are subtracted where means belong: for a dout that is the same in every row, dz must be 0.",
    zh="该减平均的地方减了总和：dout 的每一行都相同时，dz 应为 0。",
)
def batchnorm_backward__sum_not_mean(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    dz = (d - d.sum(dim=0) - z_tilde * (d * z_tilde).sum(dim=0)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en="γ is missing in dz: the output is γ times z̃, so the gradient is multiplied by γ too.",
    zh="dz 里缺了 γ：输出是 γ 乘以 z̃，所以梯度也要乘 γ。",
)
def batchnorm_backward__no_gamma(z, gamma, dout, eps):
    return ref.batchnorm_backward(z, torch.ones_like(gamma), dout, eps)


@wrong(
    en="dγ is computed with z where z̃ belongs: γ multiplies the normalised values.",
    zh="dγ 用了 z，而不是 z̃：γ 乘的是归一化之后的值。",
)
def batchnorm_backward__dgamma_uses_z(z, gamma, dout, eps):
    dz, _, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz, (dout * z).sum(dim=0), dbeta


@wrong(
    en="dγ is computed with z − μ: the division by √(σ² + ε) is missing.",
    zh="dγ 用了 z − μ：缺了除以 √(σ² + ε)。",
)
def batchnorm_backward__dgamma_not_scaled(z, gamma, dout, eps):
    dz, _, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz, (dout * (z - z.mean(dim=0))).sum(dim=0), dbeta


@wrong(
    en="dγ carries an extra factor γ. γ multiplies z̃; after differentiating by γ none of it is left.",
    zh="dγ 多乘了一个 γ。γ 乘的是 z̃，对 γ 求导之后 γ 就没有了。",
)
def batchnorm_backward__dgamma_times_gamma(z, gamma, dout, eps):
    dz, dgamma, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz, dgamma * gamma, dbeta


@wrong(
    en=(
        "dγ and dβ are averaged over the batch. Each sample adds its part: they are sums; dout holds the "
        "1/N already."
    ),
    zh="dγ 和 dβ 对批次求了平均。每个样本都贡献一份，应当求和；损失里的 1/N 已经在 dout 里了。",
)
def batchnorm_backward__mean_param_grads(z, gamma, dout, eps):
    dz, dgamma, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz, dgamma / len(z), dbeta / len(z)


@wrong(
    en="dγ and dβ were not summed over the batch: their shape is (N, D) where (D,) is asked for.",
    zh="dγ 和 dβ 没有对批次求和：形状是 (N, D)，要求的是 (D,)。",
)
def batchnorm_backward__not_summed(z, gamma, dout, eps):
    dz, _, _ = ref.batchnorm_backward(z, gamma, dout, eps)
    z_tilde = (z - z.mean(dim=0)) / (z.var(dim=0, correction=0) + eps).sqrt()
    return dz, dout * z_tilde, dout


@wrong(
    en="dγ and dβ have changed places. The order is (dz, dgamma, dbeta).",
    zh="dγ 和 dβ 对调了。顺序是 (dz, dgamma, dbeta)。",
)
def batchnorm_backward__swapped(z, gamma, dout, eps):
    dz, dgamma, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz, dbeta, dgamma


@wrong(
    en="dβ carries the factor γ. β is added at the very end, after γ, so γ does not reach it.",
    zh="dβ 多乘了 γ。β 是在乘过 γ 之后才加的，γ 影响不到它。",
)
def batchnorm_backward__dbeta_times_gamma(z, gamma, dout, eps):
    dz, dgamma, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz, dgamma, dbeta * gamma


@wrong(
    en="The path through σ² has the wrong sign: it takes away from the gradient what is proportional to z̃.",
    zh="经过 σ² 的那一项符号反了：它应当从梯度里去掉与 z̃ 成比例的部分。",
)
def batchnorm_backward__var_sign(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    dz = (d - d.mean(dim=0) + z_tilde * (d * z_tilde).mean(dim=0)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en=(
        "The last division by √(σ² + ε) is missing in dz: ten times larger z must give ten times smaller "
        "gradients."
    ),
    zh="dz 最后缺了除以 √(σ² + ε)：z 大十倍（ε 很小），梯度就该小十倍。",
)
def batchnorm_backward__no_scale(z, gamma, dout, eps):
    dz, dgamma, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz * (z.var(dim=0, correction=0) + eps).sqrt(), dgamma, dbeta


@wrong(
    en="dz is divided by the variance, not by its root.",
    zh="dz 除以了方差，没有开方。",
)
def batchnorm_backward__divides_by_var(z, gamma, dout, eps):
    dz, dgamma, dbeta = ref.batchnorm_backward(z, gamma, dout, eps)
    return dz / (z.var(dim=0, correction=0) + eps).sqrt(), dgamma, dbeta


@wrong(
    en="The variance divides by N − 1. In batchnorm_train it divides by N, so in its gradient too.",
    zh="方差除以了 N − 1。batchnorm_train 里除以 N，它的梯度也应如此。",
)
def batchnorm_backward__unbiased(z, gamma, dout, eps):
    s = (z.var(dim=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    dz = (d - d.mean(dim=0) - z_tilde * (d * z_tilde).mean(dim=0)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en="ε is missing: it stands in the root of the forward formula, and so it does in the gradient.",
    zh="缺了 ε：它在前向公式的根号里，梯度里也一样有它。",
)
def batchnorm_backward__no_eps(z, gamma, dout, eps):
    return ref.batchnorm_backward(z, gamma, dout, 0.0)


@wrong(
    en="ε is fixed at 1e-5; the argument `eps` has no effect.",
    zh="ε 写死成了 1e-5，参数 `eps` 不起作用。",
)
def batchnorm_backward__fixed_eps(z, gamma, dout, eps):
    return ref.batchnorm_backward(z, gamma, dout, 1e-5)


@wrong(
    en="ε is added to σ, outside the root. In the forward formula it is inside: √(σ² + ε).",
    zh="ε 加在了根号外面的 σ 上。前向公式里它在根号里面：√(σ² + ε)。",
)
def batchnorm_backward__eps_outside(z, gamma, dout, eps):
    s = z.std(dim=0, correction=0) + eps
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    dz = (d - d.mean(dim=0) - z_tilde * (d * z_tilde).mean(dim=0)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en=(
        "z̃ is missing behind the mean: ⟨d z̃⟩ alone is the same for all samples, but each is stretched by "
        "its own z̃."
    ),
    zh="⟨d z̃⟩ 后面少乘了 z̃：单独的平均对所有样本都相同，而每个样本的伸缩取决于它自己的 z̃。",
)
def batchnorm_backward__no_z_tilde(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    d = gamma * dout
    dz = (d - d.mean(dim=0) - (d * z_tilde).mean(dim=0)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en="The means are over the features of each sample. They are over the batch, feature by feature.",
    zh="平均是对每个样本的各个特征求的。应当逐个特征，对批次求平均。",
)
def batchnorm_backward__wrong_axis(z, gamma, dout, eps):
    s = (z.var(dim=1, correction=0, keepdim=True) + eps).sqrt()
    z_tilde = (z - z.mean(dim=1, keepdim=True)) / s
    d = gamma * dout
    dz = (d - d.mean(dim=1, keepdim=True) - z_tilde * (d * z_tilde).mean(dim=1, keepdim=True)) / s
    return dz, (dout * z_tilde).sum(dim=0), dout.sum(dim=0)


@wrong(
    en="This is what automatic differentiation says. Here the formula is asked for.",
    zh="这是自动求导给出的结果。这里要你写出公式。",
)
def batchnorm_backward__autograd(z, gamma, dout, eps):
    z, gamma = z.detach().requires_grad_(), gamma.detach().requires_grad_()
    beta = torch.zeros_like(gamma, requires_grad=True)
    out = ref.batchnorm_train(z, gamma, beta, eps)
    return torch.autograd.grad(out, [z, gamma, beta], dout)


@wrong(
    en="`dout *= …` changes the caller's gradient, which others may still need. Make a new tensor.",
    zh="`dout *= …` 改动了调用者的梯度，别处可能还要用。应当新建一个张量。",
)
def batchnorm_backward__in_place(z, gamma, dout, eps):
    s = (z.var(dim=0, correction=0) + eps).sqrt()
    z_tilde = (z - z.mean(dim=0)) / s
    dgamma, dbeta = (dout * z_tilde).sum(dim=0), dout.sum(dim=0)
    dout *= gamma
    return (dout - dout.mean(dim=0) - z_tilde * (dout * z_tilde).mean(dim=0)) / s, dgamma, dbeta


# --- batchnorm2d -----------------------------------------------------------------------------------


@right
def batchnorm2d__as_rows(x, gamma, beta, eps):
    N, C, H, W = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(-1, C)
    return ref.batchnorm_train(rows, gamma, beta, eps).reshape(N, H, W, C).permute(0, 3, 1, 2)


@right
def batchnorm2d__channel_by_channel(x, gamma, beta, eps):
    channels = []
    for c in range(x.shape[1]):
        values = x[:, c] - x[:, c].mean()
        channels.append(gamma[c] * values / (values.square().mean() + eps).sqrt() + beta[c])
    return torch.stack(channels, dim=1)


@right
def batchnorm2d__flattened(x, gamma, beta, eps):
    C = x.shape[1]
    flat = x.transpose(0, 1).flatten(start_dim=1)
    var, mu = torch.var_mean(flat, dim=1, unbiased=False)
    scale = gamma / torch.sqrt(var + eps)
    return x * scale.reshape(1, C, 1, 1) + (beta - mu * scale).view(1, C, 1, 1)


@right
def batchnorm2d__einsum(x, gamma, beta, eps):
    n = x.numel() // x.shape[1]
    mu = torch.einsum("nchw->c", x) / n
    centred = x - mu[:, None, None]
    var = torch.einsum("nchw,nchw->c", centred, centred) / n
    return torch.einsum("nchw,c->nchw", centred, gamma * (var + eps) ** -0.5) + beta[None, :, None, None]


@wrong(
    en=(
        "Every pixel has statistics of its own, over the samples alone. A channel is one feature, seen at "
        "all pixels: take them over samples and pixels."
    ),
    zh=(
        "每个像素都各有一套统计量，只在样本间求。一个通道是一个特征，在所有像素上都能看到："
        "要对样本和像素一起求。"
    ),
)
def batchnorm2d__over_samples_only(x, gamma, beta, eps):
    mu, var = x.mean(dim=0), x.var(dim=0, correction=0)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]


@wrong(
    en="The statistics mix the channels of each pixel. Channels are different features and stay apart.",
    zh="统计量把每个像素的各个通道混在了一起。不同通道是不同的特征，应当分开。",
)
def batchnorm2d__over_channels(x, gamma, beta, eps):
    mu = x.mean(dim=1, keepdim=True)
    var = x.var(dim=1, correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]


@wrong(
    en=(
        "Each image is normalised by itself (that is instance normalisation). The batch is part of the "
        "statistics."
    ),
    zh="每张图像各自归一化了（那是实例归一化）。统计时应当把整个批次算进去。",
)
def batchnorm2d__per_image(x, gamma, beta, eps):
    mu = x.mean(dim=(2, 3), keepdim=True)
    var = x.var(dim=(2, 3), correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]


@wrong(
    en=(
        "Each image is normalised over all its channels and pixels (layer normalisation). Channels stay "
        "apart."
    ),
    zh="每张图像在所有通道和像素上一起归一化了（那是层归一化）。不同通道应当分开。",
)
def batchnorm2d__per_image_all_channels(x, gamma, beta, eps):
    mu = x.mean(dim=(1, 2, 3), keepdim=True)
    var = x.var(dim=(1, 2, 3), correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]


@wrong(
    en="One mean and one variance for everything. Each channel has its own.",
    zh="所有数据共用了一个均值和一个方差。每个通道应当各有一个。",
)
def batchnorm2d__global_stats(x, gamma, beta, eps):
    return gamma[:, None, None] * (x - x.mean()) / (x.var(correction=0) + eps).sqrt() + beta[:, None, None]


@wrong(
    en=(
        "`reshape(-1, C)` without moving C to the end: neighbouring pixels of one channel land in different "
        "columns, and channels are scrambled."
    ),
    zh="没有先把 C 移到最后就 `reshape(-1, C)`：同一通道的相邻像素落到了不同的列里，通道全乱了。",
)
def batchnorm2d__scrambled(x, gamma, beta, eps):
    return ref.batchnorm_train(x.reshape(-1, x.shape[1]), gamma, beta, eps).reshape(x.shape)


@wrong(
    en=(
        "The way there is right, the way back is not: reshaping (N·H·W, C) straight to (N, C, H, W) "
        "scrambles it."
    ),
    zh="去的路对，回来的路错了：把 (N·H·W, C) 直接 reshape 成 (N, C, H, W)，数据就乱了。",
)
def batchnorm2d__scrambled_back(x, gamma, beta, eps):
    rows = x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])
    return ref.batchnorm_train(rows, gamma, beta, eps).reshape(x.shape)


@wrong(
    en="The channels stand at the end: the result is (N, H, W, C). Move them back to the second place.",
    zh="通道跑到了最后：结果是 (N, H, W, C)。要把它移回第二维。",
)
def batchnorm2d__channels_at_end(x, gamma, beta, eps):
    N, C, H, W = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(-1, C)
    return ref.batchnorm_train(rows, gamma, beta, eps).reshape(N, H, W, C)


@wrong(
    en="γ and β line up with the last dimension, the columns of the image. They belong to the channels.",
    zh="γ 和 β 对齐到了最后一维，也就是图像的列。它们属于通道。",
)
def batchnorm2d__affine_along_width(x, gamma, beta, eps):
    mu = x.mean(dim=(0, 2, 3), keepdim=True)
    var = x.var(dim=(0, 2, 3), correction=0, keepdim=True)
    return gamma * (x - mu) / (var + eps).sqrt() + beta


@wrong(
    en="The variance divides by N·H·W − 1. For normalising the batch it divides by N·H·W.",
    zh="方差除以了 N·H·W − 1。归一化批次时应除以 N·H·W。",
)
def batchnorm2d__unbiased(x, gamma, beta, eps):
    mu = x.mean(dim=(0, 2, 3), keepdim=True)
    var = x.var(dim=(0, 2, 3), keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]


@wrong(
    en="γ and β are not used: try γ = 2, β = 1, and nothing changes.",
    zh="没有用到 γ 和 β：换成 γ = 2、β = 1 试试，结果不变。",
)
def batchnorm2d__no_affine(x, gamma, beta, eps):
    return ref.batchnorm2d(x, torch.ones_like(gamma), torch.zeros_like(beta), eps)


@wrong(
    en="γ and β have changed places: the mean of a channel must be its β.",
    zh="γ 和 β 对调了：每个通道的均值应当是它的 β。",
)
def batchnorm2d__swap_gb(x, gamma, beta, eps):
    return ref.batchnorm2d(x, beta, gamma, eps)


@wrong(
    en="ε is added to σ, outside the root. It belongs to the variance: √(σ² + ε).",
    zh="ε 加在了根号外面的 σ 上。它应当加在方差上：√(σ² + ε)。",
)
def batchnorm2d__eps_outside(x, gamma, beta, eps):
    mu = x.mean(dim=(0, 2, 3), keepdim=True)
    std = x.std(dim=(0, 2, 3), correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (std + eps) + beta[:, None, None]


@wrong(
    en="ε is missing: a channel with one value everywhere becomes 0/0.",
    zh="缺了 ε：某个通道处处取值相同时，就成了 0/0。",
)
def batchnorm2d__no_eps(x, gamma, beta, eps):
    return ref.batchnorm2d(x, gamma, beta, 0.0)


@wrong(
    en="Divided by the variance instead of its root.",
    zh="除以了方差，没有开方。",
)
def batchnorm2d__divides_by_var(x, gamma, beta, eps):
    mu = x.mean(dim=(0, 2, 3), keepdim=True)
    var = x.var(dim=(0, 2, 3), correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps) + beta[:, None, None]


@wrong(
    en=(
        "The values are right, the gradients are not: μ and σ² are treated as constants, but they depend "
        "on x."
    ),
    zh="前向对，但梯度没有流过 μ、σ：它们被当成了常数，其实它们依赖于 x。",
)
def batchnorm2d__detached(x, gamma, beta, eps):
    mu = x.detach().mean(dim=(0, 2, 3), keepdim=True)
    var = x.detach().var(dim=(0, 2, 3), correction=0, keepdim=True)
    return gamma[:, None, None] * (x - mu) / (var + eps).sqrt() + beta[:, None, None]


@wrong(
    en="The library does the work here. Write the formula yourself.",
    zh="这里是库在干活。请自己写出公式。",
)
def batchnorm2d__library(x, gamma, beta, eps):
    return nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
