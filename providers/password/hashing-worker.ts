/**
 * Hashes and verifies passwords on a thread of its own, with a lower priority than the event loop.
 */
import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { type Algorithm, hashSync, verifySync } from '@node-rs/argon2'
import type { HashingJob } from './hashing-threads.ts'

/** How much lower than the process: its niceness may be set. */
const lowerBy = 5

/** Linux has a priority for each thread; elsewhere the threads keep that of the process. */
function yieldToEventLoop(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, Math.min(getPriority(process.pid) + lowerBy, constants.priority.PRIORITY_LOW))
  } catch {
    // no /proc, or not allowed
  }
}

function run(job: HashingJob): string | boolean {
  if (job.kind === 'verify') return verifySync(job.hash, job.password)
  const algorithm = 2 as Algorithm // Argon2id
  return hashSync(job.password, { algorithm, ...job.parameters })
}

yieldToEventLoop()
parentPort?.on('message', (job: HashingJob) => {
  try {
    parentPort?.postMessage({ result: run(job) })
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : 'hashing failed' })
  }
})
