# A bucket for copies of backups in another project, whose owners are other people. Backups in it cannot be deleted or replaced before their time, by
# nobody: not by Lifeboat, not by an owner of either project. Apply it with an account that has no rights in the first project.
terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
  }
}

variable "project" {
  description = "The id of the project that owns the copy: not the project of the functions."
  type        = string
}

variable "copy" {
  description = "The address in `copies` of lifeboat.yaml: gs://bucket or gs://bucket/prefix."
  type        = string

  validation {
    condition     = can(regex("^gs://[^/]+(/[^/]+)*$", var.copy))
    error_message = "The copy must be like gs://bucket or gs://bucket/prefix."
  }
}

variable "name" {
  description = "The first part of the ids of the roles, so that two copies can share a project."
  type        = string
  default     = "lifeboat_copy"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{2,50}$", var.name))
    error_message = "The name must have 3 to 51 lower-case letters, digits and underscores."
  }
}

variable "location" {
  description = "The location of the bucket. Another region than that of the first bucket survives the loss of a region."
  type        = string
}

variable "identities" {
  description = "The output `copy_identities` of the deployment: for each function its service account."
  type        = object({ backup = string, backup-now = string, restore-test = string, watch = string })
}

variable "retention_days" {
  description = "For how many days nobody can delete or replace a copied backup. At most the daily retention in lifeboat.yaml, or expired backups stay longer than you want."
  type        = number
  default     = 14

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650
    error_message = "A copy is retained for 1 to 3650 days."
  }
}

variable "locked" {
  description = "Whether the retention is locked. This cannot be undone: the bucket can then be deleted only when it is empty, and the retention only be made longer. Set it once the first copies are there."
  type        = bool
  default     = false
}

locals {
  bucket = regex("^gs://([^/]+)", var.copy)[0]
  path   = trim(trimprefix(var.copy, "gs://${local.bucket}"), "/")
  prefix = local.path == "" ? "" : "${local.path}/"

  # As in infra/module/iam.tf: no right to delete.
  roles = {
    archive = ["storage.objects.create", "storage.objects.get", "storage.objects.update"]
    read    = ["storage.objects.get"]
    list    = ["storage.objects.list"]
    bucket  = ["storage.buckets.get"]
  }

  access = {
    backup       = { archive = ["databases/"], read = ["state/"], list = ["*"], bucket = ["*"] }
    backup-now   = { archive = ["databases/"], read = ["state/"], list = ["*"], bucket = ["*"] }
    restore-test = { read = ["databases/", "state/"], list = ["*"] }
    watch        = { read = ["databases/", "state/"], list = ["*"] }
  }

  grants = {
    for grant in flatten([
      for function, roles in local.access : [
        for role, folders in roles : [for folder in folders : { function = function, role = role, folder = folder }]
      ]
    ]) : "${grant.function}:${grant.role}:${grant.folder}" => grant
  }
}

resource "google_storage_bucket" "copy" {
  name          = local.bucket
  project       = var.project
  location      = var.location
  storage_class = "STANDARD"

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  retention_policy {
    retention_period = var.retention_days * 86400
    is_locked        = var.locked
  }

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  dynamic "lifecycle_rule" {
    for_each = ["databases/", "runs/", "reports/"]

    content {
      action {
        type = "Delete"
      }

      condition {
        days_since_custom_time = 1
        age                    = 1
        matches_prefix         = ["${local.prefix}${lifecycle_rule.value}"]
      }
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_project_iam_custom_role" "this" {
  for_each = local.roles

  project     = var.project
  role_id     = "${var.name}_${each.key}"
  title       = "Lifeboat copy ${each.key} (${local.bucket})"
  permissions = each.value
}

resource "google_storage_bucket_iam_member" "function" {
  for_each = local.grants

  bucket = google_storage_bucket.copy.name
  role   = google_project_iam_custom_role.this[each.value.role].name
  member = "serviceAccount:${var.identities[each.value.function]}"

  dynamic "condition" {
    for_each = each.value.folder == "*" ? [] : [each.value.folder]

    content {
      title      = "under ${replace(condition.value, "/", "")}"
      expression = "resource.name.startsWith(\"projects/_/buckets/${local.bucket}/objects/${local.prefix}${condition.value}\")"
    }
  }
}
