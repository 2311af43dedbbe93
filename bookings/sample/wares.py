"""What there is on offer: prices are before tax in euros, dollars or pounds."""

from typing import Any

# What such a price comes to in other currencies, roughly.
WORTH = {
    "BRL": 6,
    "CZK": 24,
    "DKK": 7,
    "HUF": 390,
    "INR": 90,
    "JPY": 150,
    "MXN": 20,
    "NOK": 11,
    "PLN": 4,
    "SEK": 11,
    "TRY": 40,
    "ZAR": 18,
}

MASSAGES = ("Massage, one hour", "Massage, half an hour", "Deep tissue massage")

# Name, minutes, price, configuration.
SERVICES: tuple[tuple[str, int, float, dict[str, Any]], ...] = (
    ("Massage, one hour", 60, 65, {"pressure": "medium", "oil": "grape seed"}),
    ("Massage, half an hour", 30, 38, {"pressure": "medium"}),
    ("Deep tissue massage", 90, 95, {"pressure": "firm"}),
    ("Facial", 45, 48, {}),
    ("Physiotherapy", 40, 58, {"insurance_receipt": True}),
    ("Personal training", 60, 55, {}),
    ("Nutrition advice", 50, 52.5, {"online": False}),
    ("First consultation", 20, 0, {}),
)

# Name, minutes, spaces at least, price, visits of a pass. None is longer than a room is free.
EVENTS: tuple[tuple[str, int, int, float, int], ...] = (
    ("Vinyasa flow", 60, 14, 18, 1),
    ("Yin and breath", 75, 14, 18, 1),
    ("Pilates on the mat", 55, 12, 19.5, 1),
    ("Strength circuit", 45, 14, 16, 1),
    ("Barre", 55, 12, 17.5, 1),
    ("Meditation", 45, 18, 12, 1),
    ("Prenatal yoga", 60, 10, 19, 1),
    ("Back care workshop", 80, 12, 34, 2),
)
OPTIONS = (("Drop-in", 1), ("Reduced", 0.75))

PLANS: tuple[dict[str, Any], ...] = (
    {
        "name": "Studio membership",
        "price": 79,
        "billing_period": "P1M",
        "grace_days": 7,
        "minimum_periods": 3,
    },
    {"name": "Annual membership", "price": 790, "billing_period": "P1Y", "grace_days": 14},
    {
        "name": "Quarterly care",
        "price": 210,
        "billing_period": "P3M",
        "grace_days": 14,
        "minimum_periods": 1,
    },
    {"name": "Weekly unlimited", "price": 22, "billing_period": "P1W"},
)

PERK = "Member’s massage"
COUPONS: tuple[dict[str, Any], ...] = (
    {"name": PERK, "offering": MASSAGES[0], "description": "One for each month of membership."},
    {"name": "Apology", "amount": 15, "valid_for": "P1Y"},
    {"name": "Welcome back", "amount": 25, "valid_for": "P6M"},
    {"name": "Ten percent off", "percentage": 10, "valid_for": "P2M"},
    {"name": "A guest for nothing", "offering": EVENTS[0][0], "valid_for": "P3M"},
    {
        "name": "Friend of the house",
        "offering": EVENTS[5][0],
        "multi_use": True,
        "valid_for": "P6M",
    },
)

# Name, visits, price, how long it lasts, what it is good for.
PASSES: tuple[tuple[str, int, float, str, str], ...] = (
    ("Ten visits", 10, 145, "P6M", "class"),
    ("Five visits", 5, 80, "P3M", "class"),
    ("Twenty visits", 20, 260, "P1Y", "class"),
    ("Five massages, any length", 5, 290, "P1Y", "massage"),
)

# Name, price, how long it lasts.
MEDIA: tuple[tuple[str, float, str], ...] = (
    ("Morning stretch, 20 minutes", 9, "P1Y"),
    ("Breathing, a course in six parts", 35, ""),
    ("Pilates at home", 42, "P6M"),
    ("A strong back", 24, "P1Y"),
)
