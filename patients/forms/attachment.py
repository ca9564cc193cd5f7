"""A document as it is handed over."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from patients import labels
from patients.attachments import validate_document, validate_size
from patients.models import Attachment
from patients.models.attachment import PDF

from .record import typed_field


class AttachmentForm(forms.ModelForm):
    file = forms.FileField(
        label=_("File, PDF of at most 10 MB"),
        widget=forms.FileInput(attrs={"accept": PDF}),
        allow_empty_file=True,  # refused below, in our words
        error_messages={"required": _("Choose a file.")},
    )

    class Meta:
        model = Attachment
        fields = ("kind", "dated_on")
        formfield_callback = typed_field

    def __init__(self, *args, **options):
        super().__init__(*args, use_required_attribute=False, **options)
        words = [(code, capfirst(str(word))) for code, word in labels.ATTACHMENT.items()]
        self.fields["kind"].choices = [("", "–"), *words]
        for name, one in self.fields.items():
            kind = "form-select" if name == "kind" else "form-control"
            one.widget.attrs |= {"class": kind, "autocomplete": "off"}

    def clean_file(self) -> bytes:
        sent = self.cleaned_data["file"]
        validate_size(sent.size)  # what is too large is not read
        content = sent.read()
        validate_document(content)
        return content
