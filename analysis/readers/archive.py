"""ZIP archives (.docx, .xlsx) and their XML, opened safely whatever they hold.

Nothing is unpacked to the disk: a member is read into memory by its name.
"""

import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Any

from analysis.errors import InputError, one_line
from analysis.readers.anchors import Origin

_SMALL = 1_000_000  # bytes; below, a high ratio harms nobody


@dataclass(frozen=True, slots=True)
class Relation:
    """One part that another refers to: its id, the end of its type, and its name."""

    id: str
    kind: str
    part: str


class Archive:
    """A packed file whose members have been checked before any is read."""

    def __init__(self, data: bytes, origin: Origin, within: "Archive | None" = None) -> None:
        """Open a packed file, or one `within` another, whose limit of bytes it shares.

        Raises:
            InputError: it is damaged, encrypted, too large unpacked, or a member's name
                leads out of it.
        """
        self.origin = origin
        self._left = within._left if within else [origin.limits.unpacked_bytes]
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise self._damaged(error) from None
        self._check(members)
        self.names = frozenset(member.filename for member in members)

    def _check(self, members: list[zipfile.ZipInfo]) -> None:
        origin, advice = self.origin, "save the document again"
        origin.check_limit("members", len(members), "packed files", advice)
        total = sum(member.file_size for member in members)
        origin.check_limit("unpacked_bytes", total, "bytes when unpacked", advice)
        for member in members:
            name = member.filename.replace("\\", "/")
            if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
                raise self._refused(f"a packed name that leads out of it, {name[:60]!r}", "none")
            if member.flag_bits & 1:
                raise self._refused("a password", "an open file")
            packed = max(1, member.compress_size)
            if member.file_size > _SMALL and member.file_size > origin.limits.ratio * packed:
                raise self._refused(
                    f"{name[:60]!r} packed {member.file_size // packed:,} to 1",
                    f"at most {origin.limits.ratio} to 1",
                )

    def read(self, name: str) -> bytes:
        """Return a member's bytes, no more than are allowed whatever its header claims.

        Raises:
            InputError: it is missing, damaged or too large.
        """
        try:
            with self._zip.open(name) as member:
                data = member.read(self._left[0] + 1)
        except KeyError:
            raise self._refused(f"no {name!r} in it", "one") from None
        except (
            zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError,
            EOFError, lzma.LZMAError,
        ) as error:  # fmt: skip
            raise self._damaged(error) from None
        self._left[0] -= len(data)
        if self._left[0] < 0:
            raise self._refused(
                "more bytes than it says", f"at most {self.origin.limits.unpacked_bytes}"
            )
        return data

    def xml(self, name: str) -> Any:
        """Return the root element of a member.

        Raises:
            InputError: as `read`, or as `parse_xml`.
        """
        return parse_xml(self.read(name), f"{self.origin.path}: {name}")

    def relations(self, part: str) -> list[Relation]:
        """Return the parts of this file that a part refers to; of the file itself: "".

        Raises:
            InputError: as `xml`.
        """
        folder, _, name = part.rpartition("/")
        listed = f"{folder}/_rels/{name}.rels".lstrip("/")
        if listed not in self.names:
            return []
        return [
            Relation(
                entry.get("Id") or "",
                (entry.get("Type") or "").rpartition("/")[2],
                normpath(join("/", folder, entry.get("Target") or "")).lstrip("/"),
            )
            for entry in self.xml(listed)
            if isinstance(entry.tag, str) and entry.get("TargetMode") != "External"
        ]

    def _refused(self, found: str, expected: str) -> InputError:
        return self.origin.error(found, f"{expected}, save the document again")

    def _damaged(self, error: Exception) -> InputError:
        reason = one_line(error)[:80] or type(error).__name__
        return self._refused(f"a damaged file ({reason})", "a whole one")


def parse_xml(data: bytes, where: str) -> Any:
    """Return the root element of XML without a document type, and so without entities.

    Raises:
        InputError: it is not well formed, declares a document type, or is too deep.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True,
        remove_comments=True, huge_tree=True,  # else 256 elements deep at most; sizes are checked
    )  # fmt: skip
    doctype = InputError(f"{where}: found a document type; expected none, save the document again")
    head = data[:2000].replace(b"\0", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise doctype
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise InputError(
            f"{where}: found XML that cannot be read ({one_line(error)[:80]}); expected a whole "
            "document, save it again"
        ) from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise doctype
    return root
