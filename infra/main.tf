# One deployment. To call the module from your own Terraform instead, see README.md.
terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # Incomplete on purpose: `terraform init -backend-config` names the state bucket, so that production and staging never share a state.
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region

  default_labels = merge({ app = "lifeboat" }, var.labels)
}

module "lifeboat" {
  source = "./module"

  project                   = var.project
  region                    = var.region
  location                  = var.location
  prefix                    = var.prefix
  config                    = var.config
  store                     = var.store
  package                   = var.package
  foundation_only           = var.foundation_only
  functions                 = var.functions
  jobs                      = var.jobs
  job_image                 = var.job_image
  disk_quota_gib            = var.disk_quota_gib
  disk_region_quota_gib     = var.disk_region_quota_gib
  quota                     = var.quota
  subnetwork                = var.subnetwork
  subnetwork_project        = var.subnetwork_project
  nat                       = var.nat
  deployers                 = var.deployers
  status_viewers            = var.status_viewers
  notification_email        = var.notification_email
  notification_channels     = var.notification_channels
  kms_key                   = var.kms_key
  secrets                   = var.secrets
  secret_versions           = var.secret_versions
  secret_values             = var.secret_values
  secret_locations          = var.secret_locations
  grant_sources             = var.grant_sources
  foreign_copies            = var.foreign_copies
  copy_location             = var.copy_location
  delivery_attempts         = var.delivery_attempts
  repository                = var.repository
  repository_branch         = var.repository_branch
  repository_approval       = var.repository_approval
  terraform_service_account = var.terraform_service_account
  terraform_state_bucket    = var.terraform_state_bucket
}
