"""What can go wrong in a command, and how it is told: one line on standard error, and the exit code.

    CommandError         1  the command could not do its work
     ├─ SettingsError    2  a setting is missing or no good
     ├─ UsageError       2  options do not go together
     ├─ ReplayError      1  a file or Kafka is not as it must be
     │   └─ WrongFile      2  a file is something else than its format
     ├─ Unaccounted      1  not every event of a replay was folded
     ├─ TopicError       1  a topic cannot be read or made
     ├─ NoServer         1  there is no Redis to look into
     ├─ EvictingServer   1  Redis would forget profiles when its memory is full
     ├─ RepeatDiffers    1  two different messages carry one id
     └─ Stopped        130  Ctrl-C, where it matters what was done until then

Anything else is a bug, and shows its traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kairos.terminal.escape import safe
from sinks.embedded import ServerError
from sinks.store import StoreError, Unavailable


class CommandError(Exception):
    """The message says what is wrong, and what to do."""

    code = 1


class SettingsError(CommandError):
    """A setting is missing or no good; the message begins with the variable's name and repeats no secret."""

    code = 2


class UsageError(CommandError):
    """Options do not go together."""

    code = 2


class ReplayError(CommandError):
    """A file, or Kafka, is not as it must be."""


class WrongFile(ReplayError):
    """A file is something else than its format; the message says what it looks like."""

    code = 2


class Unaccounted(CommandError):
    """Not every event that a replay read, or sent, became applied, a duplicate or a dead letter."""


class TopicError(CommandError):
    """A topic cannot be read or made."""


class NoServer(CommandError):
    """There is no Redis to look into."""


class EvictingServer(CommandError):
    """Redis would forget profiles when its memory is full."""


class RepeatDiffers(CommandError):
    """Two messages carry one id and are not the same."""


class Stopped(CommandError):
    """The user ended it before it was done."""

    code = 130


def no_kafka(brokers: Sequence[str], error: Exception) -> str:
    """What to say where Kafka does not answer, or refuses."""
    return f"Kafka at {','.join(brokers)}: {str(error) or type(error).__name__}; is it running, and KAFKA_URL right?"


def no_redis(error: Exception) -> str:
    """What to say where Redis does not answer."""
    return f"Redis does not answer: {error}; is it running, and REDIS_URL right?"


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Tell complaints, the store's and the embedded server's too, and end the process with their code."""
    try:
        yield
    except CommandError as complaint:
        tell(complaint)
        sys.exit(complaint.code)
    except Unavailable as error:
        tell(NoServer(no_redis(error)))
        sys.exit(1)
    except (StoreError, ServerError) as error:
        tell(error)
        sys.exit(1)


def tell(error: Exception) -> None:
    """One line on standard error."""
    detail = str(error) or type(error).__name__
    print(f"kairos: {safe(detail)}", file=sys.stderr)
