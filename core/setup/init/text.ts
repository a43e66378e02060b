/** The answers of `init`: from flags, questions or defaults. */
export type ConfigAnswers = {
  readonly databases: readonly {
    readonly name: string;
    readonly source: string;
    readonly framework: 'django' | 'rails' | undefined;
  }[];
  readonly store: string;
  readonly schedule: string;
  readonly timeZone: string;
  /** The email address for alerts; undefined for none. */
  readonly email: string | undefined;
};

/** A lifeboat.yaml with the chosen values, and the most useful other keys as comments. */
export function configText({ databases, store, schedule, timeZone, email }: ConfigAnswers): string {
  return `# Created by \`lifeboat init\`. docs/configuration.md explains every key. Secrets come from the environment, never from this file.

# Where backups are stored: a folder, or gs://bucket. Use another disk than the database's, or one failure takes both.
# A folder inside a repository belongs in .gitignore.
store: ${scalar(store)}
# More stores that get a copy of every backup.
# copies: [/mnt/nas/backups]
timeZone: ${scalar(timeZone)}

databases:
${databases.map((each) => databaseText(each, schedule)).join('\n')}
# Restore tests: on the first of each month, Lifeboat restores backups into temporary storage and compares them.
# restoreTest: { schedule: "0 5 1 * *" }

# Who gets an alert when a backup fails, is late or is missing. Email needs SENDGRID_API_KEY or SMTP_URL; try it with \`lifeboat notify-test\`.
${
  email === undefined
    ? '# notify: { email: { to: [ops@example.com], from: ops@example.com } }'
    : `notify:
  email:
    to: [${JSON.stringify(email)}]
    # The sender: an address that your mail service accepts.
    from: ${JSON.stringify(email)}`
}
`;
}

/** A YAML scalar: plain where that is safe, else in the quotes of JSON. */
function scalar(text: string): string {
  return /^[A-Za-z./][\w./@:+-]*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|y|n)$|:$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function databaseText(
  { name, source, framework }: ConfigAnswers['databases'][number],
  schedule: string,
): string {
  return `  ${scalar(name)}:
    source: ${scalar(source)}
    # Minute, hour, day of the month, month, day of the week. On your own machine, \`lifeboat install-timer\` or \`lifeboat serve\` starts the backups.
    schedule: ${JSON.stringify(schedule)}
${framework === undefined ? '    # The framework whose migrations table the database must have: django, rails and others.\n    # health: { migrations: { framework: django } }' : `    health: { migrations: { framework: ${framework} } }`}
    # How long backups are kept: every one for 14 days, the first of each week for 8 weeks, and so on.
    # retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 }
    # Queries that must be true in every backup.
    # assertions: [{ name: has rows, sql: select 1 }]
    # Refuse a database that lost this share of its rows or size, so that an emptied one does not replace good backups.
    # guard: { shrink: 50% }
`;
}
