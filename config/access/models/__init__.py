"""Staff and their memberships, API clients and API keys."""

from .attempts import AttemptCount
from .clients import ApiClient, ApiKey
from .staff import Membership, Staff
