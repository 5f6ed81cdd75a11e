"""Free text as customers and agents write it, with personal values in the middle of it.

A text names its writer (`me`) and often somebody else (`other`), who may be another customer.
"""

from __future__ import annotations

import random

from examples.people import Person

SUBJECTS = (
    "Where is my parcel?", "Refund for order {order}", "Wrong name on invoice", "Please change my e-mail",
    "Order {order} arrived damaged", "Cannot log in", "Delete my account", "Call me back at {me.phone}",
    "Invoice for {me.full_name}", "Duplicate account {other.email}", "Delivery to {me.city}", "Charged twice",
    "Frage zu Bestellung {order}", "Commande {order} non reçue", "Gift for {other.first_name}", "Warranty",
)  # fmt: skip

OPENINGS = (
    "Hello,", "Hi team,", "Good morning,", "To whom it may concern,", "Hi, this is {me.full_name}.",
    "Dear support,", "Hey there,", "My name is {me.full_name}, customer {me_id}.", "Hello, {me.first_name} here.", "",
)  # fmt: skip

MATTERS = (
    "order {order} has not arrived. The carrier says it was left with {other.full_name} at {other.street}, {other.city}, "
    "but I live at {me.street}, {me.postal_code} {me.city}.",
    "please send the refund for {order} to my account {me.iban_or_card}. The account is in the name of {me.full_name}.",
    "I moved last week. My new address is {me.street}, {me.postal_code} {me.city}; the old one can be deleted.",
    "I can no longer read mail at {other.email}. Please use {me.email} from now on.",
    "you charged my card {me.card_number} twice for {order}.",
    "the invoice for {order} is made out to {other.full_name}. It should say {me.full_name}, born {me.birth_date}.",
    "my sister {other.full_name} ordered with my account by mistake. You reach her at {other.phone} or {other.email}.",
    "I get mail that is meant for {other.email}, among it an invoice with the address {other.street} in {other.city}.",
    "please call me on {me.phone} between 9 and 12, the parcel for {order} is torn open.",
    "since the last update the app shows the basket of somebody called {other.full_name} ({other.email}).",
    "I want a copy of all data that you hold about me: {me.full_name}, {me.email}, date of birth {me.birth_date}.",
    "please delete my account. It is registered under {me.email} and the phone number {me.phone}.",
    "your driver phoned {other.phone} and not {me.phone}. {other.first_name} {other.last_name} has nothing to do with this.",
    "the discount code did not work, and the second time the page was blank. Nothing was delivered, nothing charged.",
    "I was logged out three times today; the notice says that somebody signed in from {address}.",
    "can the parcel go to my neighbour {other.full_name}, {other.street}? I am away until the 14th.",
    "the colour is not the one in the picture, and size 42 runs small. I would like to change it for 43.",
    "Agent note: caller confirmed name ({me.full_name}), birth date ({me.birth_date}) and last four digits {me.last_four}. "
    "Asked that {other.full_name} be added as a second contact, {other.phone}.",
    "Agent note: voicemail left at {me.phone}, second attempt at {other.phone}, no answer.",
    "ich habe meine Bestellung {order} noch nicht erhalten. Meine Anschrift: {me.full_name}, {me.street}, "
    "{me.postal_code} {me.city}. Bitte rufen Sie unter {me.phone} zurück.",
    "je n'ai pas reçu la commande {order}. Vous pouvez me joindre au {me.phone} ou à {me.email}. {me.full_name}",
    "no he recibido el pedido {order}. Mi correo es {me.email} y mi teléfono {me.phone}. Gracias, {me.full_name}",
    "non ho ricevuto il rimborso. Il mio IBAN è {me.iban_or_card}, intestato a {me.full_name}.",
    "the gift card for {other.first_name} never came. It was to go to {other.email} on {other.birth_date}.",
)  # fmt: skip

MORE = (
    "", "", "", "It is the third time this year.", "Order number {order}, placed last month.",
    "I attach a photo.", "If it is easier, write to {me.email}.", "My mobile is {me.phone}.",
    "Mr {other.last_name} of your team promised a voucher.", "I have been a customer since 2019.",
    "CC: {other.full_name} <{other.email}>", "You will find me as {me.last_name}, {me.first_name}.",
)  # fmt: skip

CLOSINGS = (
    "", "Thanks", "Best regards,\n{me.full_name}", "Kind regards, {me.first_name}",
    "{me.full_name}\n{me.street}\n{me.postal_code} {me.city}", "Thank you!\n{me.first_name} {me.last_name}\n{me.phone}",
    "Yours sincerely\n{me.full_name}", "Sent from my phone",
)  # fmt: skip

NOTES = (
    "Leave with {other.full_name} next door", "Call {me.phone} before delivery", "Gift, please no invoice in the box",
    "Ring at {me.last_name}, second floor", "Code for the gate is on the door", "For {other.first_name}, happy birthday!",
    "Pick-up by {other.full_name}, {other.phone}", "Not before 6 pm", "Questions to {me.email}",
)  # fmt: skip


class Voice:
    """What a text may say of a person, beyond the person's own fields."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.iban_or_card = person.iban or person.card_number
        self.last_four = person.card_number[-4:]

    def __getattr__(self, name: str) -> object:
        return getattr(self._person, name)


def ticket(
    source: random.Random, me: Person, me_id: str, other: Person, order: str, address: str
) -> tuple[str, str]:
    """Subject and body of one ticket."""
    told = {"me": Voice(me), "me_id": me_id, "other": Voice(other), "order": order, "address": address}
    parts = [source.choice(shapes).format(**told) for shapes in (OPENINGS, MATTERS, MORE)]
    closing = source.choice(CLOSINGS).format(**told)
    body = " ".join(part for part in parts if part)
    return source.choice(SUBJECTS).format(**told), body + ("\n\n" + closing if closing else "")


def note(source: random.Random, me: Person, other: Person) -> str:
    """What a buyer tells the carrier; empty four times in five."""
    if source.random() < 0.8:
        return ""
    return source.choice(NOTES).format(me=Voice(me), other=Voice(other))
