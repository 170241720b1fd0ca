"""The kind of value that the name and the description of a property suggest."""

import re

_WORD = re.compile(r"[a-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 500

# Each kind with the words that a name may end with, or a description have; longer ones first.
_NAMES: dict[str, tuple[str, ...]] = {
    "country code": ("country code", "country iso"),
    "language code": ("language code", "locale", "lang"),
    "postal code": ("postal code", "post code", "postcode", "zip code", "zipcode", "zip"),
    "time zone": ("time zone", "timezone", "tz"),
    "first name": ("first name", "given name", "firstname", "forename"),
    "last name": ("last name", "family name", "surname", "lastname"),
    "user name": ("user name", "username", "login", "nickname", "handle"),
    "company": ("company name", "company", "organization", "organisation", "employer", "brand",
                "vendor", "supplier", "manufacturer"),
    "product": ("product name", "item name", "product", "item"),
    "city": ("city name", "city", "town", "destination", "origin", "capital", "birthplace"),
    "region": ("state", "region", "province", "county"),
    "country": ("country name", "country", "nation", "nationality"),
    "email": ("email address", "e mail address", "e mail", "email", "mail", "cc", "bcc"),
    "address": ("full address", "address"),
    "street": ("street address", "street name", "street", "address line 1", "address line"),
    "location": ("location", "place", "venue"),
    "phone": ("phone number", "telephone number", "phone", "telephone", "mobile", "fax"),
    "image url": ("image url", "picture url", "photo url", "avatar url", "thumbnail", "image",
                  "avatar", "photo", "picture", "logo"),
    "url": ("url", "uri", "website", "web site", "homepage", "link", "href", "web address"),
    "ip address": ("ip address", "ip", "ipv4"),
    "host": ("host name", "hostname", "host", "domain"),
    "path": ("file path", "filename", "file name", "path", "file", "directory", "folder"),
    "moment": ("date time", "datetime", "timestamp", "created at", "updated at", "start time utc",
               "expires at", "deleted at"),
    "birth date": ("date of birth", "birth date", "birthdate", "birthday", "dob"),
    "date": ("date", "deadline", "due", "day"),
    "time": ("time",),
    "hour": ("hour",),
    "month": ("month",),
    "weekday": ("weekday", "day of week", "day of the week"),
    "year": ("year",),
    "currency": ("currency code", "currency"),
    "language": ("language",),
    "job": ("job title", "occupation", "profession", "job", "position"),
    "color": ("color", "colour"),
    "title": ("title", "headline", "subject", "heading"),
    "category": ("category", "topic", "genre", "tag", "keyword", "label"),
    "weather": ("weather", "conditions", "condition", "forecast"),
    "query": ("search query", "search term", "query", "search", "question", "q"),
    "ingredient": ("ingredient", "topping"),
    "unit": ("unit", "unit of measurement"),
    "operation": ("arithmetic operation", "operation", "operator"),
    "airport": ("airport code", "iata code", "iata", "airport"),
    "cabin": ("cabin class", "travel class", "cabin"),
    "style": ("style",),
    "format": ("file format", "output format", "format"),
    "encoding": ("encoding", "charset"),
    "verb": ("http method", "method"),
    "environment": ("environment", "env"),
    "repository": ("repository name", "repo name", "repository", "repo"),
    "branch": ("branch name", "branch"),
    "commit": ("commit hash", "commit sha", "commit", "sha"),
    "table": ("table name", "table"),
    "column": ("column name", "column"),
    "picture": ("image prompt", "picture of", "prompt"),
    "percentage": ("percentage", "percent", "pct", "humidity", "discount"),
    "share": ("confidence", "probability", "likelihood", "ratio", "fraction", "share"),
    "rating": ("rating", "stars", "score"),
    "level": ("priority", "severity", "urgency", "importance", "difficulty", "level"),
    "status": ("status",),
    "sentiment": ("sentiment", "tone", "mood"),
    "gender": ("gender", "sex"),
    "role": ("role",),
    "version": ("version",),
    "ticker": ("ticker symbol", "stock symbol", "ticker", "symbol"),
    "exchange": ("stock exchange", "exchange"),
    "account": ("account number", "bank account", "iban"),
    "formula": ("math expression", "arithmetic expression", "expression", "formula", "equation"),
    "statement": ("sql query", "sql statement", "sql"),
    "program": ("python code", "source code"),
    "amount": ("amount", "price", "cost", "total", "subtotal", "salary", "fee", "budget", "balance",
               "revenue", "payment", "tax"),
    "size": ("size",),
    "port": ("port number", "port"),
    "count": ("count", "quantity", "qty", "number of", "limit", "page", "guests", "people",
              "passengers", "days", "nights", "adults", "children", "replicas", "instances",
              "results", "top k", "top n", "retries", "attempts", "workers", "copies"),
    "inhabitants": ("population", "inhabitants"),
    "age": ("age",),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "temperature": ("temperature", "temp"),
    "weight": ("weight", "height", "width", "length", "distance", "mass", "depth"),
    "day": ("day of month",),
    "minute": ("minute", "minutes"),
    "identifier": ("id", "identifier", "code", "reference", "sku", "number", "key"),
    "name": ("full name", "name", "author", "person", "customer", "contact", "recipient", "sender",
             "assignee", "participant", "attendee", "owner", "manager", "director"),
    "prose": ("description", "summary", "text", "content", "body", "message", "answer", "response",
              "explanation", "reasoning", "reason", "comment", "bio", "notes", "note", "abstract",
              "paragraph", "story", "essay", "review", "feedback", "analysis", "instructions"),
}  # fmt: skip

_BY_PHRASE = {phrase: kind for kind, phrases in _NAMES.items() for phrase in phrases}
_MOST_WORDS = max(phrase.count(" ") for phrase in _BY_PHRASE) + 1
# These stand in descriptions of anything.
_VAGUE = frozenset(
    ("text", "content", "body", "message", "answer", "response", "name", "number", "code", "key",
     "id", "state", "place", "position", "day", "due", "item", "size", "long", "length", "file",
     "search", "page", "reason", "note", "reference", "total", "time", "label", "q", "image", "handle",
     "tag", "origin", "share", "condition", "conditions", "description", "subject", "instructions",
     "summary", "question", "owner", "person", "people", "link", "location", "topic", "limit",
     "format", "style", "table", "column", "method", "operation", "environment", "unit", "results",
     "symbol", "exchange", "branch", "commit", "prompt", "attempts", "instances", "port", "copies")
)  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words of a name or a text in small letters: `dueDate` and `due_date` have the same."""
    return _WORD.findall(_CAMEL.sub(" ", text[:_LONGEST]).lower())


def kind_of_name(name: str) -> str | None:
    """The kind that a name ends with, or begins with: `delivery_city`, `date_from`."""
    words = words_of(name)
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        for part in (words[-size:], words[:size]):
            if kind := _kind(" ".join(part)):
                return kind
    return None


def kind_of_text(text: str) -> str | None:
    """The kind of the first telling words of a description."""
    words = words_of(text)
    for start in range(len(words)):
        for size in range(_MOST_WORDS, 0, -1):
            phrase = " ".join(words[start : start + size])
            if phrase not in _VAGUE and (kind := _kind(phrase)):
                return kind
    return None


def is_vague(name: str) -> bool:
    """Return True for a name that a description makes clear: `code`, `q`, `value`."""
    return kind_of_name(name) is None or " ".join(words_of(name)) in _VAGUE


def _kind(phrase: str) -> str | None:
    singular = f"{phrase[:-3]}y" if phrase.endswith("ies") else phrase.removesuffix("s")
    return _BY_PHRASE.get(phrase) or _BY_PHRASE.get(singular)
