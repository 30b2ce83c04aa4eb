"""Every sentence that the engine says to a student, in both languages. A test proves that none is missing."""

from __future__ import annotations

from autograder.report import Text

# What was found, by kind of mismatch. ``where`` names the part of a compound result and is empty otherwise.
FOUND: dict[str, tuple[str, str]] = {
    "not_started": ("{function} is not written yet.", "{function} 还没有开始写。"),
    "missing": (
        "{name} is not defined in this submission (deleted or renamed?).",
        "提交里没有定义 {name}（被删除或改名了？）。",
    ),
    "not_callable": ("It cannot be called: {message}.", "它不能调用：{message}。"),
    "no_gradient": (
        "The result carries no gradient back to the inputs: it was detached, or rebuilt from plain numbers "
        "(.detach(), .item(), .numpy(), torch.tensor(…)).",
        "结果没有把梯度传回输入：它被 detach 了，或者是用普通数字重新造出来的"
        "（.detach()、.item()、.numpy()、torch.tensor(…)）。",
    ),
    "time": (
        "It did not finish within the time limit: is there a loop that never ends?",
        "在时限内没有运行完：是不是有一个不会结束的循环？",
    ),
    "memory": (
        "It asked for more memory than a submission may use ({message}).",
        "它申请的内存超过了限制（{message}）。",
    ),
    "recursion": (
        "It calls itself without end (RecursionError): a case is missing that stops the recursion.",
        "它无休止地调用自己（RecursionError）：缺少结束递归的条件。",
    ),
    "died": (
        "The process ended in the middle of the call ({message}); nothing came back.",
        "调用途中进程结束了（{message}），没有返回任何结果。",
    ),
    "malformed": ("Its result cannot be looked at: {message}.", "它的结果无法查看：{message}。"),
    "raised": ("It raised {type}: {message}{line}", "运行时抛出了 {type}：{message}{line}"),
    "wrong_exception": (
        "It raised {type} ({message}), and should raise {want_type}.",
        "它抛出了 {type}（{message}），应该抛出 {want_type}。",
    ),
    "no_exception": (
        "{where}It returned a value, and should raise {want_type} here.",
        "{where}它返回了一个值，而这里应该抛出 {want_type}。",
    ),
    "none": (
        "{where}It returned None: is a return statement missing?",
        "{where}它返回了 None：是不是漏了 return？",
    ),
    "no_tensor": (
        "{where}It is {got_type}, and should be a tensor of shape {want_shape}.",
        "{where}它是 {got_type}，应该是形状为 {want_shape} 的张量。",
    ),
    "numpy": (
        "{where}It is a NumPy array, and should be a torch tensor.",
        "{where}它是 NumPy 数组，应该是 torch 张量。",
    ),
    "type": ("{where}It is {got_type}, and should be {want_type}.", "{where}它是 {got_type}，应该是 {want_type}。"),
    "keys": ("{where}The keys are {got}, and should be {want}.", "{where}键是 {got}，应该是 {want}。"),
    "length": (
        "{where}It has {got_length} items, and should have {want_length}.",
        "{where}它有 {got_length} 项，应该有 {want_length} 项。",
    ),
    "shape": (
        "{where}Its shape is {got_shape}, and should be {want_shape}.",
        "{where}形状是 {got_shape}，应该是 {want_shape}。",
    ),
    "dtype": (
        "{where}Its dtype is {got_dtype}, and should be {want_dtype}.",
        "{where}dtype 是 {got_dtype}，应该是 {want_dtype}。",
    ),
    "device": (
        "{where}It is on {got_device}, and should be on {want_device}.",
        "{where}它在 {got_device} 上，应该在 {want_device} 上。",
    ),
    "nan": ("{where}NaN at {index}, where a number should be.", "{where}在 {index} 处是 NaN，这里应该是一个数。"),
    "inf": (
        "{where}Infinite at {index}, where a finite number should be.",
        "{where}在 {index} 处是无穷大，这里应该是有限的数。",
    ),
    "values": (
        "{where}elements that differ: {count} of {total}, most at {index}.",
        "{where}{total} 个元素中有 {count} 个不对，差得最多的在 {index}。",
    ),
    "number": ("{where}The number is wrong.", "{where}数值不对。"),
    "text": ("{where}The value is wrong.", "{where}值不对。"),
    "mutated": (
        "It changed its argument {names}. The caller still needs it: work on a new tensor.",
        "它修改了传入的参数 {names}。调用者还要用它：请在新的张量上计算。",
    ),
    "judged": ("{where}{verdict}", "{where}{verdict}"),
    "form": (
        "The result does not have the form that the description asks for.",
        "结果的形式与说明要求的不一样。",
    ),
    "vectorised": (
        "The work grows with the input: {small} steps for a small one, {large} for one 8 times as large. "
        "A Python loop over samples (or places) is at work; let one tensor operation treat them all.",
        "工作量随输入增大：小的输入要 {small} 步，8 倍大的要 {large} 步。"
        "这里有对样本（或位置）的 Python 循环；请用一次张量运算处理全部。",
    ),
    "forbidden": (
        "It calls {groups} ({names}), and this exercise is to write that yourself.",
        "它调用了{groups}（{names}），而这道题要求自己实现。",
    ),
}

LABELS: dict[str, tuple[str, str]] = {
    "got": ("got:", "得到："),
    "want": ("should be:", "应该是："),
    "hint": ("hint:", "提示："),
    "in_part": ("In {path}: ", "在 {path} 中："),
    "line": (" ({line})", "（{line}）"),
    "not_graded": ("Not graded: {reason}", "未评分：{reason}"),
    "accepted": ("{text}", "{text}"),
    "fix_first": (
        "{function} uses {other}, which fails too: mend {other} first.",
        "{function} 用到了 {other}，而它也没有通过：请先改好 {other}。",
    ),
    "engine_fault": (
        "the grader itself failed here ({error}); this costs no points, please report it",
        "评分程序自身在这里出错了（{error}）；不会扣分，请报告这个问题",
    ),
    "no_device": (
        "there is no {device} device on this machine; this costs no points",
        "这台机器上没有 {device} 设备；不会扣分",
    ),
    "cell_raised": ("cell {cell} raised {type}: {message}{line}", "第 {cell} 个单元抛出了 {type}：{message}{line}"),
    "cell_time": (
        "cell {cell} did not finish within its time limit, and was left out",
        "第 {cell} 个单元在时限内没有运行完，已跳过",
    ),
    "cell_died": (
        "cell {cell} ended the process ({message}), and was left out",
        "第 {cell} 个单元使进程结束了（{message}），已跳过",
    ),
    "redefined": (
        "{function} is defined more than once (cells {cells}); the last definition counts",
        "{function} 被定义了不止一次（第 {cells} 个单元）；以最后一次为准",
    ),
    "list_pass": ("solved", "已通过"),
    "list_fail": ("begun", "已开始"),
    "list_none": ("", ""),
    "list_bonus": ("bonus", "附加"),
    "list_minutes": ("{minutes} min", "{minutes} 分钟"),
    "list_total": (
        "{lectures} lectures, {exercises} exercises, {passed} solved",
        "共 {lectures} 讲、{exercises} 道题，已通过 {passed} 道",
    ),
    "start_kept": ("{path} is there already, and stays as it is", "{path} 已经存在，保持不变"),
    "start_done": (
        "Work in {path} (open it in JupyterLab, run the cells from the top)",
        "请在 {path} 中作答（用 JupyterLab 打开，从头运行各单元）",
    ),
    "hint_step": ("Hint {step} of {total}:", "提示 {step}/{total}："),
    "hint_last": (
        "That was the last hint. `autograder solution {exercise} --give-up` shows the solution.",
        "这是最后一条提示。`autograder solution {exercise} --give-up` 可以看答案。",
    ),
    "solution_absent": (
        "this installation has no solutions; ask your teacher, or use the course's repository",
        "这个安装里没有答案；请问老师，或使用课程仓库",
    ),
    "solution_locked": (
        "{exercise} is not solved yet (run its check first); --give-up shows the solution all the same",
        "{exercise} 还没有通过（请先运行检查）；加 --give-up 可以直接看答案",
    ),
    "demo_waits": (
        "This comes alive once {function} is written.",
        "写好 {function} 之后，这里就会动起来。",
    ),
    "unreadable": ("the submission cannot be read: {reason}", "提交的文件无法读取：{reason}"),
    "before": ("(the calls before it were right)", "（之前的调用都是对的）"),
}

# How a wrong array relates to the right one, where no known variant explains it.
RELATIONS: dict[str, tuple[str, str]] = {
    "negated": ("the sign is reversed: every element is the negative of what it should be",
                "符号反了：每个元素都是正确值的相反数"),
    "scaled": ("every element is {factor} times what it should be", "每个元素都是正确值的 {factor} 倍"),
    "scaled_by_size": (
        "every element is {factor} times what it should be, and {n} is the size of a dimension: "
        "a mean taken for a sum, or a sum for a mean?",
        "每个元素都是正确值的 {factor} 倍，而 {n} 正好是某一维的大小：是不是把求和与求平均弄混了？",
    ),
    "transposed": ("the result is transposed: rows and columns are exchanged", "结果转置了：行和列互换了"),
    "shifted": ("every element is off by the same {offset}", "每个元素都差了同一个数 {offset}"),
    "reversed": ("the elements are in reverse order along dimension {dim}", "元素沿第 {dim} 维的顺序反了"),
    "permuted": ("the elements are right, but in another order", "元素都对，但是顺序不对"),
    "rolled": ("the result is moved by {steps} along dimension {dim}", "结果沿第 {dim} 维错开了 {steps} 位"),
    "squared": ("every element is the square of what it should be", "每个元素都是正确值的平方"),
    "rooted": ("every element is the square root of what it should be", "每个元素都是正确值的平方根"),
    "absolute": ("only signs are wrong: the sizes are right", "只有符号不对：绝对值都对"),
    "reciprocal": ("every element is the reciprocal of what it should be", "每个元素都是正确值的倒数"),
    "logarithm": ("every element is the logarithm of what it should be", "每个元素都是正确值的对数"),
    "exponential": ("every element is the exponential of what it should be", "每个元素都是正确值的指数"),
    "wrong_axis": (
        "the shape is right with two dimensions exchanged: was it reduced over the wrong axis?",
        "两个维度互换后形状才对：是不是沿错误的轴做了归约？",
    ),
    "extra_dimension": (
        "the values are right, but there is a dimension of size 1 too many or too few",
        "数值是对的，但是多了或少了一个大小为 1 的维度",
    ),
    "not_reduced": (
        "the result has one value for every element of the input: the last mean or sum is missing",
        "结果对输入的每个元素都有一个值：漏了最后的求平均或求和",
    ),
}  # fmt: skip


def found(kind: str, **parts: object) -> Text:
    """The sentence of a mismatch. Parts may be a Text, which is put in by language."""
    return _text(FOUND[kind], parts)


def label(key: str, **parts: object) -> Text:
    return _text(LABELS[key], parts)


def relation(key: str, **parts: object) -> Text:
    return _text(RELATIONS[key], parts)


def _text(pair: tuple[str, str], parts: dict[str, object]) -> Text:
    def of(lang: str) -> dict[str, object]:
        return {k: v[lang] if isinstance(v, Text) else v for k, v in parts.items()}

    return Text(en=pair[0].format_map(of("en")), zh=pair[1].format_map(of("zh")))
