terraform {
  required_version = ">= 1.9"

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
