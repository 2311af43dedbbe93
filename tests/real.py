"""The 59 customers of the sample file, or as many rows in the same format if it is missing."""

from tests.servers import ROOT

REAL = ROOT.parent / "shared" / "data" / "chinook-customers.csv"
COUNT = 59
HEADINGS = (
    "CustomerId,FirstName,LastName,Company,Address,City,State,Country,PostalCode,Phone,Fax,Email"
)


def real_customers() -> str:
    """Return the text of the CSV file."""
    if REAL.exists():
        return REAL.read_text("utf-8")
    rows = [
        f'{n},Luís {n},Wójcik,{"Söhne GmbH" if n % 3 else ""},"Rua {n}, 1","São Paulo, SP",SP,'
        f"Brazil,0130{n:02d}-000,+55 (11) 3033-5{n:03d},,stanisław.{n}@wp.pl"
        for n in range(1, COUNT + 1)
    ]
    return "\n".join([HEADINGS, *rows]) + "\n"
