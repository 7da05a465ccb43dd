from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATE_UNSPECIFIED: _ClassVar[State]
    STATE_ANSWERED: _ClassVar[State]
    STATE_REFUSED: _ClassVar[State]
    STATE_FAILED: _ClassVar[State]
    STATE_NO_REPLY: _ClassVar[State]
STATE_UNSPECIFIED: State
STATE_ANSWERED: State
STATE_REFUSED: State
STATE_FAILED: State
STATE_NO_REPLY: State

class Signed(_message.Message):
    __slots__ = ("context", "payload", "key", "signature")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    context: str
    payload: bytes
    key: str
    signature: bytes
    def __init__(self, context: _Optional[str] = ..., payload: _Optional[bytes] = ..., key: _Optional[str] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Head(_message.Message):
    __slots__ = ("site", "seq", "hash", "life_nano_rho")
    SITE_FIELD_NUMBER: _ClassVar[int]
    SEQ_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    LIFE_NANO_RHO_FIELD_NUMBER: _ClassVar[int]
    site: str
    seq: int
    hash: str
    life_nano_rho: int
    def __init__(self, site: _Optional[str] = ..., seq: _Optional[int] = ..., hash: _Optional[str] = ..., life_nano_rho: _Optional[int] = ...) -> None: ...

class Shortfall(_message.Message):
    __slots__ = ("budget", "left_nano_rho", "renews_unix_s")
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    LEFT_NANO_RHO_FIELD_NUMBER: _ClassVar[int]
    RENEWS_UNIX_S_FIELD_NUMBER: _ClassVar[int]
    budget: str
    left_nano_rho: int
    renews_unix_s: int
    def __init__(self, budget: _Optional[str] = ..., left_nano_rho: _Optional[int] = ..., renews_unix_s: _Optional[int] = ...) -> None: ...
