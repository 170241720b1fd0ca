"""Values of the kinds that properties are usually named after: a city, a date, an amount.

A table of our own: `docs/decisions.md` says why.
"""

import datetime
import random
from collections.abc import Callable, Sequence

Value = str | int | float
Make = Callable[[random.Random], Value]

_FIRST_DAY = datetime.date(2025, 1, 1).toordinal()
_DAYS = 1_000

_GIVEN = ("Anna", "Ben", "Clara", "David", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas",
          "Kenji", "Laura", "Maya", "Noah", "Olivia", "Priya")  # fmt: skip
_FAMILY = ("Adams", "Baker", "Costa", "Diaz", "Evans", "Fischer", "Garcia", "Hansen", "Ito",
           "Jensen", "Khan", "Lopez", "Meyer", "Novak", "Okafor", "Rossi")  # fmt: skip
# City, region, country, its codes, its currency, its language, a time zone: each row fits together.
_PLACES = (
    ("Paris", "Île-de-France", "France", "FR", "EUR", "fr", "Europe/Paris"),
    ("Rome", "Lazio", "Italy", "IT", "EUR", "it", "Europe/Rome"),
    ("Berlin", "Brandenburg", "Germany", "DE", "EUR", "de", "Europe/Berlin"),
    ("Madrid", "Castile", "Spain", "ES", "EUR", "es", "Europe/Madrid"),
    ("London", "England", "United Kingdom", "GB", "GBP", "en", "Europe/London"),
    ("Lisbon", "Estremadura", "Portugal", "PT", "EUR", "pt", "Europe/Lisbon"),
    ("Oslo", "Eastern Norway", "Norway", "NO", "NOK", "no", "Europe/Oslo"),
    ("Seattle", "Washington", "United States", "US", "USD", "en", "America/Los_Angeles"),
    ("Toronto", "Ontario", "Canada", "CA", "CAD", "en", "America/Toronto"),
    ("Tokyo", "Kanto", "Japan", "JP", "JPY", "ja", "Asia/Tokyo"),
    ("Sydney", "New South Wales", "Australia", "AU", "AUD", "en", "Australia/Sydney"),
    ("Nairobi", "Nairobi County", "Kenya", "KE", "KES", "sw", "Africa/Nairobi"),
)
_STREETS = ("Main Street", "Oak Avenue", "Park Road", "Station Street", "Mill Lane", "High Street")
_COMPANIES = ("Contoso", "Fabrikam", "Northwind Traders", "Adventure Works", "Tailspin Toys",
              "Wide World Importers", "Litware", "Proseware")  # fmt: skip
_PRODUCTS = ("desk lamp", "office chair", "coffee mug", "notebook", "backpack", "keyboard",
             "water bottle", "umbrella")  # fmt: skip
_JOBS = ("software engineer", "teacher", "nurse", "architect", "accountant", "designer", "chef")
_COLORS = ("red", "green", "blue", "yellow", "black", "white", "orange", "purple")
_TITLES = ("A Day by the Sea", "Notes on Growth", "The Quiet Garden", "First Steps", "Open Doors",
           "Winter Light", "The Long Road")  # fmt: skip
_CATEGORIES = ("travel", "food", "science", "sports", "music", "health", "finance", "education")
_WEATHER = ("sunny", "cloudy", "rainy", "windy", "partly cloudy")
_QUERIES = ("opening hours of the museum", "cheap flights to Rome", "best pasta recipe",
            "weather this weekend", "history of printing")  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LANGUAGES = ("English", "French", "German", "Spanish", "Italian", "Japanese", "Portuguese")
_STATUSES = ("active", "pending", "completed", "cancelled")
_LEVELS = ("low", "medium", "high")
_SENTIMENTS = ("positive", "neutral", "negative")
_GENDERS = ("female", "male")
_ROLES = ("admin", "editor", "viewer", "member")
_TICKERS = ("MSFT", "AAPL", "NVDA", "TSLA", "SAP")
_FORMULAS = ("12 * 7 + 3", "(18 + 6) / 4", "2 ** 10", "3.5 * 8")
_STATEMENTS = ("SELECT name, city FROM customers WHERE id = 42",
               "SELECT COUNT(*) FROM orders WHERE status = 'open'")  # fmt: skip
_PROGRAMS = ("print(sum(range(1, 11)))", "print('Hello')")
# Example account numbers of the register of IBAN, which belong to nobody.
_ACCOUNTS = ("DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606")
_UNITS = ("kilometers", "miles", "kilograms", "pounds")
_OPERATIONS = ("add", "subtract", "multiply", "divide")
_AIRPORTS = ("CDG", "FCO", "BER", "MAD", "LHR", "LIS", "OSL", "SEA", "YYZ", "HND", "SYD", "NBO")
_CABINS = ("economy", "premium economy", "business", "first")
_STYLES = ("modern", "classic", "minimal", "playful")
_EXCHANGES = ("NASDAQ", "NYSE", "LSE", "XETRA")
_FILE_FORMATS = ("json", "csv", "pdf", "xml")
_VERBS = ("GET", "POST", "PUT", "DELETE")
_ENVIRONMENTS = ("production", "staging", "development", "test")
_REPOSITORIES = ("web-app", "payments-api", "docs", "infrastructure")
_BRANCHES = ("main", "develop", "feature/search", "release/1.4")
_TABLES = ("customers", "orders", "products", "invoices")
_COLUMNS = ("id", "name", "city", "created_at", "total")
_PICTURES = ("a lighthouse at dawn", "a red bicycle in front of a bakery", "a map of an island")
_INGREDIENTS = ("flour", "butter", "tomatoes", "olive oil", "garlic", "basil", "rice", "eggs")


def _one(values: Sequence[Value]) -> Make:
    return lambda rng: values[int(rng.random() * len(values))]


def _place(column: int) -> Make:
    return _one([place[column] for place in _PLACES])


def _whole(low: int, high: int) -> Make:
    return lambda rng: rng.randint(low, high)


def _decimal(low: float, high: float, digits: int = 2) -> Make:
    return lambda rng: round(rng.uniform(low, high), digits)


def _day(rng: random.Random) -> datetime.date:
    return datetime.date.fromordinal(_FIRST_DAY + rng.randrange(_DAYS))


def _birth_date(rng: random.Random) -> datetime.date:
    return datetime.date(rng.randint(1950, 2005), rng.randint(1, 12), rng.randint(1, 28))


def _name(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"


def _email(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN)}.{rng.choice(_FAMILY)}@example.com".lower()


def _clock(rng: random.Random) -> str:
    return f"{rng.randint(8, 19):02}:{rng.choice((0, 15, 30, 45)):02}"


def _moment(rng: random.Random) -> str:
    return f"{_day(rng).isoformat()}T{_clock(rng)}:00Z"


def _address(rng: random.Random) -> str:
    place = rng.choice(_PLACES)
    return f"{rng.randint(1, 99)} {rng.choice(_STREETS)}, {place[0]}, {place[2]}"


def _slug(rng: random.Random) -> str:
    return str(rng.choice(_TITLES)).lower().replace(" ", "-")


def _location(rng: random.Random) -> str:
    place = rng.choice(_PLACES)
    return f"{place[0]}, {place[2]}"


def date_in(form: str) -> Make:
    """Return a maker of dates in a form of `strftime`."""
    return lambda rng: _day(rng).strftime(form)


TEXTS: dict[str, Make] = {
    "city": _place(0),
    "region": _place(1),
    "country": _place(2),
    "country code": _place(3),
    "currency": _place(4),
    "language": _one(_LANGUAGES),
    "language code": _place(5),
    "time zone": _place(6),
    "location": _location,
    "address": _address,
    "street": lambda rng: f"{rng.randint(1, 99)} {rng.choice(_STREETS)}",
    "postal code": lambda rng: f"{rng.randint(10000, 99999)}",
    "name": _name,
    "first name": _one(_GIVEN),
    "last name": _one(_FAMILY),
    "user name": lambda rng: f"{rng.choice(_GIVEN).lower()}{rng.randint(10, 99)}",
    "email": _email,
    "phone": lambda rng: f"+1 555 01{rng.randint(0, 99):02}",
    "url": lambda rng: f"https://www.example.com/{_slug(rng)}",
    "image url": lambda rng: f"https://www.example.com/{_slug(rng)}.png",
    "ip address": lambda rng: f"192.0.2.{rng.randint(1, 254)}",
    "host": lambda rng: f"www{rng.randint(1, 9)}.example.com",
    "path": lambda rng: f"/documents/{_slug(rng)}.txt",
    "date": lambda rng: _day(rng).isoformat(),
    "birth date": lambda rng: _birth_date(rng).isoformat(),
    "time": _clock,
    "hour": _clock,
    "moment": _moment,
    "month": _one(_MONTHS),
    "weekday": _one(_WEEKDAYS),
    "year": lambda rng: str(rng.randint(1990, 2026)),
    "company": _one(_COMPANIES),
    "product": _one(_PRODUCTS),
    "job": _one(_JOBS),
    "color": _one(_COLORS),
    "title": _one(_TITLES),
    "category": _one(_CATEGORIES),
    "weather": _one(_WEATHER),
    "query": _one(_QUERIES),
    "ingredient": _one(_INGREDIENTS),
    "unit": _one(_UNITS),
    "operation": _one(_OPERATIONS),
    "airport": _one(_AIRPORTS),
    "cabin": _one(_CABINS),
    "style": _one(_STYLES),
    "exchange": _one(_EXCHANGES),
    "format": _one(_FILE_FORMATS),
    "encoding": _one(("utf-8",)),
    "verb": _one(_VERBS),
    "environment": _one(_ENVIRONMENTS),
    "repository": _one(_REPOSITORIES),
    "branch": _one(_BRANCHES),
    "commit": lambda rng: f"{rng.getrandbits(160):040x}",
    "table": _one(_TABLES),
    "column": _one(_COLUMNS),
    "picture": _one(_PICTURES),
    "size": _one(("small", "medium", "large")),
    "level": _one(_LEVELS),
    "status": _one(_STATUSES),
    "sentiment": _one(_SENTIMENTS),
    "gender": _one(_GENDERS),
    "role": _one(_ROLES),
    "version": lambda rng: f"{rng.randint(1, 4)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}",
    "ticker": _one(_TICKERS),
    "account": _one(_ACCOUNTS),
    "formula": _one(_FORMULAS),
    "statement": _one(_STATEMENTS),
    "program": _one(_PROGRAMS),
    "amount": lambda rng: f"{rng.uniform(5, 500):.2f}",
    "count": lambda rng: str(rng.randint(1, 10)),
    "age": lambda rng: str(rng.randint(18, 80)),
    "identifier": lambda rng: f"{rng.choice('ABCDEFGH')}{rng.randint(1000, 9999)}",
}
"""Strings by their kind."""

NUMBERS: dict[str, Make] = {
    "age": _whole(18, 80),
    "inhabitants": _whole(20_000, 9_000_000),
    "year": _whole(1990, 2026),
    "month": _whole(1, 12),
    "day": _whole(1, 28),
    "hour": _whole(0, 23),
    "minute": _whole(0, 59),
    "amount": _decimal(5, 500),
    "count": _whole(1, 10),
    "rating": _whole(1, 5),
    "level": _whole(1, 5),
    "size": _whole(1, 10),
    "port": _one((80, 443, 5432, 8080)),
    "percentage": _whole(1, 100),
    "share": _decimal(0, 1),
    "latitude": _decimal(-60, 70, 4),
    "longitude": _decimal(-180, 180, 4),
    "temperature": _whole(-5, 35),
    "weight": _decimal(1, 100, 1),
    "postal code": _whole(10000, 99999),
    "identifier": _whole(1000, 9999),
    "moment": _whole(1_735_689_600, 1_798_761_600),
}
"""Numbers by their kind."""
