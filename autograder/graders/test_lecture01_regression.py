"""Hidden graders of lecture 1, regression."""

import numpy as np
import torch
from torch import Tensor

from autograder.probe import attempt, gradients, judge, probe

# --- mae and mse ----------------------------------------------------------------------------------------


DIFFERENT = (((4,), (1,)), ((), (3,)), ((2, 3), (3, 2)), ((4, 1), (4,)), ((4,), (3,)))


def refusals(loss, make, *pairs):
    """What ``loss`` does with each pair of shapes; one that is not written yet says so at the first call."""
    y = make.normal(2)
    loss(y, y)
    return {f"{a} and {b}": attempt(loss, make.normal(*a), make.normal(*b)) for a, b in pairs}


@probe(public=True)
def test_mae_tiny(impl, make):
    """one number for all elements of a 2 × 3 tensor

    一个 2 × 3 张量的所有元素汇总成一个数
    """
    return impl.mae(make.normal(2, 3), make.normal(2, 3))


@probe(public=True)
def test_mae_opposite_signs(impl, make):
    """errors of opposite sign do not cancel

    符号相反的误差不会互相抵消
    """
    return impl.mae(make.tensor([1.0, 3.0, 7.0, 2.0]), make.tensor([2.0, 2.0, 4.0, 5.5]))


@probe(public=True)
def test_mae_row_against_column(impl, make):
    """shapes (5,) and (5, 1) are refused with a ValueError instead of broadcasting to 5 × 5

    形状 (5,) 和 (5, 1) 要抛出 ValueError，不能广播成 5 × 5
    """
    return refusals(impl.mae, make, ((5,), (5, 1)))


@probe()
def test_mae_any_shape(impl, make):
    """the mean runs over all elements, whatever the number of dimensions

    不论有多少维，都对所有元素取平均
    """
    return {
        "shape (2, 3, 4)": impl.mae(make.normal(2, 3, 4), make.normal(2, 3, 4)),
        "shape (7,)": impl.mae(make.normal(7, shift=2), make.normal(7)),
        "shape (1,)": impl.mae(make.normal(1), make.normal(1)),
        "shape ()": impl.mae(make.normal(), make.normal()),
    }


@probe()
def test_mae_shapes_differ(impl, make):
    """every pair of different shapes is refused with a ValueError

    只要形状不同，都要抛出 ValueError
    """
    return refusals(impl.mae, make, *DIFFERENT)


@probe()
def test_mae_gradient(impl, make):
    """gradients flow to the predictions and to the labels

    梯度流向预测值，也流向标签
    """
    y, y_hat = make.normal(3, 4, grad=True), make.normal(3, 4, grad=True)
    return gradients(impl.mae(y, y_hat), y, y_hat)


@probe()
def test_mae_transposed_view(impl, make):
    """a transposed view is a tensor like any other

    转置得到的视图也要能处理
    """
    return impl.mae(make.normal(5, 3).T, make.normal(3, 5))


@probe(public=True)
def test_mse_tiny(impl, make):
    """one number for all elements of a 2 × 3 tensor

    一个 2 × 3 张量的所有元素汇总成一个数
    """
    return impl.mse(make.normal(2, 3), make.normal(2, 3))


@probe(public=True)
def test_mse_square_then_average(impl, make):
    """each error is squared, then the mean is taken

    先把每个误差平方，再取平均
    """
    return impl.mse(make.tensor([1.0, 3.0, 7.0, 2.0]), make.tensor([2.0, 2.0, 4.0, 5.5]))


@probe(public=True)
def test_mse_row_against_column(impl, make):
    """shapes (5,) and (5, 1) are refused with a ValueError instead of broadcasting to 5 × 5

    形状 (5,) 和 (5, 1) 要抛出 ValueError，不能广播成 5 × 5
    """
    return refusals(impl.mse, make, ((5,), (5, 1)))


@probe()
def test_mse_any_shape(impl, make):
    """the mean runs over all elements, whatever the number of dimensions

    不论有多少维，都对所有元素取平均
    """
    return {
        "shape (2, 3, 4)": impl.mse(make.normal(2, 3, 4), make.normal(2, 3, 4)),
        "shape (7,)": impl.mse(make.normal(7, shift=2), make.normal(7)),
        "shape (1,)": impl.mse(make.normal(1, scale=3), make.normal(1)),
        "shape ()": impl.mse(make.normal(scale=3), make.normal()),
    }


@probe()
def test_mse_shapes_differ(impl, make):
    """every pair of different shapes is refused with a ValueError

    只要形状不同，都要抛出 ValueError
    """
    return refusals(impl.mse, make, *DIFFERENT)


@probe()
def test_mse_gradient(impl, make):
    """gradients flow to the predictions and to the labels

    梯度流向预测值，也流向标签
    """
    y, y_hat = make.normal(3, 4, grad=True), make.normal(3, 4, grad=True)
    return gradients(impl.mse(y, y_hat), y, y_hat)


@probe()
def test_mse_transposed_view(impl, make):
    """a transposed view is a tensor like any other

    转置得到的视图也要能处理
    """
    return impl.mse(make.normal(5, 3).T, make.normal(3, 5))


# --- linear_mse_grad ------------------------------------------------------------------------------------


@probe(public=True)
def test_linear_mse_grad_tiny(impl, make):
    """two samples of three features

    两个样本，三个特征
    """
    n = make.batch(2)
    return impl.linear_mse_grad(make.normal(n, 3), make.normal(n), make.normal(3), make.normal())


@probe(public=True)
def test_linear_mse_grad_one_feature(impl, make):
    """with one feature dw has shape (1,)

    只有一个特征时，dw 的形状是 (1,)
    """
    return impl.linear_mse_grad(make.normal(4, 1, shift=1), make.normal(4), make.normal(1), make.normal())


@probe(public=True)
def test_linear_mse_grad_perfect_fit(impl, make):
    """where the line goes through every label, the gradient is zero

    直线正好经过每个标签时，梯度为零
    """
    X = make.tensor([[1.0, -2.0, 0.0], [3.0, 1.0, -1.0], [0.0, 2.0, 5.0], [-4.0, 1.0, 2.0]])
    w, b = make.tensor([2.0, -1.0, 3.0]), make.tensor(4.0)
    return impl.linear_mse_grad(X, make.tensor([8.0, 6.0, 17.0, 1.0]), w, b)


@probe(weight=2)
def test_linear_mse_grad_values(impl, make):
    """seven samples of three features, with labels far from zero

    七个样本、三个特征，标签离零很远
    """
    X, y = make.normal(7, 3, shift=0.5), make.normal(7, shift=-2, scale=3)
    return impl.linear_mse_grad(X, y, make.normal(3), make.normal(shift=3))


@probe()
def test_linear_mse_grad_single_sample(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    return impl.linear_mse_grad(make.normal(1, 4), make.normal(1), make.normal(4), make.normal())


@probe()
def test_linear_mse_grad_more_features_than_samples(impl, make):
    """more features than samples

    特征比样本多
    """
    return impl.linear_mse_grad(make.normal(3, 5), make.normal(3), make.normal(5), make.normal())


@probe()
def test_linear_mse_grad_square(impl, make):
    """as many samples as features: X must not be transposed by mistake

    样本数等于特征数：不能弄错 X 的转置
    """
    return impl.linear_mse_grad(make.normal(4, 4), make.normal(4), make.normal(4), make.normal())


@probe()
def test_linear_mse_grad_transposed_view(impl, make):
    """X may be a transposed view

    X 可以是转置得到的视图
    """
    X, y = make.normal(3, 5).T, make.normal(5)
    return impl.linear_mse_grad(X, y, make.normal(3), make.normal())


# --- gd_step --------------------------------------------------------------------------------------------


@probe(public=True)
def test_gd_step_tiny(impl, make):
    """one step on a 2 × 3 tensor

    对 2 × 3 的张量走一步
    """
    return impl.gd_step(make.normal(2, 3), make.normal(2, 3), 0.3)


@probe(public=True)
def test_gd_step_downhill(impl, make):
    """from 5 with gradient 2, downhill

    从 5 出发，梯度是 2，往下坡走
    """
    return impl.gd_step(make.tensor(5.0), make.tensor(2.0), 0.1)


@probe()
def test_gd_step_several(impl, make):
    """six steps with changing learning rates and gradients that change sign

    连走六步，学习率在变，梯度的符号也在变
    """
    theta, path = make.normal(4), []
    for i, lr in enumerate((0.5, 0.1, 1.7, 0.01, 0.25, 3.0)):
        theta = impl.gd_step(theta, make.normal(4, scale=2, shift=(-1) ** i), lr)
        path.append(theta)
    return path


@probe()
def test_gd_step_new_tensor(impl, make):
    """the result is a new tensor: changing it later leaves theta alone

    结果是新张量：之后改动它，不会影响 theta
    """
    theta = make.normal(3)
    stepped = impl.gd_step(theta, make.normal(3), 0.0)
    before = stepped.clone()
    stepped.add_(1.0)
    return {"the result": before, "theta afterwards": theta}


@probe()
def test_gd_step_large_gradient(impl, make):
    """gradients of every size are used as they are, zeros too

    梯度不论大小都照原样使用，包括零
    """
    return impl.gd_step(make.normal(5), make.tensor([0.0, -1000.0, 1e-3, 40.0, -0.5]), 0.02)


@probe()
def test_gd_step_shapes(impl, make):
    """any shape, also a transposed view

    任意形状，包括转置得到的视图
    """
    return {
        "shape (2, 3, 4)": impl.gd_step(make.normal(2, 3, 4), make.normal(2, 3, 4), 0.7),
        "transposed": impl.gd_step(make.normal(4, 3).T, make.normal(3, 4), 0.7),
        "shape (1,)": impl.gd_step(make.normal(1), make.normal(1), 0.7),
    }


# --- num_updates ----------------------------------------------------------------------------------------
# Integers only, so that one dtype is enough.


@probe(public=True, dtypes=("float64",))
def test_num_updates_lecture(impl, make):
    """the lecture's question: 10 000 samples in batches of 10, one epoch

    课上的问题：10 000 个样本，每批 10 个，一轮
    """
    return impl.num_updates(10_000, 10, 1)


@probe(public=True, dtypes=("float64",))
def test_num_updates_short_batch(impl, make):
    """10 samples in batches of 4, three epochs: the short last batch counts in each

    10 个样本，每批 4 个，三轮：每轮最后不满的那一批都要算
    """
    return impl.num_updates(10, 4, 3)


@probe(public=True, dtypes=("float64",))
def test_num_updates_drop_last(impl, make):
    """the same with drop_last=True: short batches are left out

    同样的情况，drop_last=True：不满的批次被丢弃
    """
    return impl.num_updates(10, 4, 3, drop_last=True)


@probe(dtypes=("float64",))
def test_num_updates_barely_short(impl, make):
    """a rest of one sample makes a batch, and a rest of all but one is dropped with drop_last

    只剩一个样本也算一批；只差一个就满的批次，drop_last 时也要丢弃
    """
    return {
        "101 in batches of 20": impl.num_updates(101, 20, 4),
        "119 in batches of 20": impl.num_updates(119, 20, 4),
        "119 in batches of 20, drop_last": impl.num_updates(119, 20, 4, True),
        "101 in batches of 20, drop_last": impl.num_updates(101, 20, 4, True),
    }


@probe(dtypes=("float64",))
def test_num_updates_exact(impl, make):
    """where the batches come out even, drop_last changes nothing

    正好分完时，drop_last 没有影响
    """
    return {
        "60 in batches of 12": impl.num_updates(60, 12, 7),
        "60 in batches of 12, drop_last": impl.num_updates(60, 12, 7, drop_last=True),
        "one batch": impl.num_updates(60, 60, 7),
        "one batch, drop_last": impl.num_updates(60, 60, 7, drop_last=True),
    }


@probe(dtypes=("float64",))
def test_num_updates_batch_exceeds_n(impl, make):
    """fewer samples than a batch holds: one short batch, or none with drop_last

    样本比一个批次还少：一个不满的批次；drop_last 时一个也没有
    """
    return {"kept": impl.num_updates(5, 32, 6), "dropped": impl.num_updates(5, 32, 6, drop_last=True)}


@probe(dtypes=("float64",))
def test_num_updates_edges(impl, make):
    """batches of one, no epoch, no sample

    每批一个样本、零轮、零个样本
    """
    return {
        "batch size 1": impl.num_updates(13, 1, 3),
        "batch size 1, drop_last": impl.num_updates(13, 1, 3, drop_last=True),
        "no epoch": impl.num_updates(13, 4, 0),
        "no sample": impl.num_updates(0, 4, 3),
    }


@probe(dtypes=("float64",))
def test_num_updates_large(impl, make):
    """the sizes of real trainings

    真实训练的规模
    """
    n, batch_size, epochs = make.integer(50_000, 2_000_000), make.integer(33, 1025), make.integer(11, 400)
    return [impl.num_updates(n, batch_size, epochs), impl.num_updates(n, batch_size, epochs, drop_last=True)]


# --- hard_sigmoid ---------------------------------------------------------------------------------------


@probe(public=True)
def test_hard_sigmoid_tiny(impl, make):
    """flat, ramp, flat: a step of height 3

    先平、再斜、再平：一个高 3 的台阶
    """
    x = make.tensor([[-2.0, -0.6, 0.1], [0.3, 0.9, 2.5]])
    return impl.hard_sigmoid(x, make.tensor(1.25), make.tensor(0.25), make.tensor(3.0))


@probe(public=True)
def test_hard_sigmoid_negative_height(impl, make):
    """a negative c turns the step upside down

    c 为负时，台阶朝下
    """
    x = make.tensor([-3.0, -0.5, 0.2, 0.7, 4.0])
    return impl.hard_sigmoid(x, make.tensor(0.8), make.tensor(0.3), make.tensor(-2.0))


@probe()
def test_hard_sigmoid_descending(impl, make):
    """a negative w makes the ramp descend

    w 为负时，斜坡是下坡
    """
    x = make.normal(2, 3, 4, scale=2)
    return impl.hard_sigmoid(x, make.tensor(-0.7), make.tensor(0.4), make.tensor(0.6))


@probe()
def test_hard_sigmoid_ends_of_ramp(impl, make):
    """exact at both ends of the ramp and far away from it

    斜坡两端以及远处的值都要准确
    """
    x = make.tensor([-1000.0, -2.0, 0.0, 2.0, 1000.0])
    return impl.hard_sigmoid(x, make.tensor(0.25), make.tensor(0.5), make.tensor(1.5))


@probe()
def test_hard_sigmoid_zeros(impl, make):
    """w = 0 gives a constant, c = 0 gives zero

    w = 0 得到常数，c = 0 得到零
    """
    x, zero = make.normal(5), make.tensor(0.0)
    return {
        "w = 0": impl.hard_sigmoid(x, zero, make.tensor(0.3), make.tensor(2.0)),
        "c = 0": impl.hard_sigmoid(x, make.tensor(1.1), make.tensor(0.3), zero),
    }


@probe()
def test_hard_sigmoid_broadcast(impl, make):
    """several steps at once: x of shape (5, 1) with w, b, c of shape (3,) gives (5, 3)

    同时算多个台阶：x 形状 (5, 1)，w、b、c 形状 (3,)，结果是 (5, 3)
    """
    return impl.hard_sigmoid(make.normal(5, 1, scale=2), make.normal(3), make.normal(3), make.normal(3))


@probe()
def test_hard_sigmoid_gradient(impl, make):
    """gradients flow to x, w, b and c, and vanish to x where the step is flat

    梯度流向 x、w、b 和 c；台阶平坦处，对 x 的梯度为零
    """
    x = make.tensor([-3.0, -0.3, 0.2, 0.6, 1.1, 2.9], grad=True)
    w, b, c = make.tensor(0.7, grad=True), make.tensor(0.25, grad=True), make.tensor(-1.8, grad=True)
    return gradients(impl.hard_sigmoid(x, w, b, c), x, w, b, c)


# --- sigmoid_model and relu_model -----------------------------------------------------------------------


def model_inputs(make, n: int, d: int, h: int, grad: bool = False) -> tuple[Tensor, ...]:
    """x, b, c, bs, W of a model with ``h`` units on ``n`` samples of ``d`` features."""
    return (
        make.normal(n, d, grad=grad),
        make.normal(shift=0.5, grad=grad),
        make.normal(h, grad=grad),
        make.normal(h, grad=grad),
        make.normal(h, d, grad=grad),
    )


@probe(public=True)
def test_sigmoid_model_tiny(impl, make):
    """two samples, three features, four sigmoids

    两个样本、三个特征、四个 sigmoid
    """
    return impl.sigmoid_model(*model_inputs(make, make.batch(2), 3, 4))


@probe(public=True)
def test_sigmoid_model_biases_alone(impl, make):
    """where x is zero, the two biases are all that is left

    x 全为零时，只剩两种偏置起作用
    """
    c, bs = make.tensor([1.0, -2.0]), make.tensor([0.0, 1.0])
    return impl.sigmoid_model(make.tensor(np.zeros((3, 4))), make.tensor(0.5), c, bs, make.normal(2, 4))


@probe(weight=2)
def test_sigmoid_model_values(impl, make):
    """six samples, five features, three sigmoids

    六个样本、五个特征、三个 sigmoid
    """
    return impl.sigmoid_model(*model_inputs(make, 6, 5, 3))


@probe()
def test_sigmoid_model_square(impl, make):
    """as many sigmoids as features: row i of W belongs to sigmoid i

    sigmoid 的个数等于特征数：W 的第 i 行属于第 i 个 sigmoid
    """
    return impl.sigmoid_model(*model_inputs(make, 5, 4, 4))


@probe()
def test_sigmoid_model_ones(impl, make):
    """one sample, one feature or one sigmoid: the result still has shape (N,)

    只有一个样本、一个特征或一个 sigmoid：结果的形状仍是 (N,)
    """
    return {
        "N = 1": impl.sigmoid_model(*model_inputs(make, 1, 3, 4)),
        "D = 1": impl.sigmoid_model(*model_inputs(make, 5, 1, 4)),
        "H = 1": impl.sigmoid_model(*model_inputs(make, 5, 3, 1)),
        "N = D = H = 1": impl.sigmoid_model(*model_inputs(make, 1, 1, 1)),
    }


@probe()
def test_sigmoid_model_large(impl, make):
    """finite where bs + Wx reaches ±1000

    bs + Wx 达到 ±1000 时结果仍有限
    """
    x, bs = make.tensor([[-1000.0], [-40.0], [0.3], [40.0], [1000.0]]), make.tensor([0.2, -0.3])
    return impl.sigmoid_model(x, make.tensor(0.5), make.tensor([1.5, -0.7]), bs, make.tensor([[1.0], [-1.0]]))


@probe()
def test_sigmoid_model_gradient(impl, make):
    """gradients flow to x, b, c, bs and W

    梯度流向 x、b、c、bs 和 W
    """
    x, b, c, bs, W = model_inputs(make, 5, 3, 4, grad=True)
    return gradients(impl.sigmoid_model(x, b, c, bs, W), x, b, c, bs, W)


@probe()
def test_sigmoid_model_transposed_views(impl, make):
    """x and W may be transposed views

    x 和 W 可以是转置得到的视图
    """
    x, W = make.normal(3, 5).T, make.normal(3, 4).T
    return impl.sigmoid_model(x, make.normal(), make.normal(4), make.normal(4), W)


@probe(public=True)
def test_relu_model_tiny(impl, make):
    """two samples, three features, four ReLUs

    两个样本、三个特征、四个 ReLU
    """
    return impl.relu_model(*model_inputs(make, make.batch(2), 3, 4))


@probe(public=True)
def test_relu_model_flat_then_climbing(impl, make):
    """a ReLU is zero up to its corner and climbs without end after it

    ReLU 在拐点之前为零，之后一直上升
    """
    x = make.tensor([[-1000.0], [-1.0], [0.5], [2.0], [1000.0]])
    return impl.relu_model(
        x, make.tensor(0.25), make.tensor([3.0]), make.tensor([-1.0]), make.tensor([[2.0]])
    )


@probe(weight=2)
def test_relu_model_values(impl, make):
    """six samples, five features, three ReLUs

    六个样本、五个特征、三个 ReLU
    """
    return impl.relu_model(*model_inputs(make, 6, 5, 3))


@probe()
def test_relu_model_square(impl, make):
    """as many ReLUs as features: row i of W belongs to ReLU i

    ReLU 的个数等于特征数：W 的第 i 行属于第 i 个 ReLU
    """
    return impl.relu_model(*model_inputs(make, 5, 4, 4))


@probe()
def test_relu_model_biases_alone(impl, make):
    """where x is zero, the two biases are all that is left

    x 全为零时，只剩两种偏置起作用
    """
    c, bs = make.tensor([1.0, -2.0, 3.0]), make.tensor([0.7, 1.0, -0.4])
    return impl.relu_model(make.tensor(np.zeros((2, 4))), make.tensor(-0.5), c, bs, make.normal(3, 4))


@probe()
def test_relu_model_ones(impl, make):
    """one sample, one feature or one ReLU: the result still has shape (N,)

    只有一个样本、一个特征或一个 ReLU：结果的形状仍是 (N,)
    """
    return {
        "N = 1": impl.relu_model(*model_inputs(make, 1, 3, 4)),
        "D = 1": impl.relu_model(*model_inputs(make, 5, 1, 4)),
        "H = 1": impl.relu_model(*model_inputs(make, 5, 3, 1)),
        "N = D = H = 1": impl.relu_model(*model_inputs(make, 1, 1, 1)),
    }


@probe()
def test_relu_model_gradient(impl, make):
    """gradients flow to x, b, c, bs and W

    梯度流向 x、b、c、bs 和 W
    """
    x, b, c, bs, W = model_inputs(make, 5, 3, 4, grad=True)
    return gradients(impl.relu_model(x, b, c, bs, W), x, b, c, bs, W)


@judge
def slope_between_0_and_1(got, want):
    """At the corner any subgradient counts; elsewhere ReLU has slope 0 or 1."""
    gradient, full, expected = got["gradient"], want["with slope 1"], want["gradient"]
    if np.shape(gradient) != full.shape:
        return (
            f"the gradient of bs has shape {np.shape(gradient)}, but should be {full.shape}",
            f"bs 的梯度形状是 {np.shape(gradient)}，应为 {full.shape}",
        )
    slope = gradient / full
    if not (abs(gradient[1:] - expected[1:]) < 1e-4).all():
        return (
            f"three ReLUs that are on, off, on have slopes {slope[1:].round(3).tolist()}; should be 1, 0, 1",
            f"三个 ReLU 依次是开、关、开，斜率却是 {slope[1:].round(3).tolist()}，应为 1、0、1",
        )
    if not -1e-6 <= slope[0] <= 1 + 1e-6:
        return (
            f"at z = 0 the slope is {slope[0]:.4g}, but should be between 0 and 1",
            f"z = 0 处的斜率是 {slope[0]:.4g}，应在 0 到 1 之间",
        )
    return None


@probe(judge=slope_between_0_and_1)
def test_relu_model_gradient_at_corner(impl, make):
    """at z = 0 the slope is between 0 and 1

    z = 0 处的斜率在 0 到 1 之间
    """
    x, b, c = make.tensor([[0.0, 0.0]]), make.tensor(0.5), make.tensor([1.5, -0.8, 2.0, 0.6])
    bs, W = make.tensor([0.0, 0.7, -0.4, 0.2], grad=True), make.normal(4, 2)
    return {
        "gradient": gradients(impl.relu_model(x, b, c, bs, W), bs)[0],
        "with slope 1": gradients(b + (x @ W.T + bs) @ c, bs)[0],
    }


@probe()
def test_relu_model_transposed_views(impl, make):
    """x and W may be transposed views

    x 和 W 可以是转置得到的视图
    """
    x, W = make.normal(3, 5).T, make.normal(3, 4).T
    return impl.relu_model(x, make.normal(), make.normal(4), make.normal(4), W)


# --- piecewise_to_relu ----------------------------------------------------------------------------------
# Many parameters draw one curve, so what they draw is compared. Far from the knots large terms cancel, and
# each choice of parameters rounds in its own way: hence the tolerance.
ANY_PARAMETERS = 10


def draw(impl, kx: Tensor, ky: Tensor) -> Tensor:
    """The curve of the submission's parameters at the knots, three times within each piece, and outside."""
    inside = [kx[:-1] + t * kx.diff() for t in (0.25, 0.5, 0.9)]
    steps = kx.new_tensor([0.3, 4.0, 12.0])
    x = torch.cat([kx[0] - steps, kx, *inside, kx[-1] + steps]).sort().values

    def drawn(kx, ky, x):
        b, c, bs, w = impl.piecewise_to_relu(kx, ky)
        return b + torch.relu(torch.outer(x, w) + bs) @ c

    # The notebook has this helper too, so that a student can paste the example.
    return impl.call("drawn(kx, ky, x)", drawn, kx, ky, x)


@probe(public=True, tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_tiny(impl, make):
    """three knots: up, then down

    三个节点：先升后降
    """
    return draw(impl, make.tensor([0.0, 2.0, 3.0]), make.tensor([1.0, 5.0, 4.0]))


@probe(public=True, tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_two_knots(impl, make):
    """two knots make one ramp

    两个节点构成一个斜坡
    """
    return draw(impl, make.tensor([-1.5, 0.5]), make.tensor([2.0, -1.0]))


@judge
def vectors_of_one_length(got, want):
    """b is a scalar, the others are vectors of one length, which is free; all have the dtype of the knots."""
    for name, found in got.items():
        shape, dtype = found["shape"], found["dtype"]
        if shape is None:
            return f"{name} is no tensor, but of type {dtype}", f"{name} 不是张量，而是 {dtype}"
        if len(shape) != len(want[name]["shape"]):
            shape, right = tuple(shape), "()" if name == "b" else "(H,)"
            return f"{name} has shape {shape}, but should be {right}", f"{name} 形状是 {shape}，应为 {right}"
        if dtype != want[name]["dtype"]:
            right = want[name]["dtype"]
            return f"{name} has dtype {dtype}, but should be {right}", f"{name} 是 {dtype}，应为 {right}"
    lengths = [got[name]["shape"][0] for name in ("c", "bs", "w")]
    if len(set(lengths)) > 1:
        return (
            f"c, bs and w have {lengths} elements, but should have equally many",
            f"c、bs、w 的元素个数分别是 {lengths}，应当相等",
        )
    return None


@probe(public=True, judge=vectors_of_one_length)
def test_piecewise_to_relu_shapes(impl, make):
    """b is a tensor of shape (); c, bs and w are vectors of one length; all have the dtype of kx

    b 是形状为 () 的张量；c、bs、w 是等长的向量；dtype 都与 kx 相同
    """
    parameters = impl.piecewise_to_relu(make.tensor([0.0, 1.0, 4.0]), make.tensor([1.0, 3.0, 2.0]))
    return {
        name: {"shape": list(p.shape), "dtype": str(p.dtype)}
        if isinstance(p, Tensor)
        else {"shape": None, "dtype": type(p).__name__}
        for name, p in zip(("b", "c", "bs", "w"), parameters, strict=True)
    }


@probe(weight=2, tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_uneven(impl, make):
    """six knots with uneven spacing

    六个间距不等的节点
    """
    return draw(impl, make.uniform(6, low=0.3, high=2).cumsum(0) - 3, make.normal(6, scale=2))


@probe(tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_starts_away_from_zero(impl, make):
    """all knots lie to the right of zero, and the curve starts high

    所有节点都在零的右边，曲线从高处开始
    """
    return draw(impl, make.uniform(4, low=0.5, high=1.5).cumsum(0) + 7, make.normal(4, shift=20))


@probe(tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_negative_side(impl, make):
    """all knots lie to the left of zero

    所有节点都在零的左边
    """
    return draw(impl, make.uniform(5, low=0.4, high=1.2).cumsum(0) - 12, make.normal(5))


@probe(tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_level_pieces(impl, make):
    """level pieces, and a knot where the slope does not change

    有水平的段，还有一个斜率不变的节点
    """
    kx = make.tensor([-2.0, -1.0, 0.5, 1.0, 2.5, 4.0])
    return draw(impl, kx, make.tensor([3.0, 3.0, 0.0, -1.0, -1.0, 2.0]))


@probe(tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_constant(impl, make):
    """a curve that is constant everywhere

    处处为常数的曲线
    """
    return draw(impl, make.tensor([-1.0, 0.5, 3.0]), make.tensor([-2.5, -2.5, -2.5]))


@probe(tolerance=ANY_PARAMETERS)
def test_piecewise_to_relu_steep(impl, make):
    """knots close together make a steep piece

    两个节点靠得很近，中间那段很陡
    """
    return draw(impl, make.tensor([0.0, 1.0, 1.125, 3.0]), make.tensor([0.0, 0.5, 4.0, 3.0]))


# --- mlp_forward ----------------------------------------------------------------------------------------


def relu(t):
    return t.clamp(min=0)


def cosine(t):
    return torch.cos(t)


def bent(t):
    return t.tanh() + 0.3 * t


relu.code = "torch.relu"
cosine.code = "torch.cos"
bent.code = "lambda t: t.tanh() + 0.3 * t"


def make_layers(make, *sizes: int, grad: bool = False) -> list[tuple[Tensor, Tensor]]:
    """Layers (W, b) that lead from ``sizes[0]`` to ``sizes[-1]``."""
    return [
        (make.normal(sizes[i + 1], sizes[i], grad=grad), make.normal(sizes[i + 1], grad=grad))
        for i in range(len(sizes) - 1)
    ]


@probe(public=True)
def test_mlp_forward_tiny(impl, make):
    """one hidden layer of four ReLUs between three inputs and two outputs

    三个输入、两个输出，中间一个隐藏层有四个 ReLU
    """
    return impl.mlp_forward(make.normal(make.batch(2), 3), make_layers(make, 3, 4, 2), relu)


@probe(public=True)
def test_mlp_forward_one_layer(impl, make):
    """a single layer is linear: no activation

    只有一层时是线性的，不用激活函数
    """
    return impl.mlp_forward(make.normal(4, 3), make_layers(make, 3, 2), relu)


@probe(public=True)
def test_mlp_forward_three_layers(impl, make):
    """two hidden layers: the activation stands after each of them

    两个隐藏层：每层之后都有激活函数
    """
    return impl.mlp_forward(make.normal(3, 2), make_layers(make, 2, 4, 3, 1), relu)


@probe(weight=2)
def test_mlp_forward_deep(impl, make):
    """four hidden layers with another activation

    四个隐藏层，换一个激活函数
    """
    return impl.mlp_forward(make.normal(4, 5), make_layers(make, 5, 3, 6, 2, 7, 3), bent)


@probe()
def test_mlp_forward_square(impl, make):
    """all layers have as many outputs as inputs: W must not be transposed by mistake

    每层输入输出个数相同：不能弄错 W 的转置
    """
    return impl.mlp_forward(make.normal(5, 3), make_layers(make, 3, 3, 3, 3), bent)


@probe()
def test_mlp_forward_cosine(impl, make):
    """the activation that is given is the one that is used, also where it does not keep zero at zero

    用的是传入的激活函数，哪怕它在零处不为零
    """
    return impl.mlp_forward(make.normal(3, 4), make_layers(make, 4, 2, 5), cosine)


@probe()
def test_mlp_forward_ones(impl, make):
    """one sample or one output: the result still has shape (N, out)

    只有一个样本或一个输出：结果的形状仍是 (N, out)
    """
    return {
        "N = 1": impl.mlp_forward(make.normal(1, 3), make_layers(make, 3, 4, 2), bent),
        "out = 1": impl.mlp_forward(make.normal(5, 3), make_layers(make, 3, 4, 1), bent),
        "one unit in the middle": impl.mlp_forward(make.normal(5, 3), make_layers(make, 3, 1, 2), bent),
        "N = out = 1": impl.mlp_forward(make.normal(1, 1), make_layers(make, 1, 1), bent),
    }


@probe()
def test_mlp_forward_gradient(impl, make):
    """gradients flow to x and to every W and b

    梯度流向 x 以及每个 W 和 b
    """
    x, layers = make.normal(4, 3, grad=True), make_layers(make, 3, 5, 2, 4, grad=True)
    return gradients(impl.mlp_forward(x, layers, bent), x, *(p for layer in layers for p in layer))


@probe()
def test_mlp_forward_transposed_view(impl, make):
    """x may be a transposed view

    x 可以是转置得到的视图
    """
    return impl.mlp_forward(make.normal(3, 5).T, make_layers(make, 3, 4, 2), bent)
