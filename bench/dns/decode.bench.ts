// Decoding signed replies, beside the packet library that most of npm uses.

import { DnsName, decodeMessage, type Question, RrType } from '@countersign/dns';
import { compare } from '../compare.js';
import { loadPeer, type Measure } from '../measure.js';
import { ask, createReplies, createTree } from './support/tree.js';

interface DnsPacket {
  decode(octets: Buffer): unknown;
}

const decodes = 2000;

const tree = createTree(1);
const replies = createReplies(tree);

function decodeMeasure(name: string, question: Question): Measure {
  return {
    name,
    better: 'higher',
    bar: 3,
    measure: async () => {
      const { decode } = await loadPeer<DnsPacket>('dns-packet');
      // Both get a Buffer, as it comes from a socket.
      const octets = Buffer.from(replies(question));
      const repeat = (run: () => unknown) => () => {
        for (let left = decodes; left > 0; left -= 1) run();
      };
      return compare(
        { name: 'ours', operations: decodes, run: repeat(() => decodeMessage(octets)) },
        { name: 'dns-packet', operations: decodes, run: repeat(() => decode(octets)) },
        { clock: 'cpu', as: 'speed' },
      );
    },
  };
}

export const measures: readonly Measure[] = [
  decodeMeasure('decode a signed answer', ask(DnsName.parse('host0.acme.example'), RrType.A)),
  decodeMeasure('decode a signed NXDOMAIN', ask(DnsName.parse('nobody.acme.example'), RrType.A)),
  decodeMeasure('decode a DNSKEY answer', ask(DnsName.parse('acme.example'), RrType.DNSKEY)),
];
