"""A review in progress: the groups to review, and the answers, each written as soon as it is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cleaner.files.atomic import replace_file, snapshot_if_there
from cleaner.review.labels import Answer, Label, LabelKey, read_labels, write_labels
from cleaner.review.queue import Removal
from cleaner.settings.allow_list import Allowed, AllowList, Silenced, add_entries, read_allow_list, render
from cleaner.settings.record import ANY_CODE


@dataclass(frozen=True, slots=True)
class Step:
    """One answer, with all that is needed to undo it.

    ``settled`` are the groups that it settled, from ``position`` on; ``labels`` are the labels before it, None where
    there was none; ``allowed`` and ``silenced`` are the entries that it added to the allow-list.
    """

    answer: str
    position: int
    settled: frozenset[LabelKey]
    labels: Mapping[LabelKey, Label | None] = field(default_factory=dict)
    allowed: frozenset[Allowed] = frozenset()
    silenced: frozenset[Silenced] = frozenset()


@dataclass(slots=True)
class Decisions:
    """The two files that hold the answers. Both are read again before each change, since others may change them, too.

    All methods raise InputError and SettingsError when a file is damaged or cannot be written.
    """

    allow_list: Path
    labels: Path

    def known(self) -> dict[LabelKey, Label]:
        """Return the labels so far."""
        return read_labels(self.labels)

    def add(self, labels: Iterable[Label]) -> tuple[dict[LabelKey, Label | None], frozenset[Allowed]]:
        """Write answers. The allow-list comes first, so that a kill in between loses at most a label.

        Returns the labels that were there before, and the new entries of the allow-list.
        """
        new = list(labels)
        entries = {Allowed(ANY_CODE, label.line, label.text) for label in new if label.answer == "keep"}
        _, added = add_entries(self.allow_list, entries)
        known = self.known()
        before = {label.key: known.get(label.key) for label in new}
        write_labels(self.labels, (known | {label.key: label for label in new}).values())
        return before, frozenset(added)

    def silence(self, site: str, code: str) -> frozenset[Silenced]:
        """Remove no line of a site under a code from now on; returns the new entries of the allow-list."""
        listed = read_allow_list(self.allow_list)
        new = frozenset({Silenced(site, code)} - {*listed.silenced})
        if new:
            self._write(AllowList(listed.allowed, (*listed.silenced, *new)))
        return new

    def take_back(self, step: Step) -> None:
        """Undo a step in both files; entries that others added since then stay."""
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
        before = snapshot_if_there(self.allow_list)
        replace_file(self.allow_list, render(listed.allowed, listed.silenced).encode(), before)


@dataclass(slots=True)
class Session:
    """The groups to review, one by one, and the answers so far."""

    removals: Sequence[Removal]
    decisions: Decisions
    position: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def current(self) -> Removal | None:
        """The group to review now, None at the end."""
        return self.removals[self.position] if self.position < len(self.removals) else None

    @property
    def answered(self) -> Counter[str]:
        """The number of groups for each answer."""
        sums = Counter[str]()
        for step in self.steps:
            sums[step.answer] += len(step.settled)
        return sums

    @property
    def left(self) -> int:
        """The number of groups without an answer that were not skipped."""
        return len(self.removals) - len(self._settled())

    def alike(self) -> tuple[Removal, ...]:
        """Return the open groups with the code and the reason of the current one, that one first."""
        here = self.current
        return tuple(d for d in self._open() if here and (d.key[0], d.line.why) == (here.key[0], here.line.why))

    def answer(self, answer: Answer, removals: Sequence[Removal]) -> None:
        """Answer for some groups, and go on. A line to keep stays under all codes, so it is not shown again."""
        before, added = self.decisions.add([removal.to_label(answer) for removal in removals])
        settled = {removal.key for removal in removals}
        if answer == "keep":
            lines = {line for _, line in settled}
            settled |= {removal.key for removal in self._open() if removal.key[1] in lines}
        self._add_step(Step(answer, self.position, frozenset(settled), before, added))

    def skip(self) -> None:
        """Go on without an answer."""
        if self.current:
            self._add_step(Step("skip", self.position, frozenset({self.current.key})))

    def silence(self) -> None:
        """Silence the code of the current group on its site, which settles all open groups of both."""
        here = self.current
        if here and here.site:
            new = self.decisions.silence(here.site, here.key[0])
            settled = (d.key for d in self._open() if (d.site, d.key[0]) == (here.site, here.key[0]))
            self._add_step(Step("silence", self.position, frozenset(settled), silenced=new))

    def undo(self) -> bool:
        """Undo the last answer, and return to its group; False when there is no answer."""
        if not self.steps:
            return False
        step = self.steps.pop()
        self.decisions.take_back(step)
        self.position = step.position
        return True

    def _open(self) -> list[Removal]:
        settled = self._settled()
        return [removal for removal in self.removals[self.position :] if removal.key not in settled]

    def _settled(self) -> set[LabelKey]:
        return {key for step in self.steps for key in step.settled}

    def _add_step(self, step: Step) -> None:
        self.steps.append(step)
        settled = self._settled()
        while self.position < len(self.removals) and self.removals[self.position].key in settled:
            self.position += 1
