# %% [markdown] lang="en"
# # Lecture 9 · Self-attention
#
# So far a network's input was one vector. A sentence, a sound, a molecule is a *sequence* of vectors,
# sometimes three and sometimes three hundred, and what one of them means depends on the others: in *I saw a
# saw*, the first "saw" is a verb and the second a tool.
#
# **Self-attention** lets every vector look at the whole sequence and decide itself what matters:
#
# $$Q = W^q I, \quad K = W^k I, \quad V = W^v I, \qquad A = K^{\top} Q, \quad A' = \mathrm{softmax}(A),
# \qquad O = V A'$$
#
# Six short equations, and they are the heart of every large language model. You will write each of them, then
# several heads at once, then what is missing (a sense of order), and at the end a network that reads
# handwritten digits row by row, whose attention you can look at.
#
# > **Notation.** The lecture writes vectors as **columns**: $I = [a^1 \dots a^N]$ has the shape $(d, N)$,
# > and a weight matrix stands on the left. PyTorch writes tokens as **rows**, $(N, d)$, and everything is
# > transposed. Functions here use columns unless their name ends in `_rows`. A *token* is one vector of the
# > sequence.

# %% [markdown] lang="zh"
# # 第 9 讲 · 自注意力
#
# 到目前为止，网络的输入都是一个向量。而一个句子、一段声音、一个分子是*一串*向量，有时三个，有时三百个，
# 而且其中每一个的含义都要看其他的：在 *I saw a saw* 里，前一个 saw 是动词“看见”，后一个是名词“锯子”。
#
# **自注意力**（self-attention）让每个向量都能看到整个序列，并自己决定哪些重要：
#
# $$Q = W^q I, \quad K = W^k I, \quad V = W^v I, \qquad A = K^{\top} Q, \quad A' = \mathrm{softmax}(A),
# \qquad O = V A'$$
#
# 六个短短的式子，就是所有大语言模型的心脏。你会把它们逐一写出来，再写多个头，再补上它缺的东西（顺序），
# 最后做一个一行一行地读手写数字的网络，并亲眼看看它在注意什么。
#
# > **记号。** 课上的向量是**列**：$I = [a^1 \dots a^N]$ 的形状是 $(d, N)$，权重矩阵乘在左边。
# > PyTorch 里一个 token 是一**行**，形状是 $(N, d)$，一切都转置过来。这里的函数都按列来，
# > 名字以 `_rows` 结尾的除外。序列里的一个向量叫一个 *token*。

# %%
import math
from collections.abc import Callable

import torch
from torch import Tensor

from autograder import say

# %% [markdown] lang="en"
# ## 1 · From words to vectors
#
# A word can be written as a one-hot vector, as long as the vocabulary. Then all words are equally far apart,
# and *cat* is no closer to *dog* than to *run*. A **word embedding** gives each word a vector of its own, a
# row of a table that is learned. Multiplying a one-hot row by the table picks exactly that row:
#
# $$(0, 0, 1, 0)\; \text{table} \;=\; \text{row 2 of the table}$$
#
# With a vocabulary of 50 000 nobody multiplies by 49 999 zeros. The row is looked up.

# %% [markdown] lang="zh"
# ## 1 · 从词到向量
#
# 一个词可以写成独热向量，词表有多大，向量就有多长。可这样一来，任意两个词都一样远：
# *cat* 离 *dog* 并不比离 *run* 更近。**词嵌入**（word embedding）给每个词一个自己的向量，
# 也就是一张可学习的表里的一行。用独热的行去乘这张表，取出来的正是那一行：
#
# $$(0, 0, 1, 0)\; \text{table} \;=\; \text{表的第 2 行}$$
#
# 词表有 50 000 个词时，没有人会去乘那 49 999 个零，直接查表就行。

# %% exercise="embedding_lookup" points=5 difficulty=1 minutes=6 vectorised=true differentiable=true forbidden=["embedding"]
def embedding_lookup(table: Tensor, ids: Tensor) -> Tensor:
    """The row of ``table`` for each id. (Lecture 9)

    ``table``: floating, (V, d), one row for each word of the vocabulary. ``ids``: int64 of any shape, also
    without a dimension (a single id) and also a transposed view; values from 0 to V − 1. The result has the
    shape of ``ids`` with d appended, thus (d,) for a single id, and the dtype and device of ``table``.

    Differentiable in ``table``: a row that is used twice receives both gradients. No Python loop over the
    ids, and no library embedding.

    每个 id 换成 ``table`` 中对应的那一行。（第 9 讲）

    ``table``：浮点，(V, d)，词表里每个词一行。``ids``：任意形状的 int64 张量，可以是零维的（单个 id），
    也可以是转置得到的视图；取值从 0 到 V − 1。结果的形状是 ``ids`` 的形状后面加上 d，单个 id 就是 (d,)；
    dtype 和设备与 ``table`` 相同。

    对 ``table`` 可微：用了两次的行，两份梯度都要收到。不要用 Python 循环逐个处理 id，也不要调用库里的嵌入函数。
    """
    ### BEGIN SOLUTION
    return table[ids]
    ### END SOLUTION

# %% [markdown] hint="embedding_lookup" lang="en"
# 1. With 5 words of 3 numbers each, ids of shape (2, 4) must give the shape (2, 4, 3), and
#    `embedding_lookup(table, torch.tensor(1))` must be the second row of the table, of shape (3,).
# 2. Section 1 of the lesson: a one-hot row times the table is a row of the table. A tensor of ids can be an
#    index, and the result then has one row for each id.
# 3. One expression: `table[…]`

# %% [markdown] hint="embedding_lookup" lang="zh"
# 1. 有 5 个词、每个词 3 个数时，形状 (2, 4) 的 ids 应得到形状 (2, 4, 3)；
#    `embedding_lookup(table, torch.tensor(1))` 应当是表的第二行，形状 (3,)。
# 2. 见本讲第 1 节：独热的行乘以表，就是表里的一行。由 id 组成的张量可以直接当下标用，每个 id 得到一行。
# 3. 一个表达式：`table[…]`

# %% demo=true
# A vocabulary of three words, and the sentence with one column for each word.
# 只有三个词的词表，以及一词一列的句子。
words = ["I", "saw", "a", "saw"]
vocabulary = ["I", "saw", "a"]
ids = torch.tensor([vocabulary.index(word) for word in words])
table = 2 * torch.eye(3, 4)
one_hot_rows = torch.nn.functional.one_hot(ids, len(vocabulary)).float()
sentence = (one_hot_rows @ table).T
print(sentence)
# Looking up gives the same as multiplying by one-hot rows.
# 查表的结果，与“独热的行乘以表”相同。
print(say("the same by lookup:", "查表得到的相同："), torch.equal(embedding_lookup(table, ids).T, sentence))

# %% [markdown] lang="en"
# ## 2 · The first idea: a window
#
# *Sequence labelling*: one label for each vector, such as verb or noun for each word. A fully connected
# network that sees one word at a time must give both "saw" the same answer, for they are the same input. So
# let it see the neighbours too: stack each vector with $k$ neighbours on either side into one long vector.
#
# $$\text{column } n:\quad \begin{bmatrix} a^{n-k} \\ \vdots \\ a^{n} \\ \vdots \\ a^{n+k} \end{bmatrix}
# \qquad (\text{zeros outside the sequence})$$
#
# It works, as far as the window reaches. To cover the whole sequence it must be as long as the longest one,
# and the first layer's parameters grow with it. Keep this baseline in mind.

# %% [markdown] lang="zh"
# ## 2 · 最初的想法：窗口
#
# *序列标注*：每个向量一个标签，比如给每个词标上动词或名词。如果全连接网络一次只看一个词，
# 两个 saw 就必须得到同样的答案，因为输入是一样的。那就让它也看看邻居：把每个向量和左右各 $k$ 个邻居
# 叠成一个长向量。
#
# $$\text{第 } n \text{ 列：}\quad \begin{bmatrix} a^{n-k} \\ \vdots \\ a^{n} \\ \vdots \\ a^{n+k} \end{bmatrix}
# \qquad (\text{序列之外补零})$$
#
# 窗口够得着的地方，它是管用的。可要覆盖整个序列，窗口就得和最长的序列一样长，第一层的参数也随之增长。
# 先记住这个基准方法。

# %% exercise="window_features" points=6 difficulty=2 minutes=12 differentiable=true
def window_features(I: Tensor, k: int) -> Tensor:
    """Each token stacked with its k neighbours on either side. (Lecture 9)

    ``I``: floating, (d, N), one token a column. ``k``: an int, 0 or more, and it may exceed N. Column n of
    the result holds the 2k + 1 tokens a^{n−k}, …, a^n, …, a^{n+k} one below the other, the earliest on top,
    each with its d numbers in their order; a place outside the sequence holds zeros. The result has the
    shape (d·(2k + 1), N) and the dtype and device of ``I``. With k = 0 it equals ``I``.

    Differentiable. Loops are fine here.

    每个 token 与左右各 k 个邻居叠在一起。（第 9 讲）

    ``I``：浮点，(d, N)，一列是一个 token。``k``：不小于 0 的整数，可以比 N 大。
    结果的第 n 列从上到下是 2k + 1 个 token：a^{n−k}、……、a^n、……、a^{n+k}，最早的在最上面，
    每个 token 的 d 个数保持原来的次序；落在序列之外的位置填零。
    结果的形状是 (d·(2k + 1), N)，dtype 和设备与 ``I`` 相同。k = 0 时，结果就等于 ``I``。

    可微。这里可以用循环。
    """
    ### BEGIN SOLUTION
    d, N = I.shape
    zeros = I.new_zeros(d, k)
    padded = torch.cat([zeros, I, zeros], dim=1)
    return torch.cat([padded[:, s : s + N] for s in range(2 * k + 1)], dim=0)
    ### END SOLUTION

# %% [markdown] hint="window_features" lang="en"
# 1. For `I = torch.tensor([[1.0, 2.0, 3.0]])` and k = 1 the columns are (0, 1, 2), (1, 2, 3) and (2, 3, 0):
#    the middle one of each is the token itself. The number of columns stays N.
# 2. Section 2 of the lesson. Put k columns of zeros before and behind the sequence. Then the rows that
#    belong to one offset are a slice of the padded sequence, N columns wide.
# 3. `padded = torch.cat([…, I, …], dim=1)`, then `torch.cat([padded[:, s : …] for s in range(…)], dim=0)`

# %% [markdown] hint="window_features" lang="zh"
# 1. `I = torch.tensor([[1.0, 2.0, 3.0]])`、k = 1 时，各列是 (0, 1, 2)、(1, 2, 3)、(2, 3, 0)：
#    每列正中间的就是那个 token 自己。列数仍是 N。
# 2. 见本讲第 2 节。在序列前后各补 k 列零，那么同一个偏移量对应的几行，就是补零后的序列上宽为 N 的一个切片。
# 3. `padded = torch.cat([…, I, …], dim=1)`，然后 `torch.cat([padded[:, s : …] for s in range(…)], dim=0)`

# %% demo=true
# Can the two "saw" be told apart? Word by word they cannot; with a window of one neighbour they can.
# 两个 saw 分得开吗？一个词一个词地看分不开，窗口里加一个邻居就能分开。
for k in (0, 1):
    features = window_features(sentence, k)
    same = torch.equal(features[:, 1], features[:, 3])
    print(say(f"k = {k}: {len(features)} features a word, the two saw look the same: {same}",
              f"k = {k}：每个词 {len(features)} 个特征，两个 saw 看起来一样：{same}"))
width = len(window_features(torch.zeros(512, 3), 100))
print(say(f"512 numbers a word and k = 100: {width:,} features a word",
          f"每个词 512 个数、k = 100：每个词 {width:,} 个特征"))

# %% [markdown] lang="en"
# ## 3 · Query, key, value
#
# Self-attention asks every token for three things, each a matrix away:
#
# * a **query** $q^i = W^q a^i$: what am I looking for?
# * a **key** $k^i = W^k a^i$: what can I be found by?
# * a **value** $v^i = W^v a^i$: what do I hand over when found?
#
# Side by side, the columns make three matrices, and one product computes all tokens at once:
# $Q = W^q I$, $K = W^k I$, $V = W^v I$. The three $W$ are all that self-attention learns.

# %% [markdown] lang="zh"
# ## 3 · 查询、键、值
#
# 自注意力向每个 token 要三样东西，各乘一个矩阵：
#
# * **查询**（query）$q^i = W^q a^i$：我在找什么？
# * **键**（key）$k^i = W^k a^i$：别人凭什么找到我？
# * **值**（value）$v^i = W^v a^i$：找到我之后，我交出什么？
#
# 把各列并排放好就是三个矩阵，一次乘法算完所有 token：$Q = W^q I$，$K = W^k I$，$V = W^v I$。
# 自注意力要学的参数，就是这三个 $W$。

# %% exercise="qkv" points=5 difficulty=1 minutes=6 differentiable=true
def qkv(I: Tensor, Wq: Tensor, Wk: Tensor, Wv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Queries, keys and values of all tokens: Q = W^q I, K = W^k I, V = W^v I. (Lecture 9)

    ``I``: floating, (d, N), one token a column. ``Wq`` and ``Wk``: (d_k, d). ``Wv``: (d_v, d). The result is
    the tuple (Q, K, V), in this order, of shapes (d_k, N), (d_k, N) and (d_v, N).

    Differentiable in all four.

    所有 token 的查询、键和值：Q = W^q I，K = W^k I，V = W^v I。（第 9 讲）

    ``I``：浮点，(d, N)，一列是一个 token。``Wq`` 和 ``Wk``：(d_k, d)。``Wv``：(d_v, d)。
    结果是元组 (Q, K, V)，次序如此，形状分别是 (d_k, N)、(d_k, N) 和 (d_v, N)。

    对四个输入都可微。
    """
    ### BEGIN SOLUTION
    return Wq @ I, Wk @ I, Wv @ I
    ### END SOLUTION

# %% [markdown] hint="qkv" lang="en"
# 1. With `Wq` the identity, Q must be `I` itself. Each result has N columns, one for each token; Q and K
#    have as many rows as `Wq` and `Wk`, and V as many as `Wv`.
# 2. Section 3 of the lesson: each of the three is its own matrix times the *input*, with the matrix on the
#    left.
# 3. `return Wq @ …, …, …`

# %% [markdown] hint="qkv" lang="zh"
# 1. `Wq` 是单位矩阵时，Q 应当就是 `I`。三个结果都有 N 列，每个 token 一列；
#    Q、K 的行数与 `Wq`、`Wk` 相同，V 的行数与 `Wv` 相同。
# 2. 见本讲第 3 节：三者都是各自的矩阵乘以*输入*，矩阵在左边。
# 3. `return Wq @ …, …, …`

# %% [markdown] lang="en"
# ## 4 · Attention scores
#
# How much does token 1 care about token 2? Take the dot product of what 1 is looking for and what 2 can be
# found by: $\alpha_{1,2} = q^1 \cdot k^2$. Token 1 also asks itself, $\alpha_{1,1}$. All of it is one
# product:
#
# $$A = K^{\top} Q, \qquad \text{row = key, column = query}$$
#
# Mind the order of the indices: $\alpha_{1,2}$ (query 1, key 2) stands in **row 2, column 1** of $A$.
# Everything that token 1 asks is one column.

# %% [markdown] lang="zh"
# ## 4 · 注意力分数
#
# token 1 有多在意 token 2？拿“1 在找什么”和“2 凭什么被找到”做点积：$\alpha_{1,2} = q^1 \cdot k^2$。
# token 1 也会问自己：$\alpha_{1,1}$。全部合起来，就是一次矩阵乘法：
#
# $$A = K^{\top} Q, \qquad \text{行是键，列是查询}$$
#
# 留意下标的次序：$\alpha_{1,2}$（查询 1，键 2）在 $A$ 的**第 2 行第 1 列**。token 1 问的所有问题，都在同一列里。

# %% exercise="attention_scores" points=6 difficulty=1 minutes=6 vectorised=true differentiable=true
def attention_scores(K: Tensor, Q: Tensor) -> Tensor:
    """The dot product of every key with every query: A = KᵀQ. (Lecture 9)

    ``K``: floating, (d_k, N_k), one key a column. ``Q``: (d_k, N_q), one query a column; there may be more
    queries than keys, or fewer. Keys come first. The result has the shape (N_k, N_q): entry [j, i] is key j
    times query i, with neither a scale nor a softmax.

    Differentiable. No Python loop over the tokens.

    每个键与每个查询的点积：A = KᵀQ。（第 9 讲）

    ``K``：浮点，(d_k, N_k)，一列是一个键。``Q``：(d_k, N_q)，一列是一个查询；查询的个数可以多于或少于键。
    注意键在前。结果的形状是 (N_k, N_q)：[j, i] 处是键 j 与查询 i 的点积，不缩放，也不做 softmax。

    可微。不要用 Python 循环逐个处理 token。
    """
    ### BEGIN SOLUTION
    return K.T @ Q
    ### END SOLUTION

# %% [markdown] hint="attention_scores" lang="en"
# 1. With 4 keys and 3 queries the result has 4 rows and 3 columns, and entry [3, 0] is
#    `(K[:, 3] * Q[:, 0]).sum()`.
# 2. Section 4 of the lesson: A = KᵀQ. The d_k numbers of key and query are summed away.
# 3. One product, one of the two transposed: `… @ …`

# %% [markdown] hint="attention_scores" lang="zh"
# 1. 有 4 个键和 3 个查询时，结果是 4 行 3 列，[3, 0] 处等于 `(K[:, 3] * Q[:, 0]).sum()`。
# 2. 见本讲第 4 节：A = KᵀQ。键和查询的 d_k 个数在求和中消去。
# 3. 一次矩阵乘法，其中一个要转置：`… @ …`

# %% [markdown] lang="en"
# ## 5 · From scores to weights
#
# $$\alpha'_{1,i} = \frac{\exp(\alpha_{1,i})}{\sum_j \exp(\alpha_{1,j})}$$
#
# Softmax makes the scores of one query into shares that sum to 1. One query is one **column**, so the softmax
# runs down the columns. Along the rows it also gives tidy numbers between 0 and 1, training runs, and
# nobody notices; this mistake has lived in well-known repositories.
#
# You wrote softmax in Lecture 7. Use `torch.softmax` here, or write it again, with its shift.
#
# > **Where the notes slip.** Their summary writes $A' \leftarrow A = K^{\top}Q$ and leaves the softmax out.
# > It belongs on the arrow.

# %% [markdown] lang="zh"
# ## 5 · 从分数到权重
#
# $$\alpha'_{1,i} = \frac{\exp(\alpha_{1,i})}{\sum_j \exp(\alpha_{1,j})}$$
#
# softmax 把一个查询的分数变成总和为 1 的份额。一个查询是一**列**，所以 softmax 沿着列往下做。
# 沿行做同样会得到 0 到 1 之间的漂亮数字，训练也照样进行，谁都看不出来；这个错误曾长期藏在知名的代码库里。
#
# softmax 你在第 7 讲写过了。这里可以直接用 `torch.softmax`，也可以再写一遍，别忘了减去最大值。
#
# > **笔记的笔误。** 笔记的总结写作 $A' \leftarrow A = K^{\top}Q$，漏掉了 softmax，它应当写在箭头上。

# %% exercise="attention_weights" points=6 difficulty=1 minutes=8 vectorised=true differentiable=true
def attention_weights(A: Tensor) -> Tensor:
    """Softmax of every column: the shares that one query gives to all keys. (Lecture 9)

    ``A``: floating, (N_k, N_q), row = key and column = query. The result is a new tensor of the same shape
    and dtype; each column sums to 1. Values and gradients are finite and right for scores of ±1000 too, also
    when some columns lie near 0 and others near 1000. ``torch.softmax`` may be used.

    Differentiable. No Python loop over the queries.

    对每一列做 softmax：一个查询分给所有键的份额。（第 9 讲）

    ``A``：浮点，(N_k, N_q)，行是键，列是查询。结果是新的张量，形状和 dtype 相同，每一列之和为 1。
    分数到 ±1000 时，数值和梯度也要有限且正确，哪怕有的列在 0 附近、有的列在 1000 附近。可以用 ``torch.softmax``。

    可微。不要用 Python 循环逐个处理查询。
    """
    ### BEGIN SOLUTION
    e = (A - A.amax(dim=0)).exp()
    return e / e.sum(dim=0)
    ### END SOLUTION

# %% [markdown] hint="attention_weights" lang="en"
# 1. `attention_weights(A).sum(dim=0)` must be all ones, one for each query. Then try scores of 1000: no
#    `nan`.
# 2. Section 5 of the lesson: the sum in the denominator runs over the keys j of *one* query, that is, over
#    the rows. By hand, subtract each column's largest score first, as in Lecture 7.
# 3. `torch.softmax(A, dim=…)`, or `e = (A - A.amax(dim=…)).exp()` and `return e / …`

# %% [markdown] hint="attention_weights" lang="zh"
# 1. `attention_weights(A).sum(dim=0)` 应当全是 1，每个查询一个。再试试 1000 的分数：不能出现 `nan`。
# 2. 见本讲第 5 节：分母里的求和取遍*同一个*查询的所有键 j，也就是对行求和。自己写的话，
#    像第 7 讲那样先减去每一列的最大值。
# 3. `torch.softmax(A, dim=…)`，或者 `e = (A - A.amax(dim=…)).exp()`，再 `return e / …`

# %% demo=true
import matplotlib.pyplot as plt

# A sentence that attends by hand-made matrices: "saw" looks for an article, "a" and "I" look for "saw".
# 用手写的矩阵做注意力：saw 在找冠词，a 和 I 在找 saw。
Wk_hand = 0.5 * torch.eye(3, 4)
Wq_hand = torch.tensor([[0.0, 0.5, 0.0, 0.0], [1.0, 0.0, 1.5, 0.0], [0.0, 1.0, 0.0, 0.0]])
Q, K, V = qkv(sentence, Wq_hand, Wk_hand, torch.eye(4))
scores = attention_scores(K, Q)
weights = attention_weights(scores)
figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.9), layout="constrained")
for axis, matrix, title in (
    (axes[0], scores, say("scores $A = K^T Q$", "分数 $A = K^T Q$")),
    (axes[1], weights, say("weights A': each column sums to 1", "权重 A'：每一列之和为 1")),
):
    figure.colorbar(axis.imshow(matrix, cmap="Blues", vmin=0), ax=axis, shrink=0.85)
    for j in range(4):
        for i in range(4):
            ink = "white" if matrix[j, i] > 0.6 * matrix.max() else "black"
            axis.text(i, j, f"{matrix[j, i]:.2f}", ha="center", va="center", color=ink)
    axis.set_xticks(range(4), words)
    axis.set_yticks(range(4), words)
    axis.set_xlabel(say("query: who asks", "查询：谁在问"))
    axis.set_title(title)
axes[0].set_ylabel(say("key: who is asked", "键：问的是谁"))
plt.show()

# %% [markdown] lang="en"
# ## 6 · Self-attention
#
# What token 1 takes home is a mixture of all values, weighted by its shares:
#
# $$b^1 = \sum_i \alpha'_{1,i}\, v^i, \qquad\text{for all tokens:}\quad O = V A'$$
#
# If $\alpha'_{1,2}$ is large, $b^1$ lies close to $v^2$. And since every column of $A'$ is computed without
# the others, all $b^i$ come out **in parallel**, unlike in an RNN, which has to walk along the sequence.

# %% [markdown] lang="zh"
# ## 6 · 自注意力
#
# token 1 带回家的，是所有的值按份额加权的混合：
#
# $$b^1 = \sum_i \alpha'_{1,i}\, v^i, \qquad\text{对所有 token：}\quad O = V A'$$
#
# 如果 $\alpha'_{1,2}$ 很大，$b^1$ 就靠近 $v^2$。而且 $A'$ 的每一列互不依赖，
# 所有的 $b^i$ 可以**并行**算出，不像 RNN 那样非得沿着序列一步步走。

# %% exercise="self_attention" points=12 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["attention"]
def self_attention(I: Tensor, Wq: Tensor, Wk: Tensor, Wv: Tensor) -> Tensor:
    """Self-attention as the lecture writes it: O = V·softmax(KᵀQ), the softmax down the columns. (Lecture 9)

    ``I``: floating, (d, N), one token a column. ``Wq`` and ``Wk``: (d_k, d). ``Wv``: (d_v, d). The result
    has the shape (d_v, N) and the dtype of ``I``; column i is b^i. Every token attends to every token, itself
    included, and the scores are not scaled. Values and gradients are finite and right for scores of ±1000.

    Differentiable in all four. Your own functions may be called, and ``torch.softmax`` too. No Python loop
    over the tokens, and no library attention.

    课上写法的自注意力：O = V·softmax(KᵀQ)，softmax 沿列进行。（第 9 讲）

    ``I``：浮点，(d, N)，一列是一个 token。``Wq`` 和 ``Wk``：(d_k, d)。``Wv``：(d_v, d)。
    结果的形状是 (d_v, N)，dtype 与 ``I`` 相同；第 i 列是 b^i。每个 token 都注意所有 token，包括它自己；
    分数不缩放。分数到 ±1000 时，数值和梯度也要有限且正确。

    对四个输入都可微。可以调用你自己写的函数，也可以用 ``torch.softmax``。不要用 Python 循环逐个处理 token，
    也不要调用库里的注意力函数。
    """
    ### BEGIN SOLUTION
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ torch.softmax(K.T @ Q, dim=0)
    ### END SOLUTION

# %% [markdown] hint="self_attention" lang="en"
# 1. With `Wq` all zeros, every score is 0 and every column of the result is the mean of the values. With one
#    token the result is V. The shape is (d_v, N).
# 2. Sections 3 to 6 of the lesson: Q, K, V; then A = KᵀQ; then softmax down the columns; then O = VA', with
#    V on the left, so that column i of A' mixes the columns of V.
# 3. `Q, K, V = …`, then `return V @ …(… @ …)`

# %% [markdown] hint="self_attention" lang="zh"
# 1. `Wq` 全为零时，所有分数都是 0，结果的每一列都是各个值的平均。只有一个 token 时，结果就是 V。
#    形状是 (d_v, N)。
# 2. 见本讲第 3 到 6 节：先求 Q、K、V；再求 A = KᵀQ；再沿列做 softmax；最后 O = VA'，V 在左边，
#    这样 A' 的第 i 列混合的是 V 的各列。
# 3. `Q, K, V = …`，然后 `return V @ …(… @ …)`

# %% demo=true
# Five tokens whose keys and values are the red points. A query turns once around: where does b go?
# 五个 token，键和值都是图中的红点。让查询转一整圈，b 会走到哪里？
angle = torch.linspace(0, 2 * math.pi, 241)
points = torch.tensor([[1.0, 0.3, -0.9, -0.6, 0.5], [0.1, 1.0, 0.5, -0.8, -0.9]])
turning = torch.stack([angle.cos(), angle.sin()])
paths = {
    length: points @ attention_weights(attention_scores(points, length * turning)) for length in (0.5, 1, 2, 4, 40)
}
figure, axis = plt.subplots(figsize=(6.2, 4.6), layout="constrained")
for (length, b), shade in zip(paths.items(), (0.3, 0.45, 0.6, 0.8, 1.0), strict=True):
    axis.plot(*b, color="tab:blue", alpha=shade, label=f"|q| = {length:g}")
axis.plot(*points, "o", color="tab:red", markersize=9)
for i, (x, y) in enumerate(points.T.tolist(), start=1):
    axis.annotate(f"v{i}", (x, y), xytext=(6, 5), textcoords="offset points", color="tab:red")
axis.set_title(say("b never leaves the values; a longer q decides", "b 不会跑到外面，q 越长越果断"))
axis.set_aspect("equal")
axis.margins(0.15)
axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown] lang="en"
# A short query cannot decide and gets roughly the mean of all values. A long one jumps from one value to the
# next: attention becomes a lookup. Training finds a place between the two.
#
# ## 7 · Other ways to score
#
# The dot product is not the only way to compare. The lecture's second one adds the two projected vectors,
# bends the sum with tanh, and reads off one number with a weight vector:
#
# $$\alpha = w \cdot \tanh\left(W^q q + W^k k\right)$$
#
# > **Where the notes slip.** "相加后求正切值" says *tangent*. It is the **hyperbolic** tangent, tanh, bounded
# > by ±1; the plain tangent has a pole every π. And the weight vector $w$ that makes one number of it is not
# > mentioned.

# %% [markdown] lang="zh"
# 短的查询拿不定主意，得到的差不多是所有值的平均。长的查询则从一个值跳到下一个值：注意力成了查表。
# 训练会在两者之间找到合适的位置。
#
# ## 7 · 别的打分方式
#
# 点积不是唯一的比较方式。课上的第二种是：把两个投影后的向量相加，用 tanh 弯一下，再用一个权重向量读出一个数：
#
# $$\alpha = w \cdot \tanh\left(W^q q + W^k k\right)$$
#
# > **笔记的笔误。** “相加后求正切值”应当是**双曲**正切 tanh，它不超出 ±1；普通的正切每隔 π 就有一个极点。
# > 另外，笔记没有提到把向量变成一个数的权重向量 $w$。

# %% exercise="additive_score" points=8 difficulty=1 minutes=8 differentiable=true
def additive_score(q: Tensor, k: Tensor, Wq: Tensor, Wk: Tensor, w: Tensor) -> Tensor:
    """The additive attention score of two vectors: w · tanh(W^q q + W^k k). (Lecture 9)

    ``q``: floating, (d_1,), the vector that asks. ``k``: (d_2,), the vector that is asked. ``Wq``: (h, d_1).
    ``Wk``: (h, d_2). ``w``: (h,). The result is a tensor of shape () with the dtype of ``q``. Finite and
    right for arguments of tanh as large as ±1000 too.

    Differentiable in all five.

    两个向量的加性注意力分数：w · tanh(W^q q + W^k k)。（第 9 讲）

    ``q``：浮点，(d_1,)，提问的向量。``k``：(d_2,)，被问的向量。``Wq``：(h, d_1)。``Wk``：(h, d_2)。
    ``w``：(h,)。结果是形状 () 的张量，dtype 与 ``q`` 相同。tanh 的自变量大到 ±1000 时，结果也要有限且正确。

    对五个输入都可微。
    """
    ### BEGIN SOLUTION
    return w @ torch.tanh(Wq @ q + Wk @ k)
    ### END SOLUTION

# %% [markdown] hint="additive_score" lang="en"
# 1. The result is one number (shape ()), and never larger than the sum of |w|. If `q` and `k` are zero it
#    is 0.
# 2. Section 7 of the lesson: project both, add, *then* one hyperbolic tangent of the sum, then the dot
#    product with w.
# 3. `return … @ torch.tanh(… + …)`

# %% [markdown] hint="additive_score" lang="zh"
# 1. 结果是一个数（形状 ()），不会超过 |w| 之和。`q` 和 `k` 为零时，结果是 0。
# 2. 见本讲第 7 节：两个向量各自投影，相加，*然后*对和求一次双曲正切，再与 w 做点积。
# 3. `return … @ torch.tanh(… + …)`

# %% demo=true
# A query ten times as long: its dot products are ten times as large, its additive scores stay within Σ|w|.
# 查询变成十倍长：点积也变成十倍，加性分数却不会超出 Σ|w|。
torch.manual_seed(0)
q, k, Wq, Wk, w = torch.randn(4), torch.randn(4), torch.randn(3, 4), torch.randn(3, 4), torch.randn(3)
for stretch in (1, 10, 100):
    dot = ((Wq @ (stretch * q)) @ (Wk @ k)).item()
    additive = additive_score(stretch * q, k, Wq, Wk, w).item()
    print(say(f"{stretch:3d} q: dot product {dot:8.2f}, additive {additive:6.3f}",
              f"{stretch:3d} q：点积 {dot:8.2f}，加性 {additive:6.3f}"))
print("Σ|w| =", round(w.abs().sum().item(), 3))

# %% [markdown] lang="en"
# ### Bonus · ReLU in place of softmax
#
# Must it be softmax? The lecture says: it is what people use most, but you may try others, ReLU for example.
# Then $A' = \mathrm{ReLU}(A)$ and $O = V A'$: a token ignores whatever scores below zero, and its weights
# need not sum to 1.

# %% [markdown] lang="zh"
# ### 选做 · 用 ReLU 代替 softmax
#
# 非得是 softmax 吗？课上说：它最常用，但也可以试试别的，比如 ReLU。
# 这时 $A' = \mathrm{ReLU}(A)$，$O = V A'$：分数小于零的一概不理，而权重之和也不必是 1。

# %% exercise="attention_with_relu" points=5 bonus=true difficulty=1 minutes=5 vectorised=true differentiable=true
def attention_with_relu(I: Tensor, Wq: Tensor, Wk: Tensor, Wv: Tensor) -> Tensor:
    """Self-attention with ReLU in the place of softmax: O = V·ReLU(KᵀQ). (Lecture 9, bonus)

    Shapes as in ``self_attention``: ``I`` (d, N), ``Wq`` and ``Wk`` (d_k, d), ``Wv`` (d_v, d), all floating;
    the result is (d_v, N). The scores are not scaled and the weights not normalised.

    Differentiable in all four. No Python loop over the tokens.

    用 ReLU 代替 softmax 的自注意力：O = V·ReLU(KᵀQ)。（第 9 讲，选做）

    形状与 ``self_attention`` 相同：``I`` 是 (d, N)，``Wq`` 和 ``Wk`` 是 (d_k, d)，``Wv`` 是 (d_v, d)，都是浮点；
    结果是 (d_v, N)。分数不缩放，权重也不归一化。

    对四个输入都可微。不要用 Python 循环逐个处理 token。
    """
    ### BEGIN SOLUTION
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ torch.relu(K.T @ Q)
    ### END SOLUTION

# %% [markdown] hint="attention_with_relu" lang="en"
# 1. If all scores are negative, the result is all zeros. If all are positive, it is V·KᵀQ.
# 2. The bonus section of the lesson: only A' changes. Where softmax stood in `self_attention`, every score
#    goes through ReLU by itself.
# 3. `return V @ torch.relu(…)`

# %% [markdown] hint="attention_with_relu" lang="zh"
# 1. 所有分数都为负时，结果全是零。所有分数都为正时，结果是 V·KᵀQ。
# 2. 见选做这一节：只有 A' 变了。`self_attention` 里 softmax 的位置，换成让每个分数各自经过 ReLU。
# 3. `return V @ torch.relu(…)`

# %% [markdown] lang="en"
# ## 8 · The same in rows, and $1/\sqrt{d_k}$
#
# PyTorch, and nearly every paper, writes a token as a row and has a batch in front: $Q$ is $(B, T_q, d_k)$.
# Everything is the transpose of what you wrote, so softmax now runs along the **last** dimension, the keys:
#
# $$O = \mathrm{softmax}\left(\frac{Q K^{\top}}{\sqrt{d_k}}\right) V$$
#
# New is the divisor. A dot product of $d_k$ random terms has a typical size of $\sqrt{d_k}$. With $d_k = 512$
# that is 23: softmax puts everything on one key, and its gradient dies, as you saw in Lecture 7. Dividing by
# $\sqrt{d_k}$ keeps the scores near 1 whatever the dimension. ($T_q$ and $T_k$ may differ: in Lecture 10 one
# sequence will ask another.)

# %% [markdown] lang="zh"
# ## 8 · 换成行，并除以 $\sqrt{d_k}$
#
# PyTorch 和几乎所有论文都把一个 token 写成一行，前面再加一个批次维度：$Q$ 是 $(B, T_q, d_k)$。
# 一切都是你前面所写的转置，所以 softmax 现在沿**最后**一维，也就是键的方向：
#
# $$O = \mathrm{softmax}\left(\frac{Q K^{\top}}{\sqrt{d_k}}\right) V$$
#
# 新东西是那个除数。$d_k$ 个随机项的点积，大小通常是 $\sqrt{d_k}$。$d_k = 512$ 时就有 23：
# softmax 把全部权重压在一个键上，梯度也随之消失，第 7 讲见过。除以 $\sqrt{d_k}$，不论维数多大，
# 分数都在 1 上下。（$T_q$ 和 $T_k$ 可以不同：第 10 讲里，一个序列会去问另一个序列。）

# %% exercise="sdpa_rows" points=10 difficulty=2 minutes=12 vectorised=true differentiable=true forbidden=["attention"]
def sdpa_rows(Q: Tensor, K: Tensor, V: Tensor) -> Tensor:
    """Scaled dot-product attention with tokens as rows: softmax(QKᵀ/√d_k)·V. (Lecture 9)

    ``Q``: floating, (B, T_q, d_k). ``K``: (B, T_k, d_k). ``V``: (B, T_k, d_v). The result has the shape
    (B, T_q, d_v) and the dtype of ``Q``. For each query the weights over the T_k keys sum to 1; the B
    sequences of the batch do not see each other. Values and gradients are finite and right for scores of
    ±1000.

    Differentiable in all three. ``torch.softmax`` may be used. No Python loop over the batch, and no library
    attention.

    token 写成行的缩放点积注意力：softmax(QKᵀ/√d_k)·V。（第 9 讲）

    ``Q``：浮点，(B, T_q, d_k)。``K``：(B, T_k, d_k)。``V``：(B, T_k, d_v)。结果的形状是 (B, T_q, d_v)，
    dtype 与 ``Q`` 相同。对每个查询，T_k 个键上的权重之和为 1；批次里的 B 个序列互不相见。
    分数到 ±1000 时，数值和梯度也要有限且正确。

    对三个输入都可微。可以用 ``torch.softmax``。不要用 Python 循环逐个处理批次中的序列，也不要调用库里的注意力函数。
    """
    ### BEGIN SOLUTION
    scores = Q @ K.transpose(1, 2) / math.sqrt(Q.shape[2])
    return torch.softmax(scores, dim=2) @ V
    ### END SOLUTION

# %% [markdown] hint="sdpa_rows" lang="en"
# 1. Take the identity for V: the result is then the weights themselves, and each of its rows must sum to 1.
#    Compare with `torch.nn.functional.scaled_dot_product_attention` in a cell of your own.
# 2. Section 8 of the lesson: scores of shape (B, T_q, T_k), divided by √d_k, softmax over the keys, then
#    times V. d_k is the length of one query, not the number of queries.
# 3. `scores = Q @ K.transpose(…) / …`, then `return torch.softmax(scores, dim=…) @ V`

# %% [markdown] hint="sdpa_rows" lang="zh"
# 1. V 取单位矩阵，结果就是权重本身，它的每一行之和应当是 1。
#    在自己的单元格里与 `torch.nn.functional.scaled_dot_product_attention` 对照一下。
# 2. 见本讲第 8 节：分数的形状是 (B, T_q, T_k)，除以 √d_k，对键做 softmax，再乘 V。
#    d_k 是一个查询的长度，不是查询的个数。
# 3. `scores = Q @ K.transpose(…) / …`，然后 `return torch.softmax(scores, dim=…) @ V`

# %% demo=true
# The largest of 16 weights, on average, as d_k grows. With V = identity the result is the weights.
# d_k 增大时，16 个权重中最大的那个平均是多少。V 取单位矩阵时，结果就是权重。
torch.manual_seed(0)
sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
with_scale, without = [], []
for d_k in sizes:
    Q, K, V = torch.randn(200, 1, d_k), torch.randn(200, 16, d_k), torch.eye(16).expand(200, 16, 16)
    with_scale.append(sdpa_rows(Q, K, V).amax(dim=2).mean().item())
    # Multiplying Q by √d_k undoes the scale.
    # 把 Q 乘以 √d_k，就抵消了缩放。
    without.append(sdpa_rows(Q * math.sqrt(d_k), K, V).amax(dim=2).mean().item())
plt.figure(figsize=(6, 3.3), layout="constrained")
plt.semilogx(sizes, without, "o-", color="tab:red", base=2, label=say("without scale", "不缩放"))
plt.semilogx(sizes, with_scale, "o-", color="tab:blue", base=2, label=say("divided by √d_k", "除以 √d_k"))
plt.axhline(1 / 16, color="black", linestyle=":", linewidth=1)
plt.annotate(say("all 16 alike", "16 个都一样"), (1, 0.08))
plt.xlabel("d_k")
plt.ylabel(say("largest weight", "最大的权重"))
plt.ylim(0, 1)
plt.legend()
plt.show()
Q, K, V = torch.randn(2, 3, 4), torch.randn(2, 5, 4), torch.randn(2, 5, 6)
theirs = torch.nn.functional.scaled_dot_product_attention(Q, K, V)
difference = (sdpa_rows(Q, K, V) - theirs).abs().max().item()
print(say(f"largest difference to PyTorch's own: {difference:.1e}", f"与 PyTorch 自带函数的最大差：{difference:.1e}"))

# %% [markdown] lang="en"
# ## 9 · Several heads
#
# "Related" has more than one meaning: a verb looks for its subject, and for its object. One softmax can
# follow only one of these. So use several **heads**, each with its own queries, keys and values. The
# lecture makes them from the ones you have:
#
# $$q^{i,h} = W^{q,h} q^i, \qquad k^{i,h} = W^{k,h} k^i, \qquad v^{i,h} = W^{v,h} v^i$$
#
# Within each head everything goes on as before; queries of head 1 meet keys of head 1 only. At the end the
# heads are stacked **below each other** and one more matrix mixes them:
#
# $$O = W^{O} \begin{bmatrix} B^{1} \\ B^{2} \end{bmatrix}$$

# %% [markdown] lang="zh"
# ## 9 · 多个头
#
# “有关系”不止一种意思：动词既要找它的主语，又要找它的宾语，而一个 softmax 只能顾上其中一种。
# 那就用多个**头**（head），每个头有自己的查询、键和值。课上的做法是从已有的 q、k、v 再变换一次：
#
# $$q^{i,h} = W^{q,h} q^i, \qquad k^{i,h} = W^{k,h} k^i, \qquad v^{i,h} = W^{v,h} v^i$$
#
# 每个头里面的做法和前面一样；头 1 的查询只与头 1 的键相遇。最后把各个头**上下**叠起来，再用一个矩阵把它们混合：
#
# $$O = W^{O} \begin{bmatrix} B^{1} \\ B^{2} \end{bmatrix}$$

# %% exercise="multi_head_cols" points=13 difficulty=2 minutes=18 vectorised=true differentiable=true forbidden=["attention"]
def multi_head_cols(
    I: Tensor,
    Wq: Tensor,
    Wk: Tensor,
    Wv: Tensor,
    Wq_h: list[Tensor],
    Wk_h: list[Tensor],
    Wv_h: list[Tensor],
    Wo: Tensor,
) -> Tensor:
    """Multi-head self-attention with columns, as the lecture writes it. (Lecture 9)

    ``I``: floating, (d, N), one token a column. First Q = W^q I, K = W^k I, V = W^v I with ``Wq`` and ``Wk``:
    (d_k, d), ``Wv``: (d_v, d). The lists hold one matrix for each of the H ≥ 1 heads, in order: ``Wq_h[h]``
    and ``Wk_h[h]``: (m, d_k), ``Wv_h[h]``: (n, d_v); they are multiplied onto Q, K and V. Each head attends
    by itself, with the softmax down the columns and no scale. The H results, (n, N) each, are stacked
    vertically in the heads' order, and ``Wo``: (d_out, H·n) is multiplied from the left. The result has the
    shape (d_out, N).

    Differentiable in all. Your own functions may be called, and ``torch.softmax`` too. A loop over the heads
    is fine; no Python loop over the tokens, and no library attention.

    课上写法的多头自注意力，token 为列。（第 9 讲）

    ``I``：浮点，(d, N)，一列是一个 token。先求 Q = W^q I、K = W^k I、V = W^v I，其中 ``Wq`` 和 ``Wk``：(d_k, d)，
    ``Wv``：(d_v, d)。三个列表按次序各有 H ≥ 1 个矩阵，每个头一个：``Wq_h[h]`` 和 ``Wk_h[h]``：(m, d_k)，
    ``Wv_h[h]``：(n, d_v)；它们分别乘在 Q、K、V 上。每个头各自做注意力，softmax 沿列进行，不缩放。
    H 个结果（各为 (n, N)）按头的次序上下叠起来，再左乘 ``Wo``：(d_out, H·n)。结果的形状是 (d_out, N)。

    对所有输入都可微。可以调用你自己写的函数，也可以用 ``torch.softmax``。可以对头用循环；
    不要用 Python 循环逐个处理 token，也不要调用库里的注意力函数。
    """
    ### BEGIN SOLUTION
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    heads = []
    for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True):
        A = (k @ K).T @ (q @ Q)
        heads.append(v @ V @ torch.softmax(A, dim=0))
    return Wo @ torch.cat(heads, dim=0)
    ### END SOLUTION

# %% [markdown] hint="multi_head_cols" lang="en"
# 1. With one head whose three matrices are identities, and `Wo` the identity, the result must equal
#    `self_attention(I, Wq, Wk, Wv)`. Before `Wo`, the stack has H·n rows and N columns.
# 2. Section 9 of the lesson: Q, K, V once; then for each head its own three matrices, its own scores and
#    its own softmax down the columns; stack vertically; W^O at the end.
# 3. `heads.append(… @ torch.softmax(….T @ …, dim=0))` in a loop over `zip(Wq_h, Wk_h, Wv_h)`, then
#    `return Wo @ torch.cat(heads, dim=…)`

# %% [markdown] hint="multi_head_cols" lang="zh"
# 1. 只有一个头、它的三个矩阵都是单位矩阵、`Wo` 也是单位矩阵时，结果应等于 `self_attention(I, Wq, Wk, Wv)`。
#    乘 `Wo` 之前，叠起来的矩阵有 H·n 行、N 列。
# 2. 见本讲第 9 节：Q、K、V 只求一次；然后每个头用自己的三个矩阵、自己的分数、自己沿列的 softmax；
#    上下叠起来；最后乘 W^O。
# 3. 对 `zip(Wq_h, Wk_h, Wv_h)` 循环：`heads.append(… @ torch.softmax(….T @ …, dim=0))`，
#    然后 `return Wo @ torch.cat(heads, dim=…)`

# %% [markdown] lang="en"
# ## 10 · Heads as PyTorch cuts them
#
# In practice there is one wide projection, $xW_{qkv}$, three times as wide as a token: Q, K and V side by
# side. The heads are then **cut out** of it: head 1 takes the first $d/h$ numbers of every token, head 2
# the next, and so on. One reshape makes $(B, T, d)$ into $(B, T, h, d/h)$.
#
# Attention wants $(B, h, T, d/h)$, the heads beside the batch. Beware: `view(B, h, T, d // h)` has that
# shape, raises no error, and deals out the numbers of *different tokens* into one head. First split the
# last dimension, then **exchange** two dimensions. On the way back, in the reverse order.

# %% [markdown] lang="zh"
# ## 10 · PyTorch 怎样切分头
#
# 实际上只做一次宽的投影 $xW_{qkv}$，宽度是 token 的三倍：Q、K、V 并排放着。然后从中把各个头**切**出来：
# 头 1 取每个 token 的前 $d/h$ 个数，头 2 取接下来的 $d/h$ 个，以此类推。一次 reshape，$(B, T, d)$ 就成了
# $(B, T, h, d/h)$。
#
# 注意力要的是 $(B, h, T, d/h)$，头与批次放在一起。小心：`view(B, h, T, d // h)` 形状正好，也不报错，
# 却把*不同 token* 的数混进了同一个头。要先拆开最后一维，再**交换**两个维度。回来的时候，次序反过来。

# %% exercise="multi_head_rows" points=13 difficulty=3 minutes=20 vectorised=true differentiable=true forbidden=["attention"]
def multi_head_rows(x: Tensor, Wqkv: Tensor, Wo: Tensor, h: int) -> Tensor:
    """Multi-head self-attention with tokens as rows, with one projection cut into heads. (Lecture 9)

    ``x``: floating, (B, T, d). ``Wqkv``: (d, 3d); ``x @ Wqkv`` holds Q, K and V side by side in its last
    dimension, in this order, each d wide. ``h``: the number of heads, a divisor of d. Head 1 takes the first
    d/h numbers of each token's query, key and value, head 2 the next d/h, and so on. Each head attends by
    itself within each sequence: scores divided by √(d/h), softmax over the keys. The heads' results are put
    side by side again, in the same order, to (B, T, d), and multiplied by ``Wo``: (d, d_out) from the right.
    The result has the shape (B, T, d_out).

    Differentiable in the three tensors. Your own functions may be called, and ``torch.softmax`` too. A loop
    over the heads is fine; no Python loop over the batch, and no library attention.

    token 为行的多头自注意力：只做一次投影，再切成各个头。（第 9 讲）

    ``x``：浮点，(B, T, d)。``Wqkv``：(d, 3d)；``x @ Wqkv`` 的最后一维里并排放着 Q、K、V，次序如此，各宽 d。
    ``h``：头的个数，能整除 d。头 1 取每个 token 的查询、键、值的前 d/h 个数，头 2 取接下来的 d/h 个，以此类推。
    每个头在每个序列内各自做注意力：分数除以 √(d/h)，对键做 softmax。各个头的结果按同样的次序重新并排成
    (B, T, d)，再右乘 ``Wo``：(d, d_out)。结果的形状是 (B, T, d_out)。

    对三个张量都可微。可以调用你自己写的函数，也可以用 ``torch.softmax``。可以对头用循环；
    不要用 Python 循环逐个处理批次中的序列，也不要调用库里的注意力函数。
    """
    ### BEGIN SOLUTION
    B, T, d = x.shape
    Q, K, V = (part.reshape(B, T, h, d // h).transpose(1, 2) for part in (x @ Wqkv).chunk(3, dim=2))
    A = torch.softmax(Q @ K.transpose(2, 3) / math.sqrt(d // h), dim=3)
    return (A @ V).transpose(1, 2).reshape(B, T, d) @ Wo
    ### END SOLUTION

# %% [markdown] hint="multi_head_rows" lang="en"
# 1. With h = 1 it must equal `sdpa_rows` on the three parts of `x @ Wqkv`, times `Wo`. With one token, T = 1,
#    attention has no choice and the result is the third part of `x @ Wqkv` times `Wo`.
# 2. Section 10 of the lesson: three parts of width d; each to (B, T, h, d/h), then exchange T and h; attend
#    with √(d/h); exchange back *before* the heads are merged; W^O.
# 3. `part.reshape(B, T, h, …).transpose(…, …)` for each of `(x @ Wqkv).chunk(3, dim=2)`; at the end
#    `(…).transpose(…, …).reshape(B, T, d) @ Wo`

# %% [markdown] hint="multi_head_rows" lang="zh"
# 1. h = 1 时，结果应等于把 `x @ Wqkv` 的三部分交给 `sdpa_rows`，再乘 `Wo`。只有一个 token（T = 1）时，
#    注意力别无选择，结果是 `x @ Wqkv` 的第三部分乘 `Wo`。
# 2. 见本讲第 10 节：三部分各宽 d；各变成 (B, T, h, d/h)，再交换 T 和 h；用 √(d/h) 做注意力；
#    *先*换回来，再把头合并；最后乘 W^O。
# 3. 对 `(x @ Wqkv).chunk(3, dim=2)` 的每一部分：`part.reshape(B, T, h, …).transpose(…, …)`；
#    最后 `(…).transpose(…, …).reshape(B, T, d) @ Wo`

# %% demo=true
# Against PyTorch's own layer, whose matrices are the transposes of ours.
# 与 PyTorch 自带的层对照，它的矩阵是我们的转置。
torch.manual_seed(0)
layer = torch.nn.MultiheadAttention(12, num_heads=3, bias=False, batch_first=True)
x = torch.randn(2, 5, 12)
with torch.no_grad():
    theirs, _ = layer(x, x, x)
    ours = multi_head_rows(x, layer.in_proj_weight.T, layer.out_proj.weight.T, 3)
difference = (ours - theirs).abs().max().item()
print(say(f"largest difference to nn.MultiheadAttention: {difference:.1e}",
          f"与 nn.MultiheadAttention 的最大差：{difference:.1e}"))

# %% [markdown] lang="en"
# ### Bonus · No sense of order
#
# Look again at the formulas: is there anything that knows which token comes first? Reorder the columns of
# $I$, and the columns of $O$ are reordered in the same way, nothing more:
#
# $$O(I\pi) = O(I)\,\pi$$
#
# One says that self-attention is *permutation equivariant*. Write the experiment that finds out whether a
# layer has this property.

# %% [markdown] lang="zh"
# ### 选做 · 没有顺序感
#
# 再看一遍公式：有哪个地方知道谁先谁后吗？把 $I$ 的列重新排列，$O$ 的列只是跟着同样地重新排列，仅此而已：
#
# $$O(I\pi) = O(I)\,\pi$$
#
# 这叫做自注意力的*置换等变性*。请写一个实验，检验一个层有没有这个性质。

# %% exercise="permutation_test" points=5 bonus=true difficulty=2 minutes=8
def permutation_test(layer: Callable[[Tensor], Tensor], I: Tensor, order: Tensor) -> bool:
    """Whether reordering the input's columns reorders the output's in the same way. (Lecture 9, bonus)

    ``layer``: a function that takes a tensor (d, N) and returns a new one (d', N). ``I``: floating, (d, N).
    ``order``: int64, (N,), the numbers 0 to N − 1 in some order; the reordered input is ``I[:, order]``. The
    result is a bool, True if the outputs agree up to rounding (``torch.allclose`` judges that).

    把输入的各列重新排列时，输出的各列是否也同样地重新排列。（第 9 讲，选做）

    ``layer``：一个函数，接受 (d, N) 的张量，返回新的 (d', N) 张量。``I``：浮点，(d, N)。``order``：int64，(N,)，
    由 0 到 N − 1 按某种次序排成；重新排列后的输入是 ``I[:, order]``。
    结果是 bool：两边的输出在舍入误差之内一致，就是 True（用 ``torch.allclose`` 判断）。
    """
    ### BEGIN SOLUTION
    return torch.allclose(layer(I[:, order]), layer(I)[:, order])
    ### END SOLUTION

# %% [markdown] hint="permutation_test" lang="en"
# 1. For `layer = lambda I: 2 * I` the answer is True, for `layer = lambda I: I.cumsum(dim=1)` it is False.
#    Use an order such as (1, 2, 0), which is not its own inverse.
# 2. The bonus section of the lesson: O(Iπ) on one side, O(I)π on the other. Both sides are reordered, one
#    before the layer and one after it.
# 3. `return torch.allclose(layer(…), layer(I)[…])`

# %% [markdown] hint="permutation_test" lang="zh"
# 1. `layer = lambda I: 2 * I` 的答案是 True，`layer = lambda I: I.cumsum(dim=1)` 的答案是 False。
#    试的时候用 (1, 2, 0) 这样的次序，它的逆不是它自己。
# 2. 见选做这一节：一边是 O(Iπ)，另一边是 O(I)π。两边都重新排列了，一边在进入层之前，一边在离开层之后。
# 3. `return torch.allclose(layer(…), layer(I)[…])`

# %% demo=true
# The verdict on three layers, and on the two "saw".
# 对三种层的判定，以及两个 saw 的下场。
def attend(I: Tensor) -> Tensor:
    return self_attention(I, Wq_hand, Wk_hand, torch.eye(4))


shuffle = torch.tensor([1, 3, 0, 2])
for name, tried in (
    ("self_attention", attend),
    ("window_features", lambda I: window_features(I, 1)),
    (say("running sum", "前缀和"), lambda I: I.cumsum(dim=1)),
):
    print(f"{name:16s}", permutation_test(tried, sentence, shuffle))
b = attend(sentence)
print(say("outputs for the first and the second saw:", "前后两个 saw 的输出："))
print([round(v, 3) for v in b[:, 1].tolist()], [round(v, 3) for v in b[:, 3].tolist()])

# %% [markdown] lang="en"
# The two "saw" get the same output, although self-attention has seen the whole sentence! It knows *which*
# words are there, but not *where*. That has to be added.
#
# ## 11 · Positions
#
# Give every position $t$ a vector $e^t$ of its own and **add** it to the token: $a^t + e^t$. The vectors
# may be learned, or made by a rule. The most famous rule is a set of clocks, each slower than the one before:
#
# $$e^t_{2i} = \sin\frac{t}{10000^{2i/d}}, \qquad e^t_{2i+1} = \cos\frac{t}{10000^{2i/d}},
# \qquad i = 0, \dots, \tfrac d2 - 1$$
#
# Rows come in pairs: sine and cosine of the *same* angle, the two coordinates of one clock's hand. Going on
# by some steps turns each hand by a fixed angle, which a matrix can learn.
#
# > **Where the notes slip.** They say that hand-made codes fit a fixed length only. These follow a rule,
# > and the rule has a value for every $t$.

# %% [markdown] lang="zh"
# 两个 saw 的输出一模一样，尽管自注意力已经看过了整个句子！它知道有*哪些*词，却不知道它们在*哪里*。
# 这得另外加上去。
#
# ## 11 · 位置
#
# 给每个位置 $t$ 一个自己的向量 $e^t$，**加**到 token 上：$a^t + e^t$。这些向量可以从数据里学，
# 也可以由规则产生。最有名的规则就像一排时钟，一个比一个走得慢：
#
# $$e^t_{2i} = \sin\frac{t}{10000^{2i/d}}, \qquad e^t_{2i+1} = \cos\frac{t}{10000^{2i/d}},
# \qquad i = 0, \dots, \tfrac d2 - 1$$
#
# 行是成对的：*同一个*角度的正弦和余弦，也就是一根指针的两个坐标。往后走几步，每根指针就转过固定的角度，
# 而这正是一个矩阵能学会的。
#
# > **笔记的笔误。** 笔记说手动创造的位置向量只适用于固定的序列长度。而这里的向量由规则产生，每个 $t$ 都有值。

# %% exercise="sinusoidal_pe" points=10 difficulty=2 minutes=14
def sinusoidal_pe(T: int, d: int) -> Tensor:
    """The sinusoidal position codes of positions 0 to T − 1, one a column. (Lecture 9)

    ``T``: the number of positions, at least 1. ``d``: the length of a code, even and at least 2. The result
    is float32 on the CPU, of shape (d, T): row 2i is sin(t / 10000^(2i/d)), row 2i + 1 is
    cos(t / 10000^(2i/d)), with t = 0 in the first column. An odd ``d`` raises ``ValueError``.

    位置 0 到 T − 1 的正弦位置编码，一列是一个位置。（第 9 讲）

    ``T``：位置的个数，至少为 1。``d``：编码的长度，偶数，至少为 2。结果是 CPU 上的 float32，形状 (d, T)：
    第 2i 行是 sin(t / 10000^(2i/d))，第 2i + 1 行是 cos(t / 10000^(2i/d))，第一列是 t = 0。
    ``d`` 为奇数时抛出 ``ValueError``。
    """
    ### BEGIN SOLUTION
    if d % 2:
        raise ValueError(f"d must be even, not {d}")
    i = torch.arange(d // 2)
    angle = torch.arange(T) / 10000 ** (2 * i[:, None] / d)
    return torch.stack([angle.sin(), angle.cos()], dim=1).reshape(d, T)
    ### END SOLUTION

# %% [markdown] hint="sinusoidal_pe" lang="en"
# 1. The first column (t = 0) is 0, 1, 0, 1, …; the first row is sin(0), sin(1), sin(2), …; in every column, a
#    row and its partner have squares that sum to 1. For d = 4 the third row is sin(t/100).
# 2. Section 11 of the lesson: d/2 angles for each t. The exponent 2i/d belongs to the *pair* i: sine and
#    cosine share it. 10000 to that power divides t.
# 3. `i = torch.arange(d // 2)`, `angle = torch.arange(T) / 10000 ** (…[:, None])`, then sine and cosine in
#    turn: `torch.stack([…, …], dim=1).reshape(d, T)`

# %% [markdown] hint="sinusoidal_pe" lang="zh"
# 1. 第一列（t = 0）是 0、1、0、1、……；第一行是 sin(0)、sin(1)、sin(2)、……；
#    在每一列里，一行与它的搭档的平方和为 1。d = 4 时，第三行是 sin(t/100)。
# 2. 见本讲第 11 节：每个 t 有 d/2 个角度。指数 2i/d 属于第 i *对*：正弦和余弦共用它。t 要除以 10000 的这个次幂。
# 3. `i = torch.arange(d // 2)`，`angle = torch.arange(T) / 10000 ** (…[:, None])`，然后正弦、余弦交替排列：
#    `torch.stack([…, …], dim=1).reshape(d, T)`

# %% demo=true
# Left: the codes. Right: the dot product of every two codes depends on their distance only.
# 左：位置编码。右：任意两个编码的点积，只取决于它们的距离。
codes = sinusoidal_pe(60, 32)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.7), layout="constrained")
figure.colorbar(left.imshow(codes, cmap="RdBu", aspect="auto", vmin=-1, vmax=1), ax=left)
left.set_xlabel(say("position t", "位置 t"))
left.set_ylabel(say("row", "行"))
left.set_title(say("position codes: fast clocks on top", "位置编码：上面的时钟走得快"))
figure.colorbar(right.imshow(codes.T @ codes, cmap="viridis"), ax=right)
right.set_xlabel(say("position", "位置"))
right.set_ylabel(say("position", "位置"))
right.set_title(say("dot products of the codes", "编码两两的点积"))
plt.show()
b = self_attention(sentence + sinusoidal_pe(4, 4), Wq_hand, Wk_hand, torch.eye(4))
print(say("with positions, the first and the second saw:", "加上位置之后，前后两个 saw："))
print([round(v, 3) for v in b[:, 1].tolist()], [round(v, 3) for v in b[:, 3].tolist()])

# %% [markdown] lang="en"
# Near positions have similar codes (the bright diagonal). And now the two "saw" are different.
#
# ## 12 · Looking less far
#
# A second of speech is a hundred vectors, and $A$ has $N \times N$ entries: a minute has 36 million of
# them. To understand one sound you need not hear the whole minute. **Truncated self-attention** looks only
# at tokens no farther than $w$ away; you choose $w$. A table of truth values says who may look at whom.

# %% [markdown] lang="zh"
# 相近的位置，编码也相似（亮的对角线）。而且，现在两个 saw 不一样了。
#
# ## 12 · 不必看那么远
#
# 一秒钟的语音就有一百个向量，而 $A$ 有 $N \times N$ 项：一分钟就是三千六百万项。可要听懂一个音，
# 用不着听完整整一分钟。**截断的自注意力**（truncated self-attention）只看距离不超过 $w$ 的 token，$w$ 由人设定。
# 谁能看谁，用一张真假值的表来记。

# %% exercise="truncated_mask" points=6 difficulty=1 minutes=6
def truncated_mask(N: int, w: int) -> Tensor:
    """Which tokens may see each other in truncated self-attention. (Lecture 9)

    ``N``: the number of tokens, at least 1. ``w``: how far a token sees to either side, an int from 0 on, and
    it may exceed N. The result is a bool tensor on the CPU, of shape (N, N): entry [i, j] is True (allowed)
    where |i − j| ≤ w and False elsewhere.

    截断的自注意力里，哪些 token 可以互相看见。（第 9 讲）

    ``N``：token 的个数，至少为 1。``w``：每个 token 向左右各能看多远，不小于 0 的整数，可以比 N 大。
    结果是 CPU 上的 bool 张量，形状 (N, N)：当 |i − j| ≤ w 时，[i, j] 处为 True（允许），否则为 False。
    """
    ### BEGIN SOLUTION
    i = torch.arange(N)
    return (i[:, None] - i).abs() <= w
    ### END SOLUTION

# %% [markdown] hint="truncated_mask" lang="en"
# 1. For w = 0 only the diagonal is True. For N = 5 and w = 1 the rows hold 2, 3, 3, 3 and 2 times True.
# 2. Section 12 of the lesson: the distance of positions i and j is |i − j|, to either side, and the
#    distance w itself is still allowed.
# 3. `i = torch.arange(N)`, then `(i[:, None] - …).abs() … w`

# %% [markdown] hint="truncated_mask" lang="zh"
# 1. w = 0 时，只有对角线是 True。N = 5、w = 1 时，各行分别有 2、3、3、3、2 个 True。
# 2. 见本讲第 12 节：位置 i 和 j 的距离是 |i − j|，左右两边都算，而且距离恰好为 w 时仍然允许。
# 3. `i = torch.arange(N)`，然后 `(i[:, None] - …).abs() … w`

# %% [markdown] lang="en"
# ### Bonus · Attention along the edges of a graph
#
# In a graph the edges tell us already who is related to whom, so there is no need to find it out: compute the
# scores along the edges only. That is one kind of graph neural network.
#
# A pair without an edge must get the weight 0, and the others must still sum to 1. So it has to vanish
# *inside* the softmax: $\exp$ of which score is 0? And whoever has no neighbour at all takes nothing home:
# zeros. Truncated self-attention is a special case, with an edge between near tokens.

# %% [markdown] lang="zh"
# ### 选做 · 沿着图的边做注意力
#
# 在图里，谁和谁有关系，边已经告诉我们了，不必再去找：只沿着边计算分数就行。这就是一种图神经网络。
#
# 没有边的一对，权重必须是 0，而其余的权重之和仍要是 1。所以它得在 softmax *里面*消失：
# 哪个分数的 $\exp$ 是 0？一个邻居也没有的节点，什么也带不回家：全是零。
# 截断的自注意力是它的特例：离得近的 token 之间有边。

# %% exercise="graph_attention" points=5 bonus=true difficulty=3 minutes=15 vectorised=true differentiable=true forbidden=["attention"]
def graph_attention(I: Tensor, adjacency: Tensor, Wq: Tensor, Wk: Tensor, Wv: Tensor) -> Tensor:
    """Self-attention in which each node attends to its neighbours only. (Lecture 9, bonus)

    ``I``, ``Wq``, ``Wk``, ``Wv``: as in ``self_attention``, and so is the result (d_v, N), without a scale.
    ``adjacency``: bool, (N, N), laid out as A, row = key and column = query: node i attends to node j where
    ``adjacency[j, i]`` is True. It need not be symmetric, and a node attends to itself only if its entry on
    the diagonal is True. Weights over a node's neighbours sum to 1. A node without any (a column without
    True) gets zeros. Finite and right for scores of ±1000.

    Differentiable in the four floating inputs where every node has a neighbour. Your own functions may be
    called, and ``torch.softmax`` too. No Python loop over the nodes, and no library attention.

    每个节点只注意自己的邻居的自注意力。（第 9 讲，选做）

    ``I``、``Wq``、``Wk``、``Wv``：与 ``self_attention`` 相同，结果也是 (d_v, N)，不缩放。
    ``adjacency``：bool，(N, N)，排法与 A 相同，行是键，列是查询：``adjacency[j, i]`` 为 True 时，节点 i 注意节点 j。
    它不一定对称；只有对角线上为 True 的节点才注意自己。一个节点在各邻居上的权重之和为 1。
    没有任何邻居的节点（整列没有 True）得到零。分数到 ±1000 时，结果也要有限且正确。

    每个节点都有邻居时，对四个浮点输入可微。可以调用你自己写的函数，也可以用 ``torch.softmax``。
    不要用 Python 循环逐个处理节点，也不要调用库里的注意力函数。
    """
    ### BEGIN SOLUTION
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    A = (K.T @ Q).masked_fill(~adjacency, -math.inf)
    weights = torch.softmax(A, dim=0).masked_fill(~adjacency, 0)
    return V @ weights
    ### END SOLUTION

# %% [markdown] hint="graph_attention" lang="en"
# 1. With `adjacency` all True the result must equal `self_attention`. With the identity, every node sees
#    itself only and the result is V. A column without True gives zeros, not `nan`.
# 2. The bonus section of the lesson: exp(−∞) = 0, so the scores of missing edges are filled with −∞
#    *before* the softmax. A column of nothing but −∞ gives 0/0 and needs a second look after it.
# 3. `A = (… @ …).masked_fill(…, -math.inf)`, then `torch.softmax(A, dim=0).masked_fill(…, 0)`

# %% [markdown] hint="graph_attention" lang="zh"
# 1. `adjacency` 全为 True 时，结果应等于 `self_attention`。它是单位矩阵时，每个节点只看见自己，结果是 V。
#    整列没有 True 时得到零，而不是 `nan`。
# 2. 见选做这一节：exp(−∞) = 0，所以要在 softmax *之前*把没有边的分数填成 −∞。
#    一列全是 −∞ 时会得到 0/0，softmax 之后还要再处理一下。
# 3. `A = (… @ …).masked_fill(…, -math.inf)`，然后 `torch.softmax(A, dim=0).masked_fill(…, 0)`

# %% demo=true
# Who looks at whom, among 12 tokens: everyone, the near ones, or along a ring with two shortcuts.
# 12 个 token 里谁看谁：所有人、近处的，或沿着一个带两条捷径的环。
torch.manual_seed(0)
N = 12
step = (torch.arange(N)[:, None] - torch.arange(N)).abs()
ring = (step == 1) | (step == N - 1)
for a, b in ((0, 6), (3, 9)):
    ring[a, b] = ring[b, a] = True
# With W^v = I⁻¹ the values are the identity matrix, and so the result is the weights.
# 取 W^v = I⁻¹，值就是单位矩阵，于是结果就是权重。
I, Wq, Wk = torch.randn(N, N), torch.randn(4, N) / 3, torch.randn(4, N) / 3
graphs = {
    say("all: the whole sequence", "全部：整个序列"): torch.ones(N, N, dtype=torch.bool),
    say("truncated, w = 2", "截断，w = 2"): truncated_mask(N, 2),
    say("along a graph's edges", "沿着图的边"): ring,
}
weights = {
    title: torch.where(graph, graph_attention(I, graph, Wq, Wk, I.inverse()), math.nan)
    for title, graph in graphs.items()
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
for axis, (title, shown) in zip(axes, weights.items(), strict=True):
    axis.imshow(shown, cmap="Blues", vmin=0, vmax=1)
    axis.set_facecolor("0.85")
    axis.set_title(title)
    axis.set_xlabel(say("query", "查询"))
axes[0].set_ylabel(say("key", "键"))
plt.show()

# %% [markdown] lang="en"
# ### Its relatives
#
# * **CNN.** A convolution sees a receptive field of fixed size, chosen by a person. Self-attention sees
#   everything and learns where to look: CNN is a simplified self-attention. More freedom, and more data
#   needed.
# * **RNN.** It passes one memory along the sequence. What lies far back has faded when it is needed, and step
#   $t$ has to wait for step $t - 1$. In self-attention any two tokens are one step apart, all at once. The
#   price is the $N \times N$ matrix.
#
# ## Capstone · Reading digits row by row
#
# An 8 × 8 image is a sequence: 8 tokens, each a row of 8 pixels. One layer of *your* multi-head attention
# reads it, the tokens are averaged, and a linear layer answers. We train it twice, with and without
# position codes. Then comes the test: the validation images with their rows **shuffled**, all in the same
# new order.
#
# Your bet first: which network notices?

# %% [markdown] lang="zh"
# ### 它的亲戚们
#
# * **CNN。** 卷积只看一个感受野，大小由人划定。自注意力看见一切，并自己学会该看哪里：
#   CNN 是简化版的自注意力。自由更多，需要的数据也更多。
# * **RNN。** 它把一份记忆沿着序列往后传，很早以前的内容到用的时候已经淡了；第 $t$ 步还得等第 $t - 1$ 步。
#   在自注意力里，任意两个 token 都只有一步之遥，而且一次算完。代价是那个 $N \times N$ 的矩阵。
#
# ## 综合实践 · 一行一行地读数字
#
# 一幅 8 × 8 的图像就是一个序列：8 个 token，每个是一行 8 个像素。用*你写的*一层多头注意力来读它，
# 把各个 token 平均，再用一个线性层给出答案。训练两次：一次加位置编码，一次不加。
# 然后考试：把验证图像的行**打乱**，所有图像都按同样的新次序。
#
# 先押注：哪个网络会察觉？

# %% demo=true
from sklearn.datasets import load_digits

# 25 epochs on 1297 digits; your multi_head_rows and sinusoidal_pe do the work.
# 在 1297 个数字上训练 25 轮，干活的是你写的 multi_head_rows 和 sinusoidal_pe。
digits = load_digits()
X, labels = torch.tensor(digits.images / 16, dtype=torch.float32), torch.tensor(digits.target)
order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
train, validation = order[:1297], order[1297:]
shuffled_rows = torch.tensor([3, 6, 0, 5, 1, 7, 2, 4])
WIDTH, HEADS = 32, 4


def build_network(with_positions: bool):
    generator = torch.Generator().manual_seed(0)
    E, Wqkv, Wo, C = (
        (torch.randn(rows, columns, generator=generator) / math.sqrt(rows)).requires_grad_()
        for rows, columns in ((8, WIDTH), (WIDTH, 3 * WIDTH), (WIDTH, WIDTH), (WIDTH, 10))
    )
    positions = sinusoidal_pe(8, WIDTH).T if with_positions else torch.zeros(8, WIDTH)
    return E, Wqkv, Wo, C, positions


def answer(network, images: Tensor) -> Tensor:
    E, Wqkv, Wo, C, positions = network
    tokens = images @ E + positions
    return torch.relu(multi_head_rows(tokens, Wqkv, Wo, HEADS)).mean(dim=1) @ C


def share_right(network, images: Tensor) -> float:
    with torch.no_grad():
        return (answer(network, images).argmax(dim=1) == labels[validation]).float().mean().item()


def fit(with_positions: bool, epochs: int = 25):
    network = build_network(with_positions)
    optimiser = torch.optim.Adam(network[:4], lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    generator = torch.Generator().manual_seed(1)
    history = []
    for _ in range(epochs):
        for batch in train[torch.randperm(len(train), generator=generator)].split(64):
            loss = torch.nn.functional.cross_entropy(answer(network, X[batch]), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
        history.append(share_right(network, X[validation]))
    return network, history


runs = [fit(with_positions=False), fit(with_positions=True)]
names = [say("no positions", "没有位置"), say("with positions", "加上位置")]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
for place, ((network, history), name, color) in enumerate(
    zip(runs, names, ("tab:orange", "tab:blue"), strict=True)
):
    left.plot(range(1, 26), history, color=color, label=name)
    in_order = share_right(network, X[validation])
    mixed = share_right(network, X[validation][:, shuffled_rows])
    colors = [color, "lightgray"]
    bars = right.bar([place - 0.2, place + 0.2], [in_order, mixed], 0.38, color=colors, edgecolor=color)
    right.bar_label(bars, fmt="%.3f")
    print(say(f"{name}: {in_order:.3f}, rows shuffled {mixed:.3f}",
              f"{name}：{in_order:.3f}，打乱行之后 {mixed:.3f}"))
right.set_xticks([-0.2, 0.2, 0.8, 1.2], 2 * [say("in order", "原来的次序"), say("shuffled", "打乱")])
right.set_title(say("validation accuracy after training", "训练后的验证集准确率"))
right.set_ylim(0, 1.1)
left.set_title(say("validation accuracy", "验证集准确率"))
left.set_xlabel(say("epoch", "轮"))
left.set_ylim(0, 1.1)
left.legend(loc="lower right")
plt.show()

# What does each head look at? A digit, and A' of the four heads (row = key, column = query).
# 每个头在看什么？一个数字，以及四个头的 A'（行是键，列是查询）。
E, Wqkv, Wo, C, positions = runs[1][0]
image = X[validation][labels[validation] == 3][0]
with torch.no_grad():
    tokens = image @ E + positions
    Q, K, V = (tokens @ Wqkv).T.split(WIDTH)
    size = WIDTH // HEADS
    maps = [
        attention_weights(attention_scores(K[s : s + size], Q[s : s + size]) / math.sqrt(size))
        for s in range(0, WIDTH, size)
    ]
figure, axes = plt.subplots(1, 5, figsize=(12, 2.9), layout="constrained")
axes[0].imshow(image, cmap="gray_r")
axes[0].set_title(say("8 rows, 8 tokens", "8 行，8 个 token"))
axes[0].set_ylabel(say("row", "行"))
for i, (axis, weights) in enumerate(zip(axes[1:], maps, strict=True), start=1):
    shown = axis.imshow(weights, cmap="Blues", vmin=0, vmax=1)
    axis.set_title(say(f"head {i}", f"头 {i}"))
    axis.set_xlabel(say("query", "查询"))
figure.colorbar(shown, ax=axes[-1])
axes[1].set_ylabel(say("key", "键"))
plt.show()

# %% [markdown] lang="en"
# Without positions the network reaches about 0.84, and shuffling the rows changes **nothing**: for it an
# image is a bag of rows. (Astonishing how much the bag tells.) With positions it reaches about 0.96, and
# shuffled images confuse it: it has learned where things are. In the heat-maps, each head has found its own
# rows to look at.
#
# **What you take along.** Query, key, value: three matrices are all there is to learn. $A = K^{\top}Q$ has
# keys in rows and queries in columns; softmax over the keys of each query; $O = VA'$. In rows everything is
# transposed and $1/\sqrt{d_k}$ keeps softmax awake. Heads: split, exchange, attend, exchange back, merge,
# mix. And order is not in the formula, so add it. In the next lecture all this becomes a Transformer.

# %% [markdown] lang="zh"
# 没有位置时，网络达到约 0.84，而打乱各行**毫无影响**：在它眼里，图像就是一袋子行。（光凭这袋子就能认出这么多，
# 也够惊人的。）加上位置之后达到约 0.96，打乱的图像就把它弄糊涂了：它学会了东西在哪里。
# 在热力图里，每个头都找到了自己要看的行。
#
# **本讲要点。** 查询、键、值：要学的就是三个矩阵。$A = K^{\top}Q$，行是键，列是查询；
# 对每个查询的所有键做 softmax；$O = VA'$。写成行时一切都转置，$1/\sqrt{d_k}$ 让 softmax 不至于僵住。
# 多个头：拆开、交换、做注意力、换回来、合并、混合。公式里没有顺序，所以要加上位置。
# 下一讲，这一切将组成 Transformer。
