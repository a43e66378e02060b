locals {
  private         = var.subnetwork != null
  network_project = coalesce(var.subnetwork_project, var.project)
}

data "google_compute_subnetwork" "this" {
  count = local.private ? 1 : 0

  name    = var.subnetwork
  region  = var.region
  project = local.network_project

  depends_on = [google_project_service.this]
}

# The one address that hosts must admit.
resource "google_compute_address" "nat" {
  count = var.nat ? 1 : 0

  name    = "${var.prefix}-nat"
  region  = var.region
  project = local.network_project

  depends_on = [google_project_service.this]
}

resource "google_compute_router" "nat" {
  count = var.nat ? 1 : 0

  name    = "${var.prefix}-nat"
  region  = var.region
  project = local.network_project
  network = data.google_compute_subnetwork.this[0].network
}

resource "google_compute_router_nat" "nat" {
  count = var.nat ? 1 : 0

  name    = "${var.prefix}-nat"
  router  = google_compute_router.nat[0].name
  region  = var.region
  project = local.network_project

  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = [google_compute_address.nat[0].self_link]
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = data.google_compute_subnetwork.this[0].self_link
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}
