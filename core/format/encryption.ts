import type { Decrypter } from 'age-encryption';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { fit, oneLine } from '../lib/text/text.ts';

const MOST_RECIPIENTS = 2;
// A manifest that nobody has authenticated may name anything.
const LONGEST_RECIPIENT = 100;
const IDENTITY_HINT =
  'Set LIFEBOAT_IDENTITY to the identity (AGE-SECRET-KEY-1…) of one of its recipients, as `lifeboat keygen` printed it.';

/**
 * The bytes in the age format (age-encryption.org/v1) for these recipients. Throws `key_wrong` for
 * a recipient that is none.
 */
export async function* encrypt(
  input: AsyncIterable<Uint8Array>,
  recipients: readonly string[],
): AsyncGenerator<Uint8Array> {
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new LifeboatError(
        'key_wrong',
        `${recipient} is not an age recipient`,
        'Correct it under `encryption.recipients` in lifeboat.yaml. A recipient starts with age1; `lifeboat keygen` prints one.',
        { cause },
      );
    }
  }
  yield* await encrypter.encrypt(ReadableStream.from<Uint8Array>(copies(input)));
}

/**
 * The content of an age file. `recipients`, as far as they are known, are those it was encrypted
 * for. Throws `key_missing`, `key_wrong`, or `backup_damaged` when a chunk is not authentic.
 */
export async function* decrypt(
  input: AsyncIterable<Uint8Array>,
  identities: readonly string[],
  recipients: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  if (identities.length === 0)
    throw new LifeboatError(
      'key_missing',
      `this backup is encrypted${forRecipients(recipients)}, and LIFEBOAT_IDENTITY is not set`,
      IDENTITY_HINT,
    );
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  for (const identity of identities) addIdentity(decrypter, identity);
  // An error of the store must come out as itself, not as a failed decryption.
  let upstream: unknown;
  const guarded = async function* () {
    try {
      yield* input;
    } catch (error) {
      upstream = error;
      throw error;
    }
  };
  try {
    yield* await decrypter.decrypt(ReadableStream.from<Uint8Array>(copies(guarded())));
  } catch (cause) {
    if (upstream !== undefined) throw toLifeboatError(upstream);
    if (cause instanceof Error && cause.message.includes('no identity matched'))
      throw new LifeboatError(
        'key_wrong',
        `LIFEBOAT_IDENTITY does not match this backup, which is encrypted${forRecipients(recipients) || ' for another recipient'}`,
        IDENTITY_HINT,
        { cause },
      );
    throw new LifeboatError(
      'backup_damaged',
      'the encrypted data is damaged',
      'Restore another backup with --at, and check this one with `lifeboat verify`.',
      { cause },
    );
  }
}

function forRecipients(recipients: readonly string[]): string {
  if (recipients.length === 0) return '';
  const others = recipients.length - MOST_RECIPIENTS;
  const names = recipients
    .slice(0, MOST_RECIPIENTS)
    .map((recipient) => fit(oneLine(recipient), LONGEST_RECIPIENT))
    .join(' and ');
  return ` for ${names}${others > 0 ? ` and ${others} more` : ''}`;
}

/** The library's message quotes the identity, so it goes no further. */
function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw new LifeboatError(
      'key_wrong',
      'LIFEBOAT_IDENTITY contains an identity that is mistyped or incomplete',
      'Copy the whole line that starts with AGE-SECRET-KEY-1 again.',
    );
  }
}

// Takes a tenth of a second to load, which a run without encryption need not pay.
function age() {
  return import('age-encryption');
}

/** Streams read ahead, but a piece may be valid only until the next one is requested. */
async function* copies(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of input) yield Uint8Array.from(piece);
}
