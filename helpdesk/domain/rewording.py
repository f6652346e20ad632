"""Other ways to say the same, brought to the one the extractors of `phrases.py` know. Tables, looked at in order."""

import re
from collections.abc import Callable, Sequence

Better = str | Callable[[re.Match[str]], str]

_NUMBER = r"(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twenty)"
_TICKETS = r"(?:tickets?|requests?|issues?|cases?|incidents?|problems?|ones?)"
_UNITS = r"(?:days?|hours?|hrs?(?!\s+(?:tickets|requests|issues|cases))|mins?|weeks?|months?|minutes?|years?|quarters?|fortnights?)"
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DAYS = r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_DASH = r"\s*(?:to|until|till|through|thru|and|-|–)\s*"

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_LONG = {"d": "days", "h": "hours", "w": "weeks", "mo": "months", "m": "months"}

# Written as one word, or one letter off and a word of its own.
_JOINED = r"(?:week|month|year|quarter|night|monday|tuesday|wednesday|thursday|friday|weekend)"

CONTRACTIONS: Sequence[tuple[str, Better]] = (
    (r"\b(?:i|we|you|they)'(?:d|ll)\b", ""),
    (r"\b(what|who|that|there|it|where|here)'s\b", r"\1 is"), (r"\bwhats\b", "what is"), (r"\bi'm\b", "i am"), (r"\bi've\b", "i have"),
    (r"\b(we|they)'(?:re|ve)\b", r"\1 have"), (r"\b(have|has|had|are|is|was|were|did|do|does)n'?t\b", r"\1 not"), (r"\bw/o\b", "without"),
)  # fmt: skip

# Before words are spelled: what is written with signs, as in other desks' search boxes.
SIGNS: Sequence[tuple[str, Better]] = (
    (r"(?<![\w-])-(?=(?:status|state|priority|tag|assignee|from|requester|company|org|organi[sz]ation|category|channel|team|is)\s*:)", "not "),
    (rf">=?\s*(?=\d{{1,3}}\s*(?:{_UNITS}|[dhw])\b)", "older than "), (rf"<=?\s*(?=\d{{1,3}}\s*(?:{_UNITS}|[dhw])\b)", "newer than "),
    (r"\b(older|newer)\s+than\s+(\d{1,3})\s*([dhw])\b", lambda m: f"{m[1]} than {m[2]} {_LONG[m[3]]}"),
    (r"\b(?:severity|priority|prio|sev)\s*([1-4])\b", r"p\1"),
    (r"\bhi[\s-]+(?=prio)", "high "), (r"\bmed[\s-]+(?=prio)", "medium "), (r"\blo[\s-]+(?=prio)", "low "),
    (rf"\b(last|this|next|past)({_JOINED})\b", r"\1 \2"), (r"\bin-?progress\b", "in progress"), (r"\bassigned(to|by)\b", r"assigned \1"),
    (r"\b(low|medium|high|urgent|top)-?(priority|prio)\b", r"\1 \2"), (r"\bat-risk\b", "at risk"), (r"\bpast-due\b", "past due"),
    (r"(?<!\w)(priority|prio|severity)\s*(?:>=|=>|≥)\s*(\w+)", r"priority \2 or higher"),
    (r"(?<!\w)(priority|prio|severity)\s*(?:<=|=<|≤)\s*(\w+)", r"priority \2 or lower"),
    (r"(?<!\w)(priority|prio|severity)\s*>\s*(\w+)", r"priority above \2"),
    (r"(?<!\w)(priority|prio|severity)\s*<\s*(\w+)", r"priority below \2"),
    (r"(?<!\w)(?:assignee|assigned[\s_]to|owner|agent)\s*[:=]+\s*(?:none|nobody|unassigned|null|no\s+one)\b", "unassigned"),
    (r"(?<!\w)(?:assignee|assigned[\s_]to|owner|agent)\s*[:=]+\s*", "assigned to "),
    (r"(?<!\w)(?:requester|reporter|customer|created[\s_]by|opened[\s_]by|from|author)\s*[:=]+\s*", "opened by "),
    (r"(?<!\w)(?:company|organi[sz]ation|org)\s*[:=]+\s*", "from company "), (r"(?<!\w)tags?\s*[:=]+\s*", "tagged "),
    (r"(?<!\w)team\s*[:=]+\s*", "team "), (r"(?<!\w)(?:category|topic)\s*[:=]+\s*", "category "), (r"(?<!\w)channel\s*[:=]+\s*", "channel "),
    (r"(?<!\w)(?:priority|prio|severity)\s*[:=]+\s*", "priority "), (r"(?<!\w)(?:status|state)\s*[:=]+\s*", "status "),
    (r"(?<=\w)\+(?=\s|$)", " or higher"), (r"(?<!\w)is:\s*", ""), (r"(?<!\w)(?:sort(?:ed)?|order(?:ed)?)\s*[:=]\s*", "sorted by "), (r"(?<!\w)sla\s*[:=]+\s*", "sla "),
    (r"(?<!\w)(created|updated|resolved|closed|due)\s*[:=]+\s*", r"\1 "),
    (r"(?<!\w)(created|updated|resolved|closed|due)\s*>=?\s*", r"\1 since "), (r"(?<!\w)(created|updated|resolved|closed|due)\s*<\s*", r"\1 before "),
    (r"(?<!\w)!\s*(?=\w)", "not "), (r"(?<=\w)\s*!=\s*", " not "),
)  # fmt: skip

# After words are spelled.
WORDINGS: Sequence[tuple[str, Better]] = (
    (r"\bassigned\s+(?:too|ot|t)\s+", "assigned to "),
    (r"\b(?:right\s+now|at\s+the\s+moment|as\s+of\s+now|at\s+present)\b", ""), (r"\bhow\s+much\b", "how many"),
    (r"\b(?:nobody|no\s*-?\s*one)\s+(?:has\s+|have\s+|had\s+)?(?:touched|updated|changed|moved|looked\s+at|worked\s+on)\b(?!\s*(?:\||$))", "not updated"),
    (r"\b(?:nobody|no\s*-?\s*one)\s+(?:looks\s+after|takes\s+care\s+of|handles|works\s+on|cares\s+(?:for|about)|is\s+(?:looking\s+after|dealing\s+with|taking\s+care\s+of|responsible\s+for))\b", "unassigned"),
    (r"\b(?:needs?\s+(?:doing|to\s+be\s+done|attention)|to\s+do|to\s+be\s+done)\s+(?=(?:today|tomorrow|this\s+week)\b)", "unresolved due "),
    (r"\b(?:needs?\s+(?:doing|to\s+be\s+done)|left\s+to\s+do)\b", "unresolved"),
    (r"\bbrand[\s-]new\b", "new"), (r"\b(?:jira|zendesk)\s+(?=tickets)", ""), (r"\bwork\s+in\s+progress\b|\bwip\b|\bbeing\s+worked\s+on\b(?!\s+by)", "in progress"),
    (r"\bon[\s-]hold\b", "on hold"), (r"\bre[\s-]opened\b", "reopened"), (r"\bun[\s-](resolved|assigned|answered|solved)\b", r"un\1"),
    # How many
    (rf"\b(?:limit(?:ed)?(?:\s+(?:to|of|by))?|at\s+most|no\s+more\s+than|up\s+to|max(?:imum)?(?:\s+of)?|only|just)\s+(?:the\s+)?(?:first\s+)?{_NUMBER}\b(?!\s+{_UNITS}|-)(?:\s+(?:of\s+them|results?|rows?|entries))?", r"first \1 "),
    (rf"^\s*((?:please\s+|can\s+you\s+|could\s+you\s+)*(?:show|list|give|get|find|fetch|display|pull\s+up)(?:\s+(?:me|us))?(?:\s+the)?(?:\s+any)?)\s+{_NUMBER}\s+(?!{_UNITS})(?=\w)", r"\1 first \2 "),
    (rf"^\s*{_NUMBER}\s+(?!{_UNITS}|or\b|and\b)(?=(?:[\w-]+\s+){{0,5}}?(?:tickets|requests|issues|cases|incidents|problems)\b)", r"first \1 "),
    (r"\b(?:a\s+single|just\s+one|exactly\s+one|(?<!no\s)(?<!no-)one)\s+(?=(?:\w+\s+){0,4}(?:ticket|request|issue|case|incident)\b)", "first 1 "),
    (r"\bfirst\s+first\b", "first"),
    (rf"\b(?:the\s+)?{_NUMBER}\s+(?:most\s+(?:urgent|important|critical)|highest[\s-]priority)\b", r"first \1 highest priority first "),
    # In which order
    (rf"\b(?:created|opened|filed|submitted|came\s+in)\s+last\b(?!\s+(?:{_UNITS}|week|month|quarter|year|night|weekend|{_DAYS}|\d))", "newest"),
    (rf"\b(updated|changed|modified|resolved|solved|closed)\s+last\b(?!\s+(?:{_UNITS}|week|month|quarter|year|night|weekend|{_DAYS}|\d))", r"last \1"),
    (rf"\b(newest|latest|oldest|earliest|most\s+recent|most\s+urgent|highest\s+priority|lowest\s+priority)\s+{_TICKETS}\s+(?:come\s+|coming\s+|go\s+)?(?:first|on\s+top|at\s+the\s+top)\b", r"tickets \1 first"),
    (r"\b(updated|changed|modified|resolved|solved|closed)\s+most\s+recently\b", r"most recently \1"), (r"\b(?:created|opened|filed|submitted)\s+most\s+recently\b", "newest"),
    (r"\b(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?|arranged)\s+(?:by\s+)?(?:the\s+)?(?=(?:newest|oldest|latest|highest|lowest|most\s+\w+|earliest)\b)", ""),
    (r"\bin\s+(?:order\s+of|the\s+order\s+of)\s+", "sorted by "), (r"\b(?:sort|order)\s+(?:them|these|it|results?)\s+by\b", "sorted by"),
    (r"\bprioriti[sz]ed\s+by\b", "sorted by"), (r"\bwith\s+the\s+(newest|oldest|latest|highest\s+priority|most\s+urgent)\s+(?:ones?\s+)?(?:first|on\s+top|at\s+the\s+top)\b", r"\1 first"),
    (r"\b(newest|oldest|latest|highest\s+priority|most\s+urgent)\s+(?:ones?\s+)?(?:on\s+top|at\s+the\s+top|to\s+(?:oldest|newest|lowest))\b", r"\1 first"),
    (r"\b(?:most\s+urgent|urgent|most\s+important|important)\s+(?:ones?\s+|tickets\s+)?first\b", "highest priority first"),
    (r"\bhigh\s+(?:priority\s+)?to\s+low(?:\s+priority)?\b", "highest priority first"), (r"\blow\s+(?:priority\s+)?to\s+high(?:\s+priority)?\b", "lowest priority first"),
    (r"\bleast\s+(?:urgent|important)\s+(?:ones?\s+)?first\b", "lowest priority first"),
    (r"(?<!sorted )(?<!ordered )(?<!sort )(?<!order )(?<!ranked )\bby\s+(?=(?:priority|urgency|due\s+date|deadline|age|creation\s+date|date\s+created|last\s+update)\b)", "sorted by "),
    # Comparisons
    (r"\bmore\s+(?:important|urgent|severe|critical)\s+than\b|\bgreater\s+than\b|\bworse\s+than\b", "higher than"),
    (r"\bless\s+(?:important|urgent|severe|critical)\s+than\b", "lower than"), (r"\bno\s+less\s+than\b|\bnot\s+(?:below|lower\s+than|less\s+than)\b", "at least"),
    (r"\bor\s+better\b|\bor\s+more\s+(?:important|urgent)\b|\bor\s+greater\b|\bplus\b(?=\s|$)", "or higher"),
    # Who
    (r"\b(?:(?:still\s+)?(?:waiting|yet|still|left|have|has|need|needs|needing)\s+)?to\s+be\s+(?:assigned|claimed|picked\s+up|taken)(?!\s+(?:to|by))\b(?:\s+yet)?", "unassigned"),
    (r"\b(?:orphan(?:ed)?|up\s+for\s+grabs|agentless|assigneeless|(?:in\s+)?(?:need|needs|needing)\s+(?:of\s+)?(?:assigning|an?\s+agent))\b", "unassigned"),
    (r"\b(?:that\s+|which\s+)?(?:(?:do|does|did)\s+not\s+(?:yet\s+)?have|(?:have|has)\s+not\s+(?:yet\s+)?(?:got\s+)?)\s*(?:an?y?\s+)?(?:owners?|assignees?|assigned\s+agent|agents?)\b(?:\s+yet)?", "unassigned"),
    (r"\b(?:that\s+|which\s+)?(?:somebody|someone|anybody|anyone)\s+(?:already\s+)?(?:owns?|has\s+(?:taken|claimed|picked\s+up)|took|is\s+(?:already\s+)?(?:working\s+on|handling))\b", "with an owner"),
    (r"\b(?:that\s+|which\s+)?(?:already\s+)?(?:have|has|having|got)\s+(?:got\s+)?an?\s+(?:owner|assignee|assigned\s+agent|agent)\b", "with an owner"),
    (r"\b(?:did|have|has)\s+(?:we|they|you|people|the\s+team|our\s+team|the\s+agents|agents|anyone|somebody|someone|customers|the\s+customers)\s+(?:already\s+|ever\s+)?(resolve|close|solve|create|receive|raise)d?\b", r"\1d"),
    (r"\b(?:did|have|has)\s+(?:we|they|you|people|the\s+team|our\s+team|the\s+agents|agents|anyone|somebody|someone|customers|the\s+customers)\s+(?:already\s+|ever\s+)?(open|report|fix|log|submit|file|get|got)(?:t?ed|ged|d)?\b",
     lambda m: {"fix": "fixed", "get": "received", "got": "received", "log": "logged", "submit": "submitted", "file": "filed"}.get(m[1], f"{m[1]}ed")),
    (r"\b(?:i\s+am|me\s+as)\s+(?:the\s+)?(?:assignee|owner|assigned\s+to|assigned|responsible\s+for|handling|working\s+on)\b", "assigned to me"),
    (r"\b(?:do|does|have|has|did)\s+i\s+have\b(?:\s+(?:to\s+do|to\s+work\s+on|assigned))?|\b(?:that\s+)?i\s+(?:currently\s+)?have\b(?!\s+(?:\w+ed|sent)\b)(?:\s+(?:to\s+do|assigned))?", "assigned to me"),
    (r"\b(?:that\s+|which\s+)?(?:i\s+(?:am\s+)?(?:handle|handling|work\s+on))\b|\bin\s+my\s+name\b|\bwith\s+me\b", "assigned to me"),
    (r"\bassign(?:ed)?\s+2\s+me\b", "assigned to me"), (r"\b(?:waiting\s+for|awaiting|needing|need|needs)\s+(?:an?\s+)?(?:assignment|assignee|owner)\b|\bnot\s+(?:been\s+)?(?:taken|claimed|picked\s+up)(?:\s+yet)?\b", "unassigned"),
    (r"\bnot\s+been\s+assigned\b", "not assigned"), (r"\bwithout\s+(?:an?\s+)?(?:assigned\s+)?(?:agent|person|anyone\s+assigned|assignment)\b", "unassigned"),
    (r"\bwith\s+(?:nobody|no\s*-?\s*one)\s+assigned\b|\b(?:nobody|no\s*-?\s*one)\s+(?:is\s+|has\s+been\s+)?assigned(?:\s+to)?\b", "unassigned"),
    (r"\bwaiting\s+(?:for|on)\s+me\b", "assigned to me"),
    # When
    (rf"\b(?:in\s+|from\s+|during\s+)?(?:the\s+)?second\s+half\s+of\s+({_MONTHS})\b", r"from 16 \1 to \1"),
    (rf"\b(?:in\s+|from\s+|during\s+)?(?:the\s+)?last\s+week\s+of\s+({_MONTHS})\b", r"from 25 \1 to \1"),
    (rf"\b(?:in\s+|from\s+|during\s+|since\s+)?(?:the\s+)?(?:early|beginning\s+of|start\s+of)\s+(?:in\s+)?({_MONTHS})\b", lambda m: f"since {m[1]}" if m[0].startswith("since") else f"from 1 {m[1]} to 10 {m[1]}"),
    (rf"\b(?:in\s+|from\s+|during\s+)?(?:the\s+)?(?:mid|middle\s+of)[\s-]+({_MONTHS})\b", r"from 11 \1 to 20 \1"),
    (rf"\b(?:in\s+|from\s+|during\s+)?late\s+(?:in\s+)?({_MONTHS})\b", r"from 21 \1 to \1"), (rf"\b(?:at|from|around)\s+the\s+end\s+of\s+({_MONTHS})\b", r"from 21 \1 to \1"),
    (rf"\b(?:until|till|by|up\s+to|before)\s+(?:the\s+)?end\s+of\s+(?=(?:{_MONTHS}|last|q[1-4]|20\d\d)\b)", "until "),
    (r"\b(?:the\s+)?(first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter\b(?:\s+(?:of\s+)?(20\d\d))?", lambda m: f"q{_ORDINALS[m[1]]}" + (f" {m[2]}" if m[2] else "")),
    (r"\bq([1-4])\s*(?:of|/)\s*(20\d\d)\b", r"q\1 \2"), (r"\b(20\d\d)[\s-]+q([1-4])\b", r"q\2 \1"), (r"\bquarter\s+([1-4])\b", r"q\1"),
    (rf"\b((?:\d{{1,3}}|an?|one|two|three|four|five|six|seven|ten)\s+{_UNITS})\s+(?:old\s+)?(?:or|and)\s+(?:older|more|longer|over)\b", r"older than \1"),
    (rf"\b((?:\d{{1,3}}|an?|one|two|three|four|five|six|seven|ten)\s+{_UNITS})\s+(?:old\s+)?(?:or|and)\s+(?:newer|less|younger|under)\b", r"newer than \1"),
    (r"\bin\s+(?:less|fewer)\s+than\s+|\bin\s+under\s+", "within "),
    (r"\b(?:a\s+|the\s+)?half(?:\s+an?|\s*-)?\s*hour\b", "30 minutes"), (r"\b(?:an?|one)\s+hour\s+and\s+a\s+half\b|\b1\.5\s+hours\b", "90 minutes"), (r"\bhalf\s+a\s+day\b", "12 hours"),
    (r"\bfrom\s+([^|]{3,30}?)\s+(?:until|till|to|up\s+to)\s+(?:now|date|the\s+present)\b", r"since \1"), (r"\b(?:until|till|up\s+to)\s+now\b", ""),
    (rf"\b({_DAYS})\s+(?:to|until|through|and|-)\s+({_DAYS})\s+(?:of\s+)?((?:last|this|next)\s+week)\b", r"\1 \3 to \2 \3"),
    (rf"\b((?:last|this|next)\s+week)(?:'s)?\s+(?:on\s+)?({_DAYS})\b", r"\2 \1"),
    (r"\bform\s+(?=(?:the\s+)?(?:last|past|this|today|yesterday|previous)\b)", "from "), (r"\blast\s+night\b", "yesterday evening"),
    (r"\b(?:the\s+)?day\s+before\s+yesterday\b", "2 days ago"), (r"\b(?:business|working|work|calendar)\s+(?=days?\b)", ""),
    (rf"\b(?:in\s+|from\s+|during\s+)?(?:the\s+)?first\s+week\s+of\s+({_MONTHS})\b", r"from 1 \1 to 7 \1"),
    (rf"\b(?:in\s+|from\s+|during\s+)?(?:the\s+)?second\s+week\s+of\s+({_MONTHS})\b", r"from 8 \1 to 14 \1"),
    (rf"\b(?:in\s+|from\s+|during\s+)?(?:the\s+)?first\s+half\s+of\s+({_MONTHS})\b", r"from 1 \1 to 15 \1"),
    (r"\b(?:by|before|until)\s+(?:the\s+)?(?:end\s+of\s+(?:the\s+)?(?:day|today|business)|eod|tonight|cob)\b", "until today"),
    (r"\b(?:by|before|until)\s+(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?(week|month|quarter|year)\b", r"until this \1"), (r"\beow\b", "this week"),
    (rf"\bafter\s+(?=(?:\d+|an?|one|two|three|four|five|six|seven)\s+{_UNITS}\b)", "older than "),
    (rf"\b({_NTH}){_DASH}({_NTH})\s+(?:of\s+)?({_MONTHS})\b", r"\1 \3 to \2 \3"),
    (rf"\b({_MONTHS})\s+({_NTH})\s*(?:to|until|till|through|thru|and|-|–)\s*({_NTH})\b(?!\s*(?:{_MONTHS}|{_UNITS}))", r"\1 \2 to \1 \3"),
    (rf"\b({_MONTHS}\s+{_NTH}|{_NTH}\s+{_MONTHS})\s+to\b", r"from \1 to"), (r"\b(from|between)\s+from\b", r"\1"),
    (rf"\b(\d{{1,3}}){_DASH}(\d{{1,3}})\s+({_UNITS})\s+(?:ago|old)\b", r"between \2 \3 ago and \1 \3 ago"), (r"\b(from|between)\s+between\b", "between"),
    (r"\b(\d{1,3})\s*(d|h|w|mo|m)\s+(?=old\b|ago\b)", lambda m: f"{m[1]} {_LONG[m[2]]} "), (r"\b(last|past|previous)\s+(\d{1,3})\s*(d|h|w)\b", lambda m: f"{m[1]} {m[2]} {_LONG[m[3]]}"),
    (r"\bso\s+far\s+(this\s+(?:week|month|quarter|year))\b", r"\1"), (r"\byear\s+to\s+date\b|\bytd\b", "this year"), (r"\bmonth\s+to\s+date\b|\bmtd\b", "this month"),
    (r"\b(?:since|from)\s+(?:the\s+)?(?:start|beginning|first\s+day)\s+of\s+(?:the\s+|this\s+|current\s+)?(week|month|quarter|year)\b", r"since this \1"),
    (r"\b(?:since|from)\s+(?:the\s+)?(?:start|beginning)\s+of\s+(?=\w)", "since "), (r"\bearlier\s+today\b|\bof\s+today\b|\bthis\s+day\b", "today"), (r"\bearlier\s+this\s+(week|month|year)\b", r"this \1"),
    (r"\bthe\s+(?:week|month|quarter|year)\s+before\s+last\b", lambda m: m[0]), (r"\bthe\s+(?:current|present)\s+(week|month|quarter|year)\b", r"this \1"),
    (r"\b(?:longer|later|more)\s+than\s+(?=(?:\d|an?\b|one\b|two\b|three\b|four\b|five\b|six\b)[\w\s]*?(?:days?|hours?|weeks?|months?|minutes?|years?)\b)", "older than "),
    (r"\bfor\s+(?:over|more\s+than|at\s+least)\s+", "older than "), (r"\bless\s+than\s+older\b", "less than"), (r"\bno\s+(?:older|more)\s+than\b|\bnot\s+older\s+than\b|\byounger\s+than\b", "newer than"),
    (r"\bfresher\s+than\b", "newer than"), (r"\bon\s+or\s+after\b", "since"), (r"\bon\s+or\s+before\b", "until"), (r"\bfrom\s+([\w-]+)\s+on(?:wards?)?(?=\s|$)", r"since \1"),
    (r"\b(created|opened|filed|submitted|updated|resolved|closed)\s+at\b", r"\1 on"), (r"\ba\s+day\s+ago\b", "1 day ago"),
    # Promises
    (r"\b(?:(?:is|are|will\s+be)\s+)?(?:(?:about|going|soon)\s+to\s+(?:run\s+out|expire|lapse|fail)|running\s+out(?:\s+of\s+time)?|expiring(?:\s+soon)?|expires?\s+soon|runs?\s+out\s+soon|(?:nearly|almost|soon)\s+(?:out\s+of\s+time|up|due|expired|over)|in\s+danger(?!\s+of))\b", "at risk"),
    (r"\b(?:whose|where|with)\s+(?:the\s+|an?\s+)?(?:sla|deadline)s?\s+(?:is\s+|are\s+)?(?=at\s+risk)", ""), (r"\b(?:the\s+)?(?:sla|deadline)s?\s+(?:is\s+|are\s+)?(?=at\s+risk)", ""),
    (r"\b(?:(?:that\s+)?(?:are|is)\s+)?in\s+(?:breach|violation)(?:\s+of\s+(?:(?:the|their|its|our)\s+)?(?:sla|slas|deadlines?|targets?|service\s+levels?))?\b", "breached"),
    (r"\b(?:in\s+danger|at\s+risk|on\s+the\s+(?:verge|brink|edge))\s+of\s+(?:being\s+)?(?:breach(?:ing|ed)?|miss(?:ing|ed)?|violat(?:ing|ed)|going\s+over|running\s+over|failing|becoming\s+overdue|overdue|late)(?:\s+(?:(?:the|their|its|our)\s+)?(?:sla|slas|deadlines?|targets?|due\s+dates?))?\b", "at risk"),
    (r"\b(?:could|might|may|likely\s+to|about\s+to|going\s+to|threatening\s+to|threaten\s+to)\s+(?:soon\s+)?(?:breach|miss|violate|go\s+over|exceed)(?:\s+(?:(?:the|their|its|our)\s+)?(?:sla|slas|deadlines?|targets?|due\s+dates?))?(?:\s+soon)?\b", "at risk"),
    (r"\b(?:went|gone|going|ran|run|running)\s+(?:over|past|beyond)\s+(?=(?:(?:the|their|its|our)\s+)?(?:sla|slas|deadlines?|targets?|due\s+dates?)\b)", "past "),
    (r"\b(?:exceed(?:ed|ing|s)?|overran|overrun|overshot|not\s+(?:met|kept|meet|meeting|made)|did\s+not\s+(?:meet|make|keep))\s+(?=(?:(?:the|their|its|our)\s+)?(?:sla|slas|deadlines?|targets?|due\s+dates?)\b)", "missed "),
    (r"\bslas?\s+(?:has\s+|have\s+|had\s+|was\s+|were\s+|is\s+|are\s+|been\s+|already\s+)+(?=(?:breached|missed|violated|broken|overdue))", "sla "), (r"\bsla\s+broken\b", "sla breached"),
    (r"\b(?:breaching|due|expiring|late)\s+(?:very\s+)?soon\b|\bsoon\s+(?:due|late|overdue)\b", "at risk"),
    (r"\b(?:nearly|almost|soon\s+to\s+be|about\s+to\s+be|becoming|going\s+to\s+be|about\s+to\s+become)\s+(?:overdue|late|breached)\b|\bwill\s+(?:soon\s+)?(?:breach|be\s+(?:late|overdue|breached)|miss\s+(?:their|the|its)\s+\w+)(?:\s+soon)?\b|\b(?:about\s+to|close\s+to)\s+(?:run(?:ning)?\s+out\s+of\s+time|violat(?:e|ing)\s+(?:the\s+|their\s+)?slas?)\b|\brunning\s+out\s+of\s+time\b", "at risk"),
    (r"\b(?:meeting|meet|met|keeping|kept|on\s+target\s+for|inside)\s+(?:(?:the|their|its|our)\s+)?(?:slas?|deadlines?|targets?)\b|\bsla\s+(?:is\s+)?(?:ok|okay|fine|met|on\s+track)\b|\bon\s+time\b", "within sla"),
    (r"\bsla\s+(?:status\s+)?(?:is\s+)?(?=(?:breached|at\s+risk|overdue))", ""), (r"\b(?:at|with)\s+sla\s+risk\b", "at risk"), (r"\bnot\s+yet\s+overdue\b", "not overdue"),
    (r"\b(?:have|has|with|had|having)\s+(?:an?\s+)?(?:sla\s+)?(?:breach(?:es)?|violations?)\b", "breached"),
)  # fmt: skip


def reworded(text: str, table: Sequence[tuple[str, Better]]) -> str:
    """The text with every wording of a table replaced, one after the other."""
    for pattern, better in table:
        text = re.sub(pattern, better, text)
    return text
