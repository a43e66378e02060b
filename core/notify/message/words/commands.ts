/** The commands after a failed restore test, the same in every language. */
export function verifyCommands(database: string): string[] {
  return [
    `\`lifeboat verify ${database} --read-data\``,
    `\`lifeboat backup ${database} --kind full\``,
  ];
}
