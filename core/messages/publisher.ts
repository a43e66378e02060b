/** Sends a message to a topic. Failures are LifeboatErrors that a retry may help. */
export interface Publisher {
  /**
   * Resolves once the topic has taken the message. `topic` is one of the names in the configuration
   * of the deployment.
   */
  publish(
    topic: Topic,
    data: Uint8Array,
    attributes: Readonly<Record<string, string>>,
  ): Promise<void>;
}

export type Topic = 'backup' | 'restore-test';
