import { expect, test } from 'vitest';
import { lifeboatCommands } from '../../scripts/man/commands.ts';

const { commands } = lifeboatCommands();
const optionOf = (command: string, long: string) =>
  commands.find(({ name }) => name === command)?.options.find((option) => option.long === long);

test('the help says what the name of a database may be', () => {
  const named = commands.flatMap(({ name, arguments: values }) =>
    values
      .filter((value) => value.name === 'database')
      .map(({ description }) => [name, description]),
  );
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(([, description]) => !description?.includes('name'))).toEqual([]);
});

test('the help marks the options that a command cannot do without', () => {
  expect(optionOf('restore', '--to')?.help).toContain('(required)');
  expect(optionOf('trigger', '--url')?.help).toContain('(required)');
});

test('the help explains the forms of --at', () => {
  for (const command of ['restore', 'query'])
    expect(optionOf(command, '--at')?.help).toMatch(/latest.*ID.*"2h ago".*yesterday.*time zone/);
});
