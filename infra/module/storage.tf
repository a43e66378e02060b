data "google_storage_project_service_account" "this" {
  project    = var.project
  depends_on = [google_project_service.this]
}

resource "google_storage_bucket" "backups" {
  name          = local.bucket
  project       = var.project
  location      = coalesce(var.location, var.region)
  storage_class = "STANDARD"

  # Only the deployment that created the bucket may take it over again.
  labels = { deployment = var.prefix }

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  # Deletions by mistake, lifecycle rules included, can be undone for seven days.
  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  # Lifeboat sets Custom-Time to the expiry less one day. Never use 0 days: provider and client drop a zero, and the remaining rule deletes everything.
  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_custom_time = 1
      age                    = 1
      matches_prefix         = ["${local.store_prefix}databases/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_custom_time = 1
      age                    = 1
      matches_prefix         = ["${local.store_prefix}runs/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }

    condition {
      days_since_custom_time = 1
      age                    = 1
      matches_prefix         = ["${local.store_prefix}reports/"]
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key == null ? [] : [var.kms_key]

    content {
      default_kms_key_name = encryption.value
    }
  }

  lifecycle {
    prevent_destroy = true

    precondition {
      condition     = local.bucket != ""
      error_message = "The store in lifeboat.yaml is not a bucket. On Google Cloud it must be gs://bucket; set it there, or in the variable store."
    }

    precondition {
      condition     = var.store == null || length(local.copies) == 0
      error_message = "`store` replaces the store of lifeboat.yaml, but not its copies, so this deployment would write into the copies of another one. Give it a lifeboat.yaml of its own with `config`."
    }

    precondition {
      condition     = !contains(keys(local.copies), local.bucket) && length(local.copies) == length(local.copy_list)
      error_message = "Each copy in lifeboat.yaml needs a bucket of its own: two places in one bucket are lost together."
    }

    precondition {
      condition     = length(local.databases) > 0
      error_message = "lifeboat.yaml has no database."
    }

    precondition {
      condition     = alltrue([for source in values(local.sources) : can(regex("^(gs|https|ssh)://", source))])
      error_message = "Functions can read gs://, https:// and ssh:// sources, but no files. Back up files on their own host: lifeboat backup."
    }
  }

  depends_on = [google_kms_crypto_key_iam_member.storage, google_project_service.this]
}

resource "google_kms_crypto_key_iam_member" "storage" {
  count = var.kms_key == null ? 0 : 1

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = data.google_storage_project_service_account.this.member
}

locals {
  config_object = "lifeboat.yaml"
}

# The compiled functions and lifeboat.yaml. Terraform can recreate both, so they may be destroyed. Only administrators may write here.
resource "google_storage_bucket" "source" {
  name     = "${var.project}-${var.prefix}-source"
  project  = var.project
  location = var.region

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_object" "package" {
  count = var.foundation_only ? 0 : 1

  # The hash in the name triggers a new deployment of the functions.
  name   = "lifeboat-${filesha256(var.package)}.zip"
  bucket = google_storage_bucket.source.name
  source = var.package
}

# The functions look for a new version at each request, so a changed schedule builds and restarts nothing.
resource "google_storage_bucket_object" "config" {
  count = var.foundation_only ? 0 : 1

  name    = local.config_object
  bucket  = google_storage_bucket.source.name
  content = file(var.config)

  lifecycle {
    precondition {
      condition     = filesha256(var.config) == try(filesha256("${dirname(var.package)}/lifeboat.yaml"), "")
      error_message = "This lifeboat.yaml was not checked: it differs from the one that `npm run package` read. Run `npm run package`."
    }
  }
}

# The buckets of `copies` in this project. infra/copy creates one that another project owns.
resource "google_storage_bucket" "copy" {
  for_each = local.own_copies

  name          = each.key
  project       = var.project
  location      = coalesce(var.copy_location, var.location, var.region)
  storage_class = "STANDARD"

  # As for the bucket of the backups.
  labels = { deployment = var.prefix }

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  # The watch and the doctor expect the rules of a store in every bucket.
  dynamic "lifecycle_rule" {
    for_each = ["databases/", "runs/", "reports/"]

    content {
      action {
        type = "Delete"
      }

      condition {
        days_since_custom_time = 1
        age                    = 1
        matches_prefix         = ["${each.value}${lifecycle_rule.value}"]
      }
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.this]
}
