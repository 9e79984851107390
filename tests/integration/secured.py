"""Servers that ask who is there, and speak TLS: certificates of an authority made up for the test, a Redis with a user
of few rights, a Kafka with SASL."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import redis
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ops.kafka.local import LocalKafka, free_port
from tests.integration.servers import RedisServer

USER, PASSWORD = "kairos", "s3cret:@/%"
QUOTED = "s3cret%3A%40%2F%25"
"""The password as a URL needs it."""


class Certificates(NamedTuple):
    """Files in PEM: the authority's, the server's (for 127.0.0.1) and a client's certificate with its key."""

    ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path


def certificates(folder: Path) -> Certificates:
    """Make them."""
    authority = trustme.CA()
    made = Certificates(*(folder / f"{name}.pem" for name in Certificates._fields))
    authority.cert_pem.write_to_path(made.ca)
    for issued, file, key_file in (
        (authority.issue_cert("127.0.0.1", "localhost"), made.server, made.server_key),
        (authority.issue_cert("kairos@example.org"), made.client, made.client_key),
    ):
        file.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
        key = load_pem_private_key(issued.private_key_pem.bytes(), None)
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


class SecuredRedis(RedisServer):
    """TLS on a port of its own, where a client's certificate is wanted; `secured` is its URL. Rights as documented."""

    def __init__(self, files: Certificates, acl: str) -> None:
        port = free_port()
        config = {
            "tls-port": str(port),
            "tls-cert-file": str(files.server),
            "tls-key-file": str(files.server_key),
            "tls-ca-cert-file": str(files.ca),
            "tls-auth-clients": "yes",
        }
        super().__init__(**config)
        self.secured = f"rediss://{USER}:{QUOTED}@127.0.0.1:{port}/0"
        self._acl = acl

    def close(self) -> None:
        """Stop, and forget its data."""
        self.__exit__(None, None, None)

    def start(self, timeout: float = 20.0) -> None:
        super().start(timeout)
        with redis.Redis.from_url(self.url) as client:
            client.execute_command("ACL", "SETUSER", USER, "on", f">{PASSWORD}", *self._acl.split())
            client.execute_command("ACL", "SETUSER", "default", "on", "nopass", "allkeys", "+@all")


class SecuredKafka(LocalKafka):
    """SASL/PLAIN over TLS at `secured`; in plain text as ever at `bootstrap`."""

    def __init__(self, files: Certificates) -> None:
        super().__init__()
        self.secured = f"127.0.0.1:{free_port()}"
        self._files = files

    def _format(self) -> Path:
        keystore = self.data / "keystore.pem"
        keystore.write_bytes(self._files.server_key.read_bytes() + self._files.server.read_bytes())
        properties = super()._format()
        lines = dict(
            line.split("=", 1) for line in properties.read_text().splitlines() if "=" in line and line[0] != "#"
        )
        lines["listeners"] += f",SECURED://{self.secured}"
        lines["advertised.listeners"] += f",SECURED://{self.secured}"
        lines["listener.security.protocol.map"] += ",SECURED:SASL_SSL"
        login = "org.apache.kafka.common.security.plain.PlainLoginModule required"
        ours = {
            "sasl.enabled.mechanisms": "PLAIN",
            "plain.sasl.jaas.config": f'{login} user_{USER}="{PASSWORD}";',
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(keystore),
        }
        lines |= {f"listener.name.secured.{name}": value for name, value in ours.items()}
        properties.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        return properties
