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

  # Partial on purpose: the state bucket is named by `terraform init -backend-config`, so that production and staging never share a state.
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region

  default_labels = merge({ app = "lifeboat" }, var.labels)
}
