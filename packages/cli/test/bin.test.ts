// The built program and the outputs that it is given: pipes that close, disks that are full.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: those of the shell look like this

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bin } from './command.js';

/** Runs a line of bash in which `"$@"` is the program, and gives what it printed. */
async function shell(line: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)('bash', ['-c', line, 'bash', process.execPath, bin]);
}

describe('an output', () => {
  it('whose reader leaves early does not say that it holds', async () => {
    const { stdout, stderr } = await shell('"$@" demo | head -1; echo "code ${PIPESTATUS[0]}"');
    expect(stdout).toMatch(/^Countersign.*\ncode 141\n$/);
    expect(stderr).toBe('');
  });

  it('whose reader leaves after the end changes nothing', async () => {
    for (const [flags, code] of [
      ['--version', 0],
      ['verify a.example --server 127.0.0.1#1', 1],
      ['verify', 2],
    ] as const) {
      expect((await shell(`"$@" ${flags} 2>&1 | true; echo "code \${PIPESTATUS[0]}"`)).stdout).toBe(
        `code ${code}\n`,
      );
    }
  });

  it('that cannot be written is an error of one line', async () => {
    const full = await shell('"$@" --version > /dev/full; echo "code $?"');
    expect(full.stdout).toBe('code 2\n');
    expect(full.stderr).toMatch(/^countersign: .*ENOSPC.*\n$/);
    expect((await shell('"$@" verify 2> /dev/full; echo "code $?"')).stdout).toBe('code 2\n');
    expect((await shell('"$@" --version > /dev/null; echo "code $?"')).stdout).toBe('code 0\n');
  });
});
