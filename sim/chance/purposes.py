"""The registry of what chance decides.

A draw is keyed by the name of its purpose, never by a block or row number: authorization
changes the blocks, but not a person's papers.
"""

from __future__ import annotations

FIXED = "fixed"

PURPOSES: dict[str, str] = {
    FIXED: "nothing: a time that is the same for everybody",
    "interarrival": "gap to the next applicant of an item",
    "kept": "whether an applicant of a thinned layer comes at all",
    "time_of_day": "when on the day the applicant comes",
    "busyness": "how busy a day is",
    "absence": "whether a person is away on a half-day",
    "attendance": "whether a leader attends a half-day",
    "hall_first": "whether an applicant of an item not entered tries the hall first",
    "returned": "whether an application is outside the remit",
    "incomplete": "whether the papers are incomplete, by attempt",
    "make_up": "how long the applicant takes to bring missing papers, by attempt",
    "accept_work": "work of accepting, by attempt",
    "patience": "how long the applicant waits in the hall, by step and ticket",
    "come_again": "when on a later day who left the hall comes again, by step and ticket",
    "decide_work": "work of deciding at the window or the back desk",
    "review_work": "work of the window's review",
    "forward_work": "work of handing a file to the courier",
    "collect_work": "work of handing over the document",
    "certificate_work": "work of printing and sealing the certificate",
    "pay_work": "work of taking a payment, by payment",
    "enquiry": "how long until the applicant asks about the case, by enquiry",
    "enquire_work": "work of answering a status enquiry, by enquiry",
    "leave_file": "whether an applicant leaves the file at a section, by section",
    "inbox": "how long a file lies in a section's inbox, by section",
    "section_work": "an officer's work on a file, by section",
    "stuck_section": "whether a file gets stuck at a section",
    "stuck_signature": "whether a file gets stuck at a signature",
    "stuck_case": "whether a case gets stuck once",
    "release_section": "number of meetings until a file stuck at a section is freed",
    "release_signature": "number of meetings until a file stuck at a signature is freed",
    "release_case": "number of meetings until a stuck case is freed",
    "taken_up_section": "whether a file stuck at a section is freed with the backlog",
    "taken_up_signature": "whether a file stuck at a signature is freed with the backlog",
    "taken_up_case": "whether a stuck case is freed with the backlog",
    "off_books": "whether a case is handled before it is registered",
    "suspended": "whether the clock of a case is stopped for supplements",
    "suspension": "how long such a stop lasts",
    "inspection": "how long a site visit, expert review or hearing takes",
    "higher_level": "how long the higher level takes",
    "consolidate_work": "work of bringing the helpers' opinions together",
    "made_outside": "how long a document is made outside the county",
    "posted": "whether the document is sent by post",
    "post": "how long the post takes",
    "notified": "how long until the applicant comes for the document",
    "complaint": "whether the applicant complains",
    "resample": "which replications a bootstrap resample holds",
}
