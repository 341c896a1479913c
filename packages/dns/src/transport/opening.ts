// Waiting until a socket is open, and leaving nothing behind when it does not come to that.

import type { Socket } from 'node:net';

/**
 * Waits for the event that says that the socket is open. Otherwise the socket is destroyed.
 *
 * @param explain makes the error out of what the runtime reports
 */
export function untilOpen<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  explain: (error: Error) => Error,
): Promise<S> {
  return new Promise<S>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      socket.off(event, onOpen);
      socket.off('close', onClose);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const giveUp = (reason: unknown): void =>
      settle(() => {
        socket.destroy();
        reject(reason);
      });
    const onOpen = (): void => settle(() => resolve(socket));
    const onClose = (): void => giveUp(explain(new Error('closed before it was open')));
    const onAbort = (): void => giveUp(signal.reason);
    socket.once(event, onOpen);
    socket.once('close', onClose);
    // It stays for good: a reset between two steps must not end the process.
    socket.on('error', (error) => giveUp(explain(error)));
    signal.addEventListener('abort', onAbort);
  });
}
