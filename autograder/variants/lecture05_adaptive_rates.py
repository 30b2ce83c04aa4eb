"""Implementations of lecture 5 that are right, accepted, and wrong."""

import math

import torch

from autograder.variant import accepted, right, wrong

# --- rms_sigma ---------------------------------------------------------------------------------------------


@right
def rms_sigma__updates_one_by_one(grads):
    rows, total = [], 0
    for t, g in enumerate(grads):
        total = total + g**2
        rows.append(torch.sqrt(total / (t + 1)))
    return torch.stack(rows)


@right
def rms_sigma__triangular_matrix(grads):
    steps = grads.shape[0]
    weights = torch.tril(torch.ones(steps, steps, dtype=grads.dtype, device=grads.device))
    weights = weights / weights.sum(dim=1, keepdim=True)
    return torch.einsum("tj,jd->td", weights, grads * grads) ** 0.5


@right
def rms_sigma__running_mean(grads):
    sigma = torch.empty_like(grads)
    mean = torch.zeros_like(grads[0])
    for t in range(len(grads)):
        mean = mean + (grads[t] ** 2 - mean) / (t + 1)
        sigma[t] = mean.sqrt()
    return sigma


@right
def rms_sigma__means_of_slices(grads):
    return torch.stack([grads[: t + 1].pow(2).mean(dim=0).sqrt() for t in range(grads.size(0))])


@wrong(
    en="The sum of squares is not divided by how many gradients it holds. With equal gradients σ should "
    "stay where it is, but yours grows from row to row. (Without the mean it is the original Adagrad's "
    "sum.)",
    zh="平方和没有除以个数。梯度每次都一样时，σ 应当保持不变，你的却一行比一行大。（不求平均就成了原版 "
    "Adagrad 的累加。）",
)
def rms_sigma__no_mean(grads):
    return grads.square().cumsum(dim=0).sqrt()


@wrong(
    en="Every row is divided by T, the length of the whole run. Row t holds only t+1 gradients; the first "
    "row, for example, must be |g| itself.",
    zh="每一行都除以了总长度 T。第 t 行里只有 t+1 个梯度；比如第一行应当就是 |g|。",
)
def rms_sigma__divides_by_total(grads):
    return (grads.square().cumsum(dim=0) / len(grads)).sqrt()


@wrong(
    en="This is the mean of |g|, not the root mean square. For 3, then 4 it gives 3.5 instead of √12.5 ≈ "
    "3.54.",
    zh="这是 |g| 的平均，不是均方根。梯度先 3 后 4 时，它给出 3.5，而不是 √12.5 ≈ 3.54。",
)
def rms_sigma__mean_of_abs(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    return grads.abs().cumsum(dim=0) / count[:, None]


@wrong(
    en="The root is missing: this is σ². After a single gradient of 3 it gives 9.",
    zh="忘了开方：这是 σ²。只有一个梯度 3 时，它给出 9。",
)
def rms_sigma__no_root(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    return grads.square().cumsum(dim=0) / count[:, None]


@wrong(
    en="The root is taken before the division: √(sum)/(t+1). Dividing by the count belongs under the "
    "root; with equal gradients your σ shrinks from row to row.",
    zh="先开方、后除以个数了：√(和)/(t+1)。除以个数应当在根号里面；梯度每次都一样时，你的 σ 会一行比一行小。",
)
def rms_sigma__count_outside_root(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    return grads.square().cumsum(dim=0).sqrt() / count[:, None]


@wrong(
    en="Row t divides by t, but it holds t+1 gradients (counting starts at 0). The first row shows it: a "
    "division by 0.",
    zh="第 t 行除以了 t，可是它包含 t+1 个梯度（从 0 数起）。看第一行就知道：除以了 0。",
)
def rms_sigma__divides_by_t(grads):
    count = torch.arange(len(grads), dtype=grads.dtype, device=grads.device)
    return (grads.square().cumsum(dim=0) / count[:, None]).sqrt()


@wrong(
    en="From the second row on, row t is divided by t, but it contains t+1 gradients (they are counted from 0). "
    "For 3, then 4 you get 5 instead of √12.5 ≈ 3.54.",
    zh="从第二行起，第 t 行除以了 t，可是它包含 t+1 个梯度（从 0 数起）。梯度先 3 后 4 时，你得到 5，"
    "应当是 √12.5 ≈ 3.54。",
)
def rms_sigma__divides_by_t_at_least_one(grads):
    count = torch.arange(len(grads), dtype=grads.dtype, device=grads.device).clamp(min=1)
    return (grads.square().cumsum(dim=0) / count[:, None]).sqrt()


@wrong(
    en="Row t does not contain its own gradient g^t; everything is one update late, and the first row is 0.",
    zh="第 t 行没有包含 g^t 自己：整体晚了一次更新，第一行成了 0。",
)
def rms_sigma__excludes_current(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    total = grads.square().cumsum(dim=0) - grads.square()
    return (total / (count - 1).clamp(min=1)[:, None]).clamp(min=0).sqrt()


@wrong(
    en="All parameters share one σ. Change one column: the other columns of your result change too, and "
    "they must not.",
    zh="所有参数共用了一个 σ。改动一列，结果里其他列也跟着变；它们不该变，σ 应当每个参数各有一个。",
)
def rms_sigma__shared(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    mean = grads.square().mean(dim=1).cumsum(dim=0) / count
    return mean.sqrt()[:, None].expand_as(grads).clone()


@wrong(
    en="The running sum goes along the parameters (dim 1), not along the updates. The first row must be "
    "|g^0| alone.",
    zh="累加的方向错了：沿着参数（dim 1）而不是沿着更新。第一行应当就是 |g^0|。",
)
def rms_sigma__along_parameters(grads):
    count = torch.arange(1, grads.shape[1] + 1, dtype=grads.dtype, device=grads.device)
    return (grads.square().cumsum(dim=1) / count).sqrt()


@wrong(
    en="Only the last σ is returned, of shape (d,). The task asks for σ after every update, (T, d).",
    zh="只返回了最后一个 σ，形状是 (d,)。题目要每次更新之后的 σ，形状 (T, d)。",
)
def rms_sigma__last_row(grads):
    return grads.square().mean(dim=0).sqrt()


@wrong(
    en="Every row is the σ of the whole run: row t looks into the future, at gradients t+1, t+2, ….",
    zh="每一行都是整个训练的 σ：第 t 行偷看了未来的第 t+1、t+2、… 个梯度。",
)
def rms_sigma__whole_run(grads):
    return grads.square().mean(dim=0).sqrt().expand_as(grads).clone()


@wrong(
    en="This is the standard deviation: the mean gradient is subtracted first. A gradient that is always "
    "3 then gives σ = 0, but it is 3.",
    zh="这是标准差：先减去了梯度的平均值。梯度一直是 3 时它给出 0，而 σ 应当是 3。",
)
def rms_sigma__standard_deviation(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)[:, None]
    mean = grads.cumsum(dim=0) / count
    return (grads.square().cumsum(dim=0) / count - mean.square()).clamp(min=0).sqrt()


@wrong(
    en="The gradients are averaged first and squared afterwards, so positive and negative ones cancel: 3, "
    "then −3 gives 0.",
    zh="先求平均、后平方了，正负梯度会互相抵消：先 3 后 −3 就得到 0。",
)
def rms_sigma__square_of_mean(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)[:, None]
    return (grads.cumsum(dim=0) / count).square().sqrt()


@wrong(
    en="Here the newest gradient has weight ½ and older ones fade; that is RMSProp's idea. In this σ all "
    "gradients so far count alike: look at the third row.",
    zh="这里最新的梯度权重是 ½，旧的逐渐淡出，那是 RMSProp 的想法。这个 σ 里，到目前为止的梯度权重都相同："
    "看第三行。",
)
def rms_sigma__forgets(grads):
    rows = [grads[0].abs()]
    for g in grads[1:]:
        rows.append(((rows[-1].square() + g.square()) / 2).sqrt())
    return torch.stack(rows)


@wrong(
    en="The result is always float32, because it is filled into a new tensor without a dtype. It must "
    "have the dtype of grads.",
    zh="结果总是 float32，因为新建张量时没有指定 dtype。它的 dtype 应当与 grads 相同。",
)
def rms_sigma__float32(grads):
    sigma = torch.zeros(grads.shape)
    for t in range(len(grads)):
        sigma[t] = grads[: t + 1].square().mean(dim=0).sqrt()
    return sigma


@wrong(
    en="A small ε is added to σ. Here σ stands without it (the update adds ε later): where all gradients "
    "are 0, σ is 0.",
    zh="给 σ 加了一个小的 ε。这里的 σ 不含 ε（更新时才加）：梯度全为 0 的地方，σ 就是 0。",
)
def rms_sigma__with_epsilon(grads):
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    return (grads.square().cumsum(dim=0) / count[:, None]).sqrt() + 1e-4


@wrong(
    en="Your function squares the argument itself: after the call, grads holds other numbers. Make a new "
    "tensor instead.",
    zh="你的函数把传进来的张量本身平方了：调用之后 grads 里的数变了。请另建一个新张量。",
)
def rms_sigma__in_place(grads):
    grads.pow_(2)
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    return (grads.cumsum(dim=0) / count[:, None]).sqrt()


@wrong(
    en="The numbers are right, but there is a Python loop over the parameters. A network has millions of "
    "them: let one tensor operation serve all columns.",
    zh="数值是对的，但对参数写了 Python 循环。网络有上百万个参数：让一个张量运算同时处理所有列。",
)
def rms_sigma__loop_over_parameters(grads):
    sigma = torch.empty_like(grads)
    count = torch.arange(1, len(grads) + 1, dtype=grads.dtype, device=grads.device)
    for i in range(grads.shape[1]):
        sigma[:, i] = (grads[:, i].square().cumsum(dim=0) / count).sqrt()
    return sigma


# --- adagrad_step ------------------------------------------------------------------------------------------


@right
def adagrad_step__addcdiv(theta, g, state, lr, eps):
    total, count = state
    total = torch.addcmul(total, g, g)
    count += 1
    return torch.addcdiv(theta, g, total.div(count).sqrt().add(eps), value=-lr), (total, count)


@right
def adagrad_step__rate_first(theta, g, state, lr, eps):
    new_state = (state[0] + g**2, state[1] + 1)
    root_mean_square = torch.sqrt(new_state[0]) / math.sqrt(new_state[1])
    rate = lr / (root_mean_square + eps)
    return theta - rate * g, new_state


@right
def adagrad_step__clones(theta, g, state, lr, eps):
    s, t = state
    s = s.clone()
    s += g * g
    new = theta.clone()
    new -= lr * g / ((s / (t + 1)) ** 0.5 + eps)
    return new, [s, t + 1]


@wrong(
    en="You wrote the original Adagrad, as in torch.optim: the sum of squares is not divided by t+1. The "
    "lecture's σ is a mean. Your first step is right, the second one too short by √2, the third by √3.",
    zh="你写的是原版 Adagrad（没有除以 t+1），和 torch.optim 一样；课上的 σ 要求平均。你的第一步是对的，"
    "第二步小了 √2 倍，第三步小了 √3 倍。",
)
def adagrad_step__torch_adagrad_sum(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / (s.sqrt() + eps), (s, t + 1)


@wrong(
    en="The root is missing: the step is divided by σ². Then a parameter with large gradients takes tiny "
    "steps, instead of steps of the common size lr at first.",
    zh="忘了开方：步子除以了 σ²。这样梯度大的参数步子会变得极小；第一步本来应当人人都是 lr。",
)
def adagrad_step__no_sqrt(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / (s / (t + 1) + eps), (s, t + 1)


@wrong(
    en="The sum is divided by the old t, one too few. At the first update that is a division by 0: σ is "
    "infinite and nothing moves.",
    zh="平方和除以了旧的 t，少了一个。第一次更新时就是除以 0：σ 变成无穷大，参数一动不动。",
)
def adagrad_step__divide_by_t(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / ((s / t).sqrt() + eps), (s, t + 1)


@wrong(
    en="The σ that divides g does not contain g itself: the step is made with the old state. At the first "
    "update σ is 0 and the step explodes to lr·g/ε.",
    zh="用来除 g 的 σ 里没有 g 自己：走这一步时用的是旧状态。第一次更新时 σ 为 0，步子爆成 lr·g/ε。",
)
def adagrad_step__excludes_current(theta, g, state, lr, eps):
    s, t = state
    sigma = (s / max(t, 1)).sqrt()
    return theta - lr * g / (sigma + eps), (s + g**2, t + 1)


@wrong(
    en="All parameters share one σ. It should be one for each: scale the gradient of one parameter, and "
    "the steps of the others must not change.",
    zh="σ 应该每个参数各有一个，你的所有参数共用了一个。把某个参数的梯度放大，其他参数的步子不该变。",
)
def adagrad_step__shared_sigma(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    sigma = (s.mean() / (t + 1)).sqrt()
    return theta - lr * g / (sigma + eps), (s, t + 1)


@wrong(
    en="ε stands inside the root. It is added to σ after the root; with ε = 0.3 the difference is plain.",
    zh="ε 放到了根号里面。它应当在开方之后加到 σ 上；ε = 0.3 时差别一目了然。",
)
def adagrad_step__eps_inside(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / (s / (t + 1) + eps).sqrt(), (s, t + 1)


@wrong(
    en="The step is multiplied by σ instead of divided by it: steep parameters now take the largest steps "
    "of all.",
    zh="步子乘了 σ，而不是除以 σ：越陡的参数反而走得越远。",
)
def adagrad_step__multiplies(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * ((s / (t + 1)).sqrt() + eps) * g, (s, t + 1)


@wrong(
    en="The parameters move along the gradient, uphill. After one step with g > 0, θ must be smaller.",
    zh="参数顺着梯度走了，是上坡。g > 0 时走一步，θ 应当变小。",
)
def adagrad_step__ascent(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta + lr * g / ((s / (t + 1)).sqrt() + eps), (s, t + 1)


@wrong(
    en="ε is not used. A parameter whose gradients are all 0 gives 0/0 = NaN, and it never recovers.",
    zh="没有用到 ε。梯度一直为 0 的参数会得到 0/0 = NaN，而且再也恢复不了。",
)
def adagrad_step__no_eps(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / (s / (t + 1)).sqrt(), (s, t + 1)


@wrong(
    en="Brackets: ε is added after the division, lr·g/σ + ε, so it shifts θ itself, and σ = 0 still divides.",
    zh="括号的问题：ε 加在了除法之后（lr·g/σ + ε），它移动了 θ 本身，而 σ = 0 时照样除以零。",
)
def adagrad_step__eps_after_division(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - (lr * g / (s / (t + 1)).sqrt() + eps), (s, t + 1)


@wrong(
    en="|g| is summed instead of g². The state shows it: after a gradient of 3 the sum must be 9.",
    zh="累加的是 |g| 而不是 g²。看状态就知道：梯度为 3 时，和应当是 9。",
)
def adagrad_step__sums_abs(theta, g, state, lr, eps):
    s, t = state
    s = s + g.abs()
    return theta - lr * g / (s / (t + 1) + eps), (s, t + 1)


@wrong(
    en="The gradients are summed without squaring, so opposite signs cancel and the root of a negative "
    "sum is NaN.",
    zh="累加梯度时忘了平方：正负会抵消，负的和开方得到 NaN。",
)
def adagrad_step__sums_g(theta, g, state, lr, eps):
    s, t = state
    s = s + g
    return theta - lr * g / ((s / (t + 1)).sqrt() + eps), (s, t + 1)


@wrong(
    en="θ moves as it should, but the old state is returned: the next update has forgotten this gradient.",
    zh="θ 动得对，但返回的是旧状态：下一次更新就忘了这个梯度。",
)
def adagrad_step__state_not_updated(theta, g, state, lr, eps):
    s, t = state
    sigma = ((s + g**2) / (t + 1)).sqrt()
    return theta - lr * g / (sigma + eps), (s, t)


@wrong(
    en="The sum in the state grows, but the count t does not. From the second update on you divide by too "
    "small a number.",
    zh="状态里的平方和增加了，次数 t 却没有加一。从第二次更新起，除的个数就不对了。",
)
def adagrad_step__t_not_counted(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / ((s / (t + 1)).sqrt() + eps), (s, t)


@wrong(
    en="The earlier gradients are thrown away: the new sum is g² alone. Look at s after the second update.",
    zh="之前的梯度被丢掉了：新的和只剩 g²。看看第二次更新之后的 s。",
)
def adagrad_step__forgets(theta, g, state, lr, eps):
    t = state[1] + 1
    s = g**2
    return theta - lr * g / ((s / t).sqrt() + eps), (s, t)


@wrong(
    en="The state keeps the mean instead of the sum of squares, so the next update divides what has been "
    "divided already.",
    zh="状态里存的是平均而不是平方和，于是下一次更新会把已经除过的再除一遍。",
)
def adagrad_step__state_holds_mean(theta, g, state, lr, eps):
    s, t = state
    mean = (s + g**2) / (t + 1)
    return theta - lr * g / (mean.sqrt() + eps), (mean, t + 1)


@wrong(
    en="The count is divided outside the root, √s/(t+1): your σ shrinks as training goes on, and the "
    "steps grow.",
    zh="个数除在了根号外面（√s/(t+1)）：训练越久 σ 越小，步子越来越大。",
)
def adagrad_step__count_outside_root(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr * g / (s.sqrt() / (t + 1) + eps), (s, t + 1)


@wrong(
    en="Here σ averages only the newest gradient and the old mean, half and half. All gradients so far "
    "must count alike.",
    zh="这里的 σ 是最新梯度与旧平均的各一半。到目前为止的所有梯度，权重应当相同。",
)
def adagrad_step__half_and_half(theta, g, state, lr, eps):
    s, t = state
    mean = g**2 if t == 0 else (s / t + g**2) / 2
    return theta - lr * g / (mean.sqrt() + eps), (s + g**2, t + 1)


@wrong(
    en="The step has lost the gradient: it is lr/(σ+ε), whatever the sign of g. It must go against g.",
    zh="这一步里没有乘梯度，只有 lr/(σ+ε)，与 g 的正负无关。它应当逆着 g 走。",
)
def adagrad_step__no_gradient(theta, g, state, lr, eps):
    s, t = state
    s = s + g**2
    return theta - lr / ((s / (t + 1)).sqrt() + eps), (s, t + 1)


@wrong(
    en="The tensors that were passed in are changed (s += …, theta -= …). Whoever called still holds "
    "them: make new ones.",
    zh="修改了传进来的张量（s += …、theta -= …）。调用者手里还拿着它们：请另建新的。",
)
def adagrad_step__in_place(theta, g, state, lr, eps):
    s, t = state
    s += g**2
    theta -= lr * g / ((s / (t + 1)).sqrt() + eps)
    return theta, (s, t + 1)


@wrong(
    en="The numbers are right, but there is a Python loop over the entries of θ. Tensor operations are "
    "elementwise already.",
    zh="数值是对的，但对 θ 的元素写了 Python 循环。张量运算本来就是逐元素的。",
)
def adagrad_step__loop_over_entries(theta, g, state, lr, eps):
    s, t = state[0] + g**2, state[1] + 1
    new = theta.clone().reshape(-1)
    for i in range(theta.numel()):
        new[i] = new[i] - lr * g.reshape(-1)[i] / ((s.reshape(-1)[i] / t).sqrt() + eps)
    return new.reshape(theta.shape), (s, t)


# --- rmsprop_step ------------------------------------------------------------------------------------------


@right
def rmsprop_step__two_returns(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma = torch.abs(g)
        return theta - lr * g / (sigma + eps), sigma
    sigma = torch.sqrt(alpha * sigma_prev**2 + (1 - alpha) * g**2)
    return theta - lr * g / (sigma + eps), sigma


@right
def rmsprop_step__lerp(theta, g, sigma_prev, lr, alpha, eps):
    squares = g * g if sigma_prev is None else torch.lerp(g * g, sigma_prev * sigma_prev, alpha)
    sigma = squares**0.5
    return torch.addcdiv(theta, g, sigma + eps, value=-lr), sigma


@right
def rmsprop_step__hypot(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma_prev = g.abs()
    sigma = torch.hypot(math.sqrt(alpha) * sigma_prev, math.sqrt(1 - alpha) * g)
    rate = lr / (sigma + eps)
    return theta.sub(rate.mul(g)), sigma


@wrong(
    en="α and 1−α are swapped: α belongs to the old σ. With α = 1, σ must stay what it was.",
    zh="α 和 1−α 写反了：α 是旧 σ 的权重。α = 1 时，σ 应当保持原样。",
)
def rmsprop_step__alpha_swapped(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else ((1 - alpha) * sigma_prev**2 + alpha * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="σ and |g| are averaged themselves. The average is taken of their squares, and then comes the "
    "root: from 3 and 4 with α = 0.5 that is √12.5, not 3.5.",
    zh="直接对 σ 和 |g| 求了加权平均。应当先平方、再平均、最后开方：3 和 4、α = 0.5 时是 √12.5，不是 3.5。",
)
def rmsprop_step__ema_of_sigma(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else alpha * sigma_prev + (1 - alpha) * g.abs()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The root is missing in the second and later updates: what you call σ is σ².",
    zh="从第二次更新起忘了开方：你所说的 σ 其实是 σ²。",
)
def rmsprop_step__no_sqrt(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else alpha * sigma_prev**2 + (1 - alpha) * g**2
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="σ_prev is not squared before it is averaged with g². It comes in as a root; look at α = 1, where "
    "σ must not change.",
    zh="σ_prev 没有平方就和 g² 求了平均。它传进来时是开过方的；看 α = 1，这时 σ 不该变。",
)
def rmsprop_step__sigma_not_squared(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="g is not squared under the root. A negative gradient can make the sum negative, and its root NaN.",
    zh="根号里的 g 没有平方。梯度为负时和可能是负数，开方得到 NaN。",
)
def rmsprop_step__g_not_squared(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="θ is right, but the second result is σ² (the average before the root). The next update expects σ.",
    zh="θ 是对的，但第二个返回值是 σ²（开方之前的平均）。下一次更新要的是 σ。",
)
def rmsprop_step__returns_square(theta, g, sigma_prev, lr, alpha, eps):
    square = g**2 if sigma_prev is None else alpha * sigma_prev**2 + (1 - alpha) * g**2
    return theta - lr * g / (square.sqrt() + eps), square


@wrong(
    en="ε stands inside the root. It is added to σ after the root; with ε = 0.3 the difference is plain.",
    zh="ε 放到了根号里面。它应当在开方之后加到 σ 上；ε = 0.3 时差别一目了然。",
)
def rmsprop_step__eps_inside(theta, g, sigma_prev, lr, alpha, eps):
    square = g**2 if sigma_prev is None else alpha * sigma_prev**2 + (1 - alpha) * g**2
    return theta - lr * g / (square + eps).sqrt(), square.sqrt()


@wrong(
    en="You start from σ = 0, as PyTorch does. In the lecture σ^0 = |g^0|; your first step is larger by "
    "1/√(1−α), which is 3.16 for α = 0.9.",
    zh="你像 PyTorch 那样从 σ = 0 开始。课上是 σ^0 = |g^0|；你的第一步大了 1/√(1−α) 倍，α = 0.9 时是 3.16 "
    "倍。",
)
def rmsprop_step__starts_from_zero(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma_prev = torch.zeros_like(g)
    sigma = (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The first σ is 1, whatever the gradient: the first update is then plain gradient descent. In the "
    "lecture it is |g|.",
    zh="第一个 σ 不管梯度多大都是 1，第一次更新就成了普通梯度下降。课上是 |g|。",
)
def rmsprop_step__starts_from_one(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma = torch.ones_like(g)
    else:
        sigma = (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The first σ is g with its sign. A negative σ turns the step around: σ is a size, never below 0.",
    zh="第一个 σ 直接取了 g，带着正负号。负的 σ 会让步子反向：σ 是大小，不会小于 0。",
)
def rmsprop_step__first_sigma_signed(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.clone() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The first σ is g², without the root. With a gradient of 3 it must be 3.",
    zh="第一个 σ 是 g²，没有开方。梯度为 3 时它应当是 3。",
)
def rmsprop_step__first_sigma_squared(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g**2 if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The step is divided by the old σ; the new one, which contains g, is only returned. Bring σ up to "
    "date first.",
    zh="这一步除的是旧的 σ；包含 g 的新 σ 只是返回了出去。应当先更新 σ，再用它。",
)
def rmsprop_step__stale_sigma(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma_prev = g.abs()
    sigma = (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma_prev + eps), sigma


@wrong(
    en="All parameters share one σ, the mean over them. Every parameter has its own.",
    zh="所有参数共用了一个 σ（对它们求了平均）。σ 应当每个参数各有一个。",
)
def rmsprop_step__shared_sigma(theta, g, sigma_prev, lr, alpha, eps):
    square = (g**2).mean().expand_as(g)
    if sigma_prev is not None:
        square = alpha * sigma_prev**2 + (1 - alpha) * square
    sigma = square.sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The step is multiplied by σ instead of divided by it: steep parameters now take the largest steps "
    "of all.",
    zh="步子乘了 σ，而不是除以 σ：越陡的参数反而走得越远。",
)
def rmsprop_step__multiplies(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g * (sigma + eps), sigma


@wrong(
    en="The parameters move along the gradient, uphill. After one step with g > 0, θ must be smaller.",
    zh="参数顺着梯度走了，是上坡。g > 0 时走一步，θ 应当变小。",
)
def rmsprop_step__ascent(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta + lr * g / (sigma + eps), sigma


@wrong(
    en="ε is not used. Where σ is 0 this gives 0/0 = NaN.",
    zh="没有用到 ε。σ 为 0 的地方会得到 0/0 = NaN。",
)
def rmsprop_step__no_eps(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / sigma, sigma


@wrong(
    en="ε is written into the σ that you return, and so it creeps into all later averages. θ is right at "
    "first; look at σ.",
    zh="ε 被写进了返回的 σ，于是混进了之后所有的平均。一开始 θ 还是对的；看看 σ。",
)
def rmsprop_step__eps_in_state(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    sigma = sigma + eps
    return theta - lr * g / sigma, sigma


@wrong(
    en="A σ of zeros is taken for the first update. It is a σ like any other: only None means the start.",
    zh="把全零的 σ 当成了第一次更新。它和别的 σ 没有两样：只有 None 才表示开始。",
)
def rmsprop_step__zeros_mean_start(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma = g.abs()
    else:
        averaged = (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
        sigma = torch.where(sigma_prev == 0, g.abs(), averaged)
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="α is ignored: old and new always count half and half.",
    zh="没有用到 α：新旧总是各占一半。",
)
def rmsprop_step__half_and_half(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else ((sigma_prev**2 + g**2) / 2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The new square is added with full weight; 1−α is missing. A constant gradient should give a "
    "constant σ, yours grows.",
    zh="新的平方没有乘 1−α，权重成了 1。梯度不变时 σ 也该不变，你的却在增大。",
)
def rmsprop_step__no_weight_for_new(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="θ moves by lr/(σ+ε) with the gradient left out, so always in the same direction. It must go "
    "against g.",
    zh="θ 每次移动 lr/(σ+ε)，没有乘梯度，所以方向永远一样。它应当逆着 g 走。",
)
def rmsprop_step__no_gradient(theta, g, sigma_prev, lr, alpha, eps):
    sigma = g.abs() if sigma_prev is None else (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr / (sigma + eps), sigma


@wrong(
    en="The first update goes missing: σ is set, but θ stays where it was. It moves at the first update too.",
    zh="第一次更新只算了 σ，θ 没有动。第一次也要走一步。",
)
def rmsprop_step__first_step_missing(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        return theta.clone(), g.abs()
    sigma = (alpha * sigma_prev**2 + (1 - alpha) * g**2).sqrt()
    return theta - lr * g / (sigma + eps), sigma


@wrong(
    en="The tensors that were passed in are changed (theta -= …, sigma_prev.mul_(…)). Make new ones.",
    zh="修改了传进来的张量（theta -= …、sigma_prev.mul_(…)）。请另建新的。",
)
def rmsprop_step__in_place(theta, g, sigma_prev, lr, alpha, eps):
    if sigma_prev is None:
        sigma_prev = g.abs()
    sigma_prev.pow_(2).mul_(alpha).add_((1 - alpha) * g**2).sqrt_()
    theta -= lr * g / (sigma_prev + eps)
    return theta, sigma_prev


@wrong(
    en="The numbers are right, but there is a Python loop over the entries of θ. Tensor operations are "
    "elementwise already.",
    zh="数值是对的，但对 θ 的元素写了 Python 循环。张量运算本来就是逐元素的。",
)
def rmsprop_step__loop_over_entries(theta, g, sigma_prev, lr, alpha, eps):
    new, sigma = theta.clone().reshape(-1), g.abs().reshape(-1)
    for i in range(theta.numel()):
        if sigma_prev is not None:
            sigma[i] = (alpha * sigma_prev.reshape(-1)[i] ** 2 + (1 - alpha) * g.reshape(-1)[i] ** 2).sqrt()
        new[i] = new[i] - lr * g.reshape(-1)[i] / (sigma[i] + eps)
    return new.reshape(theta.shape), sigma.reshape(theta.shape)


# --- adam_step ---------------------------------------------------------------------------------------------


@right
def adam_step__lerp(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = torch.lerp(g, m, beta1)
    v = torch.lerp(g * g, v, beta2)
    step_size = lr / (1 - beta1**t)
    return theta - step_size * m / (v.sqrt() / math.sqrt(1 - beta2**t) + eps), m, v


@right
def adam_step__clones_in_place(theta, g, m, v, t, lr, beta1, beta2, eps):
    theta, m, v = theta.clone(), m.clone(), v.clone()
    m.mul_(beta1).add_(g, alpha=1 - beta1)
    v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
    theta.addcdiv_(m / (1 - beta1**t), (v / (1 - beta2**t)).sqrt().add_(eps), value=-lr)
    return theta, m, v


@right
def adam_step__one_rate(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g.pow(2) - v)
    root = (1 - beta2**t) ** 0.5
    return theta - lr * root / (1 - beta1**t) * m / (v.sqrt() + eps * root), m, v


@accepted(
    en="You use the paper's second form, in which ε is added to √v and the correction goes into the "
    "learning rate: lr·√(1−β2^t)/(1−β1^t) · m/(√v+ε). Its ε means something a little different; "
    "otherwise it is the same, and accepted.",
    zh="你用的是论文里的第二种写法：ε 加在 √v 上，修正并进学习率，即 lr·√(1−β2^t)/(1−β1^t) · m/(√v+ε)。"
    "两种写法里 ε 的含义略有不同，其他都一样，算对。",
)
def adam_step__eps_hat(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    rate = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - rate * m / (v.sqrt() + eps), m, v


@wrong(
    en="There is no bias correction. m and v start from 0 and are too small at first, v much more so: "
    "with β1 = 0.9 and β2 = 0.999 your first step is 3.16 times lr instead of lr.",
    zh="没有做偏差修正。m 和 v 从 0 开始，一开始都偏小，v 尤其小：β1 = 0.9、β2 = 0.999 时，你的第一步是 "
    "lr 的 3.16 倍，而不是 lr。",
)
def adam_step__no_bias_correction(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / (v.sqrt() + eps), m, v


@wrong(
    en="t is counted up once more inside, so the correction is one update ahead. The caller's t is 1 at "
    "the first update: use it as it is.",
    zh="函数里又把 t 加了一，修正提前了一次更新。调用者传来的 t 第一次就是 1，直接用。",
)
def adam_step__t_starts_2(theta, g, m, v, t, lr, beta1, beta2, eps):
    t += 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="The correction uses t−1. At the first update that divides by 1 − β^0 = 0.",
    zh="修正里用了 t−1。第一次更新时就是除以 1 − β^0 = 0。",
)
def adam_step__t_starts_0(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (m.new_tensor(1.0) - beta1 ** (t - 1))
    v_hat = v / (v.new_tensor(1.0) - beta2 ** (t - 1))
    return theta - lr * m_hat / (v_hat.sqrt() + eps), m, v


@wrong(
    en="The correction is always that of t = 1: it divides by 1 − β instead of 1 − β^t. The first step is "
    "right, later ones are not; the correction must fade as t grows.",
    zh="修正永远停在 t = 1：除的是 1 − β 而不是 1 − β^t。第一步对，后面都不对；t 越大，修正应当越弱。",
)
def adam_step__t_stuck_1(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1)) / ((v / (1 - beta2)).sqrt() + eps), m, v


@wrong(
    en="β is multiplied by t in the correction instead of raised to the power t. At t = 1 the two agree; "
    "at t = 2 yours is already negative.",
    zh="修正里把 β 乘了 t，而不是取 t 次方。t = 1 时两者一样；t = 2 时你的分母已经是负数。",
)
def adam_step__beta_times_t(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1 * t)) / ((v / (1 - beta2 * t)).abs().sqrt() + eps), m, v


@wrong(
    en="ε stands inside the root. It is added to √v̂ after the root; with ε = 0.3 the difference is plain.",
    zh="ε 放到了根号里面。它应当在开方之后加到 √v̂ 上；ε = 0.3 时差别一目了然。",
)
def adam_step__eps_inside(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps).sqrt(), m, v


@wrong(
    en="ε is not used. A parameter whose gradients are all 0 gives 0/0 = NaN.",
    zh="没有用到 ε。梯度一直为 0 的参数会得到 0/0 = NaN。",
)
def adam_step__no_eps(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t)).sqrt(), m, v


@wrong(
    en="Brackets: ε is added after the division, so it shifts θ itself, and √v̂ = 0 still divides.",
    zh="括号的问题：ε 加在了除法之后，它移动了 θ 本身，而 √v̂ = 0 时照样除以零。",
)
def adam_step__eps_after_division(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t) / (v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="β1 and β2 are swapped: β1 belongs to m, β2 to v. Look at the returned m after the first update: "
    "it must be (1−β1)·g.",
    zh="β1 和 β2 写反了：β1 配 m，β2 配 v。看第一次更新之后返回的 m：应当是 (1−β1)·g。",
)
def adam_step__betas_swapped(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta2 * m + (1 - beta2) * g
    v = beta1 * v + (1 - beta1) * g**2
    return theta - lr * (m / (1 - beta2**t)) / ((v / (1 - beta1**t)).sqrt() + eps), m, v


@wrong(
    en="m and v are averaged with the right β, but in the corrections the two β are swapped. The first "
    "step shows it: m̂ must be exactly g.",
    zh="m 和 v 的平均用对了 β，修正里却把两个 β 换了位置。看第一步：m̂ 应当恰好是 g。",
)
def adam_step__corrections_swapped(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta2**t)) / ((v / (1 - beta1**t)).sqrt() + eps), m, v


@wrong(
    en="The weights in the averages are swapped: the old value must get β, the new gradient 1−β. After "
    "the first update m must be (1−β1)·g.",
    zh="平均里的权重写反了：旧值乘 β，新梯度乘 1−β。第一次更新之后，m 应当是 (1−β1)·g。",
)
def adam_step__weights_swapped(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = (1 - beta1) * m + beta1 * g
    v = (1 - beta2) * v + beta2 * g**2
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="v averages g instead of g². It can become negative (then the root is NaN); after the first update "
    "it must be (1−β2)·g².",
    zh="v 平均的是 g 而不是 g²。它可能变负（开方得 NaN）；第一次更新之后它应当是 (1−β2)·g²。",
)
def adam_step__v_not_squared(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="v averages |g|, and there is no root. The average must be taken of g², and the root afterwards.",
    zh="v 平均的是 |g|，也没有开方。应当对 g² 求平均，然后再开方。",
)
def adam_step__v_of_abs(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g.abs()
    return theta - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


@wrong(
    en="v averages the squares of m. It should see the gradients themselves: look at the returned v after "
    "the first update.",
    zh="v 平均的是 m 的平方。它应当直接看梯度：看第一次更新之后返回的 v。",
)
def adam_step__v_of_m(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="v averages (g − m)², as in AdaBelief. In Adam it is g² alone.",
    zh="v 平均的是 (g − m)²，那是 AdaBelief。Adam 里就是 g²。",
)
def adam_step__adabelief(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g - m) ** 2
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="The corrected m̂ and v̂ are returned in place of m and v, so the next update corrects them again. "
    "The hats serve one step only.",
    zh="返回的是修正后的 m̂ 和 v̂，下一次更新又会再修正一遍。带帽子的量只用在这一步。",
)
def adam_step__correction_fed_back(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t)
    return theta - lr * m / (v.sqrt() + eps), m, v


@wrong(
    en="The root is missing: m̂ is divided by v̂. At the first update every parameter must move by about "
    "lr, however large its gradient.",
    zh="忘了开方：m̂ 除以了 v̂。第一次更新时，不管梯度多大，每个参数都应当移动约 lr。",
)
def adam_step__no_sqrt(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


@wrong(
    en="Every step is exactly lr against the sign of g, which is true only at the first update. Later, "
    "gradients of opposite signs must cancel in m.",
    zh="每一步都是逆着 g 的符号走 lr，这只在第一次更新时成立。之后，正负相反的梯度应当在 m 里互相抵消。",
)
def adam_step__sign_of_g(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * g / (g.abs() + eps), m, v


@wrong(
    en="The parameters move uphill. After the first step with g > 0, θ must be smaller.",
    zh="参数往上坡走了。g > 0 时走第一步，θ 应当变小。",
)
def adam_step__ascent(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta + lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="Only m is corrected; v is as far from the truth as m was. At the first update √v̂ must be |g|.",
    zh="只修正了 m；v 同样偏小，也要修正。第一次更新时 √v̂ 应当是 |g|。",
)
def adam_step__only_m_corrected(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (v.sqrt() + eps), m, v


@wrong(
    en="Only v is corrected; m needs it too. At the first update m̂ must be g.",
    zh="只修正了 v；m 也要修正。第一次更新时 m̂ 应当是 g。",
)
def adam_step__only_v_corrected(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="The correction multiplies by 1 − β^t instead of dividing by it: averages that are too small "
    "become smaller still.",
    zh="修正时乘了 1 − β^t，而不是除以它：本来偏小的平均变得更小。",
)
def adam_step__correction_multiplied(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m * (1 - beta1**t)) / ((v * (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="√v is divided by 1 − β2^t after the root. The correction belongs to v, before the root is taken.",
    zh="先开方、后除以 1 − β2^t 了。修正的对象是 v，应当在开方之前。",
)
def adam_step__correction_after_root(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (v.sqrt() / (1 - beta2**t) + eps), m, v


@wrong(
    en="The step uses g where m̂ belongs: this is RMSProp with a correction, the momentum is computed and "
    "never used.",
    zh="这一步用了 g，没有用 m̂：成了带修正的 RMSProp，动量算了却没有用上。",
)
def adam_step__no_momentum(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * g / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="m adds the whole g instead of (1−β1)·g. With a gradient that stays 1, m must stay between 0 and 1.",
    zh="m 加的是整个 g，而不是 (1−β1)·g。梯度一直是 1 时，m 应当在 0 和 1 之间。",
)
def adam_step__m_is_a_sum(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="The step is made with the old m and v, and only then are they brought up to date. The first "
    "update then has nothing to go by: θ stays where it is.",
    zh="先用旧的 m 和 v 走了一步，之后才更新它们。于是第一次更新没有依据，θ 原地不动。",
)
def adam_step__stale_averages(theta, g, m, v, t, lr, beta1, beta2, eps):
    theta = theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps)
    return theta, beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


@wrong(
    en="All parameters are divided by one common √v̂, the mean over them. Every parameter has its own.",
    zh="所有参数都除以同一个 √v̂（对它们求了平均）。应当每个参数各有一个。",
)
def adam_step__shared_v(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / ((v.mean() / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="θ is right, but the averages go back as they came in. The next update starts from nothing again.",
    zh="θ 是对的，但两个平均原样返回了。下一次更新又从头开始。",
)
def adam_step__averages_not_returned(theta, g, m, v, t, lr, beta1, beta2, eps):
    new_m = beta1 * m + (1 - beta1) * g
    new_v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (new_m / (1 - beta1**t)) / ((new_v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="m holds −lr·g, as in Lecture 4, and is subtracted with lr once more: the parameters climb. Here m "
    "averages the gradients themselves.",
    zh="m 里是 −lr·g（第 4 讲的写法），又乘 lr 再减去一次：参数往山上爬。这里的 m 是梯度本身的平均。",
)
def adam_step__lecture_4_momentum(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m - lr * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="The step looks one update ahead, β1·m̂ + (1−β1)·g/(1−β1^t): that is NAdam. Adam uses m̂ as it is.",
    zh="这一步又往前看了一次：β1·m̂ + (1−β1)·g/(1−β1^t)，那是 NAdam。Adam 直接用 m̂。",
)
def adam_step__nadam(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    ahead = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    return theta - lr * ahead / ((v / (1 - beta2**t)).sqrt() + eps), m, v


@wrong(
    en="The results come in another order: the task asks for (theta, m, v).",
    zh="返回值的顺序不对：题目要的是 (theta, m, v)。",
)
def adam_step__order(theta, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return m, v, theta - lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps)


@wrong(
    en="The tensors that were passed in are changed (m.mul_(…), theta -= …). Make new ones.",
    zh="修改了传进来的张量（m.mul_(…)、theta -= …）。请另建新的。",
)
def adam_step__in_place(theta, g, m, v, t, lr, beta1, beta2, eps):
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g**2)
    theta -= lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)).sqrt() + eps)
    return theta, m, v


@wrong(
    en="The library's optimizer does the work. Here the formula is the point: write the averages, their "
    "corrections and the step yourself.",
    zh="让库自带的优化器做了这件事。这里要练的就是公式：请自己写出两个平均、修正和这一步。",
)
def adam_step__library(theta, g, m, v, t, lr, beta1, beta2, eps):
    new = theta.clone().requires_grad_()
    new.grad = g.clone()
    optimizer = torch.optim.Adam([new], lr=lr, betas=(beta1, beta2), eps=eps)
    optimizer.state[new] = {"step": torch.tensor(t - 1.0), "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    optimizer.step()
    state = optimizer.state[new]
    return new.detach(), state["exp_avg"], state["exp_avg_sq"]


# --- momentum_over_sigma -----------------------------------------------------------------------------------


@right
def momentum_over_sigma__addcdiv(theta, m, sigma, lr, eps):
    return torch.addcdiv(theta, m, sigma + eps, value=-lr)


@right
def momentum_over_sigma__own_rates(theta, m, sigma, lr, eps):
    rate = torch.full_like(sigma, lr).div(sigma.add(eps))
    new = theta.clone()
    new -= rate * m
    return new


@right
def momentum_over_sigma__negative_step(theta, m, sigma, lr, eps):
    step = -lr * m * torch.reciprocal(sigma + eps)
    return theta + step


@wrong(
    en="The parameters move uphill. Here m points uphill, as the gradient does (unlike Lecture 4's m, "
    "which already holds the minus sign).",
    zh="参数往上坡走了。这里的 m 和梯度一样指向上坡（不像第 4 讲的 m，那里已经带了负号）。",
)
def momentum_over_sigma__ascent(theta, m, sigma, lr, eps):
    return theta + lr * m / (sigma + eps)


@wrong(
    en="You take m for Lecture 4's, with −η already inside: there is no lr in your step and the sign is "
    "turned. Here m is a sum of gradients alone.",
    zh="你把 m 当成了第 4 讲的（里面已有 −η）：步子里没有 lr，正负号也反了。这里的 m 只是梯度的加权和。",
)
def momentum_over_sigma__rate_inside_m(theta, m, sigma, lr, eps):
    return theta + m / (sigma + eps)


@wrong(
    en="The learning rate is applied twice. With a rate ten times smaller, the step must be ten times "
    "smaller, not a hundred.",
    zh="学习率乘了两次。学习率缩小到十分之一，步子也应当缩小到十分之一，而不是百分之一。",
)
def momentum_over_sigma__rate_twice(theta, m, sigma, lr, eps):
    return theta - lr * (lr * m) / (sigma + eps)


@wrong(
    en="The learning rate is missing from the step.",
    zh="这一步里没有乘学习率。",
)
def momentum_over_sigma__no_rate(theta, m, sigma, lr, eps):
    return theta - m / (sigma + eps)


@wrong(
    en="The step is divided by σ² (plus ε). σ is a root already, it needs no square.",
    zh="步子除以了 σ²（加 ε）。σ 已经是开过方的，不用再平方。",
)
def momentum_over_sigma__sigma_squared(theta, m, sigma, lr, eps):
    return theta - lr * m / (sigma**2 + eps)


@wrong(
    en="A root is taken of σ, but σ is a root already. In the example by hand, σ = 4 must divide as 4.",
    zh="对 σ 又开了一次方，可它已经是开过方的。手算的例子里 σ = 4，就该除以 4。",
)
def momentum_over_sigma__root_again(theta, m, sigma, lr, eps):
    return theta - lr * m / (sigma.sqrt() + eps)


@wrong(
    en="ε is joined to σ² under a root, √(σ²+ε). It is added to σ itself.",
    zh="ε 加在了根号里（√(σ²+ε)）。它应当直接加在 σ 上。",
)
def momentum_over_sigma__eps_inside(theta, m, sigma, lr, eps):
    return theta - lr * m / (sigma**2 + eps).sqrt()


@wrong(
    en="ε is not used: where σ is 0, the result is NaN or infinite.",
    zh="没有用到 ε：σ 为 0 的地方，结果是 NaN 或无穷大。",
)
def momentum_over_sigma__no_eps(theta, m, sigma, lr, eps):
    return theta - lr * m / sigma


@wrong(
    en="Brackets: m is divided by σ, and ε is added (or subtracted) afterwards. What divides is σ + ε.",
    zh="括号的问题：先除以了 σ，再加（减）ε。分母应当是 σ + ε。",
)
def momentum_over_sigma__eps_after_division(theta, m, sigma, lr, eps):
    return theta - (lr * m / sigma + eps)


@wrong(
    en="ε replaces a σ that is too small (a maximum) instead of being added to it.",
    zh="ε 被当成 σ 的下限（取最大值），而不是加上去。",
)
def momentum_over_sigma__eps_as_floor(theta, m, sigma, lr, eps):
    return theta - lr * m / sigma.clamp(min=eps)


@wrong(
    en="The step is multiplied by σ instead of divided by it: steep parameters now take the largest steps "
    "of all.",
    zh="步子乘了 σ，而不是除以 σ：越陡的参数反而走得越远。",
)
def momentum_over_sigma__multiplies(theta, m, sigma, lr, eps):
    return theta - lr * m * (sigma + eps)


@wrong(
    en="Only the step is returned. The task asks for the new parameters.",
    zh="只返回了步子。题目要的是新的参数。",
)
def momentum_over_sigma__only_step(theta, m, sigma, lr, eps):
    return -lr * m / (sigma + eps)


@wrong(
    en="All parameters share the mean of σ. Every parameter has its own.",
    zh="所有参数共用了 σ 的平均值。σ 应当每个参数各有一个。",
)
def momentum_over_sigma__shared_sigma(theta, m, sigma, lr, eps):
    return theta - lr * m / (sigma.mean() + eps)


@wrong(
    en="Only the sign of m is used; its size is lost.",
    zh="只用了 m 的正负号，丢了它的大小。",
)
def momentum_over_sigma__sign_only(theta, m, sigma, lr, eps):
    return theta - lr * m.sign() / (sigma + eps)


@wrong(
    en="θ itself is divided as well: brackets are missing or misplaced. With m = 0, θ must come back "
    "unchanged.",
    zh="θ 也被一起除了：括号少了或放错了。m = 0 时，θ 应当原样返回。",
)
def momentum_over_sigma__divides_theta(theta, m, sigma, lr, eps):
    return (theta - lr * m) / (sigma + eps)


@wrong(
    en="theta itself is changed (theta -= …). Return a new tensor.",
    zh="修改了 theta 本身（theta -= …）。请返回新的张量。",
)
def momentum_over_sigma__in_place(theta, m, sigma, lr, eps):
    theta -= lr * m / (sigma + eps)
    return theta


# --- linear_decay ------------------------------------------------------------------------------------------


@right
def linear_decay__branches(t, lr0, total):
    if t < total:
        return lr0 - lr0 * t / total
    return 0.0


@right
def linear_decay__remaining_updates(t, lr0, total):
    remaining = total - min(t, total)
    return lr0 * (remaining / total)


@right
def linear_decay__tensor_interpolation(t, lr0, total):
    share = torch.tensor(t / total, dtype=torch.float64).clamp(max=1.0)
    start = torch.tensor(float(lr0), dtype=torch.float64)
    return torch.lerp(start, torch.zeros_like(start), share).item()


@wrong(
    en="The rate is one update early: already at t = 0 it is below lr0, and it is 0 one update before the "
    "end.",
    zh="学习率早了一次更新：t = 0 时已经小于 lr0，结束前一次就到了 0。",
)
def linear_decay__one_early(t, lr0, total):
    return lr0 * max(0.0, 1 - (t + 1) / total)


@wrong(
    en="The line reaches 0 at t = total − 1: the last update does nothing. It should be 0 only at t = total.",
    zh="直线在 t = total − 1 处就到了 0：最后一次更新什么也不做。应当到 t = total 才是 0。",
)
def linear_decay__zero_at_last(t, lr0, total):
    return lr0 * max(0.0, 1 - t / (total - 1))


@wrong(
    en="The line reaches 0 at t = total − 1, so the last update does nothing. It should be 0 only at t = total; "
    "then total = 1 needs no special care either.",
    zh="直线在 t = total − 1 处就到了 0，最后一次更新什么也不做。应当到 t = total 才是 0；"
    "这样 total = 1 也不必特殊处理。",
)
def linear_decay__zero_at_last_guarded(t, lr0, total):
    return lr0 * max(0.0, 1 - t / max(1, total - 1))


@wrong(
    en="After the end the rate becomes negative, and the parameters would climb. It must stay at 0.",
    zh="结束之后学习率变成了负数，参数会往山上爬。它应当停在 0。",
)
def linear_decay__negative(t, lr0, total):
    return lr0 * (1 - t / total)


@wrong(
    en="After the end the rate rises again: |1 − t/total|. It must stay at 0.",
    zh="结束之后学习率又升了上去：|1 − t/total|。它应当停在 0。",
)
def linear_decay__rises_again(t, lr0, total):
    return lr0 * abs(1 - t / total)


@wrong(
    en="Integer division (//): the rate stays at lr0 until the very end, then drops to 0.",
    zh="用了整除（//）：学习率一直停在 lr0，到最后才掉到 0。",
)
def linear_decay__integer_division(t, lr0, total):
    return lr0 * max(0.0, 1.0 - t // total)


@wrong(
    en="Integer division (//) rounds the whole rate down to a whole number: 0.14 becomes 0.",
    zh="整除（//）把整个学习率向下取整了：0.14 变成了 0。",
)
def linear_decay__rate_rounded_down(t, lr0, total):
    return max(0.0, lr0 * (total - t) // total)


@wrong(
    en="The rate falls in stairs, as if once an epoch. Each update has a rate of its own.",
    zh="学习率像台阶一样下降，好像每轮才变一次。应当每次更新都变。",
)
def linear_decay__per_epoch(t, lr0, total):
    updates_per_epoch = 2
    return lr0 * max(0.0, 1 - (t // updates_per_epoch) * updates_per_epoch / total)


@wrong(
    en="This falls exponentially and never reaches 0. A straight line was asked for.",
    zh="这是按指数下降，永远到不了 0。题目要的是一条直线。",
)
def linear_decay__exponential(t, lr0, total):
    return lr0 * math.exp(-t / total)


@wrong(
    en="This falls like 1/(1 + t/total) and never reaches 0. A straight line was asked for.",
    zh="这是按 1/(1 + t/total) 下降，永远到不了 0。题目要的是一条直线。",
)
def linear_decay__inverse_time(t, lr0, total):
    return lr0 / (1 + t / total)


@wrong(
    en="This falls like lr0/√(t+1), another known decay. A straight line to 0 was asked for.",
    zh="这是 lr0/√(t+1)，另一种常见的衰减。题目要的是降到 0 的直线。",
)
def linear_decay__inverse_root(t, lr0, total):
    return lr0 / math.sqrt(t + 1)


@wrong(
    en="This is a cosine. It has the same ends as the straight line, but in between it runs otherwise: "
    "look at t = 1.",
    zh="这是余弦曲线。两端和直线一样，中间却不同：看 t = 1。",
)
def linear_decay__cosine(t, lr0, total):
    return lr0 * 0.5 * (1 + math.cos(math.pi * min(t, total) / total))


@wrong(
    en="The share that is left is squared: a parabola, not a straight line. Half-way the rate must be "
    "half of lr0.",
    zh="剩余的比例被平方了：是抛物线，不是直线。走到一半时，学习率应当是 lr0 的一半。",
)
def linear_decay__squared(t, lr0, total):
    return lr0 * max(0.0, 1 - t / total) ** 2


@wrong(
    en="lr0 is missing: this is only the share that is left. At t = 0 the rate must be lr0.",
    zh="没有乘 lr0：这只是剩余的比例。t = 0 时学习率应当是 lr0。",
)
def linear_decay__no_lr0(t, lr0, total):
    return max(0.0, 1 - t / total)


@wrong(
    en="t/total is taken from lr0 without being multiplied by it: right only for lr0 = 1.",
    zh="从 lr0 里减去了 t/total，却没有乘 lr0：只有 lr0 = 1 时才对。",
)
def linear_decay__subtracts_share(t, lr0, total):
    return max(0.0, lr0 - t / total)


@wrong(
    en="The rate rises from 0 to lr0. It must fall.",
    zh="学习率从 0 升到了 lr0。应当下降。",
)
def linear_decay__rises(t, lr0, total):
    return lr0 * min(1.0, t / total)


@wrong(
    en="Each update loses the fixed amount 1/total of the current rate: (1 − 1/total)^t. That is "
    "geometric, not a straight line.",
    zh="每次更新都把当前学习率减去它的 1/total：(1 − 1/total)^t。这是等比下降，不是直线。",
)
def linear_decay__geometric(t, lr0, total):
    return lr0 * (1 - 1 / total) ** t


@wrong(
    en="Nothing is returned after the end (None). The rate there is 0.",
    zh="结束之后什么也没有返回（None）。那里的学习率是 0。",
)
def linear_decay__none_after_end(t, lr0, total):
    if t < total:
        return lr0 * (1 - t / total)
    return None


@wrong(
    en="A small floor is kept (1 % of lr0) instead of 0. The docstring asks for 0 at the end.",
    zh="最后留了一个下限（lr0 的 1%），而不是 0。说明里要求结束时为 0。",
)
def linear_decay__floor(t, lr0, total):
    return lr0 * max(0.01, 1 - t / total)


# --- warmup_linear_decay -----------------------------------------------------------------------------------


@right
def warmup_linear_decay__minimum_of_lines(t, lr_max, warmup, total):
    up = (t + 1) / warmup if warmup > 0 else 1.0
    down = max(0.0, (total - t) / (total - warmup)) if total > warmup else float(t < total)
    return lr_max * min(up, down)


@right
def warmup_linear_decay__branches_the_other_way(t, lr_max, warmup, total):
    rate = 0.0
    if warmup <= t < total:
        rate = lr_max * (1 - (t - warmup) / (total - warmup))
    elif t < warmup:
        rate = lr_max / warmup * (t + 1)
    return rate


@right
def warmup_linear_decay__guarded_denominators(t, lr_max, warmup, total):
    share = (t + 1) / warmup if t < warmup else max(0, total - t) / max(1, total - warmup)
    return lr_max * share


@wrong(
    en="The decay already works during the warm-up: both factors are multiplied. The last update of the "
    "warm-up must have the full lr_max.",
    zh="热身期间就已经在衰减：两个因子乘在了一起。热身的最后一次更新应当正好是 lr_max。",
)
def warmup_linear_decay__decay_during_warmup(t, lr_max, warmup, total):
    up = min(1.0, (t + 1) / warmup) if warmup else 1.0
    return lr_max * up * max(0.0, 1 - t / total)


@wrong(
    en="The first update has rate 0 and does nothing: t/warmup instead of (t+1)/warmup.",
    zh="第一次更新的学习率是 0，什么也没做：用了 t/warmup，而不是 (t+1)/warmup。",
)
def warmup_linear_decay__starts_zero(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    if t < warmup:
        return lr_max * t / warmup
    return lr_max * (total - t) / (total - warmup)


@wrong(
    en="After the warm-up the rate stays at lr_max. It should go down to 0 at t = total.",
    zh="热身之后学习率一直停在 lr_max。它应当降下来，到 t = total 时为 0。",
)
def warmup_linear_decay__constant_after(t, lr_max, warmup, total):
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max


@wrong(
    en="At the end of the warm-up the rate jumps down: the way down is measured from t = 0 (1 − t/total), "
    "but its line starts with lr_max at t = warmup.",
    zh="热身结束时学习率突然掉了一截：下降段从 t = 0 算起了（1 − t/total），而它应当在 t = warmup 处从 "
    "lr_max 开始。",
)
def warmup_linear_decay__jump(t, lr_max, warmup, total):
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * max(0.0, 1 - t / total)


@wrong(
    en="The way down takes total updates, as if the warm-up were not counted, and is not at 0 at t = total.",
    zh="下降段用了 total 次更新，好像热身不算在内，到 t = total 时还没有降到 0。",
)
def warmup_linear_decay__total_after_warmup(t, lr_max, warmup, total):
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * max(0.0, 1 - (t - warmup) / total)


@wrong(
    en="After the end the rate is negative, and the parameters would climb. It must stay at 0.",
    zh="结束之后学习率是负的，参数会往山上爬。它应当停在 0。",
)
def warmup_linear_decay__negative(t, lr_max, warmup, total):
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * (total - t) / max(1, total - warmup)


@wrong(
    en="The way down is one update early: it is below lr_max at t = warmup and 0 at t = total − 1.",
    zh="下降段早了一次更新：t = warmup 时已经小于 lr_max，t = total − 1 时就到了 0。",
)
def warmup_linear_decay__down_one_early(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * (total - t - 1) / (total - warmup)


@wrong(
    en="The warm-up is one update too long: t = warmup still belongs to it (<=), and the rate there "
    "exceeds lr_max.",
    zh="热身多了一次更新：t = warmup 也算了进去（<=），那里的学习率超过了 lr_max。",
)
def warmup_linear_decay__warmup_too_long(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    if t <= warmup:
        return lr_max * (t + 1) / max(1, warmup)
    return lr_max * (total - t) / (total - warmup)


@wrong(
    en="The warm-up never reaches lr_max: it divides by warmup + 1. At t = warmup − 1 the rate must be "
    "lr_max.",
    zh="热身除以了 warmup + 1，到不了 lr_max。t = warmup − 1 时学习率应当是 lr_max。",
)
def warmup_linear_decay__divides_by_one_more(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    if t < warmup:
        return lr_max * (t + 1) / (warmup + 1)
    return lr_max * (total - t) / (total - warmup)


@wrong(
    en="warmup = 0 divides by zero. It means: no warm-up, start with the way down.",
    zh="warmup = 0 时除以了零。它的意思是：不热身，直接开始下降。",
)
def warmup_linear_decay__zero_warmup_raises(t, lr_max, warmup, total):
    up = (t + 1) / warmup
    down = max(0, total - t) / max(1, total - warmup)
    return lr_max * min(1.0, up, down)


@wrong(
    en="warmup = total divides by zero after the warm-up. From t = total on the rate is 0, whatever "
    "warmup is.",
    zh="warmup = total 时，热身之后除以了零。从 t = total 起学习率就是 0，与 warmup 无关。",
)
def warmup_linear_decay__all_warmup_raises(t, lr_max, warmup, total):
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * max(0.0, (total - t) / (total - warmup))


@wrong(
    en="There is no warm-up at all: only the decay, from lr_max at t = 0.",
    zh="根本没有热身：从 t = 0 就是 lr_max，只有衰减。",
)
def warmup_linear_decay__no_warmup(t, lr_max, warmup, total):
    return lr_max * max(0.0, 1 - t / total)


@wrong(
    en="The rate is lr_max all through the warm-up. It should grow from lr_max/warmup to lr_max.",
    zh="热身期间学习率一直是 lr_max。它应当从 lr_max/warmup 逐渐升到 lr_max。",
)
def warmup_linear_decay__flat_warmup(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    return lr_max if t < warmup else lr_max * (total - t) / (total - warmup)


@wrong(
    en="lr_max is missing: these are only shares of it.",
    zh="没有乘 lr_max：这只是比例。",
)
def warmup_linear_decay__no_lr_max(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    return (t + 1) / warmup if t < warmup else (total - t) / (total - warmup)


@wrong(
    en="After the warm-up the rate falls like a cosine. A straight line was asked for.",
    zh="热身之后按余弦下降。题目要的是一条直线。",
)
def warmup_linear_decay__cosine(t, lr_max, warmup, total):
    if t >= total:
        return 0.0
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * 0.5 * (1 + math.cos(math.pi * (t - warmup) / (total - warmup)))


@wrong(
    en="After the warm-up the rate falls like √(warmup/t), as the Transformer's does. A straight line to "
    "0 was asked for.",
    zh="热身之后按 √(warmup/t) 下降，像 Transformer 那样。题目要的是降到 0 的直线。",
)
def warmup_linear_decay__inverse_root(t, lr_max, warmup, total):
    if t < warmup:
        return lr_max * (t + 1) / warmup
    return lr_max * math.sqrt(max(1, warmup) / max(1, t))


@wrong(
    en="The larger of the two lines is taken, where it must be the smaller: the rate starts above lr_max "
    "and rises at the end.",
    zh="两条直线里取了较大的，应当取较小的：一开始就超过 lr_max，后面还在上升。",
)
def warmup_linear_decay__maximum(t, lr_max, warmup, total):
    up = (t + 1) / warmup if warmup else 0.0
    return lr_max * max(up, max(0, total - t) / max(1, total - warmup))


# --- noam_lr -----------------------------------------------------------------------------------------------


@right
def noam_lr__branches(step, d_model, warmup):
    if step < warmup:
        return step / (math.sqrt(d_model) * warmup * math.sqrt(warmup))
    return 1 / math.sqrt(d_model * step)


@right
def noam_lr__infinity(step, d_model, warmup):
    falling = float("inf") if step == 0 else step ** (-0.5)
    return min(falling, step * warmup ** (-1.5)) / d_model**0.5


@wrong(
    en="Step 0 raises an error: 0 to the power −0.5 is a division by zero. The docstring asks for 0 there.",
    zh="step = 0 时报错：0 的 −0.5 次方就是除以零。说明里要求这时返回 0。",
)
def noam_lr__step_zero_raises(step, d_model, warmup):
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@wrong(
    en="Step 0 is treated as step 1 (some public code does). Here the rate at step 0 is 0.",
    zh="把 step = 0 当成了 step = 1（有些公开代码这样写）。这里 step = 0 的学习率是 0。",
)
def noam_lr__zero_is_one(step, d_model, warmup):
    step = max(step, 1)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@wrong(
    en="The larger of the two is taken: the rate starts enormous, and after the warm-up it grows without "
    "end.",
    zh="两个里取了较大的：一开始学习率巨大，热身之后又无止境地增大。",
)
def noam_lr__max_for_min(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)


@wrong(
    en="The factor of d_model is missing. A model four times as wide must get half the rate.",
    zh="没有乘 d_model 的因子。模型宽度变成四倍，学习率应当减半。",
)
def noam_lr__no_d_model(step, d_model, warmup):
    if step == 0:
        return 0.0
    return min(step**-0.5, step * warmup**-1.5)


@wrong(
    en="d_model has the power +0.5: wider models get a larger rate. It is the other way round.",
    zh="d_model 的指数是 +0.5：模型越宽学习率越大。应当反过来。",
)
def noam_lr__d_model_upside_down(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**0.5 * min(step**-0.5, step * warmup**-1.5)


@wrong(
    en="The rate is divided by d_model, not by its root.",
    zh="除以了 d_model 本身，而不是它的平方根。",
)
def noam_lr__d_model_no_root(step, d_model, warmup):
    if step == 0:
        return 0.0
    return min(step**-0.5, step * warmup**-1.5) / d_model


@wrong(
    en="warmup has the power −0.5 instead of −1.5, so the warm-up line is far too steep, and the peak "
    "comes too early.",
    zh="warmup 的指数是 −0.5，应当是 −1.5。热身的直线太陡，最高点来得太早。",
)
def noam_lr__warmup_half(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(step**-0.5, step * warmup**-0.5)


@wrong(
    en="There is no warm-up to be seen: only the falling part, step^−0.5, so the first steps are the "
    "largest. (A power +1.5 of warmup, without its minus sign, does the same.)",
    zh="看不到热身：只有下降的部分 step^−0.5，一开始的步子最大。（warmup 的指数漏了负号、写成 +1.5，"
    "也会这样。）",
)
def noam_lr__no_warmup(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * step**-0.5


@wrong(
    en="After the warm-up the rate stays at its peak. It should fall like 1/√step.",
    zh="热身之后学习率停在最高点。它应当按 1/√step 下降。",
)
def noam_lr__constant_after(step, d_model, warmup):
    return d_model**-0.5 * min(warmup**-0.5, step * warmup**-1.5)


@wrong(
    en="The step is counted up once more inside. Use it as it is: the peak is at step = warmup, and step "
    "0 has rate 0.",
    zh="函数里又把 step 加了一。直接用就行：最高点在 step = warmup，step = 0 时学习率为 0。",
)
def noam_lr__one_step_ahead(step, d_model, warmup):
    step = step + 1
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@wrong(
    en="The warm-up line has lost its step: it is the constant warmup^−1.5, far too small from the first "
    "step on.",
    zh="热身的直线里没有乘 step：成了常数 warmup^−1.5，从第一步起就太小。",
)
def noam_lr__warmup_without_step(step, d_model, warmup):
    if step == 0:
        return 0.0
    return d_model**-0.5 * min(step**-0.5, warmup**-1.5)


@wrong(
    en="The falling part has step^+0.5: the rate grows after the warm-up as well.",
    zh="下降的部分写成了 step^+0.5：热身之后学习率还在增大。",
)
def noam_lr__grows(step, d_model, warmup):
    return d_model**-0.5 * min(step**0.5, step * warmup**-1.5)
