locals {
  run_resources = length(local.in_jobs) == 0 ? ["cloud_run_revision"] : ["cloud_run_revision", "cloud_run_job"]

  # Title, metric, aligner, reducer, grouping, unit of the axis.
  charts = [
    { title = "Runs that succeeded", metric = "runs", aligner = "ALIGN_DELTA", filter = " metric.label.ok=\"true\"", axis = "runs" },
    { title = "Runs that failed", metric = "runs", aligner = "ALIGN_DELTA", filter = " metric.label.ok=\"false\"", axis = "runs" },
    { title = "Duration", metric = "duration", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "ms" },
    { title = "Size of the database", metric = "size", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "bytes" },
    { title = "Stored by each backup", metric = "stored", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "bytes" },
    { title = "Pages stored by each backup", metric = "pages", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "pages" },
    { title = "Time of the snapshot", metric = "snapshot_ms", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "ms" },
    { title = "Time of the inspection", metric = "inspect_ms", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "ms" },
    { title = "Time of writing", metric = "write_ms", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "ms" },
    { title = "Time of the test restore", metric = "restore_ms", aligner = "ALIGN_PERCENTILE_99", filter = "", axis = "ms" },
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "Lifeboat (${var.prefix})"
    mosaicLayout = {
      columns = 48
      tiles = [
        for index, chart in local.charts : {
          xPos   = index % 2 * 24
          yPos   = floor(index / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [for type in local.run_resources : {
                plotType       = "LINE"
                legendTemplate = "$${metric.labels.database} $${metric.labels.operation}"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = "metric.type=\"logging.googleapis.com/user/${var.prefix}/${chart.metric}\" resource.type=\"${type}\"${chart.filter}"
                    aggregation = {
                      alignmentPeriod    = "3600s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.metric == "runs" ? "REDUCE_SUM" : "REDUCE_MAX"
                      groupByFields      = ["metric.label.database", "metric.label.operation"]
                    }
                  }
                }
              }]
              yAxis = { label = chart.axis, scale = "LINEAR" }
            }
          }
        }
      ]
    }
  })

  depends_on = [time_sleep.metrics]
}
