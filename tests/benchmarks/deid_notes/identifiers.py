"""Numbers, contacts, places and dates in the forms that notes have them. All invented."""

from __future__ import annotations

import random
from datetime import date, timedelta

from tests.benchmarks.deid_notes.markup import mark

CITIES = (
    "Thistlewick", "Port Arden", "Nueva Loma", "Saint-Ambroise", "Mill Hollow", "Kettering Falls",
    "Ostrava Heights", "Bad Lindau", "Tres Piedras", "Lake Orvin", "Winnetuck", "Pine Barrow",
)  # fmt: skip
STATES = ("MN", "OH", "Texas", "Oregon", "NY", "Georgia", "WI", "N.M.")
STREETS = (
    "Quarrystone", "N. Tamarack", "Old Ferry", "Juniper Ridge", "St. Brendan", "Sojourner Truth",
    "W 44th", "Calle Ocho", "County Road 12", "Sycamore Bend",
)  # fmt: skip
STREET_KINDS = ("St", "Street", "Ave.", "Blvd", "Rd", "Lane", "Terrace", "Pkwy", "Ct", "Way")
HOSPITALS = (
    "Saint Columba Hospital", "Tamarack Valley Medical Center", "Mercy-Lakeside", "Orvin County General",
    "the Children's Hospital of Winnetuck", "Northgate Veterans Medical Center", "Klinikum Bad Lindau",
    "Kettering Falls Orthopedic Institute", "University Hospital of Port Arden", "TVMC",
    "Holy Rood Infirmary", "Arden Cancer Institute", "Blue Heron Rehab", "Sisters of Providence West",
)  # fmt: skip
EMPLOYERS = (
    "Halvorsen Lumber", "Quillon & Daughters", "Delta Forge Works", "Orvin County School District 9",
    "Nordlicht Logistik GmbH", "Quillfeather Press", "the Tamarack Diner", "Ironwood Mining Co.",
    "Lakeshore Transit Authority", "Bluebonnet Foods Inc.", "Local 418 of the Ironworkers",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def shaped(rng: random.Random, shape: str) -> str:
    """``9`` becomes a digit, ``A`` a capital, anything else stays (``\\`` keeps the next)."""
    out, keep = [], False
    for char in shape:
        if keep or char not in "9A\\":
            out.append(char)
            keep = False
        elif char == "\\":
            keep = True
        else:
            out.append(rng.choice("0123456789" if char == "9" else "BCDFGHJKLMNPRSTVWXZ"))
    return "".join(out)


def mrn(rng: random.Random) -> str:
    return shaped(rng, rng.choice(("9999999", "99999999", "99-999-999", "A9999999", "9999-9999")))


def mrn_line(rng: random.Random, number: str) -> str:
    cue = rng.choice(
        (
            "MRN: ",
            "MRN ",
            "MRN#",
            "Med Rec # ",
            "Medical record number ",
            "Hosp. no. ",
            "Unit No: ",
            "mrn ",
        )
    )
    return cue + mark("ID", number)


def administrative_id(rng: random.Random) -> str:
    """Account, case, plan, licence, vehicle … with the words before it."""
    cue, shape = rng.choice(
        (
            ("Acct # ", "V99999999999"), ("account no. ", "99999-99"), ("Account: ", "6999999999"),
            ("CSN ", "2999999999"), ("Encounter number ", "E-9999-999"), ("HAR: ", "699999999"),
            ("Case no. ", "29-9999"), ("Workers' comp claim ", "2\\023-WC-99999"), ("case #", "CM9999999"),
            ("Member ID ", "AAA999999999"), ("Medicare number ", "1AA9-AA9-AA99"), ("Medicaid ID: ", "A999999999"),
            ("policy number ", "99-AA-999-9"), ("Group no. ", "9999999"), ("Rx BIN 610020, ID ", "A99999999901"),
            ("NPI ", "1999999999"), ("DEA# ", "AA9999999"), ("medical license ", "\\M\\D-99999"),
            ("driver's license ", "A9999-9999-9999"), ("state ID card no. ", "AA-999-999"),
            ("license plate ", "9AAA999"), ("VIN ", "1HGCM99999A999999"), ("plate no. ", "AAA 9999"),
            ("SSN ", "999-99-9999"), ("SSN: ", "999 99 9999"), ("social security number ", "999999999"),
            ("passport ", "A99999999"), ("study subject ", "\\A\\OST-99-999"), ("biobank no. ", "TB-99999"),
        )
    )  # fmt: skip
    return cue + mark("ID", shaped(rng, shape))


def accession(rng: random.Random) -> str:
    shape = rng.choice(
        (
            "\\S\\P-29-99999",
            "\\S29-9999",
            "\\S\\U29-9999",
            "\\C\\Y-29-9999",
            "29:\\S\\P99999",
            "9999999",
        )
    )
    cue = rng.choice(
        ("accession ", "Accession #: ", "Accession No. ", "case ", "Specimen # ", "slides ")
    )
    return cue + mark("ID", shaped(rng, shape))


def device_ids(rng: random.Random) -> str:
    """Lot, serial or UDI of an implant."""
    forms = (
        lambda: f"lot {mark('ID', shaped(rng, 'A99999'))}",
        lambda: f"Lot # {mark('ID', shaped(rng, '9999999'))}",
        lambda: f"LOT: {mark('ID', shaped(rng, 'AA9A9'))}, SN {mark('ID', shaped(rng, '99A9999'))}",
        lambda: f"serial no. {mark('ID', shaped(rng, 'AA-999999'))}",
        lambda: f"S/N {mark('ID', shaped(rng, '999999-99'))}",
        lambda: f"Serial Number: {mark('ID', shaped(rng, '9999 9999 99'))}",
        lambda: f"UDI {mark('ID', shaped(rng, '(01)00899999999999(17)279999(10)A99999(21)9999'))}",
        lambda: (
            f"UDI-DI {mark('ID', shaped(rng, '00899999999999'))}, lot {mark('ID', shaped(rng, '99999'))}"
        ),
        lambda: f"sticker: {mark('ID', shaped(rng, '+A99999999999/$$99999A999'))}",
    )
    return rng.choice(forms)()


def phone_number(rng: random.Random) -> str:
    shape = rng.choice(
        ("(612) 555-01{}", "612-555-01{}", "612.555.01{}", "612 555 01{}", "+1 612 555 01{}", "(612)55501{}",
         "1-612-555-01{}", "61255501{}", "+44 20 7946 03{}", "555-01{}")
    )  # fmt: skip
    return shape.format(shaped(rng, "99"))


def telephone(rng: random.Random, number: str | None = None) -> str:
    c = lambda value: mark("CONTACT", value)  # noqa: E731
    number = number or phone_number(rng)
    forms = (
        f"phone {c(number)}", f"tel. {c(number)}", f"cell: {c(number)}", f"at {c(number)}",
        f"fax {c(number)}", f"F: {c(number)}", f"pager {c(shaped(rng, '9999'))}", f"beeper #{c(shaped(rng, '9999'))}",
        f"extension {c(shaped(rng, '9999'))}", f"ext. {c(shaped(rng, '99999'))}", f"x{c(shaped(rng, '9999'))}",
        f"call {c(number)} ext {c(shaped(rng, '999'))}", f"page {c(shaped(rng, '999-9999'))}",
        f"mobile {c(number)}", f"voicemail left on {c(number)}",
    )  # fmt: skip
    return rng.choice(forms)


def online(rng: random.Random, user: str) -> str:
    c = lambda value: mark("CONTACT", value)  # noqa: E731
    box = shaped(rng, "99")
    forms = (
        f"e-mail {c(user + '@mailhaven.example')}",
        f"email: {c(user + box + '@post.example.org')}",
        f"write to {c(user + '+clinic@kestrel.example.net')}",
        f"e-mail ({c(user.upper() + '@STCOLUMBA.EXAMPLE')})",
        f"portal {c('https://chart.tvmc.example/p/' + shaped(rng, '999999'))}",
        f"blog {c('www.carejournal.example/visit/' + user)}",
        f"images at {c('http://pacs.example.org/view?study=' + shaped(rng, '9999999'))}",
        f"video visit from IP {c('10.' + str(int(box)) + '.18.2' + shaped(rng, '9'))}",
        f"logged in from {c('2001:db8:0:' + box + '::1')}",
    )
    return rng.choice(forms)


def address(rng: random.Random, city: str) -> str:
    """A whole address, unmarked."""
    street = f"{rng.randrange(3, 9900)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
    unit = rng.choice(("", "", "", " Apt 4B", ", Unit 12", " #307", ", Suite 900"))
    state, zipped = rng.choice(STATES), shaped(rng, rng.choice(("55999", "44999", "78999-9999")))
    form = rng.randrange(5)
    if form == 0:
        return f"PO Box {rng.randrange(10, 9999)}, {city}, {state} {zipped}"
    if form == 1:
        return f"{street}{unit}\n{city}, {state} {zipped}"
    return f"{street}{unit}, {city}, {state} {zipped}"


def city(rng: random.Random) -> str:
    return mark("LOCATION", rng.choice(CITIES))


def hospital(rng: random.Random) -> str:
    name = rng.choice(HOSPITALS)
    if name.startswith("the "):
        return "the " + mark("ORG", name.removeprefix("the "))
    return mark("ORG", name)


def employer(rng: random.Random) -> str:
    name = rng.choice(EMPLOYERS)
    if name.startswith("the "):
        return "the " + mark("ORG", name.removeprefix("the "))
    return mark("ORG", name)


def ordinal(day: int) -> str:
    if 10 <= day % 100 <= 20:
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


def full_date(rng: random.Random, when: date) -> str:
    """Day, month and year, in any form."""
    d, m, y, month = when.day, when.month, when.year, MONTHS[when.month - 1]
    yy, mon, day = f"{y % 100:02d}", month[:3], when.strftime("%A")
    forms = (
        f"{m}/{d}/{y}", f"{m:02d}/{d:02d}/{yy}", f"{m}/{d}/{yy}", f"{m}-{d}-{yy}", f"{m:02d}-{d:02d}-{y}",
        f"{y}-{m:02d}-{d:02d}", f"{y}/{m:02d}/{d:02d}", f"{d:02d}.{m:02d}.{y}", f"{d}.{m}.{yy}", f"{d:02d}/{m:02d}/{y}",
        f"{month} {d}, {y}", f"{mon} {d} {y}", f"{mon}. {d}, {y}", f"{d} {month} {y}", f"{d}-{mon}-{y}",
        f"{d:02d}{mon.upper()}{y}", f"{d} {mon} '{yy}", f"{month} {d}, '{yy}", f"{m}/{d}/'{yy}",
        f"{ordinal(d)} of {month} {y}", f"{month} {ordinal(d)}, {y}", f"the {ordinal(d)} of {month}, {y}",
        f"{day}, {month} {d}, {y}", f"{day[:3]} {m}/{d}/{yy}", f"{day} {d} {month} {y}", f"{month.upper()} {d}, {y}",
        f"{y}{m:02d}{d:02d}",
    )  # fmt: skip
    return rng.choice(forms)


def partial_date(rng: random.Random, when: date) -> str:
    """A date that lacks its year or its day, or a range."""
    d, m, y, month = when.day, when.month, when.year, MONTHS[when.month - 1]
    yy, mon, day = f"{y % 100:02d}", month[:3], when.strftime("%A")
    later = when + timedelta(days=rng.randrange(2, 6))
    forms = [
        f"{m}/{d}", f"{m:02d}/{d:02d}", f"{month} {ordinal(d)}", f"{mon} {d}", f"{d} {month}", f"the {ordinal(d)} of {month}",
        f"{month} {y}", f"{mon} '{yy}", f"{m:02d}/{y}", f"{month} of {y}", f"{mon} {yy}", month,
        f"{day}, {month} {d}", f"{day[:3]} {m}/{d}", f"{day} the {ordinal(d)}", f"{d}-{mon}",
        f"{m}/{d}-{later.month}/{later.day}/{later.year % 100:02d}",
    ]  # fmt: skip
    if later.month == m:
        forms += [
            f"{month} {d}-{later.day}, {y}",
            f"{month} {d} to {later.day}",
            f"{m}/{d}-{later.day}",
        ]
    return rng.choice(forms)


def some_date(rng: random.Random, when: date) -> str:
    return mark("DATE", (full_date if rng.random() < 0.6 else partial_date)(rng, when))


def age_over_89(rng: random.Random, noun: str) -> str:
    """An age that Safe Harbor does not allow, marked."""
    years = rng.choice((90, 91, 92, 93, 94, 96, 99, 101, 103))
    a = lambda value: mark("AGE", str(value))  # noqa: E731
    words = {90: "ninety", 92: "ninety-two", 94: "ninety-four", 101: "one-hundred-and-one"}
    forms = [
        f"{a(years)}-year-old {noun}", f"{a(years)} yo {noun}", f"{a(years)} y/o {noun}", f"{a(years)}yo {noun}",
        f"{noun} aged {a(years)}", f"{noun}, age {a(years)},", f"{a(years)} year old {noun}",
        f"{noun} {a(years)} years of age", f"{a(years)}{'F' if noun == 'woman' else 'M'}",
    ]  # fmt: skip
    if years in words:
        forms += [f"{a(words[years])}-year-old {noun}"] * 2
    return rng.choice(forms)


def age_under_90(rng: random.Random, noun: str, years: int) -> str:
    forms = (
        f"{years}-year-old {noun}", f"{years} yo {noun}", f"{years} y/o {noun}", f"{noun} aged {years}",
        f"{years}{'F' if noun == 'woman' else 'M'}", f"{noun} {years} years of age",
    )  # fmt: skip
    return rng.choice(forms)
