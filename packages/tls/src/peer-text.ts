// The one way in which text that a peer wrote (a certificate's names, a record, an answer) may enter a message or a
// check: it is hostile to the terminal, the log and the model that read it.

/**
 * A peer's text made fit for a message: control, bidirectional and invisible characters removed, cut at
 * `maxLength` characters (default 200).
 */
export function quotePeer(text: string, maxLength = 200): string {
  const clean = text
    .slice(0, maxLength * 4)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength).replace(/\p{Cs}$/u, '')}…` : clean;
}
