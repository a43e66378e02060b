# The inputs of the module. module/variables.tf describes and validates them; null stands for its default.
variable "project" {}

variable "region" {}

variable "location" { default = null }

variable "prefix" { default = null }

variable "config" { default = null }

variable "store" { default = null }

variable "package" { default = null }

variable "foundation_only" { default = null }

variable "functions" { default = null }

variable "jobs" { default = null }

variable "job_image" { default = null }

variable "disk_quota_gib" { default = null }

variable "disk_region_quota_gib" { default = null }

variable "quota" { default = null }

variable "subnetwork" { default = null }

variable "subnetwork_project" { default = null }

variable "nat" { default = null }

variable "deployers" { default = null }

variable "status_viewers" { default = null }

variable "notification_email" {}

variable "notification_channels" { default = null }

variable "kms_key" { default = null }

variable "secrets" { default = null }

variable "secret_versions" { default = null }

# Typed, so that TF_VAR_secret_values can set it.
variable "secret_values" {
  type      = map(string)
  default   = null
  ephemeral = true
  sensitive = true
}

variable "secret_locations" { default = null }

variable "grant_sources" { default = null }

variable "foreign_copies" { default = null }

variable "copy_location" { default = null }

variable "delivery_attempts" { default = null }

variable "repository" { default = null }

variable "repository_branch" { default = null }

variable "repository_approval" { default = null }

variable "terraform_service_account" { default = null }

variable "terraform_state_bucket" { default = null }

# Labels for all resources that support them, set by the provider.
variable "labels" { default = {} }
