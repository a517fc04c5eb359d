"""Whether the characters that a page carries are those that it shows."""

import hashlib

import pytest

from worker.legibility import is_legible
from worker.tessdata import installed_languages

_ENGLISH = (
    "The committee met on Tuesday to discuss the annual budget and the proposals of the regional offices. "
    "Members agreed that further investment in public transport was necessary"
)
_RUSSIAN = "Комитет собрался во вторник, чтобы обсудить годовой бюджет и предложения региональных отделений"
_TEXTS = {
    "English": _ENGLISH,
    "Russian": _RUSSIAN,
    "Czech": "Čtvrtek strč prst skrz krk, zmrzl vlk, smrt přišla před rozhodnutím; příliš žluťoučký kůň",
    "Polish": "W Szczebrzeszynie chrząszcz brzmi w trzcinie i Szczebrzeszyn z tego słynie, źdźbło trawy drżało",
    "Ukrainian": "З'їзд розглянув зауваження, щоб погодити бюджет, вступ і вдячність депутатів обласної ради",
    "Vietnamese": "Ủy ban đã họp vào thứ ba để thảo luận về ngân sách hàng năm và những đề xuất được trình",
    "numbers": "ГОСТ 12.1.004-91 ИНН 7707083893 КПП 770701001 ОГРН 1027700132195 БИК 044525225 QTY KG HRS MGR 1,250.75",
    "digests": " ".join(hashlib.sha256(bytes([number])).hexdigest()[:10] for number in range(60)),
    "one word": "Приложение",
    "a number": "7",
    "letters with accents": "À la carte, où l'été déjà s'achève",
    "a title in Yoruba": "Àwọn Erékùṣù Wúndíá Brítánì",
    "formulas": "f(x) = (a + b)·(a − b) = a² − b², ∫ f(x) dx = F(b) − F(a), f:A→B, A∪B, x≤y, sin∘g, α≥β, A⊂B, C∩D",
    "chemistry": "Al2O3 Fe2O3 SiO2 CaCO3 NaCl KMnO4 NaHCO3 Eisenoxid Kochsalz Siedepunkt Dichte Säure Lauge",
    "parts": "AB-1234x BC547B 2N3904 LM358N M8x20 M6x16 M5x12 Sechskantschraube Unterlegscheibe Zylinderschraube Stahl",
    "brands": "YouTube GitHub LinkedIn WhatsApp PayPal McDonald MacArthur DeLuca LeBlanc FitzGerald GmbH kWh mAh",
    "code": "for(i=0;i<n;i++){a[i]=getElementById(b[i]);} addEventListener(innerHTML); appendChild(querySelector);",
    "hashes": "3f9a0b2c a1b2c3d4 f00dbabe 9c8d7e6f 1a2b3c4d d41d8cd98f00b204e9800998ecf8427e",
    "contents": "1. Введение ............... 3\n2. Обзор ............... 12\n3. _______________ / _______________",
    "a drawing": "+-+-+-+-+-+-+-+-+-+-+-+-+-+\n|Ver|IHL|\n+-+-+-+-+-+-+-+-+-+-+-+-+-+",
    "Mongolian": "Монгол улсын нийслэл Улаанбаатар хот нь Туул голын хөндийд оршдог бөгөөд олон мянган хүн амтай",
    "Hindi": "समिति की बैठक मंगलवार को वार्षिक बजट पर चर्चा करने के लिए हुई",
    "Greek": "Η επιτροπή συνεδρίασε την Τρίτη για να συζητήσει τον ετήσιο προϋπολογισμό",
    "Chinese": "委员会星期二开会讨论年度预算,并通过了若干建议。",
    "one link, many times": " ".join(["https://例え.jp を見る"] * 30),
}


@pytest.mark.parametrize("language", _TEXTS)
def test_real_text_is_legible(language: str) -> None:
    assert is_legible(_TEXTS[language].split())


def shift(text: str, by: int) -> str:
    return "".join(chr(ord(letter) + by) if letter.isalpha() else letter for letter in text)


@pytest.mark.parametrize(
    "text",
    [
        _RUSSIAN.encode("cp1251").decode("latin-1"),
        _RUSSIAN.upper().encode("cp1251").decode("latin-1"),
        _RUSSIAN.encode().decode("cp1252", "replace"),
        "Комитет по бюджету".encode("cp1251").decode("latin-1"),
        "Комитет".encode("cp1251").decode("latin-1"),
        "Бюджет, комитет: budget".encode("cp1251").decode("latin-1"),
        _RUSSIAN.encode("cp1251").decode("cp866"),
        _RUSSIAN.encode("cp1251").decode("cp437"),
        shift(_ENGLISH, 3),
        shift(_ENGLISH, -29),
        "!)'#-.- ,)*+)&,, +) +-)+(#%#",
        "(cid:12)(cid:33) (cid:45)(cid:11)(cid:7)",
    ],
    ids=[
        "Windows' Cyrillic as Latin",
        "in capitals",
        "UTF-8 as Latin",
        "a title",
        "one word",
        "a title with a word that is right",
        "Windows' Cyrillic as that of DOS",
        "Windows' Cyrillic as DOS' Latin",
        "shifted",
        "numbers of glyphs",
        "signs",
        "names of glyphs",
    ],
)
def test_letters_that_stand_for_others_are_not_legible(text: str) -> None:
    assert not is_legible(text.split())


def test_russian_read_as_english_is_not_legible() -> None:
    # Given what a recognition with the English model gives
    text = (
        "KoMuTeT co6paAca Bo BTopHuK, 4To6bI o6cyauTb rogoBou 6roDKeT ceBepHoro pauoHa. HecKoAbKo y4acTHuKoB "
        "Bbipa3uAu 6ecnoKoucTBo no noBogy pacTyweu cTouMocTu TonAuBa"
    )
    # When / Then
    assert not is_legible(text.split())


@pytest.mark.skipif("rus" not in installed_languages(), reason="no Russian model is here: make languages LANGS=rus")
@pytest.mark.parametrize(("written", "read"), [("koi8-r", "cp1251"), ("cp1251", "koi8-r"), ("iso8859-5", "cp1251")])
def test_cyrillic_letters_that_stand_for_others_are_not_legible(written: str, read: str) -> None:
    assert not is_legible(_RUSSIAN.encode(written).decode(read).split())
