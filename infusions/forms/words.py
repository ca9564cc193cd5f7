"""What the forms of treatment say alike: codes in words, and grams that were milligrams."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from infusions.unusual import mg_instead_of_g
from patients.labels import Words
from patients.unusual import plain
from patients.validators import Limits

EMPTY = ("", "–")


def choose(form: forms.Form, **words: Words) -> None:
    """Let each of these fields offer its codes in words; routes and the like stay capitals."""
    for name, spoken in words.items():
        choices = [(str(code), capfirst(str(word))) for code, word in spoken.items()]
        form.fields[name].choices = [EMPTY, *choices]


def refuse_mg(dose: Decimal, limits: Limits) -> None:
    """Beyond the model's own limits anyway; here it is said which value was meant."""
    grams = mg_instead_of_g(dose, most_g=limits.high)
    if grams is not None:
        message = _(
            "%(dose)s g is not possible. Is it in mg? %(dose)s mg is %(grams)s g: write %(grams)s."
        )
        params = {"dose": plain(dose), "grams": plain(grams)}
        raise ValidationError(message % params, limits.code)
