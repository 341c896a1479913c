export { type Check, firstFailure, type Outcome, toVerdict, type Verdict } from './check.js';
export type { Clock, RandomBytes } from './clock.js';
export { CountersignError, isCountersignError } from './error.js';
export type { JsonObject, JsonValue } from './json.js';
export type { Signal, SignalStatus } from './signal.js';
