// Octets as text: hexadecimal, base64 and base32hex (RFC 4648), each read strictly.

/** Lower-case hexadecimal. */
export function toHex(octets: Uint8Array): string {
  return bufferOf(octets).toString('hex');
}

/** Hexadecimal in whatever case; undefined when it is none. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Padded base64. */
export function toBase64(octets: Uint8Array): string {
  return bufferOf(octets).toString('base64');
}

/** Padded base64; undefined when it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[0-9A-Za-z+/]*={0,2}$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, 'base64'));
}

const base32HexDigits = '0123456789abcdefghijklmnopqrstuv';

/** Unpadded lower-case base32hex, as the owner names of NSEC3 are written (RFC 5155 section 3.3). */
export function toBase32Hex(octets: Uint8Array): string {
  let text = '';
  let pending = 0;
  let pendingBits = 0;
  for (const octet of octets) {
    pending = (pending << 8) | octet;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      text += base32HexDigits.charAt((pending >>> pendingBits) & 31);
    }
    pending &= (1 << pendingBits) - 1;
  }
  return pendingBits > 0 ? text + base32HexDigits.charAt((pending << (5 - pendingBits)) & 31) : text;
}

/** Unpadded base32hex in whatever case; undefined when it is none. */
export function fromBase32Hex(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(Math.floor((text.length * 5) / 8));
  let length = 0;
  let pending = 0;
  let pendingBits = 0;
  for (const digit of text.toLowerCase()) {
    const value = base32HexDigits.indexOf(digit);
    if (value < 0) return undefined;
    pending = (pending << 5) | value;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    octets[length++] = pending >>> pendingBits;
    pending &= (1 << pendingBits) - 1;
  }
  // A digit that no octet needs, or bits that no octet holds, would give two texts for the same octets.
  return pendingBits < 5 && pending === 0 ? octets : undefined;
}

function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
