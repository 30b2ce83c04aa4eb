"""Hidden graders of lecture 6, batch normalisation."""

import torch

from autograder.probe import attempt, gradients, probe

EPS = 0.3  # large, so that its place in the formula shows


def with_constant(make, n, d, grad=False):
    """A batch whose second feature has the same value in every sample; sums of it are exact."""
    z = make.normal(n, d)
    z[:, 1] = 4.0
    return z.requires_grad_(grad)


def affine(make, d, grad=False):
    """γ and β, all entries different, one of γ negative."""
    gamma = make.uniform(d, low=0.5, high=2.0)
    gamma[-1] = -gamma[-1]
    return gamma.requires_grad_(grad), make.normal(d, shift=1.0, grad=grad)


def new_layer(impl, make, *settings, **named):
    return impl.BatchNorm1d(*settings, **named).to(device=make.device, dtype=make.dtype)


def set_affine(make, layer, d):
    gamma, beta = affine(make, d)
    with torch.no_grad():
        layer.gamma.copy_(gamma)
        layer.beta.copy_(beta)


def stats(layer, when):
    """Copies, as the layer may go on changing its own."""
    return {f"layer.{name} {when}": getattr(layer, name).detach().clone() for name in ("mu_bar", "var_bar")}


def run(impl, layer, z):
    return impl.call("layer(z)", layer, z)


# --- standardize_fit ------------------------------------------------------------------------------


@probe(public=True)
def test_standardize_fit_two_samples(impl, make):
    """mean and standard deviation of each feature

    每个特征的均值和标准差
    """
    return impl.standardize_fit(make.tensor([[1.0, 2.0, -3.0], [3.0, 8.0, -2.0]]))


@probe(public=True)
def test_standardize_fit_batch(impl, make):
    """random features

    随机的特征
    """
    return impl.standardize_fit(make.normal(make.batch(5), 3, scale=2, shift=1))


@probe(public=True, weight=2)
def test_standardize_fit_constant(impl, make):
    """a feature that never changes gets std 1, the others keep theirs

    从不变化的特征，std 为 1；其余特征的 std 不变
    """
    return impl.standardize_fit(make.tensor([[5, 1, 0], [5, 2, 0], [5, 6, 0], [5, 3, 0]]))


@probe()
def test_standardize_fit_scales(impl, make):
    """features of very different size; a small standard deviation stays small

    大小相差悬殊的特征；很小的标准差保持很小
    """
    return impl.standardize_fit(make.normal(6, 4) * make.tensor([1e-6, 1, 30, 0.2]))


@probe()
def test_standardize_fit_one_sample(impl, make):
    """one sample: it is the mean, and every std is 1

    只有一个样本：均值就是它自己，std 全为 1
    """
    return impl.standardize_fit(make.tensor([[2.0, -1.0, 0.5, 8.0]]))


@probe()
def test_standardize_fit_square(impl, make):
    """as many samples as features: the statistics are those of the columns

    样本数等于特征数：统计的是列
    """
    return impl.standardize_fit(make.normal(4, 4, shift=2))


@probe()
def test_standardize_fit_one_feature(impl, make):
    """a single feature: mean and std have the shape (1,)

    只有一个特征：均值和 std 的形状是 (1,)
    """
    return impl.standardize_fit(make.normal(7, 1, scale=3))


@probe()
def test_standardize_fit_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.standardize_fit(make.normal(3, 5).T)


# --- standardize_apply ----------------------------------------------------------------------------


@probe(public=True)
def test_standardize_apply_two_samples(impl, make):
    """subtract the mean, then divide by the standard deviation

    先减均值，再除以标准差
    """
    X = make.tensor([[5.0, 30.0, 1.0], [1.0, -10.0, 4.0]])
    return impl.standardize_apply(X, make.tensor([1.0, 10.0, 2.0]), make.tensor([2.0, 10.0, 0.5]))


@probe(public=True)
def test_standardize_apply_batch(impl, make):
    """random samples, with the statistics of others

    随机的样本，统计量来自别的样本
    """
    X = make.normal(make.batch(5), 3, scale=2)
    return impl.standardize_apply(X, make.normal(3), make.uniform(3, low=0.5, high=3))


@probe(public=True, weight=2)
def test_standardize_apply_one_sample(impl, make):
    """a single sample that was not in the training set

    单个样本，不在训练集里
    """
    return impl.standardize_apply(make.normal(1, 4), make.normal(4), make.uniform(4, low=0.5, high=3))


@probe()
def test_standardize_apply_square(impl, make):
    """as many samples as features: the statistics belong to the columns

    样本数等于特征数：统计量属于列
    """
    return impl.standardize_apply(make.normal(3, 3), make.normal(3), make.uniform(3, low=0.5, high=3))


@probe()
def test_standardize_apply_far_away(impl, make):
    """samples far from the mean of the training set, and a small standard deviation

    离训练集均值很远的样本，以及很小的标准差
    """
    X = make.tensor([[40.0, 0.02, 7.0], [-25.0, 0.05, 7.0]])
    return impl.standardize_apply(X, make.tensor([1.0, 0.01, 7.0]), make.tensor([2.0, 0.002, 1.0]))


@probe()
def test_standardize_apply_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.standardize_apply(make.normal(4, 2).T, make.normal(4), make.uniform(4, low=0.5, high=3))


# --- batchnorm_train ------------------------------------------------------------------------------


@probe(public=True)
def test_batchnorm_train_two_samples(impl, make):
    """γ = 1 and β = 0, with a large ε

    γ = 1，β = 0，ε 很大
    """
    z = make.tensor([[1.0, 4.0, -2.0], [3.0, 0.0, -1.0]])
    return impl.batchnorm_train(z, make.tensor([1, 1, 1]), make.tensor([0, 0, 0]), 3.0)


@probe(public=True)
def test_batchnorm_train_batch(impl, make):
    """random features, γ and β

    随机的特征、γ 和 β
    """
    return impl.batchnorm_train(make.normal(make.batch(5), 3, scale=2, shift=1), *affine(make, 3), EPS)


@probe(public=True, weight=2)
def test_batchnorm_train_gradient(impl, make):
    """the gradient flows through μ and σ² too

    梯度也要流过 μ 和 σ²
    """
    z = make.normal(4, 3, grad=True)
    gamma, beta = affine(make, 3, grad=True)
    return gradients(impl.batchnorm_train(z, gamma, beta, EPS), z, gamma, beta)


@probe()
def test_batchnorm_train_small_eps(impl, make):
    """with a small ε each feature has mean 0 and variance 1

    ε 很小时，每个特征的均值为 0，方差为 1
    """
    z = make.normal(6, 4) * make.tensor([0.1, 1, 20, 3])
    return impl.batchnorm_train(z, make.tensor([1] * 4), make.tensor([0] * 4), 1e-5)


@probe()
def test_batchnorm_train_square(impl, make):
    """as many samples as features

    样本数等于特征数
    """
    return impl.batchnorm_train(make.normal(4, 4, shift=2), *affine(make, 4), EPS)


@probe()
def test_batchnorm_train_one_sample(impl, make):
    """a batch of one gives β; no gradient reaches z

    只有一个样本时，结果是 β，没有梯度传到 z
    """
    z = make.normal(1, 3, grad=True)
    gamma, beta = affine(make, 3, grad=True)
    out = impl.batchnorm_train(z, gamma, beta, EPS)
    return {"result": out, "gradients": gradients(out, z, gamma, beta)}


@probe()
def test_batchnorm_train_constant(impl, make):
    """a feature with the same value in the whole batch: result and gradients are finite and right

    某个特征在整个批次里取值相同：结果和梯度都有限且正确
    """
    z = with_constant(make, 4, 3, grad=True)
    gamma, beta = affine(make, 3, grad=True)
    out = impl.batchnorm_train(z, gamma, beta, EPS)
    return {"result": out, "gradients": gradients(out, z, gamma, beta)}


@probe()
def test_batchnorm_train_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.batchnorm_train(make.normal(2, 5).T, *affine(make, 2), 1.5)


@probe()
def test_batchnorm_train_one_feature(impl, make):
    """a single feature

    只有一个特征
    """
    return impl.batchnorm_train(make.normal(6, 1, shift=3), *affine(make, 1), 0.01)


# --- update_running_stats -------------------------------------------------------------------------


@probe(public=True)
def test_update_running_stats_first(impl, make):
    """one update from mean 0 and variance 1, with p = 0.9

    从均值 0、方差 1 出发，更新一次，p = 0.9
    """
    z = make.tensor([[1.0, 4.0, -2.0], [3.0, 0.0, -1.0]])
    return impl.update_running_stats(make.tensor([0, 0, 0]), make.tensor([1, 1, 1]), z, 0.9)


@probe(public=True)
def test_update_running_stats_batch(impl, make):
    """random averages and a random batch, p = 0.7

    随机的平均值和随机的批次，p = 0.7
    """
    z = make.normal(make.batch(5), 3, scale=2, shift=1)
    return impl.update_running_stats(make.normal(3), make.uniform(3, low=0.5, high=2), z, 0.7)


@probe(public=True, weight=2)
def test_update_running_stats_five(impl, make):
    """five updates with batches of different size and a changing p

    五次更新，批次大小各不相同，p 也在变
    """
    mu_bar, var_bar = make.tensor([0, 0, 0]), make.tensor([1, 1, 1])
    seen = {}
    for step, (n, p) in enumerate([(4, 0.9), (7, 0.5), (2, 0.8), (5, 0.25), (3, 0.99)], start=1):
        z = make.normal(n, 3, scale=step, shift=3 - step)
        mu_bar, var_bar = impl.update_running_stats(mu_bar, var_bar, z, p)
        seen[f"after update {step}"] = [mu_bar, var_bar]
    return seen


@probe()
def test_update_running_stats_extremes(impl, make):
    """p = 1 keeps the old values, p = 0 forgets them

    p = 1 保留旧值，p = 0 忘掉旧值
    """
    mu_bar, var_bar = make.normal(4), make.uniform(4, low=0.5, high=2)
    z = make.normal(3, 4)
    return {
        "p = 1": impl.update_running_stats(mu_bar, var_bar, z, 1),
        "p = 0": impl.update_running_stats(mu_bar, var_bar, z, 0),
    }


@probe()
def test_update_running_stats_square(impl, make):
    """as many samples as features

    样本数等于特征数
    """
    return impl.update_running_stats(make.normal(3), make.uniform(3, low=0.5, high=2), make.normal(3, 3), 0.6)


@probe()
def test_update_running_stats_no_gradient(impl, make):
    """the results require no gradient, even if the batch does

    即使批次需要梯度，结果也不需要
    """
    z = make.normal(4, 3, grad=True)
    results = impl.update_running_stats(make.normal(3), make.uniform(3, low=0.5, high=2), z * 2, 0.9)
    return {"values": [r.detach() for r in results], "require a gradient": [r.requires_grad for r in results]}


@probe()
def test_update_running_stats_constant(impl, make):
    """a feature with the same value in the whole batch, and one feature alone

    某个特征在整个批次里取值相同；以及只有一个特征
    """
    old = make.normal(3), make.uniform(3, low=0.5, high=2)
    return {
        "constant": impl.update_running_stats(*old, with_constant(make, 5, 3), 0.8),
        "one feature": impl.update_running_stats(old[0][:1], old[1][:1], make.normal(4, 1), 0.8),
    }


@probe()
def test_update_running_stats_transposed(impl, make):
    """a transposed batch, which is not contiguous in memory

    转置过的批次，它在内存中不连续
    """
    old = make.normal(2), make.uniform(2, low=0.5, high=2)
    return impl.update_running_stats(*old, make.normal(2, 6).T, 0.3)


# --- batchnorm_eval -------------------------------------------------------------------------------


@probe(public=True)
def test_batchnorm_eval_two_samples(impl, make):
    """γ = 1 and β = 0, with given statistics and a large ε

    γ = 1，β = 0，统计量给定，ε 很大
    """
    z = make.tensor([[5.0, 2.0, -1.0], [1.0, 0.0, 4.0]])
    stats = make.tensor([1.0, 2.0, 0.0]), make.tensor([3.0, 0.0, 8.0])
    return impl.batchnorm_eval(z, make.tensor([1, 1, 1]), make.tensor([0, 0, 0]), *stats, 1.0)


@probe(public=True)
def test_batchnorm_eval_batch(impl, make):
    """random samples, γ, β and statistics

    随机的样本、γ、β 和统计量
    """
    stats = make.normal(3), make.uniform(3, low=0.5, high=3)
    return impl.batchnorm_eval(make.normal(make.batch(5), 3, scale=2), *affine(make, 3), *stats, EPS)


@probe(public=True, weight=2)
def test_batchnorm_eval_one_sample(impl, make):
    """a single sample

    单个样本
    """
    stats = make.normal(4), make.uniform(4, low=0.5, high=3)
    return impl.batchnorm_eval(make.normal(1, 4), *affine(make, 4), *stats, EPS)


@probe()
def test_batchnorm_eval_square(impl, make):
    """as many samples as features

    样本数等于特征数
    """
    stats = make.normal(3), make.uniform(3, low=0.5, high=3)
    return impl.batchnorm_eval(make.normal(3, 3), *affine(make, 3), *stats, EPS)


@probe()
def test_batchnorm_eval_small_variance(impl, make):
    """small variances and a variance of 0, where ε counts most

    方差很小或为 0 时，ε 最要紧
    """
    stats = make.normal(4), make.tensor([0.0, 0.01, 0.0001, 1.0])
    return impl.batchnorm_eval(make.normal(3, 4), *affine(make, 4), *stats, 0.001)


@probe()
def test_batchnorm_eval_gradient(impl, make):
    """gradients with respect to z, γ and β

    对 z、γ 和 β 的梯度
    """
    z = make.normal(4, 3, grad=True)
    gamma, beta = affine(make, 3, grad=True)
    out = impl.batchnorm_eval(z, gamma, beta, make.normal(3), make.uniform(3, low=0.5, high=3), EPS)
    return gradients(out, z, gamma, beta)


@probe()
def test_batchnorm_eval_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    stats = make.normal(2), make.uniform(2, low=0.5, high=3)
    return impl.batchnorm_eval(make.normal(2, 5).T, *affine(make, 2), *stats, 1.5)


# --- BatchNorm1d ----------------------------------------------------------------------------------


@probe(public=True)
def test_BatchNorm1d_training(impl, make):
    """in training mode: normalised over the batch

    训练模式：在批次上归一化
    """
    layer = new_layer(impl, make, 3, eps=EPS)
    return run(impl, layer, make.normal(make.batch(2), 3, scale=2, shift=1))


@probe(public=True, dtypes=("float64",))
def test_BatchNorm1d_start(impl, make):
    """a new layer: its tensors, its parameters, its state_dict

    新建的层：各个张量、参数和 state_dict
    """
    layer = impl.BatchNorm1d(3)
    names = ("gamma", "beta", "mu_bar", "var_bar")
    state = layer.state_dict()
    return {
        **{name: getattr(layer, name).detach() for name in names},
        "parameters": sorted(name for name, _ in layer.named_parameters()),
        "state_dict": [name for name in names if name in state],
    }


@probe(public=True, weight=2)
def test_BatchNorm1d_five_batches(impl, make):
    """five training batches of different size move the averages

    五个大小不同的训练批次，推动滑动平均
    """
    layer = new_layer(impl, make, 3, p=0.8, eps=EPS)
    seen = {}
    for step, n in enumerate((4, 2, 7, 5, 3), start=1):
        out = run(impl, layer, make.normal(n, 3, scale=step, shift=3 - step))
        seen |= {f"result of batch {step}": out, **stats(layer, f"after batch {step}")}
    return seen


@probe(weight=2)
def test_BatchNorm1d_modes(impl, make):
    """evaluation mode uses the averages and leaves them alone; training mode goes on from there

    评估模式使用滑动平均，但不改动它；回到训练模式后继续更新
    """
    layer = new_layer(impl, make, 3, 0.7, EPS)
    set_affine(make, layer, 3)
    seen = {}
    for step, mode in enumerate(("train", "train", "eval", "eval", "train", "eval"), start=1):
        layer.train(mode == "train")
        z = make.normal(step + 1, 3, scale=2, shift=step)
        seen[f"result of call {step} ({mode})"] = run(impl, layer, z)
        seen |= stats(layer, f"after call {step} ({mode})")
    return seen


@probe()
def test_BatchNorm1d_eval_at_once(impl, make):
    """a new layer in evaluation mode, and a single sample

    新建的层直接进入评估模式；以及单个样本
    """
    layer = new_layer(impl, make, 4, eps=EPS).eval()
    set_affine(make, layer, 4)
    return {"batch": run(impl, layer, make.normal(3, 4)), "one sample": run(impl, layer, make.normal(1, 4))}


@probe()
def test_BatchNorm1d_batch_of_one(impl, make):
    """a training batch of one raises ValueError, and the averages stay as they were

    训练时批次里只有一个样本，抛出 ValueError，滑动平均不变
    """
    layer = new_layer(impl, make, 3, eps=EPS)
    run(impl, layer, make.normal(4, 3))
    return {"one sample": attempt(run, impl, layer, make.normal(1, 3)), **stats(layer, "afterwards")}


@probe(weight=2)
def test_BatchNorm1d_gradient(impl, make):
    """gradients in training mode, to z, γ and β, three times in a row

    训练模式下对 z、γ 和 β 的梯度，连续三次
    """
    layer = new_layer(impl, make, 3, eps=EPS)
    set_affine(make, layer, 3)
    seen = {}
    for step in (1, 2, 3):
        z = make.normal(step + 2, 3, grad=True)
        seen[f"batch {step}"] = gradients(run(impl, layer, z), z, layer.gamma, layer.beta)
    return seen


@probe()
def test_BatchNorm1d_gradient_eval(impl, make):
    """gradients in evaluation mode

    评估模式下的梯度
    """
    layer = new_layer(impl, make, 3, eps=EPS)
    set_affine(make, layer, 3)
    run(impl, layer, make.normal(5, 3, shift=1))
    layer.eval()
    z = make.normal(4, 3, grad=True)
    return gradients(run(impl, layer, z), z, layer.gamma, layer.beta)


@probe(dtypes=("float64",))
def test_BatchNorm1d_records(impl, make):
    """the averages require no gradient, even if the batch does

    即使批次需要梯度，滑动平均也不需要
    """
    layer = new_layer(impl, make, 3)
    for _ in range(2):
        run(impl, layer, make.normal(4, 3, grad=True) * 2)
    return {name: getattr(layer, name).requires_grad for name in ("mu_bar", "var_bar")}


@probe(dtypes=("float64",))
def test_BatchNorm1d_double(impl, make):
    """every tensor of the layer follows .double(), before and after a batch

    层里的每个张量都跟随 .double()，训练一个批次前后都是如此
    """
    layer = impl.BatchNorm1d(3).to(device=make.device)
    layer.double()
    names = ("gamma", "beta", "mu_bar", "var_bar")
    seen = {"before": {name: getattr(layer, name).detach().clone() for name in names}}
    run(impl, layer, make.normal(4, 3))
    layer.float()
    seen["after, as float"] = {name: getattr(layer, name).detach().clone() for name in names}
    return seen


@probe(weight=2)
def test_BatchNorm1d_state_dict(impl, make):
    """a saved layer, loaded into a new one, answers the same

    保存的层载入到新的层，回答相同
    """
    trained, fresh = new_layer(impl, make, 3, 0.6, EPS), new_layer(impl, make, 3, 0.6, EPS)
    set_affine(make, trained, 3)
    for _ in range(3):
        run(impl, trained, make.normal(5, 3, scale=2, shift=2))
    fresh.load_state_dict(trained.state_dict())
    fresh.eval()
    z = make.normal(4, 3)
    first = run(impl, fresh, z)
    fresh.train()
    run(impl, fresh, make.normal(6, 3))
    return {"loaded": first, **stats(fresh, "one batch later"), **stats(trained, "of the saved layer")}


@probe()
def test_BatchNorm1d_defaults(impl, make):
    """p = 0.9 and eps = 1e-5 where nothing else is said

    没有另行指定时，p = 0.9，eps = 1e-5
    """
    layer = new_layer(impl, make, 2)
    return {"result": run(impl, layer, make.normal(5, 2, scale=0.01)), **stats(layer, "after one batch")}


@probe()
def test_BatchNorm1d_two_layers(impl, make):
    """two layers of different width, side by side: each keeps its own averages

    两个宽度不同的层并存，各自保存自己的滑动平均
    """
    first, second = new_layer(impl, make, 4, 0.5, EPS), new_layer(impl, make, 2, 0.9, 0.1)
    run(impl, first, make.normal(3, 4, shift=2))
    run(impl, second, make.normal(5, 2, shift=-2))
    z = make.normal(6, 2)
    return {
        **stats(first, "of the first"),
        **stats(second, "of the second"),
        "second": run(impl, second.eval(), z),
    }


# --- batchnorm_backward ---------------------------------------------------------------------------


@probe(public=True)
def test_batchnorm_backward_two_samples(impl, make):
    """two samples, γ = 1, a large ε

    两个样本，γ = 1，ε 很大
    """
    z = make.tensor([[1.0, 4.0, -2.0], [3.0, 0.0, -1.0]])
    dout = make.tensor([[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]])
    return impl.batchnorm_backward(z, make.tensor([1, 1, 1]), dout, 3.0)


@probe(public=True)
def test_batchnorm_backward_batch(impl, make):
    """a random batch, with the three gradients dz, dγ, dβ

    随机的批次，三个梯度 dz、dγ、dβ
    """
    n = make.batch(5)
    z, dout = make.normal(n, 3, scale=2, shift=1), make.normal(n, 3)
    return impl.batchnorm_backward(z, affine(make, 3)[0], dout, EPS)


@probe(public=True)
def test_batchnorm_backward_uniform(impl, make):
    """the same gradient in every row: nothing reaches z

    每一行的梯度都相同：没有梯度传到 z
    """
    dout = make.tensor([[2.0, -1.0, 0.5]]).repeat(4, 1)
    return impl.batchnorm_backward(make.normal(4, 3), affine(make, 3)[0], dout, EPS)


@probe(weight=2)
def test_batchnorm_backward_along_z(impl, make):
    """a gradient proportional to z, of which little reaches z

    与 z 成比例的梯度，几乎传不到 z
    """
    z = make.normal(5, 3, shift=1)
    return impl.batchnorm_backward(z, affine(make, 3)[0], 2 * z + 1, EPS)


@probe()
def test_batchnorm_backward_one_sample(impl, make):
    """a batch of one

    只有一个样本的批次
    """
    return impl.batchnorm_backward(make.normal(1, 4), affine(make, 4)[0], make.normal(1, 4), EPS)


@probe()
def test_batchnorm_backward_square(impl, make):
    """as many samples as features

    样本数等于特征数
    """
    return impl.batchnorm_backward(make.normal(4, 4), affine(make, 4)[0], make.normal(4, 4), EPS)


@probe()
def test_batchnorm_backward_constant(impl, make):
    """a feature with the same value in the whole batch, and a γ of 0

    某个特征在整个批次里取值相同；以及某个 γ 为 0
    """
    gamma = make.tensor([0.0, 1.5, -2.0])
    return impl.batchnorm_backward(with_constant(make, 4, 3), gamma, make.normal(4, 3), EPS)


@probe()
def test_batchnorm_backward_small_eps(impl, make):
    """a small ε, and features of different size

    ε 很小，特征大小不一
    """
    z = make.normal(6, 4) * make.tensor([0.3, 1, 20, 3])
    return impl.batchnorm_backward(z, affine(make, 4)[0], make.normal(6, 4), 1e-5)


@probe()
def test_batchnorm_backward_transposed(impl, make):
    """transposed inputs, which are not contiguous in memory

    转置过的输入，它们在内存中不连续
    """
    return impl.batchnorm_backward(make.normal(2, 5).T, affine(make, 2)[0], make.normal(2, 5).T, 1.5)


# --- batchnorm2d ----------------------------------------------------------------------------------


@probe(public=True)
def test_batchnorm2d_tiny(impl, make):
    """two samples, three channels, one pixel

    两个样本，三个通道，一个像素
    """
    x = make.tensor([[1.0, 4.0, -2.0], [3.0, 0.0, -1.0]]).reshape(2, 3, 1, 1)
    return impl.batchnorm2d(x, make.tensor([1, 1, 1]), make.tensor([0, 0, 0]), 3.0)


@probe(public=True)
def test_batchnorm2d_batch(impl, make):
    """random images, γ and β

    随机的图像、γ 和 β
    """
    return impl.batchnorm2d(make.normal(make.batch(3), 2, 4, 5, shift=1), *affine(make, 2), EPS)


@probe(weight=2)
def test_batchnorm2d_gradient(impl, make):
    """the gradient flows through μ and σ² too

    梯度也要流过 μ 和 σ²
    """
    x = make.normal(2, 3, 4, 1, grad=True)
    gamma, beta = affine(make, 3, grad=True)
    return gradients(impl.batchnorm2d(x, gamma, beta, EPS), x, gamma, beta)


@probe()
def test_batchnorm2d_equal_sizes(impl, make):
    """as many channels as samples, rows and columns

    通道数、样本数、行数、列数都相等
    """
    return impl.batchnorm2d(make.normal(3, 3, 3, 3, scale=2), *affine(make, 3), EPS)


@probe()
def test_batchnorm2d_one_sample(impl, make):
    """a single image: the statistics are over its pixels

    只有一张图像：在它的像素上统计
    """
    return impl.batchnorm2d(make.normal(1, 4, 2, 3), *affine(make, 4), EPS)


@probe()
def test_batchnorm2d_channels_last(impl, make):
    """images whose channels lie last in memory

    通道在内存中排在最后的图像
    """
    return impl.batchnorm2d(make.normal(2, 3, 5, 4).permute(0, 3, 1, 2), *affine(make, 4), EPS)


@probe()
def test_batchnorm2d_constant(impl, make):
    """a channel with one value everywhere: result and gradients are finite and right

    某个通道处处取值相同：结果和梯度都有限且正确
    """
    x = make.normal(2, 3, 2, 2)
    x[:, 1] = 4.0
    x.requires_grad_()
    gamma, beta = affine(make, 3)
    out = impl.batchnorm2d(x, gamma, beta, EPS)
    return {"result": out, "gradient": gradients(out, x)}
