// @relaycorp/dnssec, the DNSSEC validator that npm has: asks through a function that it is handed.

import { DnsName, type Question, RrClass, RrType, type TrustAnchor } from '@countersign/dns';
import { loadPeer } from '../../measure.js';

export interface Relaycorp {
  /** Validates a host's address; throws unless it is secure. */
  lookUp(host: DnsName, exchange: (question: Question) => Promise<Buffer>): Promise<void>;
}

interface PeerQuestion {
  readonly name: string;
  readonly typeId: number;
}

/** What is used of the package. */
interface Package {
  readonly Question: new (name: string, type: number) => PeerQuestion;
  readonly SecurityStatus: { readonly SECURE: string };
  dnssecLookUp(
    question: PeerQuestion,
    resolver: (question: PeerQuestion) => Promise<Buffer>,
    options: { readonly trustAnchors: readonly unknown[] },
  ): Promise<{ readonly status: string }>;
}

/** @throws PeerMissing */
export async function loadRelaycorp(anchors: readonly TrustAnchor[]): Promise<Relaycorp> {
  const peer = await loadPeer<Package>('@relaycorp/dnssec');
  const trustAnchors = anchors.flatMap(({ ds }) =>
    ds.map(({ keyTag, algorithm, digestType, digest }) => ({
      keyTag,
      algorithm,
      digestType,
      digest: Buffer.from(digest),
    })),
  );
  return {
    async lookUp(host, exchange) {
      const result = await peer.dnssecLookUp(
        new peer.Question(`${host}`, RrType.A),
        (question) =>
          exchange({ name: DnsName.parse(question.name), type: question.typeId, class: RrClass.IN }),
        { trustAnchors },
      );
      if (result.status !== peer.SecurityStatus.SECURE) throw new Error(`${host} is ${result.status}`);
    },
  };
}
