variable "project" {
  description = "The id of the Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "The project must be a project id: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where the functions, the schedules and the source package are."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "The region must be like southamerica-east1."
  }
}

variable "location" {
  description = "Where the backups are: a region, a dual-region or a multi-region. By default the region of the functions."
  type        = string
  default     = null
}

variable "prefix" {
  description = "The first part of every name, so that staging can live beside production in one project."
  type        = string
  default     = "lifeboat"

  # A service account's name has at most 30 characters, and the longest is <prefix>-restore-test.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,15}[a-z0-9]$", var.prefix))
    error_message = "The prefix must have 3 to 17 lower-case letters, digits and hyphens."
  }
}

variable "config" {
  description = "The path of lifeboat.yaml."
  type        = string
  default     = "../lifeboat.yaml"
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
}

variable "foundation_only" {
  description = "The first stage of the first apply: everything but the functions and what points at them. See README.md."
  type        = bool
  default     = false
}

variable "functions" {
  description = "Other limits for single functions. Memory and heap in MiB; written files are memory too, so the heap must stay well below."
  type = map(object({
    memory_mib    = optional(number)
    heap_mib      = optional(number)
    cpu           = optional(string)
    timeout       = optional(number)
    min_instances = optional(number)
    max_instances = optional(number)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.functions), ["backup", "backup-now", "restore-test", "watch", "status"])) == 0
    error_message = "The functions are backup, backup-now, restore-test, watch and status."
  }

  # The platform's most: 540 s for what Pub/Sub pushes (its acknowledgement deadline is 600 s), 3600 s for HTTP.
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
  description = "Whether everything that backups fetch leaves by one fixed address (see the output), for hosts that admit single addresses only. Needs a subnetwork."
  type        = bool
  default     = false

  validation {
    condition     = !var.nat || var.subnetwork != null
    error_message = "A NAT needs a subnetwork."
  }
}

variable "deployers" {
  description = "Who may ask for a backup before a deploy: IAM members such as serviceAccount:ci@acme.iam.gserviceaccount.com or group:dev@example.com."
  type        = list(string)
  default     = []

  # allUsers and allAuthenticatedUsers have no colon.
  validation {
    condition     = alltrue([for member in var.deployers : can(regex("^(user|serviceAccount|group|principal|principalSet):", member))])
    error_message = "A deployer is an IAM member: user:, serviceAccount:, group:, principal: or principalSet:."
  }
}

variable "status_viewers" {
  description = "Who may read the status beside the deployers: IAM members."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.status_viewers : can(regex("^(user|serviceAccount|group|principal|principalSet):", member))])
    error_message = "A viewer is an IAM member: user:, serviceAccount:, group:, principal: or principalSet:."
  }
}

variable "notification_email" {
  description = "Who hears of alarms from Google Cloud itself, by a way that shares nothing with Lifeboat's own mail."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.notification_email))
    error_message = "The notification e-mail is not an address."
  }
}

variable "notification_channels" {
  description = "Further channels of Cloud Monitoring, by their full names."
  type        = list(string)
  default     = []
}

variable "kms_key" {
  description = "A key of your own for the backup bucket: projects/P/locations/L/keyRings/R/cryptoKeys/K. Losing it loses the backups."
  type        = string
  default     = null
}

variable "secrets" {
  description = "Secrets to have or not to have, against what lifeboat.yaml tells: {LIFEBOAT_KEY = false}."
  type        = map(bool)
  default     = {}
}

variable "grant_sources" {
  description = "Whether the backup identities get read access to gs:// sources here. False when others govern those buckets."
  type        = bool
  default     = true
}

variable "delivery_attempts" {
  description = "How often Pub/Sub delivers a message before it counts as dead."
  type        = number
  default     = 40

  validation {
    condition     = var.delivery_attempts >= 5 && var.delivery_attempts <= 100
    error_message = "Pub/Sub takes 5 to 100 delivery attempts."
  }
}

variable "repository" {
  description = "A repository that Cloud Build is connected to: projects/P/locations/R/connections/C/repositories/N. By default there is no trigger."
  type        = string
  default     = null
}

variable "repository_branch" {
  description = "The branch whose pushes are deployed, as a regular expression."
  type        = string
  default     = "^main$"
}

variable "repository_approval" {
  description = "Whether somebody has to approve each deployment."
  type        = bool
  default     = true
}

variable "terraform_service_account" {
  description = "The e-mail of the service account that Cloud Build applies this configuration as. Needed with a repository."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || var.terraform_service_account != null
    error_message = "A repository needs a terraform_service_account."
  }
}

variable "terraform_state_bucket" {
  description = "The bucket of the state, for the trigger. Needed with a repository."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || var.terraform_state_bucket != null
    error_message = "A repository needs a terraform_state_bucket."
  }
}

variable "labels" {
  description = "Labels for everything that takes labels."
  type        = map(string)
  default     = {}
}
