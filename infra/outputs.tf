output "bucket" {
  description = "The address of the backup store."
  value       = module.lifeboat.bucket
}

output "backup_now_url" {
  description = "The address that deploy scripts call."
  value       = module.lifeboat.backup_now_url
}

output "status_url" {
  description = "The address of the status page."
  value       = module.lifeboat.status_url
}

output "deploy_service_account" {
  description = "The service account that deploy scripts impersonate for an ID token."
  value       = module.lifeboat.deploy_service_account
}

output "copy_identities" {
  description = "The identities that the module infra/copy grants rights to, in the project that owns a copy."
  value       = module.lifeboat.copy_identities
}

output "nat_address" {
  description = "The address that hosts must admit, with nat."
  value       = module.lifeboat.nat_address
}

output "secrets" {
  description = "Secret Manager's name for each secret that the functions read."
  value       = module.lifeboat.secrets
}

output "next" {
  description = "The next steps, as commands."
  value       = module.lifeboat.next
}
