"""What the documents say is true: commands, exit codes, keys, faults, and the tests that prove the promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from agent.cli.exit_codes import ExitCode
from agent.cli.main import app
from agent.config.model import AccountSettings
from agent.config.model import Configuration
from agent.config.model import SecretSource
from mock_portal.advance import KEYS
from mock_portal.faults.kinds import COMMON_OPTIONS
from mock_portal.faults.kinds import KINDS
from mock_portal.ready import Ready

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")


def commands(group: typer.Typer, before: str = "caselog") -> Iterator[str]:
    """Every command by its whole name, groups that do something themselves included."""
    for each in group.registered_groups:
        name = f"{before} {each.name}"
        assert each.typer_instance is not None
        callback = each.typer_instance.registered_callback
        if callback is not None and callback.invoke_without_command is True:
            yield name
        yield from commands(each.typer_instance, name)
    for command in group.registered_commands:
        assert command.callback is not None
        yield f"{before} {command.name or command.callback.__name__}"


def table(heading: str) -> list[list[str]]:
    """The rows of the table whose first column's heading begins so."""
    lines = iter(README.splitlines())
    next(line for line in lines if line.startswith(f"| {heading}"))
    next(lines)
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            return rows
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def config_keys(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The keys of the file; a secret source counts as one."""
    for name, field in model.model_fields.items():
        inner = next((each for each in field_models(field.annotation) if each is not SecretSource), None)
        if inner is AccountSettings:
            yield from config_keys(inner, f"{before}{name}.NAME.")
        elif inner is not None:
            yield from config_keys(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def field_models(annotation: object) -> Iterator[type[BaseModel]]:
    for each in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each


def test_every_command_is_documented_and_nothing_else() -> None:
    """The table of commands is the command tree."""
    assert sorted(commands(app)) == sorted(name for row in table("command") for name in quoted(row[0]))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_in_an_example_exists(document: str) -> None:
    """An example that a reader copies is no command of another version."""
    known = set(commands(app))
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    used = re.findall(r"^(?:[\w./]+/)?(caselog(?: [a-z]+)+)", blocks, re.MULTILINE)
    used += re.findall(r"`(caselog(?: [a-z]+)+)", text)

    assert [] == [words for words in used if not any(f"{words} ".startswith(f"{name} ") for name in known)]


def test_every_command_explains_itself() -> None:
    """Each command has help of its own, and so has each of its options."""
    missing = []

    def look(group: typer.Typer) -> None:
        for each in group.registered_groups:
            assert each.typer_instance is not None
            look(each.typer_instance)
        for command in group.registered_commands:
            assert command.callback is not None
            if not command.callback.__doc__:
                missing.append(command.callback.__name__)

    look(app)

    assert [] == missing


def test_every_exit_code_is_documented() -> None:
    """The table of exit codes is the enumeration."""
    assert [code.value for code in ExitCode] == [int(row[0]) for row in table("code")]


def test_every_configuration_key_is_documented() -> None:
    """The table of keys is the model, so that no key is refused that stands there."""
    documented = set()
    for row in table("key | default"):
        names = quoted(row[0])
        documented |= set(names)
        before = names[0].rpartition(".")[0].rpartition(".")[0]
        documented |= {f"{before}.{name}" for name in quoted(row[2]) if name.startswith("proxy.")}

    assert set(config_keys(Configuration)) == documented


def test_every_fault_is_documented_with_its_keys() -> None:
    """The table of faults is what the mock portal accepts."""
    documented = {quoted(row[0])[0]: set(quoted(row[1])) for row in table("fault")}
    sentence = README[README.index("Every kind takes") :].partition("\n\n")[0]

    assert {name: set(kind.options) for name, kind in KINDS.items()} == documented
    assert set(COMMON_OPTIONS) == set(quoted(sentence))


def test_every_key_of_advance_is_documented() -> None:
    """The table of changes is what `/_control/advance` accepts."""
    assert list(KEYS) == [name for row in table("key of `/_control/advance`") for name in quoted(row[0])]


def test_every_key_of_the_ready_line_is_documented() -> None:
    """The table is what `portal --json` prints."""
    assert [field.name for field in fields(Ready)] == [name for row in table("key | holds") for name in quoted(row[0])]


def test_every_named_test_exists() -> None:
    """A promise names the test that proves it, and that test is there."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", README)

    assert [] == [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    """A link to a file of the repository is not broken."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / document).read_text(encoding="utf-8"))

    assert [] == [link for link in links if not (ROOT / link).exists()]
