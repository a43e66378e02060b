# Secrets without values, so that the state contains none: README.md has the commands that add them, and infra/deploy passes them through write-only arguments.
locals {
  needed_secrets = {
    SENDGRID_API_KEY        = can(local.notify.email.to) && local.mail_by == "sendgrid"
    SMTP_URL                = can(local.notify.email.to) && local.mail_by == "smtp"
    SLACK_WEBHOOK_URL       = contains(keys(local.notify), "slack")
    TELEGRAM_BOT_TOKEN      = contains(keys(local.notify), "telegram")
    DISCORD_WEBHOOK_URL     = contains(keys(local.notify), "discord")
    TEAMS_WEBHOOK_URL       = contains(keys(local.notify), "teams")
    LIFEBOAT_WEBHOOK_SECRET = contains(keys(local.notify), "webhook")
    LIFEBOAT_IDENTITY       = local.encrypted
    # Without it, anyone who can write to the bucket could plant a backup, so it exists by default.
    LIFEBOAT_KEY         = true
    LIFEBOAT_SSH_KEY     = anytrue([for source in values(local.sources) : startswith(source, "ssh://")])
    LIFEBOAT_HTTPS_TOKEN = anytrue([for database in values(local.databases) : try(database.https.auth, "") == "bearer"])
  }

  secrets = toset([for name, needed in merge(local.needed_secrets, var.secrets) : name if needed])

  # The age identity opens every backup, so the identities that make backups cannot read it.
  secret_readers = {
    SENDGRID_API_KEY    = ["backup", "backup-now", "restore-test", "watch"]
    SMTP_URL            = ["backup", "backup-now", "restore-test", "watch"]
    SLACK_WEBHOOK_URL   = ["backup", "backup-now", "restore-test", "watch"]
    TELEGRAM_BOT_TOKEN  = ["backup", "backup-now", "restore-test", "watch"]
    DISCORD_WEBHOOK_URL = ["backup", "backup-now", "restore-test", "watch"]
    TEAMS_WEBHOOK_URL   = ["backup", "backup-now", "restore-test", "watch"]
    # Only a protected topic has one: name it in var.secrets.
    NTFY_TOKEN              = ["backup", "backup-now", "restore-test", "watch"]
    LIFEBOAT_WEBHOOK_SECRET = ["backup", "backup-now", "restore-test", "watch"]
    LIFEBOAT_IDENTITY       = ["restore-test"]
    # The watch needs it to recognize planted backups; it has no right to write one.
    LIFEBOAT_KEY         = ["backup", "backup-now", "restore-test", "watch"]
    LIFEBOAT_SSH_KEY     = ["backup", "backup-now"]
    LIFEBOAT_HTTPS_TOKEN = ["backup", "backup-now"]
  }

  secret_grants = {
    for grant in flatten([
      for secret in local.secrets : [
        for function in local.secret_readers[secret] : { function = function, secret = secret }
      ]
    ]) : "${grant.function}:${grant.secret}" => grant
  }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.secrets

  project   = var.project
  secret_id = "${var.prefix}-${lower(replace(trimprefix(each.key, "LIFEBOAT_"), "_", "-"))}"

  # Removing a line from lifeboat.yaml must not destroy the keys that open old backups.
  deletion_protection = contains(["LIFEBOAT_IDENTITY", "LIFEBOAT_KEY"], each.key)
  version_destroy_ttl = "2592000s"

  replication {
    dynamic "auto" {
      for_each = length(var.secret_locations) == 0 ? [1] : []

      content {}
    }

    dynamic "user_managed" {
      for_each = length(var.secret_locations) == 0 ? [] : [var.secret_locations]

      content {
        dynamic "replicas" {
          for_each = user_managed.value

          content {
            location = replicas.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_version" "this" {
  for_each = { for name, number in var.secret_versions : name => number if contains(local.secrets, name) }

  secret = google_secret_manager_secret.this[each.key].id

  # Write-only: in no plan and no state. Read only when the number is new; Secret Manager refuses an empty value.
  secret_data_wo         = lookup(var.secret_values, each.key, "")
  secret_data_wo_version = each.value

  # Old backups need old keys.
  deletion_policy = "ABANDON"
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = local.secret_grants

  project   = var.project
  secret_id = google_secret_manager_secret.this[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
