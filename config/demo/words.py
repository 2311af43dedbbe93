"""The texts that names of customers, notes and reasons are made of."""

MAIL = ("example.com", "example.com", "example.org", "example.net")
LABELS = ("Work", "Office", "Parents", "Holiday flat", "Partner")
BRANDS = ("visa", "visa", "mastercard", "mastercard", "amex", "maestro")
BANKS = ("Thameside Bank", "Lantern Bank", "Union Savings", "Northern Mutual", "Harbour Bank")
AUTHORS = ("Maya Okafor", "Tom Reilly", "Ines Duarte", "Jonas Falk", "Sadia Rahman")
PREFERENCES = (
    "{}",
    "{}",
    '{"preferred_contact": "email", "marketing_opt_in": true}',
    '{"preferred_contact": "email", "marketing_opt_in": false}',
    '{"preferred_contact": "phone"}',
    '{"preferred_contact": "sms", "marketing_opt_in": true}',
    '{"marketing_opt_in": true, "language": "en"}',
)
TAGS = ("VIP", "Mornings", "Evenings", "Regular", "Press", "Neighbour", "Left-handed")
POINT_LABELS = ("work", "home", "partner", "")
NOTES = (
    "Prefers mornings.",
    "Prefers evenings, after six.",
    "Allergic to nut oils: use the grape seed oil.",
    "Old shoulder injury on the left, go easy.",
    "Do not call after eight.",
    "Wants a receipt for the insurance each time.",
    "Asked for the quiet room.",
    "Pregnant, due in spring: no hot room.",
    "Asked whether the membership can be paused over the summer.",
    "Moved house; the new address is in.",
    "Prefers e-mail to calls.",
    "Uses a wheelchair: room on the ground floor.",
    "Recommended us to half of the office.",
    "Not happy about the wait on Saturday; apologised.",
    "Needs a parking space close to the door.",
    "Training for a marathon in autumn.",
    "Speaks little English; a colleague translates.",
    "Has been coming since we opened.",
)
WISHES = (
    "Firm pressure, please.",
    "Will be ten minutes late.",
    "First time with us.",
    "Please use the side entrance.",
    "No perfume, please.",
)
CANCELLED_BY = ("Maya Okafor", "Tom Reilly", "Ines Duarte", "Booking page", "Booking page")
CANCELLED_BECAUSE = ("", "", "Ill.", "Something came up at work.", "The train was cancelled.")
GIVEN = ("The heating was out.", "Waited at a locked door.", "Charged twice for a mat.")
REVOKED = ("Given twice by mistake.", "Given to the wrong person.")
DISCOUNTS = ("Opening offer", "Neighbours, 10%", "Staff and family")
