"""Hidden graders of lecture 4, batch and momentum."""

import numpy as np
import torch

from autograder.probe import attempt, judge, probe

# --- shuffled_batches -------------------------------------------------------------------------------------
# Any fair shuffle that draws from the generator is right, not torch.randperm alone: the order is for judges,
# the rest is compared.


def plain(batches):
    """Batches as lists of numbers, whatever they are made of."""
    return [batch.tolist() if isinstance(batch, torch.Tensor) else list(batch) for batch in batches]


def form(batches):
    """What each batch is, apart from its numbers."""
    return [form_of_one(batch) for batch in batches]


def form_of_one(batch):
    return f"{batch.dtype} {list(batch.shape)}" if isinstance(batch, torch.Tensor) else type(batch).__name__


def all_rows(batches):
    return sorted(row for batch in plain(batches) for row in batch)


@probe(public=True)
def test_shuffled_batches_sizes(impl, make):
    """five rows in batches of two make int64 batches of 2, 2 and 1

    五行数据、批次大小为 2，应得到大小为 2、2、1 的 int64 批次
    """
    return form(impl.shuffled_batches(5, 2, make.generator()))


@probe(public=True, dtypes=("float64",))
def test_shuffled_batches_every_row_once(impl, make):
    """every row number is in exactly one batch

    每个行号恰好出现在一个批次里
    """
    return {f"n={n}, batch_size={size}": all_rows(impl.shuffled_batches(n, size, make.generator()))
            for n, size in ((7, 3), (12, 4), (11, 5))}  # fmt: skip


@probe(dtypes=("float64",))
def test_shuffled_batches_edge_sizes(impl, make):
    """batches of one, one batch of all, a batch size above n, sizes that divide n and that do not

    批次大小为 1、等于 n、大于 n，能整除 n 和不能整除 n
    """
    cases = ((4, 1), (5, 5), (3, 8), (6, 3), (7, 3), (13, 5), (1, 1))
    seen = {}
    for n, size in cases:
        seen[f"n={n}, batch_size={size}"] = form(impl.shuffled_batches(n, size, make.generator()))
    return seen


@judge
def the_same_twice(got, want):
    if got[0] != got[1]:
        return (
            "two generators with the same seed gave different batches: some of the randomness comes from elsewhere",
            "种子相同的两个生成器给出了不同的批次：有一部分随机性来自别处",
        )
    return None


@probe(judge=the_same_twice, dtypes=("float64",))
def test_shuffled_batches_repeatable(impl, make):
    """two generators with the same seed give the same batches

    种子相同的两个生成器给出相同的批次
    """
    return [plain(impl.shuffled_batches(23, 4, make.generator())) for _ in range(2)]


# Orders of 32 rows: equal ones, or one in order, do not happen by chance.


@judge
def not_in_order(got, want):
    rows = [row for batch in got for row in batch]
    if rows == sorted(rows):
        return ("the rows come in their old order: nothing was shuffled", "行号还是原来的顺序：没有洗牌")
    return None


@judge
def not_all_alike(got, want):
    rows = [[row for batch in epoch for row in batch] for epoch in got]
    if all(order == rows[0] for order in rows):
        return (
            "the generator had moved on (or had another seed), and yet the same batches came back",
            "生成器的状态已经变了（或者种子不同），得到的却还是同样的批次",
        )
    return None


@judge
def new_company(got, want):
    members = [{frozenset(batch) for batch in epoch} for epoch in got]
    if all(company == members[0] for company in members):
        return (
            "the same rows meet in the same batches in every epoch",
            "每一轮总是同样的行分在同一批",
        )
    return None


@probe(public=True, judge=not_all_alike, dtypes=("float64",))
def test_shuffled_batches_new_every_epoch(impl, make):
    """the next epoch, with the same generator, has other batches

    用同一个生成器进入下一轮，批次就不同了
    """
    generator = make.generator()
    return [plain(impl.shuffled_batches(32, 5, generator)) for _ in range(3)]


@probe(judge=not_in_order, dtypes=("float64",))
def test_shuffled_batches_mixes(impl, make):
    """the rows are not in their old order

    行号不再是原来的顺序
    """
    return plain(impl.shuffled_batches(32, 5, make.generator()))


@probe(judge=not_all_alike, dtypes=("float64",))
def test_shuffled_batches_other_seed(impl, make):
    """generators with other seeds give other batches

    种子不同的生成器给出不同的批次
    """
    return [plain(impl.shuffled_batches(32, 5, make.generator(offset))) for offset in range(3)]


@probe(judge=new_company, dtypes=("float64",))
def test_shuffled_batches_new_company(impl, make):
    """from one epoch to the next, rows meet other rows in their batch

    换一轮，同一批次里的伙伴也会换
    """
    generator = make.generator()
    return [plain(impl.shuffled_batches(32, 5, generator)) for _ in range(3)]


@judge
def fair(got, want):
    # Seven standard deviations: a fair shuffle fails once in ten million seeds.
    orders = np.asarray([[row for batch in epoch for row in batch] for epoch in got], dtype=np.float64)
    epochs, n = len(want), sum(len(batch) for batch in want[0])
    if orders.shape != (epochs, n):
        return ("not every row is dealt out once", "并不是每一行都恰好分到一次")
    expected = epochs / n
    slack = 7 * np.sqrt(epochs * (1 / n) * (1 - 1 / n))
    for row in range(n):
        for place in range(n):
            count = int((orders[:, place] == row).sum())
            if abs(count - expected) > slack:
                return (
                    f"{epochs} epochs: row {row} was {count} times at place {place}; {expected:.0f} is fair",
                    f"{epochs} 轮里，行 {row} 有 {count} 次排在位置 {place}；公平的话大约 {expected:.0f} 次",
                )
            after = int(((orders[:, :-1] == row) & (orders[:, 1:] == place)).sum())
            if row != place and abs(after - expected) > slack:
                return (
                    f"{epochs} epochs: row {place} was {after} times after row {row}; {expected:.0f} is fair",
                    f"{epochs} 轮里，行 {place} 紧跟行 {row} 有 {after} 次；公平的话大约 {expected:.0f} 次",
                )
    return None


@probe(judge=fair, dtypes=("float64",))
def test_shuffled_batches_every_order(impl, make):
    """over many epochs every row is everywhere equally often

    轮数多了以后，每一行出现在各个位置的次数都差不多
    """
    generator = make.generator()
    return [plain(impl.shuffled_batches(5, 2, generator)) for _ in range(240)]


# --- batch_gradient ---------------------------------------------------------------------------------------


def regression(make, n, d):
    """Inputs that are not centred, so that every term shows: X, y, w, b."""
    return make.normal(n, d, shift=0.5), make.normal(n, shift=1.0), make.normal(d), make.tensor(0.7)


@probe(public=True)
def test_batch_gradient_two_rows(impl, make):
    """two of four rows

    四行里取两行
    """
    rows = make.batch(4)
    X, y, w, b = regression(make, rows, 2)
    idx = make.permutation(rows)[: rows // 2]
    return impl.batch_gradient(X, y, w, b, idx)


@probe(public=True)
def test_batch_gradient_one_row(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    X, y, w, b = regression(make, 5, 3)
    return impl.batch_gradient(X, y, w, b, make.long([3]))


@probe(weight=2)
def test_batch_gradient_many_rows(impl, make):
    """seven of eleven rows with three inputs

    十一行里取七行，每行三个输入
    """
    X, y, w, b = regression(make, 11, 3)
    return impl.batch_gradient(X, y, w, b, make.permutation(11)[:7])


@probe()
def test_batch_gradient_all_rows(impl, make):
    """all rows, in a mixed order: the gradient of the whole loss

    取全部行，次序打乱：就是整体损失的梯度
    """
    X, y, w, b = regression(make, 6, 4)
    return impl.batch_gradient(X, y, w, b, make.permutation(6))


@probe()
def test_batch_gradient_one_input(impl, make):
    """a single input, D = 1

    只有一个输入，D = 1
    """
    X, y, w, b = regression(make, 7, 1)
    return {"three rows": impl.batch_gradient(X, y, w, b, make.long([6, 0, 2])),
            "one row": impl.batch_gradient(X, y, w, b, make.long([4]))}  # fmt: skip


@probe(weight=2)
def test_batch_gradient_next_batch(impl, make):
    """a second batch with the same w and b owes nothing to the first

    用同样的 w 和 b 再算一个批次，结果与前一个批次无关
    """
    X, y, w, b = regression(make, 9, 2)
    first = impl.batch_gradient(X, y, w, b, make.long([8, 1, 3]))
    second = impl.batch_gradient(X, y, w, b, make.long([0, 5]))
    return {"first batch": first, "second batch": second}


@probe()
def test_batch_gradient_column_slices(impl, make):
    """inputs that are a transposed view

    输入是转置得到的视图
    """
    X = make.normal(3, 8, shift=0.5).T
    return impl.batch_gradient(X, make.normal(8), make.normal(3), make.tensor(-0.4), make.long([7, 2, 5, 4]))


@probe()
def test_batch_gradient_perfect_fit(impl, make):
    """where the model fits the batch exactly the gradient is zero

    模型恰好拟合这个批次时，梯度为零
    """
    X = make.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0], [2.0, 2.0], [-1.0, 0.0]])
    y = make.tensor([1.0, 6.0, 9.0, 2.5, -1.5])  # 2·x₀ - x₁ + 0.5 for rows 3 and 4, not for the others
    return impl.batch_gradient(X, y, make.tensor([2.0, -1.0]), make.tensor(0.5), make.long([4, 3]))


# --- sharpness --------------------------------------------------------------------------------------------


def bowl(t):
    return (t**2).sum()


bowl.code = "lambda t: (t ** 2).sum()"


def slope(t):
    return (t**3).sum() + 2 * t.sum()


slope.code = "lambda t: (t ** 3).sum() + 2 * t.sum()"


def dome(t):
    return -(t**2).sum() - 3


dome.code = "lambda t: -(t ** 2).sum() - 3"


def coupled(t):
    return (t[..., :1] * t).sum() + (2 * t).sin().sum()


coupled.code = "lambda t: (t[..., :1] * t).sum() + (2 * t).sin().sum()"


@probe(public=True)
def test_sharpness_bowl(impl, make):
    """a bowl, two directions

    碗形函数，两个方向
    """
    return impl.sharpness(bowl, make.tensor([1.0, 0.5]), make.tensor([[1.0, 0.0], [0.0, -1.0]]), 0.5)


@probe(public=True)
def test_sharpness_given_directions(impl, make):
    """directions of any length count as they are, and one way only

    方向的长度不一，原样使用，而且只朝一边走
    """
    return impl.sharpness(slope, make.normal(3), make.normal(4, 3, scale=2.0), 0.3)


@probe()
def test_sharpness_one_direction(impl, make):
    """a single direction, upwards and downwards

    只有一个方向：上坡，以及下坡
    """
    theta, u = make.tensor([0.4, -0.2, 0.1]), make.tensor([[0.3, 0.5, 1.2]])
    return {"up": impl.sharpness(slope, theta, u, 0.4), "down": impl.sharpness(slope, theta, -u, 0.4)}


@probe()
def test_sharpness_top_of_dome(impl, make):
    """on a summit every direction falls: the result is negative

    在山顶上，沿每个方向都下降：结果是负数
    """
    dirs = make.tensor([[1.5, 0.0], [0.2, -0.7], [1.0, 1.0]])
    return impl.sharpness(dome, make.tensor([0.0, 0.0]), dirs, 0.6)


@probe(weight=2)
def test_sharpness_many_directions(impl, make):
    """seven directions in five dimensions, at several ε

    五维空间里的七个方向，几种 ε
    """
    theta, dirs = make.normal(5), make.normal(7, 5)
    return {f"eps={eps}": impl.sharpness(coupled, theta, dirs, eps) for eps in (0.05, 0.5, 2, 0.0)}


@probe()
def test_sharpness_matrix(impl, make):
    """parameters that are a matrix

    参数是一个矩阵
    """
    return impl.sharpness(coupled, make.normal(2, 3), make.normal(4, 2, 3), 0.7)


@probe()
def test_sharpness_scalar(impl, make):
    """a single parameter of shape (), and one of shape (1,)

    只有一个参数，形状为 () 或 (1,)
    """
    return {
        "shape ()": impl.sharpness(slope, make.tensor(0.3), make.tensor([-1.0, 0.5, 0.9]), 0.8),
        "shape (1,)": impl.sharpness(slope, make.tensor([0.3]), make.tensor([[-1.0], [0.5]]), 0.8),
    }


# --- momentum_step and torch_sgd_momentum_step ------------------------------------------------------------

RATES = (0.1, 0.1, 0.02, 0.3, 0.05, 0.05)


def run(step, make, name, lam):
    """Six updates: the gradient changes its sign, and the learning rate changes."""
    theta, state = make.normal(2, 3), make.tensor([[0.0] * 3] * 2)
    seen = {}
    for i, lr in enumerate(RATES):
        g = make.normal(2, 3) + (-1) ** i
        theta, state = step(theta, state, g, lr, lam)
        seen[f"after update {i + 1}"] = {"theta": theta, name: state}
    return seen


@probe(public=True)
def test_momentum_step_once(impl, make):
    """one update in motion

    运动中的一次更新
    """
    return impl.momentum_step(make.normal(2, 3), make.normal(2, 3), make.normal(2, 3), 0.1, 0.9)


@probe(public=True)
def test_momentum_step_from_rest(impl, make):
    """from rest, m = 0, it is a step of gradient descent

    静止时（m = 0）就是一步梯度下降
    """
    return impl.momentum_step(make.normal(4), make.tensor([0.0] * 4), make.normal(4), 0.25, 0.8)


@probe(weight=2)
def test_momentum_step_six_updates(impl, make):
    """six updates with its own m, with a changing learning rate

    连续更新六次，每次接着自己的 m，学习率在变
    """
    return run(impl.momentum_step, make, "m", 0.7)


@probe()
def test_momentum_step_coasts(impl, make):
    """without a gradient the ball coasts and slows down

    没有梯度时，小球继续滑行，越来越慢
    """
    zero = make.tensor([0.0] * 3)
    theta, m = impl.momentum_step(make.normal(3), make.normal(3), zero, 0.1, 0.6)
    return {"first": (theta, m), "second": impl.momentum_step(theta, m, zero, 0.1, 0.6)}


@probe()
def test_momentum_step_extreme_lambda(impl, make):
    """λ = 0 forgets, λ = 1 keeps everything

    λ = 0 完全忘记，λ = 1 全部保留
    """
    theta, m, g = make.normal(5), make.normal(5), make.normal(5)
    return {f"lam={lam}": impl.momentum_step(theta, m, g, 0.3, lam) for lam in (0.0, 1.0)}


@probe()
def test_momentum_step_shapes(impl, make):
    """a single number, a transposed matrix, an integer learning rate

    单个数、转置的矩阵、整数的学习率
    """
    step = impl.momentum_step
    return {
        "shape ()": step(make.tensor(0.5), make.tensor(-1.5), make.tensor(2.0), 1, 0.5),
        "transposed": step(make.normal(2, 4).T, make.normal(4, 2), make.normal(2, 4).T, 0.2, 0.9),
    }


@probe(public=True)
def test_torch_sgd_momentum_step_once(impl, make):
    """one update in motion

    运动中的一次更新
    """
    return impl.torch_sgd_momentum_step(make.normal(2, 3), make.normal(2, 3), make.normal(2, 3), 0.1, 0.9)


@probe(public=True)
def test_torch_sgd_momentum_step_from_rest(impl, make):
    """from buf = 0 the new buf is the gradient

    从 buf = 0 出发，新的 buf 就是梯度
    """
    return impl.torch_sgd_momentum_step(make.normal(4), make.tensor([0.0] * 4), make.normal(4), 0.25, 0.8)


@probe(weight=2)
def test_torch_sgd_momentum_step_six_updates(impl, make):
    """six updates with its own buf, with a changing learning rate

    连续更新六次，每次接着自己的 buf，学习率在变
    """
    return run(impl.torch_sgd_momentum_step, make, "buf", 0.7)


@probe()
def test_torch_sgd_momentum_step_without_gradient(impl, make):
    """without a gradient buf shrinks and θ still moves

    没有梯度时，buf 变小，θ 仍然移动
    """
    return impl.torch_sgd_momentum_step(make.normal(3), make.normal(3), make.tensor([0.0] * 3), 0.1, 0.6)


@probe()
def test_torch_sgd_momentum_step_extreme_mu(impl, make):
    """μ = 0 forgets, μ = 1 keeps everything

    μ = 0 完全忘记，μ = 1 全部保留
    """
    theta, buf, g = make.normal(5), make.normal(5), make.normal(5)
    return {f"mu={mu}": impl.torch_sgd_momentum_step(theta, buf, g, 0.3, mu) for mu in (0.0, 1.0)}


@probe()
def test_torch_sgd_momentum_step_shapes(impl, make):
    """a single number, a transposed matrix, an integer learning rate

    单个数、转置的矩阵、整数的学习率
    """
    step = impl.torch_sgd_momentum_step
    return {
        "shape ()": step(make.tensor(0.5), make.tensor(-1.5), make.tensor(2.0), 2, 0.5),
        "transposed": step(make.normal(2, 4).T, make.normal(4, 2), make.normal(2, 4).T, 0.2, 0.9),
    }


# --- momentum_unrolled ------------------------------------------------------------------------------------


@probe(public=True)
def test_momentum_unrolled_two_gradients(impl, make):
    """two gradients of three numbers

    两个梯度，各三个数
    """
    return impl.momentum_unrolled(make.normal(2, 3), 0.1, 0.5)


@probe(public=True)
def test_momentum_unrolled_one_gradient(impl, make):
    """a single gradient: λ does not matter

    只有一个梯度：与 λ 无关
    """
    grads = make.normal(1, 4)
    return {f"lam={lam}": impl.momentum_unrolled(grads, 0.2, lam) for lam in (0.9, 0.3)}


@probe(weight=2)
def test_momentum_unrolled_six_gradients(impl, make):
    """six gradients of four numbers

    六个梯度，各四个数
    """
    return impl.momentum_unrolled(make.normal(6, 4), 0.3, 0.7)


@probe()
def test_momentum_unrolled_extreme_lambda(impl, make):
    """λ = 0 keeps the last gradient alone, λ = 1 adds them all up

    λ = 0 只剩最后一个梯度，λ = 1 把它们全部相加
    """
    grads = make.normal(5, 3)
    return {f"lam={lam}": impl.momentum_unrolled(grads, 0.4, lam) for lam in (0.0, 1.0)}


@probe()
def test_momentum_unrolled_no_gradient(impl, make):
    """before the first update, t = 0, m is zero

    还没有更新（t = 0）时，m 是零
    """
    return impl.momentum_unrolled(make.normal(0, 3), 0.1, 0.9)


@probe()
def test_momentum_unrolled_one_parameter(impl, make):
    """a single parameter, d = 1

    只有一个参数，d = 1
    """
    return impl.momentum_unrolled(make.normal(4, 1), 1, 0.6)


@probe()
def test_momentum_unrolled_long_memory(impl, make):
    """120 gradients and λ near 1: the weights keep every digit of the dtype

    120 个梯度，λ 接近 1：权重要保住这个 dtype 的全部精度
    """
    return impl.momentum_unrolled(make.uniform(120, 2, low=0.5, high=1.5), 0.1, 0.97)


@probe()
def test_momentum_unrolled_transposed(impl, make):
    """gradients that are a transposed view

    梯度是转置得到的视图
    """
    return impl.momentum_unrolled(make.normal(3, 5).T, 0.15, 0.8)


# --- sgd_epoch --------------------------------------------------------------------------------------------
# Where all rows are equal, every shuffle gives the same numbers and they are compared; where they differ, a
# judge replays the epoch over the batches that the submission's own shuffled_batches deals out.


def epoch(impl, *arguments):
    params, m, losses = impl.sgd_epoch(*arguments)
    losses = [float(loss.detach()) if isinstance(loss, torch.Tensor) else float(loss) for loss in losses]
    return {"w, b": params, "m": m, "losses": losses}


def equal_rows(make, n, d):
    """n copies of one sample."""
    row, label = make.normal(1, d), make.number(1.0, 2.0)
    return torch.cat([row] * n), make.tensor([label] * n)


@probe(public=True)
def test_sgd_epoch_one_batch(impl, make):
    """three rows in one batch, from rest: a single update

    三行数据作一个批次，从静止开始：只更新一次
    """
    X, y, w, b = regression(make, 3, 2)
    m = make.tensor([0.0, 0.0]), make.tensor(0.0)
    return epoch(impl, X, y, (w, b), m, 0.1, 0.9, 3, make.generator())


@probe(public=True)
def test_sgd_epoch_equal_rows(impl, make):
    """seven equal rows in batches of three: three updates, in motion from the start

    七行相同的数据、批次大小 3：更新三次，一开始就带着动量
    """
    X, y = equal_rows(make, 7, 2)
    start, m = (make.normal(2), make.tensor(0.3)), (make.normal(2), make.tensor(-0.8))
    return epoch(impl, X, y, start, m, 0.05, 0.7, 3, make.generator())


@probe(weight=2)
def test_sgd_epoch_three_epochs(impl, make):
    """three epochs, each going on with the m of the one before, with a changing learning rate

    连续三轮，每一轮接着上一轮的 m，学习率在变
    """
    X, y = equal_rows(make, 5, 3)
    params, m = (make.normal(3), make.tensor(0.2)), (make.tensor([0.0] * 3), make.tensor(0.0))
    generator, seen = make.generator(), {}
    for i, lr in enumerate((0.1, 0.02, 0.06), 1):
        seen[f"epoch {i}"] = epoch(impl, X, y, params, m, lr, 0.8, 2, generator)
        params, m = seen[f"epoch {i}"]["w, b"], seen[f"epoch {i}"]["m"]
    return seen


@probe()
def test_sgd_epoch_batch_above_n(impl, make):
    """a batch size above n is one batch

    批次大小大于 n 时只有一个批次
    """
    X, y, w, b = regression(make, 4, 3)
    return epoch(impl, X, y, (w, b), (make.normal(3), make.tensor(0.5)), 0.08, 0.6, 9, make.generator())


@probe()
def test_sgd_epoch_single_samples(impl, make):
    """batches of one, with one input

    批次大小为 1，只有一个输入
    """
    X, y = equal_rows(make, 4, 1)
    start, m = (make.normal(1), make.tensor(-0.6)), (make.normal(1), make.tensor(0.4))
    return epoch(impl, X, y, start, m, 0.1, 0.5, 1, make.generator())


@probe()
def test_sgd_epoch_without_momentum(impl, make):
    """λ = 0: plain gradient descent on batches

    λ = 0：普通的小批次梯度下降
    """
    X, y = equal_rows(make, 6, 2)
    start, m = (make.normal(2), make.tensor(1.0)), (make.normal(2), make.tensor(2.0))
    return epoch(impl, X, y, start, m, 0.1, 0.0, 4, make.generator())


@probe(weight=2)
def test_sgd_epoch_independent_rows(impl, make):
    """four rows that do not disturb each other, in batches of one: any order gives the same w and b

    四行数据互不影响彼此的预测，批次大小为 1：不管什么顺序，最后的 w 和 b 都一样
    """
    # The rows, each with the 1 that meets b, are orthogonal: an update changes its own row's error alone.
    X = make.tensor([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    start, rest = (make.normal(3), make.tensor(0.4)), (make.tensor([0.0] * 3), make.tensor(0.0))
    seen = epoch(impl, X, make.normal(4), start, rest, 0.07, 0.0, 1, make.generator())
    return {"w, b": seen["w, b"], "losses, sorted": sorted(seen["losses"])}


def standing(impl, make, epochs):
    """Epochs of 12 single rows with η = 0 and m = 0, so that the losses tell in which order the rows came."""
    X, y, w, b = regression(make, 12, 2)
    dealing, generator = make.generator(), make.generator()
    m = make.tensor([0.0, 0.0]), make.tensor(0.0)
    return {
        "batches": [attempt(lambda: plain(impl.shuffled_batches(12, 1, dealing))) for _ in range(epochs)],
        "losses": [epoch(impl, X, y, (w, b), m, 0.0, 0.9, 1, generator)["losses"] for _ in range(epochs)],
        "losses of the rows": ((X @ w + b - y) ** 2).tolist(),
    }


@judge
def shuffled(got, want):
    """Not in the rows' order, unless that is how its shuffled_batches deals them (which is graded there)."""
    in_order = np.allclose(got["losses"][0], want["losses of the rows"], rtol=1e-6)
    if in_order and got["batches"][0] != [[row] for row in range(12)]:
        return ("the rows were taken in their old order", "行是按原来的顺序取的")
    return None


@judge
def shuffled_again(got, want):
    same = np.allclose(got["losses"][0], got["losses"][1], rtol=1e-6)
    if same and got["batches"][0] != got["batches"][1]:
        return ("both epochs took the rows in the same order", "两轮取行的顺序完全一样")
    return None


@probe(judge=shuffled, dtypes=("float64",))
def test_sgd_epoch_shuffles(impl, make):
    """the rows are taken in a shuffled order

    行是打乱之后再取的
    """
    return standing(impl, make, 1)


@probe(judge=shuffled_again, dtypes=("float64",))
def test_sgd_epoch_shuffles_again(impl, make):
    """the next epoch takes the rows in another order

    下一轮取行的顺序又不同
    """
    return standing(impl, make, 2)


@judge
def replayed(data, batches):
    """The epochs that follow from ``batches``: what each should have shown, as one flat vector an epoch."""
    X, y = data["X"], data["y"]
    (w, b), (m_w, m_b) = data["params"], data["m"]
    shown = []
    for dealt in batches:
        losses = []
        for rows in dealt:
            rows = np.asarray(rows, dtype=np.int64)
            error = X[rows] @ w + b - y[rows]
            losses.append((error**2).mean())
            m_w = data["lam"] * m_w - data["lr"] * 2 * error @ X[rows] / len(rows)
            m_b = data["lam"] * m_b - data["lr"] * 2 * error.mean()
            w, b = w + m_w, b + m_b
        shown.append(np.concatenate([w, [b], m_w, [m_b], losses]))
    return shown


@judge
def follows_its_batches(got, want):
    """Right if it follows from the batches of its own shuffled_batches, or from those of torch.randperm."""
    try:
        parts = [(*e["w, b"], *e["m"], e["losses"]) for e in got["epochs"]]
        shown = [np.concatenate([np.ravel(part) for part in epoch_parts]) for epoch_parts in parts]
    except (KeyError, TypeError, ValueError):
        return ("the results have not the form (params, m, losses)", "返回值不是 (params, m, losses) 的形式")
    updates = len(want["batches"][0])
    counts = [len(e["losses"]) for e in got["epochs"]]
    if any(count != updates for count in counts):
        return (
            f"11 rows in batches of 4 make {updates} updates and as many losses; here are {counts[0]}",
            f"11 行、批次大小 4，应有 {updates} 次更新和同样多的损失；这里有 {counts[0]} 个损失",
        )
    for batches in (got["batches"], want["batches"]):
        try:
            wanted = replayed(want["data"], batches)
        except (TypeError, ValueError, IndexError):
            continue  # its shuffled_batches deals out something else than rows; that is graded there
        pairs = zip(shown, wanted, strict=True)
        if all(s.shape == w.shape and np.allclose(s, w, rtol=1e-6, atol=1e-9) for s, w in pairs):
            return None
    return (
        "the result does not follow from the batches that shuffled_batches deals out, taken in that order",
        "按 shuffled_batches 给出的批次、依次更新，得不到这个结果",
    )


@probe(weight=2, judge=follows_its_batches, dtypes=("float64",))
def test_sgd_epoch_follows_its_batches(impl, make):
    """two epochs over eleven different rows, batch by batch as shuffled_batches deals them

    十一行不同的数据走两轮，按 shuffled_batches 给出的批次依次更新
    """
    X, y, w, b = regression(make, 11, 3)
    m = (make.normal(3), make.tensor(-0.2))
    data = {"X": X, "y": y, "params": (w, b), "m": m, "lr": 0.05, "lam": 0.8}
    dealing, generator = make.generator(), make.generator()
    batches = [attempt(lambda: plain(impl.shuffled_batches(11, 4, dealing))) for _ in range(2)]
    first = epoch(impl, X, y, (w, b), m, 0.05, 0.8, 4, generator)
    second = epoch(impl, X, y, first["w, b"], first["m"], 0.05, 0.8, 4, generator)
    return {"data": data, "batches": batches, "epochs": [first, second]}
