"""Implementations of lecture 4 that are right, accepted, and wrong."""

import torch

from autograder.course import reference
from autograder.variant import equivalent, right, wrong

ref = reference("lecture04_batch_momentum")  # the other exercises, where a variant needs them

# --- shuffled_batches -------------------------------------------------------------------------------------


@right
def shuffled_batches__by_slices(n, batch_size, generator):
    order = torch.randperm(n, generator=generator)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


@right
def shuffled_batches__by_sorting_noise(n, batch_size, generator):
    order = torch.rand(n, generator=generator, dtype=torch.float64).argsort()
    return torch.split(order, batch_size)


@right
def shuffled_batches__fisher_yates(n, batch_size, generator):
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(torch.randint(i + 1, (1,), generator=generator))
        order[i], order[j] = order[j], order[i]
    batches = []
    while order:
        batches.append(torch.tensor(order[:batch_size]))
        order = order[batch_size:]
    return batches


@right
def shuffled_batches__by_multinomial(n, batch_size, generator):
    order = torch.multinomial(torch.ones(n), n, replacement=False, generator=generator)
    return [batch.clone() for batch in order.split(batch_size)]


@wrong(
    en="The rows come in their old order: nothing is shuffled, so every epoch has the same batches. Print "
    "one epoch.",
    zh="行号还是原来的顺序：没有洗牌，所以每一轮的批次都一样。打印一轮看看。",
)
def shuffled_batches__no_shuffle(n, batch_size, generator):
    return list(torch.arange(n).split(batch_size))


@wrong(
    en="Every epoch gets the same shuffle, because the generator is seeded again in each call. Call it "
    "twice with one generator and compare.",
    zh="每一轮洗出来的牌都一样，因为每次调用都重新设了种子。每一轮都要重新洗牌："
    "用同一个生成器调用两次，比一比。",
)
def shuffled_batches__same_every_epoch(n, batch_size, generator):
    generator.manual_seed(0)
    return list(torch.randperm(n, generator=generator).split(batch_size))


@wrong(
    en="The generator's first seed is taken up again in each call, so every epoch has the same batches. Use "
    "the generator as it comes.",
    zh="每次调用都回到生成器最初的种子，所以每一轮的批次都一样。直接用传进来的生成器，不要重设种子。",
)
def shuffled_batches__back_to_initial_seed(n, batch_size, generator):
    torch.manual_seed(generator.initial_seed())
    return list(torch.randperm(n).split(batch_size))


@wrong(
    en="The rows are drawn with replacement: some come twice and others never. Sort all row numbers of one "
    "epoch.",
    zh="这是有放回的抽样：有的行出现两次，有的一次也没有。把一轮里所有行号排个序看看。",
)
def shuffled_batches__with_replacement(n, batch_size, generator):
    return list(torch.randint(0, n, (n,), generator=generator).split(batch_size))


@wrong(
    en="Only the order of the batches is shuffled; inside each batch the neighbours stay together in every "
    "epoch. Look at one batch: its rows are consecutive.",
    zh="只打乱了批次之间的次序；每个批次里还是那几个相邻的行，每一轮都一样。看看任意一个批次：行号是连续的。",
)
def shuffled_batches__shuffle_batch_order_only(n, batch_size, generator):
    batches = torch.arange(n).split(batch_size)
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


@wrong(
    en="The rows are shuffled inside each batch only: the same rows meet in the same batch in every epoch. "
    "Cut after shuffling.",
    zh="只在每个批次内部打乱：每一轮总是同样的行分在同一批。应该先洗牌，再切块。",
)
def shuffled_batches__shuffle_inside_batches(n, batch_size, generator):
    batches = torch.arange(n).split(batch_size)
    return [batch[torch.randperm(len(batch), generator=generator)] for batch in batches]


@wrong(
    en="The shuffle does not draw from the generator that was given but from a global one (torch's, or "
    "Python's random), so the epoch cannot be repeated: print it twice with equal seeds.",
    zh="洗牌没有用传进来的 generator，而是用了全局的随机数（torch 的，或 Python 自带的 random），"
    "所以这一轮无法重现：用相同的种子打印两次看看。",
)
def shuffled_batches__global_rng(n, batch_size, generator):
    return list(torch.randperm(n).split(batch_size))


@wrong(
    en="The last short batch is dropped: with 5 rows in batches of 2 one row is never seen in this epoch.",
    zh="最后那个不满的批次被丢掉了：5 行、批次大小 2 时，有一行在这一轮里没有被看到。",
)
def shuffled_batches__drop_last(n, batch_size, generator):
    order = torch.randperm(n, generator=generator)
    return [order[i * batch_size : (i + 1) * batch_size] for i in range(n // batch_size)]


@wrong(
    en="batch_size was taken for the number of batches. Five rows in batches of 2 make three batches.",
    zh="把批次大小当成了批次的个数。5 行、批次大小 2，应该有三个批次。",
)
def shuffled_batches__batch_size_as_count(n, batch_size, generator):
    return list(torch.randperm(n, generator=generator).chunk(batch_size))


@wrong(
    en="The rows are spread evenly over the batches. All batches have batch_size rows; only the last one "
    "may be shorter.",
    zh="行被平均分到了各个批次。应该每个批次都有 batch_size 行，只有最后一个可以短一些。",
)
def shuffled_batches__even_sizes(n, batch_size, generator):
    count = -(-n // batch_size)
    return list(torch.randperm(n, generator=generator).tensor_split(count))


@wrong(
    en="The last batch is filled up with rows that were dealt out before, so some rows come twice. Count "
    "the rows of one epoch.",
    zh="最后一个批次用已经分过的行补满了，所以有的行出现了两次。数一数一轮里的行数。",
)
def shuffled_batches__fills_last(n, batch_size, generator):
    order = torch.randperm(n, generator=generator)
    missing = -n % batch_size
    return list(torch.cat([order, order[torch.arange(missing) % n]]).split(batch_size))


@wrong(
    en="The batches are lists of numbers; a batch is a tensor of int64, so that it can pick rows of other "
    "tensors.",
    zh="返回的批次是普通列表；批次应该是 int64 张量，这样才好用来取其他张量的行。",
)
def shuffled_batches__lists(n, batch_size, generator):
    order = torch.randperm(n, generator=generator).tolist()
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


@wrong(
    en="The row numbers have become floating-point numbers; X[idx] cannot use those. They are int64.",
    zh="行号变成了浮点数，X[idx] 用不了。行号应该是 int64。",
)
def shuffled_batches__floats(n, batch_size, generator):
    order = torch.randperm(n, generator=generator)
    return list(torch.zeros(n).copy_(order).split(batch_size))


@wrong(
    en="The rows are rotated, not shuffled: every row keeps its neighbours. Follow two neighbouring rows "
    "over some epochs.",
    zh="这只是把行循环移位，没有打乱：每一行的邻居都没变。盯住相邻的两行，多看几轮。",
)
def shuffled_batches__rotated(n, batch_size, generator):
    start = int(torch.randint(n, (1,), generator=generator))
    return list(torch.arange(n).roll(start).split(batch_size))


@wrong(
    en="The row numbers run from 1 to n. Rows are counted from 0; row n does not exist, and row 0 is never "
    "seen.",
    zh="行号成了 1 到 n。行从 0 数起：第 n 行不存在，第 0 行又永远取不到。",
)
def shuffled_batches__from_one(n, batch_size, generator):
    return list((torch.randperm(n, generator=generator) + 1).split(batch_size))


@wrong(
    en="All rows come in one tensor; it was never cut into batches.",
    zh="所有行都在一个张量里，没有切成批次。",
)
def shuffled_batches__not_cut(n, batch_size, generator):
    return [torch.randperm(n, generator=generator)]


@wrong(
    en="Each batch is drawn afresh from all rows, so a row can be in two batches and another in none. "
    "Shuffle once, then cut.",
    zh="每个批次都重新从全部行里抽，于是有的行进了两个批次，有的一个也没进。应该先洗一次牌，再切块。",
)
def shuffled_batches__each_batch_afresh(n, batch_size, generator):
    batches = []
    for start in range(0, n, batch_size):
        size = min(batch_size, n - start)
        batches.append(torch.randperm(n, generator=generator)[:size])
    return batches


# --- batch_gradient ---------------------------------------------------------------------------------------


@right
def batch_gradient__by_autograd(X, y, w, b, idx):
    w, b = w.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()
    loss = ((X[idx] @ w + b - y[idx]) ** 2).mean()
    return torch.autograd.grad(loss, (w, b))


@right
def batch_gradient__by_backward(X, y, w, b, idx):
    theta = torch.cat([w, b.reshape(1)]).detach().requires_grad_()
    prediction = X.index_select(0, idx) @ theta[:-1] + theta[-1]
    torch.nn.functional.mse_loss(prediction, y.index_select(0, idx)).backward()
    return [theta.grad[:-1], theta.grad[-1]]


@right
def batch_gradient__by_einsum(X, y, w, b, idx):
    chosen = X[idx]
    error = torch.einsum("nd,d->n", chosen, w) + b - y[idx]
    return torch.einsum("n,nd->d", error, chosen) * (2 / idx.shape[0]), error.sum() * (2 / idx.shape[0])


@right
def batch_gradient__by_broadcasting(X, y, w, b, idx):
    error = (X * w).sum(dim=1) + b - y
    per_row = 2 * error[:, None] * X
    return per_row[idx].mean(dim=0), (2 * error)[idx].mean()


@right
def batch_gradient__by_mask(X, y, w, b, idx):
    mask = torch.zeros_like(y)
    mask[idx] = 1
    error = (X @ w + b - y) * mask
    return 2 * X.T @ error / mask.sum(), 2 * error.sum() / mask.sum()


@wrong(
    en="The gradients of the rows are added up, not averaged: twice the batch gives twice the gradient, and "
    "the learning rate then depends on the batch size.",
    zh="各行的梯度是相加而不是平均：批次大一倍，梯度就大一倍，学习率就得跟着批次大小变。",
)
def batch_gradient__sums(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return 2 * X[idx].T @ error, 2 * error.sum()


@wrong(
    en="All rows are used; idx has no effect. This is the gradient of the whole loss, at the full price.",
    zh="用了全部的行，idx 没有起作用。这是整体损失的梯度，算一次要花全部数据的代价。",
)
def batch_gradient__all_rows(X, y, w, b, idx):
    error = X @ w + b - y
    return 2 * X.T @ error / len(X), 2 * error.mean()


@wrong(
    en="The sum over the batch is divided by the number of all rows n. The mean of a batch of B rows "
    "divides by another number.",
    zh="批次里的和除以了总行数 n。一个批次的平均，该除的不是它。",
)
def batch_gradient__divides_by_n(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return 2 * X[idx].T @ error / len(X), 2 * error.sum() / len(X)


@wrong(
    en="The gradient is half as large as it should be: where did the 2 of the square go? This loss has no "
    "factor 1/2.",
    zh="梯度只有应有的一半：平方求导得到的 2 哪里去了？这里的损失前面没有 1/2。",
)
def batch_gradient__no_2(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return X[idx].T @ error / len(idx), error.mean()


@wrong(
    en="The sign is reversed: it points downhill. The gradient points to where the loss rises; the minus "
    "belongs to the update.",
    zh="符号反了：它指向下坡。梯度指向损失上升的方向，负号是更新时才加的。",
)
def batch_gradient__negated(X, y, w, b, idx):
    error = y[idx] - X[idx] @ w - b
    return 2 * X[idx].T @ error / len(idx), 2 * error.mean()


@wrong(
    en="The prediction lacks the bias b. Try rows whose prediction is exactly right: your gradient is not "
    "zero there.",
    zh="预测里漏了偏置 b。取预测完全正确的几行试试：你的梯度在那里不是零。",
)
def batch_gradient__forgets_b(X, y, w, b, idx):
    error = X[idx] @ w - y[idx]
    return 2 * X[idx].T @ error / len(idx), 2 * error.mean()


@wrong(
    en="The inputs are those of the batch, the labels are the first B of all: each prediction is compared "
    "with the label of another row.",
    zh="输入取的是批次里的行，标签却取了最前面的 B 个：每个预测都在和别的行的标签比较。",
)
def batch_gradient__labels_not_picked(X, y, w, b, idx):
    error = X[idx] @ w + b - y[: len(idx)]
    return 2 * X[idx].T @ error / len(idx), 2 * error.mean()


@wrong(
    en="The first B rows are used in place of the rows idx: the batch has the right size and the wrong "
    "members.",
    zh="用的是最前面的 B 行，而不是 idx 指定的行：批次大小对了，成员不对。",
)
def batch_gradient__first_rows(X, y, w, b, idx):
    rows = X[: len(idx)]
    error = rows @ w + b - y[: len(idx)]
    return 2 * rows.T @ error / len(idx), 2 * error.mean()


@wrong(
    en="grad_w is a mean and grad_b a sum. Both are derivatives of the same mean loss.",
    zh="grad_w 是平均，grad_b 却是求和。两者都是同一个平均损失的导数。",
)
def batch_gradient__b_not_averaged(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return 2 * X[idx].T @ error / len(idx), 2 * error.sum()


@wrong(
    en="The prediction was made a column and the labels are a row, so their difference is a B x B table: "
    "every prediction meets every label.",
    zh="预测成了一列，标签是一行，相减广播成了 B×B 的表：每个预测都和每个标签相减了一遍。",
)
def batch_gradient__broadcast(X, y, w, b, idx):
    error = X[idx] @ w[:, None] + b - y[idx]
    grad_w = 2 * (X[idx].T @ error).mean(dim=1)
    return grad_w, 2 * error.mean()


@wrong(
    en="The gradient of the second batch still contains the first: backward() adds to .grad, and w is the "
    "same tensor. Ask for two batches in a row.",
    zh="第二个批次的梯度里还带着第一个批次的：backward() 会累加到 .grad，而 w 是同一个张量。"
    "连续算两个批次试试。",
)
def batch_gradient__accumulates(X, y, w, b, idx):
    w.requires_grad_()
    b.requires_grad_()
    ((X[idx] @ w + b - y[idx]) ** 2).mean().backward()
    return w.grad, b.grad


@wrong(
    en="grad_w was averaged over the inputs as well: the sum is divided by B times D. Try a model with one "
    "input, where it is right.",
    zh="grad_w 连输入的个数也一起平均了：除以了 B×D。换成只有一个输入的模型，结果就对了。",
)
def batch_gradient__divides_by_d(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return 2 * X[idx].T @ error / X[idx].numel(), 2 * error.mean()


@wrong(
    en="The derivative of the absolute error was taken: only the sign of each error counts, not its size.",
    zh="这是绝对误差的导数：每个误差只有符号起作用，大小不起作用。",
)
def batch_gradient__absolute_error(X, y, w, b, idx):
    direction = (X[idx] @ w + b - y[idx]).sign()
    return X[idx].T @ direction / len(idx), direction.mean()


@wrong(
    en="This is the gradient of the root of the mean squared error: it does not get smaller as the predictions get "
    "better. The loss here has no root.",
    zh="这是均方误差开根号之后的梯度：预测越来越准，它却不变小。这里的损失没有开根号。",
)
def batch_gradient__root(X, y, w, b, idx):
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    loss = ((X[idx] @ w + b - y[idx]) ** 2).mean().sqrt()
    return torch.autograd.grad(loss, (w, b))


@wrong(
    en="grad_w was averaged over rows and inputs alike, down to one number. Each input has a weight of its own.",
    zh="grad_w 把行和输入一起平均，只剩下一个数。每个输入都有自己的权重。",
)
def batch_gradient__one_number(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return (2 * error[:, None] * X[idx]).mean(), 2 * error.mean()


@wrong(
    en="grad_w is the mean error times the mean input; but each error meets the inputs of its own row "
    "before anything is averaged.",
    zh="grad_w 成了平均误差乘平均输入；应该先让每个误差乘上自己那一行的输入，再平均。",
)
def batch_gradient__product_of_means(X, y, w, b, idx):
    error = X[idx] @ w + b - y[idx]
    return 2 * error.mean() * X[idx].mean(dim=0), 2 * error.mean()


@wrong(
    en="grad_w keeps a second dimension: its shape is (D, 1), and w has (D,). Subtracting it from w would "
    "broadcast.",
    zh="grad_w 多了一维：形状是 (D, 1)，而 w 是 (D,)。拿它去更新 w 会触发广播。",
)
def batch_gradient__column(X, y, w, b, idx):
    error = (X[idx] @ w + b - y[idx])[:, None]
    return 2 * X[idx].T @ error / len(idx), 2 * error.mean()


@wrong(
    en="squeeze() also removes the batch dimension when the batch has one row (or the model one input). Try "
    "idx with one entry.",
    zh="批次只有一行（或模型只有一个输入）时，squeeze() 把那一维也去掉了。用只含一个行号的 idx 试试。",
)
def batch_gradient__squeezes(X, y, w, b, idx):
    inputs, labels = X[idx].squeeze(), y[idx].squeeze()
    error = inputs @ w + b - labels
    return 2 * (error[..., None] * inputs).sum(dim=0) / len(idx), 2 * error.mean()


@wrong(
    en="The numbers are right, but the rows are visited one by one in a Python loop: the work grows with the "
    "batch, and the hardware has nothing to do in parallel.",
    zh="数值是对的，但用 Python 循环一行一行地算：工作量随批次增大，硬件也没有可以并行的活。",
)
def batch_gradient__row_by_row(X, y, w, b, idx):
    grad_w, grad_b = torch.zeros_like(w), torch.zeros_like(b)
    for i in idx:
        error = X[i] @ w + b - y[i]
        grad_w = grad_w + 2 * error * X[i] / len(idx)
        grad_b = grad_b + 2 * error / len(idx)
    return grad_w, grad_b


# --- sharpness --------------------------------------------------------------------------------------------


@right
def sharpness__running_maximum(f, theta, dirs, eps):
    start = f(theta)
    worst = None
    for i in range(dirs.shape[0]):
        change = f(theta + eps * dirs[i]) - start
        if worst is None or change > worst:
            worst = change
    return worst


@right
def sharpness__builtin_max(f, theta, dirs, eps):
    return max(f(torch.add(theta, u, alpha=eps)) for u in dirs) - f(theta)


@right
def sharpness__all_points_first(f, theta, dirs, eps):
    points = theta.unsqueeze(0) + eps * dirs
    losses = theta.new_empty(len(points))
    for i, point in enumerate(points.unbind()):
        losses[i] = f(point)
    return torch.amax(losses - f(theta), dim=0)


@wrong(
    en="This is the mean over the directions. Sharpness asks for the worst one; a mean hides a single steep "
    "direction among flat ones.",
    zh="这是各个方向的平均。尖锐程度问的是最坏的方向；只有一个方向很陡时，平均会把它掩盖掉。",
)
def sharpness__mean(f, theta, dirs, eps):
    return torch.stack([f(theta + eps * u) - f(theta) for u in dirs]).mean()


@wrong(
    en="This is the smallest change, that of the mildest direction. A sharp valley looks flat along its "
    "bottom.",
    zh="这是最小的变化，也就是最平缓的那个方向。沿着谷底走，再尖的山谷也显得平坦。",
)
def sharpness__min(f, theta, dirs, eps):
    return torch.stack([f(theta + eps * u) - f(theta) for u in dirs]).min()


@wrong(
    en="ε is not used: the step is a whole u, however small ε is. With ε = 0 the result must be 0.",
    zh="没有用到 ε：不管 ε 多小，走的都是整整一个 u。ε = 0 时结果应该是 0。",
)
def sharpness__no_eps(f, theta, dirs, eps):
    return torch.stack([f(theta + u) - f(theta) for u in dirs]).max()


@wrong(
    en="This is the largest loss nearby, not how much the loss rises: f(θ) was not subtracted. Add a "
    "constant to f and the result moves.",
    zh="这是附近最大的损失，而不是损失上升了多少：没有减去 f(θ)。给 f 加个常数，结果就跟着变。",
)
def sharpness__abs_loss(f, theta, dirs, eps):
    return torch.stack([f(theta + eps * u) for u in dirs]).max()


@wrong(
    en="The largest change in size is taken, so a steep fall counts as a rise. Where every direction falls, "
    "the result is negative.",
    zh="取的是绝对值最大的变化，于是陡降也被当成了上升。如果每个方向都下降，结果应该是负数。",
)
def sharpness__absolute_change(f, theta, dirs, eps):
    return torch.stack([(f(theta + eps * u) - f(theta)).abs() for u in dirs]).max()


@wrong(
    en="The directions were scaled to length 1. They are used as given: twice as long a direction is twice "
    "as long a step.",
    zh="方向被归一化成了单位长度。方向应原样使用：长一倍的方向就走远一倍。",
)
def sharpness__normalised_directions(f, theta, dirs, eps):
    return torch.stack([f(theta + eps * u / u.norm()) - f(theta) for u in dirs]).max()


@wrong(
    en="Each direction was also tried backwards. Only θ + εu is asked for; with one downhill direction the "
    "result is negative.",
    zh="每个方向还反着试了一次。只问 θ + εu：只给一个下坡方向时，结果应该是负数。",
)
def sharpness__both_ways(f, theta, dirs, eps):
    return torch.stack([f(theta + s * eps * u) - f(theta) for u in dirs for s in (1, -1)]).max()


@wrong(
    en="The step goes backwards, to θ - εu. Try one direction that leads uphill.",
    zh="走反了，走到了 θ - εu。给一个上坡的方向试试。",
)
def sharpness__backwards(f, theta, dirs, eps):
    return torch.stack([f(theta - eps * u) - f(theta) for u in dirs]).max()


@wrong(
    en="The difference has the wrong sign: f(θ) - f(θ + εu) is the largest fall, not the largest rise.",
    zh="差的方向反了：f(θ) - f(θ + εu) 是最大的下降，不是最大的上升。",
)
def sharpness__reversed_difference(f, theta, dirs, eps):
    return torch.stack([f(theta) - f(theta + eps * u) for u in dirs]).max()


@wrong(
    en="The rise was divided by ε: that is a slope. Sharpness is the rise itself; with ε = 0 it is 0, not a "
    "division by zero.",
    zh="上升量又除以了 ε，那是斜率。尖锐程度就是上升量本身；ε = 0 时应该是 0，而不是除以零。",
)
def sharpness__divided_by_eps(f, theta, dirs, eps):
    return torch.stack([(f(theta + eps * u) - f(theta)) / eps for u in dirs]).max()


@wrong(
    en="The search for the maximum starts at 0, so the result is never negative. Where f falls in every "
    "direction it must be.",
    zh="找最大值是从 0 开始的，所以结果不会是负数。f 沿每个方向都下降时，结果应该是负的。",
)
def sharpness__starts_at_zero(f, theta, dirs, eps):
    worst = torch.zeros_like(f(theta))
    for u in dirs:
        worst = torch.maximum(worst, f(theta + eps * u) - f(theta))
    return worst


@wrong(
    en="f was given all points at once, as one table. It takes one point; on a table it adds up the losses "
    "of all directions.",
    zh="把所有的点当作一张表一次交给了 f。f 一次只接受一个点；给它一张表，各方向的损失就加在一起了。",
)
def sharpness__all_at_once(f, theta, dirs, eps):
    return (f(theta + eps * dirs) - f(theta)).max()


@wrong(
    en="Only the first direction is looked at.",
    zh="只看了第一个方向。",
)
def sharpness__first_direction(f, theta, dirs, eps):
    return f(theta + eps * dirs[0]) - f(theta)


@wrong(
    en="The step is taken along the sum of all directions, not along one direction after another.",
    zh="沿所有方向之和走了一步，而不是逐个方向去试。",
)
def sharpness__sum_of_directions(f, theta, dirs, eps):
    return f(theta + eps * dirs.sum(dim=0)) - f(theta)


@wrong(
    en="The steps add up: θ is not put back after a direction was tried, so the second one starts where the "
    "first one ended.",
    zh="步子累加了：试完一个方向没有回到 θ，于是第二个方向从第一个的终点出发。",
)
def sharpness__wanders(f, theta, dirs, eps):
    base, rises = f(theta), []
    for u in dirs:
        theta = theta + eps * u
        rises.append(f(theta) - base)
    return torch.stack(rises).max()


@wrong(
    en="All changes come back, one for each direction. Sharpness is a single number: the worst of them.",
    zh="把各个方向的变化都返回了。尖锐程度是一个数：其中最坏的那个。",
)
def sharpness__every_change(f, theta, dirs, eps):
    return torch.stack([f(theta + eps * u) - f(theta) for u in dirs])


@wrong(
    en="The number came back as a Python float; the docstring asks for a tensor of shape ().",
    zh="返回的是 Python 浮点数；文档要求的是形状为 () 的张量。",
)
def sharpness__python_float(f, theta, dirs, eps):
    return max((f(theta + eps * u) - f(theta)).item() for u in dirs)


# --- momentum_step ----------------------------------------------------------------------------------------


@right
def momentum_step__in_terms_of_theta(theta, m, g, lr, lam):
    new_theta = theta - lr * g + lam * m
    new_m = lam * m - lr * g
    return new_theta, new_m


@right
def momentum_step__torch_methods(theta, m, g, lr, lam):
    displacement = torch.mul(m, lam).sub(g, alpha=lr)
    return [torch.add(theta, displacement), displacement]


@right
def momentum_step__clones_then_in_place(theta, m, g, lr, lam):
    theta, m = theta.clone(), m.clone()
    m *= lam
    m -= lr * g
    theta += m
    return theta, m


@wrong(
    en="This is PyTorch's form, with the learning rate outside m. Both agree while the learning rate is "
    "constant, and differ once it changes; here η belongs inside m.",
    zh="你写的是 PyTorch 版本（学习率在 m 外面）。学习率不变时两者相同，学习率变化时结果不同；"
    "这里的 η 应该在 m 里面。",
)
def momentum_step__pytorch(theta, m, g, lr, lam):
    m = lam * m + g
    return theta - lr * m, m


@wrong(
    en="The gradient is weighted with 1-λ, as in a running average. In the lecture's formula only the old m "
    "is multiplied by λ.",
    zh="梯度乘上了 1-λ，成了滑动平均。课上的式子里，只有旧的 m 乘 λ。",
)
def momentum_step__ema(theta, m, g, lr, lam):
    m = lam * m - (1 - lam) * lr * g
    return theta + m, m


@wrong(
    en="θ climbs: the gradient was added to m. From rest, compare the first step with plain gradient "
    "descent.",
    zh="θ 在往上爬：m 里加的是正的梯度。从静止出发，和普通的梯度下降比一比第一步。",
)
def momentum_step__plus_grad(theta, m, g, lr, lam):
    m = lam * m + lr * g
    return theta + m, m


@wrong(
    en="θ climbs: m already contains the minus sign, and here it is subtracted once more.",
    zh="θ 在往上爬：m 里面已经有负号了，这里又减了一次。",
)
def momentum_step__minus_m(theta, m, g, lr, lam):
    m = lam * m - lr * g
    return theta - m, m


@wrong(
    en="From m = 0 the path of θ is right, but m has the other sign: here m is the displacement itself, so "
    "that θ + m is the new place. Start in motion and it goes the wrong way.",
    zh="从 m = 0 出发，θ 走得对，但 m 的符号反了：这里的 m 就是位移本身，新的位置是 θ + m。"
    "一开始就带着动量时，方向就错了。",
)
def momentum_step__velocity_uphill(theta, m, g, lr, lam):
    m = lam * m + lr * g
    return theta - m, m


@wrong(
    en="θ moves by the old m; the gradient that was just computed has no effect yet. From rest, θ stays "
    "where it is.",
    zh="θ 用旧的 m 移动，刚算出的梯度还没有起作用。从静止出发，θ 一动不动。",
)
def momentum_step__stale_m(theta, m, g, lr, lam):
    return theta + m, lam * m - lr * g


@wrong(
    en="The step looks ahead, as Nesterov's momentum does: the gradient enters twice. The lecture's θ moves "
    "by m and nothing else.",
    zh="这一步多看了一眼，是 Nesterov 动量：梯度用了两次。课上的 θ 只移动 m。",
)
def momentum_step__nesterov(theta, m, g, lr, lam):
    m = lam * m - lr * g
    return theta + lam * m - lr * g, m


@wrong(
    en="λ multiplies the gradient as well: λ(m - ηg). From rest the first step is too short by a factor of "
    "λ.",
    zh="λ 把梯度也乘进去了：λ(m - ηg)。从静止出发，第一步短了，只有应有的 λ 倍。",
)
def momentum_step__lam_on_everything(theta, m, g, lr, lam):
    m = lam * (m - lr * g)
    return theta + m, m


@wrong(
    en="The learning rate is missing: the gradient enters m at full size.",
    zh="漏了学习率：梯度原样进了 m。",
)
def momentum_step__no_lr(theta, m, g, lr, lam):
    m = lam * m - g
    return theta + m, m


@wrong(
    en="The learning rate is used twice, once in m and once more when θ moves.",
    zh="学习率用了两次：m 里一次，移动 θ 时又一次。",
)
def momentum_step__lr_twice(theta, m, g, lr, lam):
    m = lam * m - lr * g
    return theta + lr * m, m


@wrong(
    en="The old m is kept in full: λ has no effect, and the ball never slows down. Try g = 0.",
    zh="旧的 m 全部保留了：λ 没有起作用，小球永远不会慢下来。取 g = 0 试试。",
)
def momentum_step__no_friction(theta, m, g, lr, lam):
    m = m - lr * g
    return theta + m, m


@wrong(
    en="The old displacement is left out: this is plain gradient descent. With g = 0 the ball should still "
    "roll on.",
    zh="旧的位移没有用上：这就是普通的梯度下降。g = 0 时，小球本应继续滑行。",
)
def momentum_step__no_momentum(theta, m, g, lr, lam):
    m = -lr * g
    return theta + m, m


@wrong(
    en="m and θ come back in the other order.",
    zh="返回的顺序反了：应该先 θ，后 m。",
)
def momentum_step__swapped(theta, m, g, lr, lam):
    m = lam * m - lr * g
    return m, theta + m


@wrong(
    en="The old m comes back. The next update needs the new one, or the momentum never builds up.",
    zh="返回的是旧的 m。下一次更新需要新的 m，否则动量永远积累不起来。",
)
def momentum_step__returns_old_m(theta, m, g, lr, lam):
    return theta + lam * m - lr * g, m


@wrong(
    en="The arguments are changed in place: the caller's θ and m are different after the call. Return new "
    "tensors.",
    zh="就地修改了传入的参数：调用之后，调用者的 θ 和 m 都变了。请返回新的张量。",
)
def momentum_step__in_place(theta, m, g, lr, lam):
    m.mul_(lam).sub_(lr * g)
    theta.add_(m)
    return theta, m


@wrong(
    en="λ and 1-λ have changed places: the larger λ is, the sooner the past is forgotten. Try λ = 1, where "
    "m should be kept in full.",
    zh="λ 和 1-λ 用反了：λ 越大反而忘得越快。取 λ = 1 试试，m 本应全部保留。",
)
def momentum_step__lam_reversed(theta, m, g, lr, lam):
    m = (1 - lam) * m - lr * g
    return theta + m, m


# --- momentum_unrolled ------------------------------------------------------------------------------------


@right
def momentum_unrolled__by_recursion(grads, lr, lam):
    m = grads.new_zeros(grads.shape[1])
    for g in grads:
        m = lam * m - lr * g
    return m


@right
def momentum_unrolled__by_flipping(grads, lr, lam):
    weights = torch.tensor([lam**age for age in range(len(grads))], dtype=grads.dtype, device=grads.device)
    return -lr * (weights[:, None] * grads.flip(0)).sum(dim=0)


@right
def momentum_unrolled__term_by_term(grads, lr, lam):
    total = torch.zeros_like(grads[:0].sum(dim=0))
    t = grads.shape[0]
    for i in range(t):
        total = total - lr * lam ** (t - 1 - i) * grads[i]
    return total


@right
def momentum_unrolled__by_einsum(grads, lr, lam):
    t = grads.shape[0]
    ages = t - 1 - torch.arange(t, device=grads.device)
    weights = torch.pow(grads.new_tensor(lam), ages)
    return torch.einsum("t,td->d", -lr * weights, grads)


@wrong(
    en="Every exponent is one too large: the newest gradient has weight λ. It should count in full; try a "
    "single gradient.",
    zh="每个指数都大了 1：最新的梯度权重成了 λ。它本应全额计入；只给一个梯度试试。",
)
def momentum_unrolled__off_by_one(grads, lr, lam):
    age = torch.arange(len(grads), 0, -1, dtype=grads.dtype, device=grads.device)
    return -lr * (lam**age @ grads)


@wrong(
    en="The weights run the wrong way: the oldest gradient counts most. With λ = 0 the last row should "
    "remain, and here the first does.",
    zh="权重的方向反了：最旧的梯度权重最大。λ = 0 时本应只剩最后一行，这里却剩下第一行。",
)
def momentum_unrolled__reversed(grads, lr, lam):
    age = torch.arange(len(grads), dtype=grads.dtype, device=grads.device)
    return -lr * (lam**age @ grads)


@wrong(
    en="The sign is missing: m goes with the gradient, uphill. One gradient g gives -ηg.",
    zh="漏了负号：m 顺着梯度往上坡走。只有一个梯度 g 时应得到 -ηg。",
)
def momentum_unrolled__sign(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return lr * (lam**age @ grads)


@wrong(
    en="The weights were scaled to add up to 1: that is a weighted mean. m is a sum; with λ = 1 it is t "
    "times as large as the mean.",
    zh="权重被归一化成总和为 1，成了加权平均。m 是求和：λ = 1 时它是平均值的 t 倍。",
)
def momentum_unrolled__normalised(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    weights = lam**age
    return -lr * (weights @ grads) / weights.sum()


@wrong(
    en="The gradients carry the factor 1-λ of a running average. The newest gradient counts in full here.",
    zh="梯度多乘了滑动平均的 1-λ。这里最新的梯度是全额计入的。",
)
def momentum_unrolled__ema(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return -lr * (1 - lam) * (lam**age @ grads)


@wrong(
    en="The learning rate is missing.",
    zh="漏了学习率。",
)
def momentum_unrolled__no_lr(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return -(lam**age @ grads)


@wrong(
    en="The last gradient is left out: the sum stops one too early. With a single gradient nothing remains.",
    zh="漏了最后一个梯度：求和早停了一步。只有一个梯度时就什么也不剩了。",
)
def momentum_unrolled__without_last(grads, lr, lam):
    t = len(grads)
    total = grads.new_zeros(grads.shape[1])
    for i in range(t - 1):
        total = total - lr * lam ** (t - 1 - i) * grads[i]
    return total


@wrong(
    en="The first gradient g⁰ is left out: the sum starts at i = 1. With a single gradient nothing remains.",
    zh="漏了第一个梯度 g⁰：求和从 i = 1 开始了。只有一个梯度时就什么也不剩了。",
)
def momentum_unrolled__without_first(grads, lr, lam):
    t = len(grads)
    total = grads.new_zeros(grads.shape[1])
    for i in range(1, t):
        total = total - lr * lam ** (t - 1 - i) * grads[i]
    return total


@wrong(
    en="The terms are not added up: there is still one row for each gradient. m has the shape of one "
    "gradient.",
    zh="各项没有加起来：还是每个梯度一行。m 的形状应该和一个梯度相同。",
)
def momentum_unrolled__not_summed(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return -lr * (lam**age)[:, None] * grads


@wrong(
    en="The displacements after every update come back; only the last one, m^t, is asked for.",
    zh="把每次更新后的位移都返回了；只要最后一个 m^t。",
)
def momentum_unrolled__whole_history(grads, lr, lam):
    m, history = grads.new_zeros(grads.shape[1]), []
    for g in grads:
        m = lam * m - lr * g
        history.append(m)
    return torch.stack(history) if history else grads.new_zeros(0, grads.shape[1])


@wrong(
    en="Every gradient counts in full: λ has no effect. With λ = 0 only the last one should remain.",
    zh="每个梯度都全额计入：λ 没有起作用。λ = 0 时应该只剩最后一个。",
)
def momentum_unrolled__no_decay(grads, lr, lam):
    return -lr * grads.sum(dim=0)


@wrong(
    en="The weights fall linearly, λ times the age; they should fall by a factor of λ for every update.",
    zh="权重成了 λ 乘年龄；应该是每过一次更新就再乘一次 λ。",
)
def momentum_unrolled__lam_times_age(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return -lr * ((lam * age) @ grads)


@wrong(
    en="This is θ^t - θ⁰, the sum of all displacements, not the last displacement m^t alone.",
    zh="这是所有位移之和 θ^t - θ⁰，而不是最后一个位移 m^t。",
)
def momentum_unrolled__sum_of_displacements(grads, lr, lam):
    m, moved = grads.new_zeros(grads.shape[1]), grads.new_zeros(grads.shape[1])
    for g in grads:
        m = lam * m - lr * g
        moved = moved + m
    return moved


@wrong(
    en="The terms are averaged: the sum is divided by t. m is a sum.",
    zh="各项取了平均：和又除以了 t。m 是求和。",
)
def momentum_unrolled__averaged(grads, lr, lam):
    age = torch.arange(len(grads) - 1, -1, -1, dtype=grads.dtype, device=grads.device)
    return -lr * ((lam**age)[:, None] * grads).mean(dim=0)


@wrong(
    en="The weights were computed in float32, although the gradients are float64: a number to the power of "
    "an integer tensor has torch's default dtype. With many gradients seven digits are not enough.",
    zh="梯度是 float64，权重却是用 float32 算的：数的整数张量次方取的是 torch 的默认 dtype。梯度一多，"
    "七位有效数字就不够了。",
)
def momentum_unrolled__float32_weights(grads, lr, lam):
    weights = lam ** torch.arange(len(grads) - 1, -1, -1, device=grads.device)
    return -lr * (weights[:, None] * grads).sum(dim=0)


@wrong(
    en="The weights are float32 whatever the gradients are, and torch refuses to multiply them with float64 "
    "gradients.",
    zh="不管梯度是什么类型，权重都是 float32；torch 不肯让它和 float64 的梯度相乘。",
)
def momentum_unrolled__float32_matmul(grads, lr, lam):
    weights = torch.tensor([lam ** (len(grads) - 1 - i) for i in range(len(grads))], device=grads.device)
    return -lr * weights.float() @ grads


@wrong(
    en="It fails before the first update: with no gradients yet m is zeros, and there is no row to start "
    "from.",
    zh="第一次更新之前会出错：还没有梯度时 m 是零，但这时没有第一行可取。",
)
def momentum_unrolled__starts_from_first_row(grads, lr, lam):
    m = -lr * grads[0]
    for g in grads[1:]:
        m = lam * m - lr * g
    return m


# --- torch_sgd_momentum_step ------------------------------------------------------------------------------


@right
def torch_sgd_momentum_step__torch_methods(theta, buf, g, lr, mu):
    new_buf = torch.mul(buf, mu).add(g)
    return [torch.sub(theta, new_buf, alpha=lr), new_buf]


@right
def torch_sgd_momentum_step__expanded(theta, buf, g, lr, mu):
    return theta - lr * g - lr * mu * buf, g + mu * buf


@right
def torch_sgd_momentum_step__clones_then_in_place(theta, buf, g, lr, mu):
    theta, buf = theta.clone(), buf.clone()
    buf.mul_(mu).add_(g)
    theta.add_(buf, alpha=-lr)
    return theta, buf


@wrong(
    en="This is the lecture's form, with η inside the buffer. PyTorch's buffer holds gradients; from buf = "
    "0 the new buf is g itself.",
    zh="这是课上的写法，η 在 buf 里面。PyTorch 的 buf 存的是梯度：从 buf = 0 出发，新的 buf 就是 g 本身。",
)
def torch_sgd_momentum_step__seed_convention(theta, buf, g, lr, mu):
    buf = mu * buf - lr * g
    return theta + buf, buf


@wrong(
    en="The learning rate went into the buffer (without the minus sign). While it is constant θ takes the "
    "same path, but once it changes it does not; the buffer holds gradients alone.",
    zh="学习率放进了 buf（没有负号）。学习率不变时 θ 走的路相同，一变就不同了；buf 里只存梯度。",
)
def torch_sgd_momentum_step__lr_inside(theta, buf, g, lr, mu):
    buf = mu * buf + lr * g
    return theta - buf, buf


@wrong(
    en="The gradient enters the buffer with weight 1-μ, a running average (dampening = μ). Without "
    "dampening it enters in full.",
    zh="梯度以 1-μ 的权重进入 buf，成了滑动平均（相当于 dampening = μ）。不用 dampening 时，"
    "梯度是全额进入的。",
)
def torch_sgd_momentum_step__dampened(theta, buf, g, lr, mu):
    buf = mu * buf + (1 - mu) * g
    return theta - lr * buf, buf


@wrong(
    en="This is Nesterov's variant: θ moves by g + μ·buf. Here it moves by buf alone.",
    zh="这是 Nesterov 的写法：θ 移动的是 g + μ·buf。这里只移动 buf。",
)
def torch_sgd_momentum_step__nesterov(theta, buf, g, lr, mu):
    buf = mu * buf + g
    return theta - lr * (g + mu * buf), buf


@wrong(
    en="θ climbs: the buffer holds gradients, which point uphill, and it was added.",
    zh="θ 在往上爬：buf 里是梯度，指向上坡，这里却加上了它。",
)
def torch_sgd_momentum_step__ascent(theta, buf, g, lr, mu):
    buf = mu * buf + g
    return theta + lr * buf, buf


@wrong(
    en="θ moves by the old buffer; the new gradient has no effect yet. From buf = 0, θ stays where it is.",
    zh="θ 用旧的 buf 移动，新的梯度还没有起作用。从 buf = 0 出发，θ 一动不动。",
)
def torch_sgd_momentum_step__stale_buf(theta, buf, g, lr, mu):
    return theta - lr * buf, mu * buf + g


@wrong(
    en="The learning rate is used twice, in the buffer and again outside.",
    zh="学习率用了两次：buf 里一次，外面又一次。",
)
def torch_sgd_momentum_step__lr_twice(theta, buf, g, lr, mu):
    buf = mu * buf + lr * g
    return theta - lr * buf, buf


@wrong(
    en="The learning rate is missing: θ moves by the whole buffer.",
    zh="漏了学习率：θ 移动了整个 buf。",
)
def torch_sgd_momentum_step__no_lr(theta, buf, g, lr, mu):
    buf = mu * buf + g
    return theta - buf, buf


@wrong(
    en="μ multiplies the gradient as well: μ(buf + g). From buf = 0 the new buf should be g itself.",
    zh="μ 把梯度也乘进去了：μ(buf + g)。从 buf = 0 出发，新的 buf 应该就是 g。",
)
def torch_sgd_momentum_step__mu_on_everything(theta, buf, g, lr, mu):
    buf = mu * (buf + g)
    return theta - lr * buf, buf


@wrong(
    en="The buffer is kept in full: μ has no effect. With g = 0 it should shrink.",
    zh="buf 全部保留了：μ 没有起作用。g = 0 时它应该变小。",
)
def torch_sgd_momentum_step__no_friction(theta, buf, g, lr, mu):
    buf = buf + g
    return theta - lr * buf, buf


@wrong(
    en="θ moves by the gradient alone; the buffer is kept and never used.",
    zh="θ 只按梯度移动；buf 算了却没有用上。",
)
def torch_sgd_momentum_step__buffer_unused(theta, buf, g, lr, mu):
    buf = mu * buf + g
    return theta - lr * g, buf


@wrong(
    en="The old buffer comes back. The next update needs the new one.",
    zh="返回的是旧的 buf。下一次更新需要新的。",
)
def torch_sgd_momentum_step__returns_old_buf(theta, buf, g, lr, mu):
    return theta - lr * (mu * buf + g), buf


@wrong(
    en="θ and buf come back in the other order.",
    zh="返回的顺序反了：应该先 θ，后 buf。",
)
def torch_sgd_momentum_step__swapped(theta, buf, g, lr, mu):
    buf = mu * buf + g
    return buf, theta - lr * buf


@wrong(
    en="The arguments are changed in place: the caller's θ and buf are different after the call. Return new "
    "tensors.",
    zh="就地修改了传入的参数：调用之后，调用者的 θ 和 buf 都变了。请返回新的张量。",
)
def torch_sgd_momentum_step__in_place(theta, buf, g, lr, mu):
    buf.mul_(mu).add_(g)
    theta.sub_(lr * buf)
    return theta, buf


@wrong(
    en="The buffer takes up -g, and then θ moves by minus the buffer: two signs that cancel, so θ climbs "
    "and buf has the wrong sign.",
    zh="buf 里放的是 -g，移动 θ 时又减去 buf：两个负号抵消，θ 往上爬，buf 的符号也反了。",
)
def torch_sgd_momentum_step__negative_buffer(theta, buf, g, lr, mu):
    buf = mu * buf - g
    return theta - lr * buf, buf


@wrong(
    en="The update was left to torch.optim.SGD. The numbers are right; writing the two lines yourself is the "
    "exercise.",
    zh="把更新交给了 torch.optim.SGD。数值是对的，但这道题就是要自己写出那两行。",
)
def torch_sgd_momentum_step__library(theta, buf, g, lr, mu):
    parameter = theta.clone().requires_grad_()
    parameter.grad = g.clone()
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=mu)
    optimizer.state[parameter]["momentum_buffer"] = buf.clone()
    optimizer.step()
    return parameter.detach(), optimizer.state[parameter]["momentum_buffer"]


# --- sgd_epoch --------------------------------------------------------------------------------------------


@right
def sgd_epoch__by_hand(X, y, params, m, lr, lam, batch_size, generator):
    w, b = params
    m_w, m_b = m
    losses = []
    for idx in ref.shuffled_batches(X.shape[0], batch_size, generator):
        error = X[idx] @ w + b - y[idx]
        losses.append(float((error * error).mean()))
        m_w = lam * m_w - lr * 2 * (X[idx].T @ error) / len(idx)
        m_b = lam * m_b - lr * 2 * error.mean()
        w, b = w + m_w, b + m_b
    return [w, b], [m_w, m_b], losses


@right
def sgd_epoch__own_permutation(X, y, params, m, lr, lam, batch_size, generator):
    n = len(y)
    order = torch.randperm(n, generator=generator)
    losses = []
    for start in range(0, n, batch_size):
        idx = order[start : start + batch_size]
        w, b = (p.detach().requires_grad_() for p in params)
        loss = torch.nn.functional.mse_loss(X[idx] @ w + b, y[idx])
        losses.append(loss.item())
        grads = torch.autograd.grad(loss, (w, b))
        steps = [lam * v - lr * g for v, g in zip(m, grads, strict=True)]
        params = tuple(p.detach() + v for p, v in zip(params, steps, strict=True))
        m = tuple(steps)
    return params, m, losses


@right
def sgd_epoch__one_vector(X, y, params, m, lr, lam, batch_size, generator):
    theta = torch.cat([params[0], params[1].reshape(1)])
    velocity = torch.cat([m[0], m[1].reshape(1)])
    design = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    losses = []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        error = design[idx] @ theta - y[idx]
        losses.append(error.pow(2).mean())
        theta, velocity = ref.momentum_step(theta, velocity, 2 * error @ design[idx] / len(idx), lr, lam)
    return (theta[:-1], theta[-1]), (velocity[:-1], velocity[-1]), losses


def _loss(X, y, w, b):
    return ((X @ w + b - y) ** 2).mean().item()


def _update(X, y, w, b, m_w, m_b, lr, lam, idx):
    grad_w, grad_b = ref.batch_gradient(X, y, w, b, idx)
    w, m_w = ref.momentum_step(w, m_w, grad_w, lr, lam)
    b, m_b = ref.momentum_step(b, m_b, grad_b, lr, lam)
    return w, b, m_w, m_b


@wrong(
    en="The losses are taken after the update. The first loss should be that of the parameters that came in.",
    zh="损失是更新之后才算的。第一个损失应该是传进来的那组参数的损失。",
)
def sgd_epoch__loss_after_update(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
        losses.append(_loss(X[idx], y[idx], w, b))
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The momentum is set to zero for every batch, so it never acts. Compare with λ = 0: the parameters "
    "are the same.",
    zh="每个批次都把动量清零了，它从来没有起过作用。和 λ = 0 比一比：参数完全一样。",
)
def sgd_epoch__momentum_reset_per_batch(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), losses = params, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        m_w, m_b = torch.zeros_like(w), torch.zeros_like(b)
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The epoch starts from rest: the m that was passed in is ignored. It should go on from where the "
    "epoch before ended.",
    zh="这一轮从静止开始：传进来的 m 被忽略了。应该接着上一轮结束时的动量继续。",
)
def sgd_epoch__momentum_reset_per_epoch(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), losses = params, []
    m_w, m_b = torch.zeros_like(w), torch.zeros_like(b)
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="There is one update in the whole epoch, on all the data. Each batch has its own update and its own "
    "loss.",
    zh="整整一轮只更新了一次，而且用的是全部数据。每个批次都应该有一次更新和一个损失。",
)
def sgd_epoch__one_update(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b) = params, m
    losses = [_loss(X, y, w, b)]
    w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, torch.arange(len(X)))
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The loss is that of all the data. What is asked for is the loss of the batch at hand, before its "
    "update.",
    zh="算的是全部数据的损失。要的是当前这个批次的损失（更新之前）。",
)
def sgd_epoch__loss_of_all_rows(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X, y, w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The gradient is always that of all the data: there are as many updates as batches, each at the "
    "price of a whole epoch.",
    zh="每次用的都是全部数据的梯度：更新次数和批次数一样，但每一次都花了一整轮的代价。",
)
def sgd_epoch__gradient_of_all_rows(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, torch.arange(len(X)))
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The rows are taken in their old order. Without shuffled_batches every epoch has the same batches.",
    zh="行是按原来的顺序取的。不用 shuffled_batches，每一轮的批次都一样。",
)
def sgd_epoch__no_shuffle(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in torch.arange(len(X)).split(batch_size):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The rows are shuffled again before every update and only the first batch of each shuffle is used: "
    "some rows are seen twice in this epoch and others never.",
    zh="每次更新前都重新洗牌，而且只用了第一个批次：这一轮里有的行被看了两次，有的一次也没有。",
)
def sgd_epoch__shuffles_every_update(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for _ in range(-(-len(X) // batch_size)):
        idx = ref.shuffled_batches(len(X), batch_size, generator)[0]
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The last short batch is skipped: an update and a loss are missing.",
    zh="跳过了最后那个不满的批次：少了一次更新和一个损失。",
)
def sgd_epoch__skips_short_batch(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        if len(idx) < batch_size:
            continue
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="All gradients are taken at the parameters that came in. Each batch should see the parameters that "
    "the batch before left.",
    zh="所有梯度都是在传进来的那组参数上算的。每个批次看到的应该是上一个批次更新之后的参数。",
)
def sgd_epoch__gradients_at_start(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        grad_w, grad_b = ref.batch_gradient(X, y, *params, idx)
        w, m_w = ref.momentum_step(w, m_w, grad_w, lr, lam)
        b, m_b = ref.momentum_step(b, m_b, grad_b, lr, lam)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="w is updated before the gradient of b is found, so the two gradients belong to different places. "
    "Find both first, then move.",
    zh="先更新了 w 才求 b 的梯度，两个梯度就不在同一处了。应该先把两个都求出来，再移动。",
)
def sgd_epoch__w_moves_first(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, m_w = ref.momentum_step(w, m_w, ref.batch_gradient(X, y, w, b, idx)[0], lr, lam)
        b, m_b = ref.momentum_step(b, m_b, ref.batch_gradient(X, y, w, b, idx)[1], lr, lam)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="b has no momentum: it is moved by plain gradient descent, and its m comes back as it was.",
    zh="b 没有用动量：只做了普通的梯度下降，它的 m 原样返回了。",
)
def sgd_epoch__no_momentum_for_b(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        grad_w, grad_b = ref.batch_gradient(X, y, w, b, idx)
        w, m_w = ref.momentum_step(w, m_w, grad_w, lr, lam)
        b = b - lr * grad_b
    return (w, b), (m_w, m_b), losses


@wrong(
    en="b is never updated.",
    zh="b 从来没有更新。",
)
def sgd_epoch__b_stays(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, m_w = ref.momentum_step(w, m_w, ref.batch_gradient(X, y, w, b, idx)[0], lr, lam)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The momentum is PyTorch's, with η outside. The m that comes in and goes out is a displacement here, "
    "with η and the sign in it.",
    zh="用的是 PyTorch 的动量，η 在外面。这里传进传出的 m 是位移，η 和负号都在里面。",
)
def sgd_epoch__torch_convention(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        grad_w, grad_b = ref.batch_gradient(X, y, w, b, idx)
        w, m_w = ref.torch_sgd_momentum_step(w, m_w, grad_w, lr, lam)
        b, m_b = ref.torch_sgd_momentum_step(b, m_b, grad_b, lr, lam)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="There is no momentum: this is plain gradient descent on batches, and m comes back as it was.",
    zh="没有动量：这只是普通的小批次梯度下降，m 原样返回了。",
)
def sgd_epoch__plain_descent(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), losses = params, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        grad_w, grad_b = ref.batch_gradient(X, y, w, b, idx)
        w, b = w - lr * grad_w, b - lr * grad_b
    return (w, b), m, losses


@wrong(
    en="The m that came in comes back, so the next epoch does not know how this one ended.",
    zh="返回的还是传进来的 m，下一轮就不知道这一轮结束时的动量了。",
)
def sgd_epoch__returns_old_m(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), m, losses


@wrong(
    en="The losses are sums over the batch; a batch of another size then has a loss of another size. Take "
    "the mean.",
    zh="损失是批次内的总和，批次大小一变，损失就跟着变。应该取平均。",
)
def sgd_epoch__summed_losses(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(((X[idx] @ w + b - y[idx]) ** 2).sum().item())
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="One mean loss of the epoch comes back; a list with the loss of every update is asked for.",
    zh="只返回了一轮的平均损失；要的是每次更新各一个损失的列表。",
)
def sgd_epoch__mean_loss(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), [sum(losses) / len(losses)]


@wrong(
    en="The gradient of the short last batch is divided by batch_size, not by the rows that it has, so this "
    "batch counts less.",
    zh="最后那个不满的批次，梯度除以的是 batch_size，而不是它实际的行数，于是它的作用变小了。",
)
def sgd_epoch__divides_by_batch_size(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], w, b))
        error = X[idx] @ w + b - y[idx]
        w, m_w = ref.momentum_step(w, m_w, 2 * error @ X[idx] / batch_size, lr, lam)
        b, m_b = ref.momentum_step(b, m_b, 2 * error.sum() / batch_size, lr, lam)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The parameters are changed in place: the caller's w, b and m are different after the call. Make new "
    "tensors.",
    zh="就地修改了参数：调用之后，调用者手里的 w、b 和 m 都变了。请生成新的张量。",
)
def sgd_epoch__in_place(X, y, params, m, lr, lam, batch_size, generator):
    losses = []
    for idx in ref.shuffled_batches(len(X), batch_size, generator):
        losses.append(_loss(X[idx], y[idx], *params))
        for theta, v, g in zip(params, m, ref.batch_gradient(X, y, *params, idx), strict=True):
            v.mul_(lam).sub_(lr * g)
            theta.add_(v)
    return params, m, losses


@wrong(
    en="The batches come from a generator of its own, with a fixed seed: every epoch is dealt the same, "
    "whatever generator is passed in.",
    zh="批次来自自己新建的、种子固定的生成器：不管传进来什么 generator，每一轮分的批次都一样。",
)
def sgd_epoch__own_generator(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    for idx in ref.shuffled_batches(len(X), batch_size, torch.Generator().manual_seed(0)):
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


@wrong(
    en="The batches are taken in reverse: the short one comes first. Take them in the order in which they "
    "are dealt.",
    zh="批次是倒着取的：不满的那个反而排在最前面。请按给出的顺序依次使用。",
)
def sgd_epoch__backwards(X, y, params, m, lr, lam, batch_size, generator):
    (w, b), (m_w, m_b), losses = params, m, []
    batches = list(ref.shuffled_batches(len(X), batch_size, generator))
    while batches:
        idx = batches.pop()
        losses.append(_loss(X[idx], y[idx], w, b))
        w, b, m_w, m_b = _update(X, y, w, b, m_w, m_b, lr, lam, idx)
    return (w, b), (m_w, m_b), losses


EQUIVALENT = [
    equivalent(
        "sgd_epoch",
        "line 41: ((X[idx] @ w + b - y[idx]) ** 2).mean().item() -> ((X[idx] @ w + b - y[idx]) ** 2).mean()",
        "a 0-dimensional tensor in place of a Python float holds the same loss, and is accepted",
    ),
]
