/**
 * The steps of a trace as bars: pure. Long waits between steps are cut, so that steps stay visible.
 */
import type { TraceStep } from '../trace.ts'

export interface TimelineStep {
  readonly kind: 'step'
  readonly step: TraceStep
  /** Number of steps that contain it. */
  readonly depth: number
  /** Start of the bar, in percent of the drawn time. */
  readonly left: number
  readonly width: number
}

/** A span without steps: the user was at the upstream. */
export interface TimelinePause {
  readonly kind: 'pause'
  readonly tookMs: number
}

type Timed = Pick<TraceStep, 'atMs' | 'tookMs'>

/** Shorter waits are drawn as they are. */
const minPauseMs = 1000
/** Drawn width of a cut wait, as a share of all other time. */
const pauseShare = 0.06
/** Narrower bars could not be seen. */
const minWidth = 0.75

const endOf = ({ atMs, tookMs }: Timed) => atMs + tookMs

export function timelineOf(steps: readonly TraceStep[]): readonly (TimelineStep | TimelinePause)[] {
  const pauses = pausesOf(steps)
  const busyMs = Math.max(1, Math.max(0, ...steps.map(endOf)) - pauses.reduce((sum, { tookMs }) => sum + tookMs, 0))
  const pauseMs = busyMs * pauseShare
  const drawnMs = busyMs + pauses.length * pauseMs
  /** Milliseconds of the drawn time. */
  const drawn = (ms: number) => pauses.reduce((at, pause) => (pause.atMs < ms ? at - pause.tookMs + pauseMs : at), ms)
  return steps.flatMap((step, index) => {
    const pause = pauses.find(({ before }) => before === index)
    const start = (drawn(step.atMs) / drawnMs) * 100
    const width = Math.max(minWidth, (step.tookMs / drawnMs) * 100)
    const left = Math.max(0, Math.min(start, 100 - width))
    const row: TimelineStep = { kind: 'step', step, depth: depthOf(steps, index), left, width: Math.min(width, 100) }
    return pause === undefined ? [row] : [{ kind: 'pause', tookMs: pause.tookMs } as const, row]
  })
}

interface Pause extends Timed {
  /** Index of the next step. */
  readonly before: number
}

function pausesOf(steps: readonly TraceStep[]): readonly Pause[] {
  let end = 0
  return steps.flatMap((step, before) => {
    const tookMs = step.atMs - end
    const atMs = end
    end = Math.max(end, endOf(step))
    return tookMs >= minPauseMs ? [{ atMs, tookMs, before }] : []
  })
}

/** A step that began while another ran, and ended no later, is part of it. */
function depthOf(steps: readonly Timed[], index: number): number {
  const step = steps[index]
  if (step === undefined) return 0
  return steps.slice(0, index).filter((other) => step.atMs < endOf(other) && endOf(step) <= endOf(other)).length
}
