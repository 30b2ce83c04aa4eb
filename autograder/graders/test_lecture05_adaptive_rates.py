"""Hidden graders of lecture 5, adaptive learning rates.

ε is large (0.01 to 0.3), so that where it stands shows; in a run, gradients change sign and the rate changes.
"""

from autograder.probe import probe


def changing_gradients(make, steps, *shape):
    """Gradients whose sign and size change from update to update."""
    sizes = (-2.0, 0.5, -3.0, 0.1, 1.5, -0.7, 4.0)
    return [make.uniform(*shape, low=0.4, high=1.6) * sizes[i % len(sizes)] for i in range(steps)]


def rates(steps):
    """A learning rate that changes."""
    return [0.1 if i < steps // 2 else 0.04 / (i + 1) for i in range(steps)]


# --- rms_sigma ---------------------------------------------------------------------------------------------


@probe(public=True)
def test_rms_sigma_two_updates(impl, make):
    """σ after each of two updates

    两次更新，每次之后的 σ
    """
    return impl.rms_sigma(make.normal(2, make.batch(3)))


@probe(public=True)
def test_rms_sigma_by_hand(impl, make):
    """one parameter with gradients 3, 4, 0, −5

    一个参数，梯度依次为 3、4、0、−5
    """
    return impl.rms_sigma(make.tensor([[3.0], [4.0], [0.0], [-5.0]]))


@probe(weight=2)
def test_rms_sigma_long_run(impl, make):
    """σ^t is made of the gradients 0 … t, for every t

    对每个 t，σ^t 由第 0 … t 个梯度算出
    """
    return impl.rms_sigma(make.normal(7, 4, scale=3, shift=1))


@probe()
def test_rms_sigma_one_update(impl, make):
    """after a single update σ is |g|

    只有一次更新时 σ 就是 |g|
    """
    return impl.rms_sigma(make.tensor([[-2.0, 0.5, -0.25, 3.0]]))


@probe()
def test_rms_sigma_each_parameter(impl, make):
    """every parameter has a σ of its own, however different the sizes

    每个参数各有一个 σ，无论大小相差多少
    """
    sigma = impl.rms_sigma(make.normal(5, 3) * make.tensor([1e-3, 1.0, 1e3]))
    return {"small": sigma[:, 0], "middle": sigma[:, 1], "large": sigma[:, 2]}


@probe()
def test_rms_sigma_zeros(impl, make):
    """where the gradients are 0, σ is 0 and not NaN

    梯度为 0 的地方 σ 是 0，不是 NaN
    """
    return impl.rms_sigma(make.tensor([[0.0, 0.0, 2.0], [0.0, 1.0, 0.0], [0.0, -3.0, 0.0], [0.0, 0.0, 0.0]]))


@probe()
def test_rms_sigma_transposed_storage(impl, make):
    """gradients that are a transposed view

    梯度张量是转置得到的视图
    """
    return impl.rms_sigma(make.normal(3, 6).T)


# --- adagrad_step ------------------------------------------------------------------------------------------


def adagrad_run(impl, theta, grads, lrs, eps):
    seen, state = {}, (theta * 0, 0)
    for i, (g, lr) in enumerate(zip(grads, lrs, strict=True), 1):
        theta, state = impl.adagrad_step(theta, g, state, lr, eps)
        s, t = state
        seen[f"after update {i}"] = {"theta": theta, "sum of squares": s, "t": t}
    return seen


@probe(public=True)
def test_adagrad_step_first(impl, make):
    """the first update, from a state of zeros

    第一次更新，状态全为零
    """
    n = make.batch(3)
    theta, g = make.normal(n), make.normal(n)
    return impl.adagrad_step(theta, g, (theta * 0, 0), 0.1, 0.01)


@probe(public=True)
def test_adagrad_step_by_hand(impl, make):
    """gradient 3, then 4, of one parameter

    一个参数，梯度先是 3，再是 4
    """
    return adagrad_run(impl, make.tensor([1.0]), [make.tensor([3.0]), make.tensor([4.0])], [0.5, 0.5], 0.01)


@probe(weight=2)
def test_adagrad_step_seven_updates(impl, make):
    """seven updates with gradients that change sign, and a rate that changes

    七次更新，梯度变号，学习率也在变
    """
    return adagrad_run(impl, make.normal(5), changing_gradients(make, 7, 5), rates(7), 0.3)


@probe()
def test_adagrad_step_from_a_state(impl, make):
    """one update of a matrix, going on from a given state

    从给定的状态继续，更新一个矩阵
    """
    s = make.uniform(3, 2, low=0.5, high=6.0)
    return impl.adagrad_step(make.normal(3, 2), make.normal(3, 2, scale=2), (s, 4), 0.3, 0.2)


@probe()
def test_adagrad_step_zero_gradient(impl, make):
    """a parameter whose gradients are 0 stays where it is, without NaN

    梯度为 0 的参数原地不动，也不会出现 NaN
    """
    grads = [make.tensor([0.0, 2.0, 0.0]), make.tensor([0.0, 0.0, -1.0]), make.tensor([0.0, 0.5, 3.0])]
    return adagrad_run(impl, make.normal(3), grads, rates(3), 0.05)


@probe()
def test_adagrad_step_each_parameter(impl, make):
    """every parameter is divided by its own σ, so all take steps of about the same size

    每个参数除以自己的 σ，所以步子大小都差不多
    """
    g = make.tensor([1e-3, -1.0, 1e3])
    theta, (s, t) = impl.adagrad_step(make.normal(3), g, (g * 0, 0), 0.1, 1e-6)
    return {"theta": theta, "s small": s[0], "s middle": s[1], "s large": s[2], "t": t}


@probe()
def test_adagrad_step_one_number(impl, make):
    """a parameter of shape ()

    形状为 () 的参数
    """
    return adagrad_run(impl, make.tensor(0.7), changing_gradients(make, 3), rates(3), 0.02)


# --- rmsprop_step ------------------------------------------------------------------------------------------


def rmsprop_run(impl, theta, grads, lrs, alpha, eps):
    seen, sigma = {}, None
    for i, (g, lr) in enumerate(zip(grads, lrs, strict=True), 1):
        theta, sigma = impl.rmsprop_step(theta, g, sigma, lr, alpha, eps)
        seen[f"after update {i}"] = {"theta": theta, "sigma": sigma}
    return seen


@probe(public=True)
def test_rmsprop_step_first(impl, make):
    """the first update: σ is |g|

    第一次更新：σ 就是 |g|
    """
    n = make.batch(3)
    return impl.rmsprop_step(make.normal(n), make.normal(n), None, 0.1, 0.9, 0.01)


@probe(public=True)
def test_rmsprop_step_second(impl, make):
    """one update from σ = 3 with gradient 4

    从 σ = 3 开始、梯度为 4 的一次更新
    """
    return impl.rmsprop_step(make.tensor([1.0]), make.tensor([4.0]), make.tensor([3.0]), 0.5, 0.8, 0.01)


@probe(weight=2)
def test_rmsprop_step_seven_updates(impl, make):
    """seven updates with gradients that change sign, and a rate that changes

    七次更新，梯度变号，学习率也在变
    """
    return rmsprop_run(impl, make.normal(5), changing_gradients(make, 7, 5), rates(7), 0.9, 0.3)


@probe()
def test_rmsprop_step_matrix(impl, make):
    """five updates of a matrix that forget quickly (α = 0.3)

    更新一个矩阵五次，忘得很快（α = 0.3）
    """
    return rmsprop_run(impl, make.normal(2, 3), changing_gradients(make, 5, 2, 3), rates(5), 0.3, 0.1)


@probe()
def test_rmsprop_step_extreme_alpha(impl, make):
    """α = 1 keeps the old σ, α = 0 forgets it

    α = 1 保留旧的 σ，α = 0 把它全忘掉
    """
    theta, g, sigma = make.normal(3), make.normal(3, scale=2), make.uniform(3, low=0.5, high=4.0)
    return {f"α = {alpha}": impl.rmsprop_step(theta, g, sigma, 0.1, alpha, 0.05) for alpha in (1.0, 0.0)}


@probe()
def test_rmsprop_step_zero_gradient(impl, make):
    """gradients of 0: no NaN; and a σ of 0 from before is averaged, it does not count as the start

    梯度为 0：不会出现 NaN；上一次的 σ 为 0 时照样加权平均，不当作重新开始
    """
    first = [make.tensor([0.0, 0.0, 0.0]), make.tensor([0.0, 2.0, -1.0]), make.tensor([0.0, 0.0, 3.0])]
    return rmsprop_run(impl, make.normal(3), first, rates(3), 0.75, 0.05)


@probe()
def test_rmsprop_step_each_parameter(impl, make):
    """every parameter is divided by its own σ, so all take steps of about the same size

    每个参数除以自己的 σ，所以步子大小都差不多
    """
    g, old = make.tensor([1e-3, -1.0, 1e3]), make.tensor([2e-3, 0.5, 3e3])
    theta, sigma = impl.rmsprop_step(make.normal(3), g, old, 0.1, 0.9, 1e-6)
    return {"theta": theta, "σ small": sigma[0], "σ middle": sigma[1], "σ large": sigma[2]}


@probe()
def test_rmsprop_step_one_number(impl, make):
    """a parameter of shape ()

    形状为 () 的参数
    """
    return rmsprop_run(impl, make.tensor(0.7), changing_gradients(make, 3), rates(3), 0.5, 0.02)


# --- adam_step ---------------------------------------------------------------------------------------------


def adam_run(impl, theta, grads, lrs, beta1, beta2, eps):
    seen, m, v = {}, theta * 0, theta * 0
    for t, (g, lr) in enumerate(zip(grads, lrs, strict=True), 1):
        theta, m, v = impl.adam_step(theta, g, m, v, t, lr, beta1, beta2, eps)
        seen[f"after update {t}"] = {"theta": theta, "m": m, "v": v}
    return seen


@probe(public=True)
def test_adam_step_first(impl, make):
    """the first update (t = 1), from averages of zero

    第一次更新（t = 1），两个平均从零开始
    """
    n = make.batch(3)
    theta, g = make.normal(n), make.normal(n)
    return impl.adam_step(theta, g, theta * 0, theta * 0, 1, 0.1, 0.9, 0.999, 0.01)


@probe(public=True)
def test_adam_step_third(impl, make):
    """the third update (t = 3), from given averages

    第三次更新（t = 3），两个平均已给定
    """
    theta, g, m = make.normal(2), make.normal(2), make.normal(2)
    return impl.adam_step(theta, g, m, make.uniform(2, low=0.2, high=3.0), 3, 0.1, 0.9, 0.99, 0.01)


@probe(weight=2)
def test_adam_step_seven_updates(impl, make):
    """seven updates with gradients that change sign and size, and a rate that changes

    七次更新，梯度的符号和大小都在变，学习率也在变
    """
    return adam_run(impl, make.normal(5), changing_gradients(make, 7, 5), rates(7), 0.9, 0.99, 0.01)


@probe()
def test_adam_step_other_betas(impl, make):
    """five updates of a matrix with β1 = 0.5, β2 = 0.7 and a large ε

    更新一个矩阵五次，β1 = 0.5，β2 = 0.7，ε 很大
    """
    return adam_run(impl, make.normal(3, 2), changing_gradients(make, 5, 3, 2), rates(5), 0.5, 0.7, 0.3)


@probe()
def test_adam_step_zero_gradient(impl, make):
    """a parameter whose gradients are 0 stays where it is, without NaN

    梯度为 0 的参数原地不动，也不会出现 NaN
    """
    grads = [make.tensor([0.0, 2.0, 0.0]), make.tensor([0.0, 0.0, -1.0]), make.tensor([0.0, 0.5, 3.0])]
    return adam_run(impl, make.normal(3), grads, rates(3), 0.8, 0.9, 0.05)


@probe()
def test_adam_step_each_parameter(impl, make):
    """gradients of very different sizes: every parameter takes the same step at first

    梯度大小相差悬殊：第一步大家走得一样远
    """
    g = make.tensor([1e-3, -1.0, 1e3])
    theta, m, v = impl.adam_step(make.normal(3), g, g * 0, g * 0, 1, 0.1, 0.9, 0.95, 1e-8)
    return {"theta": theta, "m": [m[0], m[1], m[2]], "v": [v[0], v[1], v[2]]}


@probe()
def test_adam_step_late(impl, make):
    """update number 300, of a transposed matrix

    第 300 次更新，参数是一个转置的矩阵
    """
    theta, g, m = make.normal(2, 4).T, make.normal(2, 4).T, make.normal(2, 4).T
    return impl.adam_step(theta, g, m, make.uniform(4, 2, low=0.1), 300, 0.05, 0.98, 0.999, 0.02)


@probe()
def test_adam_step_one_number(impl, make):
    """a parameter of shape ()

    形状为 () 的参数
    """
    return adam_run(impl, make.tensor(0.7), changing_gradients(make, 3), rates(3), 0.6, 0.9, 0.02)


# --- momentum_over_sigma -----------------------------------------------------------------------------------


@probe(public=True)
def test_momentum_over_sigma_vector(impl, make):
    """one step of a few parameters

    几个参数走一步
    """
    n = make.batch(3)
    sigma = make.uniform(n, low=0.5, high=3.0)
    return impl.momentum_over_sigma(make.normal(n), make.normal(n), sigma, 0.1, 0.01)


@probe(public=True)
def test_momentum_over_sigma_by_hand(impl, make):
    """by hand: θ = 1, m = 2, σ = 4, lr = 0.1, ε = 0

    手算的例子：θ = 1，m = 2，σ = 4，lr = 0.1，ε = 0
    """
    return impl.momentum_over_sigma(make.tensor([1.0]), make.tensor([2.0]), make.tensor([4.0]), 0.1, 0.0)


@probe(weight=2)
def test_momentum_over_sigma_large_epsilon(impl, make):
    """a matrix, with an ε that counts

    一个矩阵，ε 不可忽略
    """
    theta, m = make.normal(4, 3), make.normal(4, 3, scale=2)
    return impl.momentum_over_sigma(theta, m, make.uniform(4, 3, low=0.1, high=2.0), 0.7, 0.3)


@probe()
def test_momentum_over_sigma_zeros(impl, make):
    """where σ is 0, ε alone divides: no NaN, no inf

    σ 为 0 时只剩 ε 作分母：没有 NaN，也没有 inf
    """
    m, sigma = make.tensor([0.0, 0.2, -0.3, 0.0]), make.tensor([0.0, 0.0, 0.0, 1.5])
    return impl.momentum_over_sigma(make.normal(4), m, sigma, 0.1, 0.25)


@probe()
def test_momentum_over_sigma_sizes(impl, make):
    """m and σ of very different sizes, parameter by parameter

    各参数的 m 和 σ 大小相差悬殊
    """
    m, sigma = make.tensor([1e-3, -20.0, 3e3]), make.tensor([2e-3, 10.0, 1e4])
    return impl.momentum_over_sigma(make.normal(3), m, sigma, 0.4, 1e-6)


@probe()
def test_momentum_over_sigma_one_number(impl, make):
    """a parameter of shape ()

    形状为 () 的参数
    """
    return impl.momentum_over_sigma(make.tensor(-0.4), make.tensor(1.3), make.tensor(0.6), 0.2, 0.05)


# --- linear_decay (Python numbers: the dtype changes nothing) ----------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_linear_decay_four_updates(impl, make):
    """lr0 = 1, total = 4: the rates of t = 0 … 5

    lr0 = 1、total = 4：t = 0 … 5 的学习率
    """
    return [impl.linear_decay(t, 1.0, 4) for t in range(6)]


@probe(public=True, dtypes=("float64",))
def test_linear_decay_on_the_way(impl, make):
    """one rate on the way

    途中的一个学习率
    """
    return impl.linear_decay(3, 0.2, 10)


@probe(weight=2, dtypes=("float64",))
def test_linear_decay_every_update(impl, make):
    """each update has a rate of its own, on a straight line

    每次更新各有一个学习率，落在一条直线上
    """
    lr0 = make.number(0.01, 3.0)
    return [impl.linear_decay(t, lr0, 7) for t in range(8)]


@probe(dtypes=("float64",))
def test_linear_decay_after_the_end(impl, make):
    """0 at the end and after it, never negative

    结束时和结束之后都是 0，不会变负
    """
    return [impl.linear_decay(t, 0.5, 6) for t in (6, 7, 8, 25)]


@probe(dtypes=("float64",))
def test_linear_decay_short_run(impl, make):
    """a run of one update, and one of two

    总共只有一次更新，或者两次
    """
    return [impl.linear_decay(t, 0.3, total) for total in (1, 2) for t in (0, 1, 2)]


@probe(dtypes=("float64",))
def test_linear_decay_long_run(impl, make):
    """a run of 20000 updates, until its last

    20000 次更新的训练，直到最后一次
    """
    return [impl.linear_decay(t, 1e-3, 20000) for t in (0, 1, 7777, 19998, 19999, 20000)]


# --- warmup_linear_decay -----------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_warmup_linear_decay_small(impl, make):
    """lr_max = 1, warmup = 2, total = 6: the rates of t = 0 … 7

    lr_max = 1、warmup = 2、total = 6：t = 0 … 7 的学习率
    """
    return [impl.warmup_linear_decay(t, 1.0, 2, 6) for t in range(8)]


@probe(public=True, dtypes=("float64",))
def test_warmup_linear_decay_first(impl, make):
    """the very first update already moves

    第一次更新的学习率就不为零
    """
    return impl.warmup_linear_decay(0, 0.2, 5, 20)


@probe(weight=2, dtypes=("float64",))
def test_warmup_linear_decay_every_update(impl, make):
    """all of a run: up, down, and 0 after the end

    整个过程：上升、下降、结束之后为 0
    """
    lr_max = make.number(0.01, 3.0)
    return [impl.warmup_linear_decay(t, lr_max, 4, 11) for t in range(14)]


@probe(dtypes=("float64",))
def test_warmup_linear_decay_around_the_peak(impl, make):
    """no jump where up turns into down

    由升转降的地方没有跳变
    """
    return [impl.warmup_linear_decay(t, 0.5, 30, 90) for t in (28, 29, 30, 31, 32)]


@probe(dtypes=("float64",))
def test_warmup_linear_decay_after_the_end(impl, make):
    """0 at the end and after it, never negative

    结束时和结束之后都是 0，不会变负
    """
    return [impl.warmup_linear_decay(t, 0.5, 3, 8) for t in (7, 8, 9, 40)]


@probe(dtypes=("float64",))
def test_warmup_linear_decay_no_warmup(impl, make):
    """warmup = 0: only the way down

    warmup = 0：只有下降段
    """
    return [impl.warmup_linear_decay(t, 0.3, 0, 5) for t in range(7)]


@probe(dtypes=("float64",))
def test_warmup_linear_decay_all_warmup(impl, make):
    """warmup = total: only the way up, then 0

    warmup = total：只有上升段，然后是 0
    """
    return [impl.warmup_linear_decay(t, 0.3, 4, 4) for t in range(6)]


@probe(dtypes=("float64",))
def test_warmup_linear_decay_shortest(impl, make):
    """total = 1, with and without warm-up; warmup = 1

    total = 1，有热身和没有热身；以及 warmup = 1
    """
    cases = ((0, 1), (1, 1), (1, 3))
    return [impl.warmup_linear_decay(t, 0.6, warmup, total) for warmup, total in cases for t in range(4)]


# --- noam_lr -----------------------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_noam_lr_small(impl, make):
    """d_model = 4, warmup = 4: before, at and after the peak

    d_model = 4、warmup = 4：最高点之前、正中和之后
    """
    return [impl.noam_lr(step, 4, 4) for step in (1, 2, 4, 9, 16)]


@probe(public=True, dtypes=("float64",))
def test_noam_lr_zero(impl, make):
    """step 0: rate 0, no error

    step = 0：学习率为 0，不报错
    """
    return impl.noam_lr(0, 16, 10)


@probe(weight=2, dtypes=("float64",))
def test_noam_lr_every_step(impl, make):
    """the way up and the way down, step by step

    一步一步地上升，再下降
    """
    return [impl.noam_lr(step, 50, 6) for step in range(16)]


@probe(dtypes=("float64",))
def test_noam_lr_transformer(impl, make):
    """the paper's numbers: d_model = 512, warmup = 4000

    论文里的数字：d_model = 512，warmup = 4000
    """
    return [impl.noam_lr(step, 512, 4000) for step in (1, 100, 3999, 4000, 4001, 100000)]


@probe(dtypes=("float64",))
def test_noam_lr_smallest(impl, make):
    """the smallest numbers: warmup = 1 and d_model = 1

    最小的数：warmup = 1，d_model = 1
    """
    return [impl.noam_lr(step, d_model, 1) for d_model in (1, 7) for step in (0, 1, 2, 5)]
