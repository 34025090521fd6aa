"""CM: comment threads by the shape of their headers, by markup, and the other lines of their section.

On a forum the posts are the content, so the same shapes have other codes there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cleaner.detectors import Context, Found, Rule, detector, each
from cleaner.lines.posts import MAX_POST_LINES, Post, find_headers, find_posts
from cleaner.lines.table import LineTable
from cleaner.records import Page

_COMMENT_BLOCKS = frozenset({"comment", "comments", "commentlist", "commentsection", "commenting", "disqus", "respond"})
_REPLY_BLOCKS = frozenset({"reply", "replies", "discussion", "thread", "feedback", "responses"})
_FORUM_BLOCKS = frozenset(
    {"forum", "forums", "thread", "threads", "topic", "topics", "phpbb", "vbulletin", "discourse", "xenforo"}
)
_POST_BLOCKS = frozenset({"post", "message", "posts"})

#: Filled lines from a heading to its thread, and of the longest comment in a thread without one.
_MAX_LINES_TO_THREAD, _MAX_SHORT_COMMENT_LINES = 12, 12

#: A page with this many different phrases of forums is a forum (one phrase stands on many pages). A comment heading that
#: stands this often on a page gives the number of comments of each article in a list.
_MIN_FORUM_PHRASES, _MIN_COUNTERS = 3, 3

#: Words from which the body under the first header of a run may be the article, and the header its byline.
_ARTICLE_WORDS = 150

#: Share of the running text above the first post from which the page has a body besides the posts. Number of posts,
#: beginning at the top of a page, that make a thread even if their headers could be something else.
_MAX_SHARE_ABOVE_THREAD, _MIN_THREAD_POSTS = 0.1, 6

#: Share of the running text that must stand above a thread without a heading or other words of comments.
_MIN_SHARE_ABOVE_COMMENTS = 0.3

_COMMENT = "The quay needs a new roof and not one more study of it."
_PROSE = "In winter and in spring the boats of both families lay at the old quay."
_HEADER, _NEXT_HEADER = "don | 4/29/2017 11:19:41 PM", "Jane Doe | 4/30/2017 3:41:06 AM"
_FORUM_LINES = "Reply with quote\nThread starter\nJoin date: May 2009"
_POST = "<p>The vote is on Monday, said the mayor of the town, and all the boats will stay in.</p>"


@detector(
    Rule(
        "CM201",
        "comment-header",
        "names the writer and the date of a comment",
        goes=f"{_PROSE}\nLeave a reply\n> {_HEADER}\n{_COMMENT}\n> {_NEXT_HEADER}\n{_COMMENT}",
        stays=f"By Jane Doe 15/5/2016\n{_PROSE}",
        promise=2.0,
    ),
    Rule(
        "CM202",
        "comment-body",
        "is the text of a comment",
        goes=f"{_PROSE}\nLeave a reply\n{_HEADER}\n> {_COMMENT}\n{_NEXT_HEADER}\n> {_COMMENT}",
        stays=f"By Jane Doe 15/5/2016\n{_PROSE}",
        promise=2.5,
    ),
    Rule(
        "CM203",
        "likely-comment-header",
        "seems to name the writer and the date of a comment",
        goes=f"{_PROSE}\n{_PROSE}\n> don · 3 hours ago\n{_COMMENT}\n> Jane Doe · 2 hours ago\n{_COMMENT}",
        stays=f"Jane Doe · 3 hours ago\n{_PROSE}",
    ),
    Rule(
        "CM204",
        "likely-comment-body",
        "seems to be the text of a comment",
        goes=f"{_PROSE}\n{_PROSE}\ndon · 3 hours ago\n> {_COMMENT}\nJane Doe · 2 hours ago\n> {_COMMENT}",
        stays=f"Jane Doe · 3 hours ago\n{_PROSE}",
    ),
    Rule(
        "CM211",
        "post-header",
        "names the writer and the date of a post on a forum",
        goes=f"{_FORUM_LINES}\n> {_HEADER}\n{_COMMENT}\n> {_NEXT_HEADER}\n{_COMMENT}",
        stays=f"{_PROSE}\nLeave a reply\n{_HEADER}\n{_COMMENT}",
    ),
    Rule(
        "CM212",
        "post-body",
        "is the text of a post on a forum",
        goes=f"{_FORUM_LINES}\n{_HEADER}\n> {_COMMENT}\n{_NEXT_HEADER}\n> {_COMMENT}",
        stays=f"{_PROSE}\nLeave a reply\n{_HEADER}\n{_COMMENT}",
    ),
    Rule(
        "CM301",
        "comment-block",
        "stands in a block named after comments",
        goes=f"<main>{_POST}{_POST}</main><div id='comments'><p>I say no.</p></div>",
        stays=f"<div class='has-comments'>{_POST}</div>",
    ),
    Rule(
        "CM302",
        "reply-block",
        "stands in a block named after replies or a discussion",
        goes=f"<main>{_POST}{_POST}</main><div class='discussion'><p>I say no.</p></div>",
        stays=f"<div class='discussion'>{_POST}</div>",
    ),
    Rule(
        "CM311",
        "post-block",
        "stands in a block of a forum named after comments or replies",
        goes=f"<main>{_POST}<p>Reply with quote</p>{_POST}<p>Thread starter</p><p>Join date: May 2009</p></main>"
        "<div class='comment'><p>I say no.</p></div>",
        stays=f"<main>{_POST}{_POST}</main><div id='comments'><p>I say no.</p></div>",
    ),
    Rule(
        "CM401",
        "in-comment-section",
        "stands between a comment heading and the end of its thread",
        goes=f"{_PROSE}\nLeave a reply\n> Sort by oldest\n> {_HEADER}\n> {_COMMENT}",
        stays=f"{_PROSE}\nLeave a reply\n{_PROSE}",
    ),
    Rule(
        "CM402",
        "after-comment-form",
        "stands after the form of a comment section",
        goes=f"{_PROSE}\nLeave a reply\n> Name\n> Your email address will not be published.\n> Harbour Post",
        stays=f"Leave a reply\nYour email address will not be published.\n{_PROSE}",
    ),
    Rule(
        "CM411",
        "in-posts",
        "stands after a heading of replies on a forum",
        goes=f"{_FORUM_LINES}\nLeave a reply\n> {_HEADER}\n> {_COMMENT}\n> {_NEXT_HEADER}\n> {_COMMENT}",
        stays=f"{_PROSE}\nLeave a reply\n{_HEADER}\n{_COMMENT}",
    ),
    resembles="LM103",
)
def threads(page: Page, context: Context) -> Iterator[Found]:
    """Comment threads by the shape of their headers, by markup, and the other lines of their section."""
    table = context.table
    forum = is_forum(page, context)
    names = context.named(_COMMENT_BLOCKS)
    for number, token in names.items():
        yield number, "CM311" if forum else "CM301", f"({token})"
    for number, token in context.named(_REPLY_BLOCKS).items():
        if number not in names:
            yield number, "CM311" if forum else "CM302", f"({token})"
    cues = _Cues.of(table, context)
    runs = [run for run in (_without_byline(run, page) for run in _runs(table, cues)) if run]
    forum = forum or _is_thread(runs, cues)
    ends = []
    for run in runs:
        codes = _codes(run, cues, forum)
        if codes:
            ends.append((run[0].header.first, max(run[-1].body, default=run[-1].header.last)))
            yield from _hits_of_run(run, codes)
    yield from _hits_of_section(cues, ends, forum)


def is_forum(page: Page, context: Context) -> bool:
    """True when the page is a forum: its posts are its content."""
    phrases = {m.phrase for m in context.matches.get("KP", ()) if m.code[:4] == "KP11" and m.phrase != "0"}
    types = page.facts.types
    if len(phrases) >= _MIN_FORUM_PHRASES or "DiscussionForumPosting" in types or "QAPage" in types:
        return True
    return len(context.table.blocks_named(_POST_BLOCKS)) >= 3 and bool(context.table.blocks_named(_FORUM_BLOCKS))


@dataclass(frozen=True, slots=True)
class _Cues:
    """The numbers of the filled lines, and of the lines with each kind of comment phrase, sorted.

    ``prose`` holds the words of running text above each filled line, and as its last value those of the page.
    """

    filled: list[int]
    headings: list[int]
    forms: list[int]
    actions: list[int]
    stops: frozenset[int]
    prose: list[int]

    @classmethod
    def of(cls, table: LineTable, context: Context) -> _Cues:
        headings, forms, actions = (sorted(context.lines(code)) for code in ("CM101", "CM111", "CM121"))
        times = Counter(table.page.shapes[number - 1].folded for number in headings)
        headings = [number for number in headings if times[table.page.shapes[number - 1].folded] < _MIN_COUNTERS]
        stops = context.lines("RL101", "CH101", "CM111", "CM101")
        return cls(table.numbers, headings, forms, actions, stops, table.prose_words_above)

    def above(self, run: Sequence[Post]) -> float:
        """The share of the running text that stands above the run, from 0 to 1."""
        return self.prose[self.place(run[0].header.first)] / max(1, self.prose[-1])

    def below(self, number: int) -> int:
        """The number of the last line below a heading on which its thread may begin."""
        return self.filled[min(len(self.filled) - 1, self.place(number) + _MAX_LINES_TO_THREAD)]

    def place(self, number: int) -> int:
        """The index of a line among the filled lines."""
        return bisect_left(self.filled, number)

    def near(self, run: Sequence[Post]) -> bool:
        """True when a heading stands above or right below the run, or forms and actions stand in it."""
        above = self.filled[max(0, self.place(run[0].header.first) - _MAX_LINES_TO_THREAD)]
        end = max(run[-1].body, default=run[-1].header.last)
        below = self.filled[min(len(self.filled) - 1, self.place(end) + 2)]
        heads = _between(self.headings, above, below)
        return bool(heads or _between(self.actions, run[0].header.first, below) or _between(self.forms, above, below))


def _between(numbers: Sequence[int], first: int, last: int) -> bool:
    at = bisect_left(numbers, first)
    return at < len(numbers) and numbers[at] <= last


def _runs(table: LineTable, cues: _Cues) -> Iterator[list[Post]]:
    """Yield the posts that stand near each other, with no comment heading between them."""
    run: list[Post] = []
    for post in find_posts(cues.filled, tuple(find_headers(table.lines, table.timestamps)), cues.stops):
        far = run and cues.place(post.header.first) - cues.place(run[-1].header.last) > MAX_POST_LINES
        if far or (run and _between(cues.headings, run[-1].header.last, post.header.first)):
            yield run
            run = []
        run.append(post)
    if run:
        yield run


def _without_byline(run: list[Post], page: Page) -> list[Post]:
    """The run without a byline before it, whose body is the article and no comment."""
    sizes = [sum(page.shapes[number - 1].words for number in post.body) for post in run]
    for at, size in enumerate(sizes):
        rest = sizes[at + 1 :]
        most = _ARTICLE_WORDS if run[at].header.certain else _ARTICLE_WORDS / 3
        if size <= most or (rest and size <= 4 * sum(rest) / len(rest)):
            return run[at:]
    return []


def _is_thread(runs: Sequence[Sequence[Post]], cues: _Cues) -> bool:
    """True when a thread is what the page is about: it begins with the page, or numbers its posts."""
    numbers = [post.header.ordinal for run in runs for post in run if post.header.ordinal]
    if sum(after == before + 1 for before, after in pairwise(numbers)) > 1:
        return True
    posts = [post.header for run in runs for post in run]
    above = cues.above(runs[0]) if runs else 1.0
    certain = bool(posts) and posts[0].certain and sum(header.certain for header in posts) > (2 if above else 1)
    return (certain or len(posts) >= _MIN_THREAD_POSTS) and above <= _MAX_SHARE_ABOVE_THREAD


def _codes(run: Sequence[Post], cues: _Cues, forum: bool) -> tuple[str, str] | None:
    """The codes for the headers and for the bodies of a run, or None when the run may be something else."""
    found = [post for post in run if post.body]
    if forum:
        return ("CM211", "CM212") if len(found) > 1 else None
    if found and cues.near(run):
        return "CM201", "CM202"
    if cues.above(run) < _MIN_SHARE_ABOVE_COMMENTS:
        return None
    brief = [post.header for post in found if len(post.body) <= _MAX_SHORT_COMMENT_LINES]
    if sum(header.certain for header in brief) > 1:
        return "CM203", "CM204"
    inline = [header for header in brief if not header.split]
    return ("CM203", "CM204") if len(inline) > 1 and (cues.forms or cues.headings) else None


def _hits_of_run(run: Sequence[Post], codes: tuple[str, str]) -> Iterator[Found]:
    for post in run:
        if codes[0] == "CM203" and len(post.body) > _MAX_SHORT_COMMENT_LINES:
            continue
        yield from each(range(post.header.first, post.header.last + 1), codes[0])
        yield from each(post.body, codes[1])


def _hits_of_section(cues: _Cues, ends: Sequence[tuple[int, int]], forum: bool) -> Iterator[Found]:
    """Yield hits for the other lines of a comment section: up to the end of its thread, and after its form."""
    done = 0
    for heading in cues.headings:
        at = bisect_left(ends, (heading + 1, 0))
        end = ends[at][1] if at < len(ends) and ends[at][0] <= cues.below(heading) else 0
        if end > done:
            lines = cues.filled[cues.place(heading) + 1 : cues.place(end) + 1]
            yield from each([n for n in lines if n > done], "CM411" if forum else "CM401")
            done = end
    form = _form(cues)
    if form and not forum:
        yield from each(cues.filled[bisect_right(cues.filled, max(form, done)) :], "CM402")


def _form(cues: _Cues) -> int:
    """The number of the heading that a comment form follows, with most of the prose above it; else 0."""
    for heading in cues.headings:
        above = cues.prose[cues.place(heading) + 1]
        if above * 2 > cues.prose[-1] and _between(cues.forms, heading + 1, cues.below(heading)):
            return heading
    return 0
