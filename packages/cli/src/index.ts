export type { Host, Output } from './host.js';
export { main } from './program.js';
export { type Config, configSchema, environmentKeys } from './settings.js';
