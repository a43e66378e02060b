# Alarms independent of Lifeboat: they work when its mail does not arrive, when it is killed, and when it never starts.
resource "google_monitoring_notification_channel" "email" {
  display_name = "Lifeboat alarms (${var.prefix})"
  project      = var.project
  type         = "email"
  labels       = { email_address = var.notification_email }

  depends_on = [google_project_service.this]
}

locals {
  channels = concat([google_monitoring_notification_channel.email.id], var.notification_channels)

  # Match whole names: staging's names may start with production's prefix.
  function_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.prefix}-(backup|backup-now|restore-test|watch|status)$\""
  job_filter      = "resource.type=\"cloud_run_job\" AND resource.labels.job_name=~\"^${var.prefix}-(backup|restore-test)-(${join("|", values(local.job_names))})$\""
  service_filter  = length(local.in_jobs) == 0 ? local.function_filter : "((${local.function_filter}) OR (${local.job_filter}))"

  by_http       = [for name, each in local.scheduled : name if each.run == "http"]
  retried_calls = length(local.by_http) == 0 ? "" : " AND NOT (resource.labels.job_id=~\"^${var.prefix}-backup-(${join("|", local.by_http)})$\" AND (httpRequest.status=429 OR httpRequest.status>=500))"

  log_alarms = {
    errors = {
      title = "a run failed, or a backup is late"
      # 429: all instances are busy. Pub/Sub retries, and dead-letters the message in the end.
      filter = "${local.service_filter} AND severity>=ERROR AND NOT httpRequest.status=429"
      text   = "Lifeboat logged an error. The log line has a code and a hint that says what to do next."
      labels = { database = "EXTRACT(jsonPayload.database)" }
    }
    killed = {
      # Only texts of the platform: Lifeboat itself answers 504 at its own deadline, and logs that as an error.
      title  = "the platform ended a run"
      filter = "${local.service_filter} AND (textPayload:\"maximum request timeout\" OR textPayload:\"Memory limit of\" OR textPayload:\"Out of memory\" OR textPayload:\"Container terminated on signal\" OR textPayload:\"Uncaught signal\" OR textPayload:\"reached the maximum timeout\")"
      text   = "A function or a job ran out of time or memory before it could say so itself. Raise `timeout` or `memory_mib` in the variable `functions` (for a job in `jobs`), or give the database another `run` in lifeboat.yaml."
      labels = {}
    }
    schedules = {
      # A failed call of backup-now: Lifeboat reports the failure itself, Cloud Scheduler calls again, and the watch reports a late backup.
      title  = "a schedule starts nothing"
      filter = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=~\"^${var.prefix}-(backup-.*|restore-test(-.*)?|watch)$\" AND severity>=ERROR${local.retried_calls}"
      text   = "Cloud Scheduler could not publish to Pub/Sub, start a job or call backup-now. Its log entry has the reason."
      labels = {}
    }
  }
}

resource "google_monitoring_alert_policy" "log" {
  for_each = local.log_alarms

  display_name          = "Lifeboat (${var.prefix}): ${each.value.title}"
  project               = var.project
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels

  conditions {
    display_name = each.value.title

    condition_matched_log {
      filter           = each.value.filter
      label_extractors = each.value.labels
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }

  documentation {
    content = each.value.text
  }

  depends_on = [google_project_service.this]
}

resource "google_monitoring_alert_policy" "dead" {
  display_name          = "Lifeboat (${var.prefix}): dead-lettered messages"
  project               = var.project
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.channels

  conditions {
    display_name = "a message was dead-lettered"

    condition_threshold {
      filter = join(" AND ", [
        "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\"",
        "resource.type=\"pubsub_subscription\"",
        "resource.label.subscription_id=monitoring.regex.full_match(\"${var.prefix}-(backup|restore-test|watch)-dead\")",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  documentation {
    content = "Pub/Sub gave up on a message. Find the cause in the function's log and fix it, then read the message with `gcloud pubsub subscriptions pull` and run the job again."
  }

  depends_on = [google_pubsub_subscription.dead]
}

# The two conditions are equivalent: Cloud Monitoring may see a metric without new points as no data or as zeros. Neither fires before the first run,
# which is why the outputs say to run the watch once. If the watch cannot start at all, its message is dead-lettered.
locals {
  # Three pauses of the watch, and at most the 23.5 hours that Cloud Monitoring can wait for an absent metric.
  silence_hours   = local.watch_hours * 3
  silence_seconds = min(local.silence_hours * 3600, 84600)
}

resource "google_monitoring_alert_policy" "silent" {
  count = local.watch_schedule == false ? 0 : 1

  display_name          = "Lifeboat (${var.prefix}): the watch is silent"
  project               = var.project
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "no data from the watch for ${local.silence_hours} hours"

    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" AND resource.type=\"cloud_run_revision\" AND metric.label.operation=\"watch\""
      duration = "${local.silence_seconds}s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "no run of the watch in ${local.silence_hours} hours"

    condition_threshold {
      filter                  = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" AND resource.type=\"cloud_run_revision\" AND metric.label.operation=\"watch\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = "60s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period     = "${local.silence_seconds}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "The watch has not completed for ${local.silence_hours} hours, so missing backups go unnoticed. Check the function's log, and whether its schedule is paused."
  }

  lifecycle {
    precondition {
      condition     = local.watch_hours > 0
      error_message = "watch.schedule must run at least every eight hours, like \"15 * * * *\" or \"15 */6 * * *\", because the alarm for a silent watch waits for three runs. `watch: { schedule: false }` turns both off."
    }
  }

  depends_on = [time_sleep.metrics]
}
