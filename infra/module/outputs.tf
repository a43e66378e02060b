output "bucket" {
  description = "The address of the backup store."
  value       = google_storage_bucket.backups.url
}

output "backup_now_url" {
  description = "The address that deploy scripts call."
  value       = one([for name, function in google_cloudfunctions2_function.this : function.service_config[0].uri if name == "backup-now"])
}

output "status_url" {
  description = "The address of the status page."
  value       = one([for name, function in google_cloudfunctions2_function.this : function.service_config[0].uri if name == "status"])
}

output "deploy_service_account" {
  description = "The service account that deploy scripts impersonate for an ID token."
  value       = google_service_account.deploy.email
}

output "copy_identities" {
  description = "The identities that the module infra/copy grants rights to, in the project that owns a copy."
  value       = { for name in keys(local.copy_access) : name => google_service_account.function[name].email }
}

output "nat_address" {
  description = "The address that hosts must admit, with nat."
  value       = one(google_compute_address.nat[*].address)
}

output "secrets" {
  description = "Secret Manager's name for each secret that the functions read."
  value       = { for name, secret in google_secret_manager_secret.this : name => secret.secret_id }
}

output "next" {
  description = "The next steps, as commands."
  value = var.foundation_only ? concat(
    [for name, secret in google_secret_manager_secret.this : "gcloud secrets versions add ${secret.secret_id} --project ${var.project} --data-file=- # then type ${name}, and Ctrl-D"],
    ["npm run package", "terraform apply -var-file=${var.prefix}.tfvars"],
    ) : concat(
    ["gcloud scheduler jobs run ${var.prefix}-watch --project ${var.project} --location ${var.region}"],
    [for name in keys(local.scheduled) : "gcloud scheduler jobs run ${var.prefix}-backup-${name} --project ${var.project} --location ${var.region}"],
    [for name in local.restore_test_schedule == false ? [] : keys(local.in_jobs) : "gcloud scheduler jobs run ${var.prefix}-restore-test-${name} --project ${var.project} --location ${var.region}"],
    ["gcloud scheduler jobs run ${var.prefix}-restore-test --project ${var.project} --location ${var.region}"],
    ["gcloud logging read 'jsonPayload.event=\"run\"' --project ${var.project} --freshness 1h"],
  )
}
