"""Who may sign in, the centres that take part, and who holds which role in which centre."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from ..roles import ROLES_OF_ONE_CENTRE, Role
from ..validators import (
    CHARACTERS_SENTENCE,
    LINE_PATTERN,
    NAME_PATTERN,
    NAME_SENTENCE,
    validate_line,
    validate_name,
)


class UserManager(BaseUserManager):
    def create_user(self, email, full_name, password=None):
        """Save a user; without a password they cannot sign in until they set one."""
        user = self.model(email=email.lower(), full_name=full_name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        """People do not remember how they capitalised their address."""
        return self.get(email=email.lower())


class User(AbstractBaseUser):
    """A person who signs in. People leave by being made inactive: their name stays on records."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # Kept in small letters, so that unique means unique in any case.
    email = models.EmailField(
        _("e-mail address"),
        max_length=254,
        unique=True,
        error_messages={
            "unique": _("Somebody signs in with this e-mail address already. Use another one.")
        },
    )
    full_name = models.CharField(_("full name"), max_length=150, validators=[validate_line])
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined"), db_default=Now(), editable=False)
    # Part of what every session is bound to: another stamp ends all of them at once.
    session_stamp = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="accounts_user_email_in_small_letters",
                violation_error_code="capitals_in_email",
                violation_error_message=_("Write the e-mail address in small letters."),
            ),
            models.CheckConstraint(
                condition=Q(full_name__regex=LINE_PATTERN),
                name="accounts_user_full_name_readable",
                violation_error_code="unreadable_character",
                violation_error_message=CHARACTERS_SENTENCE,
            ),
        ]

    def __str__(self):
        return self.full_name

    def clean(self):
        super().clean()
        self.email = self.email.lower()

    def get_full_name(self):
        return self.full_name

    def _get_session_auth_hash(self, secret=None):
        """Sessions end with the password they began with, and with the stamp."""
        bound_to = f"{self.password}{self.session_stamp}"
        salt = "mmn_registry.accounts.session"
        return salted_hmac(salt, bound_to, secret=secret, algorithm="sha256").hexdigest()


class Centre(models.Model):
    """A hospital that takes part."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # Bytewise order, as everywhere that files and pages depend on it.
    code = models.CharField(_("code"), max_length=40, validators=[validate_name], db_collation="C")
    name = models.CharField(_("name"), max_length=150, blank=True, validators=[validate_line])
    data_closed_on = models.DateField(
        _("data closed on"),
        null=True,
        blank=True,
        help_text=_("The day a finished cohort is looked at as of, unless asked otherwise."),
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="accounts_centre_code_once",
                violation_error_code="duplicate_centre",
                violation_error_message=_(
                    "There is a centre with this code already. Choose another code."
                ),
            ),
            models.CheckConstraint(
                condition=Q(code__regex=NAME_PATTERN),
                name="accounts_centre_code_fit",
                violation_error_code="unfit_name",
                violation_error_message=NAME_SENTENCE,
            ),
            models.CheckConstraint(
                condition=Q(name__regex=LINE_PATTERN),
                name="accounts_centre_name_readable",
                violation_error_code="unreadable_character",
                violation_error_message=CHARACTERS_SENTENCE,
            ),
        ]

    def __str__(self):
        return self.name or self.code


ROLE_CHOICES = [(role.value, role.value.replace("_", " ")) for role in Role]


def role_constraints(table: str) -> list[models.CheckConstraint]:
    """What holds for a role, whether it is held or offered."""
    return [
        models.CheckConstraint(
            condition=Q(role__in=[role.value for role in Role]),
            name=f"{table}_role_known",
            violation_error_code="invalid_choice",
            violation_error_message=_("This is not a role of the registry. Choose one."),
        ),
        models.CheckConstraint(
            condition=~Q(role__in=[role.value for role in ROLES_OF_ONE_CENTRE])
            | Q(centre__isnull=False),
            name=f"{table}_clinical_role_names_centre",
            violation_error_code="centre_needed",
            violation_error_message=_(
                "Neurologists and coordinators work in a centre. Name the centre."
            ),
        ),
    ]


class MembershipQuerySet(models.QuerySet):
    def running_on(self, day):
        """Memberships held on a day: from ``valid_from``, up to the day before ``valid_to``."""
        ended = Q(valid_to__isnull=False, valid_to__lte=day)
        return self.filter(valid_from__lte=day).exclude(ended)


class Membership(models.Model):
    """A role that a user holds in a centre; without a centre, in all of them."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    centre = models.ForeignKey(
        Centre, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True
    )
    role = models.CharField(
        _("role"),
        max_length=40,
        choices=ROLE_CHOICES,
    )
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day without the role.")
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "centre", "role"],
                condition=Q(valid_to__isnull=True),
                nulls_distinct=False,
                name="accounts_membership_role_held_once",
                violation_error_code="duplicate_membership",
                violation_error_message=_("This person holds this role here already."),
            ),
            *role_constraints("accounts_membership"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="accounts_membership_ends_after_start",
                violation_error_code="ends_before_start",
                violation_error_message=_(
                    "This role ends before it begins. Correct one of the dates."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display()}"
