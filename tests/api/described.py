"""What the schema says of an address, and what is other than it says."""

from openapi_schema_validator import OAS31Validator, oas31_format_checker


def path_of(address):
    return f"/api/v1/{address}".replace("A-1", "{study_id}")


def operation(schema, address):
    return schema["paths"][path_of(address)]["get"]


def answer(schema, address):
    """What is said of an answer in JSON."""
    return operation(schema, address)["responses"]["200"]["content"]["application/json"]["schema"]


def resolved(schema, described):
    """The component that a description refers to."""
    name = described["$ref"].removeprefix("#/components/schemas/")
    return schema["components"]["schemas"][name]


def problems(schema, described, instance):
    """Whatever in an answer is other than described; also what is not described at all."""
    components = {
        name: _closed(component) for name, component in schema["components"]["schemas"].items()
    }
    validator = OAS31Validator(
        described | {"components": {"schemas": components}}, format_checker=oas31_format_checker
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]


def _closed(component):
    is_closed = component.get("type") == "object" and "additionalProperties" not in component
    return component | {"additionalProperties": False} if is_closed else component
