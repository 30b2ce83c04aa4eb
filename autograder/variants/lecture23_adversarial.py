"""Implementations of lecture 23, adversarial attack, that are right, accepted, and wrong."""

import copy
import warnings

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from autograder.course import reference
from autograder.variant import accepted, equivalent, right, wrong

ref = reference("lecture23_adversarial")  # the other exercises, where a variant needs them
input_gradient, project_linf = ref.input_gradient, ref.project_linf
untargeted_loss, targeted_loss = ref.untargeted_loss, ref.targeted_loss

# --- linf_dist --------------------------------------------------------------------------------------------


@right
def linf_dist__vector_norm(x0, x):
    return torch.linalg.vector_norm(x - x0, ord=float("inf"), dim=tuple(range(1, x.dim())))


@right
def linf_dist__reshape_and_max(x0, x):
    return (x0 - x).abs().reshape(x.shape[0], -1).max(dim=1).values


@right
def linf_dist__both_ends(x0, x):
    dims = list(range(1, x.dim()))
    change = x - x0
    return torch.maximum(change.amax(dims), -change.amin(dims))


@right
def linf_dist__numpy(x0, x):
    change = np.abs(x.detach().numpy() - x0.detach().numpy())
    return torch.from_numpy(change.reshape(len(change), -1).max(axis=1))


@wrong(
    en=(
        "The absolute value is missing. A pixel that gets darker has a negative difference, and the maximum "
        "overlooks it: darken all pixels, and look at the sign of the distance."
    ),
    zh="少了绝对值。变暗的像素差为负，取最大值时就被漏掉了：把所有像素都变暗，看看距离的符号。",
)
def linf_dist__max_no_abs(x0, x):
    return (x - x0).flatten(1).amax(dim=1)


@wrong(
    en=(
        "The difference is taken the other way round, and without an absolute value: now the pixels that get "
        "brighter are overlooked."
    ),
    zh="差的方向反了，又没有取绝对值：这下漏掉的是变亮的像素。",
)
def linf_dist__reversed_no_abs(x0, x):
    return (x0 - x).flatten(1).amax(dim=1)


@wrong(
    en=(
        "The absolute value comes after the maximum: a large negative difference has lost against a small "
        "positive one by then."
    ),
    zh="绝对值取在最大值之后：那时，绝对值很大的负差已经输给了一个很小的正差。",
)
def linf_dist__abs_after_max(x0, x):
    return (x - x0).flatten(1).amax(dim=1).abs()


@wrong(
    en="One number for the whole batch. Every image has a distance of its own: the result has the shape (N,).",
    zh="整个批次只得到一个数。每张图像都有自己的距离：结果的形状是 (N,)。",
)
def linf_dist__whole_batch(x0, x):
    return (x - x0).abs().max()


@wrong(
    en="This is the 1-norm: all absolute differences added up. The ∞-norm looks at the largest alone.",
    zh="这是 1-范数：把所有差的绝对值加了起来。∞-范数只看最大的那一个。",
)
def linf_dist__l1(x0, x):
    return (x - x0).abs().flatten(1).sum(dim=1)


@wrong(
    en="This is the average change of a pixel. One pixel that changes a lot disappears in it.",
    zh="这是像素的平均改动。只有一个像素改动很大时，平均之后就看不出来了。",
)
def linf_dist__mean(x0, x):
    return (x - x0).abs().flatten(1).mean(dim=1)


@wrong(
    en="This is the 2-norm. The ∞-norm has no squares and no sum.",
    zh="这是 2-范数。∞-范数里没有平方，也没有求和。",
)
def linf_dist__l2(x0, x):
    return (x - x0).flatten(1).norm(dim=1)


@wrong(
    en=(
        "The maximum runs over the last dimension alone. An image of (C, H, W) then gives C × H numbers and "
        "not one."
    ),
    zh="只沿最后一维取了最大值。(C, H, W) 的图像于是得到 C × H 个数，而不是一个。",
)
def linf_dist__last_axis_only(x0, x):
    return (x - x0).abs().amax(dim=-1)


@wrong(
    en="The maximum runs over the samples, pixel by pixel. It must run over the pixels, sample by sample.",
    zh="最大值是对每个像素、在样本之间取的。应当是对每个样本、在像素之间取。",
)
def linf_dist__first_axis(x0, x):
    return (x - x0).abs().amax(dim=0)


@wrong(
    en=(
        "The largest pixels of the two images are compared, and they may lie in different places. The "
        "difference comes first, pixel by pixel."
    ),
    zh="比较的是两张图像各自最大的像素，它们可能不在同一个位置。应当先逐像素求差。",
)
def linf_dist__difference_of_maxima(x0, x):
    return (x.flatten(1).amax(dim=1) - x0.flatten(1).amax(dim=1)).abs()


@wrong(
    en=(
        "The absolute values are taken before the difference. For pixels of different sign that is something "
        "else: from −1 to 1 it is 2, not 0."
    ),
    zh="先取了绝对值再求差。两个像素符号不同时就错了：从 −1 到 1 是 2，不是 0。",
)
def linf_dist__abs_before_difference(x0, x):
    return (x.abs() - x0.abs()).abs().flatten(1).amax(dim=1)


@wrong(
    en=(
        "This is the spread of the changes, largest minus smallest. If all pixels change by the same amount, "
        "it is 0."
    ),
    zh="这是改动的极差：最大减最小。所有像素的改动都相同时，它等于 0。",
)
def linf_dist__spread(x0, x):
    change = (x - x0).flatten(1)
    return change.amax(dim=1) - change.amin(dim=1)


@wrong(
    en=(
        "The result has the shape (N, 1), or more ones than that. One distance for each sample is asked "
        "for, (N,)."
    ),
    zh="结果的形状是 (N, 1)，或者还多几个 1。要的是每个样本一个距离，即 (N,)。",
)
def linf_dist__keepdim(x0, x):
    return (x - x0).abs().flatten(1).amax(dim=1, keepdim=True)


@wrong(
    en="torch.max along a dimension returns values and places. Only the values are asked for.",
    zh="torch.max 沿某一维求最大值时，同时返回值和位置。这里只要值。",
)
def linf_dist__values_and_indices(x0, x):
    return tuple(torch.max((x - x0).abs().flatten(1), dim=1))


@wrong(
    en="The result is where the largest change is, not how large it is.",
    zh="得到的是最大改动在哪里，而不是它有多大。",
)
def linf_dist__place(x0, x):
    return (x - x0).abs().flatten(1).argmax(dim=1)


@wrong(
    en=(
        "view() refuses tensors that are not contiguous in memory, such as images whose channels were "
        "permuted. Try it with x0.permute(0, 3, 1, 2)."
    ),
    zh="view() 不接受内存不连续的张量，例如调换过通道的图像。用 x0.permute(0, 3, 1, 2) 试试。",
)
def linf_dist__view(x0, x):
    return (x - x0).abs().view(len(x), -1).amax(dim=1)


@wrong(
    en="Three dimensions after the batch are reduced, always. Vectors (N, D) have only one.",
    zh="批次之后总是归约三维，可是 (N, D) 的向量只有一维。",
)
def linf_dist__images_only(x0, x):
    return (x - x0).abs().amax(dim=(1, 2, 3))


@wrong(
    en="Values are right, but a Python loop visits the samples one by one. One operation does all of them.",
    zh="数值对了，但用 Python 循环逐个处理了样本。一次运算就能处理全部样本。",
)
def linf_dist__loop(x0, x):
    return torch.stack([(b - a).abs().max() for a, b in zip(x0, x, strict=True)])


# --- l2_dist ----------------------------------------------------------------------------------------------


@right
def l2_dist__vector_norm(x0, x):
    return torch.linalg.vector_norm(x - x0, dim=tuple(range(1, x.dim())))


@right
def l2_dist__einsum(x0, x):
    change = (x0 - x).reshape(x.shape[0], -1)
    return torch.einsum("nd,nd->n", change, change).sqrt()


@right
def l2_dist__norm_of_rows(x0, x):
    return torch.norm(torch.flatten(x, 1) - torch.flatten(x0, 1), p=2, dim=1)


@right
def l2_dist__power(x0, x):
    return ((x - x0) ** 2).sum(dim=list(range(1, x.dim()))) ** 0.5


@accepted(
    en=(
        "You return the squared distance, as the notes write it. It orders images in the same way and is "
        "accepted; but the 2-norm has a root, and a bound ε on one is a bound ε² on the other."
    ),
    zh=(
        "你返回的是距离的平方，笔记就是这么写的。它给出的远近次序相同，算对；"
        "不过 2-范数是要开根号的：一个用 ε 作界，另一个就得用 ε²。"
    ),
)
def l2_dist__squared_seed(x0, x):
    return (x - x0).flatten(1).square().sum(dim=1)


@accepted(
    en=(
        "F.pairwise_distance adds 1e-6 to every difference before it squares it, so an unchanged image gets a "
        "distance a little above 0. That is harmless here, and accepted."
    ),
    zh="F.pairwise_distance 在平方之前给每个差加上 1e-6，所以没有改动的图像距离略大于 0。在这里无关紧要，算对。",
)
def l2_dist__pairwise_distance(x0, x):
    return F.pairwise_distance(x0.flatten(1), x.flatten(1))


@accepted(
    en=(
        "F.pairwise_distance adds 1e-6 to every difference before it squares it, so an unchanged image gets a "
        "distance a little above 0. That is harmless here, and accepted."
    ),
    zh="F.pairwise_distance 在平方之前给每个差加上 1e-6，所以没有改动的图像距离略大于 0。在这里无关紧要，算对。",
)
def l2_dist__pairwise_distance_reversed(x0, x):
    return F.pairwise_distance(x.flatten(1), x0.flatten(1))


@wrong(
    en="One number for the whole batch. Every image has a distance of its own: the result has the shape (N,).",
    zh="整个批次只得到一个数。每张图像都有自己的距离：结果的形状是 (N,)。",
)
def l2_dist__whole_batch(x0, x):
    return (x - x0).norm()


@wrong(
    en=(
        "The squares are averaged, not added. The 2-norm is a length: of the change (0.3, −0.4) it is 0.5, "
        "yours is smaller by the root of the number of pixels."
    ),
    zh="平方之后求了平均，而不是求和。2-范数是长度：(0.3, −0.4) 的长度是 0.5，你的结果小了“像素数的平方根”倍。",
)
def l2_dist__rms(x0, x):
    return (x - x0).flatten(1).square().mean(dim=1).sqrt()


@wrong(
    en="The squares are averaged, not added, and the root is missing: this is the mean squared error.",
    zh="平方之后求了平均而不是求和，也没有开根号：这是均方误差。",
)
def l2_dist__mean_square(x0, x):
    return (x - x0).flatten(1).square().mean(dim=1)


@wrong(
    en="This is the 1-norm: (0.3, −0.4) gives 0.7 and not 0.5. Squares come first, one root comes last.",
    zh="这是 1-范数：(0.3, −0.4) 得到 0.7，而不是 0.5。先逐个平方，最后只开一次根号。",
)
def l2_dist__l1(x0, x):
    return (x - x0).flatten(1).abs().sum(dim=1)


@wrong(
    en="This is the ∞-norm, the largest change alone. The 2-norm counts every pixel.",
    zh="这是 ∞-范数，只看最大的改动。2-范数要把每个像素都算进去。",
)
def l2_dist__linf(x0, x):
    return (x - x0).flatten(1).abs().amax(dim=1)


@wrong(
    en="The norm runs over the last dimension alone. An image (C, H, W) then gives C × H numbers, not one.",
    zh="只沿最后一维求了范数。(C, H, W) 的图像于是得到 C × H 个数，而不是一个。",
)
def l2_dist__last_axis_only(x0, x):
    return (x - x0).norm(dim=-1)


@wrong(
    en="The sum runs over the samples, pixel by pixel. It must run over the pixels, sample by sample.",
    zh="求和是对每个像素、在样本之间做的。应当是对每个样本、在像素之间做。",
)
def l2_dist__first_axis(x0, x):
    return (x - x0).square().sum(dim=0).sqrt()


@wrong(
    en=(
        "The lengths of the two images are compared. Two images of the same length can be far apart; the "
        "difference comes first."
    ),
    zh="比较的是两张图像各自的长度。长度相同的两张图像可以相距很远；应当先求差。",
)
def l2_dist__difference_of_norms(x0, x):
    return (x.flatten(1).norm(dim=1) - x0.flatten(1).norm(dim=1)).abs()


@wrong(
    en=(
        "The rows' lengths are added up. Roots must not be added: the squares of the whole image belong under "
        "one root."
    ),
    zh="把每一行的长度加了起来。根号不能这样相加：整张图像的平方和要放在同一个根号下。",
)
def l2_dist__sum_of_row_lengths(x0, x):
    lengths = (x - x0).norm(dim=-1)
    return lengths.flatten(1).sum(dim=1) if lengths.dim() > 1 else lengths


@wrong(
    en=(
        "The differences are added before they are squared, so those of opposite sign cancel: the change "
        "(0.1, −0.1) must not have the length 0."
    ),
    zh="先求和再平方，正负相反的差就抵消了：改动 (0.1, −0.1) 的长度不该是 0。",
)
def l2_dist__square_of_sum(x0, x):
    return (x - x0).flatten(1).sum(dim=1).square().sqrt()


@wrong(
    en=(
        "A small constant stands under the root. An image that has not changed is then at a distance, and "
        "small changes are measured wrong."
    ),
    zh="根号里加了一个小常数。没有改动的图像于是也有了距离，微小的改动也量不准。",
)
def l2_dist__epsilon_in_root(x0, x):
    return ((x - x0).flatten(1).square().sum(dim=1) + 1e-6).sqrt()


@wrong(
    en="The result has the shape (N, 1). One distance for each sample is asked for, (N,).",
    zh="结果的形状是 (N, 1)。要的是每个样本一个距离，即 (N,)。",
)
def l2_dist__keepdim(x0, x):
    return (x - x0).flatten(1).norm(dim=1, keepdim=True)


@wrong(
    en=(
        "view() refuses tensors that are not contiguous in memory, such as images whose channels were "
        "permuted. Try it with x0.permute(0, 3, 1, 2)."
    ),
    zh="view() 不接受内存不连续的张量，例如调换过通道的图像。用 x0.permute(0, 3, 1, 2) 试试。",
)
def l2_dist__view(x0, x):
    return (x - x0).view(len(x), -1).norm(dim=1)


@wrong(
    en="Three dimensions after the batch are reduced, always. Vectors (N, D) have only one.",
    zh="批次之后总是归约三维，可是 (N, D) 的向量只有一维。",
)
def l2_dist__images_only(x0, x):
    return (x - x0).square().sum(dim=(1, 2, 3)).sqrt()


@wrong(
    en="Values are right, but a Python loop visits the samples one by one. One operation does all of them.",
    zh="数值对了，但用 Python 循环逐个处理了样本。一次运算就能处理全部样本。",
)
def l2_dist__loop(x0, x):
    return torch.stack([(x[i] - x0[i]).norm() for i in range(len(x))])


@wrong(
    en="The distance is halved, as in a loss ½‖Δx‖². A length has no ½.",
    zh="距离被除以了 2，像是损失 ½‖Δx‖² 里的 ½。长度没有 ½。",
)
def l2_dist__half(x0, x):
    return (0.5 * (x - x0).flatten(1).square().sum(dim=1)).sqrt()


# --- untargeted_loss --------------------------------------------------------------------------------------


@right
def untargeted_loss__log_softmax(logits, y):
    return logits.log_softmax(dim=1).gather(1, y[:, None]).mean()


@right
def untargeted_loss__by_hand(logits, y):
    m = logits.max(dim=1, keepdim=True).values
    lse = m.squeeze(1) + (logits - m).exp().sum(dim=1).log()
    return (logits[torch.arange(len(y)), y] - lse).sum() / len(y)


@right
def untargeted_loss__module(logits, y):
    return -1.0 * torch.nn.CrossEntropyLoss()(logits, y)


@right
def untargeted_loss__one_hot(logits, y):
    labels = torch.eye(logits.shape[1], dtype=logits.dtype, device=logits.device)[y]
    return (labels * F.log_softmax(logits, dim=-1)).sum() / labels.sum()


@wrong(
    en=(
        "This is +e, the loss of training: minimising it makes the network better. An attacker wants the "
        "opposite."
    ),
    zh="这是 +e，训练用的损失：最小化它，网络会变得更准。攻击者要的正好相反。",
)
def untargeted_loss__plus_ce(logits, y):
    return F.cross_entropy(logits, y)


@wrong(
    en=(
        "A softmax comes before the cross-entropy, which has one inside already. The loss can then hardly "
        "move, however sure the network is."
    ),
    zh="在交叉熵之前多做了一次 softmax，而交叉熵里面已经有一次了。这样无论网络多有把握，损失都几乎不动。",
)
def untargeted_loss__on_probabilities(logits, y):
    return -F.cross_entropy(logits.softmax(dim=1), y)


@wrong(
    en=(
        "The label is what the network thinks, not the truth `y`. Where it is wrong already, the attack would "
        "push it away from its mistake."
    ),
    zh="用的标签是网络自己的判断，而不是真实标签 `y`。网络本来就认错的图像，攻击反而会把它从错误里推出来。",
)
def untargeted_loss__predicted_label(logits, y):
    return -F.cross_entropy(logits, logits.argmax(dim=1))


@wrong(
    en="The samples are added up. The loss is their mean: twice the batch must not give twice the loss.",
    zh="把样本加了起来。损失是它们的平均：批次大一倍，损失不该也大一倍。",
)
def untargeted_loss__sum(logits, y):
    return -F.cross_entropy(logits, y, reduction="sum")


@wrong(
    en="One loss for each sample. The mean over the batch is asked for, of shape ().",
    zh="每个样本一个损失。要的是对批次的平均，形状 ()。",
)
def untargeted_loss__per_sample(logits, y):
    return -F.cross_entropy(logits, y, reduction="none")


@wrong(
    en=(
        "The logarithm is taken of a rounded probability: for logits of 1000 against 0 it is ln 0, −inf, and "
        "the gradient is lost. Lecture 7 has the way around."
    ),
    zh="对舍入过的概率取了对数：logits 为 1000 和 0 时成了 ln 0，即 −inf，梯度也没了。第 7 讲有解决的办法。",
)
def untargeted_loss__log_of_softmax(logits, y):
    return logits.softmax(dim=1).log()[torch.arange(len(y)), y].mean()


@wrong(
    en="A small constant inside the logarithm hides the −inf, but the value is wrong: ln e^−1000 is −1000.",
    zh="在对数里加一个小常数，只是把 −inf 藏了起来，数值还是错的：ln e^−1000 应当是 −1000。",
)
def untargeted_loss__log_of_softmax_plus_epsilon(logits, y):
    return (logits.softmax(dim=1)[torch.arange(len(y)), y] + 1e-12).log().mean()


@wrong(
    en="The logarithm has base 2. Equal logits of 4 classes should give −ln 4 ≈ −1.386, not −2.",
    zh="对数以 2 为底了。4 个类别的 logits 相等时应为 −ln 4 ≈ −1.386，而不是 −2。",
)
def untargeted_loss__log2(logits, y):
    return -F.cross_entropy(logits, y) / torch.log(torch.tensor(2.0, dtype=logits.dtype, device=logits.device))


@wrong(
    en=(
        "This is the logit of the true class alone. The other logits matter as well: add a constant to all, "
        "and the loss must not change."
    ),
    zh="这只是正确类别的 logit。别的 logit 也要紧：给所有 logit 加上同一个常数，损失应当不变。",
)
def untargeted_loss__logit_only(logits, y):
    return logits[torch.arange(len(y)), y].mean()


@wrong(
    en="This is the probability of the true class. The cross-entropy is about its logarithm.",
    zh="这是正确类别的概率。交叉熵用的是它的对数。",
)
def untargeted_loss__probability(logits, y):
    return logits.softmax(dim=1)[torch.arange(len(y)), y].mean()


@wrong(
    en=(
        "`lp[:, y]` takes, for every sample, the labels of all samples: an N × N table. Each sample has one "
        "label of its own."
    ),
    zh="`lp[:, y]` 给每个样本取了所有样本的标签，得到 N × N 的表。每个样本只有自己的一个标签。",
)
def untargeted_loss__cross_indexing(logits, y):
    return logits.log_softmax(dim=1)[:, y].mean()


@wrong(
    en="The sum is divided by N · C. Only one term a sample is left, so the mean is over the N samples.",
    zh="总和除以了 N · C。每个样本只剩一项，所以应对 N 个样本取平均。",
)
def untargeted_loss__divides_by_NC(logits, y):
    return (torch.eye(logits.shape[1], dtype=logits.dtype)[y] * logits.log_softmax(dim=1)).mean()


@wrong(
    en="The softmax runs over the samples of the batch. It must run over the classes of each sample.",
    zh="softmax 沿着批次里的样本做了。它应当在每个样本的各个类别之间做。",
)
def untargeted_loss__softmax_over_batch(logits, y):
    return logits.log_softmax(dim=0).gather(1, y[:, None]).mean()


@wrong(
    en="The result is a number without history. The attack needs its gradient: keep it a tensor.",
    zh="结果是一个没有来历的数。攻击需要它的梯度：要让它一直是张量。",
)
def untargeted_loss__item(logits, y):
    return -F.cross_entropy(logits, y).item()


@wrong(
    en="The value is right, but the result is detached: no gradient flows back to the logits.",
    zh="数值对了，但结果脱离了计算图：没有梯度流回 logits。",
)
def untargeted_loss__detached(logits, y):
    return -F.cross_entropy(logits.detach(), y)


@wrong(
    en=(
        "1/e also falls when e grows, but it is another loss, and its gradient explodes where the network is "
        "sure. The lecture takes −e."
    ),
    zh="e 变大时 1/e 也会变小，但那是另一个损失，网络有把握时它的梯度会爆炸。课上用的是 −e。",
)
def untargeted_loss__reciprocal(logits, y):
    return 1 / F.cross_entropy(logits, y)


@wrong(
    en="This is minus the squared error between probabilities and label. The lecture's e is the cross-entropy.",
    zh="这是概率与标签之间平方误差的相反数。课上的 e 是交叉熵。",
)
def untargeted_loss__squared_error(logits, y):
    labels = torch.eye(logits.shape[1], dtype=logits.dtype)[y]
    return -(logits.softmax(dim=1) - labels).square().sum(dim=1).mean()


@wrong(
    en="Values are right, but a Python loop visits the samples one by one. One operation does all of them.",
    zh="数值对了，但用 Python 循环逐个处理了样本。一次运算就能处理全部样本。",
)
def untargeted_loss__loop(logits, y):
    total = 0
    for row, label in zip(logits, y, strict=True):
        total = total + F.log_softmax(row, dim=0)[label]
    return total / len(y)


# --- targeted_loss ----------------------------------------------------------------------------------------


@right
def targeted_loss__two_terms(logits, y, y_target):
    criterion = torch.nn.CrossEntropyLoss()
    return -criterion(logits, y) + criterion(logits, y_target)


@right
def targeted_loss__difference_of_logits(logits, y, y_target):
    rows = torch.arange(len(y), device=logits.device)
    return (logits[rows, y] - logits[rows, y_target]).mean()


@right
def targeted_loss__log_softmax(logits, y, y_target):
    lp = F.log_softmax(logits, dim=1)
    pair = lp.gather(1, torch.stack([y, y_target], dim=1))
    return (pair[:, 0] - pair[:, 1]).mean()


@right
def targeted_loss__one_hot(logits, y, y_target):
    eye = torch.eye(logits.shape[1], dtype=logits.dtype, device=logits.device)
    return torch.einsum("nc,nc->", eye[y] - eye[y_target], logits) / len(logits)


@right
def targeted_loss__reuses_untargeted(logits, y, y_target):
    return untargeted_loss(logits, y) - untargeted_loss(logits, y_target)


@wrong(
    en=(
        "Both signs are flipped: minimising this strengthens the truth and drives the target away. The loss "
        "must be positive while the network is for the truth."
    ),
    zh="两个符号都反了：最小化它会巩固正确答案、赶走目标。网络偏向正确答案时，这个损失应当为正。",
)
def targeted_loss__sign_flipped(logits, y, y_target):
    return F.cross_entropy(logits, y) - F.cross_entropy(logits, y_target)


@wrong(
    en="Only the pull to the target is there. The term that pushes away from the truth is missing.",
    zh="只有拉向目标的一项，推离正确答案的那一项没有了。",
)
def targeted_loss__only_target(logits, y, y_target):
    return F.cross_entropy(logits, y_target)


@wrong(
    en="The target plays no part. This is the untargeted loss.",
    zh="目标完全没有用上。这是无目标的损失。",
)
def targeted_loss__only_untargeted(logits, y, y_target):
    return -F.cross_entropy(logits, y)


@wrong(
    en="Both terms have a plus, so the network is pulled to the target and to the truth at once.",
    zh="两项都是正号，于是网络同时被拉向目标和正确答案。",
)
def targeted_loss__plus_plus(logits, y, y_target):
    return F.cross_entropy(logits, y) + F.cross_entropy(logits, y_target)


@wrong(
    en="Both terms have a minus: the attack runs away from the truth and from its own target.",
    zh="两项都是负号：攻击在逃离正确答案的同时，也在逃离自己的目标。",
)
def targeted_loss__minus_target(logits, y, y_target):
    return -F.cross_entropy(logits, y) - F.cross_entropy(logits, y_target)


@wrong(
    en="The samples are added up. The loss is their mean: twice the batch must not give twice the loss.",
    zh="把样本加了起来。损失是它们的平均：批次大一倍，损失不该也大一倍。",
)
def targeted_loss__sum(logits, y, y_target):
    return F.cross_entropy(logits, y_target, reduction="sum") - F.cross_entropy(logits, y, reduction="sum")


@wrong(
    en="One of the two terms is summed over the batch, the other averaged. They must weigh the same.",
    zh="两项中一项对批次求和，另一项求平均。两项的分量应当相同。",
)
def targeted_loss__mean_and_sum(logits, y, y_target):
    return F.cross_entropy(logits, y_target, reduction="sum") - F.cross_entropy(logits, y)


@wrong(
    en="One loss for each sample. The mean over the batch is asked for, of shape ().",
    zh="每个样本一个损失。要的是对批次的平均，形状 ()。",
)
def targeted_loss__per_sample(logits, y, y_target):
    return F.cross_entropy(logits, y_target, reduction="none") - F.cross_entropy(logits, y, reduction="none")


@wrong(
    en=(
        "A softmax comes before the cross-entropies, which have one inside already. The loss can then never "
        "leave −1 to 1."
    ),
    zh="在交叉熵之前多做了一次 softmax，而交叉熵里面已经有一次了。这样损失永远出不了 −1 到 1。",
)
def targeted_loss__on_probabilities(logits, y, y_target):
    p = logits.softmax(dim=1)
    return F.cross_entropy(p, y_target) - F.cross_entropy(p, y)


@wrong(
    en="This is a difference of probabilities. Cross-entropies are about their logarithms.",
    zh="这是两个概率之差。交叉熵用的是概率的对数。",
)
def targeted_loss__probability_difference(logits, y, y_target):
    p, rows = logits.softmax(dim=1), torch.arange(len(y))
    return (p[rows, y] - p[rows, y_target]).mean()


@wrong(
    en=(
        "Logarithms are taken of rounded probabilities: for logits of ±1000 they are −inf, and −inf − (−inf) "
        "is nan."
    ),
    zh="对舍入过的概率取了对数：logits 到 ±1000 时是 −inf，而 −inf − (−inf) 是 nan。",
)
def targeted_loss__log_of_softmax(logits, y, y_target):
    lp, rows = logits.softmax(dim=1).log(), torch.arange(len(y))
    return (lp[rows, y] - lp[rows, y_target]).mean()


@wrong(
    en="The two losses are divided, not subtracted. Where the network is sure, the quotient explodes.",
    zh="两个损失相除了，而不是相减。网络有把握时，商会爆炸。",
)
def targeted_loss__ratio(logits, y, y_target):
    return F.cross_entropy(logits, y_target) / F.cross_entropy(logits, y)


@wrong(
    en="The loss stops at 0: once the target is ahead it no longer falls. The lecture's goes on below 0.",
    zh="损失到 0 就停了：目标领先之后它不再下降。课上的损失可以降到 0 以下。",
)
def targeted_loss__hinge(logits, y, y_target):
    rows = torch.arange(len(y))
    return (logits[rows, y] - logits[rows, y_target]).clamp(min=0).mean()


@wrong(
    en="The absolute value is smallest where truth and target are equally likely, and that is where it stops.",
    zh="取了绝对值：正确答案和目标一样可能时它就最小了，于是停在那里。",
)
def targeted_loss__absolute(logits, y, y_target):
    return (F.cross_entropy(logits, y_target) - F.cross_entropy(logits, y)).abs()


@wrong(
    en="The target is compared with the best of all classes, not with the true one, and `y` is not used.",
    zh="目标是和所有类别里最大的那个比的，不是和正确类别比；`y` 没有用上。",
)
def targeted_loss__against_the_best(logits, y, y_target):
    return F.cross_entropy(logits, y_target) - F.cross_entropy(logits, logits.argmax(dim=1))


@wrong(
    en="The sum of both terms is halved. The formula has no ½.",
    zh="两项之和除以了 2。公式里没有 ½。",
)
def targeted_loss__halved(logits, y, y_target):
    return (F.cross_entropy(logits, y_target) - F.cross_entropy(logits, y)) / 2


@wrong(
    en=(
        "`z[:, y]` takes, for every sample, the labels of all samples: an N × N table. Each sample has one "
        "label of its own."
    ),
    zh="`z[:, y]` 给每个样本取了所有样本的标签，得到 N × N 的表。每个样本只有自己的一个标签。",
)
def targeted_loss__cross_indexing(logits, y, y_target):
    lp = logits.log_softmax(dim=1)
    return (lp[:, y] - lp[:, y_target]).mean()


@wrong(
    en="Squared errors stand in place of the cross-entropies. The lecture's e is the cross-entropy.",
    zh="用平方误差代替了交叉熵。课上的 e 是交叉熵。",
)
def targeted_loss__squared_errors(logits, y, y_target):
    eye = torch.eye(logits.shape[1], dtype=logits.dtype)
    return F.mse_loss(logits, eye[y_target]) - F.mse_loss(logits, eye[y])


@wrong(
    en="The value is right, but the result is detached: no gradient flows back to the logits.",
    zh="数值对了，但结果脱离了计算图：没有梯度流回 logits。",
)
def targeted_loss__detached(logits, y, y_target):
    return (F.cross_entropy(logits, y_target) - F.cross_entropy(logits, y)).detach()


@wrong(
    en="One of the terms is detached: its value counts, but its gradient is missing.",
    zh="其中一项脱离了计算图：它的值算进去了，梯度却没有。",
)
def targeted_loss__half_detached(logits, y, y_target):
    return F.cross_entropy(logits, y_target) - F.cross_entropy(logits.detach(), y)


@wrong(
    en="Values are right, but a Python loop visits the samples one by one. One operation does all of them.",
    zh="数值对了，但用 Python 循环逐个处理了样本。一次运算就能处理全部样本。",
)
def targeted_loss__loop(logits, y, y_target):
    return torch.stack([row[a] - row[b] for row, a, b in zip(logits, y, y_target, strict=True)]).mean()


# --- input_gradient ---------------------------------------------------------------------------------------


@right
def input_gradient__clone(model, x, loss_fn):
    own = x.clone().detach().requires_grad_(True)
    loss = loss_fn(model(own))
    return torch.autograd.grad(outputs=loss, inputs=own)[0]


@right
def input_gradient__backward_to_inputs(model, x, loss_fn):
    own = x.detach().clone()
    own.requires_grad = True
    loss_fn(model(own)).backward(inputs=[own])
    return own.grad


@right
def input_gradient__saves_and_restores(model, x, loss_fn):
    saved = [p.grad for p in model.parameters()]
    for p in model.parameters():
        p.grad = None
    own = torch.nn.Parameter(x.clone())
    loss_fn(model(own)).backward()
    for p, grad in zip(model.parameters(), saved, strict=True):
        p.grad = grad
    return own.grad.detach()


@right
def input_gradient__of_a_copy(model, x, loss_fn):
    twin = copy.deepcopy(model)
    own = x.clone().requires_grad_()
    loss_fn(twin(own)).backward()
    return own.grad


@right
def input_gradient__switches_back(model, x, loss_fn):
    x.requires_grad_(True)
    try:
        return torch.autograd.grad(loss_fn(model(x)), [x])[0]
    finally:
        x.requires_grad_(False)


@right
def input_gradient__functional(model, x, loss_fn):
    return torch.func.grad(lambda inputs: loss_fn(model(inputs)))(x).detach()


@wrong(
    en=(
        "backward() has filled the .grad of the model's parameters as well. Look at them after the call: the "
        "model's owner would take your attack for a training gradient."
    ),
    zh="backward() 把模型参数的 .grad 也填上了。调用之后看看它们：模型的主人会把你的攻击当成训练的梯度。",
)
def input_gradient__backward_pollutes(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    loss_fn(model(own)).backward()
    return own.grad


@wrong(
    en=(
        "zero_grad() afterwards removes what backward() left in the parameters, but with it the gradients "
        "that had been there before."
    ),
    zh="事后用 zero_grad() 清掉了 backward() 留在参数里的东西，可是参数原来的梯度也一起没了。",
)
def input_gradient__zero_grad_after(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    loss_fn(model(own)).backward()
    model.zero_grad()
    return own.grad


@wrong(
    en=(
        "zero_grad() deletes the gradients that the parameters had, and backward() puts others in their "
        "place. Neither belongs to you."
    ),
    zh="zero_grad() 删掉了参数原有的梯度，backward() 又填进别的。这两样都不是你该动的。",
)
def input_gradient__zero_grad_before(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    model.zero_grad()
    loss_fn(model(own)).backward()
    return own.grad


@wrong(
    en="x belongs to the caller, and comes back with requires_grad=True. Switch it on at a tensor of your own.",
    zh="x 是调用者的，还回去时却带上了 requires_grad=True。请在你自己的张量上打开。",
)
def input_gradient__marks_x(model, x, loss_fn):
    x.requires_grad_()
    return torch.autograd.grad(loss_fn(model(x)), x)[0]


@wrong(
    en=(
        "x and the model's parameters are both left with traces: x with requires_grad=True and a .grad, the "
        "parameters with a .grad."
    ),
    zh="x 和模型参数都留下了痕迹：x 带上了 requires_grad=True 和 .grad，参数也有了 .grad。",
)
def input_gradient__marks_x_and_pollutes(model, x, loss_fn):
    x.requires_grad = True
    loss_fn(model(x)).backward()
    return x.grad.clone()


@wrong(
    en=(
        "The gradient is looked for at a tensor that was computed from another. backward() fills .grad of "
        "leaves only; here it stays None."
    ),
    zh="在一个由别的张量算出来的张量上找 .grad。backward() 只填叶子张量的 .grad，这里得到 None。",
)
def input_gradient__non_leaf(model, x, loss_fn):
    own = x.detach().clone().requires_grad_().clamp(-1e9, 1e9)
    loss_fn(model(own)).backward(inputs=[])if False else loss_fn(model(own))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return own.grad


@wrong(
    en=(
        "This is the gradient with respect to a weight of the model. The weights stay as they are; the "
        "image is what moves."
    ),
    zh="这是对模型权重的梯度。权重是不动的，要动的是图像。",
)
def input_gradient__of_weights(model, x, loss_fn):
    return torch.autograd.grad(loss_fn(model(x)), next(model.parameters()))[0]


@wrong(
    en=(
        "The parameters are frozen for the computation and stay frozen: afterwards nobody can train the "
        "model."
    ),
    zh="计算时冻结了参数，之后没有解冻：用完之后谁也没法再训练这个模型。",
)
def input_gradient__freezes(model, x, loss_fn):
    for p in model.parameters():
        p.requires_grad_(False)
    own = x.detach().clone().requires_grad_()
    loss_fn(model(own)).backward()
    return own.grad


@wrong(
    en=(
        "Afterwards all parameters ask for a gradient, also those that were frozen before. Remember what was "
        "there, or do not touch it."
    ),
    zh="用完之后，所有参数都打开了梯度，连原来冻结的也不例外。要么记住原样，要么别碰。",
)
def input_gradient__thaws(model, x, loss_fn):
    for p in model.parameters():
        p.requires_grad_(False)
    own = x.detach().clone().requires_grad_()
    gradient = torch.autograd.grad(loss_fn(model(own)), own)[0]
    for p in model.parameters():
        p.requires_grad_(True)
    return gradient


@wrong(
    en="The model is switched to evaluation mode and left there. Its owner was in the middle of training.",
    zh="把模型切到了评估模式，也没有切回来。它的主人可能正训练到一半。",
)
def input_gradient__calls_eval(model, x, loss_fn):
    model.eval()
    own = x.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_fn(model(own)), own)[0]


@wrong(
    en=(
        "The gradient is taken in evaluation mode, and then the old mode is put back. The mode was the "
        "caller's choice: with dropout the result is another one."
    ),
    zh="在评估模式下求梯度，然后恢复原来的模式。模式由调用者决定：有 dropout 时，结果就不一样了。",
)
def input_gradient__eval_and_back(model, x, loss_fn):
    was_training = model.training
    model.eval()
    own = x.detach().clone().requires_grad_()
    gradient = torch.autograd.grad(loss_fn(model(own)), own)[0]
    model.train(was_training)
    return gradient


@wrong(
    en="Afterwards the model is in training mode, whatever it was in before.",
    zh="不管模型原来是什么模式，用完之后都成了训练模式。",
)
def input_gradient__leaves_in_training(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    gradient = torch.autograd.grad(loss_fn(model(own)), own)[0]
    model.train()
    return gradient


@wrong(
    en=(
        "The gradient is still attached to a graph (create_graph=True): its requires_grad is True, and all "
        "the memory behind it is kept."
    ),
    zh="梯度仍连在计算图上（create_graph=True）：它的 requires_grad 是 True，背后的内存也释放不掉。",
)
def input_gradient__attached(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_fn(model(own)), own, create_graph=True)[0]


@wrong(
    en="loss_fn is not used: this is the gradient of the sum of all logits.",
    zh="没有用 loss_fn：这是所有 logits 之和的梯度。",
)
def input_gradient__ignores_loss(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    return torch.autograd.grad(model(own).sum(), own)[0]


@wrong(
    en="loss_fn gets probabilities. It takes logits, as the model returns them.",
    zh="交给 loss_fn 的是概率。它要的是模型原样返回的 logits。",
)
def input_gradient__softmax_first(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    return torch.autograd.grad(loss_fn(model(own).softmax(dim=1)), own)[0]


@wrong(
    en="This is the sign of the gradient. The attacks will take the sign themselves.",
    zh="这是梯度的符号。取符号是后面攻击函数的事。",
)
def input_gradient__sign(model, x, loss_fn):
    return input_gradient(model, x, loss_fn).sign()


@wrong(
    en="The gradient has the opposite sign: this is the way downhill, not the gradient.",
    zh="梯度的符号反了：这是下坡的方向，不是梯度。",
)
def input_gradient__negated(model, x, loss_fn):
    return -input_gradient(model, x, loss_fn)


@wrong(
    en="The absolute value of the gradient shows which pixels matter, but no longer in which direction.",
    zh="取了梯度的绝对值：能看出哪些像素要紧，却看不出该往哪边改。",
)
def input_gradient__saliency(model, x, loss_fn):
    return input_gradient(model, x, loss_fn).abs()


@wrong(
    en="The gradient is scaled to length 1. Its size belongs to it.",
    zh="把梯度缩放成了长度 1。大小也是梯度的一部分。",
)
def input_gradient__normalised(model, x, loss_fn):
    gradient = input_gradient(model, x, loss_fn)
    size = gradient.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.dim() - 1))
    return gradient / size


@wrong(
    en="The gradient is multiplied by N, as if the loss were a sum. It is the gradient of the loss as given.",
    zh="梯度乘以了 N，好像损失是求和一样。要的是所给损失本身的梯度。",
)
def input_gradient__times_n(model, x, loss_fn):
    return input_gradient(model, x, loss_fn) * len(x)


@wrong(
    en="The images come back flattened. The gradient has the shape of x.",
    zh="图像被展平之后没有还原。梯度的形状应与 x 相同。",
)
def input_gradient__flattened(model, x, loss_fn):
    own = x.detach().flatten(1).requires_grad_()
    return torch.autograd.grad(loss_fn(model(own)), own)[0]


@wrong(
    en=(
        "The computation runs without recording (no_grad, or a detached output), so there is nothing to "
        "differentiate."
    ),
    zh="计算时没有记录（在 no_grad 里，或者输出被 detach 了），所以没有东西可以求导。",
)
def input_gradient__no_grad(model, x, loss_fn):
    own = x.detach().clone().requires_grad_()
    with torch.no_grad():
        logits = model(own)
    return torch.autograd.grad(loss_fn(logits), own)[0]


@wrong(
    en="requires_grad was never switched on for the image, so autograd does not know it.",
    zh="没有给图像打开 requires_grad，autograd 不认识它。",
)
def input_gradient__forgot_requires_grad(model, x, loss_fn):
    return torch.autograd.grad(loss_fn(model(x)), x)[0]


@wrong(
    en=(
        "Finite differences, pixel by pixel: two runs of the model for each pixel of the whole batch, and "
        "only a few digits right. Backpropagation gives all of them at once."
    ),
    zh="逐像素做有限差分：批次里的每个像素都要把模型跑两遍，而且只有几位是准的。反向传播一次就能全部算出。",
)
def input_gradient__finite_differences(model, x, loss_fn, h=1e-3):
    gradient = torch.zeros_like(x)
    flat = gradient.view(-1)
    with torch.no_grad():
        for i in range(x.numel()):
            step = torch.zeros_like(x)
            step.view(-1)[i] = h
            flat[i] = (loss_fn(model(x + step)) - loss_fn(model(x - step))) / (2 * h)
    return gradient


@wrong(
    en="All images get the same gradient, the mean over the batch. Each image has its own.",
    zh="所有图像用了同一个（平均的）梯度。每张图像都有自己的梯度。",
)
def input_gradient__mean_over_batch(model, x, loss_fn):
    gradient = input_gradient(model, x, loss_fn)
    return gradient.mean(dim=0, keepdim=True).expand_as(gradient).clone()


# --- fgsm -------------------------------------------------------------------------------------------------


@right
def fgsm__ascends_on_ce(model, x, y, eps, lo=0, hi=1):
    own = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(model(own), y), own)
    return torch.clamp(x + eps * torch.sign(gradient), lo, hi)


@right
def fgsm__sum_over_batch(model, x, y, eps, lo=0, hi=1):
    own = x.clone().requires_grad_(True)
    loss = F.nll_loss(model(own).log_softmax(dim=1), y, reduction="sum")
    loss.backward(inputs=own)
    with torch.no_grad():
        return (own + eps * own.grad.sign()).clip(lo, hi).detach()


@right
def fgsm__limits_as_minimum_and_maximum(model, x, y, eps, lo=0, hi=1):
    direction = torch.sign(input_gradient(model, x, lambda z: untargeted_loss(z, y)))
    attacked = x - eps * direction
    return torch.where(attacked < lo, torch.full_like(x, lo), torch.where(attacked > hi, torch.full_like(x, hi), attacked))


@right
def fgsm__where(model, x, y, eps, lo=0, hi=1):
    g = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    up, down = (g > 0).to(x.dtype), (g < 0).to(x.dtype)
    return (x + eps * up - eps * down).clamp(min=lo, max=hi)


@wrong(
    en=(
        "The step goes the wrong way: the loss should grow, and yours falls. Compare "
        "F.cross_entropy(model(x), y) before and after; the network gets surer of the truth."
    ),
    zh="这一步走反了：损失应该变大，你的损失变小了。比较前后的 F.cross_entropy(model(x), y)：网络反而更确信正确答案。",
)
def fgsm__descent(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x - eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en=(
        "The gradient itself is added, without the sign. Gradients of pixels are tiny, so nearly nothing "
        "moves: look at linf_dist, it should be eps."
    ),
    zh="加上去的是梯度本身，没有取符号。像素的梯度很小，所以几乎没动：看看 linf_dist，它应该等于 eps。",
)
def fgsm__no_sign(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * gradient).clamp(lo, hi)


@wrong(
    en="The step has 2-norm eps (gradient divided by its length). With the ∞-norm every pixel may move by eps.",
    zh="这一步的 2-范数是 eps（梯度除以了自己的长度）。用 ∞-范数时，每个像素都可以移动 eps。",
)
def fgsm__l2_normalised(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    size = gradient.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.dim() - 1))
    return (x + eps * gradient / size).clamp(lo, hi)


@wrong(
    en=(
        "The gradient is divided by its largest entry: only one pixel moves by eps, the others by less. All of "
        "them should use up their eps."
    ),
    zh="梯度除以了其中最大的元素：只有一个像素移动了 eps，其余的都更少。每个像素都应当把 eps 用满。",
)
def fgsm__linf_normalised(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    size = gradient.abs().flatten(1).amax(dim=1).reshape(-1, *[1] * (x.dim() - 1))
    return (x + eps * gradient / size).clamp(lo, hi)


@wrong(
    en="This is the noise alone. The attacked image is asked for.",
    zh="这只是扰动。要的是攻击之后的图像。",
)
def fgsm__returns_noise(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * gradient.sign()).clamp(lo, hi) - x


@wrong(
    en=(
        "The label is what the model thinks, not the true one. Images that it gets wrong are then pushed "
        "away from the mistake, maybe back to the truth."
    ),
    zh="用的标签是模型自己的判断，不是真实标签。本来就认错的图像会被推离错误，说不定推回正确答案。",
)
def fgsm__predicted_label(model, x, y, eps, lo=0, hi=1):
    with torch.no_grad():
        guess = model(x).argmax(dim=1)
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, guess))
    return (x + eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en=(
        "A softmax comes before the cross-entropy, which has one inside already. With more than two classes "
        "the gradient then points elsewhere, and some pixels move the wrong way."
    ),
    zh="在交叉熵之前多做了一次 softmax，而交叉熵里面已经有一次了。类别多于两个时，梯度的方向就变了，有些像素会走反。",
)
def fgsm__double_softmax(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z.softmax(dim=1), y))
    return (x + eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en="Pixels leave the valid range: black gets darker than black. Look at min() and max() of the result.",
    zh="像素超出了合法范围：黑色变得比黑还黑。看看结果的 min() 和 max()。",
)
def fgsm__no_clip(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return x + eps * gradient.sign()


@wrong(
    en="The result is clipped to −1 … 1, whatever lo and hi are. Pixels below black remain.",
    zh="不管 lo 和 hi 是多少，都裁剪到 −1 到 1。比黑还黑的像素仍在。",
)
def fgsm__clip_pm1(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * gradient.sign()).clamp(-1, 1)


@wrong(
    en="The result is clipped to 0 … 1, whatever lo and hi are. They are arguments for a reason.",
    zh="不管 lo 和 hi 是多少，都裁剪到 0 到 1。它们作为参数传进来，是有用的。",
)
def fgsm__range_hard_coded(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * gradient.sign()).clamp(0, 1)


@wrong(
    en="Only the upper end is clipped. Pixels still get darker than lo.",
    zh="只裁剪了上端。像素仍会比 lo 更暗。",
)
def fgsm__clips_above_only(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * gradient.sign()).clamp(max=hi)


@wrong(
    en="The noise is clipped to lo … hi, and not the image: negative noise becomes 0, so no pixel gets darker.",
    zh="裁剪的是扰动而不是图像：负的扰动成了 0，于是没有像素会变暗。",
)
def fgsm__clips_the_noise(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return x + (eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en=(
        "Each image is stretched into the range by its own minimum and maximum. That moves all pixels, also "
        "far more than eps; out-of-range pixels are to be clipped."
    ),
    zh="每张图像按自己的最小、最大值拉伸到了范围内。这样所有像素都动了，还可能远超 eps；应当只裁剪越界的像素。",
)
def fgsm__rescales(model, x, y, eps, lo=0, hi=1):
    attacked = x + eps * input_gradient(model, x, lambda z: F.cross_entropy(z, y)).sign()
    low = attacked.flatten(1).amin(dim=1).reshape(-1, *[1] * (x.dim() - 1))
    high = attacked.flatten(1).amax(dim=1).reshape(-1, *[1] * (x.dim() - 1))
    return lo + (hi - lo) * (attacked - low) / (high - low)


@wrong(
    en="eps is divided by 255. It is in the unit of the pixels already.",
    zh="eps 除以了 255。它本来就和像素同单位。",
)
def fgsm__eps_255(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps / 255 * gradient.sign()).clamp(lo, hi)


@wrong(
    en="eps is multiplied by the width of the range. It is in the unit of the pixels already.",
    zh="eps 乘以了范围的宽度。它本来就和像素同单位。",
)
def fgsm__eps_of_the_range(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * (hi - lo) * gradient.sign()).clamp(lo, hi)


@wrong(
    en=(
        "Every pixel is moved up or down, also those with a gradient of exactly 0. The sign of 0 is 0: a "
        "pixel that the model ignores stays."
    ),
    zh="每个像素不是往上就是往下，梯度恰好为 0 的也动了。0 的符号是 0：模型不看的像素应当不动。",
)
def fgsm__two_signs(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + torch.where(gradient > 0, eps, -eps)).clamp(lo, hi)


@wrong(
    en=(
        "The step lowers the logit of the true class alone. The cross-entropy also cares for the others: "
        "raising a rival may be the better way."
    ),
    zh="这一步只压低了正确类别的 logit。交叉熵也在乎别的 logit：抬高一个对手也许更有效。",
)
def fgsm__lowers_one_logit(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: z.gather(1, y[:, None]).sum())
    return (x - eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en=(
        "The step goes towards the second-best class, instead of away from the true one. Untargeted means: "
        "let the cross-entropy of the truth grow."
    ),
    zh="这一步是朝第二可能的类别走，而不是远离正确类别。无目标的意思是：让正确标签的交叉熵变大。",
)
def fgsm__towards_the_runner_up(model, x, y, eps, lo=0, hi=1):
    with torch.no_grad():
        rival = model(x).scatter(1, y[:, None], -float("inf")).argmax(dim=1)
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, rival))
    return (x - eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en="The signs are drawn by lot. Noise like this hardly hurts a network; the gradient tells the direction.",
    zh="符号是随机抽的。这样的噪声几乎伤不到网络；方向要问梯度。",
)
def fgsm__random_noise(model, x, y, eps, lo=0, hi=1):
    return (x + eps * torch.randn_like(x).sign()).clamp(lo, hi)


@wrong(
    en=(
        "backward() leaves gradients in the model's parameters. Look at p.grad before and after the attack: "
        "the model is to stay as it was."
    ),
    zh="backward() 在模型参数里留下了梯度。比较攻击前后的 p.grad：模型应当保持原样。",
)
def fgsm__pollutes_gradients(model, x, y, eps, lo=0, hi=1):
    own = x.detach().clone().requires_grad_()
    F.cross_entropy(model(own), y).backward()
    return (own + eps * own.grad.sign()).clamp(lo, hi).detach()


@wrong(
    en="zero_grad() deletes the gradients that the parameters had, and backward() leaves others in them.",
    zh="zero_grad() 删掉了参数原有的梯度，backward() 又留下了别的。",
)
def fgsm__zero_grad_and_backward(model, x, y, eps, lo=0, hi=1):
    own = x.detach().clone().requires_grad_()
    model.zero_grad()
    F.cross_entropy(model(own), y).backward()
    return (own + eps * own.grad.sign()).clamp(lo, hi).detach()


@wrong(
    en="x belongs to the caller, and comes back with requires_grad=True.",
    zh="x 是调用者的，还回去时却带上了 requires_grad=True。",
)
def fgsm__marks_x(model, x, y, eps, lo=0, hi=1):
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(model(x), y), x)
    return (x.detach() + eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en=(
        "The attacked image is still attached to the graph (requires_grad is True). Whoever trains on it "
        "drags the attack's graph along."
    ),
    zh="攻击后的图像仍连在计算图上（requires_grad 是 True）。谁拿它去训练，都会拖着攻击的计算图。",
)
def fgsm__attached(model, x, y, eps, lo=0, hi=1):
    own = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(model(own), y), own)
    return (own + eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en="The model is switched to evaluation mode and left there. It is to stay as it was.",
    zh="把模型切到了评估模式，也没有切回来。它应当保持原样。",
)
def fgsm__calls_eval(model, x, y, eps, lo=0, hi=1):
    model.eval()
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return (x + eps * gradient.sign()).clamp(lo, hi)


@wrong(
    en="The caller's images are changed in place. The result must be a new tensor; x stays.",
    zh="就地改动了调用者的图像。结果必须是新的张量，x 保持不变。",
)
def fgsm__in_place(model, x, y, eps, lo=0, hi=1):
    gradient = input_gradient(model, x, lambda z: F.cross_entropy(z, y))
    return x.add_(eps * gradient.sign()).clamp_(lo, hi)


@wrong(
    en="Values are right, but a Python loop attacks the images one by one. One gradient serves the whole batch.",
    zh="数值对了，但用 Python 循环逐张攻击。一次求梯度就够整个批次用。",
)
def fgsm__loop(model, x, y, eps, lo=0, hi=1):
    attacked = []
    for i in range(len(x)):
        gradient = input_gradient(model, x[i : i + 1], lambda z, i=i: F.cross_entropy(z, y[i : i + 1]))
        attacked.append((x[i : i + 1] + eps * gradient.sign()).clamp(lo, hi))
    return torch.cat(attacked)


# --- project_linf -----------------------------------------------------------------------------------------


@right
def project_linf__limits_the_change(x, x0, eps, lo, hi):
    return torch.clamp(x0 + torch.clamp(x - x0, -eps, eps), lo, hi)


@right
def project_linf__minimum_and_maximum(x, x0, eps, lo, hi):
    lower, upper = (x0 - eps).clamp(min=lo), (x0 + eps).clamp(max=hi)
    return torch.minimum(torch.maximum(x, lower), upper)


@right
def project_linf__where(x, x0, eps, lo, hi):
    out = torch.where(x > x0 + eps, x0 + eps, x)
    out = torch.where(out < x0 - eps, x0 - eps, out)
    out = torch.where(out > hi, torch.full_like(out, hi), out)
    return torch.where(out < lo, torch.full_like(out, lo), out)


@right
def project_linf__range_first(x, x0, eps, lo, hi):
    return x.clip(lo, hi).clip(x0 - eps, x0 + eps).clip(lo, hi)


@right
def project_linf__on_a_copy(x, x0, eps, lo, hi):
    out = x.clone()
    above, below = out > x0 + eps, out < x0 - eps
    out[above] = (x0 + eps)[above]
    out[below] = (x0 - eps)[below]
    return out.clamp_(lo, hi)


@wrong(
    en=(
        "x itself is clipped to ±eps, as if the original were black. The box lies around x0: try x = x0 = 0.5, "
        "which must stay."
    ),
    zh="把 x 本身裁剪到了 ±eps，好像原图是全黑的。盒子以 x0 为中心：试试 x = x0 = 0.5，它应当不变。",
)
def project_linf__abs_clip_not_ball(x, x0, eps, lo, hi):
    return x.clamp(-eps, eps).clamp(lo, hi)


@wrong(
    en="Only the upper side of the box is there. Pixels may still get darker by more than eps.",
    zh="只有盒子的上边。像素仍然可以变暗超过 eps。",
)
def project_linf__upper_only(x, x0, eps, lo, hi):
    return torch.minimum(x, x0 + eps).clamp(lo, hi)


@wrong(
    en="Only the lower side of the box is there. Pixels may still get brighter by more than eps.",
    zh="只有盒子的下边。像素仍然可以变亮超过 eps。",
)
def project_linf__lower_only(x, x0, eps, lo, hi):
    return torch.maximum(x, x0 - eps).clamp(lo, hi)


@wrong(
    en=(
        "The whole change is shrunk until its largest entry fits. That moves pixels which were within the box: "
        "put one pixel far outside, and watch the others."
    ),
    zh="把整个改动按比例缩小，直到最大的那个放得下。本来就在盒子里的像素也被移动了：把一个像素放得很远，看看别的像素。",
)
def project_linf__scale_whole(x, x0, eps, lo, hi):
    change = x - x0
    factor = (eps / change.abs().max().clamp(min=1e-12)).clamp(max=1)
    return (x0 + factor * change).clamp(lo, hi)


@wrong(
    en=(
        "The change of each image is shrunk as a whole until its largest entry fits. That moves pixels which were "
        "within the box (and needs a batch axis, where x may have any shape). Each pixel has its own interval."
    ),
    zh="每张图像的改动整个按比例缩小，直到最大的那个放得下。本来就在盒子里的像素也被移动了（而且需要批次维，"
    "可 x 的形状是任意的）。每个像素有自己的区间。",
)
def project_linf__scale_each_image(x, x0, eps, lo, hi):
    change = x - x0
    largest = change.flatten(1).abs().amax(1).view(-1, *[1] * (x.dim() - 1))
    return (x0 + change * (eps / largest).clamp(max=1)).clamp(lo, hi)


@wrong(
    en=(
        "The change of each image is shrunk to a 2-norm of at most eps. The box is of the ∞-norm: every pixel "
        "for itself."
    ),
    zh="把每张图像的改动缩到了 2-范数不超过 eps。这里的盒子是 ∞-范数的：每个像素各管各的。",
)
def project_linf__l2_ball(x, x0, eps, lo, hi):
    change = x - x0
    size = change.norm().clamp(min=1e-12)
    return (x0 + change * (eps / size).clamp(max=1)).clamp(lo, hi)


@wrong(
    en="eps is divided by 255. It is in the unit of the pixels already.",
    zh="eps 除以了 255。它本来就和像素同单位。",
)
def project_linf__eps_255(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps / 255, x0 + eps / 255).clamp(lo, hi)


@wrong(
    en="This is the limited change. The image is asked for, which is the original with the change added.",
    zh="这是限制之后的改动。要的是图像，也就是原图加上改动。",
)
def project_linf__returns_delta(x, x0, eps, lo, hi):
    return (x - x0).clamp(-eps, eps)


@wrong(
    en="The valid range is missing. Near black and white the box reaches beyond it: x0 = 0.95 with eps = 0.1.",
    zh="没有限制到合法范围。在黑和白附近，盒子会超出范围：比如 x0 = 0.95、eps = 0.1。",
)
def project_linf__no_range_clip(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps, x0 + eps)


@wrong(
    en="The range is always 0 … 1, whatever lo and hi are.",
    zh="不管 lo 和 hi 是多少，范围总是 0 到 1。",
)
def project_linf__range_hard_coded(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps, x0 + eps).clamp(0, 1)


@wrong(
    en="Only the range is there. eps and x0 play no part.",
    zh="只限制了范围，eps 和 x0 都没有用上。",
)
def project_linf__range_only(x, x0, eps, lo, hi):
    return x.clamp(lo, hi)


@wrong(
    en="The upper end of the range is missing: a pixel gets brighter than hi.",
    zh="缺了范围的上端：像素会比 hi 更亮。",
)
def project_linf__range_below_only(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps, x0 + eps).clamp(min=lo)


@wrong(
    en="The lower end of the range is missing: a pixel gets darker than lo.",
    zh="缺了范围的下端：像素会比 lo 更暗。",
)
def project_linf__range_above_only(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps, x0 + eps).clamp(max=hi)


@wrong(
    en="The original is brought into a box around x. It is the other way round: the box is around x0.",
    zh="把原图拉进了 x 周围的盒子。应当反过来：盒子在 x0 周围。",
)
def project_linf__swapped(x, x0, eps, lo, hi):
    return x0.clamp(x - eps, x + eps).clamp(lo, hi)


@wrong(
    en=(
        "Pixels outside the box are put back to x0. The nearest allowed point is on the border of the box, "
        "not in its middle."
    ),
    zh="盒子外面的像素被放回了 x0。最近的允许点在盒子的边上，不在中心。",
)
def project_linf__resets_to_x0(x, x0, eps, lo, hi):
    return torch.where((x - x0).abs() > eps, x0, x).clamp(lo, hi)


@wrong(
    en="If any pixel is outside, the whole image is rejected. Each pixel is treated for itself.",
    zh="只要有一个像素在界外，就整张作废。应当逐像素处理。",
)
def project_linf__all_or_nothing(x, x0, eps, lo, hi):
    return (x if bool(((x - x0).abs() <= eps).all()) else x0).clamp(lo, hi)


@wrong(
    en=(
        "The box is the same for all pixels, from the darkest original minus eps to the brightest plus eps. "
        "Each pixel has a box of its own."
    ),
    zh="所有像素共用一个盒子：从原图最暗处减 eps 到最亮处加 eps。每个像素都应有自己的盒子。",
)
def project_linf__common_box(x, x0, eps, lo, hi):
    return x.clamp(float(x0.min()) - eps, float(x0.max()) + eps).clamp(lo, hi)


@wrong(
    en="Every pixel is pushed to the border of the box, also those that were inside. They must stay.",
    zh="每个像素都被推到了盒子的边上，本来在里面的也不例外。里面的应当不变。",
)
def project_linf__always_at_the_border(x, x0, eps, lo, hi):
    return (x0 + eps * (x - x0).sign()).clamp(lo, hi)


@wrong(
    en="The box reaches eps / 2 to each side. eps is the largest change in either direction.",
    zh="盒子往每一边只有 eps / 2。eps 是每个方向上允许的最大改动。",
)
def project_linf__half_box(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps / 2, x0 + eps / 2).clamp(lo, hi)


@wrong(
    en="eps is taken relative to the pixel, so a black pixel may not change at all. It is an absolute amount.",
    zh="eps 成了相对于像素的比例，黑色像素于是完全不能动。它是绝对的改动量。",
)
def project_linf__relative(x, x0, eps, lo, hi):
    return x.clamp(x0 - eps * x0.abs(), x0 + eps * x0.abs()).clamp(lo, hi)


@wrong(
    en="x is changed in place. The result must be a new tensor.",
    zh="就地改动了 x。结果必须是新的张量。",
)
def project_linf__in_place(x, x0, eps, lo, hi):
    return x.clamp_(x0 - eps, x0 + eps).clamp_(lo, hi)


@wrong(
    en="The excess is reflected back into the box, like a ball from a wall. The nearest point is on the wall.",
    zh="超出的部分像球撞墙一样弹了回来。最近的点就在墙上。",
)
def project_linf__reflects(x, x0, eps, lo, hi):
    out = torch.where(x > x0 + eps, 2 * (x0 + eps) - x, x)
    out = torch.where(out < x0 - eps, 2 * (x0 - eps) - out, out)
    return out.clamp(lo, hi)


# --- pgd --------------------------------------------------------------------------------------------------


@right
def pgd__all_in_one(model, x0, y, eps, alpha, steps, y_target=None):
    delta = torch.zeros_like(x0)
    for _ in range(steps):
        delta.requires_grad_(True)
        logits = model(x0 + delta)
        loss = F.cross_entropy(logits, y)
        if y_target is not None:
            loss = loss - F.cross_entropy(logits, y_target)
        (gradient,) = torch.autograd.grad(loss, delta)
        delta = (delta.detach() + alpha * gradient.sign()).clamp(-eps, eps)
        delta = (x0 + delta).clamp(0, 1) - x0
    return x0 + delta


@right
def pgd__ascends(model, x0, y, eps, alpha, steps, y_target=None):
    x, low, high = x0.clone(), (x0 - eps).clamp(min=0), (x0 + eps).clamp(max=1)
    for _ in range(steps):
        own = x.detach().requires_grad_(True)
        logits = model(own)
        if y_target is None:
            loss = F.cross_entropy(logits, y, reduction="sum")
        else:
            rows = torch.arange(len(y))
            loss = (logits[rows, y_target] - logits[rows, y]).sum()
        loss.backward(inputs=[own])
        x = torch.max(torch.min(x + alpha * own.grad.sign(), high), low)
    return x


@right
def pgd__recursive(model, x0, y, eps, alpha, steps, y_target=None):
    if steps == 0:
        return x0.clone()
    x = pgd__recursive.implementation(model, x0, y, eps, alpha, steps - 1, y_target)

    def loss(z):
        return untargeted_loss(z, y) if y_target is None else targeted_loss(z, y, y_target)

    return project_linf(x - alpha * torch.sign(input_gradient(model, x, loss)), x0, eps, 0.0, 1.0)


@right
def pgd__while(model, x0, y, eps, alpha, steps, y_target=None):
    loss = (lambda z: -F.cross_entropy(z, y)) if y_target is None else (lambda z: targeted_loss(z, y, y_target))
    x, left = x0 + 0, steps
    while left > 0:
        x = x - alpha * input_gradient(model, x, loss).sign()
        x = torch.clamp(x, 0, 1)
        x = x0 + torch.clamp(x - x0, -eps, eps)
        left -= 1
    return x


def attacker_loss(y, y_target):
    """The loss to minimise, for the variants whose mistake is elsewhere."""
    return lambda z: untargeted_loss(z, y) if y_target is None else targeted_loss(z, y, y_target)


@wrong(
    en=(
        "Each step climbs the attacker's loss, where it should descend: the network gets surer of the truth. "
        "Compare its cross-entropy before and after."
    ),
    zh="每一步都在让攻击者的损失上升，而它应当下降：网络反而更确信正确答案。比较一下攻击前后的交叉熵。",
)
def pgd__sign_flipped(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = project_linf(x + alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "Without a target it is right, but with one the sign is wrong: the target's cross-entropy must get "
        "smaller, not larger."
    ),
    zh="没有目标时是对的，有目标时符号反了：目标的交叉熵应当变小，而不是变大。",
)
def pgd__target_sign_flipped(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    direction = -1 if y_target is None else 1
    for _ in range(steps):
        gradient = input_gradient(model, x, attacker_loss(y, y_target))
        x = project_linf(x + direction * alpha * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="y_target is not used: with a target the attack is the same as without.",
    zh="没有用 y_target：有没有目标，攻击都一样。",
)
def pgd__ignores_target(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, None)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="With a target, only the pull to the target is there. The term −e(y, ŷ) is missing.",
    zh="有目标时，只有拉向目标的一项，少了 −e(y, ŷ) 这一项。",
)
def pgd__only_target(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        loss = attacker_loss(y, None) if y_target is None else (lambda z: F.cross_entropy(z, y_target))
        x = project_linf(x - alpha * input_gradient(model, x, loss).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "With a target, the target is taken for the true label: the attack runs away from it. Every other "
        "answer suits it better than the target."
    ),
    zh="有目标时，把目标当成了真实标签：攻击在逃离目标，除了目标什么答案都行。",
)
def pgd__target_as_label(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    label = y if y_target is None else y_target
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(label, None)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "The gradient is taken once, at x0, and used for all steps. Each step needs the gradient at the "
        "present point; else this is FGSM in slow motion."
    ),
    zh="梯度只在 x0 处求了一次，每一步都用它。每一步都应在当前点处重新求，否则不过是慢动作的 FGSM。",
)
def pgd__grad_at_x0(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    gradient = input_gradient(model, x0, attacker_loss(y, y_target))
    for _ in range(steps):
        x = project_linf(x - alpha * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The steps go along the gradient itself, without the sign. They are tiny: look at linf_dist.",
    zh="每一步走的是梯度本身，没有取符号。步子太小了：看看 linf_dist。",
)
def pgd__no_sign(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, y_target)), x0, eps, 0, 1)
    return x


@wrong(
    en="The steps have 2-norm alpha (the gradient over its length). Every pixel should move by alpha.",
    zh="每一步的 2-范数是 alpha（梯度除以了自己的长度）。每个像素都应当移动 alpha。",
)
def pgd__l2_normalised(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        gradient = input_gradient(model, x, attacker_loss(y, y_target))
        size = gradient.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.dim() - 1))
        x = project_linf(x - alpha * gradient / size, x0, eps, 0, 1)
    return x


@wrong(
    en="Nothing keeps the image within eps of x0. Take many steps and look at linf_dist(x0, x).",
    zh="没有让图像留在离 x0 不超过 eps 的范围内。多走几步，看看 linf_dist(x0, x)。",
)
def pgd__no_projection(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = (x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign()).clamp(0, 1)
    return x


@wrong(
    en="The valid range is missing: pixels get darker than 0 or brighter than 1.",
    zh="没有限制到合法范围：像素会比 0 更暗，或比 1 更亮。",
)
def pgd__no_range_clip(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign()
        x = x.clamp(x0 - eps, x0 + eps)
    return x


@wrong(
    en=(
        "The projection comes once, at the end. Until then the steps wander outside the allowed region, and "
        "their gradients are taken there."
    ),
    zh="只在最后投影了一次。在那之前，每一步都在允许范围之外乱走，梯度也是在外面求的。",
)
def pgd__projects_at_the_end(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign()
    return project_linf(x, x0, eps, 0, 1)


@wrong(
    en="The box moves along: it is laid around the last point, not around x0. The image drifts away.",
    zh="盒子跟着一起走了：它围在上一个点周围，而不是 x0 周围。图像会越漂越远。",
)
def pgd__box_moves_along(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        stepped = x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign()
        x = project_linf(stepped, x, eps, 0, 1)
    return x


@wrong(
    en="Only one step is made, whatever `steps` is.",
    zh="不管 `steps` 是多少，都只走了一步。",
)
def pgd__one_step(model, x0, y, eps, alpha, steps, y_target=None):
    return project_linf(x0 - alpha * input_gradient(model, x0, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)


@wrong(
    en=(
        "The loop starts over: every round begins at x0 and throws the last one away. The next step must begin "
        "where the last one ended."
    ),
    zh="循环每次都从头来：每一轮都从 x0 出发，上一轮白走了。下一步应当从上一步的终点开始。",
)
def pgd__starts_over(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        gradient = input_gradient(model, x, attacker_loss(y, y_target))
        x = project_linf(x0 - alpha * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="Each step has the length eps, not alpha: it jumps from one end of the box to the other.",
    zh="每一步的步长是 eps 而不是 alpha：从盒子的一头跳到另一头。",
)
def pgd__eps_as_step(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = project_linf(x - eps * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The step is eps / steps. The length of a step is given: alpha.",
    zh="步长成了 eps / steps。步长已经给定：alpha。",
)
def pgd__eps_over_steps(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        gradient = input_gradient(model, x, attacker_loss(y, y_target))
        x = project_linf(x - eps / steps * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="alpha and eps have changed places: the box is too narrow, and the steps are too long.",
    zh="alpha 和 eps 弄反了：盒子太窄，步子太大。",
)
def pgd__alpha_and_eps_swapped(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = project_linf(x - eps * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, alpha, 0, 1)
    return x


@wrong(
    en="One step too many is made: with steps=0 the images must stay as they are.",
    zh="多走了一步：steps=0 时，图像应当不变。",
)
def pgd__one_step_too_many(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps + 1):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "The start is a random point of the box. That is often done, but here the start is x0, and every run "
        "gives the same."
    ),
    zh="从盒子里的随机一点出发。这很常见，但这里要求从 x0 出发，每次结果都一样。",
)
def pgd__random_start(model, x0, y, eps, alpha, steps, y_target=None):
    x = project_linf(x0 + eps * (2 * torch.rand_like(x0) - 1), x0, eps, 0, 1)
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "The gradients of all steps add up in x.grad, as it is never cleared. Each step should use the "
        "gradient of its own point alone."
    ),
    zh="x.grad 从不清零，各步的梯度越积越多。每一步只应使用当前点的梯度。",
)
def pgd__gradients_pile_up(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0.detach().clone().requires_grad_()
    for _ in range(steps):
        attacker_loss(y, y_target)(model(x)).backward(inputs=[x])
        with torch.no_grad():
            x.copy_(project_linf(x - alpha * x.grad.sign(), x0, eps, 0, 1))
    return x.detach()


@wrong(
    en=(
        "An image stops as soon as the network is fooled. All `steps` steps are asked for; they make the "
        "network sure of its mistake."
    ),
    zh="网络一被骗过，这张图像就停了。题目要求走完全部 `steps` 步，让网络错得更有把握。",
)
def pgd__stops_when_fooled(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        with torch.no_grad():
            guess = model(x).argmax(dim=1)
        going = guess == y if y_target is None else guess != y_target
        gradient = input_gradient(model, x, attacker_loss(y, y_target))
        gradient = gradient * going.reshape(-1, *[1] * (x.dim() - 1))
        x = project_linf(x - alpha * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "`if y_target:` asks for a truth value. Of several labels there is none (an error), and a single "
        "label 0 counts as False, so that target is ignored."
    ),
    zh="`if y_target:` 问的是真假值。多个标签没有真假（会报错），而单个标签 0 算作 False，于是这个目标被忽略了。",
)
def pgd__truth_value_of_target(model, x0, y, eps, alpha, steps, y_target=None):
    def loss(z):
        if y_target:
            return targeted_loss(z, y, y_target)
        return untargeted_loss(z, y)

    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, loss).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The label is what the model thinks at x0, not the true one.",
    zh="用的标签是模型对 x0 的判断，不是真实标签。",
)
def pgd__predicted_label(model, x0, y, eps, alpha, steps, y_target=None):
    with torch.no_grad():
        y = model(x0).argmax(dim=1)
    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The losses get probabilities in place of logits: softmax is applied twice, and gradients point elsewhere.",
    zh="交给损失的是概率而不是 logits：softmax 做了两次，梯度的方向就变了。",
)
def pgd__double_softmax(model, x0, y, eps, alpha, steps, y_target=None):
    x, loss = x0, attacker_loss(y, y_target)
    for _ in range(steps):
        gradient = input_gradient(model, x, lambda z: loss(z.softmax(dim=1)))
        x = project_linf(x - alpha * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "Pixels with a gradient of exactly 0 are moved as well. The sign of 0 is 0: what the model ignores "
        "stays."
    ),
    zh="梯度恰好为 0 的像素也被移动了。0 的符号是 0：模型不看的像素应当不动。",
)
def pgd__two_signs(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        gradient = input_gradient(model, x, attacker_loss(y, y_target))
        x = project_linf(x - torch.where(gradient > 0, alpha, -alpha), x0, eps, 0, 1)
    return x


@wrong(
    en="This is the change alone. The attacked image is asked for.",
    zh="这只是改动。要的是攻击之后的图像。",
)
def pgd__returns_delta(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x - x0


@wrong(
    en=(
        "backward() leaves gradients in the model's parameters at every step. Look at p.grad before and "
        "after: the model is to stay as it was."
    ),
    zh="每一步的 backward() 都在模型参数里留下了梯度。比较前后的 p.grad：模型应当保持原样。",
)
def pgd__pollutes_gradients(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        own = x.detach().clone().requires_grad_()
        attacker_loss(y, y_target)(model(own)).backward()
        x = project_linf(x - alpha * own.grad.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="zero_grad() deletes the gradients that the parameters had, and backward() leaves others in them.",
    zh="zero_grad() 删掉了参数原有的梯度，backward() 又留下了别的。",
)
def pgd__zero_grad_and_backward(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        own = x.detach().clone().requires_grad_()
        model.zero_grad()
        attacker_loss(y, y_target)(model(own)).backward()
        x = project_linf(x - alpha * own.grad.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "The image is never detached: the graph grows with every step, and the result still hangs on it "
        "(requires_grad is True)."
    ),
    zh="图像一直没有脱离计算图：图随每一步变大，结果也仍挂在上面（requires_grad 是 True）。",
)
def pgd__attached(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0.detach().clone().requires_grad_()
    for _ in range(steps):
        (gradient,) = torch.autograd.grad(attacker_loss(y, y_target)(model(x)), x)
        x = project_linf(x - alpha * gradient.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="x0 belongs to the caller, and comes back with requires_grad=True.",
    zh="x0 是调用者的，还回去时却带上了 requires_grad=True。",
)
def pgd__marks_x0(model, x0, y, eps, alpha, steps, y_target=None):
    x = x0
    for _ in range(steps):
        x.requires_grad_()
        (gradient,) = torch.autograd.grad(attacker_loss(y, y_target)(model(x)), x)
        x = project_linf(x.detach() - alpha * gradient.sign(), x0.detach(), eps, 0, 1)
    return x.detach()


@wrong(
    en="The model is switched to evaluation mode and left there. It is to stay as it was.",
    zh="把模型切到了评估模式，也没有切回来。它应当保持原样。",
)
def pgd__calls_eval(model, x0, y, eps, alpha, steps, y_target=None):
    model.eval()
    x = x0
    for _ in range(steps):
        x = project_linf(x - alpha * input_gradient(model, x, attacker_loss(y, y_target)).sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The caller's images are changed in place, and with them the middle of the box.",
    zh="就地改动了调用者的图像，盒子的中心也跟着动了。",
)
def pgd__in_place(model, x0, y, eps, alpha, steps, y_target=None):
    for _ in range(steps):
        gradient = input_gradient(model, x0, attacker_loss(y, y_target))
        x0.copy_(project_linf(x0 - alpha * gradient.sign(), x0, eps, 0, 1))
    return x0


@wrong(
    en="Values are right, but a Python loop attacks the images one by one. One gradient serves the whole batch.",
    zh="数值对了，但用 Python 循环逐张攻击。一次求梯度就够整个批次用。",
)
def pgd__loop(model, x0, y, eps, alpha, steps, y_target=None):
    attacked = []
    for i in range(len(x0)):
        x, one = x0[i : i + 1], slice(i, i + 1)
        loss = attacker_loss(y[one], None if y_target is None else y_target[one])
        for _ in range(steps):
            x = project_linf(x - alpha * input_gradient(model, x, loss).sign(), x0[one], eps, 0, 1)
        attacked.append(x)
    return torch.cat(attacked)


# --- attack_success_rate ----------------------------------------------------------------------------------


@right
def attack_success_rate__selects(clean_pred, adv_pred, y):
    before = clean_pred == y
    if not before.any():
        return 0.0
    return (adv_pred[before] != y[before]).double().mean()


@right
def attack_success_rate__changed_among_correct(clean_pred, adv_pred, y):
    correct = (clean_pred == y).nonzero().flatten()
    changed = (clean_pred[correct] != adv_pred[correct]).sum().item()
    return changed / len(correct) if len(correct) else 0


@right
def attack_success_rate__weights(clean_pred, adv_pred, y):
    weight = (clean_pred == y).double()
    return (weight * (adv_pred != y)).sum() / weight.sum().clamp(min=1)


@right
def attack_success_rate__one_minus_survivors(clean_pred, adv_pred, y):
    correct = torch.eq(clean_pred, y)
    n = torch.count_nonzero(correct)
    survived = torch.count_nonzero(torch.logical_and(correct, torch.eq(adv_pred, y)))
    return torch.where(n > 0, 1 - survived / n.clamp(min=1), 0.0).double()


@wrong(
    en=(
        "The denominator counts all samples. An image that was wrong from the start cannot be fooled; it "
        "plays no part above or below the line."
    ),
    zh="分母数了所有样本。一开始就认错的图像没法再被骗；它既不该在分子里，也不该在分母里。",
)
def attack_success_rate__all_denominator(clean_pred, adv_pred, y):
    return int(((clean_pred == y) & (adv_pred != y)).sum()) / len(y)


@wrong(
    en=(
        "Everything that is wrong now is counted, also what was wrong before the attack. The rate may then "
        "even exceed 1."
    ),
    zh="现在错的全都算上了，包括攻击之前就错的。这样算出来甚至可能大于 1。",
)
def attack_success_rate__counts_already_wrong(clean_pred, adv_pred, y):
    return int((adv_pred != y).sum()) / max(int((clean_pred == y).sum()), 1)


@wrong(
    en=(
        "Every changed prediction is counted, over all samples. From one mistake to another, or from wrong to "
        "right, is no success of the attack."
    ),
    zh="只要预测变了就算，而且对所有样本计数。从一种错变成另一种错，或者从错变对，都不是攻击的成功。",
)
def attack_success_rate__changed_prediction(clean_pred, adv_pred, y):
    return (clean_pred != adv_pred).double().mean()


@wrong(
    en="This is the share that the attack did not fool. The share that it did fool is asked for.",
    zh="这是没有被骗过的比例。要的是被骗过的比例。",
)
def attack_success_rate__survivors(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return int((correct & (adv_pred == y)).sum()) / max(int(correct.sum()), 1)


@wrong(
    en="This is the accuracy under attack. It counts right answers, and over all samples.",
    zh="这是受攻击时的准确率：数的是答对的，而且是对所有样本。",
)
def attack_success_rate__robust_acc(clean_pred, adv_pred, y):
    return (adv_pred == y).double().mean()


@wrong(
    en="This is the error rate under attack, over all samples, whether they were right before or not.",
    zh="这是受攻击时的错误率，对所有样本计数，不管原来对不对。",
)
def attack_success_rate__error_rate(clean_pred, adv_pred, y):
    return (adv_pred != y).double().mean()


@wrong(
    en=(
        "This is the drop of accuracy. Samples that turned from wrong to right are subtracted in it, and it "
        "is a share of all."
    ),
    zh="这是准确率的下降。从错变对的样本在里面被减掉了，而且它是占全部样本的比例。",
)
def attack_success_rate__accuracy_drop(clean_pred, adv_pred, y):
    return ((clean_pred == y).double() - (adv_pred == y).double()).mean()


@wrong(
    en=(
        "The drop of right answers is divided by the right ones. Samples that turned from wrong to right hide "
        "successes in it."
    ),
    zh="用答对个数的减少量除以原来答对的个数。从错变对的样本会抵消掉一部分成功。",
)
def attack_success_rate__relative_drop(clean_pred, adv_pred, y):
    before, after = int((clean_pred == y).sum()), int((adv_pred == y).sum())
    return (before - after) / max(before, 1)


@wrong(
    en="If nothing was right before, this is 0 / 0 (an error, or nan). The rate is then 0.",
    zh="原来一个都没答对时，这是 0 / 0（报错或 nan）。这时成功率是 0。",
)
def attack_success_rate__nan_when_none(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return (adv_pred[correct] != y[correct]).double().mean()


@wrong(
    en="If nothing was right before, 0/0 gives nan. The rate is then 0.",
    zh="原来一个都没答对时，0/0 得到 nan。这时成功率是 0。",
)
def attack_success_rate__nan_from_counts(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return (correct & (adv_pred != y)).sum() / correct.sum()


@wrong(
    en="If nothing was right before, it divides by zero. The rate is then 0.",
    zh="原来一个都没答对时，除数为零。这时成功率是 0。",
)
def attack_success_rate__division_by_zero(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return int((correct & (adv_pred != y)).sum()) / int(correct.sum())


@wrong(
    en="If nothing was right before, the attack is given full success. It has fooled nobody: 0.",
    zh="原来一个都没答对时，算成了攻击全部成功。它谁也没骗到，应为 0。",
)
def attack_success_rate__one_when_none(clean_pred, adv_pred, y):
    correct = clean_pred == y
    if int(correct.sum()) == 0:
        return 1.0
    return int((correct & (adv_pred != y)).sum()) / int(correct.sum())


@wrong(
    en="A count, not a share. It must lie between 0 and 1.",
    zh="这是个数，不是比例。结果应在 0 和 1 之间。",
)
def attack_success_rate__count(clean_pred, adv_pred, y):
    return int(((clean_pred == y) & (adv_pred != y)).sum())


@wrong(
    en="Percent. A share between 0 and 1 is asked for.",
    zh="这是百分数。要的是 0 到 1 之间的比例。",
)
def attack_success_rate__percent(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return 100 * int((correct & (adv_pred != y)).sum()) / max(int(correct.sum()), 1)


@wrong(
    en="The division rounds down: everything below full success becomes 0.",
    zh="整除把小数舍掉了：只要不是全部成功，就成了 0。",
)
def attack_success_rate__integer_division(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return int((correct & (adv_pred != y)).sum()) // max(int(correct.sum()), 1)


@wrong(
    en="clean_pred and adv_pred have changed places: this is what the attack repaired.",
    zh="clean_pred 和 adv_pred 弄反了：算的是攻击“修好”了多少。",
)
def attack_success_rate__swapped(clean_pred, adv_pred, y):
    correct = adv_pred == y
    return int((correct & (clean_pred != y)).sum()) / max(int(correct.sum()), 1)


@wrong(
    en="Among the samples that are wrong after the attack, this is the share that was right before.",
    zh="这是在攻击后答错的样本里，原来答对的比例：分母弄错了。",
)
def attack_success_rate__among_the_wrong(clean_pred, adv_pred, y):
    wrong_now = adv_pred != y
    return int((wrong_now & (clean_pred == y)).sum()) / max(int(wrong_now.sum()), 1)


@wrong(
    en=(
        "Every changed prediction is counted, also of samples that were wrong before; only the denominator "
        "leaves them out."
    ),
    zh="只要预测变了就算，原来就答错的样本也数了进去；只有分母把它们排除了。",
)
def attack_success_rate__changed_over_correct(clean_pred, adv_pred, y):
    correct = clean_pred == y
    return int((clean_pred != adv_pred).sum()) / max(int(correct.sum()), 1)


@wrong(
    en="Values are right, but a Python loop visits the samples one by one. A comparison does all of them.",
    zh="数值对了，但用 Python 循环逐个处理了样本。一次比较就能处理全部样本。",
)
def attack_success_rate__loop(clean_pred, adv_pred, y):
    correct = fooled = 0
    for before, after, label in zip(clean_pred.tolist(), adv_pred.tolist(), y.tolist(), strict=True):
        if before == label:
            correct += 1
            fooled += after != label
    return fooled / correct if correct else 0.0


# --- mifgsm -----------------------------------------------------------------------------------------------


def per_image(values, x):
    """(N,) brought to (N, 1, …), to go with images."""
    return values.reshape(-1, *[1] * (x.dim() - 1))


@right
def mifgsm__ascends(model, x0, y, eps, alpha, steps, decay):
    x, m = x0.clone(), 0
    for _ in range(steps):
        own = x.detach().requires_grad_()
        (g,) = torch.autograd.grad(F.cross_entropy(model(own), y), own)
        m = decay * m + g / per_image(g.flatten(1).norm(p=1, dim=1), x0)
        x = torch.clamp(x + alpha * m.sign(), 0, 1)
        x = torch.min(torch.max(x, x0 - eps), x0 + eps)
    return x


@right
def mifgsm__mean_of_absolutes(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.abs().flatten(1).mean(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@right
def mifgsm__moving_average(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + (1 - decay) * F.normalize(g.flatten(1), p=1, dim=1, eps=0).reshape(x0.shape)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@right
def mifgsm__weights_of_the_past(model, x0, y, eps, alpha, steps, decay):
    x, past = x0 + 0, []
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        past.append(g / torch.linalg.vector_norm(g, ord=1, dim=tuple(range(1, g.dim())), keepdim=True))
        m = sum(decay ** (len(past) - 1 - i) * old for i, old in enumerate(past))
        x = project_linf(x - alpha * torch.sign(m), x0, eps, 0.0, 1.0)
    return x


@wrong(
    en=(
        "The memory is multiplied by 1 − decay, and the gradient enters it without its 1-norm. With a decay "
        "near 1 nothing is remembered; decay is the share that is *kept*."
    ),
    zh="记忆乘以了 1 − decay，梯度也没有除以 1-范数。decay 接近 1 时什么也记不住；decay 是*保留*的比例。",
)
def mifgsm__leedl_1_minus_decay(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        m = input_gradient(model, x, lambda z: untargeted_loss(z, y)) + (1 - decay) * m
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The memory is multiplied by 1 − decay. decay is the share that is *kept*.",
    zh="记忆乘以了 1 − decay。decay 是*保留*的比例。",
)
def mifgsm__one_minus_decay(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = (1 - decay) * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "The gradients enter the memory with their own size. One large gradient then outweighs all others; "
        "each is to be divided by its 1-norm first."
    ),
    zh="梯度没有除以 1-范数就进了记忆。一个特别大的梯度会压过其余所有；每个梯度都要先除以自己的 1-范数。",
)
def mifgsm__no_l1_norm(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        m = decay * m + input_gradient(model, x, lambda z: untargeted_loss(z, y))
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en=(
        "The 1-norm is taken over the whole batch. An image then depends on its neighbours: attack one alone, "
        "and within a batch."
    ),
    zh="1-范数是在整个批次上求的，图像于是受到邻居的影响：单独攻击一张，再放进批次里攻击，比一比。",
)
def mifgsm__norm_whole_batch(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / g.abs().sum()
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The gradient is divided by its 2-norm. The formula has the 1-norm, the sum of absolute values.",
    zh="梯度除以的是 2-范数。公式里是 1-范数，即绝对值之和。",
)
def mifgsm__l2_norm(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).norm(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The gradient is divided by its largest entry. The formula has the 1-norm, the sum of absolute values.",
    zh="梯度除以的是其中最大的绝对值。公式里是 1-范数，即绝对值之和。",
)
def mifgsm__linf_norm(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).abs().amax(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The sum in the norm lacks its absolute values: positive and negative entries cancel.",
    zh="范数求和时没有取绝对值：正负会抵消。",
)
def mifgsm__sum_without_abs(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The memory is divided by its norm after the gradient has entered it. The gradient comes first.",
    zh="梯度进入记忆之后，才把整个记忆除以范数。应当先除梯度。",
)
def mifgsm__normalises_the_memory(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        m = decay * m + input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = m / per_image(m.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The memory gathers signs. It should gather gradients, each divided by its 1-norm.",
    zh="记忆里攒的是符号。应当攒梯度，每个都先除以自己的 1-范数。",
)
def mifgsm__gathers_signs(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        m = decay * m + input_gradient(model, x, lambda z: untargeted_loss(z, y)).sign()
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The memory never fades: decay is not used, and the oldest gradient counts as much as the newest.",
    zh="记忆从不衰减：没有用 decay，最早的梯度和最新的分量一样。",
)
def mifgsm__no_decay(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="decay stands at the new gradient instead of at the memory.",
    zh="decay 乘在了新的梯度上，而不是记忆上。",
)
def mifgsm__decays_the_gradient(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = m + decay * g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="There is no memory: the steps follow the newest gradient alone. This is PGD.",
    zh="没有记忆：每一步只看最新的梯度。这就是 PGD。",
)
def mifgsm__no_momentum(model, x0, y, eps, alpha, steps, decay):
    return ref.pgd(model, x0, y, eps, alpha, steps)


@wrong(
    en="The step uses the memory before the new gradient has entered it; the first step does not move at all.",
    zh="走这一步时，新的梯度还没有进入记忆；第一步完全没动。",
)
def mifgsm__stale_memory(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
    return x


@wrong(
    en="The step goes along the memory itself, without the sign.",
    zh="走的是记忆本身，没有取符号。",
)
def mifgsm__no_sign(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m, x0, eps, 0, 1)
    return x


@wrong(
    en="The steps go the wrong way: the cross-entropy of the true label gets smaller.",
    zh="每一步都走反了：真实标签的交叉熵变小了。",
)
def mifgsm__sign_flipped(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x + alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="Nothing keeps the image within eps of x0. Take many steps and look at linf_dist(x0, x).",
    zh="没有让图像留在离 x0 不超过 eps 的范围内。多走几步，看看 linf_dist(x0, x)。",
)
def mifgsm__no_projection(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = (x - alpha * m.sign()).clamp(0, 1)
    return x


@wrong(
    en="The valid range is missing: pixels get darker than 0 or brighter than 1.",
    zh="没有限制到合法范围：像素会比 0 更暗，或比 1 更亮。",
)
def mifgsm__no_range_clip(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = (x - alpha * m.sign()).clamp(x0 - eps, x0 + eps)
    return x


@wrong(
    en="The gradient is always taken at x0. Each step needs the gradient at the present point.",
    zh="梯度总是在 x0 处求的。每一步都应在当前点处求。",
)
def mifgsm__grad_at_x0(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        g = input_gradient(model, x0, lambda z: untargeted_loss(z, y))
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="backward() leaves gradients in the model's parameters at every step. The model is to stay as it was.",
    zh="每一步的 backward() 都在模型参数里留下了梯度。模型应当保持原样。",
)
def mifgsm__pollutes_gradients(model, x0, y, eps, alpha, steps, decay):
    x, m = x0, torch.zeros_like(x0)
    for _ in range(steps):
        own = x.detach().clone().requires_grad_()
        F.cross_entropy(model(own), y).backward()
        m = decay * m + own.grad / per_image(own.grad.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x + alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="The image is never detached: the graph grows with every step, and the result still hangs on it.",
    zh="图像一直没有脱离计算图：图随每一步变大，结果也仍挂在上面。",
)
def mifgsm__attached(model, x0, y, eps, alpha, steps, decay):
    x, m = x0.detach().clone().requires_grad_(), torch.zeros_like(x0)
    for _ in range(steps):
        (g,) = torch.autograd.grad(untargeted_loss(model(x), y), x)
        m = decay * m + g / per_image(g.flatten(1).abs().sum(dim=1), x0)
        x = project_linf(x - alpha * m.sign(), x0, eps, 0, 1)
    return x


@wrong(
    en="Values are right, but a Python loop attacks the images one by one. One gradient serves the whole batch.",
    zh="数值对了，但用 Python 循环逐张攻击。一次求梯度就够整个批次用。",
)
def mifgsm__loop(model, x0, y, eps, alpha, steps, decay):
    parts = [ref.mifgsm(model, x0[i : i + 1], y[i : i + 1], eps, alpha, steps, decay) for i in range(len(x0))]
    return torch.cat(parts)


EQUIVALENT = [
    equivalent(
        "mifgsm",
        "line 27: gradient.abs().sum -> gradient.abs().mean",
        "the mean is the sum over the number of pixels: all of m is scaled alike, and its sign is the same",
    ),
]
