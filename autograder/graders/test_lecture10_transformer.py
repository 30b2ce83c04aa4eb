"""Hidden graders of lecture 10, Transformer."""

import torch

from autograder.probe import gradients, probe


def function(code):
    """A function from its code, which is what an example shows of it."""
    result = eval(code, {"torch": torch})
    result.code = code
    return result


def decoder(code, limit=40):
    """A ``step`` that remembers what it was fed, and stops a loop that does not end."""
    rule = function(code)
    prefixes = []

    def step(prefix):
        prefixes.append([int(t) for t in prefix])
        if len(prefixes) > limit:
            raise RuntimeError(f"step was called more than {limit} times")
        return rule(prefixes[-1])

    step.code, step.prefixes = code, prefixes
    return step


def numbers(tokens):
    """A list of tokens, whatever kind of number it holds."""
    return [int(t) for t in tokens] if isinstance(tokens, (list, tuple)) else tokens


def causal(make, t):
    return torch.ones(t, t, dtype=torch.bool, device=make.device).tril()


class Standin(torch.overrides.TorchFunctionMode):
    """The CPU in place of a device that may be missing; notes whether torch was asked for that device."""

    def __init__(self, name):
        super().__init__()
        self.name, self.used = name, False

    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*map(self.replaced, args), **{k: self.replaced(v) for k, v in (kwargs or {}).items()})

    def replaced(self, value):
        if isinstance(value, (str, torch.device)) and str(value) == self.name:
            self.used = True
            return "cpu"
        return value


def feed_forward_weights(make, d, h, m, grad=False):
    shapes = (d, h), (h,), (h, m), (m,)
    return [make.normal(*shape, grad=grad) for shape in shapes]


def block_parameters(make, d, h, grad=False):
    shapes = {name: (d, d) for name in ("Wq", "Wk", "Wv", "Wo")}
    shapes |= {"W1": (d, h), "b1": (h,), "W2": (h, d), "b2": (d,)}
    shapes |= {name: (d,) for name in ("gamma1", "beta1", "gamma2", "beta2")}
    return {name: make.normal(*shape, grad=grad) for name, shape in shapes.items()}


# --- multiclass_predict ---------------------------------------------------------------------------


@probe(public=True)
def test_multiclass_predict_rows(impl, make):
    """the place of the largest logit in each row

    每一行里最大 logit 的位置
    """
    return impl.multiclass_predict(make.tensor([[2, 1, 0], [0, 1, 2]]))


@probe(public=True)
def test_multiclass_predict_batch(impl, make):
    """random logits, more samples than classes

    随机的 logits，样本比类别多
    """
    return impl.multiclass_predict(make.normal(make.batch(6), 4))


@probe()
def test_multiclass_predict_signs(impl, make):
    """all logits negative, or all large and positive: one class each time

    logits 全为负，或全是很大的正数：每次都恰好一个类别
    """
    return impl.multiclass_predict(make.tensor([[-5, -1, -3, -4], [7, 8, 6, 9], [-0.2, -0.3, -0.1, -0.4]]))


@probe()
def test_multiclass_predict_shapes(impl, make):
    """a batch of one, a square, a single class

    只有一个样本的批次、方阵、只有一个类别
    """
    return {
        "one sample": impl.multiclass_predict(make.tensor([[0.5, -1, 2, 1]])),
        "square": impl.multiclass_predict(make.tensor([[0, 5, 1], [0, 4, 2], [3, 9, 0]])),
        "one class": impl.multiclass_predict(make.tensor([[-2], [3], [0.5], [-1]])),
    }


@probe()
def test_multiclass_predict_large(impl, make):
    """logits of ±1000, also very close ones

    logits 到 ±1000，也有非常接近的
    """
    logits = make.tensor([[1000, 999, -1000, 0], [-1000, -1002, -999, -1001], [900, 900.5, 1000, 1000.5]])
    return impl.multiclass_predict(logits)


@probe()
def test_multiclass_predict_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.multiclass_predict(make.normal(5, 3).T)


# --- multilabel_predict ---------------------------------------------------------------------------


@probe(public=True)
def test_multilabel_predict_rows(impl, make):
    """two labels, one label, no label

    两个标签、一个标签、没有标签
    """
    return impl.multilabel_predict(make.tensor([[2, 1, -3], [-1, -2, 0.2], [-0.5, -1, -2]]))


@probe(public=True)
def test_multilabel_predict_batch(impl, make):
    """random logits

    随机的 logits
    """
    return impl.multilabel_predict(make.normal(make.batch(5), 4, scale=2))


@probe(public=True)
def test_multilabel_predict_high_threshold(impl, make):
    """only what is surer than 0.8

    只要把握超过 0.8 的
    """
    return impl.multilabel_predict(make.tensor([[2, 1, -3, 1.5], [0.7, 0.9, 4, 1.2]]), 0.8)


@probe(weight=2)
def test_multilabel_predict_low_threshold(impl, make):
    """thr=0.2: unlikely labels count too

    thr=0.2：可能性不大的标签也算
    """
    return impl.multilabel_predict(make.tensor([[-1, -2, 0.1, -1.3], [-1.5, 3, -0.5, 0.3]]), thr=0.2)


@probe()
def test_multilabel_predict_all_or_none(impl, make):
    """all labels at once, and none at all

    所有标签都有；一个也没有
    """
    return impl.multilabel_predict(make.tensor([[3, 2, 1, 4], [-1, -2, -3, -4], [0.1, 0.2, 0.3, 0.4]]))


@probe()
def test_multilabel_predict_near(impl, make):
    """logits between 0 and 0.5 are above the threshold already

    logit 在 0 和 0.5 之间，概率就已经超过阈值了
    """
    return impl.multilabel_predict(make.tensor([[0.3, -0.3, 0.45], [0.05, 0.6, -0.05]]))


@probe()
def test_multilabel_predict_shapes(impl, make):
    """a batch of one, a square, a single label

    只有一个样本的批次、方阵、只有一个标签
    """
    return {
        "one sample": impl.multilabel_predict(make.tensor([[0.5, -1, 2, 1]])),
        "square": impl.multilabel_predict(make.tensor([[1, -5, 1], [-2, 4, -2], [3, 9, -1]])),
        "one label": impl.multilabel_predict(make.tensor([[-2], [3], [0.5], [-1]])),
    }


@probe()
def test_multilabel_predict_large(impl, make):
    """logits of ±1000

    logits 到 ±1000
    """
    return impl.multilabel_predict(make.tensor([[1000, -1000, 1], [-1000, 999, 1000]]), 0.6)


# --- layer_norm -----------------------------------------------------------------------------------


@probe(public=True)
def test_layer_norm_tokens(impl, make):
    """every row by itself, with a large ε

    每一行单独标准化，ε 取得很大
    """
    return impl.layer_norm(make.tensor([[1, 2, 3], [10, 30, 20]]), eps=0.3)


@probe(public=True)
def test_layer_norm_batch(impl, make):
    """sentences of tokens, with γ and β

    若干句子，带 γ 和 β
    """
    x = make.normal(make.batch(2), 3, 5, scale=2, shift=1)
    return impl.layer_norm(x, make.normal(5), make.normal(5), 0.3)


@probe(public=True)
def test_layer_norm_defaults(impl, make):
    """without γ and β, and with the default ε

    没有 γ 和 β，ε 取默认值
    """
    return impl.layer_norm(make.normal(2, 4, shift=-1))


@probe()
def test_layer_norm_gamma_or_beta(impl, make):
    """only γ, or only β

    只有 γ，或只有 β
    """
    x, gamma, beta = make.normal(3, 4), make.normal(4), make.normal(4)
    return {
        "only gamma": impl.layer_norm(x, gamma=gamma, eps=0.3),
        "only beta": impl.layer_norm(x, beta=beta, eps=0.3),
    }


@probe()
def test_layer_norm_epsilon(impl, make):
    """differences as small as ε, and ε = 0

    差别小到和 ε 相仿；以及 ε = 0
    """
    x = make.tensor([[0.001, 0.003, -0.002, 0.004], [0.5, 0.501, 0.504, 0.498]])
    return {
        "default": impl.layer_norm(x),
        "eps=0.01": impl.layer_norm(x, eps=0.01),
        "eps=0": impl.layer_norm(x, eps=0.0),
    }


@probe(weight=2)
def test_layer_norm_gradient(impl, make):
    """the gradient flows through the mean and the variance too

    梯度也要流过均值和方差
    """
    x, gamma, beta = make.normal(2, 5, grad=True), make.normal(5, grad=True), make.normal(5, grad=True)
    return gradients(impl.layer_norm(x, gamma, beta, 0.3), x, gamma, beta)


@probe()
def test_layer_norm_shapes(impl, make):
    """one token alone, four dimensions, a cube, a single feature

    单独一个 token、四维、正方体、只有一个特征
    """
    return {
        "one token": impl.layer_norm(make.normal(5), eps=0.3),
        "four dimensions": impl.layer_norm(make.normal(2, 1, 3, 4), make.normal(4), make.normal(4), eps=0.3),
        "cube": impl.layer_norm(make.normal(3, 3, 3), make.normal(3), make.normal(3), eps=0.3),
        "one feature": impl.layer_norm(make.normal(3, 1), make.normal(1), make.normal(1), eps=0.3),
    }


@probe()
def test_layer_norm_far_from_zero(impl, make):
    """features around 1000 that differ by little

    特征都在 1000 附近，彼此相差很小
    """
    return impl.layer_norm(make.normal(3, 5, scale=0.5, shift=1000))


@probe()
def test_layer_norm_constant(impl, make):
    """a token whose features are all equal becomes β

    特征全相等的 token 变成 β
    """
    return impl.layer_norm(make.tensor([[2, 2, 2, 2], [0, 0, 0, 0], [1, 0, 2, 0]]), beta=make.normal(4))


@probe()
def test_layer_norm_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.layer_norm(make.normal(4, 3, 2).transpose(0, 1), make.normal(2), make.normal(2), 0.3)


# --- add_and_norm ---------------------------------------------------------------------------------


@probe(public=True)
def test_add_and_norm_tokens(impl, make):
    """the sum is normalised

    对和做标准化
    """
    x, sub = make.tensor([[1, 2, 3], [0, 4, 2]]), make.tensor([[1, 0, 4], [2, -2, 0]])
    return impl.add_and_norm(x, sub, eps=0.3)


@probe(public=True)
def test_add_and_norm_batch(impl, make):
    """sentences of tokens, with γ and β

    若干句子，带 γ 和 β
    """
    n = make.batch(2)
    return impl.add_and_norm(make.normal(n, 3, 5), make.normal(n, 3, 5), make.normal(5), make.normal(5), 0.3)


@probe(public=True)
def test_add_and_norm_defaults(impl, make):
    """only x and sub

    只给 x 和 sub
    """
    return impl.add_and_norm(make.normal(3, 4), make.normal(3, 4, scale=2, shift=1))


@probe(weight=2)
def test_add_and_norm_gradient(impl, make):
    """the gradient flows back along the residual and along the sub-layer

    梯度既沿残差流回，也沿子层流回
    """
    x, sub = make.normal(2, 5, grad=True), make.normal(2, 5, grad=True)
    gamma, beta = make.normal(5, grad=True), make.normal(5, grad=True)
    return gradients(impl.add_and_norm(x, sub, gamma, beta, 0.3), x, sub, gamma, beta)


@probe()
def test_add_and_norm_silent(impl, make):
    """a sub-layer of zeros, and an input of zeros

    子层输出全为 0；输入全为 0
    """
    x, zero = make.normal(3, 4, scale=2, shift=1), make.tensor([[0.0] * 4] * 3)
    return {"sub = 0": impl.add_and_norm(x, zero, eps=0.3), "x = 0": impl.add_and_norm(zero, x, eps=0.3)}


@probe()
def test_add_and_norm_unequal(impl, make):
    """a loud input with a quiet sub-layer, and the other way round

    输入很大而子层很小，以及反过来
    """
    x, sub, gamma = make.normal(2, 4, scale=10), make.normal(2, 4, scale=0.1), make.normal(4)
    return {
        "loud input": impl.add_and_norm(x, sub, gamma, eps=0.3),
        "loud sub": impl.add_and_norm(sub, x, gamma, eps=0.3),
    }


@probe()
def test_add_and_norm_shapes(impl, make):
    """one token alone, a cube, only β

    单独一个 token、正方体、只有 β
    """
    return {
        "one token": impl.add_and_norm(make.normal(5), make.normal(5), eps=0.3),
        "cube": impl.add_and_norm(make.normal(3, 3, 3), make.normal(3, 3, 3), make.normal(3), eps=0.3),
        "only beta": impl.add_and_norm(make.normal(2, 4), make.normal(2, 4), beta=make.normal(4)),
    }


# --- feed_forward ---------------------------------------------------------------------------------


@probe(public=True)
def test_feed_forward_tokens(impl, make):
    """two tokens, three features, four hidden units

    两个 token、三个特征、四个隐藏单元
    """
    return impl.feed_forward(make.normal(2, 3), *feed_forward_weights(make, 3, 4, 3))


@probe(public=True)
def test_feed_forward_batch(impl, make):
    """sentences of tokens, each token by itself

    若干句子，每个 token 单独处理
    """
    return impl.feed_forward(make.normal(make.batch(2), 3, 4), *feed_forward_weights(make, 4, 6, 5))


@probe(weight=2)
def test_feed_forward_gradient(impl, make):
    """the gradient with respect to the input and all weights

    对输入和所有权重的梯度
    """
    x = make.normal(2, 3, grad=True)
    W1, b1, W2, b2 = feed_forward_weights(make, 3, 5, 4, grad=True)
    return gradients(impl.feed_forward(x, W1, b1, W2, b2), x, W1, b1, W2, b2)


@probe()
def test_feed_forward_hidden_off(impl, make):
    """all hidden units off: every token becomes b2; all on: no bend

    隐藏单元全关：每个 token 都变成 b2；全开：没有转折
    """
    x = make.normal(3, 4)
    W1, _, W2, b2 = feed_forward_weights(make, 4, 5, 2)
    return {
        "off": impl.feed_forward(x, W1, make.tensor([-50.0] * 5), W2, b2),
        "on": impl.feed_forward(x, W1, make.tensor([50.0] * 5), W2, b2),
    }


@probe()
def test_feed_forward_square(impl, make):
    """tokens, features and hidden units all of the same number

    token、特征和隐藏单元的数目都相同
    """
    return impl.feed_forward(make.normal(3, 3), *feed_forward_weights(make, 3, 3, 3))


@probe()
def test_feed_forward_shapes(impl, make):
    """one token alone, a batch of one, one hidden unit

    单独一个 token、只有一个样本的批次、只有一个隐藏单元
    """
    return {
        "one token": impl.feed_forward(make.normal(4), *feed_forward_weights(make, 4, 3, 2)),
        "batch of one": impl.feed_forward(make.normal(1, 2, 3), *feed_forward_weights(make, 3, 4, 5)),
        "one hidden unit": impl.feed_forward(make.normal(3, 2), *feed_forward_weights(make, 2, 1, 4)),
    }


@probe()
def test_feed_forward_large(impl, make):
    """large inputs: the hidden units have no upper bound

    输入很大：隐藏单元没有上限
    """
    return impl.feed_forward(make.normal(2, 3, scale=50), *feed_forward_weights(make, 3, 4, 2))


# --- encoder_block --------------------------------------------------------------------------------


@probe(public=True)
def test_encoder_block_tokens(impl, make):
    """three tokens, one head

    三个 token，一个 head
    """
    return impl.encoder_block(make.normal(3, 2), block_parameters(make, 2, 4), 1)


@probe(public=True)
def test_encoder_block_batch(impl, make):
    """sentences of tokens, two heads

    若干句子，两个 head
    """
    return impl.encoder_block(make.normal(make.batch(2), 3, 4), block_parameters(make, 4, 5), 2)


@probe(public=True)
def test_encoder_block_silent(impl, make):
    """sub-layers that say nothing: only the two normalisations remain

    两个子层什么也不说：只剩两次标准化
    """
    params = block_parameters(make, 4, 3)
    for name in ("Wo", "W2", "b2"):
        params[name] = 0 * params[name]
    return impl.encoder_block(make.normal(2, 4), params, 2)


@probe()
def test_encoder_block_heads(impl, make):
    """the same parameters with 1, 2, 3 and 6 heads

    同样的参数，1、2、3、6 个 head
    """
    x, params = make.normal(4, 6), block_parameters(make, 6, 3)
    return {f"n_heads={n}": impl.encoder_block(x, params, n) for n in (1, 2, 3, 6)}


@probe(weight=2)
def test_encoder_block_gradient(impl, make):
    """the gradient with respect to the input

    对输入的梯度
    """
    x = make.normal(3, 4, grad=True)
    return gradients(impl.encoder_block(x, block_parameters(make, 4, 5), 2), x)


@probe()
def test_encoder_block_parameter_gradient(impl, make):
    """the gradient with respect to every parameter

    对每个参数的梯度
    """
    params = block_parameters(make, 4, 3, grad=True)
    out = impl.encoder_block(make.normal(2, 4), params, 2)
    return dict(zip(params, gradients(out, *params.values()), strict=True))


@probe()
def test_encoder_block_attention_only(impl, make):
    """a feed-forward layer that says nothing

    前馈层什么也不说
    """
    params = block_parameters(make, 4, 3)
    params["W2"], params["b2"] = 0 * params["W2"], 0 * params["b2"]
    return impl.encoder_block(make.normal(3, 4), params, 2)


@probe()
def test_encoder_block_feed_forward_only(impl, make):
    """an attention that says nothing

    注意力什么也不说
    """
    params = block_parameters(make, 4, 3)
    params["Wo"] = 0 * params["Wo"]
    return impl.encoder_block(make.normal(3, 4), params, 2)


@probe()
def test_encoder_block_one_token(impl, make):
    """a batch of one, with a single token

    只有一个样本的批次，里面只有一个 token
    """
    return impl.encoder_block(make.normal(1, 1, 6), block_parameters(make, 6, 2), 3)


# --- encoder --------------------------------------------------------------------------------------


@probe(public=True)
def test_encoder_one_block(impl, make):
    """positions are added, then a block is applied

    先加位置，再经过一个块
    """
    x, pe = make.tensor([[1, 2, 3], [0, -1, 1]]), make.tensor([[0.5, 0, -0.5], [0.1, 0.2, 0.3]])
    return impl.encoder(x, [function("lambda h: h ** 2")], pe)


@probe(public=True)
def test_encoder_batch(impl, make):
    """two blocks one after the other, and more positions than tokens

    两个块先后相接，而且位置比 token 多
    """
    blocks = [function("lambda h: h.cumsum(-2)"), function("lambda h: torch.sin(h) + 1")]
    return impl.encoder(make.normal(make.batch(2), 3, 4), blocks, make.normal(5, 4))


@probe()
def test_encoder_order(impl, make):
    """three blocks whose order matters

    三个块，次序很要紧
    """
    codes = "lambda h: h + 1", "lambda h: 3 * h", "lambda h: h ** 2"
    return impl.encoder(make.normal(2, 3), [function(code) for code in codes], make.normal(2, 3))


@probe()
def test_encoder_no_blocks(impl, make):
    """an empty list of blocks leaves the input with its positions

    块的列表为空，得到的就是加了位置的输入
    """
    return impl.encoder(make.normal(2, 3, 4), [], make.normal(3, 4))


@probe(weight=2)
def test_encoder_square(impl, make):
    """as many sentences as tokens and features: positions belong to tokens

    句子、token 和特征的数目都相同：位置属于 token
    """
    return impl.encoder(make.normal(3, 3, 3), [function("lambda h: torch.tanh(h)")], make.normal(4, 3))


@probe()
def test_encoder_same_block_twice(impl, make):
    """the same block three times, and a single token

    同一个块用三次；以及只有一个 token
    """
    block = function("lambda h: torch.cos(h).flip(-1)")
    return {
        "three times": impl.encoder(make.normal(4, 3), [block, block, block], make.normal(6, 3)),
        "one token": impl.encoder(make.normal(2, 1, 3), [block, block], make.normal(5, 3)),
    }


@probe()
def test_encoder_gradient(impl, make):
    """the gradient with respect to the tokens and the positions

    对 token 和位置的梯度
    """
    x, pe = make.normal(2, 3, 2, grad=True), make.normal(4, 2, grad=True)
    blocks = [function("lambda h: h.cumsum(-2)"), function("lambda h: h ** 2")]
    return gradients(impl.encoder(x, blocks, pe), x, pe)


# --- causal_mask ----------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_causal_mask_three(impl, make):
    """three tokens

    三个 token
    """
    return impl.causal_mask(3)


@probe(public=True, dtypes=("float64",))
def test_causal_mask_sizes(impl, make):
    """one token, two tokens, six tokens

    一个、两个、六个 token
    """
    return {f"T={t}": impl.causal_mask(t) for t in (1, 2, 6)}


@probe(dtypes=("float64",))
def test_causal_mask_device_given(impl, make):
    """the device given by position or by name

    用位置参数或关键字给出设备
    """
    return {
        "by position": impl.causal_mask(4, make.device),
        "by name": impl.causal_mask(2, device=make.device),
        "as a string": impl.causal_mask(2, device=str(make.device)),
        "None": impl.causal_mask(4, None),
    }


@probe(dtypes=("float64",))
def test_causal_mask_other_device(impl, make):
    """the result is made on the device that was asked for

    结果要建在指定的设备上
    """
    with Standin("meta") as device:
        mask = impl.causal_mask(5, device="meta")
    return {"mask": mask, "made on the device": device.used}


@probe(dtypes=("float64",))
def test_causal_mask_long(impl, make):
    """many tokens

    很多 token
    """
    return impl.causal_mask(19)


# --- masked_attention -----------------------------------------------------------------------------


@probe(public=True)
def test_masked_attention_two_tokens(impl, make):
    """the first token sees only itself

    第一个 token 只看得见自己
    """
    Q, K, V = make.normal(2, 3), make.normal(2, 3), make.tensor([[1, 0], [0, 1]])
    return impl.masked_attention(Q, K, V, causal(make, 2))


@probe(public=True)
def test_masked_attention_batch(impl, make):
    """sentences of tokens with the causal mask

    若干句子，用因果 mask
    """
    n = make.batch(2)
    Q, K, V = make.normal(n, 3, 4), make.normal(n, 3, 4), make.normal(n, 3, 5)
    return impl.masked_attention(Q, K, V, causal(make, 3))


@probe(public=True)
def test_masked_attention_other_mask(impl, make):
    """a mask that is not causal, and more keys than queries

    不是因果 mask，而且 key 比 query 多
    """
    mask = make.tensor([[1, 0, 1, 1], [0, 1, 0, 1]]) > 0
    return impl.masked_attention(make.normal(2, 3), make.normal(4, 3), make.normal(4, 5), mask)


@probe(weight=2)
def test_masked_attention_weights(impl, make):
    """with V = identity the weights themselves: 0 where forbidden, rows sum to 1

    令 V 为单位矩阵，看到的就是权重：不许看的是 0，每行之和是 1
    """
    mask = make.tensor([[1, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 0], [1, 1, 0, 1]]) > 0
    return impl.masked_attention(make.normal(4, 2), make.normal(4, 2), make.tensor(torch.eye(4)), mask)


@probe()
def test_masked_attention_heads(impl, make):
    """two leading dimensions: sentences and heads

    前面有两维：句子和 head
    """
    Q, K, V = make.normal(2, 3, 4, 5), make.normal(2, 3, 4, 5), make.normal(2, 3, 4, 6)
    return impl.masked_attention(Q, K, V, causal(make, 4))


@probe()
def test_masked_attention_extremes(impl, make):
    """nothing forbidden, and only one key allowed for each query

    什么都允许看；以及每个 query 只能看一个 key
    """
    Q, K, V = make.normal(3, 4), make.normal(5, 4), make.normal(5, 2)
    one = torch.arange(5, device=make.device) == make.long([4, 0, 2])[:, None]
    return {
        "nothing forbidden": impl.masked_attention(Q, K, V, torch.ones_like(one)),
        "one key each": impl.masked_attention(Q, K, V, one),
    }


@probe(weight=2)
def test_masked_attention_gradient(impl, make):
    """finite gradients, and none to forbidden keys and values

    梯度有限，而且不流向不许看的 key 和 value
    """
    Q, K, V = make.normal(3, 4, grad=True), make.normal(3, 4, grad=True), make.normal(3, 2, grad=True)
    return gradients(impl.masked_attention(Q, K, V, causal(make, 3)), Q, K, V)


@probe()
def test_masked_attention_low_scores(impl, make):
    """all allowed scores are negative

    允许看的分数全是负的
    """
    Q, K = make.uniform(3, 4, low=2, high=5), make.uniform(3, 4, low=-5, high=-2)
    return impl.masked_attention(Q, K, make.normal(3, 2), causal(make, 3))


@probe()
def test_masked_attention_large_scores(impl, make):
    """scores of ±1000, also a forbidden one far above the allowed ones

    分数到 ±1000，还有不许看的分数远大于允许的
    """
    K = make.tensor([[-1000, 0], [-1001, 0], [1000, 1000], [998, 0]])
    Q = make.tensor([[1.5, 0], [1.5, 0], [0, 0.001], [1.5, 0]])
    mask = make.tensor([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 0, 1]]) > 0
    return impl.masked_attention(Q, K, make.normal(4, 3), mask)


@probe()
def test_masked_attention_huge_future(impl, make):
    """forbidden values of a million have no influence

    不许看的 value 哪怕有一百万，也毫无影响
    """
    V = make.tensor([[1, 2], [3, 4], [1e6, -1e6]])
    mask = make.tensor([[1, 0, 0], [1, 1, 0], [0, 1, 0]]) > 0
    return impl.masked_attention(make.normal(3, 4), make.normal(3, 4), V, mask)


@probe()
def test_masked_attention_square(impl, make):
    """tokens, features and values all of the same number

    token、特征和 value 的数目都相同
    """
    return impl.masked_attention(*(make.normal(3, 3, 3) for _ in range(3)), causal(make, 3))


@probe()
def test_masked_attention_transposed(impl, make):
    """transposed inputs, and a batch of one with one query

    转置过的输入；以及只有一个样本、一个 query 的批次
    """
    Q, K, V = make.normal(3, 4).T, make.normal(3, 5).T, make.normal(2, 5).T
    wide = torch.ones(4, 5, dtype=torch.bool, device=make.device).tril(1)
    q, k, v = make.normal(1, 1, 2), make.normal(1, 3, 2), make.normal(1, 3, 4)
    return {
        "transposed": impl.masked_attention(Q, K, V, wide),
        "one query": impl.masked_attention(q, k, v, make.tensor([[1, 0, 1]]) > 0),
    }


# --- shift_right ----------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_shift_right_word(impl, make):
    """one text: the input begins with BOS, the labels end with END

    一段文字：输入以 BOS 开头，标签以 END 结尾
    """
    return impl.shift_right(make.long([[5, 6, 1]]), 0)


@probe(public=True, dtypes=("float64",))
def test_shift_right_batch(impl, make):
    """several texts

    多段文字
    """
    return impl.shift_right(make.integers(2, 9, make.batch(3), 5), 0)


@probe(dtypes=("float64",))
def test_shift_right_other_bos(impl, make):
    """BOS is not always 0

    BOS 不总是 0
    """
    return impl.shift_right(make.integers(0, 7, 2, 4), 11)


@probe(dtypes=("float64",))
def test_shift_right_only_end(impl, make):
    """texts of END alone: the input is BOS alone

    只有 END 的文字：输入只有 BOS
    """
    return impl.shift_right(make.long([[1], [1], [3]]), 2)


@probe(dtypes=("float64",))
def test_shift_right_square(impl, make):
    """as many texts as tokens: the shift is along the tokens

    文字的段数等于 token 数：沿 token 的方向移动
    """
    return impl.shift_right(make.long([[4, 5, 1], [6, 7, 1], [8, 9, 1]]), 0)


@probe(dtypes=("float64",))
def test_shift_right_filled_up(impl, make):
    """short texts filled up with END

    短文字后面用 END 补齐
    """
    return impl.shift_right(make.long([[4, 5, 6, 1], [7, 1, 1, 1]]), 0)


@probe(dtypes=("float64",))
def test_shift_right_strided(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.shift_right(make.integers(0, 9, 5, 2).T, 10)


# --- greedy_decode --------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_greedy_decode_two_tokens(impl, make):
    """two tokens, then END

    两个 token，然后是 END
    """
    step = decoder("lambda prefix: torch.eye(4)[[2, 3, 1][min(len(prefix) - 1, 2)]]")
    return numbers(impl.greedy_decode(step, 0, 1, 8))


@probe(public=True, dtypes=("float64",))
def test_greedy_decode_whole_prefix(impl, make):
    """the next token depends on all that has been written

    下一个 token 取决于写下的全部
    """
    step = decoder("lambda prefix: -(torch.arange(7.0) - 1 - sum(prefix) % 6).abs()")
    return numbers(impl.greedy_decode(step, bos=0, eos=6, max_len=9))


@probe(public=True, dtypes=("float64",))
def test_greedy_decode_limit(impl, make):
    """no END in sight: the limit stops it

    一直没有 END：由上限来停
    """
    step = decoder("lambda prefix: -(torch.arange(6.0) - 1 - sum(prefix) % 5).abs()")
    return {f"max_len={n}": numbers(impl.greedy_decode(step, 0, 5, n)) for n in (1, 4, 7)}


@probe(weight=2, dtypes=("float64",))
def test_greedy_decode_prefixes(impl, make):
    """what the decoder is fed at each step

    每一步喂给解码器的是什么
    """
    step = decoder("lambda prefix: -(torch.arange(9.0) - [4, 6, 4, 7, 2][min(len(prefix) - 1, 4)]).abs()")
    text = numbers(impl.greedy_decode(step, 8, 2, 10))
    return {"text": text, "fed": step.prefixes}


@probe(dtypes=("float64",))
def test_greedy_decode_order(impl, make):
    """the order of the prefix matters, BOS is 5 and END is 0

    前缀的次序很要紧；BOS 是 5，END 是 0
    """
    step = decoder(
        "lambda prefix: -(torch.arange(6.0) - (3 * len(prefix) + 3 + "
        "sum((i + 2) * t for i, t in enumerate(prefix))) % 5).abs()"
    )
    return {
        "eos=0": numbers(impl.greedy_decode(step, bos=5, eos=0, max_len=12)),
        "eos=3": numbers(impl.greedy_decode(step, bos=5, eos=3, max_len=6)),
    }


@probe(dtypes=("float64",))
def test_greedy_decode_end_first(impl, make):
    """END comes first, or nothing may be written

    一开始就是 END；或者一个也不许写
    """
    ends = decoder("lambda prefix: torch.eye(4)[1]")
    writes = decoder("lambda prefix: torch.eye(4)[2]")
    return {
        "END first": numbers(impl.greedy_decode(ends, 0, 1, 5)),
        "max_len=0": numbers(impl.greedy_decode(writes, 0, 1, 0)),
        "END first, max_len=1": numbers(impl.greedy_decode(ends, 0, 1, 1)),
    }


@probe(dtypes=("float64",))
def test_greedy_decode_end_at_the_limit(impl, make):
    """END falls just before the limit, on it, or just after it

    END 恰好在上限之前、在上限处、在上限之后
    """
    step = decoder("lambda prefix: torch.eye(5)[[2, 3, 4, 1][min(len(prefix) - 1, 3)]]")
    return {f"max_len={n}": numbers(impl.greedy_decode(step, 0, 1, n)) for n in (2, 3, 4, 5)}


@probe(dtypes=("float64",))
def test_greedy_decode_repeats(impl, make):
    """the same token several times in a row, and the token 0

    同一个 token 连写好几次；还有 0 号 token
    """
    step = decoder("lambda prefix: torch.eye(5)[[2, 2, 0, 2, 0, 0, 4][min(len(prefix) - 1, 6)]] - 1")
    return numbers(impl.greedy_decode(step, 3, 4, 20))


@probe(dtypes=("float64",))
def test_greedy_decode_negative_logits(impl, make):
    """all logits negative, and very large ones

    logits 全为负；以及非常大的 logits
    """
    negative = decoder("lambda prefix: torch.eye(5)[[4, 2, 3, 1][min(len(prefix) - 1, 3)]] - 9")
    large = decoder("lambda prefix: 1000 * torch.eye(6)[[2, 5, 3, 1][min(len(prefix) - 1, 3)]] - 500")
    return {
        "negative": numbers(impl.greedy_decode(negative, 0, 1, 9)),
        "large": numbers(impl.greedy_decode(large, 0, 1, 9)),
    }


# --- cross_attention ------------------------------------------------------------------------------


@probe(public=True)
def test_cross_attention_tokens(impl, make):
    """two decoder tokens look at three encoder tokens

    解码器的两个 token 看编码器的三个 token
    """
    return impl.cross_attention(
        make.normal(2, 3), make.normal(3, 3), make.normal(3, 2), make.normal(3, 2), make.normal(3, 2)
    )


@probe(public=True)
def test_cross_attention_batch(impl, make):
    """a batch, and all sizes different

    一个批次，各种大小都不同
    """
    n = make.batch(2)
    Wq, Wk, Wv = make.normal(5, 6), make.normal(2, 6), make.normal(2, 7)
    return impl.cross_attention(make.normal(n, 3, 5), make.normal(n, 4, 2), Wq, Wk, Wv)


@probe(weight=2)
def test_cross_attention_gradient(impl, make):
    """the gradient with respect to all five

    对五个参数的梯度
    """
    inputs = [make.normal(*s, grad=True) for s in ((2, 3), (4, 5), (3, 2), (5, 2), (5, 3))]
    return gradients(impl.cross_attention(*inputs), *inputs)


@probe()
def test_cross_attention_square(impl, make):
    """all sizes the same

    各种大小都相同
    """
    return impl.cross_attention(*(make.normal(3, 3) for _ in range(5)))


@probe()
def test_cross_attention_equal_rows(impl, make):
    """an encoder whose rows are all equal, and one with a single row

    编码器各行都相等；以及只有一行
    """
    row, Wq, Wk, Wv = make.normal(1, 4), make.normal(3, 2), make.normal(4, 2), make.normal(4, 5)
    dec = make.normal(2, 3)
    return {
        "equal rows": impl.cross_attention(dec, row.repeat(6, 1), Wq, Wk, Wv),
        "one row": impl.cross_attention(dec, row, Wq, Wk, Wv),
    }


@probe()
def test_cross_attention_large_scores(impl, make):
    """scores of hundreds

    分数达到几百
    """
    dec, enc = make.normal(2, 3, scale=30), make.normal(4, 5, scale=30)
    return impl.cross_attention(dec, enc, make.normal(3, 2), make.normal(5, 2), make.normal(5, 4))


@probe()
def test_cross_attention_leading_dimensions(impl, make):
    """two leading dimensions

    前面有两维
    """
    Wq, Wk, Wv = make.normal(4, 3), make.normal(2, 3), make.normal(2, 4)
    return impl.cross_attention(make.normal(2, 3, 5, 4), make.normal(2, 3, 6, 2), Wq, Wk, Wv)


# --- nat_decode -----------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_nat_decode_three(impl, make):
    """three tokens at once

    一次写三个 token
    """
    step = decoder("lambda prefix: torch.eye(5)[[2, 4, 1, 3]][:len(prefix)]")
    return numbers(impl.nat_decode(step, 3, 0))


@probe(public=True, dtypes=("float64",))
def test_nat_decode_fed(impl, make):
    """what step is fed, and how often

    喂给 step 的是什么，喂了几次
    """
    step = decoder(
        "lambda prefix: torch.stack([-(torch.arange(7.0) - (3 * i + t) % 7).abs() "
        "for i, t in enumerate(prefix)])"
    )
    return {"tokens": numbers(impl.nat_decode(step, 5, 2)), "fed": step.prefixes}


@probe(dtypes=("float64",))
def test_nat_decode_lengths(impl, make):
    """different lengths, also one

    不同的长度，也有 1
    """
    step = decoder(
        "lambda prefix: torch.stack([-(torch.arange(6.0) - (len(prefix) + i) % 6).abs() "
        "for i in range(len(prefix))])"
    )
    return {f"length={n}": numbers(impl.nat_decode(step, length=n, bos=3)) for n in (1, 2, 4, 9)}


@probe(dtypes=("float64",))
def test_nat_decode_square(impl, make):
    """as many positions as words in the vocabulary

    位置数等于词汇表的大小
    """
    step = decoder("lambda prefix: torch.tensor([[1.0, 5, 2], [0, 7, 3], [4, 9, 6]])[:len(prefix)]")
    return numbers(impl.nat_decode(step, 3, 0))


@probe(dtypes=("float64",))
def test_nat_decode_ordinary_tokens(impl, make):
    """no token is special: 0, 1 and BOS may be written, also twice

    没有哪个 token 是特殊的：0、1 和 BOS 都可以写，也可以重复
    """
    step = decoder("lambda prefix: -torch.eye(4)[[0, 1, 1, 0, 2, 2]] + torch.eye(4)[[1, 0, 0, 2, 2, 3]] - 2")
    return numbers(impl.nat_decode(step, 6, 2))


# --- beam_search ----------------------------------------------------------------------------------

# Greedy takes 2 (0.5) and can then only go on badly; 3 (0.4) leads to a text that is nearly sure.
GARDEN = (
    "lambda prefix: torch.tensor({(0,): [1e-9, 0.1, 0.5, 0.4], (0, 2): [1e-9, 0.3, 0.36, 0.34], "
    "(0, 3): [1e-9, 0.02, 0.03, 0.95]}.get(tuple(prefix), [1e-9, 0.9, 0.06, 0.04])).log()"
)
# END at once has the best sum; the long texts have the better mean.
SHORT = (
    "lambda prefix: torch.tensor([[1e-9, 0.45, 0.3, 0.25], [1e-9, 0.1, 0.2, 0.7], [1e-9, 0.2, 0.75, 0.05], "
    "[1e-9, 0.85, 0.1, 0.05]][min(len(prefix) - 1, 3)]).log()"
)
# Looks random, depends on the whole prefix; a constant that depends on it too means nothing to softmax.
WILD = (
    "lambda prefix: 1.5 * torch.sin(torch.arange(6.0) * (5 + sum((i + 4) * t for i, t in enumerate(prefix)))"
    " + 1) + sum(prefix) % 4 - 40 * (torch.arange(6.0) == 0)"
)


@probe(public=True, dtypes=("float64",))
def test_beam_search_garden_path(impl, make):
    """the best first token leads to a worse text

    最好的第一个 token 通向更差的文字
    """
    return numbers(impl.beam_search(decoder(GARDEN), 0, 1, 3, 2))


@probe(public=True, dtypes=("float64",))
def test_beam_search_width_one(impl, make):
    """with width 1 it is greedy decoding

    宽度为 1 时就是贪心解码
    """
    return {
        "garden": numbers(impl.beam_search(decoder(GARDEN), 0, 1, 4, 1)),
        "wild": numbers(impl.beam_search(decoder(WILD), 0, 5, 6, 1)),
    }


@probe(public=True, weight=2, dtypes=("float64",))
def test_beam_search_length(impl, make):
    """a short text does not win for being short

    短的文字不能只因为短就获胜
    """
    return {f"width={w}": numbers(impl.beam_search(decoder(SHORT), 0, 1, 4, w)) for w in (2, 3)}


@probe(weight=2, dtypes=("float64",))
def test_beam_search_wild(impl, make):
    """random-looking logits, several widths and ENDs

    看上去随机的 logits，多种宽度和 END
    """
    return {
        f"width={w}, eos={e}": numbers(impl.beam_search(decoder(WILD, 400), bos=0, eos=e, max_len=5, width=w))
        for w in (2, 3, 4)
        for e in (1, 2, 3, 4, 5)
    }


@probe(dtypes=("float64",))
def test_beam_search_limit(impl, make):
    """the limit ends the search, and texts without END count too

    到了上限就停，没有 END 的文字也算数
    """
    return {f"max_len={n}": numbers(impl.beam_search(decoder(WILD, 400), 0, 4, n, 3)) for n in (1, 2, 3, 7)}


@probe(dtypes=("float64",))
def test_beam_search_wide(impl, make):
    """a width larger than the number of extensions

    宽度比延长的个数还大
    """
    return {
        "garden": numbers(impl.beam_search(decoder(GARDEN, 400), 0, 1, 3, 30)),
        "wild": numbers(impl.beam_search(decoder(WILD, 400), 0, 2, 3, 50)),
    }


@probe(dtypes=("float64",))
def test_beam_search_finished_sets_free(impl, make):
    """a finished text takes no place in later rounds

    写完的文字在以后各轮不占位置
    """
    step = decoder(
        "lambda prefix: torch.tensor({(0,): [1e-9, 0.5, 0.4, 0.1], (0, 2): [1e-9, 0.02, 0.5, 0.48], "
        "(0, 2, 2): [1e-9, 0.34, 0.33, 0.33], (0, 2, 3): [1e-9, 0.97, 0.02, 0.01]}"
        ".get(tuple(prefix), [1e-9, 0.3, 0.4, 0.3])).log()"
    )
    return {f"max_len={n}": numbers(impl.beam_search(step, 0, 1, n, 2)) for n in (2, 3, 4)}


@probe(dtypes=("float64",))
def test_beam_search_end_first(impl, make):
    """END at once is nearly sure

    几乎一开始就是 END
    """
    step = decoder("lambda prefix: torch.tensor([1e-9, 0.97, 0.02, 0.01]).log()")
    return {f"width={w}": numbers(impl.beam_search(step, 0, 1, 3, w)) for w in (1, 2)}
