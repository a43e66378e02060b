locals {
  # Memory in MiB. It contains files (the snapshot, the compressed data) and the sandbox's copy of the database; the heap needs little.
  # All instances of all functions together stay within the quota of a new project (variable `quota`), with these sizes.
  function_defaults = {
    backup       = { memory_mib = 4096, heap_mib = 768, timeout = 540, max_instances = 4, ingress = "ALLOW_INTERNAL_ONLY" }
    backup-now   = { memory_mib = 4096, heap_mib = 768, timeout = 3600, max_instances = 2, ingress = "ALLOW_ALL" }
    restore-test = { memory_mib = 4096, heap_mib = 768, timeout = 540, max_instances = 2, ingress = "ALLOW_INTERNAL_ONLY" }
    watch        = { memory_mib = 1024, heap_mib = 512, timeout = 540, max_instances = 1, ingress = "ALLOW_INTERNAL_ONLY" }
    status       = { memory_mib = 1024, heap_mib = 512, timeout = 60, max_instances = 2, ingress = "ALLOW_ALL" }
  }

  function_memory = {
    for name, default in local.function_defaults : name => coalesce(try(var.functions[name].memory_mib, null), default.memory_mib)
  }

  # The platform derives the CPUs of an instance from its memory where none are set: https://cloud.google.com/functions/docs/configuring/memory
  function_cpus = {
    for name, memory in local.function_memory : name => try(tonumber(var.functions[name].cpu), null) != null ? tonumber(var.functions[name].cpu) : (
      memory <= 512 ? 0.333 : memory <= 1024 ? 0.583 : memory <= 2048 ? 1 : memory <= 8192 ? 2 : memory <= 16384 ? 4 : 8
    )
  }

  functions = {
    for name, default in local.function_defaults : name => {
      memory_mib    = local.function_memory[name]
      heap_mib      = coalesce(try(var.functions[name].heap_mib, null), default.heap_mib)
      cpu           = try(var.functions[name].cpu, null)
      timeout       = coalesce(try(var.functions[name].timeout, null), default.timeout)
      min_instances = coalesce(try(var.functions[name].min_instances, null), 0)
      # At deployment, Google checks the most instances times the size of one against the quota of the region.
      max_instances = coalesce(try(var.functions[name].max_instances, null), max(1, min(
        default.max_instances,
        floor(var.quota.memory_mib / local.function_memory[name]),
        floor(var.quota.cpus / local.function_cpus[name]),
      )))
      ingress = default.ingress
    }
  }

  # Only these fetch from the user's hosts.
  fetching = ["backup", "backup-now"]

  environment = {
    GOOGLE_CLOUD_PROJECT        = var.project
    LIFEBOAT_BACKUP_TOPIC       = google_pubsub_topic.this["backup"].id
    LIFEBOAT_CONFIG             = "gs://${google_storage_bucket.source.name}/${local.config_object}"
    LIFEBOAT_RESTORE_TEST_TOPIC = google_pubsub_topic.this["restore-test"].id
    LIFEBOAT_SCHEDULER_PREFIX   = "${var.prefix}-"
    LIFEBOAT_SCHEDULER_LOCATION = var.region
    LIFEBOAT_STORE              = local.store
  }
}

locals {
  # What only some functions need: backup-now must recognize Cloud Scheduler, and the watch must know how its jobs call, and how much the functions can take.
  own_environment = {
    backup-now = { LIFEBOAT_SCHEDULER_ACCOUNT = google_service_account.schedule.email }
    watch = {
      LIFEBOAT_SCHEDULER_ACCOUNT = google_service_account.schedule.email
      LIFEBOAT_PLACES = jsonencode({
        function     = { memory = local.functions["backup"].memory_mib * 1048576, seconds = local.functions["backup"].timeout - 20 }
        restore-test = { seconds = local.functions["restore-test"].timeout - 20 }
        http         = { memory = local.functions["backup-now"].memory_mib * 1048576, seconds = min(local.functions["backup-now"].timeout - 20, 1780) }
      })
    }
  }
}

resource "google_cloudfunctions2_function" "this" {
  for_each = var.foundation_only ? {} : local.functions

  name        = "${var.prefix}-${each.key}"
  project     = var.project
  location    = var.region
  description = "Lifeboat: ${each.key}"

  build_config {
    runtime         = "nodejs24"
    entry_point     = each.key
    service_account = google_service_account.build.id

    # A job runs the image of this function, so the image must contain the runtime: with automatic updates, Cloud Run adds it to functions only.
    dynamic "on_deploy_update_policy" {
      for_each = each.key == "backup" && length(local.in_jobs) > 0 && var.job_image == null ? [1] : []

      content {}
    }

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.package[0].name
      }
    }
  }

  service_config {
    service_account_email = google_service_account.function[each.key].email
    ingress_settings      = each.value.ingress
    available_memory      = "${each.value.memory_mib}Mi"
    available_cpu         = each.value.cpu
    timeout_seconds       = each.value.timeout
    min_instance_count    = each.value.min_instances
    max_instance_count    = each.value.max_instances

    # One run per instance: two would share memory, files and the sandbox.
    max_instance_request_concurrency = 1

    environment_variables = merge(local.environment, {
      LIFEBOAT_DEADLINE_SECONDS = tostring(each.value.timeout - 20)
      LIFEBOAT_MEMORY_LIMIT     = tostring(each.value.memory_mib * 1048576)
      NODE_OPTIONS              = "--max-old-space-size=${each.value.heap_mib}"
    }, lookup(local.own_environment, each.key, {}))

    dynamic "secret_environment_variables" {
      for_each = toset([for secret in local.secrets : secret if contains(local.secret_readers[secret], each.key)])

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = google_secret_manager_secret.this[secret_environment_variables.key].secret_id
        version    = "latest"
      }
    }

    direct_vpc_egress = local.private && contains(local.fetching, each.key) ? (var.nat ? "VPC_EGRESS_ALL_TRAFFIC" : "VPC_EGRESS_PRIVATE_RANGES_ONLY") : null

    dynamic "direct_vpc_network_interface" {
      for_each = local.private && contains(local.fetching, each.key) ? [data.google_compute_subnetwork.this[0]] : []

      content {
        # As projects/…, not as a full URL, which no example of the provider uses and the platform may refuse.
        network    = trimprefix(direct_vpc_network_interface.value.network, "https://www.googleapis.com/compute/v1/")
        subnetwork = direct_vpc_network_interface.value.id
      }
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.heap_mib * 2 <= each.value.memory_mib
      error_message = "The heap of ${each.key} may take at most half of its memory, because files need the rest."
    }

    precondition {
      condition     = each.value.max_instances * each.value.memory_mib <= var.quota.memory_mib && each.value.max_instances * local.function_cpus[each.key] <= var.quota.cpus
      error_message = "${each.key} may have ${each.value.max_instances} instances of ${each.value.memory_mib} MiB and ${local.function_cpus[each.key]} CPUs: together more than the quota of the region (${var.quota.memory_mib} MiB, ${var.quota.cpus} CPUs). Lower `max_instances`, or request more and set `quota`; see Quotas in README.md."
    }
  }

  timeouts {
    create = "20m"
    update = "20m"
  }

  depends_on = [
    google_project_service.this,
    google_secret_manager_secret_version.this,
    google_storage_bucket_object.config,
    time_sleep.grants,
  ]
}
