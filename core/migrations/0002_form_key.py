from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="FormKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100, unique=True)),
                ("address", models.CharField(blank=True, max_length=500)),
                ("used_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
        ),
    ]
