import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dsOfKey } from '../src/dnssec/anchors.js';
import { advanceKeys, holdDownSeconds, type ManagedKey, refreshSeconds } from '../src/dnssec/key-states.js';
import { groupRrsets } from '../src/dnssec/rrset.js';
import { signedData } from '../src/dnssec/signature.js';
import { openManagedAnchors } from '../src/managed-anchors.js';
import type { Message } from '../src/message.js';
import { DnsName } from '../src/name.js';
import { encodeDnskey, keyTag } from '../src/rdata/dnskey.js';
import { encodeRrsig } from '../src/rdata/rrsig.js';
import { Rcode, RrClass, RrType } from '../src/rrtype.js';
import type { Exchange } from '../src/transport/exchange.js';

const day = 24 * 3600;

describe('advanceKeys', () => {
  const states = (keys: readonly ManagedKey[]) => keys.map(({ key, state }) => `${key} ${state}`);
  const valid: ManagedKey = { key: 'a', state: 'valid', since: 0 };
  const shown = { key: 'a', revoked: false };
  const fresh = { key: 'b', revoked: false };

  it('trusts a new key after thirty days and not a second earlier', () => {
    const pending = advanceKeys([valid], [shown, fresh], 100);
    expect(states(pending)).toEqual(['a valid', 'b addPend']);
    const early = advanceKeys(pending, [shown, fresh], 100 + holdDownSeconds - 1);
    expect(states(early)).toEqual(['a valid', 'b addPend']);
    expect(states(advanceKeys(early, [shown, fresh], 100 + holdDownSeconds))).toEqual(['a valid', 'b valid']);
  });

  it('begins the wait anew when the new key was not shown once', () => {
    const pending = advanceKeys([valid], [shown, fresh], 0);
    const gone = advanceKeys(pending, [shown], 10 * day);
    expect(states(gone)).toEqual(['a valid']);
    const back = advanceKeys(gone, [shown, fresh], 20 * day);
    expect(states(advanceKeys(back, [shown, fresh], 40 * day))).toEqual(['a valid', 'b addPend']);
  });

  it('keeps a key trusted that is not shown, and takes it back when it is', () => {
    const missing = advanceKeys([valid], [fresh], 1);
    expect(states(missing)).toContain('a missing');
    expect(states(advanceKeys(missing, [shown], 2))).toContain('a valid');
  });

  it('never trusts a revoked key again, and forgets it after thirty days', () => {
    const revoked = advanceKeys([valid], [{ key: 'a', revoked: true }], 1);
    expect(states(revoked)).toEqual(['a revoked']);
    expect(states(advanceKeys(revoked, [shown], 2))).toEqual(['a revoked']);
    expect(states(advanceKeys(revoked, [], 1 + holdDownSeconds))).toEqual(['a removed']);
  });
});

describe('refreshSeconds', () => {
  it('stays between an hour and fifteen days, or one day after a failure (RFC 5011 section 2.3)', () => {
    expect(refreshSeconds(2 * day, 14 * day, false)).toBe(day);
    expect(refreshSeconds(60, 14 * day, false)).toBe(3600);
    expect(refreshSeconds(365 * day, 365 * day, false)).toBe(15 * day);
    expect(refreshSeconds(365 * day, 365 * day, true)).toBe(day);
  });
});

interface Key {
  readonly rdata: Uint8Array;
  readonly privateKey: KeyObject;
}

function createKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const rdata = encodeDnskey({
    flags: 257,
    protocol: 3,
    algorithm: 15,
    publicKey: Buffer.from(x, 'base64url'),
  });
  return { rdata, privateKey };
}

function revoke({ rdata, privateKey }: Key): Key {
  const revoked = Uint8Array.from(rdata);
  revoked[1] = (revoked[1] ?? 0) | 0x80;
  return { rdata: revoked, privateKey };
}

/** A root zone that shows these keys, its DNSKEY RRset signed by those. */
function showing(shown: readonly Key[], signers: readonly Key[], nowSeconds: number): Exchange {
  const base = { name: DnsName.root, class: RrClass.IN, ttl: 172_800 };
  const records = shown.map(({ rdata }) => ({ ...base, type: RrType.DNSKEY, rdata }));
  const [rrset] = groupRrsets(records);
  if (rrset === undefined) throw new Error('no keys');
  const signatures = signers.map(({ rdata, privateKey }) => {
    const rrsig = {
      typeCovered: RrType.DNSKEY,
      algorithm: 15,
      labels: 0,
      originalTtl: 172_800,
      expiration: nowSeconds + 14 * day,
      inception: nowSeconds - day,
      keyTag: keyTag(rdata),
      signer: DnsName.root,
      signature: new Uint8Array(0),
    };
    const signature = sign(undefined, signedData(rrset, rrsig), privateKey);
    return { ...base, type: RrType.RRSIG, rdata: encodeRrsig({ ...rrsig, signature }) };
  });
  return async (question): Promise<Message> => ({
    id: 0,
    opcode: 0,
    rcode: Rcode.NOERROR,
    flags: { qr: true, aa: true, tc: false, rd: false, ra: false, ad: false, cd: true },
    questions: [question],
    answers: [...records, ...signatures],
    authorities: [],
    additionals: [],
  });
}

describe('openManagedAnchors', () => {
  let folder = '';
  let file = '';
  let now = 1_800_000_000;
  let exchange: Exchange;
  const oldKey = createKey();
  const newKey = createKey();
  const tags = (anchors: readonly { readonly ds: readonly { readonly keyTag: number }[] }[]) =>
    anchors.flatMap(({ ds }) => ds.map((one) => one.keyTag));
  const open = () =>
    openManagedAnchors({
      file,
      initial: { zone: DnsName.root, ds: [dsOfKey(DnsName.root, oldKey.rdata)] },
      exchange: (question, options) => exchange(question, options),
      clock: () => now * 1000,
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'anchors-'));
    file = join(folder, 'root.json');
    now = 1_800_000_000;
    exchange = showing([oldKey], [oldKey], now);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('follows a rollover: a new key joins after thirty days, the revoked old one leaves', async () => {
    const managed = await open();
    expect(await managed.refresh()).toBe(day);
    exchange = showing([oldKey, newKey], [oldKey], now);
    await managed.refresh();
    expect(tags(managed.anchors())).toEqual([keyTag(oldKey.rdata)]);

    now += holdDownSeconds;
    exchange = showing([oldKey, newKey], [oldKey], now);
    await managed.refresh();
    expect(tags(managed.anchors())).toEqual([keyTag(oldKey.rdata), keyTag(newKey.rdata)]);

    const revoked = revoke(oldKey);
    exchange = showing([revoked, newKey], [revoked, newKey], now);
    await managed.refresh();
    expect(tags(managed.anchors())).toEqual([keyTag(newKey.rdata)]);
    // Another process that opens the file finds the same.
    expect(tags((await open()).anchors())).toEqual([keyTag(newKey.rdata)]);
    expect(await readdir(folder)).toEqual(['root.json']);
  });

  it('does not let one key revoke another', async () => {
    const managed = await open();
    exchange = showing([oldKey, newKey], [oldKey], now);
    await managed.refresh();
    now += holdDownSeconds;
    exchange = showing([oldKey, newKey], [oldKey], now);
    await managed.refresh();
    // The revoked key did not sign this itself.
    exchange = showing([oldKey, revoke(newKey)], [oldKey], now);
    await managed.refresh();
    expect(tags(managed.anchors())).toContain(keyTag(newKey.rdata));
  });

  it('refuses keys that no trusted key signs, and keeps what it had', async () => {
    const managed = await open();
    await managed.refresh();
    const before = await readFile(file, 'utf8');
    exchange = showing([oldKey, newKey], [newKey], now);
    await expect(managed.refresh()).rejects.toMatchObject({ code: 'ERR_DNSSEC_BOGUS' });
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(tags(managed.anchors())).toEqual([keyTag(oldKey.rdata)]);
  });

  it.each([
    ['no JSON', '{'],
    ['another zone', '{"version":1,"zone":"example.","keys":[]}'],
    ['an unknown state', '{"version":1,"zone":".","keys":[{"key":"AQ==","state":"great","since":0}]}'],
  ])('refuses a state file with %s', async (_what, text) => {
    await writeFile(file, text);
    await expect(open()).rejects.toMatchObject({ code: 'ERR_DNS_CONFIG' });
    await writeFile(file, '{"version":1,"zone":".","keys":[]}');
    expect((await open()).anchors()).toEqual([]);
  });

  it('tells its listener of a failed refresh and stops when told to', async () => {
    const heard = new Promise<unknown>((resolve) => {
      void openManagedAnchors({
        file,
        exchange: async () => Promise.reject(new Error('nobody there')),
        onError: resolve,
      }).then((managed) => managed.start());
    });
    expect(await heard).toMatchObject({ message: 'nobody there' });
  });
});
