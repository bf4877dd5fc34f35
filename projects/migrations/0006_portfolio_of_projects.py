from django.db import migrations

from projects import outline


def fill(apps, schema_editor):
    """Stores each plan in a nutshell, and names as consultant in charge who started it as one.

    The same reckoning as projects.services.counters: the nightly recount would find and mend what is missing here, but
    a portfolio would show empty wheels until then.
    """
    Project, PlanStep, PlanActivity = (
        apps.get_model("projects", name) for name in ("Project", "PlanStep", "PlanActivity")
    )
    for project in Project.objects.order_by("pk").iterator():
        steps = PlanStep.objects.filter(project=project, is_applicable=True).order_by("position", "pk")
        names = ("phase__title", "number", "title", "ends_on", "effort_minutes", "effort_minutes_done")
        rows = map(outline.StepFacts._make, steps.values_list(*names))
        spans = PlanActivity.objects.filter(project=project, effort_minutes__gt=0)
        Project.objects.filter(pk=project.pk).update(
            outline=outline.outline(rows, project.start_on),
            plan_days=outline.plan_days(spans.values_list("starts_on", "ends_on", "effort_minutes"), project.start_on),
            consultant_id=_consultant(apps, project),
        )


def _consultant(apps, project):
    """Who started the project, while they are a consultant of its organization."""
    OrganizationGroupGrant, OrganizationUserGrant = (
        apps.get_model("projects", name) for name in ("OrganizationGroupGrant", "OrganizationUserGrant")
    )
    wanted = {"permission__codename": "as_consultant", "content_object": project.organization_id}
    if project.created_by_id is None:
        return None
    by_firm = OrganizationGroupGrant.objects.filter(group__user=project.created_by_id, **wanted).exists()
    is_one = by_firm or OrganizationUserGrant.objects.filter(user=project.created_by_id, **wanted).exists()
    return project.created_by_id if is_one else None


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_portfolio"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
