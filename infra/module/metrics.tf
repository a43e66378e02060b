# Each run ends with one line of JSON, `"event": "run"`. The dashboard and the alarms use these of its numbers.
locals {
  run_filter = "${local.service_filter} AND jsonPayload.event=\"run\""

  # metric -> field of the run event, unit.
  run_measures = {
    duration    = { field = "durationMs", unit = "ms", description = "How long a run took." }
    size        = { field = "bytes.size", unit = "By", description = "The size of the database." }
    stored      = { field = "bytes.stored", unit = "By", description = "Bytes that a backup added to the store." }
    pages       = { field = "pages.stored", unit = "1", description = "Pages that a backup stored." }
    snapshot_ms = { field = "steps.snapshotMs", unit = "ms", description = "How long the snapshot took." }
    inspect_ms  = { field = "steps.inspectMs", unit = "ms", description = "How long the inspection took." }
    write_ms    = { field = "steps.writeMs", unit = "ms", description = "How long compression, encryption and upload took." }
    restore_ms  = { field = "steps.restoreMs", unit = "ms", description = "How long a restore into temporary storage took." }
  }

  run_labels = ["operation", "database"]
}

resource "google_logging_metric" "runs" {
  name        = "${var.prefix}/runs"
  project     = var.project
  description = "Ended runs."
  filter      = local.run_filter

  label_extractors = { for label in concat(local.run_labels, ["ok", "code"]) : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    dynamic "labels" {
      for_each = toset(concat(local.run_labels, ["ok", "code"]))

      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_logging_metric" "measure" {
  for_each = local.run_measures

  name            = "${var.prefix}/${each.key}"
  project         = var.project
  description     = each.value.description
  filter          = "${local.run_filter} AND jsonPayload.${each.value.field}>=0"
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  label_extractors = { for label in local.run_labels : label => "EXTRACT(jsonPayload.${label})" }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit

    dynamic "labels" {
      for_each = toset(local.run_labels)

      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }

  # Doubling from 1: 40 steps reach a tebibyte, or a year in milliseconds.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 2
      scale              = 1
    }
  }

  depends_on = [google_project_service.this]
}

# Cloud Monitoring answers 404 for a metric that was created seconds ago.
resource "time_sleep" "metrics" {
  create_duration = "30s"

  triggers   = { runs = google_logging_metric.runs.id }
  depends_on = [google_logging_metric.measure]
}
