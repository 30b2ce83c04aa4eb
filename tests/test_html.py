"""The HTML: shows what a report says, in both languages; what a student wrote is never anything but text."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from autograder.probe import has_chinese
from autograder.render import LINE_LIMIT, MESSAGE_LIMIT, clean, name, number, parts
from autograder.render.html import CHROME, check_html, class_html, feedback_html
from autograder.report import ExerciseResult, ProbeResult, Report, Text, Verdict

EN = """softmax leaves rows that do not add up to 1.

    y = torch.tensor([[1.0, -0.5, 2.0], [0.3, 0.1, -1.2]], dtype=torch.float64)
    softmax(y)

got:       tensor([[0.2312, 0.0516, 0.6285], [0.1148, 0.0940, 0.0256]])
should be: tensor([[0.2537, 0.0566, 0.6897], [0.4901, 0.4013, 0.1094]])

hint: The denominator is summed over the whole tensor. Each row needs a sum of its own: look at dim."""
ZH = """softmax 的每一行加起来不等于 1。

    y = torch.tensor([[1.0, -0.5, 2.0], [0.3, 0.1, -1.2]], dtype=torch.float64)
    softmax(y)

得到：    tensor([[0.2312, 0.0516, 0.6285], [0.1148, 0.0940, 0.0256]])
应该是：  tensor([[0.2537, 0.0566, 0.6897], [0.4901, 0.4013, 0.1094]])

提示：分母对整个张量求了和。每一行需要自己的和：看看 dim。"""
SUMMARY = Text(en=EN, zh=ZH)
HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"


NOTHING = Text(en="", zh="")


def probe(
    case: str, verdict: Verdict = "pass", dtype: str = "float64", message: Text = NOTHING
) -> ProbeResult:
    titles = {
        "rows": Text(en="each row becomes probabilities", zh="每一行都变成概率"),
        "large": Text(en="stays finite when logits reach 1000", zh="logit 到 1000 时仍然有限"),
        "gradient": Text(en="the gradient flows through the denominator too", zh="梯度也要流过分母"),
        "cuda": Text(en="works on the device of its input", zh="在输入所在的设备上计算"),
    }
    return ProbeResult(
        id=f"test_softmax_{case}",
        title=titles.get(case, Text(en=case, zh=case)),
        device="cuda" if case == "cuda" else "cpu",
        dtype=dtype,
        public=case == "rows",
        verdict=verdict,
        points=0,
        max_points=2,
        message=message,
    )


OTHER = Text(
    en="    softmax(torch.tensor([1000.0, 0.0]))\n\ngot: tensor([nan, 0.])\nshould be: tensor([1., 0.])",
    zh="    softmax(torch.tensor([1000.0, 0.0]))\n\n得到：tensor([nan, 0.])\n应该是：tensor([1., 0.])",
)
PROBES = (
    probe("rows", "fail", message=SUMMARY),
    probe("rows", "fail", "float32", SUMMARY),
    probe("large", "fail", message=OTHER),
    probe("gradient"),
    probe("gradient", dtype="float32"),
    probe("cuda", "not_graded"),
)
FAILED = ExerciseResult(
    name="softmax", score=4, max_score=12, status="fail", summary=SUMMARY, variant="whole_sum", probes=PROBES
)
PASSED = ExerciseResult(
    name="cross_entropy",
    score=15,
    max_score=15,
    status="pass",
    probes=(probe("rows"), probe("gradient")),
    notes=(Text(en="Accepted: the mean is taken by hand, which is fine.", zh="可以接受：手动求了平均。"),),
)
UNTOUCHED = ExerciseResult(name="one_hot", score=0, max_score=8, status="not_started")
UNGRADED = ExerciseResult(
    name="accuracy",
    score=0,
    max_score=0,
    status="not_graded",
    probes=(probe("cuda", "not_graded"),),
    summary=Text(
        en="Not graded: there is no cuda device on this machine; this costs no points",
        zh="未评分：这台机器上没有 cuda 设备；不会扣分",
    ),
)
BONUS = ExerciseResult(
    name="label_smoothing", score=3, max_score=5, bonus=True, status="fail", summary=SUMMARY
)


def report(*exercises: ExerciseResult, student: str = "s01", **more: object) -> Report:
    chosen = exercises or (FAILED, PASSED, UNTOUCHED, UNGRADED, BONUS)
    return Report(
        submission=f"{student}.ipynb",
        student=student,
        lecture="lecture07_classification",
        title=Text(en="Lecture 7 · Classification", zh="第 7 讲 · 分类"),
        seed=7,
        isolation="A",
        score=sum(e.score for e in chosen),
        max_score=sum(e.max_score for e in chosen if not e.bonus),
        exercises=chosen,
        **more,
    )  # type: ignore[arg-type]


NOTES = {
    "notes": ("cell 5 raised NameError: name 'softmaxx' is not defined",),
    "notes_zh": ("第 5 个单元格抛出 NameError: name 'softmaxx' is not defined",),
}
RENDERERS: list[Callable[[Report, str], str]] = [
    check_html,
    feedback_html,
    lambda r, lang: class_html([r], lang),
]
every_renderer = pytest.mark.parametrize("render", RENDERERS, ids=["check", "feedback", "class"])


class Elements(HTMLParser):
    """Collects tags with their attributes, the visible text, and whether every tag is closed in order."""

    VOID = frozenset({"meta", "img", "br", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]


@pytest.mark.parametrize("key", CHROME)
def test_every_word_has_both_languages(key: str) -> None:
    """No page has a word in one language only."""
    words = CHROME[key]
    assert set(words) == {"en", "zh"}
    assert words["en"]
    assert not has_chinese(words["en"])
    assert has_chinese(words["zh"])


@every_renderer
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pages_are_well_formed_and_of_one_language(render: Callable[[Report, str], str], lang: str) -> None:
    """Tags nest; the language is declared; an English page has no Chinese, a Chinese one has Chinese."""
    elements = Elements(render(report(**NOTES), lang))
    assert not elements.open
    assert elements.tags[0][1]["lang"] == {"en": "en", "zh": "zh-Hans"}[lang]
    assert has_chinese(elements.text) == (lang == "zh")


@every_renderer
def test_pages_have_no_scripts_links_or_remote_things(render: Callable[[Report, str], str]) -> None:
    """Nothing is run, loaded, or sent, whatever a page shows."""
    elements = Elements(render(report(**NOTES), "en"))
    assert {tag for tag, _ in elements.tags}.isdisjoint(
        {"script", "a", "img", "iframe", "link", "form", "object"}
    )
    for _, attributes in elements.tags:
        assert not any(key.startswith("on") or key in ("href", "src", "style") for key in attributes)


def test_pages_forbid_everything_but_their_own_style() -> None:
    """The content security policy names the hash of the one style element, which a browser would compute."""
    import base64
    import hashlib

    for page in (feedback_html(report()), class_html([report()])):
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
        assert style
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = next(m["content"] for m in Elements(page).named("meta") if "http-equiv" in m)
        assert (
            policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        )


@every_renderer
def test_what_students_wrote_is_shown_as_text(render: Callable[[Report, str], str]) -> None:
    """Markup in any field of a report comes out escaped, wherever it stands."""
    bad = Text(en=HOSTILE, zh=HOSTILE)
    message = Text(en=f"{HOSTILE}\n\n    {HOSTILE}\n\ngot: {HOSTILE}\n\nhint: {HOSTILE}", zh=HOSTILE)
    evil = ExerciseResult(
        name=HOSTILE,
        score=0,
        max_score=1,
        status="fail",
        summary=message,
        variant=HOSTILE,
        notes=(bad,),
        probes=(probe(HOSTILE, "fail", HOSTILE, bad),),
    )
    page = render(
        report(evil, student=HOSTILE, notes=(HOSTILE,)).model_copy(update={"title": bad, "lecture": HOSTILE}),
        "en",
    )
    elements = Elements(page)
    assert not {"script", "img"} & {tag for tag, _ in elements.tags}
    assert "49" not in elements.text
    assert "<script>alert(1)</script>" in elements.text


@every_renderer
def test_no_control_or_direction_characters_get_out(render: Callable[[Report, str], str]) -> None:
    """Terminal sequences, NUL, lone surrogates and direction overrides are out; the page can be written."""
    bad = "a\x1b[31mred\x1b]0;title\x07\x00\ud800\u202egnp.exe\u2066\u200b\x9b\ufeff\U000e0041z"
    evil = ExerciseResult(
        name=bad, score=0, max_score=1, status="fail", summary=Text(en=bad, zh=bad), variant=bad
    )
    page = render(report(evil, student=bad, notes=(bad,)), "en")
    page.encode("utf-8")
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]",
        page,
    )
    assert "[31m" not in page
    assert "ared�gnp.exez" in page


@every_renderer
def test_long_texts_are_capped(render: Callable[[Report, str], str]) -> None:
    """A message of megabytes makes a page of kilobytes."""
    long = "x" * 1_000_000
    evil = ExerciseResult(
        name=long, score=0, max_score=1, status="fail", summary=Text(en=long, zh=long), variant=long
    )
    assert len(render(report(evil, student=long, notes=(long,)), "en")) < 60_000


def test_clean_keeps_ordinary_text() -> None:
    """Chinese, symbols, tabs and line breaks stay as they are; lengths and lines are capped with a mark."""
    text = "σ(x) = 1 / (1 + e⁻ˣ)\n\t张量 é"
    assert clean(text) == text
    assert clean("a\r\nb") == "a\nb"
    assert clean("x" * (MESSAGE_LIMIT + 1)) == "x" * MESSAGE_LIMIT + "\n…"
    assert clean("x\n" * 1000).count("\n") == LINE_LIMIT
    assert len(clean("e" + "\u0301" * 500)) == 4
    assert name("a\n b" * 100).endswith("…")


@pytest.mark.parametrize(
    ("value", "text"), [(12.0, "12"), (7.5, "7.5"), (1 / 3, "0.33"), (0.0, "0"), (100.0, "100")]
)
def test_points_are_written_as_people_write_them(value: float, text: str) -> None:
    """No trailing zeros, two decimals at most."""
    assert number(value) == text


@pytest.mark.parametrize("message", [EN, ZH])
def test_messages_are_told_apart_in_parts(message: str) -> None:
    """Indented lines are code without the indent, got and should be are rows, the hint is a hint."""
    text, code, values, hint = parts(message)
    assert [text.kind, code.kind, values.kind, hint.kind] == ["text", "code", "values", "hint"]
    assert code.text.splitlines() == [line[4:] for line in message.splitlines() if line.startswith("    ")]
    assert [label for label, _ in values.rows] in (["got", "should be"], ["得到", "应该是"])
    assert values.rows[1][1].startswith("tensor([[0.2537")
    assert hint.label in ("hint:", "提示：")


def test_code_keeps_its_inner_blank_lines_and_indents() -> None:
    """An example of several statements is one block that can be pasted."""
    (code,) = parts("    def f(x):\n        return x\n\n    f(1)")
    assert code.text == "def f(x):\n    return x\n\nf(1)"


def test_values_may_go_over_several_lines() -> None:
    """Indented lines directly under a labelled value belong to it."""
    (values,) = parts("got: tensor([[1.,\n    2.]])\nshould be:\n    tensor([3.])")
    assert values.rows == (("got", "tensor([[1.,\n2.]])"), ("should be", "tensor([3.])"))


def test_check_shows_the_first_thing_to_mend() -> None:
    """Status word, score, example, values and hint are there, and the list of checks is folded away."""
    page = check_html(report(FAILED), "en")
    elements = Elements(page)
    for text in (
        "softmax",
        "not right yet",
        "4 / 12 points",
        "got",
        "should be",
        "each row becomes probabilities",
    ):
        assert text in elements.text
    assert "open" not in elements.named("details")[0]
    assert html_module.escape("y = torch.tensor([[1.0, -0.5, 2.0]") in page
    assert page.count("denominator is summed") == 1  # said once, not again in the list


def test_checks_alike_in_both_dtypes_are_one_line() -> None:
    """A probe that came out the same in float64 and float32 is listed once, with both dtypes."""
    text = Elements(check_html(report(FAILED), "en")).text
    assert text.count("the gradient flows through the denominator too") == 1
    assert "float64; float32" in text


def test_untouched_and_ungraded_are_calm() -> None:
    """Not started and not graded have their own words and classes, and no failure's."""
    untouched, ungraded = check_html(report(UNTOUCHED), "en"), check_html(report(UNGRADED), "en")
    assert "not started yet" in untouched
    assert 'agr-exercise agr-not_started"' in untouched
    assert "there is no cuda device" in ungraded
    assert 'agr-exercise agr-not_graded"' in ungraded
    for page in (untouched, ungraded):
        assert "not right yet" not in page
        assert 'agr-exercise agr-fail"' not in page


def test_a_check_changes_nothing_around_it() -> None:
    """Every rule of the notebook fragment's style is about what stands inside the fragment."""
    style = re.search(r"<style>(.*?)</style>", check_html(report(FAILED)), re.DOTALL)
    assert style
    for selectors in re.findall(r"([^{}]+)\{[^}]*\}", style[1]):
        assert all(re.search(r"(^|\s)\.agr(\s|$)", s.strip()) for s in selectors.split(","))


def test_feedback_tells_everything() -> None:
    """Lecture, student, score with bonus, every exercise with status, every other message, the notes."""
    text = Elements(feedback_html(report(**NOTES), "en")).text
    for expected in (
        "Lecture 7 · Classification",
        "s01",
        "22 / 35 points",
        "bonus points included: 3",
        "softmaxx",
        "tensor([nan, 0.])",
        "Accepted: the mean is taken by hand",
        "This exercise was left as it was given.",
    ):
        assert expected in " ".join(text.split())


def test_class_page_sorts_students_and_names_mistakes() -> None:
    """Students in natural order with each score and status word; mistakes by frequency with their hint."""
    other = FAILED.model_copy(update={"variant": "no_shift"})
    unknown = FAILED.model_copy(update={"variant": None})
    reports = [report(FAILED, PASSED, student=f"s{i}") for i in (10, 2, 1)]
    reports += [report(other, UNTOUCHED, student="s3"), report(unknown, PASSED, student="s4")]
    text = " ".join(Elements(class_html(reports)).text.split())
    assert [text.index(f" s{i} ") for i in (1, 2, 3, 4, 10)] == sorted(
        text.index(f" s{i} ") for i in (1, 2, 3, 4, 10)
    )
    assert "5 submissions · 0 all passed" in text
    assert "4 / 12 not right yet 15 / 15 passed" in text
    assert re.search(r"softmax\s*3 whole_sum The denominator .*\b1 no_shift .*\b1 \(no known mistake\)", text)


def test_class_page_holds_several_lectures() -> None:
    """Each lecture has its own table; a student without an exercise, and an empty class, are said."""
    second = report(PASSED).model_copy(
        update={"lecture": "lecture08", "title": Text(en="Lecture 8", zh="第 8 讲")}
    )
    page = class_html([second, report(FAILED), report(FAILED, PASSED, student="s02")])
    assert page.index("Lecture 7") < page.index("Lecture 8")
    assert "not in this report" in page
    assert "There are no submissions." in class_html([])
