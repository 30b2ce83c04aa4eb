"""Implementations of lecture 10, Transformer, that are right, accepted, and wrong."""

import math
import warnings

import numpy as np
import torch
from torch.nn import functional

from autograder.course import reference
from autograder.variant import equivalent, right, wrong

ref = reference("lecture10_transformer")

# --- multiclass_predict ---------------------------------------------------------------------------


@right
def multiclass_predict__max_indices(logits):
    return torch.max(logits, dim=-1).indices


@right
def multiclass_predict__after_softmax(logits):
    # The logarithm of softmax keeps the order, and very close logits apart.
    return torch.log_softmax(logits.double(), dim=1).topk(1, dim=1).indices.squeeze(1)


@right
def multiclass_predict__sorted(logits):
    return logits.argsort(dim=1, descending=True)[:, 0]


@right
def multiclass_predict__class_by_class(logits):
    best, chosen = logits[:, 0], torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
    for c in range(1, logits.shape[1]):
        larger = logits[:, c] > best
        best = torch.where(larger, logits[:, c], best)
        chosen = torch.where(larger, torch.full_like(chosen, c), chosen)
    return chosen


@wrong(
    en=(
        "This is the multi-label answer, a yes or no for every class. The notes exchange the two names; "
        "multi-class means one class for each sample, so the result is (N,)."
    ),
    zh="这是多标签的回答：每个类别各一个是或否。笔记把两个名字写反了；多类别是每个样本一个类别，结果的形状是 (N,)。",
)
def multiclass_predict__multilabel(logits):
    return (torch.sigmoid(logits) > 0.5).long()


@wrong(
    en="The largest logit of each column was looked for. A row is a sample: the result has one entry for each row.",
    zh="你找的是每一列的最大 logit。一行才是一个样本：每行对应结果里的一个数。",
)
def multiclass_predict__wrong_axis(logits):
    return logits.argmax(dim=0)


@wrong(
    en="This is the largest logit itself. What is asked for is its place in the row, the number of the class.",
    zh="你返回的是最大的 logit 本身。要的是它在这一行里的位置，也就是类别的编号。",
)
def multiclass_predict__values(logits):
    return logits.max(dim=1).values


@wrong(
    en="These are the probabilities of all classes. A prediction names one class for each sample.",
    zh="这是所有类别的概率。预测要为每个样本指出一个类别。",
)
def multiclass_predict__probabilities(logits):
    return torch.softmax(logits, dim=1)


@wrong(
    en="The class is marked by a one-hot row. The number of the class is asked for: shape (N,).",
    zh="你用独热的一行标出了类别。要的是类别的编号：形状 (N,)。",
)
def multiclass_predict__one_hot_rows(logits):
    return functional.one_hot(logits.argmax(dim=1), logits.shape[1])


@wrong(
    en="This is the class with the smallest logit. The largest one wins.",
    zh="这是 logit 最小的类别。获胜的应是最大的。",
)
def multiclass_predict__smallest(logits):
    return logits.argmin(dim=1)


@wrong(
    en="The classes are counted from 1. The first one has the number 0.",
    zh="类别从 1 开始数了。第一个类别的编号是 0。",
)
def multiclass_predict__one_based(logits):
    return logits.argmax(dim=1) + 1


@wrong(
    en="One answer for the whole batch: without dim, argmax counts through the flattened tensor.",
    zh="整个批次只得到一个答案：argmax 不给 dim 时，是在摊平的张量里数位置。",
)
def multiclass_predict__whole_batch(logits):
    return logits.argmax()


@wrong(
    en="A dimension too many: keepdim leaves (N, 1) where (N,) is asked for.",
    zh="多了一维：keepdim 留下的是 (N, 1)，要的是 (N,)。",
)
def multiclass_predict__keeps_dimension(logits):
    return logits.argmax(dim=1, keepdim=True)


@wrong(
    en="The largest absolute value wins here. A logit of −5 speaks against its class, not for it.",
    zh="你比的是绝对值。logit 为 −5 是反对这个类别，不是支持它。",
)
def multiclass_predict__largest_absolute(logits):
    return logits.abs().argmax(dim=1)


@wrong(
    en=(
        "The first class with a positive logit is taken, and class 0 where there is none. The largest wins, whatever "
        "its sign."
    ),
    zh="取的是第一个 logit 为正的类别，没有正的就取第 0 类。应当是最大的获胜，不管正负。",
)
def multiclass_predict__first_positive(logits):
    return (logits > 0).long().argmax(dim=1)


@wrong(
    en="The right numbers, but as floating numbers. Class numbers are int64.",
    zh="数对了，但成了浮点数。类别编号应是 int64。",
)
def multiclass_predict__floating(logits):
    return logits.argmax(dim=1).to(logits.dtype)


@wrong(
    en=(
        "exp(1000) is inf, and inf / inf is nan: where logits are large, the answer is luck. The order of the logits "
        "is enough; no exponential is needed."
    ),
    zh="exp(1000) 是 inf，inf / inf 是 nan：logits 很大时，答案全凭运气。比较 logits 的大小就够了，用不着指数。",
)
def multiclass_predict__overflowing_softmax(logits):
    e = logits.exp()
    return (e / e.sum(dim=1, keepdim=True)).argmax(dim=1)


# --- multilabel_predict ---------------------------------------------------------------------------


@right
def multilabel_predict__logit_of_threshold(logits, thr=0.5):
    return (logits > math.log(thr / (1 - thr))).to(torch.int64)


@right
def multilabel_predict__where(logits, thr=0.5):
    p = 1 / (1 + torch.exp(-logits))
    return torch.where(p > thr, 1, 0)


@right
def multilabel_predict__filled(logits, thr=0.5):
    answer = torch.zeros_like(logits, dtype=torch.long)
    answer[logits.sigmoid() >= thr] = 1
    return answer


@wrong(
    en=(
        "Softmax lets the labels compete: together they sum to 1, so two labels can hardly both exceed 0.5. "
        "Each label has a probability of its own."
    ),
    zh="softmax 让标签互相竞争：它们加起来是 1，两个标签几乎不可能都超过 0.5。每个标签应有自己单独的概率。",
)
def multilabel_predict__softmax_threshold(logits, thr=0.5):
    return (torch.softmax(logits, dim=1) > thr).long()


@wrong(
    en=(
        "Exactly one label for each sample: that is multi-class (the notes exchange the two). Look at a row with two "
        "positive logits, and at one with none."
    ),
    zh="每个样本恰好一个标签：那是多类别（笔记把两者写反了）。看看有两个正 logit 的一行，和一个也没有的一行。",
)
def multilabel_predict__argmax_one(logits, thr=0.5):
    return functional.one_hot(logits.argmax(dim=1), logits.shape[1])


@wrong(
    en="The threshold is compared with the logit itself. It is meant for probabilities: a logit of 0.3 is σ = 0.57.",
    zh="你拿 logit 本身去比阈值。阈值是对概率说的：logit 为 0.3 时，σ = 0.57。",
)
def multilabel_predict__raw_logit_threshold(logits, thr=0.5):
    return (logits > thr).long()


@wrong(
    en="These are the places of the labels, as a list of pairs. Each label of each sample wants a 0 or a 1: shape (N, C).",
    zh="这是标签所在位置的列表。每个样本的每个标签都要一个 0 或 1：形状 (N, C)。",
)
def multilabel_predict__indices(logits, thr=0.5):
    return (torch.sigmoid(logits) > thr).nonzero()


@wrong(
    en="Always the two largest get a 1. How many labels apply differs from sample to sample, and may be none.",
    zh="总是给最大的两个标 1。每个样本有几个标签并不固定，也可能一个都没有。",
)
def multilabel_predict__top2(logits, thr=0.5):
    best = logits.topk(min(2, logits.shape[1]), dim=1).indices
    return torch.zeros_like(logits, dtype=torch.int64).scatter(1, best, 1)


@wrong(
    en="The argument thr is not used: 0.5 is written into the code. Try thr=0.8.",
    zh="参数 thr 没有用上：代码里写死了 0.5。试试 thr=0.8。",
)
def multilabel_predict__ignores_threshold(logits, thr=0.5):
    return (torch.sigmoid(logits) > 0.5).long()


@wrong(
    en="Yes and no are exchanged: 1 stands where the probability is below the threshold.",
    zh="是和否颠倒了：概率低于阈值的地方成了 1。",
)
def multilabel_predict__inverted(logits, thr=0.5):
    return (torch.sigmoid(logits) < thr).long()


@wrong(
    en="True and False are not yet the numbers 1 and 0: the result must be int64.",
    zh="True 和 False 还不是数 1 和 0：结果必须是 int64。",
)
def multilabel_predict__truth_values(logits, thr=0.5):
    return torch.sigmoid(logits) > thr


@wrong(
    en="The zeros and ones are floating numbers. The result must be int64.",
    zh="得到的 0 和 1 是浮点数。结果必须是 int64。",
)
def multilabel_predict__floating(logits, thr=0.5):
    return (torch.sigmoid(logits) > thr).to(logits.dtype)


@wrong(
    en="These are the probabilities. The decision is missing: 1 above the threshold, 0 below.",
    zh="这是概率，还差一步决定：超过阈值为 1，否则为 0。",
)
def multilabel_predict__probabilities(logits, thr=0.5):
    return torch.sigmoid(logits)


@wrong(
    en="Where no label is above the threshold, you add the best one. A sample may have no label at all.",
    zh="没有标签超过阈值时，你补上了最大的那个。一个样本完全可以没有标签。",
)
def multilabel_predict__at_least_one(logits, thr=0.5):
    answer = (torch.sigmoid(logits) > thr).long()
    best = functional.one_hot(logits.argmax(dim=1), logits.shape[1])
    return torch.where(answer.sum(dim=1, keepdim=True) == 0, best, answer)


@wrong(
    en="The probabilities are divided by the largest of their row. A label's probability does not depend on the others.",
    zh="你把概率除以了这一行里最大的概率。一个标签的概率与别的标签无关。",
)
def multilabel_predict__relative_to_the_best(logits, thr=0.5):
    p = torch.sigmoid(logits)
    return (p / p.amax(dim=1, keepdim=True) > thr).long()


@wrong(
    en="e^x / (1 + e^x) overflows: for a logit of 1000 it is inf / inf, which is nan, and nan exceeds nothing.",
    zh="e^x / (1 + e^x) 会溢出：logit 为 1000 时是 inf / inf，得到 nan，而 nan 不大于任何数。",
)
def multilabel_predict__overflowing_sigmoid(logits, thr=0.5):
    return (logits.exp() / (1 + logits.exp()) > thr).long()


@wrong(
    en="Rounding σ(logit) − thr gives 1 only from thr + 0.5 on. Compare with thr; do not round.",
    zh="对 σ(logit) − thr 四舍五入，要到 thr + 0.5 以上才得到 1。请直接与 thr 比较，不要四舍五入。",
)
def multilabel_predict__rounded_difference(logits, thr=0.5):
    return (torch.sigmoid(logits) - thr).round().clamp(min=0).long()


@wrong(
    en="tanh runs from −1 to 1 and is no probability: at a logit of 0 it is 0, and σ is 0.5.",
    zh="tanh 的范围是 −1 到 1，不是概率：logit 为 0 时它是 0，而 σ 是 0.5。",
)
def multilabel_predict__tanh(logits, thr=0.5):
    return (torch.tanh(logits) > thr).long()


# --- layer_norm -----------------------------------------------------------------------------------


@right
def layer_norm__var_mean(x, gamma=None, beta=None, eps=1e-5):
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    out = (x - mean) * torch.rsqrt(variance + eps)
    if gamma is not None:
        out = gamma * out
    return out if beta is None else out + beta


@right
def layer_norm__einsum(x, gamma=None, beta=None, eps=1e-5):
    d = x.shape[-1]
    gamma = x.new_ones(d) if gamma is None else gamma
    beta = x.new_zeros(d) if beta is None else beta
    away = x - torch.einsum("...i->...", x)[..., None] / d
    scale = (torch.einsum("...i,...i->...", away, away) / d + eps) ** -0.5
    return torch.einsum("...i,...,i->...i", away, scale, gamma) + beta


@right
def layer_norm__norm_and_addcmul(x, gamma=None, beta=None, eps=1e-5):
    mean = x.sum(dim=-1).unsqueeze(-1).div(x.size(-1))
    sigma = ((x - mean).pow(2).sum(-1, keepdim=True) / x.size(-1) + eps).sqrt()
    y = torch.div(x - mean, sigma)
    y = y * gamma if gamma is not None else y
    y = y + beta if beta is not None else y
    return y


@right
def layer_norm__flattened(x, gamma=None, beta=None, eps=1e-5):
    flat = x.reshape(-1, x.shape[-1])
    mu = flat.mean(1)
    var = torch.var(flat, dim=1, unbiased=False)
    y = ((flat - mu[:, None]) / torch.sqrt(var[:, None] + eps)).view(x.shape)
    return (1 if gamma is None else gamma) * y + (0 if beta is None else beta)


def _affine(y, gamma, beta):
    y = y if gamma is None else y * gamma
    return y if beta is None else y + beta


def _spread(of, x, dim, correction):
    """``of`` is torch.var or torch.std. Over a single number they warn, and the student would read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return of(x, dim, correction=correction, keepdim=True)


def _moments(x, dim, correction=0):
    return x.mean(dim, keepdim=True), _spread(torch.var, x, dim, correction)


@wrong(
    en=(
        "Mean and variance run over the first dimension, across the batch. That is batch normalisation: look at a "
        "row's mean, it must be 0."
    ),
    zh="均值和方差沿第一维求，横跨了整个批次，那是批次标准化。看看一行的平均，应当是 0。",
)
def layer_norm__batch_axis(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, 0)
    return _affine((x - mean) / (var + eps).sqrt(), gamma, beta)


@wrong(
    en=(
        "Mean and variance run over the tokens (dimension −2). Each token is normalised by itself, over its own "
        "features."
    ),
    zh="均值和方差沿 token（倒数第二维）求了。每个 token 应当单独标准化，沿自己的特征求。",
)
def layer_norm__token_axis(x, gamma=None, beta=None, eps=1e-5):
    dim = -2 if x.dim() > 1 else -1
    mean, var = _moments(x, dim)
    return _affine((x - mean) / (var + eps).sqrt(), gamma, beta)


@wrong(
    en=(
        "All dimensions but the first are taken together, as is done for images. In a sentence every token has its "
        "own mean and variance."
    ),
    zh="你把除第一维以外的各维合在一起求了，那是图像的习惯。句子里每个 token 有自己的均值和方差。",
)
def layer_norm__all_but_batch(x, gamma=None, beta=None, eps=1e-5):
    dims = tuple(range(1, x.dim())) or (0,)
    mean, var = _moments(x, dims)
    return _affine((x - mean) / (var + eps).sqrt(), gamma, beta)


@wrong(
    en="One mean and one variance for the whole tensor. Every token needs its own: the mean of each row must be 0.",
    zh="整个张量只用了一个均值和一个方差。每个 token 要有自己的：每行的平均应当是 0。",
)
def layer_norm__whole_tensor(x, gamma=None, beta=None, eps=1e-5):
    return _affine((x - x.mean()) / (x.var(correction=0) + eps).sqrt(), gamma, beta)


@wrong(
    en="The variance divides by d − 1 (torch's default). Here it divides by d: (1, 2, 3) must become (−1.22, 0, 1.22).",
    zh="方差除以了 d − 1（torch 的默认）。这里应除以 d：(1, 2, 3) 应变成 (−1.22, 0, 1.22)。",
)
def layer_norm__unbiased(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1, correction=1)
    return _affine((x - mean) / (var + eps).sqrt(), gamma, beta)


@wrong(
    en="ε is added to σ, outside the root. It belongs to σ², under the root; with eps=0.3 the difference is plain.",
    zh="ε 加在了 σ 上，在根号外面。它应当和 σ² 一起在根号里面；取 eps=0.3，差别一目了然。",
)
def layer_norm__eps_outside(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / ((var + 0).sqrt() + eps), gamma, beta)


@wrong(
    en=(
        "Two slips at once, copied from a well-known tutorial: the deviation divides by d − 1, and ε stands outside "
        "the root."
    ),
    zh="两处同时错了，来自一份有名的教程：标准差除以了 d − 1，而且 ε 在根号外面。",
)
def layer_norm__annotated_transformer(x, gamma=None, beta=None, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    std = _spread(torch.std, x, -1, 1)
    return _affine((x - mean) / (std + eps), gamma, beta)


@wrong(
    en="The root is taken twice: std is a root already, and sqrt(std + ε) is not σ. Rows of different scale stay different.",
    zh="开了两次根号：std 已经开过根号了，sqrt(std + ε) 不是 σ。尺度不同的行，结果的尺度仍然不同。",
)
def layer_norm__sqrt_of_std(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / (var.sqrt() + eps).sqrt(), gamma, beta)


@wrong(
    en="The mean is not taken away: this is RMS normalisation. The rows' means must be 0.",
    zh="没有减去均值：这是 RMS 标准化。每行的平均应当是 0。",
)
def layer_norm__rms_no_mean(x, gamma=None, beta=None, eps=1e-5):
    return _affine(x / (x.square().mean(-1, keepdim=True) + eps).sqrt(), gamma, beta)


@wrong(
    en=(
        "The mean is taken away, but the division is by the root mean square of x before that. The rows' variance "
        "is not 1."
    ),
    zh="减去了均值，但除的是 x 本身（没减均值）的均方根。每行的方差不是 1。",
)
def layer_norm__rms_of_uncentred(x, gamma=None, beta=None, eps=1e-5):
    rms = (x.square().mean(-1, keepdim=True) + eps).sqrt()
    return _affine((x - x.mean(-1, keepdim=True)) / rms, gamma, beta)


@wrong(
    en=(
        "The values are right, but μ and σ are cut off from the gradient (detach, or no_grad). Both depend on x, and "
        "the gradient must know."
    ),
    zh="数值是对的，但 μ 和 σ 与梯度断开了（detach 或 no_grad）。两者都依赖于 x，梯度也要经过它们。",
)
def layer_norm__detached(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x.detach(), -1)
    return _affine((x - mean) / (var + eps).sqrt(), gamma, beta)


@wrong(
    en="The gradient does not flow through σ, only through μ. The values do not show it; compare gradients.",
    zh="梯度只流过了 μ，没有流过 σ。从数值上看不出来，要比较梯度。",
)
def layer_norm__detached_deviation(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / (var + eps).sqrt().detach(), gamma, beta)


@wrong(
    en="γ and β are not used. The notes say that layer normalisation has none; the original does, and so does torch's.",
    zh="γ 和 β 没有用上。笔记说层标准化没有它们，但原始的层标准化有，torch 的也有。",
)
def layer_norm__no_affine(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return (x - mean) / (var + eps).sqrt()


@wrong(
    en="γ and β are used only if both are given. Each may be None by itself: try β alone.",
    zh="只有 γ 和 β 都给出时才用上了它们。两者可以单独为 None：试试只给 β。",
)
def layer_norm__both_or_none(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    y = (x - mean) / (var + eps).sqrt()
    return y * gamma + beta if gamma is not None and beta is not None else y


@wrong(
    en="β is added before γ multiplies, so that γ scales it too. First multiply by γ, then add β.",
    zh="先加了 β 再乘 γ，β 也被放大了。应当先乘 γ，再加 β。",
)
def layer_norm__beta_before_gamma(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    y = (x - mean) / (var + eps).sqrt()
    y = y if beta is None else y + beta
    return y if gamma is None else y * gamma


@wrong(
    en="γ is used as 1 + γ. That is how some libraries store it; here γ itself multiplies.",
    zh="你乘的是 1 + γ。有些库是这样存的，这里乘的就是 γ 本身。",
)
def layer_norm__one_plus_gamma(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / (var + eps).sqrt(), None if gamma is None else 1 + gamma, beta)


@wrong(
    en="The argument eps is not used: 1e-5 is written into the code. Try eps=0.3.",
    zh="参数 eps 没有用上：代码里写死了 1e-5。试试 eps=0.3。",
)
def layer_norm__fixed_eps(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / (var + 1e-5).sqrt(), gamma, beta)


@wrong(
    en="ε is squared before it is added. It is added to σ² as it is.",
    zh="加上去的是 ε 的平方。应当把 ε 原样加到 σ² 上。",
)
def layer_norm__eps_squared(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / (var + eps**2).sqrt(), gamma, beta)


@wrong(
    en="ε is used as a lower bound of σ² (clamp, or maximum). It is added.",
    zh="你把 ε 当作 σ² 的下限（clamp 或 maximum）。应当是加上去。",
)
def layer_norm__eps_as_bound(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / var.clamp(min=eps).sqrt(), gamma, beta)


@wrong(
    en="The division is by the variance; the root is missing. Rows of different scale stay different.",
    zh="除以的是方差，漏了开根号。尺度不同的行，结果的尺度仍然不同。",
)
def layer_norm__no_root(x, gamma=None, beta=None, eps=1e-5):
    mean, var = _moments(x, -1)
    return _affine((x - mean) / (var + eps), gamma, beta)


@wrong(
    en="The mean is taken away, but nothing is divided: the rows keep their different scales.",
    zh="只减去了均值，没有除以任何东西：各行的尺度依旧不同。",
)
def layer_norm__only_centred(x, gamma=None, beta=None, eps=1e-5):
    return _affine(x - x.mean(-1, keepdim=True), gamma, beta)


@wrong(
    en="The sum of squares is not divided by d, so the rows come out √d times too small.",
    zh="平方和没有除以 d，结果小了 √d 倍。",
)
def layer_norm__sum_of_squares(x, gamma=None, beta=None, eps=1e-5):
    away = x - x.mean(-1, keepdim=True)
    return _affine(away / (away.square().sum(-1, keepdim=True) + eps).sqrt(), gamma, beta)


@wrong(
    en="The mean absolute deviation is not σ. Square, average, then take the root.",
    zh="平均绝对偏差不是 σ。要先平方、再平均、最后开根号。",
)
def layer_norm__absolute_deviation(x, gamma=None, beta=None, eps=1e-5):
    away = x - x.mean(-1, keepdim=True)
    return _affine(away / (away.abs().mean(-1, keepdim=True) + eps), gamma, beta)


@wrong(
    en=(
        "σ² as mean(x²) − mean(x)² is the same on paper, but in float32 the difference of two numbers near a million "
        "has lost its digits. Take the mean away first, then square."
    ),
    zh=(
        "σ² 写成 mean(x²) − mean(x)²，在纸上是一样的，但用 float32 时，两个一百万左右的数相减，有效数字都丢了。"
        "先减去均值，再平方。"
    ),
)
def layer_norm__one_pass_variance(x, gamma=None, beta=None, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    var = (x * x).mean(-1, keepdim=True) - mean * mean
    return _affine((x - mean) / (var + eps).sqrt(), gamma, beta)


@wrong(
    en="The rows are scaled to lie between 0 and 1 (minimum and maximum). Layer normalisation uses mean and variance.",
    zh="你把每行缩放到了 0 和 1 之间（最小值、最大值）。层标准化用的是均值和方差。",
)
def layer_norm__min_max(x, gamma=None, beta=None, eps=1e-5):
    low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
    return _affine((x - low) / (high - low + eps), gamma, beta)


@wrong(
    en="x itself is changed (by -= or /=). The argument belongs to the caller: make a new tensor.",
    zh="你修改了 x 本身（用了 -= 或 /=）。参数是调用者的：请生成新的张量。",
)
def layer_norm__in_place(x, gamma=None, beta=None, eps=1e-5):
    y = x if not x.requires_grad else x.clone()
    y -= y.mean(-1, keepdim=True).clone()
    y = y / (y.square().mean(-1, keepdim=True) + eps).sqrt()
    return _affine(y, gamma, beta)


# --- add_and_norm ---------------------------------------------------------------------------------


@right
def add_and_norm__by_torch(x, sub, gamma=None, beta=None, eps=1e-5):
    return functional.layer_norm(x + sub, x.shape[-1:], gamma, beta, eps)


@right
def add_and_norm__by_hand(x, sub, gamma=None, beta=None, eps=1e-5):
    h = torch.add(sub, x)
    h = h - h.mean(-1, keepdim=True)
    h = h / torch.sqrt(h.pow(2).mean(-1, keepdim=True) + eps)
    if gamma is not None:
        h = h * gamma
    if beta is not None:
        h = h + beta
    return h


@right
def add_and_norm__stacked(x, sub, gamma=None, beta=None, eps=1e-5):
    total = torch.stack([x, sub]).sum(dim=0)
    return ref.layer_norm(total, beta=beta, gamma=gamma, eps=eps)


@wrong(
    en="The residual is missing: x does not appear in the result. Try a sub of zeros.",
    zh="漏了残差：结果里没有 x。试试全为 0 的 sub。",
)
def add_and_norm__no_residual(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(sub, gamma, beta, eps)


@wrong(
    en="Only x is normalised; the sub-layer's output has been left out. Try an x of zeros.",
    zh="只对 x 做了标准化，漏掉了子层的输出。试试全为 0 的 x。",
)
def add_and_norm__no_sub(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x, gamma, beta, eps)


@wrong(
    en="The sub-layer's output is normalised first, and then x is added: the sum itself stays unnormalised. First add.",
    zh="你先对子层的输出做标准化，再加 x：和本身没有标准化。应当先相加。",
)
def add_and_norm__norm_then_add(x, sub, gamma=None, beta=None, eps=1e-5):
    return x + ref.layer_norm(sub, gamma, beta, eps)


@wrong(
    en="x is normalised before the sum, as in pre-norm. Here the sum is normalised (post-norm): look at a row's mean.",
    zh="你在相加之前对 x 做了标准化，像 pre-norm 那样。这里是对和做标准化（post-norm）：看看一行的平均。",
)
def add_and_norm__pre_norm_sum(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x, gamma, beta, eps) + sub


@wrong(
    en="Both are normalised by themselves and then added. A loud x and a quiet sub must not count the same: add first.",
    zh="你让两者各自标准化后再相加。很大的 x 和很小的 sub 不该有同样的分量：先相加。",
)
def add_and_norm__norm_each(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x, gamma, beta, eps) + ref.layer_norm(sub, gamma, beta, eps)


@wrong(
    en="The sum is right, but it is not normalised. Every row must have mean 0 (where there is no β).",
    zh="和是对的，但没有标准化。没有 β 时，每行的平均应当是 0。",
)
def add_and_norm__no_norm(x, sub, gamma=None, beta=None, eps=1e-5):
    total = x + sub
    total = total if gamma is None else total * gamma
    return total if beta is None else total + beta


@wrong(
    en="The sub-layer's output is taken away instead of added.",
    zh="子层的输出被减掉了，应当加上。",
)
def add_and_norm__minus(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x - sub, gamma, beta, eps)


@wrong(
    en="The input is taken away from the sub-layer's output: sub − x. Add the two.",
    zh="你算的是 sub − x。应当把两者相加。",
)
def add_and_norm__reversed_minus(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(sub - x, gamma, beta, eps)


@wrong(
    en="The normalisation is done twice. With a large ε, or with γ, twice is not the same as once.",
    zh="标准化做了两次。ε 较大或者有 γ 时，两次和一次并不一样。",
)
def add_and_norm__double_norm(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(ref.layer_norm(x + sub, gamma, beta, eps), gamma, beta, eps)


@wrong(
    en="x is added twice: once before the normalisation and once after it.",
    zh="x 加了两次：标准化之前一次，之后又一次。",
)
def add_and_norm__residual_outside_too(x, sub, gamma=None, beta=None, eps=1e-5):
    return x + ref.layer_norm(x + sub, gamma, beta, eps)


@wrong(
    en="The mean of x and sub is normalised, not their sum. Normalising hides the factor, but for ε: try eps=0.3.",
    zh="你标准化的是 x 和 sub 的平均，不是它们的和。标准化会掩盖这个倍数，但 ε 会暴露它：试试 eps=0.3。",
)
def add_and_norm__averaged(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm((x + sub) / 2, gamma, beta, eps)


@wrong(
    en="The two are multiplied. The residual connection adds.",
    zh="你把两者相乘了。残差连接是相加。",
)
def add_and_norm__product(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x * sub, gamma, beta, eps)


@wrong(
    en="γ and β are not handed on to the normalisation.",
    zh="γ 和 β 没有传给标准化。",
)
def add_and_norm__no_affine(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x + sub, eps=eps)


@wrong(
    en="eps is not handed on to the normalisation: it always uses the default. Try eps=0.3.",
    zh="eps 没有传给标准化：总是用默认值。试试 eps=0.3。",
)
def add_and_norm__eps_not_passed(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x + sub, gamma, beta)


@wrong(
    en="γ and β are handed on in the wrong order.",
    zh="γ 和 β 传反了。",
)
def add_and_norm__gamma_beta_exchanged(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x + sub, beta, gamma, eps)


@wrong(
    en=(
        "The values are right, but the residual is cut off from the gradient (detach). The free way back for "
        "the gradient is what it is for."
    ),
    zh="数值是对的，但残差与梯度断开了（detach）。残差的用处，正是给梯度留一条畅通的路。",
)
def add_and_norm__residual_detached(x, sub, gamma=None, beta=None, eps=1e-5):
    return ref.layer_norm(x.detach() + sub, gamma, beta, eps)


@wrong(
    en="The sum is normalised over the tokens. Each token by itself: the last dimension.",
    zh="标准化沿 token 的方向做了。应当每个 token 单独做：沿最后一维。",
)
def add_and_norm__token_axis(x, sub, gamma=None, beta=None, eps=1e-5):
    return layer_norm__token_axis.implementation(x + sub, gamma, beta, eps)


@wrong(
    en="x itself is changed (x += sub). The argument belongs to the caller: make a new tensor.",
    zh="你修改了 x 本身（x += sub）。参数是调用者的：请生成新的张量。",
)
def add_and_norm__in_place(x, sub, gamma=None, beta=None, eps=1e-5):
    if x.requires_grad:
        x = x.clone()
    x += sub
    return ref.layer_norm(x, gamma, beta, eps)


@wrong(
    en="x and sub are put side by side (concatenated): the result has twice as many features. They are added.",
    zh="你把 x 和 sub 拼在了一起：特征多了一倍。应当相加。",
)
def add_and_norm__concatenated(x, sub, gamma=None, beta=None, eps=1e-5):
    both = torch.cat([x, sub], dim=-1)
    return functional.layer_norm(both, both.shape[-1:], eps=eps)


# --- feed_forward ---------------------------------------------------------------------------------


@right
def feed_forward__linear(x, W1, b1, W2, b2):
    return functional.linear(functional.relu(functional.linear(x, W1.T, b1)), W2.T, b2)


@right
def feed_forward__einsum(x, W1, b1, W2, b2):
    hidden = torch.einsum("...i,ij->...j", x, W1) + b1
    hidden = torch.where(hidden > 0, hidden, torch.zeros_like(hidden))
    return torch.einsum("...j,jk->...k", hidden, W2) + b2


@right
def feed_forward__clamp(x, W1, b1, W2, b2):
    return (x.matmul(W1) + b1).clamp(min=0).matmul(W2).add(b2)


@wrong(
    en="ReLU stands at the end instead of between the layers: no result can be negative, and the two layers are one.",
    zh="ReLU 放到了最后，而不是两层之间：结果不可能为负，而且两层实际上只是一层。",
)
def feed_forward__relu_at_the_end(x, W1, b1, W2, b2):
    return torch.relu((x @ W1 + b1) @ W2 + b2)


@wrong(
    en="There is a second ReLU at the end. The result may be negative.",
    zh="最后多了一个 ReLU。结果可以是负数。",
)
def feed_forward__relu_twice(x, W1, b1, W2, b2):
    return torch.relu(torch.relu(x @ W1 + b1) @ W2 + b2)


@wrong(
    en="There is no ReLU: two linear layers in a row are one linear layer.",
    zh="没有 ReLU：两个线性层连在一起，还是一个线性层。",
)
def feed_forward__no_relu(x, W1, b1, W2, b2):
    return (x @ W1 + b1) @ W2 + b2


@wrong(
    en="ReLU is applied to the input. It stands after the first layer: try an x that is negative everywhere.",
    zh="ReLU 用在了输入上。它应当在第一层之后：试试全为负的 x。",
)
def feed_forward__relu_on_the_input(x, W1, b1, W2, b2):
    return (torch.relu(x) @ W1 + b1) @ W2 + b2


@wrong(
    en="b1 is added after ReLU. The hidden unit's sum includes its bias: ReLU(x W1 + b1).",
    zh="b1 加在了 ReLU 之后。隐藏单元的和里要包括它的偏置：ReLU(x W1 + b1)。",
)
def feed_forward__bias_after_relu(x, W1, b1, W2, b2):
    return (torch.relu(x @ W1) + b1) @ W2 + b2


@wrong(
    en="b1 is missing.",
    zh="漏了 b1。",
)
def feed_forward__no_b1(x, W1, b1, W2, b2):
    return torch.relu(x @ W1) @ W2 + b2


@wrong(
    en="b2 is missing. With all hidden units off, every token must become b2.",
    zh="漏了 b2。隐藏单元全关时，每个 token 都应变成 b2。",
)
def feed_forward__no_b2(x, W1, b1, W2, b2):
    return torch.relu(x @ W1 + b1) @ W2


@wrong(
    en="The tokens are mixed: their mean over the sentence is added. This layer looks at one token at a time.",
    zh="token 混在了一起：加进了整个句子的平均。这一层每次只看一个 token。",
)
def feed_forward__mixes_tokens(x, W1, b1, W2, b2):
    if x.dim() > 1:
        x = x + x.mean(dim=-2, keepdim=True)
    return torch.relu(x @ W1 + b1) @ W2 + b2


@wrong(
    en="The hidden units are averaged over the tokens before the second layer. Each token keeps its own.",
    zh="隐藏单元在第二层之前对各 token 取了平均。每个 token 应当保留自己的。",
)
def feed_forward__pools_tokens(x, W1, b1, W2, b2):
    hidden = torch.relu(x @ W1 + b1)
    if hidden.dim() > 1:
        hidden = hidden.mean(dim=-2, keepdim=True).expand_as(hidden)
    return hidden @ W2 + b2


@wrong(
    en="The residual is added in here. It belongs to add_and_norm: try weights of zeros, the result is then b2.",
    zh="你在这里加了残差。残差属于 add_and_norm：试试权重全为 0，结果应是 b2。",
)
def feed_forward__residual_inside(x, W1, b1, W2, b2):
    out = torch.relu(x @ W1 + b1) @ W2 + b2
    return out + x if out.shape == x.shape else out


@wrong(
    en="The activation is the sigmoid. ReLU is asked for: max(0, z), which has no upper bound.",
    zh="激活函数用了 sigmoid。这里要的是 ReLU：max(0, z)，它没有上限。",
)
def feed_forward__sigmoid(x, W1, b1, W2, b2):
    return torch.sigmoid(x @ W1 + b1) @ W2 + b2


@wrong(
    en="The activation is tanh. ReLU is asked for: max(0, z).",
    zh="激活函数用了 tanh。这里要的是 ReLU：max(0, z)。",
)
def feed_forward__tanh(x, W1, b1, W2, b2):
    return torch.tanh(x @ W1 + b1) @ W2 + b2


@wrong(
    en="The activation is GELU, as in BERT. The lecture's Transformer has ReLU.",
    zh="激活函数用了 GELU，那是 BERT 的做法。课上的 Transformer 用 ReLU。",
)
def feed_forward__gelu(x, W1, b1, W2, b2):
    return functional.gelu(x @ W1 + b1) @ W2 + b2


@wrong(
    en="The negative hidden units leak (leaky ReLU). ReLU makes them exactly 0.",
    zh="负的隐藏单元漏过来了一点（leaky ReLU）。ReLU 让它们恰好为 0。",
)
def feed_forward__leaky(x, W1, b1, W2, b2):
    return functional.leaky_relu(x @ W1 + b1) @ W2 + b2


@wrong(
    en="The hidden units are cut off at 6 (relu6). ReLU has no upper bound: try large inputs.",
    zh="隐藏单元在 6 处被截断（relu6）。ReLU 没有上限：试试很大的输入。",
)
def feed_forward__bounded(x, W1, b1, W2, b2):
    return functional.relu6(x @ W1 + b1) @ W2 + b2


@wrong(
    en="The absolute value takes the place of ReLU: negative sums must become 0, not positive.",
    zh="用绝对值代替了 ReLU：负的和应变成 0，不是变成正的。",
)
def feed_forward__absolute(x, W1, b1, W2, b2):
    return (x @ W1 + b1).abs() @ W2 + b2


@wrong(
    en="ReLU with the sign reversed: the positive sums have become 0.",
    zh="ReLU 的符号反了：正的和变成了 0。",
)
def feed_forward__negative_part(x, W1, b1, W2, b2):
    return (x @ W1 + b1).clamp(max=0) @ W2 + b2


@wrong(
    en="The matrices are transposed, as nn.Linear stores them. Here W1 is (d, h): x @ W1. A square hides it.",
    zh="矩阵转置了，那是 nn.Linear 的存法。这里 W1 是 (d, h)：x @ W1。方阵时看不出来。",
)
def feed_forward__transposed_weights(x, W1, b1, W2, b2):
    return torch.relu(x @ W1.T + b1) @ W2.T + b2


@wrong(
    en="The hidden units go through softmax. ReLU is asked for.",
    zh="隐藏单元经过了 softmax。这里要的是 ReLU。",
)
def feed_forward__softmax(x, W1, b1, W2, b2):
    return torch.softmax(x @ W1 + b1, dim=-1) @ W2 + b2


@wrong(
    en="The gradient is cut off in the middle (detach, .data or .item). It must reach W1 and x.",
    zh="梯度在中间断开了（detach、.data 或 .item）。它应当一直传到 W1 和 x。",
)
def feed_forward__detached_hidden(x, W1, b1, W2, b2):
    return torch.relu(x @ W1 + b1).detach() @ W2 + b2


# --- encoder_block --------------------------------------------------------------------------------


@right
def encoder_block__torch_pieces(x, params, n_heads):
    p, d = params, x.shape[-1:]
    h = functional.layer_norm(x + ref.multi_head_attention(x, p, n_heads), d, p["gamma1"], p["beta1"])
    hidden = functional.relu(torch.matmul(h, p["W1"]) + p["b1"])
    return functional.layer_norm(h + torch.matmul(hidden, p["W2"]) + p["b2"], d, p["gamma2"], p["beta2"])


@right
def encoder_block__by_hand(x, params, n_heads):
    """Attention head by head, with slices of the features."""
    size = x.shape[-1] // n_heads
    heads = []
    for i in range(n_heads):
        own = slice(i * size, (i + 1) * size)
        q, k, v = (x @ params[name][:, own] for name in ("Wq", "Wk", "Wv"))
        weights = torch.softmax(torch.einsum("...id,...jd->...ij", q, k) / math.sqrt(size), dim=-1)
        heads.append(weights @ v)
    x = x + torch.cat(heads, dim=-1) @ params["Wo"]
    x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, correction=0, keepdim=True) + 1e-5)
    x = x * params["gamma1"] + params["beta1"]
    x = x + (x @ params["W1"] + params["b1"]).clamp(min=0) @ params["W2"] + params["b2"]
    x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, correction=0, keepdim=True) + 1e-5)
    return x * params["gamma2"] + params["beta2"]


@right
def encoder_block__loop_over_sublayers(x, params, n_heads):
    def attention(h):
        return ref.multi_head_attention(h, params, n_heads)

    def feed_forward(h):
        return ref.feed_forward(h, *(params[name] for name in ("W1", "b1", "W2", "b2")))

    for i, sub in enumerate((attention, feed_forward), start=1):
        x = ref.add_and_norm(x, sub(x), params[f"gamma{i}"], params[f"beta{i}"])
    return x


def _attention(x, p, n_heads):
    return ref.multi_head_attention(x, p, n_heads)


def _ff(x, p):
    return ref.feed_forward(x, p["W1"], p["b1"], p["W2"], p["b2"])


def _norm1(x, p):
    return ref.layer_norm(x, p["gamma1"], p["beta1"])


def _norm2(x, p):
    return ref.layer_norm(x, p["gamma2"], p["beta2"])


@wrong(
    en=(
        "The second residual starts from x again. It belongs to the second sub-layer, whose input is h, the first "
        "one's result."
    ),
    zh="第二个残差又从 x 出发了。它属于第二个子层，而那个子层的输入是 h，即第一步的结果。",
)
def encoder_block__residual_from_x(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return _norm2(x + _ff(h, params), params)


@wrong(
    en="The feed-forward layer gets x. It must get h, or it never learns what attention has found.",
    zh="前馈层接收的是 x。它应当接收 h，否则就不知道注意力发现了什么。",
)
def encoder_block__feed_forward_of_x(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return _norm2(h + _ff(x, params), params)


@wrong(
    en="Both normalisations use gamma1 and beta1. Each has parameters of its own.",
    zh="两次标准化都用了 gamma1 和 beta1。它们各有各的参数。",
)
def encoder_block__shared_norm(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return _norm1(h + _ff(h, params), params)


@wrong(
    en="The parameters of the two normalisations are exchanged.",
    zh="两次标准化的参数用反了。",
)
def encoder_block__norms_exchanged(x, params, n_heads):
    h = _norm2(x + _attention(x, params, n_heads), params)
    return _norm1(h + _ff(h, params), params)


@wrong(
    en=(
        "This is pre-norm: x + sub(LN(x)). It is in use today and trains well, but the lecture's block normalises "
        "after the sum (post-norm)."
    ),
    zh="这是 pre-norm：x + sub(LN(x))。如今很常用，训练效果也好，但课上的块是相加之后再标准化（post-norm）。",
)
def encoder_block__pre_norm(x, params, n_heads):
    h = x + _attention(_norm1(x, params), params, n_heads)
    return h + _ff(_norm2(h, params), params)


@wrong(
    en="The normalisation after attention is missing; there is only the one at the end. Each sub-layer has its own.",
    zh="注意力之后没有标准化，只有最后那一次。每个子层之后都要有一次。",
)
def encoder_block__norm_only_at_the_end(x, params, n_heads):
    h = x + _attention(x, params, n_heads)
    return _norm2(h + _ff(h, params), params)


@wrong(
    en="The normalisation at the end is missing. Each of the two sums is normalised.",
    zh="最后的标准化漏了。两次求和之后都要标准化。",
)
def encoder_block__norm_only_after_attention(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return h + _ff(h, params)


@wrong(
    en="Nothing is normalised at all.",
    zh="完全没有标准化。",
)
def encoder_block__no_norm(x, params, n_heads):
    h = x + _attention(x, params, n_heads)
    return h + _ff(h, params)


@wrong(
    en="The residual around attention is missing: x is not added to its output.",
    zh="注意力外面没有残差：它的输出没有加上 x。",
)
def encoder_block__no_first_residual(x, params, n_heads):
    h = _norm1(_attention(x, params, n_heads), params)
    return _norm2(h + _ff(h, params), params)


@wrong(
    en="The residual around the feed-forward layer is missing: h is not added to its output.",
    zh="前馈层外面没有残差：它的输出没有加上 h。",
)
def encoder_block__no_second_residual(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return _norm2(_ff(h, params), params)


@wrong(
    en="Both residuals are missing. The input of each sub-layer is added to its output.",
    zh="两个残差都漏了。每个子层的输出都要加上它的输入。",
)
def encoder_block__no_residuals(x, params, n_heads):
    return _norm2(_ff(_norm1(_attention(x, params, n_heads), params), params), params)


@wrong(
    en="The sub-layers come in the wrong order: attention is first, then the feed-forward layer.",
    zh="子层的次序反了：先注意力，后前馈层。",
)
def encoder_block__feed_forward_first(x, params, n_heads):
    h = _norm1(x + _ff(x, params), params)
    return _norm2(h + _attention(h, params, n_heads), params)


@wrong(
    en="The feed-forward layer is missing: the second sum adds h to itself.",
    zh="漏了前馈层：第二次求和只是把 h 加到自己身上。",
)
def encoder_block__no_feed_forward(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return _norm2(h + h, params)


@wrong(
    en="Attention is missing: the block only has the feed-forward layer, so no token knows of another.",
    zh="漏了注意力：块里只有前馈层，token 之间互不相识。",
)
def encoder_block__no_attention(x, params, n_heads):
    h = _norm1(x, params)
    return _norm2(h + _ff(h, params), params)


@wrong(
    en="n_heads is not used: there is always one head. Compare n_heads=1 with n_heads=2.",
    zh="n_heads 没有用上：总是一个 head。比较一下 n_heads=1 和 n_heads=2。",
)
def encoder_block__one_head(x, params, n_heads):
    h = _norm1(x + _attention(x, params, 1), params)
    return _norm2(h + _ff(h, params), params)


@wrong(
    en="The normalisations have no γ and β: hand on params['gamma1'] and the others.",
    zh="标准化没有用 γ 和 β：要把 params['gamma1'] 等传进去。",
)
def encoder_block__no_affine(x, params, n_heads):
    h = ref.layer_norm(x + _attention(x, params, n_heads))
    return ref.layer_norm(h + _ff(h, params))


@wrong(
    en="γ and β are exchanged in the normalisations.",
    zh="标准化里的 γ 和 β 弄反了。",
)
def encoder_block__gamma_beta_exchanged(x, params, n_heads):
    h = ref.layer_norm(x + _attention(x, params, n_heads), params["beta1"], params["gamma1"])
    return ref.layer_norm(h + _ff(h, params), params["beta2"], params["gamma2"])


@wrong(
    en=(
        "Attention and feed-forward work side by side on x, and both are added at once. In this block the second works "
        "on the first one's result."
    ),
    zh="注意力和前馈层并排处理 x，再一起加上。在这个块里，第二个应当处理第一个的结果。",
)
def encoder_block__parallel(x, params, n_heads):
    return _norm2(x + _attention(x, params, n_heads) + _ff(x, params), params)


@wrong(
    en="The sub-layer's output is normalised before it is added. First add, then normalise.",
    zh="子层的输出在相加之前做了标准化。应当先相加，再标准化。",
)
def encoder_block__norm_then_add(x, params, n_heads):
    h = x + _norm1(_attention(x, params, n_heads), params)
    return h + _norm2(_ff(h, params), params)


@wrong(
    en="x is added once more at the very end. Each sub-layer has one residual, inside its normalisation.",
    zh="最后又加了一次 x。每个子层只有一个残差，在标准化里面。",
)
def encoder_block__extra_residual(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return x + _norm2(h + _ff(h, params), params)


@wrong(
    en="The feed-forward layer has lost its ReLU.",
    zh="前馈层里的 ReLU 丢了。",
)
def encoder_block__no_relu(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    ff = (h @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return _norm2(h + ff, params)


@wrong(
    en="The feed-forward layer is given attention's output without its residual and normalisation.",
    zh="前馈层接收的是注意力的原始输出，没有经过残差和标准化。",
)
def encoder_block__feed_forward_of_attention(x, params, n_heads):
    attention = _attention(x, params, n_heads)
    h = _norm1(x + attention, params)
    return _norm2(h + _ff(attention, params), params)


@wrong(
    en="The values are right, but the gradient stops between the sub-layers (detach). It must reach x and Wq.",
    zh="数值是对的，但梯度在两个子层之间断开了（detach）。它应当一直传到 x 和 Wq。",
)
def encoder_block__detached(x, params, n_heads):
    h = _norm1(x + _attention(x, params, n_heads), params)
    return _norm2(h + _ff(h.detach(), params), params)


# --- encoder --------------------------------------------------------------------------------------


@right
def encoder__reduce(x, blocks, pe):
    from functools import reduce

    T = x.size(-2)
    return reduce(lambda h, block: block(h), blocks, torch.add(x, pe[:T, :]))


@right
def encoder__by_index(x, blocks, pe):
    positions = torch.arange(x.shape[-2], device=x.device)
    out = pe[positions] + x
    for i in range(len(blocks)):
        out = blocks[i](out)
    return out


@right
def encoder__sequential(x, blocks, pe):
    class Block(torch.nn.Module):
        def __init__(self, function):
            super().__init__()
            self.function = function

        def forward(self, h):
            return self.function(h)

    return torch.nn.Sequential(*map(Block, blocks))(x + pe.narrow(0, 0, x.shape[-2]))


@wrong(
    en="The positions are added again before every block. Once, at the input, is enough: try two blocks.",
    zh="每个块之前都又加了一次位置。只在输入处加一次：试试两个块。",
)
def encoder__positions_in_every_block(x, blocks, pe):
    codes = pe[: x.shape[-2]]
    if not blocks:
        return x + codes
    for block in blocks:
        x = block(x + codes)
    return x


@wrong(
    en="The positions are put beside the features (concatenated), which doubles d. They are added.",
    zh="位置拼在了特征旁边，d 变成了两倍。应当是相加。",
)
def encoder__positions_concatenated(x, blocks, pe):
    codes = pe[: x.shape[-2]].expand(x.shape)
    h = torch.cat([x, codes], dim=-1)
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="The positions are multiplied with the tokens. They are added.",
    zh="位置与 token 相乘了。应当是相加。",
)
def encoder__positions_multiplied(x, blocks, pe):
    h = x * pe[: x.shape[-2]]
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="The positions are missing: attention cannot know where a token stands. Try an empty list of blocks.",
    zh="漏了位置：注意力不知道 token 站在哪里。试试空的块列表。",
)
def encoder__no_positions(x, blocks, pe):
    for block in blocks:
        x = block(x)
    return x


@wrong(
    en="The positions are added at the end, after the blocks, where attention can no longer use them.",
    zh="位置加在了最后、所有块之后，注意力已经用不上了。",
)
def encoder__positions_at_the_end(x, blocks, pe):
    for block in blocks:
        x = block(x)
    return x + pe[: x.shape[-2]]


@wrong(
    en="The positions are added after the first block. They belong to its input.",
    zh="位置加在了第一个块之后。应当加在它的输入上。",
)
def encoder__positions_after_the_first(x, blocks, pe):
    codes = pe[: x.shape[-2]]
    if not blocks:
        return x + codes
    h = blocks[0](x) + codes
    for block in blocks[1:]:
        h = block(h)
    return h


@wrong(
    en="The blocks are applied from last to first.",
    zh="块的次序反了：从最后一个用到了第一个。",
)
def encoder__blocks_reversed(x, blocks, pe):
    h = x + pe[: x.shape[-2]]
    for block in reversed(blocks):
        h = block(h)
    return h


@wrong(
    en="Only the last block has an effect: each one gets the input again. Hand the result on.",
    zh="只有最后一个块起作用：每个块都又接收了最初的输入。要把结果传下去。",
)
def encoder__every_block_on_the_input(x, blocks, pe):
    start = h = x + pe[: x.shape[-2]]
    for block in blocks:
        h = block(start)
    return h


@wrong(
    en="Only the first block is applied. Is there a return inside the loop?",
    zh="只用了第一个块。是不是在循环里面就 return 了？",
)
def encoder__first_block_only(x, blocks, pe):
    h = x + pe[: x.shape[-2]]
    for block in blocks[:1]:
        h = block(h)
    return h


@wrong(
    en="The results of the blocks are added to what was there. The residual is inside each block already.",
    zh="每个块的结果又加到了原来的值上。残差已经在块里面了。",
)
def encoder__extra_residuals(x, blocks, pe):
    h = x + pe[: x.shape[-2]]
    for block in blocks:
        h = h + block(h)
    return h


@wrong(
    en="The last rows of pe are taken. Row t belongs to position t, counted from 0: the first T rows.",
    zh="取的是 pe 的最后几行。第 t 行属于位置 t，从 0 数起：应取前 T 行。",
)
def encoder__last_positions(x, blocks, pe):
    h = x + pe[-x.shape[-2] :]
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="The positions are counted from 1: row 0 of pe is skipped.",
    zh="位置从 1 开始数了：pe 的第 0 行被跳过了。",
)
def encoder__positions_from_one(x, blocks, pe):
    T = x.shape[-2]
    h = x + (pe[1 : T + 1] if len(pe) > T else pe.roll(-1, 0)[:T])
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="All tokens get the code of position 0. Each position has its own row.",
    zh="所有 token 都加了位置 0 的编码。每个位置有自己的一行。",
)
def encoder__same_position(x, blocks, pe):
    h = x + pe[0]
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="All of pe is added, although it may have more rows than there are tokens.",
    zh="加上了整个 pe，可它的行数可能比 token 多。",
)
def encoder__whole_table(x, blocks, pe):
    h = x + pe
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en=(
        "The sentences of the batch get different codes, and all tokens of a sentence the same one. Row t of pe "
        "belongs to token t."
    ),
    zh="批次里不同的句子得到了不同的编码，同一句里的 token 却相同。pe 的第 t 行属于第 t 个 token。",
)
def encoder__positions_along_the_batch(x, blocks, pe):
    h = x + (pe[: x.shape[0], None] if x.dim() == 3 else pe[: x.shape[-2]])
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="The tokens are multiplied by √d first, as the original paper does with its embeddings. Here nothing is scaled.",
    zh="token 先乘了 √d，那是原论文对词嵌入的做法。这里不缩放。",
)
def encoder__scaled_tokens(x, blocks, pe):
    h = x * x.shape[-1] ** 0.5 + pe[: x.shape[-2]]
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="The positions are taken away instead of added.",
    zh="位置被减掉了，应当加上。",
)
def encoder__minus_positions(x, blocks, pe):
    h = x - pe[: x.shape[-2]]
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="The position codes are cut off from the gradient (detach). They may be learnt, so the gradient must reach them.",
    zh="位置编码与梯度断开了（detach）。它们也可以是学出来的，所以梯度要能传到。",
)
def encoder__positions_detached(x, blocks, pe):
    h = x + pe[: x.shape[-2]].detach()
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="x itself is changed (x += pe). The argument belongs to the caller: make a new tensor.",
    zh="你修改了 x 本身（x += pe）。参数是调用者的：请生成新的张量。",
)
def encoder__in_place(x, blocks, pe):
    h = x.clone() if x.requires_grad else x
    h += pe[: x.shape[-2]]
    for block in blocks:
        h = block(h)
    return h


@wrong(
    en="A list of all blocks' results comes back. Only the last result is asked for.",
    zh="返回的是各个块结果的列表。只要最后的结果。",
)
def encoder__all_results(x, blocks, pe):
    results = [x + pe[: x.shape[-2]]]
    for block in blocks:
        results.append(block(results[-1]))
    return results


# --- causal_mask ----------------------------------------------------------------------------------


@right
def causal_mask__comparison(T, device=None):
    place = torch.arange(T, device=device)
    return place[None, :] <= place[:, None]


@right
def causal_mask__not_the_future(T, device=None):
    return ~torch.triu(torch.ones((T, T), device=device), diagonal=1).bool()


@right
def causal_mask__row_by_row(T, device=None):
    mask = torch.zeros(T, T, dtype=torch.bool)
    for i in range(T):
        mask[i, : i + 1] = True
    return mask if device is None else mask.to(device)


@right
def causal_mask__nested_lists(T, device=None):
    return torch.tensor([[j <= i for j in range(T)] for i in range(T)], device=device)


@right
def causal_mask__numpy(T, device=None):
    return torch.from_numpy(np.tri(T, dtype=bool)).to(torch.device(device or "cpu"))


@wrong(
    en=(
        "The polarity is the other one: True marks what is forbidden. Here True means *may attend*: row 0 must be "
        "True, False, False, …"
    ),
    zh="含义反了：你的 True 标出的是不许看的。这里 True 表示“可以看”：第 0 行应是 True、False、False……",
)
def causal_mask__inverted(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device).triu(1)


@wrong(
    en=(
        "The diagonal is False: no token may look at itself. Row 0 is then empty, and a softmax over nothing is nan "
        "(or, with −1e9, uniform over the forbidden)."
    ),
    zh="对角线是 False：token 不能看自己。这样第 0 行是空的，对空集做 softmax 得到 nan（若用 −1e9，则平均地看了不许看的）。",
)
def causal_mask__strict_blocks_self(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device).tril(-1)


@wrong(
    en="Rows and columns are exchanged: each token sees itself and the future. Row i is the query.",
    zh="行列颠倒了：每个 token 看到的是自己和未来。第 i 行是 query。",
)
def causal_mask__anti_causal(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device).triu()


@wrong(
    en="Everything is allowed. Token 0 must not see token 1.",
    zh="什么都允许看。第 0 个 token 不该看见第 1 个。",
)
def causal_mask__all(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device)


@wrong(
    en="Each token sees one token of the future: the diagonal is off by one.",
    zh="每个 token 多看了一个未来的 token：对角线偏了一格。",
)
def causal_mask__one_ahead(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device).tril(1)


@wrong(
    en="Each token sees itself only. It may see everything before it as well.",
    zh="每个 token 只看得见自己。它前面的也都可以看。",
)
def causal_mask__only_self(T, device=None):
    return torch.eye(T, dtype=torch.bool, device=device)


@wrong(
    en="Each token sees only itself and its predecessor. All earlier tokens may be seen.",
    zh="每个 token 只看得见自己和前一个。更前面的也都可以看。",
)
def causal_mask__one_back(T, device=None):
    place = torch.arange(T, device=device)
    back = place[:, None] - place[None, :]
    return (back == 0) | (back == 1)


@wrong(
    en="The right table, but of floating numbers. The mask is a bool tensor; ~mask must work.",
    zh="表是对的，但里面是浮点数。mask 要用 bool 张量，~mask 才行得通。",
)
def causal_mask__floating(T, device=None):
    return torch.ones(T, T, device=device).tril()


@wrong(
    en="The right table, but of integers. ~1 is −2, not 0: the mask is a bool tensor.",
    zh="表是对的，但里面是整数。~1 是 −2，不是 0：mask 要用 bool 张量。",
)
def causal_mask__integers(T, device=None):
    return torch.ones(T, T, dtype=torch.int64, device=device).tril()


@wrong(
    en=(
        "This is the additive kind of mask, 0 and −∞, to be added to the scores. Here a bool tensor is asked for: True = "
        "may attend."
    ),
    zh="这是加在分数上的那种 mask（0 和 −∞）。这里要的是 bool 张量：True = 可以看。",
)
def causal_mask__additive(T, device=None):
    return torch.full((T, T), float("-inf"), device=device).triu(1)


@wrong(
    en="device is not used: the mask always lies on the CPU, and on a GPU it cannot meet the scores.",
    zh="device 没有用上：mask 总在 CPU 上，到了 GPU 上就没法和分数一起算。",
)
def causal_mask__ignores_device(T, device=None):
    return torch.ones(T, T, dtype=torch.bool).tril()


@wrong(
    en="There are extra dimensions of size 1. The shape is (T, T); it fits all leading dimensions as it is.",
    zh="多了大小为 1 的维度。形状是 (T, T)，这样就能配合前面的任何维度。",
)
def causal_mask__leading_dimensions(T, device=None):
    return torch.ones(1, 1, T, T, dtype=torch.bool, device=device).tril()


@wrong(
    en="The table is one row and one column too large: T tokens make (T, T).",
    zh="表多了一行一列：T 个 token 对应 (T, T)。",
)
def causal_mask__one_larger(T, device=None):
    return torch.ones(T + 1, T + 1, dtype=torch.bool, device=device).tril()


@wrong(
    en="Only one row, the last query's. Each of the T queries needs a row of its own.",
    zh="只有一行，是最后一个 query 的。T 个 query 各要一行。",
)
def causal_mask__one_row(T, device=None):
    return torch.ones(T, dtype=torch.bool, device=device)


@wrong(
    en="The triangle leans to the other side: the first row sees all tokens but none of the later rows does.",
    zh="三角形倒向了另一边：第 0 行全看得见，越往后看得越少。",
)
def causal_mask__upside_down(T, device=None):
    return torch.ones(T, T, dtype=torch.bool, device=device).tril().flip(0)


# --- masked_attention -----------------------------------------------------------------------------


@right
def masked_attention__where(Q, K, V, mask):
    scores = torch.einsum("...qd,...kd->...qk", Q, K) / math.sqrt(K.size(-1))
    forbidden = torch.full_like(scores, -torch.inf)
    return torch.softmax(torch.where(mask, scores, forbidden), dim=-1) @ V


@right
def masked_attention__very_negative(Q, K, V, mask):
    scores = torch.matmul(Q, K.mT) * K.shape[-1] ** -0.5
    weights = functional.softmax(scores.masked_fill(mask == 0, -1e9), dim=-1)
    return torch.matmul(weights, V)


@right
def masked_attention__additive(Q, K, V, mask):
    bias = torch.zeros(mask.shape, dtype=Q.dtype, device=Q.device).masked_fill_(mask.logical_not(), float("-inf"))
    scores = (Q / Q.shape[-1] ** 0.5) @ K.transpose(-1, -2) + bias
    return scores.softmax(-1) @ V


@right
def masked_attention__own_softmax(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
    highest = scores.masked_fill(~mask, float("-inf")).amax(-1, keepdim=True)
    e = torch.where(mask, (scores - highest).clamp(max=0).exp(), 0)
    return (e / e.sum(-1, keepdim=True)) @ V


@right
def masked_attention__query_by_query(Q, K, V, mask):
    results = []
    for i in range(Q.shape[-2]):
        keys, values = K[..., mask[i], :], V[..., mask[i], :]
        scores = (Q[..., i : i + 1, :] @ keys.transpose(-2, -1)) / math.sqrt(Q.shape[-1])
        results.append(torch.softmax(scores, -1) @ values)
    return torch.cat(results, dim=-2)


def _scores(Q, K):
    return Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5


@wrong(
    en=(
        "The forbidden scores are set to 0 (multiplied by the mask, or filled with 0). But e⁰ = 1: they keep a weight, "
        "often a large one. Look at the weights with V = identity."
    ),
    zh=(
        "不许看的分数被设成了 0（乘以 mask，或填成 0）。可是 e⁰ = 1：它们仍有权重，往往还不小。"
        "令 V 为单位矩阵，看看权重。"
    ),
)
def masked_attention__multiply_scores(Q, K, V, mask):
    return torch.softmax(_scores(Q, K) * mask, dim=-1) @ V


@wrong(
    en="The forbidden scores are filled with 0, and e⁰ = 1 is as good as any other weight. Ask which score makes e^s = 0.",
    zh="不许看的分数填成了 0，而 e⁰ = 1 并不比别的小。想一想：哪个分数让 e^s = 0？",
)
def masked_attention__fill_zero(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask, 0.0), dim=-1) @ V


@wrong(
    en="1e-9 is nearly 0, not nearly −∞: e to the power of 1e-9 is 1. A minus sign and a large size were meant.",
    zh="1e-9 接近 0，不是接近 −∞：e 的 1e-9 次方是 1。需要的是绝对值很大的负数，不是很小的正数。",
)
def masked_attention__fill_tiny_positive(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask, 1e-9), dim=-1) @ V


@wrong(
    en="−10 is not small enough: forbidden keys leak, the more so where all allowed scores are negative.",
    zh="−10 还不够小：不许看的 key 仍会漏进来，允许的分数都为负时尤其明显。",
)
def masked_attention__small_negative(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask, -10.0), dim=-1) @ V


@wrong(
    en="−100 is not small enough either: where the allowed scores are near −1000, the forbidden key wins.",
    zh="−100 也不够小：允许的分数在 −1000 附近时，反而是不许看的 key 胜出。",
)
def masked_attention__minus_hundred(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask, -100.0), dim=-1) @ V


@wrong(
    en="The mask is read the wrong way round: the allowed keys are removed. True means *may attend*.",
    zh="mask 用反了：去掉的是允许看的 key。True 表示“可以看”。",
)
def masked_attention__inverted(Q, K, V, mask):
    # Where nothing is left, −1e9 makes the row uniform instead of nan.
    return torch.softmax(_scores(Q, K).masked_fill(mask, -1e9), dim=-1) @ V


@wrong(
    en="The mask is read the wrong way round, and rows in which everything was allowed become nan. True = may attend.",
    zh="mask 用反了；整行都允许看的，去掉之后成了 nan。True 表示“可以看”。",
)
def masked_attention__inverted_infinite(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(mask, float("-inf")), dim=-1) @ V


@wrong(
    en="The mask is transposed: row i of the mask belongs to query i. A mask that is not square shows it at once.",
    zh="mask 转置了：mask 的第 i 行属于第 i 个 query。用一个不是方阵的 mask，一试便知。",
)
def masked_attention__mask_transposed(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask.T, -1e9), dim=-1) @ V


@wrong(
    en="The bool mask is added to the scores: True counts as 1, False as 0. Nothing is forbidden by that.",
    zh="bool 的 mask 被直接加到了分数上：True 当作 1，False 当作 0。这样什么也没有挡住。",
)
def masked_attention__add_bool(Q, K, V, mask):
    return torch.softmax(_scores(Q, K) + mask, dim=-1) @ V


@wrong(
    en="The mask is not used: every query sees every key.",
    zh="mask 没有用上：每个 query 都看到了所有的 key。",
)
def masked_attention__no_mask(Q, K, V, mask):
    return torch.softmax(_scores(Q, K), dim=-1) @ V


@wrong(
    en="The mask acts after softmax: the forbidden weights are 0, but the rest of the row no longer sums to 1.",
    zh="mask 用在了 softmax 之后：不许看的权重是 0 了，可这一行其余的权重之和不再是 1。",
)
def masked_attention__mask_after_softmax(Q, K, V, mask):
    return (torch.softmax(_scores(Q, K), dim=-1) * mask) @ V


@wrong(
    en=(
        "The weights are masked after softmax and the row divided by its sum. Where a forbidden score is far above the "
        "others, all allowed weights have been rounded to 0, and 0 / 0 is nan. Mask the scores."
    ),
    zh=(
        "你在 softmax 之后才用 mask，再除以这一行的和。如果某个不许看的分数远大于其他的，允许的权重早已舍入成 0，"
        "0 / 0 得到 nan。应当对分数用 mask。"
    ),
)
def masked_attention__renormalised(Q, K, V, mask):
    weights = torch.softmax(_scores(Q, K), dim=-1) * mask
    return (weights / weights.sum(-1, keepdim=True)) @ V


@wrong(
    en="The exponentials overflow: exp(1000) is inf. Take the largest allowed score away first, or use torch.softmax.",
    zh="指数溢出了：exp(1000) 是 inf。先减去允许的分数里最大的，或者用 torch.softmax。",
)
def masked_attention__overflow(Q, K, V, mask):
    e = _scores(Q, K).exp() * mask
    return (e / e.sum(-1, keepdim=True)) @ V


@wrong(
    en="0 · −∞ is nan: the allowed places of (1 − mask) · (−∞) are destroyed. Fill, do not multiply.",
    zh="0 · −∞ 是 nan：(1 − mask) · (−∞) 在允许看的地方也成了 nan。要用填充，不要用乘法。",
)
def masked_attention__zero_times_infinity(Q, K, V, mask):
    return torch.softmax(_scores(Q, K) + (1 - mask.to(Q.dtype)) * float("-inf"), dim=-1) @ V


@wrong(
    en="The scores are not divided by √dk: the weights are sharper than they should be.",
    zh="分数没有除以 √dk：权重比应有的更尖锐。",
)
def masked_attention__no_scale(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1)
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en="The scores are multiplied by √dk instead of divided.",
    zh="分数乘了 √dk，应当是除。",
)
def masked_attention__multiplied_scale(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1) * Q.shape[-1] ** 0.5
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en="The scores are divided by dk, without the root.",
    zh="分数除以了 dk，漏了开根号。",
)
def masked_attention__scale_without_root(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1) / Q.shape[-1]
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en="The scale is the number of tokens. It is dk, the number of features of a query and a key.",
    zh="除的是 token 的个数。应当用 dk，即 query 和 key 的特征数。",
)
def masked_attention__scaled_by_tokens(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1) / Q.shape[-2] ** 0.5
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en="The scale is dv, the number of features of the values. It is dk, that of queries and keys.",
    zh="除的是 dv（value 的特征数）的根。应当用 dk，即 query 和 key 的特征数。",
)
def masked_attention__scaled_by_dv(Q, K, V, mask):
    scores = Q @ K.transpose(-2, -1) / V.shape[-1] ** 0.5
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en="Softmax runs over the queries: the columns of the weights sum to 1. The rows must.",
    zh="softmax 沿 query 的方向做了：权重的每列之和是 1。应当是每行。",
)
def masked_attention__softmax_over_queries(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask, -1e9), dim=-2) @ V


@wrong(
    en="One softmax over the whole table: all weights together sum to 1. Each row must.",
    zh="对整张表做了一次 softmax：所有权重之和是 1。应当是每行。",
)
def masked_attention__softmax_over_everything(Q, K, V, mask):
    scores = _scores(Q, K).masked_fill(~mask, float("-inf"))
    return torch.softmax(scores.flatten(-2), dim=-1).view(scores.shape) @ V


@wrong(
    en="There is no softmax: the raw scores weigh the values, and may be negative.",
    zh="没有 softmax：直接用原始分数去加权 value，它们可能是负的。",
)
def masked_attention__no_softmax(Q, K, V, mask):
    return _scores(Q, K).masked_fill(~mask, 0.0) @ V


@wrong(
    en="These are the weights. They still have to be applied to the values.",
    zh="这是权重，还要用它们去加权 value。",
)
def masked_attention__returns_weights(Q, K, V, mask):
    return torch.softmax(_scores(Q, K).masked_fill(~mask, float("-inf")), dim=-1)


@wrong(
    en="Queries and keys have changed places: row i must be made by query i. A mask that is not square shows it at once.",
    zh="query 和 key 换了位置：第 i 行应由第 i 个 query 得到。mask 不是方阵时，一试便知。",
)
def masked_attention__roles_exchanged(Q, K, V, mask):
    return torch.softmax(_scores(K, Q).masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en=(
        "The given mask is not used: a causal one is built inside. Which keys are allowed is for the caller to say; "
        "try a mask that is not causal."
    ),
    zh="没有用传进来的 mask，而是自己造了一个因果 mask。允许看哪些由调用者决定：试试不是因果的 mask。",
)
def masked_attention__always_causal(Q, K, V, mask):
    own = torch.ones_like(mask).tril()
    return torch.softmax(_scores(Q, K).masked_fill(~own, float("-inf")), dim=-1) @ V


@wrong(
    en=(
        "Every query gets the first value. The future does not matter then, but the past does not either: compare the "
        "rows of the result."
    ),
    zh="每个 query 得到的都是第一个 value。这样未来确实不起作用，可过去也不起作用了：比较一下结果的各行。",
)
def masked_attention__first_value_only(Q, K, V, mask):
    # What a test of "the future does not matter" alone would accept.
    return V[..., :1, :].expand(*V.shape[:-2], Q.shape[-2], V.shape[-1]).clone()


@wrong(
    en="All allowed keys get the same weight: the scores are not used.",
    zh="所有允许看的 key 权重都相同：分数没有用上。",
)
def masked_attention__uniform(Q, K, V, mask):
    scores = torch.zeros_like(_scores(Q, K))
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V


@wrong(
    en="The values are right, but no gradient flows through the weights (detach). Q and K could never learn.",
    zh="数值是对的，但梯度没有流过权重（用了 detach）。这样 Q 和 K 永远学不到东西。",
)
def masked_attention__detached(Q, K, V, mask):
    weights = torch.softmax(_scores(Q, K).masked_fill(~mask, float("-inf")), dim=-1)
    return weights.detach() @ V


@wrong(
    en="The result is in another dtype: float32 was written into the code. Keep that of Q.",
    zh="结果的 dtype 变了：代码里写死了 float32。应当与 Q 相同。",
)
def masked_attention__always_float32(Q, K, V, mask):
    scores = _scores(Q, K).float().masked_fill(~mask, float("-inf"))
    return torch.softmax(scores, dim=-1) @ V.float()


# --- shift_right ----------------------------------------------------------------------------------


@right
def shift_right__roll_and_overwrite(targets, bos):
    inputs = targets.roll(1, dims=1)
    inputs[:, 0] = bos
    return inputs, targets.clone()


@right
def shift_right__filled_in(targets, bos):
    N, T = targets.shape
    inputs = torch.empty((N, T), dtype=targets.dtype, device=targets.device)
    inputs[:, 0] = bos
    inputs[:, 1:] = targets[:, : T - 1]
    return inputs, targets


@right
def shift_right__pad(targets, bos):
    return functional.pad(targets, (1, 0), value=bos)[:, :-1], targets


@right
def shift_right__whole_sequence(targets, bos):
    whole = torch.hstack([targets.new_full((len(targets), 1), bos), targets])
    return whole[:, :-1], whole[:, 1:]


@wrong(
    en=(
        "The input at a position is the label itself: nothing is shifted, the decoder only has to copy. Compare the "
        "two results."
    ),
    zh="某个位置的输入就是它的标签：根本没有移动，解码器照抄就行。比较一下两个结果。",
)
def shift_right__leak(targets, bos):
    return targets.clone(), targets


@wrong(
    en="BOS overwrites the first token; the others have not moved, so every input but the first is its own label.",
    zh="BOS 盖掉了第一个 token，其余的没有移动：除了第一个位置，输入就是标签。",
)
def shift_right__overwritten(targets, bos):
    inputs = targets.clone()
    inputs[:, 0] = bos
    return inputs, targets


@wrong(
    en="END is missing from the labels (and the input is a token shorter). Without END the decoder never learns to stop.",
    zh="标签里没有 END（输入也短了一个 token）。没有 END，解码器永远学不会停下来。",
)
def shift_right__drops_end(targets, bos):
    labels = targets[:, :-1]
    first = torch.full_like(targets[:, :1], bos)
    return torch.cat([first, labels], dim=1)[:, :-1], labels


@wrong(
    en="The last token is dropped from the labels, so input and labels have different lengths. The labels are complete.",
    zh="标签丢了最后一个 token，输入和标签长短不一。标签应当是完整的。",
)
def shift_right__labels_without_end(targets, bos):
    first = torch.full_like(targets[:, :1], bos)
    return torch.cat([first, targets[:, :-1]], dim=1), targets[:, :-1]


@wrong(
    en="The input is a token too long: BOS came in front, but the last token (END) was not taken off.",
    zh="输入多了一个 token：前面加了 BOS，最后的 token（END）却没有去掉。",
)
def shift_right__too_long(targets, bos):
    return torch.cat([torch.full_like(targets[:, :1], bos), targets], dim=1), targets


@wrong(
    en="The last token wraps around to the front (roll): the place belongs to BOS.",
    zh="最后一个 token 绕到了最前面（roll）：那个位置应当是 BOS。",
)
def shift_right__wraps_around(targets, bos):
    return targets.roll(1, dims=1), targets


@wrong(
    en="The shift is to the left: the input is one token *ahead* of the label.",
    zh="移到左边去了：输入比标签还*超前*一个 token。",
)
def shift_right__to_the_left(targets, bos):
    last = torch.full_like(targets[:, :1], bos)
    return torch.cat([targets[:, 1:], last], dim=1), targets


@wrong(
    en="The shift runs over the texts of the batch (dimension 0). It runs along the tokens.",
    zh="沿批次的方向（第 0 维）移动了。应当沿 token 的方向。",
)
def shift_right__along_the_batch(targets, bos):
    first = torch.full_like(targets[:1], bos)
    return torch.cat([first, targets[:-1]], dim=0), targets


@wrong(
    en="Input and labels come back in the wrong order: first the decoder's input, then the labels.",
    zh="输入和标签的次序反了：先返回解码器的输入，再返回标签。",
)
def shift_right__exchanged(targets, bos):
    first = torch.full_like(targets[:, :1], bos)
    return targets, torch.cat([first, targets[:, :-1]], dim=1)


@wrong(
    en="Only the input comes back. The pair (input, labels) is asked for.",
    zh="只返回了输入。要的是一对：（输入，标签）。",
)
def shift_right__input_only(targets, bos):
    return torch.cat([torch.full_like(targets[:, :1], bos), targets[:, :-1]], dim=1)


@wrong(
    en="The labels are shifted as well. They are the targets as they are: the input alone moves.",
    zh="标签也移动了。标签就是 targets 原样，只有输入移动。",
)
def shift_right__labels_shifted_too(targets, bos):
    inputs = torch.cat([torch.full_like(targets[:, :1], bos), targets[:, :-1]], dim=1)
    return inputs, inputs.clone()


@wrong(
    en="0 is written into the code in place of bos. Try bos=11.",
    zh="代码里写死了 0，没有用 bos。试试 bos=11。",
)
def shift_right__bos_is_zero(targets, bos):
    return torch.cat([torch.zeros_like(targets[:, :1]), targets[:, :-1]], dim=1), targets


@wrong(
    en="The tokens have become floating numbers. An embedding wants int64.",
    zh="token 变成了浮点数。查嵌入表要用 int64。",
)
def shift_right__floating(targets, bos):
    return torch.cat([torch.full(targets[:, :1].shape, float(bos)), targets[:, :-1]], dim=1), targets


@wrong(
    en="targets itself is changed. The argument belongs to the caller: make a new tensor.",
    zh="你修改了 targets 本身。参数是调用者的：请生成新的张量。",
)
def shift_right__in_place(targets, bos):
    labels = targets.clone()
    targets[:, 1:] = labels[:, :-1]
    targets[:, 0] = bos
    return targets, labels


@wrong(
    en="The shift is by two places: the input has forgotten the token just before the label.",
    zh="移动了两位：标签前面紧挨着的那个 token 不见了。",
)
def shift_right__by_two(targets, bos):
    first = torch.full_like(targets, bos)
    return torch.cat([first[:, :2], targets], dim=1)[:, : targets.shape[1]], targets


@wrong(
    en="The labels begin with BOS. BOS is only fed in, never predicted.",
    zh="标签以 BOS 开头。BOS 只用来输入，不用来预测。",
)
def shift_right__labels_with_bos(targets, bos):
    first = torch.full_like(targets[:, :1], bos)
    inputs = torch.cat([first, targets[:, :-1]], dim=1)
    return inputs, torch.cat([first, targets], dim=1)


@wrong(
    en="The shift is written into targets itself, so the labels are shifted too. Make a new tensor for the input.",
    zh="移动直接写进了 targets，标签也跟着移动了。输入要另建一个新的张量。",
)
def shift_right__in_place_and_labels(targets, bos):
    targets[:, 1:] = targets[:, :-1].clone()
    targets[:, 0] = bos
    return targets, targets


# --- greedy_decode --------------------------------------------------------------------------------


@right
def greedy_decode__one_list(step, bos, eos, max_len):
    prefix = [bos]
    for _ in range(max_len):
        token = step(prefix).argmax().item()
        if token == eos:
            break
        prefix.append(token)
    return prefix[1:]


@right
def greedy_decode__recursive(step, bos, eos, max_len):
    def go_on(prefix):
        if len(prefix) > max_len:
            return []
        token = int(torch.topk(step(list(prefix)), 1).indices)
        return [] if token == eos else [token, *go_on((*prefix, token))]

    return go_on((bos,))


@right
def greedy_decode__cut_at_end(step, bos, eos, max_len):
    written = [bos]
    while True:
        _values, place = torch.softmax(step(written).double(), dim=-1).max(dim=-1)
        if int(place) == eos or len(written) - 1 == max_len:
            return written[1:]
        written = [*written, int(place)]


@right
def greedy_decode__python_maximum(step, bos, eos, max_len):
    text = []
    while len(text) < max_len and eos not in text:
        logits = step([bos, *text]).tolist()
        text.append(max(range(len(logits)), key=logits.__getitem__))
    return [t for t in text if t != eos]


@wrong(
    en=(
        "step only gets the last token. What has been written so far is the decoder's input: the whole prefix, BOS "
        "first."
    ),
    zh="没有把已生成的部分作为输入：step 只收到了最后一个 token。解码器的输入是写下的全部，以 BOS 开头。",
)
def greedy_decode__last_token_only(step, bos, eos, max_len):
    tokens, last = [], bos
    for _ in range(max_len):
        last = int(step([last]).argmax())
        if last == eos:
            break
        tokens.append(last)
    return tokens


@wrong(
    en="The least likely token is taken: argmin in place of argmax.",
    zh="取的是最不可能的 token：argmax 写成了 argmin。",
)
def greedy_decode__argmin(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        token = int(step([bos, *tokens]).argmin())
        if token == eos:
            break
        tokens.append(token)
    return tokens


@wrong(
    en="END does not stop the loop: it always writes max_len tokens. END is where the model says that it is done.",
    zh="遇到 END 不停：总是写满 max_len 个。END 正是模型说“写完了”的地方。",
)
def greedy_decode__never_stops(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        tokens.append(int(step([bos, *tokens]).argmax()))
    return tokens


@wrong(
    en="END does not stop the loop; it is only left out of the result. What comes after END is not part of the text.",
    zh="遇到 END 不停，只是没把它放进结果。END 之后的不属于这段文字。",
)
def greedy_decode__skips_end(step, bos, eos, max_len):
    tokens = []
    for _ in range(max_len):
        tokens.append(int(step([bos, *tokens]).argmax()))
    return [t for t in tokens if t != eos]


@wrong(
    en="END is kept in the result. Test for END before appending.",
    zh="结果里留下了 END。应当先判断是不是 END，再加入。",
)
def greedy_decode__keeps_eos(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        tokens.append(int(step([bos, *tokens]).argmax()))
        if tokens[-1] == eos:
            break
    return tokens


@wrong(
    en="BOS is kept in the result. It is fed in, but nobody has written it.",
    zh="结果里留下了 BOS。它是喂进去的，不是写出来的。",
)
def greedy_decode__keeps_bos(step, bos, eos, max_len):
    return [bos, *ref.greedy_decode(step, bos, eos, max_len)]


@wrong(
    en="BOS and END are both kept in the result.",
    zh="结果里同时留下了 BOS 和 END。",
)
def greedy_decode__keeps_both(step, bos, eos, max_len):
    prefix = [bos]
    while len(prefix) <= max_len:
        prefix.append(int(step(prefix).argmax()))
        if prefix[-1] == eos:
            break
    return prefix


@wrong(
    en="BOS is counted among the max_len tokens, so the text is one token short.",
    zh="max_len 把 BOS 也数进去了，文字少了一个 token。",
)
def greedy_decode__limit_counts_bos(step, bos, eos, max_len):
    prefix = [bos]
    while len(prefix) < max_len:
        token = int(step(prefix).argmax())
        if token == eos:
            break
        prefix.append(token)
    return prefix[1:]


@wrong(
    en="One token more than max_len is written.",
    zh="比 max_len 多写了一个 token。",
)
def greedy_decode__one_too_many(step, bos, eos, max_len):
    return ref.greedy_decode(step, bos, eos, max_len + 1)


@wrong(
    en="At least one token is always written: the limit is looked at after the first. Try max_len=0.",
    zh="至少总会写一个 token：先写了才看上限。试试 max_len=0。",
)
def greedy_decode__at_least_one(step, bos, eos, max_len):
    tokens = []
    while True:
        token = int(step([bos, *tokens]).argmax())
        if token == eos:
            return tokens
        tokens.append(token)
        if len(tokens) >= max_len:
            return tokens


@wrong(
    en="max_len is not used: a model that never says END writes forever.",
    zh="max_len 没有用上：遇到一个总也不说 END 的模型，会一直写下去。",
)
def greedy_decode__no_limit(step, bos, eos, max_len):
    tokens = []
    while True:
        token = int(step([bos, *tokens]).argmax())
        if token == eos:
            return tokens
        tokens.append(token)


@wrong(
    en="step is fed without BOS: the first prefix is empty. BOS comes first, always.",
    zh="喂给 step 的没有 BOS：第一次是空列表。BOS 总在最前面。",
)
def greedy_decode__prefix_without_bos(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        token = int(step(tokens).argmax())
        if token == eos:
            break
        tokens.append(token)
    return tokens


@wrong(
    en="BOS is fed in the first time only; later prefixes begin with the first token written.",
    zh="只有第一次喂了 BOS，后来的输入都从写出的第一个 token 开始。",
)
def greedy_decode__bos_only_first(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        token = int(step(tokens or [bos]).argmax())
        if token == eos:
            break
        tokens.append(token)
    return tokens


@wrong(
    en="The prefix is fed backwards: the newest token stands in front.",
    zh="输入的次序反了：最新的 token 放到了最前面。",
)
def greedy_decode__backwards(step, bos, eos, max_len):
    prefix, tokens = [bos], []
    while len(tokens) < max_len:
        token = int(step(prefix).argmax())
        if token == eos:
            break
        prefix.insert(0, token)
        tokens.append(token)
    return tokens


@wrong(
    en="The next token is drawn at random from the softmax. Greedy decoding takes the largest logit, always the same.",
    zh="下一个 token 是按 softmax 随机抽的。贪心解码取最大的 logit，每次结果都一样。",
)
def greedy_decode__samples(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        p = torch.softmax(step([bos, *tokens]), dim=-1)
        token = int(torch.multinomial(p, 1))
        if token == eos:
            break
        tokens.append(token)
    return tokens


@wrong(
    en="The loop stops at token 0 as well: 0 counts as False. Compare with eos.",
    zh="遇到 0 号 token 也停了：0 被当作 False。应当与 eos 比较。",
)
def greedy_decode__stops_at_zero(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        token = int(step([bos, *tokens]).argmax())
        if not token or token == eos:
            break
        tokens.append(token)
    return tokens


@wrong(
    en="The loop stops when a token repeats. A text may well contain a token twice.",
    zh="token 一重复就停了。一段文字里完全可以有重复的 token。",
)
def greedy_decode__stops_at_a_repeat(step, bos, eos, max_len):
    tokens = []
    while len(tokens) < max_len:
        token = int(step([bos, *tokens]).argmax())
        if token == eos or (tokens and token == tokens[-1]):
            break
        tokens.append(token)
    return tokens


@wrong(
    en="END is taken for the number 1. Its number is eos.",
    zh="把 1 当成了 END。END 的编号是 eos。",
)
def greedy_decode__eos_is_one(step, bos, eos, max_len):
    return ref.greedy_decode(step, bos, 1, max_len)


@wrong(
    en="The last token is always cut off, as if it were END. Where the limit ends the text, there is no END.",
    zh="总是砍掉最后一个 token，把它当成了 END。如果是上限让它停的，最后就没有 END。",
)
def greedy_decode__cuts_the_last(step, bos, eos, max_len):
    tokens = []
    for _ in range(max_len):
        tokens.append(int(step([bos, *tokens]).argmax()))
        if tokens[-1] == eos:
            break
    return tokens[:-1]


@wrong(
    en="The short text is filled up with END to max_len. The list only holds what was written.",
    zh="短的文字后面用 END 补到了 max_len。列表里只放写下的 token。",
)
def greedy_decode__filled_up(step, bos, eos, max_len):
    tokens = ref.greedy_decode(step, bos, eos, max_len)
    return tokens + [eos] * (max_len - len(tokens))


@wrong(
    en="step is called once only, and its token is repeated. Each new token needs a new step.",
    zh="step 只调用了一次，之后一直重复同一个 token。每个新 token 都要再走一步。",
)
def greedy_decode__one_step(step, bos, eos, max_len):
    token = int(step([bos]).argmax()) if max_len else eos
    return [] if token == eos else [token] * max_len


@wrong(
    en="A tensor comes back. A list of Python ints is asked for.",
    zh="返回的是张量。要的是 Python 整数的列表。",
)
def greedy_decode__tensor(step, bos, eos, max_len):
    return torch.tensor(ref.greedy_decode(step, bos, eos, max_len))


# --- cross_attention ------------------------------------------------------------------------------


@right
def cross_attention__einsum(dec, enc, Wq, Wk, Wv):
    q = torch.einsum("...td,dk->...tk", dec, Wq) / math.sqrt(Wq.shape[1])
    k = torch.einsum("...se,ek->...sk", enc, Wk)
    weights = torch.einsum("...tk,...sk->...ts", q, k).softmax(dim=-1)
    return torch.einsum("...ts,...se,ev->...tv", weights, enc, Wv)


@right
def cross_attention__by_masked_attention(dec, enc, Wq, Wk, Wv):
    everything = torch.ones(dec.shape[-2], enc.shape[-2], dtype=torch.bool, device=dec.device)
    return ref.masked_attention(dec @ Wq, enc @ Wk, enc @ Wv, everything)


@right
def cross_attention__keys_first(dec, enc, Wq, Wk, Wv):
    q, k = dec.matmul(Wq), enc.matmul(Wk)
    a = k.matmul(q.transpose(-1, -2)) / k.size(-1) ** 0.5
    e = torch.exp(a - a.amax(dim=-2, keepdim=True))
    return (e / e.sum(dim=-2, keepdim=True)).transpose(-1, -2).matmul(enc).matmul(Wv)


def _attend(q, k, v, scale=None):
    scores = q @ k.transpose(-2, -1) / (q.shape[-1] ** 0.5 if scale is None else scale)
    return torch.softmax(scores, dim=-1) @ v


@wrong(
    en="Queries, keys and values all come from the decoder: that is self-attention, and the encoder is not read at all.",
    zh="query、key、value 全来自解码器：那是自注意力，编码器根本没有读。",
)
def cross_attention__decoder_only(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, dec @ Wk, dec @ Wv)


@wrong(
    en="Everything comes from the encoder. The queries are the decoder's: the result has Td rows.",
    zh="全都来自编码器。query 应当是解码器的：结果有 Td 行。",
)
def cross_attention__encoder_only(dec, enc, Wq, Wk, Wv):
    return _attend(enc @ Wq, enc @ Wk, enc @ Wv)


@wrong(
    en="The roles are exchanged: the encoder asks and the decoder answers. The result must have Td rows.",
    zh="角色反了：编码器在问，解码器在答。结果应当有 Td 行。",
)
def cross_attention__roles_exchanged(dec, enc, Wq, Wk, Wv):
    return _attend(enc @ Wq, dec @ Wk, dec @ Wv)


@wrong(
    en="The values come from the decoder. What is read is the encoder's: keys *and* values.",
    zh="value 来自解码器。要读的是编码器的内容：key *和* value 都来自它。",
)
def cross_attention__values_of_the_decoder(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, enc @ Wk, dec @ Wv)


@wrong(
    en="The keys come from the decoder. Scores compare decoder queries with encoder keys.",
    zh="key 来自解码器。分数应当是解码器的 query 与编码器的 key 相比。",
)
def cross_attention__keys_of_the_decoder(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, dec @ Wk, enc @ Wv)


@wrong(
    en="The scores are not divided by √dk.",
    zh="分数没有除以 √dk。",
)
def cross_attention__no_scale(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, enc @ Wk, enc @ Wv, scale=1)


@wrong(
    en="The scale is d, the decoder's number of features. It is dk, that of queries and keys.",
    zh="除的是 √d（解码器的特征数）。应当用 dk，即 query 和 key 的特征数。",
)
def cross_attention__scaled_by_d(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, enc @ Wk, enc @ Wv, scale=dec.shape[-1] ** 0.5)


@wrong(
    en="The scores are divided by dk, without the root.",
    zh="分数除以了 dk，漏了开根号。",
)
def cross_attention__scale_without_root(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, enc @ Wk, enc @ Wv, scale=Wq.shape[1])


@wrong(
    en="Softmax runs over the decoder's tokens. Each query distributes its weight over the encoder's places.",
    zh="softmax 沿解码器的 token 做了。每个 query 应当把权重分配到编码器的各个位置上。",
)
def cross_attention__wrong_axis(dec, enc, Wq, Wk, Wv):
    q, k, v = dec @ Wq, enc @ Wk, enc @ Wv
    return torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-2) @ v


@wrong(
    en="There is no softmax: the scores themselves weigh the values.",
    zh="没有 softmax：直接用分数去加权 value。",
)
def cross_attention__no_softmax(dec, enc, Wq, Wk, Wv):
    q, k, v = dec @ Wq, enc @ Wk, enc @ Wv
    return q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5 @ v


@wrong(
    en="A causal mask is applied. The whole input exists already: the decoder may read all of it at any time.",
    zh="用了因果 mask。整个输入早就有了：解码器随时都可以读全部。",
)
def cross_attention__causal(dec, enc, Wq, Wk, Wv):
    mask = torch.ones(dec.shape[-2], enc.shape[-2], dtype=torch.bool).tril()
    return ref.masked_attention(dec @ Wq, enc @ Wk, enc @ Wv, mask)


@wrong(
    en="The values are the encoder's rows themselves: Wv is not used.",
    zh="value 直接用了编码器的行：Wv 没有用上。",
)
def cross_attention__no_value_matrix(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq, enc @ Wk, enc)


@wrong(
    en="The matrices are transposed. Rows are tokens here: x @ W.",
    zh="矩阵转置了。这里一行是一个 token：x @ W。",
)
def cross_attention__transposed_weights(dec, enc, Wq, Wk, Wv):
    return _attend(dec @ Wq.T, enc @ Wk.T, enc @ Wv.T)


@wrong(
    en="The decoder's input is added (the residual). That belongs to add_and_norm.",
    zh="加上了解码器的输入（残差）。那属于 add_and_norm。",
)
def cross_attention__residual_inside(dec, enc, Wq, Wk, Wv):
    out = _attend(dec @ Wq, enc @ Wk, enc @ Wv)
    return out + dec if out.shape == dec.shape else out + dec.mean(-1, keepdim=True)


@wrong(
    en="These are the weights; the values are still to come.",
    zh="这是权重，还要乘上 value。",
)
def cross_attention__returns_weights(dec, enc, Wq, Wk, Wv):
    q, k = dec @ Wq, enc @ Wk
    return torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1)


@wrong(
    en="The encoder is cut off from the gradient (detach). It learns through the decoder's questions alone.",
    zh="编码器与梯度断开了（detach）。它正是靠解码器的提问来学习的。",
)
def cross_attention__encoder_detached(dec, enc, Wq, Wk, Wv):
    enc = enc.detach()
    return _attend(dec @ Wq, enc @ Wk, enc @ Wv)


# --- nat_decode -----------------------------------------------------------------------------------


@right
def nat_decode__loop_over_rows(step, length, bos):
    logits = step([bos for _ in range(length)])
    return [int(row.argmax()) for row in logits]


@right
def nat_decode__max(step, length, bos):
    prefix = []
    while len(prefix) < length:
        prefix.append(bos)
    return torch.max(step(prefix), dim=1)[1].tolist()


@wrong(
    en=(
        "This is autoregressive: one step for each token, fed with what was written before. NAT writes all positions "
        "in a single step."
    ),
    zh="这是自回归：每个 token 走一步，输入是之前写下的。NAT 一步就写出所有位置。",
)
def nat_decode__autoregressive(step, length, bos):
    tokens = []
    for _ in range(length):
        tokens.append(int(step([bos, *tokens])[-1].argmax()))
    return tokens


@wrong(
    en="step is called once for each position. All positions come out of one call.",
    zh="每个位置都调用了一次 step。一次调用就能得到所有位置。",
)
def nat_decode__step_for_each_position(step, length, bos):
    return [int(step([bos] * length)[i].argmax()) for i in range(length)]


@wrong(
    en="step gets a single BOS and so answers at one position only. Feed as many as tokens are wanted.",
    zh="只喂了一个 BOS，所以只得到一个位置的回答。想要几个 token 就喂几个。",
)
def nat_decode__single_bos(step, length, bos):
    return step([bos]).argmax(dim=-1).tolist()


@wrong(
    en="step is called on a single BOS for each position, so that all positions get the same token.",
    zh="每个位置都只喂一个 BOS 各走一步，于是所有位置得到同一个 token。",
)
def nat_decode__same_token(step, length, bos):
    return [int(step([bos])[0].argmax()) for _ in range(length)]


@wrong(
    en="argmax runs over the positions. Each position (row) has a token of its own: over the vocabulary.",
    zh="argmax 沿位置的方向取了。每个位置（每一行）各有一个 token：应沿词汇表取。",
)
def nat_decode__wrong_axis(step, length, bos):
    return step([bos] * length).argmax(dim=0).tolist()


@wrong(
    en="A single token comes back: argmax without dim flattens the table.",
    zh="只返回了一个 token：argmax 不给 dim 时会把表摊平。",
)
def nat_decode__flattened(step, length, bos):
    return [int(step([bos] * length).argmax())]


@wrong(
    en="The least likely tokens are taken: argmin in place of argmax.",
    zh="取的是最不可能的 token：argmax 写成了 argmin。",
)
def nat_decode__argmin(step, length, bos):
    return step([bos] * length).argmin(dim=-1).tolist()


@wrong(
    en="BOS is kept in front of the result, which is then one too long.",
    zh="结果前面留下了 BOS，多了一个。",
)
def nat_decode__keeps_bos(step, length, bos):
    return [bos, *step([bos] * length).argmax(dim=-1).tolist()]


@wrong(
    en="The row of BOS is one short, and so is the text.",
    zh="BOS 少喂了一个，文字也就短了一个。",
)
def nat_decode__one_short(step, length, bos):
    return step([bos] * max(1, length - 1)).argmax(dim=-1).tolist()


@wrong(
    en="The decoder is fed BOS once and then zeros. It is a whole row of BOS.",
    zh="只有第一个是 BOS，后面喂的是 0。应当是一整排 BOS。",
)
def nat_decode__filled_with_zeros(step, length, bos):
    return step([bos] + [0] * (length - 1)).argmax(dim=-1).tolist()


@wrong(
    en="A tensor comes back. A list of Python ints is asked for.",
    zh="返回的是张量。要的是 Python 整数的列表。",
)
def nat_decode__tensor(step, length, bos):
    return step([bos] * length).argmax(dim=-1)


@wrong(
    en="Tokens equal to BOS are thrown away. There are length positions, and each has its token, whatever it is.",
    zh="等于 BOS 的 token 被扔掉了。一共 length 个位置，每个位置都有一个 token，不管它是什么。",
)
def nat_decode__drops_bos(step, length, bos):
    return [t for t in step([bos] * length).argmax(dim=-1).tolist() if t != bos]


# --- beam_search ----------------------------------------------------------------------------------


@right
def beam_search__topk(step, bos, eos, max_len, width):
    alive, done = {(bos,): 0.0}, {}
    for _ in range(max_len):
        if not alive:
            break
        prefixes = list(alive)
        table = torch.stack([torch.log_softmax(step(list(p)).double(), -1) + alive[p] for p in prefixes])
        best = table.flatten().topk(min(width, table.numel()))
        following = {}
        for score, place in zip(best.values.tolist(), best.indices.tolist(), strict=True):
            text = (*prefixes[place // table.shape[1]], place % table.shape[1])
            (done if text[-1] == eos else following)[text] = score
        alive = following
    done.update(alive)
    best_text = max(done, key=lambda text: done[text] / (len(text) - 1))
    return [token for token in best_text if token not in (bos, eos)]


@right
def beam_search__few_candidates(step, bos, eos, max_len, width):
    """No beginning can have more than ``width`` extensions among the best ``width``."""
    beginnings, candidates = [([bos], 0.0)], []
    for _ in range(max_len):
        extended = []
        for prefix, total in beginnings:
            logits = step(prefix)
            log_p = logits - logits.logsumexp(dim=0)
            values, tokens = log_p.sort(descending=True)
            for value, token in zip(values[:width], tokens[:width], strict=True):
                extended.append(([*prefix, token.item()], total + value.item()))
        extended.sort(key=lambda pair: -pair[1])
        beginnings = []
        for prefix, total in extended[:width]:
            if prefix[-1] == eos:
                candidates.append((total / (len(prefix) - 1), prefix[1:-1]))
            else:
                beginnings.append((prefix, total))
    candidates += [(total / (len(prefix) - 1), prefix[1:]) for prefix, total in beginnings]
    return max(candidates)[1]


def _search(step, bos, eos, max_len, width, final, keep=None, log=None):
    """Beam search with its parts replaced: the final score, what is kept, the log-probabilities."""
    log = log or (lambda logits: torch.log_softmax(logits, dim=-1))
    keep = keep or (lambda longer, width: sorted(longer, reverse=True)[:width])
    beam, finished = [(0.0, [bos])], []
    for _ in range(max_len):
        longer = []
        for score, prefix in beam:
            longer += [(score + p, [*prefix, t]) for t, p in enumerate(log(step(prefix)).tolist())]
        kept = keep(longer, width)
        finished += [text for text in kept if text[1][-1] == eos]
        beam = [text for text in kept if text[1][-1] != eos]
    _, best = max(finished + beam, key=final)
    return [token for token in best[1:] if token != eos]


def _mean(text):
    return text[0] / (len(text[1]) - 1)


@wrong(
    en="The width is not used: this is greedy decoding. The best first token may lead to a worse text.",
    zh="width 没有用上：这是贪心解码。最好的第一个 token 也许通向更差的文字。",
)
def beam_search__greedy(step, bos, eos, max_len, width):
    return ref.greedy_decode(step, bos, eos, max_len)


@wrong(
    en="The finished texts are compared by the sum, not the mean: short texts win for being short.",
    zh="最后比的是和，不是平均：短的文字只因为短就获胜。",
)
def beam_search__sum_at_the_end(step, bos, eos, max_len, width):
    return _search(step, bos, eos, max_len, width, lambda text: text[0])


@wrong(
    en="END is not counted when the sum is divided: its log-probability is in the sum, so it must be in the number too.",
    zh="求平均时没有把 END 数进去：它的对数概率在和里，个数里也要有它。",
)
def beam_search__end_not_counted(step, bos, eos, max_len, width):
    def final(text):
        return text[0] / max(1, len(text[1]) - 1 - (text[1][-1] == eos))

    return _search(step, bos, eos, max_len, width, final)


@wrong(
    en="BOS is counted when the sum is divided. It has no log-probability in the sum.",
    zh="求平均时把 BOS 也数进去了。和里并没有它的对数概率。",
)
def beam_search__bos_counted(step, bos, eos, max_len, width):
    return _search(step, bos, eos, max_len, width, lambda text: text[0] / len(text[1]))


@wrong(
    en="Logits are summed instead of log-probabilities. A constant added to all logits of a step must not matter.",
    zh="加起来的是 logits，不是对数概率。某一步的 logits 都加上同一个常数，不该有任何影响。",
)
def beam_search__raw_logits(step, bos, eos, max_len, width):
    return _search(step, bos, eos, max_len, width, _mean, log=lambda logits: logits)


@wrong(
    en="Probabilities are summed instead of their logarithms. A text's probability is a product.",
    zh="加起来的是概率，不是它们的对数。一段文字的概率是各 token 概率的乘积。",
)
def beam_search__sums_probabilities(step, bos, eos, max_len, width):
    return _search(step, bos, eos, max_len, width, _mean, log=lambda logits: torch.softmax(logits, dim=-1))


@wrong(
    en="The worst extensions are kept: the sort is the wrong way round.",
    zh="留下的是最差的延长：排序的方向反了。",
)
def beam_search__keeps_the_worst(step, bos, eos, max_len, width):
    def keep(longer, width):
        return sorted(longer)[:width]

    return _search(step, bos, eos, max_len, width, _mean, keep)


@wrong(
    en="Each beginning keeps its own best extension, so no beginning ever makes room for a better one.",
    zh="每个开头各留自己最好的延长，差的开头永远不会给更好的让位。",
)
def beam_search__independent_beams(step, bos, eos, max_len, width):
    def keep(longer, width):
        best = {}
        for score, prefix in sorted(longer, reverse=True):
            if len(prefix) == 2:
                best[tuple(prefix)] = (score, prefix)
            else:
                best.setdefault(tuple(prefix[:-1]), (score, prefix))
        return sorted(best.values(), reverse=True)[:width]

    return _search(step, bos, eos, max_len, width, _mean, keep)


@wrong(
    en="Nothing is pruned: each beginning keeps width extensions, and their number grows in every round.",
    zh="没有剪枝：每个开头各留 width 个延长，个数一轮比一轮多。",
)
def beam_search__width_for_each_beginning(step, bos, eos, max_len, width):
    def keep(longer, width):
        groups = {}
        for score, prefix in sorted(longer, reverse=True):
            groups.setdefault(tuple(prefix[:-1]), []).append((score, prefix))
        return [text for group in groups.values() for text in group[:width]]

    return _search(step, bos, eos, max_len, width, _mean, keep)


@wrong(
    en="The search ends with the first text that reaches END. A longer one may still turn out better.",
    zh="第一段遇到 END 的文字一出现，搜索就结束了。更长的也许还会更好。",
)
def beam_search__first_finished(step, bos, eos, max_len, width):
    beam = [(0.0, [bos])]
    for _ in range(max_len):
        longer = []
        for score, prefix in beam:
            log_p = torch.log_softmax(step(prefix), dim=-1).tolist()
            longer += [(score + p, [*prefix, t]) for t, p in enumerate(log_p)]
        beam = sorted(longer, reverse=True)[:width]
        ended = [text for text in beam if text[1][-1] == eos]
        if ended:
            return ended[0][1][1:-1]
    return max(beam, key=_mean)[1][1:]


@wrong(
    en="Texts that reached the limit without END are forgotten at the end, though one of them may be the best.",
    zh="到了上限还没有 END 的文字，最后被忘掉了，可最好的也许正在其中。",
)
def beam_search__only_finished(step, bos, eos, max_len, width):
    def final(text):
        return (text[1][-1] == eos, _mean(text))

    return _search(step, bos, eos, max_len, width, final)


@wrong(
    en="Finished texts are thrown away: only those without END are compared at the end.",
    zh="写完的文字被扔掉了：最后只比了没有 END 的。",
)
def beam_search__only_unfinished(step, bos, eos, max_len, width):
    def final(text):
        return (text[1][-1] != eos, _mean(text))

    return _search(step, bos, eos, max_len, width, final)


@wrong(
    en="A finished text keeps its place among the width beginnings, so fewer and fewer are left to go on.",
    zh="写完的文字仍占着 width 个位置中的一个，能继续写的越来越少。",
)
def beam_search__finished_keep_their_place(step, bos, eos, max_len, width):
    beam = [(0.0, [bos])]
    for _ in range(max_len):
        longer = []
        for score, prefix in beam:
            if prefix[-1] == eos:
                longer.append((score, prefix))
                continue
            log_p = torch.log_softmax(step(prefix), dim=-1).tolist()
            longer += [(score + p, [*prefix, t]) for t, p in enumerate(log_p)]
        beam = sorted(longer, reverse=True)[:width]
    return [t for t in max(beam, key=_mean)[1][1:] if t != eos]


@wrong(
    en=(
        "Extensions that end in END take no place even in their own round: width others are kept beside them. Take the "
        "best width of all first, then set the finished ones aside."
    ),
    zh=(
        "以 END 结尾的延长在自己那一轮也没占位置：除了它们，又留了 width 个。"
        "应当先从全部延长里取最好的 width 个，再把写完的放到一边。"
    ),
)
def beam_search__width_beside_the_finished(step, bos, eos, max_len, width):
    def keep(longer, width):
        longer = sorted(longer, reverse=True)
        ended = [text for text in longer if text[1][-1] == eos]
        return ended[:width] + [text for text in longer if text[1][-1] != eos][:width]

    return _search(step, bos, eos, max_len, width, _mean, keep)


@wrong(
    en="The last round is missing: max_len rounds are made, not max_len − 1.",
    zh="少了最后一轮：应当进行 max_len 轮，不是 max_len − 1 轮。",
)
def beam_search__one_round_short(step, bos, eos, max_len, width):
    if max_len == 1:
        return []
    return _search(step, bos, eos, max_len - 1, width, _mean)


@wrong(
    en="END is kept in the result.",
    zh="结果里留下了 END。",
)
def beam_search__keeps_eos(step, bos, eos, max_len, width):
    text = ref.beam_search(step, bos, eos, max_len, width)
    return [*text, eos] if len(text) < max_len else text


@wrong(
    en="BOS is kept in the result.",
    zh="结果里留下了 BOS。",
)
def beam_search__keeps_bos(step, bos, eos, max_len, width):
    return [bos, *ref.beam_search(step, bos, eos, max_len, width)]


@wrong(
    en="The scores are not added up: each text is judged by its last token alone.",
    zh="分数没有累加：每段文字只看它最后一个 token。",
)
def beam_search__last_token_only(step, bos, eos, max_len, width):
    beam, finished = [(0.0, [bos])], []
    for _ in range(max_len):
        longer = []
        for _, prefix in beam:
            log_p = torch.log_softmax(step(prefix), dim=-1).tolist()
            longer += [(p, [*prefix, t]) for t, p in enumerate(log_p)]
        kept = sorted(longer, reverse=True)[:width]
        finished += [text for text in kept if text[1][-1] == eos]
        beam = [text for text in kept if text[1][-1] != eos]
    return [t for t in max(finished + beam, key=_mean)[1][1:] if t != eos]


@wrong(
    en="The sum is multiplied by the length instead of divided: short texts win even more easily.",
    zh="和乘了长度，应当是除：短的文字更容易获胜了。",
)
def beam_search__multiplied_by_length(step, bos, eos, max_len, width):
    return _search(step, bos, eos, max_len, width, lambda text: text[0] * (len(text[1]) - 1))


@wrong(
    en="step only gets the last token. It needs the whole beginning.",
    zh="step 只收到了最后一个 token。它需要整个开头。",
)
def beam_search__step_on_the_last(step, bos, eos, max_len, width):
    return _search(lambda prefix: step(prefix[-1:]), bos, eos, max_len, width, _mean)


EQUIVALENT = [
    equivalent(
        "multilabel_predict",
        "line 15: torch.sigmoid(logits) > thr -> torch.sigmoid(logits) >= thr",
        "a probability is never exactly equal to thr, says the docstring",
    ),
    equivalent("nat_decode", "line 16: -1 -> 1", "the logits have two dimensions: the last is number 1"),
    equivalent(
        "beam_search",
        "line 32: torch.log_softmax(step(prefix), dim=-1).tolist() -> torch.log_softmax(step(prefix), dim=-1)",
        "0-dimensional tensors are added and compared as Python numbers are",
    ),
]
