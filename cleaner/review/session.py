"""A review under way: the groups to ask about, and answers that are on the disk as soon as they are given."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cleaner.files.atomic import replace_file, snapshot
from cleaner.review.labels import Answer, Key, Label, read_labels, write_labels
from cleaner.review.queue import Doubt
from cleaner.settings.allow_list import Allowed, AllowList, Silenced, merged, read_allow_list, render
from cleaner.settings.record import ANY


@dataclass(frozen=True, slots=True)
class Step:
    """One answer, for undoing it.

    ``settled`` are the groups it was given for, from ``position`` on; ``labels`` are those that were there before, None
    where there was none; ``allowed`` and ``silenced`` are entries that were added.
    """

    answer: str
    position: int
    settled: frozenset[Key]
    labels: Mapping[Key, Label | None] = field(default_factory=dict)
    allowed: frozenset[Allowed] = frozenset()
    silenced: frozenset[Silenced] = frozenset()


@dataclass(slots=True)
class Decisions:
    """The two files that answers go to. Both are read anew before they are written, as others may write to them, too.

    All methods raise InputError and SettingsError when a file is damaged or cannot be written.
    """

    allow_list: Path
    labels: Path

    def known(self) -> dict[Key, Label]:
        """The labels there are."""
        return read_labels(self.labels)

    def add(self, labels: Iterable[Label]) -> tuple[dict[Key, Label | None], frozenset[Allowed]]:
        """Note answers; what stays goes to the allow-list first, so that a kill in between loses a label at most.

        Gives the labels that were there before, and the entries of the allow-list that are new.
        """
        new = list(labels)
        entries = {Allowed(ANY, label.line, label.text) for label in new if label.answer == "keep"}
        listed = read_allow_list(self.allow_list)
        have = {(entry.code, entry.line) for entry in listed.allowed}
        added = frozenset(entry for entry in entries if (entry.code, entry.line) not in have)
        if added:
            self._write(AllowList(merged(listed.allowed, added), listed.silenced))
        known = self.known()
        before = {label.key: known.get(label.key) for label in new}
        write_labels(self.labels, (known | {label.key: label for label in new}).values())
        return before, added

    def silence(self, site: str, code: str) -> frozenset[Silenced]:
        """Let no line of a site go under a code; what is new of that."""
        listed = read_allow_list(self.allow_list)
        new = frozenset({Silenced(site, code)} - {*listed.silenced})
        if new:
            self._write(AllowList(listed.allowed, (*listed.silenced, *new)))
        return new

    def take_back(self, step: Step) -> None:
        """Make the files as they were before a step, whatever else was added since."""
        if step.allowed or step.silenced:
            listed = read_allow_list(self.allow_list)
            allowed = tuple(entry for entry in listed.allowed if entry not in step.allowed)
            self._write(AllowList(allowed, tuple(entry for entry in listed.silenced if entry not in step.silenced)))
        if step.labels:
            known = self.known()
            for key, label in step.labels.items():
                known.pop(key, None)
                if label is not None:
                    known[key] = label
            write_labels(self.labels, known.values())

    def _write(self, listed: AllowList) -> None:
        before = snapshot(self.allow_list) if os.path.lexists(self.allow_list) else None
        replace_file(self.allow_list, render(listed.allowed, listed.silenced).encode(), before)


@dataclass(slots=True)
class Session:
    """Goes through doubts one by one."""

    doubts: Sequence[Doubt]
    decisions: Decisions
    position: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def current(self) -> Doubt | None:
        """The group to ask about, None at the end."""
        return self.doubts[self.position] if self.position < len(self.doubts) else None

    @property
    def answered(self) -> Counter[str]:
        """For how many groups each answer was given."""
        sums = Counter[str]()
        for step in self.steps:
            sums[step.answer] += len(step.settled)
        return sums

    @property
    def left(self) -> int:
        """How many groups have no answer, and were not skipped."""
        return len(self.doubts) - len(self._settled())

    def alike(self) -> tuple[Doubt, ...]:
        """The open groups that went under the same code, for the same reason, as the one at hand, that one first."""
        here = self.current
        return tuple(d for d in self._open() if here and (d.key[0], d.line.why) == (here.key[0], here.line.why))

    def answer(self, answer: Answer, doubts: Sequence[Doubt]) -> None:
        """Answer for some groups, and go on. A line to keep stays under all codes, so it is not asked about again."""
        before, added = self.decisions.add([doubt.labelled(answer) for doubt in doubts])
        settled = {doubt.key for doubt in doubts}
        if answer == "keep":
            lines = {line for _, line in settled}
            settled |= {doubt.key for doubt in self._open() if doubt.key[1] in lines}
        self._went(Step(answer, self.position, frozenset(settled), before, added))

    def skip(self) -> None:
        """Go on without an answer."""
        if self.current:
            self._went(Step("skip", self.position, frozenset({self.current.key})))

    def silence(self) -> None:
        """Silence the code of the group at hand on its site, which settles all open groups of both."""
        here = self.current
        if here and here.site:
            new = self.decisions.silence(here.site, here.key[0])
            settled = (d.key for d in self._open() if (d.site, d.key[0]) == (here.site, here.key[0]))
            self._went(Step("silence", self.position, frozenset(settled), silenced=new))

    def undo(self) -> bool:
        """Take the last answer back, and return to where it was given; False when there is none."""
        if not self.steps:
            return False
        step = self.steps.pop()
        self.decisions.take_back(step)
        self.position = step.position
        return True

    def _open(self) -> list[Doubt]:
        settled = self._settled()
        return [doubt for doubt in self.doubts[self.position :] if doubt.key not in settled]

    def _settled(self) -> set[Key]:
        return {key for step in self.steps for key in step.settled}

    def _went(self, step: Step) -> None:
        self.steps.append(step)
        settled = self._settled()
        while self.position < len(self.doubts) and self.doubts[self.position].key in settled:
            self.position += 1
