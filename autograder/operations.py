"""What a library would do in the student's place, by name: the groups that an exercise can forbid.

A group is seen in three ways: by the operators that reach torch's dispatcher, however they were called; by the Python and C
functions of libraries that are entered, in any thread; and, for the friendlier message, nothing is read from the source.
A hit is evidence; no hit is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Dispatcher operators (without overload) and library functions that belong to one thing a library does."""

    en: str
    zh: str
    operators: frozenset[str]
    functions: frozenset[str]


def _group(en: str, zh: str, operators: str, functions: str) -> Group:
    return Group(en, zh, frozenset(operators.split()), frozenset(functions.split()))


GROUPS: dict[str, Group] = {
    "softmax": _group(
        "the library's softmax", "库自带的 softmax",
        "_softmax _log_softmax _safe_softmax softmax log_softmax _masked_softmax _sparse_softmax _sparse_log_softmax",
        "softmax log_softmax softmin gumbel_softmax _softmax _log_softmax _safe_softmax cross_entropy Softmax LogSoftmax",
    ),
    "logsumexp": _group("the library's logsumexp", "库自带的 logsumexp", "logsumexp logcumsumexp", "logsumexp logcumsumexp"),
    "loss": _group(
        "the library's loss", "库自带的损失函数",
        "nll_loss_forward nll_loss_nd mse_loss l1_loss cross_entropy_loss binary_cross_entropy smooth_l1_loss huber_loss",
        "cross_entropy nll_loss mse_loss l1_loss kl_div binary_cross_entropy smooth_l1_loss huber_loss gaussian_nll_loss "
        "mean_squared_error mean_absolute_error log_loss",
    ),
    "one_hot": _group("the library's one_hot", "库自带的 one_hot", "one_hot", "one_hot"),
    "autograd": _group(
        "automatic differentiation", "自动求导", "",
        "grad backward run_backward _engine_run_backward vjp jvp jacobian hessian hvp vhp vjp_impl grad_impl jacrev jacfwd "
        "make_dual _grad_increment_nesting _jvp_increment_nesting _vjp_treespec_compare",
    ),
    "hessian": _group(
        "the library's Hessian", "库自带的 Hessian", "",
        "hessian jacobian hvp vhp jacrev jacfwd",
    ),
    "optimizer": _group(
        "the library's optimizer", "库自带的优化器", "_fused_adam_ _fused_sgd_ _fused_adamw_ _fused_adagrad_",
        "SGD Adam AdamW Adagrad RMSprop sgd adam adamw adagrad rmsprop _single_tensor_adam _single_tensor_sgd "
        "_single_tensor_rmsprop _single_tensor_adagrad step",
    ),
    "dropout": _group(
        "the library's dropout", "库自带的 dropout", "native_dropout dropout", "dropout feature_dropout alpha_dropout native_dropout",
    ),
    "batch_norm": _group(
        "the library's batch normalisation", "库自带的批次归一化",
        "native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_functional _batch_norm_with_update batch_norm "
        "_batch_norm_impl_index cudnn_batch_norm native_group_norm batch_norm_stats instance_norm "
        "_native_batch_norm_legit_no_training native_batch_norm_backward batch_norm_backward",
        "batch_norm native_batch_norm instance_norm group_norm native_group_norm BatchNorm1d BatchNorm2d _batch_norm_with_update",
    ),
    "layer_norm": _group(
        "the library's layer normalisation", "库自带的层标准化",
        "native_layer_norm layer_norm native_group_norm native_batch_norm _native_batch_norm_legit rms_norm _fused_rms_norm "
        "batch_norm instance_norm",
        "layer_norm native_layer_norm group_norm instance_norm batch_norm rms_norm LayerNorm",
    ),
    "convolution": _group(
        "the library's convolution", "库自带的卷积",
        "convolution _convolution conv1d conv2d conv3d mkldnn_convolution thnn_conv2d _slow_conv2d_forward convolution_backward "
        "convolution_overrideable slow_conv3d conv_transpose2d _conv_depthwise2d",
        "conv1d conv2d conv3d conv_transpose2d convolution _convolution correlate correlate2d convolve convolve2d fftconvolve "
        "mkldnn_convolution",
    ),
    "unfold": _group(
        "the library's im2col", "库自带的 im2col", "im2col col2im", "fold im2col col2im extract_patches_2d",
    ),
    "pooling": _group(
        "the library's pooling", "库自带的池化",
        "max_pool2d max_pool2d_with_indices mkldnn_max_pool2d max_pool3d_with_indices adaptive_max_pool2d fractional_max_pool2d "
        "max_pool2d_with_indices_backward max_pool1d max_pool1d_with_indices",
        "max_pool2d max_pool1d max_pool3d max_pool2d_with_indices adaptive_max_pool2d lp_pool2d maximum_filter",
    ),
    "padding": _group(
        "the library's padding", "库自带的填充", "constant_pad_nd reflection_pad2d replication_pad2d pad", "pad constant_pad_nd",
    ),
    "embedding": _group("the library's embedding", "库自带的嵌入", "embedding", "embedding embedding_bag"),
    "attention": _group(
        "the library's attention", "库自带的注意力",
        "scaled_dot_product_attention _scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_attention_math "
        "_scaled_dot_product_efficient_attention _scaled_dot_product_flash_attention _native_multi_head_attention "
        "_transformer_encoder_layer_fwd _scaled_dot_product_fused_attention_overrideable",
        "scaled_dot_product_attention multi_head_attention_forward flex_attention _scaled_dot_product_attention_math "
        "_native_multi_head_attention",
    ),
    "eig": _group("the library's eigenvectors", "库自带的特征分解", "_linalg_eigh linalg_eig", "eigh eig"),
}
LIBRARIES = ("torch", "scipy", "sklearn", "numpy", "jax")

ALL_NAMES = frozenset().union(*(group.operators | group.functions for group in GROUPS.values()))
