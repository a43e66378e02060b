locals {
  topics = toset(["backup", "restore-test", "watch"])

  jobs = merge(
    {
      for name, each in local.scheduled : "backup-${name}" => {
        run         = each.run
        database    = name
        topic       = "backup"
        schedule    = each.schedule
        time_zone   = each.time_zone
        message     = { database = name, reason = "schedule", kind = "auto" }
        description = "Backs up ${name}."
      }
    },
    # The function cannot restore what only a job can back up.
    {
      for name in local.restore_test_schedule == false ? [] : keys(local.in_jobs) : "restore-test-${name}" => {
        run         = "job"
        database    = name
        topic       = ""
        schedule    = local.restore_test_schedule
        time_zone   = try(local.config.restoreTest.timeZone, local.time_zone)
        message     = {}
        description = "Restores backups of ${name} onto the disk of a job and checks them."
      }
    },
    {
      for schedule in [local.restore_test_schedule] : "restore-test" => {
        run         = "function"
        database    = "*"
        topic       = "restore-test"
        schedule    = schedule
        time_zone   = try(local.config.restoreTest.timeZone, local.time_zone)
        message     = { database = "*", reason = "schedule", kind = "auto" }
        description = "Restores backups of every database into temporary storage and checks them."
      } if schedule != false
    },
    {
      for schedule in [local.watch_schedule] : "watch" => {
        run         = "function"
        database    = "*"
        topic       = "watch"
        schedule    = schedule
        time_zone   = try(local.config.watch.timeZone, local.time_zone)
        message     = { database = "*", reason = "schedule", kind = "auto" }
        description = "Checks for late or missing backups."
      } if schedule != false
    },
  )
}

resource "google_pubsub_topic" "this" {
  for_each = local.topics

  name    = "${var.prefix}-${each.key}"
  project = var.project

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic" "dead" {
  for_each = local.topics

  name    = "${var.prefix}-${each.key}-dead"
  project = var.project

  depends_on = [google_project_service.this]
}

# A topic without a subscription drops messages. An alarm counts the messages in this one.
resource "google_pubsub_subscription" "dead" {
  for_each = local.topics

  name    = "${var.prefix}-${each.key}-dead"
  project = var.project
  topic   = google_pubsub_topic.dead[each.key].id

  message_retention_duration = "2678400s"

  # By default, an unused subscription is deleted after 31 days.
  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "dead" {
  for_each = local.topics

  project = var.project
  topic   = google_pubsub_topic.dead[each.key].name
  role    = "roles/pubsub.publisher"
  member  = local.pubsub_agent

  depends_on = [time_sleep.service_agents]
}

# Our own push subscription instead of a function's event trigger, which cannot have a dead-letter topic in Terraform.
resource "google_pubsub_subscription" "push" {
  for_each = var.foundation_only ? toset([]) : local.topics

  name    = "${var.prefix}-${each.key}"
  project = var.project
  topic   = google_pubsub_topic.this[each.key].id

  # The maximum. A function ends after 540 s, so a message is never redelivered during its first run.
  ack_deadline_seconds = 600

  # Longer than all delivery attempts together, or a message would expire before it is dead-lettered.
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }

  push_config {
    # With this path, functions-framework turns the message into a CloudEvent.
    push_endpoint = "${google_cloudfunctions2_function.this[each.key].service_config[0].uri}/projects/${var.project}/topics/${google_pubsub_topic.this[each.key].name}"

    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = google_cloudfunctions2_function.this[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # When all instances are busy, the refusal counts as an attempt. Attempts follow after 10, 20, 40 ... 600 s, so 40 take more than 5 hours:
  # enough for 300 databases on 10 instances, even if each needs its whole 540 s. More databases need more attempts (at most 100).
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead[each.key].id
    max_delivery_attempts = var.delivery_attempts
  }

  depends_on = [google_cloud_run_service_iam_member.invoker, google_pubsub_topic_iam_member.dead, google_service_account_iam_member.push]
}

resource "google_pubsub_subscription_iam_member" "push" {
  # Not over the subscriptions: `terraform import` knows the keys of no resource that is missing from the state.
  for_each = var.foundation_only ? toset([]) : local.topics

  project      = var.project
  subscription = google_pubsub_subscription.push[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

# For `*`, the function publishes one message per database to its own topic.
locals {
  publishers = {
    backup       = "backup"
    backup-now   = "backup"
    restore-test = "restore-test"
  }
}

resource "google_pubsub_topic_iam_member" "function" {
  for_each = local.publishers

  project = var.project
  topic   = google_pubsub_topic.this[each.value].name
  role    = "roles/pubsub.publisher"
  member  = google_service_account.function[each.key].member
}

resource "google_cloud_scheduler_job" "this" {
  for_each = var.foundation_only ? {} : local.jobs

  name        = "${var.prefix}-${each.key}"
  project     = var.project
  region      = var.region
  description = each.value.description
  schedule    = each.value.schedule
  time_zone   = each.value.time_zone

  # The longest that Cloud Scheduler waits for an answer. Not for Pub/Sub.
  attempt_deadline = each.value.run == "http" ? "1800s" : null

  dynamic "pubsub_target" {
    for_each = each.value.run == "function" ? [each.value] : []

    content {
      topic_name = google_pubsub_topic.this[pubsub_target.value.topic].id
      data       = base64encode(jsonencode(pubsub_target.value.message))
    }
  }

  # backup-now answers when the backup is verified; the answer for a job does not wait for its end.
  dynamic "http_target" {
    for_each = each.value.run == "function" ? [] : [each.value]

    content {
      uri = each.value.run == "http" ? google_cloudfunctions2_function.this["backup-now"].service_config[0].uri : (
        "https://run.googleapis.com/v2/projects/${var.project}/locations/${var.region}/jobs/${google_cloud_run_v2_job.this[each.key].name}:run"
      )
      http_method = "POST"
      headers     = each.value.run == "http" ? { "Content-Type" = "application/json" } : null
      body        = each.value.run == "http" ? base64encode(jsonencode(each.value.message)) : null

      dynamic "oidc_token" {
        for_each = each.value.run == "http" ? [google_cloudfunctions2_function.this["backup-now"].service_config[0].uri] : []

        content {
          service_account_email = google_service_account.schedule.email
          audience              = oidc_token.value
        }
      }

      dynamic "oauth_token" {
        for_each = each.value.run == "job" ? [google_service_account.schedule.email] : []

        content {
          service_account_email = oauth_token.value
        }
      }
    }
  }

  # Only for publishing, and for starting a job. The subscription redelivers the message of a failed run, and the platform starts a task again. For
  # `http` these are the retries of the run: pauses of 5, 10, 20, 40 and 60 minutes, in which a busy source may recover and an instance become free.
  retry_config {
    retry_count          = 5
    min_backoff_duration = each.value.run == "http" ? "300s" : "10s"
    max_backoff_duration = each.value.run == "http" ? "3600s" : "600s"
  }

  lifecycle {
    precondition {
      condition = each.value.run != "http" || length([
        for other in values(local.scheduled) : other if other.run == "http" && other.schedule == each.value.schedule && other.time_zone == each.value.time_zone
      ]) <= local.functions["backup-now"].max_instances
      error_message = "More databases with `run: http` have the schedule \"${each.value.schedule}\" than `backup-now` has instances (${local.functions["backup-now"].max_instances}). Spread their schedules, or raise `max_instances` of backup-now in `functions`."
    }
  }

  depends_on = [google_cloud_run_service_iam_member.invoker, google_cloud_run_v2_job_iam_member.schedule, google_pubsub_subscription.push]
}
