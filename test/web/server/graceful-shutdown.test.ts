import { Agent, createServer, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createDrain, type Drain } from '../../../src/web/server/graceful-shutdown.ts'
import { waitOptions } from '../../support/wait-options.ts'

const agent = new Agent({ keepAlive: true })
let close = () => {}
afterEach(() => {
  close()
  agent.destroy()
})

interface Served extends Drain {
  readonly port: number
  /** The requests that came, still to be answered. */
  readonly open: ServerResponse[]
}

async function serve(): Promise<Served> {
  const open: ServerResponse[] = []
  const server = createServer({ keepAliveTimeout: 65_000 }, (_, response) => void open.push(response))
  const draining = createDrain(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  close = () => void server.close().closeAllConnections()
  return { ...draining, open, port: portOf(server.address()) }
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** On a connection that is kept alive. */
function ask({ port, open }: Served) {
  const before = open.length
  const answer = new Promise<string>((done, failed) => {
    request({ host: '127.0.0.1', port, agent }, (response) => {
      response.setEncoding('utf8').on('data', done).on('error', failed)
    })
      .on('error', failed)
      .end()
  })
  return { answer, arrived: expect.poll(() => open.length).toBe(before + 1) }
}

/** Longer than a test may take. */
const anHour = 3_600_000

const isRefused = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      done(false)
    })
    socket.once('error', () => done(true))
  })

describe('FT-26 shutdown', () => {
  it('waits for requests in flight, but not for idle keep-alive connections', async () => {
    const served = await serve()
    const { answer, arrived } = ask(served)
    await arrived
    let isDrained = false
    const draining = served.drain(anHour).then(() => {
      isDrained = true
    })
    await vi.waitFor(async () => expect(await isRefused(served.port)).toBe(true), waitOptions)
    expect(isDrained).toBe(false)
    served.open[0]?.end('finished')
    expect(await answer).toBe('finished')
    await draining
  })

  it('does not wait for idle or unused connections', async () => {
    const served = await serve()
    const { answer, arrived } = ask(served)
    await arrived
    served.open[0]?.end('finished')
    await answer
    const silent = connect(served.port, '127.0.0.1')
    await new Promise((done) => silent.once('connect', done))
    await served.drain(anHour)
    silent.destroy()
  })

  it('aborts requests after a time limit', async () => {
    const served = await serve()
    const { answer, arrived } = ask(served)
    const cut = expect(answer).rejects.toThrow()
    await arrived
    await served.drain(300)
    await cut
  })
})
