// The demo's story, step by step: each is announced, played, and shown with what came of it.

import type { JsonObject } from '@countersign/core';
import { hang, printable, type Style } from '../output.js';
import { drift, impostor, mandatory, stripped } from './attack.js';
import { openStage, type Stage } from './stage.js';
import type { Scene, Step } from './step.js';
import { call, discover, verify } from './trust.js';

const steps: readonly Step[] = [discover, verify, call, impostor, drift, stripped, mandatory];

export interface StoryOptions {
  readonly style: Style;
  readonly signal: AbortSignal;
  /** Takes lines for people as they come. */
  say(lines: readonly string[]): void;
}

/** Plays the story. `ok` is true when every step went as it must. */
export async function playStory(options: StoryOptions): Promise<{ ok: boolean; steps: JsonObject[] }> {
  const { style, signal, say } = options;
  say(prologue(style));
  const told: JsonObject[] = [];
  const stage = await openStage();
  try {
    for (const [index, step] of steps.entries()) {
      signal.throwIfAborted();
      say(['', `${style.bold(String(index + 1))}  ${style.bold(step.title)}`]);
      const scene = await play(step, stage, signal);
      say(sceneLines(scene, style));
      told.push({ step: step.step, ok: scene.ok, outcome: scene.outcome, why: scene.why, ...scene.facts });
    }
  } finally {
    await stage.close();
  }
  const held = told.filter(({ ok }) => ok === true).length;
  say(epilogue(held, style));
  return { ok: held === steps.length, steps: told };
}

// A step that breaks is a step that did not go as it must; the others are still shown.
async function play(step: Step, stage: Stage, signal: AbortSignal): Promise<Scene> {
  try {
    const scene = await step.play(stage, signal);
    signal.throwIfAborted();
    return scene;
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : 'unknown error';
    return { ok: false, outcome: 'It could not be played', why, facts: {} };
  }
}

function sceneLines(scene: Scene, style: Style): readonly string[] {
  const narrow = { ...style, width: style.width - 3 };
  const shown = scene.show?.(narrow) ?? [];
  const mark = scene.ok ? style.marks.pass : style.marks.fail;
  const outcome = scene.ok ? scene.outcome : `${scene.outcome} (this is not as it must be)`;
  return [
    ...shown,
    ...hang(`${mark} `, 2, printable(outcome), narrow),
    ...hang('  ', 2, printable(scene.why), narrow),
  ].map((line) => `   ${line}`);
}

function prologue(style: Style): readonly string[] {
  return [
    `${style.bold('Countersign')}: prove who is there, then talk.`,
    style.rule.repeat(Math.min(style.width, 80)),
    'An internet in a box, on this machine only: a signed DNS root, one domain,',
    'two honest agents and an impostor. The sockets and the handshakes are real.',
    `${style.marks.pass} means that it went as it must. A refusal can be exactly that.`,
  ];
}

function epilogue(held: number, style: Style): readonly string[] {
  const all = held === steps.length;
  const sum = `${held} of ${steps.length} steps went as they must.`;
  return [
    '',
    style.rule.repeat(Math.min(style.width, 80)),
    all ? style.good(sum) : style.bad(sum),
    ...(all ? ['Next: npx countersign --help'] : []),
  ];
}
