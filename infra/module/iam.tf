# This file must grant exactly the table in docs/permissions.md; a test computes the table from here and compares.
locals {
  roles = {
    # No delete right, so existing objects cannot be replaced: overwriting needs storage.objects.delete.
    archive   = ["storage.objects.create", "storage.objects.get", "storage.objects.update"]
    read      = ["storage.objects.get"]
    record    = ["storage.objects.create"]
    summary   = ["storage.objects.create", "storage.objects.delete", "storage.objects.get"]
    list      = ["storage.objects.list"]
    bucket    = ["storage.buckets.get"]
    schedules = ["cloudscheduler.jobs.get", "cloudscheduler.jobs.list"]
  }

  # function -> role -> the folders of the store for which it holds; `*` is the whole bucket.
  # A listing is a request to the bucket, never to an object, so a condition on object names would always refuse it. Without the right to list,
  # Cloud Storage answers 403 instead of 404 for objects that do not exist, and a first run could not start. Identities that read may therefore list
  # the whole bucket: names, sizes and times, no contents.
  bucket_access = {
    backup = {
      archive = ["databases/"]
      read    = ["runs/"]
      record  = ["runs/"]
      summary = ["state/"]
      list    = ["*"]
      bucket  = ["*"]
    }
    backup-now = {
      archive = ["databases/"]
      read    = ["runs/"]
      record  = ["runs/"]
      summary = ["state/"]
      list    = ["*"]
      bucket  = ["*"]
    }
    restore-test = {
      read    = ["databases/", "runs/"]
      record  = ["reports/", "runs/"]
      summary = ["state/"]
      list    = ["*"]
    }
    watch = {
      read    = ["*"]
      summary = ["state/"]
      list    = ["*"]
      bucket  = ["*"]
    }
    status = {
      read = ["runs/", "state/"]
      list = ["*"]
    }
  }

  bucket_grants = {
    for grant in flatten([
      for function, roles in local.bucket_access : [
        for role, folders in roles : [
          for folder in folders : { function = function, role = role, folder = folder }
        ]
      ]
    ]) : "${grant.function}:${grant.role}:${grant.folder}" => grant
  }

  # The same for each copy: whoever makes backups also copies them, restore tests fall back to a copy, and the watch compares it with the store.
  copy_access = {
    backup       = { archive = ["databases/"], read = ["state/"], list = ["*"], bucket = ["*"] }
    backup-now   = { archive = ["databases/"], read = ["state/"], list = ["*"], bucket = ["*"] }
    restore-test = { read = ["databases/", "state/"], list = ["*"] }
    watch        = { read = ["databases/", "state/"], list = ["*"] }
  }

  copy_grants = {
    for grant in flatten([
      for bucket, prefix in local.own_copies : [
        for function, roles in local.copy_access : [
          for role, folders in roles : [
            for folder in folders : { bucket = bucket, prefix = prefix, function = function, role = role, folder = folder }
          ]
        ]
      ]
    ]) : "${grant.bucket}:${grant.function}:${grant.role}:${grant.folder}" => grant
  }

  # The objects to read in each source bucket: the database, and what SQLite keeps beside it.
  source_buckets = {
    for bucket in toset([for place in values(local.source_objects) : place.bucket]) : bucket => sort(distinct([
      for place in values(local.source_objects) : place.object if place.bucket == bucket
    ]))
  }

  # A condition has at most 12 terms, which is four databases, and a policy at most 20 conditional bindings of one role and identity
  # (https://cloud.google.com/iam/quotas). Where that does not suffice, the identity may read the folder that all the databases have in common.
  source_groups = flatten([
    for bucket, objects in local.source_buckets : [
      for at, group in chunklist(objects, length(objects) > 80 ? length(objects) : 4) : {
        bucket = bucket
        at     = length(objects) > 80 ? "folder" : tostring(at)
        expression = length(objects) > 80 ? "resource.name.startsWith(\"projects/_/buckets/${bucket}/objects/${local.source_folders[bucket]}\")" : join(" || ", flatten([
          for object in group : [for suffix in ["", "-wal", "-journal"] : "resource.name == \"projects/_/buckets/${bucket}/objects/${object}${suffix}\""]
        ]))
      }
    ]
  ])

  # The longest folder that holds all databases of a bucket, with its slash; empty for the whole bucket.
  source_folders = {
    for bucket, objects in local.source_buckets : bucket => join("", [
      for depth, folder in split("/", objects[0]) : "${folder}/" if alltrue([
        for object in objects : length(split("/", object)) > depth + 1 && startswith(object, "${join("/", slice(split("/", objects[0]), 0, depth + 1))}/")
      ])
    ])
  }

  source_grants = {
    for grant in flatten([
      for function in ["backup", "backup-now"] : [for group in local.source_groups : merge(group, { function = function })]
    ]) : "${grant.function}:${grant.bucket}:${grant.at}" => grant if var.grant_sources
  }

  source_lists = {
    for pair in setproduct(["backup", "backup-now"], keys(local.source_buckets)) :
    "${pair[0]}:${pair[1]}" => { function = pair[0], bucket = pair[1] } if var.grant_sources
  }
}

resource "google_project_iam_custom_role" "this" {
  for_each = local.roles

  project     = var.project
  role_id     = "${replace(var.prefix, "-", "_")}_${each.key}"
  title       = "Lifeboat ${each.key} (${var.prefix})"
  permissions = each.value

  depends_on = [google_project_service.this]
}

resource "google_storage_bucket_iam_member" "function" {
  for_each = local.bucket_grants

  bucket = google_storage_bucket.backups.name
  role   = google_project_iam_custom_role.this[each.value.role].name
  member = google_service_account.function[each.value.function].member

  dynamic "condition" {
    for_each = each.value.folder == "*" ? [] : [each.value.folder]

    content {
      title      = "under ${replace(condition.value, "/", "")}"
      expression = "resource.name.startsWith(\"projects/_/buckets/${local.bucket}/objects/${local.store_prefix}${condition.value}\")"
    }
  }
}

resource "google_storage_bucket_iam_member" "copy" {
  for_each = local.copy_grants

  bucket = google_storage_bucket.copy[each.value.bucket].name
  role   = google_project_iam_custom_role.this[each.value.role].name
  member = google_service_account.function[each.value.function].member

  dynamic "condition" {
    for_each = each.value.folder == "*" ? [] : [each.value.folder]

    content {
      title      = "under ${replace(condition.value, "/", "")}"
      expression = "resource.name.startsWith(\"projects/_/buckets/${each.value.bucket}/objects/${each.value.prefix}${condition.value}\")"
    }
  }
}

# lifeboat.yaml, and nothing else in that bucket. No function may write it.
resource "google_storage_bucket_iam_member" "config" {
  for_each = local.function_names

  bucket = google_storage_bucket.source.name
  role   = google_project_iam_custom_role.this["read"].name
  member = google_service_account.function[each.key].member

  condition {
    title      = "lifeboat.yaml"
    expression = "resource.name == \"projects/_/buckets/${google_storage_bucket.source.name}/objects/${local.config_object}\""
  }
}

# A role of Google's, because a role of this project cannot be granted on another project's bucket; the condition reduces it to storage.objects.get.
resource "google_storage_bucket_iam_member" "source" {
  for_each = local.source_grants

  bucket = each.value.bucket
  role   = "roles/storage.objectViewer"
  member = google_service_account.function[each.value.function].member

  condition {
    title      = "databases of Lifeboat, ${each.value.at == "folder" ? "by their folder" : "group ${each.value.at}"}"
    expression = each.value.expression
  }
}

# Names only. A database in rollback mode has no -wal, and without the right to list, Cloud Storage answers 403 for it, as for a refusal.
resource "google_storage_bucket_iam_member" "source_list" {
  for_each = local.source_lists

  bucket = each.value.bucket
  role   = "roles/storage.legacyBucketReader"
  member = google_service_account.function[each.value.function].member
}

# Cloud Scheduler has no policies on single jobs; this right shows a job's schedule and last result.
resource "google_project_iam_member" "schedules" {
  for_each = toset(["watch", "status"])

  project = var.project
  role    = google_project_iam_custom_role.this["schedules"].name
  member  = google_service_account.function[each.key].member
}

# Builds the functions: Google's list for a custom build service account, reduced to the buckets that builds need.
resource "google_project_iam_member" "build" {
  for_each = toset(["roles/logging.logWriter", "roles/artifactregistry.writer"])

  project = var.project
  role    = each.key
  member  = google_service_account.build.member
}

resource "google_project_iam_member" "build_sources" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  # The platform copies the package into its own bucket, which does not exist before the first deployment.
  condition {
    title      = "sources of functions only"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.this.number}-\")"
  }
}

resource "google_service_account_iam_member" "deployers" {
  for_each = toset(var.deployers)

  service_account_id = google_service_account.deploy.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = each.key
}

# Pub/Sub signs its calls as the push identity.
resource "google_service_account_iam_member" "push" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = local.pubsub_agent

  depends_on = [time_sleep.service_agents]
}

locals {
  invokers = {
    for grant in var.foundation_only ? [] : concat(
      [for function in ["backup", "restore-test", "watch"] : { function = function, member = google_service_account.push.member, key = "push" }],
      [for function in ["backup-now", "status"] : { function = function, member = google_service_account.deploy.member, key = "deploy" }],
      [for pair in setproduct(["backup-now", "status"], var.deployers) : { function = pair[0], member = pair[1], key = pair[1] }],
      [for function in contains([for each in values(local.scheduled) : each.run], "http") ? ["backup-now"] : [] : { function = function, member = google_service_account.schedule.member, key = "schedule" }],
      [for member in setsubtract(var.status_viewers, var.deployers) : { function = "status", member = member, key = member }],
    ) : "${grant.function}:${grant.key}" => grant
  }
}

resource "google_cloud_run_service_iam_member" "invoker" {
  for_each = local.invokers

  project  = var.project
  location = var.region
  service  = google_cloudfunctions2_function.this[each.value.function].name
  role     = "roles/run.invoker"
  member   = each.value.member
}

# `gcloud run services proxy`, which opens the page in a browser, looks up the service first. The configuration that this shows has no secrets.
resource "google_cloud_run_service_iam_member" "viewer" {
  for_each = var.foundation_only ? toset([]) : setunion(var.deployers, var.status_viewers)

  project  = var.project
  location = var.region
  service  = google_cloudfunctions2_function.this["status"].name
  role     = "roles/run.viewer"
  member   = each.value
}

# A new grant takes about a minute to apply; until its identity can read its secrets, a function does not start.
resource "time_sleep" "grants" {
  create_duration = "90s"

  triggers = { secrets = join(",", sort(keys(local.secret_grants))) }

  depends_on = [
    google_project_iam_member.build,
    google_project_iam_member.build_sources,
    google_secret_manager_secret_iam_member.function,
    google_storage_bucket_iam_member.config,
    google_storage_bucket_iam_member.copy,
    google_storage_bucket_iam_member.function,
  ]
}
