# %% [markdown] lang="en"
# # Lecture 10 · Transformer
#
# Speech becomes text, a question becomes an answer, a sentence becomes its translation. In all of them a
# sequence goes in and a sequence comes out, and nobody knows beforehand how long the output will be: the
# model decides. The lecture calls this **seq2seq**, and its machine has two halves.
#
# $$\text{sequence} \;\longrightarrow\; \underbrace{\text{encoder}}_{\text{reads}} \;\longrightarrow\;
# \text{vectors} \;\longrightarrow\; \underbrace{\text{decoder}}_{\text{writes, one token at a time}}
# \;\longrightarrow\; \text{sequence}$$
#
# You will build both from small parts: layer normalisation, the residual connection, the feed-forward layer,
# the mask that hides the future, and the loop that writes until the word END appears. At the end your
# Transformer looks at a handwritten digit and *spells* it, letter by letter: `t`, `h`, `r`, `e`, `e`, END.
# Then you will take one small part away, the mask, and watch a model whose training loss is lower than ever
# and that cannot write what it sees.
#
# > **Conventions.** $N$ sequences in a batch, $T$ tokens, $d$ features. A token is a *row*: `x` has the shape
# > (N, T, d), and a layer computes `x @ W + b` (lecture 9 wrote tokens as columns; this is the transpose).
# > "…" in a shape stands for any leading dimensions, also none. In a mask, row $i$ is a query, column $j$ a
# > key, and `True` means *may attend*.

# %% [markdown] lang="zh"
# # 第 10 讲 · Transformer
#
# 语音变成文字，问题变成回答，一句话变成它的译文。它们都是一个序列进、一个序列出，
# 而且事先谁也不知道输出有多长：由模型自己决定。这就是 **seq2seq**，它的机器分两半。
#
# $$\text{序列} \;\longrightarrow\; \underbrace{\text{编码器}}_{\text{读}} \;\longrightarrow\;
# \text{一排向量} \;\longrightarrow\; \underbrace{\text{解码器}}_{\text{写，一次一个 token}}
# \;\longrightarrow\; \text{序列}$$
#
# 你会用一个个小零件把两半都搭起来：层标准化、残差连接、前馈层、挡住未来的 mask，
# 以及那个一直写到 END 为止的循环。最后，你的 Transformer 会看着一个手写数字，
# 把它的英文名一个字母一个字母地*拼*出来：`t`、`h`、`r`、`e`、`e`、END。
# 然后拿掉其中一个小零件，也就是 mask：你会看到一个训练损失低得出奇、却怎么也写不对的模型。
#
# > **约定。** 一个批次有 $N$ 个序列，每个有 $T$ 个 token、$d$ 个特征。一个 token 是*一行*：`x` 的形状是
# > (N, T, d)，一层计算 `x @ W + b`（第 9 讲把 token 写成列，这里是它的转置）。形状里的“…”
# > 表示前面可以有任意多个维度，也可以没有。mask 的第 $i$ 行是 query，第 $j$ 列是 key，`True` 表示*可以看*。

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from autograder import say


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """(…, T, d) to (…, n_heads, T, d / n_heads): each head gets its own share of the features. (Lecture 9)

    (…, T, d) 变成 (…, n_heads, T, d / n_heads)：每个 head 分到自己的那一份特征。（第 9 讲）
    """
    return x.unflatten(-1, (n_heads, x.shape[-1] // n_heads)).transpose(-3, -2)


def merge_heads(x: Tensor) -> Tensor:
    """The inverse of ``split_heads``.

    ``split_heads`` 的逆操作。
    """
    return x.transpose(-3, -2).flatten(-2)


def multi_head_attention(x: Tensor, params: dict[str, Tensor], n_heads: int) -> Tensor:
    """Multi-head self-attention of lecture 9, (…, T, d) to (…, T, d), with the matrices Wq, Wk, Wv, Wo.

    第 9 讲的多头自注意力，(…, T, d) 变成 (…, T, d)，用到矩阵 Wq、Wk、Wv、Wo。
    """
    q, k, v = (split_heads(x @ params[name], n_heads) for name in ("Wq", "Wk", "Wv"))
    weights = torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1)
    return merge_heads(weights @ v) @ params["Wo"]


def position_codes(T: int, d: int) -> Tensor:
    """Sine and cosine position codes of lecture 9 as rows, (T, d).

    第 9 讲的正弦、余弦位置编码，按行排列，(T, d)。
    """
    angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)

# %% [markdown] lang="en"
# ## 1 · One class, or as many as apply
#
# Before the machine, one of the lecture's examples. An image shows one digit: it belongs to *exactly one* of
# ten classes. That is **multi-class**. A news article may be about sport *and* money *and* law, or about none
# of them: that is **multi-label**, and each label is a yes-or-no question of its own.
#
# The two read the same logits differently. Multi-class lets the classes compete and takes the largest.
# Multi-label turns each logit into a probability by itself,
#
# $$p_c = \sigma(y_c) = \frac{1}{1 + e^{-y_c}},$$
#
# and says yes wherever $p_c$ exceeds a threshold.
#
# > **Where the notes slip.** They exchange the two: "multi-label … can only be one class, [multi-class] … one
# > or more". It is the other way round.

# %% [markdown] lang="zh"
# ## 1 · 只选一类，还是符合的都选
#
# 造机器之前，先看课上的一个例子。一张图上有一个数字：十个类别里它属于*恰好一个*，这叫**多类别**（multi-class）。
# 一篇新闻可以既讲体育、*又*讲财经、*又*讲法律，也可以哪个都不是，这叫**多标签**（multi-label），
# 每个标签各是一道“是或否”的题。
#
# 同样的 logits，两者的读法不同。多类别让各类互相竞争，取最大的一个。多标签把每个 logit 单独变成概率，
#
# $$p_c = \sigma(y_c) = \frac{1}{1 + e^{-y_c}},$$
#
# 凡是 $p_c$ 超过阈值的，就回答“是”。
#
# > **笔记的笔误。** 笔记把两者写反了：“前者（multi-label）的输出只能为一个分类，后者（multi-class）
# > 的输出可以为一个或多个分类”。正确的说法恰好相反。

# %% exercise="multiclass_predict" points=4 difficulty=1 minutes=4 vectorised=true
def multiclass_predict(logits: Tensor) -> Tensor:
    """The one class of each sample: the number of its largest logit. (Lecture 10)

    ``logits``: floating, (N, C), the largest of each row unique. Returns int64 of shape (N,), values from 0
    to C − 1, on the same device. No Python loop over the samples.

    每个样本所属的那一个类别：最大的 logit 的编号。（第 10 讲）

    ``logits``：浮点，(N, C)，每行的最大值唯一。返回形状 (N,) 的 int64 张量，取值从 0 到 C − 1，
    设备不变。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return logits.argmax(dim=1)
    ### END SOLUTION

# %% [markdown] hint="multiclass_predict" lang="en"
# 1. For `logits = [[2, 1, 0], [0, 1, 2]]` the answer is `[0, 2]`: one number for each row, counted from 0.
# 2. Section 1 of the lesson: the classes compete, and the largest logit wins. What is asked for is its
#    *place* in the row, not its value.
# 3. `return logits.arg…(dim=…)`

# %% [markdown] hint="multiclass_predict" lang="zh"
# 1. `logits = [[2, 1, 0], [0, 1, 2]]` 的答案是 `[0, 2]`：每行一个数，从 0 数起。
# 2. 见本讲第 1 节：各类互相竞争，最大的 logit 获胜。要的是它在这一行里的*位置*，不是它的值。
# 3. `return logits.arg…(dim=…)`

# %% exercise="multilabel_predict" points=7 difficulty=1 minutes=6 vectorised=true
def multilabel_predict(logits: Tensor, thr: float = 0.5) -> Tensor:
    """Yes or no for every label: 1 where its probability σ(logit) exceeds ``thr``, else 0. (Lecture 10)

    ``logits``: floating, (N, C). ``thr``: between 0 and 1, never exactly equal to a probability. Returns
    int64 of the same shape, of zeros and ones, on the same device. A sample may get no label, one, or
    several. Right for logits of ±1000 too. No Python loop over the samples.

    对每个样本的每个标签回答是或否：该标签的概率 σ(logit) 超过 ``thr`` 时为 1。（第 10 讲）

    ``logits``：浮点，(N, C)。``thr``：在 0 和 1 之间，不会恰好等于某个概率。返回形状相同、只含 0 和 1 的
    int64 张量，设备不变。一个样本可以没有标签，可以有一个，也可以有好几个。
    logits 到 ±1000 时也要正确。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    return (torch.sigmoid(logits) > thr).long()
    ### END SOLUTION

# %% [markdown] hint="multilabel_predict" lang="en"
# 1. `multilabel_predict(torch.tensor([[2.0, 1.0, -3.0]]))` is `[[1, 1, 0]]`: two labels at once. A row of
#    negative logits gets none. With `thr=0.8` only the first label stays, since σ(2) = 0.88 and σ(1) = 0.73.
# 2. Section 1 of the lesson: each logit becomes a probability *by itself*, by σ; the threshold is on
#    probabilities, not on logits, and no label looks at another.
# 3. `return (… > thr).long()`

# %% [markdown] hint="multilabel_predict" lang="zh"
# 1. `multilabel_predict(torch.tensor([[2.0, 1.0, -3.0]]))` 是 `[[1, 1, 0]]`：同时有两个标签。
#    logits 全为负的一行一个标签也没有。`thr=0.8` 时只剩第一个，因为 σ(2) = 0.88，σ(1) = 0.73。
# 2. 见本讲第 1 节：每个 logit *各自*经过 σ 变成概率；阈值比的是概率，不是 logit，标签之间互不影响。
# 3. `return (… > thr).long()`

# %% demo=true
import matplotlib.pyplot as plt

# The same four logits, read in two ways.
# 同样的四个 logits，两种读法。
topics = say("sport money law music", "体育 财经 法律 音乐").split()
logits = torch.tensor([[1.6, 1.2, -2.0, 0.3]])
figure, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained", sharey=True)
best = multiclass_predict(logits)[0]
softmaxed, separate = torch.softmax(logits, dim=1)[0], torch.sigmoid(logits)[0]
for axis, values, chosen, title in (
    (axes[0], softmaxed, torch.arange(4) == best, say("multi-class: one wins", "多类别：只有一个获胜")),
    (axes[1], separate, multilabel_predict(logits)[0] == 1, say("multi-label: above 0.5?", "多标签：超过 0.5 吗？")),
):
    bars = axis.bar(topics, values, color=["tab:orange" if c else "0.8" for c in chosen.tolist()])
    axis.bar_label(bars, [f"{v:.2f}" for v in values.tolist()])
    total = say(f"sum {values.sum():.2f}", f"总和 {values.sum():.2f}")
    axis.set_title(f"{title} ({total})")
axes[0].set_ylabel(say("probability", "概率"))
axes[1].axhline(0.5, color="black", linestyle="--", linewidth=0.8)
axes[0].set_ylim(0, 1)
plt.show()

# %% [markdown] lang="en"
# ## 2 · Layer normalisation
#
# Now the encoder. Its building block contains a normalisation, but not the one of lecture 6. Batch
# normalisation takes one *feature* and looks across the batch. Layer normalisation takes one *token* and
# looks across its features; no other token, and no other sentence, has a say:
#
# $$\mu = \frac1d\sum_i x_i, \qquad \sigma^2 = \frac1d\sum_i (x_i - \mu)^2, \qquad
# x'_i = \gamma_i\,\frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta_i$$
#
# A small example with $\varepsilon = 0$: the token $(1, 2, 3)$ has $\mu = 2$ and $\sigma^2 = 2/3$, and
# becomes $(-1.22, 0, 1.22)$. The token $(10, 20, 30)$ becomes exactly the same.
#
# Two details look harmless and are among the most copied mistakes in public code: $\varepsilon$ stands
# *inside* the root, and $\sigma^2$ divides by $d$ (torch's `var` divides by $d - 1$ unless told otherwise).
#
# > **Where the notes slip.** They say that layer normalisation does not multiply and add a bias. The original
# > does, and so does `nn.LayerNorm`: with $\gamma$ and $\beta$, vectors with one entry for each feature.

# %% [markdown] lang="zh"
# ## 2 · 层标准化
#
# 现在来造编码器。它的块里有一个标准化，但不是第 6 讲的那种。批次标准化取一个*特征*，横跨整个批次来看；
# 层标准化取一个*token*，横跨它的所有特征来看，别的 token、别的句子都没有发言权：
#
# $$\mu = \frac1d\sum_i x_i, \qquad \sigma^2 = \frac1d\sum_i (x_i - \mu)^2, \qquad
# x'_i = \gamma_i\,\frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta_i$$
#
# 举个小例子（$\varepsilon = 0$）：token $(1, 2, 3)$ 的 $\mu = 2$，$\sigma^2 = 2/3$，
# 于是变成 $(-1.22, 0, 1.22)$。token $(10, 20, 30)$ 的结果一模一样。
#
# 有两个细节看似无关紧要，却是公开代码里被抄得最多的错误：$\varepsilon$ 在根号*里面*；
# $\sigma^2$ 除以 $d$（torch 的 `var` 默认除以 $d - 1$）。
#
# > **笔记的笔误。** 笔记说层标准化不需要乘上矩阵并加上偏置。原始的层标准化和 `nn.LayerNorm` 其实都有
# > $\gamma$ 和 $\beta$，它们是向量，每个特征一个值。

# %% exercise="layer_norm" points=14 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["layer_norm"]
def layer_norm(
    x: Tensor, gamma: Tensor | None = None, beta: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Normalise every token over its features: γ (x − μ) / √(σ² + ε) + β. (Lecture 10)

    ``x``: floating, (…, d); μ and σ² are taken over the last dimension, σ² with the divisor d. ``gamma`` and
    ``beta``: (d,), each of them may be None and is then left out (γ = 1, β = 0), independently of the other.
    ``eps`` stands inside the root. The result is a new tensor with the shape, dtype and device of ``x``.

    Accurate in float32 too where the features lie around 1000 and differ by little: take the differences from
    μ first, then square them. A token whose features are all equal becomes β.

    Differentiable with respect to x, γ and β: μ and σ depend on x, and gradients flow through them. No Python
    loop over the tokens, and no library normalisation.

    对每个 token，沿它的特征做标准化：γ (x − μ) / √(σ² + ε) + β。（第 10 讲）

    ``x``：浮点，(…, d)；μ 和 σ² 沿最后一维求，σ² 的除数是 d。``gamma`` 和 ``beta``：(d,)，
    两者都可以是 None，是 None 的那个就省去（γ = 1，β = 0），互不影响。``eps`` 在根号里面。
    结果是新的张量，形状、dtype 和设备与 ``x`` 相同。

    特征都在 1000 附近、彼此相差很小时，float32 也要准确：先减去 μ，再平方。特征全相等的 token 变成 β。

    对 x、γ、β 可微：μ 和 σ 都依赖于 x，梯度也要流过它们。不要用 Python 循环逐个处理 token，
    也不要调用库里的标准化函数。
    """
    ### BEGIN SOLUTION
    centred = x - x.mean(dim=-1, keepdim=True)
    y = centred / (centred.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    if gamma is not None:
        y = y * gamma
    if beta is not None:
        y = y + beta
    return y
    ### END SOLUTION

# %% [markdown] hint="layer_norm" lang="en"
# 1. `layer_norm(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), eps=0.0)` gives (−1.22, 0, 1.22) in both
#    rows. Is each *row's* mean 0? If the numbers are (−1, 0, 1), look at the divisor of the variance. With
#    `eps=0.3` the first row is (−1.017, 0, 1.017).
# 2. Section 2 of the lesson: μ and σ² over the features of one token (the last dimension), ε added to σ²
#    before the root is taken, and only then γ and β.
# 3. `centred = x - x.mean(dim=…, keepdim=True)`, then `y = centred / (… + eps).sqrt()`, then
#    `if gamma is not None: …`, and the same for `beta`.

# %% [markdown] hint="layer_norm" lang="zh"
# 1. `layer_norm(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]), eps=0.0)` 的两行都是 (−1.22, 0, 1.22)。
#    *每一行*的平均是 0 吗？如果得到 (−1, 0, 1)，看看方差的除数。`eps=0.3` 时第一行是 (−1.017, 0, 1.017)。
# 2. 见本讲第 2 节：μ 和 σ² 沿一个 token 的特征（最后一维）求，先把 ε 加到 σ² 上再开根号，最后才是 γ 和 β。
# 3. `centred = x - x.mean(dim=…, keepdim=True)`，然后 `y = centred / (… + eps).sqrt()`，再然后
#    `if gamma is not None: …`，`beta` 同理。

# %% demo=true
# Two sentences of four tokens. The second sentence gets ten times louder: does the first one notice?
# 两个句子，各四个 token。第二句的数值变成十倍：第一句会受影响吗？
torch.manual_seed(0)
sentences = torch.randn(2, 4, 6) * torch.tensor([0.3, 1.0, 3.0, 1.0])[:, None] + 1
louder = sentences * torch.tensor([1.0, 10.0])[:, None, None]


def batch_normalised(x):
    return (x - x.mean(dim=(0, 1))) / x.std(dim=(0, 1), correction=0)


columns = {
    say("sentence 1", "第 1 句"): sentences[0],
    say("layer norm", "层标准化"): layer_norm(sentences)[0],
    say("layer norm,\nsentence 2 louder", "层标准化，\n第 2 句变大"): layer_norm(louder)[0],
    say("batch norm", "批次标准化"): batch_normalised(sentences)[0],
    say("batch norm,\nsentence 2 louder", "批次标准化，\n第 2 句变大"): batch_normalised(louder)[0],
}
figure, axes = plt.subplots(1, 5, figsize=(12, 2.6), layout="constrained", sharey=True)
for axis, (title, values) in zip(axes, columns.items(), strict=True):
    image = axis.imshow(values, cmap="coolwarm", vmin=-2.5, vmax=2.5, aspect="auto")
    axis.set_title(title, fontsize="medium")
    axis.set_xticks([])
axes[0].set_ylabel(say("tokens", "token"))
axes[0].set_xlabel(say("features", "特征"))
figure.colorbar(image, ax=axes)
plt.show()

# %% [markdown] lang="en"
# Layer normalisation brings a quiet token (first row) and a loud one (third row) to the same scale, and a
# sentence's result does not depend on its neighbours in the batch. That is what a model needs that must also
# work on one sentence alone, of any length.
#
# ## 3 · Add and norm
#
# After every sub-layer (attention, or the feed-forward layer) the Transformer adds the sub-layer's input $x$
# to its output: the **residual connection**. Then it normalises:
#
# $$\text{LN}\bigl(x + \text{sub}(x)\bigr)$$
#
# So the sub-layer need not repeat what is already there, only say what to *change*. And gradients have a
# road on which nothing stands in their way.
#
# This order, norm *after* the sum, is the lecture's and the original paper's, **post-norm**. Many models of
# today use $x + \text{sub}(\text{LN}(x))$, **pre-norm**. Both work; here it is post-norm.

# %% [markdown] lang="zh"
# 层标准化让小声的 token（第一行）和大声的 token（第三行）回到同样的尺度，
# 而且一个句子的结果与批次里的邻居无关。一个模型如果还要能单独处理一句话、不管句子多长，正需要这一点。
#
# ## 3 · 相加，再标准化
#
# 每经过一个子层（注意力或前馈层），Transformer 都把子层的输入 $x$ 加到它的输出上，这就是**残差连接**。
# 然后做标准化：
#
# $$\text{LN}\bigl(x + \text{sub}(x)\bigr)$$
#
# 这样，子层不必重复已有的东西，只要说出*该改什么*；梯度也有了一条畅通无阻的路。
#
# 先相加、*后*标准化，是课上和原论文的次序，叫 **post-norm**。如今许多模型用的是
# $x + \text{sub}(\text{LN}(x))$，叫 **pre-norm**。两种都行得通，这里用 post-norm。

# %% exercise="add_and_norm" points=8 difficulty=1 minutes=6 vectorised=true differentiable=true
def add_and_norm(
    x: Tensor, sub: Tensor, gamma: Tensor | None = None, beta: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """The residual connection, then layer normalisation of the sum: LN(x + sub). (Lecture 10)

    ``x``: the sub-layer's input, floating, (…, d). ``sub``: its output, a tensor of the same shape.
    ``gamma``, ``beta`` and ``eps`` belong to the normalisation and mean the same as for ``layer_norm``. The
    result is a new tensor of the same shape and dtype. Differentiable with respect to all tensors.

    You may call your ``layer_norm``, or torch's (``torch.nn.functional.layer_norm``) while yours is not
    right.

    先做残差连接，再对和做层标准化：LN(x + sub)。（第 10 讲）

    ``x``：子层的输入，浮点，(…, d)。``sub``：子层的输出，形状相同的张量。``gamma``、``beta``、``eps``
    属于标准化，含义与 ``layer_norm`` 相同。结果是形状和 dtype 都相同的新张量。对所有张量可微。

    可以调用你写的 ``layer_norm``；它还不对的时候，也可以用 torch 的 ``torch.nn.functional.layer_norm``。
    """
    ### BEGIN SOLUTION
    return layer_norm(x + sub, gamma, beta, eps)
    ### END SOLUTION

# %% [markdown] hint="add_and_norm" lang="en"
# 1. Without γ and β every row of the result has mean 0 and variance (nearly) 1, whatever `sub` is. For a
#    `sub` of zeros the result is `layer_norm(x)`, for an `x` of zeros it is `layer_norm(sub)`.
# 2. Section 3 of the lesson: first the sum, then one normalisation of the sum, $\text{LN}(x + \text{sub})$.
# 3. `return layer_norm(… + …, …, …, …)`, with γ, β and ε handed on.

# %% [markdown] hint="add_and_norm" lang="zh"
# 1. 没有 γ 和 β 时，无论 `sub` 是什么，结果每行的平均都是 0，方差（几乎）是 1。
#    `sub = 0` 时结果是 `layer_norm(x)`，`x = 0` 时是 `layer_norm(sub)`：两者地位相同。
# 2. 见本讲第 3 节：先求和，再对和做一次标准化，$\text{LN}(x + \text{sub})$。
# 3. `return layer_norm(… + …, …, …, …)`，别忘了把 γ、β、ε 传下去。

# %% demo=true
# What the residual is for: eight different tokens go through four attention layers with random weights.
# How alike have they become?
# 残差有什么用：八个不同的 token 穿过四层权重随机的注意力。它们变得有多像？
torch.manual_seed(0)
start = torch.randn(8, 16)
stack = [{name: torch.randn(16, 16) / 4 for name in ("Wq", "Wk", "Wv", "Wo")} for _ in range(4)]
figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained", width_ratios=(1.5, 1, 1))
for axis, name, share, color in (
    (axes[1], "LN(x + sub)", 1, "tab:blue"),
    (axes[2], say("LN(sub), no residual", "LN(sub)，没有残差"), 0, "tab:red"),
):
    layers = [layer_norm(start)]
    for weights in stack:
        h = layers[-1]
        layers.append(add_and_norm(share * h, multi_head_attention(h, weights, n_heads=4)))
    tables = [torch.corrcoef(h) for h in layers]
    likeness = [table[~torch.eye(8, dtype=torch.bool)].mean().item() for table in tables]
    axes[0].plot(range(5), likeness, "o-", color=color, label=name)
    image = axis.imshow(tables[-1], cmap="coolwarm", vmin=-1, vmax=1)
    axis.set_title(name)
    axis.set_xlabel(say("correlation after layer 4", "第 4 层之后的相关"))
axes[0].set_title(say("mean correlation of two tokens", "两个 token 的平均相关"))
axes[0].set_xlabel(say("layer", "层"))
axes[0].set_xticks(range(5))
axes[0].legend()
figure.colorbar(image, ax=axes[1:])
plt.show()

# %% [markdown] lang="en"
# Attention averages, and layers of averages make all tokens the same. With the residual every token keeps its
# own face: it is still itself, plus what it has learnt from the others.
#
# ## 4 · The feed-forward layer
#
# Attention mixes tokens; the fully connected layer then works on each token *by itself*: a wide hidden layer
# with ReLU, and back to $d$ features.
#
# $$\text{FF}(x) = \text{ReLU}(x W_1 + b_1)\, W_2 + b_2$$
#
# It is "position-wise": shuffle the tokens, and the results are shuffled in the same way, nothing else.

# %% [markdown] lang="zh"
# 注意力就是求平均，一层层平均下去，所有 token 就都一个样了。有了残差，每个 token 都保住了自己的样子：
# 还是它自己，再加上从别人那里学到的东西。
#
# ## 4 · 前馈层
#
# 注意力把各个 token 混在一起；接下来的全连接层则*单独*处理每一个 token：先到一个很宽的隐藏层，
# 经过 ReLU，再回到 $d$ 个特征。
#
# $$\text{FF}(x) = \text{ReLU}(x W_1 + b_1)\, W_2 + b_2$$
#
# 它是“逐位置”的：打乱 token 的次序，结果也只是照样打乱，别无变化。

# %% exercise="feed_forward" points=8 difficulty=1 minutes=6 vectorised=true differentiable=true
def feed_forward(x: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    """Two fully connected layers with ReLU in between: ReLU(x W1 + b1) W2 + b2, token by token. (Lecture 10)

    ``x``: floating, (…, d). ``W1``: (d, h), ``b1``: (h,), ``W2``: (h, m), ``b2``: (m,), where m need not be
    equal to d. The result has the shape (…, m). No residual and no normalisation in here. Differentiable with
    respect to all five. No Python loop over the tokens.

    两个全连接层，中间是 ReLU：对每个 token 计算 ReLU(x W1 + b1) W2 + b2。（第 10 讲）

    ``x``：浮点，(…, d)。``W1``：(d, h)，``b1``：(h,)，``W2``：(h, m)，``b2``：(m,)，m 不一定等于 d。
    结果的形状是 (…, m)。这里面没有残差，也没有标准化。对五个参数都可微。
    不要用 Python 循环逐个处理 token。
    """
    ### BEGIN SOLUTION
    return torch.relu(x @ W1 + b1) @ W2 + b2
    ### END SOLUTION

# %% [markdown] hint="feed_forward" lang="en"
# 1. The result may well be negative, as nothing cuts it off at the end. With `b1` very negative all hidden
#    units are 0, and every token becomes `b2`.
# 2. Section 4 of the lesson: $\text{ReLU}(x W_1 + b_1)\,W_2 + b_2$, with one ReLU, between the layers.
# 3. `return torch.relu(… @ W1 + …) @ … + …`

# %% [markdown] hint="feed_forward" lang="zh"
# 1. 结果完全可以是负数，因为最后没有谁把它截掉。`b1` 是很大的负数时，隐藏单元全是 0，每个 token 都变成 `b2`。
# 2. 见本讲第 4 节：$\text{ReLU}(x W_1 + b_1)\,W_2 + b_2$，只有一个 ReLU，在两层之间。
# 3. `return torch.relu(… @ W1 + …) @ … + …`

# %% [markdown] lang="en"
# ## 5 · The encoder's block
#
# Put the parts together. One block is two sub-layers, each with its own add-and-norm:
#
# $$h = \text{LN}_1\bigl(x + \text{MHA}(x)\bigr), \qquad
# \text{out} = \text{LN}_2\bigl(h + \text{FF}(h)\bigr)$$
#
# The second residual starts from $h$, the first one's result, and each normalisation has a $\gamma$ and a
# $\beta$ of its own. `multi_head_attention(x, params, n_heads)` from lecture 9 is given above.

# %% [markdown] lang="zh"
# ## 5 · 编码器的一个块
#
# 把零件拼起来。一个块有两个子层，各带一次“相加再标准化”：
#
# $$h = \text{LN}_1\bigl(x + \text{MHA}(x)\bigr), \qquad \text{输出} = \text{LN}_2\bigl(h + \text{FF}(h)\bigr)$$
#
# 第二个残差从 $h$（第一步的结果）出发；两次标准化各有自己的 $\gamma$ 和 $\beta$。
# 第 9 讲的 `multi_head_attention(x, params, n_heads)` 已经写好，就在前面。

# %% exercise="encoder_block" points=14 difficulty=2 minutes=12 vectorised=true differentiable=true
def encoder_block(x: Tensor, params: dict[str, Tensor], n_heads: int) -> Tensor:
    """One block of the encoder: h = LN₁(x + MHA(x)), then LN₂(h + FF(h)). (Lecture 10)

    ``x``: floating, (…, T, d). ``params``: ``Wq``, ``Wk``, ``Wv``, ``Wo`` (d, d) for
    ``multi_head_attention(x, params, n_heads)``; ``W1`` (d, h), ``b1`` (h,), ``W2`` (h, d), ``b2`` (d,) for
    the feed-forward layer; ``gamma1``, ``beta1`` (d,) for the first normalisation, ``gamma2``, ``beta2`` (d,)
    for the second; ε is 1e-5 in both. ``n_heads`` divides d. The result has the shape and dtype of ``x``;
    ``params`` stays as it is. Differentiable with respect to x and the parameters. No Python loop over
    samples or tokens.

    You may call your own functions, or torch's (``torch.nn.functional.layer_norm``) while yours are not
    right.

    编码器的一个块：h = LN₁(x + MHA(x))，然后 LN₂(h + FF(h))。（第 10 讲）

    ``x``：浮点，(…, T, d)。``params``：``Wq``、``Wk``、``Wv``、``Wo``，形状 (d, d)，用于
    ``multi_head_attention(x, params, n_heads)``；``W1`` (d, h)、``b1`` (h,)、``W2`` (h, d)、``b2`` (d,) 用于前馈层；
    ``gamma1``、``beta1`` (d,) 用于第一次标准化，``gamma2``、``beta2`` (d,) 用于第二次；两次的 ε 都是 1e-5。
    d 能被 ``n_heads`` 整除。结果的形状和 dtype 与 ``x`` 相同；``params`` 保持不变。对 x 和各参数可微。
    不要用 Python 循环逐个处理样本或 token。

    可以调用你自己写的函数；它们还不对的时候，也可以用 torch 的 ``torch.nn.functional.layer_norm``。
    """
    ### BEGIN SOLUTION
    attention = multi_head_attention(x, params, n_heads)
    h = add_and_norm(x, attention, params["gamma1"], params["beta1"])
    ff = feed_forward(h, params["W1"], params["b1"], params["W2"], params["b2"])
    return add_and_norm(h, ff, params["gamma2"], params["beta2"])
    ### END SOLUTION

# %% [markdown] hint="encoder_block" lang="en"
# 1. With `gamma2 = 1` and `beta2 = 0` every row of the result has mean 0. With `Wo = 0`, `W2 = 0`, `b2 = 0`
#    (and all γ = 1, β = 0) both sub-layers say nothing, and the result is `layer_norm(x)` up to ε.
# 2. Section 5 of the lesson: two lines of the form LN(input + sub-layer(input)). The input of the second line
#    is the first one's result, in *both* places.
# 3. `h = add_and_norm(x, …, params["gamma1"], …)`, then `return add_and_norm(…, feed_forward(…, …), …, …)`.

# %% [markdown] hint="encoder_block" lang="zh"
# 1. `gamma2 = 1`、`beta2 = 0` 时，结果每行的平均是 0。`Wo = 0`、`W2 = 0`、`b2 = 0`（且 γ 都是 1、β 都是 0）时，
#    两个子层什么也没说，结果就是 `layer_norm(x)`（ε 造成的微小差别除外）。
# 2. 见本讲第 5 节：两行都是 LN(输入 + 子层(输入)) 的形式。第二行的输入是第一行的结果，*两处*都是。
# 3. `h = add_and_norm(x, …, params["gamma1"], …)`，然后 `return add_and_norm(…, feed_forward(…, …), …, …)`。

# %% [markdown] lang="en"
# ## 6 · The encoder
#
# The block is repeated, each time with parameters of its own. One thing is missing: attention does not know
# where a token stands. So each position has a vector of its own (lecture 9), *added* to the token, once,
# before the first block.

# %% [markdown] lang="zh"
# ## 6 · 编码器
#
# 块要重复若干次，每次用各自的参数。还缺一样东西：注意力不知道 token 站在哪里。
# 所以每个位置有自己的位置向量（第 9 讲），在第一个块之前*加*到 token 上，只加一次。

# %% exercise="encoder" points=7 difficulty=1 minutes=6 vectorised=true differentiable=true
def encoder(x: Tensor, blocks: list[Callable[[Tensor], Tensor]], pe: Tensor) -> Tensor:
    """Add the position codes, then apply the blocks one after another. (Lecture 10)

    ``x``: floating, (…, T, d). ``pe``: (L, d) with L ≥ T; row t belongs to position t, rows from T on are not
    used. ``blocks``: a list of functions, each from (…, T, d) to (…, T, d); the first is applied first. The
    list may be empty. The result has the shape and dtype of ``x``; ``x`` itself stays as it is.
    Differentiable with respect to x and ``pe``.

    先加上位置编码，再依次经过每个块。（第 10 讲）

    ``x``：浮点，(…, T, d)。``pe``：(L, d)，L ≥ T；第 t 行属于位置 t，第 T 行及以后用不到。
    ``blocks``：函数的列表，每个函数把 (…, T, d) 变成 (…, T, d)，第一个最先用；列表可以为空。
    结果的形状和 dtype 与 ``x`` 相同；``x`` 本身不变。对 x 和 ``pe`` 可微。
    """
    ### BEGIN SOLUTION
    h = x + pe[: x.shape[-2]]
    for block in blocks:
        h = block(h)
    return h
    ### END SOLUTION

# %% [markdown] hint="encoder" lang="en"
# 1. With an empty list the result is `x + pe[:T]`. With one block it is `blocks[0](x + pe[:T])`. The shape
#    never changes.
# 2. Section 6 of the lesson: positions are added once, at the input; then each block gets the previous
#    block's result.
# 3. `h = x + pe[: …]`, then `for block in blocks: h = …`.

# %% [markdown] hint="encoder" lang="zh"
# 1. 列表为空时，结果是 `x + pe[:T]`；只有一个块时，是 `blocks[0](x + pe[:T])`。形状始终不变。
# 2. 见本讲第 6 节：位置只在输入处加一次；之后每个块接收上一个块的结果。
# 3. `h = x + pe[: …]`，然后 `for block in blocks: h = …`。

# %% [markdown] lang="en"
# ## 7 · The decoder may not look ahead
#
# The decoder writes one token after the other. When it writes token $i$, the tokens after it do not exist
# yet. In training they do exist, since the whole answer is known; so they must be hidden. Hence **masked**
# self-attention: $b^i$ is made from $a^1 \dots a^i$ only.
#
# The mask is a table of yes and no: may the query of row $i$ look at the key of column $j$? Of course a token
# may look at itself.

# %% [markdown] lang="zh"
# ## 7 · 解码器不许往后看
#
# 解码器一个接一个地写 token。写第 $i$ 个时，后面的还不存在。训练时它们却存在，因为整个答案都已知；
# 所以必须把它们藏起来。这就是**带 mask 的**自注意力：$b^i$ 只由 $a^1 \dots a^i$ 得到。
#
# mask 是一张“可不可以”的表：第 $i$ 行的 query 可以看第 $j$ 列的 key 吗？当然，token 可以看自己。

# %% exercise="causal_mask" points=6 difficulty=1 minutes=5
def causal_mask(T: int, device: torch.device | str | None = None) -> Tensor:
    """True where the query of row i may attend to the key of column j, that is, where j ≤ i. (Lecture 10)

    ``T`` ≥ 1. Returns a bool tensor of shape (T, T) on ``device``: whatever torch takes as a device, for
    example "cuda", "meta" or ``torch.device("cpu")``; None is torch's default.

    谁可以看谁：第 i 行的 query 可以看第 j 列的 key（即 j ≤ i）时为 True。（第 10 讲）

    ``T`` ≥ 1。返回形状 (T, T) 的 bool 张量，放在 ``device`` 上：torch 认得的设备都可以，例如 "cuda"、"meta"
    或 ``torch.device("cpu")``；None 表示 torch 的默认设备。
    """
    ### BEGIN SOLUTION
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()
    ### END SOLUTION

# %% [markdown] hint="causal_mask" lang="en"
# 1. For T = 3 the rows are (1, 0, 0), (1, 1, 0), (1, 1, 1): row 0 sees itself only, the last row sees all. No
#    row is empty.
# 2. Section 7 of the lesson: row i is the query, column j the key, and True means *may attend*: j ≤ i.
# 3. `torch.ones(T, T, dtype=…, device=…)` and then one of `.tril()` and `.triu()`.

# %% [markdown] hint="causal_mask" lang="zh"
# 1. T = 3 时，各行是 (1, 0, 0)、(1, 1, 0)、(1, 1, 1)：第 0 行只看得见自己，最后一行全看得见。没有哪一行是空的。
# 2. 见本讲第 7 节：第 i 行是 query，第 j 列是 key，True 表示*可以看*：j ≤ i。
# 3. `torch.ones(T, T, dtype=…, device=…)`，然后在 `.tril()` 和 `.triu()` 里选一个。

# %% [markdown] lang="en"
# ## 8 · Masked attention
#
# Where does the mask go? The scores $QK^\top / \sqrt{d_k}$ pass through softmax to become weights. A weight
# of 0 is wanted at the forbidden places, and the rest of the row must still sum to 1.
#
# So the mask acts *before* the softmax, on the scores. Which score gives the weight 0? It is not the score 0:
# $e^0 = 1$, as good as any other. Ask for $e^{\,?} = 0$.
#
# $$\text{softmax}\bigl(\text{scores, forbidden ones removed}\bigr)\, V, \qquad
# \text{scores} = \frac{QK^\top}{\sqrt{d_k}}$$

# %% [markdown] lang="zh"
# ## 8 · 带 mask 的注意力
#
# mask 该用在哪里？分数 $QK^\top / \sqrt{d_k}$ 经过 softmax 变成权重。我们想让不许看的地方权重为 0，
# 而这一行其余的权重之和仍为 1。
#
# 所以 mask 要在 softmax *之前*作用在分数上。什么样的分数会得到权重 0？不是分数 0：$e^0 = 1$，
# 并不比别人小。应该问的是：$e^{\,?} = 0$。
#
# $$\text{softmax}\bigl(\text{去掉不许看的分数}\bigr)\, V, \qquad
# \text{分数} = \frac{QK^\top}{\sqrt{d_k}}$$

# %% exercise="masked_attention" points=14 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["attention"]
def masked_attention(Q: Tensor, K: Tensor, V: Tensor, mask: Tensor) -> Tensor:
    """Attention in which a query only sees the keys that its row of the mask allows. (Lecture 10)

    ``Q``: floating, (…, Tq, dk). ``K``: (…, Tk, dk). ``V``: (…, Tk, dv). ``mask``: bool, (Tq, Tk), the same
    for all leading dimensions; True = may attend; every row has at least one True. It need not be causal.
    Scores are Q Kᵀ / √dk; each row of weights is a softmax over the allowed keys and sums to 1; forbidden
    keys have the weight 0. The result is (…, Tq, dv), in the dtype of ``Q``.

    Right and finite for scores of ±1000 too, where a forbidden score is far larger than every allowed one as
    well. Differentiable with respect to Q, K and V, with finite gradients. torch.softmax may be used, but no
    library attention. No Python loop over the batch.

    带 mask 的注意力：每个 query 只看 mask 中它那一行允许的 key。（第 10 讲）

    ``Q``：浮点，(…, Tq, dk)。``K``：(…, Tk, dk)。``V``：(…, Tk, dv)。``mask``：bool，(Tq, Tk)，
    前面各维共用；True = 可以看；每行至少有一个 True，但不一定是因果 mask。分数是 Q Kᵀ / √dk；
    每行的权重是对允许的 key 做 softmax，和为 1；不许看的 key 权重为 0。
    结果的形状是 (…, Tq, dv)，dtype 与 ``Q`` 相同。

    分数到 ±1000 时，结果也要正确、有限，哪怕某个不许看的分数远大于所有允许的分数。对 Q、K、V 可微，
    梯度有限。可以用 torch.softmax，不要调用库里的注意力。不要用 Python 循环逐个处理批次中的样本。
    """
    ### BEGIN SOLUTION
    scores = Q @ K.transpose(-2, -1) / Q.shape[-1] ** 0.5
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ V
    ### END SOLUTION

# %% [markdown] hint="masked_attention" lang="en"
# 1. Take `V = torch.eye(Tk)`: the result then *is* the table of weights. Are the forbidden ones exactly 0?
#    Does every row sum to 1? With `Q = 0` all scores are equal, and the allowed keys share the weight
#    equally.
# 2. Section 8 of the lesson: scores, then the mask, then softmax, then the values. The score that becomes the
#    weight 0 solves $e^{s} = 0$.
# 3. `scores = Q @ … / …`, then `scores.masked_fill(…, …)`, then `return torch.softmax(…, dim=…) @ V`.

# %% [markdown] hint="masked_attention" lang="zh"
# 1. 取 `V = torch.eye(Tk)`，结果*就是*权重表。不许看的权重恰好是 0 吗？每行之和是 1 吗？
#    `Q = 0` 时所有分数相等，允许看的 key 应平分权重。
# 2. 见本讲第 8 节：先算分数，再用 mask，再 softmax，最后乘 values。变成权重 0 的那个分数满足 $e^{s} = 0$。
# 3. `scores = Q @ … / …`，然后 `scores.masked_fill(…, …)`，最后 `return torch.softmax(…, dim=…) @ V`。

# %% demo=true
# With V = identity, attention returns its own weights. In both tables each row sums to 1.
# 令 V 为单位矩阵，注意力返回的就是权重本身。六个 token；有没有 mask，每行权重之和都是 1。
torch.manual_seed(3)
T = 6
tokens, identity = torch.randn(T, 8) * 1.2, torch.eye(T)
tables = {
    say("the mask", "mask"): causal_mask(T).float(),
    say("attention without a mask", "没有 mask 的注意力"):
        masked_attention(tokens, tokens.flip(1), identity, torch.ones(T, T, dtype=torch.bool)),
    say("masked attention", "带 mask 的注意力"):
        masked_attention(tokens, tokens.flip(1), identity, causal_mask(T)),
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
for axis, (title, table) in zip(axes, tables.items(), strict=True):
    axis.imshow(table, cmap="Blues", vmin=0, vmax=1)
    axis.set_title(title)
    axis.set_xlabel(say("key: looked at", "key：被看的"))
    if title != say("the mask", "mask"):
        for i in range(T):
            for j in range(T):
                w = table[i, j].item()
                color = "white" if w > 0.6 else "black"
                axis.text(j, i, f"{w:.2f}" if w else "0", ha="center", va="center", fontsize=8, color=color)
axes[0].set_ylabel(say("query: looks", "query：看的"))
plt.show()

# %% [markdown] lang="en"
# ## 9 · What the decoder is fed
#
# In training the decoder gets the right answer as its input, one place to the right, with BOS ("begin of
# sentence") in front, and predicts the answer itself, END included:
#
# | position | 0 | 1 | 2 | 3 |
# |---|---|---|---|---|
# | input | BOS | o | n | e |
# | label | o | n | e | END |
#
# At each position the input ends just before the label. One place off, and the decoder is handed the solution
# that it should find.

# %% [markdown] lang="zh"
# ## 9 · 喂给解码器什么
#
# 训练时，解码器的输入就是正确答案，只是右移一位、前面放上 BOS（begin of sentence）；要预测的则是答案本身，
# 连 END 也在内：
#
# | 位置 | 0 | 1 | 2 | 3 |
# |---|---|---|---|---|
# | 输入 | BOS | o | n | e |
# | 标签 | o | n | e | END |
#
# 在每个位置上，输入恰好停在标签之前。错开一位，就等于把答案直接交给了解码器。

# %% exercise="shift_right" points=6 difficulty=1 minutes=5 vectorised=true
def shift_right(targets: Tensor, bos: int) -> tuple[Tensor, Tensor]:
    """The pair (decoder input, labels) for training on ``targets``. (Lecture 10)

    ``targets``: int64, (N, T), T ≥ 1; its rows end with END. The input has the same shape: column 0 is
    ``bos``, column t is column t − 1 of ``targets``. The labels are ``targets``, complete. Both are int64 and
    on the same device; ``targets`` itself stays as it is. No Python loop over the samples.

    训练用的一对张量（解码器输入，标签），由 ``targets`` 得到。（第 10 讲）

    ``targets``：int64，(N, T)，T ≥ 1，每行以 END 结尾。输入的形状相同：第 0 列是 ``bos``，
    第 t 列是 ``targets`` 的第 t − 1 列。标签就是完整的 ``targets``。两者都是 int64，设备不变；
    ``targets`` 本身不变。不要用 Python 循环逐个处理样本。
    """
    ### BEGIN SOLUTION
    inputs = torch.cat([torch.full_like(targets[:, :1], bos), targets[:, :-1]], dim=1)
    return inputs, targets
    ### END SOLUTION

# %% [markdown] hint="shift_right" lang="en"
# 1. For `targets = [[5, 6, 1]]` and `bos = 0` the input is `[[0, 5, 6]]` and the labels are `[[5, 6, 1]]`:
#    the same shape, and the last token (END) is in the labels only.
# 2. Section 9 of the lesson: the table. The input at a position is the label one position earlier.
# 3. `inputs = torch.cat([…, targets[:, …]], dim=1)`, with a column of `bos` in front; `return inputs, …`.

# %% [markdown] hint="shift_right" lang="zh"
# 1. `targets = [[5, 6, 1]]`、`bos = 0` 时，输入是 `[[0, 5, 6]]`，标签是 `[[5, 6, 1]]`：形状相同，
#    最后的 token（END）只出现在标签里。
# 2. 见本讲第 9 节的表：某个位置的输入，就是前一个位置的标签。
# 3. `inputs = torch.cat([…, targets[:, …]], dim=1)`，前面是一列 `bos`；`return inputs, …`。

# %% [markdown] lang="en"
# ## 10 · Writing: greedy decoding
#
# Trained, the decoder writes by itself. It is given BOS, answers with one logit for each word of the
# vocabulary, and the largest one is its first token. BOS *and* that token are the next input, and so on: each
# time all that has been written so far. When the largest logit belongs to END, the text is complete: the
# model has decided how long it is. A limit on the length protects from a model that never says END.

# %% [markdown] lang="zh"
# ## 10 · 写：贪心解码
#
# 训练好的解码器自己来写。先给它 BOS，它对词汇表里的每个词各给一个 logit，最大的那个就是第一个 token。
# 接着把 BOS *和*这个 token 一起作为新的输入，如此循环：每次的输入都是到目前为止写下的全部。
# 当最大的 logit 属于 END 时，就写完了：长度由模型自己决定。长度上限用来防备一个总也不说 END 的模型。

# %% exercise="greedy_decode" points=12 difficulty=2 minutes=12
def greedy_decode(step: Callable[[list[int]], Tensor], bos: int, eos: int, max_len: int) -> list[int]:
    """Let a decoder write: the token with the largest logit each time, until END or a limit. (Lecture 10)

    ``step(prefix)`` takes the list of all token numbers so far (Python ints, first ``bos``) and returns the
    logits of the next token, a floating tensor (V,), its largest entry unique. ``eos`` is the number of END;
    ``bos`` and ``eos`` differ, and ``bos`` is never the largest. Returns the list of the tokens written
    (Python ints), without BOS and without END: at most ``max_len``, and [] if END comes first or ``max_len``
    is 0.

    让解码器写字：每一步取 logit 最大的 token，直到 END 或写满 ``max_len`` 个。（第 10 讲）

    ``step(prefix)`` 接收到目前为止所有 token 的编号组成的列表（Python 整数，第一个是 ``bos``），
    返回下一个 token 的 logits：形状 (V,) 的浮点张量，最大值唯一。``eos`` 是 END 的编号；
    ``bos`` 与 ``eos`` 不同，``bos`` 永远不会是最大的。返回写下的 token（Python 整数）组成的列表，不含 BOS 和 END：
    最多 ``max_len`` 个；如果一开始就是 END，或者 ``max_len`` 为 0，返回 []。
    """
    ### BEGIN SOLUTION
    tokens = []
    while len(tokens) < max_len:
        token = int(step([bos, *tokens]).argmax())
        if token == eos:
            break
        tokens.append(token)
    return tokens
    ### END SOLUTION

# %% [markdown] hint="greedy_decode" lang="en"
# 1. Print `prefix` inside a `step` of your own: it must grow by one token at each call, `[bos]`, `[bos, a]`,
#    `[bos, a, b]`. The result has neither BOS nor END in it, and never more than `max_len` tokens.
# 2. Section 10 of the lesson: the whole text so far is the next input; stop at END *before* keeping it.
# 3. A loop `while len(tokens) < …:` with `token = int(step([bos, *…]).arg…())`, then
#    `if token == …: break`, else append.

# %% [markdown] hint="greedy_decode" lang="zh"
# 1. 自己写一个 `step`，在里面打印 `prefix`：每次调用都应多一个 token：`[bos]`、`[bos, a]`、`[bos, a, b]`。
#    结果里既没有 BOS 也没有 END，也绝不超过 `max_len` 个。
# 2. 见本讲第 10 节：到目前为止写下的全部是下一次的输入；遇到 END 就停，而且*不*留下它。
# 3. 循环 `while len(tokens) < …:`，里面 `token = int(step([bos, *…]).arg…())`，然后
#    `if token == …: break`，否则加入列表。

# %% demo=true
# A toy decoder that knows one sentence. Watch what it is fed at each step.
# 一个只会一句话的玩具解码器。看看每一步喂给它的是什么。
vocabulary = ["BOS", "END", *say("machine learning is fun", "机 器 学 习").split()]


def toy_step(prefix):
    likely = {2: 3, 3: 4, 4: 5, 5: 1, 0: 2}[prefix[-1]]
    print(" ".join(vocabulary[t] for t in prefix).ljust(40), "→", vocabulary[likely])
    return torch.eye(len(vocabulary))[likely]


print(say("result:", "结果："), [vocabulary[t] for t in greedy_decode(toy_step, bos=0, eos=1, max_len=10)])

# %% [markdown] lang="en"
# ## Bonus · How the decoder reads the encoder
#
# So far the decoder talks to itself. To translate it must also look at what the encoder has read. It does so
# by attention whose *queries* come from the decoder ("what do I need for my next word?"), while *keys and
# values* come from the encoder. Nothing is masked: the whole input may be read at any time.

# %% [markdown] lang="zh"
# ## 选做 · 解码器怎样读编码器
#
# 到目前为止，解码器一直在自言自语。要翻译，它还得看看编码器读到了什么。办法还是注意力，
# 只是 *query* 来自解码器（“写下一个词，我需要知道什么？”），*key 和 value* 来自编码器。
# 这里不用 mask：整个输入随时都可以看。

# %% exercise="cross_attention" points=5 bonus=true difficulty=2 minutes=10 vectorised=true differentiable=true forbidden=["attention"]
def cross_attention(dec: Tensor, enc: Tensor, Wq: Tensor, Wk: Tensor, Wv: Tensor) -> Tensor:
    """One head of cross-attention: queries from the decoder, keys and values from the encoder. (Lecture 10)

    ``dec``: floating, (…, Td, d). ``enc``: (…, Te, e), with the same leading dimensions. ``Wq``: (d, dk),
    ``Wk``: (e, dk), ``Wv``: (e, dv), used as ``x @ W``. Scores are divided by √dk; each query's weights are a
    softmax over all Te places of the encoder. The result is (…, Td, dv). Differentiable with respect to all
    five. No library attention, and no Python loop over the batch.

    单个 head 的交叉注意力：query 来自解码器，key 和 value 来自编码器。（第 10 讲）

    ``dec``：浮点，(…, Td, d)。``enc``：(…, Te, e)，前面各维与 ``dec`` 相同。``Wq``：(d, dk)，``Wk``：(e, dk)，
    ``Wv``：(e, dv)，用法是 ``x @ W``。分数除以 √dk；每个 query 的权重是对编码器全部 Te 个位置做 softmax。
    结果的形状是 (…, Td, dv)。对五个参数都可微。不要调用库里的注意力，也不要用 Python 循环逐个处理批次中的样本。
    """
    ### BEGIN SOLUTION
    q, k, v = dec @ Wq, enc @ Wk, enc @ Wv
    return torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, dim=-1) @ v
    ### END SOLUTION

# %% [markdown] hint="cross_attention" lang="en"
# 1. The result has as many rows as the *decoder* has tokens. If all rows of `enc` are equal, every row of the
#    result is that row times `Wv`, whatever `dec` is.
# 2. The section above: one projection of `dec`, two of `enc`; then scores, division by √dk, softmax over the
#    encoder's places, and the values.
# 3. `q, k, v = dec @ …, enc @ …, … @ Wv`, then `torch.softmax(q @ … / …, dim=…) @ v`.

# %% [markdown] hint="cross_attention" lang="zh"
# 1. *解码器*有几个 token，结果就有几行。如果 `enc` 各行都相等，那么不管 `dec` 是什么，
#    结果的每一行都是那一行乘以 `Wv`。
# 2. 见上面这一节：`dec` 投影一次，`enc` 投影两次；然后是分数、除以 √dk、对编码器的位置做 softmax，再乘 values。
# 3. `q, k, v = dec @ …, enc @ …, … @ Wv`，然后 `torch.softmax(q @ … / …, dim=…) @ v`。

# %% [markdown] lang="en"
# ## Bonus · All at once: the non-autoregressive decoder
#
# The decoder above is autoregressive (AT): a text of a hundred tokens takes a hundred steps. The lecture ends
# with its opposite, the **non-autoregressive** decoder (NAT). It is fed a whole row of BOS, as many as tokens
# are wanted, and answers at all positions in one step. That is fast, and the length can be chosen; but no
# position knows what the others have decided, and so NAT usually writes worse.

# %% [markdown] lang="zh"
# ## 选做 · 一次写完：非自回归解码器
#
# 上面的解码器是自回归的（AT）：一百个 token 的文字要走一百步。这一讲最后提到它的反面，
# **非自回归**解码器（NAT）：想要几个 token，就喂给它一排几个 BOS，它一步就给出所有位置的回答。
# 速度快，长度也可以自己定；但每个位置都不知道别的位置决定写什么，所以 NAT 通常写得差一些。

# %% exercise="nat_decode" points=5 bonus=true difficulty=1 minutes=6
def nat_decode(step: Callable[[list[int]], Tensor], length: int, bos: int) -> list[int]:
    """Write ``length`` tokens at once: one step on a row of BOS, the largest logit everywhere. (Lecture 10)

    ``step(prefix)`` takes a list of L token numbers (Python ints) and returns the logits at all L positions
    at once, a floating tensor (L, V), the largest of each row unique. It must be called exactly once.
    ``length`` ≥ 1. Returns the list of the ``length`` tokens (Python ints); none of them has a special
    meaning here.

    并行地写出 ``length`` 个 token：对一排 BOS 只走一步，每个位置取最大的 logit。（第 10 讲）

    ``step(prefix)`` 接收 L 个 token 编号组成的列表（Python 整数），一次返回全部 L 个位置的 logits：
    形状 (L, V) 的浮点张量，每行的最大值唯一。它必须恰好被调用一次。``length`` ≥ 1。
    返回这 ``length`` 个 token（Python 整数）组成的列表；在这里，哪个 token 都没有特殊含义。
    """
    ### BEGIN SOLUTION
    return step([bos] * length).argmax(dim=-1).tolist()
    ### END SOLUTION

# %% [markdown] hint="nat_decode" lang="en"
# 1. Print what `step` is given: for `length=3` it must be `[bos, bos, bos]`, and it must be printed once. The
#    result has three tokens.
# 2. The section above: a whole row of BOS goes in, and every row of logits gives one token.
# 3. `return step([…] * …).arg…(dim=…).tolist()`

# %% [markdown] hint="nat_decode" lang="zh"
# 1. 打印出 `step` 收到了什么：`length=3` 时应是 `[bos, bos, bos]`，而且只打印一次。结果有三个 token。
# 2. 见上面这一节：输入是一整排 BOS，logits 的每一行给出一个 token。
# 3. `return step([…] * …).arg…(dim=…).tolist()`

# %% [markdown] lang="en"
# ## Bonus · Not only the best next token: beam search
#
# Greedy decoding takes the best next token and never turns back. A slightly worse first token may lead to a
# much better text. **Beam search** keeps the `width` best beginnings instead of one. Texts are compared by
# the sum of their tokens' log-probabilities. That sum falls with every token, so a short text would win
# merely for being short; to choose among *finished* texts of different lengths, divide it by the number of
# tokens.

# %% [markdown] lang="zh"
# ## 选做 · 不只看最好的下一个 token：束搜索
#
# 贪心解码每次取最好的下一个 token，从不回头。可是第一个 token 稍差一点，也许能引出好得多的文字。
# **束搜索**（beam search）保留 `width` 个最好的开头，而不是一个。比较时，用各 token 的对数概率之和。
# 每多一个 token，这个和就变小一点，短的文字会只因为短就获胜；所以在长度不同的*写完的*文字里挑选时，
# 要除以 token 的个数。

# %% exercise="beam_search" points=8 bonus=true difficulty=3 minutes=25
def beam_search(
    step: Callable[[list[int]], Tensor], bos: int, eos: int, max_len: int, width: int
) -> list[int]:
    """The best text that a search with ``width`` beginnings finds, by mean log-probability. (Lecture 10)

    ``step(prefix)`` takes a list of token numbers (Python ints, first ``bos``) and returns the logits of the
    next token, a floating tensor (V,); log-probabilities are their log-softmax. The search starts with
    ``[bos]`` and makes at most ``max_len`` ≥ 1 rounds. In each round every beginning is extended by every
    token, and of all these extensions the ``width`` with the largest *sum* of log-probabilities are kept
    (all, if there are fewer). Those that end in ``eos`` are finished: they are set aside, and take no place
    in later rounds. The others are the next round's beginnings; if there are none, the search ends.

    At the end the finished texts and the remaining beginnings are compared by their *mean* log-probability:
    the sum divided by the number of tokens, where END counts and BOS does not. Returns the best one's tokens
    (Python ints) without BOS and END. There are no ties, and ``bos`` is too unlikely to be ever written.

    用 ``width`` 个开头去搜索，返回找到的最好的文字，以平均对数概率为准。（第 10 讲）

    ``step(prefix)`` 接收 token 编号组成的列表（Python 整数，第一个是 ``bos``），返回下一个 token 的 logits：
    形状 (V,) 的浮点张量；对数概率是它的 log-softmax。搜索从 ``[bos]`` 开始，最多进行 ``max_len`` ≥ 1 轮。
    每一轮里，每个开头都接上每一个 token；在所有这些延长里，留下对数概率之*和*最大的 ``width`` 个（不够就全留）。
    其中以 ``eos`` 结尾的算写完了：放到一边，以后各轮不再占位置。其余的是下一轮的开头；一个也不剩时，搜索结束。

    最后，写完的文字和剩下的开头一起比*平均*对数概率：用和除以 token 的个数，END 计入，BOS 不计入。
    返回最好的那个的 token（Python 整数），不含 BOS 和 END。不会出现并列，``bos`` 的概率小到永远不会被写出来。
    """
    ### BEGIN SOLUTION
    beam, finished = [(0.0, [bos])], []
    for _ in range(max_len):
        longer = []
        for score, prefix in beam:
            log_p = torch.log_softmax(step(prefix), dim=-1).tolist()
            longer += [(score + p, [*prefix, token]) for token, p in enumerate(log_p)]
        kept = sorted(longer, reverse=True)[:width]
        finished += [text for text in kept if text[1][-1] == eos]
        beam = [text for text in kept if text[1][-1] != eos]
    _, best = max(finished + beam, key=lambda text: text[0] / (len(text[1]) - 1))
    return [token for token in best[1:] if token != eos]
    ### END SOLUTION

# %% [markdown] hint="beam_search" lang="en"
# 1. With `width=1` it must agree with `greedy_decode`. If it gives short texts even though longer ones have a
#    better mean, look at the last comparison; if it is worse than greedy, look at what is kept in each round.
# 2. The section above and the docstring: extend *all* beginnings by *all* tokens, keep `width` of the lot by
#    sum, set the finished aside; the mean decides at the end only.
# 3. `beam, finished = [(0.0, [bos])], []`, then in each round
#    `longer += [(score + p, [*prefix, token]) for token, p in enumerate(…)]`, then sort, cut, and divide into
#    finished and not; `max(…, key=lambda text: … / …)`.

# %% [markdown] hint="beam_search" lang="zh"
# 1. `width=1` 时应与 `greedy_decode` 一致。如果更长的文字平均更好，得到的却总是短的，检查最后的比较；
#    如果比贪心还差，检查每一轮留下了什么。
# 2. 见上面这一节和文档：把*所有*开头接上*所有* token，合在一起按和留下 `width` 个，写完的放一边；
#    平均只在最后用。
# 3. `beam, finished = [(0.0, [bos])], []`，然后每一轮
#    `longer += [(score + p, [*prefix, token]) for token, p in enumerate(…)]`，接着排序、截断、
#    分成写完的和没写完的；最后 `max(…, key=lambda text: … / …)`。

# %% demo=true
# Greedy takes the likelier first word, and then has three equally poor ways to go on.
# 贪心取了更可能的第一个词，接下来却只有三条同样平淡的路。
vocabulary = ["BOS", "END", *say("a my cat dog bird friend", "一只 我的 猫 狗 鸟 朋友").split()]
following = {
    (0,): {2: 0.6, 3: 0.4},
    (0, 2): {4: 0.36, 5: 0.34, 6: 0.3},
    (0, 3): {7: 0.96, 4: 0.04},
}


def story(prefix):
    p = torch.full((8,), 1e-9)
    for token, likely in following.get(tuple(prefix), {1: 1.0}).items():
        p[token] = likely
    return p.log()


texts = {"greedy_decode": greedy_decode(story, 0, 1, 5), "beam_search": beam_search(story, 0, 1, 5, width=2)}
for name, text in texts.items():
    p = 1.0
    for i, token in enumerate([*text, 1]):
        p *= torch.softmax(story([0, *text[:i]]), dim=0)[token].item()
    print(f"{name}: {' '.join(vocabulary[t] for t in text)}", say(f"(probability {p:.2f})", f"（概率 {p:.2f}）"))

# %% [markdown] lang="en"
# ## Capstone · Spell what you see
#
# All parts together. The encoder reads a handwritten digit as a sequence of its eight rows of pixels. The
# decoder spells the digit's English name: `three` takes six steps, END included; `six` takes four. Nobody
# tells it the length.
#
# Between its masked self-attention and its feed-forward layer the decoder looks at the encoder's result:
# **cross-attention**, with queries from the decoder, and keys and values from the encoder. Here it is your
# `masked_attention` once more, with a mask that allows everything.
#
# The model is trained twice, from the same random weights: with the causal mask, and without it. Make your
# bet before you run the cell: which of the two has the lower training loss, and which of them can spell?

# %% [markdown] lang="zh"
# ## 综合实践 · 看图拼字
#
# 把所有零件合起来。编码器把手写数字读成一个序列：它的八行像素。解码器把数字的英文名拼出来：
# 拼 `three` 要六步（END 也算一步），拼 `six` 要四步。没有人告诉它长度。
#
# 解码器在带 mask 的自注意力和前馈层之间，还要看一眼编码器的结果，这就是**交叉注意力**（cross-attention）：
# query 来自解码器，key 和 value 来自编码器。这里用的还是你写的 `masked_attention`，只是这个 mask 什么都允许看。
#
# 模型从同样的随机权重出发，训练两次：一次有因果 mask，一次没有。运行之前先押个注：
# 哪一个的训练损失更低？哪一个会拼字？

# %% demo=true
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

# The matrices are small: one thread is faster than several that wait for each other.
# 矩阵都很小：一个线程比几个互相等待的线程更快。
torch.set_num_threads(1)

digits = load_digits()
images, classes = torch.tensor(digits.images / 16, dtype=torch.float32), torch.tensor(digits.target)
order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
train, validation = order[:1300], order[1300:]

# Words as rows of letter numbers, filled up with END.
# 单词变成一行字母编号，后面用 END 补齐。
BOS, END, WIDTH, HEADS = 0, 1, 32, 4
NAMES = "zero one two three four five six seven eight nine".split()
LETTERS = ["BOS", "END", *sorted(set("".join(NAMES)))]
LONGEST = 6
WORDS = torch.tensor([[LETTERS.index(c) for c in name] + [END] * (LONGEST - len(name)) for name in NAMES])
ALL = torch.ones(LONGEST, LONGEST, dtype=torch.bool)
ROWS = torch.ones(LONGEST, 8, dtype=torch.bool)


def new_model(seed: int = 0) -> dict:
    generator = torch.Generator().manual_seed(seed)

    def matrix(rows, columns):
        return torch.randn(rows, columns, generator=generator) / rows**0.5

    def block():
        p = {name: matrix(WIDTH, WIDTH) for name in ("Wq", "Wk", "Wv", "Wo", "Cq", "Ck", "Cv", "Co")}
        p |= {"W1": matrix(WIDTH, 64), "b1": torch.zeros(64)}
        p |= {"W2": matrix(64, WIDTH), "b2": torch.zeros(WIDTH)}
        p |= {f"gamma{i}": torch.ones(WIDTH) for i in (1, 2, 3)}
        return p | {f"beta{i}": torch.zeros(WIDTH) for i in (1, 2, 3)}

    ends = {"pixels": matrix(8, WIDTH), "letters": matrix(len(LETTERS), WIDTH)}
    ends["out"] = matrix(WIDTH, len(LETTERS))
    model = {"encoder": block(), "decoder": block(), "ends": ends}
    for part in model.values():
        for p in part.values():
            p.requires_grad_()
    return model


# Encode pictures (N, 8, 8) as (N, 8, WIDTH).
# 把图片 (N, 8, 8) 编码成 (N, 8, WIDTH)。
def read(model, pictures):
    blocks = [lambda h: encoder_block(h, model["encoder"], HEADS)]
    return encoder(pictures @ model["ends"]["pixels"], blocks, position_codes(8, WIDTH))


def decoder_attention(x, memory, p, names, mask):
    q, k, v = x @ p[names[0]], memory @ p[names[1]], memory @ p[names[2]]
    q, k, v = split_heads(q, HEADS), split_heads(k, HEADS), split_heads(v, HEADS)
    return merge_heads(masked_attention(q, k, v, mask)) @ p[names[3]]


# The decoder's first sub-layer: the letters so far.
# 解码器的第一个子层：看已有的字母。
def look_back(model, inputs, mask):
    p = model["decoder"]
    x = model["ends"]["letters"][inputs] + position_codes(inputs.shape[1], WIDTH)
    attention = decoder_attention(x, x, p, ("Wq", "Wk", "Wv", "Wo"), mask)
    return add_and_norm(x, attention, p["gamma1"], p["beta1"])


# Logits of the next letter at each position.
# 每个位置上，下一个字母的 logits。
def write(model, inputs, memory, mask):
    p = model["decoder"]
    h = look_back(model, inputs, mask)
    attention = decoder_attention(h, memory, p, ("Cq", "Ck", "Cv", "Co"), ROWS[: inputs.shape[1]])
    h = add_and_norm(h, attention, p["gamma2"], p["beta2"])
    h = add_and_norm(h, feed_forward(h, p["W1"], p["b1"], p["W2"], p["b2"]), p["gamma3"], p["beta3"])
    return h @ model["ends"]["out"]


def fit(model, mask, epochs: int = 12):
    generator, losses = torch.Generator().manual_seed(1), []
    optimiser = torch.optim.Adam([p for part in model.values() for p in part.values()])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.01, total_steps=epochs * 20)
    for _ in range(epochs):
        for batch in train[torch.randperm(1300, generator=generator)].split(65):
            inputs, labels = shift_right(WORDS[classes[batch]], BOS)
            logits = write(model, inputs, read(model, images[batch]), mask)
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
    return losses


# The words that the model writes, letter by letter.
# 模型一个字母一个字母写出的单词。
@torch.no_grad()
def spell(model, pictures, mask):
    words = []
    for memory in read(model, pictures).split(1):
        def step(prefix, memory=memory):
            T = len(prefix)
            return write(model, torch.tensor([prefix]), memory, mask[:T, :T])[0, -1]

        words.append("".join(LETTERS[t] for t in greedy_decode(step, BOS, END, LONGEST)))
    return words


truth = [NAMES[c] for c in classes[validation]]
tasks = {
    say("with the mask", "有 mask"): (causal_mask(LONGEST), 497),
    say("without it", "没有 mask"): (ALL, 100),
}
models, losses, spelled = [], {}, {}
for name, (mask, count) in tasks.items():
    models.append(new_model())
    losses[name] = fit(models[-1], mask)
    spelled[name] = spell(models[-1], images[validation[:count]], mask)
    right = sum(a == b for a, b in zip(spelled[name], truth, strict=False)) / count
    real = sum(word in NAMES for word in spelled[name]) / count
    end = sum(losses[name][-20:]) / 20
    print(say(
        f"{name}: training loss {end:.4f}; of {count} validation words {right:.3f} right, {real:.3f} English",
        f"{name}：训练损失 {end:.4f}；{count} 个验证集单词中，拼对的占 {right:.3f}，是英文单词的占 {real:.3f}",
    ))

# %% demo=true
# Left: the training loss. Right: what the two models write for the first validation images.
# 左：训练损失。右：对验证集里最前面的几张图，两个模型各写了什么。
figure = plt.figure(figsize=(11, 4.2), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=(1, 1.3))
axis = left.subplots()
for (name, curve), color in zip(losses.items(), ("tab:blue", "tab:red"), strict=True):
    axis.semilogy(curve, color=color, label=name)
axis.set_title(say("training loss", "训练损失"))
axis.set_xlabel(say("updates", "更新次数"))
axis.legend()
with_mask, without = spelled.values()
for i, panel in enumerate(right.subplots(2, 5).flat):
    panel.imshow(images[validation[i]], cmap="gray_r")
    panel.axis("off")
    panel.set_title(with_mask[i], color="tab:blue", fontsize="medium")
    panel.text(3.5, 8.6, without[i] or say("(nothing)", "（空）"), color="tab:red", ha="center", va="center")
plt.show()

# %% demo=true
# Where does the decoder look while it writes? Cross-attention, the mean of the heads: beside each image, its
# rows against the letters. (With the identity in place of V, your attention returns its weights.)
# 解码器写字时在看哪里？交叉注意力（各 head 取平均）：图片旁边，纵向是图片的行，横向是字母。
# （用单位矩阵代替 V，你写的注意力返回的就是权重。）
chosen = [int(validation[with_mask.index(name)]) for name in ("seven", "three", "zero")]
figure, axes = plt.subplots(1, 6, figsize=(12, 2.5), layout="constrained", width_ratios=(1, 1.1) * 3)
with torch.no_grad():
    memory, p = read(models[0], images[chosen]), models[0]["decoder"]
    h = look_back(models[0], shift_right(WORDS[classes[chosen]], BOS)[0], causal_mask(LONGEST))
    q, k = split_heads(h @ p["Cq"], HEADS), split_heads(memory @ p["Ck"], HEADS)
    weights = masked_attention(q, k, torch.eye(8), ROWS).mean(dim=1)
for i, index in enumerate(chosen):
    picture, table = axes[2 * i], axes[2 * i + 1]
    picture.imshow(images[index], cmap="gray_r")
    picture.axis("off")
    letters = [*NAMES[classes[index]], "END"]
    table.imshow(weights[i, : len(letters)].T, cmap="Blues", vmin=0)
    table.set_xticks(range(len(letters)), letters)
    table.set_yticks([])
    table.set_title(say("rows looked at", "看了哪几行"), fontsize="medium")
plt.show()

# %% [markdown] lang="en"
# With the mask the model spells about 97 of 100 unseen digits right, and practically everything that it
# writes is an English number: where it fails, it has misread the picture, not the spelling. Without the mask
# the training loss is *lower*, as the answer stands in the input, one place to the right, and only has to be
# copied. When it must write by itself there is nothing to copy, and what it writes has nothing to do with the
# picture: it is right about as often as somebody who guesses with closed eyes. A low training loss proves
# nothing if the input contains the label.
#
# **What you take along.** A token is normalised by itself; the sub-layer's output is added to its input, and
# the sum is normalised. The block is attention and feed-forward, each with its add-and-norm; positions are
# added once. The mask acts on the scores, before softmax, with −∞. The decoder is trained on the shifted
# answer, writes token by token, and says itself when it is done.

# %% [markdown] lang="zh"
# 有 mask 的模型，100 个没见过的数字里大约拼对 97 个，而且写出来的几乎全是英文数词：错的时候是看错了图，
# 不是拼错了字。没有 mask 的模型训练损失反而*更低*，因为答案就在输入里，往右一位，抄下来就行。
# 等到要自己写的时候，没有东西可抄，写出来的词与图片毫无关系，和闭着眼睛猜差不多。
# 输入里如果藏着标签，训练损失再低也说明不了什么。
#
# **本讲要点。** 每个 token 单独标准化；子层的输出加上它的输入，再对和做标准化。一个块由注意力和前馈层组成，
# 各带一次相加与标准化；位置只加一次。mask 在 softmax 之前作用在分数上，用 −∞。
# 解码器用右移的答案来训练，一个 token 一个 token 地写，写完了由自己说。
