"""What the people of Alpenblick Medical wrote: their own tasks, comments, links."""

from __future__ import annotations

from typing import Any

# Tasks the organization added itself. `made` and `due` are days from today (negative: past); `end` says how it stands.
OWN_TASKS: list[dict[str, Any]] = [
    {"title": "Photograph the labelled fire extinguishers in hall 2", "who": "staff", "activity": "2.3.1",
     "made": -9, "due": 1, "hours": 1, "end": "open", "by": "processowner",
     "checklist": ["Ground floor", "Upper floor", "Loading ramp"], "checked": 1,
     "text": "Two pictures each: the device with its label, and where it hangs."},
    {"title": "Read the new visitor rules and confirm", "who": "staff", "activity": "2.5.4",
     "made": -12, "due": -2, "hours": 0.5, "end": "open", "by": "hr"},
    {"title": "Try the new goods-in form with three deliveries", "who": "staff", "activity": "2.3.4",
     "made": -7, "due": 4, "hours": 2, "end": "in_progress", "by": "processowner",
     "text": "Note what is missing on the form and how long it takes to fill in."},
    {"title": "Hand in the certificate of the first-aid course", "who": "staff", "activity": "2.5.3",
     "made": -40, "due": -20, "hours": 0.5, "end": "done", "by": "hr", "done": -22},
    {"title": "Clear the old work instructions from the assembly line", "who": "staff", "activity": "2.2.6",
     "made": -70, "due": -55, "hours": 2, "end": "done", "by": "documents", "done": -56},
    {"title": "Weekly check of the clean-room pressure log", "who": "staff", "activity": None,
     "made": -50, "due": -43, "hours": 0.5, "end": "recurring", "by": "processowner", "recurrence": "weekly"},
    {"title": "Prepare the steering committee", "who": "manager", "activity": None, "made": -170, "due": -160,
     "hours": 3, "end": "recurring", "by": "manager", "recurrence": "monthly",
     "checklist": ["Progress per step", "Open decisions", "Budget", "Risks of the project"]},
    {"title": "Review the access rights of the ERP", "who": "riskowner", "activity": None, "made": -150, "due": -96,
     "hours": 4, "end": "recurring", "by": "consultant", "recurrence": "quarterly",
     "text": "Leavers, movers, shared accounts, administrators."},
    {"title": "Ask the landlord for the floor plans with escape routes", "who": "processowner", "activity": "2.3.1",
     "made": -30, "due": -9, "hours": 1, "end": "blocked", "by": "manager", "priority": 3,
     "reason": "The landlord's building services answer from Monday on; reminder sent twice."},
    {"title": "Compare three offers for the backup power supply", "who": "riskowner", "activity": "2.3.1",
     "made": -26, "due": 6, "hours": 6, "end": "blocked", "by": "management", "priority": 3,
     "reason": "Waiting for the third offer; the supplier measures the load next week."},
    {"title": "Map the procedures to the ISO 13485 quality manual", "who": "documents", "activity": "2.3.3",
     "made": -35, "due": 3, "hours": 8, "end": "in_progress", "by": "consultant", "priority": 3,
     "checklist": ["Design control", "Purchasing", "Production", "Complaints", "CAPA"], "checked": 3},
    {"title": "Draft the procedure for field safety notices", "who": "processowner", "activity": "2.3.4",
     "made": -28, "due": -3, "hours": 10, "end": "in_progress", "by": "consultant", "priority": 4,
     "text": "One procedure with complaints handling: the trigger is the same, only the recipient differs."},
    {"title": "Agree the recovery time of the ERP with the hosting provider", "who": "riskowner", "activity": "1.7.4",
     "made": -90, "due": -66, "hours": 4, "end": "done", "by": "consultant", "done": -61},
    {"title": "Collect supplier certificates of the ten most critical suppliers", "who": "processowner",
     "activity": "1.2.6", "made": -160, "due": -130, "hours": 6, "end": "done", "by": "manager", "done": -127},
    {"title": "Set up the shared mailbox for information security incidents", "who": "riskowner", "activity": "2.4.2",
     "made": -95, "due": -80, "hours": 2, "end": "done", "by": "manager", "done": -79},
    {"title": "Translate the policy into French for the sales team", "who": "hr", "activity": "1.6.3",
     "made": -88, "due": -70, "hours": 3, "end": "cancelled", "by": "management",
     "reason": "The sales team works in German and English since September.", "done": -74},
    {"title": "Book the rooms for the awareness sessions", "who": "hr", "activity": "2.5.4", "made": -75, "due": -62,
     "hours": 1, "end": "done", "by": "hr", "done": -66},
    {"title": "Name deputies for all risk owners", "who": "management", "activity": None, "made": -60, "due": -5,
     "hours": 2, "end": "open", "by": "consultant", "priority": 3},
    {"title": "Sign the release of the purchasing procedure", "who": "management", "activity": "2.3.5",
     "made": -6, "due": 8, "hours": 0.5, "end": "open", "by": "documents"},
    {"title": "Choose the topics of the first internal audit", "who": "auditor", "activity": "3.2.1",
     "made": -10, "due": 12, "hours": 3, "end": "open", "by": "manager"},
    {"title": "Read the gap report before the interviews", "who": "auditor", "activity": None,
     "made": -120, "due": -105, "hours": 3, "end": "done", "by": "consultant", "done": -107},
    {"title": "Check the retention periods against the medical devices ordinance", "who": "documents",
     "activity": "2.2.4", "made": -120, "due": -104, "hours": 5, "end": "done", "by": "consultant", "done": -101},
    {"title": "Renew the contract of the document destruction service", "who": "documents", "activity": None,
     "made": -20, "due": 17, "hours": 1, "end": "open", "by": "manager", "priority": 1},
    {"title": "Update the emergency contact list", "who": "hr", "activity": None, "made": -14, "due": 0,
     "hours": 1, "end": "open", "by": "manager", "checklist": ["Management", "Fire wardens", "Night shift"],
     "checked": 2},
    {"title": "Send the draft audit programme to the certification body", "who": "consultant", "activity": "3.2.1",
     "made": -5, "due": 15, "hours": 1, "end": "open", "by": "consultant"},
    {"title": "Coach the process owners through their first procedure", "who": "consultant", "activity": "2.3.4",
     "made": -33, "due": 5, "hours": 12, "end": "in_progress", "by": "consultant"},
    {"title": "Check the Annex A controls that nobody owns yet", "who": "consultant", "activity": "1.8.2",
     "made": -45, "due": -30, "hours": 4, "end": "done", "by": "consultant", "done": -28},
    {"title": "Report progress to the board", "who": "management", "activity": None, "made": -80, "due": -65,
     "hours": 2, "end": "recurring", "by": "management", "recurrence": "quarterly"},
]  # fmt: skip

# Dependencies between own tasks: the first waits for the second.
WAITS = [
    ("Sign the release of the purchasing procedure", "Map the procedures to the ISO 13485 quality manual"),
    ("Send the draft audit programme to the certification body", "Choose the topics of the first internal audit"),
]

# Comments: whose task (by its title), who says what, days from today.
COMMENTS = [
    ("Draft the procedure for field safety notices", "consultant", -20,
     "Please look at the complaints procedure first, @Sandra Meier: section 4 can be used as it is."),
    ("Draft the procedure for field safety notices", "processowner", -19,
     "Thank you. I keep section 4 and only add who tells Swissmedic. The deadline for that is still open."),
    ("Draft the procedure for field safety notices", "manager", -2,
     "This is on the way of the release in two weeks. @Sandra Meier, is Friday realistic?"),
    ("Ask the landlord for the floor plans with escape routes", "processowner", -12,
     "The landlord has only plans from before the extension. I asked for new ones."),
    ("Ask the landlord for the floor plans with escape routes", "manager", -4,
     "I have mentioned it to @Claudia Wyss, she meets the landlord this week."),
    ("Compare three offers for the backup power supply", "riskowner", -11,
     "Two offers are here: 18,400 and 21,900 francs. The cheaper one covers the server room only."),
    ("Map the procedures to the ISO 13485 quality manual", "documents", -8,
     "Purchasing and production map one to one. CAPA is the largest difference."),
    ("Try the new goods-in form with three deliveries", "staff", -3,
     "First delivery done: the field for the batch number is too short for our Italian supplier."),
    ("Try the new goods-in form with three deliveries", "processowner", -3,
     "Good catch, I make it longer. @Elif Yılmaz, please go on with the other two."),
    ("Photograph the labelled fire extinguishers in hall 2", "staff", -1,
     "Ground floor is done. For the upper floor I need somebody with the key."),
    ("Agree the recovery time of the ERP with the hosting provider", "riskowner", -62,
     "Agreed: 8 hours recovery time, 1 hour data loss at most. The confirmation is attached."),
    ("Name deputies for all risk owners", "consultant", -15,
     "@Claudia Wyss, three of seven are missing: production, IT and purchasing."),
    ("Review the access rights of the ERP", "riskowner", -1,
     "The list of leavers comes from @Patrick Schmid, I need it for the next review."),
]  # fmt: skip

# Links that show that a task was done.
LINKS = [
    ("Agree the recovery time of the ERP with the hosting provider", "riskowner", -61,
     "Service level agreement, annex 3", "https://intranet.alpenblick.example/contracts/hosting/annex-3"),
    ("Collect supplier certificates of the ten most critical suppliers", "processowner", -128,
     "Folder with the certificates", "https://intranet.alpenblick.example/purchasing/certificates"),
    ("Check the retention periods against the medical devices ordinance", "documents", -102,
     "Retention schedule, version 2", "https://intranet.alpenblick.example/documents/retention-schedule"),
    ("Read the gap report before the interviews", "auditor", -108,
     "Notes on the gap report", "https://intranet.alpenblick.example/audit/notes-gap-report"),
]  # fmt: skip

# Files that show that a task was done; the text is what stands in them.
PAPERS = [
    ("Hand in the certificate of the first-aid course", "staff", -23, "certificate-first-aid.pdf",
     ["Certificate", "First aid at the workplace, 14 lessons", "Valid for three years"]),
    ("Set up the shared mailbox for information security incidents", "riskowner", -79, "mailbox-test.txt",
     ["Test message sent to the shared mailbox.", "Answered by the deputy within 20 minutes."]),
    ("Clear the old work instructions from the assembly line", "staff", -56, "assembly-line-board.png",
     ["Assembly line 2", "old instructions removed", "WI-07 and WI-11 in force"]),
    ("Check the Annex A controls that nobody owns yet", "consultant", -29, "controls-without-owner.pdf",
     ["Controls without an owner", "Eleven controls had none; nine have one now.", "Open: 5.7 and 8.12."]),
]  # fmt: skip

# What was said on suggested tasks of an activity, in the order of the tasks: activity, who, text.
REMARKS = [
    ("1.2.2", "consultant", "Climate: flooding of the Sihl is relevant for the warehouse, noted as an issue."),
    ("1.3.3", "consultant", "58 of 171 requirements are met already, mostly thanks to ISO 13485."),
    ("1.4.5", "management", "Approved under the condition that production is not interrupted in December."),
    ("1.7.5", "riskowner", "The workshop with purchasing brought eleven entries, two of them new to everybody."),
    ("1.8.2", "consultant", "Fourteen controls are not selected; each has its reason in the draft."),
    ("2.2.5", "documents", "312 documents moved, 45 set aside as obsolete."),
    ("2.5.2", "hr", "Largest gap: internal auditors for information security. Course booked for two people."),
]
