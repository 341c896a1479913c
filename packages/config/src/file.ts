// Reads a text file that a user named, with a bound on its size: a pipe or a device can be endless.

import { open } from 'node:fs/promises';
import { ConfigError } from './error.js';

/**
 * The text of a file in UTF-8.
 *
 * @param what names the file's purpose in the error, for instance `the trust anchors`
 * @param maxBytes the largest file that is read
 * @throws ConfigError ERR_CONFIG_UNREADABLE when it is missing, unreadable, too large or not UTF-8
 */
export async function readTextFile(path: string, what: string, maxBytes: number): Promise<string> {
  let octets: Uint8Array;
  try {
    const handle = await open(path, 'r');
    try {
      const chunks: Buffer[] = [];
      let size = 0;
      for (;;) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, null);
        if (bytesRead === 0) break;
        size += bytesRead;
        if (size > maxBytes) throw new RangeError(`it is larger than ${maxBytes} bytes`);
        chunks.push(buffer.subarray(0, bytesRead));
      }
      octets = Buffer.concat(chunks);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(path, what, cause);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch (cause) {
    throw unreadable(path, what, new TypeError('it is not UTF-8 text', { cause }));
  }
}

function unreadable(path: string, what: string, cause: unknown): ConfigError {
  const why = cause instanceof Error ? reasonOf(cause) : 'unknown reason';
  return new ConfigError(
    'ERR_CONFIG_UNREADABLE',
    `cannot read ${what} from ${path}: ${why}`,
    [{ file: path, path: '', message: why }],
    { cause },
  );
}

function reasonOf(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  return error.message;
}
