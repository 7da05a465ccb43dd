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
_PERSON = (
    rf"(?:(?:the[ \t])?(?:patient|pt)|s?he|they|i|(?-i:M(?:rs?|s|iss)\.?[ \t]{_NAME})|{RELATIVE})"
)
# A clause behind "by the time he was 91": a reading goes on otherwise ("was 94 on two litres").
_CLAUSE = (
    r"(?=[ \t]+(?:s?he|they|i|we|it|the|th[eo]se|this|that|his|her|my|our|their|an?|has|had|have"
    r"|is|was|were|did|could|would|needed|started|began|still|without|after|before|until|because"
    r"|or|so|alive|living|healthy|in[ \t](?:(?:early|mid|late)[ \t-])?(?:(?:19|20)\d\d"
    r"|(?-i:[A-Z][a-z]+)|an?|good|fair|poor|excellent|assisted|hospice))\b|[ \t]w/)"
)
_GOES_ON = rf"(?:{SENTENCE_GOES_ON}|{_CLAUSE})"
_ADULT = (
    r"(?:man|woman|gentleman|lady|male|female|person|patient|individual|widow(?:er)?|veteran|farmer"
    r"|soul|fellow|nun|priest|teacher|retiree|(?:great-)?grand(?:mother|father))"
)
# These words go with the number: "well over 90" tells more than "90+".
_VAGUE = (
    r"(?:(?:well|far|somewhat|a[ \t](?:little|bit)|slightly|already|now|just)[ \t])?"
    r"(?:over|past|beyond|approaching|nearing|older[ \t]than)"
)

SAID = all_of(
    # "since she was 93 she has", "by the time he was 91 he": a reading is not told so
    r"\b(?:when|since|until|till|once|while|before|after|by[ \t]the[ \t]time|now[ \t]that)[ \t]"
    rf"(?:(?:my|his|her|our|their|the)[ \t])?{_PERSON}[ \t](?:is|was|were|had[ \t]been|turn(?:s|ed)"
    rf"|reache[sd]|hit)[ \t]{_LY}{AMOUNT}{NUMBER_ENDS}{_GOES_ON}",
    rf"{RELATIVE}[ \t](?:(?:is|was)[ \t])?{_LY}{AMOUNT}{NUMBER_ENDS}{_GOES_ON}",
    rf"(?:\b{_ADULT}|{RELATIVE})[ \t]of[ \t](?:about[ \t])?{_LY}{AMOUNT}{NUMBER_ENDS}{_GOES_ON}",
    rf"\b(?:{_PERSON}|who)(?:{_BE}|[ \t](?:must|may|might|has[ \t]to)[ \t]be|[ \t]looks)[ \t]"
    rf"(?P<vague>{_VAGUE})[ \t](?:{_N}{NUMBER_ENDS}|{WORD}{_WORD_ENDS}){_GOES_ON}",
    rf"\b(?:patient|pt),[ \t]{_N}(?=,[ \t][a-z])",
    # "ninety-four (94) years": each of the two
    r"\b(?P<words>ninety(?:[ \t-][a-z]{3,5})?)(?=[ \t]?\(9\d\)[ \t-](?:years?|yrs?)\b)",
    r"\((?P<age>9\d)(?=\)[ \t-](?:years?|yrs?)\b)",
    # 90 and 100 are turned in degrees as well
    r"\b(?:(?:will|['’]ll)[ \t]turn|turn(?:ed|s|ing))[ \t](?P<age>9[1-9]|10[1-9]|11\d)"
    rf"{NUMBER_ENDS}(?![ \t](?:to|clock|counter|°|on)|,[ \t]?\d)",
    rf"(?:^|(?<=\n)|(?<=[.;!?:\"“] ))(?-i:At)[ \t]{AMOUNT},?[ \t](?=(?:s?he|i|they"
    rf"|(?:the[ \t])?p(?:atien)?t|mom|dad|mother|father|(?:my|his|her|our)[ \t]\w+)[ \t]{_DID}\b)",
    rf"(?<=[;,–—(] )at[ \t]{AMOUNT},?[ \t](?=(?:s?he|i|they)[ \t](?:still|lives|drives"
    r"|walks|cooks|gardens|works|farms|remains|won['’]t)\b)",
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
    r"(?=[ \t]*(?:[.,;)\n]|$)|[ \t](?:in|last|this|next)\b)",
    r"\bcelebrat(?:ed|es|ing)[ \t](?:his|her|their|my)[ \t](?P<age>9\d|1[01]\d)(?:st|nd|rd|th)\b",
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
