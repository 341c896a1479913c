// One step of the demo, and what came of it.

import type { JsonObject } from '@countersign/core';
import type { Style } from '../output.js';
import type { Stage } from './stage.js';

export interface Step {
  /** Its name in the JSON document. */
  readonly step: string;
  /** What is about to happen. */
  readonly title: string;
  play(stage: Stage, signal: AbortSignal): Promise<Scene>;
}

/** What came of a step. */
export interface Scene {
  /** True when it went as it must; a refusal can be what must happen. */
  readonly ok: boolean;
  /** What happened, in a few words. */
  readonly outcome: string;
  /** Why, in one or two lines. */
  readonly why: string;
  /** What there is to see before the outcome. */
  readonly show?: (style: Style) => readonly string[];
  /** The same for programs. */
  readonly facts: JsonObject;
}
