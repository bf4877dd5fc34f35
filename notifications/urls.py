"""Addresses of notifications."""

from __future__ import annotations

from django.urls import path

from notifications.views import feed, inbox, preference, reminder, unsubscribe

app_name = "notifications"

urlpatterns = [
    path("inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("inbox/count/", inbox.count, name="count"),
    path("inbox/read/", inbox.read, name="read"),
    path("inbox/<int:pk>/open/", inbox.open_notice, name="open"),
    path("inbox/preferences/", preference.Preferences.as_view(), name="preferences"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("calendar/links/", feed.Feeds.as_view(), name="feeds"),
    path("calendar/<str:secret>/my-work.ics", feed.my_work, name="feed-work"),
    path("calendar/<str:secret>/project.ics", feed.project, name="feed-project"),
    path("org/<slug:org>/reminders/", reminder.ReminderRules.as_view(), name="reminder-rules"),
]
