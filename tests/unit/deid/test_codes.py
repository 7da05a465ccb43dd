"""Codes behind labels and without one, handles, and ends of telephone numbers."""

import pytest

from deid.dates.find import find_dates
from deid.recognizers.codes import is_code, is_public
from deid.recognizers.finders import (
    find_bare_codes,
    find_devices,
    find_handles,
    find_identifiers,
    find_labelled,
)
from tests.unit.deid.test_recognizers import covered


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(member ID KVX 40218 7731) denied", "KVX 40218 7731"),
        ("PA lic 31QX00448100", "31QX00448100"),
        ("lic. DP-0733 expires", "DP-0733"),
        ("Census no. 218,404, sent", "218,404"),
        ("tail N228QK, trip 21-00417", "N228QK"),
        ("generator S/N QRTZ 61180.", "QRTZ 61180"),
        ("pump SN KLC 904 118R, changed", "KLC 904 118R"),
        ("WO# 28-4413", "28-4413"),
        ("RR # 17-3308 filed", "17-3308"),
        ("wrist band: XB 4410288   DOB", "XB 4410288"),
        ("interpreter op. J-7714.", "J-7714"),
        ("Cigna U6O2271180 active", "U6O2271180"),
        ("Aetna PPO W2210 44871", "W2210 44871"),
        ("our ref KL/17/2205, dated", "KL/17/2205"),
        ("crossmatch band CRW6618.", "CRW6618"),
        ("fuel voucher DV-3308 at", "DV-3308"),
        ("taxi R-228 waits", "R-228"),
        ("Specimen block: KS21-4418 B2   Rec'd", "KS21-4418 B2"),
        ("65M    MR 58813", "58813"),
        ("receipt 0448. Paid", "0448"),
        ("Tag K-42.", "K-42"),
        ("mem. KVH 00733l.", "KVH 00733l"),
        ("Locker #318", "318"),
        ("A# 304 771 882", "304 771 882"),
        ("A-number 304-771-882", "304-771-882"),
        ("USPS 9400 2218 8833 4471 5566 77 sent", "9400 2218 8833 4471 5566 77"),
        ("Medi-Cal 8033 9917 B", "8033 9917 B"),
        ("VA claim C 33 771 005", "C 33 771 005"),
        ("run 228-31", "228-31"),
        ("protocol no. 27-3310", "27-3310"),
        ("consent form #27-331", "27-331"),
        ("band # R 55281", "R 55281"),
        ("conf GH7K2L", "GH7K2L"),
        ("gate code 3318", "3318"),
        ("loss no. 22-44-3318", "22-44-3318"),
        ("MRI acc.no 3318-22", "3318-22"),
        ("sample S-33118", "S-33118"),
        ("plate CA 6KBD331", "CA 6KBD331"),
        ("voucher #s 0518, 0519", "0519"),
        ("unit 33KX 22981", "33KX 22981"),
    ],
)
def test_codes_behind_labels(text, value):
    assert value in covered(find_labelled, text)


def test_codes_listed_behind_one_label():
    text = "policy 55-71283 / QTD 8214497"
    assert covered(find_identifiers, text) == ["55-71283", "QTD 8214497"]
    assert covered(find_labelled, "vouchers: voucher CV-1182, CV-1183") == ["CV-1182", "CV-1183"]


@pytest.mark.parametrize(
    "text",
    [
        "block A1-A12, blocks B1 to B14, slides 10-20, cassette 7",
        "block: CD117, slide CD34, kit D816V, block Ki-67",
        "unit 2 of 2, box 12 of 20, visit 4, session 3 of 10, group 2",
        "bag 500 mL, kit 0.5 mL, order 1000 mL, generator 300 mA, script 30 tabs",
        "trial 2010-2014, study 2015, screening 45-50, ref 3-4 wk, run 10 min",
        "label: 500 mg, pump 120 mL/h, graft 10x20, graft 10 x 20 mm, scan 12/15",
        "call #911, image #1484, series #105 images #4-7, a #138 blade, #000 silk",
        "VA 20/200, Providence 12 cm, horizon 2030, chip 2",
        "agent AZD6244, study NCT04451122, trial AOST0331",
        "ASK THE OPERATOR AT 773 to call, agent Tc-99m, if you run 101 or higher",
        "plate 10-hole, tag 12th, order 3-month supply",
        "form SSA-827 and form 3871-B, EudraCT 2014-000418-22, report.pdf",
        "disc L4-5, lead V1-V6, group T2N0M0, set C40.21",
    ],
)
def test_what_stands_behind_labels_in_medicine_stays(text):
    assert covered(find_labelled, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on the sheet 33KB0772 and", "33KB0772"),
        ("Kestrel 200558192VA.", "200558192VA"),
        ("brought LK18-0083192-T2 along", "LK18-0083192-T2"),
        ("written KL/17/2205 on it", "KL/17/2205"),
        ("bottle HJE-2288/31.", "HJE-2288/31"),
        ("HD#6, 0072-8843", "0072-8843"),
        ("wrote 8843-2207 there", "8843-2207"),
        ("she read out 448207, no", "448207"),
        ("filed 3:19-cv-00228 in", "3:19-cv-00228"),
        ("CPF 331.822.008-19 given", "331.822.008-19"),
        ("PAN KLMPE3318F", "KLMPE3318F"),
        ("photo IMG_3318.jpg shows", "IMG_3318.jpg"),
        ("of 1.2.840.113619.2.55.3.118", "1.2.840.113619.2.55.3.118"),
    ],
)
def test_codes_that_no_label_announces(text, value):
    assert covered(find_bare_codes, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "platelets 152000, plt 221043, ferritin of 118204, 1:100000",
        "1500-2000 mL, from 1995-1996, images 2245-2257",
        "BP216/108 HR72, 15x17x20mm, HPV 16/18",
        "NCT04451122, BMS-986205, PF-06463922, rs1799950, COSM125370, ENST00000269305",
        "T10-L2, 123-45 mm, 120/80, 7.39/42/79",
        "units 500000, night 1900-0730",
    ],
)
def test_medicine_with_six_figures_stays(text):
    assert covered(find_bare_codes, text) == []


def test_numbers_of_trials_and_drugs_are_nobodys():
    text = "on NCT04451122 with BMS-986205 and GSK2879552"
    assert covered(find_identifiers, text) == []
    assert covered(find_bare_codes, "NCT04451122-0417") == ["NCT04451122-0417"]
    assert is_public("NCT04451122")
    assert not is_public("NCT04451122-0417")


def test_fewer_figures_are_enough_behind_a_sign():
    assert is_code("411", marked=True, sure=False)
    assert not is_code("411", marked=False, sure=False)
    assert is_code("4110", marked=False, sure=True)
    assert not is_code("101", marked=False, sure=True)
    assert not is_code("2014", marked=False, sure=True)
    assert not is_code("250000", marked=False, sure=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("SSN 012345678", "012345678"),
        ("ss# 012345678", "012345678"),
        ("SSN/012345678", "012345678"),
        ("Social 012 34 5678", "012 34 5678"),
        ("soc sec no 012345678", "012345678"),
        ("SSN_012345678", "012345678"),
        ("SSN (last four) 0127", "0127"),
        ("SSN ...0127", "0127"),
        ("social security number ending in 0127", "0127"),
    ],
)
def test_social_security_numbers_in_other_forms(text, value):
    assert value in covered(find_identifiers, text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("604-555-0118 (his sister's is ...0144, same prefix)", "0144"),
        ("direct 604-555-0118 / fax -0119", "0119"),
        ("line 604-555-0118, or -0119", "0119"),
        ("- @mikeyd88 posts videos", "@mikeyd88"),
        ("insta @peg_leg_walks.", "@peg_leg_walks"),
        ("IG peg.walks please", "peg.walks"),
        ("TikTok: pegwalks", "pegwalks"),
        ("Discord name Peg#4417", "Peg#4417"),
        ("Fax 7O4-S55-0l18   PAGES", "7O4-S55-0l18"),
        ("(7O4) 555-0118 home", "(7O4) 555-0118"),
        ("ext 5120 or 5121", "5121"),
        ("604-555-0118/0119", "0119"),
        ("CashApp $PegLegWalks", "$PegLegWalks"),
        ("posts as u/peg_walks", "u/peg_walks"),
        ("pager 5-2209/5-2210", "5-2210"),
        ("Dana Q. x4-2287", "x4-2287"),
        ("pgy2 p3381", "p3381"),
        ("voicemail x 7-4420", "x 7-4420"),
        ("Zoom ID 833 2281 0447", "833 2281 0447"),
        ("passcode: 228104", "228104"),
        ("MyChart user: dana.quill81", "dana.quill81"),
        ("Logged by DQUILL3 at", "DQUILL3"),
        ("will log on as dana.q", "dana.q"),
    ],
)
def test_handles_and_ends_of_numbers(text, value):
    assert covered(find_handles, text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "@home, @bedside, @ 10 mg, @L4, @T10, @6wks",
        "3 x 1500, x 4000, x2000, 3x5 x 4000, p53",
        "snap was heard, the handle is loose, Facebook page, at the portal site.",
        "platelets -1200 and -1500 from 604-555-0118",
        "loss of signal change. zoom 10x, pin 4.0, PIN 2 mm, bridge 120 mm",
        "is ...0144 with no number beside it",
        "confirmed by HER2 and taken by mouth",
    ],
)
def test_signs_that_are_no_contacts(text):
    assert covered(find_handles, text) == []


def test_the_rows_of_an_implant_log_in_columns_of_blanks():
    text = (
        "Item                 Lot         Serial     Exp\n"
        "Tibial, size XS      33FB0762    n/a        2029-11\n"
        "Stem 9 x 100, HA     Q5518-C     n/a        2027-06\n"
        "\n"
        "Stem  9 x 100  T10-L2\n"
    )
    assert covered(find_devices, text) == ["33FB0762", "Q5518-C"]  # when they expire is a date
    assert [text[one.start : one.end] for one in find_dates(text)] == ["2029-11", "2027-06"]
    assert covered(find_devices, "a lot of  pain\nStem  Q5518-C  left\n") == []
