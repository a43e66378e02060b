# Deploys each approved push to the branch through ../cloudbuild.yaml. Its identity is created by hand (README.md), because the identity that applies
# this configuration must not be created by it.
resource "google_cloudbuild_trigger" "deploy" {
  count = var.repository == null ? 0 : 1

  name            = "${var.prefix}-deploy"
  project         = var.project
  location        = split("/", var.repository)[3]
  description     = "Lifeboat: tests, packages and applies (${var.prefix})"
  filename        = "cloudbuild.yaml"
  service_account = "projects/${var.project}/serviceAccounts/${var.terraform_service_account}"

  repository_event_config {
    repository = var.repository

    push {
      branch = var.repository_branch
    }
  }

  approval_config {
    approval_required = var.repository_approval
  }

  substitutions = {
    # From the folder of the repository; Terraform's own paths begin in infra.
    _CONFIG          = trimprefix(var.config, "../")
    _SERVICE_ACCOUNT = var.terraform_service_account
    _STATE_BUCKET    = var.terraform_state_bucket
    _STATE_PREFIX    = var.prefix
    _TFVARS          = "${var.prefix}.tfvars"
  }

  depends_on = [google_project_service.this]
}
