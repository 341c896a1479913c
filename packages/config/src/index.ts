export { ConfigError, type ConfigProblem, formatProblem } from './error.js';
export type { Environment } from './expand.js';
export { readTextFile } from './file.js';
export { type EnvironmentKeys, type LoadOptions, loadConfig } from './load.js';
