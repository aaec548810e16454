import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { getPriority } from 'node:os'
import { describe, expect, it } from 'vitest'
import { holds } from '../../../providers/password/common-words.ts'
import { concurrencyFor, openHashing } from '../../../providers/password/hashing.ts'
import { GatehouseError } from '../../../src/errors.ts'

describe('the hashing pool', () => {
  it('PW-05 says busy at once beyond its queue, finishes what it took, and other requests are answered meanwhile', async () => {
    const pool = openHashing({ concurrency: 1, queue: 4 })
    const server = createServer((_, response) => response.end('alive')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined

    const burst = Promise.allSettled(Array.from({ length: 20 }, () => pool.verify(null, 'anything')))
    expect(pool.load()).toMatchObject({ running: 1, queued: 4 })
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('alive')

    const outcomes = await burst
    server.close()
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason)
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(5)
    expect(refused).toHaveLength(15)
    expect(refused.every((reason) => reason instanceof GatehouseError && reason.code === 'server_busy')).toBe(true)
    expect(refused[0]).toMatchObject({ retryAfterSeconds: 2 })
    expect(pool.load()).toEqual({ running: 0, queued: 0, concurrency: 1, queue: 4, finished: 5 })
  })

  it('never runs more hashes at once than its concurrency', async () => {
    const pool = openHashing({ concurrency: 2, queue: 20 })
    let max = 0
    const tries = Array.from({ length: 10 }, async () => {
      await pool.verify(null, 'anything')
      max = Math.max(max, pool.load().running)
    })
    await Promise.all(tries)
    expect(max).toBeLessThanOrEqual(2)
  })

  it('lets an aborted wait go, and its place to the next', async () => {
    const pool = openHashing({ concurrency: 1, queue: 1 })
    const leaving = new AbortController()
    const first = pool.verify(null, 'anything')
    const second = pool.verify(null, 'anything', leaving.signal)
    leaving.abort(new Error('the browser has gone'))
    await expect(second).rejects.toThrow('the browser has gone')
    const third = pool.verify(null, 'anything')
    expect(await Promise.all([first, third])).toEqual([false, false])
    await expect(pool.hash('anything', leaving.signal)).rejects.toThrow('the browser has gone')
    expect(pool.load()).toMatchObject({ running: 0, queued: 0 })
  })

  it.each([
    [1, 1],
    [2, 1],
    [8, 7],
    [64, 16],
  ])('with %i cores runs at most %i hashes at once', (cores, concurrency) => {
    expect(concurrencyFor(cores)).toBe(concurrency)
  })

  it.runIf(process.platform === 'linux')(
    'PW-05 hashes on threads with a lower priority than the event loop',
    async () => {
      const pool = openHashing({ concurrency: 1, queue: 4 })
      await pool.verify(null, 'anything')
      const threads = readdirSync('/proc/self/task').map((id) => readFileSync(`/proc/self/task/${id}/stat`, 'utf8'))
      // field 19 of proc_pid_stat(5), counted behind the name in parentheses
      const priorities = threads.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]))
      expect(priorities).toContain(getPriority() + 5)
      expect(getPriority(process.pid)).toBe(getPriority())
    },
  )
})

it.each([
  ['$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$1GdAUTOmhSgPvrRqqdYjUBSz+dqFPMG5dhh5sFpJ8s8', false],
  ['$argon2id$v=19$t=2,m=65536,p=4$MTIzNDU2Nzg5MDEyMzQ1Ng$1GdAUTOmhSgPvrRqqdYjUBSz+dqFPMG5dhh5sFpJ8s8', false],
  ['$argon2id$v=19$m=4096,t=3,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$1GdAUTOmhSgPvrRqqdYjUBSz+dqFPMG5dhh5sFpJ8s8', true],
])('judges the work that went into %s', (hash, weaker) => {
  expect(openHashing({ concurrency: 1, queue: 1 }).needsRehash(hash)).toBe(weaker)
})

describe('the list of common passwords', () => {
  const file = new URL('../../../providers/password/common-passwords.txt', import.meta.url)

  it('is sorted by bytes, lower case, without doubles, and long enough', async () => {
    const text = await readFile(file, 'utf8')
    const lines = text.slice(0, -1).split('\n')
    expect(text.endsWith('\n')).toBe(true)
    expect(lines.filter((line) => line.length >= 8).length).toBeGreaterThanOrEqual(10_000)
    expect(lines.every((line) => line === line.toLowerCase() && /^[\x21-\x7e]{6,}$/.test(line))).toBe(true)
    expect(lines.every((line, index) => index === 0 || (lines[index - 1] ?? '') < line)).toBe(true)
  })

  it('finds every entry and nothing else', async () => {
    const bytes = await readFile(file)
    const lines = bytes.toString().slice(0, -1).split('\n')
    expect(lines.every((line) => holds(bytes, Buffer.from(line)))).toBe(true)
    const strangers = ['', '\n', 'passw', '\x00', '\x7f', `${lines[0]}\n${lines[1]}`, 'zzzzzzzzzzzzzzzzzzz', 'пароль']
    expect(strangers.filter((stranger) => holds(bytes, Buffer.from(stranger)))).toEqual([])
    expect(holds(Buffer.alloc(0), Buffer.from('x'))).toBe(false)
  })
})
