"""Implementations of lecture 3 that are right, and wrong ones that students write."""

import numpy as np
import torch
from torch.autograd import grad

from autograder.course import reference
from autograder.variant import equivalent, right, wrong

ref = reference("lecture03_critical_points")


# --- toy_loss_derivatives -----------------------------------------------------------------------------------


@right
def toy_loss_derivatives__multiplied_out(w1, w2):
    L = 1 - 2 * w1 * w2 + w1**2 * w2**2
    g = torch.stack((2 * w1 * w2**2 - 2 * w2, 2 * w1**2 * w2 - 2 * w1))
    H = torch.empty(2, 2, dtype=w1.dtype, device=w1.device)
    H[0, 0] = 2 * w2.square()
    H[1, 1] = 2 * w1.square()
    H[0, 1] = H[1, 0] = 4 * w1 * w2 - 2
    return L, g, H


@right
def toy_loss_derivatives__from_the_residual(w1, w2):
    """u = 1 − w1·w2 has the gradient −(w2, w1); H = 2·∇u ∇uᵀ + 2u·∇²u."""
    u = 1 - w1 * w2
    slope = -torch.stack([w2, w1])
    swap = 1 - torch.eye(2, dtype=w1.dtype, device=w1.device)
    return [u * u, 2 * u * slope, 2 * torch.outer(slope, slope) - 2 * u * swap]


@right
def toy_loss_derivatives__nested_rows(w1, w2):
    e = w1 * w2 - 1
    a, b, c = 2 * w2 * w2, 2 * e + 2 * w1 * w2, 2 * w1 * w1
    H = torch.stack([torch.stack([a, b]), torch.stack([b, c])])
    return e.pow(2), torch.stack([2 * e * w2, 2 * e * w1]), H


@wrong(
    en="The mixed derivative has lost a term: only the product of the two slopes of the bracket is "
    "there. At the origin it must be −2, and yours is 0.",
    zh="混合二阶导少了一项：只剩括号两个斜率的乘积。在原点它应当是 −2，你的却是 0。",
)
def toy_loss_derivatives__mixed_without_bracket(w1, w2):
    u = 1 - w1 * w2
    mixed = 2 * w1 * w2
    H = torch.stack([2 * w2**2, mixed, mixed, 2 * w1**2]).reshape(2, 2)
    return u**2, torch.stack([-2 * u * w2, -2 * u * w1]), H


@wrong(
    en="The mixed derivative treats the bracket as a constant: differentiate −2·(1 − w1·w2)·w2 by w2 "
    "with the product rule, both factors depend on w2. At w1 = 4, w2 = 0.25 it must not be 0.",
    zh="求混合二阶导时把括号当成了常数：−2·(1 − w1·w2)·w2 对 w2 求导要用乘积法则，两个因子里都有 w2。在"
    " w1 = 4、w2 = 0.25 处它不应该是 0。",
)
def toy_loss_derivatives__mixed_only_bracket(w1, w2):
    u = 1 - w1 * w2
    mixed = -2 * u
    H = torch.stack([2 * w2**2, mixed, mixed, 2 * w1**2]).reshape(2, 2)
    return u**2, torch.stack([-2 * u * w2, -2 * u * w1]), H


@wrong(
    en="The two terms of the mixed derivative have the wrong sign between them: at the origin it must "
    "be −2, and yours is 2.",
    zh="混合二阶导两项之间的符号错了：在原点它应当是 −2，你的是 2。",
)
def toy_loss_derivatives__mixed_sign(w1, w2):
    u = 1 - w1 * w2
    mixed = 2 * w1 * w2 + 2 * u
    H = torch.stack([2 * w2**2, mixed, mixed, 2 * w1**2]).reshape(2, 2)
    return u**2, torch.stack([-2 * u * w2, -2 * u * w1]), H


@wrong(
    en="The inner derivative of the bracket is missing in the gradient: 1 − w1·w2 falls when w1 grows "
    "(for w2 > 0), and by w2 per unit. Chain rule.",
    zh="梯度里漏了括号的内导数：w2 > 0 时，w1 增大，1 − w1·w2 是减小的，而且每单位减小 w2。请用链式法则。",
)
def toy_loss_derivatives__no_inner_derivative(w1, w2):
    _, _, H = ref.toy_loss_derivatives(w1, w2)
    u = 1 - w1 * w2
    return u**2, torch.stack([2 * u, 2 * u]), H


@wrong(
    en="The gradient has the wrong sign: it points downhill. Check with w1 = 1.5, w2 = −0.5: raise w1 a "
    "little and see whether L rises.",
    zh="梯度的符号反了：它指向了下坡。用 w1 = 1.5、w2 = −0.5 检查：把 w1 增大一点，看 L 是增还是减。",
)
def toy_loss_derivatives__gradient_sign(w1, w2):
    L, g, H = ref.toy_loss_derivatives(w1, w2)
    return L, -g, H


@wrong(
    en="The two slopes are swapped: ∂L/∂w1 comes first. How much L changes with w1 depends on the size "
    "of the other weight.",
    zh="两个斜率的位置反了：∂L/∂w1 应在前面。w1 变化时 L 变多少，取决于另一个权重的大小。",
)
def toy_loss_derivatives__gradient_swapped(w1, w2):
    u = 1 - w1 * w2
    return u**2, torch.stack([-2 * u * w1, -2 * u * w2]), ref.toy_loss_derivatives(w1, w2)[2]


@wrong(
    en="The diagonal of H is swapped: along w1 the loss bends with the square of the other weight.",
    zh="H 的对角线放反了：沿 w1 方向，损失的弯曲取决于另一个权重的平方。",
)
def toy_loss_derivatives__diagonal_swapped(w1, w2):
    L, g, H = ref.toy_loss_derivatives(w1, w2)
    return L, g, H.flip(0, 1)


@wrong(
    en="The factor 2 of the square is missing in gradient and Hessian: u² has the derivative 2u, not u.",
    zh="梯度和海塞矩阵里少了平方带来的因子 2：u² 的导数是 2u，不是 u。",
)
def toy_loss_derivatives__no_two(w1, w2):
    L, g, H = ref.toy_loss_derivatives(w1, w2)
    return L, g / 2, H / 2


@wrong(
    en="H holds the diagonal alone. w1 and w2 act on each other: the mixed derivatives are not zero.",
    zh="H 只有对角线。w1 和 w2 会相互影响：混合二阶导不是零。",
)
def toy_loss_derivatives__no_mixed(w1, w2):
    L, g, H = ref.toy_loss_derivatives(w1, w2)
    return L, g, torch.diag(H.diagonal())


@wrong(
    en="H is the outer product of the gradient with itself. That is built from first derivatives only: "
    "at the origin it is 0, and the true Hessian is not.",
    zh="你的 H 是梯度与自己的外积。那里面只有一阶导：在原点它是 0，真正的海塞矩阵却不是。",
)
def toy_loss_derivatives__outer_product(w1, w2):
    L, g, _ = ref.toy_loss_derivatives(w1, w2)
    return L, g, torch.outer(g, g)


@wrong(
    en="L is the bracket, not its square: at w1 = 1.5, w2 = −0.5 the loss is 1.75².",
    zh="L 返回的是括号本身，没有平方：在 w1 = 1.5、w2 = −0.5 处损失是 1.75²。",
)
def toy_loss_derivatives__not_squared(w1, w2):
    _, g, H = ref.toy_loss_derivatives(w1, w2)
    return 1 - w1 * w2, g, H


@wrong(
    en="The gradient has the shape (2, 1); a vector of shape (2,) is asked for.",
    zh="梯度的形状是 (2, 1)；要求的是形状 (2,) 的向量。",
)
def toy_loss_derivatives__column(w1, w2):
    L, g, H = ref.toy_loss_derivatives(w1, w2)
    return L, g.reshape(2, 1), H


@wrong(
    en="The results have become float32 whatever the inputs are: numbers taken out of tensors lose "
    "their dtype.",
    zh="不管输入是什么类型，结果都变成了 float32：把数从张量里取出来，就丢掉了 dtype。",
)
def toy_loss_derivatives__float32(w1, w2):
    a, b = float(w1), float(w2)
    u = 1 - a * b
    mixed = 2 * a * b - 2 * u
    H = torch.tensor([[2 * b * b, mixed], [mixed, 2 * a * a]])
    return torch.tensor(u * u), torch.tensor([-2 * u * b, -2 * u * a]), H


@wrong(
    en="This is automatic differentiation; here the formulas are to come from your own pencil.",
    zh="这是自动求导；这里要用你自己手算出的公式。",
)
def toy_loss_derivatives__autograd(w1, w2):
    theta = torch.stack([w1, w2]).requires_grad_()
    L = (1 - theta[0] * theta[1]) ** 2
    (g,) = grad(L, theta, create_graph=True)
    return L, g, torch.stack([grad(slope, theta, retain_graph=True)[0] for slope in g])


# --- numerical_gradient -------------------------------------------------------------------------------------


@right
def numerical_gradient__rows_of_the_identity(f, theta, h=1e-5):
    point = theta if theta.is_floating_point() else theta.double()
    moves = h * torch.eye(point.numel(), dtype=point.dtype, device=point.device)
    values = [f(point + m.reshape(point.shape)) - f(point - m.reshape(point.shape)) for m in moves]
    return (torch.stack(values) / (2 * h)).reshape(point.shape)


@right
def numerical_gradient__in_place_and_restored(f, theta, h=1e-5):
    t = theta.clone().float() if theta.dtype == torch.int64 else theta.clone()
    result = torch.zeros_like(t)
    for index in np.ndindex(*t.shape):
        old = t[index].item()
        t[index] = old + h
        above = f(t)
        t[index] = old - h
        below = f(t)
        t[index] = old
        result[index] = (above - below) / (2 * h)
    return result


@right
def numerical_gradient__argument_restored(f, theta, h=1e-5):
    """As CS231n writes it: in the argument itself, with the old value put back."""
    if not theta.is_floating_point():
        theta = theta * 1.0
    result = torch.empty_like(theta)
    for index in np.ndindex(*theta.shape):
        old = theta[index].clone()
        theta[index] = old + h
        above = f(theta)
        theta[index] = old - h
        below = f(theta)
        theta[index] = old
        result[index] = (above - below) / h / 2
    return result


@right
def numerical_gradient__mean_of_two_sides(f, theta, h=1e-5):
    theta = theta + 0.0
    here = f(theta)

    def one_sided(i, by):
        t = theta.clone(memory_format=torch.contiguous_format)
        t.view(-1)[i] += by
        return (f(t) - here) / by

    slopes = [(one_sided(i, h) + one_sided(i, -h)) / 2 for i in range(theta.numel())]
    return torch.stack(slopes).view(theta.shape)


@wrong(
    en="This looks to one side only. A forward difference is off by about h/2 times the curvature; for "
    "t² at 3 with h = 0.5 it says 6.5 instead of 6.",
    zh="你只看了一边。前向差分的误差约为 h/2 乘以弯曲程度；对 t² 在 3 处、h = 0.5，它给出 6.5 而不是 6。",
)
def numerical_gradient__forward(f, theta, h=1e-5):
    point = theta.flatten() if theta.is_floating_point() else theta.flatten().float()
    slopes = []
    for i in range(len(point)):
        moved = point.clone()
        moved[i] += h
        slopes.append((f(moved.reshape(theta.shape)) - f(point.reshape(theta.shape))) / h)
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="This looks to one side only, backwards: for t² at 3 with h = 0.5 it says 5.5 instead of 6.",
    zh="你只看了后面一边：对 t² 在 3 处、h = 0.5，它给出 5.5 而不是 6。",
)
def numerical_gradient__backward(f, theta, h=1e-5):
    point = theta.flatten() if theta.is_floating_point() else theta.flatten().float()
    slopes = []
    for i in range(len(point)):
        moved = point.clone()
        moved[i] -= h
        slopes.append((f(point.reshape(theta.shape)) - f(moved.reshape(theta.shape))) / h)
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="Every slope is twice what it should be: how far apart are the two points that you compare?",
    zh="每个斜率都是应有值的两倍：你比较的两个点相距多远？",
)
def numerical_gradient__over_h(f, theta, h=1e-5):
    return 2 * ref.numerical_gradient(f, theta, h)


@wrong(
    en="`… / 2 * h` divides by 2 and then multiplies by h. With a small h the slopes come out close to zero.",
    zh="`… / 2 * h` 是先除以 2，再乘以 h。h 很小时，斜率都接近零。",
)
def numerical_gradient__precedence(f, theta, h=1e-5):
    return ref.numerical_gradient(f, theta, h) * 2 * h / 2 * h


@wrong(
    en="The two sides are subtracted the wrong way round: all slopes have the wrong sign.",
    zh="两边相减的顺序反了：所有斜率的符号都是反的。",
)
def numerical_gradient__sign(f, theta, h=1e-5):
    return -ref.numerical_gradient(f, theta, h)


@wrong(
    en="All coordinates are moved together, so every entry is the same number (the sum of the slopes). "
    "Move one at a time.",
    zh="所有坐标一起动了，所以每个元素都是同一个数（各斜率之和）。一次只能动一个坐标。",
)
def numerical_gradient__all_at_once(f, theta, h=1e-5):
    point = theta if theta.is_floating_point() else theta.float()
    return torch.full_like(point, float(f(point + h) - f(point - h)) / (2 * h))


@wrong(
    en="One number for all coordinates came back, because all were moved together. A slope for each "
    "coordinate is asked for.",
    zh="所有坐标一起动了，只得到一个数。要求的是每个坐标各有一个斜率。",
)
def numerical_gradient__one_number(f, theta, h=1e-5):
    return (f(theta + h) - f(theta - h)) / (2 * h)


@wrong(
    en="theta is not what it was: the coordinates are moved in the argument itself and stay moved. "
    "Whoever called you goes on with other parameters.",
    zh="theta 被改掉了：你直接在参数上挪动坐标，没有放回去。调用者接下来用的就是另一组参数了。",
)
def numerical_gradient__left_moved(f, theta, h=1e-5):
    if not theta.is_floating_point():
        theta = theta.float()
    result = torch.zeros_like(theta)
    for index in np.ndindex(*theta.shape):
        theta[index] += h
        above = f(theta)
        theta[index] -= 2 * h
        below = f(theta)
        result[index] = (above - below) / (2 * h)
    return result


@wrong(
    en="theta is not exactly what it was: adding h, taking 2h away and adding h again leaves a rounding "
    "error in it. Keep the old value, or work on a copy.",
    zh="theta 和原来不完全一样：加 h、减 2h、再加 h，会留下舍入误差。请保存旧值，或者在副本上做。",
)
def numerical_gradient__moved_back_by_arithmetic(f, theta, h=1e-5):
    if not theta.is_floating_point():
        theta = theta.float()
    result = torch.zeros_like(theta)
    for index in np.ndindex(*theta.shape):
        theta[index] += h
        above = f(theta)
        theta[index] -= 2 * h
        below = f(theta)
        theta[index] += h
        result[index] = (above - below) / (2 * h)
    return result


@wrong(
    en="The moves add up: while coordinate 2 is measured, coordinate 1 is still displaced. The first entry "
    "is right; each later one also holds the slopes of those before it.",
    zh="挪动累积起来了：测第 2 个坐标时，第 1 个还停在挪过的位置。第一个元素是对的，"
    "后面每个都混进了前面那些坐标的斜率。",
)
def numerical_gradient__moves_add_up(f, theta, h=1e-5):
    point = theta.flatten() if theta.is_floating_point() else theta.flatten().float()
    above, below = point.clone(), point.clone()
    slopes = []
    for i in range(len(point)):
        above[i] += h
        below[i] -= h
        slopes.append((f(above.reshape(theta.shape)) - f(below.reshape(theta.shape))) / (2 * h))
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="Whole-number parameters are not moved: in an integer tensor h = 0.5 is cut to 0, and the "
    "difference vanishes.",
    zh="整数参数没有被挪动：在整数张量里 h = 0.5 被截成了 0，差值就消失了。",
)
def numerical_gradient__integers_truncated(f, theta, h=1e-5):
    slopes = []
    for i in range(theta.numel()):
        move = torch.zeros_like(theta).flatten()
        move[i] = h
        move = move.reshape(theta.shape)
        slopes.append((f(theta + move) - f(theta - move)) / (2 * h))
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="The slopes of whole-number parameters are cut to whole numbers: the result was made in the "
    "integer dtype of theta.",
    zh="整数参数的斜率被截成了整数：结果张量用了 theta 的整数类型。",
)
def numerical_gradient__integer_result(f, theta, h=1e-5):
    return ref.numerical_gradient(f, theta, h).to(theta.dtype)


@wrong(
    en="The h that was given is not used: the result is that of another, fixed h.",
    zh="没有用传入的 h：结果是另一个固定的 h 算出来的。",
)
def numerical_gradient__h_ignored(f, theta, h=1e-5):
    return ref.numerical_gradient(f, theta, 1e-5)


@wrong(
    en="The move is h times the size of the coordinate, not h: at −3 with h = 0.1 you went 0.3 to each side.",
    zh="你挪动的是 h 乘以坐标的大小，而不是 h：在 −3 处、h = 0.1 时，你往两边各走了 0.3。",
)
def numerical_gradient__relative_move(f, theta, h=1e-5):
    point = theta.flatten() if theta.is_floating_point() else theta.flatten().float()
    slopes = []
    for i in range(len(point)):
        by = h * max(1.0, abs(float(point[i])))
        move = torch.zeros_like(point)
        move[i] = by
        above, below = f((point + move).reshape(theta.shape)), f((point - move).reshape(theta.shape))
        slopes.append((above - below) / (2 * by))
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="In a matrix whole rows are moved at once: every entry is a coordinate of its own, `theta[0]` is "
    "a row of them.",
    zh="参数是矩阵时，你一次挪动了整行：每个元素才是一个坐标，`theta[0]` 是一整行。",
)
def numerical_gradient__whole_rows(f, theta, h=1e-5):
    point = theta if theta.is_floating_point() else theta.float()
    result = torch.zeros_like(point)
    for i in range(len(point)):
        move = torch.zeros_like(point)
        move[i] = h
        result[i] = (f(point + move) - f(point - move)) / (2 * h)
    return result


@wrong(
    en="The result is flat: it must have the shape of theta, entry by entry.",
    zh="结果被展平了：它的形状必须与 theta 相同，逐个元素对应。",
)
def numerical_gradient__flat(f, theta, h=1e-5):
    return ref.numerical_gradient(f, theta, h).flatten()


@wrong(
    en="The slopes come back as float32 whatever theta is: a new tensor of zeros or of Python numbers "
    "needs theta's dtype.",
    zh="不管 theta 是什么类型，斜率都成了 float32：新建全零张量或由 Python 数建张量时，要用 theta 的 dtype。",
)
def numerical_gradient__float32(f, theta, h=1e-5):
    return ref.numerical_gradient(f, theta, h).float()


@wrong(
    en="Parameters that are not contiguous in memory are never moved: reshape(-1) of such a tensor is a "
    "copy, and the write goes into the copy. The slopes come out as zero.",
    zh="参数在内存中不连续时根本没有被挪动：这种张量的 reshape(-1) 是一份副本，写进去的是副本。斜率全成"
    "了零。",
)
def numerical_gradient__writes_into_a_copy(f, theta, h=1e-5):
    point = theta if theta.is_floating_point() else theta.float()
    slopes = []
    for i in range(theta.numel()):
        above, below = point.clone(), point.clone()
        above.reshape(-1)[i] += h
        below.reshape(-1)[i] -= h
        slopes.append((f(above) - f(below)) / (2 * h))
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="theta is a transpose here, not contiguous in memory (the literal is; `theta.T.contiguous().T` is not), and "
    "`view` refuses such a tensor. `clone` and `zeros_like` keep its order in memory.",
    zh="这里的 theta 是一个转置，内存不连续（上面的字面量是连续的，`theta.T.contiguous().T` 才不连续）；"
    "`view` 不接受这样的张量，而 `clone` 和 `zeros_like` 会保留它的内存次序。",
)
def numerical_gradient__view(f, theta, h=1e-5):
    point = theta if theta.is_floating_point() else theta.float()
    result = torch.zeros_like(point)
    for i in range(theta.numel()):
        move = torch.zeros_like(point)
        move.view(-1)[i] = h
        result.view(-1)[i] = (f(point + move) - f(point - move)) / (2 * h)
    return result


@wrong(
    en="This is the second difference, f(θ+h) − 2f(θ) + f(θ−h) over h²: it measures the bend, not the slope.",
    zh="这是二阶差分 (f(θ+h) − 2f(θ) + f(θ−h)) / h²：它量的是弯曲，不是斜率。",
)
def numerical_gradient__second_difference(f, theta, h=1e-5):
    point = theta.flatten() if theta.is_floating_point() else theta.flatten().float()
    slopes = []
    for i in range(len(point)):
        move = torch.zeros_like(point)
        move[i] = h
        above, below = f((point + move).reshape(theta.shape)), f((point - move).reshape(theta.shape))
        slopes.append((above - 2 * f(point.reshape(theta.shape)) + below) / h**2)
    return torch.stack(slopes).reshape(theta.shape)


@wrong(
    en="This is automatic differentiation; the task is to try: move each coordinate and look how f changes.",
    zh="这是自动求导；题目要的是“试”：挪动每个坐标，看 f 怎么变。",
)
def numerical_gradient__autograd(f, theta, h=1e-5):
    point = theta.detach().float() if not theta.is_floating_point() else theta.detach()
    point = point.clone().requires_grad_()
    return grad(f(point), point)[0]


# --- hessian ------------------------------------------------------------------------------------------------


@right
def hessian__one_entry_at_a_time(f, theta):
    t = theta.clone().requires_grad_(True)
    g = grad(f(t), t, create_graph=True)[0]
    d = len(theta)
    H = torch.zeros(d, d, dtype=theta.dtype, device=theta.device)
    for i in range(d):
        row = grad(g[i], t, retain_graph=True)[0]
        for j in range(d):
            H[i, j] = row[j]
    return H


@right
def hessian__backward(f, theta):
    t = theta.detach().clone()
    t.requires_grad = True
    first = grad(f(t), t, create_graph=True)[0]
    H = theta.new_zeros(len(theta), len(theta))
    for i in range(len(theta)):
        t.grad = None
        first[i].backward(retain_graph=True)
        H[:, i] = t.grad
    return H


@right
def hessian__rows_recomputed(f, theta):
    rows = []
    for i in range(theta.numel()):
        t = theta.detach().requires_grad_()
        (g,) = grad(f(t), t, create_graph=True)
        rows.append(grad(g[i], t)[0])
    H = torch.stack(rows)
    return (H + H.T) / 2


@right
def hessian__unit_vectors(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    directions = torch.eye(t.numel(), dtype=t.dtype, device=t.device)
    return torch.vstack([grad(g, t, grad_outputs=e, retain_graph=True)[0] for e in directions]).detach()


@right
def hessian__batched(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    directions = torch.eye(t.numel(), dtype=t.dtype, device=t.device)
    return grad(g, t, directions, is_grads_batched=True)[0]


@wrong(
    en="Only the diagonal is there: the mixed derivatives, how one parameter's slope changes with "
    "another, are all zero.",
    zh="只有对角线：混合导数（一个参数的斜率怎样随另一个参数变化）全成了零。",
)
def hessian__diagonal_only(f, theta):
    return torch.diag(ref.hessian(f, theta).diagonal())


@wrong(
    en="This is the outer product of the gradient with itself (Gauss-Newton), not the second "
    "derivative. At a critical point it is all zeros, and the Hessian is not.",
    zh="这是梯度与自己的外积（高斯-牛顿），不是二阶导。在临界点上它全是零，海塞矩阵却不是。",
)
def hessian__outer_product(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t)
    return torch.outer(g, g)


@wrong(
    en="Below the diagonal there are zeros. A Hessian is symmetric: H[i][j] = H[j][i].",
    zh="对角线下方全是零。海塞矩阵是对称的：H[i][j] = H[j][i]。",
)
def hessian__upper_only(f, theta):
    return ref.hessian(f, theta).triu()


@wrong(
    en="H is mirrored by adding its transpose, which counts every entry twice.",
    zh="用“加上转置”来对称化，每个元素都算了两遍。",
)
def hessian__doubled(f, theta):
    H = ref.hessian(f, theta)
    return H + H.T


@wrong(
    en="Mirroring the upper triangle counted the diagonal twice: every H[i][i] is doubled, the rest is "
    "right.",
    zh="把上三角镜像过去时，对角线算了两遍：每个 H[i][i] 都是两倍，其余是对的。",
)
def hessian__diagonal_twice(f, theta):
    upper = ref.hessian(f, theta).triu()
    return upper + upper.T


@wrong(
    en="Every entry is half of the second derivative. The ½ belongs to the Taylor formula, not to the "
    "Hessian.",
    zh="每个元素都只有二阶导的一半。½ 属于泰勒公式，不属于海塞矩阵。",
)
def hessian__half(f, theta):
    return ref.hessian(f, theta) / 2


@wrong(
    en="The first gradient carries no graph, so it cannot be differentiated again: autograd has to be "
    "told to keep one.",
    zh="第一次的梯度没有计算图，所以不能再求导：要告诉 autograd 保留一张计算图。",
)
def hessian__no_graph(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t)
    return torch.stack([grad(slope, t, retain_graph=True)[0] for slope in g])


@wrong(
    en="After the first row the graph is gone: autograd frees it unless it is told to retain it, and "
    "the second row raises.",
    zh="求完第一行，计算图就没了：不要求保留的话，autograd 会把它释放，求第二行时就报错。",
)
def hessian__graph_freed(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    return torch.stack([grad(slope, t)[0] for slope in g])


@wrong(
    en="Row after row adds up: .grad accumulates, so each row holds the sum of all rows before it. The "
    "first row is right.",
    zh="一行一行累加起来了：.grad 会累积，每一行都是前面所有行的和。只有第一行是对的。",
)
def hessian__accumulates(f, theta):
    t = theta.detach().clone().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    rows = []
    for slope in g:
        slope.backward(retain_graph=True)
        rows.append(t.grad.clone())
    return torch.stack(rows)


@wrong(
    en="The first gradient is still in .grad when the second one is added to it: every row is off by "
    "the gradient.",
    zh="求二阶导时，.grad 里还留着第一次的梯度，加到了一起：每一行都多出一个梯度。",
)
def hessian__gradient_left_over(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    return torch.stack([grad(slope, t, retain_graph=True)[0] for slope in g]) + g


@wrong(
    en="The components of the gradient were summed before the second differentiation: out comes one "
    "vector, the row sums of H, and not the matrix.",
    zh="第二次求导之前把梯度的各分量加了起来：得到的是一个向量（H 各行之和），不是矩阵。",
)
def hessian__row_sums(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    return grad(g.sum(), t)[0]


@wrong(
    en="The components of the gradient were summed before the second differentiation, and the row sums of H "
    "now stand on a diagonal. Each component needs a differentiation of its own.",
    zh="第二次求导之前把梯度的各分量加了起来，于是 H 各行之和被放到了对角线上。每个分量都要单独求一次导。",
)
def hessian__row_sums_on_diagonal(f, theta):
    t = theta.detach().requires_grad_()
    (g,) = grad(f(t), t, create_graph=True)
    return torch.diag(grad(g.sum(), t)[0])


@wrong(
    en="These are first derivatives. A matrix is asked for: how each slope changes with each parameter.",
    zh="这只是一阶导。要求的是矩阵：每个斜率随每个参数怎样变化。",
)
def hessian__gradient(f, theta):
    t = theta.detach().requires_grad_()
    return grad(f(t), t)[0]


@wrong(
    en="This is a Hessian by difference quotients. It is close, but not exact: where the function "
    "oscillates it is visibly off, and in float32 it is noise. Differentiate twice instead.",
    zh="这是用差商求的海塞矩阵。它接近，但不精确：函数剧烈振荡时明显不对，在 float32 里更是噪声。请求导"
    "两次。",
)
def hessian__differences(f, theta, h=1e-5):
    rows = []
    for i in range(len(theta)):
        slopes = []
        for sign in (1, -1):
            t = theta.detach().clone()
            t[i] += sign * h
            t.requires_grad_()
            slopes.append(grad(f(t), t)[0])
        rows.append((slopes[0] - slopes[1]) / (2 * h))
    return torch.stack(rows)


@wrong(
    en="The matrix is float32 whatever theta is: a new tensor of zeros needs theta's dtype.",
    zh="不管 theta 是什么类型，矩阵都是 float32：新建全零张量时要用 theta 的 dtype。",
)
def hessian__float32(f, theta):
    H = torch.zeros(len(theta), len(theta))
    H[:] = ref.hessian(f, theta)
    return H


@wrong(
    en="A list of rows came back; a tensor of shape (d, d) is asked for.",
    zh="返回的是由各行组成的列表；要求的是形状 (d, d) 的张量。",
)
def hessian__list_of_rows(f, theta):
    return list(ref.hessian(f, theta))


@wrong(
    en="This is the library's own Hessian; build it yourself from two differentiations.",
    zh="这是库里现成的海塞矩阵；请自己用两次求导得到它。",
)
def hessian__library(f, theta):
    return torch.autograd.functional.hessian(f, theta)


# --- taylor2 ------------------------------------------------------------------------------------------------


@right
def taylor2__einsum(L0, g, H, delta):
    return L0 + torch.einsum("i,i->", delta, g) + 0.5 * torch.einsum("i,ij,j->", delta, H, delta)


@right
def taylor2__factored(L0, g, H, delta):
    """δᵀ(g + ½Hδ): the slope half-way."""
    return L0 + torch.dot(delta, g + torch.mv(H, delta) / 2)


@right
def taylor2__columns(L0, g, H, delta):
    d = delta.reshape(-1, 1)
    return (L0 + d.T @ g.reshape(-1, 1) + 0.5 * d.T @ H @ d).squeeze()


@right
def taylor2__loops(L0, g, H, delta):
    total = L0
    for i in range(len(delta)):
        total = total + g[i] * delta[i]
        for j in range(len(delta)):
            total = total + 0.5 * H[i, j] * delta[i] * delta[j]
    return total


@right
def taylor2__outer(L0, g, H, delta):
    return L0 + (g * delta).sum() + (H * torch.outer(delta, delta)).sum() / 2


@wrong(
    en="The curvature counts twice: with L0 = 0, g = 0 and H the identity, the answer is half the "
    "squared length of δ.",
    zh="弯曲那一项大了一倍：取 L0 = 0、g = 0、H 为单位矩阵，答案应是 δ 长度平方的一半。",
)
def taylor2__no_half(L0, g, H, delta):
    return L0 + delta @ g + delta @ H @ delta


@wrong(
    en="The slope is missing: with H = 0 the prediction must still change with δ.",
    zh="少了斜率那一项：H = 0 时，预测值仍应随 δ 变化。",
)
def taylor2__no_linear(L0, g, H, delta):
    return L0 + delta @ H @ delta / 2


@wrong(
    en="The value at θ' is missing: without a step, δ = 0, the prediction is where you stand.",
    zh="少了 θ' 处的值：不走的话（δ = 0），预测值就是脚下的高度。",
)
def taylor2__no_constant(L0, g, H, delta):
    return delta @ g + delta @ H @ delta / 2


@wrong(
    en="The curvature is missing: this is the first-order prediction, a straight line.",
    zh="少了弯曲那一项：这只是一阶预测，一条直线。",
)
def taylor2__no_curvature(L0, g, H, delta):
    return L0 + delta @ g


@wrong(
    en="Only the diagonal of H is used: two parameters that move together also meet in the entries "
    "beside it.",
    zh="只用了 H 的对角线：两个参数一起动时，对角线以外的元素也起作用。",
)
def taylor2__elementwise(L0, g, H, delta):
    return L0 + (delta * g).sum() + (H.diagonal() * delta**2).sum() / 2


@wrong(
    en="The slope enters with the wrong sign: δ is θ − θ', from the known point to the new one.",
    zh="斜率那一项的符号反了：δ 是 θ − θ'，从已知点指向新的点。",
)
def taylor2__sign(L0, g, H, delta):
    return L0 - delta @ g + delta @ H @ delta / 2


@wrong(
    en="The ½ stands before both terms; only the curvature has it.",
    zh="½ 乘到了两项上；只有弯曲那一项有它。",
)
def taylor2__half_everywhere(L0, g, H, delta):
    return L0 + (delta @ g + delta @ H @ delta) / 2


@wrong(
    en="The curvature is subtracted. A positive curvature lifts the prediction above the straight line.",
    zh="弯曲那一项被减掉了。正的弯曲应该把预测抬到直线的上方。",
)
def taylor2__curvature_subtracted(L0, g, H, delta):
    return L0 + delta @ g - delta @ H @ delta / 2


@wrong(
    en="δ enters the curvature only once: doubling the step must make that term four times as large. "
    "(And a number is asked for: H @ δ is still a vector.)",
    zh="δ 在弯曲那一项里只出现了一次：步子加倍，这一项应变成四倍。（而且要求的是一个数，H @ δ 还是向量。）",
)
def taylor2__one_delta(L0, g, H, delta):
    return L0 + delta @ g + (H @ delta).sum() / 2


@wrong(
    en="The curvature term uses the squares of δ with whole rows of H: entry (i, j) belongs to δ_i·δ_j, "
    "not to δ_j².",
    zh="弯曲那一项用 δ 的平方去乘 H 的整行：元素 (i, j) 对应的是 δ_i·δ_j，不是 δ_j²。",
)
def taylor2__squares(L0, g, H, delta):
    return L0 + delta @ g + (H @ delta**2).sum() / 2


@wrong(
    en="A vector comes back: δ * g multiplies entry by entry, and the products were not added up. A "
    "number is asked for.",
    zh="返回的是向量：δ * g 是逐元素相乘，没有把乘积加起来。要求的是一个数。",
)
def taylor2__not_summed(L0, g, H, delta):
    return L0 + delta * g + delta * (H @ delta) / 2


@wrong(
    en="The result has the shape (1, 1); a 0-dim tensor is asked for.",
    zh="结果的形状是 (1, 1)；要求的是 0 维张量。",
)
def taylor2__one_by_one(L0, g, H, delta):
    return ref.taylor2(L0, g, H, delta).reshape(1, 1)


@wrong(
    en="The result is a plain Python number: no gradient can flow back through it.",
    zh="结果是普通的 Python 数：梯度没法从它流回去。",
)
def taylor2__item(L0, g, H, delta):
    return ref.taylor2(L0, g, H, delta).item()


@wrong(
    en="The value is right, but detached: no gradient flows back to L0, g and δ.",
    zh="值是对的，但被截断了：梯度流不回 L0、g 和 δ。",
)
def taylor2__detached(L0, g, H, delta):
    return ref.taylor2(L0.detach(), g.detach(), H.detach(), delta.detach())


@wrong(
    en="The gradient sees the curvature as a constant: part of δ is detached, so its slope misses Hδ.",
    zh="求导时弯曲那一项被当成了常数：有一部分 δ 被截断了，斜率里少了 Hδ。",
)
def taylor2__curvature_detached(L0, g, H, delta):
    still = delta.detach()
    return L0 + delta @ g + still @ H @ still / 2


# --- classify_critical_point --------------------------------------------------------------------------------


@right
def classify_critical_point__by_counting(H, tol=1e-6):
    values = torch.linalg.eigh(H)[0].tolist()
    positive = len([v for v in values if v > tol])
    negative = len([v for v in values if v < -tol])
    if positive and negative:
        return "saddle"
    if positive == len(values):
        return "minimum"
    if negative == len(values):
        return "maximum"
    return "degenerate"


@right
def classify_critical_point__by_extremes(H, tol=1e-6):
    values = torch.linalg.eigvals(H).real
    low, high = values.min().item(), values.max().item()
    if low < -tol and high > tol:
        return "saddle"
    return "minimum" if low > tol else "maximum" if high < -tol else "degenerate"


@right
def classify_critical_point__numpy_signs(H, tol=1e-6):
    values = np.linalg.eigvalsh(H.detach().cpu().numpy())
    signs = set(np.where(np.abs(values) <= tol, 0, np.sign(values)).astype(int).tolist())
    if {1, -1} <= signs:
        return "saddle"
    return {frozenset([1]): "minimum", frozenset([-1]): "maximum"}.get(frozenset(signs), "degenerate")


@wrong(
    en="A zero eigenvalue passes for a positive one: diag(2, 0) is called a minimum, but x² − y⁴ has "
    "that Hessian, too.",
    zh="零特征值被当成了正的：diag(2, 0) 被判为极小值，可 x² − y⁴ 的海塞矩阵也是它。",
)
def classify_critical_point__nonstrict(H, tol=1e-6):
    values = torch.linalg.eigvalsh(H)
    if (values >= -tol).all():
        return "minimum"
    if (values <= tol).all():
        return "maximum"
    return "saddle"


@wrong(
    en='"Neither positive nor negative definite" is not yet a saddle (here the notes slip): with zero '
    "eigenvalues and only one sign beside them, the second order does not know.",
    zh="“既不是正定也不是负定”还不等于鞍点（笔记在这里有疏漏）：有零特征值、其余又只有一种符号时，二阶信"
    "息不足。",
)
def classify_critical_point__not_definite_is_saddle(H, tol=1e-6):
    values = torch.linalg.eigvalsh(H)
    if (values > tol).all():
        return "minimum"
    if (values < -tol).all():
        return "maximum"
    return "saddle"


@wrong(
    en="tol is not used: an eigenvalue of 1e−8 is rounding, and it decides your answer.",
    zh="没有用 tol：1e−8 的特征值只是舍入误差，却决定了你的答案。",
)
def classify_critical_point__no_tol(H, tol=1e-6):
    return ref.classify_critical_point(H, 0.0)


@wrong(
    en="The tol that is given is ignored: the answer is always that for one fixed tolerance.",
    zh="传入的 tol 被忽略了：答案总是按同一个固定的容差给出。",
)
def classify_critical_point__fixed_tol(H, tol=1e-6):
    return ref.classify_critical_point(H, 1e-6)


@wrong(
    en="tol is measured against the largest eigenvalue. It is meant as an absolute number: with tol = "
    "0.1 an eigenvalue of 0.3 is positive, however large the others are.",
    zh="你把 tol 当成了相对最大特征值的比例。它是绝对的数：tol = 0.1 时，0.3 就是正的，不管其他特征值多大。",
)
def classify_critical_point__relative_tol(H, tol=1e-6):
    return ref.classify_critical_point(H, tol * float(torch.linalg.eigvalsh(H).abs().max()))


@wrong(
    en="Minimum and maximum are swapped: a positive eigenvalue is a direction in which the loss rises.",
    zh="极小值和极大值反了：特征值为正，说明沿那个方向损失是上升的。",
)
def classify_critical_point__swapped(H, tol=1e-6):
    answer = ref.classify_critical_point(H, tol)
    return {"minimum": "maximum", "maximum": "minimum"}.get(answer, answer)


@wrong(
    en="The diagonal is read instead of the eigenvalues: [[1, 2], [2, 1]] looks like a minimum and is a "
    "saddle.",
    zh="你看的是对角线而不是特征值：[[1, 2], [2, 1]] 看起来像极小值，其实是鞍点。",
)
def classify_critical_point__diagonal(H, tol=1e-6):
    return ref.classify_critical_point(torch.diag(H.diagonal()), tol)


@wrong(
    en="The signs of the entries of H are read instead of those of the eigenvalues: a matrix with a "
    "negative entry can well be positive definite.",
    zh="你看的是 H 各元素的正负，而不是特征值的正负：含负元素的矩阵完全可能是正定的。",
)
def classify_critical_point__entries(H, tol=1e-6):
    above, below = H.gt(tol), H.lt(-tol)
    if above.all():
        return "minimum"
    if below.all():
        return "maximum"
    return "saddle" if above.any() and below.any() else "degenerate"


@wrong(
    en="Determinant and trace settle the question for two parameters only: with two negative and two "
    "positive eigenvalues the determinant is positive as well.",
    zh="行列式和迹只够判断两个参数的情形：两个特征值为负、两个为正时，行列式同样是正的。",
)
def classify_critical_point__determinant(H, tol=1e-6):
    determinant = torch.linalg.det(H)
    if abs(determinant) <= tol:
        return "degenerate"
    if len(H) > 1 and determinant < 0:
        return "saddle"
    return "minimum" if H.trace() > 0 else "maximum"


@wrong(
    en="One zero eigenvalue makes everything degenerate for you. Up in one direction and down in "
    "another is a saddle, whatever the third does.",
    zh="在你这里只要有一个零特征值就是退化。可一个方向向上、另一个方向向下，就已经是鞍点，不管第三个怎样。",
)
def classify_critical_point__any_zero_is_degenerate(H, tol=1e-6):
    values = torch.linalg.eigvalsh(H)
    if (values.abs() <= tol).any():
        return "degenerate"
    return ref.classify_critical_point(H, tol)


@wrong(
    en="One positive eigenvalue is enough for your minimum; all of them have to be positive.",
    zh="只要有一个正特征值，你就判为极小值；必须全部为正才行。",
)
def classify_critical_point__any_instead_of_all(H, tol=1e-6):
    values = torch.linalg.eigvalsh(H)
    if (values > tol).any():
        return "minimum"
    if (values < -tol).any():
        return "maximum"
    return "degenerate"


@wrong(
    en="The sum of the eigenvalues decides: one large positive eigenvalue outweighs a negative one, "
    "which is still a way down.",
    zh="你看的是特征值之和：一个大的正特征值盖过了负的那个，而负的那个仍是一条下山的路。",
)
def classify_critical_point__trace(H, tol=1e-6):
    total = torch.linalg.eigvalsh(H).sum()
    if total > tol:
        return "minimum"
    return "maximum" if total < -tol else "saddle"


@wrong(
    en="The singular values are always ≥ 0: they forget whether a direction leads up or down, so you "
    "see minima everywhere.",
    zh="奇异值永远 ≥ 0：它忘掉了方向是向上还是向下，所以你到处看到的都是极小值。",
)
def classify_critical_point__singular_values(H, tol=1e-6):
    return "minimum" if (torch.linalg.svdvals(H) > tol).all() else "degenerate"


@wrong(
    en='There is no fourth answer: a zero matrix, or diag(2, 0), must be "degenerate".',
    zh='缺了第四种答案：零矩阵或 diag(2, 0) 应当返回 "degenerate"。',
)
def classify_critical_point__no_answer(H, tol=1e-6):
    answer = ref.classify_critical_point(H, tol)
    return None if answer == "degenerate" else answer


@wrong(
    en="The case is right, its name is not: exactly \"minimum\", \"maximum\", \"saddle\" or \"degenerate\" is "
    "asked for, without further words.",
    zh='判断是对的，名字不对：必须恰好是 "minimum"、"maximum"、"saddle" 或 "degenerate"，不加别的词。',
)
def classify_critical_point__longer_names(H, tol=1e-6):
    longer = {"minimum": "local minimum", "maximum": "local maximum", "saddle": "saddle point"}
    answer = ref.classify_critical_point(H, tol)
    return longer.get(answer, answer)


@wrong(
    en="The case is right, its name is not: the answers are asked for in small letters.",
    zh="判断是对的，名字不对：要求的是小写字母。",
)
def classify_critical_point__capital_letters(H, tol=1e-6):
    return ref.classify_critical_point(H, tol).capitalize()


# --- minimum_ratio ------------------------------------------------------------------------------------------


@right
def minimum_ratio__mean_of_mask(H):
    return (torch.linalg.eigvalsh(H) > 0).to(H.dtype).mean()


@right
def minimum_ratio__general_solver(H):
    values = torch.linalg.eigvals(H).real
    return torch.count_nonzero(values > 0) / values.numel()


@right
def minimum_ratio__python_count(H):
    values, _ = torch.linalg.eigh(H)
    return sum(1 for v in values if v > 0) / H.shape[0]


@right
def minimum_ratio__with_tolerance(H):
    """Rounding counts as zero."""
    return float((torch.linalg.eigvalsh(H) > 1e-6).double().mean())


@wrong(
    en="The negative eigenvalues are counted: a minimum gets the ratio 0.",
    zh="你数的是负特征值：极小值的比例成了 0。",
)
def minimum_ratio__negative(H):
    return float((torch.linalg.eigvalsh(H) < 0).double().mean())


@wrong(
    en="Zeros are counted as positive: the zero matrix gets the ratio 1.",
    zh="零也被当成正的：零矩阵的比例成了 1。",
)
def minimum_ratio__nonnegative(H):
    return float((torch.linalg.eigvalsh(H) >= 0).double().mean())


@wrong(
    en="The diagonal is counted instead of the eigenvalues: [[1, 2], [2, 1]] has the ratio 1/2, not 1.",
    zh="你数的是对角线而不是特征值：[[1, 2], [2, 1]] 的比例是 1/2，不是 1。",
)
def minimum_ratio__diagonal(H):
    return float((H.diagonal() > 0).double().mean())


@wrong(
    en="All entries of H are counted; the ratio is about its eigenvalues.",
    zh="你数的是 H 的所有元素；比例说的是特征值。",
)
def minimum_ratio__entries(H):
    return float((H > 0).double().mean())


@wrong(
    en="This is the number of positive eigenvalues; a share of all of them is asked for.",
    zh="这是正特征值的个数；要求的是它占全部的比例。",
)
def minimum_ratio__count(H):
    return int((torch.linalg.eigvalsh(H) > 0).sum())


@wrong(
    en="Zeros are left out below the line: diag(3, −1, 0, 0) has the ratio 1/4, not 1/2.",
    zh="分母里漏了零：diag(3, −1, 0, 0) 的比例是 1/4，不是 1/2。",
)
def minimum_ratio__over_nonzero(H):
    values = torch.linalg.eigvalsh(H)
    return float((values > 0).sum() / (values != 0).sum().clamp(min=1))


@wrong(
    en="Positive over negative is another ratio: it must be a share of all eigenvalues and never exceeds 1.",
    zh="正的除以负的是另一种比：要求的是占全部特征值的比例，不会超过 1。",
)
def minimum_ratio__over_negative(H):
    values = torch.linalg.eigvalsh(H)
    return float((values > 0).sum()) / max(1, int((values < 0).sum()))


@wrong(
    en="The count is divided by d², the number of entries; there are only d eigenvalues.",
    zh="除的是 d²，即元素的个数；特征值只有 d 个。",
)
def minimum_ratio__over_entries(H):
    return float((torch.linalg.eigvalsh(H) > 0).sum()) / H.numel()


@wrong(
    en="This is the share of the positive eigenvalues by size. Each eigenvalue counts as one, however "
    "large it is.",
    zh="这是按大小算的正特征值份额。每个特征值都只算一个，不管多大。",
)
def minimum_ratio__by_size(H):
    values = torch.linalg.eigvalsh(H)
    return float(values.clamp(min=0).sum() / values.abs().sum().clamp(min=1e-12))


@wrong(
    en="Singular values have no sign: nearly everything looks like a minimum.",
    zh="奇异值没有正负：几乎什么都像极小值。",
)
def minimum_ratio__singular_values(H):
    return float((torch.linalg.svdvals(H) > 0).double().mean())


@wrong(
    en="Every ratio below 1 comes out as 0: this is whole-number division, or the question whether all "
    "are positive. A share is asked for.",
    zh="小于 1 的比例全变成了 0：这是整除，或者只回答了“是不是全为正”。要求的是所占的比例。",
)
def minimum_ratio__whole_number_division(H):
    return float((torch.linalg.eigvalsh(H) > 0).sum() // len(H))


# --- escape_direction ---------------------------------------------------------------------------------------


@right
def escape_direction__general_solver(H):
    values, vectors = torch.linalg.eig(H)
    values, vectors = values.real, vectors.real
    i = int(values.argmin())
    if values[i] >= 0:
        return None
    return vectors[:, i] / vectors[:, i].norm()


@right
def escape_direction__other_sign_with_tolerance(H):
    values, vectors = torch.linalg.eigh(H)
    if values.min() > -1e-8:
        return None
    return -vectors.T[values.argmin()]


@right
def escape_direction__svd_of_shifted(H):
    """c·I − H turns the lowest eigenvalue into the largest singular value."""
    c = torch.linalg.matrix_norm(H) + 1
    U, S, _ = torch.linalg.svd(c * torch.eye(len(H), dtype=H.dtype, device=H.device) - H)
    return U[:, 0] if c - S[0] < -1e-6 else None


@right
def escape_direction__numpy(H):
    values, vectors = np.linalg.eigh(H.detach().cpu().numpy())
    if not (values < 0).any():
        return None
    return torch.as_tensor(vectors[:, values.argmin()].copy(), dtype=H.dtype, device=H.device)


@right
def escape_direction__power_iteration(H):
    d = len(H)
    values = torch.linalg.eigvalsh(H)
    if values[0] >= 0:
        return None
    P = (values[-1] + 1) * torch.eye(d, dtype=H.dtype, device=H.device) - H
    for _ in range(12):
        P = P @ P
        P = P / P.norm()
    column = P[:, P.norm(dim=0).argmax()]
    return column / column.norm()


@wrong(
    en="A row of the matrix of eigenvectors was taken; `eigh` returns them as columns. Test: H @ v must "
    "be λ·v.",
    zh="你取的是特征向量矩阵的行；`eigh` 的特征向量是列。检验：H @ v 必须等于 λ·v。",
)
def escape_direction__row_not_column(H):
    values, vectors = torch.linalg.eigh(H)
    return vectors[0] if values[0] < 0 else None


@wrong(
    en="This is the eigenvector of the eigenvalue closest to zero: the flattest direction, not the one "
    "that falls.",
    zh="这是最接近零的特征值的特征向量：它是最平的方向，不是下降最快的方向。",
)
def escape_direction__smallest_size(H):
    values, vectors = torch.linalg.eigh(H)
    return vectors[:, values.abs().argmin()] if values[0] < 0 else None


@wrong(
    en="This is the eigenvector of the eigenvalue largest in size, whatever its sign: it may lead "
    "straight up.",
    zh="这是绝对值最大的特征值的特征向量，没管正负：它可能是向上最陡的方向。",
)
def escape_direction__largest_size(H):
    values, vectors = torch.linalg.eigh(H)
    return vectors[:, values.abs().argmax()] if values[0] < 0 else None


@wrong(
    en="This is the eigenvector of the largest eigenvalue: the way up.",
    zh="这是最大特征值的特征向量：那是上山的路。",
)
def escape_direction__largest(H):
    values, vectors = torch.linalg.eigh(H)
    return vectors[:, -1] if values[0] < 0 else None


@wrong(
    en="The length is not 1: `v @ v` shows it. The vector was multiplied by its eigenvalue.",
    zh="长度不是 1，`v @ v` 就能看出来：向量被乘上了特征值。",
)
def escape_direction__not_unit(H):
    values, vectors = torch.linalg.eigh(H)
    return values[0] * vectors[:, 0] if values[0] < 0 else None


@wrong(
    en="A negative eigenvalue was taken, but not the most negative one: with −1 and −3 the vector "
    "belongs to −3.",
    zh="取到了一个负特征值，但不是负得最多的那个：有 −1 和 −3 时，应该取 −3 的向量。",
)
def escape_direction__least_negative(H):
    values, vectors = torch.linalg.eigh(H)
    negative = (values < 0).nonzero().flatten()
    return vectors[:, negative[-1]] if len(negative) else None


@wrong(
    en="A vector comes back where nothing leads down: without a negative eigenvalue the answer is None.",
    zh="没有往下的方向时也返回了向量：没有负特征值就应返回 None。",
)
def escape_direction__never_none(H):
    return torch.linalg.eigh(H)[1][:, 0]


@wrong(
    en="A zero eigenvalue passes for a way down: diag(2, 0) must give None.",
    zh="零特征值被当成了下山的路：diag(2, 0) 应当返回 None。",
)
def escape_direction__zero_counts(H):
    values, vectors = torch.linalg.eigh(H)
    return vectors[:, 0] if values[0] <= 0 else None


@wrong(
    en='A vector of zeros stands for "no way down"; None is asked for.',
    zh="没有下山的路时返回了零向量；要求返回 None。",
)
def escape_direction__zeros_instead_of_none(H):
    v = ref.escape_direction(H)
    return torch.zeros_like(H[0]) if v is None else v


@wrong(
    en="This is a coordinate axis, chosen by the diagonal of H. The eigenvector need not lie along an "
    "axis, and with a positive diagonal there can still be a way down.",
    zh="这是按 H 的对角线选出的坐标轴。特征向量不一定沿坐标轴；对角线全为正时也可能有下山的路。",
)
def escape_direction__axis(H):
    lowest = H.diagonal().argmin()
    if H[lowest, lowest] >= 0:
        return None
    return torch.nn.functional.one_hot(lowest, len(H)).to(H.dtype)


@wrong(
    en="The vector is complex: `eig` is made for any matrix. H is symmetric, and its eigenvectors are real.",
    zh="向量是复数的：`eig` 是为一般矩阵准备的。H 对称，它的特征向量是实的。",
)
def escape_direction__complex(H):
    values, vectors = torch.linalg.eig(H)
    i = values.real.argmin()
    return vectors[:, i] if values.real[i] < 0 else None


@wrong(
    en="`eig` does not sort: the first column belongs to the first eigenvalue it found, not to the lowest.",
    zh="`eig` 不排序：第一列对应的是它最先找到的特征值，不是最小的。",
)
def escape_direction__unsorted(H):
    values, vectors = torch.linalg.eig(H)
    return vectors.real[:, 0] if (values.real < 0).any() else None


@wrong(
    en="A (d, 1) matrix comes back; a vector of shape (d,) is asked for.",
    zh="返回的是 (d, 1) 的矩阵；要求的是形状 (d,) 的向量。",
)
def escape_direction__column_matrix(H):
    v = ref.escape_direction(H)
    return None if v is None else v[:, None]


@wrong(
    en="A pair with the eigenvalue comes back; the vector alone is asked for.",
    zh="把特征值也一起返回了；只要向量。",
)
def escape_direction__with_eigenvalue(H):
    v = ref.escape_direction(H)
    return None if v is None else (torch.linalg.eigvalsh(H)[0], v)


@wrong(
    en="Singular values have no sign: the largest one may belong to a direction that rises.",
    zh="奇异值没有正负：最大的那个可能属于上升的方向。",
)
def escape_direction__svd(H):
    U, _, _ = torch.linalg.svd(H)
    return U[:, 0] if torch.linalg.eigvalsh(H)[0] < 0 else None


@wrong(
    en="The largest entry is 1, not the length: the length is the square root of the sum of squares.",
    zh="你让最大的元素等于 1，而不是长度等于 1：长度是平方和的平方根。",
)
def escape_direction__largest_entry_one(H):
    v = ref.escape_direction(H)
    return None if v is None else v / v.abs().max()


@wrong(
    en="The sum of the entries is 1, not the length: divide by the square root of the sum of squares.",
    zh="你让各元素（绝对值）之和等于 1，而不是长度等于 1：长度是平方和的平方根。",
)
def escape_direction__sum_one(H):
    v = ref.escape_direction(H)
    return None if v is None else v / v.abs().sum()


# --- escape_step --------------------------------------------------------------------------------------------


def gradient(f, theta):
    point = theta.detach().requires_grad_()
    return grad(f(point), point)[0]


@right
def escape_step__backward(f, theta, lr, step, tol):
    t = theta.clone().requires_grad_()
    f(t).backward()
    if torch.sqrt((t.grad**2).sum()) > tol:
        with torch.no_grad():
            return t - lr * t.grad
    v = ref.escape_direction(ref.hessian(f, theta))
    if v is None:
        return theta.clone()
    plus, minus = theta + step * v, theta - step * v
    return plus if f(plus) < f(minus) else minus


@right
def escape_step__own_eigenvector(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if float(torch.linalg.vector_norm(g)) > tol:
        return torch.add(theta, g, alpha=-lr)
    values, vectors = torch.linalg.eigh(torch.autograd.functional.hessian(f, theta))
    if values[0] >= 0:
        return theta
    candidates = torch.stack([theta + s * step * vectors[:, 0] for s in (-1, 1)])
    return candidates[torch.stack([f(c) for c in candidates]).argmin()]


@right
def escape_step__sign_first(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if (g * g).sum() > tol**2:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    if v is None:
        return theta + 0 * g
    sign = -1 if f(theta - step * v) <= f(theta + step * v) else 1
    return theta + sign * step * v


@wrong(
    en="On a saddle this still steps along −g, which is zero there: it does not move. The way out comes "
    "from the Hessian.",
    zh="在鞍点上仍沿 −g 走，可那里 g 是零：根本没动。出路要从海塞矩阵里找。",
)
def escape_step__always_gradient(f, theta, lr, step, tol):
    return theta - lr * gradient(f, theta)


@wrong(
    en="Of the two sides the higher one is taken.",
    zh="两边之中，你走了更高的一边。",
)
def escape_step__higher_side(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    if v is None:
        return theta
    return max(theta + step * v, theta - step * v, key=f)


@wrong(
    en="The same side is taken every time. An eigenvector comes with an arbitrary sign: try both sides "
    "and compare f.",
    zh="总是走同一边。特征向量的正负是任意的：两边都要试，比较 f。",
)
def escape_step__plus_side(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    return theta if v is None else theta + step * v


@wrong(
    en="The same side is taken every time, the minus side. An eigenvector comes with an arbitrary sign: "
    "try both.",
    zh="总是走减号的那一边。特征向量的正负是任意的：两边都要试。",
)
def escape_step__minus_side(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    return theta if v is None else theta - step * v


@wrong(
    en="Both sides are tried, but f is asked at v and −v. Those are directions; compare f at the two points to "
    "which the step would lead.",
    zh="两边是都试了，可你比较的是 f 在 v 和 −v 处的值。那只是方向；要比较的是这一步会走到的两个点。",
)
def escape_step__compares_at_the_directions(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    if v is None:
        return theta
    return theta + step * v if f(v) < f(-v) else theta - step * v


@wrong(
    en="Both sides are tried, but at the distance 1, whatever step is. Which side is lower can change on the way: "
    "compare f where the step ends.",
    zh="两边是都试了，可总是在距离 1 的地方比较，没有管 step。哪边更低，会随距离而变：要在这一步的终点比较 f。",
)
def escape_step__compares_at_distance_one(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    if v is None:
        return theta
    return theta + step * v if f(theta + v) < f(theta - v) else theta - step * v


@wrong(
    en="At a minimum this still moves: it follows the eigenvector of the lowest eigenvalue, though that "
    "one is positive.",
    zh="在极小值处仍然走了一步：沿着最小特征值的特征向量走，尽管它是正的。",
)
def escape_step__moves_at_minimum(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = torch.linalg.eigh(ref.hessian(f, theta))[1][:, 0]
    return min(theta + step * v, theta - step * v, key=f)


@wrong(
    en="At a minimum None comes back (or the code breaks on it): return theta as it is.",
    zh="在极小值处返回了 None：应原样返回 theta。",
)
def escape_step__none_at_minimum(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    return None if v is None else min(theta + step * v, theta - step * v, key=f)


@wrong(
    en="escape_direction may answer None, at a minimum, and then there is nothing to multiply by step.",
    zh="escape_direction 在极小值处会返回 None，这时没有东西可以乘 step。",
)
def escape_step__none_not_handled(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    v = ref.escape_direction(ref.hessian(f, theta))
    return min(theta + step * v, theta - step * v, key=f)


@wrong(
    en="The gradient step goes uphill: the gradient points to where f rises.",
    zh="梯度步走成了上坡：梯度指向 f 上升的方向。",
)
def escape_step__ascent(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return theta + lr * g if g.norm() > tol else ref.escape_step(f, theta, lr, step, tol)


@wrong(
    en="The escape uses lr where step is meant: it must be exactly step long.",
    zh="逃离时用了 lr 而不是 step：这一步的长度必须恰好是 step。",
)
def escape_step__lr_for_step(f, theta, lr, step, tol):
    return ref.escape_step(f, theta, lr, lr, tol)


@wrong(
    en="The gradient step uses step where lr is meant.",
    zh="梯度步用了 step 而不是 lr。",
)
def escape_step__step_for_lr(f, theta, lr, step, tol):
    return ref.escape_step(f, theta, step, step, tol)


@wrong(
    en="The escape is lr·step long: it must be exactly step long, lr belongs to the gradient step.",
    zh="逃离的步长成了 lr·step：必须恰好是 step，lr 只用在梯度步里。",
)
def escape_step__lr_times_step(f, theta, lr, step, tol):
    return ref.escape_step(f, theta, lr, lr * step, tol)


@wrong(
    en="The escape is longer where the eigenvalue is larger: it must be exactly step long, v has length 1.",
    zh="特征值越大，逃离的一步就越长：它必须恰好是 step 那么长，v 的长度是 1。",
)
def escape_step__times_eigenvalue(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    values, vectors = torch.linalg.eigh(ref.hessian(f, theta))
    if values[0] >= 0:
        return theta
    v = values[0] * vectors[:, 0]
    return min(theta + step * v, theta - step * v, key=f)


@wrong(
    en="The gradient step was divided by the gradient's length: θ − lr·g is asked for.",
    zh="梯度步除以了梯度的长度：要求的是 θ − lr·g。",
)
def escape_step__normalised_gradient(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return theta - lr * g / g.norm() if g.norm() > tol else ref.escape_step(f, theta, lr, step, tol)


@wrong(
    en="tol is compared with the largest component of the gradient: (0.08, 0.08) is longer than 0.1.",
    zh="你拿梯度的最大分量与 tol 比较：(0.08, 0.08) 的长度大于 0.1。",
)
def escape_step__largest_component(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.abs().max() > tol:
        return theta - lr * g
    return ref.escape_step(f, theta, lr, step, float("inf"))


@wrong(
    en="tol is compared with the squared length of the gradient: 0.5 is more than 0.3, 0.25 is not.",
    zh="你拿梯度长度的平方与 tol 比较：0.5 大于 0.3，0.25 却不大于。",
)
def escape_step__squared_length(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return theta - lr * g if g @ g > tol else ref.escape_step(f, theta, lr, step, float("inf"))


@wrong(
    en="tol is compared with the sum of the components: 0.7 and −0.7 cancel, and the slope is not zero "
    "at all.",
    zh="你拿各分量之和与 tol 比较：0.7 和 −0.7 抵消了，可坡度根本不是零。",
)
def escape_step__sum_of_components(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return theta - lr * g if g.sum().abs() > tol else ref.escape_step(f, theta, lr, step, float("inf"))


@wrong(
    en="tol is compared with f instead of the length of the gradient: a high loss is not a slope.",
    zh="你拿 f 的值与 tol 比较，而不是梯度的长度：损失高不等于有坡。",
)
def escape_step__loss_against_tol(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return theta - lr * g if f(theta) > tol else ref.escape_step(f, theta, lr, step, float("inf"))


@wrong(
    en="The two cases are the wrong way round: where there is a slope it escapes, where there is none "
    "it follows the slope.",
    zh="两种情况写反了：有坡时去逃离，没坡时却顺着坡走。",
)
def escape_step__cases_swapped(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return ref.escape_step(f, theta, lr, step, float("inf")) if g.norm() > tol else theta - lr * g


@wrong(
    en="The escape step comes on top of the gradient step. Near a saddle move from theta itself, "
    "without −lr·g.",
    zh="逃离的一步叠加在梯度步上了。在鞍点附近要从 theta 本身出发，不加 −lr·g。",
)
def escape_step__both_steps(f, theta, lr, step, tol):
    g = gradient(f, theta)
    return theta - lr * g if g.norm() > tol else ref.escape_step(f, theta, lr, step, tol) - lr * g


@wrong(
    en="tol is ignored: only a gradient of exactly zero counts as flat, and close to a saddle you crawl.",
    zh="没有用 tol：只有梯度恰好为零才算平，在鞍点附近就只能慢慢爬。",
)
def escape_step__exactly_zero(f, theta, lr, step, tol):
    return ref.escape_step(f, theta, lr, step, 0.0)


@wrong(
    en="The displacement comes back instead of the new point.",
    zh="返回的是位移，而不是新的点。",
)
def escape_step__returns_displacement(f, theta, lr, step, tol):
    return ref.escape_step(f, theta, lr, step, tol) - theta


@wrong(
    en="theta itself is changed: the step must go into a new tensor.",
    zh="theta 本身被改掉了：这一步要放进新的张量里。",
)
def escape_step__in_place(f, theta, lr, step, tol):
    return theta.copy_(ref.escape_step(f, theta, lr, step, tol))


@wrong(
    en="Of several ways down this takes the gentlest. With the eigenvalues −1 and −3 the step must "
    "follow that of −3.",
    zh="有几条路向下时，你走了最缓的那条。特征值有 −1 和 −3 时，应沿 −3 的方向走。",
)
def escape_step__least_negative(f, theta, lr, step, tol):
    g = gradient(f, theta)
    if g.norm() > tol:
        return theta - lr * g
    values, vectors = torch.linalg.eigh(ref.hessian(f, theta))
    negative = (values < 0).nonzero().flatten()
    if not len(negative):
        return theta
    v = vectors[:, negative[-1]]
    return min(theta + step * v, theta - step * v, key=f)


EQUIVALENT = [
    equivalent(
        "hessian",
        "line 18: theta.detach() -> theta",
        "requires_grad_ then marks the argument itself; values and second derivatives are the same",
    ),
    equivalent(
        "escape_step",
        "line 22: theta.detach() -> theta",
        "requires_grad_ then marks the argument itself; the values of the step are the same",
    ),
]
