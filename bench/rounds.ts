/** Measures all cases once a round, so that other load of the machine affects all of them. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Load, loadForm } from './load/load.ts'
import { ask, cpuSeconds } from './processes.ts'
import type { Result } from './results.ts'
import { median } from './statistics.ts'
import type { Versions } from './versions.ts'

/** Amount of measuring, and progress output. */
export interface Effort {
  readonly rounds: number
  readonly seconds: number
  /** For `rss-after-logins-mb`. */
  readonly logins?: number
  readonly say: (line: string) => void
}

export interface Case {
  readonly name: string
  /** The process whose processor time is measured. */
  readonly server: ChildProcess
  /** Message to the load process, without `seconds`. */
  readonly order: object
  /** Runs per second of a round, however long they take: each version runs equally often. */
  readonly perSecond?: number
  /** Runs before each round, unmeasured. */
  readonly prepare?: (seconds: number) => Promise<void>
}

/** Of a round. */
export interface Figures extends Partial<Pick<Load, 'p50' | 'p99'>> {
  readonly perSecond: number
  /** Processor time of the server for each. */
  readonly cpuMs: number
}

type Round = Load & Figures

/** Warm-up, until the engine has compiled the hot code. */
const warmUpSeconds = 1
const minWarmUps = 3
const maxWarmUps = 24

/** The rounds of each case. @param warmUpTimes runs of each before it is measured */
export async function inTurn(
  what: string,
  loader: ChildProcess,
  cases: readonly Case[],
  effort: Effort,
  warmUpTimes = 0,
): Promise<Round[][]> {
  const { rounds, seconds, say } = effort
  const measured = cases.map((each) => ({ each, done: [] as Round[] }))
  await warmUp(loader, cases, warmUpTimes)
  for (let turn = 1; turn <= rounds; turn += 1) {
    for (const { each, done } of orderOf(measured, turn)) done.push(await round(loader, each, seconds))
    say(
      `${what}, round ${turn} of ${rounds}: ${measured.map(({ each, done }) => lineOf(each, done.at(-1))).join(', ')}`,
    )
  }
  return measured.map(({ done }) => done)
}

/** Each case is measured in every place, and as often right after itself as the others. */
export function orderOf<T>(cases: readonly T[], turn: number): readonly T[] {
  const first = Math.floor((turn - 1) / 2) % cases.length
  const rotated = [...cases.slice(first), ...cases.slice(0, first)]
  return turn % 2 === 1 ? rotated : rotated.toReversed()
}

/** In turn: V8 discards compiled code of a process that is idle for 8 seconds. */
async function warmUp(loader: ChildProcess, cases: readonly Case[], times: number): Promise<void> {
  const warming = cases.map((each) => ({ each, done: 0 }))
  for (let turn = 1; turn <= maxWarmUps; turn += 1) {
    if (turn > minWarmUps && warming.every(({ done }) => done >= times)) return
    for (const one of warming) one.done += (await round(loader, one.each, warmUpSeconds)).done
  }
}

async function round(
  loader: ChildProcess,
  { name, server, order, perSecond, prepare }: Case,
  seconds: number,
): Promise<Round> {
  if (prepare !== undefined) {
    await prepare(seconds)
    await untilAtRest(server)
  }
  const before = cpuSeconds(server)
  const times = perSecond && Math.ceil(perSecond * seconds)
  const load = await ask(loader, { ...order, seconds, times }, loadForm)
  const cpu = cpuSeconds(server) - before
  if (load.failed > 0) throw new Error(`${name}: ${load.failed} of ${load.done} failed`)
  return { ...load, perSecond: load.done / load.seconds, cpuMs: (cpu * 1000) / load.done }
}

const restMs = 50
const maxRests = 40

/** Waits until the server has finished the work of `prepare`. */
async function untilAtRest(server: ChildProcess): Promise<void> {
  for (let rests = 0, last = cpuSeconds(server); rests < maxRests; rests += 1) {
    await sleep(restMs)
    const now = cpuSeconds(server)
    if (now - last < restMs / 1000 / 20) return
    last = now
  }
}

function lineOf({ name }: Case, round: Round | undefined): string {
  if (round === undefined) return name
  const { perSecond, cpuMs, busy } = round
  return `${name} ${perSecond.toFixed(0)}/s, ${cpuMs.toFixed(3)} ms cpu (load ${(busy * 100).toFixed(0)} %)`
}

/**
 * Ours compared with the baseline, then with each other version.
 * @param rounds as `inTurn` returns them
 */
export function comparedAll(
  name: string,
  unit: string,
  [bare = [], ours = [], ...others]: readonly Figures[][],
  [, ...otherVersions]: Versions,
): readonly Result[] {
  const rows = others.map((theirs, at) => compared(`${name}, ${otherVersions[at]?.name}`, unit, ours, theirs))
  return [compared(name, unit, ours, bare), ...rows]
}

/** Compares each round with the baseline of the same round; returns medians. */
export function compared(name: string, unit: string, ours: readonly Figures[], baseline: readonly Figures[]): Result {
  const pairs = ours.flatMap((mine, at) => (baseline[at] === undefined ? [] : [{ mine, theirs: baseline[at] }]))
  return {
    name,
    value: median(ours.map(({ perSecond }) => perSecond)),
    unit,
    baseline: median(baseline.map(({ perSecond }) => perSecond)),
    ratio: median(pairs.map(({ mine, theirs }) => mine.perSecond / theirs.perSecond)),
    cpuRatio: median(pairs.map(({ mine, theirs }) => mine.cpuMs / theirs.cpuMs)),
    cpuMs: median(ours.map(({ cpuMs }) => cpuMs)),
    p50: medianIfKnown(ours.map(({ p50 }) => p50)),
    p99: medianIfKnown(ours.map(({ p99 }) => p99)),
  }
}

function medianIfKnown(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : median(known)
}
