// SRV: where a service is (RFC 2782).

import type { DnsName } from '../name.js';
import { WireReader, WireWriter } from '../wire.js';
import type { FieldReader } from './fields.js';

/** The RDATA of SRV. */
export interface Srv {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: DnsName;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseSrv(rdata: Uint8Array): Srv {
  const reader = new WireReader(rdata);
  const srv = { priority: reader.u16(), weight: reader.u16(), port: reader.u16(), target: reader.name() };
  reader.finish('the SRV RDATA');
  return srv;
}

export function encodeSrv(srv: Srv): Uint8Array {
  const writer = new WireWriter(64);
  writer.u16(srv.priority);
  writer.u16(srv.weight);
  writer.u16(srv.port);
  writer.name(srv.target);
  return writer.finish();
}

/** Reads the presentation form. */
export function readSrvText(fields: FieldReader): Uint8Array {
  return encodeSrv({
    priority: fields.integer('priority', 16),
    weight: fields.integer('weight', 16),
    port: fields.integer('port', 16),
    target: fields.name('target'),
  });
}

/** Writes the presentation form. */
export function formatSrv(rdata: Uint8Array): string {
  const srv = parseSrv(rdata);
  return `${srv.priority} ${srv.weight} ${srv.port} ${srv.target}`;
}
