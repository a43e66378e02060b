/** A segment of a path like this is a word of an address, such as `services` or `webhook`. */
const ORDINARY = /^[a-z]{1,15}$/;
/** Says only what kind of secret it is, as hints do, or is the number of a Telegram bot. */
const PUBLIC_BEGINNING = /^(AGE-SECRET-KEY-1|\d+:|[a-z][a-z0-9+.-]*:\/*)/i;

/**
 * The parts of a secret's text that must not appear anywhere, in the forms in which programs
 * write them. The text may be mistyped, have several lines, or be an address, whose host is no
 * secret.
 */
export function secretParts(text: string): string[] {
  const words = text
    .split('\n')
    .filter((line) => !/^\s*(#|-----)/.test(line))
    .flatMap((line) => line.split(/\s+/))
    .filter((word) => word !== '');
  return words.flatMap((word) => addressParts(word) ?? writtenForms(withoutBeginning(word)));
}

/** Of an address: password, path, query and fragment; undefined for anything else. */
function addressParts(word: string): string[] | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? URL.parse(word) : null;
  if (!url || url.hostname === '') return undefined;
  const { username, password, pathname, search, hash } = url;
  const login = [decoded(username), decoded(password)];
  const logins = password === '' ? [] : [login.join(':'), `\0${login.join('\0')}`];
  const segments = `${pathname}${search}${hash}`.split(/[/?&=#]/);
  // Of a web address it may be a token; of a mail server it is a name that people know.
  const user = url.protocol.startsWith('http') ? username : '';
  return [
    ...logins.map((each) => Buffer.from(each).toString('base64')),
    ...[user, password, ...segments.filter((each) => !ORDINARY.test(each))].flatMap(writtenForms),
  ];
}

/** As it is, percent-encoded, percent-decoded, and in base64. */
function writtenForms(text: string): string[] {
  const all = [text, decoded(text), encodeURIComponent(text.toWellFormed())];
  return [...new Set([...all, Buffer.from(text).toString('base64')])].filter((each) => each !== '');
}

function withoutBeginning(word: string): string {
  return word.replace(PUBLIC_BEGINNING, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
