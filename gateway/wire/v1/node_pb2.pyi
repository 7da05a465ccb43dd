from gateway.wire.v1 import signed_pb2 as _signed_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AttachRequest(_message.Message):
    __slots__ = ("hello", "countersign_request", "reply", "heartbeat")
    HELLO_FIELD_NUMBER: _ClassVar[int]
    COUNTERSIGN_REQUEST_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    hello: Hello
    countersign_request: CountersignRequest
    reply: Reply
    heartbeat: Heartbeat
    def __init__(self, hello: _Optional[_Union[Hello, _Mapping]] = ..., countersign_request: _Optional[_Union[CountersignRequest, _Mapping]] = ..., reply: _Optional[_Union[Reply, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("welcome", "offer", "countersigned", "heartbeat", "go_away", "recorded", "roster_changed")
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    OFFER_FIELD_NUMBER: _ClassVar[int]
    COUNTERSIGNED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GO_AWAY_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    ROSTER_CHANGED_FIELD_NUMBER: _ClassVar[int]
    welcome: Welcome
    offer: Offer
    countersigned: Countersigned
    heartbeat: Heartbeat
    go_away: GoAway
    recorded: Recorded
    roster_changed: RosterChanged
    def __init__(self, welcome: _Optional[_Union[Welcome, _Mapping]] = ..., offer: _Optional[_Union[Offer, _Mapping]] = ..., countersigned: _Optional[_Union[Countersigned, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., go_away: _Optional[_Union[GoAway, _Mapping]] = ..., recorded: _Optional[_Union[Recorded, _Mapping]] = ..., roster_changed: _Optional[_Union[RosterChanged, _Mapping]] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("site", "protocol_min", "protocol_max", "ledger_head", "policy")
    SITE_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_MIN_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_MAX_FIELD_NUMBER: _ClassVar[int]
    LEDGER_HEAD_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    site: str
    protocol_min: int
    protocol_max: int
    ledger_head: _signed_pb2.Head
    policy: _signed_pb2.Signed
    def __init__(self, site: _Optional[str] = ..., protocol_min: _Optional[int] = ..., protocol_max: _Optional[int] = ..., ledger_head: _Optional[_Union[_signed_pb2.Head, _Mapping]] = ..., policy: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ...) -> None: ...

class CountersignRequest(_message.Message):
    __slots__ = ("request_id", "head", "previous")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    head: _signed_pb2.Head
    previous: _signed_pb2.Head
    def __init__(self, request_id: _Optional[str] = ..., head: _Optional[_Union[_signed_pb2.Head, _Mapping]] = ..., previous: _Optional[_Union[_signed_pb2.Head, _Mapping]] = ...) -> None: ...

class Reply(_message.Message):
    __slots__ = ("offer_id", "state", "reasons", "release", "charged", "shortfalls")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    CHARGED_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    state: _signed_pb2.State
    reasons: _containers.RepeatedScalarFieldContainer[str]
    release: _signed_pb2.Signed
    charged: bool
    shortfalls: _containers.RepeatedCompositeFieldContainer[_signed_pb2.Shortfall]
    def __init__(self, offer_id: _Optional[str] = ..., state: _Optional[_Union[_signed_pb2.State, str]] = ..., reasons: _Optional[_Iterable[str]] = ..., release: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., charged: _Optional[bool] = ..., shortfalls: _Optional[_Iterable[_Union[_signed_pb2.Shortfall, _Mapping]]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("time_unix_s",)
    TIME_UNIX_S_FIELD_NUMBER: _ClassVar[int]
    time_unix_s: int
    def __init__(self, time_unix_s: _Optional[int] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("protocol", "countersigned_head", "roster", "time_unix_s")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    COUNTERSIGNED_HEAD_FIELD_NUMBER: _ClassVar[int]
    ROSTER_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_S_FIELD_NUMBER: _ClassVar[int]
    protocol: int
    countersigned_head: _signed_pb2.Signed
    roster: _signed_pb2.Signed
    time_unix_s: int
    def __init__(self, protocol: _Optional[int] = ..., countersigned_head: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., roster: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., time_unix_s: _Optional[int] = ...) -> None: ...

class Offer(_message.Message):
    __slots__ = ("offer_id", "envelope", "deadline_unix_s")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_UNIX_S_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    envelope: _signed_pb2.Signed
    deadline_unix_s: int
    def __init__(self, offer_id: _Optional[str] = ..., envelope: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., deadline_unix_s: _Optional[int] = ...) -> None: ...

class Countersigned(_message.Message):
    __slots__ = ("request_id", "signed_head", "refused", "last_head")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNED_HEAD_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    LAST_HEAD_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    signed_head: _signed_pb2.Signed
    refused: str
    last_head: _signed_pb2.Signed
    def __init__(self, request_id: _Optional[str] = ..., signed_head: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., refused: _Optional[str] = ..., last_head: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ...) -> None: ...

class Recorded(_message.Message):
    __slots__ = ("offer_id",)
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    def __init__(self, offer_id: _Optional[str] = ...) -> None: ...

class RosterChanged(_message.Message):
    __slots__ = ("roster",)
    ROSTER_FIELD_NUMBER: _ClassVar[int]
    roster: _signed_pb2.Signed
    def __init__(self, roster: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ...) -> None: ...

class GoAway(_message.Message):
    __slots__ = ("code",)
    CODE_FIELD_NUMBER: _ClassVar[int]
    code: str
    def __init__(self, code: _Optional[str] = ...) -> None: ...
