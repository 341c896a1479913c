#!/usr/bin/env node
// The process around the command: its outputs, its environment, Ctrl-C, its exit code.

import type { Host, Output } from './host.js';

/** How long a run may take to wind down after Ctrl-C, milliseconds. */
const graceMs = 2000;

const controller = new AbortController();
let loaded = false;
const codes: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };
for (const [name, code] of Object.entries(codes)) {
  process.on(name, () => {
    // While the program still loads there is nothing to wind down, but a reader of JSON is owed its document;
    // who presses twice does not want to wait.
    const owed = loaded || process.argv.includes('--json');
    if (!owed || controller.signal.aborted) process.exit(code);
    process.exitCode = code;
    controller.abort(new DOMException('interrupted', 'AbortError'));
    setTimeout(() => process.exit(code), graceMs).unref();
  });
}

// A reader that has seen enough (`| head`) closes the pipe: no crash, but no success either of a run that has not
// come to its end. The code is the one of shells, 128 + SIGPIPE. A disk that is full is an error like any other.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(process.exitCode ?? 141);
    if (stream === process.stdout)
      process.stderr.write(`countersign: the output is lost: ${error.message}\n`);
    process.exit(2);
  });
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTTY: stream.isTTY === true,
    ...(stream.isTTY ? { columns: stream.columns } : {}),
  };
}

const host: Host = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  env: process.env,
  signal: controller.signal,
};

// Loaded only now, so that Ctrl-C is already handled while the rest loads.
const { main } = await import('./program.js');
loaded = true;
const code = await main(process.argv.slice(2), host);
if (controller.signal.aborted) {
  // What was given up may hold a socket until its own deadline; nobody waits for that. Output goes out first.
  process.stdout.write('', () => process.exit(process.exitCode ?? code));
} else {
  process.exitCode = code;
}
