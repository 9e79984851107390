"""The endpoints file: what it may hold, what is told of mistakes, and that no secret shows."""

from __future__ import annotations

import traceback
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sinks.webhooks.endpoints import Endpoint, load
from sinks.webhooks.examples import EXAMPLES

FIRST, SECOND = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_ArKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = f'url = "https://x.example/hook"\nsecret = "{FIRST}"\n'


def of(table: str, **environ: str) -> Endpoint:
    return load(f"[endpoints.crm]\n{table}", environ=environ)[0]


def test_defaults_and_everything_that_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECOND}\n")
    text = f"""
        [endpoints.crm]
        {HOOK}topics = ["churn-alerts"]
        [endpoints."mail.eu"]
        url = "http://receiver:8080/x"
        topics = ["cart-abandonments", "user-tags"]
        kinds = ["triggered", "entered"]
        tags = ["segment:*", "bot"]
        channels = ["email"]
        secret = ["env:FIRST", "file:secret"]
        headers = {{ "X-Key" = "env:KEY" }}
        concurrency = 2
        timeout = 2.5
        keep = 7
        allow = ["Receiver", "10.0.0.0/8"]
    """
    crm, mail = load(text, environ={"FIRST": FIRST, "KEY": "k"}, folder=tmp_path)
    assert crm == Endpoint(name="crm", url="https://x.example/hook", topics=("churn-alerts",), secrets=(FIRST,))
    assert (crm.concurrency, crm.timeout, crm.keep, crm.template) == (8, 15_000, 10_000, "generic")
    assert mail == Endpoint(
        name="mail.eu",
        url="http://receiver:8080/x",
        topics=("cart-abandonments", "user-tags"),
        kinds=("triggered", "entered"),
        tags=("segment:*", "bot"),
        channels=("email",),
        secrets=(FIRST, SECOND),
        headers={"X-Key": "k"},
        concurrency=2,
        timeout=2_500,
        keep=7,
        allow=("receiver", "10.0.0.0/8"),
    )


MISTAKES = [
    ("topics = [", "no TOML"),
    (f'{HOOK}topic = ["churn-alerts"]', "an endpoint has no topic; did you mean topics?"),
    (HOOK, "missing required field `topics`"),
    (f'{HOOK}topics = "churn-alerts"', "topics: Expected `array`, got `str`"),
    (f"{HOOK}topics = []", "topics: expected at least one of user-tags"),
    (f'{HOOK}topics = ["churn-alert"]', "topics: there is no churn-alert; did you mean churn-alerts?"),
    (f'{HOOK}topics = ["dead-letters"]', "topics: dead-letters go nowhere"),
    (f'{HOOK}topics = ["churn-alerts"]\nkinds = ["rased"]', "kinds: these topics have no rased; did you mean raised?"),
    (f'{HOOK}topics = ["churn-alerts"]\nkinds = ["triggered"]', "kinds: these topics have no triggered"),
    (f'{HOOK}topics = ["churn-alerts"]\ntags = ["bot"]', "tags: they choose among user-tags"),
    (f'{HOOK}topics = ["churn-alerts"]\ntemplate = "slak"', "template: there is no slak; did you mean slack?"),
    (f'{HOOK}topics = ["churn-alerts"]\ntemplate = "file:none.json"', "template: none.json cannot be read: No such"),
    (f'{HOOK}topics = ["churn-alerts"]\ntemplate = "audiences"', "topics: audiences takes user-tags only"),
    (f'{HOOK}topics = ["churn-alerts"]\noptions = {{ a = "b" }}', "options: generic has no a"),
    (f'{HOOK}topics = ["churn-alerts"]\nconcurrency = 0', "concurrency: Expected `int` >= 1"),
    (f'{HOOK}topics = ["churn-alerts"]\ntimeout = 61', "timeout: Expected `float` <= 60"),
    (f'{HOOK}topics = ["churn-alerts"]\ntimeout = "15s"', "timeout: Expected `float`, got `str`"),
    (f'{HOOK}topics = ["churn-alerts"]\nallow = ["10.0.0.0/40"]', "allow: expected a host, an address or a network"),
    (f'{HOOK}topics = ["churn-alerts"]\nheaders = {{ "a b" = "c" }}', "headers: 'a b' is no name of a header"),
    (f'{HOOK}topics = ["churn-alerts"]\nheaders = {{ "Webhook-Id" = "c" }}', "headers: Webhook-Id is set for each"),
    (f'{HOOK}topics = ["churn-alerts"]\nheaders = {{ x = "c\\r\\ny: z" }}', "headers.x: expected printable ASCII"),
    ('url = "https://x.example"\ntopics = ["churn-alerts"]', "secret: it is missing"),
    (f'secret = "{FIRST}"\ntopics = ["churn-alerts"]', "url: expected where requests go"),
    ('template = "klaviyo"\ntopics = ["churn-alerts"]', "options.api_key: it is missing: a private key"),
    (
        'template = "klaviyo"\ntopics = ["churn-alerts"]\noptions = { api_key = "k", identifier = "e-mail" }',
        "options.identifier: expected one of external_id, email, phone_number",
    ),
    (
        'template = "klaviyo"\ntopics = ["churn-alerts"]\nkinds = ["suppressed"]\noptions = { api_kye = "k" }',
        "klaviyo has no api_kye; did you mean api_key?",
    ),
]


@pytest.mark.parametrize(("table", "complaint"), MISTAKES)
def test_mistakes_are_told_with_endpoint_and_field(table: str, complaint: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        of(table)
    assert complaint in str(raised.value)
    assert str(raised.value).startswith(("endpoint crm: ", "no TOML: "))


@pytest.mark.parametrize("text", ["", "[endpoint.crm]\n", "endpoints = 3", "[endpoints]\n", "[endpoints.'a b']\n"])
def test_a_file_without_endpoints_or_with_a_name_that_is_none(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"no endpoints|the file has no endpoint; did you mean endpoints|its name may have"
    ):
        load(text)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://x.example/hook", "https only"),
        ("ftp://x.example/hook", "expected where requests go"),
        ("https://user:pw@x.example/", "no user, password"),
        ("https://x.example/#a", "no user, password, fragment"),
        ("https://x.example/a b", "no user, password, fragment or blanks"),
        ("https://[::1", "it is none"),
        ("https://x.example:99999/", "it is none"),
        *(
            (f"https://{host}/", "a private address")
            for host in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "0.0.0.0")
        ),
    ],
)
def test_where_requests_may_go(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"url: {complaint}"):
        of(f'secret = "{FIRST}"\ntopics = ["churn-alerts"]\nurl = "{url}"')


@pytest.mark.parametrize(
    ("url", "allow"),
    [("http://localhost:9/x", "localhost"), ("http://127.0.0.1:9/", "127.0.0.0/8"), ("https://[fd00::1]/", "fd00::/8")],
)
def test_private_ones_by_permission(url: str, allow: str) -> None:
    table = f'secret = "{FIRST}"\ntopics = ["churn-alerts"]\nurl = "{url}"\n'
    assert of(f'{table}allow = ["{allow}"]').url == url
    with pytest.raises(ValueError, match="url: "):
        of(f'{table}allow = ["10.0.0.0/8", "other"]')


def test_values_that_are_named_must_be_there(tmp_path: Path) -> None:
    table = 'url = "https://x.example/hook"\ntopics = ["churn-alerts"]\nsecret = '
    with pytest.raises(ValueError, match="endpoint crm: secret: the environment variable CRM_SECRET is not set"):
        of(f'{table}"env:CRM_SECRET"')
    with pytest.raises(ValueError, match="endpoint crm: secret: gone cannot be read: No such file"):
        load(f'[endpoints.crm]\n{table}"file:gone"', folder=tmp_path)
    assert of(f'{table}"env:CRM_SECRET"', CRM_SECRET=FIRST).secrets == (FIRST,)


SLACK = "https://hooks.slack.com/services/T0/B0/hush-slack"
HUSHED = ("hush-key", "hush-slack", FIRST[6:], "hush-header")


def test_no_secret_shows() -> None:
    """Not by repr, not by rich, not by a traceback, not in what is told of a mistake."""
    table = f'topics = ["churn-alerts"]\nheaders = {{ x = "env:H" }}\nsecret = "{FIRST}"\n'
    environ = {"H": "hush-header", "K": "hush-key", "URL": SLACK}
    klaviyo = of(table + 'template = "klaviyo"\noptions = { api_key = "env:K" }', **environ)
    slack = of(table + 'template = "slack"\nurl = "env:URL"', **environ)
    shown = StringIO()
    Console(file=shown).print(klaviyo, [slack], {"a": klaviyo})
    told = repr(klaviyo) + str(slack) + f"{slack}" + shown.getvalue()
    for spoiled in ('template = "slack"\nurl = "env:URL"\ntimeout = "x"', 'url = "env:URL"\nallow = ["??"]'):
        with pytest.raises(ValueError, match="endpoint crm") as raised:
            of(table + spoiled, **environ)
        told += "".join(traceback.format_exception(raised.value))
    assert "hooks.slack.com" in told
    assert not [secret for secret in HUSHED if secret in told]


TAKES: list[tuple[dict[str, Any], tuple[str, str], dict[str, Any], bool]] = [
    ({}, ("churn-alerts", "raised"), {}, False),
    ({}, ("user-tags", "entered"), {}, True),
    ({"kinds": ("triggered",)}, ("cart-abandonments", "triggered"), {}, True),
    ({"kinds": ("triggered",)}, ("cart-abandonments", "expired"), {}, False),
    ({"tags": ("segment:*",)}, ("user-tags", "entered"), {"tag": "segment:loyal"}, True),
    ({"tags": ("segment:*",)}, ("user-tags", "entered"), {"tag": "stage:new"}, False),
    ({"tags": ("bot",)}, ("user-tags", "exited"), {"tag": "bot"}, True),
    ({"tags": ("bot",)}, ("user-tags", "exited"), {"tag": "bottle"}, False),
    ({"tags": ("bot",)}, ("cart-abandonments", "triggered"), {}, True),
    ({"channels": ("sms",)}, ("cart-abandonments", "triggered"), {"channels": ["email"]}, False),
    ({"channels": ("sms",)}, ("cart-abandonments", "triggered"), {"channels": ["email", "sms"]}, True),
    ({"channels": ("sms", "email")}, ("cart-abandonments", "triggered"), {"channels": []}, False),
    ({"channels": ("sms",)}, ("cart-abandonments", "cancelled"), {}, True),
    ({"channels": ("sms",)}, ("user-tags", "entered"), {}, True),
]


@pytest.mark.parametrize(("filters", "kind", "fields", "taken"), TAKES)
def test_who_takes_what(filters: dict[str, Any], kind: tuple[str, str], fields: dict[str, Any], taken: bool) -> None:
    one = Endpoint(name="x", url="https://x.example", topics=("user-tags", "cart-abandonments"), **filters)
    assert one.takes(kind[0], {**EXAMPLES[kind], **fields}) is taken
