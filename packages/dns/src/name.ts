// Domain names as the octets that they are (RFC 1035 section 3.1): any octet may stand in a label, case is
// kept, and two names are equal when they differ in ASCII case alone (RFC 4343).

import { DnsError, malformed } from './error.js';

const maxNameOctets = 255;
const maxLabelOctets = 63;
/** A name has at most 127 labels, so more pointers than that serve nobody but an attacker. */
const maxPointers = 127;

/** Where a name is built before its length is known; never read across calls. */
const scratch = new Uint8Array(maxNameOctets);
const scratchText = Buffer.from(scratch.buffer);

/** Octets with a reading position: what `DnsName.read` reads from. */
export interface NameSource {
  /** The whole message, which compression pointers refer to. */
  readonly octets: Uint8Array;
  /** Where the name begins; moved behind it. */
  offset: number;
  /** The first octet that may not be read as part of this name, pointers' targets aside. */
  readonly end: number;
}

/** A domain name, absolute and valid: no empty label, labels up to 63 octets, 255 octets in all. */
export class DnsName {
  static readonly root = new DnsName(Uint8Array.of(0));

  /** The uncompressed wire form with case as it was given, ending with the root label. Not to be modified. */
  readonly wire: Uint8Array;
  #key: string | undefined;
  #labelCount: number | undefined;

  private constructor(wire: Uint8Array) {
    this.wire = wire;
  }

  /**
   * Reads the presentation form (RFC 1035 section 5.1): `\.` and `\DDD` escapes; a missing final dot is
   * supplied. Letters beyond ASCII are refused: write them as A-labels (`xn--…`) or `\DDD` octets.
   *
   * @throws DnsError `ERR_DNS_NAME_INVALID`
   */
  static parse(text: string): DnsName {
    if (text === '.') return DnsName.root;
    if (text === '') throw invalidName(text, 'it is empty; the root is written "."');
    let length = 1;
    let labelAt = 0;
    for (let at = 0; at < text.length; at++) {
      let octet = text.charCodeAt(at);
      if (octet === 0x2e) {
        closeLabel(text, labelAt, length);
        labelAt = length;
        length += 1;
        continue;
      }
      if (octet === 0x5c) {
        const escaped = readEscape(text, at);
        if (escaped === undefined)
          throw invalidName(text, `the escape at position ${at} is not \\DDD or \\X`);
        octet = escaped.octet;
        at = escaped.end - 1;
      } else if (octet > 0x7e || octet < 0x21) {
        throw invalidName(text, 'only printable ASCII is allowed; use A-labels (xn--) or \\DDD');
      }
      // One octet is kept free for the root label.
      if (length >= maxNameOctets - 1) throw invalidName(text, 'it is longer than 255 octets');
      scratch[length++] = octet;
    }
    if (length - labelAt > 1) {
      closeLabel(text, labelAt, length);
      labelAt = length;
      length += 1;
    }
    scratch[labelAt] = 0;
    return new DnsName(scratch.slice(0, length));
  }

  /**
   * Takes the uncompressed wire form, whole; the octets are copied.
   *
   * @throws DnsError `ERR_DNS_MALFORMED` when the octets are not exactly one name
   */
  static fromWire(wire: Uint8Array): DnsName {
    const source = { octets: wire, offset: 0, end: wire.length };
    const name = DnsName.read(source, false);
    if (source.offset !== wire.length) throw malformed('octets follow the name');
    return name;
  }

  /**
   * Reads a name in a message and moves `source.offset` behind it. A compression pointer must lead strictly
   * before the run of labels that it ends (RFC 1035 section 4.1.4), which makes loops impossible.
   *
   * @param compressed false where pointers are not allowed
   * @throws DnsError `ERR_DNS_MALFORMED`
   */
  static read(source: NameSource, compressed: boolean): DnsName {
    const { octets } = source;
    const begin = source.offset;
    let at = begin;
    let runAt = at;
    let end = source.end;
    let behind = -1;
    let length = 0;
    let pointers = 0;
    for (;;) {
      if (at >= end) throw malformed(`a name is cut off at octet ${at}`);
      const size = octets[at] ?? 0;
      if (size <= maxLabelOctets) {
        const next = at + 1 + size;
        if (next > end) throw malformed(`a label is cut off at octet ${at}`);
        length += 1 + size;
        if (length > maxNameOctets) throw malformed(`the name at octet ${begin} is too long`);
        at = next;
        if (size === 0) break;
        continue;
      }
      if (size < 0xc0) throw malformed(`octet ${at} is neither a label nor a pointer`);
      if (!compressed) throw malformed(`a compression pointer at octet ${at}, where none is allowed`);
      if (at + 2 > end) throw malformed(`a compression pointer is cut off at octet ${at}`);
      const target = ((size & 0x3f) << 8) | (octets[at + 1] ?? 0);
      if (target >= runAt) throw malformed(`the compression pointer at octet ${at} does not lead back`);
      if (++pointers > maxPointers) throw malformed(`the name at octet ${begin} has too many pointers`);
      if (behind < 0) behind = at + 2;
      // The run of labels up to here, now that another one follows.
      copy(octets, runAt, at, scratch, length - (at - runAt));
      at = target;
      runAt = target;
      end = octets.length;
    }
    source.offset = behind < 0 ? at : behind;
    if (length === 1) return DnsName.root;
    if (behind < 0) {
      // Not `slice`, which for a Buffer copies nothing.
      const wire = new Uint8Array(length);
      copy(octets, begin, at, wire, 0);
      return new DnsName(wire);
    }
    copy(octets, runAt, at, scratch, length - (at - runAt));
    return new DnsName(scratch.slice(0, length));
  }

  /** The canonical wire form (ASCII lower case) as a string of one character an octet: equal names, equal keys. */
  get key(): string {
    this.#key ??= lowerCaseKey(this.wire);
    return this.#key;
  }

  /** How many labels, the root label not counted. */
  get labelCount(): number {
    if (this.#labelCount === undefined) {
      let count = 0;
      for (let at = 0; this.#sizeAt(at) > 0; at += 1 + this.#sizeAt(at)) count += 1;
      this.#labelCount = count;
    }
    return this.#labelCount;
  }

  /** The labels, leftmost first, without the root label. */
  get labels(): readonly Uint8Array[] {
    const labels: Uint8Array[] = [];
    for (let at = 0; this.#sizeAt(at) > 0; at += 1 + this.#sizeAt(at)) {
      labels.push(this.wire.subarray(at + 1, at + 1 + this.#sizeAt(at)));
    }
    return labels;
  }

  /** True when the leftmost label is `*` (RFC 4592). */
  get isWildcard(): boolean {
    return this.wire[0] === 1 && this.wire[1] === 0x2a;
  }

  /** The name without its leftmost label; undefined for the root. */
  parent(): DnsName | undefined {
    const size = this.#sizeAt(0);
    return size === 0 ? undefined : this.#from(1 + size);
  }

  /**
   * The name's rightmost labels.
   *
   * @throws DnsError `ERR_DNS_NAME_INVALID` when the name has fewer labels
   */
  ancestor(labelCount: number): DnsName {
    let surplus = this.labelCount - labelCount;
    if (surplus === 0) return this;
    if (!(surplus > 0 && labelCount >= 0)) {
      throw invalidName(this.toString(), `it has ${this.labelCount} labels, so no ancestor of ${labelCount}`);
    }
    let at = 0;
    for (; surplus > 0; surplus--) at += 1 + this.#sizeAt(at);
    return this.#from(at);
  }

  /**
   * The name below this one with one more label. The label is taken as it is: no escapes.
   *
   * @throws DnsError `ERR_DNS_NAME_INVALID`
   */
  prepend(label: string | Uint8Array): DnsName {
    const octets = typeof label === 'string' ? Buffer.from(label, 'utf8') : label;
    const shown = `${String(label)} under ${this.toString()}`;
    if (octets.length === 0 || octets.length > maxLabelOctets) {
      throw invalidName(shown, 'a label has 1 to 63 octets');
    }
    const length = 1 + octets.length + this.wire.length;
    if (length > maxNameOctets) throw invalidName(shown, 'it is longer than 255 octets');
    const wire = new Uint8Array(length);
    wire[0] = octets.length;
    wire.set(octets, 1);
    wire.set(this.wire, 1 + octets.length);
    return new DnsName(wire);
  }

  /** True for the same name in whatever ASCII case. */
  equals(other: DnsName): boolean {
    return this === other || (this.wire.length === other.wire.length && this.key === other.key);
  }

  /** True when this name is `ancestor` or lies below it. */
  isAtOrBelow(ancestor: DnsName): boolean {
    const surplus = this.wire.length - ancestor.wire.length;
    if (surplus < 0) return false;
    let at = 0;
    while (at < surplus) at += 1 + this.#sizeAt(at);
    return at === surplus && this.key.endsWith(ancestor.key);
  }

  /** The wire form in ASCII lower case (RFC 4034 section 6.2): a fresh array. */
  canonicalWire(): Uint8Array {
    const wire = new Uint8Array(this.wire);
    lowerCase(wire, wire, wire.length);
    return wire;
  }

  /** The absolute presentation form with its final dot; octets that are not plain are escaped. */
  toString(): string {
    if (this.wire.length === 1) return '.';
    let text = '';
    for (const label of this.labels) {
      for (const octet of label) text += escapeLabelOctet(octet);
      text += '.';
    }
    return text;
  }

  #sizeAt(at: number): number {
    return this.wire[at] ?? 0;
  }

  #from(at: number): DnsName {
    return at === this.wire.length - 1 ? DnsName.root : new DnsName(this.wire.subarray(at));
  }
}

/**
 * Compares in the canonical order of DNSSEC (RFC 4034 section 6.1): label by label from the right, as
 * unsigned lower-case octets, a missing label before any other.
 *
 * @returns below, at or above zero, as `Array.prototype.sort` takes it
 */
export function compareCanonical(a: DnsName, b: DnsName): number {
  const left = labelOffsets(a.key);
  const right = labelOffsets(b.key);
  const shared = Math.min(left.length, right.length);
  for (let count = 1; count <= shared; count++) {
    const leftAt = left[left.length - count] ?? 0;
    const rightAt = right[right.length - count] ?? 0;
    const leftSize = a.key.charCodeAt(leftAt);
    const rightSize = b.key.charCodeAt(rightAt);
    const size = Math.min(leftSize, rightSize);
    for (let at = 1; at <= size; at++) {
      const difference = a.key.charCodeAt(leftAt + at) - b.key.charCodeAt(rightAt + at);
      if (difference !== 0) return difference;
    }
    if (leftSize !== rightSize) return leftSize - rightSize;
  }
  return left.length - right.length;
}

/**
 * Reads the escape of RFC 1035 section 5.1 that begins with the backslash at `at`.
 *
 * @returns the octet and the position behind it; undefined when it is no escape
 */
export function readEscape(text: string, at: number): { octet: number; end: number } | undefined {
  const code = text.charCodeAt(at + 1);
  if (code >= 0x30 && code <= 0x39) {
    const digits = text.slice(at + 1, at + 4);
    if (!/^[0-9]{3}$/.test(digits) || Number(digits) > 255) return undefined;
    return { octet: Number(digits), end: at + 4 };
  }
  return code >= 0x20 && code <= 0x7e ? { octet: code, end: at + 2 } : undefined;
}

/** `\DDD`, the escape that any octet can be written as. */
export function decimalEscape(octet: number): string {
  return `\\${String(octet).padStart(3, '0')}`;
}

function copy(from: Uint8Array, begin: number, end: number, to: Uint8Array, at: number): void {
  for (let next = begin; next < end; next++) to[at + next - begin] = from[next] ?? 0;
}

function closeLabel(text: string, labelAt: number, end: number): void {
  const size = end - labelAt - 1;
  if (size === 0) throw invalidName(text, 'it has an empty label');
  if (size > maxLabelOctets) throw invalidName(text, 'a label is longer than 63 octets');
  scratch[labelAt] = size;
}

function invalidName(text: string, why: string): DnsError {
  return new DnsError(
    'ERR_DNS_NAME_INVALID',
    `not a domain name: ${JSON.stringify(text.slice(0, 300))}: ${why}`,
  );
}

/** The characters that mean something in a zone file and so need a backslash. */
const special = new Set(Array.from('".;\\()@$', (character) => character.charCodeAt(0)));

function escapeLabelOctet(octet: number): string {
  if (octet < 0x21 || octet > 0x7e) return decimalEscape(octet);
  const character = String.fromCharCode(octet);
  return special.has(octet) ? `\\${character}` : character;
}

// Length octets are at most 63, below any letter, so a whole wire form can be lower-cased at once.
function lowerCase(from: Uint8Array, to: Uint8Array, length: number): void {
  for (let at = 0; at < length; at++) {
    const octet = from[at] ?? 0;
    to[at] = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
  }
}

function lowerCaseKey(wire: Uint8Array): string {
  lowerCase(wire, scratch, wire.length);
  return scratchText.toString('latin1', 0, wire.length);
}

function labelOffsets(key: string): number[] {
  const offsets: number[] = [];
  for (let at = 0; key.charCodeAt(at) > 0; at += 1 + key.charCodeAt(at)) offsets.push(at);
  return offsets;
}
