/** Measuring in turn: every case once a round, so that what slows the machine down slows all of them. */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Load, loadForm } from './load/load.ts'
import { ask, cpuSeconds } from './processes.ts'
import type { Result } from './results.ts'
import { median } from './statistics.ts'

/** How much measuring, and where to say how it goes. */
export interface Effort {
  readonly rounds: number
  readonly seconds: number
  /** Of `rss-after-logins-mb`. */
  readonly logins?: number
  readonly say: (line: string) => void
}

export interface Case {
  readonly name: string
  /** Whose processor time counts. */
  readonly server: ChildProcess
  /** Of the load, but for its `seconds`. */
  readonly order: object
  /** Before each round, unmeasured. */
  readonly prepare?: (seconds: number) => Promise<void>
}

export interface Round extends Load {
  readonly perSecond: number
  /** Processor milliseconds of the server for each. */
  readonly cpuMs: number
}

/** Until the engine has compiled what is hot: so long at least, and until it was done so often, but not for ever. */
const warmUpSeconds = 3
const maxWarmUps = 8

/** The rounds of each case, in the order of the cases. @param warmUpTimes how often each is done before it is measured */
export async function inTurn(
  what: string,
  loader: ChildProcess,
  cases: readonly Case[],
  effort: Effort,
  warmUpTimes = 0,
): Promise<Round[][]> {
  const { rounds, seconds, say } = effort
  const measured = cases.map((each) => ({ each, done: [] as Round[] }))
  for (const each of cases) await warmUp(loader, each, warmUpTimes)
  for (let turn = 1; turn <= rounds; turn += 1) {
    // there and back, so that no case always comes first
    for (const { each, done } of turn % 2 === 1 ? measured : measured.toReversed())
      done.push(await round(loader, each, seconds))
    say(
      `${what}, round ${turn} of ${rounds}: ${measured.map(({ each, done }) => lineOf(each, done.at(-1))).join(', ')}`,
    )
  }
  return measured.map(({ done }) => done)
}

async function warmUp(loader: ChildProcess, each: Case, times: number): Promise<void> {
  let done = 0
  for (let turn = 1; turn === 1 || (turn <= maxWarmUps && done < times); turn += 1)
    done += (await round(loader, each, warmUpSeconds)).done
}

async function round(loader: ChildProcess, { name, server, order, prepare }: Case, seconds: number): Promise<Round> {
  if (prepare !== undefined) {
    await prepare(seconds)
    await untilAtRest(server)
  }
  const before = cpuSeconds(server)
  const load = await ask(loader, { ...order, seconds }, loadForm)
  const cpu = cpuSeconds(server) - before
  if (load.failed > 0) throw new Error(`${name}: ${load.failed} of ${load.done} failed`)
  return { ...load, perSecond: load.done / load.seconds, cpuMs: (cpu * 1000) / load.done }
}

const restMs = 50
const maxRests = 40

/** Until what was prepared has left nothing to do, such as writes that were gathered: it is not what is measured. */
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

/** Each round is held against its neighbour; the result is the middle one. */
export function compared(name: string, unit: string, ours: readonly Round[], baseline: readonly Round[]): Result {
  const pairs = ours.flatMap((mine, at) => (baseline[at] === undefined ? [] : [{ mine, theirs: baseline[at] }]))
  return {
    name,
    value: median(ours.map(({ perSecond }) => perSecond)),
    unit,
    baseline: median(baseline.map(({ perSecond }) => perSecond)),
    ratio: median(pairs.map(({ mine, theirs }) => mine.perSecond / theirs.perSecond)),
    cpuRatio: median(pairs.map(({ mine, theirs }) => mine.cpuMs / theirs.cpuMs)),
    cpuMs: median(ours.map(({ cpuMs }) => cpuMs)),
    p50: median(ours.map(({ p50 }) => p50)),
    p99: median(ours.map(({ p99 }) => p99)),
  }
}
