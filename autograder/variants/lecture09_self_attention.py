"""Implementations of lecture 9, self-attention, that are right, accepted, and wrong."""

import math

import numpy as np
import torch
from torch.nn import functional

from autograder.course import reference
from autograder.variant import accepted, equivalent, right, wrong

ref = reference("lecture09_self_attention")

# --- embedding_lookup ------------------------------------------------------------------------------


@right
def embedding_lookup__one_hot_product(table, ids):
    rows = (ids[..., None] == torch.arange(len(table), device=table.device)).to(table.dtype)
    return rows @ table


@right
def embedding_lookup__index_select(table, ids):
    return table.index_select(0, ids.reshape(-1)).reshape(*ids.shape, table.shape[1])


@right
def embedding_lookup__gather(table, ids):
    flat = ids.flatten()
    rows = table.gather(0, flat[:, None].expand(-1, table.size(1)))
    return rows.unflatten(0, ids.shape) if ids.dim() else rows[0]


@right
def embedding_lookup__library_one_hot(table, ids):
    return torch.einsum("...v,vd->...d", functional.one_hot(ids, table.size(0)).to(table), table)


@wrong(
    en=(
        "The one-hot rows are as long as the largest id needs, not as the vocabulary. When the last words do not "
        "occur, the product with the table has no matching size."
    ),
    zh="独热向量的长度取自最大的 id，而不是词表的大小。后面的词没有出现时，它与表的尺寸就对不上了。",
)
def embedding_lookup__one_hot_of_the_wrong_size(table, ids):
    return functional.one_hot(ids).to(table.dtype) @ table


@wrong(
    en=(
        "The ids that occur are numbered anew before the lookup, so a number no longer means the same word: with "
        "ids (0, 2) the second vector is that of word 1."
    ),
    zh="查表之前给出现过的 id 重新编了号，号码就不再指同一个词了：ids 为 (0, 2) 时，第二个向量取的是 1 号词。",
)
def embedding_lookup__renumbered(table, ids):
    _, places = ids.unique(return_inverse=True)
    return table[places]


@wrong(
    en="The vectors stand in columns: ids of shape (4,) give (d, 4). The d numbers of a word are the last dimension.",
    zh="向量排成了列：形状 (4,) 的 ids 得到 (d, 4)。一个词的 d 个数应当在最后一维。",
)
def embedding_lookup__transposed(table, ids):
    return table[ids].movedim(-1, 0)


@wrong(
    en="Columns of the table are picked. A word is a row: with more words than numbers per word, this even fails.",
    zh="取的是表的列。一个词是一行；当词数多于向量的长度时，这样取还会报错。",
)
def embedding_lookup__columns(table, ids):
    return table[:, ids].movedim(0, -1)


@wrong(
    en="The ids are used as numbers and multiplied with the table. An id is a name: it says which row, not how much.",
    zh="把 id 当成数值去乘表了。id 只是名字：它说的是哪一行，不是多少。",
)
def embedding_lookup__ids_as_values(table, ids):
    return ids[..., None].to(table.dtype) * table.mean(dim=0)


@wrong(
    en="The rows are counted from 1, so every word gets the vector of the one before it, and word 0 that of the last.",
    zh="行从 1 开始数了：每个词取到的是前一个词的向量，而 0 号词取到了最后一行。",
)
def embedding_lookup__one_based(table, ids):
    return table[ids - 1]


@wrong(
    en=(
        "The shape of the ids is lost: all words stand in one long list. Ids of shape (2, 4) must give (2, 4, d)."
    ),
    zh="ids 的形状丢了：所有词排成了一长串。形状 (2, 4) 的 ids 应得到 (2, 4, d)。",
)
def embedding_lookup__flattened(table, ids):
    return table[ids.reshape(-1)]


@wrong(
    en="The vectors of a sentence are added up. Each id must keep a vector of its own.",
    zh="把一句话里的向量加起来了。每个 id 都应当保留自己的向量。",
)
def embedding_lookup__bag_of_words(table, ids):
    return table[ids].sum(dim=-2) if ids.dim() else table[ids]


@wrong(
    en="The gradient does not reach the table: the rows are copied as plain numbers, and the table would never learn.",
    zh="梯度到不了表：取出的行被复制成了普通的数，这张表永远学不到东西。",
)
def embedding_lookup__detached(table, ids):
    return table.detach()[ids]


@wrong(
    en="Every vector is multiplied by √d, as some Transformers do. Here the row of the table comes as it is.",
    zh="每个向量都乘了 √d，有些 Transformer 会这样做。这里应当原样取出表里的那一行。",
)
def embedding_lookup__times_root_d(table, ids):
    return table[ids] * math.sqrt(table.shape[1])


@wrong(
    en="Every word is scaled to length 1. Here the row of the table comes as it is.",
    zh="每个词的向量都缩放成了长度 1。这里应当原样取出表里的那一行。",
)
def embedding_lookup__normalised(table, ids):
    return functional.normalize(table[ids], dim=-1)


@wrong(
    en="Words that occur twice are listed once, and in the order of their ids. There must be one row for each id.",
    zh="出现两次的词只列了一次，而且按 id 的大小排了序。应当每个 id 一行。",
)
def embedding_lookup__each_word_once(table, ids):
    return table[ids.unique()]


@wrong(
    en="A Python loop looks up one id after the other: the work grows with the sentence. One index does all at once.",
    zh="用 Python 循环一个一个地查：句子越长，工作量越大。一次下标就能全部取出。",
)
def embedding_lookup__one_by_one(table, ids):
    rows = [table[i] for i in ids.reshape(-1).tolist()]
    return torch.stack(rows).reshape(*ids.shape, -1)


@wrong(
    en="This is the library's own embedding. The point is to see that it is nothing but picking rows.",
    zh="这是库里现成的嵌入函数。这道题正是要你看到，它不过是取出几行。",
)
def embedding_lookup__library(table, ids):
    return functional.embedding(ids, table)


# --- window_features -------------------------------------------------------------------------------


@right
def window_features__token_by_token(I, k):
    N = I.shape[1]
    columns = []
    for n in range(N):
        parts = [I[:, m] if 0 <= m < N else torch.zeros_like(I[:, 0]) for m in range(n - k, n + k + 1)]
        columns.append(torch.cat(parts))
    return torch.stack(columns, dim=1)


@right
def window_features__unfolded(I, k):
    windows = functional.pad(I, (k, k)).unfold(1, 2 * k + 1, 1)  # (d, N, 2k + 1)
    return windows.permute(2, 0, 1).reshape(-1, I.shape[1])


@right
def window_features__index_and_mask(I, k):
    d, N = I.shape
    at = torch.arange(N, device=I.device) + torch.arange(-k, k + 1, device=I.device)[:, None]
    inside = ((at >= 0) & (at < N)).to(I.dtype)
    windows = I[:, at.clamp(0, N - 1)] * inside
    return torch.transpose(windows, 0, 1).reshape(d * (2 * k + 1), N)


@right
def window_features__written_into_zeros(I, k):
    d, N = I.shape
    result = torch.zeros(2 * k + 1, d, N, dtype=I.dtype, device=I.device)
    for place in range(2 * k + 1):
        offset = place - k
        low, high = max(0, -offset), min(N, N - offset)
        if low < high:
            result[place, :, low:high] = I[:, low + offset : high + offset]
    return result.flatten(0, 1)


@wrong(
    en=(
        "The sequence wraps around: the neighbour before the first token is the last one. Outside the sequence there "
        "must be zeros."
    ),
    zh="序列首尾相接了：第一个 token 的前一个邻居成了最后一个 token。序列之外应当是零。",
)
def window_features__wraps_around(I, k):
    return torch.cat([I.roll(-offset, dims=1) for offset in range(-k, k + 1)])


@wrong(
    en="The window is upside down: the latest token is on top. The earliest belongs there.",
    zh="窗口上下颠倒了：最上面是最晚的 token，应当是最早的。",
)
def window_features__reversed(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (k, k))
    return torch.cat([padded[:, s : s + N] for s in range(2 * k, -1, -1)])


@wrong(
    en=(
        "The columns at both ends are dropped: only windows that fit whole are left. Every token needs its column, "
        "N in all."
    ),
    zh="两端的列被丢掉了，只剩下完整的窗口。每个 token 都要有自己的一列，一共 N 列。",
)
def window_features__edges_dropped(I, k):
    n = max(0, I.shape[1] - 2 * k)
    return torch.cat([I[:, s : s + n] for s in range(2 * k + 1)])


@wrong(
    en="Outside the sequence the first or the last token is repeated. There must be zeros.",
    zh="序列之外重复了第一个或最后一个 token。那里应当是零。",
)
def window_features__repeats_the_ends(I, k):
    N = I.shape[1]
    offsets = torch.arange(-k, k + 1)
    at = (torch.arange(N) + offsets[:, None]).clamp(0, N - 1)
    return I[:, at].transpose(0, 1).reshape(-1, N)


@wrong(
    en="The window looks back only: a token with the 2k before it. It must reach k to either side.",
    zh="窗口只往回看：一个 token 和它前面的 2k 个。它应当左右各看 k 个。",
)
def window_features__looks_back_only(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (2 * k, 0))
    return torch.cat([padded[:, s : s + N] for s in range(2 * k + 1)])


@wrong(
    en="The window looks ahead only: a token with the 2k after it. It must reach k to either side.",
    zh="窗口只往后看：一个 token 和它后面的 2k 个。它应当左右各看 k 个。",
)
def window_features__looks_ahead_only(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (0, 2 * k))
    return torch.cat([padded[:, s : s + N] for s in range(2 * k + 1)])


@wrong(
    en="k is taken for the width of the whole window. With k neighbours on either side it holds 2k + 1 tokens.",
    zh="把 k 当成了整个窗口的宽度。左右各 k 个邻居，一共是 2k + 1 个 token。",
)
def window_features__k_is_the_width(I, k):
    N, half = I.shape[1], k // 2
    padded = functional.pad(I, (half, half))
    return torch.cat([padded[:, s : s + N] for s in range(2 * half + 1)])


@wrong(
    en=(
        "The numbers are ordered by feature: all 2k + 1 values of the first number, then of the second. The d "
        "numbers of one token must stay together."
    ),
    zh="数是按特征排的：先是第一个数的 2k + 1 个值，再是第二个数的。同一个 token 的 d 个数应当放在一起。",
)
def window_features__interleaved(I, k):
    windows = functional.pad(I, (k, k)).unfold(1, 2 * k + 1, 1)
    return windows.transpose(1, 2).reshape(-1, I.shape[1])


@wrong(
    en="Tokens are rows in the result, (N, d·(2k + 1)). In this lecture a token is a column.",
    zh="结果里 token 成了行：(N, d·(2k + 1))。在这一讲里，一个 token 是一列。",
)
def window_features__row_layout(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (k, k))
    return torch.cat([padded[:, s : s + N] for s in range(2 * k + 1)]).T


@wrong(
    en="The token itself is missing from its window: there are 2k blocks of d numbers where 2k + 1 belong.",
    zh="窗口里漏掉了 token 自己：只有 2k 段，应当是 2k + 1 段。",
)
def window_features__without_itself(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (k, k))
    parts = [padded[:, s : s + N] for s in range(2 * k + 1) if s != k]
    return torch.cat(parts) if parts else I[:0]


@wrong(
    en="The tokens of the window are averaged into d numbers. They must all be kept, one below the other.",
    zh="窗口里的 token 被平均成了 d 个数。它们应当全部保留，上下叠起来。",
)
def window_features__averaged(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (k, k))
    return torch.stack([padded[:, s : s + N] for s in range(2 * k + 1)]).mean(dim=0)


@wrong(
    en="One neighbour on the right is missing: range(2k) ends before the last place of the window.",
    zh="右边少了一个邻居：range(2k) 还没到窗口的最后一个位置就结束了。",
)
def window_features__one_place_short(I, k):
    N = I.shape[1]
    padded = functional.pad(I, (k, k))
    parts = [padded[:, s : s + N] for s in range(2 * k)]
    return torch.cat(parts) if parts else I[:0]


@wrong(
    en="The slice k:-k is empty for k = 0, and the tokens do not fit into it. Try k = 0.",
    zh="切片 k:-k 在 k = 0 时是空的，token 放不进去。试试 k = 0。",
)
def window_features__empty_at_zero(I, k):
    d, N = I.shape
    padded = I.new_zeros(d, N + 2 * k)
    padded[:, k:-k] = I
    return torch.cat([padded[:, s : s + N] for s in range(2 * k + 1)])


@wrong(
    en=(
        "The shifted copies are put together from zeros and a slice, which fits only while the window is no longer "
        "than the sequence. Try k > N."
    ),
    zh="平移后的各份由零和一个切片拼成，只有窗口不比序列长时尺寸才对得上。试试 k > N。",
)
def window_features__fails_beyond_the_sequence(I, k):
    parts = []
    for offset in range(-k, k + 1):
        zeros = I.new_zeros(len(I), abs(offset))
        if offset < 0:
            parts.append(torch.cat([zeros, I[:, :offset]], dim=1))
        else:
            parts.append(torch.cat([I[:, offset:], zeros], dim=1))
    return torch.cat(parts)


@wrong(
    en="The gradient is lost: the tokens are copied as plain numbers. What comes before this layer could not learn.",
    zh="梯度丢了：token 被复制成了普通的数。这一层之前的部分就学不到东西了。",
)
def window_features__detached(I, k):
    return window_features__index_and_mask.implementation(I.detach(), k)


# --- qkv -------------------------------------------------------------------------------------------


@right
def qkv__einsum(I, Wq, Wk, Wv):
    return tuple(torch.einsum("kd,dn->kn", W, I) for W in (Wq, Wk, Wv))


@right
def qkv__one_wide_product(I, Wq, Wk, Wv):
    return (torch.cat([Wq, Wk, Wv]) @ I).split([len(Wq), len(Wk), len(Wv)])


@right
def qkv__linear_layers(I, Wq, Wk, Wv):
    rows = I.T
    return [functional.linear(rows, W).T for W in (Wq, Wk, Wv)]


@wrong(
    en=(
        "The tokens stand on the left, as rows would: I @ W. In this lecture a token is a column, and the matrix "
        "stands on the left."
    ),
    zh="token 写在了左边，那是按行的写法：I @ W。在这一讲里 token 是列，矩阵在左边。",
)
def qkv__row_layout(I, Wq, Wk, Wv):
    return I @ Wq, I @ Wk, I @ Wv


@wrong(
    en="The matrices are transposed: with square ones there is no error, but the numbers are others.",
    zh="矩阵被转置了：方阵时不会报错，数却不对。",
)
def qkv__transposed_matrices(I, Wq, Wk, Wv):
    return Wq.T @ I, Wk.T @ I, Wv.T @ I


@wrong(
    en="The results are returned with tokens as rows. Column i must belong to token i.",
    zh="返回的结果里 token 成了行。第 i 列应当属于第 i 个 token。",
)
def qkv__rows_returned(I, Wq, Wk, Wv):
    return (Wq @ I).T, (Wk @ I).T, (Wv @ I).T


@wrong(
    en="The three are right but in another order: keys come before queries. It must be (Q, K, V).",
    zh="三个结果都对，但次序错了：键排到了查询前面。应当是 (Q, K, V)。",
)
def qkv__keys_first(I, Wq, Wk, Wv):
    return Wk @ I, Wq @ I, Wv @ I


@wrong(
    en="The three are right but in another order: values come first. It must be (Q, K, V).",
    zh="三个结果都对，但次序错了：值排到了最前面。应当是 (Q, K, V)。",
)
def qkv__values_first(I, Wq, Wk, Wv):
    return Wv @ I, Wq @ I, Wk @ I


@wrong(
    en="One matrix makes all three: queries, keys and values are the same. Each has a matrix of its own.",
    zh="三个结果出自同一个矩阵：查询、键、值都一样。它们各有各的矩阵。",
)
def qkv__one_matrix_for_all(I, Wq, Wk, Wv):
    Q = Wq @ I
    return Q, Q, Q


@wrong(
    en="The keys are made with the queries' matrix. Then every token finds itself attractive, and A is symmetric.",
    zh="键用了查询的矩阵。这样每个 token 都最容易看中自己，而且 A 是对称的。",
)
def qkv__keys_from_wq(I, Wq, Wk, Wv):
    return Wq @ I, Wq @ I, Wv @ I


@wrong(
    en="The values are made with the keys' matrix, and W^v is never used.",
    zh="值用了键的矩阵，W^v 根本没用上。",
)
def qkv__values_from_wk(I, Wq, Wk, Wv):
    return Wq @ I, Wk @ I, Wk @ I


@wrong(
    en="The values are the tokens themselves: W^v is never used.",
    zh="值就是 token 本身：W^v 根本没用上。",
)
def qkv__values_are_tokens(I, Wq, Wk, Wv):
    return Wq @ I, Wk @ I, I


@wrong(
    en="The keys are made from the queries, and the values from the keys. All three are made from the input.",
    zh="键由查询算出，值又由键算出。三者都应当由输入算出。",
)
def qkv__one_after_the_other(I, Wq, Wk, Wv):
    Q = Wq @ I
    K = Wk @ Q
    return Q, K, Wv @ K


@wrong(
    en="The queries are divided by √d_k already. The lecture's queries are W^q I and no more.",
    zh="查询提前除以了 √d_k。课上的查询就是 W^q I，别无其他。",
)
def qkv__scaled_queries(I, Wq, Wk, Wv):
    return Wq @ I / math.sqrt(len(Wq)), Wk @ I, Wv @ I


@wrong(
    en="A bend (ReLU) follows the products. Queries, keys and values are plain products and may be negative.",
    zh="乘完之后又过了 ReLU。查询、键和值只是乘积，可以是负数。",
)
def qkv__relu(I, Wq, Wk, Wv):
    return torch.relu(Wq @ I), torch.relu(Wk @ I), torch.relu(Wv @ I)


@wrong(
    en="The gradient does not reach the matrices: they are used as plain numbers and would never learn.",
    zh="梯度到不了矩阵：它们被当成普通的数来用，永远学不到东西。",
)
def qkv__detached_matrices(I, Wq, Wk, Wv):
    return Wq.detach() @ I, Wk.detach() @ I, Wv.detach() @ I


# --- attention_scores ------------------------------------------------------------------------------


@right
def attention_scores__einsum(K, Q):
    return torch.einsum("dk,dq->kq", K, Q)


@right
def attention_scores__broadcast(K, Q):
    return (K[:, :, None] * Q[:, None, :]).sum(dim=0)


@right
def attention_scores__transposed_product(K, Q):
    return torch.matmul(Q.transpose(0, 1), K).mT


@wrong(
    en=(
        "Rows and columns are exchanged: this is QᵀK. Entry [j, i] must be key j times query i. With as many keys as "
        "queries the shape hides it."
    ),
    zh="行列颠倒了：这是 QᵀK。[j, i] 处应当是键 j 乘查询 i。键与查询一样多时，从形状上看不出来。",
)
def attention_scores__queries_first(K, Q):
    return Q.T @ K


@wrong(
    en="The scores are divided by √d_k. That comes later, in section 8; here the dot products stay as they are.",
    zh="分数除以了 √d_k。那是后面第 8 节的事，这里的点积要原样得出。",
)
def attention_scores__scaled(K, Q):
    return K.T @ Q / math.sqrt(K.shape[0])


@wrong(
    en="The scores are divided by d_k, so they are means of products. A dot product is a sum.",
    zh="分数除以了 d_k，成了乘积的平均。点积是求和。",
)
def attention_scores__mean_of_products(K, Q):
    return K.T @ Q / K.shape[0]


@wrong(
    en=(
        "The product runs over the tokens, K @ Qᵀ, and has the shape (d_k, d_k). It must run over the d_k numbers, "
        "and leave one entry for each pair of tokens."
    ),
    zh="乘积对 token 求和了：K @ Qᵀ，形状是 (d_k, d_k)。应当对 d_k 个数求和，给每一对 token 留下一项。",
)
def attention_scores__sums_over_tokens(K, Q):
    return K @ Q.T


@wrong(
    en="Neither is transposed: K @ Q. Where it raises no error, rows of K meet columns of Q, which is no dot product "
    "of a key with a query.",
    zh="两个都没有转置：K @ Q。不报错的时候，是 K 的行乘 Q 的列，那不是键与查询的点积。",
)
def attention_scores__no_transpose(K, Q):
    return K @ Q


@wrong(
    en="Each query meets only the key at its own place. Every query must meet every key.",
    zh="每个查询只遇到了与它同位置的键。每个查询都应当遇到每个键。",
)
def attention_scores__same_place_only(K, Q):
    return (K * Q).sum(dim=0)


@wrong(
    en="The softmax is taken already. Scores may be negative and of any size; the weights come in the next step.",
    zh="已经做了 softmax。分数可正可负、大小不限；变成权重是下一步的事。",
)
def attention_scores__softmax_already(K, Q):
    return torch.softmax(K.T @ Q, dim=0)


@wrong(
    en="Keys and queries are shortened to length 1 first (cosine similarity). A dot product keeps their lengths.",
    zh="先把键和查询缩放成了长度 1（余弦相似度）。点积要保留它们的长度。",
)
def attention_scores__cosine(K, Q):
    return functional.normalize(K, dim=0).T @ functional.normalize(Q, dim=0)


@wrong(
    en="The keys meet themselves: KᵀK, and the queries are not used.",
    zh="键遇到的是键自己：KᵀK，查询没有用上。",
)
def attention_scores__keys_with_keys(K, Q):
    return K.T @ K


@wrong(
    en="Negative scores are lost. A key that points the other way must score below one that is merely unrelated.",
    zh="负的分数丢了。方向相反的键，得分应当低于只是不相干的键。",
)
def attention_scores__no_negative(K, Q):
    return torch.relu(K.T @ Q)


@wrong(
    en="This scores by distance, not by dot product: a long key in the right direction gets punished.",
    zh="这是按距离打分，不是点积：方向对而较长的键反而吃亏。",
)
def attention_scores__distance(K, Q):
    return -((K[:, :, None] - Q[:, None, :]) ** 2).sum(dim=0)


@wrong(
    en="A Python loop handles one query after the other: the work grows with the sequence. One product does it all.",
    zh="用 Python 循环逐个处理查询：序列越长，工作量越大。一次矩阵乘法就够了。",
)
def attention_scores__one_by_one(K, Q):
    return torch.stack([K.T @ Q[:, i] for i in range(Q.shape[1])], dim=1)


@wrong(
    en="The gradient is lost: the product is taken of plain numbers, and the matrices behind K and Q could not learn.",
    zh="梯度丢了：乘的是普通的数，K 和 Q 背后的矩阵就学不到东西了。",
)
def attention_scores__detached(K, Q):
    return K.detach().T @ Q.detach()


# --- attention_weights -----------------------------------------------------------------------------


@right
def attention_weights__library_softmax(A):
    return torch.softmax(A, dim=0)


@right
def attention_weights__logsumexp(A):
    return (A - torch.logsumexp(A, dim=0)).exp()


@right
def attention_weights__rows_of_the_transpose(A):
    return functional.softmax(A.T, dim=-1).T


@right
def attention_weights__shift_without_gradient(A):
    with torch.no_grad():
        highest = A.max(dim=0, keepdim=True).values
    e = torch.exp(A - highest)
    return e / torch.einsum("kq->q", e)


@wrong(
    en=(
        "The softmax runs along the rows, so the shares that one key receives sum to 1. One column is one query; "
        "look at A'.sum(dim=0)."
    ),
    zh="softmax 沿着行做了：和为 1 的是一个键得到的份额。每一“列”才是同一个 query，应让列和为 1；看看 A'.sum(dim=0)。",
)
def attention_weights__rows(A):
    return torch.softmax(A, dim=1)


@wrong(
    en="The softmax runs over the whole matrix: all weights together sum to 1. It must be 1 for each column.",
    zh="softmax 做在了整个矩阵上：所有权重加起来才是 1。应当每一列之和为 1。",
)
def attention_weights__whole_matrix(A):
    return torch.softmax(A.flatten(), dim=0).reshape(A.shape)


@wrong(
    en="The exponentials overflow: exp(1000) is inf, and inf/inf is nan. What may be subtracted from a column "
    "without changing its softmax?",
    zh="指数溢出了：exp(1000) 是 inf，inf/inf 得到 nan。从一列里减去什么，softmax 不会变？",
)
def attention_weights__no_shift(A):
    e = A.exp()
    return e / e.sum(dim=0)


@wrong(
    en=(
        "The largest score of the whole matrix is subtracted. A column that lies 1000 below it becomes 0/0 = nan: "
        "every column needs its own."
    ),
    zh="减去的是整个矩阵的最大值。比它低 1000 的列会变成 0/0 = nan：每一列要减去自己的最大值。",
)
def attention_weights__global_max(A):
    e = (A - A.max()).exp()
    return e / e.sum(dim=0)


@wrong(
    en="Each row's largest score is subtracted. The constant must be the same within a column, or the shares change.",
    zh="减去的是每一行的最大值。同一列里减去的必须是同一个常数，否则份额就变了。",
)
def attention_weights__shift_by_rows(A):
    e = (A - A.amax(dim=1, keepdim=True)).exp()
    return e / e.sum(dim=0)


@wrong(
    en="The weights are the scores divided by their sum, without the exponential. A negative score gives a negative share.",
    zh="权重成了分数除以分数之和，没有取指数。负的分数就得到负的份额。",
)
def attention_weights__no_exponential(A):
    return A / A.sum(dim=0)


@wrong(
    en="Each score goes through a sigmoid by itself. Nothing makes the shares of a query sum to 1.",
    zh="每个分数各自过了 sigmoid。没有任何东西保证一个查询的份额之和为 1。",
)
def attention_weights__sigmoid(A):
    return torch.sigmoid(A)


@wrong(
    en="Everything goes to the key with the largest score. Softmax lets the others have their share, and has a slope.",
    zh="全部给了分数最大的键。softmax 会让其他键也有份，而且有斜率。",
)
def attention_weights__winner_takes_all(A):
    return functional.one_hot(A.argmax(dim=0), len(A)).T.to(A.dtype)


@wrong(
    en="The result is transposed: keys must stay rows and queries columns, as in A.",
    zh="结果被转置了：应当与 A 一样，行是键，列是查询。",
)
def attention_weights__transposed(A):
    return torch.softmax(A, dim=0).T


@wrong(
    en="The softmax is taken twice: shares of shares are nearly all alike.",
    zh="做了两次 softmax：份额的份额几乎都一样了。",
)
def attention_weights__twice(A):
    return torch.softmax(torch.softmax(A, dim=0), dim=0)


@wrong(
    en="The scores are divided by a root first. A column (3, 1, −3) must become (0.88, 0.12, 0.002).",
    zh="先除以了一个根号。一列 (3, 1, −3) 应当变成 (0.88, 0.12, 0.002)。",
)
def attention_weights__scaled(A):
    return torch.softmax(A / math.sqrt(len(A)), dim=0)


@wrong(
    en="This is the logarithm of the weights. Shares lie between 0 and 1.",
    zh="这是权重的对数。份额应当在 0 和 1 之间。",
)
def attention_weights__logarithm(A):
    return torch.log_softmax(A, dim=0)


@wrong(
    en="The values are right but the denominator is cut off from the gradient. Raising one score must lower the others' shares.",
    zh="数值对，但分母被排除在梯度之外了。一个分数升高，其他键的份额应当随之降低。",
)
def attention_weights__detached_denominator(A):
    e = (A - A.amax(dim=0).detach()).exp()
    return e / e.sum(dim=0).detach()


@wrong(
    en="The scores are clamped so that nothing overflows. Then 1000, 1001 and 999 all count the same.",
    zh="为了不溢出而把分数截断了。这样 1000、1001、999 就毫无区别。",
)
def attention_weights__clamped(A):
    e = A.clamp(-80, 80).exp()
    return e / e.sum(dim=0)


@wrong(
    en="The input itself is changed (a method with an underscore, or -=). Whoever looks at the scores afterwards finds others.",
    zh="改动了输入本身（带下划线的方法，或 -=）。之后再看分数，已经不是原来的了。",
)
def attention_weights__in_place(A):
    A = A.detach() if A.requires_grad and A.is_leaf else A
    A -= A.amax(dim=0)
    return A.exp() / A.exp().sum(dim=0)


@wrong(
    en="A Python loop handles one query after the other: the work grows with the sequence. Let `dim` do it.",
    zh="用 Python 循环逐个处理查询：序列越长，工作量越大。交给 `dim` 就行。",
)
def attention_weights__one_by_one(A):
    return torch.stack([torch.softmax(A[:, i], dim=0) for i in range(A.shape[1])], dim=1)


# --- self_attention --------------------------------------------------------------------------------


@right
def self_attention__own_functions(I, Wq, Wk, Wv):
    Q, K, V = ref.qkv(I, Wq, Wk, Wv)
    return V @ ref.attention_weights(ref.attention_scores(K, Q))


@right
def self_attention__in_rows(I, Wq, Wk, Wv):
    rows = I.T
    q, k, v = rows @ Wq.T, rows @ Wk.T, rows @ Wv.T
    return (functional.softmax(q @ k.T, dim=-1) @ v).T


@right
def self_attention__values_last(I, Wq, Wk, Wv):
    A = I.T @ Wk.T @ Wq @ I
    return Wv @ (I @ A.softmax(0))


@right
def self_attention__einsum_and_exponentials(I, Wq, Wk, Wv):
    A = torch.einsum("kd,dj,ke,ei->ji", Wk, I, Wq, I)
    e = torch.exp(A - A.max(dim=0).values)
    return torch.einsum("vd,dj,ji->vi", Wv, I, e) / e.sum(0)


@wrong(
    en=(
        "The softmax runs along the rows of A. One column is one query, and its weights must sum to 1: with equal "
        "tokens every output must equal the value."
    ),
    zh="softmax 沿着 A 的行做了。每一列才是同一个 query，它的权重之和应为 1。",
)
def self_attention__softmax_rows(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ torch.softmax(K.T @ Q, dim=1)


@wrong(
    en=(
        "The scores are QᵀK: keys and queries have exchanged their roles, so token i asks with its key. It cannot be "
        "seen while W^q = W^k; take different ones."
    ),
    zh="分数成了 QᵀK：键和查询互换了角色，第 i 个 token 在用它的键去提问。W^q = W^k 时看不出来，取不同的试试。",
)
def self_attention__queries_first(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ torch.softmax(Q.T @ K, dim=0)


@wrong(
    en="The weights are transposed before they meet the values. Column i of the result must mix the values by column i of A'.",
    zh="权重乘到值上之前被转置了。结果的第 i 列应当按 A' 的第 i 列来混合各个值。",
)
def self_attention__weights_transposed(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ torch.softmax(K.T @ Q, dim=0).T


@wrong(
    en="The scores are divided by √d_k. That is section 8; the lecture's formula has no scale.",
    zh="分数除以了 √d_k。那是第 8 节的事；课上的公式没有缩放。",
)
def self_attention__scaled(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ torch.softmax(K.T @ Q / math.sqrt(len(K)), dim=0)


@wrong(
    en="The softmax is missing (the notes' summary leaves it out too): the scores themselves weigh the values.",
    zh="漏了 softmax（笔记的总结里也漏了）：直接用分数去加权了。",
)
def self_attention__no_softmax(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V @ (K.T @ Q)


@wrong(
    en="W^v is forgotten: the tokens themselves are mixed. With a single token the result must be W^v a, not a.",
    zh="忘了 W^v：混合的是 token 本身。只有一个 token 时，结果应当是 W^v a，而不是 a。",
)
def self_attention__values_are_inputs(I, Wq, Wk, Wv):
    return I @ torch.softmax((Wk @ I).T @ (Wq @ I), dim=0)


@wrong(
    en="A token does not attend to itself. In self-attention it does; with a single token there is nothing else.",
    zh="token 没有注意自己。自注意力里是包括自己的；只有一个 token 时，也没有别的可注意。",
)
def self_attention__masks_itself(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    itself = torch.eye(I.shape[1], dtype=torch.bool, device=I.device)
    return V @ torch.softmax((K.T @ Q).masked_fill(itself, -math.inf), dim=0)


@wrong(
    en="A token sees only itself and what comes before it. In self-attention it sees the whole sequence.",
    zh="token 只看得见自己和前面的。自注意力里，它看得见整个序列。",
)
def self_attention__only_the_past(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    future = torch.ones(2 * I.shape[1:], device=I.device).tril(-1).bool()
    return V @ torch.softmax((K.T @ Q).masked_fill(future, -math.inf), dim=0)


@wrong(
    en="Keys are made with W^q: W^k is never used, and the scores are symmetric.",
    zh="键用了 W^q：W^k 根本没用上，分数也成了对称的。",
)
def self_attention__keys_are_queries(I, Wq, Wk, Wv):
    Q, V = Wq @ I, Wv @ I
    return V @ torch.softmax(Q.T @ Q, dim=0)


@wrong(
    en="The keys stand where the values belong: W^v is never used.",
    zh="该用值的地方用了键：W^v 根本没用上。",
)
def self_attention__keys_as_values(I, Wq, Wk, Wv):
    Q, K = Wq @ I, Wk @ I
    return K @ torch.softmax(K.T @ Q, dim=0)


@wrong(
    en="The exponentials overflow: with scores of 1000 the outputs are nan.",
    zh="指数溢出了：分数到 1000 时，输出是 nan。",
)
def self_attention__overflows(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    e = (K.T @ Q).exp()
    return V @ (e / e.sum(dim=0))


@wrong(
    en="The result has tokens as rows, (N, d_v). In this lecture a token is a column.",
    zh="结果里 token 成了行：(N, d_v)。在这一讲里，一个 token 是一列。",
)
def self_attention__rows_returned(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return (V @ torch.softmax(K.T @ Q, dim=0)).T


@wrong(
    en="The value of the token itself is added on top (a residual, Lecture 10). O = VA' has no such term.",
    zh="又加上了 token 自己的值（残差，第 10 讲的事）。O = VA' 里没有这一项。",
)
def self_attention__residual(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V + V @ torch.softmax(K.T @ Q, dim=0)


@wrong(
    en="All scores of the matrix share one softmax. Each column must have its own, and sum to 1.",
    zh="整个矩阵的分数共用了一个 softmax。每一列都要有自己的，和为 1。",
)
def self_attention__one_softmax_for_all(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    A = K.T @ Q
    return V @ torch.softmax(A.flatten(), dim=0).reshape(A.shape)


@wrong(
    en="Only the best key counts. Softmax mixes all values, and the gradient needs that.",
    zh="只取了分数最高的那个键。softmax 会混合所有的值，梯度也离不开它。",
)
def self_attention__hard(I, Wq, Wk, Wv):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return V[:, (K.T @ Q).argmax(dim=0)]


@wrong(
    en="The matrices are transposed. While they are square nothing complains, but the numbers are others.",
    zh="矩阵被转置了。方阵时什么也不会报错，数却不对。",
)
def self_attention__transposed_matrices(I, Wq, Wk, Wv):
    Q, K, V = Wq.T @ I, Wk.T @ I, Wv.T @ I
    return V @ torch.softmax(K.T @ Q, dim=0)


@wrong(
    en="Values are right, but the weights are cut off from the gradient: W^q and W^k get zeros and never learn.",
    zh="数值对，但权重被排除在梯度之外：W^q 和 W^k 的梯度为零，永远学不到东西。",
)
def self_attention__detached_weights(I, Wq, Wk, Wv):
    with torch.no_grad():
        weights = torch.softmax((Wk @ I).T @ (Wq @ I), dim=0)
    return Wv @ I @ weights


@wrong(
    en="A Python loop makes one b after the other: the work grows with the sequence. Matrices make all in parallel.",
    zh="用 Python 循环一个一个地算 b：序列越长，工作量越大。用矩阵可以并行算出全部。",
)
def self_attention__token_by_token(I, Wq, Wk, Wv):
    K, V = Wk @ I, Wv @ I
    outputs = []
    for i in range(I.shape[1]):
        q = Wq @ I[:, i]
        outputs.append(V @ torch.softmax(K.T @ q, dim=0))
    return torch.stack(outputs, dim=1)


@wrong(
    en="This is the library's own attention. The point is to write the three products and the softmax yourself.",
    zh="这是库里现成的注意力函数。这道题要你自己写出那几次乘法和 softmax。",
)
def self_attention__library(I, Wq, Wk, Wv):
    rows = I.T[None]
    q, k, v = rows @ Wq.T, rows @ Wk.T, rows @ Wv.T
    return functional.scaled_dot_product_attention(q, k, v, scale=1.0)[0].T


# --- additive_score --------------------------------------------------------------------------------


@right
def additive_score__sum_of_products(q, k, Wq, Wk, w):
    return (w * torch.tanh(Wq @ q + Wk @ k)).sum()


@right
def additive_score__one_wide_matrix(q, k, Wq, Wk, w):
    return torch.dot(w, (torch.cat([Wq, Wk], dim=1) @ torch.cat([q, k])).tanh())


@right
def additive_score__by_sigmoid(q, k, Wq, Wk, w):
    z = torch.einsum("hd,d->h", Wq, q) + torch.einsum("hd,d->h", Wk, k)
    return torch.inner(2 * torch.sigmoid(2 * z) - 1, w)


@wrong(
    en=(
        "This is the plain tangent, which has poles and is unbounded. Meant is the hyperbolic one, which stays "
        "within ±1."
    ),
    zh="这是普通的正切，它有极点，也没有界。这里指的是双曲正切，它不超出 ±1。",
)
def additive_score__tan(q, k, Wq, Wk, w):
    return w @ torch.tan(Wq @ q + Wk @ k)


@wrong(
    en="This is the arc tangent, which is bounded by π/2. Meant is the hyperbolic tangent, bounded by 1.",
    zh="这是反正切，以 π/2 为界。这里指的是双曲正切，以 1 为界。",
)
def additive_score__arctan(q, k, Wq, Wk, w):
    return w @ torch.atan(Wq @ q + Wk @ k)


@wrong(
    en="This is the dot product of the two projections. In the additive score they are added, and w is used.",
    zh="这是两个投影的点积。加性分数里，它们是相加的，而且要用到 w。",
)
def additive_score__dot_product(q, k, Wq, Wk, w):
    return (Wq @ q) @ (Wk @ k)


@wrong(
    en="The tanh is missing: without it the score is a sum of a term of q and one of k, and softmax cancels the first.",
    zh="漏了 tanh：没有它，分数就只是 q 的一项加 k 的一项，而前者会被 softmax 约掉。",
)
def additive_score__no_tanh(q, k, Wq, Wk, w):
    return w @ (Wq @ q + Wk @ k)


@wrong(
    en="The weight vector w is missing: the entries are simply summed.",
    zh="漏了权重向量 w：各项只是简单相加。",
)
def additive_score__no_w(q, k, Wq, Wk, w):
    return torch.tanh(Wq @ q + Wk @ k).sum()


@wrong(
    en="Each projection has its own tanh, and then they are added. First add, then one tanh of the sum.",
    zh="两个投影各自求了 tanh 再相加。应当先相加，再对和求一次 tanh。",
)
def additive_score__tanh_separately(q, k, Wq, Wk, w):
    return w @ (torch.tanh(Wq @ q) + torch.tanh(Wk @ k))


@wrong(
    en="The tanh is taken of the final number. It belongs to the vector, before w.",
    zh="tanh 求在了最后那个数上。它应当求在向量上，在乘 w 之前。",
)
def additive_score__tanh_outside(q, k, Wq, Wk, w):
    return torch.tanh(w @ (Wq @ q + Wk @ k))


@wrong(
    en="The result is a vector of h numbers: the products with w are not summed. A score is one number.",
    zh="结果是 h 个数的向量：与 w 相乘之后没有求和。分数是一个数。",
)
def additive_score__not_summed(q, k, Wq, Wk, w):
    return w * torch.tanh(Wq @ q + Wk @ k)


@wrong(
    en="The products with w are averaged, not summed: the score is h times too small.",
    zh="与 w 的乘积求了平均，而不是求和：分数小了 h 倍。",
)
def additive_score__mean(q, k, Wq, Wk, w):
    return (w * torch.tanh(Wq @ q + Wk @ k)).mean()


@wrong(
    en="The bend is a sigmoid, which gives 1/2 for zero. It must be tanh, which gives 0.",
    zh="用的是 sigmoid，在零处得到 1/2。应当用 tanh，在零处得到 0。",
)
def additive_score__sigmoid(q, k, Wq, Wk, w):
    return w @ torch.sigmoid(Wq @ q + Wk @ k)


@wrong(
    en="The bend is a ReLU, which is unbounded. It must be tanh, which stays within ±1.",
    zh="用的是 ReLU，它没有上界。应当用 tanh，它不超出 ±1。",
)
def additive_score__relu(q, k, Wq, Wk, w):
    return w @ torch.relu(Wq @ q + Wk @ k)


@wrong(
    en="The projections are subtracted. The additive score adds them.",
    zh="两个投影相减了。加性分数是相加。",
)
def additive_score__difference(q, k, Wq, Wk, w):
    return w @ torch.tanh(Wq @ q - Wk @ k)


@wrong(
    en="The projections are multiplied entry by entry. The additive score adds them.",
    zh="两个投影逐项相乘了。加性分数是相加。",
)
def additive_score__product(q, k, Wq, Wk, w):
    return w @ torch.tanh((Wq @ q) * (Wk @ k))


@wrong(
    en="The matrices are exchanged: W^q meets the key. While q and k are equally long nothing complains.",
    zh="两个矩阵弄反了：W^q 乘到了键上。q 和 k 一样长时，什么也不会报错。",
)
def additive_score__swapped_matrices(q, k, Wq, Wk, w):
    return w @ torch.tanh(Wq @ k + Wk @ q)


@wrong(
    en="The vectors stand on the left, q @ W: that is the transpose of W^q. While the matrices are square nothing complains.",
    zh="向量写在了左边：q @ W，相当于用了 W^q 的转置。方阵时什么也不会报错。",
)
def additive_score__transposed(q, k, Wq, Wk, w):
    return w @ torch.tanh(q @ Wq + k @ Wk)


@wrong(
    en="The projection of the key is missing: q and k are added before one matrix.",
    zh="少了一个投影：q 和 k 先相加，再只乘了一个矩阵。",
)
def additive_score__one_matrix(q, k, Wq, Wk, w):
    return w @ torch.tanh(Wq @ (q + k))


@wrong(
    en="tanh is written out in exponentials that overflow: inf/inf is nan where it should be ±1.",
    zh="用指数写出的 tanh 溢出了：本该是 ±1 的地方，inf/inf 得到 nan。",
)
def additive_score__overflowing_tanh(q, k, Wq, Wk, w):
    z = Wq @ q + Wk @ k
    return w @ ((z.exp() - (-z).exp()) / (z.exp() + (-z).exp()))


@wrong(
    en="A Python number is returned. A tensor of shape () is wanted, or no gradient can flow.",
    zh="返回的是 Python 数。应当返回形状 () 的张量，否则梯度流不回来。",
)
def additive_score__python_number(q, k, Wq, Wk, w):
    return (w @ torch.tanh(Wq @ q + Wk @ k)).item()


@wrong(
    en="The gradient does not reach the key's side: k or W^k is used as plain numbers.",
    zh="梯度到不了键这一边：k 和 W^k 被当成普通的数来用了。",
)
def additive_score__detached_key(q, k, Wq, Wk, w):
    return w @ torch.tanh(Wq @ q + (Wk @ k).detach())


# --- attention_with_relu ---------------------------------------------------------------------------


@right
def attention_with_relu__clamped(I, Wq, Wk, Wv):
    Q, K, V = ref.qkv(I, Wq, Wk, Wv)
    return V @ (K.T @ Q).clamp(min=0)


@right
def attention_with_relu__in_rows(I, Wq, Wk, Wv):
    rows = I.T
    A = (rows @ Wq.T) @ (rows @ Wk.T).T
    return (torch.where(A > 0, A, torch.zeros_like(A)) @ rows @ Wv.T).T


@wrong(
    en="This is the softmax again. Here each score goes through ReLU by itself, and the weights need not sum to 1.",
    zh="这还是 softmax。这里每个分数各自过 ReLU，权重之和不必是 1。",
)
def attention_with_relu__softmax(I, Wq, Wk, Wv):
    e = ((Wk @ I).T @ (Wq @ I)).exp()
    return Wv @ I @ (e / e.sum(dim=0))


@wrong(
    en="The weights are normalised after the ReLU. The variant here leaves them as they are.",
    zh="ReLU 之后又做了归一化。这里的做法是原样保留。",
)
def attention_with_relu__normalised(I, Wq, Wk, Wv):
    weights = torch.relu((Wk @ I).T @ (Wq @ I))
    return Wv @ I @ (weights / weights.sum(dim=0).clamp(min=1e-9))


@wrong(
    en="The ReLU is taken of the output. It stands where softmax stood: on the scores.",
    zh="ReLU 做在了输出上。它应当在 softmax 原来的位置：做在分数上。",
)
def attention_with_relu__on_the_output(I, Wq, Wk, Wv):
    return torch.relu(Wv @ I @ ((Wk @ I).T @ (Wq @ I)))


@wrong(
    en="The ReLU is taken of queries and keys. It stands where softmax stood: on the scores.",
    zh="ReLU 做在了查询和键上。它应当在 softmax 原来的位置：做在分数上。",
)
def attention_with_relu__on_queries_and_keys(I, Wq, Wk, Wv):
    return Wv @ I @ (torch.relu(Wk @ I).T @ torch.relu(Wq @ I))


@wrong(
    en="There is no ReLU at all: negative scores still count, with the wrong sign.",
    zh="根本没有 ReLU：负的分数仍在起作用。",
)
def attention_with_relu__no_relu(I, Wq, Wk, Wv):
    return Wv @ I @ ((Wk @ I).T @ (Wq @ I))


@wrong(
    en="Negative scores become positive. They must become zero.",
    zh="负的分数变成了正的。它们应当变成零。",
)
def attention_with_relu__absolute(I, Wq, Wk, Wv):
    return Wv @ I @ ((Wk @ I).T @ (Wq @ I)).abs()


@wrong(
    en="Negative scores leak through with a small factor (leaky ReLU). They must become zero.",
    zh="负的分数以一个小系数漏了过去（leaky ReLU）。它们应当变成零。",
)
def attention_with_relu__leaky(I, Wq, Wk, Wv):
    return Wv @ I @ functional.leaky_relu((Wk @ I).T @ (Wq @ I))


@wrong(
    en="The scores are divided by √d_k. Nothing is scaled here.",
    zh="分数除以了 √d_k。这里不做缩放。",
)
def attention_with_relu__scaled(I, Wq, Wk, Wv):
    return Wv @ I @ torch.relu((Wk @ I).T @ (Wq @ I) / math.sqrt(len(Wk)))


@wrong(
    en="The scores are QᵀK, so column i holds what others ask of token i. Column i must belong to query i.",
    zh="分数成了 QᵀK：第 i 列是别人问第 i 个 token 的分数。第 i 列应当属于查询 i。",
)
def attention_with_relu__queries_first(I, Wq, Wk, Wv):
    return Wv @ I @ torch.relu((Wq @ I).T @ (Wk @ I))


@wrong(
    en="W^v is forgotten: the tokens themselves are mixed.",
    zh="忘了 W^v：混合的是 token 本身。",
)
def attention_with_relu__values_are_inputs(I, Wq, Wk, Wv):
    return I @ torch.relu((Wk @ I).T @ (Wq @ I))


# --- sdpa_rows -------------------------------------------------------------------------------------


@right
def sdpa_rows__einsum(Q, K, V):
    A = torch.einsum("bqd,bkd->bqk", Q, K) * Q.size(-1) ** -0.5
    return torch.einsum("bqk,bkv->bqv", A.softmax(-1), V)


@right
def sdpa_rows__batched_products(Q, K, V):
    scores = torch.bmm(Q / K.shape[-1] ** 0.5, K.mT)
    e = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
    return torch.bmm(e, V) / e.sum(dim=-1, keepdim=True)


@right
def sdpa_rows__keys_in_rows(Q, K, V):
    A = torch.matmul(K, Q.transpose(-2, -1)) / np.sqrt(Q.shape[-1])  # (B, Tk, Tq), as the lecture has it
    return (V.transpose(-2, -1) @ functional.softmax(A, dim=1)).transpose(-2, -1)


@right
def sdpa_rows__root_as_a_tensor(Q, K, V):
    d_k = torch.tensor(Q.size(2), dtype=torch.float32, device=Q.device)
    scores = torch.matmul(Q, K.permute(0, 2, 1)) / torch.sqrt(d_k)
    return torch.matmul(torch.softmax(scores, dim=-1), V)


@wrong(
    en="The scores are multiplied by √d_k. They must become smaller, not larger: look at the largest weight.",
    zh="分数乘了 √d_k。它们应当变小，而不是变大：看看最大的权重。",
)
def sdpa_rows__multiplies(Q, K, V):
    return torch.softmax(Q @ K.mT * math.sqrt(Q.shape[-1]), dim=-1) @ V


@wrong(
    en="The scale is missing. Take V = identity and d_k = 4: the weights are too sharp.",
    zh="漏了缩放。取 V 为单位矩阵、d_k = 4 看看：权重太尖锐了。",
)
def sdpa_rows__no_scale(Q, K, V):
    return torch.softmax(Q @ K.mT, dim=-1) @ V


@wrong(
    en="The scale is the root of the number of queries. It must be the length of one query, its last dimension.",
    zh="除以的是查询个数的平方根。应当用一个查询的长度，也就是最后一维。",
)
def sdpa_rows__scale_by_queries(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(Q.shape[1]), dim=-1) @ V


@wrong(
    en="The scale is the root of the number of keys. It must be the length of one key, its last dimension.",
    zh="除以的是键个数的平方根。应当用一个键的长度，也就是最后一维。",
)
def sdpa_rows__scale_by_keys(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(K.shape[1]), dim=-1) @ V


@wrong(
    en="The scale is the root of d_v, the length of a value. It must be d_k, the length of a query.",
    zh="除以的是 d_v（值的长度）的平方根。应当用 d_k，查询的长度。",
)
def sdpa_rows__scale_by_values(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(V.shape[-1]), dim=-1) @ V


@wrong(
    en="The scores are divided by d_k, not by its root: the weights come out too even.",
    zh="分数除以了 d_k，而不是它的平方根：权重太平均了。",
)
def sdpa_rows__no_root(Q, K, V):
    return torch.softmax(Q @ K.mT / Q.shape[-1], dim=-1) @ V


@wrong(
    en="The scale comes after the softmax: the weights no longer sum to 1. It belongs to the scores.",
    zh="缩放放到了 softmax 之后：权重之和不再是 1。它应当作用在分数上。",
)
def sdpa_rows__scale_after_softmax(Q, K, V):
    return torch.softmax(Q @ K.mT, dim=-1) / math.sqrt(Q.shape[-1]) @ V


@wrong(
    en="Both queries and keys are divided by √d_k, so the scores are divided by d_k.",
    zh="查询和键都除以了 √d_k，结果分数除以了 d_k。",
)
def sdpa_rows__scales_both(Q, K, V):
    s = math.sqrt(Q.shape[-1])
    return torch.softmax((Q / s) @ (K / s).mT, dim=2) @ V


@wrong(
    en=(
        "The softmax runs over the queries: the weights that one key receives sum to 1. In rows, each query's "
        "weights are a row; training would not reveal it."
    ),
    zh="softmax 沿查询方向做了：和为 1 的是一个键得到的权重。写成行时，一个查询的权重是一行；光看训练是发现不了的。",
)
def sdpa_rows__wrong_axis(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=1) @ V


@wrong(
    en="The softmax runs over the batch: sequences share their weights with each other. It runs over the keys.",
    zh="softmax 沿批次方向做了：不同的序列在互相瓜分权重。应当沿键的方向。",
)
def sdpa_rows__softmax_over_the_batch(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=0) @ V


@wrong(
    en="The softmax is missing: the scaled scores themselves weigh the values.",
    zh="漏了 softmax：直接用缩放后的分数去加权了。",
)
def sdpa_rows__no_softmax(Q, K, V):
    return Q @ K.mT / math.sqrt(Q.shape[-1]) @ V


@wrong(
    en="The exponentials overflow: with scores of 1000 the outputs are nan.",
    zh="指数溢出了：分数到 1000 时，输出是 nan。",
)
def sdpa_rows__overflows(Q, K, V):
    e = (Q @ K.mT / math.sqrt(Q.shape[-1])).exp()
    return e @ V / e.sum(dim=-1, keepdim=True)


@wrong(
    en=(
        "Attention is taken over the batch: the sequences see each other at every place. B and T are exchanged, as "
        "in layouts that put the time first."
    ),
    zh="注意力做在了批次上：同一位置上的不同序列互相看见了。B 和 T 弄反了，像那些把时间放在最前面的写法。",
)
def sdpa_rows__attends_over_the_batch(Q, K, V):
    Q, K, V = (t.transpose(0, 1) for t in (Q, K, V))
    return (torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=-1) @ V).transpose(0, 1)


@wrong(
    en="All sequences are joined into one long one, so a query sees the keys of every sequence in the batch.",
    zh="所有序列接成了一个长序列，于是查询看见了批次里所有序列的键。",
)
def sdpa_rows__sequences_joined(Q, K, V):
    B, Tq, d = Q.shape
    A = torch.softmax(Q.reshape(-1, d) @ K.reshape(-1, d).T / math.sqrt(d), dim=-1)
    return (A @ V.reshape(-1, V.shape[-1])).reshape(B, Tq, -1)


@wrong(
    en="The scores are transposed before they meet the values: K Qᵀ with the softmax over the last dimension, the queries.",
    zh="分数成了 K Qᵀ，softmax 沿最后一维，也就是查询的方向：键和查询互换了角色。",
)
def sdpa_rows__keys_ask(Q, K, V):
    return torch.softmax(K @ Q.mT / math.sqrt(Q.shape[-1]), dim=-1) @ V


@wrong(
    en="The keys stand where the values belong: the third argument is never used.",
    zh="该用值的地方用了键：第三个参数根本没用上。",
)
def sdpa_rows__keys_as_values(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=-1) @ K


@wrong(
    en="The root of d_k is rounded down to a whole number. √2 and √5 are no integers.",
    zh="d_k 的平方根被取整了。√2、√5 都不是整数。",
)
def sdpa_rows__integer_root(Q, K, V):
    return torch.softmax(Q @ K.mT / int(Q.shape[-1] ** 0.5), dim=-1) @ V


@wrong(
    en="A query sees only keys at its place and before. Nothing is hidden here.",
    zh="查询只看得见与它同位置及之前的键。这里什么都不遮挡。",
)
def sdpa_rows__only_the_past(Q, K, V):
    A = Q @ K.mT / math.sqrt(Q.shape[-1])
    future = torch.ones(A.shape[1:], device=A.device).triu(1).bool()
    return torch.softmax(A.masked_fill(future, -math.inf), dim=-1) @ V


@wrong(
    en="Values are right, but the weights are cut off from the gradient: queries and keys would never learn.",
    zh="数值对，但权重被排除在梯度之外：查询和键永远学不到东西。",
)
def sdpa_rows__detached_weights(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=-1).detach() @ V


@wrong(
    en="A Python loop handles one sequence after the other: the work grows with the batch. Products of 3-D tensors do all.",
    zh="用 Python 循环逐个处理序列：批次越大，工作量越大。三维张量的乘法可以一次算完。",
)
def sdpa_rows__sequence_by_sequence(Q, K, V):
    outputs = [torch.softmax(q @ k.T / math.sqrt(q.shape[1]), dim=1) @ v for q, k, v in zip(Q, K, V, strict=True)]
    return torch.stack(outputs)


@wrong(
    en="This is the library's own attention. Use it to check yours, in a cell of your own.",
    zh="这是库里现成的注意力函数。可以在自己的单元格里用它来对照。",
)
def sdpa_rows__library(Q, K, V):
    return functional.scaled_dot_product_attention(Q, K, V)


# --- multi_head_cols -------------------------------------------------------------------------------


@right
def multi_head_cols__own_functions(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    heads = [ref.self_attention(I, Wq_h[h] @ Wq, Wk_h[h] @ Wk, Wv_h[h] @ Wv) for h in range(len(Wq_h))]
    return Wo @ torch.cat(heads)


@right
def multi_head_cols__stacked_heads(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    Q, K, V = ref.qkv(I, Wq, Wk, Wv)
    q, k, v = torch.stack(list(Wq_h)) @ Q, torch.stack(list(Wk_h)) @ K, torch.stack(list(Wv_h)) @ V
    B = v @ torch.softmax(k.mT @ q, dim=1)  # (H, n, N)
    return Wo @ B.reshape(-1, I.shape[1])


@right
def multi_head_cols__sum_of_mixed_heads(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    output = 0
    n = Wv_h[0].shape[0]
    for h, (wq, wk, wv) in enumerate(zip(Wq_h, Wk_h, Wv_h, strict=True)):
        A = torch.einsum("mi,mj->ij", wk @ (Wk @ I), wq @ (Wq @ I))
        output = output + Wo[:, h * n : (h + 1) * n] @ wv @ Wv @ I @ A.softmax(0)
    return output


def heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h):
    """The heads' results, for the variants whose mistake is elsewhere."""
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    return [
        v @ V @ torch.softmax((k @ K).T @ (q @ Q), dim=0) for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True)
    ]


@wrong(
    en="Every head uses the first head's matrices. Exchange the matrices of head 2: the result must change.",
    zh="每个头用的都是第一个头的矩阵。换掉第 2 个头的矩阵，结果应当改变。",
)
def multi_head_cols__same_head_twice(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    H = len(Wq_h)
    return Wo @ torch.cat(heads_of(I, Wq, Wk, Wv, [Wq_h[0]] * H, [Wk_h[0]] * H, [Wv_h[0]] * H))


@wrong(
    en="Queries of one head meet keys of another. A head's queries meet only keys of the same head.",
    zh="一个头的查询遇到了另一个头的键。只能和同一个 head 的 k 计算。",
)
def multi_head_cols__cross_heads(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.cat(heads_of(I, Wq, Wk, Wv, Wq_h, [*Wk_h[1:], Wk_h[0]], Wv_h))


@wrong(
    en="The heads' scores are added up and all heads share one softmax. Each head attends by itself.",
    zh="各个头的分数加在了一起，共用一个 softmax。每个头要各自做注意力。",
)
def multi_head_cols__scores_added(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    A = torch.softmax(sum((k @ K).T @ (q @ Q) for q, k in zip(Wq_h, Wk_h, strict=True)), dim=0)
    return Wo @ torch.cat([v @ V @ A for v in Wv_h])


@wrong(
    en="The heads are averaged. They must all be kept, one below the other, for W^O to mix.",
    zh="各个头被平均了。它们应当全部保留，上下叠起来，交给 W^O 混合。",
)
def multi_head_cols__mean_of_heads(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    B = torch.stack(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h)).mean(dim=0)
    return Wo[:, : len(B)] @ B


@wrong(
    en="The heads are added up. They must all be kept, one below the other, for W^O to mix.",
    zh="各个头被加在了一起。它们应当全部保留，上下叠起来，交给 W^O 混合。",
)
def multi_head_cols__sum_of_heads(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    B = sum(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h))
    return Wo[:, : len(B)] @ B


@wrong(
    en="W^O is forgotten: the stack of heads is returned as it is.",
    zh="忘了 W^O：直接返回了叠起来的各个头。",
)
def multi_head_cols__no_mixing(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return torch.cat(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h))


@wrong(
    en="W^O is transposed. While it is square nothing complains, but the numbers are others.",
    zh="W^O 被转置了。方阵时什么也不会报错，数却不对。",
)
def multi_head_cols__transposed_mixing(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo.T @ torch.cat(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h))


@wrong(
    en=(
        "The heads are interleaved: first row of every head, then the second rows. All rows of head 1 come first, "
        "then those of head 2."
    ),
    zh="各个头的行交错排列了：先是每个头的第一行，再是第二行。应当先放头 1 的全部行，再放头 2 的。",
)
def multi_head_cols__interleaved(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.stack(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h), dim=1).flatten(0, 1)


@wrong(
    en="The heads stand beside each other, along the tokens. They must stand one below the other, N columns wide.",
    zh="各个头左右并排，接在了 token 的方向上。应当上下叠起来，宽度仍是 N 列。",
)
def multi_head_cols__beside_each_other(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.cat(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h), dim=1)


@wrong(
    en="The heads are stacked in reverse order: the last one is on top.",
    zh="各个头叠放的次序反了：最后一个头在最上面。",
)
def multi_head_cols__reverse_order(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.cat(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h)[::-1])


@wrong(
    en="Only the last head is left, and it stands in the place of all: each round of the loop overwrites the one before.",
    zh="只剩下最后一个头，占了所有头的位置：循环的每一轮都覆盖了上一轮。",
)
def multi_head_cols__last_head_only(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.cat([heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h)[-1]] * len(Wq_h))


@wrong(
    en="The first projections are skipped: the heads' matrices act on the input, not on Q, K and V.",
    zh="跳过了第一次投影：各个头的矩阵乘在了输入上，而不是 Q、K、V 上。",
)
def multi_head_cols__first_projections_skipped(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    heads = [v @ I @ torch.softmax((k @ I).T @ (q @ I), dim=0) for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True)]
    return Wo @ torch.cat(heads)


@wrong(
    en="All heads share the first head's values. Each has its own W^{v,h}.",
    zh="所有头共用了第一个头的值。每个头都有自己的 W^{v,h}。",
)
def multi_head_cols__shared_values(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.cat(heads_of(I, Wq, Wk, Wv, Wq_h, Wk_h, [Wv_h[0]] * len(Wv_h)))


@wrong(
    en="The softmax runs along the rows. One column is one query: the columns of A' must sum to 1, in every head.",
    zh="softmax 沿着行做了。每一列是同一个 query：在每个头里，A' 的列和都应当是 1。",
)
def multi_head_cols__softmax_rows(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    heads = [v @ V @ torch.softmax((k @ K).T @ (q @ Q), dim=1) for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True)]
    return Wo @ torch.cat(heads)


@wrong(
    en="The scores are QᵀK: keys and queries have exchanged their roles.",
    zh="分数成了 QᵀK：键和查询互换了角色。",
)
def multi_head_cols__queries_first(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    heads = [v @ V @ torch.softmax((q @ Q).T @ (k @ K), dim=0) for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True)]
    return Wo @ torch.cat(heads)


@wrong(
    en="The scores are scaled by a root. The lecture's form, in columns, has no scale.",
    zh="分数除以了平方根。课上按列的写法没有缩放。",
)
def multi_head_cols__scaled(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    scale = math.sqrt(len(Wq_h[0]))
    return Wo @ torch.cat(heads_of(I, Wq, Wk, Wv, [q / scale for q in Wq_h], Wk_h, Wv_h))


@wrong(
    en="The softmax is missing in the heads: the scores themselves weigh the values.",
    zh="各个头里漏了 softmax：直接用分数去加权了。",
)
def multi_head_cols__no_softmax(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    heads = [v @ V @ (k @ K).T @ (q @ Q) for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True)]
    return Wo @ torch.cat(heads)


@wrong(
    en="Each head works on the result of the head before it. All heads start from the same Q, K and V.",
    zh="每个头接着上一个头的结果往下做。所有头都应当从同样的 Q、K、V 出发。",
)
def multi_head_cols__one_after_the_other(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    Q, K, V = Wq @ I, Wk @ I, Wv @ I
    heads = []
    for q, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True):
        A = torch.softmax((k @ K).T @ (q @ Q), dim=0)
        V = V @ A
        heads.append(v @ V)
    return Wo @ torch.cat(heads)


@wrong(
    en="The gradient does not reach the first projections: Q, K and V are used as plain numbers.",
    zh="梯度到不了第一次投影：Q、K、V 被当成普通的数来用了。",
)
def multi_head_cols__detached_projections(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    return Wo @ torch.cat(heads_of(I.detach(), Wq.detach(), Wk.detach(), Wv.detach(), Wq_h, Wk_h, Wv_h))


@wrong(
    en="A Python loop runs over the tokens: the work grows with the sequence. Loop over the heads only.",
    zh="用 Python 循环逐个处理 token：序列越长，工作量越大。只对头循环就行。",
)
def multi_head_cols__token_by_token(I, Wq, Wk, Wv, Wq_h, Wk_h, Wv_h, Wo):
    K, V = Wk @ I, Wv @ I
    outputs = []
    for i in range(I.shape[1]):
        q = Wq @ I[:, i]
        heads = [v @ V @ torch.softmax((k @ K).T @ (w @ q), dim=0) for w, k, v in zip(Wq_h, Wk_h, Wv_h, strict=True)]
        outputs.append(Wo @ torch.cat(heads))
    return torch.stack(outputs, dim=1)


# --- multi_head_rows -------------------------------------------------------------------------------


@right
def multi_head_rows__loop_over_heads(x, Wqkv, Wo, h):
    Q, K, V = (x @ Wqkv).chunk(3, dim=-1)
    size = x.shape[2] // h
    heads = [ref.sdpa_rows(*(t[..., i : i + size] for t in (Q, K, V))) for i in range(0, x.shape[2], size)]
    return torch.cat(heads, dim=-1) @ Wo


@right
def multi_head_rows__einsum(x, Wqkv, Wo, h):
    d = x.shape[2]
    q, k, v = (torch.einsum("btd,dhe->bhte", x, W.reshape(d, h, d // h)) for W in Wqkv.split(d, dim=1))
    A = torch.einsum("bhqe,bhke->bhqk", q, k).div((d / h) ** 0.5).softmax(-1)
    return torch.einsum("bhqk,bhke,heo->bqo", A, v, Wo.reshape(h, d // h, -1))


@right
def multi_head_rows__heads_in_the_batch(x, Wqkv, Wo, h):
    B, T, d = x.shape
    parts = (x @ Wqkv).view(B, T, 3, h, d // h).permute(2, 0, 3, 1, 4)  # (3, B, h, T, d/h)
    Q, K, V = parts.reshape(3, B * h, T, d // h)
    A = functional.softmax(torch.bmm(Q, K.transpose(1, 2)) / np.sqrt(d // h), dim=-1)
    out = torch.bmm(A, V).view(B, h, T, d // h).permute(0, 2, 1, 3).contiguous()
    return out.view(B, T, d) @ Wo


@right
def multi_head_rows__root_as_a_tensor(x, Wqkv, Wo, h):
    B, T, size = len(x), x.size(1), x.size(2) // h
    Q, K, V = torch.matmul(x, Wqkv).view(B, T, 3, h, size).unbind(dim=2)
    scores = torch.einsum("bqhe,bkhe->bhqk", Q, K) / torch.sqrt(torch.tensor(float(size), device=x.device))
    merged = torch.einsum("bhqk,bkhe->bqhe", scores.softmax(dim=-1), V)
    return merged.flatten(2) @ Wo


@right
def multi_head_rows__products_one_by_one(x, Wqkv, Wo, h):
    d = x.size(-1)
    n = d // h
    out = 0
    for i in range(h):
        here = slice(i * n, (i + 1) * n)
        q, k, v = (x @ Wqkv[:, j * d : (j + 1) * d][:, here] for j in range(3))
        out = out + (q @ k.mT / math.sqrt(n)).softmax(2) @ v @ Wo[here]
    return out


def parts_of(x, Wqkv, h):
    """Q, K and V as (B, h, T, d/h), for the variants whose mistake is elsewhere."""
    B, T, d = x.shape
    return [t.reshape(B, T, h, d // h).transpose(1, 2) for t in (x @ Wqkv).chunk(3, dim=-1)]


def attended(Q, K, V):
    return torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=-1) @ V


@wrong(
    en=(
        "The heads are cut by a view to (B, h, T, d/h) without an exchange of dimensions: numbers of different tokens "
        "end up in one head. The shape is right, the contents are not."
    ),
    zh="直接 view 成 (B, h, T, d/h)，没有交换维度：view 会把不同 token 混在一起，要先 view 再 transpose。形状对，内容不对。",
)
def multi_head_rows__view_without_transpose(x, Wqkv, Wo, h):
    B, T, d = x.shape
    Q, K, V = (t.reshape(B, h, T, d // h) for t in (x @ Wqkv).chunk(3, dim=-1))
    return attended(Q, K, V).transpose(1, 2).reshape(B, T, d) @ Wo


@wrong(
    en=(
        "The heads are cut and merged by views without any exchange of dimensions: different tokens are mixed on the "
        "way in and on the way out."
    ),
    zh="切分和合并都只用了 view，没有交换维度：进去和出来时，不同的 token 都混在了一起。",
)
def multi_head_rows__views_only(x, Wqkv, Wo, h):
    B, T, d = x.shape
    Q, K, V = (t.reshape(B, h, T, d // h) for t in (x @ Wqkv).chunk(3, dim=-1))
    return attended(Q, K, V).reshape(B, T, d) @ Wo


@wrong(
    en="The heads are merged without exchanging the dimensions back: a token's output holds pieces of other tokens.",
    zh="合并各个头之前没有把维度换回来：一个 token 的输出里有别的 token 的片段。",
)
def multi_head_rows__merge_without_transpose(x, Wqkv, Wo, h):
    return attended(*parts_of(x, Wqkv, h)).reshape(x.shape) @ Wo


@wrong(
    en=(
        "The heads take every h-th number of a token: (d/h, h) in place of (h, d/h). Head 1 takes the first d/h "
        "numbers, in one piece."
    ),
    zh="各个头是每隔 h 个数取一个：(d/h, h)，而不是 (h, d/h)。头 1 取的应当是连续的前 d/h 个数。",
)
def multi_head_rows__interleaved_split(x, Wqkv, Wo, h):
    B, T, d = x.shape
    Q, K, V = (t.reshape(B, T, d // h, h).permute(0, 3, 1, 2) for t in (x @ Wqkv).chunk(3, dim=-1))
    return attended(Q, K, V).permute(0, 2, 3, 1).reshape(B, T, d) @ Wo


@wrong(
    en="The merge interleaves the heads: first number of every head, then the second ones. Head 1 comes first, in one piece.",
    zh="合并时各个头交错排列了：先是每个头的第一个数，再是第二个数。头 1 应当完整地排在最前面。",
)
def multi_head_rows__interleaved_merge(x, Wqkv, Wo, h):
    return attended(*parts_of(x, Wqkv, h)).permute(0, 2, 3, 1).reshape(x.shape) @ Wo


@wrong(
    en=(
        "Attention runs over the batch: x is read as (T, B, d), and sequences see each other. A sequence alone must "
        "give the same as within a batch."
    ),
    zh="注意力做在了批次上：x 被当成了 (T, B, d)，不同的序列互相看见了。一个序列单独算，应当与放在批次里算结果相同。",
)
def multi_head_rows__attends_over_the_batch(x, Wqkv, Wo, h):
    return multi_head_rows__heads_in_the_batch.implementation(x.transpose(0, 1), Wqkv, Wo, h).transpose(0, 1)


@wrong(
    en="Attention runs over the heads of each token: no token sees another. T and h must be exchanged first.",
    zh="注意力做在了每个 token 的各个头之间：token 之间互相看不见。要先交换 T 和 h。",
)
def multi_head_rows__attends_over_the_heads(x, Wqkv, Wo, h):
    B, T, d = x.shape
    Q, K, V = (t.reshape(B, T, h, d // h) for t in (x @ Wqkv).chunk(3, dim=-1))
    return attended(Q, K, V).reshape(B, T, d) @ Wo


@wrong(
    en="W^O is forgotten: the merged heads are returned as they are.",
    zh="忘了 W^O：直接返回了合并后的各个头。",
)
def multi_head_rows__no_mixing(x, Wqkv, Wo, h):
    return attended(*parts_of(x, Wqkv, h)).transpose(1, 2).reshape(x.shape)


@wrong(
    en="W^O is transposed (as nn.Linear stores it). Here it is multiplied from the right as it is.",
    zh="W^O 被转置了（nn.Linear 里是那样存的）。这里要原样右乘。",
)
def multi_head_rows__transposed_mixing(x, Wqkv, Wo, h):
    return attended(*parts_of(x, Wqkv, h)).transpose(1, 2).reshape(x.shape) @ Wo.T


@wrong(
    en="The scores are divided by √d, the width of the whole token. A head's queries are only d/h long.",
    zh="分数除以了 √d，那是整个 token 的宽度。一个头的查询只有 d/h 长。",
)
def multi_head_rows__scale_by_d(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = torch.softmax(Q @ K.mT / math.sqrt(x.shape[2]), dim=-1)
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The scores are divided by √h, the root of the number of heads. It must be the length of a head's query.",
    zh="分数除以了 √h，头数的平方根。应当用一个头的查询的长度。",
)
def multi_head_rows__scale_by_heads(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = torch.softmax(Q @ K.mT / math.sqrt(h), dim=-1)
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The scale is missing. With one head the result must equal that of sdpa_rows, times W^O.",
    zh="漏了缩放。只有一个头时，结果应等于 sdpa_rows 的结果乘 W^O。",
)
def multi_head_rows__no_scale(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    return (torch.softmax(Q @ K.mT, dim=-1) @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The heads are not used: one attention runs over the whole width d.",
    zh="没有分头：整个宽度 d 只做了一次注意力。",
)
def multi_head_rows__one_head(x, Wqkv, Wo, h):
    return attended(*(x @ Wqkv).chunk(3, dim=-1)) @ Wo


@wrong(
    en="All heads share one softmax: their scores are averaged first. Each head has weights of its own.",
    zh="所有头共用了一个 softmax：分数先被平均了。每个头都要有自己的权重。",
)
def multi_head_rows__shared_weights(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = torch.softmax((Q @ K.mT / math.sqrt(Q.shape[-1])).mean(dim=1, keepdim=True), dim=-1)
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The softmax runs over the queries. For each query the weights over the keys must sum to 1.",
    zh="softmax 沿查询方向做了。对每个查询，它在各个键上的权重之和应当是 1。",
)
def multi_head_rows__wrong_axis(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=-2)
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The softmax runs over the heads (dim=1): the heads share their weights. It runs over the keys.",
    zh="softmax 沿头的方向做了（dim=1）：各个头在互相瓜分权重。应当沿键的方向。",
)
def multi_head_rows__softmax_over_heads(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=1)
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The parts are taken as K, Q, V. Side by side stand Q, K and V, in this order.",
    zh="三部分被当成了 K、Q、V。并排放着的次序是 Q、K、V。",
)
def multi_head_rows__keys_first(x, Wqkv, Wo, h):
    K, Q, V = parts_of(x, Wqkv, h)
    return attended(Q, K, V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The parts are taken as V, K, Q. Side by side stand Q, K and V, in this order.",
    zh="三部分被当成了 V、K、Q。并排放着的次序是 Q、K、V。",
)
def multi_head_rows__values_first(x, Wqkv, Wo, h):
    V, K, Q = parts_of(x, Wqkv, h)
    return attended(Q, K, V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en=(
        "The wide projection is cut into heads first, and each head into q, k and v. Its first d columns are all of "
        "Q, the next all of K."
    ),
    zh="先把宽的投影切成各个头，再在每个头里分 q、k、v。它的前 d 列全是 Q，接下来的 d 列全是 K。",
)
def multi_head_rows__qkv_within_each_head(x, Wqkv, Wo, h):
    B, T, d = x.shape
    Q, K, V = (x @ Wqkv).reshape(B, T, h, 3 * d // h).transpose(1, 2).chunk(3, dim=-1)
    return attended(Q, K, V).transpose(1, 2).reshape(B, T, d) @ Wo


@wrong(
    en="Every third column is taken for Q, K and V in turn. They stand side by side: the first d columns are Q.",
    zh="每隔三列轮流取 Q、K、V。它们是并排放着的：前 d 列是 Q。",
)
def multi_head_rows__every_third_column(x, Wqkv, Wo, h):
    W = torch.cat([Wqkv[:, i::3] for i in range(3)], dim=1)
    return attended(*parts_of(x, W, h)).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="A token sees only itself and what comes before it. Nothing is hidden here.",
    zh="token 只看得见自己和前面的。这里什么都不遮挡。",
)
def multi_head_rows__only_the_past(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = Q @ K.mT / math.sqrt(Q.shape[-1])
    future = torch.ones(A.shape[2:], device=A.device).triu(1).bool()
    A = torch.softmax(A.masked_fill(future, -math.inf), dim=-1)
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="The softmax is missing: the scaled scores themselves weigh the values.",
    zh="漏了 softmax：直接用缩放后的分数去加权了。",
)
def multi_head_rows__no_softmax(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = Q @ K.mT / math.sqrt(Q.shape[-1])
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="Values are right, but the weights are cut off from the gradient: two thirds of W_qkv would never learn.",
    zh="数值对，但权重被排除在梯度之外：W_qkv 的三分之二永远学不到东西。",
)
def multi_head_rows__detached_weights(x, Wqkv, Wo, h):
    Q, K, V = parts_of(x, Wqkv, h)
    A = torch.softmax(Q @ K.mT / math.sqrt(Q.shape[-1]), dim=-1).detach()
    return (A @ V).transpose(1, 2).reshape(x.shape) @ Wo


@wrong(
    en="A Python loop handles one sequence after the other: the work grows with the batch. Loop over the heads at most.",
    zh="用 Python 循环逐个处理序列：批次越大，工作量越大。最多只对头循环。",
)
def multi_head_rows__sequence_by_sequence(x, Wqkv, Wo, h):
    return torch.cat([multi_head_rows__einsum.implementation(s[None], Wqkv, Wo, h) for s in x])


@wrong(
    en="This is the library's own attention. The point is to cut, attend and merge yourself.",
    zh="这是库里现成的注意力函数。这道题要你自己切分、做注意力、再合并。",
)
def multi_head_rows__library(x, Wqkv, Wo, h):
    out = functional.scaled_dot_product_attention(*parts_of(x, Wqkv, h))
    return out.transpose(1, 2).reshape(x.shape) @ Wo


# --- permutation_test ------------------------------------------------------------------------------


@right
def permutation_test__largest_difference(layer, I, order):
    before, after = layer(I)[:, order], layer(I[:, order])
    return bool((before - after).abs().max() <= 1e-6 * (1 + before.abs().max()))


@right
def permutation_test__by_a_matrix(layer, I, order):
    pi = torch.eye(len(order), dtype=I.dtype, device=I.device)[:, order]
    return torch.isclose(layer(I @ pi), layer(I) @ pi).all()


@right
def permutation_test__column_by_column(layer, I, order):
    O, reordered = layer(I), layer(I.index_select(1, order))
    return all(torch.allclose(reordered[:, new], O[:, old]) for new, old in enumerate(order.tolist()))


@wrong(
    en="The output is not reordered: this asks whether the order makes no difference at all (invariance).",
    zh="输出没有重新排列：这问的是次序是否毫无影响（不变性）。",
)
def permutation_test__invariance(layer, I, order):
    return torch.allclose(layer(I[:, order]), layer(I))


@wrong(
    en="One side is reordered backwards. Try an order that is not its own inverse, such as (1, 2, 0).",
    zh="有一边的排列方向反了。用 (1, 2, 0) 这样的次序试试，它的逆不是它自己。",
)
def permutation_test__inverse_order(layer, I, order):
    return torch.allclose(layer(I[:, order]), layer(I)[:, order.argsort()])


@wrong(
    en="The outputs must be equal to the last bit. Sums in another order differ by rounding, and that is no difference.",
    zh="要求两边逐位相等。求和次序一变就有舍入误差，那不算不同。",
)
def permutation_test__to_the_last_bit(layer, I, order):
    return torch.equal(layer(I[:, order]), layer(I)[:, order])


@wrong(
    en="The rows are reordered. The tokens are the columns.",
    zh="重新排列的是行。token 是列。",
)
def permutation_test__rows(layer, I, order):
    order = order[order < len(I)]
    O = layer(I)
    return torch.allclose(layer(I[order]), O[order[order < len(O)]])


@wrong(
    en="Only the sums of the outputs are compared. A layer can put the right numbers into the wrong places.",
    zh="只比较了输出的总和。一个层可能把对的数放在错的位置。",
)
def permutation_test__sums(layer, I, order):
    return torch.allclose(layer(I[:, order]).sum(dim=1), layer(I).sum(dim=1))


@wrong(
    en="The numbers are sorted before they are compared, so it no longer matters where they stand.",
    zh="比较之前先排了序，于是放在哪里就无所谓了。",
)
def permutation_test__sorted(layer, I, order):
    return torch.allclose(layer(I[:, order]).sort(dim=1).values, layer(I).sort(dim=1).values)


@wrong(
    en="The layer meets the same input on both sides: its output is reordered twice, and the answer is always True.",
    zh="两边交给层的是同一个输入：重新排列的只是输出，所以答案永远是 True。",
)
def permutation_test__always_true(layer, I, order):
    return torch.allclose(layer(I)[:, order], layer(I)[:, order])


@wrong(
    en="The answer is the opposite: True where the layer depends on the order.",
    zh="答案反了：依赖次序的层反而得到 True。",
)
def permutation_test__negated(layer, I, order):
    return not torch.allclose(layer(I[:, order]), layer(I)[:, order])


@wrong(
    en="One truth value comes out for each number. The test has one answer, for all of them together.",
    zh="每个数得到一个真假值。这个检验应当对全体只给出一个答案。",
)
def permutation_test__elementwise(layer, I, order):
    return torch.isclose(layer(I[:, order]), layer(I)[:, order])


@wrong(
    en="The size of the difference is returned. The question wants yes or no, a bool.",
    zh="返回的是差的大小。这道题要的是“是”或“否”，一个 bool。",
)
def permutation_test__difference(layer, I, order):
    return (layer(I[:, order]) - layer(I)[:, order]).abs().max()


@wrong(
    en="It is enough that some number agrees. All must.",
    zh="只要有一个数一致就算通过。应当全部一致。",
)
def permutation_test__any(layer, I, order):
    return bool(torch.isclose(layer(I[:, order]), layer(I)[:, order]).any())


@wrong(
    en="The given order is not used: the sequence is reversed. Whoever asks with another order gets the wrong answer.",
    zh="没有用给定的次序，而是把序列倒了过来。换一个次序来问，答案就可能不对。",
)
def permutation_test__own_order(layer, I, order):
    return torch.allclose(layer(I.flip(1)), layer(I).flip(1))


# --- sinusoidal_pe ---------------------------------------------------------------------------------


def check_even(d):
    if d % 2 == 1:
        raise ValueError("d is odd")


def in_turn(sines, cosines):
    """Rows of the two in turn, for the variants whose mistake is elsewhere."""
    return torch.stack([sines, cosines], dim=1).flatten(0, 1)


@right
def sinusoidal_pe__number_by_number(T, d):
    if d % 2 != 0:
        raise ValueError(f"odd d: {d}")
    code = torch.zeros(d, T)
    for t in range(T):
        for row in range(d):
            angle = t / 10000 ** ((row - row % 2) / d)
            code[row, t] = math.cos(angle) if row % 2 else math.sin(angle)
    return code


@right
def sinusoidal_pe__strided_rows(T, d):
    check_even(d)
    code = torch.empty(d, T)
    frequency = torch.exp(torch.arange(0, d, 2).float() * (-math.log(10000.0) / d)).unsqueeze(1)
    t = torch.arange(T, dtype=torch.float32)
    code[0::2] = torch.sin(frequency * t)
    code[1::2] = torch.cos(frequency * t)
    return code


@right
def sinusoidal_pe__numpy(T, d):
    if d % 2:
        raise ValueError("d must be even")
    rows, t = np.mgrid[:d, :T]
    angle = t / np.power(10000.0, (rows // 2 * 2) / d)
    return torch.from_numpy(np.where(rows % 2 == 0, np.sin(angle), np.cos(angle))).float()


@right
def sinusoidal_pe__complex_clocks(T, d):
    if d & 1:
        raise ValueError(d)
    angle = torch.outer(1e4 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d), torch.arange(T, dtype=torch.float64))
    hand = torch.polar(torch.ones_like(angle), angle)
    return in_turn(hand.imag, hand.real).to(torch.float32)


@accepted(
    en=(
        "All sines come first and then all cosines. The lesson takes them in turn; the two differ by a fixed "
        "reordering of the rows, which a learned matrix does not notice."
    ),
    zh=(
        "你先放了所有的正弦，再放所有的余弦，而题目是交替排列。两者只差一个固定的行的重排，后面学习到的矩阵察觉不到。"
    ),
)
def sinusoidal_pe__halves(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return torch.cat([angle.sin(), angle.cos()])


@wrong(
    en=(
        "Every row has a frequency of its own: the exponent is row/d. Sine and cosine of a pair must have the same "
        "angle, so that their squares sum to 1."
    ),
    zh="每一行都有自己的频率：指数成了 行号/d。一对正弦和余弦必须用同一个角度，平方和才会是 1。",
)
def sinusoidal_pe__cosine_has_its_own_frequency(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(d)[:, None] / d)
    return in_turn(angle[0::2].sin(), angle[1::2].cos())


@wrong(
    en=(
        "The 2 of 2i is counted twice: i already runs over 0, 2, 4, … and is doubled once more. The last frequency "
        "must be near 1/10000, not its square."
    ),
    zh="2i 里的 2 算了两次：i 已经取 0、2、4、……，又乘了一次 2。最后一个频率应当在 1/10000 附近，而不是它的平方。",
)
def sinusoidal_pe__doubled_twice(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (2 * torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="The exponent is i/d with the number of the pair: the 2 is missing, and all clocks go too fast.",
    zh="指数成了 i/d，i 是第几对：漏了 2，所有时钟都走得太快。",
)
def sinusoidal_pe__two_missing(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(d // 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="The position is multiplied by 10000^(2i/d), not divided by it: later clocks race instead of slowing down.",
    zh="位置乘了 10000^(2i/d)，而不是除以它：后面的时钟没有变慢，反而飞转起来。",
)
def sinusoidal_pe__multiplied(T, d):
    check_even(d)
    angle = torch.arange(T) * 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="The base is 1000 in place of 10000: the slow clocks go too fast.",
    zh="底数写成了 1000，应当是 10000：慢的时钟走得太快。",
)
def sinusoidal_pe__base_1000(T, d):
    check_even(d)
    angle = torch.arange(T) / 1000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="The positions start at 1. The first column is t = 0 and must be 0, 1, 0, 1, …",
    zh="位置从 1 开始了。第一列是 t = 0，应当是 0、1、0、1、……",
)
def sinusoidal_pe__starts_at_one(T, d):
    check_even(d)
    angle = torch.arange(1, T + 1) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="Sine and cosine are exchanged: the first column must be 0, 1, 0, 1, …",
    zh="正弦和余弦弄反了：第一列应当是 0、1、0、1、……",
)
def sinusoidal_pe__sine_and_cosine_swapped(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.cos(), angle.sin())


@wrong(
    en="Positions are rows, (T, d), as in PyTorch. In this lecture a position is a column.",
    zh="位置成了行：(T, d)，那是 PyTorch 的写法。在这一讲里，一个位置是一列。",
)
def sinusoidal_pe__row_layout(T, d):
    return ref.sinusoidal_pe(T, d).T


@wrong(
    en=(
        "A matter of precedence: in -log(10000) / d // 2 the whole quotient is divided by 2 and rounded down to a "
        "whole number. Frequencies must follow 10000^(-2i/d)."
    ),
    zh="运算次序的问题：-log(10000) / d // 2 会把整个商再除以 2 并向下取整。频率应当是 10000^(-2i/d)。",
)
def sinusoidal_pe__precedence(T, d):
    check_even(d)
    frequency = torch.exp(torch.arange(0, d, 2)[:, None] * (-math.log(10000.0) / d // 2))
    angle = torch.arange(T) * frequency
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="The exponent is an integer division and always 0: all clocks go at the same speed.",
    zh="指数用了整数除法，永远是 0：所有时钟走得一样快。",
)
def sinusoidal_pe__integer_exponent(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] // d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en=(
        "The frequencies are spread so that the last is exactly 1/10000: the exponent is i/(d/2 − 1). The lecture's is "
        "2i/d, and never quite reaches 1."
    ),
    zh="频率铺到了恰好 1/10000：指数成了 i/(d/2 − 1)。课上的指数是 2i/d，永远到不了 1。",
)
def sinusoidal_pe__spread_to_the_end(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(d // 2)[:, None] / max(1, d // 2 - 1))
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="An odd d goes through. Sine and cosine come in pairs, so it must raise ValueError.",
    zh="d 为奇数时没有报错。正弦和余弦是成对的，所以应当抛出 ValueError。",
)
def sinusoidal_pe__odd_goes_through(T, d):
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())[:d]


@wrong(
    en="An odd d is not refused: it fails deep inside about sizes, or even goes through (d = 1). It must raise ValueError.",
    zh="d 为奇数时没有拒绝：在里面因尺寸不符而报错，甚至蒙混过关（d = 1）。应当抛出 ValueError。",
)
def sinusoidal_pe__odd_crashes(T, d):
    code = torch.zeros(d, T)
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    code[0::2] = angle.sin()
    code[1::2] = angle.cos()
    return code


@wrong(
    en="An odd d raises an AssertionError. The contract names ValueError.",
    zh="d 为奇数时抛出的是 AssertionError。题目要求的是 ValueError。",
)
def sinusoidal_pe__asserts(T, d):
    assert d % 2 == 0
    return ref.sinusoidal_pe(T, d)


@wrong(
    en="An even d raises the error and an odd one goes through: the condition is the wrong way round.",
    zh="d 为偶数时报错，为奇数时反而通过：条件写反了。",
)
def sinusoidal_pe__even_raises(T, d):
    if d % 2 == 0:
        raise ValueError("d must be even")
    return torch.zeros(d, T)


@wrong(
    en="The result is float64 (from NumPy or Python numbers). float32 is wanted.",
    zh="结果是 float64（来自 NumPy 或 Python 的数）。应当是 float32。",
)
def sinusoidal_pe__float64(T, d):
    check_even(d)
    angle = torch.arange(T, dtype=torch.float64) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="There are sines only, each twice. The second row of each pair is the cosine.",
    zh="只有正弦，每个出现两次。每对的第二行应当是余弦。",
)
def sinusoidal_pe__sine_only(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.sin())


@wrong(
    en="Position and row have exchanged their roles: even positions have sines and odd ones cosines.",
    zh="位置和行互换了角色：偶数位置用了正弦，奇数位置用了余弦。",
)
def sinusoidal_pe__alternates_over_positions(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(d)[:, None] // 2 * 2 / d)
    return torch.where(torch.arange(T) % 2 == 0, angle.sin(), angle.cos())


@wrong(
    en="The positions are divided by T, so they run from 0 to 1. Then position 3 has another code in a longer sequence.",
    zh="位置除以了 T，变成从 0 到 1。这样一来，序列变长，位置 3 的编码就变了。",
)
def sinusoidal_pe__relative_to_the_length(T, d):
    check_even(d)
    angle = torch.arange(T) / T / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="The angles go through a factor of 2π. The formula has none: row 0 is sin(0), sin(1), sin(2), …",
    zh="角度多乘了 2π。公式里没有它：第 0 行是 sin(0)、sin(1)、sin(2)、……",
)
def sinusoidal_pe__full_turns(T, d):
    check_even(d)
    angle = 2 * math.pi * torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / d)
    return in_turn(angle.sin(), angle.cos())


@wrong(
    en="T and d are exchanged in the formula: the exponent is divided by the number of positions.",
    zh="公式里 T 和 d 弄反了：指数除以的是位置的个数。",
)
def sinusoidal_pe__divided_by_positions(T, d):
    check_even(d)
    angle = torch.arange(T) / 10000 ** (torch.arange(0, d, 2)[:, None] / T)
    return in_turn(angle.sin(), angle.cos())


# --- truncated_mask --------------------------------------------------------------------------------


@right
def truncated_mask__entry_by_entry(N, w):
    return torch.tensor([[abs(i - j) <= w for j in range(N)] for i in range(N)])


@right
def truncated_mask__triangles(N, w):
    return torch.ones(N, N).tril(w).triu(-w).bool()


@right
def truncated_mask__slices(N, w):
    allowed = torch.zeros((N, N), dtype=torch.bool)
    for i in range(N):
        allowed[i, max(0, i - w) : i + w + 1] = True
    return allowed


@right
def truncated_mask__forbidden_corners(N, w):
    far = torch.ones(N, N, dtype=torch.bool).triu(w + 1)
    return ~(far | far.T)


@wrong(
    en="The distance w itself is left out. With w = 0 not even the diagonal is allowed.",
    zh="距离恰好为 w 的被排除了。w = 0 时，连对角线都不允许。",
)
def truncated_mask__strict(N, w):
    i = torch.arange(N)
    return (i[:, None] - i).abs() < w


@wrong(
    en="Tokens look back only. A token sees w to either side.",
    zh="只能往回看。一个 token 左右两边各能看 w 个。",
)
def truncated_mask__looks_back_only(N, w):
    i = torch.arange(N)
    distance = i[:, None] - i
    return (distance >= 0) & (distance <= w)


@wrong(
    en="Tokens look ahead only. A token sees w to either side.",
    zh="只能往后看。一个 token 左右两边各能看 w 个。",
)
def truncated_mask__looks_ahead_only(N, w):
    i = torch.arange(N)
    distance = i - i[:, None]
    return (distance >= 0) & (distance <= w)


@wrong(
    en="The absolute value is missing: one side is cut at w, and the other not at all.",
    zh="漏了绝对值：一边在 w 处截断，另一边完全没有截断。",
)
def truncated_mask__no_absolute_value(N, w):
    i = torch.arange(N)
    return i[:, None] - i <= w


@wrong(
    en="True and False are exchanged: it marks what is forbidden. Here True means allowed.",
    zh="真假弄反了：标出的是不允许的。这里 True 表示允许。",
)
def truncated_mask__inverted(N, w):
    i = torch.arange(N)
    return (i[:, None] - i).abs() > w


@wrong(
    en="w is taken for the width of the whole window. It is how far a token sees to each side.",
    zh="把 w 当成了整个窗口的宽度。它是每一边能看多远。",
)
def truncated_mask__total_width(N, w):
    i = torch.arange(N)
    return (i[:, None] - i).abs() <= w // 2


@wrong(
    en="A token does not see itself. The distance 0 is within w.",
    zh="token 看不见自己。距离 0 也在 w 之内。",
)
def truncated_mask__without_itself(N, w):
    i = torch.arange(N)
    distance = (i[:, None] - i).abs()
    return (distance <= w) & (distance > 0)


@wrong(
    en="A token sees one too far, to the distance w + 1.",
    zh="多看了一个，看到了距离 w + 1 处。",
)
def truncated_mask__one_too_far(N, w):
    i = torch.arange(N)
    return (i[:, None] - i).abs() <= w + 1


@wrong(
    en="Only the distance w itself is allowed, and nothing nearer.",
    zh="只允许距离恰好为 w 的，更近的反而不行。",
)
def truncated_mask__exactly(N, w):
    i = torch.arange(N)
    return (i[:, None] - i).abs() == w


@wrong(
    en="One slice ends one too early: to the right a token sees only w − 1.",
    zh="切片少了一个：往右只看到 w − 1 个。",
)
def truncated_mask__slice_too_short(N, w):
    allowed = torch.zeros(N, N, dtype=torch.bool)
    for i in range(N):
        allowed[i, max(0, i - w) : i + w] = True
    return allowed


@wrong(
    en="Near the beginning the slice starts at a negative index, which counts from the end. Look at the first rows.",
    zh="靠近开头时，切片从负的下标开始，那是从末尾数起的。看看前几行。",
)
def truncated_mask__negative_index(N, w):
    allowed = torch.zeros(N, N, dtype=torch.bool)
    for i in range(N):
        allowed[i, i - w : i + w + 1] = True
    return allowed


@wrong(
    en="The sequence is a ring: the last token sees the first. It has two ends.",
    zh="序列成了一个环：最后一个 token 看见了第一个。序列是有头有尾的。",
)
def truncated_mask__ring(N, w):
    i = torch.arange(N)
    distance = (i[:, None] - i).abs()
    return torch.minimum(distance, N - distance) <= w


@wrong(
    en="The sequence is cut into blocks that do not see each other. The window moves along with each token.",
    zh="序列被切成了互不相见的几段。窗口应当跟着每个 token 移动。",
)
def truncated_mask__blocks(N, w):
    block = torch.arange(N) // (w + 1)
    return block[:, None] == block


@wrong(
    en="The table holds numbers 0 and 1. True and False are wanted, dtype bool.",
    zh="表里是数 0 和 1。应当是 True 和 False，dtype 为 bool。",
)
def truncated_mask__numbers(N, w):
    return torch.ones(N, N).tril(w).triu(-w)


@wrong(
    en="The table holds 0 and −∞, to be added to the scores. Here a bool is wanted.",
    zh="表里是 0 和 −∞，用来加在分数上。这里要的是 bool。",
)
def truncated_mask__to_be_added(N, w):
    i = torch.arange(N)
    return torch.zeros(N, N).masked_fill((i[:, None] - i).abs() > w, -math.inf)


@wrong(
    en="The window turns: |i + j| in place of |i − j|. The True entries must lie along the main diagonal.",
    zh="方向转了：用了 i + j，而不是 i − j。True 应当沿着主对角线。",
)
def truncated_mask__other_diagonal(N, w):
    i = torch.arange(N)
    return (i[:, None] + i - (N - 1)).abs() <= w


# --- graph_attention -------------------------------------------------------------------------------


@right
def graph_attention__where_and_nan_to_num(I, adjacency, Wq, Wk, Wv):
    Q, K, V = ref.qkv(I, Wq, Wk, Wv)
    A = torch.where(adjacency, K.T @ Q, torch.full_like(adjacency, -math.inf, dtype=I.dtype))
    return V @ ref.attention_weights(A).nan_to_num(0.0)


@right
def graph_attention__exponentials_of_edges(I, adjacency, Wq, Wk, Wv):
    A = (Wk @ I).T @ (Wq @ I)
    lowest = torch.finfo(A.dtype).min
    highest = A.masked_fill(~adjacency, lowest).amax(dim=0)
    e = torch.where(adjacency, A - highest, lowest).exp() * adjacency
    total = e.sum(dim=0)
    return Wv @ I @ e / torch.where(total == 0, torch.ones_like(total), total)


@right
def graph_attention__in_rows(I, adjacency, Wq, Wk, Wv):
    rows, may = I.T, adjacency.T
    A = (rows @ Wq.T @ Wk @ I).masked_fill(torch.logical_not(may), -1e30)
    weights = functional.softmax(A, dim=1) * may.any(dim=1, keepdim=True)
    return (weights @ (rows @ Wv.T)).T


@wrong(
    en="The edges point the wrong way: adjacency[j, i] says that i attends to j. With symmetric graphs it cannot be seen.",
    zh="边的方向反了：adjacency[j, i] 说的是 i 注意 j。图对称时看不出来。",
)
def graph_attention__edges_reversed(I, adjacency, Wq, Wk, Wv):
    return ref.graph_attention(I, adjacency.T, Wq, Wk, Wv)


@wrong(
    en="The edges are not used: everyone attends to everyone.",
    zh="没有用到边：所有节点互相注意。",
)
def graph_attention__ignores_the_graph(I, adjacency, Wq, Wk, Wv):
    return ref.self_attention(I, Wq, Wk, Wv)


@wrong(
    en="True is taken for forbidden: a node attends to exactly those that it has no edge to.",
    zh="把 True 当成了不允许：节点注意的恰好是没有边的那些。",
)
def graph_attention__inverted(I, adjacency, Wq, Wk, Wv):
    return ref.graph_attention(I, ~adjacency, Wq, Wk, Wv)


@wrong(
    en="Missing edges get the score 0 before the softmax, but exp(0) = 1: they still have a share.",
    zh="没有边的分数在 softmax 之前填成了 0，可 exp(0) = 1：它们仍有份额。",
)
def graph_attention__zero_scores(I, adjacency, Wq, Wk, Wv):
    A = ((Wk @ I).T @ (Wq @ I)) * adjacency
    return Wv @ I @ (torch.softmax(A, dim=0) * adjacency.any(dim=0))


@wrong(
    en="Missing edges are removed after the softmax: the remaining weights no longer sum to 1.",
    zh="在 softmax 之后才去掉没有边的：剩下的权重之和不再是 1。",
)
def graph_attention__removed_after_softmax(I, adjacency, Wq, Wk, Wv):
    return Wv @ I @ (torch.softmax((Wk @ I).T @ (Wq @ I), dim=0) * adjacency)


@wrong(
    en=(
        "Missing edges get a score that is low, but not low enough: e^(−10) leaks through, and large negative scores "
        "lie below it."
    ),
    zh="没有边的分数填得低，但还不够低：e^(−10) 会漏过去，而很大的负分数比它还低。",
)
def graph_attention__minus_ten(I, adjacency, Wq, Wk, Wv):
    A = ((Wk @ I).T @ (Wq @ I)).masked_fill(~adjacency, -10)
    return Wv @ I @ (torch.softmax(A, dim=0) * adjacency.any(dim=0))


@wrong(
    en="The truth values are added to the scores: an edge gives one point more, and nobody is shut out.",
    zh="真假值被加到了分数上：有边只多一分，谁也没有被排除。",
)
def graph_attention__adds_the_graph(I, adjacency, Wq, Wk, Wv):
    A = (Wk @ I).T @ (Wq @ I) + adjacency
    return Wv @ I @ (torch.softmax(A, dim=0) * adjacency.any(dim=0))


@wrong(
    en="A node without neighbours gets nan: a column of nothing but −∞ is 0/0. It must get zeros.",
    zh="没有邻居的节点得到了 nan：整列都是 −∞，就成了 0/0。它应当得到零。",
)
def graph_attention__nan_for_isolated_nodes(I, adjacency, Wq, Wk, Wv):
    A = ((Wk @ I).T @ (Wq @ I)).masked_fill(~adjacency, -math.inf)
    return Wv @ I @ torch.softmax(A, dim=0)


@wrong(
    en="A node without neighbours gets the mean of all values: its scores are all equally low. It must get zeros.",
    zh="没有邻居的节点得到了所有值的平均：它的分数全都一样低。它应当得到零。",
)
def graph_attention__mean_for_isolated_nodes(I, adjacency, Wq, Wk, Wv):
    A = ((Wk @ I).T @ (Wq @ I)).masked_fill(~adjacency, -1e9)
    return Wv @ I @ torch.softmax(A, dim=0)


@wrong(
    en="Every node also attends to itself. It may only where the diagonal of the adjacency is True.",
    zh="每个节点都额外注意了自己。只有对角线上为 True 时才可以。",
)
def graph_attention__adds_self_loops(I, adjacency, Wq, Wk, Wv):
    loops = torch.eye(len(adjacency), dtype=torch.bool, device=adjacency.device)
    return ref.graph_attention(I, adjacency | loops, Wq, Wk, Wv)


@wrong(
    en="Edges are made to go both ways. The graph need not be symmetric.",
    zh="把边都变成了双向的。图不一定是对称的。",
)
def graph_attention__both_ways(I, adjacency, Wq, Wk, Wv):
    return ref.graph_attention(I, adjacency | adjacency.T, Wq, Wk, Wv)


@wrong(
    en="All neighbours count the same: the scores are not used. It is attention, not an average.",
    zh="所有邻居的分量都一样：没有用到分数。这是注意力，不是平均。",
)
def graph_attention__average_of_neighbours(I, adjacency, Wq, Wk, Wv):
    weights = adjacency.to(I.dtype)
    return Wv @ I @ (weights / weights.sum(dim=0).clamp(min=1))


@wrong(
    en="The softmax runs along the rows: the shares that one node receives sum to 1. One column is one query.",
    zh="softmax 沿着行做了：和为 1 的是一个节点得到的份额。每一列才是同一个 query。",
)
def graph_attention__softmax_rows(I, adjacency, Wq, Wk, Wv):
    A = ((Wk @ I).T @ (Wq @ I)).masked_fill(~adjacency, -math.inf)
    return Wv @ I @ torch.softmax(A, dim=1).nan_to_num()


@wrong(
    en="The scores are divided by √d_k. Nothing is scaled here.",
    zh="分数除以了 √d_k。这里不做缩放。",
)
def graph_attention__scaled(I, adjacency, Wq, Wk, Wv):
    return ref.graph_attention(I, adjacency, Wq / math.sqrt(len(Wq)), Wk, Wv)


@wrong(
    en="A score of 0 is taken for a missing edge. A neighbour may well have the score 0, and then it has a share.",
    zh="把分数 0 当成了没有边。邻居的分数完全可能是 0，那它照样有份额。",
)
def graph_attention__zero_means_missing(I, adjacency, Wq, Wk, Wv):
    A = ((Wk @ I).T @ (Wq @ I)) * adjacency
    return Wv @ I @ torch.softmax(A.masked_fill(A == 0, -math.inf), dim=0).nan_to_num()


EQUIVALENT = [
    equivalent("multi_head_cols", "line 36: True -> False", "the three lists hold one matrix for each head"),
]
