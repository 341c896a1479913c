// Mistakes on the command line: exit code 2, one JSON document with --json, a message otherwise.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './command.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
  await writeFile(join(folder, 'typo.yaml'), 'discovery:\n  require_dan: true\n');
  await writeFile(join(folder, 'good.yaml'), 'discovery:\n  require_dane: true\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const mistakes: readonly (readonly [string, readonly string[], string, string])[] = [
  ['no verb', [], 'ERR_USAGE', 'no verb given'],
  ['an unknown verb', ['verfy', 'a.example'], 'ERR_USAGE', 'Did you mean verify?). See countersign --help'],
  ['no argument', ['resolve', 'a.example'], 'ERR_USAGE', 'type'],
  ['an argument too many', ['verify', 'a.example', 'b.example'], 'ERR_USAGE', 'too many'],
  ['an unknown flag', ['verify', 'a.example', '--requiredane'], 'ERR_USAGE', '--requiredane'],
  ['a server that is none', ['resolve', 'a.example', 'A', '--server', 'host#port'], 'ERR_USAGE', '--server'],
  [
    'a moment without its zone',
    ['resolve', 'a.example', 'A', '--at', '2026-11-21T12:00:00'],
    'ERR_USAGE',
    '--at',
  ],
  ['a moment that is none', ['resolve', 'a.example', 'A', '--at', '2026-13-41'], 'ERR_USAGE', '--at'],
  [
    'a day that its month does not have',
    ['resolve', 'a.example', 'A', '--at', '2026-02-29'],
    'ERR_USAGE',
    '--at',
  ],
  [
    'no type, on a day that there is',
    ['resolve', 'a.example', 'B', '--at', '2028-02-29'],
    'ERR_DNS_RDATA_INVALID',
    'B',
  ],
  ['an empty label', ['resolve', 'a..example', 'A'], 'ERR_DNS_NAME_INVALID', ''],
  ['an unknown type', ['resolve', 'a.example', 'NOTATYPE'], 'ERR_DNS_RDATA_INVALID', 'NOTATYPE'],
  [
    'no such anchor file',
    ['resolve', 'a.example', 'A', '--anchor', '/nonexistent'],
    'ERR_CONFIG_UNREADABLE',
    'no such file',
  ],
  ['an unknown profile', ['verify', 'a.example', '--profile', 'loose'], 'ERR_USAGE', 'permissive'],
  ['a CIDR that is none', ['verify', 'a.example', '--allow-address', 'localhost'], 'ERR_USAGE', 'CIDR'],
  [
    'a count that is none',
    ['verify', 'a.example', '--verify-freshness-seconds', 'soon'],
    'ERR_USAGE',
    'seconds',
  ],
  [
    'a network that is too long',
    ['verify', 'a.example', '--allow-address', '127.0.0.0/33'],
    'ERR_USAGE',
    'CIDR',
  ],
  ['a domain that is none', ['discover', 'bad name'], 'ERR_USAGE', 'no domain'],
  ['a name that is none', ['discover', 'a.example', '--name', 'x y'], 'ERR_USAGE', "no agent's name"],
  ['a URL for an agent', ['verify', 'http://x'], 'ERR_USAGE', "no agent's name"],
  ['a URL for an agent to call', ['invoke', 'http://x', '--method', 'm'], 'ERR_USAGE', "no agent's name"],
  [
    'a URL for a path',
    ['invoke', 'a.example', '--method', 'm', '--path', 'http://evil/'],
    'ERR_USAGE',
    '"/"',
  ],
  ['an empty method', ['invoke', 'a.example', '--method', ''], 'ERR_USAGE', '--method'],
  ['no time at all', ['verify', 'a.example', '--timeout', '0'], 'ERR_USAGE', 'milliseconds'],
  ['no method', ['invoke', 'a.example'], 'ERR_USAGE', '--method'],
  [
    'arguments that are no JSON',
    ['invoke', 'a.example', '--method', 'x', '--args', '{city}'],
    'ERR_USAGE',
    'not JSON',
  ],
  [
    'arguments that are no object',
    ['invoke', 'a.example', '--method', 'x', '--args', '[1]'],
    'ERR_USAGE',
    'JSON object',
  ],
  ['a verb without its second word', ['dane'], 'ERR_USAGE', 'countersign dane knows: check.'],
  ['another one', ['--quiet', 'config'], 'ERR_USAGE', 'countersign config knows: check.'],
  ['an unknown second word', ['dane', 'chek'], 'ERR_USAGE', 'countersign --help'],
  [
    'help for an unknown verb',
    ['help', 'nosuch'],
    'ERR_USAGE',
    'no verb given that countersign knows: discover',
  ],
  ['no chain', ['dane', 'check', '--name', 'a.example'], 'ERR_USAGE', '--chain'],
];

describe('a mistake', () => {
  it.each(mistakes)('%s: one JSON document with --json', async (_, argv, code, message) => {
    for (const place of [
      [...argv, '--json'],
      ['--json', ...argv],
    ]) {
      const { code: exit, stdout, stderr } = await run(place);
      expect(exit).toBe(2);
      expect(stderr).toBe('');
      const document: unknown = JSON.parse(stdout);
      expect(document).toEqual({ error: { code, message: expect.stringContaining(message) } });
    }
  });

  it.each(mistakes)('%s: a message otherwise', async (_, argv) => {
    const { code, stdout, stderr } = await run(argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^countersign: /);
    expect(stderr).not.toContain('\u001b');
  });
});

describe('the configuration', () => {
  it('stops the start with file, line and column', async () => {
    const file = join(folder, 'typo.yaml');
    const { code, stdout } = await run(['verify', 'a.example', '--config', file, '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'ERR_CONFIG_INVALID',
        message: expect.stringContaining(
          `${file}:2:3: discovery.require_dan: unknown key; did you mean require_dane?`,
        ),
      },
    });
  });

  it('is found by COUNTERSIGN_CONFIG, which --config overrides', async () => {
    const env = { COUNTERSIGN_CONFIG: join(folder, 'typo.yaml') };
    expect((await run(['verify', 'a.example', '--json'], { env })).stdout).toContain('typo.yaml:2:3');
    const other = join(folder, 'missing.yaml');
    const { stdout } = await run(['verify', 'a.example', '--json', '--config', other], { env });
    expect(stdout).toContain('ERR_CONFIG_UNREADABLE');
  });

  it('keeps one problem a line for people', async () => {
    const { stderr } = await run(['verify', 'a.example', '--config', join(folder, 'typo.yaml')]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('is checked by `config check`, which holds or shows every problem', async () => {
    const bad = await run(['config', 'check', '--config', join(folder, 'typo.yaml'), '--json']);
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toEqual({
      ok: false,
      file: join(folder, 'typo.yaml'),
      problems: [expect.objectContaining({ line: 2, column: 3, path: 'discovery.require_dan' })],
    });
    const good = await run(['config', 'check', '--config', join(folder, 'good.yaml'), '--json']);
    expect({ code: good.code, document: JSON.parse(good.stdout) }).toEqual({
      code: 0,
      document: { ok: true, file: join(folder, 'good.yaml'), problems: [] },
    });
    expect((await run(['config', 'check', '--config', join(folder, 'missing.yaml')])).code).toBe(2);
  });

  it('is not said to be checked when no file is named', async () => {
    const { code, stdout } = await run(['config', 'check', '--json']);
    expect({ code, document: JSON.parse(stdout) }).toEqual({
      code: 0,
      document: { ok: true, file: null, problems: [] },
    });
    const people = await run(['config', 'check']);
    expect(people.stdout).toMatch(/^No file was read: .*--config FILE or COUNTERSIGN_CONFIG/);
    const named = await run(['config', 'check'], { env: { COUNTERSIGN_CONFIG: join(folder, 'good.yaml') } });
    expect(named.stdout).toMatch(/good\.yaml is as it must be\.\n$/);
  });

  it('is checked with the files that it names, which have to be there and readable', async () => {
    const file = join(folder, 'files.yaml');
    await writeFile(file, 'dns:\n  anchors: root.key\ndiscovery:\n  ca: [ca.pem]\n');
    const check = async (env = {}) => {
      const { code, stdout } = await run(['config', 'check', '--config', file, '--json'], { env });
      return { code, document: JSON.parse(stdout) };
    };
    const problems = [
      { file, path: 'dns.anchors', message: expect.stringContaining('root.key') },
      { file, path: 'discovery.ca[0]', message: expect.stringContaining('ca.pem') },
    ];
    expect(await check()).toEqual({ code: 1, document: { ok: false, file, problems } });
    await writeFile(join(folder, 'root.key'), 'no anchor\n');
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    await writeFile(join(folder, 'ca.pem'), broken);
    expect(await check()).toMatchObject({
      code: 1,
      document: { problems: [{ message: expect.stringContaining('Line 1') }, { path: 'discovery.ca[0]' }] },
    });
    await writeFile(join(folder, 'root.key'), `. IN DS 20326 8 2 ${'ab'.repeat(32)}\n`);
    await writeFile(join(folder, 'ca.pem'), rootCertificates[0] ?? '');
    expect(await check()).toEqual({ code: 0, document: { ok: true, file, problems: [] } });
    expect(await check({ COUNTERSIGN_DNS_ANCHORS: join(folder, 'none.key') })).toMatchObject({
      code: 1,
      document: { problems: [{ variable: 'COUNTERSIGN_DNS_ANCHORS', path: 'dns.anchors' }] },
    });
  });

  it('refuses an environment variable without showing its value', async () => {
    const env = { DNS_AID_REQUIRE_DANE: 'hunter2hunter2' };
    const { code, stderr } = await run(['verify', 'a.example'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('DNS_AID_REQUIRE_DANE');
    expect(stderr).not.toContain('hunter2');
  });
});

describe('help and version', () => {
  it('hold', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const verb of ['discover', 'verify', 'invoke', 'resolve', 'dane', 'demo']) {
      expect(help.stdout).toContain(verb);
    }
    expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('are had by the word help as well', async () => {
    expect((await run(['help'])).stdout).toBe((await run(['--help'])).stdout);
    expect((await run(['help', 'verify'])).stdout).toBe((await run(['verify', '--help'])).stdout);
    expect((await run(['help'])).code).toBe(0);
  });

  it('say that verify looks at TLSA records', async () => {
    expect((await run(['verify', '--help'])).stdout).toMatch(/TLSA records are\s+looked at where they stand/);
  });

  it('fit into 80 columns', async () => {
    for (const argv of [['--help'], ['verify', '--help'], ['dane', 'check', '--help']]) {
      const { stdout } = await run(argv);
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it('are JSON documents with --json', async () => {
    expect(JSON.parse((await run(['--version', '--json'])).stdout)).toEqual({
      version: expect.stringMatching(/^\d/),
    });
    expect(JSON.parse((await run(['verify', '--help', '--json'])).stdout)).toEqual({
      help: expect.stringContaining('--require-dane'),
    });
  });
});
