data "google_project" "this" {
  project_id = var.project
}

locals {
  apis = setunion(
    [
      "artifactregistry.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudfunctions.googleapis.com",
      "cloudscheduler.googleapis.com",
      "iam.googleapis.com",
      "iamcredentials.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "pubsub.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
    ],
    var.subnetwork == null ? [] : ["compute.googleapis.com"],
    var.kms_key == null ? [] : ["cloudkms.googleapis.com"],
  )
}

resource "google_project_service" "this" {
  for_each = local.apis

  project = var.project
  service = each.value

  # Other things in the project may use them.
  disable_on_destroy = false
}

# Google creates its service agents some time after an API is enabled; a grant to one that does not exist yet fails.
resource "time_sleep" "service_agents" {
  create_duration = "90s"

  triggers   = { apis = join(",", sort(local.apis)) }
  depends_on = [google_project_service.this]
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}
