"""Every sentence in both languages, with the same parts in both."""

import string
from pathlib import Path

import pytest

import autograder
from autograder import messages
from autograder.compare import Mismatch
from autograder.exam import CHECK_TITLES
from autograder.operations import GROUPS
from autograder.probe import has_chinese
from autograder.render.html import CHROME
from autograder.render.terminal import WORDS
from autograder.report import Text

TABLES = {
    "FOUND": messages.FOUND,
    "LABELS": messages.LABELS,
    "RELATIONS": messages.RELATIONS,
    "CHROME": {k: (v["en"], v["zh"]) for k, v in CHROME.items()},
    "WORDS": {k: (v.en, v.zh) for k, v in WORDS.items()},
    "GROUPS": {k: (v.en, v.zh) for k, v in GROUPS.items()},
    "CHECK_TITLES": {k: (v.en, v.zh) for k, v in CHECK_TITLES.items()},
}
ENTRIES = [pytest.param(en, zh, id=f"{table}-{key}") for table, pairs in TABLES.items() for key, (en, zh) in pairs.items()]
WITHOUT_WORDS_IN_CHINESE = {("of", "/")}  # 5 of 20 is 5 / 20


def parts(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


def words(text):
    return any(c.isalpha() for literal, *_ in string.Formatter().parse(text) for c in literal)


@pytest.mark.parametrize(("en", "zh"), ENTRIES)
def test_both_languages(en, zh):
    """The English text has no Chinese character, and where it says something, the Chinese text has."""
    assert not has_chinese(en)
    assert has_chinese(zh) or not words(en) or (en, zh) in WITHOUT_WORDS_IN_CHINESE
    assert bool(en) == bool(zh)


@pytest.mark.parametrize(("en", "zh"), ENTRIES)
def test_the_same_parts(en, zh):
    """Both texts have the same parts to be put in, each with a name."""
    assert parts(en) == parts(zh)
    assert all(part.isidentifier() for part in parts(en))


def test_every_kind_of_mismatch_has_its_sentence():
    """Every kind that comparison and verdict can find has a sentence, and every sentence a kind."""
    root = Path(autograder.__file__).parent
    source = (root / "compare.py").read_text(encoding="utf-8") + (root / "verdict.py").read_text(encoding="utf-8")
    unused = {kind for kind in messages.FOUND if f'"{kind}"' not in source}
    assert not unused
    assert set(messages.FOUND) >= {"none", "values", "shape", "judged", "form"}


def test_parts_are_put_in_by_language():
    """A part that is a Text is put in in its own language; what a student wrote is no template."""
    text = messages.found("raised", type="E", message="{where} {0} %s", line=Text(en=" (en)", zh="（中）"))
    assert text.en == "It raised E: {where} {0} %s (en)"
    assert text.zh == "运行时抛出了 E：{where} {0} %s（中）"


@pytest.mark.parametrize("key", ["found", "label", "relation"])
def test_an_unknown_key_is_our_fault(key):
    """A sentence that is not there is an error at once, not an empty message."""
    with pytest.raises(KeyError):
        getattr(messages, key)("no such sentence")


def test_a_mismatch_is_data():
    """A mismatch cannot be changed once it is found."""
    with pytest.raises(AttributeError):
        Mismatch("none").kind = "values"
