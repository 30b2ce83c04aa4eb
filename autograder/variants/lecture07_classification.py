"""Implementations of lecture 7, classification, that are right, accepted, and wrong."""

import math

import torch

from autograder.course import reference
from autograder.variant import right, wrong

ref = reference("lecture07_classification")

# --- one_hot ---------------------------------------------------------------------------------------


@right
def one_hot__rows_of_the_identity(labels, C):
    return torch.eye(C, device=labels.device)[labels]


@right
def one_hot__scatter(labels, C):
    rows = torch.zeros(len(labels), C, device=labels.device)
    return rows.scatter(1, labels.unsqueeze(1), 1.0)


@right
def one_hot__fancy_index(labels, C):
    rows = labels.new_zeros((labels.shape[0], C), dtype=torch.float32)
    rows[range(labels.shape[0]), labels] = 1
    return rows


@right
def one_hot__class_by_class(labels, C):
    return torch.stack([(labels == c).to(torch.float32) for c in range(C)], dim=1)


@wrong(
    en=(
        "The number of columns comes from the largest label in this batch. If the last class does not occur, "
        "a column is missing: try one_hot(torch.tensor([1, 0]), 5) and look at the shape."
    ),
    zh=(
        "列数取自这个批次里最大的标签：最大类别没出现时列数就少了。试试 one_hot(torch.tensor([1, 0]), 5)，"
        "看看形状。"
    ),
)
def one_hot__infer_C(labels, C):
    return torch.eye(int(labels.max()) + 1, device=labels.device)[labels]


@wrong(
    en="Rows and columns are exchanged: the result is (C, N). Each row must be one sample.",
    zh="行列颠倒了：结果是 (C, N)。每一行应当是一个样本。",
)
def one_hot__transposed(labels, C):
    return torch.eye(C, device=labels.device)[labels].T


@wrong(
    en=(
        "The classes are counted from 1: the 1 stands one column too far to the left (label 0 even wraps "
        "around to the last column)."
    ),
    zh="类别从 1 开始数了：1 的位置偏左了一列（标签 0 甚至绕到了最后一列）。",
)
def one_hot__one_based(labels, C):
    rows = torch.zeros(len(labels), C, device=labels.device)
    rows[torch.arange(len(labels)), labels - 1] = 1
    return rows


@wrong(
    en=(
        "The label's own value stands in its column where a 1 belongs: label 3 gives a 3, and label 0 gives "
        "a row of zeros."
    ),
    zh="标签所在的列填的是标签的值，而不是 1：标签 3 得到 3，标签 0 得到全 0 的一行。",
)
def one_hot__label_value(labels, C):
    rows = torch.zeros(len(labels), C, device=labels.device)
    rows[torch.arange(len(labels)), labels] = labels.float()
    return rows


@wrong(
    en=(
        "The numbers are right but of an integer type. Labels are compared with probabilities, so the result "
        "must be float32."
    ),
    zh="数值对了，但类型是整数。标签要与概率相比，所以结果必须是 float32。",
)
def one_hot__int_dtype(labels, C):
    return torch.eye(C, dtype=torch.int64, device=labels.device)[labels]


@wrong(
    en="The comparison gives True and False; these are not numbers yet. The result must be float32.",
    zh="比较得到的是 True 和 False，还不是数。结果必须是 float32。",
)
def one_hot__truth_values(labels, C):
    return labels[:, None] == torch.arange(C, device=labels.device)


@wrong(
    en=(
        "Every row has a 1 at every label of the batch. Row n may only have the 1 of sample n: count the "
        "ones in a row."
    ),
    zh="每一行在批次里所有标签的位置上都有 1。第 n 行只该有第 n 个样本的那个 1：数数一行有几个 1。",
)
def one_hot__every_label_in_every_row(labels, C):
    rows = torch.zeros(len(labels), C, device=labels.device)
    rows[:, labels] = 1
    return rows


@wrong(
    en="One vector for the whole batch marks which classes occur. Each sample needs a row of its own.",
    zh="整个批次只得到一个向量，标出出现过哪些类别。每个样本都需要自己的一行。",
)
def one_hot__one_vector_for_all(labels, C):
    row = torch.zeros(C, device=labels.device)
    row[labels] = 1
    return row


@wrong(
    en="There is one column too many: with classes 0 to C − 1 there are C columns, not C + 1.",
    zh="多了一列：类别从 0 到 C − 1，所以是 C 列，不是 C + 1 列。",
)
def one_hot__one_column_more(labels, C):
    return torch.eye(C + 1, device=labels.device)[labels]


@wrong(
    en="The code is upside down: 0 at the label and 1 everywhere else. A row must sum to 1.",
    zh="写反了：标签处是 0，其余全是 1。每行之和应当为 1。",
)
def one_hot__one_cold(labels, C):
    return 1 - torch.eye(C, device=labels.device)[labels]


@wrong(
    en=(
        "The ones pile up below: column c is 1 for every class up to the label. Only the label's own column "
        "may be 1."
    ),
    zh="从第 0 类到标签的每一列都是 1。只有标签自己那一列才该是 1。",
)
def one_hot__thermometer(labels, C):
    return (torch.arange(C, device=labels.device) <= labels[:, None]).float()


@wrong(
    en="The columns are counted from the right: label 0 is in the last column.",
    zh="列是从右往左数的：标签 0 落在了最后一列。",
)
def one_hot__from_the_right(labels, C):
    return torch.eye(C, device=labels.device).flip(0)[labels]


@wrong(
    en=(
        "All classes that occur are renumbered: labels 3 and 3 become class 0. The column is the label "
        "itself, not its rank in the batch."
    ),
    zh="出现过的类别被重新编号了：标签 3、3 成了第 0 类。列号就是标签本身，不是它在批次里的名次。",
)
def one_hot__renumbered(labels, C):
    ranks = labels.unique(return_inverse=True)[1]
    return torch.eye(C, device=labels.device)[ranks]


# --- softmax ---------------------------------------------------------------------------------------


@right
def softmax__by_logsumexp(y, dim=-1):
    return (y - torch.logsumexp(y, dim, keepdim=True)).exp()


@right
def softmax__shift_detached(y, dim=-1):
    highest, _ = y.detach().max(dim=dim, keepdim=True)
    e = torch.exp(y - highest)
    return torch.div(e, torch.sum(e, dim=dim, keepdim=True))


@right
def softmax__last_dimension_and_back(y, dim=-1):
    moved = y.movedim(dim, -1)
    e = torch.exp(moved - moved.max(-1).values[..., None])
    return torch.einsum("...c,...->...c", e, 1 / e.sum(-1)).movedim(-1, dim)


@right
def softmax__class_by_class(y, dim=-1):
    slices = y.unbind(dim)
    highest = slices[0]
    for s in slices[1:]:
        highest = torch.maximum(highest, s)
    es = [(s - highest).exp() for s in slices]
    total = sum(es)
    return torch.stack([e / total for e in es], dim=dim)


@wrong(
    en=(
        "The exponentials overflow: exp(1000) is inf, and inf / inf is nan. Try the logits (1000, 1001), "
        "which must give the same as (0, 1)."
    ),
    zh="指数溢出了：exp(1000) 是 inf，inf / inf 得到 nan。试试 logits (1000, 1001)，结果应与 (0, 1) 相同。",
)
def softmax__no_shift(y, dim=-1):
    return y.exp() / y.exp().sum(dim, keepdim=True)


@wrong(
    en=(
        "One maximum is taken from the whole tensor. A row near 0 beside a row near 1000 then becomes 0 / 0. "
        "Each slice needs its own maximum: try [[0, 1], [1000, 1001]]."
    ),
    zh=(
        "整个张量只减了同一个最大值：0 附近的行遇上 1000 附近的行，就成了 0 / 0。要减“每一行自己的”最大值："
        "试试 [[0, 1], [1000, 1001]]。"
    ),
)
def softmax__global_max(y, dim=-1):
    e = (y - y.max()).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en=(
        "Every class gets 1/C: the denominator sums exp(y_i), the same term C times (the slip of the notes). "
        "The sum runs over j."
    ),
    zh="每一类都得到 1/C：你的分母里是 exp(y_i)，把同一项加了 C 次（正是笔记里的笔误），应对 j 求和。",
)
def softmax__seed_typo(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / (e * y.shape[dim])


@wrong(
    en="The denominator sums over the whole tensor, so all rows together sum to 1. Sum along dim only.",
    zh="分母对整个张量求和了，所有行加起来才等于 1。只沿 dim 求和。",
)
def softmax__sum_all(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum()


@wrong(
    en=(
        "The logits are divided by the sum of their absolute values; there is no exponential. Negative "
        "logits stay negative, which no probability can be."
    ),
    zh="你是用 logits 除以绝对值之和，没有取指数。负的 logit 结果还是负的，而概率不可能为负。",
)
def softmax__l1_norm(y, dim=-1):
    return y / y.abs().sum(dim, keepdim=True)


@wrong(
    en=(
        "The logits are divided by their sum; there is no exponential. Look at a negative logit: its result "
        "is no probability."
    ),
    zh="你是用 logits 除以它们的和，没有取指数。看看负的 logit：得到的不是概率。",
)
def softmax__divided_by_sum(y, dim=-1):
    return y / y.sum(dim, keepdim=True)


@wrong(
    en=(
        "This is the sigmoid of each logit by itself. The classes do not compete, and a row does not sum to "
        "1."
    ),
    zh="这是对每个 logit 单独求 sigmoid。类别之间没有竞争，每行之和不等于 1。",
)
def softmax__sigmoid(y, dim=-1):
    return torch.sigmoid(y)


@wrong(
    en=(
        "The values are right, but no gradient flows through the denominator (detach, or no_grad). Each "
        "class then seems to be independent of the other logits."
    ),
    zh="数值是对的，但梯度没有流过分母（用了 detach 或 no_grad）。这样一来，每一类似乎与其他 logits 无关。",
)
def softmax__detached(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True).detach()


@wrong(
    en="The argument dim is not used: the last dimension is always taken. Try dim=0 and sum each column.",
    zh="参数 dim 没有用上：总是沿最后一维。试试 dim=0，再把每一列加起来。",
)
def softmax__ignores_dim(y, dim=-1):
    e = (y - y.amax(-1, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)


@wrong(
    en=(
        "The maximum is taken along dim, but the sum always runs over the last dimension. Try dim=0 and sum "
        "each column."
    ),
    zh="最大值是沿 dim 取的，求和却总是沿最后一维。试试 dim=0，再把每一列加起来。",
)
def softmax__sums_the_last_dimension(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)


@wrong(
    en="dim=1 is written into the code. Try a vector, or another dim.",
    zh="代码里写死了 dim=1。试试一个向量，或者别的 dim。",
)
def softmax__always_dim_1(y, dim=-1):
    e = (y - y.amax(1, keepdim=True)).exp()
    return e / e.sum(1, keepdim=True)


@wrong(
    en=(
        "The exponential of the sum is not the sum of the exponentials: exp(y1 + y2) = exp(y1) · exp(y2). A "
        "row does not sum to 1."
    ),
    zh="和的指数不是指数的和：exp(y1 + y2) = exp(y1) · exp(y2)。每行之和不等于 1。",
)
def softmax__exp_of_sum(y, dim=-1):
    return y.exp() / y.sum(dim, keepdim=True).exp()


@wrong(
    en=(
        "The smallest logit is taken away where another is needed: the exponents become positive, and "
        "exp(2000) overflows all the same."
    ),
    zh="减去的是最小的 logit：指数全变成了正的，exp(2000) 照样溢出。该减的是另一个。",
)
def softmax__minus_the_smallest(y, dim=-1):
    e = (y - y.amin(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en="The mean is taken away. That is not enough: for (1000, 0, −1000) the largest exponent is still 1000.",
    zh="减去的是平均值，这还不够：对 (1000, 0, −1000)，最大的指数仍是 1000。",
)
def softmax__minus_the_mean(y, dim=-1):
    e = (y - y.mean(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en=(
        "The largest absolute value is taken away. For (−1000, −1001) every exponent is about −2000, all "
        "exponentials round to 0, and 0 / 0 is nan."
    ),
    zh="减去的是绝对值的最大值。对 (−1000, −1001)，指数都在 −2000 附近，全部舍入成 0，而 0 / 0 是 nan。",
)
def softmax__minus_the_largest_absolute(y, dim=-1):
    e = (y - y.abs().amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en=(
        "keepdim is missing: the sums have lost a dimension and are matched with the columns, not with the "
        "rows. Only a square input hides it; there the rows do not sum to 1."
    ),
    zh="少了 keepdim：求和丢掉了一维，结果去和列而不是行配对。只有方阵不会报错，但那时每行之和不等于 1。",
)
def softmax__no_keepdim(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim)


@wrong(
    en="This is the logarithm of the probabilities (all values are negative). Softmax itself is asked for.",
    zh="这是概率的对数（全是负数）。这里要的是 softmax 本身。",
)
def softmax__logarithm(y, dim=-1):
    return y - torch.logsumexp(y, dim, keepdim=True)


@wrong(
    en=(
        "The base is 2 where it should be e: exp is not 2 to the power. Two logits one apart must have the "
        "ratio 2.718."
    ),
    zh="底数用了 2，应当是 e：exp 不是 2 的幂。相差 1 的两个 logits，概率之比应是 2.718。",
)
def softmax__base_2(y, dim=-1):
    e = torch.exp2(y - y.amax(dim, keepdim=True))
    return e / e.sum(dim, keepdim=True)


@wrong(
    en=(
        "This picks the largest class with certainty: 1 for it, 0 for the others. Softmax is soft; every "
        "class keeps some probability."
    ),
    zh="这是直接挑出最大的一类：它是 1，其余是 0。softmax 是“软”的，每一类都保留一点概率。",
)
def softmax__hard_maximum(y, dim=-1):
    return (y == y.amax(dim, keepdim=True)).to(y.dtype)


@wrong(
    en=(
        "Clamping the logits avoids inf, but all logits above the bound become equal: (1000, 1001) gives "
        "(0.5, 0.5). Shift, do not clamp."
    ),
    zh=(
        "截断 logits 能避免 inf，但超过界限的 logits 全变得相等：(1000, 1001) 得到 (0.5, 0.5)。要平移，"
        "不要截断。"
    ),
)
def softmax__clamped(y, dim=-1):
    e = y.clamp(-50, 50).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en=(
        "The nan of inf / inf is replaced by a number afterwards. The information is gone by then: (1000, "
        "1001) is not (0, 0)."
    ),
    zh="事后把 inf / inf 得到的 nan 换成了数。可那时信息已经丢了：(1000, 1001) 的结果不是 (0, 0)。",
)
def softmax__nan_replaced(y, dim=-1):
    return torch.nan_to_num(y.exp() / y.exp().sum(dim, keepdim=True))


@wrong(
    en=(
        "The result is always float32. It must have the dtype of y: a float64 input loses half of its digits "
        "here."
    ),
    zh="结果总是 float32。dtype 应与 y 相同：float64 的输入在这里丢掉了一半的有效数字。",
)
def softmax__float32(y, dim=-1):
    y = y.float()
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en="The function changes its argument: -= works on the caller's own tensor. Make a new one.",
    zh="函数改动了它的参数：-= 直接作用在调用者的张量上。请生成一个新的张量。",
)
def softmax__in_place(y, dim=-1):
    y -= y.detach().amax(dim, keepdim=True)
    e = y.exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en="The sign of the logits is turned: the smallest logit gets the largest probability.",
    zh="logits 的符号反了：最小的 logit 得到了最大的概率。",
)
def softmax__of_minus_y(y, dim=-1):
    e = (y.amin(dim, keepdim=True) - y).exp()
    return e / e.sum(dim, keepdim=True)


# --- log_softmax -----------------------------------------------------------------------------------


@right
def log_softmax__sum_of_two(y, dim=-1):
    highest = y.max(dim, keepdim=True).values
    return y - (highest + torch.log(torch.exp(y - highest).sum(dim, keepdim=True)))


@right
def log_softmax__last_dimension_and_back(y, dim=-1):
    moved = y.transpose(dim, -1)
    shifted = moved - moved.detach().amax(-1)[..., None]
    return (shifted - torch.log(torch.einsum("...c->...", shifted.exp()))[..., None]).transpose(dim, -1)


@right
def log_softmax__class_by_class(y, dim=-1):
    slices = y.unbind(dim)
    total = slices[0]
    for s in slices[1:]:
        total = torch.logaddexp(total, s)
    return torch.stack([s - total for s in slices], dim=dim)


@wrong(
    en=(
        "The logarithm is taken of a finished softmax. A small probability has rounded to 0 by then, and ln "
        "0 is −inf: try (0, −1000)."
    ),
    zh="先算完 softmax 再取对数：很小的概率这时已经舍入成 0，而 ln 0 是 −inf。试试 (0, −1000)。",
)
def log_softmax__log_of_softmax(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return (e / e.sum(dim, keepdim=True)).log()


@wrong(
    en=(
        "The sum is of exponentials that were not shifted: exp(1000) is inf, and its logarithm too. Try the "
        "logits (1000, 1001)."
    ),
    zh="求和时指数没有平移：exp(1000) 是 inf，取对数还是 inf。试试 logits (1000, 1001)。",
)
def log_softmax__unshifted(y, dim=-1):
    return y - y.exp().sum(dim, keepdim=True).log()


@wrong(
    en="The sign is turned: the result is positive. The logarithm of a probability is never above 0.",
    zh="符号反了：结果是正的。概率的对数不会大于 0。",
)
def log_softmax__positive(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted.exp().sum(dim, keepdim=True).log() - shifted


@wrong(
    en=(
        "The maximum is taken away inside the sum and never comes back: exp of the result does not sum to 1 "
        "unless the largest logit is 0."
    ),
    zh="求和里减去了最大值，却没有还回来：除非最大的 logit 恰好是 0，否则结果取 exp 之后加起来不等于 1。",
)
def log_softmax__max_not_returned(y, dim=-1):
    return y - (y - y.amax(dim, keepdim=True)).exp().sum(dim, keepdim=True).log()


@wrong(
    en="The maximum is taken away twice: once from y, and once more with the logarithm of the sum.",
    zh="最大值减了两次：从 y 里减了一次，又随着求和的对数减了一次。",
)
def log_softmax__max_twice(y, dim=-1):
    highest = y.amax(dim, keepdim=True)
    return (y - highest) - ((y - highest).exp().sum(dim, keepdim=True).log() + highest)


@wrong(
    en=(
        "The maximum is added where it must be taken away: for logits (800, 0) the first result is about "
        "1600, and a logarithm of a probability is never positive."
    ),
    zh="最大值该减却加上了：logits 为 (800, 0) 时第一个结果约为 1600，而概率的对数绝不会是正数。",
)
def log_softmax__max_added(y, dim=-1):
    highest = y.amax(dim, keepdim=True)
    return y - (y - highest).exp().sum(dim, keepdim=True).log() + highest


@wrong(
    en=(
        "An ε inside the logarithm hides the −inf but gives a wrong number: for (0, −1000) the answer is "
        "−1000, not ln ε."
    ),
    zh="对数里加 ε 只是掩盖了 −inf，数值却是错的：对 (0, −1000) 答案是 −1000，不是 ln ε。",
)
def log_softmax__epsilon(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return (e / e.sum(dim, keepdim=True) + 1e-12).log()


@wrong(
    en=(
        "Clamping the probabilities hides the −inf but gives a wrong number: for (0, −1000) the answer is "
        "−1000."
    ),
    zh="截断概率只是掩盖了 −inf，数值却是错的：对 (0, −1000) 答案是 −1000。",
)
def log_softmax__clamped(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return (e / e.sum(dim, keepdim=True)).clamp_min(1e-30).log()


@wrong(
    en="The logarithm is to base 2. The lecture means ln: two equal logits must give −0.693, not −1.",
    zh="对数的底是 2。课上指的是 ln：两个相等的 logits 应得到 −0.693，不是 −1。",
)
def log_softmax__log2(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return (shifted - shifted.exp().sum(dim, keepdim=True).log()) / math.log(2)


@wrong(
    en=(
        "Only the sum's logarithm has base 2; y_i itself is in units of ln. The two do not fit together, and "
        "exp of the result does not sum to 1."
    ),
    zh="只有求和那一项用了以 2 为底的对数，y_i 却是自然对数的单位。两者对不上，结果取 exp 之后之和不等于 1。",
)
def log_softmax__half_log2(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log2()


@wrong(
    en="This is softmax without its logarithm: probabilities between 0 and 1.",
    zh="这是没有取对数的 softmax：0 和 1 之间的概率。",
)
def log_softmax__no_logarithm(y, dim=-1):
    e = (y - y.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


@wrong(
    en="The argument dim is not used: the last dimension is always taken. Try dim=0.",
    zh="参数 dim 没有用上：总是沿最后一维。试试 dim=0。",
)
def log_softmax__ignores_dim(y, dim=-1):
    shifted = y - y.amax(-1, keepdim=True)
    return shifted - shifted.exp().sum(-1, keepdim=True).log()


@wrong(
    en="The sum runs over the whole tensor. Sum along dim only: exp of each row must sum to 1.",
    zh="对整个张量求和了。只沿 dim 求和：每一行取 exp 之后应各自加起来等于 1。",
)
def log_softmax__sum_all(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum().log()


@wrong(
    en=(
        "One maximum is taken from the whole tensor. A row near 0 beside a row near 1000 then sums to 0, and "
        "ln 0 is −inf. Each slice needs its own."
    ),
    zh=(
        "整个张量只减了同一个最大值：0 附近的行遇上 1000 附近的行，求和为 0，ln 0 是 −inf。"
        "每个切片要减自己的最大值。"
    ),
)
def log_softmax__global_max(y, dim=-1):
    shifted = y - y.max()
    return shifted - shifted.exp().sum(dim, keepdim=True).log()


@wrong(
    en="The values are right, but no gradient flows through the sum (detach, or no_grad).",
    zh="数值是对的，但梯度没有流过求和（用了 detach 或 no_grad）。",
)
def log_softmax__detached(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log().detach()


@wrong(
    en="A sum of logarithms is not the logarithm of a sum: ln(exp(y1) · exp(y2)) = y1 + y2.",
    zh="对数的和不是和的对数：ln(exp(y1) · exp(y2)) = y1 + y2。",
)
def log_softmax__sum_of_logs(y, dim=-1):
    return y - y.sum(dim, keepdim=True)


@wrong(
    en=(
        "Only the largest logit is taken away; the logarithm of the sum is missing. For two equal logits "
        "both results are 0, so both probabilities would be 1."
    ),
    zh="只减去了最大的 logit，缺了求和的对数。两个 logits 相等时结果都是 0，也就是两个概率都成了 1。",
)
def log_softmax__only_the_max(y, dim=-1):
    return y - y.amax(dim, keepdim=True)


@wrong(
    en=(
        "keepdim is missing in the sum: it is matched with the columns, not with the rows. Only a square "
        "input hides it."
    ),
    zh="求和时少了 keepdim：结果去和列而不是行配对。只有方阵不会报错。",
)
def log_softmax__no_keepdim(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim).log()


@wrong(
    en="log1p adds 1 to the sum, as if there were one more class with logit 0.",
    zh="log1p 给求和多加了 1，就像多出一个 logit 为 0 的类别。",
)
def log_softmax__log1p(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().sum(dim, keepdim=True).log1p()


@wrong(
    en=(
        "The mean of the exponentials is taken where their sum belongs. For two equal logits the result is "
        "0, so both probabilities would be 1."
    ),
    zh="该求和的地方求了平均。两个 logits 相等时结果是 0，也就是两个概率都成了 1。",
)
def log_softmax__mean(y, dim=-1):
    shifted = y - y.amax(dim, keepdim=True)
    return shifted - shifted.exp().mean(dim, keepdim=True).log()


# --- cross_entropy ---------------------------------------------------------------------------------


@right
def cross_entropy__where(y_prime, y_hat):
    return -torch.where(y_hat > 0, y_hat * y_prime.log(), 0.0).sum(-1)


@right
def cross_entropy__zero_replaced_by_one(y_prime, y_hat):
    safe = y_prime.masked_fill(y_hat == 0, 1.0)
    return torch.einsum("nc,nc->n", -y_hat, safe.log())


@right
def cross_entropy__nan_to_zero(y_prime, y_hat):
    terms = y_hat * torch.log(y_prime)
    return -torch.nan_to_num(terms, nan=0.0).sum(dim=1)


@right
def cross_entropy__nansum(y_prime, y_hat):
    return (y_hat * -y_prime.log()).nansum(dim=1)


@right
def cross_entropy__class_by_class(y_prime, y_hat):
    total = torch.zeros_like(y_prime[:, 0])
    for c in range(y_prime.shape[1]):
        total = total - torch.special.xlogy(y_hat[:, c], y_prime[:, c])
    return total


@wrong(
    en=(
        "The arguments are exchanged: the logarithm is taken of the label, and ln 0 is −inf. The label "
        "weights; the prediction is in the logarithm."
    ),
    zh="参数弄反了：对标签取了对数，而 ln 0 是 −inf。标签是权重，取对数的是预测。",
)
def cross_entropy__swapped(y_prime, y_hat):
    return -torch.xlogy(y_prime, y_hat).sum(dim=1)


@wrong(
    en=(
        "0 · ln 0 gives nan: 0 * -inf is not 0 for a computer. It happens for a prediction of exactly 0 at a "
        "class that the label gives no weight."
    ),
    zh="0 · ln 0 得到了 nan：对计算机来说 0 * -inf 不是 0。标签没有权重的类别，预测恰为 0 时就会这样。",
)
def cross_entropy__nan_at_zero(y_prime, y_hat):
    return -(y_hat * y_prime.log()).sum(dim=1)


@wrong(
    en="The logarithm is to base 2. The lecture means ln: y' = 0.25 at the true class costs 1.386, not 2.",
    zh="对数的底是 2。课上指的是 ln：真实类别的 y' = 0.25 时，损失是 1.386，不是 2。",
)
def cross_entropy__log2(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime).sum(dim=1) / math.log(2)


@wrong(
    en=(
        "The logarithm is to base 10. The lecture means ln: y' = 0.25 at the true class costs 1.386, not "
        "0.602."
    ),
    zh="对数的底是 10。课上指的是 ln：真实类别的 y' = 0.25 时，损失是 1.386，不是 0.602。",
)
def cross_entropy__log10(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime).sum(dim=1) / math.log(10)


@wrong(
    en=(
        "The terms are averaged over the classes: every loss is C times too small. The formula has a sum "
        "over i."
    ),
    zh="对类别求了平均：每个损失都小了 C 倍。公式里对 i 是求和。",
)
def cross_entropy__mean_over_classes(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime).mean(dim=1)


@wrong(
    en="The losses are averaged over the batch. One loss for each sample is asked for, of shape (N,).",
    zh="对批次求了平均。这里要的是每个样本一个损失，形状 (N,)。",
)
def cross_entropy__batch_mean(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime).sum(dim=1).mean()


@wrong(
    en="The losses are summed over the batch. One loss for each sample is asked for, of shape (N,).",
    zh="把整个批次的损失加在了一起。这里要的是每个样本一个损失，形状 (N,)。",
)
def cross_entropy__batch_sum(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime).sum()


@wrong(
    en="The sum over the classes is missing: the result still has the shape (N, C).",
    zh="没有对类别求和：结果的形状还是 (N, C)。",
)
def cross_entropy__no_sum(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime)


@wrong(
    en="The minus sign is missing: the loss is negative, and training would make it worse.",
    zh="少了负号：损失是负的，训练只会越来越糟。",
)
def cross_entropy__no_minus(y_prime, y_hat):
    return torch.xlogy(y_hat, y_prime).sum(dim=1)


@wrong(
    en="The sum runs over the samples, not over the classes: there are C results where N are asked for.",
    zh="求和的方向是样本，不是类别：得到 C 个结果，而要的是 N 个。",
)
def cross_entropy__wrong_axis(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime).sum(dim=0)


@wrong(
    en=(
        "An ε is added inside the logarithm. It hides sure mistakes: y' = 1e-30 must cost 69.08, and y' = 0 "
        "must cost inf."
    ),
    zh="对数里加了 ε，掩盖了自信的错误：y' = 1e-30 时损失应是 69.08，y' = 0 时应是 inf。",
)
def cross_entropy__epsilon(y_prime, y_hat):
    return -(y_hat * (y_prime + 1e-8).log()).sum(dim=1)


# The ε of a submission may be any small number; these are the usual ones.
@wrong(
    en=(
        "A small ε is added inside the logarithm. It hides sure mistakes: y' = 1e-30 must cost 69.08, and y' "
        "= 0 must cost inf."
    ),
    zh="对数里加了很小的 ε，掩盖了自信的错误：y' = 1e-30 时损失应是 69.08，y' = 0 时应是 inf。",
)
def cross_entropy__smaller_epsilon(y_prime, y_hat):
    return -(y_hat * torch.log(y_prime + 1e-9)).sum(dim=1)


@wrong(
    en=(
        "An ε of 1e-12 is added inside the logarithm. It hides sure mistakes: y' = 1e-30 must cost 69.08, "
        "and y' = 0 must cost inf."
    ),
    zh="对数里加了 1e-12 的 ε，掩盖了自信的错误：y' = 1e-30 时损失应是 69.08，y' = 0 时应是 inf。",
)
def cross_entropy__tiny_epsilon(y_prime, y_hat):
    return -torch.sum(y_hat * torch.log(y_prime + 1e-12), dim=1)


@wrong(
    en=(
        "The probabilities are clamped at 1e-7. It hides sure mistakes: y' = 1e-30 must cost 69.08, and y' = "
        "0 must cost inf."
    ),
    zh="概率被截断在 1e-7 以上，掩盖了自信的错误：y' = 1e-30 时损失应是 69.08，y' = 0 时应是 inf。",
)
def cross_entropy__clamped_at_1e_7(y_prime, y_hat):
    return -(y_hat * torch.log(torch.clamp(y_prime, min=1e-7))).sum(dim=1)


@wrong(
    en=(
        "The probabilities are clamped from below. It hides sure mistakes: y' = 1e-30 must cost 69.08, and "
        "y' = 0 must cost inf."
    ),
    zh="把概率从下面截断了，掩盖了自信的错误：y' = 1e-30 时损失应是 69.08，y' = 0 时应是 inf。",
)
def cross_entropy__clamped(y_prime, y_hat):
    return -(y_hat * y_prime.clamp_min(1e-12).log()).sum(dim=1)


@wrong(
    en=(
        "All infinite terms are dropped, so a true class with probability 0 costs nothing. It must cost inf; "
        "only 0 · ln 0 is 0."
    ),
    zh="把所有无穷的项都丢掉了，于是真实类别的概率为 0 反而没有代价。它应当是 inf；只有 0 · ln 0 才是 0。",
)
def cross_entropy__drops_infinite_terms(y_prime, y_hat):
    return -torch.where(y_prime > 0, y_hat * y_prime.log(), 0.0).sum(dim=1)


@wrong(
    en="Only the class with the largest label counts. Soft labels give weight to several classes.",
    zh="只算了标签最大的那一类。软标签会给好几个类别权重。",
)
def cross_entropy__only_the_largest_label(y_prime, y_hat):
    return -y_prime.gather(1, y_hat.argmax(dim=1, keepdim=True)).log().squeeze(1)


@wrong(
    en=(
        "This is −ln of the label-weighted probability, −ln Σ ŷ y'. The sum stands outside the logarithm; "
        "one-hot labels do not show it."
    ),
    zh="你算的是加权概率的负对数 −ln Σ ŷ y'。求和在对数外面；独热标签看不出这个差别。",
)
def cross_entropy__log_of_sum(y_prime, y_hat):
    return -(y_hat * y_prime).sum(dim=1).log()


@wrong(
    en=(
        "Softmax is applied once more: y_prime holds probabilities already. Even a perfect prediction then "
        "costs something."
    ),
    zh="又做了一次 softmax：y_prime 里已经是概率了。这样一来，完美的预测也有代价。",
)
def cross_entropy__double_softmax(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime.softmax(dim=1)).sum(dim=1)


@wrong(
    en=(
        "The other classes are counted too, with (1 − ŷ) ln(1 − y'): that is a yes-or-no question for each "
        "class. The formula has one term for a class."
    ),
    zh="还加上了 (1 − ŷ) ln(1 − y')：那是对每个类别分别问“是或不是”。公式里每个类别只有一项。",
)
def cross_entropy__binary(y_prime, y_hat):
    terms = torch.xlogy(y_hat, y_prime) + torch.xlogy(1 - y_hat, 1 - y_prime)
    return -terms.sum(dim=1)


@wrong(
    en=(
        "The label's own entropy is taken off: this is the Kullback–Leibler divergence. With soft labels the "
        "two differ."
    ),
    zh="减掉了标签自己的熵，得到的是 KL 散度。遇到软标签时，两者就不同了。",
)
def cross_entropy__kl_divergence(y_prime, y_hat):
    return (torch.xlogy(y_hat, y_hat) - torch.xlogy(y_hat, y_prime)).sum(dim=1)


@wrong(
    en=(
        "Predictions are weighted by themselves, −Σ y' ln y': that is the entropy of the prediction. The "
        "label is not used."
    ),
    zh="用预测给预测加权，−Σ y' ln y'，这是预测的熵，没有用到标签。",
)
def cross_entropy__entropy(y_prime, y_hat):
    return -torch.xlogy(y_prime, y_prime).sum(dim=1)


@wrong(
    en="The loss is 1 − y' at the true class, without a logarithm. A sure mistake then costs 1 and no more.",
    zh="损失写成了真实类别的 1 − y'，没有取对数。这样自信的错误最多只罚 1。",
)
def cross_entropy__no_logarithm(y_prime, y_hat):
    return 1 - (y_hat * y_prime).sum(dim=1)


@wrong(
    en="The values are right, but no gradient flows back to y_prime (detach, no_grad, or NumPy).",
    zh="数值是对的，但梯度流不回 y_prime（用了 detach、no_grad 或 NumPy）。",
)
def cross_entropy__detached(y_prime, y_hat):
    return -torch.xlogy(y_hat, y_prime.detach()).sum(dim=1)


# --- cross_entropy_logits --------------------------------------------------------------------------


@right
def cross_entropy_logits__logsumexp(logits, labels):
    at_label = logits[torch.arange(len(labels)), labels]
    return (torch.logsumexp(logits, dim=1) - at_label).mean()


@right
def cross_entropy_logits__one_hot_weights(logits, labels):
    weights = ref.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return torch.einsum("nc,nc->", -weights, ref.log_softmax(logits, dim=1)) / logits.shape[0]


@right
def cross_entropy_logits__by_hand(logits, labels):
    N = logits.size(0)
    shifted = logits - logits.detach().max(dim=1, keepdim=True).values
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    return -log_p[range(N), labels].sum() / N


@right
def cross_entropy_logits__relative_to_the_label(logits, labels):
    differences = logits - torch.gather(logits, 1, labels.view(-1, 1))
    return torch.logsumexp(differences, 1).mean()


@wrong(
    en=(
        "The logarithm is taken of a finished softmax: a sure mistake rounds to probability 0, and the loss "
        "is inf. Try the logits (1000, 0) with label 1: they cost 1000."
    ),
    zh=(
        "先算完 softmax 再取对数：自信的错误舍入成概率 0，损失成了 inf。试试 logits (1000, 0)、标签 1："
        "损失应是 1000。"
    ),
)
def cross_entropy_logits__log_of_softmax(logits, labels):
    return -ref.softmax(logits, dim=1)[torch.arange(len(labels)), labels].log().mean()


@wrong(
    en=(
        "The exponentials are not shifted: exp(1000) is inf. Try the logits (1000, 0) with label 1: they "
        "cost 1000."
    ),
    zh="指数没有平移：exp(1000) 是 inf。试试 logits (1000, 0)、标签 1：损失应是 1000。",
)
def cross_entropy_logits__unshifted(logits, labels):
    at_label = logits[torch.arange(len(labels)), labels]
    return (logits.exp().sum(dim=1).log() - at_label).mean()


@wrong(
    en=(
        "One maximum is taken from the whole batch. A row far below it then sums to 0, and ln 0 is −inf. "
        "Each row needs its own maximum: try [[1000, 0], [0, 1]]."
    ),
    zh=(
        "整个批次只减了同一个最大值：比它小得多的行求和为 0，ln 0 是 −inf。每一行要减自己的最大值："
        "试试 [[1000, 0], [0, 1]]。"
    ),
)
def cross_entropy_logits__global_max(logits, labels):
    shifted = logits - logits.max()
    return (shifted.exp().sum(dim=1).log() - shifted[torch.arange(len(labels)), labels]).mean()


@wrong(
    en="The sum is divided by N · C, the number of all entries. There are N losses, one for each sample.",
    zh="求和之后除以了 N · C，也就是全部元素的个数。损失一共只有 N 个，每个样本一个。",
)
def cross_entropy_logits__divides_by_NC(logits, labels):
    weights = ref.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return -(weights * ref.log_softmax(logits, dim=1)).mean()


@wrong(
    en=(
        "There is one softmax too many: the logits are turned into probabilities and then treated as logits "
        "again. With 3 classes the loss can never fall below 0.55."
    ),
    zh=(
        "传进来的已经是 softmax 之后的概率了吗？这里多做了一次 softmax，把概率又当成了 logits。3 个类别时，"
        "loss 不可能低于 0.55。"
    ),
)
def cross_entropy_logits__double_softmax(logits, labels):
    log_p = ref.log_softmax(ref.softmax(logits, dim=1), dim=1)
    return -log_p[torch.arange(len(labels)), labels].mean()


@wrong(
    en="The logarithm is to base 2. The lecture means ln: equal logits of 4 classes cost 1.386, not 2.",
    zh="对数的底是 2。课上指的是 ln：4 个类别的 logits 相等时，损失是 1.386，不是 2。",
)
def cross_entropy_logits__log2(logits, labels):
    log_p = ref.log_softmax(logits, dim=1) / math.log(2)
    return -log_p[torch.arange(len(labels)), labels].mean()


@wrong(
    en="The minus sign is missing: the loss is negative, and training would make it worse.",
    zh="少了负号：损失是负的，训练只会越来越糟。",
)
def cross_entropy_logits__positive_sign(logits, labels):
    return ref.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels].mean()


@wrong(
    en=(
        "Label and prediction are exchanged: the logarithm is taken of the one-hot label. The label picks; "
        "the prediction is in the logarithm."
    ),
    zh="标签和预测弄反了：对独热标签取了对数。标签只负责挑选，取对数的是预测。",
)
def cross_entropy_logits__swapped_args(logits, labels):
    y_hat = ref.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return -(ref.softmax(logits, dim=1) * (y_hat + 1e-8).log()).sum(dim=1).mean()


@wrong(
    en=(
        "log_p[:, labels] takes all labels from every row: an N × N table. From row n only the column "
        "labels[n] is wanted."
    ),
    zh="log_p[:, labels] 从每一行里取了所有的标签，得到 N × N 的表。第 n 行只要 labels[n] 那一列。",
)
def cross_entropy_logits__cross_indexing(logits, labels):
    return -ref.log_softmax(logits, dim=1)[:, labels].mean()


@wrong(
    en=(
        "The losses are summed over the batch. Their mean is asked for: with more samples the loss must not "
        "grow."
    ),
    zh="把整个批次的损失加了起来。这里要的是平均：样本多了，损失不该变大。",
)
def cross_entropy_logits__sum(logits, labels):
    return -ref.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels].sum()


@wrong(
    en="There is one loss for each sample, of shape (N,). Their mean, a tensor of shape (), is asked for.",
    zh="每个样本各得到一个损失，形状 (N,)。这里要的是它们的平均，形状 ()。",
)
def cross_entropy_logits__per_sample(logits, labels):
    return -ref.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels]


@wrong(
    en=(
        "Softmax runs over the batch (dim=0), so the samples compete with each other. The classes of a "
        "sample must compete: dim=1."
    ),
    zh="softmax 沿着批次（dim=0）做了，成了样本之间互相竞争。应当是同一个样本的类别竞争：dim=1。",
)
def cross_entropy_logits__over_the_batch(logits, labels):
    return -ref.log_softmax(logits, dim=0)[torch.arange(len(labels)), labels].mean()


@wrong(
    en=(
        "An ε inside the logarithm hides the −inf and gives a wrong number: the logits (1000, 0) with label "
        "1 cost 1000, not −ln ε."
    ),
    zh="对数里加 ε 掩盖了 −inf，数值却是错的：logits (1000, 0)、标签 1 的损失是 1000，不是 −ln ε。",
)
def cross_entropy_logits__epsilon(logits, labels):
    p = ref.softmax(logits, dim=1)[torch.arange(len(labels)), labels]
    return -(p + 1e-9).log().mean()


@wrong(
    en=(
        "The class with the largest logit is taken for the label, so the network is always told that it is "
        "right. Use labels."
    ),
    zh="把 logit 最大的类别当成了标签，于是网络永远被告知“答对了”。要用 labels。",
)
def cross_entropy_logits__prediction_as_label(logits, labels):
    return -ref.log_softmax(logits, dim=1).amax(dim=1).mean()


@wrong(
    en=(
        "The softmax is missing: the negative logit at the label is averaged. Equal logits must cost ln C, "
        "whatever their value."
    ),
    zh="没有做 softmax：只是对标签处的负 logit 求平均。logits 全相等时，不管它们是多少，损失都应是 ln C。",
)
def cross_entropy_logits__no_softmax(logits, labels):
    return -logits[torch.arange(len(labels)), labels].mean()


@wrong(
    en="The logarithm is missing: the mean of −y' at the label. It can never be positive.",
    zh="没有取对数：只是对标签处的 −y' 求平均，永远不会是正数。",
)
def cross_entropy_logits__no_logarithm(logits, labels):
    return -ref.softmax(logits, dim=1)[torch.arange(len(labels)), labels].mean()


@wrong(
    en=(
        "The mean is taken before the logarithm: −ln of the mean probability. Take the logarithm of each "
        "sample, then the mean."
    ),
    zh="先平均、后取对数，得到的是平均概率的 −ln。应先对每个样本取对数，再求平均。",
)
def cross_entropy_logits__log_of_mean(logits, labels):
    at_label = ref.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels]
    return math.log(len(labels)) - torch.logsumexp(at_label, dim=0)


@wrong(
    en="The labels are counted from 1: the column to the left of the label is taken.",
    zh="标签从 1 开始数了：取的是标签左边的那一列。",
)
def cross_entropy_logits__one_based(logits, labels):
    return -ref.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels - 1].mean()


@wrong(
    en=(
        "The other classes are counted too, with ln(1 − y'): that is a yes-or-no question for each class. "
        "Cross-entropy has the label's term only."
    ),
    zh="还加上了其他类别的 ln(1 − y')：那是对每个类别分别问“是或不是”。交叉熵只有标签那一项。",
)
def cross_entropy_logits__binary(logits, labels):
    p = ref.softmax(logits, dim=1)
    y_hat = ref.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return -(torch.xlogy(y_hat, p) + torch.xlogy(1 - y_hat, 1 - p)).sum(dim=1).mean()


@wrong(
    en="The value is right, but it is a Python number (item): no gradient can flow back to the logits.",
    zh="数值是对的，但它成了 Python 数（用了 item），梯度流不回 logits。",
)
def cross_entropy_logits__item(logits, labels):
    return -ref.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels].mean().item()


@wrong(
    en="The value is right, but no gradient flows back to the logits (detach, no_grad, or NumPy).",
    zh="数值是对的，但梯度流不回 logits（用了 detach、no_grad 或 NumPy）。",
)
def cross_entropy_logits__detached(logits, labels):
    return -ref.log_softmax(logits.detach(), dim=1)[torch.arange(len(labels)), labels].mean()


# --- squared_error ---------------------------------------------------------------------------------


@right
def squared_error__einsum(y_prime, y_hat):
    difference = y_prime - y_hat
    return torch.einsum("nc,nc->n", difference, difference)


@right
def squared_error__class_by_class(y_prime, y_hat):
    total = torch.zeros_like(y_prime[:, 0])
    for c in range(y_hat.shape[1]):
        total = total + (y_prime[:, c] - y_hat[:, c]).pow(2)
    return total


@right
def squared_error__square(y_prime, y_hat):
    return torch.sum(torch.square(torch.sub(y_hat, y_prime)), dim=-1)


@wrong(
    en=(
        "The squares are averaged over the classes: every value is C times too small. The lecture's formula "
        "sums over i."
    ),
    zh="对类别求了平均：每个值都小了 C 倍。课上的公式对 i 求和。",
)
def squared_error__mean_over_classes(y_prime, y_hat):
    return ((y_prime - y_hat) ** 2).mean(dim=1)


@wrong(
    en="Softmax is applied once more: y_prime holds probabilities already. A perfect prediction must cost 0.",
    zh="又做了一次 softmax：y_prime 里已经是概率了。完美的预测，损失应为 0。",
)
def squared_error__on_logits(y_prime, y_hat):
    return ((y_prime.softmax(dim=1) - y_hat) ** 2).sum(dim=1)


@wrong(
    en=(
        "A square root is taken at the end: that is the distance, not the squared error. Sure and wrong "
        "costs 2, not 1.414."
    ),
    zh="最后开了平方根：那是距离，不是平方误差。自信地答错，损失是 2，不是 1.414。",
)
def squared_error__root(y_prime, y_hat):
    return ((y_prime - y_hat) ** 2).sum(dim=1).sqrt()


@wrong(
    en="Absolute values are summed, not squares.",
    zh="求和的是绝对值，不是平方。",
)
def squared_error__absolute(y_prime, y_hat):
    return (y_prime - y_hat).abs().sum(dim=1)


@wrong(
    en="The result is averaged over the batch. One value for each sample is asked for, of shape (N,).",
    zh="对批次求了平均。这里要的是每个样本一个值，形状 (N,)。",
)
def squared_error__batch_mean(y_prime, y_hat):
    return ((y_prime - y_hat) ** 2).sum(dim=1).mean()


@wrong(
    en="The result is summed over the batch. One value for each sample is asked for, of shape (N,).",
    zh="把整个批次加在了一起。这里要的是每个样本一个值，形状 (N,)。",
)
def squared_error__batch_sum(y_prime, y_hat):
    return ((y_prime - y_hat) ** 2).sum()


@wrong(
    en=(
        "Everything is averaged, over samples and classes. One value for each sample is asked for, summed "
        "over its classes."
    ),
    zh="对样本和类别都求了平均。这里要的是每个样本一个值，对它的类别求和。",
)
def squared_error__mean_of_all(y_prime, y_hat):
    return ((y_prime - y_hat) ** 2).mean()


@wrong(
    en="The sum over the classes is missing: the result still has the shape (N, C).",
    zh="没有对类别求和：结果的形状还是 (N, C)。",
)
def squared_error__no_sum(y_prime, y_hat):
    return (y_prime - y_hat) ** 2


@wrong(
    en="The sum runs over the samples, not over the classes: there are C results where N are asked for.",
    zh="求和的方向是样本，不是类别：得到 C 个结果，而要的是 N 个。",
)
def squared_error__wrong_axis(y_prime, y_hat):
    return ((y_prime - y_hat) ** 2).sum(dim=0)


@wrong(
    en="There is a factor ½ that the lecture's formula does not have.",
    zh="多了一个 ½，课上的公式里没有。",
)
def squared_error__half(y_prime, y_hat):
    return 0.5 * ((y_prime - y_hat) ** 2).sum(dim=1)


@wrong(
    en=(
        "The sum is squared, not the terms: the differences cancel before they are squared (they sum to 0 "
        "when both are probabilities)."
    ),
    zh="平方的是总和，不是各项：差在平方之前就互相抵消了（两边都是概率时，差的和为 0）。",
)
def squared_error__square_of_sum(y_prime, y_hat):
    return (y_prime - y_hat).sum(dim=1) ** 2


@wrong(
    en="The squares are subtracted, y'² − ŷ². The difference comes first and is squared then.",
    zh="你算的是平方的差 y'² − ŷ²。应当先求差，再平方。",
)
def squared_error__difference_of_squares(y_prime, y_hat):
    return (y_prime**2 - y_hat**2).sum(dim=1)


@wrong(
    en=(
        "Only the label's class counts. The formula sums over all classes: probability at the wrong ones "
        "costs as well."
    ),
    zh="只算了标签那一类。公式对所有类别求和：放在错误类别上的概率也有代价。",
)
def squared_error__only_the_label(y_prime, y_hat):
    return (y_hat * (y_prime - y_hat) ** 2).sum(dim=1)


@wrong(
    en="The values are right, but no gradient flows back to y_prime (detach, no_grad, or NumPy).",
    zh="数值是对的，但梯度流不回 y_prime（用了 detach、no_grad 或 NumPy）。",
)
def squared_error__detached(y_prime, y_hat):
    return ((y_prime.detach() - y_hat) ** 2).sum(dim=1)


# --- softmax_ce_grad -------------------------------------------------------------------------------


@right
def softmax_ce_grad__subtract_at_label(logits, labels):
    N = len(labels)
    gradient = torch.softmax(logits, dim=1)
    gradient[torch.arange(N), labels] -= 1
    return gradient / N


@right
def softmax_ce_grad__scatter(logits, labels):
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    ones = torch.ones_like(labels, dtype=p.dtype).unsqueeze(1)
    return p.scatter_add(1, labels.unsqueeze(1), -ones).div(logits.size(0))


@right
def softmax_ce_grad__class_by_class(logits, labels):
    p = ref.log_softmax(logits, dim=1).exp()
    columns = [p[:, c] - (labels == c).to(p.dtype) for c in range(logits.shape[1])]
    return torch.stack(columns, dim=1) / logits.shape[0]


@wrong(
    en="The loss is a mean over the batch, but the gradient is not divided by N. A batch of one hides it.",
    zh="损失是对批次的平均，梯度却没有除以 N。只有一个样本时看不出来。",
)
def softmax_ce_grad__no_mean(logits, labels):
    return ref.softmax(logits, dim=1) - ref.one_hot(labels, logits.shape[1])


@wrong(
    en=(
        "The sign is turned: at the label the gradient must be negative, as a larger logit there makes the "
        "loss smaller."
    ),
    zh="符号反了：标签处的梯度应当为负，因为那里的 logit 变大，损失会变小。",
)
def softmax_ce_grad__sign(logits, labels):
    return (ref.one_hot(labels, logits.shape[1]) - ref.softmax(logits, dim=1)) / len(labels)


@wrong(
    en=(
        "Only the label's column has a gradient. The other logits are in the denominator, so they matter "
        "too: each row must sum to 0."
    ),
    zh="只有标签那一列有梯度。其他 logits 也在分母里，同样有影响：每行之和应为 0。",
)
def softmax_ce_grad__only_true_class(logits, labels):
    y_hat = ref.one_hot(labels, logits.shape[1])
    return y_hat * (ref.softmax(logits, dim=1) - y_hat) / len(labels)


@wrong(
    en=(
        "This is −ŷ / y', the gradient with respect to the probabilities. The derivative of softmax is still "
        "to come."
    ),
    zh="这是 −ŷ / y'，是对概率的梯度。还差一步：乘上 softmax 的导数。",
)
def softmax_ce_grad__dp_not_dz(logits, labels):
    return -ref.one_hot(labels, logits.shape[1]) / ref.softmax(logits, dim=1) / len(labels)


@wrong(
    en="The label is missing: these are the probabilities divided by N. Each row must sum to 0.",
    zh="没有减去标签：这只是概率除以 N。每行之和应为 0。",
)
def softmax_ce_grad__forgets_onehot(logits, labels):
    return ref.softmax(logits, dim=1) / len(labels)


@wrong(
    en=(
        "The derivative of softmax is taken as p(1 − p), element by element. It is a matrix: each "
        "probability depends on every logit."
    ),
    zh="softmax 的导数是矩阵，不是逐元素的 p(1 − p)：每个概率都依赖于所有的 logits。",
)
def softmax_ce_grad__elementwise_softmax_deriv(logits, labels):
    p = ref.softmax(logits, dim=1)
    return -ref.one_hot(labels, logits.shape[1]) * (1 - p) / len(labels)


@wrong(
    en=(
        "p(1 − p) is multiplied onto p − ŷ, as if softmax were to be differentiated once more. It is in p − "
        "ŷ already."
    ),
    zh="在 p − ŷ 上又乘了 p(1 − p)，好像还要再对 softmax 求一次导。p − ŷ 里已经包含它了。",
)
def softmax_ce_grad__derivative_twice(logits, labels):
    p = ref.softmax(logits, dim=1)
    return (p - ref.one_hot(labels, logits.shape[1])) * p * (1 - p) / len(labels)


@wrong(
    en=(
        "The label's number is taken from each probability, where its one-hot row belongs: look at a sample "
        "with label 2."
    ),
    zh="从每个概率里减去的是标签的编号，而不是它的独热向量：看看标签为 2 的样本。",
)
def softmax_ce_grad__label_number(logits, labels):
    return (ref.softmax(logits, dim=1) - labels[:, None]) / len(labels)


@wrong(
    en=(
        "p[:, labels] -= 1 takes 1 from the columns of all labels in every row. In row n only the column "
        "labels[n] is meant."
    ),
    zh="p[:, labels] -= 1 在每一行里，把所有标签的列都减了 1。第 n 行只该减 labels[n] 那一列。",
)
def softmax_ce_grad__cross_indexing(logits, labels):
    p = ref.softmax(logits, dim=1)
    p[:, labels] -= 1
    return p / len(labels)


@wrong(
    en="The gradient is divided by N · C. The loss is a mean over the N samples alone.",
    zh="梯度除以了 N · C。损失只对 N 个样本求平均。",
)
def softmax_ce_grad__divides_by_NC(logits, labels):
    return (ref.softmax(logits, dim=1) - ref.one_hot(labels, logits.shape[1])) / logits.numel()


@wrong(
    en="The gradient is divided by the number of classes C where the number of samples N is meant.",
    zh="除以的是类别数 C，应当是样本数 N。",
)
def softmax_ce_grad__divides_by_C(logits, labels):
    return (ref.softmax(logits, dim=1) - ref.one_hot(labels, logits.shape[1])) / logits.shape[1]


@wrong(
    en="The exponentials are not shifted: logits of 1000 give nan.",
    zh="指数没有平移：logits 到 1000 时得到 nan。",
)
def softmax_ce_grad__unshifted(logits, labels):
    p = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    return (p - ref.one_hot(labels, logits.shape[1])) / len(labels)


@wrong(
    en=(
        "−ŷ / y' is multiplied by the matrix of softmax in numbers. That is right on paper, but for a sure "
        "mistake y' = 0, and 0 / 0 is nan. Cancel first."
    ),
    zh=(
        "用数值把 −ŷ / y' 乘上 softmax 的矩阵。纸面上没错，但自信地答错时 y' = 0，0 / 0 成了 nan。先约分，"
        "再计算。"
    ),
)
def softmax_ce_grad__through_the_matrix(logits, labels):
    p = ref.softmax(logits, dim=1)
    J = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    dp = -ref.one_hot(labels, logits.shape[1]).to(p.dtype) / p
    return torch.einsum("nij,nj->ni", J, dp) / len(labels)


@wrong(
    en="The softmax is missing: the label is taken from the logits themselves.",
    zh="没有做 softmax：直接从 logits 里减去了标签。",
)
def softmax_ce_grad__no_softmax(logits, labels):
    return (logits - ref.one_hot(labels, logits.shape[1])) / len(labels)


@wrong(
    en="Softmax runs over the batch (dim=0). The classes of a sample must compete: dim=1.",
    zh="softmax 沿着批次（dim=0）做了。应当是同一个样本的类别竞争：dim=1。",
)
def softmax_ce_grad__over_the_batch(logits, labels):
    return (ref.softmax(logits, dim=0) - ref.one_hot(labels, logits.shape[1])) / len(labels)


@wrong(
    en="There is a factor 2: that belongs to the squared error. Cross-entropy gives prediction minus label.",
    zh="多了一个因子 2：那是平方误差才有的。交叉熵的结果是预测减标签。",
)
def softmax_ce_grad__factor_2(logits, labels):
    return 2 * (ref.softmax(logits, dim=1) - ref.one_hot(labels, logits.shape[1])) / len(labels)


@wrong(
    en=(
        "The gradients of all samples are averaged into one row. Each sample has its own logits, so the "
        "result has the shape (N, C)."
    ),
    zh="把所有样本的梯度平均成了一行。每个样本有自己的 logits，所以结果的形状是 (N, C)。",
)
def softmax_ce_grad__averaged_rows(logits, labels):
    return (ref.softmax(logits, dim=1) - ref.one_hot(labels, logits.shape[1])).mean(dim=0)


# --- softmax_mse_grad ------------------------------------------------------------------------------


@right
def softmax_mse_grad__through_the_matrix(logits, y_hat):
    p = torch.softmax(logits, dim=-1)
    J = torch.diag_embed(p) - torch.einsum("ni,nk->nik", p, p)
    return torch.einsum("nik,ni->nk", J, 2 * (p - y_hat)) / logits.shape[0]


@right
def softmax_mse_grad__class_by_class(logits, y_hat):
    N, C = logits.shape
    e = (logits - logits.max(1, keepdim=True)[0]).exp()
    p = e / e.sum(1, keepdim=True)
    columns = []
    for k in range(C):
        total = 0
        for i in range(C):
            total = total + 2 * (p[:, i] - y_hat[:, i]) * p[:, i] * ((1.0 if i == k else 0.0) - p[:, k])
        columns.append(total / N)
    return torch.stack(columns, 1)


@right
def softmax_mse_grad__backward_in_steps(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    upstream = 2 * (p - y_hat) / p.size(0)
    through = upstream * p
    return through - through.sum(dim=1, keepdim=True) * p


@wrong(
    en=(
        "The derivative of softmax is taken as p(1 − p), element by element. It is a matrix: each "
        "probability depends on every logit, and each row of the result must sum to 0."
    ),
    zh=(
        "softmax 的导数只取了逐元素的 p(1 − p)。它是矩阵：每个概率都依赖于所有的 logits，"
        "而且结果的每行之和应为 0。"
    ),
)
def softmax_mse_grad__elementwise_softmax_deriv(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    return 2 * (p - y_hat) * p * (1 - p) / len(logits)


@wrong(
    en="The factor 2 is missing: it comes from the derivative of the square.",
    zh="少了因子 2：它来自平方的导数。",
)
def softmax_mse_grad__forgets_2(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return p * (d - (p * d).sum(dim=1, keepdim=True)) / len(logits)


@wrong(
    en="The loss is a mean over the batch, but the gradient is not divided by N. A batch of one hides it.",
    zh="损失是对批次的平均，梯度却没有除以 N。只有一个样本时看不出来。",
)
def softmax_mse_grad__no_mean(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True))


@wrong(
    en="The gradient is divided by N · C. The loss is summed over the classes, not averaged.",
    zh="梯度除以了 N · C。损失对类别是求和，不是平均。",
)
def softmax_mse_grad__divides_by_NC(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True)) / logits.numel()


@wrong(
    en=(
        "The sign is turned: at the label the gradient must be negative, as a larger logit there makes the "
        "loss smaller."
    ),
    zh="符号反了：标签处的梯度应当为负，因为那里的 logit 变大，损失会变小。",
)
def softmax_mse_grad__sign(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = y_hat - p
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True)) / len(logits)


@wrong(
    en=(
        "This is 2(y' − ŷ) / N, the gradient with respect to the probabilities. The derivative of softmax is "
        "still to come."
    ),
    zh="这是 2(y' − ŷ) / N，是对概率的梯度。还差一步：乘上 softmax 的导数。",
)
def softmax_mse_grad__dp_not_dz(logits, y_hat):
    return 2 * (ref.softmax(logits, dim=1) - y_hat) / len(logits)


@wrong(
    en="This is the gradient of cross-entropy, (y' − ŷ) / N. With squared error nothing cancels so nicely.",
    zh="这是交叉熵的梯度 (y' − ŷ) / N。平方误差可没有约得这么干净。",
)
def softmax_mse_grad__of_cross_entropy(logits, y_hat):
    return (ref.softmax(logits, dim=1) - y_hat) / len(logits)


@wrong(
    en=(
        "Only the diagonal part 2 d p is there: the sum over the other classes is missing. Each row must sum "
        "to 0."
    ),
    zh="只有对角线那一部分 2 d p，缺了对其他类别的求和。每行之和应为 0。",
)
def softmax_mse_grad__only_first_part(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    return 2 * p * (p - y_hat) / len(logits)


@wrong(
    en=(
        "In the second part the differences are averaged over the classes without their weights y'. Look "
        "where y'_i stands in the formula."
    ),
    zh="第二部分里，差对各类别直接求了平均，没有带上权重 y'。看看公式里 y'_i 在哪里。",
)
def softmax_mse_grad__unweighted(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d - (p * d).mean(dim=1, keepdim=True)) / len(logits)


@wrong(
    en="The two parts are added where they must be subtracted: δ − y' has a minus sign.",
    zh="两部分应当相减，却加了起来：δ − y' 里是减号。",
)
def softmax_mse_grad__plus(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d + (p * d).sum(dim=1, keepdim=True)) / len(logits)


@wrong(
    en=(
        "The sum runs over the samples (dim=0), not over the classes: samples then influence each other's "
        "gradients."
    ),
    zh="求和的方向是样本（dim=0），不是类别：这样样本之间会互相影响梯度。",
)
def softmax_mse_grad__sum_over_samples(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum(dim=0, keepdim=True)) / len(logits)


@wrong(
    en="The sum runs over the whole batch. It belongs to one sample: sum over its classes only.",
    zh="对整个批次求和了。求和只属于一个样本：只对它的类别求和。",
)
def softmax_mse_grad__sum_all(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum()) / len(logits)


@wrong(
    en="The softmax is missing: the error is taken of the logits themselves.",
    zh="没有做 softmax：直接拿 logits 去和标签求差。",
)
def softmax_mse_grad__on_logits(logits, y_hat):
    return 2 * (logits - y_hat) / len(logits)


@wrong(
    en="The exponentials are not shifted: logits of 1000 give nan.",
    zh="指数没有平移：logits 到 1000 时得到 nan。",
)
def softmax_mse_grad__unshifted(logits, y_hat):
    p = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True)) / len(logits)


@wrong(
    en="Softmax runs over the batch (dim=0). The classes of a sample must compete: dim=1.",
    zh="softmax 沿着批次（dim=0）做了。应当是同一个样本的类别竞争：dim=1。",
)
def softmax_mse_grad__over_the_batch(logits, y_hat):
    p = ref.softmax(logits, dim=0)
    d = p - y_hat
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True)) / len(logits)


@wrong(
    en=(
        "The gradient uses the label's class alone, as in cross-entropy. Squared error also counts the "
        "probability at the wrong classes."
    ),
    zh="只用了标签那一类，像交叉熵那样。平方误差还要算上放在错误类别上的概率。",
)
def softmax_mse_grad__only_the_label(logits, y_hat):
    p = ref.softmax(logits, dim=1)
    d = y_hat * (p - y_hat)
    return 2 * p * (d - (p * d).sum(dim=1, keepdim=True)) / len(logits)


# --- accuracy --------------------------------------------------------------------------------------
# The wrong ones return Python numbers: a submission is then recognised whether it returns these or tensors.


@right
def accuracy__tensor(logits, labels):
    return (logits.argmax(dim=1) == labels).float().mean()


@right
def accuracy__by_topk(logits, labels):
    best = torch.topk(logits, 1, dim=1).indices.squeeze(1)
    return torch.eq(best, labels).sum().item() / labels.shape[0]


@right
def accuracy__label_is_the_largest(logits, labels):
    at_label = logits.gather(1, labels[:, None]).squeeze(1)
    return (at_label >= logits.max(dim=1).values).to(torch.float64).mean().item()


@wrong(
    en="The largest entry is searched along the samples (dim=0), not along the classes of each sample.",
    zh="最大值是沿着样本（dim=0）找的，而不是在每个样本的类别里找。",
)
def accuracy__wrong_axis(logits, labels):
    return (logits.argmax(dim=0) == labels).double().mean().item()


@wrong(
    en="This is the number of right answers. Accuracy is their share, between 0 and 1.",
    zh="这是答对的个数。准确率是它所占的比例，在 0 和 1 之间。",
)
def accuracy__count(logits, labels):
    return float((logits.argmax(dim=1) == labels).sum())


@wrong(
    en="This is a percentage. A share between 0 and 1 is asked for.",
    zh="这是百分数。这里要的是 0 和 1 之间的比例。",
)
def accuracy__percent(logits, labels):
    return 100 * (logits.argmax(dim=1) == labels).double().mean().item()


@wrong(
    en=(
        "A sample counts as right if the label's probability exceeds ½. With more than two classes the "
        "largest may be smaller than that."
    ),
    zh="标签的概率超过 ½ 才算对。类别多于两个时，最大的概率也可能不到一半。",
)
def accuracy__threshold(logits, labels):
    p = ref.softmax(logits, dim=1)[torch.arange(len(labels)), labels]
    return (p > 0.5).double().mean().item()


@wrong(
    en=(
        "Only probabilities above ½ count as a prediction. A row may have none; then class 0 is taken, "
        "whatever its logits. The largest logit is the prediction, however small its probability."
    ),
    zh=(
        "只把超过 ½ 的概率当作预测。一行里可能一个都没有，这时不管 logits 怎样都成了第 0 类。"
        "预测就是最大的 logit 所在的位置，它的概率再小也一样。"
    ),
)
def accuracy__argmax_above_one_half(logits, labels):
    above = (torch.softmax(logits, dim=1) > 0.5).float()
    return (above.argmax(dim=1) == labels).double().mean().item()


@wrong(
    en=(
        "A sample counts as right if the label's logit is positive. Only the order of the logits matters: "
        "add a constant and see."
    ),
    zh="标签的 logit 为正就算对。要紧的只是 logits 的大小次序：给它们都加上一个常数看看。",
)
def accuracy__positive_logit(logits, labels):
    return (logits[torch.arange(len(labels)), labels] > 0).double().mean().item()


@wrong(
    en="This is the share of wrong answers. Accuracy is the share of right ones.",
    zh="这是答错的比例。准确率是答对的比例。",
)
def accuracy__error_rate(logits, labels):
    return (logits.argmax(dim=1) != labels).double().mean().item()


@wrong(
    en=(
        "Predictions of shape (N, 1) are compared with labels of shape (N,): every prediction with every "
        "label, an N × N table."
    ),
    zh="形状 (N, 1) 的预测与形状 (N,) 的标签相比，成了每个预测与每个标签都比一遍，得到 N × N 的表。",
)
def accuracy__broadcast(logits, labels):
    return (logits.argmax(dim=1, keepdim=True) == labels).double().mean().item()


@wrong(
    en="The smallest logit is taken for the prediction.",
    zh="把最小的 logit 当成了预测。",
)
def accuracy__smallest(logits, labels):
    return (logits.argmin(dim=1) == labels).double().mean().item()


@wrong(
    en="The largest logit itself is compared with the label. Its place is the prediction, not its value.",
    zh="拿最大的 logit 本身去和标签比。预测是它的位置，不是它的值。",
)
def accuracy__value_not_place(logits, labels):
    return (logits.max(dim=1).values == labels).double().mean().item()


@wrong(
    en="The number of right answers is divided by N · C, the number of logits. There are N answers.",
    zh="答对的个数除以了 N · C，也就是 logits 的个数。答案一共只有 N 个。",
)
def accuracy__divides_by_NC(logits, labels):
    return (logits.argmax(dim=1) == labels).sum().item() / logits.numel()


@wrong(
    en="This is the mean probability of the label. Accuracy counts: a sample is right or it is wrong.",
    zh="这是标签概率的平均值。准确率是计数：一个样本要么对，要么错。",
)
def accuracy__mean_probability(logits, labels):
    return ref.softmax(logits, dim=1)[torch.arange(len(labels)), labels].double().mean().item()


@wrong(
    en="Classes are counted from 1: the prediction is one too large.",
    zh="类别从 1 开始数了：预测大了 1。",
)
def accuracy__one_based(logits, labels):
    return (logits.argmax(dim=1) + 1 == labels).double().mean().item()


@wrong(
    en="There is one answer for each sample, of shape (N,). Their share is asked for, one number.",
    zh="每个样本各得到一个对错，形状 (N,)。这里要的是所占的比例，一个数。",
)
def accuracy__per_sample(logits, labels):
    return (logits.argmax(dim=1) == labels).float()


@wrong(
    en="Integer division (//) rounds down: everything below 1 becomes 0.",
    zh="整数除法（//）向下取整：不到 1 的全变成了 0。",
)
def accuracy__integer_division(logits, labels):
    return int((logits.argmax(dim=1) == labels).sum()) // len(labels) * 1.0


@wrong(
    en=(
        "Each class is averaged by itself first, so a sample of a rare class counts more. Every sample "
        "counts the same."
    ),
    zh="先对每个类别分别求平均，于是少见类别的样本分量更重。每个样本的分量应当一样。",
)
def accuracy__mean_over_classes(logits, labels):
    hits = logits.argmax(dim=1) == labels
    return torch.stack([hits[labels == c].double().mean() for c in labels.unique()]).mean().item()


@wrong(
    en="The number of right answers is divided by the number of classes C. There are N answers.",
    zh="答对的个数除以了类别数 C。答案一共有 N 个。",
)
def accuracy__divides_by_C(logits, labels):
    return (logits.argmax(dim=1) == labels).sum().item() / logits.shape[1]


@wrong(
    en=(
        "Only whether a class was predicted anywhere is compared, by counts for each class. Which sample got "
        "which answer is lost."
    ),
    zh="只比较了各类别被预测的次数，丢掉了“哪个样本得到哪个答案”。",
)
def accuracy__compares_counts(logits, labels):
    C = logits.shape[1]
    predicted, true = (torch.bincount(x, minlength=C) for x in (logits.argmax(dim=1), labels))
    return torch.minimum(predicted, true).sum().item() / len(labels)


@wrong(
    en=(
        "A softmax that overflows comes before the comparison: logits of 1000 give nan, and the place of the "
        "largest is lost. The logits themselves can be compared."
    ),
    zh=(
        "比较之前先做了一个会溢出的 softmax：logits 到 1000 时得到 nan，最大值的位置就丢了。"
        "直接比较 logits 就行。"
    ),
)
def accuracy__through_an_overflowing_softmax(logits, labels):
    p = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    return (p.argmax(dim=1) == labels).double().mean().item()
