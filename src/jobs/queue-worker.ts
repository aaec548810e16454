/**
 * Works off a queue in the background: who adds to it goes on at once. Several processes may run one each; the queue leases an entry to
 * one of them. Delivery is at least once: a process that dies between delivering an entry and noting it leaves the entry to be delivered
 * again when its lease ends.
 */

export interface Queued {
  readonly id: string
  /** How often it was tried before. */
  readonly attempts: number
}

export interface Queue<Entry> {
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly Entry[]>
  /** Strikes it off the list. */
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
}

export interface Failure {
  readonly cause: unknown
  /** Trying again is no use. */
  readonly permanent?: boolean
  /** Was told with another one: no line of its own before it is given up. */
  readonly reported?: boolean
}

/** When it looks. */
export interface PollOptions {
  readonly now: () => Date
  /** How often the queue is looked at for what others added or is due again, in seconds. */
  readonly everySeconds?: number | undefined
  /** How long after the start it looks for what an earlier process left, in milliseconds. Default 0. */
  readonly firstPollMs?: number | undefined
}

/** What it says: sentences for the log, without content; `cause` is the error behind one. */
export interface Messages<Entry> {
  readonly onProblem: (sentence: string, cause: unknown) => void
  /** @param again so it was at the last look too */
  readonly onUnreadable: (again: boolean) => string | undefined
  readonly onPostponed: (entry: Entry, seconds: number) => string
  readonly onGivenUp: (entry: Entry) => string
  /** The queue could not be told how it went. */
  readonly onUnrecorded: (entry: Entry) => string
}

export interface DeliveryOptions<Entry> extends PollOptions, Messages<Entry> {
  readonly everySeconds: number
  readonly queue: Queue<Entry>
  /** Entries taken from the queue and not yet delivered. */
  readonly maxInFlight: number
  readonly leaseSeconds: number
  /** What is begun must be over before its lease is: how long one delivery may take. */
  readonly timeoutSeconds: number
  /** Holds an entry back until it is its turn. Default: all in hand at once. */
  readonly inTurn?: (entry: Entry, work: () => Promise<void>) => Promise<void>
  readonly deliver: (entry: Entry) => Promise<Failure | undefined>
  /** @param attempts tries before the one that just failed */
  readonly retryDelaySeconds: (attempts: number) => number | null
}

export interface Delivery {
  /** Looks at the queue at once; call it after adding to it. */
  wake(): void
  /** Takes no more, finishes what is begun, and gives back the rest. */
  stop(): Promise<void>
}

export function startDelivery<Entry extends Queued>(options: DeliveryOptions<Entry>): Delivery {
  const {
    queue,
    maxInFlight,
    leaseSeconds,
    timeoutSeconds,
    now,
    everySeconds,
    firstPollMs: firstCheckMs = 0,
    onProblem,
  } = options
  const { inTurn = (_, work) => work() } = options
  const inFlight = new Set<Promise<void>>()
  let round: Promise<void> | undefined
  let wokenUp = false
  let unreadable = false
  let stopped = false

  function wake(): void {
    wokenUp = true
    if (stopped || round !== undefined) return
    round = claimDue().finally(() => {
      round = undefined
      if (wokenUp) wake()
    })
  }

  async function claimDue(): Promise<void> {
    wokenUp = false
    try {
      while (!stopped && inFlight.size < maxInFlight) {
        const takenAt = now().getTime()
        const leaseUntil = new Date(takenAt + leaseSeconds * 1000)
        const due = await queue.claim(new Date(takenAt), leaseUntil, maxInFlight - inFlight.size)
        unreadable = false
        if (due.length === 0) return
        for (const entry of due) hold(entry, takenAt)
      }
    } catch (cause) {
      const sentence = options.onUnreadable(unreadable)
      if (sentence !== undefined) onProblem(sentence, cause)
      unreadable = true
    }
  }

  function hold(entry: Entry, takenAt: number): void {
    const work = inTurn(entry, () => settle(entry, takenAt)).finally(() => {
      const wasFull = inFlight.size >= maxInFlight
      inFlight.delete(work)
      if (wasFull) wake()
    })
    inFlight.add(work)
  }

  /** Never throws: what goes wrong here comes again when its lease ends. */
  async function settle(entry: Entry, takenAt: number): Promise<void> {
    try {
      if (stopped) return await queue.retry(entry.id, now())
      if (now().getTime() - takenAt > (leaseSeconds - timeoutSeconds) * 1000) return
      const failure = await options.deliver(entry)
      await (failure === undefined ? queue.sent(entry.id) : reschedule(entry, failure))
    } catch (cause) {
      onProblem(options.onUnrecorded(entry), cause)
    }
  }

  async function reschedule(entry: Entry, { cause, permanent = false, reported = false }: Failure): Promise<void> {
    const seconds = permanent ? null : options.retryDelaySeconds(entry.attempts)
    if (seconds === null) {
      onProblem(options.onGivenUp(entry), cause)
      return queue.sent(entry.id)
    }
    if (!reported) onProblem(options.onPostponed(entry, seconds), cause)
    await queue.retry(entry.id, new Date(now().getTime() + seconds * 1000))
  }

  const timer = setInterval(wake, everySeconds * 1000).unref()
  const first = firstCheckMs === 0 ? undefined : setTimeout(wake, firstCheckMs).unref()
  if (first === undefined) wake()
  return {
    wake,
    async stop() {
      stopped = true
      wokenUp = false
      clearInterval(timer)
      clearTimeout(first)
      await round
      await Promise.all(inFlight)
    },
  }
}

const retryPeriodSeconds = 24 * 3600

/** The delays one after the other; null when a day has been tried. */
export function retryForADay(delayOf: (attempt: number) => number): (attempts: number) => number | null {
  return (attempts) => {
    const waited = Array.from({ length: attempts }, (_, attempt) => delayOf(attempt)).reduce(
      (sum, each) => sum + each,
      0,
    )
    return waited + delayOf(attempts) > retryPeriodSeconds ? null : delayOf(attempts)
  }
}
