"""What is asked of people, in their words; the library decides what becomes of it."""

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from .models import AccessToken, Centre, Invitation, Scope
from .models.token import LONGEST
from .roles import ROLES_OF_ONE_CENTRE, Permission, Role
from .selectors import administered_centres, can, manages_everywhere, visible_centres
from .trail.proofs import NotedCode, NotedPasskey
from .validators import validate_line

OWN_PASSWORD = _("Your password")
NEW_PASSWORD = _("New password")
AGAIN = _("New password, again")
PASSWORD_HINT = _("12 characters or more; several unrelated words are easy to keep in mind.")
CODE = _("Code")


def _say(form: forms.Form, labels: dict[str, str], **hints: str) -> None:
    """Our words for the library's fields, which stand without placeholders."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)
        field.help_text = hints.get(name, "")


class SignInForm(account_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(self, {"login": _("E-mail address"), "password": _("Password")})
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ConfirmPasswordForm(account_forms.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(self, {"password": OWN_PASSWORD})
        self.fields["password"].widget.attrs["autofocus"] = True


class ForgottenPasswordForm(account_forms.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(self, {"email": _("E-mail address")})
        self.fields["email"].widget.attrs["autocomplete"] = "username"


class NewPasswordForm(account_forms.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(self, {"password1": NEW_PASSWORD, "password2": AGAIN}, password1=PASSWORD_HINT)


class ChangePasswordForm(account_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {
            "oldpassword": _("Present password"),
            "password1": NEW_PASSWORD,
            "password2": AGAIN,
        }
        _say(self, labels, password1=PASSWORD_HINT)


class FirstPasswordForm(account_forms.SetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(self, {"password1": NEW_PASSWORD, "password2": AGAIN}, password1=PASSWORD_HINT)


class CodeInput(forms.TextInput):
    """Empty again after a code that did not fit: nobody corrects one."""

    def format_value(self, value):
        return None


def _say_code(form: forms.Form) -> None:
    _say(form, {"code": CODE})
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    form.fields["code"].widget = CodeInput(attributes)


class CodeForm(NotedCode, mfa_forms.AuthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say_code(self)


class ConfirmCodeForm(NotedCode, mfa_forms.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say_code(self)


class ActivateAppForm(ActivateTOTPForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say_code(self)
        # The page begins with what to do before there is a code.
        del self.fields["code"].widget.attrs["autofocus"]


class PasskeyForm(NotedPasskey, passkey_forms.AuthenticateWebAuthnForm):
    pass


class ConfirmPasskeyForm(NotedPasskey, passkey_forms.ReauthenticateWebAuthnForm):
    pass


class PasskeyAloneForm(NotedPasskey, passkey_forms.LoginWebAuthnForm):
    pass


class AddPasskeyForm(passkey_forms.AddWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(
            self,
            {"name": _("Name"), "passwordless": _("Sign in with it alone, without the password")},
            name=_("So that you tell it apart: “ward computer”, “blue key”."),
            passwordless=_("Your device then asks for its PIN, fingerprint or face."),
        )
        self.fields["name"].validators.append(validate_line)
        self.fields["name"].max_length = 100
        self.fields["name"].widget.attrs["maxlength"] = "100"
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(passkey_forms.EditWebAuthnForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _say(self, {"name": _("Name")})
        self.fields["name"].validators.append(validate_line)
        self.fields["name"].widget.attrs["maxlength"] = "100"


class TakeUpForm(forms.Form):
    """Somebody who was invited says their name and chooses a password."""

    full_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        validators=[validate_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("As it should stand beside what you record."),
    )
    password1 = forms.CharField(
        label=NEW_PASSWORD,
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=AGAIN,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, invited, **kwargs):
        super().__init__(*args, **kwargs)
        self.invited = invited

    def clean(self):
        """A rule about two values says nothing until it has both."""
        cleaned = super().clean()
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ. Type the same one twice."))
        elif first and second:
            self._check_strength(first, cleaned.get("full_name", ""))
        return cleaned

    def _check_strength(self, password: str, full_name: str) -> None:
        self.invited.full_name = full_name
        try:
            password_validation.validate_password(password, self.invited)
        except forms.ValidationError as problem:
            self.add_error("password1", problem)


class CentreChoice(forms.ModelChoiceField):
    def label_from_instance(self, centre: Centre) -> str:
        return f"{centre.code} · {centre.name}" if centre.name else centre.code


class InviteForm(forms.ModelForm):
    """An inviter sees the roles and centres that are theirs to give."""

    centre = CentreChoice(Centre.objects.none(), label=_("Centre"), required=False)

    class Meta:
        model = Invitation
        fields = ["email", "role", "centre"]

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        self._limit_to(by)

    def _limit_to(self, by) -> None:
        role, centre = self.fields["role"], self.fields["centre"]
        everywhere = manages_everywhere(by)
        managed = everywhere or visible_centres(by, Permission.MANAGE_PEOPLE).exists()
        roles = list(Role) if managed else ROLES_OF_ONE_CENTRE
        role.choices = [("", _("Choose a role")), *((r.value, name_of(r)) for r in roles)]
        centre.queryset = administered_centres(by)
        centre.empty_label = _("All centres") if everywhere else _("Choose a centre")
        centre.required = not everywhere
        if everywhere:
            centre.help_text = _("Neurologists and coordinators need one.")
        only = centre.queryset[:2]
        if len(only) == 1 and not everywhere:
            centre.initial = only[0]


def name_of(role: Role) -> str:
    return role.value.replace("_", " ")


class CentreForm(forms.ModelForm):
    class Meta:
        model = Centre
        fields = ["code", "name"]
        help_texts = {"code": _("Short, as in the centre's bundles; it does not change later.")}


class CentreNameForm(forms.ModelForm):
    class Meta:
        model = Centre
        fields = ["name"]


class TokenForm(forms.ModelForm):
    """Name, use, reach and last day of a token; the roles of its owner limit what it may do."""

    LIFETIMES = ((30, _("30 days")), (90, _("90 days")), (LONGEST.days, _("a year")))

    USES = {
        Scope.READ: _("Read"),
        Scope.WRITE: _("Read and write: record, amend, void"),
        Scope.EXPORT: _("Read and export"),
    }

    scope = forms.ChoiceField(label=_("It may"), initial=Scope.READ.value)
    centre = CentreChoice(Centre.objects.none(), label=_("Centre"), required=False)
    days = forms.TypedChoiceField(label=_("Ends after"), choices=LIFETIMES, coerce=int, initial=90)

    class Meta:
        model = AccessToken
        fields = ["name", "scope", "centre"]
        help_texts = {"name": _("What will use it: “R on my laptop”.")}

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        uses = [(use.value, words) for use, words in self.USES.items() if can(by, use.needs)]
        self.fields["scope"].choices = uses
        self.fields["centre"].queryset = visible_centres(by, Permission.READ_RECORDS)
        self.fields["centre"].empty_label = _("All of mine")
