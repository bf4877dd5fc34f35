"""What the files of a catalogue say, read into plain records; each file is checked by itself here.

Four kinds of file, told apart by their keys: a method (`methodology`), a standard or catalogue of controls
(`standard`), mandatory documents (`merge_groups`) and affinities (`groups`). What one file says about another is
checked in `pdca.services.agreement`. docs/method.md describes every key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pdca import scope_rules
from pdca.scope_rules import ScopeRule
from pdca.services.files.across import AffinitiesFile, DocumentsFile, read_affinities, read_documents
from pdca.services.files.method import MethodFile, read_method
from pdca.services.files.standard import StandardFile, read_standard
from pdca.services.reading import Faults, open_file


@dataclass
class Files:
    """Everything the given files say."""

    methods: list[MethodFile] = field(default_factory=list)
    standards: list[StandardFile] = field(default_factory=list)
    documents: list[DocumentsFile] = field(default_factory=list)
    affinities: list[AffinitiesFile] = field(default_factory=list)
    left_aside: int = 0  # files of the folder that another app reads: commitments of policies, risk criteria
    scope_rules: list[ScopeRule] = field(default_factory=list)


def read_all(paths: list[tuple[Path, str]], faults: Faults) -> Files:
    """Reads every file under the name messages shall use; what is wrong with one file alone is in `faults` then."""
    files = Files()
    for path, name in paths:
        entry = open_file(path, name, faults)
        if entry is None:
            continue
        if "methodology" in entry:
            files.methods.append(read_method(entry, path, faults))
        elif "standard" in entry:
            files.standards.append(read_standard(entry, path, faults))
        elif "merge_groups" in entry:
            files.documents.append(read_documents(entry, faults))
        elif "scope_rules" in entry:
            files.scope_rules += scope_rules.read(entry)
        elif "groups" in entry:
            files.affinities.append(read_affinities(entry, faults))
        elif "commitments" in entry or "risk_criteria" in entry:
            files.left_aside += 1
        else:
            faults.add(
                entry.line,
                "the file holds neither a method (methodology), a standard (standard), "
                "mandatory documents (merge_groups) nor affinities (groups).",
            )
    return files
