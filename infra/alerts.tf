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
  service_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.prefix}-(backup|backup-now|restore-test|watch|status)$\""

  log_alarms = {
    errors = {
      title = "a run failed, or a backup is late"
      # 429: all instances are busy. Pub/Sub retries, and dead-letters the message in the end.
      filter = "${local.service_filter} AND severity>=ERROR AND NOT httpRequest.status=429"
      text   = "Lifeboat logged an error. The log line has a code and a hint that says what to do next."
    }
    killed = {
      title  = "the platform ended a run"
      filter = "${local.service_filter} AND (httpRequest.status=504 OR textPayload:\"maximum request timeout\" OR textPayload:\"Memory limit of\" OR textPayload:\"Out of memory\" OR textPayload:\"Container terminated on signal\")"
      text   = "A function ran out of time or memory before it could say so itself. Raise `timeout` or `memory_mib` in the variable `functions`."
    }
    schedules = {
      title  = "a schedule does not publish"
      filter = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=~\"^${var.prefix}-(backup-.*|restore-test|watch)$\" AND severity>=ERROR"
      text   = "Cloud Scheduler could not publish to Pub/Sub. Its log entry has the reason."
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
      filter = each.value.filter
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "900s"
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
    content = "Pub/Sub gave up on a message. Find the cause in the function's log and fix it, then read the message with `gcloud pubsub subscriptions pull --auto-ack` and run the job again."
  }

  depends_on = [google_pubsub_subscription.dead]
}

# The two conditions are equivalent: Cloud Monitoring may see a metric without new points as no data or as zeros. Neither fires before the first run,
# which is why the outputs say to run the watch once. If the watch cannot start at all, its message is dead-lettered.
resource "google_monitoring_alert_policy" "silent" {
  display_name          = "Lifeboat (${var.prefix}): the watch is silent"
  project               = var.project
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels

  conditions {
    display_name = "no data from the watch for 3 hours"

    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" AND resource.type=\"cloud_run_revision\" AND metric.label.operation=\"watch\""
      duration = "10800s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "no run of the watch in 3 hours"

    condition_threshold {
      filter                  = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.runs.name}\" AND resource.type=\"cloud_run_revision\" AND metric.label.operation=\"watch\""
      comparison              = "COMPARISON_LT"
      threshold_value         = 1
      duration                = "60s"
      evaluation_missing_data = "EVALUATION_MISSING_DATA_ACTIVE"

      aggregations {
        alignment_period     = "10800s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "The hourly watch has not completed for 3 hours, so missing backups go unnoticed. Check the function's log, and whether its schedule is paused."
  }

  lifecycle {
    precondition {
      condition     = can(regex("^[0-9*/,-]+ \\* \\* \\* \\*$", local.watch_schedule))
      error_message = "watch.schedule must be hourly (like \"15 * * * *\"): the alarm for a silent watch relies on it."
    }
  }

  depends_on = [time_sleep.metrics]
}
