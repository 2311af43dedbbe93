"""E-mail addresses in any alphabet, as RFC 6531 allows (stanisław.wójcik@wp.pl).

Also sends e-mails, whose text is in templates.
"""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import DomainNameValidator, EmailValidator
from django.db import models
from django.template.loader import render_to_string
from django.utils.deconstruct import deconstructible

_ATOM = rf"[-!#$%&'*+/=?^_`{{}}|~0-9a-z{DomainNameValidator.ul}]+"


@deconstructible
class AnyLettersEmailValidator(EmailValidator):
    """Django's validator, which accepts only ASCII before the `@`, extended to all letters."""

    user_regex = re.compile(rf"{_ATOM}(\.{_ATOM})*\Z|{EmailValidator.user_regex.pattern}", re.I)

    def __call__(self, value: Any) -> None:
        if value and not str(value).isprintable():
            raise ValidationError(self.message, code=self.code, params={"value": value})
        super().__call__(value)


validate_email = AnyLettersEmailValidator()


class EmailFormField(forms.EmailField):
    """A form field for an address. Its widget is text: browsers allow ASCII only before the `@`."""

    default_validators = [validate_email]
    widget = forms.TextInput


class EmailField(models.EmailField):
    """A model field for an address; migrations see it as Django's own EmailField."""

    default_validators = [validate_email]

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": EmailFormField, **kwargs})


def send_letter(template: str, facts: Mapping[str, Any], *, to: str, sender: str = "") -> None:
    """Send the e-mail `<template>.txt`, whose subject is in `<template>_subject.txt`."""
    subject = render_to_string(f"{template}_subject.txt", facts)
    text = render_to_string(f"{template}.txt", facts)
    EmailMessage(" ".join(subject.split()), text, sender or None, [to]).send()
