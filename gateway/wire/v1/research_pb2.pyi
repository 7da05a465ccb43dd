from gateway.wire.v1 import signed_pb2 as _signed_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StudyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STUDY_STATE_UNSPECIFIED: _ClassVar[StudyState]
    STUDY_STATE_OPEN: _ClassVar[StudyState]
    STUDY_STATE_COMPLETE: _ClassVar[StudyState]
    STUDY_STATE_TOO_FEW_SITES: _ClassVar[StudyState]
    STUDY_STATE_FAILED: _ClassVar[StudyState]
STUDY_STATE_UNSPECIFIED: StudyState
STUDY_STATE_OPEN: StudyState
STUDY_STATE_COMPLETE: StudyState
STUDY_STATE_TOO_FEW_SITES: StudyState
STUDY_STATE_FAILED: StudyState

class SubmitRequest(_message.Message):
    __slots__ = ("envelope",)
    ENVELOPE_FIELD_NUMBER: _ClassVar[int]
    envelope: _signed_pb2.Signed
    def __init__(self, envelope: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ...) -> None: ...

class SubmitResponse(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class SiteProgress(_message.Message):
    __slots__ = ("site", "state", "reasons", "attached", "shortfalls")
    SITE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    site: str
    state: _signed_pb2.State
    reasons: _containers.RepeatedScalarFieldContainer[str]
    attached: bool
    shortfalls: _containers.RepeatedCompositeFieldContainer[_signed_pb2.Shortfall]
    def __init__(self, site: _Optional[str] = ..., state: _Optional[_Union[_signed_pb2.State, str]] = ..., reasons: _Optional[_Iterable[str]] = ..., attached: _Optional[bool] = ..., shortfalls: _Optional[_Iterable[_Union[_signed_pb2.Shortfall, _Mapping]]] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("state", "sites", "deadline_unix_s")
    STATE_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_UNIX_S_FIELD_NUMBER: _ClassVar[int]
    state: StudyState
    sites: _containers.RepeatedCompositeFieldContainer[SiteProgress]
    deadline_unix_s: int
    def __init__(self, state: _Optional[_Union[StudyState, str]] = ..., sites: _Optional[_Iterable[_Union[SiteProgress, _Mapping]]] = ..., deadline_unix_s: _Optional[int] = ...) -> None: ...

class ResultRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ResultResponse(_message.Message):
    __slots__ = ("state", "sites", "result")
    STATE_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    state: StudyState
    sites: _containers.RepeatedCompositeFieldContainer[SiteProgress]
    result: bytes
    def __init__(self, state: _Optional[_Union[StudyState, str]] = ..., sites: _Optional[_Iterable[_Union[SiteProgress, _Mapping]]] = ..., result: _Optional[bytes] = ...) -> None: ...

class NetworkRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class NetworkSite(_message.Message):
    __slots__ = ("site", "policy", "last_seen_unix_s", "attached")
    SITE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_UNIX_S_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    site: str
    policy: _signed_pb2.Signed
    last_seen_unix_s: int
    attached: bool
    def __init__(self, site: _Optional[str] = ..., policy: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., last_seen_unix_s: _Optional[int] = ..., attached: _Optional[bool] = ...) -> None: ...

class NetworkResponse(_message.Message):
    __slots__ = ("roster", "sites")
    ROSTER_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    roster: _signed_pb2.Signed
    sites: _containers.RepeatedCompositeFieldContainer[NetworkSite]
    def __init__(self, roster: _Optional[_Union[_signed_pb2.Signed, _Mapping]] = ..., sites: _Optional[_Iterable[_Union[NetworkSite, _Mapping]]] = ...) -> None: ...
