// The workspace's own promises: an install that works with any registry, one version of everything, and
// packages that import only what stands on a lower floor (design section 1).

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = new URL('..', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.literal('Apache-2.0'),
  type: z.literal('module'),
  engines: z.object({ node: z.literal('>=20.19') }),
  dependencies: z.record(z.string(), z.string()),
});
const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});
const Project = z.object({ references: z.array(z.object({ path: z.string() })) });

const floors = [
  ['core'],
  ['dns', 'ledger', 'config'],
  ['tls', 'watch'],
  ['agent', 'egress', 'ingress'],
  ['audit'],
  ['cli'],
];
const folders = readdirSync(new URL('packages', root)).sort();
const manifest = (folder: string) => Manifest.parse(JSON.parse(read(`packages/${folder}/package.json`)));
const own = (folder: string) =>
  Object.keys(manifest(folder).dependencies)
    .filter((name) => name.startsWith('@countersign/'))
    .map((name) => name.slice('@countersign/'.length))
    .sort();

/** The module specifiers that a package's sources import. */
function imports(folder: string): ReadonlySet<string> {
  const source = new URL(`packages/${folder}/src/`, root);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.flatMap((file) => {
    const text = readFileSync(new URL(file, source), 'utf8');
    return [...text.matchAll(/^\s*(?:import|export|\}) [^'`]*?from '([^']+)'|import\('([^']+)'\)/gm)];
  });
  return new Set(found.map((match) => match[1] ?? match[2] ?? ''));
}

describe('the command', () => {
  test('is a file of the repository, so that npm links it before the build', () => {
    const { bin } = z
      .object({ bin: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('packages/cli/package.json')));
    for (const path of Object.values(bin)) {
      const file = new URL(`packages/cli/${path}`, root);
      expect(statSync(file).mode & 0o111, path).not.toBe(0);
      expect(path).not.toContain('dist');
    }
  });
});

describe('the lockfile', () => {
  const packages = Object.entries(Lockfile.parse(JSON.parse(read('package-lock.json'))).packages);
  const fetched = packages.filter(([path, entry]) => path.startsWith('node_modules/') && entry.link !== true);

  test('names no registry, so that it installs from whichever is configured', () => {
    expect(fetched.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
    expect(read('.npmrc')).not.toMatch(/registry\s*=|registry\.|_auth/);
  });

  test('pins what it fetches by hash', () => {
    expect(fetched.filter(([, entry]) => !entry.integrity?.startsWith('sha512-'))).toEqual([]);
  });
});

describe.each(folders)('the package %s', (folder) => {
  test('is named by its folder and has the version of the others', () => {
    expect(manifest(folder).name).toBe(`@countersign/${folder}`);
    expect(manifest(folder).version).toBe(manifest('core').version);
  });

  test('refers in its tsconfig to just those packages that it depends on', () => {
    const project = Project.parse(JSON.parse(read(`packages/${folder}/tsconfig.json`)));
    expect(project.references.map(({ path }) => path.slice('../'.length)).sort()).toEqual(own(folder));
  });

  test('depends only on lower floors', () => {
    const floor = floors.findIndex((names) => names.includes(folder));
    // The lab stands aside: it simulates the internet beside the house.
    if (floor < 0) return expect(folder).toBe('lab');
    const lower = floors.slice(0, floor).flat();
    expect(
      own(folder).filter((name) => !lower.includes(name) && !(folder === 'cli' && name === 'lab')),
    ).toEqual([]);
  });

  test('imports what it declares, and nothing else', () => {
    const declared = Object.keys(manifest(folder).dependencies);
    const outside = [...imports(folder)].filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
    const isOf = (name: string) => (one: string) => name === one || name.startsWith(`${one}/`);
    expect(outside.filter((name) => !declared.some(isOf(name)))).toEqual([]);
    expect(declared.filter((one) => !outside.some((name) => isOf(name)(one)))).toEqual([]);
  });
});
