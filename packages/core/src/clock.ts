// Time and randomness come in by parameter, so that every rule can be tested at any moment in time.

/** Milliseconds since the epoch, as `Date.now`. */
export type Clock = () => number;

/** So many octets from a cryptographically strong source, as `crypto.randomBytes`. */
export type RandomBytes = (size: number) => Uint8Array;
