// Messages behind a two-octet length, as a stream carries them (RFC 1035 section 4.2.2, RFC 7766 section 8).

const lengthOctets = 2;

/** A message behind its length. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(lengthOctets + message.length);
  framed.set([message.length >>> 8, message.length & 0xff]);
  framed.set(message, lengthOctets);
  return framed;
}

/** Cuts a stream into messages, of which it holds one at most. */
export class FrameReader {
  /** Octets of the message that is not whole yet, those of its length included. */
  pending = 0;
  #high = 0;
  #message: Uint8Array | undefined;

  /** Gives each message that the chunk makes whole, in order. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#message === undefined) {
        const octet = chunk[at] ?? 0;
        at += 1;
        this.pending += 1;
        if (this.pending < lengthOctets) {
          this.#high = octet;
          continue;
        }
        this.#message = new Uint8Array((this.#high << 8) | octet);
      }
      const message = this.#message;
      const filled = this.pending - lengthOctets;
      const part = chunk.subarray(at, at + message.length - filled);
      message.set(part, filled);
      at += part.length;
      this.pending += part.length;
      if (filled + part.length < message.length) return;
      this.#message = undefined;
      this.pending = 0;
      yield message;
    }
  }
}
