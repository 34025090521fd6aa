"""The pages that a newcomer cleans first: what is content stays, what is residue goes."""

import gzip
from pathlib import Path

import pytest

from cleaner import clean
from cleaner.records import Cleaned

PAGES = Path(__file__).parents[1] / "examples" / "pages"

#: Per page: beginnings of lines that stay, beginnings of lines that go.
EXPECTED = {
    "ferry.html": (
        [
            "Night ferry returns to Carrow Sound",
            "The harbour board voted nine to two",
            "Two crossings a night",
            "The first crossing is already sold out.",
        ],
        [
            "We use cookies",
            "Skip to main content",
            "Related: Quay wall",
            "Sign up for our daily newsletter",
            "You may also like",
            "Gulls close the fish market",
            "© 2024",
        ],
    ),
    "blog.html": (
        ["It rained on nineteen days", "The mistake", "Leaving them alone", "On the second of May"],
        ["3 thoughts on", "Same here in the valley.", "Leave a Reply", "Your email address", "Recent Posts"],
    ),
    "forum.html": (
        ["My water pump started to hum", "If it hums it has power", "It was the clip!"],
        ["Similar threads", "Page generated in"],
    ),
    "product.html": (
        ["The Tarn kettle is pressed", "Details", "Capacity | 1.6 litres"],
        ["Customers also bought", "Get 10% off your first order", "© 2024"],
    ),
    "documentation.html": (
        ["A tide table is a list", "from lunette import Table", "A table with a gap"],
        ["Quick search", "© Copyright 2024"],
    ),
    "recipe.html.gz": (
        ["My grandmother made this soup", "150 g pearl barley", "Wash the leeks", "Serves 4."],
        ["Made it tonight", "Leave a comment", "© 2022"],
    ),
    "lock.txt": (
        [
            "Board clears the way",
            "The water board has approved",
            "Residents of Mill Row",
            "Related to the lock is a plan",
        ],
        ["Sign In", "Related: Barge crews", "Read also:", "Loading,", "Comment as a guest", "About time too!", "0.203"],
    ),
    "teaser.txt": (
        ["The Long Winter", "For two hundred years", "What happened next is usually told"],
        ["Loading,", "To read the full article", "Already a subscriber?", "Related Articles", "This site uses cookies"],
    ),
    "stadtbad.txt": (
        ["Das alte Stadtbad", "Nach elf Jahren", "Der Eintritt kostet", "Mehr zum Thema Sport in der Stadt"],
        ["Zum Inhalt springen", "Lesen Sie auch:", "Das könnte Sie auch", "Wir verwenden Cookies", "Impressum |"],
    ),
    "mercado.html": (
        ["El mercado de Santa Brisa", "A las cinco de la mañana", "De los ochenta puestos", "La fiesta empieza"],
        ["Utilizamos cookies", "Lea también:", "Lo más leído", "© 2021"],
    ),
    "latarnia.txt": (
        [
            "Latarnia w Brzozowie",
            "Po czterech latach przerwy",
            "– Dla nas to nie jest zabytek",
            "Latarnię można zwiedzać",
        ],
        ["Zaloguj się", "Czytaj także:", "Udostępnij", "Ta strona używa plików cookie", "Wszelkie prawa"],
    ),
    "wire/onsen.html": (
        ["霧ノ沢の共同湯、十年ぶりに再開", "山あいの集落", "「湯がないと", "来月からは"],
        ["関連記事", "当サイトではクッキー", "Copyright ©"],
    ),
}


def cleaned(name: str) -> Cleaned:
    data = (PAGES / name).read_bytes()
    return clean(gzip.decompress(data) if name.endswith(".gz") else data, source=name)


def test_every_example_is_judged():
    assert {p.relative_to(PAGES).as_posix() for p in PAGES.rglob("*") if p.is_file()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_content_stays_and_residue_goes(name):
    stays, goes = EXPECTED[name]
    verdicts = cleaned(name).verdicts

    def keeps(start: str) -> set[bool]:
        return {v.keep for v in verdicts if v.line.text.strip().startswith(start)}

    assert {start: keeps(start) for start in stays} == {start: {True} for start in stays}
    assert {start: keeps(start) for start in goes} == {start: {False} for start in goes}


def test_what_is_in_the_box_stays():
    verdicts = cleaned("product.html").verdicts
    assert all(v.keep for v in verdicts if v.line.text in ("Kettle with whistle", "Spare knob", "Care card"))


def test_a_cut_off_page_says_so():
    assert [n.code for n in cleaned("teaser.txt").notes] == ["SY201"]
    assert cleaned("lock.txt").notes == ()


def test_languages():
    found = {name: cleaned(name).language for name in ("lock.txt", "stadtbad.txt", "mercado.html", "latarnia.txt")}
    assert found == {"lock.txt": "en", "stadtbad.txt": "de", "mercado.html": "es", "latarnia.txt": "pl"}
    assert cleaned("wire/onsen.html").language == "ja"
