"""The countries that people of a sample come from."""

from .de import GERMANY
from .es import SPAIN
from .fr import FRANCE
from .gb import BRITAIN
from .mx import MEXICO
from .nation import City, Name, Nation, Phone, fill
from .nl import NETHERLANDS
from .pt import PORTUGAL
from .us import STATES

NATIONS = (BRITAIN, STATES, GERMANY, FRANCE, SPAIN, MEXICO, PORTUGAL, NETHERLANDS)


def nation_of(country: str) -> Nation:
    """Return the nation of an ISO 3166-1 code, or the first for a country that we know not."""
    return next((one for one in NATIONS if one.code == country), BRITAIN)


__all__ = ["NATIONS", "City", "Name", "Nation", "Phone", "fill", "nation_of"]
