"""Names of accounts as messages call them: "@night_owl_92"."""

from __future__ import annotations

from classifications.recognizers.grammar import GrammarRecognizer, Rule

# Words of code and calls to everybody, which are no accounts.
_NO_ACCOUNTS = frozenset(
    "media import param params return returns override property staticmethod classmethod dataclass pytest app"
    " here all channel everyone team types angular babel charset keyframes font-face supports page include"
    " throws deprecated see since todo version author test before after autowired".split()
)


class HandleRecognizer(GrammarRecognizer):
    """An at sign and a name of three characters or more, with a blank or a bracket before it.

    Near-misses: e-mail addresses, "@media", decorators (`@app.route(…)`, one alone on its line), packages
    (`@types/node`), "meet @ noon".
    """

    RULES = (
        Rule(
            r"(?<![^\s(\[\"'“‘.,:])(?P<USERNAME>@[A-Za-z_]\w{1,29}(?:\.\w{2,29})?)(?![\w(/@-]|\.\w)(?<!^[ \t]*@[\w.]{2,60}(?=[ \t]*$))",
            0.5,
            ("@",),
            lambda value: value[1:].lower() not in _NO_ACCOUNTS,
        ),
    )

    def __init__(self) -> None:
        super().__init__(["USERNAME"])
