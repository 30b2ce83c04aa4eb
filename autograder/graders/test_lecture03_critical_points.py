"""Hidden graders of lecture 3, critical points."""

import torch

from autograder.probe import gradients, probe


def function(code):
    """The function that ``code`` writes; it carries its code, so that an example shows what ran."""
    f = eval(code, {"torch": torch})
    f.code = code
    return f


TOY = function("lambda t: (1 - t[0] * t[1]) ** 2")


def symmetric(make, eigenvalues):
    """A symmetric matrix with these eigenvalues, its eigenvectors in no special directions."""
    d = len(eigenvalues)
    turn = reflection(make.normal(d)) @ reflection(make.normal(d))
    H = turn @ torch.diag(make.tensor(eigenvalues)) @ turn.T
    return (H + H.T) / 2


def reflection(v):
    return torch.eye(len(v), dtype=v.dtype, device=v.device) - 2 * torch.outer(v, v) / (v @ v)


def without_sign(v):
    """An eigenvector has no sign: v·vᵀ is the same for v and −v."""
    if v is None:
        return None
    return {"shape": list(v.shape), "v·vᵀ": v.reshape(-1, 1) * v.reshape(1, -1)}


# --- toy_loss_derivatives -----------------------------------------------------------------------------------


@probe(public=True)
def test_toy_loss_derivatives_origin(impl, make):
    """at the origin: slope zero, but the Hessian is not

    在原点：斜率为零，海塞矩阵却不是零
    """
    return impl.toy_loss_derivatives(make.tensor(0.0), make.tensor(0.0))


@probe(public=True)
def test_toy_loss_derivatives_slope(impl, make):
    """value, gradient and Hessian on a slope

    斜坡上的值、梯度和海塞矩阵
    """
    return impl.toy_loss_derivatives(make.tensor(1.5), make.tensor(-0.5))


@probe()
def test_toy_loss_derivatives_valley(impl, make):
    """in the valley w1·w2 = 1: value and gradient vanish, the curvature stays

    在谷底 w1·w2 = 1：值和梯度为零，弯曲仍在
    """
    return impl.toy_loss_derivatives(make.tensor(4.0), make.tensor(0.25))


@probe()
def test_toy_loss_derivatives_one_weight_zero(impl, make):
    """one weight is zero, the other is not

    一个权重为零，另一个不为零
    """
    three = make.tensor(3.0)
    return [
        impl.toy_loss_derivatives(make.tensor(0.0), three),
        impl.toy_loss_derivatives(three, make.tensor(0.0)),
    ]


@probe(weight=2)
def test_toy_loss_derivatives_anywhere(impl, make):
    """value, gradient and Hessian at random points

    随机点上的值、梯度和海塞矩阵
    """
    return [impl.toy_loss_derivatives(make.normal(), make.normal(scale=2)) for _ in range(4)]


# --- numerical_gradient -------------------------------------------------------------------------------------


@probe(public=True)
def test_numerical_gradient_squares(impl, make):
    """the slope of a sum of squares

    平方和的斜率
    """
    return impl.numerical_gradient(function("lambda t: (t ** 2).sum()"), make.tensor([3.0, -1.0]), 0.5)


@probe(public=True)
def test_numerical_gradient_products(impl, make):
    """coordinates that multiply each other, and a given h

    坐标互相相乘的函数，指定了 h
    """
    f = function("lambda t: t[0] ** 2 * t[1] + 3 * t[1] * t[2] - t[2] ** 3")
    return impl.numerical_gradient(f, make.normal(3), h=0.3)


# float32 has no digits left for so small an h.
@probe(dtypes=("float64",))
def test_numerical_gradient_default_h(impl, make):
    """close to the true slope with the h that is the default

    使用默认的 h，结果接近真实的斜率
    """
    f = function("lambda t: torch.sin(t[0]) * torch.exp(t[1]) + t[0] * t[1] ** 3")
    return impl.numerical_gradient(f, make.normal(2))


@probe()
def test_numerical_gradient_matrix(impl, make):
    """a matrix of parameters: every entry is a coordinate of its own

    参数是矩阵：每个元素都是一个单独的坐标
    """
    f = function("lambda t: (t[0] * t[1]).sum() + (t ** 3).sum()")
    return impl.numerical_gradient(f, make.normal(2, 3), 0.2)


@probe()
def test_numerical_gradient_transposed(impl, make):
    """parameters that are not contiguous in memory

    参数在内存中不连续
    """
    f = function("lambda t: (t[:, 0] ** 2 * t[:, 1]).sum() + t[3, 0] ** 3")
    return impl.numerical_gradient(f, make.normal(2, 4).T, 0.2)


@probe()
def test_numerical_gradient_one_parameter(impl, make):
    """a single parameter

    只有一个参数
    """
    f = function("lambda t: t[0] ** 3 - 4 * t[0]")
    return impl.numerical_gradient(f, make.normal(1, shift=-2), 0.1)


@probe()
def test_numerical_gradient_integers(impl, make):
    """whole-number parameters are moved by h like any others

    整数参数也同样要挪动 h
    """
    f = function("lambda t: t[0] ** 2 * t[1] + t[2] ** 3")
    return impl.numerical_gradient(f, make.long([3, -2, 4]), 0.5).double()  # any floating dtype will do


# --- hessian ------------------------------------------------------------------------------------------------


@probe(public=True)
def test_hessian_tiny(impl, make):
    """the second derivatives of t0² · t1

    t0² · t1 的二阶导
    """
    return impl.hessian(function("lambda t: t[0] ** 2 * t[1]"), make.tensor([1.0, 3.0]))


@probe(public=True)
def test_hessian_quadratic(impl, make):
    """a quadratic function has the same Hessian everywhere

    二次函数的海塞矩阵处处相同
    """
    f = function("lambda t: t[0] ** 2 + 3 * t[0] * t[1] - 2 * t[1] * t[2] + 0.5 * t[2] ** 2")
    return impl.hessian(f, make.normal(3))


@probe(weight=2)
def test_hessian_curved(impl, make):
    """four parameters that act on one another

    四个相互影响的参数
    """
    f = function("lambda t: torch.sin(t[0] * t[1]) + torch.exp(t[2] / 2) * t[3] ** 2 + t[0] ** 3 * t[3]")
    return impl.hessian(f, make.normal(4))


@probe()
def test_hessian_residuals(impl, make):
    """a sum of squared errors, far from its minimum

    误差的平方和，离极小值还很远
    """
    f = function("lambda t: (t[0] * t[1] - 3) ** 2 + (t[1] * t[2] + 2) ** 2 + (t[0] ** 2 - t[2]) ** 2")
    return impl.hessian(f, make.normal(3))


@probe()
def test_hessian_critical_point(impl, make):
    """where the gradient is zero the Hessian need not be

    梯度为零的地方，海塞矩阵不一定为零
    """
    return impl.hessian(TOY, make.tensor([0.0, 0.0]))


@probe()
def test_hessian_unused_parameters(impl, make):
    """parameters that the function does not use have rows and columns of zeros

    函数没有用到的参数，对应的行和列都是零
    """
    return impl.hessian(function("lambda t: t[1] ** 2 * t[3] ** 3"), make.normal(5))


@probe()
def test_hessian_one_parameter(impl, make):
    """one parameter: a matrix of one number

    只有一个参数：结果是只含一个数的矩阵
    """
    return impl.hessian(function("lambda t: t[0] ** 4 - 3 * t[0]"), make.normal(1, shift=1))


# A difference quotient with h = 1e-5 is off by (300·h)² / 6; float32 has no digits for so steep a sine.
@probe(dtypes=("float64",))
def test_hessian_exact(impl, make):
    """exact where the function oscillates, too

    函数剧烈振荡的地方，结果也是精确的
    """
    return impl.hessian(function("lambda t: torch.sin(300 * t[0]) * t[1]"), make.normal(2))


# --- taylor2 ------------------------------------------------------------------------------------------------


@probe(public=True)
def test_taylor2_tiny(impl, make):
    """value, slope and curvature of two parameters

    两个参数：值、斜率和弯曲
    """
    H = make.tensor([[2.0, 1.0], [1.0, -4.0]])
    return impl.taylor2(make.tensor(5.0), make.tensor([1.0, -2.0]), H, make.tensor([3.0, 1.0]))


@probe(public=True)
def test_taylor2_four_parameters(impl, make):
    """the same for four parameters

    四个参数也一样
    """
    return impl.taylor2(make.normal(), make.normal(4), symmetric(make, [-2, 1, 3, 0.5]), make.normal(4))


@probe()
def test_taylor2_quadratic(impl, make):
    """for a quadratic function the prediction is exact, however far away

    对二次函数，走多远预测都是精确的
    """
    H, g, L0 = symmetric(make, [2, -1, 5]), make.normal(3), make.normal(shift=10)
    deltas = make.normal(3, scale=20), make.normal(3, scale=0.1)
    return [impl.taylor2(L0, g, H, delta) for delta in deltas]


@probe()
def test_taylor2_no_step(impl, make):
    """without a step the prediction is where we stand

    不走的话，预测值就是脚下的高度
    """
    delta = make.tensor([0.0, 0.0, 0.0])
    return impl.taylor2(make.normal(), make.normal(3), symmetric(make, [1, 2, -3]), delta)


@probe()
def test_taylor2_one_parameter(impl, make):
    """one parameter

    只有一个参数
    """
    return impl.taylor2(make.normal(), make.normal(1), make.normal(1, 1), make.normal(1))


@probe()
def test_taylor2_gradient(impl, make):
    """gradients flow back to value, slope and step

    梯度能流回值、斜率和位移
    """
    L0, g, delta = make.normal(grad=True), make.normal(3, grad=True), make.normal(3, grad=True)
    return gradients(impl.taylor2(L0, g, symmetric(make, [2, -1, 4]), delta), L0, g, delta)


# --- classify_critical_point --------------------------------------------------------------------------------


@probe(public=True)
def test_classify_critical_point_two_parameters(impl, make):
    """the curvatures can be read off: a minimum, a maximum, a saddle

    一眼能看出的弯曲：极小值、极大值、鞍点
    """
    return [
        impl.classify_critical_point(make.tensor(H))
        for H in ([[2.0, 0.0], [0.0, 3.0]], [[-2.0, 0.0], [0.0, -3.0]], [[2.0, 0.0], [0.0, -3.0]])
    ]


@probe(public=True)
def test_classify_critical_point_toy_origin(impl, make):
    """the origin of the toy loss is a saddle

    玩具损失的原点是鞍点
    """
    return impl.classify_critical_point(make.tensor([[0.0, -2.0], [-2.0, 0.0]]))


@probe()
def test_classify_critical_point_turned(impl, make):
    """eigenvectors that do not lie along the axes

    特征向量不沿坐标轴
    """
    spectra = [2, 0.5, 3], [-1, -4, -2, -0.3], [3, -1, 5, 4], [-3, 1, -5]
    return [impl.classify_critical_point(symmetric(make, s)) for s in spectra]


@probe()
def test_classify_critical_point_innocent_diagonal(impl, make):
    """the diagonal does not tell: its signs are not those of the eigenvalues

    只看对角线看不出来：它的正负不是特征值的正负
    """
    return [
        impl.classify_critical_point(make.tensor(H))
        for H in ([[1.0, 2.0], [2.0, 1.0]], [[-1.0, 3.0], [3.0, -2.0]], [[3.0, 1.0], [1.0, 2.0]])
    ]


@probe()
def test_classify_critical_point_two_and_two(impl, make):
    """two directions up and two down: the determinant is positive all the same

    两个方向向上、两个方向向下：行列式照样是正的
    """
    spectra = [2, 3, -1, -4], [4, 3, -1, -0.5], [-1, -2, 3]
    return [impl.classify_critical_point(symmetric(make, s)) for s in spectra]


@probe(weight=2)
def test_classify_critical_point_zeros(impl, make):
    """a zero eigenvalue without both signs leaves the question open

    有零特征值，又没有一正一负，就无法判断
    """
    diagonals = [2, 0], [0, -3], [0, 0], [4, 0, 1]
    answers = [impl.classify_critical_point(torch.diag(make.tensor(d))) for d in diagonals]
    return [*answers, impl.classify_critical_point(symmetric(make, [3, 0, 1, 2]), 1e-3)]


@probe()
def test_classify_critical_point_saddle_with_zero(impl, make):
    """up in one direction and down in another is a saddle, whatever the rest

    一个方向向上、一个方向向下就是鞍点，不管其余方向如何
    """
    flat = torch.diag(make.tensor([2, 0, -3]))
    return [
        impl.classify_critical_point(flat),
        impl.classify_critical_point(symmetric(make, [0, -3, 2, 0, 1]), 1e-3),
    ]


@probe()
def test_classify_critical_point_nearly_zero(impl, make):
    """an eigenvalue within the default tol counts as zero, one beyond it does not

    绝对值不超过默认 tol 的特征值当作零，超过的不算
    """
    diagonals = [2, 1e-8], [2, -1e-8], [-3, -1e-8], [2, 1e-3], [2, -1e-3], [-3, -1e-3]
    return [impl.classify_critical_point(torch.diag(make.tensor(d))) for d in diagonals]


@probe()
def test_classify_critical_point_tol(impl, make):
    """the tol that is given decides, in absolute numbers

    由传入的 tol 决定，而且看绝对大小
    """
    questions = [([5, 0.05], 0.1), ([5, -0.05], 0.1), ([5, 0.3], 0.1), ([-5, -0.3], 0.1), ([-9, 0.3], 0.1),
                 ([0.05, -0.05], 0.1), ([20, 3], 4), ([2, 0], 0.0), ([-2, 0], 0.0)]  # fmt: skip
    return [impl.classify_critical_point(torch.diag(make.tensor(d)), tol=tol) for d, tol in questions]


@probe()
def test_classify_critical_point_one_parameter(impl, make):
    """one parameter

    只有一个参数
    """
    return [impl.classify_critical_point(make.tensor([[x]])) for x in (3.0, -2.0, 0.0)]


# --- minimum_ratio ------------------------------------------------------------------------------------------
# A float, a 0-dim tensor: both are good numbers, so every probe takes float(…).


@probe(public=True)
def test_minimum_ratio_toy_origin(impl, make):
    """at the origin of the toy loss: half of the directions rise

    玩具损失的原点：一半的方向向上
    """
    return float(impl.minimum_ratio(make.tensor([[0.0, -2.0], [-2.0, 0.0]])))


@probe(public=True)
def test_minimum_ratio_turned(impl, make):
    """three of five eigenvalues are positive

    五个特征值中有三个为正
    """
    return float(impl.minimum_ratio(symmetric(make, [3, -1, 0.5, -2, 1])))


@probe()
def test_minimum_ratio_zeros(impl, make):
    """zeros are not positive, but they count among all

    零不算正，但算在总数里
    """
    diagonals = [3, -1, 0, 0], [0, 2, 1], [0, 0], [0, -2, -1, 0, 4]
    return [float(impl.minimum_ratio(torch.diag(make.tensor(d)))) for d in diagonals]


@probe()
def test_minimum_ratio_innocent_diagonal(impl, make):
    """the diagonal is no substitute for the eigenvalues

    对角线代替不了特征值
    """
    matrices = [[1.0, 2.0], [2.0, 1.0]], [[-1.0, 3.0], [3.0, -2.0]]
    return [float(impl.minimum_ratio(make.tensor(H))) for H in matrices]


@probe()
def test_minimum_ratio_ends(impl, make):
    """a minimum has the ratio 1, a maximum 0

    极小值的比例是 1，极大值是 0
    """
    spectra = [1, 2, 3], [-1, -2, -3, -0.5], [4], [-4]
    return [float(impl.minimum_ratio(symmetric(make, s))) for s in spectra]


@probe()
def test_minimum_ratio_scale(impl, make):
    """only signs matter, not sizes

    只看正负，不看大小
    """
    spectra = [100, -1, -2], [0.01, 0.02, 0.03, -300], [5, 0.2, 40, -0.1, 0.3, 2, 1]
    return [float(impl.minimum_ratio(symmetric(make, s))) for s in spectra]


# --- escape_direction ---------------------------------------------------------------------------------------


@probe(public=True)
def test_escape_direction_toy_origin(impl, make):
    """the way down from the origin of the toy loss, as v·vᵀ

    从玩具损失的原点往下的路（以 v·vᵀ 比较）
    """
    return without_sign(impl.escape_direction(make.tensor([[0.0, -2.0], [-2.0, 0.0]])))


@probe(public=True)
def test_escape_direction_three(impl, make):
    """one way down among three directions

    三个方向中只有一个向下
    """
    return without_sign(impl.escape_direction(symmetric(make, [1, -2, 3])))


@probe(weight=2)
def test_escape_direction_steepest(impl, make):
    """of several ways down, the one that falls fastest

    有几条路向下时，取下降最快的那条
    """
    spectra = [-1, 4, -3, 1.5, 0.2], [-1, -5, -2.5], [-0.1, -2, 6, -4]
    return [without_sign(impl.escape_direction(symmetric(make, s))) for s in spectra]


@probe()
def test_escape_direction_not_the_largest(impl, make):
    """the negative eigenvalue may be the smaller one in size

    负特征值的绝对值可能更小
    """
    spectra = [8, -1, 3], [-0.05, 2, 4, 1]
    return [without_sign(impl.escape_direction(symmetric(make, s))) for s in spectra]


@probe()
def test_escape_direction_innocent_diagonal(impl, make):
    """the way down need not lie along an axis

    往下的路不一定沿着坐标轴
    """
    H = make.tensor([[1.0, 2.0, 0.5], [2.0, 1.0, -1.0], [0.5, -1.0, 4.0]])
    return without_sign(impl.escape_direction(H))


@probe()
def test_escape_direction_none(impl, make):
    """None where nothing leads down; zero does not lead down

    没有向下的方向就返回 None；零不算向下
    """
    spectra = [2, 0], [0, 0, 0], [3, 1, 2]
    answers = [without_sign(impl.escape_direction(torch.diag(make.tensor(s)))) for s in spectra]
    return [*answers, without_sign(impl.escape_direction(symmetric(make, [2, 1, 4, 0.5])))]


@probe()
def test_escape_direction_one_parameter(impl, make):
    """one parameter: a vector of length 1, or None

    只有一个参数：长度为 1 的向量，或者 None
    """
    return [without_sign(impl.escape_direction(make.tensor([[x]]))) for x in (-3.0, 2.0)]


# --- escape_step --------------------------------------------------------------------------------------------


@probe(public=True)
def test_escape_step_slope(impl, make):
    """where there is a slope, a gradient step

    有坡的地方，走一步梯度下降
    """
    return impl.escape_step(TOY, make.tensor([1.5, -0.5]), 0.1, 0.5, 1e-3)


@probe(public=True)
def test_escape_step_toy_origin(impl, make):
    """from the origin of the toy loss (both sides are equally good there)

    从玩具损失的原点出发（那里两边一样好）
    """
    theta = make.tensor([0.0, 0.0])
    return without_sign(impl.escape_step(TOY, theta, 0.1, 0.5, 1e-3) - theta)


@probe(weight=2)
def test_escape_step_lower_side(impl, make):
    """of the two sides, the lower one

    两边之中，走更低的一边
    """
    codes = (
        "lambda t: t[0] ** 2 - t[1] ** 2 + 0.5 * t[1] ** 3",
        "lambda t: t[0] ** 2 - t[1] ** 2 - 0.5 * t[1] ** 3",
    )
    return [impl.escape_step(function(code), make.tensor([0.0, 0.0]), 0.1, 0.4, 1e-3) for code in codes]


@probe()
def test_escape_step_side_at_its_end(impl, make):
    """the two sides are compared where the step would end, not nearer and not farther away

    比较的是这一步走到的两个点，不是更近或更远的地方
    """
    # The odd part changes sign between 0.4 and 0.9, so the lower side does, too.
    codes = (
        "lambda t: t[0] ** 2 - t[1] ** 2 + 0.5 * t[1] ** 3 - t[1] ** 5",
        "lambda t: t[0] ** 2 - t[1] ** 2 - 0.5 * t[1] ** 3 + t[1] ** 5",
    )
    theta = make.tensor([0.0, 0.0])
    return [impl.escape_step(function(code), theta, 0.1, step, 1e-3) for code in codes for step in (0.4, 0.9)]


@probe()
def test_escape_step_far_from_zero(impl, make):
    """a saddle that is not at the origin, with three parameters

    不在原点的鞍点，三个参数
    """
    codes = (
        "lambda t: (t[0] - 1) * (t[1] + 2) + (t[2] - 3) ** 2 + 0.2 * (t[0] - 1) ** 3",
        "lambda t: (t[0] - 1) * (t[1] + 2) + (t[2] - 3) ** 2 - 0.2 * (t[0] - 1) ** 3",
    )
    theta = make.tensor([1.0, -2.0, 3.0])
    return [impl.escape_step(function(code), theta, lr=0.2, step=0.7, tol=1e-2) for code in codes]


@probe()
def test_escape_step_steepest_way_down(impl, make):
    """several ways down, and a maximum: the one that falls fastest, by exactly the step

    有几条路向下，以及极大值：走下降最快的那条，恰好走 step 那么远
    """
    codes = (
        "lambda t: t[0] ** 2 - t[1] ** 2 - 3 * t[2] ** 2 + 0.3 * t[1] ** 3 + 0.3 * t[2] ** 3",
        "lambda t: -(t[0] ** 2) / 2 - t[1] ** 2 - 2 * t[2] ** 2 - t[2] ** 3",
    )
    theta = make.tensor([0.0, 0.0, 0.0])
    return [impl.escape_step(function(code), theta, 0.3, 0.25, 1e-3) for code in codes]


@probe()
def test_escape_step_minimum(impl, make):
    """at a minimum it stays

    在极小值处留在原地
    """
    f = function("lambda t: (t[0] - 2) ** 2 + (t[0] - 2) * (t[1] + 1) + (t[1] + 1) ** 2")
    return impl.escape_step(f, make.tensor([2.0, -1.0]), 0.1, 0.5, 1e-3)


@probe()
def test_escape_step_tol(impl, make):
    """the length of the gradient, compared with tol, decides which step it is

    由梯度的长度与 tol 比较，决定走哪一种步
    """
    bowl = function("lambda t: t[0] ** 2 / 2 + t[1] ** 2 / 2")
    saddle = function("lambda t: t[0] ** 2 / 2 - t[1] ** 2 / 2 + 0.3 * t[1] ** 3")
    return {
        "each component below tol": impl.escape_step(bowl, make.tensor([0.08, 0.08]), 0.5, 0.3, 0.1),
        "components that cancel": impl.escape_step(bowl, make.tensor([0.7, -0.7]), 0.5, 0.3, 0.1),
        "length below 1": impl.escape_step(bowl, make.tensor([0.5, 0.0]), 0.5, 0.3, 0.3),
        "nearly flat": impl.escape_step(saddle, make.tensor([0.06, 0.0]), 0.5, 0.3, 0.1),
        "nearly flat, no way down": impl.escape_step(bowl, make.tensor([0.0, 0.06]), 0.5, 0.3, 0.1),
        "tol zero": impl.escape_step(saddle, make.tensor([0.0, 0.0]), 0.5, 0.3, 0.0),
    }


@probe()
def test_escape_step_downhill_run(impl, make):
    """ten updates from the saddle: the losses on the way down

    从鞍点出发更新十次：一路上的损失
    """
    theta = make.tensor([0.0, 0.0])
    losses = []
    for update in range(10):
        theta = impl.escape_step(TOY, theta, 0.1 if update < 6 else 0.05, 0.5, 1e-3)
        losses.append(TOY(theta))
    return losses


@probe()
def test_escape_step_one_parameter(impl, make):
    """one parameter, on a hilltop

    只有一个参数，站在山顶
    """
    f = function("lambda t: 1 - t[0] ** 2 + t[0] ** 3")
    return impl.escape_step(f, make.tensor([0.0]), 0.1, 0.5, 1e-3)
