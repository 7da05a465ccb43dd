"""Invented people: names that a US hospital would see, none of them anyone's."""

from __future__ import annotations

__all__ = ["FEMALE", "LAST", "MALE", "STREETS", "TOWNS"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEMALE = _words("""
    Maria Linda Patricia Susan Deborah Barbara Karen Nancy Donna Cynthia Sandra Pamela Sharon
    Kathleen Carol Diane Brenda Cheryl Janet Elizabeth Jennifer Amy Melissa Michelle Kimberly Lisa
    Angela Heather Stephanie Nicole Jessica Amanda Ashley Brittany Emily Samantha Sarah Megan Hannah
    Olivia Sofia Isabella Aaliyah Imani Keisha Latoya Guadalupe Rosa Carmen Lucia Mei Xiu Priya
    Ananya Fatima Layla Yuki Soo-jin Thuy Grace Ruth Dorothy Margaret Helen Ewa Ingrid Mary-Ellen
""")

MALE = _words("""
    James Robert John Michael William David Richard Thomas Charles Gary Larry Dennis Jerry Frank
    Raymond Gregory Joshua Matthew Andrew Daniel Christopher Brian Kevin Jason Jeffrey Ryan Eric
    Jacob Tyler Brandon Justin Aaron Ethan Noah Liam Mason Logan Elijah Darnell Tyrone Malik Jamal
    DeShawn Jose Juan Carlos Luis Miguel Hector Wei Jun Raj Arjun Vikram Omar Ahmed Hassan Hiroshi
    Minh Sven Pawel Walter Harold Eugene Stanley Earl Mark Frederick Will
""")

LAST = (
    *_words("""
        Anderson Baker Bennett Brooks Bryant Campbell Carter Castillo Chen Clark Coleman Collins
        Cooper Cruz Davis Delgado Diaz Edwards Evans Fisher Foster Garcia Gonzalez Gray Green
        Griffin Hall Harris Hayes Henderson Hernandez Hill Howard Hughes Jackson Jenkins Johansson
        Johnson Jones Kaminski Kelly Kim King Kowalski Lee Lewis Long Lopez Marsh Martin Martinez
        Mitchell Moore Morgan Morris Murphy Myers Nakamura Nguyen Novak Okafor Olson Ortiz Osei Park
        Parker Patel Perez Perry Peterson Phillips Price Ramirez Ramos Reed Reyes Reynolds
        Richardson Rivera Roberts Rogers Rossi Russell Sanchez Schmidt Scott Shah Simmons Singh
        Stewart Sullivan Swanson Tanaka Taylor Thompson Torres Tran Turner Walker Ward Washington
        Watson White Williams Wilson Wood Wright Young Zimmerman Ewing Foley Rose Stone Brown
    """),
    "O'Brien",
    "O'Connor",
    "McDonald",
    "MacLeod",
    "De La Cruz",
    "Van Dyke",
    "St. Clair",
    "Smith-Jones",
    "Abdul-Rahman",
)
"""Some are also eponyms and plain words, which is what makes them hard."""

STREETS = tuple(
    f"{name} {kind}"
    for name in _words("Maple Oak Cedar Willow Lincoln Franklin Mill Church Prospect Highland")
    for kind in ("Street", "Ave", "Rd", "Lane", "Dr")
)

TOWNS = (
    *_words("Millbrook Fairhaven Ashford Granville Harmon Bridgewater Linden Elkton Westbury"),
    *_words("Carrollton Dunmore Kingsley Ridgeway Newfield"),
    "Cold Springs",
    "Port Ellis",
    "Sandy Creek",
    "Lake Orin",
)
