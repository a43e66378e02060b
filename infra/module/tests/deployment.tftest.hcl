# See README.md in this folder. Providers are mocked: nothing is created, and no account is needed.

mock_provider "google" {}

mock_provider "time" {}

variables {
  project            = "acme-prod"
  region             = "southamerica-east1"
  notification_email = "ops@example.com"
  config             = "tests/functions/lifeboat.yaml"
  # Only its digest matters here, and the lifeboat.yaml beside it.
  package = "tests/functions/lifeboat.yaml"
}

run "foundation" {
  command = plan

  variables {
    foundation_only = true
  }

  assert {
    condition     = length(google_cloudfunctions2_function.this) == 0
    error_message = "The first stage must create no function."
  }

  assert {
    condition     = length(google_cloud_scheduler_job.this) == 0
    error_message = "The first stage must create no schedule."
  }

  assert {
    condition     = toset(keys(google_pubsub_topic.this)) == toset(["backup", "restore-test", "watch"])
    error_message = "Each function that runs on a schedule needs its topic."
  }
}

run "complete" {
  command = plan

  assert {
    condition     = toset(keys(google_cloudfunctions2_function.this)) == toset(["backup", "backup-now", "restore-test", "watch", "status"])
    error_message = "All five functions must be deployed."
  }

  assert {
    condition     = toset(keys(google_cloud_scheduler_job.this)) == toset(["backup-crm", "backup-lake", "backup-shop", "backup-wiki", "restore-test", "restore-test-lake", "watch"])
    error_message = "Each database with a schedule, the restore test and the watch need a job."
  }

  assert {
    condition     = google_cloud_scheduler_job.this["backup-shop"].time_zone == "America/Sao_Paulo"
    error_message = "A database without a time zone takes that of lifeboat.yaml."
  }

  assert {
    condition     = google_cloud_scheduler_job.this["backup-wiki"].time_zone == "Europe/Lisbon"
    error_message = "The time zone of a database goes before that of lifeboat.yaml."
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_job.this)) == toset(["backup-lake", "restore-test-lake"])
    error_message = "A database with `run: job` needs a job for the backup and one for the restore test."
  }

  assert {
    condition     = google_cloud_scheduler_job.this["backup-crm"].attempt_deadline == "1800s"
    error_message = "Cloud Scheduler must wait half an hour for a database with `run: http`."
  }

  assert {
    condition     = google_storage_bucket.backups.name == "acme-backups" && google_storage_bucket.backups.public_access_prevention == "enforced"
    error_message = "Backups must be in the bucket of lifeboat.yaml, which must not be public."
  }

  assert {
    condition     = alltrue([for role in ["archive", "read", "record"] : !contains(google_project_iam_custom_role.this[role].permissions, "storage.objects.delete")])
    error_message = "No role that reaches backups may delete."
  }
}

run "without_a_bucket" {
  command = plan

  variables {
    store = "./backups"
  }

  expect_failures = [google_storage_bucket.backups]
}

run "a_heap_that_leaves_no_room_for_files" {
  command = plan

  variables {
    functions = { backup = { memory_mib = 1024, heap_mib = 1000 } }
  }

  expect_failures = [google_cloudfunctions2_function.this]
}

run "an_unknown_function" {
  command = plan

  variables {
    functions = { backups = { timeout = 60 } }
  }

  expect_failures = [var.functions]
}
