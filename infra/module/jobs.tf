# Databases with `run: job`: a Cloud Run job for the backup and one for the restore test, with a disk instead of memory for their files.
locals {
  in_jobs = { for name, database in local.databases : name => database if try(database.run, "function") == "job" }

  # `maxSize` in whole GiB; 0 without one.
  largest_gib = {
    for name, database in local.in_jobs : name => ceil(
      try(tonumber(regex("^[0-9]+", database.maxSize)), 0)
      / lookup({ GiB = 1, MiB = 1024, KiB = 1048576, B = 1073741824 }, try(regex("[A-Za-z]+$", database.maxSize), "GiB"), 1)
    )
  }

  job_sizes = {
    for name in keys(local.in_jobs) : name => {
      # Room for the snapshot, the file system and its reserve. A disk has at least 10 GiB; 0 stands for files in memory.
      disk_gib   = coalesce(try(var.jobs[name].disk_gib, null), max(10, ceil(local.largest_gib[name] * 11 / 10) + 1))
      memory_mib = coalesce(try(var.jobs[name].memory_mib, null), local.largest_gib[name] > 100 ? 8192 : 4096)
      cpu        = coalesce(try(var.jobs[name].cpu, null), 2)
      timeout    = coalesce(try(var.jobs[name].timeout, null), 86400)
    }
  }

  # As core/lib/text/dns-label.ts: a Cloud Run job has lower-case letters, digits and hyphens in its name, and a database may have others.
  job_names = {
    for name in keys(local.in_jobs) : name => can(regex("^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$", name)) ? name : (
      "${substr(lower(replace(name, "_", "-")), 0, 23)}-${substr(sha256(name), 0, 6)}"
    )
  }

  # The restore test has no platform retries: it repeats nothing that could be half done, and a failed one is reported.
  cloud_jobs = merge(
    { for name, size in local.job_sizes : "backup-${name}" => merge(size, { operation = "backup", database = name, retries = 2 }) },
    { for name, size in local.job_sizes : "restore-test-${name}" => merge(size, { operation = "restore-test", database = name, retries = 0 }) },
  )

  # The image of the function `backup` starts programs through the launcher of its buildpack, which puts Node into the path.
  job_command = var.job_image == null ? ["/cnb/lifecycle/launcher"] : ["node"]
  job_program = var.job_image == null ? ["--", "node", "dist/functions/job.js"] : ["/opt/lifeboat/dist/functions/job.js"]
}

# The image that was built for the function: one build for both.
data "google_cloud_run_v2_service" "backup" {
  count = !var.foundation_only && length(local.in_jobs) > 0 && var.job_image == null ? 1 : 0

  name     = google_cloudfunctions2_function.this["backup"].name
  project  = var.project
  location = var.region

  # The name is known before the function changes. Without this, Terraform would read the image of before, and jobs would run the code of before.
  depends_on = [google_cloudfunctions2_function.this]
}

resource "google_cloud_run_v2_job" "this" {
  for_each = var.foundation_only ? {} : local.cloud_jobs

  name     = "${var.prefix}-${each.value.operation}-${local.job_names[each.value.database]}"
  project  = var.project
  location = var.region

  # A job keeps nothing, so it may be deleted with its database.
  deletion_protection = false

  # Disks are a preview feature. Without a disk, the provider keeps what Google answers.
  launch_stage = each.value.disk_gib > 0 ? "BETA" : null

  template {
    task_count = 1

    template {
      service_account       = google_service_account.function[each.value.operation].email
      execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
      timeout               = "${each.value.timeout}s"
      max_retries           = each.value.retries

      containers {
        image   = var.job_image == null ? data.google_cloud_run_v2_service.backup[0].template[0].containers[0].image : var.job_image
        command = local.job_command
        args    = concat(local.job_program, [each.value.operation, each.value.database])

        resources {
          limits = {
            cpu    = tostring(each.value.cpu)
            memory = "${each.value.memory_mib}Mi"
          }
        }

        dynamic "env" {
          for_each = merge(local.environment, {
            LIFEBOAT_DEADLINE_SECONDS = tostring(each.value.timeout - 60)
            NODE_OPTIONS              = "--max-old-space-size=${floor(each.value.memory_mib / 4)}"
            }, each.value.disk_gib > 0 ? { TMPDIR = "/work" } : { LIFEBOAT_MEMORY_LIMIT = tostring(each.value.memory_mib * 1048576) }
          )

          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = toset([for secret in local.secrets : secret if contains(local.secret_readers[secret], each.value.operation)])

          content {
            name = env.key

            value_source {
              secret_key_ref {
                secret  = google_secret_manager_secret.this[env.key].secret_id
                version = "latest"
              }
            }
          }
        }

        dynamic "volume_mounts" {
          for_each = each.value.disk_gib > 0 ? ["/work"] : []

          content {
            name       = "work"
            mount_path = volume_mounts.value
          }
        }
      }

      dynamic "volumes" {
        for_each = each.value.disk_gib > 0 ? [each.value.disk_gib] : []

        content {
          name = "work"

          empty_dir {
            medium     = "DISK"
            size_limit = "${volumes.value}Gi"
          }
        }
      }

      # Only a backup fetches from the user's hosts.
      dynamic "vpc_access" {
        for_each = local.private && each.value.operation == "backup" ? [data.google_compute_subnetwork.this[0]] : []

        content {
          egress = var.nat ? "ALL_TRAFFIC" : "PRIVATE_RANGES_ONLY"

          network_interfaces {
            network    = trimprefix(vpc_access.value.network, "https://www.googleapis.com/compute/v1/")
            subnetwork = vpc_access.value.id
          }
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.disk_gib <= var.disk_quota_gib
      error_message = "The job for ${each.value.database} needs a disk of ${each.value.disk_gib} GiB, and an instance may have ${var.disk_quota_gib} GiB. Request more (Cloud Run, ephemeral disk), then set `disk_quota_gib`; see Large databases in README.md."
    }

    precondition {
      condition     = alltrue([for name in keys(var.jobs) : contains(keys(local.in_jobs), name)])
      error_message = "`jobs` has a size for ${join(", ", setsubtract(keys(var.jobs), keys(local.in_jobs)))}, but no such database has `run: job` in lifeboat.yaml."
    }

    precondition {
      condition     = contains([1, 2, 4, 6, 8], each.value.cpu) && each.value.memory_mib >= 512
      error_message = "The job for ${each.value.database} may have 1, 2, 4, 6 or 8 CPUs, and needs at least 512 MiB of memory."
    }

    precondition {
      condition     = each.value.memory_mib <= each.value.cpu * 4096 && each.value.timeout >= 600 && each.value.timeout <= 86400
      error_message = "The job for ${each.value.database} may have at most 4096 MiB of memory for each CPU, and a timeout from 600 to 86400 seconds."
    }

    precondition {
      condition     = sum([for job in values(local.cloud_jobs) : job.disk_gib]) <= var.disk_region_quota_gib
      error_message = "All jobs for backups and restore tests together have disks of more than ${var.disk_region_quota_gib} GiB. Request more (Cloud Run, ephemeral disk of the region), then set `disk_region_quota_gib`; see Large databases in README.md."
    }

    precondition {
      condition     = sum([for job in values(local.cloud_jobs) : job.memory_mib]) <= var.quota.memory_mib && sum([for job in values(local.cloud_jobs) : job.cpu]) <= var.quota.cpus
      error_message = "All jobs for backups and restore tests together have more memory or CPUs than the quota of the region (${var.quota.memory_mib} MiB, ${var.quota.cpus} CPUs). Make `jobs` smaller, or request more and set `quota`; see Quotas in README.md."
    }
  }

  depends_on = [
    google_project_service.this,
    google_secret_manager_secret_version.this,
    google_storage_bucket_object.config,
    time_sleep.grants,
  ]
}

# Cloud Scheduler starts the jobs as this identity.
resource "google_cloud_run_v2_job_iam_member" "schedule" {
  for_each = var.foundation_only ? {} : local.cloud_jobs

  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.schedule.member
}
