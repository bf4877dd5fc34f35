"""Plans that were laid out before there were links get them: each activity waits for the one before it in its step.

The lag is what the stored dates say, so that no date moves. An organization's own activities were dated by hand.
A plan that has links keeps them as they are, so that going back and forward again changes nothing.
"""

import datetime as dt

from django.db import migrations

from core.dates import WorkingCalendar

ONE = dt.timedelta(days=1)


def lag(ends_on, starts_on, calendar):
    if starts_on > ends_on:
        return calendar.between(ends_on + ONE, starts_on - ONE)
    return -calendar.between(starts_on, ends_on)


def lay_links(apps, schema_editor):
    Activity = apps.get_model("projects", "PlanActivity")
    Link = apps.get_model("projects", "ActivityLink")
    Activity.objects.filter(source__isnull=True).update(dates_are_manual=True)
    linked = Link.objects.order_by().values("project")
    for project in apps.get_model("projects", "Project").objects.exclude(pk__in=linked).order_by("pk"):
        calendar = WorkingCalendar(project.working_week, project.holiday_country, project.holiday_region)
        rows = Activity.objects.filter(project=project, source__isnull=False).order_by("step", "position", "pk")
        links, earlier = [], None
        for row in rows.only("pk", "step", "organization", "starts_on", "ends_on"):
            if earlier is not None and earlier.step_id == row.step_id:
                days = lag(earlier.ends_on, row.starts_on, calendar)
                links.append(
                    Link(
                        organization_id=row.organization_id,
                        project_id=project.pk,
                        activity_id=row.pk,
                        predecessor_id=earlier.pk,
                        lag_days=max(min(days, 32_000), -32_000),
                    )
                )
            earlier = row
        Link.objects.bulk_create(links, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("projects", "0010_schedule")]
    operations = [migrations.RunPython(lay_links, migrations.RunPython.noop)]
