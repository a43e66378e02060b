# Reads lifeboat.yaml, so that databases, schedules and channels are written only once.
locals {
  config     = yamldecode(file(var.config))
  databases  = try({ for name, database in local.config.databases : name => database }, {})
  notify     = try({ for channel, options in local.config.notify : channel => options }, {})
  time_zone  = try(local.config.timeZone, "UTC")
  sources    = { for name, database in local.databases : name => try(database.source, "") }
  encrypted  = anytrue([for database in values(local.databases) : can(database.encryption.recipients[0])])
  mail_by    = try(local.config.notify.email.provider, "sendgrid")
  store      = var.store == null ? try(local.config.store, "") : var.store
  bucket     = try(regex("^gs://([^/]+)", local.store)[0], "")
  store_path = trim(replace(local.store, "/^gs:\\/\\/[^\\/]+/", ""), "/")
  # The beginning of every key in the store; empty for gs://bucket.
  store_prefix = local.store_path == "" ? "" : "${local.store_path}/"

  # Further stores that are buckets, by the name of the bucket: the beginning of every key in it.
  copy_list = [
    for copy in try([for each in local.config.copies : each], []) : {
      bucket = regex("^gs://([^/]+)", copy)[0]
      path   = trim(replace(copy, "/^gs:\\/\\/[^\\/]+/", ""), "/")
    } if startswith(copy, "gs://")
  ]
  copies = {
    for bucket in toset([for copy in local.copy_list : copy.bucket]) : bucket => [
      for copy in local.copy_list : copy.path == "" ? "" : "${copy.path}/" if copy.bucket == bucket
    ][0]
  }
  # The ones that this project owns.
  own_copies = { for bucket, prefix in local.copies : bucket => prefix if !contains(var.foreign_copies, bucket) }

  # Sources of the form `gs://bucket/path`, for the right to read them. Quotes and backslashes are escaped for the conditions of IAM, or a name could
  # end its own text and widen the condition.
  source_objects = {
    for name, source in local.sources : name => {
      bucket = regex("^gs://([^/]+)/(.+)$", source)[0]
      object = replace(replace(regex("^gs://([^/]+)/(.+)$", source)[1], "\\", "\\\\"), "\"", "\\\"")
    } if startswith(source, "gs://")
  }

  scheduled = {
    for name, database in local.databases : name => {
      schedule  = database.schedule
      time_zone = try(database.timeZone, local.time_zone)
      run       = try(database.run, "function")
    } if try(database.schedule, null) != null
  }
  restore_test_schedule = try(local.config.restoreTest.schedule, "0 5 1 * *")
  watch_schedule        = try(local.config.watch.schedule, "15 * * * *")

  # Hours between two runs of the watch: the alarm for a silent watch waits for three of them. 0 for a schedule whose pauses this cannot tell.
  watch_hours = local.watch_schedule == false ? 0 : (
    can(regex("^[0-9*/,-]+ \\* \\* \\* \\*$", local.watch_schedule)) ? 1 :
    try(tonumber(regex("^[0-9]+ \\*/([1-8]) \\* \\* \\*$", local.watch_schedule)[0]), 0)
  )
}
