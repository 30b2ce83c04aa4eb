"""Hidden graders of lecture 9, self-attention."""

import torch

from autograder.probe import attempt, gradients, probe


def three(make, d, d_k, d_v, scale=1.0, grad=False):
    """W^q, W^k and W^v."""
    return (
        make.normal(d_k, d, scale=scale, grad=grad),
        make.normal(d_k, d, scale=scale, grad=grad),
        make.normal(d_v, d, scale=scale, grad=grad),
    )


def per_head(make, heads, rows, columns, grad=False):
    """One matrix for each head."""
    return [make.normal(rows, columns, grad=grad) for _ in range(heads)]


def headed(make, heads, d=3, d_k=4, d_v=5, m=2, n=3, d_out=7, grad=False):
    """All matrices of ``multi_head_cols`` in the order of its arguments."""
    return (
        *three(make, d, d_k, d_v, scale=0.7, grad=grad),
        per_head(make, heads, m, d_k, grad),
        per_head(make, heads, m, d_k, grad),
        per_head(make, heads, n, d_v, grad),
        make.normal(d_out, heads * n, grad=grad),
    )


def identity(make, n):
    return make.tensor([[float(i == j) for j in range(n)] for i in range(n)])


# --- embedding_lookup -----------------------------------------------------------------------------


@probe(public=True)
def test_embedding_lookup_sentence(impl, make):
    """I saw a saw: four ids, a table of three words

    I saw a saw：四个 id，三个词的表
    """
    return impl.embedding_lookup(make.normal(3, 2), make.long([0, 1, 2, 1]))


@probe(public=True)
def test_embedding_lookup_batch(impl, make):
    """more ids than words

    id 的个数多于词数
    """
    return impl.embedding_lookup(make.normal(4, 3), make.integers(0, 4, make.batch(7)))


@probe(public=True)
def test_embedding_lookup_two_dimensions(impl, make):
    """a batch of sentences: ids with two dimensions

    一批句子：二维的 ids
    """
    return impl.embedding_lookup(make.normal(6, 3), make.long([[0, 5, 2, 2], [4, 1, 0, 3]]))


@probe()
def test_embedding_lookup_shapes(impl, make):
    """a single id, one id in a list, three dimensions

    单个 id、只有一个 id 的列表、三维的 ids
    """
    table = make.normal(5, 3)
    return {
        "single id": impl.embedding_lookup(table, make.long(3)),
        "list of one": impl.embedding_lookup(table, make.long([4])),
        "three dimensions": impl.embedding_lookup(table, make.integers(0, 5, 2, 1, 4)),
    }


@probe(weight=2)
def test_embedding_lookup_few_words(impl, make):
    """the last words of the vocabulary do not occur

    词表里后面的词没有出现
    """
    return impl.embedding_lookup(make.normal(6, 2), make.long([1, 0, 1]))


@probe()
def test_embedding_lookup_square(impl, make):
    """as many words as numbers in a vector: words are rows

    词数等于向量的长度：一行是一个词
    """
    return impl.embedding_lookup(make.normal(3, 3), make.long([2, 0, 1]))


@probe(weight=2)
def test_embedding_lookup_gradient(impl, make):
    """the gradient: a row that is used twice receives both

    梯度：用了两次的行，两份都收到
    """
    table = make.normal(4, 3, grad=True)
    return gradients(impl.embedding_lookup(table, make.long([2, 0, 2])), table)


@probe()
def test_embedding_lookup_transposed(impl, make):
    """table and ids that are transposed views

    表和 ids 都是转置得到的视图
    """
    return impl.embedding_lookup(make.normal(3, 5).T, make.integers(0, 5, 4, 2).T)


# --- window_features ------------------------------------------------------------------------------


@probe(public=True)
def test_window_features_tiny(impl, make):
    """three tokens of two numbers, one neighbour on either side

    三个 token，每个两个数，左右各一个邻居
    """
    return impl.window_features(make.tensor([[1, 2, 3], [10, 20, 30]]), 1)


@probe(public=True)
def test_window_features_wider(impl, make):
    """two neighbours on either side

    左右各两个邻居
    """
    return impl.window_features(make.normal(3, 7), 2)


@probe(public=True)
def test_window_features_no_neighbour(impl, make):
    """k = 0 gives the tokens themselves

    k = 0 得到 token 本身
    """
    return impl.window_features(make.normal(3, 4), 0)


@probe(weight=2)
def test_window_features_beyond_the_sequence(impl, make):
    """a window that is longer than the sequence

    窗口比序列还长
    """
    return {
        "k = N - 1": impl.window_features(make.normal(2, 3), 2),
        "k = N": impl.window_features(make.normal(2, 3), 3),
        "k > N": impl.window_features(make.normal(3, 2), 4),
    }


@probe()
def test_window_features_shapes(impl, make):
    """a single token, tokens of one number, as many tokens as numbers

    只有一个 token；每个 token 只有一个数；token 数等于 token 的长度
    """
    return {
        "one token": impl.window_features(make.normal(3, 1), 1),
        "one number": impl.window_features(make.normal(1, 5), 1),
        "square": impl.window_features(make.normal(3, 3), 1),
    }


@probe()
def test_window_features_gradient(impl, make):
    """the gradient: a token receives it from every window that holds it

    梯度：一个 token 从每个包含它的窗口都收到一份
    """
    I = make.normal(2, 5, grad=True)
    return gradients(impl.window_features(I, 2), I)


@probe()
def test_window_features_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.window_features(make.normal(6, 2).T, 1)


# --- qkv ------------------------------------------------------------------------------------------


@probe(public=True)
def test_qkv_small(impl, make):
    """queries, keys and values of three tokens

    三个 token 的查询、键和值
    """
    return impl.qkv(make.normal(2, 3), *three(make, 2, 4, 1))


@probe(public=True)
def test_qkv_shapes(impl, make):
    """all sizes different

    各个尺寸都不相同
    """
    return impl.qkv(make.normal(4, 6), *three(make, 4, 3, 5))


@probe(public=True, weight=2)
def test_qkv_square(impl, make):
    """all matrices square, where a transpose raises no error

    矩阵全是方阵，转置也不会报错
    """
    return impl.qkv(make.normal(3, 3), *three(make, 3, 3, 3))


@probe()
def test_qkv_one_token(impl, make):
    """a single token

    只有一个 token
    """
    return impl.qkv(make.normal(3, 1), *three(make, 3, 2, 4))


@probe()
def test_qkv_gradient(impl, make):
    """the gradients of queries, keys and values with respect to tokens and matrices

    查询、键和值对 token 和各个矩阵的梯度
    """
    I = make.normal(3, 4, grad=True)
    weights = three(make, 3, 2, 5, grad=True)
    Q, K, V = impl.qkv(I, *weights)
    return gradients(torch.cat([Q, K, V]), I, *weights)


# --- attention_scores -----------------------------------------------------------------------------


@probe(public=True)
def test_attention_scores_small(impl, make):
    """three keys and two queries

    三个键，两个查询
    """
    return impl.attention_scores(make.normal(2, 3), make.normal(2, 2))


@probe(public=True)
def test_attention_scores_batch(impl, make):
    """more queries than keys

    查询多于键
    """
    return impl.attention_scores(make.normal(4, 3), make.normal(4, make.batch(5)))


@probe(public=True, weight=2)
def test_attention_scores_as_many(impl, make):
    """as many keys as queries: row = key, column = query

    键与查询一样多：行是键，列是查询
    """
    return impl.attention_scores(make.normal(2, 4), make.normal(2, 4))


@probe()
def test_attention_scores_square(impl, make):
    """as many tokens as numbers in a key

    token 数等于键的长度
    """
    return impl.attention_scores(make.normal(3, 3), make.normal(3, 3))


@probe()
def test_attention_scores_shapes(impl, make):
    """a single key, a single query, vectors of one number

    只有一个键；只有一个查询；向量只有一个数
    """
    return {
        "one key": impl.attention_scores(make.normal(3, 1), make.normal(3, 4)),
        "one query": impl.attention_scores(make.normal(3, 4), make.normal(3, 1)),
        "one number": impl.attention_scores(make.normal(1, 3), make.normal(1, 2)),
    }


@probe()
def test_attention_scores_large(impl, make):
    """large numbers stay as they are

    很大的数也原样得出
    """
    return impl.attention_scores(make.tensor([[30, -20, 0], [10, 5, 0]]), make.tensor([[40, -10], [-60, 20]]))


@probe()
def test_attention_scores_gradient(impl, make):
    """the gradients with respect to keys and queries

    对键和查询的梯度
    """
    K, Q = make.normal(3, 4, grad=True), make.normal(3, 2, grad=True)
    return gradients(impl.attention_scores(K, Q), K, Q)


@probe()
def test_attention_scores_transposed(impl, make):
    """transposed inputs, which are not contiguous in memory

    转置过的输入，它们在内存中不连续
    """
    return impl.attention_scores(make.normal(4, 3).T, make.normal(2, 3).T)


# --- attention_weights ----------------------------------------------------------------------------


@probe(public=True)
def test_attention_weights_small(impl, make):
    """two queries share themselves among three keys

    两个查询把自己分给三个键
    """
    return impl.attention_weights(make.tensor([[3, 0], [1, 2], [-3, 1]]))


@probe(public=True)
def test_attention_weights_batch(impl, make):
    """more queries than keys

    查询多于键
    """
    return impl.attention_weights(make.normal(3, make.batch(5), scale=2))


@probe(public=True, weight=2)
def test_attention_weights_square(impl, make):
    """as many queries as keys: columns sum to 1

    查询与键一样多：每列之和为 1
    """
    return impl.attention_weights(make.normal(4, 4))


@probe()
def test_attention_weights_shapes(impl, make):
    """a single query, a single key

    只有一个查询；只有一个键
    """
    return {
        "one query": impl.attention_weights(make.normal(4, 1)),
        "one key": impl.attention_weights(make.normal(1, 4)),
    }


@probe(weight=2)
def test_attention_weights_large_scores(impl, make):
    """scores of ±1000 give finite and right weights

    分数到 ±1000 时，权重有限且正确
    """
    return impl.attention_weights(make.tensor([[1000, -1000, 1000], [1001, -1001, 0], [999, -998, -1000]]))


@probe()
def test_attention_weights_scales(impl, make):
    """one column near 0, another near 1000, another near −1000

    一列在 0 附近，一列在 1000 附近，一列在 −1000 附近
    """
    return impl.attention_weights(make.tensor([[0, 1000, -1000], [1, 1001, -999], [-1, 1003, -1003]]))


@probe(weight=2)
def test_attention_weights_gradient(impl, make):
    """the gradient flows through the denominator too

    梯度也要流过分母
    """
    A = make.normal(4, 3, grad=True)
    return gradients(impl.attention_weights(A), A)


@probe()
def test_attention_weights_gradient_large(impl, make):
    """the gradient is finite and right for large scores

    分数很大时，梯度也有限且正确
    """
    A = make.tensor([[1000, -1000], [1001, -999], [999, -1001], [-1000, -998]], grad=True)
    return gradients(impl.attention_weights(A), A)


@probe()
def test_attention_weights_transposed(impl, make):
    """a transposed input, which is not contiguous in memory

    转置过的输入，它在内存中不连续
    """
    return impl.attention_weights(make.normal(4, 3).T)


# --- self_attention -------------------------------------------------------------------------------


@probe(public=True)
def test_self_attention_small(impl, make):
    """three tokens of two numbers

    三个 token，每个两个数
    """
    return impl.self_attention(make.normal(2, 3), *three(make, 2, 2, 2))


@probe(public=True)
def test_self_attention_batch(impl, make):
    """all sizes different

    各个尺寸都不相同
    """
    return impl.self_attention(make.normal(3, make.batch(5)), *three(make, 3, 2, 4))


@probe(public=True, weight=2)
def test_self_attention_square(impl, make):
    """all matrices square, where a transpose raises no error

    矩阵全是方阵，转置也不会报错
    """
    return impl.self_attention(make.normal(3, 3), *three(make, 3, 3, 3))


@probe()
def test_self_attention_one_token(impl, make):
    """a single token attends to itself

    只有一个 token，它只能注意自己
    """
    return impl.self_attention(make.normal(3, 1), *three(make, 3, 2, 4))


@probe()
def test_self_attention_equal_scores(impl, make):
    """equal scores: every output is the mean of the values

    分数全相等：每个输出都是各个值的平均
    """
    Wq, Wk, Wv = three(make, 3, 2, 4)
    return impl.self_attention(make.normal(3, 5), Wq * 0, Wk, Wv)


@probe()
def test_self_attention_same_tokens(impl, make):
    """I saw a saw: equal tokens have equal outputs

    I saw a saw：相同的 token，输出也相同
    """
    return impl.self_attention(make.normal(3, 3)[:, [0, 1, 2, 1]], *three(make, 3, 2, 3))


@probe(weight=2)
def test_self_attention_large_scores(impl, make):
    """scores of ±1000 give finite and right outputs

    分数到 ±1000 时，输出有限且正确
    """
    I = make.tensor([[25, -40, 24, 1], [30, 0, 30, -1]])
    Wq, Wk = make.tensor([[0.75, 0], [0, 0.5]]), make.tensor([[1, 0], [0, 0.75]])
    return impl.self_attention(I, Wq, Wk, make.normal(3, 2, scale=0.1))


@probe(weight=2)
def test_self_attention_gradient(impl, make):
    """the gradients with respect to the tokens and the three matrices

    对 token 和三个矩阵的梯度
    """
    I = make.normal(3, 4, grad=True)
    weights = three(make, 3, 2, 5, scale=0.7, grad=True)
    return gradients(impl.self_attention(I, *weights), I, *weights)


# --- additive_score -------------------------------------------------------------------------------


@probe(public=True)
def test_additive_score_small(impl, make):
    """vectors of two numbers, two rows in each matrix

    向量长 2，每个矩阵两行
    """
    return impl.additive_score(
        make.tensor([1, -1]),
        make.tensor([0.5, 2]),
        make.tensor([[1, 0], [0, 1]]),
        make.tensor([[2, 0], [1, 1]]),
        make.tensor([1, 3]),
    )


@probe(public=True)
def test_additive_score_sizes(impl, make):
    """all sizes different

    各个尺寸都不相同
    """
    return impl.additive_score(
        make.normal(3), make.normal(2), make.normal(4, 3), make.normal(4, 2), make.normal(4)
    )


@probe(public=True, weight=2)
def test_additive_score_square(impl, make):
    """all sizes equal, where a transpose or a swap raises no error

    各个尺寸都相等，转置或调换都不会报错
    """
    return impl.additive_score(
        make.normal(3), make.normal(3), make.normal(3, 3), make.normal(3, 3), make.normal(3)
    )


@probe()
def test_additive_score_one_hidden(impl, make):
    """matrices of a single row

    矩阵只有一行
    """
    return impl.additive_score(
        make.normal(3), make.normal(2), make.normal(1, 3), make.normal(1, 2), make.normal(1)
    )


@probe(weight=2)
def test_additive_score_saturated(impl, make):
    """tanh far in its flat part: the score stays within Σ|w|

    tanh 远在平坦的部分：分数不超出 Σ|w|
    """
    w = make.normal(3)
    q, k = make.tensor([20, 25]), make.tensor([-10.0])
    Wq, Wk = make.tensor([[10, 30], [-25, -10], [1, 0.25]]), make.tensor([[-5], [30], [2.5]])
    return impl.additive_score(q, k, Wq, Wk, w)


@probe()
def test_additive_score_opposite(impl, make):
    """query and key cancel in the sum

    查询与键在求和时抵消
    """
    q, W = make.normal(3), make.normal(4, 3)
    return {
        "cancelled": impl.additive_score(q, -q, W, W, make.normal(4)),
        "zero query": impl.additive_score(q * 0, q, W, W, make.normal(4)),
        "zero key": impl.additive_score(q, q * 0, W, W, make.normal(4)),
    }


@probe()
def test_additive_score_gradient(impl, make):
    """the gradients with respect to all five

    对五个输入的梯度
    """
    inputs = (
        make.normal(3, grad=True),
        make.normal(2, grad=True),
        make.normal(4, 3, scale=0.5, grad=True),
        make.normal(4, 2, scale=0.5, grad=True),
        make.normal(4, grad=True),
    )
    return gradients(impl.additive_score(*inputs), *inputs)


# --- attention_with_relu --------------------------------------------------------------------------


@probe(public=True)
def test_attention_with_relu_small(impl, make):
    """three tokens of two numbers

    三个 token，每个两个数
    """
    return impl.attention_with_relu(make.normal(2, 3), *three(make, 2, 2, 2))


@probe(public=True)
def test_attention_with_relu_batch(impl, make):
    """all sizes different

    各个尺寸都不相同
    """
    return impl.attention_with_relu(make.normal(3, make.batch(5)), *three(make, 3, 2, 4))


@probe()
def test_attention_with_relu_square(impl, make):
    """all matrices square, where a transpose raises no error

    矩阵全是方阵，转置也不会报错
    """
    return impl.attention_with_relu(make.normal(3, 3), *three(make, 3, 3, 3))


@probe()
def test_attention_with_relu_signs(impl, make):
    """all scores negative: nothing is attended to; all positive: everything is

    分数全为负：什么都不注意；全为正：全都注意
    """
    I, W = make.uniform(3, 4, low=0.2, high=1), make.uniform(2, 3, low=0.2, high=1)
    Wv = make.normal(5, 3)
    return {
        "negative": impl.attention_with_relu(I, W, -W, Wv),
        "positive": impl.attention_with_relu(I, W, W, Wv),
    }


@probe()
def test_attention_with_relu_one_token(impl, make):
    """a single token: the weight is its score and not 1

    只有一个 token：权重是它的分数，而不是 1
    """
    I, W = make.normal(3, 1), make.normal(2, 3)
    return impl.attention_with_relu(I, W, W, make.normal(4, 3))


@probe()
def test_attention_with_relu_gradient(impl, make):
    """the gradients with respect to the tokens and the three matrices

    对 token 和三个矩阵的梯度
    """
    I = make.normal(3, 4, grad=True)
    weights = three(make, 3, 2, 5, grad=True)
    return gradients(impl.attention_with_relu(I, *weights), I, *weights)


# --- sdpa_rows ------------------------------------------------------------------------------------
# d_k is a square number but in one probe: whoever divides by torch.sqrt(torch.tensor(d_k)), a float32 number, is
# right, and in float64 its rounding would show.


@probe(public=True)
def test_sdpa_rows_small(impl, make):
    """one sequence: two queries, three keys

    一个序列：两个查询，三个键
    """
    return impl.sdpa_rows(make.normal(1, 2, 4), make.normal(1, 3, 4), make.normal(1, 3, 2))


@probe(public=True)
def test_sdpa_rows_batch(impl, make):
    """a batch, all sizes different

    一个批次，各个尺寸都不相同
    """
    n = make.batch(2)
    return impl.sdpa_rows(make.normal(n, 3, 4), make.normal(n, 5, 4), make.normal(n, 5, 6))


@probe(public=True, weight=2)
def test_sdpa_rows_all_equal(impl, make):
    """all sizes equal, where a wrong axis raises no error

    各个尺寸都相等，弄错了轴也不会报错
    """
    return impl.sdpa_rows(make.normal(4, 4, 4), make.normal(4, 4, 4), make.normal(4, 4, 4))


@probe(weight=2)
def test_sdpa_rows_self(impl, make):
    """as many queries as keys: whose weights sum to 1?

    查询与键一样多：谁的权重之和为 1？
    """
    Q = make.normal(2, 5, 4, scale=1.5)
    return impl.sdpa_rows(Q, make.normal(2, 5, 4), make.normal(2, 5, 3))


# A scale that was rounded to float32 changes the result by some 1e-7.
@probe(dtypes=("float64",), tolerance=100)
def test_sdpa_rows_root(impl, make):
    """d_k = 2 and d_k = 5: the root is no whole number

    d_k = 2 和 d_k = 5：平方根不是整数
    """
    return {
        f"d_k = {d}": impl.sdpa_rows(make.normal(2, 3, d), make.normal(2, 4, d), make.normal(2, 4, 3))
        for d in (2, 5)
    }


@probe()
def test_sdpa_rows_wide(impl, make):
    """d_k = 9: the scale is 3

    d_k = 9：除以 3
    """
    return impl.sdpa_rows(make.normal(2, 4, 9), make.normal(2, 5, 9), make.normal(2, 5, 2))


@probe()
def test_sdpa_rows_shapes(impl, make):
    """a single query, a single key, vectors of one number

    只有一个查询；只有一个键；向量只有一个数
    """
    return {
        "one query": impl.sdpa_rows(make.normal(2, 1, 4), make.normal(2, 3, 4), make.normal(2, 3, 5)),
        "one key": impl.sdpa_rows(make.normal(2, 3, 4), make.normal(2, 1, 4), make.normal(2, 1, 5)),
        "one number": impl.sdpa_rows(make.normal(2, 3, 1), make.normal(2, 4, 1), make.normal(2, 4, 1)),
    }


@probe()
def test_sdpa_rows_large_scores(impl, make):
    """scores of ±1000 give finite and right outputs

    分数到 ±1000 时，输出有限且正确
    """
    Q = make.tensor([[[60, 0, 0, 0], [-50, 1, 0, 0]]])
    K = make.tensor([[[40, 1, 0, 0], [40, 3, 0, 0], [-40, 2, 0, 0]]])
    return impl.sdpa_rows(Q, K, make.normal(1, 3, 2))


@probe(weight=2)
def test_sdpa_rows_gradient(impl, make):
    """the gradients with respect to queries, keys and values

    对查询、键和值的梯度
    """
    Q, K, V = make.normal(2, 3, 4, grad=True), make.normal(2, 2, 4, grad=True), make.normal(2, 2, 5, grad=True)
    return gradients(impl.sdpa_rows(Q, K, V), Q, K, V)


@probe()
def test_sdpa_rows_transposed(impl, make):
    """transposed inputs, which are not contiguous in memory

    转置过的输入，它们在内存中不连续
    """
    Q, K, V = make.normal(2, 4, 3), make.normal(2, 4, 5), make.normal(2, 2, 5)
    return impl.sdpa_rows(Q.transpose(1, 2), K.transpose(1, 2), V.transpose(1, 2))


# --- multi_head_cols ------------------------------------------------------------------------------


@probe(public=True)
def test_multi_head_cols_small(impl, make):
    """two heads, three tokens of two numbers, identities before the heads

    两个头，三个 token，每个两个数，头之前是单位矩阵
    """
    eye = identity(make, 2)
    return impl.multi_head_cols(
        make.normal(2, 3), eye, eye, eye,
        per_head(make, 2, 1, 2), per_head(make, 2, 1, 2), per_head(make, 2, 1, 2), make.normal(2, 2),
    )  # fmt: skip


@probe(public=True)
def test_multi_head_cols_batch(impl, make):
    """two heads, all sizes different

    两个头，各个尺寸都不相同
    """
    return impl.multi_head_cols(make.normal(3, make.batch(4)), *headed(make, 2))


@probe(public=True)
def test_multi_head_cols_one_head(impl, make):
    """a single head

    只有一个头
    """
    return impl.multi_head_cols(make.normal(3, 4), *headed(make, 1))


@probe(weight=2)
def test_multi_head_cols_three_heads(impl, make):
    """three heads, in their order

    三个头，次序不变
    """
    return impl.multi_head_cols(make.normal(3, 5), *headed(make, 3, m=1, n=2))


@probe(weight=2)
def test_multi_head_cols_square(impl, make):
    """all matrices square except W^O, where a transpose raises no error

    除 W^O 外全是方阵，转置也不会报错
    """
    return impl.multi_head_cols(make.normal(3, 3), *headed(make, 2, d_k=3, d_v=3, m=3, n=3, d_out=3))


@probe()
def test_multi_head_cols_mixing_identity(impl, make):
    """W^O is the identity: the heads themselves are seen

    W^O 是单位矩阵：看到的就是各个头
    """
    *weights, _ = headed(make, 2, d=4, n=2)
    return impl.multi_head_cols(make.normal(4, 4), *weights, identity(make, 4))


@probe()
def test_multi_head_cols_square_mixing(impl, make):
    """W^O is square, with as many rows as the stack of heads

    W^O 是方阵，行数等于叠起来的各个头的行数
    """
    return impl.multi_head_cols(make.normal(3, 4), *headed(make, 2, n=2, d_out=4))


@probe()
def test_multi_head_cols_one_token(impl, make):
    """a single token

    只有一个 token
    """
    return impl.multi_head_cols(make.normal(3, 1), *headed(make, 2))


@probe(weight=2)
def test_multi_head_cols_gradient(impl, make):
    """the gradients with respect to tokens, first projections and W^O

    对 token、第一次投影的矩阵和 W^O 的梯度
    """
    I = make.normal(2, 3, grad=True)
    first = three(make, 2, 3, 4, scale=0.7, grad=True)
    heads = per_head(make, 2, 2, 3), per_head(make, 2, 2, 3), per_head(make, 2, 1, 4)
    Wo = make.normal(3, 2, grad=True)
    return gradients(impl.multi_head_cols(I, *first, *heads, Wo), I, *first, Wo)


@probe()
def test_multi_head_cols_gradient_of_heads(impl, make):
    """the gradients with respect to the matrices of each head

    对各个头的矩阵的梯度
    """
    I, first = make.normal(2, 3), three(make, 2, 3, 4, scale=0.7)
    Wq_h, Wk_h, Wv_h = (per_head(make, 2, m, n, grad=True) for m, n in ((2, 3), (2, 3), (1, 4)))
    output = impl.multi_head_cols(I, *first, Wq_h, Wk_h, Wv_h, make.normal(3, 2))
    return gradients(output, *Wq_h, *Wk_h, *Wv_h)


# --- multi_head_rows ------------------------------------------------------------------------------
# d/h is a square number wherever its root counts, but in one probe; see sdpa_rows.


@probe(public=True)
def test_multi_head_rows_small(impl, make):
    """one sequence of three tokens, two heads of one number, W^O = identity

    一个序列，三个 token，两个头各一个数，W^O 是单位矩阵
    """
    return impl.multi_head_rows(make.normal(1, 3, 2), make.normal(2, 6), identity(make, 2), 2)


@probe(public=True)
def test_multi_head_rows_batch(impl, make):
    """a batch, two heads of four numbers

    一个批次，两个头各四个数
    """
    x = make.normal(make.batch(2), 3, 8)
    return impl.multi_head_rows(x, make.normal(8, 24, scale=0.5), make.normal(8, 5), 2)


@probe(public=True)
def test_multi_head_rows_one_head(impl, make):
    """a single head

    只有一个头
    """
    return impl.multi_head_rows(make.normal(2, 3, 4), make.normal(4, 12, scale=0.7), make.normal(4, 4), 1)


# A scale that was rounded to float32 changes the result by some 1e-7.
@probe(weight=2, dtypes=("float64",), tolerance=100)
def test_multi_head_rows_three_heads(impl, make):
    """three heads of two numbers, all sizes different

    三个头各两个数，各个尺寸都不相同
    """
    return impl.multi_head_rows(make.normal(2, 5, 6), make.normal(6, 18, scale=0.7), make.normal(6, 4), 3)


@probe(weight=2)
def test_multi_head_rows_all_equal(impl, make):
    """as many sequences as tokens as numbers as heads, where a wrong axis raises no error

    序列数、token 数、token 的长度、头数都相等，弄错了轴也不会报错
    """
    return impl.multi_head_rows(make.normal(4, 4, 4), make.normal(4, 12), make.normal(4, 4), 4)


@probe()
def test_multi_head_rows_two_of_all(impl, make):
    """two sequences of two tokens of two numbers, two heads, W^O = identity

    两个序列，各两个 token，各两个数，两个头，W^O 是单位矩阵
    """
    return impl.multi_head_rows(make.normal(2, 2, 2), make.normal(2, 6), identity(make, 2), 2)


@probe()
def test_multi_head_rows_one_token(impl, make):
    """a single token, and a batch of one

    只有一个 token；只有一个序列的批次
    """
    return {
        "one token": impl.multi_head_rows(make.normal(3, 1, 4), make.normal(4, 12), make.normal(4, 5), 2),
        "one sequence": impl.multi_head_rows(make.normal(1, 3, 4), make.normal(4, 12), make.normal(4, 5), 4),
    }


@probe()
def test_multi_head_rows_same_token(impl, make):
    """the same token at every place has the same output everywhere

    每个位置都是同一个 token，输出也处处相同
    """
    x = make.normal(2, 1, 4).repeat(1, 3, 1)
    return impl.multi_head_rows(x, make.normal(4, 12), make.normal(4, 4), 2)


@probe(weight=2)
def test_multi_head_rows_gradient(impl, make):
    """the gradients with respect to tokens, projection and W^O

    对 token、投影矩阵和 W^O 的梯度
    """
    x = make.normal(2, 3, 4, grad=True)
    Wqkv, Wo = make.normal(4, 12, scale=0.7, grad=True), make.normal(4, 3, grad=True)
    return gradients(impl.multi_head_rows(x, Wqkv, Wo, 4), x, Wqkv, Wo)


# --- permutation_test -----------------------------------------------------------------------------
# In float64 alone: rounding is then 1e-16, and any sensible tolerance tells it from a real difference.


def layer_of(function, code):
    function.code = code
    return function


TWICE = layer_of(lambda I: 2 * I + 1, "lambda I: 2 * I + 1")
RUNNING_SUM = layer_of(lambda I: I.cumsum(dim=1), "lambda I: I.cumsum(dim=1)")
RUNNING_ROWS = layer_of(lambda I: I.cumsum(dim=0), "lambda I: I.cumsum(dim=0)")
REVERSED = layer_of(lambda I: I.flip(1), "lambda I: I.flip(1)")
ROLLED = layer_of(lambda I: I.roll(1, 1), "lambda I: I.roll(1, 1)")
MEAN_EVERYWHERE = layer_of(lambda I: I * 0 + I.mean(1, True), "lambda I: I * 0 + I.mean(1, True)")
CENTRED = layer_of(lambda I: I - I.mean(1, True), "lambda I: I - I.mean(1, True)")
SQUARED_ROWS = layer_of(lambda I: I.flip(0)[1:] ** 2, "lambda I: I.flip(0)[1:] ** 2")
SUMMED = layer_of(lambda I: I + I.cumsum(1)[:, -1:] / 3, "lambda I: I + I.cumsum(1)[:, -1:] / 3")
SORTED = layer_of(lambda I: I.sort(dim=1).values, "lambda I: I.sort(dim=1).values")
CONSTANT = layer_of(lambda I: torch.ones_like(I), "lambda I: torch.ones_like(I)")
POSITIONS_ADDED = layer_of(
    lambda I: I + torch.linspace(-1, 1, I.shape[1]).to(I), "lambda I: I + torch.linspace(-1, 1, I.shape[1]).to(I)"
)
FIRST_COLUMN = layer_of(lambda I: I - I[:, :1], "lambda I: I - I[:, :1]")


def attending(weights):
    """A layer of real self-attention."""
    Wq, Wk, Wv = weights
    return layer_of(lambda I: (Wv @ I) @ torch.softmax((Wk @ I).T @ (Wq @ I), dim=0), "self-attention")


@probe(public=True, dtypes=("float64",))
def test_permutation_test_doubled(impl, make):
    """a layer that treats every token alone

    逐个处理 token 的层
    """
    return impl.permutation_test(TWICE, make.normal(2, 3), make.long([1, 2, 0]))


@probe(public=True, dtypes=("float64",))
def test_permutation_test_running_sum(impl, make):
    """a running sum depends on the order

    前缀和取决于次序
    """
    return impl.permutation_test(RUNNING_SUM, make.normal(2, 3), make.long([1, 2, 0]))


@probe(dtypes=("float64",))
def test_permutation_test_attention(impl, make):
    """self-attention itself

    自注意力本身
    """
    layer = attending(three(make, 3, 2, 4))
    return impl.permutation_test(layer, make.normal(3, 5), make.long([3, 0, 4, 1, 2]))


@probe(weight=2, dtypes=("float64",))
def test_permutation_test_equivariant(impl, make):
    """layers that keep to the order, among them some that look at all tokens

    保持次序的层，其中有的要看所有 token
    """
    I, order = make.normal(3, 5), make.long([2, 0, 4, 1, 3])
    layers = {"centred": CENTRED, "mean": MEAN_EVERYWHERE, "rows": SQUARED_ROWS, "constant": CONSTANT}
    return {name: impl.permutation_test(layer, I, order) for name, layer in layers.items()}


@probe(weight=2, dtypes=("float64",))
def test_permutation_test_not_equivariant(impl, make):
    """layers that depend on places, among them one whose output never changes with the order

    依赖位置的层，其中有一个的输出从不随次序改变
    """
    I, order = make.normal(3, 5), make.long([2, 0, 4, 1, 3])
    layers = {"reversed": REVERSED, "rolled": ROLLED, "sorted": SORTED, "first": FIRST_COLUMN}
    layers["positions"] = POSITIONS_ADDED
    return {name: impl.permutation_test(layer, I, order) for name, layer in layers.items()}


@probe(dtypes=("float64",))
def test_permutation_test_rounding(impl, make):
    """sums in another order differ by rounding only

    换了次序的求和只差舍入误差
    """
    return impl.permutation_test(SUMMED, make.normal(3, 40), make.permutation(40))


@probe(dtypes=("float64",))
def test_permutation_test_square(impl, make):
    """as many tokens as numbers: columns are tokens

    token 数等于 token 的长度：列是 token
    """
    I, order = make.normal(4, 4), make.long([2, 0, 3, 1])
    return {
        "every column alone": impl.permutation_test(RUNNING_ROWS, I, order),
        "running sum": impl.permutation_test(RUNNING_SUM, I, order),
    }


@probe(dtypes=("float64",))
def test_permutation_test_identity_order(impl, make):
    """an order that changes nothing, and one that swaps two tokens

    什么都不改变的次序；交换两个 token 的次序
    """
    I = make.normal(2, 3)
    return {
        "no change": impl.permutation_test(RUNNING_SUM, I, make.long([0, 1, 2])),
        "swap": impl.permutation_test(RUNNING_SUM, I, make.long([1, 0, 2])),
    }


# --- sinusoidal_pe --------------------------------------------------------------------------------
# No tensor goes in, so the probe's dtype changes nothing; what comes out is float32.


@probe(public=True, dtypes=("float64",))
def test_sinusoidal_pe_small(impl, make):
    """two positions, codes of four numbers

    两个位置，编码长 4
    """
    return impl.sinusoidal_pe(2, 4)


@probe(public=True, dtypes=("float64",))
def test_sinusoidal_pe_longer(impl, make):
    """seven positions, codes of six numbers

    七个位置，编码长 6
    """
    return impl.sinusoidal_pe(7, 6)


@probe(public=True, dtypes=("float64",))
def test_sinusoidal_pe_odd(impl, make):
    """an odd d raises ValueError

    d 为奇数时抛出 ValueError
    """
    return {f"d={d}": attempt(impl.sinusoidal_pe, 3, d) for d in (5, 1)}


@probe(weight=2, dtypes=("float64",))
def test_sinusoidal_pe_wide(impl, make):
    """more numbers than positions

    编码长于位置的个数
    """
    return impl.sinusoidal_pe(3, 16)


@probe(dtypes=("float64",))
def test_sinusoidal_pe_square(impl, make):
    """as many positions as numbers: columns are positions

    位置的个数等于编码的长度：列是位置
    """
    return impl.sinusoidal_pe(4, 4)


@probe(dtypes=("float64",))
def test_sinusoidal_pe_edges(impl, make):
    """a single position, and codes of two numbers

    只有一个位置；编码长 2
    """
    return {"one position": impl.sinusoidal_pe(1, 6), "two numbers": impl.sinusoidal_pe(5, 2)}


@probe(dtypes=("float64",))
def test_sinusoidal_pe_far(impl, make):
    """positions up to 950, every 50th of them

    位置一直到 950，每隔 50 个看一个
    """
    return impl.sinusoidal_pe(951, 4)[:, ::50]


# --- truncated_mask -------------------------------------------------------------------------------


@probe(public=True, dtypes=("float64",))
def test_truncated_mask_small(impl, make):
    """three tokens, one neighbour to either side

    三个 token，左右各看一个
    """
    return impl.truncated_mask(3, 1)


@probe(public=True, dtypes=("float64",))
def test_truncated_mask_two(impl, make):
    """seven tokens, two neighbours to either side

    七个 token，左右各看两个
    """
    return impl.truncated_mask(7, 2)


@probe(public=True, dtypes=("float64",))
def test_truncated_mask_itself(impl, make):
    """w = 0: every token sees itself only

    w = 0：每个 token 只看见自己
    """
    return impl.truncated_mask(4, 0)


@probe(weight=2, dtypes=("float64",))
def test_truncated_mask_nearly_all(impl, make):
    """w = N − 2: only the two ends do not see each other

    w = N − 2：只有首尾互相看不见
    """
    return impl.truncated_mask(5, 3)


@probe(dtypes=("float64",))
def test_truncated_mask_all(impl, make):
    """w = N − 1 and more: everyone sees everyone

    w 不小于 N − 1：所有人都互相看得见
    """
    return {"w = N - 1": impl.truncated_mask(4, 3), "w > N": impl.truncated_mask(3, 8)}


@probe(dtypes=("float64",))
def test_truncated_mask_one_token(impl, make):
    """a single token

    只有一个 token
    """
    return {"w = 0": impl.truncated_mask(1, 0), "w = 2": impl.truncated_mask(1, 2)}


# --- graph_attention ------------------------------------------------------------------------------


def edges(make, rows):
    """A bool adjacency matrix from zeros and ones."""
    return make.long(rows) == 1


def every_column(make, n):
    """Random edges, with at least one in each column, none of them symmetric by design."""
    graph = make.bools(n, n, p=0.4)
    order = make.permutation(n)
    at = torch.arange(n, device=order.device)
    return graph | (order[:, None] == at)


@probe(public=True)
def test_graph_attention_small(impl, make):
    """three nodes on a line: the two ends do not see each other

    三个节点排成一线：两端互相看不见
    """
    graph = edges(make, [[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    return impl.graph_attention(make.normal(2, 3), graph, *three(make, 2, 2, 2))


@probe(public=True)
def test_graph_attention_batch(impl, make):
    """random edges in one direction, all sizes different

    随机的单向边，各个尺寸都不相同
    """
    n = make.batch(5)
    return impl.graph_attention(make.normal(3, n), every_column(make, n), *three(make, 3, 2, 4))


@probe(public=True, weight=2)
def test_graph_attention_directed(impl, make):
    """a ring in which every node sees only the one before it

    一个环，每个节点只看见它前面的那一个
    """
    graph = edges(make, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    return impl.graph_attention(make.normal(3, 4), graph, *three(make, 3, 2, 5))


@probe()
def test_graph_attention_complete(impl, make):
    """all edges there: plain self-attention; self-loops only: the values

    边都在：就是普通的自注意力；只有自环：就是各个值
    """
    I, weights = make.normal(3, 4), three(make, 3, 2, 5)
    full = make.long([[1] * 4] * 4) == 1
    loops = identity(make, 4) == 1
    return {
        "complete": impl.graph_attention(I, full, *weights),
        "self-loops": impl.graph_attention(I, loops, *weights),
    }


@probe()
def test_graph_attention_equal_scores(impl, make):
    """all scores are 0: the mean of the neighbours' values

    分数全为 0：邻居的值的平均
    """
    Wq, Wk, Wv = three(make, 3, 2, 4)
    return impl.graph_attention(make.normal(3, 5), every_column(make, 5), Wq * 0, Wk, Wv)


@probe(weight=2)
def test_graph_attention_isolated(impl, make):
    """a node without neighbours gets zeros

    没有邻居的节点得到零
    """
    graph = edges(make, [[0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]])
    return impl.graph_attention(make.normal(3, 4), graph, *three(make, 3, 2, 5))


@probe()
def test_graph_attention_square(impl, make):
    """all matrices square, where a transpose raises no error

    矩阵全是方阵，转置也不会报错
    """
    graph = edges(make, [[1, 1, 0], [0, 0, 1], [1, 1, 0]])
    return impl.graph_attention(make.normal(3, 3), graph, *three(make, 3, 3, 3))


@probe()
def test_graph_attention_large_scores(impl, make):
    """scores of ±1000: a missing edge counts nothing, however large the others' negative scores

    分数到 ±1000：没有边就毫无分量，哪怕其余的分数负得再多
    """
    I = make.tensor([[25, -40, 24, 1], [30, 0, 30, -1]])
    Wq, Wk = make.tensor([[0.75, 0], [0, 0.5]]), make.tensor([[1, 0], [0, 0.75]])
    graph = edges(make, [[0, 1, 1, 0], [1, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 1]])
    return impl.graph_attention(I, graph, Wq, Wk, make.normal(3, 2, scale=0.1))


@probe()
def test_graph_attention_gradient(impl, make):
    """the gradients, where every node has a neighbour

    每个节点都有邻居时的梯度
    """
    I, weights = make.normal(3, 4, grad=True), three(make, 3, 2, 5, scale=0.7, grad=True)
    graph = edges(make, [[0, 1, 1, 0], [1, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 0]])
    return gradients(impl.graph_attention(I, graph, *weights), I, *weights)
