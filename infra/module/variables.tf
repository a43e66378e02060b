variable "project" {
  description = "The id of the Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "The project must be a project id: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region of the functions, the schedules and the source package."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "The region must be like southamerica-east1."
  }
}

variable "location" {
  description = "The location of the backups: a region, a dual-region or a multi-region. By default the region of the functions."
  type        = string
  default     = null
}

variable "prefix" {
  description = "The first part of every name, so that staging and production can share a project."
  type        = string
  default     = "lifeboat"
  nullable    = false

  # A service account's name has at most 30 characters; the longest is <prefix>-restore-test.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}[a-z0-9]$", var.prefix))
    error_message = "The prefix must have 3 to 17 lower-case letters, digits and hyphens."
  }
}

variable "config" {
  description = "The path of lifeboat.yaml."
  type        = string
  default     = "../lifeboat.yaml"
  nullable    = false
}

variable "store" {
  description = "The bucket for the backups, gs://bucket or gs://bucket/prefix. By default the store of lifeboat.yaml; staging needs another."
  type        = string
  default     = null
}

variable "package" {
  description = "The path of the source package that `npm run package` wrote."
  type        = string
  default     = "../build/lifeboat.zip"
  nullable    = false
}

variable "foundation_only" {
  description = "The first stage of the first apply: everything except the functions and the resources that refer to them. See README.md."
  type        = bool
  default     = false
  nullable    = false
}

variable "functions" {
  description = "Different limits for single functions. Memory and heap in MiB; files are kept in memory too, so the heap must stay well below."
  type = map(object({
    memory_mib    = optional(number)
    heap_mib      = optional(number)
    cpu           = optional(string)
    timeout       = optional(number)
    min_instances = optional(number)
    max_instances = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(keys(var.functions), ["backup", "backup-now", "restore-test", "watch", "status"])) == 0
    error_message = "The functions are backup, backup-now, restore-test, watch and status."
  }

  # The platform's maximum: 540 s for Pub/Sub pushes (its acknowledgement deadline is 600 s), 3600 s for HTTP.
  validation {
    condition = alltrue([
      for name, limits in var.functions :
      limits.timeout == null ? true : limits.timeout >= 60 && limits.timeout <= (contains(["backup-now", "status"], name) ? 3600 : 540)
    ])
    error_message = "A timeout has at least 60 s, and at most 540 s (backup, restore-test, watch) or 3600 s (backup-now, status)."
  }

  validation {
    condition = alltrue([
      for limits in values(var.functions) : limits.memory_mib == null ? true : limits.memory_mib >= 512 && limits.memory_mib <= 32768
    ])
    error_message = "A function has 512 to 32768 MiB of memory."
  }
}

variable "jobs" {
  description = "Different sizes for the Cloud Run jobs of databases with `run: job` in lifeboat.yaml, by database. The disk follows from `maxSize` by default; 0 keeps files in memory, for a region without disks. The timeout in seconds, at most a day."
  type = map(object({
    memory_mib = optional(number)
    cpu        = optional(number)
    disk_gib   = optional(number)
    timeout    = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for size in values(var.jobs) : size.disk_gib == null ? true : size.disk_gib == 0 || size.disk_gib >= 10
    ])
    error_message = "The disk of a job has at least 10 GiB; 0 keeps its files in memory."
  }
}

variable "job_image" {
  description = "An image for the jobs, built from the Dockerfile of this repository. By default the image that was built for the function `backup`."
  type        = string
  default     = null
}

variable "disk_region_quota_gib" {
  description = "How much ephemeral disk all instances of Cloud Run in the region may have together. By default what a new project gets."
  type        = number
  default     = 100
  nullable    = false
}

variable "disk_quota_gib" {
  description = "How much ephemeral disk one instance of Cloud Run may have. By default what a new project gets."
  type        = number
  default     = 10
  nullable    = false
}

variable "quota" {
  description = "How much of Cloud Run the project may use in the region: memory and CPUs of all instances of a function together. By default what a new project gets."
  type        = object({ memory_mib = number, cpus = number })
  default     = { memory_mib = 40960, cpus = 20 }
  nullable    = false
}

variable "subnetwork" {
  description = "The subnet in the region through which the functions reach private hosts. By default none: they use the public network."
  type        = string
  default     = null
}

variable "subnetwork_project" {
  description = "The project of the subnet, if it is a shared one."
  type        = string
  default     = null
}

variable "nat" {
  description = "Whether all requests of backups come from one fixed address (see the output), for hosts that only admit known addresses. Needs a subnetwork."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.nat || var.subnetwork != null
    error_message = "A NAT needs a subnetwork."
  }
}

variable "deployers" {
  description = "IAM members that may request a backup before a deploy, such as serviceAccount:ci@acme.iam.gserviceaccount.com or group:dev@example.com."
  type        = list(string)
  default     = []
  nullable    = false

  # allUsers and allAuthenticatedUsers have no colon.
  validation {
    condition     = alltrue([for member in var.deployers : can(regex("^(user|serviceAccount|group|principal|principalSet):", member))])
    error_message = "A deployer is an IAM member: user:, serviceAccount:, group:, principal: or principalSet:."
  }
}

variable "status_viewers" {
  description = "IAM members that may read the status, in addition to the deployers."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for member in var.status_viewers : can(regex("^(user|serviceAccount|group|principal|principalSet):", member))])
    error_message = "A viewer is an IAM member: user:, serviceAccount:, group:, principal: or principalSet:."
  }
}

variable "notification_email" {
  description = "The e-mail address for Google Cloud's own alarms, which do not depend on Lifeboat's mail."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.notification_email))
    error_message = "The notification e-mail is not an address."
  }
}

variable "notification_channels" {
  description = "Further Cloud Monitoring channels, by their full names."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "kms_key" {
  description = "A key of your own for the backup bucket: projects/P/locations/L/keyRings/R/cryptoKeys/K. Losing it loses the backups."
  type        = string
  default     = null
}

variable "secrets" {
  description = "Secrets to add or leave out, regardless of lifeboat.yaml: {LIFEBOAT_KEY = false}."
  type        = map(bool)
  default     = {}
  nullable    = false
}

variable "secret_versions" {
  description = "The secrets whose values Terraform passes to Secret Manager, each with a number: a new number stores the value in `secret_values` as a new version. By default none; you add versions with gcloud."
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "secret_values" {
  description = "The values for new numbers in `secret_versions`. They are in no plan and no state. Not needed when no number is new."
  type        = map(string)
  default     = {}
  nullable    = false
  ephemeral   = true
  sensitive   = true
}

variable "secret_locations" {
  description = "The regions that keep the secrets, where a policy forbids automatic replication. It cannot be changed later without new secrets."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "grant_sources" {
  description = "Whether the backup identities get read access to gs:// sources here. Set to false if you do not administer those buckets."
  type        = bool
  default     = true
  nullable    = false
}

variable "foreign_copies" {
  description = "The buckets of `copies` in lifeboat.yaml that another project owns. This project neither creates them nor grants rights on them: infra/copy does, in the other project."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "copy_location" {
  description = "The location of the buckets for `copies`. By default that of the backups; another one survives the loss of a region."
  type        = string
  default     = null
}

variable "delivery_attempts" {
  description = "How often Pub/Sub delivers a message before it dead-letters it."
  type        = number
  default     = 40
  nullable    = false

  validation {
    condition     = var.delivery_attempts >= 5 && var.delivery_attempts <= 100
    error_message = "Pub/Sub takes 5 to 100 delivery attempts."
  }
}

variable "repository" {
  description = "A repository connected to Cloud Build: projects/P/locations/R/connections/C/repositories/N. By default there is no trigger."
  type        = string
  default     = null
}

variable "repository_branch" {
  description = "The branch whose pushes are deployed, as a regular expression."
  type        = string
  default     = "^main$"
  nullable    = false
}

variable "repository_approval" {
  description = "Whether each deployment needs an approval."
  type        = bool
  default     = true
  nullable    = false
}

variable "terraform_service_account" {
  description = "The service account (e-mail) with which Cloud Build applies this configuration. Required with a repository."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || var.terraform_service_account != null
    error_message = "A repository needs a terraform_service_account."
  }
}

variable "terraform_state_bucket" {
  description = "The bucket of Terraform's state, for the trigger. Required with a repository."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || var.terraform_state_bucket != null
    error_message = "A repository needs a terraform_state_bucket."
  }
}
