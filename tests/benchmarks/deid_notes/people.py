"""Names of many cultures, and the ways in which a note writes them.

None of the words stood in a list of the recognisers when these were made (a test still checks those lists);
the list of names that came later holds many: ``tests/benchmarks/deid_unlisted.py`` measures without them.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

from tests.benchmarks.deid_notes.markup import mark

# (given names of women, of men, surnames) so that a name is usually of one culture.
CULTURES: tuple[tuple[str, str, str], ...] = (
    ("Jadwiga Małgorzata Bożena Grażyna", "Zbigniew Radosław Mieczysław Przemysław",
     "Wojciechowski|Szczepańska|Łukasiewicz|Brzęczyszczykiewicz|Gwóźdź"),
    ("Zdeňka Ludmila Markéta", "Bohuslav Zdeněk Břetislav", "Dvořáková|Hruška|Procházka|Čermák"),
    ("Ildikó Zsófia Boglárka", "Szabolcs Gergő Zoltán", "Nagy-Kovács|Szentgyörgyi|Fekete|Kőszegi"),
    ("Åse Sigrún Ingebjørg Solveig", "Torstein Gunnbjørn Torbjörn Håkon",
     "Ødegård|Þorsteinsdóttir|Bergqvist|Bjerregaard|Sjöström"),
    ("Helmi Päivi Tuulikki", "Väinö Jyrki Ilmari", "Hämäläinen|Ylönen|Mäkelä-Saari"),
    ("Heike Anneliese Gudrun", "Jochen Detlef Ottfried", "Großmann|Weiß|von der Heydt|Schröder-Lück|Krämer"),
    ("Marjolein Femke Liesbeth", "Joost Maarten Sjoerd", "van den Broek|ter Horst|de Vries-Kuipers|van 't Hof"),
    ("Thérèse Aurélie Maëlle Océane", "Marc-Antoine Thibault Loïc",
     "Desrosiers|L'Heureux|d'Aubigné|Lefèvre|Saint-Onge"),
    ("Nuria Xochitl Itzel Begoña", "Íñigo Ramiro Nicanor",
     "Ibáñez-Quiroga|de la Cruz|Núñez|Echeverría|Zubizarreta"),
    ("Conceição Iracema Beatriz", "João Thiago Valdemar", "Gonçalves|de Sousa e Silva|Magalhães|Figueiredo"),
    ("Giuseppina Ornella Fiammetta", "Ottavio Calogero Ruggero", "Della Valle|Di Giacomo|Quattrocchi|Lo Presti"),
    ("Ștefania Ileana", "Ionuț Dragoș", "Popescu|Țurcanu|Bălănescu"),
    ("Gülşen Özlem Nilüfer", "Çağatay Tayfun", "Yılmaz|Öztürk|Karaosmanoğlu"),
    ("Stavroula Evgenia Despina", "Panagiotis Thanasis", "Papadopoulos|Hatzis|Kyriakides"),
    ("Lyudmila Halyna Ksenia", "Vyacheslav Arkady Yevgeny", "Kuznetsova|Shcherbakov|Zhukovsky|Hrytsenko"),
    ("Siobhán Caoimhe Gráinne", "Pádraig Fionn Cormac", "O'Shaughnessy|O'Dowd|Ó Briain|MacDiarmid|Fitz-Gibbon"),
    ("Rhiannon Angharad", "Gwilym Emrys", "Llewellyn|ap Rhys|Prydderch"),
    ("Tuyet Nguyet Hanh", "Quang Duc Khanh", "Nguyen|Pham|Huynh|Dang"),
    ("Xiulan Meiling Yanfang", "Jianguo Weiming Zhiqiang", "Zhang|Ouyang|Xu|Hsieh|Szeto"),
    ("Soo-jin Eun-kyung Hye-rim", "Hyun-woo Seung-ho", "Choe|Pak|Hwang|Jeong"),
    ("Haruka Yukiko Chiyo", "Hideaki Satoshi Shigeru", "Watanabe|Fujimoto|Ōtsuka|Inoue"),
    ("Padmavati Sarojini Meenakshi", "Venkatesh Devendra Harpreet",
     "Ramanathan|Krishnamurthy|Mukhopadhyay|Dhaliwal|Subramaniam"),
    ("Khadija Nour Samira", "Abd al-Hakim|Idris|Muntasir", "al-Tamimi|El-Sayed|bin Zayed|Haddad|Abu Zayd"),
    ("Shoshana Tirtza", "Yitzhak Avraham", "Bar-Lev|Rozenblum|Tzur"),
    ("Chinonso Abimbola Ifeoma", "Chukwuemeka Kwabena Oluwaseun", "Okonkwo|Nwachukwu-Bello|Mensah|Adeyemi"),
    ("Thandiwe Nomvula", "Tendai Sipho", "Mkhize|Dlamini|Moyo"),
    ("Leilani Kalani", "Keoni Kawika", "Kealoha|Mahoe|Tuiasosopo"),
    ("Araksi Shushanik", "Hovhannes Garabed", "Ter-Mkrtchyan|Hagopian|Der Garabedian"),
    # Names that are words, and names that are eponyms.
    ("Prudence Clementine Marigold", "Chance Colt Buck",
     "Young|Long|Page|Banks|Early|Sharp|Small|Winter|Hand|Bone|Wise|Moody"),
    ("Philippa Maude", "Barnaby Zebulon", "Ewing|Paget|Baker|Codman|Foley|Hodgkin|Gill"),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    given: str
    middle: str
    family: str
    woman: bool

    @property
    def title(self) -> str:
        return "Ms." if self.woman else "Mr."

    @property
    def they(self) -> str:
        return "she" if self.woman else "he"

    @property
    def their(self) -> str:
        return "her" if self.woman else "his"

    @property
    def noun(self) -> str:
        return "woman" if self.woman else "man"


def _split(names: str) -> list[str]:
    return names.split("|") if "|" in names else names.split()


def person(rng: random.Random, *, family: str | None = None) -> Person:
    """Somebody; one in eight has a given name of another culture."""
    women, men, families = rng.choice(CULTURES)
    woman = rng.random() < 0.5
    if rng.random() < 1 / 8:
        women, men, _ = rng.choice(CULTURES)
    names = _split(women if woman else men)
    middle = rng.choice("ABCDEFGHJKLMNPRSTVW")
    return Person(rng.choice(names), middle, family or rng.choice(_split(families)), woman)


def unaccented(name: str) -> str:
    letters = {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "Þ": "Th", "ı": "i"}
    swapped = "".join(letters.get(char, char) for char in name)
    kept = (char for char in unicodedata.normalize("NFKD", swapped))
    return "".join(char for char in kept if not unicodedata.combining(char))


def mistyped(rng: random.Random, name: str) -> str:
    """One slip inside the name: two letters swapped, one lost or one doubled."""
    if len(name) < 4:
        return name + name[-1]
    at = rng.randrange(1, len(name) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at + 1 :] if kind == 1 else name[:at] + name[at] + name[at:]


def initials(who: Person) -> str:
    last = next((part for part in reversed(who.family.split()) if part[0].isupper()), who.family)
    return f"{who.given[0]}.{last[0].upper()}."


def header_name(rng: random.Random, who: Person) -> str:
    """The name as a form's header has it."""
    forms = (
        f"{who.family}, {who.given}",
        f"{who.family}, {who.given} {who.middle}.",
        f"{who.family.upper()}, {who.given.upper()}",
        f"{who.family.upper()},{who.given.upper()} {who.middle}",
        f"{who.given} {who.family}",
        f"{who.given} {who.middle}. {who.family}",
        f"{who.given.upper()} {who.family.upper()}",
        unaccented(f"{who.family.upper()}, {who.given.upper()}"),
    )
    return mark("NAME", rng.choice(forms))


def spoken_name(rng: random.Random, who: Person) -> str:
    """The patient's name in a sentence."""
    n = lambda value: mark("NAME", value)  # noqa: E731 - one letter keeps the table readable
    forms = (
        f"{who.title} {n(who.family)}",
        f"{who.title} {n(who.family)}",
        f"{who.title} {n(who.given + ' ' + who.family)}",
        n(f"{who.given} {who.family}"),
        n(f"{who.given} {who.family}"),
        n(who.given),
        n(who.family),
        n(f"{who.given[0]}. {who.family}"),
        n(initials(who)),
        n(f"{who.given} {who.family}".upper()),
        f"{who.title.upper()} {n(who.family.upper())}",
        n(mistyped(rng, who.family)),
        n(f"{who.given} {mistyped(rng, who.family)}"),
        n(unaccented(f"{who.given} {who.family}")),
    )
    return rng.choice(forms)


def relative(rng: random.Random, who: Person) -> str:
    """A relative, named, with the word that says which."""
    kin = person(rng, family=who.family if rng.random() < 0.6 else None)
    word = rng.choice(
        ("wife", "mother", "daughter", "sister", "aunt", "granddaughter", "partner")
        if kin.woman
        else ("husband", "father", "son", "brother", "uncle", "brother-in-law", "partner")
    )
    full = rng.random() < 0.5
    name = mark("NAME", f"{kin.given} {kin.family}" if full else kin.given)
    joint = rng.choice((" ", ", ", " ("))
    return f"{who.their} {word}{joint}{name}{')' if joint == ' (' else ''}"


def staff_cued(rng: random.Random) -> str:
    """A colleague with title, role or credentials."""
    who = person(rng)
    n = lambda value: mark("NAME", value)  # noqa: E731
    full = f"{who.given} {who.family}"
    return rng.choice(
        (
            f"Dr. {n(who.family)}",
            f"Dr. {n(full)}",
            f"Dr {n(who.given[0] + '. ' + who.family)}",
            f"{n(full)}, MD",
            f"{n(full)}, M.D., Ph.D.",
            f"{n(f'{who.given} {who.middle}. {who.family}')}, DO",
            f"nurse {n(who.given)}",
            f"{n(full)}, RN",
            f"{n(who.given + ' ' + who.family[0] + '.')}, PT",
            f"Prof. {n(who.family)}",
            f"Drs. {n(who.family)} and {n(person(rng).family)}",
            f"the resident {n(full)}",
            f"{n(who.family)}, PA-C",
        )
    )


def staff_bare(rng: random.Random) -> str:
    """A colleague with no word that says so."""
    who = person(rng)
    return mark("NAME", rng.choice((who.family, f"{who.given} {who.family}", who.given)))


def signature(rng: random.Random) -> str:
    who = person(rng)
    n = lambda value: mark("NAME", value)  # noqa: E731
    full = f"{who.given} {who.family}"
    return rng.choice(
        (
            f"Electronically signed by {n(full)}, MD",
            f"Electronically signed: {n(f'{who.family}, {who.given}')} MD",
            f"{n(full)}, M.D.\nAttending Surgeon, Musculoskeletal Oncology",
            f"/s/ {n(full)}",
            f"Dictated by: {n(full)}\nTranscribed by: {n(initials(person(rng)).replace('.', '').lower())}",
            f"Sincerely,\n\n{n(full)}\nProfessor of Orthopaedic Surgery",
            f"-- {n(who.given)}",
            f"{n(full.upper())}, MD FACS",
            f"Signed {n(who.family)}, fellow; cosigned {n(person(rng).family)}, attending",
        )
    )
