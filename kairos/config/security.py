"""How to reach servers that are not plaintext: TLS and SASL, passed through to each client in its own words."""

from __future__ import annotations

import ssl
from typing import Any

from msgspec import Struct


class Security(Struct, frozen=True, kw_only=True, repr_omit_defaults=True):
    """Broker security. Certificates and keys are files in PEM."""

    protocol: str = "PLAINTEXT"
    mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    key_password: str | None = None

    def __repr__(self) -> str:
        """Without the passwords."""
        return f"Security(protocol={self.protocol!r}, mechanism={self.mechanism!r}, username={self.username!r})"

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.protocol.endswith("SSL")

    @property
    def sasl(self) -> bool:
        """Whether the client says who it is."""
        return self.protocol.startswith("SASL_")

    def complaint(self) -> str | None:
        """What does not fit together, naming the variable; None if all does."""
        if self.sasl and not (self.username and self.password):
            return f"KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: needed with KAFKA_SECURITY_PROTOCOL={self.protocol}"
        if not self.sasl and (self.username or self.password):
            return f"KAFKA_SASL_USERNAME: of no use with KAFKA_SECURITY_PROTOCOL={self.protocol}; set SASL_SSL"
        if not self.tls and (self.ca_file or self.cert_file or self.key_file):
            return f"KAFKA_SSL_*: of no use with KAFKA_SECURITY_PROTOCOL={self.protocol}; set SSL or SASL_SSL"
        return _unusable("KAFKA", self.ca_file, self.cert_file, self.key_file, self.key_password)

    def context(self) -> ssl.SSLContext | None:
        """The TLS context, None for a connection in plain text. OSError (ssl.SSLError too) where a file is no good."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file:
            context.load_cert_chain(self.cert_file, self.key_file, self.key_password)
        return context

    def client(self) -> dict[str, Any]:
        """Arguments that aiokafka's and kafka-python's clients both take."""
        arguments: dict[str, Any] = {"security_protocol": self.protocol, "ssl_context": self.context()}
        if self.sasl:
            arguments |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return arguments

    def faust(self) -> Any:
        """Faust's `broker_credentials`; None for plain text."""
        import faust

        if self.sasl:
            return faust.SASLCredentials(
                username=self.username, password=self.password, mechanism=self.mechanism, ssl_context=self.context()
            )
        return faust.SSLCredentials(context=self.context()) if self.tls else None


class RedisTls(Struct, frozen=True):
    """TLS to Redis, where its URL begins with ``rediss://``. Certificates and keys are files in PEM."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def complaint(self, url: str | None) -> str | None:
        """What does not fit together, naming the variable; None if all does."""
        if (self.ca_file or self.cert_file or self.key_file) and url and not url.startswith("rediss://"):
            return "REDIS_SSL_*: of no use unless REDIS_URL begins with rediss://"
        if self.key_file and not self.cert_file:
            return "REDIS_SSL_KEYFILE: of no use without REDIS_SSL_CERTFILE"
        return _unusable("REDIS", self.ca_file, self.cert_file, self.key_file)

    def client(self, url: str) -> dict[str, Any]:
        """Arguments for redis-py's client of this URL; what the URL's own query says wins over them."""
        if not url.startswith("rediss://"):
            return {}
        files = {"ssl_ca_certs": self.ca_file, "ssl_certfile": self.cert_file, "ssl_keyfile": self.key_file}
        return {name: value for name, value in files.items() if value}


def _unusable(
    server: str, ca_file: str | None, cert_file: str | None, key_file: str | None, password: str | None = None
) -> str | None:
    """Which file is no good, naming its variable: a client would say so only in a traceback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    name, file = "CAFILE", ca_file
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
        name, file = "CERTFILE", cert_file
        if cert_file:
            context.load_cert_chain(cert_file, key_file, password or "")
    except OSError as error:  # ssl.SSLError too
        return f"{server}_SSL_{name}={file}: {error.strerror or error}: expected a readable file in PEM"
    return None
