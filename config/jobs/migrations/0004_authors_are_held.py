from django.db import migrations, models

from config.server.operations import AddIndexConcurrently, ValidateConstraint


class Migration(migrations.Migration):
    """Hold each job and each file to one author, and find what a job refused in order."""

    atomic = False

    dependencies = [("jobs", "0003_authors")]

    operations = [
        ValidateConstraint("job", "job_author"),
        ValidateConstraint("storedfile", "stored_file_author"),
        *(
            ValidateConstraint(model, f"jobs_{model}_{name}_id_is_there")
            for model in ("job", "storedfile")
            for name in ("client", "key")
        ),
        AddIndexConcurrently(
            "jobrefusal",
            models.Index(fields=["company", "job", "id"], name="job_refusal_of_job"),
        ),
    ]
