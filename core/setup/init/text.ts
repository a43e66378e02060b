export type Wanted = {
  readonly databases: readonly {
    readonly name: string;
    readonly source: string;
    readonly framework: 'django' | 'rails' | undefined;
  }[];
  readonly store: string;
  readonly schedule: string;
  readonly timeZone: string;
  /** The e-mail address for alerts; undefined for none. */
  readonly email: string | undefined;
};

/** The text of a lifeboat.yaml: what was chosen, and beside it, as comments, what may be chosen. */
export function configText({ databases, store, schedule, timeZone, email }: Wanted): string {
  return `# yaml-language-server: $schema=node_modules/lifeboat/docs/lifeboat.schema.json
# Made by \`lifeboat init\`. Every key: docs/configuration.md. Secrets do not belong here: they come from the environment.

# A folder, or gs://bucket. Not the disk of the database: it would die with it. A folder in a repository belongs into .gitignore.
store: ${scalar(store)}
# Further stores that get each backup too.
# copies: [/mnt/nas/backups]
timeZone: ${scalar(timeZone)}

databases:
${databases.map((each) => databaseText(each, schedule)).join('\n')}
# Backups are restored into temporary storage and compared, on the first of each month.
# restoreTest: { schedule: "0 5 1 * *" }

# Who is told when a backup fails, is late or is missing. E-mail needs SENDGRID_API_KEY or SMTP_URL; try it with \`lifeboat notify-test\`.
${
  email === undefined
    ? '# notify: { email: { to: [ops@example.com], from: ops@example.com } }'
    : `notify:
  email:
    to: [${JSON.stringify(email)}]
    # The sender; the mail service must know it as yours.
    from: ${JSON.stringify(email)}`
}
`;
}

/** A scalar of YAML: as it is where that is safe, else in quotes, as in JSON. */
function scalar(text: string): string {
  return /^[A-Za-z./][\w./@:+-]*$/.test(text) &&
    !/^(true|false|null|yes|no|on|off|y|n)$|:$/i.test(text)
    ? text
    : JSON.stringify(text);
}

function databaseText(
  { name, source, framework }: Wanted['databases'][number],
  schedule: string,
): string {
  return `  ${scalar(name)}:
    source: ${scalar(source)}
    # Minute, hour, day of the month, month, day of the week. On a host a timer or cron starts the backup; this says when one is late.
    schedule: ${JSON.stringify(schedule)}
${framework === undefined ? '    # The framework whose migrations must be found in the database: django, rails and others.\n    # health: { migrations: { framework: django } }' : `    health: { migrations: { framework: ${framework} } }`}
    # How long backups are kept: days for every one, weeks, months and years for the first of each.
    # retention: { daily: 14, weekly: 8, monthly: 12, yearly: 3 }
    # Queries that must hold in each backup.
    # assertions: [{ name: has rows, sql: select 1 }]
    # A database that lost this share of its rows or size is refused, so that an emptied one does not push good backups out.
    # guard: { shrink: 50% }
`;
}
