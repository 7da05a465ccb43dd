"""Ages over 89 that are said of a person without "years" or "old": "I was ninety when", "F 94".

The number alone is taken. ``who`` is a word that must be a name: "Solveig is 91", not "Flexion is
91".
"""

from __future__ import annotations

from deid.recognizers.age_forms import (
    AMOUNT,
    NUMBER_ENDS,
    OVER_89,
    RELATIVE,
    SENTENCE_GOES_ON,
    WORD,
    all_of,
)

__all__ = ["BY_NAME", "SAID", "SEX_AND_NUMBER"]

_N = r"(?P<age>\d{2,3})"
_WORD_ENDS = (
    r"(?![\w-])(?![ \t-](?:percent|per|degrees?|over|minutes?|mins?|days?|weeks?|months?|hours?"
    r"|seconds?|beats|pounds|feet|units|milli\w*|centi\w*|patients|cc|kilo\w*|dollars|times|point|thousand))"
)
_DID = (
    r"(?:had|has|was|is|underwent|still|remains?|live[ds]?|could|can|did|does|got|broke|fell|developed"
    r"|suffered|presented|started|began|took|needed|required|went|came|would|survived|beat|walks?"
    r"|walked|drives?|drove|cooks|gardens|lost|became|won['’]t)"
)
_BE = r"(?:[ \t](?:is|was|am|were)|['’](?:s|m))"
_LY = r"(?:(?:now|only|just|already|nearly|almost|about|all[ \t]of|over|past|still)[ \t])?"
_NAME = r"(?-i:[A-Z][\w'’-]{1,20})"

SAID = all_of(
    rf"(?:^|(?<=\n)|(?<=[.;!?:\"“] ))(?-i:At)[ \t]{AMOUNT},?[ \t](?=(?:s?he|i|they"
    rf"|(?:the[ \t])?p(?:atien)?t|mom|dad|mother|father|(?:my|his|her|our)[ \t]\w+)[ \t]{_DID}\b)",
    rf"\bi{_BE}[ \t]{_LY}{AMOUNT}{NUMBER_ENDS}(?=[ \t](?:when|then|years?|now)\b|[.,;!?\"”)])",
    rf"\b(?:s?he|who|they|patient|pt){_BE}[ \t]{_LY}{WORD}{_WORD_ENDS}",
    rf"\bturn(?:s|ed|ing)?[ \t]{WORD}{_WORD_ENDS}(?!,?[ \t](?:to|clock|and)\b)",
    rf"\b(?:will|['’]ll)[ \t](?:soon[ \t])?be[ \t]{WORD}{_WORD_ENDS}",
    rf"\bpushing[ \t]{AMOUNT}(?=[ \t]*[.,;)\n])",
    rf"{RELATIVE}(?:,[ \t]|[ \t][(]?){_NAME}(?:[ \t]{_NAME})?[,)]?[ \t]"
    rf"(?:is|was|turned|died[ \t]at|lived[ \t]to)[ \t]{_LY}{AMOUNT}{NUMBER_ENDS}{SENTENCE_GOES_ON}",
    rf"(?-i:\b(?:Pt|PT|Patient|pt|patient|RE|Re)\b)[.:]{{0,2}}[ \t]{_NAME}(?:[ \t]{_NAME}){{0,2}}"
    rf",[ \t]{AMOUNT}(?=,[ \t]?\D)",
    rf"\b(?:patient|lady|gentleman|wom[ae]n|man|widow(?:er)?|(?-i:M(?:rs?|s)\.?[ \t]{_NAME}))"
    rf",[ \t]{WORD},",
    rf"\b(?:is|was)[ \t]an?[ \t](?:very[ \t]|remarkably[ \t])?(?:spry|young|healthy|sharp|active"
    rf"|vigorous|frail|robust|hale|youthful|independent|vibrant|fit|lively)"
    rf"(?:[ \t]and[ \t]\w+)?[ \t]{AMOUNT}"
    rf"{NUMBER_ENDS}(?=\W|$)",
    rf"(?<![\w.]){AMOUNT}[ \t]and[ \t](?:counting|going[ \t]strong|still[ \t](?:driv|work|walk"
    r"|garden|liv|cook|shovel|play|rid|danc|farm|teach|preach|golf)\w*)",
    rf"(?<![\w.]){AMOUNT}[ \t](?:years?[ \t])?young\b",
    r"\b(?:his|her|their|my)[ \t](?:(?P<words>ninetieth|ninety-\w+th|ninety-(?:first|second|third)"
    r"|(?:one[\s-])?hundredth)|(?P<age>9\d|1[01]\d)(?:st|nd|rd|th))"
    r"(?=[ \t]*[.,;)\n]|[ \t](?:in|last|this|next)\b)",
    r"\b(?P<words>ninety-?(?:something|ish))\b(?!-?[ \t](?:degrees|percent))",
)
BY_NAME = all_of(
    rf"(?-i:\b(?P<who>[A-Z][a-zà-ÿ]{{2,20}})){_BE}[ \t]{_LY}(?:{_N}{NUMBER_ENDS}{SENTENCE_GOES_ON}"
    rf"|{WORD}{_WORD_ENDS})",
    rf"(?-i:\b(?P<who>[A-Z][a-zà-ÿ]{{2,20}})(?:[ \t][A-Z]\.?)?[ \t][A-Z][\w'’-]{{1,20}})"
    rf",[ \t]{_N}(?=,[ \t][^\W\d])",
)
_PRESENTS = (
    r"(?=[ \t]*(?:[,;.)\n]|$)|[ \t]\(?(?:w/|(?:with|who|here|s/p|h/o|hx|c/o|p/w|presents?"
    r"|presenting|fell|falls?|found|after|admit\w*|from|lives|living|dob|mrn|dnr|hip|fx|femur|path|mass|met|bib|status"
    r"|post|post-?op|pod|pmh\w*|nh|snf|right|left|[lr])\b))"
)
# Also a temperature; read with the vetoes for one.
SEX_AND_NUMBER = all_of(
    rf"(?:^|(?<=\n)|(?<=[,;:(|] )|(?<=[(|])|(?<=\bpt )|(?<=[^\d°] {{2}}))(?-i:[FM]),?[ \t]{OVER_89}"
    rf"(?![\w/%°:-])(?!\.\d){_PRESENTS}",
    # Under 96 it is no usual temperature.
    r"(?:(?<=[,;.:–—-] )|(?<=^)|(?<=\n))(?-i:(?P<age>9[0-5]|1[12]\d)[ \t]?F)(?=[ \t][a-z])",
    rf"(?:(?<=[,;.:–—-] )|(?<=^)|(?<=\n))(?-i:{OVER_89}[ \t]?F){_PRESENTS}",
)
