"""The archive proper: ingest what was read, mark what is absent, answer questions."""

from storage.archive.changelog import read_changes
from storage.archive.files import attach
from storage.archive.ingest import ingest
from storage.archive.ingest import ingest_batch
from storage.archive.model import AbsenceKind
from storage.archive.model import ArchivedCase
from storage.archive.model import CaseFilter
from storage.archive.model import CaseListing
from storage.archive.model import CaseState
from storage.archive.model import CaseVersion
from storage.archive.model import Change
from storage.archive.model import ChangeEvent
from storage.archive.model import ChangeKind
from storage.archive.model import GoneFile
from storage.archive.model import LoggedChange
from storage.archive.model import MessageVersion
from storage.archive.model import PendingFile
from storage.archive.model import VanishedMessage
from storage.archive.pending import pending_files
from storage.archive.queries import accounts_of
from storage.archive.queries import case_states
from storage.archive.queries import case_versions
from storage.archive.queries import count_cases
from storage.archive.queries import get_case
from storage.archive.queries import iterate_cases
from storage.archive.queries import list_cases
from storage.archive.queries import message_versions
from storage.archive.tabs import mark_absent
from storage.archive.tabs import note_tab
from storage.archive.tabs import take_back_absences

__all__ = [
    "AbsenceKind",
    "ArchivedCase",
    "CaseFilter",
    "CaseListing",
    "CaseState",
    "CaseVersion",
    "Change",
    "ChangeEvent",
    "ChangeKind",
    "GoneFile",
    "LoggedChange",
    "MessageVersion",
    "PendingFile",
    "VanishedMessage",
    "accounts_of",
    "attach",
    "case_states",
    "case_versions",
    "count_cases",
    "get_case",
    "ingest",
    "ingest_batch",
    "iterate_cases",
    "list_cases",
    "mark_absent",
    "message_versions",
    "note_tab",
    "pending_files",
    "read_changes",
    "take_back_absences",
]
