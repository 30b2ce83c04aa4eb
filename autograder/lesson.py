"""What the build writes around an author's text: how to work, the set-up cell, the line above an exercise."""

from __future__ import annotations

from autograder.course import Exercise, Lecture
from autograder.operations import GROUPS

STUB = {"en": "# YOUR CODE HERE", "zh": "# 在这里写你的代码"}

_INTRODUCTION = {
    "en": """\
> **How to work.** Each exercise is a cell with `{stub}`: write your code there, in place of
> `raise NotImplementedError()`, and run the cell (Shift + Enter). Then run the check below it; it says what
> is right and, where something is not, shows the smallest example that fails. Pictures (cells that start with
> `%%demo`) come alive once their functions work; change them as you like.
>
> Stuck? `autograder hint {exercise}` in a terminal, or `!autograder hint {exercise}` in a cell, gives one
> hint at a time.""",
    "zh": (
        "> **怎样做练习。** 每道练习是一个写着 `{stub}` 的单元格：把代码写在那里，"
        "替换掉 `raise NotImplementedError()`，再运行这个单元格（Shift + Enter）。"
        "然后运行它下面的检查：它会告诉你哪些对了；有不对的，"
        "就给出能复现问题的最小例子。以 `%%demo` 开头的单元格是图和实验，"
        "用到的函数都写对后就能看到结果，可以随意修改。\n>\n"
        "> 卡住了？在终端运行 `autograder hint {exercise}`，"
        "或在单元格里运行 `!autograder hint {exercise}`，每次给一条提示。"
    ),
}

_SETUP = {
    "en": "from autograder import check",
    "zh": """\
import logging

import matplotlib

from autograder import check

# 让图里的中文正常显示：用第一个装好的中文字体。
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
matplotlib.rcParams["font.sans-serif"] = [
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Zen Hei", "SimHei", "DejaVu Sans",
]
matplotlib.rcParams["axes.unicode_minus"] = False""",
}


def introduction(lecture: Lecture, lang: str) -> str:
    """How to work with the notebook, in a few lines."""
    return _INTRODUCTION[lang].format(stub=STUB[lang], exercise=lecture.exercises[0].name)


def setup_code(lang: str) -> str:
    """The notebook's first code cell: ``check``, and in the Chinese notebook fonts that have Chinese."""
    return _SETUP[lang]


def exercise_line(exercise: Exercise, lang: str) -> str:
    """The line above an exercise: name, points, difficulty, minutes, and the rules that the check enforces.

    >>> exercise_line(Exercise("softmax", 12, 1, 10, "", forbidden=("softmax",)), "en")
    "**Exercise** · `softmax` · 12 points · ●○○ · 10 min · without the library's softmax"
    """
    points = f"{exercise.points:g}"
    dots = "●" * exercise.difficulty + "○" * (3 - exercise.difficulty)
    groups = [GROUPS[name] for name in exercise.forbidden]
    if lang == "zh":
        kind, worth = ("选做练习", f"附加 {points} 分") if exercise.bonus else ("练习", f"{points} 分")
        parts = [worth, dots, f"{exercise.minutes} 分钟"]
        parts += ["向量化"] if exercise.vectorised else []
        parts += ["不用" + "、".join(group.zh for group in groups)] if groups else []
    else:
        noun = "point" if exercise.points == 1 else "points"
        kind, worth = ("Exercise", f"{points} {noun}")
        if exercise.bonus:
            kind, worth = ("Bonus exercise", f"{points} bonus {noun}")
        parts = [worth, dots, f"{exercise.minutes} min"]
        parts += ["vectorised"] if exercise.vectorised else []
        parts += ["without " + ", ".join(group.en for group in groups)] if groups else []
    return " · ".join([f"**{kind}**", f"`{exercise.name}`", *parts])


def check_code(exercise: Exercise) -> str:
    """The check cell under an exercise."""
    return f"check({exercise.name})"
