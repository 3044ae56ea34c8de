"""`recordbus verify`: ask the owner before acting, and answer (composition root)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, get_args

import orjson
import typer

from consumers.assembly import connection_of, registry_of
from consumers.feeds.ledger.ledger import Ledger
from consumers.verification import answering, asking
from consumers.verification.asking import Asker, Subject
from consumers.verification.held import held_subjects, record_subject
from consumers.verification.sending import Sender
from consumers.verification.show import lines_of, question_json
from consumers.verification.table import read_verifications
from recordbus.audit.assembly import open_audit
from recordbus.audit.roles import check_no_auditor
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured, Refused
from recordbus.ids import UuidSource
from recordbus.kafka.codec import Encoder
from recordbus.kafka.producer import IdempotentProducer
from recordbus.policy import Policies, PolicyStore, Request
from recordbus.policy.asking import check_may_ask
from recordbus.settings import Settings, load
from recordbus.verification import QUESTIONS
from schemas.topics import answers_topic_for_department
from schemas.types.vocabulary import VerificationOutcome

verify = typer.Typer(
    add_completion=False,
    help="Ask a record's owner whether it may be relied on, and answer for one's own (R-34).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Department = Annotated[str, typer.Option("--department", help="The department that owns it.")]


@verify.command()
def ask(
    subject: Annotated[
        str,
        typer.Argument(help="record/<key>, association/<id>, or an entity's id, as it was told."),
    ],
    reason: Annotated[
        str, typer.Option(help="Why it is asked, in one line that names nobody.")
    ],
    subscription: Annotated[
        str, typer.Option(help="The subscription that holds it; it says who asks, and for what.")
    ] = "",
    agency: Annotated[str, typer.Option(help="Without a subscription: the agency that asks.")] = "",
    requester: Annotated[str, typer.Option(help="Without a subscription: who asks.")] = "",
    purpose: Annotated[str, typer.Option(help="Without a subscription: for which purpose.")] = "",
    case: Annotated[str, typer.Option(help="Without a subscription: for which case.")] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Ask the owner whether something that is held may be relied on."""
    settings = load()
    asker = (
        _subscriber(settings, subscription) if subscription
        else _searcher(settings, Asker(agency, requester, purpose, case))
    )  # fmt: skip
    try:
        subjects = _subjects(settings, asker, subject)
    except Refused as refused:
        with open_audit(settings) as audit:
            audit.append(
                asking.refused_entry(asker, refused, UuidSource().next(), SystemClock().now())
            )
        raise
    questions = asking.questions_of(asker, subjects, reason, SystemClock().now())
    with _sender(settings, QUESTIONS) as sender:
        for each in questions:
            sender.send(each, asking.entry_of(asker, each, UuidSource().next()))
    if as_json:
        typer.echo(orjson.dumps([each["verification_id"] for each in questions]))
        return
    for each in questions:
        typer.echo(f"asked {each['verification_id']}: {each['subject']}")


@verify.command(name="list")
def list_(
    department: Annotated[str, typer.Option(help="Questions that this owner is to answer.")] = "",
    agency: Annotated[str, typer.Option(help="Questions that this agency has asked.")] = "",
    answered: Annotated[
        bool, typer.Option("--answered", help="Also those that are answered.")
    ] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the questions to an owner that are open, or those of an agency, the oldest first."""
    if bool(department) == bool(agency):
        raise Misconfigured(
            "it is not said whose questions are wanted", hint="--department NAME or --agency NAME"
        )
    found = [
        each
        for each in _questions(load())
        if (each.department == department or each.said["agency"] == agency)
        and (answered or agency or each.said["answer"] is None)
    ]
    if as_json:
        typer.echo(orjson.dumps([question_json(each) for each in found]))
        return
    for line in (line for each in found for line in lines_of(each)) if found else ["no question"]:
        typer.echo(line)


@verify.command()
def answer(
    verification_id: Annotated[str, typer.Argument(help="Its id, as `list` shows it.")],
    outcome: Annotated[str, typer.Argument(help="verified, or refused: not to be relied on.")],
    department: Department,
    author: Annotated[str, typer.Option(help="The account of the one who answers.")],
    note: Annotated[str, typer.Option(help="What to add, in one line that names nobody.")] = "",
    as_json: AsJson = False,
) -> None:
    """Answer a question about a record of one's own department; a later answer replaces it."""
    settings = load()
    question = answering.question_named(_questions(settings), verification_id, department)
    reply = answering.Reply(_outcome(outcome), note, author)
    answer = answering.answer_to(question, reply, SystemClock().now())
    with _sender(settings, answers_topic_for_department(department)) as sender:
        sender.send(answer, answering.entry_of(question, answer, UuidSource().next()))
    if as_json:
        typer.echo(orjson.dumps(answer))
    else:
        typer.echo(f"{question.said['subject']} is {outcome}; whoever holds it is told")


def _subscriber(settings: Settings, subscription_id: str) -> Asker:
    """Give who asks by a subscription."""
    with _ledger(settings) as ledger:
        registered = ledger.register.all().get(subscription_id)
    if registered is None:
        raise Misconfigured(
            f"there is no subscription {subscription_id}", hint="see: recordbus feeds list"
        )
    said = registered.subscription
    return Asker(said.request().recipient, said.requester, said.purpose, said.case_number,
                 said.agency_ori, subscription_id)  # fmt: skip


def _searcher(settings: Settings, asker: Asker) -> Asker:
    """Check that somebody says who asks after a search, and is no auditor."""
    if not all((asker.agency, asker.requester, asker.purpose, asker.case_number)):
        raise Misconfigured(
            "it is not said who asks", hint="--subscription, or --agency, --requester, --purpose "
            "and --case",
        )  # fmt: skip
    check_no_auditor(asker.requester, settings.auditors())
    return asker


def _subjects(settings: Settings, asker: Asker, written: str) -> list[Subject]:
    """Give what is asked about; raises Refused for what an agency does not hold or may not have."""
    if asker.subscription_id is not None:
        with _ledger(settings) as ledger:
            return held_subjects(ledger, asker.subscription_id, written)
    subject = record_subject(written)
    request = Request("search", asker.agency, asker.purpose, asker.case_number, asker.requester)
    check_may_ask(_policies(settings), request, SystemClock().now())
    return [subject]


def _policies(settings: Settings) -> Policies:
    return PolicyStore.from_settings(settings, SystemClock()).policies()


@contextmanager
def _ledger(settings: Settings) -> Iterator[Ledger]:
    ledger = Ledger(settings.ledger_path(), {})
    try:
        yield ledger
    finally:
        ledger.close()


def _outcome(written: str) -> VerificationOutcome:
    for known in get_args(VerificationOutcome):
        if written == known:
            return known  # type: ignore[no-any-return]
    raise Misconfigured(
        f"{written!r} is no answer", hint=f"use one of {', '.join(get_args(VerificationOutcome))}"
    )


def _questions(settings: Settings) -> list[answering.Question]:
    registry = registry_of(settings)
    try:
        return answering.questions_in(read_verifications(connection_of(settings), registry))
    finally:
        registry.close()


@contextmanager
def _sender(settings: Settings, topic: str) -> Iterator[Sender]:
    """Connect; whatever is away or misconfigured is found before the audit has a line."""
    registry = registry_of(settings)
    try:
        encoder = Encoder(registry, f"{topic}-value")
    finally:
        registry.close()
    writer = IdempotentProducer(connection_of(settings))
    try:
        with open_audit(settings) as audit:
            yield Sender(topic, writer, encoder, audit, SystemClock())
    finally:
        writer.close()
