// The end of an exchange, told to all who wait in it.

/** Ends waits. An `AbortController` for each question would do the same at many times the cost. */
export interface Closing {
  /** Why it was closed; undefined while it is open. */
  readonly reason: Error | undefined;
  /** Called once, when it is closed. */
  add(onClose: () => void): void;
  delete(onClose: () => void): void;
  /** Closes it; only the first reason counts. */
  close(reason: Error): void;
}

export function createClosing(): Closing {
  const waiting = new Set<() => void>();
  let closedBy: Error | undefined;
  return {
    get reason() {
      return closedBy;
    },
    add: (onClose) => void waiting.add(onClose),
    delete: (onClose) => void waiting.delete(onClose),
    close(reason) {
      if (closedBy !== undefined) return;
      closedBy = reason;
      for (const onClose of [...waiting]) onClose();
      waiting.clear();
    },
  };
}
