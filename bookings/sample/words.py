"""What is written about people and what happens to them: notes, reasons, names of banks."""

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
    '{"preferred_contact": "email", "shoe_size": 39}',
)

NOTES = (
    "Prefers mornings.",
    "Prefers evenings, after six.",
    "Allergic to nut oils: use the grape seed oil.",
    "Old shoulder injury on the left, go easy.",
    "Rings before coming; do not call back after eight.",
    "Wants a receipt for the insurance each time.",
    "Asked for the quiet room.",
    "Came with a friend, who may sign up.",
    "Was told about the new opening hours.",
    "Pregnant, due in spring: no hot room.",
    "Paid for her sister, who comes along now and then.",
    "Forgot a water bottle, it is behind the desk.",
    "Asked whether the membership can rest over the summer.",
    "Moved house; the new address is in.",
    "Would rather be written to than called.",
    "Uses a wheelchair: room on the ground floor.",
    "Recommended us to half of the office.",
    "Not happy about the wait on Saturday; apologised.",
    "Birthday treat given.",
    "Needs a parking space close to the door.",
    "Prefers firm pressure.",
    "Training for a marathon in autumn.",
    "Brings the dog, which is fine with everybody.",
    "Speaks little English; a colleague translates.",
    "Locker 14 is theirs.",
    "The key is with the neighbour on the right.",
    "Has been coming since we opened.",
    "Called to say thanks.",
    "Sent a photograph of the certificate.",
    "Wants to be told when the workshop is held again.",
)

WISHES = (
    "Firm pressure, please.",
    "Will be ten minutes late.",
    "First time with us.",
    "Please use the side entrance.",
    "Wants to talk about the knee first.",
    "No perfume, please.",
)
REASONS = (
    "Ill.",
    "Something came up at work.",
    "The train was cancelled.",
    "Double booked.",
    "Child is ill.",
    "Moved to another week.",
)
CANCELLED_BY = ("Maya Okafor", "Tom Reilly", "Ines Duarte", "Booking page", "Booking page")
GIVEN = (
    "The heating was out.",
    "A class was called off at the last minute.",
    "Waited at a locked door.",
    "Charged twice for a mat.",
    "A thank you for bringing a friend.",
)
REVOKED = ("Given twice by mistake.", "Given to the wrong person.")
DISCOUNTS = ("Opening offer", "Neighbours, 10%", "Staff and family")
