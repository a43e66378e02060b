locals {
  function_names = toset(["backup", "backup-now", "restore-test", "watch", "status"])
}

# One identity per function: no function has the rights of another.
resource "google_service_account" "function" {
  for_each = local.function_names

  account_id   = "${var.prefix}-${each.key}"
  display_name = "Lifeboat ${each.key} (${var.prefix})"
  project      = var.project

  depends_on = [google_project_service.this]
}

resource "google_service_account" "push" {
  account_id   = "${var.prefix}-push"
  display_name = "Lifeboat: Pub/Sub calls the functions (${var.prefix})"
  project      = var.project

  depends_on = [google_project_service.this]
}

resource "google_service_account" "build" {
  account_id   = "${var.prefix}-build"
  display_name = "Lifeboat: Cloud Build builds the functions (${var.prefix})"
  project      = var.project

  depends_on = [google_project_service.this]
}

# May only call backup-now and status. Deployers without an ID token of their own impersonate it.
resource "google_service_account" "deploy" {
  account_id   = "${var.prefix}-deploy"
  display_name = "Lifeboat: deploy scripts ask for a backup (${var.prefix})"
  project      = var.project

  depends_on = [google_project_service.this]
}

# May only start what a schedule starts without Pub/Sub: the call of backup-now (`run: http`) and the Cloud Run jobs (`run: job`).
resource "google_service_account" "schedule" {
  account_id   = "${var.prefix}-schedule"
  display_name = "Lifeboat: Cloud Scheduler starts backups (${var.prefix})"
  project      = var.project

  depends_on = [google_project_service.this]
}
