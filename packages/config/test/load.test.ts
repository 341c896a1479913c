// The loader against a schema of its own: what is taken, and where each kind of mistake is shown.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the loader's own references look like this

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig } from '../src/index.js';

const schema = z.strictObject({
  discovery: z
    .strictObject({
      prefer_dane: z.boolean().default(false),
      require_dane: z.boolean().default(false),
      verify_freshness_seconds: z.int().min(0).default(300),
      profile: z.enum(['permissive', 'standard', 'strict']).optional(),
    })
    .refine((section) => !(section.require_dane && section.profile === 'permissive'), {
      message: 'require_dane cannot be combined with the profile permissive',
    })
    .prefault({}),
  dns: z
    .strictObject({
      servers: z.array(z.string()).default([]),
      token: z
        .string()
        .refine((text) => text.startsWith('tok_'), { error: ({ input }) => `${String(input)} is no token` })
        .optional(),
    })
    .optional(),
});

const environmentKeys = {
  DNS_AID_REQUIRE_DANE: 'discovery.require_dane',
  DNS_AID_VERIFY_FRESHNESS_SECONDS: 'discovery.verify_freshness_seconds',
  COUNTERSIGN_DNS_SERVERS: 'dns.servers',
  COUNTERSIGN_TOKEN: 'dns.token',
};

type Env = Readonly<Record<string, string | undefined>>;

const load = (text: string, env: Env = {}) =>
  loadConfig({ schema, text, file: 'countersign.yaml', env, environmentKeys });

async function failure(text: string, env: Env = {}): Promise<ConfigError> {
  try {
    await load(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('a valid file', () => {
  it('is given out as the schema defines it, with its defaults', async () => {
    expect(await load('discovery:\n  prefer_dane: true\n')).toEqual({
      discovery: { prefer_dane: true, require_dane: false, verify_freshness_seconds: 300 },
    });
  });

  it.each(['', '# nothing but a comment\n', 'discovery:\n', '{}'])(
    'may be empty, or have an empty section: %j',
    async (text) => {
      expect((await load(text)).discovery.verify_freshness_seconds).toBe(300);
    },
  );

  it('may use anchors and aliases', async () => {
    const config = await load('discovery:\n  prefer_dane: &on true\n  require_dane: *on\n');
    expect(config.discovery.require_dane).toBe(true);
  });
});

describe('a mistake is shown with its place', () => {
  it.each([
    [
      'an unknown key',
      'discovery:\n  prefer_dan: true\n',
      '2:3',
      'discovery.prefer_dan',
      'did you mean prefer_dane?',
    ],
    ['an unknown section', 'discovry:\n  prefer_dane: true\n', '1:1', 'discovry', 'did you mean discovery?'],
    [
      'a key in another spelling',
      'discovery: {preferDane: true}\n',
      '1:13',
      'discovery.preferDane',
      'did you mean prefer_dane?',
    ],
    ['a key far from any', 'dns:\n  colour: red\n', '2:3', 'dns.colour', 'valid keys: servers, token'],
    [
      'a wrong type',
      'discovery:\n  prefer_dane: maybe\n',
      '2:16',
      'discovery.prefer_dane',
      'expected true or false, found text',
    ],
    [
      'a list for a number',
      'discovery:\n  verify_freshness_seconds:\n    - 1\n',
      '3:5',
      'discovery.verify_freshness_seconds',
      'expected a number, found a list',
    ],
    [
      'a wrong item',
      'dns:\n  servers:\n    - 127.0.0.1\n    - 53\n',
      '4:7',
      'dns.servers[1]',
      'expected text, found a number',
    ],
    [
      'a number out of bounds',
      'discovery:\n  verify_freshness_seconds: -1\n',
      '2:29',
      'discovery.verify_freshness_seconds',
      '>=0',
    ],
    [
      'an unknown word',
      'discovery:\n  profile: strickt\n',
      '2:12',
      'discovery.profile',
      'expected one of permissive, standard, strict; did you mean strict?',
    ],
    [
      'a section that is text',
      'discovery: yes\n',
      '1:12',
      'discovery',
      'expected a section of keys, found text',
    ],
    [
      'an impossible combination',
      'discovery:\n  require_dane: true\n  profile: permissive\n',
      '2:3',
      'discovery',
      'cannot be combined',
    ],
    [
      'a duplicate key',
      'discovery:\n  prefer_dane: true\n  prefer_dane: false\n',
      '3:3',
      '',
      'duplicate key',
    ],
    ['broken YAML', 'discovery: [\n', '2:1', '', 'not valid YAML'],
    ['a second document', 'discovery:\n---\ndns:\n', '2:1', '', 'one document'],
    ['an unknown tag', 'discovery: !!js/function x\n', '1:12', '', 'not valid YAML'],
    ['a value of a type of its own', 'dns: {token: !!binary aGk=}\n', '1:23', 'dns.token', 'cannot be used'],
    ['a key that is no text', '1: 2\n', '1:1', '', 'a key must be text'],
    [
      'the prototype as a key',
      'discovery:\n  __proto__: {}\n',
      '2:3',
      'discovery.__proto__',
      'cannot be used',
    ],
    ['a list in place of the file', '- 1\n', '1:1', '', 'expected a section of keys, found a list'],
  ])('%s', async (_, text, place, path, message) => {
    const error = await failure(text);
    expect(error.code).toBe('ERR_CONFIG_INVALID');
    const [problem] = error.problems;
    expect(`${problem?.line}:${problem?.column}`).toBe(place);
    expect(problem?.path).toBe(path);
    expect(problem?.message).toContain(message);
    expect(error.message).toContain(`countersign.yaml:${place}: `);
  });

  it('every problem is reported at once, in the order of the file', async () => {
    const error = await failure('discovery:\n  require_dane: 3\n  prefer_dan: true\ndns:\n  servers: x\n');
    expect(error.problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '2 discovery.require_dane',
      '3 discovery.prefer_dan',
      '5 dns.servers',
    ]);
  });

  it('the combination without its impossible part is taken', async () => {
    await expect(load('discovery:\n  require_dane: true\n  profile: strict\n')).resolves.toBeDefined();
  });
});

describe('bounds', () => {
  it('refuses nesting by the thousand without exhausting the stack', async () => {
    expect((await failure(`dns: ${'['.repeat(100_000)}`)).code).toBe('ERR_CONFIG_INVALID');
    expect((await failure(`dns: ${'['.repeat(60)}${']'.repeat(60)}`)).message).toContain('nested too deeply');
  });

  it('refuses aliases that would grow without end', async () => {
    const rows = Array.from({ length: 8 }, (_, row) =>
      row === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x]'
        : `a${row}: &a${row} [${Array(8)
            .fill(`*a${row - 1}`)
            .join(', ')}]`,
    );
    expect((await failure(`${rows.join('\n')}\n`)).message).toMatch(/more than \d+ (aliases|values)/);
  });

  it('refuses an alias of what encloses it', async () => {
    expect((await failure('dns: &a [*a]\n')).code).toBe('ERR_CONFIG_INVALID');
  });

  it('refuses a text that is too large', async () => {
    expect((await failure(`# ${'x'.repeat(300_000)}\n`)).message).toContain('larger than');
    await expect(load(`# ${'x'.repeat(200_000)}\n`)).resolves.toBeDefined();
  });
});

describe('the environment', () => {
  it('expands ${VAR} in a text, and in the type that is wanted there', async () => {
    const text =
      'discovery:\n  verify_freshness_seconds: ${SECONDS}\n  prefer_dane: "${ON}"\ndns:\n  servers: ["${HOST}#53"]\n';
    const config = await load(text, { SECONDS: '60', ON: 'yes', HOST: '192.0.2.1' });
    expect(config.discovery).toMatchObject({ verify_freshness_seconds: 60, prefer_dane: true });
    expect(config.dns?.servers).toEqual(['192.0.2.1#53']);
  });

  it('leaves $${VAR} as the text ${VAR}', async () => {
    expect((await load('dns:\n  servers: ["$${HOST}"]\n')).dns?.servers).toEqual(['${HOST}']);
  });

  it('never lets a value become YAML', async () => {
    const config = await load('dns:\n  servers:\n    - ${HOST}\n', { HOST: '[1, 2]\ndiscovery: {}' });
    expect(config.dns?.servers).toEqual(['[1, 2]\ndiscovery: {}']);
  });

  it.each([
    ['a variable that is not set', '${MISSING}', 'MISSING is not set'],
    ['a variable without its end', '${MISSING', 'malformed variable'],
    ['a variable with a default', '${MISSING:-x}', 'malformed variable'],
  ])('%s is an error at its place', async (_, text, message) => {
    const error = await failure(`dns:\n  token: '${text}'\n`);
    expect(error.problems).toHaveLength(1);
    expect(error.problems[0]).toMatchObject({ line: 2, column: 10, path: 'dns.token' });
    expect(error.message).toContain(message);
  });

  it.each(['constructor', 'toString', '__proto__'])('does not take %s for a variable', async (name) => {
    const text = `dns:\n  servers: ['\${${name}}']\n`;
    expect((await failure(text, process.env)).message).toContain(`${name} is not set`);
    const set = Object.fromEntries([[name, '192.0.2.1']]);
    expect((await load(text, set)).dns?.servers).toEqual(['192.0.2.1']);
  });

  it('overrides the file, and a section that the file does not have', async () => {
    const config = await load('discovery:\n  require_dane: false\n', {
      DNS_AID_REQUIRE_DANE: '1',
      COUNTERSIGN_DNS_SERVERS: '192.0.2.1, 192.0.2.2',
    });
    expect(config.discovery.require_dane).toBe(true);
    expect(config.dns?.servers).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  it('does not override with an empty variable', async () => {
    const config = await load('discovery:\n  require_dane: true\n', { DNS_AID_REQUIRE_DANE: '' });
    expect(config.discovery.require_dane).toBe(true);
  });

  it('is named, and not its value, when the value is wrong', async () => {
    const error = await failure('', { DNS_AID_REQUIRE_DANE: 'hunter2hunter2' });
    expect(error.problems[0]).toMatchObject({
      variable: 'DNS_AID_REQUIRE_DANE',
      path: 'discovery.require_dane',
    });
    expect(error.message).not.toContain('hunter2');
  });

  it.each([
    ['by reference', 'dns:\n  token: ${SECRET}\n', { SECRET: 'hunter2hunter2' }],
    ['as a part', 'dns:\n  token: "a-${SECRET}"\n', { SECRET: 'hunter2hunter2' }],
    ['by override', '', { COUNTERSIGN_TOKEN: 'hunter2hunter2' }],
  ])('does not show a value in a message of the schema itself: %s', async (_, text, env) => {
    const error = await failure(text, env);
    expect(error.problems[0]?.path).toBe('dns.token');
    expect(JSON.stringify([error.problems, error.message, error.stack])).not.toContain('hunter2');
  });

  it.each([
    '*Hunter2',
    '!Hunter2 x',
    '!<Hunter2> x',
    ']Hunter2',
    '|Hunter2',
    '"a" Hunter2',
    '"\\uHunter2"',
    '{Hunter2',
  ])('does not show a value that YAML stumbles over: %s', async (value) => {
    for (const text of [`dns:\n  token: ${value}\n`, '%Hunter2 x\n---\ndns: {}\n']) {
      const error = await failure(text);
      expect(error.problems[0]?.line).toBeGreaterThan(0);
      expect(JSON.stringify([error.problems, error.message, error.stack])).not.toMatch(/hunt/i);
    }
    expect((await load("dns:\n  token: 'tok_*Hunter2'\n")).dns?.token).toBe('tok_*Hunter2');
  });

  it('the same message is shown when the value stands in the file', async () => {
    expect((await failure('dns:\n  token: wrong\n')).message).toContain('wrong is no token');
  });

  it('still explains an impossible combination of switches', async () => {
    const error = await failure('discovery:\n  profile: permissive\n', { DNS_AID_REQUIRE_DANE: 'true' });
    expect(error.message).toContain('cannot be combined');
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-config-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is read from its path', async () => {
    const file = join(folder, 'good.yaml');
    await writeFile(file, 'discovery: {prefer_dane: true}\n');
    expect((await loadConfig({ schema, file, env: {} })).discovery.prefer_dane).toBe(true);
  });

  it('without a file only the environment counts', async () => {
    const config = await loadConfig({ schema, env: { DNS_AID_REQUIRE_DANE: 'on' }, environmentKeys });
    expect(config.discovery.require_dane).toBe(true);
  });

  it.each([
    ['missing.yaml', 'there is no such file'],
    ['.', 'it is a directory'],
  ])('says why a file cannot be read: %s', async (name, message) => {
    await expect(loadConfig({ schema, file: join(folder, name), env: {} })).rejects.toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      message: expect.stringContaining(message),
    });
  });

  it('refuses a file that is no UTF-8, or endless', async () => {
    const file = join(folder, 'latin1.yaml');
    await writeFile(file, Uint8Array.of(0x61, 0x3a, 0x20, 0xff));
    await expect(loadConfig({ schema, file, env: {} })).rejects.toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
    });
    await expect(loadConfig({ schema, file: '/dev/zero', env: {} })).rejects.toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
    });
  });
});
