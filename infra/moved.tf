# Everything was in the root before the module existed. With these lines, an older state keeps its resources.
moved {
  from = google_cloud_run_service_iam_member.invoker
  to   = module.lifeboat.google_cloud_run_service_iam_member.invoker
}

moved {
  from = google_cloud_scheduler_job.this
  to   = module.lifeboat.google_cloud_scheduler_job.this
}

moved {
  from = google_cloudbuild_trigger.deploy
  to   = module.lifeboat.google_cloudbuild_trigger.deploy
}

moved {
  from = google_cloudfunctions2_function.this
  to   = module.lifeboat.google_cloudfunctions2_function.this
}

moved {
  from = google_compute_address.nat
  to   = module.lifeboat.google_compute_address.nat
}

moved {
  from = google_compute_router.nat
  to   = module.lifeboat.google_compute_router.nat
}

moved {
  from = google_compute_router_nat.nat
  to   = module.lifeboat.google_compute_router_nat.nat
}

moved {
  from = google_kms_crypto_key_iam_member.storage
  to   = module.lifeboat.google_kms_crypto_key_iam_member.storage
}

moved {
  from = google_logging_metric.measure
  to   = module.lifeboat.google_logging_metric.measure
}

moved {
  from = google_logging_metric.runs
  to   = module.lifeboat.google_logging_metric.runs
}

moved {
  from = google_monitoring_alert_policy.dead
  to   = module.lifeboat.google_monitoring_alert_policy.dead
}

moved {
  from = google_monitoring_alert_policy.log
  to   = module.lifeboat.google_monitoring_alert_policy.log
}

moved {
  from = google_monitoring_alert_policy.silent
  to   = module.lifeboat.google_monitoring_alert_policy.silent
}

moved {
  from = google_monitoring_dashboard.this
  to   = module.lifeboat.google_monitoring_dashboard.this
}

moved {
  from = google_monitoring_notification_channel.email
  to   = module.lifeboat.google_monitoring_notification_channel.email
}

moved {
  from = google_project_iam_custom_role.this
  to   = module.lifeboat.google_project_iam_custom_role.this
}

moved {
  from = google_project_iam_member.build
  to   = module.lifeboat.google_project_iam_member.build
}

moved {
  from = google_project_iam_member.build_sources
  to   = module.lifeboat.google_project_iam_member.build_sources
}

moved {
  from = google_project_iam_member.schedules
  to   = module.lifeboat.google_project_iam_member.schedules
}

moved {
  from = google_project_service.this
  to   = module.lifeboat.google_project_service.this
}

moved {
  from = google_pubsub_subscription.dead
  to   = module.lifeboat.google_pubsub_subscription.dead
}

moved {
  from = google_pubsub_subscription.push
  to   = module.lifeboat.google_pubsub_subscription.push
}

moved {
  from = google_pubsub_subscription_iam_member.push
  to   = module.lifeboat.google_pubsub_subscription_iam_member.push
}

moved {
  from = google_pubsub_topic.dead
  to   = module.lifeboat.google_pubsub_topic.dead
}

moved {
  from = google_pubsub_topic.this
  to   = module.lifeboat.google_pubsub_topic.this
}

moved {
  from = google_pubsub_topic_iam_member.dead
  to   = module.lifeboat.google_pubsub_topic_iam_member.dead
}

moved {
  from = google_pubsub_topic_iam_member.function
  to   = module.lifeboat.google_pubsub_topic_iam_member.function
}

moved {
  from = google_secret_manager_secret.this
  to   = module.lifeboat.google_secret_manager_secret.this
}

moved {
  from = google_secret_manager_secret_iam_member.function
  to   = module.lifeboat.google_secret_manager_secret_iam_member.function
}

moved {
  from = google_service_account.build
  to   = module.lifeboat.google_service_account.build
}

moved {
  from = google_service_account.deploy
  to   = module.lifeboat.google_service_account.deploy
}

moved {
  from = google_service_account.function
  to   = module.lifeboat.google_service_account.function
}

moved {
  from = google_service_account.push
  to   = module.lifeboat.google_service_account.push
}

moved {
  from = google_service_account_iam_member.deployers
  to   = module.lifeboat.google_service_account_iam_member.deployers
}

moved {
  from = google_service_account_iam_member.push
  to   = module.lifeboat.google_service_account_iam_member.push
}

moved {
  from = google_storage_bucket.backups
  to   = module.lifeboat.google_storage_bucket.backups
}

moved {
  from = google_storage_bucket.source
  to   = module.lifeboat.google_storage_bucket.source
}

moved {
  from = google_storage_bucket_iam_member.function
  to   = module.lifeboat.google_storage_bucket_iam_member.function
}

moved {
  from = google_storage_bucket_iam_member.source
  to   = module.lifeboat.google_storage_bucket_iam_member.source
}

moved {
  from = google_storage_bucket_iam_member.source_list
  to   = module.lifeboat.google_storage_bucket_iam_member.source_list
}

moved {
  from = google_storage_bucket_object.package
  to   = module.lifeboat.google_storage_bucket_object.package
}

moved {
  from = time_sleep.grants
  to   = module.lifeboat.time_sleep.grants
}

moved {
  from = time_sleep.metrics
  to   = module.lifeboat.time_sleep.metrics
}

moved {
  from = time_sleep.service_agents
  to   = module.lifeboat.time_sleep.service_agents
}
