"""Shapes and language: counts that need no language, and which language it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.lines.characters import (
    CAPITAL,
    CJK,
    CJK_RANGES,
    DIGIT,
    SEPARATOR,
    SEPARATORS,
    count_characters,
    letter_runs,
)
from cleaner.lines.fold import fold
from cleaner.lines.shape import BATCH_TEXTS, fold_all, function_words, shapes_of
from cleaner.read import read_page
from cleaner.read.language import language_of


def shape(text):
    return shapes_of([text])[0]


@given(st.lists(st.text(st.one_of(st.sampled_from("aB 1.,\t’\u200b\xa0\0Σ\n"), st.characters()))))
def test_folding_all_is_folding_each(texts):
    lines, words = fold_all(texts)
    assert lines == [fold(text) for text in texts]
    assert words.count("\0") == len(texts)
    parted = " ".join(words)[:-1].split("\0")[: len(lines)]
    assert [part.split() for part in parted] == [line.replace("\0", "\1").split() for line in lines]


@given(st.lists(st.text(st.one_of(st.sampled_from("aB 1.|港の。"), st.characters())), max_size=9))
def test_counts_stay_within_their_line(texts):
    for text, one in zip(texts, shapes_of(texts), strict=True):
        assert 0 <= one.digits + one.separators <= len(text)
        assert 0 <= one.words <= max(len(one.folded), 0)
        assert 0 <= one.function_words <= len(one.folded.split())
        assert one.capitals <= len(text.split())


def test_many_lines_are_counted_as_few_are():
    texts = [f"Line x{'x' * (at % 9)} | {at}. " for at in range(BATCH_TEXTS + 2)]
    assert shapes_of(texts)[-3:] == shapes_of(texts[-3:])


@given(st.lists(st.text(st.one_of(st.sampled_from("aB1|港ǅ. "), st.characters())), min_size=1))
def test_characters_are_counted_as_python_does(texts):
    counts = count_characters(texts)
    for at, text in enumerate(texts):
        assert counts[CAPITAL][at] == sum(word[0].isupper() for word in text.split())
        assert counts[DIGIT][at] == len(re.findall(r"\d", text))
        assert counts[CJK][at] == len(re.findall(f"[{CJK_RANGES}]", text))
        assert counts[SEPARATOR][at] == sum(sign in SEPARATORS for sign in text)


def test_the_table_of_signs_knows_every_sign():
    signs = [chr(point) for point in range(0x110000)]
    counts = count_characters(signs)
    assert counts[CAPITAL] == [sign.isupper() for sign in signs]
    assert counts[DIGIT] == [sign.isdecimal() for sign in signs]
    assert letter_runs("1".join(signs)) == re.findall(r"[^\W\d_]", "".join(signs))


def test_counts_of_an_ordinary_sentence():
    one = shape("The vote is on Monday | page 12 of 300")
    assert (one.words, one.function_words, one.capitals, one.digits, one.separators) == (9, 4, 2, 5, 1)
    assert one.folded == "the vote is on monday | page 0 of 0"
    assert not one.ends_sentence


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "Why?",
        "No! ",
        "“So it was.”",
        "(He left.)",
        "好。",
        "「好！」",
        "Really?\u200b",
        "and so on…",
        "[He left.]",
    ],
)
def test_sentence_ends(text):
    assert shape(text).ends_sentence


@pytest.mark.parametrize("text", ["", "Read more", "Prices:", "12", "a, b,", "..but", "”", "share |"])
def test_other_ends(text):
    assert not shape(text).ends_sentence


@pytest.mark.parametrize(
    ("text", "words"), [("港口新闻", 2), ("港口新", 2), ("港口 news 2024", 3), ("| - |", 0), ("don't stop", 2)]
)
def test_words(text, words):
    assert shape(text).words == words


def test_blank_lines_have_empty_shapes():
    assert shapes_of(["", " \t"])[0] == shapes_of(["", " \t"])[1]


def test_function_words_are_short_lists_of_single_words():
    lists = function_words()
    assert {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "el", "tr", "sv"} <= set(lists)
    for words in lists.values():
        assert 60 <= len(words) <= 130
        assert all(word == fold(word) for word in words)


SENTENCES = {
    "en": "The council will vote on the plan in March, and nobody knows what it will say about the harbour.",
    "de": "Der Rat wird im März über den Plan abstimmen, und niemand weiß, was er über den Hafen sagen wird.",
    "fr": "Le conseil va voter le plan en mars et personne ne sait ce que dira la ville sur le port.",
    "es": "El consejo votará el plan en marzo y nadie sabe lo que va a decir sobre el puerto de la ciudad.",
    "it": "Il consiglio voterà il piano in marzo e nessuno sa che cosa dirà la città sul porto del nord.",
    "pt": "O conselho vai votar o plano em março e ninguém sabe o que a cidade dirá sobre o porto do norte.",
    "nl": "De raad stemt in maart over het plan en niemand weet wat de stad over de haven van het noorden zal zeggen.",
    "pl": "Rada zagłosuje nad planem w marcu i nikt nie wie, co miasto powie o porcie, który jest na północy.",
    "ru": "Совет проголосует за план в марте, и никто не знает, что город скажет о порте на севере.",
    "uk": "Рада проголосує за план у березні, і ніхто не знає, що місто скаже про порт на півночі її країни.",
    "el": "Το συμβούλιο θα ψηφίσει το σχέδιο τον Μάρτιο και κανείς δεν ξέρει τι θα πει η πόλη για το λιμάνι.",
    "tr": "Meclis mart ayında bu plan için oy verecek ve hiç kimse şehrin liman hakkında ne diyeceğini bilmiyor.",
    "sv": "Rådet ska rösta om planen i mars och ingen vet vad staden kommer att säga om hamnen som är i norr.",
    "zh": "议会将于三月对该计划进行表决，没有人知道这座城市会对港口说些什么。",
    "ja": "議会は三月に計画について投票しますが、港について市が何を言うかは誰も知りません。",
    "ko": "의회는 3월에 계획에 대해 투표할 것이며 도시가 항구에 대해 무엇을 말할지 아무도 모릅니다.",
    "ar": "سيصوت المجلس على الخطة في مارس ولا أحد يعرف ماذا ستقول المدينة عن الميناء.",
    "he": "המועצה תצביע על התוכנית במרץ ואיש אינו יודע מה תאמר העיר על הנמל.",
    "th": "สภาจะลงคะแนนเสียงเกี่ยวกับแผนในเดือนมีนาคม",
}  # fmt: skip


@pytest.mark.parametrize("code", SENTENCES)
def test_language_is_told_from_the_text(code):
    assert language_of([SENTENCES[code]]) == code


def test_a_declared_language_counts_when_the_script_agrees():
    assert language_of([SENTENCES["en"]], "en-GB") == "en"
    assert language_of(["ok"], "sk") == "sk"
    assert language_of([SENTENCES["ru"]], "en") == "ru"
    assert language_of([SENTENCES["ja"]], "zh_CN") == "ja"
    assert language_of([SENTENCES["de"]], "english") == "de"
    assert language_of([], "pl") == "pl"


def test_a_page_of_another_language_is_asked_about_once_and_the_same_each_time():
    danish = ["Byrådet stemmer om planen i marts, og ingen ved, hvad byen vil sige om havnen mod nord."] * 2
    assert {language_of(danish) for _ in range(5)} == {"da"}


@pytest.mark.parametrize("texts", [[], ["12 345"], ["ok"], ["http://a"], ["🎉🎉"]])
def test_too_little_text_has_no_language(texts):
    assert language_of(texts) == ""


def test_prose_outvotes_short_lines_of_another_language():
    menu = ["Home", "About the site", "Contact us"] * 20
    page = read_page("\n".join([*menu, *[SENTENCES["de"]] * 6]))
    assert page.language == "de"
