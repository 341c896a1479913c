// The public interface of @countersign/lab.

export {
  type AgentIdentity,
  type AgentServer,
  createIdentity,
  type RequestHandler,
  startAgentServer,
} from './agent-server.js';
export {
  type Authority,
  type AuthorityOptions,
  type CertificateRequest,
  type Credentials,
  createAuthority,
  selfSigned,
  tlsaOf,
} from './authority.js';
export { type DnsServer, startDnsServer, type Tamper } from './dns-server.js';
export { LabError } from './error.js';
export { quotesHandler } from './https-agent.js';
export { type Lab, type LabAgent, type LabOptions, startLab } from './lab.js';
export { weatherHandler } from './mcp-agent.js';
export { respond } from './responder.js';
export type { Rrset, SignedRrset } from './rrset.js';
export { Zone, type ZoneOptions } from './zone.js';
export type { ZoneNode, ZoneVersion } from './zone-version.js';
