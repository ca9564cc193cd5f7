"""What surrounds rows in an answer: the day, the rules, the ways on; and the form of a refusal."""

from rest_framework import serializers

from . import columns


class RuleSetSerializer(serializers.Serializer):
    name = columns.text("Name of the rule set.")
    version = columns.text("Its version: the same version gives the same results.")
    criteria = columns.text("Criteria by which conduction block is graded.")


class AnswerSerializer(serializers.Serializer):
    """What every answer in JSON carries."""

    as_of = columns.day("The day of the answer: only what is dated on or before it counted.")
    rules = RuleSetSerializer(help_text="The rules that derived results follow.")
    pseudonymised = serializers.BooleanField(
        required=False,
        help_text="True where you read patients for research: their days are months (2008-12), "
        "years of birth and free texts null. Left out where you read them as who treats them.",
    )
    withheld = serializers.IntegerField(
        required=False,
        help_text="Patients left out, because they withdrew their consent to research. Left out "
        "where there are none.",
    )


class PageSerializer(AnswerSerializer):
    next = serializers.URLField(
        allow_null=True, help_text="Address of the next page; null where the list ends."
    )
    previous = serializers.URLField(
        allow_null=True, help_text="Address of the page before; null where the list begins."
    )


class RefusedFieldSerializer(serializers.Serializer):
    field = columns.text("The parameter, or where in what was sent (a JSON pointer).")
    code = columns.text("What kind of mistake it is, in a word for programs.")
    value = columns.text("What was sent, shortened.", allow_null=True)
    detail = columns.text("What is wrong, and what to do.")


class QuestionSerializer(serializers.Serializer):
    """A value that is possible, but seldom right."""

    key = columns.text("What goes into `confirm` if the value is right.")
    code = columns.text("Which question it is, in a word for programs.")
    field = columns.text("Where in what was sent (a JSON pointer).")
    value = columns.text("The value.")
    sentence = columns.text("The question, as the page asks it.")
    suggestion = columns.text("Another value that would fit.", allow_null=True)


class ProblemSerializer(serializers.Serializer):
    """A refusal as RFC 9457 writes it."""

    type = columns.text("`about:blank`: status and code say it all.")
    title = columns.text("The status in words.")
    status = columns.count("The status as number.")
    code = columns.text("Which refusal it is, in a word for programs.")
    detail = columns.text("What is wrong, and what to do.")
    errors = RefusedFieldSerializer(many=True, help_text="What is wrong, one by one.")
    questions = QuestionSerializer(
        many=True,
        required=False,
        help_text="Unusual values that nobody confirmed yet. Left out where there are none.",
    )
    current = serializers.DictField(
        required=False,
        help_text="The record as it stands, where it is another one than you read.",
    )
    etag = columns.text("Its version, for the header `If-Match`.", required=False)
    wrong_in_all = serializers.IntegerField(
        required=False, help_text="How many things are wrong, where `errors` has the first ones."
    )
    request_id = columns.text("By which the operator finds this request; also a header.")


def page_of(row: type[serializers.Serializer]) -> serializers.Serializer:
    """A page of such rows, as an object of its own."""
    return _around(row, "Page", PageSerializer, results=row(many=True))


def answer_with(row: type[serializers.Serializer]) -> serializers.Serializer:
    """One such row."""
    return _around(row, "Answer", AnswerSerializer, result=row())


def _around(row, ending: str, envelope, **content) -> serializers.Serializer:
    name = row.__name__.removesuffix("Serializer")
    return type(envelope)(f"{name}{ending}Serializer", (envelope,), content)()
