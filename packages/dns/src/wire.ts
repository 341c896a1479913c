// Reading and writing octets in network order within bounds: every read is checked against the end, every
// write grows the buffer.

import { malformed } from './error.js';
import { DnsName } from './name.js';

const noOctets = new Uint8Array(0);

/** Reads forward through octets; anything beyond the end is `ERR_DNS_MALFORMED`. */
export class WireReader {
  readonly octets: Uint8Array;
  offset = 0;
  /** One behind the last octet that may be read. */
  end: number;
  // Names already read in this message by where they stand, since most owner names point at one of them; the first
  // one, mostly the question's, without a map: few messages need more.
  #firstName: DnsName | undefined;
  #firstNameAt = -1;
  #names: Map<number, DnsName> | undefined;

  constructor(octets: Uint8Array) {
    // A Buffer's methods share memory where an array's copy, so it is read through a plain view.
    this.octets = Buffer.isBuffer(octets)
      ? new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength)
      : octets;
    this.end = octets.length;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(): number {
    const at = this.#advance(1);
    return this.octets[at] ?? 0;
  }

  u16(): number {
    const at = this.#advance(2);
    return ((this.octets[at] ?? 0) << 8) | (this.octets[at + 1] ?? 0);
  }

  u32(): number {
    const at = this.#advance(4);
    const { octets } = this;
    const low = ((octets[at + 1] ?? 0) << 16) | ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
    return (octets[at] ?? 0) * 0x1000000 + low;
  }

  /** The next octets, as a view. */
  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return length === 0 ? noOctets : this.octets.subarray(at, at + length);
  }

  /** All that is left, as a view. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** A name without compression. */
  name(): DnsName {
    return DnsName.read(this, false);
  }

  /** A name that may be compressed (RFC 1035 section 4.1.4). */
  compressedName(): DnsName {
    const at = this.offset;
    const first = this.octets[at] ?? 0;
    const isPointer = first >= 0xc0 && this.remaining >= 2;
    const target = isPointer ? ((first & 0x3f) << 8) | (this.octets[at + 1] ?? 0) : at;
    const known = isPointer && target < at ? this.#nameAt(target) : undefined;
    if (known !== undefined) {
      this.offset = at + 2;
      return known;
    }
    const name = DnsName.read(this, true);
    if (this.#firstName === undefined) {
      this.#firstName = name;
      this.#firstNameAt = target;
    } else {
      this.#names ??= new Map();
      this.#names.set(target, name);
    }
    return name;
  }

  /** Nothing may be left of `what`. */
  finish(what: string): void {
    if (this.offset !== this.end) throw malformed(`${this.end - this.offset} octets too many in ${what}`);
  }

  #nameAt(offset: number): DnsName | undefined {
    return offset === this.#firstNameAt ? this.#firstName : this.#names?.get(offset);
  }

  #advance(length: number): number {
    const at = this.offset;
    if (at + length > this.end) {
      throw malformed(`cut off: ${length} octets wanted at octet ${at}, ${this.end - at} left`);
    }
    this.offset = at + length;
    return at;
  }
}

/** Writes octets one behind the other; a number that its field cannot hold is `ERR_DNS_MALFORMED`. */
export class WireWriter {
  #octets: Uint8Array;
  #length = 0;
  /** Where each name suffix stands that later owner names can point at. Case is kept, so it distinguishes. */
  #suffixes: Map<string, number> | undefined;

  constructor(capacity = 512) {
    this.#octets = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    checkRange(value, 0xff);
    const at = this.#reserve(1);
    this.#octets[at] = value;
  }

  u16(value: number): void {
    checkRange(value, 0xffff);
    const at = this.#reserve(2);
    this.#octets[at] = value >>> 8;
    this.#octets[at + 1] = value;
  }

  u32(value: number): void {
    checkRange(value, 0xffffffff);
    const at = this.#reserve(4);
    this.#octets[at] = value >>> 24;
    this.#octets[at + 1] = value >>> 16;
    this.#octets[at + 2] = value >>> 8;
    this.#octets[at + 3] = value;
  }

  bytes(octets: Uint8Array): void {
    const at = this.#reserve(octets.length);
    this.#octets.set(octets, at);
  }

  /** A name, uncompressed. */
  name(name: DnsName): void {
    this.bytes(name.wire);
  }

  /** A name, as a pointer as far as an equal suffix stands earlier. */
  compressedName(name: DnsName): void {
    const { wire } = name;
    this.#suffixes ??= new Map();
    const text = String.fromCharCode(...wire);
    for (let at = 0; at < wire.length - 1; at += 1 + (wire[at] ?? 0)) {
      const suffix = text.slice(at);
      const known = this.#suffixes.get(suffix);
      if (known !== undefined) {
        this.u16(0xc000 | known);
        return;
      }
      // A pointer has 14 bits: what stands further on cannot be pointed at.
      if (this.#length < 0x4000) this.#suffixes.set(suffix, this.#length);
      this.bytes(wire.subarray(at, at + 1 + (wire[at] ?? 0)));
    }
    this.u8(0);
  }

  /** What was written, as an array of its own. */
  finish(): Uint8Array {
    return this.#octets.slice(0, this.#length);
  }

  #reserve(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#octets.length) {
      const grown = new Uint8Array(Math.max(needed, this.#octets.length * 2));
      grown.set(this.#octets);
      this.#octets = grown;
    }
    this.#length = needed;
    return at;
  }
}

function checkRange(value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw malformed(`${value} is not an integer from 0 to ${most}`);
}
