"""Codes, limits and letters that read like a name, a phone number, an age or a host, and what is one."""

from __future__ import annotations

import pytest
from spans_found import found


@pytest.mark.parametrize(
    "text",
    [
        "Send it through the VPN again; F/U in 2 weeks.",
        "Sooooo good, Lameeee but fun",
        "Pump P-104 tripped, see Gate 2 and Ward 7B.",
        "Max: 11 C, Max speed 40, Max deviation 0.3",
        "at Basin.fill(Basin.java:214)",
        "if (o.id == c.id && contact.mobile = 4)",
        "total    3   64.90   194.70   21.55",
        "0.000    0.003\n16.000   15.991",
        "Accession no. 0171 555 1234",
        "An 18 years old single malt, aged 12 years in oak.",
        "The Jenkins server restarts the Gerber beam job",
        "keepalive_timeout 65; client_max_body_size 20m; gzip on",
        "class Grant:\n    pass\nLance.throw()\nMARK=slow",
        "unpacks core-2.8.1.zip at once",
        "Rollback to 10.4.21.9 is possible",
        "Bill of materials here, Grant applications there.",
        "We ran Shapiro-Wilk and Kruskal-Wallis, then Dunn's post hoc test.",
        "a Poisson regression, Cohen's kappa, and the Kaplan-Meier curves",
        "Florence floor lamp, covers in Margot green",
        "shades 'Ada', 'Beatrix' and 'Clementine' are mixed to order",
        "the 'Billie' bookcase and a \"Jane Eyre\" tote",
    ],
)
def test_what_only_reads_like_a_personal_value_is_left_alone(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("She works for the BBC now", "BBC", "ORGANIZATION"),
        ("An audit by KPMG is due", "KPMG", "ORGANIZATION"),
        ("Max called about the invoice", "Max", "PERSON"),
        ("See basin.io/docs for more", "basin.io/docs", "URL"),
        ("Call 0171 555 1234", "0171 555 1234", "PHONE_NUMBER"),
        ("My dad is 82 years old", "82", "AGE"),
        ("Please ask Jenkins, she serves it", "Jenkins", "PERSON"),
        ("Anna's test is tomorrow", "Anna", "PERSON"),
        ('a friend called "Florence"', "Florence", "PERSON"),
        ("Grant called, he applies for it", "Grant", "PERSON"),
        ("pay to gb33bukb20201555555555 please", "gb33bukb20201555555555", "IBAN_CODE"),
    ],
)
def test_what_is_one_is_found(text, value, entity):
    assert (value, entity) in found(text)
