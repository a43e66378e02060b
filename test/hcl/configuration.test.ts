import { describe, expect, test } from 'vitest';
import { Configuration } from './configuration.ts';
import { readBlocks } from './read.ts';
import { Reference, type Value } from './values.ts';

async function configurationOf(
  text: string,
  variables: Readonly<Record<string, Value>> = {},
): Promise<Configuration> {
  return new Configuration(await readBlocks({ 'main.tf': text }), variables, (path) => `<${path}>`);
}

async function valueOf(expression: string): Promise<Value> {
  const variables = { names: ['b', 'a'], limits: { small: 1, large: 3 }, absent: null };
  return (await configurationOf(`locals {\n  value = ${expression}\n}`, variables)).local('value');
}

describe('an expression', () => {
  test.each<[string, Value]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['!(1 < 2) || 2 >= 2 && "a" != "b"', true],
    ['"${var.names[0]}-${1 + 1}"', 'b-2'],
    ['"a $${literal} \\"quoted\\""', 'a ${literal} "quoted"'],
    ['var.absent == null ? "none" : var.absent', 'none'],
    ['[for name in var.names : "x${name}"]', ['xb', 'xa']],
    ['{ for name, limit in var.limits : name => limit * 2 if limit > 1 }', { large: 6 }],
    ['[for name, limit in var.limits : name]', ['large', 'small']],
    ['merge({ a = 1, b = 1 }, { b = 2 })', { a: 1, b: 2 }],
    ['toset(["b", "a", "b"])', ['a', 'b']],
    ['regex("^gs://([^/]+)", "gs://acme/backups")', ['acme']],
    ['try(var.limits.missing, "fallback")', 'fallback'],
    ['can(var.limits.missing)', false],
    ['file("lifeboat.yaml")', '<lifeboat.yaml>'],
    ['yamldecode("a: [1, 2]").a[1]', 2],
    ['jsonencode({ b = 1, a = { d = 1, c = 2 } })', '{"a":{"c":2,"d":1},"b":1}'],
  ])('%s', async (expression, value) => {
    expect(await valueOf(expression)).toEqual(value);
  });

  test.each([
    ['var.limits.missing', 'missing'],
    ['local.missing', 'there is no local.missing'],
    ['lowercase("A")', 'the function lowercase is not known'],
    ['try(var.limits.missing)', 'nothing could be tried'],
  ])('%s fails instead of guessing', async (expression, message) => {
    await expect(valueOf(expression)).rejects.toThrow(message);
  });
});

describe('a resource', () => {
  const RESOURCES = `
resource "google_pubsub_topic" "each" {
  for_each = toset(["backup", "watch"])
  name     = "lifeboat-\${each.key}"
}

resource "google_pubsub_topic" "off" {
  count = var.on ? 1 : 0
  name  = "off"
}

resource "google_pubsub_subscription" "this" {
  topic = google_pubsub_topic.each["watch"].id

  dynamic "labels" {
    for_each = { team = "shop" }
    content {
      value = labels.value
    }
  }

  lifecycle {
    precondition {
      condition     = var.on
      error_message = "It must be on."
    }
  }
}

output "topics" {
  value = [for name, topic in google_pubsub_topic.each : name]
}
`;

  test('is expanded by for_each and count, dynamic blocks too', async () => {
    const configuration = await configurationOf(RESOURCES, { on: false });
    expect(configuration.instances('google_pubsub_topic')).toEqual([
      expect.objectContaining({ key: 'backup', body: { name: 'lifeboat-backup' } }),
      expect.objectContaining({ key: 'watch', body: { name: 'lifeboat-watch' } }),
    ]);
    const [subscription] = configuration.instances('google_pubsub_subscription');
    expect(subscription?.body['labels']).toEqual([{ value: 'shop' }]);
  });

  test('stays a reference where only Google knows the value', async () => {
    const configuration = await configurationOf(RESOURCES, { on: true });
    const [subscription] = configuration.instances('google_pubsub_subscription');
    expect(subscription?.body['topic']).toEqual(
      new Reference('google_pubsub_topic.each["watch"].id'),
    );
  });

  test('is refused by a precondition that fails', async () => {
    expect((await configurationOf(RESOURCES, { on: false })).refusals()).toEqual([
      'It must be on.',
    ]);
    expect((await configurationOf(RESOURCES, { on: true })).refusals()).toEqual([]);
  });
});
