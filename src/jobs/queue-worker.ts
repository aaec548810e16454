/**
 * Delivers the entries of a queue in the background. Several processes may run a worker each: the
 * queue leases an entry to one of them. Delivery is at least once: an entry whose result was not
 * stored is delivered again after its lease.
 */

export interface Queued {
  readonly id: string
  /** Number of earlier tries. */
  readonly attempts: number
}

export interface Queue<Entry> {
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly Entry[]>
  /** Removes the entry. */
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
}

export interface Failure {
  readonly cause: unknown
  /** Retrying is useless. */
  readonly permanent?: boolean
  /** Logged with another entry: not logged again before it is given up. */
  readonly reported?: boolean
}

export interface PollOptions {
  readonly now: () => Date
  /** Polling interval, for entries of other processes and for retries. */
  readonly everySeconds?: number | undefined
  /** Delay of the first poll, for entries of an earlier process, in milliseconds. Default 0. */
  readonly firstPollMs?: number | undefined
  /**
   * No poll before it returns true: the table of the queue may be missing. Default: always true.
   */
  readonly isReady?: (() => boolean) | undefined
}

/** Log messages, without content of the entry. */
export interface Messages<Entry> {
  readonly onProblem: (sentence: string, cause: unknown) => void
  /** @param again whether the last poll failed too */
  readonly onUnreadable: (again: boolean) => string | undefined
  readonly onPostponed: (entry: Entry, seconds: number) => string
  readonly onGivenUp: (entry: Entry) => string
  /** The result could not be stored in the queue. */
  readonly onUnrecorded: (entry: Entry) => string
}

export interface DeliveryOptions<Entry> extends PollOptions, Messages<Entry> {
  readonly everySeconds: number
  readonly queue: Queue<Entry>
  /** Maximum of entries claimed and not yet delivered. */
  readonly maxInFlight: number
  readonly leaseSeconds: number
  /** Maximum duration of a delivery: none starts that could outlive its lease. */
  readonly maxDeliverySeconds: number
  /** Delays the work of an entry until its turn. Default: no delay. */
  readonly inTurn?: (entry: Entry, work: () => Promise<void>) => Promise<void>
  readonly deliver: (entry: Entry) => Promise<Failure | undefined>
  /** @param attempts before the one that just failed */
  readonly retryDelaySeconds: (attempts: number) => number | null
}

export interface Delivery {
  /** Polls at once; call it after adding to the queue. */
  wake(): void
  /** Claims no more, finishes running deliveries and gives back the rest. */
  stop(): Promise<void>
}

export function startDelivery<Entry extends Queued>(options: DeliveryOptions<Entry>): Delivery {
  const {
    queue,
    maxInFlight,
    leaseSeconds,
    maxDeliverySeconds,
    now,
    firstPollMs = 0,
    isReady = () => true,
    onProblem,
  } = options
  const { inTurn = (_, work) => work() } = options
  const inFlight = new Set<Promise<void>>()
  let round: Promise<void> | undefined
  let isWoken = false
  let isUnreadable = false
  let stopped = false

  function wake(): void {
    isWoken = true
    if (stopped || round !== undefined || !isReady()) return
    round = claimDue().finally(() => {
      round = undefined
      if (isWoken) wake()
    })
  }

  async function claimDue(): Promise<void> {
    isWoken = false
    try {
      while (!stopped && inFlight.size < maxInFlight) {
        const claimedAt = now().getTime()
        const leaseUntil = new Date(claimedAt + leaseSeconds * 1000)
        const due = await queue.claim(new Date(claimedAt), leaseUntil, maxInFlight - inFlight.size)
        isUnreadable = false
        if (due.length === 0) return
        for (const entry of due) start(entry, claimedAt)
      }
    } catch (cause) {
      const sentence = options.onUnreadable(isUnreadable)
      if (sentence !== undefined) onProblem(sentence, cause)
      isUnreadable = true
    }
  }

  function start(entry: Entry, claimedAt: number): void {
    const work = inTurn(entry, () => settle(entry, claimedAt)).finally(() => {
      const wasFull = inFlight.size >= maxInFlight
      inFlight.delete(work)
      if (wasFull) wake()
    })
    inFlight.add(work)
  }

  /** Never throws: after a failure here, the entry is claimed again after its lease. */
  async function settle(entry: Entry, claimedAt: number): Promise<void> {
    try {
      if (stopped) return await queue.retry(entry.id, now())
      if (now().getTime() - claimedAt > (leaseSeconds - maxDeliverySeconds) * 1000) return
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

  const timer = setInterval(wake, options.everySeconds * 1000).unref()
  const first = firstPollMs === 0 ? undefined : setTimeout(wake, firstPollMs).unref()
  if (first === undefined) wake()
  return {
    wake,
    async stop() {
      stopped = true
      isWoken = false
      clearInterval(timer)
      clearTimeout(first)
      await round
      await Promise.all(inFlight)
    },
  }
}

const retryPeriodSeconds = 24 * 3600

/** The delay after each attempt; null when a day has passed. */
export function retryForADay(delayOf: (attempt: number) => number): (attempts: number) => number | null {
  return (attempts) => {
    let waited = 0
    for (let attempt = 0; attempt < attempts; attempt += 1) waited += delayOf(attempt)
    return waited + delayOf(attempts) > retryPeriodSeconds ? null : delayOf(attempts)
  }
}
